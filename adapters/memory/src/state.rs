//! Everything the store knows.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use sarai_domain::{
    devportal::{
        account::DeveloperAccount,
        api_key::ApiKey,
        policy::{BlockedStart, SpendLedger, SpendPolicy, VerifyPolicy},
        sandbox::SandboxSession,
        template::VerifyTemplate,
        verify::VerifySession,
        webhook::{WebhookDelivery, WebhookEndpoint},
    },
    kernel::{CourseId, CourseVersionId, OrderId, TenantId, Timestamp, WebhookDeliveryId},
    marketplace::{
        coupon::Coupon, earnings::ProviderEarnings, license::License, listing::Listing, order::Order,
        quote::Quote, saga::PurchaseSaga,
    },
};
use sarai_ports::{
    audit::AuditRow,
    events::EventRecord,
    idempotency::{ClaimKey, ClaimState},
};

use crate::{feed::Feeds, outbox::Queues, statements::Statements, table::Table, verify::Verify};

#[derive(Default)]
pub(crate) struct State {
    pub(crate) listings: Table<Listing>,
    pub(crate) orders: Table<Order>,
    pub(crate) licenses: Table<License>,
    pub(crate) coupons: Table<Coupon>,
    pub(crate) sagas: Table<PurchaseSaga>,
    pub(crate) quotes: Table<Quote>,
    pub(crate) earnings: Table<ProviderEarnings>,
    pub(crate) sessions: Table<VerifySession>,
    pub(crate) ledgers: Table<SpendLedger>,
    pub(crate) verify_policies: Table<VerifyPolicy>,
    pub(crate) spend_policies: Table<SpendPolicy>,
    pub(crate) blocked_starts: Table<BlockedStart>,
    pub(crate) sandboxes: Table<SandboxSession>,
    pub(crate) templates: Table<VerifyTemplate>,
    pub(crate) verify: Verify,
    pub(crate) usage: crate::devportal::usage::Counters,
    pub(crate) accounts: Table<DeveloperAccount>,
    pub(crate) api_keys: Table<ApiKey>,
    pub(crate) webhooks: Table<WebhookEndpoint>,
    pub(crate) webhook_deliveries: Table<WebhookDelivery>,
    /// Until when a sender has taken a delivery.
    pub(crate) taken: HashMap<WebhookDeliveryId, Timestamp>,
    pub(crate) statements: Statements,
    /// Events written per aggregate.
    pub(crate) sequences: HashMap<String, u64>,
    pub(crate) outbox: Queues,
    /// Every event, by what set it off.
    pub(crate) events: HashMap<String, Vec<Arc<EventRecord>>>,
    pub(crate) feeds: Feeds,
    pub(crate) leases: BTreeMap<String, crate::leases::Lease>,
    /// Fences given to leases.
    pub(crate) lease_fences: u64,
    /// Processes beside the first.
    pub(crate) processes: u64,
    /// (tenant, consumer, event, target aggregate).
    pub(crate) inbox: BTreeSet<(TenantId, &'static str, String, String)>,
    pub(crate) claims: BTreeMap<ClaimKey, (ClaimState, Timestamp)>,
    pub(crate) audit: Vec<AuditRow>,
    pub(crate) published: BTreeMap<CourseVersionId, CourseId>,
    pub(crate) built: BTreeSet<CourseVersionId>,
    pub(crate) kyc: BTreeMap<TenantId, (bool, Timestamp)>,
    /// Disputes by order, and whether each is still open.
    pub(crate) disputes: BTreeMap<(OrderId, String), bool>,
}

/// The table of an aggregate.
pub(crate) trait Tables<A: sarai_domain::kernel::Aggregate> {
    fn table(&self) -> &Table<A>;
    fn table_mut(&mut self) -> &mut Table<A>;
}

macro_rules! tables {
    ($($aggregate:ty => $field:ident),* $(,)?) => {$(
        impl Tables<$aggregate> for State {
            fn table(&self) -> &Table<$aggregate> {
                &self.$field
            }
            fn table_mut(&mut self) -> &mut Table<$aggregate> {
                &mut self.$field
            }
        }
    )*};
}

tables! {
    Listing => listings,
    Order => orders,
    License => licenses,
    Coupon => coupons,
    PurchaseSaga => sagas,
    Quote => quotes,
    ProviderEarnings => earnings,
    VerifySession => sessions,
    SpendLedger => ledgers,
    VerifyPolicy => verify_policies,
    SpendPolicy => spend_policies,
    BlockedStart => blocked_starts,
    SandboxSession => sandboxes,
    VerifyTemplate => templates,
    DeveloperAccount => accounts,
    ApiKey => api_keys,
    WebhookEndpoint => webhooks,
    WebhookDelivery => webhook_deliveries,
}
