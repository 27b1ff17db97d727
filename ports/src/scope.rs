//! On whose behalf a store is asked.

use sarai_domain::kernel::TenantId;

/// An argument of every repository method: a row outside the scope is "not found" (platform.md 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A tenant: its own rows, and what the context's policies let it see.
    Tenant(TenantId),
    /// The platform's staff: every row; every use is audited with a reason.
    PlatformAdmin,
    /// Sarai's own workers: the scheduler, sweepers, whatever looks at all tenants.
    System,
    /// Sarai's own workers on behalf of one tenant: what a worker may do, within that tenant's rows. Whoever
    /// knows the tenant says it, so that a store that is spread over machines asks one of them.
    Within(TenantId),
    /// Nobody in particular: published rows only.
    Public,
}

impl Scope {
    /// Whether rows of this tenant are within the scope.
    pub fn covers(&self, owner: &TenantId) -> bool {
        match self {
            Self::Tenant(tenant) | Self::Within(tenant) => tenant == owner,
            Self::PlatformAdmin | Self::System => true,
            Self::Public => false,
        }
    }
}
