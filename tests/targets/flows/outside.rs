//! Two processes over one store, with billing, enrollment and auth in a third.

use std::sync::Arc;

use sarai::{
    around::{Around, standins},
    config::Config,
    embedded::{Clocks, Embedded},
    keys::Keys,
};
use sarai_domain::{
    kernel::Aggregate,
    marketplace::order::{OrderStatus, PaymentState},
};
use sarai_memory::MemoryStore;
use sarai_standins::{Documents, Server, StandIns, TokenIssuer};
use sarai_system::{ManualClock, OsEntropy};

use crate::world::{World, one_time};

/// Two processes, and the stand-ins that both talk to over sockets; callbacks reach the second.
async fn two() -> (World, World, StandIns) {
    let clocks = Clocks::of(ManualClock::at("2026-04-20T09:30:00Z".parse().unwrap()));
    let keys = Keys::random(&OsEntropy);
    let issuer = TokenIssuer { issuer: "test".to_owned(), audience: "sarai".to_owned() };
    let outside = standins(&clocks, &keys, issuer, Documents::default()).unwrap();
    let listen = ([127, 0, 0, 1], 0).into();
    let server = Server::bind(listen, &outside, Arc::clone(&clocks.movable)).await.unwrap();
    let base = format!("http://{}", server.address().unwrap());
    tokio::spawn(server.run(std::future::pending()));
    let url = |name: &str| Some(format!("{base}/{name}"));
    let (billing_url, enrollment_url, auth_url) = (url("billing"), url("enrollment"), url("auth"));
    let messaging_url = url("messaging");
    let config =
        Config { memory: true, billing_url, enrollment_url, auth_url, messaging_url, ..Config::default() };
    let store = MemoryStore::new(Arc::clone(&clocks.clock));
    let process = async || {
        let around = Around::of(&config, &clocks, &keys).await.unwrap();
        let shared = Arc::new(store.another_process());
        let sarai = Embedded::over(shared, &clocks, keys.clone(), around, None);
        World { sarai, store: store.clone() }
    };
    let (first, second) = (process().await, process().await);
    outside.connect(&(Arc::new(second.sarai.inbound.clone()) as _));
    first.sarai.sources.announce_demo();
    first.advance(0).await;
    (first, second, outside)
}

#[tokio::test]
async fn a_purchase_begun_by_one_process_is_paid_at_the_other() {
    let (first, second, outside) = two().await;
    let course = first.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    let order = first.order(&buyer, &[(course, 1)], &[]).await.unwrap().id();
    let paid = second.pay(&buyer, order, "tok_double").await;
    assert_eq!(paid.data().status, OrderStatus::Fulfilled);
    first.advance(60).await;
    assert_eq!(first.licenses(order).await.len(), 1);
    let captured = outside.billing.payments_of(order);
    assert_eq!(captured.len(), 1);
    assert_eq!(outside.enrollment.enrolled(&"crs_demo_1".parse().unwrap()).len(), 1);
    assert!(first.sarai.billing.payments_of(order).is_empty(), "nothing stands in here");
    first.assert_quiet().await;
}

#[tokio::test]
async fn a_payment_whose_answer_was_lost_is_told_to_the_other_process() {
    let (first, second, outside) = two().await;
    let course = first.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    let order = first.order(&buyer, &[(course, 1)], &[]).await.unwrap().id();
    outside.billing.lose_answers(1);
    let lost = first.sarai.marketplace.orders.pay(&buyer, order, "tok_ok").await;
    assert!(lost.is_err(), "the answer was lost");
    second.advance(1).await;
    assert_eq!(second.stored(order).await.data().status, OrderStatus::Fulfilled);
    assert_eq!(outside.billing.payments_of(order).len(), 1);
    second.assert_quiet().await;
}

#[tokio::test]
async fn what_becomes_due_outside_becomes_due_when_the_clock_is_moved_here() {
    let (first, _second, outside) = two().await;
    // Whoever moves the clock waits for what its own process does about it.
    outside.connect(&(Arc::new(first.sarai.inbound.clone()) as _));
    let course = first.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    let order = first.order(&buyer, &[(course, 1)], &[]).await.unwrap().id();
    first.pay(&buyer, order, "tok_late").await;
    first.advance(31 * 60 + 30).await;
    let order = first.stored(order).await;
    assert_eq!(order.data().status, OrderStatus::Failed);
    assert_eq!(order.data().payment_state, PaymentState::Refunded);
    let captured = outside.billing.payments_of(order.id());
    assert!(captured.len() == 1 && captured[0].refunded == captured[0].amount);
}
