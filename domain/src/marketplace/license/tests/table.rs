//! The state table against the aggregate: every pair of state and action, and random walks.

use proptest::{prelude::*, sample::subsequence};

use super::{super::*, fixtures::*};

const NAMES: [&str; 5] = ["ann", "bob", "cid", "dee", "eve"];

#[test]
fn no_state_has_two_edges_for_an_action() {
    for (number, edge) in TRANSITIONS.iter().enumerate() {
        let same = |other: &crate::kernel::Edge<_, _>| (other.from, other.action) == (edge.from, edge.action);
        assert!(!TRANSITIONS[..number].iter().any(same), "{edge:?}");
    }
}

#[test]
fn every_state_is_reached_and_only_the_terminal_ones_are_never_left() {
    for state in LicenseState::ALL {
        let reached = *state == LicenseState::Active || TRANSITIONS.iter().any(|edge| edge.to == *state);
        assert!(reached, "{state:?}");
        let left = TRANSITIONS.iter().any(|edge| edge.from == *state);
        assert_eq!(TERMINAL.contains(state), !left, "{state:?}");
    }
    for action in LicenseAction::ALL {
        assert!(TRANSITIONS.iter().any(|edge| edge.action == *action), "{action:?}");
    }
}

/// Ann's subscription in this state.
fn in_state(state: LicenseState) -> License {
    let mut license = subscription(1);
    let outcome = match state {
        LicenseState::Active => Outcome::Applied,
        LicenseState::Expired => license.expire(license.ends_at().unwrap()).unwrap(),
        LicenseState::Revoked => license.revoke(RevokeReason::Admin, &users(&[]), false, start()).unwrap(),
    };
    assert_eq!((outcome, license.data().state), (Outcome::Applied, state));
    license
}

fn drive(license: &mut License, action: LicenseAction) -> Result<Outcome, LicenseError> {
    let end = license.ends_at().unwrap();
    let revoke = |license: &mut License, reason| license.revoke(reason, &users(&["ann"]), false, end);
    match action {
        LicenseAction::Renew => license.renew(1, start()),
        LicenseAction::Expire => license.expire(end),
        LicenseAction::RevokeForRefund => revoke(license, RevokeReason::Refund),
        LicenseAction::RevokeByAdmin => revoke(license, RevokeReason::Admin),
        LicenseAction::RevokeForDispute => revoke(license, RevokeReason::Dispute),
    }
}

#[test]
fn every_pair_of_state_and_action_agrees_with_the_table() {
    for state in LicenseState::ALL {
        for action in LicenseAction::ALL {
            let mut license = in_state(*state);
            let before = license.clone();
            let done_before =
                license.data().last_transition.as_ref().is_some_and(|last| last.action == *action);
            let edge = TRANSITIONS.iter().find(|edge| (edge.from, edge.action) == (*state, *action));
            let result = drive(&mut license, *action);
            if done_before {
                assert_eq!(result, Ok(Outcome::AlreadyApplied), "{state:?} {action:?}");
            } else if let Some(edge) = edge {
                assert_eq!(result, Ok(Outcome::Applied), "{state:?} {action:?}");
                assert_eq!(license.data().state, edge.to);
                assert_eq!(license.pending().len(), before.pending().len() + 1);
            } else {
                assert!(matches!(result, Err(LicenseError::InvalidTransition(_))), "{state:?} {action:?}");
            }
            if done_before || edge.is_none() {
                assert_eq!(license.data(), before.data(), "{state:?} {action:?} changed something");
                assert_eq!(license.pending(), before.pending());
            }
        }
    }
}

#[derive(Debug, Clone)]
enum Move {
    Assign(&'static str),
    Release(u128),
    Join(&'static str),
    Leave(u128),
    Renew(u32),
    Expire,
    Revoke(RevokeReason, Vec<&'static str>),
    Wait(u32),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        6 => proptest::sample::select(&NAMES[..]).prop_map(Move::Assign),
        3 => prop_oneof![0_u128..12, 1_000_u128..1_012].prop_map(Move::Release),
        4 => proptest::sample::select(&NAMES[..]).prop_map(Move::Join),
        1 => (0_u128..12).prop_map(Move::Leave),
        1 => (0_u32..4).prop_map(Move::Renew),
        1 => Just(Move::Expire),
        1 => (proptest::sample::select(RevokeReason::ALL), subsequence(&NAMES[..], 0..=5))
            .prop_map(|(reason, consumed)| Move::Revoke(reason, consumed)),
        1 => (0_u32..20).prop_map(Move::Wait),
    ];
    proptest::collection::vec(one, 0..40)
}

proptest! {
    #[test]
    fn no_walk_breaks_an_invariant(seats in 1_u32..5, moves in moves()) {
        let terms = terms(PlanKind::SiteLicense, limited(seats));
        let mut license = License::grant(new(1, terms, manual("walk", None)), start()).unwrap();
        let mut now = start();
        let mut was_revoked = false;
        for (number, step) in (0_u128..).zip(moves) {
            let before = license.clone();
            let result = match step.clone() {
                Move::Assign(name) => license.assign_seat(seat(number), user(name), now),
                Move::Release(number) => license.release_seat(seat(number), now),
                Move::Join(name) => license.join_waitlist(id(number), seat(1_000 + number), user(name), now),
                Move::Leave(number) => license.leave_waitlist(id(number), now),
                Move::Renew(period) => license.renew(period, now),
                Move::Expire => license.expire(now),
                Move::Revoke(reason, consumed) => license.revoke(reason, &users(&consumed), false, now),
                Move::Wait(days) => { now = now.plus_days(days); Ok(Outcome::AlreadyApplied) }
            };
            let events = license.pending().len() - before.pending().len();
            if result == Ok(Outcome::Applied) {
                let served = license.data().waitlist.waiting < before.data().waitlist.waiting;
                let expected = match step {
                    Move::Join(_) | Move::Leave(_) => 0,
                    Move::Release(_) if served => 3,
                    _ => 1,
                };
                prop_assert_eq!(events, expected, "{:?}", step);
            } else {
                prop_assert_eq!(events, 0);
                prop_assert_eq!(license.data(), before.data(), "{:?} changed something", result);
                prop_assert!(license.rows().eq(before.rows()));
            }
            prop_assert_eq!(license.check_invariants(), Ok(()));

            let taken = license.seats().filter(|seat| seat.status.takes_a_seat()).count();
            let active = license.seats().filter(|seat| seat.status == SeatStatus::Active).count();
            prop_assert_eq!(license.remaining().map(|left| left as usize), Some(seats as usize - taken));
            prop_assert_eq!(license.data().active_seats as usize, active);

            let waits = |entry: &&WaitlistEntry| entry.state == WaitlistState::Waiting;
            let waiting: Vec<_> = license.waitlist().filter(waits).map(|entry| &entry.user_id).collect();
            prop_assert_eq!(license.data().waitlist.waiting as usize, waiting.len());
            prop_assert!(waiting.iter().all(|user| license.seat_of(user).is_none()), "sits and waits");
            let active_now = license.state_at(now) == LicenseState::Active;
            prop_assert!(!active_now || waiting.is_empty() || license.remaining() == Some(0), "a seat is free");
            prop_assert!(license.data().state == LicenseState::Active || waiting.is_empty());

            let revoked = license.data().state == LicenseState::Revoked;
            prop_assert!(revoked || !was_revoked, "a revoked licence came back");
            prop_assert!(!revoked || active == 0);
            was_revoked = revoked;
        }
        let rows: Vec<_> = license.rows().collect();
        let json = serde_json::to_string(license.data()).unwrap();
        let data: LicenseData = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&data, license.data());
        prop_assert!(License::rehydrate(data, rows, 1).is_ok());
    }
}
