//! Signatures as Standard Webhooks has them: what is signed, the secret as text, the header's value.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::WebhookError;
use crate::kernel::{Timestamp, WebhookDeliveryId};

/// What a signing secret begins with.
const PREFIX: &str = "whsec_";

/// How an endpoint's deliveries are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SignatureScheme {
    /// HMAC-SHA-256 with a secret both sides have: `v1`.
    #[default]
    Hmac,
    /// ed25519, of which the receiver has the public key: `v1a`.
    Ed25519,
}

/// A signing secret: shown once, wiped when dropped, never printed.
pub struct SigningSecret(Zeroizing<Vec<u8>>);

impl SigningSecret {
    /// The secret of these random bytes.
    pub fn from_random(random: &[u8; 32]) -> Self {
        Self(Zeroizing::new(random.to_vec()))
    }

    /// The bytes.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// As its owner is shown it, once: `whsec_` and base64.
    pub fn expose_text(&self) -> Zeroizing<String> {
        let encoded = Zeroizing::new(STANDARD.encode(self.0.as_slice()));
        Zeroizing::new([PREFIX, encoded.as_str()].concat())
    }

    /// The signature of a content, as the header has it: `v1,` and base64.
    ///
    /// ```
    /// # use sarai_domain::devportal::webhook::{SigningSecret, signed_content};
    /// // The example of the public specification.
    /// let secret: SigningSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse()?;
    /// let content = signed_content("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
    /// assert_eq!(secret.sign(&content), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    /// # Ok::<(), sarai_domain::devportal::webhook::WebhookError>(())
    /// ```
    pub fn sign(&self, content: &str) -> String {
        // A key of any length is a key of HMAC.
        let mac = Hmac::<Sha256>::new_from_slice(&self.0).map(|mac| mac.chain_update(content).finalize());
        let bytes = mac.map(|mac| mac.into_bytes().to_vec()).unwrap_or_default();
        format!("v1,{}", STANDARD.encode(bytes))
    }
}

impl FromStr for SigningSecret {
    type Err = WebhookError;

    fn from_str(text: &str) -> Result<Self, WebhookError> {
        let bytes = text.strip_prefix(PREFIX).and_then(|text| STANDARD.decode(text).ok());
        let bytes = bytes.filter(|bytes| (24..=64).contains(&bytes.len())).ok_or(WebhookError::Secret)?;
        Ok(Self(Zeroizing::new(bytes)))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What is signed: `{webhook-id}.{webhook-timestamp}.{body}`.
pub fn signed_content(webhook_id: &str, timestamp: i64, body: &str) -> String {
    format!("{webhook_id}.{timestamp}.{body}")
}

/// The header `webhook-timestamp` of an instant: whole seconds.
pub fn timestamp(at: Timestamp) -> i64 {
    at.unix_micros().div_euclid(1_000_000)
}

/// The signature of an ed25519 key, as the header has it: `v1a,` and base64.
pub fn ed25519_text(signature: &[u8; 64]) -> String {
    format!("v1a,{}", STANDARD.encode(signature))
}

/// The public key that receivers check such signatures with: `whpk_` and base64.
pub fn public_key_text(key: &[u8; 32]) -> String {
    format!("whpk_{}", STANDARD.encode(key))
}

/// The header `webhook-signature`: during a rotation one signature by each secret.
pub fn header(signatures: &[String]) -> String {
    signatures.join(" ")
}

/// What an attempt signs.
pub fn content_of(webhook_id: WebhookDeliveryId, at: Timestamp, body: &str) -> String {
    signed_content(&webhook_id.to_string(), timestamp(at), body)
}
