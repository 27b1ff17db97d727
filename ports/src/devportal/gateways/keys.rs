//! Secrets of API keys. auth-service makes and checks them; the portal keeps metadata only (K-INV-1, ruling R24).

use async_trait::async_trait;
use sarai_domain::{
    devportal::values::{CidrBlock, Environment, KeyTrace, Malformed, RawKey, ScopeSet},
    kernel::{ApiKeyId, DeveloperAccountId, SandboxId, TenantId, Timestamp},
};

use crate::GatewayError;

/// What a key is good for. But for its terms it never changes (K-INV-4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyGrant {
    /// The key.
    pub key_id: ApiKeyId,
    /// Whose rows it reaches.
    pub tenant_id: TenantId,
    /// Whose quotas it uses.
    pub account_id: DeveloperAccountId,
    /// The world it works in.
    pub environment: Environment,
    /// The sandbox it is bound to.
    pub sandbox_id: Option<SandboxId>,
    /// What it may do.
    pub scopes: ScopeSet,
    /// Until when, and from where.
    pub terms: KeyTerms,
}

/// What of a key can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTerms {
    /// The key's version that says so: earlier ones change nothing any more.
    pub version: u64,
    /// From when on it is refused, by business time: the earlier of its expiry and its retirement.
    pub ends_at: Option<Timestamp>,
    /// Where it may be used from; empty: from everywhere. Whoever has the caller's address asks this.
    pub ip_allow_list: Vec<CidrBlock>,
}

/// What an issue came to.
#[derive(Debug)]
pub enum IssuedKey {
    /// The secret, told this once.
    Fresh(RawKey),
    /// It was issued before, and its secret is told to nobody again: neither that one, which is not kept, nor
    /// another (decision 5). Whoever did not get it revokes the key and asks under a new id.
    Before(KeyTrace),
}

/// auth-service: makes secrets and ends them.
#[async_trait]
pub trait KeySecretIssuer: Send + Sync {
    /// Makes the secret of this key, once for its id. Refused for good as `key_reused` when something else was
    /// asked under the id, and as `revoked` when it was revoked before, though it had never been issued.
    async fn issue(&self, grant: &KeyGrant) -> Result<IssuedKey, GatewayError>;
    /// Tells until when and from where a key works now. Refused as `not_found` for one that was never issued.
    async fn amend(&self, key_id: &ApiKeyId, terms: &KeyTerms) -> Result<(), GatewayError>;
    /// Ends a key for ever, also one that does not exist yet. Ending it again is done.
    async fn revoke(&self, key_id: &ApiKeyId) -> Result<(), GatewayError>;
}

/// Why a key does not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// It has no form, is unknown, is over or revoked; which of them is not said.
    #[error("the API key is not valid")]
    Invalid,
    /// No answer.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
}

/// A text without the form of a key is refused like any other: `RawKey::parse(text)?`, without a look-up.
impl From<Malformed> for KeyRefusal {
    fn from(_: Malformed) -> Self {
        Self::Invalid
    }
}

/// auth-service: checks secrets.
#[async_trait]
pub trait KeyAuthenticator: Send + Sync {
    /// What this key is good for now. Answers may be [`ANSWERS_CACHED`] old.
    ///
    /// [`ANSWERS_CACHED`]: sarai_domain::devportal::api_key::ANSWERS_CACHED
    async fn verify(&self, key: &RawKey) -> Result<KeyGrant, KeyRefusal>;
    /// Whether this key was good when it was last asked about here: then it is looked at also where too many others were
    /// refused. It says nothing about what the key is good for now.
    fn remembers(&self, key: &RawKey) -> bool {
        let _ = key;
        false
    }
    /// Drops what is remembered of a key: it was revoked, or its terms changed.
    fn forget(&self, key_id: &ApiKeyId) {
        let _ = key_id;
    }
}
