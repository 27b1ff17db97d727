//! Connections under callers who go away, fail and panic: no transaction stays open, no tenant stays set, and nobody
//! reads what is another's. And the clock that all processes share.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sarai_domain::kernel::Aggregate;
use sarai_ports::{
    PageRequest, Scope, StoreError,
    system::{Clock, MovableClock},
};
use sarai_postgres::{DatabaseClock, Options, Postgres, Sizes};
use sarai_services::{Cluster, Loss, Proxy};
use sarai_sql::{Database, Value};
use sarai_testkit::{
    SuitePorts, make,
    seed::{Seed, setting},
};

use crate::world::World;

/// Two connections of each kind.
const SMALL: Sizes =
    Sizes { app: 2, transactions: 2, worker: 2, platform: 2, acquire: Duration::from_secs(10) };

/// Ports with few connections, and their database.
async fn small(world: &World) -> (SuitePorts, Arc<Postgres>) {
    let store = world.sized("small", SMALL).await;
    let database = Arc::clone(store.database());
    (SuitePorts::of(Arc::new(store), world.clock.clone()), database)
}

/// What the next to borrow connections finds: nothing of those before.
async fn find_nothing_left(world: &World, database: &Postgres) {
    let asked = "select coalesce(current_setting('app.tenant_id', true), ''), \
                 pg_current_xact_id_if_assigned() is null, now() > clock_timestamp() - interval '1 second'";
    for _ in 0..8 {
        for scope in [Scope::Public, Scope::System, Scope::PlatformAdmin] {
            let found = database.run(&scope, asked, Vec::new()).await.unwrap();
            let clean = [Value::Text(String::new()), Value::Bool(true), Value::Bool(true)];
            assert_eq!(found[0].0, clean, "{scope:?}");
        }
    }
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let open = "select count(*) from pg_stat_activity where state like 'idle in transaction%' \
                and datname = current_database() and now() - state_change > interval '1 second'";
    assert_eq!(world.database().psql(&[open]).unwrap(), "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_goes_away_leaves_nothing_open() {
    let world = World::new();
    let (ports, database) = small(&world).await;
    let order = make::order(&ports, "acme", "ana");
    let id = order.id();
    ports.put(&*ports.orders, order).await;
    let mut numbers = Seed::of("drops").numbers();
    for number in 0..setting("SARAI_DROPS", 400) {
        let patience = Duration::from_micros(numbers.below(3_000));
        let (ports, scope) = (ports.clone(), Scope::Tenant(make::tenant("acme")));
        let work = async move {
            match number % 3 {
                0 => drop(ports.orders.find(&scope, &id).await),
                1 => {
                    let page = PageRequest::first(5);
                    drop(ports.orders.find_by_buyer(&scope, &make::tenant("acme"), None, None, &page).await);
                }
                _ => drop(ports.save(&*ports.orders, make::order(&ports, "acme", "ben")).await),
            }
        };
        let _ = tokio::time::timeout(patience, work).await;
    }
    find_nothing_left(&world, &database).await;
}

/// Waits for an answer to be lost.
async fn lost(proxy: &Proxy, count: u64) {
    while proxy.lost() < count {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_never_comes_costs_a_connection_and_nobody_s_patience() {
    const UNHEARD: &str = "select 'unheard'";
    let mut world = World::new();
    let server = Cluster::shared().unwrap().address();
    let proxy = Proxy::new(server).unwrap();
    for url in [&mut world.urls.app, &mut world.urls.worker, &mut world.urls.platform] {
        *url = url.replace(&server.to_string(), &proxy.address().to_string());
    }
    let (_, database) = small(&world).await;
    let scopes = [Scope::System, Scope::Tenant(make::tenant("acme"))];
    let mut unanswered = tokio::task::JoinSet::new();
    // Both connections of each pool.
    for (number, scope) in (1..).zip(scopes.iter().cycle().take(4)) {
        // A connection prepares a statement once, so this is in what is sent.
        proxy.lose_answer(Loss::Silence, |sent| {
            sent.windows(UNHEARD.len()).any(|part| part == UNHEARD.as_bytes())
        });
        let (database, scope) = (Arc::clone(&database), scope.clone());
        unanswered.spawn(async move {
            let begun = Instant::now();
            (database.run(&scope, UNHEARD, Vec::new()).await, begun.elapsed())
        });
        lost(&proxy, number).await;
    }
    while let Some(outcome) = unanswered.join_next().await {
        let (outcome, took) = outcome.unwrap();
        assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
        assert!(took < Duration::from_secs(10), "{took:?}");
    }
    let begun = Instant::now();
    for scope in scopes.iter().cycle().take(8) {
        database.run(scope, "select 1", Vec::new()).await.unwrap();
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "the connections were replaced");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mixed_tenants_never_read_each_other() {
    let world = World::new();
    let (ports, database) = small(&world).await;
    let names = ["acme", "globex", "initech", "umbrella"];
    for name in names {
        ports.put(&*ports.orders, make::order(&ports, name, "ana")).await;
    }
    let mut numbers = Seed::of("leaks").numbers();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..setting("SARAI_LEAK_REQUESTS", 1_000) {
        let name = names[numbers.index(names.len())];
        let (fate, ports, database) = (numbers.below(20), ports.clone(), Arc::clone(&database));
        running.spawn(async move {
            let (tenant, page) = (make::tenant(name), PageRequest::first(50));
            let scope = Scope::Tenant(tenant.clone());
            let read = ports.orders.find_by_buyer(&scope, &tenant, None, None, &page);
            match fate {
                0 => drop(tokio::time::timeout(Duration::from_micros(700), read).await),
                1 => assert!(database.run(&scope, "select 1 / (select 0)", Vec::new()).await.is_err()),
                2 => {
                    let _ = read.await;
                    std::panic::resume_unwind(Box::new("a handler that panics"));
                }
                _ => {
                    let found = read.await.expect("a page").items;
                    assert!(!found.is_empty());
                    assert!(found.iter().all(|order| order.data().buyer_tenant_id == tenant));
                    let all = database.run(&scope, "select tenant_id from orders", Vec::new()).await.unwrap();
                    assert!(all.iter().all(|row| row.text(0) == Ok(tenant.as_str())));
                }
            }
        });
        while running.len() > 16 {
            let ended = running.join_next().await.unwrap();
            assert!(ended.is_ok() || ended.is_err_and(is_meant));
        }
    }
    while let Some(ended) = running.join_next().await {
        assert!(ended.is_ok() || ended.is_err_and(is_meant));
    }
    find_nothing_left(&world, &database).await;
}

/// Whether a task panicked as it should.
fn is_meant(error: tokio::task::JoinError) -> bool {
    error
        .try_into_panic()
        .is_ok_and(|panic| panic.is::<&str>() && panic.downcast_ref() == Some(&"a handler that panics"))
}

#[tokio::test]
async fn processes_share_the_database_s_time() {
    let world = World::alone();
    let connect = || async { Arc::new(Postgres::connect(&world.urls, Options::default()).await.unwrap()) };
    let first = DatabaseClock::start(connect().await, true).await.unwrap();
    let fixed = DatabaseClock::start(connect().await, false).await.unwrap();
    assert!(first.now().since(first.real()) < time::Duration::seconds(1));
    let target = first.real().plus_days(30);
    first.advance_to(target).await.unwrap();
    assert!(first.now() >= target);
    first.advance_to(first.real()).await.unwrap();
    assert!(first.now() >= target, "never back");
    let second = DatabaseClock::start(connect().await, true).await.unwrap();
    assert!(second.now() >= target, "the group's offset is stored");
    assert!(fixed.now() < target, "nobody else's clock moves");
    assert!(fixed.advance_to(target).await.is_err());
    let server = world.database().psql(&["select extract(epoch from clock_timestamp()) * 1000000"]).unwrap();
    let server: i64 = server.split('.').next().unwrap().parse().unwrap();
    assert!((second.real().unix_micros() - server).abs() < 2_000_000);
}
