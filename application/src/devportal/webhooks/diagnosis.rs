//! Why a receiver did not take a signature: what it saw, held against what was sent.

use std::collections::BTreeMap;

use sarai_domain::{
    devportal::webhook::{SignatureScheme, signature},
    kernel::Timestamp,
};
use serde_json::Value;

/// How far a receiver's clock may be off, in seconds.
const TOLERANCE: i64 = 300;

/// What a receiver saw.
#[derive(Debug, Clone, Default)]
pub struct SeenRequest {
    /// Its headers; names in any case.
    pub headers: BTreeMap<String, String>,
    /// Its body, as its server read it.
    pub body: String,
    /// When its server read it, by the server's own clock.
    pub at: Option<Timestamp>,
}

impl SeenRequest {
    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.header("webhook-id")
    }

    pub(super) fn timestamp(&self) -> Option<i64> {
        self.header("webhook-timestamp")?.parse().ok()
    }
}

/// What is looked at, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The header `webhook-id`.
    Id,
    /// The header `webhook-timestamp`.
    Timestamp,
    /// The receiver's clock.
    Clock,
    /// The body.
    Body,
    /// The header `webhook-signature`.
    Signature,
}

/// What was found at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// It is as it was sent.
    Good,
    /// It is not there.
    Missing,
    /// It is another delivery's.
    OtherDelivery,
    /// It is not a number of seconds.
    Malformed,
    /// It is more than five minutes away from the time it is checked at.
    TooFar,
    /// It is the same JSON in other bytes: it was read and written again.
    Reserialized,
    /// It is something else.
    Different,
    /// It is a signature of the other scheme.
    OtherScheme,
    /// It is good for the bytes that were sent, and not for those that were seen.
    OfOtherBytes,
    /// It is by none of the secrets that are valid.
    OtherSecret,
}

/// What was found, a finding a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Every step.
    pub steps: Vec<(Step, Finding)>,
}

/// What is known of what was sent.
pub(super) struct Known<'a> {
    pub(super) webhook_id: String,
    pub(super) payload: &'a str,
    /// Now.
    pub(super) real: Timestamp,
    /// Signatures under the id and time seen: of the body seen, and of the payload.
    pub(super) of_body: Vec<String>,
    pub(super) of_payload: Vec<String>,
    pub(super) scheme: SignatureScheme,
}

impl Diagnosis {
    pub(super) fn of(known: &Known<'_>, seen: &SeenRequest) -> Self {
        let steps = vec![
            (Step::Id, id(known, seen)),
            (Step::Timestamp, timestamp(seen)),
            (Step::Clock, clock(known, seen)),
            (Step::Body, body(known, seen)),
            (Step::Signature, signed(known, seen)),
        ];
        Self { steps }
    }

    /// The first step at which something is wrong.
    pub fn culprit(&self) -> Option<Step> {
        self.steps.iter().find(|(_, finding)| *finding != Finding::Good).map(|(step, _)| *step)
    }
}

fn id(known: &Known<'_>, seen: &SeenRequest) -> Finding {
    match seen.id() {
        None => Finding::Missing,
        Some(id) if id == known.webhook_id => Finding::Good,
        Some(_) => Finding::OtherDelivery,
    }
}

fn timestamp(seen: &SeenRequest) -> Finding {
    match (seen.header("webhook-timestamp"), seen.timestamp()) {
        (None, _) => Finding::Missing,
        (_, Some(_)) => Finding::Good,
        _ => Finding::Malformed,
    }
}

/// Without the time of the server that saw it, nothing is said of its clock.
fn clock(known: &Known<'_>, seen: &SeenRequest) -> Finding {
    let Some((sent, at)) = seen.timestamp().zip(seen.at) else { return Finding::Good };
    let off = signature::timestamp(at).saturating_sub(sent);
    let ahead = signature::timestamp(at) > signature::timestamp(known.real).saturating_add(TOLERANCE);
    if off.abs() > TOLERANCE || ahead { Finding::TooFar } else { Finding::Good }
}

fn body(known: &Known<'_>, seen: &SeenRequest) -> Finding {
    let json = |text: &str| serde_json::from_str::<Value>(text).ok();
    match (seen.body.as_str(), json(&seen.body)) {
        (text, _) if text == known.payload => Finding::Good,
        ("", _) => Finding::Missing,
        (_, Some(value)) if Some(&value) == json(known.payload).as_ref() => Finding::Reserialized,
        _ => Finding::Different,
    }
}

fn signed(known: &Known<'_>, seen: &SeenRequest) -> Finding {
    let Some(header) = seen.header("webhook-signature") else { return Finding::Missing };
    let theirs: Vec<&str> = header.split_whitespace().collect();
    let scheme = match known.scheme {
        SignatureScheme::Hmac => "v1,",
        SignatureScheme::Ed25519 => "v1a,",
    };
    let among = |ours: &[String]| ours.iter().any(|one| theirs.contains(&one.as_str()));
    if among(&known.of_body) {
        Finding::Good
    } else if among(&known.of_payload) {
        Finding::OfOtherBytes
    } else if theirs.iter().any(|one| one.starts_with(scheme)) {
        Finding::OtherSecret
    } else {
        Finding::OtherScheme
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAYLOAD: &str = r#"{"aggregateVersion":1,"data":{}}"#;
    const SENT: i64 = 1_776_000_000;

    fn known() -> Known<'static> {
        let list = |text: &str| vec![text.to_owned()];
        Known {
            webhook_id: "whd_1".to_owned(),
            payload: PAYLOAD,
            real: Timestamp::from_unix_micros(SENT * 1_000_000),
            of_body: list("v1,body"),
            of_payload: list("v1,payload"),
            scheme: SignatureScheme::Hmac,
        }
    }

    fn seen(changes: &[(&str, &str)], body: &str) -> SeenRequest {
        let good = [
            ("Webhook-Id", "whd_1"),
            ("webhook-timestamp", "1776000000"),
            ("WEBHOOK-SIGNATURE", "v1a,x v1,body"),
        ];
        let headers =
            good.iter().chain(changes).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        SeenRequest { headers: headers.collect(), body: body.to_owned(), at: None }
    }

    #[test]
    fn each_mistake_is_told_apart() {
        type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, Option<(Step, Finding)>);
        let cases: &[Case<'_>] = &[
            (&[], PAYLOAD, None),
            (&[("Webhook-Id", "")], PAYLOAD, Some((Step::Id, Finding::Missing))),
            (&[("Webhook-Id", "whd_2")], PAYLOAD, Some((Step::Id, Finding::OtherDelivery))),
            (&[("webhook-timestamp", "")], PAYLOAD, Some((Step::Timestamp, Finding::Missing))),
            (&[("webhook-timestamp", "soon")], PAYLOAD, Some((Step::Timestamp, Finding::Malformed))),
            (&[], "", Some((Step::Body, Finding::Missing))),
            (&[], r#"{ "data": {}, "aggregateVersion": 1 }"#, Some((Step::Body, Finding::Reserialized))),
            (&[], r#"{"data":{}}"#, Some((Step::Body, Finding::Different))),
            (&[("WEBHOOK-SIGNATURE", "")], PAYLOAD, Some((Step::Signature, Finding::Missing))),
            (&[("WEBHOOK-SIGNATURE", "v1,payload")], PAYLOAD, Some((Step::Signature, Finding::OfOtherBytes))),
            (&[("WEBHOOK-SIGNATURE", "v1,other")], PAYLOAD, Some((Step::Signature, Finding::OtherSecret))),
            (&[("WEBHOOK-SIGNATURE", "v1a,other")], PAYLOAD, Some((Step::Signature, Finding::OtherScheme))),
        ];
        for (changes, body, wrong) in cases {
            let found = Diagnosis::of(&known(), &seen(changes, body));
            let first = found.steps.iter().copied().find(|(_, finding)| *finding != Finding::Good);
            assert_eq!(first, *wrong, "{changes:?} {body}");
            assert_eq!(found.culprit(), wrong.map(|(step, _)| step));
        }
    }

    #[test]
    fn a_clock_that_is_five_minutes_off_is_told() {
        for (offset, finding) in
            [(0, Finding::Good), (300, Finding::Good), (301, Finding::TooFar), (-301, Finding::TooFar)]
        {
            let at = Timestamp::from_unix_micros((SENT + offset) * 1_000_000);
            let seen = SeenRequest { at: Some(at), ..seen(&[], PAYLOAD) };
            assert_eq!(Diagnosis::of(&known(), &seen).steps[2], (Step::Clock, finding), "{offset}");
        }
    }
}
