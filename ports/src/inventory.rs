//! Everything a store holds, as it is: what an auditor reads. No rule is checked on the way, so what is broken
//! is found instead of refused.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        account::DeveloperAccount,
        api_key::ApiKey,
        docs_article::DocsArticle,
        policy::{SpendLedger, SpendPolicy, VerifyPolicy},
        sandbox::SandboxSession,
        sdk_release::SdkRelease,
        template::VerifyTemplate,
        verify::VerifySession,
        webhook::{WebhookDelivery, WebhookEndpoint},
    },
    kernel::{Aggregate, EventId, OrderId, OrderLineId, TenantId},
    marketplace::{
        coupon::Coupon,
        earnings::{EarningsLine, ProviderEarnings},
        license::License,
        listing::Listing,
        order::Order,
        quote::Quote,
        saga::PurchaseSaga,
    },
};

use crate::StoreError;

/// A stored aggregate.
#[derive(Debug, Clone)]
pub struct Raw<A: Aggregate> {
    /// Its key, from the key's own columns.
    pub id: A::Id,
    /// The tenant whose row it is.
    pub tenant_id: TenantId,
    /// How often it was saved.
    pub version: u64,
    /// Its document and every row; or the reader's message when one of them cannot be read. The message of a
    /// value that breaks an invariant names it.
    pub content: Result<Content<A>, String>,
}

/// What stands in the store of an aggregate.
#[derive(Debug, Clone)]
pub struct Content<A: Aggregate> {
    /// The root's document.
    pub data: A::Data,
    /// Its rows, in the order of their keys.
    pub rows: Vec<A::Row>,
}

/// Every aggregate of one kind, in the order of their keys.
#[async_trait]
pub trait Scan<A: Aggregate>: Send + Sync {
    /// The first `limit` of every tenant's whose key is greater than `after`.
    async fn scan(&self, after: Option<&A::Id>, limit: usize) -> Result<Vec<Raw<A>>, StoreError>;
    /// The one with this key.
    async fn look(&self, id: &A::Id) -> Result<Option<Raw<A>>, StoreError>;
}

/// A delivery that was tried too often. Its event may be one that this program cannot read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The event's id.
    pub event_id: EventId,
    /// The tenant of its aggregate.
    pub tenant_id: TenantId,
    /// The aggregate's name.
    pub aggregate: String,
    /// The aggregate's id.
    pub subject: String,
    /// The event's type.
    pub topic: String,
    /// Who did not take it.
    pub consumer: String,
    /// How often it failed.
    pub attempts: u32,
}

/// Everything in a store. For the platform's own workers only: it knows no scope.
#[async_trait]
pub trait Inventory:
    Scan<Listing>
    + Scan<Order>
    + Scan<License>
    + Scan<Coupon>
    + Scan<PurchaseSaga>
    + Scan<Quote>
    + Scan<ProviderEarnings>
    + Scan<DeveloperAccount>
    + Scan<ApiKey>
    + Scan<VerifySession>
    + Scan<SpendLedger>
    + Scan<SpendPolicy>
    + Scan<VerifyPolicy>
    + Scan<SandboxSession>
    + Scan<VerifyTemplate>
    + Scan<SdkRelease>
    + Scan<DocsArticle>
    + Scan<WebhookEndpoint>
    + Scan<WebhookDelivery>
{
    /// Every earnings line of these order lines, as it is stored.
    async fn postings(&self, lines: &[OrderLineId]) -> Result<Vec<EarningsLine>, StoreError>;
    /// Which of these orders have an event that this consumer has not finished.
    async fn under_way(
        &self,
        consumer: &'static str,
        orders: &[OrderId],
    ) -> Result<BTreeSet<OrderId>, StoreError>;
    /// The first `limit` dead letters.
    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, StoreError>;
}
