//! The way out to endpoints of webhooks: HTTPS over a connection that is looked at before it is made (W-INV-1).
//!
//! A request has a connection of its own: nothing is shared between tenants, and no environment variable, proxy or
//! redirect leads elsewhere. [`resolve`] asks once where a name leads; every address it leads to has to be one that may
//! be called, and one of those very addresses is called, so that a second answer of a name server changes nothing.
//! `limited` cuts what is read; `trust` says whose certificates are believed. `senders` try what is due.

mod exchange;
mod limited;
mod resolve;
mod senders;
mod trust;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use sarai_domain::devportal::{
    values::HttpsUrl,
    webhook::{AttemptOutcome, DeliveryFault, target},
};
use sarai_ports::devportal::{AdmittedTargets, WebhookRequest, WebhookTransport};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{self, ClientConfig, pki_types::ServerName},
};

pub use resolve::{Resolve, SystemResolver};
pub use senders::Senders;
pub use trust::{TrustError, roots};

use limited::Limited;

/// How long a request takes at most, from the name to the end of the answer.
const TIMEOUT: Duration = Duration::from_secs(target::TIMEOUT_SECONDS);
/// How long one of several addresses may take to connect.
const CONNECT: Duration = Duration::from_secs(4);
/// How long a name may take when nothing is sent yet.
const LOOK_UP: Duration = Duration::from_secs(3);
/// How many addresses of a name are tried.
const TRIED: usize = 3;

type Stream = TlsStream<Limited<TcpStream>>;

/// Posts to endpoints.
pub struct HttpsTransport {
    resolver: Arc<dyn Resolve>,
    admitted: AdmittedTargets,
    tls: TlsConnector,
}

impl HttpsTransport {
    /// A transport that asks the machine's own resolver, believes the public authorities and these certificates (PEM),
    /// and calls these addresses beside the public ones.
    ///
    /// # Errors
    /// When the certificates cannot be read.
    pub fn new(admitted: AdmittedTargets, certificates: Option<&str>) -> Result<Self, TrustError> {
        Self::resolving(Arc::new(SystemResolver), admitted, certificates)
    }

    /// The same with another resolver.
    ///
    /// # Errors
    /// As [`HttpsTransport::new`].
    pub fn resolving(
        resolver: Arc<dyn Resolve>,
        admitted: AdmittedTargets,
        certificates: Option<&str>,
    ) -> Result<Self, TrustError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots(certificates)?)
            .with_no_client_auth();
        Ok(Self { resolver, admitted, tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Where a URL leads; refused as a whole when one of its addresses may not be called.
    async fn addresses(&self, url: &HttpsUrl) -> Result<Vec<SocketAddr>, DeliveryFault> {
        let port = url.port();
        let found = match url.address() {
            Some(address) => vec![address],
            None => self.resolver.resolve(url.host()).await.map_err(|_| DeliveryFault::NameUnknown)?,
        };
        let admitted = self.admitted.on(port);
        if found.iter().any(|address| target::require(*address, &admitted).is_err()) {
            return Err(DeliveryFault::TargetForbidden);
        }
        if found.is_empty() {
            return Err(DeliveryFault::NameUnknown);
        }
        Ok(found.into_iter().map(|address| SocketAddr::new(address.to_canonical(), port)).collect())
    }

    async fn connect(&self, url: &HttpsUrl) -> Result<Stream, DeliveryFault> {
        let mut tcp = None;
        for address in self.addresses(url).await?.into_iter().take(TRIED) {
            if let Ok(Ok(stream)) = timeout(CONNECT, TcpStream::connect(address)).await {
                tcp = Some(stream);
                break;
            }
        }
        let tcp = tcp.ok_or(DeliveryFault::Connection)?;
        // Small requests, each in one write: nothing is gained by waiting for more of it.
        let _ = tcp.set_nodelay(true);
        let name = match url.address() {
            Some(address) => ServerName::from(address),
            None => ServerName::try_from(url.host().to_owned()).map_err(|_| DeliveryFault::NameUnknown)?,
        };
        self.tls.connect(name, Limited::new(tcp)).await.map_err(|error| fault_of(&error))
    }

    async fn attempt(&self, request: WebhookRequest, end: Instant) -> AttemptOutcome {
        match timeout_at(end, self.connect(&request.url)).await {
            Ok(Ok(stream)) => exchange::run(stream, request, end).await,
            Ok(Err(fault)) => AttemptOutcome::Failed(fault),
            Err(_) => AttemptOutcome::Failed(DeliveryFault::Timeout),
        }
    }
}

#[async_trait]
impl WebhookTransport for HttpsTransport {
    fn admitted(&self) -> &AdmittedTargets {
        &self.admitted
    }

    async fn look_up(&self, url: &HttpsUrl) -> Result<(), DeliveryFault> {
        let found = timeout(LOOK_UP, self.addresses(url)).await;
        found.map_or(Err(DeliveryFault::Timeout), |found| found.map(drop))
    }

    async fn post(&self, request: WebhookRequest) -> AttemptOutcome {
        self.attempt(request, Instant::now() + TIMEOUT).await
    }
}

/// A certificate that is not good for its name does not become so by waiting; everything else may pass.
fn fault_of(error: &std::io::Error) -> DeliveryFault {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented) => {
            DeliveryFault::Certificate
        }
        _ => DeliveryFault::Connection,
    }
}
