//! The catalogue, other services' facts, and lists that are not an aggregate each.

use async_trait::async_trait;
use sarai_domain::{
    kernel::{CourseId, CourseVersionId, ListingId, Money, OrderId, OrderLineId, TenantId, Timestamp},
    marketplace::{
        license::LicenseData,
        listing::{
            KycEvidence, Listing, ListingData, ListingState, RetireEvidence, ShippingEvidence, Visibility,
        },
        order::OrderStatus,
    },
};
use sarai_ports::{
    Page, PageRequest, Scope, StoreError,
    audit::{AuditLog, AuditRow, Deed},
    marketplace::{Catalog, CatalogFacts, CatalogFilter, CatalogSort, ProviderFacts, ProviderSale, Sales},
};

use crate::{MemoryStore, indexes::name, table::Rows};

#[async_trait]
impl CatalogFacts for MemoryStore {
    async fn shipping(
        &self,
        course: &CourseId,
        version: &CourseVersionId,
    ) -> Result<ShippingEvidence, StoreError> {
        let state = self.state();
        Ok(ShippingEvidence {
            course_version_id: version.clone(),
            published: state.published.get(version) == Some(course),
            built: state.built.contains(version),
        })
    }

    async fn note_published(&self, course: &CourseId, version: &CourseVersionId) -> Result<(), StoreError> {
        self.state().published.insert(version.clone(), course.clone());
        Ok(())
    }

    async fn note_built(&self, version: &CourseVersionId) -> Result<(), StoreError> {
        self.state().built.insert(version.clone());
        Ok(())
    }
}

#[async_trait]
impl ProviderFacts for MemoryStore {
    async fn kyc(&self, provider: &TenantId) -> Result<KycEvidence, StoreError> {
        let verified = self.state().kyc.get(provider).is_some_and(|(verified, _)| *verified);
        Ok(KycEvidence { provider_tenant_id: provider.clone(), verified })
    }

    async fn note_kyc(&self, provider: &TenantId, verified: bool, at: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        let known = state.kyc.entry(provider.clone()).or_insert((verified, at));
        if known.1 <= at {
            *known = (verified, at);
        }
        Ok(())
    }
}

/// The cheapest active plan, in the filter's currency when it has one.
fn price(data: &ListingData, filter: &CatalogFilter) -> Option<Money> {
    let active = data.pricing_plans.iter().filter(|plan| {
        plan.active && filter.currency.is_none_or(|currency| plan.price.currency() == currency)
    });
    active.map(|plan| plan.price).min_by_key(Money::minor_units)
}

fn matches(data: &ListingData, filter: &CatalogFilter) -> bool {
    let Some(price) = price(data, filter) else { return false };
    let holds = |text: &str, word: &str| text.to_lowercase().contains(word);
    let has_words = |text: &String| {
        text.to_lowercase().split_whitespace().all(|word| {
            holds(data.marketing.tagline(), word)
                || holds(data.marketing.description(), word)
                || data.category.as_deref().is_some_and(|category| holds(category, word))
                || data.tags.iter().any(|tag| holds(tag, word))
        })
    };
    data.visibility == Visibility::Public
        && filter.text.as_ref().is_none_or(has_words)
        && filter.kind.is_none_or(|kind| data.pricing_plans.iter().any(|p| p.active && p.kind == kind))
        && filter.provider.as_ref().is_none_or(|provider| data.provider_tenant_id == *provider)
        && filter.category.as_ref().is_none_or(|wanted| data.category.as_ref() == Some(wanted))
        && filter.tag.as_ref().is_none_or(|tag| data.tags.contains(tag))
        && filter.min_price.is_none_or(|least| price.minor_units() >= least.minor_units())
        && filter.max_price.is_none_or(|most| price.minor_units() <= most.minor_units())
}

#[async_trait]
impl Catalog for MemoryStore {
    async fn search(&self, filter: &CatalogFilter, page: &PageRequest) -> Result<Page<Listing>, StoreError> {
        let state = self.state();
        let live = name(ListingState::Live);
        let found = state.listings.by_index("state", &live).filter_map(|id| {
            let data = state.listings.data(id).filter(|data| matches(data, filter))?;
            let key = match filter.sort {
                CatalogSort::Newest => data.created_at.unix_micros(),
                CatalogSort::PriceAscending | CatalogSort::PriceDescending => {
                    price(data, filter)?.minor_units()
                }
            };
            Some((key, *id))
        });
        let descending = filter.sort != CatalogSort::PriceAscending;
        let cut = Page::cut(found.collect(), page, descending, |(key, id)| (*key, id.to_string()));
        state.listings.load_page(cut.map(|(_, id)| id), &Rows::All)
    }

    async fn retire_evidence(
        &self,
        listing: ListingId,
        now: Timestamp,
    ) -> Result<RetireEvidence, StoreError> {
        let state = self.state();
        let key = listing.to_string();
        let licenses: Vec<&LicenseData> = state
            .licenses
            .by_index("active_listing", &key)
            .filter_map(|id| state.licenses.data(id))
            .filter(|data| data.validity.valid_until().is_none_or(|until| until >= now))
            .take(usize::try_from(RetireEvidence::COUNTED).unwrap_or(usize::MAX))
            .collect();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).min(RetireEvidence::COUNTED);
        let ends = || licenses.iter().map(|data| data.validity.valid_until());
        Ok(RetireEvidence {
            active: count(licenses.len()),
            perpetual: count(ends().filter(Option::is_none).count()),
            latest_valid_until: ends().flatten().max(),
            open_orders: count(state.orders.by_index("open_listing", &key).count()),
        })
    }
}

#[async_trait]
impl Sales for MemoryStore {
    async fn by_provider(
        &self,
        scope: &Scope,
        provider: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<ProviderSale>, StoreError> {
        let state = self.state();
        let sold = |status| match status {
            OrderStatus::Paid | OrderStatus::Fulfilled | OrderStatus::Refunded => true,
            OrderStatus::Created | OrderStatus::PendingPayment | OrderStatus::Failed => false,
        };
        let orders = state
            .orders
            .by_index("provider", provider.as_str())
            .filter(|_| scope.covers(provider))
            .filter_map(|id| state.orders.data(id))
            .filter(|data| sold(data.status));
        let sales = orders.flat_map(|data| {
            let lines = data.lines.iter().filter(|line| line.offer.provider_tenant_id == *provider);
            lines.map(|line| ProviderSale {
                order_id: data.id,
                placed_at: data.placed_at,
                line: line.clone(),
            })
        });
        Ok(Page::cut(sales.collect(), page, true, |sale| {
            (sale.placed_at.unix_micros(), sale.line.id.to_string())
        }))
    }

    async fn order_of(&self, line: OrderLineId) -> Result<Option<OrderId>, StoreError> {
        Ok(self.state().orders.by_index("line", &line.to_string()).next().copied())
    }
}

#[async_trait]
impl AuditLog for MemoryStore {
    async fn note(&self, deed: &Deed) -> Result<(), StoreError> {
        let mut state = self.state();
        let seq = state.audit.len() as u64 + 1;
        let Deed { at, tenant_id, actor, action, target, reason, request_id } = deed.clone();
        state.audit.push(AuditRow {
            seq,
            at,
            tenant_id,
            actor,
            action,
            target,
            version: 0,
            reason,
            request_id,
        });
        Ok(())
    }

    async fn list(&self, scope: &Scope, page: &PageRequest) -> Result<Page<AuditRow>, StoreError> {
        let state = self.state();
        let rows = state.audit.iter().filter(|row| scope.covers(&row.tenant_id)).cloned().collect();
        Ok(Page::cut(rows, page, true, |row| (row.at.unix_micros(), format!("{:020}", row.seq))))
    }
}
