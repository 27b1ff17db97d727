//! What a case gets: fresh ports over an empty store, a clock it moves by hand, ids in order.

use std::{
    any::Any,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use sarai_domain::kernel::{Aggregate, Id, IdKind, Timestamp, Ulid};
use sarai_ports::{
    Cause, Commit, Consumed, Context, Event, PageRequest, Saved, Scope, Store, StoreError, Stored, Unit,
    audit::{AuditLog, AuditRow},
    devportal::{
        AccountRepository, DeliveryRepository, DevportalStore, KeyRepository, TemplateRepository,
        WebhookRepository, policies::SpendLedgerRepository, verify::VerifySessionRepository,
    },
    events::{EventLog, Outbox, Routes},
    feed::Feed,
    idempotency::{Claim, ClaimKey, IdempotencyStore},
    inventory::Inventory,
    leases::Leases,
    marketplace::{
        Catalog, CatalogFacts, CouponRepository, LicenseRepository, ListingRepository, OrderRepository,
        ProviderEarningsRepository, ProviderFacts, QuoteRepository, Repository, SagaRepository, Sales,
        StatementStore,
    },
    system::{Clock, IdGenerator},
};

/// An adapter under test.
pub trait Harness {
    /// Ports over a store of their own in which nothing is, [beside](SuitePorts::beside) those of a second
    /// process.
    fn fresh() -> impl Future<Output = SuitePorts> + Send;
}

/// The ports of one store.
#[derive(Clone)]
pub struct SuitePorts {
    /// Listings.
    pub listings: Arc<dyn ListingRepository>,
    /// Orders.
    pub orders: Arc<dyn OrderRepository>,
    /// Licences.
    pub licenses: Arc<dyn LicenseRepository>,
    /// Coupons.
    pub coupons: Arc<dyn CouponRepository>,
    /// Purchase sagas.
    pub sagas: Arc<dyn SagaRepository>,
    /// Quotes.
    pub quotes: Arc<dyn QuoteRepository>,
    /// Providers' earnings.
    pub earnings: Arc<dyn ProviderEarningsRepository>,
    /// Their statements.
    pub statements: Arc<dyn StatementStore>,
    /// The public catalogue.
    pub catalog: Arc<dyn Catalog>,
    /// What can be shipped.
    pub catalog_facts: Arc<dyn CatalogFacts>,
    /// Who is a verified seller.
    pub provider_facts: Arc<dyn ProviderFacts>,
    /// What was sold.
    pub sales: Arc<dyn Sales>,
    /// What keeps the developer portal's state.
    pub devportal: Arc<dyn DevportalStore>,
    /// Deliveries not done yet.
    pub outbox: Arc<dyn Outbox>,
    /// What happened.
    pub events: Arc<dyn EventLog>,
    /// The numbered feeds.
    pub feed: Arc<dyn Feed>,
    /// Who does what only one process may do.
    pub leases: Arc<dyn Leases>,
    /// Idempotency keys.
    pub idempotency: Arc<dyn IdempotencyStore>,
    /// The audit log.
    pub audit: Arc<dyn AuditLog>,
    /// Everything stored, as it is.
    pub inventory: Arc<dyn Inventory>,
    /// The store's clock.
    pub clock: Arc<SuiteClock>,
    /// Ids.
    pub ids: Arc<SuiteIds>,
    /// The same store as another process sees it.
    pub second: Option<Arc<SuitePorts>>,
    /// Starts one more process over the same store.
    pub start: Option<Arc<dyn Fn() -> SuitePorts + Send + Sync>>,
    /// What must live as long as the ports: a database, a directory.
    pub keep: Arc<dyn Any + Send + Sync>,
}

/// A clock that stands still until a case moves it; both times are the same.
#[derive(Debug)]
pub struct SuiteClock(AtomicI64);

/// Ids of which each is later than the one before.
#[derive(Debug)]
pub struct SuiteIds(AtomicU64);

impl Default for SuiteClock {
    /// Stands in the morning of 20 April 2026, at an odd microsecond.
    fn default() -> Self {
        let start: Timestamp = "2026-04-20T09:30:00.123457Z".parse().expect("a time");
        Self(AtomicI64::new(start.unix_micros()))
    }
}

impl SuiteClock {
    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Moves it to an instant.
    pub fn stand_at(&self, instant: Timestamp) {
        self.0.store(instant.unix_micros(), Ordering::SeqCst);
    }
}

impl Clock for SuiteClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_micros(self.0.load(Ordering::SeqCst))
    }

    fn real(&self) -> Timestamp {
        self.now()
    }
}

impl Default for SuiteIds {
    fn default() -> Self {
        Self(AtomicU64::new(1))
    }
}

impl SuiteIds {
    /// The next number.
    pub fn number(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

impl IdGenerator for SuiteIds {
    fn ulid(&self) -> Ulid {
        Ulid::from((0x0196_0000_0000_0000, self.number()))
    }
}

/// This much later.
pub fn after(instant: Timestamp, by: Duration) -> Timestamp {
    Timestamp::from_unix_micros(instant.unix_micros() + i64::try_from(by.as_micros()).expect("a short time"))
}

/// This much earlier.
pub fn before(instant: Timestamp, by: Duration) -> Timestamp {
    Timestamp::from_unix_micros(instant.unix_micros() - i64::try_from(by.as_micros()).expect("a short time"))
}

/// Every event goes to one consumer.
pub fn to_alpha(_event: &Event) -> Vec<&'static str> {
    vec!["alpha"]
}

/// Every event goes to two consumers.
pub fn to_both(_event: &Event) -> Vec<&'static str> {
    vec!["alpha", "beta"]
}

/// Nobody wants any event.
pub fn to_nobody(_event: &Event) -> Vec<&'static str> {
    Vec::new()
}

impl SuitePorts {
    /// The ports of a store that is all of them.
    pub fn of<S: Store + 'static>(store: Arc<S>, clock: Arc<SuiteClock>) -> Self {
        Self {
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
            devportal: store.clone(),
            outbox: store.clone(),
            events: store.clone(),
            feed: store.clone(),
            leases: store.clone(),
            idempotency: store.clone(),
            audit: store.clone(),
            inventory: store,
            clock,
            ids: Arc::default(),
            second: None,
            start: None,
            keep: Arc::new(()),
        }
    }

    /// Developer accounts.
    pub fn accounts(&self) -> &dyn AccountRepository {
        &*self.devportal
    }

    /// Verify's sessions.
    pub fn sessions(&self) -> &dyn VerifySessionRepository {
        &*self.devportal
    }

    /// Spend ledgers.
    pub fn ledgers(&self) -> &dyn SpendLedgerRepository {
        &*self.devportal
    }

    /// Templates.
    pub fn templates(&self) -> &dyn TemplateRepository {
        &*self.devportal
    }

    /// API keys.
    pub fn keys(&self) -> &dyn KeyRepository {
        &*self.devportal
    }

    /// Endpoints of webhooks.
    pub fn webhooks(&self) -> &dyn WebhookRepository {
        &*self.devportal
    }

    /// Deliveries to them.
    pub fn deliveries(&self) -> &dyn DeliveryRepository {
        &*self.devportal
    }

    /// The same ports beside those of other processes over the same store, each of which this starts.
    #[must_use]
    pub fn beside(self, start: impl Fn() -> Self + Send + Sync + 'static) -> Self {
        let ids = Arc::clone(&self.ids);
        let start = move || Self { ids: Arc::clone(&ids), ..start() };
        Self { second: Some(Arc::new(start())), start: Some(Arc::new(start)), ..self }
    }

    /// The same store as a process sees it that starts now.
    #[must_use]
    pub fn another_process(&self) -> Self {
        self.start.as_ref().expect("a harness starts processes")()
    }

    /// The same store as another process sees it.
    pub fn second(&self) -> &Self {
        self.second.as_deref().expect("a harness gives the ports of two processes")
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// A new id of a kind.
    pub fn id<K: IdKind>(&self) -> Id<K> {
        Id::new(self.ids.ulid())
    }

    /// A number no case has had.
    pub fn number(&self) -> u64 {
        self.ids.number()
    }

    /// What a unit carries that is nobody's request and no event's effect.
    pub fn context(&self) -> Context {
        Context {
            now: self.now(),
            cause: Cause {
                actor: "suite".to_owned(),
                action: "suite.save",
                correlation_id: format!("cor-{}", self.number()),
                causation_id: None,
                request_id: None,
                reason: None,
            },
            consumed: None,
            claim: None,
        }
    }

    /// What a unit carries that is the effect of a message.
    pub fn consuming(&self, consumer: &'static str, event_id: &str) -> Context {
        let message = Consumed { consumer, event_id: event_id.to_owned() };
        Context { consumed: Some(message), ..self.context() }
    }

    /// A claim of a key that ends in 20 seconds.
    pub fn claim(&self, key: &str) -> Claim {
        let key = ClaimKey {
            tenant_id: "acme".parse().expect("a tenant"),
            principal: "ana".to_owned(),
            operation: "orders.place",
            key_hash: key.to_owned(),
        };
        let lease_until = after(self.now(), Duration::from_secs(20));
        Claim { key, fingerprint: "asks this".to_owned(), lease_until }
    }

    /// What a unit carries that is the effect of a request with an idempotency key.
    pub fn claiming(&self, claim: &Claim) -> Context {
        Context { claim: Some(claim.clone()), ..self.context() }
    }

    /// The unit of an aggregate, its events for `alpha`.
    pub fn unit<A: Stored>(&self, aggregate: A, context: Context) -> Unit<A> {
        self.routed(aggregate, context, to_alpha)
    }

    /// The unit of an aggregate.
    pub fn routed<A: Stored>(&self, aggregate: A, context: Context, routes: Routes) -> Unit<A> {
        Unit::new(aggregate, context, &*self.ids, routes)
    }

    /// Saves as a worker.
    pub async fn save<A: Stored>(
        &self,
        repository: &dyn Repository<A>,
        aggregate: A,
    ) -> Result<Saved, StoreError> {
        repository.save(&Scope::System, self.unit(aggregate, self.context())).await
    }

    /// Saves as a worker, which must succeed.
    pub async fn put<A: Stored>(&self, repository: &dyn Repository<A>, aggregate: A) -> Commit {
        committed(self.save(repository, aggregate).await)
    }

    /// Saves as a worker and loads again.
    pub async fn stored<A: Stored>(&self, repository: &dyn Repository<A>, aggregate: A) -> A {
        let id = aggregate.id();
        self.put(repository, aggregate).await;
        self.load(repository, &id).await
    }

    /// What is stored under an id that exists.
    pub async fn load<A: Aggregate>(&self, repository: &dyn Repository<A>, id: &A::Id) -> A {
        repository.find(&Scope::System, id).await.expect("a store that answers").expect("what was stored")
    }

    /// How many deliveries are not done.
    pub async fn open_deliveries(&self) -> usize {
        self.outbox.backlog().await.expect("a store that answers").open
    }

    /// Every audit row, newest first.
    pub async fn audit_rows(&self) -> Vec<AuditRow> {
        let page = PageRequest::first(10_000);
        self.audit.list(&Scope::PlatformAdmin, &page).await.expect("a store that answers").items
    }

    /// What a refused save must leave as it was: deliveries and audit rows.
    pub async fn traces(&self) -> (usize, usize) {
        (self.open_deliveries().await, self.audit_rows().await.len())
    }
}

/// The commit of a save that wrote something.
pub fn committed(saved: Result<Saved, StoreError>) -> Commit {
    match saved {
        Ok(Saved::Committed(commit)) => commit,
        other => panic!("nothing was written: {other:?}"),
    }
}

/// Whether a save wrote something.
pub fn has_committed(saved: &Result<Saved, StoreError>) -> bool {
    matches!(saved, Ok(Saved::Committed(_)))
}

/// Asserts that a save found its effect there already.
pub fn assert_consumed(saved: Result<Saved, StoreError>) {
    assert!(matches!(saved, Ok(Saved::AlreadyConsumed)), "{saved:?}");
}

/// Asserts that a save, or another call, met somebody else's.
pub fn assert_conflict<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Conflict { .. })), "{result:?}");
}

/// Asserts that something was refused as not there.
pub fn assert_not_found<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::NotFound)), "{result:?}");
}

/// Runs a task a number of times at once, each with its number, and gives what they answer in that order.
pub async fn at_once<T, F>(count: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(tokio::sync::Barrier::new(count));
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let (start, work) = (Arc::clone(&start), task(number));
            tokio::spawn(async move {
                start.wait().await;
                work.await
            })
        })
        .collect();
    let mut answers = Vec::with_capacity(count);
    for task in tasks {
        answers.push(task.await.expect("a task that ends"));
    }
    answers
}
