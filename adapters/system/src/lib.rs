//! The machine's services behind the ports: clocks, ids, randomness, keyed locks, a signing key, a vault.

mod clock;
mod ids;
mod lanes;
mod signer;
mod vault;
mod webhook_keys;

pub use clock::{ManualClock, SystemClock};
pub use ids::{OsEntropy, SeededIds, UlidGenerator};
pub use lanes::KeyedLanes;
pub use signer::Ed25519Signer;
pub use vault::{Place, Vault, VaultError};
pub use webhook_keys::VaultedWebhookKeys;
