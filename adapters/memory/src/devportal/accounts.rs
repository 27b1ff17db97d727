//! Developer accounts.

use async_trait::async_trait;
use sarai_domain::{
    devportal::account::{DeveloperAccount, DeveloperAccountData},
    kernel::AccountId,
};
use sarai_ports::{Scope, StoreError, Stored, UniqueKey, devportal::AccountRepository};

use crate::{
    MemoryStore,
    table::{Indexed, Rows},
};

impl Indexed for DeveloperAccount {
    fn index(_data: &DeveloperAccountData) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

#[async_trait]
impl AccountRepository for MemoryStore {
    async fn find_by_identity(
        &self,
        scope: &Scope,
        identity: &AccountId,
    ) -> Result<Option<DeveloperAccount>, StoreError> {
        let state = self.state();
        let Some(id) = state.accounts.by_unique(UniqueKey::AccountIdentity, identity.as_str()) else {
            return Ok(None);
        };
        match state.accounts.data(id) {
            Some(data) if DeveloperAccount::readable(scope, data) => state.accounts.load(id, &Rows::All),
            _ => Ok(None),
        }
    }
}
