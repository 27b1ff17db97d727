//! The schema: migrations that are never changed once released, and what is made anew from the code: policies,
//! grants and functions.

use std::{fmt::Write as _, time::Duration};

use sarai_sql::TABLES;
use sqlx::{
    AssertSqlSafe, Connection, Executor, PgConnection, Row,
    migrate::{MigrateError, Migrator},
};

use crate::{
    access, check,
    commit::{self, Function, hash},
    error,
    open::{self, OpenError, Place},
    reads,
    roles::Roles,
    session::options,
    writes,
};

/// The migrations.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Who holds this lock migrates.
const LOCK: i64 = 0x5a72_6169;

/// How long to wait for another migrator, and for locks.
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

/// The longest wait for a lock: whoever serves would wait behind it.
const LOCK_WAIT: &str = "500ms";

/// Whether a lock was not to be had, and another try may have it: after a pause.
async fn again(failed: &sqlx::Error, end: tokio::time::Instant) -> bool {
    let held = |code: &str| code == "55P03" || code == "40P01";
    let is_held =
        matches!(failed, sqlx::Error::Database(told) if told.code().is_some_and(|code| held(&code)));
    let again = is_held && tokio::time::Instant::now() < end;
    if again {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    again
}

/// Runs statements as one transaction, which waits for no lock for long.
async fn make(connection: &mut PgConnection, text: &str) -> Result<(), sqlx::Error> {
    // One simple query of many statements is one transaction.
    let text = format!("set local lock_timeout = '{LOCK_WAIT}';\n{text}");
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        match connection.execute(AssertSqlSafe(text.clone())).await {
            Ok(_) => return Ok(()),
            Err(failed) if again(&failed, end).await => {}
            Err(failed) => return Err(failed),
        }
    }
}

/// Brings the database to this program's schema, under the migrate role. Any number of processes may do so at once.
///
/// # Errors
/// When the database is out of reach, refuses, or holds what this program does not know how to migrate.
pub async fn migrate(url: &str, roles: &Roles) -> Result<(), OpenError> {
    let options = options(url)?;
    let place = Place::of(&options);
    let failed = |failed: sqlx::Error| error::of(&failed, "");
    let mut connection = open::connect(&options).await?;
    let become_owner = format!("set client_min_messages = error; set role {}", roles.owner());
    if let Err(sqlx::Error::Database(_)) = connection.execute(AssertSqlSafe(become_owner)).await {
        return Err(OpenError::NoMigrator(place, roles.owner()));
    }
    open::lock(&mut connection, &place, (LOCK, PATIENCE), "somebody else migrates it").await?;
    let outcome = apply(&mut connection, roles).await;
    // Closing the connection gives the lock back.
    connection.close().await.map_err(failed)?;
    outcome.map_err(|failed| OpenError::Migration(place, reason(&failed)))
}

/// Why, in words for whoever migrates.
fn reason(failed: &MigrateError) -> String {
    match failed {
        MigrateError::Execute(failed) => refusal(failed),
        MigrateError::ExecuteMigration(failed, version) => {
            format!("migration {version}: {}", refusal(failed))
        }
        MigrateError::VersionMismatch(version) => {
            format!("another build made it: migration {version} differs")
        }
        other => other.to_string(),
    }
}

fn refusal(failed: &sqlx::Error) -> String {
    match failed {
        sqlx::Error::Database(told) if told.code().as_deref() == Some("55P03") => {
            "somebody holds its tables for long, such as a dump: try again when that is over".to_owned()
        }
        // Of what changes a schema: there is no value of a row in it.
        sqlx::Error::Database(told) => told.message().to_owned(),
        other => other.to_string(),
    }
}

/// Runs the migrations that are not noted yet. Those in a transaction wait for no lock for long; an index that is built
/// outside of one waits for whoever reads, and nobody waits for it.
async fn run(connection: &mut PgConnection) -> Result<(), MigrateError> {
    let mut migrator = Migrator { migrations: MIGRATIONS.migrations.clone(), ..Migrator::DEFAULT };
    // A newer program may have been here before: its migrations are compatible with this one.
    migrator.set_locking(false).set_ignore_missing(true);
    let end = tokio::time::Instant::now() + PATIENCE;
    for part in MIGRATIONS.migrations.chunk_by(|one, next| one.no_tx == next.no_tx) {
        let Some(last) = part.last() else { continue };
        let wait = if last.no_tx { "0" } else { LOCK_WAIT };
        connection.execute(AssertSqlSafe(format!("set lock_timeout = '{wait}'"))).await?;
        loop {
            match migrator.run_direct(Some(last.version), &mut *connection, false).await {
                Ok(()) => break,
                Err(MigrateError::Execute(failed) | MigrateError::ExecuteMigration(failed, _))
                    if again(&failed, end).await => {}
                Err(failed) => return Err(failed),
            }
        }
    }
    Ok(())
}

async fn apply(connection: &mut PgConnection, roles: &Roles) -> Result<(), MigrateError> {
    run(connection).await?;
    let newer = sqlx::query_scalar("select exists (select from _sqlx_migrations where version > $1)");
    if newer.bind(schema_version()).fetch_one(&mut *connection).await? {
        // Its policies and grants hold for its tables too; ours would take them away from those who serve.
        return Ok(make(connection, &calls(roles)).await?);
    }
    let made = made(roles);
    let mark = format!("{:016x}", hash(&made.concat()));
    let known = sqlx::query("select obj_description('public'::regnamespace, 'pg_namespace')");
    let known: Option<String> = known.fetch_one(&mut *connection).await?.try_get(0)?;
    if known.as_deref() != Some(&mark) {
        for text in &made {
            make(connection, text).await?;
        }
        make(connection, &format!("comment on schema public is '{mark}'")).await?;
    }
    Ok(search(connection).await?)
}

/// Makes the index by which rare words and kinds are found in the catalogue, where the server has the extension that it
/// needs (`roles`): it is no migration, because the extension may come later. Nobody waits while it is built.
async fn search(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let asked = sqlx::query_as(
        "select (select quote_ident(n.nspname) from pg_opclass c join pg_namespace n on n.oid = c.opcnamespace
                where c.opcname = 'gin_trgm_ops' and has_schema_privilege(n.oid, 'usage') limit 1),
            (select indisvalid from pg_index where indexrelid = to_regclass('public.catalog_texts'))",
    );
    let (schema, valid): (Option<String>, Option<bool>) = asked.fetch_one(&mut *connection).await?;
    if valid == Some(true) {
        return Ok(());
    }
    let Some(schema) = schema else {
        tracing::warn!("pg_trgm is not there: a search of a rare word reads the whole catalogue");
        return Ok(());
    };
    let class = format!("{schema}.gin_trgm_ops");
    for step in [
        "set lock_timeout = 0".to_owned(),
        "drop index concurrently if exists catalog_texts".to_owned(),
        format!(
            "create index concurrently catalog_texts on catalog using gin (words {class}, kinds {class})"
        ),
    ] {
        connection.execute(AssertSqlSafe(step)).await?;
    }
    Ok(())
}
