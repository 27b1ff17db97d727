//! The composition root: every use case over a store and the embedded stand-ins.

use std::{sync::Arc, time::Duration};

use sarai_application::{
    Ports,
    app::Policy,
    audit::Auditor,
    marketplace::{
        Marketplace, consumers,
        feed::{self, Feeds},
        inbound::Inbound,
        routes::consumers_of,
        scheduler::Scheduler,
    },
    sessions::Sessions,
    test_clock::TestClock,
};
use sarai_memory::MemoryStore;
use sarai_ports::{
    Store,
    events::FollowUp,
    feed::Feed,
    inbound::InboundSink,
    system::{Clock, DueWork, Entropy, IdGenerator, MovableClock},
};
use sarai_relay::{Relay, Sequencer};
use sarai_standins::{
    AuthSetupError, AuthStandIn, BillingStandIn, EnrollmentStandIn, SourceStandIn, TokenIssuer,
};
use sarai_system::{Ed25519Signer, KeyedLanes, OsEntropy, UlidGenerator};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How often the scheduler looks for due work.
const TICK: Duration = Duration::from_millis(250);
/// How often what is old is forgotten.
const PURGE_EVERY: Duration = Duration::from_mins(10);
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
    /// Signing in.
    pub sessions: Sessions,
    /// The consumer of integration events.
    pub inbound: Inbound,
    /// What time brings about.
    pub scheduler: Scheduler,
    /// The test clock.
    pub test_clock: TestClock,
    /// Checks every invariant over everything stored.
    pub auditor: Auditor,
    /// Runs what commits set off.
    pub relay: Relay,
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
}

impl Embedded {
    /// Wires a process that keeps nothing, and gives the memory store that it is over.
    ///
    /// # Errors
    /// As [`Embedded::over`].
    pub fn in_memory(clocks: &Clocks, issuer: TokenIssuer) -> Result<(Self, MemoryStore), AuthSetupError> {
        let store = MemoryStore::new(Arc::clone(&clocks.clock));
        Ok((Self::over(Arc::new(store.clone()), clocks, issuer)?, store))
    }

    /// Wires a process over this store.
    ///
    /// # Errors
    /// When the stand-in for auth cannot make its keys and passwords.
    pub fn over(store: Arc<dyn Store>, clocks: &Clocks, issuer: TokenIssuer) -> Result<Self, AuthSetupError> {
        let Clocks { clock, movable } = clocks;
        let ids: Arc<dyn IdGenerator> = Arc::new(UlidGenerator::default());
        let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
        let relay = Relay::new(Arc::clone(&store) as _);
        let sequencer = Sequencer::new(Arc::clone(&store) as _, Arc::clone(clock));
        relay.announce_to(sequencer.clone());
        relay.share(Arc::clone(&store) as _, Arc::clone(clock), &ids.ulid().to_string());
        let feeds = Feeds::new(Arc::clone(&store) as _, Arc::new(sequencer.clone()));
        let billing = Arc::new(BillingStandIn::new(Arc::clone(clock), Arc::clone(&ids)));
        let enrollment = Arc::new(EnrollmentStandIn::new());
        let sources = Arc::new(SourceStandIn::new(Arc::clone(clock), Arc::clone(&ids)));
        let auth = Arc::new(AuthStandIn::new(Arc::clone(clock), Arc::clone(&entropy), issuer)?);
        let quote_key = entropy.bytes();
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
            routes: consumers_of,
            outbox: Arc::clone(&store) as _,
            events: Arc::clone(&store) as _,
            leases: Arc::clone(&store) as _,
            idempotency: Arc::clone(&store) as _,
            billing: Arc::clone(&billing) as _,
            enrollment: Arc::clone(&enrollment) as _,
            clock: Arc::clone(clock),
            ids,
            signer: Arc::new(Ed25519Signer::new(entropy.bytes())),
            entropy,
            lanes: Arc::new(KeyedLanes::default()),
            follow_up: Arc::new(relay.clone()),
            quote_key,
            policy: Policy::default(),
        });
        relay.connect(consumers::all(&ports));
        let inbound = Inbound::new(Arc::clone(&ports));
        let sink: Arc<dyn InboundSink> = Arc::new(inbound.clone());
        billing.connect(Arc::clone(&sink));
        sources.connect(sink);
        let scheduler = Scheduler::new(Arc::clone(&ports));
        let work: Vec<Arc<dyn DueWork>> =
            vec![Arc::new(scheduler.clone()), Arc::clone(&billing) as _, Arc::clone(&sources) as _];
        let follow_up: Arc<dyn FollowUp> = Arc::new(relay.clone());
        let test_clock = TestClock::new(Arc::clone(clock), Arc::clone(movable), work, follow_up);
        Ok(Self {
            marketplace: Marketplace::new(&ports),
            auditor: Auditor::new(Arc::clone(&ports), inventory),
            sessions: Sessions::new(Arc::clone(&auth) as _),
            ports,
            store,
            inbound,
            scheduler,
            test_clock,
            relay,
            sequencer,
            feeds,
            billing,
            enrollment,
            sources,
            auth,
        })
    }

    /// Starts the workers: the relay, the scheduler, the stand-ins' callbacks.
    pub fn start(&self, tasks: &TaskTracker, stop: &CancellationToken) {
        let (relay, billing, sources) =
            (self.relay.clone(), Arc::clone(&self.billing), Arc::clone(&self.sources));
        let stopped = stop.clone();
        tasks.spawn(async move { relay.run(stopped).await });
        let (sequencer, stopped) = (self.sequencer.clone(), stop.clone());
        tasks.spawn(async move { sequencer.run(stopped).await });
        let stopped = stop.clone();
        tasks.spawn(async move { billing.run(stopped).await });
        let stopped = stop.clone();
        tasks.spawn(async move { sources.run(stopped).await });
        let (embedded, stopped) = (self.clone(), stop.clone());
        tasks.spawn(async move { embedded.tick(stopped).await });
        let (embedded, stopped) = (self.clone(), stop.clone());
        tasks.spawn(async move { embedded.purge(stopped).await });
    }

    /// Starts the auditor: an audit now and then, each after the pause.
    pub fn audit_every(&self, pause: Duration, tasks: &TaskTracker, stop: &CancellationToken) {
        let (auditor, stop) = (self.auditor.clone(), stop.clone());
        tasks.spawn(async move {
            loop {
                let audit = async {
                    tokio::time::sleep(pause).await;
                    auditor.run(&|_| {}).await
                };
                tokio::select! {
                    () = stop.cancelled() => return,
                    done = audit => match done {
                        Ok(_) => {}
                        Err(error) => tracing::warn!(code = error.code, "an audit did not run"),
                    },
                }
            }
        });
    }

    /// Runs due work until told to stop.
    async fn tick(&self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(TICK) => {}
            }
            if let Err(error) = self.scheduler.run_due().await {
                tracing::warn!(%error, "the scheduler could not run");
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
            let before = self.ports.clock.real().plus(-feed::KEPT);
            if let Err(error) = Feed::purge(&*self.store, before).await {
                tracing::warn!(%error, "old events of feeds could not be forgotten");
            }
        }
    }
}
