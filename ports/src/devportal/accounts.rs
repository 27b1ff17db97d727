//! Developer accounts.

use async_trait::async_trait;
use sarai_domain::{
    devportal::account::{DeveloperAccount, DeveloperAccountData},
    kernel::{AccountId, TenantId, Timestamp},
};

use crate::{Repository, Scope, StoreError, Stored, UniqueKey};

/// Accounts. Readable by their tenant.
#[async_trait]
pub trait AccountRepository: Repository<DeveloperAccount> {
    /// The account of an identity of the auth-service, of which there is one at most (A-INV-1).
    async fn find_by_identity(
        &self,
        scope: &Scope,
        identity: &AccountId,
    ) -> Result<Option<DeveloperAccount>, StoreError>;
}

impl Stored for DeveloperAccount {
    fn owner(data: &DeveloperAccountData) -> TenantId {
        data.tenant_id.clone()
    }

    fn created_at(data: &DeveloperAccountData) -> Timestamp {
        data.created_at
    }

    fn unique_keys(data: &DeveloperAccountData) -> Vec<(UniqueKey, String)> {
        vec![(UniqueKey::AccountIdentity, data.auth_account_id.to_string())]
    }
}
