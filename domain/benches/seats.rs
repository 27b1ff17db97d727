//! How long it takes to assign a seat on a licence with 10^5 loaded seats, and to check entitlement over
//! 100 licences: `cargo bench -p sarai-domain --bench seats`.

#![allow(clippy::unwrap_used)]

use divan::Bencher;
use sarai_domain::{
    kernel::{Aggregate as _, CourseId, Id, Timestamp, UserId},
    marketplace::{
        license::{License, LicenseTerms, NewLicense, Origin},
        services::entitlement::EntitlementPolicy,
        values::{Capacity, PlanKind},
    },
};

fn main() {
    divan::main();
}

fn now() -> Timestamp {
    "2026-04-20T09:30:00Z".parse().unwrap()
}

fn course() -> CourseId {
    "welding".parse().unwrap()
}

fn user(number: u128) -> UserId {
    format!("user-{number}").parse().unwrap()
}

/// Site licence number `number` with users 1 to `seats` on it, as a store loads it.
fn site_license(number: u128, seats: u128) -> License {
    let terms = LicenseTerms {
        listing_id: Id::new(1.into()),
        provider_tenant_id: "studio".parse().unwrap(),
        course_id: course(),
        course_version_id: "welding-3".parse().unwrap(),
        plan_kind: PlanKind::SiteLicense,
        capacity: Capacity::Unlimited,
        interval_months: None,
        perpetual_offline_access: false,
    };
    let origin = Origin::Manual { actor: user(0), reason: "bench".to_owned(), learner: None };
    let id = Id::new(number.into());
    let new = NewLicense { id, tenant_id: "acme".parse().unwrap(), terms, origin, anchor: now() };
    let mut license = License::grant(new, now()).unwrap();
    for seat in 1..=seats {
        let _ = license.assign_seat(Id::new(seat.into()), user(seat), now()).unwrap();
    }
    let rows = license.rows().collect();
    License::rehydrate(license.data().clone(), rows, 1).unwrap()
}

#[divan::bench(args = [10, 1_000, 100_000])]
fn assign_a_seat_with_this_many_loaded(bencher: Bencher<'_, '_>, loaded: u128) {
    let mut license = site_license(1, loaded);
    // The first allocation after the set-up pays for tidying up all that the set-up freed.
    let mut next = loaded + 1;
    let _ = license.assign_seat(Id::new(next.into()), user(next), now()).unwrap();
    bencher
        .with_inputs(|| {
            next += 1;
            (Id::new(next.into()), user(next))
        })
        .bench_local_values(|(seat, user)| license.assign_seat(seat, user, now()));
}

#[divan::bench(args = [1, 100])]
fn check_entitlement_over_this_many_licences(bencher: Bencher<'_, '_>, licences: u128) {
    let licences: Vec<License> = (1..=licences).map(|number| site_license(number, 10)).collect();
    let (course, learner, now) = (course(), user(10), now());
    bencher.bench(|| EntitlementPolicy::check(&licences, &course, &learner, now));
}
