//! Orders.

use async_trait::async_trait;
use sarai_domain::{
    kernel::{OrderId, PaymentId, RefundId, TenantId, UserId},
    marketplace::order::{Order, OrderStatus},
};
use sarai_ports::{Page, PageRequest, Scope, StoreError, marketplace::OrderRepository};

use crate::{
    Database, Store,
    aggregates::name,
    load::{Rows, loaded, parsed, select},
    statement::{NEWEST, Statement, args},
};

fn orders(condition: &str, args: Vec<crate::Value>) -> Statement {
    Statement::new(format!("{} where {condition}", select::<Order>(&Rows::All)), args)
}

#[async_trait]
impl<D: Database> OrderRepository for Store<D> {
    async fn find_by_buyer(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        user: Option<&UserId>,
        status: Option<OrderStatus>,
        page: &PageRequest,
    ) -> Result<Page<Order>, StoreError> {
        let mut statement = orders("r.tenant_id = $1", args![tenant.as_str()]);
        statement
            .within(scope, "r.tenant_id")
            .and_if("r.buyer_user_id =", user.map(UserId::as_str))
            .and_if("r.status =", status.map(|status| name(&status)));
        self.load_page(scope, statement, NEWEST, page).await
    }

    async fn find_pending_refunds(&self, limit: usize) -> Result<Vec<(OrderId, RefundId)>, StoreError> {
        let text = "select x.parent_id, x.key from orders r \
                    join order_refunds x on x.tenant_id = r.tenant_id and x.parent_id = r.id \
                    where r.refund_pending and x.state = 'pending' order by r.id, x.key limit $1";
        let found = self.ask(&Scope::System, Statement::new(text, args![limit])).await?;
        found.iter().map(|record| Ok((parsed(record.text(0)?)?, parsed(record.text(1)?)?))).collect()
    }

    async fn find_stray_captures(&self, limit: usize) -> Result<Vec<(OrderId, PaymentId)>, StoreError> {
        let text = format!("{} where r.stray_open order by r.id limit $1", select::<Order>(&Rows::None));
        let found = self.ask(&Scope::System, Statement::new(text, args![limit])).await?;
        let mut strays = Vec::new();
        for record in &found {
            let order: Order = loaded(record)?;
            let data = sarai_domain::kernel::Aggregate::data(&order);
            let open = data.stray_captures.iter().filter(|stray| stray.refunded_at.is_none());
            strays.extend(open.map(|stray| (data.id, stray.payment_id.clone())));
        }
        strays.truncate(limit);
        Ok(strays)
    }
}
