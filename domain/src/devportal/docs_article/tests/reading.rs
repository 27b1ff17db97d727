//! What readers get: locale, direction, audience, old addresses.

use super::*;
use crate::devportal::invariants::{D_INV_6, D_INV_7, D_INV_8};

fn answer(article: &DocsArticle, asked: Locale, reader: Reader) -> Result<Answer, DocsError> {
    article.data().answer(&article.data().slug.clone(), asked, &[Locale::Fa], reader)
}

fn read(article: &DocsArticle, asked: Locale) -> Reading {
    match answer(article, asked, Reader::Anonymous) {
        Ok(Answer::Here(reading)) => reading,
        other => panic!("{other:?}"),
    }
}

fn translated(locale: Locale) -> DocsArticle {
    let mut article = published();
    let _ = article.add_revision(text(locale, "Salaam.", Some(1)), at(4)).unwrap();
    let _ = article.publish_revision(2, &reports(&article.clone()), at(5)).unwrap();
    saved(article)
}

#[test]
fn d_inv_6_allows_each_text_its_locale_s_direction_and_code_its_own() {
    for locale in [Locale::Ps, Locale::Fa] {
        let reading = read(&translated(locale), locale);
        assert_eq!((reading.dir, reading.code_dir), (Direction::Rtl, Direction::Ltr));
    }
}

#[test]
fn d_inv_6_rejects_the_direction_of_the_locale_that_was_asked_for() {
    assert_eq!(D_INV_6.id, "D-INV-6");
    let reading = read(&published(), Locale::Ps);
    assert_eq!((reading.locale, reading.dir), (Locale::En, Direction::Ltr));
}

#[test]
fn d_inv_7_rejects_another_locale_in_silence() {
    assert_eq!(D_INV_7.id, "D-INV-7");
    for (article, asked, got) in [
        (published(), Locale::Ps, Locale::En),
        (translated(Locale::Fa), Locale::Ps, Locale::Fa),
        (translated(Locale::Ps), Locale::Fa, Locale::En),
    ] {
        let reading = read(&article, asked);
        assert_eq!((reading.locale, reading.fallback), (got, true));
    }
}

#[test]
fn d_inv_7_allows_the_locale_that_was_asked_for() {
    let reading = read(&translated(Locale::Ps), Locale::Ps);
    assert_eq!((reading.locale, reading.revision_no, reading.fallback), (Locale::Ps, 2, false));
}

#[test]
fn d_inv_8_rejects_readers_who_are_not_of_the_audience() {
    assert_eq!(D_INV_8.id, "D-INV-8");
    for (audience, reader) in [
        (Audience::Developer, Reader::Anonymous),
        (Audience::Partner, Reader::Anonymous),
        (Audience::Partner, Reader::Developer),
    ] {
        let mut article = published();
        let _ = article.edit(ArticleEdit { audience, ..ArticleEdit::from(article.data()) }, at(4)).unwrap();
        assert_eq!(answer(&article, Locale::En, reader), Err(DocsError::NotFound));
        assert!(!article.data().is_visible_to(reader) && Audience::of(reader).all(|one| one != audience));
    }
}

#[test]
fn d_inv_8_allows_search_exactly_what_can_be_read() {
    for audience in Audience::ALL {
        for reader in [Reader::Anonymous, Reader::Developer, Reader::Partner, Reader::Staff] {
            let mut article = published();
            let _ =
                article.edit(ArticleEdit { audience: *audience, ..ArticleEdit::from(article.data()) }, at(4));
            let found = Audience::of(reader).any(|one| one == *audience);
            assert_eq!(answer(&article, Locale::En, reader).is_ok(), found, "{audience:?} {reader:?}");
        }
    }
}

#[test]
fn an_old_address_leads_on_and_an_archived_one_elsewhere_or_nowhere() {
    let mut article = published();
    let old = article.data().slug.clone();
    let edit = ArticleEdit { slug: slug("first-steps"), ..ArticleEdit::from(article.data()) };
    let _ = article.edit(edit, at(4)).unwrap();
    let ask =
        |article: &DocsArticle, name: &Slug| article.data().answer(name, Locale::En, &[], Reader::Anonymous);
    assert_eq!(ask(&article, &old), Ok(Answer::Moved(slug("first-steps"))));
    assert_eq!(ask(&article, &slug("unknown")), Err(DocsError::NotFound));
    let mut gone = article.clone();
    assert_eq!(gone.archive(Some(id(1)), at(5)), Err(DocsError::LeadsToItself));
    let _ = gone.archive(None, at(5)).unwrap();
    assert_eq!(ask(&gone, &old), Ok(Answer::Gone));
    let _ = article.archive(Some(id(2)), at(5)).unwrap();
    assert_eq!(ask(&article, &slug("first-steps")), Ok(Answer::Replaced(id(2))));
    assert_eq!(answer(&in_review(), Locale::En, Reader::Staff), Err(DocsError::NotFound), "not yet");
}
