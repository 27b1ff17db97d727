//! Idempotency keys: a claim written with the effect, a response stored after it (platform.md 4, R71).

use async_trait::async_trait;
use sarai_domain::kernel::{TenantId, Timestamp};

use crate::StoreError;

/// Whose key: one principal's, for one operation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimKey {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The user or service.
    pub principal: String,
    /// The operation's id.
    pub operation: &'static str,
    /// SHA-256 of the key, hex.
    pub key_hash: String,
}

/// A key taken for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Whose.
    pub key: ClaimKey,
    /// What the request asked, so that another request under the same key is noticed.
    pub fingerprint: String,
    /// Real time until which the process that took it may still be at work.
    pub lease_until: Timestamp,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// The HTTP status.
    pub status: u16,
    /// Headers that belong to the answer, such as the entity tag.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte, secrets nulled.
    pub body: Vec<u8>,
}

/// What a key is known for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimState {
    /// What was asked under it.
    pub fingerprint: String,
    /// Until when its owner may still be at work.
    pub lease_until: Timestamp,
    /// The id of what the effect wrote, once written.
    pub resource_id: Option<String>,
    /// The answer, once given.
    pub response: Option<StoredResponse>,
}

/// The keys in use. Kept 72 hours.
#[async_trait]
pub trait IdempotencyStore: Send + Sync {
    /// What a key is known for.
    async fn find(&self, key: &ClaimKey) -> Result<Option<ClaimState>, StoreError>;
    /// Takes a key without an aggregate, before a call that leaves our database. A lapsed claim without an
    /// effect is taken over. `ClaimHeld` when somebody has it.
    async fn claim(&self, claim: &Claim) -> Result<(), StoreError>;
    /// Stores the answer; inserts the claim when the request had no effect to write it with. Whether it is now what the key
    /// is answered with: not where it was answered before, nor where an effect was written under another lease, which is
    /// whoever's answer it is that wrote it.
    async fn complete(&self, claim: &Claim, response: &StoredResponse) -> Result<bool, StoreError>;
    /// Forgets a claim that had no effect and no answer worth keeping.
    async fn abandon(&self, key: &ClaimKey) -> Result<(), StoreError>;
    /// Forgets keys older than this; gives how many.
    async fn purge(&self, before: Timestamp) -> Result<usize, StoreError>;
}
