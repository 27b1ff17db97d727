//! The licence's states, what moves them, and the one table that says how.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{Edge, Invariant},
    marketplace::invariants::LI_INV_7,
};

use LicenseAction::{Expire, Renew, RevokeByAdmin, RevokeForDispute, RevokeForRefund};
use LicenseState::{Active, Expired, Revoked};

/// Where a licence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LicenseState {
    /// Seats may be assigned.
    Active,
    /// Its time is over.
    Expired,
    /// Taken back; for ever (LI-INV-5).
    Revoked,
}

/// What moves a licence. Seats have rules of their own: see [`SeatAllocator`].
///
/// [`SeatAllocator`]: crate::marketplace::services::seat_allocator::SeatAllocator
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LicenseAction {
    /// Another period was paid.
    Renew,
    /// The scheduler saw its end pass.
    Expire,
    /// The order was refunded.
    RevokeForRefund,
    /// An administrator took it back.
    RevokeByAdmin,
    /// The buyer's bank took the money back.
    RevokeForDispute,
}

/// Why a licence is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokeReason {
    /// The order was refunded.
    Refund,
    /// An administrator decided so.
    Admin,
    /// A dispute was lost.
    Dispute,
}

impl LicenseState {
    /// Every state.
    pub const ALL: &'static [Self] = &[Self::Active, Self::Expired, Self::Revoked];
}

impl LicenseAction {
    /// Every action.
    pub const ALL: &'static [Self] =
        &[Self::Renew, Self::Expire, Self::RevokeForRefund, Self::RevokeByAdmin, Self::RevokeForDispute];
}

impl RevokeReason {
    /// Every reason.
    pub const ALL: &'static [Self] = &[Self::Refund, Self::Admin, Self::Dispute];

    /// The action it stands for in [`TRANSITIONS`].
    pub fn action(self) -> LicenseAction {
        match self {
            Self::Refund => RevokeForRefund,
            Self::Admin => RevokeByAdmin,
            Self::Dispute => RevokeForDispute,
        }
    }
}

const NO_GUARD: &[Invariant] = &[];
const SEATS_SETTLED: &[Invariant] = &[LI_INV_7];

/// Every way a licence moves (marketplace.md 3). That no row leaves `Revoked` is LI-INV-5; an expired
/// licence that loses a dispute is revoked for the books only, since its access has ended already.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<LicenseState, LicenseAction>] = &[
    //        from     action            to       guards
    Edge::new(Active,  Renew,            Active,  NO_GUARD),
    Edge::new(Active,  Expire,           Expired, NO_GUARD),
    Edge::new(Active,  RevokeForRefund,  Revoked, SEATS_SETTLED),
    Edge::new(Active,  RevokeByAdmin,    Revoked, SEATS_SETTLED),
    Edge::new(Active,  RevokeForDispute, Revoked, SEATS_SETTLED),
    Edge::new(Expired, RevokeForDispute, Revoked, SEATS_SETTLED),
];

/// The states no row leaves.
pub const TERMINAL: &[LicenseState] = &[Revoked];
