//! The machine's services behind the ports: clocks, ids, randomness, keyed locks, a signing key.

mod clock;
mod ids;
mod lanes;
mod signer;

pub use clock::{ManualClock, SystemClock};
pub use ids::{OsEntropy, SeededIds, UlidGenerator};
pub use lanes::KeyedLanes;
pub use signer::Ed25519Signer;
