//! Processes over one store: the use cases, the relay and the gateways' fakes.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use async_trait::async_trait;
use sarai_application::{
    AppError, Call, Ports,
    app::Policy,
    devportal::DevportalPorts,
    marketplace::{CartRequest, Marketplace, RequestedLine, consumers, routes::consumers_of},
};
use sarai_domain::{
    kernel::{Aggregate, Currency, ListingId, PricingPlanId, TenantId},
    marketplace::{
        listing::Listing,
        order::{Order, OrderStatus},
        values::SeatCount,
    },
};
use sarai_ports::{
    auth::{Principal, Role},
    events::{Consumer, Delivery, FollowUp},
    system::IdGenerator,
};
use sarai_relay::Relay;
use sarai_system::{Ed25519Signer, KeyedLanes, OsEntropy, UlidGenerator};
use sarai_testkit::{Harness as _, SuitePorts, make};

use crate::{
    fakes::{Billing, Enrollment},
    races::{
        verify::{Network, tools},
        webhooks::Minted,
    },
};

/// Longer than anything here takes.
const SETTLE: Duration = Duration::from_secs(30);

/// One store, its outside services, and as many processes as asked for.
pub(crate) struct World {
    pub(crate) billing: Arc<Billing>,
    pub(crate) enrollment: Arc<Enrollment>,
    /// Where codes are sent.
    pub(crate) network: Arc<Network>,
    /// The store under the suite's helpers.
    pub(crate) suite: SuitePorts,
    pub(crate) processes: Vec<Process>,
}

/// One process: its ports, its services, its relay.
#[derive(Clone)]
pub(crate) struct Process {
    pub(crate) ports: Arc<Ports>,
    pub(crate) market: Marketplace,
    pub(crate) relay: Arc<Relay>,
    pub(crate) consumers: Vec<Arc<dyn Consumer>>,
}

/// A process's relay as its ports know it. The relay knows the consumers, and they the ports: one of them has to let
/// go, or no world ever ends, nor do its connections.
struct Follow(Weak<Relay>);

#[async_trait]
impl FollowUp for Follow {
    fn committed(&self, deliveries: Vec<Delivery>) {
        if let Some(relay) = self.0.upgrade() {
            relay.committed(deliveries);
        }
    }

    async fn settled(&self, correlation_id: &str, limit: Duration) {
        if let Some(relay) = self.0.upgrade() {
            relay.settled(correlation_id, limit).await;
        }
    }

    async fn idle(&self, limit: Duration) {
        if let Some(relay) = self.0.upgrade() {
            relay.idle(limit).await;
        }
    }
}

impl World {
    /// A store with this many processes.
    pub(crate) async fn new(processes: usize) -> Self {
        Self::over(crate::Under::fresh().await, processes)
    }

    /// Processes over this store.
    pub(crate) fn over(suite: SuitePorts, processes: usize) -> Self {
        let network = Arc::<Network>::default();
        let (billing, enrollment) = (Arc::<Billing>::default(), Arc::<Enrollment>::default());
        let ids: Arc<dyn IdGenerator> = Arc::<UlidGenerator>::default();
        let process = |number| {
            let store = if number == 0 { suite.clone() } else { suite.another_process() };
            let relay = Arc::new(Relay::new(store.outbox.clone()));
            let ports = Arc::new(Ports {
                listings: store.listings,
                orders: store.orders,
                licenses: store.licenses,
                coupons: store.coupons,
                sagas: store.sagas,
                quotes: store.quotes,
                earnings: store.earnings,
                statements: store.statements,
                catalog: store.catalog,
                catalog_facts: store.catalog_facts,
                provider_facts: store.provider_facts,
                sales: store.sales,
                devportal: DevportalPorts {
                    verify: Some(Arc::new(tools(&network))),
                    webhook_keys: Arc::new(Minted),
                    ..DevportalPorts::alone(store.devportal)
                },
                routes: consumers_of,
                publishes: false,
                outbox: store.outbox,
                events: store.events,
                leases: store.leases,
                idempotency: store.idempotency,
                audit: store.audit,
                billing: billing.clone(),
                enrollment: enrollment.clone(),
                clock: suite.clock.clone(),
                ids: ids.clone(),
                entropy: Arc::new(OsEntropy),
                signer: Arc::new(Ed25519Signer::new([8; 32])),
                lanes: Arc::<KeyedLanes>::default(),
                follow_up: Arc::new(Follow(Arc::downgrade(&relay))),
                quote_key: [7; 32],
                policy: Policy::default(),
                recent: Arc::default(),
            });
            let consumers = consumers::all(&ports);
            relay.connect(consumers.clone());
            Process { market: Marketplace::new(&ports), ports, relay, consumers }
        };
        let processes = (0..processes).map(process).collect();
        Self { billing, enrollment, network, suite, processes }
    }

    /// One of the processes.
    pub(crate) fn process(&self, number: usize) -> Process {
        self.processes[number % self.processes.len()].clone()
    }

    /// Waits until nothing is under way in any process, and nothing left for one to take up.
    pub(crate) async fn settle(&self) {
        for round in 1..10_000 {
            if round % 100 == 0 {
                // What failed is tried again after a pause.
                self.suite.advance(Duration::from_secs(1));
            }
            for process in &self.processes {
                process.relay.idle(SETTLE).await;
            }
            if self.suite.open_deliveries().await == 0 {
                return;
            }
            for process in &self.processes {
                process.relay.take_up().await;
            }
        }
        panic!("something is never done");
    }

    /// A listing of `studio` on sale at this price, its seller verified; bought by [`cart_of`].
    pub(crate) async fn on_sale(&self, price: &str) -> Listing {
        let studio: TenantId = make::tenant("studio");
        let listing = make::live(&self.suite, "studio", make::usd(price));
        let process = self.process(0);
        process.ports.provider_facts.note_kyc(&studio, true, self.suite.now()).await.unwrap();
        // Events of the suite's own saves have no consumers here.
        let unit = self.suite.routed(listing, self.suite.context(), sarai_testkit::harness::to_nobody);
        let id = unit.changes.id;
        let _ = process.ports.listings.save(&sarai_ports::Scope::System, unit).await.unwrap();
        self.suite.load(&*process.ports.listings, &id).await
    }

    /// An order of one line of this cart, placed and paid by a buyer, and everything that it set off.
    pub(crate) async fn bought(&self, call: &Call, cart: &CartRequest) -> Order {
        let process = self.process(0);
        let placed = process.market.orders.place(call, cart).await.unwrap().order;
        process.market.orders.pay(call, placed.id(), "tok").await.unwrap();
        self.settle().await;
        let order = self.suite.load(&*process.ports.orders, &placed.id()).await;
        assert_eq!(order.data().status, OrderStatus::Fulfilled);
        order
    }
}

/// A buyer of `acme` who acts for the tenant.
pub(crate) fn buyer(name: &str) -> Call {
    call(name, "acme", &[Role::Customer, Role::TenantAdmin])
}

/// One of the platform's staff.
pub(crate) fn staff() -> Call {
    call("admin", "platform", &[Role::PlatformAdmin])
}

fn call(name: &str, tenant: &str, roles: &[Role]) -> Call {
    let principal = Principal {
        user_id: make::user(name),
        tenant_id: make::tenant(tenant),
        email: None,
        roles: roles.to_vec(),
        via: sarai_ports::auth::Via::default(),
    };
    Call { principal, request_id: None, claim: None, reason: Some("a test".to_owned()) }
}

/// One of a listing's first plan, with these codes.
pub(crate) fn cart_of(listing: &Listing, codes: &[&str]) -> CartRequest {
    cart(&[(listing.id(), listing.data().pricing_plans[0].id)], codes)
}

/// One of each of these plans.
pub(crate) fn cart(plans: &[(ListingId, PricingPlanId)], codes: &[&str]) -> CartRequest {
    let line = |(listing_id, pricing_plan_id): &(ListingId, PricingPlanId)| RequestedLine {
        listing_id: *listing_id,
        pricing_plan_id: *pricing_plan_id,
        quantity: SeatCount::ONE,
    };
    CartRequest {
        currency: Currency::parse("USD").unwrap(),
        lines: plans.iter().map(line).collect(),
        coupon_codes: codes.iter().map(|code| code.parse().unwrap()).collect(),
    }
}

/// The codes of refusals, each with how often it came.
pub(crate) fn refusals<T>(
    answers: &[Result<T, AppError>],
) -> std::collections::BTreeMap<&'static str, usize> {
    let mut counts = std::collections::BTreeMap::new();
    for refusal in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        *counts.entry(refusal.code).or_default() += 1;
    }
    counts
}
