//! The customer portal: pages made on the server, from what the platform's API answers.
//!
//! - [`seal`]: sealing; `cookies`, `form`: what a browser keeps, and which forms are ours
//! - `visit`: one request; `reply`: its answer and headers; `routes`: the table of pages
//! - `shell`, `components`: what pages are made of; `words`: their languages; `assets`, `encoding`: style, script, picture
//! - `pages`: a file each
//!
//! State is in the address, in sealed cookies and behind the API: any instance answers any request.

mod assets;
mod components;
mod cookies;
mod encoding;
mod enter;
mod form;
mod pages;
mod reply;
mod reports;
mod routes;
pub mod seal;
mod shell;
mod visit;
mod words;

use std::{
    net::IpAddr,
    sync::{Arc, OnceLock},
    time::Instant,
};

use poem::{Endpoint, Request, Response, Result};
use sarai_ports::{
    customer_portal::PlatformApi,
    system::{Clock, Entropy, IdGenerator},
};

use crate::{
    reply::{Reply, Sending},
    reports::Reports,
    seal::{Ring, SealingKey},
    words::Catalogue,
};

/// Where a request comes from.
pub type ClientOf = Box<dyn Fn(&Request) -> Option<IpAddr> + Send + Sync>;

/// What the portal is made of.
pub struct PortalParts {
    /// The API.
    pub platform: Arc<dyn PlatformApi>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids of requests and forms.
    pub ids: Arc<dyn IdGenerator>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The keys that cookies are sealed with: the first seals, all open.
    pub keys: Vec<SealingKey>,
    /// Whether it is reached over TLS.
    pub tls: bool,
    /// Where browsers reach the API, when that is not where they reach the portal.
    pub api: Option<String>,
    /// Where a request comes from, told to the API, which counts how often by it: the peer, or whom a trusted proxy names.
    pub client: ClientOf,
    /// An account to try it with: address and password, shown where one signs in.
    pub demo: Option<(String, String)>,
}

/// What every request shares.
pub(crate) struct Inner {
    pub(crate) platform: Arc<dyn PlatformApi>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdGenerator>,
    pub(crate) ring: Ring,
    pub(crate) catalogue: Catalogue,
    pub(crate) origins: OnceLock<Vec<String>>,
    pub(crate) tls: bool,
    pub(crate) api: Option<String>,
    pub(crate) client: ClientOf,
    pub(crate) demo: Option<(String, String)>,
    pub(crate) reports: Reports,
}

impl Inner {
    /// Where people reach it, as a link begins.
    pub(crate) fn origin(&self) -> &str {
        self.origins.get().and_then(|origins| origins.first()).map_or("", String::as_str)
    }

    /// What an address of the API begins with on a page: nothing, where it is beside the portal.
    pub(crate) fn api(&self) -> &str {
        self.api.as_deref().unwrap_or_default().trim_end_matches('/')
    }

    /// The same for an address that is used elsewhere than on a page.
    pub(crate) fn api_origin(&self) -> &str {
        Some(self.api()).filter(|api| !api.is_empty()).unwrap_or_else(|| self.origin())
    }
}

/// The portal as an endpoint. Cloning it is cheap.
#[derive(Clone)]
pub struct Portal {
    inner: Arc<Inner>,
}

impl Portal {
    /// The portal over these.
    pub fn new(parts: PortalParts) -> Self {
        let PortalParts { platform, clock, ids, entropy, keys, tls, api, client, demo } = parts;
        let ring = Ring::new(&keys, entropy);
        let catalogue = Catalogue::new();
        let (origins, reports) = (OnceLock::new(), Reports::default());
        let inner = Inner { platform, clock, ids, ring, catalogue, origins, tls, api, client, demo, reports };
        Self { inner: Arc::new(inner) }
    }

    /// Whether it has something at a path.
    pub fn serves(path: &str) -> bool {
        path == "/csp-report" || path.starts_with("/assets/") || routes::knows(path)
    }

    /// The origins that its pages have, known once a socket is open: forms come from them.
    pub fn reached_at(&self, origins: Vec<String>) {
        // Told twice, the first stands.
        let _ = self.inner.origins.set(origins);
    }
}

impl Endpoint for Portal {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        if let Some(asset) = assets::answer(&request) {
            return Ok(asset);
        }
        let began = Instant::now();
        let request_id = self.inner.ids.ulid().to_string();
        let encoding = assets::encoding_of(&request);
        let (route, reply, cookies) = enter::answer(&self.inner, &mut request, &request_id).await;
        let reply: Reply = reply;
        let tls = self.inner.tls;
        let response = reply.send(&Sending { cookies: &cookies, request_id: &request_id, encoding, tls });
        // The route's pattern, never the address: filters hold phone numbers.
        tracing::info!(
            route,
            status = response.status().as_u16(),
            ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            request_id,
            "page"
        );
        Ok(response)
    }
}

#[cfg(test)]
mod developer_tests;
#[cfg(test)]
mod form_tests;
#[cfg(test)]
#[path = "portal_tests.rs"]
mod tests;
