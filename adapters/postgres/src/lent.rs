//! A connection that is lent for one piece of work, and for no longer than that may take.
//!
//! The server ends a statement after five seconds; whoever hears nothing from it by then, and a little later, is not
//! going to. The connection is closed, and the outcome is as unknown as that of an answer that was lost.

use std::{
    io,
    ops::{Deref, DerefMut},
    time::Duration,
};

use sqlx::{PgConnection, PgPool, Postgres, pool::PoolConnection};
use tokio::time::timeout;

/// How long the work may take: more than the server allows a statement, less than a claim holds.
pub(crate) const LIMIT: Duration = Duration::from_secs(8);
/// How long a connection may take to show that it is sound when it is given back.
const GIVE_BACK: Duration = Duration::from_secs(2);

/// A connection of a pool. One that is dropped in the middle of its work is closed.
pub(crate) struct Lent {
    connection: PoolConnection<Postgres>,
    sound: bool,
}

impl Lent {
    /// Borrows one.
    pub(crate) async fn from(pool: &PgPool) -> Result<Self, sqlx::Error> {
        Ok(Self { connection: pool.acquire().await?, sound: false })
    }

    /// That it may be used again.
    pub(crate) fn is_sound(&mut self) {
        self.sound = true;
    }

    /// Gives it back after its work, and hands on what came of that.
    pub(crate) fn after<T>(mut self, outcome: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        self.sound = matches!(outcome, Ok(_) | Err(sqlx::Error::Database(_)));
        outcome
    }
}

/// What work comes to within its limit.
pub(crate) async fn in_time<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    timeout(LIMIT, work).await.unwrap_or_else(|_| Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())))
}

impl Deref for Lent {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let given_back = self.connection.return_to_pool();
        if self.sound {
            // The pool asks the connection whether it is well, and would wait for the answer for ever.
            tokio::spawn(timeout(GIVE_BACK, given_back));
        }
        // Whoever does not wait for that has closed it.
    }
}
