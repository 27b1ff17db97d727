//! Taking a licence back: what its seats become is decided here and nowhere else (LI-INV-7).

use std::collections::BTreeSet;

use crate::kernel::{LastTransition, Outcome, Step, Timestamp, UserId, step};

use super::{License, LicenseError, LicenseEvent, RevokeReason, SeatAllocation, SeatStatus, TRANSITIONS};

impl License {
    /// Takes the licence back, for ever. The seats of the users in `consumed`, who had begun to learn, are
    /// marked and stay allocated; all others are released, and nobody waits any more. Access ends for all, unless
    /// `grandfather_consumed` leaves it to those who had begun, until the licence would have ended.
    ///
    /// The answer of the enrollment gateway is `consumed`; users without a seat in it are ignored.
    ///
    /// # Errors
    /// - [`LicenseError::InvalidTransition`] from where the table has no such move (LI-INV-5)
    /// - [`LicenseError::SeatsNotLoaded`] (LI-INV-7) unless every active seat is at hand
    /// - [`LicenseError::WaitlistNotLoaded`] unless everybody who waits is
    pub fn revoke(
        &mut self,
        reason: RevokeReason,
        consumed: &BTreeSet<UserId>,
        grandfather_consumed: bool,
        now: Timestamp,
    ) -> Result<Outcome, LicenseError> {
        let data = &self.root.data;
        let action = reason.action();
        let to = match step(TRANSITIONS, data.state, action, None, data.last_transition.as_ref())? {
            Step::To(to) => to,
            Step::AlreadyApplied => return Ok(Outcome::AlreadyApplied),
        };
        let (loaded, active) = (self.seats.count(SeatStatus::Active), data.active_seats);
        if loaded != active {
            return Err(LicenseError::SeatsNotLoaded { loaded, active });
        }
        self.end_waitlist(now)?;

        let settled: Vec<SeatAllocation> = self
            .seats
            .all()
            .filter(|seat| seat.status == SeatStatus::Active)
            .map(|seat| if consumed.contains(&seat.user_id) { seat.consumed() } else { seat.released(now) })
            .collect();
        for seat in settled {
            self.write_seat(seat);
        }
        let consumed_seats = self.seats.count(SeatStatus::ConsumedOnRefund);
        let data = &mut self.root.data;
        data.state = to;
        data.last_transition = Some(LastTransition { action, argument: None });
        data.active_seats = 0;
        data.consumed_seats = consumed_seats;
        data.grandfathered = grandfather_consumed && consumed_seats > 0;
        data.updated_at = now;
        let event = LicenseEvent::Revoked {
            license: self.facts(),
            user_id: self.root.data.holder.clone(),
            reason,
            released_seats: active.saturating_sub(consumed_seats),
            consumed_seats,
            grandfathered: self.root.data.grandfathered,
            revoked_at: now,
        };
        self.root.record(event);
        Ok(Outcome::Applied)
    }
}
