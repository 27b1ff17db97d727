//! Codes that follow from an operation's shape. Each breaks one part of a request that works, or sends it to a
//! server that has one thing wrong with it.

use std::sync::atomic::Ordering;

use reqwest::Method;
use sarai_ports::auth::Role;
use serde_json::{Value, json};

use crate::{
    portal,
    requests::Operation,
    server::{Answer, Ask, Who},
    world::World,
};

/// Provokes a general code; none when it is not one.
pub(crate) async fn provoke(world: &World, operation: &Operation, code: &str) -> Option<Answer> {
    let good = world.working(operation)?;
    let well = &world.well;
    let answer = match code {
        "invalid_token" => well.send(&Ask { who: Who::Nobody, ..good }).await,
        "forbidden" => well.send(&Ask { who: without_role(operation), ..good }).await,
        "invalid_api_key" => well.send(&Ask { who: Who::Key("srk_live_none".to_owned()), ..good }).await,
        "insufficient_scope" => well.send(&Ask { who: world.useless_key(operation), ..good }).await,
        "account.closed" | "account.suspended" => {
            let roles = operation.described["x-roles"].as_array().cloned().unwrap_or_default();
            let role = roles.first().and_then(Value::as_str);
            well.send(&Ask { who: portal::out_of_use(world, role, code).await, ..good }).await
        }
        // What a key does for its tenant it does in production only; the others say for themselves which world is another one.
        "key.environment_mismatch" => {
            well.send(&Ask { who: world.key_of_the_sandbox(operation).await, ..good }).await
        }
        "bad_signature" => well.send(&Ask { signature: Some("v1,AAAA".to_owned()), ..good }).await,
        "malformed_request" => well.send(&good.raw("application/json", b"{\"a\":1,\"a\":2}")).await,
        "unsupported_media_type" => well.send(&good.raw("text/plain", b"{}")).await,
        "validation_failed" => well.send(&Ask { body: Some(json!({"nobodyKnows": 1})), ..good }).await,
        "payload_too_large" => well.drip(&good, 256 * 1024 + 1, "").await,
        "request_timeout" => world.impatient.drip(&good, 2, "{").await,
        "timeout" => world.impatient.send(&good).await,
        "overload" => world.full.send(&good).await,
        "unavailable" => world.down.send(&without_optional_key(operation, good)).await,
        "conflict.retry" => world.conflicted.send(&good).await,
        "rate_limited" => {
            world.strict.send(&good).await;
            world.strict.send(&good).await
        }
        "not_found" if operation.path.contains('{') => well.send(&elsewhere(operation, good)).await,
        "invalid_cursor" => {
            let glue = if good.path.contains('?') { '&' } else { '?' };
            let path = format!("{}{glue}cursor=bm9uc2Vuc2U", good.path);
            well.send(&Ask { path, ..good }).await
        }
        "precondition_required" => well.send(&Ask { if_match: None, ..good }).await,
        "precondition_failed" => well.send(&Ask { if_match: Some("\"v999\"".to_owned()), ..good }).await,
        "idempotency_key_required" if operation.described["x-idempotency"] == "required" => {
            well.send(&Ask { key: None, ..good }).await
        }
        "idempotency_key_required" => well.send(&Ask { key: Some("not visible".to_owned()), ..good }).await,
        "idempotency_in_progress" => while_at_work(world, &good, &good).await,
        "idempotency_key_reused" => {
            let other = good.body.as_ref().map_or("{}".to_owned(), |body| format!("{body} "));
            let other = good.clone().raw("application/json", other.as_bytes());
            while_at_work(world, &good, &other).await
        }
        _ => return None,
    };
    Some(answer)
}

/// Somebody with a role that may not, or with none when every role may.
fn without_role(operation: &Operation) -> Who {
    let allowed = operation.described["x-roles"].as_array().cloned().unwrap_or_default();
    let other = Role::ALL.iter().map(|(_, name)| *name).find(|name| !allowed.contains(&json!(name)));
    Who::user("usr_wrong", "acc_wrong", other.as_slice())
}

/// The same id of nothing.
fn elsewhere(operation: &Operation, good: Ask) -> Ask {
    let wanted = operation.path.split('/');
    let parts = wanted.zip(good.path.split('/')).map(|(wanted, part)| {
        let prefix = part.split_once('_').map(|(prefix, _)| crate::world::unknown(prefix));
        if wanted.starts_with('{') { prefix.unwrap_or("nobody".to_owned()) } else { part.to_owned() }
    });
    let path = parts.collect::<Vec<_>>().join("/");
    Ask { path, ..good }
}

/// Without a key it is the use case that meets the outage; what needs nothing else meets it at the key.
fn without_optional_key(operation: &Operation, good: Ask) -> Ask {
    let needs_only_the_key =
        ["admin.invariants.run", "demo.enrollment", "test-clock.advance"].contains(&operation.id.as_str());
    let optional = operation.described["x-idempotency"] == "optional" && !needs_only_the_key;
    if optional { Ask { key: None, ..good } } else { good }
}

/// The answer to a second request while the first one under the same key is at work.
async fn while_at_work(world: &World, first: &Ask, second: &Ask) -> Answer {
    assert_ne!(first.method, Method::GET);
    world.keys.armed.store(true, Ordering::SeqCst);
    let (held, ask) = (world.held.clone(), first.clone());
    let first = tokio::spawn(async move { held.send(&ask).await });
    world.keys.arrived.notified().await;
    let answer = world.held.send(second).await;
    world.keys.gate.add_permits(1);
    first.await.expect("answered");
    answer
}
