//! A key's stored document: everything about it but its secret.

use serde::{Deserialize, Serialize};

use super::{
    AuthRevocation, EffectiveStatus, KeyAction, KeyAdmission, KeyState, RevokedReason, notice::ExpiryNotice,
};
use crate::{
    devportal::values::{CidrBlock, Environment, KeyTrace, Label, ScopeSet},
    kernel::{ApiKeyId, DeveloperAccountId, LastTransition, SandboxId, TenantId, Timestamp, UserId},
};

/// Who created a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyCreator {
    /// Somebody who was signed in.
    User(UserId),
    /// A key with the scope to create keys.
    Key(ApiKeyId),
}

/// What a successor remembers of the rotation it came by, so that one that was interrupted can be finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rotation {
    /// The key it succeeds.
    pub predecessor: ApiKeyId,
    /// When that one retires: `min(now + grace, expiresAt)`.
    pub retire_at: Timestamp,
}

/// The stored document of a key (K-INV-1: no secret, no hash of one).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyData {
    /// The key, as the portal and the auth-service call it.
    pub id: ApiKeyId,
    /// Whose it is.
    pub account_id: DeveloperAccountId,
    /// Its tenant.
    pub tenant_id: TenantId,
    /// Its environment.
    pub environment: Environment,
    /// The sandbox it is bound to (R7); only in SANDBOX.
    pub sandbox_id: Option<SandboxId>,
    /// What its owner calls it.
    pub label: Label,
    /// Its beginning and its end, once it is issued.
    pub trace: Option<KeyTrace>,
    /// What it may do.
    pub scopes: ScopeSet,
    /// Where it may be used from; empty: from everywhere.
    pub ip_allow_list: Vec<CidrBlock>,
    /// From when on it does not work; none: no such time.
    pub expires_at: Option<Timestamp>,
    /// Where it stands.
    pub state: KeyState,
    /// The rotation it came by.
    pub rotation: Option<Rotation>,
    /// Its successor.
    pub replaced_by: Option<ApiKeyId>,
    /// From when on its successor is alone.
    pub retire_at: Option<Timestamp>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// From which neighbourhood.
    pub last_used_from: Option<CidrBlock>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Why.
    pub revoked_reason: Option<RevokedReason>,
    /// Whether the auth-service knows.
    pub auth_revocation: Option<AuthRevocation>,
    /// Who created it.
    pub created_by: KeyCreator,
    /// What its creation was admitted on.
    pub admission: KeyAdmission,
    /// The latest notice of its expiry.
    pub expiry_notice: Option<ExpiryNotice>,
    /// What led to the current state.
    pub last_transition: Option<LastTransition<KeyAction>>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// When it changed last; its use does not count.
    pub updated_at: Timestamp,
}

impl ApiKeyData {
    /// The key it succeeds.
    pub fn rotated_from(&self) -> Option<ApiKeyId> {
        self.rotation.map(|rotation| rotation.predecessor)
    }

    /// From when on it does not work: the earlier of `expiresAt` and `retireAt`.
    pub fn ends_at(&self) -> Option<Timestamp> {
        [self.expires_at, self.retire_at].into_iter().flatten().min()
    }

    /// What is shown of it, time applied.
    pub fn effective_status(&self, now: Timestamp) -> EffectiveStatus {
        let over = self.ends_at().is_some_and(|end| now >= end);
        match self.state {
            KeyState::Active if !over => EffectiveStatus::Active,
            KeyState::Active | KeyState::Requested | KeyState::Revoked | KeyState::Discarded => {
                EffectiveStatus::Revoked
            }
        }
    }

    /// Whether its owner sees it.
    pub fn is_visible(&self) -> bool {
        matches!(self.state, KeyState::Active | KeyState::Revoked)
    }

    /// Under which text a store keeps its label unique (R24). A successor shares its predecessor's label and has no
    /// slot of its own.
    pub fn label_slot(&self) -> Option<String> {
        let holds = matches!(self.state, KeyState::Requested | KeyState::Active) && self.rotation.is_none();
        let sandbox = self.sandbox_id.map(|id| id.to_string()).unwrap_or_default();
        let (account, environment) = (self.account_id, self.environment.as_str());
        holds.then(|| format!("{account}:{environment}:{sandbox}:{}", self.label))
    }

    /// Under which text a store keeps a key's one successor unique (K-INV-7). A discarded one gives it back.
    pub fn successor_slot(&self) -> Option<String> {
        self.rotated_from().filter(|_| self.state != KeyState::Discarded).map(|id| id.to_string())
    }
}
