//! Leases: one row a name, never deleted, so that its fence goes on growing; but for those of members, of which each has a
//! name of its own and nobody looks at the fence.

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

/// What stands in the name of a member's lease, between what it is a member of and its own name.
const MEMBER: &str = ".member.";

/// After every name that begins so.
fn after(prefix: &str) -> String {
    format!("{prefix}{}", char::MAX)
}

impl<D: Database> Store<D> {
    /// Forgets members that went, also those without a word.
    async fn forget_members(&self, prefix: &str) -> Result<(), StoreError> {
        let now = self.database.dialect().now("$3");
        let text = format!("delete from leases where name >= $1 and name < $2 and until <= {now}");
        self.ask(&Scope::System, Statement::new(text, args![prefix, after(prefix), Value::Now]))
            .await
            .map(drop)
    }

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

    /// Gives a lease back, when it is still ours.
    pub(crate) async fn end_lease(&self, name: &str, fence: u64) -> Result<(), StoreError> {
        let now = self.database.dialect().now("$3");
        let text = format!(
            "update leases set holder = '', until = {now}, fence = fence + 1 \
             where name = $1 and fence = $2 and holder <> ''"
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
        self.end_lease(name, fence.0).await?;
        match name.split_once(MEMBER) {
            Some((of, _)) => self.forget_members(&format!("{of}{MEMBER}")).await,
            None => Ok(()),
        }
    }

    async fn held(&self, prefix: &str) -> Result<Vec<HeldLease>, StoreError> {
        let now = self.database.dialect().now("$3");
        let text = format!(
            "select name, holder from leases where name >= $1 and name < $2 and until > {now} \
             and holder <> '' order by name"
        );
        let args = args![prefix, after(prefix), Value::Now];
        let found = self.ask(&Scope::System, Statement::new(text, args)).await?;
        let held = found.iter().map(|record| {
            Ok(HeldLease { name: record.text(0)?.to_owned(), holder: record.text(1)?.to_owned() })
        });
        held.collect()
    }
}
