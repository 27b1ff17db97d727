//! Sandboxes.

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        sandbox::{SandboxData, SandboxMessage, SandboxSession},
        values::Environment,
    },
    kernel::{DeveloperAccountId, SandboxId, TenantId, Timestamp},
};

use crate::{Page, PageRequest, Repository, Scope, StoreError, Stored, UniqueKey};

/// Sandboxes. They are loaded without their inbox.
#[async_trait]
pub trait SandboxRepository: Repository<SandboxSession> {
    /// The account's open default sandbox (ruling R7).
    async fn find_default_sandbox(
        &self,
        scope: &Scope,
        account: DeveloperAccountId,
    ) -> Result<Option<SandboxSession>, StoreError>;
    /// An account's that are open, newest first.
    async fn find_open_sandboxes(
        &self,
        scope: &Scope,
        account: DeveloperAccountId,
    ) -> Result<Vec<SandboxSession>, StoreError>;
    /// A tenant's, newest first.
    async fn list_sandboxes(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<SandboxSession>, StoreError>;
    /// A sandbox's messages of a round, newest first.
    async fn inbox(
        &self,
        scope: &Scope,
        id: SandboxId,
        round: u32,
        page: &PageRequest,
    ) -> Result<Page<SandboxMessage>, StoreError>;
    /// Open ones whose real time is over by now.
    async fn find_expired_sandboxes(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, SandboxId)>, StoreError>;
    /// Those that are over and whose data is still there.
    async fn find_uncleared_sandboxes(&self, limit: usize) -> Result<Vec<(TenantId, SandboxId)>, StoreError>;
    /// Deletes what belongs to a sandbox: its sessions with their sends, and its messages. The sandbox stays.
    async fn clear_sandbox(&self, tenant: &TenantId, id: SandboxId) -> Result<(), StoreError>;
}

impl Stored for SandboxSession {
    fn owner(data: &SandboxData) -> TenantId {
        data.tenant_id.clone()
    }

    fn created_at(data: &SandboxData) -> Timestamp {
        data.created_at
    }

    fn world(_data: &SandboxData) -> Option<Environment> {
        Some(Environment::Sandbox)
    }

    fn unique_keys(data: &SandboxData) -> Vec<(UniqueKey, String)> {
        data.holds().map(|place| (UniqueKey::SandboxPlace, place)).into_iter().collect()
    }
}
