//! What browsers report of breaches of the policy (ruling R33): how many by directive and page, and no more of them than
//! somebody reads.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use sarai_domain::kernel::Timestamp;

use crate::cookies::seconds;

/// The most reports of a minute; what comes above is dropped unread.
const PER_MINUTE: u32 = 60;
/// The most directives and pages that are counted apart; the rest is counted together.
const KINDS_MAX: usize = 200;

#[derive(Debug, Default)]
struct State {
    minute: i64,
    came: u32,
    counts: BTreeMap<(String, &'static str), u64>,
}

/// The reports of this process.
#[derive(Debug, Default)]
pub(crate) struct Reports(Mutex<State>);

impl Reports {
    /// Whether a report is read that comes now.
    pub(crate) fn may_come(&self, now: Timestamp) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = seconds(now).div_euclid(60);
        if state.minute != minute {
            (state.minute, state.came) = (minute, 0);
        }
        state.came = state.came.saturating_add(1);
        state.came <= PER_MINUTE
    }

    /// Counts a breach of a directive on a page; how many there were of it.
    pub(crate) fn count(&self, directive: &str, path: &'static str) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kind = (directive.to_owned(), path);
        if state.counts.len() >= KINDS_MAX && !state.counts.contains_key(&kind) {
            kind = ("other".to_owned(), "other");
        }
        let count = state.counts.entry(kind).or_default();
        *count = count.saturating_add(1);
        *count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_reports_are_read_than_a_minute_may_have() {
        let reports = Reports::default();
        let at = |seconds: i64| Timestamp::from_unix_micros(seconds * 1_000_000);
        assert!((0..PER_MINUTE).all(|_| reports.may_come(at(600))));
        assert!(!reports.may_come(at(659)), "one too many");
        assert!(reports.may_come(at(660)), "the next minute");
    }

    #[test]
    fn breaches_are_counted_by_directive_and_page_and_kinds_do_not_grow_for_ever() {
        let reports = Reports::default();
        assert_eq!(reports.count("img-src", "/"), 1);
        assert_eq!(reports.count("img-src", "/"), 2);
        assert_eq!(reports.count("img-src", "/messages/{id}"), 1);
        for kind in 0..300 {
            reports.count(&format!("x{kind}"), "/");
        }
        assert_eq!(reports.count("img-src", "/"), 3);
        assert!(reports.count("never-seen", "/") > 100, "counted with the rest");
    }
}
