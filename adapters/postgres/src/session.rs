//! Connections: a pool a role, and the one place that begins transactions.
//!
//! Nearly everything is one statement that is a transaction of its own: the commit's functions and the hot reads set
//! the tenant themselves, and the policies of workers and staff need none. A tenant's other reads are a transaction
//! whose first statement sets the tenant. It runs in a task of its own, so that a caller who goes away cannot leave
//! it half-way, on connections that are cleaned before each use. No call waits for ever (`lent`).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use sarai_ports::{Saved, Scope, StoreError};
use sarai_sql::{Dialect, Ended, Record, Snapshot, Transaction, Value, Work, Write};
use sqlx::{
    AssertSqlSafe, Connection, Executor, PgPool, SqlStr,
    postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgRow},
};

use crate::{
    access::Role,
    error,
    lent::{LIMIT, Lent, Shelf, in_time},
    open::{self, OpenError, Place},
    postgres::Postgres,
    roles::{Roles, TIMEOUTS},
    value::record,
};

/// How each role is reached. Whoever serves may not be a superuser, bypass the policies or own a table.
#[derive(Clone, PartialEq, Eq)]
pub struct Urls {
    /// Migrates.
    pub migrate: String,
    /// Serves tenants.
    pub app: String,
    /// Works.
    pub worker: String,
    /// Serves the platform's staff.
    pub platform: String,
}

impl std::fmt::Debug for Urls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Urls { .. }")
    }
}

/// How many connections, and how long to wait for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// For tenants' statements.
    pub app: u32,
    /// For transactions, of tenants and of workers each.
    pub transactions: u32,
    /// For workers.
    pub worker: u32,
    /// For staff.
    pub platform: u32,
    /// The longest wait for a free one.
    pub acquire: Duration,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { app: 8, transactions: 4, worker: 8, platform: 2, acquire: Duration::from_secs(2) }
    }
}

/// The pools of one process.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    app: Arc<Shelf>,
    worker: Arc<Shelf>,
    platform: Arc<Shelf>,
    /// For transactions of tenants and of workers.
    transactions: [PgPool; 2],
}

/// What a URL says.
pub(crate) fn options(url: &str) -> Result<PgConnectOptions, OpenError> {
    let options: PgConnectOptions = url.parse().map_err(|_| OpenError::NoUrl)?;
    Ok(options.application_name("sarai").statement_cache_capacity(1_000))
}

/// Workers' statements look rows up by keys, few at a time, whatever a table's statistics say of the moment: a plan is
/// made once a connection, and never reads a whole table to join it.
const LOOK_UPS: [(&str, &str); 3] =
    [("plan_cache_mode", "force_generic_plan"), ("enable_hashjoin", "off"), ("enable_mergejoin", "off")];

fn pool(url: &str, size: u32, sizes: &Sizes) -> Result<(PgPoolOptions, PgConnectOptions), OpenError> {
    let pool =
        PgPoolOptions::new().max_connections(size).acquire_timeout(sizes.acquire).test_before_acquire(false);
    Ok((pool, options(url)?.options([("jit", "off")])))
}

/// Refuses to serve as somebody whom the policies do not bind, or whose statements nothing ends; and from a schema that
/// is not there.
async fn look_at(url: &str, role: Role, roles: &Roles) -> Result<(), OpenError> {
    let options = options(url)?;
    let place = Place::of(&options);
    let mut connection = open::connect(&options).await?;
    let limits: Vec<_> = TIMEOUTS.iter().map(|(name, most)| format!("('{name}', {most}000)")).collect();
    let asked = format!(
        "select rolsuper or rolbypassrls or exists (select from pg_class where relowner = r.oid)
                or exists (select from pg_roles o where o.rolname = $1 and pg_has_role(r.oid, o.oid, 'member')),
            (select string_agg(of, ' and ' order by of) from (values {}) as limits (of, most)
                where (select setting from pg_settings where name = of)::bigint not between 1 and most),
            exists (select from pg_class where relname = '_sqlx_migrations'
                and relnamespace = 'public'::regnamespace),
            (select array_agg(s.rolname::text) from pg_roles s
                where s.rolname = any($2) and pg_has_role(r.oid, s.oid, 'member')) = array[$3]
        from pg_roles r where rolname = current_user",
        limits.join(", ")
    );
    let own = roles.serving_name(role);
    let found: Result<(bool, Option<String>, bool, Option<bool>), _> = sqlx::query_as(AssertSqlSafe(asked))
        .bind(roles.owner())
        .bind(roles.serving())
        .bind(&own)
        .fetch_one(&mut connection)
        .await;
    let (powerful, unbounded, migrated, itself) = found.map_err(|failed| error::of(&failed, ""))?;
    connection.close().await.map_err(|failed| error::of(&failed, ""))?;
    match unbounded {
        _ if powerful => Err(OpenError::Powerful(place)),
        _ if itself != Some(true) => Err(OpenError::AnotherRole(place, own)),
        Some(timeouts) => Err(OpenError::Unbounded(place, timeouts)),
        None if !migrated => Err(OpenError::NotMigrated(place)),
        None => Ok(()),
    }
}

impl Session {
    /// Opens the pools, once each login was looked at.
    pub(crate) async fn open(urls: &Urls, roles: &Roles, sizes: &Sizes) -> Result<Self, OpenError> {
        let logins = [(&urls.app, Role::App), (&urls.worker, Role::Worker), (&urls.platform, Role::Platform)];
        for (url, role) in logins {
            look_at(url, role, roles).await?;
        }
        let plain = |url: &str, size, plans: &[(&'static str, &'static str)]| {
            let (pool, options) = pool(url, size, sizes)?;
            let pool = pool.connect_lazy_with(options.options(plans.iter().copied()));
            Ok::<_, OpenError>(Shelf::before(pool))
        };
        let cleaned = |url: &str, plans: &[(&'static str, &'static str)]| {
            let (pool, options) = pool(url, sizes.transactions, sizes)?;
            let pool = pool.before_acquire(|connection, _| {
                Box::pin(async move {
                    connection.execute("rollback; reset all").await?;
                    Ok(true)
                })
            });
            // A rollback of nothing is worth no warning.
            let options = options.options([("client_min_messages", "error")]).options(plans.iter().copied());
            Ok::<_, OpenError>(pool.connect_lazy_with(options))
        };
        Ok(Self {
            app: plain(&urls.app, sizes.app, &[])?,
            worker: plain(&urls.worker, sizes.worker, &LOOK_UPS)?,
            platform: plain(&urls.platform, sizes.platform, &[])?,
            transactions: [cleaned(&urls.app, &[])?, cleaned(&urls.worker, &LOOK_UPS)?],
        })
    }

    /// The connections of a role.
    pub(crate) fn pool(&self, role: Role) -> &Arc<Shelf> {
        match role {
            Role::App => &self.app,
            Role::Worker => &self.worker,
            Role::Platform => &self.platform,
        }
    }

    /// Who asks within a scope (ruling R65).
    pub(crate) fn role(scope: &Scope) -> Role {
        match scope {
            Scope::Tenant(_) | Scope::World(..) | Scope::Public => Role::App,
            Scope::System | Scope::Within(_) => Role::Worker,
            Scope::PlatformAdmin => Role::Platform,
        }
    }

    /// Runs one statement that answers one row, as a transaction of its own.
    pub(crate) async fn one(
        &self,
        pool: &Arc<Shelf>,
        text: SqlStr,
        args: PgArguments,
    ) -> Result<PgRow, sqlx::Error> {
        let mut lent = pool.lend().await?;
        let row = in_time(sqlx::query_with(text, args).fetch_one(lent.connection()?)).await;
        lent.after(row)
    }

    /// Runs one statement as a transaction of its own.
    pub(crate) async fn all(
        &self,
        role: Role,
        text: SqlStr,
        args: PgArguments,
    ) -> Result<Vec<Record>, StoreError> {
        let asked = async {
            let mut lent = self.pool(role).lend().await?;
            // How rare a word is decides the plan: one that is made for any word reads the whole catalogue for a rare one.
            let kept = !text.as_str().contains(" like $");
            let asked = sqlx::query_with(text, args).persistent(kept).fetch_all(lent.connection()?);
            let rows = in_time(asked).await;
            lent.after(rows)
        };
        asked.await.map_err(|failed| error::of(&failed, ""))?.iter().map(record).collect()
    }

    /// Runs statements as one transaction, on behalf of a tenant where the scope has one.
    pub(crate) async fn transaction(
        &self,
        scope: &Scope,
        statements: Vec<(SqlStr, PgArguments)>,
    ) -> Result<Vec<Vec<Record>>, StoreError> {
        let [app, worker] = &self.transactions;
        let (pool, tenant) = match scope {
            Scope::Tenant(tenant) | Scope::World(tenant, _) => (app, tenant.as_str()),
            Scope::Within(tenant) => (worker, tenant.as_str()),
            Scope::System => (worker, ""),
            Scope::PlatformAdmin | Scope::Public => return Err(StoreError::NotFound),
        };
        let pool = pool.clone();
        let begin = format!("begin; select set_config('app.tenant_id', {}, true)", literal(tenant));
        let begin = match scope.world() {
            Some(world) => format!("{begin}, set_config('app.environment', '{}', true)", world.as_str()),
            None => begin,
        };
        let work = tokio::spawn(async move {
            let mut lent = Lent::from(&pool).await?;
            let asked = async {
                let mut transaction = lent.connection()?.begin_with(AssertSqlSafe(begin)).await?;
                let mut answers = Vec::with_capacity(statements.len());
                for (text, args) in statements {
                    answers.push(sqlx::query_with(text, args).fetch_all(&mut *transaction).await?);
                }
                transaction.commit().await?;
                Ok(answers)
            };
            let answers = in_time(asked).await;
            lent.after(answers)
        });
        let answers = work.await.map_err(|_| error::unusable("a task that ended"))?;
        let answers = answers.map_err(|failed: sqlx::Error| error::of(&failed, ""))?;
        answers.iter().map(|rows| rows.iter().map(record).collect()).collect()
    }

    /// Runs work in a transaction, on behalf of a tenant where the scope has one.
    pub(crate) async fn interactive<W: Work>(
        &self,
        scope: &Scope,
        database: Postgres,
        work: W,
    ) -> Result<W::Out, StoreError> {
        let [app, worker] = &self.transactions;
        let (pool, tenant) = match scope {
            Scope::Tenant(tenant) | Scope::World(tenant, _) => (app, tenant.as_str()),
            Scope::Within(tenant) => (worker, tenant.as_str()),
            Scope::System => (worker, ""),
            Scope::PlatformAdmin | Scope::Public => return Err(StoreError::NotFound),
        };
        let (pool, scope) = (pool.clone(), scope.clone());
        let begin = format!("begin; select set_config('app.tenant_id', {}, true)", literal(tenant));
        let begin = match scope.world() {
            Some(world) => format!("{begin}, set_config('app.environment', '{}', true)", world.as_str()),
            None => begin,
        };
        let task = tokio::spawn(async move {
            let mut lent = Lent::from(&pool).await.map_err(|failed| error::of(&failed, ""))?;
            let asked = async {
                let connection = lent.connection().map_err(|failed| error::of(&failed, ""))?;
                let opened = connection.begin_with(AssertSqlSafe(begin)).await;
                let opened = opened.map_err(|failed| error::of(&failed, ""))?;
                let mut many = Many { transaction: opened, scope, database };
                let ended = work.run(&mut many).await;
                let failed = |failed: sqlx::Error| error::of(&failed, "");
                match ended {
                    Ok(Ended::Commit(out)) => many.transaction.commit().await.map_err(failed).map(|()| out),
                    Ok(Ended::Nothing(out)) => {
                        many.transaction.rollback().await.map_err(failed).map(|()| out)
                    }
                    Err(refused) => many.transaction.rollback().await.map_err(failed).and(Err(refused)),
                }
            };
            match tokio::time::timeout(LIMIT, asked).await {
                // The connection is sound unless it is what failed.
                Ok(Err(StoreError::Unavailable(reason))) => Err(StoreError::Unavailable(reason)),
                Ok(outcome) => {
                    lent.is_sound();
                    outcome
                }
                Err(_) => Err(error::unusable("a transaction that took too long")),
            }
        });
        task.await.unwrap_or_else(|_| Err(error::unusable("a task that ended")))
    }

    /// A worker's connection in a transaction that reads one moment, to its end.
    pub(crate) async fn moment(&self, database: Postgres) -> Result<Moment, StoreError> {
        let [_, workers] = &self.transactions;
        let mut lent = Lent::from(workers).await.map_err(|failed| error::of(&failed, ""))?;
        let moment =
            "begin isolation level repeatable read read only; select set_config('app.tenant_id', '', true)";
        let begun = in_time(async { lent.connection()?.execute(AssertSqlSafe(moment)).await }).await;
        begun.map_err(|failed| error::of(&failed, ""))?;
        Ok(Moment { lent, database })
    }

    /// Closes every connection.
    pub(crate) async fn close(&self) {
        let [tenants, workers] = &self.transactions;
        for shelf in [&self.app, &self.worker, &self.platform] {
            shelf.close().await;
        }
        for pool in [tenants, workers] {
            pool.close().await;
        }
    }
}

/// The database at one moment. Its connection is closed with it, and so is the transaction.
pub(crate) struct Moment {
    lent: Lent,
    database: Postgres,
}

#[async_trait]
impl Snapshot for Moment {
    async fn run(&mut self, sql: &str, args: Vec<Value>) -> Result<Vec<Record>, StoreError> {
        let (text, args) = self.database.prepared(sql, args)?;
        let found =
            in_time(async { sqlx::query_with(text, args).fetch_all(self.lent.connection()?).await }).await;
        found.map_err(|failed| error::of(&failed, ""))?.iter().map(record).collect()
    }
}

/// A transaction as work sees it.
struct Many<'c> {
    transaction: sqlx::Transaction<'c, sqlx::Postgres>,
    scope: Scope,
    database: Postgres,
}

#[async_trait]
impl Transaction for Many<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn run(&mut self, sql: &str, args: Vec<Value>) -> Result<Vec<Record>, StoreError> {
        let (text, args) = self.database.prepared(sql, args)?;
        let found = sqlx::query_with(text, args).fetch_all(&mut *self.transaction).await;
        found.map_err(|failed| error::of(&failed, ""))?.iter().map(record).collect()
    }

    async fn save(&mut self, write: Write) -> Result<Saved, StoreError> {
        let saving = self.database.saving(&self.scope, &write)?;
        let row = sqlx::query_with(saving.text, saving.args).fetch_one(&mut *self.transaction).await;
        match row {
            Ok(row) => Postgres::saved(&write, &row, saving.until),
            // The transaction is over with it: whoever goes on finds that nothing was written.
            Err(failed) if error::is_consumed(&failed) => Ok(Saved::AlreadyConsumed),
            Err(failed) => Err(error::of(&failed, write.aggregate)),
        }
    }

    async fn lock(&mut self, keys: Vec<String>) -> Result<(), StoreError> {
        // By their hashes: two keys of one hash are one lock, and its place is the same to everybody.
        let text = "select pg_advisory_xact_lock(hash) from (select distinct hashtextextended(key, 0) as hash \
                    from unnest($1) as key order by hash) as sorted";
        self.run(text, vec![Value::Texts(keys)]).await.map(drop)
    }
}

/// Text as a literal, whatever it holds.
fn literal(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\'', "\\'");
    format!("E'{}'", escaped.replace('\0', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_ends_where_it_should() {
        assert_eq!(literal("acme"), "E'acme'");
        assert_eq!(literal("a'; drop table x; --"), r"E'a\'; drop table x; --'");
        assert_eq!(literal(r"a\"), r"E'a\\'");
    }
}
