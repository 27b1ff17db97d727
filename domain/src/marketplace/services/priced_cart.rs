//! A cart with its prices: what a quote and an order freeze.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{CouponId, Currency, Money, OrderLineId, TenantId},
    marketplace::{
        listing::Offer,
        values::{CouponCode, Discount, Owner, SeatCount},
    },
};

/// Lines with prices and discounts, before tax. Made by `PricingCalculator::price` only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PricedCart {
    /// The one currency of all amounts.
    pub currency: Currency,
    /// The lines, as ordered.
    pub lines: Vec<PricedLine>,
    /// The coupons in the order they were applied.
    pub discounts: Vec<AppliedDiscount>,
    /// The sum of the lines' subtotals.
    pub subtotal: Money,
    /// The sum of the discounts.
    pub discount_total: Money,
}

/// One line with its prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PricedLine {
    /// The line.
    pub id: OrderLineId,
    /// What is bought.
    pub offer: Offer,
    /// Seats; 1 for what is not a seat pack.
    pub quantity: SeatCount,
    /// Packs: `quantity / offer.plan_seats` for a seat pack, else 1.
    pub packs: u32,
    /// The price of one pack.
    pub unit_price: Money,
    /// `unit_price * packs`.
    pub subtotal: Money,
    /// What the coupons take off this line.
    pub discount_total: Money,
    /// `subtotal - discount_total`, before tax.
    pub net: Money,
    /// The platform's share of `net`.
    pub fee_amount: Money,
    /// The provider's share of `net`; both sum to it.
    pub provider_amount: Money,
}

/// What one coupon takes off.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppliedDiscount {
    /// The coupon.
    pub coupon_id: CouponId,
    /// Its code.
    pub code: CouponCode,
    /// In all.
    pub amount: Money,
    /// Per line, in the cart's order; sums to `amount`.
    pub per_line: Vec<Money>,
    /// By which terms; none in documents that were stored before the terms were kept.
    #[serde(default)]
    pub terms: Option<AppliedTerms>,
    /// Whose coupon it is; none in documents that were stored before the owner was kept.
    #[serde(default)]
    pub owner: Option<Owner>,
}

/// A coupon's terms as they were when it was applied: what explains its amounts for ever.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppliedTerms {
    /// What it takes off.
    pub discount: Discount,
    /// Only this provider's lines are eligible; none: all lines are.
    pub provider_scope: Option<TenantId>,
}
