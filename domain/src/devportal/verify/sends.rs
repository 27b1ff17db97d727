//! Further sends: again on the same channel, or on the next one.

use super::{
    Entry, FailureReason, Moment, NewSend, ResendPolicy, SendStatus, SessionSecrets, VerifyAction,
    VerifyError, VerifyEvent, VerifySession, VerifyState,
};
use crate::{
    devportal::values::PepperRing,
    kernel::{Outcome, Timestamp},
};

/// Why a session moves to its next channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// Somebody asked.
    Manual,
    /// The step's wait is over, or it failed.
    Course,
}

impl VerifySession {
    /// Sends the code again on the current channel; under `NEW_CODE` a new one.
    ///
    /// # Errors
    /// A terminal session's refusal (V-INV-8), `verification.resend_too_soon`, `verification.sends_exhausted`
    /// (V-INV-9), `verification.reservation_too_small` (V-INV-13).
    pub fn resend(
        &mut self,
        new: NewSend,
        ring: &PepperRing,
        moment: &Moment,
    ) -> Result<Outcome, VerifyError> {
        self.may_send(moment, true)?;
        self.reserved(&new)?;
        self.step_to(VerifyAction::Resend)?;
        self.renew_code(ring, moment)?;
        self.queue(new, moment)?;
        Ok(Outcome::Applied)
    }

    /// Sends the code on the next channel. What is due by itself but not yet is already applied.
    ///
    /// # Errors
    /// As [`VerifySession::resend`], and `verification.no_more_channels` (V-INV-9). What is due by itself waits for no
    /// cooldown.
    pub fn advance(
        &mut self,
        new: NewSend,
        trigger: Trigger,
        ring: &PepperRing,
        moment: &Moment,
    ) -> Result<Outcome, VerifyError> {
        if trigger == Trigger::Course && !self.advances_by(moment.at) {
            return Ok(Outcome::AlreadyApplied);
        }
        self.live(moment.at)?;
        // That there is none is said at once: waiting would bring none.
        let from = self.step().ok_or(VerifyError::NoMoreChannels)?.channel();
        let step = self.root.data.current_step.saturating_add(1);
        let next = self.root.data.channel_order.step(step).ok_or(VerifyError::NoMoreChannels)?;
        self.may_send(moment, trigger == Trigger::Manual && !self.step_failed())?;
        self.reserved(&new)?;
        self.step_to(VerifyAction::Advance)?;
        // What still waits for a sender would arrive after the fallback.
        let waiting = match trigger {
            Trigger::Manual => SendStatus::Suppressed,
            Trigger::Course => SendStatus::Failed,
        };
        self.drop_queued(waiting, moment)?;
        self.renew_code(ring, moment)?;
        self.root.data.current_step = step;
        let attempt_id = new.id;
        self.queue(new, moment)?;
        self.root.record(VerifyEvent::ChannelAdvanced {
            verification_id: self.root.data.id,
            world: self.root.data.world(),
            step,
            channel: next.channel(),
            from_channel: from,
            attempt_id,
            manual: trigger == Trigger::Manual,
        });
        Ok(Outcome::Applied)
    }

    /// A further send was refused by fraud or a cap: before anything had left, the session fails; after that the user
    /// may hold a valid code, and it goes on.
    ///
    /// # Errors
    /// A terminal session's refusal.
    pub fn refuse_send(
        &mut self,
        reason: FailureReason,
        code: &str,
        moment: &Moment,
    ) -> Result<Outcome, VerifyError> {
        self.live(moment.at)?;
        self.note(moment, Entry::Refused { reason: code.to_owned(), bucket: None });
        let left = self.rows.values().any(|row| row.sent_at.is_some() || row.status == SendStatus::Lost);
        if self.root.data.state == VerifyState::Pending && !left {
            return self.fail(VerifyAction::RefuseSend, reason, moment);
        }
        // Not asked again until it expires.
        self.root.data.course_due_at = None;
        Ok(Outcome::Applied)
    }

    /// A limit refused a further send: noted, so that the developer can see which and why. What was to move on by itself
    /// is not asked again before the limit clears.
    pub fn note_limited(&mut self, code: &str, bucket: &str, again_at: Option<Timestamp>, moment: &Moment) {
        self.note(moment, Entry::Refused { reason: code.to_owned(), bucket: Some(bucket.to_owned()) });
        let due = &mut self.root.data.course_due_at;
        *due = due.map(|at| again_at.map_or(at, |again| at.max(again)));
    }

    /// That a send may be asked for.
    fn may_send(&self, moment: &Moment, cooled: bool) -> Result<(), VerifyError> {
        self.live(moment.at)?;
        if self.sends_remaining() == 0 {
            return Err(VerifyError::SendsExhausted);
        }
        match self.resend_available_at().filter(|at| cooled && *at > moment.at) {
            Some(available_at) => Err(VerifyError::ResendTooSoon { available_at }),
            None => Ok(()),
        }
    }

    /// That enough is held, in the session's currency.
    fn reserved(&self, new: &NewSend) -> Result<(), VerifyError> {
        self.root.data.spend_reserved.same_currency(&new.reserved)?;
        new.quote.same_currency(&new.reserved)?;
        if new.reserved.micros() < new.quote.micros() || self.rows.contains_key(&new.id) {
            return Err(VerifyError::ReservationTooSmall);
        }
        Ok(())
    }

    /// Under `NEW_CODE` the next code, and what waits with the old one is not sent any more. The attempts stay (V-INV-5).
    fn renew_code(&mut self, ring: &PepperRing, moment: &Moment) -> Result<(), VerifyError> {
        let terms = self.root.data.policy.terms;
        if terms.resend_policy == ResendPolicy::SameCode {
            return Ok(());
        }
        let generation = self.root.data.generation.saturating_add(1);
        let source = self.root.data.secrets.as_ref().ok_or_else(|| self.refusal())?.source.clone();
        let secrets = SessionSecrets::make(source, &self.binding(generation), terms.code_length, ring)?;
        self.drop_queued(SendStatus::Suppressed, moment)?;
        self.root.data.secrets = Some(secrets);
        self.root.data.generation = generation;
        Ok(())
    }
}
