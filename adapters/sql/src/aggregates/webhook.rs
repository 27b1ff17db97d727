//! Endpoints of webhooks and deliveries to them.

use sarai_domain::{
    devportal::webhook::{WebhookDelivery, WebhookDeliveryData, WebhookEndpoint, WebhookEndpointData},
    kernel::NoRow,
};
use sarai_ports::{StoreError, devportal::fan_out_key};

use super::{name, stored_as_json};
use crate::{Mapped, Table, Value, WEBHOOK_DELIVERIES, WEBHOOKS};

impl Mapped for WebhookEndpoint {
    const TABLE: &'static Table = &WEBHOOKS;

    stored_as_json!();

    fn columns(data: &WebhookEndpointData) -> Vec<Value> {
        vec![
            data.environment.as_str().into(),
            data.sandbox_id.map(|sandbox| sandbox.to_string()).into(),
            name(&data.status).into(),
        ]
    }

    fn row(row: &NoRow) -> Result<(String, Vec<Value>), StoreError> {
        match *row {}
    }
}

impl Mapped for WebhookDelivery {
    const TABLE: &'static Table = &WEBHOOK_DELIVERIES;

    stored_as_json!();

    fn columns(data: &WebhookDeliveryData) -> Vec<Value> {
        let last = data.attempts.last();
        vec![
            data.environment.as_str().into(),
            Value::text(&data.endpoint_id),
            Value::text(&data.webhook_id),
            data.event_type.as_str().into(),
            name(&data.status).into(),
            data.next_at.into(),
            data.ended_at.into(),
            last.and_then(|last| last.http_status).map(i64::from).into(),
            data.is_failing().into(),
            fan_out_key(data).into(),
        ]
    }

    fn row(row: &NoRow) -> Result<(String, Vec<Value>), StoreError> {
        match *row {}
    }
}
