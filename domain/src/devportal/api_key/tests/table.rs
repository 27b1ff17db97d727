//! The table against the key, the end of a key, notices, walks.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn successor_of(key: &ApiKey) -> ApiKey {
    let admission = admission(key.data().environment);
    let mut next = key.request_successor(key_id(50), Duration::days(1), admission, at(2)).unwrap();
    let _ = next.confirm_issued(trace(key.data().environment), at(3)).unwrap();
    next
}

fn key_in(state: KeyState) -> ApiKey {
    match state {
        KeyState::Requested => saved(requested(new_key(1))),
        KeyState::Active => active(),
        KeyState::Revoked => {
            let mut key = active();
            let _ = key.revoke(RevokedReason::User, at(4)).unwrap();
            saved(key)
        }
        KeyState::Discarded => {
            let mut key = requested(new_key(1));
            let _ = key.discard(at(4)).unwrap();
            saved(key)
        }
    }
}

fn drive(key: &mut ApiKey, action: KeyAction) -> Result<Outcome, KeyError> {
    match action {
        KeyAction::Issue => key.confirm_issued(trace(Environment::Production), at(9)),
        KeyAction::Discard => key.discard(at(9)),
        KeyAction::Replace => key.replace(successor_of(&active()).data(), at(9)),
        KeyAction::Revoke => key.revoke(RevokedReason::Admin, at(9)),
        KeyAction::Lapse => key.lapse(days(100)),
        KeyAction::Expose => key.expose(None, at(9)),
    }
}

#[test]
fn the_table_is_sound() {
    let pairs: BTreeSet<_> = TRANSITIONS.iter().map(|edge| (edge.from, edge.action)).collect();
    assert_eq!(pairs.len(), TRANSITIONS.len());
    let dead = KeyState::ALL.iter().filter(|state| TRANSITIONS.iter().all(|edge| edge.from != **state));
    assert_eq!(dead.copied().collect::<Vec<_>>(), KeyState::TERMINAL);
}

#[test]
fn every_pair_of_state_and_action_agrees_with_the_table() {
    for state in KeyState::ALL {
        for action in KeyAction::ALL {
            let mut key = key_in(*state);
            key.root.data.last_transition = None;
            let before = key.data().clone();
            let result = drive(&mut key, *action);
            let edge = TRANSITIONS.iter().find(|edge| edge.from == *state && edge.action == *action);
            if let Some(edge) = edge {
                assert_eq!(
                    (result, key.data().state),
                    (Ok(Outcome::Applied), edge.to),
                    "{state:?} {action:?}"
                );
                assert!(!topics(&key).is_empty());
                let told = topics(&key).len();
                assert_eq!(drive(&mut key, *action), Ok(Outcome::AlreadyApplied));
                assert_eq!(topics(&key).len(), told);
            } else {
                let code = if *state == KeyState::Revoked { "key.revoked" } else { "key.invalid_transition" };
                assert_eq!(result.unwrap_err().code(), code, "{state:?} {action:?}");
                assert_eq!(*key.data(), before);
                assert!(topics(&key).is_empty());
            }
        }
    }
}

#[test]
fn a_key_that_is_not_issued_in_two_minutes_is_overdue() {
    let key = requested(new_key(1));
    assert!(!key.issue_overdue(at(2).plus(Duration::microseconds(-1))) && key.issue_overdue(at(2)));
    assert!(!active().issue_overdue(at(9)));
}

#[test]
fn what_is_shown_follows_the_time() {
    let key = active();
    let end = days(100);
    assert_eq!(key.data().effective_status(end.plus(Duration::microseconds(-1))), EffectiveStatus::Active);
    assert_eq!(key.data().effective_status(end), EffectiveStatus::Revoked);
    assert_eq!(key_in(KeyState::Requested).data().effective_status(at(1)), EffectiveStatus::Revoked);
    assert_eq!(active().lapse(end.plus(Duration::microseconds(-1))), Err(KeyError::NotDue));
    let mut key = key;
    assert_eq!(key.lapse(end), Ok(Outcome::Applied));
    assert_eq!(key.data().revoked_reason, Some(RevokedReason::Expired));
    let mut endless = issued(NewApiKey { expires_at: None, ..new_key(1) });
    assert_eq!(endless.lapse(days(9_999)), Err(KeyError::NotDue));
}

#[test]
fn an_exposed_key_ends_and_says_where_it_was_found() {
    let mut key = active();
    assert_eq!(key.expose("https://git.example/leak".parse().ok(), at(5)), Ok(Outcome::Applied));
    assert_eq!(topics(&key), ["devportal.key.revoked.v1", "devportal.key.exposed.v1"]);
    assert_eq!(key.data().revoked_reason, Some(RevokedReason::Exposed));
}

#[test]
fn an_expiry_is_announced_at_14_3_and_1_days_once_each() {
    let mut key = active();
    let mut said = Vec::new();
    for hour in 0..(101 * 24) {
        let now = at(0).plus(Duration::hours(hour));
        if key.announce_expiry(now) == Outcome::Applied {
            said.push((hour / 24, key.data().expiry_notice.unwrap().days()));
            key = saved(key);
        }
    }
    assert_eq!(said, [(86, 14), (97, 3), (99, 1)]);
}

#[test]
fn only_the_latest_notice_is_given_and_none_as_long_as_the_key_lives() {
    let mut key = active();
    assert_eq!(key.announce_expiry(days(98)), Outcome::Applied, "two were due");
    assert_eq!(key.data().expiry_notice, Some(ExpiryNotice::Days3));
    assert_eq!(topics(&key), ["devportal.key.expiring_soon.v1"]);
    let short = issued(NewApiKey { expires_at: Some(days(2)), ..new_key(1) });
    assert_eq!(short.data().notice_due(at(5)), None);
    assert_eq!(short.data().notice_due(days(1)), Some(ExpiryNotice::Days1));
    assert_eq!(short.data().notice_due(days(2)), None, "it is over");
    let mut rotated = active();
    let _ = rotated.replace(successor_of(&rotated).data(), at(9)).unwrap();
    assert_eq!(rotated.data().notice_due(days(99)), None, "its successor is there");
}

#[test]
fn every_topic_is_said_by_some_command() {
    let mut key = requested(new_key(1));
    let _ = key.confirm_issued(trace(Environment::Production), at(1)).unwrap();
    let _ = key.announce_expiry(days(99));
    let _ = key.replace(successor_of(&active()).data(), at(9)).unwrap();
    let _ = key.expose(None, at(10)).unwrap();
    let mut gone = requested(new_key(2));
    let _ = gone.discard(at(1)).unwrap();
    let said: BTreeSet<_> = topics(&key).into_iter().chain(topics(&gone)).collect();
    assert_eq!(said, KeyEvent::TOPICS.iter().copied().collect());
}

proptest! {
    #[test]
    fn every_walk_keeps_the_rules_and_a_refusal_changes_nothing(
        steps in prop::collection::vec((0_usize..11, 0_i64..150_000, any::<bool>()), 1..40),
    ) {
        let mut key = requested(new_key(1));
        let mut now = at(0);
        for (choice, minutes, flag) in steps {
            now = now.plus(Duration::minutes(minutes / 10));
            let before = key.data().clone();
            let result = match choice {
                0 | 1 => key.confirm_issued(trace(Environment::Production), now),
                2 if flag => key.discard(now),
                3 => key.replace(successor_of(&active()).data(), now),
                4 if flag => key.revoke(RevokedReason::User, now),
                5 => key.lapse(now),
                6 if flag => key.expose(None, now),
                7 => key.acknowledge_revocation(now),
                8 => Ok(key.announce_expiry(now)),
                9 => Ok(key.record_use(at(minutes), None)),
                _ => key.edit(if flag { "a" } else { "b" }.parse().unwrap(), vec![], &[], now),
            };
            let after = key.data();
            if result != Ok(Outcome::Applied) {
                prop_assert_eq!(after, &before);
            }
            prop_assert_eq!(require::<ApiKey>(after, &[]), Ok(()));
            prop_assert!(after.last_used_at >= before.last_used_at);
            prop_assert!(!KeyState::TERMINAL.contains(&before.state) || after.state == before.state);
            prop_assert_eq!((after.environment, &after.scopes), (before.environment, &before.scopes));
            prop_assert!(before.replaced_by.is_none() || after.replaced_by == before.replaced_by);
            if flag {
                key = saved(key);
            }
        }
    }
}
