//! Tests of the commands on a listing's plans.

use super::*;

#[test]
fn l_inv_9_rejects_a_change_of_a_plan_from_approval_on() {
    for state in [ListingState::Approved, ListingState::Live, ListingState::Suspended] {
        let mut listing = listing_in(state);
        for edit in [
            PlanEdit { price: Some(money("1.00", "EUR")), ..PlanEdit::default() },
            PlanEdit { seats: Patch::Clear, active: Some(true), ..PlanEdit::default() },
        ] {
            let error = listing.edit_plan(PLAN, edit, at(12)).unwrap_err();
            assert_eq!(
                (error.invariant(), error.code()),
                (Some(L_INV_9), "listing.plan_frozen"),
                "{state:?}"
            );
            assert_eq!(error.kind(), Kind::Conflict);
        }
    }
}

#[test]
fn l_inv_9_allows_any_change_before_approval_and_a_replacement_after() {
    let edit = PlanEdit { price: Some(money("1.00", "EUR")), ..PlanEdit::default() };
    for state in [ListingState::Draft, ListingState::Submitted] {
        let mut listing = listing_in(state);
        assert_eq!(listing.edit_plan(PLAN, edit.clone(), at(12)), Ok(Outcome::Applied));
        assert_eq!(listing.plan(PLAN).unwrap().currency.code(), "EUR");
        assert_eq!(listing.edit_plan(PLAN, edit.clone(), at(13)), Ok(Outcome::AlreadyApplied));
    }
    let euro =
        PlanTerms::try_new(PlanKind::OneTime, money("39.00", "EUR"), None, None, None, false, true).unwrap();
    for state in [ListingState::Approved, ListingState::Live, ListingState::Suspended] {
        let mut listing = listing_in(state);
        assert_eq!(listing.replace_plan(PLAN, plan_id(2), euro, at(12)), Ok(Outcome::Applied));
        let (old, new) = (listing.plan(PLAN).unwrap(), listing.plan(plan_id(2)).unwrap());
        assert_eq!((old.active, old.currency.code()), (false, "USD"), "the old plan keeps its price");
        assert_eq!((new.active, new.currency.code()), (true, "EUR"));
    }
}

#[test]
fn l_inv_4_5_and_10_hold_of_stored_plans_too() {
    let stored = |change: fn(&mut PricingPlan)| {
        let mut data = listing_in(ListingState::Live).data().clone();
        change(&mut data.pricing_plans[0]);
        Listing::rehydrate(data, vec![], 3).unwrap_err().invariant()
    };
    assert_eq!(stored(|plan| plan.kind = PlanKind::Subscription), Some(L_INV_4));
    assert_eq!(stored(|plan| plan.kind = PlanKind::SeatPack), Some(L_INV_5));
}

#[test]
fn ac_1_rejects_a_stored_plan_that_holds_money_of_another_currency() {
    let mut data = listing_in(ListingState::Live).data().clone();
    data.pricing_plans[0].price = money("49.00", "EUR");
    let error = Listing::rehydrate(data, vec![], 3).unwrap_err();
    assert_eq!((error.invariant(), error.code()), (Some(AC_1), "listing.foreign_money"));
}

#[test]
fn ac_1_allows_plans_of_different_currencies_each_true_to_its_own() {
    let mut listing = listing_in(ListingState::Live);
    let euro =
        PlanTerms::try_new(PlanKind::OneTime, money("45.00", "EUR"), None, None, None, false, true).unwrap();
    assert_eq!(listing.add_plan(plan_id(2), euro, at(12)), Ok(Outcome::Applied));
    let listing = saved(listing);
    assert!(listing.data().pricing_plans.iter().all(|plan| plan.price.currency() == plan.currency));
}

#[test]
fn an_edited_plan_obeys_the_rules_of_a_new_one() {
    let mut listing = draft();
    let mut refused = |edit| listing.edit_plan(PLAN, edit, at(2)).unwrap_err().invariant();
    assert_eq!(
        refused(PlanEdit { kind: Some(PlanKind::Subscription), ..PlanEdit::default() }),
        Some(L_INV_4)
    );
    assert_eq!(refused(PlanEdit { kind: Some(PlanKind::SeatPack), ..PlanEdit::default() }), Some(L_INV_5));
    let euro = Currency::parse("EUR").unwrap();
    assert_eq!(refused(PlanEdit { currency: Some(euro), ..PlanEdit::default() }), Some(L_INV_10));

    let pack = PlanEdit { kind: Some(PlanKind::SeatPack), seats: Patch::Set(10), ..PlanEdit::default() };
    assert_eq!(listing.edit_plan(PLAN, pack, at(3)), Ok(Outcome::Applied));
    assert_eq!(listing.plan(PLAN).unwrap().seats, SeatCount::try_new(10).ok());
}

#[test]
fn a_plan_id_is_used_once_and_a_retired_listing_keeps_its_plans() {
    let mut listing = draft();
    assert_eq!(listing.add_plan(PLAN, one_time(), at(2)), Err(ListingError::PlanExists(PLAN)));
    assert_eq!(listing.replace_plan(PLAN, PLAN, one_time(), at(2)), Err(ListingError::PlanExists(PLAN)));
    let missing = listing.replace_plan(plan_id(8), plan_id(9), one_time(), at(2)).unwrap_err();
    assert_eq!((missing.code(), missing.kind()), ("listing.plan_not_found", Kind::NotFound));
    assert_eq!(listing.edit_plan(plan_id(8), PlanEdit::default(), at(2)), Err(missing));

    let mut retired = listing_in(ListingState::Retired);
    for result in [
        retired.add_plan(plan_id(2), one_time(), at(40)),
        retired.replace_plan(PLAN, plan_id(2), one_time(), at(40)),
        deactivate(&mut retired),
        retired.set_revenue_share(RevenueShare::DEFAULT, at(40)),
        retired.edit(ListingEdit::default(), at(40)),
    ] {
        assert_eq!(result.unwrap_err().code(), "listing.invalid_transition");
    }
}
