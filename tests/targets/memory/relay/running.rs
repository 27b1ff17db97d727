//! What runs when, and what is told to the outbox.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use sarai_ports::{
    Scope,
    events::{Consumer, Delivery, FollowUp as _, Routes},
};
use sarai_relay::Relay;
use sarai_testkit::{
    Harness as _, SuitePorts,
    harness::{committed, to_alpha, to_both},
    subject::{AGES, Orders, Subject as _},
};
use tokio_util::sync::CancellationToken;

use super::{Noting, SOON, outbox::Watched};
use crate::MemoryHarness;

/// A relay over these ports with these consumers.
fn relay(ports: &SuitePorts, consumers: &[&Arc<Noting>]) -> (Relay, Arc<Watched>) {
    let outbox = Watched::new(ports.outbox.clone());
    let relay = Relay::new(outbox.clone());
    relay.connect(consumers.iter().map(|one| Arc::clone(one) as Arc<dyn Consumer>).collect());
    (relay, outbox)
}

/// Orders with this many events each; gives the deliveries of each commit.
async fn orders(ports: &SuitePorts, count: usize, events: usize, routes: Routes) -> Vec<Vec<Delivery>> {
    let mut deliveries = Vec::new();
    for _ in 0..count {
        let mut order = Orders::fresh(ports);
        for _ in 1..events {
            Orders::change(&mut order, ports);
        }
        let unit = ports.routed(order, ports.context(), routes);
        deliveries.push(committed(ports.orders.save(&Scope::System, unit).await).deliveries);
    }
    deliveries
}

/// Waits until something is so.
async fn until(what: &str, so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !so().await {
        assert!(begun.elapsed() < SOON, "{what} never came");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Every aggregate's events came once, in order, and so many in all.
fn assert_in_order(consumer: &Noting, events: usize) {
    let mut expected = BTreeMap::<String, u64>::new();
    let seen = consumer.seen();
    for (subject, seq) in &seen {
        let next = expected.entry(subject.clone()).or_insert(1);
        assert_eq!(seq, next, "{subject}");
        *next += 1;
    }
    assert_eq!(seen.len(), events);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_finishes_together_is_settled_together() {
    let ports = MemoryHarness::fresh().await;
    let consumer = Noting::new("alpha", "internal");
    let (relay, outbox) = relay(&ports, &[&consumer]);
    for deliveries in orders(&ports, 200, 3, to_alpha).await {
        relay.committed(deliveries);
    }
    relay.idle(SOON).await;
    assert_in_order(&consumer, 600);
    assert_eq!(ports.open_deliveries().await, 0, "idle means settled");
    let writes = outbox.writes.lock().unwrap().clone();
    assert_eq!(writes.iter().sum::<usize>(), 600);
    assert!(writes.len() < 100, "{writes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_correlation_is_settled_once_it_is_handled() {
    let ports = MemoryHarness::fresh().await;
    let consumer = Noting::new("alpha", "internal");
    let (relay, outbox) = relay(&ports, &[&consumer]);
    outbox.down.store(true, Ordering::Relaxed);
    let deliveries = orders(&ports, 1, 2, to_alpha).await.remove(0);
    let correlation = deliveries[0].event.correlation_id.clone();
    relay.committed(deliveries);
    relay.settled(&correlation, SOON).await;
    assert_in_order(&consumer, 2);
    relay.idle(Duration::from_millis(300)).await;
    assert_eq!(ports.open_deliveries().await, 2, "nothing can be written");
    outbox.down.store(false, Ordering::Relaxed);
    relay.idle(SOON).await;
    assert_eq!(ports.open_deliveries().await, 0, "it was kept and tried again");
    assert_in_order(&consumer, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_left_is_taken_up_in_order() {
    let ports = MemoryHarness::fresh().await;
    orders(&ports, 50, 20, to_alpha).await;
    ports.advance(AGES);
    let consumer = Noting::new("alpha", "internal");
    let (relay, _) = relay(&ports, &[&consumer]);
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (relay, stop) = (relay.clone(), stop.clone());
        async move { relay.run(stop).await }
    });
    let begun = Instant::now();
    until("the end of the backlog", async || ports.open_deliveries().await == 0).await;
    assert!(begun.elapsed() < Duration::from_secs(4), "a lane does not wait for the poll each time");
    assert_in_order(&consumer, 1_000);
    stop.cancel();
    running.await.unwrap();
}

/// The figure is `SARAI_BACKLOG` events, 3,000 without it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_is_drained() {
    let count = std::env::var("SARAI_BACKLOG").map_or(3_000, |count| count.parse().unwrap());
    let ports = MemoryHarness::fresh().await;
    orders(&ports, count, 1, to_alpha).await;
    ports.advance(AGES);
    let consumer = Noting::new("alpha", "internal");
    let relay = Relay::new(ports.outbox.clone());
    relay.connect(vec![consumer.clone()]);
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (relay, stop) = (relay.clone(), stop.clone());
        async move { relay.run(stop).await }
    });
    let begun = Instant::now();
    until("the end of the backlog", async || ports.open_deliveries().await == 0).await;
    let took = begun.elapsed();
    let per_second = count as u128 * 1_000 / took.as_millis().max(1);
    eprintln!("{count} events in {took:?}: {per_second} a second");
    assert_in_order(&consumer, count);
    stop.cancel();
    running.await.unwrap();
}

/// A backlog must not keep a process from ending, nor wait for the claims of one that ends to lapse.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_rests_takes_nothing_up_and_gives_back_what_it_does_not_come_to() {
    let ports = MemoryHarness::fresh().await;
    orders(&ports, 700, 1, to_alpha).await;
    ports.advance(AGES);
    let consumer = Noting::new("alpha", "internal");
    consumer.gate.forget_permits(tokio::sync::Semaphore::MAX_PERMITS);
    let (ending, _) = relay(&ports, &[&consumer]);
    assert_eq!(ending.take_up().await, 500);
    let drained = tokio::spawn({
        let relay = ending.clone();
        async move { relay.drain(Instant::now() + Duration::from_millis(200)).await }
    });
    let next = Noting::new("alpha", "internal");
    let (other, _) = relay(&ports.another_process(), &[&next]);
    until("what was queued", async || {
        other.take_up().await;
        other.idle(SOON).await;
        next.seen().len() >= 700 - 64
    })
    .await;
    // What runs is finished, and nothing more is begun.
    consumer.gate.add_permits(1_000);
    drained.await.unwrap();
    ending.idle(SOON).await;
    assert_eq!(ending.take_up().await, 0);
    assert_eq!((consumer.seen().len(), ports.open_deliveries().await), (64, 0));
}

#[tokio::test]
async fn what_waited_for_too_long_is_not_run() {
    let ports = MemoryHarness::fresh().await;
    let consumer = Noting::new("alpha", "internal");
    let (relay, _) = relay(&ports, &[&consumer]);
    let mut deliveries = orders(&ports, 1, 3, to_alpha).await.remove(0);
    // As if this process had been frozen since the commit.
    for delivery in &mut deliveries {
        delivery.until = Instant::now() + Duration::from_secs(1);
    }
    relay.committed(deliveries);
    relay.idle(SOON).await;
    assert_eq!(consumer.seen(), []);
    while ports.open_deliveries().await > 0 {
        assert_ne!(relay.take_up().await, 0, "given back, they are claimed anew");
        relay.idle(SOON).await;
    }
    assert_in_order(&consumer, 3);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_hangs_does_not_hold_its_lane_for_ever() {
    let ports = MemoryHarness::fresh().await;
    let consumer = Noting::new("alpha", "internal");
    consumer.gate.forget_permits(tokio::sync::Semaphore::MAX_PERMITS);
    let (relay, _) = relay(&ports, &[&consumer]);
    let deliveries = orders(&ports, 1, 3, to_alpha).await.remove(0);
    let (subject, begun) = (deliveries[0].event.subject.clone(), tokio::time::Instant::now());
    relay.committed(deliveries);
    relay.idle(SOON).await;
    let took = begun.elapsed();
    assert!(took > SOON / 2 && took < Duration::from_secs(15), "{took:?}");
    let waiting = ports.outbox.waiting(&subject, 10).await.unwrap();
    assert_eq!(waiting.iter().map(|one| one.attempts).collect::<Vec<_>>(), [1, 0, 0]);
    consumer.gate.add_permits(3);
    for _ in 0..3 {
        ports.advance(AGES);
        relay.take_up().await;
        relay.idle(SOON).await;
    }
    assert_in_order(&consumer, 3);
}

#[tokio::test]
async fn nothing_overtakes_a_failure() {
    let ports = MemoryHarness::fresh().await;
    let consumer = Noting::new("alpha", "internal");
    let (relay, _) = relay(&ports, &[&consumer]);
    let mut deliveries = orders(&ports, 1, 3, to_alpha).await.remove(0);
    let late = deliveries.split_off(2);
    consumer.set_failing(true);
    relay.committed(deliveries);
    relay.idle(SOON).await;
    consumer.set_failing(false);
    // Committed before the failure, handed over after it.
    relay.committed(late);
    relay.idle(SOON).await;
    assert_eq!(consumer.seen(), []);
    for _ in 0..3 {
        ports.advance(AGES);
        relay.take_up().await;
        relay.idle(SOON).await;
    }
    assert_in_order(&consumer, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_hangs_holds_up_no_other() {
    let ports = MemoryHarness::fresh().await;
    let (alpha, beta) = (Noting::new("alpha", "internal"), Noting::new("beta", "broker"));
    beta.gate.forget_permits(tokio::sync::Semaphore::MAX_PERMITS);
    let (relay, _) = relay(&ports, &[&alpha, &beta]);
    let deliveries = orders(&ports, 200, 2, to_both).await;
    let correlation = deliveries[7][0].event.correlation_id.clone();
    for deliveries in deliveries {
        relay.committed(deliveries);
    }
    until("the other group", async || alpha.seen().len() == 400).await;
    let begun = Instant::now();
    relay.settled(&correlation, SOON).await;
    assert!(begun.elapsed() < SOON / 2, "nobody waits for the group that hangs");
    assert_eq!(beta.seen().len(), 0);
    beta.gate.add_permits(1_000);
    relay.idle(SOON).await;
    assert_in_order(&beta, 400);
}

#[tokio::test]
async fn a_consumer_that_can_take_nothing_gets_nothing_and_fails_nothing() {
    let ports = MemoryHarness::fresh().await;
    let (alpha, beta) = (Noting::new("alpha", "internal"), Noting::new("beta", "broker"));
    let (relay, _) = relay(&ports, &[&alpha, &beta]);
    beta.set_ready(false);
    let deliveries = orders(&ports, 3, 2, to_both).await;
    let subject = deliveries[0][0].event.subject.clone();
    for deliveries in deliveries {
        relay.committed(deliveries);
    }
    for _ in 0..3 {
        relay.idle(SOON).await;
        ports.advance(AGES);
        relay.take_up().await;
    }
    relay.idle(SOON).await;
    assert_in_order(&alpha, 6);
    let waiting = ports.outbox.waiting(&subject, 10).await.unwrap();
    assert!(waiting.len() == 2 && waiting.iter().all(|one| one.attempts == 0));
    beta.set_ready(true);
    while ports.open_deliveries().await > 0 {
        assert!(relay.take_up().await > 0);
        relay.idle(SOON).await;
    }
    assert_in_order(&beta, 6);
}
