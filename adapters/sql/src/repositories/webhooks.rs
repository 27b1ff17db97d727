//! Endpoints of webhooks, and deliveries: their lists, what is due, and who has taken it.

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        values::Environment,
        webhook::{WebhookDelivery, WebhookEndpoint},
    },
    kernel::{SandboxId, TenantId, Timestamp, WebhookDeliveryId, WebhookEndpointId},
};
use sarai_ports::{
    Page, PageRequest, Scope, StoreError,
    devportal::{DeliveryFilter, DeliveryRepository, DueDeliveries, EndpointHealth, WebhookRepository},
};

use super::Readable;
use crate::{
    Database, Dialect, Store, Value,
    aggregates::name,
    events::micros,
    load::{Rows, parsed, select},
    purge::Old,
    statement::{NEWEST, Statement, args},
};

const OLD: Old = Old { table: "webhook_deliveries", key: "tenant_id, id", age: "ended_at", than: "<" };

/// Endpoints of a condition that exist for a reader.
fn endpoints(scope: &Scope, condition: &str, args: Vec<Value>) -> Statement {
    let text = format!("{} where {condition}", select::<WebhookEndpoint>(&Rows::All));
    let mut statement = Statement::new(text, args);
    WebhookEndpoint::visible(&mut statement, scope);
    statement
}

/// Appends what a filter asks for.
fn filtered(statement: &mut Statement, filter: &DeliveryFilter) {
    statement
        .and_if("r.status =", filter.outcome.map(|outcome| name(&outcome)))
        .and_if("r.last_code =", filter.code.map(i64::from))
        .and_if("r.event_type =", filter.event.clone())
        .and_if("r.created_at >=", filter.after)
        .and_if("r.created_at <", filter.before);
}

/// The ids of a list.
fn texts<T: ToString>(ids: &[T]) -> Value {
    Value::Texts(ids.iter().map(ToString::to_string).collect())
}

#[async_trait]
impl<D: Database> WebhookRepository for Store<D> {
    async fn find_endpoints(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        environment: Environment,
        sandbox: Option<SandboxId>,
        page: &PageRequest,
    ) -> Result<Page<WebhookEndpoint>, StoreError> {
        let args = args![tenant.as_str(), environment.as_str()];
        let mut statement = endpoints(scope, "r.tenant_id = $1 and r.environment = $2", args);
        statement.and_if("r.sandbox_id =", sandbox.map(|sandbox| sandbox.to_string()));
        self.load_page(scope, statement, NEWEST, page).await
    }

    async fn endpoints_in_use(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        environment: Environment,
    ) -> Result<u32, StoreError> {
        let text = "select count(*) from webhooks r where r.tenant_id = $1 and r.environment = $2";
        let mut statement = Statement::new(text, args![tenant.as_str(), environment.as_str()]);
        WebhookEndpoint::visible(&mut statement, scope);
        let found = self.ask(scope, statement).await?;
        let count = found.first().map_or(Ok(0), |record| record.count(0))?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    async fn find_listening(
        &self,
        tenant: Option<&TenantId>,
        environment: Environment,
        after: Option<WebhookEndpointId>,
        limit: usize,
    ) -> Result<Vec<WebhookEndpoint>, StoreError> {
        let scope = tenant.map_or(Scope::System, |tenant| Scope::Within(tenant.clone()));
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        let condition = "r.environment = $1 and r.status in ('ACTIVE', 'DISABLED') and r.id > $2";
        let mut statement = endpoints(&scope, condition, args![environment.as_str(), after]);
        let limit = statement.arg(limit);
        statement.push(&format!("order by r.id limit {limit}"));
        self.load(&scope, statement).await
    }
}

#[async_trait]
impl<D: Database> DeliveryRepository for Store<D> {
    async fn find_deliveries(
        &self,
        scope: &Scope,
        endpoint: WebhookEndpointId,
        filter: &DeliveryFilter,
        page: &PageRequest,
    ) -> Result<Page<WebhookDelivery>, StoreError> {
        let text = format!("{} where r.endpoint_id = $1", select::<WebhookDelivery>(&Rows::All));
        let mut statement = Statement::new(text, args![endpoint.to_string()]);
        WebhookDelivery::visible(&mut statement, scope);
        filtered(&mut statement, filter);
        self.load_page(scope, statement, NEWEST, page).await
    }

    async fn count_deliveries(
        &self,
        scope: &Scope,
        endpoint: WebhookEndpointId,
        filter: &DeliveryFilter,
        cap: u64,
    ) -> Result<u64, StoreError> {
        let text = "select count(*) from (select 1 from webhook_deliveries r where r.endpoint_id = $1";
        let mut statement = Statement::new(text, args![endpoint.to_string()]);
        WebhookDelivery::visible(&mut statement, scope);
        filtered(&mut statement, filter);
        let cap = statement.arg(cap);
        statement.push(&format!("limit {cap}) counted"));
        let found = self.ask(scope, statement).await?;
        found.first().map_or(Ok(0), |record| record.count(0))
    }

    async fn endpoint_health(
        &self,
        scope: &Scope,
        endpoints: &[WebhookEndpointId],
        since: Timestamp,
    ) -> Result<Vec<EndpointHealth>, StoreError> {
        let among = self.database.dialect().among("r.id", "$1");
        let text = format!(
            "select r.id, \
                 (select max(d.created_at) from webhook_deliveries d where d.tenant_id = r.tenant_id \
                     and d.endpoint_id = r.id), \
                 (select count(*) from webhook_deliveries d where d.tenant_id = r.tenant_id \
                     and d.endpoint_id = r.id and d.failed and d.created_at >= $2) \
             from webhooks r where {among}"
        );
        let mut statement = Statement::new(text, args![texts(endpoints), since]);
        WebhookEndpoint::visible(&mut statement, scope);
        statement.push("order by r.id");
        let found = self.ask(scope, statement).await?;
        let health = found.iter().map(|record| {
            Ok(EndpointHealth {
                id: parsed(record.text(0)?)?,
                last_delivery_at: record.maybe_time(1)?,
                failures: record.count(2)?,
            })
        });
        health.collect()
    }

    async fn take_due_deliveries(
        &self,
        wanted: &DueDeliveries<'_>,
    ) -> Result<Vec<WebhookDelivery>, StoreError> {
        let dialect = self.database.dialect();
        let (now, until) = (dialect.now("$1"), dialect.later("$1", "$2"));
        let lock = match dialect {
            Dialect::Postgres => "for update of d skip locked",
            Dialect::Sqlite => "",
        };
        let busy = dialect.among("d.endpoint_id", "$4");
        let text = format!(
            "update webhook_deliveries set taken_until = {until} where (tenant_id, id) in ( \
                 select d.tenant_id, d.id from webhook_deliveries d where d.next_at <= $3 \
                 and (d.taken_until is null or d.taken_until <= {now}) and not ({busy}) \
                 order by d.next_at, d.id limit $5 {lock}) \
             returning id, tenant_id, version, doc, '[]'"
        );
        let args = args![Value::Now, micros(wanted.lease), wanted.now, texts(wanted.busy), wanted.limit];
        let mut taken: Vec<WebhookDelivery> = self.load(&Scope::System, Statement::new(text, args)).await?;
        taken.sort_by_key(|delivery| {
            let data = sarai_domain::kernel::Aggregate::data(delivery);
            (data.next_at, data.id)
        });
        Ok(taken)
    }

    async fn give_deliveries_back(&self, deliveries: &[WebhookDeliveryId]) -> Result<(), StoreError> {
        if deliveries.is_empty() {
            return Ok(());
        }
        let among = self.database.dialect().among("id", "$1");
        let text = format!("update webhook_deliveries set taken_until = null where {among} returning 1");
        self.ask(&Scope::System, Statement::new(text, vec![texts(deliveries)])).await.map(drop)
    }

    async fn find_lost_deliveries(
        &self,
        scope: &Scope,
        endpoint: WebhookEndpointId,
        since: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<WebhookDelivery>, StoreError> {
        let text = format!(
            "{} where r.endpoint_id = $1 and (r.status = 'FAILED' or r.failed) and r.created_at >= $2 \
             and r.created_at < $3 and not exists (select 1 from webhook_deliveries o \
                 where o.tenant_id = r.tenant_id and o.webhook_id = r.webhook_id \
                 and (o.status = 'DELIVERED' or o.status = 'PENDING' and not o.failed))",
            select::<WebhookDelivery>(&Rows::All)
        );
        let mut statement = Statement::new(text, args![endpoint.to_string(), since, until]);
        WebhookDelivery::visible(&mut statement, scope);
        let limit = statement.arg(limit);
        statement.push(&format!("order by r.created_at, r.id limit {limit}"));
        self.load(scope, statement).await
    }

    async fn forget_deliveries(&self, before: Timestamp) -> Result<u64, StoreError> {
        let gone = self.forget_old(&OLD, before).await?;
        Ok(u64::try_from(gone).unwrap_or(u64::MAX))
    }
}
