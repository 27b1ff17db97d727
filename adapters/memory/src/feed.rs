//! The feeds: rows wait in the order of their commits, then stand numbered in their feed's queue.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use sarai_domain::kernel::Timestamp;
use sarai_ports::{
    StoreError,
    events::EventRecord,
    feed::{Feed, FeedBacklog, FeedEvent, FeedFence, FeedHead, FeedId, FeedPage},
};

use crate::{MemoryStore, outbox::lease};

/// The feeds of all tenants.
#[derive(Default)]
pub(crate) struct Feeds {
    /// Without a number, in the order of their commits: that is the order within each aggregate too.
    waiting: VecDeque<(FeedId, Arc<EventRecord>)>,
    numbered: BTreeMap<FeedId, Numbered>,
    /// Feeds by their last move.
    moves: BTreeMap<u64, FeedId>,
    moved: u64,
    lease: Option<Lease>,
    fences: u64,
}

/// One feed: its last rows, and the number of the last one.
#[derive(Default)]
struct Numbered {
    rows: VecDeque<(Timestamp, Arc<EventRecord>)>,
    last: u64,
    moved: u64,
}

struct Lease {
    process: u64,
    fence: FeedFence,
    until: Timestamp,
}

impl Numbered {
    fn first_kept(&self) -> u64 {
        self.last.saturating_sub(self.rows.len() as u64).saturating_add(1)
    }

    fn page(&self, after: u64, limit: usize) -> FeedPage {
        let first_kept = self.first_kept();
        let first = after.saturating_add(1).max(first_kept);
        let skipped = usize::try_from(first.saturating_sub(first_kept)).unwrap_or(usize::MAX);
        let from = skipped.min(self.rows.len());
        let rows = self.rows.range(from..).take(limit);
        let events =
            (first..).zip(rows).map(|(number, (_, event))| FeedEvent { number, event: event.clone() });
        FeedPage { events: events.collect(), last: self.last, first_kept }
    }
}

impl Feeds {
    /// Leaves a row for an audience of an event that is committed now.
    pub(crate) fn insert(&mut self, feed: FeedId, event: Arc<EventRecord>) {
        self.waiting.push_back((feed, event));
    }

    fn take_lease(&mut self, process: u64, until: Timestamp, real: Timestamp) -> Option<FeedFence> {
        match &mut self.lease {
            Some(held) if held.process == process => {
                held.until = until;
                Some(held.fence)
            }
            Some(held) if held.until > real => None,
            _ => {
                self.fences += 1;
                let fence = FeedFence(self.fences);
                self.lease = Some(Lease { process, fence, until });
                Some(fence)
            }
        }
    }

    fn is_held(&self, fence: FeedFence) -> bool {
        self.lease.as_ref().is_some_and(|held| held.fence == fence)
    }

    fn sequence(&mut self, limit: usize, real: Timestamp) -> usize {
        let count = limit.min(self.waiting.len());
        for (id, event) in self.waiting.drain(..count) {
            let feed = self.numbered.entry(id.clone()).or_default();
            // Rows of a feed are purged from its front, so their times must not go back.
            let at = feed.rows.back().map_or(real, |(before, _)| real.max(*before));
            feed.last += 1;
            feed.rows.push_back((at, event));
            self.moves.remove(&feed.moved);
            self.moved += 1;
            feed.moved = self.moved;
            self.moves.insert(self.moved, id);
        }
        count
    }

    fn purge(&mut self, before: Timestamp) -> usize {
        let mut gone = 0;
        for feed in self.numbered.values_mut() {
            while feed.rows.front().is_some_and(|(at, _)| *at < before) {
                feed.rows.pop_front();
                gone += 1;
            }
        }
        gone
    }
}

#[async_trait]
impl Feed for MemoryStore {
    async fn lease(&self, holding: Duration) -> Result<Option<FeedFence>, StoreError> {
        let real = self.clock.real();
        Ok(self.state().feeds.take_lease(self.process, real.plus(lease(holding)), real))
    }

    async fn release(&self, fence: FeedFence) -> Result<(), StoreError> {
        let feeds = &mut self.state().feeds;
        if feeds.is_held(fence) {
            feeds.lease = None;
        }
        Ok(())
    }

    async fn sequence(&self, fence: FeedFence, limit: usize) -> Result<Option<usize>, StoreError> {
        let real = self.clock.real();
        let feeds = &mut self.state().feeds;
        Ok(feeds.is_held(fence).then(|| feeds.sequence(limit, real)))
    }

    async fn read(&self, feed: &FeedId, after: u64, limit: usize) -> Result<FeedPage, StoreError> {
        let state = self.state();
        let empty = FeedPage { events: Vec::new(), last: 0, first_kept: 1 };
        Ok(state.feeds.numbered.get(feed).map_or(empty, |feed| feed.page(after, limit)))
    }

    async fn moved(&self, after: u64, limit: usize) -> Result<Vec<FeedHead>, StoreError> {
        let state = self.state();
        let moves = state.feeds.moves.range(after.saturating_add(1)..).take(limit);
        let heads = moves.map(|(moved, feed)| FeedHead {
            feed: feed.clone(),
            last: state.feeds.numbered.get(feed).map_or(0, |feed| feed.last),
            moved: *moved,
        });
        Ok(heads.collect())
    }

    async fn unnumbered(&self) -> Result<FeedBacklog, StoreError> {
        let state = self.state();
        let oldest = state.feeds.waiting.front().map(|(_, event)| event.recorded_at);
        Ok(FeedBacklog { unnumbered: state.feeds.waiting.len(), oldest })
    }

    async fn purge(&self, before: Timestamp) -> Result<usize, StoreError> {
        Ok(self.state().feeds.purge(before))
    }
}
