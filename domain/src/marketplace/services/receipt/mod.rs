//! A receipt that proves itself: how every amount of an order came about (marketplace.md 10.2).
//!
//! The amounts shown are the frozen ones. Beside each stands its derivation, and [`Check`]s say that both
//! agree and that nothing is lost between the parts and the whole. Nothing here changes an amount.

mod checks;
mod derive;
#[cfg(test)]
mod tests;

pub use checks::Check;
pub use derive::{Ratio, Share};

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{CouponId, Currency, Money, OrderId, OrderLineId, RefundId, TenantId},
    marketplace::{
        order::{OrderData, OrderLine, Refund, RefundSource, RefundState},
        services::AppliedDiscount,
        values::{CouponCode, Discount, RevenueShare},
    },
};

/// How an order's amounts came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The order.
    pub order_id: OrderId,
    /// The currency of every amount.
    pub currency: Currency,
    /// The lines.
    pub lines: Vec<ReceiptLine>,
    /// The coupons in the order in which they were applied.
    pub coupons: Vec<CouponStep>,
    /// The sum of the lines' subtotals.
    pub subtotal: Money,
    /// The sum of the coupons.
    pub discount_total: Money,
    /// How the lines' taxes came about; none before billing answered.
    pub tax_basis: Option<TaxBasis>,
    /// The tax.
    pub tax_total: Option<Money>,
    /// What is due.
    pub totals: Option<Money>,
    /// What went back or is to go back.
    pub refunds: Vec<ReceiptRefund>,
    /// The sum of what went back.
    pub refunded_total: Money,
    /// The proof: computed from the numbers above.
    pub checks: Vec<Check>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptLine {
    /// The line.
    pub order_line_id: OrderLineId,
    /// Who sells it.
    pub provider_tenant_id: TenantId,
    /// The price of one pack.
    pub unit_price: Money,
    /// How many.
    pub packs: u32,
    /// `unitPrice * packs`.
    pub subtotal: Money,
    /// What the coupons take off.
    pub discount_total: Money,
    /// `subtotal - discountTotal`.
    pub net: Money,
    /// The tax; none before billing answered.
    pub tax: Option<Money>,
    /// Its part of a tax that is spread over the lines.
    pub tax_share: Option<Share>,
    /// `net + tax`; none before billing answered.
    pub total: Option<Money>,
    /// The parts of `net`.
    pub split: ReceiptSplit,
    /// Whether its money went back.
    pub refunded: bool,
}

/// Who gets how much of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptSplit {
    /// The frozen shares, in basis points.
    pub revenue_share: RevenueShare,
    /// The platform's.
    pub fee: Share,
    /// The provider's. Where both shares are fractions, the odd unit is with one of the two.
    pub provider: Share,
}

/// One coupon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CouponStep {
    /// The coupon.
    pub coupon_id: CouponId,
    /// Its code.
    pub code: CouponCode,
    /// What it takes off; none where its terms were not kept.
    pub discount: Option<Discount>,
    /// The provider whose lines alone are eligible; none: all lines are, or the terms were not kept.
    pub provider_scope: Option<TenantId>,
    /// What was left of the eligible lines before it; none where its terms were not kept.
    pub base: Option<Money>,
    /// Its amount before rounding, in minor units; none where its terms were not kept.
    pub exact: Option<Ratio>,
    /// What it takes off in all.
    pub amount: Money,
    /// What is left of the eligible lines after it.
    pub remaining: Option<Money>,
    /// What it takes off each line.
    pub lines: Vec<CouponShare>,
}

/// What a coupon takes off a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CouponShare {
    /// The line.
    pub order_line_id: OrderLineId,
    /// What was left of it before.
    pub before: Money,
    /// How the part came about; none for a line that is not eligible, or where the terms were not kept.
    pub share: Option<Share>,
    /// The part.
    pub amount: Money,
    /// What is left of it after.
    pub after: Money,
}

/// How the lines' taxes came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxBasis {
    /// Billing named the tax of each line.
    PerLine,
    /// They are the total, spread over what is left of the lines. So are those that billing named, where
    /// both come to the same.
    Allocated,
}

/// One refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptRefund {
    /// The refund.
    pub id: RefundId,
    /// Who wanted it.
    pub source: RefundSource,
    /// How it stands.
    pub state: RefundState,
    /// Its lines.
    pub lines: Vec<OrderLineId>,
    /// How much.
    pub amount: Money,
}

impl Receipt {
    /// The receipt of an order and its refunds. Total: a document whose numbers contradict each other gives
    /// a receipt with a check that does not hold.
    pub fn of<'r>(data: &OrderData, refunds: impl IntoIterator<Item = &'r Refund>) -> Self {
        let taxes = derive::taxes(data);
        let lines: Vec<_> =
            data.lines.iter().zip(&taxes.shares).map(|(line, tax)| shown(line, *tax)).collect();
        let mut left: Vec<Money> = data.lines.iter().map(|line| line.subtotal).collect();
        let coupons = data.discounts.iter().map(|discount| step(data, discount, &mut left)).collect();
        let refunds = refunds.into_iter().map(ReceiptRefund::from).collect();
        let mut receipt = Self {
            order_id: data.id,
            currency: data.currency,
            lines,
            coupons,
            subtotal: data.subtotal,
            discount_total: data.discount_total,
            tax_basis: taxes.basis,
            tax_total: data.tax_total,
            totals: data.totals,
            refunds,
            refunded_total: data.refunded_total,
            checks: Vec::new(),
        };
        receipt.checks = checks::of(&receipt);
        receipt
    }

    /// Whether every check holds.
    pub fn holds(&self) -> bool {
        self.checks.iter().all(Check::holds)
    }
}

fn shown(line: &OrderLine, tax_share: Option<Share>) -> ReceiptLine {
    let share = line.offer.revenue_share;
    // As the split itself: the provider comes first because a tie goes to the lower index.
    let weights = [share.provider_bps(), share.platform_bps()].map(u64::from);
    let [provider, fee] = derive::pair(line.net, weights, [line.provider_amount, line.fee_amount]);
    ReceiptLine {
        order_line_id: line.id,
        provider_tenant_id: line.offer.provider_tenant_id.clone(),
        unit_price: line.unit_price,
        packs: line.packs,
        subtotal: line.subtotal,
        discount_total: line.discount_total,
        net: line.net,
        tax: line.tax_total,
        tax_share,
        total: line.tax_total.and_then(|tax| line.net.checked_add(&tax).ok()),
        split: ReceiptSplit { revenue_share: share, fee, provider },
        refunded: line.refunded,
    }
}

/// One coupon over what the ones before it left.
fn step(data: &OrderData, discount: &AppliedDiscount, left: &mut [Money]) -> CouponStep {
    let before = left.to_vec();
    for (left, part) in left.iter_mut().zip(&discount.per_line) {
        *left = left.saturating_sub(part).unwrap_or(*left);
    }
    let derived = derive::coupon(data, discount, &before);
    let nothing = Money::zero(data.currency);
    let parts = discount.per_line.iter().copied().chain(std::iter::repeat(nothing));
    let shares = derived.shares.into_iter().chain(std::iter::repeat(None));
    let rows = data.lines.iter().zip(before).zip(parts).zip(shares).zip(left.iter());
    CouponStep {
        coupon_id: discount.coupon_id,
        code: discount.code.clone(),
        discount: discount.terms.as_ref().map(|terms| terms.discount),
        provider_scope: discount.terms.as_ref().and_then(|terms| terms.provider_scope.clone()),
        base: derived.base,
        exact: derived.exact,
        amount: discount.amount,
        remaining: derived.base.and_then(|base| base.checked_sub(&discount.amount).ok()),
        lines: rows
            .map(|((((line, before), amount), share), after)| CouponShare {
                order_line_id: line.id,
                before,
                share,
                amount,
                after: *after,
            })
            .collect(),
    }
}

impl From<&Refund> for ReceiptRefund {
    fn from(refund: &Refund) -> Self {
        Self {
            id: refund.id,
            source: refund.source,
            state: refund.state,
            lines: refund.lines.clone(),
            amount: refund.amount,
        }
    }
}
