//! What the use cases ask of billing, call by call: keys, amounts and how often.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::Arc;

use sarai_application::{
    Call, Ports,
    app::Policy,
    devportal::DevportalPorts,
    marketplace::{CartRequest, Marketplace, RequestedLine, consumers, routes::consumers_of},
};
use sarai_domain::{
    kernel::{Aggregate, Currency, ListingId, Money, PricingPlanId, TenantId, Timestamp, UserId},
    marketplace::{
        listing::{ListingMarketing, NewListing, PlanTerms, Visibility},
        order::{OrderStatus, PaymentState, RefundState},
        values::{PlanKind, RefundPolicy, SeatCount},
    },
};
use sarai_memory::MemoryStore;
use sarai_ports::{
    GatewayError,
    auth::{Principal, Role},
    marketplace::{CatalogFacts, IntentCreated, PaymentAnswer, ProviderFacts, RefundStatus, TaxAnswer},
};
use sarai_ports_mocks::{MockBilling, MockEnrollment};
use sarai_relay::Relay;
use sarai_system::{Ed25519Signer, KeyedLanes, ManualClock, OsEntropy, SeededIds};

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::parse("USD").unwrap()).unwrap()
}

fn call(tenant: &'static str, roles: &[Role]) -> Call {
    let principal = Principal {
        user_id: UserId::from_static(tenant),
        tenant_id: TenantId::from_static(tenant),
        email: None,
        roles: roles.to_vec(),
        via: sarai_ports::auth::Via::default(),
    };
    Call { principal, request_id: None, claim: None, reason: None }
}

/// Billing that creates an intent for 10.00 without tax.
fn billing() -> MockBilling {
    let mut billing = MockBilling::new();
    billing
        .expect_create_intent()
        .times(1)
        .withf(|key, _| key.starts_with("sga_") && key.ends_with(":pay"))
        .returning(|_, _| {
            Ok(IntentCreated {
                payment_intent_id: "pi_1".parse().unwrap(),
                tax: TaxAnswer::Total(usd("0.00")),
            })
        });
    billing
}

fn enrollment() -> MockEnrollment {
    let mut enrollment = MockEnrollment::new();
    enrollment.expect_enroll().returning(|_, _| Ok(()));
    enrollment.expect_cancel().returning(|_, _, _, _| Ok(()));
    enrollment.expect_consumed().returning(|_, _, _| Ok(std::collections::BTreeSet::new()));
    enrollment
}

/// The marketplace over these mocks, with one live listing at 10.00.
async fn market(billing: MockBilling, enrollment: MockEnrollment) -> (Marketplace, ListingId, PricingPlanId) {
    let start: Timestamp = "2026-04-20T09:30:00Z".parse().unwrap();
    let clock = Arc::new(ManualClock::at(start));
    let store = Arc::new(MemoryStore::new(Arc::clone(&clock) as _));
    let version = "cv_1".parse().unwrap();
    store.note_published(&"crs_1".parse().unwrap(), &version).await.unwrap();
    store.note_built(&version).await.unwrap();
    store.note_kyc(&TenantId::from_static("provider"), true, start).await.unwrap();
    let relay = Relay::new(Arc::clone(&store) as _);
    let ports = Arc::new(Ports {
        listings: Arc::clone(&store) as _,
        orders: Arc::clone(&store) as _,
        licenses: Arc::clone(&store) as _,
        coupons: Arc::clone(&store) as _,
        sagas: Arc::clone(&store) as _,
        quotes: Arc::clone(&store) as _,
        earnings: Arc::clone(&store) as _,
        statements: Arc::clone(&store) as _,
        catalog: Arc::clone(&store) as _,
        catalog_facts: Arc::clone(&store) as _,
        provider_facts: Arc::clone(&store) as _,
        sales: Arc::clone(&store) as _,
        devportal: DevportalPorts::alone(Arc::clone(&store) as _),
        routes: consumers_of,
        publishes: false,
        outbox: Arc::clone(&store) as _,
        events: Arc::clone(&store) as _,
        leases: Arc::clone(&store) as _,
        idempotency: Arc::clone(&store) as _,
        audit: store,
        billing: Arc::new(billing),
        enrollment: Arc::new(enrollment),
        clock,
        ids: Arc::new(SeededIds::new(1)),
        entropy: Arc::new(OsEntropy),
        signer: Arc::new(Ed25519Signer::new([8; 32])),
        lanes: Arc::new(KeyedLanes::default()),
        follow_up: Arc::new(relay.clone()),
        quote_key: [7; 32],
        policy: Policy::default(),
        recent: Arc::default(),
    });
    relay.connect(consumers::all(&ports));
    let market = Marketplace::new(&ports);
    let (provider, admin) = (call("provider", &[Role::Provider]), call("staff", &[Role::PlatformAdmin]));
    let draft = |id, provider_tenant_id| NewListing {
        id,
        provider_tenant_id,
        course_id: "crs_1".parse().unwrap(),
        course_version_id: "cv_1".parse().unwrap(),
        visibility: Visibility::Public,
        marketing: ListingMarketing::try_new("Welding", String::new(), None, Vec::new(), None).unwrap(),
        refund_policy: RefundPolicy::try_new(14, None).unwrap(),
        revenue_share: None,
        category: None,
        tags: Vec::new(),
    };
    let listings = &market.listings;
    let listing = listings.create(&provider, draft).await.unwrap().aggregate.id();
    let terms = PlanTerms::try_new(PlanKind::OneTime, usd("10.00"), None, None, None, false, true).unwrap();
    let (_, plan) = listings.add_plan(&provider, listing, terms).await.unwrap();
    let submitted = listings.submit(&provider, listing).await.unwrap();
    listings.approve(&admin, listing, submitted.version).await.unwrap();
    listings.go_live(&provider, listing).await.unwrap();
    (market, listing, plan)
}

fn cart(listing_id: ListingId, pricing_plan_id: PricingPlanId) -> CartRequest {
    let line = RequestedLine { listing_id, pricing_plan_id, quantity: SeatCount::ONE };
    CartRequest { currency: Currency::parse("USD").unwrap(), lines: vec![line], coupon_codes: Vec::new() }
}

#[tokio::test]
async fn an_answer_of_billing_pays_without_its_callback_and_the_token_goes_nowhere_else() {
    let mut billing = billing();
    billing
        .expect_pay()
        .times(1)
        .withf(|_, intent, token| intent.as_str() == "pi_1" && token == "tok_secret")
        .returning(|_, _, _| {
            Ok(PaymentAnswer::Succeeded { payment_id: "pay_1".parse().unwrap(), amount: usd("10.00") })
        });
    let (market, listing, plan) = market(billing, enrollment()).await;
    let buyer = call("buyer", &[Role::Customer]);
    let placed = market.orders.place(&buyer, &cart(listing, plan)).await.unwrap();
    let order = market.orders.pay(&buyer, placed.order.id(), "tok_secret").await.unwrap();
    assert_eq!(order.data().status, OrderStatus::Fulfilled);
    assert!(!format!("{order:?}").contains("tok_secret"));
}

#[tokio::test]
async fn billing_out_of_reach_is_said_to_the_buyer_and_changes_nothing() {
    let mut billing = billing();
    billing.expect_pay().times(1).returning(|_, _, _| Err(GatewayError::Unavailable("no answer".to_owned())));
    let (market, listing, plan) = market(billing, enrollment()).await;
    let buyer = call("buyer", &[Role::Customer]);
    let placed = market.orders.place(&buyer, &cart(listing, plan)).await.unwrap();
    let error = market.orders.pay(&buyer, placed.order.id(), "tok").await.unwrap_err();
    assert_eq!(error.code, "unavailable");
    let order = market.orders.get(&buyer, placed.order.id()).await.unwrap();
    assert_eq!(order.data().status, OrderStatus::PendingPayment);
}

#[tokio::test]
async fn a_refund_that_billing_has_not_decided_stays_pending_under_its_own_key() {
    let mut billing = billing();
    billing.expect_pay().returning(|_, _, _| {
        Ok(PaymentAnswer::Succeeded { payment_id: "pay_1".parse().unwrap(), amount: usd("10.00") })
    });
    billing
        .expect_refund()
        .times(1)
        .withf(|key, _, payment, amount| {
            key.starts_with("rf:rfd_") && payment.as_str() == "pay_1" && *amount == usd("10.00")
        })
        .returning(|_, _, _, _| Ok(RefundStatus::Pending));
    let (market, listing, plan) = market(billing, enrollment()).await;
    let buyer = call("buyer", &[Role::Customer]);
    let placed = market.orders.place(&buyer, &cart(listing, plan)).await.unwrap();
    market.orders.pay(&buyer, placed.order.id(), "tok").await.unwrap();
    let order = market.orders.refund(&buyer, placed.order.id(), None, "no").await.unwrap();
    assert_eq!(order.pending_refund().unwrap().state, RefundState::Pending);
    assert_eq!(order.data().payment_state, PaymentState::RefundPending);
    let again = market.orders.refund(&buyer, placed.order.id(), None, "no").await.unwrap_err();
    assert_eq!(again.code, "refund.in_progress");
}
