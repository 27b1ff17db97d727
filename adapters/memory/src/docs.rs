//! Articles of the documentation, and searching them: a scan, for there are hundreds.

use async_trait::async_trait;
use sarai_domain::devportal::{
    docs_article::{ArticleRevision, ArticleState, Audience, DocsArticle, DocsArticleData, SearchText},
    values::{Locale, Slug},
};
use sarai_ports::{
    Page, PageRequest, Scope, StoreError, Stored, UniqueKey,
    devportal::{DocsQuestion, DocsRepository, Found, TreeEntry},
};

use crate::{
    MemoryStore,
    indexes::name,
    state::State,
    table::{Indexed, Rows},
};

impl Indexed for DocsArticle {
    fn index(data: &DocsArticleData) -> Vec<(&'static str, String)> {
        vec![("state", name(data.state)), ("version", data.api_version.clone())]
    }
}

/// The text of a revision as it is searched.
fn searched(revision: &ArticleRevision) -> SearchText {
    SearchText::of(&format!("{}\n{}\n{}", revision.title, revision.summary, revision.body_md))
}

fn entry(data: &DocsArticleData, revision: &ArticleRevision) -> TreeEntry {
    TreeEntry {
        article_id: data.id,
        section: data.section.clone(),
        slug: data.slug.clone(),
        audience: data.audience,
        order: data.order,
        locale: revision.locale,
        title: revision.title.clone(),
        summary: revision.summary.clone(),
    }
}

impl State {
    /// Every text of a version that is read by these audiences: by section, place, slug and locale.
    fn read_texts<'a>(
        &'a self,
        api_version: &str,
        audiences: &'a [Audience],
    ) -> Vec<(&'a DocsArticleData, &'a ArticleRevision)> {
        let ids = self.articles.by_index("version", api_version);
        let articles = ids
            .filter_map(|id| self.articles.data(id))
            .filter(|data| data.state == ArticleState::Published && audiences.contains(&data.audience));
        let mut texts: Vec<_> = articles
            .flat_map(|data| {
                let numbers = data.published.values().map(|read| read.no.to_string());
                numbers.filter_map(move |no| Some((data, self.articles.row(&data.id, &no)?)))
            })
            .collect();
        texts.sort_by_key(|(data, text)| (&data.section, data.order, &data.slug, text.locale));
        texts
    }
}

#[async_trait]
impl DocsRepository for MemoryStore {
    async fn find_by_slug(
        &self,
        scope: &Scope,
        api_version: &str,
        slug: &Slug,
    ) -> Result<Option<DocsArticle>, StoreError> {
        let state = self.state();
        let Some(id) = state.articles.by_unique(UniqueKey::DocsSlug, &format!("{api_version}:{slug}")) else {
            return Ok(None);
        };
        match state.articles.data(id) {
            Some(data) if DocsArticle::readable(scope, data) => {
                let read = data.published.values().map(|read| read.no.to_string()).collect();
                state.articles.load(id, &Rows::Keys(read))
            }
            _ => Ok(None),
        }
    }

    async fn tree(&self, api_version: &str, audiences: &[Audience]) -> Result<Vec<TreeEntry>, StoreError> {
        let state = self.state();
        let texts = state.read_texts(api_version, audiences);
        Ok(texts.into_iter().map(|(data, text)| entry(data, text)).collect())
    }

    async fn search(&self, question: &DocsQuestion, limit: usize) -> Result<Vec<Found>, StoreError> {
        let state = self.state();
        let texts = state.read_texts(&question.api_version, &question.audiences);
        let wanted = |locale: Locale| question.locales.contains(&locale);
        let found = texts
            .into_iter()
            .filter(|(_, text)| wanted(text.locale) && searched(text).rank(&question.text).is_some());
        let found =
            found.map(|(data, text)| Found { entry: entry(data, text), body_md: text.body_md.clone() });
        Ok(found.take(limit).collect())
    }

    async fn list_articles(
        &self,
        scope: &Scope,
        wanted: Option<ArticleState>,
        page: &PageRequest,
    ) -> Result<Page<DocsArticle>, StoreError> {
        let state = self.state();
        state.articles.page(state.articles.ids(), page, &Rows::NONE, |data| {
            scope.covers(&data.tenant_id) && wanted.is_none_or(|wanted| data.state == wanted)
        })
    }
}
