//! A nats-server of a test's own, and what is in its stream.

use async_nats::jetstream::{self, Context};
use sarai_services::Nats;
use serde_json::Value;

/// A message of the stream of events.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) id: String,
    pub(crate) subject_id: String,
    pub(crate) seq: u64,
    /// Where it was published.
    pub(crate) subject: String,
    pub(crate) body: Value,
}

/// A client of the broker.
pub(crate) async fn context(nats: &Nats) -> Context {
    jetstream::new(async_nats::connect(nats.url()).await.unwrap())
}

/// Everything in the stream of events.
pub(crate) async fn published(nats: &Nats) -> Vec<Published> {
    let stream = context(nats).await.get_stream("SARAI_EVENTS").await.unwrap();
    let last = stream.cached_info().state.last_sequence;
    let mut published = Vec::new();
    for sequence in 1..=last {
        let message = stream.get_raw_message(sequence).await.unwrap();
        let body: Value = serde_json::from_slice(&message.payload).unwrap();
        let header = message.headers.get("Nats-Msg-Id").unwrap().as_str().to_owned();
        assert_eq!(body["id"], header.as_str());
        published.push(Published {
            id: header,
            subject_id: body["subject"].as_str().unwrap().to_owned(),
            seq: body["aggregateseq"].as_u64().unwrap(),
            subject: message.subject.to_string(),
            body,
        });
    }
    published
}
