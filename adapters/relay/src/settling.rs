//! What is done is told to the outbox in batches: one write for whatever finished while the last one was written.
//!
//! A later delivery of a lane may run before its predecessor is settled: the claim of that one is ours, so nobody
//! else runs it, and if it lapses after all, its repetition changes nothing.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sarai_ports::{
    events::Delivery,
    failpoint::{self, Place},
};

use crate::{Inner, lanes::lane_of};

/// How many are settled by one write.
const BATCH: usize = 500;
/// How long to wait after a write that failed.
const PAUSE: Duration = Duration::from_millis(200);

/// What is done and not settled.
#[derive(Default)]
pub(crate) struct Settling(Mutex<Unsettled>);

#[derive(Default)]
struct Unsettled {
    finished: Vec<Delivery>,
    /// How many are being written.
    written: usize,
    /// How many writes succeeded so far.
    writes: u64,
}

impl Settling {
    fn unsettled(&self) -> MutexGuard<'_, Unsettled> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether everything is settled.
    pub(crate) fn is_idle(&self) -> bool {
        self.waiting() == 0
    }

    /// How many deliveries are not settled.
    pub(crate) fn waiting(&self) -> usize {
        let unsettled = self.unsettled();
        unsettled.finished.len() + unsettled.written
    }

    /// How many writes succeeded so far.
    pub(crate) fn writes(&self) -> u64 {
        self.unsettled().writes
    }

    /// The next batch; none when nothing is left.
    fn next(&self) -> Option<Vec<Delivery>> {
        let mut unsettled = self.unsettled();
        let count = unsettled.finished.len().min(BATCH);
        unsettled.written = count;
        (count > 0).then(|| unsettled.finished.drain(..count).collect())
    }
}

impl Inner {
    /// A delivery is done: it is settled at once, or with what else finishes while a write is under way.
    pub(crate) fn settle(self: &Arc<Self>, delivery: Delivery) {
        let mut unsettled = self.settling.unsettled();
        let idle = unsettled.finished.is_empty() && unsettled.written == 0;
        unsettled.finished.push(delivery);
        drop(unsettled);
        if idle {
            let inner = Arc::clone(self);
            tokio::spawn(async move { inner.write().await });
        }
    }

    /// Settles what is finished until nothing is left.
    async fn write(&self) {
        while let Some(batch) = self.settling.next() {
            match self.outbox.done(&batch).await {
                Ok(()) => {
                    failpoint::reached(Place::Done);
                    self.settling.unsettled().writes += 1;
                }
                Err(error) => {
                    tracing::warn!(%error, count = batch.len(), "deliveries were not settled");
                    self.keep(batch);
                    tokio::time::sleep(PAUSE).await;
                }
            }
            self.finished.notify_waiters();
        }
        self.finished.notify_waiters();
    }

    /// Keeps what could not be settled while its claim holds. What lapses is taken up again, and changes nothing.
    fn keep(&self, mut batch: Vec<Delivery>) {
        let now = Instant::now();
        for lapsed in batch.extract_if(.., |delivery| delivery.until <= now) {
            self.in_flight().close(&lane_of(&lapsed));
        }
        let mut unsettled = self.settling.unsettled();
        batch.append(&mut unsettled.finished);
        unsettled.finished = batch;
    }
}
