//! What a coupon's commands take.

use serde::{Deserialize, Serialize};

use super::CouponData;
use crate::{
    kernel::{CouponId, Money, OrderId, RedemptionId, TenantId, Timestamp, UserId},
    marketplace::values::{CouponCode, Discount, Owner},
};

/// A coupon to create.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCoupon {
    /// Its id.
    pub id: CouponId,
    /// Who issues it.
    pub owner: Owner,
    /// What the buyer types.
    pub code: CouponCode,
    /// What it takes off.
    pub discount: Discount,
    /// Uses in all; none: unlimited.
    pub usage_cap: Option<u32>,
    /// Uses per user; none: unlimited.
    pub per_user_cap: Option<u32>,
    /// The first instant at which it can be redeemed; none: now.
    pub valid_from: Option<Timestamp>,
    /// The last instant at which it can be redeemed; none: no end.
    pub valid_until: Option<Timestamp>,
    /// The one buyer tenant it is for; none: every tenant.
    pub tenant_scope: Option<TenantId>,
    /// The provider whose lines it applies to; none: all lines, or the owner's when that is a provider.
    pub provider_scope: Option<TenantId>,
}

/// The fields its owner can set, as they shall be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CouponEdit {
    /// What the buyer types.
    pub code: CouponCode,
    /// What it takes off.
    pub discount: Discount,
    /// The one buyer tenant it is for.
    pub tenant_scope: Option<TenantId>,
    /// The provider whose lines it applies to.
    pub provider_scope: Option<TenantId>,
    /// The first instant at which it can be redeemed.
    pub valid_from: Timestamp,
    /// The last instant at which it can be redeemed.
    pub valid_until: Option<Timestamp>,
    /// Uses in all.
    pub usage_cap: Option<u32>,
    /// Uses per user.
    pub per_user_cap: Option<u32>,
}

impl From<&CouponData> for CouponEdit {
    fn from(data: &CouponData) -> Self {
        Self {
            code: data.code.clone(),
            discount: data.discount,
            tenant_scope: data.tenant_scope.clone(),
            provider_scope: data.provider_scope.clone(),
            valid_from: data.valid_from,
            valid_until: data.valid_until,
            usage_cap: data.usage_cap,
            per_user_cap: data.per_user_cap,
        }
    }
}

impl CouponEdit {
    /// The first field that differs and is frozen once the coupon is used, by its name in JSON.
    pub(super) fn first_frozen_difference(&self, other: &Self) -> Option<&'static str> {
        [
            ("code", self.code != other.code),
            ("discount", self.discount != other.discount),
            ("tenantScope", self.tenant_scope != other.tenant_scope),
            ("providerScope", self.provider_scope != other.provider_scope),
            ("validFrom", self.valid_from != other.valid_from),
        ]
        .into_iter()
        .find_map(|(field, differs)| differs.then_some(field))
    }
}

/// A use to reserve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRedemption {
    /// Its id, unless the order had a use that was released.
    pub id: RedemptionId,
    /// The order, or the id a quote set aside for one (R54).
    pub order_id: OrderId,
    /// Who buys.
    pub user_id: UserId,
    /// What it takes off the order.
    pub amount: Money,
    /// When the hold lapses unless the order is placed.
    pub expires_at: Timestamp,
}
