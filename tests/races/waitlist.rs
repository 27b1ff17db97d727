//! Releases, joins and leaves race for a full licence: nobody in line is lost, nobody sits twice, and no seat is
//! free while somebody waits (R60, LI-INV-1).

use std::{collections::BTreeSet, sync::Arc};

use sarai_application::marketplace::seat_desk::{SeatRow, Waiter};
use sarai_domain::{
    kernel::{Aggregate, LicenseId, UserId},
    marketplace::license::{License, SeatStatus, WaitlistState},
};
use sarai_testkit::{harness::at_once, make, seed::Seed};

use crate::{
    races::runs,
    world::{World, buyer},
};

fn sitting(license: &License) -> BTreeSet<&UserId> {
    license.seats().filter(|seat| seat.status == SeatStatus::Active).map(|seat| &seat.user_id).collect()
}

fn waiting(license: &License) -> BTreeSet<&UserId> {
    let waiting = license.waitlist().filter(|entry| entry.state == WaitlistState::Waiting);
    waiting.map(|entry| &entry.user_id).collect()
}

/// What everybody may see at any moment.
async fn check(world: &World, id: LicenseId, seats: u32) -> License {
    let license = world.suite.load(&*world.suite.licenses, &id).await;
    let (sitting, waiting) = (sitting(&license), waiting(&license));
    assert!(license.data().active_seats <= seats);
    assert_eq!(sitting.len(), license.data().active_seats as usize);
    assert_eq!(waiting.len(), license.data().waitlist.waiting as usize);
    assert!(sitting.is_disjoint(&waiting), "somebody sits and waits");
    assert!(waiting.is_empty() || license.remaining() == Some(0), "a seat is free and somebody waits");
    license
}

/// What a user does in the race.
#[derive(Clone, Copy)]
enum Move {
    Join,
    JoinAndLeave,
    Release,
    ReleaseInBulk,
}

/// Asks until the answer is another one than to ask again.
async fn insist<T, F: Future<Output = Result<T, sarai_application::AppError>>>(
    ask: impl Fn() -> F,
) -> Result<T, &'static str> {
    loop {
        match ask().await {
            Err(error) if error.code == "conflict.retry" => {}
            Err(error) => return Err(error.code),
            Ok(answer) => return Ok(answer),
        }
    }
}

async fn race(seats: u32, seed: &Seed, round: u32) {
    let world = Arc::new(World::new(3).await);
    let mut license = make::pack(&world.suite, "acme", seats);
    for number in 0..seats {
        let user = make::user(&format!("first-{number}"));
        make::applied(license.assign_seat(world.suite.id(), user, world.suite.now()));
    }
    let unit = world.suite.routed(license, world.suite.context(), sarai_testkit::harness::to_nobody);
    let id = unit.changes.id;
    let _ = world.suite.licenses.save(&sarai_ports::Scope::System, unit).await.unwrap();
    let watch = tokio::spawn({
        let world = world.clone();
        async move {
            loop {
                check(&world, id, seats).await;
                tokio::task::yield_now().await;
            }
        }
    });
    let releasers = seats as usize;
    let users = releasers * 3;
    let mut numbers = seed.numbers();
    // Another race each round.
    for _ in 0..round {
        numbers.below(2);
    }
    let plans: Vec<Move> = (0..users)
        .map(|number| match (number < releasers, numbers.below(3)) {
            (true, 0) => Move::ReleaseInBulk,
            (true, _) => Move::Release,
            (false, 0) => Move::JoinAndLeave,
            (false, _) => Move::Join,
        })
        .collect();
    let answers = at_once(users, |number| {
        let (world, plan) = (world.clone(), plans[number]);
        async move {
            let process = world.process(number);
            let (licenses, call) = (&process.market.licenses, buyer("admin"));
            let first = make::user(&format!("first-{number}"));
            let user = make::user(&format!("late-{number}"));
            match plan {
                Move::Release => {
                    let page = sarai_ports::PageRequest::first(100);
                    let seats = licenses.seats(&call, id, &page).await.unwrap().items;
                    let seat = seats.into_iter().find(|seat| seat.user_id == first).unwrap().id;
                    insist(|| licenses.release_seat(&call, id, seat)).await.map(|_| false)
                }
                Move::ReleaseInBulk => {
                    let rows = || vec![Ok(SeatRow::ReleaseUser(first.clone()))];
                    let done = insist(|| licenses.change_seats(&call, id, rows())).await.unwrap();
                    assert!(done.rows[0].is_ok(), "{:?}", done.rows);
                    Ok(false)
                }
                Move::Join => {
                    insist(|| licenses.join_waitlist(&call, id, Some(user.clone()))).await.map(|_| true)
                }
                Move::JoinAndLeave => {
                    insist(|| licenses.join_waitlist(&call, id, Some(user.clone()))).await?;
                    let waiter = Waiter::User(user);
                    match insist(|| licenses.leave_waitlist(&call, id, &waiter)).await {
                        Ok(_) => Ok(false),
                        // A seat came first.
                        Err("license.already_seated") => Ok(true),
                        Err(code) => Err(code),
                    }
                }
            }
        }
    })
    .await;
    world.settle().await;
    watch.abort();
    let license = check(&world, id, seats).await;
    for refusal in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        assert_eq!(*refusal, "license.seats_available");
    }
    let promised = answers.iter().filter(|answer| **answer == Ok(true)).count();
    let late =
        |users: BTreeSet<&UserId>| users.iter().filter(|user| user.as_str().starts_with("late")).count();
    assert_eq!(
        late(sitting(&license)) + late(waiting(&license)),
        promised,
        "everybody in line sits or waits"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn releases_and_joins_lose_nobody_and_seat_nobody_twice() {
    let seed = Seed::of("waitlist");
    for round in 0..runs(200) {
        race(2, &seed, round).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_long_line_is_served_by_many_releases() {
    let seed = Seed::of("waitlist-long");
    race(30, &seed, 0).await;
}
