//! What owners do about deliveries: look, send again, send what was lost, try an endpoint, find out what went wrong.

use std::{collections::BTreeSet, time::Duration};

use sarai_domain::{
    devportal::webhook::{
        NewDelivery, SignatureScheme, TEST, WebhookDelivery, WebhookEndpoint, recovery_window, signature,
    },
    kernel::{Aggregate, EventId, Timestamp, WebhookDeliveryId, WebhookEndpointId},
};
use sarai_ports::{Page, PageRequest, devportal::DeliveryFilter};

use super::{
    Webhooks,
    courier::signatures,
    diagnosis::{Diagnosis, Known, SeenRequest},
    payload,
};
use crate::{AppError, Call};

/// How far deliveries are counted.
const COUNTED: u64 = 50_001;
/// How many lost deliveries one request sends again.
const RECOVERED: usize = 500;
/// How long a test waits for its answer: a little more than an attempt takes at most.
const TEST_LIMIT: Duration = Duration::from_secs(12);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(100);

/// What is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovery {
    /// How many deliveries.
    pub queued: usize,
    /// Whether there are more in the same window: ask again.
    pub more: bool,
}

impl Webhooks {
    /// An endpoint's deliveries, newest first.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn deliveries(
        &self,
        call: &Call,
        id: WebhookEndpointId,
        filter: &DeliveryFilter,
        page: &PageRequest,
    ) -> Result<Page<WebhookDelivery>, AppError> {
        self.find(call, id).await?;
        Ok(self.ports.devportal.deliveries().find_deliveries(&call.scope(), id, filter, page).await?)
    }

    /// How many there are; 50,001 stands for more than 50,000.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn count(
        &self,
        call: &Call,
        id: WebhookEndpointId,
        filter: &DeliveryFilter,
    ) -> Result<u64, AppError> {
        self.find(call, id).await?;
        Ok(self.ports.devportal.deliveries().count_deliveries(&call.scope(), id, filter, COUNTED).await?)
    }

    /// One delivery.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn delivery(&self, call: &Call, id: WebhookDeliveryId) -> Result<WebhookDelivery, AppError> {
        let found = self.ports.devportal.deliveries().find(&call.scope(), &id).await?;
        found.ok_or_else(|| AppError::not_found("delivery"))
    }

    /// Sends a delivery's payload again, once, under the same `webhook-id`.
    ///
    /// # Errors
    /// `not_found`, `webhook.still_pending`.
    pub async fn replay(
        &self,
        call: &Call,
        endpoint: WebhookEndpointId,
        id: WebhookDeliveryId,
    ) -> Result<WebhookDelivery, AppError> {
        self.ports.require_active(call).await?;
        self.find(call, endpoint).await?;
        let delivery = self.delivery(call, id).await?;
        if delivery.data().endpoint_id != endpoint {
            return Err(AppError::not_found("delivery"));
        }
        self.send_again(call, &delivery).await
    }

    /// Sends again what was lost of what began in a time, once: what failed, though it may have another attempt before it,
    /// and what happened while the endpoint was disabled. What is on its way, or came through since, is not lost.
    ///
    /// # Errors
    /// `not_found`, `webhook.window_too_large`.
    pub async fn recover(
        &self,
        call: &Call,
        id: WebhookEndpointId,
        since: Timestamp,
        until: Option<Timestamp>,
    ) -> Result<Recovery, AppError> {
        self.ports.require_active(call).await?;
        let now = self.ports.now();
        let until = until.unwrap_or(now);
        self.find(call, id).await?;
        recovery_window(since, until, now)?;
        let store = self.ports.devportal.deliveries();
        let lost = store.find_lost_deliveries(&call.scope(), id, since, until, RECOVERED).await?;
        let (more, mut seen, mut queued) = (lost.len() == RECOVERED, BTreeSet::new(), 0);
        // The key claimed is for one unit; repeating this is harmless without one.
        let call = Call { claim: None, ..call.clone() };
        for delivery in &lost {
            if seen.insert(delivery.data().webhook_id) {
                self.send_again(&call, delivery).await?;
                queued += 1;
            }
        }
        Ok(Recovery { queued, more })
    }

    /// Sends a test event and waits for what becomes of it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn test(&self, call: &Call, id: WebhookEndpointId) -> Result<WebhookDelivery, AppError> {
        let (ports, scope) = (&self.ports, call.scope());
        ports.require_active(call).await?;
        let endpoint = self.find(call, id).await?;
        let (data, now) = (endpoint.data(), ports.now());
        let event_id = EventId::new(ports.ulid());
        let payload = payload::test(event_id, id, &data.tenant_id, data.environment, ports.clock.real())?;
        let new = NewDelivery {
            id: WebhookDeliveryId::new(ports.ulid()),
            endpoint_id: id,
            tenant_id: data.tenant_id.clone(),
            environment: data.environment,
            sandbox_id: data.sandbox_id,
            event_id,
            event_type: TEST.to_owned(),
            payload,
            pretended_failures: 0,
        };
        let delivery = WebhookDelivery::begin(new, now);
        let context = call.context("webhook.test", &id, now);
        let _ = ports.save(ports.devportal.deliveries(), &scope, delivery.clone(), context).await?;
        let end = ports.clock.real().plus(TEST_LIMIT.try_into().unwrap_or_default());
        while ports.clock.real() < end {
            ports.lanes.sleep(LOOK).await;
            let now = self.delivery(call, delivery.id()).await?;
            if !now.data().attempts.is_empty() {
                return Ok(now);
            }
        }
        Ok(delivery)
    }

    /// Compares what a receiver saw with what was sent.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn diagnose(
        &self,
        call: &Call,
        id: WebhookDeliveryId,
        seen: &SeenRequest,
    ) -> Result<Diagnosis, AppError> {
        let delivery = self.delivery(call, id).await?;
        let endpoint = self.find(call, delivery.data().endpoint_id).await?;
        let sign = |content: &str| signatures(&self.ports, &endpoint, content);
        let content = |body: &str| {
            let (id, at) = (seen.id().unwrap_or_default(), seen.timestamp().unwrap_or_default());
            sign(&signature::signed_content(id, at, body))
        };
        let data = delivery.data();
        let known = Known {
            webhook_id: data.webhook_id.to_string(),
            payload: data.payload.as_str(),
            real: self.ports.clock.real(),
            of_body: content(&seen.body)?,
            of_payload: content(data.payload.as_str())?,
            scheme: scheme(&endpoint),
        };
        Ok(Diagnosis::of(&known, seen))
    }

    async fn send_again(&self, call: &Call, delivery: &WebhookDelivery) -> Result<WebhookDelivery, AppError> {
        let (ports, now) = (&self.ports, self.ports.now());
        let again = delivery.replay(WebhookDeliveryId::new(ports.ulid()), now)?;
        let context = call.context("webhook.replay", &again.id(), now);
        let _ = ports.save(ports.devportal.deliveries(), &call.scope(), again.clone(), context).await?;
        Ok(again)
    }
}

fn scheme(endpoint: &WebhookEndpoint) -> SignatureScheme {
    endpoint.data().scheme
}
