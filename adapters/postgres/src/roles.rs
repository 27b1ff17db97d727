//! The roles, and what makes them.

use std::{fmt::Write as _, time::Duration};

use sarai_ports::StoreError;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, postgres::PgConnectOptions};

use crate::{
    access::Role,
    error,
    open::{self, OpenError, Place},
    session::{Urls, options},
};

/// Who holds this lock sets roles up; nobody is waited for longer than this.
const LOCK: (i64, Duration) = (5_237_401, Duration::from_secs(30));

/// What whoever meets another set-up in the same cluster is told: a row of the catalogue was changed meanwhile, or made.
const MET: [&str; 3] = ["XX000", "23505", "42710"];

/// How many seconds a statement of a role that serves may take, wait for a lock, and leave a transaction idle.
pub(crate) const TIMEOUTS: [(&str, u32); 3] =
    [("statement_timeout", 5), ("lock_timeout", 2), ("idle_in_transaction_session_timeout", 10)];

/// The roles of a database; all their names begin alike, because roles belong to a whole cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    prefix: String,
}

impl Default for Roles {
    fn default() -> Self {
        Self { prefix: "sarai".to_owned() }
    }
}

impl Roles {
    /// Roles whose names begin so: a small letter, then small letters, digits and underscores, at most 40.
    ///
    /// # Errors
    /// When it is no such name.
    pub fn new(prefix: &str) -> Result<Self, StoreError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let begins = prefix.starts_with(|c: char| c.is_ascii_lowercase());
        if begins && prefix.len() <= 40 && prefix.chars().all(plain) {
            Ok(Self { prefix: prefix.to_owned() })
        } else {
            Err(StoreError::Unavailable("postgres: that is no prefix for names of roles".to_owned()))
        }
    }

    fn named(&self, suffix: &str) -> String {
        format!("{}_{suffix}", self.prefix)
    }

    /// Owns every table; nobody logs in as it.
    pub fn owner(&self) -> String {
        self.named("owner")
    }

    /// Migrates: it may become the owner.
    pub fn migrate(&self) -> String {
        self.named("migrate")
    }

    /// Reads everything for backups, and writes nothing.
    pub fn backup(&self) -> String {
        self.named("backup")
    }

    /// A role that serves.
    pub fn serving_name(&self, role: Role) -> String {
        self.named(role.suffix())
    }

    /// Those that serve.
    pub fn serving(&self) -> Vec<String> {
        Role::ALL.map(|role| self.serving_name(role)).into()
    }

    /// Everybody but the owner.
    pub fn everybody(&self) -> Vec<String> {
        let mut all = self.serving();
        all.extend([self.migrate(), self.backup()]);
        all
    }

    /// Creates them where they are missing, with this password, and gives the schema to its owner. Roles that are there keep
    /// their passwords, and those that log in have to have this one: else two data folders would lock each other out at each
    /// start. `admin` is the URL of somebody who may. Gives the URLs to connect with.
    ///
    /// # Errors
    /// When the server refuses, or cannot be reached, and when a role has another password.
    pub async fn set_up(&self, admin: &str, password: &str) -> Result<Urls, OpenError> {
        self.made(admin, password, false).await
    }

    /// The same, but every role that logs in gets this password, whatever it had.
    ///
    /// # Errors
    /// When the server refuses, or cannot be reached.
    pub async fn set_up_anew(&self, admin: &str, password: &str) -> Result<Urls, OpenError> {
        self.made(admin, password, true).await
    }

    async fn made(&self, admin: &str, password: &str, anew: bool) -> Result<Urls, OpenError> {
        if password.len() < 16 || !password.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(StoreError::Unavailable("postgres: that is no password for roles".to_owned()).into());
        }
        let options = options(admin)?;
        let place = Place::of(&options);
        let mut connection = open::connect(&options).await?;
        open::lock(&mut connection, &place, LOCK, "somebody else sets its roles up").await?;
        // Roles are shared by all databases of the cluster: whoever meets another set-up tries again.
        let mut tries = 0..20;
        loop {
            let there = self.that_exist(&mut connection).await?;
            let gets = |role: &str| anew || !there.iter().any(|known| known == role);
            for role in self.everybody().iter().filter(|role| !gets(role)) {
                let login = options.clone().username(role).password(password);
                match open::connect(&login).await {
                    // Who is let in and may not connect to this database yet has the password.
                    Ok(connection) => connection.close().await.map_err(|failed| error::of(&failed, ""))?,
                    Err(OpenError::Forbidden(_)) => {}
                    Err(OpenError::Refused(_)) => return Err(OpenError::OthersRoles(place, role.clone())),
                    Err(failed) => return Err(failed),
                }
            }
            let text = self.statements(|role| gets(role).then_some(password));
            match connection.execute(AssertSqlSafe(text)).await {
                Err(sqlx::Error::Database(told))
                    if told.code().is_some_and(|code| MET.contains(&&*code)) && tries.next().is_some() =>
                {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Err(sqlx::Error::Database(told)) if told.code().as_deref() == Some("42501") => {
                    return Err(OpenError::NoAdministrator(place));
                }
                Err(sqlx::Error::Database(told)) if told.code().as_deref() == Some("55P03") => {
                    return Err(OpenError::Busy(place, "somebody else changes its roles"));
                }
                Err(failed) => return Err(error::of(&failed, "").into()),
                Ok(_) => break,
            }
        }
        connection.close().await.map_err(|failed| error::of(&failed, ""))?;
        let url = |role: String| with_login(&options, &role, password);
        Ok(Urls {
            migrate: url(self.migrate()),
            app: url(self.serving_name(Role::App)),
            worker: url(self.serving_name(Role::Worker)),
            platform: url(self.serving_name(Role::Platform)),
        })
    }

    async fn that_exist(&self, connection: &mut PgConnection) -> Result<Vec<String>, StoreError> {
        let asked = sqlx::query_scalar("select rolname::text from pg_roles where rolname = any($1)");
        asked.bind(self.everybody()).fetch_all(connection).await.map_err(|failed| error::of(&failed, ""))
    }

    /// What makes them, for whoever does so by hand: what [`Self::set_up`] runs, without passwords.
    pub fn script(&self) -> String {
        let mut text = String::from(
            "-- Makes Sarai's roles; run it in Sarai's database as a superuser: `sarai migrate --print-roles | psql …`.\n\
             -- It may be run again. What the roles may do with which table is said by `sarai migrate`.\n",
        );
        // At once or not at all: nobody who serves meanwhile is without what they may do.
        let _ = writeln!(text, "begin;\n{}commit;", self.statements(|_| None));
        text +=
            "-- Then give a password to each that logs in, which `psql` asks for and never sends in clear:\n";
        for role in self.everybody() {
            let _ = writeln!(text, "--   \\password {role}");
        }
        text
    }

    /// The statements; `password` is what a role that logs in gets.
    fn statements<'a>(&self, password: impl Fn(&str) -> Option<&'a str>) -> String {
        let (owner, migrate, backup) = (self.owner(), self.migrate(), self.backup());
        let everybody = self.everybody().join(", ");
        let mut text = String::from("set client_min_messages = error;\nset lock_timeout = '10s';\n");
        for role in self.everybody().into_iter().chain([owner.clone()]) {
            let _ = writeln!(
                text,
                "do $$ begin if not exists (select from pg_roles where rolname = '{role}') then \
                 create role {role}; end if; end $$;"
            );
        }
        let plain = "nosuperuser nocreatedb nocreaterole noreplication";
        let login = |role: &str| match password(role) {
            Some(password) => format!("login password '{password}'"),
            None => "login".to_owned(),
        };
        let _ = writeln!(text, "alter role {owner} {plain} nobypassrls nologin;");
        let _ = writeln!(text, "alter role {migrate} {plain} nobypassrls noinherit {};", login(&migrate));
        let _ = writeln!(text, "alter role {backup} {plain} bypassrls {};", login(&backup));
        let _ = writeln!(text, "alter role {backup} set default_transaction_read_only = on;");
        let _ = writeln!(text, "grant {owner} to {migrate};");
        for role in self.serving() {
            let _ = writeln!(text, "alter role {role} {plain} nobypassrls noinherit {};", login(&role));
            for (timeout, seconds) in TIMEOUTS {
                let _ = writeln!(text, "alter role {role} set {timeout} = '{seconds}s';");
            }
        }
        // A server that has it not, or an administrator who may not make it, is served without: see `migrate::search`.
        let _ = writeln!(
            text,
            "do $$ begin\n\
             create schema if not exists sarai_extensions;\n\
             grant usage on schema sarai_extensions to {owner};\n\
             create extension if not exists pg_trgm schema sarai_extensions;\n\
             exception when feature_not_supported or undefined_file or insufficient_privilege then null; end $$;"
        );
        let _ = writeln!(
            text,
            "do $$ begin\n\
             execute format('revoke all on database %I from public, {everybody}', current_database());\n\
             execute format('grant connect on database %I to {everybody}', current_database());\n\
             end $$;\n\
             alter schema public owner to {owner};\n\
             revoke all on schema public from public, {everybody};\n\
             grant usage on schema public to {everybody};"
        );
        text
    }
}

/// The same server and database under another login.
fn with_login(options: &PgConnectOptions, role: &str, password: &str) -> String {
    use sqlx::ConnectOptions as _;
    let database = options.get_database().unwrap_or(options.get_username());
    let login = options.clone().username(role).password(password).database(database);
    // What the URL says of a root certificate is written as a description of it.
    login.to_url_lossy().to_string().replace("sslrootcert=file%3A+", "sslrootcert=")
}
