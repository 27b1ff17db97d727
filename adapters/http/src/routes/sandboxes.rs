//! Sandboxes (devportal.md 3.4 and 4): made, moved in time, begun anew, read, closed.

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use sarai_application::devportal::sandboxes::Sandboxes;
use sarai_domain::{
    devportal::sandbox::SCENARIOS,
    kernel::{Aggregate as _, id::kinds},
};

use super::{
    Tag,
    located::Located,
    sandbox_body::{ClockBody, ExtendBody, MessageBody, NewSandboxBody, SandboxBody, ScenariosBody},
};
use crate::{
    answers::{Created, Done},
    caller::Caller,
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::ApiId,
};

/// Routes of sandboxes.
pub struct SandboxRoutes {
    sandboxes: Sandboxes,
    cursors: Cursors,
}

impl SandboxRoutes {
    /// Over these use cases.
    pub fn new(sandboxes: Sandboxes, cursors: Cursors) -> Self {
        Self { sandboxes, cursors }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Sandboxes")]
impl SandboxRoutes {
    /// Make a sandbox
    ///
    /// Its clock stands still at the moment it is made, and moves only when it is told to.
    #[oai(path = "/sandboxes", method = "post", operation_id = "sandboxes.create")]
    async fn create(
        &self,
        caller: Caller,
        body: Json<NewSandboxBody>,
    ) -> Result<Located<Created<SandboxBody>>, Problem> {
        let created = self.sandboxes.create(&caller.0, body.0.parse()?).await?;
        let path = format!("/v1/sandboxes/{}", created.aggregate.id());
        let answer = Created(SandboxBody::from(&created.aggregate));
        Ok(Located { path, version: None, answer })
    }

    /// The tenant's sandboxes, newest first
    #[oai(path = "/sandboxes", method = "get", operation_id = "sandboxes.list")]
    async fn list(
        &self,
        caller: Caller,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<SandboxBody>>, Problem> {
        let list = self.cursors.list("sandboxes.list", caller.tenant());
        let page = list.request(limit.0, cursor.0.as_deref())?;
        let page = self.sandboxes.list(&caller.0, &page).await?;
        Ok(Json(list.answer(page, |sandbox| SandboxBody::from(&sandbox))))
    }

    /// One sandbox
    #[oai(path = "/sandboxes/:id", method = "get", operation_id = "sandboxes.get")]
    async fn get(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Sandbox>>,
    ) -> Result<Json<SandboxBody>, Problem> {
        Ok(Json(SandboxBody::from(&self.sandboxes.get(&caller.0, id.0.0).await?)))
    }

    /// Close a sandbox
    ///
    /// Its verifications and messages are deleted.
    #[oai(path = "/sandboxes/:id", method = "delete", operation_id = "sandboxes.close")]
    async fn close(&self, caller: Caller, id: Path<ApiId<kinds::Sandbox>>) -> Result<Done, Problem> {
        self.sandboxes.close(&caller.0, id.0.0).await?;
        Ok(Done)
    }

    /// Move a sandbox's clock forward
    ///
    /// Everything that is due by then has happened when this answers: receipts, fallbacks, expiries, in the order of
    /// their times.
    #[oai(path = "/sandboxes/:id/clock", method = "post", operation_id = "sandboxes.advance")]
    async fn advance(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Sandbox>>,
        body: Json<ClockBody>,
    ) -> Result<Json<SandboxBody>, Problem> {
        let sandbox = self.sandboxes.advance(&caller.0, id.0.0, body.0.advance_seconds).await?;
        Ok(Json(SandboxBody::from(&sandbox)))
    }

    /// Clear a sandbox's data and counters
    ///
    /// Its clock stays where it is.
    #[oai(path = "/sandboxes/:id/reset", method = "post", operation_id = "sandboxes.reset")]
    async fn reset(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Sandbox>>,
    ) -> Result<Json<SandboxBody>, Problem> {
        Ok(Json(SandboxBody::from(&self.sandboxes.reset(&caller.0, id.0.0).await?)))
    }

    /// Let a sandbox live longer
    #[oai(path = "/sandboxes/:id/extend", method = "post", operation_id = "sandboxes.extend")]
    async fn extend(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Sandbox>>,
        body: Json<ExtendBody>,
    ) -> Result<Json<SandboxBody>, Problem> {
        let sandbox = self.sandboxes.extend(&caller.0, id.0.0, body.0.ttl_seconds).await?;
        Ok(Json(SandboxBody::from(&sandbox)))
    }

    /// The messages of a sandbox, newest first, each with its code
    #[oai(path = "/sandboxes/:id/inbox", method = "get", operation_id = "sandboxes.inbox")]
    async fn inbox(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Sandbox>>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<MessageBody>>, Problem> {
        let list = self.cursors.list("sandboxes.inbox", caller.tenant()).filter("sandbox", Some(id.0.0));
        let page = list.request(limit.0, cursor.0.as_deref())?;
        let page = self.sandboxes.inbox(&caller.0, id.0.0, &page).await?;
        Ok(Json(list.answer(page, MessageBody::from)))
    }

    /// What sandboxes pretend, and which destinations stand for it
    #[oai(path = "/sandbox-scenarios", method = "get", operation_id = "sandbox-scenarios.list")]
    #[allow(clippy::unused_async, reason = "the library awaits its handlers")]
    async fn scenarios(&self, _caller: Caller) -> Json<ScenariosBody> {
        Json(ScenariosBody { data: SCENARIOS.iter().map(Into::into).collect() })
    }
}
