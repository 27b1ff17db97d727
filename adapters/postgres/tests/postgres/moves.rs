//! A whole store moves to another database under the same policies.

use sarai_domain::kernel::Timestamp;
use sarai_ports::system::{Clock as _, MovableClock as _};
use sarai_postgres::DatabaseClock;
use sarai_sql::transfer::{self, TransferError};
use sarai_testkit::make;

use crate::{methods::filled, world::World};

#[tokio::test]
async fn a_whole_store_moves_to_an_empty_database_and_to_no_other() {
    // The clock of a database stays moved: nobody gets these two afterwards.
    let (from, to) = (World::alone(), World::alone());
    let _filled = filled(&from).await;
    let moved = DatabaseClock::start(from.store("clock").await.database().clone(), true).await.unwrap();
    let then: Timestamp = moved.real().plus_days(40);
    moved.advance_to(then).await.unwrap();
    let mut lines = Vec::new();
    let mut keep = |line| {
        lines.push(line);
        Ok(())
    };
    let exported = transfer::export(&from.store("source").await, &mut keep).await.unwrap();
    for table in ["listings", "orders", "licenses", "earnings_lines", "events", "audit_log", "feed_rows"] {
        assert!(exported[table] > 0, "{table}");
    }
    let target = to.store("target").await;
    let mut rows = 0;
    let mut given = lines.clone().into_iter().map(Ok);
    let imported = transfer::import(&target, &mut given, &mut |count| rows += count).await.unwrap();
    assert_eq!((&imported, imported.values().sum()), (&exported, rows));
    let moved = DatabaseClock::start(target.database().clone(), true).await.unwrap();
    assert!(moved.now() >= then, "its test clock is where it was");
    let again = transfer::import(&target, &mut lines.into_iter().map(Ok), &mut |_| {}).await;
    assert!(matches!(again, Err(TransferError::NotEmpty(_))), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_of_one_moment_whoever_writes_meanwhile() {
    let world = World::alone();
    let filled = filled(&world).await;
    let store = world.store("source").await;
    let (mut lines, mut written) = (0_u64, false);
    let mut keep = |line: String| {
        // The orders were read, and their lines were not.
        if line.starts_with("[\"orders\",") && !written {
            written = true;
            let put = filled.ports.put(&*filled.ports.orders, make::order(&filled.ports, "acme", "ben"));
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(put));
        }
        lines += 1;
        Ok(())
    };
    let before = transfer::export(&store, &mut keep).await.unwrap();
    assert!(written && lines > 10);
    let after = transfer::export(&store, &mut |_| Ok(())).await.unwrap();
    let grown = ["orders", "order_lines", "events"].map(|table| after[table] - before[table]);
    assert!(grown[..2] == [1, 2] && grown[2] > 0, "{grown:?}");
}
