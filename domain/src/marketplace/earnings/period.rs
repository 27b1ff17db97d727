//! Which period a line goes to (marketplace.md 6; ruling R61).
//!
//! Both functions take the periods that one provider has in one currency, in any order. Periods close
//! strictly in month order, so every accruing one is later than every closed one. The answer is an accruing
//! period or one to open.

use super::EarningsState;
use crate::kernel::PeriodMonth;

/// Where a sale goes: to the month in which it was fulfilled, opened if need be; once that month or a later
/// one is closed, to the earliest accruing period after, or else to the month after the last closed one.
pub fn period_for_sale(periods: &[(PeriodMonth, EarningsState)], fulfilled_in: PeriodMonth) -> PeriodMonth {
    if fulfilled_in == not_before(periods, fulfilled_in) {
        return fulfilled_in;
    }
    period_for_debit(periods, fulfilled_in)
}

/// Where the debit of a sale goes that stands in `sale_period`: there while it accrues, else to the earliest
/// accruing period not before it, or else to the month after the last closed one.
pub fn period_for_debit(periods: &[(PeriodMonth, EarningsState)], sale_period: PeriodMonth) -> PeriodMonth {
    let from = not_before(periods, sale_period);
    let accruing = periods.iter().filter(|(_, state)| *state == EarningsState::Accruing);
    accruing.map(|(month, _)| *month).filter(|month| *month >= from).min().unwrap_or(from)
}

/// `month`, or the month after the last closed period when that is later.
fn not_before(periods: &[(PeriodMonth, EarningsState)], month: PeriodMonth) -> PeriodMonth {
    let closed = periods.iter().filter(|(_, state)| *state != EarningsState::Accruing);
    closed.map(|(month, _)| month.next()).max().map_or(month, |after| after.max(month))
}
