//! What Verify needs of a process: its rings of keys, prices and senders, and the loop that gives sends to senders.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sarai_application::devportal::verify::VerifyTools;
use sarai_domain::{
    devportal::values::{
        Channel, CountryCode, DestinationError, DestinationKey, Kid, PepperError, PepperRing,
    },
    kernel::{Currency, MoneyError},
};
use sarai_ports::devportal::{Senders, VerifySender};
use sarai_system::{Approvals, NoAdvice, PriceList, Vault};

use crate::keys::{Key, Keys};

/// The base of the issuers of approvals.
const ISSUER: &str = "https://sarai.local";
/// Where a tenant is at home that has no policy.
const HOME: &str = "AF";
/// What sends are priced in.
const CURRENCY: &str = "USD";

/// Why Verify cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum VerifySetupError {
    /// A pepper is none.
    #[error(transparent)]
    Pepper(#[from] PepperError),
    /// The home country is none.
    #[error(transparent)]
    Country(#[from] DestinationError),
    /// The currency is none.
    #[error(transparent)]
    Currency(#[from] MoneyError),
}

/// What Verify needs, from the keys of a deployment.
///
/// # Errors
/// [`VerifySetupError`] for keys that cannot be used.
pub fn tools(keys: &Keys, senders: Arc<dyn Senders>) -> Result<VerifyTools, VerifySetupError> {
    let all = || std::iter::once(&keys.pepper).chain(&keys.pepper_previous);
    let peppers: Vec<_> =
        all().map(|key| Ok((kid(key)?, key.to_vec().into()))).collect::<Result<_, PepperError>>()?;
    // The published pepper is refused everywhere: whatever the profile, nobody has a reason to take it.
    let peppers = PepperRing::try_new(kid(&keys.pepper)?, &peppers, true)?;
    Ok(VerifyTools {
        peppers: Arc::new(peppers),
        destinations: Arc::new(DestinationKey::new(keys.destination)),
        vault: Arc::new(Vault::new(&keys.vault, &[])),
        approvals: Arc::new(Approvals::new(ISSUER, keys.approval, keys.approval_sandbox)),
        prices: Arc::new(PriceList::new(Currency::parse(CURRENCY)?)),
        fraud: Arc::new(NoAdvice),
        senders,
        home_country: CountryCode::parse(HOME)?,
    })
}

/// A name that stays with its key: a part of what is derived from it and from nothing else.
fn kid(key: &Key) -> Result<Kid, PepperError> {
    let name = sarai_domain::devportal::values::derive(key, "sarai/kid/v1");
    let name: Vec<u8> = name.iter().copied().take(9).collect();
    Kid::parse(&URL_SAFE_NO_PAD.encode(name))
}

/// Nobody sends.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSenders;

impl Senders for NoSenders {
    fn pick(&self, _channel: Channel, _country: Option<CountryCode>) -> Option<Arc<dyn VerifySender>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use sarai_system::OsEntropy;

    use super::*;

    #[test]
    fn a_pepper_keeps_its_name_when_another_one_becomes_the_active_one() {
        let before = Keys::random(&OsEntropy);
        let after = Keys { pepper_previous: Some(before.pepper), ..Keys::random(&OsEntropy) };
        let old = tools(&before, Arc::new(NoSenders)).unwrap().peppers;
        let new = tools(&after, Arc::new(NoSenders)).unwrap().peppers;
        assert_ne!(old.active(), new.active());
        let seed = sarai_domain::devportal::values::CodeSeed::new([7; 16]);
        let length = sarai_domain::devportal::values::CodeLength::default();
        let code = |ring: &PepperRing| seed.code(ring, old.active(), 1, length).unwrap().expose().to_owned();
        assert_eq!(code(&old), code(&new), "a code of the old pepper is still good");
        let lost = Keys { pepper_previous: None, ..after };
        let lost = tools(&lost, Arc::new(NoSenders)).unwrap().peppers;
        assert!(seed.code(&lost, old.active(), 1, length).is_err());
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let keys = Keys::random(&OsEntropy);
        let zero = Keys { pepper: [0; 32], ..keys.clone() };
        assert!(matches!(tools(&zero, Arc::new(NoSenders)), Err(VerifySetupError::Pepper(_))));
        let twice = Keys { pepper_previous: Some(keys.pepper), ..keys };
        assert!(matches!(tools(&twice, Arc::new(NoSenders)), Err(VerifySetupError::Pepper(_))));
    }
}
