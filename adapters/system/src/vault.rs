//! The vault: what is kept of secrets and destinations, sealed by a key outside of the database (ruling R20).
//!
//! XChaCha20-Poly1305 with a random nonce. What is sealed for one thing opens for that thing only: label, tenant and id
//! are authenticated with it. A key lives until no row names it; new rows name the current one.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use rand::{TryRngCore as _, rngs::OsRng};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The bytes of a nonce, which stand before what is sealed.
const NONCE: usize = 24;

/// Keys by their names.
#[derive(Clone)]
pub struct Vault {
    /// The current one first.
    ring: Vec<(String, XChaCha20Poly1305)>,
}

/// What something is sealed for.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// What kind of thing it is, with the version of its form.
    pub label: &'a str,
    /// Whose it is.
    pub tenant: &'a str,
    /// The row.
    pub id: &'a str,
}

/// Why something sealed cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Its key is not in the ring.
    #[error("the key {0} is not in the ring")]
    UnknownKey(String),
    /// It was sealed for something else, or is damaged.
    #[error("what is sealed cannot be opened")]
    Sealed,
    /// The machine gave no randomness.
    #[error("there is no randomness")]
    Randomness,
}

impl Place<'_> {
    /// `LP(label) ‖ LP(tenantId) ‖ LP(id)`, where `LP(x)` is the length in two bytes and `x`.
    fn authenticated(self) -> Vec<u8> {
        let parts = [self.label, self.tenant, self.id].into_iter().map(str::as_bytes);
        parts
            .flat_map(|part| [&u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes(), part].concat())
            .collect()
    }
}

impl Vault {
    /// Seals with the current key, opens with the earlier ones too.
    pub fn new(current: &[u8; 32], earlier: &[[u8; 32]]) -> Self {
        let keys = std::iter::once(current).chain(earlier);
        Self { ring: keys.map(|key| (kid(key), XChaCha20Poly1305::new(key.into()))).collect() }
    }

    /// Seals bytes for a place: the key's name, and what only it opens, in base64.
    ///
    /// # Errors
    /// [`VaultError::Randomness`].
    pub fn seal(&self, place: Place<'_>, secret: &[u8]) -> Result<(String, String), VaultError> {
        let (kid, cipher) = self.ring.first().ok_or(VaultError::Sealed)?;
        let mut nonce = [0; NONCE];
        OsRng.try_fill_bytes(&mut nonce).map_err(|_| VaultError::Randomness)?;
        let payload = Payload { msg: secret, aad: &place.authenticated() };
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| VaultError::Sealed)?;
        Ok((kid.clone(), STANDARD.encode([nonce.as_slice(), &sealed].concat())))
    }

    /// Opens what was sealed for this place with the key of this name.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn open(&self, place: Place<'_>, kid: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let known = self.ring.iter().find(|(known, _)| known == kid);
        let (_, cipher) = known.ok_or_else(|| VaultError::UnknownKey(kid.to_owned()))?;
        let bytes = STANDARD.decode(sealed).map_err(|_| VaultError::Sealed)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().ok_or(VaultError::Sealed)?;
        let payload = Payload { msg: sealed, aad: &place.authenticated() };
        cipher.decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| VaultError::Sealed)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ring.iter().map(|(kid, _)| kid)).finish()
    }
}

/// A key's name: the beginning of a hash of it, so that the same key has the same name everywhere.
fn kid(key: &[u8; 32]) -> String {
    let hash = Sha256::digest([b"sarai.vault.kid.v1".as_slice(), key].concat());
    format!("{:08x}", hash.iter().take(4).fold(0_u32, |name, byte| name << 8 | u32::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'static> = Place { label: "webhook.secret.v1", tenant: "acme", id: "whe_1" };

    #[test]
    fn what_is_sealed_opens_for_its_place_only() {
        let vault = Vault::new(&[1; 32], &[]);
        let (kid, sealed) = vault.seal(PLACE, b"secret").unwrap();
        assert_eq!(vault.open(PLACE, &kid, &sealed).unwrap().as_slice(), b"secret");
        for other in [
            Place { label: "verify.destination.v1", ..PLACE },
            Place { tenant: "acm", id: "ewhe_1", ..PLACE },
            Place { id: "whe_2", ..PLACE },
        ] {
            assert_eq!(vault.open(other, &kid, &sealed), Err(VaultError::Sealed));
        }
        let again = vault.seal(PLACE, b"secret").unwrap().1;
        assert_ne!(again, sealed, "a nonce is never used twice");
        for damaged in ["", "AAAA", "not base64", &sealed[4..]] {
            assert_eq!(vault.open(PLACE, &kid, damaged), Err(VaultError::Sealed), "{damaged}");
        }
    }

    #[test]
    fn an_earlier_key_opens_what_it_sealed_and_seals_nothing_more() {
        let (kid, sealed) = Vault::new(&[1; 32], &[]).seal(PLACE, b"secret").unwrap();
        let rotated = Vault::new(&[2; 32], &[[1; 32]]);
        assert_eq!(rotated.open(PLACE, &kid, &sealed).unwrap().as_slice(), b"secret");
        assert_ne!(rotated.seal(PLACE, b"secret").unwrap().0, kid);
        let lost = Vault::new(&[2; 32], &[]).open(PLACE, &kid, &sealed);
        assert_eq!(lost, Err(VaultError::UnknownKey(kid)));
        assert!(!format!("{rotated:?}").contains("0101"));
    }
}
