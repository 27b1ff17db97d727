//! What an article's commands are given.

use super::{ArticleRevision, Audience, DocsArticleData, DocsError, MAX_BODY};
use crate::{
    devportal::values::{Locale, Slug, text::line},
    kernel::{DocsArticleId, TenantId, Timestamp},
};

/// An article to write.
#[derive(Debug, Clone)]
pub struct NewArticle {
    /// Its id.
    pub id: DocsArticleId,
    /// The platform's tenant (R27).
    pub tenant_id: TenantId,
    /// The version of the API it speaks of.
    pub api_version: String,
    /// The rest, which can change.
    pub edit: ArticleEdit,
}

/// Where an article stands and who may read it: begin with what holds ([`From`]) and change what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleEdit {
    /// The heading it stands under.
    pub section: Slug,
    /// Its name in addresses.
    pub slug: Slug,
    /// Who may read it.
    pub audience: Audience,
    /// Its place under its heading.
    pub order: u32,
    /// What it is about: at most 10.
    pub tags: Vec<Slug>,
}

impl From<&DocsArticleData> for ArticleEdit {
    fn from(data: &DocsArticleData) -> Self {
        Self {
            section: data.section.clone(),
            slug: data.slug.clone(),
            audience: data.audience,
            order: data.order,
            tags: data.tags.clone(),
        }
    }
}

/// A text to add.
#[derive(Debug, Clone)]
pub struct NewRevision {
    /// Its locale.
    pub locale: Locale,
    /// Its title.
    pub title: String,
    /// What it says in short; may be empty.
    pub summary: String,
    /// The text, in Markdown.
    pub body_md: String,
    /// The revision in the source locale that it was translated from.
    pub source_revision_no: Option<u32>,
    /// Who wrote it.
    pub author_id: String,
}

impl NewRevision {
    pub(super) fn into_revision(
        self,
        article_id: DocsArticleId,
        no: u32,
        now: Timestamp,
    ) -> Result<ArticleRevision, DocsError> {
        let title = line(&self.title, 120).ok_or(DocsError::Title)?;
        let summary = match self.summary.trim() {
            "" => String::new(),
            text => line(text, 300).ok_or(DocsError::Summary)?,
        };
        let author_id = line(&self.author_id, 128).ok_or(DocsError::Name)?;
        let body_md = self.body_md;
        if body_md.trim().is_empty() || body_md.len() > MAX_BODY || body_md.contains('\0') {
            return Err(DocsError::Body);
        }
        Ok(ArticleRevision {
            article_id,
            no,
            locale: self.locale,
            title,
            summary,
            content_sha256: ArticleRevision::digest(&body_md),
            body_md,
            source_revision_no: self.source_revision_no,
            author_id,
            created_at: now,
        })
    }
}
