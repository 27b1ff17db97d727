//! `RefundEligibilityPolicy`: whether a *buyer* may return lines (marketplace.md 2).
//!
//! Administrators, disputes and compensations bypass it. Whether the order *can* be refunded at all is
//! for `Order::plan_refund` to say.

use std::collections::BTreeMap;

use crate::{
    kernel::{Coded, Detail, Kind, OrderLineId, Timestamp},
    marketplace::order::{OrderData, OrderLine},
};

/// Why a buyer may not return a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefusal {
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

impl Coded for RefundRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotSelfRefundable { .. } => "refund.not_self_refundable",
            Self::DeadlinePassed { .. } => "refund.deadline_passed",
            Self::AttemptsExceeded { .. } => "refund.attempts_exceeded",
            Self::Indeterminate { .. } => "refund.indeterminate",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotSelfRefundable { .. } | Self::DeadlinePassed { .. } | Self::AttemptsExceeded { .. } => {
                Kind::Conflict
            }
            Self::Indeterminate { .. } => Kind::Unavailable,
        }
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        let text = |value: &dyn ToString| Detail::Text(value.to_string());
        match self {
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

impl RefundEligibilityPolicy {
    /// Whether a buyer may return these lines now. `attempts` are the learner's attempts for every line
    /// whose policy caps them; a missing count is never taken for "none".
    ///
    /// # Errors
    /// The first of [`RefundEligibilityPolicy::refusals`].
    pub fn check(
        order: &OrderData,
        lines: &[OrderLineId],
        attempts: &BTreeMap<OrderLineId, u32>,
        now: Timestamp,
    ) -> Result<(), RefundRefusal> {
        Self::refusals(order, lines, attempts, now).into_iter().next().map_or(Ok(()), Err)
    }

    /// Every reason why a buyer may not return these lines now; empty when they may. Lines the order does not
    /// have are passed over: `Order::plan_refund` refuses them.
    pub fn refusals(
        order: &OrderData,
        lines: &[OrderLineId],
        attempts: &BTreeMap<OrderLineId, u32>,
        now: Timestamp,
    ) -> Vec<RefundRefusal> {
        let asked = order.lines.iter().filter(|line| lines.contains(&line.id));
        asked.flat_map(|line| too_late(line, now).into_iter().chain(too_used(line, attempts))).collect()
    }
}

/// `now <= deadline` is in time.
fn too_late(line: &OrderLine, now: Timestamp) -> Option<RefundRefusal> {
    if line.offer.refund_policy.refund_days() == 0 {
        return Some(RefundRefusal::NotSelfRefundable { line: line.id });
    }
    let deadline = line.refund_deadline.filter(|deadline| now > *deadline)?;
    Some(RefundRefusal::DeadlinePassed { line: line.id, deadline })
}

fn too_used(line: &OrderLine, attempts: &BTreeMap<OrderLineId, u32>) -> Option<RefundRefusal> {
    let cap = line.offer.refund_policy.attempts_cap()?;
    match attempts.get(&line.id) {
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
