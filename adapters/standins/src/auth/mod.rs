//! `auth-service`: accounts, their sessions, and signed access tokens.
//!
//! Passwords are argon2 hashes. A refused sign-in does the same work for an address that exists and for one that
//! does not, and does not say which it was. Sessions live by real time. The demo accounts sign in by password
//! alone, though they count as enrolled (ruling R4), until they really enrol a second factor; a one-time password
//! that is sent anyway is ignored.

mod accounts;
#[cfg(test)]
mod tests;
mod token;
mod totp;

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
    auth::{AuthGateway, Principal, Role, Session, SignInError, TotpEnrolment},
    inbound::{InboundEvent, InboundSink},
    system::{Clock, Entropy},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use time::Duration;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

pub use self::token::TokenIssuer;
use self::{
    accounts::{Account, Standing, State},
    token::TokenSigner,
    totp::Totp,
};
use crate::{
    callbacks::Callbacks,
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
    /// What the secrets of second factors are made under.
    seed: Zeroizing<[u8; 32]>,
    documents: Arc<Documents>,
    /// What a password for an unknown address is compared with.
    nobody: String,
    state: Mutex<State>,
    callbacks: Arc<Callbacks>,
}

/// A session that can be renewed.
#[derive(Serialize, Deserialize)]
struct Refresh {
    #[serde(with = "wired")]
    principal: Principal,
    until: Timestamp,
    /// The session, which its access tokens name too.
    #[serde(default)]
    session: String,
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
        let mut accounts: Table<String, Account> = Table::new("auth.account");
        accounts.fill(&documents)?;
        for demo in demo::ACCOUNTS {
            let known = accounts.get(demo.email);
            if known.is_some_and(|account| account.standing.sequence > 0) {
                continue;
            }
            let password = match known {
                Some(account) => account.password.clone(),
                None => hash(&*entropy, demo::PASSWORD.as_bytes())?,
            };
            let standing = Standing::demo();
            let account = Account { principal: principal(demo)?, password, standing, totp: None };
            accounts.insert(demo.email.to_owned(), account);
        }
        let mut refreshes = Table::new("auth.refresh");
        refreshes.fill(&documents)?;
        let mut state = State { accounts, refreshes };
        let mut changes = documents.changes();
        state.note(&mut changes)?;
        documents.write(changes);
        let nobody = hash(&*entropy, &entropy.bytes())?;
        let callbacks = Callbacks::new("auth.callback", Arc::clone(&clock), Arc::clone(&documents))?;
        let (signer, seed) = (TokenSigner::new(issuer, seed), Zeroizing::new(seed));
        Ok(Self { clock, entropy, signer, seed, documents, nobody, state: Mutex::new(state), callbacks })
    }

    /// Tells this receiver of all accounts from now on.
    pub fn connect(&self, sink: Arc<dyn InboundSink>) {
        self.callbacks.connect(sink);
    }

    /// Delivers what is told as it becomes due, until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        self.callbacks.run(stop).await;
    }

    /// A session of the account with this address, without asking for its password: for the demo's banner
    /// and for tests.
    ///
    /// # Errors
    /// [`SignInError::Refused`] when there is no such account.
    pub fn issue(&self, email: &str) -> Result<Session, SignInError> {
        let account = self.account(email).ok_or(SignInError::Refused)?;
        self.open(account.principal, self.clock.real().plus(REFRESH), self.session_id())
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
            via: sarai_ports::auth::Via::default(),
        };
        let now = self.clock.real();
        self.signer.sign(&principal, None, None, now, now.plus(ACCESS))
    }

    fn account(&self, email: &str) -> Option<Account> {
        let account = locked(&self.state).accounts.get(&address(email)).cloned();
        account.filter(|account| !account.standing.is_disabled())
    }

    fn session_id(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.entropy.bytes())
    }

    fn change<T>(&self, work: impl FnOnce(&mut State) -> T) -> Result<T, GatewayError> {
        let mut state = locked(&self.state);
        let answer = work(&mut state);
        let mut changes = self.documents.changes();
        state.note(&mut changes)?;
        self.documents.write(changes);
        Ok(answer)
    }

    /// A session that can be refreshed until then.
    fn open(&self, principal: Principal, until: Timestamp, session: String) -> Result<Session, SignInError> {
        let now = self.clock.real();
        let expires_at = now.plus(ACCESS);
        let account = principal.email.as_deref().and_then(|email| self.account(email));
        let standing = account.as_ref().map(|account| &account.standing);
        let access_token = self.signer.sign(&principal, standing, Some(&session), now, expires_at)?;
        let refresh_token = URL_SAFE_NO_PAD.encode(self.entropy.bytes());
        let refresh = Refresh { principal: principal.clone(), until, session };
        self.change(|state| {
            drop_sessions(state, |refresh| refresh.until <= now);
            state.refreshes.insert(digest(&refresh_token), refresh);
        })?;
        Ok(Session { access_token, refresh_token, expires_at, principal })
    }

    /// The account whose access token this is, and which is good now.
    fn holder(&self, access_token: &str) -> Result<String, SignInError> {
        let claims = self.signer.read(access_token).filter(|claims| claims.is_live(self.clock.real()));
        let user = claims.ok_or(SignInError::Refused)?.sub;
        let state = locked(&self.state);
        let theirs = |account: &Account| account.principal.user_id.as_str() == user;
        let found =
            state.accounts.iter().find(|(_, account)| theirs(account) && !account.standing.is_disabled());
        found.map(|(email, _)| email.clone()).ok_or(SignInError::Refused)
    }

    /// Whether an account's second factor lets it in.
    fn second_factor(&self, email: &str, otp: Option<&str>) -> Result<(), SignInError> {
        let now = self.clock.real();
        self.change(|state| match state.accounts.get(email) {
            Some(account) if account.has_second_factor() => {
                let otp = otp.ok_or(SignInError::OtpRequired)?;
                let totp =
                    state.accounts.get_mut(&email.to_owned()).and_then(|account| account.totp.as_mut());
                let taken = totp.is_some_and(|totp| totp.take(&self.seed, otp, now));
                if taken { Ok(()) } else { Err(SignInError::Refused) }
            }
            _ => Ok(()),
        })?
    }
}

#[async_trait]
impl AuthGateway for AuthStandIn {
    async fn sign_in(
        &self,
        email: &str,
        password: &str,
        otp: Option<String>,
    ) -> Result<Session, SignInError> {
        let account = self.account(email);
        let hash = account.as_ref().map_or(&self.nobody, |account| &account.password).clone();
        let password = Zeroizing::new(password.as_bytes().to_vec());
        let matches = move || {
            let hash = PasswordHash::new(&hash);
            hash.is_ok_and(|hash| Argon2::default().verify_password(&password, &hash).is_ok())
        };
        let matches = tokio::task::spawn_blocking(matches)
            .await
            .map_err(|error| GatewayError::Unavailable(error.to_string()))?;
        let account = account.filter(|_| matches).ok_or(SignInError::Refused)?;
        self.second_factor(&address(email), otp.as_deref())?;
        let session = self.open(account.principal, self.clock.real().plus(REFRESH), self.session_id())?;
        self.documents.kept().await?;
        Ok(session)
    }

    async fn refresh(&self, refresh_token: &str) -> Result<Session, SignInError> {
        let found = self.change(|state| state.refreshes.remove(&digest(refresh_token)))?;
        let live = found.filter(|refresh| self.clock.real() < refresh.until).ok_or(SignInError::Refused)?;
        let session = self.open(live.principal, live.until, live.session)?;
        self.documents.kept().await?;
        Ok(session)
    }

    async fn revoke(&self, token: &str) -> Result<(), GatewayError> {
        let session = self.signer.read(token).and_then(|claims| claims.sid);
        self.change(|state| match session {
            Some(session) => drop_sessions(state, |refresh| refresh.session == session),
            None => drop(state.refreshes.remove(&digest(token))),
        })?;
        self.documents.kept().await
    }

    async fn enrol_totp(&self, access_token: &str) -> Result<TotpEnrolment, SignInError> {
        let email = self.holder(access_token)?;
        let totp = Totp::new(self.entropy.bytes());
        let enrolment = totp.enrolment(&self.seed, &email);
        // One that is confirmed stays until another is.
        let begun = self.change(|state| {
            let account = state.accounts.get_mut(&email).filter(|account| !account.has_second_factor());
            account.map(|account| account.totp = Some(totp))
        })?;
        self.documents.kept().await?;
        enrolment.filter(|_| begun.is_some()).ok_or(SignInError::Refused)
    }

    async fn confirm_totp(&self, access_token: &str, otp: &str) -> Result<(), SignInError> {
        let (email, now) = (self.holder(access_token)?, self.clock.real());
        let mut taken = false;
        self.tell(InboundEvent::MfaEnrolled, |state| {
            let Some(account) = state.accounts.get_mut(&email) else { return Ok(None) };
            taken = account.totp.as_mut().is_some_and(|totp| totp.take(&self.seed, otp, now));
            if !taken {
                return Ok(None);
            }
            let altered = state.alter(&email, |account| {
                account.standing.mfa_enrolled = true;
                if let Some(totp) = &mut account.totp {
                    totp.confirmed = true;
                }
            });
            Ok(altered.cloned())
        })?;
        self.documents.kept().await?;
        if taken { Ok(()) } else { Err(SignInError::Refused) }
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
        via: sarai_ports::auth::Via::default(),
    })
}

/// Ends the sessions of which this is so.
fn drop_sessions(state: &mut State, over: impl Fn(&Refresh) -> bool) {
    let ended = state.refreshes.iter().filter(|(_, refresh)| over(refresh));
    for digest in ended.map(|(digest, _)| *digest).collect::<Vec<_>>() {
        state.refreshes.remove(&digest);
    }
}

/// The key of an account.
fn address(email: &str) -> String {
    email.trim().to_ascii_lowercase()
}

fn hash(entropy: &dyn Entropy, password: &[u8]) -> Result<String, AuthSetupError> {
    let salt = entropy.bytes();
    let salt = salt.get(..16).unwrap_or(&salt);
    let hash = Argon2::default().hash_password_with_salt(password, salt);
    hash.map(|hash| hash.to_string()).map_err(AuthSetupError::Password)
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
