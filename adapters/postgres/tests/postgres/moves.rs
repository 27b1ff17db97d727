//! A whole store moves to another database under the same policies.

use sarai_sql::transfer::{self, TransferError};

use crate::{methods::filled, world::World};

#[tokio::test]
async fn a_whole_store_moves_to_an_empty_database_and_to_no_other() {
    let (from, to) = (World::new(), World::new());
    let _filled = filled(&from).await;
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
    let again = transfer::import(&target, &mut lines.into_iter().map(Ok), &mut |_| {}).await;
    assert!(matches!(again, Err(TransferError::NotEmpty(_))), "{again:?}");
}
