//! Columns say what documents say, and a whole store moves into another.

use std::{path::PathBuf, sync::Arc};

use sarai_domain::{
    kernel::{Aggregate, Row},
    marketplace::{
        coupon::Coupon, earnings::ProviderEarnings, license::License, listing::Listing, order::Order,
        quote::Quote, saga::PurchaseSaga,
    },
};
use sarai_ports::{
    Scope,
    inventory::Scan,
    system::{Clock as _, MovableClock as _},
};
use sarai_sql::{
    Column, Database, Mapped, Value,
    transfer::{Counts, TransferError, export, import, questions, require_whole},
};
use sarai_sqlite::{FileClock, SqliteStore};
use sarai_testkit::{SuitePorts, make};

use crate::{
    harness::{Folder, store},
    world::{World, buyer, cart_of},
};

/// A store after purchases, one of them cancelled, with seats, a line and a quote.
async fn busy() -> (World, SqliteStore) {
    let world = World::new(1).await;
    let listing = world.on_sale("20.00").await;
    let (ana, ben) = (buyer("ana"), buyer("ben"));
    world.bought(&ana, &cart_of(&listing, &[])).await;
    let orders = world.process(0).market.orders;
    let placed = orders.place(&ben, &cart_of(&listing, &[])).await.unwrap().order;
    orders.cancel(&ben, placed.id()).await.unwrap();
    world.settle().await;
    let suite: &SuitePorts = &world.suite;
    suite.put(&*suite.coupons, make::capped(suite, Some(3), Some(1))).await;
    suite.put(&*suite.licenses, make::pack(suite, "acme", 2)).await;
    let month = make::period("studio", "2026-04");
    let sale = vec![make::sale(suite, suite.id())];
    let routes = sarai_testkit::harness::to_nobody;
    let _ = suite.earnings.accrue(&month, sale, suite.context(), &*suite.ids, routes).await.unwrap();
    let folder = Arc::clone(&suite.keep).downcast::<Folder>().unwrap();
    let handle = store(&folder.file(), &suite.clock).await;
    (world, handle)
}

/// A cell as the file keeps it.
fn kept(value: Value) -> Value {
    match value {
        Value::Bool(bool) => Value::Int(i64::from(bool)),
        Value::Time(time) => Value::Int(time.unix_micros()),
        Value::Json(text) => Value::Text(text),
        other => other,
    }
}

async fn stored(store: &SqliteStore, table: &str, columns: &[Column], key: &[(&str, String)]) -> Vec<Value> {
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let places = key.iter().enumerate().map(|(place, (name, _))| format!("{name} = ${}", place + 1));
    let key_is = places.collect::<Vec<_>>().join(" and ");
    let sql = format!("select {} from {table} where {key_is}", names.join(", "));
    let args = key.iter().map(|(_, value)| Value::Text(value.clone())).collect();
    let mut found = store.database().run(&Scope::System, &sql, args).await.unwrap();
    assert_eq!(found.len(), 1, "{table} {key:?}");
    found.remove(0).0
}

async fn columns_agree<A: Mapped>(store: &SqliteStore) -> usize
where
    SqliteStore: Scan<A>,
{
    let all: Vec<sarai_ports::inventory::Raw<A>> = store.scan(None, 1_000).await.unwrap();
    for raw in &all {
        let content = raw.content.as_ref().unwrap();
        let id = raw.id.to_string();
        let found = stored(store, A::TABLE.name, A::TABLE.columns, &[("id", id.clone())]).await;
        let said: Vec<Value> = A::columns(&content.data).into_iter().map(kept).collect();
        assert_eq!(found, said, "{id}");
        for row in &content.rows {
            let (table, columns) = A::TABLE.rows.unwrap();
            let found = stored(store, table, columns, &[("parent_id", id.clone()), ("key", row.key())]).await;
            let said: Vec<Value> = A::row(row).unwrap().1.into_iter().map(kept).collect();
            assert_eq!(found, said, "{id} {}", row.key());
        }
    }
    all.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_say_what_documents_say() {
    let (_world, store) = busy().await;
    let counts = [
        columns_agree::<Listing>(&store).await,
        columns_agree::<Order>(&store).await,
        columns_agree::<License>(&store).await,
        columns_agree::<Coupon>(&store).await,
        columns_agree::<PurchaseSaga>(&store).await,
        columns_agree::<ProviderEarnings>(&store).await,
    ];
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    columns_agree::<Quote>(&store).await;
}

async fn exported(store: &SqliteStore) -> (Counts, Vec<String>) {
    let mut lines = Vec::new();
    let counts = export(store, &mut |line| {
        lines.push(line);
        Ok(())
    })
    .await
    .unwrap();
    (counts, lines)
}

async fn imported(store: &SqliteStore, lines: &[String]) -> Result<Counts, TransferError> {
    let mut lines = lines.iter().cloned().map(Ok);
    import(store, &mut lines, &mut |_| {}).await
}

async fn empty() -> (Folder, SqliteStore) {
    let folder = Folder::new();
    let path: PathBuf = folder.file();
    let store = store(&path, &Arc::default()).await;
    (folder, store)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_store_moves_into_an_empty_one() {
    let (_world, source) = busy().await;
    let (counts, lines) = exported(&source).await;
    assert!(counts["orders"] >= 2 && counts["events"] > 10, "{counts:?}");
    let (_folder, target) = empty().await;
    assert_eq!(imported(&target, &lines).await.unwrap(), counts);
    assert_eq!(require_whole(&target).await, Ok(()));
    let (_, again) = exported(&target).await;
    assert_eq!(again, lines, "the copy says what its source says");
    let refused = imported(&target, &lines).await.unwrap_err();
    assert!(matches!(refused, TransferError::NotEmpty(_)), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_of_one_moment_whoever_writes_meanwhile() {
    let (world, store) = busy().await;
    let (counts, before) = exported(&store).await;
    let (mut lines, mut written) = (Vec::new(), false);
    export(&store, &mut |line: String| {
        // The orders were read, and their lines were not.
        if line.starts_with("[\"orders\",") && !written {
            written = true;
            let suite: &SuitePorts = &world.suite;
            let put = suite.put(&*suite.orders, make::order(suite, "acme", "ben"));
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(put));
        }
        lines.push(line);
        Ok(())
    })
    .await
    .unwrap();
    assert!(written);
    assert_eq!(lines, before, "an order and its lines are in it or are not");
    let (after, _) = exported(&store).await;
    let grown = ["orders", "order_lines"].map(|table| after[table] - counts[table]);
    assert_eq!(grown, [1, 2], "it was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_an_export_is_not_taken_for_the_whole() {
    let (_world, source) = busy().await;
    let (_, mut lines) = exported(&source).await;
    let end = lines.pop().unwrap();
    let (_folder, target) = empty().await;
    assert_eq!(imported(&target, &lines).await, Err(TransferError::Incomplete));
    assert_eq!(require_whole(&target).await, Err(TransferError::Unfinished), "nobody serves from it");
    lines.remove(1);
    lines.push(end);
    let (_folder, target) = empty().await;
    assert_eq!(imported(&target, &lines).await, Err(TransferError::Incomplete));
    lines[0] = "{\"sarai\":\"export\",\"version\":1}".to_owned();
    let (_folder, target) = empty().await;
    assert!(matches!(imported(&target, &lines).await, Err(TransferError::Unreadable(_))));
}

/// What stays where it is: who holds what, how far the tables are, and what was sent in a day to anybody.
const STAYS: [&str; 3] = ["leases", "_sqlx_migrations", "verify_platform_sends"];

#[tokio::test(flavor = "multi_thread")]
async fn every_table_is_moved_or_named_here() {
    let (_folder, store) = empty().await;
    let (counts, _) = exported(&store).await;
    let tables =
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name";
    let found = store.database().run(&Scope::System, tables, Vec::new()).await.unwrap();
    let names = found.iter().map(|record| record.text(0).unwrap());
    let left: Vec<&str> = names.filter(|name| !counts.contains_key(*name)).collect();
    let mut stays = STAYS;
    stays.sort_unstable();
    assert_eq!(left, stays);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_clock_goes_with_its_store() {
    let (_world, source) = busy().await;
    let clock = FileClock::start(Arc::clone(source.database()), true).await.unwrap();
    let then = clock.real().plus_days(40);
    clock.advance_to(then).await.unwrap();
    let (_, lines) = exported(&source).await;
    let (_folder, target) = empty().await;
    imported(&target, &lines).await.unwrap();
    let clock = FileClock::start(Arc::clone(target.database()), true).await.unwrap();
    assert!(clock.now() >= then, "{} {then}", clock.now());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_reads_every_table_page_by_page_by_an_index() {
    let (_folder, store) = empty().await;
    for (sql, args) in questions() {
        let goes_on = sql.contains(") > (");
        let found =
            store.database().run(&Scope::System, &format!("explain query plan {sql}"), args).await.unwrap();
        let plan: Vec<&str> = found.iter().map(|record| record.text(3).unwrap()).collect();
        let plan = plan.join("; ");
        assert!(!plan.contains("TEMP B-TREE"), "{sql}: {plan}");
        assert!(!goes_on || plan.starts_with("SEARCH"), "{sql}: {plan}");
    }
}
