//! The form of the signature doctor: what somebody pastes of a request that their server did not take.

use sarai_domain::kernel::Timestamp;
use sarai_ports::customer_portal::webhooks::SeenRequest;

use super::{keys::FieldError, numbers::typed};

/// The most bytes of headers.
const HEADERS_MAX: usize = 8_192;
/// The most bytes of a body: no payload is longer.
const BODY_MAX: usize = 20 << 10;

/// What was pasted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DoctorForm {
    /// Headers, a line each.
    pub headers: String,
    /// The body.
    pub body: String,
    /// When the server read it: seconds since 1970, or a time of ISO 8601.
    pub received: String,
}

impl DoctorForm {
    /// What was typed. Browsers end the lines of a form in their own way; a line's end after the whole is of the copying.
    pub fn of<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut form = Self::default();
        for (name, value) in fields {
            match name {
                "headers" => form.headers = value.replace("\r\n", "\n"),
                "body" => value.replace("\r\n", "\n").trim_end_matches('\n').clone_into(&mut form.body),
                "received" => form.received = typed(value),
                _ => {}
            }
        }
        form
    }

    fn received_at(&self) -> Option<Timestamp> {
        let text = self.received.as_str();
        match text.parse::<i64>() {
            // Thirteen digits are milliseconds.
            Ok(number) if text.len() >= 13 => Some(Timestamp::from_unix_micros(number.checked_mul(1_000)?)),
            Ok(seconds) => Some(Timestamp::from_unix_micros(seconds.checked_mul(1_000_000)?)),
            Err(_) => text.parse().ok(),
        }
    }

    /// The pasted request.
    ///
    /// # Errors
    /// What is wrong, a sentence a field.
    pub fn seen(&self) -> Result<SeenRequest, Vec<FieldError>> {
        let error = |field, message| FieldError { field, message };
        let mut errors = Vec::new();
        let pairs = self.headers.lines().filter_map(|line| {
            // Also as dumps of requests show them: a mark before, quotes and a comma around.
            let line = line.trim().trim_start_matches(['<', '>']).trim().trim_end_matches(',');
            let (name, value) = line.split_once(':')?;
            let bare = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
            Some((bare(name).to_ascii_lowercase(), bare(value)))
        });
        let headers: std::collections::BTreeMap<_, _> = pairs.filter(|(name, _)| !name.is_empty()).collect();
        if headers.is_empty() || self.headers.len() > HEADERS_MAX {
            errors.push(error("headers", "error-doctor-headers"));
        }
        if self.body.len() > BODY_MAX {
            errors.push(error("body", "error-doctor-body"));
        }
        let received_at = self.received_at();
        if received_at.is_none() && !self.received.is_empty() {
            errors.push(error("received", "error-doctor-received"));
        }
        if errors.is_empty() {
            // Nothing else is needed, and what is not needed is not sent on: cookies, tokens.
            let headers = headers.into_iter().filter(|(name, _)| name.starts_with("webhook-")).collect();
            Ok(SeenRequest { headers, body: self.body.clone(), received_at })
        } else {
            Err(errors)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_as_it_was_pasted() {
        let form = DoctorForm::of([
            (
                "headers",
                "POST /hook HTTP/1.1\r\n< Webhook-Id: whd_1\r\n  \"webhook-timestamp\": \"1776000000\",\r\nCookie: a=b\r\n",
            ),
            ("body", "{\"a\":1}\r\n"),
            ("received", "۱۷۷۶۰۰۰۰۰۱"),
        ]);
        let seen = form.seen().unwrap();
        let headers: Vec<_> =
            seen.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(headers, [("webhook-id", "whd_1"), ("webhook-timestamp", "1776000000")]);
        assert_eq!(seen.body, "{\"a\":1}");
        assert_eq!(seen.received_at, Some(Timestamp::from_unix_micros(1_776_000_001_000_000)));
        let at = |received| {
            DoctorForm::of([("headers", "a: b"), ("received", received)]).seen().unwrap().received_at
        };
        assert_eq!(at("1776000001000"), Some(Timestamp::from_unix_micros(1_776_000_001_000_000)));
        assert_eq!(at("2026-04-12T13:20:01Z"), Some(Timestamp::from_unix_micros(1_776_000_001_000_000)));
        assert_eq!(at(""), None);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let of = |headers, body: &str, received| {
            let form = DoctorForm::of([("headers", headers), ("body", body), ("received", received)]);
            form.seen().map_err(|errors| errors.iter().map(|error| error.message).collect::<Vec<_>>())
        };
        assert_eq!(of("", "{}", ""), Err(vec!["error-doctor-headers"]));
        assert_eq!(of("a: b", &"x".repeat(BODY_MAX + 1), ""), Err(vec!["error-doctor-body"]));
        assert_eq!(of("a: b", "{}", "yesterday"), Err(vec!["error-doctor-received"]));
        assert_eq!(of("a: b", "{}", "99999999999999999999"), Err(vec!["error-doctor-received"]));
    }
}
