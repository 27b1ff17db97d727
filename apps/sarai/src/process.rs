//! One running process: sockets, workers, and a stop that loses nothing.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use metrics_exporter_prometheus::PrometheusHandle;
use sarai_artifacts::Artifacts;
use sarai_domain::devportal::values::Channel;
use sarai_gateways::platform::Connector;
use sarai_http::{
    api::Api,
    server::{Server, ServerConfig},
};
use sarai_relay::jetstream::Broker;
use sarai_senders::SenderTable;
use sarai_system::OsEntropy;
use sarai_web::Portal;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    around::Around,
    broker,
    config::{Config, Profile},
    demo,
    embedded::Embedded,
    keys::{Demand, Keys},
    portal,
    stores::{self, Opened},
    wire::{self, WireError},
};

/// How long after it was asked to stop a process waits for requests and for what they set off: both together.
const DRAIN: Duration = Duration::from_secs(20);
/// How long workers may take to end after that.
const ENDING: Duration = Duration::from_secs(5);

/// A process with its sockets open.
pub struct Process {
    /// Everything wired.
    pub embedded: Embedded,
    /// The secret with which messages of other services are signed.
    pub inbound_secret: String,
    server: Server,
    api: Api,
    demo: bool,
    /// Where everything is kept, in words.
    pub kept: String,
    /// The pause between two audits; none when they are off.
    audits: Option<Duration>,
}

impl Process {
    /// Wires a process and opens its sockets.
    ///
    /// # Errors
    /// When a key cannot be used or an address cannot be had.
    pub async fn bind(config: &Config, metrics: PrometheusHandle) -> Result<Self, WireError> {
        let keys = keys_of(config)?;
        let broker = match broker::configured(config) {
            Some(settings) => Some(Broker::connect(&settings).await?),
            None => None,
        };
        let Opened { store, clocks, ready } = stores::open(config, &keys).await?;
        let around = Around::of(config, &clocks, &keys).await?;
        let artifacts = Arc::new(match (config.bucket(), config.data_folder()) {
            (Some(bucket), _) => Artifacts::in_bucket(&bucket)?,
            (None, Some(folder)) => Artifacts::in_folder(folder.join("artifacts"))?,
            (None, None) => Artifacts::in_memory(),
        });
        let embedded = Embedded::keeping(artifacts, store, &clocks, keys, around, broker);
        let inbound_secret = inbound_secret(config, &embedded.keys);
        say_who_sends(config, &embedded.around.senders);
        let api = wire::api(&embedded, config, &inbound_secret, ready).await?;
        let server_config = ServerConfig {
            listen: config.listen,
            admin_listen: config.admin_address()?,
            connections: config.connections,
            ..ServerConfig::default()
        };
        let portal = portal::portal(&embedded, config, &api)?;
        api.with_pages(portal.clone(), Portal::serves);
        let addresses = format!("{} (metrics: {})", config.listen, config.admin_listen);
        let server = Server::bind(server_config, api.clone(), metrics)
            .await
            .map_err(|error| format!("cannot listen on {addresses}: {error}"))?;
        if let Some(address) = server.address() {
            portal.reached_at(portal::origins(config, address.port()));
        }
        let kept = config.place().to_string();
        let (demo, audits) = (config.demo, config.audit_pause());
        Ok(Self { embedded, inbound_secret, server, api, demo, kept, audits })
    }

    /// Where the API is.
    pub fn address(&self) -> Option<SocketAddr> {
        self.server.address()
    }

    /// What carries calls of the API inside this process.
    pub fn connector(&self) -> Arc<dyn Connector> {
        portal::in_memory(self.api.clone())
    }

    /// What a demo prints once it is bound; nothing when it is none.
    ///
    /// # Errors
    /// When a demo account cannot be signed in.
    pub async fn welcome(&self) -> Result<Option<String>, WireError> {
        let (true, Some(address)) = (self.demo, self.address()) else { return Ok(None) };
        let metrics = self.server.admin_address().map(|address| format!("http://{address}"));
        let auth = &*self.embedded.around.auth;
        let text =
            demo::welcome(&format!("http://{address}"), metrics, &self.inbound_secret, &self.kept, auth)
                .await?;
        Ok(Some(text))
    }

    /// Serves until `stop`; then finishes what is under way.
    ///
    /// # Errors
    /// When a listener fails for good.
    pub async fn run(self, stop: CancellationToken) -> Result<(), WireError> {
        let tasks = TaskTracker::new();
        // Workers outlive the listener: what the last requests set off is run before the process ends.
        let workers = CancellationToken::new();
        self.embedded.start(&tasks, &workers);
        if let Some(pause) = self.audits {
            self.embedded.audit_every(pause, &tasks, &workers);
        }
        if self.demo {
            self.embedded.sources.announce_demo();
            self.embedded.around.standins.fill_demo();
        }
        // It may be there already, and another process may be at it: nobody's start depends on it.
        if let Err(error) = self.embedded.publishing.ship().await {
            tracing::warn!(code = error.code, "the program's own documentation was not published");
        }
        // What waits in the outbox is left to others at once, or a backlog would keep this process from ending.
        let (relay, asked) = (self.embedded.relay.clone(), stop.clone());
        let asked = tokio::spawn(async move {
            asked.cancelled().await;
            relay.rest();
            Instant::now()
        });
        let served = self.server.run(stop.clone()).await;
        // A listener that failed was asked by nobody.
        stop.cancel();
        let asked = asked.await.unwrap_or_else(|_| Instant::now());
        self.embedded.relay.drain(asked + DRAIN).await;
        workers.cancel();
        tasks.close();
        if tokio::time::timeout(ENDING, tasks.wait()).await.is_err() {
            tracing::warn!("stopped with workers under way: what they held lapses");
        }
        self.embedded.around.senders.close().await;
        self.embedded.around.standins.documents.close().await;
        Ok(served?)
    }
}

/// Says in the log over which channels codes leave; a start over any other is refused.
fn say_who_sends(config: &Config, senders: &SenderTable) {
    let served = senders.served();
    let missing: Vec<_> = Channel::ALL.iter().filter(|one| !served.contains_key(one)).collect();
    if config.profile == Profile::Production && !missing.is_empty() {
        tracing::warn!(?missing, "nobody sends over these channels: starts over them are refused");
    }
    tracing::info!(?served, "senders");
}

/// The keys of this configuration.
///
/// # Errors
/// As [`Keys::of`].
pub fn keys_of(config: &Config) -> Result<Keys, WireError> {
    let demand = if config.profile == Profile::Production { Demand::Production } else { Demand::Any };
    match config.data_folder() {
        Some(folder) => Ok(Keys::of(folder, demand, &OsEntropy)?),
        None => Ok(Keys::random(&OsEntropy)),
    }
}

/// The secret with which messages of other services are signed.
pub fn inbound_secret(config: &Config, keys: &Keys) -> String {
    let configured = config.inbound_secret.reveal().map(ToOwned::to_owned);
    configured.unwrap_or_else(|| sarai_http::signature::secret_of(&keys.inbound))
}
