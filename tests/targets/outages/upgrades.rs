//! T53, T54: servers are replaced one after the other, and migrations run, while buyers are at work.

use std::{
    collections::BTreeSet,
    env,
    path::PathBuf,
    process::{Child, Stdio},
};

use sarai_services::{Cluster, SaraiProcess, sarai};
use serde_json::Value;
use tokio::time::sleep;

use crate::world::{Dice, SARAI, Shop, end, figure, rest, server_of, server_over, until};

/// The version before: a binary that `OLDER_SARAI` names. Without one it is this version, which then serves on a schema
/// that says of itself that it is a newer one.
fn older() -> Option<PathBuf> {
    env::var_os("OLDER_SARAI").map(PathBuf::from)
}

/// As after the migrations of a version that is not written yet.
const NEWER: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
    VALUES (999999, 'a later one', true, '', 0)";

#[tokio::test(flavor = "multi_thread")]
async fn servers_of_two_versions_take_turns_and_fail_nobody() {
    let mut dice = Dice::new();
    let cluster = Cluster::durable().unwrap();
    let before = older().unwrap_or_else(|| SARAI.into());
    println!("the version before: {}", before.display());
    let mut shop = Shop::open_several(2, || server_of(&before, &cluster)).await;
    let busy = shop.busy(20);
    let all = shop.load.servers();
    // Forward, back, and forward again.
    for round in 0..figure(4, 100) {
        sleep(dice.pause(500, 2_000)).await;
        if round == 1 && older().is_none() {
            cluster.psql("postgres", &[NEWER]).unwrap();
        }
        let server = if round % 2 == 0 { &mut shop.server } else { &mut shop.others[0] };
        let (url, mut left) = (server.url(), all.clone());
        left.retain(|other| *other != url);
        // As a balancer does; what is under way there is finished.
        shop.load.redirect(&left);
        let ended = server.terminate(end()).unwrap();
        assert_eq!(ended.code(), Some(0), "{}", server.log());
        let back = round % 4 == 2;
        server.replace(if back { before.clone() } else { SARAI.into() });
        server.start().unwrap();
        shop.load.redirect(&all);
    }
    let report = shop.at_rest(busy).await;
    only_waits_its_turn(&report.doubts);
    for server in [&shop.server, &shop.others[0]] {
        assert!(!server.log().contains("panicked"), "{}", server.log());
    }
}

/// What the command says of the outbox, as JSON.
fn outbox(server: &SaraiProcess, arguments: &[&str]) -> Value {
    let output = sarai(SARAI)
        .arg("outbox")
        .args(arguments)
        .args(["--email", "admin@demo.test", "--password", "sarai-demo", "--json", "--url", &server.url()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// How many dead letters there are.
fn dead_letters(server: &SaraiProcess) -> u64 {
    let left = outbox(server, &["show"]);
    left["consumers"].as_array().unwrap().iter().map(|left| left["deadLetters"].as_u64().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_an_unknown_version_wait_for_who_knows_it_and_hold_nobody_up() {
    let cluster = Cluster::durable().unwrap();
    let shop = Shop::open(server_over(&cluster)).await;
    let busy = shop.busy(20);
    let ask = |text: &str| cluster.psql("postgres", &[text]).unwrap();
    let fulfilled = "SELECT count(*) FROM events WHERE topic = 'marketplace.order.fulfilled.v1'";
    let sold = || async { ask(fulfilled).parse::<u32>().unwrap() >= 3 };
    until(rest(), "selling", sold).await;
    // As a newer program would leave them behind, one of each kind: each has one try left here.
    ask("CREATE TABLE kept AS SELECT * FROM events WHERE topic = 'marketplace.order.fulfilled.v1' LIMIT 3");
    ask("UPDATE events e SET topic = 'marketplace.order.fulfilled.v2', payload = CASE row_number
             WHEN 1 THEN '{\"aggregate\":\"order\",\"type\":\"wrapped\"}'
             WHEN 2 THEN '{\"aggregate\":\"parcel\",\"type\":\"sent\"}'
             ELSE '[\"another form\"]' END::json
         FROM (SELECT *, row_number() OVER () FROM kept) k
         WHERE (e.tenant_id, e.subject, e.aggregate_seq) = (k.tenant_id, k.subject, k.aggregate_seq)");
    ask("INSERT INTO deliveries (tenant_id, consumer, subject, aggregate_seq, partition, attempts, fence, available_at,
             dead) SELECT tenant_id, 'earnings', subject, aggregate_seq, 0, 19, aggregate_seq << 20, now(), false
         FROM kept");
    until(rest(), "parking them", || async { dead_letters(&shop.server) == 3 }).await;
    let before = ask(fulfilled).parse::<u32>().unwrap();
    let more = || async { ask(fulfilled).parse::<u32>().unwrap() > before };
    until(rest(), "selling on", more).await;
    // Whoever knows them comes, and staff redrive.
    ask("UPDATE events e SET topic = k.topic, payload = k.payload FROM kept k
         WHERE (e.tenant_id, e.subject, e.aggregate_seq) = (k.tenant_id, k.subject, k.aggregate_seq)");
    ask("DROP TABLE kept");
    let redriven = outbox(&shop.server, &["redrive", "--all", "--reason", "the newer program is here"]);
    assert_eq!(redriven["deliveries"], 3);
    shop.at_rest(busy).await;
    let none = || async { ask("SELECT count(*) FROM deliveries") == "0" };
    until(rest(), "handling all of them", none).await;
    assert!(!shop.server.log().contains("panicked"), "{}", shop.server.log());
}

/// Nobody hears more than that somebody else is at the same thing.
fn only_waits_its_turn(doubts: &BTreeSet<String>) {
    let failed: Vec<&String> = doubts.iter().filter(|doubt| !doubt.starts_with("409 ")).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

fn migrator(cluster: &Cluster, keys: &str) -> Child {
    sarai(SARAI)
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
    shop.server.terminate(end()).unwrap();
    let before = contents(&cluster);
    older();
    assert!(migrator(&cluster, &keys).wait().unwrap().success());
    assert_eq!(contents(&cluster), before);
}
