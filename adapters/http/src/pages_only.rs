//! Pages of somebody else with a server of their own: no API, only health beside them.

use std::sync::Arc;

use poem::{Endpoint, EndpointExt as _, Request, Response, Result, endpoint::BoxEndpoint, http::Method};

use crate::{
    server::Served,
    site::{Health, alive},
};

/// Pages, and health.
#[derive(Clone)]
pub struct PagesOnly {
    pages: Arc<BoxEndpoint<'static, Response>>,
    health: Health,
}

impl PagesOnly {
    /// These pages.
    pub fn new(pages: impl Endpoint<Output = Response> + 'static, health: Health) -> Self {
        Self { pages: Arc::new(pages.boxed()), health }
    }
}

impl Endpoint for PagesOnly {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let looks = request.method() == Method::GET || request.method() == Method::HEAD;
        match request.uri().path() {
            "/healthz" if looks => Ok(alive()),
            "/readyz" if looks => Ok(self.health.ready().await),
            _ => self.pages.call(request).await,
        }
    }
}

impl Served for PagesOnly {
    fn health(&self) -> &Health {
        &self.health
    }

    async fn tend(&self) {
        std::future::pending::<()>().await;
    }

    async fn settled(&self) {}
}
