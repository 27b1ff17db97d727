//! What a coupon announces. Audience: its owner.

use serde::{Deserialize, Serialize};

use super::{CouponData, CouponEdit, CouponRedemption};
use crate::{
    kernel::{CouponId, Money, OrderId, RedemptionId, UserId, topics},
    marketplace::values::{CouponCode, Owner},
};

/// A fact about a coupon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum CouponEvent {
    /// It exists.
    Created {
        /// The coupon.
        coupon_id: CouponId,
        /// Who issued it.
        owner: Owner,
        /// What its owner set.
        fields: CouponEdit,
    },
    /// Its owner changed it.
    Edited {
        /// The coupon.
        coupon_id: CouponId,
        /// Who issued it.
        owner: Owner,
        /// What holds now.
        fields: CouponEdit,
    },
    /// It takes no new orders.
    Deactivated {
        /// The coupon.
        coupon_id: CouponId,
        /// Who issued it.
        owner: Owner,
    },
    /// An order holds a use.
    Reserved(CouponUse),
    /// A paid order keeps its use; `overCap` raises an alert.
    Confirmed(CouponUse),
    /// An order gave its use back.
    Released(CouponUse),
}

/// What consumers need to know of a use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CouponUse {
    /// The coupon.
    pub coupon_id: CouponId,
    /// Who issued it.
    pub owner: Owner,
    /// Its code.
    pub code: CouponCode,
    /// The use.
    pub redemption_id: RedemptionId,
    /// The order.
    pub order_id: OrderId,
    /// Who buys.
    pub user_id: UserId,
    /// What it takes off.
    pub amount: Money,
    /// Whether it was taken beyond a cap.
    pub over_cap: bool,
    /// Uses of the coupon after this.
    pub usage_count: u32,
}

impl CouponUse {
    pub(super) fn new(coupon: &CouponData, row: &CouponRedemption) -> Self {
        Self {
            coupon_id: coupon.id,
            owner: coupon.owner.clone(),
            code: coupon.code.clone(),
            redemption_id: row.id,
            order_id: row.order_id,
            user_id: row.user_id.clone(),
            amount: row.amount,
            over_cap: row.over_cap,
            usage_count: coupon.usage_count,
        }
    }
}

topics!(CouponEvent {
    Created     => "marketplace.coupon.created.v1",
    Edited      => "marketplace.coupon.edited.v1",
    Deactivated => "marketplace.coupon.deactivated.v1",
    Reserved    => "marketplace.coupon.reserved.v1",
    Confirmed   => "marketplace.coupon.confirmed.v1",
    Released    => "marketplace.coupon.released.v1",
});
