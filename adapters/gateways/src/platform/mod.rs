//! Our own API as the customer portal calls it (ruling R29): the one [`PlatformApi`]. What carries a call is a
//! [`Connector`]: [`HttpConnector`] over the network, or the endpoint of the same process, which `apps/sarai` has.

mod client;
mod developer;
mod http;

use std::net::IpAddr;

use async_trait::async_trait;

pub use self::{client::PlatformClient, http::HttpConnector};

/// A call of the API.
#[derive(Debug)]
pub struct PlatformRequest {
    /// The method.
    pub method: &'static str,
    /// Path and query, below the base.
    pub target: String,
    /// Its headers; a token is among them.
    pub headers: Vec<(&'static str, String)>,
    /// Its JSON body.
    pub body: Option<Vec<u8>>,
    /// Where whoever asks is.
    pub client: Option<IpAddr>,
}

/// What the API answered.
pub struct PlatformAnswer {
    /// The status.
    pub status: u16,
    /// `Retry-After` in seconds.
    pub retry_after: Option<u64>,
    /// `Location`.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectorError {
    /// No connection, or it broke.
    #[error("the API is out of reach")]
    Unreachable,
    /// No answer in time.
    #[error("the API did not answer in time")]
    Late,
}

/// What carries a call to the API.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Carries one call.
    async fn send(&self, request: PlatformRequest) -> Result<PlatformAnswer, ConnectorError>;
}
