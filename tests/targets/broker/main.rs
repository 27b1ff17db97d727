//! The broker's adapter against real servers: published once and in order, whatever happens to the broker, and what
//! other services send has its effect once (T43 to T46, with small figures).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod market;
mod nats;
mod outages;
mod publishing;
mod purchases;
mod storm;
mod subscribing;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use sarai_application::marketplace::routes::BROKER;
use sarai_memory::MemoryStore;
use sarai_ports::{
    Event, Scope,
    events::{Consumer, Delivery},
};
use sarai_relay::{
    Relay,
    jetstream::{Broker, BrokerConfig, Publisher},
};
use sarai_testkit::{
    SuiteClock, SuitePorts,
    harness::committed,
    subject::{Orders, Subject},
};
use tokio_util::sync::CancellationToken;

use crate::nats::Published;

/// Long enough for whatever has to happen.
const SOON: Duration = Duration::from_mins(1);

/// Everything goes to the broker.
fn to_broker(_event: &Event) -> Vec<&'static str> {
    vec![BROKER]
}

/// A process that publishes: a store, a relay, a connection.
struct Shop {
    ports: SuitePorts,
    relay: Relay,
    broker: Broker,
    stop: CancellationToken,
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Shop {
    async fn open(url: &str) -> Self {
        let clock = Arc::new(SuiteClock::default());
        let store = MemoryStore::new(clock.clone());
        let (shared, time) = (store.clone(), clock.clone());
        let start = move || SuitePorts::of(Arc::new(shared.another_process()), time.clone());
        Self::over(SuitePorts::of(Arc::new(store), clock).beside(start), url, |publisher| publisher).await
    }

    /// One over these ports, its consumer behind another.
    async fn over(
        ports: SuitePorts,
        url: &str,
        behind: impl FnOnce(Arc<dyn Consumer>) -> Arc<dyn Consumer>,
    ) -> Self {
        let config = BrokerConfig::at(url);
        let broker = Broker::connect(&config).await.unwrap();
        let relay = Relay::new(ports.outbox.clone());
        let publisher = Publisher::new(broker.clone(), BROKER, sarai::broker::envelope);
        relay.connect(vec![behind(publisher)]);
        let stop = CancellationToken::new();
        let (running, stopped) = (relay.clone(), stop.clone());
        tokio::spawn(async move { running.run(stopped).await });
        let (looking, stopped) = (broker.clone(), stop.clone());
        tokio::spawn(async move { looking.run(stopped).await });
        Self { ports, relay, broker, stop }
    }

    async fn ready(&self) {
        until("the broker", async || self.broker.is_ready()).await;
    }

    /// Saves an order with this many events, and says what has to be published.
    async fn order(&self, events: usize) -> Vec<Delivery> {
        let mut order = Orders::fresh(&self.ports);
        for _ in 1..events {
            Orders::change(&mut order, &self.ports);
        }
        let unit = self.ports.routed(order, self.ports.context(), to_broker);
        committed(self.ports.orders.save(&Scope::System, unit).await).deliveries
    }

    /// Saves another aggregate of this kind, and says what has to be published.
    async fn fresh<S: Subject>(&self) -> Vec<Delivery> {
        let unit = self.ports.routed(S::fresh(&self.ports), self.ports.context(), to_broker);
        committed(S::repository(&self.ports).save(&Scope::System, unit).await).deliveries
    }

    /// Waits until nothing is left; claims that nobody works on lapse meanwhile.
    async fn drained(&self) {
        until("the end of the backlog", async || {
            self.ports.advance(Duration::from_secs(1));
            self.ports.open_deliveries().await == 0
        })
        .await;
    }
}

/// Waits until something is so.
async fn until(what: &str, so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !so().await {
        assert!(begun.elapsed() < SOON, "{what} never came");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Every event is in the stream, once, and each aggregate's in order.
fn assert_complete(published: &[Published], events: &BTreeSet<String>) {
    let ids: BTreeSet<String> = published.iter().map(|one| one.id.clone()).collect();
    assert_eq!(published.len(), ids.len(), "each once");
    assert_eq!(ids.len(), events.len());
    assert_eq!(&ids, events);
    let mut last = BTreeMap::<&str, u64>::new();
    for one in published {
        let before = last.insert(&one.subject_id, one.seq).unwrap_or_default();
        assert_eq!(one.seq, before + 1, "{}", one.subject_id);
    }
}

fn ids(deliveries: &[Delivery]) -> impl Iterator<Item = String> {
    deliveries.iter().map(|delivery| delivery.event.id.to_string())
}
