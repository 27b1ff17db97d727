//! Every store port in memory, with the conflict semantics of a database.
//!
//! One mutex guards everything, so there is nothing to deadlock on and a commit is atomic: it checks the
//! inbox, the claim, the version and the unique keys first and writes only when nothing refuses. It keeps
//! nothing when the process ends; tests, the simulation and `sarai serve --memory` use it.

mod commit;
mod devportal;
mod docs;
mod earnings;
mod feed;
mod idempotency;
mod indexes;
mod inventory;
mod leases;
mod outbox;
mod read_models;
mod receipts;
mod repositories;
mod sandboxes;
mod sdk;
mod state;
mod statements;
mod table;
mod verify;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sarai_ports::{events::EventRecord, system::Clock};

use crate::state::State;

/// The store as one process sees it. Clones share one state and are the same process.
#[derive(Clone)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    clock: Arc<dyn Clock>,
    /// Who holds what this store claims.
    process: u64,
}

impl MemoryStore {
    /// An empty store; the clock's real time decides leases.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { state: Arc::default(), clock, process: 0 }
    }

    /// The same state as another process sees it: claims of one are not the other's.
    #[must_use]
    pub fn another_process(&self) -> Self {
        let mut state = self.state();
        state.processes += 1;
        Self { state: Arc::clone(&self.state), clock: Arc::clone(&self.clock), process: state.processes }
    }

    /// Every event there ever was, for tests that look at all of them; within an aggregate in its order.
    pub fn recorded(&self) -> Vec<Arc<EventRecord>> {
        self.state().events.values().flatten().map(Arc::clone).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
