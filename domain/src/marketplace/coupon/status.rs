//! A coupon's state table: it is active until it is deactivated, for good.

use serde::{Deserialize, Serialize};

use crate::kernel::Edge;

/// Whether a coupon can be redeemed; stored as the seed's `active`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CouponStatus {
    /// Redeemable inside its window.
    Active,
    /// Not redeemable.
    Inactive,
}

/// What changes a coupon's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CouponAction {
    /// Its owner ends it.
    Deactivate,
}

use CouponAction::Deactivate;
use CouponStatus::{Active, Inactive};

/// The table.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<CouponStatus, CouponAction>] = &[
    //        from    action      to        guards
    Edge::new(Active, Deactivate, Inactive, &[]),
];

/// The states without an exit.
pub const TERMINAL: &[CouponStatus] = &[Inactive];

impl CouponStatus {
    /// Every status.
    pub const ALL: &[Self] = &[Active, Inactive];
}

impl CouponAction {
    /// Every action.
    pub const ALL: &[Self] = &[Deactivate];
}
