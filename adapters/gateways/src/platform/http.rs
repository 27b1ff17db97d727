//! Calls over the network, in clear or in TLS.

use std::path::Path;

use async_trait::async_trait;
use http_body_util::Full;
use hyper::{Request, body::Bytes, header::HOST, http::Uri};

use super::{Connector, ConnectorError, PlatformAnswer, PlatformRequest};
use crate::{
    AddressError,
    connections::{Connections, Lost},
};

/// The most bytes of an answer: an export of everything that may be exported.
const ANSWER_MAX: usize = 64 << 20;

/// Calls the API at an address.
pub struct HttpConnector {
    connections: Connections,
    /// What stands before every path.
    prefix: String,
}

impl HttpConnector {
    /// Calls the API at this address, `http://` or `https://`. A server is believed with a certificate of a public
    /// authority, or of this file's (PEM).
    ///
    /// # Errors
    /// When the address is none, or the file holds no certificate.
    pub fn new(address: &str, authorities: Option<&Path>) -> Result<Self, AddressError> {
        let connections = Connections::to(address, authorities)?;
        let prefix = address.parse::<Uri>().map(|uri| uri.path().trim_end_matches('/').to_owned());
        Ok(Self { connections, prefix: prefix.unwrap_or_default() })
    }

    fn request(&self, call: &PlatformRequest) -> Result<Request<Full<Bytes>>, ConnectorError> {
        let mut request = Request::builder()
            .method(call.method)
            .uri(format!("{}{}", self.prefix, call.target))
            .header(HOST, self.connections.authority.as_str());
        for (name, value) in &call.headers {
            request = request.header(*name, value.as_str());
        }
        if let Some(client) = call.client {
            request = request.header("x-forwarded-for", client.to_string());
        }
        let body = Bytes::from(call.body.clone().unwrap_or_default());
        request.body(Full::new(body)).map_err(|_| ConnectorError::Unreachable)
    }
}

#[async_trait]
impl Connector for HttpConnector {
    async fn send(&self, call: PlatformRequest) -> Result<PlatformAnswer, ConnectorError> {
        let repeatable =
            call.method != "POST" || call.headers.iter().any(|(name, _)| *name == "idempotency-key");
        let answer = self.connections.exchange(self.request(&call)?, repeatable, ANSWER_MAX).await;
        let (head, mut body) = answer.map_err(|lost| match lost {
            Lost::Late => ConnectorError::Late,
            Lost::Broken(_) => ConnectorError::Unreachable,
        })?;
        let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
        Ok(PlatformAnswer {
            status: head.status.as_u16(),
            retry_after: text("retry-after").and_then(|seconds| seconds.parse().ok()),
            location: text("location").map(str::to_owned),
            body: std::mem::take(&mut *body),
        })
    }
}
