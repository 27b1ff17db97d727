//! What webhooks are refused with.

use serde_json::{Value, json};

use crate::{
    portal, sandboxes,
    server::{Answer, Who},
    world::{World, merged, text},
};

/// Provokes a code of an operation of webhooks.
pub(crate) async fn provoke(world: &World, operation: &str, code: &str) -> Option<Answer> {
    match operation {
        "webhooks.create" => create(world, code).await,
        "webhooks.edit" => edit(world, code).await,
        "webhooks.list" => list(world, code).await,
        "webhooks.rotate-secret" => rotate(world, code).await,
        "webhooks.replay" => replay(world, code).await,
        "webhooks.recover" => recover(world, code).await,
        _ => None,
    }
}

pub(crate) fn new_webhook(over: Value) -> Value {
    merged(json!({"url": "https://hooks.example/in", "events": ["*"], "environment": "SANDBOX"}), over)
}

/// An endpoint of somebody's.
pub(crate) async fn webhook(world: &World, who: &Who) -> String {
    text(&world.ok(who.post("/v1/webhooks", new_webhook(json!({})))).await, "id")
}

/// When it was made.
pub(crate) async fn created_at(world: &World, who: &Who, id: &str) -> String {
    text(&world.ok(who.get(format!("/v1/webhooks/{id}"))).await, "createdAt")
}

/// A stopped endpoint of somebody's, and a delivery to it that failed for good.
pub(crate) async fn failed(world: &World, who: &Who) -> (String, String) {
    let id = webhook(world, who).await;
    world.ok(who.post(format!("/v1/webhooks/{id}/disable"), json!({}))).await;
    let delivery = world.ok(who.post(format!("/v1/webhooks/{id}/test"), json!({}))).await;
    (id, text(&delivery, "id"))
}

/// What is wrong with an endpoint's members.
fn wrong(code: &str) -> Option<Value> {
    Some(match code {
        "webhook.description_malformed" => json!({"description": "x".repeat(201)}),
        "webhook.event_unknown" => json!({"events": ["devportal.key.lost.v1"]}),
        "webhook.events_out_of_range" => json!({"events": []}),
        "webhook.target_forbidden" => json!({"url": "https://127.0.0.1:9443/"}),
        "webhook.url_malformed" => json!({"url": "http://hooks.example/"}),
        _ => return None,
    })
}

async fn create(world: &World, code: &str) -> Option<Answer> {
    let who = portal::developer();
    let (who, over) = match code {
        "webhook.limit_reached" => {
            for _ in 0..20 {
                webhook(world, &who).await;
            }
            (who, json!({}))
        }
        "webhook.sandbox_misplaced" => {
            let id = sandboxes::made(world, &who).await;
            (who, json!({"sandboxId": id, "environment": "PRODUCTION"}))
        }
        "sandbox.closed" => {
            let id = sandboxes::made(world, &who).await;
            world.ok(who.delete(format!("/v1/sandboxes/{id}"))).await;
            (who, json!({"sandboxId": id}))
        }
        "not_found" => {
            let others = sandboxes::made(world, &portal::developer()).await;
            (who, json!({"sandboxId": others}))
        }
        "key.environment_mismatch" => {
            let scopes = json!({"scopes": ["webhooks:write"]});
            (portal::key(world, &who, scopes).await.1, json!({"environment": "PRODUCTION"}))
        }
        code => (who, wrong(code)?),
    };
    Some(world.send(who.post("/v1/webhooks", new_webhook(over))).await)
}

async fn edit(world: &World, code: &str) -> Option<Answer> {
    let who = portal::developer();
    let change = wrong(code)?;
    let id = webhook(world, &who).await;
    Some(world.send(who.patch(format!("/v1/webhooks/{id}"), 1, change)).await)
}

async fn list(world: &World, code: &str) -> Option<Answer> {
    if code != "key.environment_mismatch" {
        return None;
    }
    let scopes = json!({"scopes": ["webhooks:read"]});
    let (_, key) = portal::key(world, &portal::developer(), scopes).await;
    Some(world.send(key.get("/v1/webhooks?environment=PRODUCTION")).await)
}

async fn rotate(world: &World, code: &str) -> Option<Answer> {
    if code != "webhook.overlap_out_of_range" {
        return None;
    }
    let who = portal::developer();
    let path = format!("/v1/webhooks/{}/rotate-secret", webhook(world, &who).await);
    Some(world.send(who.post(path, json!({"overlapSeconds": 604_801}))).await)
}

/// A replay waits for its first attempt, until the next time that senders look.
async fn replay(world: &World, code: &str) -> Option<Answer> {
    if code != "webhook.still_pending" {
        return None;
    }
    let who = portal::developer();
    let id = webhook(world, &who).await;
    let delivery = world.ok(who.post(format!("/v1/webhooks/{id}/test"), json!({}))).await;
    let again = |of: &Value| {
        let path = format!("/v1/webhooks/{id}/deliveries/{}/replay", text(of, "id"));
        world.send(who.post(path, json!({})))
    };
    for _ in 0..10 {
        let replay = again(&delivery).await;
        let refused = again(&replay.json).await;
        if refused.status == 409 {
            return Some(refused);
        }
    }
    None
}

async fn recover(world: &World, code: &str) -> Option<Answer> {
    if code != "webhook.window_too_large" {
        return None;
    }
    let who = portal::developer();
    let path = format!("/v1/webhooks/{}/recover", webhook(world, &who).await);
    Some(world.send(who.post(path, json!({"since": "2020-01-01T00:00:00Z"}))).await)
}
