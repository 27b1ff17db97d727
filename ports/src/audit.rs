//! The audit log: one row a unit, and one for each deed of staff that saves no aggregate; append-only (platform.md 7).

use async_trait::async_trait;
use sarai_domain::kernel::{TenantId, Timestamp};

use crate::{Page, PageRequest, Scope, StoreError};

/// Who did what to which aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place in the log.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// The tenant of the aggregate.
    pub tenant_id: TenantId,
    /// Who.
    pub actor: String,
    /// What.
    pub action: &'static str,
    /// The aggregate's id.
    pub target: String,
    /// Its version after.
    pub version: u64,
    /// Why, where a reason was demanded.
    pub reason: Option<String>,
    /// The HTTP request.
    pub request_id: Option<String>,
}

/// What somebody did that changed no aggregate, such as trying dead letters again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// When.
    pub at: Timestamp,
    /// The tenant of whoever did it.
    pub tenant_id: TenantId,
    /// Who.
    pub actor: String,
    /// What.
    pub action: &'static str,
    /// To what.
    pub target: String,
    /// Why.
    pub reason: Option<String>,
    /// The HTTP request.
    pub request_id: Option<String>,
}

/// Reads the log. A store's commit writes a row for its unit; only what is no unit is noted.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Notes a deed, as a row of version 0.
    async fn note(&self, deed: &Deed) -> Result<(), StoreError>;
    /// The newest rows first.
    async fn list(&self, scope: &Scope, page: &PageRequest) -> Result<Page<AuditRow>, StoreError>;
}
