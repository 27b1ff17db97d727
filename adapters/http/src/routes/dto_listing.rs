//! A listing on the wire: what its provider and the platform's staff see of it, and the parts that requests
//! and the public view share.

use poem_openapi::{Enum, Object};
use sarai_application::{AppError, Loaded};
use sarai_domain::{
    kernel::{Aggregate, external_id::kinds as external, id::kinds},
    marketplace::{
        listing::{
            Listing, ListingAction, ListingData, ListingMarketing, ListingRevision, ListingState,
            PricingPlan, Visibility,
        },
        values::{RefundPolicy, RevenueShare},
    },
};

use super::{members::at, plan_kind::ApiPlanKind};
use crate::{
    answers::Tagged,
    problem::Problem,
    scalars::{ApiCurrency, ApiExternalId, ApiId, ApiMoney, ApiTimestamp},
};

/// Who finds a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
#[oai(rename = "Visibility", rename_all = "snake_case", remote = "Visibility")]
pub enum VisibilityBody {
    /// Everyone.
    #[default]
    Public,
    /// Who knows its id.
    Unlisted,
}

/// Where a listing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "ListingState", rename_all = "snake_case", remote = "ListingState")]
pub enum ListingStateBody {
    /// Being written by its provider.
    Draft,
    /// Waiting for a moderator.
    Submitted,
    /// Reviewed; its provider decides when it goes live.
    Approved,
    /// On sale.
    Live,
    /// Off sale for a reason.
    Suspended,
    /// Off sale for ever.
    Retired,
}

/// What a buyer sees of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "Marketing", rename_all = "camelCase")]
pub struct MarketingBody {
    /// One line that sells it.
    tagline: String,
    /// The long text; may be empty.
    description: String,
    /// The large picture.
    hero: Option<String>,
    /// Pictures, in order.
    screenshots: Vec<String>,
    /// A film.
    trailer_url: Option<String>,
}

/// How a sale can be returned by its buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Object)]
#[oai(rename = "RefundPolicy", rename_all = "camelCase")]
pub struct RefundPolicyBody {
    /// Days after payment; 0 means never.
    refund_days: u32,
    /// The learner's attempts beyond which it cannot be returned.
    attempts_cap: Option<u32>,
}

/// Who gets how much of a sale, in basis points that sum to 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Object)]
#[oai(rename = "RevenueShare", rename_all = "camelCase")]
pub struct RevenueShareBody {
    /// The platform's.
    pub platform_bps: u32,
    /// The provider's.
    pub provider_bps: u32,
}

/// One way to buy a listing.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "PricingPlan", rename_all = "camelCase")]
pub struct PlanBody {
    /// Its id.
    pub id: ApiId<kinds::PricingPlan>,
    /// How it sells.
    pub kind: ApiPlanKind,
    /// The currency of its price.
    pub currency: ApiCurrency,
    /// The price of one pack, before tax.
    pub price: ApiMoney,
    /// Seats in a pack; of a site licence its limit, null when unlimited.
    pub seats: Option<u32>,
    /// Months a period lasts.
    pub interval_months: Option<u32>,
    /// Whether the course may be kept offline for ever.
    pub perpetual_offline_access: bool,
    /// Whether it is on sale.
    pub active: bool,
}

/// What a listing on sale is to look like once a moderator agrees.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "ListingRevision", rename_all = "camelCase")]
pub struct RevisionBody {
    /// What a buyer will see.
    marketing: MarketingBody,
    /// How a sale will be returned.
    refund_policy: RefundPolicyBody,
    /// Who will find it.
    visibility: VisibilityBody,
    /// Where it will be filed.
    category: Option<String>,
    /// At most 10 words.
    tags: Vec<String>,
    /// When it was proposed.
    proposed_at: ApiTimestamp,
}

/// A listing, as its provider and the platform's staff see it.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "Listing", rename_all = "camelCase")]
pub struct ListingBody {
    /// Its id.
    pub id: ApiId<kinds::Listing>,
    /// Who sells.
    pub provider_tenant_id: ApiExternalId<external::Tenant>,
    /// The course.
    pub course_id: ApiExternalId<external::Course>,
    /// The exact version shipped at purchase.
    pub course_version_id: ApiExternalId<external::CourseVersion>,
    /// Who finds it.
    pub visibility: VisibilityBody,
    /// The ways to buy it, oldest first.
    pub pricing_plans: Vec<PlanBody>,
    /// What a buyer sees.
    pub marketing: MarketingBody,
    /// How a sale can be returned.
    pub refund_policy: RefundPolicyBody,
    /// Who gets how much of a sale.
    pub revenue_share: RevenueShareBody,
    /// Where it is filed.
    pub category: Option<String>,
    /// At most 10 words.
    pub tags: Vec<String>,
    /// Where it stands.
    pub state: ListingStateBody,
    /// When it was submitted, or last changed since.
    pub submitted_at: Option<ApiTimestamp>,
    /// When it was approved.
    pub approved_at: Option<ApiTimestamp>,
    /// When it was suspended, unless reinstated since.
    pub suspended_at: Option<ApiTimestamp>,
    /// Why it is suspended.
    pub suspension_reason: Option<String>,
    /// Why a moderator sent it back, until it moves on.
    pub rejection_reason: Option<String>,
    /// When it was retired.
    pub retired_at: Option<ApiTimestamp>,
    /// What its provider proposes while it is on sale; it waits for a moderator.
    pub pending_revision: Option<RevisionBody>,
    /// When it was created.
    pub created_at: ApiTimestamp,
    /// When it last changed.
    pub updated_at: ApiTimestamp,
    /// Its version: what `If-Match` and a review name.
    pub version: u64,
}

impl From<&ListingMarketing> for MarketingBody {
    fn from(marketing: &ListingMarketing) -> Self {
        Self {
            tagline: marketing.tagline().to_owned(),
            description: marketing.description().to_owned(),
            hero: marketing.hero().map(str::to_owned),
            screenshots: marketing.screenshots().to_vec(),
            trailer_url: marketing.trailer_url().map(str::to_owned),
        }
    }
}

impl From<&RefundPolicy> for RefundPolicyBody {
    fn from(policy: &RefundPolicy) -> Self {
        Self { refund_days: policy.refund_days(), attempts_cap: policy.attempts_cap() }
    }
}

impl RevenueShareBody {
    /// The domain's value; `pointer` names the member it came in.
    ///
    /// # Errors
    /// What [`RevenueShare::try_new`] refuses (L-INV-6).
    pub fn parse(self, pointer: &str) -> Result<RevenueShare, Problem> {
        at(pointer, RevenueShare::try_new(self.platform_bps, self.provider_bps))
    }
}

impl From<&RevenueShare> for RevenueShareBody {
    fn from(share: &RevenueShare) -> Self {
        Self { platform_bps: share.platform_bps(), provider_bps: share.provider_bps() }
    }
}

impl From<&ListingRevision> for RevisionBody {
    fn from(revision: &ListingRevision) -> Self {
        Self {
            marketing: (&revision.marketing).into(),
            refund_policy: (&revision.refund_policy).into(),
            visibility: revision.visibility.into(),
            category: revision.category.clone(),
            tags: revision.tags.clone(),
            proposed_at: revision.proposed_at.into(),
        }
    }
}

impl From<&PricingPlan> for PlanBody {
    fn from(plan: &PricingPlan) -> Self {
        Self {
            id: plan.id.into(),
            kind: plan.kind.into(),
            currency: plan.currency.into(),
            price: plan.price.into(),
            seats: plan.seats.map(|seats| seats.get()),
            interval_months: plan.interval_months,
            perpetual_offline_access: plan.perpetual_offline_access,
            active: plan.active,
        }
    }
}

impl ListingBody {
    fn at_version(data: &ListingData, version: u64) -> Self {
        Self {
            id: data.id.into(),
            provider_tenant_id: data.provider_tenant_id.clone().into(),
            course_id: data.course_id.clone().into(),
            course_version_id: data.course_version_id.clone().into(),
            visibility: data.visibility.into(),
            pricing_plans: data.pricing_plans.iter().map(PlanBody::from).collect(),
            marketing: (&data.marketing).into(),
            refund_policy: (&data.refund_policy).into(),
            revenue_share: (&data.revenue_share).into(),
            category: data.category.clone(),
            tags: data.tags.clone(),
            state: data.state.into(),
            submitted_at: data.submitted_at.map(ApiTimestamp),
            approved_at: data.approved_at.map(ApiTimestamp),
            suspended_at: data.suspended_at.map(ApiTimestamp),
            suspension_reason: data.suspension_reason.clone(),
            rejection_reason: rejection(data),
            retired_at: data.retired_at.map(ApiTimestamp),
            pending_revision: data.pending_revision.as_ref().map(RevisionBody::from),
            created_at: data.created_at.into(),
            updated_at: data.updated_at.into(),
            version,
        }
    }
}

/// The reason that led to the current state, when that was a rejection.
fn rejection(data: &ListingData) -> Option<String> {
    let last = data.last_transition.as_ref()?;
    if last.action == ListingAction::Reject { last.argument.clone() } else { None }
}

impl From<&Listing> for ListingBody {
    fn from(listing: &Listing) -> Self {
        Self::at_version(listing.data(), listing.version())
    }
}

impl From<&Loaded<Listing>> for ListingBody {
    fn from(saved: &Loaded<Listing>) -> Self {
        Self::at_version(saved.aggregate.data(), saved.version)
    }
}

/// What a command on a listing answers.
///
/// # Errors
/// The command's.
pub(super) fn answer(
    outcome: Result<Loaded<Listing>, AppError>,
) -> Result<Tagged<200, ListingBody>, Problem> {
    let saved = outcome?;
    Ok(Tagged { version: saved.version, body: (&saved).into() })
}
