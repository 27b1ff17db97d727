//! What becomes of events while the broker is away, comes and goes, or has lost everything (T43, T44).

use std::{collections::BTreeSet, time::Duration};

use sarai_application::marketplace::routes::BROKER;
use sarai_ports::events::FollowUp as _;
use sarai_services::Nats;

use crate::{
    SOON, Shop, assert_complete, ids,
    nats::{context, published},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_drains_when_the_broker_comes() {
    let mut nats = Nats::new().unwrap();
    nats.kill();
    let shop = Shop::open(&nats.url()).await;
    let mut events = BTreeSet::new();
    for _ in 0..40 {
        let deliveries = shop.order(5).await;
        events.extend(ids(&deliveries));
        shop.relay.committed(deliveries);
        shop.ports.advance(Duration::from_secs(7));
    }
    shop.relay.idle(SOON).await;
    let backlog = shop.ports.outbox.backlog().await.unwrap();
    assert_eq!((backlog.open, backlog.dead_letters), (200, 0));
    nats.start().unwrap();
    shop.drained().await;
    assert_complete(&published(&nats).await, &events);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_asks_who_we_are_is_told() {
    let nats = Nats::asking("sarai", "s3cret").unwrap();
    let nobody = Shop::open(&nats.url()).await;
    let known = Shop::open(&nats.url().replace("nats://", "nats://sarai:s3cret@")).await;
    known.ready().await;
    assert!(!nobody.broker.is_ready());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_comes_back_without_its_streams_is_not_ready_before_it_has_them() {
    let mut nats = Nats::new().unwrap();
    let shop = Shop::open(&nats.url()).await;
    shop.ready().await;
    nats.lose_everything().unwrap();
    nats.start().unwrap();
    shop.ready().await;
    // Nobody published, so nobody was told that there is no stream.
    context(&nats).await.get_stream("SARAI_EVENTS").await.unwrap();
}

/// `SARAI_FLAPS` outages of a second and a half each, 3 without it; the server is frozen and killed in turn.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_while_the_broker_comes_and_goes() {
    let flaps = std::env::var("SARAI_FLAPS").map_or(3, |flaps| flaps.parse().unwrap());
    let mut nats = Nats::new().unwrap();
    let shop = Shop::open(&nats.url()).await;
    shop.ready().await;
    let mut events = BTreeSet::new();
    for flap in 0..flaps {
        for phase in 0..2 {
            match (flap % 2, phase) {
                (0, 0) => nats.kill(),
                (0, _) => nats.start().unwrap(),
                (_, 0) => nats.pause().unwrap(),
                (_, _) => nats.resume().unwrap(),
            }
            for _ in 0..15 {
                let deliveries = shop.order(4).await;
                events.extend(ids(&deliveries));
                shop.relay.committed(deliveries);
                shop.ports.advance(Duration::from_millis(100));
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    shop.drained().await;
    assert_eq!(shop.ports.outbox.backlog().await.unwrap().dead_letters, 0);
    assert_complete(&published(&nats).await, &events);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_was_lost_is_published_again() {
    let mut nats = Nats::new().unwrap();
    let shop = Shop::open(&nats.url()).await;
    shop.ready().await;
    let mut events = BTreeSet::new();
    let from = shop.ports.now();
    for round in 0..40 {
        let deliveries = shop.order(3).await;
        events.extend(ids(&deliveries));
        shop.relay.committed(deliveries);
        shop.ports.advance(Duration::from_millis(10));
        if round == 20 {
            shop.relay.idle(SOON).await;
            nats.lose_everything().unwrap();
        }
    }
    nats.start().unwrap();
    shop.drained().await;
    assert!(published(&nats).await.len() < events.len(), "something was lost");
    // A stream that is whole in its middle gets its beginning again only where that is missing, so begin anew.
    context(&nats).await.delete_stream("SARAI_EVENTS").await.unwrap();
    let to = shop.ports.now();
    let mut after = None;
    loop {
        let part = shop.ports.outbox.republish(BROKER, from, to, after, 50).await.unwrap();
        after = part.next;
        if after.is_none() {
            break;
        }
    }
    shop.drained().await;
    assert_complete(&published(&nats).await, &events);
    let again = shop.ports.outbox.republish(BROKER, from, to, None, 1_000).await.unwrap();
    assert_eq!(again.deliveries, events.len());
    shop.drained().await;
    assert_complete(&published(&nats).await, &events);
}
