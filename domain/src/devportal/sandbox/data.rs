//! What is stored of a sandbox and its inbox.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{SandboxAction, SandboxCode, SandboxState, Scenario};
use crate::{
    devportal::{
        values::{Brand, Channel, CodeLength, DestinationHash, Locale, PlainCode},
        verify::TemplatePin,
    },
    kernel::{
        DeliveryAttemptId, DeveloperAccountId, LastTransition, Row, SandboxId, SandboxMessageId, TenantId,
        Timestamp, VerificationId, WebhookEndpointId, topics,
    },
};

/// How much a sandbox may be used between two resets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Sessions.
    pub verifications: u32,
    /// Messages in the inbox.
    pub messages: u32,
}

/// What a sandbox may use.
pub const QUOTA: Usage = Usage { verifications: 500, messages: 1000 };

/// A sandbox's document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SandboxData {
    /// Its id.
    pub id: SandboxId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Which developer's.
    pub account_id: DeveloperAccountId,
    /// Whether it is the account's default, which use renews (ruling R7).
    pub is_default: bool,
    /// Which of the account's places it holds while it is open; the default has its own.
    #[serde(default)]
    pub place: Option<u8>,
    /// Where it stands.
    pub state: SandboxState,
    /// What its codes come from.
    pub seed: u64,
    /// By how many seconds its clock was moved; it stands still otherwise (ruling R10).
    pub clock_offset: u32,
    /// When its real time is over.
    pub expires_at: Timestamp,
    /// What it may use.
    pub quota: Usage,
    /// What it used since the last reset.
    pub used: Usage,
    /// How often it was reset; what belongs to an earlier round is gone.
    pub round: u32,
    /// Destinations that behave otherwise than they look.
    pub scenario_overrides: BTreeMap<DestinationHash, Scenario>,
    /// Endpoints its events go to.
    pub webhook_endpoint_ids: Vec<WebhookEndpointId>,
    /// When it was made, in real time; its virtual clock begins there.
    pub created_at: Timestamp,
    /// Whether, after its end, its data is gone.
    #[serde(default)]
    pub cleared: bool,
    /// What led to its state.
    pub last_transition: Option<LastTransition<SandboxAction>>,
}

impl SandboxData {
    /// What no other sandbox may hold while this one is open: its account's default place, or one of the five.
    pub fn holds(&self) -> Option<String> {
        let key = match (self.is_default, self.place) {
            (true, _) => Some(self.account_id.to_string()),
            (false, place) => place.map(|place| format!("{}:{place}", self.account_id)),
        };
        key.filter(|_| !self.state.is_terminal())
    }
}

/// A message in a sandbox's inbox. It has neither code nor body: both are made when it is read (ruling R9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SandboxMessage {
    /// Its id.
    pub id: SandboxMessageId,
    /// The sandbox.
    pub sandbox_id: SandboxId,
    /// In which round of it.
    pub round: u32,
    /// When, by the sandbox's clock.
    pub at: Timestamp,
    /// Over which channel.
    pub channel: Channel,
    /// Where to, as it may be shown.
    pub destination_masked: String,
    /// The session.
    pub verification_id: VerificationId,
    /// The send.
    pub attempt_id: DeliveryAttemptId,
    /// Its text.
    pub template: TemplatePin,
    /// In which language.
    pub locale: Locale,
    /// Who sends.
    pub brand: Brand,
    /// How long the code is good.
    pub minutes: u16,
    /// Its code.
    pub code: SandboxCode,
    /// Which code of the session.
    pub generation: u32,
    /// How many digits it has.
    pub code_length: CodeLength,
}

impl SandboxMessage {
    /// Its code, made anew.
    pub fn code(&self) -> PlainCode {
        self.code.derive(self.generation, self.code_length)
    }
}

impl Row for SandboxMessage {
    fn key(&self) -> String {
        self.id.to_string()
    }
}

/// A fact about a sandbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum SandboxEvent {
    /// It exists.
    Created {
        /// The sandbox.
        sandbox_id: SandboxId,
        /// Which developer's.
        account_id: DeveloperAccountId,
        /// When its real time is over.
        expires_at: Timestamp,
    },
    /// It is over; its data will be gone within a day.
    Closed {
        /// The sandbox.
        sandbox_id: SandboxId,
        /// Which developer's.
        account_id: DeveloperAccountId,
        /// Whether its time was over, rather than its developer's wish.
        expired: bool,
    },
}

topics!(SandboxEvent {
    Created => "devportal.sandbox.created.v1",
    Closed  => "devportal.sandbox.closed.v1",
});
