//! What the marketplace knows of other services' facts, and lists that are not an aggregate each.

use async_trait::async_trait;
use sarai_domain::{
    kernel::{
        CourseId, CourseVersionId, Currency, ListingId, Money, OrderId, OrderLineId, TenantId, Timestamp,
    },
    marketplace::{
        listing::{KycEvidence, Listing, RetireEvidence, ShippingEvidence},
        order::OrderLine,
        values::PlanKind,
    },
};

use crate::{Page, PageRequest, Scope, StoreError};

/// Which course versions can be shipped (L-INV-2).
#[async_trait]
pub trait CatalogFacts: Send + Sync {
    /// What is known of a version as one of this course: published for another course is not published.
    async fn shipping(
        &self,
        course: &CourseId,
        version: &CourseVersionId,
    ) -> Result<ShippingEvidence, StoreError>;
    /// Notes that a version was published.
    async fn note_published(&self, course: &CourseId, version: &CourseVersionId) -> Result<(), StoreError>;
    /// Notes that a version's play package was built.
    async fn note_built(&self, version: &CourseVersionId) -> Result<(), StoreError>;
}

/// Which tenants are verified sellers (L-INV-3).
#[async_trait]
pub trait ProviderFacts: Send + Sync {
    /// What is known of a tenant.
    async fn kyc(&self, provider: &TenantId) -> Result<KycEvidence, StoreError>;
    /// Notes a tenant's verification; an older fact than the one known changes nothing.
    async fn note_kyc(&self, provider: &TenantId, verified: bool, at: Timestamp) -> Result<(), StoreError>;
}

/// How the public catalogue is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CatalogSort {
    /// The latest to go live first.
    #[default]
    Newest,
    /// The cheapest active plan in the filter's currency first.
    PriceAscending,
    /// The dearest first.
    PriceDescending,
}

/// What the public catalogue is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CatalogFilter {
    /// Words in the tagline, the description, the category or the tags; case does not matter.
    pub text: Option<String>,
    /// Has an active plan in this currency.
    pub currency: Option<Currency>,
    /// Has an active plan of this kind.
    pub kind: Option<PlanKind>,
    /// This provider's.
    pub provider: Option<TenantId>,
    /// This category's.
    pub category: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// Its cheapest active plan costs at least this; the currency is the filter's.
    pub min_price: Option<Money>,
    /// Its cheapest active plan costs at most this.
    pub max_price: Option<Money>,
    /// The order.
    pub sort: CatalogSort,
}

/// The public catalogue and what retiring a listing must know (L-INV-7).
#[async_trait]
pub trait Catalog: Send + Sync {
    /// Live and public listings with at least one active plan.
    async fn search(&self, filter: &CatalogFilter, page: &PageRequest) -> Result<Page<Listing>, StoreError>;
    /// Licences and sagas that keep a listing from being retired, at this time.
    async fn retire_evidence(&self, listing: ListingId, now: Timestamp)
    -> Result<RetireEvidence, StoreError>;
}

/// One sold line, as its provider sees it: without the buyer's users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSale {
    /// The order.
    pub order_id: OrderId,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// The line.
    pub line: OrderLine,
}

/// What a provider sold.
#[async_trait]
pub trait Sales: Send + Sync {
    /// The lines of paid, fulfilled and refunded orders, newest first.
    async fn by_provider(
        &self,
        scope: &Scope,
        provider: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<ProviderSale>, StoreError>;
    /// The order a line belongs to.
    async fn order_of(&self, line: OrderLineId) -> Result<Option<OrderId>, StoreError>;
}
