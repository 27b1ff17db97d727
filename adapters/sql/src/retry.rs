//! Trying again after somebody else was first.

use std::time::Duration;

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

/// A part of 1 to 16 ms by chance: those who met once do not meet again.
fn pause(tries: u32) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let most = 1_000_u64 << tries.min(4);
    Duration::from_micros(RandomState::new().hash_one(tries) % most)
}
