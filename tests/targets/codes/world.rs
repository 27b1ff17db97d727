//! One store, the servers over it, and the steps that scenarios begin with. Every scenario has people of its own.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use sarai::{
    around::{Around, standins},
    embedded::{Clocks, Embedded},
    keys::Keys,
    wire::{AUDIENCE, ISSUER},
};
use sarai_application::{
    Ports,
    devportal::{Devportal, DevportalPorts, verify::VerifyTools},
    feed::Feeds,
    marketplace::{Marketplace, inbound::Inbound},
    sessions::Sessions,
    test_clock::TestClock,
};
use sarai_domain::kernel::TenantId;
use sarai_http::gate::{Quota, RateLimits};
use sarai_memory::MemoryStore;
use sarai_ports::{devportal::CallbackReader, system::Clock};
use sarai_senders::SenderTable;
use sarai_standins::{Documents, TokenIssuer};
use sarai_system::{KeyedLanes, OsEntropy, SystemClock};
use serde_json::{Value, json};
use tokio::sync::{Notify, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    faults::{Auth, Fault, Faulty, Held, NoFeed, Refusing},
    finder,
    requests::Stock,
    server::{Answer, Ask, PROVIDER_SECRET, Server, Who, unique},
    verify,
};

/// The version of the course that comes after the one listings are made with.
pub(crate) const NEXT_VERSION: &str = "cv_demo_1_next";

pub(crate) struct World {
    pub(crate) sarai: Embedded,
    /// Nothing is wrong with it.
    pub(crate) well: Server,
    /// Every save meets a conflict.
    pub(crate) conflicted: Server,
    /// The store and auth are out of reach.
    pub(crate) down: Server,
    /// Other services refuse everything.
    pub(crate) refusing: Server,
    /// One request per caller, and none for an hour.
    pub(crate) strict: Server,
    /// All of its places are taken.
    pub(crate) full: Server,
    /// Its store never answers, and bodies have 50 ms, answers 20.
    pub(crate) impatient: Server,
    /// No demo, and a clock that is the real one.
    pub(crate) real: Server,
    /// Whoever comes with a key waits until `keys` lets it go.
    pub(crate) held: Server,
    pub(crate) keys: Arc<Held>,
    /// Nobody sends codes.
    pub(crate) senderless: Server,
    /// Everybody is suspected.
    pub(crate) suspicious: Server,
    pub(crate) admin: Who,
    pub(crate) stock: Stock,
}

/// A live listing with one plan.
#[derive(Clone, Debug)]
pub(crate) struct Sold {
    pub(crate) provider: Who,
    pub(crate) listing: String,
    pub(crate) plan: String,
}

/// A provider that calls back with a secret of its own.
fn providers(clock: &Arc<dyn Clock>) -> Arc<dyn CallbackReader> {
    static FILES: AtomicU64 = AtomicU64::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let file = std::env::temp_dir().join(format!("sarai-codes-{}-{number}", std::process::id()));
    std::fs::write(&file, PROVIDER_SECRET).expect("a file");
    let config = json!({
        "kind": "http", "url": "http://127.0.0.1:9/messages", "user": "sarai", "password_file": file,
        "channels": ["SMS"], "from": "SARAI",
    });
    let config = serde_json::from_value(config).expect("a sender");
    let table = SenderTable::open(&[("provider".to_owned(), config)].into(), clock).expect("a table");
    std::fs::remove_file(file).expect("it is read");
    Arc::new(table)
}

/// The same process over other ports.
fn over(sarai: &Embedded, ports: Ports) -> Embedded {
    let ports = Arc::new(ports);
    Embedded {
        marketplace: Marketplace::new(&ports),
        devportal: Devportal::new(&ports),
        inbound: Inbound::new(Arc::clone(&ports)),
        publishing: sarai.publishing.under(&ports, &sarai.keys),
        ports,
        ..sarai.clone()
    }
}

fn quota(period: Duration, burst: u32) -> Quota {
    Quota { period, burst: NonZeroU32::new(burst).expect("a burst") }
}

fn limits(quota: Quota) -> RateLimits {
    RateLimits { standard: quota, anonymous: quota, sign_in: quota, webhook: quota, ..RateLimits::default() }
}

impl World {
    pub(crate) async fn new() -> Self {
        let issuer = TokenIssuer { issuer: ISSUER.to_owned(), audience: AUDIENCE.to_owned() };
        let clocks = Clocks::of(SystemClock::new(true));
        let keys = Keys::random(&OsEntropy);
        let standins = standins(&clocks, &keys, issuer, Documents::default()).expect("stand-ins");
        let store = MemoryStore::new(Arc::clone(&clocks.clock));
        let mut around = Around::standing_in(standins);
        around.alert_keys = finder::known();
        let sarai = Embedded::over(Arc::new(store.clone()), &clocks, keys, around, None);
        let callbacks = Some(providers(&clocks.clock));
        let taking = verify::with(&sarai.ports.devportal, |tools| tools.senders = Arc::new(verify::Taking));
        let portal = DevportalPorts { callbacks, ..taking };
        let sarai = over(&sarai, Ports { devportal: portal, ..Ports::clone(&sarai.ports) });
        sarai.start(&TaskTracker::new(), &CancellationToken::new());
        sarai.sources.announce_demo();
        let (course, next) = ("crs_demo_1".parse().expect("an id"), NEXT_VERSION.parse().expect("an id"));
        sarai.sources.publish(course, next);
        sarai.sources.build(NEXT_VERSION.parse().expect("an id"));
        let generous = limits(quota(Duration::from_micros(1), 1_000_000));
        let conflicting = Faulty { store: store.clone(), fault: Fault::Conflict }.under(&sarai.ports);
        // Keys are not its fault.
        let keys = Arc::clone(&sarai.ports.idempotency);
        let conflicting = over(&sarai, Ports { idempotency: keys, ..conflicting });
        let silent = Faulty { store: store.clone(), fault: Fault::Silence }.under(&sarai.ports);
        let keys = Arc::clone(&sarai.ports.idempotency);
        // Whoever waits for it waits in lanes of its own.
        let lanes = Arc::new(KeyedLanes::default());
        let mut silent = over(&sarai, Ports { idempotency: keys, lanes, ..silent });
        silent.sessions = Sessions::new(Arc::new(Auth::Silent));
        let outage = Faulty { store, fault: Fault::Outage }.under(&sarai.ports);
        let mut outage = over(&sarai, outage);
        outage.sessions = Sessions::new(Arc::new(Auth::Down));
        outage.feeds = Feeds::new(Arc::new(NoFeed), Arc::new(sarai.sequencer.clone()));
        let refusing = Ports {
            billing: Arc::new(Refusing),
            enrollment: Arc::new(Refusing),
            catalog_facts: Arc::new(Refusing),
            ..Ports::clone(&sarai.ports)
        };
        let mut refusing = over(&sarai, refusing);
        refusing.sessions = Sessions::new(Arc::new(Auth::WantsOtp));
        let clock = Arc::clone(&sarai.ports.clock);
        let follow_up = Arc::clone(&sarai.ports.follow_up);
        let still = TestClock::new(clock, Arc::new(SystemClock::new(false)), Vec::new(), follow_up);
        let real = Embedded { test_clock: still, ..sarai.clone() };
        let inner = Arc::clone(&sarai.ports.idempotency);
        let keys = Arc::new(Held {
            inner,
            armed: AtomicBool::new(false),
            arrived: Notify::new(),
            gate: Semaphore::new(0),
        });

        let with = |tune: fn(&mut VerifyTools)| {
            let devportal = verify::with(&sarai.ports.devportal, tune);
            over(&sarai, Ports { devportal, ..Ports::clone(&sarai.ports) })
        };
        let senderless = with(|tools| tools.senders = Arc::<SenderTable>::default());
        let suspicious = with(|tools| tools.fraud = Arc::new(verify::Suspicious));

        let start = async |embedded: &Embedded| {
            Server::start(embedded, true, |parts| parts.limits = generous.clone()).await
        };
        let held = Arc::clone(&keys);
        let mut world = Self {
            well: start(&sarai).await,
            senderless: start(&senderless).await,
            suspicious: start(&suspicious).await,
            conflicted: start(&conflicting).await,
            down: start(&outage).await,
            refusing: start(&refusing).await,
            strict: Server::start(&conflicting, true, |parts| {
                parts.limits = limits(quota(Duration::from_hours(1), 1));
            })
            .await,
            full: Server::start(&conflicting, true, |parts| {
                parts.limits = generous.clone();
                parts.concurrency = 0;
                parts.waiting = 0;
                parts.deadlines.queue = Duration::from_millis(1);
            })
            .await,
            impatient: Server::start(&silent, true, |parts| {
                parts.limits = generous.clone();
                // Handlers that never end keep their places.
                parts.concurrency = 1_024;
                parts.deadlines.body = Duration::from_millis(50);
                parts.deadlines.answer = Duration::from_millis(20);
            })
            .await,
            real: Server::start(&real, false, |parts| parts.limits = generous.clone()).await,
            held: Server::start(&conflicting, true, |parts| {
                parts.limits = generous.clone();
                parts.idempotency = held;
            })
            .await,
            keys,
            admin: Who::user("staff", "platform", &["platform-admin"]),
            stock: Stock::default(),
            sarai,
        };
        world.advance(0).await;
        world.stock = Box::pin(Stock::fill(&world)).await;
        world
    }

    pub(crate) async fn send(&self, ask: Ask) -> Answer {
        self.well.send(&ask).await
    }

    pub(crate) async fn ok(&self, ask: Ask) -> Value {
        self.well.ok(&ask).await
    }

    /// The keys that every server here signs with.
    pub(crate) fn keys_of_this_process(&self) -> &Keys {
        &self.sarai.keys
    }

    /// Real time.
    pub(crate) fn now(&self) -> sarai_domain::kernel::Timestamp {
        self.sarai.ports.clock.real()
    }

    /// Moves business time; everything due has run when it answers.
    pub(crate) async fn advance(&self, seconds: u64) {
        self.ok(self.admin.post("/v1/test-clock", json!({"advanceSeconds": seconds}))).await;
    }

    /// A verified provider.
    pub(crate) async fn provider(&self) -> Who {
        let tenant = unique("prv");
        self.verify(&tenant, true).await;
        Who::user(&unique("usr"), &tenant, &["provider"])
    }

    /// Whether a provider is verified, told to nobody else.
    pub(crate) async fn verify(&self, tenant: &str, verified: bool) {
        let tenant = TenantId::try_new(tenant).expect("an id");
        let noted = self.sarai.ports.provider_facts.note_kyc(&tenant, verified, self.sarai.ports.now()).await;
        noted.expect("noted");
    }

    /// A draft with one active plan; its version is 2.
    pub(crate) async fn draft(&self, over: Value, plan: Value) -> Sold {
        let provider = self.provider().await;
        let listing = text(&self.ok(provider.post("/v1/listings", listing(over))).await, "id");
        let path = format!("/v1/listings/{listing}/plans");
        let plan = text(&self.ok(provider.post(path, plan)).await, "id");
        Sold { provider, listing, plan }
    }

    pub(crate) async fn submitted(&self) -> Sold {
        let sold = self.draft(json!({}), one_time()).await;
        self.ok(sold.provider.poke(sold.path("/submit"))).await;
        sold
    }

    pub(crate) async fn approved(&self) -> Sold {
        let sold = self.submitted().await;
        self.approve(&sold).await;
        sold
    }

    async fn approve(&self, sold: &Sold) {
        let version = self.version(sold).await;
        self.ok(self.admin.post(sold.admin("/approve"), json!({"reviewedVersion": version}))).await;
    }

    pub(crate) async fn live(&self, over: Value, plan: Value) -> Sold {
        let sold = self.draft(over, plan).await;
        self.ok(sold.provider.poke(sold.path("/submit"))).await;
        self.approve(&sold).await;
        self.ok(sold.provider.poke(sold.path("/go-live"))).await;
        sold
    }

    /// A live listing of a course for one person.
    pub(crate) async fn personal(&self) -> Sold {
        self.live(json!({}), one_time()).await
    }

    pub(crate) async fn suspended(&self) -> Sold {
        let sold = self.personal().await;
        self.ok(self.admin.post(sold.admin("/suspend"), json!({"reason": "looked into"}))).await;
        sold
    }

    pub(crate) async fn retired(&self) -> Sold {
        let sold = self.personal().await;
        self.ok(sold.provider.poke(sold.path("/retire"))).await;
        sold
    }

    pub(crate) async fn version(&self, sold: &Sold) -> u64 {
        self.ok(sold.provider.get(sold.path(""))).await["version"].as_u64().expect("a version")
    }

    /// An order that waits for its payment.
    pub(crate) async fn pending(&self, buyer: &Who, lines: &[(&Sold, u32)]) -> Value {
        let order = self.ok(buyer.post("/v1/orders", cart(lines, &[]))).await;
        assert_eq!(order["status"], "pending_payment", "{order}");
        order
    }

    pub(crate) async fn pay(&self, buyer: &Who, order: &Value) -> Value {
        let path = format!("/v1/orders/{}/pay", text(order, "id"));
        self.ok(buyer.post(path, json!({"paymentToken": "tok_ok"}))).await
    }

    /// A paid and fulfilled order.
    pub(crate) async fn bought(&self, buyer: &Who, lines: &[(&Sold, u32)]) -> Value {
        let order = self.pending(buyer, lines).await;
        let order = self.pay(buyer, &order).await;
        assert_eq!(order["status"], "fulfilled", "{order}");
        order
    }

    /// A gift of a course to a tenant: the licence with its code.
    pub(crate) async fn gift(&self, to: &Who) -> Value {
        let sold = self.personal().await;
        self.ok(self.admin.post("/v1/admin/licenses", grant(&sold, "gift", to))).await
    }

    /// A coupon of the platform's.
    pub(crate) async fn coupon(&self, over: Value) -> Value {
        self.ok(self.admin.post("/v1/coupons", coupon(over))).await
    }
}

impl Sold {
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/v1/listings/{}{rest}", self.listing)
    }

    pub(crate) fn admin(&self, rest: &str) -> String {
        format!("/v1/admin/listings/{}{rest}", self.listing)
    }
}

/// Somebody who buys for a tenant of their own.
pub(crate) fn new_buyer() -> Who {
    Who::user(&unique("usr"), &unique("acc"), &["customer", "tenant-admin"])
}

/// Somebody else of the same tenant.
pub(crate) fn colleague(who: &Who) -> Who {
    Who::user(&unique("usr"), who.tenant(), &["customer", "tenant-admin"])
}

pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}")).to_owned()
}

/// An object with members of another one.
pub(crate) fn merged(mut base: Value, over: Value) -> Value {
    let Value::Object(over) = over else { return base };
    for (name, value) in over {
        let both_objects = value.is_object() && base[&name].is_object();
        base[&name] = if both_objects { merged(base[&name].take(), value) } else { value };
    }
    base
}

pub(crate) fn usd(amount: &str) -> Value {
    json!({"amount": amount, "currency": "USD"})
}

pub(crate) fn one_time() -> Value {
    json!({"kind": "one_time", "price": usd("10.00")})
}

pub(crate) fn seat_pack(seats: u32, price: &str) -> Value {
    json!({"kind": "seat_pack", "price": usd(price), "seats": seats})
}

pub(crate) fn listing(over: Value) -> Value {
    let base = json!({
        "courseId": "crs_demo_1", "courseVersionId": "cv_demo_1",
        "marketing": {"tagline": "Welding"}, "refundPolicy": {"refundDays": 14},
    });
    merged(base, over)
}

pub(crate) fn cart(lines: &[(&Sold, u32)], codes: &[&str]) -> Value {
    let line = |(sold, quantity): &(&Sold, u32)| json!({"listingId": sold.listing, "pricingPlanId": sold.plan, "quantity": quantity});
    let lines: Vec<Value> = lines.iter().map(line).collect();
    json!({"currency": "USD", "lines": lines, "couponCodes": codes})
}

pub(crate) fn coupon(over: Value) -> Value {
    merged(json!({"code": unique("CODE"), "discount": {"kind": "percent", "value": 10}}), over)
}

pub(crate) fn grant(sold: &Sold, source: &str, to: &Who) -> Value {
    json!({
        "source": source, "tenantId": to.tenant(), "listingId": sold.listing, "pricingPlanId": sold.plan,
        "reason": "a present",
    })
}

/// A well-formed id of the same kind that nothing has.
pub(crate) fn unknown(prefix: &str) -> String {
    format!("{prefix}_01ARZ3NDEKTSV4RRFFQ69G5FAV")
}
