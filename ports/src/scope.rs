//! On whose behalf a store is asked.

use sarai_domain::{devportal::values::Environment, kernel::TenantId};

/// An argument of every repository method: a row outside the scope is "not found" (platform.md 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A tenant: its own rows, and what the context's policies let it see.
    Tenant(TenantId),
    /// A tenant in one of its two worlds: of what exists in both, the rows of that one (ruling R6).
    World(TenantId, Environment),
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
            Self::Tenant(tenant) | Self::World(tenant, _) | Self::Within(tenant) => tenant == owner,
            Self::PlatformAdmin | Self::System => true,
            Self::Public => false,
        }
    }

    /// Whether rows of this world are within the scope; what is of no world is of both.
    pub fn enters(&self, world: Option<Environment>) -> bool {
        match (self, world) {
            (Self::World(_, own), Some(world)) => *own == world,
            _ => true,
        }
    }

    /// The tenant on whose behalf it is, when it is one's.
    pub fn tenant(&self) -> Option<&TenantId> {
        match self {
            Self::Tenant(tenant) | Self::World(tenant, _) | Self::Within(tenant) => Some(tenant),
            Self::PlatformAdmin | Self::System | Self::Public => None,
        }
    }

    /// The world it is confined to.
    pub fn world(&self) -> Option<Environment> {
        match self {
            Self::World(_, world) => Some(*world),
            _ => None,
        }
    }
}

/// The tenant that stands for the platform's own rows.
pub fn platform() -> TenantId {
    TenantId::from_static("platform")
}
