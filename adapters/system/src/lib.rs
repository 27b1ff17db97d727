//! The machine's services behind the ports: clocks, ids, randomness, keyed locks, signing keys, a vault, a price list.

mod approvals;
mod clock;
mod destinations;
mod ids;
mod lanes;
mod prices;
mod signer;
mod vault;
mod webhook_keys;

pub use approvals::Approvals;
pub use clock::{ManualClock, SystemClock};
pub use ids::{OsEntropy, SeededIds, UlidGenerator};
pub use lanes::KeyedLanes;
pub use prices::{NoAdvice, PriceList};
pub use signer::Ed25519Signer;
pub use vault::{Place, Vault, VaultError};
pub use webhook_keys::VaultedWebhookKeys;
