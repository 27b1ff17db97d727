//! Begins a delivery for each endpoint that wants an event.

use std::sync::Arc;

use async_trait::async_trait;
use sarai_domain::{
    devportal::webhook::{CATALOGUE, NewDelivery, WebhookDelivery, WebhookEndpoint},
    kernel::{Aggregate, TenantId, WebhookDeliveryId},
};
use sarai_ports::{
    Scope, StoreError, UniqueKey,
    events::{Consumer, ConsumerError, EventRecord},
};

use super::payload::{Announced, announced};
use crate::{AppError, Ports, app::failed};

/// The consumer's name, and its group: whoever waits for what a command set off does not wait for it.
pub const CONSUMER: &str = "webhooks";
/// The tenant that stands for the platform's own rows (ruling R27).
const PLATFORM: &str = "platform";
/// How many endpoints are looked at together.
const PART: usize = 100;

/// The consumer.
pub struct FanOut {
    ports: Arc<Ports>,
}

impl FanOut {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// Whether endpoints can ask for a type of event.
    pub fn wants(topic: &str) -> bool {
        CATALOGUE.contains(&topic)
    }

    /// An event of a tenant goes to that tenant's endpoints; one of the platform's own (a release, an article) to
    /// everybody's.
    async fn begin(&self, record: &EventRecord) -> Result<(), AppError> {
        let told = announced(record)?;
        let tenant = Some(&record.tenant_id).filter(|tenant| TenantId::as_str(tenant) != PLATFORM);
        let mut after = None;
        loop {
            let store = self.ports.devportal.webhooks();
            let part = store.find_listening(tenant, told.environment, after, PART).await?;
            for endpoint in &part {
                if wants(endpoint, record, &told) {
                    self.begin_one(endpoint, record, &told).await?;
                }
            }
            after = part.last().map(Aggregate::id);
            if part.len() < PART {
                return Ok(());
            }
        }
    }

    async fn begin_one(
        &self,
        endpoint: &WebhookEndpoint,
        record: &EventRecord,
        told: &Announced,
    ) -> Result<(), AppError> {
        let ports = &self.ports;
        let data = endpoint.data();
        let new = NewDelivery {
            id: WebhookDeliveryId::new(ports.ulid()),
            endpoint_id: data.id,
            tenant_id: data.tenant_id.clone(),
            environment: data.environment,
            sandbox_id: told.sandbox.as_ref().and_then(|id| id.parse().ok()),
            event_id: record.id,
            event_type: record.event.topic().to_owned(),
            payload: told.payload.clone(),
        };
        let mut context = ports.context_of(CONSUMER, record);
        // An event's second delivery to an endpoint is refused by their key, whatever its id.
        context.consumed = None;
        let delivery = WebhookDelivery::begin(new, context.now);
        let scope = Scope::Within(data.tenant_id.clone());
        match ports.save(ports.devportal.deliveries(), &scope, delivery, context).await {
            Ok(_) | Err(StoreError::Taken(UniqueKey::DeliveryPerEvent)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// An endpoint that is bound to a sandbox gets what happens in that one.
fn wants(endpoint: &WebhookEndpoint, record: &EventRecord, told: &Announced) -> bool {
    let data = endpoint.data();
    let bound = data.sandbox_id.map(|sandbox| sandbox.to_string());
    data.wants(record.event.topic()) && bound.is_none_or(|bound| told.sandbox.as_ref() == Some(&bound))
}

#[async_trait]
impl Consumer for FanOut {
    fn name(&self) -> &'static str {
        CONSUMER
    }

    fn group(&self) -> &'static str {
        CONSUMER
    }

    async fn handle(&self, record: &EventRecord) -> Result<(), ConsumerError> {
        if !Self::wants(record.event.topic()) {
            return Ok(());
        }
        self.begin(record).await.map_err(|error| failed(&error))
    }
}
