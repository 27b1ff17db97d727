//! Sealing: what a browser keeps for us and can neither read nor change.
//!
//! `v1.<kid>.<base64url(nonce24 ‖ ciphertext ‖ tag16)>`, XChaCha20-Poly1305. The additional data names what it was
//! sealed for, so that a draft is no session.

use std::{str::FromStr, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use sarai_ports::system::Entropy;
use zeroize::Zeroizing;

/// How long a nonce is.
const NONCE: usize = 24;

/// What something is sealed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Who is signed in.
    Session,
    /// Whoever is not signed in yet, and what is to be told to them next.
    Visitor,
    /// That a form is ours.
    Form,
    /// A share link.
    Share,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::Session => "__Host-portal",
            Self::Visitor => "__Host-pre",
            Self::Form => "_f",
            Self::Share => "share",
        }
    }
}

/// A sealing key by its id.
pub struct SealingKey {
    /// Its id: letters and digits.
    pub id: String,
    /// The key.
    pub key: [u8; 32],
}

/// A text that is no key; it is not said what is wrong, since it may be nearly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSealingKey;

/// `id:base64` of 32 bytes, by either alphabet.
impl FromStr for SealingKey {
    type Err = NoSealingKey;

    fn from_str(text: &str) -> Result<Self, NoSealingKey> {
        let (id, key) = text.split_once(':').ok_or(NoSealingKey)?;
        let plain = !id.is_empty() && id.len() <= 16 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let key = key.trim_end_matches('=').replace('+', "-").replace('/', "_");
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(key).map_err(|_| NoSealingKey)?);
        let key = bytes.as_slice().try_into().map_err(|_| NoSealingKey)?;
        if plain { Ok(Self { id: id.to_owned(), key }) } else { Err(NoSealingKey) }
    }
}

/// The keys: the first seals, all open.
pub(crate) struct Ring {
    keys: Vec<(String, XChaCha20Poly1305)>,
    entropy: Arc<dyn Entropy>,
}

impl Ring {
    pub(crate) fn new(keys: &[SealingKey], entropy: Arc<dyn Entropy>) -> Self {
        let keys = keys.iter().map(|key| (key.id.clone(), XChaCha20Poly1305::new(&key.key.into())));
        Self { keys: keys.collect(), entropy }
    }

    /// Sixteen random bytes as text.
    pub(crate) fn token(&self) -> String {
        let bytes = self.entropy.bytes();
        URL_SAFE_NO_PAD.encode(bytes.get(..16).unwrap_or_default())
    }

    /// Seals; nothing when there is no key.
    pub(crate) fn seal(&self, purpose: Purpose, plain: &[u8]) -> Option<String> {
        let (id, cipher) = self.keys.first()?;
        let random = self.entropy.bytes();
        let nonce = random.get(..NONCE)?;
        let aad = additional(purpose, id);
        let payload = Payload { msg: plain, aad: aad.as_bytes() };
        let sealed = cipher.encrypt(&XNonce::try_from(nonce).ok()?, payload).ok()?;
        Some(format!("v1.{id}.{}", URL_SAFE_NO_PAD.encode([nonce, &sealed].concat())))
    }

    /// Opens what was sealed for this.
    pub(crate) fn open(&self, purpose: Purpose, text: &str) -> Option<Zeroizing<Vec<u8>>> {
        let (id, body) = text.strip_prefix("v1.")?.split_once('.')?;
        let (_, cipher) = self.keys.iter().find(|(known, _)| known == id)?;
        let bytes = URL_SAFE_NO_PAD.decode(body).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
        let aad = additional(purpose, id);
        let payload = Payload { msg: sealed, aad: aad.as_bytes() };
        cipher.decrypt(&XNonce::try_from(nonce).ok()?, payload).ok().map(Zeroizing::new)
    }
}

fn additional(purpose: Purpose, id: &str) -> String {
    format!("{}|v1|{id}", purpose.label())
}

#[cfg(test)]
mod tests {
    use sarai_system::OsEntropy;

    use super::*;

    fn ring(keys: &[(&str, u8)]) -> Ring {
        let keys: Vec<SealingKey> =
            keys.iter().map(|(id, byte)| SealingKey { id: (*id).to_owned(), key: [*byte; 32] }).collect();
        Ring::new(&keys, Arc::new(OsEntropy))
    }

    #[test]
    fn what_is_sealed_opens_for_its_purpose_and_under_its_key_only() {
        let ours = ring(&[("k1", 1)]);
        let sealed = ours.seal(Purpose::Session, b"secret").unwrap();
        assert_eq!(ours.open(Purpose::Session, &sealed).unwrap().as_slice(), b"secret");
        assert!(!sealed.contains("secret") && sealed != ours.seal(Purpose::Session, b"secret").unwrap());
        for other in [Purpose::Visitor, Purpose::Form, Purpose::Share] {
            assert!(ours.open(other, &sealed).is_none(), "{other:?}");
        }
        assert!(ring(&[("k1", 2)]).open(Purpose::Session, &sealed).is_none(), "another key");
        assert!(ring(&[("k2", 1)]).open(Purpose::Session, &sealed).is_none(), "another id");
        let renamed = sealed.replace("v1.k1.", "v1.k2.");
        assert!(
            ring(&[("k1", 1), ("k2", 1)]).open(Purpose::Session, &renamed).is_none(),
            "an id that was swapped"
        );
    }

    #[test]
    fn nothing_that_was_changed_opens() {
        let ours = ring(&[("k1", 1)]);
        let sealed = ours.seal(Purpose::Form, b"x").unwrap();
        for end in 0..sealed.len() {
            assert!(ours.open(Purpose::Form, &sealed[..end]).is_none(), "cut at {end}");
        }
        for place in 6..sealed.len() - 1 {
            let mut bytes = sealed.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            assert!(
                ours.open(Purpose::Form, &String::from_utf8(bytes).unwrap()).is_none(),
                "changed at {place}"
            );
        }
    }

    #[test]
    fn a_newer_key_seals_and_an_older_one_still_opens() {
        let old = ring(&[("k1", 1)]).seal(Purpose::Session, b"x").unwrap();
        let both = ring(&[("k2", 2), ("k1", 1)]);
        assert!(both.open(Purpose::Session, &old).is_some());
        assert!(both.seal(Purpose::Session, b"x").unwrap().starts_with("v1.k2."));
    }
}
