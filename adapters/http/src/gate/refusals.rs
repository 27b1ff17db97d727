//! Keys that were refused, by where they came from: whoever tries many is slowed before the next is looked at.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::rate::Quota;

/// How many refusals each address has left: a bucket a network, in this process.
pub(super) struct Refusals {
    quota: Quota,
    /// When the bucket of a network will be whole again.
    whole: Mutex<HashMap<String, Instant>>,
}

impl Refusals {
    /// With buckets of this size.
    pub(super) fn new(quota: Quota) -> Self {
        Self { quota, whole: Mutex::default() }
    }

    /// How long a network has to wait before another key of it is looked at; none while it has refusals left.
    pub(super) fn wait(&self, network: &str, now: Instant) -> Option<Duration> {
        let whole = self.buckets().get(network).copied()?;
        let room = self.quota.period.saturating_mul(self.quota.burst.get());
        let owed = whole.saturating_duration_since(now).saturating_add(self.quota.period);
        owed.checked_sub(room).filter(|wait| !wait.is_zero())
    }

    /// Takes one from its bucket.
    pub(super) fn count(&self, network: String, now: Instant) {
        let mut buckets = self.buckets();
        let whole = buckets.entry(network).or_insert(now);
        *whole = now.max(*whole) + self.quota.period;
    }

    /// Drops the buckets that are whole.
    pub(super) fn tend(&self, now: Instant) {
        self.buckets().retain(|_, whole| *whole > now);
    }

    fn buckets(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.whole.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn whoever_was_refused_too_often_waits_and_nobody_else_does() {
        let second = Duration::from_secs(1);
        let burst = NonZeroU32::new(3).unwrap();
        let refusals = Refusals::new(Quota { period: second, burst });
        let now = Instant::now();
        for _ in 0..3 {
            assert_eq!(refusals.wait("a", now), None);
            refusals.count("a".to_owned(), now);
        }
        assert_eq!(refusals.wait("a", now), Some(second));
        assert_eq!(refusals.wait("b", now), None);
        assert_eq!(refusals.wait("a", now + second), None, "one is back");
        refusals.count("a".to_owned(), now + second);
        assert_eq!(refusals.wait("a", now + second), Some(second));
        refusals.tend(now + 4 * second);
        assert_eq!(refusals.buckets().len(), 0);
    }
}
