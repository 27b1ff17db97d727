//! Which of the scheduler's jobs this process does: each under a lease, so that of any number of processes one does it.
//!
//! A lease saves work, and nothing depends on it: what two processes do at once is told apart by the versions of what
//! they touch.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sarai_domain::kernel::Timestamp;
use sarai_ports::{
    failpoint::{self, Place},
    leases::Fence,
};
use time::Duration;

use crate::Ports;

/// How long a lease holds: with the time until somebody asks for it again, ten seconds at most.
const LEASE: std::time::Duration = std::time::Duration::from_secs(9);
/// How old a lease gets before it is prolonged.
const PROLONGED_AFTER: Duration = Duration::seconds(3);
/// How long after a refusal a lease is asked for again.
const ASKED_AFTER: Duration = Duration::milliseconds(750);

/// The leases of one process.
pub(crate) struct Shifts {
    ports: Arc<Ports>,
    known: Mutex<BTreeMap<&'static str, Known>>,
}

/// What the store last said of a lease.
#[derive(Clone, Copy)]
struct Known {
    fence: Option<Fence>,
    /// Real time.
    at: Timestamp,
}

impl Known {
    /// Whether the lease is ours, while that needs no asking.
    fn still(&self, now: Timestamp) -> Option<bool> {
        let ours = self.fence.is_some();
        let lasts = if ours { PROLONGED_AFTER } else { ASKED_AFTER };
        (Duration::ZERO..lasts).contains(&now.since(self.at)).then_some(ours)
    }
}

/// A job that runs.
pub(crate) struct Turn<'a> {
    job: &'static str,
    /// None for whoever runs it whatever others do.
    shifts: Option<&'a Shifts>,
}

impl<'a> Turn<'a> {
    /// A turn of a job; under its lease when shifts are given.
    pub(crate) fn of(job: &'static str, shifts: Option<&'a Shifts>) -> Self {
        Self { job, shifts }
    }

    /// Whether the job may go on with its next item. Prolongs the lease when it is getting old.
    pub(crate) async fn goes_on(&self) -> bool {
        match self.shifts {
            Some(shifts) => shifts.has(self.job).await,
            None => true,
        }
    }
}

impl Shifts {
    /// Over these ports.
    pub(crate) fn new(ports: Arc<Ports>) -> Self {
        Self { ports, known: Mutex::default() }
    }

    async fn has(&self, job: &'static str) -> bool {
        let at = self.ports.clock.real();
        if let Some(still) = self.known().get(job).and_then(|known| known.still(at)) {
            return still;
        }
        match self.ports.leases.take(&name(job), LEASE).await {
            Ok(fence) => {
                if fence.is_some() {
                    failpoint::reached(Place::Timer);
                }
                self.known().insert(job, Known { fence, at });
                fence.is_some()
            }
            Err(error) => {
                tracing::warn!(job, %error, "the lease of a job could not be asked for");
                false
            }
        }
    }

    /// Gives every lease back, so that others need not wait for its end.
    pub(crate) async fn hand_over(&self) {
        let known = std::mem::take(&mut *self.known());
        for (job, fence) in known.into_iter().filter_map(|(job, known)| Some((job, known.fence?))) {
            if let Err(error) = self.ports.leases.give_back(&name(job), fence).await {
                tracing::warn!(job, %error, "the lease of a job was not given back: it lapses");
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<&'static str, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(job: &str) -> String {
    format!("scheduler.{job}")
}
