//! Somebody sells something, and somebody buys it.

use sarai::embedded::Embedded;
use sarai_application::{
    Call,
    marketplace::{CartRequest, RequestedLine},
};
use sarai_domain::{
    kernel::{Aggregate as _, Currency, ListingId, Money, OrderLineId, PricingPlanId, TenantId, UserId},
    marketplace::{
        listing::{ListingMarketing, NewListing, PlanTerms, Visibility},
        order::OrderStatus,
        values::{PlanKind, RefundPolicy, SeatCount},
    },
};
use sarai_ports::auth::Principal;

use crate::until;

pub(crate) struct Market<'a> {
    sarai: &'a Embedded,
    listing: ListingId,
    plan: PricingPlanId,
}

pub(crate) fn call(account: &str) -> Call {
    let known = sarai_standins::demo::ACCOUNTS.iter().find(|known| known.email.starts_with(account)).unwrap();
    Call {
        principal: Principal {
            user_id: UserId::try_new(known.id).unwrap(),
            tenant_id: TenantId::try_new(known.id).unwrap(),
            email: Some(known.email.to_owned()),
            roles: known.roles.to_vec(),
            via: sarai_ports::auth::Via::default(),
        },
        request_id: None,
        claim: None,
        reason: None,
    }
}

fn draft(id: ListingId, provider_tenant_id: TenantId, number: u32) -> NewListing {
    NewListing {
        id,
        provider_tenant_id,
        course_id: format!("crs_demo_{number}").parse().unwrap(),
        course_version_id: format!("cv_demo_{number}").parse().unwrap(),
        visibility: Visibility::Public,
        marketing: ListingMarketing::try_new("Welding", String::new(), None, Vec::new(), None).unwrap(),
        refund_policy: RefundPolicy::try_new(14, None).unwrap(),
        revenue_share: None,
        category: None,
        tags: Vec::new(),
    }
}

impl<'a> Market<'a> {
    /// A live listing of a course of the demo's provider, once its facts have arrived.
    pub(crate) async fn new(sarai: &'a Embedded, number: u32) -> Self {
        Self::selling(sarai, number, PlanKind::OneTime, None).await
    }

    /// The same for everybody of a tenant, by the month: it can be bought again and again.
    pub(crate) async fn monthly(sarai: &'a Embedded, number: u32) -> Self {
        Self::selling(sarai, number, PlanKind::SiteLicense, Some(1)).await
    }

    async fn selling(sarai: &'a Embedded, number: u32, kind: PlanKind, months: Option<u32>) -> Self {
        let (provider, admin) = (call("provider"), call("admin"));
        let tenant = &provider.principal.tenant_id;
        until("the provider", async || sarai.ports.provider_facts.kyc(tenant).await.unwrap().verified).await;
        until("the course", async || {
            let course = format!("crs_demo_{number}").parse().unwrap();
            let version = format!("cv_demo_{number}").parse().unwrap();
            let facts = sarai.ports.catalog_facts.shipping(&course, &version).await.unwrap();
            facts.published && facts.built
        })
        .await;
        let listings = &sarai.marketplace.listings;
        let draft = |id, tenant| draft(id, tenant, number);
        let listing = listings.create(&provider, draft).await.unwrap().aggregate.id();
        let price = Money::parse("49.00", Currency::parse("USD").unwrap()).unwrap();
        let terms = PlanTerms::try_new(kind, price, None, None, months, false, true).unwrap();
        let (_, plan) = listings.add_plan(&provider, listing, terms).await.unwrap();
        let submitted = listings.submit(&provider, listing).await.unwrap();
        listings.approve(&admin, listing, submitted.version).await.unwrap();
        listings.go_live(&provider, listing).await.unwrap();
        Self { sarai, listing, plan }
    }

    /// A purchase, from the cart to the licence; its line.
    pub(crate) async fn buy(&self) -> OrderLineId {
        let buyer = call("buyer");
        let line = RequestedLine {
            listing_id: self.listing,
            pricing_plan_id: self.plan,
            quantity: SeatCount::try_new(1).unwrap(),
        };
        let cart = CartRequest {
            currency: Currency::parse("USD").unwrap(),
            lines: vec![line],
            coupon_codes: Vec::new(),
        };
        let orders = &self.sarai.marketplace.orders;
        let order = orders.place(&buyer, &cart).await.unwrap().order;
        let paid = orders.pay(&buyer, order.id(), "tok_ok").await.unwrap();
        assert_eq!(paid.data().status, OrderStatus::Fulfilled);
        paid.data().lines[0].id
    }
}
