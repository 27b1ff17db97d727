//! One repository per aggregate: the seed's named finders beside finding and saving.

use async_trait::async_trait;
use sarai_domain::{
    kernel::{
        CouponId, CourseId, Currency, LicenseId, OrderId, OrderLineId, PaymentId, PeriodMonth, QuoteId,
        RefundId, SagaId, SeatId, TenantId, Timestamp, UserId, WaitlistEntryId,
    },
    marketplace::{
        coupon::{Coupon, CouponError, CouponRedemption, NewRedemption},
        earnings::{EarningsError, EarningsKey, EarningsLine, EarningsState, ProviderEarnings},
        license::{License, LicenseState, SeatAllocation, WaitlistEntry},
        listing::{Listing, ListingState},
        order::{Order, OrderStatus},
        quote::Quote,
        saga::PurchaseSaga,
        values::CouponCode,
    },
};

use crate::{Context, Page, PageRequest, Repository, Saved, Scope, StoreError, system::IdGenerator};

/// Listings. Readable by their owner, and by all when live.
#[async_trait]
pub trait ListingRepository: Repository<Listing> {
    /// A provider's, newest first.
    async fn find_by_provider(
        &self,
        scope: &Scope,
        provider: &TenantId,
        state: Option<ListingState>,
        page: &PageRequest,
    ) -> Result<Page<Listing>, StoreError>;
    /// Everybody's in one state, newest first, for the platform's staff and for workers.
    async fn find_by_state(
        &self,
        scope: &Scope,
        state: ListingState,
        page: &PageRequest,
    ) -> Result<Page<Listing>, StoreError>;
    /// Everybody's with a revision that waits for a moderator, newest first; those in one state when given.
    async fn find_pending_revisions(
        &self,
        scope: &Scope,
        state: Option<ListingState>,
        page: &PageRequest,
    ) -> Result<Page<Listing>, StoreError>;
}

/// Orders. Readable by the buyer's tenant.
#[async_trait]
pub trait OrderRepository: Repository<Order> {
    /// A tenant's, newest first; one user's when given.
    async fn find_by_buyer(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        user: Option<&UserId>,
        status: Option<OrderStatus>,
        page: &PageRequest,
    ) -> Result<Page<Order>, StoreError>;
    /// Orders with a refund that waits for billing, with the refund.
    async fn find_pending_refunds(&self, limit: usize) -> Result<Vec<(OrderId, RefundId)>, StoreError>;
    /// Captures that no order asked for and that are not returned yet.
    async fn find_stray_captures(&self, limit: usize) -> Result<Vec<(OrderId, PaymentId)>, StoreError>;
}

/// The rows of a licence that a command needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LicenseRows {
    /// These seats.
    pub seats: Vec<SeatId>,
    /// Every row of these users: seats, and places in line.
    pub users: Vec<UserId>,
    /// These places in line, each with the seat it became.
    pub entries: Vec<WaitlistEntryId>,
    /// So many who wait, first come first.
    pub waiting: usize,
}

/// Somebody who waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The place in line.
    pub entry: WaitlistEntry,
    /// 1 for whoever is next.
    pub position: u64,
}

/// Licences. Readable by the licensee's tenant; the provider sees them without users.
#[async_trait]
pub trait LicenseRepository: Repository<License> {
    /// The licence with this user's seats only.
    async fn find_for_user(
        &self,
        scope: &Scope,
        id: LicenseId,
        user: &UserId,
    ) -> Result<Option<License>, StoreError>;
    /// The licence with these rows only (ruling R62).
    async fn find_rows(
        &self,
        scope: &Scope,
        id: LicenseId,
        rows: &LicenseRows,
    ) -> Result<Option<License>, StoreError>;
    /// The licence with this seat and with whoever sits down when it becomes free.
    async fn find_for_seat(
        &self,
        scope: &Scope,
        id: LicenseId,
        seat: SeatId,
    ) -> Result<Option<License>, StoreError> {
        let rows = LicenseRows { seats: vec![seat], waiting: 1, ..LicenseRows::default() };
        self.find_rows(scope, id, &rows).await
    }
    /// A tenant's, newest first; the individual ones of one user when given.
    async fn find_by_tenant(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        user: Option<&UserId>,
        state: Option<LicenseState>,
        page: &PageRequest,
    ) -> Result<Page<License>, StoreError>;
    /// A provider's sold licences, newest first, without users.
    async fn find_by_provider(
        &self,
        scope: &Scope,
        provider: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<License>, StoreError>;
    /// The licences of an order's lines.
    async fn find_by_order(&self, scope: &Scope, order: OrderId) -> Result<Vec<License>, StoreError>;
    /// The licence of an order line for one period.
    async fn find_by_order_line(
        &self,
        scope: &Scope,
        line: OrderLineId,
        period_index: u32,
    ) -> Result<Option<License>, StoreError>;
    /// A tenant's licences of a course, each with this user's seats only, without those that others hold personally.
    async fn find_for_entitlement(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        course: &CourseId,
        user: &UserId,
    ) -> Result<Vec<License>, StoreError>;
    /// The unclaimed gift of this code's hash.
    async fn find_by_claim(&self, code_hash: &str) -> Result<Option<License>, StoreError>;
    /// Active licences whose validity has ended by now.
    async fn find_expiring(&self, now: Timestamp, limit: usize) -> Result<Vec<LicenseId>, StoreError>;
    /// When the next active licence after this time ends.
    async fn next_expiry(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError>;
    /// Who waits for a seat of a licence, first come first; one user when given.
    async fn waitlist(
        &self,
        scope: &Scope,
        id: LicenseId,
        user: Option<&UserId>,
        page: &PageRequest,
    ) -> Result<Page<Waiting>, StoreError>;
    /// A licence's seats, newest first.
    async fn seats(
        &self,
        scope: &Scope,
        id: LicenseId,
        page: &PageRequest,
    ) -> Result<Page<SeatAllocation>, StoreError>;
}

/// Why a coupon was not reserved.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReserveError {
    /// The coupon refuses.
    #[error(transparent)]
    Refused(#[from] CouponError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Coupons. Readable by their owner.
#[async_trait]
pub trait CouponRepository: Repository<Coupon> {
    /// The coupons that stand under the keys a code may mean for this buyer (ruling R55); which of them it
    /// means, `resolve_code` says.
    async fn find_by_code(
        &self,
        code: &CouponCode,
        buyer: &TenantId,
        providers: &[TenantId],
    ) -> Result<Vec<Coupon>, StoreError>;
    /// An owner's, newest first.
    async fn find_by_owner(
        &self,
        scope: &Scope,
        owner: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<Coupon>, StoreError>;
    /// The coupon without its redemptions: what a command needs that is about none of them (ruling R62).
    async fn find_without_uses(&self, scope: &Scope, id: CouponId) -> Result<Option<Coupon>, StoreError>;
    /// The coupon with the redemptions of this order only.
    async fn find_for_order(
        &self,
        scope: &Scope,
        id: CouponId,
        order: OrderId,
    ) -> Result<Option<Coupon>, StoreError>;
    /// The seed's `incrementUsage`: one conditional write that takes a use and the user's lowest free slot,
    /// or refuses (C-INV-2, C-INV-5). A unit with a delta instead of a state.
    async fn reserve(
        &self,
        scope: &Scope,
        id: CouponId,
        redemption: NewRedemption,
        context: Context,
        ids: &dyn IdGenerator,
        routes: crate::events::Routes,
    ) -> Result<Saved, ReserveError>;
    /// Reserved redemptions whose hold has ended by now, but for those of an order whose saga is at work: it
    /// settles them itself (ruling R53).
    async fn find_lapsed_holds(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<CouponRedemption>, StoreError>;
    /// When the next hold after this time ends.
    async fn next_lapse(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError>;
}

/// Which sagas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SagaFilter {
    /// Every one.
    All,
    /// Those that need attention, and those whose next attempt was due before this.
    Stuck {
        /// Business time.
        overdue_since: Timestamp,
    },
}

/// Purchase sagas. Workers' and staff's only.
#[async_trait]
pub trait SagaRepository: Repository<PurchaseSaga> {
    /// The saga of an order.
    async fn find_by_order(&self, scope: &Scope, order: OrderId) -> Result<Option<PurchaseSaga>, StoreError>;
    /// Sagas whose payment time-out is due: in `awaiting_payment` only (S-INV-3).
    async fn find_timing_out(&self, now: Timestamp, limit: usize) -> Result<Vec<SagaId>, StoreError>;
    /// Sagas that are not finished and whose next attempt is due.
    async fn find_due(&self, now: Timestamp, limit: usize) -> Result<Vec<SagaId>, StoreError>;
    /// When the next saga after this time is due for either.
    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError>;
    /// Sagas as staff look at them, newest first.
    async fn list(
        &self,
        scope: &Scope,
        filter: SagaFilter,
        page: &PageRequest,
    ) -> Result<Page<PurchaseSaga>, StoreError>;
    /// Orders that were placed before this and have no saga.
    async fn find_orders_without(&self, before: Timestamp, limit: usize) -> Result<Vec<OrderId>, StoreError>;
}

/// Quotes. Readable by the buyer's tenant.
#[async_trait]
pub trait QuoteRepository: Repository<Quote> {
    /// Open quotes that have ended by now.
    async fn find_expiring(&self, now: Timestamp, limit: usize) -> Result<Vec<QuoteId>, StoreError>;
    /// When the next open quote after this time ends.
    async fn next_expiry(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError>;
    /// The quote that pre-allocated this order id.
    async fn find_by_order(&self, order: OrderId) -> Result<Option<Quote>, StoreError>;
}

/// Why a line was not accrued.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AccrueError {
    /// The period refuses.
    #[error(transparent)]
    Refused(#[from] EarningsError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How many lines of a period a list has at most. A period may have 10^6: all of them are in its statement.
pub const LISTED_LINES: usize = 100;

/// Providers' earnings. Readable by the provider.
#[async_trait]
pub trait ProviderEarningsRepository: Repository<ProviderEarnings> {
    /// A period without its lines: what a command needs that is about none of them.
    async fn find_without_lines(
        &self,
        scope: &Scope,
        key: &EarningsKey,
    ) -> Result<Option<ProviderEarnings>, StoreError>;
    /// One period, or all of a provider's that match, latest period first; each with its latest
    /// [`LISTED_LINES`] lines.
    async fn find_by_provider_and_period(
        &self,
        scope: &Scope,
        provider: &TenantId,
        period: Option<PeriodMonth>,
        currency: Option<Currency>,
        page: &PageRequest,
    ) -> Result<Page<ProviderEarnings>, StoreError>;
    /// Every period of a provider in a currency with its state, earliest first.
    async fn periods(
        &self,
        provider: &TenantId,
        currency: Currency,
    ) -> Result<Vec<(PeriodMonth, EarningsState)>, StoreError>;
    /// Adds lines to a period while it accrues, opening it when it does not exist. A unit with a delta
    /// instead of a state.
    async fn accrue(
        &self,
        key: &EarningsKey,
        lines: Vec<EarningsLine>,
        context: Context,
        ids: &dyn IdGenerator,
        routes: crate::events::Routes,
    ) -> Result<Saved, AccrueError>;
    /// Every line accrued for an order line, with its period: its sales, and what reversed them.
    async fn find_lines(
        &self,
        scope: &Scope,
        line: OrderLineId,
    ) -> Result<Vec<(EarningsKey, EarningsLine)>, StoreError>;
    /// Periods in this state, earliest first.
    async fn find_by_state(&self, state: EarningsState, limit: usize)
    -> Result<Vec<EarningsKey>, StoreError>;
    /// Accruing periods that may close by now: their month and their holds are over; earlier months first.
    async fn find_closing(&self, now: Timestamp, limit: usize) -> Result<Vec<EarningsKey>, StoreError>;
    /// When the next accruing period after this time may close: its month and its holds are over.
    async fn next_close(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError>;
    /// Orders that keep a period from being closed: those with a pending refund, an open dispute, or a
    /// fulfilment that has not been accrued yet.
    async fn open_matters(&self, key: &EarningsKey) -> Result<OpenMatters, StoreError>;
    /// Opens or settles a dispute on an order; one that is settled stays so.
    async fn note_dispute(&self, order: OrderId, dispute: &str, open: bool) -> Result<(), StoreError>;
}

/// What keeps a period from being closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenMatters {
    /// Refunds that wait for billing.
    pub pending_refunds: u32,
    /// Disputes that are not decided.
    pub open_disputes: u32,
    /// Fulfilments and refunds whose lines are not accrued yet.
    pub unprocessed: u32,
}
