//! Everything stored, as it is, for the auditor.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sarai_domain::{
    kernel::{OrderId, OrderLineId},
    marketplace::earnings::EarningsLine,
};
use sarai_ports::{
    Scope, StoreError,
    inventory::{DeadLetter, Inventory},
};

use super::earnings::line;
use crate::{Database, Store, Value, statement::Statement};

fn texts(ids: &[impl ToString]) -> Value {
    Value::Texts(ids.iter().map(ToString::to_string).collect())
}

#[async_trait]
impl<D: Database> Inventory for Store<D> {
    async fn postings(&self, lines: &[OrderLineId]) -> Result<Vec<EarningsLine>, StoreError> {
        let among = self.database.dialect().among("order_line_id", "$1");
        let text =
            format!("select doc from earnings_lines where {among} order by order_line_id, parent_id, key");
        let found = self.ask(&Scope::PlatformAdmin, Statement::new(text, vec![texts(lines)])).await?;
        found.iter().map(|record| line(record, 0)).collect()
    }

    async fn under_way(
        &self,
        consumer: &'static str,
        orders: &[OrderId],
    ) -> Result<BTreeSet<OrderId>, StoreError> {
        let among = self.database.dialect().among("subject", "$1");
        let text = format!("select distinct subject from deliveries where {among} and consumer = $2");
        let args = vec![texts(orders), consumer.into()];
        Ok(self.ids(&Scope::PlatformAdmin, Statement::new(text, args)).await?.into_iter().collect())
    }

    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        self.dead(limit).await
    }
}
