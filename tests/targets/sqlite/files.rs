//! What a file does: it lasts, two processes share it, and what is no store of ours is refused.

use std::{sync::Arc, time::Duration};

use sarai_domain::kernel::Aggregate;
use sarai_ports::{
    PageRequest, Saved, Scope, StoreError,
    audit::AuditLog,
    marketplace::{OrderRepository, Repository},
    system::{Clock, MovableClock},
};
use sarai_services::Tmpfs;
use sarai_sqlite::{FileClock, OpenError, another_process, open};
use sarai_testkit::{
    SuiteClock, SuitePorts,
    harness::{after, committed},
    make,
};

use crate::harness::{Folder, store};

fn clock() -> Arc<SuiteClock> {
    Arc::default()
}

#[tokio::test]
async fn what_was_committed_is_there_when_the_file_is_opened_again() {
    let (folder, clock) = (Folder::new(), clock());
    let first = store(&folder.file(), &clock).await;
    let ports = SuitePorts::of(Arc::new(first.clone()), clock.clone());
    let order = make::order(&ports, "acme", "ana");
    let id = order.id();
    ports.put(&*ports.orders, order).await;
    let before = ports.load(&*ports.orders, &id).await;
    first.database().close().await;
    let again = SuitePorts::of(Arc::new(store(&folder.file(), &clock).await), clock);
    let after = again.load(&*again.orders, &id).await;
    assert_eq!((after.data(), after.version()), (before.data(), before.version()));
    assert_eq!(again.traces().await, (1, 1), "its delivery and its audit row");
}

#[tokio::test]
async fn business_time_that_was_moved_stays_moved_and_never_goes_back() {
    let (folder, real) = (Folder::new(), clock());
    let first = store(&folder.file(), &real).await;
    let moved = FileClock::start(Arc::clone(first.database()), true).await.unwrap();
    assert_eq!(moved.now(), real.now());
    let later = after(real.now(), Duration::from_hours(90 * 24));
    moved.advance_to(later).await.unwrap();
    assert_eq!((moved.now(), moved.real()), (later, real.now()));
    first.database().close().await;
    real.advance(Duration::from_mins(1));
    let again = store(&folder.file(), &real).await;
    let kept = FileClock::start(Arc::clone(again.database()), true).await.unwrap();
    let now = after(later, Duration::from_mins(1));
    assert_eq!((kept.now(), kept.real()), (now, real.now()));
    kept.advance_to(real.now()).await.unwrap();
    assert_eq!(kept.now(), now, "not back");
    let production = FileClock::start(Arc::clone(again.database()), false).await.unwrap();
    assert_eq!(production.now(), real.now(), "real tenants' time has no offset");
    assert_eq!(production.advance_to(later).await, Err(StoreError::NotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_that_make_one_file_at_once_share_it() {
    let (folder, clock) = (Arc::new(Folder::new()), clock());
    let opened = sarai_testkit::harness::at_once(6, |_| {
        let (folder, clock) = (folder.clone(), clock.clone());
        async move { store(&folder.file(), &clock).await }
    })
    .await;
    let ports = SuitePorts::of(Arc::new(opened[0].clone()), clock.clone());
    let order = make::order(&ports, "acme", "ana");
    let id = order.id();
    ports.put(&*ports.orders, order).await;
    for other in &opened {
        let found: Option<sarai_domain::marketplace::order::Order> =
            other.find(&Scope::System, &id).await.unwrap();
        assert!(found.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn handles_on_one_file_write_side_by_side_without_losing_anything() {
    let (folder, clock) = (Folder::new(), clock());
    let first = store(&folder.file(), &clock).await;
    let mut handles = vec![first.clone()];
    for _ in 0..3 {
        handles.push(another_process(&first).await.unwrap());
    }
    let ports = SuitePorts::of(Arc::new(first), clock.clone());
    let written = sarai_testkit::harness::at_once(8, |number| {
        let handle = handles[number % handles.len()].clone();
        let units: Vec<_> =
            (0..25).map(|_| ports.unit(make::order(&ports, "acme", "ana"), ports.context())).collect();
        async move {
            let mut written = 0;
            for unit in units {
                let saved = handle.save(&Scope::System, unit).await.unwrap();
                written += usize::from(matches!(saved, Saved::Committed(_)));
            }
            written
        }
    })
    .await;
    assert_eq!(written.iter().sum::<usize>(), 200);
    let page = PageRequest::first(1_000);
    for handle in &handles {
        let orders =
            handle.find_by_buyer(&Scope::System, &make::tenant("acme"), None, None, &page).await.unwrap();
        assert_eq!(orders.items.len(), 200);
        assert_eq!(handle.list(&Scope::PlatformAdmin, &page).await.unwrap().items.len(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_leaves_no_transaction_open() {
    let (folder, clock) = (Folder::new(), clock());
    let handle = store(&folder.file(), &clock).await;
    let ports = SuitePorts::of(Arc::new(handle.clone()), clock);
    for micros in (0..2_000).step_by(50) {
        let unit = ports.unit(make::order(&ports, "acme", "ana"), ports.context());
        let _ = tokio::time::timeout(Duration::from_micros(micros), handle.save(&Scope::System, unit)).await;
    }
    let order = make::order(&ports, "acme", "ana");
    let saved = tokio::time::timeout(Duration::from_secs(5), ports.save(&*ports.orders, order)).await;
    committed(saved.expect("the writer is free"));
    let page = PageRequest::first(1_000);
    let tenant = make::tenant("acme");
    let orders = handle.find_by_buyer(&Scope::System, &tenant, None, None, &page).await.unwrap().items.len();
    assert_eq!(ports.traces().await, (orders, orders), "each order has its delivery and its audit row");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_called_damaged() {
    let folder = Folder::new();
    std::fs::write(folder.file(), "These are the minutes of the meeting. ".repeat(300)).unwrap();
    let refused = open(&folder.file(), clock()).await.err().expect("a refusal");
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
}

#[tokio::test]
async fn a_damaged_file_is_called_damaged() {
    let folder = Folder::new();
    store(&folder.file(), &clock()).await.database().close().await;
    let mut bytes = std::fs::read(folder.file()).unwrap();
    bytes[..4096].fill(0x5a);
    std::fs::write(folder.file(), bytes).unwrap();
    let refused = open(&folder.file(), clock()).await.err().expect("a refusal");
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
}

/// Runs a statement in the file, as another version or program would.
async fn tampered(folder: &Folder, statement: &str) -> OpenError {
    let handle = store(&folder.file(), &clock()).await;
    let run = sarai_sql::Database::run(&**handle.database(), &Scope::System, statement, Vec::new()).await;
    run.unwrap();
    handle.database().close().await;
    open(&folder.file(), clock()).await.err().expect("a refusal")
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused() {
    let folder = Folder::new();
    let statement = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
                     values (9999, 'later', 1, x'00', 0)";
    let refused = tampered(&folder, statement).await;
    assert!(matches!(refused, OpenError::Newer { migration: 9999, .. }), "{refused}");
}

#[tokio::test]
async fn a_file_of_another_program_is_refused() {
    let folder = Folder::new();
    let refused = tampered(&folder, "pragma application_id = 7").await;
    assert!(matches!(refused, OpenError::Foreign { .. }), "{refused}");
}

#[tokio::test]
async fn a_failure_says_nothing_of_statements_and_values() {
    let folder = Folder::new();
    let handle = store(&folder.file(), &clock()).await;
    let statement = "insert into providers (tenant_id, verified, at) values ('secret-tenant', null, 0)";
    let refused = sarai_sql::Database::run(&**handle.database(), &Scope::System, statement, Vec::new())
        .await
        .unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused}");
    assert!(!refused.to_string().contains("secret-tenant"), "{refused}");
    assert!(!refused.to_string().contains("insert"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_to_write_until_there_is_room() {
    let (disk, clock) = (Tmpfs::new(8).unwrap(), clock());
    let store = store(&disk.dir().join("sarai.db"), &clock).await;
    let ports = SuitePorts::of(Arc::new(store), clock);
    let save = async || {
        let unit = ports.unit(make::order(&ports, "acme", "ana"), ports.context());
        ports.orders.save(&Scope::System, unit).await.map(drop)
    };
    assert_eq!(save().await, Ok(()));
    for _ in 0..3 {
        disk.fill(0).unwrap();
        let mut refused = None;
        for _ in 0..200 {
            refused = save().await.err();
            if refused.is_some() {
                break;
            }
        }
        assert!(matches!(refused, Some(StoreError::Unavailable(_))), "{refused:?}");
        assert!(save().await.is_err(), "it is full still");
        disk.relieve().unwrap();
        assert_eq!(save().await, Ok(()), "there is room");
    }
}
