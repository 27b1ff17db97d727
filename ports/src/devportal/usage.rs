//! Usage: counters that events add to, and what is read of them (ruling R28).

use std::collections::BTreeSet;

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        usage::{UsageBucket, UsageKey, UsageMetric},
        values::Environment,
    },
    kernel::{ApiKeyId, TenantId, Timestamp},
};

use crate::{Consumed, Scope, StoreError};

/// By how much a counter grows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageCount {
    /// Which.
    pub key: UsageKey,
    /// By how much.
    pub amount: u64,
}

/// What a series is split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UsageGroup {
    /// The key.
    Key,
    /// The channel.
    Channel,
    /// The country.
    Country,
}

/// Which counters, and how they are summed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageQuery {
    /// Whose.
    pub tenant_id: TenantId,
    /// In which world.
    pub environment: Environment,
    /// From the hour of this instant on.
    pub from: Timestamp,
    /// Before this instant.
    pub until: Timestamp,
    /// Of these metrics.
    pub metrics: BTreeSet<UsageMetric>,
    /// Of this key only.
    pub key_id: Option<ApiKeyId>,
    /// In steps of this width.
    pub bucket: UsageBucket,
    /// Split by this.
    pub group: Option<UsageGroup>,
}

/// A sum of counters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsagePoint {
    /// The beginning of its step.
    pub at: Timestamp,
    /// The key, channel or country; none where it is not split, and for what is not known.
    pub group: Option<String>,
    /// What.
    pub metric: UsageMetric,
    /// How much.
    pub amount: u64,
}

/// The counters of a tenant.
#[async_trait]
pub trait UsageStore: Send + Sync {
    /// Adds what a message brings about, all of it or nothing; not again for the same message. Answers whether it was the
    /// first time. Every counter is of the scope's tenant.
    async fn count(
        &self,
        scope: &Scope,
        consumed: &Consumed,
        counts: &[UsageCount],
        now: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Sums, in the order of [`UsagePoint`]; steps of nothing are left out.
    async fn usage(&self, scope: &Scope, query: &UsageQuery) -> Result<Vec<UsagePoint>, StoreError>;
}
