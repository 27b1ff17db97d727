//! Tokens whose signature was checked a moment ago: a client sends the same one with every request, and to check it
//! costs more than much of what the request does. What a token claims is compared with the clock every time.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

/// How many are remembered before those not seen for as many are forgotten.
const REMEMBERED: usize = 1_024;

/// A token's digest: tokens themselves are not kept.
type Key = [u8; 32];

/// What checked tokens claim.
pub(crate) struct Verified<C>(Mutex<Generations<C>>);

struct Generations<C> {
    young: HashMap<Key, Arc<C>>,
    old: HashMap<Key, Arc<C>>,
}

impl<C> Default for Verified<C> {
    fn default() -> Self {
        Self(Mutex::new(Generations { young: HashMap::new(), old: HashMap::new() }))
    }
}

impl<C> Verified<C> {
    /// What this very token claims, when it was checked a moment ago; else what `check` finds.
    pub(crate) fn or_check<E>(&self, token: &str, check: impl FnOnce() -> Result<C, E>) -> Result<Arc<C>, E> {
        let key: Key = Sha256::digest(token).into();
        let known = self.generations().find(&key);
        if let Some(claims) = known {
            return Ok(claims);
        }
        let claims = Arc::new(check()?);
        self.generations().remember(key, Arc::clone(&claims));
        Ok(claims)
    }

    fn generations(&self) -> std::sync::MutexGuard<'_, Generations<C>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C> Generations<C> {
    fn find(&mut self, key: &Key) -> Option<Arc<C>> {
        if let Some(claims) = self.young.get(key) {
            return Some(Arc::clone(claims));
        }
        let claims = self.old.remove(key)?;
        self.remember(*key, Arc::clone(&claims));
        Some(claims)
    }

    fn remember(&mut self, key: Key, claims: Arc<C>) {
        if self.young.len() >= REMEMBERED {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(key, claims);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_checked_once_and_a_refused_one_each_time() {
        let verified = Verified::default();
        assert_eq!(verified.or_check("a", || Err::<u8, _>("no")), Err("no"));
        assert_eq!(verified.or_check("a", || Ok::<_, &str>(7)).as_deref(), Ok(&7));
        assert_eq!(verified.or_check("a", || Err("no")).as_deref(), Ok(&7));
        assert_eq!(verified.or_check("b", || Err("no")), Err("no"));
    }

    #[test]
    fn what_was_not_seen_for_long_is_forgotten() {
        let verified = Verified::default();
        let times = 2 * REMEMBERED + 1;
        for number in 0..times {
            let again = verified.or_check("often", || Ok::<_, ()>(0));
            assert!(again.is_ok());
            assert!(verified.or_check(&number.to_string(), || Ok::<_, ()>(number)).is_ok());
        }
        assert_eq!(verified.or_check("often", || Err(())).as_deref(), Ok(&0));
        assert_eq!(verified.or_check("0", || Err(())), Err(()));
        assert!(verified.generations().young.len() <= REMEMBERED);
    }
}
