//! Deltas on one aggregate: in this process one after the other, and again after another process was first.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use tokio::sync::{Mutex, MutexGuard};

/// Turns at a time.
const LANES: usize = 64;

/// Whose turn it is. Those who meet in a store have to load and decide again; those who meet here wait, so that a
/// coupon many want costs each of them one try. Two aggregates may share a lane, and no more than wait.
#[derive(Clone)]
pub(crate) struct Lanes {
    lanes: Arc<Vec<Mutex<()>>>,
    hasher: RandomState,
}

impl Default for Lanes {
    fn default() -> Self {
        let lanes = std::iter::repeat_with(Mutex::default).take(LANES).collect();
        Self { lanes: Arc::new(lanes), hasher: RandomState::new() }
    }
}

impl Lanes {
    /// Waits for an aggregate's turn.
    pub(crate) async fn enter(&self, id: &str) -> Option<MutexGuard<'_, ()>> {
        let place = self.hasher.hash_one(id) % LANES as u64;
        match self.lanes.get(usize::try_from(place).unwrap_or(0)) {
            Some(lane) => Some(lane.lock().await),
            None => None,
        }
    }
}

/// How often a delta is tried.
const MOST: u32 = 20;

/// The tries of one delta so far.
#[derive(Debug, Default)]
pub(crate) struct Tries(u32);

impl Tries {
    /// Waits a little and says to try again, until it was tried often enough.
    pub(crate) async fn another(&mut self) -> bool {
        self.0 += 1;
        if self.0 >= MOST {
            return false;
        }
        tokio::time::sleep(pause(self.0)).await;
        true
    }
}

/// A part of 2 to 128 ms by chance: those who met once do not meet again.
fn pause(tries: u32) -> Duration {
    let most = 1_000_u64 << tries.min(7);
    Duration::from_micros(RandomState::new().hash_one(tries) % most)
}
