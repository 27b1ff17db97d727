//! An endpoint's stored document, and what its creation is given.

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};

use super::{DisabledReason, EndpointAction, EndpointStatus, EventFilter, SignatureScheme};
use crate::{
    devportal::values::{Environment, HttpsUrl},
    kernel::{Hex, LastTransition, SandboxId, TenantId, Timestamp, WebhookEndpointId},
};

/// A secret as a store keeps it: sealed by a key outside of the database.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SealedSecret {
    /// The key it is sealed with.
    pub kid: String,
    /// What only that key opens, in base64.
    pub sealed: String,
    /// What receivers check signatures with, where they are ed25519.
    pub public_key: Option<Hex<32>>,
}

impl fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedSecret").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// The secret before the current one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviousSecret {
    /// The secret.
    pub secret: SealedSecret,
    /// From when on it signs nothing.
    pub until: Timestamp,
}

/// How many endpoints a tenant has in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointsInUse {
    /// The tenant spoken of.
    pub tenant_id: TenantId,
    /// The environment spoken of.
    pub environment: Environment,
    /// How many, disabled ones included.
    pub count: u32,
}

/// What an owner can change: begin with what holds ([`From`]) and change what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointEdit {
    /// Where to.
    pub url: HttpsUrl,
    /// What it asks for.
    pub events: EventFilter,
    /// What its owner says of it, at most 200 characters.
    pub description: String,
    /// Whether the beginning of plain-text answers is kept.
    pub keep_answers: bool,
}

/// An endpoint to create.
#[derive(Debug, Clone)]
pub struct NewEndpoint {
    /// Its id.
    pub id: WebhookEndpointId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Its environment.
    pub environment: Environment,
    /// The sandbox it is bound to.
    pub sandbox_id: Option<SandboxId>,
    /// How its deliveries are signed.
    pub scheme: SignatureScheme,
    /// Its secret, sealed.
    pub secret: SealedSecret,
    /// The rest, which can change.
    pub edit: EndpointEdit,
}

/// The stored document of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookEndpointData {
    /// The endpoint.
    pub id: WebhookEndpointId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Its environment.
    pub environment: Environment,
    /// The sandbox it is bound to.
    pub sandbox_id: Option<SandboxId>,
    /// Where to.
    pub url: HttpsUrl,
    /// The address in the URL that the operator admitted (R25).
    pub admitted: Option<IpAddr>,
    /// What it asks for.
    pub events: EventFilter,
    /// Where it stands.
    pub status: EndpointStatus,
    /// Why it is disabled.
    pub disabled_reason: Option<DisabledReason>,
    /// How its deliveries are signed.
    pub scheme: SignatureScheme,
    /// Its secret; none once it is deleted.
    pub secret: Option<SealedSecret>,
    /// The secret before.
    pub previous: Option<PreviousSecret>,
    /// When the secret was made.
    pub secret_since: Timestamp,
    /// What its owner says of it.
    pub description: String,
    /// Whether the beginning of plain-text answers is kept.
    pub keep_answers: bool,
    /// Since when nothing reached it.
    pub failing_since: Option<Timestamp>,
    /// What its creation saw (W-INV-7).
    pub in_use: EndpointsInUse,
    /// What led to the current status.
    pub last_transition: Option<LastTransition<EndpointAction>>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

impl From<&WebhookEndpointData> for EndpointEdit {
    fn from(data: &WebhookEndpointData) -> Self {
        Self {
            url: data.url.clone(),
            events: data.events.clone(),
            description: data.description.clone(),
            keep_answers: data.keep_answers,
        }
    }
}

impl WebhookEndpointData {
    /// The secrets that sign at a time: the current one, and the one before while both are valid.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &SealedSecret> {
        let previous = self.previous.as_ref().filter(|previous| now < previous.until);
        self.secret.iter().chain(previous.map(|previous| &previous.secret))
    }

    /// Whether it gets an event of this type.
    pub fn wants(&self, topic: &str) -> bool {
        self.status == EndpointStatus::Active && self.events.wants(topic)
    }
}
