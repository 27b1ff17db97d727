//! Deliveries: one queue per consumer and aggregate, its head the only one that can be claimed.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sarai_domain::kernel::{EventId, Timestamp};
use sarai_ports::{
    Scope, StoreError,
    events::{
        Backlog, ConsumerBacklog, Delivery, EventLog, EventRecord, Logged, Outbox, Republished, Retry,
        WaitingDelivery, Wanted, partition_of,
    },
    inventory::DeadLetter,
};

use crate::MemoryStore;

/// How long the committing process may take before another takes a delivery up.
const LEASE: Duration = Duration::from_secs(15);
/// Failures after which a delivery waits for a redrive.
const DEAD_AFTER: u32 = 20;

struct Entry {
    event: Arc<EventRecord>,
    attempts: u32,
    fence: u64,
    claimed_until: Option<Timestamp>,
    /// The process whose claim it is.
    holder: u64,
    due_at: Timestamp,
    dead: bool,
    last_error: Option<String>,
}

#[derive(Default)]
pub(crate) struct Queues {
    queues: BTreeMap<(&'static str, String), VecDeque<Entry>>,
    fences: u64,
}

impl Queues {
    /// Inserts a delivery; claimed for the committing process if everything before it is under way there,
    /// so that two processes never run two deliveries of one queue side by side.
    pub(crate) fn insert(
        &mut self,
        event: Arc<EventRecord>,
        consumer: &'static str,
        real: Timestamp,
        process: u64,
    ) -> Option<Delivery> {
        self.fences += 1;
        let fence = self.fences;
        let queue = self.queues.entry((consumer, event.subject.clone())).or_default();
        let ours = |before: &Entry| {
            before.holder == process && before.claimed_until.is_some_and(|until| until > real)
        };
        let free = queue.iter().all(ours);
        let after = queue.back().map(|before| before.fence);
        queue.push_back(Entry {
            event: Arc::clone(&event),
            attempts: 0,
            fence,
            claimed_until: free.then(|| real.plus(lease(LEASE))),
            holder: process,
            due_at: real,
            dead: false,
            last_error: None,
        });
        let until = Instant::now() + LEASE;
        free.then_some(Delivery { event, consumer, attempts: 0, fence, after, until })
    }

    /// Opens a delivery that is done, in its place among those of its queue; whether it was done.
    fn reopen(&mut self, event: &Arc<EventRecord>, consumer: &'static str, real: Timestamp) -> bool {
        let queue = self.queues.entry((consumer, event.subject.clone())).or_default();
        let place = queue.partition_point(|entry| entry.event.aggregate_seq < event.aggregate_seq);
        if queue.get(place).is_some_and(|entry| entry.event.id == event.id) {
            return false;
        }
        self.fences += 1;
        let (event, fence) = (Arc::clone(event), self.fences);
        let entry = Entry {
            event,
            attempts: 0,
            fence,
            claimed_until: None,
            holder: 0,
            due_at: real,
            dead: false,
            last_error: None,
        };
        queue.insert(place, entry);
        true
    }

    fn claim(&mut self, wanted: &Wanted<'_>, real: Timestamp, process: u64) -> Vec<Delivery> {
        let mut taken = Vec::new();
        let until = Instant::now() + wanted.lease;
        for ((consumer, subject), queue) in &mut self.queues {
            if taken.len() == wanted.limit {
                break;
            }
            if !wanted.consumers.contains(consumer) || !wanted.partitions.contains(partition_of(subject)) {
                continue;
            }
            let free = |entry: &Entry| {
                !entry.dead && entry.due_at <= real && entry.claimed_until.is_none_or(|until| until <= real)
            };
            let room = wanted.run.min(wanted.limit - taken.len());
            let mut after = None;
            for entry in queue.iter_mut().take(room).take_while(|entry| free(entry)) {
                self.fences += 1;
                entry.fence = self.fences;
                entry.claimed_until = Some(real.plus(lease(wanted.lease)));
                entry.holder = process;
                taken.push(Delivery {
                    event: Arc::clone(&entry.event),
                    consumer,
                    attempts: entry.attempts,
                    fence: entry.fence,
                    after,
                    until,
                });
                after = Some(entry.fence);
            }
        }
        taken
    }

    /// The entry of a delivery whose claim is still the caller's.
    fn held(&mut self, delivery: &Delivery) -> Option<&mut Entry> {
        self.queues
            .get_mut(&(delivery.consumer, delivery.event.subject.clone()))?
            .iter_mut()
            .find(|entry| entry.event.id == delivery.event.id && entry.fence == delivery.fence)
    }

    fn done(&mut self, delivery: &Delivery) {
        let key = (delivery.consumer, delivery.event.subject.clone());
        if let Some(queue) = self.queues.get_mut(&key) {
            let held = |entry: &Entry| entry.event.id == delivery.event.id && entry.fence == delivery.fence;
            if let Some(place) = queue.iter().position(held) {
                queue.remove(place);
            }
            if queue.is_empty() {
                self.queues.remove(&key);
            }
        }
    }

    /// Gives dead letters all their tries again, at once; how many there were.
    fn redrive(&mut self, real: Timestamp, of: impl Fn(&str) -> bool) -> usize {
        let queues = self.queues.iter_mut().filter(|((_, subject), _)| of(subject));
        let mut dead = 0;
        for entry in queues.flat_map(|(_, queue)| queue).filter(|entry| entry.dead) {
            (entry.dead, entry.attempts, entry.due_at) = (false, 0, real);
            dead += 1;
        }
        dead
    }

    /// Whether a consumer has an event of this aggregate left.
    pub(crate) fn is_open(&self, consumer: &'static str, subject: &str) -> bool {
        self.queues.contains_key(&(consumer, subject.to_owned()))
    }

    /// Deliveries that were tried too often.
    pub(crate) fn dead(&self) -> impl Iterator<Item = DeadLetter> {
        let entries = self.queues.iter().flat_map(|((consumer, _), queue)| {
            queue.iter().filter(|entry| entry.dead).map(|entry| (*consumer, entry))
        });
        entries.map(|(consumer, entry)| DeadLetter {
            event_id: entry.event.id,
            tenant_id: entry.event.tenant_id.clone(),
            aggregate: entry.event.aggregate.to_owned(),
            subject: entry.event.subject.clone(),
            topic: entry.event.event.topic().to_owned(),
            consumer: consumer.to_owned(),
            attempts: entry.attempts,
        })
    }

    /// Deliveries not done, with their consumer.
    pub(crate) fn open(&self) -> impl Iterator<Item = (&'static str, &EventRecord)> {
        self.queues
            .iter()
            .flat_map(|((consumer, _), queue)| queue.iter().map(|entry| (*consumer, &*entry.event)))
    }
}

/// A duration as the clock counts.
pub(crate) fn lease(duration: Duration) -> time::Duration {
    time::Duration::try_from(duration).unwrap_or(time::Duration::MAX)
}

#[async_trait]
impl Outbox for MemoryStore {
    async fn claim_due(&self, wanted: &Wanted<'_>) -> Result<Vec<Delivery>, StoreError> {
        let real = self.clock.real();
        Ok(self.state().outbox.claim(wanted, real, self.process))
    }

    async fn done(&self, deliveries: &[Delivery]) -> Result<(), StoreError> {
        let mut state = self.state();
        for delivery in deliveries {
            state.outbox.done(delivery);
        }
        Ok(())
    }

    async fn failed(&self, delivery: &Delivery, reason: &str) -> Result<Retry, StoreError> {
        let real = self.clock.real();
        let mut state = self.state();
        let Some(entry) = state.outbox.held(delivery) else { return Ok(Retry::Later) };
        entry.attempts += 1;
        entry.claimed_until = None;
        entry.last_error = Some(reason.to_owned());
        entry.dead = entry.attempts >= DEAD_AFTER;
        entry.due_at = real.plus(lease(Duration::from_millis(200 << entry.attempts.min(12))));
        Ok(if entry.dead { Retry::DeadLetter } else { Retry::Later })
    }

    async fn release(&self, delivery: &Delivery) -> Result<(), StoreError> {
        if let Some(entry) = self.state().outbox.held(delivery) {
            entry.claimed_until = None;
        }
        Ok(())
    }

    async fn waiting(&self, subject: &str, limit: usize) -> Result<Vec<WaitingDelivery>, StoreError> {
        let state = self.state();
        let queues = state.outbox.queues.iter().filter(|((_, of), _)| of == subject);
        let waiting = queues.flat_map(|((consumer, _), queue)| {
            queue.iter().map(|entry| WaitingDelivery {
                event: Ok(Arc::clone(&entry.event)),
                consumer,
                attempts: entry.attempts,
                dead: entry.dead,
                last_error: entry.last_error.clone(),
            })
        });
        Ok(waiting.take(limit).collect())
    }

    async fn redrive(&self, subject: &str) -> Result<usize, StoreError> {
        Ok(self.state().outbox.redrive(self.clock.real(), |of| of == subject))
    }

    async fn redrive_all(&self) -> Result<usize, StoreError> {
        Ok(self.state().outbox.redrive(self.clock.real(), |_| true))
    }

    async fn republish(
        &self,
        consumer: &'static str,
        from: Timestamp,
        to: Timestamp,
        after: Option<(Timestamp, EventId)>,
        limit: usize,
    ) -> Result<Republished, StoreError> {
        let real = self.clock.real();
        let mut state = self.state();
        let place = |event: &EventRecord| (event.recorded_at, event.id);
        let mut events: Vec<_> = state.events.values().flatten().map(Arc::clone).collect();
        events.retain(|event| {
            (from..to).contains(&event.recorded_at) && after.is_none_or(|after| place(event) > after)
        });
        events.sort_unstable_by_key(|event| place(event));
        let more = events.len() > limit;
        events.truncate(limit);
        let deliveries = events.iter().filter(|event| state.outbox.reopen(event, consumer, real)).count();
        let next = events.last().filter(|_| more).map(|last| place(last));
        Ok(Republished { events: events.len(), deliveries, next })
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        let state = self.state();
        let entries = || state.outbox.queues.values().flatten();
        Ok(Backlog { open: entries().count(), dead_letters: entries().filter(|entry| entry.dead).count() })
    }

    async fn backlogs(&self) -> Result<Vec<ConsumerBacklog>, StoreError> {
        let state = self.state();
        let mut backlogs: BTreeMap<&'static str, (Backlog, Timestamp)> = BTreeMap::new();
        for ((consumer, _), queue) in &state.outbox.queues {
            for entry in queue {
                let recorded_at = entry.event.recorded_at;
                let (backlog, oldest) = backlogs.entry(consumer).or_insert((Backlog::default(), recorded_at));
                backlog.open += 1;
                backlog.dead_letters += usize::from(entry.dead);
                *oldest = recorded_at.min(*oldest);
            }
        }
        let told = |(consumer, (backlog, oldest)): (&str, _)| ConsumerBacklog {
            consumer: consumer.to_owned(),
            backlog,
            oldest,
        };
        Ok(backlogs.into_iter().map(told).collect())
    }
}

#[async_trait]
impl EventLog for MemoryStore {
    async fn by_correlation(
        &self,
        scope: &Scope,
        correlation_id: &str,
        limit: usize,
    ) -> Result<Vec<Logged>, StoreError> {
        let state = self.state();
        let events = state.events.get(correlation_id).into_iter().flatten();
        Ok(events.filter(|event| scope.covers(&event.tenant_id)).take(limit).cloned().map(Ok).collect())
    }
}
