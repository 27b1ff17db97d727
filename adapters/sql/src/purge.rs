//! Forgetting what is old: batch by batch, each a transaction of its own, for a statement that deletes everything there is
//! would take longer than a statement may, and then again.

use sarai_domain::kernel::Timestamp;
use sarai_ports::{Scope, StoreError};

use crate::{
    Database, Dialect, Store,
    statement::{Statement, args},
};

/// Rows deleted at once.
pub const BATCH: usize = 5_000;

/// What is old in a table.
pub(crate) struct Old {
    /// The table.
    pub(crate) table: &'static str,
    /// The columns that tell its rows apart.
    pub(crate) key: &'static str,
    /// The column that has an index and says how old a row is.
    pub(crate) age: &'static str,
    /// How it compares with the time: `<` or `<=`.
    pub(crate) than: &'static str,
}

impl<D: Database> Store<D> {
    /// Deletes what is old, the oldest first; gives how many rows. Of processes that do so at once, one waits for the
    /// other's batch, finds less than one left, and leaves the rest to it.
    pub(crate) async fn forget_old(&self, old: &Old, before: Timestamp) -> Result<usize, StoreError> {
        let Old { table, key, age, than } = old;
        let delete = format!(
            "delete from {table} where ({key}) in (select {key} from {table} where {age} {than} $1 \
             order by {age} limit {BATCH}) returning 1"
        );
        let text = match self.database.dialect() {
            Dialect::Postgres => format!("with gone as ({delete}) select count(*) from gone"),
            Dialect::Sqlite => delete,
        };
        let mut all = 0;
        loop {
            let found = self.ask(&Scope::System, Statement::new(text.clone(), args![before])).await?;
            let gone = match self.database.dialect() {
                Dialect::Postgres => found.first().map_or(Ok(0), |gone| gone.count(0))?,
                Dialect::Sqlite => found.len().try_into().unwrap_or(u64::MAX),
            };
            let gone = usize::try_from(gone).unwrap_or(usize::MAX);
            all += gone;
            if gone < BATCH {
                return Ok(all);
            }
        }
    }
}
