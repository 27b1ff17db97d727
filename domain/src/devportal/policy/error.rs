//! Why a policy refuses a start, a send or a check.

use super::limits::Bucket;
use crate::{
    devportal::{
        invariants::V_INV_16,
        values::{Channel, CountryCode},
        verify::VerifyError,
    },
    kernel::{Coded, Detail, Invariant, Kind, Timestamp},
};

/// A policy's refusals (devportal.md 3.10; rulings R14, R16).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdmissionError {
    /// Nobody is to be called there.
    #[error("the destination's country is not allowed")]
    CountryNotAllowed {
        /// Which; none for global services.
        country: Option<CountryCode>,
    },
    /// Blocked by a prefix or as fraud.
    #[error("the destination is blocked: {}", reasons.join(", "))]
    DestinationBlocked {
        /// Why, in words for machines.
        reasons: Vec<String>,
    },
    /// Not by this channel.
    #[error("the channel {channel} is not allowed")]
    ChannelNotAllowed {
        /// Which.
        channel: Channel,
    },
    /// Somebody has to prove that they are no machine.
    #[error("a challenge is required: {reason}")]
    ChallengeRequired {
        /// Why.
        reason: String,
    },
    /// V-INV-16: too many failed checks.
    #[error("the destination has to wait")]
    DestinationHeldBack {
        /// Until when; none until it is unlocked.
        until: Option<Timestamp>,
    },
    /// V-INV-16: too many failed checks in a day.
    #[error("the destination has no checks left today")]
    DestinationCheckLimited {
        /// Until when.
        until: Timestamp,
    },
    /// Too many sends.
    #[error("too many sends")]
    RateLimited {
        /// By which count.
        bucket: Bucket,
        /// Until when.
        until: Timestamp,
    },
    /// A setting is out of bounds.
    #[error("{field} is out of bounds")]
    Setting {
        /// The field, by its name in JSON.
        field: &'static str,
    },
    /// A session's terms are out of bounds.
    #[error(transparent)]
    Terms(#[from] VerifyError),
}

impl Coded for AdmissionError {
    fn code(&self) -> &'static str {
        match self {
            Self::CountryNotAllowed { .. } => "verification.country_not_allowed",
            Self::DestinationBlocked { .. } => "verification.destination_blocked",
            Self::ChannelNotAllowed { .. } => "verification.channel_not_allowed",
            Self::ChallengeRequired { .. } => "verification.challenge_required",
            Self::DestinationHeldBack { .. } | Self::RateLimited { bucket: Bucket::Destination, .. } => {
                "verification.destination_rate_limited"
            }
            Self::DestinationCheckLimited { .. } => "verification.destination_check_limited",
            Self::RateLimited { .. } => "verification.rate_limited",
            Self::Setting { .. } => "verification.policy_out_of_bounds",
            Self::Terms(error) => error.code(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::CountryNotAllowed { .. }
            | Self::DestinationBlocked { .. }
            | Self::ChannelNotAllowed { .. }
            | Self::ChallengeRequired { .. } => Kind::Forbidden,
            Self::DestinationHeldBack { .. }
            | Self::DestinationCheckLimited { .. }
            | Self::RateLimited { .. } => Kind::Limited,
            Self::Setting { .. } => Kind::Invalid,
            Self::Terms(error) => error.kind(),
        }
    }

    fn invariant(&self) -> Option<Invariant> {
        match self {
            Self::DestinationHeldBack { .. } | Self::DestinationCheckLimited { .. } => Some(V_INV_16),
            Self::Terms(error) => error.invariant(),
            Self::CountryNotAllowed { .. }
            | Self::DestinationBlocked { .. }
            | Self::ChannelNotAllowed { .. }
            | Self::ChallengeRequired { .. }
            | Self::RateLimited { .. }
            | Self::Setting { .. } => None,
        }
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        let until = |at: &Timestamp| ("until", Detail::Text(at.to_string()));
        match self {
            Self::DestinationBlocked { reasons } => {
                vec![("reasons", Detail::List(reasons.iter().cloned().map(Detail::Text).collect()))]
            }
            Self::ChallengeRequired { reason } => vec![("reason", Detail::Text(reason.clone()))],
            Self::DestinationHeldBack { until: at } => at.iter().map(until).collect(),
            Self::DestinationCheckLimited { until: at } => vec![until(at)],
            Self::RateLimited { bucket, until: at } => {
                vec![("bucket", Detail::Text(bucket.as_str().to_owned())), until(at)]
            }
            Self::CountryNotAllowed { .. }
            | Self::ChannelNotAllowed { .. }
            | Self::Setting { .. }
            | Self::Terms(_) => Vec::new(),
        }
    }
}
