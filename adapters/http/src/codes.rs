//! Every code a refusal can carry, once: its status, its title and what it means.
//!
//! Those of the domain's rules have a file of their own, and so have the words of other languages. Tests keep the operations,
//! the rows and the words in step.

use poem::http::StatusCode;

mod devportal;
mod domain;
mod internal;
mod page;
mod verify;
mod webhooks;
mod words;

pub use page::page;
pub use words::Words;

/// A code of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The code: `<aggregate>.<reason>`, or bare when the transport refused.
    pub name: &'static str,
    /// The HTTP status it comes with.
    pub status: u16,
    /// A few words.
    pub title: &'static str,
    /// What it means and what to do.
    pub explanation: &'static str,
}

impl Code {
    /// Its HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
    }
}

/// Codes below 503 that are worth asking again at once.
pub(crate) const RETRY_SOON: &[&str] = &["conflict.retry", "idempotency_in_progress", "rate_limited"];

/// Every row.
pub fn all() -> impl Iterator<Item = &'static Code> {
    TRANSPORT
        .iter()
        .chain(domain::CODES)
        .chain(devportal::CODES)
        .chain(verify::CODES)
        .chain(webhooks::CODES)
        .chain(internal::CODES)
}

/// The row of a code.
pub fn find(name: &str) -> Option<&'static Code> {
    all().find(|code| code.name == name)
}

const fn code(status: u16, name: &'static str, title: &'static str, explanation: &'static str) -> Code {
    Code { name, status, title, explanation }
}

/// Refused before a rule of the domain was asked.
#[rustfmt::skip]
const TRANSPORT: &[Code] = &[
    code(400, "idempotency_key_required", "Idempotency key required", "Send an Idempotency-Key header of 1 to 255 visible ASCII characters."),
    code(400, "invalid_cursor", "Invalid cursor", "The cursor is not one this list gave to this caller with these filters. Start again without it."),
    code(400, "malformed_request", "Malformed request", "The request cannot be read: broken JSON, JSON nested deeper than 64, or a name given twice."),
    code(401, "bad_signature", "Bad signature", "The Standard Webhooks signature is missing, wrong, or more than five minutes off."),
    code(401, "invalid_api_key", "Invalid API key", "The API key has no form of one, is unknown, over, revoked, or not allowed from this address; which of them is not said."),
    code(401, "invalid_credentials", "Invalid credentials", "The e-mail address or the password is wrong."),
    code(401, "invalid_token", "Invalid token", "Send a valid access token as Authorization: Bearer."),
    code(401, "otp_required", "One-time password required", "The account signs in with a one-time password: send it as otp."),
    code(403, "forbidden", "Forbidden", "The caller's roles do not allow this."),
    code(403, "insufficient_scope", "Insufficient scope", "The API key lacks the scope of this operation."),
    code(404, "not_found", "Not found", "There is no such thing for this caller."),
    code(405, "method_not_allowed", "Method not allowed", "The path exists, but not with this method: see the Allow header."),
    code(408, "request_timeout", "Request timeout", "The request did not arrive completely within ten seconds."),
    code(409, "conflict.retry", "Changed meanwhile", "Others changed the same thing at the same time, too often. Try again."),
    code(409, "conflict.taken", "Already taken", "Something with this key exists already."),
    code(409, "idempotency_in_progress", "Still in progress", "The first request under this Idempotency-Key is still being worked on. Ask again in a second."),
    code(409, "upstream_refused", "Refused by another service", "A service this operation depends on refused for good."),
    code(412, "precondition_failed", "Precondition failed", "The thing is no longer at the version the request names. Read it again and decide again."),
    code(413, "payload_too_large", "Payload too large", "A request body is at most 256 KiB."),
    code(415, "unsupported_media_type", "Unsupported media type", "A request body is JSON: send Content-Type: application/json."),
    code(422, "idempotency_key_reused", "Idempotency key reused", "This Idempotency-Key was used for another request. Use a new key."),
    code(422, "validation_failed", "Validation failed", "Members of the request are missing, unknown or not acceptable: see errors."),
    code(428, "precondition_required", "Precondition required", "Send the entity tag of the version that was reviewed as If-Match."),
    code(429, "rate_limited", "Rate limited", "Too many requests: wait as long as Retry-After says."),
    code(503, "channel_unavailable", "Channel unavailable", "Nobody sends over this channel to this country: see the configuration of senders."),
    code(503, "overload", "Overloaded", "Too many requests are being worked on. Ask again."),
    code(503, "timeout", "Timed out", "The answer took too long. Ask again under the same Idempotency-Key."),
    code(503, "unavailable", "Unavailable", "Something needed is out of reach. Ask again."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_has_two_rows() {
        let mut names: Vec<_> = all().map(|code| code.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().count());
    }

    #[test]
    fn every_row_has_a_status_that_exists_and_never_500() {
        for code in all() {
            assert!((400..=499).contains(&code.status) || code.status == 503, "{}", code.name);
        }
    }
}
