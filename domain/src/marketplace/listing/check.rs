//! What holds of every stored listing.

use std::collections::BTreeSet;

use super::{Listing, ListingError, ListingRevision, ListingState, PricingPlan, marketing};

impl Listing {
    /// Every rule that the document alone can show to be broken, the evidence of past moments included.
    pub(super) fn check_invariants(&self) -> Result<(), ListingError> {
        use ListingState::{Approved, Draft, Live, Retired, Submitted, Suspended};

        let data = &self.root.data;
        data.pricing_plans.iter().try_for_each(PricingPlan::check)?;
        marketing::tags(&data.tags)?;
        data.category.as_deref().map(marketing::category).transpose()?;
        let reviewed = match data.state {
            Draft => false,
            Submitted => {
                data.require_active_plan()?;
                false
            }
            Approved | Live | Suspended | Retired => true,
        };
        if reviewed {
            let missing = ListingError::Inconsistent("it was approved without evidence");
            let (Some(shipping), Some(kyc)) = (&data.shipping_evidence, &data.kyc_evidence) else {
                return Err(missing);
            };
            shipping.require(&data.course_version_id)?;
            kyc.require(&data.provider_tenant_id)?;
        }
        data.pending_revision.as_ref().map_or(Ok(()), ListingRevision::check)?;
        if let (Some(at), Some(evidence)) = (data.retired_at, &data.retire_evidence) {
            evidence.require(at)?;
        }
        let ids: BTreeSet<_> = data.pricing_plans.iter().map(|plan| plan.id).collect();
        let retired = data.retired_at.is_some() && data.retire_evidence.is_some();
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
}
