//! The seam: what a database of either dialect does.

use std::sync::Arc;

use async_trait::async_trait;
use sarai_domain::kernel::Timestamp;
use sarai_ports::{Saved, Scope, StoreError};

use crate::{Record, Value, Write, retry::Lanes};

/// Where the two differ in the words of a statement. `$1` and row values `(a, b) < ($1, $2)` are common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Postgres 15 and later.
    Postgres,
    /// `SQLite` 3.
    Sqlite,
}

/// What a check of a code counts for, beside its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What everybody locks who counts for them.
    pub locks: Vec<String>,
    /// In which world.
    pub environment: &'static str,
    /// For these destinations of the session's tenant.
    pub destinations: Vec<String>,
    /// As what.
    pub counted: Counted,
}

/// As what a check counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// As begun, unless so many have been since a time.
    Begun {
        /// Which of the session's.
        attempt: u32,
        /// Those after it.
        since: Timestamp,
        /// So many.
        most: u32,
    },
    /// As failed.
    Failed {
        /// Who typed it, as the developer calls them.
        end_user_ref: Option<String>,
    },
}

/// Runs statements and commits units.
#[async_trait]
pub trait Database: Send + Sync + 'static {
    /// Which words it understands.
    fn dialect(&self) -> Dialect;

    /// Runs one statement that reads, or that writes outside a unit (`returning` gives its rows), within a scope: as
    /// one transaction of its own. The statement names the tenant all the same.
    async fn run(&self, scope: &Scope, sql: &str, args: Vec<Value>) -> Result<Vec<Record>, StoreError>;

    /// Runs statements one after the other as one transaction: each sees what those before it did.
    async fn run_all(
        &self,
        scope: &Scope,
        statements: Vec<(String, Vec<Value>)>,
    ) -> Result<Vec<Vec<Record>>, StoreError>;

    /// Who holds what this process claims: the same for as long as it runs, and nobody else's.
    fn holder(&self) -> &str;

    /// Writes a unit or nothing: inbox, claim, root where its version is still the one loaded, rows, children, audit,
    /// events, deliveries, feeds. One round trip where that can be.
    async fn commit(&self, scope: &Scope, write: Write) -> Result<Saved, StoreError>;

    /// Writes the unit of a check with what it counts for, in one round trip. None where this is not known to a database, or
    /// where so much was counted that it has to be decided on: nothing was written then.
    async fn check(&self, _: &Scope, _: &Write, _: &Checked) -> Result<Option<Saved>, StoreError> {
        Ok(None)
    }

    /// Everything as it is now, as a worker reads it, for as long as that takes and whoever writes meanwhile.
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        Err(StoreError::Unavailable("this is no database that keeps a moment".to_owned()))
    }

    /// Runs work in a transaction: what is more than one unit (ruling R17). It ends with the work whether or not somebody
    /// still waits for its answer.
    async fn transact<W: Work>(&self, scope: &Scope, work: W) -> Result<W::Out, StoreError>;
}

/// Reads that all see the store as it was at one moment.
#[async_trait]
pub trait Snapshot: Send {
    /// Runs one statement that reads.
    async fn run(&mut self, sql: &str, args: Vec<Value>) -> Result<Vec<Record>, StoreError>;
}

/// What work in a transaction does.
#[async_trait]
pub trait Transaction: Send {
    /// Which words it understands.
    fn dialect(&self) -> Dialect;
    /// Runs one statement.
    async fn run(&mut self, sql: &str, args: Vec<Value>) -> Result<Vec<Record>, StoreError>;
    /// Writes a unit or nothing.
    async fn save(&mut self, write: Write) -> Result<Saved, StoreError>;
    /// Waits until nobody else has these, and has them to the end; all at once, or whoever waits for whom is chance.
    async fn lock(&mut self, keys: Vec<String>) -> Result<(), StoreError>;
}

/// How work in a transaction ends; a failure writes nothing.
#[derive(Debug)]
pub enum Ended<T> {
    /// With something to commit.
    Commit(T),
    /// With nothing to write.
    Nothing(T),
}

/// Work in a transaction.
#[async_trait]
pub trait Work: Send + 'static {
    /// What comes of it.
    type Out: Send + 'static;
    /// Does it.
    async fn run(self, transaction: &mut dyn Transaction) -> Result<Ended<Self::Out>, StoreError>;
}

/// Every store port over a database.
pub struct Store<D> {
    pub(crate) database: Arc<D>,
    pub(crate) lanes: Lanes,
}

impl<D> Clone for Store<D> {
    fn clone(&self) -> Self {
        Self { database: Arc::clone(&self.database), lanes: self.lanes.clone() }
    }
}

impl<D: Database> Store<D> {
    /// Over this database.
    pub fn new(database: Arc<D>) -> Self {
        Self { database, lanes: Lanes::default() }
    }

    /// The database.
    pub fn database(&self) -> &Arc<D> {
        &self.database
    }
}
