//! `auth-service`: the demo accounts, their sessions, and signed access tokens.
//!
//! Passwords are argon2 hashes made at start. A refused sign-in does the same work for an address that
//! exists and for one that does not, and does not say which it was. Sessions live by real time. Accounts
//! sign in by password alone; a one-time password that is sent anyway is ignored (ruling R4).

#[cfg(test)]
mod tests;
mod token;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use argon2::{
    Argon2, PasswordHasher as _, PasswordVerifier as _,
    password_hash::{self, phc::PasswordHash},
};
use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sarai_domain::kernel::{TenantId, Timestamp, UserId, external_id::ExternalIdError};
use sarai_ports::{
    GatewayError,
    auth::{AuthGateway, Principal, Role, Session, SignInError},
    system::{Clock, Entropy},
};
use sha2::{Digest as _, Sha256};
use time::Duration;
use zeroize::Zeroizing;

pub use self::token::TokenIssuer;
use self::token::TokenSigner;
use crate::{
    demo::{self, DemoAccount},
    locked,
};

/// How long an access token is good.
const ACCESS: Duration = Duration::hours(1);
/// How long after signing in sessions can be refreshed.
const REFRESH: Duration = Duration::hours(12);

/// Why the stand-in could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum AuthSetupError {
    /// A password could not be hashed.
    #[error("a demo password could not be hashed: {0}")]
    Password(password_hash::Error),
    /// An account's id is none.
    #[error(transparent)]
    Account(#[from] ExternalIdError),
}

/// Accounts and sessions, embedded. Its state and its signing key are in memory.
pub struct AuthStandIn {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    signer: TokenSigner,
    accounts: Vec<Account>,
    /// What a password for an unknown address is compared with.
    nobody: PasswordHash,
    /// By the digest of the refresh token, which itself is kept nowhere.
    refreshes: Mutex<BTreeMap<[u8; 32], Refresh>>,
}

struct Account {
    principal: Principal,
    password: PasswordHash,
}

struct Refresh {
    principal: Principal,
    until: Timestamp,
}

impl AuthStandIn {
    /// The demo accounts and a fresh key pair. Takes a while: one argon2 hash per account.
    ///
    /// # Errors
    /// [`AuthSetupError`].
    pub fn new(
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        issuer: TokenIssuer,
    ) -> Result<Self, AuthSetupError> {
        let hash = |password: &[u8]| {
            let salt = entropy.bytes();
            let salt = salt.get(..16).unwrap_or(&salt);
            Argon2::default().hash_password_with_salt(password, salt).map_err(AuthSetupError::Password)
        };
        let account = |demo: &DemoAccount| {
            let principal = Principal {
                user_id: UserId::try_new(demo.id)?,
                tenant_id: TenantId::try_new(demo.id)?,
                email: Some(demo.email.to_owned()),
                roles: demo.roles.to_vec(),
            };
            Ok(Account { principal, password: hash(demo::PASSWORD.as_bytes())? })
        };
        let accounts = demo::ACCOUNTS.iter().map(account).collect::<Result<_, AuthSetupError>>()?;
        let nobody = hash(&entropy.bytes())?;
        let signer = TokenSigner::new(issuer, entropy.bytes());
        Ok(Self { clock, entropy, signer, accounts, nobody, refreshes: Mutex::default() })
    }

    /// A session of the account with this address, without asking for its password: for the demo's banner
    /// and for tests.
    ///
    /// # Errors
    /// [`SignInError::Refused`] when there is no such account.
    pub fn issue(&self, email: &str) -> Result<Session, SignInError> {
        let account = self.account(email).ok_or(SignInError::Refused)?;
        self.open(account.principal.clone(), self.clock.real().plus(REFRESH))
    }

    /// The next session for a refresh token, which is good once and until 12 hours after the sign-in.
    ///
    /// # Errors
    /// [`SignInError::Refused`] when it is not good, or not any more.
    pub fn refresh(&self, refresh_token: &str) -> Result<Session, SignInError> {
        let found = locked(&self.refreshes).remove(&digest(refresh_token));
        match found {
            Some(refresh) if self.clock.real() < refresh.until => self.open(refresh.principal, refresh.until),
            _ => Err(SignInError::Refused),
        }
    }

    /// Ends a session: its refresh token is good no more.
    pub fn revoke(&self, refresh_token: &str) {
        locked(&self.refreshes).remove(&digest(refresh_token));
    }

    /// An access token for a service, with the role `service` and a tenant of its own.
    ///
    /// # Errors
    /// Refused as `invalid_service_name` when the name cannot be part of an id.
    pub fn service_token(&self, name: &str) -> Result<String, GatewayError> {
        let id = format!("svc_{name}");
        let invalid = |_| GatewayError::Refused { code: "invalid_service_name".to_owned() };
        let principal = Principal {
            user_id: UserId::try_new(id.as_str()).map_err(invalid)?,
            tenant_id: TenantId::try_new(id.as_str()).map_err(invalid)?,
            email: None,
            roles: vec![Role::Service],
        };
        let now = self.clock.real();
        self.signer.sign(&principal, now, now.plus(ACCESS))
    }

    fn account(&self, email: &str) -> Option<&Account> {
        let email = email.trim();
        self.accounts.iter().find(|account| {
            account.principal.email.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(email))
        })
    }

    /// A session that can be refreshed until then.
    fn open(&self, principal: Principal, until: Timestamp) -> Result<Session, SignInError> {
        let now = self.clock.real();
        let expires_at = now.plus(ACCESS);
        let access_token = self.signer.sign(&principal, now, expires_at)?;
        let refresh_token = URL_SAFE_NO_PAD.encode(self.entropy.bytes());
        let refresh = Refresh { principal: principal.clone(), until };
        let mut refreshes = locked(&self.refreshes);
        refreshes.retain(|_, refresh| now < refresh.until);
        refreshes.insert(digest(&refresh_token), refresh);
        Ok(Session { access_token, refresh_token, expires_at, principal })
    }
}

#[async_trait]
impl AuthGateway for AuthStandIn {
    async fn sign_in(
        &self,
        email: &str,
        password: &str,
        _otp: Option<String>,
    ) -> Result<Session, SignInError> {
        let account = self.account(email);
        let hash = account.map_or(&self.nobody, |account| &account.password).clone();
        let password = Zeroizing::new(password.as_bytes().to_vec());
        let matches = move || Argon2::default().verify_password(&password, &hash).is_ok();
        let matches = tokio::task::spawn_blocking(matches)
            .await
            .map_err(|error| GatewayError::Unavailable(error.to_string()))?;
        match account {
            Some(account) if matches => self.open(account.principal.clone(), self.clock.real().plus(REFRESH)),
            _ => Err(SignInError::Refused),
        }
    }

    async fn jwks(&self) -> Result<String, GatewayError> {
        Ok(self.signer.jwks().to_owned())
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
