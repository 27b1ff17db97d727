//! What alerts of keys in public are refused with, signed as a finder signs them.

use serde_json::{Value, json};

use crate::{
    portal,
    server::{Answer, Ask, Who},
    world::World,
};

const PATH: &str = "/v1/integrations/github/secret-alerts";

/// An alert of a key.
pub(crate) fn of(secret: &str) -> Ask {
    let found = json!([{"token": secret, "type": "sarai_api_key", "url": "https://example.test/leak"}]);
    Ask { key: None, ..Who::Finder.post(PATH, found) }
}

/// Provokes a code of an alert.
pub(crate) async fn provoke(world: &World, operation: &str, code: &str) -> Option<Answer> {
    if operation != "secret-alerts.receive" {
        return None;
    }
    let server = match code {
        "secret_alert.bad_signature" => {
            let unsigned = Ask { who: Who::Nobody, ..of("srk_live_none") };
            return Some(world.send(unsigned).await);
        }
        "unavailable" => &world.down,
        "timeout" => &world.impatient,
        "conflict.retry" => &world.conflicted,
        _ => return None,
    };
    let (_, key) = portal::key(world, &portal::developer(), Value::Object(serde_json::Map::new())).await;
    let Who::Key(secret) = key else { panic!("it is a key") };
    Some(server.send(&of(&secret)).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_was_found_in_public_ends_at_once_and_is_told_as_exposed() {
    let world = Box::pin(World::new()).await;
    let who = portal::developer();
    let (id, key) = portal::key(&world, &who, json!({"scopes": ["keys:read"]})).await;
    let Who::Key(secret) = key.clone() else { panic!("it is a key") };
    assert_eq!(world.send(key.get("/v1/keys")).await.status, 200);
    let answers = world.ok(of(&secret)).await;
    assert_eq!(
        answers,
        json!([{"token_raw": secret, "token_type": "sarai_api_key", "label": "true_positive"}])
    );
    assert_eq!(world.send(key.get("/v1/keys")).await.status, 401);
    let shown = world.ok(who.get(format!("/v1/keys/{id}"))).await;
    assert_eq!((&shown["status"], &shown["revokedReason"]), (&json!("REVOKED"), &json!("EXPOSED")));
    assert_eq!(world.ok(of(&secret)).await[0]["label"], "false_positive", "it works no more");
}
