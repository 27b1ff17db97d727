//! How amounts come about: exact fractions, floors, and where the units left over go.

use super::TaxBasis;
use crate::{
    kernel::Money,
    marketplace::{order::OrderData, services::AppliedDiscount, values::Discount},
};

/// An exact number of minor units, such as 967.5 cents as 9675 of 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    /// The upper part.
    pub numerator: u128,
    /// The lower part, not zero.
    pub denominator: u128,
}

/// A part of an amount that was split: what it came to, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The part before rounding, in minor units.
    pub exact: Ratio,
    /// The part rounded down.
    pub floor: Money,
    /// Whether the part has one of the units that rounding down left over: they go to the largest
    /// fractions, of equal ones to the first.
    pub remainder_unit: bool,
    /// What the derivation comes to: `floor`, and the unit.
    pub derived: Money,
    /// The part as it is frozen.
    pub amount: Money,
}

/// The shares of `whole` by weights, beside the frozen parts. None when nothing can be split: no weight.
fn shares(whole: Money, weights: &[u64], frozen: &[Money]) -> Option<Vec<Share>> {
    let denominator: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    let derived = whole.allocate(weights).ok().filter(|_| denominator > 0)?;
    let rows = weights.iter().zip(derived).zip(frozen);
    let share = |((weight, derived), amount): ((&u64, Money), &Money)| {
        let numerator = u128::from(weight_of(&whole)).checked_mul(u128::from(*weight))?;
        let floor = i64::try_from(numerator.checked_div(denominator)?).ok()?;
        let floor = Money::from_minor_units(floor, whole.currency()).ok()?;
        Some(Share {
            exact: Ratio { numerator, denominator },
            floor,
            remainder_unit: derived != floor,
            derived,
            amount: *amount,
        })
    };
    rows.map(share).collect()
}

/// A split in two that always has a derivation: of weights that are both zero, nothing of nothing.
pub(super) fn pair(whole: Money, weights: [u64; 2], frozen: [Money; 2]) -> [Share; 2] {
    let found = shares(whole, &weights, &frozen).and_then(|shares| shares.try_into().ok());
    let nothing = Money::zero(whole.currency());
    found.unwrap_or_else(|| {
        frozen.map(|amount| Share {
            exact: Ratio { numerator: 0, denominator: 1 },
            floor: nothing,
            remainder_unit: false,
            derived: nothing,
            amount,
        })
    })
}

/// A coupon's derivation.
pub(super) struct DerivedCoupon {
    pub(super) base: Option<Money>,
    pub(super) exact: Option<Ratio>,
    pub(super) shares: Vec<Option<Share>>,
}

/// From its terms and what the coupons before it left; nothing where the terms were not kept.
pub(super) fn coupon(data: &OrderData, discount: &AppliedDiscount, left: &[Money]) -> DerivedCoupon {
    let Some(terms) = &discount.terms else {
        return DerivedCoupon { base: None, exact: None, shares: Vec::new() };
    };
    let eligible: Vec<bool> = data
        .lines
        .iter()
        .map(|line| terms.provider_scope.as_ref().is_none_or(|only| *only == line.offer.provider_tenant_id))
        .collect();
    let weights: Vec<u64> = eligible
        .iter()
        .zip(left)
        .map(|(eligible, left)| if *eligible { weight_of(left) } else { 0 })
        .collect();
    let whole = weights.iter().try_fold(0_u64, |sum, weight| sum.checked_add(*weight));
    let base = whole
        .and_then(|units| i64::try_from(units).ok())
        .and_then(|units| Money::from_minor_units(units, data.currency).ok());
    let exact = base.map(|base| match terms.discount {
        Discount::Percent { value } => Ratio {
            numerator: u128::from(weight_of(&base)).saturating_mul(u128::from(value)),
            denominator: 100,
        },
        Discount::Fixed { amount } => {
            Ratio { numerator: u128::from(weight_of(&amount).min(weight_of(&base))), denominator: 1 }
        }
    });
    let shares = shares(discount.amount, &weights, &discount.per_line).unwrap_or_default();
    let shares = shares.into_iter().zip(eligible).map(|(share, eligible)| eligible.then_some(share));
    DerivedCoupon { base, exact, shares: shares.collect() }
}

/// The amount of a coupon before rounding, rounded: half a unit away from zero.
pub(super) fn rounded(exact: Ratio, like: &Money) -> Option<Money> {
    let twice = exact.numerator.checked_mul(2)?.checked_add(exact.denominator)?;
    let units = twice.checked_div(exact.denominator.checked_mul(2)?)?;
    Money::from_minor_units(i64::try_from(units).ok()?, like.currency()).ok()
}

/// How the lines' taxes came about.
pub(super) struct DerivedTaxes {
    pub(super) basis: Option<TaxBasis>,
    /// One a line: none where billing named the tax, or has not answered.
    pub(super) shares: Vec<Option<Share>>,
}

/// Whether the taxes are their total spread over the nets.
pub(super) fn taxes(data: &OrderData) -> DerivedTaxes {
    let none = vec![None; data.lines.len()];
    let frozen: Option<Vec<Money>> = data.lines.iter().map(|line| line.tax_total).collect();
    let (Some(total), Some(frozen)) = (data.tax_total, frozen) else {
        return DerivedTaxes { basis: None, shares: none };
    };
    let weights: Vec<u64> = data.lines.iter().map(|line| weight_of(&line.net)).collect();
    match shares(total, &weights, &frozen) {
        Some(shares) if shares.iter().all(|share| share.derived == share.amount) => {
            DerivedTaxes { basis: Some(TaxBasis::Allocated), shares: shares.into_iter().map(Some).collect() }
        }
        Some(_) | None => DerivedTaxes { basis: Some(TaxBasis::PerLine), shares: none },
    }
}

fn weight_of(amount: &Money) -> u64 {
    amount.minor_units().unsigned_abs()
}
