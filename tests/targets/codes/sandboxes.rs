//! What sandboxes and providers' callbacks are refused with.

use sarai_application::Ports;
use sarai_domain::{
    devportal::{
        sandbox::{SandboxCode, SandboxMessage, SandboxSession},
        template::system_template_id,
        values::{Address, Brand, Channel, CodeLength, DestinationHash, E164Phone, Locale, Purpose},
        verify::TemplatePin,
    },
    kernel::{Aggregate as _, DeliveryAttemptId, Hex, SandboxId, SandboxMessageId, VerificationId},
};
use sarai_ports::{Repository, Scope};
use serde_json::{Value, json};

use crate::{
    portal::{developer, key, new_key, suspended},
    server::{Answer, Ask, Who},
    world::{World, merged, text},
};

/// Provokes a code of an operation of sandboxes, or of what providers call back with.
pub(crate) async fn provoke(world: &World, operation: &str, code: &str) -> Option<Answer> {
    let path = match operation {
        "sandboxes.create" => return create(world, code).await,
        "keys.create" => return bind(world, code).await,
        "sandboxes.inbox" if code == "key.environment_mismatch" => return inbox(world).await,
        "callbacks.receive" => return called_back(world, code).await,
        "sandboxes.close" => "",
        "sandboxes.advance" => "/clock",
        "sandboxes.reset" => "/reset",
        "sandboxes.extend" => "/extend",
        _ => return None,
    };
    let who = developer();
    let id = made(world, &who).await;
    let body = match (operation, code) {
        ("sandboxes.advance", "sandbox.clock_backwards") => json!({"advanceSeconds": 0}),
        ("sandboxes.advance", "sandbox.clock_too_far") => json!({"advanceSeconds": 2_592_001}),
        ("sandboxes.extend", "sandbox.lifetime") => json!({"ttlSeconds": 604_801}),
        (_, "sandbox.closed" | "sandbox.quota_used") => {
            let over = code == "sandbox.closed";
            stored(world, &who, &id, if over { expire } else { exhaust }).await;
            match operation {
                "sandboxes.advance" => json!({"advanceSeconds": 1}),
                "sandboxes.extend" => json!({"ttlSeconds": 90_000}),
                _ => Value::Null,
            }
        }
        _ => return None,
    };
    let path = format!("/v1/sandboxes/{id}{path}");
    let asked = match body {
        Value::Null if operation == "sandboxes.close" => who.delete(path),
        Value::Null => Ask { body: None, ..who.post(path, json!({})) },
        body => who.post(path, body),
    };
    Some(world.send(asked).await)
}

/// A sandbox of somebody's.
pub(crate) async fn made(world: &World, who: &Who) -> String {
    text(&world.ok(who.post("/v1/sandboxes", json!({}))).await, "sandboxId")
}

pub(crate) fn expire(sandbox: &mut SandboxSession) {
    let over = sandbox.data().expires_at;
    let _ = sandbox.expire(over).expect("its time is over");
}

pub(crate) fn exhaust(sandbox: &mut SandboxSession) {
    let now = sandbox.data().created_at;
    let to = Address::Phone(E164Phone::parse("+12025550100").expect("a number"));
    for _ in 0..sandbox.data().quota.verifications {
        sandbox.open_verification(&to, DestinationHash(Hex([0; 32])), now).expect("a place");
    }
}

/// Fills its inbox.
pub(crate) fn fill(sandbox: &mut SandboxSession) {
    let (now, data) = (sandbox.data().created_at, sandbox.data().clone());
    for place in 0..data.quota.messages {
        let message = SandboxMessage {
            id: SandboxMessageId::new(u128::from(place).into()),
            sandbox_id: data.id,
            round: 0,
            at: now,
            channel: Channel::Sms,
            destination_masked: "+1202".to_owned(),
            verification_id: VerificationId::new(1_u128.into()),
            attempt_id: DeliveryAttemptId::new(1_u128.into()),
            template: TemplatePin { template_id: system_template_id(Purpose::Generic), version_no: 1 },
            locale: Locale::En,
            brand: Brand::parse("Sarai").expect("a brand"),
            minutes: 10,
            code: SandboxCode { seed: 1, ordinal: 1, fixed: true },
            generation: 1,
            code_length: CodeLength::default(),
        };
        // One is in it already.
        if sandbox.receive(message, now).is_err() {
            break;
        }
    }
}

/// Does to a stored sandbox what takes long to come to.
pub(crate) async fn stored(world: &World, who: &Who, id: &str, change: fn(&mut SandboxSession)) {
    let ports: &Ports = &world.sarai.ports;
    let scope = Scope::Within(who.tenant().parse().expect("a tenant"));
    let sandboxes: &dyn Repository<SandboxSession> = &*ports.devportal.store;
    let id: SandboxId = id.parse().expect("an id");
    let mut sandbox = sandboxes.find(&scope, &id).await.expect("an answer").expect("the sandbox");
    change(&mut sandbox);
    ports.save(sandboxes, &scope, sandbox, ports.worker_context("test", &id)).await.expect("saved");
}

async fn create(world: &World, code: &str) -> Option<Answer> {
    let overriding = |to: &str, scenario: &str| json!({"scenarioOverrides": {to: scenario}});
    let (who, body) = match code {
        "account.suspended" => (suspended(world).await.0, json!({})),
        "account.closed" => {
            let who = developer();
            world.ok(who.get("/v1/me")).await;
            world.ok(who.delete("/v1/me")).await;
            (who, json!({}))
        }
        "not_found" => (developer(), json!({"webhookEndpointIds": [crate::world::unknown("whe")]})),
        "sandbox.lifetime" => (developer(), json!({"ttlSeconds": 3_599})),
        "sandbox.limit_reached" => {
            let who = developer();
            for _ in 0..5 {
                made(world, &who).await;
            }
            (who, json!({}))
        }
        "sandbox.too_many_overrides" => {
            let many: serde_json::Map<String, Value> =
                (0..51).map(|number| (format!("+9370123{number:04}"), json!("01"))).collect();
            (developer(), json!({"scenarioOverrides": many}))
        }
        "sandbox.unknown_scenario" => (developer(), overriding("+93701234567", "15")),
        "verification.invalid_email" => (developer(), overriding("nobody@", "01")),
        "verification.invalid_phone" => (developer(), overriding("12", "01")),
        _ => return None,
    };
    Some(world.send(who.post("/v1/sandboxes", body)).await)
}

async fn bind(world: &World, code: &str) -> Option<Answer> {
    let who = developer();
    let id = made(world, &who).await;
    let body = match code {
        "key.sandbox_misplaced" => json!({"sandboxId": id, "environment": "PRODUCTION"}),
        "sandbox.closed" => {
            world.ok(who.delete(format!("/v1/sandboxes/{id}"))).await;
            json!({"sandboxId": id})
        }
        "not_found" => {
            let others = made(world, &developer()).await;
            json!({"sandboxId": others})
        }
        _ => return None,
    };
    Some(world.send(who.post("/v1/keys", new_key(body))).await)
}

async fn inbox(world: &World) -> Option<Answer> {
    let who = developer();
    let id = made(world, &who).await;
    let over = merged(json!({"scopes": ["verify:read"]}), json!({"environment": "PRODUCTION"}));
    let (_, secret) = key(world, &who, over).await;
    Some(world.send(secret.get(format!("/v1/sandboxes/{id}/inbox"))).await)
}

async fn called_back(world: &World, code: &str) -> Option<Answer> {
    let receipt = json!({"id": "m-1", "status": "DELIVERED"});
    let post = |who: Who, path: &str| world.send(Ask { key: None, ..who.post(path, receipt.clone()) });
    match code {
        "bad_signature" => Some(post(Who::Nobody, "/v1/callbacks/provider/receipts").await),
        // An unknown provider is none; a name that no provider can have is no path.
        "not_found" => Some(post(Who::Provider, "/v1/callbacks/%41/receipts").await),
        "validation_failed" => {
            Some(post(Who::Provider, "/v1/callbacks/provider/receipts?nobodyKnows=1").await)
        }
        _ => None,
    }
}
