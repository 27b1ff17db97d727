//! An article's stored document and its revisions, which are rows of their own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256 as Hasher};

use super::{ArticleAction, ArticleState};
use crate::{
    devportal::values::{Locale, Sha256, Slug},
    kernel::{DocsArticleId, Hex, LastTransition, Row, TenantId, Timestamp},
};

/// Who may read an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Audience {
    /// Everybody.
    #[default]
    Public,
    /// Whoever is signed in as a developer.
    Developer,
    /// Partners of the platform.
    Partner,
}

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reader {
    /// Somebody who is not signed in.
    Anonymous,
    /// A developer.
    Developer,
    /// A partner, who is a developer too.
    Partner,
    /// The platform's own people.
    Staff,
}

impl Audience {
    /// Every audience.
    pub const ALL: &[Self] = &[Self::Public, Self::Developer, Self::Partner];

    /// Whether a reader belongs to it: the one rule of reading and of search (D-INV-8).
    pub fn admits(self, reader: Reader) -> bool {
        match self {
            Self::Public => true,
            Self::Developer => reader >= Reader::Developer,
            Self::Partner => reader >= Reader::Partner,
        }
    }

    /// Every audience a reader belongs to, for a search that filters by it.
    pub fn of(reader: Reader) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |one| one.admits(reader))
    }
}

/// The revision of a locale that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublishedRevision {
    /// Its number.
    pub no: u32,
    /// The revision in the source locale that it was translated from.
    pub source_revision_no: Option<u32>,
    /// Since when it is read.
    pub at: Timestamp,
}

/// The stored document of an article, without its texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocsArticleData {
    /// The article.
    pub id: DocsArticleId,
    /// The platform's tenant (R27).
    pub tenant_id: TenantId,
    /// The heading it stands under.
    pub section: Slug,
    /// Its name in addresses.
    pub slug: Slug,
    /// The names it had before; they lead to it for ever (D-INV-4).
    pub slug_history: Vec<Slug>,
    /// The version of the API it speaks of.
    pub api_version: String,
    /// Who may read it.
    pub audience: Audience,
    /// The locale it is written in first.
    pub source_locale: Locale,
    /// Its place under its heading.
    pub order: u32,
    /// Where it stands.
    pub state: ArticleState,
    /// What is read, by locale.
    pub published: BTreeMap<Locale, PublishedRevision>,
    /// How many revisions it has.
    pub revision_count: u32,
    /// The newest revision of each locale that has one.
    pub newest: BTreeMap<Locale, u32>,
    /// What it is about: at most 10.
    pub tags: Vec<Slug>,
    /// Where it leads since it is archived.
    pub redirect_to: Option<DocsArticleId>,
    /// What led to the current state.
    pub last_transition: Option<LastTransition<ArticleAction>>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

/// A text of an article. It never changes (D-INV-1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArticleRevision {
    /// The article.
    pub article_id: DocsArticleId,
    /// Its number, from 1 without gaps, over all locales.
    pub no: u32,
    /// Its locale.
    pub locale: Locale,
    /// Its title, at most 120 characters.
    pub title: String,
    /// What it says in short, at most 300 characters.
    pub summary: String,
    /// The text, in Markdown, at most 256 KB.
    pub body_md: String,
    /// The revision in the source locale that it was translated from.
    pub source_revision_no: Option<u32>,
    /// The digest of the text.
    pub content_sha256: Sha256,
    /// Who wrote it.
    pub author_id: String,
    /// When.
    pub created_at: Timestamp,
}

impl Row for ArticleRevision {
    fn key(&self) -> String {
        self.no.to_string()
    }
}

impl ArticleRevision {
    /// The digest of a text.
    pub fn digest(body_md: &str) -> Sha256 {
        Hex(Hasher::digest(body_md).into())
    }
}

impl DocsArticleData {
    /// Whether what is read in a locale was translated from an older text than is read in the source locale (D-INV-3).
    pub fn is_stale(&self, locale: Locale) -> bool {
        let source = self.published.get(&self.source_locale).map(|revision| revision.no);
        let translated = self.published.get(&locale).and_then(|revision| revision.source_revision_no);
        locale != self.source_locale && translated.is_some() && translated < source
    }

    /// Under which texts a store keeps its slugs unique for ever, those it had included (D-INV-4).
    pub fn slug_slots(&self) -> Vec<String> {
        let slugs = self.slug_history.iter().chain([&self.slug]);
        slugs.map(|slug| format!("{}:{slug}", self.api_version)).collect()
    }
}
