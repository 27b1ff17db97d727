//! T51: told to stop under load.

use std::time::Duration;

use sarai_services::{Cluster, load::BROKEN_OFF};
use tokio::time::sleep;

use crate::world::{Dice, Shop, end, figure, server_over};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_told_to_stop_finishes_what_it_took() {
    let mut dice = Dice::new();
    let cluster = Cluster::durable().unwrap();
    let mut shop = Shop::open(server_over(&cluster)).await;
    let busy = shop.busy(20);
    for _ in 0..figure(2, 100) {
        sleep(dice.pause(500, 1_500)).await;
        let ended = shop.server.terminate(end()).unwrap();
        assert_eq!(ended.code(), Some(0), "{}", shop.server.log());
        shop.server.start().unwrap();
    }
    let report = shop.at_rest(busy).await;
    // Nobody listens while nothing runs, and what nobody has taken yet is reset before a byte of an answer; what was
    // taken is answered to its end.
    let other: Vec<&String> = report
        .doubts
        .iter()
        .filter(|doubt| {
            let nobody = doubt.contains("refused") || doubt.contains("reset by peer");
            doubt.starts_with(BROKEN_OFF) || !nobody && !doubt.starts_with("503 ")
        })
        .collect();
    assert!(other.is_empty(), "{other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    let cluster = Cluster::fast().unwrap();
    let mut shop = Shop::open(server_over(&cluster)).await;
    let busy = shop.busy(20);
    sleep(Duration::from_secs(1)).await;
    shop.server.ask_to_stop().unwrap();
    let second = shop.server.terminate(Duration::from_secs(figure(10, 2).into()));
    assert!(second.is_ok() || shop.server.exit_status().unwrap().is_some(), "{second:?}");
    shop.server.start().unwrap();
    shop.at_rest(busy).await;
}
