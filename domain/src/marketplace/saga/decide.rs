//! The decision table: every (state, event) that does something, one arm each (marketplace.md section 5).
//!
//! What has no arm, or changes nothing, is ignored: results that arrive twice, late or for another step, timers that are not due,
//! a declined attempt the buyer may repeat, and everything in fulfilled and failed. The saga is fulfilled when it
//! tells the order so, which cannot refuse; a refund asked for after that takes the path after fulfilment (R46). A payment that reaches a closed
//! order is returned by the handler of `order.payment_after_close` (R45).

use super::{
    CompensationReason as Because, Direction, OperatorAction as Do, SagaCommand, SagaData, SagaEvent as On,
    SagaState, SagaStep as At, draft::Draft,
};
use crate::kernel::Timestamp;

/// The seed's domain service: a pure, total function from a saga and an event to what follows.
#[derive(Debug, Clone, Copy)]
pub struct SagaCoordinator;

/// What follows from an event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Decision {
    /// The saga's next document; none when the event is ignored.
    pub next: Option<SagaData>,
    /// What to execute after `next` is committed.
    pub commands: Vec<SagaCommand>,
}

impl Decision {
    const IGNORED: Self = Self { next: None, commands: Vec::new() };
}

impl SagaCoordinator {
    /// The first step of a new saga.
    pub(super) fn begin(saga: &SagaData, now: Timestamp) -> Decision {
        Draft::of(saga, now).begin().decided()
    }

    /// Decides on an event. O(steps of the saga).
    pub fn decide(saga: &SagaData, event: &On, now: Timestamp) -> Decision {
        use SagaState::{AwaitingPayment, Compensating, Enrolling, Licensing, Started};

        let draft = || Draft::of(saga, now);
        let waits = |step| saga.waits_for(step);
        let due = |at: Option<Timestamp>| at.is_some_and(|at| now >= at);
        let closing = saga.compensation_reason;

        #[rustfmt::skip]
        let decided = match (saga.state, event) {
            // started
            (Started, On::CouponsReserved) if waits(At::ReserveCoupons)
                => draft().advanced(At::ReserveCoupons).ask_for_payment(),
            (Started, On::CouponReservationFailed { code }) if waits(At::ReserveCoupons)
                => draft().failed(At::ReserveCoupons, code).compensate(Because::CouponExhausted),
            (Started, On::PaymentRequested { intent, taxes }) if waits(At::RequestPayment)
                => draft().advanced(At::RequestPayment).await_payment(intent, taxes),
            (Started, On::PaymentRejected { code }) if waits(At::RequestPayment)
                => draft().failed(At::RequestPayment, code).compensate(Because::BillingRefused),
            (Started, On::CancelRequested)
                => draft().compensate(Because::Cancelled),
            (Started, On::StartDeadline | On::RetryDue) if due(Some(saga.start_deadline_at()))
                => draft().compensate(Because::PaymentTimeout),

            // awaiting_payment
            (AwaitingPayment, On::PaymentPending) if waits(At::MarkPendingPayment)
                => draft().advanced(At::MarkPendingPayment).wait_for(At::ReceivePayment),
            (AwaitingPayment, On::OrderPaid)
                => draft().paid(),
            (AwaitingPayment, On::PollAnswered) if waits(At::ReceivePayment) && !waits(At::VoidIntent)
                => draft().still_open(),
            (AwaitingPayment, On::PaymentFailed { intent }) if saga.payment_intent_id.as_ref() == Some(intent)
                => draft().compensate(closing.unwrap_or(Because::PaymentDeclined)),
            (AwaitingPayment, On::AmountMismatch) if !saga.free
                => draft().nothing_to_void("order.amount_mismatch").compensate(Because::AmountMismatch),
            (AwaitingPayment, On::TimeoutFired) if due(saga.awaiting_payment_timeout_at)
                => draft().timed_out().void(Because::PaymentTimeout),
            (AwaitingPayment, On::CancelRequested) if saga.free
                => draft().compensate(Because::Cancelled),
            (AwaitingPayment, On::CancelRequested) if closing.is_none()
                => draft().void(Because::Cancelled),
            (AwaitingPayment, On::CancelRequested) if closing != Some(Because::Cancelled)
                => draft().because(Because::Cancelled),
            (AwaitingPayment, On::IntentVoided | On::UndoAcknowledged { step: At::VoidIntent }) if !saga.free
                => draft().nothing_to_void("payment.voided").compensate(closing.unwrap_or(Because::BillingRefused)),

            // awaiting_payment and compensating
            (AwaitingPayment | Compensating, On::VoidRefused) if waits(At::VoidIntent)
                => draft().void_refused(),

            // licensing
            (Licensing, On::LicenseGranted { line, license_id }) if waits(At::GrantLicense { line: *line })
                => draft().licensed(*line, *license_id),

            // enrolling
            (Enrolling, On::EnrollmentCompleted { line }) if waits(At::Enroll { line: *line })
                => draft().advanced(At::Enroll { line: *line }).fulfil_when_enrolled(),

            // licensing and enrolling
            (Licensing | Enrolling, On::CouponsConfirmed) if waits(At::ConfirmCoupons)
                => draft().advanced(At::ConfirmCoupons),
            (Licensing | Enrolling, On::RefundRequested { refund_id })
                => draft().refund_by(*refund_id).compensate(Because::BuyerRefund),
            (Licensing | Enrolling, On::CancelRequested)
                => draft().compensate(if saga.free { Because::Cancelled } else { Because::BuyerRefund }),

            // compensating
            (Compensating, On::UndoAcknowledged { step }) if waits(*step)
                => draft().compensated(*step).undo_next(),
            (Compensating, On::IntentVoided) if waits(At::VoidIntent)
                => draft().compensated(At::VoidIntent).undo_next(),
            (Compensating, On::AmountMismatch) if waits(At::VoidIntent)
                => draft().nothing_to_void("order.amount_mismatch").undo_next(),
            (Compensating, On::OrderPaid) if !saga.is_captured()
                => draft().captured().maybe_licensed().undo_next(),

            // operators
            (Started | Licensing | Enrolling, On::CompensationForced { operator })
                => draft().intervened(Do::Compensate, vec![], operator).compensate(Because::Operator),
            (AwaitingPayment, On::CompensationForced { operator }) if saga.free
                => draft().intervened(Do::Compensate, vec![], operator).compensate(Because::Operator),
            (AwaitingPayment, On::CompensationForced { operator }) if closing.is_none()
                => draft().intervened(Do::Compensate, vec![], operator).void(Because::Operator),
            // A void that is under way: what is captured meanwhile goes back now.
            (AwaitingPayment, On::CompensationForced { operator })
                if !matches!(closing, Some(Because::Operator | Because::Cancelled))
                => draft().intervened(Do::Compensate, vec![], operator).because(Because::Operator),
            (_, On::RetryForced { operator })
                => draft().retry_now(operator),
            (_, On::DoneByHand { step, operator, evidence }) if saga.resolvable().contains(step)
                => draft().by_hand(*step, operator, evidence),

            // every state that is not terminal
            (_, On::StepFailed { step, retryable, code }) if waits(*step)
                => draft().attempt_failed(*step, *retryable, code),
            (_, On::UndoFailed { step, code }) if waits(*step) && step.direction() == Direction::Undo
                => draft().attempt_failed(*step, true, code),
            (_, On::RetryDue) if due(saga.next_attempt_at)
                => draft().retry(),

            _ => return Decision::IGNORED,
        };
        let decision = decided.decided();
        if decision.next.as_ref() == Some(saga) { Decision::IGNORED } else { decision }
    }
}
