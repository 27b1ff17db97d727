//! A listing's states and what leads from one to another (marketplace.md 1).

use serde::{Deserialize, Serialize};

use crate::{
    kernel::Edge,
    marketplace::invariants::{L_INV_1, L_INV_2, L_INV_3, L_INV_7},
};

/// Where a listing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListingState {
    /// Being written by its provider.
    Draft,
    /// Waiting for a moderator.
    Submitted,
    /// Reviewed; its provider decides when it goes live. Plans are frozen from here on.
    Approved,
    /// On sale.
    Live,
    /// Off sale for a reason; licences sold go on.
    Suspended,
    /// Off sale for ever.
    Retired,
}

/// What moves a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListingAction {
    /// The provider asks for a review.
    Submit,
    /// The provider takes it back before it was ever live.
    Withdraw,
    /// A moderator returns it; the argument is the reason.
    Reject,
    /// A moderator accepts it; the argument is the version reviewed.
    Approve,
    /// The provider puts it on sale.
    GoLive,
    /// A moderator, or the loss of KYC, takes it off sale; the argument is the reason.
    Suspend,
    /// A moderator puts it on sale again.
    Reinstate,
    /// The provider ends it.
    Retire,
}

use ListingAction::{Approve, GoLive, Reinstate, Reject, Retire, Submit, Suspend, Withdraw};
use ListingState::{Approved, Draft, Live, Retired, Submitted, Suspended};

impl ListingState {
    /// Every state.
    pub const ALL: &[Self] = &[Draft, Submitted, Approved, Live, Suspended, Retired];
    /// The states without a way out.
    pub const TERMINAL: &[Self] = &[Retired];
}

impl ListingAction {
    /// Every action.
    pub const ALL: &[Self] = &[Submit, Withdraw, Reject, Approve, GoLive, Suspend, Reinstate, Retire];
}

/// The state table. Nothing leads back from `Live` to where `Withdraw` starts, so a listing that was ever
/// live is never withdrawn.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<ListingState, ListingAction>] = &[
    Edge::new(Draft,     Submit,    Submitted, &[L_INV_1]),
    Edge::new(Submitted, Withdraw,  Draft,     &[]),
    Edge::new(Submitted, Reject,    Draft,     &[]),
    Edge::new(Submitted, Approve,   Approved,  &[L_INV_2, L_INV_3]),
    Edge::new(Approved,  Withdraw,  Draft,     &[]),
    Edge::new(Approved,  GoLive,    Live,      &[L_INV_1, L_INV_2, L_INV_3]),
    Edge::new(Live,      Suspend,   Suspended, &[]),
    Edge::new(Live,      Retire,    Retired,   &[L_INV_7]),
    Edge::new(Suspended, Reinstate, Live,      &[L_INV_1, L_INV_2, L_INV_3]),
    Edge::new(Suspended, Retire,    Retired,   &[L_INV_7]),
];
