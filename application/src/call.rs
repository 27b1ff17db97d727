//! One request as the use cases see it.

use sarai_domain::{
    devportal::{
        api_key::KeyError,
        values::{Environment, Scope as KeyScope},
    },
    kernel::{Kind, Timestamp},
};
use sarai_ports::{
    Cause, Context, Scope,
    auth::{Principal, Role},
    idempotency::Claim,
};

use crate::AppError;

/// Who asks, in which request, under which idempotency key.
#[derive(Debug, Clone)]
pub struct Call {
    /// The authenticated caller.
    pub principal: Principal,
    /// The request's id.
    pub request_id: Option<String>,
    /// The idempotency key to be claimed with the effect.
    pub claim: Option<Claim>,
    /// Why, where the operation demands a reason.
    pub reason: Option<String>,
}

impl Call {
    /// The caller's own tenant as a scope; a key's world with it.
    pub fn scope(&self) -> Scope {
        let tenant = self.principal.tenant_id.clone();
        match self.principal.key() {
            Some(grant) => Scope::World(tenant, grant.environment),
            None => Scope::Tenant(tenant),
        }
    }

    /// The caller's tenant in one world: a key's own, which is the only one it may name; for whoever is signed in the
    /// one named, else production (ruling R6).
    ///
    /// # Errors
    /// `key.environment_mismatch` for a key of the other.
    pub fn environment(&self, named: Option<Environment>) -> Result<Environment, AppError> {
        match (self.principal.key().map(|grant| grant.environment), named) {
            (Some(own), Some(named)) if own != named => Err(KeyError::OtherEnvironment { own }.into()),
            (Some(own), _) => Ok(own),
            (None, named) => Ok(named.unwrap_or(Environment::Production)),
        }
    }

    /// The scope in which the row of an id is looked for: of the world named; of either where none is, because the
    /// id says which.
    ///
    /// # Errors
    /// As [`Call::environment`].
    pub fn scope_named(&self, named: Option<Environment>) -> Result<Scope, AppError> {
        match named {
            Some(_) => Ok(self.scope_in(self.environment(named)?)),
            None => Ok(self.scope()),
        }
    }

    /// The caller's tenant in this world.
    pub fn scope_in(&self, environment: Environment) -> Scope {
        Scope::World(self.principal.tenant_id.clone(), environment)
    }

    /// Refuses whoever has none of these roles and no key with this scope: the last check behind the table of
    /// operations.
    ///
    /// # Errors
    /// `forbidden`, `insufficient_scope`.
    pub fn require(&self, roles: &[Role], scope: KeyScope) -> Result<(), AppError> {
        match self.principal.key() {
            Some(grant) if grant.scopes.contains(scope) => Ok(()),
            Some(_) => {
                Err(AppError::new(Kind::Forbidden, "insufficient_scope", format!("the key lacks {scope}")))
            }
            None if roles.iter().any(|role| self.principal.has(*role)) => Ok(()),
            None => Err(AppError::forbidden("the caller's roles do not allow this")),
        }
    }

    /// The platform's scope, for its staff only.
    ///
    /// # Errors
    /// `forbidden` for everybody else: the last check behind the table of operations.
    pub fn platform_scope(&self) -> Result<Scope, AppError> {
        if self.principal.has(Role::PlatformAdmin) {
            Ok(Scope::PlatformAdmin)
        } else {
            Err(AppError::forbidden("only the platform's staff may do this"))
        }
    }

    /// The platform's scope, for its staff and for keys with this scope of theirs, which only they are given (K-INV-3).
    ///
    /// # Errors
    /// As [`Call::require`].
    pub fn publishing_scope(&self, scope: KeyScope) -> Result<Scope, AppError> {
        self.require(&[Role::PlatformAdmin], scope)?;
        Ok(Scope::PlatformAdmin)
    }

    /// The scope in which the caller reads: the platform's staff see every tenant's rows.
    pub fn reading_scope(&self) -> Scope {
        if self.principal.has(Role::PlatformAdmin) { Scope::PlatformAdmin } else { self.scope() }
    }

    /// What a unit of this request carries.
    pub fn context(&self, action: &'static str, correlation_id: &impl ToString, now: Timestamp) -> Context {
        Context {
            now,
            cause: Cause {
                actor: self.principal.user_id.to_string(),
                action,
                correlation_id: correlation_id.to_string(),
                causation_id: None,
                request_id: self.request_id.clone(),
                reason: self.reason.clone(),
            },
            consumed: None,
            claim: self.claim.clone(),
        }
    }
}
