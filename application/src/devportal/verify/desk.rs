//! Who asks Verify for something, and what developers read of it.

use sarai_domain::{
    devportal::{
        api_key::KeyError,
        policy::{FailureKey, PolicySettings, SpendCaps, SpendPolicy, SpendPolicyKey, VerifyPolicy},
        values::{Address, CountryCode, Environment, Scope as KeyScope},
        verify::VerifySession,
    },
    kernel::{Aggregate as _, Outcome, SandboxId, TenantId, VerificationId},
};
use sarai_ports::{
    Page, PageRequest, Repository, Scope, StoreError,
    audit::Deed,
    auth::Role,
    devportal::{
        policies::{SpendPolicyRepository, VerifyPolicyRepository, policy_key},
        sandboxes::SandboxRepository,
        verify::{SessionFilter, World},
    },
};

use super::{Caller, Shown, TRIES, Verify, reached};
use crate::{AppError, Call, Loaded, app::at_version};

/// Whose Verify is, beside keys with a scope.
const USERS: &[Role] = &[Role::Developer];

impl Verify {
    /// The key that asks for a verification, with what is known of its account.
    ///
    /// # Errors
    /// `insufficient_scope`, what the account may not, and `not_found` for another sandbox than the key is bound to.
    pub async fn caller(&self, call: &Call, named: Option<SandboxId>) -> Result<Caller, AppError> {
        Self::send_scope(call)?;
        let sandbox_id = Self::sandbox_named(call, named)?;
        let grant = call.principal.key().ok_or_else(|| AppError::forbidden("only keys verify"))?;
        let account = self.ports.account_of(call).await?.aggregate;
        let standing = self.ports.standing_of(&account);
        match grant.environment {
            Environment::Production => standing.require_production().map_err(KeyError::NoProduction)?,
            Environment::Sandbox => standing.require_active()?,
        }
        let data = account.data();
        let name = data.company_name.as_ref().map(ToString::to_string);
        Ok(Caller {
            tenant_id: grant.tenant_id.clone(),
            account_id: grant.account_id,
            key_id: grant.key_id,
            environment: grant.environment,
            sandbox_id,
            brand: name.unwrap_or_else(|| data.display_name.to_string()),
        })
    }

    /// Refuses whoever comes without a key that may send.
    pub(super) fn send_scope(call: &Call) -> Result<(), AppError> {
        call.require(&[], KeyScope::VerifySend)
    }

    /// The sandbox that is meant: the one the key is bound to, which is the only one it may name, else the one named.
    fn sandbox_named(call: &Call, named: Option<SandboxId>) -> Result<Option<SandboxId>, AppError> {
        let grant = call.principal.key();
        match (grant.map(|grant| grant.environment), grant.and_then(|grant| grant.sandbox_id), named) {
            (Some(own @ Environment::Production), _, Some(_)) => {
                Err(KeyError::OtherEnvironment { own }.into())
            }
            (_, Some(bound), Some(named)) if bound != named => Err(AppError::not_found("sandbox")),
            (_, bound, named) => Ok(bound.or(named)),
        }
    }

    /// One session of the caller's tenant. Whoever may begin one may read it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(
        &self,
        call: &Call,
        environment: Option<Environment>,
        id: VerificationId,
    ) -> Result<Shown, AppError> {
        call.require(USERS, KeyScope::VerifyRead)
            .or_else(|refused| Self::send_scope(call).map_err(|_| refused))?;
        let shown = self.show(&call.scope_named(environment)?, id).await?;
        reached(call, &shown.session)?;
        Ok(shown)
    }

    /// The sessions of the caller's tenant in one world, newest first: in a sandbox the one named, else the default.
    ///
    /// # Errors
    /// `key.environment_mismatch`, and `not_found` for a sandbox of somebody else.
    pub async fn list(
        &self,
        call: &Call,
        environment: Option<Environment>,
        named: Option<SandboxId>,
        filter: SessionFilter,
        page: &PageRequest,
    ) -> Result<Page<VerifySession>, AppError> {
        call.require(USERS, KeyScope::VerifyRead)?;
        let environment = call.environment(environment)?;
        let (scope, tenant) = (call.scope_in(environment), &call.principal.tenant_id);
        let sandbox_id = match environment {
            Environment::Production => None,
            Environment::Sandbox => match self.sandbox_read(call, &scope, named).await? {
                None => return Ok(Page { items: Vec::new(), next: None, prev: None }),
                found => found,
            },
        };
        Ok(self.sessions().list(&scope, World { tenant, environment, sandbox_id }, filter, page).await?)
    }

    /// The sandbox that a reader means; none where there is none yet.
    async fn sandbox_read(
        &self,
        call: &Call,
        scope: &Scope,
        named: Option<SandboxId>,
    ) -> Result<Option<SandboxId>, AppError> {
        if let Some(id) = Self::sandbox_named(call, named)? {
            return Ok(Some(self.sandbox(scope, id).await?.id()));
        }
        let account = self.ports.account_of(call).await?.aggregate.id();
        let sandboxes: &dyn SandboxRepository = &*self.ports.devportal.store;
        Ok(sandboxes.find_default_sandbox(scope, account).await?.map(|sandbox| sandbox.id()))
    }

    /// Where and how the caller's tenant sends codes in one world; the defaults at version 0.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn verify_policy(
        &self,
        call: &Call,
        environment: Option<Environment>,
    ) -> Result<VerifyPolicy, AppError> {
        let (scope, environment) = Self::own_world(call, environment)?;
        self.policy(&scope, &call.principal.tenant_id, environment).await
    }

    /// How much it spends there.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn spend_policy(
        &self,
        call: &Call,
        environment: Option<Environment>,
    ) -> Result<SpendPolicy, AppError> {
        let (scope, environment) = Self::own_world(call, environment)?;
        self.spending(&scope, &call.principal.tenant_id, environment).await
    }

    /// Sets all of the policy; `version` is what the editor saw.
    ///
    /// # Errors
    /// `precondition_failed`, and what [`VerifyPolicy::set`] refuses.
    pub async fn set_verify_policy(
        &self,
        call: &Call,
        environment: Option<Environment>,
        version: u64,
        settings: PolicySettings,
    ) -> Result<Loaded<VerifyPolicy>, AppError> {
        let (scope, environment) = Self::own_world(call, environment)?;
        self.ports.require_active(call).await?;
        let policies: &dyn VerifyPolicyRepository = &*self.ports.devportal.store;
        let key = policy_key(&call.principal.tenant_id, environment);
        let now = self.ports.now();
        let context = call.context("verify_policy.set", &key, now);
        let home = self.tools()?.home_country;
        for attempt in 1..=TRIES {
            let found = Repository::<VerifyPolicy>::find(policies, &scope, &key).await?;
            let mut policy = found.unwrap_or_else(|| VerifyPolicy::default_for(key.clone(), home, now));
            at_version(policy.version(), version)?;
            let _ = policy.set(settings.clone(), now)?;
            match self.ports.save(policies, &scope, policy.clone(), context.clone()).await {
                Ok(saved) => return Ok(Loaded { version: saved.unwrap_or(version), aggregate: policy }),
                Err(StoreError::Conflict { .. }) => self.ports.lanes.pause(attempt.min(5)).await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict { aggregate: VerifyPolicy::NAME }.into())
    }

    /// Lets codes be sent to one country more, in one call: the answer to a start that was refused for it (devportal.md 5,
    /// item 3).
    ///
    /// # Errors
    /// What [`VerifyPolicy::allow`] refuses.
    pub async fn allow_country(
        &self,
        call: &Call,
        environment: Option<Environment>,
        country: CountryCode,
    ) -> Result<Loaded<VerifyPolicy>, AppError> {
        let (scope, environment) = Self::own_world(call, environment)?;
        self.ports.require_active(call).await?;
        let policies: &dyn VerifyPolicyRepository = &*self.ports.devportal.store;
        let (tenant, now) = (&call.principal.tenant_id, self.ports.now());
        let context = call.context("verify_policy.allow", &policy_key(tenant, environment), now);
        for attempt in 1..=TRIES {
            let mut policy = self.policy(&scope, tenant, environment).await?;
            let version = policy.version();
            if policy.allow(country, now)? == Outcome::AlreadyApplied {
                return Ok(Loaded { version, aggregate: policy });
            }
            match self.ports.save(policies, &scope, policy.clone(), context.clone()).await {
                Ok(saved) => return Ok(Loaded { version: saved.unwrap_or(version), aggregate: policy }),
                Err(StoreError::Conflict { .. }) => self.ports.lanes.pause(attempt.min(5)).await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict { aggregate: VerifyPolicy::NAME }.into())
    }

    /// Sets all of the spend policy; `version` is what the editor saw.
    ///
    /// # Errors
    /// `precondition_failed`, and what [`SpendPolicy::set`] refuses.
    pub async fn set_spend_policy(
        &self,
        call: &Call,
        environment: Option<Environment>,
        version: u64,
        caps: SpendCaps,
    ) -> Result<Loaded<SpendPolicy>, AppError> {
        let (scope, environment) = Self::own_world(call, environment)?;
        self.ports.require_active(call).await?;
        let policies: &dyn SpendPolicyRepository = &*self.ports.devportal.store;
        let key = SpendPolicyKey(policy_key(&call.principal.tenant_id, environment));
        let now = self.ports.now();
        let context = call.context("spend_policy.set", &key, now);
        for attempt in 1..=TRIES {
            let found = Repository::<SpendPolicy>::find(policies, &scope, &key).await?;
            let mut policy = found.unwrap_or_else(|| SpendPolicy::default_for(key.0.clone(), now));
            at_version(policy.version(), version)?;
            let _ = policy.set(caps, now)?;
            match self.ports.save(policies, &scope, policy.clone(), context.clone()).await {
                Ok(saved) => return Ok(Loaded { version: saved.unwrap_or(version), aggregate: policy }),
                Err(StoreError::Conflict { .. }) => self.ports.lanes.pause(attempt.min(5)).await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict { aggregate: SpendPolicy::NAME }.into())
    }

    /// Forgets the failed checks of a tenant's destination, by the platform's staff (ruling R14).
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn unlock(
        &self,
        call: &Call,
        tenant: &TenantId,
        environment: Environment,
        to: &[Address],
    ) -> Result<(), AppError> {
        let _ = call.platform_scope()?;
        let hashes = &self.tools()?.destinations;
        let key = |to: &Address| FailureKey {
            tenant_id: tenant.clone(),
            environment,
            kind: to.kind(),
            hash: hashes.hash(tenant, to),
        };
        let keys: Vec<_> = to.iter().map(key).collect();
        for key in &keys {
            let deed = Deed {
                at: self.ports.now(),
                tenant_id: tenant.clone(),
                actor: call.principal.user_id.to_string(),
                action: "verify_policy.unlock",
                target: format!("{}:{}:{}", environment.as_str(), key.kind.as_str(), key.hash),
                reason: call.reason.clone(),
                request_id: call.request_id.clone(),
            };
            self.ports.audit.note(&deed).await?;
        }
        self.sessions().unlock(&Scope::Within(tenant.clone()), &keys).await?;
        tracing::info!(
            %tenant,
            actor = %call.principal.user_id,
            reason = call.reason.as_deref().unwrap_or_default(),
            "a destination was unlocked"
        );
        Ok(())
    }

    /// The name and the public half of the key that signs approvals of a world.
    ///
    /// # Errors
    /// `unavailable` where nothing is verified.
    pub fn approval_key(&self, environment: Environment) -> Result<(String, [u8; 32]), AppError> {
        Ok(self.tools()?.approvals.key(environment))
    }

    fn own_world(call: &Call, environment: Option<Environment>) -> Result<(Scope, Environment), AppError> {
        if !USERS.iter().any(|role| call.principal.has(*role)) {
            return Err(AppError::forbidden("the caller's roles do not allow this"));
        }
        let environment = call.environment(environment)?;
        Ok((call.scope_in(environment), environment))
    }
}
