//! Requests to a service that keeps objects: each on a connection of its own, in TLS or in clear.
//!
//! The object store's own client would bring a second implementation of TLS into the program; this one uses the
//! connections that the senders have.

use std::{io, sync::Arc, time::Duration};

use async_trait::async_trait;
use http_body_util::BodyExt as _;
use hyper::{
    Request,
    client::conn::http1,
    header::{HOST, HeaderValue},
    http::Uri,
};
use hyper_util::rt::TokioIo;
use object_store::{
    ClientOptions,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody,
        HttpService,
    },
};
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take to begin.
const ANSWER: Duration = Duration::from_mins(1);

/// Either side of a conversation.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Makes connections.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    tls: Arc<ClientConfig>,
}

impl Wire {
    pub(crate) fn new() -> Result<Self, rustls::Error> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: Arc::new(tls) })
    }

    async fn open(&self, uri: &Uri) -> io::Result<Box<dyn Stream>> {
        let wrong = || io::Error::from(io::ErrorKind::InvalidInput);
        let host = uri.host().ok_or_else(wrong)?.trim_matches(['[', ']']);
        let in_clear = uri.scheme_str() == Some("http");
        let port = uri.port_u16().unwrap_or(if in_clear { 80 } else { 443 });
        let stream = TcpStream::connect((host, port)).await?;
        stream.set_nodelay(true)?;
        if in_clear {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(host.to_owned()).map_err(|_| wrong())?;
        Ok(Box::new(TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await?))
    }

    async fn exchange(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let late = || io::Error::from(io::ErrorKind::TimedOut);
        let opened = timeout(CONNECT, self.open(request.uri())).await.unwrap_or_else(|_| Err(late()));
        let stream = opened.map_err(|error| HttpError::new(HttpErrorKind::Connect, error))?;
        local(&mut request)?;
        let broken = |error| HttpError::new(HttpErrorKind::Request, error);
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        // It ends with the answer's body.
        tokio::spawn(connection);
        let answer = timeout(ANSWER, sender.send_request(request)).await;
        let answer = answer.map_err(|_| HttpError::new(HttpErrorKind::Timeout, late()))?.map_err(broken)?;
        let (parts, body) = answer.into_parts();
        let body = body.map_err(|error| HttpError::new(HttpErrorKind::Interrupted, error));
        Ok(HttpResponse::from_parts(parts, HttpResponseBody::new(body)))
    }
}

/// Writes an address as the server of a connection reads it: the host as a header, the rest as the path.
fn local<B>(request: &mut Request<B>) -> Result<(), HttpError> {
    let unknown = |error: hyper::http::Error| HttpError::new(HttpErrorKind::Unknown, error);
    let uri = request.uri();
    let host = HeaderValue::from_str(uri.authority().map_or("", |authority| authority.as_str()));
    let host = host.map_err(|error| unknown(error.into()))?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).parse();
    *request.uri_mut() = path.map_err(|error: hyper::http::uri::InvalidUri| unknown(error.into()))?;
    request.headers_mut().insert(HOST, host);
    Ok(())
}

#[async_trait]
impl HttpService for Wire {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        self.exchange(request).await
    }
}

impl HttpConnector for Wire {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}
