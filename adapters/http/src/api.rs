//! The whole HTTP surface as one endpoint: the API behind its gate, and the pages around it.

use std::sync::{Arc, OnceLock};

use poem::{Endpoint, EndpointExt as _, IntoEndpoint, Request, Response, Result, endpoint::BoxEndpoint};
use poem_openapi::{OpenApi, OpenApiService};
use tokio_util::task::TaskTracker;

use crate::{
    gate::{Gate, GateParts, Limiter},
    guarded::Guarded,
    openapi,
    routes::Routes,
    site::{Health, Site},
};

/// Everything that is served. Cloning it is cheap; calling it needs no socket.
#[derive(Clone)]
pub struct Api {
    parts: Arc<Parts>,
}

/// Whether somebody else has a page at a path.
type Serves = fn(&str) -> bool;

struct Parts {
    gate: Gate<BoxEndpoint<'static, Response>>,
    site: Site,
    limiter: Arc<Limiter>,
    tasks: TaskTracker,
    /// Pages of somebody else, wherever we have none.
    pages: OnceLock<(BoxEndpoint<'static, Response>, Serves)>,
}

impl Api {
    /// Puts routes behind the gate, and beside them health, document and pages.
    pub fn new(routes: Routes, parts: GateParts, health: Health) -> Self {
        Self::assemble(routes, parts, health)
    }

    /// The same for any routes.
    pub(crate) fn assemble<T: OpenApi + 'static>(routes: T, parts: GateParts, health: Health) -> Self {
        let document = openapi::describe::<T>();
        let service = OpenApiService::new(Guarded(routes), "Sarai", env!("CARGO_PKG_VERSION"));
        let ids = parts.ids.clone();
        let gate = Gate::new(service.into_endpoint(), &document, parts, health.draining());
        let (limiter, tasks) = (gate.limiter(), gate.tasks());
        let (site, pages) = (Site::new(&document, health, ids), OnceLock::new());
        Self { parts: Arc::new(Parts { gate, site, limiter, tasks, pages }) }
    }

    /// Serves these pages wherever the API and its site have none: at their paths, and to whoever wants a page; once.
    pub fn with_pages(&self, pages: impl Endpoint<Output = Response> + 'static, serves: fn(&str) -> bool) {
        let _ = self.parts.pages.set((pages.boxed(), serves));
    }

    /// What has to be done now and then, for ever: dropping buckets of callers who left.
    pub async fn tend(&self) {
        self.parts.limiter.tend().await;
    }

    /// Waits for the handlers that still run, also those whose clients went away.
    pub(crate) async fn settled(&self) {
        self.parts.tasks.close();
        self.parts.tasks.wait().await;
    }

    /// Whether it serves; not any more once it drains.
    pub(crate) fn health(&self) -> &Health {
        self.parts.site.health()
    }
}

impl Endpoint for Api {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let path = request.uri().path();
        if path == "/v1" || path.starts_with("/v1/") {
            self.parts.gate.call(request).await
        } else if let Some((pages, serves)) = self.parts.pages.get()
            && !Site::serves(path)
            && (serves(path) || request.header("accept").is_some_and(|kinds| kinds.contains("text/html")))
        {
            pages.call(request).await
        } else {
            self.parts.site.call(request).await
        }
    }
}
