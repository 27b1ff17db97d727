//! API keys: everything about them but their secrets.

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        api_key::{ApiKey, ApiKeyData, EffectiveStatus, KeyState, KeysInEffect},
        values::{CidrBlock, Environment, Label},
    },
    kernel::{ApiKeyId, DeveloperAccountId, SandboxId, TenantId, Timestamp},
};

use crate::{Page, PageRequest, Repository, Scope, StoreError, Stored, UniqueKey};

/// Which of a tenant's keys to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyFilter {
    /// Of this environment.
    pub environment: Environment,
    /// That are this now.
    pub status: Option<EffectiveStatus>,
    /// Now.
    pub now: Timestamp,
    /// Bound to this sandbox; bound or not where none is named.
    pub sandbox_id: Option<SandboxId>,
}

/// Where a label is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelSlot {
    /// Among the keys of this account.
    pub account_id: DeveloperAccountId,
    /// Of this environment.
    pub environment: Environment,
    /// Bound to this sandbox, or to none.
    pub sandbox_id: Option<SandboxId>,
    /// The label.
    pub label: Label,
}

/// That a key was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// Its tenant.
    pub tenant_id: TenantId,
    /// The key.
    pub key_id: ApiKeyId,
    /// In which minute.
    pub at: Timestamp,
    /// From which neighbourhood.
    pub from: Option<CidrBlock>,
}

/// Keys. Readable by their tenant, in their environment.
///
/// A key's use is written by [`KeyRepository::touch`] alone; a save leaves it as it is, so that neither hinders the
/// other.
#[async_trait]
pub trait KeyRepository: Repository<ApiKey> {
    /// A tenant's keys that their owners see, newest first.
    async fn find_by_tenant(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        filter: &KeyFilter,
        page: &PageRequest,
    ) -> Result<Page<ApiKey>, StoreError>;
    /// How many keys of an account are in effect in an environment, those still to be issued included, and which of
    /// them have the label: what a new key is admitted on.
    async fn in_effect(
        &self,
        scope: &Scope,
        slot: &LabelSlot,
        now: Timestamp,
    ) -> Result<KeysInEffect, StoreError>;
    /// The keys of an account that are ACTIVE or still to be issued, in both environments: what keeps it from being
    /// closed (A-INV-3).
    async fn find_open(
        &self,
        scope: &Scope,
        account: DeveloperAccountId,
        limit: usize,
    ) -> Result<Vec<ApiKeyId>, StoreError>;
    /// The key that was asked for in place of this one, unless it was discarded.
    async fn find_successor(&self, scope: &Scope, of: ApiKeyId) -> Result<Option<ApiKey>, StoreError>;
    /// Active keys whose end has come, the earliest first.
    async fn find_ended(&self, now: Timestamp, limit: usize) -> Result<Vec<ApiKeyId>, StoreError>;
    /// Keys whose expiry is to be announced, the earliest first.
    async fn find_noticeable(&self, now: Timestamp, limit: usize) -> Result<Vec<ApiKeyId>, StoreError>;
    /// When the next key ends, or is to announce it, after this instant.
    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError>;
    /// Keys that were asked for before this instant and are not issued, the earliest first.
    async fn find_unissued(&self, before: Timestamp, limit: usize) -> Result<Vec<ApiKeyId>, StoreError>;
    /// Active successors whose predecessors are active and not replaced: rotations that stopped half-way.
    async fn find_unreplaced(&self, limit: usize) -> Result<Vec<ApiKeyId>, StoreError>;
    /// Keys that are over and of which the auth-service does not know it (K-INV-13).
    async fn find_untold(&self, limit: usize) -> Result<Vec<ApiKeyId>, StoreError>;
    /// Notes uses, each where it is later than the one known (K-INV-11). The version of a key stays.
    async fn touch(&self, uses: &[KeyUse]) -> Result<(), StoreError>;
}

impl Stored for ApiKey {
    fn owner(data: &ApiKeyData) -> TenantId {
        data.tenant_id.clone()
    }

    fn created_at(data: &ApiKeyData) -> Timestamp {
        data.created_at
    }

    fn unique_keys(data: &ApiKeyData) -> Vec<(UniqueKey, String)> {
        let label = data.label_slot().map(|slot| (UniqueKey::KeyLabel, slot));
        let successor = data.successor_slot().map(|slot| (UniqueKey::KeySuccessor, slot));
        label.into_iter().chain(successor).collect()
    }

    fn world(data: &ApiKeyData) -> Option<Environment> {
        Some(data.environment)
    }

    fn forgotten(data: &ApiKeyData) -> bool {
        data.state == KeyState::Discarded
    }
}
