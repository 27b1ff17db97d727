//! What the saga asks for: our own aggregates, billing's internal API and the enrollment gateway (AC-4).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{LineTax, SagaData, SagaStep};
use crate::{
    kernel::{CouponId, LicenseId, OrderLineId, PaymentIntentId, RefundId, UserId},
    marketplace::order::{ByHand, FailureReason},
};

/// Why a purchase is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompensationReason {
    /// Not paid in time.
    PaymentTimeout,
    /// Billing declined finally.
    PaymentDeclined,
    /// A coupon could not be held.
    CouponExhausted,
    /// The buyer cancelled before paying.
    Cancelled,
    /// Another amount than the order's was captured.
    AmountMismatch,
    /// Billing refused the payment request, or voided the intent unasked.
    BillingRefused,
    /// A licence or an enrollment failed finally.
    FulfilmentFailed,
    /// A refund was asked for before fulfilment, or a cancel lost to the payment (R47): the order ends
    /// refunded instead of failed.
    BuyerRefund,
    /// An operator ended it. Money that is captured meanwhile goes back.
    Operator,
}

impl CompensationReason {
    /// What the order fails with; none when it is refunded instead.
    pub fn failure(self) -> Option<FailureReason> {
        match self {
            Self::PaymentTimeout => Some(FailureReason::PaymentTimeout),
            Self::PaymentDeclined => Some(FailureReason::PaymentDeclined),
            Self::CouponExhausted => Some(FailureReason::CouponExhausted),
            Self::Cancelled | Self::Operator => Some(FailureReason::Cancelled),
            Self::AmountMismatch => Some(FailureReason::AmountMismatch),
            Self::BillingRefused => Some(FailureReason::BillingRefused),
            Self::FulfilmentFailed => Some(FailureReason::FulfilmentFailed),
            Self::BuyerRefund => None,
        }
    }
}

/// An output of [`super::SagaCoordinator::decide`], executed after the commit, at least once, under the
/// key of [`SagaCommand::keyed_by`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum SagaCommand {
    /// Hold these coupons for the order.
    ReserveCoupons {
        /// The coupons.
        coupons: Vec<CouponId>,
    },
    /// Ask billing for taxes and an intent for the order.
    RequestPayment,
    /// Set taxes and totals, and the intent the order waits for.
    MarkPendingPayment {
        /// The intent, opaque.
        intent: PaymentIntentId,
        /// The tax of every line.
        taxes: Vec<LineTax>,
    },
    /// A free order: set totals, mark it pending and paid.
    RecordFree,
    /// Ask billing how the payment stands, and record the answer on the order as a callback would.
    PollPayment,
    /// Void the intent, or refuse it when it is created later.
    VoidIntent,
    /// Count these coupons as used.
    ConfirmCoupons {
        /// The coupons.
        coupons: Vec<CouponId>,
    },
    /// Grant the line's licence.
    GrantLicense {
        /// The line.
        line: OrderLineId,
    },
    /// Enroll the line's learner.
    Enroll {
        /// The line.
        line: OrderLineId,
        /// Who learns.
        learner: UserId,
        /// The line's licence.
        license_id: LicenseId,
    },
    /// Mark the order fulfilled.
    MarkFulfilled {
        /// The licence of every line.
        licenses: BTreeMap<OrderLineId, LicenseId>,
    },
    /// Cancel the line's enrollment.
    CancelEnrollment {
        /// The line.
        line: OrderLineId,
        /// Who was to learn.
        learner: UserId,
        /// The line's licence.
        license_id: LicenseId,
    },
    /// Revoke the line's licence.
    RevokeLicense {
        /// The line.
        line: OrderLineId,
    },
    /// Return the whole payment through a refund record of the order (R46): the named one, else the order's
    /// pending one, else a new one.
    RefundPayment {
        /// The refund record that asked for it.
        refund_id: Option<RefundId>,
        /// Why.
        reason: CompensationReason,
    },
    /// Give these coupons back.
    ReleaseCoupons {
        /// The coupons.
        coupons: Vec<CouponId>,
    },
    /// The money was returned by hand: settle the order's refund record with the evidence, and ask billing
    /// nothing.
    SettleRefund {
        /// Who returned it, and the proof.
        by_hand: ByHand,
    },
    /// Mark the order failed.
    MarkOrderFailed {
        /// Why.
        reason: FailureReason,
    },
    /// Mark the order refunded.
    MarkOrderRefunded,
}

impl SagaCommand {
    /// The command of a step; none when the step has nothing to work on.
    pub(super) fn of(saga: &SagaData, step: SagaStep) -> Option<Self> {
        let reason = saga.compensation_reason;
        Some(match step {
            SagaStep::ReserveCoupons => Self::ReserveCoupons { coupons: saga.coupons.clone() },
            SagaStep::RequestPayment => Self::RequestPayment,
            SagaStep::MarkPendingPayment => Self::MarkPendingPayment {
                intent: saga.payment_intent_id.clone()?,
                taxes: saga.taxes.clone(),
            },
            SagaStep::RecordFree => Self::RecordFree,
            SagaStep::ReceivePayment => Self::PollPayment,
            SagaStep::ConfirmCoupons => Self::ConfirmCoupons { coupons: saga.coupons.clone() },
            SagaStep::GrantLicense { line } => Self::GrantLicense { line },
            SagaStep::Enroll { line } => {
                Self::Enroll { line, learner: saga.learner(line)?, license_id: *saga.licenses.get(&line)? }
            }
            SagaStep::MarkFulfilled => Self::MarkFulfilled { licenses: saga.licenses.clone() },
            SagaStep::CancelEnrollment { line } => Self::CancelEnrollment {
                line,
                learner: saga.learner(line)?,
                license_id: *saga.licenses.get(&line)?,
            },
            SagaStep::RevokeLicense { line } => Self::RevokeLicense { line },
            SagaStep::RefundPayment => match saga.record(step).and_then(|record| record.by_hand.clone()) {
                Some(by_hand) => Self::SettleRefund { by_hand },
                None => Self::RefundPayment { refund_id: saga.refund_id, reason: reason? },
            },
            SagaStep::VoidIntent => Self::VoidIntent,
            SagaStep::ReleaseCoupons => Self::ReleaseCoupons { coupons: saga.coupons.clone() },
            SagaStep::CloseOrder => match reason?.failure() {
                Some(reason) => Self::MarkOrderFailed { reason },
                None => Self::MarkOrderRefunded,
            },
        })
    }

    /// Its name, as it is serialised.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ReserveCoupons { .. } => "reserve_coupons",
            Self::RequestPayment => "request_payment",
            Self::MarkPendingPayment { .. } => "mark_pending_payment",
            Self::RecordFree => "record_free",
            Self::PollPayment => "poll_payment",
            Self::VoidIntent => "void_intent",
            Self::ConfirmCoupons { .. } => "confirm_coupons",
            Self::GrantLicense { .. } => "grant_license",
            Self::Enroll { .. } => "enroll",
            Self::MarkFulfilled { .. } => "mark_fulfilled",
            Self::CancelEnrollment { .. } => "cancel_enrollment",
            Self::RevokeLicense { .. } => "revoke_license",
            Self::RefundPayment { .. } => "refund_payment",
            Self::SettleRefund { .. } => "settle_refund",
            Self::ReleaseCoupons { .. } => "release_coupons",
            Self::MarkOrderFailed { .. } => "mark_order_failed",
            Self::MarkOrderRefunded => "mark_order_refunded",
        }
    }

    /// The step whose outcome it brings about.
    pub fn step(&self) -> SagaStep {
        match self {
            Self::PollPayment => SagaStep::ReceivePayment,
            Self::VoidIntent => SagaStep::VoidIntent,
            Self::ReserveCoupons { .. }
            | Self::RequestPayment
            | Self::MarkPendingPayment { .. }
            | Self::RecordFree
            | Self::ConfirmCoupons { .. }
            | Self::GrantLicense { .. }
            | Self::Enroll { .. }
            | Self::MarkFulfilled { .. }
            | Self::CancelEnrollment { .. }
            | Self::RevokeLicense { .. }
            | Self::RefundPayment { .. }
            | Self::SettleRefund { .. }
            | Self::ReleaseCoupons { .. }
            | Self::MarkOrderFailed { .. }
            | Self::MarkOrderRefunded => self.keyed_by(),
        }
    }

    /// The step whose key the command carries. Polls and voids are addressed by the payment's (R50).
    pub fn keyed_by(&self) -> SagaStep {
        match self {
            Self::ReserveCoupons { .. } => SagaStep::ReserveCoupons,
            Self::RequestPayment | Self::PollPayment | Self::VoidIntent => SagaStep::RequestPayment,
            Self::MarkPendingPayment { .. } => SagaStep::MarkPendingPayment,
            Self::RecordFree => SagaStep::RecordFree,
            Self::ConfirmCoupons { .. } => SagaStep::ConfirmCoupons,
            Self::GrantLicense { line } => SagaStep::GrantLicense { line: *line },
            Self::Enroll { line, .. } => SagaStep::Enroll { line: *line },
            Self::MarkFulfilled { .. } => SagaStep::MarkFulfilled,
            Self::CancelEnrollment { line, .. } => SagaStep::CancelEnrollment { line: *line },
            Self::RevokeLicense { line } => SagaStep::RevokeLicense { line: *line },
            Self::RefundPayment { .. } | Self::SettleRefund { .. } => SagaStep::RefundPayment,
            Self::ReleaseCoupons { .. } => SagaStep::ReleaseCoupons,
            Self::MarkOrderFailed { .. } | Self::MarkOrderRefunded => SagaStep::CloseOrder,
        }
    }
}
