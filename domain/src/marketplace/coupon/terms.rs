//! What pricing needs to know of a coupon.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{CouponId, TenantId},
    marketplace::values::{CouponCode, Discount, Owner},
};

/// The part of a coupon that changes a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CouponTerms {
    /// The coupon.
    pub coupon_id: CouponId,
    /// Its code.
    pub code: CouponCode,
    /// What it takes off.
    pub discount: Discount,
    /// Only this provider's lines are eligible; none: all lines are.
    pub provider_scope: Option<TenantId>,
    /// Whose it is.
    pub owner: Owner,
}
