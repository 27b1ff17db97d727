//! What other services send through the broker (ruling R44): the same as by signed HTTP, and into the same sink.
//!
//! A message is acknowledged after its effect was committed. One that failed comes again, later each time; one that
//! cannot be read, or failed too often, is kept in a stream of its own and comes no more.

use std::{sync::Arc, time::Duration};

use async_nats::{
    HeaderMap,
    jetstream::{
        AckKind, Message,
        consumer::{AckPolicy, pull},
        message::PublishMessage,
    },
};
use sarai_ports::inbound::{InboundRecord, InboundSink, Source};
use tokio::sync::Semaphore;
use tokio_stream::StreamExt as _;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    ACK, Broker, LOOK,
    streams::{DEAD, DEAD_SUBJECT, INBOUND},
};

/// Reads a message of a source; the reason when it is none.
pub type ReadInbound = fn(Source, &[u8]) -> Result<InboundRecord, String>;

/// The name under which the stream knows how far we are.
const DURABLE: &str = "sarai";
/// How long a message may be at work before it is sent again.
const AT_WORK: Duration = Duration::from_secs(30);
/// How many are at work at once.
const CONCURRENCY: usize = 32;
/// How often a message is tried.
const TRIES: i64 = 20;
/// How long a message waits after its first failure, and at most.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Takes what other services send.
#[derive(Clone)]
pub struct Subscriber {
    broker: Broker,
    sink: Arc<dyn InboundSink>,
    read: ReadInbound,
    permits: Arc<Semaphore>,
    pause: Duration,
}

impl Subscriber {
    /// Hands what this can read to this sink.
    pub fn new(broker: Broker, sink: Arc<dyn InboundSink>, read: ReadInbound) -> Self {
        Self { broker, sink, read, permits: Arc::new(Semaphore::new(CONCURRENCY)), pause: PAUSE }
    }

    /// Waits this long after a first failure, and longer after each further one.
    #[must_use]
    pub fn pausing(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// How long a message waits after this many tries.
    fn pause(&self, tries: i64) -> Duration {
        let doubled = 1 << u32::try_from(tries.clamp(1, 9) - 1).unwrap_or_default();
        (self.pause * doubled).min(LONGEST_PAUSE)
    }

    /// Takes messages until told to stop; what is at work then is finished.
    pub async fn run(&self, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        while !stop.is_cancelled() {
            if self.broker.is_ready()
                && let Err(reason) = self.take(&tasks, &stop).await
            {
                tracing::warn!(reason, "what other services send cannot be read for now");
                // The stream may be gone, with all the broker had: nobody publishes to it here, so nobody else would notice.
                self.broker.distrust();
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        tasks.close();
        tasks.wait().await;
    }

    async fn take(&self, tasks: &TaskTracker, stop: &CancellationToken) -> Result<(), String> {
        let config = pull::Config {
            durable_name: Some(DURABLE.to_owned()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: AT_WORK,
            max_ack_pending: 256,
            ..pull::Config::default()
        };
        let context = &self.broker.inner.context;
        let stream = context.get_stream(INBOUND).await.map_err(|error| error.to_string())?;
        let consumer = stream.get_or_create_consumer(DURABLE, config).await;
        let consumer = consumer.map_err(|error| error.to_string())?;
        let messages = consumer.stream().max_messages_per_batch(CONCURRENCY).messages().await;
        let mut messages = messages.map_err(|error| error.to_string())?;
        loop {
            let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else { return Ok(()) };
            let message = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                message = messages.next() => message,
            };
            let message = match message {
                Some(Ok(message)) => message,
                Some(Err(error)) => return Err(error.to_string()),
                None => return Ok(()),
            };
            let subscriber = self.clone();
            tasks.spawn(async move {
                subscriber.handle(&message).await;
                drop(permit);
            });
        }
    }

    async fn handle(&self, message: &Message) {
        let (tries, sequence) = message.info().map_or((1, 0), |info| (info.delivered, info.stream_sequence));
        let source = message.subject.strip_prefix("inbound.").unwrap_or_default().to_owned();
        let answer = match self.receive(message, &source, tries).await {
            Taken::Well => AckKind::Ack,
            Taken::NotYet(reason) => {
                tracing::warn!(source, sequence, tries, reason, "a message failed and comes again");
                AckKind::Nak(Some(self.pause(tries)))
            }
            Taken::Never(reason) => match self.bury(message, &source, sequence, tries, &reason).await {
                Ok(()) => AckKind::Term,
                Err(error) => {
                    tracing::error!(
                        source,
                        sequence,
                        error,
                        "a dead letter could not be kept and comes again"
                    );
                    AckKind::Nak(Some(self.pause(tries)))
                }
            },
        };
        let result = match answer {
            AckKind::Ack => "taken",
            AckKind::Nak(_) => "failed",
            _ => "dead",
        };
        metrics::counter!("inbound_messages_total", "source" => source, "result" => result).increment(1);
        if let Err(error) = message.ack_with(answer).await {
            tracing::warn!(%error, sequence, "a message was not acknowledged: it comes again, and changes nothing");
        }
    }

    async fn receive(&self, message: &Message, source: &str, tries: i64) -> Taken {
        let Some(known) = Source::parse(source) else {
            return Taken::Never(format!("there is no source {source}"));
        };
        if tries > TRIES {
            return Taken::Never("it was never finished".to_owned());
        }
        let record = match (self.read)(known, &message.payload) {
            Ok(record) => record,
            Err(reason) => return Taken::Never(reason),
        };
        match self.sink.receive(record).await {
            Ok(()) => Taken::Well,
            Err(error) if tries >= TRIES => Taken::Never(error.to_string()),
            Err(error) => Taken::NotYet(error.to_string()),
        }
    }

    /// Keeps a message that is not taken, with the reason, where a person finds it.
    async fn bury(
        &self,
        message: &Message,
        source: &str,
        sequence: u64,
        tries: i64,
        reason: &str,
    ) -> Result<(), String> {
        tracing::error!(source, sequence, tries, reason, "a message is a dead letter");
        let published = message.info().map_or(0, |info| info.published.unix_timestamp_nanos());
        let mut headers = HeaderMap::new();
        headers.insert("Sarai-Subject", message.subject.as_str());
        headers.insert("Sarai-Sequence", sequence.to_string());
        headers.insert("Sarai-Tries", tries.to_string());
        // A header is one line.
        headers.insert("Sarai-Reason", reason.replace(['\r', '\n'], " "));
        let letter = PublishMessage::build()
            .headers(headers)
            .payload(message.payload.clone())
            .message_id(format!("{sequence}.{published}"))
            .expected_stream(DEAD);
        let source = Source::parse(source).map_or("unknown", Source::name);
        let publish = async {
            let context = &self.broker.inner.context;
            context.send_publish(format!("{DEAD_SUBJECT}.{source}"), letter).await?.await
        };
        match tokio::time::timeout(ACK, publish).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the broker acknowledged nothing".to_owned()),
        }
    }
}

/// What became of a message.
enum Taken {
    /// It had its effect.
    Well,
    /// It failed.
    NotYet(String),
    /// It is nothing we can take.
    Never(String),
}
