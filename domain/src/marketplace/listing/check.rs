//! What holds of every stored listing, one row a rule, the evidence of past moments included.

use std::collections::BTreeSet;

use super::{Listing, ListingData, ListingError, ListingRevision, ListingState, PricingPlan, marketing};
use crate::{
    kernel::{Audited, Coded, Invariant, NoRow, Rule, require},
    marketplace::invariants::{AC_1, L_INV_1, L_INV_2, L_INV_3, L_INV_4, L_INV_5, L_INV_7, L_INV_10},
};
use ListingState::{Approved, Draft, Live, Retired, Submitted, Suspended};

type Result = std::result::Result<(), ListingError>;

impl Audited for Listing {
    #[rustfmt::skip]
    const RULES: &'static [Rule<Self>] = &[
        Rule::<Self>::of(AC_1,     |data, _| data.pricing_plans.iter().try_for_each(PricingPlan::check_money)),
        Rule::<Self>::of(L_INV_10, |data, _| data.pricing_plans.iter().try_for_each(PricingPlan::check_currency)),
        Rule::<Self>::of(L_INV_4,  |data, _| terms(data, Some(L_INV_4))),
        Rule::<Self>::of(L_INV_5,  |data, _| terms(data, Some(L_INV_5))),
        Rule::<Self>::ours(        |data, _| terms(data, None)),
        Rule::<Self>::ours(        |data, _| marketing::tags(&data.tags).map(drop)),
        Rule::<Self>::ours(        |data, _| data.category.as_deref().map_or(Ok(()), |one| marketing::category(one).map(drop))),
        Rule::<Self>::of(L_INV_1,  |data, _| if data.state == Submitted { data.require_active_plan() } else { Ok(()) }),
        Rule::<Self>::of(L_INV_2,  shippable),
        Rule::<Self>::of(L_INV_3,  verified),
        Rule::<Self>::of(L_INV_7,  released),
        Rule::<Self>::ours(        |data, _| data.pending_revision.as_ref().map_or(Ok(()), ListingRevision::check)),
        Rule::<Self>::ours(dates),
    ];
}

impl Listing {
    /// Every rule that the document alone can show to be broken.
    #[cfg(test)]
    pub(super) fn check_invariants(&self) -> Result {
        require::<Self>(&self.root.data, &[])
    }

    /// The same of a document.
    pub(super) fn check(data: &ListingData) -> Result {
        require::<Self>(data, &[])
    }
}

/// What a plan's terms break of one invariant, or of none.
fn terms(data: &ListingData, invariant: Option<Invariant>) -> Result {
    let broken = |plan: &PricingPlan| plan.check_terms().err().filter(|error| error.invariant() == invariant);
    data.pricing_plans.iter().find_map(broken).map_or(Ok(()), Err)
}

fn reviewed(data: &ListingData) -> bool {
    match data.state {
        Draft | Submitted => false,
        Approved | Live | Suspended | Retired => true,
    }
}

const NO_EVIDENCE: ListingError = ListingError::Inconsistent("it was approved without evidence");

fn shippable(data: &ListingData, _: &[NoRow]) -> Result {
    match &data.shipping_evidence {
        Some(evidence) if reviewed(data) => evidence.require(&data.course_version_id),
        None if reviewed(data) => Err(NO_EVIDENCE),
        Some(_) | None => Ok(()),
    }
}

fn verified(data: &ListingData, _: &[NoRow]) -> Result {
    match &data.kyc_evidence {
        Some(evidence) if reviewed(data) => evidence.require(&data.provider_tenant_id),
        None if reviewed(data) => Err(NO_EVIDENCE),
        Some(_) | None => Ok(()),
    }
}

fn released(data: &ListingData, _: &[NoRow]) -> Result {
    match (data.retired_at, &data.retire_evidence) {
        (Some(at), Some(evidence)) => evidence.require(at),
        (Some(_), None) => Err(ListingError::Inconsistent("its retirement contradicts its state")),
        (None, _) => Ok(()),
    }
}

fn dates(data: &ListingData, _: &[NoRow]) -> Result {
    let reviewed = reviewed(data);
    let ids: BTreeSet<_> = data.pricing_plans.iter().map(|plan| plan.id).collect();
    let retired = data.retired_at.is_some();
    let on_sale = matches!(data.state, Live | Suspended);
    let kept = data.last_approved.as_ref().map(|approved| approved.version);
    let suspended = data.suspended_at.is_some() && data.suspension_reason.is_some();
    #[rustfmt::skip]
    let rules = [
        (ids.len() == data.pricing_plans.len(),                      "two plans share an id"),
        (data.state == Draft || data.submitted_at.is_some(),         "it has no time of submission"),
        (data.approved_at.is_some() == reviewed,                     "its time of approval contradicts its state"),
        (data.approved_version.is_some() == reviewed,                "its approved version contradicts its state"),
        (data.ever_live == matches!(data.state, Live | Suspended | Retired), "everLive contradicts its state"),
        (data.state == Retired || suspended == (data.state == Suspended), "its suspension contradicts its state"),
        (on_sale || data.pending_revision.is_none(),                 "a revision waits although it is not on sale"),
        (!reviewed || kept.is_none() || kept == data.approved_version, "what was approved is of another version"),
        (retired == (data.state == Retired),                         "its retirement contradicts its state"),
    ];
    rules.iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, why)| Err(ListingError::Inconsistent(why)))
}
