//! Articles of the documentation, their revisions, and what of them is read.

use sarai_domain::{
    devportal::docs_article::{ArticleRevision, ArticleState, DocsArticle, DocsArticleData, SearchText},
    kernel::Aggregate,
};
use sarai_ports::StoreError;

use super::{json, name, stored_as_json};
use crate::{Children, DOCS_ARTICLES, Mapped, Table, Value};

impl Mapped for DocsArticle {
    const TABLE: &'static Table = &DOCS_ARTICLES;

    stored_as_json!();

    fn columns(data: &DocsArticleData) -> Vec<Value> {
        vec![name(&data.state).into(), data.api_version.as_str().into()]
    }

    fn row(row: &ArticleRevision) -> Result<(String, Vec<Value>), StoreError> {
        let text = SearchText::of(&format!("{}\n{}\n{}", row.title, row.summary, row.body_md));
        let columns = vec![
            row.locale.as_str().into(),
            row.title.as_str().into(),
            row.summary.as_str().into(),
            text.spaced.into(),
            text.joined.into(),
        ];
        Ok((json(Self::NAME, row)?, columns))
    }

    fn children(data: &DocsArticleData, _expected_version: u64) -> Result<Vec<Children>, StoreError> {
        let slugs = data.slug_slots().into_iter().map(|slot| vec![slot.into()]);
        let read = data.published.iter().filter(|_| data.state == ArticleState::Published);
        let read = read.map(|(locale, revision)| {
            vec![
                locale.as_str().into(),
                revision.no.to_string().into(),
                data.api_version.as_str().into(),
                data.section.as_str().into(),
                data.slug.as_str().into(),
                name(&data.audience).into(),
                data.order.into(),
            ]
        });
        Ok(vec![Children { of: 0, rows: slugs.collect() }, Children { of: 1, rows: read.collect() }])
    }
}
