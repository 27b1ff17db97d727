//! One attempt of a delivery: what came of it, and when the next one is due.

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::kernel::Timestamp;

/// How much of a plain-text answer is kept at most, in bytes.
pub const MAX_ANSWER: usize = 256;

/// After each attempt, how long until the next one: the schedule that Standard Webhooks proposes. After the last
/// there is none.
pub const RETRY_AFTER: &[Duration] = &[
    Duration::seconds(5),
    Duration::minutes(5),
    Duration::minutes(30),
    Duration::hours(2),
    Duration::hours(5),
    Duration::hours(10),
    Duration::hours(14),
    Duration::hours(20),
    Duration::hours(24),
];

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeliveryFault {
    /// Answered, but not 2xx; redirects are not followed.
    HttpStatus,
    /// Answered 410: the endpoint is to be left alone.
    Gone,
    /// No answer in 10 seconds.
    Timeout,
    /// The host's name leads nowhere.
    NameUnknown,
    /// No connection, or one that broke.
    Connection,
    /// The host's certificate is not good for its name.
    Certificate,
    /// The host's address may not be called.
    TargetForbidden,
}

impl DeliveryFault {
    /// Whether it does not pass by waiting (W-INV-6).
    pub const fn is_final(self) -> bool {
        match self {
            Self::Gone | Self::Certificate | Self::TargetForbidden => true,
            Self::HttpStatus | Self::Timeout | Self::NameUnknown | Self::Connection => false,
        }
    }
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// There was an answer.
    Answered {
        /// Its status.
        status: u16,
        /// Its beginning, where it was plain text and the endpoint keeps that.
        text: Option<String>,
    },
    /// There was none.
    Failed(DeliveryFault),
}

/// An attempt as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookAttempt {
    /// Its number, from 1.
    pub no: u32,
    /// When it began.
    pub at: Timestamp,
    /// The answer's status.
    pub http_status: Option<u16>,
    /// How long it took.
    pub duration_ms: u64,
    /// Why it failed; none when it was taken.
    #[serde(rename = "error")]
    pub fault: Option<DeliveryFault>,
    /// The beginning of a plain-text answer.
    pub text_prefix: Option<String>,
}

impl WebhookAttempt {
    /// What is kept of an attempt.
    pub fn new(no: u32, at: Timestamp, duration_ms: u64, outcome: AttemptOutcome) -> Self {
        let (http_status, fault, text) = match outcome {
            AttemptOutcome::Answered { status, text } => (Some(status), fault_of(status), text),
            AttemptOutcome::Failed(fault) => (None, Some(fault), None),
        };
        let text_prefix = text.map(|text| shortened(&text)).filter(|text| !text.is_empty());
        Self { no, at, http_status, duration_ms, fault, text_prefix }
    }
}

const fn fault_of(status: u16) -> Option<DeliveryFault> {
    match status {
        200..=299 => None,
        410 => Some(DeliveryFault::Gone),
        _ => Some(DeliveryFault::HttpStatus),
    }
}

/// The first 256 bytes of a text, up to a whole character, without control characters.
fn shortened(text: &str) -> String {
    let shown = text.chars().filter(|one| !one.is_control());
    shown
        .scan(0_usize, |length, one| {
            *length = length.saturating_add(one.len_utf8());
            (*length <= MAX_ANSWER).then_some(one)
        })
        .collect()
}

/// When the attempt after this one is due; none after the last.
pub fn next_attempt(no: u32, ended_at: Timestamp) -> Option<Timestamp> {
    let index = usize::try_from(no).ok()?.checked_sub(1)?;
    RETRY_AFTER.get(index).map(|wait| ended_at.plus(*wait))
}
