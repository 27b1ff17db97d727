//! The machine's services behind the ports: clocks, ids, randomness, keyed locks.

mod clock;
mod ids;
mod lanes;

pub use clock::{ManualClock, SystemClock};
pub use ids::{OsEntropy, SeededIds, UlidGenerator};
pub use lanes::KeyedLanes;
