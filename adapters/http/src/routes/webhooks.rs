//! Webhooks (devportal.md 3.9 and 4, ruling R25): endpoints, what was sent to them, and sending it again.

use poem_openapi::{
    OpenApi,
    param::{Header, Path, Query},
    payload::Json,
};
use sarai_application::{AppError, Loaded, devportal::webhooks::Webhooks};
use sarai_domain::{
    devportal::{
        values::Environment,
        webhook::{DeliveryStatus, WebhookEndpoint},
    },
    kernel::{Aggregate, Timestamp, id::kinds},
};
use sarai_ports::devportal::DeliveryFilter;

use super::{
    Tag,
    delivery_body::{
        ApiOutcome, DeliveryBody, DeliveryCountBody, DiagnosisBody, RecoverBody, RecoveryBody, SeenBody,
    },
    key_body::ApiEnvironment,
    located::Located,
    webhook_body::{NewWebhookBody, WebhookBody, WebhookPatchBody, WebhookRotationBody, WebhookSecretBody},
};
use crate::{
    answers::{Accepted, Created, Done, Tagged},
    caller::{Caller, if_match},
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::{ApiId, ApiTimestamp},
};

/// Routes of webhooks.
pub struct WebhookRoutes {
    webhooks: Webhooks,
    cursors: Cursors,
}

impl WebhookRoutes {
    /// Over these use cases.
    pub fn new(webhooks: Webhooks, cursors: Cursors) -> Self {
        Self { webhooks, cursors }
    }
}

/// What a command on an endpoint answers.
fn answer(outcome: Result<Loaded<WebhookEndpoint>, AppError>) -> Result<Tagged<200, WebhookBody>, Problem> {
    let saved = outcome?;
    let body = WebhookBody::of(saved.aggregate.data(), saved.version, None);
    Ok(Tagged { version: saved.version, body })
}

fn filter_of(
    outcome: Option<ApiOutcome>,
    code: Option<u16>,
    event: Option<String>,
    after: Option<ApiTimestamp>,
    before: Option<ApiTimestamp>,
) -> DeliveryFilter {
    let instant = |at: Option<ApiTimestamp>| at.map(|at| -> Timestamp { at.0 });
    DeliveryFilter {
        outcome: outcome.map(DeliveryStatus::from),
        code,
        event,
        after: instant(after),
        before: instant(before),
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Webhooks")]
impl WebhookRoutes {
    /// Create an endpoint
    ///
    /// Its secret is shown in this answer and never again.
    #[oai(path = "/webhooks", method = "post", operation_id = "webhooks.create")]
    async fn create(
        &self,
        caller: Caller,
        body: Json<NewWebhookBody>,
    ) -> Result<Located<Created<WebhookSecretBody>>, Problem> {
        let environment = caller.0.environment(body.0.environment())?;
        let made = self.webhooks.create(&caller.0, body.0.parse(environment)?).await?;
        let path = format!("/v1/webhooks/{}", made.endpoint.aggregate.id());
        let answer = Created(WebhookSecretBody::from(&made));
        Ok(Located { path, version: Some(made.endpoint.version), answer })
    }

    /// The tenant's endpoints of one environment, newest first
    #[oai(path = "/webhooks", method = "get", operation_id = "webhooks.list")]
    async fn list(
        &self,
        caller: Caller,
        environment: Query<Option<ApiEnvironment>>,
        #[oai(name = "sandboxId")] sandbox: Query<Option<ApiId<kinds::Sandbox>>>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<WebhookBody>>, Problem> {
        let environment = caller.0.environment(environment.0.map(Environment::from))?;
        let sandbox = sandbox.0.map(|id| id.0);
        let list = self.cursors.list("webhooks.list", caller.tenant());
        let list = list.filter("environment", Some(environment.as_str())).filter("sandbox", sandbox);
        let page = list.request(limit.0, cursor.0.as_deref())?;
        let (page, health) = self.webhooks.list(&caller.0, environment, sandbox, &page).await?;
        Ok(Json(list.answer(page, |endpoint| {
            let health = health.iter().find(|health| health.id == endpoint.id());
            WebhookBody::of(endpoint.data(), endpoint.version(), health)
        })))
    }

    /// One endpoint
    #[oai(path = "/webhooks/:id", method = "get", operation_id = "webhooks.get")]
    async fn get(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::WebhookEndpoint>>,
    ) -> Result<Tagged<200, WebhookBody>, Problem> {
        let (endpoint, health) = self.webhooks.get(&caller.0, id.0.0).await?;
        let body = WebhookBody::of(endpoint.data(), endpoint.version(), health.as_ref());
        Ok(Tagged { version: endpoint.version(), body })
    }

    /// Change an endpoint
    #[oai(path = "/webhooks/:id", method = "patch", operation_id = "webhooks.edit")]
    async fn edit(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::WebhookEndpoint>>,
        #[oai(name = "If-Match")] version: Header<Option<String>>,
        body: Json<WebhookPatchBody>,
    ) -> Result<Tagged<200, WebhookBody>, Problem> {
        let version = if_match(version.0.as_deref())?;
        answer(self.webhooks.edit(&caller.0, id.0.0, version, body.0.parse()?).await)
    }

    /// Remove an endpoint with its secrets
    #[oai(path = "/webhooks/:id", method = "delete", operation_id = "webhooks.delete")]
    async fn delete(&self, caller: Caller, id: Path<ApiId<kinds::WebhookEndpoint>>) -> Result<Done, Problem> {
        self.webhooks.delete(&caller.0, id.0.0).await?;
        Ok(Done)
    }

    /// Put a new secret in the place of one
    ///
    /// It is shown in this answer and never again. Until the overlap is over both sign.
    #[oai(path = "/webhooks/:id/rotate-secret", method = "post", operation_id = "webhooks.rotate-secret")]
    async fn rotate(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::WebhookEndpoint>>,
        body: Json<WebhookRotationBody>,
    ) -> Result<Tagged<200, WebhookSecretBody>, Problem> {
        let made = self.webhooks.rotate(&caller.0, id.0.0, body.0.overlap()).await?;
        Ok(Tagged { version: made.endpoint.version, body: WebhookSecretBody::from(&made) })
    }

    /// Let an endpoint get events again
    #[oai(path = "/webhooks/:id/enable", method = "post", operation_id = "webhooks.enable")]
    async fn enable(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::WebhookEndpoint>>,
    ) -> Result<Tagged<200, WebhookBody>, Problem> {
        answer(self.webhooks.enable(&caller.0, id.0.0).await)
    }

    /// Stop an endpoint
    #[oai(path = "/webhooks/:id/disable", method = "post", operation_id = "webhooks.disable")]
    async fn disable(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::WebhookEndpoint>>,
    ) -> Result<Tagged<200, WebhookBody>, Problem> {
        answer(self.webhooks.disable(&caller.0, id.0.0).await)
    }

    /// Send a test event and tell what became of it
    #[oai(path = "/webhooks/:id/test", method = "post", operation_id = "webhooks.test")]
    async fn test(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::WebhookEndpoint>>,
    ) -> Result<Accepted<DeliveryBody>, Problem> {
        let delivery = self.webhooks.test(&caller.0, id.0.0).await?;
        Ok(Accepted(delivery.data().into()))
    }

    /// What was sent to an endpoint, newest first
    #[allow(clippy::too_many_arguments, reason = "a filter each")]
    #[oai(path = "/webhooks/:id/deliveries", method = "get", operation_id = "webhooks.deliveries")]
    async fn deliveries(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::WebhookEndpoint>>,
        outcome: Query<Option<ApiOutcome>>,
        code: Query<Option<u16>>,
        event: Query<Option<String>>,
        after: Query<Option<ApiTimestamp>>,
        before: Query<Option<ApiTimestamp>>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<DeliveryBody>>, Problem> {
        let filter = filter_of(outcome.0, code.0, event.0, after.0, before.0);
        let list = self
            .cursors
            .list("webhooks.deliveries", caller.tenant())
            .filter("endpoint", Some(id.0.0))
            .filter("outcome", filter.outcome.map(|outcome| format!("{outcome:?}")))
            .filter("code", filter.code)
            .filter("event", filter.event.as_ref())
            .filter("after", filter.after)
            .filter("before", filter.before);
        let page = list.request(limit.0, cursor.0.as_deref())?;
        let page = self.webhooks.deliveries(&caller.0, id.0.0, &filter, &page).await?;
        Ok(Json(list.answer(page, |delivery| delivery.data().into())))
    }

    /// How many deliveries there are
    #[allow(clippy::too_many_arguments, reason = "a filter each")]
    #[oai(
        path = "/webhooks/:id/deliveries/count",
        method = "get",
        operation_id = "webhooks.deliveries.count"
    )]
    async fn count(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::WebhookEndpoint>>,
        outcome: Query<Option<ApiOutcome>>,
        code: Query<Option<u16>>,
        event: Query<Option<String>>,
        after: Query<Option<ApiTimestamp>>,
        before: Query<Option<ApiTimestamp>>,
    ) -> Result<Json<DeliveryCountBody>, Problem> {
        let filter = filter_of(outcome.0, code.0, event.0, after.0, before.0);
        let count = self.webhooks.count(&caller.0, id.0.0, &filter).await?;
        Ok(Json(DeliveryCountBody { count }))
    }

    /// Send a delivery again
    ///
    /// It is another delivery with the same `webhookId`, of one attempt.
    #[oai(
        path = "/webhooks/:id/deliveries/:deliveryId/replay",
        method = "post",
        operation_id = "webhooks.replay"
    )]
    async fn replay(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::WebhookEndpoint>>,
        #[oai(name = "deliveryId")] delivery: Path<ApiId<kinds::WebhookDelivery>>,
    ) -> Result<Accepted<DeliveryBody>, Problem> {
        let replay = self.webhooks.replay(&caller.0, id.0.0, delivery.0.0).await?;
        Ok(Accepted(replay.data().into()))
    }

    /// Send again what was lost in a time
    ///
    /// What failed or waits for another attempt, and what happened while the endpoint was disabled, is sent once more, now.
    /// What came through since, or is on its way, is not lost.
    #[oai(path = "/webhooks/:id/recover", method = "post", operation_id = "webhooks.recover")]
    async fn recover(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::WebhookEndpoint>>,
        body: Json<RecoverBody>,
    ) -> Result<Accepted<RecoveryBody>, Problem> {
        let until = body.0.until.map(|at| at.0);
        let recovery = self.webhooks.recover(&caller.0, id.0.0, body.0.since.0, until).await?;
        Ok(Accepted(recovery.into()))
    }

    /// One delivery
    #[oai(path = "/deliveries/:id", method = "get", operation_id = "deliveries.get")]
    async fn delivery(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::WebhookDelivery>>,
    ) -> Result<Json<DeliveryBody>, Problem> {
        let delivery = self.webhooks.delivery(&caller.0, id.0.0).await?;
        Ok(Json(delivery.data().into()))
    }

    /// Find out why a receiver did not take a delivery
    ///
    /// Give what its server saw: the answer says what differs from what was sent.
    #[oai(path = "/deliveries/:id/diagnose", method = "post", operation_id = "deliveries.diagnose")]
    async fn diagnose(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::WebhookDelivery>>,
        body: Json<SeenBody>,
    ) -> Result<Json<DiagnosisBody>, Problem> {
        let seen = body.0.into();
        let diagnosis = self.webhooks.diagnose(&caller.0, id.0.0, &seen).await?;
        let delivery = self.webhooks.delivery(&caller.0, id.0.0).await?;
        Ok(Json(DiagnosisBody::of(&diagnosis, delivery.data())))
    }
}
