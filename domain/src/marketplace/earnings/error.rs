//! Why a period refuses.

use super::{ClosingEvidence, EarningsAction, EarningsState, LineKind};
use crate::kernel::{Coded, IllegalTransition, Kind, Money, MoneyError, OrderLineId, PeriodMonth, Timestamp};

/// Why a period refuses. The seed gives earnings no invariant ids, so none is named.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EarningsError {
    /// Only an accruing period takes lines.
    #[error("the period {period} is {state:?} and takes no more lines")]
    PeriodClosed {
        /// The period.
        period: PeriodMonth,
        /// Its state.
        state: EarningsState,
    },
    /// The order line has been taken back before, by a refund or a dispute.
    #[error("the order line {order_line_id:?} has been taken back before")]
    AlreadyReversed {
        /// The order line.
        order_line_id: Option<OrderLineId>,
    },
    /// The line's amounts or references do not fit its kind.
    #[error("the amounts and references of a {0:?} line do not fit together")]
    LineInconsistent(LineKind),
    /// A carry comes from the month before only.
    #[error("{from} is not the month before {period}")]
    NotPredecessor {
        /// The month offered.
        from: PeriodMonth,
        /// This period.
        period: PeriodMonth,
    },
    /// The month is still running.
    #[error("the month ends at {ends_at}")]
    MonthNotOver {
        /// Its end.
        ends_at: Timestamp,
    },
    /// A sale can still be refunded.
    #[error("its sales can be refunded until {until}")]
    Held {
        /// The latest refund deadline.
        until: Timestamp,
    },
    /// Something is under way that would change the period.
    #[error("refunds, disputes or fulfilments are still open: {0:?}")]
    NotSettled(ClosingEvidence),
    /// The earlier period's closing deficit has not been carried in yet.
    #[error("the period {predecessor} comes first")]
    PredecessorOpen {
        /// The earlier period.
        predecessor: PeriodMonth,
    },
    /// A line does not stand in the statement yet.
    #[error("{sealed} of {lines} lines are sealed")]
    NotSealed {
        /// How many lines there are.
        lines: u64,
        /// How many of them are sealed.
        sealed: u64,
    },
    /// Something is due and no payout was named.
    #[error("{due:?} is due: a payout is needed")]
    PayoutRequired {
        /// How much.
        due: Money,
    },
    /// A payout was named and nothing is due.
    #[error("nothing is due in this period")]
    NothingDue,
    /// The state table has no such edge.
    #[error(transparent)]
    InvalidTransition(#[from] IllegalTransition<EarningsState, EarningsAction>),
    /// Another currency than the period's, or an overflow.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// Stored data is no valid period.
    #[error("stored earnings break a rule: {0}")]
    Corrupt(&'static str),
}

impl Coded for EarningsError {
    fn code(&self) -> &'static str {
        match self {
            Self::PeriodClosed { .. } => "earnings.period_closed",
            Self::AlreadyReversed { .. } => "earnings.already_reversed",
            Self::LineInconsistent(_) => "earnings.line_inconsistent",
            Self::NotPredecessor { .. } => "earnings.not_predecessor",
            Self::MonthNotOver { .. } => "earnings.month_not_over",
            Self::Held { .. } => "earnings.held",
            Self::NotSettled(_) => "earnings.not_settled",
            Self::PredecessorOpen { .. } => "earnings.predecessor_open",
            Self::NotSealed { .. } => "earnings.not_sealed",
            Self::PayoutRequired { .. } => "earnings.payout_required",
            Self::NothingDue => "earnings.nothing_due",
            Self::InvalidTransition(_) => "earnings.invalid_transition",
            Self::Money(error) => error.code(),
            Self::Corrupt(_) => "earnings.corrupt",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::PeriodClosed { .. }
            | Self::AlreadyReversed { .. }
            | Self::MonthNotOver { .. }
            | Self::Held { .. }
            | Self::NotSettled(_)
            | Self::PredecessorOpen { .. }
            | Self::NotSealed { .. }
            | Self::PayoutRequired { .. }
            | Self::NothingDue
            | Self::InvalidTransition(_) => Kind::Conflict,
            Self::LineInconsistent(_) | Self::NotPredecessor { .. } | Self::Corrupt(_) => Kind::Invalid,
            Self::Money(error) => error.kind(),
        }
    }
}
