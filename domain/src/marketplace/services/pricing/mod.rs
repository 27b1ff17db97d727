//! Prices, discounts and shares of a cart, before tax (seed 002, section 6; marketplace.md 2 and 4).
//!
//! Everything is a pure function of the cart and the **set** of coupons. Parts always sum to the whole,
//! because each amount is computed once and allocated over the lines, largest remainder first.

mod cart;
mod error;
#[cfg(test)]
pub(super) mod tests;

use std::collections::BTreeSet;

pub use cart::{Cart, CartLine, MAX_LINES};
pub use error::PricingError;

use super::{AppliedDiscount, AppliedTerms, PricedCart, PricedLine, revenue_share::RevenueShareCalculator};
use crate::{
    kernel::{Currency, Money, MoneyError},
    marketplace::{coupon::CouponTerms, values::Discount},
};

/// Coupons an order takes.
pub const MAX_COUPONS: usize = 5;

/// Computes what an order costs.
#[derive(Debug)]
pub struct PricingCalculator;

impl PricingCalculator {
    /// Prices a cart. O(lines x coupons).
    ///
    /// Coupons apply percent first, then fixed, then by coupon id; each sees what the ones before it left.
    /// A percentage is taken once of the eligible lines' remaining sum, a fixed amount is at most that sum;
    /// both are allocated over the eligible lines by what is left of each. Order and repetition of the
    /// coupons given do not matter.
    ///
    /// # Errors
    /// [`PricingError`]: too many coupons, coupons that do not stack, C-INV-4, a coupon that takes nothing
    /// off, an overflow.
    pub fn price(cart: Cart, coupons: &[CouponTerms]) -> Result<PricedCart, PricingError> {
        let currency = cart.currency();
        let coupons = in_order_of_application(coupons, currency)?;
        let mut lines = cart.into_lines().into_iter().map(full_price).collect::<Result<Vec<_>, _>>()?;
        let subtotal = Money::sum(currency, lines.iter().map(|line| &line.subtotal))?;
        let discounts = coupons
            .into_iter()
            .map(|coupon| apply(coupon, currency, &mut lines))
            .collect::<Result<Vec<_>, _>>()?;
        let discount_total = Money::sum(currency, discounts.iter().map(|discount| &discount.amount))?;
        for line in &mut lines {
            let split = RevenueShareCalculator::split(line.net, line.offer.revenue_share)?;
            (line.fee_amount, line.provider_amount) = (split.fee, split.provider);
        }
        Ok(PricedCart { currency, lines, discounts, subtotal, discount_total })
    }

    /// Spreads a tax that billing states as a total only over the lines' net amounts, in their order (R48).
    ///
    /// # Errors
    /// [`MoneyError`] when a net amount is in another currency than the tax, or when there is a tax and
    /// every net amount is zero.
    pub fn allocate_tax(tax_total: Money, nets: &[Money]) -> Result<Vec<Money>, MoneyError> {
        nets.iter().try_for_each(|net| tax_total.same_currency(net))?;
        tax_total.allocate(&nets.iter().map(weight).collect::<Vec<_>>())
    }
}

/// The set in the order in which it applies, when it may be combined: at most five coupons, at most one
/// unscoped and one per provider, fixed ones in the cart's currency.
fn in_order_of_application(
    coupons: &[CouponTerms],
    currency: Currency,
) -> Result<Vec<&CouponTerms>, PricingError> {
    let mut ordered: Vec<&CouponTerms> = coupons.iter().collect();
    ordered.sort_by_key(|coupon| (matches!(coupon.discount, Discount::Fixed { .. }), coupon.coupon_id));
    ordered.dedup();
    if ordered.len() > MAX_COUPONS {
        return Err(PricingError::TooManyCoupons { coupons: ordered.len(), max: MAX_COUPONS });
    }
    let (mut ids, mut scopes) = (BTreeSet::new(), BTreeSet::new());
    for coupon in &ordered {
        if !ids.insert(coupon.coupon_id) || !scopes.insert(&coupon.provider_scope) {
            return Err(PricingError::CouponNotStackable { code: coupon.code.clone() });
        }
        match coupon.discount {
            Discount::Fixed { amount } if amount.currency() != currency => {
                return Err(PricingError::CouponCurrencyMismatch {
                    code: coupon.code.clone(),
                    coupon: amount.currency(),
                    order: currency,
                });
            }
            Discount::Fixed { .. } | Discount::Percent { .. } => {}
        }
    }
    Ok(ordered)
}

/// A line before any coupon; its shares follow when its net is final.
fn full_price(line: CartLine) -> Result<PricedLine, PricingError> {
    let packs = line.packs()?;
    let unit_price = line.offer.price;
    let subtotal = unit_price.checked_mul(packs)?;
    let nothing = Money::zero(unit_price.currency());
    Ok(PricedLine {
        id: line.id,
        offer: line.offer,
        quantity: line.quantity,
        packs,
        unit_price,
        subtotal,
        discount_total: nothing,
        net: subtotal,
        fee_amount: nothing,
        provider_amount: nothing,
    })
}

/// Takes one coupon off what is left of the lines.
fn apply(
    coupon: &CouponTerms,
    currency: Currency,
    lines: &mut [PricedLine],
) -> Result<AppliedDiscount, PricingError> {
    let nothing = Money::zero(currency);
    let left: Vec<Money> = lines
        .iter()
        .map(|line| match &coupon.provider_scope {
            Some(provider) if *provider != line.offer.provider_tenant_id => nothing,
            Some(_) | None => line.net,
        })
        .collect();
    let remaining = Money::sum(currency, &left)?;
    let amount = match coupon.discount {
        Discount::Percent { value } => remaining.basis_points(value.saturating_mul(100))?,
        Discount::Fixed { amount } => amount.min(&remaining)?,
    };
    if amount.is_zero() {
        return Err(PricingError::CouponNotApplicable { code: coupon.code.clone() });
    }
    let per_line = amount.allocate(&left.iter().map(weight).collect::<Vec<_>>())?;
    for (line, part) in lines.iter_mut().zip(&per_line) {
        line.discount_total = line.discount_total.checked_add(part)?;
        line.net = line.net.checked_sub(part)?;
    }
    let terms = AppliedTerms { discount: coupon.discount, provider_scope: coupon.provider_scope.clone() };
    Ok(AppliedDiscount {
        coupon_id: coupon.coupon_id,
        code: coupon.code.clone(),
        amount,
        per_line,
        terms: Some(terms),
        owner: Some(coupon.owner.clone()),
    })
}

/// An amount as a weight of an allocation.
fn weight(amount: &Money) -> u64 {
    amount.minor_units().unsigned_abs()
}
