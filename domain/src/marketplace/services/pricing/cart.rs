//! What a buyer asks for, checked: the only thing that can be priced.

use std::collections::BTreeSet;

use super::PricingError;
use crate::{
    kernel::{Currency, OrderLineId},
    marketplace::{
        listing::Offer,
        values::{PlanKind, SeatCount},
    },
};

/// Lines an order may have (O-INV-5).
pub const MAX_LINES: usize = 50;

/// One thing to buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartLine {
    /// The id its order line will have.
    pub id: OrderLineId,
    /// What the listing sells, frozen.
    pub offer: Offer,
    /// Seats for a seat pack, else 1.
    pub quantity: SeatCount,
}

impl CartLine {
    /// Packs bought: `quantity / plan seats` for a seat pack, else 1.
    ///
    /// # Errors
    /// `order.quantity_not_multiple` or `order.quantity_must_be_one`.
    pub fn packs(&self) -> Result<u32, PricingError> {
        let (line, quantity) = (self.id, self.quantity.get());
        match self.offer.plan_kind {
            PlanKind::SeatPack => {
                // L-INV-5 gives every seat pack its seats.
                let pack = self.offer.plan_seats.unwrap_or(SeatCount::ONE).get();
                let packs = quantity.checked_div(pack).unwrap_or_default();
                let below = packs.saturating_mul(pack);
                if below == quantity {
                    return Ok(packs);
                }
                let nearest = [Some(below).filter(|seats| *seats > 0), below.checked_add(pack)];
                Err(PricingError::QuantityNotMultiple { line, quantity, pack, nearest })
            }
            PlanKind::OneTime | PlanKind::Subscription | PlanKind::SiteLicense if quantity == 1 => Ok(1),
            PlanKind::OneTime | PlanKind::Subscription | PlanKind::SiteLicense => {
                Err(PricingError::QuantityMustBeOne { line, quantity })
            }
        }
    }
}

/// 1 to 50 lines in one currency, no plan twice, every quantity one that is sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cart {
    currency: Currency,
    lines: Vec<CartLine>,
}

impl Cart {
    /// Lines as a buyer asked for them; their order is kept. O(n log n).
    ///
    /// # Errors
    /// [`PricingError`]: O-INV-1, O-INV-5, no lines, a plan twice, a quantity that is not sold.
    pub fn try_new(currency: Currency, lines: Vec<CartLine>) -> Result<Self, PricingError> {
        if lines.is_empty() {
            return Err(PricingError::NoLines);
        }
        if lines.len() > MAX_LINES {
            return Err(PricingError::TooManyLines { lines: lines.len(), max: MAX_LINES });
        }
        let mut plans = BTreeSet::new();
        for line in &lines {
            let offered = line.offer.price.currency();
            if offered != currency {
                return Err(PricingError::CurrencyMismatch { line: line.id, offered, order: currency });
            }
            if !plans.insert((line.offer.listing_id, line.offer.pricing_plan_id)) {
                return Err(PricingError::DuplicateLine { line: line.id });
            }
            line.packs()?;
        }
        Ok(Self { currency, lines })
    }

    /// The order's currency.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The lines, as asked for.
    pub fn lines(&self) -> &[CartLine] {
        &self.lines
    }

    /// The lines by value.
    pub(super) fn into_lines(self) -> Vec<CartLine> {
        self.lines
    }
}
