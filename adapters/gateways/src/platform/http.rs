//! Calls over the network, in clear or in TLS, on connections that are kept for the next call.

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
    header::HOST,
    http::Uri,
};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use super::{Connector, ConnectorError, PlatformAnswer, PlatformRequest};
use crate::AddressError;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(2);
/// How long a connection lies idle before nobody uses it any more: servers end those that lie longer.
const IDLE: Duration = Duration::from_secs(20);
/// How many connections lie idle.
const KEPT: usize = 32;
/// The most bytes of an answer: an export of everything that may be exported.
const ANSWER_MAX: usize = 64 << 20;

type Sender = SendRequest<Full<Bytes>>;

/// Calls the API at an address.
pub struct HttpConnector {
    host: String,
    port: u16,
    /// What the header `Host` says.
    authority: String,
    /// What stands before every path.
    prefix: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    idle: Mutex<Vec<(Instant, Sender)>>,
}

impl HttpConnector {
    /// Calls the API at this address, `http://` or `https://`. A server is believed with a certificate of a public
    /// authority, or of this file's (PEM).
    ///
    /// # Errors
    /// When the address is none, or the file holds no certificate.
    pub fn new(address: &str, authorities: Option<&Path>) -> Result<Self, AddressError> {
        let wrong = |reason: String| AddressError { address: address.to_owned(), reason };
        let uri: Uri = address.parse().map_err(|error| wrong(format!("{error}")))?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(wrong("it begins with https:// or http://".to_owned())),
        };
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let tls = if secure {
            let config = trusting(authorities).map_err(|error| wrong(error.to_string()))?;
            let name = ServerName::try_from(host.clone()).map_err(|error| wrong(error.to_string()))?;
            Some((TlsConnector::from(Arc::new(config)), name))
        } else {
            None
        };
        Ok(Self {
            port: uri.port_u16().unwrap_or(if secure { 443 } else { 80 }),
            authority: uri.authority().map_or_else(String::new, |authority| authority.as_str().to_owned()),
            prefix: uri.path().trim_end_matches('/').to_owned(),
            host,
            tls,
            idle: Mutex::default(),
        })
    }

    /// A connection that lies idle and is still good.
    fn kept(&self) -> Option<Sender> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(since, sender)| since.elapsed() < IDLE && !sender.is_closed());
        idle.pop().map(|(_, sender)| sender)
    }

    fn keep(&self, sender: Sender) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT && !sender.is_closed() {
            idle.push((Instant::now(), sender));
        }
    }

    async fn open(&self) -> io::Result<Sender> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            Some((tls, name)) => shaken(tls.connect(name.clone(), stream).await?).await,
            None => shaken(stream).await,
        }
    }

    fn request(&self, call: &PlatformRequest) -> Result<Request<Full<Bytes>>, ConnectorError> {
        let mut request = Request::builder()
            .method(call.method)
            .uri(format!("{}{}", self.prefix, call.target))
            .header(HOST, self.authority.as_str());
        for (name, value) in &call.headers {
            request = request.header(*name, value.as_str());
        }
        if let Some(client) = call.client {
            request = request.header("x-forwarded-for", client.to_string());
        }
        let body = Bytes::from(call.body.clone().unwrap_or_default());
        request.body(Full::new(body)).map_err(|_| ConnectorError::Unreachable)
    }

    /// Sends over one connection, which is kept when all of the answer came.
    async fn exchange(
        &self,
        mut sender: Sender,
        request: Request<Full<Bytes>>,
    ) -> Result<PlatformAnswer, ConnectorError> {
        let answer = sender.send_request(request).await.map_err(|_| ConnectorError::Unreachable)?;
        let answer = read(answer).await?;
        self.keep(sender);
        Ok(answer)
    }
}

/// A connection, which lives as long as its sender.
async fn shaken(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> io::Result<Sender> {
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn read(answer: Response<Incoming>) -> Result<PlatformAnswer, ConnectorError> {
    let status = answer.status().as_u16();
    let retry_after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let location = answer.headers().get("location").and_then(|value| Some(value.to_str().ok()?.to_owned()));
    let body = Limited::new(answer.into_body(), ANSWER_MAX).collect().await;
    let body = body.map_err(|_| ConnectorError::Unreachable)?.to_bytes().to_vec();
    Ok(PlatformAnswer { status, retry_after, location, body })
}

/// Whom to believe.
fn trusting(authorities: Option<&Path>) -> io::Result<ClientConfig> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(file) = authorities {
        let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(file)
            .and_then(Iterator::collect)
            .map_err(|error| io::Error::other(format!("{}: {error}", file.display())))?;
        if certificates.is_empty() {
            return Err(io::Error::other(format!("{} holds no certificate in PEM", file.display())));
        }
        for certificate in certificates {
            roots.add(certificate).map_err(io::Error::other)?;
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

#[async_trait]
impl Connector for HttpConnector {
    async fn send(&self, call: PlatformRequest) -> Result<PlatformAnswer, ConnectorError> {
        // A server may end an idle connection just when it is used: what does the same when done twice is done again.
        let repeatable =
            call.method != "POST" || call.headers.iter().any(|(name, _)| *name == "idempotency-key");
        if repeatable
            && let Some(sender) = self.kept()
            && let Ok(answer) = self.exchange(sender, self.request(&call)?).await
        {
            return Ok(answer);
        }
        let opened = tokio::time::timeout(CONNECT, self.open()).await.map_err(|_| ConnectorError::Late)?;
        self.exchange(opened.map_err(|_| ConnectorError::Unreachable)?, self.request(&call)?).await
    }
}
