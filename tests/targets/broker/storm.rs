//! T46: messages come twice and in disorder, are refused in storms, and their acknowledgements get lost, on the way in
//! and on the way out. Every effect is there once; what can never be taken is kept aside, and the rest flows.
//!
//! The figure is `MESSAGES` each way, 600 without it: `cargo xtask soak messages` takes 10^5.

#![allow(clippy::print_stdout, reason = "a long run says what happened in it")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use async_nats::jetstream::Context;
use async_trait::async_trait;
use sarai::embedded::{Clocks, Embedded};
use sarai_domain::{
    kernel::OrderLineId,
    marketplace::{
        earnings::{LineKind, ProviderEarnings},
        license::License,
    },
};
use sarai_memory::MemoryStore;
use sarai_ports::{
    StoreError,
    events::FollowUp as _,
    inbound::{InboundRecord, InboundSink},
    inventory::Scan,
};
use sarai_relay::jetstream::{Broker, BrokerConfig, Subscriber};
use sarai_services::{Loss, Nats, Proxy};
use sarai_standins::TokenIssuer;
use sarai_system::SystemClock;
use serde_json::json;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Shop, assert_complete, ids,
    market::Market,
    nats::{context, published},
    until,
};

/// What can never be taken.
const POISON: &str = "poison";
/// Tries after which a message is kept aside.
const TRIES: u32 = 20;
/// Renewals of one subscription.
const PERIODS: u32 = 100;

fn figure() -> u32 {
    std::env::var("MESSAGES").map_or(600, |count| count.parse().expect("MESSAGES is a number"))
}

/// A number that depends on nothing but these.
fn mixed(text: &str, number: u32) -> u32 {
    let bytes = text.bytes().chain(number.to_le_bytes());
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)) >> 8
}

/// The real consumer on a bad day: it refuses before the effect, or its answer is lost after it.
struct Moody {
    sink: Arc<dyn InboundSink>,
    /// Refuses everything.
    storm: AtomicBool,
    tries: Mutex<BTreeMap<String, u32>>,
    refused: AtomicU32,
    lost: AtomicU32,
}

#[async_trait]
impl InboundSink for Moody {
    async fn receive(&self, record: InboundRecord) -> Result<(), StoreError> {
        let id = record.id.clone();
        let tries = {
            let mut tries = self.tries.lock().unwrap();
            let tries = tries.entry(id.clone()).or_default();
            *tries += 1;
            *tries
        };
        let mood = mixed(&id, tries) % 10;
        if id == POISON || mood == 0 || self.storm.load(Ordering::Relaxed) {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(StoreError::Unavailable("not now".to_owned()));
        }
        self.sink.receive(record).await?;
        if mood == 1 {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return Err(StoreError::Unavailable("the answer was lost".to_owned()));
        }
        Ok(())
    }
}

/// A paid period of a subscription.
fn renewed(id: &str, line: OrderLineId, period: u32) -> String {
    let event = json!({
        "specversion": "1.0", "id": id, "source": "/billing", "type": "billing.subscription.renewed.v1",
        "data": {
            "orderLineId": line.to_string(), "invoiceId": format!("inv_{id}"), "periodIndex": period,
            "amount": {"amount": "49.00", "currency": "USD"}, "tax": {"amount": "0.00", "currency": "USD"},
        },
    });
    event.to_string()
}

/// Sends what was shuffled, many at a time.
async fn send_all(context: &Context, mut messages: Vec<(String, String)>) {
    messages.sort_by_key(|(key, _)| mixed(key, 0));
    for part in messages.chunks(500) {
        let mut acks = Vec::new();
        for (_, body) in part {
            acks.push(context.publish("inbound.billing", body.clone().into()).await.unwrap());
        }
        for ack in acks {
            ack.await.unwrap();
        }
    }
}

/// The months that are paid, and the renewals that were earned with how often each was.
async fn effects(store: &MemoryStore) -> (BTreeMap<OrderLineId, u32>, BTreeMap<String, u32>) {
    let licenses = Scan::<License>::scan(store, None, 10_000).await.unwrap();
    let paid = licenses.into_iter().map(|raw| {
        let data = raw.content.unwrap().data;
        (data.order_line_id.unwrap(), data.paid_through)
    });
    let mut earned = BTreeMap::new();
    for period in Scan::<ProviderEarnings>::scan(store, None, 100).await.unwrap() {
        for line in period.content.unwrap().rows {
            if line.kind == LineKind::Sale && line.source_event_id.starts_with("renewal:") {
                *earned.entry(line.source_event_id).or_default() += 1;
            }
        }
    }
    (paid.collect(), earned)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_in_a_storm_has_its_effect_once() {
    let nats = Nats::new().unwrap();
    let issuer = TokenIssuer { issuer: "test".to_owned(), audience: "sarai".to_owned() };
    let clocks = Clocks::of(SystemClock::new(true));
    let (sarai, store) = Embedded::in_memory_with(&clocks, issuer, None).unwrap();
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    sarai.start(&tasks, &stop);
    sarai.sources.announce_demo();
    let market = Market::monthly(&sarai, 1).await;
    let mut lines = Vec::new();
    // Each renewal is told twice.
    for _ in 0..(figure() / 2).div_ceil(PERIODS) {
        lines.push(market.buy().await);
    }

    let broker = Broker::connect(&BrokerConfig::at(nats.url())).await.unwrap();
    let moody = Arc::new(Moody {
        sink: Arc::new(sarai.inbound.clone()),
        storm: AtomicBool::new(false),
        tries: Mutex::default(),
        refused: AtomicU32::new(0),
        lost: AtomicU32::new(0),
    });
    let subscriber = Subscriber::new(broker.clone(), moody.clone(), sarai::broker::read);
    let subscriber = subscriber.pausing(Duration::from_millis(5));
    let (looking, stopped) = (broker.clone(), stop.clone());
    tasks.spawn(async move { looking.run(stopped).await });
    let stopped = stop.clone();
    tasks.spawn(async move { subscriber.run(stopped).await });
    until("the broker", async || broker.is_ready()).await;

    let context = context(&nats).await;
    let mut messages = vec![(POISON.to_owned(), renewed(POISON, lines[0], 1))];
    let mut wanted = BTreeSet::new();
    for line in &lines {
        for period in 1..=PERIODS {
            let id = format!("{line}-{period}");
            messages.extend((0..2).map(|copy| (format!("{copy}-{id}"), renewed(&id, *line, period))));
            wanted.insert(format!("renewal:{line}:{period}"));
        }
    }
    let count = messages.len();
    let sending = tokio::spawn({
        let context = context.clone();
        async move { send_all(&context, messages).await }
    });
    // Storms: for a while nothing at all is taken.
    while !sending.is_finished() {
        moody.storm.store(true, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(200)).await;
        moody.storm.store(false, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    sending.await.unwrap();
    let inbound = context.get_stream("SARAI_INBOUND").await.unwrap();
    // As long as something goes on.
    let mut left = u64::MAX;
    loop {
        let info = inbound.consumer_info("sarai").await.unwrap();
        let now = info.num_pending + info.num_ack_pending as u64;
        if now == 0 {
            break;
        }
        if now < left {
            left = now;
        } else {
            until("the next message", async || {
                let info = inbound.consumer_info("sarai").await.unwrap();
                info.num_pending + (info.num_ack_pending as u64) < left
            })
            .await;
        }
    }
    let dead = context.get_stream("SARAI_INBOUND_DEAD").await.unwrap();
    assert_eq!(dead.cached_info().state.messages, 1, "the poison, and nothing else");
    assert_eq!(moody.tries.lock().unwrap()[POISON], TRIES);
    let (refused, lost) = (moody.refused.load(Ordering::Relaxed), moody.lost.load(Ordering::Relaxed));
    println!("{count} messages, {refused} tries refused, {lost} answers lost after the effect");
    assert!(refused > 0 && lost > 0);
    let (paid, earned) = effects(&store).await;
    let doubled: Vec<_> = earned.iter().filter(|(_, times)| **times != 1).collect();
    assert!(doubled.is_empty(), "{doubled:?}");
    assert_eq!(earned.keys().cloned().collect::<BTreeSet<_>>(), wanted);
    assert_eq!(paid, lines.iter().map(|line| (*line, PERIODS)).collect());
    sarai.relay.idle(crate::SOON).await;
    let audit = sarai.auditor.run(&|_| {}).await.unwrap();
    let violated: Vec<_> = audit.checks.iter().filter(|checked| checked.violations > 0).collect();
    assert!(violated.is_empty(), "{violated:?}");
    stop.cancel();
    tasks.close();
    tasks.wait().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_out_is_there_once_though_acknowledgements_are_lost() {
    let nats = Nats::new().unwrap();
    let proxy = Proxy::new(nats.address()).unwrap();
    let shop = Shop::open(&format!("nats://{}", proxy.address())).await;
    shop.ready().await;
    let (count, mut events, mut number) = (figure() as usize, BTreeSet::new(), 0);
    while events.len() < count {
        // Every now and then what is published arrives, and its acknowledgement does not.
        if number % 60 == 30 {
            let mut left = mixed("lost", number) % 20;
            proxy.lose_answer(Loss::Cut, move |sent| {
                let publishes = sent.windows(4).any(|word| word == b"HPUB");
                left = left.saturating_sub(u32::from(publishes));
                publishes && left == 0
            });
        }
        let deliveries = shop.order(3).await;
        events.extend(ids(&deliveries));
        shop.relay.committed(deliveries);
        number += 1;
        if number % 100 == 0 {
            shop.drained().await;
        }
    }
    shop.drained().await;
    println!("{} events, {} acknowledgements lost", events.len(), proxy.lost());
    assert!(proxy.lost() > 0);
    assert_eq!(shop.ports.outbox.backlog().await.unwrap().dead_letters, 0);
    assert_complete(&published(&nats).await, &events);
}
