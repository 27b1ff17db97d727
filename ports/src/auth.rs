//! Who is calling.

use async_trait::async_trait;
use sarai_domain::kernel::{AccountId, TenantId, Timestamp, UserId};

use crate::{GatewayError, devportal::KeyGrant};

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
    /// How it showed who it is.
    pub via: Via,
}

/// How a caller showed who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// By an access token, with what that says of the account.
    Token(Option<Identity>),
    /// By an API key, which is good for this much: the key is the user.
    Key(Box<KeyGrant>),
}

impl Default for Via {
    fn default() -> Self {
        Self::Token(None)
    }
}

/// What auth-service says of an account when it signs a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub account_id: AccountId,
    /// The number of its last change.
    pub sequence: u64,
    /// Whether its address is verified.
    pub email_verified: bool,
    /// Whether a second factor is enrolled.
    pub mfa_enrolled: bool,
    /// The terms it accepted when it was opened.
    pub terms_version: Option<String>,
}

impl Principal {
    /// Whether it may act as this.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// The key it came with, when it came with one.
    pub fn key(&self) -> Option<&KeyGrant> {
        match &self.via {
            Via::Key(grant) => Some(grant),
            Via::Token(_) => None,
        }
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

/// A second factor that is being enrolled.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpEnrolment {
    /// The secret in base 32, for whoever types it.
    pub secret: String,
    /// The same as an `otpauth://` address, for a picture.
    pub uri: String,
}

impl std::fmt::Debug for TotpEnrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Why nobody was signed in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Wrong address, password, one-time password or token, or no such account any more; which is not said.
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
    /// The next session for a refresh token, which is good once and until 12 hours after the sign-in.
    async fn refresh(&self, refresh_token: &str) -> Result<Session, SignInError>;
    /// Ends the session that either of its tokens belongs to: it is refreshed no more. The access token is good
    /// until it expires. Ending one that is unknown or over is done.
    async fn revoke(&self, token: &str) -> Result<(), GatewayError>;
    /// Makes the secret of a second factor for whoever holds this access token; it counts once it is confirmed.
    async fn enrol_totp(&self, access_token: &str) -> Result<TotpEnrolment, SignInError>;
    /// Confirms it with a one-time password: from now on signing in takes one.
    async fn confirm_totp(&self, access_token: &str, otp: &str) -> Result<(), SignInError>;
    /// The public keys that verify access tokens, as a JWKS document.
    async fn jwks(&self) -> Result<String, GatewayError>;
}
