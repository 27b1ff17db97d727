//! Postgres's errors as the store's: never a statement or a value in a message.

use std::borrow::Cow;

use sarai_ports::{StoreError, UniqueKey};
use sarai_sql::TABLES;

/// The version is not the one loaded: raised by the commit's function.
pub(crate) const STALE: &str = "SA001";
/// The idempotency key is in use: raised by the commit's function.
pub(crate) const CLAIM_HELD: &str = "SA002";

/// Whether a check may be counted is to be decided on everything that was counted: raised by the function of a check.
pub(crate) const UNCLEAR: &str = "SA003";

/// The key of the inbox: whatever is consumed again is a duplicate of it.
const INBOX: &str = "inbox_pkey";

/// Whether a unit was refused because its message was consumed before.
pub(crate) fn is_consumed(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(told) if told.constraint() == Some(INBOX))
}

/// Whether the function of a check left the decision to whoever called it.
pub(crate) fn is_unclear(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(told) if told.code().as_deref() == Some(UNCLEAR))
}

/// What an answer or an argument that cannot be used is.
pub(crate) fn unusable(what: &str) -> StoreError {
    StoreError::Unavailable(format!("postgres: {what} cannot be used"))
}

/// The store's error; `aggregate` names what was saved.
pub(crate) fn of(error: &sqlx::Error, aggregate: &'static str) -> StoreError {
    let sqlx::Error::Database(told) = error else {
        return StoreError::Unavailable(format!("postgres: {}", kind(error)));
    };
    match told.code().unwrap_or(Cow::Borrowed("")).as_ref() {
        // Serialization failures and deadlocks: nothing was written.
        STALE | "40001" | "40P01" => StoreError::Conflict { aggregate },
        CLAIM_HELD => StoreError::ClaimHeld,
        "42501" => StoreError::NotFound,
        "23505" => match told.constraint().and_then(unique_key) {
            Some(key) => StoreError::Taken(key),
            None => StoreError::Conflict { aggregate },
        },
        code => {
            let constraint = told.constraint().map(|name| format!(" ({name})")).unwrap_or_default();
            tracing::warn!(code, constraint, "postgres refused a statement");
            StoreError::Unavailable(format!("postgres: SQLSTATE {code}{constraint}"))
        }
    }
}

/// The unique key that a constraint guards, when it is not a primary one.
fn unique_key(constraint: &str) -> Option<UniqueKey> {
    let children = TABLES.iter().flat_map(|table| table.children).flat_map(|child| child.unique);
    TABLES
        .iter()
        .flat_map(|table| table.unique)
        .chain(children)
        .find(|unique| unique.name == constraint)
        .map(|unique| unique.key)
}

fn kind(error: &sqlx::Error) -> &'static str {
    match error {
        sqlx::Error::PoolTimedOut => "no connection became free in time",
        sqlx::Error::PoolClosed => "the pool is closed",
        sqlx::Error::Io(told) if told.kind() == std::io::ErrorKind::TimedOut => "no answer came in time",
        sqlx::Error::Io(_) => "the connection broke",
        sqlx::Error::Tls(_) => "no secure connection",
        sqlx::Error::Configuration(_) => "the configuration is wrong",
        sqlx::Error::Protocol(_) => "the protocol was broken",
        sqlx::Error::WorkerCrashed => "a worker ended",
        _ => "the statement could not be run",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unique_key_of_a_table_is_known_by_its_constraint() {
        for unique in TABLES.iter().flat_map(|table| table.unique) {
            assert_eq!(unique_key(unique.name), Some(unique.key));
        }
        assert_eq!(unique_key("orders_pkey"), None);
    }
}
