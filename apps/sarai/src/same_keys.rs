//! That every process over one database has the same keys: with others it would take a repeat for a new request, or not
//! read what the rest sealed. Where a start makes the roles, their password says so already.

use std::{iter::once, time::Duration};

use sarai_ports::{StoreError, leases::Leases};
use sha2::{Digest as _, Sha256};

use crate::keys::{Key, Keys};

/// Before what the database knows of keys; who holds the lease of this name compares.
const TURN: &str = "keys";
/// How long a turn is held, and twice that is waited for it.
const HOLDING: Duration = Duration::from_secs(10);
/// How often it is asked for.
const EVERY: Duration = Duration::from_millis(100);
/// What is known stays known: a hundred years.
const FOREVER: Duration = Duration::from_hours(100 * 365 * 24);

/// Why a database is not served from.
#[derive(Debug, thiserror::Error)]
pub enum SameKeysError {
    /// What is there was made with another key.
    #[error(
        "the database is used with another `{0}` than the one in keys.toml: give every process the same file, and change \
         a key as OPERATIONS.md says under \"Keys and their rotation\""
    )]
    Other(&'static str),
    /// Another process compares for too long.
    #[error("another process has compared its keys with the database's for {} s", 2 * HOLDING.as_secs())]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Those without which the content of a database is not understood, and the ones before.
fn rings(keys: &Keys) -> [(&'static str, Key, Option<Key>); 4] {
    [
        ("idempotency", keys.idempotency, keys.idempotency_previous),
        ("vault", keys.vault, keys.vault_previous),
        ("pepper", keys.pepper, keys.pepper_previous),
        ("destination", keys.destination, None),
    ]
}

/// Tells keys apart and nothing of them.
fn fingerprint(ring: &str, key: &Key) -> String {
    let digest =
        Sha256::new().chain_update("sarai.fingerprint.").chain_update(ring).chain_update(key).finalize();
    let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{number:016x}")
}

/// That a database is used with these keys, or the ones before them, or with none yet; they are known from then on.
///
/// # Errors
/// [`SameKeysError`].
pub async fn require(leases: &dyn Leases, keys: &Keys) -> Result<(), SameKeysError> {
    let mut tries = 0..2 * HOLDING.as_millis() / EVERY.as_millis();
    let turn = loop {
        match leases.take(TURN, HOLDING).await? {
            Some(turn) => break turn,
            None if tries.next().is_some() => tokio::time::sleep(EVERY).await,
            None => return Err(SameKeysError::Busy),
        }
    };
    let outcome = compare(leases, keys).await;
    leases.give_back(TURN, turn).await?;
    outcome
}

async fn compare(leases: &dyn Leases, keys: &Keys) -> Result<(), SameKeysError> {
    let mut news = Vec::new();
    for (ring, current, previous) in rings(keys) {
        let prefix = format!("{TURN}.{ring}.");
        let name = |key: &Key| format!("{prefix}{}", fingerprint(ring, key));
        let known = leases.held(&prefix).await?;
        let is_known = |key: &Key| known.iter().any(|one| one.name == name(key));
        if !known.is_empty() && !once(&current).chain(&previous).any(is_known) {
            return Err(SameKeysError::Other(ring));
        }
        if !is_known(&current) {
            news.push(name(&current));
        }
    }
    for name in news {
        leases.take(&name, FOREVER).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sarai_memory::MemoryStore;
    use sarai_system::{OsEntropy, SystemClock};

    use super::*;

    fn keys() -> Keys {
        Keys::random(&OsEntropy)
    }

    fn store() -> MemoryStore {
        MemoryStore::new(Arc::new(SystemClock::new(false)))
    }

    #[tokio::test]
    async fn keys_that_a_database_is_used_with_are_taken_and_others_refused() {
        let (store, keys) = (store(), keys());
        for _ in 0..2 {
            require(&store, &keys).await.unwrap();
        }
        let other = [7; 32];
        let others = [
            ("idempotency", Keys { idempotency: other, ..keys.clone() }),
            ("vault", Keys { vault: other, ..keys.clone() }),
            ("pepper", Keys { pepper: other, ..keys.clone() }),
            ("destination", Keys { destination: other, ..keys.clone() }),
        ];
        for (ring, others) in others {
            let refused = require(&store, &others).await.unwrap_err();
            assert!(matches!(refused, SameKeysError::Other(of) if of == ring), "{refused}");
        }
        require(&store, &keys).await.unwrap();
    }

    /// As OPERATIONS.md changes one: the new key behind the old, then before it, then alone.
    #[tokio::test]
    async fn a_key_is_changed_while_processes_with_the_old_one_serve() {
        let (store, old) = (store(), keys());
        let (before, new) = (old.pepper, [7; 32]);
        require(&store, &old).await.unwrap();
        require(&store, &Keys { pepper_previous: Some(new), ..old.clone() }).await.unwrap();
        require(&store, &Keys { pepper: new, pepper_previous: Some(before), ..old.clone() }).await.unwrap();
        require(&store, &old).await.unwrap();
        require(&store, &Keys { pepper: new, ..old }).await.unwrap();
    }

    #[tokio::test]
    async fn of_processes_with_several_keys_that_start_at_once_one_kind_serves() {
        let store = store();
        let starts = [keys(), keys()].into_iter().flat_map(|one| [one.clone(), one]).map(|keys| {
            let store = store.another_process();
            tokio::spawn(async move { require(&store, &keys).await.is_ok() })
        });
        let mut serve = Vec::new();
        for start in starts.collect::<Vec<_>>() {
            serve.push(start.await.unwrap());
        }
        assert!(serve == [true, true, false, false] || serve == [false, false, true, true], "{serve:?}");
    }
}
