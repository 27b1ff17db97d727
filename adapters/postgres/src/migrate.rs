//! The schema: migrations that are never changed once released, and what is made anew from the code: policies,
//! grants and functions.

use std::{fmt::Write as _, time::Duration};

use sarai_ports::StoreError;
use sarai_sql::TABLES;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row, migrate::Migrator};

use crate::{
    access, check,
    commit::{self, Function, hash},
    error, reads,
    roles::Roles,
    session::options,
    writes,
};

/// The migrations.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Who holds this lock migrates.
const LOCK: i64 = 0x5a72_6169;

/// How long to wait for another migrator.
const PATIENCE: Duration = Duration::from_mins(5);

/// The version of the schema that this program needs.
pub fn schema_version() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Every function this program calls.
pub(crate) fn functions() -> Vec<Function> {
    let commits = TABLES.iter().map(|table| commit::function(table));
    let reads = reads::hot().into_iter().map(|read| read.function);
    let writes = writes::hot().into_iter().map(|write| write.function);
    commits.chain(reads).chain(writes).chain([check::function(), commit::platform_limit()]).collect()
}

/// The functions, and who may call them. Their names carry a hash: they take nothing from a program of another version.
fn calls(roles: &Roles) -> String {
    let mut text = String::new();
    let serving = roles.serving().join(", ");
    for Function { name, definition, .. } in functions() {
        let _ = writeln!(
            text,
            "{definition};\nrevoke all on function {name} from public;\n\
             grant execute on function {name} to {serving};"
        );
    }
    text
}

/// Functions, policies and grants, as transactions.
fn made(roles: &Roles) -> Vec<String> {
    [calls(roles)].into_iter().chain(access::statements(roles)).collect()
}

/// Runs statements as one transaction, which waits for no lock for long: whoever serves would wait behind it.
async fn make(connection: &mut PgConnection, text: &str) -> Result<(), StoreError> {
    // One simple query of many statements is one transaction.
    let text = format!("set local lock_timeout = '500ms';\n{text}");
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        let outcome = connection.execute(AssertSqlSafe(text.clone())).await;
        let held = |code: &str| code == "55P03" || code == "40P01";
        match outcome {
            Ok(_) => return Ok(()),
            Err(sqlx::Error::Database(told))
                if told.code().is_some_and(|code| held(&code)) && tokio::time::Instant::now() < end =>
            {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(failed) => return Err(error::of(&failed, "")),
        }
    }
}

/// Brings the database to this program's schema, under the migrate role. Any number of processes may do so at once.
///
/// # Errors
/// When the database is out of reach, refuses, or holds what this program does not know how to migrate.
pub async fn migrate(url: &str, roles: &Roles) -> Result<(), StoreError> {
    let failed = |failed: sqlx::Error| error::of(&failed, "");
    let mut connection = PgConnection::connect_with(&options(url)?).await.map_err(failed)?;
    let become_owner = format!("set client_min_messages = error; set role {}", roles.owner());
    connection.execute(AssertSqlSafe(become_owner)).await.map_err(failed)?;
    lock(&mut connection).await?;
    let outcome = apply(&mut connection, roles).await;
    // Closing the connection gives the lock back.
    connection.close().await.map_err(failed)?;
    outcome
}

/// A lock that is waited for without a transaction: one that waits inside one would keep indexes from being built
/// concurrently.
async fn lock(connection: &mut PgConnection) -> Result<(), StoreError> {
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        let taken =
            sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(LOCK).fetch_one(&mut *connection);
        match taken.await.map_err(|failed| error::of(&failed, ""))? {
            true => return Ok(()),
            false if tokio::time::Instant::now() < end => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            false => return Err(StoreError::Unavailable("postgres: somebody else migrates".to_owned())),
        }
    }
}

async fn apply(connection: &mut PgConnection, roles: &Roles) -> Result<(), StoreError> {
    let mut migrator = Migrator { migrations: MIGRATIONS.migrations.clone(), ..Migrator::DEFAULT };
    // A newer program may have been here before: its migrations are compatible with this one.
    migrator.set_locking(false).set_ignore_missing(true);
    migrator.run_direct(None, &mut *connection, false).await.map_err(|failed| {
        tracing::error!(%failed, "the schema was not migrated");
        StoreError::Unavailable("postgres: the schema was not migrated".to_owned())
    })?;
    let newer = sqlx::query_scalar("select exists (select from _sqlx_migrations where version > $1)");
    let newer = newer.bind(schema_version()).fetch_one(&mut *connection).await;
    if newer.map_err(|failed| error::of(&failed, ""))? {
        // Its policies and grants hold for its tables too; ours would take them away from those who serve.
        return make(connection, &calls(roles)).await;
    }
    let made = made(roles);
    let mark = format!("{:016x}", hash(&made.concat()));
    let known = sqlx::query("select obj_description('public'::regnamespace, 'pg_namespace')");
    let failed = |failed: sqlx::Error| error::of(&failed, "");
    let known: Option<String> =
        known.fetch_one(&mut *connection).await.map_err(failed)?.try_get(0).map_err(failed)?;
    if known.as_deref() != Some(&mark) {
        for text in &made {
            make(connection, text).await?;
        }
        make(connection, &format!("comment on schema public is '{mark}'")).await?;
    }
    Ok(())
}
