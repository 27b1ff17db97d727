//! A coupon's stored document and the rules it can check alone.

use serde::{Deserialize, Serialize};

use super::{CouponAction, CouponError, CouponStatus};
use crate::{
    kernel::{CouponId, LastTransition, TenantId, Timestamp},
    marketplace::values::{CouponCode, Discount, Owner},
};

/// A coupon's stored document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CouponData {
    /// Its id.
    pub id: CouponId,
    /// Who issued it, and within whose codes its code is unique (C-INV-1).
    pub owner: Owner,
    /// What the buyer types.
    pub code: CouponCode,
    /// The one buyer tenant it is for; none: every tenant.
    pub tenant_scope: Option<TenantId>,
    /// The provider whose lines it applies to; none: all lines. A provider's coupon has itself here.
    pub provider_scope: Option<TenantId>,
    /// What it takes off.
    pub discount: Discount,
    /// Uses in all; none: unlimited.
    pub usage_cap: Option<u32>,
    /// Uses that are reserved or confirmed, without those taken beyond the cap after a capture (R53).
    pub usage_count: u32,
    /// Uses per user; none: unlimited.
    pub per_user_cap: Option<u32>,
    /// The first instant at which it can be redeemed.
    pub valid_from: Timestamp,
    /// The last instant at which it can be redeemed; none: no end.
    pub valid_until: Option<Timestamp>,
    /// Whether it can be redeemed at all.
    pub active: bool,
    /// Whether a use was ever confirmed: from then on what it takes off is frozen.
    pub ever_confirmed: bool,
    /// The command that produced `active`.
    pub last_transition: Option<LastTransition<CouponAction>>,
    /// When it was created.
    pub created_at: Timestamp,
}

impl CouponData {
    /// Active or inactive.
    pub fn status(&self) -> CouponStatus {
        if self.active { CouponStatus::Active } else { CouponStatus::Inactive }
    }

    /// C-INV-5: active, and inside its window, both ends included.
    pub(super) fn redeemable(&self, now: Timestamp) -> Result<(), CouponError> {
        if !self.active {
            return Err(CouponError::Inactive);
        }
        if now < self.valid_from {
            return Err(CouponError::NotYetValid { valid_from: self.valid_from });
        }
        match self.valid_until {
            Some(valid_until) if now > valid_until => Err(CouponError::Expired { valid_until }),
            Some(_) | None => Ok(()),
        }
    }
}

/// The provider who owns it, if one does.
pub(super) fn provider(owner: &Owner) -> Option<&TenantId> {
    match owner {
        Owner::Platform => None,
        Owner::Provider(provider) => Some(provider),
    }
}
