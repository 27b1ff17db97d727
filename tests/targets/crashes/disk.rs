//! T47: the disk is full under the tables.

use std::time::Duration;

use sarai_services::{Cluster, Tmpfs};
use tokio::time::sleep;

use crate::world::{Shop, figure, lives, rest, server_over, until};

#[tokio::test(flavor = "multi_thread")]
async fn tables_on_a_full_disk_refuse_and_go_on_when_there_is_space() {
    let cluster = Cluster::durable().unwrap();
    let disk = Tmpfs::new(64).unwrap();
    // Tables are made where there is little space: those of a server that runs are not moved without a deadlock.
    let tablespace = format!("CREATE TABLESPACE small LOCATION '{}'", disk.dir().display());
    let granted = "GRANT CREATE ON TABLESPACE small TO PUBLIC";
    let default = "ALTER DATABASE postgres SET default_tablespace = small";
    cluster.psql("postgres", &[&tablespace, granted, default]).unwrap();
    let shop = Shop::open(server_over(&cluster)).await;
    let there = "SELECT count(*) FROM pg_tables WHERE tablename = 'orders' AND tablespace = 'small'";
    assert_eq!(cluster.psql("postgres", &[there]).unwrap(), "1");
    let busy = shop.busy(20);
    for _ in 0..figure(1, 10) {
        sleep(Duration::from_secs(1)).await;
        disk.fill(0).unwrap();
        until(rest(), "refusing for want of space", || async { was_unavailable(&shop) }).await;
        sleep(Duration::from_secs(4)).await;
        lives(&shop.server).await;
        disk.relieve().unwrap();
        until(rest(), "serving again", || shop.load.is_served()).await;
    }
    shop.at_rest(busy).await;
}

/// Whether a buyer was told to come again.
fn was_unavailable(shop: &Shop) -> bool {
    shop.load
        .history()
        .entries()
        .iter()
        .flat_map(|entry| &entry.doubts)
        .any(|doubt| doubt.starts_with("503 "))
}
