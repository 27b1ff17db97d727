//! `RefundEligibilityPolicy`: whether a *buyer* may return lines (marketplace.md 2).
//!
//! Its rules come after those of the order (`Order::refund_obstacles`), which bind everybody; administrators,
//! disputes and compensations bypass its own. A refund tells the first rule that is broken, a preview all.

use std::collections::BTreeMap;

use crate::{
    kernel::{Coded, Detail, Invariant, Kind, OrderLineId, Timestamp},
    marketplace::order::{Order, OrderLine, RefundObstacle, RefundPlan},
};

/// Why a buyer may not return a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefusal {
    /// The order cannot return it, whoever asks.
    #[error("{}", .0.error)]
    Order(RefundObstacle),
    /// Its listing takes nothing back.
    #[error("line {line} cannot be returned by its buyer")]
    NotSelfRefundable {
        /// The line.
        line: OrderLineId,
    },
    /// It is too late.
    #[error("line {line} could be returned until {deadline}")]
    DeadlinePassed {
        /// The line.
        line: OrderLineId,
        /// The last instant.
        deadline: Timestamp,
    },
    /// It was used too much.
    #[error("line {line} was attempted {attempts} times; it can be returned up to {cap}")]
    AttemptsExceeded {
        /// The line.
        line: OrderLineId,
        /// The learner's attempts.
        attempts: u32,
        /// The most there may be.
        cap: u32,
    },
    /// How much it was used is not known now.
    #[error("the attempts of line {line} are not known now; try again")]
    Indeterminate {
        /// The line.
        line: OrderLineId,
    },
}

impl RefundRefusal {
    /// The line it is about; none when it is about the order or the request.
    pub fn line(&self) -> Option<OrderLineId> {
        match self {
            Self::Order(obstacle) => obstacle.line,
            Self::NotSelfRefundable { line }
            | Self::DeadlinePassed { line, .. }
            | Self::AttemptsExceeded { line, .. }
            | Self::Indeterminate { line } => Some(*line),
        }
    }

    /// The last instant at which the line could be returned, when that has passed.
    pub fn deadline(&self) -> Option<Timestamp> {
        if let Self::DeadlinePassed { deadline, .. } = self { Some(*deadline) } else { None }
    }
}

impl Coded for RefundRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Order(obstacle) => obstacle.error.code(),
            Self::NotSelfRefundable { .. } => "refund.not_self_refundable",
            Self::DeadlinePassed { .. } => "refund.deadline_passed",
            Self::AttemptsExceeded { .. } => "refund.attempts_exceeded",
            Self::Indeterminate { .. } => "refund.indeterminate",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Order(obstacle) => obstacle.error.kind(),
            Self::NotSelfRefundable { .. } | Self::DeadlinePassed { .. } | Self::AttemptsExceeded { .. } => {
                Kind::Conflict
            }
            Self::Indeterminate { .. } => Kind::Unavailable,
        }
    }

    fn invariant(&self) -> Option<Invariant> {
        if let Self::Order(obstacle) = self { obstacle.error.invariant() } else { None }
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        let text = |value: &dyn ToString| Detail::Text(value.to_string());
        match self {
            Self::Order(obstacle) => obstacle.error.details(),
            Self::NotSelfRefundable { line } | Self::Indeterminate { line } => vec![("lineId", text(line))],
            Self::DeadlinePassed { line, deadline } => {
                vec![("lineId", text(line)), ("deadline", text(deadline))]
            }
            Self::AttemptsExceeded { line, attempts, cap } => vec![
                ("lineId", text(line)),
                ("attempts", Detail::Number((*attempts).into())),
                ("attemptsCap", Detail::Number((*cap).into())),
            ],
        }
    }
}

/// The rule. It has no state.
#[derive(Debug, Clone, Copy)]
pub struct RefundEligibilityPolicy;

/// What the rules that protect the seller look at.
struct Return<'a> {
    attempts: &'a BTreeMap<OrderLineId, u32>,
    now: Timestamp,
}

/// The rules that bind a buyer, for each line that would go back. Those of the order itself come before.
const RULES: &[fn(&OrderLine, &Return<'_>) -> Option<RefundRefusal>] =
    &[self_refundable, in_time, within_the_attempts];

impl RefundEligibilityPolicy {
    /// What returning these lines moves, when a buyer may return them now. `None` means all that are left.
    /// `attempts` are the learner's attempts for every line whose policy caps them; a missing count is never
    /// taken for "none".
    ///
    /// # Errors
    /// The first of [`RefundEligibilityPolicy::refusals`].
    pub fn check(
        order: &Order,
        lines: Option<&[OrderLineId]>,
        attempts: &BTreeMap<OrderLineId, u32>,
        now: Timestamp,
    ) -> Result<RefundPlan, RefundRefusal> {
        if let Some(refusal) = Self::refusals(order, lines, attempts, now).into_iter().next() {
            return Err(refusal);
        }
        let plan = order.refund_amounts(lines);
        plan.map_err(|error| RefundRefusal::Order(RefundObstacle { line: None, error }))
    }

    /// Every reason why a buyer may not return these lines now, the order's own first; empty when they may.
    pub fn refusals(
        order: &Order,
        lines: Option<&[OrderLineId]>,
        attempts: &BTreeMap<OrderLineId, u32>,
        now: Timestamp,
    ) -> Vec<RefundRefusal> {
        let asked = Return { attempts, now };
        let obstacles = order.refund_obstacles(lines).into_iter().map(RefundRefusal::Order);
        let of_line = |line| RULES.iter().filter_map(|rule| rule(line, &asked)).collect::<Vec<_>>();
        obstacles.chain(order.returnable(lines).flat_map(of_line)).collect()
    }
}

fn self_refundable(line: &OrderLine, _: &Return<'_>) -> Option<RefundRefusal> {
    let never = line.offer.refund_policy.refund_days() == 0;
    never.then_some(RefundRefusal::NotSelfRefundable { line: line.id })
}

/// `now <= deadline` is in time. Where there are no days there is nothing to be late for.
fn in_time(line: &OrderLine, asked: &Return<'_>) -> Option<RefundRefusal> {
    let deadline = line.refund_deadline.filter(|deadline| asked.now > *deadline)?;
    let days = line.offer.refund_policy.refund_days();
    (days > 0).then_some(RefundRefusal::DeadlinePassed { line: line.id, deadline })
}

fn within_the_attempts(line: &OrderLine, asked: &Return<'_>) -> Option<RefundRefusal> {
    let cap = line.offer.refund_policy.attempts_cap()?;
    match asked.attempts.get(&line.id) {
        None => Some(RefundRefusal::Indeterminate { line: line.id }),
        Some(attempts) if *attempts > cap => {
            Some(RefundRefusal::AttemptsExceeded { line: line.id, attempts: *attempts, cap })
        }
        Some(_) => None,
    }
}

#[cfg(test)]
#[path = "refund_eligibility_tests.rs"]
mod tests;
