//! What holds of every stored article and its revisions, one row a rule.

use std::collections::{BTreeMap, BTreeSet};

use super::{ArticleRevision, ArticleState, DocsArticle, DocsArticleData, DocsError, MAX_TAGS};
use crate::{
    devportal::{
        invariants::{D_INV_1, D_INV_2, D_INV_3},
        values::Locale,
    },
    kernel::{Audited, Rule},
};

type Result = std::result::Result<(), DocsError>;

impl Audited for DocsArticle {
    #[rustfmt::skip]
    const RULES: &'static [Rule<Self>] = &[
        Rule::<Self>::of(D_INV_1, numbered),
        Rule::<Self>::of(D_INV_1, |data, rows| if usize::try_from(data.revision_count) == Ok(rows.len()) { Ok(()) } else { Err(DocsError::BrokenNumbers) }).whole(),
        Rule::<Self>::of(D_INV_1, |data, rows| if data.newest == newest(rows) { Ok(()) } else { Err(DocsError::BrokenNumbers) }).whole(),
        Rule::<Self>::of(D_INV_2, |data, _| source_is_read(data)),
        Rule::<Self>::of(D_INV_3, translations),
        Rule::<Self>::ours(       |data, rows| holds(rows.iter().all(|row| row.article_id == data.id), "a revision of another article")),
        Rule::<Self>::ours(       |_, rows| holds(rows.iter().all(|row| row.content_sha256 == ArticleRevision::digest(&row.body_md)), "a revision is not what was hashed")),
        Rule::<Self>::ours(       |data, _| if data.tags.len() > MAX_TAGS { Err(DocsError::Tags) } else { Ok(()) }),
        Rule::<Self>::ours(       |data, _| holds(!data.slug_history.contains(&data.slug), "the current slug is no old one")),
        Rule::<Self>::ours(       |data, _| if data.redirect_to == Some(data.id) { Err(DocsError::LeadsToItself) } else { Ok(()) }),
    ];
}

fn holds(holds: bool, what: &'static str) -> Result {
    if holds { Ok(()) } else { Err(DocsError::Inconsistent(what)) }
}

/// The revisions loaded have numbers up to the count, each once; what is read has such a number too.
fn numbered(data: &DocsArticleData, rows: &[ArticleRevision]) -> Result {
    let mut seen = BTreeSet::new();
    let within = |no: u32| (1..=data.revision_count).contains(&no);
    let good = rows.iter().all(|row| within(row.no) && seen.insert(row.no))
        && data.newest.values().all(|no| within(*no));
    if good && data.published.values().all(|revision| within(revision.no)) {
        Ok(())
    } else {
        Err(DocsError::BrokenNumbers)
    }
}

fn newest(rows: &[ArticleRevision]) -> BTreeMap<Locale, u32> {
    rows.iter().fold(BTreeMap::new(), |mut newest, row| {
        let no = newest.entry(row.locale).or_insert(row.no);
        *no = row.no.max(*no);
        newest
    })
}

fn source_is_read(data: &DocsArticleData) -> Result {
    let out = matches!(data.state, ArticleState::Published | ArticleState::Archived);
    if out == data.published.contains_key(&data.source_locale) {
        Ok(())
    } else {
        Err(DocsError::PublishedWithoutSource)
    }
}

/// A translation, and nothing else, names an earlier revision; what is read says the same.
fn translations(data: &DocsArticleData, rows: &[ArticleRevision]) -> Result {
    let named = |locale, no: u32, source: Option<u32>| {
        (locale != data.source_locale) == source.is_some() && source.is_none_or(|source| source < no)
    };
    let rows_are = rows.iter().all(|row| named(row.locale, row.no, row.source_revision_no));
    let read_are =
        data.published.iter().all(|(locale, read)| named(*locale, read.no, read.source_revision_no));
    if rows_are && read_are { Ok(()) } else { Err(DocsError::TranslationSource) }
}
