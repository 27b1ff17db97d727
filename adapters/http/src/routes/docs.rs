//! Reading the documentation: pages, the tree, search. For everybody; who is signed in may read more.

use poem::{FromRequest, IntoResponse, Request, RequestBody, Response, http::header};
use poem_openapi::{
    ApiResponse, Enum, Object, OpenApi,
    param::{Path, Query},
    payload::{Json, Payload},
    registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use sarai_application::{
    Call,
    devportal::docs::{ArticlePage, Docs, DocsPage, Hit, Listed, reader_of},
};
use sarai_domain::{
    devportal::{
        docs_article::{Audience, MatchRank, Reader},
        values::{Locale, Slug},
    },
    kernel::id::kinds,
};

use super::template_body::ApiDirection;
use super::{Tag, account_body::ApiLocale};
use crate::{
    language::Preferred,
    problem::Problem,
    scalars::{ApiId, ApiTimestamp},
};

/// How many characters a question has at most.
const QUESTION: usize = 200;
/// How many answers there are at most.
const HITS: usize = 50;

/// Routes of readers.
pub struct DocsRoutes {
    docs: Docs,
}

/// Who reads: an extractor of handlers of operations that know who is signed in and ask nobody to be.
#[derive(Debug, Clone, Copy)]
pub struct Reading(Reader);

impl<'a> FromRequest<'a> for Reading {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let call = request.extensions().get::<Call>();
        Ok(Self(reader_of(call.map(|call| &call.principal))))
    }
}

/// Who may read an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "DocsAudience", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AudienceBody {
    /// Everybody.
    Public,
    /// Whoever is signed in as a developer.
    Developer,
    /// Partners of the platform.
    Partner,
}

/// How a text answers a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "DocsMatch", rename_all = "snake_case")]
pub enum MatchBody {
    /// In the form in which it was asked.
    Exact,
    /// In another spelling.
    Folded,
    /// With every word somewhere.
    Words,
}

/// Which way the texts of a locale run.
fn dir(locale: ApiLocale) -> ApiDirection {
    match locale {
        ApiLocale::En => ApiDirection::Ltr,
        ApiLocale::Ps | ApiLocale::Fa => ApiDirection::Rtl,
    }
}

impl From<Audience> for AudienceBody {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Public => Self::Public,
            Audience::Developer => Self::Developer,
            Audience::Partner => Self::Partner,
        }
    }
}

impl From<AudienceBody> for Audience {
    fn from(audience: AudienceBody) -> Self {
        match audience {
            AudienceBody::Public => Self::Public,
            AudienceBody::Developer => Self::Developer,
            AudienceBody::Partner => Self::Partner,
        }
    }
}

impl From<MatchRank> for MatchBody {
    fn from(rank: MatchRank) -> Self {
        match rank {
            MatchRank::Exact => Self::Exact,
            MatchRank::Folded => Self::Folded,
            MatchRank::Words => Self::Words,
        }
    }
}

/// A heading of a text.
#[derive(Debug, Object)]
#[oai(rename = "DocsHeading", rename_all = "camelCase")]
pub struct HeadingBody {
    /// 1 to 6.
    level: u8,
    /// Its id in the page, for `#id`.
    id: String,
    /// What it says.
    text: String,
}

/// An article as it is read.
#[derive(Debug, Object)]
#[oai(rename = "DocsPage", rename_all = "camelCase")]
pub struct DocsPageBody {
    /// The article.
    article_id: ApiId<kinds::DocsArticle>,
    /// The version of the API it speaks of.
    api_version: String,
    /// The heading it stands under.
    section: String,
    /// Its name in addresses.
    slug: String,
    /// Who may read it.
    audience: AudienceBody,
    /// What it is about.
    tags: Vec<String>,
    /// The locale of the text.
    locale: ApiLocale,
    /// Whether another locale was asked for.
    fallback: bool,
    /// Whether the source has a newer text than this translation was made from.
    stale: bool,
    /// Which way the text runs.
    dir: ApiDirection,
    /// Which way code runs, whatever the text does.
    code_dir: ApiDirection,
    /// Its title.
    title: String,
    /// What it says in short.
    summary: String,
    /// Safe HTML.
    html: String,
    /// The same as it was written.
    markdown: String,
    /// Its headings.
    headings: Vec<HeadingBody>,
    /// Which revision it is.
    revision_no: u32,
    /// When that was written.
    written_at: ApiTimestamp,
}

impl From<ArticlePage> for DocsPageBody {
    fn from(page: ArticlePage) -> Self {
        let ArticlePage { article, revision, reading, rendered } = page;
        let locale = ApiLocale::from(reading.locale);
        let heading = |one: sarai_ports::devportal::Heading| HeadingBody {
            level: one.level,
            id: one.id,
            text: one.text,
        };
        Self {
            article_id: article.id.into(),
            api_version: article.api_version,
            section: article.section.to_string(),
            slug: article.slug.to_string(),
            audience: article.audience.into(),
            tags: article.tags.iter().map(ToString::to_string).collect(),
            locale,
            fallback: reading.fallback,
            stale: reading.stale,
            dir: dir(locale),
            code_dir: ApiDirection::Ltr,
            title: revision.title,
            summary: revision.summary,
            html: rendered.html,
            markdown: revision.body_md,
            headings: rendered.headings.into_iter().map(heading).collect(),
            revision_no: reading.revision_no,
            written_at: revision.created_at.into(),
        }
    }
}

/// What a slug leads to.
pub enum DocsAnswer {
    /// A text.
    Here(Box<DocsPageBody>),
    /// An address where it is for good.
    Moved(String),
}

impl IntoResponse for DocsAnswer {
    fn into_response(self) -> Response {
        match self {
            Self::Here(body) => {
                let language = Locale::from(body.locale).as_str();
                Json(*body)
                    .with_header(header::CONTENT_LANGUAGE, language)
                    .with_header(header::VARY, "Accept-Language, Authorization")
                    .into_response()
            }
            Self::Moved(location) => Response::builder()
                .status(poem::http::StatusCode::PERMANENT_REDIRECT)
                .header(header::LOCATION, location)
                .finish(),
        }
    }
}

fn described(name: &str, description: &str) -> MetaHeader {
    MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: true,
        deprecated: false,
        schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))),
    }
}

impl ApiResponse for DocsAnswer {
    fn meta() -> MetaResponses {
        let answer = |status, content, headers| MetaResponse {
            description: "",
            status: Some(status),
            status_range: None,
            content,
            headers,
        };
        let json = MetaMediaType {
            content_type: Json::<DocsPageBody>::CONTENT_TYPE,
            schema: DocsPageBody::schema_ref(),
        };
        let responses = vec![
            answer(200, vec![json], vec![described("Content-Language", "The locale of the text.")]),
            answer(308, vec![], vec![described("Location", "Where the article is now.")]),
        ];
        MetaResponses { responses }
    }

    fn register(registry: &mut Registry) {
        DocsPageBody::register(registry);
    }
}

/// An article in a list.
#[derive(Debug, Object)]
#[oai(rename = "DocsEntry", rename_all = "camelCase")]
pub struct DocsEntryBody {
    /// Its name in addresses.
    slug: String,
    /// The heading it stands under.
    section: String,
    /// Who may read it.
    audience: AudienceBody,
    /// The locale of what follows.
    locale: ApiLocale,
    /// Which way that runs.
    dir: ApiDirection,
    /// Whether another locale was asked for.
    fallback: bool,
    /// Its title.
    title: String,
    /// What it says in short.
    summary: String,
}

impl From<Listed> for DocsEntryBody {
    fn from(listed: Listed) -> Self {
        let Listed { entry, fallback } = listed;
        let locale = ApiLocale::from(entry.locale);
        Self {
            slug: entry.slug.to_string(),
            section: entry.section.to_string(),
            audience: entry.audience.into(),
            locale,
            dir: dir(locale),
            fallback,
            title: entry.title,
            summary: entry.summary,
        }
    }
}

/// A heading of the tree.
#[derive(Debug, Object)]
#[oai(rename = "DocsSection", rename_all = "camelCase")]
pub struct DocsSectionBody {
    /// Its name.
    section: String,
    /// What stands under it, in order.
    articles: Vec<DocsEntryBody>,
}

/// Every article of a version.
#[derive(Debug, Object)]
#[oai(rename = "DocsTree", rename_all = "camelCase")]
pub struct DocsTreeBody {
    /// The version of the API.
    api_version: String,
    /// The locale asked for.
    locale: ApiLocale,
    /// By heading.
    sections: Vec<DocsSectionBody>,
}

/// A text that answers a question.
#[derive(Debug, Object)]
#[oai(rename = "DocsHit", rename_all = "camelCase")]
pub struct DocsHitBody {
    /// The text.
    article: DocsEntryBody,
    /// How it answers.
    matched: MatchBody,
    /// Where it does, without markup.
    excerpt: String,
}

/// What answers a question, the best first.
#[derive(Debug, Object)]
#[oai(rename = "DocsHits", rename_all = "camelCase")]
pub struct DocsHitsBody {
    /// The locale asked for.
    locale: ApiLocale,
    /// The answers.
    data: Vec<DocsHitBody>,
}

impl DocsRoutes {
    /// Over this use case.
    pub fn new(docs: Docs) -> Self {
        Self { docs }
    }
}

/// The locale asked for by name, else the preferred one, else English.
fn asked(named: Option<&str>, preferred: Preferred) -> Locale {
    named.and_then(Locale::from_tag).or(preferred.0).unwrap_or_default()
}

/// A version of the API, `v1` unless it was named.
fn version(named: Option<String>) -> String {
    named.unwrap_or_else(|| "v1".to_owned())
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Docs")]
impl DocsRoutes {
    /// One article
    ///
    /// In the locale asked for by `locale`, else by `Accept-Language`; what is not there is English, and says so:
    /// `fallback` and `Content-Language`. Old slugs answer 308, archived articles 410.
    #[oai(path = "/docs/:apiVersion/:slug", method = "get", operation_id = "docs.get")]
    #[allow(non_snake_case, reason = "the name of a parameter in the document")]
    async fn get(
        &self,
        reading: Reading,
        preferred: Preferred,
        apiVersion: Path<String>,
        slug: Path<String>,
        locale: Query<Option<String>>,
    ) -> Result<DocsAnswer, Problem> {
        let slug: Slug = slug.0.parse().map_err(|_| Problem::not_found("article"))?;
        let asked = asked(locale.0.as_deref(), preferred);
        match self.docs.read(reading.0, &apiVersion.0, &slug, asked).await? {
            DocsPage::Here(page) => Ok(DocsAnswer::Here(Box::new((*page).into()))),
            DocsPage::Moved { api_version, slug } => {
                let query = locale.0.map(|_| format!("?locale={}", asked.as_str())).unwrap_or_default();
                Ok(DocsAnswer::Moved(format!("/v1/docs/{api_version}/{slug}{query}")))
            }
            DocsPage::Gone => Err(Problem::new("docs.gone", "the article was archived")),
        }
    }

    /// Every article of a version, by heading
    #[oai(path = "/docs/tree", method = "get", operation_id = "docs.tree")]
    async fn tree(
        &self,
        reading: Reading,
        preferred: Preferred,
        #[oai(name = "apiVersion")] api_version: Query<Option<String>>,
        locale: Query<Option<String>>,
    ) -> Result<Json<DocsTreeBody>, Problem> {
        let (api_version, asked) = (version(api_version.0), asked(locale.0.as_deref(), preferred));
        let mut sections: Vec<DocsSectionBody> = Vec::new();
        for listed in self.docs.tree(reading.0, &api_version, asked).await? {
            let article = DocsEntryBody::from(listed);
            match sections.last_mut().filter(|last| last.section == article.section) {
                Some(last) => last.articles.push(article),
                None => sections
                    .push(DocsSectionBody { section: article.section.clone(), articles: vec![article] }),
            }
        }
        Ok(Json(DocsTreeBody { api_version, locale: asked.into(), sections }))
    }

    /// Search the articles
    ///
    /// Spellings of one word in Persian, Dari, Pashto and Arabic letters find each other; what is spelled as it was
    /// asked comes first.
    #[oai(path = "/docs/search", method = "get", operation_id = "docs.search")]
    #[allow(clippy::too_many_arguments, reason = "one for each parameter")]
    async fn search(
        &self,
        reading: Reading,
        preferred: Preferred,
        q: Query<String>,
        #[oai(name = "apiVersion")] api_version: Query<Option<String>>,
        locale: Query<Option<String>>,
        limit: Query<Option<u32>>,
    ) -> Result<Json<DocsHitsBody>, Problem> {
        if q.0.trim().is_empty() || q.0.chars().count() > QUESTION {
            return Err(Problem::field("q", "a question is 1 to 200 characters"));
        }
        let limit = limit.0.unwrap_or(20);
        let limit = usize::try_from(limit).ok().filter(|limit| (1..=HITS).contains(limit));
        let limit = limit.ok_or_else(|| Problem::field("limit", "1 to 50"))?;
        let (api_version, asked) = (version(api_version.0), asked(locale.0.as_deref(), preferred));
        let hits = self.docs.search(reading.0, &api_version, asked, &q.0, limit).await?;
        let hit = |hit: Hit| DocsHitBody {
            article: hit.listed.into(),
            matched: hit.rank.into(),
            excerpt: hit.excerpt,
        };
        Ok(Json(DocsHitsBody { locale: asked.into(), data: hits.into_iter().map(hit).collect() }))
    }
}
