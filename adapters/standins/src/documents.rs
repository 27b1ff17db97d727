//! Where the stand-ins keep what they know: documents by kind and key, in a `SQLite` file or nowhere.
//!
//! A stand-in changes its tables under its lock and hands the changes over before it lets go, so that they are
//! written in the order in which they were made. One task writes them, all that wait in one transaction. An
//! answer leaves only after [`Documents::kept`]: what it tells, and what it was decided on, is on disk then.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sarai_ports::GatewayError;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{
    ConnectOptions as _, Connection as _, Executor as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous},
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tracing::warn;

use crate::locked;

/// How long a caller waits for its changes to be written.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long opening waits for a process that is ending.
const BUSY: Duration = Duration::from_secs(2);
/// The pause before a failed write is tried again.
const AGAIN: Duration = Duration::from_millis(100);
/// The most batches written in one transaction.
const AT_ONCE: usize = 256;

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS documents (kind TEXT NOT NULL, key TEXT NOT NULL, \
                      document TEXT NOT NULL, PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID";

/// Why the stand-ins' store could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentsError {
    /// Another process has it.
    #[error("the stand-ins' store {0} is in use: one process runs them, the others are given its URLs")]
    InUse(String),
    /// It cannot be opened or read.
    #[error("the stand-ins' store {path} cannot be opened: {reason}")]
    Unusable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// A document is not what it should be.
    #[error("the stand-ins' store has an unreadable {kind} {key}: {reason}")]
    Unreadable {
        /// Its kind.
        kind: String,
        /// Its key.
        key: String,
        /// What is wrong.
        reason: String,
    },
}

/// The documents of all stand-ins of a process; by default they are kept nowhere.
#[derive(Default)]
pub struct Documents {
    /// What the file held when it was opened, until the tables have taken it.
    held: Mutex<BTreeMap<String, Vec<(String, String)>>>,
    writer: Option<Writer>,
}

struct Writer {
    queue: Mutex<Option<mpsc::UnboundedSender<Vec<Change>>>>,
    task: Mutex<Option<JoinHandle<()>>>,
    /// Batches handed over.
    sent: AtomicU64,
    /// Batches written.
    written: watch::Receiver<u64>,
}

struct Change {
    kind: &'static str,
    key: String,
    /// None when it is no more.
    document: Option<String>,
}

/// Changes made together: all of them are written or none.
pub(crate) struct Changes(Option<Vec<Change>>);

impl Changes {
    /// Notes what a key says now.
    pub(crate) fn note(
        &mut self,
        kind: &'static str,
        key: &impl Serialize,
        document: Option<&impl Serialize>,
    ) -> Result<(), GatewayError> {
        let Some(changes) = &mut self.0 else { return Ok(()) };
        let unwritten = |error| GatewayError::Unavailable(format!("a {kind} cannot be written: {error}"));
        let document = document.map(serde_json::to_string).transpose().map_err(unwritten)?;
        let key = serde_json::to_string(key).map_err(unwritten)?;
        changes.push(Change { kind, key, document });
        Ok(())
    }
}

impl Documents {
    /// Opens the file, or makes it, and takes it for this process.
    ///
    /// # Errors
    /// [`DocumentsError`].
    pub async fn open(path: &Path) -> Result<Self, DocumentsError> {
        let place = path.display().to_string();
        let failed = |error: sqlx::Error| {
            // 5 is SQLITE_BUSY.
            let busy =
                error.as_database_error().is_some_and(|error| error.code().is_some_and(|code| code == "5"));
            if busy {
                DocumentsError::InUse(place.clone())
            } else {
                DocumentsError::Unusable { path: place.clone(), reason: error.to_string() }
            }
        };
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .locking_mode(SqliteLockingMode::Exclusive)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY);
        let mut connection = options.connect().await.map_err(failed)?;
        sqlx::query(SCHEMA).execute(&mut connection).await.map_err(failed)?;
        let rows: Vec<(String, String, String)> = sqlx::query_as("SELECT kind, key, document FROM documents")
            .fetch_all(&mut connection)
            .await
            .map_err(failed)?;
        let mut held: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for (kind, key, document) in rows {
            held.entry(kind).or_default().push((key, document));
        }
        let (queue, batches) = mpsc::unbounded_channel();
        let (tell, written) = watch::channel(0);
        let task = tokio::spawn(write(connection, batches, tell));
        let writer = Writer {
            queue: Mutex::new(Some(queue)),
            task: Mutex::new(Some(task)),
            sent: AtomicU64::new(0),
            written,
        };
        Ok(Self { held: Mutex::new(held), writer: Some(writer) })
    }

    /// Whether what is written here outlives the process.
    pub fn lasts(&self) -> bool {
        self.writer.is_some()
    }

    /// Waits until everything handed over so far is on disk.
    ///
    /// # Errors
    /// Unavailable when it is not: what was done may be lost in a crash.
    pub async fn kept(&self) -> Result<(), GatewayError> {
        let Some(writer) = &self.writer else { return Ok(()) };
        let sent = writer.sent.load(Ordering::SeqCst);
        let mut written = writer.written.clone();
        let waited = tokio::time::timeout(PATIENCE, written.wait_for(|count| *count >= sent)).await;
        match waited {
            Ok(Ok(_)) => Ok(()),
            _ => Err(GatewayError::Unavailable("the stand-ins' store does not write".to_owned())),
        }
    }

    /// Writes what waits and lets go of the file; nothing is written afterwards.
    pub async fn close(&self) {
        let Some(writer) = &self.writer else { return };
        locked(&writer.queue).take();
        let task = locked(&writer.task).take();
        if let Some(task) = task {
            let _ = task.await;
        }
    }

    /// An empty list of changes.
    pub(crate) fn changes(&self) -> Changes {
        Changes(self.lasts().then(Vec::new))
    }

    /// Hands changes over to be written. Call it under the lock of what changed.
    pub(crate) fn write(&self, changes: Changes) {
        let (Some(writer), Some(changes)) = (&self.writer, changes.0) else { return };
        if changes.is_empty() {
            return;
        }
        let queue = locked(&writer.queue);
        writer.sent.fetch_add(1, Ordering::SeqCst);
        if let Some(queue) = queue.as_ref() {
            // A writer that is gone counts no more batches: `kept` says so.
            let _ = queue.send(changes);
        }
    }

    /// The documents of a kind that the file held when it was opened.
    pub(crate) fn take<K: DeserializeOwned, V: DeserializeOwned>(
        &self,
        kind: &'static str,
    ) -> Result<Vec<(K, V)>, DocumentsError> {
        let held = locked(&self.held).remove(kind).unwrap_or_default();
        let read = |(key, document): &(String, String)| {
            let unreadable = |error: serde_json::Error| DocumentsError::Unreadable {
                kind: kind.to_owned(),
                key: key.clone(),
                reason: error.to_string(),
            };
            let parsed = serde_json::from_str(key).map_err(unreadable)?;
            Ok((parsed, serde_json::from_str(document).map_err(unreadable)?))
        };
        held.iter().map(read).collect()
    }
}

/// Writes batches in their order until nobody can send one any more.
async fn write(
    mut connection: SqliteConnection,
    mut batches: mpsc::UnboundedReceiver<Vec<Change>>,
    tell: watch::Sender<u64>,
) {
    let mut waiting = Vec::with_capacity(AT_ONCE);
    loop {
        let count = batches.recv_many(&mut waiting, AT_ONCE).await;
        if count == 0 {
            break;
        }
        while let Err(error) = commit(&mut connection, &waiting).await {
            warn!(%error, "the stand-ins' store cannot be written; trying again");
            tokio::time::sleep(AGAIN).await;
        }
        tell.send_modify(|written| *written = written.saturating_add(u64::try_from(count).unwrap_or(0)));
        waiting.clear();
    }
    let _ = connection.close().await;
}

/// A transaction by hand: of one that a full disk ended by itself sqlx would never know that it is over.
async fn commit(connection: &mut SqliteConnection, batches: &[Vec<Change>]) -> Result<(), sqlx::Error> {
    connection.execute("BEGIN IMMEDIATE").await?;
    let written = match put(connection, batches).await {
        Ok(()) => connection.execute("COMMIT").await.map(drop),
        Err(failed) => Err(failed),
    };
    if written.is_err() {
        // There may be nothing left to roll back.
        let _ = connection.execute("ROLLBACK").await;
    }
    written
}

async fn put(connection: &mut SqliteConnection, batches: &[Vec<Change>]) -> Result<(), sqlx::Error> {
    for Change { kind, key, document } in batches.iter().flatten() {
        let query = match document {
            Some(document) => sqlx::query(
                "INSERT INTO documents (kind, key, document) VALUES ($1, $2, $3) \
                 ON CONFLICT (kind, key) DO UPDATE SET document = excluded.document",
            )
            .bind(*kind)
            .bind(key)
            .bind(document),
            None => sqlx::query("DELETE FROM documents WHERE kind = $1 AND key = $2").bind(*kind).bind(key),
        };
        query.execute(&mut *connection).await?;
    }
    Ok(())
}
