//! What a store needs of each aggregate beside its document: the owner, the age, the unique keys.

use sarai_domain::{
    kernel::{OrderId, TenantId, Timestamp},
    marketplace::{
        coupon::{CodeKey, Coupon, CouponData},
        earnings::{EarningsData, ProviderEarnings},
        license::{License, LicenseData},
        listing::{Listing, ListingData, ListingState},
        order::{Order, OrderData},
        quote::{Quote, QuoteData},
        saga::{PurchaseSaga, SagaData},
        values::Owner,
    },
};

use crate::{Scope, Stored, UniqueKey, platform};

/// The key of an order's saga (S-INV-1).
pub fn saga_key(order: OrderId) -> String {
    order.to_string()
}

impl Stored for Listing {
    fn owner(data: &ListingData) -> TenantId {
        data.provider_tenant_id.clone()
    }

    fn created_at(data: &ListingData) -> Timestamp {
        data.created_at
    }

    fn unique_keys(_data: &ListingData) -> Vec<(UniqueKey, String)> {
        Vec::new()
    }

    fn readable(scope: &Scope, data: &ListingData) -> bool {
        scope.covers(&data.provider_tenant_id) || data.state == ListingState::Live
    }
}

impl Stored for Order {
    fn owner(data: &OrderData) -> TenantId {
        data.buyer_tenant_id.clone()
    }

    fn created_at(data: &OrderData) -> Timestamp {
        data.placed_at
    }

    fn unique_keys(data: &OrderData) -> Vec<(UniqueKey, String)> {
        data.quote_id.iter().map(|quote| (UniqueKey::OrderPerQuote, quote.to_string())).collect()
    }
}

impl Stored for License {
    fn owner(data: &LicenseData) -> TenantId {
        data.tenant_id.clone()
    }

    fn created_at(data: &LicenseData) -> Timestamp {
        data.created_at
    }

    fn unique_keys(data: &LicenseData) -> Vec<(UniqueKey, String)> {
        let line = data
            .order_line_id
            .map(|line| (UniqueKey::LicensePerOrderLine, format!("{line}:{}", data.period_index)));
        let claim = data.gift.as_ref().map(|gift| (UniqueKey::GiftClaim, gift.code_hash.clone()));
        line.into_iter().chain(claim).collect()
    }
}

impl Stored for Coupon {
    fn owner(data: &CouponData) -> TenantId {
        match &data.owner {
            Owner::Platform => platform(),
            Owner::Provider(provider) => provider.clone(),
        }
    }

    fn created_at(data: &CouponData) -> Timestamp {
        data.created_at
    }

    fn unique_keys(data: &CouponData) -> Vec<(UniqueKey, String)> {
        vec![(UniqueKey::CouponCode, CodeKey::from(data).to_string())]
    }
}

impl Stored for PurchaseSaga {
    fn owner(data: &SagaData) -> TenantId {
        data.buyer_tenant_id.clone()
    }

    fn created_at(data: &SagaData) -> Timestamp {
        data.placed_at
    }

    fn unique_keys(data: &SagaData) -> Vec<(UniqueKey, String)> {
        vec![(UniqueKey::SagaPerOrder, saga_key(data.order_id))]
    }

    fn readable(scope: &Scope, data: &SagaData) -> bool {
        match scope {
            Scope::System | Scope::PlatformAdmin => true,
            Scope::Within(tenant) => *tenant == data.buyer_tenant_id,
            Scope::Tenant(_) | Scope::World(..) | Scope::Public => false,
        }
    }
}

impl Stored for Quote {
    fn owner(data: &QuoteData) -> TenantId {
        data.buyer_tenant_id.clone()
    }

    fn created_at(data: &QuoteData) -> Timestamp {
        data.created_at
    }

    fn unique_keys(_data: &QuoteData) -> Vec<(UniqueKey, String)> {
        Vec::new()
    }
}

impl Stored for ProviderEarnings {
    fn owner(data: &EarningsData) -> TenantId {
        data.key.provider_tenant_id.clone()
    }

    fn created_at(data: &EarningsData) -> Timestamp {
        data.key.period_month.start()
    }

    fn unique_keys(_data: &EarningsData) -> Vec<(UniqueKey, String)> {
        Vec::new()
    }
}
