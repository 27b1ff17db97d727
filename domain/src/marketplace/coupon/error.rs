//! Why a coupon refuses.

use super::{CouponAction, CouponStatus, RedemptionAction, RedemptionStatus};
use crate::{
    kernel::{Coded, Currency, IllegalTransition, Invariant, Kind, OrderId, Timestamp},
    marketplace::invariants::{C_INV_1, C_INV_2, C_INV_4, C_INV_5},
};

/// A coupon's refusals (marketplace.md 4 and 12).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CouponError {
    /// The code means nothing to this buyer. As a part of an order it is bad input, not a missing resource.
    #[error("there is no such coupon")]
    NotFound,
    /// C-INV-5.
    #[error("the coupon is not active")]
    Inactive,
    /// C-INV-5.
    #[error("the coupon is valid from {valid_from}")]
    NotYetValid {
        /// Its first instant.
        valid_from: Timestamp,
    },
    /// C-INV-5.
    #[error("the coupon was valid until {valid_until}")]
    Expired {
        /// Its last instant.
        valid_until: Timestamp,
    },
    /// C-INV-2.
    #[error("all uses of the coupon are taken")]
    Exhausted,
    /// The user has no use left.
    #[error("this user has no use of the coupon left")]
    UserCapReached,
    /// C-INV-4.
    #[error("the coupon is worth {coupon}, the order is in {order}")]
    CurrencyMismatch {
        /// The coupon's currency.
        coupon: Currency,
        /// The order's currency.
        order: Currency,
    },
    /// There is nothing to confirm.
    #[error("order {order} has no use of the coupon")]
    NotReserved {
        /// The order.
        order: OrderId,
    },
    /// The coupon is used: what it takes off, and for whom, stays.
    #[error("{field} is frozen because the coupon is used")]
    Frozen {
        /// The field, by its name in JSON.
        field: &'static str,
    },
    /// C-INV-2.
    #[error("a cap of {cap} is below the {used} uses that are taken")]
    CapBelowUsage {
        /// The cap asked for.
        cap: u32,
        /// The uses taken.
        used: u32,
    },
    /// A cap that lets nobody in.
    #[error("a cap is at least 1")]
    ZeroCap,
    /// A window that ends before it begins.
    #[error("validUntil is before validFrom")]
    EmptyWindow,
    /// A provider's coupon is for its own lines (R55).
    #[error("a provider's coupon applies to that provider's listings only")]
    ForeignProviderScope,
    /// C-INV-1, as the store found it.
    #[error("the code is taken")]
    CodeTaken,
    /// The coupon's table has no such edge.
    #[error(transparent)]
    InvalidTransition(#[from] IllegalTransition<CouponStatus, CouponAction>),
    /// The use's table has no such edge.
    #[error(transparent)]
    InvalidUse(#[from] IllegalTransition<RedemptionStatus, RedemptionAction>),
    /// What is stored contradicts itself.
    #[error("the stored coupon is inconsistent: {0}")]
    Inconsistent(&'static str),
}

impl CouponError {
    /// The refusal of a reservation by its code: what a saga remembers of it.
    pub fn of_reservation(code: &str) -> Self {
        let user = Self::UserCapReached;
        if code == user.code() { user } else { Self::Exhausted }
    }
}

impl Coded for CouponError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "coupon.not_found",
            Self::Inactive => "coupon.inactive",
            Self::NotYetValid { .. } => "coupon.not_yet_valid",
            Self::Expired { .. } => "coupon.expired",
            Self::Exhausted => "coupon.exhausted",
            Self::UserCapReached => "coupon.user_cap_reached",
            Self::CurrencyMismatch { .. } => "coupon.currency_mismatch",
            Self::NotReserved { .. } => "coupon.not_reserved",
            Self::Frozen { .. } => "coupon.frozen",
            Self::CapBelowUsage { .. } => "coupon.cap_below_usage",
            Self::ZeroCap => "coupon.zero_cap",
            Self::EmptyWindow => "coupon.empty_window",
            Self::ForeignProviderScope => "coupon.foreign_provider_scope",
            Self::CodeTaken => "coupon.code_taken",
            Self::InvalidTransition(_) | Self::InvalidUse(_) => "coupon.invalid_transition",
            Self::Inconsistent(_) => "coupon.inconsistent",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound
            | Self::Inactive
            | Self::NotYetValid { .. }
            | Self::Expired { .. }
            | Self::CurrencyMismatch { .. }
            | Self::ZeroCap
            | Self::EmptyWindow => Kind::Invalid,
            Self::Exhausted
            | Self::UserCapReached
            | Self::NotReserved { .. }
            | Self::Frozen { .. }
            | Self::CapBelowUsage { .. }
            | Self::CodeTaken
            | Self::InvalidTransition(_)
            | Self::InvalidUse(_) => Kind::Conflict,
            Self::ForeignProviderScope => Kind::Forbidden,
            Self::Inconsistent(_) => Kind::Unavailable,
        }
    }

    fn invariant(&self) -> Option<Invariant> {
        match self {
            Self::CodeTaken => Some(C_INV_1),
            Self::Exhausted | Self::CapBelowUsage { .. } => Some(C_INV_2),
            Self::CurrencyMismatch { .. } => Some(C_INV_4),
            Self::Inactive | Self::NotYetValid { .. } | Self::Expired { .. } => Some(C_INV_5),
            Self::NotFound
            | Self::UserCapReached
            | Self::NotReserved { .. }
            | Self::Frozen { .. }
            | Self::ZeroCap
            | Self::EmptyWindow
            | Self::ForeignProviderScope
            | Self::InvalidTransition(_)
            | Self::InvalidUse(_)
            | Self::Inconsistent(_) => None,
        }
    }
}
