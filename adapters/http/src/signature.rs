//! Standard Webhooks signatures of what other services send us (ruling R44).

use std::sync::Arc;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use hmac::{Hmac, KeyInit, Mac};
use poem::http::HeaderMap;
use sarai_ports::system::Clock;
use sha2::Sha256;

use crate::secret::padded;

/// How old or early a message may be, in seconds of real time.
const TOLERANCE: i64 = 5 * 60;
/// Signatures looked at per message: both secrets may be rotated, nothing else is.
const MAX_SIGNATURES: usize = 8;

/// A secret is not `whsec_` and base64 of 24 to 64 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a webhook secret is `whsec_` and base64 of 24 to 64 bytes")]
pub struct SecretError;

/// A message is not signed by us or by whom we trust; which of the rules it breaks is not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature is missing, wrong or too old")]
pub struct BadSignature;

/// Verifies messages against one secret, or two while one replaces the other.
pub struct SignatureVerifier {
    keys: Vec<[u8; 64]>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for SignatureVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignatureVerifier").field("secrets", &self.keys.len()).finish_non_exhaustive()
    }
}

impl SignatureVerifier {
    /// Takes the secret, and the one before it that is still accepted.
    ///
    /// # Errors
    /// [`SecretError`] for a text that is no secret.
    pub fn new(secret: &str, previous: Option<&str>, clock: Arc<dyn Clock>) -> Result<Self, SecretError> {
        let keys = std::iter::once(secret).chain(previous).map(key_of).collect::<Result<_, _>>()?;
        Ok(Self { keys, clock })
    }

    /// Checks a message by its headers `webhook-id`, `webhook-timestamp`, `webhook-signature` and raw body.
    ///
    /// # Errors
    /// [`BadSignature`], whatever is wrong.
    pub fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), BadSignature> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).ok_or(BadSignature);
        let (id, at, given) = (text("webhook-id")?, text("webhook-timestamp")?, text("webhook-signature")?);
        if id.is_empty() || id.len() > 255 || !at.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(BadSignature);
        }
        let now = self.clock.real().unix_micros().div_euclid(1_000_000);
        let sent: i64 = at.parse().map_err(|_| BadSignature)?;
        if now.abs_diff(sent) > TOLERANCE.unsigned_abs() {
            return Err(BadSignature);
        }
        let signatures = given.split(' ').filter_map(|part| part.strip_prefix("v1,")).take(MAX_SIGNATURES);
        let mut verified = false;
        for signature in signatures.filter_map(|text| STANDARD.decode(text).ok()) {
            for key in &self.keys {
                // Every pair is compared: how long it takes does not tell which one fits.
                verified |= mac(key, id, at, body).verify_slice(&signature).is_ok();
            }
        }
        if verified { Ok(()) } else { Err(BadSignature) }
    }
}

/// The text form of a secret made of these bytes.
pub fn secret_of(bytes: &[u8; 32]) -> String {
    format!("whsec_{}", STANDARD.encode(bytes))
}

fn key_of(secret: &str) -> Result<[u8; 64], SecretError> {
    let text = secret.strip_prefix("whsec_").ok_or(SecretError)?;
    let key = STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)).map_err(|_| SecretError)?;
    if (24..=64).contains(&key.len()) { Ok(padded(&key)) } else { Err(SecretError) }
}

fn mac(key: &[u8; 64], id: &str, at: &str, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256>>::new(key.into());
    for part in [id.as_bytes(), b".", at.as_bytes(), b".", body] {
        mac.update(part);
    }
    mac
}

/// Bytes in hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ManualClock;

    /// The example of the Standard Webhooks specification.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const OTHER: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    fn headers(at: i64, signature: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", ID.parse().unwrap());
        headers.insert("webhook-timestamp", at.to_string().parse().unwrap());
        headers.insert("webhook-signature", signature.parse().unwrap());
        headers
    }

    fn sign(secret: &str, at: i64) -> String {
        let mac = mac(&key_of(secret).unwrap(), ID, &at.to_string(), BODY);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }

    fn outcome(headers: &HeaderMap, body: &[u8]) -> Result<(), BadSignature> {
        SignatureVerifier::new(SECRET, None, ManualClock::new()).unwrap().verify(headers, body)
    }

    #[test]
    fn the_published_vector_is_what_we_compute() {
        assert_eq!(sign(SECRET, 1_614_265_330), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_message_is_good_for_five_minutes_each_way() {
        let now = ManualClock::START;
        for (offset, good) in [(0, true), (300, true), (-300, true), (301, false), (-301, false)] {
            let headers = headers(now + offset, &sign(SECRET, now + offset));
            assert_eq!(outcome(&headers, BODY).is_ok(), good, "{offset}");
        }
    }

    #[test]
    fn anything_changed_is_refused() {
        let now = ManualClock::START;
        let good = sign(SECRET, now);
        assert!(outcome(&headers(now, &good), BODY).is_ok());
        assert!(outcome(&headers(now, &good), b"{}").is_err());
        assert!(outcome(&headers(now + 1, &good), BODY).is_err());
        assert!(outcome(&headers(now, &sign(OTHER, now)), BODY).is_err());
        assert!(outcome(&headers(now, &good.replace("v1,", "v1a,")), BODY).is_err());
        assert!(outcome(&headers(now, ""), BODY).is_err());
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            let mut headers = headers(now, &good);
            headers.remove(name);
            assert!(outcome(&headers, BODY).is_err(), "without {name}");
        }
    }

    #[test]
    fn both_secrets_are_good_while_one_replaces_the_other() {
        let now = ManualClock::START;
        let verifier = SignatureVerifier::new(SECRET, Some(OTHER), ManualClock::new()).unwrap();
        for secret in [SECRET, OTHER] {
            let list = format!("v1a,x v1,AAAA {}", sign(secret, now));
            assert!(verifier.verify(&headers(now, &list), BODY).is_ok());
        }
    }

    #[test]
    fn a_secret_is_24_to_64_bytes() {
        for bad in ["", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_%%"] {
            assert!(SignatureVerifier::new(bad, None, ManualClock::new()).is_err(), "{bad}");
        }
    }
}
