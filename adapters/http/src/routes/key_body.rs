//! Keys as they are asked for and shown.

use poem_openapi::{Enum, Object};
use sarai_application::devportal::keys::{CreatedKey, KeyRequest, RotatedKey};
use sarai_domain::{
    devportal::{
        api_key::{ApiKey, EffectiveStatus, KeyCreator, KeyWarning, RevokedReason, RotationPreview},
        values::{CidrBlock, Environment, ScopeSet},
    },
    kernel::{Aggregate, Timestamp, id::kinds},
};

use super::members::at;
use crate::{
    problem::Problem,
    scalars::{ApiId, ApiTimestamp},
};

/// Which world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "Environment", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiEnvironment {
    /// Nothing reaches a real network but signed webhooks.
    Sandbox,
    /// The real one.
    Production,
}

impl From<ApiEnvironment> for Environment {
    fn from(environment: ApiEnvironment) -> Self {
        match environment {
            ApiEnvironment::Sandbox => Self::Sandbox,
            ApiEnvironment::Production => Self::Production,
        }
    }
}

impl From<Environment> for ApiEnvironment {
    fn from(environment: Environment) -> Self {
        match environment {
            Environment::Sandbox => Self::Sandbox,
            Environment::Production => Self::Production,
        }
    }
}

/// Whether a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "KeyStatus", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiKeyStatus {
    /// It does.
    Active,
    /// It does not: revoked, expired or retired.
    Revoked,
}

impl From<ApiKeyStatus> for EffectiveStatus {
    fn from(status: ApiKeyStatus) -> Self {
        match status {
            ApiKeyStatus::Active => Self::Active,
            ApiKeyStatus::Revoked => Self::Revoked,
        }
    }
}

impl From<EffectiveStatus> for ApiKeyStatus {
    fn from(status: EffectiveStatus) -> Self {
        match status {
            EffectiveStatus::Active => Self::Active,
            EffectiveStatus::Revoked => Self::Revoked,
        }
    }
}

/// Why a key was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "RevokedReason", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiRevokedReason {
    /// Its owner revoked it.
    User,
    /// The overlap with its successor is over.
    Rotated,
    /// It expired.
    Expired,
    /// It was found in public.
    Exposed,
    /// Its account is being closed.
    AccountClosed,
    /// The platform revoked it.
    Admin,
}

impl From<RevokedReason> for ApiRevokedReason {
    fn from(reason: RevokedReason) -> Self {
        match reason {
            RevokedReason::User => Self::User,
            RevokedReason::Rotated => Self::Rotated,
            RevokedReason::Expired => Self::Expired,
            RevokedReason::Exposed => Self::Exposed,
            RevokedReason::AccountClosed => Self::AccountClosed,
            RevokedReason::Admin => Self::Admin,
        }
    }
}

/// Whether an answer holds the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "SecretState", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiSecretState {
    /// It does, this once.
    Shown,
    /// It was shown before.
    AlreadyShown,
    /// There is none: nothing was done.
    None,
}

/// A key to create.
#[derive(Debug, Object)]
#[oai(rename = "NewKey", rename_all = "camelCase")]
pub struct NewKeyBody {
    /// What it is called: one line of 1 to 64 characters.
    label: String,
    /// Its environment; the calling key's, else production.
    environment: Option<ApiEnvironment>,
    /// What it may do.
    scopes: Vec<String>,
    /// Blocks of addresses it may be used from; none: everywhere.
    #[oai(default)]
    ip_allow_list: Vec<String>,
    /// The sandbox it is bound to; none: whichever a request names.
    sandbox_id: Option<ApiId<kinds::Sandbox>>,
    /// From when on it does not work; none: no such time.
    expires_at: Option<ApiTimestamp>,
}

/// A change of a key. What is absent stays.
#[derive(Debug, Object)]
#[oai(rename = "KeyPatch", rename_all = "camelCase")]
pub struct KeyPatchBody {
    /// What it is called.
    pub(super) label: Option<String>,
    /// Blocks of addresses it may be used from; empty: everywhere.
    pub(super) ip_allow_list: Option<Vec<String>>,
}

/// How a key is rotated.
#[derive(Debug, Object)]
#[oai(rename = "KeyRotationRequest", rename_all = "camelCase")]
pub struct RotateBody {
    /// For how long both keys work: 0 to 604,800 seconds.
    #[oai(default)]
    pub(super) overlap_seconds: u32,
}

/// A key: everything about it but its secret.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "Key", rename_all = "camelCase")]
pub struct KeyBody {
    /// Its id.
    key_id: ApiId<kinds::ApiKey>,
    /// The account it belongs to.
    account_id: ApiId<kinds::DeveloperAccount>,
    /// Its environment.
    environment: ApiEnvironment,
    /// The sandbox it is bound to.
    sandbox_id: Option<ApiId<kinds::Sandbox>>,
    /// What it is called.
    label: String,
    /// Its beginning.
    prefix: Option<String>,
    /// Its end.
    last4: Option<String>,
    /// What it may do.
    scopes: Vec<String>,
    /// Blocks of addresses it may be used from; empty: everywhere.
    ip_allow_list: Vec<String>,
    /// Whether it works now.
    status: ApiKeyStatus,
    /// From when on it does not work.
    expires_at: Option<ApiTimestamp>,
    /// From when on its successor is alone.
    retire_at: Option<ApiTimestamp>,
    /// The key it succeeds.
    rotated_from: Option<ApiId<kinds::ApiKey>>,
    /// Its successor.
    replaced_by: Option<ApiId<kinds::ApiKey>>,
    /// When it was used last, to the minute.
    last_used_at: Option<ApiTimestamp>,
    /// From which neighbourhood.
    last_used_ip_prefix: Option<String>,
    /// When it was revoked.
    revoked_at: Option<ApiTimestamp>,
    /// Why.
    revoked_reason: Option<ApiRevokedReason>,
    /// When its revocation is known everywhere.
    effective_by: Option<ApiTimestamp>,
    /// Who created it: a user, or a key.
    created_by: String,
    /// When it was asked for.
    created_at: ApiTimestamp,
    /// What to think about: `no_expiry`, `used_lately`.
    warnings: Vec<String>,
    /// Its version, for `If-Match`.
    version: u64,
}

/// A key with its secret, which is shown this once.
#[derive(Object)]
#[oai(rename = "CreatedKey", rename_all = "camelCase")]
pub struct CreatedKeyBody {
    /// The secret; null when the answer is given again.
    raw_key: Option<String>,
    /// Whether this answer holds it.
    secret_state: ApiSecretState,
    /// The key.
    #[oai(flatten)]
    key: KeyBody,
}

/// The key that was succeeded.
#[derive(Debug, Clone, Copy, Object)]
#[oai(rename = "PreviousKey", rename_all = "camelCase")]
pub struct PreviousBody {
    /// Which.
    key_id: ApiId<kinds::ApiKey>,
    /// From when on it does not work.
    retire_at: Option<ApiTimestamp>,
}

/// What a rotation did, or would do.
#[derive(Object)]
#[oai(rename = "KeyRotation", rename_all = "camelCase")]
pub struct RotationBody {
    /// The successor's secret, shown this once.
    raw_key: Option<String>,
    /// Whether this answer holds it.
    secret_state: ApiSecretState,
    /// The successor's id; null when nothing was done.
    key_id: Option<ApiId<kinds::ApiKey>>,
    /// The successor; null when nothing was done.
    key: Option<KeyBody>,
    /// How the successor's secret begins; null when nothing was done.
    prefix: Option<String>,
    /// What the successor may do: what the key may that it succeeds.
    scopes: Vec<String>,
    /// In which world.
    environment: ApiEnvironment,
    /// When the successor was made; null when nothing was done.
    created_at: Option<ApiTimestamp>,
    /// The key that is succeeded.
    previous: PreviousBody,
    /// From when on the successor does not work.
    expires_at: Option<ApiTimestamp>,
    /// What to think about: `no_expiry`, `expires_soon`, `used_lately`, `no_overlap`.
    warnings: Vec<String>,
    /// Whether nothing was done.
    simulated: bool,
}

/// What a revocation did.
#[derive(Debug, Clone, Object)]
#[oai(rename = "RevokedKey", rename_all = "camelCase")]
pub struct RevokedBody {
    /// The key.
    key_id: ApiId<kinds::ApiKey>,
    /// Whether it works.
    status: ApiKeyStatus,
    /// When it was revoked.
    revoked_at: Option<ApiTimestamp>,
    /// When that is known everywhere.
    effective_by: Option<ApiTimestamp>,
    /// What to think about: `used_lately` where somebody used it in the last hour.
    warnings: Vec<String>,
}

/// Blocks of addresses.
pub(super) fn blocks(texts: &[String]) -> Result<Vec<CidrBlock>, Problem> {
    texts.iter().map(|text| at("/ipAllowList", text.parse())).collect()
}

impl NewKeyBody {
    pub(super) fn parse(self) -> Result<KeyRequest, Problem> {
        Ok(KeyRequest {
            label: at("/label", self.label.parse())?,
            environment: self.environment.map(Environment::from),
            scopes: at("/scopes", ScopeSet::parse(&self.scopes))?,
            ip_allow_list: blocks(&self.ip_allow_list)?,
            sandbox_id: self.sandbox_id.map(|id| id.0),
            expires_at: self.expires_at.map(|at| at.0),
        })
    }
}

fn warned(warning: &KeyWarning) -> String {
    match warning {
        KeyWarning::NoExpiry => "no_expiry",
        KeyWarning::ExpiresSoon { .. } => "expires_soon",
        KeyWarning::UsedLately { .. } => "used_lately",
        KeyWarning::NoOverlap => "no_overlap",
    }
    .to_owned()
}

impl KeyBody {
    pub(super) fn of(key: &ApiKey, version: u64, now: Timestamp) -> Self {
        let data = key.data();
        Self {
            key_id: data.id.into(),
            account_id: data.account_id.into(),
            environment: data.environment.into(),
            sandbox_id: data.sandbox_id.map(ApiId),
            label: data.label.to_string(),
            prefix: data.trace.as_ref().map(|trace| trace.prefix.to_string()),
            last4: data.trace.as_ref().map(|trace| trace.last4.to_string()),
            scopes: data.scopes.as_set().iter().map(ToString::to_string).collect(),
            ip_allow_list: data.ip_allow_list.iter().map(ToString::to_string).collect(),
            status: data.effective_status(now).into(),
            expires_at: data.expires_at.map(ApiTimestamp),
            retire_at: data.retire_at.map(ApiTimestamp),
            rotated_from: data.rotated_from().map(ApiId),
            replaced_by: data.replaced_by.map(ApiId),
            last_used_at: data.last_used_at.map(ApiTimestamp),
            last_used_ip_prefix: data.last_used_from.map(|block| block.to_string()),
            revoked_at: data.revoked_at.map(ApiTimestamp),
            revoked_reason: data.revoked_reason.map(ApiRevokedReason::from),
            effective_by: key.effective_by().map(ApiTimestamp),
            created_by: match &data.created_by {
                KeyCreator::User(user) => user.to_string(),
                KeyCreator::Key(key) => key.to_string(),
            },
            created_at: data.created_at.into(),
            warnings: data.warnings(now).iter().map(warned).collect(),
            version,
        }
    }
}

impl CreatedKeyBody {
    pub(super) fn of(created: &CreatedKey, now: Timestamp) -> Self {
        Self {
            raw_key: Some(created.secret.expose().to_owned()),
            secret_state: ApiSecretState::Shown,
            key: KeyBody::of(&created.key.aggregate, created.key.version, now),
        }
    }
}

impl RotationBody {
    pub(super) fn done(rotated: &RotatedKey, now: Timestamp) -> Self {
        let key = &rotated.created.key;
        let previous = rotated.previous.data();
        let body = KeyBody::of(&key.aggregate, key.version, now);
        Self {
            raw_key: Some(rotated.created.secret.expose().to_owned()),
            secret_state: ApiSecretState::Shown,
            key_id: Some(key.aggregate.id().into()),
            expires_at: body.expires_at,
            warnings: rotated.warnings.iter().map(warned).collect(),
            prefix: body.prefix.clone(),
            scopes: body.scopes.clone(),
            environment: body.environment,
            created_at: Some(body.created_at),
            key: Some(body),
            previous: PreviousBody {
                key_id: previous.id.into(),
                retire_at: previous.retire_at.map(ApiTimestamp),
            },
            simulated: false,
        }
    }

    pub(super) fn preview(key: &ApiKey, preview: &RotationPreview) -> Self {
        Self {
            raw_key: None,
            secret_state: ApiSecretState::None,
            key_id: None,
            key: None,
            prefix: None,
            scopes: key.data().scopes.as_set().iter().map(ToString::to_string).collect(),
            environment: key.data().environment.into(),
            created_at: None,
            previous: PreviousBody { key_id: key.id().into(), retire_at: Some(preview.retire_at.into()) },
            expires_at: preview.expires_at.map(ApiTimestamp),
            warnings: preview.warnings.iter().map(warned).collect(),
            simulated: true,
        }
    }
}

impl RevokedBody {
    pub(super) fn of(key: &ApiKey, now: Timestamp) -> Self {
        let warnings = key.data().warnings(now);
        let lately = |warning: &&KeyWarning| matches!(warning, KeyWarning::UsedLately { .. });
        Self {
            key_id: key.id().into(),
            status: key.data().effective_status(now).into(),
            revoked_at: key.data().revoked_at.map(ApiTimestamp),
            effective_by: key.effective_by().map(ApiTimestamp),
            warnings: warnings.iter().filter(lately).map(warned).collect(),
        }
    }
}
