//! Sandboxes as the API tells them.

use std::collections::BTreeMap;

use sarai_domain::kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// How much a sandbox is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct SandboxUsage {
    /// Verifications.
    pub verifications: u32,
    /// Messages in the inbox.
    pub messages: u32,
}

/// A destination that behaves otherwise than it looks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScenarioOverride {
    /// Its scenario.
    pub scenario: String,
}

/// A sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sandbox {
    /// Its id.
    pub sandbox_id: String,
    /// Whether it is the account's default.
    pub is_default: bool,
    /// Where it stands.
    pub state: String,
    /// What its codes come from.
    pub seed: u64,
    /// The time in it.
    pub virtual_now: Timestamp,
    /// By how many seconds its clock was moved.
    pub clock_offset_seconds: u32,
    /// What it may use.
    pub quota: SandboxUsage,
    /// What it used since the last reset.
    pub used: SandboxUsage,
    /// Destinations that behave otherwise than they look.
    pub scenario_overrides: Vec<ScenarioOverride>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is over, in real time.
    pub expires_at: Timestamp,
}

/// A sandbox to make.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewSandbox {
    /// What its codes come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How long it lives.
    pub ttl_seconds: u32,
    /// Destinations that behave as another scenario.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub scenario_overrides: BTreeMap<String, String>,
}

/// A message in a sandbox's inbox.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SandboxMessage {
    /// Its id.
    pub message_id: String,
    /// When, by the sandbox's clock.
    pub at: Timestamp,
    /// Over which channel.
    pub channel: String,
    /// Where to.
    pub destination_masked: String,
    /// The verification.
    pub verification_id: String,
    /// In which language.
    pub locale: String,
    /// An e-mail's subject.
    pub subject: Option<String>,
    /// What it says.
    pub body: String,
    /// Its code.
    pub code: String,
}

/// What sandboxes pretend.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SandboxScenario {
    /// Its number.
    pub scenario: String,
    /// What it shows.
    pub summary: String,
    /// The number that stands for it.
    pub phone: String,
    /// The e-mail address that stands for it.
    pub email: String,
}
