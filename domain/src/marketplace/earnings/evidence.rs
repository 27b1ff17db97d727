//! What a period must be told before it closes: facts of other aggregates.

use serde::{Deserialize, Serialize};

use crate::kernel::PeriodMonth;

/// What is still open around a period, read when it is to be closed (ruling R61). A check at a moment, not a
/// transaction: what arrives later goes to the next open period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClosingEvidence {
    /// Refunds of its sales that are asked for but not settled, or settled but not yet entered as debits.
    pub pending_refunds: u32,
    /// Disputes of its sales that are neither won nor lost, or lost but not yet entered: an opened dispute
    /// holds the period, a won one releases it.
    pub open_disputes: u32,
    /// Orders fulfilled, and renewals paid, in its month that are not yet entered as sales.
    pub unprocessed_fulfilments: u32,
    /// The latest earlier period of the same provider and currency, if there is one. It must have been
    /// carried into this one, which also keeps periods closing in month order.
    pub predecessor: Option<PeriodMonth>,
    /// How many of its lines are sealed in its statement: all must be (ruling R63). Lines are only ever added, so
    /// as many sealed as there are now is a fact that cannot go stale.
    pub sealed_lines: u64,
}

impl ClosingEvidence {
    /// Nothing open, nothing before, everything sealed.
    pub const CLEAN: Self = Self {
        pending_refunds: 0,
        open_disputes: 0,
        unprocessed_fulfilments: 0,
        predecessor: None,
        sealed_lines: u64::MAX,
    };

    /// Whether no refund, dispute or fulfilment can still change the period.
    pub fn is_settled(&self) -> bool {
        self.pending_refunds == 0 && self.open_disputes == 0 && self.unprocessed_fulfilments == 0
    }
}
