//! What the platform's staff decide on listings (marketplace.md 1, rulings R56, R58, R64).

use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use sarai_application::{Call, marketplace::listings::Listings};
use sarai_domain::{
    kernel::id::kinds,
    marketplace::listing::{ListingError, ListingState},
};

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
    scalars::ApiId,
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

fn submitted() -> ListingStateBody {
    ListingStateBody::Submitted
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
    #[oai(path = "/admin/listings", method = "get", operation_id = "admin.listings.list")]
    async fn list(
        &self,
        caller: Caller,
        #[oai(default = "submitted")] state: Query<ListingStateBody>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<ListingBody>>, Problem> {
        let state = ListingState::from(state.0);
        let list = self.cursors.list("admin.listings.list", caller.tenant());
        let list = list.filter("state", Some(format!("{state:?}")));
        let page = list.request(limit.0, cursor.0.as_deref())?;
        let page = self.listings.for_review(&caller.0, state, &page).await?;
        Ok(Json(list.answer(page, |listing| ListingBody::from(&listing))))
    }

    /// Approve the version that was reviewed
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
