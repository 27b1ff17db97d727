//! A method for each operation.
// Written by sarai-sdkgen from the OpenAPI document: `cargo xtask golden` writes it anew.

use crate::{Client, Error, Request, Response, types};

/// What `admin.docs.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct AdminDocsListQuery {
    /// `state`.
    pub state: Option<types::DocsArticleState>,
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl AdminDocsListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.state.iter().map(|value| ("state", crate::word(value))));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `admin.listings.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct AdminListingsListQuery {
    /// `state`.
    pub state: Option<types::ListingState>,
    /// `pending`.
    pub pending: Option<bool>,
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl AdminListingsListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.state.iter().map(|value| ("state", crate::word(value))));
        pairs.extend(self.pending.iter().map(|value| ("pending", value.to_string())));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `admin.sagas.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct AdminSagasListQuery {
    /// `stuck`.
    pub stuck: Option<bool>,
    /// `orderId`.
    pub order_id: Option<String>,
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl AdminSagasListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.stuck.iter().map(|value| ("stuck", value.to_string())));
        pairs.extend(self.order_id.iter().map(|value| ("orderId", value.clone())));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `catalog.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct CatalogListQuery {
    /// `q`.
    pub q: Option<String>,
    /// `currency`.
    pub currency: Option<String>,
    /// `kind`.
    pub kind: Option<types::PlanKind>,
    /// `providerTenantId`.
    pub provider_tenant_id: Option<String>,
    /// `category`.
    pub category: Option<String>,
    /// `tag`.
    pub tag: Option<String>,
    /// `minPrice`.
    pub min_price: Option<String>,
    /// `maxPrice`.
    pub max_price: Option<String>,
    /// `sort`.
    pub sort: Option<types::CatalogSort>,
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl CatalogListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.q.iter().map(|value| ("q", value.clone())));
        pairs.extend(self.currency.iter().map(|value| ("currency", value.clone())));
        pairs.extend(self.kind.iter().map(|value| ("kind", crate::word(value))));
        pairs.extend(self.provider_tenant_id.iter().map(|value| ("providerTenantId", value.clone())));
        pairs.extend(self.category.iter().map(|value| ("category", value.clone())));
        pairs.extend(self.tag.iter().map(|value| ("tag", value.clone())));
        pairs.extend(self.min_price.iter().map(|value| ("minPrice", value.clone())));
        pairs.extend(self.max_price.iter().map(|value| ("maxPrice", value.clone())));
        pairs.extend(self.sort.iter().map(|value| ("sort", crate::word(value))));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `coupons.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct CouponsListQuery {
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl CouponsListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `docs.search` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct DocsSearchQuery {
    /// `apiVersion`.
    pub api_version: Option<String>,
    /// `locale`.
    pub locale: Option<String>,
    /// `limit`.
    pub limit: Option<u32>,
}

impl DocsSearchQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.api_version.iter().map(|value| ("apiVersion", value.clone())));
        pairs.extend(self.locale.iter().map(|value| ("locale", value.clone())));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs
    }
}

/// What `docs.tree` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct DocsTreeQuery {
    /// `apiVersion`.
    pub api_version: Option<String>,
    /// `locale`.
    pub locale: Option<String>,
}

impl DocsTreeQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.api_version.iter().map(|value| ("apiVersion", value.clone())));
        pairs.extend(self.locale.iter().map(|value| ("locale", value.clone())));
        pairs
    }
}

/// What `docs.get` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct DocsGetQuery {
    /// `locale`.
    pub locale: Option<String>,
}

impl DocsGetQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.locale.iter().map(|value| ("locale", value.clone())));
        pairs
    }
}

/// What `events.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct EventsListQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
    /// `after`.
    pub after: Option<i64>,
    /// `limit`.
    pub limit: Option<i64>,
    /// `wait`.
    pub wait: Option<i64>,
}

impl EventsListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs.extend(self.after.iter().map(|value| ("after", value.to_string())));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.wait.iter().map(|value| ("wait", value.to_string())));
        pairs
    }
}

/// What `invoices.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct InvoicesListQuery {
    /// `status`, any number of them.
    pub status: Vec<types::InvoiceStatus>,
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl InvoicesListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.status.iter().map(|value| ("status", crate::word(value))));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `keys.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct KeysListQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
    /// `status`.
    pub status: Option<types::KeyStatus>,
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl KeysListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs.extend(self.status.iter().map(|value| ("status", crate::word(value))));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `keys.get` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct KeysGetQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
}

impl KeysGetQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs
    }
}

/// What `keys.rotate` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct KeysRotateQuery {
    /// `simulate`.
    pub simulate: Option<bool>,
}

impl KeysRotateQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.simulate.iter().map(|value| ("simulate", value.to_string())));
        pairs
    }
}

/// What `keys.traffic` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct KeysTrafficQuery {
    /// `days`.
    pub days: Option<u32>,
}

impl KeysTrafficQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.days.iter().map(|value| ("days", value.to_string())));
        pairs
    }
}

/// What `licenses.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct LicensesListQuery {
    /// `state`.
    pub state: Option<types::LicenseState>,
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl LicensesListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.state.iter().map(|value| ("state", crate::word(value))));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `seats.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct SeatsListQuery {
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl SeatsListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `waitlist.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct WaitlistListQuery {
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl WaitlistListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `me.close` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct MeCloseQuery {
    /// `revokeKeys`.
    pub revoke_keys: Option<bool>,
}

impl MeCloseQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.revoke_keys.iter().map(|value| ("revokeKeys", value.to_string())));
        pairs
    }
}

/// What `messages.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct MessagesListQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
    /// `status`, any number of them.
    pub status: Vec<types::MessageStatus>,
    /// `to`.
    pub to: Option<String>,
    /// `from`.
    pub from: Option<String>,
    /// `after`.
    pub after: Option<String>,
    /// `before`.
    pub before: Option<String>,
    /// `keyId`.
    pub key_id: Option<String>,
    /// `invoiceId`.
    pub invoice_id: Option<String>,
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl MessagesListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs.extend(self.status.iter().map(|value| ("status", crate::word(value))));
        pairs.extend(self.to.iter().map(|value| ("to", value.clone())));
        pairs.extend(self.from.iter().map(|value| ("from", value.clone())));
        pairs.extend(self.after.iter().map(|value| ("after", value.clone())));
        pairs.extend(self.before.iter().map(|value| ("before", value.clone())));
        pairs.extend(self.key_id.iter().map(|value| ("keyId", value.clone())));
        pairs.extend(self.invoice_id.iter().map(|value| ("invoiceId", value.clone())));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `messages.export` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct MessagesExportQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
    /// `status`, any number of them.
    pub status: Vec<types::MessageStatus>,
    /// `to`.
    pub to: Option<String>,
    /// `from`.
    pub from: Option<String>,
    /// `after`.
    pub after: Option<String>,
    /// `before`.
    pub before: Option<String>,
    /// `keyId`.
    pub key_id: Option<String>,
    /// `invoiceId`.
    pub invoice_id: Option<String>,
}

impl MessagesExportQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs.extend(self.status.iter().map(|value| ("status", crate::word(value))));
        pairs.extend(self.to.iter().map(|value| ("to", value.clone())));
        pairs.extend(self.from.iter().map(|value| ("from", value.clone())));
        pairs.extend(self.after.iter().map(|value| ("after", value.clone())));
        pairs.extend(self.before.iter().map(|value| ("before", value.clone())));
        pairs.extend(self.key_id.iter().map(|value| ("keyId", value.clone())));
        pairs.extend(self.invoice_id.iter().map(|value| ("invoiceId", value.clone())));
        pairs
    }
}

/// What `messages.stats` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct MessagesStatsQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
    /// `to`.
    pub to: Option<String>,
    /// `from`.
    pub from: Option<String>,
    /// `after`.
    pub after: Option<String>,
    /// `before`.
    pub before: Option<String>,
    /// `keyId`.
    pub key_id: Option<String>,
    /// `invoiceId`.
    pub invoice_id: Option<String>,
}

impl MessagesStatsQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs.extend(self.to.iter().map(|value| ("to", value.clone())));
        pairs.extend(self.from.iter().map(|value| ("from", value.clone())));
        pairs.extend(self.after.iter().map(|value| ("after", value.clone())));
        pairs.extend(self.before.iter().map(|value| ("before", value.clone())));
        pairs.extend(self.key_id.iter().map(|value| ("keyId", value.clone())));
        pairs.extend(self.invoice_id.iter().map(|value| ("invoiceId", value.clone())));
        pairs
    }
}

/// What `messages.get` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct MessagesGetQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
}

impl MessagesGetQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs
    }
}

/// What `messages.receipt` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct MessagesReceiptQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
}

impl MessagesReceiptQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs
    }
}

/// What `orders.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct OrdersListQuery {
    /// `status`.
    pub status: Option<types::OrderStatus>,
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl OrdersListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.status.iter().map(|value| ("status", crate::word(value))));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `orders.refund-preview` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct OrdersRefundPreviewQuery {
    /// `lines`.
    pub lines: Option<String>,
}

impl OrdersRefundPreviewQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.lines.iter().map(|value| ("lines", value.clone())));
        pairs
    }
}

/// What `provider.earnings.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct ProviderEarningsListQuery {
    /// `period`.
    pub period: Option<String>,
    /// `currency`.
    pub currency: Option<String>,
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl ProviderEarningsListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.period.iter().map(|value| ("period", value.clone())));
        pairs.extend(self.currency.iter().map(|value| ("currency", value.clone())));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `provider.earnings.statement` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct ProviderEarningsStatementQuery {
    /// `format`.
    pub format: Option<types::StatementFormat>,
    /// `providerTenantId`.
    pub provider_tenant_id: Option<String>,
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl ProviderEarningsStatementQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.format.iter().map(|value| ("format", crate::word(value))));
        pairs.extend(self.provider_tenant_id.iter().map(|value| ("providerTenantId", value.clone())));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `provider.licenses.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct ProviderLicensesListQuery {
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl ProviderLicensesListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `provider.listings.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct ProviderListingsListQuery {
    /// `state`.
    pub state: Option<types::ListingState>,
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl ProviderListingsListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.state.iter().map(|value| ("state", crate::word(value))));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `provider.sales.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct ProviderSalesListQuery {
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl ProviderSalesListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `sandboxes.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct SandboxesListQuery {
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl SandboxesListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `sandboxes.inbox` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct SandboxesInboxQuery {
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl SandboxesInboxQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `sdks.latest` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct SdksLatestQuery {
    /// `channel`.
    pub channel: Option<types::ReleaseChannel>,
}

impl SdksLatestQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.channel.iter().map(|value| ("channel", crate::word(value))));
        pairs
    }
}

/// What `sdks.releases` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct SdksReleasesQuery {
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl SdksReleasesQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `sdks.log` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct SdksLogQuery {
    /// `after`.
    pub after: Option<u64>,
}

impl SdksLogQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.after.iter().map(|value| ("after", value.to_string())));
        pairs
    }
}

/// What `sdks.upload` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct SdksUploadQuery {
    /// `mediaType`.
    pub media_type: Option<String>,
    /// `sha256`.
    pub sha256: Option<String>,
    /// `platform`.
    pub platform: Option<String>,
    /// `arch`.
    pub arch: Option<String>,
    /// `sigstoreBundleUrl`.
    pub sigstore_bundle_url: Option<String>,
}

impl SdksUploadQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.media_type.iter().map(|value| ("mediaType", value.clone())));
        pairs.extend(self.sha256.iter().map(|value| ("sha256", value.clone())));
        pairs.extend(self.platform.iter().map(|value| ("platform", value.clone())));
        pairs.extend(self.arch.iter().map(|value| ("arch", value.clone())));
        pairs.extend(self.sigstore_bundle_url.iter().map(|value| ("sigstoreBundleUrl", value.clone())));
        pairs
    }
}

/// What `spend-policy.get` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct SpendPolicyGetQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
}

impl SpendPolicyGetQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs
    }
}

/// What `spend-policy.set` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct SpendPolicySetQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
}

impl SpendPolicySetQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs
    }
}

/// What `templates.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct TemplatesListQuery {
    /// `system`.
    pub system: Option<bool>,
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl TemplatesListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.system.iter().map(|value| ("system", value.to_string())));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `usage.summary` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct UsageSummaryQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
    /// `from`.
    pub from: Option<String>,
    /// `to`.
    pub to: Option<String>,
}

impl UsageSummaryQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs.extend(self.from.iter().map(|value| ("from", value.clone())));
        pairs.extend(self.to.iter().map(|value| ("to", value.clone())));
        pairs
    }
}

/// What `usage.timeseries` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct UsageTimeseriesQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
    /// `metric`, any number of them.
    pub metric: Vec<types::UsageMetric>,
    /// `groupBy`.
    pub group_by: Option<types::UsageGroup>,
    /// `bucket`.
    pub bucket: Option<types::UsageBucket>,
    /// `from`.
    pub from: Option<String>,
    /// `to`.
    pub to: Option<String>,
}

impl UsageTimeseriesQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs.extend(self.metric.iter().map(|value| ("metric", crate::word(value))));
        pairs.extend(self.group_by.iter().map(|value| ("groupBy", crate::word(value))));
        pairs.extend(self.bucket.iter().map(|value| ("bucket", crate::word(value))));
        pairs.extend(self.from.iter().map(|value| ("from", value.clone())));
        pairs.extend(self.to.iter().map(|value| ("to", value.clone())));
        pairs
    }
}

/// What `verifications.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct VerificationsListQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
    /// `state`.
    pub state: Option<types::VerificationState>,
    /// `channel`.
    pub channel: Option<types::Channel>,
    /// `country`.
    pub country: Option<String>,
    /// `from`.
    pub from: Option<String>,
    /// `to`.
    pub to: Option<String>,
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl VerificationsListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs.extend(self.state.iter().map(|value| ("state", crate::word(value))));
        pairs.extend(self.channel.iter().map(|value| ("channel", crate::word(value))));
        pairs.extend(self.country.iter().map(|value| ("country", value.clone())));
        pairs.extend(self.from.iter().map(|value| ("from", value.clone())));
        pairs.extend(self.to.iter().map(|value| ("to", value.clone())));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `verifications.get` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct VerificationsGetQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
}

impl VerificationsGetQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs
    }
}

/// What `verify-policy.get` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct VerifyPolicyGetQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
}

impl VerifyPolicyGetQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs
    }
}

/// What `verify-policy.set` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct VerifyPolicySetQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
}

impl VerifyPolicySetQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs
    }
}

/// What `verify-policy.allow` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct VerifyPolicyAllowQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
}

impl VerifyPolicyAllowQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs
    }
}

/// What `webhooks.list` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct WebhooksListQuery {
    /// `environment`.
    pub environment: Option<types::Environment>,
    /// `sandboxId`.
    pub sandbox_id: Option<String>,
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl WebhooksListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.environment.iter().map(|value| ("environment", crate::word(value))));
        pairs.extend(self.sandbox_id.iter().map(|value| ("sandboxId", value.clone())));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `webhooks.deliveries` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct WebhooksDeliveriesQuery {
    /// `outcome`.
    pub outcome: Option<types::DeliveryOutcome>,
    /// `code`.
    pub code: Option<u16>,
    /// `event`.
    pub event: Option<String>,
    /// `after`.
    pub after: Option<String>,
    /// `before`.
    pub before: Option<String>,
    /// `limit`.
    pub limit: Option<i64>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl WebhooksDeliveriesQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.outcome.iter().map(|value| ("outcome", crate::word(value))));
        pairs.extend(self.code.iter().map(|value| ("code", value.to_string())));
        pairs.extend(self.event.iter().map(|value| ("event", value.clone())));
        pairs.extend(self.after.iter().map(|value| ("after", value.clone())));
        pairs.extend(self.before.iter().map(|value| ("before", value.clone())));
        pairs.extend(self.limit.iter().map(|value| ("limit", value.to_string())));
        pairs.extend(self.cursor.iter().map(|value| ("cursor", value.clone())));
        pairs
    }
}

/// What `webhooks.deliveries.count` can be asked for.
#[derive(Debug, Clone, Default)]
pub struct WebhooksDeliveriesCountQuery {
    /// `outcome`.
    pub outcome: Option<types::DeliveryOutcome>,
    /// `code`.
    pub code: Option<u16>,
    /// `event`.
    pub event: Option<String>,
    /// `after`.
    pub after: Option<String>,
    /// `before`.
    pub before: Option<String>,
}

impl WebhooksDeliveriesCountQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.outcome.iter().map(|value| ("outcome", crate::word(value))));
        pairs.extend(self.code.iter().map(|value| ("code", value.to_string())));
        pairs.extend(self.event.iter().map(|value| ("event", value.clone())));
        pairs.extend(self.after.iter().map(|value| ("after", value.clone())));
        pairs.extend(self.before.iter().map(|value| ("before", value.clone())));
        pairs
    }
}

impl Client {
    /// The public keys that verify access tokens and offline leases, as a JWKS document.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn jwks_get(&self) -> Result<serde_json::Value, Error> {
        self.call(Request::new("GET", "/v1/.well-known/jwks.json".to_owned())).await
    }

    /// The public key that verifies approvals of production, as a JWKS document
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn verify_jwks_get(&self) -> Result<serde_json::Value, Error> {
        self.call(Request::new("GET", "/v1/.well-known/verify-jwks.json".to_owned())).await
    }

    /// The public key that verifies approvals of sandboxes, as a JWKS document
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn verify_sandbox_jwks_get(&self) -> Result<serde_json::Value, Error> {
        self.call(Request::new("GET", "/v1/.well-known/verify-sandbox-jwks.json".to_owned())).await
    }

    /// Let an account go on
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_accounts_reinstate(&self, id: &str, body: &types::AccountDecision) -> Result<types::Account, Error> {
        self.call(Request::new("POST", format!("/v1/admin/accounts/{}/reinstate", crate::escaped(id))).json(body)).await
    }

    /// Leave an account reads only
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_accounts_suspend(&self, id: &str, body: &types::AccountDecision) -> Result<types::Account, Error> {
        self.call(Request::new("POST", format!("/v1/admin/accounts/{}/suspend", crate::escaped(id))).json(body)).await
    }

    /// Every article, newest first
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_docs_list(&self, query: &AdminDocsListQuery) -> Result<types::PageOfDocsArticle, Error> {
        self.call(Request::new("GET", "/v1/admin/docs".to_owned()).query(query.pairs())).await
    }

    /// One article, as its writers see it
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_docs_get(&self, id: &str) -> Result<types::DocsArticle, Error> {
        self.call(Request::new("GET", format!("/v1/admin/docs/{}", crate::escaped(id)))).await
    }

    /// What the last audit of everything stored found.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_invariants_get(&self) -> Result<types::AuditReport, Error> {
        self.call(Request::new("GET", "/v1/admin/invariants".to_owned())).await
    }

    /// Audits everything stored now.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_invariants_run(&self, body: &types::AuditRequest) -> Result<types::AuditReport, Error> {
        self.call(Request::new("POST", "/v1/admin/invariants/run".to_owned()).json(body)).await
    }

    /// Grants a licence without a sale.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_licenses_grant(&self, idempotency_key: &str, body: &types::GrantRequest) -> Result<types::GrantedLicense, Error> {
        self.call(Request::new("POST", "/v1/admin/licenses".to_owned()).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// Takes a licence back, for ever.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_licenses_revoke(&self, id: &str, body: &types::RevokeRequest) -> Result<types::License, Error> {
        self.call(Request::new("POST", format!("/v1/admin/licenses/{}/revoke", crate::escaped(id))).json(body)).await
    }

    /// Everybody's listings in one state, newest first
    ///
    /// With `pending=true` those with a proposal that waits, in any state unless one is named.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_listings_list(&self, query: &AdminListingsListQuery) -> Result<types::PageOfListing, Error> {
        self.call(Request::new("GET", "/v1/admin/listings".to_owned()).query(query.pairs())).await
    }

    /// Approve the version that was reviewed
    ///
    /// Of a listing on sale: apply the proposal that waits.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_listings_approve(&self, id: &str, body: &types::ListingApproval) -> Result<types::Listing, Error> {
        self.call(Request::new("POST", format!("/v1/admin/listings/{}/approve", crate::escaped(id))).json(body)).await
    }

    /// Put a suspended listing back on sale
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_listings_reinstate(&self, id: &str, body: &types::ListingDecision) -> Result<types::Listing, Error> {
        self.call(Request::new("POST", format!("/v1/admin/listings/{}/reinstate", crate::escaped(id))).json(body)).await
    }

    /// Send a submitted listing back to its provider
    ///
    /// Of a listing on sale: drop the proposal that waits.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_listings_reject(&self, id: &str, body: &types::ListingDecision) -> Result<types::Listing, Error> {
        self.call(Request::new("POST", format!("/v1/admin/listings/{}/reject", crate::escaped(id))).json(body)).await
    }

    /// Set the revenue share that was negotiated
    ///
    /// Orders placed before keep the share they froze.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_listings_revenue_share(&self, id: &str, body: &types::RevenueShareChange) -> Result<types::Listing, Error> {
        self.call(Request::new("PATCH", format!("/v1/admin/listings/{}/revenue-share", crate::escaped(id))).json(body)).await
    }

    /// What there is to decide on, field by field
    ///
    /// Held against what a moderator approved last; of a proposal that waits, against what is on sale.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_listings_review(&self, id: &str) -> Result<types::ListingReview, Error> {
        self.call(Request::new("GET", format!("/v1/admin/listings/{}/review", crate::escaped(id)))).await
    }

    /// Take a live listing off sale
    ///
    /// Orders placed before go on, licences stay.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_listings_suspend(&self, id: &str, body: &types::ListingDecision) -> Result<types::Listing, Error> {
        self.call(Request::new("POST", format!("/v1/admin/listings/{}/suspend", crate::escaped(id))).json(body)).await
    }

    /// Returns lines, or all that are left, whatever the refund policy says.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_orders_refund(&self, id: &str, idempotency_key: &str, body: &types::StaffRefundRequest) -> Result<types::Order, Error> {
        self.call(Request::new("POST", format!("/v1/admin/orders/{}/refunds", crate::escaped(id))).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// What every consumer of events has left undone.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_outbox_get(&self) -> Result<types::Outbox, Error> {
        self.call(Request::new("GET", "/v1/admin/outbox".to_owned())).await
    }

    /// Gives dead letters all their tries again, at once.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_outbox_redrive(&self, body: &types::RedriveRequest) -> Result<types::Redriven, Error> {
        self.call(Request::new("POST", "/v1/admin/outbox/redrive".to_owned()).json(body)).await
    }

    /// Publishes the events of a range to the broker once more, each aggregate's in order. The broker knows what it
    /// was given in the last minutes, and whoever reads it what it has handled.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_outbox_republish(&self, body: &types::RepublishRequest) -> Result<types::Republished, Error> {
        self.call(Request::new("POST", "/v1/admin/outbox/republish".to_owned()).json(body)).await
    }

    /// Every purchase's saga, newest first; with `stuck` those that need attention or are overdue by more
    /// than five minutes; with `orderId` that order's.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_sagas_list(&self, query: &AdminSagasListQuery) -> Result<types::PageOfSagaSummary, Error> {
        self.call(Request::new("GET", "/v1/admin/sagas".to_owned()).query(query.pairs())).await
    }

    /// One saga: its steps, what it waits for, what comes next, and everything that happened.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_sagas_get(&self, id: &str) -> Result<types::SagaDiagnosis, Error> {
        self.call(Request::new("GET", format!("/v1/admin/sagas/{}", crate::escaped(id)))).await
    }

    /// Ends the purchase: an open intent is voided first, what was captured goes back.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_sagas_compensate(&self, id: &str, body: &types::SagaActionRequest) -> Result<types::SagaDiagnosis, Error> {
        self.call(Request::new("POST", format!("/v1/admin/sagas/{}/compensate", crate::escaped(id))).json(body)).await
    }

    /// Goes on from a step that keeps failing and that somebody has done by hand, with the proof.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_sagas_resolve(&self, id: &str, body: &types::SagaResolveRequest) -> Result<types::SagaDiagnosis, Error> {
        self.call(Request::new("POST", format!("/v1/admin/sagas/{}/resolve", crate::escaped(id))).json(body)).await
    }

    /// Tries what waits now, with all of its budget, and redrives dead letters in its way.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_sagas_retry(&self, id: &str, body: &types::SagaActionRequest) -> Result<types::SagaDiagnosis, Error> {
        self.call(Request::new("POST", format!("/v1/admin/sagas/{}/retry", crate::escaped(id))).json(body)).await
    }

    /// One release, drafts included
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn admin_sdks_get(&self, id: &str) -> Result<types::SdkRelease, Error> {
        self.call(Request::new("GET", format!("/v1/admin/sdks/releases/{}", crate::escaped(id)))).await
    }

    /// Signs in.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sessions_create(&self, body: &types::SessionRequest) -> Result<types::Session, Error> {
        self.call(Request::new("POST", "/v1/auth/sessions".to_owned()).json(body)).await
    }

    /// Signs out
    ///
    /// The session is refreshed no more; its access token is good until it ends.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sessions_end(&self) -> Result<Response, Error> {
        self.raw(Request::new("DELETE", "/v1/auth/sessions/current".to_owned())).await
    }

    /// Goes on with a session
    ///
    /// A refresh token is good once, until twelve hours after signing in.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sessions_refresh(&self, body: &types::RefreshRequest) -> Result<types::Session, Error> {
        self.call(Request::new("POST", "/v1/auth/sessions/refresh".to_owned()).json(body)).await
    }

    /// What the tenant can still spend
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn balance_get(&self) -> Result<types::Balance, Error> {
        self.call(Request::new("GET", "/v1/balance".to_owned())).await
    }

    /// Take receipts of a provider
    ///
    /// A receipt, a list of them, or `{"receipts": [...]}`. Whatever they say, late, twice or out of order, the answer to
    /// the provider is the same; an unknown provider is one whose signature is wrong.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn callbacks_receive(&self, provider: &str, body: &serde_json::Value) -> Result<Response, Error> {
        self.raw(Request::new("POST", format!("/v1/callbacks/{}/receipts", crate::escaped(provider))).json(body)).await
    }

    /// Search what is on sale
    ///
    /// Live and public listings with an active plan. The price of a listing is that of its cheapest active
    /// plan in `currency`, so filtering and sorting by price need one.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn catalog_list(&self, query: &CatalogListQuery) -> Result<types::PageOfCatalogItem, Error> {
        self.call(Request::new("GET", "/v1/catalog".to_owned()).query(query.pairs())).await
    }

    /// One listing that is on sale, also an unlisted one
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn catalog_get(&self, id: &str) -> Result<types::CatalogItem, Error> {
        self.call(Request::new("GET", format!("/v1/catalog/{}", crate::escaped(id)))).await
    }

    /// The caller's coupons, newest first
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn coupons_list(&self, query: &CouponsListQuery) -> Result<types::PageOfCoupon, Error> {
        self.call(Request::new("GET", "/v1/coupons".to_owned()).query(query.pairs())).await
    }

    /// Create a coupon
    ///
    /// Of the platform when its staff ask, else of the calling provider and for its own listings.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn coupons_create(&self, idempotency_key: &str, body: &types::NewCoupon) -> Result<types::Coupon, Error> {
        self.call(Request::new("POST", "/v1/coupons".to_owned()).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// One coupon
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn coupons_get(&self, id: &str) -> Result<types::Coupon, Error> {
        self.call(Request::new("GET", format!("/v1/coupons/{}", crate::escaped(id)))).await
    }

    /// Change a coupon
    ///
    /// A JSON merge patch.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn coupons_edit(&self, id: &str, if_match: &str, body: &types::CouponPatch) -> Result<types::Coupon, Error> {
        self.call(Request::new("PATCH", format!("/v1/coupons/{}", crate::escaped(id))).header("If-Match", if_match).json(body)).await
    }

    /// Stop a coupon for good
    ///
    /// Orders that hold a use keep it.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn coupons_deactivate(&self, id: &str) -> Result<types::Coupon, Error> {
        self.call(Request::new("POST", format!("/v1/coupons/{}/deactivate", crate::escaped(id)))).await
    }

    /// One delivery
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn deliveries_get(&self, id: &str) -> Result<types::WebhookDelivery, Error> {
        self.call(Request::new("GET", format!("/v1/deliveries/{}", crate::escaped(id)))).await
    }

    /// Find out why a receiver did not take a delivery
    ///
    /// Give what its server saw: the answer says what differs from what was sent.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn deliveries_diagnose(&self, id: &str, body: &types::SeenRequest) -> Result<types::Diagnosis, Error> {
        self.call(Request::new("POST", format!("/v1/deliveries/{}/diagnose", crate::escaped(id))).json(body)).await
    }

    /// Sets what the demo's enrollment service does; answers with what was set.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn demo_enrollment(&self, body: &types::DemoEnrollment) -> Result<types::DemoEnrollment, Error> {
        self.call(Request::new("POST", "/v1/demo/enrollment".to_owned()).json(body)).await
    }

    /// Write an article
    ///
    /// A draft, which takes its texts later.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn docs_create(&self, idempotency_key: &str, body: &types::NewDocsArticle) -> Result<types::DocsArticle, Error> {
        self.call(Request::new("POST", "/v1/docs".to_owned()).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// Search the articles
    ///
    /// Spellings of one word in Persian, Dari, Pashto and Arabic letters find each other; what is spelled as it was
    /// asked comes first.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn docs_search(&self, q: &str, query: &DocsSearchQuery) -> Result<types::DocsHits, Error> {
        self.call(Request::new("GET", "/v1/docs/search".to_owned()).query(vec![("q", q.to_owned())]).query(query.pairs())).await
    }

    /// Every article of a version, by heading
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn docs_tree(&self, query: &DocsTreeQuery) -> Result<types::DocsTree, Error> {
        self.call(Request::new("GET", "/v1/docs/tree".to_owned()).query(query.pairs())).await
    }

    /// One article
    ///
    /// In the locale asked for by `locale`, else by `Accept-Language`; what is not there is English, and says so:
    /// `fallback` and `Content-Language`. Old slugs answer 308, archived articles 410.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn docs_get(&self, api_version: &str, slug: &str, query: &DocsGetQuery) -> Result<types::DocsPage, Error> {
        self.call(Request::new("GET", format!("/v1/docs/{}/{}", crate::escaped(api_version), crate::escaped(slug))).query(query.pairs())).await
    }

    /// Change where an article stands and who may read it
    ///
    /// A JSON merge patch.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn docs_edit(&self, id: &str, if_match: &str, body: &types::DocsArticlePatch) -> Result<types::DocsArticle, Error> {
        self.call(Request::new("PATCH", format!("/v1/docs/{}", crate::escaped(id))).header("If-Match", if_match).json(body)).await
    }

    /// Take an article away
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn docs_archive(&self, id: &str, body: &types::ArchiveDocs) -> Result<types::DocsArticle, Error> {
        self.call(Request::new("POST", format!("/v1/docs/{}/archive", crate::escaped(id))).json(body)).await
    }

    /// Publish a draft, or a revision of what is published
    ///
    /// Links within the portal are looked at; the refusal's `links` lead nowhere.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn docs_publish(&self, id: &str, body: &types::PublishDocs) -> Result<types::DocsArticle, Error> {
        self.call(Request::new("POST", format!("/v1/docs/{}/publish", crate::escaped(id))).json(body)).await
    }

    /// Add a text
    ///
    /// Nobody reads it before it is published.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn docs_add_revision(&self, id: &str, idempotency_key: &str, body: &types::NewDocsRevision) -> Result<types::DocsArticle, Error> {
        self.call(Request::new("POST", format!("/v1/docs/{}/revisions", crate::escaped(id))).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// Whether a user of the caller's tenant may learn a course now, by any of its licences.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn entitlements_check(&self, body: &types::EntitlementCheck) -> Result<types::Entitlement, Error> {
        self.call(Request::new("POST", "/v1/entitlements/check".to_owned()).json(body)).await
    }

    /// What happened, as the caller's tenant may know it, in numbered order without gaps.
    ///
    /// What happens in sandboxes is a feed of its own, with numbers of its own: `environment=SANDBOX`. A developer who does not
    /// act for the tenant is shown the developer portal's events, under the numbers they have in the whole feed.
    ///
    /// Without `after` it begins with the first event still kept. With `Accept: text/event-stream` it goes on
    /// as long as the access token is good; there `limit` and `wait` mean nothing.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn events_list(&self, query: &EventsListQuery) -> Result<types::FeedPage, Error> {
        self.call(Request::new("GET", "/v1/events".to_owned()).query(query.pairs())).await
    }

    /// Take alerts of GitHub's secret scanning
    ///
    /// A key that works is revoked at once, with the reason `EXPOSED`. The pattern for scanners is
    /// `srk_(live|sbx)_[0-9A-Za-z]{49}`.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn secret_alerts_receive(&self, body: &serde_json::Value) -> Result<Vec<types::SecretAlertAnswer>, Error> {
        self.call(Request::new("POST", "/v1/integrations/github/secret-alerts".to_owned()).json(body)).await
    }

    /// Takes an event: structured `CloudEvents` 1.0 JSON, signed as a Standard Webhook.
    ///
    /// Taking one twice changes nothing. `type` and the members of `data`, with or without the source before
    /// and `.v1` after the type:
    ///
    /// | source | type | data |
    /// |---|---|---|
    /// | billing | `payment.succeeded` | `orderId`, `paymentIntentId`, `paymentId`, `amount` |
    /// | billing | `payment.declined`, `payment.failed` | `orderId`, `paymentIntentId`, `code` |
    /// | billing | `payment.voided` | `orderId`, `paymentIntentId` |
    /// | billing | `refund.succeeded` | `orderId`, `key` |
    /// | billing | `refund.failed` | `orderId`, `key`, `code` |
    /// | billing | `payout.paid` | `key`, `payoutId` |
    /// | billing | `payout.failed` | `key`, `code` |
    /// | billing | `dispute.opened`, `dispute.won`, `dispute.lost` | `orderId`, `disputeId` |
    /// | billing | `subscription.renewed` | `orderLineId`, `invoiceId`, `periodIndex`, `amount`, `tax` |
    /// | catalog | `course_version.published` | `courseId`, `courseVersionId` |
    /// | content | `play_package.built` | `courseVersionId` |
    /// | tenant | `kyc_verified`, `kyc_revoked` | `tenantId`, `at` |
    /// | auth | `account.created`, `.email_verified`, `.mfa_enrolled`, `.suspended`, `.reinstated`, `.closed` | `accountId`, `tenantId`, `sequence`, `email`, `emailVerified`, `mfaEnrolled`, `disabled` |
    /// | messaging | `message.sent`, `message.delivered`, `message.failed` | `messageId`, `tenantId`, `environment`, `keyId`, `to`, `operatorName`, `errorCode`, `at` |
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn integrations_receive(&self, source: &str, body: &serde_json::Value) -> Result<types::TakenEvent, Error> {
        self.call(Request::new("POST", format!("/v1/integrations/{}/events", crate::escaped(source))).json(body)).await
    }

    /// An invoice's document, by an address of it
    ///
    /// An address that has ended, or never was one, is not found.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn invoices_pdf(&self, link: &str) -> Result<Response, Error> {
        self.raw(Request::new("GET", format!("/v1/invoice-pdfs/{}", crate::escaped(link)))).await
    }

    /// The tenant's invoices, latest first
    ///
    /// `status` may be given several times: any of them.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn invoices_list(&self, query: &InvoicesListQuery) -> Result<types::PageOfInvoice, Error> {
        self.call(Request::new("GET", "/v1/invoices".to_owned()).query(query.pairs())).await
    }

    /// One invoice
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn invoices_get(&self, id: &str) -> Result<types::Invoice, Error> {
        self.call(Request::new("GET", format!("/v1/invoices/{}", crate::escaped(id)))).await
    }

    /// An address of an invoice's document, good for five minutes
    ///
    /// Whoever has it gets the document, without a token.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn invoices_pdf_url(&self, id: &str) -> Result<types::DocumentLink, Error> {
        self.call(Request::new("POST", format!("/v1/invoices/{}/pdf-url", crate::escaped(id)))).await
    }

    /// The tenant's keys of one environment, newest first
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn keys_list(&self, query: &KeysListQuery) -> Result<types::PageOfKey, Error> {
        self.call(Request::new("GET", "/v1/keys".to_owned()).query(query.pairs())).await
    }

    /// Create a key
    ///
    /// Its secret is shown in this answer and never again.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn keys_create(&self, idempotency_key: &str, body: &types::NewKey) -> Result<types::CreatedKey, Error> {
        self.call(Request::new("POST", "/v1/keys".to_owned()).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// Revoke a key, at once and for ever
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn keys_revoke(&self, id: &str) -> Result<types::RevokedKey, Error> {
        self.call(Request::new("DELETE", format!("/v1/keys/{}", crate::escaped(id)))).await
    }

    /// One key
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn keys_get(&self, id: &str, query: &KeysGetQuery) -> Result<types::Key, Error> {
        self.call(Request::new("GET", format!("/v1/keys/{}", crate::escaped(id))).query(query.pairs())).await
    }

    /// Change a key's label, and where it may be used from
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn keys_edit(&self, id: &str, if_match: &str, body: &types::KeyPatch) -> Result<types::Key, Error> {
        self.call(Request::new("PATCH", format!("/v1/keys/{}", crate::escaped(id))).header("If-Match", if_match).json(body)).await
    }

    /// Put a new key in the place of one
    ///
    /// Both work until the overlap is over. With `simulate=true` nothing is done, and the answer, with status 200, says
    /// what would be.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn keys_rotate(&self, id: &str, idempotency_key: &str, body: &types::KeyRotationRequest, query: &KeysRotateQuery) -> Result<types::KeyRotation, Error> {
        self.call(Request::new("POST", format!("/v1/keys/{}/rotate", crate::escaped(id))).header("Idempotency-Key", idempotency_key).json(body).query(query.pairs())).await
    }

    /// What was done with a key, day by day
    ///
    /// `days` is 1 to 90; 7 where nothing is said.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn keys_traffic(&self, id: &str, query: &KeysTrafficQuery) -> Result<types::KeyTraffic, Error> {
        self.call(Request::new("GET", format!("/v1/keys/{}/traffic", crate::escaped(id))).query(query.pairs())).await
    }

    /// The caller's licences, or the tenant's for its administrators; newest first.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn licenses_list(&self, query: &LicensesListQuery) -> Result<types::PageOfLicense, Error> {
        self.call(Request::new("GET", "/v1/licenses".to_owned()).query(query.pairs())).await
    }

    /// Takes the gift of a code: once, within 90 days.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn licenses_claim(&self, body: &types::ClaimRequest) -> Result<types::License, Error> {
        self.call(Request::new("POST", "/v1/licenses/claim".to_owned()).json(body)).await
    }

    /// One licence.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn licenses_get(&self, id: &str) -> Result<types::License, Error> {
        self.call(Request::new("GET", format!("/v1/licenses/{}", crate::escaped(id)))).await
    }

    /// Leases a seat for offline use: a signed token that is good for 72 hours at most. It is not taken back.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn leases_issue(&self, id: &str, idempotency_key: &str, body: &types::LeaseRequest) -> Result<types::Lease, Error> {
        self.call(Request::new("POST", format!("/v1/licenses/{}/leases", crate::escaped(id))).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// A licence's seats, newest first.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn seats_list(&self, id: &str, query: &SeatsListQuery) -> Result<types::PageOfSeat, Error> {
        self.call(Request::new("GET", format!("/v1/licenses/{}/seats", crate::escaped(id))).query(query.pairs())).await
    }

    /// Seats a user. 200 with the seat when the user sits already.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn seats_assign(&self, id: &str, idempotency_key: &str, body: &types::SeatRequest) -> Result<types::Seat, Error> {
        self.call(Request::new("POST", format!("/v1/licenses/{}/seats", crate::escaped(id))).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// Assigns and releases many seats at once, with a result per row.
    ///
    /// Releases run before assignments, and who waits sits down before any row's user. A row that is refused
    /// does not undo the others.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn seats_bulk(&self, id: &str, idempotency_key: &str, body: &types::SeatBulkRequest) -> Result<types::SeatBulkAnswer, Error> {
        self.call(Request::new("POST", format!("/v1/licenses/{}/seats/bulk", crate::escaped(id))).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// Takes a user off a seat; a released seat stays released.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn seats_release(&self, id: &str, seat_id: &str) -> Result<types::Seat, Error> {
        self.call(Request::new("DELETE", format!("/v1/licenses/{}/seats/{}", crate::escaped(id), crate::escaped(seat_id)))).await
    }

    /// Who waits for a seat, first come first: everybody for the tenant's administrators, oneself for others.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn waitlist_list(&self, id: &str, query: &WaitlistListQuery) -> Result<types::PageOfWaitlistEntry, Error> {
        self.call(Request::new("GET", format!("/v1/licenses/{}/waitlist", crate::escaped(id))).query(query.pairs())).await
    }

    /// Puts a user in line for the next free seat. 200 with the place when the user waits already.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn waitlist_join(&self, id: &str, body: &types::WaitlistRequest) -> Result<types::WaitlistEntry, Error> {
        self.call(Request::new("POST", format!("/v1/licenses/{}/waitlist", crate::escaped(id))).json(body)).await
    }

    /// Takes a user (or the entry `wle_…`) out of the line; who left already has left.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn waitlist_leave(&self, id: &str, waiter: &str) -> Result<types::WaitlistEntry, Error> {
        self.call(Request::new("DELETE", format!("/v1/licenses/{}/waitlist/{}", crate::escaped(id), crate::escaped(waiter)))).await
    }

    /// Create a draft
    ///
    /// It has no plans yet, and the default revenue share.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn listings_create(&self, idempotency_key: &str, body: &types::NewListing) -> Result<types::Listing, Error> {
        self.call(Request::new("POST", "/v1/listings".to_owned()).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// One listing: the caller's own, or any for the platform's staff
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn listings_get(&self, id: &str) -> Result<types::Listing, Error> {
        self.call(Request::new("GET", format!("/v1/listings/{}", crate::escaped(id)))).await
    }

    /// Change a draft or a submitted listing
    ///
    /// A JSON merge patch. A submitted listing stays submitted, and is to be reviewed anew.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn listings_edit(&self, id: &str, if_match: &str, body: &types::ListingPatch) -> Result<types::Listing, Error> {
        self.call(Request::new("PATCH", format!("/v1/listings/{}", crate::escaped(id))).header("If-Match", if_match).json(body)).await
    }

    /// Put an approved listing on sale
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn listings_go_live(&self, id: &str) -> Result<types::Listing, Error> {
        self.call(Request::new("POST", format!("/v1/listings/{}/go-live", crate::escaped(id)))).await
    }

    /// Add a plan
    ///
    /// The entity tag is the listing's, whose version every change of a plan raises.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn plans_create(&self, id: &str, idempotency_key: &str, body: &types::NewPricingPlan) -> Result<types::PricingPlan, Error> {
        self.call(Request::new("POST", format!("/v1/listings/{}/plans", crate::escaped(id))).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// Change a plan, or whether it is on sale
    ///
    /// A JSON merge patch; `If-Match` names the listing's version.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn plans_edit(&self, id: &str, plan_id: &str, if_match: &str, body: &types::PricingPlanPatch) -> Result<types::PricingPlan, Error> {
        self.call(Request::new("PATCH", format!("/v1/listings/{}/plans/{}", crate::escaped(id), crate::escaped(plan_id))).header("If-Match", if_match).json(body)).await
    }

    /// Put a new plan in the place of one, which leaves the sale
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn plans_replace(&self, id: &str, plan_id: &str, idempotency_key: &str, body: &types::NewPricingPlan) -> Result<types::PricingPlan, Error> {
        self.call(Request::new("POST", format!("/v1/listings/{}/plans/{}/replace", crate::escaped(id), crate::escaped(plan_id))).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// Take a proposal back that waits
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn listings_withdraw_proposal(&self, id: &str) -> Result<types::Listing, Error> {
        self.call(Request::new("DELETE", format!("/v1/listings/{}/proposals", crate::escaped(id)))).await
    }

    /// Propose what a listing on sale is to look like
    ///
    /// It takes the place of an earlier proposal that waits. Buyers see what is on sale until a moderator
    /// approves.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn listings_propose(&self, id: &str, body: &types::ListingProposal) -> Result<types::Listing, Error> {
        self.call(Request::new("POST", format!("/v1/listings/{}/proposals", crate::escaped(id))).json(body)).await
    }

    /// Take a listing off sale for ever
    ///
    /// Refused while licences of it are valid or orders of it are open; the refusal's `blockers` say which.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn listings_retire(&self, id: &str) -> Result<types::Listing, Error> {
        self.call(Request::new("POST", format!("/v1/listings/{}/retire", crate::escaped(id)))).await
    }

    /// Sell a newer version of the course from now on
    ///
    /// Licences sold before keep theirs.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn listings_ship_version(&self, id: &str, body: &types::ShipVersion) -> Result<types::Listing, Error> {
        self.call(Request::new("POST", format!("/v1/listings/{}/ship-version", crate::escaped(id))).json(body)).await
    }

    /// Hand a draft in for review
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn listings_submit(&self, id: &str) -> Result<types::Listing, Error> {
        self.call(Request::new("POST", format!("/v1/listings/{}/submit", crate::escaped(id)))).await
    }

    /// Take a listing that was never live back to draft
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn listings_withdraw(&self, id: &str) -> Result<types::Listing, Error> {
        self.call(Request::new("POST", format!("/v1/listings/{}/withdraw", crate::escaped(id)))).await
    }

    /// Close one's account for ever
    ///
    /// Its keys have to be revoked before; `revokeKeys=true` does that.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn me_close(&self, query: &MeCloseQuery) -> Result<types::Account, Error> {
        self.call(Request::new("DELETE", "/v1/me".to_owned()).query(query.pairs())).await
    }

    /// Who is calling
    ///
    /// A developer or a customer gets an account with the first call.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn me_get(&self) -> Result<types::Me, Error> {
        self.call(Request::new("GET", "/v1/me".to_owned())).await
    }

    /// Change one's account
    ///
    /// A JSON merge patch.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn me_edit(&self, body: &types::AccountPatch) -> Result<types::Account, Error> {
        self.call(Request::new("PATCH", "/v1/me".to_owned()).json(body)).await
    }

    /// Accept the current terms
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn me_accept_terms(&self, body: &types::TermsAcceptance) -> Result<Response, Error> {
        self.raw(Request::new("POST", "/v1/me/terms".to_owned()).json(body)).await
    }

    /// Every code that a message can fail with
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn message_error_codes_list(&self) -> Result<types::ListOfMessageErrorCode, Error> {
        self.call(Request::new("GET", "/v1/message-error-codes".to_owned())).await
    }

    /// What a message would be and cost
    ///
    /// Nothing is sent.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn messages_quote(&self, body: &types::NewMessage) -> Result<types::MessageQuote, Error> {
        self.call(Request::new("POST", "/v1/message-quotes".to_owned()).json(body)).await
    }

    /// The tenant's messages of one world, latest first
    ///
    /// `status` may be given several times: any of them. `to` is a number, or the beginning of one and `*`. `after` is
    /// the first instant, `before` the first that is not meant any more. `invoiceId` selects what an invoice bills.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn messages_list(&self, query: &MessagesListQuery) -> Result<types::PageOfMessage, Error> {
        self.call(Request::new("GET", "/v1/messages".to_owned()).query(query.pairs())).await
    }

    /// Send a message
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn messages_send(&self, idempotency_key: &str, body: &types::NewMessage) -> Result<types::Message, Error> {
        self.call(Request::new("POST", "/v1/messages".to_owned()).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// All of the tenant's messages, a JSON object a line, latest first
    ///
    /// The parameters are those of the list. A connection that breaks off has not given all of them.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn messages_export(&self, query: &MessagesExportQuery) -> Result<Response, Error> {
        self.raw(Request::new("GET", "/v1/messages/export".to_owned()).query(query.pairs())).await
    }

    /// How many messages there are by status
    ///
    /// The parameters are those of the list.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn messages_stats(&self, query: &MessagesStatsQuery) -> Result<types::MessageStats, Error> {
        self.call(Request::new("GET", "/v1/messages/stats".to_owned()).query(query.pairs())).await
    }

    /// One message
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn messages_get(&self, id: &str, query: &MessagesGetQuery) -> Result<types::Message, Error> {
        self.call(Request::new("GET", format!("/v1/messages/{}", crate::escaped(id))).query(query.pairs())).await
    }

    /// What is known for good of a message, signed
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn messages_receipt(&self, id: &str, query: &MessagesReceiptQuery) -> Result<types::DeliveryReceipt, Error> {
        self.call(Request::new("GET", format!("/v1/messages/{}/receipt", crate::escaped(id))).query(query.pairs())).await
    }

    /// How an operator did in the last hour, over all tenants
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn operators_health(&self, name: &str) -> Result<types::OperatorHealth, Error> {
        self.call(Request::new("GET", format!("/v1/operators/{}/health", crate::escaped(name)))).await
    }

    /// The caller's orders, or the tenant's for its administrators; newest first.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn orders_list(&self, query: &OrdersListQuery) -> Result<types::PageOfOrder, Error> {
        self.call(Request::new("GET", "/v1/orders".to_owned()).query(query.pairs())).await
    }

    /// Places an order. 200 with the order when its quote was placed before.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn orders_place(&self, idempotency_key: &str, body: &types::OrderRequest) -> Result<types::Order, Error> {
        self.call(Request::new("POST", "/v1/orders".to_owned()).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// One order.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn orders_get(&self, id: &str) -> Result<types::Order, Error> {
        self.call(Request::new("GET", format!("/v1/orders/{}", crate::escaped(id)))).await
    }

    /// Cancels an order that is not paid; one that is paid at the same time is refunded.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn orders_cancel(&self, id: &str) -> Result<types::Order, Error> {
        self.call(Request::new("POST", format!("/v1/orders/{}/cancel", crate::escaped(id)))).await
    }

    /// How every amount of an order came about, with the proof that the sums are right.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn orders_explain(&self, id: &str) -> Result<types::Receipt, Error> {
        self.call(Request::new("GET", format!("/v1/orders/{}/explain", crate::escaped(id)))).await
    }

    /// Pays an order that waits for its payment. A decline is in `lastPaymentError`.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn orders_pay(&self, id: &str, idempotency_key: &str, body: &types::PaymentRequest) -> Result<types::Order, Error> {
        self.call(Request::new("POST", format!("/v1/orders/{}/pay", crate::escaped(id))).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// What returning lines, or all that are left, would do now
    ///
    /// 200 also when it is not possible: `failedRules` then holds every rule against it.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn orders_refund_preview(&self, id: &str, query: &OrdersRefundPreviewQuery) -> Result<types::RefundPreview, Error> {
        self.call(Request::new("GET", format!("/v1/orders/{}/refund-preview", crate::escaped(id))).query(query.pairs())).await
    }

    /// Returns lines, or all that are left, within the refund policy.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn orders_refund(&self, id: &str, idempotency_key: &str, body: &types::RefundRequest) -> Result<types::Order, Error> {
        self.call(Request::new("POST", format!("/v1/orders/{}/refunds", crate::escaped(id))).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// What happened to an order, oldest first.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn orders_timeline(&self, id: &str) -> Result<types::Timeline, Error> {
        self.call(Request::new("GET", format!("/v1/orders/{}/timeline", crate::escaped(id)))).await
    }

    /// The caller's periods with their latest lines, latest first.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn provider_earnings_list(&self, query: &ProviderEarningsListQuery) -> Result<types::PageOfEarnings, Error> {
        self.call(Request::new("GET", "/v1/provider/earnings".to_owned()).query(query.pairs())).await
    }

    /// A month's lines, sealed in a hash chain, with the sums and the latest signature.
    ///
    /// The platform's staff name the provider. With `Accept: text/csv` or `format=csv` the answer is a table of
    /// all lines; `limit` and `cursor` are JSON's.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn provider_earnings_statement(&self, period: &str, currency: &str, query: &ProviderEarningsStatementQuery) -> Result<types::Statement, Error> {
        self.call(Request::new("GET", format!("/v1/provider/earnings/{}/statement", crate::escaped(period))).query(vec![("currency", currency.to_owned())]).query(query.pairs())).await
    }

    /// The licences the caller sold, newest first, without users.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn provider_licenses_list(&self, query: &ProviderLicensesListQuery) -> Result<types::PageOfLicense, Error> {
        self.call(Request::new("GET", "/v1/provider/licenses".to_owned()).query(query.pairs())).await
    }

    /// The caller's listings, newest first
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn provider_listings_list(&self, query: &ProviderListingsListQuery) -> Result<types::PageOfListing, Error> {
        self.call(Request::new("GET", "/v1/provider/listings".to_owned()).query(query.pairs())).await
    }

    /// The caller's sold lines, newest first.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn provider_sales_list(&self, query: &ProviderSalesListQuery) -> Result<types::PageOfSale, Error> {
        self.call(Request::new("GET", "/v1/provider/sales".to_owned()).query(query.pairs())).await
    }

    /// Prices a cart with its tax and holds its coupons, for 15 minutes.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn quotes_create(&self, idempotency_key: &str, body: &types::Cart) -> Result<types::Quote, Error> {
        self.call(Request::new("POST", "/v1/quotes".to_owned()).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// What sandboxes pretend, and which destinations stand for it
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sandbox_scenarios_list(&self) -> Result<types::SandboxScenarios, Error> {
        self.call(Request::new("GET", "/v1/sandbox-scenarios".to_owned())).await
    }

    /// The tenant's sandboxes, newest first
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sandboxes_list(&self, query: &SandboxesListQuery) -> Result<types::PageOfSandbox, Error> {
        self.call(Request::new("GET", "/v1/sandboxes".to_owned()).query(query.pairs())).await
    }

    /// Make a sandbox
    ///
    /// Its clock stands still at the moment it is made, and moves only when it is told to.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sandboxes_create(&self, idempotency_key: &str, body: &types::NewSandbox) -> Result<types::Sandbox, Error> {
        self.call(Request::new("POST", "/v1/sandboxes".to_owned()).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// Close a sandbox
    ///
    /// Its verifications and messages are deleted.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sandboxes_close(&self, id: &str) -> Result<Response, Error> {
        self.raw(Request::new("DELETE", format!("/v1/sandboxes/{}", crate::escaped(id)))).await
    }

    /// One sandbox
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sandboxes_get(&self, id: &str) -> Result<types::Sandbox, Error> {
        self.call(Request::new("GET", format!("/v1/sandboxes/{}", crate::escaped(id)))).await
    }

    /// Move a sandbox's clock forward
    ///
    /// Everything that is due by then has happened when this answers: receipts, fallbacks, expiries, in the order of
    /// their times.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sandboxes_advance(&self, id: &str, body: &types::SandboxClock) -> Result<types::Sandbox, Error> {
        self.call(Request::new("POST", format!("/v1/sandboxes/{}/clock", crate::escaped(id))).json(body)).await
    }

    /// Let a sandbox live longer
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sandboxes_extend(&self, id: &str, body: &types::SandboxExtension) -> Result<types::Sandbox, Error> {
        self.call(Request::new("POST", format!("/v1/sandboxes/{}/extend", crate::escaped(id))).json(body)).await
    }

    /// The messages of a sandbox, newest first, each with its code
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sandboxes_inbox(&self, id: &str, query: &SandboxesInboxQuery) -> Result<types::PageOfSandboxMessage, Error> {
        self.call(Request::new("GET", format!("/v1/sandboxes/{}/inbox", crate::escaped(id))).query(query.pairs())).await
    }

    /// Clear a sandbox's data and counters
    ///
    /// Its clock stays where it is.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sandboxes_reset(&self, id: &str) -> Result<types::Sandbox, Error> {
        self.call(Request::new("POST", format!("/v1/sandboxes/{}/reset", crate::escaped(id)))).await
    }

    /// Where an artifact is given, for five minutes
    ///
    /// `Repr-Digest` is the digest we computed when it came. Of a yanked release, `Warning` and `Deprecation` say so.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sdks_download(&self, id: &str) -> Result<Response, Error> {
        self.raw(Request::new("GET", format!("/v1/sdks/artifacts/{}/download", crate::escaped(id)))).await
    }

    /// The bytes of an artifact, at an address that a download gave
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sdks_content(&self, id: &str, expires: i64, signature: &str) -> Result<Response, Error> {
        self.raw(Request::new("GET", format!("/v1/sdks/content/{}", crate::escaped(id))).query(vec![("expires", expires.to_string())]).query(vec![("signature", signature.to_owned())])).await
    }

    /// The languages there are SDKs for, with the latest of each channel
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sdks_languages(&self) -> Result<types::SdkLanguages, Error> {
        self.call(Request::new("GET", "/v1/sdks/languages".to_owned())).await
    }

    /// The latest release of a channel
    ///
    /// The highest version that is published; a deprecated one only where there is no other; a yanked one never.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sdks_latest(&self, lang: &str, query: &SdksLatestQuery) -> Result<types::SdkRelease, Error> {
        self.call(Request::new("GET", format!("/v1/sdks/languages/{}/latest", crate::escaped(lang))).query(query.pairs())).await
    }

    /// A language's releases, newest first
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sdks_releases(&self, lang: &str, query: &SdksReleasesQuery) -> Result<types::PageOfSdkRelease, Error> {
        self.call(Request::new("GET", format!("/v1/sdks/languages/{}/releases", crate::escaped(lang))).query(query.pairs())).await
    }

    /// The release log: a hash chain that only grows
    ///
    /// A line's hash is SHA-256(prev, then the entry as canonical JSON (RFC 8785)); the first line's `prev` is
    /// SHA-256 of `sarai.chain.v1:devportal.sdk.releases`.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sdks_log(&self, query: &SdksLogQuery) -> Result<types::SdkLog, Error> {
        self.call(Request::new("GET", "/v1/sdks/log".to_owned()).query(query.pairs())).await
    }

    /// Put a release together
    ///
    /// A draft, which takes its files later.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sdks_create(&self, idempotency_key: &str, body: &types::NewSdkRelease) -> Result<types::SdkRelease, Error> {
        self.call(Request::new("POST", "/v1/sdks/releases".to_owned()).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// One release
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sdks_get(&self, id: &str) -> Result<types::SdkRelease, Error> {
        self.call(Request::new("GET", format!("/v1/sdks/releases/{}", crate::escaped(id)))).await
    }

    /// Upload a file
    ///
    /// The body is the file. It is hashed as it comes; what has another digest than `sha256` is refused, and can be sent
    /// again under the same name.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sdks_upload(&self, id: &str, filename: &str, signature: &str, body: Vec<u8>, query: &SdksUploadQuery) -> Result<types::SdkArtifact, Error> {
        self.call(Request::new("POST", format!("/v1/sdks/releases/{}/artifacts", crate::escaped(id))).query(vec![("filename", filename.to_owned())]).query(vec![("signature", signature.to_owned())]).bytes(body).query(query.pairs())).await
    }

    /// Say that there is a better one
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sdks_deprecate(&self, id: &str, body: &types::WithdrawSdkRelease) -> Result<types::SdkRelease, Error> {
        self.call(Request::new("POST", format!("/v1/sdks/releases/{}/deprecate", crate::escaped(id))).json(body)).await
    }

    /// Release a draft
    ///
    /// Every file has come and is signed by the release's key; English says what changed.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sdks_publish(&self, id: &str) -> Result<types::SdkRelease, Error> {
        self.call(Request::new("POST", format!("/v1/sdks/releases/{}/publish", crate::escaped(id)))).await
    }

    /// Take a withdrawal back, within 72 hours
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sdks_unyank(&self, id: &str) -> Result<types::SdkRelease, Error> {
        self.call(Request::new("POST", format!("/v1/sdks/releases/{}/unyank", crate::escaped(id)))).await
    }

    /// Withdraw a release
    ///
    /// It is nobody's latest any more; who asks for exactly it gets it, with a warning.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sdks_yank(&self, id: &str, body: &types::WithdrawSdkRelease) -> Result<types::SdkRelease, Error> {
        self.call(Request::new("POST", format!("/v1/sdks/releases/{}/yank", crate::escaped(id))).json(body)).await
    }

    /// The keys that releases are signed with
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sdks_signing_keys(&self) -> Result<types::SdkSigningKeys, Error> {
        self.call(Request::new("GET", "/v1/sdks/signing-keys".to_owned())).await
    }

    /// What the tenant may send from
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn sender_ids_list(&self) -> Result<types::ListOfSenderId, Error> {
        self.call(Request::new("GET", "/v1/sender-ids".to_owned())).await
    }

    /// How much is spent on codes
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn spend_policy_get(&self, query: &SpendPolicyGetQuery) -> Result<types::SpendPolicy, Error> {
        self.call(Request::new("GET", "/v1/spend-policy".to_owned()).query(query.pairs())).await
    }

    /// Say how much is spent on codes
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn spend_policy_set(&self, if_match: &str, body: &types::SpendCaps, query: &SpendPolicySetQuery) -> Result<types::SpendPolicy, Error> {
        self.call(Request::new("PUT", "/v1/spend-policy".to_owned()).header("If-Match", if_match).json(body).query(query.pairs())).await
    }

    /// The tenant's templates, newest first
    ///
    /// With `system=true` those that everybody has.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn templates_list(&self, query: &TemplatesListQuery) -> Result<types::PageOfTemplate, Error> {
        self.call(Request::new("GET", "/v1/templates".to_owned()).query(query.pairs())).await
    }

    /// Write a template
    ///
    /// Its first version is a draft.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn templates_create(&self, idempotency_key: &str, body: &types::NewTemplate) -> Result<types::Template, Error> {
        self.call(Request::new("POST", "/v1/templates".to_owned()).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// One template, with its versions
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn templates_get(&self, id: &str) -> Result<types::Template, Error> {
        self.call(Request::new("GET", format!("/v1/templates/{}", crate::escaped(id)))).await
    }

    /// Write a draft anew
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn templates_edit(&self, id: &str, if_match: &str, body: &types::TemplateTexts) -> Result<types::Template, Error> {
        self.call(Request::new("PATCH", format!("/v1/templates/{}", crate::escaped(id))).header("If-Match", if_match).json(body)).await
    }

    /// Accept what was handed in, by the platform's staff
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn templates_approve(&self, id: &str) -> Result<types::Template, Error> {
        self.call(Request::new("POST", format!("/v1/templates/{}/approve", crate::escaped(id)))).await
    }

    /// End a version for good
    ///
    /// Verifications that began with it keep it.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn templates_archive(&self, id: &str, body: &types::TemplateArchive) -> Result<types::Template, Error> {
        self.call(Request::new("POST", format!("/v1/templates/{}/archive", crate::escaped(id))).json(body)).await
    }

    /// Send it back, by the platform's staff
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn templates_reject(&self, id: &str, body: &types::TemplateRejection) -> Result<types::Template, Error> {
        self.call(Request::new("POST", format!("/v1/templates/{}/reject", crate::escaped(id))).json(body)).await
    }

    /// A message as it would leave, with a code that is none
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn templates_render(&self, id: &str, body: &types::TemplateSample) -> Result<types::RenderedTemplate, Error> {
        self.call(Request::new("POST", format!("/v1/templates/{}/render", crate::escaped(id))).json(body)).await
    }

    /// Hand the draft in
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn templates_submit(&self, id: &str) -> Result<types::Template, Error> {
        self.call(Request::new("POST", format!("/v1/templates/{}/submit", crate::escaped(id)))).await
    }

    /// Begin a new version with the texts of the newest
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn templates_new_version(&self, id: &str) -> Result<types::Template, Error> {
        self.call(Request::new("POST", format!("/v1/templates/{}/versions", crate::escaped(id)))).await
    }

    /// Business time.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn test_clock_get(&self) -> Result<types::TestClock, Error> {
        self.call(Request::new("GET", "/v1/test-clock".to_owned())).await
    }

    /// Moves business time forward and runs everything that falls due on the way.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn test_clock_advance(&self, body: &types::AdvanceRequest) -> Result<types::AdvancedClock, Error> {
        self.call(Request::new("POST", "/v1/test-clock".to_owned()).json(body)).await
    }

    /// What the tenant used
    ///
    /// From the beginning of the month until now where nothing is said; at most 366 days.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn usage_summary(&self, query: &UsageSummaryQuery) -> Result<types::UsageSummary, Error> {
        self.call(Request::new("GET", "/v1/usage/summary".to_owned()).query(query.pairs())).await
    }

    /// What the tenant used, step by step
    ///
    /// `metric` may be given several times. Without it messages are shown, day by day; where steps of an hour or `groupBy` ask
    /// for what messages are not counted by, verifications. At most 366 days, in steps of an hour 31.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn usage_timeseries(&self, query: &UsageTimeseriesQuery) -> Result<types::UsageSeries, Error> {
        self.call(Request::new("GET", "/v1/usage/timeseries".to_owned()).query(query.pairs())).await
    }

    /// See what a start would meet: route, price and refusals of every step
    ///
    /// Nothing is sent, counted or stored.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn verifications_preview(&self, body: &types::NewVerificationPreview) -> Result<types::VerificationPreview, Error> {
        self.call(Request::new("POST", "/v1/verification-previews".to_owned()).json(body)).await
    }

    /// The tenant's verifications of one environment, newest first
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn verifications_list(&self, query: &VerificationsListQuery) -> Result<types::PageOfVerificationSummary, Error> {
        self.call(Request::new("GET", "/v1/verifications".to_owned()).query(query.pairs())).await
    }

    /// Start a verification
    ///
    /// Sends a code over the first channel, and over the next ones where that is not delivered. A live verification of the
    /// same destination and purpose goes on, with status 200, unless `onExisting` says otherwise.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn verifications_start(&self, idempotency_key: &str, body: &types::NewVerification) -> Result<types::Verification, Error> {
        self.call(Request::new("POST", "/v1/verifications".to_owned()).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// One verification, with its sends and everything that happened
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn verifications_get(&self, id: &str, query: &VerificationsGetQuery) -> Result<types::Verification, Error> {
        self.call(Request::new("GET", format!("/v1/verifications/{}", crate::escaped(id))).query(query.pairs())).await
    }

    /// Give a verification up
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn verifications_cancel(&self, id: &str) -> Result<types::Verification, Error> {
        self.call(Request::new("POST", format!("/v1/verifications/{}/cancel", crate::escaped(id)))).await
    }

    /// Check a code
    ///
    /// A wrong code is an answer, not an error; each well-formed one counts.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn verifications_check(&self, id: &str, body: &types::CheckRequest) -> Result<types::CheckResult, Error> {
        self.call(Request::new("POST", format!("/v1/verifications/{}/check", crate::escaped(id))).json(body)).await
    }

    /// Send the code on the next channel
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn verifications_next_channel(&self, id: &str, idempotency_key: &str) -> Result<types::Verification, Error> {
        self.call(Request::new("POST", format!("/v1/verifications/{}/next-channel", crate::escaped(id))).header("Idempotency-Key", idempotency_key)).await
    }

    /// Send the code again on the current channel
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn verifications_resend(&self, id: &str, idempotency_key: &str) -> Result<types::Verification, Error> {
        self.call(Request::new("POST", format!("/v1/verifications/{}/resend", crate::escaped(id))).header("Idempotency-Key", idempotency_key)).await
    }

    /// Where and how codes are sent
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn verify_policy_get(&self, query: &VerifyPolicyGetQuery) -> Result<types::VerifyPolicy, Error> {
        self.call(Request::new("GET", "/v1/verify-policy".to_owned()).query(query.pairs())).await
    }

    /// Say where and how codes are sent
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn verify_policy_set(&self, if_match: &str, body: &types::VerifySettings, query: &VerifyPolicySetQuery) -> Result<types::VerifyPolicy, Error> {
        self.call(Request::new("PUT", "/v1/verify-policy".to_owned()).header("If-Match", if_match).json(body).query(query.pairs())).await
    }

    /// Send codes to one country more
    ///
    /// What a start was refused for with `verification.country_not_allowed`. The home country stays allowed; again is the
    /// same.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn verify_policy_allow(&self, body: &types::AllowRequest, query: &VerifyPolicyAllowQuery) -> Result<types::VerifyPolicy, Error> {
        self.call(Request::new("POST", "/v1/verify-policy/allow".to_owned()).json(body).query(query.pairs())).await
    }

    /// Forget the failed checks of a destination
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn verify_policy_unlock(&self, body: &types::UnlockRequest) -> Result<Response, Error> {
        self.raw(Request::new("POST", "/v1/verify-policy/unlock".to_owned()).json(body)).await
    }

    /// The tenant's endpoints of one environment, newest first
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn webhooks_list(&self, query: &WebhooksListQuery) -> Result<types::PageOfWebhook, Error> {
        self.call(Request::new("GET", "/v1/webhooks".to_owned()).query(query.pairs())).await
    }

    /// Create an endpoint
    ///
    /// Its secret is shown in this answer and never again.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn webhooks_create(&self, idempotency_key: &str, body: &types::NewWebhook) -> Result<types::WebhookWithSecret, Error> {
        self.call(Request::new("POST", "/v1/webhooks".to_owned()).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// Remove an endpoint with its secrets
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn webhooks_delete(&self, id: &str) -> Result<Response, Error> {
        self.raw(Request::new("DELETE", format!("/v1/webhooks/{}", crate::escaped(id)))).await
    }

    /// One endpoint
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn webhooks_get(&self, id: &str) -> Result<types::Webhook, Error> {
        self.call(Request::new("GET", format!("/v1/webhooks/{}", crate::escaped(id)))).await
    }

    /// Change an endpoint
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn webhooks_edit(&self, id: &str, if_match: &str, body: &types::WebhookPatch) -> Result<types::Webhook, Error> {
        self.call(Request::new("PATCH", format!("/v1/webhooks/{}", crate::escaped(id))).header("If-Match", if_match).json(body)).await
    }

    /// What was sent to an endpoint, newest first
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn webhooks_deliveries(&self, id: &str, query: &WebhooksDeliveriesQuery) -> Result<types::PageOfWebhookDelivery, Error> {
        self.call(Request::new("GET", format!("/v1/webhooks/{}/deliveries", crate::escaped(id))).query(query.pairs())).await
    }

    /// How many deliveries there are
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn webhooks_deliveries_count(&self, id: &str, query: &WebhooksDeliveriesCountQuery) -> Result<types::DeliveryCount, Error> {
        self.call(Request::new("GET", format!("/v1/webhooks/{}/deliveries/count", crate::escaped(id))).query(query.pairs())).await
    }

    /// Send a delivery again
    ///
    /// It is another delivery with the same `webhookId`, of one attempt.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn webhooks_replay(&self, id: &str, delivery_id: &str, idempotency_key: &str) -> Result<types::WebhookDelivery, Error> {
        self.call(Request::new("POST", format!("/v1/webhooks/{}/deliveries/{}/replay", crate::escaped(id), crate::escaped(delivery_id))).header("Idempotency-Key", idempotency_key)).await
    }

    /// Stop an endpoint
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn webhooks_disable(&self, id: &str) -> Result<types::Webhook, Error> {
        self.call(Request::new("POST", format!("/v1/webhooks/{}/disable", crate::escaped(id)))).await
    }

    /// Let an endpoint get events again
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn webhooks_enable(&self, id: &str) -> Result<types::Webhook, Error> {
        self.call(Request::new("POST", format!("/v1/webhooks/{}/enable", crate::escaped(id)))).await
    }

    /// Send again what was lost in a time
    ///
    /// What failed or waits for another attempt, and what happened while the endpoint was disabled, is sent once more, now.
    /// What came through since, or is on its way, is not lost.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn webhooks_recover(&self, id: &str, body: &types::RecoveryRequest) -> Result<types::Recovery, Error> {
        self.call(Request::new("POST", format!("/v1/webhooks/{}/recover", crate::escaped(id))).json(body)).await
    }

    /// Put a new secret in the place of one
    ///
    /// It is shown in this answer and never again. Until the overlap is over both sign.
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn webhooks_rotate_secret(&self, id: &str, idempotency_key: &str, body: &types::WebhookRotation) -> Result<types::WebhookWithSecret, Error> {
        self.call(Request::new("POST", format!("/v1/webhooks/{}/rotate-secret", crate::escaped(id))).header("Idempotency-Key", idempotency_key).json(body)).await
    }

    /// Send a test event and tell what became of it
    ///
    /// # Errors
    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.
    pub async fn webhooks_test(&self, id: &str) -> Result<types::WebhookDelivery, Error> {
        self.call(Request::new("POST", format!("/v1/webhooks/{}/test", crate::escaped(id)))).await
    }
}
