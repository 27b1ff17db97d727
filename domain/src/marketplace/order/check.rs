//! What is true of every stored order: the guards repeated over data.

use std::collections::BTreeSet;

use super::{MAX_LINES, Order, OrderData, OrderError, OrderLine, OrderStatus, RefundState, TRANSITIONS};
use crate::{
    kernel::{Aggregate, Invariant, Money},
    marketplace::invariants::{AC_2, O_INV_2, O_INV_3, O_INV_4, O_INV_6, O_INV_8},
};

/// The part that holds from the first moment: lines, currency and sums (O-INV-1, O-INV-2, O-INV-5).
pub(super) fn prices(data: &OrderData) -> Result<(), OrderError> {
    if data.lines.is_empty() {
        return Err(OrderError::NoLines);
    }
    if data.lines.len() > MAX_LINES {
        return Err(OrderError::TooManyLines(data.lines.len()));
    }
    let (mut ids, mut plans) = (BTreeSet::new(), BTreeSet::new());
    for line in &data.lines {
        if !ids.insert(line.id) || !plans.insert((line.offer.listing_id, line.offer.pricing_plan_id)) {
            return Err(OrderError::DuplicateLine(line.id));
        }
        line_prices(data, line)?;
    }
    one_currency(data, &[data.subtotal, data.discount_total, data.refunded_total])?;
    let sum = |part: fn(&OrderLine) -> &Money| Money::sum(data.currency, data.lines.iter().map(part));
    is_sum("subtotal", sum(|line| &line.subtotal)?, data.subtotal)?;
    is_sum("discountTotal", sum(|line| &line.discount_total)?, data.discount_total)?;
    let discounts = data.discounts.iter().map(|discount| &discount.amount);
    is_sum("discountTotal", Money::sum(data.currency, discounts)?, data.discount_total)?;
    for discount in &data.discounts {
        is_sum("discounts.amount", Money::sum(data.currency, &discount.per_line)?, discount.amount)?;
    }
    Ok(())
}

fn line_prices(data: &OrderData, line: &OrderLine) -> Result<(), OrderError> {
    let OrderLine { offer, unit_price, subtotal, discount_total, net, fee_amount, provider_amount, .. } =
        line;
    let amounts = [offer.price, *unit_price, *subtotal, *discount_total, *net, *fee_amount, *provider_amount];
    one_currency(data, &amounts)?;
    is_sum("lines.unitPrice", offer.price, *unit_price)?;
    is_sum("lines.subtotal", unit_price.checked_mul(line.packs)?, *subtotal)?;
    is_sum("lines.net", net.checked_add(discount_total)?, *subtotal)?;
    is_sum("lines.net", fee_amount.checked_add(provider_amount)?, *net)
}

fn one_currency(data: &OrderData, amounts: &[Money]) -> Result<(), OrderError> {
    match amounts.iter().map(Money::currency).find(|currency| *currency != data.currency) {
        Some(found) => Err(OrderError::CurrencyMismatch { expected: data.currency, found }),
        None => Ok(()),
    }
}

fn is_sum(what: &'static str, parts: Money, whole: Money) -> Result<(), OrderError> {
    if parts == whole { Ok(()) } else { Err(OrderError::SumMismatch(what)) }
}

fn holds(invariant: Invariant, holds: bool) -> Result<(), OrderError> {
    if holds { Ok(()) } else { Err(OrderError::Broken(invariant)) }
}

fn agrees(what: &'static str, agrees: bool) -> Result<(), OrderError> {
    if agrees { Ok(()) } else { Err(OrderError::Inconsistent(what)) }
}

impl Order {
    /// Checks O-INV-1 to O-INV-6, O-INV-8 and AC-2 over the document and all refunds. O-INV-7 speaks of two
    /// moments: no command writes `sagaId`, and [`Order::ensure_saga`] compares.
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn check_invariants(&self) -> Result<(), OrderError> {
        let data = self.data();
        prices(data)?;
        holds(O_INV_2, self.totals_are_right()?)?;
        holds(O_INV_3, deadlines_are_right(data))?;
        holds(O_INV_4, status_is_right(data))?;
        let returned = data.lines.iter().all(|line| line.refunded);
        holds(O_INV_6, data.status != OrderStatus::Fulfilled || !returned)?;
        holds(O_INV_6, data.status != OrderStatus::Refunded || returned)?;
        holds(O_INV_8, self.refunds_are_right()?)?;
        holds(AC_2, data.last_payment_error.as_ref().is_none_or(super::PaymentError::is_plain))?;
        agrees("refundState", data.refund_state == self.derived_refund_state())?;
        agrees("paymentState", data.payment_state == self.derived_payment_state())
    }

    /// `totals` and every line's tax are set together, once billing has answered.
    fn totals_are_right(&self) -> Result<bool, OrderError> {
        let data = self.data();
        let taxes = data.lines.iter().filter_map(|line| line.tax_total.as_ref());
        let answered = match data.status {
            OrderStatus::Created => false,
            OrderStatus::Failed => data.totals.is_some(),
            OrderStatus::PendingPayment
            | OrderStatus::Paid
            | OrderStatus::Fulfilled
            | OrderStatus::Refunded => true,
        };
        let (Some(tax_total), Some(totals)) = (data.tax_total, data.totals) else {
            return Ok(!answered
                && data.tax_total.is_none()
                && data.totals.is_none()
                && taxes.count() == 0
                && data.payment_intent_id.is_none());
        };
        Ok(answered
            && taxes.clone().count() == data.lines.len()
            && Money::sum(data.currency, taxes)? == tax_total
            && data.subtotal.checked_sub(&data.discount_total)?.checked_add(&tax_total)? == totals
            && data.payment_intent_id.is_some() != totals.is_zero())
    }

    /// Nothing goes back twice, the sums agree, and no more goes back than was paid.
    fn refunds_are_right(&self) -> Result<bool, OrderError> {
        let data = self.data();
        let zero = Money::zero(data.currency);
        let (mut reserved, mut returned) = (BTreeSet::new(), BTreeSet::new());
        let (mut reserved_total, mut returned_total) = (zero, zero);
        for refund in self.refunds().filter(|refund| refund.state != RefundState::Failed) {
            let lines = data.lines.iter().filter(|line| refund.lines.contains(&line.id));
            let amounts =
                lines.map(|line| Ok(line.refund()?.amount)).collect::<Result<Vec<_>, OrderError>>()?;
            let once = refund.lines.iter().all(|line| reserved.insert(*line));
            let known = amounts.len() == refund.lines.len() && !amounts.is_empty();
            if !once || !known || Money::sum(data.currency, &amounts)? != refund.amount {
                return Ok(false);
            }
            reserved_total = reserved_total.checked_add(&refund.amount)?;
            if refund.state == RefundState::Succeeded {
                returned.extend(refund.lines.iter().copied());
                returned_total = returned_total.checked_add(&refund.amount)?;
            }
        }
        let pending = self.refunds().filter(|refund| refund.state == RefundState::Pending).count();
        let paid = data.totals.filter(|_| data.paid_at.is_some()).unwrap_or(zero);
        let marked = data.lines.iter().filter(|line| line.refunded).map(|line| line.id);
        Ok(returned_total == data.refunded_total
            && paid.checked_sub(&reserved_total).is_ok()
            && marked.collect::<BTreeSet<_>>() == returned
            && pending <= 1
            && self
                .refunds()
                .all(|refund| (refund.state == RefundState::Pending) == refund.settled_at.is_none()))
    }
}

/// Deadlines exist exactly since the payment, and are what the policies say.
fn deadlines_are_right(data: &OrderData) -> bool {
    let of_lines = |line: &OrderLine| line.refund_deadline == data.paid_at.map(|at| line.deadline_from(at));
    data.lines.iter().all(of_lines)
        && data.refund_deadline == data.lines.iter().filter_map(|line| line.refund_deadline).min()
}

/// The last action leads here by the table, and the dates of the statuses passed are set, no others.
fn status_is_right(data: &OrderData) -> bool {
    let reached = match &data.last_transition {
        None => data.status == OrderStatus::Created,
        Some(last) => TRANSITIONS.iter().any(|edge| edge.action == last.action && edge.to == data.status),
    };
    let (paid, fulfilled) = (data.paid_at.is_some(), data.fulfilled_at.is_some());
    let (refunded, failed) = (data.refunded_at.is_some(), data.failure_reason.is_some());
    let licensed = data.lines.iter().all(|line| line.license_id.is_some() == fulfilled);
    let passed = match data.status {
        OrderStatus::Created | OrderStatus::PendingPayment => !paid && !fulfilled && !refunded && !failed,
        OrderStatus::Paid => paid && !fulfilled && !refunded && !failed,
        OrderStatus::Fulfilled => paid && fulfilled && !refunded && !failed,
        OrderStatus::Refunded => paid && refunded && !failed,
        OrderStatus::Failed => failed && !fulfilled && refunded == paid,
    };
    let own_payment = data.payment_id.is_some() == (paid && data.payment_intent_id.is_some());
    reached && licensed && passed && own_payment
}
