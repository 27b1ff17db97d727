//! A licence in time: another period is paid, or its end passes.

use crate::kernel::{LastTransition, Outcome, Step, Timestamp, step};

use super::{License, LicenseAction, LicenseError, LicenseEvent, LicenseState, TRANSITIONS, ValidityWindow};

impl License {
    /// Extends the licence through period `period_index`, counted from the original anchor (R59). A period
    /// it already covers is `AlreadyApplied`, in every state.
    ///
    /// # Errors
    /// - [`LicenseError::InvalidTransition`] after its end, scheduler or not: that period is a licence of
    ///   its own, granted with the same [`anchor`](super::LicenseData::anchor); or once revoked (LI-INV-5)
    /// - [`LicenseError::NotRenewable`] without periods
    pub fn renew(&mut self, period_index: u32, now: Timestamp) -> Result<Outcome, LicenseError> {
        let data = &self.root.data;
        if period_index <= data.paid_through {
            return Ok(Outcome::AlreadyApplied);
        }
        let state = match step(TRANSITIONS, self.state_at(now), LicenseAction::Renew, None, None)? {
            Step::To(state) => state,
            Step::AlreadyApplied => return Ok(Outcome::AlreadyApplied),
        };
        let months = data.interval_months.ok_or(LicenseError::NotRenewable)?;
        let valid_from = data.validity.valid_from();
        let period = ValidityWindow::period(data.anchor, Some(months), period_index)?;
        let validity = ValidityWindow::try_new(valid_from, period.valid_until())?;

        let data = &mut self.root.data;
        data.state = state;
        data.validity = validity;
        data.paid_through = period_index;
        data.updated_at = now;
        let event = LicenseEvent::Renewed {
            license: self.facts(),
            user_id: self.root.data.holder.clone(),
            period_index,
            renewed_at: now,
        };
        self.root.record(event);
        Ok(Outcome::Applied)
    }

    /// Notes that the licence has ended. Its seats keep their rows, nobody waits any more; access ended by itself at
    /// [`License::ends_at`], whenever this runs.
    ///
    /// # Errors
    /// - [`LicenseError::InvalidTransition`] once revoked (LI-INV-5)
    /// - [`LicenseError::NotDue`] before its end, or without one
    /// - [`LicenseError::WaitlistNotLoaded`] unless everybody who waits is at hand
    pub fn expire(&mut self, now: Timestamp) -> Result<Outcome, LicenseError> {
        let data = &self.root.data;
        let action = LicenseAction::Expire;
        let to = match step(TRANSITIONS, data.state, action, None, data.last_transition.as_ref())? {
            Step::To(to) => to,
            Step::AlreadyApplied => return Ok(Outcome::AlreadyApplied),
        };
        if !self.has_ended(now) {
            return Err(LicenseError::NotDue { ends_at: self.ends_at() });
        }
        self.end_waitlist(now)?;
        let data = &mut self.root.data;
        data.state = to;
        data.last_transition = Some(LastTransition { action, argument: None });
        data.updated_at = now;
        let event = LicenseEvent::Expired {
            license: self.facts(),
            user_id: self.root.data.holder.clone(),
            active_seats: self.root.data.active_seats,
            expired_at: now,
        };
        self.root.record(event);
        Ok(Outcome::Applied)
    }

    /// When the licence ends by itself: `validUntil`, or for a gift nobody claimed the end of its claim
    /// window. The scheduler asks for licences whose end has passed.
    pub fn ends_at(&self) -> Option<Timestamp> {
        let data = &self.root.data;
        let unclaimed = data.gift.as_ref().filter(|gift| gift.claimed_at.is_none());
        unclaimed.map(|gift| gift.expires_at).or(data.validity.valid_until())
    }

    /// The state at this time: an active licence whose end has passed is expired, also when the scheduler
    /// is late.
    pub fn state_at(&self, now: Timestamp) -> LicenseState {
        let state = self.root.data.state;
        if state == LicenseState::Active && self.has_ended(now) { LicenseState::Expired } else { state }
    }

    /// Whether its end has passed.
    pub(super) fn has_ended(&self, now: Timestamp) -> bool {
        self.ends_at().is_some_and(|end| end <= now)
    }
}
