//! T71: what is asked too often is refused with 429, admitted again when `Retry-After` has passed, and counted for whom it is
//! meant for: a principal, a key, an address, a destination, a block of numbers. Who lies about the address gains nothing.

use std::{net::Ipv4Addr, time::Duration};

use serde_json::{Value, json};

use crate::{
    flow::SENDERS,
    world::{Answer, PASSWORD, Peers, Person, SARAI, server, text},
};

/// How many requests a caller has at once.
const BURST: usize = 4;

/// Where somebody comes from.
fn at(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, last)
}

/// A server that gives a principal four requests at once and one a second.
fn strict(trusted: &str) -> sarai_services::SaraiProcess {
    let server = sarai_services::SaraiProcess::new(SARAI).unwrap().args(["--memory"]);
    let limits =
        [("RATE_PER_SECOND", "1"), ("RATE_BURST", "4"), ("SIGN_IN_PER_MINUTE", "60"), ("SIGN_IN_BURST", "4")];
    let server =
        limits.iter().fold(server, |server, (name, value)| server.env(&format!("SARAI_{name}"), value));
    server.env("SARAI_TRUSTED_PROXIES", trusted)
}

/// The seconds a refusal asks to wait, which its header and its body agree on.
#[track_caller]
fn wait_of(answer: &Answer) -> u64 {
    assert_eq!(answer.status, 429, "{}: {}", answer.asked, answer.text);
    let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert_eq!(answer.json["retryAfterSeconds"], wait, "{}", answer.text);
    assert!(wait >= 1);
    wait
}

/// Asks until it is refused, at most so often, and says after how many.
async fn until_refused(most: usize, mut ask: impl AsyncFnMut() -> Answer) -> (usize, Answer) {
    for count in 0..=most {
        let answer = ask().await;
        if answer.status == 429 {
            return (count, answer);
        }
        assert!(answer.status < 500, "{}: {}", answer.asked, answer.text);
    }
    panic!("nothing is refused within {most}");
}

/// Spends a bucket, waits as long as it is told, and is admitted.
async fn honoured(name: &str, mut ask: impl AsyncFnMut() -> Answer) {
    // A second's refill may fall within the burst on a slow machine.
    let (count, refused) = until_refused(4 * BURST, &mut ask).await;
    assert!(count >= 1, "{name}: refused after {count}");
    let wait = wait_of(&refused);
    assert!(wait <= 2, "{name}: {wait} s");
    tokio::time::sleep(Duration::from_secs(wait)).await;
    let admitted = ask().await;
    assert_ne!(admitted.status, 429, "{name}: {}", admitted.text);
    println!("{name}: refused after {count}, admitted after {wait} s");
}

async fn sign_in(person: &Person, headers: &[(&str, &str)], password: &str) -> Answer {
    let body = json!({"email": "buyer@demo.test", "password": password}).to_string();
    person.ask(reqwest::Method::POST, "/v1/auth/sessions", headers, Some(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_waits_as_long_as_it_is_told_and_nobody_else_does() {
    let mut server = strict("");
    server.start().unwrap();
    let (base, nobody) = (server.url(), Person::nobody(&server.url()));
    let developer = nobody.signed_in("developer").await;
    let (_, one) = developer.key("SANDBOX", &["keys:read"]).await;
    let (_, two) = developer.key("SANDBOX", &["keys:read"]).await;
    let buyer = Person::from(at(9), &base).signed_in("buyer").await;

    honoured("1, a principal", async || developer.get("/v1/me").await).await;
    until_refused(20, async || developer.get("/v1/me").await).await;
    assert_eq!(buyer.get("/v1/me").await.status, 200, "2: another principal has its own");
    honoured("3, a key", async || one.get("/v1/keys").await).await;
    until_refused(20, async || one.get("/v1/keys").await).await;
    assert_eq!(two.get("/v1/keys").await.status, 200, "4: another key of the tenant has its own");
    let elsewhere = Person::from(at(8), &base);
    let stolen = text(&developer.key("SANDBOX", &["keys:read"]).await.0, "rawKey").to_owned();
    let stolen = elsewhere.with(&stolen);
    until_refused(20, async || stolen.get("/v1/keys").await).await;
    let again = Person::from(at(7), &base).with(stolen.token());
    wait_of(&again.get("/v1/keys").await);
    println!("5, a key from two addresses has one bucket");

    let guest = Person::from(at(10), &base);
    honoured("6, an address without a token", async || guest.get("/v1/catalog").await).await;
    until_refused(20, async || guest.get("/v1/catalog").await).await;
    let other = Person::from(at(11), &base);
    assert_eq!(other.get("/v1/catalog").await.status, 200, "7: another address has its own");

    let thief = Person::from(at(12), &base);
    honoured("8, wrong passwords", async || sign_in(&thief, &[], "wrong").await).await;
    until_refused(20, async || sign_in(&thief, &[], "wrong").await).await;
    wait_of(&sign_in(&thief, &[], PASSWORD).await);
    println!("9, the right password opens no bucket");
    let owner = Person::from(at(13), &base);
    assert_eq!(sign_in(&owner, &[], PASSWORD).await.status, 201, "10: the owner elsewhere is not kept out");

    // Who lies about the address, in every header that proxies use.
    for (case, header) in ["x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip"].iter().enumerate()
    {
        let liar = Person::from(at(20 + u8::try_from(case).unwrap()), &base);
        let mut count = 0_u8;
        let (asked, _) = until_refused(20, async || {
            count += 1;
            sign_in(&liar, &[(*header, &format!("198.51.100.{count}"))], "wrong").await
        })
        .await;
        assert!(asked <= 2 * BURST, "{header}: {asked}");
        println!("{}, {header} changes nothing: refused after {asked}", 11 + case);
    }
    let (victim, liar) = (Person::from(at(30), &base), Person::from(at(31), &base));
    until_refused(20, async || sign_in(&liar, &[("x-forwarded-for", "127.0.0.30")], "wrong").await).await;
    assert_eq!(sign_in(&victim, &[], PASSWORD).await.status, 201, "15: nobody else is kept out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_is_believed_and_what_it_was_told_is_not() {
    let mut server = strict("127.0.0.2, 127.0.0.3");
    server.start().unwrap();
    let proxy = Person::from(at(2), &server.url());
    let ask = async |hops: &str| sign_in(&proxy, &[("x-forwarded-for", hops)], "wrong").await;
    until_refused(20, async || ask("198.51.100.1").await).await;
    assert_eq!(ask("198.51.100.2").await.status, 401, "16: each client of a proxy has its own");
    // The left end is what the client said.
    let mut count = 0;
    let (asked, _) = until_refused(20, async || {
        count += 1;
        ask(&format!("203.0.113.{count}, 198.51.100.3, 127.0.0.3")).await
    })
    .await;
    assert!(asked <= 2 * BURST, "17: {asked}");
    let direct = Person::from(at(40), &server.url());
    let mut count = 0;
    let (asked, _) = until_refused(20, async || {
        count += 1;
        sign_in(&direct, &[("x-forwarded-for", &format!("198.51.100.{count}"))], "wrong").await
    })
    .await;
    assert!(asked <= 2 * BURST, "18: who is no proxy is not believed: {asked}");
}

/// A verification of a number that is sent by the SMS centre.
fn start(phone: &str, over: &Value) -> Value {
    let mut body =
        json!({"to": {"phone": phone}, "channelOrder": [{"channel": "SMS"}], "onExisting": "SUPERSEDE"});
    body.as_object_mut().unwrap().extend(over.as_object().cloned().unwrap());
    body
}

/// Starts until it is refused with this code; then goes on when the wait is over and not before.
async fn limited(staff: &Person, name: &str, code: &str, most: usize, mut ask: impl AsyncFnMut() -> Answer) {
    let pass = async |seconds: u64| {
        staff.post("/v1/test-clock", &json!({"advanceSeconds": seconds})).await.is(200);
    };
    let (count, refused) = until_refused(most, &mut ask).await;
    let wait = wait_of(&refused);
    refused.refused(429, code);
    if wait > 70 {
        pass(wait - 70).await;
        wait_of(&ask().await);
        pass(70).await;
    } else {
        pass(wait).await;
    }
    let admitted = ask().await;
    assert!(admitted.status < 300, "{name}: {}", admitted.text);
    println!("{name}: refused after {count}, admitted after {wait} s");
}

#[tokio::test(flavor = "multi_thread")]
async fn sends_and_checks_wait_as_long_as_they_are_told() {
    const LIMITED: &str = "verification.rate_limited";
    const DESTINATION: &str = "verification.destination_rate_limited";
    let peers = Peers::start().await;
    let mut server = peers.known_to(server().args(["--memory"]), SENDERS);
    server.start().unwrap();
    let nobody = Person::nobody(&server.url());
    let (staff, developer) = (nobody.signed_in("admin").await, nobody.signed_in("developer").await);
    let (_, key) = developer.key("PRODUCTION", &["verify:send", "verify:read"]).await;
    let (_, second) = developer.key("PRODUCTION", &["verify:send", "verify:read"]).await;
    let (_, stranger) = nobody.signed_in("other").await.key("PRODUCTION", &["verify:send"]).await;
    let ask = async |key: &Person, phone: &str, over: Value| {
        key.post("/v1/verifications", &start(phone, &over)).await
    };

    // A pause between two sends to one number, whoever of the tenant asks; of another tenant nobody knows.
    let phone = "+93701000001";
    let begun = ask(&key, phone, json!({})).await.is(201);
    wait_of(&ask(&second, phone, json!({})).await);
    assert_eq!(ask(&stranger, phone, json!({})).await.status, 201, "19: another tenant has its own");
    limited(&staff, "20, a pause", DESTINATION, 1, async || ask(&second, phone, json!({})).await).await;
    let resend = format!("/v1/verifications/{}/resend", text(&begun, "verificationId"));
    key.post(&resend, &json!({})).await.is(409);
    let begun = ask(&key, "+93701000002", json!({})).await.is(201);
    let resend = format!("/v1/verifications/{}/resend", text(&begun, "verificationId"));
    limited(&staff, "21, a resend", "verification.resend_too_soon", 1, async || {
        key.post(&resend, &json!({})).await
    })
    .await;

    // Each with an hour of its own, and with the other buckets kept out of the way.
    let number = |block: u32, place: usize| format!("+9370{block:03}{place:04}");
    let hour = async || staff.post("/v1/test-clock", &json!({"advanceSeconds": 3_700})).await.is(200);
    hour().await;
    let mut place = 0;
    limited(&staff, "22, a block of numbers", LIMITED, 20, async || {
        place += 1;
        ask(&key, &number(200, place), json!({})).await
    })
    .await;
    for (name, most, user) in [("23, an end user's address", 20, "ip"), ("24, an end user", 10, "ref")] {
        hour().await;
        let mut place = 0;
        let value = if user == "ip" { "203.0.113.9" } else { "amina" };
        limited(&staff, name, LIMITED, most, async || {
            place += 1;
            let block = u32::try_from(300 + 100 * (most / 20) + place).unwrap();
            ask(&key, &number(block, place), json!({"endUser": {user: value}})).await
        })
        .await;
    }
    hour().await;
    let mut paused = 0;
    limited(&staff, "25, five in ten minutes to one number", DESTINATION, 6, async || {
        paused += 1;
        if paused <= 6 {
            staff.post("/v1/test-clock", &json!({"advanceSeconds": 31})).await.is(200);
        }
        ask(&key, "+93701999999", json!({})).await
    })
    .await;
}
