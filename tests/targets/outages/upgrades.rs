//! T53, T54: servers are replaced one after the other, and migrations run, while buyers are at work.

use std::{
    collections::BTreeSet,
    process::{Child, Command, Stdio},
    time::Duration,
};

use sarai_services::Cluster;
use tokio::time::sleep;

use crate::world::{Dice, SARAI, Shop, figure, server_over};

/// Within this a process has ended.
const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_are_replaced_one_after_the_other_fail_nobody() {
    let mut dice = Dice::new();
    let cluster = Cluster::durable().unwrap();
    let mut shop = Shop::open_several(2, || server_over(&cluster)).await;
    let busy = shop.busy(20);
    let all = shop.load.servers();
    for round in 0..figure(2, 100) {
        sleep(dice.pause(500, 2_000)).await;
        let server = if round % 2 == 0 { &mut shop.server } else { &mut shop.others[0] };
        let (url, mut left) = (server.url(), all.clone());
        left.retain(|other| *other != url);
        // As a balancer does; what is under way there is finished.
        shop.load.redirect(&left);
        let ended = server.terminate(LIMIT).unwrap();
        assert_eq!(ended.code(), Some(0), "{}", server.log());
        server.start().unwrap();
        shop.load.redirect(&all);
    }
    let report = shop.at_rest(busy).await;
    only_waits_its_turn(&report.doubts);
}

/// Nobody hears more than that somebody else is at the same thing.
fn only_waits_its_turn(doubts: &BTreeSet<String>) {
    let failed: Vec<&String> = doubts.iter().filter(|doubt| !doubt.starts_with("409 ")).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

fn migrator(cluster: &Cluster, keys: &str) -> Child {
    Command::new(SARAI)
        .args(["migrate", "--database-url", &cluster.url("postgres"), "--data-dir", keys])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What every table holds, in few letters.
fn contents(cluster: &Cluster) -> String {
    let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1";
    let tables = cluster.psql("postgres", &[tables]).unwrap();
    let sum = |table: &str| {
        let rows = format!("SELECT count(*), md5(string_agg(x::text, '' ORDER BY x::text)) FROM {table} x");
        format!("{table} {}\n", cluster.psql("postgres", &[&rows]).unwrap())
    };
    tables.lines().map(sum).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_under_load_disturbs_nobody_and_changes_nothing() {
    let mut dice = Dice::new();
    let cluster = Cluster::durable().unwrap();
    let mut shop = Shop::open(server_over(&cluster)).await;
    let keys = shop.server.dir().join("sarai-data").display().to_string();
    let busy = shop.busy(20);
    // As after a version that made other policies and functions.
    let older = || cluster.psql("postgres", &["COMMENT ON SCHEMA public IS 'an older version'"]).unwrap();
    for _ in 0..figure(3, 50) {
        sleep(dice.pause(500, 2_000)).await;
        older();
        let mut killed = migrator(&cluster, &keys);
        sleep(dice.pause(5, 300)).await;
        killed.kill().unwrap();
        killed.wait().unwrap();
        for child in [migrator(&cluster, &keys), migrator(&cluster, &keys)] {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
    let report = shop.at_rest(busy).await;
    only_waits_its_turn(&report.doubts);
    shop.server.terminate(LIMIT).unwrap();
    let before = contents(&cluster);
    older();
    assert!(migrator(&cluster, &keys).wait().unwrap().success());
    assert_eq!(contents(&cluster), before);
}
