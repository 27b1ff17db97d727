//! T72: whoever asks about an account, a coupon or a number cannot tell one that is there from one that is not: the same status,
//! the same body but for its own ids, and times that differ by less than a millisecond or than chance.

#![allow(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "a statistic of times")]

use std::time::Instant;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    flow::SENDERS,
    world::{Answer, Peers, Person, server, text, unique},
};

/// How many pairs are compared; `SARAI_PAIRS` asks for more.
fn pairs(ordinary: usize) -> usize {
    std::env::var("SARAI_PAIRS").map_or(ordinary, |pairs| pairs.parse().unwrap())
}

/// A body without what is each answer's own: ids, times, and how far a send that is under way has come.
fn plain(answer: &Answer) -> Value {
    const OWN: &[&str] = &[
        "requestId",
        "instance",
        "verificationId",
        "attemptId",
        "id",
        "at",
        "startedAt",
        "expiresAt",
        "queuedAt",
        "resendAvailableAt",
        "createdAt",
        "to",
        "masked",
        "sends",
        "timeline",
        "destinationMasked",
    ];
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.retain(|name, _| !OWN.contains(&name.as_str()));
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut body = answer.json.clone();
    strip(&mut body);
    body
}

/// Mean and standard error of times in milliseconds, without the slowest tenth: whatever else the machine did then.
fn summary(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    times.truncate(times.len() * 9 / 10);
    let count = times.len() as f64;
    let mean = times.iter().sum::<f64>() / count;
    let spread = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, spread / count)
}

/// What is wrong with two samples of answers and times, if anything: the gap of their means and Welch's t.
fn told_apart(known: Vec<f64>, unknown: Vec<f64>) -> (f64, f64, bool) {
    let ((one, first), (other, second)) = (summary(known), summary(unknown));
    let (gap, t) = ((one - other).abs(), (one - other).abs() / (first + second).sqrt());
    (gap, t, gap >= 1.0 && t >= 4.5)
}

/// Asks in turn about what is there and what is not; which one is first changes each time.
async fn alike(name: &str, ordinary: usize, mut ask: impl AsyncFnMut(bool, usize) -> Answer) {
    let count = pairs(ordinary);
    let mut times = [Vec::new(), Vec::new()];
    for pair in 0..count + 3 {
        let mut answers = Vec::new();
        for turn in 0..2 {
            let known = (turn == 0) == (pair % 2 == 0);
            let begun = Instant::now();
            let answer = ask(known, pair).await;
            // The first ones warm everything up.
            if pair >= 3 {
                times[usize::from(known)].push(begun.elapsed().as_secs_f64() * 1_000.0);
            }
            answers.push((answer.status, plain(&answer), answer.headers.contains_key("retry-after")));
        }
        assert_eq!(answers[0], answers[1], "{name}, pair {pair}");
    }
    let [unknown, known] = times;
    let (gap, t, apart) = told_apart(known, unknown);
    println!("{name}: {count} pairs, a gap of {gap:.3} ms, t {t:.1}");
    assert!(!apart, "{name}: {gap:.3} ms, t {t:.1}");
}

#[test]
fn two_samples_that_differ_are_told_apart_and_noise_is_not() {
    let wave = |base: f64| (0..200).map(|place| base + f64::from(place % 7) / 10.0).collect::<Vec<_>>();
    assert!(told_apart(wave(5.0), wave(7.0)).2);
    assert!(!told_apart(wave(5.0), wave(5.2)).2, "less than a millisecond");
    let noise = |from: i32| (0..20).map(|place| f64::from((place * 37 + from) % 50)).collect::<Vec<_>>();
    assert!(!told_apart(noise(0), noise(9)).2, "more by chance");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_not_told_from_none() {
    let mut server = server().args(["--memory"]);
    server.start().unwrap();
    let nobody = Person::nobody(&server.url());
    alike("accounts", 25, async |known, pair| {
        let email =
            if known { "developer@demo.test".to_owned() } else { format!("nobody{pair:04}@demo.test") };
        nobody.post("/v1/auth/sessions", &json!({"email": email, "password": "Wrong-pa55word"})).await
    })
    .await;
}

/// Somebody else's ids, and those of nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_anothers_is_not_told_from_what_is_not_there() {
    let peers = Peers::start().await;
    let mut server = peers.known_to(server().args(["--memory"]), SENDERS);
    server.start().unwrap();
    let nobody = Person::nobody(&server.url());
    let developer = nobody.signed_in("developer").await;
    let (key, live) = developer.key("PRODUCTION", &["verify:send", "verify:read"]).await;
    let other = nobody.signed_in("other").await;
    let (_, stranger) = other.key("PRODUCTION", &["verify:send", "verify:read"]).await;
    let verification =
        live.post("/v1/verifications", &json!({"to": {"phone": "+93701234567"}})).await.is(201);
    let hook = json!({"url": peers.hook(), "events": ["*"], "environment": "PRODUCTION"});
    let hook = developer.post("/v1/webhooks", &hook).await.is(201);
    let absent = |id: &str| format!("{}_01ARZ3NDEKTSV4RRFFQ69G5FAV", id.split('_').next().unwrap());
    for (name, who, method, before, id, after, body) in [
        ("keys", &other, Method::GET, "/v1/keys/", text(&key, "keyId"), "", None),
        ("keys, revoked", &other, Method::DELETE, "/v1/keys/", text(&key, "keyId"), "", None),
        ("webhooks", &other, Method::GET, "/v1/webhooks/", text(&hook, "id"), "", None),
        (
            "verifications",
            &stranger,
            Method::GET,
            "/v1/verifications/",
            text(&verification, "verificationId"),
            "",
            None,
        ),
        (
            "checks",
            &stranger,
            Method::POST,
            "/v1/verifications/",
            text(&verification, "verificationId"),
            "/check",
            Some(json!({"code": "000000"}).to_string()),
        ),
    ] {
        let none = absent(id);
        alike(name, 50, async |known, _| {
            let path = format!("{before}{}{after}", if known { id } else { &none });
            let answer = who.ask(method.clone(), &path, &[], body.clone()).await;
            assert_eq!(answer.status, 404, "{name}: {}", answer.text);
            answer
        })
        .await;
    }
}

/// A coupon that another tenant may use, and one that nobody made.
#[tokio::test(flavor = "multi_thread")]
async fn anothers_coupon_is_not_told_from_none() {
    let mut server = server().args(["--memory"]);
    server.start().unwrap();
    let nobody = Person::nobody(&server.url());
    let staff = nobody.signed_in("admin").await;
    let coupon = json!({
        "code": "THEIRS-ALONE", "discount": {"kind": "percent", "value": 10}, "tenantScope": "acc_demo_other",
    });
    staff.post("/v1/coupons", &coupon).await.is(201);
    let provider = nobody.signed_in("provider").await;
    let draft = json!({
        "courseId": "crs_demo_1", "courseVersionId": "cv_demo_1", "marketing": {"tagline": "Welding"},
        "refundPolicy": {"refundDays": 14},
    });
    let listing = provider.post("/v1/listings", &draft).await.is(201);
    let listing = text(&listing, "id").to_owned();
    let price = json!({"kind": "one_time", "price": {"amount": "10.00", "currency": "USD"}});
    let plan = provider.post(&format!("/v1/listings/{listing}/plans"), &price).await.is(201);
    let submitted = provider.post(&format!("/v1/listings/{listing}/submit"), &json!({})).await.is(200);
    let reviewed = json!({"reviewedVersion": submitted["version"]});
    staff.post(&format!("/v1/admin/listings/{listing}/approve"), &reviewed).await.is(200);
    provider.post(&format!("/v1/listings/{listing}/go-live"), &json!({})).await.is(200);
    let buyer = nobody.signed_in("buyer").await;
    alike("coupons", 25, async |known, pair| {
        let code = if known { "THEIRS-ALONE".to_owned() } else { format!("NOBODYS-{pair:04}") };
        let line = json!({"listingId": listing, "pricingPlanId": plan["id"], "quantity": 1});
        let cart = json!({"currency": "USD", "lines": [line], "couponCodes": [code]});
        let answer = buyer.post("/v1/orders", &cart).await;
        assert!((400..500).contains(&answer.status), "{}", answer.text);
        answer
    })
    .await;
}

/// A number that was verified, and ones that nobody heard of.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_was_verified_is_not_told_from_a_new_one() {
    let peers = Peers::start().await;
    let mut server = peers.known_to(server().args(["--memory"]), SENDERS);
    server.start().unwrap();
    let nobody = Person::nobody(&server.url());
    let (_, live) =
        nobody.signed_in("developer").await.key("PRODUCTION", &["verify:send", "verify:read"]).await;
    let (_, stranger) = nobody.signed_in("other").await.key("PRODUCTION", &["verify:send"]).await;
    let count = pairs(20) + 3;
    // Ten of a block at most, which is fewer than a block may have.
    let number = |tens: usize, place: usize| format!("+937{tens}{:03}{:04}", place % 1_000, place / 1_000);
    for place in 0..count {
        live.post("/v1/verifications", &json!({"to": {"phone": number(1, place)}})).await.is(201);
    }
    // Another tenant, so that what the platform knows of a number would show.
    alike("numbers", 20, async |known, pair| {
        let phone = number(if known { 1 } else { 2 }, pair);
        let body = json!({"to": {"phone": phone}, "metadata": {"note": unique("n")[..1]}});
        let answer = stranger.post("/v1/verifications", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer
    })
    .await;
}
