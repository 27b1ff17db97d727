//! What happened to a session, in order, for the developer who asks why.

use serde::{Deserialize, Serialize};

use super::{FailureReason, SendStatus};
use crate::{
    devportal::values::Channel,
    kernel::{DeliveryAttemptId, Timestamp},
};

/// No session needs more: it has at most 8 sends, 10 checks and their receipts, and what repeats is one entry.
pub const TIMELINE_MAX: usize = 200;

/// When something happened and in which request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// In which request, where one asked for it.
    pub request_id: Option<String>,
}

impl Moment {
    /// Outside a request.
    pub const fn new(at: Timestamp) -> Self {
        Self { at, request_id: None }
    }

    /// In a request.
    pub const fn in_request(at: Timestamp, request_id: String) -> Self {
        Self { at, request_id: Some(request_id) }
    }
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimelineEntry {
    /// When; of what repeats the last time.
    pub at: Timestamp,
    /// In which request, where one asked for it.
    pub request_id: Option<String>,
    /// How often.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: u32,
    /// What.
    #[serde(flatten)]
    pub entry: Entry,
}

const fn once() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
const fn is_once(times: &u32) -> bool {
    *times == 1
}

impl Entry {
    /// Whether anybody can make it happen any number of times: it is kept once for each reason.
    pub(super) const fn repeats(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Reused)
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Entry {
    /// It began.
    Started,
    /// A start went on with it.
    Reused,
    /// A send was asked for.
    Queued {
        /// Which.
        attempt_id: DeliveryAttemptId,
        /// Over which channel.
        channel: Channel,
        /// Which code it carries.
        generation: u32,
    },
    /// A sender or provider said something about a send.
    Send {
        /// Which.
        attempt_id: DeliveryAttemptId,
        /// Where it stands.
        status: SendStatus,
        /// What went wrong.
        error_code: Option<String>,
    },
    /// A send was refused; `reason` is an error's code, `bucket` the limit.
    Refused {
        /// The code of the refusal.
        reason: String,
        /// Which limit, where it was one.
        bucket: Option<String>,
    },
    /// A well-formed check was counted.
    Checked {
        /// How many there are.
        attempts: u32,
    },
    /// A counted check was wrong.
    Incorrect {
        /// How many wrong ones there are.
        concluded: u32,
    },
    /// The right code was given.
    Approved,
    /// It failed.
    Failed {
        /// Why.
        reason: FailureReason,
    },
    /// Its time was over.
    Expired,
}
