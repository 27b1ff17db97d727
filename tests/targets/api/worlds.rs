//! Each world has a feed of its own (ruling R11), and who reads which.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    market::{Market, cart, one_time, text},
    world::{Api, User, unique},
};

const SOON: Duration = Duration::from_secs(10);

async fn key(user: &User, environment: &str, scopes: &Value) -> User {
    let body = json!({"label": unique("feed"), "environment": environment, "scopes": scopes});
    user.api.bearer(text(&user.post("/v1/keys", &body).await.is(201), "rawKey"))
}

/// The numbers and events of a feed, once one of this type is among them.
async fn with(user: &User, query: &str, topic: &str) -> (Vec<(u64, Value)>, Value) {
    let until = Instant::now() + SOON;
    loop {
        let page = user.get(&format!("/v1/events?limit=100{query}")).await.is(200);
        let rows = page["data"].as_array().unwrap().iter();
        let found: Vec<_> = rows.map(|row| (row["number"].as_u64().unwrap(), row["event"].clone())).collect();
        if found.iter().any(|(_, event)| event["type"] == topic) {
            return (found, page);
        }
        assert!(Instant::now() < until, "no {topic} in {page}");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn what_happens_in_sandboxes_has_a_feed_and_numbers_of_its_own() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let scopes = json!(["verify:send", "marketplace:read"]);
    let real = key(&developer, "PRODUCTION", &scopes).await;
    let sandbox = key(&developer, "SANDBOX", &scopes).await;
    let started = sandbox.post("/v1/verifications", &json!({"to": {"phone": "+12025550100"}})).await.is(201);
    let checked = format!("/v1/verifications/{}/check", text(&started, "verificationId"));
    sandbox.post(&checked, &json!({"code": "123456"})).await.is(200);

    let approved = "devportal.verify.approved.v1";
    let (found, page) = with(&developer, "&environment=SANDBOX", approved).await;
    let numbers: Vec<u64> = found.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    assert_eq!(page["last"], numbers.len());
    assert!(found.iter().all(|(_, event)| event["environment"] == "SANDBOX"), "{page}");
    for topic in ["devportal.key.created.v1", "devportal.sandbox.created.v1", "devportal.verify.requested.v1"]
    {
        assert!(found.iter().any(|(_, event)| event["type"] == topic), "no {topic} in {page}");
    }
    assert!(!page.to_string().contains("123456"), "no code is told");
    let (by_key, _) = with(&sandbox, "", approved).await;
    assert_eq!(by_key, found, "a key reads its own world without naming it");

    let (found, page) = with(&developer, "", "devportal.key.created.v1").await;
    assert!(found.iter().all(|(_, event)| event["environment"] != "SANDBOX"), "{page}");
    assert_eq!(with(&real, "&environment=PRODUCTION", "devportal.key.created.v1").await.0, found);
    sandbox.get("/v1/events?environment=PRODUCTION").await.refused(403, "key.environment_mismatch");
    real.get("/v1/events?environment=SANDBOX").await.refused(403, "key.environment_mismatch");
    let without = key(&developer, "SANDBOX", &json!(["verify:send"])).await;
    without.get("/v1/events").await.refused(403, "insufficient_scope");
    let other = api.user("other").await.get("/v1/events?environment=SANDBOX").await.is(200);
    assert_eq!((&other["data"], &other["last"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn a_developer_is_shown_what_its_colleagues_share_and_no_purchase_of_theirs() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let developer = market.api.user("developer").await;
    developer.post("/v1/orders", &cart(&[(&sold, 1)], &[])).await.is(201);
    key(&developer, "PRODUCTION", &json!(["usage:read"])).await;
    let (found, page) = with(&developer, "", "devportal.key.created.v1").await;
    assert!(found.iter().all(|(_, event)| text(event, "type").starts_with("devportal.")), "{page}");
    assert!(page["last"].as_u64() > Some(found.len() as u64), "the order has its numbers: {page}");
    let last = page["last"].as_u64().unwrap();
    let rest = developer.get(&format!("/v1/events?after={last}")).await.is(200);
    assert_eq!((&rest["next"], &rest["data"]), (&json!(last), &json!([])));
    let whole = key(&developer, "PRODUCTION", &json!(["marketplace:read"])).await;
    with(&whole, "", "marketplace.order.placed.v1").await;
}

#[tokio::test]
async fn whoever_tries_key_after_key_is_slowed_and_who_signed_in_is_not() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let good = key(&developer, "SANDBOX", &json!(["keys:read"])).await;
    good.get("/v1/keys").await.is(200);
    let bad = api.bearer("srk_live_0000000000000000000000000000000000000000000000000");
    let mut refused = 0;
    loop {
        let answer = bad.get("/v1/keys").await;
        if answer.status == 429 {
            assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
            answer.refused(429, "rate_limited");
            break;
        }
        answer.refused(401, "invalid_api_key");
        refused += 1;
        assert!(refused < 1_000, "nobody is slowed");
    }
    assert!(refused >= 300, "a few mistakes are nobody's attack: {refused}");
    developer.get("/v1/keys").await.is(200);
    api.nobody().get("/v1/keys").await.refused(401, "invalid_token");
}
