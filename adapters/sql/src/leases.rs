//! Leases: one row a name, never deleted, so that its fence goes on growing.

use std::time::Duration;

use async_trait::async_trait;
use sarai_ports::{
    Scope, StoreError,
    leases::{Fence, HeldLease, Leases},
};

use crate::{
    Database, Store, Value,
    events::micros,
    statement::{Statement, args},
};

impl<D: Database> Store<D> {
    /// Takes a lease or prolongs ours. A lapsed one of ours that nobody took keeps its fence when `revived`.
    pub(crate) async fn take_lease(
        &self,
        name: &str,
        holding: Duration,
        revived: bool,
    ) -> Result<Option<u64>, StoreError> {
        let dialect = self.database.dialect();
        let (now, until) = (dialect.now("$3"), dialect.later("$3", "$4"));
        let keeps = if revived { String::new() } else { format!("and leases.until > {now}") };
        let text = format!(
            "insert into leases (name, holder, fence, until) values ($1, $2, 1, {until}) \
             on conflict (name) do update set holder = excluded.holder, until = excluded.until, \
             fence = case when leases.holder = excluded.holder {keeps} then leases.fence else leases.fence + 1 end \
             where leases.holder = excluded.holder or leases.until <= {now} returning fence"
        );
        let args = args![name, self.database.holder(), Value::Now, micros(holding)];
        let found = self.ask(&Scope::System, Statement::new(text, args)).await?;
        found.first().map(|record| record.count(0)).transpose()
    }

    /// Gives a lease back, when it is still ours: from now on its fence is nobody's.
    pub(crate) async fn end_lease(&self, name: &str, fence: u64) -> Result<(), StoreError> {
        let now = self.database.dialect().now("$3");
        let text = format!(
            "update leases set holder = '', fence = fence + 1, until = {now} where name = $1 and fence = $2 and holder <> ''"
        );
        self.ask(&Scope::System, Statement::new(text, args![name, fence, Value::Now])).await?;
        Ok(())
    }
}

#[async_trait]
impl<D: Database> Leases for Store<D> {
    async fn take(&self, name: &str, holding: Duration) -> Result<Option<Fence>, StoreError> {
        Ok(self.take_lease(name, holding, false).await?.map(Fence))
    }

    async fn give_back(&self, name: &str, fence: Fence) -> Result<(), StoreError> {
        self.end_lease(name, fence.0).await
    }

    async fn held(&self, prefix: &str) -> Result<Vec<HeldLease>, StoreError> {
        let now = self.database.dialect().now("$2");
        let text = format!(
            "select name, holder from leases where substr(name, 1, length($1)) = $1 and until > {now} \
             and holder <> '' order by name"
        );
        let found = self.ask(&Scope::System, Statement::new(text, args![prefix, Value::Now])).await?;
        let held = found.iter().map(|record| {
            Ok(HeldLease { name: record.text(0)?.to_owned(), holder: record.text(1)?.to_owned() })
        });
        held.collect()
    }
}
