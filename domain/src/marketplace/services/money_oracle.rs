//! The money oracle: what orders sold is what providers' earnings say, to the minor unit (ruling R72).
//!
//! Per currency, over fulfilled orders: the lines' nets = posted gross + what is not posted yet, and posted
//! gross = platform fee + provider share. The same of what went back. Pure: it is told orders and postings.

use std::collections::BTreeMap;

use crate::{
    kernel::{Currency, Money, MoneyError},
    marketplace::{
        earnings::{EarningsLine, LineKind},
        order::{OrderData, OrderLine},
    },
};

/// One currency's sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MoneyTally {
    /// The lines' nets of fulfilled orders.
    pub sold: Money,
    /// Of these, what is under way to the earnings.
    pub sold_under_way: Money,
    /// Posted sales.
    pub gross: Money,
    /// The platform's part of them.
    pub platform_fee: Money,
    /// The providers' part of them.
    pub provider_share: Money,
    /// The nets of the lines that went back after fulfilment.
    pub returned: Money,
    /// Of these, what is under way to the earnings.
    pub returned_under_way: Money,
    /// Posted refunds.
    pub refunds: Money,
    /// Posted renewals of subscriptions: sold by billing, not by an order.
    pub renewals: Money,
}

impl MoneyTally {
    /// Nothing yet.
    pub fn zero(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            sold: zero,
            sold_under_way: zero,
            gross: zero,
            platform_fee: zero,
            provider_share: zero,
            returned: zero,
            returned_under_way: zero,
            refunds: zero,
            renewals: zero,
        }
    }

    /// Whether both sides are equal to the minor unit.
    pub fn balances(&self) -> bool {
        self.gross.checked_add(&self.sold_under_way) == Ok(self.sold)
            && self.platform_fee.checked_add(&self.provider_share) == Ok(self.gross)
            && self.refunds.checked_add(&self.returned_under_way) == Ok(self.returned)
    }
}

/// The sums of every currency, and what does not agree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MoneyOracle {
    tallies: BTreeMap<Currency, MoneyTally>,
}

impl MoneyOracle {
    /// The sums so far.
    pub fn tallies(&self) -> impl Iterator<Item = (Currency, &MoneyTally)> {
        self.tallies.iter().map(|(currency, tally)| (*currency, tally))
    }

    /// Whether every currency balances.
    pub fn balances(&self) -> bool {
        self.tallies.values().all(MoneyTally::balances)
    }

    /// Takes an order and every posting of its lines in; answers what does not agree. `under_way`: an event of
    /// the order is not yet delivered to the earnings. Orders that are not fulfilled count for nothing.
    ///
    /// # Errors
    /// [`MoneyError`] when amounts of different currencies meet, or a sum is too large.
    pub fn order(
        &mut self,
        order: &OrderData,
        postings: &[EarningsLine],
        under_way: bool,
    ) -> Result<Vec<String>, MoneyError> {
        let mut wrong = Vec::new();
        for line in &order.lines {
            let of_line = postings.iter().filter(|posting| posting.order_line_id == Some(line.id));
            let posted: Vec<&EarningsLine> = of_line.collect();
            wrong.extend(self.line(order, line, &posted, under_way)?);
        }
        Ok(wrong)
    }

    fn line(
        &mut self,
        order: &OrderData,
        line: &OrderLine,
        posted: &[&EarningsLine],
        under_way: bool,
    ) -> Result<Vec<String>, MoneyError> {
        let mut wrong = Vec::new();
        let tally = self.tallies.entry(order.currency).or_insert_with(|| MoneyTally::zero(order.currency));
        let add = |sum: &mut Money, amount: &Money| sum.checked_add(amount).map(|total| *sum = total);
        let Some(fulfilled_at) = order.fulfilled_at else {
            if let Some(posting) = posted.first() {
                add(&mut tally.gross, &posting.gross)?;
                wrong.push(format!("line {} has a posting and its order is not fulfilled", line.id));
            }
            return Ok(wrong);
        };
        // A renewal is a sale of the same line at another time.
        let (own, renewals): (Vec<&EarningsLine>, Vec<&EarningsLine>) = posted
            .iter()
            .filter(|posting| posting.kind == LineKind::Sale)
            .partition(|sale| sale.occurred_at == fulfilled_at);
        for sale in renewals {
            add(&mut tally.renewals, &sale.gross)?;
        }
        add(&mut tally.sold, &line.net)?;
        for sale in &own {
            add(&mut tally.gross, &sale.gross)?;
            add(&mut tally.platform_fee, &sale.fee)?;
            add(&mut tally.provider_share, &sale.net)?;
        }
        let is_right = |sale: &&&EarningsLine| {
            (sale.gross, sale.fee, sale.net) == (line.net, line.fee_amount, line.provider_amount)
        };
        match (own.len(), under_way) {
            (0, true) => add(&mut tally.sold_under_way, &line.net)?,
            (0, false) => {
                wrong.push(format!("line {} was sold and no earnings say so", line.id));
            }
            (1, _) if own.iter().all(|sale| is_right(&sale)) => {}
            (1, _) => {
                wrong.push(format!("line {} is posted with other amounts than it was sold for", line.id));
            }
            (count, _) => {
                wrong.push(format!("line {} is posted {count} times", line.id));
            }
        }
        let refunds: Vec<&&EarningsLine> =
            posted.iter().filter(|posting| posting.kind == LineKind::Refund).collect();
        for refund in &refunds {
            add(&mut tally.refunds, &refund.gross)?;
        }
        if line.refunded {
            add(&mut tally.returned, &line.net)?;
        }
        match (line.refunded, refunds.as_slice(), under_way) {
            (true, [], true) => add(&mut tally.returned_under_way, &line.net)?,
            (true, [], false) => {
                wrong.push(format!("line {} went back and no earnings say so", line.id));
            }
            (true, [refund], _) if refund.gross == line.net => {}
            (false, [], _) => {}
            (true, ..) => {
                wrong.push(format!("line {} went back with other amounts than it was sold for", line.id));
            }
            (false, ..) => {
                wrong.push(format!("line {} is taken back and its order did not return it", line.id));
            }
        }
        Ok(wrong)
    }
}
