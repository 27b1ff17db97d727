//! What a refund of some lines would move, and every rule of the order's that forbids it.

use serde::{Deserialize, Serialize};

use super::{
    Order, OrderError,
    line::{OrderLine, RefundedLine},
    status::OrderStatus,
};
use crate::kernel::{Aggregate, Money, OrderLineId};

/// What a refund of some lines would move: the preview, and what [`Order::request_refund`] does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundPlan {
    /// The lines, with their frozen amounts.
    pub lines: Vec<RefundedLine>,
    /// Their sum, or what is left of the order when no line is left after it.
    pub amount: Money,
    /// Whether no line is left after it.
    pub full: bool,
}

/// A rule of the order's that forbids a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundObstacle {
    /// The line it is about; none when it is about the order or the request.
    pub line: Option<OrderLineId>,
    /// The refusal.
    pub error: OrderError,
}

impl RefundPlan {
    pub(super) fn line_ids(&self) -> Vec<OrderLineId> {
        self.lines.iter().map(|line| line.order_line_id).collect()
    }
}

/// Lines that somebody wants to return; none: all that are left.
type Wanted<'a> = Option<&'a [OrderLineId]>;

/// The rules, in the order in which a command tells the first that is broken.
const RULES: &[fn(&Order, Wanted<'_>) -> Vec<RefundObstacle>] = &[
    holds_money,
    one_at_a_time,
    names_a_line,
    knows_the_lines,
    returns_no_line_twice,
    all_before_fulfilment,
    no_more_than_was_paid,
];

impl Order {
    /// What returning these lines moves; `None` means all that are left. Whether a *buyer* may is for
    /// `RefundEligibilityPolicy` to say.
    ///
    /// # Errors
    /// The first of [`Order::refund_obstacles`].
    pub fn plan_refund(&self, lines: Option<&[OrderLineId]>) -> Result<RefundPlan, OrderError> {
        match self.refund_obstacles(lines).into_iter().next() {
            Some(obstacle) => Err(obstacle.error),
            None => self.refund_amounts(lines),
        }
    }

    /// Every rule that keeps these lines from being returned by anybody: [`OrderError::NotRefundable`],
    /// [`OrderError::RefundInProgress`] and [`OrderError::AlreadyRefunded`] (O-INV-8),
    /// [`OrderError::RefundNoLines`], [`OrderError::UnknownLine`], [`OrderError::PartialBeforeFulfilment`],
    /// [`OrderError::RefundExceedsPaid`]. Empty when nothing does.
    pub fn refund_obstacles(&self, lines: Option<&[OrderLineId]>) -> Vec<RefundObstacle> {
        RULES.iter().flat_map(|rule| rule(self, lines)).collect()
    }

    /// The amounts of such a refund, whether a rule forbids it or not: the frozen amounts of those of the
    /// lines that are left. The last refund takes what is left of the payment; where nothing was captured
    /// nothing moves.
    ///
    /// # Errors
    /// [`OrderError::Money`] for amounts that do not fit together, which no stored order has.
    pub fn refund_amounts(&self, lines: Option<&[OrderLineId]>) -> Result<RefundPlan, OrderError> {
        let data = self.data();
        let chosen = self.returnable(lines).map(OrderLine::refund).collect::<Result<Vec<_>, _>>()?;
        let full = !chosen.is_empty() && chosen.len() == self.returnable(None).count();
        let amount = if full || data.paid_at.is_none() {
            self.left_of_the_payment()?
        } else {
            Money::sum(data.currency, chosen.iter().map(|line| &line.amount))?
        };
        Ok(RefundPlan { lines: chosen, amount, full })
    }

    /// Those of the lines that were not returned yet.
    pub fn returnable<'a>(&'a self, lines: Option<&'a [OrderLineId]>) -> impl Iterator<Item = &'a OrderLine> {
        let wanted = move |line: &&OrderLine| lines.is_none_or(|lines| lines.contains(&line.id));
        self.data().lines.iter().filter(|line| !line.refunded).filter(wanted)
    }

    fn left_of_the_payment(&self) -> Result<Money, OrderError> {
        let data = self.data();
        let captured = data.totals.filter(|_| data.paid_at.is_some());
        Ok(captured.unwrap_or(Money::zero(data.currency)).checked_sub(&data.refunded_total)?)
    }
}

fn about_the_order(error: OrderError) -> Vec<RefundObstacle> {
    vec![RefundObstacle { line: None, error }]
}

fn holds_money(order: &Order, _: Wanted<'_>) -> Vec<RefundObstacle> {
    match order.data().status {
        status @ (OrderStatus::Created | OrderStatus::PendingPayment | OrderStatus::Failed) => {
            about_the_order(OrderError::NotRefundable(status))
        }
        OrderStatus::Refunded => about_the_order(OrderError::AlreadyRefunded),
        // All its money is back, and its saga still undoes the rest.
        OrderStatus::Paid | OrderStatus::Fulfilled if order.returnable(None).next().is_none() => {
            about_the_order(OrderError::AlreadyRefunded)
        }
        OrderStatus::Paid | OrderStatus::Fulfilled => Vec::new(),
    }
}

fn one_at_a_time(order: &Order, _: Wanted<'_>) -> Vec<RefundObstacle> {
    let pending = order.pending_refund().map(|refund| OrderError::RefundInProgress(refund.id));
    pending.map(about_the_order).unwrap_or_default()
}

fn names_a_line(_: &Order, lines: Wanted<'_>) -> Vec<RefundObstacle> {
    if lines.is_some_and(<[OrderLineId]>::is_empty) {
        about_the_order(OrderError::RefundNoLines)
    } else {
        Vec::new()
    }
}

fn knows_the_lines(order: &Order, lines: Wanted<'_>) -> Vec<RefundObstacle> {
    let known = |id: &OrderLineId| order.data().lines.iter().any(|line| line.id == *id);
    let unknown = lines.into_iter().flatten().filter(|id| !known(id));
    unknown.map(|id| RefundObstacle { line: Some(*id), error: OrderError::UnknownLine(*id) }).collect()
}

fn returns_no_line_twice(order: &Order, lines: Wanted<'_>) -> Vec<RefundObstacle> {
    let named = lines.unwrap_or_default();
    let returned = order.data().lines.iter().filter(|line| line.refunded && named.contains(&line.id));
    returned.map(|line| RefundObstacle { line: Some(line.id), error: OrderError::AlreadyRefunded }).collect()
}

fn all_before_fulfilment(order: &Order, lines: Wanted<'_>) -> Vec<RefundObstacle> {
    let (some, all) = (order.returnable(lines).count(), order.returnable(None).count());
    if order.data().status == OrderStatus::Paid && some > 0 && some < all {
        about_the_order(OrderError::PartialBeforeFulfilment)
    } else {
        Vec::new()
    }
}

fn no_more_than_was_paid(order: &Order, lines: Wanted<'_>) -> Vec<RefundObstacle> {
    let fits = || {
        let amount = order.refund_amounts(lines)?.amount;
        order.left_of_the_payment()?.checked_sub(&amount).map_err(|_| OrderError::RefundExceedsPaid)
    };
    fits().err().map(about_the_order).unwrap_or_default()
}
