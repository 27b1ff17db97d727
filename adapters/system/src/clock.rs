//! Clocks: the machine's with a movable offset, and one that tests move by hand.

use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use sarai_domain::kernel::Timestamp;
use sarai_ports::{
    StoreError,
    auth::Principal,
    system::{Clock, MovableClock},
};
use time::{Duration, OffsetDateTime};

/// Real time, and business time ahead of it by the clock group's offset (ruling R69).
#[derive(Debug)]
pub struct SystemClock {
    offset_micros: AtomicI64,
    movable: bool,
}

impl SystemClock {
    /// A clock without offset; `movable` in demo and sandbox only.
    pub fn new(movable: bool) -> Self {
        Self { offset_micros: AtomicI64::new(0), movable }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        self.real().plus(Duration::microseconds(self.offset_micros.load(Ordering::SeqCst)))
    }

    fn real(&self) -> Timestamp {
        Timestamp::new(OffsetDateTime::now_utc())
    }
}

#[async_trait]
impl MovableClock for SystemClock {
    fn movable(&self, _principal: &Principal) -> bool {
        self.movable
    }

    async fn advance_to(&self, instant: Timestamp) -> Result<(), StoreError> {
        let ahead = instant.since(self.real()).whole_microseconds();
        let ahead = i64::try_from(ahead).unwrap_or(i64::MAX);
        self.offset_micros.fetch_max(ahead, Ordering::SeqCst);
        Ok(())
    }
}

/// A clock that stands still until it is moved; both times are the same.
#[derive(Debug)]
pub struct ManualClock {
    micros: AtomicI64,
}

impl ManualClock {
    /// A clock that stands at this instant.
    pub fn at(instant: Timestamp) -> Self {
        Self { micros: AtomicI64::new(instant.unix_micros()) }
    }

    /// Moves it forward.
    pub fn advance(&self, duration: Duration) {
        let micros = i64::try_from(duration.whole_microseconds()).unwrap_or(i64::MAX);
        self.micros.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_micros(self.micros.load(Ordering::SeqCst))
    }

    fn real(&self) -> Timestamp {
        self.now()
    }
}

#[async_trait]
impl MovableClock for ManualClock {
    fn movable(&self, _principal: &Principal) -> bool {
        true
    }

    async fn advance_to(&self, instant: Timestamp) -> Result<(), StoreError> {
        self.micros.fetch_max(instant.unix_micros(), Ordering::SeqCst);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn business_time_runs_ahead_and_never_back() {
        let clock = SystemClock::new(true);
        let target = clock.real().plus_days(30);
        clock.advance_to(target).await.unwrap();
        assert!(clock.now() >= target);
        clock.advance_to(clock.real()).await.unwrap();
        assert!(clock.now() >= target);
        assert!(clock.real() < target);
    }
}
