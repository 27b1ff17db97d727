//! A connection to a provider, in TLS or in clear, and what a failure on the way means.

use std::{io, path::Path, sync::Arc, time::Duration};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use crate::config::{Endpoint, Problem};

/// Either side of a conversation.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Connects to one endpoint.
#[derive(Clone)]
pub(crate) struct Connector {
    endpoint: Endpoint,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

/// Certificates of a file, besides the public ones.
pub(crate) fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let wrong = |error: &dyn std::fmt::Display| {
        Problem::Certificates(format!("{} holds no certificates in PEM: {error}", file.display()))
    };
    let read: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(file).map_err(|error| wrong(&error))?.collect();
    let certificates = read.map_err(|error| wrong(&error))?;
    if certificates.is_empty() { Err(wrong(&"none found")) } else { Ok(certificates) }
}

impl Connector {
    pub(crate) fn new(endpoint: Endpoint, ca_file: Option<&Path>) -> Result<Self, Problem> {
        let wrong = |error: rustls::Error| Problem::Certificates(error.to_string());
        let tls = if endpoint.tls {
            let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            for certificate in ca_file.map(certificates).transpose()?.unwrap_or_default() {
                roots.add(certificate).map_err(wrong)?;
            }
            let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(wrong)?
                .with_root_certificates(roots)
                .with_no_client_auth();
            let name = ServerName::try_from(endpoint.host.clone()).map_err(|_| Problem::Address)?;
            Some((TlsConnector::from(Arc::new(config)), name))
        } else {
            None
        };
        Ok(Self { endpoint, tls })
    }

    /// A stream, within this time.
    pub(crate) async fn connect(&self, within: Duration) -> io::Result<Box<dyn Stream>> {
        timeout(within, self.open()).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    async fn open(&self) -> io::Result<Box<dyn Stream>> {
        let Endpoint { host, port, .. } = &self.endpoint;
        let stream = TcpStream::connect((host.as_str(), *port)).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            Some((tls, name)) => Ok(Box::new(tls.connect(name.clone(), stream).await?)),
            None => Ok(Box::new(stream)),
        }
    }
}

/// Why nobody was reached, in a word.
pub(crate) fn word_for(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection_refused",
        io::ErrorKind::TimedOut => "connect_timeout",
        io::ErrorKind::InvalidData => "tls_failed",
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::UnexpectedEof => {
            "connection_lost"
        }
        _ => "unreachable",
    }
}

/// A provider's own code as it may be kept: short, of plain characters, and not long enough in digits to be somebody's
/// code (V-INV-1).
pub(crate) fn token(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte);
    let digits = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or_default();
    let kept = (1..=64).contains(&text.len()) && text.bytes().all(plain) && digits < 6;
    kept.then(|| text.to_owned())
}
