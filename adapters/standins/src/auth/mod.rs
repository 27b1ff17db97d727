//! `auth-service`: the demo accounts, their sessions, and signed access tokens.
//!
//! Passwords are argon2 hashes made at start. A refused sign-in does the same work for an address that
//! exists and for one that does not, and does not say which it was. Sessions live by real time. Accounts
//! sign in by password alone; a one-time password that is sent anyway is ignored (ruling R4).

#[cfg(test)]
mod tests;
mod token;

use std::sync::{Arc, Mutex};

use argon2::{
    Argon2, PasswordHasher as _, PasswordVerifier as _,
    password_hash::{self, phc::PasswordHash},
};
use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sarai_domain::kernel::{TenantId, Timestamp, UserId, external_id::ExternalIdError};
use sarai_gateways::wire::wired;
use sarai_ports::{
    GatewayError,
    auth::{AuthGateway, Principal, Role, Session, SignInError},
    system::{Clock, Entropy},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use time::Duration;
use tracing::warn;
use zeroize::Zeroizing;

pub use self::token::TokenIssuer;
use self::token::TokenSigner;
use crate::{
    demo::{self, DemoAccount},
    documents::{Documents, DocumentsError},
    locked,
    table::Table,
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
    /// The accounts cannot be read or kept.
    #[error(transparent)]
    Documents(#[from] DocumentsError),
    /// The accounts cannot be kept.
    #[error(transparent)]
    Kept(#[from] GatewayError),
}

/// Accounts and sessions, embedded.
pub struct AuthStandIn {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    signer: TokenSigner,
    documents: Arc<Documents>,
    /// By the address in small letters.
    accounts: Table<String, Account>,
    /// What a password for an unknown address is compared with.
    nobody: String,
    refreshes: Mutex<Refreshes>,
}

/// By the digest of the refresh token, which itself is kept nowhere.
type Refreshes = Table<[u8; 32], Refresh>;

#[derive(Serialize, Deserialize)]
struct Account {
    #[serde(with = "wired")]
    principal: Principal,
    /// The argon2 hash with its parameters.
    password: String,
}

#[derive(Serialize, Deserialize)]
struct Refresh {
    #[serde(with = "wired")]
    principal: Principal,
    until: Timestamp,
}

impl AuthStandIn {
    /// The accounts and sessions of these documents, and the demo accounts; the seed makes the key that signs.
    /// Takes a while: one argon2 hash for each account that is new.
    ///
    /// # Errors
    /// [`AuthSetupError`].
    pub fn new(
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        issuer: TokenIssuer,
        seed: [u8; 32],
        documents: Arc<Documents>,
    ) -> Result<Self, AuthSetupError> {
        let hash = |password: &[u8]| {
            let salt = entropy.bytes();
            let salt = salt.get(..16).unwrap_or(&salt);
            let hash = Argon2::default().hash_password_with_salt(password, salt);
            hash.map(|hash| hash.to_string()).map_err(AuthSetupError::Password)
        };
        let mut accounts = Table::new("auth.account");
        accounts.fill(&documents)?;
        for demo in demo::ACCOUNTS {
            if !accounts.contains_key(demo.email) {
                let password = hash(demo::PASSWORD.as_bytes())?;
                accounts.insert(demo.email.to_owned(), Account { principal: principal(demo)?, password });
            }
        }
        let mut changes = documents.changes();
        accounts.note(&mut changes)?;
        documents.write(changes);
        let mut refreshes = Refreshes::new("auth.refresh");
        refreshes.fill(&documents)?;
        let nobody = hash(&entropy.bytes())?;
        let signer = TokenSigner::new(issuer, seed);
        Ok(Self { clock, entropy, signer, documents, accounts, nobody, refreshes: Mutex::new(refreshes) })
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
        let found = self.change(|refreshes| refreshes.remove(&digest(refresh_token)))?;
        match found {
            Some(refresh) if self.clock.real() < refresh.until => self.open(refresh.principal, refresh.until),
            _ => Err(SignInError::Refused),
        }
    }

    /// Ends a session: its refresh token is good no more.
    pub fn revoke(&self, refresh_token: &str) {
        let revoked = self.change(|refreshes| refreshes.remove(&digest(refresh_token)));
        if let Err(error) = revoked {
            warn!(%error, "the end of a session is not kept");
        }
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
        self.accounts.get(&email.trim().to_ascii_lowercase())
    }

    fn change<T>(&self, work: impl FnOnce(&mut Refreshes) -> T) -> Result<T, GatewayError> {
        let mut refreshes = locked(&self.refreshes);
        let answer = work(&mut refreshes);
        let mut changes = self.documents.changes();
        refreshes.note(&mut changes)?;
        self.documents.write(changes);
        Ok(answer)
    }

    /// A session that can be refreshed until then.
    fn open(&self, principal: Principal, until: Timestamp) -> Result<Session, SignInError> {
        let now = self.clock.real();
        let expires_at = now.plus(ACCESS);
        let access_token = self.signer.sign(&principal, now, expires_at)?;
        let refresh_token = URL_SAFE_NO_PAD.encode(self.entropy.bytes());
        let refresh = Refresh { principal: principal.clone(), until };
        self.change(|refreshes| {
            let over = refreshes.iter().filter(|(_, refresh)| refresh.until <= now);
            let over: Vec<[u8; 32]> = over.map(|(digest, _)| *digest).collect();
            for digest in over {
                refreshes.remove(&digest);
            }
            refreshes.insert(digest(&refresh_token), refresh);
        })?;
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
        let matches = move || {
            let hash = PasswordHash::new(&hash);
            hash.is_ok_and(|hash| Argon2::default().verify_password(&password, &hash).is_ok())
        };
        let matches = tokio::task::spawn_blocking(matches)
            .await
            .map_err(|error| GatewayError::Unavailable(error.to_string()))?;
        match account {
            Some(account) if matches => {
                let session = self.open(account.principal.clone(), self.clock.real().plus(REFRESH))?;
                self.documents.kept().await?;
                Ok(session)
            }
            _ => Err(SignInError::Refused),
        }
    }

    async fn jwks(&self) -> Result<String, GatewayError> {
        Ok(self.signer.jwks().to_owned())
    }
}

/// Who a demo account is.
fn principal(demo: &DemoAccount) -> Result<Principal, ExternalIdError> {
    Ok(Principal {
        user_id: UserId::try_new(demo.id)?,
        tenant_id: TenantId::try_new(demo.id)?,
        email: Some(demo.email.to_owned()),
        roles: demo.roles.to_vec(),
    })
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
