//! Checking a code: count and save, compare, decide and save (devportal.md 3.5, ruling R13).

use super::{Entry, FailureReason, Moment, VerifyAction, VerifyError, VerifySession, VerifySessionData};
use crate::{
    devportal::values::{CodeBinding, CodeHash, PepperRing, SubmittedCode, UnknownKid},
    kernel::{Outcome, Step, Timestamp},
};

/// How long a session whose attempts are all counted may remain undecided, in seconds.
const UNDECIDED: i64 = 30;

/// A counted check, to be compared outside any transaction.
#[derive(Debug, Clone)]
pub struct Guess {
    hash: CodeHash,
    binding: CodeBinding,
}

/// What a comparison found; only [`Guess::compare`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    right: bool,
    generation: u32,
}

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckOutcome {
    /// The right code: the session is approved.
    Approved {
        /// When.
        at: Timestamp,
    },
    /// A wrong code. A result, not an error: the count is saved.
    Incorrect {
        /// How many checks are left.
        attempts_remaining: u32,
        /// Whether the session failed with it.
        failed: bool,
    },
}

impl VerifySessionData {
    /// When somebody has to look after it: it moves on, expires, or was left undecided. None once it is over.
    pub fn due_at(&self) -> Option<Timestamp> {
        if self.state.is_terminal() {
            return None;
        }
        let spent = self.attempts >= self.policy.terms.max_attempts;
        let undecided =
            self.last_check_at.filter(|_| spent).map(|at| at.plus(time::Duration::seconds(UNDECIDED)));
        [self.course_due_at, undecided].into_iter().flatten().chain([self.expires_at]).min()
    }
}

impl Guess {
    /// A counted check as a store returns it from its first transaction.
    pub const fn new(hash: CodeHash, binding: CodeBinding) -> Self {
        Self { hash, binding }
    }

    /// Compares, in the same time whatever was typed.
    ///
    /// # Errors
    /// [`UnknownKid`] when the pepper is gone: then [`VerifySession::lose_key`].
    pub fn compare(&self, code: &SubmittedCode, ring: &PepperRing) -> Result<Verdict, UnknownKid> {
        let right = self.hash.verify(code, ring, &self.binding)?;
        Ok(Verdict { right, generation: self.binding.generation })
    }
}

impl Verdict {
    /// Whether the code was right. The session may still find it outdated (V-INV-15).
    pub const fn is_right(&self) -> bool {
        self.right
    }
}

impl VerifySession {
    /// Counts a well-formed check before it is compared (V-INV-4). Saved by itself.
    ///
    /// # Errors
    /// A terminal session's refusal, `verification.expired`, or `verification.attempts_spent` while the last attempts
    /// are being decided. Nothing is counted then; the caller spends the time of a comparison.
    pub fn begin_check(&mut self, moment: &Moment) -> Result<Guess, VerifyError> {
        self.live(moment.at)?;
        let data = &mut self.root.data;
        if data.attempts >= data.policy.terms.max_attempts {
            return Err(VerifyError::AttemptsSpent);
        }
        data.attempts = data.attempts.saturating_add(1);
        data.last_check_at = Some(moment.at);
        let attempts = data.attempts;
        self.note(moment, Entry::Checked { attempts });
        self.repeat_check()
    }

    /// The same check once more without counting it: a request that was counted and whose answer was lost (ruling R13).
    ///
    /// # Errors
    /// A terminal session's refusal.
    pub fn repeat_check(&self) -> Result<Guess, VerifyError> {
        let secrets = self.root.data.secrets.as_ref().ok_or_else(|| self.refusal())?;
        Ok(Guess { hash: secrets.hash.clone(), binding: self.binding(self.root.data.generation) })
    }

    /// Decides on a counted check. It began in time, so only the state is asked, not the clock.
    ///
    /// A wrong one fails the session only when as many are wrong as there are attempts: a right one among the last
    /// racing guesses still counts.
    ///
    /// # Errors
    /// A terminal session's refusal.
    pub fn conclude_check(&mut self, verdict: Verdict, moment: &Moment) -> Result<CheckOutcome, VerifyError> {
        if self.root.data.state.is_terminal() {
            return Err(self.refusal());
        }
        if verdict.right && verdict.generation == self.root.data.generation {
            self.approve(moment)?;
            return Ok(CheckOutcome::Approved { at: moment.at });
        }
        let data = &mut self.root.data;
        if data.concluded >= data.attempts {
            return Err(VerifyError::AttemptsSpent);
        }
        data.concluded = data.concluded.saturating_add(1);
        let concluded = data.concluded;
        let failed = concluded >= data.policy.terms.max_attempts;
        self.note(moment, Entry::Incorrect { concluded });
        if failed {
            let _ = self.fail(VerifyAction::SpendAttempts, FailureReason::MaxAttempts, moment)?;
        } else {
            let Step::To(state) = self.step_to(VerifyAction::Miss)? else { return Err(self.refusal()) };
            self.root.data.state = state;
        }
        Ok(CheckOutcome::Incorrect { attempts_remaining: self.attempts_remaining(), failed })
    }

    /// Fails a session whose attempts are all counted and whose last check never came to a decision: a process died
    /// between both transactions. Sooner than after 30 seconds it is already applied.
    ///
    /// # Errors
    /// None that its state allows.
    pub fn fail_undecided(&mut self, moment: &Moment) -> Result<Outcome, VerifyError> {
        let data = &self.root.data;
        let spent = !data.state.is_terminal() && data.attempts >= data.policy.terms.max_attempts;
        let waited =
            data.last_check_at.is_some_and(|at| moment.at >= at.plus(time::Duration::seconds(UNDECIDED)));
        if spent && waited {
            self.fail(VerifyAction::SpendAttempts, FailureReason::MaxAttempts, moment)
        } else {
            Ok(Outcome::AlreadyApplied)
        }
    }
}
