//! What holds of every stored saga, one row a rule.

use std::collections::BTreeSet;

use super::{PurchaseSaga, SagaData, SagaError, SagaState, SagaStep, StepOutcome};
use crate::{
    kernel::{Audited, NoRow, Rule, require},
    marketplace::invariants::{S_INV_1, S_INV_2, S_INV_3, S_INV_4},
};

type Result = std::result::Result<(), SagaError>;

impl Audited for PurchaseSaga {
    #[rustfmt::skip]
    const RULES: &'static [Rule<Self>] = &[
        Rule::<Self>::ours(has_lines),
        Rule::<Self>::of(S_INV_1, of_its_order),
        Rule::<Self>::of(S_INV_3, timed_out_while_waiting),
        Rule::<Self>::of(S_INV_4, each_step_once),
        Rule::<Self>::of(S_INV_2, follows_its_table),
    ];
}

impl SagaData {
    /// What must hold of the document.
    pub(super) fn check_invariants(&self) -> Result {
        require::<PurchaseSaga>(self, &[])
    }
}

fn has_lines(data: &SagaData, _: &[NoRow]) -> Result {
    if data.lines.is_empty() { Err(SagaError::NoLines) } else { Ok(()) }
}

fn of_its_order(data: &SagaData, _: &[NoRow]) -> Result {
    if data.correlation_id == data.order_id { Ok(()) } else { Err(SagaError::OrderMismatch) }
}

/// A time-out is armed while the payment is awaited, and it fired then, not before it was due.
fn timed_out_while_waiting(data: &SagaData, _: &[NoRow]) -> Result {
    if data.awaiting_payment_timeout_at.is_some() && data.state != SagaState::AwaitingPayment {
        return Err(SagaError::TimeoutOutOfState { state: data.state });
    }
    match &data.timed_out {
        Some(seen) if !seen.was_right() => Err(SagaError::TimeoutOutOfState { state: seen.state }),
        Some(_) | None => Ok(()),
    }
}

fn each_step_once(data: &SagaData, _: &[NoRow]) -> Result {
    let mut seen = BTreeSet::new();
    match data.step_history.iter().find(|record| !seen.insert(record.step)) {
        Some(record) => Err(SagaError::StepRepeated { step: record.step }),
        None => Ok(()),
    }
}

fn follows_its_table(data: &SagaData, _: &[NoRow]) -> Result {
    let state = data.state;
    let ended = |step, outcome| data.record(step).is_some_and(|record| record.outcome == Some(outcome));
    let whole = data.step_history.iter().all(|record| record.exited_at.is_some() == record.outcome.is_some());
    let fulfilled = ended(SagaStep::MarkFulfilled, StepOutcome::Advanced);
    let closed = ended(SagaStep::CloseOrder, StepOutcome::Compensated);
    let undone = matches!(state, SagaState::Compensating | SagaState::Failed);
    let paid = matches!(state, SagaState::Licensing | SagaState::Enrolling | SagaState::Fulfilled);
    #[rustfmt::skip]
    let rules = [
        (whole,                                                 "has a step with an end and no outcome, or the reverse"),
        (state.is_terminal() == data.next_attempt_at.is_none(), "is looked at again exactly while it is not terminal"),
        ((state == SagaState::Fulfilled) == fulfilled,          "is fulfilled exactly when its order is"),
        ((state == SagaState::Failed) == closed,                "is failed exactly when its order is closed"),
        (!undone || data.compensation_reason.is_some(),         "has a reason"),
        (!paid || data.is_captured(),                           "is paid"),
    ];
    rules
        .iter()
        .find(|(holds, _)| !holds)
        .map_or(Ok(()), |(_, what)| Err(SagaError::Inconsistent { state, what }))
}
