//! Serving the API on a socket: limits, the metrics' own listener, and stopping without losing a request.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use poem::{
    Endpoint, IntoEndpoint, Request, Response, Server as PoemServer,
    endpoint::make_sync,
    http::{HeaderValue, StatusCode, header},
    listener::{Acceptor, Listener, TcpAcceptor, TcpListener},
};
use tokio_util::sync::CancellationToken;

use crate::{api::Api, listen::Limited, site::Health};

/// Connections to the admin listener.
const ADMIN_CONNECTIONS: usize = 64;
/// How long connections stay as they are once it is to stop, while there are any: who connected just before has a request on
/// its way, and the library would hang up on it.
const GRACE: Duration = Duration::from_secs(1);
/// How often histograms are folded.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);
/// Seconds a request may take, as the histogram's buckets.
const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0];

/// Where and within which limits to serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// The API's address.
    pub listen: SocketAddr,
    /// The address of `/metrics`, when it is served.
    pub admin_listen: Option<SocketAddr>,
    /// Connections at once.
    pub connections: usize,
    /// How long the head of a request may take.
    pub head: Duration,
    /// How long a connection may be silent.
    pub idle: Duration,
    /// How long requests under way may take to end when stopping.
    pub drain: Duration,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            admin_listen: Some(SocketAddr::from(([127, 0, 0, 1], 9090))),
            connections: 10_000,
            head: Duration::from_secs(10),
            idle: Duration::from_mins(1),
            drain: Duration::from_secs(20),
        }
    }
}

/// What a server serves.
pub trait Served: Endpoint<Output = Response> + Clone + 'static {
    /// Whether it serves; not any more once it drains.
    fn health(&self) -> &Health;
    /// What has to be done now and then, for ever.
    fn tend(&self) -> impl Future<Output = ()> + Send;
    /// Waits for what still runs, also of clients who went away.
    fn settled(&self) -> impl Future<Output = ()> + Send;
}

impl Served for Api {
    fn health(&self) -> &Health {
        Self::health(self)
    }

    async fn tend(&self) {
        Self::tend(self).await;
    }

    async fn settled(&self) {
        Self::settled(self).await;
    }
}

/// A server with its sockets open.
pub struct Server<S = Api> {
    config: ServerConfig,
    api: S,
    metrics: PrometheusHandle,
    public: TcpAcceptor,
    admin: Option<TcpAcceptor>,
}

/// Installs the recorder of this process's metrics.
///
/// # Errors
/// When there is one already.
pub fn install_metrics() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), BUCKETS)?
        .install_recorder()
}

/// Waits for SIGTERM or ctrl-c and asks to stop; returns at the second one, when nothing should be waited for.
///
/// # Errors
/// When the signals cannot be listened to.
pub async fn stop_on_signals(stop: CancellationToken) -> io::Result<()> {
    for _ in 0..2 {
        signal().await?;
        tracing::info!("asked to stop");
        stop.cancel();
    }
    Ok(())
}

#[cfg(unix)]
async fn signal() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        pressed = tokio::signal::ctrl_c() => pressed,
    }
}

#[cfg(not(unix))]
async fn signal() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// Whatever it serves; once it drains, an answer is the last one of its connection.
struct Leaving<S>(S);

impl<S: Served> Endpoint for Leaving<S> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let mut response = self.0.get_response(request).await;
        if self.0.health().draining().is_cancelled() {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response)
    }
}

impl<S: Served> Server<S> {
    /// Opens the sockets.
    ///
    /// # Errors
    /// When an address cannot be had.
    pub async fn bind(config: ServerConfig, api: S, metrics: PrometheusHandle) -> io::Result<Self> {
        let public = TcpListener::bind(config.listen).into_acceptor().await?;
        let admin = match config.admin_listen {
            Some(address) => Some(TcpListener::bind(address).into_acceptor().await?),
            None => None,
        };
        Ok(Self { config, api, metrics, public, admin })
    }

    /// Where the API is, when port 0 was asked for.
    pub fn address(&self) -> Option<SocketAddr> {
        address(&self.public)
    }

    /// Where `/metrics` is.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref().and_then(address)
    }

    /// Serves until `stop` is cancelled; then it is not ready, accepts nothing more, and waits for what is
    /// under way as long as it drains.
    ///
    /// # Errors
    /// When a listener fails for good.
    pub async fn run(self, stop: CancellationToken) -> io::Result<()> {
        let Self { config, api, metrics, public, admin } = self;
        let tended = tokio::spawn({
            let (api, metrics) = (api.clone(), metrics.clone());
            async move { tokio::join!(api.tend(), upkeep(metrics)) }
        });
        let admin_server = tokio::spawn(serve_admin(admin, metrics, &config, stop.clone()));
        let asked = Arc::new(OnceLock::new());
        let grace = GRACE.min(config.drain);
        let accepting = Limited::new(public, config.connections, config.head).until(stop.clone());
        let emptied = accepting.emptied();
        let stopped = {
            let (health, stop, asked) = (api.health().clone(), stop.clone(), Arc::clone(&asked));
            async move {
                stop.cancelled().await;
                asked.get_or_init(Instant::now);
                health.drain();
                let _ = tokio::time::timeout(grace, emptied).await;
            }
        };
        let outcome = PoemServer::new_with_acceptor(accepting)
            .name("api")
            .idle_timeout(config.idle)
            .run_with_graceful_shutdown(
                Leaving(api.clone()),
                stopped,
                Some(config.drain.saturating_sub(grace)),
            )
            .await;
        // Connections and handlers have one time to end in, not one each.
        let left = config.drain.saturating_sub(asked.get().map_or(Duration::ZERO, Instant::elapsed));
        if tokio::time::timeout(left, api.settled()).await.is_err() {
            tracing::warn!("stopped with handlers under way");
        }
        tended.abort();
        admin_server.abort();
        outcome
    }
}

fn address(acceptor: &TcpAcceptor) -> Option<SocketAddr> {
    acceptor.local_addr().first().and_then(|address| address.as_socket_addr().copied())
}

async fn upkeep(metrics: PrometheusHandle) {
    loop {
        tokio::time::sleep(UPKEEP_EVERY).await;
        metrics.run_upkeep();
    }
}

fn serve_admin(
    acceptor: Option<TcpAcceptor>,
    metrics: PrometheusHandle,
    config: &ServerConfig,
    stop: CancellationToken,
) -> impl Future<Output = io::Result<()>> + use<> {
    let (head, idle) = (config.head, config.idle);
    async move {
        let Some(acceptor) = acceptor else { return Ok(()) };
        PoemServer::new_with_acceptor(Limited::new(acceptor, ADMIN_CONNECTIONS, head))
            .name("admin")
            .idle_timeout(idle)
            .run_with_graceful_shutdown(metrics_page(metrics), stop.cancelled_owned(), Some(Duration::ZERO))
            .await
    }
}

fn metrics_page(metrics: PrometheusHandle) -> impl IntoEndpoint<Endpoint = impl Endpoint + 'static> {
    make_sync(move |request| {
        if request.uri().path() == "/metrics" {
            Response::builder().content_type("text/plain; version=0.0.4").body(metrics.render())
        } else {
            Response::builder().status(StatusCode::NOT_FOUND).finish()
        }
    })
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
