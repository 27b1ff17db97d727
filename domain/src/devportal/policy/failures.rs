//! Failed checks of a destination, over sessions: a new code does not forget them (V-INV-16, ruling R14).
//!
//! One row for each (tenant, environment, kind, hash), written with the check that it counts; a value, no aggregate.

use serde::{Deserialize, Serialize};
use time::Duration;

use super::AdmissionError;
use crate::{
    devportal::values::{DestinationHash, DestinationKind, Environment},
    kernel::{TenantId, Timestamp},
};

/// From so many consecutive failures on, a start waits.
pub const SLOWED_FROM: u32 = 10;
/// At so many consecutive failures starts are refused until somebody unlocks the destination.
pub const LOCKED_FROM: u32 = 100;
/// So many failures are counted in a day.
pub const A_DAY: u32 = 25;

/// Whose failures.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailureKey {
    /// Whose.
    pub tenant_id: TenantId,
    /// In which world.
    pub environment: Environment,
    /// Of which sort of address.
    pub kind: DestinationKind,
    /// Of which one.
    pub hash: DestinationHash,
}

/// The failed checks of one destination.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailureLedger {
    /// Since the last right code.
    pub consecutive: u32,
    /// When the last one was.
    pub last_failure_at: Option<Timestamp>,
    /// Those of the last 24 hours, oldest first; at most 25.
    pub recent: Vec<Timestamp>,
}

/// What a ledger said when a session began: stored with it, for the auditor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailureEvidence {
    /// Consecutive failures.
    pub consecutive: u32,
    /// When the last one was.
    pub last_failure_at: Option<Timestamp>,
    /// Failures of the last 24 hours.
    pub recent: u32,
    /// Whether a risk token stood in for the wait.
    pub by_token: bool,
}

impl FailureLedger {
    /// Counts a failed check.
    pub fn fail(&mut self, now: Timestamp) {
        self.consecutive = self.consecutive.saturating_add(1);
        self.last_failure_at = self.last_failure_at.max(Some(now));
        self.forget(now);
        if self.recent.len() < A_DAY as usize {
            self.recent.push(now);
            self.recent.sort_unstable();
        }
    }

    /// A right code, `POST /verify-policy/unlock`, or an approval on another kind by the same end user: everything is
    /// forgotten.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether a session may begin; `by_token` is a risk token that was found good.
    ///
    /// # Errors
    /// [`AdmissionError::DestinationHeldBack`] (V-INV-16): after the 10th failure for 30 s · 2^k, at most an hour, unless
    /// a token stands in; after 25 in a day until one is a day old; after 100 until it is unlocked.
    pub fn admit_start(&self, by_token: bool, now: Timestamp) -> Result<FailureEvidence, AdmissionError> {
        let evidence = self.evidence(by_token, now);
        if evidence.admits(now) {
            return Ok(evidence);
        }
        let until = if self.consecutive >= LOCKED_FROM {
            None
        } else {
            let waited = self.last_failure_at.map(|at| at.plus(wait(self.consecutive))).filter(|_| !by_token);
            waited.max(self.day_clears(now))
        };
        Err(AdmissionError::DestinationHeldBack { until })
    }

    /// Whether a check may be counted.
    ///
    /// # Errors
    /// [`AdmissionError::DestinationCheckLimited`] (V-INV-16) after 25 failures in a day.
    pub fn admit_check(&self, now: Timestamp) -> Result<(), AdmissionError> {
        match self.day_clears(now) {
            Some(until) => Err(AdmissionError::DestinationCheckLimited { until }),
            None => Ok(()),
        }
    }

    fn evidence(&self, by_token: bool, now: Timestamp) -> FailureEvidence {
        let recent = self.recent.iter().filter(|at| within_a_day(**at, now)).count();
        FailureEvidence {
            consecutive: self.consecutive,
            last_failure_at: self.last_failure_at,
            recent: u32::try_from(recent).unwrap_or(u32::MAX),
            by_token,
        }
    }

    /// When fewer than 25 failures are younger than a day; none when that is so now.
    fn day_clears(&self, now: Timestamp) -> Option<Timestamp> {
        let mut recent = self.recent.iter().filter(|at| within_a_day(**at, now));
        let oldest = recent.next().copied();
        let count = recent.count().saturating_add(1);
        oldest.filter(|_| count >= A_DAY as usize).map(|at| at.plus(Duration::DAY))
    }

    fn forget(&mut self, now: Timestamp) {
        self.recent.retain(|at| within_a_day(*at, now));
    }
}

impl FailureEvidence {
    /// Whether a session could begin at this time under it.
    pub fn admits(&self, at: Timestamp) -> bool {
        let waited = self.by_token
            || self.consecutive < SLOWED_FROM
            || self.last_failure_at.is_none_or(|last| at >= last.plus(wait(self.consecutive)));
        self.consecutive < LOCKED_FROM && self.recent < A_DAY && waited
    }
}

fn within_a_day(at: Timestamp, now: Timestamp) -> bool {
    at.plus(Duration::DAY) > now
}

/// 30 s · 2^k from the 10th on, at most an hour.
fn wait(consecutive: u32) -> Duration {
    let Some(doublings) = consecutive.checked_sub(SLOWED_FROM) else { return Duration::ZERO };
    let seconds = 30_i64.checked_shl(doublings.min(20)).unwrap_or(3_600);
    Duration::seconds(seconds.min(3_600))
}
