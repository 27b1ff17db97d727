//! Quotes.

use async_trait::async_trait;
use sarai_domain::{
    kernel::{OrderId, QuoteId, Timestamp},
    marketplace::quote::Quote,
};
use sarai_ports::{Scope, StoreError, marketplace::QuoteRepository};

use crate::{
    Database, Store,
    load::{Rows, select},
    statement::{Statement, args},
};

#[async_trait]
impl<D: Database> QuoteRepository for Store<D> {
    async fn find_expiring(&self, now: Timestamp, limit: usize) -> Result<Vec<QuoteId>, StoreError> {
        let text = "select id from quotes where expires_at <= $1 order by expires_at, id limit $2";
        self.ids(&Scope::System, Statement::new(text, args![now, limit])).await
    }

    async fn next_expiry(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.instant(Statement::new("select min(expires_at) from quotes where expires_at > $1", args![after]))
            .await
    }

    async fn find_by_order(&self, order: OrderId) -> Result<Option<Quote>, StoreError> {
        let text = format!("{} where r.order_id = $1 order by r.id limit 1", select::<Quote>(&Rows::All));
        self.load_one(&Scope::System, Statement::new(text, args![order.to_string()])).await
    }
}
