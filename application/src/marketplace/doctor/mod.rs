//! The saga doctor: what is stuck, why it waits, and what an operator does about it (marketplace.md 10).
//!
//! - [`wait`]: what a saga waits for; [`timeline`]: what happened to it

mod timeline;
mod wait;

use std::sync::Arc;

use sarai_domain::{
    kernel::{Aggregate, OrderId, Outcome, SagaId, Timestamp},
    marketplace::{
        order::Order,
        saga::{Forecast, Operator, OperatorAction, PurchaseSaga, SagaCoordinator, SagaError, SagaStep},
    },
};
use sarai_ports::{
    Page, PageRequest, Scope,
    events::WaitingDelivery,
    marketplace::{RefundStatus, SagaFilter},
};
use time::Duration;

pub use self::{
    timeline::{Entry, EntryKind},
    wait::{Wait, WaitsFor, words},
};
use crate::{AppError, Call, Ports, app::FOLLOW_UP_LIMIT, marketplace::consumers::refund_key};

/// How long after its next attempt was due a saga counts as stuck.
pub const OVERDUE_AFTER: Duration = Duration::minutes(5);
/// The most events a timeline shows.
const MOST_EVENTS: usize = 2_000;
/// The most waiting deliveries looked at.
const MOST_DELIVERIES: usize = 100;

/// The use cases of the platform's staff about sagas.
#[derive(Clone)]
pub struct SagaDoctor {
    ports: Arc<Ports>,
}

/// A saga as a doctor sees it at a glance.
#[derive(Debug, Clone)]
pub struct Examined {
    /// The saga.
    pub saga: PurchaseSaga,
    /// Its order.
    pub order: Order,
    /// What it waits for.
    pub waits_for: WaitsFor,
    /// What it will do when nobody answers; none when it is over.
    pub next: Option<Forecast>,
    /// What an operator can do.
    pub allowed: Vec<OperatorAction>,
    /// Deliveries of its events and its order's that are not done.
    pub deliveries: Vec<WaitingDelivery>,
}

/// A saga with its history.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    /// As it stands.
    pub examined: Examined,
    /// What happened, in order.
    pub timeline: Vec<Entry>,
    /// Whether later events were left out.
    pub truncated: bool,
}

impl SagaDoctor {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// Sagas, newest first: all, or those that need attention or are overdue.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn list(
        &self,
        call: &Call,
        stuck: bool,
        page: &PageRequest,
    ) -> Result<Page<Examined>, AppError> {
        let scope = call.platform_scope()?;
        let overdue_since = self.ports.now().plus(-OVERDUE_AFTER);
        let filter = if stuck { SagaFilter::Stuck { overdue_since } } else { SagaFilter::All };
        let Page { items, next, prev } = self.ports.sagas.list(&scope, filter, page).await?;
        let mut examined = Vec::with_capacity(items.len());
        for saga in items {
            examined.push(self.examine(&scope, saga).await?);
        }
        Ok(Page { items: examined, next, prev })
    }

    /// The saga of an order.
    ///
    /// # Errors
    /// `forbidden`, `not_found`.
    pub async fn of_order(&self, call: &Call, order: OrderId) -> Result<Examined, AppError> {
        let scope = call.platform_scope()?;
        let found = self.ports.sagas.find_by_order(&scope, order).await?;
        self.examine(&scope, found.ok_or_else(|| AppError::not_found("saga"))?).await
    }

    /// One saga with its history.
    ///
    /// # Errors
    /// `forbidden`, `not_found`.
    pub async fn show(&self, call: &Call, id: SagaId) -> Result<Diagnosis, AppError> {
        let scope = call.platform_scope()?;
        let examined = self.examine(&scope, self.find(&scope, id).await?).await?;
        let order = examined.order.id().to_string();
        let events = self.ports.events.by_correlation(&scope, &order, MOST_EVENTS).await?;
        let truncated = events.len() == MOST_EVENTS;
        Ok(Diagnosis { timeline: timeline::of(examined.saga.data(), &events), truncated, examined })
    }

    /// Tries what waits now, with all of its budget, and gives dead letters in its way all their tries again.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, and what [`PurchaseSaga::retry`] refuses.
    pub async fn retry(&self, call: &Call, id: SagaId) -> Result<Diagnosis, AppError> {
        let command = |saga: &mut PurchaseSaga, operator, now| Ok(saga.retry(operator, now)?);
        let order = self.change(call, id, "saga.retry", command).await?;
        for subject in [order.to_string(), id.to_string()] {
            self.ports.outbox.redrive(&subject).await?;
        }
        self.settled(call, id, order).await
    }

    /// Ends the purchase.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, and what [`PurchaseSaga::force_compensation`] refuses.
    pub async fn compensate(&self, call: &Call, id: SagaId) -> Result<Diagnosis, AppError> {
        let command = |saga: &mut PurchaseSaga, operator, now| Ok(saga.force_compensation(operator, now)?);
        let order = self.change(call, id, "saga.compensate", command).await?;
        self.settled(call, id, order).await
    }

    /// Goes on from a step that somebody has done by hand. Of a refund billing is asked once more, so that no
    /// money goes back twice.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, and what [`PurchaseSaga::resolve`] refuses.
    pub async fn resolve(
        &self,
        call: &Call,
        id: SagaId,
        step: SagaStep,
        evidence: &str,
    ) -> Result<Diagnosis, AppError> {
        if step == SagaStep::RefundPayment {
            self.ask_billing(call, id).await?;
        }
        let command = |saga: &mut PurchaseSaga, operator, now| {
            Ok(saga.resolve(step, operator, evidence.to_owned(), now)?)
        };
        let order = self.change(call, id, "saga.resolve", command).await?;
        self.settled(call, id, order).await
    }

    /// Records how billing says that the saga's pending refund ended.
    ///
    /// # Errors
    /// `saga.step_not_failing` while billing is at it.
    async fn ask_billing(&self, call: &Call, id: SagaId) -> Result<(), AppError> {
        let scope = call.platform_scope()?;
        let order = self.find(&scope, id).await?.data().order_id;
        let found = self.ports.orders.find(&scope, &order).await?;
        let Some(refund) = found.and_then(|order| Some(order.pending_refund()?.id)) else { return Ok(()) };
        match self.ports.billing.refund_status(&refund_key(refund)).await {
            Ok(Some(RefundStatus::Pending)) => {
                Err(SagaError::StepNotFailing { step: SagaStep::RefundPayment }.into())
            }
            Ok(Some(status)) => {
                let context = self.ports.worker_context("refund.confirm", &order);
                self.ports.settle_refund(order, None, refund, &status, &scope, context).await?;
                self.ports.follow_up.settled(&order.to_string(), FOLLOW_UP_LIMIT).await;
                Ok(())
            }
            // Billing knows of no refund, or cannot be asked: the operator's word counts.
            Ok(None) | Err(_) => Ok(()),
        }
    }

    /// Runs an operator's command, audited with actor and reason; gives the saga's order.
    async fn change(
        &self,
        call: &Call,
        id: SagaId,
        action: &'static str,
        mut command: impl FnMut(&mut PurchaseSaga, Operator, Timestamp) -> Result<Outcome, AppError> + Send,
    ) -> Result<OrderId, AppError> {
        let scope = call.platform_scope()?;
        let order = self.find(&scope, id).await?.data().order_id;
        let context = call.context(action, &order, self.ports.now());
        let now = context.now;
        let operator =
            Operator { id: call.principal.user_id.clone(), reason: call.reason.clone().unwrap_or_default() };
        self.ports
            .change(&*self.ports.sagas, &scope, &id, context, |saga| command(saga, operator.clone(), now))
            .await?;
        Ok(order)
    }

    /// The saga once what was set off in this process is done, or as it stands when that takes too long.
    async fn settled(&self, call: &Call, id: SagaId, order: OrderId) -> Result<Diagnosis, AppError> {
        self.ports.follow_up.settled(&order.to_string(), FOLLOW_UP_LIMIT).await;
        self.show(call, id).await
    }

    async fn find(&self, scope: &Scope, id: SagaId) -> Result<PurchaseSaga, AppError> {
        self.ports.sagas.find(scope, &id).await?.ok_or_else(|| AppError::not_found("saga"))
    }

    async fn examine(&self, scope: &Scope, saga: PurchaseSaga) -> Result<Examined, AppError> {
        let data = saga.data();
        let found = self.ports.orders.find(scope, &data.order_id).await?;
        let order = found.ok_or_else(|| AppError::not_found("order"))?;
        let mut deliveries = Vec::new();
        if !data.state.is_terminal() {
            for subject in [data.order_id.to_string(), data.id.to_string()] {
                deliveries.extend(self.ports.outbox.waiting(&subject, MOST_DELIVERIES).await?);
            }
        }
        let waits_for = wait::of(data, &order, &deliveries);
        let next = SagaCoordinator::forecast(data, self.ports.now());
        let allowed = data.allowed_actions();
        Ok(Examined { saga, order, waits_for, next, allowed, deliveries })
    }
}
