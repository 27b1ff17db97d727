//! Documentation: articles, what of them is read, and their Markdown as HTML.

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        docs_article::{ArticleState, Audience, DocsArticle, DocsArticleData, SearchText},
        values::{Locale, Slug},
    },
    kernel::{DocsArticleId, TenantId, Timestamp},
};

use crate::{Page, PageRequest, Repository, Scope, StoreError, Stored, UniqueKey};

/// A text that is read, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeEntry {
    /// The article.
    pub article_id: DocsArticleId,
    /// The heading it stands under.
    pub section: Slug,
    /// Its name in addresses.
    pub slug: Slug,
    /// Who may read it.
    pub audience: Audience,
    /// Its place under its heading.
    pub order: u32,
    /// The locale of the text.
    pub locale: Locale,
    /// The text's title.
    pub title: String,
    /// What it says in short.
    pub summary: String,
}

/// What is searched for, and on whose behalf.
#[derive(Debug, Clone)]
pub struct DocsQuestion {
    /// The question, folded as the texts are (D-INV-9).
    pub text: SearchText,
    /// Of which version of the API.
    pub api_version: String,
    /// In which locales.
    pub locales: Vec<Locale>,
    /// Whose texts the reader may know of (D-INV-8).
    pub audiences: Vec<Audience>,
}

/// A text that answers a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which text.
    pub entry: TreeEntry,
    /// The text, in Markdown.
    pub body_md: String,
}

/// Articles. What is published or archived can be read by everybody's scope; who may know of it is for
/// `DocsArticleData::answer` to say. Drafts are the platform's.
#[async_trait]
pub trait DocsRepository: Repository<DocsArticle> {
    /// The article that has, or had, a slug in a version, with the revisions that are read.
    async fn find_by_slug(
        &self,
        scope: &Scope,
        api_version: &str,
        slug: &Slug,
    ) -> Result<Option<DocsArticle>, StoreError>;
    /// Every text that is read of a version, for these audiences: by section, place and slug.
    async fn tree(&self, api_version: &str, audiences: &[Audience]) -> Result<Vec<TreeEntry>, StoreError>;
    /// Texts that are read and have every word of the question, in either folded form; at most `limit`. How well
    /// each answers, `SearchText::rank` says.
    async fn search(&self, question: &DocsQuestion, limit: usize) -> Result<Vec<Found>, StoreError>;
    /// Every article, newest first; those in one state when given.
    async fn list_articles(
        &self,
        scope: &Scope,
        state: Option<ArticleState>,
        page: &PageRequest,
    ) -> Result<Page<DocsArticle>, StoreError>;
}

/// A heading of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Its id in the page.
    pub id: String,
    /// What it says.
    pub text: String,
}

/// A text as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rendered {
    /// Safe HTML (D-INV-5); code runs left to right (D-INV-6).
    pub html: String,
    /// Its headings, in order.
    pub headings: Vec<Heading>,
    /// What it says without any markup, a line a block.
    pub text: String,
}

/// Reads Markdown.
pub trait Markup: Send + Sync {
    /// A text as it is shown.
    fn render(&self, markdown: &str) -> Rendered;
    /// Where its links and pictures lead, as they are written.
    fn links(&self, markdown: &str) -> Vec<String>;
}

impl Stored for DocsArticle {
    fn owner(data: &DocsArticleData) -> TenantId {
        data.tenant_id.clone()
    }

    fn created_at(data: &DocsArticleData) -> Timestamp {
        data.created_at
    }

    fn unique_keys(data: &DocsArticleData) -> Vec<(UniqueKey, String)> {
        data.slug_slots().into_iter().map(|slot| (UniqueKey::DocsSlug, slot)).collect()
    }

    fn readable(scope: &Scope, data: &DocsArticleData) -> bool {
        let out = matches!(data.state, ArticleState::Published | ArticleState::Archived);
        out || scope.covers(&data.tenant_id)
    }
}
