//! T52: the clocks of processes are wrong, each in another way, and step forwards and backwards while they run. The
//! database's clock is everybody's (ruling R69).

use std::time::Duration;

use sarai::client::Client;
use sarai_services::Cluster;
use serde_json::json;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::time::sleep;

use crate::world::{Dice, Shop, end, figure, rest, server, server_over, until};

const MINUTE: i64 = 60;
/// Where the clocks are put.
const PLACES: &[i64] = &[10 * MINUTE, -10 * MINUTE, 0, -9 * MINUTE, 24 * 60 * MINUTE, -24 * 60 * MINUTE];
/// Columns that say when something was written; a provider's earnings are as old as their month.
const STAMPS: &str = "('created_at', 'recorded_at', 'time', 'at', 'taken_at', 'numbered_at')";

/// Whose keys and webhooks have a past from the first start on.
const DEMO: &str = "acc_demo_developer";

/// What in the database has a time that its own clock did not give.
fn strange_times(cluster: &Cluster, since: &str) -> String {
    let columns = format!(
        "SELECT table_name || '|' || column_name FROM information_schema.columns WHERE table_schema = 'public'
         AND data_type = 'timestamp with time zone' AND column_name IN {STAMPS}
         AND table_name <> 'earnings' ORDER BY 1"
    );
    let columns = cluster.psql("postgres", &[&columns]).unwrap();
    assert!(columns.lines().count() > 10, "{columns}");
    let stamps = columns.lines().map(|line| {
        let (table, column) = line.split_once('|').unwrap();
        format!(
            "SELECT '{table}.{column}', min(\"{column}\")::text, max(\"{column}\")::text FROM {table} AS found
             WHERE coalesce(to_jsonb(found) ->> 'tenant_id', '') <> '{DEMO}'
             HAVING min(\"{column}\") < '{since}'::timestamptz - interval '2 seconds'
                 OR max(\"{column}\") > clock_timestamp() + interval '2 seconds'"
        )
    });
    // Nobody holds anything for longer than 15 s (the names of keys stay for good), and nothing is due later than it may be.
    let held = [
        "SELECT 'lease ' || name, until::text, '' FROM leases
         WHERE until > clock_timestamp() + interval '16 seconds' AND name NOT LIKE 'keys.%'",
        "SELECT 'claim of ' || consumer, available_at::text, '' FROM deliveries
         WHERE holder IS NOT NULL AND available_at > clock_timestamp() + interval '16 seconds'",
        "SELECT 'deadline of ' || id, timeout_at::text, created_at::text FROM sagas
         WHERE timeout_at NOT BETWEEN created_at + interval '29 minutes' AND created_at + interval '31 minutes'",
    ];
    let all: Vec<String> = stamps.chain(held.map(str::to_owned)).collect();
    cluster.psql("postgres", &[&all.join(" UNION ALL ")]).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_with_wrong_clocks_keep_the_database_s_time() {
    let mut dice = Dice::new();
    let cluster = Cluster::durable().unwrap();
    let since = cluster.psql("postgres", &["SELECT clock_timestamp()"]).unwrap();
    let mut shop = Shop::open_several(3, || server_over(&cluster).own_clock().unwrap()).await;
    let busy = shop.busy(20);
    let all = shop.load.servers();
    shop.server.set_clock(PLACES[0]).unwrap();
    shop.others[0].set_clock(PLACES[1]).unwrap();
    for round in 0..figure(4, 50) {
        // One of them steps, another one starts with its wrong clock.
        shop.others[1].set_clock(PLACES[round as usize % PLACES.len()]).unwrap();
        sleep(dice.pause(1_000, 2_000)).await;
        let server = if round % 2 == 0 { &mut shop.server } else { &mut shop.others[0] };
        let (url, mut left) = (server.url(), all.clone());
        left.retain(|other| *other != url);
        shop.load.redirect(&left);
        let ended = server.terminate(end()).unwrap();
        assert_eq!(ended.code(), Some(0), "{}", server.log());
        server.start().unwrap();
        shop.load.redirect(&all);
        assert_eq!(strange_times(&cluster, &since), "");
    }
    // An order that timed out too early did not end as its buyer meant it to.
    let report = shop.at_rest(busy).await;
    assert_eq!(strange_times(&cluster, &since), "");
    println!("{report}");

    // Business time is the same for all of them too, and moves when it is moved.
    let order = shop.load.unpaid().await.unwrap();
    let admin = Client::sign_in(&shop.others[0].url(), "admin@demo.test", "sarai-demo").await.unwrap();
    let status = || async { shop.load.status(&order).await };
    for (minutes, clock) in [(29, PLACES[0]), (2, PLACES[1])] {
        assert_eq!(status().await.as_deref(), Some("pending_payment"), "half an hour is not over");
        shop.others[0].set_clock(clock).unwrap();
        admin.post("/v1/test-clock", &json!({"advanceSeconds": minutes * MINUTE})).await.unwrap();
    }
    until(rest(), "giving it up", || async { status().await.as_deref() == Some("failed") }).await;
}

/// The test of the test: the clocks are wrong indeed. A server over a file has no other one to go by.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_over_a_file_is_seen_to_go_by_its_wrong_clock() {
    let shop = Shop::open(server().own_clock().unwrap()).await;
    let admin = Client::sign_in(&shop.server.url(), "admin@demo.test", "sarai-demo").await.unwrap();
    assert!((now(&admin).await - machine()).abs() < Duration::from_mins(1));
    shop.server.set_clock(10 * MINUTE).unwrap();
    assert!(now(&admin).await - machine() > Duration::from_mins(9));
}

/// What the machine's clock says.
#[allow(clippy::disallowed_methods, reason = "a server's time is compared with the machine's")]
fn machine() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// Business time, as a server tells it.
async fn now(admin: &Client) -> OffsetDateTime {
    let told = admin.get("/v1/test-clock").await.unwrap();
    OffsetDateTime::parse(told["now"].as_str().unwrap(), &Rfc3339).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn business_time_that_was_moved_is_kept_by_a_file_though_its_server_is_killed() {
    let mut shop = Shop::open(server()).await;
    let admin = Client::sign_in(&shop.server.url(), "admin@demo.test", "sarai-demo").await.unwrap();
    admin.post("/v1/test-clock", &json!({"advanceSeconds": 40 * 24 * 60 * MINUTE})).await.unwrap();
    let before = now(&admin).await;
    assert!(before - machine() > Duration::from_hours(39 * 24));
    shop.server.kill9();
    shop.server.start().unwrap();
    let admin = Client::sign_in(&shop.server.url(), "admin@demo.test", "sarai-demo").await.unwrap();
    let after = now(&admin).await;
    assert!(before <= after && after - before < Duration::from_mins(1), "{before} {after}");
}
