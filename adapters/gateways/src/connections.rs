//! Connections to one server, in clear or in TLS, kept for the next call.

use std::{
    error::Error,
    fmt, io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
    http::{Uri, response::Parts},
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
use zeroize::Zeroizing;

use crate::AddressError;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(2);
/// How long a connection lies idle before nobody uses it any more: servers end those that lie longer.
const IDLE: Duration = Duration::from_secs(20);
/// How many connections lie idle.
const KEPT: usize = 32;
/// More bytes than most answers have.
const USUAL_ANSWER: usize = 4 << 10;

type Sender = SendRequest<Full<Bytes>>;

/// An answer: its head, and all of its body, which may hold a secret.
pub(crate) type Answer = (Parts, Zeroizing<Vec<u8>>);

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lost {
    /// No connection in time.
    Late,
    /// No connection, or it broke; with its causes.
    Broken(String),
}

/// Connections to the server at an address.
pub(crate) struct Connections {
    host: String,
    port: u16,
    /// What the header `Host` says.
    pub(crate) authority: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    idle: Mutex<Vec<(Instant, Sender)>>,
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").field("authority", &self.authority).finish_non_exhaustive()
    }
}

/// An error with its causes.
fn told(error: &(dyn Error + 'static)) -> Lost {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    Lost::Broken(text)
}

impl Connections {
    /// To the server of this address, `http://` or `https://`. It is believed with a certificate of a public authority,
    /// or of this file's (PEM).
    ///
    /// # Errors
    /// When the address is none, or the file holds no certificate.
    pub(crate) fn to(address: &str, authorities: Option<&Path>) -> Result<Self, AddressError> {
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
            host,
            tls,
            idle: Mutex::default(),
        })
    }

    /// Sends a request. A server may end an idle connection just when it is used: what does the same when done twice is
    /// sent again then. An answer of more bytes than these is none.
    pub(crate) async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        repeatable: bool,
        most: usize,
    ) -> Result<Answer, Lost> {
        if repeatable
            && let Some(sender) = self.kept()
            && let Ok(answer) = self.over(sender, request.clone(), most).await
        {
            return Ok(answer);
        }
        let opened = tokio::time::timeout(CONNECT, self.open()).await.map_err(|_| Lost::Late)?;
        self.over(opened.map_err(|error| told(&error))?, request, most).await
    }

    /// Sends over one connection, which is kept when all of the answer came.
    async fn over(
        &self,
        mut sender: Sender,
        request: Request<Full<Bytes>>,
        most: usize,
    ) -> Result<Answer, Lost> {
        let answer: Response<Incoming> = sender.send_request(request).await.map_err(|error| told(&error))?;
        let (head, mut body) = answer.into_parts();
        let mut bytes = Zeroizing::new(Vec::with_capacity(USUAL_ANSWER));
        while let Some(frame) = body.frame().await {
            if let Some(data) = frame.map_err(|error| told(&error))?.data_ref() {
                bytes.extend_from_slice(data);
            }
            if bytes.len() > most {
                return Err(Lost::Broken("the answer is too long".to_owned()));
            }
        }
        self.keep(sender);
        Ok((head, bytes))
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
}

/// A connection, which lives as long as its sender.
async fn shaken(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> io::Result<Sender> {
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    tokio::spawn(connection);
    Ok(sender)
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
