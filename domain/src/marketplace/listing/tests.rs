//! Tests of the Listing: each invariant refused and allowed, the table against the aggregate, random walks.

mod plans;
mod revisions;
mod transitions;
mod values;

use ulid::Ulid;

use super::*;
use crate::{
    kernel::{Coded, Currency, Detail, DomainEvent, Invariant, Kind, Money},
    marketplace::{
        invariants::{
            AC_1, L_INV_1, L_INV_2, L_INV_3, L_INV_4, L_INV_5, L_INV_7, L_INV_8, L_INV_9, L_INV_10,
        },
        values::{PlanKind, RefundPolicy, SeatCount},
    },
};

const PLAN: PricingPlanId = plan_id(1);

const fn plan_id(n: u128) -> PricingPlanId {
    PricingPlanId::new(Ulid(n))
}

fn at(minute: u32) -> Timestamp {
    "2026-04-20T09:00:00Z".parse::<Timestamp>().unwrap().plus(time::Duration::minutes(i64::from(minute)))
}

fn money(text: &str, currency: &str) -> Money {
    Money::parse(text, Currency::parse(currency).unwrap()).unwrap()
}

fn marketing(tagline: &str) -> ListingMarketing {
    ListingMarketing::try_new(tagline, "All of it.".to_owned(), None, vec![], None).unwrap()
}

fn new_listing() -> NewListing {
    NewListing {
        id: "lst_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
        provider_tenant_id: "acme".parse().unwrap(),
        course_id: "rust-101".parse().unwrap(),
        course_version_id: "v1".parse().unwrap(),
        visibility: Visibility::Public,
        marketing: marketing("Rust in a week"),
        refund_policy: RefundPolicy::try_new(30, Some(3)).unwrap(),
        revenue_share: None,
        category: Some("Programming".to_owned()),
        tags: vec!["rust".to_owned(), "systems".to_owned()],
    }
}

fn one_time() -> PlanTerms {
    PlanTerms::try_new(PlanKind::OneTime, money("49.00", "USD"), None, None, None, false, true).unwrap()
}

fn shipping(version: &str) -> ShippingEvidence {
    ShippingEvidence { course_version_id: version.parse().unwrap(), published: true, built: true }
}

fn kyc() -> KycEvidence {
    KycEvidence { provider_tenant_id: "acme".parse().unwrap(), verified: true }
}

/// As a store hands it back: without events, one version on.
fn saved(listing: Listing) -> Listing {
    let changes = listing.into_changes();
    Listing::rehydrate(changes.data, vec![], changes.expected_version + 1).unwrap()
}

fn draft() -> Listing {
    let mut listing = Listing::create(new_listing(), at(0)).unwrap();
    assert_eq!(listing.add_plan(PLAN, one_time(), at(1)), Ok(Outcome::Applied));
    saved(listing)
}

/// Drives a listing to `state` through its commands.
fn listing_in(state: ListingState) -> Listing {
    use ListingAction::{Approve, GoLive, Retire, Submit, Suspend};
    let path: &[ListingAction] = match state {
        ListingState::Draft => &[],
        ListingState::Submitted => &[Submit],
        ListingState::Approved => &[Submit, Approve],
        ListingState::Live => &[Submit, Approve, GoLive],
        ListingState::Suspended => &[Submit, Approve, GoLive, Suspend],
        ListingState::Retired => &[Submit, Approve, GoLive, Retire],
    };
    path.iter().fold(draft(), |mut listing, action| {
        assert_eq!(drive(&mut listing, *action, None), Ok(Outcome::Applied));
        saved(listing)
    })
}

/// Runs one action, with evidence that breaks `broken` and nothing else.
fn drive(
    listing: &mut Listing,
    action: ListingAction,
    broken: Option<Invariant>,
) -> Result<Outcome, ListingError> {
    let version = listing.data().course_version_id.to_string();
    let shipping = ShippingEvidence { built: broken != Some(L_INV_2), ..shipping(&version) };
    let kyc = KycEvidence { verified: broken != Some(L_INV_3), ..kyc() };
    let open_orders = u32::from(broken == Some(L_INV_7));
    let now = at(10);
    match action {
        ListingAction::Submit => listing.submit(now),
        ListingAction::Withdraw => listing.withdraw(now),
        ListingAction::Reject => listing.reject("the tagline promises too much", now),
        ListingAction::Approve => listing.approve(listing.version(), &shipping, &kyc, now),
        ListingAction::GoLive => listing.go_live(&shipping, &kyc, now),
        ListingAction::Suspend => listing.suspend("kyc_lapsed", now),
        ListingAction::Reinstate => listing.reinstate(&shipping, &kyc, now),
        ListingAction::Retire => listing.retire(&RetireEvidence { open_orders, ..Default::default() }, now),
    }
}

fn deactivate(listing: &mut Listing) -> Result<Outcome, ListingError> {
    listing.edit_plan(PLAN, PlanEdit { active: Some(false), ..PlanEdit::default() }, at(9))
}

#[test]
fn a_reason_is_one_line_that_says_something() {
    let mut listing = listing_in(ListingState::Live);
    for bad in ["", "  ", "a\0b", "two\nlines", &"x".repeat(1_001)] {
        assert_eq!(listing.suspend(bad, at(11)), Err(ListingError::Reason), "{bad:?}");
    }
    assert_eq!(listing.suspend("  fraud  ", at(11)), Ok(Outcome::Applied));
    assert_eq!(listing.data().suspension_reason.as_deref(), Some("fraud"));
}

#[test]
fn a_moderator_approves_the_version_reviewed_and_no_other() {
    let mut listing = listing_in(ListingState::Submitted);
    let reviewed = listing.version();
    let edit = ListingEdit { marketing: Some(marketing("Rust in a day")), ..ListingEdit::default() };
    assert_eq!(listing.edit(edit, at(5)), Ok(Outcome::Applied));
    assert_eq!(listing.data().submitted_at, Some(at(5)), "an edit submits it anew");
    let mut listing = saved(listing);

    let stale = listing.approve(reviewed, &shipping("v1"), &kyc(), at(6)).unwrap_err();
    assert_eq!(stale, ListingError::StaleReview { reviewed, current: reviewed + 1 });
    assert_eq!((stale.code(), stale.kind()), ("listing.stale_review", Kind::Precondition));

    assert_eq!(listing.approve(reviewed + 1, &shipping("v1"), &kyc(), at(7)), Ok(Outcome::Applied));
    assert_eq!(listing.data().approved_version, Some(reviewed + 1));
    let mut listing = saved(listing);
    assert_eq!(listing.approve(reviewed + 1, &shipping("v1"), &kyc(), at(8)), Ok(Outcome::AlreadyApplied));
    let other = listing.approve(reviewed, &shipping("v1"), &kyc(), at(8)).unwrap_err();
    assert_eq!(other.kind(), Kind::Precondition, "it was approved, but on another version");
}

#[test]
fn withdrawing_or_rejecting_forgets_the_review() {
    let mut listing = listing_in(ListingState::Approved);
    assert_eq!(listing.withdraw(at(11)), Ok(Outcome::Applied));
    assert_eq!((listing.data().approved_at, listing.data().approved_version), (None, None));
    assert_eq!((&listing.data().shipping_evidence, &listing.data().kyc_evidence), (&None, &None));
    assert_eq!(saved(listing).data().state, ListingState::Draft);
}

#[test]
fn l_inv_1_rejects_a_listing_without_an_active_plan() {
    let mut empty = Listing::create(new_listing(), at(0)).unwrap();
    assert_eq!(empty.submit(at(1)).unwrap_err().invariant(), Some(L_INV_1));

    let mut inactive = draft();
    assert_eq!(deactivate(&mut inactive), Ok(Outcome::Applied));
    assert_eq!(inactive.submit(at(2)).unwrap_err().invariant(), Some(L_INV_1));

    let mut submitted = listing_in(ListingState::Submitted);
    assert_eq!(deactivate(&mut submitted).unwrap_err().invariant(), Some(L_INV_1));
}

#[test]
fn l_inv_1_allows_a_listing_with_an_active_plan_and_later_one_without() {
    assert_eq!(draft().submit(at(2)), Ok(Outcome::Applied));
    let mut live = listing_in(ListingState::Live);
    assert_eq!(deactivate(&mut live), Ok(Outcome::Applied));
    assert_eq!(live.offer(PLAN, &kyc()).unwrap_err().code(), "order.plan_inactive");
    assert_eq!(live.require_on_sale(&kyc()), Ok(()), "a quoted price still holds");
    assert_eq!(saved(live).data().state, ListingState::Live);
}

#[test]
fn l_inv_2_rejects_a_version_that_is_unpublished_unbuilt_or_another() {
    let mut listing = listing_in(ListingState::Submitted);
    let reviewed = listing.version();
    let evidence = |version: &str, published, built| ShippingEvidence {
        course_version_id: version.parse().unwrap(),
        published,
        built,
    };
    for (shown, published, built) in [
        (evidence("v1", false, true), false, true),
        (evidence("v1", true, false), true, false),
        (evidence("v2", true, true), false, false),
    ] {
        let error = listing.approve(reviewed, &shown, &kyc(), at(2)).unwrap_err();
        let course_version_id = "v1".parse().unwrap();
        assert_eq!(error, ListingError::NotShippable { course_version_id, published, built });
        assert_eq!((error.invariant(), error.kind()), (Some(L_INV_2), Kind::Conflict));
    }
    let mut live = listing_in(ListingState::Live);
    let error = live.ship_version("v2".parse().unwrap(), &shipping("v1"), at(2)).unwrap_err();
    assert_eq!(error.invariant(), Some(L_INV_2));
}

#[test]
fn l_inv_2_allows_a_published_and_built_version_and_ships_it_from_then_on() {
    let mut live = listing_in(ListingState::Live);
    let before = live.offer(PLAN, &kyc()).unwrap();
    assert_eq!(live.ship_version("v2".parse().unwrap(), &shipping("v2"), at(2)), Ok(Outcome::Applied));
    assert_eq!(live.ship_version("v2".parse().unwrap(), &shipping("v2"), at(3)), Ok(Outcome::AlreadyApplied));
    assert_eq!(live.offer(PLAN, &kyc()).unwrap().course_version_id.as_str(), "v2");
    assert_eq!(before.course_version_id.as_str(), "v1", "what was frozen stays");
    let error = draft().ship_version("v2".parse().unwrap(), &shipping("v2"), at(2)).unwrap_err();
    assert_eq!(error.code(), "listing.invalid_transition");
}

#[test]
fn l_inv_3_rejects_an_unverified_provider_and_the_proof_of_another() {
    let mut approved = listing_in(ListingState::Approved);
    let live = listing_in(ListingState::Live);
    for bad in [
        KycEvidence { verified: false, ..kyc() },
        KycEvidence { provider_tenant_id: "globex".parse().unwrap(), verified: true },
    ] {
        let error = approved.go_live(&shipping("v1"), &bad, at(2)).unwrap_err();
        assert_eq!((error.invariant(), error.kind()), (Some(L_INV_3), Kind::Conflict));
        assert_eq!(live.offer(PLAN, &bad).unwrap_err().invariant(), Some(L_INV_3));
    }
}

#[test]
fn l_inv_3_allows_a_verified_provider() {
    assert_eq!(
        listing_in(ListingState::Approved).go_live(&shipping("v1"), &kyc(), at(2)),
        Ok(Outcome::Applied)
    );
    assert!(listing_in(ListingState::Live).offer(PLAN, &kyc()).is_ok());
}

#[test]
fn l_inv_7_rejects_retiring_while_something_depends_on_it() {
    let mut listing = listing_in(ListingState::Live);
    let now = at(30);
    for blockers in [
        RetireEvidence { active: 1, latest_valid_until: Some(now), ..Default::default() },
        RetireEvidence { active: 2, perpetual: 1, latest_valid_until: Some(at(1)), open_orders: 0 },
        RetireEvidence { active: 1, ..Default::default() },
        RetireEvidence { perpetual: 1, ..Default::default() },
        RetireEvidence { open_orders: 1, ..Default::default() },
    ] {
        let error = listing.retire(&blockers, now).unwrap_err();
        assert_eq!((error.invariant(), error.kind()), (Some(L_INV_7), Kind::Conflict));
        assert_eq!(error, ListingError::InUse(blockers));
    }
}

#[test]
fn l_inv_7_allows_retiring_when_every_licence_has_ended() {
    let ended = RetireEvidence { active: 3, latest_valid_until: Some(at(29)), ..Default::default() };
    for evidence in [ended, RetireEvidence::default()] {
        let mut listing = listing_in(ListingState::Suspended);
        assert_eq!(listing.retire(&evidence, at(30)), Ok(Outcome::Applied));
        let listing = saved(listing);
        assert_eq!(
            (listing.data().retired_at, &listing.data().retire_evidence),
            (Some(at(30)), &Some(evidence))
        );
    }
}

#[test]
fn a_refusal_says_what_a_program_needs_to_go_on() {
    let mut listing = listing_in(ListingState::Live);
    let blockers = RetireEvidence { active: 2, perpetual: 1, latest_valid_until: None, open_orders: 3 };
    let values = vec![
        ("active", Detail::Number(2)),
        ("perpetual", Detail::Number(1)),
        ("latestValidUntil", Detail::Null),
        ("openOrders", Detail::Number(3)),
    ];
    let error = listing.retire(&blockers, at(30)).unwrap_err();
    assert_eq!(error.details(), [("blockers", Detail::Object(values))]);

    let unbuilt = ShippingEvidence { built: false, ..shipping("v2") };
    let error = listing.ship_version("v2".parse().unwrap(), &unbuilt, at(30)).unwrap_err();
    assert_eq!(error.details(), [("missing", Detail::List(vec![Detail::Text("built".to_owned())]))]);

    let mut submitted = listing_in(ListingState::Submitted);
    let current = submitted.version();
    let error = submitted.approve(current + 1, &shipping("v1"), &kyc(), at(30)).unwrap_err();
    assert_eq!(error.details(), [("currentVersion", Detail::Number(current))]);
    assert_eq!(submitted.reject(" ", at(30)).unwrap_err().details(), []);
}

#[test]
fn l_inv_8_rejects_an_order_unless_the_listing_is_live() {
    for state in ListingState::ALL.iter().filter(|state| **state != ListingState::Live) {
        let error = listing_in(*state).offer(PLAN, &kyc()).unwrap_err();
        assert_eq!((error.invariant(), error.code()), (Some(L_INV_8), "listing.not_live"), "{state:?}");
    }
}

#[test]
fn l_inv_8_allows_an_order_of_a_live_listing_and_a_suspension_touches_nothing_sold() {
    let mut listing = listing_in(ListingState::Live);
    let offer = listing.offer(PLAN, &kyc()).unwrap();
    assert_eq!(
        (offer.price, offer.plan_kind, offer.plan_seats),
        (money("49.00", "USD"), PlanKind::OneTime, None)
    );
    assert_eq!((offer.refund_policy.refund_days(), offer.revenue_share), (30, RevenueShare::DEFAULT));
    assert_eq!(listing.offer(plan_id(9), &kyc()), Err(ListingError::PlanNotFound(plan_id(9))));

    assert_eq!(listing.suspend("fraud", at(12)), Ok(Outcome::Applied));
    let topics: Vec<_> = listing.root.pending().iter().map(DomainEvent::topic).collect();
    assert_eq!(topics, ["marketplace.listing.suspended.v1"], "nothing is said about licences");
}

#[test]
fn an_edit_changes_what_it_names_and_is_for_draft_and_submitted() {
    let mut listing = draft();
    let edit = ListingEdit {
        course_version_id: "v2".parse().ok(),
        visibility: Some(Visibility::Unlisted),
        category: Patch::Clear,
        tags: Some(vec![" async ".to_owned()]),
        ..ListingEdit::default()
    };
    assert_eq!(listing.edit(edit.clone(), at(2)), Ok(Outcome::Applied));
    let data = listing.data();
    assert_eq!((data.course_version_id.as_str(), data.visibility), ("v2", Visibility::Unlisted));
    assert_eq!((&data.category, data.tags.as_slice()), (&None, ["async".to_owned()].as_slice()));
    assert_eq!((data.marketing.tagline(), data.updated_at), ("Rust in a week", at(2)));
    assert_eq!(listing.edit(edit.clone(), at(3)), Ok(Outcome::AlreadyApplied), "nothing differs");
    assert_eq!(listing.data().updated_at, at(2));
    for state in [ListingState::Approved, ListingState::Live, ListingState::Suspended] {
        assert_eq!(
            listing_in(state).edit(edit.clone(), at(40)).unwrap_err().code(),
            "listing.invalid_transition"
        );
    }
}

#[test]
fn only_the_platform_sets_another_revenue_share() {
    let other = RevenueShare::try_new(1_000, 9_000).unwrap();
    let new = |share| Listing::create(NewListing { revenue_share: Some(share), ..new_listing() }, at(0));
    let error = new(other).unwrap_err();
    assert_eq!((error.code(), error.kind()), ("listing.revenue_share_forbidden", Kind::Forbidden));
    assert!(new(RevenueShare::DEFAULT).is_ok());

    let mut listing = draft();
    let edit = |share| ListingEdit { revenue_share: Some(share), ..ListingEdit::default() };
    assert_eq!(listing.edit(edit(other), at(2)), Err(ListingError::RevenueShareForbidden));
    assert_eq!(listing.set_revenue_share(other, at(3)), Ok(Outcome::Applied));
    assert_eq!(listing.edit(edit(other), at(4)), Ok(Outcome::AlreadyApplied), "it is the current one");
    let mut live = listing_in(ListingState::Live);
    assert_eq!(live.set_revenue_share(other, at(20)), Ok(Outcome::Applied));
    assert_eq!(live.offer(PLAN, &kyc()).unwrap().revenue_share, other);
}

#[test]
fn stored_contradictions_are_refused() {
    type Damage = fn(&mut ListingData);
    let changes: &[(ListingState, Damage)] = &[
        (ListingState::Draft, |data| data.ever_live = true),
        (ListingState::Draft, |data| data.tags = vec!["same".to_owned(); 2]),
        (ListingState::Draft, |data| data.pricing_plans.push(data.pricing_plans[0].clone())),
        (ListingState::Submitted, |data| data.pricing_plans.clear()),
        (ListingState::Submitted, |data| data.submitted_at = None),
        (ListingState::Approved, |data| data.approved_version = None),
        (ListingState::Live, |data| data.shipping_evidence = None),
        (ListingState::Live, |data| data.course_version_id = "v9".parse().unwrap()),
        (ListingState::Live, |data| data.kyc_evidence.as_mut().unwrap().verified = false),
        (ListingState::Suspended, |data| data.suspension_reason = None),
        (ListingState::Retired, |data| data.retired_at = None),
        (ListingState::Retired, |data| data.retire_evidence.as_mut().unwrap().perpetual = 1),
    ];
    for (index, (state, change)) in changes.iter().enumerate() {
        let mut data = listing_in(*state).data().clone();
        change(&mut data);
        assert!(Listing::rehydrate(data, vec![], 3).is_err(), "row {index}");
    }
}

#[test]
fn the_stored_document_and_the_events_speak_camel_case_and_read_back() {
    let listing = listing_in(ListingState::Suspended);
    let json = serde_json::to_value(listing.data()).unwrap();
    assert_eq!((&json["state"], &json["pricingPlans"][0]["kind"]), (&"suspended".into(), &"one_time".into()));
    assert_eq!(json["suspensionReason"], "kyc_lapsed");
    assert_eq!(serde_json::from_value::<ListingData>(json).unwrap(), *listing.data());

    for row in TRANSITIONS {
        let mut listing = listing_in(row.from);
        assert_eq!(drive(&mut listing, row.action, None), Ok(Outcome::Applied));
        let changes = listing.into_changes();
        assert_eq!(changes.events.len(), 1, "one event a transition");
        let event = &changes.events[0];
        let json = serde_json::to_value(event).unwrap();
        assert_eq!(
            (&json["listingId"], &json["providerTenantId"]),
            (&changes.id.to_string().into(), &"acme".into())
        );
        assert_eq!(event.topic(), format!("marketplace.listing.{}.v1", json["event"].as_str().unwrap()));
        assert_eq!(serde_json::from_value::<ListingEvent>(json).unwrap(), *event);
    }
}
