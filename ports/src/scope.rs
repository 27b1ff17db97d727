//! On whose behalf a store is asked.

use sarai_domain::kernel::TenantId;

/// An argument of every repository method: a row outside the scope is "not found" (platform.md 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A tenant: its own rows, and what the context's policies let it see.
    Tenant(TenantId),
    /// The platform's staff: every row; every use is audited with a reason.
    PlatformAdmin,
    /// Sarai's own workers: consumers, the saga, the scheduler.
    System,
    /// Nobody in particular: published rows only.
    Public,
}

impl Scope {
    /// Whether rows of this tenant are within the scope.
    pub fn covers(&self, owner: &TenantId) -> bool {
        match self {
            Self::Tenant(tenant) => tenant == owner,
            Self::PlatformAdmin | Self::System => true,
            Self::Public => false,
        }
    }
}
