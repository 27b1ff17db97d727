//! What an answer about a licence shows, and never shows.

use poem_openapi::types::ToJSON;
use sarai_domain::{
    kernel::Id,
    marketplace::{
        license::{LicenseTerms, NewLicense, Origin},
        values::{PlanKind, SeatCount},
    },
};
use serde_json::{Value, json};

use super::*;

fn shown(capacity: Capacity) -> Value {
    let now = "2026-04-20T09:30:00Z".parse().unwrap();
    let terms = LicenseTerms {
        listing_id: Id::new(1_u128.into()),
        provider_tenant_id: "studio".parse().unwrap(),
        course_id: "welding".parse().unwrap(),
        course_version_id: "welding-3".parse().unwrap(),
        plan_kind: PlanKind::SiteLicense,
        capacity,
        interval_months: None,
        perpetual_offline_access: false,
    };
    let origin =
        Origin::Manual { actor: "admin".parse().unwrap(), reason: "pilot".to_owned(), learner: None };
    let id = Id::new(1_u128.into());
    let new = NewLicense { id, tenant_id: "acme".parse().unwrap(), terms, origin, anchor: now };
    LicenseBody::from(&License::grant(new, now).unwrap()).to_json().unwrap()
}

#[test]
fn without_a_limit_seats_are_null_and_unlimited_is_said() {
    let license = shown(Capacity::Unlimited);
    assert_eq!((&license["seats"], &license["remainingSeats"]), (&Value::Null, &Value::Null));
    assert_eq!(license["unlimited"], true);
    let license = shown(Capacity::Limited(SeatCount::try_new(3).unwrap()));
    assert_eq!((&license["seats"], &license["remainingSeats"]), (&json!(3), &json!(3)));
    assert_eq!(license["unlimited"], false);
}

#[test]
fn what_a_grant_does_not_have_is_null_and_its_reason_and_users_are_not_shown() {
    let license = shown(Capacity::Unlimited);
    for name in ["validUntil", "orderId", "orderLineId", "refundDeadline"] {
        assert_eq!(license.get(name), Some(&Value::Null), "{name}");
    }
    for name in ["gift", "grantReason", "grantActor", "holder", "seatAllocations"] {
        assert!(license.get(name).is_none(), "{name}");
    }
    assert_eq!((&license["source"], &license["scope"]), (&json!("manual"), &json!("org")));
}
