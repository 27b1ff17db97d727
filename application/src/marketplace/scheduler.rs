//! What time brings about: one table of jobs, each item on its own, so that one that fails stops no other.

use std::{
    collections::BTreeMap,
    fmt::Display,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use sarai_domain::{
    kernel::{Aggregate, OrderId, Outcome, QuoteId, SagaId, Timestamp},
    marketplace::{
        coupon::CouponRedemption,
        earnings::{ClosingEvidence, EarningsKey, EarningsState},
        saga::{SagaData, SagaEvent, SagaState},
    },
};
use sarai_ports::{Scope, StoreError, system::DueWork};
use time::Duration;

use super::consumers::{refund_key, refunds_run_alone};
use crate::{
    AppError, Ports,
    shifts::{Shifts, Turn},
};

/// How many items a job takes at a time.
const BATCH: usize = 100;
/// The most that a job takes whose items may stay for long, those included that are passed over at their pace.
const PACED_BATCH: usize = 10_000;
/// How old an order is before a missing saga is healed.
const SAGA_GRACE: Duration = Duration::seconds(30);

/// How long lines wait for others to be sealed with, in real time.
const SEAL_EVERY: Duration = Duration::seconds(1);
/// They wait once more for so many that were sealed the last time, because a chain costs the same for one and for many;
const SEAL_MORE: usize = 100;
/// at most so often.
const SEAL_PAUSES: usize = 10;

/// Runs what is due. Every process has one: leases share the jobs out, and the versions of what they touch keep them
/// apart whoever runs them.
#[derive(Clone)]
pub struct Scheduler {
    ports: Arc<Ports>,
    pace: Arc<Pace>,
    shifts: Arc<Shifts>,
    /// When lines were last sealed, in real time, and how many.
    sealed: Arc<Mutex<Option<(Timestamp, usize)>>>,
}

/// When items that did not get on are tried again: after 10 s, 20 s, 40 s … up to 5 minutes.
#[derive(Default)]
struct Pace {
    waiting: Mutex<BTreeMap<String, (u32, Timestamp)>>,
}

impl Pace {
    fn is_due(&self, item: &str, now: Timestamp) -> bool {
        self.waiting().get(item).is_none_or(|(_, next)| *next <= now)
    }

    /// How many items of a job a page needs, so that those that wait do not hide those that are due.
    fn page(&self, job: &str) -> usize {
        let waiting = self.waiting();
        let first = format!("{job} ");
        let of_job = waiting.range(first.clone()..).take_while(|(item, _)| item.starts_with(&first));
        of_job.count().saturating_add(BATCH).min(PACED_BATCH)
    }

    fn note(&self, item: String, got_on: bool, now: Timestamp) {
        let mut waiting = self.waiting();
        if got_on {
            waiting.remove(&item);
            return;
        }
        let tries = waiting.get(&item).map_or(0, |(tries, _)| *tries).min(10);
        let pause = Duration::seconds(10_i64 << tries).min(Duration::minutes(5));
        waiting.insert(item, (tries.saturating_add(1), now.plus(pause)));
        // What was settled by other ways is forgotten a while after it was due.
        waiting.retain(|_, (_, next)| now <= next.plus(Duration::hours(1)));
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<String, (u32, Timestamp)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scheduler {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self {
            shifts: Arc::new(Shifts::new(Arc::clone(&ports))),
            ports,
            pace: Arc::default(),
            sealed: Arc::default(),
        }
    }

    /// Runs what is due of the jobs that this process holds the leases of, but for those that ask billing.
    pub async fn tick(&self) -> usize {
        self.round(&[Asks::Nobody], Some(&*self.shifts)).await
    }

    /// The same of those that ask billing: apart, because a billing that does not answer may hold up no deadline. A round
    /// that is given up is gone on with by the next one, at what it had not begun.
    pub async fn tick_at_billing(&self) -> usize {
        self.round(&[Asks::Billing], Some(&*self.shifts)).await
    }

    /// Leaves the jobs to others.
    pub async fn hand_over(&self) {
        self.shifts.hand_over().await;
    }

    async fn round(&self, wanted: &[Asks], shifts: Option<&Shifts>) -> usize {
        let now = self.ports.now();
        let mut ran: usize = 0;
        for (job, name, _) in JOBS.iter().filter(|(.., asks)| wanted.contains(asks)) {
            let turn = Turn::of(name, shifts);
            if !turn.goes_on().await || shifts.is_some() && self.rests(*job) {
                continue;
            }
            match self.run(*job, now, &turn).await {
                Ok(count) => {
                    metrics::counter!("scheduler_runs_total", "job" => *name).increment(count as u64);
                    ran = ran.saturating_add(count);
                    if let (Job::StatementSeal, Some((_, lines))) = (*job, self.sealed().as_mut()) {
                        *lines = count;
                    }
                }
                Err(error) => tracing::warn!(job = name, code = error.code, "a job could not read its work"),
            }
        }
        ran
    }

    /// Whether a job ran a moment ago and gets cheaper by waiting: many lines are sealed for what one costs.
    fn rests(&self, job: Job) -> bool {
        if !matches!(job, Job::StatementSeal) {
            return false;
        }
        let now = self.ports.clock.real();
        let mut sealed = self.sealed();
        let rests = sealed.is_some_and(|(at, lines)| {
            let pauses = (lines / SEAL_MORE).saturating_add(1).min(SEAL_PAUSES);
            let pause = SEAL_EVERY * i32::try_from(pauses).unwrap_or(1);
            (Duration::ZERO..pause).contains(&now.since(at))
        });
        if !rests {
            *sealed = Some((now, 0));
        }
        rests
    }

    fn sealed(&self) -> MutexGuard<'_, Option<(Timestamp, usize)>> {
        self.sealed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Payment time-outs: `awaiting_payment` only (S-INV-3).
    async fn time_out(&self, now: Timestamp, turn: &Turn<'_>) -> Result<usize, AppError> {
        let due = self.ports.sagas.find_timing_out(now, BATCH).await?;
        let mut ran = 0;
        for saga in due {
            if !turn.goes_on().await {
                break;
            }
            ran += self.told("payment_timeout", saga, |_| SagaEvent::TimeoutFired).await;
        }
        Ok(ran)
    }

    /// Sagas whose next attempt is due: retries, polls of billing, start deadlines.
    async fn retry(&self, now: Timestamp, turn: &Turn<'_>) -> Result<usize, AppError> {
        let due = self.ports.sagas.find_due(now, BATCH).await?;
        let mut ran = 0;
        for saga in due {
            if !turn.goes_on().await {
                break;
            }
            let told = |data: &SagaData| {
                let overdue = data.state == SagaState::Started && now >= data.start_deadline_at();
                if overdue { SagaEvent::StartDeadline } else { SagaEvent::RetryDue }
            };
            ran += self.told("saga_retry", saga, told).await;
        }
        Ok(ran)
    }

    async fn told(&self, job: &'static str, id: SagaId, told: impl FnOnce(&SagaData) -> SagaEvent) -> usize {
        let Ok(Some(saga)) = self.ports.sagas.find(&Scope::System, &id).await else { return 0 };
        let context = self.ports.worker_context(job, &saga.data().order_id);
        let (told, scope) = (told(saga.data()), Scope::Within(saga.data().buyer_tenant_id.clone()));
        let fed = self.ports.feed_saga(id, Some(saga), &[told], None, &scope, context).await;
        done(job, fed.map(|_| Outcome::Applied))
    }

    /// Orders whose saga was never inserted.
    async fn heal_sagas(&self, now: Timestamp, turn: &Turn<'_>) -> Result<usize, AppError> {
        let orders = self.ports.sagas.find_orders_without(now.plus(-SAGA_GRACE), BATCH).await?;
        let mut ran = 0;
        for order in orders {
            if !turn.goes_on().await {
                break;
            }
            let context = self.ports.worker_context("saga_healed", &order);
            ran += done(
                "heal_sagas",
                self.ports.start_saga(order, &Scope::System, context).await.map(|()| Outcome::Applied),
            );
        }
        Ok(ran)
    }

    /// Licences whose validity is over.
    async fn expire_licenses(&self, now: Timestamp, turn: &Turn<'_>) -> Result<usize, AppError> {
        let due = self.ports.licenses.find_expiring(now, BATCH).await?;
        let mut ran = 0;
        for license in due {
            if !turn.goes_on().await {
                break;
            }
            let expired = self.ports.expire_license(license, now).await;
            ran += done("license_expiry", expired.map(|()| Outcome::Applied));
        }
        Ok(ran)
    }

    /// Quotes nobody placed.
    async fn expire_quotes(&self, now: Timestamp, turn: &Turn<'_>) -> Result<usize, AppError> {
        let due = self.ports.quotes.find_expiring(now, BATCH).await?;
        let mut ran = 0;
        for quote in due {
            if !turn.goes_on().await {
                break;
            }
            ran += done("quote_expiry", self.expire_quote(quote, now).await.map(|()| Outcome::Applied));
        }
        Ok(ran)
    }

    async fn expire_quote(&self, id: QuoteId, now: Timestamp) -> Result<(), AppError> {
        let ports = &self.ports;
        let context = ports.worker_context("quote.expire", &id);
        ports
            .change(&*ports.quotes, &Scope::System, &id, context, |quote| Ok(quote.expire(now)?))
            .await
            .map(drop)
    }

    /// Coupon holds: released when nobody placed their order or its saga failed, confirmed when it was
    /// fulfilled, left alone while the saga is at work (ruling R53).
    async fn sweep_holds(&self, now: Timestamp, turn: &Turn<'_>) -> Result<usize, AppError> {
        let lapsed = self.ports.coupons.find_lapsed_holds(now, BATCH).await?;
        let mut ran = 0;
        for hold in lapsed {
            if !turn.goes_on().await {
                break;
            }
            ran += done("coupon_hold_expiry", self.sweep_hold(&hold).await);
        }
        Ok(ran)
    }

    async fn sweep_hold(&self, hold: &CouponRedemption) -> Result<Outcome, AppError> {
        let ports = &self.ports;
        let order = ports.orders.find(&Scope::System, &hold.order_id).await?;
        let saga = ports.sagas.find_by_order(&Scope::System, hold.order_id).await?;
        let confirm = match (order, saga.map(|saga| saga.data().state)) {
            (None, _) | (Some(_), Some(SagaState::Failed)) => false,
            (Some(_), Some(SagaState::Fulfilled)) => true,
            (Some(_), _) => return Ok(Outcome::AlreadyApplied),
        };
        let context = ports.worker_context("coupon.sweep", &hold.order_id);
        ports.settle_coupon(&Scope::System, hold.coupon_id, hold.order_id, confirm, context).await?;
        Ok(Outcome::Applied)
    }

    /// Refunds billing has not answered for.
    async fn confirm_refunds(&self, now: Timestamp, turn: &Turn<'_>) -> Result<usize, AppError> {
        let pending = self.ports.orders.find_pending_refunds(self.pace.page("refund_confirmation")).await?;
        let mut ran = 0;
        for (order, refund) in pending {
            if !turn.goes_on().await {
                break;
            }
            ran += self.paced("refund_confirmation", &refund, now, self.confirm_refund(order, refund)).await;
        }
        Ok(ran)
    }

    async fn confirm_refund(
        &self,
        id: OrderId,
        refund: sarai_domain::kernel::RefundId,
    ) -> Result<Outcome, AppError> {
        let ports = &self.ports;
        let context = ports.worker_context("refund.confirm", &id);
        if let Some(status) = ports.billing.refund_status(&refund_key(refund)).await? {
            ports.settle_refund(id, None, refund, &status, &Scope::System, context).await?;
        } else {
            let order = ports.stored(id, &Scope::System).await?;
            if refunds_run_alone(&order) {
                ports.run_refund(&order, refund, &Scope::System, context).await?;
            }
        }
        let after = ports.orders.find(&Scope::System, &id).await?;
        let open = after.is_some_and(|order| order.pending_refund().is_some_and(|open| open.id == refund));
        Ok(if open { Outcome::AlreadyApplied } else { Outcome::Applied })
    }

    /// Captures nobody asked for that are not back yet.
    async fn return_strays(&self, now: Timestamp, turn: &Turn<'_>) -> Result<usize, AppError> {
        let strays = self.ports.orders.find_stray_captures(self.pace.page("stray_captures")).await?;
        let mut ran = 0;
        for (order, payment) in strays {
            if !turn.goes_on().await {
                break;
            }
            let context = self.ports.worker_context("stray.return", &order);
            ran += self
                .paced(
                    "stray_captures",
                    &payment,
                    now,
                    self.ports.return_stray(order, &payment, &Scope::System, context),
                )
                .await;
        }
        Ok(ran)
    }

    /// Statements' heads that are to be signed.
    async fn anchor_statements(&self, turn: &Turn<'_>) -> Result<usize, AppError> {
        let grown = self.ports.unanchored_statements().await?;
        let mut ran = 0;
        for key in grown {
            if !turn.goes_on().await {
                break;
            }
            ran += done("statement_anchor", self.ports.anchor_statement(&key).await);
        }
        Ok(ran)
    }

    /// Earnings periods whose month and holds are over, in the order of their months.
    async fn close_periods(&self, now: Timestamp, turn: &Turn<'_>) -> Result<usize, AppError> {
        let open = self.ports.earnings.find_closing(now, self.pace.page("earnings_close")).await?;
        let mut ran = 0;
        for key in open {
            if !turn.goes_on().await {
                break;
            }
            ran += self.paced("earnings_close", &key, now, self.close_period(&key, now)).await;
        }
        Ok(ran)
    }

    async fn close_period(&self, key: &EarningsKey, now: Timestamp) -> Result<Outcome, AppError> {
        let ports = &self.ports;
        let matters = ports.earnings.open_matters(key).await?;
        let evidence = ClosingEvidence {
            pending_refunds: matters.pending_refunds,
            open_disputes: matters.open_disputes,
            unprocessed_fulfilments: matters.unprocessed,
            predecessor: self.predecessor(key).await?,
            sealed_lines: ports.statements.head(key).await?.chain.count,
        };
        if !evidence.is_settled() {
            return Ok(Outcome::AlreadyApplied);
        }
        let context = ports.worker_context("earnings.close", &key);
        let close = ports.change_period(key, context, |earnings| Ok(earnings.close(&evidence, now)?));
        let closed = close.await;
        match closed {
            Ok(_) => Ok(Outcome::Applied),
            Err(error) if ["earnings.predecessor_open", "earnings.not_sealed"].contains(&error.code) => {
                Ok(Outcome::AlreadyApplied)
            }
            Err(error) => Err(error),
        }
    }

    /// The period before this one that must be carried over first: one that is open, or left a deficit.
    async fn predecessor(
        &self,
        key: &EarningsKey,
    ) -> Result<Option<sarai_domain::kernel::PeriodMonth>, AppError> {
        let periods = self.ports.earnings.periods(&key.provider_tenant_id, key.currency).await?;
        let before = periods.into_iter().filter(|(month, _)| *month < key.period_month);
        let Some((month, state)) = before.max_by_key(|(month, _)| *month) else { return Ok(None) };
        if state == EarningsState::Accruing {
            return Ok(Some(month));
        }
        let previous = EarningsKey { period_month: month, ..key.clone() };
        let found = self.ports.earnings.find_without_lines(&Scope::System, &previous).await?;
        let deficit = found.is_some_and(|earnings| !earnings.totals().closing_deficit.is_zero());
        Ok(deficit.then_some(month))
    }

    /// Closed periods that are not paid out yet.
    async fn pay_out(&self, now: Timestamp, turn: &Turn<'_>) -> Result<usize, AppError> {
        let ready = self
            .ports
            .earnings
            .find_by_state(EarningsState::Ready, self.pace.page("earnings_payout"))
            .await?;
        let mut ran = 0;
        for key in ready {
            if !turn.goes_on().await {
                break;
            }
            ran += self.paced("earnings_payout", &key, now, self.pay_period(&key)).await;
        }
        Ok(ran)
    }

    async fn pay_period(&self, key: &EarningsKey) -> Result<Outcome, AppError> {
        let context = self.ports.worker_context("earnings.pay_out", key);
        self.ports.pay_out(key, context).await?;
        let left = self.ports.earnings.find_without_lines(&Scope::System, key).await?;
        let paid = left.is_some_and(|earnings| earnings.state() == EarningsState::Paid);
        Ok(if paid { Outcome::Applied } else { Outcome::AlreadyApplied })
    }

    /// Runs an item unless it did not get on a moment ago; one that does not get on waits longer each time.
    async fn paced(
        &self,
        job: &'static str,
        item: &impl Display,
        now: Timestamp,
        work: impl Future<Output = Result<Outcome, AppError>>,
    ) -> usize {
        let item = format!("{job} {item}");
        if !self.pace.is_due(&item, now) {
            return 0;
        }
        // Noted before it is tried: one that never answers, so that the round is given up, does not stand before the others
        // in the next one.
        self.pace.note(item.clone(), false, now);
        let result = work.await;
        if result.as_ref() == Ok(&Outcome::Applied) {
            self.pace.note(item, true, now);
        }
        done(job, result)
    }

    async fn run(&self, job: Job, now: Timestamp, turn: &Turn<'_>) -> Result<usize, AppError> {
        match job {
            Job::PaymentTimeout => self.time_out(now, turn).await,
            Job::SagaRetry => self.retry(now, turn).await,
            Job::HealSagas => self.heal_sagas(now, turn).await,
            Job::LicenseExpiry => self.expire_licenses(now, turn).await,
            Job::QuoteExpiry => self.expire_quotes(now, turn).await,
            Job::CouponHoldExpiry => self.sweep_holds(now, turn).await,
            Job::RefundConfirmation => self.confirm_refunds(now, turn).await,
            Job::StrayCaptures => self.return_strays(now, turn).await,
            Job::StatementSeal => self.ports.seal_statements().await,
            Job::EarningsClose => self.close_periods(now, turn).await,
            Job::EarningsPayout => self.pay_out(now, turn).await,
            Job::StatementAnchor => self.anchor_statements(turn).await,
        }
    }
}

/// Something the scheduler does.
#[derive(Debug, Clone, Copy)]
enum Job {
    PaymentTimeout,
    SagaRetry,
    HealSagas,
    LicenseExpiry,
    QuoteExpiry,
    CouponHoldExpiry,
    RefundConfirmation,
    StrayCaptures,
    StatementSeal,
    EarningsClose,
    EarningsPayout,
    StatementAnchor,
}

/// Whom a job waits for, beside the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    Nobody,
    Billing,
}

/// Every job with its name in metrics and logs, in the order in which they run.
#[rustfmt::skip]
const JOBS: &[(Job, &str, Asks)] = &[
    (Job::PaymentTimeout,     "payment_timeout",     Asks::Nobody),
    (Job::SagaRetry,          "saga_retry",          Asks::Nobody),
    (Job::HealSagas,          "heal_sagas",          Asks::Nobody),
    (Job::LicenseExpiry,      "license_expiry",      Asks::Nobody),
    (Job::QuoteExpiry,        "quote_expiry",        Asks::Nobody),
    (Job::CouponHoldExpiry,   "coupon_hold_expiry",  Asks::Nobody),
    (Job::RefundConfirmation, "refund_confirmation", Asks::Billing),
    (Job::StrayCaptures,      "stray_captures",      Asks::Billing),
    // A period closes when its lines are sealed, and is anchored at once when it has closed.
    (Job::StatementSeal,      "statement_seal",      Asks::Nobody),
    (Job::EarningsClose,      "earnings_close",      Asks::Nobody),
    (Job::EarningsPayout,     "earnings_payout",     Asks::Billing),
    (Job::StatementAnchor,    "statement_anchor",    Asks::Nobody),
];

/// Counts what changed something; what failed is logged and tried again.
fn done(job: &str, result: Result<Outcome, AppError>) -> usize {
    match result {
        Ok(Outcome::Applied) => 1,
        Ok(Outcome::AlreadyApplied) => 0,
        Err(error) => {
            tracing::warn!(job, code = error.code, message = error.message, "a scheduled item failed");
            0
        }
    }
}

#[async_trait]
impl DueWork for Scheduler {
    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let ports = &self.ports;
        let times = [
            ports.sagas.next_due(after).await?,
            ports.licenses.next_expiry(after).await?,
            ports.quotes.next_expiry(after).await?,
            ports.coupons.next_lapse(after).await?,
            ports.earnings.next_close(after).await?,
        ];
        Ok(times.into_iter().flatten().min())
    }

    /// Whoever holds the leases: the test clock answers when everything due has run.
    async fn run_due(&self) -> Result<usize, StoreError> {
        Ok(self.round(&[Asks::Nobody, Asks::Billing], None).await)
    }
}
