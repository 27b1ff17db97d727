//! What a compensating saga still owes (marketplace.md section 5, undo order).

use std::{collections::BTreeSet, mem::discriminant};

use super::{CompensationReason, SagaData, SagaStep, StepOutcome, StepRecord};

/// The undo steps that are due now: those of the first kind, in undo order, of which one is not done.
///
/// Undo only what was advanced or has an unknown outcome, and nothing twice (S-INV-4). Closing the order is
/// always last. Empty: everything is undone.
pub(super) fn owed(saga: &SagaData) -> Vec<SagaStep> {
    let done: BTreeSet<SagaStep> = saga
        .step_history
        .iter()
        .filter(|record| record.outcome == Some(StepOutcome::Compensated))
        .map(|record| record.step)
        .collect();
    let mut owed: Vec<SagaStep> = saga
        .step_history
        .iter()
        .filter(|record| leaves_something(saga, record))
        .filter_map(|record| record.step.undo())
        .chain([SagaStep::CloseOrder])
        .filter(|undo| !done.contains(undo))
        .collect();
    if let Some(first) = owed.iter().min().copied() {
        owed.retain(|undo| discriminant(undo) == discriminant(&first));
    }
    owed
}

fn leaves_something(saga: &SagaData, record: &StepRecord) -> bool {
    match record.step {
        SagaStep::Enroll { .. } | SagaStep::GrantLicense { .. } => record.may_have_worked(),
        // Money that arrived goes back; money that may arrive is stopped.
        SagaStep::ReceivePayment => saga.is_captured() && !saga.free,
        SagaStep::RequestPayment => !saga.is_captured() && record.may_have_worked(),
        // A failed reservation may hold some of several coupons. A buyer's refund keeps confirmed ones (R46).
        SagaStep::ReserveCoupons => {
            saga.compensation_reason != Some(CompensationReason::BuyerRefund)
                || saga.record(SagaStep::ConfirmCoupons).is_none()
        }
        SagaStep::MarkPendingPayment
        | SagaStep::RecordFree
        | SagaStep::ConfirmCoupons
        | SagaStep::MarkFulfilled
        | SagaStep::CancelEnrollment { .. }
        | SagaStep::RevokeLicense { .. }
        | SagaStep::RefundPayment
        | SagaStep::VoidIntent
        | SagaStep::ReleaseCoupons
        | SagaStep::CloseOrder => false,
    }
}
