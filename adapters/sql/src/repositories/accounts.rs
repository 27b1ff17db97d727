//! Developer accounts.

use async_trait::async_trait;
use sarai_domain::{devportal::account::DeveloperAccount, kernel::AccountId};
use sarai_ports::{Scope, StoreError, devportal::AccountRepository};

use crate::{
    Database, Store,
    load::{Rows, select},
    statement::{Statement, args},
};

#[async_trait]
impl<D: Database> AccountRepository for Store<D> {
    async fn find_by_identity(
        &self,
        scope: &Scope,
        identity: &AccountId,
    ) -> Result<Option<DeveloperAccount>, StoreError> {
        let text = format!("{} where r.auth_account_id = $1", select::<DeveloperAccount>(&Rows::All));
        let mut statement = Statement::new(text, args![identity.as_str()]);
        statement.within(scope, "r.tenant_id");
        self.load_one(scope, statement).await
    }
}
