//! The file's connections, and the only place that begins a transaction.

use std::{
    hash::{BuildHasher as _, RandomState},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use sarai_domain::kernel::Timestamp;
use sarai_ports::{Saved, Scope, StoreError, system::Clock};
use sarai_sql::{Database, Dialect, Ended, Record, Snapshot, Transaction, Value, Work, Write};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    OpenError, cells,
    commit::write,
    error::{Target, failure},
};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// How long a writer waits for another process that writes.
const BUSY: Duration = Duration::from_secs(10);
/// Connections that read.
const READERS: u32 = 4;
/// What stands in the file's header: `SARI`.
const APPLICATION: i64 = 0x5341_5249;
/// Tries to open a file that another process is just making.
const OPENINGS: u32 = 50;

/// One file.
pub struct Sqlite {
    path: PathBuf,
    clock: Arc<dyn Clock>,
    holder: String,
    writer: SqlitePool,
    readers: SqlitePool,
}

/// One transaction: nobody else writes while it lasts.
pub(crate) struct Session<'a> {
    connection: &'a mut SqliteConnection,
    /// The real time at which it began.
    pub(crate) now: Timestamp,
    /// The aggregate that is written, for what its tables refuse.
    target: Option<Target>,
}

impl Session<'_> {
    /// Runs a statement.
    pub(crate) async fn run(&mut self, sql: &str, args: Vec<Value>) -> Result<Vec<Record>, StoreError> {
        let arguments = cells::arguments(args, self.now)?;
        let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
        let rows = query.fetch_all(&mut *self.connection).await;
        let rows = rows.map_err(|error| failure(&error, self.target.as_ref()))?;
        rows.iter().map(cells::record).collect()
    }
}

impl Sqlite {
    /// Opens a file, makes it when there is none, and brings its tables up to date.
    ///
    /// # Errors
    /// When it is no store of this version's, is damaged, or cannot be opened.
    pub async fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .busy_timeout(BUSY)
            .synchronous(SqliteSynchronous::Full)
            .journal_mode(SqliteJournalMode::Wal)
            .statement_cache_capacity(256)
            .disable_statement_logging();
        let failed = |error: &sqlx::Error| OpenError::of(path.to_owned(), error);
        let writer = connect(&options, 1).await.map_err(|error| failed(&error))?;
        prepare(path, &writer).await?;
        let reading = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .busy_timeout(BUSY)
            .statement_cache_capacity(256)
            .disable_statement_logging();
        let readers = connect(&reading, READERS).await.map_err(|error| failed(&error))?;
        Ok(Self { path: path.to_owned(), clock, holder: holder(), writer, readers })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The clock of claims and leases.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// Waits for what is under way, and lets the file go.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Runs work in a transaction that nobody's going away leaves open: the work is a task of its own, which ends
    /// whether or not somebody still waits for its answer (sqlx#4385). Work that fails writes nothing.
    async fn spawned<T, W>(&self, target: Option<Target>, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: AsyncWork<T> + Send + 'static,
    {
        let (writer, clock) = (self.writer.clone(), Arc::clone(&self.clock));
        let task = tokio::spawn(async move {
            let begun = writer.begin_with("begin immediate").await;
            let mut transaction = begun.map_err(|error| failure(&error, None))?;
            let mut session = Session { connection: &mut transaction, now: clock.real(), target };
            match work.run(&mut session).await {
                Ok(Done::Commit(answer)) => {
                    transaction.commit().await.map_err(|error| failure(&error, None))?;
                    Ok(answer)
                }
                Ok(Done::Nothing(answer)) => {
                    transaction.rollback().await.map_err(|error| failure(&error, None))?;
                    Ok(answer)
                }
                Err(refused) => {
                    if let Err(error) = transaction.rollback().await {
                        tracing::warn!(%error, "a refused transaction was not rolled back");
                    }
                    Err(refused)
                }
            }
        });
        task.await.unwrap_or_else(|_| Err(StoreError::Unavailable("a write was given up".to_owned())))
    }
}

/// How work in a transaction ends.
pub(crate) enum Done<T> {
    /// With something to commit.
    Commit(T),
    /// With nothing to write.
    Nothing(T),
}

/// Work in a transaction.
#[async_trait]
pub(crate) trait AsyncWork<T> {
    /// Does it.
    async fn run(self, session: &mut Session<'_>) -> Result<Done<T>, StoreError>;
}

/// The file as it is when the first statement begins: a reader of its write-ahead log.
struct Moment {
    transaction: sqlx::Transaction<'static, sqlx::Sqlite>,
    now: Timestamp,
}

#[async_trait]
impl Snapshot for Moment {
    async fn run(&mut self, sql: &str, args: Vec<Value>) -> Result<Vec<Record>, StoreError> {
        let arguments = cells::arguments(args, self.now)?;
        let rows = sqlx::query_with(AssertSqlSafe(sql), arguments).fetch_all(&mut *self.transaction).await;
        rows.map_err(|error| failure(&error, None))?.iter().map(cells::record).collect()
    }
}

struct Statements(Vec<(String, Vec<Value>)>);

#[async_trait]
impl AsyncWork<Vec<Vec<Record>>> for Statements {
    async fn run(self, session: &mut Session<'_>) -> Result<Done<Vec<Vec<Record>>>, StoreError> {
        let mut answers = Vec::with_capacity(self.0.len());
        for (sql, args) in self.0 {
            answers.push(session.run(&sql, args).await?);
        }
        Ok(Done::Commit(answers))
    }
}

struct Commit {
    write: Write,
    holder: String,
}

#[async_trait]
impl AsyncWork<Saved> for Commit {
    async fn run(self, session: &mut Session<'_>) -> Result<Done<Saved>, StoreError> {
        write(session, self.write, &self.holder).await
    }
}

/// A transaction as work sees it.
struct Many<'a, 'b> {
    session: &'a mut Session<'b>,
    holder: &'a str,
}

#[async_trait]
impl Transaction for Many<'_, '_> {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn run(&mut self, sql: &str, args: Vec<Value>) -> Result<Vec<Record>, StoreError> {
        self.session.target = None;
        self.session.run(sql, args).await
    }

    async fn save(&mut self, unit: Write) -> Result<Saved, StoreError> {
        self.session.target = Some(Target::from(&unit));
        match write(self.session, unit, self.holder).await? {
            Done::Commit(saved) | Done::Nothing(saved) => Ok(saved),
        }
    }

    async fn lock(&mut self, _keys: Vec<String>) -> Result<(), StoreError> {
        // Nobody else writes while a transaction lasts.
        Ok(())
    }
}

struct Any<W> {
    work: W,
    holder: String,
}

#[async_trait]
impl<W: Work> AsyncWork<W::Out> for Any<W> {
    async fn run(self, session: &mut Session<'_>) -> Result<Done<W::Out>, StoreError> {
        let mut many = Many { session, holder: &self.holder };
        Ok(match self.work.run(&mut many).await? {
            Ended::Commit(out) => Done::Commit(out),
            Ended::Nothing(out) => Done::Nothing(out),
        })
    }
}

#[async_trait]
impl Database for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn holder(&self) -> &str {
        &self.holder
    }

    async fn run(&self, scope: &Scope, sql: &str, args: Vec<Value>) -> Result<Vec<Record>, StoreError> {
        if !sql.starts_with("select") {
            let answers = self.run_all(scope, vec![(sql.to_owned(), args)]).await?;
            return Ok(answers.into_iter().next().unwrap_or_default());
        }
        let arguments = cells::arguments(args, self.clock.real())?;
        let rows = sqlx::query_with(AssertSqlSafe(sql), arguments).fetch_all(&self.readers).await;
        rows.map_err(|error| failure(&error, None))?.iter().map(cells::record).collect()
    }

    async fn run_all(
        &self,
        _scope: &Scope,
        statements: Vec<(String, Vec<Value>)>,
    ) -> Result<Vec<Vec<Record>>, StoreError> {
        self.spawned(None, Statements(statements)).await
    }

    async fn commit(&self, _scope: &Scope, write: Write) -> Result<Saved, StoreError> {
        self.spawned(Some(Target::from(&write)), Commit { write, holder: self.holder.clone() }).await
    }

    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        let transaction = self.readers.begin().await.map_err(|error| failure(&error, None))?;
        Ok(Box::new(Moment { transaction, now: self.clock.real() }))
    }

    async fn transact<W: Work>(&self, _scope: &Scope, work: W) -> Result<W::Out, StoreError> {
        self.spawned(None, Any { work, holder: self.holder.clone() }).await
    }
}

/// A pool whose first connection is open; another process that makes the file is waited for.
async fn connect(options: &SqliteConnectOptions, connections: u32) -> Result<SqlitePool, sqlx::Error> {
    let mut tries = 0;
    loop {
        let pool = SqlitePoolOptions::new().max_connections(connections).idle_timeout(None);
        // A full disk ends a transaction by itself, which sqlx counts on for ever: such a connection is given up.
        let pool = pool.max_lifetime(None).after_release(|connection, _| {
            Box::pin(async move {
                if connection.is_in_transaction() {
                    connection.ping().await?;
                }
                Ok(!connection.is_in_transaction())
            })
        });
        match pool.connect_with(options.clone()).await {
            Err(error) if OpenError::is_busy(&error) && tries < OPENINGS => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            connected => return connected,
        }
    }
}

/// Refuses a file of somebody else's, and brings ours up to date, one process at a time.
async fn prepare(path: &Path, writer: &SqlitePool) -> Result<(), OpenError> {
    let failed = |error: sqlx::Error| OpenError::of(path.to_owned(), &error);
    let mut transaction = writer.begin_with("begin immediate").await.map_err(failed)?;
    let of: i64 =
        sqlx::query_scalar("pragma application_id").fetch_one(&mut *transaction).await.map_err(failed)?;
    if of != APPLICATION {
        let tables = sqlx::query_scalar("select count(*) from sqlite_master");
        let tables: i64 = tables.fetch_one(&mut *transaction).await.map_err(failed)?;
        if of != 0 || tables != 0 {
            return Err(OpenError::Foreign { path: path.to_owned() });
        }
        let mark = format!("pragma application_id = {APPLICATION}");
        sqlx::query(AssertSqlSafe(mark)).execute(&mut *transaction).await.map_err(failed)?;
    }
    let migrated = MIGRATIONS.run_direct(None, &mut *transaction, false).await;
    migrated.map_err(|error| OpenError::of_migration(path.to_owned(), &error))?;
    transaction.commit().await.map_err(failed)
}

/// A name nobody else has.
fn holder() -> String {
    let part = || RandomState::new().hash_one(std::process::id());
    format!("{}-{:016x}{:016x}", std::process::id(), part(), part())
}
