//! What is old is forgotten, however much it is: a statement may not take long.

use std::{sync::Arc, time::Duration};

use sarai_ports::leases::Leases as _;
use sarai_testkit::SuitePorts;

use crate::world::World;

/// Tables that are purged, and a statement that fills each with what is old, `n` rows.
const FILLED: &[(&str, &str)] = &[
    (
        "idempotency_keys",
        "insert into idempotency_keys select 'tenant-' || i % 100, 'user', 'operation', 'hash-' || i, 'print', \
         '2001-01-01', null, 200, '[]', '', '2001-01-01' from generate_series(1, {n}) i",
    ),
    (
        "feed_rows",
        "insert into feed_rows (tenant_id, number, numbered_at, owner_tenant_id, subject, aggregate_seq) \
         select 'tenant-' || i % 100, i, '2001-01-01', 'tenant', 'ord_' || i, 1 from generate_series(1, {n}) i",
    ),
    (
        "verify_limits",
        "insert into verify_limits select 'tenant-' || i % 100, 'PRODUCTION', 'key', 'dat_' || i, 'ver_1', \
         '2001-01-01', false from generate_series(1, {n}) i",
    ),
    (
        "verify_platform_sends",
        "insert into verify_platform_sends select 'subject-' || i % 100, 'dat_' || i, '2001-01-01' \
         from generate_series(1, {n}) i",
    ),
    (
        "sent_parts",
        "insert into sent_parts select 'provider', 'message-' || i, 'dat_' || i, 'tenant', 'ver_1', 'hash', 1, 1, 'SENT', \
         '2001-01-01' from generate_series(1, {n}) i",
    ),
];

#[tokio::test]
async fn what_is_old_is_forgotten_batch_by_batch() {
    const ROWS: usize = 12_000;
    let world = World::alone();
    let mut statements = vec![
        "create table batches (of text, gone bigint)".to_owned(),
        "create function note() returns trigger language plpgsql security definer as $$ begin \
         insert into batches select tg_table_name, count(*) from gone; return null; end $$"
            .to_owned(),
    ];
    for (table, fill) in FILLED {
        statements.push(fill.replace("{n}", &ROWS.to_string()));
        statements.push(format!(
            "create trigger noted after delete on {table} referencing old table as gone \
             for each statement execute function note()"
        ));
    }
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    world.database().psql(&statements).unwrap();
    let ports = SuitePorts::of(Arc::new(world.store("purger").await), world.clock.clone());
    let now = ports.now();
    assert_eq!(ports.idempotency.purge(now).await.unwrap(), ROWS);
    assert_eq!(ports.feed.purge(now).await.unwrap(), ROWS);
    ports.sessions().forget(now).await.unwrap();
    ports.devportal.forget_receipts(now, now).await.unwrap();
    let asked = "select of, sum(gone), max(gone) from batches where gone > 0 group by of order by of";
    let told = world.database().psql(&[asked]).unwrap();
    let mut wanted: Vec<_> = FILLED.iter().map(|(table, _)| format!("{table}|{ROWS}|5000")).collect();
    wanted.sort();
    assert_eq!(told.lines().collect::<Vec<_>>(), wanted);
}

#[tokio::test]
async fn members_that_went_are_forgotten_and_fences_of_others_are_kept() {
    const LEASE: Duration = Duration::from_secs(15);
    let world = World::new();
    let (store, other) = (world.store("one").await, world.store("other").await);
    for name in ["relay.member.gone", "relay.3", "relay.members"] {
        assert!(store.take(name, LEASE).await.unwrap().is_some());
    }
    world.clock.advance(Duration::from_secs(16));
    assert!(other.take("relay.member.there", LEASE).await.unwrap().is_some());
    let fence = store.take("relay.member.ends", LEASE).await.unwrap().unwrap();
    store.give_back("relay.member.ends", fence).await.unwrap();
    let left = world.database().psql(&["select name from leases order by name collate \"C\""]).unwrap();
    assert_eq!(left.lines().collect::<Vec<_>>(), ["relay.3", "relay.member.there", "relay.members"]);
}
