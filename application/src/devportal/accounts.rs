//! Developer accounts: who somebody is to the portal (devportal.md 3.2).

use std::sync::Arc;

use sarai_domain::{
    devportal::account::{
        AccountError, AccountStanding, ActiveKeys, DeveloperAccount, Mirror, NewAccount, ProfileEdit,
    },
    kernel::{AccountId, Aggregate, DeveloperAccountId, Outcome},
};
use sarai_ports::{
    Scope, StoreError, UniqueKey,
    auth::{Identity, Role, Via},
    inbound::AuthAccount,
};

use crate::{AppError, Call, Loaded, Ports, app::TRIES};

/// Whose routes accounts are.
const USERS: &[Role] = &[Role::Developer, Role::Customer];
/// How many keys an account can have at most: in both worlds, with one of each that is replaced.
const KEYS: usize = 100;

/// The use cases of accounts.
#[derive(Clone)]
pub struct Accounts {
    ports: Arc<Ports>,
}

impl Accounts {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// The terms that are current.
    pub fn current_terms(&self) -> Arc<str> {
        Arc::clone(&self.ports.devportal.current_terms)
    }

    /// The caller's account, when it is somebody who has one.
    ///
    /// # Errors
    /// The store's.
    pub async fn me(&self, call: &Call) -> Result<Option<Loaded<DeveloperAccount>>, AppError> {
        if call.principal.key().is_none() && !USERS.iter().any(|role| call.principal.has(*role)) {
            return Ok(None);
        }
        self.ports.account_of(call).await.map(Some)
    }

    /// Changes what its owner can change.
    ///
    /// # Errors
    /// `account.closed`.
    pub async fn edit(
        &self,
        call: &Call,
        edit: impl Fn(ProfileEdit) -> ProfileEdit + Send + Sync,
    ) -> Result<Loaded<DeveloperAccount>, AppError> {
        self.change(call, "account.edit", |account, now| {
            Ok(account.edit(edit(ProfileEdit::from(account.data())), now)?)
        })
        .await
    }

    /// Accepts the current terms.
    ///
    /// # Errors
    /// `account.terms_version_outdated` for others.
    pub async fn accept_terms(
        &self,
        call: &Call,
        version: &str,
    ) -> Result<Loaded<DeveloperAccount>, AppError> {
        let current = Arc::clone(&self.ports.devportal.current_terms);
        self.change(call, "account.accept_terms", |account, now| {
            Ok(account.accept_terms(version, &current, now)?)
        })
        .await
    }

    /// Ends the caller's account for ever; with `revoke_keys`, its keys before.
    ///
    /// # Errors
    /// `account.keys_active` while it has keys in use.
    pub async fn close(&self, call: &Call, revoke_keys: bool) -> Result<Loaded<DeveloperAccount>, AppError> {
        let account = self.ports.account_of(call).await?.aggregate;
        let scope = Scope::Within(account.data().tenant_id.clone());
        if revoke_keys {
            for key in self.ports.devportal.keys().find_open(&scope, account.id(), KEYS).await? {
                self.ports.end_key_of_account(call, &scope, key).await?;
            }
        }
        let open = self.ports.devportal.keys().find_open(&scope, account.id(), KEYS).await?;
        let count = u32::try_from(open.len()).unwrap_or(u32::MAX);
        let keys = ActiveKeys { account_id: account.id(), count };
        self.change(call, "account.close", |account, now| Ok(account.close(keys, now)?)).await
    }

    /// Leaves an account reads only, by the platform's staff.
    ///
    /// # Errors
    /// `account.reason_malformed`, `account.invalid_transition`.
    pub async fn suspend(
        &self,
        call: &Call,
        id: DeveloperAccountId,
        reason: &str,
    ) -> Result<Loaded<DeveloperAccount>, AppError> {
        let (scope, now) = (call.platform_scope()?, self.ports.now());
        let context = call.context("account.suspend", &id, now);
        let accounts = self.ports.devportal.accounts();
        self.ports.change(accounts, &scope, &id, context, |account| Ok(account.suspend(reason, now)?)).await
    }

    /// Lets an account go on, by the platform's staff.
    ///
    /// # Errors
    /// `account.invalid_transition`.
    pub async fn reinstate(
        &self,
        call: &Call,
        id: DeveloperAccountId,
    ) -> Result<Loaded<DeveloperAccount>, AppError> {
        let (scope, now) = (call.platform_scope()?, self.ports.now());
        let context = call.context("account.reinstate", &id, now);
        let accounts = self.ports.devportal.accounts();
        self.ports.change(accounts, &scope, &id, context, |account| Ok(account.reinstate(now)?)).await
    }

    /// Changes the caller's account.
    async fn change(
        &self,
        call: &Call,
        action: &'static str,
        mut command: impl FnMut(
            &mut DeveloperAccount,
            sarai_domain::kernel::Timestamp,
        ) -> Result<Outcome, AppError>
        + Send,
    ) -> Result<Loaded<DeveloperAccount>, AppError> {
        let account = self.ports.account_of(call).await?.aggregate;
        let (id, now) = (account.id(), self.ports.now());
        let context = call.context(action, &id, now);
        let scope = Scope::Tenant(account.data().tenant_id.clone());
        let accounts = self.ports.devportal.accounts();
        self.ports.change(accounts, &scope, &id, context, |account| command(account, now)).await
    }
}

impl Ports {
    /// The account of whoever calls: a key's; a user's, who gets one with the first sign-in, and whose token may know
    /// more of it than we do.
    pub(super) async fn account_of(&self, call: &Call) -> Result<Loaded<DeveloperAccount>, AppError> {
        let accounts = self.devportal.accounts();
        let tenant = Scope::Within(call.principal.tenant_id.clone());
        let missing = || AppError::not_found("account");
        if let Some(grant) = call.principal.key() {
            let found = accounts.find(&tenant, &grant.account_id).await?.ok_or_else(missing)?;
            return Ok(Loaded { version: found.version(), aggregate: found });
        }
        let identity = identity_of(call)?;
        for attempt in 1..=TRIES {
            // Whatever tenant it was opened under: an identity has one (A-INV-1).
            if let Some(account) = accounts.find_by_identity(&Scope::System, &identity.account_id).await? {
                if account.data().tenant_id != call.principal.tenant_id {
                    return Err(AppError::forbidden("the account belongs to another tenant"));
                }
                if identity.sequence > account.data().mirrored_seq {
                    return self.mirrored(&account, &mirror_of(call, &identity)).await;
                }
                return Ok(Loaded { version: account.version(), aggregate: account });
            }
            match self.registered(call, &identity).await {
                Err(AppError { code: "account.already_registered", .. }) => self.lanes.pause(attempt).await,
                done => return done,
            }
        }
        Err(StoreError::Conflict { aggregate: DeveloperAccount::NAME }.into())
    }

    /// What the account of whoever calls is now: evidence for what is created.
    pub(super) fn standing_of(&self, account: &DeveloperAccount) -> AccountStanding {
        account.standing(&self.devportal.current_terms, self.now())
    }

    /// Refuses what writes, sends or creates for whoever's account may only read (A-INV-4). What only ends something is not
    /// asked: nobody is kept from revoking a key.
    ///
    /// # Errors
    /// `account.suspended`, `account.closed`.
    pub(super) async fn require_active(&self, call: &Call) -> Result<(), AppError> {
        let account = self.account_of(call).await?.aggregate;
        Ok(self.standing_of(&account).require_active()?)
    }

    async fn registered(
        &self,
        call: &Call,
        identity: &Identity,
    ) -> Result<Loaded<DeveloperAccount>, AppError> {
        let (id, now) = (DeveloperAccountId::new(self.ulid()), self.now());
        let mirror = mirror_of(call, identity);
        let name = call.principal.email.as_deref().and_then(|email| email.split('@').next());
        let display_name = name.and_then(|name| name.parse().ok());
        let fallback = || call.principal.user_id.as_str().chars().take(80).collect::<String>().parse();
        let new = NewAccount {
            id,
            auth_account_id: identity.account_id.clone(),
            tenant_id: call.principal.tenant_id.clone(),
            display_name: display_name.map_or_else(fallback, Ok)?,
            locale: sarai_domain::devportal::values::Locale::default(),
            mirror,
        };
        let mut account = DeveloperAccount::register(new, now)?;
        if let Some(version) = &identity.terms_version {
            // Others than the current ones are accepted anew.
            let _ = account.accept_terms(version, &self.devportal.current_terms, now);
        }
        let context = sarai_ports::Context { claim: None, ..call.context("account.register", &id, now) };
        let scope = Scope::Tenant(call.principal.tenant_id.clone());
        match self.save(self.devportal.accounts(), &scope, account.clone(), context).await {
            Ok(version) => Ok(Loaded { aggregate: account, version: version.unwrap_or(1) }),
            Err(StoreError::Taken(UniqueKey::AccountIdentity)) => Err(AccountError::AlreadyRegistered.into()),
            Err(error) => Err(error.into()),
        }
    }

    async fn mirrored(
        &self,
        account: &DeveloperAccount,
        seen: &Mirror,
    ) -> Result<Loaded<DeveloperAccount>, AppError> {
        let (id, now) = (account.id(), self.now());
        let scope = Scope::Within(account.data().tenant_id.clone());
        let context = self.worker_context("account.mirror", &id);
        let accounts = self.devportal.accounts();
        self.change(accounts, &scope, &id, context, |account| Ok(account.mirror(seen, now)?)).await
    }

    /// Follows what the auth-service tells of an account; one that never signed in here is registered.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn account_told(&self, told: &AuthAccount) -> Result<(), AppError> {
        let seen = Mirror {
            seq: told.sequence,
            contact_email: Some(told.email.clone()),
            email_verified: Some(told.email_verified),
            mfa_enrolled: Some(told.mfa_enrolled),
            disabled: Some(told.disabled),
        };
        let accounts = self.devportal.accounts();
        match accounts.find_by_identity(&Scope::System, &told.account_id).await? {
            Some(account) => self.mirrored(&account, &seen).await.map(drop),
            // Its owner has never been here: it is registered with the first sign-in, which knows all this.
            None => Ok(()),
        }
    }
}

/// What a token says of its account.
fn identity_of(call: &Call) -> Result<Identity, AppError> {
    match &call.principal.via {
        Via::Token(Some(identity)) => Ok(identity.clone()),
        Via::Token(None) | Via::Key(_) => {
            let account_id = AccountId::try_new(call.principal.user_id.as_str());
            Ok(Identity {
                account_id: account_id.map_err(|_| AppError::not_found("account"))?,
                sequence: 0,
                email_verified: false,
                mfa_enrolled: false,
                terms_version: None,
            })
        }
    }
}

fn mirror_of(call: &Call, identity: &Identity) -> Mirror {
    let email = call.principal.email.clone();
    Mirror {
        // A first number that a token without one still has.
        seq: identity.sequence.max(1),
        contact_email: email.or_else(|| Some(format!("{}@invalid.example", identity.account_id))),
        email_verified: Some(identity.email_verified),
        mfa_enrolled: Some(identity.mfa_enrolled),
        disabled: None,
    }
}
