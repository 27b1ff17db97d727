//! Carries due deliveries out: one attempt at a time, its outcome noted on the delivery and followed by the endpoint.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use sarai_domain::{
    devportal::webhook::{
        DeliveryStatus, EndpointStatus, TEST, WebhookAttempt, WebhookDelivery, WebhookEndpoint, signature,
    },
    kernel::{Aggregate, Outcome, WebhookDeliveryId, WebhookEndpointId},
};
use sarai_ports::{
    Scope, StoreError,
    devportal::{DueDeliveries, SecretError, SecretOf, WebhookRequest, WebhookWork},
};

use crate::{AppError, Ports};

/// How long a taken delivery is nobody else's: longer than an attempt lasts with what is written after it.
const LEASE: Duration = Duration::from_secs(20);

/// The use case behind the senders.
pub struct Courier {
    ports: Arc<Ports>,
}

impl Courier {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    async fn carry(&self, delivery: WebhookDelivery) -> Result<(), AppError> {
        let ports = &self.ports;
        let (id, scope) = (delivery.id(), Scope::Within(delivery.data().tenant_id.clone()));
        let context = ports.worker_context("webhook.attempt", &id);
        let endpoint = ports.devportal.webhooks().find(&scope, &delivery.data().endpoint_id).await?;
        let Some(endpoint) = endpoint.filter(|endpoint| may_get(endpoint, &delivery)) else {
            let abandon = |delivery: &mut WebhookDelivery| Ok(delivery.abandon(ports.now())?);
            return self.note(&scope, delivery, context, abandon).await;
        };
        let attempt = self.attempt(&endpoint, &delivery).await?;
        let active = endpoint.data().status == EndpointStatus::Active;
        let replay = delivery.data().replay_of.is_some();
        let record = |delivery: &mut WebhookDelivery| {
            let now = ports.now();
            let noted = delivery.record(attempt.clone(), now)?;
            // Whoever asks for an attempt at an endpoint that is stopped gets that one.
            if noted == Outcome::Applied && !active && delivery.data().status == DeliveryStatus::Pending {
                let _ = delivery.abandon(now)?;
            }
            Ok(noted)
        };
        self.note(&scope, delivery, context, record).await?;
        // What somebody asked for again says that an endpoint is well, never that it is not.
        if active && !(replay && attempt.fault.is_some()) {
            self.follow(&scope, endpoint, &attempt).await?;
        }
        Ok(())
    }

    /// One request, signed with every secret that is valid.
    async fn attempt(
        &self,
        endpoint: &WebhookEndpoint,
        delivery: &WebhookDelivery,
    ) -> Result<WebhookAttempt, SecretError> {
        let (ports, data) = (&self.ports, delivery.data());
        let (at, began) = (ports.now(), ports.clock.real());
        let body = data.payload.as_str().to_owned();
        let content = signature::content_of(data.webhook_id, began, &body);
        let signatures = signatures(ports, endpoint, &content)?;
        let request = WebhookRequest {
            url: endpoint.data().url.clone(),
            headers: vec![
                ("webhook-id", data.webhook_id.to_string()),
                ("webhook-timestamp", signature::timestamp(began).to_string()),
                ("webhook-signature", signature::header(&signatures)),
            ],
            body,
            keep_answer: endpoint.data().keep_answers,
        };
        let outcome = match delivery.pretended() {
            Some(failed) => failed,
            None => ports.devportal.webhook_transport.post(request).await,
        };
        let took = ports.clock.real().since(began).whole_milliseconds();
        Ok(WebhookAttempt::new(delivery.next_no(), at, u64::try_from(took).unwrap_or_default(), outcome))
    }

    async fn note(
        &self,
        scope: &Scope,
        delivery: WebhookDelivery,
        context: sarai_ports::Context,
        command: impl FnMut(&mut WebhookDelivery) -> Result<Outcome, AppError> + Send,
    ) -> Result<(), AppError> {
        let (store, id) = (self.ports.devportal.deliveries(), delivery.id());
        let load = || store.find(scope, &id);
        let done = self
            .ports
            .change_given(store, scope, &id.to_string(), Some(delivery), load, context, command)
            .await;
        done.map(drop)
    }

    async fn follow(
        &self,
        scope: &Scope,
        endpoint: WebhookEndpoint,
        attempt: &WebhookAttempt,
    ) -> Result<(), AppError> {
        let (ports, store, id) = (&self.ports, self.ports.devportal.webhooks(), endpoint.id());
        // Most attempts change nothing: no turn is taken for them.
        if endpoint.clone().follow(attempt, ports.now())? == Outcome::AlreadyApplied {
            return Ok(());
        }
        let context = ports.worker_context("webhook.follow", &id);
        let follow = |endpoint: &mut WebhookEndpoint| Ok(endpoint.follow(attempt, ports.now())?);
        match ports.change(store, scope, &id, context, follow).await {
            Ok(_) => Ok(()),
            // It was deleted meanwhile.
            Err(error) if error.code == "not_found" => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A signature by each secret that is valid now.
///
/// # Errors
/// When a secret cannot be opened.
pub(super) fn signatures(
    ports: &Ports,
    endpoint: &WebhookEndpoint,
    content: &str,
) -> Result<Vec<String>, SecretError> {
    let data = endpoint.data();
    let of = SecretOf { tenant: &data.tenant_id, endpoint: data.id, scheme: data.scheme };
    let keys = &ports.devportal.webhook_keys;
    data.secrets(ports.now()).map(|secret| keys.sign(of, secret, content)).collect()
}

/// A stopped endpoint gets what its owner asks for, and nothing else.
fn may_get(endpoint: &WebhookEndpoint, delivery: &WebhookDelivery) -> bool {
    let asked_for = delivery.data().replay_of.is_some() || delivery.data().event_type == TEST;
    endpoint.data().status == EndpointStatus::Active || asked_for
}

#[async_trait]
impl WebhookWork for Courier {
    async fn take(
        &self,
        busy: &[WebhookEndpointId],
        limit: usize,
    ) -> Result<Vec<WebhookDelivery>, StoreError> {
        let wanted = DueDeliveries { now: self.ports.now(), busy, limit, lease: LEASE };
        self.ports.devportal.deliveries().take_due_deliveries(&wanted).await
    }

    async fn give_back(&self, deliveries: &[WebhookDeliveryId]) -> Result<(), StoreError> {
        self.ports.devportal.deliveries().give_deliveries_back(deliveries).await
    }

    async fn attempt(&self, delivery: WebhookDelivery) {
        let id = delivery.id();
        if let Err(error) = self.carry(delivery).await {
            tracing::warn!(delivery = %id, code = error.code, message = error.message, "an attempt was not noted");
        }
    }
}
