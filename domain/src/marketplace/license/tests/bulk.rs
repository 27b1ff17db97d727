//! Many seats at once.

use super::{super::*, fixtures::*};

fn assign(name: &str, number: u128) -> SeatChange {
    SeatChange::Assign { user_id: user(name), seat_id: seat(number) }
}

/// What each row did: the seat's number with whether it changed, or the refusal's code.
fn seen(license: &mut License, changes: &[SeatChange]) -> Vec<Result<(u128, Outcome), &'static str>> {
    use crate::kernel::Coded;
    let results = license.change_seats(changes, start()).unwrap();
    let short = |result: Result<SeatChanged, LicenseError>| match result {
        Ok(done) => Ok((done.seat.id.ulid().0, done.outcome)),
        Err(refusal) => Err(refusal.code()),
    };
    results.into_iter().map(short).collect()
}

#[test]
fn each_row_has_its_own_result_in_the_order_of_the_rows() {
    let mut license = pack_with(3, &["ann"]);
    let rows = [
        assign("bob", 11),
        assign("ann", 12),
        assign("cem", 13),
        assign("dan", 14),
        SeatChange::ReleaseSeat(seat(77)),
        SeatChange::ReleaseUser(user("nobody")),
    ];
    let expected = [
        Ok((11, Outcome::Applied)),
        Ok((1, Outcome::AlreadyApplied)),
        Ok((13, Outcome::Applied)),
        Err("license.no_seats_remaining"),
        Err("license.seat_not_found"),
        Err("license.no_seat"),
    ];
    assert_eq!(seen(&mut license, &rows), expected);
    assert_eq!(license.data().active_seats, 3);
    assert_eq!(license.pending().len(), 4, "granted, ann's, bob's and cem's seat");
}

#[test]
fn releases_run_before_assignments_wherever_they_stand() {
    let mut license = pack_with(2, &["ann", "bob"]);
    let rows = [assign("cem", 11), SeatChange::ReleaseUser(user("ann")), SeatChange::ReleaseSeat(seat(2))];
    let expected = [Ok((11, Outcome::Applied)), Ok((1, Outcome::Applied)), Ok((2, Outcome::Applied))];
    assert_eq!(seen(&mut license, &rows), expected);
    assert_eq!(license.data().active_seats, 1);
}

#[test]
fn the_same_row_twice_does_nothing_the_second_time() {
    let mut license = pack_with(2, &["ann"]);
    let rows = [
        SeatChange::ReleaseUser(user("ann")),
        SeatChange::ReleaseUser(user("ann")),
        SeatChange::ReleaseSeat(seat(1)),
        assign("bob", 11),
        assign("bob", 12),
    ];
    let expected = [
        Ok((1, Outcome::Applied)),
        Ok((1, Outcome::AlreadyApplied)),
        Ok((1, Outcome::AlreadyApplied)),
        Ok((11, Outcome::Applied)),
        Ok((11, Outcome::AlreadyApplied)),
    ];
    assert_eq!(seen(&mut license, &rows), expected);
    let again = seen(&mut license, &rows[..2]);
    assert!(again.iter().all(|row| *row == Ok((1, Outcome::AlreadyApplied))), "{again:?}");
}

#[test]
fn who_waits_sits_down_before_the_rows_of_the_request() {
    let mut license = pack_with(2, &["ann", "bob"]);
    applied(license.join_waitlist(id(1), seat(50), user("eve"), start()));
    let rows = [
        assign("cem", 11),
        assign("dan", 12),
        assign("eve", 13),
        SeatChange::ReleaseUser(user("ann")),
        SeatChange::ReleaseUser(user("bob")),
    ];
    let expected = [
        Ok((11, Outcome::Applied)),
        Err("license.no_seats_remaining"),
        Ok((50, Outcome::AlreadyApplied)),
        Ok((1, Outcome::Applied)),
        Ok((2, Outcome::Applied)),
    ];
    assert_eq!(seen(&mut license, &rows), expected);
    assert_eq!(license.remaining(), Some(0));
    assert_eq!(license.data().waitlist, WaitlistCounts { waiting: 0, joined: 1 });
}

#[test]
fn a_row_that_cannot_see_the_line_stops_all() {
    let mut license = pack_with(1, &["ann"]);
    applied(license.join_waitlist(id(1), seat(50), user("eve"), start()));
    let seats = license.seats().cloned().map(LicenseRow::from).collect();
    let mut blind = License::rehydrate(license.data().clone(), seats, 1).unwrap();
    let refused = blind.change_seats(&[SeatChange::ReleaseUser(user("ann"))], start());
    assert_eq!(refused, Err(LicenseError::WaitlistNotLoaded { loaded: 0, waiting: 1 }));
    assert_eq!(blind.data(), license.data());
}

#[test]
fn a_bulk_change_has_one_to_a_thousand_rows() {
    assert_eq!(License::check_bulk(0), Err(LicenseError::BulkEmpty));
    assert_eq!((License::check_bulk(1), License::check_bulk(1_000)), (Ok(()), Ok(())));
    assert_eq!(License::check_bulk(1_001), Err(LicenseError::BulkTooLarge { max: 1_000 }));
}
