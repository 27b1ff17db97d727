//! Who is calling.

use async_trait::async_trait;
use sarai_domain::kernel::{TenantId, Timestamp, UserId};

use crate::GatewayError;

/// What a caller may act as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Buys.
    Customer,
    /// Sells.
    Provider,
    /// Builds on the developer portal.
    Developer,
    /// Acts for the whole tenant: all its orders, organisation seats, refunds.
    TenantAdmin,
    /// The platform's staff.
    PlatformAdmin,
    /// Another service.
    Service,
}

impl Role {
    /// Every role with its name in tokens.
    pub const ALL: &[(Role, &str)] = &[
        (Role::Customer, "customer"),
        (Role::Provider, "provider"),
        (Role::Developer, "developer"),
        (Role::TenantAdmin, "tenant-admin"),
        (Role::PlatformAdmin, "platform-admin"),
        (Role::Service, "service"),
    ];

    /// The role of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(role, _)| *role)
    }

    /// Its name in tokens.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(role, _)| *role == self).map_or("", |(_, name)| name)
    }
}

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The user, or the service's own id.
    pub user_id: UserId,
    /// The tenant it acts for.
    pub tenant_id: TenantId,
    /// The address, when the token names one.
    pub email: Option<String>,
    /// What it may act as.
    pub roles: Vec<Role>,
}

impl Principal {
    /// Whether it may act as this.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// A signed-in session.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// A JWT for the `Authorization` header.
    pub access_token: String,
    /// Gets the next session.
    pub refresh_token: String,
    /// When the access token ends.
    pub expires_at: Timestamp,
    /// Whose it is.
    pub principal: Principal,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("principal", &self.principal).finish_non_exhaustive()
    }
}

/// Why nobody was signed in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Wrong address, password or token; which of them is not said.
    #[error("the e-mail address or the password is wrong")]
    Refused,
    /// The account wants a one-time password.
    #[error("a one-time password is required")]
    OtpRequired,
    /// No answer.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
}

/// auth-service: accounts and sessions.
#[async_trait]
pub trait AuthGateway: Send + Sync {
    /// Opens a session.
    async fn sign_in(&self, email: &str, password: &str, otp: Option<String>)
    -> Result<Session, SignInError>;
    /// The public keys that verify access tokens, as a JWKS document.
    async fn jwks(&self) -> Result<String, GatewayError>;
}
