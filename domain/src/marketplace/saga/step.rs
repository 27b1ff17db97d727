//! The saga's steps and the record each leaves (seed 002, `SagaStepRecord`).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::CompensationReason;
use crate::{
    kernel::{EventId, OrderLineId, Timestamp},
    marketplace::order::ByHand,
};

/// One unit of work, forward or undo. Undo steps stand in the order in which they run: enrollments,
/// licences, money, coupons, the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum SagaStep {
    /// Hold the order's coupons.
    ReserveCoupons,
    /// Ask billing for taxes and an intent.
    #[serde(rename = "pay")]
    RequestPayment,
    /// Write taxes, totals and the intent to the order.
    MarkPendingPayment,
    /// Take a free order to paid.
    RecordFree,
    /// Wait for the payment; retried by asking billing.
    ReceivePayment,
    /// Count the coupons as used.
    ConfirmCoupons,
    /// Grant a line's licence.
    GrantLicense {
        /// The line.
        line: OrderLineId,
    },
    /// Enroll a line's learner.
    Enroll {
        /// The line.
        line: OrderLineId,
    },
    /// Tell the order. Once this is asked for, the saga does not compensate any more (R46).
    MarkFulfilled,
    /// Undo of [`SagaStep::Enroll`].
    CancelEnrollment {
        /// The line.
        line: OrderLineId,
    },
    /// Undo of [`SagaStep::GrantLicense`].
    RevokeLicense {
        /// The line.
        line: OrderLineId,
    },
    /// Undo of [`SagaStep::ReceivePayment`].
    RefundPayment,
    /// Undo of [`SagaStep::RequestPayment`] while nothing is captured.
    VoidIntent,
    /// Undo of [`SagaStep::ReserveCoupons`].
    ReleaseCoupons,
    /// The order fails, or is refunded when that is why it ends.
    CloseOrder,
}

/// Which way a step works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Towards fulfilment.
    Forward,
    /// Back.
    Undo,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// A forward step is done.
    Advanced,
    /// An undo step is done.
    Compensated,
    /// The step ended without its effect.
    Failed,
}

/// What is known of one step. A saga has at most one record per step (S-INV-4); retries count in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepRecord {
    /// Which step, as `step` and, where it has one, `line`.
    #[serde(flatten)]
    pub step: SagaStep,
    /// When it began: committed before its command leaves (R51).
    pub entered_at: Timestamp,
    /// When it ended; none while its outcome is unknown.
    pub exited_at: Option<Timestamp>,
    /// How it ended; none while its outcome is unknown.
    pub outcome: Option<StepOutcome>,
    /// The event that changed the record last.
    pub causation_event_id: Option<EventId>,
    /// Why the last attempt failed; none while it is unanswered.
    pub error_code: Option<String>,
    /// How often its command was issued; since an operator's last retry, when there was one.
    pub attempts: u32,
    /// How often before that retry.
    #[serde(default)]
    pub earlier_attempts: u32,
    /// When an operator last had it tried: its budget counts from here.
    #[serde(default)]
    pub restarted_at: Option<Timestamp>,
    /// Who did it by hand, when somebody did.
    #[serde(default)]
    pub by_hand: Option<ByHand>,
}

impl SagaStep {
    /// The step's name in keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReserveCoupons => "reserve_coupons",
            Self::RequestPayment => "pay",
            Self::MarkPendingPayment => "mark_pending_payment",
            Self::RecordFree => "record_free",
            Self::ReceivePayment => "receive_payment",
            Self::ConfirmCoupons => "confirm_coupons",
            Self::GrantLicense { .. } => "grant_license",
            Self::Enroll { .. } => "enroll",
            Self::MarkFulfilled => "mark_fulfilled",
            Self::CancelEnrollment { .. } => "cancel_enrollment",
            Self::RevokeLicense { .. } => "revoke_license",
            Self::RefundPayment => "refund_payment",
            Self::VoidIntent => "void_intent",
            Self::ReleaseCoupons => "release_coupons",
            Self::CloseOrder => "close_order",
        }
    }

    /// The line it works on.
    pub fn line(self) -> Option<OrderLineId> {
        if let Self::GrantLicense { line }
        | Self::Enroll { line }
        | Self::CancelEnrollment { line }
        | Self::RevokeLicense { line } = self
        {
            Some(line)
        } else {
            None
        }
    }

    /// Which way it works.
    pub fn direction(self) -> Direction {
        if matches!(
            self,
            Self::CancelEnrollment { .. }
                | Self::RevokeLicense { .. }
                | Self::RefundPayment
                | Self::VoidIntent
                | Self::ReleaseCoupons
                | Self::CloseOrder
        ) {
            Direction::Undo
        } else {
            Direction::Forward
        }
    }

    /// The step that takes it back, for those that leave something behind.
    pub fn undo(self) -> Option<Self> {
        match self {
            Self::Enroll { line } => Some(Self::CancelEnrollment { line }),
            Self::GrantLicense { line } => Some(Self::RevokeLicense { line }),
            Self::ReceivePayment => Some(Self::RefundPayment),
            Self::RequestPayment => Some(Self::VoidIntent),
            Self::ReserveCoupons => Some(Self::ReleaseCoupons),
            Self::MarkPendingPayment
            | Self::RecordFree
            | Self::ConfirmCoupons
            | Self::MarkFulfilled
            | Self::CancelEnrollment { .. }
            | Self::RevokeLicense { .. }
            | Self::RefundPayment
            | Self::VoidIntent
            | Self::ReleaseCoupons
            | Self::CloseOrder => None,
        }
    }

    /// Whether a person can do it in the service's stead: what another service does, and not what our own rows
    /// say.
    pub fn is_done_by_hand(self) -> bool {
        matches!(
            self,
            Self::Enroll { .. } | Self::CancelEnrollment { .. } | Self::RefundPayment | Self::VoidIntent
        )
    }

    /// Why the purchase ends when this step fails finally or its retries are spent; none for a step that is
    /// retried for ever.
    pub fn blame(self) -> Option<CompensationReason> {
        match self {
            Self::ReserveCoupons => Some(CompensationReason::CouponExhausted),
            Self::RequestPayment | Self::MarkPendingPayment => Some(CompensationReason::BillingRefused),
            Self::RecordFree | Self::GrantLicense { .. } | Self::Enroll { .. } => {
                Some(CompensationReason::FulfilmentFailed)
            }
            Self::ReceivePayment
            | Self::ConfirmCoupons
            | Self::MarkFulfilled
            | Self::CancelEnrollment { .. }
            | Self::RevokeLicense { .. }
            | Self::RefundPayment
            | Self::VoidIntent
            | Self::ReleaseCoupons
            | Self::CloseOrder => None,
        }
    }
}

/// `{step}[:{line}]`, the end of the step's key.
impl fmt::Display for SagaStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        self.line().map_or(Ok(()), |line| write!(f, ":{line}"))
    }
}

impl StepRecord {
    /// A step that begins.
    pub(super) fn entered(step: SagaStep, now: Timestamp) -> Self {
        Self {
            step,
            entered_at: now,
            exited_at: None,
            outcome: None,
            causation_event_id: None,
            error_code: None,
            attempts: 0,
            earlier_attempts: 0,
            restarted_at: None,
            by_hand: None,
        }
    }

    /// How often its command was issued in all.
    pub fn all_attempts(&self) -> u32 {
        self.earlier_attempts.saturating_add(self.attempts)
    }

    /// Forgets its attempts and their pauses: its whole budget is there again.
    pub(super) fn restart(&mut self, now: Timestamp) {
        self.earlier_attempts = self.all_attempts();
        self.attempts = 0;
        self.restarted_at = Some(now);
    }

    /// Whether an operator had it tried, and that attempt is still unanswered.
    pub(super) fn is_fresh(&self) -> bool {
        self.restarted_at.is_some() && self.attempts == 1 && self.error_code.is_none()
    }

    /// Whether it may have left an effect: done, unknown, or failed after an attempt whose outcome is unknown.
    pub(super) fn may_have_worked(&self) -> bool {
        match self.outcome {
            Some(StepOutcome::Advanced) | None => true,
            Some(StepOutcome::Failed) => self.all_attempts() > 1,
            Some(StepOutcome::Compensated) => false,
        }
    }
}
