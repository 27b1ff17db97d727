//! What Verify's policies need of a store, and who is asked about prices and fraud.

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        policy::{
            BlockedStart, BlockedStartData, FraudVerdict, PolicyKey, SpendKey, SpendLedger, SpendLedgerData,
            SpendPolicy, SpendPolicyData, VerifyPolicy, VerifyPolicyData,
        },
        values::{Address, Channel, CountryCode, Environment, Purpose},
    },
    kernel::{DeliveryAttemptId, Price, TenantId, Timestamp},
};

use crate::{Repository, Scope, StoreError, Stored, UniqueKey};

/// What a send costs, before it is made.
pub trait PriceBook: Send + Sync {
    /// The price of a send of so many segments.
    fn quote(&self, channel: Channel, country: Option<CountryCode>, segments: u8) -> Price;
}

/// What an adviser is told of a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspect<'a> {
    /// Whose.
    pub tenant_id: &'a TenantId,
    /// Where to, in clear: it is not to be kept.
    pub to: &'a Address,
    /// What for.
    pub purpose: Purpose,
    /// The end user's address on the network.
    pub ip: Option<&'a str>,
    /// What stands in for a challenge.
    pub risk_token: Option<&'a str>,
}

/// What an adviser says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Advice {
    /// Its verdict.
    pub verdict: FraudVerdict,
    /// Whether the risk token is good.
    pub token_is_good: bool,
}

/// Knows the reputation of numbers. One that cannot be asked allows.
#[async_trait]
pub trait FraudAdvisor: Send + Sync {
    /// What it thinks of a start; nothing where it cannot be asked.
    async fn advise(&self, suspect: Suspect<'_>) -> Option<Advice>;
}

/// Spend ledgers: what they hold for sends changes with the session only.
#[async_trait]
pub trait SpendLedgerRepository: Repository<SpendLedger> {
    /// Sends for which money is held since before this time, each with its ledger.
    async fn find_stale(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<(SpendKey, DeliveryAttemptId)>, StoreError>;
    /// A ledger with what it holds for these sends only.
    async fn find_for_sends(
        &self,
        scope: &Scope,
        key: &SpendKey,
        sends: &[DeliveryAttemptId],
    ) -> Result<Option<SpendLedger>, StoreError>;
}

macro_rules! found_by_key {
    ($($doc:literal $port:ident of $aggregate:ty;)*) => {$(
        #[doc = $doc]
        pub trait $port: Repository<$aggregate> {}

        impl<S: Repository<$aggregate>> $port for S {}
    )*};
}

found_by_key! {
    "Where and how tenants send codes: found by their keys." VerifyPolicyRepository of VerifyPolicy;
    "How much they spend: found by their keys." SpendPolicyRepository of SpendPolicy;
    "Starts that were refused: found by the ids their sessions would have had." BlockedStartRepository of BlockedStart;
}

/// The key of a tenant's policies in one world.
pub fn policy_key(tenant: &TenantId, environment: Environment) -> PolicyKey {
    PolicyKey { tenant_id: tenant.clone(), environment }
}

impl Stored for VerifyPolicy {
    fn owner(data: &VerifyPolicyData) -> TenantId {
        data.key.tenant_id.clone()
    }

    fn created_at(data: &VerifyPolicyData) -> Timestamp {
        data.updated_at
    }

    fn world(data: &VerifyPolicyData) -> Option<Environment> {
        Some(data.key.environment)
    }

    fn unique_keys(_data: &VerifyPolicyData) -> Vec<(UniqueKey, String)> {
        Vec::new()
    }
}

impl Stored for SpendPolicy {
    fn owner(data: &SpendPolicyData) -> TenantId {
        data.key.tenant_id.clone()
    }

    fn created_at(data: &SpendPolicyData) -> Timestamp {
        data.updated_at
    }

    fn world(data: &SpendPolicyData) -> Option<Environment> {
        Some(data.key.environment)
    }

    fn unique_keys(_data: &SpendPolicyData) -> Vec<(UniqueKey, String)> {
        Vec::new()
    }
}

impl Stored for SpendLedger {
    fn owner(data: &SpendLedgerData) -> TenantId {
        data.key.tenant_id.clone()
    }

    fn created_at(data: &SpendLedgerData) -> Timestamp {
        data.key.period.starts_at
    }

    fn world(data: &SpendLedgerData) -> Option<Environment> {
        Some(data.key.environment)
    }

    fn unique_keys(_data: &SpendLedgerData) -> Vec<(UniqueKey, String)> {
        Vec::new()
    }
}

impl Stored for BlockedStart {
    fn owner(data: &BlockedStartData) -> TenantId {
        data.tenant_id.clone()
    }

    fn created_at(data: &BlockedStartData) -> Timestamp {
        data.at
    }

    fn world(data: &BlockedStartData) -> Option<Environment> {
        Some(data.environment)
    }

    fn unique_keys(_data: &BlockedStartData) -> Vec<(UniqueKey, String)> {
        Vec::new()
    }
}
