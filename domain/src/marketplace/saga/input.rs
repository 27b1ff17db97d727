//! What the saga is told: results of its commands, facts of its order, and its timers.

use serde::{Deserialize, Serialize};

use super::{Operator, SagaStep};
use crate::kernel::{LicenseId, Money, OrderLineId, PaymentIntentId, RefundId};

/// A line's tax, as billing answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineTax {
    /// The line.
    pub line: OrderLineId,
    /// Its tax.
    pub tax: Money,
}

/// An input of [`super::SagaCoordinator::decide`]. May arrive twice, late, or out of order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum SagaEvent {
    /// Every coupon is held.
    CouponsReserved,
    /// A coupon could not be held. Others of the order may be.
    CouponReservationFailed {
        /// Why.
        code: String,
    },
    /// Billing answered with taxes and an intent.
    PaymentRequested {
        /// The intent, opaque.
        intent: PaymentIntentId,
        /// The tax of every line.
        taxes: Vec<LineTax>,
    },
    /// Billing refused and created nothing.
    PaymentRejected {
        /// Why.
        code: String,
    },
    /// `order.payment_requested`: the order waits for its payment.
    PaymentPending,
    /// `order.paid`.
    OrderPaid,
    /// `order.payment_failed`, not final: the buyer may try again.
    PaymentDeclined {
        /// The intent that was tried.
        intent: PaymentIntentId,
    },
    /// `order.payment_failed`, final.
    PaymentFailed {
        /// The intent that failed.
        intent: PaymentIntentId,
    },
    /// `order.payment_mismatched`: captured with another amount; that money is returned as a stray (R76).
    AmountMismatch,
    /// The intent is void and stays so.
    IntentVoided,
    /// The intent was captured before the void.
    VoidRefused,
    /// Billing was asked: the intent is still open.
    PollAnswered,
    /// `order.cancel_requested`.
    CancelRequested,
    /// `order.refund_requested`, before fulfilment.
    RefundRequested {
        /// The order's refund record.
        refund_id: RefundId,
    },
    /// Every coupon counts as used.
    CouponsConfirmed,
    /// A line has its licence.
    LicenseGranted {
        /// The line.
        line: OrderLineId,
        /// Its licence.
        license_id: LicenseId,
    },
    /// A line's learner is enrolled.
    EnrollmentCompleted {
        /// The line.
        line: OrderLineId,
    },
    /// A command failed.
    StepFailed {
        /// Whose command.
        step: SagaStep,
        /// Whether trying again may help. When not, this attempt had no effect.
        retryable: bool,
        /// Why.
        code: String,
    },
    /// An undo is done, or had nothing to undo. A refund is done when billing has confirmed it.
    UndoAcknowledged {
        /// Which.
        step: SagaStep,
    },
    /// An undo failed; it is tried again for ever.
    UndoFailed {
        /// Which.
        step: SagaStep,
        /// Why.
        code: String,
    },
    /// The scheduler: `nextAttemptAt` has come.
    RetryDue,
    /// The scheduler: `awaitingPaymentTimeoutAt` has come.
    TimeoutFired,
    /// An operator: try what waits now, with all of its budget.
    RetryForced {
        /// Who, and why.
        operator: Operator,
    },
    /// An operator: end the purchase.
    CompensationForced {
        /// Who, and why.
        operator: Operator,
    },
    /// An operator: a step that keeps failing has been done by hand.
    DoneByHand {
        /// Which.
        step: SagaStep,
        /// Who, and why.
        operator: Operator,
        /// What proves it.
        evidence: String,
    },
    /// The scheduler: a saga still in started has reached its deadline. `RetryDue` then does the same.
    StartDeadline,
}
