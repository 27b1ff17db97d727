//! Why a verification refuses.

use super::{FailureReason, SendAction, SendStatus, VerifyAction, VerifyState};
use crate::{
    devportal::{
        invariants::{
            SB_INV_7, V_INV_3, V_INV_4, V_INV_7, V_INV_8, V_INV_9, V_INV_11, V_INV_12, V_INV_13, V_INV_18,
        },
        values::{ChannelError, UnknownKid},
    },
    kernel::{Coded, Detail, IllegalTransition, Invariant, Kind, MoneyError, Timestamp, VerificationId},
};

/// A session's refusals (devportal.md 3.5 and 4).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// V-INV-11.
    #[error("verification {id} is in progress")]
    InProgress {
        /// The live session.
        id: VerificationId,
    },
    /// V-INV-12.
    #[error("the key is of the other environment")]
    EnvironmentMismatch,
    /// SB-INV-7.
    #[error("a sandbox destination cannot be used in production")]
    TestDestinationInProduction,
    /// A term is out of bounds.
    #[error("{field} is out of bounds")]
    Terms {
        /// The field, by its name in JSON.
        field: &'static str,
    },
    /// Too many or too long notes.
    #[error("metadata is at most 10 pairs of a key of 1 to 40 and a value of at most 200 characters")]
    Metadata,
    /// The order of channels does not fit.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The right code was given before.
    #[error("the verification is approved")]
    AlreadyApproved,
    /// It failed before.
    #[error("the verification failed: {}", reason.as_str())]
    Failed {
        /// Why.
        reason: FailureReason,
    },
    /// Its time is over.
    #[error("the verification expired at {at}")]
    Expired {
        /// When.
        at: Timestamp,
    },
    /// V-INV-4: every attempt is counted, the last ones are being decided.
    #[error("all attempts are spent")]
    AttemptsSpent,
    /// The last send is too recent.
    #[error("the code can be sent again at {available_at}")]
    ResendTooSoon {
        /// From when.
        available_at: Timestamp,
    },
    /// V-INV-9.
    #[error("all sends are used")]
    SendsExhausted,
    /// V-INV-9.
    #[error("there is no further channel")]
    NoMoreChannels,
    /// V-INV-13.
    #[error("less is held for a send than it is quoted at")]
    ReservationTooSmall,
    /// V-INV-18.
    #[error("the verification has no such send")]
    UnknownSend,
    /// V-INV-8.
    #[error("the send is not to be made now")]
    NotToBeSent,
    /// The pepper of its code is gone.
    #[error(transparent)]
    KeyUnavailable(#[from] UnknownKid),
    /// Amounts that do not go together.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The session's table has no such edge.
    #[error(transparent)]
    InvalidTransition(#[from] IllegalTransition<VerifyState, VerifyAction>),
    /// The send's table has no such edge.
    #[error(transparent)]
    InvalidSend(#[from] IllegalTransition<SendStatus, SendAction>),
    /// What is stored contradicts itself.
    #[error("the stored verification is inconsistent: {what}")]
    Inconsistent {
        /// The rule it breaks.
        invariant: Option<Invariant>,
        /// In words.
        what: &'static str,
    },
}

impl Coded for VerifyError {
    fn code(&self) -> &'static str {
        match self {
            Self::InProgress { .. } => "verification.in_progress",
            Self::EnvironmentMismatch => "verification.environment_mismatch",
            Self::TestDestinationInProduction => "verification.test_destination_in_production",
            Self::Terms { .. } => "verification.terms_out_of_bounds",
            Self::Metadata => "verification.invalid_metadata",
            Self::Channel(error) => error.code(),
            Self::AlreadyApproved => "verification.already_approved",
            Self::Failed { .. } => "verification.failed",
            Self::Expired { .. } => "verification.expired",
            Self::AttemptsSpent => "verification.attempts_spent",
            Self::ResendTooSoon { .. } => "verification.resend_too_soon",
            Self::SendsExhausted => "verification.sends_exhausted",
            Self::NoMoreChannels => "verification.no_more_channels",
            Self::ReservationTooSmall => "verification.reservation_too_small",
            Self::UnknownSend => "verification.unknown_send",
            Self::NotToBeSent => "verification.not_to_be_sent",
            Self::KeyUnavailable(_) => "verification.key_unavailable",
            Self::Money(error) => error.code(),
            Self::InvalidTransition(_) => "verification.invalid_transition",
            Self::InvalidSend(_) => "verification.invalid_send_transition",
            Self::Inconsistent { .. } => "verification.inconsistent",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::TestDestinationInProduction | Self::Terms { .. } | Self::Metadata => Kind::Invalid,
            Self::Channel(error) => error.kind(),
            Self::Money(error) => error.kind(),
            Self::EnvironmentMismatch => Kind::Forbidden,
            Self::InProgress { .. }
            | Self::AlreadyApproved
            | Self::Failed { .. }
            | Self::AttemptsSpent
            | Self::SendsExhausted
            | Self::NoMoreChannels
            | Self::ReservationTooSmall
            | Self::NotToBeSent
            | Self::InvalidTransition(_)
            | Self::InvalidSend(_) => Kind::Conflict,
            Self::Expired { .. } => Kind::Gone,
            Self::ResendTooSoon { .. } => Kind::Limited,
            Self::UnknownSend => Kind::NotFound,
            Self::KeyUnavailable(_) | Self::Inconsistent { .. } => Kind::Unavailable,
        }
    }

    fn invariant(&self) -> Option<Invariant> {
        match self {
            Self::InProgress { .. } => Some(V_INV_11),
            Self::EnvironmentMismatch => Some(V_INV_12),
            Self::TestDestinationInProduction => Some(SB_INV_7),
            Self::Channel(error) => error.invariant(),
            Self::AlreadyApproved => Some(V_INV_7),
            Self::Failed { .. } | Self::Expired { .. } => Some(V_INV_3),
            Self::AttemptsSpent => Some(V_INV_4),
            Self::SendsExhausted | Self::NoMoreChannels => Some(V_INV_9),
            Self::ReservationTooSmall => Some(V_INV_13),
            Self::UnknownSend => Some(V_INV_18),
            Self::NotToBeSent => Some(V_INV_8),
            Self::Inconsistent { invariant, .. } => *invariant,
            Self::Terms { .. }
            | Self::Metadata
            | Self::ResendTooSoon { .. }
            | Self::KeyUnavailable(_)
            | Self::Money(_)
            | Self::InvalidTransition(_)
            | Self::InvalidSend(_) => None,
        }
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        let text = |text: &str| Detail::Text(text.to_owned());
        match self {
            Self::InProgress { id } => vec![("verificationId", Detail::Text(id.to_string()))],
            Self::AlreadyApproved => vec![("state", text(VerifyState::Approved.as_str()))],
            Self::Failed { reason } => {
                vec![("state", text(VerifyState::Failed.as_str())), ("reason", text(reason.as_str()))]
            }
            Self::Expired { .. } => vec![("state", text(VerifyState::Expired.as_str()))],
            Self::ResendTooSoon { available_at } => {
                vec![("resendAvailableAt", Detail::Text(available_at.to_string()))]
            }
            Self::EnvironmentMismatch
            | Self::TestDestinationInProduction
            | Self::Terms { .. }
            | Self::Metadata
            | Self::Channel(_)
            | Self::AttemptsSpent
            | Self::SendsExhausted
            | Self::NoMoreChannels
            | Self::ReservationTooSmall
            | Self::UnknownSend
            | Self::NotToBeSent
            | Self::KeyUnavailable(_)
            | Self::Money(_)
            | Self::InvalidTransition(_)
            | Self::InvalidSend(_)
            | Self::Inconsistent { .. } => Vec::new(),
        }
    }
}
