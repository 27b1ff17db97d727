//! The verbs of the decision table: each changes the saga's next document and collects commands.

use super::{
    ATTENTION_AFTER, CompensationReason, Decision, Direction, Intervention, LineTax, Operator,
    OperatorAction, RETRY_BUDGET, SagaAction, SagaCommand, SagaData, SagaState, SagaStep, StepOutcome,
    StepRecord, TRANSITIONS, TimeoutEvidence, schedule, undo,
};
use crate::{
    kernel::{LicenseId, OrderLineId, PaymentIntentId, RefundId, Step, Timestamp, step},
    marketplace::order::ByHand,
};

/// Why a void had no effect.
const CAPTURED: &str = "payment.captured";

/// A decision in the making.
pub(super) struct Draft {
    next: SagaData,
    commands: Vec<SagaCommand>,
    now: Timestamp,
    /// Whether a step began or ended: only then the waiting begins anew.
    moved: bool,
}

impl Draft {
    pub(super) fn of(saga: &SagaData, now: Timestamp) -> Self {
        Self { next: saga.clone(), commands: Vec::new(), now, moved: false }
    }

    /// The decision, with the time at which the scheduler looks again.
    pub(super) fn decided(mut self) -> Decision {
        if self.next.state.is_terminal() {
            self.next.next_attempt_at = None;
        } else if self.moved {
            self.next.next_attempt_at = Some(schedule::next_attempt(&self.next, self.now));
        }
        if self.moved {
            self.next.updated_at = self.now;
        }
        Decision { next: Some(self.next), commands: self.commands }
    }

    // Forward.

    /// Reserves the coupons, or goes on when there are none.
    pub(super) fn begin(self) -> Self {
        if self.next.coupons.is_empty() {
            self.ask_for_payment()
        } else {
            self.issue(SagaStep::ReserveCoupons)
        }
    }

    /// Asks billing; a free order has nothing to ask (R48).
    pub(super) fn ask_for_payment(self) -> Self {
        if self.next.free {
            self.go(SagaAction::AwaitPayment).issue(SagaStep::RecordFree)
        } else {
            self.issue(SagaStep::RequestPayment)
        }
    }

    /// Arms the timeout, tells the order its taxes and intent, and waits for the payment: that the order took them is
    /// shown by its payment, and heard of otherwise only when it has to be told again.
    pub(super) fn await_payment(mut self, intent: &PaymentIntentId, taxes: &[LineTax]) -> Self {
        self.next.payment_intent_id = Some(intent.clone());
        taxes.clone_into(&mut self.next.taxes);
        self.next.awaiting_payment_timeout_at = Some(self.next.start_deadline_at());
        self.go(SagaAction::AwaitPayment)
            .issue(SagaStep::MarkPendingPayment)
            .wait_for(SagaStep::ReceivePayment)
    }

    /// Keeps what the time-out saw (S-INV-3).
    pub(super) fn timed_out(mut self) -> Self {
        let SagaData { state, awaiting_payment_timeout_at: due_at, .. } = self.next;
        self.next.timed_out = Some(TimeoutEvidence { state, due_at, fired_at: self.now });
        self
    }

    /// Voids before giving up; what is captured meanwhile wins (trap 16).
    pub(super) fn void(mut self, reason: CompensationReason) -> Self {
        self.next.compensation_reason = Some(reason);
        self.next.awaiting_payment_timeout_at = None;
        self.issue(SagaStep::VoidIntent)
    }

    /// Licenses what is paid. A cancel that came before the payment becomes a refund (R47), and an operator's
    /// end stays one.
    pub(super) fn paid(mut self) -> Self {
        let ended = match self.next.compensation_reason {
            Some(CompensationReason::Cancelled) => Some(CompensationReason::BuyerRefund),
            Some(CompensationReason::Operator) => Some(CompensationReason::Operator),
            _ => None,
        };
        self.next.awaiting_payment_timeout_at = None;
        self = self.captured();
        if let Some(reason) = ended {
            return self.maybe_licensed().compensate(reason);
        }
        self.next.compensation_reason = None;
        let lines: Vec<OrderLineId> = self.next.lines.iter().map(|line| line.order_line_id).collect();
        let confirm = (!self.next.coupons.is_empty()).then_some(SagaStep::ConfirmCoupons);
        self.go(SagaAction::License).issue_all(
            confirm.into_iter().chain(lines.into_iter().map(|line| SagaStep::GrantLicense { line })),
        )
    }

    /// Notes that licences may have been granted with the payment, before it was known that the purchase ends
    /// ([`SagaData::licenses_with_payment`]): what may be there is undone.
    pub(super) fn maybe_licensed(mut self) -> Self {
        if self.next.is_plain() {
            let lines: Vec<OrderLineId> = self.next.lines.iter().map(|line| line.order_line_id).collect();
            for line in lines {
                self.enter(SagaStep::GrantLicense { line });
            }
        }
        self
    }

    /// Notes that the money is there: whatever led to it worked, and a void came too late.
    pub(super) fn captured(mut self) -> Self {
        self.enter(SagaStep::ReceivePayment);
        for done in [SagaStep::MarkPendingPayment, SagaStep::RecordFree, SagaStep::ReceivePayment] {
            self.exit(done, StepOutcome::Advanced, None);
        }
        self.exit(SagaStep::VoidIntent, StepOutcome::Failed, Some(CAPTURED));
        self
    }

    /// Notes a licence; after the last the learners are enrolled.
    pub(super) fn licensed(mut self, line: OrderLineId, license_id: LicenseId) -> Self {
        self.next.licenses.insert(line, license_id);
        self = self.advanced(SagaStep::GrantLicense { line });
        if self.next.lines.iter().any(|line| !self.next.licenses.contains_key(&line.order_line_id)) {
            return self;
        }
        let seated = self.next.lines.iter().filter(|line| line.learner.is_some());
        let steps: Vec<_> = seated.map(|line| SagaStep::Enroll { line: line.order_line_id }).collect();
        self.go(SagaAction::Enroll).issue_all(steps).fulfil_when_enrolled()
    }

    /// Tells the order that it is fulfilled once nobody waits for an enrollment, and is over: the order takes it
    /// whatever happened meanwhile (R46), and the outbox repeats it until it did.
    pub(super) fn fulfil_when_enrolled(self) -> Self {
        let waits = |record: &StepRecord| {
            matches!(record.step, SagaStep::Enroll { .. }) && record.exited_at.is_none()
        };
        if self.next.step_history.iter().any(waits) {
            return self;
        }
        self.issue(SagaStep::MarkFulfilled).advanced(SagaStep::MarkFulfilled).go(SagaAction::Fulfill)
    }

    // Steps.

    /// A forward step is done.
    pub(super) fn advanced(mut self, step: SagaStep) -> Self {
        self.exit(step, StepOutcome::Advanced, None);
        self
    }

    /// An undo step is done.
    pub(super) fn compensated(mut self, step: SagaStep) -> Self {
        self.exit(step, StepOutcome::Compensated, None);
        self
    }

    /// A step ended without its effect.
    pub(super) fn failed(mut self, step: SagaStep, code: &str) -> Self {
        self.exit(step, StepOutcome::Failed, Some(code));
        self
    }

    /// Nothing is left to void, for the reason the code names.
    pub(super) fn nothing_to_void(mut self, code: &str) -> Self {
        self.enter(SagaStep::VoidIntent);
        self.exit(SagaStep::VoidIntent, StepOutcome::Compensated, Some(code));
        self
    }

    /// Begins to wait for something no command brings.
    pub(super) fn wait_for(mut self, step: SagaStep) -> Self {
        self.enter(step);
        self
    }

    /// A failed attempt: tried again when the next attempt is due, or the end of the purchase.
    pub(super) fn attempt_failed(mut self, step: SagaStep, retryable: bool, code: &str) -> Self {
        self.note(step, code);
        match step.blame() {
            Some(reason) if !retryable => self.failed(step, code).compensate(reason),
            Some(reason) if self.is_spent(step) => self.compensate(reason),
            Some(_) | None => self,
        }
    }

    /// Issues what waits once more, or gives up when a step's retries are spent.
    pub(super) fn retry(self) -> Self {
        let waiting = self.next.outstanding();
        match waiting.iter().filter(|step| self.is_spent(**step)).find_map(|step| step.blame()) {
            Some(reason) => self.compensate(reason),
            None => self.issue_all(waiting),
        }
    }

    /// The void came too late: asks billing at once, which knows of a payment that we do not.
    pub(super) fn void_refused(mut self) -> Self {
        if self.note(SagaStep::VoidIntent, CAPTURED) {
            self.commands.push(SagaCommand::PollPayment);
        }
        self
    }

    /// Billing answered that the intent is open: the polls that led here count no more.
    pub(super) fn still_open(mut self) -> Self {
        if let Some(record) = self.record_mut(SagaStep::ReceivePayment) {
            record.attempts = 0;
            self.moved = true;
        }
        self
    }

    // Operators.

    /// Notes what an operator does.
    pub(super) fn intervened(
        mut self,
        action: OperatorAction,
        steps: Vec<SagaStep>,
        operator: &Operator,
    ) -> Self {
        let (at, operator) = (self.now, operator.clone());
        self.next.interventions.push(Intervention { at, action, steps, operator });
        self
    }

    /// Issues what waits once more, with all of its budget; unless that was done and is unanswered.
    pub(super) fn retry_now(mut self, operator: &Operator) -> Self {
        let waiting = self.next.outstanding();
        let fresh = |step: &SagaStep| self.next.record(*step).is_some_and(StepRecord::is_fresh);
        if waiting.iter().all(fresh) {
            return self;
        }
        let now = self.now;
        for step in &waiting {
            // An undo step that became due and was never begun has no record yet.
            if let Some(record) = self.record_mut(*step) {
                record.restart(now);
            }
        }
        self.next.needs_attention = false;
        self.intervened(OperatorAction::Retry, waiting.clone(), operator).issue_all(waiting)
    }

    /// Ends a step that somebody did by hand, with the proof.
    pub(super) fn by_hand(mut self, step: SagaStep, operator: &Operator, evidence: &str) -> Self {
        if let Some(record) = self.record_mut(step) {
            record.by_hand = Some(ByHand { by: operator.id.clone(), evidence: evidence.to_owned() });
        }
        self = self.intervened(OperatorAction::Resolve, vec![step], operator);
        match step.direction() {
            Direction::Forward => self.advanced(step).fulfil_when_enrolled(),
            // The order's own record says when the money is back (D-9): it is settled with the proof.
            Direction::Undo if step == SagaStep::RefundPayment => {
                let now = self.now;
                self.next.needs_attention = false;
                if let Some(record) = self.record_mut(step) {
                    record.restart(now);
                }
                self.issue(step)
            }
            Direction::Undo if self.next.state == SagaState::Compensating => {
                self.compensated(step).undo_next()
            }
            Direction::Undo => {
                let reason = self.next.compensation_reason.unwrap_or(CompensationReason::BillingRefused);
                self.compensated(step).compensate(reason)
            }
        }
    }

    // Back.

    /// Another reason for the void that is under way.
    pub(super) fn because(mut self, reason: CompensationReason) -> Self {
        self.next.compensation_reason = Some(reason);
        self
    }

    /// The refund record that ends the purchase.
    pub(super) fn refund_by(mut self, refund_id: RefundId) -> Self {
        self.next.refund_id = Some(refund_id);
        self
    }

    /// Turns back.
    pub(super) fn compensate(mut self, reason: CompensationReason) -> Self {
        self.next.compensation_reason = Some(reason);
        self.next.awaiting_payment_timeout_at = None;
        self.go(SagaAction::Compensate).undo_next()
    }

    /// Issues the undo steps that became due; after the last one the saga is over.
    pub(super) fn undo_next(self) -> Self {
        let owed = undo::owed(&self.next);
        if owed.is_empty() {
            return self.go(SagaAction::Fail);
        }
        let fresh: Vec<_> = owed.into_iter().filter(|step| self.next.record(*step).is_none()).collect();
        self.issue_all(fresh)
    }

    /// Follows the table.
    pub(super) fn go(mut self, action: SagaAction) -> Self {
        if let Ok(Step::To(state)) = step(TRANSITIONS, self.next.state, action, None, None) {
            self.next.state = state;
            self.moved = true;
        }
        self
    }

    // Records.

    fn issue(self, step: SagaStep) -> Self {
        self.issue_all([step])
    }

    /// Enters steps, or tries them again, and issues their commands.
    fn issue_all(mut self, steps: impl IntoIterator<Item = SagaStep>) -> Self {
        for step in steps {
            self.enter(step);
            if let Some(record) = self.record_mut(step) {
                record.attempts = record.attempts.saturating_add(1);
                record.error_code = None;
                let unanswered = record.attempts > ATTENTION_AFTER;
                self.next.needs_attention |= unanswered;
                self.moved = true;
            }
            self.commands.extend(SagaCommand::of(&self.next, step));
        }
        self
    }

    /// Begins a step, unless it was begun before (S-INV-4).
    fn enter(&mut self, step: SagaStep) {
        if self.next.record(step).is_none() {
            self.next.step_history.push(StepRecord::entered(step, self.now));
            self.moved = true;
        }
    }

    /// Ends a step that waits for its end.
    fn exit(&mut self, step: SagaStep, outcome: StepOutcome, code: Option<&str>) {
        let now = self.now;
        if let Some(record) = self.record_mut(step).filter(|record| record.exited_at.is_none()) {
            record.exited_at = Some(now);
            record.outcome = Some(outcome);
            record.error_code = code.map(str::to_owned).or_else(|| record.error_code.take());
            self.next.needs_attention = false;
            self.moved = true;
        }
    }

    /// Notes why an attempt failed; whether that is news.
    fn note(&mut self, step: SagaStep, code: &str) -> bool {
        self.record_mut(step)
            .is_some_and(|record| record.error_code.replace(code.to_owned()).as_deref() != Some(code))
    }

    fn record_mut(&mut self, step: SagaStep) -> Option<&mut StepRecord> {
        self.next.step_history.iter_mut().find(|record| record.step == step)
    }

    /// Whether the retries of a step that can end the purchase are used up (R50).
    fn is_spent(&self, step: SagaStep) -> bool {
        let age = |record: &StepRecord| self.now.since(record.restarted_at.unwrap_or(record.entered_at));
        step.blame().is_some() && self.next.record(step).is_some_and(|record| age(record) >= RETRY_BUDGET)
    }
}
