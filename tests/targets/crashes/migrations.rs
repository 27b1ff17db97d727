//! T54: migrators side by side, killed at any time and at each statement, over tables with rows.
//!
//! There is no way down: a migration only adds, and who goes back to an older binary keeps the schema.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use sarai_postgres::roles::Roles;
use sarai_services::{Cluster, Loss, Proxy, sarai};
use tokio::time::sleep;

use crate::world::{Dice, SARAI, figure};

/// Migrates what is at a URL. The keys are where the roles' password comes from: the same for all of one cluster.
fn migrator_of(url: &str, cluster: &Cluster) -> Child {
    sarai(SARAI)
        .args(["migrate", "--database-url", url])
        .arg("--data-dir")
        .arg(cluster.dir().join("keys"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn migrator(cluster: &Cluster) -> Child {
    migrator_of(&cluster.url("postgres"), cluster)
}

fn succeeds(child: Child) {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What `pg_dump` writes of the schema, and which migrations are noted.
fn schema_of(cluster: &Cluster, database: &str) -> String {
    let dump = Command::new(cluster.programs().join("pg_dump"))
        .args(["--schema-only", &cluster.url(database)])
        .output()
        .unwrap();
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    let text = String::from_utf8(dump.stdout).unwrap();
    // Newer versions guard their dumps with a token of chance.
    let lines =
        text.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
    let noted = "SELECT version, success, encode(checksum, 'hex') FROM _sqlx_migrations ORDER BY version";
    lines.collect::<Vec<_>>().join("\n") + &cluster.psql(database, &[noted]).unwrap()
}

fn schema(cluster: &Cluster) -> String {
    schema_of(cluster, "postgres")
}

#[tokio::test(flavor = "multi_thread")]
async fn migrators_side_by_side_and_killed_come_to_the_same_schema() {
    let mut dice = Dice::new();
    let clean = Cluster::fast().unwrap();
    succeeds(migrator(&clean));
    let wanted = schema(&clean);
    succeeds(migrator(&clean));
    assert_eq!(schema(&clean), wanted, "again is the same");

    let together = Cluster::fast().unwrap();
    let four: Vec<Child> = (0..4).map(|_| migrator(&together)).collect();
    four.into_iter().for_each(succeeds);
    assert!(schema(&together) == wanted, "four at once");

    let killed = Cluster::fast().unwrap();
    for _ in 0..figure(10, 200) {
        let mut one = migrator(&killed);
        sleep(dice.pause(5, 400)).await;
        one.kill().unwrap();
        one.wait().unwrap();
    }
    succeeds(migrator(&killed));
    assert!(schema(&killed) == wanted, "killed on the way");
}

/// A cluster as OPERATIONS.md sets one up: its roles by a superuser, its schema by the role that migrates. The folder is
/// where that looked for keys.
pub(crate) fn migrated_by_its_role() -> (Cluster, PathBuf) {
    let cluster = Cluster::fast().unwrap();
    cluster.psql("postgres", &[&Roles::default().script()]).unwrap();
    let folder = cluster.dir().join("without-keys");
    let migrator = sarai(SARAI)
        .args(["migrate", "--data-dir"])
        .arg(&folder)
        .env("SARAI_MIGRATE_URL", format!("postgres://sarai_migrate@{}/postgres", cluster.address()))
        .stderr(Stdio::piped())
        .spawn();
    succeeds(migrator.unwrap());
    (cluster, folder)
}

/// A deployment's keys are what `sarai keys new` made: those that a migration left in their place would be a developer's.
#[test]
fn a_migration_under_its_own_role_makes_no_keys() {
    let (cluster, folder) = migrated_by_its_role();
    assert!(!schema(&cluster).is_empty() && !folder.join("keys.toml").exists());
}

/// The texts of the migrations, in order, with their versions and what they are called.
fn migrations() -> Vec<(i64, String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../adapters/postgres/migrations");
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let (version, called) = name.split_once('_').unwrap();
            (version.parse().unwrap(), called.replace('_', " "), fs::read_to_string(&path).unwrap())
        })
        .collect();
    found.sort();
    found
}

/// A database as a version left it whose last migration is this one, with so many rows in every table.
fn older_database(cluster: &Cluster, name: &str, upto: i64, rows: u32) {
    cluster.create_database(name).unwrap();
    let note = "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text NOT NULL,
        installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL,
        execution_time bigint NOT NULL)";
    let mut statements = vec![
        "ALTER SCHEMA public OWNER TO sarai_owner".to_owned(),
        "SET ROLE sarai_owner".to_owned(),
        note.to_owned(),
    ];
    for (version, called, text) in migrations().into_iter().filter(|(version, ..)| *version <= upto) {
        let noted = format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES ({version}, '{called}', true, sha384(convert_to($text${text}$text$, 'UTF8')), 1)"
        );
        statements.extend([text, noted]);
    }
    let fill = format!(
        "DO $$ DECLARE t record; columns text; cells text; BEGIN
            PERFORM set_config('session_replication_role', 'replica', true);
            FOR t IN SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
                    AND relkind = 'r' AND relname NOT IN ('_sqlx_migrations', 'clock_groups') LOOP
                SELECT string_agg(quote_ident(attname), ', '),
                    string_agg(CASE format_type(atttypid, NULL)
                        WHEN 'bigint' THEN 'i' WHEN 'boolean' THEN 'false' WHEN 'json' THEN '''{{}}''::json'
                        WHEN 'timestamp with time zone' THEN 'now()' WHEN 'bytea' THEN '''x''::bytea'
                        ELSE '''x'' || i' END, ', ')
                    INTO columns, cells FROM pg_attribute
                    WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped AND attidentity <> 'a';
                EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM generate_series(1, {rows}) i',
                    t.relname, columns, cells);
            END LOOP;
        END $$"
    );
    statements.extend(["RESET ROLE".to_owned(), fill]);
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    cluster.psql(name, &statements).unwrap();
}

/// What every table of a database holds in these columns, in few letters.
fn contents(cluster: &Cluster, database: &str, columns: &[(String, String)]) -> Vec<String> {
    let sum = |(table, columns): &(String, String)| {
        format!(
            "SELECT '{table}', count(*), md5(string_agg(x::text, '' ORDER BY x::text)) \
             FROM (SELECT {columns} FROM {table}) x"
        )
    };
    let all: Vec<String> = columns.iter().map(sum).collect();
    if all.is_empty() {
        return Vec::new();
    }
    let found = cluster.psql(database, &[&all.join(" UNION ALL ")]).unwrap();
    // Tables are read side by side.
    let mut found: Vec<String> = found.lines().map(str::to_owned).collect();
    found.sort();
    found
}

/// The columns of every table that migrations may not change.
fn columns(cluster: &Cluster, database: &str) -> Vec<(String, String)> {
    let asked = "SELECT relname, string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_class c
        JOIN pg_attribute ON attrelid = c.oid WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND relname <> '_sqlx_migrations' AND attnum > 0 AND NOT attisdropped GROUP BY 1 ORDER BY 1";
    let found = cluster.psql(database, &[asked]).unwrap();
    let found = found.lines().map(|line| line.split_once('|').unwrap());
    found.map(|(table, columns)| (table.to_owned(), columns.to_owned())).collect()
}

/// From each version there was, with rows in every table, and from nothing: a migrator is killed after its first
/// statement, another one after its second, and so on; whoever comes next brings the schema to the same, and no row is
/// another.
#[tokio::test(flavor = "multi_thread")]
async fn migrators_killed_at_each_statement_over_full_tables_lose_nothing() {
    let cluster = Cluster::fast().unwrap();
    succeeds(migrator(&cluster));
    let wanted = schema(&cluster);
    let proxy = Proxy::new(cluster.address()).unwrap();
    let rows = figure(1_000, 10_000);
    let mut bases = vec![("template1".to_owned(), Vec::new(), Vec::new())];
    for (version, ..) in migrations() {
        let name = format!("at_{version}");
        older_database(&cluster, &name, version, rows);
        let columns = columns(&cluster, &name);
        let held = contents(&cluster, &name, &columns);
        let least = format!("|{rows}|");
        let full = held.iter().filter(|line| line.contains(&least)).count();
        assert!(full >= held.len() - 1 && full > 20, "all but the clock's: {held:?}");
        bases.push((name, columns, held));
    }
    for (base, columns, held) in &bases {
        let (mut kills, mut place) = (0, figure(3, 1));
        loop {
            let database = cluster.fresh_database(base).unwrap();
            let url = format!("postgres://postgres@{}/{}", proxy.address(), database.name());
            let (mut left, before) = (place, proxy.lost());
            proxy.lose_answer(Loss::Silence, move |_| {
                left = left.saturating_sub(1);
                left == 0
            });
            let mut one = migrator_of(&url, &cluster);
            let mut ended = None;
            while proxy.lost() == before && ended.is_none() {
                ended = one.try_wait().unwrap();
                sleep(Duration::from_millis(5)).await;
            }
            one.kill().unwrap();
            one.wait().unwrap();
            // With it go its connections.
            proxy.lose_nothing();
            proxy.cut();
            succeeds(migrator_of(&url, &cluster));
            assert!(schema_of(&cluster, database.name()) == wanted, "{base}: killed at {place}");
            assert_eq!(contents(&cluster, database.name(), columns), *held, "{base}: killed at {place}");
            if let Some(ended) = ended {
                assert!(ended.success(), "{base}: nobody disturbed it");
                break;
            }
            kills += 1;
            place += figure(20, 1);
        }
        println!("from {base}: {kills} kills");
        assert!(kills > 1, "{base}");
        let database = cluster.fresh_database(base).unwrap();
        let url = cluster.url(database.name());
        let four: Vec<Child> = (0..4).map(|_| migrator_of(&url, &cluster)).collect();
        four.into_iter().for_each(succeeds);
        assert!(schema_of(&cluster, database.name()) == wanted, "{base}: four at once");
        assert_eq!(contents(&cluster, database.name(), columns), *held, "{base}: four at once");
    }
}
