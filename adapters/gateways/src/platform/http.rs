//! Calls over the network.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Method, Url, redirect::Policy};

use super::{Connector, ConnectorError, PlatformAnswer, PlatformRequest};
use crate::AddressError;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(2);

/// Calls the API at an address.
#[derive(Debug, Clone)]
pub struct HttpConnector {
    base: Url,
    http: reqwest::Client,
}

impl HttpConnector {
    /// Calls the API at this address.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(address: &str) -> Result<Self, AddressError> {
        let wrong = |reason: String| AddressError { address: address.to_owned(), reason };
        let base: Url = address.parse().map_err(|error| wrong(format!("{error}")))?;
        if base.scheme() != "http" {
            return Err(wrong("it begins with http://; TLS is ended beside this process".to_owned()));
        }
        let builder = reqwest::Client::builder().connect_timeout(CONNECT).redirect(Policy::none()).no_proxy();
        Ok(Self { base, http: builder.build().map_err(|error| wrong(error.to_string()))? })
    }
}

#[async_trait]
impl Connector for HttpConnector {
    async fn send(&self, request: PlatformRequest) -> Result<PlatformAnswer, ConnectorError> {
        let url = self.base.join(&request.target).map_err(|_| ConnectorError::Unreachable)?;
        let method =
            Method::from_bytes(request.method.as_bytes()).map_err(|_| ConnectorError::Unreachable)?;
        let mut call = self.http.request(method, url);
        for (name, value) in request.headers {
            call = call.header(name, value);
        }
        if let Some(client) = request.client {
            call = call.header("x-forwarded-for", client.to_string());
        }
        if let Some(body) = request.body {
            call = call.body(body);
        }
        let failed = |error: reqwest::Error| {
            if error.is_timeout() { ConnectorError::Late } else { ConnectorError::Unreachable }
        };
        let answer = call.send().await.map_err(failed)?;
        let status = answer.status().as_u16();
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
        let retry_after = header("retry-after").and_then(|value| value.parse().ok());
        let location = header("location").map(str::to_owned);
        let body = answer.bytes().await.map_err(failed)?.to_vec();
        Ok(PlatformAnswer { status, retry_after, location, body })
    }
}
