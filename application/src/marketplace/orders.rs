//! Orders: placing, paying, cancelling, refunding (marketplace.md 2, 11, 12).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use sarai_domain::{
    kernel::{
        Aggregate, Detail, Kind, OrderId, OrderLineId, Outcome, PaymentIntentId, RefundId, SagaId, Timestamp,
    },
    marketplace::{
        coupon::CouponError,
        license::License,
        order::{
            FailureReason, NewOrder, Order, OrderError, OrderStatus, RefundRequest, RefundSource, refuse_held,
        },
        quote::{Quote, QuoteError},
        saga::SagaStep,
        services::{PricedCart, receipt::Receipt, refund_eligibility::RefundEligibilityPolicy},
    },
};
use sarai_ports::{
    Context, GatewayError, Page, PageRequest, Scope, StoreError,
    auth::Role,
    marketplace::{PaymentAnswer, ProviderSale},
};

use super::{cart::CartRequest, saga::payment_key};
use crate::{AppError, Call, Ports, app::FOLLOW_UP_LIMIT};

/// The use cases of orders.
#[derive(Clone)]
pub struct Orders {
    pub(super) ports: Arc<Ports>,
}

/// An order that was placed.
#[derive(Debug, Clone)]
pub struct Placed {
    /// As it stands after its follow-up.
    pub order: Order,
    /// Whether this request placed it; not when its quote had been used by the same buyer before.
    pub created: bool,
}

impl Orders {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// Places an order and waits for what it sets off, at most [`FOLLOW_UP_LIMIT`].
    ///
    /// # Errors
    /// What pricing refuses, storing nothing; and `coupon.exhausted` or `coupon.user_cap_reached` with the
    /// `orderId` of the failed order (ruling R49).
    pub async fn place(&self, call: &Call, request: &CartRequest) -> Result<Placed, AppError> {
        let cart = self.ports.price(call, request).await?;
        let order = self.new_order(call, OrderId::new(self.ports.ulid()), None, cart)?;
        let id = order.id();
        let context = call.context("order.place", &id, self.ports.now());
        let written = self.ports.save_recent(&*self.ports.orders, &call.scope(), order, context).await?;
        let order = self.settled(call, id, written).await?;
        self.refuse_exhausted(&order).await?;
        Ok(Placed { order, created: true })
    }

    /// Places the order of a quote; again, it is the same order.
    ///
    /// # Errors
    /// `quote.used` for another user, `quote.expired`, `listing.not_live`.
    pub async fn place_quoted(&self, call: &Call, quote: Quote) -> Result<Placed, AppError> {
        let (ports, scope) = (&self.ports, call.scope());
        let id = quote.data().order_id;
        if let Some(order) = ports.orders.find(&scope, &id).await? {
            if order.data().buyer_user_id != call.principal.user_id {
                return Err(QuoteError::Used.into());
            }
            return Ok(Placed { order, created: false });
        }
        let (user, now) = (&call.principal.user_id, ports.now());
        if *user == quote.data().buyer_user_id && quote.has_run_out(now) {
            return Err(QuoteError::Expired(quote.data().expires_at).into());
        }
        ports.check_still_sold(&quote.data().cart).await?;
        refuse_held(&quote.data().cart, &ports.courses_held(call, &quote.data().cart).await?)?;
        let mut context = call.context("quote.use", &id, now);
        // The key belongs to the order; a quote used by a request that died is used again by its retry.
        context.claim = None;
        ports
            .change(&*ports.quotes, &scope, &quote.id(), context, |quote| Ok(quote.use_by(user, now)?))
            .await?;
        let order = self.new_order(call, id, Some(&quote), quote.data().cart.clone())?;
        let context = call.context("order.place", &id, now);
        let created = match ports.save_recent(&*ports.orders, &scope, order, context).await {
            Ok(_) => true,
            Err(StoreError::Conflict { .. }) => false,
            Err(error) => return Err(error.into()),
        };
        let order = self.settled(call, id, None).await?;
        self.refuse_exhausted(&order).await?;
        Ok(Placed { order, created })
    }

    /// One order: the caller's own, any of the tenant's for its administrators, any for the platform's staff.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, call: &Call, id: OrderId) -> Result<Order, AppError> {
        let found = self.ports.orders.find(&call.reading_scope(), &id).await?;
        found.filter(|order| may_see(call, order)).ok_or_else(|| AppError::not_found("order"))
    }

    /// How an order's amounts came about.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn explain(&self, call: &Call, id: OrderId) -> Result<Receipt, AppError> {
        let order = self.get(call, id).await?;
        Ok(Receipt::of(order.data(), order.refunds()))
    }

    /// The caller's orders; the tenant's for its administrators.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(
        &self,
        call: &Call,
        status: Option<OrderStatus>,
        page: &PageRequest,
    ) -> Result<Page<Order>, AppError> {
        let principal = &call.principal;
        let user = (!principal.has(Role::TenantAdmin)).then_some(&principal.user_id);
        let (scope, tenant) = (call.scope(), &principal.tenant_id);
        Ok(self.ports.orders.find_by_buyer(&scope, tenant, user, status, page).await?)
    }

    /// The caller's sold lines, without the buyers' users.
    ///
    /// # Errors
    /// The store's.
    pub async fn sales(&self, call: &Call, page: &PageRequest) -> Result<Page<ProviderSale>, AppError> {
        Ok(self.ports.sales.by_provider(&call.scope(), &call.principal.tenant_id, page).await?)
    }

    /// Forwards a token to billing, and records what billing says of it. The token is kept nowhere (AC-2).
    ///
    /// # Errors
    /// `order.not_payable`, `payment.token_refused`, and `unavailable` while billing does not answer.
    pub async fn pay(&self, call: &Call, id: OrderId, token: &str) -> Result<Order, AppError> {
        let order = self.payable(call, id).await?;
        let (intent, paid) = match (order.payable_intent(), &order.data().payment_intent_id) {
            (Ok(intent), _) => (intent.clone(), false),
            // This very request may have paid it, and its answer was lost. Billing knows: under the same key it gives
            // the same answer, and under another it takes nothing twice.
            (Err(_), Some(intent)) if call.claim.is_some() && order.has_reached(OrderStatus::Paid) => {
                (intent.clone(), true)
            }
            (Err(refusal), _) => return Err(refusal.into()),
        };
        let attempt = call
            .claim
            .as_ref()
            .map_or_else(|| self.ports.ulid().to_string(), |claim| claim.key.key_hash.clone());
        let key = format!("{}:{attempt}", payment_key(order.data().saga_id));
        // The key is claimed with the payment's record. Whoever dies before is asked again and asks billing again, which
        // answers the same under the same key.
        let answer = self.ports.billing.pay(&key, &intent, token).await.map_err(|error| match error {
            GatewayError::Refused { code } if paid || code == "not_payable" => OrderError::NotPayable.into(),
            GatewayError::Refused { .. } => {
                AppError::new(Kind::Invalid, "payment.token_refused", "billing does not know this token")
            }
            unavailable @ GatewayError::Unavailable(_) => unavailable.into(),
        })?;
        let recorded = self.record_answer(call, order, &intent, answer).await?;
        if let Some(claim) = call.claim.as_ref().filter(|_| !recorded.here) {
            self.ports.idempotency.claim(claim).await?;
        }
        self.settled(call, id, Some(recorded.version)).await
    }

    /// Asks for an order to be cancelled; one that is paid at the same time becomes a refund (ruling R47).
    ///
    /// # Errors
    /// `order.not_cancellable`.
    pub async fn cancel(&self, call: &Call, id: OrderId) -> Result<Order, AppError> {
        self.own(call, id).await?;
        let now = self.ports.now();
        let context = call.context("order.cancel", &id, now);
        self.ports
            .change(&*self.ports.orders, &call.scope(), &id, context, |order| Ok(order.request_cancel(now)?))
            .await?;
        self.settled(call, id, None).await
    }

    /// Returns lines, or all that are left, when the buyer may (marketplace.md 2).
    ///
    /// # Errors
    /// The refusals of [`RefundEligibilityPolicy`] and [`Order::request_refund`]; `refund.indeterminate`
    /// when enrollment cannot say how much the learner did.
    pub async fn refund(
        &self,
        call: &Call,
        id: OrderId,
        lines: Option<Vec<OrderLineId>>,
        reason: &str,
    ) -> Result<Order, AppError> {
        let order = self.own(call, id).await?;
        let attempts = if order.refund_obstacles(lines.as_deref()).is_empty() {
            self.attempts(&order, lines.as_deref()).await?
        } else {
            BTreeMap::new()
        };
        RefundEligibilityPolicy::check(&order, lines.as_deref(), &attempts, self.ports.now())?;
        self.open_refund(call, &call.scope(), id, lines, RefundSource::Buyer, reason).await
    }

    /// Returns lines whatever the deadline: the platform's staff, with a reason.
    ///
    /// # Errors
    /// The refusals of [`Order::request_refund`].
    pub async fn refund_by_staff(
        &self,
        call: &Call,
        id: OrderId,
        lines: Option<Vec<OrderLineId>>,
        source: RefundSource,
        reason: &str,
    ) -> Result<Order, AppError> {
        self.open_refund(call, &call.platform_scope()?, id, lines, source, reason).await
    }

    /// An order the caller may act on: staff act on other tenants' orders by their own routes only.
    async fn own(&self, call: &Call, id: OrderId) -> Result<Order, AppError> {
        let found = self.ports.orders.find(&call.scope(), &id).await?;
        found.filter(|order| may_see(call, order)).ok_or_else(|| AppError::not_found("order"))
    }

    /// An order to pay. A kept copy that can be paid is enough: its intent is frozen, billing has the last word on it,
    /// and the payment is recorded by a save that compares versions. To refuse takes a fresh read.
    async fn payable(&self, call: &Call, id: OrderId) -> Result<Order, AppError> {
        let kept: Option<Order> = self.ports.recent.look(&id);
        let scope = call.scope();
        let theirs = kept.filter(|order| scope.covers(&order.data().buyer_tenant_id) && may_see(call, order));
        match theirs.filter(|order| order.payable_intent().is_ok()) {
            Some(order) => Ok(order),
            None => self.own(call, id).await,
        }
    }

    async fn open_refund(
        &self,
        call: &Call,
        scope: &Scope,
        id: OrderId,
        lines: Option<Vec<OrderLineId>>,
        source: RefundSource,
        reason: &str,
    ) -> Result<Order, AppError> {
        let refund = RefundId::new(self.ports.ulid());
        let now = self.ports.now();
        let context = call.context("order.refund", &id, now);
        self.ports
            .change(&*self.ports.orders, scope, &id, context, |order| {
                let reason = reason.to_owned();
                Ok(order.request_refund(
                    RefundRequest { id: refund, lines: lines.clone(), source, reason },
                    now,
                )?)
            })
            .await?;
        self.settled(call, id, None).await
    }

    fn new_order(
        &self,
        call: &Call,
        id: OrderId,
        quote: Option<&Quote>,
        cart: PricedCart,
    ) -> Result<Order, AppError> {
        let new = NewOrder {
            id,
            saga_id: SagaId::new(self.ports.ulid()),
            buyer_tenant_id: call.principal.tenant_id.clone(),
            buyer_user_id: call.principal.user_id.clone(),
            quote_id: quote.map(Aggregate::id),
            cart,
        };
        Ok(Order::place(new, self.ports.now())?)
    }

    /// The order once what it set off in this process is done, or as it stands when that takes too long: as this
    /// process saved it last when that was not before the version this request wrote, so it was true during it.
    async fn settled(&self, call: &Call, id: OrderId, written: Option<u64>) -> Result<Order, AppError> {
        self.ports.follow_up.settled(&id.to_string(), FOLLOW_UP_LIMIT).await;
        let kept: Option<Order> = self.ports.recent.look(&id);
        let since = |order: &Order| written.is_some_and(|written| order.version() >= written);
        match kept.filter(|order| since(order) && may_see(call, order)) {
            Some(order) => Ok(order),
            None => self.get(call, id).await,
        }
    }

    async fn refuse_exhausted(&self, order: &Order) -> Result<(), AppError> {
        if order.data().failure_reason != Some(FailureReason::CouponExhausted) {
            return Ok(());
        }
        let scope = Scope::Within(order.data().buyer_tenant_id.clone());
        let saga = self.ports.sagas.find_by_order(&scope, order.id()).await?;
        let code = saga.as_ref().and_then(|saga| saga.data().refusal(SagaStep::ReserveCoupons));
        let refused = CouponError::of_reservation(code.unwrap_or_default());
        Err(AppError::from(refused).with("orderId", Detail::Text(order.id().to_string())))
    }

    async fn record_answer(
        &self,
        call: &Call,
        order: Order,
        intent: &PaymentIntentId,
        answer: PaymentAnswer,
    ) -> Result<Recorded, AppError> {
        let mut context = call.context("order.pay", &order.id(), self.ports.now());
        if let PaymentAnswer::Declined { code, .. } = &answer {
            context.cause.reason = Some(code.clone());
        }
        let id = order.id();
        record_payment(&self.ports, &call.scope(), id, Some(order), intent, &answer, context).await
    }

    /// The attempts of each line's learners, for lines whose policy caps them. A line of which enrollment
    /// cannot say now is left out.
    pub(super) async fn attempts(
        &self,
        order: &Order,
        lines: Option<&[OrderLineId]>,
    ) -> Result<BTreeMap<OrderLineId, u32>, AppError> {
        let tenant = &order.data().buyer_tenant_id;
        let scope = Scope::Within(tenant.clone());
        let mut attempts = BTreeMap::new();
        'lines: for line in order.returnable(lines) {
            if line.offer.refund_policy.attempts_cap().is_none() {
                continue;
            }
            let license = self.ports.licenses.find_by_order_line(&scope, line.id, 0).await?;
            let seats = license.iter().flat_map(License::seats);
            let learners: BTreeSet<_> = seats.map(|seat| seat.user_id.clone()).collect();
            let mut most = 0;
            for learner in learners {
                let activity = self.ports.enrollment.activity(tenant, &learner, &line.offer.course_id).await;
                let Ok(activity) = activity else { continue 'lines };
                most = activity.attempts.max(most);
            }
            attempts.insert(line.id, most);
        }
        Ok(attempts)
    }
}

/// Whether a caller may see an order (ruling R64).
fn may_see(call: &Call, order: &Order) -> bool {
    let principal = &call.principal;
    principal.has(Role::PlatformAdmin)
        || principal.has(Role::TenantAdmin)
        || order.data().buyer_user_id == principal.user_id
}

/// A payment's record.
pub(super) struct Recorded {
    /// The order's version.
    version: u64,
    /// Whether it was saved now, and with it the key that was claimed.
    here: bool,
}

/// Records what billing says of a payment, on the given order or a kept copy first.
/// A payment that an order has it keeps: a copy that shows it is not compared with what is stored.
pub(super) async fn record_payment(
    ports: &Ports,
    scope: &Scope,
    id: OrderId,
    given: Option<Order>,
    intent: &PaymentIntentId,
    answer: &PaymentAnswer,
    context: Context,
) -> Result<Recorded, AppError> {
    let now = context.now;
    // Billing says it twice, in its answer and by itself, often at the same time.
    let done = |order: &Order| shows(order, intent, answer, now);
    if let Some(order) = ports.recent.look(&id).filter(done) {
        return Ok(Recorded { version: order.version(), here: false });
    }
    let mut here = false;
    let record = |order: &mut Order| {
        let outcome = recorded(order, intent, answer, now)?;
        here = outcome == Outcome::Applied;
        Ok(outcome)
    };
    let orders = &*ports.orders;
    let changed = ports.change_recent_unless(orders, scope, &id, given, context, done, record).await?;
    Ok(Recorded { version: changed.version, here })
}

/// Whether an order has this very payment.
fn shows(order: &Order, intent: &PaymentIntentId, answer: &PaymentAnswer, now: Timestamp) -> bool {
    let PaymentAnswer::Succeeded { payment_id, .. } = answer else { return false };
    order.data().payment_id.as_ref() == Some(payment_id)
        && matches!(recorded(&mut order.clone(), intent, answer, now), Ok(Outcome::AlreadyApplied))
}

/// What every record of a payment says.
pub(super) fn recorded(
    order: &mut Order,
    intent: &PaymentIntentId,
    answer: &PaymentAnswer,
    now: Timestamp,
) -> Result<Outcome, AppError> {
    Ok(match answer {
        PaymentAnswer::Processing => Outcome::AlreadyApplied,
        PaymentAnswer::Succeeded { payment_id, amount } => {
            order.record_payment(intent, payment_id.clone(), *amount, now)?
        }
        PaymentAnswer::Declined { code, is_final } => {
            order.record_payment_failure(intent, code.clone(), *is_final, now)?
        }
    })
}
