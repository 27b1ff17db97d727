//! The commands on a listing's plans. After approval a plan is replaced, not changed (L-INV-9).

use super::{Listing, ListingError, ListingState, PlanEdit, PlanTerms, PricingPlan};
use crate::kernel::{Outcome, PricingPlanId, Timestamp};

impl Listing {
    /// Adds a plan, at any time before retirement.
    ///
    /// # Errors
    /// [`ListingError::NotEditable`] when retired, [`ListingError::PlanExists`] for an id in use.
    pub fn add_plan(
        &mut self,
        id: PricingPlanId,
        terms: PlanTerms,
        now: Timestamp,
    ) -> Result<Outcome, ListingError> {
        self.require_not_retired("get a plan")?;
        if self.plan(id).is_some() {
            return Err(ListingError::PlanExists(id));
        }
        let mut next = self.root.data.clone();
        next.pricing_plans.push(PricingPlan::new(id, terms));
        self.change(next, now)
    }

    /// Changes what is named of a plan: everything in draft and submitted, `active` alone later (L-INV-9).
    /// A listing on sale may have all its plans inactive: it is then hidden and cannot be bought.
    ///
    /// # Errors
    /// [`ListingError::NotEditable`] when retired, [`ListingError::PlanNotFound`],
    /// [`ListingError::PlanFrozen`], what [`PlanTerms::try_new`] refuses, and
    /// [`ListingError::NoActivePlan`] when a submitted listing would be left without an active plan.
    pub fn edit_plan(
        &mut self,
        id: PricingPlanId,
        edit: PlanEdit,
        now: Timestamp,
    ) -> Result<Outcome, ListingError> {
        self.require_not_retired("change a plan")?;
        let mut next = self.root.data.clone();
        let plan = find(&mut next.pricing_plans, id)?;
        let free = matches!(self.root.data.state, ListingState::Draft | ListingState::Submitted);
        if !free && !edit.only_activity() {
            return Err(ListingError::PlanFrozen(id));
        }
        *plan = PricingPlan::new(id, edit.over(plan)?);
        self.change(next, now)
    }

    /// Takes a plan off sale and adds its successor: how a frozen plan gets another price.
    ///
    /// # Errors
    /// [`ListingError::NotEditable`] when retired, [`ListingError::PlanNotFound`],
    /// [`ListingError::PlanExists`] for a new id in use, [`ListingError::NoActivePlan`] as for
    /// [`Listing::edit_plan`].
    pub fn replace_plan(
        &mut self,
        old: PricingPlanId,
        new_id: PricingPlanId,
        terms: PlanTerms,
        now: Timestamp,
    ) -> Result<Outcome, ListingError> {
        self.require_not_retired("replace a plan")?;
        if self.plan(new_id).is_some() {
            return Err(ListingError::PlanExists(new_id));
        }
        let mut next = self.root.data.clone();
        find(&mut next.pricing_plans, old)?.active = false;
        next.pricing_plans.push(PricingPlan::new(new_id, terms));
        self.change(next, now)
    }

    /// The plan of this id.
    pub fn plan(&self, id: PricingPlanId) -> Option<&PricingPlan> {
        self.root.data.pricing_plans.iter().find(|plan| plan.id == id)
    }
}

fn find(plans: &mut [PricingPlan], id: PricingPlanId) -> Result<&mut PricingPlan, ListingError> {
    plans.iter_mut().find(|plan| plan.id == id).ok_or(ListingError::PlanNotFound(id))
}
