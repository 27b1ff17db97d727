//! Why money is refused.

use super::spend::SpendAction;
use crate::{
    devportal::{invariants::M_INV_1, verify::Hold},
    kernel::{Coded, Detail, IllegalTransition, Invariant, Kind, MoneyError, Price, Timestamp},
};

/// A ledger's refusals (devportal.md 3.10).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpendError {
    /// M-INV-1: the cap would be exceeded.
    #[error("the spend cap is reached until {resets_at}")]
    CapReached {
        /// The cap.
        cap: Price,
        /// When the next period begins.
        resets_at: Timestamp,
    },
    /// A send costs more than the policy pays.
    #[error("a send for {price} is above the most that is paid, {most}")]
    PriceAboveMaximum {
        /// The quote.
        price: Price,
        /// The policy's.
        most: Price,
    },
    /// Nothing is held for it.
    #[error("nothing is held for the send")]
    NotReserved,
    /// A cap without a currency, or in another.
    #[error("caps and prices are in one currency")]
    Currency,
    /// Amounts that do not go together.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The table has no such edge.
    #[error(transparent)]
    InvalidTransition(#[from] IllegalTransition<Hold, SpendAction>),
    /// M-INV-1, as it is stored.
    #[error("the stored ledger is inconsistent: {0}")]
    Inconsistent(&'static str),
}

impl Coded for SpendError {
    fn code(&self) -> &'static str {
        match self {
            Self::CapReached { .. } => "spend.cap_reached",
            Self::PriceAboveMaximum { .. } => "spend.price_above_maximum",
            Self::NotReserved => "spend.not_reserved",
            Self::Currency => "spend.currency",
            Self::Money(error) => error.code(),
            Self::InvalidTransition(_) => "spend.invalid_transition",
            Self::Inconsistent(_) => "spend.inconsistent",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::CapReached { .. } | Self::PriceAboveMaximum { .. } => Kind::Unaffordable,
            Self::Currency => Kind::Invalid,
            Self::Money(error) => error.kind(),
            Self::NotReserved | Self::InvalidTransition(_) => Kind::Conflict,
            Self::Inconsistent(_) => Kind::Unavailable,
        }
    }

    fn invariant(&self) -> Option<Invariant> {
        match self {
            Self::CapReached { .. } | Self::Inconsistent(_) => Some(M_INV_1),
            Self::PriceAboveMaximum { .. }
            | Self::NotReserved
            | Self::Currency
            | Self::Money(_)
            | Self::InvalidTransition(_) => None,
        }
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        match self {
            Self::CapReached { cap, resets_at } => vec![
                ("cap", Detail::Text(cap.to_string())),
                ("currency", Detail::Text(cap.currency().to_string())),
                ("resetsAt", Detail::Text(resets_at.to_string())),
            ],
            Self::PriceAboveMaximum { .. }
            | Self::NotReserved
            | Self::Currency
            | Self::Money(_)
            | Self::InvalidTransition(_)
            | Self::Inconsistent(_) => Vec::new(),
        }
    }
}
