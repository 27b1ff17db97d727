//! Why a sandbox refuses.

use super::{SandboxAction, SandboxState};
use crate::{
    devportal::invariants::{SB_INV_3, SB_INV_6},
    kernel::{Coded, IllegalTransition, Invariant, Kind},
};

/// A sandbox's refusals (devportal.md 3.4 and 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SandboxError {
    /// Five are open.
    #[error("an account has at most 5 open sandboxes")]
    LimitReached,
    /// A lifetime out of bounds.
    #[error("a sandbox lives 1 hour to 7 days in all")]
    Lifetime,
    /// SB-INV-3.
    #[error("a sandbox's clock only moves forward")]
    ClockBackwards,
    /// SB-INV-3: beyond what a clock may move.
    #[error("a sandbox's clock moves 30 days in all")]
    ClockTooFar,
    /// Too many destinations with a scenario of their own.
    #[error("a sandbox has at most 50 overrides")]
    TooManyOverrides,
    /// Not in the catalogue.
    #[error("a scenario is 00 to 14")]
    UnknownScenario,
    /// Its quota is used up.
    #[error("the sandbox's quota is used up: reset it")]
    QuotaUsed,
    /// SB-INV-6.
    #[error("the sandbox is closed")]
    Closed,
    /// The table has no such edge.
    #[error(transparent)]
    InvalidTransition(#[from] IllegalTransition<SandboxState, SandboxAction>),
    /// What is stored contradicts itself.
    #[error("the stored sandbox is inconsistent: {0}")]
    Inconsistent(&'static str),
}

impl Coded for SandboxError {
    fn code(&self) -> &'static str {
        match self {
            Self::LimitReached => "sandbox.limit_reached",
            Self::Lifetime => "sandbox.lifetime",
            Self::ClockBackwards => "sandbox.clock_backwards",
            Self::ClockTooFar => "sandbox.clock_too_far",
            Self::TooManyOverrides => "sandbox.too_many_overrides",
            Self::UnknownScenario => "sandbox.unknown_scenario",
            Self::QuotaUsed => "sandbox.quota_used",
            Self::Closed => "sandbox.closed",
            Self::InvalidTransition(_) => "sandbox.invalid_transition",
            Self::Inconsistent(_) => "sandbox.inconsistent",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Lifetime
            | Self::ClockBackwards
            | Self::ClockTooFar
            | Self::TooManyOverrides
            | Self::UnknownScenario => Kind::Invalid,
            Self::LimitReached | Self::QuotaUsed | Self::Closed | Self::InvalidTransition(_) => {
                Kind::Conflict
            }
            Self::Inconsistent(_) => Kind::Unavailable,
        }
    }

    fn invariant(&self) -> Option<Invariant> {
        match self {
            Self::ClockBackwards | Self::ClockTooFar => Some(SB_INV_3),
            Self::Closed => Some(SB_INV_6),
            Self::LimitReached
            | Self::Lifetime
            | Self::TooManyOverrides
            | Self::UnknownScenario
            | Self::QuotaUsed
            | Self::InvalidTransition(_)
            | Self::Inconsistent(_) => None,
        }
    }
}
