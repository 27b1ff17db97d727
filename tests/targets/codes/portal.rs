//! What accounts and API keys are refused with.

use serde_json::{Value, json};

use crate::{
    server::{Answer, Who, unique},
    verify,
    world::{World, merged, text},
};

/// Provokes a code of an operation of accounts or keys.
pub(crate) async fn provoke(world: &World, operation: &str, code: &str) -> Option<Answer> {
    match operation {
        "keys.create" => create(world, code).await,
        "keys.list" | "keys.get" => read(world, operation, code).await,
        "keys.edit" => edit(world, code).await,
        "keys.rotate" => rotate(world, code).await,
        "keys.revoke" => revoke(world, code).await,
        "me.edit" | "me.close" | "me.accept-terms" => me(world, operation, code).await,
        "admin.accounts.suspend" | "admin.accounts.reinstate" => decide(world, operation, code).await,
        _ => None,
    }
}

/// What a token says of an account that may do everything.
fn complete() -> Value {
    json!({
        "account_sequence": 1, "email_verified": true, "mfa_enrolled": true, "terms_version": "2026-01",
        "email": "amina@example.com",
    })
}

/// Somebody with an account of a tenant of their own.
pub(crate) fn developer() -> Who {
    Who::member(&unique("acc"), &["developer"], complete())
}

/// A developer who acts for the tenant.
pub(crate) fn administrator() -> Who {
    Who::member(&unique("acc"), &["developer", "tenant-admin"], complete())
}

/// One of the platform's staff, with an account.
pub(crate) fn staff() -> Who {
    Who::member(&unique("acc"), &["developer", "platform-admin"], complete())
}

/// A developer, of whose account a later token says something else.
pub(crate) fn later(who: &Who, says: Value) -> Who {
    let claims = merged(merged(complete(), json!({"account_sequence": 2})), says);
    Who::member(who.tenant(), &["developer"], claims)
}

pub(crate) fn new_key(over: Value) -> Value {
    let base = json!({
        "label": unique("key"), "environment": "SANDBOX", "scopes": ["keys:write", "keys:read"],
    });
    merged(base, over)
}

/// A key of somebody's, and its secret.
pub(crate) async fn key(world: &World, who: &Who, over: Value) -> (String, Who) {
    let created = world.ok(who.post("/v1/keys", new_key(over))).await;
    (text(&created, "keyId"), Who::Key(text(&created, "rawKey")))
}

pub(crate) async fn account(world: &World, who: &Who) -> String {
    text(&world.ok(who.get("/v1/me")).await["account"], "accountId")
}

pub(crate) async fn suspended(world: &World) -> (Who, String) {
    let who = developer();
    let id = account(world, &who).await;
    suspend(world, &id).await;
    (who, id)
}

pub(crate) async fn suspend(world: &World, id: &str) {
    let path = format!("/v1/admin/accounts/{id}/suspend");
    world.ok(world.admin.post(path, json!({"reason": "abuse"}))).await;
}

async fn closed(world: &World) -> (Who, String) {
    let who = developer();
    let id = account(world, &who).await;
    world.ok(who.delete("/v1/me")).await;
    (who, id)
}

/// Somebody of a role whose account is over or suspended; a key of such an account where there is no role.
pub(crate) async fn out_of_use(world: &World, role: Option<&str>, code: &str) -> Who {
    let who = match role {
        None => return verify::suspended(world).await,
        Some("customer") => Who::member(&unique("acc"), &["customer"], complete()),
        Some(_) => developer(),
    };
    let id = account(world, &who).await;
    if code == "account.closed" {
        world.ok(who.delete("/v1/me")).await;
    } else {
        suspend(world, &id).await;
    }
    who
}

async fn twenty(world: &World, who: &Who) -> String {
    let mut last = String::new();
    for _ in 0..20 {
        last = key(world, who, json!({})).await.0;
    }
    last
}

fn blocks(count: usize) -> Value {
    (0..count).map(|place| json!(format!("203.0.113.{place}"))).collect()
}

async fn create(world: &World, code: &str) -> Option<Answer> {
    let missing = |says: Value| Who::member(&unique("acc"), &["developer"], merged(complete(), says));
    let production = json!({"environment": "PRODUCTION"});
    let (who, body) = match code {
        "account.closed" => (closed(world).await.0, json!({})),
        "account.suspended" => (suspended(world).await.0, json!({})),
        "account.email_not_verified" => (missing(json!({"email_verified": false})), production),
        "account.mfa_required" => (missing(json!({"mfa_enrolled": false})), production),
        "account.terms_required" => (missing(json!({"terms_version": null})), production),
        "key.cidr_malformed" => (developer(), json!({"ipAllowList": ["1.2.3.4/8"]})),
        "key.environment_mismatch" => (key(world, &developer(), json!({})).await.1, production),
        "key.expiry_out_of_range" => (developer(), json!({"expiresAt": "2020-01-01T00:00:00Z"})),
        "key.label_malformed" => (developer(), json!({"label": ""})),
        "key.label_taken" => {
            let who = developer();
            key(world, &who, json!({"label": "CI"})).await;
            (who, json!({"label": "CI"}))
        }
        "key.limit_reached" => {
            let who = developer();
            twenty(world, &who).await;
            (who, json!({}))
        }
        "key.scope_beyond_caller" => {
            (key(world, &developer(), json!({})).await.1, json!({"scopes": ["verify:send"]}))
        }
        "key.scope_not_grantable" => (developer(), json!({"scopes": ["docs:write"]})),
        "key.scope_unknown" => (developer(), json!({"scopes": ["no:such"]})),
        "key.scopes_out_of_range" => (developer(), json!({"scopes": []})),
        "key.too_many_blocks" => (developer(), json!({"ipAllowList": blocks(51)})),
        _ => return None,
    };
    Some(world.send(who.post("/v1/keys", new_key(body))).await)
}

async fn read(world: &World, operation: &str, code: &str) -> Option<Answer> {
    if code != "key.environment_mismatch" {
        return None;
    }
    let (id, secret) = key(world, &developer(), json!({})).await;
    let path = if operation == "keys.list" { "/v1/keys".to_owned() } else { format!("/v1/keys/{id}") };
    Some(world.send(secret.get(format!("{path}?environment=PRODUCTION"))).await)
}

async fn edit(world: &World, code: &str) -> Option<Answer> {
    let who = developer();
    let (id, _) = key(world, &who, json!({})).await;
    let path = format!("/v1/keys/{id}");
    let change = match code {
        "key.cidr_malformed" => json!({"ipAllowList": ["nowhere"]}),
        "key.label_malformed" => json!({"label": "\u{202e}x"}),
        "key.label_taken" => {
            key(world, &who, json!({"label": "CI"})).await;
            json!({"label": "CI"})
        }
        "key.revoked" => {
            world.ok(who.delete(path.clone())).await;
            json!({"label": "again"})
        }
        "key.too_many_blocks" => json!({"ipAllowList": blocks(51)}),
        _ => return None,
    };
    // That the auth-service knows of a revocation is noted meanwhile, which is a version of its own.
    for _ in 0..50 {
        let version = world.ok(who.get(path.clone())).await["version"].as_u64().expect("a version");
        let answer = world.send(who.patch(path.clone(), version, change.clone())).await;
        if answer.status != 412 {
            return Some(answer);
        }
    }
    None
}

async fn rotate(world: &World, code: &str) -> Option<Answer> {
    let who = developer();
    let ask = |who: &Who, id: &str, overlap: u32| {
        who.post(format!("/v1/keys/{id}/rotate"), json!({"overlapSeconds": overlap}))
    };
    let production = json!({"environment": "PRODUCTION"});
    let lost = async |says: Value| {
        let (id, _) = key(world, &who, production.clone()).await;
        let now = later(&who, says);
        world.ok(now.get("/v1/me")).await;
        ask(&now, &id, 0)
    };
    let asked = match code {
        "account.email_not_verified" => lost(json!({"email_verified": false})).await,
        "account.mfa_required" => lost(json!({"mfa_enrolled": false})).await,
        "account.suspended" => {
            let (id, _) = key(world, &who, json!({})).await;
            suspend(world, &account(world, &who).await).await;
            ask(&who, &id, 0)
        }
        "key.limit_reached" => {
            let id = twenty(world, &who).await;
            ask(&who, &id, 0)
        }
        "key.not_rotatable" => {
            let (id, _) = key(world, &who, json!({})).await;
            world.ok(who.delete(format!("/v1/keys/{id}"))).await;
            ask(&who, &id, 0)
        }
        "key.overlap_out_of_range" => ask(&who, &key(world, &who, json!({})).await.0, 604_801),
        "key.scope_beyond_caller" => {
            let (_, caller) = key(world, &who, json!({})).await;
            let (id, _) = key(world, &who, json!({"scopes": ["verify:send"]})).await;
            ask(&caller, &id, 0)
        }
        "key.scope_not_grantable" => {
            let staff = Who::member(who.tenant(), &["developer", "platform-admin"], complete());
            let (id, _) = key(world, &staff, json!({"scopes": ["docs:write"]})).await;
            ask(&who, &id, 0)
        }
        _ => return None,
    };
    Some(world.send(asked).await)
}

async fn revoke(world: &World, code: &str) -> Option<Answer> {
    if code != "key.revoked" {
        return None;
    }
    let who = developer();
    let (id, _) = key(world, &who, json!({})).await;
    let path = format!("/v1/keys/{id}");
    world.ok(who.post(format!("{path}/rotate"), json!({"overlapSeconds": 0}))).await;
    world.advance(1).await;
    Some(world.send(who.delete(path)).await)
}

async fn me(world: &World, operation: &str, code: &str) -> Option<Answer> {
    let terms = |version: &str| json!({"version": version});
    let asked = match (operation, code) {
        ("me.edit", "account.closed") => {
            closed(world).await.0.merge("/v1/me", json!({"displayName": "Amina"}))
        }
        ("me.edit", "account.company_name_malformed") => {
            developer().merge("/v1/me", json!({"companyName": ""}))
        }
        ("me.edit", "account.display_name_malformed") => {
            developer().merge("/v1/me", json!({"displayName": ""}))
        }
        ("me.edit", "account.timezone_malformed") => {
            developer().merge("/v1/me", json!({"timezone": "../etc"}))
        }
        ("me.close", "account.keys_active") => {
            let who = developer();
            key(world, &who, json!({})).await;
            who.delete("/v1/me")
        }
        ("me.accept-terms", "account.closed") => closed(world).await.0.post("/v1/me/terms", terms("2026-01")),
        ("me.accept-terms", "account.terms_version_outdated") => {
            developer().post("/v1/me/terms", terms("1999-01"))
        }
        _ => return None,
    };
    Some(world.send(asked).await)
}

async fn decide(world: &World, operation: &str, code: &str) -> Option<Answer> {
    if code != "account.invalid_transition" {
        return None;
    }
    let (id, what) = match operation {
        "admin.accounts.suspend" => (closed(world).await.1, "suspend"),
        _ => (account(world, &developer()).await, "reinstate"),
    };
    let path = format!("/v1/admin/accounts/{id}/{what}");
    Some(world.send(world.admin.post(path, json!({"reason": "looked into"}))).await)
}
