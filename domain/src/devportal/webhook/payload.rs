//! What is sent: thin, without codes and whole phone numbers, and with the version that orders it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::WebhookError;

/// The longest payload (W-INV-4).
pub const MAX_PAYLOAD: usize = 20 << 10;
/// The member that orders the payloads of an aggregate, since deliveries come in any order (W-INV-8).
const VERSION: &str = "aggregateVersion";

/// The body of a webhook: a JSON object of at most 20 KB with `aggregateVersion`, without a code and without a whole
/// phone number (W-INV-4, W-INV-8). The text stays as it is: retries and replays send the same bytes.
///
/// ```
/// # use sarai_domain::devportal::webhook::WebhookPayload;
/// let payload = |text: &str| WebhookPayload::try_new(text.to_owned());
/// assert!(payload(r#"{"aggregateVersion":3,"data":{"destinationMasked":"+93•••••1234"}}"#).is_ok());
/// assert!(payload(r#"{"aggregateVersion":3,"data":{"to":"+93701234567"}}"#).is_err());
/// assert!(payload(r#"{"aggregateVersion":3,"data":{"code":"490447"}}"#).is_err());
/// assert!(payload(r#"{"data":{}}"#).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebhookPayload(String);

impl WebhookPayload {
    /// Takes a text as a payload.
    ///
    /// # Errors
    /// [`WebhookError::PayloadTooLarge`], [`WebhookError::PayloadTells`] (W-INV-4), [`WebhookError::PayloadUnordered`]
    /// (W-INV-8), [`WebhookError::Payload`] when it is no JSON object.
    pub fn try_new(text: String) -> Result<Self, WebhookError> {
        if text.len() > MAX_PAYLOAD {
            return Err(WebhookError::PayloadTooLarge(text.len()));
        }
        let value: Value = serde_json::from_str(&text).map_err(|_| WebhookError::Payload)?;
        let object = value.as_object().ok_or(WebhookError::Payload)?;
        if !object.get(VERSION).is_some_and(Value::is_u64) {
            return Err(WebhookError::PayloadUnordered);
        }
        if tells(&value, "") { Err(WebhookError::PayloadTells) } else { Ok(Self(text)) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a phone number stands there whole, or a code under its name.
fn tells(value: &Value, name: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| tells(item, name)),
        Value::Object(members) => members.iter().any(|(name, member)| tells(member, name)),
        Value::String(text) => is_phone(text) || (name_is_code(name) && is_code(text)),
        Value::Number(number) => name_is_code(name) && is_code(&number.to_string()),
        Value::Null | Value::Bool(_) => false,
    }
}

fn is_phone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn name_is_code(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("code")
}

fn is_code(text: &str) -> bool {
    (6..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl TryFrom<String> for WebhookPayload {
    type Error = WebhookError;

    fn try_from(text: String) -> Result<Self, WebhookError> {
        Self::try_new(text)
    }
}

impl From<WebhookPayload> for String {
    fn from(payload: WebhookPayload) -> Self {
        payload.0
    }
}
