//! T47: the disk is full under the log.

use std::{process::Command, time::Duration};

use sarai_services::{Cluster, Tmpfs};
use tokio::time::sleep;

use crate::world::{Shop, figure, lives, rest, server_over, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_log_on_a_full_disk_stops_the_database_and_nothing_is_lost() {
    let mut cluster = Cluster::durable().unwrap();
    let disk = Tmpfs::new(128).unwrap();
    cluster.stop().unwrap();
    let (data, wal) = (cluster.dir().join("data/pg_wal"), disk.dir().join("wal"));
    let status = Command::new("cp").arg("-a").arg(&data).arg(&wal).status().unwrap();
    assert!(status.success());
    std::fs::remove_dir_all(&data).unwrap();
    std::os::unix::fs::symlink(&wal, &data).unwrap();
    cluster.start().unwrap();
    let shop = Shop::open(server_over(&cluster)).await;
    let busy = shop.busy(20);
    for _ in 0..figure(1, 10) {
        sleep(Duration::from_secs(1)).await;
        disk.fill(0).unwrap();
        // A segment that is there already is written to its end; a new one has no space.
        let switched =
            cluster.psql("postgres", &["SELECT pg_switch_wal()", "CREATE TABLE x (n int)", "DROP TABLE x"]);
        println!("full: {switched:?}");
        sleep(Duration::from_secs(2)).await;
        lives(&shop.server).await;
        disk.relieve().unwrap();
        // A log without space ends the server: somebody starts it again.
        cluster.kill();
        cluster.start().unwrap();
        until(rest(), "serving again", || shop.load.is_served()).await;
    }
    shop.at_rest(busy).await;
}
