//! Callbacks: kept until the receiver has accepted them, each tried on its own, in no particular order.
//!
//! A callback is due by business time. What is due is delivered at once by a task that tries again with
//! growing pauses; [`Callbacks::run_due`] delivers without a pause and waits for what is under way.
//!
//! A callback is a document from the change that it tells until it was accepted. None leaves before what it
//! tells is on disk, so nobody hears of a change that a crash takes back.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sarai_domain::kernel::Timestamp;
use sarai_ports::{
    GatewayError, StoreError,
    inbound::{InboundRecord, InboundSink},
    system::Clock,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{runtime::Handle, sync::Notify};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    cloud_event::{cloud_event, record_of},
    documents::{Changes, Documents, DocumentsError},
    locked,
};

/// The pause after the first failed try; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause.
const LAST_PAUSE: Duration = Duration::from_secs(5);
/// How often the business clock is looked at for callbacks that have become due.
const POLL: Duration = Duration::from_millis(250);
/// How often one flush tries a callback before it reports the failure.
const FLUSH_TRIES: u32 = 3;

/// The callbacks of one stand-in.
pub(crate) struct Callbacks {
    this: Weak<Self>,
    kind: &'static str,
    clock: Arc<dyn Clock>,
    documents: Arc<Documents>,
    /// How many were posted, ever.
    posted: AtomicU64,
    sink: Mutex<Option<Arc<dyn InboundSink>>>,
    queue: Mutex<Queue>,
    /// Told whenever a delivery ends.
    ended: Notify,
}

#[derive(Default)]
struct Queue {
    accepted: usize,
    pending: BTreeMap<u64, Pending>,
}

struct Pending {
    record: InboundRecord,
    due: Timestamp,
    in_flight: bool,
    has_task: bool,
}

/// A callback that was decided on and is not queued yet.
pub(crate) struct Posted {
    number: u64,
    record: InboundRecord,
    due: Timestamp,
}

/// What is kept of a callback.
#[derive(Serialize, Deserialize)]
struct Document {
    number: u64,
    due: Timestamp,
    event: Value,
}

/// How a try ended.
enum Try {
    /// Accepted now or before.
    Done,
    /// Somebody else is at it, or there is no receiver yet.
    Busy,
    /// The receiver wants it again.
    Refused(StoreError),
}

impl Callbacks {
    /// The callbacks of this kind that the documents held when they were opened, and no receiver yet.
    pub(crate) fn new(
        kind: &'static str,
        clock: Arc<dyn Clock>,
        documents: Arc<Documents>,
    ) -> Result<Arc<Self>, DocumentsError> {
        let mut queue = Queue::default();
        let held: Vec<(String, Document)> = documents.take(kind)?;
        for (key, Document { number, due, event }) in held {
            let unreadable =
                || DocumentsError::Unreadable { kind: kind.to_owned(), key, reason: "no event".to_owned() };
            let record = record_of(&event).ok_or_else(unreadable)?;
            queue.pending.insert(number, Pending { record, due, in_flight: false, has_task: false });
        }
        let posted = queue.pending.last_key_value().map_or(0, |(last, _)| last.saturating_add(1));
        Ok(Arc::new_cyclic(|this| Self {
            this: Weak::clone(this),
            kind,
            clock,
            documents,
            posted: AtomicU64::new(posted),
            sink: Mutex::default(),
            queue: Mutex::new(queue),
            ended: Notify::new(),
        }))
    }

    /// Sets the receiver, and delivers what waited for one.
    pub(crate) fn connect(&self, sink: Arc<dyn InboundSink>) {
        *locked(&self.sink) = Some(sink);
        self.start_due();
    }

    /// Delivers a callback from `due` on.
    pub(crate) fn post(&self, record: InboundRecord, due: Timestamp) {
        let mut changes = self.documents.changes();
        match self.prepare(record, due, &mut changes) {
            Ok(posted) => {
                self.documents.write(changes);
                self.enqueue([posted]);
            }
            Err(error) => warn!(%error, "a callback was not posted"),
        }
    }

    /// Notes a callback from `due` on among the changes that it tells.
    pub(crate) fn prepare(
        &self,
        record: InboundRecord,
        due: Timestamp,
        changes: &mut Changes,
    ) -> Result<Posted, GatewayError> {
        let number = self.posted.fetch_add(1, Ordering::SeqCst);
        let document = Document { number, due, event: cloud_event(&record) };
        changes.note(self.kind, &record.id, Some(&document))?;
        Ok(Posted { number, record, due })
    }

    /// Queues callbacks whose changes were handed over.
    pub(crate) fn enqueue(&self, posted: impl IntoIterator<Item = Posted>) {
        locked(&self.queue).pending.extend(posted.into_iter().map(|Posted { number, record, due }| {
            (number, Pending { record, due, in_flight: false, has_task: false })
        }));
        self.start_due();
    }

    /// When the first callback after this instant is due; none without a receiver.
    pub(crate) fn next_due(&self, after: Timestamp) -> Option<Timestamp> {
        self.sink()?;
        let queue = locked(&self.queue);
        queue.pending.values().map(|pending| pending.due).filter(|due| *due > after).min()
    }

    /// Delivers what is due by now, also what becomes due meanwhile, and waits for what is under way.
    ///
    /// # Errors
    /// The receiver's, when it refused a callback several times; the callback stays and is tried again.
    pub(crate) async fn run_due(&self) -> Result<usize, StoreError> {
        let before = locked(&self.queue).accepted;
        if self.sink().is_none() {
            return Ok(0);
        }
        let mut tries: BTreeMap<u64, u32> = BTreeMap::new();
        let mut failure = None;
        loop {
            self.quiet().await;
            let Some(number) = self.next_due_number(&tries) else { break };
            if let Try::Refused(error) = self.attempt(number).await {
                let count = tries.entry(number).or_default();
                *count = count.saturating_add(1);
                if *count == FLUSH_TRIES {
                    failure.get_or_insert(error);
                } else {
                    tokio::time::sleep(FIRST_PAUSE).await;
                }
            }
        }
        match failure {
            Some(error) => Err(error),
            None => Ok(locked(&self.queue).accepted.saturating_sub(before)),
        }
    }

    /// Starts what becomes due as time goes by, until told to stop.
    pub(crate) async fn run(&self, stop: CancellationToken) {
        loop {
            self.start_due();
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    fn sink(&self) -> Option<Arc<dyn InboundSink>> {
        locked(&self.sink).clone()
    }

    /// Gives each due callback a task of its own. Outside a runtime they wait for `run_due`.
    fn start_due(&self) {
        let (Some(_), Ok(runtime)) = (self.sink(), Handle::try_current()) else { return };
        let now = self.clock.now();
        let mut started = Vec::new();
        for (number, pending) in &mut locked(&self.queue).pending {
            if pending.due <= now && !pending.has_task {
                pending.has_task = true;
                started.push(Task { callbacks: Weak::clone(&self.this), number: *number });
            }
        }
        // After the lock is free: a runtime that is shutting down drops the task here and now.
        for task in started {
            runtime.spawn(task.run());
        }
    }

    async fn attempt(&self, number: u64) -> Try {
        let Some(sink) = self.sink() else { return Try::Busy };
        let record = match locked(&self.queue).pending.get_mut(&number) {
            None => return Try::Done,
            Some(pending) if pending.in_flight => return Try::Busy,
            Some(pending) => {
                pending.in_flight = true;
                pending.record.clone()
            }
        };
        let _flight = Flight { callbacks: self, number };
        let id = record.id.clone();
        let heard = match self.documents.kept().await {
            Ok(()) => sink.receive(record).await,
            Err(error) => Err(StoreError::Unavailable(error.to_string())),
        };
        match heard {
            Ok(()) => {
                let mut queue = locked(&self.queue);
                queue.pending.remove(&number);
                let mut changes = self.documents.changes();
                if changes.note(self.kind, &id, None::<&Value>).is_ok() {
                    self.documents.write(changes);
                }
                queue.accepted = queue.accepted.saturating_add(1);
                Try::Done
            }
            Err(error) => {
                warn!(callback = id, %error, "a callback was not accepted and will be sent again");
                Try::Refused(error)
            }
        }
    }

    /// Waits until no due callback is being delivered by somebody else.
    async fn quiet(&self) {
        loop {
            let mut ended = std::pin::pin!(self.ended.notified());
            ended.as_mut().enable();
            if !locked(&self.queue).pending.values().any(|pending| pending.in_flight) {
                return;
            }
            ended.await;
        }
    }

    /// The callback that has been due longest and has not been tried too often.
    fn next_due_number(&self, tries: &BTreeMap<u64, u32>) -> Option<u64> {
        let now = self.clock.now();
        let fresh = |number: &u64| tries.get(number).is_none_or(|count| *count < FLUSH_TRIES);
        let queue = locked(&self.queue);
        let due = queue.pending.iter().filter(|(number, pending)| pending.due <= now && fresh(number));
        due.min_by_key(|(number, pending)| (pending.due, **number)).map(|(number, _)| *number)
    }
}

/// A delivery under way: however it ends, also by a panic or a dropped future, the callback is free again.
struct Flight<'a> {
    callbacks: &'a Callbacks,
    number: u64,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        if let Some(pending) = locked(&self.callbacks.queue).pending.get_mut(&self.number) {
            pending.in_flight = false;
        }
        self.callbacks.ended.notify_waiters();
    }
}

/// The task of one callback; it holds its stand-in only while it tries.
struct Task {
    callbacks: Weak<Callbacks>,
    number: u64,
}

impl Task {
    async fn run(self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let Some(callbacks) = self.callbacks.upgrade() else { return };
            if matches!(callbacks.attempt(self.number).await, Try::Done) {
                return;
            }
            drop(callbacks);
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(LAST_PAUSE);
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        let Some(callbacks) = self.callbacks.upgrade() else { return };
        if let Some(pending) = locked(&callbacks.queue).pending.get_mut(&self.number) {
            pending.has_task = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Recorder, clock, fact};

    fn callbacks(clock: &Arc<sarai_system::ManualClock>) -> Arc<Callbacks> {
        Callbacks::new("callback", clock.clone(), Arc::default()).unwrap()
    }

    #[tokio::test]
    async fn a_callback_is_sent_again_until_it_is_accepted() {
        let (clock, sink) = (clock(), Arc::new(Recorder::default()));
        let callbacks = callbacks(&clock);
        sink.refuse(2);
        callbacks.post(fact("one"), clock.now());
        callbacks.connect(sink.clone());
        assert_eq!(callbacks.run_due().await, Ok(1));
        assert_eq!(callbacks.run_due().await, Ok(0));
        assert_eq!(sink.ids(), ["one"]);
    }

    #[tokio::test(start_paused = true)]
    async fn its_task_alone_gets_it_through() {
        let (clock, sink) = (clock(), Arc::new(Recorder::default()));
        let callbacks = callbacks(&clock);
        callbacks.connect(sink.clone());
        sink.refuse(6);
        callbacks.post(fact("one"), clock.now());
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert_eq!(sink.ids(), ["one"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flush_reports_a_receiver_that_keeps_refusing_and_keeps_the_callback() {
        let (clock, sink) = (clock(), Arc::new(Recorder::default()));
        let callbacks = callbacks(&clock);
        callbacks.post(fact("one"), clock.now());
        callbacks.connect(sink.clone());
        sink.refuse(100);
        assert!(callbacks.run_due().await.is_err());
        assert!(sink.ids().is_empty());
        sink.refuse(0);
        assert_eq!(callbacks.run_due().await, Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_later_callback_waits_for_the_business_clock() {
        let (clock, sink) = (clock(), Arc::new(Recorder::default()));
        let callbacks = callbacks(&clock);
        callbacks.connect(sink.clone());
        let due = clock.now().plus(time::Duration::seconds(60));
        callbacks.post(fact("late"), due);
        assert_eq!(callbacks.run_due().await, Ok(0));
        assert_eq!((callbacks.next_due(clock.now()), callbacks.next_due(due)), (Some(due), None));

        let stop = CancellationToken::new();
        let background = tokio::spawn({
            let (callbacks, stop) = (callbacks.clone(), stop.clone());
            async move { callbacks.run(stop).await }
        });
        tokio::time::sleep(Duration::from_hours(1)).await;
        assert!(sink.ids().is_empty());
        clock.advance(time::Duration::seconds(60));
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(sink.ids(), ["late"]);
        stop.cancel();
        background.await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn flushes_and_tasks_side_by_side_deliver_each_callback_once() {
        let (clock, sink) = (clock(), Arc::new(Recorder::default()));
        let callbacks = callbacks(&clock);
        callbacks.connect(sink.clone());
        sink.refuse(20);
        (0..200).for_each(|number| callbacks.post(fact(&number.to_string()), clock.now()));
        let flush = || {
            let callbacks = callbacks.clone();
            tokio::spawn(async move { callbacks.run_due().await })
        };
        for flushed in [flush(), flush()] {
            flushed.await.unwrap().unwrap();
        }
        let mut ids = sink.ids();
        ids.sort();
        ids.dedup();
        assert_eq!((ids.len(), sink.ids().len()), (200, 200));
    }

    #[tokio::test]
    async fn without_a_receiver_nothing_is_due() {
        let clock = clock();
        let callbacks = callbacks(&clock);
        let due = clock.now().plus(time::Duration::seconds(1));
        callbacks.post(fact("one"), clock.now());
        callbacks.post(fact("two"), due);
        assert_eq!((callbacks.run_due().await, callbacks.next_due(clock.now())), (Ok(0), None));
    }
}
