//! The state table against the aggregate: every pair, every guard, every repetition, random walks.

use proptest::prelude::*;

use super::*;
use crate::kernel::Edge;

fn edge(from: ListingState, action: ListingAction) -> Option<&'static Edge<ListingState, ListingAction>> {
    TRANSITIONS.iter().find(|edge| edge.from == from && edge.action == action)
}

#[test]
fn the_table_has_one_row_a_pair_reaches_every_state_and_ends_in_the_terminal_ones() {
    for row in TRANSITIONS {
        let same = TRANSITIONS.iter().filter(|other| other.from == row.from && other.action == row.action);
        assert_eq!(same.count(), 1, "{row:?}");
    }
    let mut reached = vec![ListingState::Draft];
    for _ in ListingState::ALL {
        reached.extend(
            TRANSITIONS
                .iter()
                .filter(|row| reached.contains(&row.from))
                .map(|row| row.to)
                .collect::<Vec<_>>(),
        );
    }
    for state in ListingState::ALL {
        assert!(reached.contains(state), "{state:?}");
        let stuck = TRANSITIONS.iter().all(|row| row.from != *state);
        assert_eq!(stuck, ListingState::TERMINAL.contains(state), "{state:?}");
    }
}

#[test]
fn every_pair_of_state_and_action_agrees_with_the_table() {
    for state in ListingState::ALL {
        for action in ListingAction::ALL {
            let stored = ListingData { last_transition: None, ..listing_in(*state).data().clone() };
            let mut listing = Listing::rehydrate(stored.clone(), vec![], 7).unwrap();
            let result = drive(&mut listing, *action, None);
            if let Some(edge) = edge(*state, *action) {
                assert_eq!(result, Ok(Outcome::Applied), "{state:?} {action:?}");
                assert_eq!(listing.data().state, edge.to);
                assert_eq!(listing.root.pending().len(), 1);
                listing.check_invariants().unwrap();
            } else {
                let error = result.unwrap_err();
                assert_eq!(error.code(), "listing.invalid_transition", "{state:?} {action:?}");
                assert_eq!(error.kind(), Kind::Conflict);
                assert_eq!(*listing.data(), stored, "a refusal changes nothing");
                assert!(listing.root.pending().is_empty());
            }
        }
    }
}

#[test]
fn every_edge_checks_exactly_the_guards_of_its_row() {
    for row in TRANSITIONS {
        for invariant in [L_INV_1, L_INV_2, L_INV_3, L_INV_7] {
            let mut listing = listing_in(row.from);
            if invariant == L_INV_1 && deactivate(&mut listing).is_err() {
                continue; // a submitted listing keeps an active plan
            }
            let before = listing.data().clone();
            let result = drive(&mut listing, row.action, Some(invariant));
            if row.guards.contains(&invariant) {
                assert_eq!(result.unwrap_err().invariant(), Some(invariant), "{row:?}");
                assert_eq!(*listing.data(), before, "a refusal changes nothing");
            } else {
                assert_eq!(result, Ok(Outcome::Applied), "{row:?} {invariant}");
            }
        }
    }
}

#[test]
fn the_same_transition_again_is_already_applied_and_says_nothing() {
    for row in TRANSITIONS {
        let mut listing = listing_in(row.from);
        let reviewed = listing.version();
        assert_eq!(drive(&mut listing, row.action, None), Ok(Outcome::Applied));
        let mut listing = saved(listing);
        let before = listing.data().clone();
        let again = if row.action == ListingAction::Approve {
            listing.approve(reviewed, &shipping("v1"), &kyc(), at(20))
        } else {
            drive(&mut listing, row.action, Some(L_INV_2))
        };
        assert_eq!(again, Ok(Outcome::AlreadyApplied), "{row:?}");
        assert_eq!(*listing.data(), before);
        assert!(listing.root.pending().is_empty());
    }
}

#[test]
fn another_reason_or_another_road_to_the_state_is_not_the_same_transition() {
    let mut listing = listing_in(ListingState::Suspended);
    assert_eq!(listing.suspend("another reason", at(11)).unwrap_err().code(), "listing.invalid_transition");
    assert_eq!(drive(&mut listing, ListingAction::Reinstate, None), Ok(Outcome::Applied));
    let error = drive(&mut listing, ListingAction::GoLive, None).unwrap_err();
    assert_eq!(error.code(), "listing.invalid_transition", "it is live by reinstatement, not by going live");
    assert_eq!(listing.data().suspension_reason, None);
}

/// One step of a random walk.
fn walk(
    listing: &mut Listing,
    choice: usize,
    plan: u128,
    flag: bool,
    now: Timestamp,
) -> Result<Outcome, ListingError> {
    let active = PlanEdit { active: Some(flag), ..PlanEdit::default() };
    let version = if flag { "v1" } else { "v2" };
    match choice.checked_sub(ListingAction::ALL.len()) {
        None => drive(listing, ListingAction::ALL[choice], if flag { None } else { Some(L_INV_3) }),
        Some(0) => listing.add_plan(plan_id(plan), one_time(), now),
        Some(1) => listing.edit_plan(plan_id(plan), active, now),
        Some(2) => listing.replace_plan(plan_id(plan), plan_id(plan + 1), one_time(), now),
        Some(3) => listing.ship_version(version.parse().unwrap(), &shipping(version), now),
        Some(4) => {
            listing.edit(ListingEdit { course_version_id: version.parse().ok(), ..Default::default() }, now)
        }
        Some(5) => {
            let tagline = if flag { "Rust in a day" } else { "Rust in a week" };
            let marketing = Some(marketing(tagline));
            listing.propose(RevisionProposal { marketing, ..RevisionProposal::default() }, now)
        }
        Some(6) => listing.withdraw_revision(now),
        Some(_) => listing.set_revenue_share(RevenueShare::DEFAULT, now),
    }
}

proptest! {
    #[test]
    fn every_walk_keeps_the_invariants_and_a_refusal_changes_nothing(
        steps in prop::collection::vec((0_usize..16, 1_u128..6, any::<bool>()), 1..60),
    ) {
        let mut listing = draft();
        for (minute, (choice, plan, flag)) in (50..).zip(steps) {
            let before = listing.data().clone();
            if walk(&mut listing, choice, plan, flag, at(minute)) != Ok(Outcome::Applied) {
                prop_assert_eq!(listing.data(), &before);
            }
            prop_assert_eq!(listing.check_invariants(), Ok(()));
            let after = listing.data();
            let moved = TRANSITIONS.iter().any(|row| (row.from, row.to) == (before.state, after.state));
            prop_assert!(after.state == before.state || moved);
            prop_assert!(!before.ever_live || after.ever_live, "what was live once was live for ever");
            if flag {
                listing = saved(listing);
            }
        }
    }
}
