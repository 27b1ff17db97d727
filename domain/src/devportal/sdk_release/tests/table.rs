//! The tables against the release, and walks.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn release_in(state: ReleaseState) -> SdkRelease {
    let mut release = if matches!(state, ReleaseState::Draft | ReleaseState::Deleted) {
        draft(1, "1.0.0")
    } else {
        published(1, "1.0.0")
    };
    let _ = match state {
        ReleaseState::Draft | ReleaseState::Published => Ok(Outcome::Applied),
        ReleaseState::Deprecated => release.deprecate("old", Some(release_id(2)), at(4)),
        ReleaseState::Yanked => release.yank("broken", None, at(4)),
        ReleaseState::Deleted => release.delete(at(4)),
    }
    .unwrap();
    saved(release)
}

fn drive(release: &mut SdkRelease, action: ReleaseAction) -> Result<Outcome, SdkError> {
    match action {
        ReleaseAction::Publish => release.publish(&keys(), at(9)),
        ReleaseAction::Delete => release.delete(at(9)),
        ReleaseAction::Deprecate => release.deprecate("there is a better one", None, at(9)),
        ReleaseAction::Yank => release.yank("it leaks", Some(release_id(3)), at(9)),
        ReleaseAction::Unyank => release.unyank(at(9)),
    }
}

#[test]
fn every_pair_of_state_and_action_agrees_with_the_table() {
    for state in ReleaseState::ALL {
        for action in ReleaseAction::ALL {
            let mut release = release_in(*state);
            release.root.data.last_transition = None;
            let before = release.data().clone();
            let result = drive(&mut release, *action);
            let edge = TRANSITIONS.iter().find(|edge| edge.from == *state && edge.action == *action);
            if let Some(edge) = edge {
                assert_eq!(
                    (result, release.data().state),
                    (Ok(Outcome::Applied), edge.to),
                    "{state:?} {action:?}"
                );
                assert_eq!(drive(&mut release, *action), Ok(Outcome::AlreadyApplied));
                let silent = usize::from(*action == ReleaseAction::Delete);
                assert_eq!(topics(&release).len(), 1 - silent);
                saved(release);
            } else {
                assert_eq!(result.unwrap_err().code(), "sdk.invalid_transition", "{state:?} {action:?}");
                assert_eq!(*release.data(), before);
                assert!(topics(&release).is_empty());
            }
        }
    }
}

#[test]
fn both_tables_are_sound() {
    let pairs: BTreeSet<_> = TRANSITIONS.iter().map(|edge| (edge.from, edge.action)).collect();
    assert_eq!(pairs.len(), TRANSITIONS.len());
    let dead = ReleaseState::ALL.iter().filter(|state| TRANSITIONS.iter().all(|edge| edge.from != **state));
    assert_eq!(dead.copied().collect::<Vec<_>>(), ReleaseState::TERMINAL);
    let dead =
        UploadState::ALL.iter().filter(|state| upload::TRANSITIONS.iter().all(|edge| edge.from != **state));
    assert_eq!(dead.copied().collect::<Vec<_>>(), UploadState::TERMINAL);
}

#[test]
fn an_upload_agrees_with_its_table_in_every_state() {
    for state in UploadState::ALL {
        for action in UploadAction::ALL {
            let mut release = SdkRelease::create(new_release(1, "1.0.0"), at(0)).unwrap();
            let new = new_artifact(1, &release, b"bytes");
            let _ = release.add_artifact(new, at(1)).unwrap();
            let _ = match state {
                UploadState::Waiting => Ok(Outcome::Applied),
                UploadState::Verified => release.receive(artifact_id(1), digest(b"bytes"), 5, at(2)),
                UploadState::Failed => release.receive(artifact_id(1), digest(b"wrong"), 5, at(2)),
            }
            .unwrap();
            // Other bytes each time, so that nothing is a repetition.
            let result = match action {
                UploadAction::Verify => release.receive(artifact_id(1), digest(b"bytes"), 6, at(3)),
                UploadAction::Fail => release.receive(artifact_id(1), digest(b"false"), 5, at(3)),
            };
            let edge = upload::TRANSITIONS.iter().find(|edge| edge.from == *state && edge.action == *action);
            let after = release.data().artifacts[0].upload_state;
            match edge {
                Some(edge) => assert_eq!((result, after), (Ok(Outcome::Applied), edge.to)),
                None => assert_eq!((result.unwrap_err().code(), after), ("sdk.invalid_transition", *state)),
            }
        }
    }
}

#[test]
fn a_withdrawal_is_taken_back_within_72_hours() {
    let mut release = release_in(ReleaseState::Yanked);
    let late = at(4).plus(RESTORE_WITHIN).plus(Duration::microseconds(1));
    assert_eq!(release.unyank(late), Err(SdkError::TooLateToRestore));
    assert_eq!(release.unyank(at(4).plus(RESTORE_WITHIN)), Ok(Outcome::Applied));
    assert!(matches!(release.root.pending().last(), Some(SdkEvent::Released { restored: true, .. })));
    assert_eq!(saved(release).data().yank_reason, None);
}

#[test]
fn a_reason_is_given_and_nothing_is_better_than_itself() {
    let mut release = published(1, "1.0.0");
    for bad in ["", "a\nb", &"x".repeat(501)] {
        assert_eq!(release.yank(bad, None, at(4)), Err(SdkError::Reason));
        assert_eq!(release.deprecate(bad, None, at(4)), Err(SdkError::Reason));
    }
    assert_eq!(release.yank("x", Some(release_id(1)), at(4)), Err(SdkError::SupersedesItself));
}

#[test]
fn events_are_those_of_the_specification() {
    let mut release = draft(1, "1.0.0-rc.1");
    let _ = release.publish(&keys(), at(3)).unwrap();
    let _ = release.deprecate("old", None, at(4)).unwrap();
    let _ = release.yank("worse", None, at(5)).unwrap();
    let counts = vec![DownloadCount {
        artifact_id: artifact_id(1),
        count: 2,
        country_code: None,
        user_agent_family: Some("cargo".to_owned()),
    }];
    let _ = release.announce_downloads(at(4), counts, at(6)).unwrap();
    assert_eq!(topics(&release), SdkEvent::TOPICS);
    for event in release.root.pending() {
        let json = serde_json::to_string(event).unwrap();
        assert_eq!(&serde_json::from_str::<SdkEvent>(&json).unwrap(), event);
    }
    let released = serde_json::to_value(&release.root.pending()[0]).unwrap();
    assert_eq!((&released["channel"], &released["restored"]), (&"RC".into(), &false.into()));
    let downloaded = serde_json::to_value(&release.root.pending()[3]).unwrap();
    assert_eq!((&downloaded["count"], &downloaded["hour"]), (&2.into(), &"2026-04-20T13:00:00Z".into()));
}

proptest! {
    #[test]
    fn every_walk_keeps_the_rules_and_a_refusal_changes_nothing(
        steps in prop::collection::vec((0_usize..9, 0_i64..40, any::<bool>()), 1..40),
    ) {
        let mut release = SdkRelease::create(new_release(1, "1.0.0"), at(0)).unwrap();
        let mut now = at(0);
        for (choice, hours, flag) in steps {
            now = now.plus(Duration::hours(hours));
            let before = release.data().clone();
            let bytes: &[u8] = if flag { b"bytes" } else { b"wrong" };
            let new = new_artifact(1, &release, b"bytes");
            let result = match choice {
                0 => release.add_artifact(new, now),
                1 | 2 => release.receive(artifact_id(1), digest(bytes), 5, now),
                3 | 4 => release.publish(&keys(), now),
                5 => release.deprecate("old", None, now),
                6 => release.yank("bad", None, now),
                7 => release.unyank(now),
                _ if flag => release.remove_artifact(artifact_id(1), now),
                _ => release.delete(now),
            };
            let after = release.data();
            if result != Ok(Outcome::Applied) {
                prop_assert_eq!(after, &before);
            }
            prop_assert_eq!(require::<SdkRelease>(after, &[]), Ok(()));
            if before.is_public() {
                prop_assert!(after.is_public());
                prop_assert_eq!(&after.artifacts, &before.artifacts);
            }
            if flag {
                release = saved(release);
            }
        }
    }
}
