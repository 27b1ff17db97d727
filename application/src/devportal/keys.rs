//! API keys: asked for, issued, rotated, revoked (devportal.md 3.3). Their secrets are the auth-service's.

use std::{collections::BTreeSet, sync::Arc};

use sarai_domain::{
    devportal::{
        account::DeveloperAccount,
        api_key::{
            ApiKey, EffectiveStatus, KeyAdmission, KeyCaller, KeyError, KeyWarning, MAX_KEYS, NewApiKey,
            RevokedReason, RotationPreview,
        },
        sandbox::{SandboxError, SandboxSession},
        values::{CidrBlock, Environment, HttpsUrl, KeyTrace, Label, RawKey, Scope as KeyScope, ScopeSet},
    },
    kernel::{Aggregate, ApiKeyId, Outcome, SandboxId, Timestamp},
};
use sarai_ports::{
    Context, GatewayError, Page, PageRequest, Scope,
    auth::Role,
    devportal::{IssuedKey, KeyFilter, KeyRefusal, LabelSlot, sandboxes::SandboxRepository},
};
use time::Duration;

use super::key_course::{grant_of, terms_of};
use crate::{AppError, Call, Loaded, Ports, app::at_version};

/// Whose routes keys are, beside keys with a scope.
const USERS: &[Role] = &[Role::Developer, Role::Customer];

/// A key that somebody asks for.
#[derive(Debug, Clone)]
pub struct KeyRequest {
    /// What its owner calls it.
    pub label: Label,
    /// Its environment; the caller's where none is named.
    pub environment: Option<Environment>,
    /// What it may do.
    pub scopes: ScopeSet,
    /// Where it may be used from; empty: from everywhere.
    pub ip_allow_list: Vec<CidrBlock>,
    /// The sandbox it is bound to.
    pub sandbox_id: Option<SandboxId>,
    /// From when on it does not work.
    pub expires_at: Option<Timestamp>,
}

/// A key with its secret, which is told this once.
#[derive(Debug)]
pub struct CreatedKey {
    /// The key.
    pub key: Loaded<ApiKey>,
    /// Its secret.
    pub secret: RawKey,
}

/// A key that took another one's place.
#[derive(Debug)]
pub struct RotatedKey {
    /// The successor.
    pub created: CreatedKey,
    /// The key it succeeds.
    pub previous: ApiKey,
    /// What a preview would have said against it (devportal.md 5 item 9).
    pub warnings: Vec<KeyWarning>,
}

/// The use cases of keys.
#[derive(Clone)]
pub struct Keys {
    ports: Arc<Ports>,
}

impl Keys {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// Business time, in which what a key is now is shown.
    pub fn now(&self) -> Timestamp {
        self.ports.now()
    }

    /// Creates a key: its row first, then its secret.
    ///
    /// # Errors
    /// What [`ApiKey::request`] refuses; `unavailable` when the secret was not issued, and then nothing is left of it.
    pub async fn create(&self, call: &Call, request: KeyRequest) -> Result<CreatedKey, AppError> {
        call.require(USERS, KeyScope::KeysWrite)?;
        let account = self.ports.account_of(call).await?.aggregate;
        let own = call.principal.key().map_or(Environment::Production, |grant| grant.environment);
        let environment = request.environment.unwrap_or(own);
        let sandbox_id = self.binding(call, environment, request.sandbox_id).await?;
        let slot =
            LabelSlot { account_id: account.id(), environment, sandbox_id, label: request.label.clone() };
        let _turn = self.ports.lanes.enter(&format!("{}:{}", slot.account_id, environment.as_str())).await;
        let now = self.ports.now();
        let admission = self.admission(call, &account, &slot, now).await?;
        let new = NewApiKey {
            id: ApiKeyId::new(self.ports.ulid()),
            environment,
            sandbox_id,
            label: request.label,
            scopes: request.scopes,
            ip_allow_list: request.ip_allow_list,
            expires_at: request.expires_at,
        };
        let key = ApiKey::request(new, admission, now)?;
        self.issue(call, "key.create", key, &slot).await
    }

    /// The sandbox that a new key is bound to (ruling R7): the one asked for, which is there and open; of a key that is bound
    /// itself its own.
    async fn binding(
        &self,
        call: &Call,
        environment: Environment,
        asked: Option<SandboxId>,
    ) -> Result<Option<SandboxId>, AppError> {
        let own = sandbox_of(call);
        let Some(id) = asked.or(own) else { return Ok(None) };
        if environment == Environment::Production {
            return Err(KeyError::SandboxMisplaced.into());
        }
        self.ports.open_sandbox(call, id).await?;
        Ok(Some(id))
    }

    /// One key of the caller's tenant.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(
        &self,
        call: &Call,
        id: ApiKeyId,
        environment: Option<Environment>,
    ) -> Result<ApiKey, AppError> {
        call.require(USERS, KeyScope::KeysRead)?;
        self.visible(call, &call.scope_named(environment)?, id).await
    }

    /// The keys of the caller's tenant in one environment.
    ///
    /// # Errors
    /// `key.environment_mismatch`.
    pub async fn list(
        &self,
        call: &Call,
        environment: Option<Environment>,
        status: Option<EffectiveStatus>,
        page: &PageRequest,
    ) -> Result<Page<ApiKey>, AppError> {
        call.require(USERS, KeyScope::KeysRead)?;
        let environment = call.environment(environment)?;
        let filter = KeyFilter { environment, status, now: self.ports.now(), sandbox_id: sandbox_of(call) };
        let keys = self.ports.devportal.keys();
        let tenant = &call.principal.tenant_id;
        Ok(keys.find_by_tenant(&call.scope_in(environment), tenant, &filter, page).await?)
    }

    /// Changes a key's label and where it may be used from; `version` is what the editor saw.
    ///
    /// # Errors
    /// `precondition_failed`, and what [`ApiKey::edit`] refuses.
    pub async fn edit(
        &self,
        call: &Call,
        id: ApiKeyId,
        version: u64,
        label: Option<Label>,
        ip_allow_list: Option<Vec<CidrBlock>>,
    ) -> Result<Loaded<ApiKey>, AppError> {
        call.require(USERS, KeyScope::KeysWrite)?;
        self.ports.require_active(call).await?;
        let scope = call.scope();
        let known = self.visible(call, &scope, id).await?;
        let now = self.ports.now();
        let (data, context) = (known.data(), call.context("key.edit", &id, now));
        let slot = LabelSlot {
            account_id: data.account_id,
            environment: data.environment,
            sandbox_id: data.sandbox_id,
            label: label.clone().unwrap_or_else(|| data.label.clone()),
        };
        let keys = self.ports.devportal.keys();
        let same_label = keys.in_effect(&scope, &slot, now).await?.same_label;
        let edited = self
            .ports
            .change(keys, &scope, &id, context, |key| {
                at_version(key.version(), version)?;
                let blocks = ip_allow_list.clone().unwrap_or_else(|| key.data().ip_allow_list.clone());
                Ok(key.edit(slot.label.clone(), blocks, &same_label, now)?)
            })
            .await?;
        if edited.aggregate.data().ip_allow_list != data.ip_allow_list {
            let terms = terms_of(edited.aggregate.data(), edited.version);
            match self.ports.devportal.key_issuer.amend(&id, &terms).await {
                // It is over there: it works from nowhere.
                Err(GatewayError::Refused { code }) => {
                    tracing::warn!(key = %id, code, "terms were not taken");
                }
                told => told?,
            }
            self.ports.devportal.key_authenticator.forget(&id);
        }
        Ok(edited)
    }

    /// What a rotation would do.
    ///
    /// # Errors
    /// As [`Keys::rotate`].
    pub async fn preview_rotation(
        &self,
        call: &Call,
        id: ApiKeyId,
        overlap_seconds: u32,
    ) -> Result<(ApiKey, RotationPreview), AppError> {
        call.require(USERS, KeyScope::KeysWrite)?;
        let key = self.visible(call, &call.scope(), id).await?;
        let preview = key.preview_rotation(seconds(overlap_seconds), self.ports.now())?;
        Ok((key, preview))
    }

    /// Puts a new key in the place of one: the successor first, then the one it succeeds (decision 11).
    ///
    /// # Errors
    /// `key.not_rotatable`, `key.overlap_out_of_range`, and those of [`Keys::create`].
    pub async fn rotate(
        &self,
        call: &Call,
        id: ApiKeyId,
        overlap_seconds: u32,
    ) -> Result<RotatedKey, AppError> {
        call.require(USERS, KeyScope::KeysWrite)?;
        let scope = call.scope();
        let old = self.visible(call, &scope, id).await?;
        let data = old.data();
        let tenant = Scope::Within(data.tenant_id.clone());
        let account = self.ports.devportal.accounts().find(&tenant, &data.account_id).await?;
        let account = account.ok_or_else(|| AppError::not_found("account"))?;
        let slot = LabelSlot {
            account_id: data.account_id,
            environment: data.environment,
            sandbox_id: data.sandbox_id,
            label: data.label.clone(),
        };
        let now = self.ports.now();
        let admission = self.admission(call, &account, &slot, now).await?;
        let (id_of_successor, overlap) = (ApiKeyId::new(self.ports.ulid()), seconds(overlap_seconds));
        let warnings = old.preview_rotation(overlap, now)?.warnings;
        let successor = old.request_successor(id_of_successor, overlap, admission, now)?;
        let created = self.issue(call, "key.rotate", successor, &slot).await?;
        let context = Context { claim: None, ..call.context("key.replace", &id, now) };
        let successor = created.key.aggregate.data();
        let keys = self.ports.devportal.keys();
        let command = |key: &mut ApiKey| Ok(key.replace(successor, now)?);
        // The successor works, and its secret is told this once: whatever stops here is finished by the upkeep.
        let previous = match self.ports.change(keys, &scope, &id, context, command).await {
            Ok(replaced) => replaced.aggregate,
            Err(error) => {
                tracing::warn!(key = %id, code = error.code, "a rotation stopped half-way and is finished later");
                old
            }
        };
        Ok(RotatedKey { created, previous, warnings })
    }

    /// Ends a key, at once and for ever.
    ///
    /// # Errors
    /// `not_found`; `key.revoked` when it ended for another reason.
    pub async fn revoke(&self, call: &Call, id: ApiKeyId) -> Result<ApiKey, AppError> {
        call.require(USERS, KeyScope::KeysWrite)?;
        let (scope, now) = (call.scope(), self.ports.now());
        self.visible(call, &scope, id).await?;
        let context = call.context("key.revoke", &id, now);
        let keys = self.ports.devportal.keys();
        let command = |key: &mut ApiKey| Ok(key.revoke(RevokedReason::User, now)?);
        let revoked = self.ports.change(keys, &scope, &id, context, command).await?;
        self.end_at_once(&id).await;
        Ok(revoked.aggregate)
    }

    /// Ends the key that this text is, because it was found in public; whether it was one that worked.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn exposed(&self, text: &str, found_at: Option<HttpsUrl>) -> Result<bool, AppError> {
        let devportal = &self.ports.devportal;
        let Ok(raw) = RawKey::parse(text) else { return Ok(false) };
        let grant = match devportal.key_authenticator.verify(&raw).await {
            Ok(grant) => grant,
            Err(KeyRefusal::Invalid) => return Ok(false),
            Err(KeyRefusal::Gateway(error)) => return Err(error.into()),
        };
        let (id, now) = (grant.key_id, self.ports.now());
        let scope = Scope::Within(grant.tenant_id);
        let context = self.ports.worker_context("key.expose", &id);
        let command = |key: &mut ApiKey| Ok(key.expose(found_at.clone(), now)?);
        self.ports.change(devportal.keys(), &scope, &id, context, command).await?;
        self.end_at_once(&id).await;
        Ok(true)
    }

    /// Tells the auth-service of a key's end (ruling R24). Should it not hear it now, the event's consumer tells it again.
    async fn end_at_once(&self, id: &ApiKeyId) {
        if let Err(error) = self.ports.devportal.key_issuer.revoke(id).await {
            tracing::warn!(key = %id, %error, "the end of a key is told again");
        }
        self.ports.devportal.key_authenticator.forget(id);
    }

    /// A key that the caller sees.
    async fn visible(&self, call: &Call, scope: &Scope, id: ApiKeyId) -> Result<ApiKey, AppError> {
        let found = self.ports.devportal.keys().find(scope, &id).await?;
        let seen = found.filter(|key| key.data().is_visible() && reaches(call, key.data().sandbox_id));
        seen.ok_or_else(|| AppError::not_found("key"))
    }

    /// What a new key is decided on.
    async fn admission(
        &self,
        call: &Call,
        account: &DeveloperAccount,
        slot: &LabelSlot,
        now: Timestamp,
    ) -> Result<KeyAdmission, AppError> {
        let tenant = Scope::Within(account.data().tenant_id.clone());
        let caller = match call.principal.key() {
            Some(grant) => KeyCaller::Key {
                key_id: grant.key_id,
                scopes: grant.scopes.clone(),
                environment: grant.environment,
            },
            None => KeyCaller::User { user_id: call.principal.user_id.clone() },
        };
        Ok(KeyAdmission {
            standing: self.ports.standing_of(account),
            grantable: grantable(call),
            caller,
            in_effect: self.ports.devportal.keys().in_effect(&tenant, slot, now).await?,
        })
    }

    /// Stores a key that is asked for, has its secret issued, and puts it into use. What was not issued is as if it
    /// had never been, its idempotency key included (ruling R24).
    async fn issue(
        &self,
        call: &Call,
        action: &'static str,
        key: ApiKey,
        slot: &LabelSlot,
    ) -> Result<CreatedKey, AppError> {
        let (id, now) = (key.id(), self.ports.now());
        let scope = call.scope_in(key.data().environment);
        let keys = self.ports.devportal.keys();
        self.ports.save(keys, &scope, key.clone(), call.context(action, &id, now)).await?;
        // Others may have been as quick: of keys beyond the limit each sees the others and gives way (K-INV-9).
        if keys.in_effect(&scope, slot, now).await?.count > MAX_KEYS {
            self.ports.discard_key(&scope, id).await?;
            return Err(KeyError::LimitReached.into());
        }
        let issued = self.ports.devportal.key_issuer.issue(&grant_of(key.data(), 1)).await;
        let secret = match issued {
            Ok(IssuedKey::Fresh(secret)) => secret,
            failed => {
                if let Err(error) = failed {
                    tracing::warn!(key = %id, %error, "the secret of a key was not issued");
                }
                // Who cannot be reached now is told by a worker; whoever died here is helped by the reaper.
                if let Err(error) = self.ports.discard_key(&scope, id).await {
                    tracing::warn!(key = %id, code = error.code, "a key that was not issued waits for the reaper");
                }
                return Err(AppError::new(
                    sarai_domain::kernel::Kind::Unavailable,
                    "unavailable",
                    "the secret of the key was not issued",
                ));
            }
        };
        let trace = KeyTrace::of(secret.expose()).map_err(KeyError::from)?;
        let context = Context { claim: None, ..call.context("key.issue", &id, now) };
        let command = |key: &mut ApiKey| Ok(key.confirm_issued(trace.clone(), now)?);
        let key = self.ports.change(keys, &scope, &id, context, command).await?;
        Ok(CreatedKey { key, secret })
    }
}

impl Ports {
    /// That a caller's sandbox is there and open, so that something can be bound to it; to a key that is bound itself there is
    /// no other than its own.
    pub(super) async fn open_sandbox(&self, call: &Call, id: SandboxId) -> Result<(), AppError> {
        let not_there = || AppError::not_found(SandboxSession::NAME);
        if sandbox_of(call).is_some_and(|own| own != id) {
            return Err(not_there());
        }
        let sandboxes: &dyn SandboxRepository = &*self.devportal.store;
        let found = sandboxes.find(&call.scope_in(Environment::Sandbox), &id).await?;
        let sandbox = found.ok_or_else(not_there)?;
        if sandbox.data().state.is_terminal() || self.clock.real() >= sandbox.data().expires_at {
            return Err(SandboxError::Closed.into());
        }
        Ok(())
    }

    /// Ends a key because its account is being closed; one that was never issued is discarded.
    pub(super) async fn end_key_of_account(
        &self,
        call: &Call,
        scope: &Scope,
        id: ApiKeyId,
    ) -> Result<(), AppError> {
        use sarai_domain::devportal::api_key::KeyState;
        let now = self.now();
        let context = Context { claim: None, ..call.context("key.revoke", &id, now) };
        let command = |key: &mut ApiKey| match key.data().state {
            KeyState::Requested => Ok(key.discard(now)?),
            KeyState::Active => Ok(key.revoke(RevokedReason::AccountClosed, now)?),
            KeyState::Revoked | KeyState::Discarded => Ok(Outcome::AlreadyApplied),
        };
        self.change(self.devportal.keys(), scope, &id, context, command).await?;
        self.devportal.key_authenticator.forget(&id);
        Ok(())
    }
}

/// The scopes that a caller can give. What buys for the whole tenant is given by who acts for it (ruling R64), or by a key that
/// has it.
fn grantable(call: &Call) -> BTreeSet<KeyScope> {
    let principal = &call.principal;
    let staff = principal.has(Role::PlatformAdmin);
    let own = principal.key().is_some_and(|grant| grant.scopes.contains(KeyScope::MarketWrite));
    let mut scopes = KeyScope::grantable(staff);
    if !(staff || own || principal.has(Role::TenantAdmin)) {
        scopes.remove(&KeyScope::MarketWrite);
    }
    scopes
}

fn seconds(seconds: u32) -> Duration {
    Duration::seconds(i64::from(seconds))
}

/// Whether a caller reaches what is of this sandbox, or of none: a key that is bound to one reaches nothing else (ruling R7).
pub(super) fn reaches(call: &Call, of: Option<SandboxId>) -> bool {
    sandbox_of(call).is_none_or(|bound| of == Some(bound))
}

/// The sandbox a key is bound to, for callers that name none.
pub fn sandbox_of(call: &Call) -> Option<SandboxId> {
    call.principal.key().and_then(|grant| grant.sandbox_id)
}
