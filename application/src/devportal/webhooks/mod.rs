//! Webhooks: endpoints, what is sent to them, and what became of it (devportal.md 3.9, ruling R25).
//!
//! [`FanOut`] is the consumer that begins a delivery for each endpoint that wants an event; [`Courier`] carries due
//! deliveries out, with a request on no store's time. [`Webhooks`] is what owners do.

mod courier;
mod deliveries;
mod diagnosis;
mod fan_out;
mod payload;

use std::sync::Arc;

use sarai_domain::{
    devportal::{
        values::{Environment, HttpsUrl},
        webhook::{
            DeliveryFault, EndpointEdit, EndpointsInUse, EventFilter, MAX_ENDPOINTS, NewEndpoint,
            SignatureScheme, SigningSecret, WebhookEndpoint, WebhookError,
        },
    },
    kernel::{Aggregate, Outcome, SandboxId, WebhookEndpointId},
};
use sarai_ports::{
    Context, Page, PageRequest, Scope,
    devportal::{EndpointHealth, SecretOf},
};
use time::Duration;

pub use courier::Courier;
pub use deliveries::Recovery;
pub use diagnosis::{Diagnosis, Finding, SeenRequest, Step};
pub use fan_out::{CONSUMER, FanOut};

use crate::{AppError, Call, Loaded, Ports, app::at_version};

/// What is said to fail of an endpoint in a list: what failed in this time.
const HEALTH: Duration = Duration::hours(24);

/// The use cases of webhooks.
#[derive(Clone)]
pub struct Webhooks {
    ports: Arc<Ports>,
}

/// An endpoint that somebody wants.
#[derive(Debug, Clone)]
pub struct WantedWebhook {
    /// Its environment.
    pub environment: Environment,
    /// The one sandbox whose events it gets; those of all when none is given.
    pub sandbox_id: Option<SandboxId>,
    /// How its deliveries are signed.
    pub scheme: SignatureScheme,
    /// Where to.
    pub url: String,
    /// What it asks for.
    pub events: EventFilter,
    /// What its owner says of it.
    pub description: String,
    /// Whether the beginning of plain-text answers is kept.
    pub keep_answers: bool,
}

/// What is changed of an endpoint.
#[derive(Debug, Clone, Default)]
pub struct WebhookChange {
    /// Where to.
    pub url: Option<String>,
    /// What it asks for.
    pub events: Option<EventFilter>,
    /// What its owner says of it.
    pub description: Option<String>,
    /// Whether the beginning of plain-text answers is kept.
    pub keep_answers: Option<bool>,
}

/// An endpoint with a secret that was made just now: shown once. An ed25519 key is not shown.
#[derive(Debug)]
pub struct WithSecret {
    /// The endpoint.
    pub endpoint: Loaded<WebhookEndpoint>,
    /// The secret.
    pub secret: Option<SigningSecret>,
}

impl Webhooks {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// Creates an endpoint.
    ///
    /// # Errors
    /// `webhook.target_forbidden` (W-INV-1), `not_found` and `sandbox.closed` for the sandbox it names, and what
    /// [`WebhookEndpoint::create`] refuses.
    pub async fn create(&self, call: &Call, wanted: WantedWebhook) -> Result<WithSecret, AppError> {
        let (ports, scope) = (&self.ports, call.scope());
        ports.require_active(call).await?;
        let url = self.target(&wanted.url).await?;
        let (tenant, environment) = (call.principal.tenant_id.clone(), wanted.environment);
        if let Some(id) = wanted.sandbox_id.filter(|_| environment == Environment::Sandbox) {
            ports.open_sandbox(call, id).await?;
        }
        // Of two requests of this process the second counts the first.
        let _turn = ports.lanes.enter(&format!("webhooks:{tenant}:{}", environment.as_str())).await;
        let count = ports.devportal.webhooks().endpoints_in_use(&scope, &tenant, environment).await?;
        let (id, now) = (WebhookEndpointId::new(ports.ulid()), ports.now());
        let of = SecretOf { tenant: &tenant, endpoint: id, scheme: wanted.scheme };
        let (sealed, secret) = ports.devportal.webhook_keys.mint(of)?;
        let new = NewEndpoint {
            id,
            tenant_id: tenant.clone(),
            environment,
            sandbox_id: wanted.sandbox_id,
            scheme: wanted.scheme,
            secret: sealed,
            edit: EndpointEdit {
                url,
                events: wanted.events,
                description: wanted.description,
                keep_answers: wanted.keep_answers,
            },
        };
        let in_use = EndpointsInUse { tenant_id: tenant, environment, count };
        let endpoint = WebhookEndpoint::create(new, in_use, now)?;
        let context = call.context("webhook.create", &id, now);
        let store = ports.devportal.webhooks();
        let saved = ports.save(store, &scope, endpoint.clone(), context).await?;
        // Other processes may have been as quick: of endpoints beyond the limit each sees the others and gives way (W-INV-7).
        if store.endpoints_in_use(&scope, &endpoint.data().tenant_id, environment).await? > MAX_ENDPOINTS {
            let context = Context { claim: None, ..call.context("webhook.give_way", &id, now) };
            let give_way = |endpoint: &mut WebhookEndpoint| Ok(endpoint.delete(now)?);
            ports.change(store, &scope, &id, context, give_way).await?;
            return Err(WebhookError::LimitReached.into());
        }
        let endpoint = Loaded { aggregate: endpoint, version: saved.unwrap_or_default() };
        Ok(WithSecret { endpoint, secret })
    }

    /// The caller's endpoints of an environment, and how they fare.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(
        &self,
        call: &Call,
        environment: Environment,
        sandbox: Option<SandboxId>,
        page: &PageRequest,
    ) -> Result<(Page<WebhookEndpoint>, Vec<EndpointHealth>), AppError> {
        let (store, scope) = (self.ports.devportal.webhooks(), call.scope());
        let tenant = &call.principal.tenant_id;
        let found = store.find_endpoints(&scope, tenant, environment, sandbox, page).await?;
        let ids: Vec<_> = found.items.iter().map(Aggregate::id).collect();
        let health = self.health(&scope, &ids).await?;
        Ok((found, health))
    }

    /// One of the caller's endpoints, and how it fares.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(
        &self,
        call: &Call,
        id: WebhookEndpointId,
    ) -> Result<(WebhookEndpoint, Option<EndpointHealth>), AppError> {
        let endpoint = self.find(call, id).await?;
        Ok((endpoint, self.health(&call.scope(), &[id]).await?.pop()))
    }

    /// Changes an endpoint; `version` is what the editor saw.
    ///
    /// # Errors
    /// `precondition_failed`, `webhook.target_forbidden`, and what [`WebhookEndpoint::edit`] refuses.
    pub async fn edit(
        &self,
        call: &Call,
        id: WebhookEndpointId,
        version: u64,
        change: WebhookChange,
    ) -> Result<Loaded<WebhookEndpoint>, AppError> {
        self.ports.require_active(call).await?;
        let url = match &change.url {
            Some(url) => Some(self.target(url).await?),
            None => None,
        };
        self.change(call, "webhook.edit", id, |endpoint, now| {
            at_version(endpoint.version(), version)?;
            let old = EndpointEdit::from(endpoint.data());
            let edit = EndpointEdit {
                url: url.clone().unwrap_or(old.url),
                events: change.events.clone().unwrap_or(old.events),
                description: change.description.clone().unwrap_or(old.description),
                keep_answers: change.keep_answers.unwrap_or(old.keep_answers),
            };
            Ok(endpoint.edit(edit, now)?)
        })
        .await
    }

    /// Removes an endpoint and its secrets.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn delete(&self, call: &Call, id: WebhookEndpointId) -> Result<(), AppError> {
        self.change(call, "webhook.delete", id, |endpoint, now| Ok(endpoint.delete(now)?)).await.map(drop)
    }

    /// Gives an endpoint another secret; for `overlap_seconds` the one before signs too (W-INV-2).
    ///
    /// # Errors
    /// `not_found`, `webhook.overlap_out_of_range`.
    pub async fn rotate(
        &self,
        call: &Call,
        id: WebhookEndpointId,
        overlap_seconds: u32,
    ) -> Result<WithSecret, AppError> {
        self.ports.require_active(call).await?;
        let scheme = self.find(call, id).await?.data().scheme;
        let of = SecretOf { tenant: &call.principal.tenant_id, endpoint: id, scheme };
        let (sealed, secret) = self.ports.devportal.webhook_keys.mint(of)?;
        let rotate = |endpoint: &mut WebhookEndpoint, now| {
            Ok(endpoint.rotate_secret(sealed.clone(), Duration::seconds(overlap_seconds.into()), now)?)
        };
        let endpoint = self.change(call, "webhook.rotate_secret", id, rotate).await?;
        Ok(WithSecret { endpoint, secret })
    }

    /// Lets an endpoint get events again.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn enable(
        &self,
        call: &Call,
        id: WebhookEndpointId,
    ) -> Result<Loaded<WebhookEndpoint>, AppError> {
        self.ports.require_active(call).await?;
        self.change(call, "webhook.enable", id, |endpoint, now| match endpoint.enable(now) {
            // It was never disabled.
            Err(WebhookError::InvalidTransition(_)) => Ok(Outcome::AlreadyApplied),
            done => Ok(done?),
        })
        .await
    }

    /// Stops an endpoint.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn disable(
        &self,
        call: &Call,
        id: WebhookEndpointId,
    ) -> Result<Loaded<WebhookEndpoint>, AppError> {
        self.change(call, "webhook.disable", id, |endpoint, now| match endpoint.disable(now) {
            // It is disabled for another reason, which stays.
            Err(WebhookError::InvalidTransition(_)) => Ok(Outcome::AlreadyApplied),
            done => Ok(done?),
        })
        .await
    }

    /// One of the caller's endpoints.
    async fn find(&self, call: &Call, id: WebhookEndpointId) -> Result<WebhookEndpoint, AppError> {
        let found = self.ports.devportal.webhooks().find(&call.scope(), &id).await?;
        found.ok_or_else(|| AppError::not_found("webhook"))
    }

    async fn health(
        &self,
        scope: &Scope,
        ids: &[WebhookEndpointId],
    ) -> Result<Vec<EndpointHealth>, AppError> {
        let since = self.ports.now().plus(-HEALTH);
        Ok(self.ports.devportal.deliveries().endpoint_health(scope, ids, since).await?)
    }

    async fn change(
        &self,
        call: &Call,
        action: &'static str,
        id: WebhookEndpointId,
        mut command: impl FnMut(
            &mut WebhookEndpoint,
            sarai_domain::kernel::Timestamp,
        ) -> Result<Outcome, AppError>
        + Send,
    ) -> Result<Loaded<WebhookEndpoint>, AppError> {
        let (ports, now) = (&self.ports, self.ports.now());
        let context = call.context(action, &id, now);
        let command = |endpoint: &mut WebhookEndpoint| command(endpoint, now);
        ports.change(ports.devportal.webhooks(), &call.scope(), &id, context, command).await
    }

    /// A URL that may be called, as far as it can be known now: the connection is looked at again.
    async fn target(&self, text: &str) -> Result<HttpsUrl, AppError> {
        let transport = &self.ports.devportal.webhook_transport;
        let admitted = transport.admitted();
        let url = HttpsUrl::parse_admitting(text, &admitted.addresses()).map_err(WebhookError::from)?;
        let elsewhere = url.address().is_some_and(|address| !admitted.on(url.port()).contains(&address));
        if elsewhere || transport.look_up(&url).await == Err(DeliveryFault::TargetForbidden) {
            return Err(WebhookError::TargetForbidden.into());
        }
        Ok(url)
    }
}
