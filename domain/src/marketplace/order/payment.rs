//! What billing reports: the order's own payment, declines, and captures that cannot be its payment.
//!
//! Every report is taken (R45). A capture that cannot pay for the order changes no status: it becomes a
//! [`StrayCapture`], which a handler returns, each under the key `stray:{paymentId}` (R76).

use serde::{Deserialize, Serialize};

use super::{
    Order, OrderData, OrderError, OrderEvent, Refund, RefundState,
    status::{OrderAction, OrderStatus, PaymentState, RefundProgress},
};
use crate::kernel::{Money, Outcome, PaymentId, PaymentIntentId, Step, Timestamp};

/// Money that arrived for an order and cannot be its payment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StrayCapture {
    /// The payment.
    pub payment_id: PaymentId,
    /// What was captured, in whatever currency.
    pub amount: Money,
    /// Why it cannot pay for the order.
    pub kind: StrayKind,
    /// When it went back; none: it is on its way.
    pub refunded_at: Option<Timestamp>,
    /// When we heard of it; none in documents that are older than this field.
    #[serde(default)]
    pub captured_at: Option<Timestamp>,
}

/// Why a capture cannot be the order's payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StrayKind {
    /// Another amount or intent than the order's.
    Mismatched,
    /// The order was over: failed or refunded.
    AfterClose,
    /// The order was paid already.
    Duplicate,
}

/// The last decline.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentError {
    /// Billing's code, or `other`.
    pub code: String,
    /// When.
    pub at: Timestamp,
    /// Whether the intent is dead since.
    #[serde(default)]
    pub is_final: bool,
}

impl PaymentError {
    /// Keeps a code only when it is a plain word, so that no card number, token or message of a payment
    /// provider is ever stored (AC-2).
    fn new(code: String, is_final: bool, at: Timestamp) -> Self {
        let code = if is_plain_word(&code) { code } else { "other".to_owned() };
        Self { code, at, is_final }
    }

    /// Whether the code says nothing about a payment method.
    pub(super) fn is_plain(&self) -> bool {
        is_plain_word(&self.code)
    }
}

fn is_plain_word(code: &str) -> bool {
    (1..=64).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        && !code.starts_with("tok_")
}

/// What a report of captured money means for this order.
enum Report {
    /// Known already, with this amount.
    Known,
    /// Known already, with another amount.
    Contradicting,
    /// It pays for the order.
    Payment,
    /// It cannot, and goes back.
    Stray(StrayKind),
}

impl Order {
    /// Takes billing's word that money was captured. Never refuses (R45).
    ///
    /// The awaited amount by the awaited intent pays for the order. Anything else is a stray capture and
    /// changes no status. A payment that is known is `AlreadyApplied`; known with another amount it is
    /// announced as a mismatch that returns nothing, because returning it could return the order's own payment.
    ///
    /// # Errors
    /// None; the type is that of every command.
    pub fn record_payment(
        &mut self,
        intent: &PaymentIntentId,
        payment_id: PaymentId,
        amount: Money,
        now: Timestamp,
    ) -> Result<Outcome, OrderError> {
        let kind = match self.report(intent, &payment_id, amount) {
            Report::Known => return Ok(Outcome::AlreadyApplied),
            Report::Payment => return self.pay(Some(payment_id), amount, now),
            Report::Contradicting => None,
            Report::Stray(kind) => Some(kind),
        };
        let (order, payment_intent_id) = (self.order_ref(), intent.clone());
        let (expected, status) = (self.root.data.totals, self.root.data.status);
        if let Some(kind) = kind {
            let payment_id = payment_id.clone();
            let capture =
                StrayCapture { payment_id, amount, kind, refunded_at: None, captured_at: Some(now) };
            self.root.data.stray_captures.push(capture);
        }
        let stray = kind.is_some();
        Ok(self.note(match kind {
            None | Some(StrayKind::Mismatched) => OrderEvent::PaymentMismatched {
                order,
                payment_intent_id,
                payment_id,
                amount,
                expected,
                stray,
            },
            Some(StrayKind::AfterClose) => {
                OrderEvent::PaymentAfterClose { order, payment_intent_id, payment_id, amount, status }
            }
            Some(StrayKind::Duplicate) => {
                OrderEvent::PaymentDuplicate { order, payment_intent_id, payment_id, amount }
            }
        }))
    }

    /// Marks an order paid for which nothing is due.
    ///
    /// # Errors
    /// [`OrderError::NotFree`] when something is due; [`OrderError::InvalidTransition`] (O-INV-4).
    pub fn mark_paid_free(&mut self, now: Timestamp) -> Result<Outcome, OrderError> {
        let step = self.step(OrderAction::Pay)?;
        let totals = self.root.data.totals.filter(Money::is_zero).ok_or(OrderError::NotFree)?;
        match step {
            Step::AlreadyApplied => Ok(Outcome::AlreadyApplied),
            Step::To(_) => self.pay(None, totals, now),
        }
    }

    /// Notes a decline of the current intent. Any other decline is out of date and changes nothing: a late
    /// failure never moves an order that is paid, nor one that asks for another payment.
    ///
    /// `is_final` says that the intent is dead; the saga then gives the order up, and a later decline changes
    /// nothing.
    ///
    /// # Errors
    /// None; the type is that of every command.
    pub fn record_payment_failure(
        &mut self,
        intent: &PaymentIntentId,
        code: String,
        is_final: bool,
        now: Timestamp,
    ) -> Result<Outcome, OrderError> {
        let data = &mut self.root.data;
        if data.status != OrderStatus::PendingPayment || data.payment_intent_id.as_ref() != Some(intent) {
            return Ok(Outcome::AlreadyApplied);
        }
        // Billing's answer and its callback tell the same end; whichever comes first counts (D-7).
        if data.last_payment_error.as_ref().is_some_and(|known| known.is_final) {
            return Ok(Outcome::AlreadyApplied);
        }
        let error = PaymentError::new(code, is_final, now);
        let code = error.code.clone();
        data.last_payment_error = Some(error);
        Ok(self.note(OrderEvent::PaymentFailed {
            order: self.order_ref(),
            payment_intent_id: intent.clone(),
            code,
            is_final,
            failed_at: now,
        }))
    }

    /// Notes that a stray capture went back.
    ///
    /// # Errors
    /// [`OrderError::StrayNotFound`] when the order knows no such capture.
    pub fn settle_stray(&mut self, payment_id: PaymentId, now: Timestamp) -> Result<Outcome, OrderError> {
        let strays = &mut self.root.data.stray_captures;
        let Some(stray) = strays.iter_mut().find(|stray| stray.payment_id == payment_id) else {
            return Err(OrderError::StrayNotFound(payment_id));
        };
        if stray.refunded_at.is_some() {
            return Ok(Outcome::AlreadyApplied);
        }
        stray.refunded_at = Some(now);
        let amount = stray.amount;
        let order = self.order_ref();
        Ok(self.note(OrderEvent::StrayReturned { order, payment_id, amount, returned_at: now }))
    }

    /// The intent a buyer may pay now.
    ///
    /// # Errors
    /// [`OrderError::NotPayable`] unless money is awaited and no cancel was asked for.
    pub fn payable_intent(&self) -> Result<&PaymentIntentId, OrderError> {
        let data = &self.root.data;
        match &data.payment_intent_id {
            Some(intent)
                if data.status == OrderStatus::PendingPayment && data.cancel_requested_at.is_none() =>
            {
                Ok(intent)
            }
            _ => Err(OrderError::NotPayable),
        }
    }

    fn report(&self, intent: &PaymentIntentId, payment_id: &PaymentId, amount: Money) -> Report {
        let data = &self.root.data;
        let own = data.totals.filter(|_| data.payment_id.as_ref() == Some(payment_id));
        let stray = || data.stray_captures.iter().find(|stray| stray.payment_id == *payment_id);
        if let Some(known) = own.or_else(|| stray().map(|stray| stray.amount)) {
            return if known == amount { Report::Known } else { Report::Contradicting };
        }
        let awaited = data.payment_intent_id.as_ref() == Some(intent) && data.totals == Some(amount);
        match data.status {
            OrderStatus::PendingPayment if awaited => Report::Payment,
            OrderStatus::Created | OrderStatus::PendingPayment => Report::Stray(StrayKind::Mismatched),
            OrderStatus::Paid | OrderStatus::Fulfilled => Report::Stray(StrayKind::Duplicate),
            OrderStatus::Refunded | OrderStatus::Failed => Report::Stray(StrayKind::AfterClose),
        }
    }

    /// Enters `paid` and sets every deadline, once (O-INV-3).
    fn pay(
        &mut self,
        payment_id: Option<PaymentId>,
        totals: Money,
        now: Timestamp,
    ) -> Result<Outcome, OrderError> {
        let Step::To(status) = self.step(OrderAction::Pay)? else { return Ok(Outcome::AlreadyApplied) };
        self.enter(status, OrderAction::Pay);
        let data = &mut self.root.data;
        data.paid_at = Some(now);
        data.payment_id.clone_from(&payment_id);
        for line in &mut data.lines {
            line.refund_deadline = Some(line.deadline_from(now));
        }
        data.refund_deadline = data.lines.iter().filter_map(|line| line.refund_deadline).min();
        Ok(self.note(OrderEvent::Paid {
            order: self.order_ref(),
            payment_intent_id: self.root.data.payment_intent_id.clone(),
            payment_id,
            totals,
            lines: self.root.data.lines.iter().map(|line| line.id).collect(),
            coupons: self.root.data.applied_coupons().collect(),
            refund_deadline: self.root.data.refund_deadline.unwrap_or(now),
            cancel_requested: self.root.data.cancel_requested_at.is_some(),
            paid_at: now,
        }))
    }
}

/// Where the money is, from everything else.
pub(super) fn state<'a>(data: &OrderData, refunds: impl IntoIterator<Item = &'a Refund>) -> PaymentState {
    let pending = refunds.into_iter().find(|refund| refund.state == RefundState::Pending);
    let own_pending = pending.is_some_and(|refund| !refund.amount.is_zero());
    if own_pending || data.stray_captures.iter().any(|stray| stray.refunded_at.is_none()) {
        return PaymentState::RefundPending;
    }
    if data.payment_id.is_some() {
        return match data.refund_state {
            RefundProgress::Full => PaymentState::Refunded,
            RefundProgress::None | RefundProgress::Partial => PaymentState::Captured,
        };
    }
    if !data.stray_captures.is_empty() {
        return PaymentState::Refunded;
    }
    if data.status == OrderStatus::PendingPayment && data.payment_intent_id.is_some() {
        PaymentState::Pending
    } else {
        PaymentState::None
    }
}
