//! A pricing plan: what is sold at which price (L-INV-4, L-INV-5, L-INV-9, L-INV-10, AC-1).

use serde::{Deserialize, Serialize};

use super::{edit::Patch, error::ListingError};
use crate::{
    kernel::{Currency, Money, PricingPlanId},
    marketplace::values::{PlanKind, SeatCount},
};

/// One way to buy a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PricingPlan {
    /// The plan.
    pub id: PricingPlanId,
    /// How it sells.
    pub kind: PlanKind,
    /// The currency of its price, repeated (L-INV-10).
    pub currency: Currency,
    /// The price of one pack, before tax.
    pub price: Money,
    /// Seats in a pack; for a site licence its limit, none when unlimited.
    pub seats: Option<SeatCount>,
    /// Months a period lasts: of a subscription, or of a site licence that ends.
    pub interval_months: Option<u32>,
    /// Whether the course may be kept offline for ever.
    pub perpetual_offline_access: bool,
    /// Whether it is on sale. Existing subscriptions of an inactive plan go on.
    pub active: bool,
}

/// Everything of a plan but its id, valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanTerms {
    kind: PlanKind,
    price: Money,
    seats: Option<SeatCount>,
    interval_months: Option<u32>,
    perpetual_offline_access: bool,
    active: bool,
}

/// A change of a plan: what is named changes. After approval only `active` may be named (L-INV-9).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanEdit {
    /// How it sells.
    pub kind: Option<PlanKind>,
    /// The price.
    pub price: Option<Money>,
    /// The price's currency, repeated.
    pub currency: Option<Currency>,
    /// Seats.
    pub seats: Patch<u32>,
    /// Months a period lasts.
    pub interval_months: Patch<u32>,
    /// Whether the course may be kept offline for ever.
    pub perpetual_offline_access: Option<bool>,
    /// Whether it is on sale.
    pub active: Option<bool>,
}

impl PlanTerms {
    /// Terms that make sense together. `currency`, when named, is the price's. A price of zero is fine.
    ///
    /// | kind | seats | `intervalMonths` |
    /// |---|---|---|
    /// | one-time | none or 1 | none |
    /// | subscription | none or 1 | at least 1 |
    /// | seat pack | at least 1 | none |
    /// | site licence | none, or at least 1 | none, or at least 1 |
    ///
    /// # Errors
    /// [`ListingError::PlanCurrency`] (L-INV-10), [`ListingError::IntervalMissing`] (L-INV-4),
    /// [`ListingError::SeatsMissing`] (L-INV-5), or what does not fit the kind.
    pub fn try_new(
        kind: PlanKind,
        price: Money,
        currency: Option<Currency>,
        seats: Option<u32>,
        interval_months: Option<u32>,
        perpetual_offline_access: bool,
        active: bool,
    ) -> Result<Self, ListingError> {
        use PlanKind::{OneTime, SeatPack, SiteLicense, Subscription};

        if let Some(plan) = currency.filter(|plan| *plan != price.currency()) {
            return Err(ListingError::PlanCurrency { plan, price: price.currency() });
        }
        match (kind, interval_months) {
            (Subscription, None | Some(0)) => return Err(ListingError::IntervalMissing),
            (OneTime | SeatPack, Some(_)) | (SiteLicense, Some(0)) => {
                return Err(ListingError::IntervalMisplaced(kind));
            }
            (OneTime | SeatPack | SiteLicense, None) | (Subscription | SiteLicense, Some(_)) => {}
        }
        let seats = match (kind, seats) {
            (SeatPack, None | Some(0)) => return Err(ListingError::SeatsMissing),
            (SiteLicense, Some(0)) | (OneTime | Subscription, Some(0 | 2..)) => {
                return Err(ListingError::SeatsMisplaced(kind));
            }
            (OneTime | Subscription | SiteLicense, None) => None,
            (OneTime | Subscription | SeatPack | SiteLicense, Some(count)) => {
                Some(SeatCount::try_new(count).map_err(|_| ListingError::SeatsMisplaced(kind))?)
            }
        };
        Ok(Self { kind, price, seats, interval_months, perpetual_offline_access, active })
    }
}

impl PricingPlan {
    /// The plan of these terms.
    pub fn new(id: PricingPlanId, terms: PlanTerms) -> Self {
        let PlanTerms { kind, price, seats, interval_months, perpetual_offline_access, active } = terms;
        Self {
            id,
            kind,
            currency: price.currency(),
            price,
            seats,
            interval_months,
            perpetual_offline_access,
            active,
        }
    }

    /// Whether a stored plan holds money of its own currency only (AC-1).
    pub(super) fn check_money(&self) -> Result<(), ListingError> {
        if self.currency == self.price.currency() { Ok(()) } else { Err(ListingError::ForeignMoney(self.id)) }
    }

    /// The same, as a rule of the plan (L-INV-10).
    pub(super) fn check_currency(&self) -> Result<(), ListingError> {
        let (plan, price) = (self.currency, self.price.currency());
        if plan == price { Ok(()) } else { Err(ListingError::PlanCurrency { plan, price }) }
    }

    /// Whether the terms of a stored plan are some that [`PlanTerms::try_new`] lets pass.
    pub(super) fn check_terms(&self) -> Result<(), ListingError> {
        PlanEdit::default().over(self).map(drop)
    }
}

impl PlanEdit {
    /// Whether nothing but `active` is named.
    pub fn only_activity(&self) -> bool {
        Self { active: None, ..self.clone() } == Self::default()
    }

    /// The terms that `plan` has after this change.
    pub(super) fn over(self, plan: &PricingPlan) -> Result<PlanTerms, ListingError> {
        PlanTerms::try_new(
            self.kind.unwrap_or(plan.kind),
            self.price.unwrap_or(plan.price),
            self.currency,
            self.seats.over(plan.seats.map(|seats| seats.get())),
            self.interval_months.over(plan.interval_months),
            self.perpetual_offline_access.unwrap_or(plan.perpetual_offline_access),
            self.active.unwrap_or(plan.active),
        )
    }
}
