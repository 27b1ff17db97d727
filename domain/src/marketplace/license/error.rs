//! Why a licence refuses, and what the client is told.

use crate::{
    kernel::{Coded, IllegalTransition, Invariant, Kind, SeatId, Timestamp},
    marketplace::invariants::{LI_INV_2, LI_INV_3, LI_INV_4, LI_INV_5, LI_INV_6, LI_INV_7},
};

use super::{LicenseAction, LicenseState};

/// A refusal of a licence. [`Coded`] gives its code, kind and invariant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LicenseError {
    /// LI-INV-3: only an active licence hands out seats, places in line and leases.
    #[error("the licence is not active: it is {state:?}")]
    NotActive {
        /// Its state at the time of the command.
        state: LicenseState,
    },
    /// LI-INV-2: all seats are taken.
    #[error("all {seats} seats are taken")]
    NoSeatsRemaining {
        /// The licence's seats.
        seats: u32,
    },
    /// The seat of an individual licence goes with its grant or its claim, never by hand.
    #[error("an individual licence's seat is neither assigned nor released by hand")]
    NotOrg,
    /// The licence has no such seat.
    #[error("there is no seat {0}")]
    SeatNotFound(SeatId),
    /// A new assignment is a new row.
    #[error("seat {0} exists already")]
    SeatIdTaken(SeatId),
    /// LI-INV-7: a consumed seat stays allocated.
    #[error("seat {0} was consumed before the refund and stays allocated")]
    SeatConsumed(SeatId),
    /// LI-INV-7: all seats must be settled, and some were not loaded.
    #[error("{loaded} of {active} active seats are loaded")]
    SeatsNotLoaded {
        /// Active seats at hand.
        loaded: u32,
        /// Active seats in all.
        active: u32,
    },
    /// Who wants a seat while one is left is assigned it.
    #[error("there are seats left: nobody has to wait")]
    SeatsAvailable,
    /// Who sits waits for nothing.
    #[error("the user holds a seat already")]
    AlreadySeated,
    /// There is nobody to take out of the line.
    #[error("the user does not wait for a seat of this licence")]
    NotWaiting,
    /// Somebody waits whom the command needs to see.
    #[error("{loaded} of {waiting} who wait are loaded")]
    WaitlistNotLoaded {
        /// Entries at hand.
        loaded: u32,
        /// Entries in all.
        waiting: u32,
    },
    /// Many changes at once are some.
    #[error("a bulk change has at least one row")]
    BulkEmpty,
    /// Many changes at once are not too many.
    #[error("a bulk change has at most {max} rows")]
    BulkTooLarge {
        /// The most.
        max: usize,
    },
    /// The plan did not sell it.
    #[error("the licence gives no offline access")]
    OfflineNotAllowed,
    /// Its first period is still to come.
    #[error("the licence begins at {valid_from}")]
    NotStarted {
        /// When it begins.
        valid_from: Timestamp,
    },
    /// A lease, and a release by the user's id, need a seat.
    #[error("the user holds no seat")]
    NoSeat,
    /// A lease is neither nothing nor too long.
    #[error("a lease lasts 1 to {max} hours")]
    LeaseHours {
        /// The most.
        max: u32,
    },
    /// The table has no such move; out of `Revoked` that is LI-INV-5.
    #[error(transparent)]
    InvalidTransition(#[from] IllegalTransition<LicenseState, LicenseAction>),
    /// The end of the licence is still to come, or there is none.
    #[error("the licence has not ended")]
    NotDue {
        /// When it ends by itself.
        ends_at: Option<Timestamp>,
    },
    /// A licence without periods.
    #[error("a licence without periods is not renewed")]
    NotRenewable,
    /// Nothing to claim.
    #[error("the licence is not a gift")]
    NotAGift,
    /// A gift is claimed once.
    #[error("the gift is claimed already")]
    AlreadyClaimed,
    /// A gift waits 90 days.
    #[error("the gift could be claimed until {expires_at}")]
    ClaimExpired {
        /// The end of its claim window.
        expires_at: Timestamp,
    },
    /// LI-INV-4: a licence that is never valid.
    #[error("validUntil {valid_until} is not after validFrom {valid_from}")]
    EmptyWindow {
        /// The first instant.
        valid_from: Timestamp,
        /// The first instant after it.
        valid_until: Timestamp,
    },
    /// LI-INV-6: one person, one seat.
    #[error("an individual licence has exactly one seat")]
    IndividualSeats {
        /// The seats asked for; none is unlimited.
        seats: Option<u32>,
    },
    /// An individual licence that nobody would hold.
    #[error("an individual licence names its user")]
    LearnerRequired,
    /// A gift for a whole tenant.
    #[error("a gift is for one person; an org plan is granted by hand")]
    GiftNotIndividual,
    /// A grant without an order says why.
    #[error("a gift or a manual grant has a reason")]
    ReasonRequired,
    /// What a store holds is not a licence.
    #[error("the stored licence breaks {0}")]
    Corrupt(Invariant),
}

impl LicenseError {
    /// The table: code, class, and the invariant whose guard refused.
    #[rustfmt::skip]
    fn row(&self) -> (&'static str, Kind, Option<Invariant>) {
        use Kind::{Conflict, Invalid, NotFound, Unavailable};
        let out_of_revoked = |from| (from == LicenseState::Revoked).then_some(LI_INV_5);
        match self {
            Self::NotActive { .. }         => ("license.not_active",          Conflict,    Some(LI_INV_3)),
            Self::NoSeatsRemaining { .. }  => ("license.no_seats_remaining",  Conflict,    Some(LI_INV_2)),
            Self::NotOrg                   => ("license.not_org",             Conflict,    None),
            Self::SeatNotFound(_)          => ("license.seat_not_found",      NotFound,    None),
            Self::SeatIdTaken(_)           => ("license.seat_id_taken",       Conflict,    None),
            Self::SeatConsumed(_)          => ("license.seat_consumed",       Conflict,    Some(LI_INV_7)),
            Self::SeatsNotLoaded { .. }    => ("license.seats_not_loaded",    Unavailable, Some(LI_INV_7)),
            Self::SeatsAvailable           => ("license.seats_available",     Conflict,    None),
            Self::AlreadySeated            => ("license.already_seated",      Conflict,    None),
            Self::NotWaiting               => ("license.not_waiting",         NotFound,    None),
            Self::WaitlistNotLoaded { .. } => ("license.waitlist_not_loaded", Unavailable, None),
            Self::BulkEmpty                => ("license.bulk_empty",          Invalid,     None),
            Self::BulkTooLarge { .. }      => ("license.bulk_too_large",      Invalid,     None),
            Self::OfflineNotAllowed        => ("license.offline_not_allowed", Conflict,    None),
            Self::NotStarted { .. }        => ("license.not_started",         Conflict,    None),
            Self::NoSeat                   => ("license.no_seat",             Conflict,    None),
            Self::LeaseHours { .. }        => ("license.lease_hours_out_of_range", Invalid, None),
            Self::InvalidTransition(error) => ("license.invalid_transition",  Conflict,    out_of_revoked(error.from)),
            Self::NotDue { .. }            => ("license.not_due",             Conflict,    None),
            Self::NotRenewable             => ("license.not_renewable",       Conflict,    None),
            Self::NotAGift                 => ("license.not_a_gift",          Conflict,    None),
            Self::AlreadyClaimed           => ("license.already_claimed",     Conflict,    None),
            Self::ClaimExpired { .. }      => ("license.claim_expired",       Conflict,    None),
            Self::EmptyWindow { .. }       => ("license.empty_window",        Invalid,     Some(LI_INV_4)),
            Self::IndividualSeats { .. }   => ("license.individual_seats",    Invalid,     Some(LI_INV_6)),
            Self::LearnerRequired          => ("license.learner_required",    Invalid,     None),
            Self::GiftNotIndividual        => ("license.gift_not_individual", Invalid,     None),
            Self::ReasonRequired           => ("license.reason_required",     Invalid,     None),
            Self::Corrupt(invariant)       => ("license.corrupt",             Unavailable, Some(*invariant)),
        }
    }
}

impl Coded for LicenseError {
    fn code(&self) -> &'static str {
        self.row().0
    }

    fn kind(&self) -> Kind {
        self.row().1
    }

    fn invariant(&self) -> Option<Invariant> {
        self.row().2
    }
}
