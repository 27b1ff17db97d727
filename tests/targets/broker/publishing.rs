//! What is published, and that it is published once and in order (T45).

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_nats::jetstream::stream::{Config, RetentionPolicy};
use async_trait::async_trait;
use sarai_application::marketplace::routes::BROKER;
use sarai_domain::{
    devportal::values::Environment,
    kernel::{DeveloperAccountId, Ulid},
};
use sarai_ports::{
    Scope,
    events::{Consumer, ConsumerError, EventRecord, FollowUp as _},
};
use sarai_services::Nats;
use sarai_testkit::subject::Accounts;
use sarai_testkit::{harness::committed, make::portal};
use tokio::sync::Semaphore;

use crate::{
    SOON, Shop, assert_complete, ids,
    nats::{context, published},
    to_broker, until,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_published_once_and_in_order() {
    let nats = Nats::new().unwrap();
    let shop = Shop::open(&nats.url()).await;
    shop.ready().await;
    let mut events = BTreeSet::new();
    for _ in 0..60 {
        let deliveries = shop.order(5).await;
        events.extend(ids(&deliveries));
        shop.relay.committed(deliveries.clone());
        // As after a failure of the follow-up: again.
        shop.relay.committed(deliveries);
    }
    shop.relay.idle(SOON).await;
    assert_eq!(shop.ports.open_deliveries().await, 0);
    let published = published(&nats).await;
    assert_complete(&published, &events);
    let first = &published[0];
    assert_eq!(first.subject, "marketplace.order.placed.v1.acme");
    assert_eq!(first.body["specversion"], "1.0");
    assert_eq!(first.body["type"], "marketplace.order.placed.v1");
    assert_eq!(first.body["tenantid"], "acme");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_something_else_is_not_published_to() {
    let mut nats = Nats::new().unwrap();
    let other = Config {
        name: "SARAI_EVENTS".to_owned(),
        subjects: vec!["marketplace.>".to_owned()],
        retention: RetentionPolicy::WorkQueue,
        ..Config::default()
    };
    context(&nats).await.create_stream(other).await.unwrap();
    let shop = Shop::open(&nats.url()).await;
    let deliveries = shop.order(1).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    shop.relay.committed(deliveries);
    shop.relay.idle(SOON).await;
    assert!(!shop.broker.is_ready());
    assert_eq!(shop.ports.open_deliveries().await, 1);
    // A stream that is made while the one before it is being deleted may be deleted with it: not here.
    nats.lose_everything().unwrap();
    nats.start().unwrap();
    shop.drained().await;
    assert_eq!(published(&nats).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_of_an_earlier_version_is_opened_to_the_events_of_every_context() {
    let nats = Nats::new().unwrap();
    let earlier = Config {
        name: "SARAI_EVENTS".to_owned(),
        subjects: vec!["marketplace.>".to_owned()],
        ..Config::default()
    };
    context(&nats).await.create_stream(earlier).await.unwrap();
    let shop = Shop::open(&nats.url()).await;
    shop.ready().await;
    shop.relay.committed(shop.order(1).await);
    shop.relay.committed(shop.fresh::<Accounts>().await);
    shop.relay.idle(SOON).await;
    assert_eq!(shop.ports.open_deliveries().await, 0);
    let subjects: BTreeSet<_> = published(&nats).await.into_iter().map(|one| one.subject).collect();
    let both = ["devportal.account.registered.v1.acme", "marketplace.order.placed.v1.acme"];
    assert_eq!(subjects, both.map(str::to_owned).into());
}

/// A publisher that stops where a test wants it to.
struct Frozen {
    publisher: Arc<dyn Consumer>,
    gate: Arc<Semaphore>,
}

#[async_trait]
impl Consumer for Frozen {
    fn name(&self) -> &'static str {
        BROKER
    }

    fn group(&self) -> &'static str {
        BROKER
    }

    fn ready(&self) -> bool {
        self.publisher.ready()
    }

    async fn handle(&self, event: &EventRecord) -> Result<(), ConsumerError> {
        self.gate.acquire().await.unwrap().forget();
        self.publisher.handle(event).await
    }
}

/// One publisher freezes in the middle of its lanes, others take over, and it goes on afterwards: the stream has every
/// event once, and each aggregate's in order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_publisher_disturbs_no_order() {
    let nats = Nats::new().unwrap();
    let first = Shop::open(&nats.url()).await;
    let gate = Arc::new(Semaphore::new(25));
    let frozen = {
        let gate = gate.clone();
        let behind = |publisher| Arc::new(Frozen { publisher, gate }) as Arc<dyn Consumer>;
        Shop::over(first.ports.another_process(), &nats.url(), behind).await
    };
    first.ready().await;
    frozen.ready().await;
    let mut events = BTreeSet::new();
    for _ in 0..20 {
        let deliveries = frozen.order(6).await;
        events.extend(ids(&deliveries));
        frozen.relay.committed(deliveries);
    }
    until("the freeze", async || gate.available_permits() == 0).await;
    // What is frozen takes nothing more up: what it has in hand goes on afterwards.
    frozen.relay.rest();
    tokio::time::sleep(Duration::from_secs(11)).await;
    // Its claims have lapsed by the store's clock; by its own it has too little left of them to begin anything.
    first.ports.advance(Duration::from_secs(16));
    let third = Shop::over(first.ports.another_process(), &nats.url(), |publisher| publisher).await;
    third.ready().await;
    until("the takeover", async || {
        // Who claimed and came too late to begin lets go when the store's clock says so, as time passes.
        first.ports.advance(Duration::from_millis(50));
        first.ports.open_deliveries().await < 60
    })
    .await;
    gate.add_permits(10_000);
    first.drained().await;
    frozen.relay.idle(SOON).await;
    assert_complete(&published(&nats).await, &events);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_portal_s_events_are_published_too_and_those_of_sandboxes_apart() {
    let nats = Nats::new().unwrap();
    // A stream that was made when there was the marketplace only.
    let before = Config {
        name: "SARAI_EVENTS".to_owned(),
        subjects: vec!["marketplace.>".to_owned()],
        ..Config::default()
    };
    context(&nats).await.create_stream(before).await.unwrap();
    let shop = Shop::open(&nats.url()).await;
    shop.ready().await;
    for environment in [Environment::Production, Environment::Sandbox] {
        let new = portal::new_key(&shop.ports, environment, "shop");
        let account = DeveloperAccountId::new(Ulid(7));
        let key = portal::active(&shop.ports, account, new);
        let unit = shop.ports.routed(key, shop.ports.context(), to_broker);
        shop.relay.committed(committed(shop.ports.keys().save(&Scope::System, unit).await).deliveries);
    }
    shop.relay.idle(SOON).await;
    assert_eq!(shop.ports.open_deliveries().await, 0);
    assert!(shop.broker.is_ready());
    let subjects: BTreeSet<String> = published(&nats).await.into_iter().map(|one| one.subject).collect();
    let wanted = ["devportal.key.created.v1.acme", "sandbox.devportal.key.created.v1.acme"];
    assert_eq!(subjects, wanted.map(str::to_owned).into());
}
