//! What an article announces, to everybody who may read it.

use serde::{Deserialize, Serialize};

use super::{Audience, DocsArticleData};
use crate::{
    devportal::values::{Locale, Slug},
    kernel::{DocsArticleId, Timestamp, topics},
};

/// What every event of an article says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArticleFacts {
    /// The article.
    pub article_id: DocsArticleId,
    /// The version of the API it speaks of.
    pub api_version: String,
    /// The heading it stands under.
    pub section: Slug,
    /// Its name in addresses.
    pub slug: Slug,
    /// Who may read it.
    pub audience: Audience,
    /// When it happened, in business time.
    pub at: Timestamp,
}

/// A fact about an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum DocsEvent {
    /// A revision is read.
    Published {
        /// Which and when.
        #[serde(flatten)]
        article: ArticleFacts,
        /// In which locale.
        locale: Locale,
        /// Its number.
        revision_no: u32,
    },
    /// Its slug, section, place, tags or audience changed while it was read.
    Moved {
        /// Which and when.
        #[serde(flatten)]
        article: ArticleFacts,
        /// The name it had.
        old_slug: Slug,
    },
    /// It is read no more.
    Archived {
        /// Which and when.
        #[serde(flatten)]
        article: ArticleFacts,
        /// Where it leads.
        redirect_to: Option<DocsArticleId>,
    },
}

topics!(DocsEvent {
    Published => "devportal.docs.published.v1",
    Moved     => "devportal.docs.moved.v1",
    Archived  => "devportal.docs.archived.v1",
});

impl ArticleFacts {
    pub(super) fn new(data: &DocsArticleData, at: Timestamp) -> Self {
        Self {
            article_id: data.id,
            api_version: data.api_version.clone(),
            section: data.section.clone(),
            slug: data.slug.clone(),
            audience: data.audience,
            at,
        }
    }
}
