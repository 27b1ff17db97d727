//! What events set off beside the saga: refunds, strays, revocations, earnings, payouts, enrolments.
//!
//! Each consumer may see an event twice; the inbox and the aggregates' own rules absorb it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use sarai_domain::{
    kernel::{
        Aggregate, Currency, EarningsLineId, LicenseId, Money, OrderId, OrderLineId, Outcome, PaymentId,
        PeriodMonth, RefundId, TenantId, Timestamp, UserId,
    },
    marketplace::{
        earnings::{
            EarningsError, EarningsKey, EarningsLine, FeeOnRefund, LineKind, ProviderEarnings, SoldLine,
            period_for_debit, period_for_sale,
        },
        event::MarketplaceEvent,
        license::{License, LicenseEvent, LicenseState, RevokeReason, SeatStatus},
        order::{FulfilledLine, Order, OrderEvent, RefundRequest, RefundSource, RefundedLine},
    },
};
use sarai_ports::{
    Context, Event, GatewayError, Scope, StoreError,
    events::{Consumer, ConsumerError, EventRecord},
    marketplace::{AccrueError, Enrolment, PayoutStatus, RefundStatus},
};

use crate::{
    AppError, Loaded, Ports,
    app::{TRIES, failed},
};

/// Every consumer of this context, for the relay.
pub fn all(ports: &Arc<Ports>) -> Vec<Arc<dyn Consumer>> {
    let mut all: Vec<Arc<dyn Consumer>> = vec![
        Arc::new(super::saga::SagaFeed::new(Arc::clone(ports))),
        Arc::new(super::saga::SagaCommands::new(Arc::clone(ports))),
    ];
    for handler in HANDLERS {
        all.push(Arc::new(Handler { ports: Arc::clone(ports), name: handler }));
    }
    all
}

/// The consumers of this file, by their names in the routing table.
pub(super) const HANDLERS: &[&str] =
    &["refunds", "stray-captures", "revocations", "earnings", "carry", "payouts", "enrolments"];

struct Handler {
    ports: Arc<Ports>,
    name: &'static str,
}

#[async_trait]
impl Consumer for Handler {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn handle(&self, record: &EventRecord) -> Result<(), ConsumerError> {
        let (context, scope) = (self.ports.context_of(self.name, record), Ports::scope_of(record));
        let (ports, scope) = (&self.ports, &scope);
        let Event::Marketplace(event) = &record.event else { return Ok(()) };
        match (self.name, event) {
            ("refunds", MarketplaceEvent::Order(event)) => ports.on_refund(event, scope, context).await,
            ("stray-captures", MarketplaceEvent::Order(event)) => ports.on_stray(event, scope, context).await,
            ("revocations", MarketplaceEvent::Order(event)) => ports.on_returned(event, scope, context).await,
            ("earnings", MarketplaceEvent::Order(event)) => ports.on_earned(event, record, context).await,
            ("carry", MarketplaceEvent::Earnings(event)) => ports.carry(event.key(), context).await,
            ("payouts", MarketplaceEvent::Earnings(event)) => ports.pay_out(event.key(), context).await,
            ("enrolments", MarketplaceEvent::License(event)) => ports.on_seat(event, scope).await,
            _ => Ok(()),
        }
        .map_err(|error| failed(&error))
    }
}

/// Refunds and strays.
impl Ports {
    async fn on_refund(&self, event: &OrderEvent, scope: &Scope, context: Context) -> Result<(), AppError> {
        match event {
            OrderEvent::RefundRequested { order, refund_id, fulfilled: true, .. }
            | OrderEvent::Fulfilled { order, pending_refund: Some(refund_id), .. } => {
                let order = self.stored(order.order_id, scope).await?;
                self.run_refund(&order, *refund_id, scope, context).await
            }
            // A cancel that lost to the payment becomes a full refund of the buyer's (ruling R47).
            OrderEvent::Paid { order, cancel_requested: true, .. } => {
                let (id, now) = (RefundId::new(self.ulid()), context.now);
                self.change(&*self.orders, scope, &order.order_id, context, |order| {
                    if order.pending_refund().is_some() || order.plan_refund(None).is_err() {
                        return Ok(Outcome::AlreadyApplied);
                    }
                    let reason = "cancelled while it was paid".to_owned();
                    let source = RefundSource::Buyer;
                    Ok(order.request_refund(RefundRequest { id, lines: None, source, reason }, now)?)
                })
                .await
                .map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Asks billing to return the money of a refund, and records what it says at once. A lost dispute's
    /// money is gone already, and nothing needs no call.
    pub(super) async fn run_refund(
        &self,
        order: &Order,
        refund_id: RefundId,
        scope: &Scope,
        context: Context,
    ) -> Result<(), AppError> {
        let Some(refund) = order.pending_refund().filter(|refund| refund.id == refund_id) else {
            return Ok(());
        };
        let status = match &order.data().payment_id {
            Some(payment) if !refund.amount.is_zero() && refund.source != RefundSource::Dispute => {
                self.refund_at_billing(&refund_key(refund_id), order.id(), payment, refund.amount).await?
            }
            _ => RefundStatus::Succeeded,
        };
        self.settle_refund(order.id(), Some(order.clone()), refund_id, &status, scope, context).await
    }

    async fn refund_at_billing(
        &self,
        key: &str,
        order: OrderId,
        payment: &PaymentId,
        amount: Money,
    ) -> Result<RefundStatus, AppError> {
        match self.billing.refund(key, &order, payment, amount).await {
            Ok(status) => Ok(status),
            Err(GatewayError::Refused { code }) => Ok(RefundStatus::Failed { code }),
            Err(unavailable @ GatewayError::Unavailable(_)) => Err(unavailable.into()),
        }
    }

    /// Records how a refund ended at billing; pending changes nothing.
    pub(super) async fn settle_refund(
        &self,
        id: OrderId,
        given: Option<Order>,
        refund: RefundId,
        status: &RefundStatus,
        scope: &Scope,
        context: Context,
    ) -> Result<(), AppError> {
        let succeeded = match status {
            RefundStatus::Pending => return Ok(()),
            RefundStatus::Succeeded => true,
            RefundStatus::Failed { code } => {
                tracing::warn!(order = %id, %refund, code, "billing could not return the money");
                false
            }
        };
        let now = context.now;
        self.change_recent(&*self.orders, scope, &id, given, context, |order| {
            Ok(order.settle_refund(refund, succeeded, now)?)
        })
        .await
        .map(drop)
    }

    async fn on_stray(&self, event: &OrderEvent, scope: &Scope, context: Context) -> Result<(), AppError> {
        match event {
            OrderEvent::PaymentMismatched { order, payment_id, stray: true, .. }
            | OrderEvent::PaymentAfterClose { order, payment_id, .. }
            | OrderEvent::PaymentDuplicate { order, payment_id, .. } => {
                tracing::warn!(order = %order.order_id, payment = %payment_id, "a stray capture is returned");
                self.return_stray(order.order_id, payment_id, scope, context).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Returns a capture that no order asked for, exactly once (ruling R45).
    pub(super) async fn return_stray(
        &self,
        id: OrderId,
        payment: &PaymentId,
        scope: &Scope,
        context: Context,
    ) -> Result<Outcome, AppError> {
        let order = self.stored(id, scope).await?;
        let stray = order.data().stray_captures.iter().find(|stray| stray.payment_id == *payment);
        let Some(stray) = stray.filter(|stray| stray.refunded_at.is_none()) else {
            return Ok(Outcome::AlreadyApplied);
        };
        match self.refund_at_billing(&stray_key(payment), id, payment, stray.amount).await? {
            RefundStatus::Succeeded => {
                self.settle_stray(id, payment, scope, context).await.map(|()| Outcome::Applied)
            }
            RefundStatus::Pending => Ok(Outcome::AlreadyApplied),
            RefundStatus::Failed { code } => {
                Err(AppError::new(sarai_domain::kernel::Kind::Unavailable, "stray.refund_failed", code))
            }
        }
    }

    /// Records that a stray capture went back.
    pub(super) async fn settle_stray(
        &self,
        id: OrderId,
        payment: &PaymentId,
        scope: &Scope,
        context: Context,
    ) -> Result<(), AppError> {
        let now = context.now;
        self.change(&*self.orders, scope, &id, context, |order| Ok(order.settle_stray(payment.clone(), now)?))
            .await
            .map(drop)
    }

    /// Revokes the licences of returned lines; one that is over already stays as it is.
    async fn on_returned(&self, event: &OrderEvent, scope: &Scope, context: Context) -> Result<(), AppError> {
        let OrderEvent::Refunded { order, source, lines, .. } = event else { return Ok(()) };
        let reason = match source {
            RefundSource::Dispute => RevokeReason::Dispute,
            RefundSource::Buyer | RefundSource::Admin | RefundSource::Compensation => RevokeReason::Refund,
        };
        let returned: BTreeSet<_> = lines.iter().map(|line| Some(line.order_line_id)).collect();
        // Also the licences of later periods, which a renewal after the end grants.
        for license in self.licenses.find_by_order(scope, order.order_id).await? {
            let data = license.data();
            let revocable = match data.state {
                LicenseState::Active => true,
                LicenseState::Expired => reason == RevokeReason::Dispute,
                LicenseState::Revoked => false,
            };
            if revocable && returned.contains(&data.order_line_id) {
                self.revoke_license(license.id(), reason, scope, context.clone()).await?;
            }
        }
        Ok(())
    }
}

/// The key of a refund at billing.
pub(super) fn refund_key(refund: RefundId) -> String {
    format!("rf:{refund}")
}

/// The key of a stray capture's return at billing.
fn stray_key(payment: &PaymentId) -> String {
    format!("stray:{payment}")
}

/// Earnings.
impl Ports {
    async fn on_earned(
        &self,
        event: &OrderEvent,
        record: &EventRecord,
        context: Context,
    ) -> Result<(), AppError> {
        let source = record.id.to_string();
        match event {
            OrderEvent::Fulfilled { order, lines, fulfilled_at, .. } => {
                let mut sales: BTreeMap<&TenantId, Vec<EarningsLine>> = BTreeMap::new();
                for line in lines {
                    let id = EarningsLineId::new(self.ulid());
                    let sale = sold(order.order_id, line).sale(id, &source, *fulfilled_at);
                    sales.entry(&line.provider_tenant_id).or_default().push(sale);
                }
                for (provider, sales) in sales {
                    self.accrue_fulfilled(provider, sales, *fulfilled_at, context.clone()).await?;
                }
                Ok(())
            }
            OrderEvent::Refunded { lines, fulfilled_at: Some(_), .. } => {
                self.reverse_sales(lines, &source, context).await
            }
            _ => Ok(()),
        }
    }

    /// Accrues what a fulfilment earned a provider. While its month lasts that is its period, whatever periods there
    /// are: none is closed before it is over, so nothing has to be read. Later it is looked up.
    async fn accrue_fulfilled(
        &self,
        provider: &TenantId,
        sales: Vec<EarningsLine>,
        fulfilled_at: Timestamp,
        context: Context,
    ) -> Result<(), AppError> {
        let (month, currency) =
            (PeriodMonth::of(fulfilled_at), sales.first().map(|sale| sale.gross.currency()));
        match currency {
            Some(currency) if month == PeriodMonth::of(context.now) => {
                let key = EarningsKey { provider_tenant_id: provider.clone(), currency, period_month: month };
                self.accrue_to(&key, sales, context).await.map(drop)
            }
            _ => self.accrue_sales(provider, sales, context).await,
        }
    }

    /// Accrues the sales of one source to one provider, in the month they were fulfilled in or the next that
    /// is open; once. All in one unit: the inbox knows one effect of an event on a period (ruling R40).
    pub(super) async fn accrue_sales(
        &self,
        provider: &TenantId,
        sales: Vec<EarningsLine>,
        context: Context,
    ) -> Result<(), AppError> {
        let Some(first) = sales.first() else { return Ok(()) };
        let (month, currency) = (PeriodMonth::of(first.occurred_at), first.gross.currency());
        if let Some(line) = first.order_line_id {
            let known = self.lines_of(provider, line).await?;
            let accrued = |line: &EarningsLine| {
                line.kind == LineKind::Sale && line.source_event_id == first.source_event_id
            };
            if known.iter().any(|(_, known)| accrued(known)) {
                return Ok(());
            }
        }
        self.accrue(provider, currency, sales, context, |periods| period_for_sale(periods, month)).await
    }

    /// Takes sales back from their providers, by the amounts frozen at the sale (ruling R61).
    async fn reverse_sales(
        &self,
        lines: &[RefundedLine],
        source: &str,
        context: Context,
    ) -> Result<(), AppError> {
        let mut reversals: BTreeMap<EarningsKey, Vec<EarningsLine>> = BTreeMap::new();
        for line in lines {
            let provider = &line.provider_tenant_id;
            let reversal = self.reversal_of(provider, line.order_line_id, source, context.now).await?;
            if let Some((key, debits)) = reversal {
                reversals.entry(key).or_default().extend(debits);
            } else if self.lines_of(provider, line.order_line_id).await?.is_empty() {
                // The order was fulfilled, so its sale is on its way: whoever delivers this asks again.
                let message = "the sale that is taken back is not entered yet";
                return Err(AppError::new(sarai_domain::kernel::Kind::Unavailable, "unavailable", message));
            }
        }
        // Lines of one order and provider were accrued in one unit, so each provider has one key here.
        for (key, lines) in reversals {
            let (provider, currency, month) = (&key.provider_tenant_id, key.currency, key.period_month);
            let choose = |periods: &[_]| period_for_debit(periods, month);
            self.accrue(provider, currency, lines, context.clone(), choose).await?;
        }
        Ok(())
    }

    /// The lines that take an order line's sale back, and the period of that sale; none when nothing was
    /// earned with it, or when it was taken back before.
    pub(super) async fn reversal_of(
        &self,
        provider: &TenantId,
        line: OrderLineId,
        source: &str,
        now: Timestamp,
    ) -> Result<Option<(EarningsKey, Vec<EarningsLine>)>, AppError> {
        let fee = if self.policy.refund_platform_fee { FeeOnRefund::Returned } else { FeeOnRefund::Kept };
        let known = self.lines_of(provider, line).await?;
        if known.iter().any(|(_, known)| known.kind.reverses()) {
            return Ok(None);
        }
        let sales = known.into_iter().filter(|(_, known)| known.kind == LineKind::Sale);
        let first = sales.min_by_key(|(_, sale)| sale.occurred_at);
        let ids = [EarningsLineId::new(self.ulid()), EarningsLineId::new(self.ulid())];
        Ok(first.map(|(key, sale)| (key, sale.reversal(ids, source, fee, now))))
    }

    /// What stands in a provider's periods for an order line.
    async fn lines_of(
        &self,
        provider: &TenantId,
        line: OrderLineId,
    ) -> Result<Vec<(EarningsKey, EarningsLine)>, AppError> {
        Ok(self.earnings.find_lines(&Scope::Within(provider.clone()), line).await?)
    }

    /// Adds lines to the period that `choose` names; a period that closes meanwhile is chosen anew.
    async fn accrue(
        &self,
        provider: &TenantId,
        currency: Currency,
        lines: Vec<EarningsLine>,
        context: Context,
        choose: impl Fn(&[(PeriodMonth, sarai_domain::marketplace::earnings::EarningsState)]) -> PeriodMonth,
    ) -> Result<(), AppError> {
        loop {
            let periods = self.earnings.periods(provider, currency).await?;
            let key = EarningsKey {
                provider_tenant_id: provider.clone(),
                currency,
                period_month: choose(&periods),
            };
            if self.accrue_to(&key, lines.clone(), context.clone()).await? {
                return Ok(());
            }
        }
    }

    /// Adds lines to a period, or opens it with them; not when it is closed.
    async fn accrue_to(
        &self,
        key: &EarningsKey,
        lines: Vec<EarningsLine>,
        context: Context,
    ) -> Result<bool, AppError> {
        let _turn = self.lanes.enter(&key.to_string()).await;
        for attempt in 1..=TRIES {
            let (lines, context) = (lines.clone(), context.clone());
            match self.earnings.accrue(key, lines, context, &*self.ids, self.routes).await {
                Ok(saved) => {
                    self.followed_up(saved);
                    return Ok(true);
                }
                Err(AccrueError::Refused(EarningsError::PeriodClosed { .. })) => return Ok(false),
                Err(AccrueError::Refused(refusal)) => return Err(refusal.into()),
                Err(AccrueError::Store(StoreError::Conflict { .. })) => self.lanes.pause(attempt).await,
                Err(AccrueError::Store(error)) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict { aggregate: ProviderEarnings::NAME }.into())
    }

    /// Opens the next month with the deficit a closed one leaves (ruling R61).
    async fn carry(&self, key: &EarningsKey, context: Context) -> Result<(), AppError> {
        let scope = &Scope::Within(key.provider_tenant_id.clone());
        let found = self.earnings.find_without_lines(scope, key).await?;
        let closed = found.ok_or_else(|| AppError::not_found("earnings"))?;
        let deficit = closed.totals().closing_deficit;
        if deficit.is_zero() {
            return Ok(());
        }
        let next = EarningsKey { period_month: key.period_month.next(), ..key.clone() };
        let (id, now) = (EarningsLineId::new(self.ulid()), context.now);
        let load = || async {
            let found = self.earnings.find_without_lines(scope, &next).await?;
            Ok(Some(found.unwrap_or_else(|| ProviderEarnings::open(next.clone(), now))))
        };
        self.change_loaded(&*self.earnings, scope, &next.to_string(), load, context, |earnings| {
            Ok(earnings.carry_in(id, key.period_month, deficit, now)?)
        })
        .await
        .map(drop)
    }

    /// Pays a closed period out, or notes that nothing is due.
    pub(super) async fn pay_out(&self, key: &EarningsKey, context: Context) -> Result<(), AppError> {
        let scope = &Scope::Within(key.provider_tenant_id.clone());
        let found = self.earnings.find_without_lines(scope, key).await?;
        let closed = found.ok_or_else(|| AppError::not_found("earnings"))?;
        let payout = if closed.nothing_due() {
            None
        } else {
            let due = closed.totals().net_payable;
            match self.billing.pay_out(&key.to_string(), &key.provider_tenant_id, due).await? {
                PayoutStatus::Paid(payout) => Some(payout),
                PayoutStatus::Pending => return Ok(()),
                PayoutStatus::Failed { code } => {
                    tracing::warn!(period = %key, code, "a payout failed and is tried again");
                    return Ok(());
                }
            }
        };
        let now = context.now;
        self.change_period(key, context, |earnings| Ok(earnings.mark_paid(payout.clone(), now)?))
            .await
            .map(drop)
    }

    /// Runs a command on a period without its lines: there may be 10^6, and what is not about some of them needs none
    /// (ruling R62).
    pub(super) async fn change_period(
        &self,
        key: &EarningsKey,
        context: Context,
        command: impl FnMut(&mut ProviderEarnings) -> Result<Outcome, AppError> + Send,
    ) -> Result<Loaded<ProviderEarnings>, AppError> {
        let scope = &Scope::Within(key.provider_tenant_id.clone());
        let load = || self.earnings.find_without_lines(scope, key);
        self.change_loaded(&*self.earnings, scope, &key.to_string(), load, context, command).await
    }
}

fn sold(order_id: OrderId, line: &FulfilledLine) -> SoldLine {
    SoldLine {
        order_id,
        order_line_id: line.order_line_id,
        listing_id: line.listing_id,
        net: line.net,
        fee_amount: line.fee_amount,
        provider_amount: line.provider_amount,
        platform_bps: line.platform_bps,
        refund_deadline: Some(line.refund_deadline),
    }
}

/// Enrolments of seats (ruling R52).
impl Ports {
    async fn on_seat(&self, event: &LicenseEvent, scope: &Scope) -> Result<(), AppError> {
        let id = event.license().license_id;
        match event {
            LicenseEvent::SeatAssigned { seat_id, user_id, .. } => {
                let found = self.licenses.find_for_user(scope, id, user_id).await?;
                let license = found.ok_or_else(|| AppError::not_found("licence"))?;
                let enrolment = enrolment(&license, user_id);
                match self.enrollment.enroll(&format!("{seat_id}:enrol"), &enrolment).await {
                    // Refused for good: trying again would hold up what happens to the licence next.
                    Err(GatewayError::Refused { code }) => {
                        metrics::counter!("enrolments_refused_total").increment(1);
                        tracing::error!(license = %id, seat = %seat_id, code, "a learner cannot be enrolled");
                        Ok(())
                    }
                    answer => Ok(answer?),
                }
            }
            LicenseEvent::SeatReleased { seat_id, user_id, .. } => {
                self.cancel_enrolment(scope, id, user_id, &format!("{seat_id}:cancel")).await
            }
            LicenseEvent::Expired { .. } | LicenseEvent::Revoked { .. } => self.cancel_all(id, scope).await,
            LicenseEvent::Granted { .. }
            | LicenseEvent::WaitlistFilled { .. }
            | LicenseEvent::LeaseIssued { .. }
            | LicenseEvent::Renewed { .. } => Ok(()),
        }
    }

    async fn cancel_all(&self, id: LicenseId, scope: &Scope) -> Result<(), AppError> {
        let found = self.licenses.find(scope, &id).await?;
        let license = found.ok_or_else(|| AppError::not_found("licence"))?;
        let keeps = license.data().grandfathered;
        let ended = license.seats().filter(|seat| !keeps || seat.status != SeatStatus::ConsumedOnRefund);
        let users: BTreeSet<&UserId> = ended.map(|seat| &seat.user_id).collect();
        for user in users {
            self.cancel_enrolment_of(&license, user, &format!("{id}:{user}:cancel")).await?;
        }
        Ok(())
    }
}

/// What enrollment needs to know of a learner of a licence.
pub(super) fn enrolment(license: &License, user: &UserId) -> Enrolment {
    let data = license.data();
    Enrolment {
        tenant_id: data.tenant_id.clone(),
        user_id: user.clone(),
        course_id: data.course_id.clone(),
        course_version_id: data.course_version_id.clone(),
    }
}

/// Whether an order is in a state in which its refunds run without the saga.
pub(super) fn refunds_run_alone(order: &Order) -> bool {
    order.data().fulfilled_at.is_some()
}
