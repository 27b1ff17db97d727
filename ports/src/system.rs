//! The machine's services as ports: time, ids, randomness, order.

use std::time::Duration;

use async_trait::async_trait;
use sarai_domain::kernel::{Timestamp, Ulid};

use crate::{StoreError, auth::Principal};

/// The two times (ruling R69).
pub trait Clock: Send + Sync {
    /// Business time: what every rule of the domain is decided with.
    fn now(&self) -> Timestamp;
    /// Real time: leases, authentication, idempotency, rate limits.
    fn real(&self) -> Timestamp;
}

/// A clock that can be moved: demo and sandbox only.
#[async_trait]
pub trait MovableClock: Send + Sync {
    /// Whether the caller's clock group may be moved.
    fn movable(&self, principal: &Principal) -> bool;
    /// Moves business time forward to this instant; never backward.
    async fn advance_to(&self, instant: Timestamp) -> Result<(), StoreError>;
}

/// Something that has things to do at certain times.
#[async_trait]
pub trait DueWork: Send + Sync {
    /// The earliest time after this one at which something is due, when anything is.
    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError>;
    /// Does what is due by now; gives how many things were done.
    async fn run_due(&self) -> Result<usize, StoreError>;
}

/// Makes ids.
pub trait IdGenerator: Send + Sync {
    /// A new ULID, later than every one made before.
    fn ulid(&self) -> Ulid;
}

/// Randomness fit for secrets.
pub trait Entropy: Send + Sync {
    /// 32 random bytes.
    fn bytes(&self) -> [u8; 32];
}

/// Signs with the process's own Ed25519 key; whoever has the public half can check it.
pub trait Signer: Send + Sync {
    /// The key's name in what it signs and in the published key set.
    fn key_id(&self) -> &str;
    /// The signature of these bytes.
    fn sign(&self, bytes: &[u8]) -> [u8; 64];
    /// The public half.
    fn public_key(&self) -> [u8; 32];
}

/// Held while a command runs on an aggregate; dropping it lets the next one in.
pub trait Turn: Send + Sync {}

/// Serialises the commands of this process on one aggregate, first come, first served (ruling R70). The
/// version check stays the authority between processes.
#[async_trait]
pub trait Lanes: Send + Sync {
    /// Waits for the aggregate's turn.
    async fn enter(&self, aggregate: &str) -> Box<dyn Turn>;
    /// Waits before try number `attempt` after a conflict: a little longer each time, with jitter.
    async fn pause(&self, attempt: u32);
    /// Waits this long.
    async fn sleep(&self, duration: Duration);
}
