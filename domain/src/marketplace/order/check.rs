//! What is true of every stored order, one row a rule: the guards repeated over data.

use std::collections::BTreeSet;

use super::{
    MAX_LINES, Order, OrderData, OrderError, OrderLine, OrderStatus, PaymentError, Refund, RefundState,
    TRANSITIONS, payment, refund,
};
use crate::{
    kernel::{Audited, Money, Rule, require},
    marketplace::invariants::{AC_2, O_INV_1, O_INV_2, O_INV_3, O_INV_4, O_INV_5, O_INV_6, O_INV_8},
};

type Result<T = ()> = std::result::Result<T, OrderError>;

impl Audited for Order {
    #[rustfmt::skip]
    const RULES: &'static [Rule<Self>] = &[
        Rule::<Self>::ours(        |data, _| has_lines(data)),
        Rule::<Self>::of(O_INV_5,  |data, _| few_lines(data)),
        Rule::<Self>::ours(        |data, _| distinct_lines(data)),
        Rule::<Self>::of(O_INV_1,  |data, _| one_currency(data)),
        Rule::<Self>::of(O_INV_2,  |data, _| parts_add_up(data)).given(O_INV_1),
        Rule::<Self>::of(O_INV_2,  |data, _| holds(totals_are_right(data)?, OrderError::Broken(O_INV_2))).given(O_INV_1),
        Rule::<Self>::of(O_INV_3,  |data, _| holds(deadlines_are_right(data), OrderError::Broken(O_INV_3))),
        Rule::<Self>::of(O_INV_4,  |data, _| holds(status_is_right(data), OrderError::Broken(O_INV_4))),
        Rule::<Self>::of(O_INV_6,  |data, _| holds(returned_is_refunded(data), OrderError::Broken(O_INV_6))),
        Rule::<Self>::of(O_INV_8,  |data, rows| holds(refunds_are_right(data, rows)?, OrderError::Broken(O_INV_8))).given(O_INV_1),
        Rule::<Self>::of(AC_2,     |data, _| holds(data.last_payment_error.as_ref().is_none_or(PaymentError::is_plain), OrderError::Broken(AC_2))),
        Rule::<Self>::ours(        |data, _| holds(data.refund_state == refund::progress(data), OrderError::Inconsistent("refundState"))),
        Rule::<Self>::ours(        |data, rows| holds(data.payment_state == payment::state(data, rows), OrderError::Inconsistent("paymentState"))),
    ];
}

/// The part that holds from the first moment: lines, currency and sums (O-INV-1, O-INV-2, O-INV-5).
pub(super) fn prices(data: &OrderData) -> Result {
    has_lines(data)?;
    few_lines(data)?;
    distinct_lines(data)?;
    one_currency(data)?;
    parts_add_up(data)
}

fn holds(holds: bool, error: OrderError) -> Result {
    if holds { Ok(()) } else { Err(error) }
}

fn has_lines(data: &OrderData) -> Result {
    holds(!data.lines.is_empty(), OrderError::NoLines)
}

fn few_lines(data: &OrderData) -> Result {
    holds(data.lines.len() <= MAX_LINES, OrderError::TooManyLines(data.lines.len()))
}

fn distinct_lines(data: &OrderData) -> Result {
    let (mut ids, mut plans) = (BTreeSet::new(), BTreeSet::new());
    let mut again = data.lines.iter().filter(|line| {
        !ids.insert(line.id) || !plans.insert((line.offer.listing_id, line.offer.pricing_plan_id))
    });
    again.next().map_or(Ok(()), |line| Err(OrderError::DuplicateLine(line.id)))
}

fn one_currency(data: &OrderData) -> Result {
    let of_lines = data.lines.iter().flat_map(|line| {
        let OrderLine {
            offer,
            unit_price,
            subtotal,
            discount_total,
            net,
            fee_amount,
            provider_amount,
            tax_total,
            ..
        } = line;
        [&offer.price, unit_price, subtotal, discount_total, net, fee_amount, provider_amount]
            .into_iter()
            .chain(tax_total)
    });
    let sums = [&data.subtotal, &data.discount_total, &data.refunded_total];
    let amounts = of_lines.chain(sums).chain(&data.tax_total).chain(&data.totals);
    match amounts.map(Money::currency).find(|currency| *currency != data.currency) {
        Some(found) => Err(OrderError::CurrencyMismatch { expected: data.currency, found }),
        None => Ok(()),
    }
}

fn parts_add_up(data: &OrderData) -> Result {
    data.lines.iter().try_for_each(line_adds_up)?;
    let sum = |part: fn(&OrderLine) -> &Money| Money::sum(data.currency, data.lines.iter().map(part));
    is_sum("subtotal", sum(|line| &line.subtotal)?, data.subtotal)?;
    is_sum("discountTotal", sum(|line| &line.discount_total)?, data.discount_total)?;
    let discounts = data.discounts.iter().map(|discount| &discount.amount);
    is_sum("discountTotal", Money::sum(data.currency, discounts)?, data.discount_total)?;
    data.discounts.iter().try_for_each(|discount| {
        is_sum("discounts.amount", Money::sum(data.currency, &discount.per_line)?, discount.amount)
    })
}

fn line_adds_up(line: &OrderLine) -> Result {
    let OrderLine { offer, unit_price, subtotal, discount_total, net, fee_amount, provider_amount, .. } =
        line;
    is_sum("lines.unitPrice", offer.price, *unit_price)?;
    is_sum("lines.subtotal", unit_price.checked_mul(line.packs)?, *subtotal)?;
    is_sum("lines.net", net.checked_add(discount_total)?, *subtotal)?;
    is_sum("lines.net", fee_amount.checked_add(provider_amount)?, *net)
}

fn is_sum(what: &'static str, parts: Money, whole: Money) -> Result {
    holds(parts == whole, OrderError::SumMismatch(what))
}

impl Order {
    /// Checks O-INV-1 to O-INV-6, O-INV-8 and AC-2 over the document and all refunds. O-INV-7 speaks of two
    /// moments: no command writes `sagaId`, [`Order::ensure_saga`] compares, and the auditor looks for the saga.
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn check_invariants(&self) -> Result {
        let refunds: Vec<Refund> = self.refunds.values().cloned().collect();
        require::<Self>(&self.root.data, &refunds)
    }
}

/// `totals` and every line's tax are set together, once billing has answered.
fn totals_are_right(data: &OrderData) -> Result<bool> {
    let taxes = data.lines.iter().filter_map(|line| line.tax_total.as_ref());
    let answered = match data.status {
        OrderStatus::Created => false,
        OrderStatus::Failed => data.totals.is_some(),
        OrderStatus::PendingPayment | OrderStatus::Paid | OrderStatus::Fulfilled | OrderStatus::Refunded => {
            true
        }
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

/// An order whose lines are all returned is not fulfilled, and a refunded one has no other lines.
fn returned_is_refunded(data: &OrderData) -> bool {
    let returned = data.lines.iter().all(|line| line.refunded);
    match data.status {
        OrderStatus::Fulfilled => !returned,
        OrderStatus::Refunded => returned,
        OrderStatus::Created | OrderStatus::PendingPayment | OrderStatus::Paid | OrderStatus::Failed => true,
    }
}

/// Nothing goes back twice, the sums agree, and no more goes back than was paid.
fn refunds_are_right(data: &OrderData, refunds: &[Refund]) -> Result<bool> {
    let zero = Money::zero(data.currency);
    let (mut reserved, mut returned) = (BTreeSet::new(), BTreeSet::new());
    let (mut reserved_total, mut returned_total) = (zero, zero);
    for refund in refunds.iter().filter(|refund| refund.state != RefundState::Failed) {
        let lines = data.lines.iter().filter(|line| refund.lines.contains(&line.id));
        let amounts = lines.map(|line| Ok(line.refund()?.amount)).collect::<Result<Vec<_>>>()?;
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
    let pending = refunds.iter().filter(|refund| refund.state == RefundState::Pending).count();
    let paid = data.totals.filter(|_| data.paid_at.is_some()).unwrap_or(zero);
    let marked = data.lines.iter().filter(|line| line.refunded).map(|line| line.id);
    Ok(returned_total == data.refunded_total
        && paid.checked_sub(&reserved_total).is_ok()
        && marked.collect::<BTreeSet<_>>() == returned
        && pending <= 1
        && refunds.iter().all(|refund| (refund.state == RefundState::Pending) == refund.settled_at.is_none()))
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
