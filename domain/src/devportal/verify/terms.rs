//! How a session runs: lifetime, attempts, sends, and what moves it to the next channel.

use serde::{Deserialize, Serialize};

use super::VerifyError;
use crate::devportal::values::CodeLength;

/// What moves a session to its next channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AdvanceOn {
    /// No receipt of delivery within the step's wait.
    #[default]
    NotDelivered,
    /// No right code within the step's wait.
    NotApproved,
    /// Being asked.
    Manual,
}

/// Which code a further send carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResendPolicy {
    /// The same for the whole session, on all channels.
    #[default]
    SameCode,
    /// A new one; only the newest is good (V-INV-15).
    NewCode,
}

/// What a start does where a live session has its slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OnExisting {
    /// Goes on with it.
    #[default]
    Reuse,
    /// Ends it.
    Supersede,
    /// Refuses.
    Reject,
}

/// The terms of a session, fixed at its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Terms {
    /// How long it lives: 120 to 600 seconds.
    pub ttl_seconds: u16,
    /// How many digits its codes have.
    pub code_length: CodeLength,
    /// How many well-formed checks it takes: 3 to 10.
    pub max_attempts: u32,
    /// How many sends: 1 to 8.
    pub max_sends: u32,
    /// How long between two sends that are asked for: 15 to 300 seconds.
    pub resend_cooldown_seconds: u16,
    /// What moves it on.
    pub advance_on: AdvanceOn,
    /// Which code a further send carries.
    pub resend_policy: ResendPolicy,
}

/// What a start says about its terms; the policy fills in the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TermsAsked {
    /// See [`Terms::ttl_seconds`].
    pub ttl_seconds: Option<u16>,
    /// See [`Terms::code_length`].
    pub code_length: Option<CodeLength>,
    /// See [`Terms::advance_on`].
    pub advance_on: Option<AdvanceOn>,
    /// See [`Terms::resend_policy`].
    pub resend_policy: Option<ResendPolicy>,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            ttl_seconds: 600,
            code_length: CodeLength::default(),
            max_attempts: 5,
            max_sends: 5,
            resend_cooldown_seconds: 30,
            advance_on: AdvanceOn::default(),
            resend_policy: ResendPolicy::default(),
        }
    }
}

impl Terms {
    /// That every number is within its bounds.
    ///
    /// # Errors
    /// [`VerifyError::Terms`] with the field.
    pub fn check(&self) -> Result<(), VerifyError> {
        let within = |holds: bool, field| if holds { Ok(()) } else { Err(VerifyError::Terms { field }) };
        within((120..=600).contains(&self.ttl_seconds), "ttlSeconds")?;
        within((3..=10).contains(&self.max_attempts), "maxAttempts")?;
        within((1..=8).contains(&self.max_sends), "maxSends")?;
        within((15..=300).contains(&self.resend_cooldown_seconds), "resendCooldownSeconds")
    }

    /// These, with what a start asked for.
    ///
    /// # Errors
    /// [`VerifyError::Terms`] out of bounds.
    pub fn with(self, asked: TermsAsked) -> Result<Self, VerifyError> {
        let terms = Self {
            ttl_seconds: asked.ttl_seconds.unwrap_or(self.ttl_seconds),
            code_length: asked.code_length.unwrap_or(self.code_length),
            advance_on: asked.advance_on.unwrap_or(self.advance_on),
            resend_policy: asked.resend_policy.unwrap_or(self.resend_policy),
            ..self
        };
        terms.check()?;
        Ok(terms)
    }
}

/// The policy as it was when a session began (V-INV-10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicySnapshot {
    /// The policy's version; 0 where none is stored.
    pub policy_version: u64,
    /// What holds for this session.
    pub terms: Terms,
}
