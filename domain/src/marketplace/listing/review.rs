//! What a moderator has to look at: the fields that differ from what was approved, or is live.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Listing, ListingData, ListingMarketing, ListingRevision, PricingPlan, Visibility};
use crate::{
    kernel::{Aggregate, CourseVersionId, Money},
    marketplace::values::{PlanKind, RefundPolicy, RevenueShare},
};

/// Everything of a listing that a review is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListingContent {
    /// The exact version shipped at purchase.
    pub course_version_id: CourseVersionId,
    /// Who finds it.
    pub visibility: Visibility,
    /// The ways to buy it.
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
}

/// The content a moderator approved last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApprovedContent {
    /// The listing's version that was reviewed.
    pub version: u64,
    /// What it was.
    pub content: ListingContent,
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// A text.
    Text(String),
    /// A whole number.
    Number(u32),
    /// Yes or no.
    Flag(bool),
    /// Several texts.
    List(Vec<String>),
    /// An amount.
    Money(Money),
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// A JSON pointer, such as `/marketing/tagline` or `/pricingPlans/pln_…/active`.
    pub field: String,
    /// Its value before; none: it had none.
    pub before: Option<FieldValue>,
    /// Its value after.
    pub after: Option<FieldValue>,
}

/// What a moderator decides on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingReview {
    /// The version it is held against: the one approved last, or, for a revision that waits, the current
    /// one, which is on sale. None: it was never approved.
    pub reviewed_against: Option<u64>,
    /// The fields that differ, by their pointers; empty when nothing does.
    pub changes: Vec<FieldChange>,
}

impl ListingData {
    /// What a review is about.
    pub fn content(&self) -> ListingContent {
        ListingContent {
            course_version_id: self.course_version_id.clone(),
            visibility: self.visibility,
            pricing_plans: self.pricing_plans.clone(),
            marketing: self.marketing.clone(),
            refund_policy: self.refund_policy,
            revenue_share: self.revenue_share,
            category: self.category.clone(),
            tags: self.tags.clone(),
        }
    }
}

impl ListingRevision {
    /// Puts what was proposed in the place of what is on sale.
    pub(super) fn apply_to(self, data: &mut ListingData) {
        let Self { marketing, refund_policy, visibility, category, tags, proposed_at: _ } = self;
        data.marketing = marketing;
        data.refund_policy = refund_policy;
        data.visibility = visibility;
        data.category = category;
        data.tags = tags;
    }
}

impl Listing {
    /// What differs from what a moderator approved last; where a revision waits, what it would change of
    /// what is on sale.
    pub fn review(&self) -> ListingReview {
        let data = self.data();
        if let Some(revision) = &data.pending_revision {
            let mut revised = data.clone();
            revision.clone().apply_to(&mut revised);
            let changes = changes(Some(&data.content()), &revised.content());
            return ListingReview { reviewed_against: Some(self.version()), changes };
        }
        let approved = data.last_approved.as_ref();
        ListingReview {
            reviewed_against: approved.map(|approved| approved.version),
            changes: changes(approved.map(|approved| &approved.content), &data.content()),
        }
    }

    /// Keeps what was approved, for the next review.
    pub(super) fn keep_approved(&mut self, version: u64) {
        let content = self.root.data.content();
        self.root.data.approved_version = Some(version);
        self.root.data.last_approved = Some(ApprovedContent { version, content });
    }
}

/// The fields that differ between two contents, sorted by their pointers; all there are when there is
/// nothing before. A plan that was added has all its fields here, one that was taken off sale its `active`.
pub fn changes(before: Option<&ListingContent>, after: &ListingContent) -> Vec<FieldChange> {
    let mut before = before.map(fields).unwrap_or_default();
    let mut differing: Vec<FieldChange> = fields(after)
        .into_iter()
        .map(|(field, after)| FieldChange { before: before.remove(&field).flatten(), field, after })
        .collect();
    let gone = before.into_iter().map(|(field, before)| FieldChange { field, before, after: None });
    differing.extend(gone);
    differing.retain(|change| change.before != change.after);
    differing.sort_by(|one, other| one.field.cmp(&other.field));
    differing
}

fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.to_owned())
}

/// Every field by its pointer.
fn fields(content: &ListingContent) -> BTreeMap<String, Option<FieldValue>> {
    use FieldValue::{List, Number, Text};

    let (marketing, policy, share) = (&content.marketing, content.refund_policy, content.revenue_share);
    let own = [
        ("/courseVersionId", Some(text(content.course_version_id.as_str()))),
        ("/visibility", Some(text(visibility(content.visibility)))),
        ("/marketing/tagline", Some(text(marketing.tagline()))),
        ("/marketing/description", Some(text(marketing.description()))),
        ("/marketing/hero", marketing.hero().map(text)),
        ("/marketing/screenshots", Some(List(marketing.screenshots().to_vec()))),
        ("/marketing/trailerUrl", marketing.trailer_url().map(text)),
        ("/refundPolicy/refundDays", Some(Number(policy.refund_days()))),
        ("/refundPolicy/attemptsCap", policy.attempts_cap().map(Number)),
        ("/revenueShare/platformBps", Some(Number(share.platform_bps()))),
        ("/revenueShare/providerBps", Some(Number(share.provider_bps()))),
        ("/category", content.category.clone().map(Text)),
        ("/tags", Some(List(content.tags.clone()))),
    ];
    let own = own.into_iter().map(|(field, value)| (field.to_owned(), value));
    own.chain(content.pricing_plans.iter().flat_map(plan_fields)).collect()
}

fn plan_fields(plan: &PricingPlan) -> impl Iterator<Item = (String, Option<FieldValue>)> {
    use FieldValue::{Flag, Money, Number};

    let PricingPlan {
        id,
        kind,
        currency: _,
        price,
        seats,
        interval_months,
        perpetual_offline_access,
        active,
    } = plan;
    let id = *id;
    [
        ("kind", Some(text(kind_name(*kind)))),
        ("price", Some(Money(*price))),
        ("seats", seats.map(|seats| Number(seats.get()))),
        ("intervalMonths", interval_months.map(Number)),
        ("perpetualOfflineAccess", Some(Flag(*perpetual_offline_access))),
        ("active", Some(Flag(*active))),
    ]
    .into_iter()
    .map(move |(field, value)| (format!("/pricingPlans/{id}/{field}"), value))
}

fn kind_name(kind: PlanKind) -> &'static str {
    match kind {
        PlanKind::OneTime => "one_time",
        PlanKind::Subscription => "subscription",
        PlanKind::SeatPack => "seat_pack",
        PlanKind::SiteLicense => "site_license",
    }
}

fn visibility(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "public",
        Visibility::Unlisted => "unlisted",
    }
}
