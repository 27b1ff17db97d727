//! The customer portal over this process's API, or over another's (ruling R29).

use std::{net::SocketAddr, sync::Arc};

use async_trait::async_trait;
use metrics_exporter_prometheus::PrometheusHandle;
use sarai_gateways::platform::{
    Connector, ConnectorError, HttpConnector, PlatformAnswer, PlatformClient, PlatformRequest,
};
use sarai_http::{
    api::Api,
    gate::client_of,
    memory_call,
    pages_only::PagesOnly,
    server::{Server, ServerConfig},
    site::{Health, Readiness},
};
use sarai_ports::system::{Clock, Entropy as _, IdGenerator};
use sarai_standins::demo;
use sarai_system::{OsEntropy, SystemClock, UlidGenerator};
use sarai_web::{Portal, PortalParts, seal::SealingKey};
use tokio_util::sync::CancellationToken;

use crate::{
    config::{Config, ConfigError, Profile},
    demo_data,
    embedded::Embedded,
    wire::WireError,
};

/// Hands calls to the API of this process, without a socket: everything it checks is checked.
struct InMemory(Api);

#[async_trait]
impl Connector for InMemory {
    async fn send(&self, request: PlatformRequest) -> Result<PlatformAnswer, ConnectorError> {
        let PlatformRequest { method, target, headers, body, client } = request;
        let answer = memory_call::call(&self.0, method, &target, &headers, body.unwrap_or_default(), client);
        let answer = answer.await.ok_or(ConnectorError::Unreachable)?;
        let memory_call::Answered { status, retry_after, location, body } = answer;
        Ok(PlatformAnswer { status, retry_after, location, body })
    }
}

/// Carries calls to an API of this process.
pub fn in_memory(api: Api) -> Arc<dyn Connector> {
    Arc::new(InMemory(api))
}

/// The portal of a wired process.
///
/// # Errors
/// When the address of the API is none.
pub fn portal(embedded: &Embedded, config: &Config, api: &Api) -> Result<Portal, WireError> {
    let connector: Arc<dyn Connector> = match &config.api_url {
        Some(address) => Arc::new(HttpConnector::new(address, config.api_ca.as_deref())?),
        None => in_memory(api.clone()),
    };
    let own = || SealingKey { id: "k1".to_owned(), key: embedded.keys.portal };
    let clocks = (Arc::clone(&embedded.ports.clock), Arc::clone(&embedded.ports.ids));
    Ok(over(connector, clocks, config, own)?)
}

/// The portal over a connector, sealing with the keys that were given, else with its own.
fn over(
    connector: Arc<dyn Connector>,
    (clock, ids): (Arc<dyn Clock>, Arc<dyn IdGenerator>),
    config: &Config,
    own: impl FnOnce() -> SealingKey,
) -> Result<Portal, ConfigError> {
    let mut keys = config.portal_keys()?;
    if keys.is_empty() {
        keys.push(own());
    }
    let proxies = config.proxies()?;
    Ok(Portal::new(PortalParts {
        platform: Arc::new(PlatformClient::new(connector)),
        clock,
        ids,
        entropy: Arc::new(OsEntropy),
        keys,
        tls: config.is_secure(),
        api: config.api_url.clone(),
        client: Box::new(move |request| client_of(request, &proxies)),
        demo: config.demo.then(|| (demo_data::ACCOUNT.to_owned(), demo::PASSWORD.to_owned())),
    }))
}

/// The origins that the portal's pages have when it listens on this port (ruling R2).
pub fn origins(config: &Config, port: u16) -> Vec<String> {
    let public = Some(config.portal_public_origin.trim().to_owned()).filter(|origin| !origin.is_empty());
    let own = [format!("http://127.0.0.1:{port}"), format!("http://localhost:{port}")];
    let local = own.into_iter().filter(|_| public.is_none() || config.profile != Profile::Production);
    public.clone().into_iter().chain(local).collect()
}

/// Ready whenever it is there: when the API is out of reach, its pages say so.
struct Always;

#[async_trait]
impl Readiness for Always {
    async fn missing(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A process of the portal alone, with its sockets open.
pub struct PortalProcess {
    server: Server<PagesOnly>,
}

impl PortalProcess {
    /// Opens the sockets.
    ///
    /// # Errors
    /// When the API's address is none, a key cannot be used, or an address cannot be had.
    pub async fn bind(config: &Config, metrics: PrometheusHandle) -> Result<Self, WireError> {
        let address = config.api_url.as_deref().unwrap_or_default();
        let connector = Arc::new(HttpConnector::new(address, config.api_ca.as_deref())?);
        let clocks: (Arc<dyn Clock>, Arc<dyn IdGenerator>) =
            (Arc::new(SystemClock::new(false)), Arc::new(UlidGenerator::default()));
        let portal = over(connector, clocks, config, || {
            tracing::warn!(
                "`portal_keys` is not set: this process seals with a key of its own, and whoever is signed in is signed out when it ends"
            );
            SealingKey { id: "own".to_owned(), key: OsEntropy.bytes() }
        })?;
        let server_config = ServerConfig {
            listen: config.listen,
            admin_listen: config.admin_address()?,
            connections: config.connections,
            ..ServerConfig::default()
        };
        let pages = PagesOnly::new(portal.clone(), Health::new(Arc::new(Always)));
        let server = Server::bind(server_config, pages, metrics)
            .await
            .map_err(|error| format!("cannot listen on {}: {error}", config.listen))?;
        if let Some(address) = server.address() {
            portal.reached_at(origins(config, address.port()));
        }
        Ok(Self { server })
    }

    /// Where the portal is.
    pub fn address(&self) -> Option<SocketAddr> {
        self.server.address()
    }

    /// Serves until `stop`.
    ///
    /// # Errors
    /// When a listener fails for good.
    pub async fn run(self, stop: CancellationToken) -> Result<(), WireError> {
        Ok(self.server.run(stop).await?)
    }
}
