//! New ids and random bytes.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use rand::TryRngCore;
use sarai_domain::kernel::Ulid;
use sarai_ports::system::{Entropy, IdGenerator};

/// ULIDs of the machine's clock and randomness, each later than the one before.
#[derive(Debug, Default)]
pub struct UlidGenerator {
    last: Mutex<u128>,
}

impl IdGenerator for UlidGenerator {
    fn ulid(&self) -> Ulid {
        let fresh = u128::from(Ulid::generate());
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = fresh.max(last.saturating_add(1));
        Ulid::from(*last)
    }
}

/// The same ids in the same order for the same seed: tests and simulations.
#[derive(Debug)]
pub struct SeededIds {
    seed: u64,
    next: AtomicU64,
}

impl SeededIds {
    /// Ids that differ from those of every other seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, next: AtomicU64::new(1) }
    }
}

impl IdGenerator for SeededIds {
    fn ulid(&self) -> Ulid {
        Ulid::from((self.seed, self.next.fetch_add(1, Ordering::SeqCst)))
    }
}

/// The operating system's randomness.
#[derive(Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        // The system's generator does not fail once the machine runs; going on without it would be worse.
        while rand::rngs::OsRng.try_fill_bytes(&mut bytes).is_err() {
            std::thread::yield_now();
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_later_than_the_one_before() {
        let generator = UlidGenerator::default();
        let ids: Vec<Ulid> = (0..10_000).map(|_| generator.ulid()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn random_bytes_differ() {
        assert_ne!(OsEntropy.bytes(), OsEntropy.bytes());
    }
}
