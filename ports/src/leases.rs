//! Leases: at most one process does a thing at a time, and another takes it over when that one is gone.

use std::time::Duration;

use async_trait::async_trait;

use crate::StoreError;

/// Proves that a lease is ours; whoever takes it over has a greater one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub u64);

/// A lease that a process holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLease {
    /// What is leased.
    pub name: String,
    /// By whom: the same process has the same name for as long as it runs.
    pub holder: String,
}

/// Named leases, by the store's own clock, so that processes need not agree on the time.
#[async_trait]
pub trait Leases: Send + Sync {
    /// Takes a lease for this long, or prolongs ours, which keeps its fence; none while another process holds it.
    async fn take(&self, name: &str, holding: Duration) -> Result<Option<Fence>, StoreError>;
    /// Gives a lease back, when it is still ours. One that is named `….member.…` says only that its holder takes part: it
    /// is forgotten then, with those of others that lapsed, and its fence may be given again.
    async fn give_back(&self, name: &str, fence: Fence) -> Result<(), StoreError>;
    /// The leases that are held now and whose names begin so, in the order of their names.
    async fn held(&self, prefix: &str) -> Result<Vec<HeldLease>, StoreError>;
}
