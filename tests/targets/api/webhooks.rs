//! Webhooks end to end: a real HTTPS receiver that verifies with a library we did not write.

use std::{
    fs,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::Method;
use sarai::config::Config;
use sarai_services::{Answer as Reply, Received, Receiver};
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use crate::{
    market::text,
    world::{Api, User, generous, unique},
};

const WAIT: Duration = Duration::from_secs(10);
const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// A receiver at 127.0.0.1, and a process that may call it.
async fn around(reply: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> (Receiver, Api) {
    let receiver = Receiver::start(HERE, &["127.0.0.1", "localhost"], reply).unwrap();
    let file = std::env::temp_dir().join(format!("{}.pem", unique("authority")));
    fs::write(&file, receiver.authority()).unwrap();
    let config =
        Config { webhook_allow: receiver.address().to_string(), webhook_ca: Some(file), ..generous() };
    (receiver, Api::start_with(config).await)
}

fn url(receiver: &Receiver) -> String {
    format!("https://{}/in", receiver.address())
}

async fn endpoint(user: &User, url: &str, events: &[&str]) -> Value {
    user.post("/v1/webhooks", &json!({"url": url, "events": events, "environment": "SANDBOX"})).await.is(201)
}

/// Something that endpoints can ask for happens: a key.
async fn key(user: &User) -> Value {
    let body = json!({"label": unique("key"), "environment": "SANDBOX", "scopes": ["keys:read"]});
    user.post("/v1/keys", &body).await.is(201)
}

fn verifies(secret: &str, received: &Received) -> bool {
    let mut headers = reqwest::header::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, received.header(name).parse().unwrap());
    }
    Webhook::new(secret).unwrap().verify(received.body.as_bytes(), &headers).is_ok()
}

/// Polls an endpoint's deliveries until one is so.
async fn delivery(user: &User, hook: &Value, so: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/v1/webhooks/{}/deliveries", text(hook, "id"));
    for _ in 0..100 {
        if let Some(found) = user.walk(&path, 10).await.into_iter().find(&so) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no delivery is so")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_signed_and_its_secret_is_shown_once() {
    let (receiver, api) = around(|_| Reply::Status(204)).await;
    let developer = api.user("developer").await;
    let body =
        json!({"url": url(&receiver), "events": ["devportal.key.created.v1"], "environment": "SANDBOX"});
    let ask = || developer.ask(Method::POST, "/v1/webhooks").header("idempotency-key", "once").json(&body);
    let hook = ask().send().await.is(201);
    let secret = text(&hook, "signingSecret");
    assert!(secret.starts_with("whsec_"));
    assert_eq!(ask().send().await.is(201)["signingSecret"], Value::Null);
    let path = format!("/v1/webhooks/{}", text(&hook, "id"));
    assert_eq!(developer.get(&path).await.is(200).get("signingSecret"), None);
    // Of another world, and of another tenant: they hear nothing of it.
    let live = json!({"url": url(&receiver), "events": ["devportal.key.created.v1"]});
    developer.post("/v1/webhooks", &live).await.is(201);
    endpoint(&api.user("other").await, &url(&receiver), &["devportal.key.created.v1"]).await;

    let made = key(&developer).await;
    let received = receiver.wait_for(1, WAIT);
    assert_eq!(received.len(), 1);
    assert!(verifies(secret, &received[0]), "{:?}", received[0]);
    let told: Value = serde_json::from_str(&received[0].body).unwrap();
    assert_eq!((&told["type"], &told["data"]["keyId"]), (&json!("devportal.key.created.v1"), &made["keyId"]));
    assert_eq!((&told["environment"], told["aggregateVersion"].is_u64()), (&json!("SANDBOX"), true));
    assert!(!received[0].body.contains(text(&made, "rawKey")));
    let taken = delivery(&developer, &hook, |one| one["outcome"] == "DELIVERED").await;
    assert_eq!((&taken["lastCode"], &taken["payload"]), (&json!(204), &json!(received[0].body)));
    assert_eq!(taken["webhookId"], json!(received[0].header("webhook-id")));

    // Its receiver asks what it did wrong.
    let seen = json!({"headers": {
        "webhook-id": received[0].header("webhook-id"), "webhook-timestamp": received[0].header("webhook-timestamp"),
        "webhook-signature": received[0].header("webhook-signature"),
    }, "body": format!("{told:#}")});
    let diagnose = format!("/v1/deliveries/{}/diagnose", text(&taken, "id"));
    let found = developer.post(&diagnose, &seen).await.is(200);
    assert_eq!((&found["valid"], &found["culprit"]), (&json!(false), &json!("BODY")));
    api.user("other").await.get(&path).await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn during_a_rotation_both_secrets_sign_and_a_replay_keeps_its_id() {
    let (receiver, api) = around(|_| Reply::Status(200)).await;
    let developer = api.user("developer").await;
    let hook = endpoint(&developer, &url(&receiver), &["*"]).await;
    let path = format!("/v1/webhooks/{}", text(&hook, "id"));
    let rotated =
        developer.post(&format!("{path}/rotate-secret"), &json!({"overlapSeconds": 60})).await.is(200);
    let (old, new) = (text(&hook, "signingSecret"), text(&rotated, "signingSecret"));
    let test = developer.poke(&format!("{path}/test")).await.is(202);
    assert_eq!((&test["outcome"], &test["attempts"][0]["httpStatus"]), (&json!("DELIVERED"), &json!(200)));
    let received = receiver.wait_for(1, WAIT);
    assert!(verifies(old, &received[0]) && verifies(new, &received[0]));

    api.advance(61).await;
    let replay = format!("{path}/deliveries/{}/replay", text(&test, "id"));
    let again = developer.ask(Method::POST, &replay).header("idempotency-key", "again").send().await.is(202);
    assert_eq!((&again["replayOf"], &again["webhookId"]), (&test["id"], &test["webhookId"]));
    let received = receiver.wait_for(2, WAIT);
    assert_eq!(received[0].header("webhook-id"), received[1].header("webhook-id"));
    assert!(!verifies(old, &received[1]) && verifies(new, &received[1]));
    assert_eq!(received[0].body, received[1].body);
    // What need not be said is not asked for.
    for (path, status) in [(format!("{path}/rotate-secret"), 200), ("/v1/sandboxes".to_owned(), 201)] {
        developer.ask(Method::POST, &path).header("idempotency-key", "bare").send().await.is(status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_tried_again_and_what_was_lost_is_recovered() {
    let well = Arc::<AtomicBool>::default();
    let (receiver, api) = around({
        let well = Arc::clone(&well);
        move |_| {
            if well.load(Ordering::SeqCst) { Reply::Status(204) } else { Reply::Text(503, "busy".to_owned()) }
        }
    })
    .await;
    let developer = api.user("developer").await;
    let hook = endpoint(&developer, &url(&receiver), &["devportal.key.created.v1"]).await;
    let path = format!("/v1/webhooks/{}", text(&hook, "id"));
    key(&developer).await;
    receiver.wait_for(1, WAIT);
    let waiting =
        delivery(&developer, &hook, |one| one["attempts"].as_array().is_some_and(|all| all.len() == 1)).await;
    assert_eq!(
        (&waiting["outcome"], &waiting["attempts"][0]["error"]),
        (&json!("PENDING"), &json!("HTTP_STATUS"))
    );
    assert_eq!(waiting["attempts"][0]["textPrefix"], Value::Null, "it keeps no answers");
    api.advance(6).await;
    let received = receiver.wait_for(2, WAIT);
    assert_eq!(received[0].header("webhook-id"), received[1].header("webhook-id"));
    // What waits is sent again whenever its owner asks: once, and that says nothing of the endpoint.
    let replay = format!("{path}/deliveries/{}/replay", text(&waiting, "id"));
    let again = developer.post(&replay, &json!({})).await.is(202);
    let again =
        delivery(&developer, &hook, |one| one["id"] == again["id"] && one["outcome"] == "FAILED").await;
    assert_eq!(again["attempts"].as_array().map(Vec::len), Some(1));
    assert_eq!(developer.get(&path).await.is(200)["failures24h"], 1);
    // Stopped by its owner, what is due is given up, and what happens then is not even tried.
    let since = text(&hook, "createdAt");
    assert_eq!(developer.poke(&format!("{path}/disable")).await.is(200)["status"], "DISABLED");
    key(&developer).await;
    api.advance(600).await;
    let over = |one: &Value| one["outcome"] == "FAILED" && one["replayOf"].is_null();
    let lost = delivery(&developer, &hook, |one| one["id"] == waiting["id"] && over(one)).await;
    let missed = delivery(&developer, &hook, |one| one["id"] != waiting["id"] && over(one)).await;
    assert_eq!(missed["attempts"], json!([]));
    assert_eq!(developer.get(&path).await.is(200)["failures24h"], 1);
    // Once it is well, both are found again, each once.
    well.store(true, Ordering::SeqCst);
    assert_eq!(developer.poke(&format!("{path}/enable")).await.is(200)["status"], "ACTIVE");
    let recover = format!("{path}/recover");
    let queued = developer.post(&recover, &json!({"since": since})).await.is(202);
    assert_eq!((&queued["queued"], &queued["more"]), (&json!(2), &json!(false)));
    assert_eq!(developer.post(&recover, &json!({"since": since})).await.is(202)["queued"], 0);
    for of in [&lost, &missed] {
        let came = |one: &Value| one["outcome"] == "DELIVERED" && one["webhookId"] == of["webhookId"];
        delivery(&developer, &hook, came).await;
    }
    assert_eq!(developer.post(&recover, &json!({"since": since})).await.is(202)["queued"], 0);
    let count = developer.get(&format!("{path}/deliveries/count?outcome=FAILED")).await.is(200);
    assert_eq!(count["count"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_gone_is_left_alone() {
    let (receiver, api) = around(|_| Reply::Status(410)).await;
    let developer = api.user("developer").await;
    let hook = endpoint(&developer, &url(&receiver), &["*"]).await;
    key(&developer).await;
    delivery(&developer, &hook, |one| one["attempts"][0]["error"] == "GONE").await;
    let path = format!("/v1/webhooks/{}", text(&hook, "id"));
    for _ in 0..50 {
        let now = developer.get(&path).await.is(200);
        if now["status"] == "DISABLED" {
            assert_eq!((&now["disabledReason"], &now["failures24h"]), (&json!("GONE"), &json!(1)));
            developer.delete(&path).await.is(204);
            developer.get(&path).await.refused(404, "not_found");
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it was not disabled")
}

/// A key of the account's default sandbox that verifies.
async fn verifier(user: &User, over: Value) -> User {
    let mut body = json!({
        "label": unique("verify"), "environment": "SANDBOX", "scopes": ["verify:send", "verify:read"],
    });
    body.as_object_mut().unwrap().extend(over.as_object().cloned().unwrap_or_default());
    user.api.bearer(text(&user.post("/v1/keys", &body).await.is(201), "rawKey"))
}

fn told(received: &Received) -> Value {
    serde_json::from_str(&received.body).unwrap()
}

/// Scenario 13 (ruling R10): the pretended receiver fails twice, and what comes third leaves the sandbox.
#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_s_receiver_fails_twice_before_the_webhook_leaves() {
    let (receiver, api) = around(|_| Reply::Status(204)).await;
    let developer = api.user("developer").await;
    let hook = endpoint(&developer, &url(&receiver), &["devportal.verify.requested.v1"]).await;
    let verifier = verifier(&developer, json!({})).await;
    verifier.post("/v1/verifications", &json!({"to": {"phone": "+12025550113"}})).await.is(201);
    // By itself: nobody has to wait for the schedule of a real one, nor to move a clock.
    let taken = delivery(&developer, &hook, |one| one["outcome"] == "DELIVERED").await;
    let statuses: Vec<_> =
        taken["attempts"].as_array().unwrap().iter().map(|attempt| &attempt["httpStatus"]).collect();
    assert_eq!(statuses, [&json!(503), &json!(503), &json!(204)]);
    let received = receiver.wait_for(1, WAIT);
    assert_eq!((received.len(), &told(&received[0])["environment"]), (1, &json!("SANDBOX")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_names_the_endpoints_that_hear_of_it() {
    let (receiver, api) = around(|_| Reply::Status(204)).await;
    let developer = api.user("developer").await;
    let types = &["devportal.verify.requested.v1"];
    let named = endpoint(&developer, &url(&receiver), types).await;
    let other = endpoint(&developer, &url(&receiver), types).await;
    let body = json!({"webhookEndpointIds": [named["id"], named["id"]]});
    let sandbox = developer.post("/v1/sandboxes", &body).await.is(201);
    assert_eq!(sandbox["webhookEndpointIds"], json!([named["id"]]));
    let in_it = verifier(&developer, json!({"sandboxId": sandbox["sandboxId"]})).await;
    let elsewhere = verifier(&developer, json!({})).await;
    let start = json!({"to": {"phone": "+12025550100"}});
    let here = in_it.post("/v1/verifications", &start).await.is(201);
    let there = elsewhere.post("/v1/verifications", &start).await.is(201);
    let received = receiver.wait_for(3, WAIT);
    assert_eq!(received.len(), 3);
    for (hook, count) in [(&named, 2), (&other, 1)] {
        let path = format!("/v1/webhooks/{}/deliveries", text(hook, "id"));
        let deliveries = developer.walk(&path, 10).await;
        assert_eq!(deliveries.len(), count, "{deliveries:?}");
        let of = |one: &Value, id: &Value| one["payload"].as_str().unwrap().contains(id.as_str().unwrap());
        assert!(deliveries.iter().any(|one| of(one, &there["verificationId"])));
        assert_eq!(deliveries.iter().any(|one| of(one, &here["verificationId"])), count == 2);
    }
    let foreign = endpoint(&api.user("other").await, &url(&receiver), types).await;
    let body = json!({"webhookEndpointIds": [foreign["id"]]});
    developer.post("/v1/sandboxes", &body).await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_messaging_tells_reaches_the_endpoints_of_its_world_once() {
    let (receiver, api) = around(|_| Reply::Status(204)).await;
    let developer = api.user("developer").await;
    endpoint(&developer, &url(&receiver), &["messaging.message.sent.v1", "messaging.message.failed.v1"])
        .await;
    let report = |environment: &str, message: &str| {
        json!({
            "messageId": message, "tenantId": "acc_demo_developer", "environment": environment, "keyId": null,
            "to": "+93•••••1234", "operatorName": "Roshan", "errorCode": "absent_subscriber",
            "at": "2026-04-20T09:31:00Z",
        })
    };
    for data in [report("PRODUCTION", "msg_live"), report("SANDBOX", "msg_1"), report("SANDBOX", "msg_1")] {
        // The same news under another id of its sender's is the same news.
        api.tell("messaging", "message.failed", data).await.is(202);
    }
    api.tell("messaging", "message.sent", report("SANDBOX", "msg_1")).await.is(202);
    let received = receiver.wait_for(2, WAIT);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(receiver.received().len(), 2, "{received:?}");
    let mut seen: Vec<Value> = received.iter().map(told).collect();
    seen.sort_by_key(|one| one["aggregateVersion"].as_u64());
    let types: Vec<_> = seen.iter().map(|one| text(one, "type")).collect();
    assert_eq!(types, ["messaging.message.sent.v1", "messaging.message.failed.v1"]);
    assert_eq!(
        (&seen[1]["subject"], &seen[1]["data"]["errorCode"]),
        (&json!("msg_1"), &json!("absent_subscriber"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn that_a_key_ends_soon_is_told_two_weeks_before() {
    let (receiver, api) = around(|_| Reply::Status(204)).await;
    let developer = api.user("developer").await;
    endpoint(&developer, &url(&receiver), &["devportal.key.expiring_soon.v1"]).await;
    let made = key(&developer).await;
    let now: sarai_domain::kernel::Timestamp = text(&made, "createdAt").parse().unwrap();
    let body = json!({
        "label": unique("key"), "environment": "SANDBOX", "scopes": ["keys:read"], "expiresAt": now.plus_days(20),
    });
    let ends = developer.post("/v1/keys", &body).await.is(201);
    api.advance(5 * 86_400).await;
    assert!(receiver.received().is_empty(), "fifteen days are left");
    api.advance(2 * 86_400).await;
    let received = receiver.wait_for(1, WAIT);
    let told = told(&received[0]);
    assert_eq!(
        (&told["type"], &told["data"]["keyId"]),
        (&json!("devportal.key.expiring_soon.v1"), &ends["keyId"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_endpoint_leads_inside() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    for (url, code) in [
        ("https://127.0.0.1:9443/", "webhook.target_forbidden"),
        ("https://[::ffff:7f00:1]/", "webhook.target_forbidden"),
        ("https://localhost:9443/", "webhook.target_forbidden"),
        ("https://169.254.169.254/latest", "webhook.target_forbidden"),
        ("http://example.com/", "webhook.url_malformed"),
        ("https://user@example.com/", "webhook.url_malformed"),
        ("https://2130706433/", "webhook.url_malformed"),
    ] {
        developer.post("/v1/webhooks", &json!({"url": url, "events": ["*"]})).await.refused(422, code);
    }
}
