//! What Verify needs of a process: its rings of keys, prices and senders, and the loop that gives sends to senders.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sarai_application::devportal::verify::{Verify, VerifyTools};
use sarai_domain::{
    devportal::values::{CountryCode, DestinationError, DestinationKey, Kid, PepperError, PepperRing},
    kernel::{Currency, MoneyError},
};
use sarai_ports::devportal::Senders;
use sarai_system::{Approvals, NoAdvice, PriceList, Vault};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::keys::{Key, Keys};

/// Where a tenant is at home that has no policy.
const HOME: &str = "AF";
/// What sends are priced in.
const CURRENCY: &str = "USD";
/// How often the dispatcher looks for sends that wait.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How many sends are in the hands of senders at once.
const AT_ONCE: usize = 64;

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

/// What Verify needs, from the keys of a deployment; `issuer` is the base of the issuers of approvals.
///
/// # Errors
/// [`VerifySetupError`] for keys that cannot be used.
pub fn tools(keys: &Keys, senders: Arc<dyn Senders>, issuer: &str) -> Result<VerifyTools, VerifySetupError> {
    let all = || std::iter::once(&keys.pepper).chain(&keys.pepper_previous);
    let peppers: Vec<_> =
        all().map(|key| Ok((kid(key)?, key.to_vec().into()))).collect::<Result<_, PepperError>>()?;
    // The published pepper is refused everywhere: whatever the profile, nobody has a reason to take it.
    let peppers = PepperRing::try_new(kid(&keys.pepper)?, &peppers, true)?;
    Ok(VerifyTools {
        peppers: Arc::new(peppers),
        destinations: Arc::new(DestinationKey::new(keys.destination)),
        vault: Arc::new(Vault::new(&keys.vault, keys.vault_previous.as_slice())),
        approvals: Arc::new(Approvals::new(issuer, keys.approval, keys.approval_sandbox)),
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

/// Gives sends that wait to senders, each as a task of its own, until told to stop; then waits for those under way. Of
/// processes that see the same send one sends it: whoever has written so.
pub async fn dispatch(verify: Verify, stop: CancellationToken) {
    let (mut tasks, mut in_hand) = (JoinSet::new(), BTreeSet::new());
    while !stop.is_cancelled() {
        while let Some(done) = tasks.try_join_next() {
            forget(&mut in_hand, done);
        }
        match verify.waiting().await {
            Ok(waiting) => {
                let room = AT_ONCE.saturating_sub(tasks.len());
                let new: Vec<_> =
                    waiting.into_iter().filter(|due| !in_hand.contains(&due.attempt_id)).take(room).collect();
                for due in new {
                    in_hand.insert(due.attempt_id);
                    let verify = verify.clone();
                    tasks.spawn(async move {
                        verify.send(&due).await;
                        due.attempt_id
                    });
                }
            }
            Err(error) => tracing::warn!(code = error.code, "sends that wait could not be read"),
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    while tasks.join_next().await.is_some() {}
}

fn forget<T: Ord>(in_hand: &mut BTreeSet<T>, done: Result<T, tokio::task::JoinError>) {
    match done {
        Ok(id) => {
            in_hand.remove(&id);
        }
        // Whose it was is not known any more: what is still waiting is taken up again.
        Err(_) => in_hand.clear(),
    }
}

#[cfg(test)]
mod tests {
    use sarai_domain::{
        devportal::values::{Address, DestinationKind},
        kernel::{TenantId, VerificationId},
    };
    use sarai_senders::SenderTable;
    use sarai_system::OsEntropy;

    use super::*;

    const ISSUER: &str = "https://codes.test";

    fn nobody() -> Arc<dyn Senders> {
        Arc::<SenderTable>::default()
    }

    #[test]
    fn a_pepper_keeps_its_name_when_another_one_becomes_the_active_one() {
        let before = Keys::random(&OsEntropy);
        let after = Keys { pepper_previous: Some(before.pepper), ..Keys::random(&OsEntropy) };
        let old = tools(&before, nobody(), ISSUER).unwrap().peppers;
        let new = tools(&after, nobody(), ISSUER).unwrap().peppers;
        assert_ne!(old.active(), new.active());
        let seed = sarai_domain::devportal::values::CodeSeed::new([7; 16]);
        let length = sarai_domain::devportal::values::CodeLength::default();
        let code = |ring: &PepperRing| seed.code(ring, old.active(), 1, length).unwrap().expose().to_owned();
        assert_eq!(code(&old), code(&new), "a code of the old pepper is still good");
        let lost = Keys { pepper_previous: None, ..after };
        let lost = tools(&lost, nobody(), ISSUER).unwrap().peppers;
        assert!(seed.code(&lost, old.active(), 1, length).is_err());
    }

    #[test]
    fn a_destination_that_was_sealed_before_the_vault_s_key_was_replaced_is_opened() {
        let before = Keys::random(&OsEntropy);
        let after = Keys { vault_previous: Some(before.vault), ..Keys::random(&OsEntropy) };
        let lost = Keys { vault_previous: None, ..after.clone() };
        let (tenant, id) = (TenantId::from_static("acme"), VerificationId::new(7_u128.into()));
        let to = Address::parse(DestinationKind::Phone, "+93701234567").unwrap();
        let sealed = tools(&before, nobody(), ISSUER).unwrap().vault.seal(&tenant, id, &to).unwrap();
        let open =
            |keys: &Keys| tools(keys, nobody(), ISSUER).unwrap().vault.open(&tenant, id, to.kind(), &sealed);
        assert_eq!(open(&after).unwrap(), to);
        assert!(open(&lost).is_err());
        let new = tools(&after, nobody(), ISSUER).unwrap().vault.seal(&tenant, id, &to).unwrap();
        let with_new = tools(&lost, nobody(), ISSUER).unwrap().vault.open(&tenant, id, to.kind(), &new);
        assert_eq!(with_new.unwrap(), to, "what is new is sealed with the new key");
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let keys = Keys::random(&OsEntropy);
        let zero = Keys { pepper: [0; 32], ..keys.clone() };
        assert!(matches!(tools(&zero, nobody(), ISSUER), Err(VerifySetupError::Pepper(_))));
        let twice = Keys { pepper_previous: Some(keys.pepper), ..keys };
        assert!(matches!(tools(&twice, nobody(), ISSUER), Err(VerifySetupError::Pepper(_))));
    }
}
