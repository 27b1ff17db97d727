//! Templates of messages that carry a code. What everybody has is no row: it stands in the program (ruling R27).

use async_trait::async_trait;
use sarai_domain::{
    devportal::template::{TemplateData, VerifyTemplate},
    kernel::{TenantId, Timestamp},
};

use crate::{Page, PageRequest, Repository, Scope, StoreError, Stored, UniqueKey};

/// Templates, with all of their versions. Readable by their tenant.
#[async_trait]
pub trait TemplateRepository: Repository<VerifyTemplate> {
    /// A tenant's, newest first.
    async fn find_templates(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<VerifyTemplate>, StoreError>;
}

impl Stored for VerifyTemplate {
    fn owner(data: &TemplateData) -> TenantId {
        data.owner.clone()
    }

    fn created_at(data: &TemplateData) -> Timestamp {
        data.created_at
    }

    fn unique_keys(_data: &TemplateData) -> Vec<(UniqueKey, String)> {
        Vec::new()
    }
}
