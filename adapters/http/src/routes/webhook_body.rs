//! Endpoints of webhooks as they are asked for and shown.

use poem_openapi::{Enum, Object, types::MaybeUndefined};
use sarai_application::devportal::webhooks::{WantedWebhook, WebhookChange, WithSecret};
use sarai_domain::{
    devportal::{
        values::Environment,
        webhook::{
            DisabledReason, EndpointStatus, EventFilter, SignatureScheme, WebhookEndpointData,
            signature::public_key_text,
        },
    },
    kernel::{Aggregate, id::kinds},
};
use sarai_ports::devportal::EndpointHealth;

use super::{
    key_body::ApiEnvironment,
    members::{always, at, or_initial},
};
use crate::{
    problem::Problem,
    scalars::{ApiId, ApiTimestamp},
};

/// For how many seconds an old secret is valid beside its successor unless it is said.
const OVERLAP: u32 = 86_400;

/// How deliveries are signed, in the terms of Standard Webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "WebhookSignature", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiScheme {
    /// HMAC-SHA-256 with a secret both sides have: `v1`.
    Hmac,
    /// ed25519, of which the receiver has the public key: `v1a`.
    Ed25519,
}

impl From<ApiScheme> for SignatureScheme {
    fn from(scheme: ApiScheme) -> Self {
        match scheme {
            ApiScheme::Hmac => Self::Hmac,
            ApiScheme::Ed25519 => Self::Ed25519,
        }
    }
}

impl From<SignatureScheme> for ApiScheme {
    fn from(scheme: SignatureScheme) -> Self {
        match scheme {
            SignatureScheme::Hmac => Self::Hmac,
            SignatureScheme::Ed25519 => Self::Ed25519,
        }
    }
}

/// Whether an endpoint gets anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "WebhookStatus", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiEndpointStatus {
    /// What it asked for.
    Active,
    /// Nothing.
    Disabled,
    /// Nothing, ever.
    Deleted,
}

/// Why an endpoint is disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "WebhookDisabledReason", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiDisabledReason {
    /// Its owner wanted it.
    User,
    /// It answered 410.
    Gone,
    /// It failed for 5 days.
    Failing,
}

/// An endpoint to create.
#[derive(Debug, Object)]
#[oai(rename = "NewWebhook", rename_all = "camelCase")]
pub struct NewWebhookBody {
    /// Where to: `https`, a public host name, port 443 or from 1024 on.
    url: String,
    /// 1 to 50 types of event, or `*` alone.
    events: Vec<String>,
    /// Its environment; production when none is given.
    environment: Option<ApiEnvironment>,
    /// The one sandbox whose events it gets; of all when none is given.
    sandbox_id: Option<ApiId<kinds::Sandbox>>,
    /// How its deliveries are signed; HMAC when it is not said.
    signature: Option<ApiScheme>,
    /// What its owner says of it: one line of at most 200 characters.
    #[oai(default)]
    description: String,
    /// Whether the first 256 bytes of plain-text answers are kept.
    #[oai(default)]
    keep_answers: bool,
}

impl NewWebhookBody {
    pub(super) fn environment(&self) -> Option<Environment> {
        self.environment.map(Environment::from)
    }

    pub(super) fn parse(self, environment: Environment) -> Result<WantedWebhook, Problem> {
        Ok(WantedWebhook {
            environment,
            sandbox_id: self.sandbox_id.map(|id| id.0),
            scheme: self.signature.map_or(SignatureScheme::Hmac, SignatureScheme::from),
            url: self.url,
            events: at("/events", EventFilter::try_new(self.events))?,
            description: self.description,
            keep_answers: self.keep_answers,
        })
    }
}

/// A change of an endpoint, as a JSON merge patch.
#[derive(Debug, Default, Object)]
#[oai(rename = "WebhookPatch", rename_all = "camelCase")]
pub struct WebhookPatchBody {
    /// Where to.
    url: MaybeUndefined<String>,
    /// What it asks for.
    events: MaybeUndefined<Vec<String>>,
    /// What its owner says of it.
    description: MaybeUndefined<String>,
    /// Whether the beginning of plain-text answers is kept.
    keep_answers: MaybeUndefined<bool>,
}

impl WebhookPatchBody {
    pub(super) fn parse(self) -> Result<WebhookChange, Problem> {
        let events = always(self.events, "/events")?;
        Ok(WebhookChange {
            url: always(self.url, "/url")?,
            events: events.map(|events| at("/events", EventFilter::try_new(events))).transpose()?,
            description: or_initial(self.description, String::new()),
            keep_answers: or_initial(self.keep_answers, false),
        })
    }
}

/// A secret to put in the place of one.
#[derive(Debug, Object)]
#[oai(rename = "WebhookRotation", rename_all = "camelCase")]
pub struct WebhookRotationBody {
    /// For how long the one before signs too, 0 to 604,800; a day when it is not said.
    overlap_seconds: Option<u32>,
}

impl WebhookRotationBody {
    pub(super) fn overlap(&self) -> u32 {
        self.overlap_seconds.unwrap_or(OVERLAP)
    }
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "Webhook", rename_all = "camelCase")]
pub struct WebhookBody {
    /// Its id.
    id: ApiId<kinds::WebhookEndpoint>,
    /// The same.
    webhook_id: ApiId<kinds::WebhookEndpoint>,
    /// Its environment.
    environment: ApiEnvironment,
    /// The one sandbox whose events it gets; null: of all.
    sandbox_id: Option<ApiId<kinds::Sandbox>>,
    /// Where to.
    url: String,
    /// What it asks for.
    events: Vec<String>,
    /// Whether it gets anything.
    status: ApiEndpointStatus,
    /// Why it is disabled; null: it is not.
    disabled_reason: Option<ApiDisabledReason>,
    /// How its deliveries are signed.
    signature: ApiScheme,
    /// What receivers check ed25519 signatures with (`whpk_…`); null where a secret is shared.
    public_key: Option<String>,
    /// When its secret was made.
    secret_created_at: ApiTimestamp,
    /// Until when the secret before signs too; null: there is none.
    previous_secret_until: Option<ApiTimestamp>,
    /// What its owner says of it.
    description: String,
    /// Whether the beginning of plain-text answers is kept.
    keep_answers: bool,
    /// Since when nothing has reached it; null: it is well.
    failing_since: Option<ApiTimestamp>,
    /// When the latest delivery to it began; null: there was none, or it is not looked up here.
    last_delivery_at: Option<ApiTimestamp>,
    /// How many deliveries of the last 24 hours failed at least once and were not taken, replays aside; null where it is not
    /// looked up.
    failures24h: Option<u64>,
    /// When it was created.
    created_at: ApiTimestamp,
    /// When it changed last.
    updated_at: ApiTimestamp,
    /// Its version, for `If-Match`.
    version: u64,
}

/// An endpoint with a secret that was made just now.
#[derive(Clone, PartialEq, Eq, Object)]
#[oai(rename = "WebhookWithSecret", rename_all = "camelCase")]
pub struct WebhookSecretBody {
    /// The endpoint.
    #[oai(flatten)]
    webhook: WebhookBody,
    /// The secret (`whsec_…`), shown in this answer only; null in a replay, and for ed25519, which has none to share.
    signing_secret: Option<String>,
}

impl WebhookBody {
    pub(super) fn of(data: &WebhookEndpointData, version: u64, health: Option<&EndpointHealth>) -> Self {
        let key = data.secret.as_ref().and_then(|secret| secret.public_key);
        Self {
            id: data.id.into(),
            webhook_id: data.id.into(),
            environment: data.environment.into(),
            sandbox_id: data.sandbox_id.map(ApiId),
            url: data.url.to_string(),
            events: data.events.clone().into(),
            status: match data.status {
                EndpointStatus::Active => ApiEndpointStatus::Active,
                EndpointStatus::Disabled => ApiEndpointStatus::Disabled,
                EndpointStatus::Deleted => ApiEndpointStatus::Deleted,
            },
            disabled_reason: data.disabled_reason.map(|reason| match reason {
                DisabledReason::User => ApiDisabledReason::User,
                DisabledReason::Gone => ApiDisabledReason::Gone,
                DisabledReason::Failing => ApiDisabledReason::Failing,
            }),
            signature: data.scheme.into(),
            public_key: key.map(|key| public_key_text(&key.0)),
            secret_created_at: data.secret_since.into(),
            previous_secret_until: data.previous.as_ref().map(|previous| previous.until.into()),
            description: data.description.clone(),
            keep_answers: data.keep_answers,
            failing_since: data.failing_since.map(ApiTimestamp),
            last_delivery_at: health.and_then(|health| health.last_delivery_at).map(ApiTimestamp),
            failures24h: health.map(|health| health.failures),
            created_at: data.created_at.into(),
            updated_at: data.updated_at.into(),
            version,
        }
    }
}

impl From<&WithSecret> for WebhookSecretBody {
    fn from(made: &WithSecret) -> Self {
        let endpoint = &made.endpoint;
        Self {
            webhook: WebhookBody::of(endpoint.aggregate.data(), endpoint.version, None),
            signing_secret: made.secret.as_ref().map(|secret| secret.expose_text().to_string()),
        }
    }
}
