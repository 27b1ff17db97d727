//! From draft to archive: the commands of an article's table.

use super::{
    ArticleAction, ArticleFacts, ArticleRevision, DocsArticle, DocsError, DocsEvent, LinkReport,
    PublishedRevision,
};
use crate::{
    devportal::values::text::line,
    kernel::{DocsArticleId, Outcome, Step, Timestamp},
};

impl DocsArticle {
    /// Asks for a review.
    ///
    /// # Errors
    /// [`DocsError::SourceMissing`] (D-INV-2), [`DocsError::InvalidTransition`].
    pub fn submit(&mut self, now: Timestamp) -> Result<Outcome, DocsError> {
        let Step::To(to) = self.step(ArticleAction::Submit, None)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        self.require_source_text()?;
        self.enter(to, ArticleAction::Submit, None, now);
        Ok(Outcome::Applied)
    }

    /// Returns it to its author.
    ///
    /// # Errors
    /// [`DocsError::Reason`], [`DocsError::InvalidTransition`].
    pub fn request_changes(&mut self, reason: &str, now: Timestamp) -> Result<Outcome, DocsError> {
        let reason = line(reason, 500).ok_or(DocsError::Reason)?;
        let Step::To(to) = self.step(ArticleAction::RequestChanges, Some(&reason))? else {
            return Ok(Outcome::AlreadyApplied);
        };
        self.enter(to, ArticleAction::RequestChanges, Some(reason), now);
        Ok(Outcome::Applied)
    }

    /// Publishes the newest text of each locale that has one; those are to be loaded. `reports` say of each that its
    /// links lead somewhere.
    ///
    /// # Errors
    /// [`DocsError::SourceMissing`] (D-INV-2), [`DocsError::NoSuchRevision`] (D-INV-1), [`DocsError::BrokenLinks`],
    /// [`DocsError::LinksUnchecked`] (D-INV-5), [`DocsError::InvalidTransition`].
    pub fn approve(&mut self, reports: &[LinkReport], now: Timestamp) -> Result<Outcome, DocsError> {
        let Step::To(to) = self.step(ArticleAction::Approve, None)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        self.require_source_text()?;
        let numbers = self.root.data.newest.values();
        let newest: Vec<ArticleRevision> = numbers
            .map(|no| self.revision(*no).cloned().ok_or(DocsError::NoSuchRevision(*no)))
            .collect::<Result<_, _>>()?;
        newest.iter().try_for_each(|revision| require_links(revision, reports))?;
        self.enter(to, ArticleAction::Approve, None, now);
        for revision in &newest {
            self.point_at(revision, now);
        }
        Ok(Outcome::Applied)
    }

    /// Lets a revision take its locale's place, be it a newer one or an older one again.
    ///
    /// # Errors
    /// [`DocsError::NoSuchRevision`] (D-INV-1), [`DocsError::BrokenLinks`], [`DocsError::LinksUnchecked`] (D-INV-5),
    /// [`DocsError::InvalidTransition`].
    pub fn publish_revision(
        &mut self,
        no: u32,
        reports: &[LinkReport],
        now: Timestamp,
    ) -> Result<Outcome, DocsError> {
        let argument = no.to_string();
        let Step::To(to) = self.step(ArticleAction::PublishRevision, Some(&argument))? else {
            return Ok(Outcome::AlreadyApplied);
        };
        let revision = self.revision(no).cloned().ok_or(DocsError::NoSuchRevision(no))?;
        if self.root.data.published.get(&revision.locale).is_some_and(|read| read.no == no) {
            return Ok(Outcome::AlreadyApplied);
        }
        require_links(&revision, reports)?;
        self.enter(to, ArticleAction::PublishRevision, Some(argument), now);
        self.point_at(&revision, now);
        Ok(Outcome::Applied)
    }

    /// Takes it away. Its addresses lead to `redirect_to`, or say that it is gone.
    ///
    /// # Errors
    /// [`DocsError::LeadsToItself`], [`DocsError::InvalidTransition`].
    pub fn archive(
        &mut self,
        redirect_to: Option<DocsArticleId>,
        now: Timestamp,
    ) -> Result<Outcome, DocsError> {
        let argument = redirect_to.map(|id| id.to_string());
        let Step::To(to) = self.step(ArticleAction::Archive, argument.as_deref())? else {
            return Ok(Outcome::AlreadyApplied);
        };
        if redirect_to == Some(self.root.data.id) {
            return Err(DocsError::LeadsToItself);
        }
        self.root.data.redirect_to = redirect_to;
        self.enter(to, ArticleAction::Archive, argument, now);
        let article = ArticleFacts::new(&self.root.data, now);
        self.root.record(DocsEvent::Archived { article, redirect_to });
        Ok(Outcome::Applied)
    }

    /// D-INV-2.
    fn require_source_text(&self) -> Result<(), DocsError> {
        let data = &self.root.data;
        let there = data.newest.contains_key(&data.source_locale);
        if there { Ok(()) } else { Err(DocsError::SourceMissing(data.source_locale)) }
    }

    fn point_at(&mut self, revision: &ArticleRevision, now: Timestamp) {
        let (no, source_revision_no) = (revision.no, revision.source_revision_no);
        let read = PublishedRevision { no, source_revision_no, at: now };
        self.root.data.published.insert(revision.locale, read);
        let article = ArticleFacts::new(&self.root.data, now);
        self.root.record(DocsEvent::Published { article, locale: revision.locale, revision_no: no });
    }
}

/// D-INV-5: this very text was checked, and its links lead somewhere.
fn require_links(revision: &ArticleRevision, reports: &[LinkReport]) -> Result<(), DocsError> {
    let mut reports = reports.iter().filter(|report| report.content_sha256 == revision.content_sha256);
    match reports.next() {
        None => Err(DocsError::LinksUnchecked(revision.no)),
        Some(report) if !report.broken.is_empty() => Err(DocsError::BrokenLinks(report.broken.clone())),
        Some(_) => Ok(()),
    }
}
