//! Rotation: two keys, two commits, and what can go wrong between them.

use super::*;

fn successor(of: &ApiKey, n: u128, overlap: Duration, now: Timestamp) -> Result<ApiKey, KeyError> {
    of.request_successor(key_id(n), overlap, admission(of.data().environment), now)
}

fn issued_successor(of: &ApiKey, n: u128, overlap: Duration) -> ApiKey {
    let mut next = saved(successor(of, n, overlap, at(10)).unwrap());
    let _ = next.confirm_issued(trace(of.data().environment), at(11)).unwrap();
    saved(next)
}

#[test]
fn k_inv_7_allows_one_successor_that_copies_the_key() {
    let mut key = active();
    let next = issued_successor(&key, 2, Duration::days(2));
    let copied = |data: &ApiKeyData| {
        let data = data.clone();
        (data.environment, data.sandbox_id, data.label, data.scopes, data.ip_allow_list, data.expires_at)
    };
    assert_eq!(copied(next.data()), copied(key.data()));
    assert_eq!(next.data().rotated_from(), Some(key.id()));
    assert_eq!(key.replace(next.data(), at(12)), Ok(Outcome::Applied));
    assert_eq!(key.replace(next.data(), at(13)), Ok(Outcome::AlreadyApplied));
    let key = saved(key);
    assert_eq!(key.data().retire_at, Some(at(10).plus(Duration::days(2))));
    assert_eq!(key.data().replaced_by, Some(next.id()));
    assert_eq!((next.data().label_slot(), next.data().successor_slot()), (None, Some(key.id().to_string())));
}

#[test]
fn k_inv_7_rejects_a_second_successor_and_a_stranger() {
    let mut key = active();
    let (first, second) =
        (issued_successor(&key, 2, Duration::days(1)), issued_successor(&key, 3, Duration::days(1)));
    let _ = key.replace(first.data(), at(12)).unwrap();
    let error = key.replace(second.data(), at(13)).unwrap_err();
    assert_eq!(
        (error.code(), error.kind(), error.invariant()),
        ("key.not_rotatable", Kind::Conflict, Some(K_INV_7))
    );
    assert_eq!(successor(&key, 4, Duration::ZERO, at(13)).unwrap_err().invariant(), Some(K_INV_7));

    let hidden = saved(successor(&active(), 5, Duration::ZERO, at(10)).unwrap());
    for stranger in [issued(new_key(6)), hidden] {
        let error = active().replace(stranger.data(), at(12)).unwrap_err();
        assert_eq!((error.code(), error.invariant()), ("key.not_its_successor", Some(K_INV_7)));
    }
    assert_eq!(breach(|data| data.retire_at = Some(days(1))), Some(K_INV_7), "retired without a successor");
    let late = |data: &mut ApiKeyData| {
        data.replaced_by = Some(key_id(2));
        data.retire_at = Some(days(101));
    };
    assert_eq!(breach(late), Some(K_INV_7), "it would outlive itself");
}

#[test]
fn k_inv_7_allows_no_overlap_beyond_the_expiry() {
    let mut key = active();
    let late = days(98);
    let mut next = successor(&key, 2, Duration::days(7), late).unwrap();
    assert_eq!(next.data().rotation.unwrap().retire_at, days(100));
    let _ = next.confirm_issued(trace(Environment::Production), late).unwrap();
    let _ = key.replace(next.data(), late).unwrap();
    let mut key = saved(key);
    assert_eq!(key.data().ends_at(), Some(days(100)));
    assert_eq!(key.lapse(days(100)), Ok(Outcome::Applied));
    assert_eq!(key.data().revoked_reason, Some(RevokedReason::Expired), "both at once: it expired");
}

#[test]
fn k_inv_8_rejects_rotating_an_expired_retired_or_revoked_key() {
    let expired = successor(&active(), 2, Duration::ZERO, days(100)).unwrap_err();
    let mut revoked = active();
    let _ = revoked.revoke(RevokedReason::User, at(2)).unwrap();
    let revoked = successor(&revoked, 2, Duration::ZERO, at(3)).unwrap_err();
    for error in [expired, revoked] {
        assert_eq!(
            (error.code(), error.kind(), error.invariant()),
            ("key.not_rotatable", Kind::Conflict, Some(K_INV_8))
        );
    }
    // A successor that was asked for after the end proves nothing.
    let mut key = active();
    let mut next = issued_successor(&key, 2, Duration::ZERO);
    next.root.data.created_at = days(101);
    assert_eq!(key.replace(next.data(), days(101)).unwrap_err().invariant(), Some(K_INV_8));
}

#[test]
fn k_inv_8_allows_finishing_a_rotation_after_a_crash() {
    let mut key = active();
    let next = issued_successor(&key, 2, Duration::hours(1));
    assert_eq!(key.replace(next.data(), days(3)), Ok(Outcome::Applied), "a sweeper, days later");
    assert_eq!(key.data().effective_status(days(3)), EffectiveStatus::Revoked);
    assert_eq!(key.lapse(days(3)), Ok(Outcome::Applied));
    assert_eq!(key.data().revoked_reason, Some(RevokedReason::Rotated));
}

#[test]
fn a_successor_that_was_never_issued_gives_its_place_back() {
    let mut next = saved(successor(&active(), 2, Duration::ZERO, at(10)).unwrap());
    assert!(next.data().successor_slot().is_some());
    let _ = next.discard(at(13)).unwrap();
    assert_eq!(next.data().successor_slot(), None);
    assert_eq!(active().replace(next.data(), at(14)), Err(KeyError::NotItsSuccessor));
}

#[test]
fn an_overlap_is_0_to_7_days_and_a_foreign_account_gets_no_successor() {
    for bad in [Duration::seconds(-1), MAX_OVERLAP + Duration::seconds(1)] {
        assert_eq!(successor(&active(), 2, bad, at(10)).unwrap_err(), KeyError::Overlap);
    }
    assert!(successor(&active(), 2, MAX_OVERLAP, at(10)).is_ok());
    let mut foreign = admission(Environment::Production);
    foreign.standing.account_id = DeveloperAccountId::new(Ulid(8));
    foreign.in_effect.account_id = foreign.standing.account_id;
    let error = active().request_successor(key_id(2), Duration::ZERO, foreign, at(10)).unwrap_err();
    assert_eq!(error, KeyError::NotItsSuccessor);
}

#[test]
fn the_assistant_warns_of_what_a_rotation_breaks() {
    let mut key = active();
    let _ = key.record_use(at(30), None);
    let now = at(60);
    let used = KeyWarning::UsedLately { last_used_at: at(30) };
    let preview = key.preview_rotation(Duration::ZERO, now).unwrap();
    assert_eq!((preview.retire_at, preview.warnings), (now, vec![used, KeyWarning::NoOverlap]));
    assert_eq!(key.preview_rotation(Duration::days(1), now).unwrap().warnings, []);
    assert_eq!(key.data().warnings(now), [used], "of a revocation too");
    assert_eq!(key.data().warnings(at(90)), []);
    let soon = key.preview_rotation(Duration::days(1), days(90)).unwrap().warnings;
    assert_eq!(soon, [KeyWarning::ExpiresSoon { expires_at: days(100) }]);
    let endless = issued(NewApiKey { expires_at: None, ..new_key(1) });
    assert_eq!(endless.preview_rotation(Duration::days(1), now).unwrap().warnings, [KeyWarning::NoExpiry]);
}
