//! T40: the server is killed at any time.

use std::time::Duration;

use crate::world::{Shop, killed_at_any_time, server};

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_time_sqlite_loses_and_doubles_nothing() {
    killed_at_any_time(server()).await;
}

/// The test of the tests: what keeps nothing loses orders, and that is found.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_keeps_nothing_is_found_to_lose_orders() {
    let mut shop = Shop::open(server().args(["--memory"])).await;
    let count = shop.load.run(20, Duration::from_secs(1)).await;
    assert!(count > 0);
    shop.server.kill9();
    shop.server.start().unwrap();
    let wrong = shop.load.check(Duration::from_secs(5)).await.unwrap_err();
    assert!(wrong.contains("is lost"), "{wrong}");
}
