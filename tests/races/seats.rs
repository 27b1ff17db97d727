//! T21: assigners race for seats while others are released and the licence is revoked (LI-INV-1, LI-INV-2).

use std::{collections::BTreeSet, sync::Arc};

use sarai_domain::{
    kernel::{Aggregate, LicenseId},
    marketplace::license::{LicenseState, SeatStatus},
};
use sarai_testkit::{harness::at_once, make, seed::Seed};

use crate::{
    races::runs,
    world::{World, buyer, refusals, staff},
};

async fn pack(world: &World, seats: u32) -> LicenseId {
    let license = make::pack(&world.suite, "acme", seats);
    let unit = world.suite.routed(license, world.suite.context(), sarai_testkit::harness::to_nobody);
    let id = unit.changes.id;
    let _ = world.suite.licenses.save(&sarai_ports::Scope::System, unit).await.unwrap();
    id
}

/// What everybody may see at any moment: no more seats taken than there are, and the count is the rows'.
async fn check(world: &World, id: LicenseId, seats: u32) -> u32 {
    let license = world.suite.load(&*world.suite.licenses, &id).await;
    let active = license.seats().filter(|seat| seat.status == SeatStatus::Active);
    let users: BTreeSet<_> = active.map(|seat| &seat.user_id).collect();
    let taken = license.data().active_seats;
    assert!(taken <= seats);
    assert_eq!(users.len(), taken as usize);
    taken
}

async fn race(seats: u32, revoked: bool) {
    let seed = Seed::of("seats");
    let world = Arc::new(World::new(3).await);
    let id = pack(&world, seats).await;
    let watch = tokio::spawn({
        let world = world.clone();
        async move {
            loop {
                check(&world, id, seats).await;
                tokio::task::yield_now().await;
            }
        }
    });
    let assigners = seats as usize * 10;
    let mut numbers = seed.numbers();
    let plans: Vec<(bool, bool)> =
        (0..assigners).map(|_| (numbers.below(4) == 0, numbers.below(2) == 0)).collect();
    let answers = at_once(assigners, |number| {
        let world = world.clone();
        let (releases, again) = plans[number];
        async move {
            if revoked && number == assigners / 2 {
                // Who is told to try again does, as below: the revocation races with all the others.
                while let Err(error) = world.process(number).market.licenses.revoke(&staff(), id).await {
                    assert_eq!(error.code, "conflict.retry");
                }
            }
            let (process, user) = (world.process(number), make::user(&format!("user-{number}")));
            let (licenses, call) = (&process.market.licenses, buyer("admin"));
            let seat = licenses.assign_seat(&call, id, &user).await?.seat.id;
            if !releases {
                return Ok(true);
            }
            // Who is told to try again does.
            while let Err(error) = licenses.release_seat(&call, id, seat).await {
                assert_eq!(error.code, "conflict.retry");
            }
            if again {
                licenses.assign_seat(&call, id, &user).await?;
            }
            Ok(again)
        }
    })
    .await;
    world.settle().await;
    watch.abort();
    let taken = check(&world, id, seats).await;
    let refused = refusals(&answers);
    let known =
        ["license.no_seats_remaining", "license.not_active", "license.seat_not_found", "conflict.retry"];
    assert!(refused.keys().all(|code| known.contains(code)), "{refused:?}");
    if revoked {
        let license = world.suite.load(&*world.suite.licenses, &id).await;
        assert_eq!((license.data().state, taken), (LicenseState::Revoked, 0), "nobody sits after the end");
    } else {
        let sitting = answers.iter().filter(|answer| matches!(answer, Ok(true))).count();
        assert_eq!(sitting, taken as usize, "who was told to sit sits, and nobody else");
        assert_eq!(refused.get("license.not_active"), None);
    }
    assert_eq!(world.enrollment.enrolled(), taken as usize, "who sits is enrolled, and nobody else");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_race_for_one_seat() {
    for _ in 0..runs(10) {
        race(1, false).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_race_for_five_seats() {
    for _ in 0..runs(4) {
        race(5, false).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_race_for_a_hundred_seats() {
    race(100, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_sits_after_a_revocation() {
    for _ in 0..runs(6) {
        race(5, true).await;
    }
    race(30, true).await;
}
