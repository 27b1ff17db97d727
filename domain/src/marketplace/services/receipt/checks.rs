//! The proof of a receipt: equations over its numbers, each with both of its sides.

use super::{CouponStep, Receipt, ReceiptLine, derive::rounded};
use crate::{
    kernel::{Currency, Money, OrderLineId},
    marketplace::order::RefundState,
};

/// One equation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The equation in words.
    pub name: &'static str,
    /// The line, coupon or refund it is about; none: the order.
    pub of: Option<String>,
    /// What its left side comes to; none: no amount at all, such as one below zero.
    pub left: Option<Money>,
    /// What its right side comes to.
    pub right: Option<Money>,
}

impl Check {
    /// Whether both sides are one amount.
    pub fn holds(&self) -> bool {
        self.left.is_some() && self.left == self.right
    }
}

/// Collects equations.
struct Proof<'r> {
    receipt: &'r Receipt,
    checks: Vec<Check>,
}

/// Every equation over a receipt's numbers.
pub(super) fn of(receipt: &Receipt) -> Vec<Check> {
    let mut proof = Proof { receipt, checks: Vec::new() };
    receipt.lines.iter().for_each(|line| proof.line(line));
    receipt.coupons.iter().for_each(|coupon| proof.coupon(coupon));
    proof.order();
    proof.refunds();
    proof.checks
}

fn sum(currency: Currency, amounts: impl IntoIterator<Item = Money>) -> Option<Money> {
    let amounts: Vec<Money> = amounts.into_iter().collect();
    Money::sum(currency, &amounts).ok()
}

impl Proof<'_> {
    fn equal(&mut self, name: &'static str, of: Option<String>, left: Option<Money>, right: Option<Money>) {
        self.checks.push(Check { name, of, left, right });
    }

    fn line(&mut self, line: &ReceiptLine) {
        let currency = self.receipt.currency;
        let of = || Some(line.order_line_id.to_string());
        let split = &line.split;
        self.equal(
            "unitPrice * packs = subtotal",
            of(),
            line.unit_price.checked_mul(line.packs).ok(),
            Some(line.subtotal),
        );
        let parts = self.receipt.coupons.iter().filter_map(|coupon| part(coupon, line.order_line_id));
        let off = sum(currency, parts);
        self.equal("coupon shares = discountTotal", of(), off, Some(line.discount_total));
        let net = line.subtotal.checked_sub(&line.discount_total).ok();
        self.equal("subtotal - discountTotal = net", of(), net, Some(line.net));
        self.equal("derived fee = fee", of(), Some(split.fee.derived), Some(split.fee.amount));
        self.equal(
            "derived provider share = provider share",
            of(),
            Some(split.provider.derived),
            Some(split.provider.amount),
        );
        let shares = split.fee.amount.checked_add(&split.provider.amount).ok();
        self.equal("fee + provider share = net", of(), shares, Some(line.net));
        if let Some(tax) = line.tax {
            self.equal("net + tax = total", of(), line.net.checked_add(&tax).ok(), line.total);
        }
        if let Some(share) = line.tax_share {
            self.equal("derived tax = tax", of(), Some(share.derived), line.tax);
        }
    }

    fn coupon(&mut self, coupon: &CouponStep) {
        let of = || Some(coupon.coupon_id.to_string());
        let parts = sum(self.receipt.currency, coupon.lines.iter().map(|line| line.amount));
        self.equal("shares = amount", of(), parts, Some(coupon.amount));
        if let (Some(base), Some(exact)) = (coupon.base, coupon.exact) {
            self.equal("rounded amount = amount", of(), rounded(exact, &base), Some(coupon.amount));
            let left = base.checked_sub(&coupon.amount).ok();
            self.equal("base - amount = remaining", of(), left, coupon.remaining);
        }
        for line in &coupon.lines {
            let of = || Some(format!("{}/{}", coupon.coupon_id, line.order_line_id));
            let after = line.before.checked_sub(&line.amount).ok();
            self.equal("before - share = after", of(), after, Some(line.after));
            if let Some(share) = line.share {
                self.equal("derived share = share", of(), Some(share.derived), Some(line.amount));
            } else if coupon.discount.is_some() {
                let nothing = Money::zero(self.receipt.currency);
                self.equal(
                    "0 = share of a line that is not eligible",
                    of(),
                    Some(nothing),
                    Some(line.amount),
                );
            }
        }
    }

    fn order(&mut self) {
        let (receipt, currency) = (self.receipt, self.receipt.currency);
        let of_lines = |amount: fn(&ReceiptLine) -> Money| sum(currency, receipt.lines.iter().map(amount));
        let (subtotal, discounts) = (Some(receipt.subtotal), Some(receipt.discount_total));
        let net = receipt.subtotal.checked_sub(&receipt.discount_total).ok();
        self.equal("subtotals of the lines = subtotal", None, of_lines(|line| line.subtotal), subtotal);
        let coupons = sum(currency, receipt.coupons.iter().map(|coupon| coupon.amount));
        self.equal("coupons = discountTotal", None, coupons, discounts);
        let off = of_lines(|line| line.discount_total);
        self.equal("discounts of the lines = discountTotal", None, off, discounts);
        let nets = of_lines(|line| line.net);
        self.equal("nets of the lines = subtotal - discountTotal", None, nets, net);
        let (fees, providers) =
            (of_lines(|line| line.split.fee.amount), of_lines(|line| line.split.provider.amount));
        let shares = fees.zip(providers).and_then(|(fees, providers)| fees.checked_add(&providers).ok());
        self.equal("fees + provider shares = nets of the lines", None, shares, nets);
        if let Some(tax) = receipt.tax_total {
            let taxes = sum(currency, receipt.lines.iter().filter_map(|line| line.tax));
            self.equal("taxes of the lines = taxTotal", None, taxes, Some(tax));
            let due = net.and_then(|net| net.checked_add(&tax).ok());
            self.equal("subtotal - discountTotal + taxTotal = totals", None, due, receipt.totals);
            let lines = receipt.lines.iter().map(|line| line.total).collect::<Option<Vec<_>>>();
            let totals = lines.and_then(|lines| sum(currency, lines));
            self.equal("totals of the lines = totals", None, totals, receipt.totals);
        }
    }

    fn refunds(&mut self) {
        let (receipt, currency) = (self.receipt, self.receipt.currency);
        for refund in &receipt.refunds {
            let lines = receipt.lines.iter().filter(|line| refund.lines.contains(&line.order_line_id));
            let totals = lines.map(|line| line.total).collect::<Option<Vec<_>>>();
            let totals = totals.and_then(|totals| sum(currency, totals));
            let of = Some(refund.id.to_string());
            self.equal("totals of the refunded lines = amount", of, totals, Some(refund.amount));
        }
        let succeeded = receipt.refunds.iter().filter(|refund| refund.state == RefundState::Succeeded);
        let returned = sum(currency, succeeded.map(|refund| refund.amount));
        self.equal("refunds that succeeded = refundedTotal", None, returned, Some(receipt.refunded_total));
        if receipt.totals.is_some() {
            let returned = receipt.lines.iter().filter(|line| line.refunded).map(|line| line.total);
            let returned = returned.collect::<Option<Vec<_>>>().and_then(|totals| sum(currency, totals));
            let total = Some(receipt.refunded_total);
            self.equal("totals of the lines that went back = refundedTotal", None, returned, total);
        }
    }
}

/// What a coupon takes off a line.
fn part(coupon: &CouponStep, line: OrderLineId) -> Option<Money> {
    coupon.lines.iter().find(|share| share.order_line_id == line).map(|share| share.amount)
}
