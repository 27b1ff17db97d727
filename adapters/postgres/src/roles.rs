//! The roles, and what makes them.

use std::{fmt::Write as _, time::Duration};

use sarai_ports::StoreError;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, postgres::PgConnectOptions};

use crate::{
    access::Role,
    error,
    session::{Urls, options},
};

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

    /// Creates them where they are missing, gives those that log in this password, and the schema to its owner. `admin` is
    /// the URL of somebody who may. Gives the URLs to connect with.
    ///
    /// # Errors
    /// When the server refuses, or cannot be reached.
    pub async fn set_up(&self, admin: &str, password: &str) -> Result<Urls, StoreError> {
        if password.len() < 16 || !password.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(StoreError::Unavailable("postgres: that is no password for roles".to_owned()));
        }
        let options = options(admin)?;
        let database = options.get_database().unwrap_or("postgres").to_owned();
        let run = async {
            let mut connection = PgConnection::connect_with(&options).await?;
            let text = self.statements(&database, password);
            // Roles are shared by all databases of the cluster: whoever meets another set-up tries again.
            let mut tries = 0..20;
            loop {
                match connection.execute(AssertSqlSafe(text.clone())).await {
                    Err(sqlx::Error::Database(told))
                        if told.code().as_deref() == Some("XX000") && tries.next().is_some() =>
                    {
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                    Err(failed) => return Err(failed),
                    Ok(_) => return connection.close().await,
                }
            }
        };
        run.await.map_err(|failed| error::of(&failed, ""))?;
        let url = |role: String| with_login(&options, &role, password);
        Ok(Urls {
            migrate: url(self.migrate()),
            app: url(self.serving_name(Role::App)),
            worker: url(self.serving_name(Role::Worker)),
            platform: url(self.serving_name(Role::Platform)),
        })
    }

    fn statements(&self, database: &str, password: &str) -> String {
        let (owner, migrate, backup) = (self.owner(), self.migrate(), self.backup());
        let everybody = self.everybody().join(", ");
        let mut text = String::from("set client_min_messages = error;\nselect pg_advisory_lock(5237401);\n");
        for role in self.everybody().into_iter().chain([owner.clone()]) {
            let _ = writeln!(
                text,
                "do $$ begin if not exists (select from pg_roles where rolname = '{role}') then \
                 create role {role}; end if; end $$;"
            );
        }
        let plain = "nosuperuser nocreatedb nocreaterole noreplication";
        let _ = writeln!(text, "alter role {owner} {plain} nobypassrls nologin;");
        let _ =
            writeln!(text, "alter role {migrate} {plain} nobypassrls noinherit login password '{password}';");
        let _ = writeln!(text, "alter role {backup} {plain} bypassrls login password '{password}';");
        let _ = writeln!(text, "alter role {backup} set default_transaction_read_only = on;");
        let _ = writeln!(text, "grant {owner} to {migrate};");
        for role in self.serving() {
            let _ = writeln!(
                text,
                "alter role {role} {plain} nobypassrls noinherit login password '{password}';\n\
                 alter role {role} set statement_timeout = '5s';\n\
                 alter role {role} set lock_timeout = '2s';\n\
                 alter role {role} set idle_in_transaction_session_timeout = '10s';"
            );
        }
        let database = quoted(database);
        let _ = writeln!(
            text,
            "revoke all on database {database} from public, {everybody};\n\
             grant connect on database {database} to {everybody};\n\
             alter schema public owner to {owner};\n\
             revoke all on schema public from public, {everybody};\n\
             grant usage on schema public to {everybody};"
        );
        text
    }
}

/// A name as an identifier.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The same server and database under another login.
fn with_login(options: &PgConnectOptions, role: &str, password: &str) -> String {
    use sqlx::ConnectOptions as _;
    options.clone().username(role).password(password).to_url_lossy().to_string()
}
