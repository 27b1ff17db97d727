//! T43: the broker is away, and comes and goes, while buyers are at work.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use sarai_services::{Cluster, Nats};
use serde_json::Value;
use tokio::time::sleep;

use crate::world::{Dice, Shop, figure, server_over, until};

const STREAM: &str = "SARAI_EVENTS";

/// Every message of the stream, as it was published.
async fn published(nats: &Nats) -> Vec<Value> {
    let client = async_nats::connect(nats.url()).await.unwrap();
    let stream = async_nats::jetstream::new(client).get_stream(STREAM).await.unwrap();
    let state = stream.cached_info().state.clone();
    let mut messages = Vec::new();
    for sequence in state.first_sequence..=state.last_sequence {
        let message = stream.get_raw_message(sequence).await.unwrap();
        messages.push(serde_json::from_slice(&message.payload).unwrap());
    }
    messages
}

/// Every event is there, and those of one aggregate arrived in their order; a repetition is known by its id.
fn complete_and_in_order(messages: &[Value], events: usize) {
    let mut seen = BTreeSet::new();
    let mut last: BTreeMap<(String, String), u64> = BTreeMap::new();
    for message in messages {
        let text = |name: &str| message[name].as_str().expect("a text").to_owned();
        if seen.insert(text("id")) {
            let place = message["aggregateseq"].as_u64().expect("a number");
            let before = last.insert((text("tenantid"), text("subject")), place);
            assert!(place == before.map_or(1, |before| before + 1), "{message} follows {before:?}");
        }
    }
    assert_eq!(seen.len(), events);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_away_and_flaps_gets_every_event_in_order() {
    let mut dice = Dice::new();
    let cluster = Cluster::durable().unwrap();
    let mut nats = Nats::new().unwrap();
    let shop = Shop::open(server_over(&cluster).args(["--nats-url", &nats.url()])).await;
    let busy = shop.busy(10);
    for _ in 0..figure(1, 3) {
        sleep(Duration::from_secs(1)).await;
        nats.kill();
        sleep(Duration::from_secs(figure(4, 300).into())).await;
        assert!(shop.load.is_served().await, "purchases need no broker");
        nats.start().unwrap();
        for _ in 0..figure(3, 100) {
            sleep(dice.pause(500, 3_000)).await;
            nats.kill();
            sleep(dice.pause(100, 1_000)).await;
            nats.start().unwrap();
        }
        nats.pause().unwrap();
        sleep(dice.pause(1_000, 6_000)).await;
        nats.resume().unwrap();
    }
    shop.at_rest(busy).await;
    let open = || async { cluster.psql("postgres", &["SELECT count(*) FROM deliveries"]).unwrap() == "0" };
    let drained = until(Duration::from_secs(60), "publishing what was left", open).await;
    println!("drained after {drained:?}");
    let events = cluster.psql("postgres", &["SELECT count(*) FROM events"]).unwrap().parse().unwrap();
    complete_and_in_order(&published(&nats).await, events);
}
