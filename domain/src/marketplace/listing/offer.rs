//! What a live listing sells, frozen: everything an order line keeps of the listing and the plan.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{CourseId, CourseVersionId, ListingId, Money, PricingPlanId, TenantId},
    marketplace::values::{PlanKind, RefundPolicy, RevenueShare, SeatCount},
};

/// A snapshot of one plan of one live listing (marketplace.md 2). After capture nothing about the listing
/// or the plan may block fulfilment, so an order reads this and never the listing again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// The listing.
    pub listing_id: ListingId,
    /// Who sells.
    pub provider_tenant_id: TenantId,
    /// The plan.
    pub pricing_plan_id: PricingPlanId,
    /// How the plan sells.
    pub plan_kind: PlanKind,
    /// The price of one pack, before tax.
    pub price: Money,
    /// Seats in a pack; none for a site licence without a limit.
    pub plan_seats: Option<SeatCount>,
    /// Months a period lasts, where there are periods.
    pub interval_months: Option<u32>,
    /// Whether the course may be kept offline for ever.
    pub perpetual_offline_access: bool,
    /// How the sale can be returned.
    pub refund_policy: RefundPolicy,
    /// Who gets how much.
    pub revenue_share: RevenueShare,
    /// The course.
    pub course_id: CourseId,
    /// The exact version shipped.
    pub course_version_id: CourseVersionId,
}
