//! Why a store or a service did not do what it was asked.

use sarai_domain::{
    devportal::invariants::{A_INV_1, D_INV_4, K_INV_7, R_INV_1, V_INV_11},
    kernel::{Aggregate, Coded, Invariant, Kind},
    marketplace::invariants::{C_INV_1, C_INV_2, S_INV_1, S_INV_4},
};

/// A unique key that a store guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UniqueKey {
    /// One coupon code per owner and tenant scope.
    CouponCode,
    /// One redemption per coupon and order.
    RedemptionPerOrder,
    /// One saga per order.
    SagaPerOrder,
    /// One licence per order line and period.
    LicensePerOrderLine,
    /// One gift claim code.
    GiftClaim,
    /// One order per quote.
    OrderPerQuote,
    /// One live session per destination, purpose and world.
    LiveSlot,
    /// One open sandbox per place of an account: the default one, and five more.
    SandboxPlace,
    /// One article per slug and version of the API, for ever.
    DocsSlug,
    /// One release per language, package and version, for ever.
    SdkVersion,
    /// One developer account per identity of the auth-service.
    AccountIdentity,
    /// One active key of a label per account and environment.
    KeyLabel,
    /// One successor per key.
    KeySuccessor,
    /// One delivery of an event to an endpoint, replays aside.
    DeliveryPerEvent,
    /// The aggregate's own key.
    Primary,
}

impl UniqueKey {
    /// The invariant the key enforces, when it is one.
    pub fn invariant(self) -> Option<Invariant> {
        match self {
            Self::CouponCode => Some(C_INV_1),
            Self::RedemptionPerOrder => Some(C_INV_2),
            Self::SagaPerOrder => Some(S_INV_1),
            Self::LicensePerOrderLine => Some(S_INV_4),
            Self::DocsSlug => Some(D_INV_4),
            Self::SdkVersion => Some(R_INV_1),
            Self::AccountIdentity => Some(A_INV_1),
            Self::KeySuccessor => Some(K_INV_7),
            Self::LiveSlot => Some(V_INV_11),
            Self::GiftClaim
            | Self::OrderPerQuote
            | Self::KeyLabel
            | Self::SandboxPlace
            | Self::DeliveryPerEvent
            | Self::Primary => None,
        }
    }
}

/// Why a store refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Somebody saved the aggregate since it was loaded: load again and decide again.
    #[error("the {aggregate} was changed by somebody else")]
    Conflict {
        /// The aggregate's name.
        aggregate: &'static str,
    },
    /// Another row has this key.
    #[error("the key {0:?} is taken")]
    Taken(UniqueKey),
    /// The scope may not write this row; to the caller it does not exist.
    #[error("not found")]
    NotFound,
    /// The idempotency key belongs to a request that is under way or done.
    #[error("the idempotency key is in use")]
    ClaimHeld,
    /// What is stored is not a valid aggregate.
    #[error("stored {aggregate} {id} is corrupt: {reason}")]
    Corrupt {
        /// The aggregate's name.
        aggregate: &'static str,
        /// Its key.
        id: String,
        /// What is wrong.
        reason: String,
    },
    /// The store is out of reach. A write may have been done all the same, when only its answer was lost: who
    /// asks again must ask in a way that is done once.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
}

impl StoreError {
    /// What is stored under this id broke a rule: the invariant first, when it is one.
    pub fn corrupt<A: Aggregate>(id: &A::Id, error: &A::Error) -> Self {
        let rule = error.invariant().map(|invariant| format!("{}: ", invariant.id));
        let reason = format!("{}{error}", rule.unwrap_or_default());
        Self::Corrupt { aggregate: A::NAME, id: id.to_string(), reason }
    }
}

/// Why a call to another service gave no answer to use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// Refused for good: the same call will be refused again.
    #[error("refused: {code}")]
    Refused {
        /// The service's code.
        code: String,
    },
    /// Not done or not known to be done: call again with the same key.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

impl Coded for StoreError {
    fn code(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "conflict.retry",
            Self::Taken(UniqueKey::CouponCode) => "coupon.code_taken",
            Self::Taken(UniqueKey::DocsSlug) => "docs.slug_taken",
            Self::Taken(UniqueKey::SdkVersion) => "sdk.version_exists",
            Self::Taken(UniqueKey::AccountIdentity) => "account.already_registered",
            Self::Taken(UniqueKey::KeyLabel) => "key.label_taken",
            Self::Taken(UniqueKey::KeySuccessor) => "key.not_rotatable",
            Self::Taken(_) => "conflict.taken",
            Self::NotFound => "not_found",
            Self::ClaimHeld => "idempotency_in_progress",
            Self::Corrupt { .. } | Self::Unavailable(_) => "unavailable",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Conflict { .. } | Self::Taken(_) | Self::ClaimHeld => Kind::Conflict,
            Self::NotFound => Kind::NotFound,
            Self::Corrupt { .. } | Self::Unavailable(_) => Kind::Unavailable,
        }
    }

    fn invariant(&self) -> Option<Invariant> {
        match self {
            Self::Taken(key) => key.invariant(),
            _ => None,
        }
    }
}

impl Coded for GatewayError {
    fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "upstream_refused",
            Self::Unavailable(_) => "unavailable",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Refused { .. } => Kind::Conflict,
            Self::Unavailable(_) => Kind::Unavailable,
        }
    }
}
