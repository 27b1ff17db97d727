//! The composition root: every use case over a store, among the services around it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sarai_application::{
    Ports,
    app::Policy,
    audit::Auditor,
    devportal::{
        Devportal, DevportalPorts,
        leftovers::Leftovers,
        upkeep::Upkeep,
        verify::{VerifyTools, upkeep::VerifyUpkeep},
        webhooks::Courier,
    },
    feed::{self, Feeds},
    marketplace::{Marketplace, inbound::Inbound, scheduler::Scheduler},
    routing::{self, BROKER, consumers_and_broker, consumers_of},
    sessions::Sessions,
    test_clock::TestClock,
};
use sarai_artifacts::Artifacts;
use sarai_memory::MemoryStore;
use sarai_ports::{
    Store,
    devportal::ArtifactStore,
    devportal::Receipts,
    events::{Consumer, FollowUp},
    feed::Feed,
    inbound::InboundSink,
    system::{Clock, DueWork, Entropy, IdGenerator, MovableClock},
};
use sarai_relay::{
    Relay, Sequencer,
    jetstream::{Broker, Publisher, Subscriber},
    webhooks::Senders,
};
use sarai_standins::{
    AuthSetupError, AuthStandIn, BillingStandIn, Documents, EnrollmentStandIn, SourceStandIn, StandIns,
    TokenIssuer,
};
use sarai_system::{Ed25519Signer, KeyedLanes, OsEntropy, UlidGenerator, Vault, VaultedWebhookKeys};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    around::{self, Around, standins},
    broker,
    keys::Keys,
    publishing::Publishing,
    verify,
};

/// How often the scheduler looks for due work.
const TICK: Duration = Duration::from_millis(250);
/// How long a round of what asks billing may take: what did not come in time is asked again later.
const BILLING_ROUND: Duration = Duration::from_secs(30);
/// How often a process looks whether audits are its own: often enough for the lease to hold through one.
const AUDIT_SHIFT: Duration = Duration::from_secs(3);
/// How often what is old is forgotten.
const PURGE_EVERY: Duration = Duration::from_mins(10);
/// How often downloads of hours that are over are looked for.
const DOWNLOADS_EVERY: Duration = Duration::from_mins(1);
/// How long idempotency keys are kept (platform.md 4).
const KEYS_KEPT: time::Duration = time::Duration::hours(72);

/// The two faces of one clock.
#[derive(Clone)]
pub struct Clocks {
    /// Read by everything.
    pub clock: Arc<dyn Clock>,
    /// Moved by the test clock's route.
    pub movable: Arc<dyn MovableClock>,
}

impl Clocks {
    /// Both faces of this clock.
    pub fn of<C: Clock + MovableClock + 'static>(clock: C) -> Self {
        let clock = Arc::new(clock);
        Self { clock: Arc::clone(&clock) as Arc<dyn Clock>, movable: clock }
    }
}

/// Everything of one process, wired.
#[derive(Clone)]
pub struct Embedded {
    /// The ports.
    pub ports: Arc<Ports>,
    /// The store behind the ports.
    pub store: Arc<dyn Store>,
    /// The services behind the routes.
    pub marketplace: Marketplace,
    /// Those of the developer portal.
    pub devportal: Devportal,
    /// The documentation and the SDKs.
    pub publishing: Publishing,
    /// Signing in.
    pub sessions: Sessions,
    /// The consumer of integration events.
    pub inbound: Inbound,
    /// What time brings about.
    pub scheduler: Scheduler,
    /// The same in the developer portal.
    pub upkeep: Upkeep,
    /// The same in Verify.
    pub verify_upkeep: VerifyUpkeep,
    /// Clears away what real time leaves behind there.
    pub leftovers: Leftovers,
    /// The test clock.
    pub test_clock: TestClock,
    /// Checks every invariant over everything stored.
    pub auditor: Auditor,
    /// Runs what commits set off.
    pub relay: Relay,
    /// The broker, where there is one.
    pub broker: Option<Broker>,
    /// Numbers the feeds.
    pub sequencer: Sequencer,
    /// The feeds as tenants read them.
    pub feeds: Feeds,
    /// The stand-in for billing.
    pub billing: Arc<BillingStandIn>,
    /// The stand-in for enrollment.
    pub enrollment: Arc<EnrollmentStandIn>,
    /// The stand-ins for the catalogue, content and tenant services.
    pub sources: Arc<SourceStandIn>,
    /// The stand-in for auth.
    pub auth: Arc<AuthStandIn>,
    /// The services it talks to: those stand-ins, or clients of others.
    pub around: Around,
    /// Its keys.
    pub keys: Keys,
}

impl Embedded {
    /// Wires a process that keeps nothing and has no broker, as [`Embedded::in_memory_with`] does.
    ///
    /// # Errors
    /// As that.
    pub fn in_memory(clocks: &Clocks, issuer: TokenIssuer) -> Result<(Self, MemoryStore), AuthSetupError> {
        Self::in_memory_with(clocks, issuer, None)
    }

    /// Wires a process that keeps nothing and has stand-ins and keys of its own; gives the memory store that it is over.
    ///
    /// # Errors
    /// When the stand-in for auth cannot make its keys and passwords.
    pub fn in_memory_with(
        clocks: &Clocks,
        issuer: TokenIssuer,
        broker: Option<Broker>,
    ) -> Result<(Self, MemoryStore), AuthSetupError> {
        let keys = Keys::random(&OsEntropy);
        let standins = standins(clocks, &keys, issuer, Documents::default())?;
        let store = MemoryStore::new(Arc::clone(&clocks.clock));
        let around = Around::standing_in(standins);
        Ok((Self::over(Arc::new(store.clone()), clocks, keys, around, broker), store))
    }

    /// Wires a process over this store, among these services, that keeps artifacts in memory.
    pub fn over(
        store: Arc<dyn Store>,
        clocks: &Clocks,
        keys: Keys,
        around: Around,
        broker: Option<Broker>,
    ) -> Self {
        Self::keeping(Arc::new(Artifacts::in_memory()), store, clocks, keys, around, broker)
    }

    /// Wires a process over these stores, among these services; it publishes to a broker where there is one.
    pub fn keeping(
        artifacts: Arc<dyn ArtifactStore>,
        store: Arc<dyn Store>,
        clocks: &Clocks,
        keys: Keys,
        around: Around,
        broker: Option<Broker>,
    ) -> Self {
        let Clocks { clock, movable } = clocks;
        let checked = around::remembered(Arc::clone(&around.keys), Arc::clone(&store) as _, clock);
        let around = Around { keys: checked, ..around };
        let ids: Arc<dyn IdGenerator> = Arc::new(UlidGenerator::default());
        let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
        let relay = Relay::new(Arc::clone(&store) as _);
        let sequencer = Sequencer::new(Arc::clone(&store) as _, Arc::clone(clock));
        relay.announce_to(sequencer.clone());
        relay.share(Arc::clone(&store) as _, Arc::clone(clock), &ids.ulid().to_string());
        let feeds = Feeds::new(Arc::clone(&store) as _, Arc::new(sequencer.clone()));
        let StandIns { billing, enrollment, sources, auth, .. } = around.standins.clone();
        let inventory = Arc::clone(&store) as _;
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
            devportal: devportal_ports(&store, &keys, &around),
            publishes: broker.is_some(),
            routes: if broker.is_some() { consumers_and_broker } else { consumers_of },
            outbox: Arc::clone(&store) as _,
            events: Arc::clone(&store) as _,
            leases: Arc::clone(&store) as _,
            idempotency: Arc::clone(&store) as _,
            audit: Arc::clone(&store) as _,
            billing: Arc::clone(&around.billing),
            enrollment: Arc::clone(&around.enrollment),
            clock: Arc::clone(clock),
            ids,
            signer: Arc::new(Ed25519Signer::new(keys.signing)),
            entropy,
            lanes: Arc::new(KeyedLanes::default()),
            follow_up: Arc::new(relay.clone()),
            quote_key: keys.quote,
            policy: Policy::default(),
            recent: Arc::default(),
        });
        let publishing = Publishing::over(&ports, artifacts, &keys);
        let mut consumers = routing::consumers(&ports);
        consumers.push(publishing.consumer());
        consumers.extend(broker.iter().map(|broker| publisher(broker.clone())));
        relay.connect(consumers);
        let inbound = Inbound::new(Arc::clone(&ports));
        let sink: Arc<dyn InboundSink> = Arc::new(inbound.clone());
        around.standins.connect(&sink);
        let scheduler = Scheduler::new(Arc::clone(&ports));
        let upkeep = Upkeep::new(Arc::clone(&ports));
        let verify_upkeep = VerifyUpkeep::new(Arc::clone(&ports));
        let leftovers = Leftovers::new(Arc::clone(&ports));
        let work: Vec<Arc<dyn DueWork>> = vec![
            Arc::new(scheduler.clone()),
            Arc::new(upkeep.clone()),
            Arc::new(verify_upkeep.clone()),
            Arc::clone(&around.billing_due),
            Arc::clone(&around.messaging_due),
            Arc::clone(&sources) as _,
            Arc::new(publishing.sdks.clone()),
        ];
        let follow_up: Arc<dyn FollowUp> = Arc::new(relay.clone());
        let test_clock = TestClock::new(Arc::clone(clock), Arc::clone(movable), work, follow_up);
        Self {
            marketplace: Marketplace::new(&ports),
            devportal: Devportal::new(&ports),
            publishing,
            auditor: Auditor::new(Arc::clone(&ports), inventory),
            sessions: Sessions::new(Arc::clone(&around.auth)),
            ports,
            store,
            inbound,
            scheduler,
            upkeep,
            verify_upkeep,
            leftovers,
            test_clock,
            relay,
            broker,
            sequencer,
            feeds,
            billing,
            enrollment,
            sources,
            auth,
            around,
            keys,
        }
    }

    /// Starts the workers: the relay, the scheduler, the stand-ins' callbacks.
    pub fn start(&self, tasks: &TaskTracker, stop: &CancellationToken) {
        let relay = self.relay.clone();
        let stopped = stop.clone();
        tasks.spawn(async move { relay.run(stopped).await });
        if let Some(broker) = self.broker.clone() {
            let sink: Arc<dyn InboundSink> = Arc::new(self.inbound.clone());
            let subscriber = Subscriber::new(broker.clone(), sink, broker::read);
            let stopped = stop.clone();
            tasks.spawn(async move { broker.run(stopped).await });
            let stopped = stop.clone();
            tasks.spawn(async move { subscriber.run(stopped).await });
        }
        let (sequencer, stopped) = (self.sequencer.clone(), stop.clone());
        tasks.spawn(async move { sequencer.run(stopped).await });
        let senders = Senders::new(Arc::new(Courier::new(Arc::clone(&self.ports))));
        let stopped = stop.clone();
        tasks.spawn(async move { senders.run(stopped).await });
        self.around.standins.start(tasks, stop);
        tasks.spawn(verify::dispatch(self.devportal.verify.clone(), stop.clone()));
        let receipts: Arc<dyn Receipts> = Arc::new(self.devportal.verify.clone());
        self.around.senders.start(&receipts);
        let (embedded, stopped) = (self.clone(), stop.clone());
        tasks.spawn(async move { Box::pin(embedded.tick(stopped)).await });
        let (embedded, stopped) = (self.clone(), stop.clone());
        tasks.spawn(async move { embedded.purge(stopped).await });
        let (embedded, stopped) = (self.clone(), stop.clone());
        tasks.spawn(async move { embedded.announce_downloads(stopped).await });
    }

    /// Starts the auditor: an audit now and then, each after the pause, by one of the processes over a store.
    pub fn audit_every(&self, pause: Duration, tasks: &TaskTracker, stop: &CancellationToken) {
        let (auditor, stop) = (self.auditor.clone(), stop.clone());
        tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = audits(&auditor, pause) => {}
            }
            auditor.hand_over().await;
        });
    }

    /// Runs due work until told to stop.
    async fn tick(&self, stop: CancellationToken) {
        tokio::join!(self.tick_timers(&stop), self.tick_at_billing(&stop));
        self.scheduler.hand_over().await;
        self.upkeep.hand_over().await;
        self.verify_upkeep.hand_over().await;
        self.leftovers.hand_over().await;
    }

    /// Runs what waits for billing, which may not answer: beside the timers, and given up where it takes too long.
    async fn tick_at_billing(&self, stop: &CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(TICK) => {}
            }
            tokio::select! {
                () = stop.cancelled() => return,
                round = tokio::time::timeout(BILLING_ROUND, self.scheduler.tick_at_billing()) => if round.is_err() {
                    tracing::warn!("what asks billing took too long and is gone on with later");
                }
            }
        }
    }

    async fn tick_timers(&self, stop: &CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(TICK) => {}
            }
            self.scheduler.tick().await;
            self.upkeep.tick().await;
            self.verify_upkeep.tick().await;
            self.leftovers.tick().await;
            if let Err(error) = self.ports.write_key_uses().await {
                tracing::warn!(code = error.code, "uses of keys were not written");
            }
        }
    }

    /// Announces the downloads of hours that are over until told to stop.
    async fn announce_downloads(&self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(DOWNLOADS_EVERY) => {}
            }
            if let Err(error) = self.publishing.sdks.announce_downloads().await {
                tracing::warn!(code = error.code, "downloads were not announced");
            }
        }
    }

    /// Forgets old idempotency keys and old events of feeds until told to stop.
    async fn purge(&self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(PURGE_EVERY) => {}
            }
            let before = self.ports.clock.real().plus(-KEYS_KEPT);
            if let Err(error) = self.ports.idempotency.purge(before).await {
                tracing::warn!(%error, "old idempotency keys could not be forgotten");
            }
            let before = self.ports.now().plus(-feed::KEPT);
            if let Err(error) = self.ports.devportal.deliveries().forget_deliveries(before).await {
                tracing::warn!(%error, "old deliveries to endpoints could not be forgotten");
            }
            let before = self.ports.clock.real().plus(-feed::KEPT);
            if let Err(error) = Feed::purge(&*self.store, before).await {
                tracing::warn!(%error, "old events of feeds could not be forgotten");
            }
        }
    }
}

/// Audits after each pause while that is this process's to do; whoever takes it over begins with a pause.
async fn audits(auditor: &Auditor, pause: Duration) {
    let mut since = Instant::now();
    loop {
        tokio::time::sleep(AUDIT_SHIFT.min(pause)).await;
        if !auditor.is_its_turn().await {
            since = Instant::now();
        } else if since.elapsed() >= pause {
            let taken_over = async {
                while auditor.is_its_turn().await {
                    tokio::time::sleep(AUDIT_SHIFT).await;
                }
            };
            tokio::select! {
                done = auditor.run(&|_| {}) => if let Err(error) = done {
                    tracing::warn!(code = error.code, "an audit did not run");
                },
                () = taken_over => tracing::warn!("an audit was given up: it is another process's by now"),
            }
            since = Instant::now();
        }
    }
}

/// What the developer portal needs.
fn devportal_ports(store: &Arc<dyn Store>, keys: &Keys, around: &Around) -> DevportalPorts {
    DevportalPorts {
        key_issuer: Arc::clone(&around.key_issuer),
        key_authenticator: Arc::clone(&around.keys),
        verify: verify_tools(keys, around),
        messaging: Arc::clone(&around.messaging),
        invoicing: Arc::clone(&around.invoicing),
        callbacks: Some(Arc::clone(&around.senders) as _),
        webhook_transport: Arc::clone(&around.webhooks),
        webhook_keys: Arc::new(VaultedWebhookKeys(Vault::new(&keys.vault, keys.vault_previous.as_slice()))),
        ..DevportalPorts::alone(Arc::clone(store) as _)
    }
}

/// What Verify needs; nothing, and a line in the log, where the keys cannot be used.
fn verify_tools(keys: &Keys, around: &Around) -> Option<Arc<VerifyTools>> {
    let tools = verify::tools(keys, Arc::clone(&around.senders) as _, &around.public_base);
    tools.map(Arc::new).inspect_err(|error| tracing::error!(%error, "Verify cannot be used")).ok()
}

/// Publishes every event.
fn publisher(broker: Broker) -> Arc<dyn Consumer> {
    Publisher::new(broker, BROKER, broker::envelope)
}
