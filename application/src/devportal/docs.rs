//! Reading the documentation: a page, the tree, search (devportal.md 3.8).

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use sarai_domain::{
    devportal::{
        docs_article::{
            Answer, ArticleRevision, ArticleState, Audience, DocsArticle, DocsArticleData, MatchRank, Reader,
            Reading, SearchText,
        },
        values::{Locale, Slug},
    },
    kernel::{Aggregate, DocsArticleId},
};
use sarai_ports::{
    Scope,
    auth::{Principal, Role},
    devportal::{DocsQuestion, DocsRepository, Found, Markup, Rendered, TreeEntry},
};

use crate::AppError;

/// How many texts of a search are ranked.
const RANKED: usize = 200;
/// How long an excerpt is, in characters.
const EXCERPT: usize = 200;

/// The use cases of readers.
#[derive(Clone)]
pub struct Docs {
    articles: Arc<dyn DocsRepository>,
    markup: Arc<dyn Markup>,
}

/// What an address leads to.
#[derive(Debug, Clone)]
pub enum DocsPage {
    /// A text.
    Here(Box<ArticlePage>),
    /// Somewhere else, for good.
    Moved {
        /// The version of the API.
        api_version: String,
        /// The slug.
        slug: Slug,
    },
    /// Nothing any more.
    Gone,
}

/// An article as it is read.
#[derive(Debug, Clone)]
pub struct ArticlePage {
    /// The article.
    pub article: DocsArticleData,
    /// Its text.
    pub revision: ArticleRevision,
    /// Which locale, and whether it is the one asked for.
    pub reading: Reading,
    /// The text as it is shown.
    pub rendered: Rendered,
}

/// A text in a list, and whether it is in another locale than was asked for (D-INV-7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The text.
    pub entry: TreeEntry,
    /// Whether it is in another locale.
    pub fallback: bool,
}

/// A text that answers a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The text.
    pub listed: Listed,
    /// How well.
    pub rank: MatchRank,
    /// Where it does.
    pub excerpt: String,
}

/// What a caller is to articles: the platform's staff, partners (who sell), developers, or nobody in particular.
pub fn reader_of(caller: Option<&Principal>) -> Reader {
    let has = |role| caller.is_some_and(|caller| caller.has(role));
    if has(Role::PlatformAdmin) {
        Reader::Staff
    } else if has(Role::Provider) {
        Reader::Partner
    } else if has(Role::Developer) {
        Reader::Developer
    } else {
        Reader::Anonymous
    }
}

impl Docs {
    /// Over these ports.
    pub fn new(articles: Arc<dyn DocsRepository>, markup: Arc<dyn Markup>) -> Self {
        Self { articles, markup }
    }

    /// What a slug leads to.
    ///
    /// # Errors
    /// What [`DocsArticleData::answer`] refuses, `docs.not_found` for a slug that no article ever had.
    pub async fn read(
        &self,
        reader: Reader,
        api_version: &str,
        slug: &Slug,
        asked: Locale,
    ) -> Result<DocsPage, AppError> {
        let found = self.articles.find_by_slug(&Scope::Public, api_version, slug).await?;
        let article = found.ok_or_else(not_found)?;
        match article.data().answer(slug, asked, &[], reader)? {
            Answer::Here(reading) => self.page(&article, reading).map(|page| DocsPage::Here(Box::new(page))),
            Answer::Moved(slug) => Ok(DocsPage::Moved { api_version: api_version.to_owned(), slug }),
            Answer::Replaced(id) => self.replacement(id, reader).await,
            Answer::Gone => Ok(DocsPage::Gone),
        }
    }

    fn page(&self, article: &DocsArticle, reading: Reading) -> Result<ArticlePage, AppError> {
        let revision = article.revision(reading.revision_no).cloned().ok_or_else(not_found)?;
        let rendered = self.markup.render(&revision.body_md);
        Ok(ArticlePage { article: article.data().clone(), revision, reading, rendered })
    }

    /// The article that took another's place, unless it is gone too.
    async fn replacement(&self, id: DocsArticleId, reader: Reader) -> Result<DocsPage, AppError> {
        let found = self.articles.find(&Scope::Public, &id).await?;
        let found = found.filter(|article| {
            let data = article.data();
            data.state == ArticleState::Published && data.is_visible_to(reader)
        });
        Ok(found.map_or(DocsPage::Gone, |article| {
            let DocsArticleData { api_version, slug, .. } = article.data().clone();
            DocsPage::Moved { api_version, slug }
        }))
    }

    /// Every article of a version that a reader may know of, each in one locale: by section and place.
    ///
    /// # Errors
    /// The store's.
    pub async fn tree(
        &self,
        reader: Reader,
        api_version: &str,
        asked: Locale,
    ) -> Result<Vec<Listed>, AppError> {
        let audiences: Vec<Audience> = Audience::of(reader).collect();
        let mut tree: Vec<Listed> = Vec::new();
        for entry in self.articles.tree(api_version, &audiences).await? {
            let fallback = entry.locale != asked;
            let readable = !fallback || entry.locale == Locale::En;
            match tree.last_mut().filter(|last| last.entry.article_id == entry.article_id) {
                Some(last) if !fallback => *last = Listed { entry, fallback },
                None if readable => tree.push(Listed { entry, fallback }),
                _ => {}
            }
        }
        Ok(tree)
    }

    /// What answers a question, the best first: in the locale asked for, and where an article has no answer there, in
    /// English.
    ///
    /// # Errors
    /// The store's.
    pub async fn search(
        &self,
        reader: Reader,
        api_version: &str,
        asked: Locale,
        question: &str,
        limit: usize,
    ) -> Result<Vec<Hit>, AppError> {
        let text = SearchText::of(question);
        let mut locales = vec![asked, Locale::En];
        locales.dedup();
        let audiences = Audience::of(reader).collect();
        let asked_for = DocsQuestion { text, api_version: api_version.to_owned(), locales, audiences };
        let found = self.articles.search(&asked_for, RANKED).await?;
        let text = &asked_for.text;
        let mut best: BTreeMap<DocsArticleId, Ranked> = BTreeMap::new();
        for found in found {
            let Some(ranked) = Ranked::of(found, text, asked) else { continue };
            let id = ranked.found.entry.article_id;
            if best.get(&id).is_none_or(|other| !ranked.fallback && other.fallback) {
                best.insert(id, ranked);
            }
        }
        let mut best: Vec<Ranked> = best.into_values().collect();
        best.sort_by(|one, other| one.place().cmp(&other.place()));
        let hit = |ranked: Ranked| {
            let excerpt = self.excerpt(&ranked.found, text);
            let listed = Listed { entry: ranked.found.entry, fallback: ranked.fallback };
            Hit { listed, rank: ranked.rank, excerpt }
        };
        Ok(best.into_iter().take(limit).map(hit).collect())
    }

    /// The line of a text that answers best; what it says in short where only its title does.
    fn excerpt(&self, found: &Found, question: &SearchText) -> String {
        let rendered = self.markup.render(&found.body_md);
        let lines = rendered.text.lines().filter(|line| !line.trim().is_empty());
        let ranked = lines.filter_map(|line| Some((SearchText::of(line).rank(question)?, line)));
        let best = ranked.min_by_key(|(rank, _)| *rank).map(|(_, line)| line.trim());
        best.unwrap_or(&found.entry.summary).chars().take(EXCERPT).collect()
    }
}

/// A text with how well it answers.
struct Ranked {
    found: Found,
    rank: MatchRank,
    title: bool,
    fallback: bool,
}

impl Ranked {
    fn of(found: Found, question: &SearchText, asked: Locale) -> Option<Self> {
        let TreeEntry { title, summary, locale, .. } = &found.entry;
        let rank = SearchText::of(&format!("{title}\n{summary}\n{}", found.body_md)).rank(question)?;
        let (title, fallback) = (SearchText::of(title).rank(question).is_some(), *locale != asked);
        Some(Self { found, rank, title, fallback })
    }

    /// The better first; then titles, the locale asked for, and the order of the tree.
    fn place(&self) -> impl Ord + '_ {
        let TreeEntry { section, order, slug, .. } = &self.found.entry;
        (self.rank, Reverse(self.title), self.fallback, section, *order, slug)
    }
}

fn not_found() -> AppError {
    sarai_domain::devportal::docs_article::DocsError::NotFound.into()
}
