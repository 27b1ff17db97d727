//! Webhooks: endpoints and deliveries as a store keeps them, the way out, and keys that sign.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        values::{Environment, HttpsUrl},
        webhook::{
            AttemptOutcome, DeliveryFault, DeliveryStatus, EndpointStatus, SealedSecret, SignatureScheme,
            SigningSecret, WebhookDelivery, WebhookDeliveryData, WebhookEndpoint, WebhookEndpointData,
        },
    },
    kernel::{Coded, Kind, SandboxId, TenantId, Timestamp, WebhookDeliveryId, WebhookEndpointId},
};

use crate::{Page, PageRequest, Repository, Scope, StoreError, Stored, UniqueKey};

/// Endpoints. Readable by their tenant, in their environment; a deleted one by nobody.
#[async_trait]
pub trait WebhookRepository: Repository<WebhookEndpoint> {
    /// A tenant's in an environment, newest first; those bound to one sandbox when given.
    async fn find_endpoints(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        environment: Environment,
        sandbox: Option<SandboxId>,
        page: &PageRequest,
    ) -> Result<Page<WebhookEndpoint>, StoreError>;
    /// How many a tenant has in an environment, disabled ones included (W-INV-7).
    async fn endpoints_in_use(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        environment: Environment,
    ) -> Result<u32, StoreError>;
    /// The first ones of an environment after an id: a tenant's, or everybody's. Those that are disabled among them, for
    /// what happens meanwhile can be sent to them later.
    async fn find_listening(
        &self,
        tenant: Option<&TenantId>,
        environment: Environment,
        after: Option<WebhookEndpointId>,
        limit: usize,
    ) -> Result<Vec<WebhookEndpoint>, StoreError>;
}

/// Which of an endpoint's deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeliveryFilter {
    /// Those that stand so.
    pub outcome: Option<DeliveryStatus>,
    /// Those whose last attempt was answered so.
    pub code: Option<u16>,
    /// Those of this type of event.
    pub event: Option<String>,
    /// Those that began then or later.
    pub after: Option<Timestamp>,
    /// Those that began earlier.
    pub before: Option<Timestamp>,
}

/// Which deliveries a sender takes.
#[derive(Debug, Clone, Copy)]
pub struct DueDeliveries<'a> {
    /// Due by this business time.
    pub now: Timestamp,
    /// To other endpoints than these.
    pub busy: &'a [WebhookEndpointId],
    /// So many at most.
    pub limit: usize,
    /// For so long nobody else takes them, in real time.
    pub lease: Duration,
}

/// How an endpoint fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointHealth {
    /// The endpoint.
    pub id: WebhookEndpointId,
    /// When the latest delivery to it began.
    pub last_delivery_at: Option<Timestamp>,
    /// How many deliveries that began since then have failed at least once and were not taken; replays are not counted.
    pub failures: u64,
}

/// Deliveries. Readable by their tenant, in their environment.
#[async_trait]
pub trait DeliveryRepository: Repository<WebhookDelivery> {
    /// An endpoint's, newest first.
    async fn find_deliveries(
        &self,
        scope: &Scope,
        endpoint: WebhookEndpointId,
        filter: &DeliveryFilter,
        page: &PageRequest,
    ) -> Result<Page<WebhookDelivery>, StoreError>;
    /// How many of an endpoint's, counted up to `cap`.
    async fn count_deliveries(
        &self,
        scope: &Scope,
        endpoint: WebhookEndpointId,
        filter: &DeliveryFilter,
        cap: u64,
    ) -> Result<u64, StoreError>;
    /// How these endpoints fare; failures since an instant. One without deliveries may be left out.
    async fn endpoint_health(
        &self,
        scope: &Scope,
        endpoints: &[WebhookEndpointId],
        since: Timestamp,
    ) -> Result<Vec<EndpointHealth>, StoreError>;
    /// Takes deliveries that are due and that nobody has taken, the longest due first.
    async fn take_due_deliveries(
        &self,
        wanted: &DueDeliveries<'_>,
    ) -> Result<Vec<WebhookDelivery>, StoreError>;
    /// Gives deliveries back that were taken: they are free at once.
    async fn give_deliveries_back(&self, deliveries: &[WebhookDeliveryId]) -> Result<(), StoreError>;
    /// What failed of what began in a time, for good or until a later attempt, and no other delivery of the same
    /// `webhook-id` has brought or is about to bring; the first `limit`, the oldest first.
    async fn find_lost_deliveries(
        &self,
        scope: &Scope,
        endpoint: WebhookEndpointId,
        since: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<WebhookDelivery>, StoreError>;
    /// Forgets what ended before an instant; how many there were.
    async fn forget_deliveries(&self, before: Timestamp) -> Result<u64, StoreError>;
}

impl Stored for WebhookEndpoint {
    fn owner(data: &WebhookEndpointData) -> TenantId {
        data.tenant_id.clone()
    }

    fn created_at(data: &WebhookEndpointData) -> Timestamp {
        data.created_at
    }

    fn unique_keys(_data: &WebhookEndpointData) -> Vec<(UniqueKey, String)> {
        Vec::new()
    }

    fn world(data: &WebhookEndpointData) -> Option<Environment> {
        Some(data.environment)
    }

    fn readable(scope: &Scope, data: &WebhookEndpointData) -> bool {
        data.status != EndpointStatus::Deleted && Self::writable(scope, data)
    }
}

impl Stored for WebhookDelivery {
    fn owner(data: &WebhookDeliveryData) -> TenantId {
        data.tenant_id.clone()
    }

    fn created_at(data: &WebhookDeliveryData) -> Timestamp {
        data.created_at
    }

    fn unique_keys(data: &WebhookDeliveryData) -> Vec<(UniqueKey, String)> {
        fan_out_key(data).map(|key| (UniqueKey::DeliveryPerEvent, key)).into_iter().collect()
    }

    fn world(data: &WebhookDeliveryData) -> Option<Environment> {
        Some(data.environment)
    }
}

/// The key of an event's own delivery to an endpoint; a replay has none.
pub fn fan_out_key(data: &WebhookDeliveryData) -> Option<String> {
    data.replay_of.is_none().then(|| format!("{}:{}", data.endpoint_id, data.event_id))
}

/// The addresses an operator admits by name beside the public ones (ruling R25): each on one port, or on every port.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdmittedTargets(pub Vec<(IpAddr, Option<u16>)>);

impl AdmittedTargets {
    /// Those that may be called on this port.
    pub fn on(&self, port: u16) -> Vec<IpAddr> {
        let here = self.0.iter().filter(|(_, only)| only.is_none_or(|only| only == port));
        here.map(|(address, _)| *address).collect()
    }

    /// All of them, whatever their port.
    pub fn addresses(&self) -> Vec<IpAddr> {
        self.0.iter().map(|(address, _)| *address).collect()
    }
}

impl FromIterator<SocketAddr> for AdmittedTargets {
    fn from_iter<I: IntoIterator<Item = SocketAddr>>(addresses: I) -> Self {
        Self(addresses.into_iter().map(|address| (address.ip(), Some(address.port()))).collect())
    }
}

/// A request to an endpoint.
#[derive(Debug, Clone)]
pub struct WebhookRequest {
    /// Where to.
    pub url: HttpsUrl,
    /// Its headers beside those that every request has.
    pub headers: Vec<(&'static str, String)>,
    /// Its body: JSON.
    pub body: String,
    /// Whether the beginning of a plain-text answer is wanted.
    pub keep_answer: bool,
}

/// The way out: HTTPS to public addresses and to what the operator admits, to nothing else (W-INV-1).
#[async_trait]
pub trait WebhookTransport: Send + Sync {
    /// The addresses that are admitted beside the public ones.
    fn admitted(&self) -> &AdmittedTargets;
    /// Whether the host's name leads now to what may be called. Only [`DeliveryFault::TargetForbidden`] is for good:
    /// the connection is looked at again when it is made.
    async fn look_up(&self, url: &HttpsUrl) -> Result<(), DeliveryFault>;
    /// Posts, once, within 10 seconds: redirects are not followed, and at most 64 KiB are read.
    async fn post(&self, request: WebhookRequest) -> AttemptOutcome;
}

/// Why an endpoint's secret cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// It is sealed with a key that is not there.
    #[error("the key {0} is not in the ring")]
    UnknownKey(String),
    /// It was not sealed for this endpoint, or is damaged.
    #[error("a sealed secret cannot be opened")]
    Sealed,
}

impl Coded for SecretError {
    fn code(&self) -> &'static str {
        "unavailable"
    }

    fn kind(&self) -> Kind {
        Kind::Unavailable
    }
}

/// Whose secret it is: what it is sealed for.
#[derive(Debug, Clone, Copy)]
pub struct SecretOf<'a> {
    /// The tenant.
    pub tenant: &'a TenantId,
    /// The endpoint.
    pub endpoint: WebhookEndpointId,
    /// How it signs.
    pub scheme: SignatureScheme,
}

/// Makes the secrets of endpoints, and signs with them. None leaves it but the one that its owner is shown.
pub trait WebhookKeys: Send + Sync {
    /// A new secret: as it is kept, and as its owner is shown it once. Of an ed25519 key the owner is shown nothing:
    /// the public half stands beside what is kept.
    ///
    /// # Errors
    /// [`SecretError`].
    fn mint(&self, of: SecretOf<'_>) -> Result<(SealedSecret, Option<SigningSecret>), SecretError>;
    /// The signature of a content, as the header has it.
    ///
    /// # Errors
    /// [`SecretError`].
    fn sign(&self, of: SecretOf<'_>, secret: &SealedSecret, content: &str) -> Result<String, SecretError>;
}

/// What senders do, as use cases do it.
#[async_trait]
pub trait WebhookWork: Send + Sync {
    /// Takes up to so many due deliveries, to other endpoints than these.
    async fn take(
        &self,
        busy: &[WebhookEndpointId],
        limit: usize,
    ) -> Result<Vec<WebhookDelivery>, StoreError>;
    /// Gives deliveries back that were taken.
    async fn give_back(&self, deliveries: &[WebhookDeliveryId]) -> Result<(), StoreError>;
    /// Makes one attempt at a delivery that was taken. What could not be noted is tried again when it is free.
    async fn attempt(&self, delivery: WebhookDelivery);
}
