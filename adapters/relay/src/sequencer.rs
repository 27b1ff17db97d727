//! Numbers what was committed, and wakes who waits for it (ruling R42).
//!
//! One loop a process. It numbers at once after a commit of this process and every 250 ms besides, when it holds
//! the lease; then it asks once which feeds moved, in whatever process, and wakes the clients that watch them. What
//! is committed within 80 ms of a turn waits for the next one: numbering many rows costs what numbering one does.
//! So a thousand waiting clients cost one small question every 250 ms, and only those read whose feed moved. While
//! nobody waits here, that question is asked once a second.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sarai_ports::{
    StoreError,
    feed::{Feed, FeedFence, FeedId, FeedSignal, FeedWatch},
    system::Clock,
};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

/// How long the lease holds.
const LEASE: Duration = Duration::from_secs(15);
/// How often the lease is prolonged.
const PROLONG: Duration = Duration::from_secs(5);
/// From one turn to the next at least.
const PACE: Duration = Duration::from_millis(80);
/// How often the feeds are looked at without a commit of this process, and the lease is asked for.
const POLL: Duration = Duration::from_millis(250);
/// How often it is asked which feeds moved while nobody watches one: whoever begins to has little to catch up with.
const UNWATCHED: Duration = Duration::from_secs(1);
/// How often the backlog is counted: it costs as much as numbering does.
const MEASURE_EVERY: Duration = Duration::from_secs(1);
/// How many rows are numbered, and how many moves are asked for, at a time.
const BATCH: usize = 500;

/// The sequencer of one process.
#[derive(Clone)]
pub struct Sequencer {
    inner: Arc<Inner>,
}

struct Inner {
    feed: Arc<dyn Feed>,
    clock: Arc<dyn Clock>,
    committed: Notify,
    /// The feeds that are watched, and how often each has moved since.
    watched: Mutex<HashMap<FeedId, watch::Sender<u64>>>,
}

/// What the loop remembers.
#[derive(Default)]
struct Memory {
    /// The lease, while it is ours.
    held: Option<FeedFence>,
    /// When it was last asked for.
    asked: Option<Instant>,
    /// Up to where it is known which feeds moved.
    position: u64,
    /// When that was last asked.
    looked: Option<Instant>,
}

impl Sequencer {
    /// A sequencer of these feeds.
    pub fn new(feed: Arc<dyn Feed>, clock: Arc<dyn Clock>) -> Self {
        let (committed, watched) = (Notify::new(), Mutex::default());
        Self { inner: Arc::new(Inner { feed, clock, committed, watched }) }
    }

    /// Something was committed: look at once.
    pub fn wake(&self) {
        self.inner.committed.notify_one();
    }

    /// Numbers and wakes until told to stop; then another process may.
    pub async fn run(&self, stop: CancellationToken) {
        let mut memory = Memory::default();
        let mut measured: Option<Instant> = None;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.inner.committed.notified() => {}
                () = tokio::time::sleep(POLL) => {}
            }
            let mut turned = self.turn(&mut memory).await;
            if turned.is_ok() && measured.is_none_or(|at| at.elapsed() >= MEASURE_EVERY) {
                measured = Some(Instant::now());
                turned = self.measure().await;
            }
            if let Err(error) = turned {
                tracing::warn!(%error, "the feeds could not be numbered");
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(PACE) => {}
            }
        }
        if let Some(fence) = memory.held
            && let Err(error) = self.inner.feed.release(fence).await
        {
            tracing::warn!(%error, "the lease of the feeds was not given back: it lapses");
        }
    }

    async fn turn(&self, memory: &mut Memory) -> Result<(), StoreError> {
        let patience = if memory.held.is_some() { PROLONG } else { POLL };
        if memory.asked.is_none_or(|asked| asked.elapsed() >= patience) {
            memory.asked = Some(Instant::now());
            memory.held = self.inner.feed.lease(LEASE).await?;
        }
        // The store knows whose the lease is: one that was lost numbers nothing.
        while let Some(fence) = memory.held {
            match self.inner.feed.sequence(fence, BATCH).await? {
                Some(BATCH) => {}
                Some(_) => break,
                None => memory.held = None,
            }
        }
        let unwatched = self.inner.watched().is_empty();
        if unwatched && memory.looked.is_some_and(|looked| looked.elapsed() < UNWATCHED) {
            return Ok(());
        }
        memory.looked = Some(Instant::now());
        loop {
            let moved = self.inner.feed.moved(memory.position, BATCH).await?;
            for head in &moved {
                self.inner.moved(&head.feed);
                memory.position = head.moved;
            }
            if moved.len() < BATCH {
                break;
            }
        }
        self.inner.forget_unwatched();
        Ok(())
    }

    async fn measure(&self) -> Result<(), StoreError> {
        let backlog = self.inner.feed.unnumbered().await?;
        let lag = backlog.oldest.map(|oldest| self.inner.clock.real().since(oldest).as_seconds_f64());
        metrics::gauge!("feed_lag_seconds").set(lag.unwrap_or_default().max(0.0));
        Ok(())
    }
}

impl Inner {
    fn watched(&self) -> MutexGuard<'_, HashMap<FeedId, watch::Sender<u64>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn moved(&self, feed: &FeedId) {
        if let Some(watchers) = self.watched().get(feed) {
            watchers.send_modify(|moves| *moves = moves.wrapping_add(1));
        }
    }

    fn forget_unwatched(&self) {
        self.watched().retain(|_, watchers| watchers.receiver_count() > 0);
    }
}

impl FeedSignal for Sequencer {
    fn watch(&self, feed: &FeedId) -> Box<dyn FeedWatch> {
        let mut watched = self.inner.watched();
        let watchers = watched.entry(feed.clone()).or_insert_with(|| watch::channel(0).0);
        Box::new(Watching(watchers.subscribe()))
    }
}

struct Watching(watch::Receiver<u64>);

#[async_trait]
impl FeedWatch for Watching {
    async fn moved(&mut self) {
        if self.0.changed().await.is_err() {
            // Nobody tells any more, so look now and then.
            tokio::time::sleep(POLL).await;
        }
    }
}
