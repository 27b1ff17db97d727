//! The feed: events numbered per tenant, without gaps, after their commit (ruling R42).
//!
//! A commit leaves one unnumbered row for each audience of each event. A sequencer, of which at most one in all
//! processes holds the lease, gives them numbers. So a number is given only to what is committed, and what is
//! committed later gets a higher one: whoever has read up to a number has missed nothing before it.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use async_trait::async_trait;
use sarai_domain::{
    devportal::values::Environment,
    kernel::{TenantId, Timestamp, external_id::ExternalIdError},
};

use crate::{StoreError, events::EventRecord};

/// How the feed of a tenant's sandboxes is written: after the tenant, with a space, which no tenant's id has.
const OF_SANDBOXES: &str = " sandbox";

/// Which feed: a tenant's, or the one that its sandboxes have of their own (ruling R11).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeedId {
    /// Whose.
    pub tenant_id: TenantId,
    /// Of which world.
    pub environment: Environment,
}

impl FeedId {
    /// The feed of a tenant's world.
    pub fn new(tenant_id: TenantId, environment: Environment) -> Self {
        Self { tenant_id, environment }
    }
}

impl From<TenantId> for FeedId {
    fn from(tenant_id: TenantId) -> Self {
        Self::new(tenant_id, Environment::Production)
    }
}

impl fmt::Display for FeedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let world = if self.environment == Environment::Sandbox { OF_SANDBOXES } else { "" };
        write!(f, "{}{world}", self.tenant_id)
    }
}

impl FromStr for FeedId {
    type Err = ExternalIdError;

    fn from_str(text: &str) -> Result<Self, ExternalIdError> {
        let (tenant, environment) = match text.strip_suffix(OF_SANDBOXES) {
            Some(tenant) => (tenant, Environment::Sandbox),
            None => (text, Environment::Production),
        };
        Ok(Self::new(tenant.parse()?, environment))
    }
}

/// An event in the feed of a tenant.
#[derive(Debug, Clone)]
pub struct FeedEvent {
    /// Its number in that feed, from 1 without gaps.
    pub number: u64,
    /// The event, whole: what of it the tenant may see is cut by whoever shows it.
    pub event: Arc<EventRecord>,
}

/// A part of a feed.
#[derive(Debug, Clone)]
pub struct FeedPage {
    /// The events after the number asked for, in order, none left out.
    pub events: Vec<FeedEvent>,
    /// The last number given; 0 when none was.
    pub last: u64,
    /// The first number still kept; the one after `last` when nothing is.
    pub first_kept: u64,
}

/// How far a feed goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedHead {
    /// Which feed.
    pub feed: FeedId,
    /// Its last number.
    pub last: u64,
    /// When that number was given, counted over all feeds: a later move has a greater one.
    pub moved: u64,
}

/// Proves that the sequencer's lease is ours; a lease that was taken over has another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedFence(pub u64);

/// What has no number yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FeedBacklog {
    /// Rows without a number.
    pub unnumbered: usize,
    /// When the oldest of them was committed, in real time.
    pub oldest: Option<Timestamp>,
}

/// The feeds of all tenants.
#[async_trait]
pub trait Feed: Send + Sync {
    /// Takes the sequencer's lease, or prolongs ours; none while another process holds it.
    async fn lease(&self, lease: Duration) -> Result<Option<FeedFence>, StoreError>;
    /// Gives the lease back, when it is still ours.
    async fn release(&self, fence: FeedFence) -> Result<(), StoreError>;
    /// Numbers up to `limit` rows, in one step that counts only while the fence is the lease's; within an
    /// aggregate by `aggregate_seq`. Gives how many; none when the lease was lost, and nothing is numbered.
    async fn sequence(&self, fence: FeedFence, limit: usize) -> Result<Option<usize>, StoreError>;
    /// The first `limit` events of a feed after a number.
    async fn read(&self, feed: &FeedId, after: u64, limit: usize) -> Result<FeedPage, StoreError>;
    /// The first `limit` feeds that moved after this, in the order of their last moves.
    async fn moved(&self, after: u64, limit: usize) -> Result<Vec<FeedHead>, StoreError>;
    /// What waits for a number.
    async fn unnumbered(&self) -> Result<FeedBacklog, StoreError>;
    /// Forgets what was numbered before an instant of real time; gives how many rows. What is left is without
    /// gaps, and a feed never begins anew.
    async fn purge(&self, before: Timestamp) -> Result<usize, StoreError>;
}

/// Wakes who waits for a feed to move.
pub trait FeedSignal: Send + Sync {
    /// Begins to watch a feed: every move from now on is noticed.
    fn watch(&self, feed: &FeedId) -> Box<dyn FeedWatch>;
}

/// Watches one feed.
#[async_trait]
pub trait FeedWatch: Send {
    /// Waits until the feed has moved since the last call, or since it is watched. It may wake for nothing.
    async fn moved(&mut self);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_is_read_as_it_is_written_and_no_tenant_is_named_like_one_of_sandboxes() {
        for environment in [Environment::Sandbox, Environment::Production] {
            let feed = FeedId::new(TenantId::from_static("acme"), environment);
            assert_eq!(feed.to_string().parse(), Ok(feed.clone()));
            let is_a_tenant = TenantId::try_new(feed.to_string()).is_ok();
            assert_eq!(is_a_tenant, environment == Environment::Production);
        }
    }
}
