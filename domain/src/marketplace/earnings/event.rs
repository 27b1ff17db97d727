//! What a period announces (marketplace.md 6).

use serde::{Deserialize, Serialize};

use super::{EarningsKey, EarningsLine, EarningsTotals, StatementAnchor};
use crate::kernel::{Money, PayoutId, Timestamp, topics};

/// A fact about a period, for its provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum EarningsEvent {
    /// A line was entered.
    Accrued {
        /// The period.
        #[serde(flatten)]
        key: EarningsKey,
        /// The line.
        line: EarningsLine,
    },
    /// The period was closed: billing is asked for the payout, and the next month opened with the carry.
    Ready {
        /// The period.
        #[serde(flatten)]
        key: EarningsKey,
        /// Its final sums; `closingDeficit` is what the next month opens with.
        #[serde(flatten)]
        totals: EarningsTotals,
        /// When.
        ready_at: Timestamp,
    },
    /// The period was paid out, or nothing was due.
    Paid {
        /// The period.
        #[serde(flatten)]
        key: EarningsKey,
        /// How much.
        net_payable: Money,
        /// By which payout; none when nothing was due.
        payout_id: Option<PayoutId>,
        /// When.
        paid_at: Timestamp,
    },
    /// How far its statement goes was signed: nobody can change, remove or add one of these lines any more.
    Anchored {
        /// The period.
        #[serde(flatten)]
        key: EarningsKey,
        /// The signed head.
        anchor: StatementAnchor,
    },
}

impl EarningsEvent {
    /// The period it is about.
    pub fn key(&self) -> &EarningsKey {
        match self {
            Self::Accrued { key, .. }
            | Self::Ready { key, .. }
            | Self::Paid { key, .. }
            | Self::Anchored { key, .. } => key,
        }
    }
}

topics!(EarningsEvent {
    Accrued  => "marketplace.earnings.accrued.v1",
    Ready    => "marketplace.earnings.ready.v1",
    Paid     => "marketplace.earnings.paid.v1",
    Anchored => "marketplace.statement.anchored.v1",
});
