//! The consumer `broker`: publishes every event, once, in the order of its aggregate.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_nats::jetstream::{
    context::{PublishError, PublishErrorKind},
    message::PublishMessage,
    publish::PublishAck,
};
use async_trait::async_trait;
use sarai_ports::events::{Consumer, ConsumerError, EventRecord};

use super::{ACK, Broker, streams::EVENTS, subject_of};

/// The body of an event: its envelope. The reason when it has none.
pub type Envelope = fn(&EventRecord) -> Result<Vec<u8>, String>;

/// Publishes to the broker.
pub struct Publisher {
    broker: Broker,
    name: &'static str,
    envelope: Envelope,
}

impl Publisher {
    /// The consumer of this name.
    pub fn new(broker: Broker, name: &'static str, envelope: Envelope) -> Arc<Self> {
        Arc::new(Self { broker, name, envelope })
    }

    /// Publishes and waits for the acknowledgement of the stream: nothing less says that it has the message.
    async fn publish(&self, subject: String, message: PublishMessage) -> Result<PublishAck, PublishError> {
        self.broker.inner.context.send_publish(subject, message).await?.await
    }
}

#[async_trait]
impl Consumer for Publisher {
    fn name(&self) -> &'static str {
        self.name
    }

    fn group(&self) -> &'static str {
        self.name
    }

    fn ready(&self) -> bool {
        self.broker.is_ready()
    }

    async fn handle(&self, event: &EventRecord) -> Result<(), ConsumerError> {
        let body = (self.envelope)(event).map_err(|reason| ConsumerError { reason })?;
        let message = PublishMessage::build()
            .payload(body.into())
            .message_id(event.id.to_string())
            .expected_stream(EVENTS);
        let begun = Instant::now();
        let reason = match tokio::time::timeout(ACK, self.publish(subject_of(event), message)).await {
            Ok(Ok(ack)) => {
                told(&ack, begun.elapsed());
                return Ok(());
            }
            Ok(Err(error)) => {
                if error.kind() != PublishErrorKind::MaxPayloadExceeded {
                    self.broker.distrust();
                }
                error.to_string()
            }
            Err(_) => {
                self.broker.distrust();
                "the broker acknowledged nothing".to_owned()
            }
        };
        Err(ConsumerError { reason })
    }
}

fn told(ack: &PublishAck, took: Duration) {
    metrics::histogram!("broker_publish_seconds").record(took);
    let result = if ack.duplicate { "duplicate" } else { "new" };
    metrics::counter!("broker_published_total", "result" => result).increment(1);
}
