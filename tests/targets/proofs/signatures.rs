//! T66: what a receiver gets is found good by the published JavaScript library, which nothing of ours is in: the public vector,
//! both secrets of a rotation, five minutes and no more.

use std::time::Duration;

use sarai_services::{Received, signatures};
use serde_json::{Value, json};

use crate::{
    flow::SENDERS,
    world::{Peers, Person, server, text},
};

/// A message as a receiver hands it to the library.
fn message(secret: &str, received: &Received) -> Value {
    let header = |name: &str| received.header(name).to_owned();
    json!({
        "secret": secret, "body": received.body, "id": header("webhook-id"),
        "timestamp": header("webhook-timestamp"), "signature": header("webhook-signature"),
    })
}

/// The same, a member changed.
fn but(message: &Value, member: &str, value: &str) -> Value {
    let mut message = message.clone();
    message[member] = json!(value);
    message
}

#[tokio::test(flavor = "multi_thread")]
async fn the_published_javascript_library_finds_our_signatures_good_and_no_others() {
    let peers = Peers::start().await;
    let mut server = peers.known_to(server().args(["--memory"]), SENDERS);
    server.start().unwrap();
    let developer = Person::nobody(&server.url()).signed_in("other").await;
    let body = json!({"url": peers.hook(), "events": ["devportal.key.created.v1"], "environment": "SANDBOX"});
    let hook = developer.post("/v1/webhooks", &body).await.is(201);
    let path = format!("/v1/webhooks/{}", text(&hook, "id"));
    developer.key("SANDBOX", &["keys:read"]).await;
    let first = peers.receiver.wait_for(1, Duration::from_secs(10)).remove(0);
    let rotated =
        developer.post(&format!("{path}/rotate-secret"), &json!({"overlapSeconds": 60})).await.is(200);
    developer.key("SANDBOX", &["keys:read"]).await;
    let both = peers.receiver.wait_for(2, Duration::from_secs(10)).remove(1);
    let (old, new) = (text(&hook, "signingSecret"), text(&rotated, "signingSecret"));

    let now: u64 = first.header("webhook-timestamp").parse().unwrap();
    let (one, two) = (message(old, &first), message(new, &both));
    let cases = [
        ("the first message", one.clone(), "good"),
        ("the old secret during a rotation", message(old, &both), "good"),
        ("the new secret during a rotation", two.clone(), "good"),
        ("the new secret before it was there", message(new, &first), "No matching signature found"),
        ("another body", but(&one, "body", "{}"), "No matching signature found"),
        ("another id", but(&one, "id", "whd_01ARZ3NDEKTSV4RRFFQ69G5FAV"), "No matching signature found"),
        ("another time", but(&one, "timestamp", &(now - 100).to_string()), "No matching signature found"),
        (
            "a replay after five minutes",
            but(&one, "timestamp", &(now - 310).to_string()),
            "Message timestamp too old",
        ),
        (
            "a message of the future",
            but(&one, "timestamp", &(now + 400).to_string()),
            "Message timestamp too new",
        ),
        (
            "another's signature",
            but(&one, "signature", text(&two, "signature")),
            "No matching signature found",
        ),
    ];
    let messages: Vec<Value> = cases.iter().map(|(_, message, _)| message.clone()).collect();
    let found = signatures::verify(&json!(messages).to_string()).unwrap();
    let found: Value = serde_json::from_str(&found).unwrap_or_else(|_| panic!("{found}"));
    for ((name, _, wanted), found) in cases.iter().zip(found["messages"].as_array().unwrap()) {
        assert_eq!(found, wanted, "{name}");
    }
    // The vector of the specification, as this library signs it; `a_signature_is_the_one_of_the_public_specification` has
    // it of ours.
    assert_eq!(found["vector"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}
