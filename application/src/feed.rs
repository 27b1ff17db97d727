//! Reading a tenant's feed: a part at once, or the next part when there is one.

use std::sync::Arc;

use sarai_domain::{devportal::values::Environment, kernel::Kind};
use sarai_ports::{
    auth::Role,
    events::EventRecord,
    feed::{Feed, FeedId, FeedPage, FeedSignal, FeedWatch},
    marketplace::platform,
};

use crate::{
    AppError, Call,
    envelope::Envelope,
    marketplace::view::{self, Reader},
};

/// How long an event stays in a feed, in real time (ruling R42).
pub const KEPT: time::Duration = time::Duration::days(30);

/// The feeds.
#[derive(Clone)]
pub struct Feeds {
    feed: Arc<dyn Feed>,
    signal: Arc<dyn FeedSignal>,
}

/// Who acts for a tenant, and so reads all of its feed; to whoever else is signed in, only what a tenant's people share is
/// shown (rulings R64 and R75).
const ACT_FOR_TENANT: &[Role] = &[Role::Provider, Role::TenantAdmin, Role::PlatformAdmin, Role::Service];

/// Which feed a caller reads, and what it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The feed.
    pub feed: FeedId,
    /// Who reads.
    pub reader: Reader,
    /// Whether it is shown the developer portal's events only; the numbers of the others are left out.
    pub shared_only: bool,
}

impl Reading {
    fn shows(&self, event: &EventRecord) -> bool {
        !self.shared_only || event.event.devportal().is_some()
    }
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
    /// The events, in order, none that the reader is shown left out.
    pub events: Vec<Numbered>,
    /// Where to go on: the number of the last event looked at, or where this part began.
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

    /// Which feed a caller reads, and what it is shown: the platform's staff read the platform's, a key its world's.
    ///
    /// # Errors
    /// `key.environment_mismatch`.
    pub fn reading(call: &Call, environment: Option<Environment>) -> Result<Reading, AppError> {
        let principal = &call.principal;
        let staff = principal.has(Role::PlatformAdmin);
        let tenant_id = if staff { platform() } else { principal.tenant_id.clone() };
        let knows_users = staff || principal.has(Role::TenantAdmin) || principal.has(Role::Service);
        let acts = principal.key().is_some() || ACT_FOR_TENANT.iter().any(|role| principal.has(*role));
        Ok(Reading {
            feed: FeedId::new(tenant_id.clone(), call.environment(environment)?),
            reader: Reader { tenant_id, knows_users },
            shared_only: !acts,
        })
    }

    /// At most `limit` events after a number; without one, from the first that is kept.
    ///
    /// # Errors
    /// `unavailable` when the store is out of reach.
    pub async fn read(&self, reading: &Reading, after: Option<u64>, limit: usize) -> Result<Read, AppError> {
        let page = self.feed.read(&reading.feed, after.unwrap_or_default(), limit).await?;
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
            .filter(|row| reading.shows(&row.event))
            .map(|row| {
                let event = view::shown(&row.event, &reading.reader)
                    .map_err(|error| AppError::new(Kind::Unavailable, "unavailable", error.to_string()))?;
                Ok(Numbered { number: row.number, event })
            })
            .collect::<Result<_, AppError>>()?;
        let next = page.events.last().map_or(after, |event| event.number);
        Ok(Read::Part(Part { events, next, last, first_kept }))
    }

    /// Watches a reader's feed. Begun before a read, it misses nothing that the read did not find.
    pub fn watch(&self, feed: &FeedId) -> Box<dyn FeedWatch> {
        self.signal.watch(feed)
    }
}
