//! Providers' earnings.

use async_trait::async_trait;
use sarai_domain::{
    kernel::{Currency, OrderId, OrderLineId, Outcome, PeriodMonth, TenantId, Timestamp},
    marketplace::earnings::{EarningsKey, EarningsLine, EarningsState, ProviderEarnings},
};
use sarai_ports::{
    Context, Page, PageRequest, Saved, Scope, StoreError, Unit,
    events::Routes,
    marketplace::{AccrueError, LISTED_LINES, OpenMatters, ProviderEarningsRepository, Repository as _},
    system::IdGenerator,
};

use super::by_id;
use crate::{
    Database, Record, Store, Value,
    aggregates::name,
    load::{Rows, corrupt, parsed, select},
    retry::Tries,
    statement::{NEWEST, Statement, args},
};

/// The line of a row's document.
pub(super) fn line(record: &Record, place: usize) -> Result<EarningsLine, StoreError> {
    serde_json::from_str(record.text(place)?).map_err(|error| corrupt::<ProviderEarnings>("", &error))
}

/// That an order `o` earned something for the provider of the first argument, in the currency of the second, before
/// the third.
const EARNS: &str = "o.currency = $2 and o.fulfilled_at < $3 and exists (select 1 from order_lines n \
     where n.tenant_id = o.tenant_id and n.parent_id = o.id and n.provider_tenant_id = $1)";

/// The lines of a period that were entered last: those that are not sealed yet, which has an index, before those that
/// are, which has another.
fn latest(count: usize) -> String {
    let last = |condition: &str, by: &str| {
        format!(
            "select * from (select l.doc, l.seal_seq, l.written_version, l.line_id from earnings_lines l \
             where l.tenant_id = r.tenant_id and l.parent_id = r.id and l.seal_seq {condition} \
             order by {by} limit {count}) one"
        )
    };
    let open = last("is null", "l.written_version desc, l.line_id desc");
    let sealed = last("is not null", "l.seal_seq desc");
    format!(
        "select u.doc from ({open} union all {sealed}) u \
         order by u.seal_seq is null desc, u.seal_seq desc, u.written_version desc, u.line_id desc limit {count}"
    )
}

#[async_trait]
impl<D: Database> ProviderEarningsRepository for Store<D> {
    async fn find_without_lines(
        &self,
        scope: &Scope,
        key: &EarningsKey,
    ) -> Result<Option<ProviderEarnings>, StoreError> {
        self.load_one(scope, by_id::<ProviderEarnings>(scope, key, &Rows::None, Vec::new())).await
    }

    async fn find_by_provider_and_period(
        &self,
        scope: &Scope,
        provider: &TenantId,
        period: Option<PeriodMonth>,
        currency: Option<Currency>,
        page: &PageRequest,
    ) -> Result<Page<ProviderEarnings>, StoreError> {
        let latest = latest(LISTED_LINES);
        let text = format!("{} where r.tenant_id = $1", select::<ProviderEarnings>(&Rows::Found(&latest)));
        let mut statement = Statement::new(text, args![provider.as_str()]);
        statement
            .within(scope, "r.tenant_id")
            .and_if("r.period_month =", period.map(|period| period.to_string()))
            .and_if("r.currency =", currency.map(|currency| currency.code()));
        self.load_page(scope, statement, NEWEST, page).await
    }

    async fn periods(
        &self,
        provider: &TenantId,
        currency: Currency,
    ) -> Result<Vec<(PeriodMonth, EarningsState)>, StoreError> {
        let text = "select period_month, state from earnings where tenant_id = $1 and currency = $2 \
                    order by period_month";
        let scope = Scope::Within(provider.clone());
        let args = args![provider.as_str(), currency.code()];
        let found = self.ask(&scope, Statement::new(text, args)).await?;
        let state = |text: &str| {
            serde_json::from_value(text.into()).map_err(|error| corrupt::<ProviderEarnings>("", &error))
        };
        found.iter().map(|record| Ok((parsed(record.text(0)?)?, state(record.text(1)?)?))).collect()
    }

    async fn accrue(
        &self,
        key: &EarningsKey,
        lines: Vec<EarningsLine>,
        context: Context,
        ids: &dyn IdGenerator,
        routes: Routes,
    ) -> Result<Saved, AccrueError> {
        let touched = lines.iter().filter_map(|line| line.order_line_id).map(|line| line.to_string());
        let touched = Value::Texts(touched.collect());
        let condition = self.database.dialect().among("x.order_line_id", "$1");
        let scope = Scope::Within(key.provider_tenant_id.clone());
        let _turn = self.lanes.enter(&key.to_string()).await;
        let mut tries = Tries::default();
        loop {
            let rows = Rows::Where(&condition);
            let statement = by_id::<ProviderEarnings>(&scope, key, &rows, vec![touched.clone()]);
            let found = self.load_one(&scope, statement).await?;
            let mut earnings = found.unwrap_or_else(|| ProviderEarnings::open(key.clone(), context.now));
            let mut outcome = Outcome::AlreadyApplied;
            for line in lines.clone() {
                if earnings.accrue(line)? == Outcome::Applied {
                    outcome = Outcome::Applied;
                }
            }
            match outcome {
                Outcome::AlreadyApplied => return Ok(Saved::AlreadyConsumed),
                Outcome::Applied => {
                    let unit = Unit::new(earnings, context.clone(), ids, routes);
                    match self.save(&scope, unit).await {
                        Err(StoreError::Conflict { .. }) if tries.another().await => {}
                        saved => return Ok(saved?),
                    }
                }
            }
        }
    }

    async fn find_lines(
        &self,
        scope: &Scope,
        order_line: OrderLineId,
    ) -> Result<Vec<(EarningsKey, EarningsLine)>, StoreError> {
        let text = "select parent_id, doc from earnings_lines where order_line_id = $1";
        let mut statement = Statement::new(text, args![order_line.to_string()]);
        statement.within(scope, "tenant_id").push("order by parent_id, key");
        let found = self.ask(scope, statement).await?;
        found.iter().map(|record| Ok((parsed(record.text(0)?)?, line(record, 1)?))).collect()
    }

    async fn find_by_state(
        &self,
        state: EarningsState,
        limit: usize,
    ) -> Result<Vec<EarningsKey>, StoreError> {
        let text = "select id from earnings where state = $1 order by period_month, id limit $2";
        self.ids(&Scope::System, Statement::new(text, args![name(&state), limit])).await
    }

    async fn find_closing(&self, now: Timestamp, limit: usize) -> Result<Vec<EarningsKey>, StoreError> {
        // A month before the next one: the later needs what the earlier carries.
        let text = "select id from earnings where closes_at <= $1 order by period_month, id limit $2";
        self.ids(&Scope::System, Statement::new(text, args![now, limit])).await
    }

    async fn next_close(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.instant(Statement::new("select min(closes_at) from earnings where closes_at > $1", args![after]))
            .await
    }

    async fn open_matters(&self, key: &EarningsKey) -> Result<OpenMatters, StoreError> {
        // Those that are dead and those that are not have an index each.
        let text = format!(
            "select (select count(*) from orders o where o.refund_pending and {EARNS}), \
                    (select count(*) from disputes p join orders o on o.id = p.order_id where p.open and {EARNS}), \
                    (select count(*) from ( \
                         select tenant_id, subject from deliveries where consumer = 'earnings' and not dead union all \
                         select tenant_id, subject from deliveries where consumer = 'earnings' and dead) d \
                     join orders o on o.tenant_id = d.tenant_id and o.id = d.subject where {EARNS})"
        );
        let args = args![key.provider_tenant_id.as_str(), key.currency.code(), key.period_month.end()];
        let found = self.ask(&Scope::System, Statement::new(text, args)).await?;
        let count = |place| -> Result<u32, StoreError> {
            let count = found.first().map_or(Ok(0), |record| record.count(place))?;
            Ok(u32::try_from(count).unwrap_or(u32::MAX))
        };
        Ok(OpenMatters { pending_refunds: count(0)?, open_disputes: count(1)?, unprocessed: count(2)? })
    }

    async fn note_dispute(&self, order: OrderId, dispute: &str, open: bool) -> Result<(), StoreError> {
        // Decided is decided, whatever arrives late.
        let text = "insert into disputes (tenant_id, order_id, dispute, open) \
                    values (coalesce((select o.tenant_id from orders o where o.id = $1), ''), $1, $2, $3) \
                    on conflict (tenant_id, order_id, dispute) do update set open = (disputes.open and excluded.open)";
        self.ask(&Scope::System, Statement::new(text, args![order.to_string(), dispute, open])).await?;
        Ok(())
    }
}
