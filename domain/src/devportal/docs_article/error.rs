//! Why an article refuses.

use super::{ArticleAction, ArticleState, BrokenLink};
use crate::{
    devportal::{
        invariants::{D_INV_1, D_INV_2, D_INV_3, D_INV_4, D_INV_5},
        values::Locale,
    },
    kernel::{
        Coded, Detail, IllegalTransition, Invariant,
        Kind::{self, Conflict, Invalid, NotFound, Unavailable},
    },
};

/// Why a command on an article is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocsError {
    /// The table has no such edge.
    #[error(transparent)]
    InvalidTransition(#[from] IllegalTransition<ArticleState, ArticleAction>),
    /// There is no such article for this reader.
    #[error("there is no such article")]
    NotFound,
    /// Revisions are added to drafts and to what is published.
    #[error("nothing is written while the article is {0:?}")]
    NotWritable(ArticleState),
    /// D-INV-1: stored revisions that no command can have written.
    #[error("the stored revisions are not numbered one after another")]
    BrokenNumbers,
    /// D-INV-1: there is no such revision.
    #[error("there is no revision {0}")]
    NoSuchRevision(u32),
    /// D-INV-2.
    #[error("the article has no text in its source locale {}", .0.as_str())]
    SourceMissing(Locale),
    /// D-INV-2: stored data that no command can have written.
    #[error("a stored article is published without a text in its source locale")]
    PublishedWithoutSource,
    /// D-INV-3.
    #[error("a translation names the revision in the source locale that it was made from")]
    TranslationSource,
    /// D-INV-4, as the store found it.
    #[error("another article has, or had, this slug")]
    SlugTaken,
    /// D-INV-5.
    #[error("{} links cannot be published", .0.len())]
    BrokenLinks(Vec<BrokenLink>),
    /// D-INV-5: nobody checked this very text.
    #[error("the links of revision {0} were not checked")]
    LinksUnchecked(u32),
    /// An article that leads to itself.
    #[error("an article does not lead to itself")]
    LeadsToItself,
    /// Not a title.
    #[error("a title is one line of 1 to 120 characters")]
    Title,
    /// Not a summary.
    #[error("a summary is one line of at most 300 characters")]
    Summary,
    /// Not a text.
    #[error("a text is 1 to 256 KB")]
    Body,
    /// Not a version of the API, or not an author.
    #[error("API version and author are lines of 1 to 128 characters")]
    Name,
    /// Too many tags.
    #[error("an article has at most 10 tags")]
    Tags,
    /// Not a reason.
    #[error("a reason is one line of 1 to 500 characters")]
    Reason,
    /// Stored data that no command can have written.
    #[error("the stored article is inconsistent: {0}")]
    Inconsistent(&'static str),
}

impl DocsError {
    #[rustfmt::skip]
    fn facts(&self) -> (&'static str, Kind, Option<Invariant>) {
        match self {
            Self::InvalidTransition(_)   => ("docs.invalid_transition",    Conflict,    None),
            Self::NotFound               => ("docs.not_found",             NotFound,    None),
            Self::NotWritable(_)         => ("docs.not_writable",          Conflict,    None),
            Self::BrokenNumbers          => ("docs.inconsistent",          Unavailable, Some(D_INV_1)),
            Self::NoSuchRevision(_)      => ("docs.revision_not_found",    NotFound,    Some(D_INV_1)),
            Self::SourceMissing(_)       => ("docs.source_missing",        Conflict,    Some(D_INV_2)),
            Self::PublishedWithoutSource => ("docs.inconsistent",          Unavailable, Some(D_INV_2)),
            Self::TranslationSource      => ("docs.translation_source",    Invalid,     Some(D_INV_3)),
            Self::SlugTaken              => ("docs.slug_taken",            Conflict,    Some(D_INV_4)),
            Self::BrokenLinks(_)         => ("docs.broken_links",          Invalid,     Some(D_INV_5)),
            Self::LinksUnchecked(_)      => ("docs.links_unchecked",       Conflict,    Some(D_INV_5)),
            Self::LeadsToItself          => ("docs.leads_to_itself",       Invalid,     None),
            Self::Title                  => ("docs.title_malformed",       Invalid,     None),
            Self::Summary                => ("docs.summary_malformed",     Invalid,     None),
            Self::Body                   => ("docs.body_malformed",        Invalid,     None),
            Self::Name                   => ("docs.name_malformed",        Invalid,     None),
            Self::Tags                   => ("docs.too_many_tags",         Invalid,     None),
            Self::Reason                 => ("docs.reason_malformed",      Invalid,     None),
            Self::Inconsistent(_)        => ("docs.inconsistent",          Unavailable, None),
        }
    }
}

impl Coded for DocsError {
    fn code(&self) -> &'static str {
        self.facts().0
    }

    fn kind(&self) -> Kind {
        self.facts().1
    }

    fn invariant(&self) -> Option<Invariant> {
        self.facts().2
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        if let Self::BrokenLinks(links) = self {
            let targets = links.iter().map(|link| Detail::Text(link.target.clone()));
            return vec![("links", Detail::List(targets.collect()))];
        }
        Vec::new()
    }
}
