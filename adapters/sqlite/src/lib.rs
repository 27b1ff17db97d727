//! Every store port in one `SQLite` file: the durable default of one node.
//!
//! - `session.rs`: the file's connections, and the only place that begins a transaction
//! - `cells.rs`: arguments and answers; `commit.rs`: a unit; `clock.rs`: business time; `error.rs`: what a failure is to the store's users
//! - `migrations`: the tables
//!
//! One connection writes, a few read, and a reader sees what was committed when its statement began. What is
//! acknowledged is on the disk (`synchronous=FULL`). Several processes may open one file; one of them writes at a
//! time. Claims and leases follow the machine's clock, because one machine is all there is.

mod cells;
mod clock;
mod commit;
mod error;
mod session;

use std::{path::Path, sync::Arc};

use sarai_ports::system::Clock;
use sarai_sql::Store;

pub use clock::FileClock;
pub use error::OpenError;
pub use session::Sqlite;

/// Every store port over a file.
pub type SqliteStore = Store<Sqlite>;

/// Opens a store, and makes it when there is none; the clock's real time decides claims and leases.
///
/// # Errors
/// When the file is no store of this version's, is damaged, or cannot be opened.
pub async fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<SqliteStore, OpenError> {
    Ok(Store::new(Arc::new(Sqlite::open(path, clock).await?)))
}

/// The same store as another process sees it: a second handle on the file, whose claims are its own.
///
/// # Errors
/// As [`open`].
pub async fn another_process(store: &SqliteStore) -> Result<SqliteStore, OpenError> {
    let database = store.database();
    open(database.path(), database.clock()).await
}
