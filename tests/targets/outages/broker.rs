//! T43, T44, T45: the broker is away, comes and goes and loses what it had, and publishers freeze, while buyers are at
//! work.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use sarai_services::{Cluster, Nats, SaraiProcess, sarai};
use serde_json::Value;
use tokio::time::sleep;

use crate::world::{Dice, SARAI, Shop, figure, first_answer, rest, server_over, until};

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

/// Where an event stands: its aggregate and its number there.
fn place(message: &Value) -> ((String, String), u64) {
    let text = |name: &str| message[name].as_str().expect("a text").to_owned();
    ((text("tenantid"), text("subject")), message["aggregateseq"].as_u64().expect("a number"))
}

/// Every event is there, and those of one aggregate arrived in their order; a repetition is known by its id.
fn complete_and_in_order(messages: &[Value], events: usize) {
    let mut seen = BTreeSet::new();
    let mut last = BTreeMap::new();
    for message in messages {
        if seen.insert(message["id"].as_str().expect("a text")) {
            let (aggregate, place) = place(message);
            let before = last.insert(aggregate, place);
            assert!(place == before.map_or(1, |before| before + 1), "{message} follows {before:?}");
        }
    }
    assert_eq!(seen.len(), events);
}

/// Whoever takes each event once, by its id, and lets one wait for those before it ends with all of them.
fn complete_to_who_waits(messages: &[Value], events: usize) {
    let known: BTreeMap<&str, _> =
        messages.iter().map(|message| (message["id"].as_str().expect("a text"), place(message))).collect();
    let mut numbers: BTreeMap<_, BTreeSet<u64>> = BTreeMap::new();
    for (aggregate, number) in known.values() {
        assert!(numbers.entry(aggregate).or_default().insert(*number), "{aggregate:?} has two of {number}");
    }
    let gap = numbers.iter().find(|(_, numbers)| numbers.len() as u64 != *numbers.last().expect("one"));
    assert!(gap.is_none() && known.len() == events, "{} of {events} events, {gap:?}", known.len());
}

/// How many events there are, once all of them are published.
async fn all_published(cluster: &Cluster) -> usize {
    let open = || async { cluster.psql("postgres", &["SELECT count(*) FROM deliveries"]).unwrap() == "0" };
    let drained = until(rest(), "publishing what was left", open).await;
    println!("drained after {drained:?}");
    cluster.psql("postgres", &["SELECT count(*) FROM events"]).unwrap().parse().unwrap()
}

/// Waits until health says so of the broker, which never keeps a server from serving.
async fn broker_is(server: &SaraiProcess, wanted: &str) {
    let told = || async {
        let answer = reqwest::get(format!("{}/readyz", server.url())).await.unwrap();
        let health: Value =
            serde_json::from_str(&answer.error_for_status().unwrap().text().await.unwrap()).unwrap();
        health["broker"] == wanted
    };
    until(rest(), "telling how the broker is", told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_away_and_flaps_gets_every_event_in_order() {
    let mut dice = Dice::new();
    let cluster = Cluster::durable().unwrap();
    let mut nats = Nats::new().unwrap();
    let shop = Shop::open(server_over(&cluster).args(["--nats-url", &nats.url()])).await;
    let busy = shop.busy(20);
    for _ in 0..figure(1, 3) {
        sleep(Duration::from_secs(1)).await;
        broker_is(&shop.server, "up").await;
        nats.kill();
        sleep(Duration::from_secs(figure(4, 300).into())).await;
        broker_is(&shop.server, "down").await;
        until(first_answer(), "serving without a broker", || shop.load.is_served()).await;
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
    let events = all_published(&cluster).await;
    complete_and_in_order(&published(&nats).await, events);
}

/// Publishes everything once more, as an operator would.
fn republish(server: &SaraiProcess) {
    let output = sarai(SARAI)
        .args(["outbox", "republish", "--from", "2000-01-01T00:00:00Z", "--reason", "the broker lost it"])
        .args(["--email", "admin@demo.test", "--password", "sarai-demo", "--url", &server.url()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    println!("{}", String::from_utf8_lossy(&output.stdout).trim_end());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_loses_what_it_had_is_filled_again() {
    let mut dice = Dice::new();
    let cluster = Cluster::durable().unwrap();
    let mut nats = Nats::new().unwrap();
    let shop = Shop::open(server_over(&cluster).args(["--nats-url", &nats.url()])).await;
    let busy = shop.busy(20);
    for round in 0..figure(2, 20) {
        sleep(dice.pause(500, 2_000)).await;
        if round % 2 == 0 {
            nats.lose_everything().unwrap();
        } else {
            nats.kill();
            nats.keep_copy().unwrap();
            nats.start().unwrap();
            sleep(dice.pause(500, 2_000)).await;
            nats.restore_copy().unwrap();
        }
        nats.start().unwrap();
        sleep(dice.pause(100, 1_000)).await;
        republish(&shop.server);
    }
    shop.at_rest(busy).await;
    let events = all_published(&cluster).await;
    complete_to_who_waits(&published(&nats).await, events);
}

/// Publishers over one database freeze in turn, for longer than a claim and a lease hold, and go on.
async fn publishers_freeze(count: usize) {
    let mut dice = Dice::new();
    let cluster = Cluster::durable().unwrap();
    let nats = Nats::new().unwrap();
    let make = || server_over(&cluster).args(["--nats-url", &nats.url()]);
    let mut shop = Shop::open_several(count, make).await;
    let busy = shop.busy(20);
    for round in 0..figure(1, 100) {
        sleep(dice.pause(1_000, 3_000)).await;
        let frozen = round as usize % count;
        let (url, others) = (shop.load.servers(), &mut shop.others);
        let server = if frozen == 0 { &mut shop.server } else { &mut others[frozen - 1] };
        server.pause().unwrap();
        let awake: Vec<String> = url.iter().filter(|url| **url != server.url()).cloned().collect();
        shop.load.redirect(&awake);
        sleep(Duration::from_secs(figure(17, 60).into())).await;
        server.resume().unwrap();
        shop.load.redirect(&url);
    }
    shop.at_rest(busy).await;
    let events = all_published(&cluster).await;
    complete_and_in_order(&published(&nats).await, events);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_publishers_of_which_one_freezes_keep_the_order() {
    publishers_freeze(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_publishers_of_which_one_freezes_keep_the_order() {
    publishers_freeze(3).await;
}
