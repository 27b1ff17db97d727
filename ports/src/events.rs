//! Events after the commit: the outbox's deliveries, and the consumers that get them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sarai_domain::kernel::{EventId, TenantId, Timestamp};

use crate::{Event, Scope, StoreError};

pub use crate::partition::{Partitions, partition_of};

/// The consumers of an event: the routing table as a function.
pub type Routes = fn(event: &Event) -> Vec<&'static str>;

/// An event as the outbox keeps it: the fields of its `CloudEvents` envelope (platform.md 3).
#[derive(Debug, Clone)]
pub struct EventRecord {
    /// Its id.
    pub id: EventId,
    /// The tenant of its aggregate.
    pub tenant_id: TenantId,
    /// The aggregate's name.
    pub aggregate: &'static str,
    /// The aggregate's id: the envelope's subject.
    pub subject: String,
    /// Its place among the aggregate's events, from 1 without gaps.
    pub aggregate_seq: u64,
    /// Business time of the command.
    pub time: Timestamp,
    /// Real time of the commit: the envelope's `time` (ruling R69).
    pub recorded_at: Timestamp,
    /// Ties together everything one purchase set off.
    pub correlation_id: String,
    /// The event whose handling caused it.
    pub causation_id: Option<String>,
    /// What happened.
    pub event: Event,
}

/// An event that this program cannot read: a newer one wrote it, or somebody changed it. What is around it goes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the event {id} of {aggregate} {subject}, {topic}, cannot be read: {reason}")]
pub struct UnreadableEvent {
    /// Its id.
    pub id: EventId,
    /// The aggregate's name.
    pub aggregate: &'static str,
    /// The aggregate's id.
    pub subject: String,
    /// Its type as it was written.
    pub topic: String,
    /// Business time of the command.
    pub time: Timestamp,
    /// What is wrong with it.
    pub reason: String,
}

impl From<UnreadableEvent> for StoreError {
    fn from(event: UnreadableEvent) -> Self {
        Self::Corrupt { aggregate: event.aggregate, id: event.subject.clone(), reason: event.to_string() }
    }
}

/// An event of the log, as far as this program can read it.
pub type Logged = Result<Arc<EventRecord>, UnreadableEvent>;

/// One event for one consumer (ruling R41).
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The event.
    pub event: Arc<EventRecord>,
    /// Who gets it.
    pub consumer: &'static str,
    /// How often it has failed.
    pub attempts: u32,
    /// Proves that the claim is still ours; a claim taken over has another.
    pub fence: u64,
    /// The fence of the delivery before it in its queue, when that one was not done at the commit or claim. Whoever was
    /// never handed that one must not run this one: the answer of its commit was lost.
    pub after: Option<u64>,
    /// When the claim lapses at the earliest, by this machine's own count: the lease added to an instant before the
    /// store was asked. Nothing may be begun after it.
    pub until: Instant,
}

/// Why a consumer did not finish.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ConsumerError {
    /// For the log and the dead letter.
    pub reason: String,
}

/// The group of the consumers that carry a command through.
pub const INTERNAL: &str = "internal";

/// A handler of events: at least once, in order per aggregate.
#[async_trait]
pub trait Consumer: Send + Sync {
    /// Its stable name: the inbox key.
    fn name(&self) -> &'static str;
    /// Who it shares its capacity with: no group waits for another one, and whoever waits for what a command set off
    /// waits for [`INTERNAL`] only.
    fn group(&self) -> &'static str {
        INTERNAL
    }
    /// Whether it can take anything now. While it cannot, its deliveries stay in the outbox and count no failure.
    fn ready(&self) -> bool {
        true
    }
    /// Handles one event; handling it again must change nothing.
    async fn handle(&self, event: &EventRecord) -> Result<(), ConsumerError>;
}

/// Which deliveries are claimed, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// For these consumers only.
    pub consumers: &'a [&'static str],
    /// Of aggregates in these partitions only.
    pub partitions: Partitions,
    /// At most so many.
    pub limit: usize,
    /// Of the queue of a consumer and an aggregate at most so many: its first, and those right behind it.
    pub run: usize,
    /// For so long.
    pub lease: Duration,
}

/// A delivery that is not done, as a person looks at it.
#[derive(Debug, Clone)]
pub struct WaitingDelivery {
    /// The event.
    pub event: Logged,
    /// Who gets it.
    pub consumer: &'static str,
    /// How often it has failed.
    pub attempts: u32,
    /// Whether it waits for a redrive, and later ones of its queue behind it.
    pub dead: bool,
    /// Why it failed last.
    pub last_error: Option<String>,
}

impl WaitingDelivery {
    /// Its event's type.
    pub fn topic(&self) -> &str {
        match &self.event {
            Ok(event) => event.event.topic(),
            Err(unreadable) => &unreadable.topic,
        }
    }
}

/// What is said of a delivery that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It will be tried again.
    Later,
    /// It was tried too often and waits for a redrive; later events of its aggregate wait behind it.
    DeadLetter,
}

/// What was published again in one part of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Republished {
    /// The events looked at.
    pub events: usize,
    /// Deliveries that are open now and were not.
    pub deliveries: usize,
    /// The last event looked at: where the next part begins. None at the end of the range.
    pub next: Option<(Timestamp, EventId)>,
}

/// The deliveries that are not done yet.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Claims wanted deliveries that nobody holds, that are due, and whose predecessors for the same consumer and
    /// aggregate are done, or claimed with them: those come after them, and name them in [`Delivery::after`].
    async fn claim_due(&self, wanted: &Wanted<'_>) -> Result<Vec<Delivery>, StoreError>;
    /// Marks deliveries done, each when its claim is still ours.
    async fn done(&self, deliveries: &[Delivery]) -> Result<(), StoreError>;
    /// Counts a failure and gives the claim back.
    async fn failed(&self, delivery: &Delivery, reason: &str) -> Result<Retry, StoreError>;
    /// Gives a claim back without a try.
    async fn release(&self, delivery: &Delivery) -> Result<(), StoreError>;
    /// The first `limit` deliveries of an aggregate's events that are not done; by consumer, each queue in order.
    async fn waiting(&self, subject: &str, limit: usize) -> Result<Vec<WaitingDelivery>, StoreError>;
    /// Gives the dead letters of an aggregate's events all their tries again, at once; how many there were.
    async fn redrive(&self, subject: &str) -> Result<usize, StoreError>;
    /// The same for the dead letters of every aggregate.
    async fn redrive_all(&self) -> Result<usize, StoreError>;
    /// Delivers events to a consumer once more, in the order of each aggregate: the first `limit` events after
    /// `after`, by the time of their commit and then by id, that were committed from `from` to before `to`. An event
    /// that is open for the consumer anyway is left as it is.
    async fn republish(
        &self,
        consumer: &'static str,
        from: Timestamp,
        to: Timestamp,
        after: Option<(Timestamp, EventId)>,
        limit: usize,
    ) -> Result<Republished, StoreError>;
    /// How many deliveries are not done, and how many of them are dead letters.
    async fn backlog(&self) -> Result<Backlog, StoreError>;
    /// The same by consumer, in the order of their names; consumers without any are left out.
    async fn backlogs(&self) -> Result<Vec<ConsumerBacklog>, StoreError>;
}

/// What happened, as the store keeps it.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// The first `limit` events of one correlation, in an order in which they were committed; within an
    /// aggregate by `aggregate_seq`. Only those of aggregates within the scope.
    async fn by_correlation(
        &self,
        scope: &Scope,
        correlation_id: &str,
        limit: usize,
    ) -> Result<Vec<Logged>, StoreError>;
}

/// The state of the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Deliveries not done.
    pub open: usize,
    /// Of these, dead letters.
    pub dead_letters: usize,
}

/// What one consumer has not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerBacklog {
    /// The consumer; also one that this process does not know.
    pub consumer: String,
    /// How much.
    pub backlog: Backlog,
    /// When the oldest of these events was committed.
    pub oldest: Timestamp,
}

/// Runs the follow-up of a commit at once in this process.
#[async_trait]
pub trait FollowUp: Send + Sync {
    /// Takes the deliveries of a commit; returns without waiting for them.
    fn committed(&self, deliveries: Vec<Delivery>);
    /// Waits until what this correlation set off in this process is done, at most `limit`.
    async fn settled(&self, correlation_id: &str, limit: Duration);
    /// Waits until nothing is under way in this process, at most `limit`.
    async fn idle(&self, limit: Duration);
}
