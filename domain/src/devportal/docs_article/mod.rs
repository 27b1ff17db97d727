//! `DocsArticle`: an article of the documentation, its texts in three locales, from draft to archive
//! (devportal.md 3.8).
//!
//! Guards D-INV-1 to D-INV-3 and D-INV-5 when it is published. D-INV-4 is a unique key of the store
//! ([`DocsArticleData::slug_slots`]); D-INV-6 to D-INV-8 are [`DocsArticleData::answer`], D-INV-9 is [`SearchText`].
//! The states are in [`TRANSITIONS`]; a revision that is added moves none.

mod check;
mod data;
mod error;
mod event;
mod fold;
mod input;
mod links;
mod reading;
mod review;
mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use data::{ArticleRevision, Audience, DocsArticleData, PublishedRevision, Reader};
pub use error::DocsError;
pub use event::{ArticleFacts, DocsEvent};
pub use fold::{MatchRank, SearchText};
pub use input::{ArticleEdit, NewArticle, NewRevision};
pub use links::{BrokenLink, LinkFault, LinkReport, Target};
pub use reading::{Answer, Reading};
pub use status::{ArticleAction, ArticleState, TRANSITIONS};

use super::values::{Locale, text::line};
use crate::kernel::{
    Aggregate, Changes, DocsArticleId, LastTransition, Outcome, Root, Step, Timestamp, require, step,
};

/// How many tags an article has at most.
pub const MAX_TAGS: usize = 10;
/// How many bytes a text has at most.
pub const MAX_BODY: usize = 256 << 10;

/// An article and the revisions loaded with it.
///
/// ```
/// use sarai_domain::{
///     devportal::{docs_article::*, values::Locale},
///     kernel::{Aggregate, Outcome, Timestamp},
/// };
///
/// let now: Timestamp = "2026-04-20T09:30:00Z".parse()?;
/// let edit = ArticleEdit {
///     section: "guides".parse()?,
///     slug: "webhooks".parse()?,
///     audience: Audience::Public,
///     order: 1,
///     tags: vec![],
/// };
/// let (id, tenant_id) = ("doc_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?, "platform".parse()?);
/// let new = NewArticle { id, tenant_id, api_version: "v1".to_owned(), edit };
/// let mut article = DocsArticle::create(new, now)?;
/// let text = NewRevision {
///     locale: Locale::En,
///     title: "Webhooks".to_owned(),
///     summary: String::new(),
///     body_md: "See [keys](keys).".to_owned(),
///     source_revision_no: None,
///     author_id: "amina".to_owned(),
/// };
/// let _ = article.add_revision(text, now)?;
/// let _ = article.submit(now)?;
/// let digest = ArticleRevision::digest("See [keys](keys).");
/// let report = LinkReport::check(digest, ["keys"], "v1", &|_| true);
/// assert_eq!(article.approve(&[report], now)?, Outcome::Applied);
/// let answer = article.data().answer(&"webhooks".parse()?, Locale::Ps, &[], Reader::Anonymous)?;
/// assert!(matches!(answer, Answer::Here(Reading { locale: Locale::En, fallback: true, .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct DocsArticle {
    root: Root<DocsArticleData, DocsEvent, ArticleRevision>,
    revisions: BTreeMap<u32, ArticleRevision>,
}

impl Aggregate for DocsArticle {
    type Id = DocsArticleId;
    type Data = DocsArticleData;
    type Row = ArticleRevision;
    type Event = DocsEvent;
    type Error = DocsError;

    const NAME: &'static str = "docs";

    fn rehydrate(data: DocsArticleData, rows: Vec<ArticleRevision>, version: u64) -> Result<Self, DocsError> {
        require::<Self>(&data, &rows)?;
        let revisions = rows.into_iter().map(|row| (row.no, row)).collect();
        Ok(Self { root: Root::stored(data, version), revisions })
    }

    fn id(&self) -> DocsArticleId {
        self.root.data.id
    }

    fn data(&self) -> &DocsArticleData {
        &self.root.data
    }

    fn version(&self) -> u64 {
        self.root.version()
    }

    fn into_changes(self) -> Changes<Self> {
        let id = self.root.data.id;
        self.root.into_changes(id)
    }
}

impl DocsArticle {
    /// A draft without texts.
    ///
    /// # Errors
    /// [`DocsError::Name`], [`DocsError::Tags`].
    pub fn create(new: NewArticle, now: Timestamp) -> Result<Self, DocsError> {
        let api_version = line(&new.api_version, 128).filter(|version| !version.contains(['/', ' ']));
        if new.edit.tags.len() > MAX_TAGS {
            return Err(DocsError::Tags);
        }
        let root = Root::new(DocsArticleData {
            id: new.id,
            tenant_id: new.tenant_id,
            section: new.edit.section,
            slug: new.edit.slug,
            slug_history: Vec::new(),
            api_version: api_version.ok_or(DocsError::Name)?,
            audience: new.edit.audience,
            source_locale: Locale::En,
            order: new.edit.order,
            state: ArticleState::Draft,
            published: BTreeMap::new(),
            revision_count: 0,
            newest: BTreeMap::new(),
            tags: new.edit.tags,
            redirect_to: None,
            last_transition: None,
            created_at: now,
            updated_at: now,
        });
        Ok(Self { root, revisions: BTreeMap::new() })
    }

    /// Adds a text; nobody reads it before it is published. The newest text of its locale again is already applied,
    /// where that was loaded. A translation needs the revision it was made from.
    ///
    /// # Errors
    /// [`DocsError::NotWritable`] while it is reviewed and after its end, [`DocsError::TranslationSource`] (D-INV-3);
    /// [`DocsError::Title`], [`DocsError::Summary`], [`DocsError::Body`], [`DocsError::Name`].
    pub fn add_revision(&mut self, new: NewRevision, now: Timestamp) -> Result<Outcome, DocsError> {
        let data = &self.root.data;
        if !matches!(data.state, ArticleState::Draft | ArticleState::Published) {
            return Err(DocsError::NotWritable(data.state));
        }
        let no = data.revision_count.saturating_add(1);
        let revision = new.into_revision(data.id, no, now)?;
        self.require_source(&revision)?;
        let newest = self.newest(revision.locale);
        if newest.is_some_and(|old| same_text(old, &revision)) {
            return Ok(Outcome::AlreadyApplied);
        }
        self.root.data.revision_count = no;
        self.root.data.newest.insert(revision.locale, no);
        self.root.data.updated_at = now;
        self.root.write_row(revision.clone());
        self.revisions.insert(no, revision);
        Ok(Outcome::Applied)
    }

    /// Sets where it stands and who may read it. An old slug leads to it for ever (D-INV-4).
    ///
    /// # Errors
    /// [`DocsError::Tags`], [`DocsError::NotWritable`] after its end.
    pub fn edit(&mut self, edit: ArticleEdit, now: Timestamp) -> Result<Outcome, DocsError> {
        let data = &mut self.root.data;
        if data.state == ArticleState::Archived {
            return Err(DocsError::NotWritable(data.state));
        }
        if edit.tags.len() > MAX_TAGS {
            return Err(DocsError::Tags);
        }
        if edit == ArticleEdit::from(&*data) {
            return Ok(Outcome::AlreadyApplied);
        }
        let old_slug = data.slug.clone();
        if edit.slug != old_slug {
            data.slug_history.retain(|slug| *slug != edit.slug);
            data.slug_history.push(old_slug.clone());
        }
        data.section = edit.section;
        data.slug = edit.slug;
        data.audience = edit.audience;
        data.order = edit.order;
        data.tags = edit.tags;
        data.updated_at = now;
        if data.state == ArticleState::Published {
            let article = ArticleFacts::new(data, now);
            self.root.record(DocsEvent::Moved { article, old_slug });
        }
        Ok(Outcome::Applied)
    }

    /// A revision, if it is among the loaded ones.
    pub fn revision(&self, no: u32) -> Option<&ArticleRevision> {
        self.revisions.get(&no)
    }

    /// The newest revision of a locale, if it is among the loaded ones.
    pub fn newest(&self, locale: Locale) -> Option<&ArticleRevision> {
        self.revisions.get(self.root.data.newest.get(&locale)?)
    }

    /// D-INV-3: a translation names a text in the source locale; a text in the source locale names none.
    fn require_source(&self, revision: &ArticleRevision) -> Result<(), DocsError> {
        let source_locale = self.root.data.source_locale;
        let good = match revision.source_revision_no {
            None => revision.locale == source_locale,
            Some(source) => {
                let source = self.revisions.get(&source);
                revision.locale != source_locale && source.is_some_and(|one| one.locale == source_locale)
            }
        };
        if good { Ok(()) } else { Err(DocsError::TranslationSource) }
    }

    fn step(&self, action: ArticleAction, argument: Option<&str>) -> Result<Step<ArticleState>, DocsError> {
        let data = &self.root.data;
        Ok(step(TRANSITIONS, data.state, action, argument, data.last_transition.as_ref())?)
    }

    fn enter(&mut self, to: ArticleState, action: ArticleAction, argument: Option<String>, now: Timestamp) {
        let data = &mut self.root.data;
        data.state = to;
        data.last_transition = Some(LastTransition { action, argument });
        data.updated_at = now;
    }
}

fn same_text(old: &ArticleRevision, new: &ArticleRevision) -> bool {
    (&old.title, &old.summary, old.content_sha256, old.source_revision_no)
        == (&new.title, &new.summary, new.content_sha256, new.source_revision_no)
}
