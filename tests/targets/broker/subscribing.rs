//! What other services send has its effect once, in whatever order and however often it comes (T46).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_nats::jetstream::Context;
use async_trait::async_trait;
use sarai_ports::{
    StoreError,
    inbound::{InboundEvent, InboundRecord, InboundSink},
};
use sarai_relay::jetstream::{Broker, BrokerConfig, Subscriber};
use sarai_services::Nats;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{nats::context, until};

/// Has each effect once, fails now and then, and always for one message.
#[derive(Default)]
struct Sink {
    tries: Mutex<BTreeMap<String, u32>>,
    effects: Mutex<BTreeMap<String, u32>>,
}

#[async_trait]
impl InboundSink for Sink {
    async fn receive(&self, record: InboundRecord) -> Result<(), StoreError> {
        let tries = {
            let mut tries = self.tries.lock().unwrap();
            let tries = tries.entry(record.id.clone()).or_default();
            *tries += 1;
            *tries
        };
        let unavailable = || Err(StoreError::Unavailable("not now".to_owned()));
        let InboundEvent::PlayPackageBuilt { course_version_id } = &record.event else {
            return unavailable();
        };
        let number: u32 = course_version_id.as_str().trim_start_matches("cv_").parse().unwrap();
        if tries <= number % 3 {
            return unavailable();
        }
        // The inbox of the store.
        self.effects.lock().unwrap().entry(record.id).or_insert(number);
        Ok(())
    }
}

async fn send(context: &Context, subject: &str, body: String) {
    context.publish(subject.to_owned(), body.into()).await.unwrap().await.unwrap();
}

fn built(number: u32) -> String {
    let event = json!({
        "specversion": "1.0", "id": format!("built-{number}"), "source": "/content",
        "type": "play_package.built", "data": {"courseVersionId": format!("cv_{number}")},
    });
    event.to_string()
}

/// Takes what is sent, until told to stop.
async fn listening(nats: &Nats, sink: &Arc<Sink>, stop: &CancellationToken) -> JoinHandle<()> {
    let broker = Broker::connect(&BrokerConfig::at(nats.url())).await.unwrap();
    let pause = Duration::from_millis(1);
    let subscriber = Subscriber::new(broker.clone(), sink.clone(), sarai::broker::read).pausing(pause);
    let (looking, stopped) = (broker.clone(), stop.clone());
    tokio::spawn(async move { looking.run(stopped).await });
    let stopped = stop.clone();
    let running = tokio::spawn(async move { subscriber.run(stopped).await });
    until("the broker", async || broker.is_ready()).await;
    running
}

/// The figure is `SARAI_INBOUND` messages, 300 without it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_has_its_effect_once_and_poison_is_kept_aside() {
    let count: u32 = std::env::var("SARAI_INBOUND").map_or(300, |count| count.parse().unwrap());
    let nats = Nats::new().unwrap();
    let (sink, stop) = (Arc::<Sink>::default(), CancellationToken::new());
    let running = listening(&nats, &sink, &stop).await;
    let context = context(&nats).await;
    send(&context, "inbound.content", "no JSON".to_owned()).await;
    send(&context, "inbound.nobody", built(1)).await;
    let disputed = json!({
        "specversion": "1.0", "id": "poison", "source": "/catalog", "type": "course_version.published",
        "data": {"courseId": "crs_1", "courseVersionId": "cv_1"},
    });
    send(&context, "inbound.catalog", disputed.to_string()).await;
    // Each twice, the second time in another order.
    for number in (0..count).chain((0..count).rev()) {
        send(&context, "inbound.content", built(number)).await;
    }
    until("every effect", async || sink.effects.lock().unwrap().len() == count as usize).await;
    until("the dead letters", async || {
        let dead = context.get_stream("SARAI_INBOUND_DEAD").await.unwrap();
        dead.cached_info().state.messages == 3
    })
    .await;
    assert_eq!(sink.tries.lock().unwrap()["poison"], 20);
    let dead = context.get_stream("SARAI_INBOUND_DEAD").await.unwrap();
    let mut told = BTreeMap::new();
    for sequence in 1..=3 {
        let letter = dead.get_raw_message(sequence).await.unwrap();
        let header = |name: &str| letter.headers.get(name).unwrap().as_str().to_owned();
        assert!(!header("Sarai-Reason").is_empty());
        told.insert(header("Sarai-Subject"), header("Sarai-Tries"));
    }
    let wanted = [("inbound.catalog", "20"), ("inbound.content", "1"), ("inbound.nobody", "1")];
    assert_eq!(told, wanted.map(|(subject, tries)| (subject.to_owned(), tries.to_owned())).into());
    let inbound = context.get_stream("SARAI_INBOUND").await.unwrap();
    until("the end of the stream", async || {
        let info = inbound.consumer_info("sarai").await.unwrap();
        info.num_pending == 0 && info.num_ack_pending == 0
    })
    .await;
    stop.cancel();
    running.await.unwrap();
}

/// Nothing is published here meanwhile, so that nobody else notices.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_of_others_that_was_lost_is_made_again_and_read() {
    let mut nats = Nats::new().unwrap();
    let (sink, stop) = (Arc::<Sink>::default(), CancellationToken::new());
    let running = listening(&nats, &sink, &stop).await;
    send(&context(&nats).await, "inbound.content", built(0)).await;
    until("the first effect", async || sink.effects.lock().unwrap().len() == 1).await;

    nats.lose_everything().unwrap();
    nats.start().unwrap();
    let context = context(&nats).await;
    until("the stream", async || context.get_stream("SARAI_INBOUND").await.is_ok()).await;
    send(&context, "inbound.content", built(1)).await;
    until("the second effect", async || sink.effects.lock().unwrap().len() == 2).await;
    stop.cancel();
    running.await.unwrap();
}
