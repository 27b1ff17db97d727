//! Webhooks end to end: a real HTTPS receiver that verifies with a library we did not write.

use std::{fs, net::IpAddr, time::Duration};

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
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_tried_again_and_what_was_lost_is_recovered() {
    let (receiver, api) = around(|_| Reply::Text(503, "busy".to_owned())).await;
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
    // Stopped by its owner, what is due is given up, and found again.
    let since = text(&hook, "createdAt");
    assert_eq!(developer.poke(&format!("{path}/disable")).await.is(200)["status"], "DISABLED");
    api.advance(600).await;
    let lost = delivery(&developer, &hook, |one| one["outcome"] == "FAILED").await;
    assert_eq!(developer.poke(&format!("{path}/enable")).await.is(200)["status"], "ACTIVE");
    let recover = format!("{path}/recover");
    let queued = developer.post(&recover, &json!({"since": since})).await.is(202);
    assert_eq!((&queued["queued"], &queued["more"]), (&json!(1), &json!(false)));
    assert_eq!(developer.post(&recover, &json!({"since": since})).await.is(202)["queued"], 0);
    delivery(&developer, &hook, |one| one["replayOf"] == lost["id"]).await;
    let count = developer.get(&format!("{path}/deliveries/count?outcome=FAILED")).await.is(200);
    assert_eq!(count["count"], 1);
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
