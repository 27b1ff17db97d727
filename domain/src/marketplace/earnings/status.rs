//! A period's states and how they follow each other (marketplace.md 6).

use serde::{Deserialize, Serialize};

use crate::kernel::Edge;

/// Where a period is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EarningsState {
    /// Lines are entered.
    Accruing,
    /// Closed: its amounts are final, its payout may be asked for.
    Ready,
    /// Paid out, or nothing was due.
    Paid,
}

/// What happens to a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EarningsAction {
    /// A line is entered.
    Accrue,
    /// The month before's closing deficit is entered.
    Carry,
    /// The period is closed.
    Close,
    /// Billing has paid it out, or nothing was due.
    MarkPaid,
}

/// Every state.
pub const STATES: &[EarningsState] = &[EarningsState::Accruing, EarningsState::Ready, EarningsState::Paid];

/// Every action.
pub const ACTIONS: &[EarningsAction] =
    &[EarningsAction::Accrue, EarningsAction::Carry, EarningsAction::Close, EarningsAction::MarkPaid];

/// States without a way out.
pub const TERMINAL: &[EarningsState] = &[EarningsState::Paid];

/// One row an edge: from, action, to, guards. The seed names no invariant here; the conditions of `close`
/// and `mark_paid` are in their commands.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<EarningsState, EarningsAction>] = {
    use EarningsAction::{Accrue, Carry, Close, MarkPaid};
    use EarningsState::{Accruing, Paid, Ready};
    &[
        Edge::new(Accruing, Accrue,   Accruing, &[]),
        Edge::new(Accruing, Carry,    Accruing, &[]),
        Edge::new(Accruing, Close,    Ready,    &[]),
        Edge::new(Ready,    MarkPaid, Paid,     &[]),
    ]
};
