//! What a store keeps of a listing.

use serde::{Deserialize, Serialize};

use super::{
    ApprovedContent, KycEvidence, ListingAction, ListingError, ListingMarketing, ListingRevision,
    ListingState, PricingPlan, RetireEvidence, RevisionAction, ShippingEvidence, Visibility,
};
use crate::{
    kernel::{CourseId, CourseVersionId, LastTransition, ListingId, TenantId, Timestamp},
    marketplace::values::{RefundPolicy, RevenueShare},
};

/// The stored document of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListingData {
    /// The listing.
    pub id: ListingId,
    /// Who sells.
    pub provider_tenant_id: TenantId,
    /// The course.
    pub course_id: CourseId,
    /// The exact version shipped at purchase.
    pub course_version_id: CourseVersionId,
    /// Who finds it.
    pub visibility: Visibility,
    /// The ways to buy it, oldest first; none yet in a fresh draft.
    pub pricing_plans: Vec<PricingPlan>,
    /// What a buyer sees.
    pub marketing: ListingMarketing,
    /// How a sale can be returned.
    pub refund_policy: RefundPolicy,
    /// Who gets how much of a sale.
    pub revenue_share: RevenueShare,
    /// Where it is filed.
    pub category: Option<String>,
    /// At most 10 words.
    pub tags: Vec<String>,
    /// Where it stands.
    pub state: ListingState,
    /// When it was submitted, or last changed since.
    pub submitted_at: Option<Timestamp>,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// The version its moderator reviewed.
    pub approved_version: Option<u64>,
    /// When it was suspended, unless reinstated since.
    pub suspended_at: Option<Timestamp>,
    /// Why.
    pub suspension_reason: Option<String>,
    /// When it was retired.
    pub retired_at: Option<Timestamp>,
    /// Whether it was ever on sale.
    pub ever_live: bool,
    /// What the last command that demanded L-INV-2 saw.
    pub shipping_evidence: Option<ShippingEvidence>,
    /// What the last command that demanded L-INV-3 saw.
    pub kyc_evidence: Option<KycEvidence>,
    /// What retiring saw (L-INV-7).
    pub retire_evidence: Option<RetireEvidence>,
    /// What led to the current state.
    pub last_transition: Option<LastTransition<ListingAction>>,
    /// What a moderator approved last; kept when the listing goes back to draft.
    #[serde(default)]
    pub last_approved: Option<ApprovedContent>,
    /// What its provider proposes while it is on sale.
    #[serde(default)]
    pub pending_revision: Option<ListingRevision>,
    /// What was done last about a revision.
    #[serde(default)]
    pub last_revision: Option<LastTransition<RevisionAction>>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl ListingData {
    /// L-INV-1.
    pub(super) fn require_active_plan(&self) -> Result<(), ListingError> {
        let active = self.pricing_plans.iter().any(|plan| plan.active);
        if active { Ok(()) } else { Err(ListingError::NoActivePlan) }
    }
}
