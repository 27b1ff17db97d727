//! Templates.

use async_trait::async_trait;
use sarai_domain::{devportal::template::VerifyTemplate, kernel::TenantId};
use sarai_ports::{Page, PageRequest, Scope, StoreError, devportal::TemplateRepository};

use crate::{
    Database, Store,
    load::{Rows, select},
    statement::{NEWEST, Statement, args},
};

#[async_trait]
impl<D: Database> TemplateRepository for Store<D> {
    async fn find_templates(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<VerifyTemplate>, StoreError> {
        let text = format!("{} where r.tenant_id = $1", select::<VerifyTemplate>(&Rows::All));
        let mut statement = Statement::new(text, args![tenant.as_str()]);
        statement.within(scope, "r.tenant_id");
        self.load_page(scope, statement, NEWEST, page).await
    }
}
