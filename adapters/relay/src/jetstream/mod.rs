//! The broker: NATS `JetStream`, as a consumer of our events and as a sender of other services' (rulings R43, R44).
//!
//! The outbox is the truth. A stream that is lost is filled again from it; a broker that is down holds up nobody,
//! because the consumer `broker` is not ready meanwhile and its deliveries wait.
//!
//! - `streams`: the streams we need, made or checked; `subject`: where an event goes
//! - `publisher`: the consumer; `subscriber`: what other services send

mod publisher;
mod streams;
mod subject;
mod subscriber;

use std::{
    fmt,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_nats::{
    Client, ConnectOptions, Event, ServerAddr,
    connection::State,
    jetstream::{self, Context},
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub use publisher::{Envelope, Publisher};
pub use subject::subject_of;
pub use subscriber::{ReadInbound, Subscriber};

/// How long an acknowledgement may take, whatever the client thinks.
const ACK: Duration = Duration::from_secs(5);
/// How often a broker that could not be used is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// The longest pause before a new connection.
const RECONNECT: Duration = Duration::from_secs(1);

/// Where the broker is, and what its streams are like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerConfig {
    /// Its address: `nats://host:port`, several with commas; `tls://` for an encrypted one. The user and password, or the
    /// token, that the first of them names are everybody's.
    pub url: String,
    /// The file of credentials that NATS gives (a JWT and a seed), instead of names in the address.
    pub credentials: Option<PathBuf>,
    /// The certificates, in PEM, of those whose word is taken besides the system's.
    pub authorities: Option<PathBuf>,
    /// How many copies of each stream the servers keep.
    pub replicas: usize,
}

impl BrokerConfig {
    /// At this address, for whoever comes, with one copy of each stream.
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), credentials: None, authorities: None, replicas: 1 }
    }
}

/// Why there is no broker to be had, ever, with these settings.
#[derive(Debug)]
pub struct BrokerError(String);

impl fmt::Display for BrokerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the broker cannot be used: {}", self.0)
    }
}

impl std::error::Error for BrokerError {}

/// A connection that comes back by itself.
#[derive(Clone)]
pub struct Broker {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    context: Context,
    replicas: usize,
    trust: Arc<Trust>,
}

/// Whether the streams were there when somebody looked last, and nothing has failed since.
#[derive(Default)]
struct Trust {
    sound: AtomicBool,
    failed: Notify,
}

impl Trust {
    fn lose(&self) {
        self.sound.store(false, Ordering::Relaxed);
        self.failed.notify_one();
    }
}

/// Who we are to the servers: what the file says, else the first address that names somebody.
async fn login(config: &BrokerConfig, servers: &[ServerAddr]) -> std::io::Result<ConnectOptions> {
    let mut options = ConnectOptions::new();
    if let Some(authorities) = &config.authorities {
        options = options.add_root_certificates(authorities.clone());
    }
    if let Some(file) = &config.credentials {
        return options.credentials_file(file).await;
    }
    let somebody = servers.iter().find(|server| server.has_user_pass());
    Ok(match somebody.map(|server| (server.username(), server.password())) {
        Some((Some(user), Some(password))) => options.user_and_password(user.to_owned(), password.to_owned()),
        Some((Some(token), None)) => options.token(token.to_owned()),
        _ => options,
    })
}

impl Broker {
    /// A connection to a broker, which need not be up yet.
    ///
    /// # Errors
    /// When the settings can never work.
    pub async fn connect(config: &BrokerConfig) -> Result<Self, BrokerError> {
        let wrong = |error: &dyn fmt::Display| BrokerError(error.to_string());
        let servers: Result<Vec<ServerAddr>, _> =
            config.url.split(',').map(|url| url.trim().parse()).collect();
        let servers = servers.map_err(|error| wrong(&error))?;
        let trust = Arc::new(Trust::default());
        let heard = Arc::clone(&trust);
        let client = login(config, &servers)
            .await
            .map_err(|error| wrong(&error))?
            .name("sarai")
            // Whoever comes back may have lost its streams.
            .event_callback(move |event| {
                if matches!(event, Event::Connected | Event::Disconnected) {
                    heard.lose();
                }
                std::future::ready(())
            })
            .retry_on_initial_connect()
            .connection_timeout(ACK)
            .reconnect_delay_callback(|attempts| {
                RECONNECT.min(Duration::from_millis(50) * u32::try_from(attempts).unwrap_or(u32::MAX))
            })
            .connect(servers)
            .await
            .map_err(|error| wrong(&error))?;
        let context = jetstream::context::ContextBuilder::new().timeout(ACK).build(client.clone());
        Ok(Self { inner: Arc::new(Inner { client, context, replicas: config.replicas, trust }) })
    }

    /// Whether it can be used now.
    pub fn is_ready(&self) -> bool {
        self.is_connected() && self.inner.trust.sound.load(Ordering::Relaxed)
    }

    fn is_connected(&self) -> bool {
        self.inner.client.connection_state() == State::Connected
    }

    /// Makes and checks the streams, again whenever something failed, until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        let mut told = String::new();
        loop {
            if self.is_connected() && !self.inner.trust.sound.load(Ordering::Relaxed) {
                match self.inner.ensure_streams().await {
                    Ok(()) => {
                        told.clear();
                        self.inner.trust.sound.store(true, Ordering::Relaxed);
                        tracing::info!("the broker can be used");
                    }
                    Err(reason) if reason == told => {}
                    Err(reason) => {
                        tracing::error!(reason, "the broker cannot be used: events wait in the outbox");
                        told = reason;
                    }
                }
            }
            metrics::gauge!("broker_ready").set(u32::from(self.is_ready()));
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.inner.trust.failed.notified() => tokio::time::sleep(LOOK / 5).await,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Something failed that is not one message's fault: nothing is published until the streams were looked at.
    fn distrust(&self) {
        self.inner.trust.lose();
    }
}
