//! API keys (devportal.md 3.3 and 4): their metadata; their secrets are shown once.

use poem_openapi::{
    OpenApi,
    param::{Header, Path, Query},
    payload::Json,
};
use sarai_application::devportal::keys::Keys;
use sarai_domain::{
    devportal::{api_key::EffectiveStatus, values::Environment},
    kernel::{Aggregate, id::kinds},
};

use super::{
    Tag,
    key_body::{
        ApiEnvironment, ApiKeyStatus, CreatedKeyBody, KeyBody, KeyPatchBody, NewKeyBody, RevokedBody,
        RotateBody, RotationBody, blocks,
    },
    located::Located,
    members::at,
};
use crate::{
    answers::{Created, CreatedOrFound, Tagged},
    caller::{Caller, if_match},
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::ApiId,
};

/// Routes of keys.
pub struct KeyRoutes {
    keys: Keys,
    cursors: Cursors,
}

impl KeyRoutes {
    /// Over these use cases.
    pub fn new(keys: Keys, cursors: Cursors) -> Self {
        Self { keys, cursors }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Keys")]
impl KeyRoutes {
    /// Create a key
    ///
    /// Its secret is shown in this answer and never again.
    #[oai(path = "/keys", method = "post", operation_id = "keys.create")]
    async fn create(
        &self,
        caller: Caller,
        body: Json<NewKeyBody>,
    ) -> Result<Located<Created<CreatedKeyBody>>, Problem> {
        let created = self.keys.create(&caller.0, body.0.parse()?).await?;
        let path = format!("/v1/keys/{}", created.key.aggregate.id());
        let answer = Created(CreatedKeyBody::of(&created, self.keys.now()));
        Ok(Located { path, version: Some(created.key.version), answer })
    }

    /// The tenant's keys of one environment, newest first
    #[oai(path = "/keys", method = "get", operation_id = "keys.list")]
    async fn list(
        &self,
        caller: Caller,
        environment: Query<Option<ApiEnvironment>>,
        status: Query<Option<ApiKeyStatus>>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<KeyBody>>, Problem> {
        let environment = environment.0.map(Environment::from);
        let status = status.0.map(EffectiveStatus::from);
        let list = self.cursors.list("keys.list", caller.tenant());
        let list = list
            .filter("environment", environment.map(Environment::as_str))
            .filter("status", status.map(|status| format!("{status:?}")));
        let page = list.request(limit.0, cursor.0.as_deref())?;
        let page = self.keys.list(&caller.0, environment, status, &page).await?;
        let now = self.keys.now();
        Ok(Json(list.answer(page, |key| KeyBody::of(&key, key.version(), now))))
    }

    /// One key
    #[oai(path = "/keys/:id", method = "get", operation_id = "keys.get")]
    async fn get(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::ApiKey>>,
        environment: Query<Option<ApiEnvironment>>,
    ) -> Result<Tagged<200, KeyBody>, Problem> {
        let key = self.keys.get(&caller.0, id.0.0, environment.0.map(Environment::from)).await?;
        Ok(Tagged { version: key.version(), body: KeyBody::of(&key, key.version(), self.keys.now()) })
    }

    /// Change a key's label, and where it may be used from
    #[oai(path = "/keys/:id", method = "patch", operation_id = "keys.edit")]
    async fn edit(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::ApiKey>>,
        #[oai(name = "If-Match")] version: Header<Option<String>>,
        body: Json<KeyPatchBody>,
    ) -> Result<Tagged<200, KeyBody>, Problem> {
        let version = if_match(version.0.as_deref())?;
        let label = body.0.label.map(|label| at("/label", label.parse())).transpose()?;
        let blocks = body.0.ip_allow_list.as_deref().map(blocks).transpose()?;
        let edited = self.keys.edit(&caller.0, id.0.0, version, label, blocks).await?;
        let body = KeyBody::of(&edited.aggregate, edited.version, self.keys.now());
        Ok(Tagged { version: edited.version, body })
    }

    /// Put a new key in the place of one
    ///
    /// Both work until the overlap is over. With `simulate=true` nothing is done, and the answer, with status 200, says
    /// what would be.
    #[oai(path = "/keys/:id/rotate", method = "post", operation_id = "keys.rotate")]
    async fn rotate(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::ApiKey>>,
        simulate: Query<Option<bool>>,
        body: Json<RotateBody>,
    ) -> Result<CreatedOrFound<RotationBody>, Problem> {
        let overlap = body.0.overlap_seconds;
        if simulate.0.unwrap_or(false) {
            let (key, preview) = self.keys.preview_rotation(&caller.0, id.0.0, overlap).await?;
            return Ok(CreatedOrFound::Found(RotationBody::preview(&key, &preview)));
        }
        let rotated = self.keys.rotate(&caller.0, id.0.0, overlap).await?;
        Ok(CreatedOrFound::Created(RotationBody::done(&rotated, self.keys.now())))
    }

    /// Revoke a key, at once and for ever
    #[oai(path = "/keys/:id", method = "delete", operation_id = "keys.revoke")]
    async fn revoke(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::ApiKey>>,
    ) -> Result<Json<RevokedBody>, Problem> {
        let revoked = self.keys.revoke(&caller.0, id.0.0).await?;
        Ok(Json(RevokedBody::of(&revoked, self.keys.now())))
    }
}
