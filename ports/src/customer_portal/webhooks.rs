//! Webhooks as the API tells them.

use std::collections::BTreeMap;

use sarai_domain::kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::SecretText;

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Its id.
    pub webhook_id: String,
    /// Where it is.
    pub url: String,
    /// What it is told.
    pub events: Vec<String>,
    /// `ACTIVE` or `DISABLED`.
    pub status: String,
    /// Why it is disabled: `USER`, `GONE` or `FAILING`.
    pub disabled_reason: Option<String>,
    /// When its secret was made, and shown.
    pub secret_created_at: Timestamp,
    /// Since when nothing reaches it.
    pub failing_since: Option<Timestamp>,
    /// When something was delivered last.
    pub last_delivery_at: Option<Timestamp>,
    /// How many deliveries failed within a day.
    #[serde(rename = "failures24h")]
    pub failures_24h: Option<u64>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Its version: a change names the one it was decided on.
    pub version: u64,
}

/// An endpoint to create, or to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewWebhook {
    /// Where it is.
    pub url: String,
    /// What it is told.
    pub events: Vec<String>,
    /// Its world; an endpoint keeps the one it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
}

/// An endpoint with what its messages are signed with, which is there once.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookSecret {
    /// The secret; none when the answer is given again.
    pub signing_secret: Option<SecretText>,
    /// The endpoint.
    #[serde(flatten)]
    pub webhook: Webhook,
}

/// A try of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryTry {
    /// Its number.
    pub no: u32,
    /// When.
    pub at: Timestamp,
    /// What the endpoint answered.
    pub http_status: Option<u16>,
    /// How long it took.
    pub duration_ms: u64,
    /// What went wrong.
    pub error: Option<String>,
    /// The beginning of the answer.
    pub text_prefix: Option<String>,
}

/// Something that was, or is to be, told to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Its id.
    pub id: String,
    /// Where it goes.
    pub endpoint_id: String,
    /// What happened.
    pub event_id: String,
    /// Of which kind that is.
    pub event_type: String,
    /// `PENDING`, `DELIVERED` or `FAILED`.
    pub outcome: String,
    /// Every try.
    pub attempts: Vec<DeliveryTry>,
    /// What the endpoint answered last.
    pub last_code: Option<u16>,
    /// When it is tried again.
    pub next_attempt_at: Option<Timestamp>,
    /// The delivery that this one repeats.
    pub replay_of: Option<String>,
    /// What was said beside the payload, without the signature.
    #[serde(default)]
    pub request_headers: BTreeMap<String, String>,
    /// What is told.
    pub payload: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Which deliveries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryQuery {
    /// Where they stand.
    pub outcome: Option<String>,
    /// What the endpoint answered last.
    pub code: Option<String>,
    /// Of which kind.
    pub event: Option<String>,
    /// Begun at this instant or later.
    pub after: Option<Timestamp>,
    /// Begun before this instant.
    pub before: Option<Timestamp>,
}

/// How many deliveries there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct DeliveryCount {
    /// As many.
    pub count: u64,
}

/// What is told again of what was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Recovered {
    /// How many deliveries.
    pub queued: u32,
    /// Whether there are more: it is to be asked again.
    pub more: bool,
}

/// What an endpoint's server saw of a delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenRequest {
    /// Its headers.
    pub headers: BTreeMap<String, String>,
    /// Its body, byte for byte.
    pub body: String,
    /// When the server read it, by its own clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Timestamp>,
}

/// Why an endpoint's server did not take a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Diagnosis {
    /// Whether a server that checks as it should takes what was seen.
    pub valid: bool,
    /// The first step at which something is wrong.
    pub culprit: Option<String>,
    /// Every step.
    pub steps: Vec<DiagnosisStep>,
    /// A command that tells it to a server on the same machine.
    pub curl: String,
}

/// What was found at a step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DiagnosisStep {
    /// `ID`, `TIMESTAMP`, `CLOCK`, `BODY` or `SIGNATURE`.
    pub step: String,
    /// `GOOD`, or what is wrong.
    pub finding: String,
}

/// What is done to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookAction {
    /// It is told things again.
    Enable,
    /// It is told nothing any more.
    Disable,
}

impl WebhookAction {
    /// Its name in paths.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enable => "enable",
            Self::Disable => "disable",
        }
    }
}
