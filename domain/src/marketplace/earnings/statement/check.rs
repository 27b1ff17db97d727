//! The equations of marketplace.md 6, spelled out with their numbers.

use super::{Balance, EarningsTotals, StatementHead};
use crate::kernel::{Money, MoneyError};

/// An equation with what stands on its two sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementCheck {
    /// In words.
    pub equation: &'static str,
    /// What the left side comes to.
    pub left: Balance,
    /// What the right side comes to.
    pub right: Balance,
}

impl StatementCheck {
    /// Whether the two are the same.
    pub fn holds(&self) -> bool {
        self.left == self.right
    }
}

/// Every equation of a statement. The balance is a sum of its own, line by line, so that the last equation
/// compares two ways of adding up.
///
/// # Errors
/// [`MoneyError`] when a sum overflows.
pub fn checks(head: &StatementHead) -> Result<Vec<StatementCheck>, MoneyError> {
    let totals: &EarningsTotals = &head.totals;
    let currency = totals.net_payable.currency();
    let (credits, debits) = (totals.credits()?, totals.debits()?);
    let sum = |parts: &[Money]| Money::sum(currency, parts).map(Balance::from);
    let result = Balance::between(&totals.net_payable, &totals.closing_deficit)?;
    let rows = [
        (
            "credits = grossRevenue + feeReversed",
            credits.into(),
            sum(&[totals.gross_revenue, totals.fee_reversed])?,
        ),
        (
            "debits = platformFee + refunds + taxesWithheld + openingDeficit",
            debits.into(),
            sum(&[totals.platform_fee, totals.refunds, totals.taxes_withheld, totals.opening_deficit])?,
        ),
        (
            "netPayable = max(0, credits - debits)",
            totals.net_payable.into(),
            credits.saturating_sub(&debits)?.into(),
        ),
        (
            "closingDeficit = max(0, debits - credits)",
            totals.closing_deficit.into(),
            debits.saturating_sub(&credits)?.into(),
        ),
        ("netPayable - closingDeficit = credits - debits", result, Balance::between(&credits, &debits)?),
        ("netPayable - closingDeficit = balance of the last line", result, head.balance),
    ];
    Ok(rows.into_iter().map(|(equation, left, right)| StatementCheck { equation, left, right }).collect())
}
