//! The documentation as the API tells it.

use sarai_domain::kernel::Timestamp;
use serde::Deserialize;

/// A heading of a text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DocsHeading {
    /// 1 to 6.
    pub level: u8,
    /// Its id in the text.
    pub id: String,
    /// What it says.
    pub text: String,
}

/// An article.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocsArticle {
    /// The version of the API it speaks of.
    pub api_version: String,
    /// Its name in addresses.
    pub slug: String,
    /// The locale of the text.
    pub locale: String,
    /// Whether another locale was asked for.
    pub fallback: bool,
    /// Whether the source has a newer text.
    pub stale: bool,
    /// Its title.
    pub title: String,
    /// What it says in short.
    pub summary: String,
    /// Safe HTML.
    pub html: String,
    /// Its headings.
    pub headings: Vec<DocsHeading>,
    /// When it was written.
    pub written_at: Timestamp,
}

/// What a name in an address leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocsFound {
    /// An article.
    Here(Box<DocsArticle>),
    /// Its address in the API, where it is for good.
    Moved(String),
}

/// An article in a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DocsEntry {
    /// Its name in addresses.
    pub slug: String,
    /// The locale of what follows.
    pub locale: String,
    /// Whether another locale was asked for.
    pub fallback: bool,
    /// Its title.
    pub title: String,
    /// What it says in short.
    pub summary: String,
}

/// A heading of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DocsSection {
    /// Its name.
    pub section: String,
    /// What stands under it.
    pub articles: Vec<DocsEntry>,
}

/// Every article of a version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocsTree {
    /// The version of the API.
    pub api_version: String,
    /// By heading.
    pub sections: Vec<DocsSection>,
}

/// A text that answers a question.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DocsHit {
    /// The text.
    pub article: DocsEntry,
    /// Where it answers.
    pub excerpt: String,
}
