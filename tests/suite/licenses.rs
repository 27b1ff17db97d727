//! Licences: their seats as rows, their lists, their unique keys, and when they end.

use std::{collections::BTreeSet, time::Duration};

use sarai_domain::{
    kernel::{Aggregate, OrderId, OrderLineId},
    marketplace::{
        license::{GiftClaim, License, LicenseState, RevokeReason, SeatStatus, WaitlistState},
        values::PlanKind,
    },
};
use sarai_ports::{
    PageRequest, Scope, StoreError, UniqueKey,
    marketplace::{LicenseRows, Waiting},
};

use crate::{
    SuitePorts,
    harness::{at_once, before, has_committed},
    make,
    paging::{assert_pages, newest_first},
};

const TICK: Duration = Duration::from_micros(1);

fn own() -> Scope {
    Scope::Tenant(make::tenant("acme"))
}

fn stranger() -> Scope {
    Scope::Tenant(make::tenant("globex"))
}

fn ids(license: License) -> String {
    license.id().to_string()
}

/// A stored pack of ten with Ana and Ben seated.
async fn seated(ports: &SuitePorts) -> License {
    let mut license = make::pack(ports, "acme", 10);
    for name in ["ana", "ben"] {
        make::applied(license.assign_seat(ports.id(), make::user(name), ports.now()));
    }
    ports.stored(&*ports.licenses, license).await
}

fn users(license: &License) -> Vec<&str> {
    let mut users: Vec<_> = license.seats().map(|seat| seat.user_id.as_str()).collect();
    users.sort_unstable();
    users
}

/// Seats are rows and come back with their licence.
pub async fn seats_round_trip(ports: &SuitePorts) {
    let mut license = make::pack(ports, "acme", 10);
    for name in ["ana", "ben", "cem"] {
        make::applied(license.assign_seat(ports.id(), make::user(name), ports.now()));
    }
    let seat = license.seats().next().unwrap().id;
    make::applied(license.release_seat(seat, ports.now()));
    let expected: Vec<_> = license.seats().cloned().collect();
    let stored = ports.stored(&*ports.licenses, license).await;
    assert_eq!(stored.seats().cloned().collect::<Vec<_>>(), expected);
    assert_eq!(stored.remaining(), Some(8));
}

/// A reader may ask for one user's seats only.
pub async fn one_user_s_seats_are_loaded(ports: &SuitePorts) {
    let license = seated(ports).await;
    let ana = make::user("ana");
    let found = ports.licenses.find_for_user(&own(), license.id(), &ana).await.unwrap().unwrap();
    assert_eq!((users(&found), found.data(), found.version()), (vec!["ana"], license.data(), 1));
    let nobody = make::user("cem");
    let found = ports.licenses.find_for_user(&own(), license.id(), &nobody).await.unwrap().unwrap();
    assert_eq!(found.seats().count(), 0);
}

/// A reader may ask for one seat only.
pub async fn one_seat_is_loaded(ports: &SuitePorts) {
    let license = seated(ports).await;
    let seat = license.seat_of(&make::user("ben")).unwrap().id;
    let found = ports.licenses.find_for_seat(&own(), license.id(), seat).await.unwrap().unwrap();
    assert_eq!((users(&found), found.data()), (vec!["ben"], license.data()));
    let found = ports.licenses.find_for_seat(&own(), license.id(), ports.id()).await.unwrap().unwrap();
    assert_eq!(found.seats().count(), 0);
}

/// Saving what was loaded with some rows leaves the other rows alone.
pub async fn rows_that_were_not_loaded_stay(ports: &SuitePorts) {
    let license = seated(ports).await;
    let cem = make::user("cem");
    let mut partial = ports.licenses.find_for_user(&own(), license.id(), &cem).await.unwrap().unwrap();
    make::applied(partial.assign_seat(ports.id(), cem, ports.now()));
    let seat = license.seat_of(&make::user("ben")).unwrap().id;
    ports.put(&*ports.licenses, partial).await;
    let mut partial = ports.licenses.find_for_seat(&own(), license.id(), seat).await.unwrap().unwrap();
    make::applied(partial.release_seat(seat, ports.now()));
    ports.put(&*ports.licenses, partial).await;
    let found = ports.load(&*ports.licenses, &license.id()).await;
    assert_eq!(users(&found), ["ana", "ben", "cem"]);
    assert_eq!(found.seat(seat).unwrap().status, SeatStatus::Released);
    assert_eq!((found.data().active_seats, found.version()), (2, 3));
}

/// To another tenant neither finder finds anything.
pub async fn a_stranger_loads_no_seats(ports: &SuitePorts) {
    let license = seated(ports).await;
    let ana = make::user("ana");
    let seat = license.seat_of(&ana).unwrap().id;
    for scope in [stranger(), Scope::Public, Scope::Tenant(make::tenant("studio"))] {
        assert!(ports.licenses.find_for_user(&scope, license.id(), &ana).await.unwrap().is_none());
        assert!(ports.licenses.find_for_seat(&scope, license.id(), seat).await.unwrap().is_none());
        let page = ports.licenses.seats(&scope, license.id(), &PageRequest::first(10)).await.unwrap();
        assert!(page.items.is_empty());
    }
}

/// Two processes race for the last seat: one of their saves is refused (LI-INV-2).
pub async fn the_last_seat_is_taken_once(ports: &SuitePorts) {
    let license = ports.stored(&*ports.licenses, make::pack(ports, "acme", 1)).await;
    let id = license.id();
    let saved = at_once(16, |number| {
        let ports = ports.clone();
        async move {
            let user = make::user(&format!("user-{number}"));
            let found = ports.licenses.find_for_user(&Scope::System, id, &user).await.unwrap();
            let mut license = found.unwrap();
            if license.assign_seat(ports.id(), user, ports.now()).is_err() {
                return false;
            }
            has_committed(&ports.save(&*ports.licenses, license).await)
        }
    })
    .await;
    assert_eq!(saved.into_iter().filter(|won| *won).count(), 1);
    let found = ports.load(&*ports.licenses, &id).await;
    assert_eq!((found.data().active_seats, found.seats().count()), (1, 1));
}

/// The seats' list turns its pages, newest first, released ones included.
pub async fn the_seats_list_turns_its_pages(ports: &SuitePorts) {
    let mut license = make::pack(ports, "acme", 10);
    let mut rows = Vec::new();
    for number in 0..7 {
        let user = make::user(&format!("user-{number}"));
        let seat = ports.id();
        make::applied(license.assign_seat(seat, user, ports.now()));
        rows.push((ports.now(), seat.to_string()));
        if number % 3 == 0 {
            make::applied(license.release_seat(seat, ports.now()));
            ports.advance(TICK);
        }
    }
    let id = license.id();
    ports.put(&*ports.licenses, license).await;
    assert_pages(&newest_first(&rows), async |request| {
        let page = ports.licenses.seats(&own(), id, &request).await?;
        Ok(page.map(|seat| seat.id.to_string()))
    })
    .await;
}

async fn six(ports: &SuitePorts) -> Vec<String> {
    let mut rows = Vec::new();
    for number in 0..6 {
        let license = make::pack(ports, "acme", 3);
        rows.push((license.data().created_at, license.id().to_string()));
        ports.put(&*ports.licenses, license).await;
        if number % 3 == 0 {
            ports.advance(TICK);
        }
    }
    newest_first(&rows)
}

/// A tenant's list turns its pages, newest first.
pub async fn a_tenant_s_list_turns_its_pages(ports: &SuitePorts) {
    let expected = six(ports).await;
    ports.put(&*ports.licenses, make::pack(ports, "globex", 3)).await;
    let acme = make::tenant("acme");
    assert_pages(&expected, async |request| {
        Ok(ports.licenses.find_by_tenant(&own(), &acme, None, None, &request).await?.map(ids))
    })
    .await;
}

/// A provider's list turns its pages, over all buyers.
pub async fn a_provider_s_list_turns_its_pages(ports: &SuitePorts) {
    let mut expected = six(ports).await;
    ports.advance(TICK);
    let other = ports.stored(&*ports.licenses, make::pack(ports, "globex", 3)).await;
    expected.insert(0, other.id().to_string());
    let (studio, scope) = (make::tenant("studio"), Scope::Tenant(make::tenant("studio")));
    assert_pages(&expected, async |request| {
        Ok(ports.licenses.find_by_provider(&scope, &studio, &request).await?.map(ids))
    })
    .await;
}

/// A provider sees what it sold without the users who sit there (ruling R65).
pub async fn a_provider_sees_no_users(ports: &SuitePorts) {
    seated(ports).await;
    ports.put(&*ports.licenses, make::subscription(ports, "acme", "dan")).await;
    let (studio, page) = (make::tenant("studio"), PageRequest::first(10));
    let scope = Scope::Tenant(studio.clone());
    let sold = ports.licenses.find_by_provider(&scope, &studio, &page).await.unwrap().items;
    assert_eq!(sold.len(), 2);
    for license in sold {
        assert_eq!((license.seats().count(), &license.data().holder), (0, &None), "{}", license.id());
    }
}

/// Of another provider's sales nobody sees anything.
pub async fn a_stranger_s_lists_are_empty(ports: &SuitePorts) {
    six(ports).await;
    let (acme, studio, page) = (make::tenant("acme"), make::tenant("studio"), PageRequest::first(10));
    for scope in [stranger(), Scope::Public] {
        let sold = ports.licenses.find_by_provider(&scope, &studio, &page).await.unwrap();
        let held = ports.licenses.find_by_tenant(&scope, &acme, None, None, &page).await.unwrap();
        assert!(sold.items.is_empty() && held.items.is_empty(), "{scope:?}");
    }
}

/// A tenant's list can be of one user's individual licences, and of one state.
pub async fn a_list_filters_by_user_and_state(ports: &SuitePorts) {
    six(ports).await;
    let mine = ports.stored(&*ports.licenses, make::subscription(ports, "acme", "ana")).await;
    ports.put(&*ports.licenses, make::subscription(ports, "acme", "ben")).await;
    let (acme, ana, page) = (make::tenant("acme"), make::user("ana"), PageRequest::first(20));
    let found = ports.licenses.find_by_tenant(&own(), &acme, Some(&ana), None, &page).await.unwrap();
    assert_eq!(found.map(ids).items, [mine.id().to_string()]);
    for (state, count) in [(LicenseState::Active, 8), (LicenseState::Revoked, 0)] {
        let found = ports.licenses.find_by_tenant(&own(), &acme, None, Some(state), &page).await.unwrap();
        assert_eq!(found.items.len(), count, "{state:?}");
    }
}

/// A line has one licence for a period, and another for the next (ruling R59).
pub async fn a_line_has_one_licence_for_a_period(ports: &SuitePorts) {
    let (order, line): (OrderId, OrderLineId) = (ports.id(), ports.id());
    let of = |period| {
        let terms = make::terms(PlanKind::SeatPack, Some(3));
        make::license(ports, "acme", terms, make::bought(order, line, period, None))
    };
    ports.put(&*ports.licenses, of(0)).await;
    let traces = ports.traces().await;
    let second = ports.save(&*ports.licenses, of(0)).await;
    assert_eq!(second.unwrap_err(), StoreError::Taken(UniqueKey::LicensePerOrderLine));
    assert_eq!(ports.traces().await, traces);
    ports.put(&*ports.licenses, of(1)).await;
}

/// Of grants that race for one line, one is stored.
pub async fn of_racing_grants_one_is_stored(ports: &SuitePorts) {
    let (order, line): (OrderId, OrderLineId) = (ports.id(), ports.id());
    let saved = at_once(16, |_| {
        let terms = make::terms(PlanKind::SeatPack, Some(3));
        let license = make::license(ports, "acme", terms, make::bought(order, line, 0, None));
        let ports = ports.clone();
        async move { ports.save(&*ports.licenses, license).await }
    })
    .await;
    assert_eq!(saved.iter().filter(|saved| has_committed(saved)).count(), 1);
    for lost in saved.into_iter().filter(|saved| !has_committed(saved)) {
        assert_eq!(lost.unwrap_err(), StoreError::Taken(UniqueKey::LicensePerOrderLine));
    }
}

/// An order and each of its lines lead to their licences.
pub async fn orders_and_lines_lead_to_it(ports: &SuitePorts) {
    let order: OrderId = ports.id();
    let lines: Vec<OrderLineId> = vec![ports.id(), ports.id()];
    for line in &lines {
        let terms = make::terms(PlanKind::SeatPack, Some(3));
        let license = make::license(ports, "acme", terms, make::bought(order, *line, 0, None));
        ports.put(&*ports.licenses, license).await;
    }
    ports.put(&*ports.licenses, make::pack(ports, "acme", 3)).await;
    let found = ports.licenses.find_by_order(&own(), order).await.unwrap();
    let found: BTreeSet<_> = found.iter().filter_map(|license| license.data().order_line_id).collect();
    assert_eq!(found, lines.iter().copied().collect());
    let found = ports.licenses.find_by_order_line(&own(), lines[1], 0).await.unwrap().unwrap();
    assert_eq!(found.data().order_line_id, Some(lines[1]));
    assert!(ports.licenses.find_by_order_line(&own(), lines[1], 1).await.unwrap().is_none());
    for scope in [stranger(), Scope::Public] {
        assert!(ports.licenses.find_by_order(&scope, order).await.unwrap().is_empty());
        assert!(ports.licenses.find_by_order_line(&scope, lines[0], 0).await.unwrap().is_none());
    }
}

/// A tenant's licences of a course come with one user's seats only, and without those that others hold.
pub async fn entitlement_loads_one_user(ports: &SuitePorts) {
    let license = seated(ports).await;
    let bens = make::subscription(ports, "acme", "ben");
    let id = bens.id();
    ports.put(&*ports.licenses, bens).await;
    ports.put(&*ports.licenses, make::pack(ports, "globex", 3)).await;
    let (acme, course, ana) = (make::tenant("acme"), "rust".parse().unwrap(), make::user("ana"));
    let held = ports.licenses.find_for_entitlement(&own(), &acme, &course, &ana).await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!((held[0].id(), users(&held[0])), (license.id(), vec!["ana"]));
    let held = ports.licenses.find_for_entitlement(&own(), &acme, &course, &make::user("ben")).await.unwrap();
    assert_eq!(held.iter().map(Aggregate::id).collect::<BTreeSet<_>>(), BTreeSet::from([license.id(), id]));
    let other = "welding".parse().unwrap();
    assert!(ports.licenses.find_for_entitlement(&own(), &acme, &other, &ana).await.unwrap().is_empty());
    for scope in [stranger(), Scope::Public] {
        let held = ports.licenses.find_for_entitlement(&scope, &acme, &course, &ana).await.unwrap();
        assert!(held.is_empty(), "{scope:?}");
    }
}

/// A gift is found by the hash of its code.
pub async fn a_gift_is_found_by_its_code(ports: &SuitePorts) {
    let gift = ports.stored(&*ports.licenses, make::gift(ports, "acme", "CODE-1")).await;
    ports.put(&*ports.licenses, make::gift(ports, "acme", "CODE-2")).await;
    let found = ports.licenses.find_by_claim(&GiftClaim::hash("CODE-1")).await.unwrap().unwrap();
    assert_eq!(found.data(), gift.data());
    assert!(ports.licenses.find_by_claim(&GiftClaim::hash("CODE-3")).await.unwrap().is_none());
    assert!(ports.licenses.find_by_claim("CODE-1").await.unwrap().is_none());
}

/// Two gifts never share a code.
pub async fn a_gift_s_code_is_unique(ports: &SuitePorts) {
    ports.put(&*ports.licenses, make::gift(ports, "acme", "CODE")).await;
    let traces = ports.traces().await;
    let second = ports.save(&*ports.licenses, make::gift(ports, "globex", "CODE")).await;
    assert_eq!(second.unwrap_err(), StoreError::Taken(UniqueKey::GiftClaim));
    assert_eq!(ports.traces().await, traces);
}

/// Of claims that race for one gift, one gets it.
pub async fn of_racing_claims_one_gets_the_gift(ports: &SuitePorts) {
    let gift = ports.stored(&*ports.licenses, make::gift(ports, "acme", "CODE")).await;
    let saved = at_once(8, |number| {
        let (ports, mut gift) = (ports.clone(), gift.clone());
        make::applied(gift.claim(ports.id(), make::user(&format!("user-{number}")), ports.now()));
        async move { ports.save(&*ports.licenses, gift).await }
    })
    .await;
    assert_eq!(saved.iter().filter(|saved| has_committed(saved)).count(), 1);
    let found = ports.load(&*ports.licenses, &gift.id()).await;
    assert_eq!((found.seats().count(), found.data().active_seats), (1, 1));
}

/// A licence ends at its end, not a microsecond before.
pub async fn one_ends_at_its_end(ports: &SuitePorts) {
    let license = ports.stored(&*ports.licenses, make::subscription(ports, "acme", "ana")).await;
    let end = license.ends_at().unwrap();
    assert_eq!(ports.licenses.find_expiring(before(end, TICK), 10).await.unwrap(), []);
    assert_eq!(ports.licenses.find_expiring(end, 10).await.unwrap(), [license.id()]);
}

/// A gift nobody claims ends after its 90 days; a claimed one with its licence.
pub async fn an_unclaimed_gift_ends(ports: &SuitePorts) {
    let mut gift = ports.stored(&*ports.licenses, make::gift(ports, "acme", "CODE")).await;
    let end = gift.ends_at().unwrap();
    assert_eq!(end, ports.now().plus_days(GiftClaim::DAYS));
    assert_eq!(ports.licenses.find_expiring(before(end, TICK), 10).await.unwrap(), []);
    assert_eq!(ports.licenses.find_expiring(end, 10).await.unwrap(), [gift.id()]);
    assert_eq!(ports.licenses.next_expiry(ports.now()).await.unwrap(), Some(end));
    make::applied(gift.claim(ports.id(), make::user("ana"), ports.now()));
    ports.put(&*ports.licenses, gift).await;
    assert_eq!(ports.licenses.find_expiring(end, 10).await.unwrap(), [], "it lasts for ever now");
}

/// What has no end never ends.
pub async fn one_without_an_end_never_ends(ports: &SuitePorts) {
    ports.put(&*ports.licenses, make::pack(ports, "acme", 3)).await;
    assert_eq!(ports.licenses.find_expiring(ports.now().plus_days(36_500), 10).await.unwrap(), []);
    assert_eq!(ports.licenses.next_expiry(ports.now()).await.unwrap(), None);
}

/// What is over already does not end again.
pub async fn one_that_is_over_does_not_end(ports: &SuitePorts) {
    let mut expired = ports.stored(&*ports.licenses, make::subscription(ports, "acme", "ana")).await;
    let mut revoked = ports.stored(&*ports.licenses, make::subscription(ports, "acme", "ben")).await;
    let end = expired.ends_at().unwrap();
    make::applied(expired.expire(end));
    make::applied(revoked.revoke(RevokeReason::Admin, &BTreeSet::new(), false, ports.now()));
    ports.put(&*ports.licenses, expired).await;
    ports.put(&*ports.licenses, revoked).await;
    assert_eq!(ports.licenses.find_expiring(end, 10).await.unwrap(), []);
}

/// A renewal moves the end.
pub async fn a_renewal_moves_the_end(ports: &SuitePorts) {
    let mut license = ports.stored(&*ports.licenses, make::subscription(ports, "acme", "ana")).await;
    let end = license.ends_at().unwrap();
    make::applied(license.renew(1, ports.now()));
    let later = license.ends_at().unwrap();
    ports.put(&*ports.licenses, license).await;
    assert!(later > end);
    assert_eq!(ports.licenses.find_expiring(end, 10).await.unwrap(), []);
    assert_eq!(ports.licenses.next_expiry(end).await.unwrap(), Some(later));
}

/// The earliest ends come first; the next end is strictly after the time asked about.
pub async fn the_earliest_end_first(ports: &SuitePorts) {
    let mut ends = Vec::new();
    for _ in 0..4 {
        let license = ports.stored(&*ports.licenses, make::subscription(ports, "acme", "ana")).await;
        ends.push((license.ends_at().unwrap(), license.id()));
        ports.advance(Duration::from_secs(1));
    }
    let ids: Vec<_> = ends.iter().map(|(_, id)| *id).collect();
    let late = ports.now().plus_days(90);
    assert_eq!(ports.licenses.find_expiring(late, 3).await.unwrap(), ids[..3]);
    assert_eq!(ports.licenses.find_expiring(late, 10).await.unwrap(), ids);
    assert_eq!(ports.licenses.next_expiry(ends[0].0).await.unwrap(), Some(ends[1].0));
    assert_eq!(ports.licenses.next_expiry(ends[3].0).await.unwrap(), None);
}

/// A revoked licence keeps its rows, with what became of them (LI-INV-7).
pub async fn a_revoked_one_keeps_its_rows(ports: &SuitePorts) {
    let mut license = seated(ports).await;
    let begun = BTreeSet::from([make::user("ana")]);
    make::applied(license.revoke(RevokeReason::Refund, &begun, false, ports.now()));
    let found = ports.stored(&*ports.licenses, license).await;
    let status = |name: &str| {
        let user = make::user(name);
        found.seats().find(|seat| seat.user_id == user).map(|seat| seat.status)
    };
    assert_eq!(status("ana"), Some(SeatStatus::ConsumedOnRefund));
    assert_eq!(status("ben"), Some(SeatStatus::Released));
    assert_eq!((found.data().active_seats, found.data().consumed_seats), (0, 1));
}

/// A full pack of one, with these users in line.
async fn line(ports: &SuitePorts, names: &[&str]) -> License {
    let mut license = make::pack(ports, "acme", 1);
    make::applied(license.assign_seat(ports.id(), make::user("ana"), ports.now()));
    for name in names {
        make::applied(license.join_waitlist(ports.id(), ports.id(), make::user(name), ports.now()));
    }
    ports.stored(&*ports.licenses, license).await
}

fn in_line(license: &License) -> Vec<&str> {
    license.waitlist().map(|entry| entry.user_id.as_str()).collect()
}

/// Places in line are rows and come back with their licence.
pub async fn a_waitlist_round_trips(ports: &SuitePorts) {
    let license = line(ports, &["ben", "cem"]).await;
    assert_eq!((in_line(&license), license.data().waitlist.waiting), (vec!["ben", "cem"], 2));
    let rows: Vec<_> = license.rows().collect();
    let found = ports.load(&*ports.licenses, &license.id()).await;
    assert_eq!(found.rows().collect::<Vec<_>>(), rows);
    assert_eq!(rows.len(), 3);
}

/// A reader may ask for some seats, some users, some places, and the head of the line.
pub async fn the_rows_asked_for_are_loaded(ports: &SuitePorts) {
    let license = line(ports, &["ben", "cem", "dan", "eve"]).await;
    let id = license.id();
    // Another licence has a line of its own.
    line(ports, &["zoe"]).await;
    let seat = license.seats().next().unwrap().id;
    let last = license.waitlist().last().unwrap().id;
    let asked = |rows: LicenseRows| async move {
        let found = ports.licenses.find_rows(&own(), id, &rows).await.unwrap().unwrap();
        let waiting: Vec<String> = in_line(&found).into_iter().map(str::to_owned).collect();
        (found.seats().count(), waiting.join(" "))
    };
    let none = LicenseRows::default;
    assert_eq!(asked(none()).await, (0, String::new()));
    assert_eq!(asked(LicenseRows { waiting: 2, ..none() }).await, (0, "ben cem".to_owned()));
    assert_eq!(asked(LicenseRows { waiting: 9, ..none() }).await, (0, "ben cem dan eve".to_owned()));
    let (seats, entries) = (vec![seat, ports.id()], vec![last, ports.id()]);
    assert_eq!(asked(LicenseRows { seats, ..none() }).await, (1, String::new()));
    assert_eq!(asked(LicenseRows { entries, ..none() }).await, (0, "eve".to_owned()));
    let users = vec![make::user("ana"), make::user("dan"), make::user("zoe")];
    assert_eq!(asked(LicenseRows { users, waiting: 1, ..none() }).await, (1, "ben dan".to_owned()));
    for scope in [stranger(), Scope::Public, Scope::Tenant(make::tenant("studio"))] {
        let all = LicenseRows { waiting: 9, ..none() };
        assert!(ports.licenses.find_rows(&scope, id, &all).await.unwrap().is_none());
        let page = PageRequest::first(10);
        assert!(ports.licenses.waitlist(&scope, id, None, &page).await.unwrap().items.is_empty());
    }
}

/// A release loads the seat and the head of the line, and the next release the next.
pub async fn a_release_serves_the_head_of_the_line(ports: &SuitePorts) {
    let license = line(ports, &["ben", "cem"]).await;
    let (id, mut seat) = (license.id(), license.seats().next().unwrap().id);
    for name in ["ben", "cem"] {
        let mut found = ports.licenses.find_for_seat(&own(), id, seat).await.unwrap().unwrap();
        assert_eq!(in_line(&found), [name]);
        make::applied(found.release_seat(seat, ports.now()));
        seat = found.seat_of(&make::user(name)).unwrap().id;
        let entry = found.waitlist().next().unwrap().id;
        ports.put(&*ports.licenses, found).await;
        let rows = LicenseRows { entries: vec![entry], ..LicenseRows::default() };
        let found = ports.licenses.find_rows(&own(), id, &rows).await.unwrap().unwrap();
        let filled = found.waitlist_entry(entry).unwrap();
        assert_eq!((filled.state, found.seats().count()), (WaitlistState::Filled, 1), "with its seat");
    }
    let found = ports.load(&*ports.licenses, &id).await;
    assert_eq!((found.data().waitlist.waiting, found.data().active_seats), (0, 1));
}

/// The line turns its pages, first come first, and knows every place.
pub async fn the_waitlist_turns_its_pages(ports: &SuitePorts) {
    let names: Vec<String> = (0..7).map(|number| format!("user-{number}")).collect();
    let license = line(ports, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let id = license.id();
    let gone = license.waitlist().nth(2).unwrap().id;
    let rows = LicenseRows { entries: vec![gone], ..LicenseRows::default() };
    let mut found = ports.licenses.find_rows(&own(), id, &rows).await.unwrap().unwrap();
    make::applied(found.leave_waitlist(gone, ports.now()));
    ports.put(&*ports.licenses, found).await;
    let waiting = names.iter().filter(|name| *name != "user-2");
    let expected: Vec<String> = (1..).zip(waiting).map(|(place, name)| format!("{place} {name}")).collect();
    let shown = |waiting: Waiting| format!("{} {}", waiting.position, waiting.entry.user_id);
    assert_pages(&expected, async |request| {
        Ok(ports.licenses.waitlist(&own(), id, None, &request).await?.map(shown))
    })
    .await;
    for (name, expected) in [("user-6", vec!["6 user-6".to_owned()]), ("user-2", vec![]), ("ana", vec![])] {
        let page = PageRequest::first(5);
        let found = ports.licenses.waitlist(&own(), id, Some(&make::user(name)), &page).await.unwrap();
        assert_eq!(found.map(shown).items, expected);
    }
}

/// Of releases and joins that race, none loses a place and none seats two.
pub async fn racing_releases_and_joins_keep_the_line(ports: &SuitePorts) {
    let license = line(ports, &["ben"]).await;
    let (id, seat) = (license.id(), license.seats().next().unwrap().id);
    let saved = at_once(8, |number| {
        let ports = ports.clone();
        async move {
            let user = make::user(&format!("user-{number}"));
            let mut license = if number == 0 {
                let found = ports.licenses.find_for_seat(&Scope::System, id, seat).await;
                let mut license = found.unwrap().unwrap();
                make::applied(license.release_seat(seat, ports.now()));
                license
            } else {
                ports.licenses.find_for_user(&Scope::System, id, &user).await.unwrap().unwrap()
            };
            if number > 0 {
                make::applied(license.join_waitlist(ports.id(), ports.id(), user, ports.now()));
            }
            has_committed(&ports.save(&*ports.licenses, license).await)
        }
    })
    .await;
    let joined = saved.iter().skip(1).filter(|won| **won).count();
    let found = ports.load(&*ports.licenses, &id).await;
    let waiting = joined + usize::from(!saved[0]);
    assert_eq!((found.data().waitlist.waiting as usize, found.data().active_seats), (waiting, 1));
    assert!(saved.iter().any(|won| *won));
    assert_eq!(in_line(&found).len(), joined + 1, "whoever was told of a place has it");
}
