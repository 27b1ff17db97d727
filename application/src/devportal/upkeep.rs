//! What time brings about in the developer portal: one table of jobs, each under a lease, each item on its own.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use sarai_domain::kernel::{Outcome, Timestamp};
use sarai_ports::{StoreError, system::DueWork};
use time::Duration;

use super::key_course::issued_by;
use crate::{
    AppError, Ports,
    shifts::{Shifts, Turn},
};

/// How many items a job takes at a time.
const BATCH: usize = 100;
/// After how long what did not get on is tried again, in real time.
const AGAIN: Duration = Duration::seconds(10);

/// Something that is done to keys when its time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Job {
    End,
    Notice,
    Reaper,
    Rotation,
    Revocation,
}

/// Every job with its name in leases, metrics and logs, in the order in which they run.
#[rustfmt::skip]
const JOBS: &[(Job, &str)] = &[
    (Job::End,        "key_end"),
    (Job::Notice,     "key_notice"),
    (Job::Reaper,     "key_reaper"),
    (Job::Rotation,   "key_rotation"),
    (Job::Revocation, "key_revocation"),
];

/// Runs what is due. Every process has one: leases share the jobs out, and versions keep processes apart.
#[derive(Clone)]
pub struct Upkeep {
    ports: Arc<Ports>,
    shifts: Arc<Shifts>,
    /// When items that did not get on are tried again, in real time.
    waiting: Arc<Mutex<BTreeMap<String, Timestamp>>>,
}

impl Upkeep {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { shifts: Arc::new(Shifts::new(Arc::clone(&ports))), ports, waiting: Arc::default() }
    }

    /// Runs what is due of the jobs that this process holds the leases of.
    pub async fn tick(&self) -> usize {
        self.round(Some(&*self.shifts)).await
    }

    /// Leaves the jobs to others.
    pub async fn hand_over(&self) {
        self.shifts.hand_over().await;
    }

    async fn round(&self, shifts: Option<&Shifts>) -> usize {
        let now = self.ports.now();
        let mut ran: usize = 0;
        for (job, name) in JOBS {
            let turn = Turn::of(name, shifts);
            if !turn.goes_on().await {
                continue;
            }
            match self.run(*job, name, now, &turn).await {
                Ok(count) => {
                    metrics::counter!("scheduler_runs_total", "job" => *name).increment(count as u64);
                    ran = ran.saturating_add(count);
                }
                Err(error) => tracing::warn!(job = name, code = error.code, "a job could not read its work"),
            }
        }
        ran
    }

    async fn run(
        &self,
        job: Job,
        name: &'static str,
        now: Timestamp,
        turn: &Turn<'_>,
    ) -> Result<usize, AppError> {
        let (ports, keys) = (&self.ports, self.ports.devportal.keys());
        let due = match job {
            Job::End => keys.find_ended(now, BATCH).await?,
            Job::Notice => keys.find_noticeable(now, BATCH).await?,
            Job::Reaper => keys.find_unissued(issued_by(now), BATCH).await?,
            Job::Rotation => keys.find_unreplaced(BATCH).await?,
            Job::Revocation => keys.find_untold(BATCH).await?,
        };
        let mut ran: usize = 0;
        for key in due {
            let item = format!("{name} {key}");
            if !self.is_due(&item) {
                continue;
            }
            if !turn.goes_on().await {
                break;
            }
            let outcome = match job {
                Job::End => ports.lapse_key(key, now).await,
                Job::Notice => ports.announce_key_expiry(key, now).await,
                Job::Reaper => ports.reap_key(key, now).await,
                Job::Rotation => ports.finish_rotation(key, now).await,
                Job::Revocation => ports.tell_untold(key, now).await,
            };
            match outcome {
                Ok(Outcome::Applied) => ran = ran.saturating_add(1),
                Ok(Outcome::AlreadyApplied) => {}
                Err(error) => {
                    tracing::warn!(
                        job = name,
                        code = error.code,
                        message = error.message,
                        "a scheduled item failed"
                    );
                    self.wait(item);
                }
            }
        }
        Ok(ran)
    }

    fn is_due(&self, item: &str) -> bool {
        let real = self.ports.clock.real();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, until| real < *until);
        !waiting.contains_key(item)
    }

    fn wait(&self, item: String) {
        let until = self.ports.clock.real().plus(AGAIN);
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(item, until);
    }
}

#[async_trait]
impl DueWork for Upkeep {
    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.ports.devportal.keys().next_due(after).await
    }

    async fn run_due(&self) -> Result<usize, StoreError> {
        Ok(self.round(None).await)
    }
}
