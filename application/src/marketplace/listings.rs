//! Listings: what a provider sells, and the platform's review of it (marketplace.md 1).

use std::sync::Arc;

use sarai_domain::{
    kernel::{Aggregate, CourseVersionId, ListingId, Outcome, PricingPlanId, TenantId},
    marketplace::{
        listing::{
            KycEvidence, Listing, ListingEdit, ListingState, NewListing, PlanEdit, PlanTerms,
            RevisionProposal, ShippingEvidence,
        },
        values::RevenueShare,
    },
};
use sarai_ports::{Page, PageRequest, Scope};

use crate::{AppError, Call, Loaded, Ports, app::at_version};

/// The use cases of listings.
#[derive(Clone)]
pub struct Listings {
    ports: Arc<Ports>,
}

/// What approving, going live and reinstating need to know.
struct Evidence {
    shipping: ShippingEvidence,
    kyc: KycEvidence,
}

impl Listings {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// Creates a draft of the caller's tenant.
    ///
    /// # Errors
    /// What [`Listing::create`] refuses.
    pub async fn create(
        &self,
        call: &Call,
        draft: impl FnOnce(ListingId, TenantId) -> NewListing,
    ) -> Result<Loaded<Listing>, AppError> {
        let id = ListingId::new(self.ports.ulid());
        let now = self.ports.now();
        let listing = Listing::create(draft(id, call.principal.tenant_id.clone()), now)?;
        let context = call.context("listing.create", &id, now);
        let saved = self.ports.save(&*self.ports.listings, &call.scope(), listing.clone(), context).await?;
        let version = saved.unwrap_or_default();
        Ok(Loaded { aggregate: listing, version })
    }

    /// One listing: the caller's own, a live one, or any for the platform's staff.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, call: &Call, id: ListingId) -> Result<Listing, AppError> {
        self.ports
            .listings
            .find(&call.reading_scope(), &id)
            .await?
            .ok_or_else(|| AppError::not_found("listing"))
    }

    /// The caller's own listings.
    ///
    /// # Errors
    /// The store's.
    pub async fn mine(
        &self,
        call: &Call,
        state: Option<ListingState>,
        page: &PageRequest,
    ) -> Result<Page<Listing>, AppError> {
        let (scope, tenant) = (call.scope(), &call.principal.tenant_id);
        Ok(self.ports.listings.find_by_provider(&scope, tenant, state, page).await?)
    }

    /// Everybody's listings in one state, for review.
    ///
    /// # Errors
    /// `forbidden` but for the platform's staff.
    pub async fn for_review(
        &self,
        call: &Call,
        state: ListingState,
        page: &PageRequest,
    ) -> Result<Page<Listing>, AppError> {
        Ok(self.ports.listings.find_by_state(&call.platform_scope()?, state, page).await?)
    }

    /// Everybody's listings with a revision that waits for a moderator; those in one state when given.
    ///
    /// # Errors
    /// `forbidden` but for the platform's staff.
    pub async fn with_pending_revisions(
        &self,
        call: &Call,
        state: Option<ListingState>,
        page: &PageRequest,
    ) -> Result<Page<Listing>, AppError> {
        Ok(self.ports.listings.find_pending_revisions(&call.platform_scope()?, state, page).await?)
    }

    /// A listing a moderator looks at: the changes to decide on are [`Listing::review`].
    ///
    /// # Errors
    /// `forbidden` but for the platform's staff, `not_found`.
    pub async fn under_review(&self, call: &Call, id: ListingId) -> Result<Listing, AppError> {
        self.reviewed(call, id).await
    }

    /// Proposes what a listing on sale is to look like (ruling R57).
    ///
    /// # Errors
    /// What [`Listing::propose`] refuses.
    pub async fn propose(
        &self,
        call: &Call,
        id: ListingId,
        proposal: &RevisionProposal,
    ) -> Result<Loaded<Listing>, AppError> {
        let now = self.ports.now();
        let command = |listing: &mut Listing| Ok(listing.propose(proposal.clone(), now)?);
        self.own(call, id, "listing.propose", command).await
    }

    /// Takes the revision that waits back.
    ///
    /// # Errors
    /// What [`Listing::withdraw_revision`] refuses.
    pub async fn withdraw_revision(&self, call: &Call, id: ListingId) -> Result<Loaded<Listing>, AppError> {
        let now = self.ports.now();
        self.own(call, id, "listing.withdraw_revision", |listing| Ok(listing.withdraw_revision(now)?)).await
    }

    /// Changes a draft or submitted listing; `version` is what the editor saw.
    ///
    /// # Errors
    /// `precondition_failed` when it was saved since, and what [`Listing::edit`] refuses.
    pub async fn edit(
        &self,
        call: &Call,
        id: ListingId,
        version: u64,
        edit: ListingEdit,
    ) -> Result<Loaded<Listing>, AppError> {
        let now = self.ports.now();
        self.own(call, id, "listing.edit", |listing| {
            at_version(listing.version(), version)?;
            Ok(listing.edit(edit.clone(), now)?)
        })
        .await
    }

    /// Adds a plan.
    ///
    /// # Errors
    /// What [`Listing::add_plan`] refuses.
    pub async fn add_plan(
        &self,
        call: &Call,
        id: ListingId,
        terms: PlanTerms,
    ) -> Result<(Loaded<Listing>, PricingPlanId), AppError> {
        let plan = PricingPlanId::new(self.ports.ulid());
        let now = self.ports.now();
        let command = |listing: &mut Listing| Ok(listing.add_plan(plan, terms, now)?);
        Ok((self.own(call, id, "listing.add_plan", command).await?, plan))
    }

    /// Changes a plan, or whether it is active; `version` is the listing's that the editor saw.
    ///
    /// # Errors
    /// `precondition_failed`, and what [`Listing::edit_plan`] refuses.
    pub async fn edit_plan(
        &self,
        call: &Call,
        id: ListingId,
        version: u64,
        plan: PricingPlanId,
        edit: PlanEdit,
    ) -> Result<Loaded<Listing>, AppError> {
        let now = self.ports.now();
        self.own(call, id, "listing.edit_plan", |listing| {
            at_version(listing.version(), version)?;
            Ok(listing.edit_plan(plan, edit.clone(), now)?)
        })
        .await
    }

    /// Deactivates a plan and adds the one that takes its place.
    ///
    /// # Errors
    /// What [`Listing::replace_plan`] refuses.
    pub async fn replace_plan(
        &self,
        call: &Call,
        id: ListingId,
        old: PricingPlanId,
        terms: PlanTerms,
    ) -> Result<(Loaded<Listing>, PricingPlanId), AppError> {
        let plan = PricingPlanId::new(self.ports.ulid());
        let now = self.ports.now();
        let command = |listing: &mut Listing| Ok(listing.replace_plan(old, plan, terms, now)?);
        Ok((self.own(call, id, "listing.replace_plan", command).await?, plan))
    }

    /// Hands a draft in for review.
    ///
    /// # Errors
    /// What [`Listing::submit`] refuses.
    pub async fn submit(&self, call: &Call, id: ListingId) -> Result<Loaded<Listing>, AppError> {
        let now = self.ports.now();
        self.own(call, id, "listing.submit", |listing| Ok(listing.submit(now)?)).await
    }

    /// Takes a listing that was never live back to draft.
    ///
    /// # Errors
    /// What [`Listing::withdraw`] refuses.
    pub async fn withdraw(&self, call: &Call, id: ListingId) -> Result<Loaded<Listing>, AppError> {
        let now = self.ports.now();
        self.own(call, id, "listing.withdraw", |listing| Ok(listing.withdraw(now)?)).await
    }

    /// Puts an approved listing on sale.
    ///
    /// # Errors
    /// What [`Listing::go_live`] refuses.
    pub async fn go_live(&self, call: &Call, id: ListingId) -> Result<Loaded<Listing>, AppError> {
        let evidence = self.evidence(&self.owned(call, id).await?).await?;
        let now = self.ports.now();
        self.own(call, id, "listing.go_live", |listing| {
            Ok(listing.go_live(&evidence.shipping, &evidence.kyc, now)?)
        })
        .await
    }

    /// Takes a listing off sale for ever.
    ///
    /// # Errors
    /// What [`Listing::retire`] refuses.
    pub async fn retire(&self, call: &Call, id: ListingId) -> Result<Loaded<Listing>, AppError> {
        let now = self.ports.now();
        let evidence = self.ports.catalog.retire_evidence(id, now).await?;
        self.own(call, id, "listing.retire", |listing| Ok(listing.retire(&evidence, now)?)).await
    }

    /// Sells a newer version from now on; licences sold before keep theirs.
    ///
    /// # Errors
    /// What [`Listing::ship_version`] refuses.
    pub async fn ship_version(
        &self,
        call: &Call,
        id: ListingId,
        version: CourseVersionId,
    ) -> Result<Loaded<Listing>, AppError> {
        let course = self.owned(call, id).await?.data().course_id.clone();
        let shipping = self.ports.catalog_facts.shipping(&course, &version).await?;
        let now = self.ports.now();
        self.own(call, id, "listing.ship_version", |listing| {
            Ok(listing.ship_version(version.clone(), &shipping, now)?)
        })
        .await
    }

    /// Approves the version that was reviewed, or its revision that waits.
    ///
    /// # Errors
    /// What [`Listing::approve`] refuses.
    pub async fn approve(
        &self,
        call: &Call,
        id: ListingId,
        reviewed_version: u64,
    ) -> Result<Loaded<Listing>, AppError> {
        let evidence = self.evidence(&self.reviewed(call, id).await?).await?;
        let now = self.ports.now();
        self.staff(call, id, "listing.approve", |listing| {
            Ok(listing.approve(reviewed_version, &evidence.shipping, &evidence.kyc, now)?)
        })
        .await
    }

    /// Sends a submitted listing back, or drops the revision that waits.
    ///
    /// # Errors
    /// What [`Listing::reject`] refuses.
    pub async fn reject(
        &self,
        call: &Call,
        id: ListingId,
        reason: &str,
    ) -> Result<Loaded<Listing>, AppError> {
        let now = self.ports.now();
        self.staff(call, id, "listing.reject", |listing| Ok(listing.reject(reason, now)?)).await
    }

    /// Takes a live listing off sale.
    ///
    /// # Errors
    /// What [`Listing::suspend`] refuses.
    pub async fn suspend(
        &self,
        call: &Call,
        id: ListingId,
        reason: &str,
    ) -> Result<Loaded<Listing>, AppError> {
        let now = self.ports.now();
        self.staff(call, id, "listing.suspend", |listing| Ok(listing.suspend(reason, now)?)).await
    }

    /// Puts a suspended listing back on sale.
    ///
    /// # Errors
    /// What [`Listing::reinstate`] refuses.
    pub async fn reinstate(&self, call: &Call, id: ListingId) -> Result<Loaded<Listing>, AppError> {
        let evidence = self.evidence(&self.reviewed(call, id).await?).await?;
        let now = self.ports.now();
        self.staff(call, id, "listing.reinstate", |listing| {
            Ok(listing.reinstate(&evidence.shipping, &evidence.kyc, now)?)
        })
        .await
    }

    /// Sets what a provider negotiated (ruling R56).
    ///
    /// # Errors
    /// What [`Listing::set_revenue_share`] refuses.
    pub async fn set_revenue_share(
        &self,
        call: &Call,
        id: ListingId,
        share: RevenueShare,
    ) -> Result<Loaded<Listing>, AppError> {
        let now = self.ports.now();
        self.staff(
            call,
            id,
            "listing.set_revenue_share",
            |listing| Ok(listing.set_revenue_share(share, now)?),
        )
        .await
    }

    async fn owned(&self, call: &Call, id: ListingId) -> Result<Listing, AppError> {
        let found = self.ports.listings.find(&call.scope(), &id).await?;
        found
            .filter(|listing| listing.data().provider_tenant_id == call.principal.tenant_id)
            .ok_or_else(|| AppError::not_found("listing"))
    }

    async fn reviewed(&self, call: &Call, id: ListingId) -> Result<Listing, AppError> {
        let found = self.ports.listings.find(&call.platform_scope()?, &id).await?;
        found.ok_or_else(|| AppError::not_found("listing"))
    }

    async fn evidence(&self, listing: &Listing) -> Result<Evidence, AppError> {
        let data = listing.data();
        Ok(Evidence {
            shipping: self.ports.catalog_facts.shipping(&data.course_id, &data.course_version_id).await?,
            kyc: self.ports.provider_facts.kyc(&data.provider_tenant_id).await?,
        })
    }

    async fn own(
        &self,
        call: &Call,
        id: ListingId,
        action: &'static str,
        command: impl FnMut(&mut Listing) -> Result<Outcome, AppError> + Send,
    ) -> Result<Loaded<Listing>, AppError> {
        // A live listing of another provider can be read, but it is not the caller's to change.
        self.owned(call, id).await?;
        let context = call.context(action, &id, self.ports.now());
        self.ports.change(&*self.ports.listings, &call.scope(), &id, context, command).await
    }

    async fn staff(
        &self,
        call: &Call,
        id: ListingId,
        action: &'static str,
        command: impl FnMut(&mut Listing) -> Result<Outcome, AppError> + Send,
    ) -> Result<Loaded<Listing>, AppError> {
        let context = call.context(action, &id, self.ports.now());
        let scope: Scope = call.platform_scope()?;
        self.ports.change(&*self.ports.listings, &scope, &id, context, command).await
    }
}
