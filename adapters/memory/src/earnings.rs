//! Providers' earnings.

use async_trait::async_trait;
use sarai_domain::{
    kernel::{Currency, OrderId, OrderLineId, Outcome, PeriodMonth, TenantId, Timestamp},
    marketplace::earnings::{EarningsKey, EarningsLine, EarningsState, ProviderEarnings},
};
use sarai_ports::{
    Context, Page, PageRequest, Saved, Scope, StoreError, Unit,
    events::Routes,
    marketplace::{AccrueError, LISTED_LINES, OpenMatters, ProviderEarningsRepository},
    system::IdGenerator,
};

use crate::{
    MemoryStore,
    indexes::name,
    state::State,
    table::{Rows, at, instant},
};

#[async_trait]
impl ProviderEarningsRepository for MemoryStore {
    async fn find_without_lines(
        &self,
        scope: &Scope,
        key: &EarningsKey,
    ) -> Result<Option<ProviderEarnings>, StoreError> {
        if !scope.covers(&key.provider_tenant_id) {
            return Ok(None);
        }
        self.state().earnings.load(key, &Rows::NONE)
    }

    async fn find_by_provider_and_period(
        &self,
        scope: &Scope,
        provider: &TenantId,
        period: Option<PeriodMonth>,
        currency: Option<Currency>,
        page: &PageRequest,
    ) -> Result<Page<ProviderEarnings>, StoreError> {
        let state = self.state();
        let ids = state.earnings.by_index("provider", provider.as_str());
        state.earnings.page(ids, page, &Rows::Latest(LISTED_LINES), |data| {
            scope.covers(provider)
                && period.is_none_or(|period| data.key.period_month == period)
                && currency.is_none_or(|currency| data.key.currency == currency)
        })
    }

    async fn periods(
        &self,
        provider: &TenantId,
        currency: Currency,
    ) -> Result<Vec<(PeriodMonth, EarningsState)>, StoreError> {
        let state = self.state();
        let ids = state.earnings.by_index("provider_currency", &format!("{provider} {currency}"));
        let data = ids.filter_map(|id| state.earnings.data(id));
        Ok(data.map(|data| (data.key.period_month, data.state)).collect())
    }

    async fn accrue(
        &self,
        key: &EarningsKey,
        lines: Vec<EarningsLine>,
        context: Context,
        ids: &dyn IdGenerator,
        routes: Routes,
    ) -> Result<Saved, AccrueError> {
        let real = self.clock.real();
        let mut state = self.state();
        let touched = lines.iter().filter_map(|line| line.order_line_id);
        let rows = touched.fold(Rows::NONE, |rows, line| rows.and_of("line", &line));
        let found = state.earnings.load(key, &rows)?;
        let mut earnings = found.unwrap_or_else(|| ProviderEarnings::open(key.clone(), context.now));
        let mut outcome = Outcome::AlreadyApplied;
        for line in lines {
            if earnings.accrue(line)? == Outcome::Applied {
                outcome = Outcome::Applied;
            }
        }
        match outcome {
            Outcome::AlreadyApplied => Ok(Saved::AlreadyConsumed),
            Outcome::Applied => {
                let unit = Unit::new(earnings, context, ids, routes);
                Ok(state.commit(&Scope::System, unit, real, self.process)?)
            }
        }
    }

    async fn find_lines(
        &self,
        scope: &Scope,
        line: OrderLineId,
    ) -> Result<Vec<(EarningsKey, EarningsLine)>, StoreError> {
        let state = self.state();
        let key = line.to_string();
        let rows = state.earnings.indexed_rows("line", &key, &key);
        let rows = rows.filter(|(id, _)| scope.covers(&id.provider_tenant_id));
        Ok(rows.map(|(id, row)| (id.clone(), row.clone())).collect())
    }

    async fn find_by_state(
        &self,
        wanted: EarningsState,
        limit: usize,
    ) -> Result<Vec<EarningsKey>, StoreError> {
        let state = self.state();
        let ids = state.earnings.by_index("state", &name(wanted));
        let mut keys: Vec<EarningsKey> = ids.cloned().collect();
        keys.sort_by_key(|key| key.period_month);
        keys.truncate(limit);
        Ok(keys)
    }

    async fn find_closing(&self, now: Timestamp, limit: usize) -> Result<Vec<EarningsKey>, StoreError> {
        let state = self.state();
        let due = state.earnings.up_to("closes", &at(now)).map(|(_, key)| key);
        let mut keys: Vec<EarningsKey> = due.cloned().collect();
        // A month before the next one: the later needs what the earlier carries.
        keys.sort_by_key(|key| key.period_month);
        keys.truncate(limit);
        Ok(keys)
    }

    async fn next_close(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.state().earnings.least_after("closes", &at(after)).and_then(instant))
    }

    async fn open_matters(&self, key: &EarningsKey) -> Result<OpenMatters, StoreError> {
        Ok(self.state().open_matters(key))
    }

    async fn note_dispute(&self, order: OrderId, dispute: &str, open: bool) -> Result<(), StoreError> {
        let mut state = self.state();
        let row = (order, dispute.to_owned());
        // Decided is decided, whatever arrives late.
        let known = state.disputes.entry(row).or_insert(open);
        *known = *known && open;
        Ok(())
    }
}

impl State {
    fn open_matters(&self, key: &EarningsKey) -> OpenMatters {
        let count = |orders: usize| u32::try_from(orders).unwrap_or(u32::MAX);
        let pending = self.orders.by_index("refund_pending", "");
        let disputed = self.disputes.iter().filter(|(_, open)| **open).map(|((order, _), _)| order);
        let unprocessed = self.outbox.open().filter(|(consumer, event)| {
            *consumer == "earnings" && self.earns(event.subject.parse().ok(), key)
        });
        OpenMatters {
            pending_refunds: count(pending.filter(|order| self.earns(Some(**order), key)).count()),
            open_disputes: count(disputed.filter(|order| self.earns(Some(**order), key)).count()),
            unprocessed: count(unprocessed.count()),
        }
    }

    /// Whether an order's money belongs to this period.
    fn earns(&self, order: Option<OrderId>, key: &EarningsKey) -> bool {
        let Some(data) = order.and_then(|order| self.orders.data(&order)) else { return false };
        data.currency == key.currency
            && data.fulfilled_at.is_some_and(|at| PeriodMonth::of(at) <= key.period_month)
            && data.lines.iter().any(|line| line.offer.provider_tenant_id == key.provider_tenant_id)
    }
}
