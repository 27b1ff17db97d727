//! What messages, the balance and invoices are refused with.

use serde_json::{Value, json};

use crate::{
    portal,
    server::{Answer, Who, unique},
    world::{World, merged, text},
};

/// Provokes a code of one of these operations.
pub(crate) async fn provoke(world: &World, operation: &str, code: &str) -> Option<Answer> {
    match (operation, code) {
        ("messages.send" | "messages.quote", _) => asked(world, operation, code).await,
        ("messages.receipt", "message.not_final") => {
            let sent = world.ok(customer().post("/v1/messages", new_message(json!({})))).await;
            let path = format!("/v1/messages/{}/receipt", text(&sent, "messageId"));
            Some(world.send(customer().get(path)).await)
        }
        (operation, "key.environment_mismatch") if operation.starts_with("messages.") => {
            let what = match operation {
                "messages.list" => String::new(),
                "messages.get" => "/msg_1".to_owned(),
                "messages.receipt" => "/msg_1/receipt".to_owned(),
                _ => operation.replacen("messages.", "/", 1),
            };
            let key = keyed(world, "sms:read").await;
            Some(world.send(key.get(format!("/v1/messages{what}?environment=PRODUCTION"))).await)
        }
        ("usage.summary" | "usage.timeseries", _) => usage(world, operation, code).await,
        _ => None,
    }
}

async fn usage(world: &World, operation: &str, code: &str) -> Option<Answer> {
    let path = format!("/v1/{}", operation.replace('.', "/"));
    let (who, query) = match code {
        "key.environment_mismatch" => (keyed(world, "usage:read").await, "environment=PRODUCTION"),
        "usage.window_empty" => (customer(), "from=2026-04-02T00:00:00Z&to=2026-04-01T00:00:00Z"),
        "usage.window_too_large" => (customer(), "from=2024-01-01T00:00:00Z&to=2026-01-01T00:00:00Z"),
        "usage.not_split" => (customer(), "metric=messages_sent&groupBy=channel"),
        _ => return None,
    };
    Some(world.send(who.get(format!("{path}?{query}"))).await)
}

/// Whose messages the demo has.
pub(crate) fn customer() -> Who {
    Who::user("usr_customer", "acc_demo_customer", &["customer"])
}

pub(crate) fn new_message(over: Value) -> Value {
    merged(json!({"to": "+93701231234", "from": "Sarai", "body": "Salam"}), over)
}

/// A message that has arrived.
pub(crate) async fn over(world: &World) -> String {
    let delivered = world.ok(customer().get("/v1/messages?status=delivered&limit=1")).await;
    text(&delivered["data"][0], "messageId")
}

/// An invoice, and what opens its document.
pub(crate) async fn invoice(world: &World) -> (String, String) {
    world.sarai.around.standins.messaging.seed_demo().expect("a past");
    let invoices = world.ok(customer().get("/v1/invoices?limit=1")).await;
    let id = text(&invoices["data"][0], "invoiceId");
    let link = world.ok(customer().poke(format!("/v1/invoices/{id}/pdf-url"))).await;
    (id, text(&link, "url").rsplit('/').next().expect("a part").to_owned())
}

/// A key of the sandbox with this scope.
async fn keyed(world: &World, scope: &str) -> Who {
    portal::key(world, &portal::developer(), json!({"scopes": [scope]})).await.1
}

async fn asked(world: &World, operation: &str, code: &str) -> Option<Answer> {
    let path = if operation == "messages.send" { "/v1/messages" } else { "/v1/message-quotes" };
    let newcomer = Who::user(&unique("usr"), &unique("acc"), &["customer"]);
    let (who, over) = match code {
        "key.environment_mismatch" => (keyed(world, "sms:send").await, json!({"environment": "PRODUCTION"})),
        "message.body_empty" => (newcomer, json!({"body": ""})),
        "message.body_too_long" => (newcomer, json!({"body": "x".repeat(1_531)})),
        "message.no_route" => (newcomer, json!({"to": "+8811234567"})),
        "message.sender_not_allowed" => (newcomer, json!({"from": "Nobody"})),
        "message.insufficient_balance" => {
            let dear = json!({"body": "x".repeat(1_530)});
            for _ in 0..100 {
                let answer = world.send(newcomer.post(path, new_message(dear.clone()))).await;
                if answer.status != 201 {
                    return Some(answer);
                }
            }
            return None;
        }
        _ => return None,
    };
    Some(world.send(who.post(path, new_message(over))).await)
}
