//! A licence: the right of a tenant to use one version of a course, and the seats its people sit on
//! (seed 002, section 3.3; marketplace.md 3).
//!
//! # How a seat is assigned
//!
//! ```text
//! POST /v1/licenses/{id}/seats {userId}
//!   └ License::assign_seat            user sits already? AlreadyApplied, 200
//!       └ SeatAllocator::allocate     LI-INV-3 active?  LI-INV-2 a seat left?   else 409
//!           └ a new SeatAllocation row, activeSeats + 1, event license.seat_assigned.v1, 201
//! ```
//!
//! Seats are rows of their own, so that nobody rewrites 10^5 of them: the root counts them, and a command
//! is given the rows it needs. [`License::assign_seat`] needs that user's, [`License::release_seat`] that
//! seat's, [`License::revoke`] all active ones. Two processes that race for the last seat both read the
//! same version of the root; one of their saves is refused.
//!
//! # Which rule refuses, with which code, and which test shows it
//!
//! The complete list of codes is the table in `error.rs`. The tests are in `tests.rs` and beside it; beside each
//! `li_inv_n_rejects_…` stands what the rule allows.
//!
//! | Rule     | In short                        | Code                         | Test                                                              |
//! |----------|---------------------------------|------------------------------|-------------------------------------------------------------------|
//! | LI-INV-1 | remaining = seats - seats taken | `license.corrupt`            | `li_inv_1_rejects_more_seats_taken_than_there_are`                |
//! | LI-INV-2 | a seat remains                  | `license.no_seats_remaining` | `li_inv_2_rejects_assignment_when_no_seat_remains`                |
//! | LI-INV-3 | the licence is active           | `license.not_active`         | `li_inv_3_rejects_assignment_unless_active`                       |
//! | LI-INV-4 | validUntil > validFrom          | `license.empty_window`       | `li_inv_4_rejects_a_window_that_ends_before_it_begins`            |
//! | LI-INV-5 | revoked for ever                | `license.invalid_transition` | `li_inv_5_rejects_every_move_out_of_revoked`                      |
//! | LI-INV-6 | individual means one seat       | `license.individual_seats`   | `li_inv_6_rejects_an_individual_licence_with_other_than_one_seat` |
//! | LI-INV-7 | a refund settles every seat     | `license.seats_not_loaded`   | `li_inv_7_rejects_a_refund_that_does_not_see_every_seat`          |
//! | LI-INV-7 | a consumed seat stays allocated | `license.seat_consumed`      | `li_inv_7_rejects_releasing_a_consumed_seat`                      |
//! | AC-3     | no learning progress is kept    | no field for it              | `ac_3_rejects_progress_in_a_stored_licence_or_seat`               |
//! | R60      | a gift is claimed once          | `license.already_claimed`    | `a_gift_is_claimed_once`                                          |
//! | R60      | a gift is claimed in 90 days    | `license.claim_expired`      | `a_gift_waits_ninety_days`                                        |
//! | R60      | who waits longest sits first    | `license.waitlist_not_loaded`| `a_release_seats_whoever_waits_longest`                           |
//! | R60      | a lease is at most 72 hours     | `license.lease_hours_out_of_range` | `a_lease_lasts_one_to_seventy_two_hours`                    |
//! | R59      | a late period is a new licence  | `license.invalid_transition` | `a_period_paid_after_the_end_is_a_licence_of_its_own`             |
//! | ours     | an individual seat stays put    | `license.not_org`            | `an_individual_seat_is_not_moved_by_hand`                         |
//!
//! # Where things are
//!
//! `status.rs` the state table, `grant.rs` how a licence begins, `row.rs` and `seat.rs` the rows, `bulk.rs`
//! many seats at once, `waitlist.rs` who waits for one, [`lease`] offline leases, `gift.rs` the claim,
//! `period.rs` renewal and expiry, `revoke.rs` the end, `entitlement.rs` the question all this is for,
//! `check.rs` the rules over stored data, `event.rs` what consumers hear, [`SeatAllocator`] the rule of assignment.

mod bulk;
mod check;
mod entitlement;
mod error;
mod event;
mod gift;
mod grant;
pub mod lease;
mod period;
mod revoke;
mod row;
mod seat;
mod status;
mod validity;
mod waitlist;

#[cfg(test)]
pub(crate) mod tests;

use serde::{Deserialize, Serialize};

pub use self::{
    bulk::{SeatChange, SeatChanged},
    entitlement::Entitlement,
    error::LicenseError,
    event::{LicenseEvent, LicenseFacts},
    gift::GiftClaim,
    grant::{Learner, LicenseScope, LicenseTerms, NewLicense, Origin, Source},
    lease::Leaseholder,
    row::LicenseRow,
    seat::{AssignmentEvidence, SeatAllocation, SeatStatus},
    status::{LicenseAction, LicenseState, RevokeReason, TERMINAL, TRANSITIONS},
    validity::ValidityWindow,
    waitlist::{WaitlistCounts, WaitlistEntry, WaitlistState},
};
use self::{seat::Seats, waitlist::Waitlist};
use crate::{
    kernel::{
        Aggregate, Changes, CourseId, CourseVersionId, LastTransition, LicenseId, ListingId, OrderId,
        OrderLineId, Outcome, Root, SeatId, TenantId, Timestamp, UserId, require,
    },
    marketplace::{
        services::seat_allocator::SeatAllocator,
        values::{Capacity, PlanKind},
    },
};

/// A licence as it is stored, without its seat rows. It says nothing of what anybody learned (AC-3).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LicenseData {
    /// The key.
    pub id: LicenseId,
    /// The tenant whose people may learn.
    pub tenant_id: TenantId,
    /// Who sold it.
    pub provider_tenant_id: TenantId,
    /// The listing it was sold under.
    pub listing_id: ListingId,
    /// The course.
    pub course_id: CourseId,
    /// The exact version, for ever.
    pub course_version_id: CourseVersionId,
    /// How the plan sold.
    pub pricing_plan_kind: PlanKind,
    /// For one person, or for those a tenant assigns seats to.
    pub scope: LicenseScope,
    /// How many seats there are.
    pub capacity: Capacity,
    /// Seats somebody sits on.
    pub active_seats: u32,
    /// Seats that stayed allocated when the licence was taken back (LI-INV-7).
    pub consumed_seats: u32,
    /// Who waits for a seat, counted.
    #[serde(default)]
    pub waitlist: WaitlistCounts,
    /// Whose an individual licence is; none for an org's and for a gift nobody claimed.
    pub holder: Option<UserId>,
    /// The instant all periods are counted from.
    pub anchor: Timestamp,
    /// `validFrom` and `validUntil` (LI-INV-4).
    #[serde(flatten)]
    pub validity: ValidityWindow,
    /// Months a period lasts; none: it never ends.
    pub interval_months: Option<u32>,
    /// The first period it covers; with `orderLineId` its key (R59).
    pub period_index: u32,
    /// The last period it covers.
    pub paid_through: u32,
    /// Where it stands; [`License::state_at`] also knows what time it is.
    pub state: LicenseState,
    /// What led to `state` (R58).
    pub last_transition: Option<LastTransition<LicenseAction>>,
    /// Whether those with a consumed seat keep their access.
    pub grandfathered: bool,
    /// Where it came from.
    pub source: Source,
    /// The order, of a purchase.
    pub order_id: Option<OrderId>,
    /// The order line, of a purchase.
    pub order_line_id: Option<OrderLineId>,
    /// Until when the buyer may return it, of a purchase.
    pub refund_deadline: Option<Timestamp>,
    /// Whether the course may be kept offline for ever.
    pub perpetual_offline_access: bool,
    /// The claim, of a gift.
    pub gift: Option<GiftClaim>,
    /// Who granted it, of a gift or a manual grant.
    pub grant_actor: Option<UserId>,
    /// Why, of a gift or a manual grant.
    pub grant_reason: Option<String>,
    /// When it was granted.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The aggregate.
///
/// ```
/// use sarai_domain::{
///     kernel::{Coded, Outcome, Timestamp},
///     marketplace::{
///         license::{Entitlement, License, LicenseTerms, NewLicense, Origin},
///         values::{Capacity, PlanKind, SeatCount},
///     },
/// };
/// # use sarai_domain::kernel::{Id, IdKind};
/// # fn id<K: IdKind>() -> Id<K> { Id::new(1_u128.into()) }
/// let now: Timestamp = "2026-04-20T09:30:00Z".parse()?;
/// let terms = LicenseTerms {
///     listing_id: id(),
///     provider_tenant_id: "studio".parse()?,
///     course_id: "welding".parse()?,
///     course_version_id: "welding-3".parse()?,
///     plan_kind: PlanKind::SeatPack,
///     capacity: Capacity::Limited(SeatCount::ONE),
///     interval_months: None,
///     perpetual_offline_access: false,
/// };
/// let origin =
///     Origin::Manual { actor: "admin".parse()?, reason: "pilot".to_owned(), learner: None };
/// let new = NewLicense { id: id(), tenant_id: "acme".parse()?, terms, origin, anchor: now };
/// let mut license = License::grant(new, now)?;
///
/// let first = "sal_01ARZ3NDEKTSV4RRFFQ69G5FA1".parse()?;
/// assert_eq!(license.assign_seat(first, "ann".parse()?, now)?, Outcome::Applied);
/// assert_eq!(license.entitles(&"ann".parse()?, now), Entitlement::Entitled);
///
/// let second = "sal_01ARZ3NDEKTSV4RRFFQ69G5FA2".parse()?;
/// let refusal = license.assign_seat(second, "bob".parse()?, now).unwrap_err();
/// assert_eq!(refusal.code(), "license.no_seats_remaining");
/// assert_eq!(refusal.invariant().map(|rule| rule.id), Some("LI-INV-2"));
///
/// assert_eq!(license.release_seat(first, now)?, Outcome::Applied);
/// assert_eq!(license.assign_seat(second, "bob".parse()?, now)?, Outcome::Applied);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct License {
    root: Root<LicenseData, LicenseEvent, LicenseRow>,
    seats: Seats,
    waitlist: Waitlist,
}

impl Aggregate for License {
    type Id = LicenseId;
    type Data = LicenseData;
    type Row = LicenseRow;
    type Event = LicenseEvent;
    type Error = LicenseError;

    const NAME: &'static str = "license";

    fn rehydrate(data: LicenseData, rows: Vec<LicenseRow>, version: u64) -> Result<Self, LicenseError> {
        require::<Self>(&data, &rows)?;
        let (seats, waiting) = row::parted(rows);
        let (seats, waitlist) = (Seats::load(seats)?, Waitlist::load(waiting)?);
        Ok(Self { root: Root::stored(data, version), seats, waitlist })
    }

    fn id(&self) -> LicenseId {
        self.root.data.id
    }

    fn data(&self) -> &LicenseData {
        &self.root.data
    }

    fn version(&self) -> u64 {
        self.root.version()
    }

    fn into_changes(self) -> Changes<Self> {
        let id = self.root.data.id;
        self.root.into_changes(id)
    }
}

// Commands. Those on the whole licence are in grant.rs, gift.rs, period.rs and revoke.rs.
impl License {
    /// Seats a user on an org licence. A user who sits already is `AlreadyApplied`; their seat is
    /// [`License::seat_of`]. Who once sat and was released gets a new row.
    ///
    /// # Errors
    /// - [`LicenseError::NotActive`] (LI-INV-3) when it is revoked or its end has passed
    /// - [`LicenseError::NoSeatsRemaining`] (LI-INV-2)
    /// - [`LicenseError::NotOrg`] for the seat of an unclaimed gift, which is only claimed. The seat of any
    ///   other individual licence is taken from its grant on, so it is refused by LI-INV-2
    /// - [`LicenseError::SeatIdTaken`]
    pub fn assign_seat(
        &mut self,
        seat_id: SeatId,
        user_id: UserId,
        now: Timestamp,
    ) -> Result<Outcome, LicenseError> {
        if self.seat_of(&user_id).is_some_and(|seat| seat.status == SeatStatus::Active) {
            return Ok(Outcome::AlreadyApplied);
        }
        let active_seats = self.allocator().allocate(self.state_at(now))?;
        self.require_org()?;
        let seat = self.occupy(seat_id, user_id, active_seats, now)?;
        self.announce(&seat);
        Ok(Outcome::Applied)
    }

    /// Takes a user off an org licence's seat, in whatever state the licence is. A released seat is
    /// `AlreadyApplied`. Of an active licence the user who waits longest sits down at once (R60); a lease
    /// that was issued for the seat simply runs out.
    ///
    /// # Errors
    /// - [`LicenseError::SeatNotFound`], also when the row was not loaded
    /// - [`LicenseError::SeatConsumed`] (LI-INV-7)
    /// - [`LicenseError::NotOrg`]: an individual licence goes with its user
    /// - [`LicenseError::WaitlistNotLoaded`] when somebody waits and nobody who does was loaded
    pub fn release_seat(&mut self, seat_id: SeatId, now: Timestamp) -> Result<Outcome, LicenseError> {
        let seat = self.seat(seat_id).ok_or(LicenseError::SeatNotFound(seat_id))?;
        match seat.status {
            SeatStatus::Released => return Ok(Outcome::AlreadyApplied),
            SeatStatus::ConsumedOnRefund => return Err(LicenseError::SeatConsumed(seat_id)),
            SeatStatus::Active => self.require_org()?,
        }
        let next = self.next_to_sit(now)?;
        let seat = seat.released(now);
        let user_id = seat.user_id.clone();
        self.write_seat(seat);
        self.root.data.active_seats = self.root.data.active_seats.saturating_sub(1);
        self.root.data.updated_at = now;
        let event = LicenseEvent::SeatReleased { license: self.facts(), seat_id, user_id, released_at: now };
        self.root.record(event);
        if let Some(next) = next {
            self.serve(&next, now)?;
        }
        Ok(Outcome::Applied)
    }
}

// Queries. The one that matters most, `entitles`, is in entitlement.rs.
impl License {
    /// LI-INV-1: seats nobody has; none when there is no limit.
    pub fn remaining(&self) -> Option<u32> {
        self.allocator().remaining()
    }

    /// The seat row of this id, if it is loaded.
    pub fn seat(&self, id: SeatId) -> Option<&SeatAllocation> {
        self.seats.get(id)
    }

    /// The row by which this user takes a seat, active or consumed, if it is loaded.
    pub fn seat_of(&self, user: &UserId) -> Option<&SeatAllocation> {
        self.seats.of(user)
    }

    /// The seat rows loaded, oldest id first.
    pub fn seats(&self) -> impl Iterator<Item = &SeatAllocation> {
        self.seats.all()
    }

    /// Every row loaded.
    pub fn rows(&self) -> impl Iterator<Item = LicenseRow> {
        let waiting = self.waitlist.all().cloned().map(LicenseRow::Waiting);
        self.seats.all().cloned().map(LicenseRow::Seat).chain(waiting)
    }

    /// What it announces when it is saved.
    pub fn pending(&self) -> &[LicenseEvent] {
        self.root.pending()
    }

    fn allocator(&self) -> SeatAllocator {
        let data = &self.root.data;
        SeatAllocator { capacity: data.capacity, active: data.active_seats, consumed: data.consumed_seats }
    }

    fn require_org(&self) -> Result<(), LicenseError> {
        match self.root.data.scope {
            LicenseScope::Org => Ok(()),
            LicenseScope::Individual => Err(LicenseError::NotOrg),
        }
    }

    /// What an assignment sees (LI-INV-2, LI-INV-3).
    fn seen(&self, now: Timestamp) -> AssignmentEvidence {
        let SeatAllocator { capacity, active, consumed } = self.allocator();
        // The seat of an individual licence comes with its grant, also when a period is granted late.
        let state = match self.root.data.scope {
            LicenseScope::Org => self.state_at(now),
            LicenseScope::Individual => self.root.data.state,
        };
        AssignmentEvidence { state, capacity, taken: active.saturating_add(consumed) }
    }

    /// Writes a new seat row and the count the allocator answered. Touches nothing when it fails.
    fn occupy(
        &mut self,
        seat_id: SeatId,
        user_id: UserId,
        active_seats: u32,
        now: Timestamp,
    ) -> Result<SeatAllocation, LicenseError> {
        if self.seat(seat_id).is_some() {
            return Err(LicenseError::SeatIdTaken(seat_id));
        }
        let seat = SeatAllocation::assigned(seat_id, user_id, now, self.seen(now));
        self.write_seat(seat.clone());
        self.root.data.active_seats = active_seats;
        self.root.data.updated_at = now;
        Ok(seat)
    }

    fn write_seat(&mut self, seat: SeatAllocation) {
        self.root.write_row(seat.clone().into());
        self.seats.put(seat);
    }

    fn announce(&mut self, seat: &SeatAllocation) {
        let event = LicenseEvent::SeatAssigned {
            license: self.facts(),
            seat_id: seat.id,
            user_id: seat.user_id.clone(),
            assigned_at: seat.assigned_at,
        };
        self.root.record(event);
    }

    fn facts(&self) -> LicenseFacts {
        (&self.root.data).into()
    }
}
