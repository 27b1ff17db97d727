//! The ways to buy a listing (marketplace.md 1, L-INV-4, L-INV-5, L-INV-9, L-INV-10).
//!
//! A plan is part of its listing: the entity tag of an answer is the listing's, and so is the one that
//! `If-Match` names.

use poem_openapi::{
    Object, OpenApi,
    param::{Header, Path},
    payload::Json,
    types::MaybeUndefined,
};
use sarai_application::{Loaded, marketplace::listings::Listings};
use sarai_domain::{
    kernel::{Aggregate, PricingPlanId, id::kinds},
    marketplace::listing::{Listing, ListingError, PlanEdit, PlanTerms},
};

use super::{
    Tag,
    dto_listing::PlanBody,
    located::Located,
    members::{always, optional, or_initial},
    plan_kind::ApiPlanKind,
};
use crate::{
    answers::{Created, Tagged},
    caller::{Caller, if_match},
    problem::Problem,
    scalars::{ApiCurrency, ApiId, ApiMoney},
};

/// Routes of a listing's plans.
pub struct PlanRoutes {
    listings: Listings,
}

/// A plan to add, or to put in the place of another.
#[derive(Debug, Object)]
#[oai(rename = "NewPricingPlan", rename_all = "camelCase")]
pub struct NewPlanBody {
    /// How it sells.
    kind: ApiPlanKind,
    /// The price of one pack, before tax.
    price: ApiMoney,
    /// The price's currency, when it is repeated.
    currency: Option<ApiCurrency>,
    /// Seats in a pack; of a site licence its limit.
    seats: Option<u32>,
    /// Months a period lasts.
    interval_months: Option<u32>,
    /// Whether the course may be kept offline for ever.
    #[oai(default)]
    perpetual_offline_access: bool,
    /// Whether it is on sale.
    #[oai(default = "on_sale")]
    active: bool,
}

/// A change of a plan, as a JSON merge patch; after approval only `active` changes.
#[derive(Debug, Default, Object)]
#[oai(rename = "PricingPlanPatch", rename_all = "camelCase")]
pub struct PlanPatchBody {
    /// How it sells.
    kind: MaybeUndefined<ApiPlanKind>,
    /// The price of one pack, before tax.
    price: MaybeUndefined<ApiMoney>,
    /// The price's currency, repeated.
    currency: MaybeUndefined<ApiCurrency>,
    /// Seats in a pack; of a site licence its limit.
    seats: MaybeUndefined<u32>,
    /// Months a period lasts.
    interval_months: MaybeUndefined<u32>,
    /// Whether the course may be kept offline for ever.
    perpetual_offline_access: MaybeUndefined<bool>,
    /// Whether it is on sale.
    active: MaybeUndefined<bool>,
}

fn on_sale() -> bool {
    true
}

impl NewPlanBody {
    fn parse(self) -> Result<PlanTerms, ListingError> {
        PlanTerms::try_new(
            self.kind.into(),
            self.price.0,
            self.currency.map(|currency| currency.0),
            self.seats,
            self.interval_months,
            self.perpetual_offline_access,
            self.active,
        )
    }
}

impl PlanPatchBody {
    fn parse(self) -> Result<PlanEdit, Problem> {
        Ok(PlanEdit {
            kind: always(self.kind, "/kind")?.map(Into::into),
            price: always(self.price, "/price")?.map(|price| price.0),
            currency: always(self.currency, "/currency")?.map(|currency| currency.0),
            seats: optional(self.seats, |seats| seats),
            interval_months: optional(self.interval_months, |months| months),
            perpetual_offline_access: or_initial(self.perpetual_offline_access, false),
            active: or_initial(self.active, on_sale()),
        })
    }
}

/// The plan as a command left it.
fn plan(listing: &Loaded<Listing>, id: PricingPlanId) -> Result<PlanBody, Problem> {
    let plan = listing.aggregate.data().pricing_plans.iter().find(|plan| plan.id == id);
    plan.map(PlanBody::from).ok_or_else(|| Problem::not_found("plan"))
}

fn created((listing, id): &(Loaded<Listing>, PricingPlanId)) -> Result<Located<Created<PlanBody>>, Problem> {
    let path = format!("/v1/listings/{}/plans/{id}", listing.aggregate.id());
    Ok(Located { path, version: Some(listing.version), answer: Created(plan(listing, *id)?) })
}

impl PlanRoutes {
    /// Over these use cases.
    pub fn new(listings: Listings) -> Self {
        Self { listings }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Listings")]
impl PlanRoutes {
    /// Add a plan
    ///
    /// The entity tag is the listing's, whose version every change of a plan raises.
    #[oai(path = "/listings/:id/plans", method = "post", operation_id = "plans.create")]
    async fn create(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
        body: Json<NewPlanBody>,
    ) -> Result<Located<Created<PlanBody>>, Problem> {
        let terms = body.0.parse().map_err(sarai_application::AppError::from)?;
        created(&self.listings.add_plan(&caller.0, id.0.0, terms).await?)
    }

    /// Change a plan, or whether it is on sale
    ///
    /// A JSON merge patch; `If-Match` names the listing's version.
    #[oai(path = "/listings/:id/plans/:planId", method = "patch", operation_id = "plans.edit")]
    async fn edit(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
        #[oai(name = "planId")] plan: Path<ApiId<kinds::PricingPlan>>,
        #[oai(name = "If-Match")] version: Header<Option<String>>,
        body: Json<PlanPatchBody>,
    ) -> Result<Tagged<200, PlanBody>, Problem> {
        let version = if_match(version.0.as_deref())?;
        let edit = body.0.parse()?;
        let listing = self.listings.edit_plan(&caller.0, id.0.0, version, plan.0.0, edit).await?;
        Ok(Tagged { version: listing.version, body: self::plan(&listing, plan.0.0)? })
    }

    /// Put a new plan in the place of one, which leaves the sale
    #[oai(path = "/listings/:id/plans/:planId/replace", method = "post", operation_id = "plans.replace")]
    async fn replace(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
        #[oai(name = "planId")] plan: Path<ApiId<kinds::PricingPlan>>,
        body: Json<NewPlanBody>,
    ) -> Result<Located<Created<PlanBody>>, Problem> {
        let terms = body.0.parse().map_err(sarai_application::AppError::from)?;
        created(&self.listings.replace_plan(&caller.0, id.0.0, plan.0.0, terms).await?)
    }
}

#[cfg(test)]
mod tests {
    use poem_openapi::types::{ParseFromJSON, ToJSON};
    use sarai_domain::{
        kernel::Coded,
        marketplace::listing::{Patch, PricingPlan},
    };
    use serde_json::{Value, json};

    use super::*;

    fn terms(body: Value) -> Result<PlanTerms, ListingError> {
        NewPlanBody::parse_from_json(Some(body)).unwrap().parse()
    }

    fn patch(body: Value) -> Result<PlanEdit, Problem> {
        PlanPatchBody::parse_from_json(Some(body)).unwrap().parse()
    }

    #[test]
    fn a_plan_s_answer_repeats_the_currency_and_has_every_member() {
        let price = json!({"amount": "49", "currency": "USD"});
        let terms = terms(json!({"kind": "one_time", "price": price})).unwrap();
        let plan = PricingPlan::new("pln_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(), terms);
        assert_eq!(
            PlanBody::from(&plan).to_json().unwrap(),
            json!({
                "id": "pln_01ARZ3NDEKTSV4RRFFQ69G5FAV",
                "kind": "one_time",
                "currency": "USD",
                "price": {"amount": "49.00", "currency": "USD"},
                "seats": null,
                "intervalMonths": null,
                "perpetualOfflineAccess": false,
                "active": true,
            })
        );
    }

    #[test]
    fn the_domain_refuses_terms_that_do_not_go_together() {
        let price = json!({"amount": "49", "currency": "USD"});
        let code = |body| terms(body).unwrap_err().code();
        assert_eq!(code(json!({"kind": "subscription", "price": price})), "listing.interval_missing");
        assert_eq!(code(json!({"kind": "seat_pack", "price": price})), "listing.seats_missing");
        let two = json!({"kind": "one_time", "price": price, "currency": "EUR"});
        assert_eq!(code(two), "listing.plan_currency_mismatch");
    }

    #[test]
    fn a_patch_keeps_clears_and_sets() {
        let edit = patch(json!({"active": false})).unwrap();
        assert!(edit.only_activity() && edit.active == Some(false));
        let edit = patch(json!({"seats": null, "intervalMonths": 12})).unwrap();
        assert_eq!((edit.seats, edit.interval_months), (Patch::Clear, Patch::Set(12)));
        assert_eq!(patch(json!({"price": null})).unwrap_err().code(), "validation_failed");
    }
}
