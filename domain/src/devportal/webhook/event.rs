//! What an endpoint announces.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::DisabledReason;
use crate::{
    devportal::values::{Environment, HttpsUrl},
    kernel::{EventId, SandboxId, Timestamp, Ulid, WebhookEndpointId, topics},
};

/// The id under which deliveries know what another service tells: the same message, the same id.
pub fn event_of(source: &str, id: &str) -> EventId {
    let digest = Sha256::digest(format!("sarai.webhook.event.v1\n{source}\n{id}"));
    EventId::new(Ulid(digest.iter().take(16).fold(0, |all, byte| (all << 8) | u128::from(*byte))))
}

/// A fact about an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum WebhookEvent {
    /// It gets nothing any more.
    Disabled {
        /// The endpoint.
        endpoint_id: WebhookEndpointId,
        /// Its environment.
        environment: Environment,
        /// The sandbox it is bound to.
        sandbox_id: Option<SandboxId>,
        /// Where it is.
        url: HttpsUrl,
        /// Why.
        reason: DisabledReason,
        /// Since when nothing reached it.
        failing_since: Option<Timestamp>,
        /// When it happened, in business time.
        at: Timestamp,
    },
}

topics!(WebhookEvent {
    Disabled => "devportal.webhook.disabled.v1",
});
