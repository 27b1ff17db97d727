//! Tests of webhooks: each invariant on both sides, both tables, signatures of the specification, walks.

mod deliveries;
mod endpoints;
mod parts;

use std::net::IpAddr;

use ulid::Ulid;

use super::*;
use crate::{
    devportal::{
        invariants::{W_INV_1, W_INV_2, W_INV_3, W_INV_4, W_INV_5, W_INV_6, W_INV_7, W_INV_8},
        values::{Environment, HttpsUrl},
    },
    kernel::{Coded, DomainEvent, EventId, Hex, Invariant, Kind, SandboxId, TenantId, WebhookDeliveryId},
};

fn at(minute: i64) -> Timestamp {
    "2026-04-20T09:00:00Z".parse::<Timestamp>().unwrap().plus(Duration::minutes(minute))
}

fn facts(error: &WebhookError) -> (&'static str, Kind, Option<Invariant>) {
    (error.code(), error.kind(), error.invariant())
}

fn sealed(text: &str) -> SealedSecret {
    SealedSecret { kid: "vault-1".to_owned(), sealed: text.to_owned(), public_key: None }
}

fn new_endpoint() -> NewEndpoint {
    NewEndpoint {
        id: WebhookEndpointId::new(Ulid(1)),
        tenant_id: TenantId::from_static("acme"),
        environment: Environment::Production,
        sandbox_id: None,
        scheme: SignatureScheme::Hmac,
        secret: sealed("one"),
        edit: EndpointEdit {
            url: "https://hooks.example/in".parse().unwrap(),
            events: EventFilter::try_new(["devportal.key.revoked.v1"]).unwrap(),
            description: "ours".to_owned(),
            keep_answers: false,
        },
    }
}

fn in_use(count: u32) -> EndpointsInUse {
    EndpointsInUse { tenant_id: TenantId::from_static("acme"), environment: Environment::Production, count }
}

fn endpoint() -> WebhookEndpoint {
    saved(WebhookEndpoint::create(new_endpoint(), in_use(0), at(0)).unwrap())
}

/// As a store hands it back.
fn saved(endpoint: WebhookEndpoint) -> WebhookEndpoint {
    let changes = endpoint.into_changes();
    let json = serde_json::to_string(&changes.data).unwrap();
    let data: WebhookEndpointData = serde_json::from_str(&json).unwrap();
    assert_eq!(data, changes.data);
    WebhookEndpoint::rehydrate(data, vec![], changes.expected_version + 1).unwrap()
}

/// An attempt that was answered so, or not at all.
fn attempt(no: u32, minute: i64, outcome: Result<u16, DeliveryFault>) -> WebhookAttempt {
    let outcome = match outcome {
        Ok(status) => AttemptOutcome::Answered { status, text: None },
        Err(fault) => AttemptOutcome::Failed(fault),
    };
    WebhookAttempt::new(no, at(minute), 12, outcome)
}
