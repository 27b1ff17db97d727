//! Who may do what at the seat desk, and what the rest of the marketplace makes of it.

use sarai_application::{
    Call,
    marketplace::seat_desk::{LeaseRequest, SeatRow, Waiter},
};
use sarai_domain::{
    kernel::{Aggregate, LicenseId, UserId},
    marketplace::{
        license::{SeatStatus, WaitlistState},
        listing::PlanTerms,
        values::PlanKind,
    },
};
use sarai_ports::Scope;

use crate::world::{World, first_page, usd};

fn user(name: &'static str) -> UserId {
    UserId::from_static(name)
}

/// A full pack with offline access: these users sit.
async fn full(world: &World, users: &[&'static str]) -> LicenseId {
    let seats = u32::try_from(users.len()).unwrap();
    let terms = PlanTerms::try_new(PlanKind::SeatPack, usd("5.00"), None, Some(seats), None, true, true);
    let sold = world.sell(1, terms.unwrap()).await;
    let order = world.buy(&[(sold, seats)], &[]).await;
    let id = world.licenses(order.id()).await[0].id();
    let rows = users.iter().map(|name| Ok(SeatRow::Assign(user(name)))).collect();
    let licenses = &world.sarai.marketplace.licenses;
    let done = licenses.change_seats(&World::call("buyer"), id, rows).await.unwrap();
    assert!(done.rows.iter().all(Result::is_ok));
    id
}

#[tokio::test]
async fn users_act_for_themselves_and_administrators_for_all() {
    let world = World::new().await;
    let id = full(&world, &["ann"]).await;
    let licenses = &world.sarai.marketplace.licenses;
    let (admin, colleague) = (World::call("buyer"), World::colleague());
    let as_ann = Call {
        principal: sarai_ports::auth::Principal { user_id: user("ann"), ..colleague.principal.clone() },
        ..colleague.clone()
    };
    let code = |error: sarai_application::AppError| error.code;

    let mine = licenses.join_waitlist(&colleague, id, None).await.unwrap();
    assert_eq!((mine.entry.user_id.as_str(), mine.position, mine.created), ("colleague", Some(1), true));
    licenses.join_waitlist(&admin, id, Some(user("eve"))).await.unwrap();
    assert_eq!(
        code(licenses.join_waitlist(&colleague, id, Some(user("bob"))).await.unwrap_err()),
        "forbidden"
    );
    let line = licenses.waitlist(&colleague, id, &first_page()).await.unwrap().items;
    assert_eq!(line.iter().map(|row| row.entry.user_id.as_str()).collect::<Vec<_>>(), ["colleague"]);
    let line = licenses.waitlist(&admin, id, &first_page()).await.unwrap().items;
    assert_eq!((line.len(), line[1].position), (2, 2));
    for waiter in [Waiter::User(user("eve")), Waiter::Entry(line[1].entry.id)] {
        assert_eq!(code(licenses.leave_waitlist(&colleague, id, &waiter).await.unwrap_err()), "forbidden");
    }
    let rows = || vec![Ok(SeatRow::ReleaseUser(user("ann")))];
    assert_eq!(code(licenses.change_seats(&colleague, id, rows()).await.unwrap_err()), "not_found");
    assert_eq!(code(licenses.change_seats(&as_ann, id, rows()).await.unwrap_err()), "forbidden");

    let ask = |user_id, seat_id| LeaseRequest { user_id, seat_id, ..LeaseRequest::default() };
    let lease = licenses.issue_lease(&as_ann, id, ask(None, None)).await.unwrap().lease;
    assert_eq!(lease.user_id, user("ann"));
    licenses.issue_lease(&as_ann, id, ask(None, Some(lease.seat_id))).await.unwrap();
    licenses.issue_lease(&admin, id, ask(None, Some(lease.seat_id))).await.unwrap();
    let refused = licenses.issue_lease(&colleague, id, ask(Some(user("ann")), None)).await.unwrap_err();
    assert_eq!(code(refused), "forbidden");
    let refused = licenses.issue_lease(&colleague, id, ask(None, Some(lease.seat_id))).await.unwrap_err();
    assert_eq!(code(refused), "license.seat_not_found", "another's seat is not seen");
    assert_eq!(
        code(licenses.issue_lease(&colleague, id, ask(None, None)).await.unwrap_err()),
        "license.no_seat"
    );
}

#[tokio::test]
async fn whoever_sits_is_enrolled_however_they_came_to_sit() {
    let world = World::new().await;
    let id = full(&world, &["ann", "bob"]).await;
    let licenses = &world.sarai.marketplace.licenses;
    let admin = World::call("buyer");
    let course = "crs_demo_1".parse().unwrap();
    let enrolled = || -> Vec<String> {
        world.sarai.enrollment.enrolled(&course).iter().map(ToString::to_string).collect()
    };
    assert_eq!(enrolled(), ["ann", "bob"]);
    for name in ["eve", "fay", "gus"] {
        licenses.join_waitlist(&admin, id, Some(user(name))).await.unwrap();
    }
    let rows = vec![Ok(SeatRow::ReleaseUser(user("ann"))), Ok(SeatRow::ReleaseUser(user("bob")))];
    licenses.change_seats(&admin, id, rows).await.unwrap();
    assert_eq!(enrolled(), ["eve", "fay"]);
    licenses.leave_waitlist(&admin, id, &Waiter::User(user("gus"))).await.unwrap();
    let seat = licenses.seats(&admin, id, &first_page()).await.unwrap().items;
    let eve = seat.iter().find(|seat| seat.user_id == user("eve")).unwrap();
    assert_eq!(licenses.release_seat(&admin, id, eve.id).await.unwrap().remaining, Some(1));
    assert_eq!(enrolled(), ["fay"]);
    let license = world.sarai.ports.licenses.find(&Scope::System, &id).await.unwrap().unwrap();
    let states: Vec<_> = license.waitlist().map(|entry| entry.state).collect();
    assert_eq!(states, [WaitlistState::Filled, WaitlistState::Filled, WaitlistState::Left]);
    assert_eq!(license.seats().filter(|seat| seat.status == SeatStatus::Active).count(), 1);
    world.assert_quiet().await;
}
