//! Why a database cannot be used, for whoever starts a process: which one, what is wrong, what to do. Never a password.

use std::{fmt, time::Duration};

use sarai_ports::StoreError;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::time::{Instant, sleep, timeout};

use crate::error;

/// How long a connection may take to be there.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a server is waited for that is just starting or has no place left.
const GRACE: Duration = Duration::from_secs(2);
/// The oldest version whose policies hold (CVE-2025-8713); of one that does not tell nothing is known.
const OLDEST: u32 = 150_014;

/// A database as its URL names it, and who asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    host: String,
    port: u16,
    database: String,
    login: String,
}

impl Place {
    pub(crate) fn of(options: &PgConnectOptions) -> Self {
        let socket = options.get_socket().map(|path| path.display().to_string());
        let login = options.get_username().to_owned();
        Self {
            host: socket.unwrap_or_else(|| options.get_host().to_owned()),
            port: options.get_port(),
            database: options.get_database().unwrap_or(&login).to_owned(),
            login,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Postgres at {}:{}, database `{}`, login `{}`",
            self.host, self.port, self.database, self.login
        )
    }
}

/// Why a database cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The text is no URL.
    #[error(
        "that is no URL of a Postgres database: it is like `postgres://user:password@host:5432/database`"
    )]
    NoUrl,
    /// Nobody answers there.
    #[error("{0}: cannot be reached ({1}): is it up, and are host and port right?")]
    Unreachable(Place, String),
    /// The login is not let in.
    #[error(
        "{0}: not let in: the password is wrong, there is no such role, or pg_hba.conf does not admit it; \
         `sarai migrate --print-roles` shows how roles are made"
    )]
    Refused(Place),
    /// The login is right, and may not connect to the database.
    #[error(
        "{0}: this login may not connect to this database: `sarai migrate --print-roles` shows what it needs"
    )]
    Forbidden(Place),
    /// The server has no such database.
    #[error("{0}: there is no such database: create it, or name another one in the URL")]
    NoDatabase(Place),
    /// The server has no connection left.
    #[error("{0}: no connection is left: raise max_connections, or run fewer processes")]
    Full(Place),
    /// The server is too old.
    #[error("{0}: version {1} is too old: 15.14 or later is needed")]
    Old(Place, String),
    /// The login may do more than serve.
    #[error(
        "{0}: this login may do more than serve: it is a superuser, bypasses policies, owns a table or may become the \
         owner; serve with the roles that `sarai migrate --print-roles` makes"
    )]
    Powerful(Place),
    /// The login is another role's than the one it is given for.
    #[error(
        "{0}: this login has to be `{1}` and none of the other roles that serve: the URLs may be interchanged"
    )]
    AnotherRole(Place, String),
    /// The login's statements or locks may last longer than a process waits for them.
    #[error(
        "{0}: this login's {1} are longer than they may be, or off: `sarai migrate --print-roles` sets them"
    )]
    Unbounded(Place, String),
    /// The schema is not this program's.
    #[error("{0}: the schema is not this program's: run `sarai migrate` first")]
    NotMigrated(Place),
    /// The login may not make roles.
    #[error(
        "{0}: this login may not make roles: give an administrator's, or make them by hand with what \
         `sarai migrate --print-roles` prints"
    )]
    NoAdministrator(Place),
    /// The login may not change the schema.
    #[error(
        "{0}: this login may not become `{1}`, who owns the schema: `sarai migrate --print-roles` makes both"
    )]
    NoMigrator(Place, String),
    /// The roles were made by somebody else.
    #[error(
        "{0}: the role `{1}` exists and has another password: another data folder made it, or somebody by hand. Use \
         that folder's keys.toml, or give these roles new passwords with `sarai migrate --reset-passwords`, which \
         locks out whoever has the old ones"
    )]
    OthersRoles(Place, String),
    /// Somebody else has been at the same thing, or at what it needs, for too long.
    #[error("{0}: {1}: try again when that is over")]
    Busy(Place, &'static str),
    /// The schema cannot be brought to this version.
    #[error("{0}: the schema was not migrated: {1}")]
    Migration(Place, String),
    /// Anything else.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenError {
    fn old(place: Place, version: u32) -> Self {
        Self::Old(place, format!("{}.{}", version / 10_000, version % 10_000))
    }

    /// What a failure to connect is.
    fn connecting(place: Place, failed: &sqlx::Error) -> Self {
        let sqlx::Error::Database(told) = failed else {
            let reason = match failed {
                sqlx::Error::Io(told) => told.to_string(),
                sqlx::Error::Tls(_) => "no secure connection".to_owned(),
                _ => "it does not answer as Postgres does".to_owned(),
            };
            return Self::Unreachable(place, reason);
        };
        match told.code().unwrap_or_default().as_ref() {
            "28P01" | "28000" => Self::Refused(place),
            "42501" => Self::Forbidden(place),
            "3D000" => Self::NoDatabase(place),
            "53300" => Self::Full(place),
            "57P03" => Self::Unreachable(place, "it starts or stops".to_owned()),
            code if code.starts_with("08") => Self::Unreachable(place, format!("SQLSTATE {code}")),
            _ => Self::Store(error::of(failed, "")),
        }
    }

    /// Whether a moment later it may be otherwise.
    fn may_pass(failed: &sqlx::Error) -> bool {
        match failed {
            sqlx::Error::Database(told) => {
                told.code().is_some_and(|code| ["53300", "57P03"].contains(&&*code))
            }
            sqlx::Error::Io(told) => told.kind() == std::io::ErrorKind::ConnectionRefused,
            _ => false,
        }
    }
}

/// Connects, to a server that can be used.
pub(crate) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, OpenError> {
    let (place, begun) = (Place::of(options), Instant::now());
    loop {
        match timeout(PATIENCE, PgConnection::connect_with(options)).await {
            Ok(Ok(connection)) => {
                return match connection.server_version_num() {
                    Some(version) if version < OLDEST => Err(OpenError::old(place, version)),
                    _ => Ok(connection),
                };
            }
            Ok(Err(failed)) if OpenError::may_pass(&failed) && begun.elapsed() < GRACE => {
                sleep(Duration::from_millis(100)).await;
            }
            Ok(Err(failed)) => return Err(OpenError::connecting(place, &failed)),
            Err(_) => {
                return Err(OpenError::Unreachable(place, format!("no answer in {} s", PATIENCE.as_secs())));
            }
        }
    }
}

/// Takes a lock of this session without waiting in a transaction, which would keep indexes from being built beside it;
/// `who` is what somebody else does who has it for longer than this.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    place: &Place,
    (key, patience): (i64, Duration),
    who: &'static str,
) -> Result<(), OpenError> {
    let end = Instant::now() + patience;
    loop {
        let taken = sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(key);
        match taken.fetch_one(&mut *connection).await.map_err(|failed| error::of(&failed, ""))? {
            true => return Ok(()),
            false if Instant::now() < end => sleep(Duration::from_millis(100)).await,
            false => return Err(OpenError::Busy(place.clone(), who)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_told_of_an_old_server_is_told_which_and_no_password() {
        assert_eq!(OLDEST, 150_014, "15.14");
        let place = Place::of(&"postgres://ana:secret@db.example/shop".parse().unwrap());
        let said = OpenError::old(place, 150_013).to_string();
        assert!(
            said.contains("15.13") && said.contains("db.example:5432") && !said.contains("secret"),
            "{said}"
        );
    }
}
