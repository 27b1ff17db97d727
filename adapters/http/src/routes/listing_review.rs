//! What the platform's staff decide on listings (marketplace.md 1, rulings R56, R58, R64).

use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
    types::ToJSON,
};
use sarai_application::{Call, marketplace::listings::Listings};
use sarai_domain::{
    kernel::{Aggregate, id::kinds},
    marketplace::listing::{FieldChange, FieldValue, Listing, ListingError, ListingState},
};
use serde_json::Value;

use super::{
    Tag,
    dto_listing::{ListingBody, ListingStateBody, RevenueShareBody, answer},
    members::at,
    reason,
};
use crate::{
    answers::Tagged,
    caller::Caller,
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::{ApiId, ApiMoney},
};

/// Routes of the review of listings.
pub struct ListingReviewRoutes {
    listings: Listings,
    cursors: Cursors,
}

/// An approval.
#[derive(Debug, Object)]
#[oai(rename = "ListingApproval", rename_all = "camelCase")]
pub struct ApprovalBody {
    /// The version that was reviewed.
    reviewed_version: u64,
    /// Why.
    reason: Option<String>,
}

/// A decision with its reason.
#[derive(Debug, Object)]
#[oai(rename = "ListingDecision", rename_all = "camelCase")]
pub struct DecisionBody {
    /// Why: one line of 1 to 1,000 characters.
    reason: String,
}

/// A negotiated revenue share.
#[derive(Debug, Object)]
#[oai(rename = "RevenueShareChange", rename_all = "camelCase")]
pub struct RevenueShareChangeBody {
    /// The platform's, in basis points.
    platform_bps: u32,
    /// The provider's, in basis points.
    provider_bps: u32,
    /// Why: one line of 1 to 1,000 characters.
    reason: String,
}

/// What a moderator decides on.
#[derive(Debug, Object)]
#[oai(rename = "ListingReview", rename_all = "camelCase")]
pub struct ReviewBody {
    listing_id: ApiId<kinds::Listing>,
    /// The version to approve.
    version: u64,
    /// The version it is held against: the one approved last or, of a proposal that waits, the current one,
    /// which is on sale. Null when it was never approved: then everything is new.
    reviewed_against: Option<u64>,
    /// The fields that differ, sorted; empty when nothing does.
    changes: Vec<FieldChangeBody>,
}

/// A field that differs.
#[derive(Debug, Object)]
#[oai(rename = "FieldChange", rename_all = "camelCase")]
pub struct FieldChangeBody {
    /// A JSON pointer into the listing; a plan is named by its id: `/pricingPlans/pln_…/active`.
    field: String,
    /// Its value before; null: it had none.
    before: Value,
    /// Its value after; null: it has none.
    after: Value,
}

impl From<&Listing> for ReviewBody {
    fn from(listing: &Listing) -> Self {
        let review = listing.review();
        Self {
            listing_id: listing.id().into(),
            version: listing.version(),
            reviewed_against: review.reviewed_against,
            changes: review.changes.into_iter().map(FieldChangeBody::from).collect(),
        }
    }
}

impl From<FieldChange> for FieldChangeBody {
    fn from(change: FieldChange) -> Self {
        let json = |value: Option<FieldValue>| match value {
            None => Value::Null,
            Some(FieldValue::Text(text)) => text.into(),
            Some(FieldValue::Number(number)) => number.into(),
            Some(FieldValue::Flag(flag)) => flag.into(),
            Some(FieldValue::List(texts)) => texts.into(),
            Some(FieldValue::Money(money)) => ApiMoney::from(money).to_json().unwrap_or_default(),
        };
        Self { field: change.field, before: json(change.before), after: json(change.after) }
    }
}

/// A call whose reason only the audit log keeps: the listing itself does not look at it.
fn audited(caller: Caller, reason: String) -> Result<Call, Problem> {
    at("/reason", reason::given(&reason).map_err(|_| ListingError::Reason))?;
    Ok(caller.because(reason))
}

impl ListingReviewRoutes {
    /// Over these use cases.
    pub fn new(listings: Listings, cursors: Cursors) -> Self {
        Self { listings, cursors }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Admin")]
impl ListingReviewRoutes {
    /// Everybody's listings in one state, newest first
    ///
    /// With `pending=true` those with a proposal that waits, in any state unless one is named.
    #[oai(path = "/admin/listings", method = "get", operation_id = "admin.listings.list")]
    async fn list(
        &self,
        caller: Caller,
        /// The state; without it, and without `pending`, the submitted ones.
        state: Query<Option<ListingStateBody>>,
        /// Only those with a proposal that waits.
        #[oai(default)]
        pending: Query<bool>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<ListingBody>>, Problem> {
        let state = state.0.map(ListingState::from);
        let list = self.cursors.list("admin.listings.list", caller.tenant());
        let list = list.filter("state", state.map(|state| format!("{state:?}")));
        let list = list.filter("pending", Some(pending.0));
        let page = list.request(limit.0, cursor.0.as_deref())?;
        let page = if pending.0 {
            self.listings.with_pending_revisions(&caller.0, state, &page).await?
        } else {
            self.listings.for_review(&caller.0, state.unwrap_or(ListingState::Submitted), &page).await?
        };
        Ok(Json(list.answer(page, |listing| ListingBody::from(&listing))))
    }

    /// What there is to decide on, field by field
    ///
    /// Held against what a moderator approved last; of a proposal that waits, against what is on sale.
    #[oai(path = "/admin/listings/:id/review", method = "get", operation_id = "admin.listings.review")]
    async fn review(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
    ) -> Result<Tagged<200, ReviewBody>, Problem> {
        let listing = self.listings.under_review(&caller.0, id.0.0).await?;
        Ok(Tagged { version: listing.version(), body: ReviewBody::from(&listing) })
    }

    /// Approve the version that was reviewed
    ///
    /// Of a listing on sale: apply the proposal that waits.
    #[oai(path = "/admin/listings/:id/approve", method = "post", operation_id = "admin.listings.approve")]
    async fn approve(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
        body: Json<ApprovalBody>,
    ) -> Result<Tagged<200, ListingBody>, Problem> {
        let Json(ApprovalBody { reviewed_version, reason }) = body;
        let call = match reason {
            Some(reason) => caller.because(reason),
            None => caller.0,
        };
        answer(self.listings.approve(&call, id.0.0, reviewed_version).await)
    }

    /// Send a submitted listing back to its provider
    ///
    /// Of a listing on sale: drop the proposal that waits.
    #[oai(path = "/admin/listings/:id/reject", method = "post", operation_id = "admin.listings.reject")]
    async fn reject(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
        body: Json<DecisionBody>,
    ) -> Result<Tagged<200, ListingBody>, Problem> {
        let call = caller.because(&*body.0.reason);
        answer(self.listings.reject(&call, id.0.0, &body.0.reason).await)
    }

    /// Take a live listing off sale
    ///
    /// Orders placed before go on, licences stay.
    #[oai(path = "/admin/listings/:id/suspend", method = "post", operation_id = "admin.listings.suspend")]
    async fn suspend(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
        body: Json<DecisionBody>,
    ) -> Result<Tagged<200, ListingBody>, Problem> {
        let call = caller.because(&*body.0.reason);
        answer(self.listings.suspend(&call, id.0.0, &body.0.reason).await)
    }

    /// Put a suspended listing back on sale
    #[oai(path = "/admin/listings/:id/reinstate", method = "post", operation_id = "admin.listings.reinstate")]
    async fn reinstate(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
        body: Json<DecisionBody>,
    ) -> Result<Tagged<200, ListingBody>, Problem> {
        let call = audited(caller, body.0.reason)?;
        answer(self.listings.reinstate(&call, id.0.0).await)
    }

    /// Set the revenue share that was negotiated
    ///
    /// Orders placed before keep the share they froze.
    #[oai(
        path = "/admin/listings/:id/revenue-share",
        method = "patch",
        operation_id = "admin.listings.revenue-share"
    )]
    async fn set_revenue_share(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
        body: Json<RevenueShareChangeBody>,
    ) -> Result<Tagged<200, ListingBody>, Problem> {
        let Json(RevenueShareChangeBody { platform_bps, provider_bps, reason }) = body;
        let share = RevenueShareBody { platform_bps, provider_bps }.parse("")?;
        let call = audited(caller, reason)?;
        answer(self.listings.set_revenue_share(&call, id.0.0, share).await)
    }
}
