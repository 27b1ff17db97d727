//! Groups of consumers: each has a capacity of its own, so that none waits for another one.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sarai_ports::{
    events::{Consumer, INTERNAL, Wanted},
    failpoint::{self, Place},
};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::{Inner, LEASE};

/// How often the outbox is asked for what was left.
const POLL: Duration = Duration::from_millis(250);
/// How many deliveries of a group are taken at a time, and may be under way for more to be taken.
const BATCH: usize = 500;
/// How many of one queue are taken at a time: they run one after the other, within a lease.
const RUN: usize = 200;
/// How many of a group run side by side.
const CONCURRENCY: usize = 64;

/// Consumers that share their capacity.
pub(crate) struct Group {
    /// Whether somebody may wait for what a command set off here.
    pub(crate) awaited: bool,
    consumers: Vec<Arc<dyn Consumer>>,
    /// Held while a delivery runs.
    pub(crate) permits: Semaphore,
    /// Deliveries that were handed over and not handled yet.
    pub(crate) under_way: AtomicUsize,
}

/// Every consumer in its group.
pub(crate) struct Groups {
    groups: Vec<Arc<Group>>,
    by_consumer: HashMap<&'static str, (Arc<dyn Consumer>, Arc<Group>)>,
}

impl Groups {
    pub(crate) fn of(consumers: Vec<Arc<dyn Consumer>>) -> Self {
        let mut named: Vec<(&'static str, Vec<Arc<dyn Consumer>>)> = Vec::new();
        for consumer in consumers {
            match named.iter_mut().find(|(name, _)| *name == consumer.group()) {
                Some((_, members)) => members.push(consumer),
                None => named.push((consumer.group(), vec![consumer])),
            }
        }
        let group = |(name, consumers)| {
            let (permits, under_way) = (Semaphore::new(CONCURRENCY), AtomicUsize::new(0));
            Arc::new(Group { awaited: name == INTERNAL, consumers, permits, under_way })
        };
        let groups: Vec<_> = named.into_iter().map(group).collect();
        let by_consumer = groups.iter().flat_map(|group| {
            let members = group.consumers.iter();
            members.map(|consumer| (consumer.name(), (Arc::clone(consumer), Arc::clone(group))))
        });
        Self { by_consumer: by_consumer.collect(), groups }
    }

    /// Lets nothing more begin to run.
    pub(crate) fn close(&self) {
        for group in &self.groups {
            group.permits.close();
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.groups.len()
    }

    /// A consumer and its group.
    pub(crate) fn find(&self, consumer: &str) -> Option<&(Arc<dyn Consumer>, Arc<Group>)> {
        self.by_consumer.get(consumer)
    }

    /// The names of all consumers.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.by_consumer.keys().copied()
    }
}

impl Inner {
    /// Takes up what was left for a group until told to stop: again as soon as half of what was taken is settled,
    /// and every [`POLL`] when nothing was.
    pub(crate) async fn take_up_until(self: &Arc<Self>, number: usize, stop: &CancellationToken) {
        let Some(group) = self.groups.get().and_then(|groups| groups.groups.get(number)) else { return };
        while !stop.is_cancelled() {
            let written = self.settling.writes();
            let taken = self.take_up(number).await;
            let pause = async {
                if taken == 0 {
                    tokio::time::sleep(POLL).await;
                } else {
                    let room = |inner: &Self| {
                        let waiting = group.under_way.load(Ordering::Relaxed) + inner.settling.waiting();
                        waiting <= BATCH / 2 && inner.settling.writes() > written
                    };
                    self.wait(POLL, room).await;
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = pause => {}
            }
        }
    }

    /// Takes up what is due for a group now, unless it rests; gives how many deliveries.
    pub(crate) async fn take_up(self: &Arc<Self>, number: usize) -> usize {
        if self.resting.is_cancelled() {
            return 0;
        }
        let Some(group) = self.groups.get().and_then(|groups| groups.groups.get(number)) else { return 0 };
        let ready = group.consumers.iter().filter(|consumer| consumer.ready());
        let consumers: Vec<_> = ready.map(|consumer| consumer.name()).collect();
        let limit = BATCH.saturating_sub(group.under_way.load(Ordering::Relaxed));
        let partitions = self.partitions();
        if consumers.is_empty() || limit == 0 || partitions.is_empty() {
            return 0;
        }
        let wanted = Wanted { consumers: &consumers, partitions, limit, run: RUN, lease: LEASE };
        match self.outbox.claim_due(&wanted).await {
            Ok(deliveries) => {
                let count = deliveries.len();
                if count > 0 {
                    failpoint::reached(Place::Claimed);
                }
                self.hand_over(deliveries);
                count
            }
            Err(error) => {
                tracing::warn!(%error, "the outbox could not be read");
                0
            }
        }
    }
}
