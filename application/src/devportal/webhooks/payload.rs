//! The body of a webhook: what happened, to which thing, at which version of it (W-INV-4, W-INV-8).

use sarai_domain::{
    devportal::{
        values::Environment,
        webhook::{TEST, WebhookError, WebhookPayload},
    },
    kernel::{EventId, TenantId, Timestamp, WebhookEndpointId},
};
use sarai_ports::{events::EventRecord, inbound::MessageReport};
use serde_json::{Map, Value, json};

use crate::{AppError, envelope::Envelope};

/// The first thing that is told of a message.
const SENT: &str = "messaging.message.sent.v1";

/// An event as endpoints get it.
pub(super) struct Announced {
    /// Its world; production's where there are not two.
    pub(super) environment: Environment,
    /// The sandbox it happened in.
    pub(super) sandbox: Option<String>,
    /// Its body.
    pub(super) payload: WebhookPayload,
}

/// What endpoints get of an event. What must not leave is not in events to begin with; an event in which something
/// that looks like it stands leaves without its data but for ids.
///
/// # Errors
/// When the event has no JSON form.
pub(super) fn announced(record: &EventRecord) -> Result<Announced, AppError> {
    let environment = record.event.devportal().and_then(sarai_domain::devportal::DevportalEvent::environment);
    let environment = environment.unwrap_or(Environment::Production);
    let unreadable = |_| AppError::from(WebhookError::Payload);
    let envelope = Envelope::of(record).map_err(unreadable)?;
    let sandbox = envelope.data.get("sandboxId").and_then(Value::as_str).map(str::to_owned);
    let body = |data: Value| {
        let body = json!({
            "type": envelope.topic,
            "id": envelope.id,
            "timestamp": envelope.time,
            "tenantId": envelope.tenantid,
            "environment": environment.as_str(),
            "subject": envelope.subject,
            "aggregateVersion": envelope.aggregateseq,
            "data": data,
        });
        WebhookPayload::try_new(body.to_string())
    };
    let payload = match body(Value::Object(envelope.data.clone())) {
        Err(WebhookError::PayloadTells | WebhookError::PayloadTooLarge(_)) => body(ids(&envelope.data)),
        whole => whole,
    };
    Ok(Announced { environment, sandbox, payload: payload? })
}

/// What endpoints get of what became of a message.
///
/// # Errors
/// When a member tells what a payload must not.
pub(super) fn message(
    event_id: EventId,
    topic: &str,
    report: &MessageReport,
) -> Result<Announced, WebhookError> {
    let body = json!({
        "type": topic,
        "id": event_id,
        "timestamp": report.at,
        "tenantId": report.tenant_id,
        "environment": report.environment.as_str(),
        "subject": report.message_id,
        // It is sent, and then it is over.
        "aggregateVersion": if topic == SENT { 1 } else { 2 },
        "data": {
            "messageId": report.message_id,
            "keyId": report.key_id,
            "to": report.to,
            "operatorName": report.operator_name,
            "errorCode": report.error_code,
            "at": report.at,
        },
    });
    let payload = WebhookPayload::try_new(body.to_string())?;
    Ok(Announced { environment: report.environment, sandbox: None, payload })
}

/// The ids among an event's members.
fn ids(data: &Map<String, Value>) -> Value {
    let ids = data.iter().filter(|(name, value)| name.ends_with("Id") && value.is_string());
    Value::Object(ids.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// The body of a test.
///
/// # Errors
/// None: it is as every payload.
pub(super) fn test(
    event: EventId,
    endpoint: WebhookEndpointId,
    tenant: &TenantId,
    environment: Environment,
    now: Timestamp,
) -> Result<WebhookPayload, WebhookError> {
    let body = json!({
        "type": TEST,
        "id": event,
        "timestamp": now,
        "tenantId": tenant,
        "environment": environment.as_str(),
        "subject": endpoint,
        "aggregateVersion": 1,
        "data": { "endpointId": endpoint },
    });
    WebhookPayload::try_new(body.to_string())
}
