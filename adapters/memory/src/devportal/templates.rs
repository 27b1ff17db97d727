//! Templates.

use async_trait::async_trait;
use sarai_domain::{
    devportal::template::{TemplateData, VerifyTemplate},
    kernel::TenantId,
};
use sarai_ports::{Page, PageRequest, Scope, StoreError, Stored, devportal::TemplateRepository};

use crate::{
    MemoryStore,
    table::{Indexed, Rows},
};

impl Indexed for VerifyTemplate {
    fn index(data: &TemplateData) -> Vec<(&'static str, String)> {
        vec![("tenant", data.owner.to_string())]
    }
}

#[async_trait]
impl TemplateRepository for MemoryStore {
    async fn find_templates(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<VerifyTemplate>, StoreError> {
        let state = self.state();
        let ids = state.templates.by_index("tenant", tenant.as_str());
        state.templates.page(ids, page, &Rows::All, |data| VerifyTemplate::readable(scope, data))
    }
}
