//! Ports of the developer portal.

mod webhooks;

pub use webhooks::{Admitted, WebhookRequest, WebhookTransport};
