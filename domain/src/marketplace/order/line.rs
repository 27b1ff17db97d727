//! One line of an order: a snapshot that nothing in the catalogue can change any more.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::OrderError;
use crate::{
    kernel::{CourseId, LicenseId, Money, MoneyError, OrderLineId, TenantId, Timestamp},
    marketplace::{
        listing::Offer,
        services::{PricedCart, PricedLine},
        values::SeatCount,
    },
};

/// One line: what is bought, for how much, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderLine {
    /// Its key.
    pub id: OrderLineId,
    /// The listing and the plan as they were when the order was placed.
    pub offer: Offer,
    /// Seats; 1 for what is not a seat pack.
    pub quantity: SeatCount,
    /// Packs the seats come in.
    pub packs: u32,
    /// The price of one pack, before tax.
    pub unit_price: Money,
    /// `unitPrice * packs`.
    pub subtotal: Money,
    /// What the coupons take off.
    pub discount_total: Money,
    /// `subtotal - discountTotal`, before tax.
    pub net: Money,
    /// The platform's share of `net`, frozen.
    pub fee_amount: Money,
    /// The provider's share of `net`, frozen; both sum to it.
    pub provider_amount: Money,
    /// The tax, once billing has answered.
    pub tax_total: Option<Money>,
    /// The last instant at which the buyer may return the line; set when the order is paid (O-INV-3).
    pub refund_deadline: Option<Timestamp>,
    /// The licence granted for the line, once the order is fulfilled.
    pub license_id: Option<LicenseId>,
    /// Whether its money went back.
    pub refunded: bool,
}

/// What goes back for one line: its frozen amounts, never computed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundedLine {
    /// The line.
    pub order_line_id: OrderLineId,
    /// Its licence, which ends; none before fulfilment.
    pub license_id: Option<LicenseId>,
    /// Who sold it.
    pub provider_tenant_id: TenantId,
    /// What the buyer gets: `net + taxTotal`.
    pub amount: Money,
    /// The part before tax.
    pub net: Money,
    /// The tax.
    pub tax_total: Money,
    /// The platform's share that is reversed.
    pub fee_amount: Money,
    /// The provider's share that is reversed.
    pub provider_amount: Money,
    /// The platform's basis points the shares were made with.
    pub platform_bps: u32,
}

impl OrderLine {
    pub(super) fn of(line: PricedLine) -> Self {
        Self {
            id: line.id,
            offer: line.offer,
            quantity: line.quantity,
            packs: line.packs,
            unit_price: line.unit_price,
            subtotal: line.subtotal,
            discount_total: line.discount_total,
            net: line.net,
            fee_amount: line.fee_amount,
            provider_amount: line.provider_amount,
            tax_total: None,
            refund_deadline: None,
            license_id: None,
            refunded: false,
        }
    }

    /// Whether its licence is one person's.
    pub(super) fn is_personal(&self) -> bool {
        self.offer.plan_kind.is_personal()
    }

    /// The last instant to return a line of an order paid at `paid_at`.
    pub(super) fn deadline_from(&self, paid_at: Timestamp) -> Timestamp {
        paid_at.plus_days(self.offer.refund_policy.refund_days())
    }

    /// What goes back when the line is returned.
    pub(super) fn refund(&self) -> Result<RefundedLine, MoneyError> {
        let tax_total = self.tax_total.unwrap_or(Money::zero(self.net.currency()));
        Ok(RefundedLine {
            order_line_id: self.id,
            license_id: self.license_id,
            provider_tenant_id: self.offer.provider_tenant_id.clone(),
            amount: self.net.checked_add(&tax_total)?,
            net: self.net,
            tax_total,
            fee_amount: self.fee_amount,
            provider_amount: self.provider_amount,
            platform_bps: self.offer.revenue_share.platform_bps(),
        })
    }
}

/// Refuses a cart with a personal line for a course of which the buyer already holds a personal licence.
///
/// `held` are the courses of the buyer's active individual licences.
///
/// # Errors
/// [`OrderError::AlreadyLicensed`] naming the first such course.
pub fn refuse_held(cart: &PricedCart, held: &BTreeSet<CourseId>) -> Result<(), OrderError> {
    let mut offers = cart.lines.iter().map(|line| &line.offer);
    match offers.find(|offer| offer.plan_kind.is_personal() && held.contains(&offer.course_id)) {
        Some(offer) => Err(OrderError::AlreadyLicensed(offer.course_id.clone())),
        None => Ok(()),
    }
}

/// Refuses a cart with a personal line of a buyer who is nobody that learns.
///
/// # Errors
/// [`OrderError::LearnerRequired`] naming the course of the first such line.
pub fn refuse_personal(cart: &PricedCart) -> Result<(), OrderError> {
    let mut offers = cart.lines.iter().map(|line| &line.offer);
    match offers.find(|offer| offer.plan_kind.is_personal()) {
        Some(offer) => Err(OrderError::LearnerRequired(offer.course_id.clone())),
        None => Ok(()),
    }
}
