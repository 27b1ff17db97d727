//! Everything stored, as it is, for the auditor.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sarai_domain::{
    kernel::{OrderId, OrderLineId},
    marketplace::earnings::EarningsLine,
};
use sarai_ports::{
    StoreError,
    inventory::{Content, DeadLetter, Inventory, Raw, Scan},
};

use crate::{
    MemoryStore,
    state::{State, Tables},
    table::{Indexed, Table},
};

#[async_trait]
impl<A> Scan<A> for MemoryStore
where
    A: Indexed,
    State: Tables<A>,
{
    async fn scan(&self, after: Option<&A::Id>, limit: usize) -> Result<Vec<Raw<A>>, StoreError> {
        let state = self.state();
        let table = Tables::<A>::table(&*state);
        Ok(table.after(after).take(limit).filter_map(|id| raw(table, id)).collect())
    }

    async fn look(&self, id: &A::Id) -> Result<Option<Raw<A>>, StoreError> {
        let state = self.state();
        Ok(raw(Tables::<A>::table(&*state), id))
    }
}

fn raw<A: Indexed>(table: &Table<A>, id: &A::Id) -> Option<Raw<A>> {
    let (data, version) = table.root(id)?;
    let rows = table.rows(id).cloned().collect();
    let content = Ok(Content { data: data.clone(), rows });
    Some(Raw { id: id.clone(), tenant_id: A::owner(data), version, content })
}

#[async_trait]
impl Inventory for MemoryStore {
    async fn postings(&self, lines: &[OrderLineId]) -> Result<Vec<EarningsLine>, StoreError> {
        let state = self.state();
        let of_line = |line: &OrderLineId| {
            let key = line.to_string();
            let rows = state.earnings.indexed_rows("line", &key, &key);
            rows.map(|(_, row)| row.clone()).collect::<Vec<_>>()
        };
        Ok(lines.iter().flat_map(of_line).collect())
    }

    async fn under_way(
        &self,
        consumer: &'static str,
        orders: &[OrderId],
    ) -> Result<BTreeSet<OrderId>, StoreError> {
        let state = self.state();
        Ok(orders
            .iter()
            .filter(|order| state.outbox.is_open(consumer, &order.to_string()))
            .copied()
            .collect())
    }

    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        Ok(self.state().outbox.dead().take(limit).collect())
    }
}
