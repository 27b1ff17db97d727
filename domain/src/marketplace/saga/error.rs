//! Why a saga is not what a saga may be.

use super::{SagaState, SagaStep};
use crate::{
    kernel::{Coded, Invariant, Kind},
    marketplace::invariants::{S_INV_1, S_INV_2, S_INV_3, S_INV_4},
};

/// A refusal. Inputs that come too late or twice are no errors: they are ignored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SagaError {
    /// A saga needs a line to license.
    #[error("a purchase has at least one line")]
    NoLines,
    /// S-INV-1.
    #[error("a saga's correlation id is its order's id")]
    OrderMismatch,
    /// S-INV-2.
    #[error("no edge leads from {from:?} to {to:?}")]
    InvalidTransition {
        /// The state before.
        from: SagaState,
        /// The state after.
        to: SagaState,
    },
    /// S-INV-2.
    #[error("a saga in {state:?} {what}")]
    Inconsistent {
        /// The state.
        state: SagaState,
        /// What it must have, or not.
        what: &'static str,
    },
    /// S-INV-3.
    #[error("a payment timeout is armed in {state:?}")]
    TimeoutOutOfState {
        /// The state.
        state: SagaState,
    },
    /// S-INV-4.
    #[error("step {step} has two records")]
    StepRepeated {
        /// The step.
        step: SagaStep,
    },
    /// Nothing happens to it any more.
    #[error("the purchase is over: {state:?}")]
    Over {
        /// How it ended.
        state: SagaState,
    },
    /// It cannot be undone any more. After fulfilment a refund does it.
    #[error("a purchase in {state:?} cannot be undone now")]
    NotCompensatable {
        /// Where it is.
        state: SagaState,
    },
    /// A proof says something, in at most 2,000 characters.
    #[error("evidence is 1 to 2,000 characters")]
    EvidenceMalformed,
    /// What our own rows say is not done by hand.
    #[error("step {step} cannot be done by hand")]
    NotResolvable {
        /// The step.
        step: SagaStep,
    },
    /// It gets on by itself.
    #[error("the purchase needs no attention: it is still trying by itself")]
    NeedsNoAttention,
    /// The step does not wait, or has not failed often enough.
    #[error("step {step} is not one that keeps failing")]
    StepNotFailing {
        /// The step.
        step: SagaStep,
    },
}

impl Coded for SagaError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoLines => "saga.no_lines",
            Self::OrderMismatch => "saga.order_mismatch",
            Self::InvalidTransition { .. } => "saga.invalid_transition",
            Self::Inconsistent { .. } => "saga.inconsistent",
            Self::TimeoutOutOfState { .. } => "saga.timeout_out_of_state",
            Self::StepRepeated { .. } => "saga.step_repeated",
            Self::Over { .. } => "saga.over",
            Self::NotCompensatable { .. } => "saga.not_compensatable",
            Self::EvidenceMalformed => "saga.evidence_malformed",
            Self::NotResolvable { .. } => "saga.step_not_resolvable",
            Self::NeedsNoAttention => "saga.needs_no_attention",
            Self::StepNotFailing { .. } => "saga.step_not_failing",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NoLines | Self::EvidenceMalformed => Kind::Invalid,
            Self::OrderMismatch
            | Self::InvalidTransition { .. }
            | Self::Inconsistent { .. }
            | Self::TimeoutOutOfState { .. }
            | Self::StepRepeated { .. }
            | Self::Over { .. }
            | Self::NotCompensatable { .. }
            | Self::NotResolvable { .. }
            | Self::NeedsNoAttention
            | Self::StepNotFailing { .. } => Kind::Conflict,
        }
    }

    fn invariant(&self) -> Option<Invariant> {
        match self {
            Self::NoLines
            | Self::Over { .. }
            | Self::NotCompensatable { .. }
            | Self::EvidenceMalformed
            | Self::NotResolvable { .. }
            | Self::NeedsNoAttention
            | Self::StepNotFailing { .. } => None,
            Self::OrderMismatch => Some(S_INV_1),
            Self::InvalidTransition { .. } | Self::Inconsistent { .. } => Some(S_INV_2),
            Self::TimeoutOutOfState { .. } => Some(S_INV_3),
            Self::StepRepeated { .. } => Some(S_INV_4),
        }
    }
}
