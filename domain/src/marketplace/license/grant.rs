//! How a licence comes to be: bought, given as a gift, or granted by an administrator.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{
        CourseId, CourseVersionId, LicenseId, ListingId, OrderId, OrderLineId, Root, SeatId, TenantId,
        Timestamp, UserId,
    },
    marketplace::{
        listing::Offer,
        values::{Capacity, PlanKind, SeatCount},
    },
};

use super::{
    GiftClaim, License, LicenseData, LicenseError, LicenseEvent, LicenseState, ValidityWindow,
    WaitlistCounts, seat::Seats, waitlist::Waitlist,
};

/// For whom a licence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LicenseScope {
    /// One person; exactly one seat (LI-INV-6).
    Individual,
    /// The people a tenant assigns seats to.
    Org,
}

impl LicenseScope {
    /// The scope a plan sells.
    pub fn of(plan: PlanKind) -> Self {
        match plan {
            PlanKind::OneTime | PlanKind::Subscription => Self::Individual,
            PlanKind::SeatPack | PlanKind::SiteLicense => Self::Org,
        }
    }
}

/// Where a licence comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An order line.
    Purchase,
    /// An administrator's gift, claimed by a code.
    Gift,
    /// An administrator's grant.
    Manual,
}

/// What is licensed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenseTerms {
    /// The listing it was sold under.
    pub listing_id: ListingId,
    /// Who sells.
    pub provider_tenant_id: TenantId,
    /// The course.
    pub course_id: CourseId,
    /// The exact version.
    pub course_version_id: CourseVersionId,
    /// How the plan sells.
    pub plan_kind: PlanKind,
    /// How many may sit.
    pub capacity: Capacity,
    /// Months a period lasts; none: one period that never ends.
    pub interval_months: Option<u32>,
    /// Whether the course may be kept offline for ever.
    pub perpetual_offline_access: bool,
}

impl LicenseTerms {
    /// What `quantity` seats of an offer license: one seat for an individual plan, `quantity` for a seat
    /// pack, the plan's seats or no limit for a site licence. Only subscriptions and site licences end.
    pub fn of(offer: &Offer, quantity: SeatCount) -> Self {
        let (capacity, interval_months) = match offer.plan_kind {
            PlanKind::OneTime => (Capacity::Limited(SeatCount::ONE), None),
            PlanKind::Subscription => (Capacity::Limited(SeatCount::ONE), offer.interval_months),
            PlanKind::SeatPack => (Capacity::Limited(quantity), None),
            PlanKind::SiteLicense => {
                (offer.plan_seats.map_or(Capacity::Unlimited, Capacity::Limited), offer.interval_months)
            }
        };
        Self {
            listing_id: offer.listing_id,
            provider_tenant_id: offer.provider_tenant_id.clone(),
            course_id: offer.course_id.clone(),
            course_version_id: offer.course_version_id.clone(),
            plan_kind: offer.plan_kind,
            capacity,
            interval_months,
            perpetual_offline_access: offer.perpetual_offline_access,
        }
    }
}

/// Who takes the first seat, and that seat's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learner {
    /// The seat's id.
    pub seat_id: SeatId,
    /// The user.
    pub user_id: UserId,
}

/// Where a new licence comes from, with what each source must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A paid order line.
    Purchase {
        /// The order.
        order_id: OrderId,
        /// The line; with `period_index` the licence's key (R59).
        order_line_id: OrderLineId,
        /// 0 for the purchase; a period paid after the licence had expired is a licence of its own.
        period_index: u32,
        /// Until when the buyer may return it.
        refund_deadline: Option<Timestamp>,
        /// Who takes the seat; required for an individual plan.
        learner: Option<Learner>,
    },
    /// An individual licence for whoever claims it with a code.
    Gift {
        /// Who gives it.
        actor: UserId,
        /// Why.
        reason: String,
        /// [`GiftClaim::hash`] of the code; the code itself is never stored.
        code_hash: String,
    },
    /// A grant without an order.
    Manual {
        /// Who grants it.
        actor: UserId,
        /// Why.
        reason: String,
        /// Who takes the first seat; required for an individual plan (R60).
        learner: Option<Learner>,
    },
}

impl Origin {
    fn source(&self) -> Source {
        match self {
            Self::Purchase { .. } => Source::Purchase,
            Self::Gift { .. } => Source::Gift,
            Self::Manual { .. } => Source::Manual,
        }
    }
}

/// A licence to grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLicense {
    /// Its id.
    pub id: LicenseId,
    /// The tenant whose people may learn.
    pub tenant_id: TenantId,
    /// What is licensed.
    pub terms: LicenseTerms,
    /// Where it comes from.
    pub origin: Origin,
    /// When its first period began; periods are counted from here. For a purchase the time of payment, for a
    /// later period of it the [`LicenseData::anchor`] of the first licence. A gift's moves to its claim.
    pub anchor: Timestamp,
}

impl License {
    /// Grants a licence. The learner, when one is named, has the first seat.
    ///
    /// # Errors
    /// - [`LicenseError::IndividualSeats`] (LI-INV-6), [`LicenseError::EmptyWindow`] (LI-INV-4)
    /// - [`LicenseError::LearnerRequired`] when nobody would hold an individual licence
    /// - [`LicenseError::GiftNotIndividual`], [`LicenseError::ReasonRequired`]
    pub fn grant(new: NewLicense, now: Timestamp) -> Result<Self, LicenseError> {
        let NewLicense { id, tenant_id, terms, origin, anchor } = new;
        let mut data = LicenseData {
            id,
            tenant_id,
            provider_tenant_id: terms.provider_tenant_id,
            listing_id: terms.listing_id,
            course_id: terms.course_id,
            course_version_id: terms.course_version_id,
            pricing_plan_kind: terms.plan_kind,
            scope: LicenseScope::of(terms.plan_kind),
            capacity: terms.capacity,
            active_seats: 0,
            consumed_seats: 0,
            waitlist: WaitlistCounts::default(),
            holder: None,
            anchor,
            validity: ValidityWindow::try_new(anchor, None)?,
            interval_months: terms.interval_months,
            period_index: 0,
            paid_through: 0,
            state: LicenseState::Active,
            last_transition: None,
            grandfathered: false,
            source: origin.source(),
            order_id: None,
            order_line_id: None,
            refund_deadline: None,
            perpetual_offline_access: terms.perpetual_offline_access,
            gift: None,
            grant_actor: None,
            grant_reason: None,
            created_at: now,
            updated_at: now,
        };
        let learner = match origin {
            Origin::Purchase { order_id, order_line_id, period_index, refund_deadline, learner } => {
                data.order_id = Some(order_id);
                data.order_line_id = Some(order_line_id);
                data.period_index = period_index;
                data.paid_through = period_index;
                data.refund_deadline = refund_deadline;
                learner
            }
            Origin::Gift { actor, reason, code_hash } => {
                data.grant_actor = Some(actor);
                data.grant_reason = Some(given(reason)?);
                data.gift = Some(GiftClaim::open(code_hash, now));
                None
            }
            Origin::Manual { actor, reason, learner } => {
                data.grant_actor = Some(actor);
                data.grant_reason = Some(given(reason)?);
                learner
            }
        };
        if data.scope == LicenseScope::Individual {
            if data.capacity != Capacity::Limited(SeatCount::ONE) {
                return Err(LicenseError::IndividualSeats { seats: data.capacity.seats() });
            }
            if learner.is_none() && data.gift.is_none() {
                return Err(LicenseError::LearnerRequired);
            }
            data.holder = learner.as_ref().map(|learner| learner.user_id.clone());
        } else if data.gift.is_some() {
            return Err(LicenseError::GiftNotIndividual);
        }
        // The periods of a gift begin with its claim.
        if data.gift.is_none() {
            data.validity = ValidityWindow::period(anchor, data.interval_months, data.period_index)?;
        }

        let mut license =
            Self { root: Root::new(data), seats: Seats::default(), waitlist: Waitlist::default() };
        license.root.record(LicenseEvent::granted(&license.root.data, learner.as_ref()));
        if let Some(Learner { seat_id, user_id }) = learner {
            let active_seats = license.allocator().allocate(LicenseState::Active)?;
            let seat = license.occupy(seat_id, user_id, active_seats, now)?;
            // The saga enrols the learner of the period it sold; all others are enrolled by this event (R52).
            let sold_by_saga =
                license.root.data.source == Source::Purchase && license.root.data.period_index == 0;
            if !sold_by_saga {
                license.announce(&seat);
            }
        }
        Ok(license)
    }
}

/// A reason that says something.
fn given(reason: String) -> Result<String, LicenseError> {
    if reason.trim().is_empty() { Err(LicenseError::ReasonRequired) } else { Ok(reason) }
}
