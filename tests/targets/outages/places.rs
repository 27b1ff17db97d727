//! T40: the server is killed at every named place, and at any time.

use std::{os::unix::process::ExitStatusExt as _, time::Duration};

use sarai_ports::failpoint::Place;
use sarai_services::{Cluster, SaraiProcess};

use crate::world::{Dice, Shop, figure, killed_at_any_time, server, server_over};

/// How long a busy server takes to get to any place; a claim of another process lapses after 15 s.
const REACHED: Duration = Duration::from_mins(5);

/// Each place is reached some times, and there the process ends; the next one takes over.
async fn killed_at_every_place(server: SaraiProcess) {
    let mut dice = Dice::new();
    let mut shop = Shop::open(server).await;
    let busy = shop.busy(20);
    for _ in 0..figure(1, 230) {
        for place in Place::ALL {
            let nth = if matches!(place, Place::Claimed | Place::Timer) {
                1
            } else {
                dice.between(1, figure(15, 40).into())
            };
            let failpoint = format!("{}:{nth}", place.name());
            shop.server.kill9();
            shop.server.set("SARAI_FAILPOINT", &failpoint);
            shop.server.start().unwrap_or_else(|error| {
                // It may end before it is ready.
                let ended = shop.server.exit_status().unwrap().is_some_and(|ended| ended.signal() == Some(6));
                assert!(ended, "{failpoint}: {error}");
            });
            let ended = shop.server.wait_end(REACHED).unwrap_or_else(|error| panic!("{failpoint}: {error}"));
            assert_eq!(ended.signal(), Some(6), "{failpoint}: it ends there and nowhere else");
        }
    }
    shop.server.set("SARAI_FAILPOINT", "");
    shop.server.start().unwrap();
    shop.at_rest(busy).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_place_sqlite_loses_and_doubles_nothing() {
    killed_at_every_place(server()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_place_postgres_loses_and_doubles_nothing() {
    let cluster = Cluster::durable().unwrap();
    killed_at_every_place(server_over(&cluster)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_time_postgres_loses_and_doubles_nothing() {
    let cluster = Cluster::durable().unwrap();
    killed_at_any_time(server_over(&cluster)).await;
}
