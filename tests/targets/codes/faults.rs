//! Ports that fail on purpose: a store that always meets a conflict or is out of reach, services that refuse,
//! keys that nobody can look up while a test holds them.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use sarai_application::{Ports, devportal::DevportalPorts, marketplace::routes::consumers_and_broker};
use sarai_domain::{
    devportal::{
        account::DeveloperAccount,
        api_key::{ApiKey, KeysInEffect},
        docs_article::{ArticleState, Audience, DocsArticle},
        policy::{FailureKey, FailureLedger, SpendKey, SpendLedger},
        sandbox::{SandboxMessage, SandboxSession},
        sdk_release::{DownloadKey, SdkLanguage, SdkRelease, SdkReleaseData, log::ReleaseLogEntry},
        template::VerifyTemplate,
        values::{Environment, Slug},
        verify::{LiveSlot, VerifySession},
        webhook::{WebhookDelivery, WebhookEndpoint},
    },
    kernel::{
        AccountId, Aggregate, ApiKeyId, ArtifactId, ChainHead, ChainLink, CouponId, CourseId,
        CourseVersionId, Currency, DeliveryAttemptId, DeveloperAccountId, EventId, InvoiceId, LicenseId,
        ListingId, MessageId, Money, OrderId, OrderLineId, PaymentId, PaymentIntentId, PeriodMonth, QuoteId,
        RefundId, SagaId, SandboxId, SdkReleaseId, TenantId, Timestamp, UserId, WebhookDeliveryId,
        WebhookEndpointId,
    },
    marketplace::{
        coupon::{Coupon, CouponRedemption, NewRedemption},
        earnings::{
            EarningsKey, EarningsLine, EarningsState, ProviderEarnings, StatementHead, StatementLine,
        },
        license::{License, LicenseState, SeatAllocation},
        listing::{Listing, ListingState, RetireEvidence, ShippingEvidence},
        order::{Order, OrderStatus},
        quote::Quote,
        saga::PurchaseSaga,
        values::CouponCode,
    },
};
use sarai_memory::MemoryStore;
use sarai_ports::{
    Consumed, Context, GatewayError, Page, PageRequest, Saved, Scope, StoreError, Stored, Unit,
    auth::{AuthGateway, Session, SignInError, TotpEnrolment},
    devportal::{
        AccountRepository, Balance, DailyMessages, DailyRequest, DeliveryFilter, DeliveryReceipt,
        DeliveryRepository, DocsQuestion, DocsRepository, DownloadHour, DownloadLog, DueDeliveries,
        EndpointHealth, Found, Invoice, InvoiceStatus, InvoicingGateway, KeyFilter, KeyRepository, KeyUse,
        LabelSlot, LoggedRelease, Message, MessageErrorCode, MessageFilter, MessageQuote, MessageStats,
        MessagingGateway, NewMessage, OperatorHealth, ReceiptStatus, ReleaseLog, SdkRepository, SenderId,
        TemplateRepository, Traffic, TreeEntry, UsageCount, UsagePoint, UsageQuery, UsageStore,
        WebhookRepository,
        policies::SpendLedgerRepository,
        receipts::{ParkedReceipt, ReceiptRepository, SentPart},
        sandboxes::SandboxRepository,
        verify::{
            Admission, ChangeError, DueSend, DueSession, SessionChange, SessionFilter,
            VerifySessionRepository, World,
        },
    },
    events::{
        Backlog, ConsumerBacklog, Delivery, EventLog, Logged, Outbox, Republished, Retry, Routes,
        WaitingDelivery, Wanted,
    },
    feed::{Feed, FeedBacklog, FeedFence, FeedHead, FeedId, FeedPage},
    idempotency::{Claim, ClaimKey, ClaimState, IdempotencyStore, StoredResponse},
    marketplace::{
        AccrueError, BillingGateway, Catalog, CatalogFacts, CatalogFilter, CouponRepository,
        EnrollmentGateway, Enrolment, Held as HeldSales, IntentCreated, IntentRequest, IntentStatus,
        LearnerActivity, LicenseRepository, LicenseRows, ListingRepository, OpenMatters, OrderRepository,
        PaymentAnswer, PayoutStatus, ProviderEarningsRepository, ProviderSale, QuoteRepository, RefundStatus,
        Repository, ReserveError, SagaFilter, SagaRepository, Sales, StatementStore, TaxAnswer, TaxRequest,
        Unsealed, VoidAnswer, Waiting,
    },
    system::IdGenerator,
};
use tokio::sync::{Notify, Semaphore};

/// A feed that is out of reach.
pub(crate) struct NoFeed;

#[async_trait]
impl Feed for NoFeed {
    async fn lease(&self, _lease: Duration) -> Result<Option<FeedFence>, StoreError> {
        Err(out_of_reach())
    }
    async fn release(&self, _fence: FeedFence) -> Result<(), StoreError> {
        Err(out_of_reach())
    }
    async fn sequence(&self, _fence: FeedFence, _limit: usize) -> Result<Option<usize>, StoreError> {
        Err(out_of_reach())
    }
    async fn read(&self, _feed: &FeedId, _after: u64, _limit: usize) -> Result<FeedPage, StoreError> {
        Err(out_of_reach())
    }
    async fn moved(&self, _after: u64, _limit: usize) -> Result<Vec<FeedHead>, StoreError> {
        Err(out_of_reach())
    }
    async fn unnumbered(&self) -> Result<FeedBacklog, StoreError> {
        Err(out_of_reach())
    }
    async fn purge(&self, _before: Timestamp) -> Result<usize, StoreError> {
        Err(out_of_reach())
    }
}

/// What a store does wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Every save meets a conflict.
    Conflict,
    /// Every call fails.
    Outage,
    /// No call ever answers.
    Silence,
}

/// A store with a fault.
#[derive(Clone)]
pub(crate) struct Faulty {
    pub(crate) store: MemoryStore,
    pub(crate) fault: Fault,
}

fn out_of_reach() -> StoreError {
    StoreError::Unavailable("on purpose".to_owned())
}

impl Faulty {
    /// The same ports over this store.
    pub(crate) fn under(self, ports: &Ports) -> Ports {
        let shared = Arc::new(self);
        Ports {
            listings: Arc::clone(&shared) as _,
            orders: Arc::clone(&shared) as _,
            licenses: Arc::clone(&shared) as _,
            coupons: Arc::clone(&shared) as _,
            sagas: Arc::clone(&shared) as _,
            quotes: Arc::clone(&shared) as _,
            earnings: Arc::clone(&shared) as _,
            statements: Arc::clone(&shared) as _,
            catalog: Arc::clone(&shared) as _,
            sales: Arc::clone(&shared) as _,
            devportal: shared.portal(&ports.devportal),
            routes: consumers_and_broker,
            publishes: true,
            outbox: Arc::clone(&shared) as _,
            events: Arc::clone(&shared) as _,
            idempotency: shared,
            ..Ports::clone(ports)
        }
    }

    /// The portal's ports: what is away here is away there.
    fn portal(self: &Arc<Self>, ports: &DevportalPorts) -> DevportalPorts {
        let ports = DevportalPorts { store: Arc::clone(self) as _, ..ports.clone() };
        match self.fault {
            Fault::Conflict => ports,
            fault => {
                DevportalPorts { messaging: Arc::new(Away(fault)), invoicing: Arc::new(Away(fault)), ..ports }
            }
        }
    }

    async fn reading(&self) -> Result<&MemoryStore, StoreError> {
        match self.fault {
            Fault::Conflict => Ok(&self.store),
            Fault::Outage => Err(out_of_reach()),
            Fault::Silence => std::future::pending().await,
        }
    }

    async fn writing(&self, aggregate: &'static str) -> StoreError {
        match self.reading().await {
            Ok(_) => StoreError::Conflict { aggregate },
            Err(error) => error,
        }
    }
}

#[async_trait]
impl<A: Stored> Repository<A> for Faulty
where
    MemoryStore: Repository<A>,
    A: Send + 'static,
    A::Id: Sync,
    Unit<A>: Send,
{
    async fn find(&self, scope: &Scope, id: &A::Id) -> Result<Option<A>, StoreError> {
        Repository::<A>::find(self.reading().await?, scope, id).await
    }
    async fn save(&self, _scope: &Scope, _unit: Unit<A>) -> Result<Saved, StoreError> {
        Err(self.writing(<A as Aggregate>::NAME).await)
    }
}

/// Reads that fail in an outage and are the store's otherwise.
macro_rules! reads {
    ($port:ident { $(fn $name:ident($($arg:ident: $ty:ty),*) -> $out:ty;)* } $($more:tt)*) => {
        #[async_trait]
        impl $port for Faulty {
            $(async fn $name(&self, $($arg: $ty),*) -> Result<$out, StoreError> {
                $port::$name(self.reading().await?, $($arg),*).await
            })*
            $($more)*
        }
    };
}

reads! { Outbox {
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
reads! { ListingRepository {
    fn find_by_provider(scope: &Scope, provider: &TenantId, state: Option<ListingState>, page: &PageRequest)
        -> Page<Listing>;
    fn find_by_state(scope: &Scope, state: ListingState, page: &PageRequest) -> Page<Listing>;
    fn find_pending_revisions(scope: &Scope, state: Option<ListingState>, page: &PageRequest) -> Page<Listing>;
}}
reads! { OrderRepository {
    fn find_by_buyer(
        scope: &Scope, tenant: &TenantId, user: Option<&UserId>, status: Option<OrderStatus>, page: &PageRequest
    ) -> Page<Order>;
    fn find_pending_refunds(limit: usize) -> Vec<(OrderId, RefundId)>;
    fn find_stray_captures(limit: usize) -> Vec<(OrderId, PaymentId)>;
}}
reads! { LicenseRepository {
    fn find_for_user(scope: &Scope, id: LicenseId, user: &UserId) -> Option<License>;
    fn find_rows(scope: &Scope, id: LicenseId, rows: &LicenseRows) -> Option<License>;
    fn waitlist(scope: &Scope, id: LicenseId, user: Option<&UserId>, page: &PageRequest) -> Page<Waiting>;
    fn find_by_tenant(
        scope: &Scope, tenant: &TenantId, user: Option<&UserId>, state: Option<LicenseState>, page: &PageRequest
    ) -> Page<License>;
    fn find_by_provider(scope: &Scope, provider: &TenantId, page: &PageRequest) -> Page<License>;
    fn find_by_order(scope: &Scope, order: OrderId) -> Vec<License>;
    fn find_by_order_line(scope: &Scope, line: OrderLineId, period_index: u32) -> Option<License>;
    fn find_for_entitlement(scope: &Scope, tenant: &TenantId, course: &CourseId, user: &UserId) -> Vec<License>;
    fn find_by_claim(code_hash: &str) -> Option<License>;
    fn find_expiring(now: Timestamp, limit: usize) -> Vec<LicenseId>;
    fn next_expiry(after: Timestamp) -> Option<Timestamp>;
    fn seats(scope: &Scope, id: LicenseId, page: &PageRequest) -> Page<SeatAllocation>;
}}
reads! { CouponRepository {
    fn find_by_code(code: &CouponCode, buyer: &TenantId, providers: &[TenantId]) -> Vec<Coupon>;
    fn find_by_owner(scope: &Scope, owner: &TenantId, page: &PageRequest) -> Page<Coupon>;
    fn find_without_uses(scope: &Scope, id: CouponId) -> Option<Coupon>;
    fn find_for_order(scope: &Scope, id: CouponId, order: OrderId) -> Option<Coupon>;
    fn find_lapsed_holds(now: Timestamp, limit: usize) -> Vec<CouponRedemption>;
    fn next_lapse(after: Timestamp) -> Option<Timestamp>;
}
    async fn reserve(
        &self, _scope: &Scope, _id: CouponId, _new: NewRedemption, _context: Context, _ids: &dyn IdGenerator, _routes: Routes,
    ) -> Result<Saved, ReserveError> {
        Err(self.writing(Coupon::NAME).await.into())
    }
}
reads! { SagaRepository {
    fn find_by_order(scope: &Scope, order: OrderId) -> Option<PurchaseSaga>;
    fn find_timing_out(now: Timestamp, limit: usize) -> Vec<SagaId>;
    fn find_due(now: Timestamp, limit: usize) -> Vec<SagaId>;
    fn next_due(after: Timestamp) -> Option<Timestamp>;
    fn list(scope: &Scope, filter: SagaFilter, page: &PageRequest) -> Page<PurchaseSaga>;
    fn find_orders_without(before: Timestamp, limit: usize) -> Vec<OrderId>;
}}
reads! { AccountRepository {
    fn find_by_identity(scope: &Scope, identity: &AccountId) -> Option<DeveloperAccount>;
}}
reads! { WebhookRepository {
    fn find_endpoints(
        scope: &Scope, tenant: &TenantId, environment: Environment, sandbox: Option<SandboxId>, page: &PageRequest
    ) -> Page<WebhookEndpoint>;
    fn endpoints_in_use(scope: &Scope, tenant: &TenantId, environment: Environment) -> u32;
    fn find_listening(
        tenant: Option<&TenantId>, environment: Environment, after: Option<WebhookEndpointId>, limit: usize
    ) -> Vec<WebhookEndpoint>;
}}
reads! { DeliveryRepository {
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
reads! { KeyRepository {
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
reads! { VerifySessionRepository {
    fn find_live(scope: &Scope, slots: &[LiveSlot]) -> Vec<VerifySession>;
    fn failures(scope: &Scope, keys: &[FailureKey]) -> Vec<FailureLedger>;
    fn unlock(scope: &Scope, keys: &[FailureKey]) -> ();
    fn list(scope: &Scope, world: World<'_>, filter: SessionFilter, page: &PageRequest) -> Page<VerifySession>;
    fn find_queued(now: Timestamp, limit: usize) -> Vec<DueSend>;
    fn find_sending(limit: usize) -> Vec<DueSend>;
    fn find_due_sessions(now: Timestamp, limit: usize) -> Vec<DueSession>;
    fn next_session_due(after: Timestamp) -> Option<Timestamp>;
    fn forget(before: Timestamp) -> ();
    fn find_in_sandbox(scope: &Scope, sandbox: SandboxId) -> Vec<VerifySession>;
}
    async fn admit(&self, scope: &Scope, admission: &Admission) -> Result<(), ChangeError> {
        VerifySessionRepository::admit(self.reading().await?, scope, admission).await
    }
    async fn change(&self, _scope: &Scope, _change: SessionChange) -> Result<Saved, ChangeError> {
        Err(self.writing(VerifySession::NAME).await.into())
    }
}
reads! { SpendLedgerRepository {
    fn find_stale(before: Timestamp, limit: usize) -> Vec<(SpendKey, DeliveryAttemptId)>;
    fn find_for_sends(scope: &Scope, key: &SpendKey, sends: &[DeliveryAttemptId]) -> Option<SpendLedger>;
}}

reads! { TemplateRepository {
    fn find_templates(scope: &Scope, tenant: &TenantId, page: &PageRequest) -> Page<VerifyTemplate>;
}}
reads! { UsageStore {
    fn count(scope: &Scope, consumed: &Consumed, counts: &[UsageCount], now: Timestamp) -> bool;
    fn usage(scope: &Scope, query: &UsageQuery) -> Vec<UsagePoint>;
}}

reads! { SandboxRepository {
    fn find_default_sandbox(scope: &Scope, account: DeveloperAccountId) -> Option<SandboxSession>;
    fn find_open_sandboxes(scope: &Scope, account: DeveloperAccountId) -> Vec<SandboxSession>;
    fn inbox(scope: &Scope, id: SandboxId, round: u32, page: &PageRequest) -> Page<SandboxMessage>;
    fn find_expired_sandboxes(now: Timestamp, limit: usize) -> Vec<(TenantId, SandboxId)>;
    fn list_sandboxes(scope: &Scope, tenant: &TenantId, page: &PageRequest) -> Page<SandboxSession>;
    fn find_uncleared_sandboxes(limit: usize) -> Vec<(TenantId, SandboxId)>;
    fn clear_sandbox(tenant: &TenantId, id: SandboxId) -> ();
}}
reads! { ReceiptRepository {
    fn note_parts(parts: &[SentPart]) -> ();
    fn find_parts(provider: &str, message_ids: &[String]) -> Vec<SentPart>;
    fn parts_of(attempt_id: DeliveryAttemptId) -> Vec<SentPart>;
    fn mark_part(part: &SentPart, status: ReceiptStatus) -> bool;
    fn park(receipt: &ParkedReceipt) -> ();
    fn find_parked(provider: &str, names: &[String], since: Timestamp) -> Vec<ParkedReceipt>;
    fn unpark(receipt: &ParkedReceipt) -> ();
    fn forget_receipts(parked_before: Timestamp, sent_before: Timestamp) -> ();
}}
reads! { DocsRepository {
    fn find_by_slug(scope: &Scope, api_version: &str, slug: &Slug) -> Option<DocsArticle>;
    fn tree(api_version: &str, audiences: &[Audience]) -> Vec<TreeEntry>;
    fn search(question: &DocsQuestion, limit: usize) -> Vec<Found>;
    fn list_articles(scope: &Scope, state: Option<ArticleState>, page: &PageRequest) -> Page<DocsArticle>;
}}
reads! { SdkRepository {
    fn find_by_artifact(scope: &Scope, artifact: ArtifactId) -> Option<SdkRelease>;
    fn find_by_language(scope: &Scope, language: SdkLanguage, page: &PageRequest) -> Page<SdkRelease>;
    fn released(language: Option<SdkLanguage>) -> Vec<SdkReleaseData>;
}}
reads! { ReleaseLog {
    fn append(event_id: &str, entry: ReleaseLogEntry) -> Option<ChainLink>;
    fn lines(after: u64, limit: usize) -> Vec<LoggedRelease>;
}}
reads! { DownloadLog {
    fn note(release: SdkReleaseId, download: DownloadKey) -> bool;
    fn hours_before(hour: Timestamp, limit: usize) -> Vec<DownloadHour>;
    fn forget_hour(release: SdkReleaseId, hour: Timestamp) -> ();
}}
reads! { QuoteRepository {
    fn find_expiring(now: Timestamp, limit: usize) -> Vec<QuoteId>;
    fn next_expiry(after: Timestamp) -> Option<Timestamp>;
    fn find_by_order(order: OrderId) -> Option<Quote>;
}}
reads! { ProviderEarningsRepository {
    fn find_without_lines(scope: &Scope, key: &EarningsKey) -> Option<ProviderEarnings>;
    fn find_by_provider_and_period(
        scope: &Scope, provider: &TenantId, period: Option<PeriodMonth>, currency: Option<Currency>,
        page: &PageRequest
    ) -> Page<ProviderEarnings>;
    fn periods(provider: &TenantId, currency: Currency) -> Vec<(PeriodMonth, EarningsState)>;
    fn find_lines(scope: &Scope, line: OrderLineId) -> Vec<(EarningsKey, EarningsLine)>;
    fn find_by_state(state: EarningsState, limit: usize) -> Vec<EarningsKey>;
    fn find_closing(now: Timestamp, limit: usize) -> Vec<EarningsKey>;
    fn next_close(after: Timestamp) -> Option<Timestamp>;
    fn open_matters(key: &EarningsKey) -> OpenMatters;
    fn note_dispute(order: OrderId, dispute: &str, open: bool) -> ();
}
    async fn accrue(
        &self, _key: &EarningsKey, _lines: Vec<EarningsLine>, _context: Context, _ids: &dyn IdGenerator,
        _routes: Routes,
    ) -> Result<Saved, AccrueError> {
        Err(self.writing(ProviderEarnings::NAME).await.into())
    }
}
reads! { StatementStore {
    fn unsealed(limit: usize) -> Vec<Unsealed>;
    fn head(key: &EarningsKey) -> StatementHead;
    fn sealed(scope: &Scope, key: &EarningsKey, page: &PageRequest) -> Page<StatementLine>;
    fn held(scope: &Scope, key: &EarningsKey, now: Timestamp, limit: usize) -> HeldSales;
    fn unanchored(before: Timestamp, limit: usize) -> Vec<EarningsKey>;
}
    async fn seal(
        &self, _key: &EarningsKey, _after: &ChainHead, _lines: Vec<StatementLine>, _head: StatementHead,
    ) -> Result<(), StoreError> {
        Err(self.writing("statement").await)
    }
}
reads! { EventLog {
    fn by_correlation(scope: &Scope, correlation_id: &str, limit: usize) -> Vec<Logged>;
}}
reads! { Catalog {
    fn search(filter: &CatalogFilter, page: &PageRequest) -> Page<Listing>;
    fn retire_evidence(listing: ListingId, now: Timestamp) -> RetireEvidence;
}}
reads! { Sales {
    fn by_provider(scope: &Scope, provider: &TenantId, page: &PageRequest) -> Page<ProviderSale>;
    fn order_of(line: OrderLineId) -> Option<OrderId>;
}}
reads! { IdempotencyStore {
    fn find(key: &ClaimKey) -> Option<ClaimState>;
    fn claim(claim: &Claim) -> ();
    fn complete(claim: &Claim, response: &StoredResponse) -> bool;
    fn abandon(key: &ClaimKey) -> ();
    fn purge(before: Timestamp) -> usize;
}}

/// Messaging and billing that are as far away as the store.
pub(crate) struct Away(Fault);

impl Away {
    async fn fail<T>(&self) -> Result<T, GatewayError> {
        match self.0 {
            Fault::Silence => std::future::pending().await,
            Fault::Conflict | Fault::Outage => Err(GatewayError::Unavailable("on purpose".to_owned())),
        }
    }
}

#[rustfmt::skip]
#[async_trait]
impl MessagingGateway for Away {
    async fn send(&self, _: &str, _: &NewMessage) -> Result<Message, GatewayError> { self.fail().await }
    async fn quote(&self, _: &NewMessage) -> Result<MessageQuote, GatewayError> { self.fail().await }
    async fn messages(&self, _: &Traffic, _: &MessageFilter, _: &PageRequest) -> Result<Page<Message>, GatewayError> { self.fail().await }
    async fn stats(&self, _: &Traffic, _: &MessageFilter) -> Result<MessageStats, GatewayError> { self.fail().await }
    async fn message(&self, _: &Traffic, _: &MessageId) -> Result<Option<Message>, GatewayError> { self.fail().await }
    async fn receipt(&self, _: &Traffic, _: &MessageId) -> Result<Option<DeliveryReceipt>, GatewayError> { self.fail().await }
    async fn sender_ids(&self, _: &TenantId) -> Result<Vec<SenderId>, GatewayError> { self.fail().await }
    async fn error_codes(&self) -> Result<Vec<MessageErrorCode>, GatewayError> { self.fail().await }
    async fn operator_health(&self, _: &str) -> Result<Option<OperatorHealth>, GatewayError> { self.fail().await }
    async fn daily(&self, _: &DailyRequest) -> Result<Vec<DailyMessages>, GatewayError> { self.fail().await }
}

#[rustfmt::skip]
#[async_trait]
impl InvoicingGateway for Away {
    async fn balance(&self, _: &TenantId) -> Result<Balance, GatewayError> { self.fail().await }
    async fn invoices(&self, _: &TenantId, _: &BTreeSet<InvoiceStatus>, _: &PageRequest) -> Result<Page<Invoice>, GatewayError> { self.fail().await }
    async fn invoice(&self, _: &TenantId, _: &InvoiceId) -> Result<Option<Invoice>, GatewayError> { self.fail().await }
    async fn invoice_pdf(&self, _: &TenantId, _: &InvoiceId) -> Result<Option<Vec<u8>>, GatewayError> { self.fail().await }
}

/// Keys of which the first look-up waits until the test lets it go: whoever asked is at work meanwhile.
pub(crate) struct Held {
    pub(crate) inner: Arc<dyn IdempotencyStore>,
    /// Whether the next look-up is to wait.
    pub(crate) armed: AtomicBool,
    pub(crate) arrived: Notify,
    pub(crate) gate: Semaphore,
}

#[async_trait]
impl IdempotencyStore for Held {
    async fn find(&self, key: &ClaimKey) -> Result<Option<ClaimState>, StoreError> {
        if self.armed.swap(false, Ordering::SeqCst) {
            self.arrived.notify_one();
            self.gate.acquire().await.expect("open").forget();
        }
        self.inner.find(key).await
    }
    async fn claim(&self, claim: &Claim) -> Result<(), StoreError> {
        self.inner.claim(claim).await
    }
    async fn complete(&self, claim: &Claim, response: &StoredResponse) -> Result<bool, StoreError> {
        self.inner.complete(claim, response).await
    }
    async fn abandon(&self, key: &ClaimKey) -> Result<(), StoreError> {
        self.inner.abandon(key).await
    }
    async fn purge(&self, before: Timestamp) -> Result<usize, StoreError> {
        self.inner.purge(before).await
    }
}

/// Services that refuse for good whatever they are asked, and facts of a catalogue that built nothing.
pub(crate) struct Refusing;

fn refused<T>() -> Result<T, GatewayError> {
    Err(GatewayError::Refused { code: "on_purpose".to_owned() })
}

#[async_trait]
impl CatalogFacts for Refusing {
    async fn shipping(
        &self,
        _course: &CourseId,
        version: &CourseVersionId,
    ) -> Result<ShippingEvidence, StoreError> {
        Ok(ShippingEvidence { course_version_id: version.clone(), published: true, built: false })
    }
    async fn note_published(&self, _course: &CourseId, _version: &CourseVersionId) -> Result<(), StoreError> {
        Ok(())
    }
    async fn note_built(&self, _version: &CourseVersionId) -> Result<(), StoreError> {
        Ok(())
    }
}

#[rustfmt::skip]
#[async_trait]
impl BillingGateway for Refusing {
    async fn tax(&self, _: &TaxRequest) -> Result<TaxAnswer, GatewayError> { refused() }
    async fn create_intent(&self, _: &str, _: &IntentRequest) -> Result<IntentCreated, GatewayError> { refused() }
    async fn pay(&self, _: &str, _: &PaymentIntentId, _: &str) -> Result<PaymentAnswer, GatewayError> { refused() }
    async fn void_intent(&self, _: &str) -> Result<VoidAnswer, GatewayError> { refused() }
    async fn intent(&self, _: &str) -> Result<IntentStatus, GatewayError> { refused() }
    async fn refund(&self, _: &str, _: &OrderId, _: &PaymentId, _: Money) -> Result<RefundStatus, GatewayError> { refused() }
    async fn refund_status(&self, _: &str) -> Result<Option<RefundStatus>, GatewayError> { refused() }
    async fn pay_out(&self, _: &str, _: &TenantId, _: Money) -> Result<PayoutStatus, GatewayError> { refused() }
}

#[rustfmt::skip]
#[async_trait]
impl EnrollmentGateway for Refusing {
    async fn enroll(&self, _: &str, _: &Enrolment) -> Result<(), GatewayError> { refused() }
    async fn cancel(&self, _: &str, _: &TenantId, _: &UserId, _: &CourseId) -> Result<(), GatewayError> { refused() }
    async fn consumed(&self, _: &TenantId, _: &CourseId, _: &BTreeSet<UserId>) -> Result<BTreeSet<UserId>, GatewayError> { refused() }
    async fn activity(&self, _: &TenantId, _: &UserId, _: &CourseId) -> Result<LearnerActivity, GatewayError> { refused() }
}

/// auth-service that fails a sign-in in one way.
pub(crate) enum Auth {
    WantsOtp,
    Down,
    Silent,
}

#[async_trait]
impl AuthGateway for Auth {
    async fn sign_in(&self, _: &str, _: &str, _: Option<String>) -> Result<Session, SignInError> {
        match self {
            Self::WantsOtp => Err(SignInError::OtpRequired),
            Self::Down => Err(SignInError::Gateway(GatewayError::Unavailable("on purpose".to_owned()))),
            Self::Silent => std::future::pending().await,
        }
    }
    async fn refresh(&self, _: &str) -> Result<Session, SignInError> {
        self.sign_in("", "", None).await
    }
    async fn revoke(&self, _: &str) -> Result<(), GatewayError> {
        match self {
            Self::Silent => std::future::pending().await,
            Self::WantsOtp | Self::Down => Err(GatewayError::Unavailable("on purpose".to_owned())),
        }
    }
    async fn enrol_totp(&self, _: &str) -> Result<TotpEnrolment, SignInError> {
        Ok(refused()?)
    }
    async fn confirm_totp(&self, _: &str, _: &str) -> Result<(), SignInError> {
        Ok(refused()?)
    }
    async fn jwks(&self) -> Result<String, GatewayError> {
        refused()
    }
}
