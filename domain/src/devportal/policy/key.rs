//! What names a policy: tenant and environment.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{devportal::values::Environment, kernel::TenantId};

/// The key of a policy. In text `tenant:PRODUCTION`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyKey {
    /// Whose.
    pub tenant_id: TenantId,
    /// In which world.
    pub environment: Environment,
}

/// The text is not a policy's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a policy's key is tenant and environment, such as acme:PRODUCTION")]
pub struct PolicyKeyError;

impl fmt::Display for PolicyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.tenant_id, self.environment.as_str())
    }
}

impl FromStr for PolicyKey {
    type Err = PolicyKeyError;

    fn from_str(text: &str) -> Result<Self, PolicyKeyError> {
        // From the right: a tenant's id may contain a colon.
        let (tenant, environment) = text.rsplit_once(':').ok_or(PolicyKeyError)?;
        let environment = Environment::ALL.iter().find(|one| one.as_str() == environment);
        Ok(Self {
            tenant_id: tenant.parse().map_err(|_| PolicyKeyError)?,
            environment: *environment.ok_or(PolicyKeyError)?,
        })
    }
}

/// The key of a spend policy: the same, under a name of its own, because events are ordered by the key of what they tell
/// of. In text `spend:tenant:PRODUCTION`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpendPolicyKey(pub PolicyKey);

/// What comes before the text.
const SPEND: &str = "spend:";

impl fmt::Display for SpendPolicyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SPEND}{}", self.0)
    }
}

impl FromStr for SpendPolicyKey {
    type Err = PolicyKeyError;

    fn from_str(text: &str) -> Result<Self, PolicyKeyError> {
        text.strip_prefix(SPEND).ok_or(PolicyKeyError)?.parse().map(Self)
    }
}
