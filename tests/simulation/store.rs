//! A store with somebody between it and its callers, and the store as one process of the simulation sees it: the
//! adapter's, in bad weather.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        account::DeveloperAccount,
        api_key::{ApiKey, KeysInEffect},
        docs_article::{ArticleState, Audience, DocsArticle},
        policy::{BlockedStart, FailureKey, FailureLedger, SpendKey, SpendLedger, SpendPolicy, VerifyPolicy},
        sandbox::{SandboxMessage, SandboxSession},
        sdk_release::{DownloadKey, SdkLanguage, SdkRelease, SdkReleaseData, log::ReleaseLogEntry},
        template::VerifyTemplate,
        values::{Environment, Slug},
        verify::{LiveSlot, VerifySession},
        webhook::{WebhookDelivery, WebhookEndpoint},
    },
    kernel::{
        AccountId, Aggregate, ApiKeyId, ArtifactId, ChainHead, ChainLink, CouponId, CourseId,
        CourseVersionId, Currency, DeliveryAttemptId, DeveloperAccountId, EventId, LicenseId, ListingId,
        OrderId, OrderLineId, PaymentId, PeriodMonth, QuoteId, RefundId, SagaId, SandboxId, SdkReleaseId,
        SeatId, TenantId, Timestamp, UserId, WebhookDeliveryId, WebhookEndpointId,
    },
    marketplace::{
        coupon::{Coupon, CouponRedemption, NewRedemption},
        earnings::{
            EarningsEvent, EarningsKey, EarningsLine, EarningsState, ProviderEarnings, StatementHead,
            StatementLine,
        },
        license::{License, LicenseState, SeatAllocation},
        listing::{KycEvidence, Listing, ListingState, RetireEvidence, ShippingEvidence},
        order::{Order, OrderStatus},
        quote::Quote,
        saga::PurchaseSaga,
        values::CouponCode,
    },
};
use sarai_ports::{
    Consumed, Context, Event, Page, PageRequest, Saved, Scope, StoreError, Stored, Unit,
    audit::{AuditLog, AuditRow, Deed},
    devportal::{
        AccountRepository, DeliveryFilter, DeliveryRepository, DocsQuestion, DocsRepository, DownloadHour,
        DownloadLog, DueDeliveries, EndpointHealth, Found, KeyFilter, KeyRepository, KeyUse, LabelSlot,
        LoggedRelease, ReceiptStatus, ReleaseLog, SdkRepository, TemplateRepository, TreeEntry, UsageCount,
        UsagePoint, UsageQuery, UsageStore, WebhookRepository,
        policies::{
            BlockedStartRepository, SpendLedgerRepository, SpendPolicyRepository, VerifyPolicyRepository,
        },
        receipts::{ParkedReceipt, ReceiptRepository, SentPart},
        sandboxes::SandboxRepository,
        verify::{
            Admission, ChangeError, DueSend, DueSession, SessionChange, SessionFilter,
            VerifySessionRepository, World as OfWorld,
        },
    },
    events::{
        Backlog, ConsumerBacklog, Delivery, EventLog, Logged, Outbox, Republished, Retry, Routes,
        WaitingDelivery, Wanted,
    },
    idempotency::{Claim, ClaimKey, ClaimState, IdempotencyStore, StoredResponse},
    leases::{Fence, HeldLease, Leases},
    marketplace::{
        AccrueError, Catalog, CatalogFacts, CatalogFilter, CouponRepository, Held, LicenseRepository,
        LicenseRows, ListingRepository, OpenMatters, OrderRepository, ProviderEarningsRepository,
        ProviderFacts, ProviderSale, QuoteRepository, Repository, ReserveError, SagaFilter, SagaRepository,
        Sales, StatementStore, Unsealed, Waiting,
    },
    system::IdGenerator,
};

use super::{
    executor::{Stop, Turns},
    faults::{Fault, Weather},
};
use crate::SuitePorts;

/// What was written by one commit.
#[derive(Debug, Clone)]
pub struct Written {
    /// The aggregate's name.
    pub aggregate: &'static str,
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: u64,
    /// The message this was the effect of.
    pub consumed: Option<(&'static str, String)>,
    /// What happened.
    pub events: Vec<Event>,
    /// The order whose use of a coupon was reserved.
    pub reserved_for: Option<OrderId>,
}

/// What every part of a simulated world shares.
#[derive(Debug)]
pub(super) struct World {
    pub(super) weather: Weather,
    pub(super) turns: Turns,
    incarnations: Vec<AtomicU64>,
    crashed: Mutex<Vec<usize>>,
    written: Mutex<Vec<Written>>,
}

impl World {
    pub(super) fn new(weather: Weather, processes: usize) -> Self {
        Self {
            weather,
            turns: Turns::default(),
            incarnations: (0..processes).map(|_| AtomicU64::new(0)).collect(),
            crashed: Mutex::default(),
            written: Mutex::default(),
        }
    }

    /// How often a process has died.
    pub(super) fn incarnation(&self, process: usize) -> u64 {
        self.incarnations[process].load(Ordering::Relaxed)
    }

    /// Lets others go first, now and then.
    pub(super) async fn pause(&self) {
        if !self.weather.is_calm() && self.weather.dice().chance(2_500) {
            self.turns.give_up(Stop::Paused).await;
        }
    }

    fn crash(&self, process: usize) {
        self.incarnations[process].fetch_add(1, Ordering::Relaxed);
        locked(&self.crashed).push(process);
    }

    /// The processes that died since this was asked.
    pub(super) fn take_crashed(&self) -> Vec<usize> {
        std::mem::take(&mut *locked(&self.crashed))
    }

    /// What was written since this was asked.
    pub(super) fn take_written(&self) -> Vec<Written> {
        std::mem::take(&mut *locked(&self.written))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a store is asked.
pub struct Asked<'a> {
    /// The port's method.
    pub method: &'static str,
    /// What it works on: the aggregate or the port.
    pub port: &'static str,
    /// The arguments, for those who want to know.
    pub arguments: &'a (dyn Fn() -> String + Sync),
}

/// Somebody between a store and its callers.
#[async_trait]
pub trait Watch: Send + Sync + 'static {
    /// Before anything is asked that is not a commit.
    async fn asked(&self, asked: &Asked<'_>) -> Result<(), StoreError>;
    /// Before a commit.
    async fn before_commit(&self, asked: &Asked<'_>) -> Result<(), StoreError>;
    /// After a commit.
    async fn after_commit(&self, _saved: &Saved, _written: Written) -> Result<(), StoreError> {
        Ok(())
    }
}

/// A store that somebody watches.
pub struct Watched<W> {
    inner: SuitePorts,
    watch: W,
}

impl<W: Watch> Watched<W> {
    /// This store, watched.
    pub fn new(inner: SuitePorts, watch: W) -> Self {
        Self { inner, watch }
    }
}

/// The store of one process until it dies.
pub(super) type FaultyStore = Watched<Living>;

/// A process in the weather of its world, until it dies.
pub(super) struct Living {
    world: Arc<World>,
    process: usize,
    incarnation: u64,
}

impl Living {
    pub(super) fn new(world: Arc<World>, process: usize) -> Self {
        let incarnation = world.incarnation(process);
        Self { world, process, incarnation }
    }

    /// A dead process does nothing more.
    async fn alive(&self) {
        if self.world.incarnation(self.process) != self.incarnation {
            self.world.turns.die().await;
        }
    }

    async fn crash(&self) {
        self.world.crash(self.process);
        self.world.turns.die().await;
    }
}

#[async_trait]
impl Watch for Living {
    async fn asked(&self, _asked: &Asked<'_>) -> Result<(), StoreError> {
        self.world.pause().await;
        self.alive().await;
        if self.world.weather.strikes(Fault::StoreDown) {
            return Err(StoreError::Unavailable("no connection".to_owned()));
        }
        Ok(())
    }

    async fn before_commit(&self, asked: &Asked<'_>) -> Result<(), StoreError> {
        self.asked(asked).await?;
        if self.world.weather.strikes(Fault::Conflict) {
            return Err(StoreError::Conflict { aggregate: asked.port });
        }
        if self.world.weather.strikes(Fault::CrashedBeforeCommit) {
            self.crash().await;
        }
        Ok(())
    }

    async fn after_commit(&self, saved: &Saved, mut written: Written) -> Result<(), StoreError> {
        if let Saved::Committed(commit) = saved {
            written.version = commit.version;
            locked(&self.world.written).push(written);
        }
        if self.world.weather.strikes(Fault::CrashedAfterCommit) {
            self.crash().await;
        }
        if self.world.weather.strikes(Fault::CommitUnknown) {
            return Err(StoreError::Unavailable("the answer of the commit was lost".to_owned()));
        }
        Ok(())
    }
}

fn consumed(context: &Context) -> Option<(&'static str, String)> {
    context.consumed.as_ref().map(|consumed| (consumed.consumer, consumed.event_id.clone()))
}

async fn save<A: Stored>(
    watch: &impl Watch,
    repository: &dyn Repository<A>,
    scope: &Scope,
    unit: Unit<A>,
) -> Result<Saved, StoreError> {
    let arguments = || format!("{scope:?}");
    watch.before_commit(&Asked { method: "save", port: A::NAME, arguments: &arguments }).await?;
    let written = Written {
        aggregate: A::NAME,
        id: unit.changes.id.to_string(),
        version: 0,
        consumed: consumed(&unit.context),
        events: unit.events.iter().map(|new| new.event.clone()).collect(),
        reserved_for: None,
    };
    let saved = repository.save(scope, unit).await?;
    watch.after_commit(&saved, written).await?;
    Ok(saved)
}

macro_rules! repositories {
    ($($field:ident $(as $port:ident)?: $aggregate:ty,)*) => {$(
        #[async_trait]
        impl<W: Watch> Repository<$aggregate> for Watched<W> {
            async fn find(
                &self,
                scope: &Scope,
                id: &<$aggregate as Aggregate>::Id,
            ) -> Result<Option<$aggregate>, StoreError> {
                let arguments = || format!("{scope:?}, {id:?}");
                let port = <$aggregate>::NAME;
                self.watch.asked(&Asked { method: "find", port, arguments: &arguments }).await?;
                Repository::<$aggregate>::find(&*self.inner.$field, scope, id).await
            }

            async fn save(&self, scope: &Scope, unit: Unit<$aggregate>) -> Result<Saved, StoreError> {
                let repository = &*self.inner.$field;
                $(let repository: &dyn $port = repository;)?
                save(&self.watch, repository, scope, unit).await
            }
        }
    )*};
}

repositories! {
    listings: Listing,
    orders: Order,
    licenses: License,
    coupons: Coupon,
    sagas: PurchaseSaga,
    quotes: Quote,
    earnings: ProviderEarnings,
    devportal as AccountRepository: DeveloperAccount,
    devportal as KeyRepository: ApiKey,
    devportal as VerifySessionRepository: VerifySession,
    devportal as SpendLedgerRepository: SpendLedger,
    devportal as VerifyPolicyRepository: VerifyPolicy,
    devportal as SpendPolicyRepository: SpendPolicy,
    devportal as BlockedStartRepository: BlockedStart,
    devportal as SandboxRepository: SandboxSession,
    devportal as TemplateRepository: VerifyTemplate,
    devportal as WebhookRepository: WebhookEndpoint,
    devportal as DeliveryRepository: WebhookDelivery,
    devportal as DocsRepository: DocsArticle,
    devportal as SdkRepository: SdkRelease,
}

/// Methods that hand over to the same method of the adapter when they are let.
macro_rules! handed_over {
    ($trait:ident by $field:ident {
        $(fn $name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*
    } $({ $($more:tt)* })?) => {
        #[async_trait]
        impl<W: Watch> $trait for Watched<W> {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                let arguments = || format!("{:?}", ($(&$argument,)*));
                let (method, port) = (stringify!($name), stringify!($field));
                self.watch.asked(&Asked { method, port, arguments: &arguments }).await?;
                self.inner.$field.$name($($argument),*).await
            })*
            $($($more)*)?
        }
    };
}

handed_over! { ListingRepository by listings {
    fn find_by_provider(scope: &Scope, provider: &TenantId, state: Option<ListingState>, page: &PageRequest)
        -> Page<Listing>;
    fn find_by_state(scope: &Scope, state: ListingState, page: &PageRequest) -> Page<Listing>;
    fn find_pending_revisions(scope: &Scope, state: Option<ListingState>, page: &PageRequest) -> Page<Listing>;
}}

handed_over! { AuditLog by audit {
    fn note(deed: &Deed) -> ();
    fn list(scope: &Scope, page: &PageRequest) -> Page<AuditRow>;
}}

handed_over! { OrderRepository by orders {
    fn find_by_buyer(
        scope: &Scope, tenant: &TenantId, user: Option<&UserId>, status: Option<OrderStatus>, page: &PageRequest
    ) -> Page<Order>;
    fn find_pending_refunds(limit: usize) -> Vec<(OrderId, RefundId)>;
    fn find_stray_captures(limit: usize) -> Vec<(OrderId, PaymentId)>;
}}

handed_over! { LicenseRepository by licenses {
    fn find_for_user(scope: &Scope, id: LicenseId, user: &UserId) -> Option<License>;
    fn find_for_seat(scope: &Scope, id: LicenseId, seat: SeatId) -> Option<License>;
    fn find_rows(scope: &Scope, id: LicenseId, rows: &LicenseRows) -> Option<License>;
    fn waitlist(scope: &Scope, id: LicenseId, user: Option<&UserId>, page: &PageRequest) -> Page<Waiting>;
    fn find_by_tenant(
        scope: &Scope, tenant: &TenantId, user: Option<&UserId>, state: Option<LicenseState>, page: &PageRequest
    ) -> Page<License>;
    fn find_by_provider(scope: &Scope, provider: &TenantId, page: &PageRequest) -> Page<License>;
    fn find_by_order(scope: &Scope, order: OrderId) -> Vec<License>;
    fn find_by_order_line(scope: &Scope, line: OrderLineId, period_index: u32) -> Option<License>;
    fn find_for_entitlement(scope: &Scope, tenant: &TenantId, course: &CourseId, user: &UserId)
        -> Vec<License>;
    fn find_by_claim(code_hash: &str) -> Option<License>;
    fn find_expiring(now: Timestamp, limit: usize) -> Vec<LicenseId>;
    fn next_expiry(after: Timestamp) -> Option<Timestamp>;
    fn seats(scope: &Scope, id: LicenseId, page: &PageRequest) -> Page<SeatAllocation>;
}}

handed_over! { CouponRepository by coupons {
    fn find_by_code(code: &CouponCode, buyer: &TenantId, providers: &[TenantId]) -> Vec<Coupon>;
    fn find_by_owner(scope: &Scope, owner: &TenantId, page: &PageRequest) -> Page<Coupon>;
    fn find_without_uses(scope: &Scope, id: CouponId) -> Option<Coupon>;
    fn find_for_order(scope: &Scope, id: CouponId, order: OrderId) -> Option<Coupon>;
    fn find_lapsed_holds(now: Timestamp, limit: usize) -> Vec<CouponRedemption>;
    fn next_lapse(after: Timestamp) -> Option<Timestamp>;
} {
    async fn reserve(
        &self,
        scope: &Scope,
        id: CouponId,
        redemption: NewRedemption,
        context: Context,
        ids: &dyn IdGenerator,
        routes: Routes,
    ) -> Result<Saved, ReserveError> {
        let arguments = || format!("{scope:?}, {id:?}");
        let asked = Asked { method: "reserve", port: Coupon::NAME, arguments: &arguments };
        self.watch.before_commit(&asked).await?;
        let written = Written {
            aggregate: Coupon::NAME,
            id: id.to_string(),
            version: 0,
            consumed: consumed(&context),
            events: Vec::new(),
            reserved_for: Some(redemption.order_id),
        };
        let saved = self.inner.coupons.reserve(scope, id, redemption, context, ids, routes).await?;
        self.watch.after_commit(&saved, written).await?;
        Ok(saved)
    }
}}

handed_over! { SagaRepository by sagas {
    fn find_by_order(scope: &Scope, order: OrderId) -> Option<PurchaseSaga>;
    fn list(scope: &Scope, filter: SagaFilter, page: &PageRequest) -> Page<PurchaseSaga>;
    fn find_timing_out(now: Timestamp, limit: usize) -> Vec<SagaId>;
    fn find_due(now: Timestamp, limit: usize) -> Vec<SagaId>;
    fn next_due(after: Timestamp) -> Option<Timestamp>;
    fn find_orders_without(before: Timestamp, limit: usize) -> Vec<OrderId>;
}}

handed_over! { QuoteRepository by quotes {
    fn find_expiring(now: Timestamp, limit: usize) -> Vec<QuoteId>;
    fn next_expiry(after: Timestamp) -> Option<Timestamp>;
    fn find_by_order(order: OrderId) -> Option<Quote>;
}}

handed_over! { ProviderEarningsRepository by earnings {
    fn find_without_lines(scope: &Scope, key: &EarningsKey) -> Option<ProviderEarnings>;
    fn find_by_provider_and_period(
        scope: &Scope,
        provider: &TenantId,
        period: Option<PeriodMonth>,
        currency: Option<Currency>,
        page: &PageRequest
    ) -> Page<ProviderEarnings>;
    fn periods(provider: &TenantId, currency: Currency) -> Vec<(PeriodMonth, EarningsState)>;
    fn find_lines(scope: &Scope, line: OrderLineId) -> Vec<(EarningsKey, EarningsLine)>;
    fn find_by_state(state: EarningsState, limit: usize) -> Vec<EarningsKey>;
    fn find_closing(now: Timestamp, limit: usize) -> Vec<EarningsKey>;
    fn next_close(after: Timestamp) -> Option<Timestamp>;
    fn open_matters(key: &EarningsKey) -> OpenMatters;
    fn note_dispute(order: OrderId, dispute: &str, open: bool) -> ();
} {
    async fn accrue(
        &self,
        key: &EarningsKey,
        lines: Vec<EarningsLine>,
        context: Context,
        ids: &dyn IdGenerator,
        routes: Routes,
    ) -> Result<Saved, AccrueError> {
        let arguments = || format!("{key:?}");
        let asked = Asked { method: "accrue", port: ProviderEarnings::NAME, arguments: &arguments };
        self.watch.before_commit(&asked).await?;
        let accrued = |line: &EarningsLine| EarningsEvent::Accrued { key: key.clone(), line: line.clone() };
        let written = Written {
            aggregate: ProviderEarnings::NAME,
            id: key.to_string(),
            version: 0,
            consumed: consumed(&context),
            events: lines.iter().map(|line| accrued(line).into()).collect(),
            reserved_for: None,
        };
        let saved = self.inner.earnings.accrue(key, lines, context, ids, routes).await?;
        self.watch.after_commit(&saved, written).await?;
        Ok(saved)
    }
}}

handed_over! { Catalog by catalog {
    fn search(filter: &CatalogFilter, page: &PageRequest) -> Page<Listing>;
    fn retire_evidence(listing: ListingId, now: Timestamp) -> RetireEvidence;
}}

handed_over! { CatalogFacts by catalog_facts {
    fn shipping(course: &CourseId, version: &CourseVersionId) -> ShippingEvidence;
    fn note_published(course: &CourseId, version: &CourseVersionId) -> ();
    fn note_built(version: &CourseVersionId) -> ();
}}

handed_over! { ProviderFacts by provider_facts {
    fn kyc(provider: &TenantId) -> KycEvidence;
    fn note_kyc(provider: &TenantId, verified: bool, at: Timestamp) -> ();
}}

handed_over! { Sales by sales {
    fn by_provider(scope: &Scope, provider: &TenantId, page: &PageRequest) -> Page<ProviderSale>;
    fn order_of(line: OrderLineId) -> Option<OrderId>;
}}

handed_over! { Outbox by outbox {
    fn claim_due(wanted: &Wanted<'_>) -> Vec<Delivery>;
    fn done(deliveries: &[Delivery]) -> ();
    fn failed(delivery: &Delivery, reason: &str) -> Retry;
    fn release(delivery: &Delivery) -> ();
    fn waiting(subject: &str, limit: usize) -> Vec<WaitingDelivery>;
    fn redrive(subject: &str) -> usize;
    fn redrive_all() -> usize;
    fn republish(
        consumer: &'static str, from: Timestamp, to: Timestamp, after: Option<(Timestamp, EventId)>, limit: usize
    ) -> Republished;
    fn backlog() -> Backlog;
    fn backlogs() -> Vec<ConsumerBacklog>;
}}

handed_over! { EventLog by events {
    fn by_correlation(scope: &Scope, correlation_id: &str, limit: usize) -> Vec<Logged>;
}}

handed_over! { Leases by leases {
    fn take(name: &str, holding: Duration) -> Option<Fence>;
    fn give_back(name: &str, fence: Fence) -> ();
    fn held(prefix: &str) -> Vec<HeldLease>;
}}

handed_over! { IdempotencyStore by idempotency {
    fn find(key: &ClaimKey) -> Option<ClaimState>;
    fn claim(claim: &Claim) -> ();
    fn complete(claim: &Claim, response: &StoredResponse) -> bool;
    fn abandon(key: &ClaimKey) -> ();
    fn purge(before: Timestamp) -> usize;
}}

handed_over! { StatementStore by statements {
    fn unsealed(limit: usize) -> Vec<Unsealed>;
    fn seal(key: &EarningsKey, after: &ChainHead, lines: Vec<StatementLine>, head: StatementHead) -> ();
    fn head(key: &EarningsKey) -> StatementHead;
    fn sealed(scope: &Scope, key: &EarningsKey, page: &PageRequest) -> Page<StatementLine>;
    fn held(scope: &Scope, key: &EarningsKey, now: Timestamp, limit: usize) -> Held;
    fn unanchored(before: Timestamp, limit: usize) -> Vec<EarningsKey>;
}}

handed_over! { AccountRepository by devportal {
    fn find_by_identity(scope: &Scope, identity: &AccountId) -> Option<DeveloperAccount>;
}}

handed_over! { WebhookRepository by devportal {
    fn find_endpoints(
        scope: &Scope, tenant: &TenantId, environment: Environment, sandbox: Option<SandboxId>, page: &PageRequest
    ) -> Page<WebhookEndpoint>;
    fn endpoints_in_use(scope: &Scope, tenant: &TenantId, environment: Environment) -> u32;
    fn find_listening(
        tenant: Option<&TenantId>, environment: Environment, after: Option<WebhookEndpointId>, limit: usize
    ) -> Vec<WebhookEndpoint>;
}}

handed_over! { DeliveryRepository by devportal {
    fn find_deliveries(
        scope: &Scope, endpoint: WebhookEndpointId, filter: &DeliveryFilter, page: &PageRequest
    ) -> Page<WebhookDelivery>;
    fn count_deliveries(scope: &Scope, endpoint: WebhookEndpointId, filter: &DeliveryFilter, cap: u64) -> u64;
    fn endpoint_health(scope: &Scope, endpoints: &[WebhookEndpointId], since: Timestamp) -> Vec<EndpointHealth>;
    fn take_due_deliveries(wanted: &DueDeliveries<'_>) -> Vec<WebhookDelivery>;
    fn give_deliveries_back(deliveries: &[WebhookDeliveryId]) -> ();
    fn find_lost_deliveries(
        scope: &Scope, endpoint: WebhookEndpointId, since: Timestamp, until: Timestamp, limit: usize
    ) -> Vec<WebhookDelivery>;
    fn forget_deliveries(before: Timestamp) -> u64;
}}

handed_over! { KeyRepository by devportal {
    fn find_by_tenant(scope: &Scope, tenant: &TenantId, filter: &KeyFilter, page: &PageRequest) -> Page<ApiKey>;
    fn in_effect(scope: &Scope, slot: &LabelSlot, now: Timestamp) -> KeysInEffect;
    fn find_open(scope: &Scope, account: DeveloperAccountId, limit: usize) -> Vec<ApiKeyId>;
    fn find_successor(scope: &Scope, of: ApiKeyId) -> Option<ApiKey>;
    fn find_ended(now: Timestamp, limit: usize) -> Vec<ApiKeyId>;
    fn find_noticeable(now: Timestamp, limit: usize) -> Vec<ApiKeyId>;
    fn next_due(after: Timestamp) -> Option<Timestamp>;
    fn find_unissued(before: Timestamp, limit: usize) -> Vec<ApiKeyId>;
    fn find_unreplaced(limit: usize) -> Vec<ApiKeyId>;
    fn find_untold(limit: usize) -> Vec<ApiKeyId>;
    fn touch(uses: &[KeyUse]) -> ();
}}

handed_over! { VerifySessionRepository by devportal {
    fn find_live(scope: &Scope, slots: &[LiveSlot]) -> Vec<VerifySession>;
    fn failures(scope: &Scope, keys: &[FailureKey]) -> Vec<FailureLedger>;
    fn unlock(scope: &Scope, keys: &[FailureKey]) -> ();
    fn list(scope: &Scope, world: OfWorld<'_>, filter: SessionFilter, page: &PageRequest) -> Page<VerifySession>;
    fn find_queued(now: Timestamp, limit: usize) -> Vec<DueSend>;
    fn find_sending(limit: usize) -> Vec<DueSend>;
    fn find_due_sessions(now: Timestamp, limit: usize) -> Vec<DueSession>;
    fn next_session_due(after: Timestamp) -> Option<Timestamp>;
    fn forget(before: Timestamp) -> ();
    fn find_in_sandbox(scope: &Scope, sandbox: SandboxId) -> Vec<VerifySession>;
} {
    async fn admit(&self, scope: &Scope, admission: &Admission) -> Result<(), ChangeError> {
        let arguments = || format!("{scope:?}");
        let asked = Asked { method: "admit", port: VerifySession::NAME, arguments: &arguments };
        self.watch.asked(&asked).await?;
        self.inner.devportal.admit(scope, admission).await
    }

    async fn change(&self, scope: &Scope, change: SessionChange) -> Result<Saved, ChangeError> {
        let arguments = || format!("{scope:?}");
        let asked = Asked { method: "change", port: VerifySession::NAME, arguments: &arguments };
        self.watch.before_commit(&asked).await?;
        let unit = &change.write.unit;
        let written = Written {
            aggregate: VerifySession::NAME,
            id: unit.changes.id.to_string(),
            version: 0,
            consumed: consumed(&unit.context),
            events: unit.events.iter().map(|new| new.event.clone()).collect(),
            reserved_for: None,
        };
        let saved = self.inner.devportal.change(scope, change).await?;
        self.watch.after_commit(&saved, written).await?;
        Ok(saved)
    }
}}

handed_over! { SpendLedgerRepository by devportal {
    fn find_stale(before: Timestamp, limit: usize) -> Vec<(SpendKey, DeliveryAttemptId)>;
    fn find_for_sends(scope: &Scope, key: &SpendKey, sends: &[DeliveryAttemptId]) -> Option<SpendLedger>;
}}

handed_over! { TemplateRepository by devportal {
    fn find_templates(scope: &Scope, tenant: &TenantId, page: &PageRequest) -> Page<VerifyTemplate>;
}}

handed_over! { UsageStore by devportal {
    fn count(scope: &Scope, consumed: &Consumed, counts: &[UsageCount], now: Timestamp) -> bool;
    fn usage(scope: &Scope, query: &UsageQuery) -> Vec<UsagePoint>;
}}

handed_over! { SandboxRepository by devportal {
    fn find_default_sandbox(scope: &Scope, account: DeveloperAccountId) -> Option<SandboxSession>;
    fn find_open_sandboxes(scope: &Scope, account: DeveloperAccountId) -> Vec<SandboxSession>;
    fn inbox(scope: &Scope, id: SandboxId, round: u32, page: &PageRequest) -> Page<SandboxMessage>;
    fn find_expired_sandboxes(now: Timestamp, limit: usize) -> Vec<(TenantId, SandboxId)>;
    fn list_sandboxes(scope: &Scope, tenant: &TenantId, page: &PageRequest) -> Page<SandboxSession>;
    fn find_uncleared_sandboxes(limit: usize) -> Vec<(TenantId, SandboxId)>;
    fn clear_sandbox(tenant: &TenantId, id: SandboxId) -> ();
}}

handed_over! { ReceiptRepository by devportal {
    fn note_parts(parts: &[SentPart]) -> ();
    fn find_parts(provider: &str, message_ids: &[String]) -> Vec<SentPart>;
    fn parts_of(attempt_id: DeliveryAttemptId) -> Vec<SentPart>;
    fn mark_part(part: &SentPart, status: ReceiptStatus) -> bool;
    fn park(receipt: &ParkedReceipt) -> ();
    fn find_parked(provider: &str, names: &[String], since: Timestamp) -> Vec<ParkedReceipt>;
    fn unpark(receipt: &ParkedReceipt) -> ();
    fn forget_receipts(parked_before: Timestamp, sent_before: Timestamp) -> ();
}}

handed_over! { DocsRepository by devportal {
    fn find_by_slug(scope: &Scope, api_version: &str, slug: &Slug) -> Option<DocsArticle>;
    fn tree(api_version: &str, audiences: &[Audience]) -> Vec<TreeEntry>;
    fn search(question: &DocsQuestion, limit: usize) -> Vec<Found>;
    fn list_articles(scope: &Scope, state: Option<ArticleState>, page: &PageRequest) -> Page<DocsArticle>;
}}

handed_over! { SdkRepository by devportal {
    fn find_by_artifact(scope: &Scope, artifact: ArtifactId) -> Option<SdkRelease>;
    fn find_by_language(scope: &Scope, language: SdkLanguage, page: &PageRequest) -> Page<SdkRelease>;
    fn released(language: Option<SdkLanguage>) -> Vec<SdkReleaseData>;
}}

handed_over! { ReleaseLog by devportal {
    fn append(event_id: &str, entry: ReleaseLogEntry) -> Option<ChainLink>;
    fn lines(after: u64, limit: usize) -> Vec<LoggedRelease>;
}}

handed_over! { DownloadLog by devportal {
    fn note(release: SdkReleaseId, download: DownloadKey) -> bool;
    fn hours_before(hour: Timestamp, limit: usize) -> Vec<DownloadHour>;
    fn forget_hour(release: SdkReleaseId, hour: Timestamp) -> ();
}}
