//! What consumers hear.

use serde_json::Value;

use super::{super::*, fixtures::*};
use crate::kernel::DomainEvent;

fn topics(license: &License) -> Vec<&'static str> {
    license.pending().iter().map(DomainEvent::topic).collect()
}

/// The serialised pending event of this topic.
fn event(license: &License, topic: &str) -> Value {
    serde_json::to_value(license.pending().iter().find(|event| event.topic() == topic).unwrap()).unwrap()
}

/// One licence of every kind of event.
fn all_events() -> Vec<LicenseEvent> {
    let mut org = pack_with(2, &["ann", "bob"]);
    applied(org.release_seat(seat(1), start()));
    applied(org.revoke(RevokeReason::Refund, &users(&["bob"]), false, start()));
    let mut full = pack_with(1, &["ann"]);
    applied(full.join_waitlist(id(1), seat(9), user("eve"), start()));
    applied(full.release_seat(seat(1), start()));
    let mut ann = offline(2);
    let holder = Leaseholder::User(user("ann"));
    ann.issue_lease(id(1), &holder, 1, Some("tablet".parse().unwrap()), start()).unwrap();
    applied(ann.renew(1, start()));
    applied(ann.expire(ann.ends_at().unwrap()));
    org.pending().iter().chain(full.pending()).chain(ann.pending()).cloned().collect()
}

#[test]
fn every_event_says_which_licence_course_tenant_and_order() {
    for event in all_events() {
        let json = serde_json::to_value(&event).unwrap();
        for key in ["licenseId", "tenantId", "providerTenantId", "listingId", "courseId", "courseVersionId"] {
            assert!(json[key].is_string(), "{key} of {json}");
        }
        assert_eq!(json["orderId"], Value::String(event.license().order_id.unwrap().to_string()));
        assert_eq!(json["orderLineId"], Value::String(event.license().order_line_id.unwrap().to_string()));
        assert_eq!(serde_json::from_value::<LicenseEvent>(json).unwrap(), event);
    }
}

#[test]
fn every_topic_is_announced() {
    let mut topics: Vec<_> = all_events().iter().map(DomainEvent::topic).collect();
    topics.sort_unstable();
    topics.dedup();
    let expected = [
        "expired",
        "granted",
        "lease_issued",
        "renewed",
        "revoked",
        "seat_assigned",
        "seat_released",
        "waitlist_filled",
    ];
    assert_eq!(topics, expected.map(|name| format!("marketplace.license.{name}.v1")));
}

#[test]
fn a_seat_s_events_name_the_seat_and_its_user() {
    let mut license = pack_with(2, &["ann"]);
    applied(license.release_seat(seat(1), start()));
    for topic in ["marketplace.license.seat_assigned.v1", "marketplace.license.seat_released.v1"] {
        let event = event(&license, topic);
        assert_eq!(event["seatId"], seat(1).to_string());
        assert_eq!(event["userId"], "ann");
    }
}

#[test]
fn the_saga_enrols_who_it_sold_to_and_everyone_else_is_enrolled_by_the_seat() {
    let granted = "marketplace.license.granted.v1";
    let assigned = "marketplace.license.seat_assigned.v1";
    let bought = subscription(1);
    assert_eq!(topics(&bought), [granted]);
    assert_eq!(event(&bought, granted)["userId"], "ann");

    let terms = terms(PlanKind::Subscription, limited(1));
    for origin in [purchase(1, Some("ann")), manual("pilot", Some("ann"))] {
        let license = License::grant(new(1, terms.clone(), origin), start()).unwrap();
        assert_eq!(topics(&license), [granted, assigned]);
    }
    let mut given = License::grant(new(1, terms, gift()), start()).unwrap();
    applied(given.claim(seat(1), user("ann"), start()));
    assert_eq!(topics(&given), [granted, assigned]);
}

#[test]
fn no_event_knows_a_gift_s_code_or_its_hash() {
    let mut given = License::grant(new(1, terms(PlanKind::OneTime, limited(1)), gift()), start()).unwrap();
    applied(given.claim(seat(1), user("ann"), start()));
    let json = serde_json::to_string(given.pending()).unwrap();
    assert!(!json.contains(&GiftClaim::hash("G1")) && !json.contains("G1"));
}
