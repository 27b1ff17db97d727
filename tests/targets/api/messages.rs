//! Text messages: sent once, seen by their tenant only, filtered, counted, exported, and attested for good.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    market::text,
    world::{Api, User, unique},
};

fn new_message(over: &Value) -> Value {
    let mut body = json!({"to": "+93701231234", "from": "Sarai", "body": "Salam, ستاسو سپارښتنه"});
    body.as_object_mut().unwrap().extend(over.as_object().cloned().unwrap_or_default());
    body
}

/// What a receipt says, as a library of others reads it with the published keys. It never ends.
fn attested(set: &Value, token: &str) -> Value {
    let set: JwkSet = serde_json::from_value(set.clone()).unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    assert_eq!(header.typ.as_deref(), Some("sarai-delivery-receipt+jwt"));
    let jwk = set.find(header.kid.as_deref().unwrap()).expect("the key is published");
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&["acc_demo_customer"]);
    validation.set_required_spec_claims(&["sub", "iss", "aud"]);
    let key = DecodingKey::from_jwk(jwk).unwrap();
    jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap().claims
}

pub(crate) async fn key(user: &User, environment: &str, scopes: &[&str]) -> (String, User) {
    let body = json!({"label": unique("key"), "environment": environment, "scopes": scopes});
    let key = user.post("/v1/keys", &body).await.is(201);
    (text(&key, "keyId").to_owned(), user.api.bearer(text(&key, "rawKey")))
}

#[tokio::test]
async fn a_message_is_sent_once_and_its_receipt_is_checked_offline() {
    let api = Api::start().await;
    let customer = api.user("customer").await;
    let quote = customer.ask(Method::POST, "/v1/message-quotes").json(&new_message(&json!({}))).send().await;
    let quote = quote.is(200);
    assert_eq!((&quote["encoding"], &quote["segments"]), (&json!("UCS2"), &json!(1)));
    let send = || {
        let ask = customer.ask(Method::POST, "/v1/messages").header("idempotency-key", "once");
        ask.json(&new_message(&json!({})))
    };
    let sent = send().send().await;
    let path = format!("/v1/messages/{}", text(&sent.json, "messageId"));
    assert_eq!(sent.header("location"), path);
    let sent = sent.is(201);
    assert_eq!((&sent["status"], &sent["price"]), (&json!("queued"), &quote["price"]));
    assert_eq!(sent["deliveredAt"], Value::Null);
    assert_eq!(send().send().await.is(201)["messageId"], sent["messageId"]);
    let balance = customer.get("/v1/balance").await.is(200);
    assert_eq!(balance["balance"], quote["balanceAfter"], "it was paid once");

    let receipt = format!("{path}/receipt");
    customer.get(&receipt).await.refused(409, "message.not_final");
    api.advance(60).await;
    let over = customer.get(&path).await.is(200);
    assert_eq!((&over["status"], &over["operatorName"]), (&json!("delivered"), &json!("AWCC")));
    let receipt = customer.get(&receipt).await.is(200);
    let set = api.nobody().get("/v1/.well-known/jwks.json").await.is(200);
    let claims = attested(&set, text(&receipt, "token"));
    assert_eq!((&claims["sub"], &claims["status"]), (&sent["messageId"], &json!("delivered")));
    assert_eq!((&claims["bodySha256"], &claims["to"]), (&sent["bodyDigest"], &sent["to"]));
    assert_eq!(claims["finalAt"], over["deliveredAt"]);
    api.bearer(text(&receipt, "token")).get("/v1/me").await.refused(401, "invalid_token");

    let other = api.user("other").await;
    for path in [path.clone(), format!("{path}/receipt"), format!("{path}?environment=SANDBOX")] {
        other.get(&path).await.refused(404, "not_found");
    }
    customer.get(&format!("{path}?environment=SANDBOX")).await.refused(404, "not_found");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_by_its_code() {
    let api = Api::start().await;
    let customer = api.user("customer").await;
    for (over, status, code) in [
        (json!({"body": ""}), 422, "message.body_empty"),
        (json!({"to": "+8811234567"}), 422, "message.no_route"),
        (json!({"from": "Nobody"}), 422, "message.sender_not_allowed"),
        (json!({"to": "0701231234"}), 422, "validation_failed"),
        (json!({"from": "x".repeat(17)}), 422, "validation_failed"),
    ] {
        customer.post("/v1/messages", &new_message(&over)).await.refused(status, code);
    }
    let other = api.user("other").await;
    other.post("/v1/messages", &new_message(&json!({}))).await.refused(422, "message.sender_not_allowed");
    api.user("provider").await.get("/v1/messages").await.refused(403, "forbidden");
}

#[tokio::test]
async fn filters_select_and_counts_and_the_export_agree_with_the_list() {
    let api = Api::start().await;
    let customer = api.user("customer").await;
    let all = customer.walk("/v1/messages", 100).await;
    assert!(all.len() > 200, "{}", all.len());
    let failed = customer.walk("/v1/messages?status=failed&status=queued", 50).await;
    assert!(!failed.is_empty() && failed.iter().all(|row| row["status"] == "failed"));
    assert!(failed.iter().all(|row| row["errorCode"].is_string() && row["failedAt"].is_string()));
    let roshan = customer.walk("/v1/messages?to=%2B9379*", 100).await;
    assert!(!roshan.is_empty() && roshan.iter().all(|row| text(row, "to").starts_with("+9379")));
    let number = text(&roshan[0], "to").replace('+', "%2B");
    let one = customer.walk(&format!("/v1/messages?to={number}&from={}", text(&roshan[0], "from")), 10).await;
    assert!(one.contains(&roshan[0]));
    let after = text(&all[20], "submittedAt");
    let recent = customer.walk(&format!("/v1/messages?after={after}"), 100).await;
    assert_eq!(recent, all[..=20]);

    let stats = customer.get("/v1/messages/stats").await.is(200);
    assert_eq!(stats["failed"], json!(all.iter().filter(|row| row["status"] == "failed").count()));
    let exported = customer.get("/v1/messages/export").await;
    assert!(exported.header("content-disposition").contains("messages.ndjson"));
    let lines: Vec<Value> = exported.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, all);

    let first = customer.get("/v1/messages?limit=10").await.is(200);
    let cursor = text(&first, "nextCursor");
    let elsewhere = format!("/v1/messages?limit=10&status=failed&cursor={cursor}");
    customer.get(&elsewhere).await.refused(400, "invalid_cursor");
    let other = format!("/v1/messages?limit=10&cursor={cursor}");
    api.user("other").await.get(&other).await.refused(400, "invalid_cursor");
    for bad in ["to=%2B93", "to=%2B937*", "status=lost", "after=yesterday", "from=a&from=b", "keyId=key_1"] {
        customer.get(&format!("/v1/messages?{bad}")).await.refused(422, "validation_failed");
    }
    let both = format!("/v1/messages?invoiceId=inv_1&after={after}");
    customer.get(&both).await.refused(422, "validation_failed");
}

#[tokio::test]
async fn a_key_sends_and_reads_in_its_own_world_and_its_messages_say_so() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let (id, sandbox) = key(&developer, "SANDBOX", &["sms:send", "sms:read"]).await;
    let sent = sandbox.post("/v1/messages", &new_message(&json!({"from": "Anybody"}))).await.is(201);
    assert_eq!(sent["keyId"], json!(id));
    let path = format!("/v1/messages/{}", text(&sent, "messageId"));
    assert_eq!(developer.get(&path).await.is(200)["messageId"], sent["messageId"], "its id says which world");
    let (_, live) = key(&developer, "PRODUCTION", &["sms:read", "billing:read"]).await;
    live.get(&path).await.refused(404, "not_found");
    live.get("/v1/messages?environment=SANDBOX").await.refused(403, "key.environment_mismatch");
    live.post("/v1/messages", &new_message(&json!({}))).await.refused(403, "insufficient_scope");
    live.get("/v1/invoices").await.is(200);
    sandbox.get("/v1/balance").await.refused(403, "insufficient_scope");
    let mine = sandbox.walk(&format!("/v1/messages?keyId={id}"), 10).await;
    assert_eq!(mine.iter().map(|row| &row["messageId"]).collect::<Vec<_>>(), [&sent["messageId"]]);
    let production = developer.walk(&format!("/v1/messages?keyId={id}"), 10).await;
    assert!(production.is_empty(), "what is not named is production");
}

#[tokio::test]
async fn codes_senders_and_operators_are_told() {
    let api = Api::start().await;
    let customer = api.user("customer").await;
    let codes = customer.get("/v1/message-error-codes").await.is(200);
    let codes = codes["data"].as_array().unwrap();
    for code in codes {
        for language in ["en", "ps", "fa"] {
            assert!(
                !text(&code["meaning"], language).is_empty() && !text(&code["nextStep"], language).is_empty()
            );
        }
    }
    let failed = customer.walk("/v1/messages?status=failed", 100).await;
    let known = |code: &Value| codes.iter().any(|row| row["code"] == *code);
    assert!(failed.iter().all(|row| known(&row["errorCode"])), "every failure is explained");
    let senders = customer.get("/v1/sender-ids").await.is(200);
    assert_eq!(senders["data"][0]["sender"], "Sarai");
    let roshan = customer.get("/v1/operators/Roshan/health").await.is(200);
    assert!(roshan["failedBps"].as_u64().unwrap() > 0 && roshan["messages"].as_u64().unwrap() >= 50);
    assert_eq!(customer.get("/v1/operators/Salaam/health").await.is(200)["failedBps"], Value::Null);
    let abroad = customer.get("/v1/operators/Vodafone%20UK/health").await.is(200);
    assert_eq!(abroad["operatorName"], "Vodafone UK");
    customer.get("/v1/operators/Nobody/health").await.refused(404, "not_found");
}
