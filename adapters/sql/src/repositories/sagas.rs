//! Purchase sagas: workers' and staff's only.

use async_trait::async_trait;
use sarai_domain::{
    kernel::{OrderId, SagaId, Timestamp},
    marketplace::saga::PurchaseSaga,
};
use sarai_ports::{
    Page, PageRequest, Scope, StoreError,
    marketplace::{SagaFilter, SagaRepository},
};

use super::Readable;
use crate::{
    Database, Store, Value,
    load::{Rows, select},
    statement::{NEWEST, Statement, args},
};

fn sagas(condition: &str, args: Vec<Value>, scope: &Scope) -> Statement {
    let text = format!("{} where {condition}", select::<PurchaseSaga>(&Rows::All));
    let mut statement = Statement::new(text, args);
    PurchaseSaga::visible(&mut statement, scope);
    statement
}

#[async_trait]
impl<D: Database> SagaRepository for Store<D> {
    async fn find_by_order(&self, scope: &Scope, order: OrderId) -> Result<Option<PurchaseSaga>, StoreError> {
        self.load_one(scope, sagas("r.order_id = $1", args![order.to_string()], scope)).await
    }

    async fn find_timing_out(&self, now: Timestamp, limit: usize) -> Result<Vec<SagaId>, StoreError> {
        let text = "select id from sagas where timeout_at <= $1 order by timeout_at, id limit $2";
        self.ids(&Scope::System, Statement::new(text, args![now, limit])).await
    }

    async fn find_due(&self, now: Timestamp, limit: usize) -> Result<Vec<SagaId>, StoreError> {
        let text = "select id from sagas where next_attempt_at <= $1 order by next_attempt_at, id limit $2";
        self.ids(&Scope::System, Statement::new(text, args![now, limit])).await
    }

    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let text = "select min(t.at) from ( \
                        select min(next_attempt_at) as at from sagas where next_attempt_at > $1 \
                        union all select min(timeout_at) from sagas where timeout_at > $1) t";
        self.instant(Statement::new(text, args![after])).await
    }

    async fn list(
        &self,
        scope: &Scope,
        filter: SagaFilter,
        page: &PageRequest,
    ) -> Result<Page<PurchaseSaga>, StoreError> {
        let statement = match filter {
            SagaFilter::All => sagas("true", Vec::new(), scope),
            SagaFilter::Stuck { overdue_since } => {
                let stuck = "r.id in (select n.id from sagas n where n.needs_attention \
                             union select o.id from sagas o where o.next_attempt_at < $1)";
                sagas(stuck, args![overdue_since], scope)
            }
        };
        self.load_page(scope, statement, NEWEST, page).await
    }

    async fn find_orders_without(&self, before: Timestamp, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        let text = "select o.id from orders o where o.unstarted and o.created_at < $1 and not exists ( \
                        select 1 from sagas s where s.tenant_id = o.tenant_id and s.order_id = o.id) \
                    order by o.id limit $2";
        self.ids(&Scope::System, Statement::new(text, args![before, limit])).await
    }
}
