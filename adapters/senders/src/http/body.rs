//! What is said to a provider and what it answers, as JSON.

use hyper::body::Bytes;
use sarai_domain::devportal::{
    template::Rendered,
    values::{Address, Channel},
};
use sarai_ports::devportal::Outgoing;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::wire::token;

/// A message; it borrows the code and is never kept.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    id: String,
    channel: Channel,
    to: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    locale: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    digits: Option<&'a [u8]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_digits: Option<&'a str>,
}

#[derive(Deserialize)]
struct Taken {
    id: String,
    segments: Option<u8>,
}

#[derive(Deserialize)]
struct Refusal {
    code: String,
}

/// The body that carries a message, wiped when it was sent; none for what this channel does not carry.
pub(super) fn message(message: &Outgoing, from: Option<&str>) -> Option<Bytes> {
    let Address::Phone(to) = &message.to else { return None };
    let (text, digits, recorded_digits, locale) = match (&message.content, message.channel) {
        (Rendered::Text { body, .. }, Channel::Sms | Channel::Whatsapp) => (body, None, None, message.locale),
        (Rendered::Speech { text, digits, recorded_digits, locale }, Channel::Voice) => {
            (text, Some(digits.as_slice()), recorded_digits.as_deref(), *locale)
        }
        _ => return None,
    };
    let body = Message {
        id: message.attempt_id.to_string(),
        channel: message.channel,
        to: to.as_str(),
        from,
        locale: locale.as_str(),
        text,
        digits,
        recorded_digits,
    };
    Some(Bytes::from_owner(Zeroizing::new(serde_json::to_vec(&body).ok()?)))
}

/// The provider's id of what it took, and how many segments it counts.
pub(super) fn taken(body: &[u8]) -> Option<(String, Option<u8>)> {
    let Taken { id, segments } = serde_json::from_slice(body).ok()?;
    is_id(&id).then_some((id, segments))
}

/// The provider's code for a refusal.
pub(super) fn refusal(body: &[u8]) -> Option<String> {
    token(&serde_json::from_slice::<Refusal>(body).ok()?.code)
}

/// What an id may be.
pub(super) fn is_id(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}
