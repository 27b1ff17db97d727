//! Bodies nobody would send: whatever they are, no answer is a 5xx.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::{
    market::{Market, one_time, seat_pack, text},
    messages,
    world::unique,
};

/// The same numbers at every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // An xorshift: good enough to throw things about.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).expect("small")
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }

    fn value(&mut self, words: &[String], depth: usize) -> Value {
        match self.roll(if depth == 0 { 9 } else { 11 }) {
            0 => Value::Null,
            1 => json!(self.roll(2) == 0),
            2 => json!(-1),
            3 => json!(u64::MAX),
            4 => json!(1e300),
            5 => json!(self.roll(20)),
            6 => json!(["", "💥", "a\nb", "../..", "'; DROP TABLE", "\u{202e}x", "1e400"][self.roll(7)]),
            7 => {
                json!({"amount": (*self.pick(&["1.00", "99999999999999999999999999.99", "0", "79228162514264337593543950335"])), "currency": "USD"})
            }
            8 => json!(self.pick(words)),
            9 => (0..self.roll(4)).map(|_| self.value(words, depth - 1)).collect(),
            _ => {
                (0..self.roll(4)).map(|_| (self.pick(words).clone(), self.value(words, depth - 1))).collect()
            }
        }
    }
}

/// The words of a document's schemas: names of members, and enums.
fn words(document: &Value, into: &mut Vec<String>) {
    match document {
        Value::Object(members) => {
            if let Some(properties) = members.get("properties").and_then(Value::as_object) {
                into.extend(properties.keys().cloned());
            }
            for listed in members.get("enum").and_then(Value::as_array).into_iter().flatten() {
                into.extend(listed.as_str().map(str::to_owned));
            }
            members.values().for_each(|member| words(member, into));
        }
        Value::Array(items) => items.iter().for_each(|item| words(item, into)),
        _ => {}
    }
}

/// Bodies each operation takes, for the junk to be put into.
fn good_bodies(ids: &[String]) -> BTreeMap<&'static str, Value> {
    let [listing, plan, ..] = ids else { panic!("{ids:?}") };
    let price = json!({"amount": "10.00", "currency": "USD"});
    let cart = json!({
        "currency": "USD", "lines": [{"listingId": listing, "pricingPlanId": plan, "quantity": 1}],
        "couponCodes": ["JUNK"],
    });
    let plan = json!({"kind": "one_time", "price": price, "seats": null, "active": true});
    let marketing = json!({"tagline": "t", "description": "d", "hero": "https://a.test/", "screenshots": []});
    let reason = json!({"reason": "because"});
    BTreeMap::from([
        (
            "listings.create",
            json!({"courseId": "c", "courseVersionId": "v", "marketing": marketing, "refundPolicy": {"refundDays": 1, "attemptsCap": 1}, "tags": ["a"], "category": "b"}),
        ),
        (
            "listings.edit",
            json!({"marketing": marketing, "refundPolicy": {"refundDays": 1}, "tags": ["a"], "visibility": "public"}),
        ),
        ("plans.create", plan.clone()),
        ("plans.edit", plan.clone()),
        ("plans.replace", plan),
        ("quotes.create", cart.clone()),
        ("orders.place", cart),
        ("orders.pay", json!({"paymentToken": "tok_ok"})),
        ("orders.refund", json!({"lines": ["oln_01ARZ3NDEKTSV4RRFFQ69G5FAV"], "reason": "r"})),
        ("admin.orders.refund", json!({"lines": null, "reason": "r", "source": "admin"})),
        ("seats.assign", json!({"userId": "u"})),
        ("seats.bulk", json!({"rows": [{"assign": "u"}, {"release": "v"}]})),
        ("waitlist.join", json!({"userId": "u"})),
        ("leases.issue", json!({"userId": "u", "hours": 1, "deviceId": "d"})),
        ("licenses.claim", json!({"code": "c"})),
        ("entitlements.check", json!({"userId": "u", "courseId": "c"})),
        (
            "admin.licenses.grant",
            json!({"source": "manual", "tenantId": "t", "userId": "u", "listingId": listing, "pricingPlanId": ids[1], "reason": "r"}),
        ),
        ("admin.listings.approve", json!({"reviewedVersion": 1, "reason": "r"})),
        ("admin.listings.reject", reason.clone()),
        ("admin.listings.suspend", reason.clone()),
        ("admin.listings.reinstate", reason.clone()),
        ("admin.licenses.revoke", reason),
        ("admin.listings.revenue-share", json!({"platformBps": 1_500, "providerBps": 8_500, "reason": "r"})),
        (
            "coupons.create",
            json!({"code": "JUNKY", "discount": {"kind": "percent", "value": 1}, "usageCap": 1, "validUntil": "2999-01-01T00:00:00Z", "tenantScope": "t"}),
        ),
        (
            "coupons.edit",
            json!({"discount": {"kind": "fixed", "amount": price}, "usageCap": 1, "validFrom": "2020-01-01T00:00:00Z"}),
        ),
        ("admin.sagas.retry", json!({"reason": "r"})),
        ("admin.outbox.redrive", json!({"subject": "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV", "reason": "r"})),
        (
            "admin.outbox.republish",
            json!({
                "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "reason": "r",
                "after": {"committedAt": "2026-01-01T00:00:00Z", "eventId": "evt_01ARZ3NDEKTSV4RRFFQ69G5FAV"},
            }),
        ),
        ("admin.sagas.compensate", json!({"reason": "r"})),
        (
            "admin.sagas.resolve",
            json!({"step": "enroll", "line": "oln_01ARZ3NDEKTSV4RRFFQ69G5FAV", "reason": "r", "evidence": "e"}),
        ),
        ("listings.ship-version", json!({"courseVersionId": "cv_demo_2"})),
        ("test-clock.advance", json!({"advanceSeconds": 1})),
        (
            "demo.enrollment",
            json!({"outage": false, "consumed": [{"userId": "u", "courseId": "c", "attempts": 1}]}),
        ),
        ("sessions.create", json!({"email": "e", "password": "p", "otp": null})),
        (
            "integrations.receive",
            json!({"specversion": "1.0", "id": "i", "source": "/billing", "type": "payment.succeeded", "data": {}}),
        ),
    ])
}

/// A body like a good one with one or two things wrong.
fn spoil(body: &mut Value, dice: &mut Dice, words: &[String]) {
    match body {
        Value::Object(members) if !members.is_empty() && dice.roll(4) != 0 => {
            let names: Vec<String> = members.keys().cloned().collect();
            let name = dice.pick(&names).clone();
            match dice.roll(5) {
                0 => drop(members.remove(&name)),
                1 => drop(members.insert(dice.pick(words).clone(), dice.value(words, 2))),
                _ => spoil(members.entry(name).or_insert(Value::Null), dice, words),
            }
        }
        Value::Array(items) if !items.is_empty() && dice.roll(3) != 0 => {
            let index = dice.roll(items.len());
            spoil(&mut items[index], dice, words);
        }
        other => *other = dice.value(words, 3),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_body_makes_an_operation_fail_in_a_way_it_does_not_document() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let pack = market.sell(2, &seat_pack("10.00", 2)).await;
    let order = market.buy(&[(&pack, 2)], &[]).await;
    let open = market.order(&[(&sold, 1)], &[]).await;
    let sagas = market.admin.get(&format!("/v1/admin/sagas?orderId={}", text(&open, "id"))).await.is(200);
    let saga = text(&sagas["data"][0], "id").to_owned();
    market.percent("JUNK", 10, None).await;
    let coupon = market.percent("EDITED", 10, None).await;
    let license = Market::license_of(&order);
    let own = [sold.listing.clone(), sold.plan.clone(), text(&order, "id").to_owned(), license, coupon];
    let mut vocabulary = own.to_vec();
    words(&market.api.document().0, &mut vocabulary);
    let good = good_bodies(&own);
    let developer = market.api.user("developer").await;
    let (_, verifier) = messages::key(&developer, "SANDBOX", &["verify:send"]).await;
    let mut dice = Dice(0x5A12_A1F0_0D15_EA5E);
    let (mut asked, mut taken) = (0, 0);
    for operation in market.api.document().operations() {
        if operation.method() == Method::GET {
            continue;
        }
        let path =
            operation.path.replace("{planId}", &own[1]).replace("{seatId}", "sal_01ARZ3NDEKTSV4RRFFQ69G5FAV");
        let path = path.replace("{waiter}", "u").replace("{provider}", "smsc");
        let path = path.replace("{deliveryId}", "whd_01ARZ3NDEKTSV4RRFFQ69G5FAV");
        let id = match operation.path {
            path if path.contains("orders") => &own[2],
            path if path.contains("licenses") => &own[3],
            path if path.contains("coupons") => &own[4],
            path if path.contains("sagas") => &saga,
            _ => &own[0],
        };
        let path = path.replace("{id}", id).replace("{source}", "billing");
        let user = match operation.roles().as_slice() {
            [] if operation.described["x-scope"].is_string() => verifier.clone(),
            [] => market.api.nobody(),
            roles if roles.contains(&"developer") => developer.clone(),
            roles if roles.contains(&"customer") => market.buyer.clone(),
            roles if roles.contains(&"provider") => market.provider.clone(),
            _ => market.admin.clone(),
        };
        let template = good.get(operation.id()).cloned().unwrap_or(Value::Object(Map::new()));
        let rounds = if operation.id() == "sessions.create" { 4 } else { 15 };
        for _ in 0..rounds {
            let mut body = template.clone();
            spoil(&mut body, &mut dice, &vocabulary);
            // Days of business time are run through by another test.
            if body["advanceSeconds"].as_u64().is_some_and(|seconds| seconds > 60) {
                continue;
            }
            let ask = user.ask(operation.method(), &path).header("idempotency-key", &unique("junk"));
            let ask = ask.header("if-match", &format!("\"v{}\"", dice.roll(9)));
            let answer = ask.json(&body).send().await;
            assert!(answer.status < 500, "{} with {body}: {}", answer.asked, answer.text);
            asked += 1;
            taken += u32::from(answer.status < 300);
        }
    }
    assert!(asked > 300 && taken > 10, "{asked} asked, {taken} taken: the junk is too wild or too tame");
}

#[tokio::test]
async fn no_signed_message_makes_the_server_fail() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    let (id, line) = (text(&order, "id"), text(&order["lines"][0], "id"));
    let data = json!({
        "orderId": id, "orderLineId": line, "paymentIntentId": order["paymentIntentId"], "paymentId": "pay_x",
        "amount": {"amount": "1.00", "currency": "USD"}, "tax": {"amount": "0.00", "currency": "USD"},
        "code": "card_declined", "key": "rf:rfd_01ARZ3NDEKTSV4RRFFQ69G5FAV", "payoutId": "po_x",
        "disputeId": "dsp_x", "invoiceId": "inv_x", "periodIndex": 1, "tenantId": "acc_demo_other",
        "at": "2026-01-01T00:00:00Z", "courseId": "crs_x", "courseVersionId": "cv_x",
    });
    let vocabulary: Vec<String> = data.as_object().unwrap().keys().cloned().collect();
    let types = [
        ("billing", "payment.succeeded"),
        ("billing", "payment.declined"),
        ("billing", "payment.failed"),
        ("billing", "payment.voided"),
        ("billing", "refund.succeeded"),
        ("billing", "refund.failed"),
        ("billing", "payout.paid"),
        ("billing", "payout.failed"),
        ("billing", "dispute.opened"),
        ("billing", "dispute.won"),
        ("billing", "dispute.lost"),
        ("billing", "subscription.renewed"),
        ("tenant", "kyc_verified"),
        ("tenant", "kyc_revoked"),
        ("catalog", "course_version.published"),
        ("content", "play_package.built"),
    ];
    let mut dice = Dice(0x0DD_BA11);
    for (source, kind) in types {
        for _ in 0..10 {
            let mut data = data.clone();
            for _ in 0..=dice.roll(2) {
                spoil(&mut data, &mut dice, &vocabulary);
            }
            let answer = market.api.tell(source, kind, data.clone()).await;
            assert!(answer.status < 500, "{kind} {data}: {}", answer.text);
        }
    }
    market.api.advance(60).await;
    market.buyer.get(&format!("/v1/orders/{id}")).await.is(200);
}
