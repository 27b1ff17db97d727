//! The machine's services behind the ports: clocks, ids, randomness, keyed locks, signing keys, a vault, a price list.

mod approvals;
mod clock;
mod ids;
mod lanes;
mod prices;
mod signer;
mod vault;

pub use approvals::Approvals;
pub use clock::{ManualClock, SystemClock};
pub use ids::{OsEntropy, SeededIds, UlidGenerator};
pub use lanes::KeyedLanes;
pub use prices::{NoAdvice, PriceList};
pub use signer::Ed25519Signer;
pub use vault::Vault;
