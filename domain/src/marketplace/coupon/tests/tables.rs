//! Both tables against the real aggregate, and random walks.

use proptest::prelude::*;

use super::*;

/// Checks that hold for every table: no (from, action) twice, all states reachable from the first one,
/// the terminal states are those without an exit.
fn assert_well_formed<S, A>(table: &[Edge<S, A>], initial: S, all: &[S], terminal: &[S])
where
    S: Copy + Ord + std::fmt::Debug,
    A: Copy + Ord,
{
    let keys: BTreeSet<_> = table.iter().map(|edge| (edge.from, edge.action)).collect();
    assert_eq!(keys.len(), table.len(), "one edge for each (from, action)");
    let mut reached = BTreeSet::from([initial]);
    for _ in all {
        reached.extend(
            table.iter().filter(|edge| reached.contains(&edge.from)).map(|edge| edge.to).collect::<Vec<_>>(),
        );
    }
    assert_eq!(reached, all.iter().copied().collect());
    let dead_ends = all.iter().filter(|state| table.iter().all(|edge| edge.from != **state));
    assert_eq!(dead_ends.copied().collect::<Vec<_>>(), terminal);
}

#[test]
fn both_tables_are_well_formed() {
    assert_well_formed(status::TRANSITIONS, CouponStatus::Active, CouponStatus::ALL, status::TERMINAL);
    assert_well_formed(
        redemption::TRANSITIONS,
        RedemptionStatus::Reserved,
        RedemptionStatus::ALL,
        redemption::TERMINAL,
    );
    let guards: Vec<Invariant> =
        redemption::TRANSITIONS.iter().flat_map(|edge| edge.guards.iter().copied()).collect();
    assert_eq!(guards, [C_INV_2, C_INV_5]);
}

fn coupon_in(status: CouponStatus) -> Coupon {
    let mut coupon = capped(None, None);
    match status {
        CouponStatus::Active => {}
        CouponStatus::Inactive => assert_eq!(coupon.deactivate(), Ok(Outcome::Applied)),
    }
    coupon
}

#[test]
fn the_coupon_agrees_with_its_table_in_every_state() {
    for from in CouponStatus::ALL {
        for action in CouponAction::ALL {
            let mut coupon = coupon_in(*from);
            let outcome = match action {
                CouponAction::Deactivate => coupon.deactivate(),
            };
            match status::TRANSITIONS.iter().find(|edge| edge.from == *from && edge.action == *action) {
                Some(edge) => {
                    assert_eq!((outcome, coupon.data().status()), (Ok(Outcome::Applied), edge.to));
                }
                None => assert_eq!((outcome, coupon.data().status()), (Ok(Outcome::AlreadyApplied), *from)),
            }
        }
    }
    let mut forgotten = coupon_in(CouponStatus::Inactive);
    forgotten.root.data.last_transition = None;
    let error = refused(&mut forgotten, Coupon::deactivate);
    assert_eq!((error.code(), error.kind()), ("coupon.invalid_transition", Kind::Conflict));
}

fn use_in(status: RedemptionStatus) -> Coupon {
    let mut coupon = capped(None, None);
    let _ = coupon.reserve(by(1, 1), now()).unwrap();
    let outcome = match status {
        RedemptionStatus::Reserved => Ok(Outcome::Applied),
        RedemptionStatus::Confirmed => coupon.confirm(id(1), now()),
        RedemptionStatus::Released => coupon.release(id(1), now()),
    };
    assert_eq!(outcome, Ok(Outcome::Applied));
    coupon
}

fn act(
    coupon: &mut Coupon,
    action: RedemptionAction,
    order: u128,
    buyer: u128,
) -> Result<Outcome, CouponError> {
    match action {
        RedemptionAction::Reserve => coupon.reserve(by(order, buyer), now()),
        RedemptionAction::Confirm => coupon.confirm(id(order), now()),
        RedemptionAction::Release => coupon.release(id(order), now()),
    }
}

#[test]
fn a_use_agrees_with_its_table_in_every_state() {
    for from in RedemptionStatus::ALL {
        for action in RedemptionAction::ALL {
            let mut coupon = use_in(*from);
            let outcome = act(&mut coupon, *action, 1, 1);
            let after = coupon.redemption(id(1)).unwrap().status;
            let edge =
                redemption::TRANSITIONS.iter().find(|edge| edge.from == *from && edge.action == *action);
            let expected = edge.map_or((Outcome::AlreadyApplied, *from), |edge| (Outcome::Applied, edge.to));
            assert_eq!((outcome, after), (Ok(expected.0), expected.1), "{from:?} {action:?}");
        }
    }
}

proptest! {
    #[test]
    fn c_inv_2_holds_on_every_walk(
        caps in (prop::option::of(1_u32..4), prop::option::of(1_u32..3)),
        walk in prop::collection::vec((prop::sample::select(RedemptionAction::ALL), 1_u128..8), 1..60),
    ) {
        let mut coupon = capped(caps.0, caps.1);
        for (action, order) in walk {
            // Orders 1 to 7 of two users.
            let before = coupon.clone();
            let result = act(&mut coupon, action, order, order % 2);
            prop_assert_eq!(coupon.check_invariants(), Ok(()));
            let counted = coupon.redemptions.values().filter(|row| row.counts()).count();
            prop_assert_eq!(coupon.data().usage_count as usize, counted);
            prop_assert!(caps.0.is_none_or(|cap| coupon.data().usage_count <= cap));
            for buyer in [0, 1].map(user) {
                let rows = coupon.redemptions.values();
                let held = rows.filter(|row| row.user_id == buyer && row.counts()).count();
                prop_assert!(caps.1.is_none_or(|cap| held <= cap as usize));
            }
            if result != Ok(Outcome::Applied) {
                prop_assert_eq!(coupon.data(), before.data());
                prop_assert_eq!(&coupon.redemptions, &before.redemptions);
                prop_assert_eq!(coupon.root.pending(), before.root.pending());
            }
            let rows = coupon.redemptions.values().cloned().collect();
            prop_assert!(Coupon::rehydrate(coupon.data().clone(), rows, 1).is_ok());
        }
    }
}
