//! T51: told to stop under load.

use std::{collections::BTreeSet, time::Duration};

use sarai_services::{Cluster, load::BROKEN_OFF};
use tokio::{sync::oneshot, time::sleep};

use crate::world::{Dice, Shop, end, figure, server_over};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_told_to_stop_finishes_what_it_took() {
    let mut dice = Dice::new();
    let cluster = Cluster::durable().unwrap();
    let mut shop = Shop::open(server_over(&cluster)).await;
    let busy = shop.busy(20);
    let (done, ended) = oneshot::channel();
    let kept = tokio::spawn(asks_on_kept_connections(shop.server.url(), ended));
    for _ in 0..figure(2, 100) {
        sleep(dice.pause(500, 1_500)).await;
        let ended = shop.server.terminate(end()).unwrap();
        assert_eq!(ended.code(), Some(0), "{}", shop.server.log());
        shop.server.start().unwrap();
    }
    done.send(()).unwrap();
    let kept = kept.await.unwrap();
    let report = shop.at_rest(busy).await;
    // Nobody listens while nothing runs, and what nobody has taken yet is reset before a byte of an answer; what was
    // taken is answered to its end.
    let other: Vec<&String> = report
        .doubts
        .union(&kept)
        .filter(|doubt| {
            let nobody = doubt.contains("refused") || doubt.contains("reset by peer");
            doubt.starts_with(BROKEN_OFF) || !nobody && !doubt.starts_with("503 ")
        })
        .collect();
    assert!(other.is_empty(), "{other:?}");
}

/// A client that keeps its connection asks without a pause until it is told to end: what it met instead of answers. The last
/// answer on a connection says so, so that none breaks under a request.
async fn asks_on_kept_connections(url: String, mut end: oneshot::Receiver<()>) -> BTreeSet<String> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let (mut met, mut answered) = (BTreeSet::new(), 0);
    while end.try_recv() == Err(oneshot::error::TryRecvError::Empty) {
        match client.get(format!("{url}/healthz")).send().await {
            Ok(_) => answered += 1,
            Err(error) => drop(met.insert(format!("{error:?}"))),
        }
        sleep(Duration::from_millis(1)).await;
    }
    assert!(answered > 0);
    met
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
