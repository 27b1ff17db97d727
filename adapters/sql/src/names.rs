//! Names that the ports hold as `&'static str` and the store as text: each is kept once, for ever.

use std::{
    collections::BTreeSet,
    sync::{PoisonError, RwLock},
};

/// The names met so far: consumers, actions, operations and aggregates, of which there are a few hundred.
static NAMES: RwLock<BTreeSet<&'static str>> = RwLock::new(BTreeSet::new());

/// This name for as long as the process runs.
pub(crate) fn interned(name: &str) -> &'static str {
    let known = NAMES.read().unwrap_or_else(PoisonError::into_inner).get(name).copied();
    known.unwrap_or_else(|| {
        let mut names = NAMES.write().unwrap_or_else(PoisonError::into_inner);
        names.get(name).copied().unwrap_or_else(|| {
            let kept: &'static str = Box::leak(name.into());
            names.insert(kept);
            kept
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once() {
        let first = interned("alpha-once");
        assert!(std::ptr::eq(first, interned(&String::from("alpha-once"))));
        assert_eq!((first, interned("beta-once")), ("alpha-once", "beta-once"));
    }
}
