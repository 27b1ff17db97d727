//! Who may tell us that a key was found in public: the signatures of GitHub's secret scanning (ECDSA P-256, SHA-256).

use std::collections::BTreeMap;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;

/// The bytes of each of the two numbers of a signature.
const NUMBER: usize = 32;

/// The keys that alerts are signed with, by their identifiers: as `/meta/public_keys/secret_scanning` of GitHub's API
/// lists them. Without any, every alert is refused.
#[derive(Default, Clone)]
pub struct AlertKeys(BTreeMap<String, DecodingKey>);

/// A list of keys is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is `{{\"public_keys\": [{{\"key_identifier\": …, \"key\": PEM}}]}}` with keys of P-256")]
pub struct AlertKeysError;

#[derive(Deserialize)]
struct Listed {
    public_keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    key_identifier: String,
    key: String,
}

impl AlertKeys {
    /// Reads a list.
    ///
    /// # Errors
    /// [`AlertKeysError`].
    pub fn parse(text: &str) -> Result<Self, AlertKeysError> {
        let listed: Listed = serde_json::from_str(text).map_err(|_| AlertKeysError)?;
        let keys = listed.public_keys.into_iter().map(|key| {
            let decoding = DecodingKey::from_ec_pem(key.key.as_bytes()).map_err(|_| AlertKeysError)?;
            Ok((key.key_identifier, decoding))
        });
        Ok(Self(keys.collect::<Result<_, _>>()?))
    }

    /// Whether a body is signed with the key of this identifier.
    pub(crate) fn signed(&self, identifier: Option<&str>, signature: Option<&str>, body: &[u8]) -> bool {
        let key = identifier.and_then(|identifier| self.0.get(identifier));
        let signature = signature.and_then(|text| STANDARD.decode(text).ok()).and_then(|der| fixed(&der));
        let (Some(key), Some(signature)) = (key, signature) else { return false };
        crypto::verify(&URL_SAFE_NO_PAD.encode(signature), body, key, Algorithm::ES256).unwrap_or(false)
    }
}

/// A signature in DER, two integers in a sequence, as the two numbers one after the other.
fn fixed(der: &[u8]) -> Option<[u8; 2 * NUMBER]> {
    let [0x30, length, rest @ ..] = der else { return None };
    if usize::from(*length) != rest.len() {
        return None;
    }
    let (first, rest) = integer(rest)?;
    let (second, rest) = integer(rest)?;
    let mut both = [0; 2 * NUMBER];
    let (left, right) = both.split_at_mut(NUMBER);
    left.copy_from_slice(&first);
    right.copy_from_slice(&second);
    rest.is_empty().then_some(both)
}

/// The first integer, at its full width, and what follows it.
fn integer(der: &[u8]) -> Option<([u8; NUMBER], &[u8])> {
    let [0x02, length, rest @ ..] = der else { return None };
    let (bytes, rest) = rest.split_at_checked(usize::from(*length))?;
    // A zero stands before a number whose first bit is set.
    let bytes = bytes.strip_prefix(&[0]).unwrap_or(bytes);
    let mut number = [0; NUMBER];
    let start = NUMBER.checked_sub(bytes.len())?;
    number.get_mut(start..)?.copy_from_slice(bytes);
    Some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &str = r#"{"public_keys": [{"key_identifier": "one", "key": "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEiaIW9n9Iij3HmLXHDU+eJk4pcy9Q\n7HhMUInjIUFl9df7LI67+i6MZHXt/aziGhUeE1lOKFR8SDAwD76i5GA7KA==\n-----END PUBLIC KEY-----\n", "is_current": true}]}"#;
    const BODY: &[u8] = br#"[{"token":"srk_live_x","type":"sarai_api_key","url":"https://example.test/a"}]"#;
    const SIGNATURE: &str =
        "MEYCIQC0M+thO2VjAzr8g2KZlRLjC/bO3/O0wdorfCg8ITnYJgIhANPf8exiefEAbPL9XHNgnGkbWaPXzQ6KU/hP1RkGJC/d";

    #[test]
    fn an_alert_is_taken_from_whoever_has_the_key_and_from_nobody_else() {
        let keys = AlertKeys::parse(KEYS).unwrap();
        let signed = |id, signature, body| keys.signed(id, signature, body);
        assert!(signed(Some("one"), Some(SIGNATURE), BODY));
        assert!(!signed(Some("one"), Some(SIGNATURE), b"[]"), "another body");
        assert!(!signed(Some("two"), Some(SIGNATURE), BODY), "another key");
        assert!(!signed(None, Some(SIGNATURE), BODY));
        assert!(!signed(Some("one"), None, BODY));
        for bad in ["", "AAAA", "MAYCAQECAQE=", "%"] {
            assert!(!signed(Some("one"), Some(bad), BODY), "{bad}");
        }
        assert!(!AlertKeys::default().signed(Some("one"), Some(SIGNATURE), BODY), "nobody is known");
    }

    #[test]
    fn what_is_no_list_of_keys_is_refused() {
        for bad in ["", "{}", "[]", r#"{"public_keys":[{"key_identifier":"one","key":"x"}]}"#] {
            assert!(AlertKeys::parse(bad).is_err(), "{bad}");
        }
    }
}
