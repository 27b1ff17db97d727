//! T47: the disk is full under the tables.

use std::time::Duration;

use sarai_services::{Cluster, Tmpfs};
use tokio::time::sleep;

use crate::world::{Shop, figure, lives, rest, server_over, until};

#[tokio::test(flavor = "multi_thread")]
async fn tables_on_a_full_disk_refuse_and_go_on_when_there_is_space() {
    let cluster = Cluster::durable().unwrap();
    let disk = Tmpfs::new(64).unwrap();
    let shop = Shop::open(server_over(&cluster)).await;
    let tablespace = format!("CREATE TABLESPACE small LOCATION '{}'", disk.dir().display());
    let moved = "ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE small";
    let indexes = "ALTER INDEX ALL IN TABLESPACE pg_default SET TABLESPACE small";
    cluster.psql("postgres", &[&tablespace, moved, indexes]).unwrap();
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
