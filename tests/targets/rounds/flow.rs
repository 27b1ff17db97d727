//! What people do, over HTTP, each step with the calls it led to.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use sarai::{
    embedded::{Clocks, Embedded},
    wire::{AUDIENCE, ISSUER},
};
use sarai_application::{
    Ports,
    devportal::{Devportal, DevportalPorts, verify::VerifyTools},
    marketplace::{Marketplace, consumers, inbound::Inbound},
};
use sarai_domain::{
    devportal::{
        sandbox::NetworkRoute,
        values::{Channel, CountryCode},
    },
    marketplace::values::Discount,
};
use sarai_memory::MemoryStore;
use sarai_ports::{
    devportal::{Outgoing, SendOutcome, Senders, VerifySender},
    events::FollowUp as _,
};
use sarai_relay::Relay;
use sarai_standins::TokenIssuer;
use sarai_system::SystemClock;
use sarai_testkit::{SuitePorts, simulate::Watched};
use serde_json::{Value, json};

use crate::{
    counter::{Called, Counter},
    server::{Ask, Server, Who},
    world::{Sold, World, one_time, seat_pack},
};

/// A step and what it asked the store.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) calls: Vec<Called>,
}

/// A process whose store calls are counted.
struct Counted {
    world: World,
    server: Server,
    counter: Counter,
    steps: Vec<Step>,
}

/// The process over a store that is watched.
pub(crate) fn over(sarai: &Embedded, store: MemoryStore, counter: &Counter) -> Embedded {
    let store = SuitePorts::of(Arc::new(store), Arc::default());
    let store = Arc::new(Watched::new(store, counter.clone()));
    let relay = Relay::new(Arc::clone(&store) as _);
    let ports = Arc::new(Ports {
        listings: store.clone(),
        orders: store.clone(),
        licenses: store.clone(),
        coupons: store.clone(),
        sagas: store.clone(),
        quotes: store.clone(),
        earnings: store.clone(),
        statements: store.clone(),
        catalog: store.clone(),
        catalog_facts: store.clone(),
        provider_facts: store.clone(),
        sales: store.clone(),
        devportal: DevportalPorts {
            store: store.clone(),
            verify: sarai
                .ports
                .devportal
                .verify
                .as_deref()
                .map(|tools| Arc::new(VerifyTools { senders: Arc::new(Taking), ..tools.clone() })),
            ..sarai.ports.devportal.clone()
        },
        outbox: store.clone(),
        events: store.clone(),
        leases: store.clone(),
        idempotency: store,
        follow_up: Arc::new(relay.clone()),
        ..Ports::clone(&sarai.ports)
    });
    relay.connect(consumers::all(&ports));
    Embedded {
        marketplace: Marketplace::new(&ports),
        devportal: Devportal::new(&ports),
        inbound: Inbound::new(Arc::clone(&ports)),
        ports,
        relay,
        ..sarai.clone()
    }
}

/// Somebody of a demo tenant: users are told apart from tenants by their names.
fn somebody(name: &'static str) -> Who {
    Who::user(name, &format!("acc_demo_{name}"), &["customer", "tenant-admin"])
}

fn cart(lines: &[Sold], quantity: u32, codes: &[&str]) -> Value {
    let line = |sold: &Sold| json!({"listingId": sold.listing.to_string(), "pricingPlanId": sold.plan.to_string(), "quantity": quantity});
    let lines: Vec<Value> = lines.iter().map(line).collect();
    json!({"currency": "USD", "lines": lines, "couponCodes": codes})
}

fn id_of(answer: &Value) -> &str {
    answer["id"].as_str().unwrap()
}

impl Counted {
    async fn new() -> Self {
        let issuer = TokenIssuer { issuer: ISSUER.to_owned(), audience: AUDIENCE.to_owned() };
        let (sarai, store) = Embedded::in_memory(&Clocks::of(SystemClock::new(true)), issuer).unwrap();
        sarai.sources.announce_demo();
        let counter = Counter::default();
        World { sarai: sarai.clone(), store: store.clone() }.advance(0).await;
        let world = World { sarai: over(&sarai, store.clone(), &counter), store };
        let server = Server::start(&world.sarai, true, |_| {}).await;
        Self { world, server, counter, steps: Vec::new() }
    }

    /// Sends a request and waits for all it sets off.
    async fn step(&mut self, name: &'static str, ask: Ask) -> Value {
        self.world.sarai.relay.idle(Duration::from_secs(5)).await;
        self.counter.take();
        let answer = self.server.ok(&ask).await;
        self.world.sarai.relay.idle(Duration::from_secs(5)).await;
        self.steps.push(Step { name, calls: self.counter.take() });
        answer
    }

    async fn pay(&mut self, name: &'static str, buyer: &Who, order: &Value) -> Value {
        let pay = buyer.post(format!("/v1/orders/{}/pay", id_of(order)), json!({"paymentToken": "tok_ok"}));
        let order = self.step(name, pay).await;
        assert_eq!(order["status"], "fulfilled");
        order
    }
}

/// Says that it would send anything: nothing leaves here.
struct Taking;

#[async_trait]
impl VerifySender for Taking {
    fn name(&self) -> &'static str {
        "taking"
    }
    fn channels(&self) -> &[Channel] {
        Channel::ALL
    }
    fn countries(&self) -> &[CountryCode] {
        &[]
    }
    async fn send(&self, _permit: &NetworkRoute, _message: &Outgoing) -> SendOutcome {
        SendOutcome::Sent { parts: Vec::new(), segments: Some(1) }
    }
}

impl Senders for Taking {
    fn pick(&self, _channel: Channel, _country: Option<CountryCode>) -> Option<Arc<dyn VerifySender>> {
        Some(Arc::new(Self))
    }
}

/// Every step that is counted.
pub(crate) async fn steps() -> Vec<Step> {
    let mut counted = Counted::new().await;
    let buyer = somebody("buyer");
    let mut courses = Vec::new();
    for course in 1..=5 {
        courses.push(counted.world.sell(course, one_time("100.00")).await);
    }
    let pack = counted.world.sell(6, seat_pack("50.00", 5)).await;
    counted.world.coupon("TENTH", Discount::percent(10).unwrap(), None).await;
    counted.world.coupon("FREE", Discount::percent(100).unwrap(), None).await;

    counted.step("catalogue page", Who::Nobody.get("/v1/catalog")).await;
    let order = buyer.post("/v1/orders", cart(&courses[..1], 1, &[]));
    let order = counted.step("place an order of one line", order).await;
    assert_eq!(order["status"], "pending_payment");
    let order = counted.pay("pay it, to fulfilled", &buyer, &order).await;
    let check = json!({"userId": "buyer", "courseId": "crs_demo_1"});
    counted.step("entitlement check", buyer.post("/v1/entitlements/check", check)).await;
    let refund = buyer.post(format!("/v1/orders/{}/refunds", id_of(&order)), json!({"reason": "too hard"}));
    let order = counted.step("refund it, to refunded", refund).await;
    assert_eq!(order["status"], "refunded");

    let order = buyer.post("/v1/orders", cart(&courses[1..2], 1, &["TENTH"]));
    let order = counted.step("place an order of one line with a coupon", order).await;
    counted.pay("pay the one with a coupon", &buyer, &order).await;
    let order = buyer.post("/v1/orders", cart(&courses[2..3], 1, &["FREE"]));
    let order = counted.step("place a free order, to fulfilled", order).await;
    assert_eq!(order["status"], "fulfilled");
    let order = buyer.post("/v1/orders", cart(&courses[3..5], 1, &[]));
    let order = counted.step("place an order of two lines", order).await;
    counted.pay("pay the one of two lines", &buyer, &order).await;

    let other = somebody("other");
    counted
        .step("quote of one line with a coupon", other.post("/v1/quotes", cart(&courses[..1], 1, &["TENTH"])))
        .await;
    let order = buyer.post("/v1/orders", cart(&[pack], 5, &[]));
    let order = counted.step("place an order of a seat pack", order).await;
    let order = counted.pay("pay the seat pack", &buyer, &order).await;
    let license = order["lines"][0]["licenseId"].as_str().unwrap();
    let assign = buyer.post(format!("/v1/licenses/{license}/seats"), json!({"userId": "ann"}));
    counted.step("assign a seat", assign).await;

    let claims = json!({
        "account_sequence": 1, "email_verified": true, "mfa_enrolled": true, "terms_version": "2026-01",
        "email": "developer@example.com",
    });
    let developer = Who::member("acc_demo_developer", &["developer"], claims);
    let key = json!({"label": "counted", "environment": "PRODUCTION", "scopes": ["verify:send"]});
    let key = counted.server.ok(&developer.post("/v1/keys", key)).await;
    let key = Who::Key(key["rawKey"].as_str().unwrap().to_owned());
    let to = json!({"to": {"phone": "+93701234567"}, "advanceOn": "MANUAL"});
    let started = counted.step("start a verification", key.post("/v1/verifications", to)).await;
    let id = started["verificationId"].as_str().unwrap();
    // Should these be its code once in a million, the calls are others.
    let check =
        Ask { key: None, ..key.post(format!("/v1/verifications/{id}/check"), json!({"code": "000000"})) };
    counted.step("check a code, a wrong one", check).await;
    counted.steps
}
