//! What time brings about in Verify, shared out among processes by leases; the versions of what is changed keep them
//! apart. Sends are not among it: a sender may take a minute, so each is a task of its own (see [`Verify::waiting`]).

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use sarai_domain::kernel::Timestamp;
use sarai_ports::{StoreError, system::DueWork};
use time::Duration;

use super::Verify;
use crate::{
    Ports,
    shifts::{Shifts, Turn},
};

/// How often what processes left behind is looked for, in real time.
const SWEEP_EVERY: Duration = Duration::seconds(10);

/// Runs what is due. Every process has one.
#[derive(Clone)]
pub struct VerifyUpkeep {
    verify: Verify,
    ports: Arc<Ports>,
    shifts: Arc<Shifts>,
    swept_at: Arc<Mutex<Option<Timestamp>>>,
}

impl VerifyUpkeep {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        let shifts = Arc::new(Shifts::new(Arc::clone(&ports)));
        Self { verify: Verify::new(Arc::clone(&ports)), ports, shifts, swept_at: Arc::default() }
    }

    /// Moves sessions on, and sweeps now and then, where this process holds the leases.
    pub async fn tick(&self) {
        let turn = |job| Turn::of(job, Some(&*self.shifts));
        if turn("verify_course").goes_on().await
            && let Err(error) = self.verify.courses().await
        {
            tracing::warn!(code = error.code, "sessions that are due could not be read");
        }
        if self.sweeps()
            && turn("verify_sweep").goes_on().await
            && let Err(error) = self.verify.sweep().await
        {
            tracing::warn!(code = error.code, "what processes left behind could not be looked for");
        }
    }

    /// Leaves the jobs to others.
    pub async fn hand_over(&self) {
        self.shifts.hand_over().await;
    }

    fn sweeps(&self) -> bool {
        let now = self.ports.clock.real();
        let mut swept_at = self.swept_at.lock().unwrap_or_else(PoisonError::into_inner);
        let due = swept_at.is_none_or(|at| now >= at.plus(SWEEP_EVERY));
        if due {
            *swept_at = Some(now);
        }
        due
    }
}

#[async_trait]
impl DueWork for VerifyUpkeep {
    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.verify.next_due(after).await
    }

    async fn run_due(&self) -> Result<usize, StoreError> {
        let ran = self.verify.run_due().await;
        let swept = self.verify.sweep().await;
        let count = |job, ran: Result<usize, crate::AppError>| {
            ran.unwrap_or_else(|error| {
                tracing::warn!(job, code = error.code, "a job could not read its work");
                0
            })
        };
        Ok(count("verify", ran).saturating_add(count("verify_sweep", swept)))
    }
}
