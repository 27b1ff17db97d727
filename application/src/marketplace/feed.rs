//! Reading a tenant's feed: a part at once, or the next part when there is one.

use std::sync::Arc;

use sarai_domain::kernel::{Kind, TenantId};
use sarai_ports::{
    auth::Role,
    feed::{Feed, FeedPage, FeedSignal, FeedWatch},
    marketplace::platform,
};

use super::view::{self, Reader};
use crate::{AppError, Call, envelope::Envelope};

/// How long an event stays in a feed, in real time (ruling R42).
pub const KEPT: time::Duration = time::Duration::days(30);

/// The feeds.
#[derive(Clone)]
pub struct Feeds {
    feed: Arc<dyn Feed>,
    signal: Arc<dyn FeedSignal>,
}

/// An event under its number.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbered {
    /// Its number in the feed.
    pub number: u64,
    /// The event as this reader is shown it.
    pub event: Envelope,
}

/// A part of a feed as its reader gets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The events, in order, none left out.
    pub events: Vec<Numbered>,
    /// Where to go on: the number of the last event here, or where this part began.
    pub next: u64,
    /// The feed's last number.
    pub last: u64,
    /// The first number still kept.
    pub first_kept: u64,
}

/// What there is after a number.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// These events.
    Part(Part),
    /// Not all of it any more.
    Expired {
        /// The first number still kept.
        first_kept: u64,
    },
    /// This feed never came as far.
    Ahead {
        /// The last number given.
        last: u64,
    },
}

impl Feeds {
    /// Over these ports.
    pub fn new(feed: Arc<dyn Feed>, signal: Arc<dyn FeedSignal>) -> Self {
        Self { feed, signal }
    }

    /// Whose feed a caller reads, and what it is shown: the platform's staff read the platform's.
    pub fn reader(call: &Call) -> Reader {
        let principal = &call.principal;
        let staff = principal.has(Role::PlatformAdmin);
        let tenant_id = if staff { platform() } else { principal.tenant_id.clone() };
        let knows_users = staff || principal.has(Role::TenantAdmin) || principal.has(Role::Service);
        Reader { tenant_id, knows_users }
    }

    /// At most `limit` events after a number; without one, from the first that is kept.
    ///
    /// # Errors
    /// `unavailable` when the store is out of reach.
    pub async fn read(&self, reader: &Reader, after: Option<u64>, limit: usize) -> Result<Read, AppError> {
        let page = self.feed.read(&reader.tenant_id, after.unwrap_or_default(), limit).await?;
        let FeedPage { last, first_kept, .. } = page;
        let oldest = first_kept.saturating_sub(1);
        let after = after.unwrap_or(oldest);
        if after < oldest {
            return Ok(Read::Expired { first_kept });
        }
        if after > last {
            return Ok(Read::Ahead { last });
        }
        let events: Vec<Numbered> = page
            .events
            .iter()
            .map(|row| {
                let event = view::shown(&row.event, reader)
                    .map_err(|error| AppError::new(Kind::Unavailable, "unavailable", error.to_string()))?;
                Ok(Numbered { number: row.number, event })
            })
            .collect::<Result<_, AppError>>()?;
        let next = events.last().map_or(after, |event| event.number);
        Ok(Read::Part(Part { events, next, last, first_kept }))
    }

    /// Watches a reader's feed. Begun before a read, it misses nothing that the read did not find.
    pub fn watch(&self, tenant: &TenantId) -> Box<dyn FeedWatch> {
        self.signal.watch(tenant)
    }
}
