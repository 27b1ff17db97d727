//! Every topic, shown to every kind of reader.

use std::collections::BTreeSet;

use sarai_domain::kernel::{Id, Ulid};
use sarai_ports::{
    audience::{AUDIENCES, Audience, audiences_of},
    marketplace::platform,
};
use serde_json::json;

use super::*;

/// Ids of people, none of which a seller may read.
const PEOPLE: [&str; 2] = ["usr_buyer_ann", "usr_learner_bob"];

fn id(prefix: &str, number: u64) -> String {
    format!("{prefix}_{}", Ulid::from((0x0196_0000_0000_0000, number)))
}

fn usd(amount: &str) -> Value {
    json!({"amount": amount, "currency": "USD"})
}

fn at() -> Value {
    json!("2026-05-01T10:00:00Z")
}

fn merged(base: Value, more: Value) -> Value {
    let (Value::Object(mut base), Value::Object(more)) = (base, more) else { panic!("two objects") };
    base.extend(more);
    Value::Object(base)
}

/// An order of `buyer` with line 1 of `studio` and lines 2 and 3 of `academy`.
fn order(event: &str, more: Value) -> Value {
    let base = json!({
        "aggregate": "order", "event": event, "orderId": id("ord", 1), "sagaId": id("sga", 1),
        "buyerTenantId": "buyer", "buyerUserId": PEOPLE[0],
        "sellers": [
            {"providerTenantId": "studio", "orderLineIds": [id("oln", 1)]},
            {"providerTenantId": "academy", "orderLineIds": [id("oln", 2), id("oln", 3)]},
        ],
    });
    merged(base, more)
}

fn line(number: u64, more: Value) -> Value {
    let provider = if number == 1 { "studio" } else { "academy" };
    let line = json!({
        "orderLineId": id("oln", number), "listingId": id("lst", number), "licenseId": id("lic", number),
        "providerTenantId": provider, "net": usd(&format!("{number}0.00")),
    });
    merged(line, more)
}

fn lines(numbers: &[u64], more: &Value) -> Value {
    numbers.iter().map(|number| line(*number, more.clone())).collect()
}

fn orders() -> Vec<Value> {
    let payment = json!({"paymentIntentId": "pi_1", "paymentId": "pay_1", "amount": usd("60.00")});
    let placed = json!({
        "pricingPlanId": id("pln", 1), "planKind": "one_time", "courseId": "crs_1", "courseVersionId": "cv_1",
        "quantity": 1,
    });
    let shares = json!({
        "feeAmount": usd("1.50"), "providerAmount": usd("8.50"), "platformBps": 1500, "refundDeadline": at(),
    });
    let refunded = merged(json!({"amount": usd("20.00"), "taxTotal": usd("0.00")}), shares.clone());
    let ids: Vec<String> = (1..=3).map(|number| id("oln", number)).collect();
    let refund = json!({"refundId": id("rfd", 1), "source": "buyer", "amount": usd("20.00")});
    vec![
        order(
            "placed",
            json!({
                "quoteId": null, "currency": "USD", "lines": lines(&[1, 2, 3], &placed), "coupons": [id("cpn", 1)],
                "subtotal": usd("60.00"), "discountTotal": usd("0.00"), "free": false, "placedAt": at(),
            }),
        ),
        order(
            "payment_requested",
            json!({
                "paymentIntentId": "pi_1", "taxTotal": usd("0.00"), "totals": usd("60.00"), "requestedAt": at(),
            }),
        ),
        order(
            "paid",
            json!({
                "paymentIntentId": "pi_1", "paymentId": "pay_1", "totals": usd("60.00"), "lines": ids,
                "coupons": [id("cpn", 1)], "refundDeadline": at(), "cancelRequested": false, "paidAt": at(),
            }),
        ),
        order(
            "payment_failed",
            json!({
                "paymentIntentId": "pi_1", "code": "declined", "isFinal": false, "failedAt": at(),
            }),
        ),
        order(
            "payment_mismatched",
            merged(payment.clone(), json!({"expected": usd("60.00"), "stray": true})),
        ),
        order("payment_after_close", merged(payment.clone(), json!({"status": "failed"}))),
        order("payment_duplicate", payment),
        order("stray_returned", json!({"paymentId": "pay_1", "amount": usd("1.00"), "returnedAt": at()})),
        order("cancel_requested", json!({"requestedAt": at()})),
        order(
            "fulfilled",
            json!({
                "lines": lines(&[1, 2, 3], &shares), "pendingRefund": null, "fulfilledAt": at(),
            }),
        ),
        order(
            "refund_requested",
            merged(
                refund.clone(),
                json!({
                    "paymentId": "pay_1", "lines": [id("oln", 2)], "full": false, "fulfilled": true, "requestedAt": at(),
                }),
            ),
        ),
        order("refund_failed", merged(refund.clone(), json!({"fulfilled": true, "failedAt": at()}))),
        order(
            "refunded",
            merged(
                refund,
                json!({
                    "lines": lines(&[2], &refunded), "full": false, "fulfilledAt": at(), "refundedAt": at(),
                }),
            ),
        ),
        order("returned", json!({"refundedTotal": usd("60.00"), "returnedAt": at()})),
        order("failed", json!({"reason": "payment_timeout", "refundedTotal": usd("0.00"), "failedAt": at()})),
    ]
}

fn licenses() -> Vec<Value> {
    let license = |event: &str, more| {
        let base = json!({
            "aggregate": "license", "event": event, "licenseId": id("lic", 1), "tenantId": "buyer",
            "providerTenantId": "studio", "listingId": id("lst", 1), "courseId": "crs_1",
            "courseVersionId": "cv_1", "scope": "org", "source": "purchase", "orderId": id("ord", 1),
            "orderLineId": id("oln", 1), "validFrom": at(), "validUntil": null, "userId": PEOPLE[1],
        });
        merged(base, more)
    };
    vec![
        license("granted", json!({"seats": 5, "periodIndex": 0, "seatId": id("sal", 1), "grantedAt": at()})),
        license("seat_assigned", json!({"seatId": id("sal", 1), "assignedAt": at()})),
        license("seat_released", json!({"seatId": id("sal", 1), "releasedAt": at()})),
        license(
            "waitlist_filled",
            json!({
                "entryId": id("wle", 1), "seatId": id("sal", 1), "waitingSince": at(), "filledAt": at(),
            }),
        ),
        license(
            "lease_issued",
            json!({
                "leaseId": id("lse", 1), "seatId": id("sal", 1), "deviceId": format!("phone.{}", PEOPLE[1]), "issuedAt": at(),
                "expiresAt": at(),
            }),
        ),
        license("expired", json!({"activeSeats": 1, "expiredAt": at()})),
        license(
            "revoked",
            json!({
                "reason": "refund", "releasedSeats": 1, "consumedSeats": 0, "grandfathered": false, "revokedAt": at(),
            }),
        ),
        license("renewed", json!({"periodIndex": 1, "renewedAt": at()})),
    ]
}

fn coupon_uses() -> Vec<Value> {
    let used = |event: &str| {
        json!({
            "aggregate": "coupon", "event": event, "couponId": id("cpn", 1), "owner": {"provider": "studio"},
            "code": "SPRING", "redemptionId": id("red", 1), "orderId": id("ord", 1), "userId": PEOPLE[0],
            "amount": usd("1.00"), "overCap": false, "usageCount": 1,
        })
    };
    ["reserved", "confirmed", "released"].map(used).into()
}

fn record(owner: &TenantId, event: Value) -> EventRecord {
    let text = event.to_string();
    EventRecord {
        id: Id::new(Ulid::from((0, 1))),
        tenant_id: owner.clone(),
        aggregate: "any",
        subject: "any".to_owned(),
        aggregate_seq: 1,
        time: "2026-05-01T10:00:00Z".parse().unwrap(),
        recorded_at: "2026-05-01T10:00:00Z".parse().unwrap(),
        correlation_id: "any".to_owned(),
        causation_id: None,
        event: serde_json::from_value(event)
            .map_or_else(|error| panic!("{error}: {text}"), Event::Marketplace),
    }
}

fn everything() -> Vec<EventRecord> {
    let buyer = TenantId::from_static("buyer");
    let of_buyer = orders().into_iter().chain(licenses()).map(|event| record(&buyer, event));
    let studio = TenantId::from_static("studio");
    of_buyer.chain(coupon_uses().into_iter().map(|event| record(&studio, event))).collect()
}

fn reader(tenant: &str, knows_users: bool) -> Reader {
    Reader { tenant_id: tenant.parse().unwrap(), knows_users }
}

fn text(record: &EventRecord, reader: &Reader) -> String {
    serde_json::to_string(&shown(record, reader).unwrap()).unwrap()
}

#[test]
fn every_topic_declares_its_audiences() {
    let declared: BTreeSet<String> = AUDIENCES.iter().map(|(topic, _)| (*topic).to_owned()).collect();
    assert_eq!(declared.len(), AUDIENCES.len(), "each once");
    assert_eq!(Event::topics().map(str::to_owned).collect::<BTreeSet<_>>(), declared);
}

#[test]
fn what_sellers_hear_of_an_order_has_a_cut() {
    let sold: BTreeSet<&str> = SOLD.iter().map(|(topic, _)| *topic).collect();
    let heard = AUDIENCES.iter().filter(|(topic, audiences)| {
        topic.starts_with("marketplace.order.") && audiences.contains(&Audience::Sellers)
    });
    assert_eq!(sold, heard.map(|(topic, _)| *topic).collect());
}

#[test]
fn the_samples_here_are_every_topic_that_names_a_person_outside() {
    let sampled: BTreeSet<&str> = everything().iter().map(|record| record.event.topic()).collect();
    let about = |prefix: &str| AUDIENCES.iter().filter(move |(topic, _)| topic.starts_with(prefix)).count();
    assert_eq!(sampled.len(), about("marketplace.order.") + about("marketplace.license.") + 3);
}

#[test]
fn no_seller_reads_who_the_people_are() {
    for record in everything() {
        for knows_users in [false, true] {
            for tenant in ["studio", "academy", "stranger"] {
                let text = text(&record, &reader(tenant, knows_users));
                assert!(PEOPLE.iter().all(|person| !text.contains(person)), "{tenant}: {text}");
            }
        }
    }
}

#[test]
fn a_seller_reads_nothing_of_another_one_s_lines() {
    let others: [(&str, &[u64], &str); 2] = [("studio", &[2, 3], "academy"), ("academy", &[1], "studio")];
    for event in orders() {
        let record = record(&TenantId::from_static("buyer"), event);
        for (tenant, foreign, other) in others {
            let text = text(&record, &reader(tenant, true));
            for number in foreign {
                assert!(!text.contains(&id("oln", *number)) && !text.contains(&id("lic", *number)), "{text}");
            }
            assert!(!text.contains(other), "{tenant}: {text}");
            for sum in ["60.00", "pi_1", "pay_1", "cpn_"] {
                assert!(!text.contains(sum), "{tenant} reads {sum}: {text}");
            }
        }
    }
}

#[test]
fn a_seller_reads_its_own_lines_with_its_share() {
    let fulfilled = orders().into_iter().find(|event| event["event"] == "fulfilled").unwrap();
    let fulfilled = record(&TenantId::from_static("buyer"), fulfilled);
    let data = Value::Object(shown(&fulfilled, &reader("academy", false)).unwrap().data);
    let ids: Vec<_> =
        data["lines"].as_array().unwrap().iter().map(|line| line["orderLineId"].clone()).collect();
    assert_eq!(ids, [id("oln", 2), id("oln", 3)]);
    assert_eq!(data["lines"][0]["providerAmount"], usd("8.50"));
    assert_eq!((&data["orderId"], &data["buyerTenantId"]), (&json!(id("ord", 1)), &json!("buyer")));
    let paid = orders().into_iter().find(|event| event["event"] == "paid").unwrap();
    let paid = record(&TenantId::from_static("buyer"), paid);
    let data = Value::Object(shown(&paid, &reader("studio", false)).unwrap().data);
    assert_eq!(data["lines"], json!([id("oln", 1)]));
}

#[test]
fn a_buyer_reads_all_of_its_order_but_how_the_price_is_shared() {
    for event in orders() {
        let record = record(&TenantId::from_static("buyer"), event.clone());
        let data = Value::Object(shown(&record, &reader("buyer", true)).unwrap().data);
        assert_eq!(data["buyerUserId"], PEOPLE[0]);
        assert_eq!(data["lines"].as_array().map(Vec::len), event["lines"].as_array().map(Vec::len));
        let text = data.to_string();
        assert!(SHARES.iter().all(|share| !text.contains(share)), "{text}");
    }
}

#[test]
fn who_does_not_act_for_the_whole_tenant_reads_no_people() {
    for record in everything() {
        let owner = record.tenant_id.as_str().to_owned();
        let text = text(&record, &reader(&owner, false));
        assert!(PEOPLE.iter().all(|person| !text.contains(person)), "{text}");
    }
}

#[test]
fn a_tenant_that_buys_from_itself_reads_the_shares_of_its_own_lines() {
    let fulfilled = orders().into_iter().find(|event| event["event"] == "fulfilled").unwrap();
    let record = record(&TenantId::from_static("studio"), fulfilled);
    let data = Value::Object(shown(&record, &reader("studio", true)).unwrap().data);
    assert_eq!(data["lines"][0]["feeAmount"], usd("1.50"));
    assert_eq!(data["lines"][1].get("feeAmount"), None);
    assert_eq!(audiences_of(&record.tenant_id, &record.event).len(), 2, "itself once, and the other seller");
}

#[test]
fn the_platform_reads_who_uses_its_coupons() {
    let mut used = coupon_uses().remove(0);
    used["owner"] = json!("platform");
    let text = text(&record(&platform(), used), &reader(platform().as_str(), true));
    assert!(text.contains(PEOPLE[0]), "{text}");
}

#[test]
fn a_refund_concerns_the_sellers_of_its_lines_only() {
    let refunded = orders().into_iter().find(|event| event["event"] == "refunded").unwrap();
    let record = record(&TenantId::from_static("buyer"), refunded);
    let audiences = audiences_of(&record.tenant_id, &record.event);
    assert_eq!(audiences, ["buyer", "academy"].map(|name| TenantId::from_static(name).into()));
}
