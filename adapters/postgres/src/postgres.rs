//! The database: which pool and which function a call becomes.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use sarai_domain::devportal::values::Environment;
use sarai_ports::{Saved, Scope, StoreError, system::Clock};
use sarai_sql::{Checked, Database, Dialect, Record, Snapshot, Store, TABLES, Value, Work, Write};
use sqlx::{
    AssertSqlSafe, Row, SqlSafeStr, SqlStr,
    postgres::{PgArguments, PgRow},
};

use crate::{
    access::Role,
    check, commit, error, migrate,
    open::{OpenError, Place},
    reads,
    roles::Roles,
    save,
    session::{self, Session, Sizes, Urls},
    value::{Args, first},
    writes,
};

/// Every store port on Postgres.
pub type PostgresStore = Store<Postgres>;

/// What a process is to its database.
#[derive(Clone, Default)]
pub struct Options {
    /// The roles' names.
    pub roles: Roles,
    /// The pools.
    pub sizes: Sizes,
    /// What this process is called; a new name when there is none.
    pub process: Option<String>,
    /// Whose real time decides leases; the database's own clock when there is none.
    pub clock: Option<Arc<dyn Clock>>,
}

/// A Postgres database as one process sees it.
#[derive(Clone)]
pub struct Postgres {
    pub(crate) session: Session,
    process: String,
    clock: Option<Arc<dyn Clock>>,
    /// The call of each table's commit.
    commits: HashMap<&'static str, Arc<str>>,
    /// The call that commits a check of a code.
    check: Arc<str>,
    /// The call of each hot read, by its statement and by whether it is asked within a world.
    reads: HashMap<String, (bool, Arc<str>)>,
    /// The call of each hot transaction, by its first statement.
    writes: HashMap<String, Arc<str>>,
}

impl Postgres {
    /// Opens the pools of a migrated database.
    ///
    /// # Errors
    /// When it cannot be reached, is not migrated, or a role may do more than serve, or for longer.
    pub async fn connect(urls: &Urls, options: Options) -> Result<Self, OpenError> {
        let session = Session::open(urls, &options.roles, &options.sizes).await?;
        let commits = TABLES.iter().map(|table| (table.name, commit::function(table).call.into())).collect();
        let read = |read: reads::HotRead| (read.text, (read.worldly, read.function.call.into()));
        let reads = reads::hot().into_iter().map(read).collect();
        let writes =
            writes::hot().into_iter().map(|write| (write.first, write.function.call.into())).collect();
        let mut postgres = Self {
            session,
            process: options.process.unwrap_or_default(),
            clock: options.clock,
            commits,
            check: check::function().call.into(),
            reads,
            writes,
        };
        if !postgres.is_migrated().await? {
            return Err(OpenError::NotMigrated(Place::of(&session::options(&urls.worker)?)));
        }
        if postgres.process.is_empty() {
            let text = "select gen_random_uuid()::text";
            let found =
                postgres.session.all(Role::Worker, text.into_sql_str(), Args::default().done()).await?;
            found.first().map_or(Ok(""), |found| found.text(0))?.clone_into(&mut postgres.process);
        }
        Ok(postgres)
    }

    /// Whether the database can be reached and has the schema and every function that this program needs.
    ///
    /// # Errors
    /// What is missing.
    pub async fn ready(&self) -> Result<(), StoreError> {
        if self.is_migrated().await? {
            Ok(())
        } else {
            Err(StoreError::Unavailable("postgres: the schema is not this program's".to_owned()))
        }
    }

    async fn is_migrated(&self) -> Result<bool, StoreError> {
        let functions: Vec<_> = migrate::functions().into_iter().map(|function| function.name).collect();
        let text = "select (select coalesce(max(version), 0) from _sqlx_migrations where success) >= $1
            and (select count(distinct proname) from pg_proc where proname = any($2)
                and pronamespace = 'public'::regnamespace) = cardinality($2)";
        let mut args = Args::default();
        args.push(migrate::schema_version())?;
        args.push(functions)?;
        let found = self.session.all(Role::Worker, text.into_sql_str(), args.done()).await?;
        Ok(matches!(found.first().map(|found| found.bool(0)), Some(Ok(true))))
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.session.close().await;
    }

    /// The same connections under another name: to everybody else a process of its own.
    #[must_use]
    pub fn another_process(&self, name: &str) -> Self {
        Self { process: name.to_owned(), ..self.clone() }
    }

    /// A test's clock.
    fn fixed(&self) -> Option<sarai_domain::kernel::Timestamp> {
        self.clock.as_ref().map(|clock| clock.real())
    }

    /// A statement of a transaction with its arguments.
    pub(crate) fn prepared(&self, sql: &str, args: Vec<Value>) -> Result<(SqlStr, PgArguments), StoreError> {
        let text = AssertSqlSafe(prepared_apart(sql, &args)).into_sql_str();
        Ok((text, self.arguments(None::<&str>, args)?.done()))
    }

    /// The call that commits a unit.
    pub(crate) fn saving(&self, scope: &Scope, write: &Write) -> Result<Saving, StoreError> {
        let unknown = || error::unusable("a table without a function");
        let call = Arc::clone(self.commits.get(write.table.name).ok_or_else(unknown)?);
        let until = std::time::Instant::now() + sarai_sql::LEASE;
        let args = save::arguments(scope, write, &self.process, self.fixed())?.done();
        Ok(Saving { text: AssertSqlSafe(call).into_sql_str(), args, until })
    }

    /// The call that commits a check of a code with what it counts for.
    fn checking(&self, scope: &Scope, write: &Write, checked: &Checked) -> Result<Saving, StoreError> {
        let until = std::time::Instant::now() + sarai_sql::LEASE;
        let mut args = save::arguments(scope, write, &self.process, self.fixed())?;
        check::arguments(&mut args, checked)?;
        let call = Arc::clone(&self.check);
        Ok(Saving { text: AssertSqlSafe(call).into_sql_str(), args: args.done(), until })
    }

    /// What its answer says.
    pub(crate) fn saved(write: &Write, row: &PgRow, until: std::time::Instant) -> Result<Saved, StoreError> {
        let read = |place: usize| -> Result<Vec<Option<i64>>, StoreError> {
            let found: Option<_> =
                row.try_get(place).map_err(|failed| error::of(&failed, write.aggregate))?;
            Ok(found.unwrap_or_default())
        };
        let (fences, afters) = (read(3)?, read(4)?);
        save::saved(write, &first(row, 3)?, &fences, &afters, until)
    }

    fn arguments<'a>(
        &self,
        first: impl IntoIterator<Item = &'a str>,
        values: Vec<Value>,
    ) -> Result<Args, StoreError> {
        let mut args = Args::default();
        for first in first {
            args.push(first)?;
        }
        for value in values {
            match (value, self.fixed()) {
                (Value::Now, Some(now)) => args.value(now.into())?,
                (value, _) => args.value(value)?,
            }
        }
        Ok(args)
    }
}

/// A call that commits a unit, and until when its deliveries are this process's.
pub(crate) struct Saving {
    pub(crate) text: SqlStr,
    pub(crate) args: PgArguments,
    pub(crate) until: std::time::Instant,
}

/// The statement's text for these arguments. Postgres gives a parameter its type once, when the statement is prepared,
/// and one that is nothing has none of its own: so each choice of such parameters is a statement apart.
fn prepared_apart(sql: &str, values: &[Value]) -> String {
    let nothing = values.iter().enumerate().filter(|(_, value)| **value == Value::Null);
    let places: Vec<_> = nothing.map(|(place, _)| (place + 1).to_string()).collect();
    if places.is_empty() { sql.to_owned() } else { format!("{sql} /* nothing: {} */", places.join(" ")) }
}

#[async_trait]
impl Database for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn run(&self, scope: &Scope, sql: &str, args: Vec<Value>) -> Result<Vec<Record>, StoreError> {
        if let Scope::Tenant(tenant) | Scope::World(tenant, _) = scope {
            let world = scope.world();
            if let Some((_, call)) = self.reads.get(sql).filter(|(worldly, _)| *worldly == world.is_some()) {
                let first = [tenant.as_str()].into_iter().chain(world.map(Environment::as_str));
                let args = self.arguments(first, args)?;
                let call = AssertSqlSafe(Arc::clone(call)).into_sql_str();
                return self.session.all(Role::App, call, args.done()).await;
            }
            let statement = vec![(sql.to_owned(), args)];
            return Ok(self.run_all(scope, statement).await?.pop().unwrap_or_default());
        }
        let text = AssertSqlSafe(prepared_apart(sql, &args)).into_sql_str();
        let args = self.arguments(None::<&str>, args)?;
        self.session.all(Session::role(scope), text, args.done()).await
    }

    async fn run_all(
        &self,
        scope: &Scope,
        statements: Vec<(String, Vec<Value>)>,
    ) -> Result<Vec<Vec<Record>>, StoreError> {
        let known = statements.first().and_then(|(first, _)| self.writes.get(first));
        if let (Some(call), Scope::Within(tenant)) = (known, scope) {
            let call = AssertSqlSafe(Arc::clone(call)).into_sql_str();
            let args = statements.into_iter().flat_map(|(_, args)| args).collect();
            let args = self.arguments(Some(tenant.as_str()), args)?;
            let found = self.session.all(Role::Worker, call, args.done()).await?;
            let count = found.first().map_or(Ok(0), |found| found.count(0))?;
            return Ok(vec![(0..count).map(|_| Record(Vec::new())).collect()]);
        }
        let prepared = statements.into_iter().map(|(sql, args)| self.prepared(&sql, args));
        self.session.transaction(scope, prepared.collect::<Result<_, StoreError>>()?).await
    }

    fn holder(&self) -> &str {
        &self.process
    }

    async fn commit(&self, scope: &Scope, write: Write) -> Result<Saved, StoreError> {
        let saving = self.saving(scope, &write)?;
        let pool = self.session.pool(Session::role(scope));
        match self.session.one(pool, saving.text, saving.args).await {
            Ok(row) => Self::saved(&write, &row, saving.until),
            Err(failed) if error::is_consumed(&failed) => Ok(Saved::AlreadyConsumed),
            Err(failed) => Err(error::of(&failed, write.aggregate)),
        }
    }

    async fn check(
        &self,
        scope: &Scope,
        write: &Write,
        checked: &Checked,
    ) -> Result<Option<Saved>, StoreError> {
        let saving = self.checking(scope, write, checked)?;
        let pool = self.session.pool(Session::role(scope));
        match self.session.one(pool, saving.text, saving.args).await {
            Ok(row) => Self::saved(write, &row, saving.until).map(Some),
            Err(failed) if error::is_unclear(&failed) => Ok(None),
            Err(failed) => Err(error::of(&failed, write.aggregate)),
        }
    }

    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        Ok(Box::new(self.session.moment(self.clone()).await?))
    }

    async fn transact<W: Work>(&self, scope: &Scope, work: W) -> Result<W::Out, StoreError> {
        self.session.interactive(scope, self.clone(), work).await
    }
}
