//! What webhooks need beside a store: the way out, and keys that sign.

use std::net::{IpAddr, SocketAddr};

use async_trait::async_trait;
use sarai_domain::devportal::{
    values::HttpsUrl,
    webhook::{AttemptOutcome, DeliveryFault},
};

/// The addresses an operator admits by name beside the public ones (ruling R25): each on one port, or on every port.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Admitted(pub Vec<(IpAddr, Option<u16>)>);

impl Admitted {
    /// Those that may be called on this port.
    pub fn on(&self, port: u16) -> Vec<IpAddr> {
        let here = self.0.iter().filter(|(_, only)| only.is_none_or(|only| only == port));
        here.map(|(address, _)| *address).collect()
    }
}

impl FromIterator<SocketAddr> for Admitted {
    fn from_iter<I: IntoIterator<Item = SocketAddr>>(addresses: I) -> Self {
        Self(addresses.into_iter().map(|address| (address.ip(), Some(address.port()))).collect())
    }
}

/// A request to an endpoint.
#[derive(Debug, Clone)]
pub struct WebhookRequest {
    /// Where to.
    pub url: HttpsUrl,
    /// Its headers beside those that every request has.
    pub headers: Vec<(&'static str, String)>,
    /// Its body: JSON.
    pub body: String,
    /// Whether the beginning of a plain-text answer is wanted.
    pub keep_answer: bool,
}

/// The way out: HTTPS to public addresses and to what the operator admits, to nothing else (W-INV-1).
#[async_trait]
pub trait WebhookTransport: Send + Sync {
    /// The addresses that are admitted beside the public ones.
    fn admitted(&self) -> &Admitted;
    /// Whether the host's name leads now to what may be called. Only [`DeliveryFault::TargetForbidden`] is for good:
    /// the connection is looked at again when it is made.
    async fn look_up(&self, url: &HttpsUrl) -> Result<(), DeliveryFault>;
    /// Posts, once, within 10 seconds: redirects are not followed, and at most 64 KiB are read.
    async fn post(&self, request: WebhookRequest) -> AttemptOutcome;
}
