//! What a session announces (devportal.md 3.11): destinations masked or hashed, never a code.

use serde::{Deserialize, Serialize};

use super::{FailureReason, SendStatus};
use crate::{
    devportal::values::{
        Assurance, Channel, ChannelOrder, CountryCode, DestinationHash, Environment, Locale, Purpose,
    },
    kernel::{
        ApiKeyId, DeliveryAttemptId, Price, SandboxId, Timestamp, VerificationId, VerifyTemplateId, topics,
    },
};

/// In which world something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct World {
    /// Which of both.
    pub environment: Environment,
    /// In which sandbox.
    pub sandbox_id: Option<SandboxId>,
}

/// A fact about a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum VerifyEvent {
    /// Somebody asked for a code.
    Requested {
        /// The session.
        verification_id: VerificationId,
        /// In which world.
        #[serde(flatten)]
        world: World,
        /// Which key asked.
        api_key_id: ApiKeyId,
        /// What for.
        purpose: Purpose,
        /// Its channels.
        channel_order: ChannelOrder,
        /// The first of them.
        first_channel: Channel,
        /// The language of its messages.
        locale: Locale,
        /// The phone's country.
        country_code: Option<CountryCode>,
        /// The first channel's destination.
        destination_hash: DestinationHash,
        /// The first channel's destination, as it may be shown.
        destination_masked: String,
        /// Its text.
        template_id: VerifyTemplateId,
        /// The text's version.
        template_version: u32,
        /// When its time is over.
        expires_at: Timestamp,
        /// Whether a live session goes on.
        reused: bool,
    },
    /// A provider took a send.
    Sent {
        /// The session.
        verification_id: VerificationId,
        /// In which world.
        #[serde(flatten)]
        world: World,
        /// The send.
        attempt_id: DeliveryAttemptId,
        /// Over which channel.
        channel: Channel,
        /// The phone's country.
        country_code: Option<CountryCode>,
        /// Which key asked.
        api_key_id: ApiKeyId,
        /// What it is quoted at.
        price: Price,
    },
    /// It is known what a send cost.
    SendSettled {
        /// The session.
        verification_id: VerificationId,
        /// In which world.
        #[serde(flatten)]
        world: World,
        /// The send.
        attempt_id: DeliveryAttemptId,
        /// Over which channel.
        channel: Channel,
        /// The phone's country.
        country_code: Option<CountryCode>,
        /// Which key asked.
        api_key_id: ApiKeyId,
        /// What it cost.
        price: Price,
        /// Where it stood then; old events do not say.
        status: Option<SendStatus>,
    },
    /// The first receipt of delivery.
    Delivered {
        /// The session.
        verification_id: VerificationId,
        /// In which world.
        #[serde(flatten)]
        world: World,
        /// Which key asked; what was announced before this stood here has none.
        api_key_id: Option<ApiKeyId>,
        /// The phone's country.
        country_code: Option<CountryCode>,
        /// The send.
        attempt_id: DeliveryAttemptId,
        /// Over which channel.
        channel: Channel,
        /// For which step, from 0.
        step: u8,
        /// Who sent it.
        provider: Option<String>,
        /// From the request to the receipt.
        latency_ms: u64,
        /// How many segments it took.
        segments: Option<u8>,
    },
    /// The next channel is tried.
    ChannelAdvanced {
        /// The session.
        verification_id: VerificationId,
        /// In which world.
        #[serde(flatten)]
        world: World,
        /// To which step, from 0.
        step: u8,
        /// Over which channel.
        channel: Channel,
        /// The channel before.
        from_channel: Channel,
        /// Which send follows.
        attempt_id: DeliveryAttemptId,
        /// Whether somebody asked for it.
        manual: bool,
    },
    /// The right code was given.
    Approved {
        /// The session.
        verification_id: VerificationId,
        /// In which world.
        #[serde(flatten)]
        world: World,
        /// Which key asked; what was announced before this stood here has none.
        api_key_id: Option<ApiKeyId>,
        /// The phone's country.
        country_code: Option<CountryCode>,
        /// The channel that delivered last, else the last one sent on.
        channel: Channel,
        /// How many checks it took.
        attempts: u32,
        /// How many sends.
        sends: u32,
        /// From the request to the approval.
        duration_ms: u64,
        /// What it cost.
        cost: Price,
        /// What the proof is worth.
        assurance: Assurance,
    },
    /// It was given up.
    Failed {
        /// The session.
        verification_id: VerificationId,
        /// In which world.
        #[serde(flatten)]
        world: World,
        /// Which key asked; what was announced before this stood here has none.
        api_key_id: Option<ApiKeyId>,
        /// The phone's country.
        country_code: Option<CountryCode>,
        /// Why.
        reason: FailureReason,
        /// How many checks there were.
        attempts: u32,
        /// How many sends.
        sends: u32,
        /// The last channel.
        last_channel: Option<Channel>,
        /// What its provider said.
        last_error_code: Option<String>,
        /// What it cost.
        cost: Price,
    },
    /// Its time was over.
    Expired {
        /// The session.
        verification_id: VerificationId,
        /// In which world.
        #[serde(flatten)]
        world: World,
        /// Which key asked; what was announced before this stood here has none.
        api_key_id: Option<ApiKeyId>,
        /// The phone's country.
        country_code: Option<CountryCode>,
        /// How many checks there were.
        attempts: u32,
        /// How many sends.
        sends: u32,
        /// The last channel.
        last_channel: Option<Channel>,
        /// What it cost.
        cost: Price,
    },
}

impl VerifyEvent {
    /// In which world it happened.
    pub const fn world(&self) -> World {
        match self {
            Self::Requested { world, .. }
            | Self::Sent { world, .. }
            | Self::SendSettled { world, .. }
            | Self::Delivered { world, .. }
            | Self::ChannelAdvanced { world, .. }
            | Self::Approved { world, .. }
            | Self::Failed { world, .. }
            | Self::Expired { world, .. } => *world,
        }
    }
}

topics!(VerifyEvent {
    Requested       => "devportal.verify.requested.v1",
    Sent            => "devportal.verify.sent.v1",
    SendSettled     => "devportal.verify.send_settled.v1",
    Delivered       => "devportal.verify.delivered.v1",
    ChannelAdvanced => "devportal.verify.channel_advanced.v1",
    Approved        => "devportal.verify.approved.v1",
    Failed          => "devportal.verify.failed.v1",
    Expired         => "devportal.verify.expired.v1",
});
