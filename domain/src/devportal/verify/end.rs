//! The ends of a session.

use super::{
    Entry, FailureReason, Hold, Moment, SendStatus, VerifyAction, VerifyError, VerifyEvent, VerifySession,
    VerifyState,
};
use crate::kernel::{LastTransition, Outcome, Step};

impl VerifySession {
    /// The developer ends it; again is already applied.
    ///
    /// # Errors
    /// The refusal of a session that is over for another reason.
    pub fn cancel(&mut self, moment: &Moment) -> Result<Outcome, VerifyError> {
        if !self.root.data.state.is_terminal() {
            self.live(moment.at)?;
        }
        self.fail(VerifyAction::Cancel, FailureReason::Cancelled, moment)
    }

    /// A newer session takes its slot.
    ///
    /// # Errors
    /// The refusal of a session that is over for another reason.
    pub fn supersede(&mut self, moment: &Moment) -> Result<Outcome, VerifyError> {
        self.fail(VerifyAction::Supersede, FailureReason::Superseded, moment)
    }

    /// The pepper of its code is gone: it can neither be sent nor compared.
    ///
    /// # Errors
    /// The refusal of a session that is over for another reason.
    pub fn lose_key(&mut self, moment: &Moment) -> Result<Outcome, VerifyError> {
        self.fail(VerifyAction::LoseKey, FailureReason::KeyUnavailable, moment)
    }

    /// Ends it when its time is over; before that, or when it is over anyway, already applied.
    ///
    /// # Errors
    /// None that its state allows.
    pub fn expire(&mut self, moment: &Moment) -> Result<Outcome, VerifyError> {
        let data = &self.root.data;
        if data.state.is_terminal() || moment.at < data.expires_at {
            return Ok(Outcome::AlreadyApplied);
        }
        let Step::To(state) = self.step_to(VerifyAction::Expire)? else { return Ok(Outcome::AlreadyApplied) };
        self.end(VerifyAction::Expire, state, moment)?;
        self.note(moment, Entry::Expired);
        let data = &self.root.data;
        let event = VerifyEvent::Expired {
            verification_id: data.id,
            world: data.world(),
            api_key_id: Some(data.api_key_id),
            country_code: data.country_code,
            attempts: data.attempts,
            sends: data.sends,
            last_channel: self.last_channel(),
            cost: data.spend_settled,
        };
        self.root.record(event);
        Ok(Outcome::Applied)
    }

    /// The right code was given.
    pub(super) fn approve(&mut self, moment: &Moment) -> Result<(), VerifyError> {
        let Step::To(state) = self.step_to(VerifyAction::Approve)? else { return Err(self.refusal()) };
        self.root.data.approved_at = Some(moment.at);
        self.end(VerifyAction::Approve, state, moment)?;
        self.note(moment, Entry::Approved);
        let Some(channel) = self.proving_channel() else { return Ok(()) };
        let data = &self.root.data;
        let duration = moment.at.since(data.started_at).whole_milliseconds();
        let event = VerifyEvent::Approved {
            verification_id: data.id,
            world: data.world(),
            api_key_id: Some(data.api_key_id),
            country_code: data.country_code,
            channel,
            attempts: data.attempts,
            sends: data.sends,
            duration_ms: u64::try_from(duration).unwrap_or_default(),
            cost: data.spend_settled,
            assurance: channel.assurance(),
        };
        self.root.record(event);
        Ok(())
    }

    /// Gives it up for a reason.
    pub(super) fn fail(
        &mut self,
        action: VerifyAction,
        reason: FailureReason,
        moment: &Moment,
    ) -> Result<Outcome, VerifyError> {
        let state = match self.step_to(action) {
            Ok(Step::To(state)) => state,
            Ok(Step::AlreadyApplied) => return Ok(Outcome::AlreadyApplied),
            Err(_) if self.root.data.state.is_terminal() => return Err(self.refusal()),
            Err(illegal) => return Err(illegal),
        };
        self.root.data.failure_reason = Some(reason);
        self.end(action, state, moment)?;
        self.note(moment, Entry::Failed { reason });
        let sends = self.sends();
        let last_error_code = sends.iter().rev().find_map(|row| row.error_code.clone());
        let data = &self.root.data;
        let event = VerifyEvent::Failed {
            verification_id: data.id,
            world: data.world(),
            api_key_id: Some(data.api_key_id),
            country_code: data.country_code,
            reason,
            attempts: data.attempts,
            sends: data.sends,
            last_channel: self.last_channel(),
            last_error_code,
            cost: data.spend_settled,
        };
        self.root.record(event);
        Ok(Outcome::Applied)
    }

    /// What every end does: nothing more is sent (V-INV-8), what was sent is paid, no secret remains (V-INV-21).
    fn end(&mut self, action: VerifyAction, state: VerifyState, moment: &Moment) -> Result<(), VerifyError> {
        self.drop_queued(SendStatus::Suppressed, moment)?;
        let sent: Vec<_> = self
            .rows
            .values()
            .filter(|row| row.status == SendStatus::Sent && row.hold == Hold::Held)
            .cloned()
            .collect();
        for mut row in sent {
            self.settle(&mut row)?;
            self.write(row);
        }
        let data = &mut self.root.data;
        data.state = state;
        data.secrets = None;
        for destination in &mut data.destinations {
            destination.sealed = None;
        }
        data.ended_at = Some(moment.at);
        data.course_due_at = None;
        data.last_transition = Some(LastTransition { action, argument: None });
        Ok(())
    }

    fn last_channel(&self) -> Option<crate::devportal::values::Channel> {
        self.sends().last().map(|row| row.channel)
    }
}
