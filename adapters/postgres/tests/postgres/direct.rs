//! SQL of an intruder who has the app's login: no row of another tenant is read, changed or confirmed.

use std::{
    fmt::Write as _,
    io::Write as _,
    process::{Command, Stdio},
    time::Duration,
};

use sarai_domain::devportal::values::Environment;
use sarai_ports::{
    Scope, StoreError,
    feed::{Feed as _, FeedId},
};
use sarai_postgres::access::{ACCESS, WITHOUT_TENANT};
use sarai_services::Cluster;
use sarai_sql::Database as _;
use sarai_testkit::make;

use crate::{methods::filled, world::World};

/// Statements on a table, each with its name; `{t}` is the table. Any may be refused (42501, or 0A000 where the
/// server has no such thing under policies); none may touch a row.
const STATEMENTS: &[(&str, &str)] = &[
    ("select", "select * from {t};"),
    ("select of a tenant", "select * from {t} where tenant_id = 'acme';"),
    ("select by a function", "select * from {t} where tenant_id = lower('ACME');"),
    ("lock rows", "select * from {t} for update;"),
    ("share rows", "select * from {t} for key share;"),
    ("update", "update {t} set tenant_id = tenant_id;"),
    ("take over", "update {t} set tenant_id = 'globex' where tenant_id = 'acme';"),
    ("update returning", "update {t} set tenant_id = tenant_id returning *;"),
    ("delete", "delete from {t};"),
    ("delete returning", "delete from {t} where tenant_id = 'acme' returning *;"),
    ("a part that deletes", "with gone as (delete from {t} returning *) select * from gone;"),
    ("a part that reads", "with all_of_them as materialized (select * from {t}) select * from all_of_them;"),
    (
        "merge",
        "merge into {t} using (values ('acme')) as v (x) on {t}.tenant_id = v.x when matched then delete;",
    ),
    ("copy out", "copy {t} to stdout;"),
    ("copy a query out", "copy (select * from {t}) to stdout;"),
    ("a cursor", "begin; declare c cursor for select * from {t}; fetch all from c;"),
    ("a prepared statement", "prepare p as select * from {t}; execute p;"),
    ("lock the table", "begin; lock table {t} in access exclusive mode;"),
    ("without policies", "set row_security = off; select * from {t};"),
    ("another setting", "set app.tenant_id = ''; select * from {t};"),
];

/// How such a statement may end: with no row; refused; as something the server does not do under policies; after what
/// came before it in its transaction was refused; without what was refused before.
const PEACEFUL: [&str; 5] = ["00000", "42501", "0A000", "25P02", "26000"];

/// The same, which must be refused: with these.
const REFUSED: &[(&str, &str)] = &[
    ("insert", "insert into {t} (tenant_id) values ('acme');"),
    ("insert returning", "insert into {t} (tenant_id) values ('acme') returning *;"),
    ("insert or nothing", "insert into {t} (tenant_id) values ('acme') on conflict do nothing;"),
    ("truncate", "truncate {t};"),
    ("switch off", "alter table {t} disable row level security;"),
    ("a policy", "create policy mine on {t} using (true);"),
    ("drop", "drop table {t};"),
    ("the owner", "set role sarai_owner;"),
    ("the worker", "set role sarai_worker;"),
    ("another session", "set session authorization sarai_worker;"),
    ("a temporary table", "create temporary table stolen as select * from {t};"),
    (
        "a function of its own",
        "create function mine() returns setof {t} language sql as 'select * from {t}';",
    ),
    ("a view", "create view mine as select * from {t};"),
    (
        "found by a block",
        "do $$ begin perform from {t} where tenant_id = 'acme'; if not found then \
      raise insufficient_privilege; end if; end $$;",
    ),
];

/// What became of each statement: its table and name, the state, and how many rows it touched.
fn told(world: &World, setting: &str) -> Vec<(String, String, u64)> {
    let mut script = String::from("\\o /dev/null\n");
    for table in
        ACCESS.iter().flat_map(|access| access.tables).filter(|table| !WITHOUT_TENANT.contains(table))
    {
        for (name, statement) in STATEMENTS.iter().chain(REFUSED) {
            let statement = statement.replace("{t}", table);
            let statement = statement.replace("; ", ";\n");
            let _ = write!(
                script,
                "rollback;\nreset all;\ndeallocate all;\n{setting}\n{statement}\n\\echo {table}: {name}|:SQLSTATE|:ROW_COUNT\n"
            );
        }
    }
    let psql = Cluster::shared().unwrap().programs().join("psql");
    let mut child = Command::new(psql)
        .args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=0"])
        .arg(world.urls.app.split('?').next().unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(script.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let told = output.lines().map(|line| {
        let mut parts = line.rsplit('|');
        let rows = parts.next().unwrap().parse().expect("a count of rows");
        let state = parts.next().unwrap().to_owned();
        (parts.next().unwrap().to_owned(), state, rows)
    });
    told.collect()
}

/// Everything in the database, as one number a table.
fn everything(world: &World) -> String {
    let tables = ACCESS.iter().flat_map(|access| access.tables);
    let statements: Vec<_> = tables
        .map(|table| {
            format!(
                "select '{table}', count(*), md5(string_agg(t::text, '' order by t::text)) from {table} t"
            )
        })
        .collect();
    let statements: Vec<_> = statements.iter().map(String::as_str).collect();
    world.database().psql(&statements).unwrap()
}

#[tokio::test]
async fn an_intruder_touches_no_row_of_another_tenant() {
    let world = World::new();
    filled(&world).await;
    // What everybody may see is not looked for here.
    let hidden = "delete from catalog_tags; delete from catalog; update listings set state = 'suspended'";
    world.database().psql(&[hidden]).unwrap();
    let before = everything(&world);
    for setting in ["select set_config('app.tenant_id', 'globex', false);", "set app.tenant_id = '';", ""] {
        let told = told(&world, setting);
        let tables = ACCESS.iter().flat_map(|access| access.tables).filter(|t| !WITHOUT_TENANT.contains(t));
        assert_eq!(told.len(), tables.count() * (STATEMENTS.len() + REFUSED.len()));
        for (what, state, rows) in told {
            let name = what.split(": ").nth(1).unwrap();
            if STATEMENTS.iter().any(|(known, _)| *known == name) {
                assert!(PEACEFUL.contains(&state.as_str()), "{setting} {what}: {state}");
                assert_eq!(rows, 0, "{setting} {what}");
            } else {
                assert_eq!(state, "42501", "{setting} {what}");
            }
        }
    }
    assert_eq!(everything(&world), before);
}

#[tokio::test]
async fn the_owner_of_the_rows_reads_them() {
    let world = World::new();
    filled(&world).await;
    let told = told(&world, "select set_config('app.tenant_id', 'acme', false);");
    let seen = |table: &str| told.iter().find(|(what, ..)| what == &format!("{table}: select")).unwrap().2;
    for table in
        ["listings", "orders", "licenses", "coupons", "quotes", "earnings", "earnings_lines", "events"]
    {
        assert!(seen(table) > 0, "{table}");
    }
}

/// Rows that an intruder may write all the same, as another's feed gets them and workers take them: no place, number or
/// fence of its own choice is in them, and nothing tells whether another's is taken.
#[tokio::test]
async fn an_intruder_forges_no_place_in_a_feed_and_no_fence() {
    const FED: &str = "insert into feed_rows (tenant_id, owner_tenant_id, subject, aggregate_seq";
    const SENT: &str = "insert into deliveries (tenant_id, consumer, subject, aggregate_seq, partition, available_at, \
                        fence, attempts, dead";
    let world = World::new();
    filled(&world).await;
    let next = "select coalesce(max(number), 0), count(*) from feed_rows where tenant_id = 'acme'";
    let before = world.database().psql(&[next]).unwrap();
    let store = world.store("intruder").await;
    let told = async |statement: &str| {
        let scope = Scope::Tenant(make::tenant("globex"));
        store.database().run(&scope, statement, Vec::new()).await.map(|rows| rows.len())
    };
    for refused in [
        format!("{FED}, number) values ('acme', 'globex', 'ord_1', 1, 1)"),
        format!("{FED}, number) values ('acme', 'globex', 'ord_1', 1, null)"),
        format!("{FED}, number) values ('acme', 'globex', 'ord_1', 1, 7) on conflict do nothing"),
        format!("{FED}, numbered_at) values ('acme', 'globex', 'ord_1', 1, now())"),
        format!("{FED}, position) overriding system value values ('acme', 'globex', 'ord_1', 1, 1)"),
        format!("{FED}) values ('acme', 'acme', 'ord_1', 1)"),
        "update feed_rows set number = 1, numbered_at = now()".to_owned(),
        "update feed_rows set position = default".to_owned(),
        format!("{SENT}) values ('globex', 'saga', 'ord_1', 1, 1, now(), 9223372036854775807, 0, false)"),
        format!(
            "{SENT}) values ('globex', 'saga', 'ord_1', 1, 1, now(), 1048576, 9223372036854775807, false)"
        ),
        format!("{SENT}) values ('globex', 'saga', 'ord_1', 1, 1, now(), 1048576, 0, true)"),
        format!("{SENT}) values ('acme', 'saga', 'ord_1', 1, 1, now(), 1048576, 0, false)"),
    ] {
        assert_eq!(told(&refused).await, Err(StoreError::NotFound), "{refused}");
    }
    assert_eq!(world.database().psql(&[next]).unwrap(), before);
    for born in [
        format!("{FED}) values ('acme', 'globex', 'ord_1', 1) returning 1"),
        format!("{FED}) values ('acme', 'globex', 'nothing', 1) returning 1"),
        format!("{FED}) values ('', 'globex', 'nothing', 1) returning 1"),
        format!("{SENT}) values ('globex', 'saga', 'ord_1', 1, 1, now(), 1048576, 0, false) returning 1"),
    ] {
        assert_eq!(told(&born).await, Ok(1), "{born}");
    }
    // What tells of nothing hides nothing, and what is nobody's stops nobody.
    let fence = store.lease(Duration::from_secs(9)).await.unwrap().unwrap();
    assert!(store.sequence(fence, 1_000).await.unwrap().is_some());
    let feed = FeedId { tenant_id: make::tenant("acme"), environment: Environment::Production };
    assert!(store.read(&feed, 0, 1_000).await.is_ok());
    let moved = store.moved(0, 1_000).await.unwrap();
    assert!(moved.iter().any(|head| head.feed == feed), "{moved:?}");
}

/// A time that a timestamp does not hold, which the owner of a row may write, stops nobody who reads the rows of all.
#[tokio::test]
async fn an_instant_beyond_all_times_is_the_end_of_time() {
    let world = World::new();
    let store = world.store("reader").await;
    let asked = "select 'infinity'::timestamptz, '-infinity'::timestamptz, '294276-01-01Z'::timestamptz, \
                 '1999-12-31 23:59:59.999999Z'::timestamptz";
    let found = store.database().run(&Scope::System, asked, Vec::new()).await.unwrap();
    let read: Vec<_> = (0..4).map(|place| found[0].time(place).unwrap().to_string()).collect();
    let end = "9999-12-31T00:00:00Z";
    assert_eq!(read, [end, end, end, "1999-12-31T23:59:59.999999Z"]);
}

/// R6: in one world, the policies alone hide the rows of the other.
#[tokio::test]
async fn a_world_s_rows_are_not_read_from_the_other_one() {
    let world = World::new();
    filled(&world).await;
    for (environment, some) in [("SANDBOX", true), ("PRODUCTION", false)] {
        let setting = format!(
            "select set_config('app.tenant_id', 'acme', false), \
             set_config('app.environment', '{environment}', false);"
        );
        let told = told(&world, &setting);
        let (_, _, rows) = told.iter().find(|(what, ..)| what == "api_keys: select").unwrap();
        assert_eq!(*rows > 0, some, "{environment}");
    }
}
