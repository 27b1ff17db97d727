//! The plans of the statements with many rows of many tenants: each uses an index, and a policy's tenant is computed
//! once.

use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

use async_trait::async_trait;
use sarai_domain::marketplace::values::PlanKind;
use sarai_ports::{
    PageRequest, Saved, Scope, StoreError,
    marketplace::{CatalogFilter, CatalogSort},
};
use sarai_postgres::access::WITHOUT_TENANT;
use sarai_sql::{Database, Dialect, Record, Store, Value, Work, Write, transfer};
use sarai_testkit::{SuiteClock, SuitePorts, make, seed::setting};

use crate::{
    methods::{counts_of, others_of},
    world::World,
};

/// Keeps what it is asked, and has nothing.
#[derive(Default)]
struct Recorder {
    asked: Mutex<Vec<(Scope, String, Vec<Value>)>>,
}

#[async_trait]
impl Database for Recorder {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn run(&self, scope: &Scope, sql: &str, args: Vec<Value>) -> Result<Vec<Record>, StoreError> {
        self.asked.lock().unwrap().push((scope.clone(), sql.to_owned(), args));
        Ok(Vec::new())
    }

    async fn run_all(&self, _: &Scope, _: Vec<(String, Vec<Value>)>) -> Result<Vec<Vec<Record>>, StoreError> {
        Ok(Vec::new())
    }

    fn holder(&self) -> &'static str {
        ""
    }

    async fn commit(&self, _: &Scope, _: Write) -> Result<Saved, StoreError> {
        Err(StoreError::NotFound)
    }

    async fn transact<W: Work>(&self, _: &Scope, _: W) -> Result<W::Out, StoreError> {
        Err(StoreError::NotFound)
    }
}

/// Rows of a table, `n` of them, spread over a hundred tenants; `t` is the tenant, `i` the number.
const ROWS: &[&str] = &[
    "insert into listings select 'tenant-' || i % 100, 'lst_' || i, 1, 0, now() - i * interval '1 second', '{}', \
     case when i % 3 = 0 then 'live' else 'draft' end, i % 1000 = 0 from generate_series(1, {n}) i",
    "insert into catalog select 'tenant-' || i % 100, 'lst_' || i, '*', now() - i * interval '1 second', i % 5000, \
     '|one_time|', 'category-' || i % 50, '|tag-' || i % 997 || '|', 'words' from generate_series(1, {n}) i",
    "insert into catalog_tags select 'tenant-' || i % 100, 'lst_' || i, '*', 'tag-' || i % 997, \
     now() - i * interval '1 second', i % 5000 from generate_series(1, {n}) i",
    "insert into orders select 'tenant-' || i % 100, 'ord_' || i, 1, 0, now() - i * interval '1 second', '{}', \
     'user-' || i % 1000, case when i % 500 = 0 then 'created' else 'fulfilled' end, 'USD', null, now(), false, false, \
     i % 500 = 0 from generate_series(1, {n}) i",
    "insert into order_lines select 'tenant-' || i % 100, 'ord_' || i, 'oln_' || i, 'tenant-' || i % 97, \
     'lst_' || i % 1000, now() - i * interval '1 second', true, '{}' from generate_series(1, {n}) i",
    "insert into licenses select 'tenant-' || i % 100, 'lic_' || i, 1, 0, now() - i * interval '1 second', '{}', \
     'tenant-' || i % 97, 'lst_' || i % 1000, 'course-' || i % 50, 'active', 'user-' || i % 1000, 'ord_' || i, \
     'oln_' || i, 0, null, null, now() + i * interval '1 hour' from generate_series(1, {n}) i",
    "insert into license_rows select 'tenant-' || i % 100, 'lic_' || i, 'seat_' || i, 1, 'user-' || i % 1000, \
     'seat_' || i, now(), null, null, null, '{}' from generate_series(1, {n}) i",
    "insert into provider_licenses select 'tenant-' || i % 100, 'lic_' || i, 'tenant-' || i % 97, \
     now() - i * interval '1 second', 1, '{}' from generate_series(1, {n}) i",
    "insert into sagas select 'tenant-' || i % 100, 'sga_' || i, 1, 0, now() - i * interval '1 second', '{}', \
     'ord_' || i, case when i % 500 = 0 then 'started' else 'fulfilled' end, \
     case when i % 500 = 0 then now() end, null, false from generate_series(1, {n}) i",
    "insert into accounts select 'tenant-' || i % 100, 'dev_' || i, 1, 0, now(), '{}', 'identity-' || i, 'ACTIVE' \
     from generate_series(1, {n}) i",
    "insert into api_keys select 'tenant-' || i % 100, 'key_' || i, 1, 0, now() - i * interval '1 second', '{}', \
     case when i % 2 = 0 then 'SANDBOX' else 'PRODUCTION' end, 'dev_' || i % 1000, null, \
     case when i % 100 = 0 then 'ACTIVE' else 'REVOKED' end, 'label-' || i, case when i % 100 = 0 then 'slot-' || i end, \
     case when i % 1000 = 0 then 'key_' || i - 1 end, null, null, \
     case when i % 500 = 0 then now() + i * interval '1 hour' end, null, null, null, null \
     from generate_series(1, {n}) i",
    "insert into quotes select 'tenant-' || i % 100, 'quo_' || i, 1, 0, now(), '{}', 'ord_' || i, 'used', null \
     from generate_series(1, {n}) i",
    "insert into coupons select 'tenant-' || i % 100, 'cpn_' || i, 1, 0, now() - i * interval '1 second', '{}', \
     'code-' || i, 0, null from generate_series(1, {n}) i",
    "insert into coupon_redemptions select 'tenant-' || i % 100, 'cpn_' || i, 'ord_' || i, 1, 'user-' || i % 1000, \
     'ord_' || i, 'confirmed', null, '{}' from generate_series(1, {n}) i",
    "insert into earnings select 'tenant-' || i % 100, 'period-' || i, 1, 0, now() - i * interval '1 second', '{}', \
     'USD', '2026-' || i % 12, 'paid', null, 1, now(), 1 from generate_series(1, {n}) i",
    "insert into earnings_lines select 'tenant-' || i % 100, 'period-' || i, 'ern_' || i, 1, 'ern_' || i, 'sale', \
     'oln_' || i, now() + interval '1 day', 100, '{}', 1, '{}', '{}' from generate_series(1, {n}) i",
    "insert into statement_heads select 'tenant-' || i % 100, 'period-' || i, '{}' from generate_series(1, {n}) i",
    "insert into events (tenant_id, subject, aggregate_seq, id, aggregate, topic, \"time\", recorded_at, \
     correlation_id, payload) select 'tenant-' || i % 100, 'ord_' || i, 1, 'evt_' || i, 'order', 'topic', now(), \
     now() - i * interval '1 second', 'ord_' || i, '{}' from generate_series(1, {n}) i",
    "insert into audit_log (tenant_id, at, actor, action, target, version) select 'tenant-' || i % 100, \
     now() - i * interval '1 second', 'somebody', 'something', 'ord_' || i, 1 from generate_series(1, {n}) i",
    "insert into feed_rows (tenant_id, number, numbered_at, owner_tenant_id, subject, aggregate_seq) \
     select 'tenant-' || i % 100, i / 100, now(), 'tenant-' || i % 100, 'ord_' || i, 1 from generate_series(1, {n}) i",
    "insert into feed_heads select 'tenant-' || i, {n} / 100, i from generate_series(1, {n}) i",
    "insert into inbox select 'tenant-' || i % 100, 'alpha', 'evt_' || i, 'ord_' || i, now() \
     from generate_series(1, {n}) i",
    "insert into idempotency_keys select 'tenant-' || i % 100, 'user', 'operation', 'hash-' || i, 'print', now(), \
     null, 200, '[]', '', now() - i * interval '1 second' from generate_series(1, {n}) i",
    "insert into deliveries select 'tenant-' || i % 100, 'alpha', 'ord_' || i, 1, i % 16, 0, 1, null, \
     now() + i * interval '1 second', false, null from generate_series(1, {n}) i",
    "reindex schema public",
    "analyze",
];

/// Statements that read a whole table, because they are asked to.
const WHOLE: &[&str] =
    &["count(*) filter (where dead)", "select d.consumer, count(*)", "group by d.consumer"];

/// Tables small enough to be read whole.
const SMALL: &[&str] = &["feed_heads", "disputes", "order_refunds"];

/// Everything the store asked while every method was called.
async fn asked() -> Vec<(Scope, String, Vec<Value>)> {
    let recorder = Arc::new(Recorder::default());
    let store = Store::new(Arc::clone(&recorder));
    let ports = SuitePorts::of(Arc::new(store), Arc::<SuiteClock>::default());
    for scope in [Scope::Tenant(make::tenant("acme")), Scope::Public, Scope::PlatformAdmin, Scope::System] {
        counts_of(&ports, &scope).await;
    }
    others_of(&ports).await;
    std::mem::take(&mut *recorder.asked.lock().unwrap())
}

/// Puts so many rows into each table.
#[allow(clippy::print_stdout, reason = "what many rows cost is worth reading")]
fn fill(world: &World, rows: u32) {
    // Whether what rows point at is there is not the question, and indexes are made quicker than kept.
    let unindexed = "update pg_index set indisready = false where indrelid in \
                     (select oid from pg_class where relnamespace = 'public'::regnamespace)";
    world.database().psql(&[unindexed]).unwrap();
    for statement in ROWS {
        let begun = Instant::now();
        let quick = "set session_replication_role = replica; set synchronous_commit = off";
        world.database().psql(&[quick, &statement.replace("{n}", &rows.to_string())]).unwrap();
        println!("{:>7.1} s {}", begun.elapsed().as_secs_f32(), statement.get(..36).unwrap_or(statement));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::print_stdout, reason = "what many rows cost is worth reading")]
async fn every_statement_uses_an_index_and_computes_the_tenant_once() {
    let world = World::alone();
    let store = world.store("plans").await;
    let database = Arc::clone(store.database());
    fill(&world, setting("SARAI_PLAN_ROWS", 20_000));
    // Who asks for many rows wants to know what each statement costs.
    let loud = std::env::var_os("SARAI_PLAN_ROWS").is_some();
    let asked = asked().await;
    assert!(asked.len() > 60, "{}", asked.len());
    let mut wrong = Vec::new();
    for (scope, sql, args) in asked {
        let plan = database.run(&scope, &format!("explain {sql}"), args).await.unwrap();
        let plan: Vec<_> = plan.iter().map(|line| line.text(0).unwrap().to_owned()).collect();
        // What is never run has a plan all the same.
        let never = plan.iter().any(|line| line.contains("One-Time Filter: false"));
        let whole = never || WHOLE.iter().any(|known| sql.contains(known));
        if loud {
            println!("{scope:?}: {sql}\n  {}", plan.first().map_or("", String::as_str));
        }
        for line in &plan {
            let scanned = line.split("Seq Scan on ").nth(1).map(|rest| rest.split(' ').next().unwrap());
            let small = scanned.is_none_or(|table| SMALL.contains(&table) || WITHOUT_TENANT.contains(&table));
            if !(small || whole) || line.contains("current_setting") {
                wrong.push(format!("{scope:?}: {sql}\n  {}", plan.join("\n  ")));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{} plans:\n{}", wrong.len(), wrong.join("\n"));
}

/// How the catalogue is searched with these filters: a plan each, with what was done, and how many listings were found.
async fn searches(name: &str, filters: Vec<CatalogFilter>) -> Vec<(String, usize)> {
    let world = World::alone();
    let store = world.store(name).await;
    fill(&world, 20_000);
    let rare = "update catalog set words = 'olives', kinds = '|seat_pack|' where parent_id = 'lst_19998'";
    world.database().psql(&["set session_replication_role = replica", rare]).unwrap();
    world.database().psql(&["vacuum analyze catalog"]).unwrap();
    let recorder = Arc::new(Recorder::default());
    let ports = SuitePorts::of(Arc::new(Store::new(Arc::clone(&recorder))), Arc::<SuiteClock>::default());
    for filter in filters {
        let _ = ports.catalog.search(&filter, &PageRequest::first(20)).await.unwrap();
    }
    let asked = std::mem::take(&mut *recorder.asked.lock().unwrap());
    let mut found = Vec::new();
    for (scope, sql, args) in asked {
        let count = store.database().run(&scope, &sql, args.clone()).await.unwrap().len();
        let explain = format!("explain (analyze, timing off) {sql}");
        let plan = store.database().run(&scope, &explain, args).await.unwrap();
        let plan: Vec<_> = plan.iter().map(|line| line.text(0).unwrap().to_owned()).collect();
        found.push((format!("{sql}\n  {}", plan.join("\n  ")), count));
    }
    found
}

/// A tag that few listings have, or none, is not looked for in all of them, whatever the order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_of_a_tag_reads_the_rows_of_that_tag() {
    let tagged = |sort| CatalogFilter { tag: Some("tag-7".to_owned()), sort, ..CatalogFilter::default() };
    let sorts = [CatalogSort::Newest, CatalogSort::PriceAscending, CatalogSort::PriceDescending];
    for (plan, _) in searches("tags", sorts.map(tagged).into()).await {
        assert!(plan.contains("on catalog_tags t") && !plan.contains("Seq Scan"), "{plan}");
        assert!(plan.contains("tag)::text = ") && plan.contains("Index Cond"), "{plan}");
    }
}

/// Nor is a rare word or kind, however old its listing; a common one is met soon in the catalogue's order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_of_a_rare_word_or_kind_reads_few_rows() {
    let text = |text: &str| CatalogFilter { text: Some(text.to_owned()), ..CatalogFilter::default() };
    let kind = |kind| CatalogFilter { kind: Some(kind), ..CatalogFilter::default() };
    let rarest = CatalogFilter { sort: CatalogSort::PriceAscending, ..text("olives") };
    let rare = [text("olives"), rarest, kind(PlanKind::SeatPack)];
    let common = [text("words"), kind(PlanKind::OneTime)];
    let found = searches("rare", rare.into_iter().chain(common).collect()).await;
    for (place, (plan, count)) in found.into_iter().enumerate() {
        let line = plan.lines().find(|line| line.contains("Bitmap Index Scan on catalog_texts"));
        let looked = !line.expect(&plan).contains("never executed");
        assert!(!plan.contains("Seq Scan on catalog"), "{plan}");
        // Of the demo's listings a third is live.
        assert_eq!((looked, count), if place < 3 { (true, 1) } else { (false, 7) }, "{plan}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_asked_for_a_tenant_names_the_tenant() {
    let asked = asked().await;
    let for_tenants = asked.iter().filter(|(scope, ..)| matches!(scope, Scope::Tenant(_) | Scope::Within(_)));
    let mut count = 0;
    for (_, sql, _) in for_tenants {
        count += 1;
        assert!(sql.contains("tenant_id") || sql.contains("and false"), "{sql}");
    }
    assert!(count > 20, "{count}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_reads_every_table_page_by_page_by_an_index() {
    let world = World::alone();
    fill(&world, 5_000);
    // Whoever sorts even so has no index to read by, however few rows there are.
    let name = world.database().name();
    let only = ["sort", "incremental_sort", "seqscan"]
        .map(|way| format!("alter database \"{name}\" set enable_{way} = off"));
    world.database().psql(&only.each_ref().map(String::as_str)).unwrap();
    let store = world.store("export").await;
    let mut wrong = Vec::new();
    for (sql, args) in transfer::questions() {
        let goes_on = !args.is_empty() && sql.contains(") > (");
        let plan = store.database().run(&Scope::System, &format!("explain {sql}"), args).await.unwrap();
        let plan: Vec<_> = plan.iter().map(|line| line.text(0).unwrap().to_owned()).collect();
        let plan = plan.join("\n  ");
        if plan.contains("Sort") || plan.contains("Seq Scan") || (goes_on && !plan.contains("Index Cond")) {
            wrong.push(format!("{sql}\n  {plan}"));
        }
    }
    assert!(wrong.is_empty(), "{} plans:\n{}", wrong.len(), wrong.join("\n"));
}
