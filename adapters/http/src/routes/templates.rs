//! Templates of messages that carry a code (devportal.md 3.6 and 4).

use poem_openapi::{
    OpenApi,
    param::{Header, Path, Query},
    payload::Json,
};
use sarai_application::{Loaded, devportal::templates::Templates};
use sarai_domain::{
    devportal::template::VerifyTemplate,
    kernel::{Aggregate, id::kinds},
};

use super::{
    Tag,
    located::Located,
    template_body::{
        ArchiveBody, NewTemplateBody, RejectionBody, RenderedBody, SampleBody, TemplateBody,
        TemplateTextsBody,
    },
};
use crate::{
    answers::{Created, Tagged},
    caller::{Caller, if_match},
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::ApiId,
};

/// Routes of templates.
pub struct TemplateRoutes {
    templates: Templates,
    cursors: Cursors,
}

type Shown = Result<Tagged<200, TemplateBody>, Problem>;

fn shown(loaded: &Loaded<VerifyTemplate>) -> Tagged<200, TemplateBody> {
    let body = TemplateBody::of(&loaded.aggregate, loaded.version);
    Tagged { version: loaded.version, body }
}

impl TemplateRoutes {
    /// Over these use cases.
    pub fn new(templates: Templates, cursors: Cursors) -> Self {
        Self { templates, cursors }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Templates")]
impl TemplateRoutes {
    /// Write a template
    ///
    /// Its first version is a draft.
    #[oai(path = "/templates", method = "post", operation_id = "templates.create")]
    async fn create(
        &self,
        caller: Caller,
        body: Json<NewTemplateBody>,
    ) -> Result<Located<Created<TemplateBody>>, Problem> {
        let (name, locales, texts) = body.0.parse()?;
        let made = self.templates.create(&caller.0, name, locales, texts).await?;
        let path = format!("/v1/templates/{}", made.aggregate.id());
        let answer = Created(TemplateBody::of(&made.aggregate, made.version));
        Ok(Located { path, version: Some(made.version), answer })
    }

    /// The tenant's templates, newest first
    ///
    /// With `system=true` those that everybody has.
    #[oai(path = "/templates", method = "get", operation_id = "templates.list")]
    async fn list(
        &self,
        caller: Caller,
        system: Query<Option<bool>>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<TemplateBody>>, Problem> {
        let system = system.0.unwrap_or(false);
        let list = self.cursors.list("templates.list", caller.tenant()).filter("system", Some(system));
        let request = list.request(limit.0, cursor.0.as_deref())?;
        let page = if system {
            self.templates.of_everybody(&caller.0)?
        } else {
            self.templates.list(&caller.0, &request).await?
        };
        Ok(Json(list.answer(page, |template| TemplateBody::of(&template, template.version()))))
    }

    /// One template, with its versions
    #[oai(path = "/templates/:id", method = "get", operation_id = "templates.get")]
    async fn get(&self, caller: Caller, id: Path<ApiId<kinds::VerifyTemplate>>) -> Shown {
        let template = self.templates.get(&caller.0, id.0.0).await?;
        let version = template.version();
        Ok(shown(&Loaded { aggregate: template, version }))
    }

    /// Write a draft anew
    #[oai(path = "/templates/:id", method = "patch", operation_id = "templates.edit")]
    async fn edit(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::VerifyTemplate>>,
        #[oai(name = "If-Match")] version: Header<Option<String>>,
        body: Json<TemplateTextsBody>,
    ) -> Shown {
        let version = if_match(version.0.as_deref())?;
        Ok(shown(&self.templates.edit(&caller.0, id.0.0, version, body.0.parse()?).await?))
    }

    /// Hand the draft in
    #[oai(path = "/templates/:id/submit", method = "post", operation_id = "templates.submit")]
    async fn submit(&self, caller: Caller, id: Path<ApiId<kinds::VerifyTemplate>>) -> Shown {
        Ok(shown(&self.templates.submit(&caller.0, id.0.0).await?))
    }

    /// Accept what was handed in, by the platform's staff
    #[oai(path = "/templates/:id/approve", method = "post", operation_id = "templates.approve")]
    async fn approve(&self, caller: Caller, id: Path<ApiId<kinds::VerifyTemplate>>) -> Shown {
        Ok(shown(&self.templates.approve(&caller.0, id.0.0).await?))
    }

    /// Send it back, by the platform's staff
    #[oai(path = "/templates/:id/reject", method = "post", operation_id = "templates.reject")]
    async fn reject(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::VerifyTemplate>>,
        body: Json<RejectionBody>,
    ) -> Shown {
        let reason = body.0.reason;
        Ok(shown(&self.templates.reject(&caller.because(reason.clone()), id.0.0, &reason).await?))
    }

    /// Begin a new version with the texts of the newest
    #[oai(path = "/templates/:id/versions", method = "post", operation_id = "templates.new-version")]
    async fn new_version(&self, caller: Caller, id: Path<ApiId<kinds::VerifyTemplate>>) -> Shown {
        Ok(shown(&self.templates.new_version(&caller.0, id.0.0).await?))
    }

    /// End a version for good
    ///
    /// Verifications that began with it keep it.
    #[oai(path = "/templates/:id/archive", method = "post", operation_id = "templates.archive")]
    async fn archive(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::VerifyTemplate>>,
        body: Json<ArchiveBody>,
    ) -> Shown {
        Ok(shown(&self.templates.archive(&caller.0, id.0.0, body.0.version_no).await?))
    }

    /// A message as it would leave, with a code that is none
    #[oai(path = "/templates/:id/render", method = "post", operation_id = "templates.render")]
    async fn render(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::VerifyTemplate>>,
        body: Json<SampleBody>,
    ) -> Result<Json<RenderedBody>, Problem> {
        let rendered = self.templates.render(&caller.0, id.0.0, &body.0.parse()?).await?;
        Ok(Json(RenderedBody::of(rendered)))
    }
}
