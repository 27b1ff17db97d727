//! Licences to test with, made by the commands a caller would use.

use std::collections::BTreeSet;

use crate::{
    kernel::{Id, IdKind, Outcome, SeatId, Timestamp, UserId},
    marketplace::{
        license::{Learner, License, LicenseError, LicenseTerms, NewLicense, Origin},
        values::{Capacity, PlanKind, SeatCount},
    },
};

/// Id number `number` of its kind.
pub(crate) fn id<K: IdKind>(number: u128) -> Id<K> {
    Id::new(number.into())
}

pub(crate) fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

pub(crate) fn users(names: &[&str]) -> BTreeSet<UserId> {
    names.iter().map(|name| user(name)).collect()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The command changed something.
pub(crate) fn applied(result: Result<Outcome, LicenseError>) {
    assert_eq!(result.unwrap(), Outcome::Applied);
}

/// When every licence here begins.
pub(crate) fn start() -> Timestamp {
    at("2026-01-31T10:00:00Z")
}

pub(crate) fn limited(seats: u32) -> Capacity {
    Capacity::Limited(SeatCount::try_new(seats).unwrap())
}

fn seated(name: Option<&str>) -> Option<Learner> {
    name.map(|name| Learner { seat_id: id(1_000), user_id: user(name) })
}

/// A monthly plan where plans have periods.
pub(crate) fn terms(plan_kind: PlanKind, capacity: Capacity) -> LicenseTerms {
    let interval_months = match plan_kind {
        PlanKind::OneTime | PlanKind::SeatPack => None,
        PlanKind::Subscription | PlanKind::SiteLicense => Some(1),
    };
    LicenseTerms {
        listing_id: id(1),
        provider_tenant_id: "studio".parse().unwrap(),
        course_id: "welding".parse().unwrap(),
        course_version_id: "welding-3".parse().unwrap(),
        plan_kind,
        capacity,
        interval_months,
        perpetual_offline_access: false,
    }
}

pub(crate) fn purchase(period_index: u32, learner: Option<&str>) -> Origin {
    let refund_deadline = Some(start().plus_days(14));
    let learner = seated(learner);
    Origin::Purchase { order_id: id(2), order_line_id: id(3), period_index, refund_deadline, learner }
}

pub(crate) fn manual(reason: &str, learner: Option<&str>) -> Origin {
    Origin::Manual { actor: user("admin"), reason: reason.to_owned(), learner: seated(learner) }
}

pub(crate) fn gift() -> Origin {
    Origin::Gift { actor: user("admin"), reason: "prize".to_owned(), code_hash: super::GiftClaim::hash("G1") }
}

pub(crate) fn new(number: u128, terms: LicenseTerms, origin: Origin) -> NewLicense {
    NewLicense { id: id(number), tenant_id: "acme".parse().unwrap(), terms, origin, anchor: start() }
}

/// A bought seat pack, nobody seated.
pub(crate) fn pack(seats: u32) -> License {
    License::grant(new(1, terms(PlanKind::SeatPack, limited(seats)), purchase(0, None)), start()).unwrap()
}

/// A seat pack with these users seated, on seats 1, 2, 3 …
pub(crate) fn pack_with(seats: u32, names: &[&str]) -> License {
    let mut license = pack(seats);
    for (number, name) in (1..).zip(names) {
        applied(license.assign_seat(id(number), user(name), start()));
    }
    license
}

/// Ann's bought monthly subscription, number `number`.
pub(crate) fn subscription(number: u128) -> License {
    let terms = terms(PlanKind::Subscription, limited(1));
    License::grant(new(number, terms, purchase(0, Some("ann"))), start()).unwrap()
}

/// The same, with offline access.
pub(crate) fn offline(number: u128) -> License {
    let terms = LicenseTerms { perpetual_offline_access: true, ..terms(PlanKind::Subscription, limited(1)) };
    License::grant(new(number, terms, purchase(0, Some("ann"))), start()).unwrap()
}

pub(crate) fn seat(number: u128) -> SeatId {
    id(number)
}
