//! Carries out the saga's commands: each is idempotent under a key that is stable over retries.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use sarai_domain::{
    kernel::{
        Aggregate, CouponId, Kind, LicenseId, Money, OrderId, OrderLineId, Outcome, RedemptionId, RefundId,
        SeatId, Timestamp, UserId,
    },
    marketplace::{
        coupon::NewRedemption,
        event::MarketplaceEvent,
        license::{
            Entitlement, Learner, License, LicenseState, LicenseTerms, NewLicense, Origin, RevokeReason,
            SeatStatus,
        },
        order::{ByHand, Order, OrderStatus, RefundRequest, RefundSource},
        saga::{Direction, LineTax, PAYMENT_WINDOW, SagaCommand, SagaEvent, SagaMessage, SagaStep},
        services::{AppliedDiscount, pricing::PricingCalculator},
        values::Owner,
    },
};
use sarai_ports::{
    Context, Event, GatewayError, Scope, StoreError,
    events::{Consumer, ConsumerError, EventRecord},
    marketplace::{
        IntentRequest, IntentStatus, PaymentAnswer, ReserveError, TaxAnswer, TaxLine, TaxRequest, VoidAnswer,
        platform,
    },
};
use time::Duration;

use super::payment_key;
use crate::{
    AppError, Ports,
    app::{TRIES, failed},
    marketplace::{consumers::enrolment, orders::recorded},
};

/// How long a coupon's hold outlives the payment window.
const HOLD_MARGIN: Duration = Duration::minutes(10);

/// The consumer that carries out commands.
pub struct SagaCommands {
    ports: Arc<Ports>,
}

impl SagaCommands {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }
}

#[async_trait]
impl Consumer for SagaCommands {
    fn name(&self) -> &'static str {
        "saga-commands"
    }

    async fn handle(&self, event: &EventRecord) -> Result<(), ConsumerError> {
        let Event::Marketplace(MarketplaceEvent::Saga(issued)) = &event.event else { return Ok(()) };
        let SagaMessage::CommandIssued { saga_id, order_id, command, .. } = issued else {
            return Ok(());
        };
        let scope = Ports::scope_of(event);
        let order = match command.step() {
            // What a payment or a refund came to is not frozen.
            SagaStep::ReceivePayment | SagaStep::RefundPayment => self.ports.stored(*order_id, &scope).await,
            SagaStep::GrantLicense { .. } => self.ports.licensable(*order_id, &scope).await,
            _ => self.ports.placed(*order_id, &scope).await,
        };
        let order = order.map_err(|error| failed(&error))?;
        let run = Run { ports: &self.ports, order: &order, event, scope: &scope };
        let told = match run.command(command).await {
            Ok(told) => told,
            // A saga that is over is told nothing more: what it asked for last is delivered until it is done.
            Err(error) if is_final(&error) && command.step() != SagaStep::MarkFulfilled => {
                Some(refused(command, &error))
            }
            Err(error) => return Err(failed(&error)),
        };
        if let Some(told) = told {
            let context = self.ports.context_of(self.name(), event);
            self.ports
                .feed_saga(*saga_id, None, &[told], Some(event.id), &scope, context)
                .await
                .map(drop)
                .map_err(|error| failed(&error))?;
        }
        Ok(())
    }
}

/// One command being carried out.
struct Run<'a> {
    ports: &'a Ports,
    order: &'a Order,
    event: &'a EventRecord,
    /// The buyer's tenant: its order, saga and licences.
    scope: &'a Scope,
}

/// What the saga is told, when it does not hear it from the order's own events.
type Told = Result<Option<SagaEvent>, AppError>;

impl Run<'_> {
    async fn command(&self, command: &SagaCommand) -> Told {
        match command {
            SagaCommand::ReserveCoupons { coupons } => self.reserve_coupons(coupons).await,
            SagaCommand::RequestPayment => self.request_payment().await,
            SagaCommand::MarkPendingPayment { intent, taxes } => {
                let taxes: Vec<_> = taxes.iter().map(|tax| (tax.line, tax.tax)).collect();
                let mut marked = Outcome::AlreadyApplied;
                let mark = |order: &mut Order, now| {
                    // Repeated after a crash, it may meet an order that was paid meanwhile.
                    marked = if order.has_reached(OrderStatus::Paid) {
                        Outcome::AlreadyApplied
                    } else {
                        order.request_payment(&taxes, Some(intent.clone()), now)?
                    };
                    Ok(marked)
                };
                self.change_order(mark).await?;
                // The payment shows that the order was told; said is only that it knew.
                Ok((marked == Outcome::AlreadyApplied).then_some(SagaEvent::PaymentPending))
            }
            SagaCommand::RecordFree => {
                self.change_order(|order, now| {
                    let zero = Money::zero(order.data().currency);
                    let taxes: Vec<_> = order.data().lines.iter().map(|line| (line.id, zero)).collect();
                    let _priced = order.request_payment(&taxes, None, now)?;
                    Ok(order.mark_paid_free(now)?)
                })
                .await?;
                Ok(None)
            }
            SagaCommand::PollPayment => self.poll_payment().await,
            SagaCommand::VoidIntent => self.void_intent().await,
            SagaCommand::ConfirmCoupons { coupons } => {
                self.settle_coupons(coupons, true).await?;
                Ok(Some(SagaEvent::CouponsConfirmed))
            }
            SagaCommand::GrantLicense { line } => self.grant_license(*line).await,
            SagaCommand::Enroll { line, learner, license_id } => {
                self.enroll(*line, learner, *license_id).await
            }
            SagaCommand::MarkFulfilled { licenses } => {
                let licenses: Vec<_> = licenses.iter().map(|(line, license)| (*line, *license)).collect();
                // Repeated after a crash, it may meet an order that was fulfilled and returned meanwhile.
                let fulfil = |order: &mut Order, now| {
                    let was_fulfilled = order.has_reached(OrderStatus::Fulfilled);
                    if was_fulfilled && order.has_reached(OrderStatus::Refunded) {
                        return Ok(Outcome::AlreadyApplied);
                    }
                    Ok(order.fulfill(&licenses, now)?)
                };
                self.change_order(fulfil).await?;
                Ok(None)
            }
            SagaCommand::CancelEnrollment { line, learner, license_id } => {
                let cancelled =
                    self.ports.cancel_enrolment(self.scope, *license_id, learner, &self.key(command)).await;
                Ok(Some(undone(SagaStep::CancelEnrollment { line: *line }, cancelled)))
            }
            SagaCommand::RevokeLicense { line } => {
                let revoked = self.revoke_license(*line).await;
                Ok(Some(undone(SagaStep::RevokeLicense { line: *line }, revoked)))
            }
            SagaCommand::RefundPayment { refund_id, .. } => self.refund_payment(*refund_id).await,
            SagaCommand::SettleRefund { by_hand } => self.settle_by_hand(by_hand).await,
            SagaCommand::ReleaseCoupons { coupons } => {
                self.settle_coupons(coupons, false).await?;
                Ok(Some(SagaEvent::UndoAcknowledged { step: SagaStep::ReleaseCoupons }))
            }
            SagaCommand::MarkOrderFailed { reason } => {
                self.change_order(|order, now| Ok(order.fail(*reason, now)?)).await?;
                Ok(Some(SagaEvent::UndoAcknowledged { step: SagaStep::CloseOrder }))
            }
            SagaCommand::MarkOrderRefunded => {
                self.change_order(|order, now| Ok(order.mark_refunded(now)?)).await?;
                Ok(Some(SagaEvent::UndoAcknowledged { step: SagaStep::CloseOrder }))
            }
        }
    }

    fn key(&self, command: &SagaCommand) -> String {
        format!("{}:{}", self.order.data().saga_id, command.keyed_by())
    }

    fn context(&self) -> Context {
        self.ports.context_of("saga-commands", self.event)
    }

    async fn change_order(
        &self,
        mut command: impl FnMut(&mut Order, Timestamp) -> Result<Outcome, AppError> + Send,
    ) -> Result<(), AppError> {
        let context = self.context();
        let now = context.now;
        let id = self.order.id();
        self.ports
            .change_recent(&*self.ports.orders, self.scope, &id, None, context, |order| command(order, now))
            .await
            .map(drop)
    }

    async fn reserve_coupons(&self, coupons: &[CouponId]) -> Told {
        let data = self.order.data();
        for coupon in coupons {
            let Some(discount) = data.discounts.iter().find(|discount| discount.coupon_id == *coupon) else {
                continue;
            };
            let redemption = NewRedemption {
                id: RedemptionId::new(self.ports.ulid()),
                order_id: data.id,
                user_id: data.buyer_user_id.clone(),
                amount: discount.amount,
                expires_at: data.placed_at.plus(PAYMENT_WINDOW).plus(HOLD_MARGIN),
            };
            let owner = of_owner(discount);
            match self.ports.reserve_coupon(&owner, *coupon, redemption, self.context()).await {
                Ok(()) => {}
                Err(ReserveError::Refused(refusal)) => {
                    let code = AppError::from(refusal).code.to_owned();
                    return Ok(Some(SagaEvent::CouponReservationFailed { code }));
                }
                Err(ReserveError::Store(error)) => return Err(error.into()),
            }
        }
        Ok(Some(SagaEvent::CouponsReserved))
    }

    /// Confirms or releases the order's use of each coupon.
    async fn settle_coupons(&self, coupons: &[CouponId], confirm: bool) -> Result<(), AppError> {
        let data = self.order.data();
        for coupon in coupons {
            let discount = data.discounts.iter().find(|discount| discount.coupon_id == *coupon);
            let owner = discount.map_or(Scope::System, of_owner);
            self.ports.settle_coupon(&owner, *coupon, data.id, confirm, self.context()).await?;
        }
        Ok(())
    }

    async fn request_payment(&self) -> Told {
        let data = self.order.data();
        let quote = match data.quote_id {
            Some(quote) => self.ports.quotes.find(self.scope, &quote).await?,
            None => None,
        };
        let frozen_tax = quote.map(|quote| quote.line_taxes().collect::<Vec<_>>());
        let request = IntentRequest {
            order_id: data.id,
            tax: TaxRequest {
                buyer_tenant_id: data.buyer_tenant_id.clone(),
                currency: data.currency,
                lines: data.lines.iter().map(|line| TaxLine { id: line.id, net: line.net }).collect(),
            },
            frozen_tax,
        };
        Ok(Some(match self.ports.billing.create_intent(&payment_key(data.saga_id), &request).await {
            Ok(created) => {
                let taxes = taxes(&request.tax.lines, created.tax)?;
                SagaEvent::PaymentRequested { intent: created.payment_intent_id, taxes }
            }
            Err(GatewayError::Refused { code }) => SagaEvent::PaymentRejected { code },
            Err(GatewayError::Unavailable(_)) => retry(SagaStep::RequestPayment),
        }))
    }

    async fn poll_payment(&self) -> Told {
        let data = self.order.data();
        let Ok(status) = self.ports.billing.intent(&payment_key(data.saga_id)).await else {
            return Ok(Some(retry(SagaStep::ReceivePayment)));
        };
        let answer = match status {
            IntentStatus::Succeeded { payment_id, amount } => PaymentAnswer::Succeeded { payment_id, amount },
            IntentStatus::Failed { code } => PaymentAnswer::Declined { code, is_final: true },
            IntentStatus::Voided => return Ok(Some(SagaEvent::IntentVoided)),
            IntentStatus::Open | IntentStatus::Unknown => PaymentAnswer::Processing,
        };
        if let Some(intent) = &data.payment_intent_id {
            self.change_order(|order, now| recorded(order, intent, &answer, now)).await?;
        }
        Ok(Some(SagaEvent::PollAnswered))
    }

    async fn void_intent(&self) -> Told {
        let key = payment_key(self.order.data().saga_id);
        Ok(Some(match self.ports.billing.void_intent(&key).await {
            Ok(VoidAnswer::Voided) => SagaEvent::IntentVoided,
            Ok(VoidAnswer::AlreadySucceeded) => SagaEvent::VoidRefused,
            Err(GatewayError::Refused { code }) => SagaEvent::UndoFailed { step: SagaStep::VoidIntent, code },
            Err(GatewayError::Unavailable(_)) => {
                SagaEvent::UndoFailed { step: SagaStep::VoidIntent, code: "unavailable".to_owned() }
            }
        }))
    }

    async fn grant_license(&self, line: OrderLineId) -> Told {
        if self.order.data().lines.iter().all(|sold| sold.id != line) {
            let code = "order_line_unknown".to_owned();
            let step = SagaStep::GrantLicense { line };
            return Ok(Some(SagaEvent::StepFailed { step, retryable: false, code }));
        }
        let granted = self.ports.grant_license(self.order, line, self.scope, self.context()).await?;
        Ok(granted.map(|license_id| SagaEvent::LicenseGranted { line, license_id }))
    }

    async fn enroll(&self, line: OrderLineId, learner: &UserId, license: LicenseId) -> Told {
        let found = self.ports.licenses.find_for_user(self.scope, license, learner).await?;
        let license = found.ok_or_else(|| AppError::not_found("licence"))?;
        let step = SagaStep::Enroll { line };
        // A copy that arrives after the undo must not enrol anybody again.
        if license.data().state == LicenseState::Revoked {
            let code = "license.not_active".to_owned();
            return Ok(Some(SagaEvent::StepFailed { step, retryable: false, code }));
        }
        let enrolment = enrolment(&license, learner);
        let key = format!("{}:{step}", self.order.data().saga_id);
        Ok(Some(match self.ports.enrollment.enroll(&key, &enrolment).await {
            Ok(()) => SagaEvent::EnrollmentCompleted { line },
            Err(GatewayError::Refused { code }) => SagaEvent::StepFailed { step, retryable: false, code },
            Err(GatewayError::Unavailable(_)) => retry(step),
        }))
    }

    async fn revoke_license(&self, line: OrderLineId) -> Result<(), AppError> {
        let granted = match self.ports.licenses.find_by_order_line(self.scope, line, 0).await? {
            Some(license) => Some(license.id()),
            None => self.ports.forestall_license(self.order, line, self.scope, self.context()).await?,
        };
        let Some(license) = granted else { return Ok(()) };
        self.ports.revoke_license(license, RevokeReason::Refund, self.scope, self.context()).await
    }

    /// Settles the order's refund by what somebody returned by hand. The saga hears it from the order.
    async fn settle_by_hand(&self, by_hand: &ByHand) -> Told {
        let id = RefundId::new(self.ports.ulid());
        self.change_order(|order, now| Ok(order.return_by_hand(id, by_hand.clone(), now)?)).await?;
        let known = self.order.nothing_to_refund();
        Ok(known.then_some(SagaEvent::UndoAcknowledged { step: SagaStep::RefundPayment }))
    }

    /// Returns the money under the order's pending refund, or a new one of the compensation.
    async fn refund_payment(&self, refund: Option<RefundId>) -> Told {
        let new = RefundId::new(self.ports.ulid());
        let open = |order: &mut Order, now| {
            if order.pending_refund().is_some() || order.nothing_to_refund() {
                return Ok(Outcome::AlreadyApplied);
            }
            let request = RefundRequest {
                id: refund.filter(|id| order.refunds().all(|known| known.id != *id)).unwrap_or(new),
                lines: None,
                source: RefundSource::Compensation,
                reason: "the purchase is undone".to_owned(),
            };
            Ok(order.request_refund(request, now)?)
        };
        self.change_order(open).await?;
        let order = self.ports.stored(self.order.id(), self.scope).await?;
        match order.pending_refund() {
            Some(pending) => {
                // The command's one recorded effect on the order is the refund's opening; its end is its own.
                let context = Context { consumed: None, ..self.context() };
                let run = self.ports.run_refund(&order, pending.id, self.scope, context).await;
                // Success and refusal come back as the order's own events.
                Ok(match run {
                    Ok(()) => None,
                    Err(error) => Some(SagaEvent::UndoFailed {
                        step: SagaStep::RefundPayment,
                        code: error.code.to_owned(),
                    }),
                })
            }
            None if order.nothing_to_refund() => {
                Ok(Some(SagaEvent::UndoAcknowledged { step: SagaStep::RefundPayment }))
            }
            None => {
                let code = "refund_failed".to_owned();
                Ok(Some(SagaEvent::UndoFailed { step: SagaStep::RefundPayment, code }))
            }
        }
    }
}

/// The rows of whoever owns a coupon; anybody's when the order was placed before that was kept.
pub(in crate::marketplace) fn of_owner(discount: &AppliedDiscount) -> Scope {
    match &discount.owner {
        Some(Owner::Platform) => Scope::Within(platform()),
        Some(Owner::Provider(provider)) => Scope::Within(provider.clone()),
        None => Scope::System,
    }
}

/// Whether the same command would be refused again: by the rules, not by the moment.
fn is_final(error: &AppError) -> bool {
    match error.kind {
        Kind::Invalid | Kind::Forbidden | Kind::Precondition | Kind::NotFound | Kind::Gone => true,
        Kind::Conflict => error.code != "conflict.retry",
        Kind::Limited | Kind::Unaffordable | Kind::Unavailable => false,
    }
}

/// What the saga is told of a command that the rules refuse: forward it gives up, backward it tries again.
fn refused(command: &SagaCommand, error: &AppError) -> SagaEvent {
    let step = command.step();
    let code = error.code.to_owned();
    tracing::warn!(%step, code, message = error.message, "a command of a saga was refused");
    match step.direction() {
        Direction::Forward => SagaEvent::StepFailed { step, retryable: false, code },
        Direction::Undo => SagaEvent::UndoFailed { step, code },
    }
}

/// The result of an undo: done, or to be tried again.
fn undone(step: SagaStep, result: Result<(), AppError>) -> SagaEvent {
    match result {
        Ok(()) => SagaEvent::UndoAcknowledged { step },
        Err(error) => SagaEvent::UndoFailed { step, code: error.code.to_owned() },
    }
}

fn retry(step: SagaStep) -> SagaEvent {
    SagaEvent::StepFailed { step, retryable: true, code: "unavailable".to_owned() }
}

/// Billing's answer per line; a total is allocated over the net amounts (ruling R48).
pub(in crate::marketplace) fn taxes(lines: &[TaxLine], answer: TaxAnswer) -> Result<Vec<LineTax>, AppError> {
    Ok(match answer {
        TaxAnswer::PerLine(taxes) => taxes.into_iter().map(|(line, tax)| LineTax { line, tax }).collect(),
        TaxAnswer::Total(total) => {
            let nets: Vec<Money> = lines.iter().map(|line| line.net).collect();
            let shares = PricingCalculator::allocate_tax(total, &nets)?;
            lines.iter().zip(shares).map(|(line, tax)| LineTax { line: line.id, tax }).collect()
        }
    })
}

impl Ports {
    /// Grants the licence of a line of a paid order, or finds the one that was granted before; none for a line that
    /// the order does not have.
    pub(in crate::marketplace) async fn grant_license(
        &self,
        order: &Order,
        line: OrderLineId,
        scope: &Scope,
        context: Context,
    ) -> Result<Option<LicenseId>, AppError> {
        let Some(license) = self.license_of(order, line, context.now)? else { return Ok(None) };
        let id = license.id();
        match self.save(&*self.licenses, scope, license, context).await {
            Ok(Some(_)) => Ok(Some(id)),
            // It was granted before.
            Ok(None) | Err(StoreError::Taken(_)) => {
                Ok(self.licenses.find_by_order_line(scope, line, 0).await?.map(|known| known.id()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Takes back the licence of a line that has none yet: it is granted and revoked in one save. Who looked at the
    /// purchase before it was undone and stood still since then grants nothing any more: the line has its licence.
    /// The one that was granted meanwhile, when there is one.
    async fn forestall_license(
        &self,
        order: &Order,
        line: OrderLineId,
        scope: &Scope,
        context: Context,
    ) -> Result<Option<LicenseId>, AppError> {
        let Some(mut license) = self.license_of(order, line, context.now)? else { return Ok(None) };
        let _ = license.revoke(RevokeReason::Refund, &BTreeSet::new(), false, context.now)?;
        match self.save(&*self.licenses, scope, license, context).await {
            Ok(_) => Ok(None),
            Err(StoreError::Taken(_)) => {
                Ok(self.licenses.find_by_order_line(scope, line, 0).await?.map(|known| known.id()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The licence that a line of an order comes to; none for a line that the order does not have.
    fn license_of(
        &self,
        order: &Order,
        line: OrderLineId,
        now: Timestamp,
    ) -> Result<Option<License>, AppError> {
        let data = order.data();
        let Some(sold) = data.lines.iter().find(|sold| sold.id == line) else { return Ok(None) };
        let learner = order
            .learner_of(line)
            .map(|user_id| Learner { seat_id: SeatId::new(self.ulid()), user_id: user_id.clone() });
        let new = NewLicense {
            id: LicenseId::new(self.ulid()),
            tenant_id: data.buyer_tenant_id.clone(),
            terms: LicenseTerms::of(&sold.offer, sold.quantity),
            origin: Origin::Purchase {
                order_id: data.id,
                order_line_id: line,
                period_index: 0,
                refund_deadline: sold.refund_deadline,
                learner,
            },
            anchor: now,
        };
        Ok(Some(License::grant(new, now)?))
    }

    /// Takes a use of a coupon for an order.
    pub(in crate::marketplace) async fn reserve_coupon(
        &self,
        scope: &Scope,
        coupon: CouponId,
        redemption: NewRedemption,
        context: Context,
    ) -> Result<(), ReserveError> {
        let _turn = self.lanes.enter(&coupon.to_string()).await;
        let mut attempt = 1;
        loop {
            let (redemption, context) = (redemption.clone(), context.clone());
            let reserved =
                self.coupons.reserve(scope, coupon, redemption, context, &*self.ids, self.routes).await;
            match reserved {
                Ok(saved) => {
                    self.followed_up(saved);
                    return Ok(());
                }
                Err(ReserveError::Store(StoreError::Conflict { .. })) if attempt < TRIES => {
                    self.lanes.pause(attempt).await;
                    attempt = attempt.saturating_add(1);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Confirms or releases an order's use of a coupon.
    pub(in crate::marketplace) async fn settle_coupon(
        &self,
        scope: &Scope,
        coupon: CouponId,
        order: OrderId,
        confirm: bool,
        context: Context,
    ) -> Result<(), AppError> {
        let now = context.now;
        let load = || self.coupons.find_for_order(scope, coupon, order);
        self.change_loaded(&*self.coupons, scope, &coupon.to_string(), load, context, |coupon| {
            Ok(if confirm { coupon.confirm(order, now)? } else { coupon.release(order, now)? })
        })
        .await
        .map(drop)
    }

    /// Ends an enrolment, unless another licence entitles the user (ruling R52).
    pub(in crate::marketplace) async fn cancel_enrolment(
        &self,
        scope: &Scope,
        license: LicenseId,
        user: &UserId,
        key: &str,
    ) -> Result<(), AppError> {
        match self.licenses.find_for_user(scope, license, user).await? {
            Some(ending) => self.cancel_enrolment_of(&ending, user, key).await,
            None => Ok(()),
        }
    }

    /// As [`Ports::cancel_enrolment`], of a licence that is at hand.
    pub(in crate::marketplace) async fn cancel_enrolment_of(
        &self,
        ending: &License,
        user: &UserId,
        key: &str,
    ) -> Result<(), AppError> {
        let data = ending.data();
        let (tenant, course) = (&data.tenant_id, &data.course_id);
        let scope = Scope::Within(tenant.clone());
        let held = self.licenses.find_for_entitlement(&scope, tenant, course, user).await?;
        let now = self.now();
        let entitled =
            |other: &License| other.id() != ending.id() && other.entitles(user, now) == Entitlement::Entitled;
        if held.iter().any(entitled) {
            return Ok(());
        }
        Ok(self.enrollment.cancel(key, tenant, user, course).await?)
    }

    /// Revokes a licence; what its learners consumed is marked (LI-INV-7).
    pub(in crate::marketplace) async fn revoke_license(
        &self,
        id: LicenseId,
        reason: RevokeReason,
        scope: &Scope,
        context: Context,
    ) -> Result<(), AppError> {
        let found = self.licenses.find(scope, &id).await?;
        let license = found.ok_or_else(|| AppError::not_found("licence"))?;
        let seats = license.seats().filter(|seat| seat.status == SeatStatus::Active);
        let users: BTreeSet<UserId> = seats.map(|seat| seat.user_id.clone()).collect();
        let data = license.data();
        let consumed = if users.is_empty() {
            BTreeSet::new()
        } else {
            self.enrollment.consumed(&data.tenant_id, &data.course_id, &users).await?
        };
        let (now, keep) = (context.now, self.policy.grandfather_consumed);
        let load = || self.licenses.find(scope, &id);
        let key = id.to_string();
        self.change_given(&*self.licenses, scope, &key, Some(license), load, context, |license| {
            Ok(license.revoke(reason, &consumed, keep, now)?)
        })
        .await
        .map(drop)
    }
}
