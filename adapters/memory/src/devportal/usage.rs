//! Counters of usage.

use std::collections::BTreeMap;

use async_trait::async_trait;
use sarai_domain::{
    devportal::usage::{UsageBucket, UsageKey},
    kernel::Timestamp,
};
use sarai_ports::{
    Consumed, Scope, StoreError,
    devportal::{UsageCount, UsageGroup, UsagePoint, UsageQuery, UsageStore},
};

use crate::MemoryStore;

/// What messages have added up to.
pub(crate) type Counters = BTreeMap<UsageKey, u64>;

/// The row of the inbox has no aggregate: counters are their tenant's.
const TARGET: &str = "usage";

fn group_of(key: &UsageKey, group: Option<UsageGroup>) -> Option<String> {
    match group? {
        UsageGroup::Key => key.key_id.map(|id| id.to_string()),
        UsageGroup::Channel => key.channel.clone(),
        UsageGroup::Country => key.country.clone(),
    }
}

#[async_trait]
impl UsageStore for MemoryStore {
    async fn count(
        &self,
        scope: &Scope,
        consumed: &Consumed,
        counts: &[UsageCount],
        _now: Timestamp,
    ) -> Result<bool, StoreError> {
        if counts.iter().any(|count| !scope.covers(&count.key.tenant_id)) {
            return Err(StoreError::NotFound);
        }
        let Some(first) = counts.first() else { return Ok(false) };
        let mut state = self.state();
        let tenant = first.key.tenant_id.clone();
        let row = (tenant, consumed.consumer, consumed.event_id.clone(), TARGET.to_owned());
        if !state.inbox.insert(row) {
            return Ok(false);
        }
        for UsageCount { key, amount } in counts {
            let counter = state.usage.entry(key.clone()).or_default();
            *counter = counter.saturating_add(*amount);
        }
        Ok(true)
    }

    async fn usage(&self, scope: &Scope, query: &UsageQuery) -> Result<Vec<UsagePoint>, StoreError> {
        if !scope.covers(&query.tenant_id) || !scope.enters(Some(query.environment)) {
            return Ok(Vec::new());
        }
        let from = UsageBucket::Hour.start(query.from);
        let wanted = |key: &&UsageKey| {
            key.tenant_id == query.tenant_id
                && key.environment == query.environment
                && from <= key.hour
                && key.hour < query.until
                && query.metrics.contains(&key.metric)
                && query.key_id.is_none_or(|id| key.key_id == Some(id))
        };
        let state = self.state();
        let mut sums: BTreeMap<_, u64> = BTreeMap::new();
        for (key, amount) in state.usage.iter().filter(|(key, _)| wanted(key)) {
            let step = (query.bucket.start(key.hour), group_of(key, query.group), key.metric);
            let sum = sums.entry(step).or_default();
            *sum = sum.saturating_add(*amount);
        }
        let point = |((at, group, metric), amount)| UsagePoint { at, group, metric, amount };
        Ok(sums.into_iter().map(point).collect())
    }
}
