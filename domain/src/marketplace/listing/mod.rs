//! Listing: a provider's offer of one course version, with its plans, from draft to retirement.
//!
//! Guards L-INV-1 to L-INV-5, L-INV-7 to L-INV-10 and AC-1; L-INV-6 is [`RevenueShare`]'s. The states and
//! what leads from one to another are [`TRANSITIONS`]. Source: seed 002 section 3.1, marketplace.md 1.

mod check;
mod data;
mod edit;
mod error;
mod event;
mod evidence;
mod marketing;
mod offer;
mod plan;
mod plan_commands;
pub mod review;
pub mod revision;
mod status;
#[cfg(test)]
mod tests;

pub use data::ListingData;
pub use edit::{ListingEdit, NewListing, Patch};
pub use error::ListingError;
pub use event::{ListingEvent, ListingFacts};
pub use evidence::{KycEvidence, RetireEvidence, ShippingEvidence};
pub use marketing::{ListingMarketing, Visibility};
pub use offer::Offer;
pub use plan::{PlanEdit, PlanTerms, PricingPlan};
pub use review::{ApprovedContent, FieldChange, FieldValue, ListingContent, ListingReview};
pub use revision::{ListingRevision, RevisionAction, RevisionProposal, RevisionState};
pub use status::{ListingAction, ListingState, TRANSITIONS};

use crate::{
    kernel::{
        Aggregate, Changes, CourseVersionId, LastTransition, ListingId, NoRow, Outcome, PricingPlanId, Root,
        Step, Timestamp, step,
    },
    marketplace::values::RevenueShare,
};

/// A listing.
///
/// ```
/// use sarai_domain::{
///     kernel::{Aggregate, Currency, Money, Timestamp},
///     marketplace::{
///         listing::*,
///         values::{PlanKind, RefundPolicy},
///     },
/// };
///
/// let now: Timestamp = "2026-04-20T09:30:00Z".parse()?;
/// let mut listing = Listing::create(
///     NewListing {
///         id: "lst_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///         provider_tenant_id: "acme".parse()?,
///         course_id: "rust-101".parse()?,
///         course_version_id: "rust-101-v3".parse()?,
///         visibility: Visibility::Public,
///         marketing: ListingMarketing::try_new("Rust in a week", String::new(), None, vec![], None)?,
///         refund_policy: RefundPolicy::try_new(30, None)?,
///         revenue_share: None,
///         category: None,
///         tags: vec![],
///     },
///     now,
/// )?;
/// let price = Money::parse("49.00", Currency::parse("USD")?)?;
/// let terms = PlanTerms::try_new(PlanKind::OneTime, price, None, None, None, false, true)?;
/// let plan = "pln_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?;
/// let _ = listing.add_plan(plan, terms, now)?;
///
/// let shipping =
///     ShippingEvidence { course_version_id: "rust-101-v3".parse()?, published: true, built: true };
/// let kyc = KycEvidence { provider_tenant_id: "acme".parse()?, verified: true };
/// let _ = listing.submit(now)?;
/// let _ = listing.approve(listing.version(), &shipping, &kyc, now)?;
/// assert!(matches!(listing.offer(plan, &kyc), Err(ListingError::NotLive(ListingState::Approved))));
/// let _ = listing.go_live(&shipping, &kyc, now)?;
/// assert_eq!(listing.offer(plan, &kyc)?.price, price);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Listing {
    root: Root<ListingData, ListingEvent>,
}

impl Aggregate for Listing {
    type Id = ListingId;
    type Data = ListingData;
    type Row = NoRow;
    type Event = ListingEvent;
    type Error = ListingError;

    const NAME: &'static str = "listing";

    fn rehydrate(data: ListingData, _rows: Vec<NoRow>, version: u64) -> Result<Self, ListingError> {
        Self::check(&data)?;
        Ok(Self { root: Root::stored(data, version) })
    }

    fn id(&self) -> ListingId {
        self.root.data.id
    }

    fn data(&self) -> &ListingData {
        &self.root.data
    }

    fn version(&self) -> u64 {
        self.root.version()
    }

    fn into_changes(self) -> Changes<Self> {
        let id = self.root.data.id;
        self.root.into_changes(id)
    }
}

impl Listing {
    /// A draft without plans.
    ///
    /// # Errors
    /// [`ListingError::RevenueShareForbidden`] for another share than the default, or a category or tag out
    /// of its bounds.
    pub fn create(new: NewListing, now: Timestamp) -> Result<Self, ListingError> {
        if new.revenue_share.is_some_and(|share| share != RevenueShare::DEFAULT) {
            return Err(ListingError::RevenueShareForbidden);
        }
        Ok(Self {
            root: Root::new(ListingData {
                id: new.id,
                provider_tenant_id: new.provider_tenant_id,
                course_id: new.course_id,
                course_version_id: new.course_version_id,
                visibility: new.visibility,
                pricing_plans: Vec::new(),
                marketing: new.marketing,
                refund_policy: new.refund_policy,
                revenue_share: RevenueShare::DEFAULT,
                category: new.category.as_deref().map(marketing::category).transpose()?,
                tags: marketing::tags(&new.tags)?,
                state: ListingState::Draft,
                submitted_at: None,
                approved_at: None,
                approved_version: None,
                suspended_at: None,
                suspension_reason: None,
                retired_at: None,
                ever_live: false,
                shipping_evidence: None,
                kyc_evidence: None,
                retire_evidence: None,
                last_transition: None,
                last_approved: None,
                pending_revision: None,
                last_revision: None,
                created_at: now,
                updated_at: now,
            }),
        })
    }

    /// Changes what is named, in draft and submitted. A submitted listing stays submitted, submitted anew.
    ///
    /// # Errors
    /// [`ListingError::NotEditable`] in other states, [`ListingError::RevenueShareForbidden`] for another
    /// share than the current one, or a category or tag out of its bounds.
    pub fn edit(&mut self, edit: ListingEdit, now: Timestamp) -> Result<Outcome, ListingError> {
        self.require_state(&[ListingState::Draft, ListingState::Submitted], "be edited")?;
        let mut next = self.root.data.clone();
        if edit.revenue_share.is_some_and(|share| share != next.revenue_share) {
            return Err(ListingError::RevenueShareForbidden);
        }
        next.course_version_id = edit.course_version_id.unwrap_or(next.course_version_id);
        next.visibility = edit.visibility.unwrap_or(next.visibility);
        next.marketing = edit.marketing.unwrap_or(next.marketing);
        next.refund_policy = edit.refund_policy.unwrap_or(next.refund_policy);
        next.category = edit.category.over(next.category).as_deref().map(marketing::category).transpose()?;
        next.tags = marketing::tags(&edit.tags.unwrap_or(next.tags))?;
        self.change(next, now)
    }

    /// Asks for a review.
    ///
    /// # Errors
    /// [`ListingError::InvalidTransition`], [`ListingError::NoActivePlan`] (L-INV-1).
    pub fn submit(&mut self, now: Timestamp) -> Result<Outcome, ListingError> {
        let Step::To(to) = self.step(ListingAction::Submit, None)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        self.root.data.require_active_plan()?;
        self.root.data.submitted_at = Some(now);
        Ok(self.enter(to, ListingAction::Submit, None, now, |listing| ListingEvent::Submitted { listing }))
    }

    /// Takes it back to draft, before it was ever live.
    ///
    /// # Errors
    /// [`ListingError::InvalidTransition`].
    pub fn withdraw(&mut self, now: Timestamp) -> Result<Outcome, ListingError> {
        let Step::To(to) = self.step(ListingAction::Withdraw, None)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        self.forget_review();
        Ok(self.enter(to, ListingAction::Withdraw, None, now, |listing| ListingEvent::Withdrawn { listing }))
    }

    /// Returns it to its provider; of a listing on sale, drops the revision that waits.
    ///
    /// # Errors
    /// [`ListingError::InvalidTransition`], [`ListingError::Reason`].
    pub fn reject(&mut self, reason: &str, now: Timestamp) -> Result<Outcome, ListingError> {
        let reason = marketing::line(reason, MAX_REASON).ok_or(ListingError::Reason)?;
        if let Some(outcome) = self.reject_revision(&reason, now) {
            return Ok(outcome);
        }
        let Step::To(to) = self.step(ListingAction::Reject, Some(&reason))? else {
            return Ok(Outcome::AlreadyApplied);
        };
        self.forget_review();
        Ok(self.enter(to, ListingAction::Reject, Some(reason.clone()), now, |listing| {
            ListingEvent::Rejected { listing, reason }
        }))
    }

    /// Accepts the version that was reviewed, and no other; of a listing on sale, applies the revision that
    /// waits.
    ///
    /// # Errors
    /// [`ListingError::InvalidTransition`]; [`ListingError::StaleReview`] when the listing has changed since
    /// the review, or was approved on another; [`ListingError::NotShippable`] (L-INV-2);
    /// [`ListingError::KycMissing`] (L-INV-3).
    pub fn approve(
        &mut self,
        reviewed_version: u64,
        shipping: &ShippingEvidence,
        kyc: &KycEvidence,
        now: Timestamp,
    ) -> Result<Outcome, ListingError> {
        if let Some(decided) = self.approve_revision(reviewed_version, now) {
            return decided;
        }
        let argument = reviewed_version.to_string();
        let current = self.root.version();
        let to = match self.step(ListingAction::Approve, Some(&argument)) {
            Ok(Step::AlreadyApplied) => return Ok(Outcome::AlreadyApplied),
            Ok(Step::To(to)) if reviewed_version == current => to,
            Err(error) if !self.came_by(ListingAction::Approve) => return Err(error),
            Ok(Step::To(_)) | Err(_) => {
                return Err(ListingError::StaleReview { reviewed: reviewed_version, current });
            }
        };
        self.admit(shipping, kyc)?;
        self.root.data.approved_at = Some(now);
        self.keep_approved(reviewed_version);
        Ok(self.enter(to, ListingAction::Approve, Some(argument), now, |listing| ListingEvent::Approved {
            listing,
            reviewed_version,
        }))
    }

    /// Puts it on sale.
    ///
    /// # Errors
    /// [`ListingError::InvalidTransition`], [`ListingError::NoActivePlan`] (L-INV-1),
    /// [`ListingError::NotShippable`] (L-INV-2), [`ListingError::KycMissing`] (L-INV-3).
    pub fn go_live(
        &mut self,
        shipping: &ShippingEvidence,
        kyc: &KycEvidence,
        now: Timestamp,
    ) -> Result<Outcome, ListingError> {
        let Step::To(to) = self.step(ListingAction::GoLive, None)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        self.root.data.require_active_plan()?;
        self.admit(shipping, kyc)?;
        self.root.data.ever_live = true;
        Ok(self.enter(to, ListingAction::GoLive, None, now, |listing| ListingEvent::Live { listing }))
    }

    /// Takes it off sale. Orders placed before go on, licences stay (L-INV-8).
    ///
    /// # Errors
    /// [`ListingError::InvalidTransition`], [`ListingError::Reason`].
    pub fn suspend(&mut self, reason: &str, now: Timestamp) -> Result<Outcome, ListingError> {
        let reason = marketing::line(reason, MAX_REASON).ok_or(ListingError::Reason)?;
        let Step::To(to) = self.step(ListingAction::Suspend, Some(&reason))? else {
            return Ok(Outcome::AlreadyApplied);
        };
        self.root.data.suspended_at = Some(now);
        self.root.data.suspension_reason = Some(reason.clone());
        Ok(self.enter(to, ListingAction::Suspend, Some(reason.clone()), now, |listing| {
            ListingEvent::Suspended { listing, reason }
        }))
    }

    /// Puts it on sale again.
    ///
    /// # Errors
    /// As [`Listing::go_live`].
    pub fn reinstate(
        &mut self,
        shipping: &ShippingEvidence,
        kyc: &KycEvidence,
        now: Timestamp,
    ) -> Result<Outcome, ListingError> {
        let Step::To(to) = self.step(ListingAction::Reinstate, None)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        self.root.data.require_active_plan()?;
        self.admit(shipping, kyc)?;
        self.root.data.suspended_at = None;
        self.root.data.suspension_reason = None;
        Ok(self
            .enter(to, ListingAction::Reinstate, None, now, |listing| ListingEvent::Reinstated { listing }))
    }

    /// Ends it.
    ///
    /// # Errors
    /// [`ListingError::InvalidTransition`]; [`ListingError::InUse`] (L-INV-7) with what still depends on it.
    pub fn retire(&mut self, evidence: &RetireEvidence, now: Timestamp) -> Result<Outcome, ListingError> {
        let Step::To(to) = self.step(ListingAction::Retire, None)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        evidence.require(now)?;
        self.root.data.retired_at = Some(now);
        self.root.data.pending_revision = None;
        self.root.data.retire_evidence = Some(evidence.clone());
        Ok(self.enter(to, ListingAction::Retire, None, now, |listing| ListingEvent::Retired { listing }))
    }

    /// Sells a newer course version from now on; licences sold keep theirs.
    ///
    /// # Errors
    /// [`ListingError::NotEditable`] unless live or suspended, [`ListingError::NotShippable`] (L-INV-2).
    pub fn ship_version(
        &mut self,
        version: CourseVersionId,
        shipping: &ShippingEvidence,
        now: Timestamp,
    ) -> Result<Outcome, ListingError> {
        self.require_state(&[ListingState::Live, ListingState::Suspended], "ship another version")?;
        if version == self.root.data.course_version_id {
            return Ok(Outcome::AlreadyApplied);
        }
        shipping.require(&version)?;
        let mut next = self.root.data.clone();
        next.course_version_id = version;
        next.shipping_evidence = Some(shipping.clone());
        self.change(next, now)
    }

    /// Sets what the platform negotiated. Orders placed before keep the share they froze.
    ///
    /// # Errors
    /// [`ListingError::NotEditable`] when retired.
    pub fn set_revenue_share(
        &mut self,
        share: RevenueShare,
        now: Timestamp,
    ) -> Result<Outcome, ListingError> {
        self.require_not_retired("change its revenue share")?;
        let mut next = self.root.data.clone();
        next.revenue_share = share;
        self.change(next, now)
    }

    /// Whether it may be sold now, whatever the plan. A quote needs this and no more: its price holds even
    /// when the plan has left the sale.
    ///
    /// # Errors
    /// [`ListingError::NotLive`] (L-INV-8), [`ListingError::KycMissing`] (L-INV-3).
    pub fn require_on_sale(&self, kyc: &KycEvidence) -> Result<(), ListingError> {
        if self.root.data.state != ListingState::Live {
            return Err(ListingError::NotLive(self.root.data.state));
        }
        kyc.require(&self.root.data.provider_tenant_id)
    }

    /// What an order line freezes of one plan.
    ///
    /// # Errors
    /// As [`Listing::require_on_sale`]; [`ListingError::PlanNotFound`]; [`ListingError::PlanInactive`].
    pub fn offer(&self, plan: PricingPlanId, kyc: &KycEvidence) -> Result<Offer, ListingError> {
        self.require_on_sale(kyc)?;
        let offer = self.terms(plan)?;
        if self.plan(plan).is_some_and(|plan| plan.active) {
            Ok(offer)
        } else {
            Err(ListingError::PlanInactive(plan))
        }
    }

    /// A plan's terms whatever the state of the listing and the plan: what a grant without a sale follows.
    ///
    /// # Errors
    /// [`ListingError::PlanNotFound`].
    pub fn terms(&self, plan: PricingPlanId) -> Result<Offer, ListingError> {
        let data = &self.root.data;
        let plan = self.plan(plan).ok_or(ListingError::PlanNotFound(plan))?;
        Ok(Offer {
            listing_id: data.id,
            provider_tenant_id: data.provider_tenant_id.clone(),
            pricing_plan_id: plan.id,
            plan_kind: plan.kind,
            price: plan.price,
            plan_seats: plan.seats,
            interval_months: plan.interval_months,
            perpetual_offline_access: plan.perpetual_offline_access,
            refund_policy: data.refund_policy,
            revenue_share: data.revenue_share,
            course_id: data.course_id.clone(),
            course_version_id: data.course_version_id.clone(),
        })
    }

    fn step(
        &self,
        action: ListingAction,
        argument: Option<&str>,
    ) -> Result<Step<ListingState>, ListingError> {
        let data = &self.root.data;
        Ok(step(TRANSITIONS, data.state, action, argument, data.last_transition.as_ref())?)
    }

    fn came_by(&self, action: ListingAction) -> bool {
        self.root.data.last_transition.as_ref().is_some_and(|last| last.action == action)
    }

    /// L-INV-2 and L-INV-3, keeping what was seen.
    fn admit(&mut self, shipping: &ShippingEvidence, kyc: &KycEvidence) -> Result<(), ListingError> {
        shipping.require(&self.root.data.course_version_id)?;
        kyc.require(&self.root.data.provider_tenant_id)?;
        self.root.data.shipping_evidence = Some(shipping.clone());
        self.root.data.kyc_evidence = Some(kyc.clone());
        Ok(())
    }

    fn forget_review(&mut self) {
        self.root.data.approved_at = None;
        self.root.data.approved_version = None;
        self.root.data.shipping_evidence = None;
        self.root.data.kyc_evidence = None;
    }

    fn enter(
        &mut self,
        to: ListingState,
        action: ListingAction,
        argument: Option<String>,
        now: Timestamp,
        event: impl FnOnce(ListingFacts) -> ListingEvent,
    ) -> Outcome {
        let data = &mut self.root.data;
        data.state = to;
        data.last_transition = Some(LastTransition { action, argument });
        data.updated_at = now;
        let facts = self.facts(now);
        self.root.record(event(facts));
        Outcome::Applied
    }

    fn facts(&self, now: Timestamp) -> ListingFacts {
        let data = &self.root.data;
        ListingFacts {
            listing_id: data.id,
            provider_tenant_id: data.provider_tenant_id.clone(),
            course_id: data.course_id.clone(),
            course_version_id: data.course_version_id.clone(),
            at: now,
        }
    }

    /// Takes over a changed document. What a moderator has before them must stay fit for review.
    fn change(&mut self, mut next: ListingData, now: Timestamp) -> Result<Outcome, ListingError> {
        if next == self.root.data {
            return Ok(Outcome::AlreadyApplied);
        }
        if next.state == ListingState::Submitted {
            next.require_active_plan()?;
            next.submitted_at = Some(now);
        }
        next.updated_at = now;
        self.root.data = next;
        Ok(Outcome::Applied)
    }

    fn require_state(&self, allowed: &[ListingState], change: &'static str) -> Result<(), ListingError> {
        let state = self.root.data.state;
        if allowed.contains(&state) { Ok(()) } else { Err(ListingError::NotEditable { state, change }) }
    }

    fn require_not_retired(&self, change: &'static str) -> Result<(), ListingError> {
        match self.root.data.state {
            state @ ListingState::Retired => Err(ListingError::NotEditable { state, change }),
            ListingState::Draft
            | ListingState::Submitted
            | ListingState::Approved
            | ListingState::Live
            | ListingState::Suspended => Ok(()),
        }
    }
}

const MAX_REASON: usize = 1_000;
