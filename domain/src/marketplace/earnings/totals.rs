//! A period's sums. Money is never negative, so what is owed the other way round is a deficit.

use serde::{Deserialize, Serialize};

use super::{EarningsLine, LineKind};
use crate::kernel::{Currency, Money, MoneyError};

/// The sums of a period's lines, and what follows from them:
/// `netPayable - closingDeficit = credits - debits`, one of the two being zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EarningsTotals {
    /// Sales net of discount, before tax. A credit.
    pub gross_revenue: Money,
    /// The platform's fees of the sales. A debit.
    pub platform_fee: Money,
    /// Fees the platform returned with refunds. A credit.
    pub fee_reversed: Money,
    /// Sales given back, before tax. A debit.
    pub refunds: Money,
    /// Tax withheld from the provider. A debit.
    pub taxes_withheld: Money,
    /// The closing deficit of the month before. A debit.
    pub opening_deficit: Money,
    /// What the platform pays: credits beyond debits, else zero.
    pub net_payable: Money,
    /// What the next month opens with: debits beyond credits, else zero.
    pub closing_deficit: Money,
}

impl EarningsTotals {
    /// Of no lines.
    pub fn zero(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            gross_revenue: zero,
            platform_fee: zero,
            fee_reversed: zero,
            refunds: zero,
            taxes_withheld: zero,
            opening_deficit: zero,
            net_payable: zero,
            closing_deficit: zero,
        }
    }

    /// With one more line. Of [`EarningsTotals::zero`] it is what the line adds, for a store that increments.
    ///
    /// # Errors
    /// [`MoneyError`] for another currency or an overflow.
    pub fn with(&self, line: &EarningsLine) -> Result<Self, MoneyError> {
        let mut sums = *self;
        // A zero amount of another currency is another currency too.
        for amount in [&line.gross, &line.fee, &line.net] {
            self.net_payable.same_currency(amount)?;
        }
        let add = |sum: &mut Money, amount| sum.checked_add(amount).map(|total| *sum = total);
        match line.kind {
            LineKind::Sale => {
                add(&mut sums.gross_revenue, &line.gross)?;
                add(&mut sums.platform_fee, &line.fee)?;
            }
            LineKind::Refund => add(&mut sums.refunds, &line.gross)?,
            LineKind::FeeReversal => add(&mut sums.fee_reversed, &line.fee)?,
            LineKind::Tax => add(&mut sums.taxes_withheld, &line.gross)?,
            LineKind::Carry => add(&mut sums.opening_deficit, &line.gross)?,
        }
        sums.settled()
    }

    /// `grossRevenue + feeReversed`.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn credits(&self) -> Result<Money, MoneyError> {
        self.gross_revenue.checked_add(&self.fee_reversed)
    }

    /// `platformFee + refunds + taxesWithheld + openingDeficit`.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn debits(&self) -> Result<Money, MoneyError> {
        let debits = [self.platform_fee, self.refunds, self.taxes_withheld, self.opening_deficit];
        Money::sum(self.net_payable.currency(), &debits)
    }

    /// Whether all amounts are in `currency` and the last two follow from the others.
    pub(super) fn is_settled(&self, currency: Currency) -> bool {
        self.net_payable.currency() == currency && self.settled().as_ref() == Ok(self)
    }

    /// With `netPayable` and `closingDeficit` computed from the others.
    fn settled(&self) -> Result<Self, MoneyError> {
        let (credits, debits) = (self.credits()?, self.debits()?);
        let (net_payable, closing_deficit) =
            (credits.saturating_sub(&debits)?, debits.saturating_sub(&credits)?);
        Ok(Self { net_payable, closing_deficit, ..*self })
    }
}
