//! T56: a backup that was made under load is put back, beside services and a broker that know more than it.

use std::{
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use sarai_postgres::roles::Roles;
use sarai_services::{Cluster, Nats, load::Load};
use tokio::time::sleep;

use crate::world::{Dice, Shop, figure, rest, server_over, until};

/// Runs a program of the cluster on its database as a role; it works.
fn run(cluster: &Cluster, role: &str, program: &str, args: &[&str]) {
    let Output { status, stderr, .. } = Command::new(cluster.programs().join(program))
        .args(args)
        .args(["--dbname", &format!("postgres://{role}@{}/postgres", cluster.address())])
        .output()
        .unwrap();
    assert!(status.success(), "{program}: {}", String::from_utf8_lossy(&stderr));
}

fn back_up(cluster: &Cluster, file: &Path) {
    run(cluster, "sarai_backup", "pg_dump", &["--format=custom", "--file", file.to_str().unwrap()]);
}

/// The database is what the backup knows, and nothing else.
fn restore(cluster: &Cluster, file: &Path) {
    let again = ["DROP DATABASE postgres WITH (FORCE)", "CREATE DATABASE postgres TEMPLATE template0"];
    cluster.psql("template1", &again).unwrap();
    // As OPERATIONS.md says: the roles are made before, with the schema that the dump has, too.
    cluster.psql("postgres", &[&Roles::default().script()]).unwrap();
    let args = ["--exit-on-error", "--clean", "--if-exists", file.to_str().unwrap()];
    run(cluster, "postgres", "pg_restore", &args);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_made_under_load_goes_on_beside_a_broker_and_services_that_know_more() {
    let mut dice = Dice::new();
    for _ in 0..figure(1, 5) {
        let cluster = Cluster::durable().unwrap();
        let nats = Nats::new().unwrap();
        let make = || server_over(&cluster).args(["--nats-url", &nats.url()]);
        let mut shop = Shop::open_several(1, make).await;
        let count = |of: &str| cluster.psql("postgres", &[&format!("SELECT count(*) FROM {of}")]).unwrap();
        let busy = shop.busy(20);
        let bought = || async { count("licenses").parse::<u32>().unwrap() > 3 };
        until(rest(), "selling something", bought).await;
        let file = shop.server.dir().join("backup");
        back_up(&cluster, &file);
        sleep(dice.pause(2_000, 5_000)).await;
        // All of it ends well before the database goes back in time.
        shop.at_rest(busy).await;
        let (orders, events) = (count("orders"), count("events"));
        shop.server.kill9();
        restore(&cluster, &file);
        println!("of {orders} orders {} are left, of {events} events {}", count("orders"), count("events"));
        assert_ne!(events, count("events"), "nothing happened after the backup");
        shop.server.spawn().unwrap();
        shop.server.wait_ready(rest()).unwrap();
        // What was under way when the backup was made ends, though billing and enrolment know its end already.
        let paid = || async { count("orders WHERE status = 'paid'") == "0" };
        until(rest(), "fulfilling what was paid", paid).await;
        let log = shop.server.dir().join("history-after.jsonl");
        shop.load = Load::open(&[shop.server.url()], &log).await.unwrap();
        let busy = shop.busy(20);
        sleep(Duration::from_secs(figure(3, 30).into())).await;
        shop.at_rest(busy).await;
        let of_one_line =
            "(SELECT 1 FROM licenses GROUP BY order_id, order_line_id HAVING count(*) > 1) AS twice";
        assert_eq!(count(of_one_line), "0");
        until(rest(), "publishing what was left", || async { count("deliveries") == "0" }).await;
    }
}
