//! The table against the article, and walks.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn article_in(state: ArticleState) -> DocsArticle {
    match state {
        ArticleState::Draft => written(),
        ArticleState::InReview => in_review(),
        ArticleState::Published => published(),
        ArticleState::Archived => {
            let mut article = published();
            let _ = article.archive(Some(id(5)), at(4)).unwrap();
            saved(article)
        }
    }
}

fn drive(article: &mut DocsArticle, action: ArticleAction) -> Result<Outcome, DocsError> {
    let reports = reports(article);
    match action {
        ArticleAction::Submit => article.submit(at(9)),
        ArticleAction::RequestChanges => article.request_changes("shorter", at(9)),
        ArticleAction::Approve => article.approve(&reports, at(9)),
        ArticleAction::PublishRevision => article.publish_revision(2, &reports, at(9)),
        ArticleAction::Archive => article.archive(None, at(9)),
    }
}

#[test]
fn every_pair_of_state_and_action_agrees_with_the_table() {
    for state in ArticleState::ALL {
        for action in ArticleAction::ALL {
            let mut article = article_in(*state);
            if *state == ArticleState::Published {
                let _ = article.add_revision(text(Locale::En, "Again.", None), at(8)).unwrap();
            }
            article.root.data.last_transition = None;
            let before = article.data().clone();
            let result = drive(&mut article, *action);
            let edge = TRANSITIONS.iter().find(|edge| edge.from == *state && edge.action == *action);
            if let Some(edge) = edge {
                assert_eq!(
                    (result, article.data().state),
                    (Ok(Outcome::Applied), edge.to),
                    "{state:?} {action:?}"
                );
                let told = article.root.pending().len();
                assert_eq!(drive(&mut article, *action), Ok(Outcome::AlreadyApplied));
                assert_eq!(article.root.pending().len(), told);
                saved(article);
            } else {
                assert_eq!(result.unwrap_err().code(), "docs.invalid_transition", "{state:?} {action:?}");
                assert_eq!(*article.data(), before);
                assert!(article.root.pending().is_empty());
            }
        }
    }
}

#[test]
fn the_table_is_sound() {
    let pairs: BTreeSet<_> = TRANSITIONS.iter().map(|edge| (edge.from, edge.action)).collect();
    assert_eq!(pairs.len(), TRANSITIONS.len());
    let dead = ArticleState::ALL.iter().filter(|state| TRANSITIONS.iter().all(|edge| edge.from != **state));
    assert_eq!(dead.copied().collect::<Vec<_>>(), ArticleState::TERMINAL);
}

#[test]
fn nothing_is_written_during_a_review_and_after_the_end() {
    for state in [ArticleState::InReview, ArticleState::Archived] {
        let error = article_in(state).add_revision(text(Locale::En, "x", None), at(9)).unwrap_err();
        assert_eq!(facts(&error), ("docs.not_writable", Kind::Conflict, None));
    }
    let mut archived = article_in(ArticleState::Archived);
    let edit = ArticleEdit { order: 9, ..ArticleEdit::from(archived.data()) };
    assert_eq!(archived.edit(edit, at(9)).unwrap_err().code(), "docs.not_writable");
    assert_eq!(article_in(ArticleState::InReview).request_changes("", at(9)), Err(DocsError::Reason));
}

#[test]
fn approval_publishes_the_newest_text_of_each_locale_and_says_so() {
    let mut article = written();
    let _ = article.add_revision(text(Locale::En, "Hello!", None), at(1)).unwrap();
    let _ = article.add_revision(text(Locale::Fa, "Salaam.", Some(2)), at(1)).unwrap();
    let _ = article.submit(at(2)).unwrap();
    let _ = drive(&mut article, ArticleAction::Approve).unwrap();
    let read: Vec<_> = article.data().published.iter().map(|(locale, read)| (*locale, read.no)).collect();
    assert_eq!(read, [(Locale::En, 2), (Locale::Fa, 3)]);
    let edit = ArticleEdit { order: 2, ..ArticleEdit::from(article.data()) };
    let _ = article.edit(edit, at(5)).unwrap();
    let _ = article.archive(None, at(6)).unwrap();
    let topics: Vec<_> = article.root.pending().iter().map(DomainEvent::topic).collect();
    assert_eq!(topics[1..], *DocsEvent::TOPICS);
    for event in article.root.pending() {
        let json = serde_json::to_string(event).unwrap();
        assert_eq!(&serde_json::from_str::<DocsEvent>(&json).unwrap(), event);
    }
}

proptest! {
    #[test]
    fn every_walk_keeps_the_rules_and_a_refusal_changes_nothing(
        steps in prop::collection::vec((0_usize..9, 1_u32..8, any::<bool>()), 1..40),
    ) {
        let mut article = article();
        for (minute, (choice, no, flag)) in (1..).zip(steps) {
            let before = article.data().clone();
            let rows = article.revisions.clone();
            let now = at(minute);
            let all = reports(&article);
            let result = match choice {
                0 | 1 => article.add_revision(text(Locale::En, &format!("text {no}"), None), now),
                2 => article.add_revision(text(Locale::Ps, &format!("text {no}"), Some(no)), now),
                3 => article.submit(now),
                4 if flag => article.request_changes("no", now),
                4 | 5 => article.approve(&all, now),
                6 => article.publish_revision(no, &all, now),
                7 if no == 7 => article.archive(None, now),
                _ => {
                    let name = slug(&format!("s{no}"));
                    article.edit(ArticleEdit { slug: name, ..ArticleEdit::from(article.data()) }, now)
                }
            };
            if result != Ok(Outcome::Applied) {
                prop_assert_eq!(article.data(), &before);
            }
            prop_assert!(rows.iter().all(|(no, row)| article.revision(*no) == Some(row)), "nothing is rewritten");
            let all: Vec<_> = article.revisions.values().cloned().collect();
            prop_assert_eq!(crate::kernel::breaches::<DocsArticle>(article.data(), &all), vec![]);
            if flag {
                article = saved(article);
            }
        }
    }
}
