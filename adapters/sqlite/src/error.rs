//! What a failure of the file is: to whoever opens it, and to whoever uses the store.

use std::path::PathBuf;

use sarai_ports::StoreError;
use sarai_sql::{Table, Write};
use sqlx::{error::DatabaseError, migrate::MigrateError};

/// Why a file cannot be opened as a store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is something else, or damaged.
    #[error("{path} is damaged, or no SQLite file: restore a backup or name another file")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// It is some other program's.
    #[error("{path} is a SQLite file of another program: name another file")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A later version of Sarai wrote it.
    #[error("{path} was written by a newer version of Sarai (its migration {migration}): use that version")]
    Newer {
        /// The file.
        path: PathBuf,
        /// The first migration that this version does not know.
        migration: i64,
    },
    /// A migration was changed since it was applied.
    #[error("{path} was made by another build of Sarai (migration {migration} differs)")]
    Altered {
        /// The file.
        path: PathBuf,
        /// The migration.
        migration: i64,
    },
    /// It cannot be read or written.
    #[error("{path} cannot be opened: {reason}")]
    Unavailable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// `SQLite`'s code without its details.
fn primary_code(error: &dyn DatabaseError) -> Option<i32> {
    error.code().and_then(|code| code.parse::<i32>().ok()).map(|code| code & 0xff)
}

const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const FULL: i32 = 13;
const CORRUPT: i32 = 11;
const NOT_A_DATABASE: i32 = 26;

impl OpenError {
    /// What a failure says of the file.
    pub(crate) fn of(path: PathBuf, error: &sqlx::Error) -> Self {
        match error.as_database_error().and_then(primary_code) {
            Some(CORRUPT | NOT_A_DATABASE) => Self::Damaged { path },
            _ => Self::Unavailable { path, reason: error.to_string() },
        }
    }

    /// What a failed migration says of the file.
    pub(crate) fn of_migration(path: PathBuf, error: &MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(migration) => Self::Newer { path, migration: *migration },
            MigrateError::VersionMismatch(migration) => Self::Altered { path, migration: *migration },
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Self::of(path, error),
            other => Self::Unavailable { path, reason: other.to_string() },
        }
    }

    /// Whether somebody else was at the file, and another try may do.
    pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
        matches!(error.as_database_error().and_then(primary_code), Some(BUSY | LOCKED))
    }
}

/// The unique key of a table whose columns a message names: `UNIQUE constraint failed: orders.quote_id`.
fn taken(table: &Table, message: &str) -> Option<StoreError> {
    let columns = message.rsplit_once(": ")?.1;
    let names = |table: &str, columns: &[&str]| {
        let named: Vec<String> = columns.iter().map(|column| format!("{table}.{column}")).collect();
        named.join(", ")
    };
    let own = table.unique.iter().map(|unique| (table.name, unique));
    let children =
        table.children.iter().flat_map(|child| child.unique.iter().map(|unique| (child.name, unique)));
    let (_, unique) = own.chain(children).find(|(table, unique)| names(table, unique.columns) == columns)?;
    Some(StoreError::Taken(unique.key))
}

/// The aggregate that is written.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    table: &'static Table,
    aggregate: &'static str,
    id: String,
}

impl From<&Write> for Target {
    fn from(write: &Write) -> Self {
        Self { table: write.table, aggregate: write.aggregate, id: write.id.clone() }
    }
}

/// What a failure is to the store's users: no text of a statement, no value.
pub(crate) fn failure(error: &sqlx::Error, target: Option<&Target>) -> StoreError {
    let Some(database) = error.as_database_error() else {
        return StoreError::Unavailable(match error {
            sqlx::Error::PoolTimedOut => "no connection became free in time".to_owned(),
            sqlx::Error::PoolClosed => "it is closed".to_owned(),
            _ => "the file could not be asked".to_owned(),
        });
    };
    if database.is_unique_violation()
        && let Some(taken) = target.and_then(|target| taken(target.table, database.message()))
    {
        return taken;
    }
    if database.is_check_violation()
        && let Some(Target { aggregate, id, .. }) = target
    {
        // A rule that the tables guard too: its constraint bears its name.
        let reason = database.message().to_owned();
        return StoreError::Corrupt { aggregate, id: id.clone(), reason };
    }
    match primary_code(database) {
        // Nothing was written: another process has the file.
        Some(BUSY | LOCKED) => StoreError::Conflict { aggregate: "store" },
        Some(FULL) => StoreError::Unavailable("the disk is full".to_owned()),
        Some(CORRUPT | NOT_A_DATABASE) => StoreError::Unavailable("the file is damaged".to_owned()),
        code => StoreError::Unavailable(format!("SQLite refused with code {}", code.unwrap_or(0))),
    }
}
