//! What an endpoint announces.

use serde::{Deserialize, Serialize};

use super::DisabledReason;
use crate::{
    devportal::values::{Environment, HttpsUrl},
    kernel::{SandboxId, Timestamp, WebhookEndpointId, topics},
};

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
