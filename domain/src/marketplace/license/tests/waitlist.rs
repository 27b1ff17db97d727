//! Who waits for a seat, and who gets it.

use crate::marketplace::invariants::LI_INV_1;
use std::collections::BTreeSet;

use super::{super::*, fixtures::*};
use crate::kernel::{DomainEvent, WaitlistEntryId};

fn entry(number: u128) -> WaitlistEntryId {
    id(number)
}

/// Puts a user in line as entry `number`, for seat 100 + `number`.
fn joined(license: &mut License, number: u128, name: &str) {
    applied(license.join_waitlist(entry(number), seat(100 + number), user(name), start()));
}

/// A full pack of one, Ann on it, with these users in line.
fn line(names: &[&str]) -> License {
    let mut license = pack_with(1, &["ann"]);
    for (number, name) in (1..).zip(names) {
        joined(&mut license, number, name);
    }
    license
}

fn waiting(license: &License) -> Vec<&str> {
    let waiting = license.waitlist().filter(|entry| entry.state == WaitlistState::Waiting);
    waiting.map(|entry| entry.user_id.as_str()).collect()
}

/// What a store gives a command: the root, the seats, and the first `count` who wait.
fn with_head(license: &License, count: usize) -> License {
    let waits = |row: &LicenseRow| matches!(row, LicenseRow::Waiting(_));
    let seats = license.rows().filter(|row| !waits(row));
    let waiting = license.waitlist().filter(|entry| entry.state == WaitlistState::Waiting);
    let rows = seats.chain(waiting.take(count).cloned().map(LicenseRow::from)).collect();
    License::rehydrate(license.data().clone(), rows, 1).unwrap()
}

#[test]
fn a_release_seats_whoever_waits_longest() {
    let license = line(&["bob", "cem", "dan"]);
    // Only the head of the line is needed.
    let mut license = with_head(&license, 1);
    applied(license.release_seat(seat(1), start()));
    assert_eq!(license.seat_of(&user("bob")).unwrap().id, seat(101));
    assert_eq!((license.remaining(), license.data().waitlist.waiting), (Some(0), 2));
    let topics: Vec<_> = license.pending().iter().map(DomainEvent::topic).collect();
    let expected = ["seat_released", "seat_assigned", "waitlist_filled"];
    assert_eq!(topics, expected.map(|name| format!("marketplace.license.{name}.v1")));
    let filled = license.waitlist_entry(entry(1)).unwrap();
    assert_eq!((filled.state, filled.ended_at), (WaitlistState::Filled, Some(start())));
}

#[test]
fn the_line_is_in_the_order_of_joining_whatever_the_ids_and_clocks_say() {
    let mut license = pack_with(1, &["ann"]);
    for (number, name, day) in [(9, "bob", 3), (5, "cem", 1), (7, "dan", 2)] {
        let now = start().plus_days(day);
        applied(license.join_waitlist(entry(number), seat(100 + number), user(name), now));
    }
    assert_eq!(waiting(&license), ["bob", "cem", "dan"]);
    applied(license.release_seat(seat(1), start()));
    applied(license.leave_waitlist(entry(5), start()));
    applied(license.release_seat(seat(109), start()));
    assert_eq!(license.seat_of(&user("dan")).unwrap().id, seat(107));
    assert_eq!(waiting(&license), [""; 0]);
}

#[test]
fn nobody_is_passed_over_who_was_not_loaded() {
    let license = line(&["bob"]);
    let mut blind = with_head(&license, 0);
    let refused = blind.release_seat(seat(1), start());
    assert_eq!(refused, Err(LicenseError::WaitlistNotLoaded { loaded: 0, waiting: 1 }));
    assert_eq!((blind.data(), blind.pending().len()), (license.data(), 0), "and nothing has changed");
}

#[test]
fn a_user_waits_once_and_only_while_no_seat_is_left() {
    let mut license = line(&["bob"]);
    let again = license.join_waitlist(entry(2), seat(102), user("bob"), start());
    assert_eq!((again, license.data().waitlist.waiting), (Ok(Outcome::AlreadyApplied), 1));
    let join = |license: &mut License, name: &str| {
        license.join_waitlist(entry(3), seat(103), user(name), start()).unwrap_err()
    };
    assert_eq!(join(&mut license, "ann"), LicenseError::AlreadySeated);
    assert_eq!(join(&mut pack_with(2, &["ann"]), "bob"), LicenseError::SeatsAvailable);
    assert_eq!(join(&mut subscription(1), "bob"), LicenseError::NotOrg);
    let site = terms(PlanKind::SiteLicense, Capacity::Unlimited);
    let mut site = License::grant(new(1, site, manual("school", None)), start()).unwrap();
    assert_eq!(join(&mut site, "bob"), LicenseError::SeatsAvailable, "there is always a seat");
    applied(license.revoke(RevokeReason::Admin, &BTreeSet::new(), false, start()));
    assert_eq!(join(&mut license, "cem"), LicenseError::NotActive { state: LicenseState::Revoked });
}

#[test]
fn who_left_may_join_again_at_the_end() {
    let mut license = line(&["bob", "cem"]);
    applied(license.leave_waitlist(entry(1), start()));
    assert_eq!(license.leave_waitlist(entry(1), start()), Ok(Outcome::AlreadyApplied));
    joined(&mut license, 3, "bob");
    assert_eq!(waiting(&license), ["cem", "bob"]);
    assert_eq!(license.data().waitlist, WaitlistCounts { waiting: 2, joined: 3 });
    assert_eq!(license.leave_waitlist(entry(77), start()), Err(LicenseError::NotWaiting));
}

#[test]
fn who_was_given_a_seat_does_not_leave_the_line() {
    let mut license = line(&["bob"]);
    applied(license.release_seat(seat(1), start()));
    assert_eq!(license.leave_waitlist(entry(1), start()), Err(LicenseError::AlreadySeated));
    applied(license.release_seat(seat(101), start()));
    assert_eq!(license.leave_waitlist(entry(1), start()), Ok(Outcome::AlreadyApplied));
    assert_eq!(license.remaining(), Some(1));
}

#[test]
fn nobody_waits_for_a_licence_that_is_over() {
    let mut revoked = line(&["bob", "cem"]);
    applied(revoked.revoke(RevokeReason::Refund, &users(&["ann"]), false, start()));
    assert!(revoked.waitlist().all(|entry| entry.state == WaitlistState::Left));
    assert_eq!(revoked.data().waitlist.waiting, 0);
    assert_eq!(revoked.check_invariants(), Ok(()));

    let site = terms(PlanKind::SiteLicense, limited(1));
    let mut site = License::grant(new(1, site, manual("school", None)), start()).unwrap();
    applied(site.assign_seat(seat(1), user("ann"), start()));
    joined(&mut site, 1, "bob");
    let end = site.ends_at().unwrap();
    applied(site.release_seat(seat(1), end));
    assert_eq!(site.seat_of(&user("bob")), None, "its time is over, though nobody has noted it yet");
    let mut blind = with_head(&site, 0);
    assert_eq!(blind.expire(end), Err(LicenseError::WaitlistNotLoaded { loaded: 0, waiting: 1 }));
    applied(site.expire(end));
    assert_eq!((waiting(&site).len(), site.data().waitlist.waiting), (0, 0));
}

#[test]
fn two_users_are_never_at_one_place() {
    let license = line(&["bob"]);
    let twice: Vec<_> = license.rows().chain(license.waitlist().cloned().map(Into::into)).collect();
    let refused = License::rehydrate(license.data().clone(), twice, 1).map(|_| ());
    assert_eq!(refused, Err(LicenseError::Corrupt(LI_INV_1)));
    let mut data = license.data().clone();
    data.waitlist.waiting = 0;
    let refused = License::rehydrate(data, license.rows().collect(), 1).map(|_| ());
    assert_eq!(refused, Err(LicenseError::Corrupt(LI_INV_1)));
}

#[test]
fn a_licence_stored_before_there_were_waitlists_still_loads() {
    let license = pack_with(1, &["ann"]);
    let mut json = serde_json::to_value(license.data()).unwrap();
    json.as_object_mut().unwrap().remove("waitlist").unwrap();
    assert_eq!(&serde_json::from_value::<LicenseData>(json).unwrap(), license.data());
}
