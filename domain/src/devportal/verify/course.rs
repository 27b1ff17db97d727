//! When a session moves on by itself.

use super::{
    AdvanceOn, FailureReason, Moment, SendStatus, VerifyAction, VerifyError, VerifySession, VerifyState,
};
use crate::{
    devportal::values::Channel,
    kernel::{Outcome, Timestamp},
};

/// What a session comes to if nothing else happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// The next channel is tried.
    Advance {
        /// From when.
        at: Timestamp,
    },
    /// No channel delivered, and none is left.
    GiveUp {
        /// From when.
        at: Timestamp,
    },
}

impl Course {
    /// From when.
    pub const fn at(self) -> Timestamp {
        match self {
            Self::Advance { at } | Self::GiveUp { at } => at,
        }
    }
}

impl VerifySession {
    /// What it comes to if nothing else happens before it expires.
    ///
    /// A failed step is left at once; one whose fate is unknown when its wait is over; an e-mail that was accepted only
    /// when it bounces, or under `NOT_APPROVED` (ruling R18).
    pub fn course(&self) -> Option<Course> {
        let data = &self.root.data;
        if data.state.is_terminal() {
            return None;
        }
        let next = data.channel_order.step(data.current_step.saturating_add(1));
        if next.is_none() || self.sends_remaining() == 0 {
            let under_way = self.rows.values().any(|row| row.status.in_flight());
            let arrived = data.state == VerifyState::Delivered;
            return self.failed_at().filter(|_| !under_way && !arrived).map(|at| Course::GiveUp { at });
        }
        let wait_over = self.wait_over()?;
        let failed = self.failed_at();
        let at = match data.policy.terms.advance_on {
            AdvanceOn::Manual => return None,
            AdvanceOn::NotApproved => failed.map_or(wait_over, |at| at.min(wait_over)),
            AdvanceOn::NotDelivered if data.state == VerifyState::Delivered => return None,
            AdvanceOn::NotDelivered => match failed {
                Some(at) => at,
                None if self.accepted_email() => return None,
                None => wait_over,
            },
        };
        Some(Course::Advance { at })
    }

    /// Gives up where no channel is left and none delivered.
    ///
    /// # Errors
    /// None that its state allows; a terminal session is already applied.
    pub fn give_up(&mut self, moment: &Moment) -> Result<Outcome, VerifyError> {
        match self.course() {
            Some(Course::GiveUp { at }) if at <= moment.at => {
                self.fail(VerifyAction::ExhaustChannels, FailureReason::ChannelsExhausted, moment)
            }
            Some(Course::GiveUp { .. } | Course::Advance { .. }) | None => Ok(Outcome::AlreadyApplied),
        }
    }

    /// Whether it is due to advance.
    pub(super) fn advances_by(&self, now: Timestamp) -> bool {
        matches!(self.course(), Some(Course::Advance { at }) if at <= now)
    }

    /// Whether every send of the current step certainly failed.
    pub(super) fn step_failed(&self) -> bool {
        let mut here = self.here().peekable();
        here.peek().is_some() && here.all(|row| row.status.failed())
    }

    /// Notes when somebody has to look again, not before now.
    pub(super) fn plan(&mut self, now: Timestamp) {
        self.root.data.course_due_at = self.course().map(|course| course.at().max(now));
    }

    fn here(&self) -> impl Iterator<Item = &super::DeliveryAttempt> {
        self.rows.values().filter(|row| row.step == self.root.data.current_step)
    }

    /// When the wait of the current step is over, reckoned from its last send.
    pub fn wait_over(&self) -> Option<Timestamp> {
        let wait = self.step()?.wait_seconds();
        let last = self.here().map(|row| row.queued_at).max()?;
        Some(last.plus(time::Duration::seconds(i64::from(wait))))
    }

    /// When the current step has failed: at its last failure, or when the wait for a lost send is over.
    fn failed_at(&self) -> Option<Timestamp> {
        let over = |row: &super::DeliveryAttempt| row.status.failed() || row.status == SendStatus::Lost;
        if !self.here().all(over) {
            return None;
        }
        if self.here().any(|row| row.status == SendStatus::Lost) {
            return self.wait_over();
        }
        self.here().filter_map(|row| row.final_at).max()
    }

    fn accepted_email(&self) -> bool {
        self.here().any(|row| row.channel == Channel::Email && row.status == SendStatus::Sent)
    }
}
