//! What the broker's adapter is told about the forms of messages, ours and those of other services, and what health says
//! of it.

use std::sync::Arc;

use async_trait::async_trait;
use sarai_application::envelope::Envelope;
use sarai_http::{routes::cloud_event, site::Readiness};
use sarai_ports::{
    events::EventRecord,
    inbound::{InboundRecord, Source},
};
use sarai_relay::jetstream::{Broker, BrokerConfig};
use sarai_senders::SenderTable;

use crate::config::Config;

/// The broker of a configuration, when it names one.
pub fn configured(config: &Config) -> Option<BrokerConfig> {
    Some(BrokerConfig {
        url: config.nats_url.reveal()?.to_owned(),
        credentials: config.nats_credentials.clone(),
        authorities: config.nats_ca.clone(),
        replicas: config.nats_replicas,
    })
}

/// An event as it is published.
///
/// # Errors
/// The reason why it has no form.
pub fn envelope(event: &EventRecord) -> Result<Vec<u8>, String> {
    let envelope = Envelope::of(event).map_err(|error| error.to_string())?;
    serde_json::to_vec(&envelope).map_err(|error| error.to_string())
}

/// A message of another service: the same as its signed webhook.
///
/// # Errors
/// The reason why it is none.
pub fn read(source: Source, body: &[u8]) -> Result<InboundRecord, String> {
    let body = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    cloud_event::read(source, &body).map_err(|problem| problem.to_string())
}

/// Readiness that also says whether the broker is there, without which events wait in the outbox, and the senders that stay
/// connected, without which codes go back to their queue.
pub struct Reported {
    /// What decides.
    pub ready: Arc<dyn Readiness>,
    /// The broker, where one is configured.
    pub broker: Option<Broker>,
    /// The senders.
    pub senders: Arc<SenderTable>,
}

#[async_trait]
impl Readiness for Reported {
    async fn missing(&self) -> Vec<String> {
        self.ready.missing().await
    }

    fn beside(&self) -> Vec<(String, bool)> {
        let broker = self.broker.iter().map(|broker| ("broker".to_owned(), broker.is_ready()));
        let senders = self.senders.connected().map(|(name, there)| (format!("senders.{name}"), there));
        broker.chain(senders).collect()
    }
}
