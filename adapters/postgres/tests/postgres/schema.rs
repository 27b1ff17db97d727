//! The catalogue against what the code says: a table that is not described fails.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use sarai_postgres::{
    access::{ACCESS, CHOSEN, KEYS_WITHOUT_TENANT, Role, WITH_OWNERS_RIGHTS, WITHOUT_TENANT},
    migrate,
    roles::Roles,
};
use sarai_services::{Cluster, Database};
use sarai_sql::TABLES;

use crate::world::{PASSWORD, World};

/// Lines of an answer.
fn lines(database: &Database, statement: &str) -> BTreeSet<String> {
    let answer = database.psql(&[statement]).expect("an answer");
    answer.lines().filter(|line| !line.is_empty()).map(ToOwned::to_owned).collect()
}

fn command(letter: char) -> &'static str {
    match letter {
        's' => "SELECT",
        'i' => "INSERT",
        'u' => "UPDATE",
        _ => "DELETE",
    }
}

/// `table|role|command` of everything that is allowed, and with each column where only some may be chosen.
fn granted(roles: &Roles) -> BTreeSet<String> {
    let chosen = |(table, role, columns): &(&str, Role, &[&str])| {
        let whole = format!("{table}|{}|INSERT", roles.serving_name(*role));
        let parts: Vec<_> = columns.iter().map(|column| format!("{whole}|{column}")).collect();
        (whole, parts)
    };
    let chosen: Vec<_> = CHOSEN.iter().map(chosen).collect();
    let mut granted = allowed(roles);
    granted.retain(|line| chosen.iter().all(|(whole, _)| whole != line));
    granted.extend(chosen.into_iter().flat_map(|(_, parts)| parts));
    granted
}

/// `table|role|command` of everything that is allowed.
fn allowed(roles: &Roles) -> BTreeSet<String> {
    let mut allowed = BTreeSet::new();
    for access in ACCESS {
        for table in access.tables {
            for (role, letters, _) in access.grants {
                let role = roles.serving_name(*role);
                allowed.extend(letters.chars().map(|letter| format!("{table}|{role}|{}", command(letter))));
            }
        }
    }
    allowed
}

/// The roles that serve, as literals.
fn serving(roles: &Roles) -> String {
    let serving: Vec<_> = Role::ALL.iter().map(|role| format!("'{}'", roles.serving_name(*role))).collect();
    serving.join(", ")
}

/// What the catalogue says that it must not.
fn violations(database: &Database, roles: &Roles) -> Vec<String> {
    let mut found = Vec::new();
    let mut none = |what: &str, statement: &str| {
        found.extend(lines(database, statement).into_iter().map(|line| format!("{what}: {line}")));
    };
    let known: Vec<_> =
        ACCESS.iter().flat_map(|access| access.tables).map(|table| format!("'{table}'")).collect();
    let known = known.join(", ");
    let exempt: Vec<_> = WITHOUT_TENANT.iter().map(|table| format!("'{table}'")).collect();
    let keys: Vec<_> = KEYS_WITHOUT_TENANT.iter().map(|key| format!("'{key}'")).collect();
    let serving = serving(roles);
    none(
        "a table without forced row-level security",
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') \
         and relname <> '_sqlx_migrations' and not (relrowsecurity and relforcerowsecurity)",
    );
    none(
        "a table that nothing is said of",
        &format!(
            "select relname from pg_class where relnamespace = 'public'::regnamespace \
             and relkind in ('r', 'p', 'f', 'm') and relname not in ({known}, '_sqlx_migrations')"
        ),
    );
    none(
        "a table without a tenant",
        &format!(
            "select relname from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') \
             and relname not in ({}) and not exists (select from pg_attribute a where a.attrelid = c.oid \
             and a.attname = 'tenant_id' and a.attnotnull)",
            exempt.join(", ")
        ),
    );
    none(
        "a key that does not begin with the tenant",
        &format!(
            "select conname from pg_constraint k join pg_class c on c.oid = k.conrelid \
             where c.relnamespace = 'public'::regnamespace and contype in ('p', 'u', 'f') \
             and relname not in ({0}) and conname not in ({1}) \
             and (select attname from pg_attribute where attrelid = c.oid and attnum = conkey[1]) <> 'tenant_id' \
             union select i.relname from pg_index x join pg_class i on i.oid = x.indexrelid \
             join pg_class c on c.oid = x.indrelid where c.relnamespace = 'public'::regnamespace and indisunique \
             and c.relname not in ({0}) and i.relname not in ({1}) \
             and (select attname from pg_attribute where attrelid = c.oid and attnum = indkey[0]) <> 'tenant_id'",
            exempt.join(", "),
            keys.join(", ")
        ),
    );
    none(
        "a role with more than it may have",
        &format!(
            "select rolname from pg_roles r where rolname in ({serving}, '{}') and (rolsuper or rolbypassrls \
             or rolcreatedb or rolcreaterole or rolreplication) union \
             select rolname from pg_roles r where rolname in ({serving}) \
             and (exists (select from pg_auth_members where member = r.oid or roleid = r.oid) \
             or exists (select from pg_class where relowner = r.oid))",
            roles.migrate()
        ),
    );
    none(
        "somebody who passes by the policies",
        "select rolname from pg_roles where rolbypassrls and not rolsuper and rolname not like '%\\_backup'",
    );
    none(
        "a grant to everybody",
        "select table_name from information_schema.role_table_grants \
         where table_schema = 'public' and grantee = 'PUBLIC'",
    );
    none(
        "a view that is not the reader's",
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v' \
         and not coalesce(reloptions @> array['security_invoker=true'], false)",
    );
    let with_rights: Vec<_> = WITH_OWNERS_RIGHTS.iter().map(|(name, _)| format!("'{name}'")).collect();
    none(
        "a function with its owner's rights, or for everybody",
        &format!(
            "select proname from pg_proc where pronamespace = 'public'::regnamespace \
             and ((prosecdef and proname not in ({})) or has_function_privilege('public', oid, 'execute'))",
            with_rights.join(", ")
        ),
    );
    none(
        "text that sorts by a locale",
        "select table_name || '.' || column_name from information_schema.columns where table_schema = 'public' \
         and domain_name is distinct from 'id' and data_type in ('text', 'character varying') \
         and (table_name, column_name) not in (('catalog', 'words'), ('audit_log', 'reason'), \
         ('deliveries', 'last_error'), ('_sqlx_migrations', 'description'))",
    );
    found.extend(odd_rights(database, roles));
    found
}

/// Policies and grants that the table does not name, and those it names that are not there.
fn odd_rights(database: &Database, roles: &Roles) -> Vec<String> {
    let serving = serving(roles);
    let policies = lines(
        database,
        "select tablename || '|' || array_to_string(roles, ',') || '|' || cmd from pg_policies",
    );
    let grants = lines(
        database,
        &format!(
            "select table_name || '|' || grantee || '|' || privilege_type from information_schema.role_table_grants \
             where table_schema = 'public' and grantee in ({serving}) and table_name <> '_sqlx_migrations' union \
             select concat_ws('|', relname, grantee::regrole, privilege_type, attname) from pg_attribute a \
             join pg_class c on c.oid = attrelid, aclexplode(attacl) \
             where relnamespace = 'public'::regnamespace"
        ),
    );
    let owners: BTreeSet<_> =
        WITH_OWNERS_RIGHTS.iter().map(|(_, table)| format!("{table}|{}|ALL", roles.owner())).collect();
    let policies = policies.difference(&owners).cloned().collect();
    let odd = |(what, actual, allowed): (&str, BTreeSet<String>, BTreeSet<String>)| {
        let odd = actual.symmetric_difference(&allowed).map(|odd| format!("{what}: {odd}"));
        odd.collect::<Vec<_>>()
    };
    [("policy", policies, allowed(roles)), ("grant", grants, granted(roles))]
        .into_iter()
        .flat_map(odd)
        .collect()
}

#[test]
fn the_catalogue_says_what_the_code_says() {
    let world = World::new();
    assert_eq!(violations(world.database(), &Roles::default()), Vec::<String>::new());
}

#[test]
fn a_new_table_fails_until_it_is_described() {
    let world = World::alone();
    world
        .database()
        .psql(&["create table stray (id bigint primary key)", "grant select on stray to public"])
        .unwrap();
    let found = violations(world.database(), &Roles::default());
    for what in ["forced row-level security", "nothing is said of", "without a tenant", "grant to everybody"]
    {
        assert!(found.iter().any(|line| line.contains(what) && line.contains("stray")), "{what}: {found:?}");
    }
}

#[test]
fn every_described_column_stands_in_its_table() {
    let world = World::new();
    let actual = lines(
        world.database(),
        "select table_name || '.' || column_name from information_schema.columns where table_schema = 'public'",
    );
    for table in TABLES {
        let children = table.children.iter().map(|child| (child.name, child.columns));
        for (name, columns) in [(table.name, table.columns)].into_iter().chain(table.rows).chain(children) {
            for column in columns {
                let column = format!("{name}.{}", column.name);
                assert!(actual.contains(&column), "{column} is missing");
            }
        }
    }
}

/// An empty database of its own, with the roles of this prefix.
async fn empty(prefix: &str) -> (String, Roles, sarai_postgres::Urls) {
    let cluster = Cluster::shared().expect("a cluster");
    let admin = cluster.create_database(prefix).expect("a database");
    let roles = Roles::new(prefix).expect("a prefix");
    let urls = roles.set_up(&admin, PASSWORD).await.expect("roles");
    (admin, roles, urls)
}

#[tokio::test(flavor = "multi_thread")]
async fn four_migrators_at_once_make_one_schema() {
    let (_, roles, urls) = empty("four").await;
    let migrators: Vec<_> = (0..4)
        .map(|_| {
            let (url, roles) = (urls.migrate.clone(), roles.clone());
            tokio::spawn(async move { migrate(&url, &roles).await })
        })
        .collect();
    for migrator in migrators {
        assert_eq!(migrator.await.unwrap(), Ok(()));
    }
    assert_eq!(migrate(&urls.migrate, &roles).await, Ok(()), "and once more changes nothing");
}

#[tokio::test]
async fn an_older_program_serves_on_a_newer_schema_and_leaves_its_rights_alone() {
    let (_, roles, urls) = empty("newer").await;
    assert_eq!(migrate(&urls.migrate, &roles).await, Ok(()));
    let cluster = Cluster::shared().expect("a cluster");
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
        values (999999, 'a later one', true, '', 0)";
    let policy = "create policy later on orders for select to newer_app using (true)";
    let mark = "comment on schema public is 'a newer program'";
    // It never had the functions of this one.
    let gone = "do $$ declare f record; begin
        for f in select oid::regprocedure as name from pg_proc where pronamespace = 'public'::regnamespace loop
            execute 'drop function ' || f.name;
        end loop; end $$";
    cluster.psql("newer", &[newer, policy, mark, gone]).unwrap();
    let options = || sarai_postgres::Options { roles: roles.clone(), ..Default::default() };
    assert!(sarai_postgres::Postgres::connect(&urls, options()).await.is_err(), "it has nothing to call");
    assert_eq!(migrate(&urls.migrate, &roles).await, Ok(()));
    sarai_postgres::Postgres::connect(&urls, options()).await.expect("it serves on the newer schema");
    let kept = "select count(*), obj_description('public'::regnamespace) from pg_policies where policyname = 'later'";
    assert_eq!(cluster.psql("newer", &[kept]).unwrap(), "1|a newer program");
}

/// A migration that wants a table alone, while a dump has it: it tries again and again, and nobody waits behind it.
#[test]
fn nobody_waits_behind_a_migration_that_waits_for_a_dump() {
    let world = World::alone();
    let (database, url) = (world.database(), &world.urls.migrate);
    let one_less = [
        "create index feed_rows_age on feed_rows using brin (numbered_at)",
        "delete from _sqlx_migrations where description = 'feed age'",
    ];
    database.psql(&one_less).unwrap();
    std::thread::scope(|scope| {
        let dump = "begin; lock table feed_rows in access share mode; select pg_sleep(4); commit";
        let dumped = scope.spawn(|| database.psql(&[dump]).unwrap());
        let held = "select count(*) from pg_locks where relation = 'feed_rows'::regclass";
        while database.psql(&[held]).unwrap() == "0" {
            std::thread::sleep(Duration::from_millis(20));
        }
        let migrated = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(migrate(url, &Roles::default()))
        });
        let mut written = 0;
        while !dumped.is_finished() {
            let begun = Instant::now();
            database
                .psql(&["insert into feed_rows (tenant_id, owner_tenant_id, subject, aggregate_seq) \
                         values ('acme', 'acme', 'ord_1', 1)"])
                .unwrap();
            assert!(begun.elapsed() < Duration::from_millis(1_500), "{:?}", begun.elapsed());
            written += 1;
        }
        assert!(written > 3, "{written}");
        assert_eq!(migrated.join().unwrap(), Ok(()));
    });
    assert_eq!(database.psql(&["select to_regclass('feed_rows_age') is null"]).unwrap(), "t");
}

/// What is left of a builder that was killed is built again.
#[tokio::test]
async fn an_index_whose_builder_was_killed_is_built_again() {
    let world = World::alone();
    let killed = [
        "create index feed_rows_age on feed_rows using brin (numbered_at)",
        "delete from _sqlx_migrations where description in ('feed old', 'feed age')",
        "update pg_index set indisvalid = false where indexrelid = 'feed_rows_old'::regclass",
    ];
    world.database().psql(&killed).unwrap();
    assert_eq!(migrate(&world.urls.migrate, &Roles::default()).await, Ok(()));
    let valid = "select indisvalid from pg_index where indexrelid = 'feed_rows_old'::regclass";
    assert_eq!(world.database().psql(&[valid]).unwrap(), "t");
}

#[tokio::test]
async fn whoever_may_more_does_not_serve() {
    let (admin, roles, urls) = empty("power").await;
    migrate(&urls.migrate, &roles).await.unwrap();
    for powerful in [&admin, &urls.migrate] {
        let urls = sarai_postgres::Urls { app: powerful.clone(), ..urls.clone() };
        let options = sarai_postgres::Options { roles: roles.clone(), ..Default::default() };
        let refused = sarai_postgres::Postgres::connect(&urls, options).await;
        assert!(refused.is_err());
    }
}

#[tokio::test]
async fn a_database_that_is_not_migrated_is_not_ready() {
    let (_, roles, urls) = empty("unready").await;
    let options = sarai_postgres::Options { roles, ..Default::default() };
    assert!(sarai_postgres::Postgres::connect(&urls, options).await.is_err());
}
