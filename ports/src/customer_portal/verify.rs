//! Verifications as the API tells them.

use std::collections::BTreeMap;

use sarai_domain::kernel::{Price, Timestamp};
use serde::Deserialize;

/// Which verifications.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerificationQuery {
    /// Where they stand.
    pub state: Option<String>,
    /// The channel they are at.
    pub channel: Option<String>,
    /// In which sandbox; the account's default where nothing is said.
    pub sandbox_id: Option<String>,
}

/// A channel and how long it is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelWait {
    /// The channel.
    pub channel: String,
    /// How long it is waited for, in seconds.
    pub wait_seconds: u16,
}

/// A verification in a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerificationSummary {
    /// Its id.
    pub verification_id: String,
    /// In which world.
    pub environment: String,
    /// Where it stands.
    pub state: String,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// What for.
    pub purpose: String,
    /// The channel it is at.
    pub current_channel: Option<String>,
    /// The channels it tries.
    pub channel_order: Vec<ChannelWait>,
    /// How many checks were counted.
    pub attempts: u32,
    /// How many are left.
    pub attempts_remaining: u32,
    /// How many sends are left.
    pub sends_remaining: u32,
    /// From when on the code can be asked for again.
    pub resend_available_at: Option<Timestamp>,
    /// When its time is over.
    pub expires_at: Timestamp,
    /// The language of its messages.
    pub locale_used: String,
    /// Where the code goes, as far as it may be shown.
    pub destination_masked: Option<String>,
    /// The phone's country.
    pub country_code: Option<String>,
    /// What the proof is worth.
    pub assurance: Option<String>,
    /// The key that began it.
    pub api_key_id: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When the right code was given.
    pub approved_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// What its sends cost so far.
    pub cost: Price,
    /// What is held for sends that are not settled.
    pub reserved: Price,
}

/// What only a sandbox tells.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SandboxCode {
    /// The sandbox.
    pub sandbox_id: String,
    /// The code, where it is told.
    pub code: Option<String>,
}

/// One send of a code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerificationSend {
    /// Its id.
    pub attempt_id: String,
    /// Over which channel.
    pub channel: String,
    /// Which code it carries, from 1.
    pub generation: u32,
    /// Who sends it.
    pub provider: Option<String>,
    /// Where it stands.
    pub status: String,
    /// What went wrong.
    pub error_code: Option<String>,
    /// How many messages it was.
    pub segments: Option<u8>,
    /// What it was quoted at.
    pub quote: Price,
    /// What it cost.
    pub price: Option<Price>,
    /// When it was asked for.
    pub queued_at: Timestamp,
    /// When the provider took it.
    pub sent_at: Option<Timestamp>,
    /// When it was settled.
    pub final_at: Option<Timestamp>,
}

/// Something that happened to a verification.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerificationEntry {
    /// When.
    pub at: Timestamp,
    /// In which request.
    pub request_id: Option<String>,
    /// What.
    pub kind: String,
    /// Which send.
    pub attempt_id: Option<String>,
    /// Over which channel.
    pub channel: Option<String>,
    /// Where the send stands.
    pub status: Option<String>,
    /// Why something was refused or failed.
    pub reason: Option<String>,
    /// Which limit refused.
    pub bucket: Option<String>,
    /// How many checks are counted, or found wrong.
    pub count: Option<u32>,
}

/// A verification.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// Where it stands.
    #[serde(flatten)]
    pub summary: VerificationSummary,
    /// Who sends.
    pub brand: String,
    /// How many digits its code has.
    pub code_length: u8,
    /// What moves it to the next channel.
    pub advance_on: String,
    /// Which code a further send carries.
    pub resend_policy: String,
    /// The developer's notes.
    pub metadata: BTreeMap<String, String>,
    /// What can be asked of it now.
    pub allowed_actions: Vec<String>,
    /// What only a sandbox tells.
    pub sandbox: Option<SandboxCode>,
    /// Its sends, in order.
    pub sends: Vec<VerificationSend>,
    /// What happened, in order.
    pub timeline: Vec<VerificationEntry>,
}
