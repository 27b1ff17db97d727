//! One use of a coupon: a row of its own, unique on (coupon, order), with its state table.

use serde::{Deserialize, Serialize};

use super::{CouponData, CouponError};
use crate::{
    kernel::{
        CouponId, Edge, Invariant, LastTransition, Money, OrderId, RedemptionId, Row, Step, Timestamp,
        UserId, step,
    },
    marketplace::invariants::{C_INV_2, C_INV_5},
};

/// Where a use stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedemptionStatus {
    /// Held for an order that is not paid.
    Reserved,
    /// Kept by a paid order.
    Confirmed,
    /// Given back.
    Released,
}

/// What changes a use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedemptionAction {
    /// The order is being placed.
    Reserve,
    /// The order is paid.
    Confirm,
    /// The order failed, its quote lapsed, or its saga compensates.
    Release,
}

use RedemptionAction::{Confirm, Release, Reserve};
use RedemptionStatus::{Confirmed, Released, Reserved};

const CAP_AND_WINDOW: &[Invariant] = &[C_INV_2, C_INV_5];

/// The table. A use begins as reserved; the last row is a capture that came after the release (R53).
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<RedemptionStatus, RedemptionAction>] = &[
    //        from       action   to         guards
    Edge::new(Reserved,  Confirm, Confirmed, &[]),
    Edge::new(Reserved,  Release, Released,  &[]),
    Edge::new(Confirmed, Release, Released,  &[]),
    Edge::new(Released,  Reserve, Reserved,  CAP_AND_WINDOW),
    Edge::new(Released,  Confirm, Confirmed, &[]),
];

/// The states without an exit: none, a released use can be taken again.
pub const TERMINAL: &[RedemptionStatus] = &[];

impl RedemptionStatus {
    /// Every status.
    pub const ALL: &[Self] = &[Reserved, Confirmed, Released];

    /// Whether the order has the use.
    pub fn holds(self) -> bool {
        match self {
            Reserved | Confirmed => true,
            Released => false,
        }
    }

    /// Whether the action is part of how a use comes to this status: doing it again changes nothing.
    pub fn includes(self, action: RedemptionAction) -> bool {
        match self {
            Reserved => action == Reserve,
            Confirmed => action == Reserve || action == Confirm,
            Released => action == Release,
        }
    }
}

impl RedemptionAction {
    /// Every action.
    pub const ALL: &[Self] = &[Reserve, Confirm, Release];
}

/// One use of a coupon by one order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CouponRedemption {
    /// Its id.
    pub id: RedemptionId,
    /// The coupon.
    pub coupon_id: CouponId,
    /// The order; the row's key within the coupon.
    pub order_id: OrderId,
    /// Who buys.
    pub user_id: UserId,
    /// Which of the user's uses it is, from 1; none without a cap per user, or beyond one.
    pub slot: Option<u32>,
    /// Where it stands.
    pub status: RedemptionStatus,
    /// What it takes off the order.
    pub amount: Money,
    /// When the hold lapses; meaningful only while no such order is placed (R53).
    pub expires_at: Timestamp,
    /// Taken again beyond a cap after a capture: not part of `usageCount` (R53).
    pub over_cap: bool,
    /// When it was last reserved.
    pub reserved_at: Timestamp,
    /// When its status last changed.
    pub changed_at: Timestamp,
    /// What the reservation saw; none in rows that are older than this evidence.
    #[serde(default)]
    pub reserved_under: Option<RedemptionEvidence>,
}

/// Whether a coupon could be redeemed when a use was reserved: C-INV-5 speaks of that moment, and the end of
/// the window can be changed later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RedemptionEvidence {
    /// Whether it was active.
    pub active: bool,
    /// The first instant of its window.
    pub valid_from: Timestamp,
    /// The last one.
    pub valid_until: Option<Timestamp>,
}

impl RedemptionEvidence {
    /// As the coupon stands.
    pub(super) fn of(data: &CouponData) -> Self {
        Self { active: data.active, valid_from: data.valid_from, valid_until: data.valid_until }
    }

    /// Whether it could be redeemed at this time.
    pub fn admits(&self, at: Timestamp) -> bool {
        self.active && self.valid_from <= at && self.valid_until.is_none_or(|end| at <= end)
    }
}

impl CouponRedemption {
    /// Whether it is part of `usageCount`.
    pub fn counts(&self) -> bool {
        self.status.holds() && !self.over_cap
    }

    /// Whether it is a hold that has lapsed; it may be released when no such order is placed (R53).
    pub fn has_lapsed(&self, now: Timestamp) -> bool {
        self.status == Reserved && now > self.expires_at
    }

    /// Looks an action up in the table.
    pub(super) fn step(&self, action: RedemptionAction) -> Result<Step<RedemptionStatus>, CouponError> {
        let again = self.status.includes(action).then_some(LastTransition { action, argument: None });
        Ok(step(TRANSITIONS, self.status, action, None, again.as_ref())?)
    }
}

impl Row for CouponRedemption {
    fn key(&self) -> String {
        self.order_id.to_string()
    }
}
