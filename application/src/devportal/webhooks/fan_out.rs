//! Begins a delivery for each endpoint that wants an event; for one that is disabled it is over as it begins.

use std::sync::Arc;

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        sandbox::SandboxSession,
        verify::VerifySession,
        webhook::{CATALOGUE, EndpointStatus, NewDelivery, WebhookDelivery, WebhookEndpoint, event_of},
    },
    kernel::{Aggregate, EventId, SandboxId, TenantId, VerificationId, WebhookDeliveryId, WebhookEndpointId},
};
use sarai_ports::{
    Context, Repository, Scope, StoreError, UniqueKey,
    events::{Consumer, ConsumerError, EventRecord},
    inbound::MessageReport,
};

use super::payload::{Announced, announced, message};
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

    async fn tell(&self, record: &EventRecord) -> Result<(), AppError> {
        let told = announced(record)?;
        let here = self.pretended(record, &told).await?;
        let tenant = Some(&record.tenant_id).filter(|tenant| TenantId::as_str(tenant) != PLATFORM);
        let context = self.ports.context_of(CONSUMER, record);
        let news = News { event_id: record.id, topic: record.event.topic(), tenant, told, context };
        self.begin(&news, &here).await
    }

    async fn message(
        &self,
        topic: &'static str,
        report: &MessageReport,
        context: Context,
    ) -> Result<(), AppError> {
        let event_id = event_of("messaging", &format!("{topic} {}", report.message_id));
        let told = message(event_id, topic, report)?;
        let news = News { event_id, topic, tenant: Some(&report.tenant_id), told, context };
        self.begin(&news, &Pretended::default()).await
    }

    /// An event of a tenant goes to that tenant's endpoints; one of the platform's own (a release, an article) to
    /// everybody's.
    async fn begin(&self, news: &News<'_>, here: &Pretended) -> Result<(), AppError> {
        let mut after = None;
        loop {
            let store = self.ports.devportal.webhooks();
            let part = store.find_listening(news.tenant, news.told.environment, after, PART).await?;
            for endpoint in &part {
                if news.is_for(endpoint) && here.reaches(endpoint) {
                    self.begin_one(endpoint, news, here.failures).await?;
                }
            }
            after = part.last().map(Aggregate::id);
            if part.len() < PART {
                return Ok(());
            }
        }
    }

    /// What a sandbox says of its events: which endpoints get them, and how often its receiver fails first.
    async fn pretended(&self, record: &EventRecord, told: &Announced) -> Result<Pretended, AppError> {
        let Some(sandbox) = told.sandbox.as_ref().and_then(|id| id.parse::<SandboxId>().ok()) else {
            return Ok(Pretended::default());
        };
        let scope = Scope::Within(record.tenant_id.clone());
        let store = &*self.ports.devportal.store;
        let sandbox = Repository::<SandboxSession>::find(store, &scope, &sandbox).await?;
        let only = sandbox.map(|sandbox| sandbox.data().webhook_endpoint_ids.clone()).unwrap_or_default();
        let failures = match record.subject.parse::<VerificationId>() {
            Ok(id) => Repository::<VerifySession>::find(store, &scope, &id).await?,
            Err(_) => None,
        };
        let failures = failures.map_or(0, |session| session.webhook_failures());
        Ok(Pretended { only, failures })
    }

    async fn begin_one(
        &self,
        endpoint: &WebhookEndpoint,
        news: &News<'_>,
        pretended_failures: u8,
    ) -> Result<(), AppError> {
        let ports = &self.ports;
        let data = endpoint.data();
        let new = NewDelivery {
            id: WebhookDeliveryId::new(ports.ulid()),
            endpoint_id: data.id,
            tenant_id: data.tenant_id.clone(),
            environment: data.environment,
            sandbox_id: news.told.sandbox.as_ref().and_then(|id| id.parse().ok()),
            event_id: news.event_id,
            event_type: news.topic.to_owned(),
            payload: news.told.payload.clone(),
            pretended_failures,
        };
        // An event's second delivery to an endpoint is refused by their key, whatever its id.
        let context = Context { consumed: None, ..news.context.clone() };
        let mut delivery = WebhookDelivery::begin(new, context.now);
        // What a disabled endpoint misses is kept for the day its owner sends again what was lost.
        if data.status == EndpointStatus::Disabled {
            let _ = delivery.abandon(context.now)?;
        }
        let scope = Scope::Within(data.tenant_id.clone());
        match ports.save(ports.devportal.deliveries(), &scope, delivery, context).await {
            Ok(_) | Err(StoreError::Taken(UniqueKey::DeliveryPerEvent)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Ports {
    /// What a tenant's message came to, as messaging tells it; the same message again is the same event.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn message_told(
        self: &Arc<Self>,
        topic: &'static str,
        report: &MessageReport,
        context: Context,
    ) -> Result<(), AppError> {
        FanOut::new(Arc::clone(self)).message(topic, report, context).await
    }
}

/// Something that happened, on its way to whoever listens.
struct News<'a> {
    event_id: EventId,
    topic: &'static str,
    /// Whose endpoints get it; everybody's where there is none.
    tenant: Option<&'a TenantId>,
    told: Announced,
    context: Context,
}

impl News<'_> {
    /// An endpoint that is bound to a sandbox gets what happens in that one; a disabled one misses it.
    fn is_for(&self, endpoint: &WebhookEndpoint) -> bool {
        let data = endpoint.data();
        let bound = data.sandbox_id.map(|sandbox| sandbox.to_string());
        data.events.wants(self.topic) && bound.is_none_or(|bound| self.told.sandbox.as_ref() == Some(&bound))
    }
}

/// What a sandbox says of the deliveries of its events.
#[derive(Default)]
struct Pretended {
    only: Vec<WebhookEndpointId>,
    failures: u8,
}

impl Pretended {
    fn reaches(&self, endpoint: &WebhookEndpoint) -> bool {
        self.only.is_empty() || self.only.contains(&endpoint.id())
    }
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
        self.tell(record).await.map_err(|error| failed(&error))
    }
}
