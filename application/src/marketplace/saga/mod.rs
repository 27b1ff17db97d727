//! The saga's runner: feeds it what happened, and carries out what it commands after the commit
//! (marketplace.md 5).
//!
//! Two consumers. `saga` turns events of the order into events of its saga. `saga-commands` carries out one
//! command and feeds back the result. Both may run twice: the inbox and the saga's records absorb it.

mod commands;

use std::sync::Arc;

use async_trait::async_trait;
use sarai_domain::{
    kernel::{Aggregate, EventId, OrderId, SagaId},
    marketplace::{
        event::MarketplaceEvent,
        license::RevokeReason,
        order::{Order, OrderEvent, OrderStatus, RefundSource},
        saga::{NewSaga, PurchaseSaga, SagaEvent, SagaLine, SagaState, SagaStep},
    },
};
use sarai_ports::{
    Context, Event, Scope, StoreError,
    events::{Consumer, ConsumerError, EventRecord},
};

pub use commands::SagaCommands;
pub(super) use commands::{of_owner, taxes};

use crate::{AppError, Ports, app::failed};

/// The key of an order's intent at billing; every call about the payment carries it.
pub(super) fn payment_key(saga: SagaId) -> String {
    format!("{saga}:{}", SagaStep::RequestPayment)
}

/// The consumer that tells the saga what happened to its order.
pub struct SagaFeed {
    ports: Arc<Ports>,
}

impl SagaFeed {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }
}

#[async_trait]
impl Consumer for SagaFeed {
    fn name(&self) -> &'static str {
        "saga"
    }

    async fn handle(&self, event: &EventRecord) -> Result<(), ConsumerError> {
        let Event::Marketplace(MarketplaceEvent::Order(happened)) = &event.event else { return Ok(()) };
        let (context, scope) = (self.ports.context_of(self.name(), event), Ports::scope_of(event));
        let (order, told) = match happened {
            OrderEvent::Placed { order, .. } => {
                let started = self.ports.start_saga(order.order_id, &scope, context).await;
                return started.map_err(|error| failed(&error));
            }
            OrderEvent::Paid { order, .. } => {
                let paid = Paid { saga: order.saga_id, order: order.order_id, event: event.id };
                return self.ports.feed_payment(paid, &scope, context).await.map_err(|error| failed(&error));
            }
            OrderEvent::CancelRequested { order, .. } => (order, SagaEvent::CancelRequested),
            OrderEvent::PaymentMismatched { order, stray: true, .. } => (order, SagaEvent::AmountMismatch),
            OrderEvent::PaymentFailed { order, payment_intent_id, is_final, .. } => {
                let intent = payment_intent_id.clone();
                let told = if *is_final {
                    SagaEvent::PaymentFailed { intent }
                } else {
                    SagaEvent::PaymentDeclined { intent }
                };
                (order, told)
            }
            OrderEvent::RefundRequested { order, refund_id, source, fulfilled: false, .. }
                if *source != RefundSource::Compensation =>
            {
                (order, SagaEvent::RefundRequested { refund_id: *refund_id })
            }
            OrderEvent::Refunded { order, fulfilled_at: None, .. } => {
                (order, SagaEvent::UndoAcknowledged { step: SagaStep::RefundPayment })
            }
            OrderEvent::RefundFailed { order, fulfilled: false, .. } => {
                let code = "refund_failed".to_owned();
                (order, SagaEvent::UndoFailed { step: SagaStep::RefundPayment, code })
            }
            _ => return Ok(()),
        };
        self.ports
            .feed_saga(order.saga_id, None, &[told], Some(event.id), &scope, context)
            .await
            .map(drop)
            .map_err(|error| failed(&error))
    }
}

/// An order that was paid.
struct Paid {
    saga: SagaId,
    order: OrderId,
    event: EventId,
}

impl Ports {
    /// Inserts the saga of an order; a second one is refused by the store and changes nothing (S-INV-1).
    pub(super) async fn start_saga(
        &self,
        order: OrderId,
        scope: &Scope,
        context: Context,
    ) -> Result<(), AppError> {
        let order = self.placed(order, scope).await?;
        let saga = PurchaseSaga::start(new_saga(&order), context.now)?;
        match self.save_recent(&*self.sagas, scope, saga, context).await {
            Ok(_) | Err(StoreError::Taken(_) | StoreError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Tells a saga what happened; what it commands runs after the commit. Whoever has the saga gives it.
    pub(super) async fn feed_saga(
        &self,
        saga: SagaId,
        given: Option<PurchaseSaga>,
        told: &[SagaEvent],
        causation: Option<EventId>,
        scope: &Scope,
        context: Context,
    ) -> Result<PurchaseSaga, AppError> {
        let now = context.now;
        let tell = |saga: &mut PurchaseSaga| Ok(saga.handle_all(told, causation, now)?);
        Ok(self.change_recent(&*self.sagas, scope, &saga, given, context, tell).await?.aggregate)
    }

    /// Tells a saga that its order is paid. Where nothing else has to be done at the payment the licences are granted
    /// first and told with it, so that both are one save (ruling R51: granting is ours, and idempotent by its line). A
    /// saga that turned back meanwhile revokes what may be there; what it did not take is revoked here too.
    async fn feed_payment(&self, paid: Paid, scope: &Scope, context: Context) -> Result<(), AppError> {
        let known = match self.recent.look(&paid.saga) {
            Some(kept) => Some(kept),
            None => self.sagas.find(scope, &paid.saga).await?,
        };
        let mut told = vec![SagaEvent::OrderPaid];
        if known.as_ref().is_some_and(|saga: &PurchaseSaga| saga.data().licenses_with_payment()) {
            let order = self.licensable(paid.order, scope).await?;
            for line in order.data().lines.iter().map(|line| line.id) {
                // What cannot be granted now is asked for by the saga, as often as it has to be.
                let Ok(Some(license_id)) = self.grant_license(&order, line, scope, context.clone()).await
                else {
                    break;
                };
                told.push(SagaEvent::LicenseGranted { line, license_id });
            }
        }
        let saga = self.feed_saga(paid.saga, known, &told, Some(paid.event), scope, context.clone()).await?;
        let turned = matches!(saga.data().state, SagaState::Compensating | SagaState::Failed);
        for event in told {
            if let SagaEvent::LicenseGranted { line, license_id } = event
                && turned
                && !saga.data().licenses.contains_key(&line)
            {
                let context = Context { consumed: None, ..context.clone() };
                self.revoke_license(license_id, RevokeReason::Refund, scope, context).await?;
            }
        }
        Ok(())
    }

    /// An order that is paid: its lines have their refund deadlines.
    pub(super) async fn licensable(&self, id: OrderId, scope: &Scope) -> Result<Order, AppError> {
        let kept: Option<Order> = self.recent.look(&id);
        match kept.filter(|order| order.has_reached(OrderStatus::Paid)) {
            Some(paid) => Ok(paid),
            None => self.stored(id, scope).await,
        }
    }

    /// An order as it is stored.
    pub(super) async fn stored(&self, id: OrderId, scope: &Scope) -> Result<Order, AppError> {
        self.orders.find(scope, &id).await?.ok_or_else(|| AppError::not_found("order"))
    }

    /// An order, for what was frozen when it was placed: it may be old.
    pub(super) async fn placed(&self, id: OrderId, scope: &Scope) -> Result<Order, AppError> {
        if let Some(kept) = self.recent.look(&id) {
            return Ok(kept);
        }
        self.stored(id, scope).await
    }
}

fn new_saga(order: &Order) -> NewSaga {
    let data = order.data();
    NewSaga {
        id: data.saga_id,
        order_id: order.id(),
        buyer_tenant_id: data.buyer_tenant_id.clone(),
        buyer_user_id: data.buyer_user_id.clone(),
        lines: data
            .lines
            .iter()
            .map(|line| SagaLine { order_line_id: line.id, learner: order.learner_of(line.id).cloned() })
            .collect(),
        coupons: data.discounts.iter().map(|discount| discount.coupon_id).collect(),
        free: order.is_free(),
        placed_at: data.placed_at,
    }
}
