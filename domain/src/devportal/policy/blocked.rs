//! `BlockedStart`: a start that was refused, so that the developer can see why (devportal.md 5).
//!
//! A row of its own under the id the session would have had: refusals come in floods, and must neither wait for nor
//! outdate the policy.

use serde::{Deserialize, Serialize};

use super::{AdmissionError, SpendError};
use crate::{
    devportal::values::{Channel, CountryCode, DestinationHash, Environment, Purpose},
    kernel::{Aggregate, ApiKeyId, Changes, DomainEvent, NoRow, Root, TenantId, Timestamp, VerificationId},
};

/// A refused start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockedStartData {
    /// The id the session would have had.
    pub verification_id: VerificationId,
    /// Whose.
    pub tenant_id: TenantId,
    /// In which world.
    pub environment: Environment,
    /// Which key asked.
    pub api_key_id: ApiKeyId,
    /// What for.
    pub purpose: Purpose,
    /// The first channel.
    pub channel: Channel,
    /// The destination.
    pub destination_hash: DestinationHash,
    /// The destination, as it may be shown.
    pub destination_masked: String,
    /// The phone's country.
    pub country_code: Option<CountryCode>,
    /// The code of the refusal.
    pub code: String,
    /// Why, in words for machines.
    pub reasons: Vec<String>,
    /// Which limit, where it was one.
    pub bucket: Option<String>,
    /// When it clears, where that is known.
    pub until: Option<Timestamp>,
    /// When it was refused.
    pub at: Timestamp,
}

/// A fact about a refused start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum BlockedStartEvent {
    /// It was refused.
    Blocked(BlockedStartData),
}

impl DomainEvent for BlockedStartEvent {
    const TOPICS: &'static [&'static str] = &["devportal.verify.blocked.v1"];

    fn topic(&self) -> &'static str {
        match self {
            Self::Blocked(_) => "devportal.verify.blocked.v1",
        }
    }
}

/// A start that was refused; it is written once and never changes.
#[derive(Debug, Clone)]
pub struct BlockedStart {
    root: Root<BlockedStartData, BlockedStartEvent>,
}

impl BlockedStart {
    /// Writes a refusal down.
    pub fn record(data: BlockedStartData) -> Self {
        let mut root = Root::new(data.clone());
        root.record(BlockedStartEvent::Blocked(data));
        Self { root }
    }
}

/// What a developer is told of a refusal besides its code: reasons, bucket, when it clears.
pub type Explanation = (Vec<String>, Option<String>, Option<Timestamp>);

impl SpendError {
    /// As of an [`AdmissionError`].
    pub fn explanation(&self) -> Explanation {
        match self {
            Self::CapReached { resets_at, .. } => (vec!["spend_cap".to_owned()], None, Some(*resets_at)),
            Self::PriceAboveMaximum { .. } => (vec!["price_above_maximum".to_owned()], None, None),
            Self::NotReserved
            | Self::Currency
            | Self::Money(_)
            | Self::InvalidTransition(_)
            | Self::Inconsistent(_) => (Vec::new(), None, None),
        }
    }
}

impl AdmissionError {
    /// What a developer is told of it besides its code: reasons, bucket, when it clears.
    pub fn explanation(&self) -> Explanation {
        match self {
            Self::DestinationBlocked { reasons } => (reasons.clone(), None, None),
            Self::ChallengeRequired { reason } => (vec![reason.clone()], None, None),
            Self::CountryNotAllowed { country } => {
                (country.iter().map(ToString::to_string).collect(), None, None)
            }
            Self::ChannelNotAllowed { channel } => (vec![channel.to_string()], None, None),
            Self::RateLimited { bucket, until } => (Vec::new(), Some(bucket.to_string()), Some(*until)),
            Self::DestinationHeldBack { until } => (Vec::new(), Some("failed_checks".to_owned()), *until),
            Self::DestinationCheckLimited { until } => {
                (Vec::new(), Some("failed_checks".to_owned()), Some(*until))
            }
            Self::Setting { .. } | Self::Terms(_) => (Vec::new(), None, None),
        }
    }
}

impl Aggregate for BlockedStart {
    type Id = VerificationId;
    type Data = BlockedStartData;
    type Row = NoRow;
    type Event = BlockedStartEvent;
    type Error = AdmissionError;

    const NAME: &'static str = "blocked_start";

    fn rehydrate(data: BlockedStartData, _: Vec<NoRow>, version: u64) -> Result<Self, AdmissionError> {
        Ok(Self { root: Root::stored(data, version) })
    }

    fn id(&self) -> VerificationId {
        self.root.data.verification_id
    }

    fn data(&self) -> &BlockedStartData {
        &self.root.data
    }

    fn version(&self) -> u64 {
        self.root.version()
    }

    fn into_changes(self) -> Changes<Self> {
        let id = self.id();
        self.root.into_changes(id)
    }
}
