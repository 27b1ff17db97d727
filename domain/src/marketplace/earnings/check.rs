//! What holds of every stored period, one row a rule; the seed gives them no ids.

use super::{EarningsData, EarningsError, EarningsLine, EarningsState, EarningsTotals, ProviderEarnings};
use crate::kernel::{Audited, Rule, require};

type Result = std::result::Result<(), EarningsError>;

impl Audited for ProviderEarnings {
    #[rustfmt::skip]
    const RULES: &'static [Rule<Self>] = &[
        Rule::<Self>::ours(|data, _| holds(data.totals.is_settled(data.key.currency), "netPayable and closingDeficit follow from the totals")),
        Rule::<Self>::ours(|data, _| holds(closed(data) == data.ready_at.is_some(),   "readyAt is set exactly when closed")),
        Rule::<Self>::ours(|data, _| holds(paid(data) == data.paid_at.is_some(),      "paidAt is set exactly when paid")),
        Rule::<Self>::ours(|data, _| holds(data.ready_at.is_none() || data.ready_at >= not_before(data), "ready after the month and its last refund deadline")),
        Rule::<Self>::ours(|data, _| holds(data.payout_id.is_some() == (paid(data) && !data.totals.net_payable.is_zero()), "a payout exactly when paid and something was due")),
        Rule::<Self>::ours(|data, _| holds(data.carried_from.is_none_or(|from| from.next() == data.key.period_month), "the carry is the month before's")),
        Rule::<Self>::ours(|data, _| holds(data.carried_from.is_some() || data.totals.opening_deficit.is_zero(), "an opening deficit was carried in")),
        Rule::<Self>::ours(|_, rows| holds(rows.iter().all(EarningsLine::is_consistent), "a line's amounts fit its kind")),
        Rule::<Self>::ours(|data, _| holds(anchored(data) <= data.line_count,         "no more lines are anchored than were counted")),
        Rule::<Self>::ours(|data, rows| holds(loaded(rows) <= data.line_count,        "no more lines than were counted")),
        Rule::<Self>::ours(|data, rows| holds(loaded(rows) < data.line_count || sums(data, rows), "the totals are the sums of the lines")),
        Rule::<Self>::ours(|data, rows| holds(loaded(rows) == data.line_count,        "as many lines as were counted")).whole(),
    ];
}

impl ProviderEarnings {
    /// Checks the root, and the totals against the lines when all are loaded. O(loaded lines).
    ///
    /// # Errors
    /// [`EarningsError::Corrupt`] with the rule that does not hold.
    pub fn check_invariants(&self) -> Result {
        let lines: Vec<EarningsLine> = self.lines.values().cloned().collect();
        require::<Self>(&self.root.data, &lines)
    }
}

fn holds(holds: bool, rule: &'static str) -> Result {
    if holds { Ok(()) } else { Err(EarningsError::Corrupt(rule)) }
}

fn closed(data: &EarningsData) -> bool {
    data.state != EarningsState::Accruing
}

fn paid(data: &EarningsData) -> bool {
    data.state == EarningsState::Paid
}

fn not_before(data: &EarningsData) -> Option<crate::kernel::Timestamp> {
    data.hold_until.max(Some(data.key.period_month.end()))
}

fn anchored(data: &EarningsData) -> u64 {
    data.anchor.as_ref().map_or(0, |anchor| anchor.count)
}

fn loaded(rows: &[EarningsLine]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}

fn sums(data: &EarningsData, rows: &[EarningsLine]) -> bool {
    let zero = EarningsTotals::zero(data.key.currency);
    rows.iter().try_fold(zero, |totals, line| totals.with(line)) == Ok(data.totals)
}
