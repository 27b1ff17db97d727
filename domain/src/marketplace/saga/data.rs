//! The saga's document, what can be asked of it, and what must hold of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    CompensationReason, Direction, Intervention, LineTax, PAYMENT_WINDOW, SagaState, SagaStep, StepOutcome,
    StepRecord, undo,
};
use crate::kernel::{
    CouponId, LicenseId, OrderId, OrderLineId, PaymentIntentId, RefundId, SagaId, TenantId, Timestamp, UserId,
};

/// The shape of the steps that new sagas follow; stored, so that a later shape can tell them apart.
pub const DEFINITION_VERSION: u32 = 1;

/// A line of the purchase.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SagaLine {
    /// The order's line.
    pub order_line_id: OrderLineId,
    /// Who is enrolled at purchase; none for licences whose seats are assigned later (R52).
    pub learner: Option<UserId>,
}

/// What a saga is started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSaga {
    /// The id that the order allocated (O-INV-7).
    pub id: SagaId,
    /// The order; one saga each (S-INV-1).
    pub order_id: OrderId,
    /// The buyer's tenant.
    pub buyer_tenant_id: TenantId,
    /// The buyer.
    pub buyer_user_id: UserId,
    /// The order's lines, at least one.
    pub lines: Vec<SagaLine>,
    /// The order's coupons.
    pub coupons: Vec<CouponId>,
    /// Nothing to pay: subtotal equals the discounts (R48).
    pub free: bool,
    /// When the order was placed; deadlines count from here.
    pub placed_at: Timestamp,
}

/// A saga's document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SagaData {
    /// The saga.
    pub id: SagaId,
    /// Its order, unique over sagas (S-INV-1).
    pub order_id: OrderId,
    /// The order's id again: what traces group by.
    pub correlation_id: OrderId,
    /// Which shape of steps it follows.
    pub definition_version: u32,
    /// The buyer's tenant.
    pub buyer_tenant_id: TenantId,
    /// The buyer.
    pub buyer_user_id: UserId,
    /// The order's lines.
    pub lines: Vec<SagaLine>,
    /// The order's coupons.
    pub coupons: Vec<CouponId>,
    /// Nothing to pay.
    pub free: bool,
    /// When the order was placed.
    pub placed_at: Timestamp,
    /// How far it is.
    pub state: SagaState,
    /// What was begun, in order: one record a step (S-INV-4).
    pub step_history: Vec<StepRecord>,
    /// Why it is undone; already set while the intent is being voided.
    pub compensation_reason: Option<CompensationReason>,
    /// Billing's intent, opaque.
    pub payment_intent_id: Option<PaymentIntentId>,
    /// The taxes billing answered.
    pub taxes: Vec<LineTax>,
    /// The licences granted so far.
    pub licenses: BTreeMap<OrderLineId, LicenseId>,
    /// The refund record that ended the purchase.
    pub refund_id: Option<RefundId>,
    /// When an unpaid order is given up; armed in `awaiting_payment` only (S-INV-3).
    pub awaiting_payment_timeout_at: Option<Timestamp>,
    /// What the time-out saw when it fired; none when it did not, or in documents older than this evidence.
    #[serde(default)]
    pub timed_out: Option<TimeoutEvidence>,
    /// When the scheduler looks at it again; none in a terminal state only.
    pub next_attempt_at: Option<Timestamp>,
    /// A step goes unanswered and a human should look.
    pub needs_attention: bool,
    /// When it last got on.
    pub updated_at: Timestamp,
    /// What operators did, in order.
    #[serde(default)]
    pub interventions: Vec<Intervention>,
}

/// How a saga stood when its payment time-out fired: S-INV-3 speaks of that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeoutEvidence {
    /// Its state.
    pub state: SagaState,
    /// Since when the time-out was due; none when it was not armed.
    pub due_at: Option<Timestamp>,
    /// When it fired.
    pub fired_at: Timestamp,
}

impl TimeoutEvidence {
    /// Whether it fired in `awaiting_payment`, armed and due.
    pub fn was_right(&self) -> bool {
        self.state == SagaState::AwaitingPayment && self.due_at.is_some_and(|due| due <= self.fired_at)
    }
}

impl SagaData {
    /// A saga before its first step.
    pub(super) fn new(new: NewSaga, now: Timestamp) -> Self {
        Self {
            id: new.id,
            order_id: new.order_id,
            correlation_id: new.order_id,
            definition_version: DEFINITION_VERSION,
            buyer_tenant_id: new.buyer_tenant_id,
            buyer_user_id: new.buyer_user_id,
            lines: new.lines,
            coupons: new.coupons,
            free: new.free,
            placed_at: new.placed_at,
            state: SagaState::Started,
            step_history: Vec::new(),
            compensation_reason: None,
            payment_intent_id: None,
            taxes: Vec::new(),
            licenses: BTreeMap::new(),
            refund_id: None,
            awaiting_payment_timeout_at: None,
            timed_out: None,
            next_attempt_at: None,
            needs_attention: false,
            updated_at: now,
            interventions: Vec::new(),
        }
    }

    /// When a saga that is still in started is given up (R50).
    pub fn start_deadline_at(&self) -> Timestamp {
        self.placed_at.plus(PAYMENT_WINDOW)
    }

    /// The record of a step that was begun.
    pub fn record(&self, step: SagaStep) -> Option<&StepRecord> {
        self.step_history.iter().find(|record| record.step == step)
    }

    /// The seed's `currentStep`: the step that waits for an answer, the latest begun when there are several.
    pub fn current_step(&self) -> Option<SagaStep> {
        self.outstanding().last().copied()
    }

    /// The steps whose commands are issued again when a retry is due.
    pub fn outstanding(&self) -> Vec<SagaStep> {
        match self.state {
            SagaState::Fulfilled | SagaState::Failed => Vec::new(),
            SagaState::Compensating => undo::owed(self),
            SagaState::AwaitingPayment if self.waits_for(SagaStep::VoidIntent) => vec![SagaStep::VoidIntent],
            SagaState::Started | SagaState::AwaitingPayment | SagaState::Licensing | SagaState::Enrolling => {
                self.step_history
                    .iter()
                    .filter(|record| record.exited_at.is_none())
                    .map(|record| record.step)
                    .collect()
            }
        }
    }

    /// Whether a result of this step would still change something. A compensating saga waits for undo steps
    /// only: what else was begun counts as unknown and is undone.
    pub fn waits_for(&self, step: SagaStep) -> bool {
        !self.state.is_terminal()
            && (self.state != SagaState::Compensating || step.direction() == Direction::Undo)
            && self.record(step).is_some_and(|record| record.exited_at.is_none())
    }

    /// The code with which a step was refused, when it was.
    pub fn refusal(&self, step: SagaStep) -> Option<&str> {
        self.record(step).and_then(|record| record.error_code.as_deref())
    }

    /// Whether the order was paid.
    pub fn is_captured(&self) -> bool {
        self.record(SagaStep::ReceivePayment)
            .is_some_and(|record| record.outcome == Some(StepOutcome::Advanced))
    }

    /// Whether its licences may be granted before it is told of the payment, and are told with it: nothing else has to
    /// be done at the payment, and nothing speaks against the purchase. What is granted and then not taken is undone.
    pub fn licenses_with_payment(&self) -> bool {
        let waits = self.state == SagaState::AwaitingPayment && self.compensation_reason.is_none();
        waits && self.is_plain()
    }

    /// Paid for, without coupons.
    pub(super) fn is_plain(&self) -> bool {
        !self.free && self.coupons.is_empty()
    }

    /// A line's learner.
    pub(super) fn learner(&self, line: OrderLineId) -> Option<UserId> {
        self.lines.iter().find(|candidate| candidate.order_line_id == line)?.learner.clone()
    }
}
