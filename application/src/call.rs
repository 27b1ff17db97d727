//! One request as the use cases see it.

use sarai_domain::kernel::Timestamp;
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
    /// The caller's own tenant as a scope.
    pub fn scope(&self) -> Scope {
        Scope::Tenant(self.principal.tenant_id.clone())
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
