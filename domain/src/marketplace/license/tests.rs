//! What a licence refuses and allows, rule by rule. `tests/table.rs` drives the state table and random
//! walks, `tests/events.rs` what consumers hear.

mod bulk;
mod events;
pub(crate) mod fixtures;
mod table;
mod waitlist;

use std::collections::BTreeSet;

use serde_json::Value;

use self::fixtures::*;
use super::*;
use crate::{
    kernel::{Coded, Invariant, Row},
    marketplace::invariants::{LI_INV_1, LI_INV_2, LI_INV_3, LI_INV_4, LI_INV_5, LI_INV_6, LI_INV_7},
};

/// The result is a refusal by this invariant.
fn assert_violates<T: std::fmt::Debug>(rule: Invariant, result: Result<T, LicenseError>) {
    assert_eq!(result.expect_err(rule.id).invariant(), Some(rule));
}

/// Loads what a store would hold of this licence, after changing it.
fn stored(license: &License, change: impl FnOnce(&mut LicenseData)) -> Result<License, LicenseError> {
    let mut data = license.data().clone();
    change(&mut data);
    License::rehydrate(data, license.rows().collect(), 1)
}

const NOBODY: BTreeSet<UserId> = BTreeSet::new();

// LI-INV-1

#[test]
fn li_inv_1_rejects_more_seats_taken_than_there_are() {
    let full = pack_with(2, &["ann", "bob"]);
    assert_violates(LI_INV_1, stored(&full, |data| data.active_seats = 3));
    assert_violates(LI_INV_1, stored(&full, |data| data.active_seats = 1));
    let twice = vec![LicenseRow::from(full.seat(seat(1)).unwrap().clone()); 2];
    assert_violates(LI_INV_1, License::rehydrate(full.data().clone(), twice, 1));
}

#[test]
fn li_inv_1_allows_every_count_up_to_the_seats() {
    let mut license = pack(2);
    assert_eq!(license.remaining(), Some(2));
    applied(license.assign_seat(seat(1), user("ann"), start()));
    assert_eq!(license.remaining(), Some(1));
    applied(license.assign_seat(seat(2), user("bob"), start()));
    assert_eq!(license.remaining(), Some(0));
    applied(license.release_seat(seat(1), start()));
    assert_eq!(license.remaining(), Some(1));
    assert!(stored(&license, |_| ()).is_ok());
}

// LI-INV-2

#[test]
fn li_inv_2_rejects_assignment_when_no_seat_remains() {
    let mut license = pack_with(2, &["ann", "bob"]);
    let refused = license.assign_seat(seat(3), user("eve"), start());
    assert_eq!(refused.as_ref().unwrap_err().code(), "license.no_seats_remaining");
    assert_violates(LI_INV_2, refused);
    assert_eq!(license.data().active_seats, 2);
    assert_violates(LI_INV_2, subscription(1).assign_seat(seat(3), user("eve"), start()));
}

#[test]
fn li_inv_2_allows_assignment_while_a_seat_remains() {
    let mut license = pack_with(2, &["ann", "bob"]);
    assert_eq!(license.assign_seat(seat(9), user("ann"), start()), Ok(Outcome::AlreadyApplied));
    applied(license.release_seat(seat(1), start()));
    assert_eq!(license.assign_seat(seat(3), user("eve"), start()), Ok(Outcome::Applied));

    let site = terms(PlanKind::SiteLicense, Capacity::Unlimited);
    let mut site = License::grant(new(1, site, manual("school", None)), start()).unwrap();
    for number in 1..=100 {
        let outcome = site.assign_seat(seat(number), user(&format!("pupil-{number}")), start());
        assert_eq!(outcome, Ok(Outcome::Applied));
    }
    assert_eq!(site.remaining(), None);
}

// LI-INV-3

#[test]
fn li_inv_3_rejects_assignment_unless_active() {
    let mut revoked = pack_with(2, &["ann"]);
    applied(revoked.revoke(RevokeReason::Admin, &NOBODY, false, start()));
    let refused = revoked.assign_seat(seat(3), user("eve"), start());
    assert_eq!(refused.as_ref().unwrap_err().code(), "license.not_active");
    assert_violates(LI_INV_3, refused);

    let site = terms(PlanKind::SiteLicense, limited(5));
    let mut site = License::grant(new(1, site, manual("school", None)), start()).unwrap();
    let end = site.ends_at().unwrap();
    assert_violates(LI_INV_3, site.clone().assign_seat(seat(1), user("eve"), end));
    applied(site.expire(end));
    assert_violates(LI_INV_3, site.assign_seat(seat(1), user("eve"), end));
}

#[test]
fn li_inv_3_allows_assignment_while_active() {
    let site = terms(PlanKind::SiteLicense, limited(5));
    let mut site = License::grant(new(1, site, manual("school", None)), start()).unwrap();
    let last_instant = Timestamp::from_unix_micros(site.ends_at().unwrap().unix_micros() - 1);
    assert_eq!(site.assign_seat(seat(1), user("eve"), last_instant), Ok(Outcome::Applied));
}

// LI-INV-4

#[test]
fn li_inv_4_rejects_a_window_that_ends_before_it_begins() {
    for end in ["2026-01-31T10:00:00Z", "2026-01-31T09:59:59Z"] {
        assert_violates(LI_INV_4, ValidityWindow::try_new(start(), Some(at(end))));
    }
    assert_violates(LI_INV_4, ValidityWindow::period(start(), Some(0), 0));
    assert_violates(LI_INV_4, ValidityWindow::period(start(), Some(u32::MAX), 7));
    let json = r#"{"validFrom":"2026-01-31T10:00:00Z","validUntil":"2026-01-31T10:00:00Z"}"#;
    assert!(serde_json::from_str::<ValidityWindow>(json).is_err());
}

#[test]
fn li_inv_4_allows_a_window_that_ends_later_or_never() {
    assert!(ValidityWindow::try_new(start(), None).is_ok());
    assert!(ValidityWindow::try_new(start(), Some(at("2026-01-31T10:00:00.000001Z"))).is_ok());
}

// LI-INV-5

#[test]
fn li_inv_5_rejects_every_move_out_of_revoked() {
    let mut license = subscription(1);
    applied(license.revoke(RevokeReason::Refund, &NOBODY, false, start()));
    let end = license.ends_at().unwrap();
    assert_violates(LI_INV_5, license.renew(1, start()));
    assert_violates(LI_INV_5, license.expire(end));
    for reason in [RevokeReason::Admin, RevokeReason::Dispute] {
        assert_violates(LI_INV_5, license.revoke(reason, &NOBODY, false, start()));
    }
    assert_violates(LI_INV_5, stored(&license, |data| data.state = LicenseState::Active));
}

#[test]
fn li_inv_5_allows_the_same_revocation_again_without_effect() {
    let mut license = subscription(1);
    applied(license.revoke(RevokeReason::Refund, &NOBODY, false, start()));
    let (before, events) = (license.data().clone(), license.pending().len());
    let again = license.revoke(RevokeReason::Refund, &users(&["ann"]), false, start().plus_days(1));
    assert_eq!(again, Ok(Outcome::AlreadyApplied));
    assert_eq!((license.data(), license.pending().len()), (&before, events));
}

/// What the undo of a grant leaves that never was: nobody can grant the line again, and nobody sits there.
#[test]
fn a_licence_taken_back_with_its_grant_seats_nobody_ever() {
    let mut license = subscription(1);
    applied(license.revoke(RevokeReason::Refund, &NOBODY, false, start()));
    assert_eq!((license.data().state, license.data().active_seats), (LicenseState::Revoked, 0));
    assert!(license.seats().all(|seat| seat.status == SeatStatus::Released));
    let [LicenseEvent::Granted { .. }, LicenseEvent::Revoked { released_seats: 1, consumed_seats: 0, .. }] =
        license.pending()
    else {
        panic!("{:?}", license.pending())
    };
    assert_eq!(stored(&license, |_| {}).unwrap().data(), license.data());
}

// LI-INV-6

#[test]
fn li_inv_6_rejects_an_individual_licence_with_other_than_one_seat() {
    for plan in [PlanKind::OneTime, PlanKind::Subscription] {
        for capacity in [limited(2), Capacity::Unlimited] {
            let new = new(1, terms(plan, capacity), purchase(0, Some("ann")));
            assert_violates(LI_INV_6, License::grant(new, start()));
        }
    }
    assert_violates(LI_INV_6, stored(&subscription(1), |data| data.capacity = limited(2)));
    assert_violates(LI_INV_6, stored(&subscription(1), |data| data.scope = LicenseScope::Org));
}

#[test]
fn li_inv_6_allows_one_seat_for_one_person_and_any_number_for_an_org() {
    let license = subscription(1);
    assert_eq!((license.data().capacity, license.data().active_seats), (limited(1), 1));
    assert_eq!(license.data().holder, Some(user("ann")));
    assert_eq!(pack(500).remaining(), Some(500));
}

// LI-INV-7

#[test]
fn li_inv_7_rejects_a_refund_that_does_not_see_every_seat() {
    let license = pack_with(3, &["ann", "bob"]);
    let one_row = vec![license.seat(seat(1)).unwrap().clone().into()];
    let mut partly = License::rehydrate(license.data().clone(), one_row, 1).unwrap();
    let refused = partly.revoke(RevokeReason::Refund, &NOBODY, false, start());
    assert_eq!(refused, Err(LicenseError::SeatsNotLoaded { loaded: 1, active: 2 }));
    assert_violates(LI_INV_7, refused);
}

#[test]
fn li_inv_7_rejects_releasing_a_consumed_seat() {
    let mut license = pack_with(3, &["ann", "bob"]);
    applied(license.revoke(RevokeReason::Refund, &users(&["ann"]), false, start()));
    assert_violates(LI_INV_7, license.release_seat(seat(1), start()));
    assert_violates(LI_INV_7, stored(&pack(2), |data| data.consumed_seats = 1));
    assert_violates(LI_INV_7, stored(&license, |data| data.active_seats = 1));
}

#[test]
fn li_inv_7_allows_a_refund_that_marks_the_consumed_seats_and_releases_the_others() {
    let mut license = pack_with(3, &["ann", "bob"]);
    let later = start().plus_days(2);
    let consumed =
        users(&["ann", "somebody without a seat"].map(|name| name.split(' ').next().unwrap_or(name)));
    assert_eq!(license.revoke(RevokeReason::Refund, &consumed, false, later), Ok(Outcome::Applied));

    let (ann, bob) = (license.seat(seat(1)).unwrap(), license.seat(seat(2)).unwrap());
    assert_eq!((ann.status, ann.released_at), (SeatStatus::ConsumedOnRefund, None));
    assert_eq!((bob.status, bob.released_at), (SeatStatus::Released, Some(later)));
    assert_eq!((license.data().active_seats, license.data().consumed_seats), (0, 1));
    assert_eq!(license.remaining(), Some(2), "a consumed seat stays allocated");
    for name in ["ann", "bob"] {
        assert_eq!(license.entitles(&user(name), later), Entitlement::Revoked, "access ends for all");
    }
}

#[test]
fn those_who_had_begun_keep_access_where_that_is_configured() {
    let mut license = pack_with(3, &["ann", "bob"]);
    applied(license.revoke(RevokeReason::Refund, &users(&["ann"]), true, start()));
    assert_eq!(license.entitles(&user("ann"), start()), Entitlement::Entitled);
    assert_eq!(license.entitles(&user("bob"), start()), Entitlement::Revoked);
}

// AC-3

/// Every key of a document, at any depth.
fn keys(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(fields) => {
            fields.iter().flat_map(|(key, value)| keys(value).into_iter().chain([key.clone()])).collect()
        }
        Value::Array(items) => items.iter().flat_map(keys).collect(),
        _ => BTreeSet::new(),
    }
}

#[test]
fn ac_3_rejects_progress_in_a_stored_licence_or_seat() {
    let license = pack_with(2, &["ann"]);
    let progress = serde_json::json!({ "percent": 40, "lastLesson": "les_7", "attempts": 2 });

    let mut data = serde_json::to_value(license.data()).unwrap();
    data["progress"] = progress.clone();
    let read: LicenseData = serde_json::from_value(data).unwrap();
    assert_eq!(&read, license.data(), "what is not a licence's own is dropped");

    let mut row = serde_json::to_value(license.seat(seat(1)).unwrap()).unwrap();
    row["progress"] = progress;
    let read: SeatAllocation = serde_json::from_value(row).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap().get("progress"), None);
}

#[test]
fn ac_3_allows_exactly_these_fields() {
    let mut license = License::grant(new(1, terms(PlanKind::OneTime, limited(1)), gift()), start()).unwrap();
    applied(license.claim(seat(1), user("ann"), start()));
    applied(license.revoke(RevokeReason::Refund, &users(&["ann"]), false, start()));
    #[rustfmt::skip]
    let of_a_licence = [
        "id", "tenantId", "providerTenantId", "listingId", "courseId", "courseVersionId", "pricingPlanKind",
        "scope", "capacity", "limited", "activeSeats", "consumedSeats", "waitlist", "waiting", "joined", "holder", "anchor", "validFrom",
        "validUntil", "intervalMonths", "periodIndex", "paidThrough", "state", "lastTransition", "action",
        "argument", "grandfathered", "source", "orderId", "orderLineId", "refundDeadline",
        "perpetualOfflineAccess", "gift", "codeHash", "expiresAt", "claimedAt", "grantActor", "grantReason",
        "createdAt", "updatedAt",
    ];
    let of_a_seat = [
        "id",
        "userId",
        "assignedAt",
        "releasedAt",
        "status",
        "assignedUnder",
        "state",
        "capacity",
        "limited",
        "taken",
    ];
    let fields = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(keys(&serde_json::to_value(license.data()).unwrap()), fields(&of_a_licence));
    let row = license.seat(seat(1)).unwrap();
    assert_eq!(keys(&serde_json::to_value(row).unwrap()), fields(&of_a_seat));
}

// Seats by hand

#[test]
fn a_released_seat_is_never_revived() {
    let mut license = pack_with(1, &["ann"]);
    let released_at = start().plus_days(1);
    assert_eq!(license.release_seat(seat(1), released_at), Ok(Outcome::Applied));
    assert_eq!(license.release_seat(seat(1), start().plus_days(2)), Ok(Outcome::AlreadyApplied));
    assert_eq!(
        license.assign_seat(seat(1), user("ann"), start()),
        Err(LicenseError::SeatIdTaken(seat(1))),
        "a new assignment is a new row"
    );
    applied(license.assign_seat(seat(2), user("ann"), start()));
    assert_eq!(license.seat(seat(1)).unwrap().released_at, Some(released_at));
    assert_eq!(license.seat_of(&user("ann")).unwrap().id, seat(2));
    assert_eq!(license.release_seat(seat(7), start()), Err(LicenseError::SeatNotFound(seat(7))));
}

#[test]
fn a_command_needs_only_the_rows_it_touches() {
    let license = pack_with(3, &["ann", "bob"]);
    let mut without_rows = License::rehydrate(license.data().clone(), Vec::new(), 7).unwrap();
    applied(without_rows.assign_seat(seat(3), user("eve"), start()));
    let changes = without_rows.into_changes();
    assert_eq!(changes.expected_version, 7);
    assert_eq!(changes.data.active_seats, 3);
    assert_eq!(changes.rows.iter().map(Row::key).collect::<Vec<_>>(), [seat(3).to_string()]);
}

#[test]
fn an_individual_seat_is_not_moved_by_hand() {
    assert_eq!(subscription(1).release_seat(seat(1_000), start()), Err(LicenseError::NotOrg));
    let mut gift = License::grant(new(1, terms(PlanKind::OneTime, limited(1)), gift()), start()).unwrap();
    assert_eq!(gift.assign_seat(seat(1), user("eve"), start()), Err(LicenseError::NotOrg));
}

// Grants

#[test]
fn a_grant_without_an_order_says_why_and_for_whom() {
    let grant = |plan, capacity, origin| License::grant(new(1, terms(plan, capacity), origin), start());
    assert_eq!(
        grant(PlanKind::OneTime, limited(1), manual(" ", Some("ann"))).unwrap_err(),
        LicenseError::ReasonRequired
    );
    assert_eq!(
        grant(PlanKind::OneTime, limited(1), manual("pilot", None)).unwrap_err(),
        LicenseError::LearnerRequired
    );
    assert_eq!(grant(PlanKind::SeatPack, limited(5), gift()).unwrap_err(), LicenseError::GiftNotIndividual);

    let granted = grant(PlanKind::SeatPack, limited(5), manual("pilot", Some("ann"))).unwrap();
    let data = granted.data();
    assert_eq!((data.order_id, data.order_line_id, data.refund_deadline), (None, None, None));
    assert_eq!((&data.grant_actor, data.grant_reason.as_deref()), (&Some(user("admin")), Some("pilot")));
    assert_eq!(data.holder, None, "an org licence has no holder");
    assert_eq!(granted.entitles(&user("ann"), start()), Entitlement::Entitled);
}

// Gifts

#[test]
fn a_gift_is_claimed_once() {
    let mut gift =
        License::grant(new(1, terms(PlanKind::Subscription, limited(1)), gift()), start()).unwrap();
    assert_eq!(gift.entitles(&user("ann"), start()), Entitlement::NoLicence);
    let claimed_at = start().plus_days(60);
    assert_eq!(gift.claim(seat(1), user("ann"), claimed_at), Ok(Outcome::Applied));
    assert_eq!(gift.claim(seat(2), user("ann"), claimed_at), Ok(Outcome::AlreadyApplied));
    let refused = gift.claim(seat(2), user("bob"), claimed_at).unwrap_err();
    assert_eq!(refused.code(), "license.already_claimed");

    assert_eq!(gift.entitles(&user("ann"), claimed_at), Entitlement::Entitled);
    assert_eq!(gift.ends_at(), Some(claimed_at.plus_months(1)), "its time runs from the claim");
    assert_eq!(subscription(1).claim(seat(2), user("ann"), start()), Err(LicenseError::NotAGift));
}

#[test]
fn a_gift_waits_ninety_days() {
    let gift = License::grant(new(1, terms(PlanKind::OneTime, limited(1)), gift()), start()).unwrap();
    let end = start().plus_days(90);
    assert_eq!(gift.clone().claim(seat(1), user("ann"), start().plus_days(89)), Ok(Outcome::Applied));

    let mut late = gift.clone();
    assert_eq!(late.claim(seat(1), user("ann"), end).unwrap_err().code(), "license.claim_expired");
    assert_eq!(late.expire(end), Ok(Outcome::Applied), "unclaimed it does not linger");
    assert_eq!(late.claim(seat(1), user("ann"), end).unwrap_err().code(), "license.claim_expired");

    let mut taken_back = gift;
    applied(taken_back.revoke(RevokeReason::Admin, &NOBODY, false, start()));
    assert_violates(LI_INV_3, taken_back.claim(seat(1), user("ann"), start()));
}

#[test]
fn only_a_hash_of_the_code_is_kept() {
    let gift = License::grant(new(1, terms(PlanKind::OneTime, limited(1)), gift()), start()).unwrap();
    let hash = &gift.data().gift.as_ref().unwrap().code_hash;
    assert_eq!(hash, &GiftClaim::hash(" G1\n"));
    assert_eq!(GiftClaim::hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// Periods

#[test]
fn periods_are_counted_from_the_original_anchor() {
    let mut license = subscription(1);
    assert_eq!(license.ends_at(), Some(at("2026-02-28T10:00:00Z")));
    assert_eq!(license.renew(1, start()), Ok(Outcome::Applied));
    assert_eq!(license.ends_at(), Some(at("2026-03-31T10:00:00Z")));
    assert_eq!(license.renew(1, start()), Ok(Outcome::AlreadyApplied));
    assert_eq!(license.renew(3, start()), Ok(Outcome::Applied));
    assert_eq!(license.renew(2, start()), Ok(Outcome::AlreadyApplied), "order is not trusted");
    assert_eq!(license.ends_at(), Some(at("2026-05-31T10:00:00Z")));
    assert_eq!((license.data().period_index, license.data().paid_through), (0, 3));
    assert_eq!(pack(1).renew(1, start()), Err(LicenseError::NotRenewable));
}

#[test]
fn a_period_paid_after_the_end_is_a_licence_of_its_own() {
    let mut first = subscription(1);
    let end = first.ends_at().unwrap();
    assert_eq!(first.state_at(end), LicenseState::Expired, "also while the scheduler is late");
    assert_eq!(first.renew(1, end).unwrap_err().code(), "license.invalid_transition");
    assert_eq!(first.renew(0, end), Ok(Outcome::AlreadyApplied));

    let mut next = new(2, terms(PlanKind::Subscription, limited(1)), purchase(1, Some("ann")));
    next.anchor = first.data().anchor;
    let next = License::grant(next, end.plus_days(1)).unwrap();
    assert_eq!(next.data().validity.valid_from(), at("2026-02-28T10:00:00Z"));
    assert_eq!(next.data().validity.valid_until(), Some(at("2026-03-31T10:00:00Z")));
}

#[test]
fn a_licence_expires_at_its_end_and_not_before() {
    let mut license = subscription(1);
    let end = license.ends_at().unwrap();
    assert_eq!(license.expire(start()), Err(LicenseError::NotDue { ends_at: Some(end) }));
    assert_eq!(pack(1).expire(end), Err(LicenseError::NotDue { ends_at: None }));
    assert_eq!(license.expire(end), Ok(Outcome::Applied));
    assert_eq!(license.expire(end), Ok(Outcome::AlreadyApplied));
    assert_eq!(license.seat_of(&user("ann")).unwrap().status, SeatStatus::Active, "the row tells who sat");
}

// Entitlement

#[test]
fn entitlement_is_computed_at_the_check() {
    let license = subscription(1);
    let end = license.ends_at().unwrap();
    let before = Timestamp::from_unix_micros(start().unix_micros() - 1);
    let ann = user("ann");
    assert_eq!(license.entitles(&ann, before), Entitlement::NotStarted);
    assert_eq!(license.entitles(&ann, start()), Entitlement::Entitled);
    assert_eq!(license.entitles(&ann, end), Entitlement::Expired, "a late scheduler never grants");
    assert_eq!(license.entitles(&user("eve"), start()), Entitlement::NoLicence, "it is Ann's own");
    assert_eq!(pack_with(2, &["ann"]).entitles(&user("eve"), start()), Entitlement::NoSeat);
}

// The reader's table

#[test]
fn the_table_in_the_module_s_doc_names_codes_and_tests_that_exist() {
    let rows: Vec<_> =
        include_str!("mod.rs").lines().filter(|line| line.starts_with("//! | ")).skip(1).collect();
    assert!(rows.len() > 10);
    for row in rows {
        let quoted: Vec<_> = row.split('`').skip(1).step_by(2).collect();
        let (test, codes) = quoted.split_last().unwrap();
        let tests =
            [include_str!("tests.rs"), include_str!("tests/waitlist.rs"), include_str!("lease/tests.rs")];
        assert!(tests.iter().any(|tests| tests.contains(&format!("fn {test}()"))), "{test}");
        for code in codes {
            assert!(include_str!("error.rs").contains(&format!("\"{code}\"")), "{code}");
        }
    }
}
