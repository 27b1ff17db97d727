//! Writing the documentation: for the platform's staff.

use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Header, Path, Query},
    payload::Json,
    types::MaybeUndefined,
};
use sarai_application::{AppError, Loaded, devportal::docs_desk::DocsDesk};
use sarai_domain::{
    devportal::{
        docs_article::{ArticleEdit, ArticleState, DocsArticle, DocsArticleData, NewRevision},
        values::{Locale, Slug},
    },
    kernel::{Aggregate, id::kinds},
};

use super::{Tag, account_body::ApiLocale, docs::AudienceBody, located::Located, members::always};
use crate::{
    answers::{Created, Tagged},
    caller::{Caller, if_match},
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::{ApiId, ApiTimestamp},
};

/// Slugs that are words of the API's own paths.
const RESERVED: &[&str] = &["archive", "publish", "revisions", "search", "tree"];

/// Routes of the staff.
pub struct DocsDeskRoutes {
    desk: DocsDesk,
    cursors: Cursors,
}

/// Where an article stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "DocsArticleState", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ArticleStateBody {
    /// Being written.
    Draft,
    /// Being reviewed.
    InReview,
    /// For its readers.
    Published,
    /// For nobody any more.
    Archived,
}

impl From<ArticleState> for ArticleStateBody {
    fn from(state: ArticleState) -> Self {
        match state {
            ArticleState::Draft => Self::Draft,
            ArticleState::InReview => Self::InReview,
            ArticleState::Published => Self::Published,
            ArticleState::Archived => Self::Archived,
        }
    }
}

impl From<ArticleStateBody> for ArticleState {
    fn from(state: ArticleStateBody) -> Self {
        match state {
            ArticleStateBody::Draft => Self::Draft,
            ArticleStateBody::InReview => Self::InReview,
            ArticleStateBody::Published => Self::Published,
            ArticleStateBody::Archived => Self::Archived,
        }
    }
}

/// An article to write.
#[derive(Debug, Object)]
#[oai(rename = "NewDocsArticle", rename_all = "camelCase")]
pub struct NewArticleBody {
    /// The version of the API it speaks of, such as `v1`.
    api_version: String,
    /// The heading it stands under: a slug.
    section: String,
    /// Its name in addresses: 1 to 80 of `a-z` and `0-9` with single hyphens between.
    slug: String,
    /// Who may read it.
    #[oai(default = "everybody")]
    audience: AudienceBody,
    /// Its place under its heading.
    #[oai(default)]
    order: u32,
    /// What it is about: at most 10 slugs.
    #[oai(default)]
    tags: Vec<String>,
}

fn everybody() -> AudienceBody {
    AudienceBody::Public
}

/// A change of where an article stands, as a JSON merge patch.
#[derive(Debug, Object)]
#[oai(rename = "DocsArticlePatch", rename_all = "camelCase")]
pub struct ArticlePatchBody {
    /// The heading it stands under.
    section: MaybeUndefined<String>,
    /// Its name in addresses; the old one leads to it for ever.
    slug: MaybeUndefined<String>,
    /// Who may read it.
    audience: MaybeUndefined<AudienceBody>,
    /// Its place under its heading.
    order: MaybeUndefined<u32>,
    /// All its tags.
    tags: MaybeUndefined<Vec<String>>,
}

/// A text to add.
#[derive(Debug, Object)]
#[oai(rename = "NewDocsRevision", rename_all = "camelCase")]
pub struct NewRevisionBody {
    /// Its locale.
    locale: ApiLocale,
    /// Its title: one line of 1 to 120 characters.
    title: String,
    /// What it says in short: at most 300 characters.
    #[oai(default)]
    summary: String,
    /// The text, in Markdown without HTML.
    body_md: String,
    /// Of a translation: the English revision it was made from.
    source_revision_no: Option<u32>,
}

/// What to publish.
#[derive(Debug, Object)]
#[oai(rename = "PublishDocs", rename_all = "camelCase")]
pub struct PublishBody {
    /// Of a published article: which revision. A draft is published with the newest text of each locale.
    revision_no: Option<u32>,
}

/// How to archive.
#[derive(Debug, Object)]
#[oai(rename = "ArchiveDocs", rename_all = "camelCase")]
pub struct ArchiveBody {
    /// The article its addresses lead to from now on; without one they say that it is gone.
    redirect_to: Option<ApiId<kinds::DocsArticle>>,
}

/// What is read of a locale.
#[derive(Debug, Object)]
#[oai(rename = "PublishedDocsRevision", rename_all = "camelCase")]
pub struct PublishedBody {
    /// The locale.
    locale: ApiLocale,
    /// The revision.
    revision_no: u32,
    /// The English revision it was made from.
    source_revision_no: Option<u32>,
    /// Whether a newer English text is read.
    stale: bool,
    /// Since when it is read.
    at: ApiTimestamp,
}

/// An article, as its writers see it.
#[derive(Debug, Object)]
#[oai(rename = "DocsArticle", rename_all = "camelCase")]
pub struct ArticleBody {
    /// The article.
    id: ApiId<kinds::DocsArticle>,
    /// The version of the API it speaks of.
    api_version: String,
    /// The heading it stands under.
    section: String,
    /// Its name in addresses.
    slug: String,
    /// The names it had.
    old_slugs: Vec<String>,
    /// Who may read it.
    audience: AudienceBody,
    /// Its place under its heading.
    order: u32,
    /// What it is about.
    tags: Vec<String>,
    /// Where it stands.
    state: ArticleStateBody,
    /// What is read.
    published: Vec<PublishedBody>,
    /// How many revisions it has.
    revision_count: u32,
    /// Where it leads since it is archived.
    redirect_to: Option<ApiId<kinds::DocsArticle>>,
    /// When it was created.
    created_at: ApiTimestamp,
    /// When it changed last.
    updated_at: ApiTimestamp,
}

impl From<&DocsArticleData> for ArticleBody {
    fn from(data: &DocsArticleData) -> Self {
        let slugs = |slugs: &[Slug]| slugs.iter().map(ToString::to_string).collect();
        let published = data.published.iter().map(|(locale, read)| PublishedBody {
            locale: (*locale).into(),
            revision_no: read.no,
            source_revision_no: read.source_revision_no,
            stale: data.is_stale(*locale),
            at: read.at.into(),
        });
        Self {
            id: data.id.into(),
            api_version: data.api_version.clone(),
            section: data.section.to_string(),
            slug: data.slug.to_string(),
            old_slugs: slugs(&data.slug_history),
            audience: data.audience.into(),
            order: data.order,
            tags: slugs(&data.tags),
            state: data.state.into(),
            published: published.collect(),
            revision_count: data.revision_count,
            redirect_to: data.redirect_to.map(Into::into),
            created_at: data.created_at.into(),
            updated_at: data.updated_at.into(),
        }
    }
}

fn slug(text: &str, pointer: &str) -> Result<Slug, Problem> {
    let malformed = || Problem::field(pointer, "1 to 80 of a-z and 0-9, with single hyphens between");
    text.parse().map_err(|_| malformed())
}

fn name(text: &str) -> Result<Slug, Problem> {
    if RESERVED.contains(&text) {
        return Err(Problem::field("/slug", "this is a word of the API's own paths"));
    }
    slug(text, "/slug")
}

fn tags(tags: &[String]) -> Result<Vec<Slug>, Problem> {
    tags.iter().enumerate().map(|(place, tag)| slug(tag, &format!("/tags/{place}"))).collect()
}

impl NewArticleBody {
    fn parse(self) -> Result<(String, ArticleEdit), Problem> {
        let edit = ArticleEdit {
            section: slug(&self.section, "/section")?,
            slug: name(&self.slug)?,
            audience: self.audience.into(),
            order: self.order,
            tags: tags(&self.tags)?,
        };
        Ok((self.api_version, edit))
    }
}

impl ArticlePatchBody {
    fn parse(self) -> Result<impl Fn(ArticleEdit) -> ArticleEdit + Send + Sync, Problem> {
        let section = always(self.section, "/section")?.map(|text| slug(&text, "/section")).transpose()?;
        let slug = always(self.slug, "/slug")?.map(|text| name(&text)).transpose()?;
        let audience = always(self.audience, "/audience")?;
        let order = always(self.order, "/order")?;
        let tags = always(self.tags, "/tags")?.map(|list| tags(&list)).transpose()?;
        Ok(move |current: ArticleEdit| ArticleEdit {
            section: section.clone().unwrap_or(current.section),
            slug: slug.clone().unwrap_or(current.slug),
            audience: audience.map_or(current.audience, Into::into),
            order: order.unwrap_or(current.order),
            tags: tags.clone().unwrap_or(current.tags),
        })
    }
}

impl DocsDeskRoutes {
    /// Over this use case.
    pub fn new(desk: DocsDesk, cursors: Cursors) -> Self {
        Self { desk, cursors }
    }
}

fn answer(outcome: Result<Loaded<DocsArticle>, AppError>) -> Result<Tagged<200, ArticleBody>, Problem> {
    let changed = outcome?;
    Ok(Tagged { version: changed.version, body: changed.aggregate.data().into() })
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Docs")]
impl DocsDeskRoutes {
    /// Write an article
    ///
    /// A draft, which takes its texts later.
    #[oai(path = "/docs", method = "post", operation_id = "docs.create")]
    async fn create(
        &self,
        caller: Caller,
        body: Json<NewArticleBody>,
    ) -> Result<Located<Created<ArticleBody>>, Problem> {
        let (api_version, edit) = body.0.parse()?;
        let created = self.desk.create(&caller.0, api_version, edit).await?;
        let path = format!("/v1/admin/docs/{}", created.aggregate.id());
        let body = created.aggregate.data().into();
        Ok(Located { path, version: Some(created.version), answer: Created(body) })
    }

    /// Every article, newest first
    #[oai(path = "/admin/docs", method = "get", operation_id = "admin.docs.list")]
    async fn list(
        &self,
        caller: Caller,
        state: Query<Option<ArticleStateBody>>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<ArticleBody>>, Problem> {
        let state = state.0.map(ArticleState::from);
        let list = self.cursors.list("admin.docs.list", caller.tenant());
        let list = list.filter("state", state.map(|state| format!("{state:?}")));
        let page = list.request(limit.0, cursor.0.as_deref())?;
        let page = self.desk.list(&caller.0, state, &page).await?;
        Ok(Json(list.answer(page, |article| ArticleBody::from(article.data()))))
    }

    /// One article, as its writers see it
    #[oai(path = "/admin/docs/:id", method = "get", operation_id = "admin.docs.get")]
    async fn get(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::DocsArticle>>,
    ) -> Result<Tagged<200, ArticleBody>, Problem> {
        let article = self.desk.get(&caller.0, id.0.0).await?;
        Ok(Tagged { version: article.version(), body: article.data().into() })
    }

    /// Change where an article stands and who may read it
    ///
    /// A JSON merge patch.
    #[oai(path = "/docs/:id", method = "patch", operation_id = "docs.edit")]
    async fn edit(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::DocsArticle>>,
        #[oai(name = "If-Match")] version: Header<Option<String>>,
        body: Json<ArticlePatchBody>,
    ) -> Result<Tagged<200, ArticleBody>, Problem> {
        let (version, edit) = (if_match(version.0.as_deref())?, body.0.parse()?);
        answer(self.desk.edit(&caller.0, id.0.0, version, edit).await)
    }

    /// Add a text
    ///
    /// Nobody reads it before it is published.
    #[oai(path = "/docs/:id/revisions", method = "post", operation_id = "docs.add-revision")]
    async fn add_revision(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::DocsArticle>>,
        body: Json<NewRevisionBody>,
    ) -> Result<Tagged<201, ArticleBody>, Problem> {
        let NewRevisionBody { locale, title, summary, body_md, source_revision_no } = body.0;
        let author_id = caller.0.principal.user_id.to_string();
        let locale: Locale = locale.into();
        let new = NewRevision { locale, title, summary, body_md, source_revision_no, author_id };
        let changed = self.desk.add_revision(&caller.0, id.0.0, new).await?;
        Ok(Tagged { version: changed.version, body: changed.aggregate.data().into() })
    }

    /// Publish a draft, or a revision of what is published
    ///
    /// Links within the portal are looked at; the refusal's `links` lead nowhere.
    #[oai(path = "/docs/:id/publish", method = "post", operation_id = "docs.publish")]
    async fn publish(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::DocsArticle>>,
        body: Json<PublishBody>,
    ) -> Result<Tagged<200, ArticleBody>, Problem> {
        answer(self.desk.publish(&caller.0, id.0.0, body.0.revision_no).await)
    }

    /// Take an article away
    #[oai(path = "/docs/:id/archive", method = "post", operation_id = "docs.archive")]
    async fn archive(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::DocsArticle>>,
        body: Json<ArchiveBody>,
    ) -> Result<Tagged<200, ArticleBody>, Problem> {
        let redirect_to = body.0.redirect_to.map(|id| id.0);
        answer(self.desk.archive(&caller.0, id.0.0, redirect_to).await)
    }
}
