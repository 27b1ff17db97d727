//! Tests of the article: each invariant on both sides, the table against the aggregate, walks.

mod folding;
mod linking;
mod reading;
mod table;

use ulid::Ulid;

use super::*;
use crate::{
    devportal::{
        invariants::{D_INV_1, D_INV_2, D_INV_3, D_INV_4, D_INV_5},
        values::{Direction, Slug},
    },
    kernel::{Coded, DomainEvent, Invariant, Kind, Row},
};

fn at(minute: i64) -> Timestamp {
    "2026-04-20T09:00:00Z".parse::<Timestamp>().unwrap().plus(time::Duration::minutes(minute))
}

fn id(n: u128) -> DocsArticleId {
    DocsArticleId::new(Ulid(n))
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn article() -> DocsArticle {
    let edit = ArticleEdit {
        section: slug("guides"),
        slug: slug("getting-started"),
        audience: Audience::Public,
        order: 1,
        tags: vec![slug("start")],
    };
    let new =
        NewArticle { id: id(1), tenant_id: "platform".parse().unwrap(), api_version: "v1".to_owned(), edit };
    DocsArticle::create(new, at(0)).unwrap()
}

fn text(locale: Locale, body: &str, source: Option<u32>) -> NewRevision {
    NewRevision {
        locale,
        title: "Getting started".to_owned(),
        summary: String::new(),
        body_md: body.to_owned(),
        source_revision_no: source,
        author_id: "amina".to_owned(),
    }
}

/// As a store hands it back.
fn saved(article: DocsArticle) -> DocsArticle {
    let rows: Vec<ArticleRevision> = article.revisions.values().cloned().collect();
    let json = serde_json::to_string(&(article.data(), &rows)).unwrap();
    let (data, rows): (DocsArticleData, Vec<ArticleRevision>) = serde_json::from_str(&json).unwrap();
    let version = article.version() + 1;
    assert_eq!(article.into_changes().data, data);
    DocsArticle::rehydrate(data, rows, version).unwrap()
}

/// What a check says of every revision: no fault.
fn reports(article: &DocsArticle) -> Vec<LinkReport> {
    let good = |row: &ArticleRevision| LinkReport { content_sha256: row.content_sha256, broken: vec![] };
    article.revisions.values().map(good).collect()
}

fn written() -> DocsArticle {
    let mut article = article();
    assert_eq!(article.add_revision(text(Locale::En, "Hello.", None), at(1)), Ok(Outcome::Applied));
    saved(article)
}

fn in_review() -> DocsArticle {
    let mut article = written();
    assert_eq!(article.submit(at(2)), Ok(Outcome::Applied));
    saved(article)
}

fn published() -> DocsArticle {
    let mut article = in_review();
    let reports = reports(&article);
    assert_eq!(article.approve(&reports, at(3)), Ok(Outcome::Applied));
    saved(article)
}

fn facts(error: &DocsError) -> (&'static str, Kind, Option<Invariant>) {
    (error.code(), error.kind(), error.invariant())
}

type Change = fn(&mut DocsArticleData, &mut Vec<ArticleRevision>);

/// The invariant by which a changed article with a translation is refused.
fn breach(change: Change) -> Option<Invariant> {
    let mut article = published();
    let _ = article.add_revision(text(Locale::Ps, "Salaam.", Some(1)), at(4)).unwrap();
    let reports = reports(&article);
    let _ = article.publish_revision(2, &reports, at(5)).unwrap();
    let mut rows: Vec<ArticleRevision> = article.revisions.values().cloned().collect();
    let mut data = article.data().clone();
    change(&mut data, &mut rows);
    DocsArticle::rehydrate(data, rows, 1).unwrap_err().invariant()
}

#[test]
fn d_inv_1_rejects_gaps_repetitions_and_numbers_beyond_the_count() {
    for change in [
        (|_, rows| rows[1].no = 3) as Change,
        |_, rows| rows[1].no = 1,
        |_, rows| rows[0].no = 0,
        |data, _| data.published.values_mut().for_each(|read| read.no += 9),
    ] {
        assert_eq!(breach(change), Some(D_INV_1));
    }
    let mut article = published();
    let error = article.publish_revision(9, &[], at(4)).unwrap_err();
    assert_eq!(facts(&error), ("docs.revision_not_found", Kind::NotFound, Some(D_INV_1)));
    let mut partly = DocsArticle::rehydrate(in_review().data().clone(), vec![], 1).unwrap();
    assert_eq!(partly.approve(&[], at(3)).unwrap_err().invariant(), Some(D_INV_1), "it was not loaded");
    let older = DocsArticleData { newest: BTreeMap::new(), ..article.data().clone() };
    let rows: Vec<ArticleRevision> = article.revisions.values().cloned().collect();
    assert_eq!(crate::kernel::breaches::<DocsArticle>(&older, &rows).len(), 1);
    let missing = crate::kernel::breaches::<DocsArticle>(article.data(), &[]);
    assert_eq!(missing.first().and_then(|breach| breach.invariant), Some(D_INV_1), "all rows are there");
}

#[test]
fn d_inv_1_allows_adding_the_next_number_over_all_locales() {
    let mut article = published();
    let _ = article.add_revision(text(Locale::Ps, "Salaam.", Some(1)), at(4)).unwrap();
    let _ = article.add_revision(text(Locale::En, "Hello!", None), at(5)).unwrap();
    assert_eq!(article.revisions.keys().copied().collect::<Vec<_>>(), [1, 2, 3]);
    let changes = article.clone().into_changes();
    assert_eq!(
        changes.rows.iter().map(Row::key).collect::<Vec<_>>(),
        ["2", "3"],
        "the old one is not written"
    );
    assert_eq!(article.add_revision(text(Locale::En, "Hello!", None), at(6)), Ok(Outcome::AlreadyApplied));
    assert_eq!(article.revision(1).unwrap().body_md, "Hello.");
}

#[test]
fn d_inv_2_rejects_publishing_without_the_source_locale() {
    let mut empty = article();
    let error = empty.submit(at(1)).unwrap_err();
    assert_eq!(facts(&error), ("docs.source_missing", Kind::Conflict, Some(D_INV_2)));
    let without = |data: &mut DocsArticleData, _: &mut Vec<ArticleRevision>| {
        data.published.remove(&Locale::En);
    };
    assert_eq!(breach(without), Some(D_INV_2));
}

#[test]
fn d_inv_2_allows_the_source_locale_alone() {
    let article = published();
    assert_eq!(article.data().published.keys().collect::<Vec<_>>(), [&Locale::En]);
}

#[test]
fn d_inv_3_rejects_a_translation_of_nothing_and_a_source_that_is_one() {
    let mut article = written();
    for bad in [text(Locale::Ps, "x", None), text(Locale::Ps, "x", Some(9)), text(Locale::En, "x", Some(1))] {
        let error = article.add_revision(bad, at(2)).unwrap_err();
        assert_eq!(facts(&error), ("docs.translation_source", Kind::Invalid, Some(D_INV_3)));
    }
    let _ = article.add_revision(text(Locale::Ps, "x", Some(1)), at(2)).unwrap();
    let of_a_translation = article.add_revision(text(Locale::Fa, "x", Some(2)), at(2)).unwrap_err();
    assert_eq!(of_a_translation.invariant(), Some(D_INV_3));
    assert_eq!(breach(|_, rows| rows[1].source_revision_no = None), Some(D_INV_3));
    let broken = |data: &mut DocsArticleData, _: &mut Vec<ArticleRevision>| {
        data.published.get_mut(&Locale::Ps).unwrap().source_revision_no = None;
    };
    assert_eq!(breach(broken), Some(D_INV_3));
}

#[test]
fn d_inv_3_allows_a_translation_which_is_stale_after_its_source() {
    let mut article = published();
    let _ = article.add_revision(text(Locale::Ps, "Salaam.", Some(1)), at(4)).unwrap();
    let _ = article.publish_revision(2, &reports(&article.clone()), at(5)).unwrap();
    assert!(!article.data().is_stale(Locale::Ps));
    let _ = article.add_revision(text(Locale::En, "Hello!", None), at(6)).unwrap();
    assert!(!article.data().is_stale(Locale::Ps), "the newer source is not read yet");
    let _ = article.publish_revision(3, &reports(&article.clone()), at(7)).unwrap();
    assert!(article.data().is_stale(Locale::Ps));
    assert!(!article.data().is_stale(Locale::En) && !article.data().is_stale(Locale::Fa));
    let _ = article.publish_revision(1, &reports(&article.clone()), at(8)).unwrap();
    assert!(!saved(article).data().is_stale(Locale::Ps), "an older text again");
}

#[test]
fn d_inv_4_rejects_the_slug_of_another_article_also_an_old_one() {
    assert_eq!(DocsError::SlugTaken.invariant(), Some(D_INV_4));
    let mut article = published();
    let edit = |name| ArticleEdit { slug: slug(name), ..ArticleEdit::from(article.data()) };
    let _ = article.edit(edit("first-steps"), at(4)).unwrap();
    assert_eq!(article.data().slug_slots(), ["v1:getting-started", "v1:first-steps"], "unique in a store");
}

#[test]
fn d_inv_4_allows_its_own_old_slug_again() {
    let mut article = published();
    for (minute, name) in (4..).zip(["b", "c", "getting-started", "b"]) {
        let edit = ArticleEdit { slug: slug(name), ..ArticleEdit::from(article.data()) };
        assert_eq!(article.edit(edit.clone(), at(minute)), Ok(Outcome::Applied));
        assert_eq!(article.edit(edit, at(minute)), Ok(Outcome::AlreadyApplied));
        article = saved(article);
    }
    assert_eq!(article.data().slug_history, ["c", "getting-started"].map(slug));
}

#[test]
fn d_inv_5_rejects_broken_and_unchecked_links() {
    let mut article = in_review();
    let error = article.approve(&[], at(3)).unwrap_err();
    assert_eq!(facts(&error), ("docs.links_unchecked", Kind::Conflict, Some(D_INV_5)));
    let broken = vec![BrokenLink { target: "javascript:x".to_owned(), fault: LinkFault::Forbidden }];
    let report = LinkReport { broken, ..reports(&article).remove(0) };
    let error = article.approve(&[report], at(3)).unwrap_err();
    assert_eq!(facts(&error), ("docs.broken_links", Kind::Invalid, Some(D_INV_5)));
    assert_eq!(article.data().state, ArticleState::InReview);
}

#[test]
fn d_inv_5_allows_a_text_whose_links_lead_somewhere() {
    let article = in_review();
    let of_the_text = reports(&article).remove(0).content_sha256;
    let report = LinkReport::check(of_the_text, ["https://example.com/", "#top"], "v1", &|_| false);
    assert_eq!(report.broken, []);
    assert_eq!(in_review().approve(&[report], at(3)), Ok(Outcome::Applied));
}

#[test]
fn texts_have_their_bounds() {
    let mut article = article();
    let base = || text(Locale::En, "x", None);
    for (bad, code) in [
        (NewRevision { title: String::new(), ..base() }, "docs.title_malformed"),
        (NewRevision { title: "x".repeat(121), ..base() }, "docs.title_malformed"),
        (NewRevision { summary: "x".repeat(301), ..base() }, "docs.summary_malformed"),
        (NewRevision { body_md: " ".to_owned(), ..base() }, "docs.body_malformed"),
        (NewRevision { body_md: "x".repeat(MAX_BODY + 1), ..base() }, "docs.body_malformed"),
        (NewRevision { author_id: String::new(), ..base() }, "docs.name_malformed"),
    ] {
        assert_eq!(article.add_revision(bad, at(1)).unwrap_err().code(), code);
    }
    let full = NewRevision { title: "x".repeat(120), body_md: "x".repeat(MAX_BODY), ..base() };
    assert_eq!(article.add_revision(full, at(1)), Ok(Outcome::Applied));
    let tags = vec![slug("a"); 11];
    let edit = ArticleEdit { tags, ..ArticleEdit::from(article.data()) };
    assert_eq!(article.edit(edit, at(2)), Err(DocsError::Tags));
}
