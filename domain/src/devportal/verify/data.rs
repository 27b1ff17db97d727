//! What is stored of a session.

use std::{collections::BTreeMap, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{FailureReason, PolicySnapshot, TimelineEntry, VerifyAction, VerifyError, VerifyState, World};
use crate::{
    devportal::{
        policy::FailureEvidence,
        sandbox::{SandboxCode, Scenario},
        values::{
            Brand, ChannelOrder, CodeBinding, CodeHash, CodeLength, CodeSeed, CountryCode, DestinationHash,
            DestinationKind, Environment, Kid, Locale, PepperRing, PlainCode, Purpose, UnknownKid,
        },
    },
    kernel::{
        ApiKeyId, DeveloperAccountId, LastTransition, Price, SandboxId, TenantId, Timestamp, VerificationId,
        VerifyTemplateId,
    },
};

/// A session's document; its sends are rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifySessionData {
    /// Its id.
    pub id: VerificationId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Which developer's.
    pub account_id: DeveloperAccountId,
    /// Which key began it.
    pub api_key_id: ApiKeyId,
    /// In which world.
    pub environment: Environment,
    /// The key's world, as it was seen (V-INV-12).
    pub key_environment: Environment,
    /// In which sandbox.
    pub sandbox_id: Option<SandboxId>,
    /// What for.
    pub purpose: Purpose,
    /// Where its codes go: one for each kind of address given.
    pub destinations: Vec<SessionDestination>,
    /// The phone's country.
    pub country_code: Option<CountryCode>,
    /// The locale asked for.
    pub locale: Locale,
    /// The locale its messages are in.
    pub locale_used: Locale,
    /// Who sends.
    pub brand: Brand,
    /// Its text.
    pub template: TemplatePin,
    /// Its channels.
    pub channel_order: ChannelOrder,
    /// At which step it is, from 0.
    pub current_step: u8,
    /// The policy at its start.
    pub policy: PolicySnapshot,
    /// What its code is made from and compared with; none once it is terminal (V-INV-21).
    pub secrets: Option<SessionSecrets>,
    /// The newest code's number, from 1.
    pub generation: u32,
    /// How many well-formed checks were counted.
    pub attempts: u32,
    /// How many of them were found wrong.
    pub concluded: u32,
    /// When the last one was counted.
    pub last_check_at: Option<Timestamp>,
    /// How many sends were asked for.
    pub sends: u32,
    /// Where it stands.
    pub state: VerifyState,
    /// Why it failed.
    pub failure_reason: Option<FailureReason>,
    /// The end user's address on the network, hashed.
    pub end_user_ip_hash: Option<DestinationHash>,
    /// The developer's name for the end user, hashed.
    pub end_user_ref_hash: Option<DestinationHash>,
    /// The developer's notes.
    pub metadata: Metadata,
    /// What the ledger of failed checks said at its start (V-INV-16).
    pub failures: FailureEvidence,
    /// When it began.
    pub started_at: Timestamp,
    /// When the first receipt of delivery came.
    pub delivered_at: Option<Timestamp>,
    /// When the right code was given.
    pub approved_at: Option<Timestamp>,
    /// When it became terminal.
    pub ended_at: Option<Timestamp>,
    /// When its time is over.
    pub expires_at: Timestamp,
    /// What is held for its sends.
    pub spend_reserved: Price,
    /// What its sends cost.
    pub spend_settled: Price,
    /// When somebody has to look whether it moves on.
    pub course_due_at: Option<Timestamp>,
    /// What happened.
    pub timeline: Vec<TimelineEntry>,
    /// What made it terminal.
    pub last_transition: Option<LastTransition<VerifyAction>>,
}

impl VerifySessionData {
    /// How long its code is good, as a message says it.
    pub fn minutes(&self) -> u16 {
        let lives = self.expires_at.since(self.started_at).whole_seconds();
        u16::try_from(lives.saturating_add(59) / 60).unwrap_or(u16::MAX)
    }

    /// The code of a sandboxed session, while it is live.
    pub fn sandbox_code(&self) -> Option<SandboxCode> {
        match self.secrets.as_ref()?.source {
            CodeSource::Sandbox { code } => Some(code),
            CodeSource::Seed { .. } => None,
        }
    }

    /// In which world it is.
    pub const fn world(&self) -> World {
        World { environment: self.environment, sandbox_id: self.sandbox_id }
    }
}

/// One address of a session: known by its hash, shown by its mask, sent to from its ciphertext (ruling R15).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionDestination {
    /// Which sort.
    pub kind: DestinationKind,
    /// Its keyed hash.
    pub hash: DestinationHash,
    /// What a vault makes of it; none once the session is terminal.
    pub sealed: Option<Sealed>,
    /// What may be shown.
    pub masked: String,
    /// What happens there, in a sandbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<Scenario>,
}

/// An encrypted destination: bytes that only a vault understands.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

/// A version of a text, fixed at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplatePin {
    /// The template.
    pub template_id: VerifyTemplateId,
    /// Its version.
    pub version_no: u32,
}

/// A developer's notes: at most 10 pairs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Metadata(BTreeMap<String, String>);

/// Where a session's codes come from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum CodeSource {
    /// A random seed, and a key outside the database.
    Seed {
        /// The seed.
        seed: CodeSeed,
    },
    /// A sandbox: no secret.
    Sandbox {
        /// Which code.
        code: SandboxCode,
    },
}

/// What a live session has and a terminal one has not.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionSecrets {
    /// Where its codes come from.
    pub source: CodeSource,
    /// The newest code's hash.
    pub hash: CodeHash,
}

impl SessionSecrets {
    /// The secrets of a session's code of a generation, under the ring's active pepper.
    pub(super) fn make(
        source: CodeSource,
        binding: &CodeBinding,
        length: CodeLength,
        ring: &PepperRing,
    ) -> Result<Self, UnknownKid> {
        let code = source.code(ring, ring.active(), binding.generation, length)?;
        let hash = CodeHash::of(&code, ring, ring.active(), binding)?;
        Ok(Self { source, hash })
    }

    /// The code in clear.
    pub(super) fn code(
        &self,
        ring: &PepperRing,
        generation: u32,
        length: CodeLength,
    ) -> Result<PlainCode, UnknownKid> {
        self.source.code(ring, self.hash.kid(), generation, length)
    }
}

impl CodeSource {
    fn code(
        &self,
        ring: &PepperRing,
        kid: &Kid,
        generation: u32,
        length: CodeLength,
    ) -> Result<PlainCode, UnknownKid> {
        match self {
            Self::Seed { seed } => seed.code(ring, kid, generation, length),
            Self::Sandbox { code } => Ok(code.derive(generation, length)),
        }
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Seed { seed }, Self::Seed { seed: theirs }) => seed.same(theirs),
            (Self::Sandbox { code }, Self::Sandbox { code: theirs }) => code == theirs,
            (Self::Seed { .. }, Self::Sandbox { .. }) | (Self::Sandbox { .. }, Self::Seed { .. }) => false,
        }
    }
}

/// For the comparison of documents; in constant time.
impl PartialEq for SessionSecrets {
    fn eq(&self, other: &Self) -> bool {
        self.source.same(&other.source) & self.hash.same(&other.hash)
    }
}

impl Metadata {
    /// Takes at most 10 pairs of a key of 1 to 40 and a value of at most 200 characters.
    ///
    /// # Errors
    /// [`VerifyError::Metadata`] for anything else.
    pub fn try_new(pairs: BTreeMap<String, String>) -> Result<Self, VerifyError> {
        let fits = |(key, value): (&String, &String)| {
            (1..=40).contains(&key.chars().count())
                && value.chars().count() <= 200
                && !key.chars().chain(value.chars()).any(char::is_control)
        };
        if pairs.len() <= 10 && pairs.iter().all(fits) { Ok(Self(pairs)) } else { Err(VerifyError::Metadata) }
    }

    /// The pairs.
    pub fn pairs(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_new(BTreeMap::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

impl Serialize for Sealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD_NO_PAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        STANDARD_NO_PAD.decode(String::deserialize(deserializer)?).map(Self).map_err(de::Error::custom)
    }
}
