//! The database's time for every process: real time is the server's, business time is ahead of it by the offset of the
//! clock group (ruling R69). Between two looks at the server a monotonic clock counts.

use std::{
    sync::{
        Arc, PoisonError, RwLock, Weak,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sarai_domain::kernel::Timestamp;
use sarai_ports::{
    Scope, StoreError,
    auth::Principal,
    system::{Clock, MovableClock},
};
use sarai_sql::{Database, Value};

use crate::Postgres;

/// How often the server is looked at.
const PERIOD: Duration = Duration::from_secs(1);

/// The clock group of the demo's tenants.
const DEMO: &str = "demo";

/// A clock that all processes of one database share.
pub struct DatabaseClock {
    database: Arc<Postgres>,
    movable: bool,
    /// What the server's clock said when ours said this.
    seen: RwLock<(i64, Instant)>,
    /// The latest time given: real time does not go back.
    latest: AtomicI64,
    offset: AtomicI64,
}

impl DatabaseClock {
    /// Looks at the server, and goes on doing so; business time can be moved in the demo only.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn start(database: Arc<Postgres>, movable: bool) -> Result<Arc<Self>, StoreError> {
        let clock = Self {
            database,
            movable,
            seen: RwLock::new((0, Instant::now())),
            latest: AtomicI64::new(0),
            offset: AtomicI64::new(0),
        };
        clock.look().await?;
        let clock = Arc::new(clock);
        tokio::spawn(Self::follow(Arc::downgrade(&clock)));
        Ok(clock)
    }

    /// Looks again and again while somebody has the clock.
    async fn follow(clock: Weak<Self>) {
        loop {
            tokio::time::sleep(PERIOD).await;
            let Some(clock) = clock.upgrade() else { return };
            if let Err(error) = clock.look().await {
                tracing::warn!(%error, "the database's clock could not be read");
            }
        }
    }

    async fn look(&self) -> Result<(), StoreError> {
        let text =
            "select clock_timestamp(), coalesce((select offset_micros from clock_groups where name = $1), 0)";
        let asked = Instant::now();
        let found = self.database.run(&Scope::System, text, vec![DEMO.into()]).await?;
        // The server read its clock somewhere between the question and the answer.
        let middle = asked + asked.elapsed() / 2;
        if let Some(record) = found.first() {
            let seen = (record.time(0)?.unix_micros(), middle);
            *self.seen.write().unwrap_or_else(PoisonError::into_inner) = seen;
            if self.movable {
                self.offset.fetch_max(record.int(1)?, Ordering::SeqCst);
            }
        }
        Ok(())
    }
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        self.real().plus(time::Duration::microseconds(self.offset.load(Ordering::SeqCst)))
    }

    fn real(&self) -> Timestamp {
        let (server, at) = *self.seen.read().unwrap_or_else(PoisonError::into_inner);
        let since = i64::try_from(at.elapsed().as_micros()).unwrap_or(i64::MAX);
        let now = server.saturating_add(since);
        Timestamp::from_unix_micros(self.latest.fetch_max(now, Ordering::SeqCst).max(now))
    }
}

#[async_trait]
impl MovableClock for DatabaseClock {
    fn movable(&self, _principal: &Principal) -> bool {
        self.movable
    }

    async fn advance_to(&self, instant: Timestamp) -> Result<(), StoreError> {
        if !self.movable {
            return Err(StoreError::NotFound);
        }
        let ahead = i64::try_from(instant.since(self.real()).whole_microseconds()).unwrap_or(i64::MAX);
        let text = "update clock_groups set offset_micros = greatest(offset_micros, $2) where name = $1 \
                    returning offset_micros";
        let found = self.database.run(&Scope::System, text, vec![DEMO.into(), Value::Int(ahead)]).await?;
        let offset = found.first().map_or(Ok(0), |record| record.int(0))?;
        self.offset.fetch_max(offset, Ordering::SeqCst);
        Ok(())
    }
}
