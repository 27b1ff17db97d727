//! The vault of destinations: ChaCha20-Poly1305 under keys outside the database, each bound to its session (ruling R20).
//!
//! A ciphertext is `1 ‖ length of the key's name ‖ name ‖ nonce ‖ ciphertext ‖ tag`; what it is bound to is
//! LP(label) ‖ LP(tenantId) ‖ LP(id). A key lives until no row names it.

use std::{collections::BTreeMap, fmt};

use rand::Rng as _;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sarai_domain::{
    devportal::{
        values::{Address, DestinationKind, Kid},
        verify::Sealed,
    },
    kernel::{TenantId, VerificationId},
};
use sarai_ports::devportal::verify_tools::{DestinationVault, VaultError};
use zeroize::Zeroizing;

/// What destinations of Verify are bound to.
const LABEL: &str = "devportal.verify.destination.v1";
/// The form of a ciphertext.
const FORM: u8 = 1;

/// A ring of keys: new ciphertexts take the active one.
pub struct Vault {
    active: Kid,
    keys: BTreeMap<Kid, LessSafeKey>,
}

impl Vault {
    /// A vault of these keys; nothing when the active one is not among them.
    pub fn new(active: Kid, keys: impl IntoIterator<Item = (Kid, Zeroizing<[u8; 32]>)>) -> Option<Self> {
        let key = |(kid, key): (Kid, Zeroizing<[u8; 32]>)| {
            Some((kid, LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &*key).ok()?)))
        };
        let keys: BTreeMap<_, _> = keys.into_iter().map(key).collect::<Option<_>>()?;
        keys.contains_key(&active).then_some(Self { active, keys })
    }
}

/// What a ciphertext is bound to.
fn bound_to(tenant: &TenantId, id: VerificationId) -> Vec<u8> {
    let id = id.to_string();
    let mut bound = Vec::new();
    for part in [LABEL, tenant.as_str(), &id] {
        bound.extend(u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
        bound.extend(part.as_bytes());
    }
    bound
}

impl DestinationVault for Vault {
    fn seal(&self, tenant: &TenantId, id: VerificationId, to: &Address) -> Result<Sealed, VaultError> {
        let key = self.keys.get(&self.active).ok_or(VaultError)?;
        let nonce: [u8; NONCE_LEN] = rand::rng().random();
        let mut text = to.normalised().as_bytes().to_vec();
        let bound = Aad::from(bound_to(tenant, id));
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, &mut text)
            .map_err(|_| VaultError)?;
        let name = self.active.to_string();
        let mut sealed = vec![FORM, u8::try_from(name.len()).map_err(|_| VaultError)?];
        sealed.extend(name.as_bytes());
        sealed.extend(nonce);
        sealed.append(&mut text);
        Ok(Sealed(sealed))
    }

    fn open(
        &self,
        tenant: &TenantId,
        id: VerificationId,
        kind: DestinationKind,
        sealed: &Sealed,
    ) -> Result<Address, VaultError> {
        let [FORM, length, rest @ ..] = sealed.0.as_slice() else { return Err(VaultError) };
        let (name, rest) = rest.split_at_checked(usize::from(*length)).ok_or(VaultError)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or(VaultError)?;
        let named: Kid =
            std::str::from_utf8(name).ok().and_then(|name| name.parse().ok()).ok_or(VaultError)?;
        let key = self.keys.get(&named).ok_or(VaultError)?;
        let mut text = Zeroizing::new(text.to_vec());
        let bound = Aad::from(bound_to(tenant, id));
        let open = key.open_in_place(Nonce::assume_unique_for_key(*nonce), bound, &mut text);
        let open = open.map_err(|_| VaultError)?;
        let address = std::str::from_utf8(open).map_err(|_| VaultError)?;
        Address::parse(kind, address).map_err(|_| VaultError)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("active", &self.active).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use sarai_domain::{devportal::values::E164Phone, kernel::Id};

    use super::*;

    fn kid(name: &str) -> Kid {
        name.parse().unwrap()
    }

    fn vault(active: &str, keys: &[(&str, u8)]) -> Vault {
        let keys = keys.iter().map(|(name, byte)| (kid(name), Zeroizing::new([*byte; 32])));
        Vault::new(kid(active), keys).unwrap()
    }

    fn phone() -> Address {
        Address::Phone(E164Phone::parse("+93701231234").unwrap())
    }

    #[test]
    fn what_is_sealed_opens_for_its_session_only_and_shows_nothing() {
        let vault = vault("a", &[("a", 1)]);
        let (acme, other) = (TenantId::from_static("acme"), TenantId::from_static("other"));
        let (id, another) = (Id::new(1_u128.into()), Id::new(2_u128.into()));
        let sealed = vault.seal(&acme, id, &phone()).unwrap();
        assert_eq!(vault.open(&acme, id, DestinationKind::Phone, &sealed), Ok(phone()));
        assert_eq!(vault.open(&other, id, DestinationKind::Phone, &sealed), Err(VaultError));
        assert_eq!(vault.open(&acme, another, DestinationKind::Phone, &sealed), Err(VaultError));
        assert_eq!(vault.open(&acme, id, DestinationKind::Email, &sealed), Err(VaultError));
        assert!(!sealed.0.windows(4).any(|part| part == b"1234"));
        assert_ne!(vault.seal(&acme, id, &phone()).unwrap(), sealed, "a nonce is never used twice");
        for place in 0..sealed.0.len() {
            let mut changed = sealed.clone();
            changed.0[place] ^= 1;
            assert_eq!(vault.open(&acme, id, DestinationKind::Phone, &changed), Err(VaultError), "{place}");
            let cut = Sealed(sealed.0[..place].to_vec());
            assert_eq!(vault.open(&acme, id, DestinationKind::Phone, &cut), Err(VaultError), "{place}");
        }
    }

    #[test]
    fn an_older_key_opens_what_it_sealed_until_it_is_gone() {
        let acme = TenantId::from_static("acme");
        let id = Id::new(1_u128.into());
        let sealed = vault("a", &[("a", 1)]).seal(&acme, id, &phone()).unwrap();
        let both = vault("b", &[("a", 1), ("b", 2)]);
        assert_eq!(both.open(&acme, id, DestinationKind::Phone, &sealed), Ok(phone()));
        let without = vault("b", &[("b", 2)]);
        assert_eq!(without.open(&acme, id, DestinationKind::Phone, &sealed), Err(VaultError));
        assert!(Vault::new(kid("c"), [(kid("a"), Zeroizing::new([1; 32]))]).is_none());
        assert_eq!(format!("{both:?}"), "Vault { active: b, .. }");
    }
}
