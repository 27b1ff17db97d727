//! What a reader gets: which locale, whether it is the one asked for, and whether there is anything at all.

use super::{ArticleState, Audience, DocsArticleData, DocsError, Reader};
use crate::{
    devportal::values::{Direction, Locale, Slug},
    kernel::DocsArticleId,
};

/// What a reader is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The locale of the text, for `Content-Language`.
    pub locale: Locale,
    /// The revision that is read.
    pub revision_no: u32,
    /// Whether another locale was asked for (D-INV-7).
    pub fallback: bool,
    /// Whether the source locale has a newer text (D-INV-3).
    pub stale: bool,
    /// Which way the text runs (D-INV-6).
    pub dir: Direction,
    /// Which way code blocks run: always left to right (D-INV-6).
    pub code_dir: Direction,
}

/// What an address leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The text: 200.
    Here(Reading),
    /// The article under the name it has now: 308.
    Moved(Slug),
    /// Another article: 308.
    Replaced(DocsArticleId),
    /// Nothing any more: 410.
    Gone,
}

impl DocsArticleData {
    /// What a reader gets who asks for one of its slugs in a locale. `chain` is what to fall back to, in order; the
    /// source locale comes last.
    ///
    /// # Errors
    /// [`DocsError::NotFound`] for a slug it never had, before it is published, and for readers who are not of its
    /// audience (D-INV-8): nobody learns that there is something to read.
    pub fn answer(
        &self,
        slug: &Slug,
        asked: Locale,
        chain: &[Locale],
        reader: Reader,
    ) -> Result<Answer, DocsError> {
        let current = *slug == self.slug;
        if !self.is_visible_to(reader) || !(current || self.slug_history.contains(slug)) {
            return Err(DocsError::NotFound);
        }
        match (self.state, self.redirect_to) {
            (ArticleState::Archived, Some(other)) => Ok(Answer::Replaced(other)),
            (ArticleState::Archived, None) => Ok(Answer::Gone),
            _ if !current => Ok(Answer::Moved(self.slug.clone())),
            _ => self.read(asked, chain).map(Answer::Here),
        }
    }

    /// Whether a reader may know of it: the one rule of reading, of the tree and of search (D-INV-8).
    pub fn is_visible_to(&self, reader: Reader) -> bool {
        let out = matches!(self.state, ArticleState::Published | ArticleState::Archived);
        Audience::admits(self.audience, reader) && out
    }

    /// The text of a locale, or of the first there is.
    fn read(&self, asked: Locale, chain: &[Locale]) -> Result<Reading, DocsError> {
        let mut locales = [asked].into_iter().chain(chain.iter().copied()).chain([self.source_locale]);
        let found = locales.find_map(|locale| Some((locale, self.published.get(&locale)?)));
        let (locale, revision) = found.ok_or(DocsError::NotFound)?;
        Ok(Reading {
            locale,
            revision_no: revision.no,
            fallback: locale != asked,
            stale: self.is_stale(locale),
            dir: locale.dir(),
            code_dir: Direction::Ltr,
        })
    }
}
