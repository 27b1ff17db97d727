//! A connection that is lent for one piece of work, and for no longer than that may take.
//!
//! The server ends a statement after five seconds; whoever hears nothing from it by then, and a little later, is not
//! going to. The connection is closed, and the outcome is as unknown as that of an answer that was lost.
//!
//! sqlx's pool asks every connection that comes back whether it is well: a round trip more for each statement, and half of
//! what a short one costs. All of whose answer came is at rest: it lies on a [`Shelf`], where the next takes it unasked.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{PgConnection, PgPool, Postgres, pool::PoolConnection};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// How long the work may take: more than the server allows a statement, less than a claim holds.
pub(crate) const LIMIT: Duration = Duration::from_secs(8);
/// How long a connection may take to show that it is sound when it is given back.
const GIVE_BACK: Duration = Duration::from_secs(2);
/// How long a connection lies unused before it is asked whether it is well.
const RESTS: Duration = Duration::from_secs(30);
/// How long one is used before the pool sees it again, which ends those that are old.
const USED: Duration = Duration::from_mins(5);

/// Connections of a pool that are at rest.
#[derive(Debug)]
pub(crate) struct Shelf {
    pool: PgPool,
    /// As many as the pool has connections: who has one finds a connection here, or in the pool.
    turns: Arc<Semaphore>,
    resting: Mutex<Vec<Resting>>,
}

#[derive(Debug)]
struct Resting {
    connection: PoolConnection<Postgres>,
    /// Since when the pool has not seen it.
    taken: Instant,
    since: Instant,
}

impl Shelf {
    /// A shelf before this pool.
    pub(crate) fn before(pool: PgPool) -> Arc<Self> {
        let size = pool.options().get_max_connections();
        let turns = Arc::new(Semaphore::new(usize::try_from(size).unwrap_or(Semaphore::MAX_PERMITS)));
        Arc::new(Self { pool, turns, resting: Mutex::default() })
    }

    /// Borrows a connection for a statement that is a transaction of its own.
    pub(crate) async fn lend(self: &Arc<Self>) -> Result<Lent, sqlx::Error> {
        let asked =
            timeout(self.pool.options().get_acquire_timeout(), Arc::clone(&self.turns).acquire_owned());
        let permit =
            asked.await.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)?;
        while let Some(Resting { connection, taken, since }) = self.next() {
            if since.elapsed() < RESTS {
                return Ok(Lent::of(self, connection, taken, permit));
            }
            drop(Lent { connection: Some(connection), shelf: None, sound: true, _turn: None });
        }
        Ok(Lent::of(self, self.pool.acquire().await?, Instant::now(), permit))
    }

    /// Closes every connection.
    pub(crate) async fn close(&self) {
        let closed = self.pool.close();
        while let Some(mut resting) = self.next() {
            resting.connection.return_to_pool().await;
        }
        closed.await;
    }

    /// The one that was used last.
    fn next(&self) -> Option<Resting> {
        self.resting().pop()
    }

    /// Takes a connection that is at rest, unless its time is over; that one is given back.
    fn put(&self, connection: PoolConnection<Postgres>, taken: Instant) -> Option<PoolConnection<Postgres>> {
        let mut resting = self.resting();
        if self.pool.is_closed() || taken.elapsed() >= USED {
            return Some(connection);
        }
        resting.push(Resting { connection, taken, since: Instant::now() });
        None
    }

    fn resting(&self) -> MutexGuard<'_, Vec<Resting>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        // Whoever does not wait for that has closed it.
        while let Some(mut resting) = self.next() {
            drop(resting.connection.return_to_pool());
        }
    }
}

/// A connection of a pool. One that is dropped in the middle of its work is closed.
pub(crate) struct Lent {
    connection: Option<PoolConnection<Postgres>>,
    /// Where it lies when its work is done, and since when it is on the way.
    shelf: Option<(Arc<Shelf>, Instant)>,
    sound: bool,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Lent {
    /// One that a shelf lends.
    fn of(
        from: &Arc<Shelf>,
        connection: PoolConnection<Postgres>,
        taken: Instant,
        turn: OwnedSemaphorePermit,
    ) -> Self {
        let shelf = Some((Arc::clone(from), taken));
        Self { connection: Some(connection), shelf, sound: false, _turn: Some(turn) }
    }

    /// Borrows one of a pool that prepares each for its use.
    pub(crate) async fn from(pool: &PgPool) -> Result<Self, sqlx::Error> {
        Ok(Self { connection: Some(pool.acquire().await?), shelf: None, sound: false, _turn: None })
    }

    /// The connection.
    pub(crate) fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        self.connection.as_deref_mut().ok_or(sqlx::Error::PoolClosed)
    }

    /// That it may be used again.
    pub(crate) fn is_sound(&mut self) {
        self.sound = true;
    }

    /// Gives it back after its work, and hands on what came of that.
    pub(crate) fn after<T>(mut self, outcome: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        self.sound = matches!(outcome, Ok(_) | Err(sqlx::Error::Database(_)));
        if outcome.is_ok()
            && let Some((shelf, taken)) = self.shelf.take()
        {
            self.connection = self.connection.take().and_then(|connection| shelf.put(connection, taken));
        }
        outcome
    }
}

/// What work comes to within its limit.
pub(crate) async fn in_time<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    timeout(LIMIT, work).await.unwrap_or_else(|_| Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())))
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        let given_back = connection.return_to_pool();
        if self.sound {
            // The pool asks the connection whether it is well, and would wait for the answer for ever.
            tokio::spawn(timeout(GIVE_BACK, given_back));
        }
        // Whoever does not wait for that has closed it.
    }
}
