//! T41, T42, T49: the database stops at once or falls silent, and answers of commits are lost.

use std::time::Duration;

use sarai_services::{Cluster, Loss, Proxy, Weather};
use tokio::time::sleep;

use crate::world::{
    Dice, Shop, figure, first_answer, lives, only_refers_to_later, rest, server_at, server_over, until,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_stops_at_once_loses_and_doubles_nothing() {
    let mut dice = Dice::new();
    let mut cluster = Cluster::durable().unwrap();
    let shop = Shop::open(server_over(&cluster)).await;
    let busy = shop.busy(50);
    for _ in 0..figure(3, 50) {
        sleep(dice.pause(1_000, u64::from(figure(3_000, 40_000)))).await;
        cluster.stop_immediate().unwrap();
        sleep(dice.pause(0, 1_500)).await;
        cluster.start().unwrap();
        let back = until(first_answer(), "the first answer", || shop.load.is_served()).await;
        println!("served again after {back:?}");
    }
    let report = shop.at_rest(busy).await;
    only_refers_to_later(&report.doubts);
}

/// Answers get lost, one after the other, and so do their connections.
async fn answers_are_lost(loss: Loss, count: u32) {
    let mut dice = Dice::new();
    let cluster = Cluster::durable().unwrap();
    let proxy = Proxy::new(cluster.address()).unwrap();
    let shop = Shop::open(server_at(proxy.address())).await;
    let busy = shop.busy(20);
    for _ in 0..count {
        // Most units are one call that commits by itself, so any answer may be that of a commit.
        let mut left = dice.between(0, 30);
        let before = proxy.lost();
        proxy.lose_answer(loss, move |_| {
            left = left.saturating_sub(1);
            left == 0
        });
        until(rest(), "losing an answer", || async { proxy.lost() > before }).await;
        sleep(dice.pause(20, 150)).await;
    }
    let report = shop.at_rest(busy).await;
    only_refers_to_later(&report.doubts);
    assert_eq!(proxy.lost(), u64::from(count));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_has_its_effect_once() {
    answers_are_lost(Loss::Cut, figure(30, 1_000)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_never_comes_has_its_effect_once() {
    answers_are_lost(Loss::Silence, figure(10, 200)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_falls_silent_holds_nobody_up_for_ever() {
    let cluster = Cluster::durable().unwrap();
    let proxy = Proxy::new(cluster.address()).unwrap();
    let shop = Shop::open(server_at(proxy.address())).await;
    let busy = shop.busy(20);
    for _ in 0..figure(1, 20) {
        sleep(Duration::from_secs(1)).await;
        proxy.set(Weather::BlackHole);
        // Longer than any call may take, and than a claim holds.
        sleep(Duration::from_secs(20)).await;
        lives(&shop.server).await;
        // What was sent meanwhile arrives now, late.
        proxy.set(Weather::Fair);
        until(first_answer(), "the first answer", || shop.load.is_served()).await;
    }
    let report = shop.at_rest(busy).await;
    only_refers_to_later(&report.doubts);
}
