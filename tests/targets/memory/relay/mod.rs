//! The relay over the memory store: order, batches, capacity, claims that lapse, and who looks for what was left.

mod outbox;
mod running;
mod sharing;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use sarai_ports::events::{Consumer, ConsumerError, EventRecord};
use tokio::sync::Semaphore;

/// Long enough for whatever has to happen.
const SOON: Duration = Duration::from_secs(20);

/// A consumer that notes what it gets.
pub(crate) struct Noting {
    name: &'static str,
    group: &'static str,
    seen: Mutex<Vec<(String, u64)>>,
    ready: AtomicBool,
    failing: AtomicBool,
    /// A delivery is handled for each of these that there is.
    pub(crate) gate: Semaphore,
}

impl Noting {
    pub(crate) fn new(name: &'static str, group: &'static str) -> Arc<Self> {
        let (ready, failing) = (AtomicBool::new(true), AtomicBool::new(false));
        let gate = Semaphore::new(Semaphore::MAX_PERMITS);
        Arc::new(Self { name, group, seen: Mutex::default(), ready, failing, gate })
    }

    /// What it got: aggregates and the numbers of their events.
    pub(crate) fn seen(&self) -> Vec<(String, u64)> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    pub(crate) fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::Relaxed);
    }
}

#[async_trait]
impl Consumer for Noting {
    fn name(&self) -> &'static str {
        self.name
    }

    fn group(&self) -> &'static str {
        self.group
    }

    fn ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    async fn handle(&self, event: &EventRecord) -> Result<(), ConsumerError> {
        self.gate.acquire().await.unwrap().forget();
        if self.failing.load(Ordering::Relaxed) {
            return Err(ConsumerError { reason: "not now".to_owned() });
        }
        self.seen.lock().unwrap().push((event.subject.clone(), event.aggregate_seq));
        Ok(())
    }
}
