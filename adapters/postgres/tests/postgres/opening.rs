//! What keeps a database from being opened, on a server that asks for passwords: which one, what is wrong, what to do.

use std::{fs, net::TcpListener, sync::OnceLock, time::Instant};

use sarai_postgres::{OpenError, Options, Postgres, Urls, migrate, roles::Roles};
use sarai_services::Cluster;

use crate::world::PASSWORD;

const OTHERS: &str = "AnotherPassword17";

/// A cluster whose superuser is trusted and which asks everybody else for a password.
fn guarded() -> &'static Cluster {
    static GUARDED: OnceLock<Cluster> = OnceLock::new();
    GUARDED.get_or_init(|| {
        let mut cluster = Cluster::fast().expect("a cluster");
        let rules = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
        fs::write(cluster.dir().join("data/pg_hba.conf"), rules).expect("its rules");
        cluster.stop().expect("it stops");
        cluster.start().expect("it starts");
        cluster
    })
}

/// An empty database with the roles of this prefix.
async fn set_up(prefix: &str) -> (String, Roles, Urls) {
    let admin = guarded().create_database(prefix).expect("a database");
    let roles = Roles::new(prefix).expect("a prefix");
    let urls = roles.set_up(&admin, PASSWORD).await.expect("roles");
    (admin, roles, urls)
}

/// Whether a refusal is the one that is meant.
type Is = fn(&OpenError) -> bool;

async fn connect(urls: &Urls, roles: &Roles) -> Result<(), OpenError> {
    let options = Options { roles: roles.clone(), ..Options::default() };
    Postgres::connect(urls, options).await.map(drop)
}

#[tokio::test]
async fn two_data_folders_lock_each_other_out_only_when_they_are_told_to() {
    let (admin, roles, urls) = set_up("folders").await;
    migrate(&urls.migrate, &roles).await.unwrap();
    assert_eq!(roles.set_up(&admin, PASSWORD).await.as_ref(), Ok(&urls), "each start says the same");
    let refused = roles.set_up(&admin, OTHERS).await.unwrap_err();
    assert!(
        matches!(&refused, OpenError::OthersRoles(_, role) if role.starts_with("folders_")),
        "{refused:?}"
    );
    let said = refused.to_string();
    assert!(said.contains("--reset-passwords") && said.contains("keys.toml"), "{said}");
    assert!(!said.contains(PASSWORD) && !said.contains(OTHERS), "{said}");
    assert_eq!(connect(&urls, &roles).await, Ok(()), "nothing was changed");
    let theirs = roles.set_up_anew(&admin, OTHERS).await.unwrap();
    assert_eq!(connect(&theirs, &roles).await, Ok(()));
    assert!(matches!(connect(&urls, &roles).await, Err(OpenError::Refused(_))));
    assert!(matches!(roles.set_up(&admin, PASSWORD).await, Err(OpenError::OthersRoles(..))));
}

#[tokio::test]
async fn what_keeps_a_database_from_being_opened_is_named() {
    let (admin, roles, urls) = set_up("named").await;
    assert!(matches!(connect(&urls, &roles).await, Err(OpenError::NotMigrated(_))));
    let address = guarded().address();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let shut = "revoke connect on database named from named_app";
    migrate(&urls.migrate, &roles).await.unwrap();
    guarded().psql("postgres", &[shut]).unwrap();
    let cases: [(String, Is, &str); 7] = [
        (
            format!("postgres://named_migrate:wrong@{address}/named"),
            |e| matches!(e, OpenError::Refused(_)),
            "password",
        ),
        (
            format!("postgres://named_nobody:wrong@{address}/named"),
            |e| matches!(e, OpenError::Refused(_)),
            "role",
        ),
        (admin.replace("/named", "/nowhere"), |e| matches!(e, OpenError::NoDatabase(_)), "`nowhere`"),
        (urls.app.clone(), |e| matches!(e, OpenError::Forbidden(_)), "`named_app`"),
        (urls.worker.clone(), |e| matches!(e, OpenError::NoMigrator(..)), "--print-roles"),
        (
            format!("postgres://named_migrate:{PASSWORD}@{nobody}/named"),
            |e| matches!(e, OpenError::Unreachable(..)),
            "host and port",
        ),
        ("nowhere".to_owned(), |e| matches!(e, OpenError::NoUrl), "postgres://user"),
    ];
    for (url, is, advice) in cases {
        let begun = Instant::now();
        let refused = migrate(&url, &roles).await.unwrap_err();
        let said = refused.to_string();
        assert!(is(&refused) && said.contains(advice), "{url}: {said}");
        assert!(!said.contains("wrong@") && !said.contains(PASSWORD), "{said}");
        assert!(begun.elapsed().as_secs() < 10, "{url}");
    }
    let no_administrator = roles.set_up_anew(&urls.migrate, PASSWORD).await;
    assert!(matches!(no_administrator, Err(OpenError::NoAdministrator(_))), "{no_administrator:?}");
}

#[tokio::test]
async fn whoever_may_work_for_longer_does_not_serve() {
    let (_, roles, urls) = set_up("longer").await;
    migrate(&urls.migrate, &roles).await.unwrap();
    let alter =
        |what: &str| guarded().psql("longer", &[&format!("alter role longer_worker {what}")]).unwrap();
    for (longer, again, named) in [
        ("set statement_timeout = '6s'", "set statement_timeout = '5s'", "statement_timeout"),
        ("reset lock_timeout", "set lock_timeout = '1s'", "lock_timeout"),
        (
            "set idle_in_transaction_session_timeout = 0",
            "set idle_in_transaction_session_timeout = '10s'",
            "idle_in_transaction_session_timeout",
        ),
    ] {
        alter(longer);
        let refused = connect(&urls, &roles).await.unwrap_err();
        assert!(matches!(&refused, OpenError::Unbounded(_, timeouts) if timeouts == named), "{refused:?}");
        alter(again);
        assert_eq!(connect(&urls, &roles).await, Ok(()), "{again}");
    }
}

#[tokio::test]
async fn urls_that_are_interchanged_do_not_serve() {
    let (_, roles, urls) = set_up("interchanged").await;
    migrate(&urls.migrate, &roles).await.unwrap();
    let (app, worker, platform) = (urls.app.clone(), urls.worker.clone(), urls.platform.clone());
    for (wrong, wanted) in [
        (Urls { app: worker.clone(), ..urls.clone() }, "interchanged_app"),
        (Urls { worker: app, ..urls.clone() }, "interchanged_worker"),
        (Urls { worker: platform, platform: worker, ..urls.clone() }, "interchanged_worker"),
    ] {
        let refused = connect(&wrong, &roles).await.unwrap_err();
        assert!(matches!(&refused, OpenError::AnotherRole(_, role) if role == wanted), "{refused:?}");
    }
    guarded().psql("interchanged", &["grant interchanged_platform to interchanged_app"]).unwrap();
    let refused = connect(&urls, &roles).await.unwrap_err();
    assert!(matches!(&refused, OpenError::AnotherRole(_, role) if role == "interchanged_app"), "{refused:?}");
    guarded().psql("interchanged", &["revoke interchanged_platform from interchanged_app"]).unwrap();
    assert_eq!(connect(&urls, &roles).await, Ok(()));
}

#[tokio::test]
async fn the_script_that_is_printed_makes_the_roles() {
    let by_hand = guarded().create_database("by_hand").unwrap();
    let (_, _, urls) = set_up("by_code").await;
    let roles = Roles::new("by_hand").unwrap();
    guarded().psql("by_hand", &[&roles.script(), &roles.script()]).unwrap();
    for role in roles.everybody() {
        guarded().psql("by_hand", &[&format!("alter role {role} password '{PASSWORD}'")]).unwrap();
    }
    let url = |url: &String| url.replace("by_code", "by_hand");
    let urls = Urls {
        migrate: url(&urls.migrate),
        app: url(&urls.app),
        worker: url(&urls.worker),
        platform: url(&urls.platform),
    };
    migrate(&urls.migrate, &roles).await.unwrap();
    assert_eq!(connect(&urls, &roles).await, Ok(()));
    let told = |prefix: &str| {
        let asked = format!(
            "select substr(rolname, 8), rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, \
             rolbypassrls, array_to_string(rolconfig, ' '), has_database_privilege(oid, current_database(), 'connect'), \
             has_schema_privilege(oid, 'public', 'usage'), has_schema_privilege(oid, 'public', 'create') \
             from pg_roles where rolname like '{prefix}\\_%' order by 1"
        );
        let everybody = "select exists (select from pg_database, aclexplode(datacl) \
             where datname = current_database() and grantee = 0)";
        guarded().psql(prefix, &[&asked, everybody]).unwrap()
    };
    assert_eq!(told("by_hand"), told("by_code"));
    assert_eq!(told("by_hand").lines().count(), 7, "{}", told("by_hand"));
    assert_eq!(
        roles.set_up(&by_hand, PASSWORD).await,
        Ok(urls),
        "what was made by hand is what would be made"
    );
}
