//! One process of the simulated deployment: the real use cases and consumers over a store in bad weather.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use ed25519_dalek::{Signer as _, SigningKey};
use sarai_application::{
    Ports,
    app::Policy,
    devportal::DevportalPorts,
    marketplace::{Marketplace, consumers, inbound::Inbound, routes::consumers_of, scheduler::Scheduler},
};
use sarai_domain::kernel::Ulid;
use sarai_ports::{
    events::{Consumer, Delivery, FollowUp},
    system::{Entropy, IdGenerator, Lanes, Signer, Turn},
};

use super::{
    billing::Billing,
    enrollment::Enrollment,
    executor::Stop,
    store::{FaultyStore, Living, World},
};
use crate::{SuiteIds, SuitePorts};

/// A consumer and the aggregate whose events it gets in order.
pub(super) type Lane = (&'static str, String);

/// One process, until it dies.
pub(super) struct Process {
    pub(super) number: usize,
    pub(super) incarnation: u64,
    pub(super) ports: Arc<Ports>,
    pub(super) market: Marketplace,
    pub(super) inbound: Inbound,
    pub(super) scheduler: Scheduler,
    pub(super) consumers: BTreeMap<&'static str, Arc<dyn Consumer>>,
    mailbox: Arc<Mailbox>,
    /// Deliveries that wait behind the one that runs.
    pub(super) lanes: Mutex<BTreeMap<Lane, VecDeque<Delivery>>>,
}

/// What the simulation's services share.
pub(super) struct Services {
    pub(super) billing: Arc<Billing>,
    pub(super) enrollment: Arc<Enrollment>,
}

impl Process {
    pub(super) fn start(
        number: usize,
        store: SuitePorts,
        world: &Arc<World>,
        services: &Services,
    ) -> Arc<Self> {
        let mailbox = Arc::new(Mailbox { world: Arc::clone(world), arrived: Mutex::default() });
        let clock = Arc::clone(&store.clock);
        let ids = Arc::clone(&store.ids);
        let store = Arc::new(FaultyStore::new(store, Living::new(Arc::clone(world), number)));
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
            devportal: DevportalPorts::alone(store.clone()),
            routes: consumers_of,
            publishes: false,
            outbox: store.clone(),
            events: store.clone(),
            leases: store.clone(),
            idempotency: store.clone(),
            audit: store,
            billing: services.billing.clone(),
            enrollment: services.enrollment.clone(),
            clock,
            entropy: Arc::new(CountedEntropy(ids.clone())),
            signer: Arc::new(SeededSigner(SigningKey::from_bytes(&[7; 32]))),
            ids,
            lanes: Arc::new(NoLanes(Arc::clone(world))),
            follow_up: mailbox.clone(),
            quote_key: [7; 32],
            policy: Policy::default(),
            recent: Arc::default(),
        });
        let consumers = consumers::all(&ports);
        Arc::new(Self {
            number,
            incarnation: world.incarnation(number),
            market: Marketplace::new(&ports),
            inbound: Inbound::new(Arc::clone(&ports)),
            scheduler: Scheduler::new(Arc::clone(&ports)),
            consumers: consumers.into_iter().map(|consumer| (consumer.name(), consumer)).collect(),
            ports,
            mailbox,
            lanes: Mutex::default(),
        })
    }

    /// The deliveries of the commits since this was asked.
    pub(super) fn take_arrived(&self) -> Vec<Delivery> {
        std::mem::take(&mut *self.mailbox.arrived.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Takes the deliveries of commits; the run hands them on.
struct Mailbox {
    world: Arc<World>,
    arrived: Mutex<Vec<Delivery>>,
}

#[async_trait]
impl FollowUp for Mailbox {
    fn committed(&self, deliveries: Vec<Delivery>) {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner).extend(deliveries);
    }

    /// Five seconds may be over before anything has happened.
    async fn settled(&self, _correlation_id: &str, _limit: Duration) {
        self.world.pause().await;
    }

    async fn idle(&self, _limit: Duration) {}
}

/// No lanes: commands on one aggregate meet each other, and the version decides.
struct NoLanes(Arc<World>);

struct NoTurn;

impl Turn for NoTurn {}

#[async_trait]
impl Lanes for NoLanes {
    async fn enter(&self, _aggregate: &str) -> Box<dyn Turn> {
        self.0.pause().await;
        Box::new(NoTurn)
    }

    async fn pause(&self, _attempt: u32) {
        self.0.turns.give_up(Stop::Paused).await;
    }

    async fn sleep(&self, _duration: Duration) {
        self.0.turns.give_up(Stop::Paused).await;
    }
}

/// Randomness that a seed repeats.
struct CountedEntropy(Arc<SuiteIds>);

impl Entropy for CountedEntropy {
    fn bytes(&self) -> [u8; 32] {
        let Ulid(number) = self.0.ulid();
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&number.to_be_bytes());
        bytes
    }
}

/// One key for all runs.
struct SeededSigner(SigningKey);

impl Signer for SeededSigner {
    fn key_id(&self) -> &'static str {
        "simulation"
    }

    fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes).to_bytes()
    }

    fn public_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }
}
