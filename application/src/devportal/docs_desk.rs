//! Writing the documentation: for the platform's staff.

use std::{cell::RefCell, collections::BTreeSet, sync::Arc};

use sarai_domain::{
    devportal::{
        docs_article::{
            ArticleEdit, ArticleRevision, ArticleState, DocsArticle, DocsArticleData, DocsError, LinkReport,
            NewArticle, NewRevision, Target,
        },
        values::{Locale, Scope as KeyScope},
    },
    kernel::{Aggregate, DocsArticleId, Outcome},
};
use sarai_ports::{
    Context, Page, PageRequest, Scope, StoreError,
    devportal::{DocsRepository, Markup},
    platform,
};

use crate::{AppError, Call, Loaded, Ports, app::at_version};

/// Whether there is such a page beside the articles.
pub type Pages = fn(&str) -> bool;

/// The use cases of the staff.
#[derive(Clone)]
pub struct DocsDesk {
    ports: Arc<Ports>,
    articles: Arc<dyn DocsRepository>,
    markup: Arc<dyn Markup>,
    pages: Pages,
}

/// An article as the program ships it.
#[derive(Debug, Clone)]
pub struct Shipped {
    /// The version of the API it speaks of.
    pub api_version: &'static str,
    /// Where it stands.
    pub edit: ArticleEdit,
    /// Its texts, the source first.
    pub texts: Vec<ShippedText>,
}

/// A text of it.
#[derive(Debug, Clone)]
pub struct ShippedText {
    /// Its locale.
    pub locale: Locale,
    /// Its title.
    pub title: String,
    /// What it says in short.
    pub summary: String,
    /// The text.
    pub body_md: String,
}

/// Who writes what the program ships.
const AUTHOR: &str = "sarai";

impl DocsDesk {
    /// Over these ports; `pages` says which pages there are beside the articles.
    pub fn new(
        ports: Arc<Ports>,
        articles: Arc<dyn DocsRepository>,
        markup: Arc<dyn Markup>,
        pages: Pages,
    ) -> Self {
        Self { ports, articles, markup, pages }
    }

    /// Writes a draft without texts.
    ///
    /// # Errors
    /// `forbidden`, `insufficient_scope`, `docs.slug_taken` (D-INV-4), and what [`DocsArticle::create`] refuses.
    pub async fn create(
        &self,
        call: &Call,
        api_version: String,
        edit: ArticleEdit,
    ) -> Result<Loaded<DocsArticle>, AppError> {
        let scope = call.publishing_scope(KeyScope::DocsWrite)?;
        let (id, now) = (DocsArticleId::new(self.ports.ulid()), self.ports.now());
        let new = NewArticle { id, tenant_id: platform(), api_version, edit };
        let article = DocsArticle::create(new, now)?;
        let context = call.context("docs.create", &id, now);
        let version = self.ports.save(&*self.articles, &scope, article.clone(), context).await?;
        Ok(Loaded { aggregate: article, version: version.unwrap_or_default() })
    }

    /// One article, with every text.
    ///
    /// # Errors
    /// `forbidden`, `insufficient_scope`, `not_found`.
    pub async fn get(&self, call: &Call, id: DocsArticleId) -> Result<DocsArticle, AppError> {
        let found = self.articles.find(&call.publishing_scope(KeyScope::DocsWrite)?, &id).await?;
        found.ok_or_else(|| AppError::not_found("article"))
    }

    /// Every article, newest first.
    ///
    /// # Errors
    /// `forbidden`, `insufficient_scope`.
    pub async fn list(
        &self,
        call: &Call,
        state: Option<ArticleState>,
        page: &PageRequest,
    ) -> Result<Page<DocsArticle>, AppError> {
        Ok(self.articles.list_articles(&call.publishing_scope(KeyScope::DocsWrite)?, state, page).await?)
    }

    /// Sets where an article stands and who may read it; `version` is what the editor saw.
    ///
    /// # Errors
    /// `precondition_failed`, `docs.slug_taken` (D-INV-4), and what [`DocsArticle::edit`] refuses.
    pub async fn edit(
        &self,
        call: &Call,
        id: DocsArticleId,
        version: u64,
        edit: impl Fn(ArticleEdit) -> ArticleEdit + Send + Sync,
    ) -> Result<Loaded<DocsArticle>, AppError> {
        let now = self.ports.now();
        self.change(call, id, "docs.edit", |article| {
            at_version(article.version(), version)?;
            let edit = edit(ArticleEdit::from(article.data()));
            Ok(article.edit(edit, now)?)
        })
        .await
    }

    /// Adds a text, which nobody reads before it is published.
    ///
    /// # Errors
    /// What [`DocsArticle::add_revision`] refuses.
    pub async fn add_revision(
        &self,
        call: &Call,
        id: DocsArticleId,
        new: NewRevision,
    ) -> Result<Loaded<DocsArticle>, AppError> {
        let now = self.ports.now();
        let command = |article: &mut DocsArticle| Ok(article.add_revision(new.clone(), now)?);
        self.change(call, id, "docs.add_revision", command).await
    }

    /// Publishes: a draft with the newest text of each locale, or one revision of what is published.
    ///
    /// # Errors
    /// `docs.broken_links` (D-INV-5), and what [`DocsArticle::submit`], [`DocsArticle::approve`] and
    /// [`DocsArticle::publish_revision`] refuse.
    pub async fn publish(
        &self,
        call: &Call,
        id: DocsArticleId,
        revision: Option<u32>,
    ) -> Result<Loaded<DocsArticle>, AppError> {
        let scope = call.publishing_scope(KeyScope::DocsWrite)?;
        let context = call.context("docs.publish", &id, self.ports.now());
        self.publish_in(&scope, context, id, revision).await
    }

    /// Takes an article away; its addresses lead to `redirect_to`, or say that it is gone.
    ///
    /// # Errors
    /// `not_found` for an article to lead to that there is none of, and what [`DocsArticle::archive`] refuses.
    pub async fn archive(
        &self,
        call: &Call,
        id: DocsArticleId,
        redirect_to: Option<DocsArticleId>,
    ) -> Result<Loaded<DocsArticle>, AppError> {
        if let Some(other) = redirect_to {
            self.get(call, other).await?;
        }
        let now = self.ports.now();
        self.change(call, id, "docs.archive", |article| Ok(article.archive(redirect_to, now)?)).await
    }

    /// Publishes what the program ships: what is missing, and what was shipped otherwise before. What somebody else
    /// wrote stays. Gives how many articles changed.
    ///
    /// # Errors
    /// What the steps refuse with.
    pub async fn ship(&self, shipped: &[Shipped]) -> Result<usize, AppError> {
        let mut changed = Vec::new();
        for one in shipped {
            changed.extend(self.write(one).await?);
        }
        // First all are there, then all are published: they lead to each other.
        for id in &changed {
            let context = self.shipping(*id);
            let found = self.articles.find(&Scope::PlatformAdmin, id).await?;
            if found.is_some_and(|article| article.data().state == ArticleState::Draft) {
                let now = self.ports.now();
                let submit = |article: &mut DocsArticle| Ok(article.submit(now)?);
                self.ports.change(&*self.articles, &Scope::PlatformAdmin, id, context, submit).await?;
            }
        }
        for id in &changed {
            self.publish_newest(*id).await?;
        }
        Ok(changed.len())
    }

    fn shipping(&self, id: DocsArticleId) -> Context {
        let mut context = self.ports.worker_context("docs.ship", &id);
        AUTHOR.clone_into(&mut context.cause.actor);
        context
    }

    /// Writes the texts of an article that are not there yet; gives its id when there is something to publish.
    async fn write(&self, shipped: &Shipped) -> Result<Option<DocsArticleId>, AppError> {
        let now = self.ports.now();
        let scope = Scope::PlatformAdmin;
        let found = self.articles.find_by_slug(&scope, shipped.api_version, &shipped.edit.slug).await?;
        let id = match found {
            Some(article) if article.data().state == ArticleState::Archived => return Ok(None),
            Some(article) => article.id(),
            None => {
                let id = DocsArticleId::new(self.ports.ulid());
                let (tenant_id, api_version) = (platform(), shipped.api_version.to_owned());
                let new = NewArticle { id, tenant_id, api_version, edit: shipped.edit.clone() };
                let article = DocsArticle::create(new, now)?;
                self.ports.save(&*self.articles, &scope, article, self.shipping(id)).await?;
                id
            }
        };
        let texts = &shipped.texts;
        let add = |article: &mut DocsArticle| {
            let mut outcome = Outcome::AlreadyApplied;
            for text in texts {
                let newest = article.newest(text.locale);
                let theirs = newest.is_some_and(|newest| newest.author_id != AUTHOR);
                let same = newest.is_some_and(|newest| newest.body_md == text.body_md);
                if theirs || same || article.data().state == ArticleState::InReview {
                    continue;
                }
                let source = article.data().newest.get(&Locale::En).copied();
                let new = NewRevision {
                    locale: text.locale,
                    title: text.title.clone(),
                    summary: text.summary.clone(),
                    body_md: text.body_md.clone(),
                    source_revision_no: source.filter(|_| text.locale != Locale::En),
                    author_id: AUTHOR.to_owned(),
                };
                if article.add_revision(new, now)? == Outcome::Applied {
                    outcome = Outcome::Applied;
                }
            }
            Ok(outcome)
        };
        let written = self.ports.change(&*self.articles, &scope, &id, self.shipping(id), add).await?;
        let data = written.aggregate.data();
        let read = |locale: &Locale| data.published.get(locale).map(|read| read.no);
        let pending = data.newest.iter().any(|(locale, no)| {
            let own = written.aggregate.revision(*no).is_some_and(|one| one.author_id == AUTHOR);
            own && read(locale) != Some(*no)
        });
        Ok(pending.then_some(id))
    }

    /// Publishes every newest text of ours that is not read yet.
    async fn publish_newest(&self, id: DocsArticleId) -> Result<(), AppError> {
        let scope = Scope::PlatformAdmin;
        let Some(article) = self.articles.find(&scope, &id).await? else { return Ok(()) };
        let data = article.data();
        if data.state != ArticleState::Published {
            self.publish_in(&scope, self.shipping(id), id, None).await?;
            return Ok(());
        }
        for (locale, no) in data.newest.clone() {
            let own = article.revision(no).is_some_and(|one| one.author_id == AUTHOR);
            if own && data.published.get(&locale).map(|read| read.no) != Some(no) {
                self.publish_in(&scope, self.shipping(id), id, Some(no)).await?;
            }
        }
        Ok(())
    }

    async fn publish_in(
        &self,
        scope: &Scope,
        context: Context,
        id: DocsArticleId,
        revision: Option<u32>,
    ) -> Result<Loaded<DocsArticle>, AppError> {
        let article = self.articles.find(scope, &id).await?.ok_or_else(|| AppError::not_found("article"))?;
        let published = article.data().state == ArticleState::Published;
        // A draft goes out whole, whichever of its revisions was named.
        let numbers: Vec<u32> = match revision.filter(|_| published) {
            Some(no) => vec![no],
            None => article.data().newest.values().copied().collect(),
        };
        let mut reports = Vec::new();
        for revision in numbers.iter().filter_map(|no| article.revision(*no)) {
            reports.push(self.links(article.data(), revision).await?);
        }
        let now = self.ports.now();
        self.ports
            .change(&*self.articles, scope, &id, context, |article| {
                if article.data().state == ArticleState::Published {
                    let no = revision.or(article.data().newest.get(&Locale::En).copied());
                    let no = no.ok_or(DocsError::SourceMissing(Locale::En))?;
                    return settled(article.publish_revision(no, &reports, now));
                }
                if article.data().state == ArticleState::Draft {
                    let _ = article.submit(now)?;
                }
                settled(article.approve(&reports, now))
            })
            .await
    }

    /// Whether the links of a text lead somewhere: to what is published, to what is about to be, to a page.
    async fn links(
        &self,
        article: &DocsArticleData,
        revision: &ArticleRevision,
    ) -> Result<LinkReport, AppError> {
        let links = self.markup.links(&revision.body_md);
        let links = || links.iter().map(String::as_str);
        let (digest, version) = (revision.content_sha256, &article.api_version);
        let targets = RefCell::new(BTreeSet::new());
        LinkReport::check(digest, links(), version, &|target| {
            targets.borrow_mut().insert(target.clone());
            true
        });
        let mut there = BTreeSet::new();
        for target in targets.into_inner() {
            let exists = match &target {
                Target::Page(path) => (self.pages)(path),
                Target::Article { api_version, slug } => {
                    let own = *api_version == article.api_version && *slug == article.slug;
                    own || self.leads_somewhere(api_version, slug).await?
                }
            };
            if exists {
                there.insert(target);
            }
        }
        Ok(LinkReport::check(digest, links(), version, &|target| there.contains(target)))
    }

    async fn leads_somewhere(
        &self,
        api_version: &str,
        slug: &sarai_domain::devportal::values::Slug,
    ) -> Result<bool, AppError> {
        let found = self.articles.find_by_slug(&Scope::PlatformAdmin, api_version, slug).await?;
        let out = [ArticleState::InReview, ArticleState::Published];
        Ok(found.is_some_and(|article| out.contains(&article.data().state)))
    }

    async fn change(
        &self,
        call: &Call,
        id: DocsArticleId,
        action: &'static str,
        command: impl FnMut(&mut DocsArticle) -> Result<Outcome, AppError> + Send,
    ) -> Result<Loaded<DocsArticle>, AppError> {
        let scope = call.publishing_scope(KeyScope::DocsWrite)?;
        let context = call.context(action, &id, self.ports.now());
        self.ports.change(&*self.articles, &scope, &id, context, command).await
    }
}

/// A text that was added since its links were looked at: whoever publishes looks again.
fn settled(outcome: Result<Outcome, DocsError>) -> Result<Outcome, AppError> {
    match outcome {
        Err(DocsError::LinksUnchecked(_)) => {
            Err(StoreError::Conflict { aggregate: DocsArticle::NAME }.into())
        }
        other => Ok(other?),
    }
}
