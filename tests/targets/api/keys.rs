//! API keys: shown once, used, rotated, revoked; and what tries to be one.

use std::{fs, time::Duration};

use reqwest::Method;
use sarai::config::Config;
use sarai_domain::devportal::values::{Environment, RawKey};
use serde_json::{Value, json};

use crate::{
    market::text,
    world::{Api, User, generous, unique},
};

fn new_key(over: &Value) -> Value {
    let mut body = json!({
        "label": unique("key"), "environment": "SANDBOX", "scopes": ["keys:read", "keys:write"],
    });
    body.as_object_mut().unwrap().extend(over.as_object().cloned().unwrap_or_default());
    body
}

/// A key of somebody's, and whoever has its secret.
async fn created(user: &User, over: &Value) -> (Value, User) {
    let key = user.post("/v1/keys", &new_key(over)).await.is(201);
    let bearer = user.api.bearer(text(&key, "rawKey"));
    (key, bearer)
}

fn path_of(key: &Value) -> String {
    format!("/v1/keys/{}", text(key, "keyId"))
}

#[tokio::test]
async fn a_key_is_shown_once_and_opens_its_own_world() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let body = new_key(&json!({"label": "CI", "environment": "SANDBOX"}));
    let ask = || developer.ask(Method::POST, "/v1/keys").header("idempotency-key", "once").json(&body);
    let first = ask().send().await;
    assert_eq!(first.header("cache-control"), "no-store");
    let first = first.is(201);
    let raw = text(&first, "rawKey");
    assert!(RawKey::parse(raw).is_ok() && raw.starts_with("srk_sbx_"), "the published form");
    assert_eq!((&first["secretState"], &first["warnings"]), (&json!("SHOWN"), &json!(["no_expiry"])));
    assert!(raw.starts_with(text(&first, "prefix")) && raw.ends_with(text(&first, "last4")));

    let again = ask().send().await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    let again = again.is(201);
    assert_eq!((&again["rawKey"], &again["secretState"]), (&Value::Null, &json!("ALREADY_SHOWN")));
    assert_eq!(again["keyId"], first["keyId"]);

    let (live, _) = created(&developer, &json!({"environment": "PRODUCTION"})).await;
    let key = api.bearer(raw);
    let seen = key.walk("/v1/keys", 10).await;
    assert_eq!(seen.iter().map(|key| &key["keyId"]).collect::<Vec<_>>(), [&first["keyId"]]);
    key.get(&path_of(&live)).await.refused(404, "not_found");
    key.get("/v1/keys?environment=PRODUCTION").await.refused(403, "key.environment_mismatch");
    key.get("/v1/me").await.refused(401, "invalid_token");
    let listed = developer.walk("/v1/keys?environment=PRODUCTION", 10).await;
    assert_eq!(listed.iter().map(|key| &key["keyId"]).collect::<Vec<_>>(), [&live["keyId"]]);
    for shown in [key.get(&path_of(&first)).await.is(200), developer.get(&path_of(&first)).await.is(200)] {
        assert_eq!(shown.get("rawKey"), None);
        assert_eq!(shown["status"], "ACTIVE");
    }
    let used = async || developer.get(&path_of(&first)).await.is(200)["lastUsedAt"].is_string();
    for _ in 0..100 {
        if used().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("its use was not noted");
}

#[tokio::test]
async fn a_key_is_rotated_and_the_old_one_ends_after_the_overlap() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let (old, with_old) = created(&developer, &json!({})).await;
    let rotate = format!("{}/rotate", path_of(&old));
    let preview = developer.post(&format!("{rotate}?simulate=true"), &json!({"overlapSeconds": 0})).await;
    let preview = preview.is(200);
    assert_eq!((&preview["simulated"], &preview["rawKey"]), (&json!(true), &Value::Null));
    assert!(preview["warnings"].as_array().unwrap().contains(&json!("no_overlap")), "{preview}");

    let rotated = developer.post(&rotate, &json!({"overlapSeconds": 60})).await.is(201);
    let with_new = api.bearer(text(&rotated, "rawKey"));
    assert_eq!(rotated["previous"]["keyId"], old["keyId"]);
    assert_eq!(rotated["key"]["label"], old["label"]);
    assert_eq!(rotated["key"]["rotatedFrom"], old["keyId"]);
    with_old.get("/v1/keys").await.is(200);
    with_new.get("/v1/keys").await.is(200);
    developer.post(&rotate, &json!({"overlapSeconds": 60})).await.refused(409, "key.not_rotatable");

    api.advance(61).await;
    with_old.get("/v1/keys").await.refused(401, "invalid_api_key");
    with_new.get("/v1/keys").await.is(200);
    let over = developer.get(&path_of(&old)).await.is(200);
    assert_eq!((&over["status"], &over["revokedReason"]), (&json!("REVOKED"), &json!("ROTATED")));
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once_and_revoking_it_again_is_done() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let (key, with_it) = created(&developer, &json!({})).await;
    with_it.get("/v1/keys").await.is(200);
    let revoked = developer.delete(&path_of(&key)).await.is(200);
    assert!(revoked["revokedAt"].is_string() && revoked["effectiveBy"].is_string(), "{revoked}");
    with_it.get("/v1/keys").await.refused(401, "invalid_api_key");
    assert_eq!(developer.delete(&path_of(&key)).await.is(200)["revokedAt"], revoked["revokedAt"]);
    let (again, _) = created(&developer, &json!({"label": key["label"]})).await;
    assert_ne!(again["keyId"], key["keyId"], "its label is free");
    let listed = developer.walk("/v1/keys?environment=SANDBOX&status=REVOKED", 10).await;
    assert_eq!(listed.len(), 1);
}

#[tokio::test]
async fn who_ends_a_key_that_somebody_used_lately_is_warned() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let mut keys = Vec::new();
    for _ in 0..2 {
        let (key, with_it) = created(&developer, &json!({})).await;
        with_it.get("/v1/keys").await.is(200);
        for _ in 0..100 {
            if developer.get(&path_of(&key)).await.is(200)["lastUsedAt"].is_string() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        keys.push(key);
    }
    let rotate = format!("{}/rotate", path_of(&keys[0]));
    let rotated = developer.post(&rotate, &json!({"overlapSeconds": 0})).await.is(201);
    assert_eq!(rotated["warnings"], json!(["no_expiry", "used_lately", "no_overlap"]), "as the preview says");
    let revoked = developer.delete(&path_of(&keys[1])).await.is(200);
    assert_eq!(revoked["warnings"], json!(["used_lately"]));
    let (unused, _) = created(&developer, &json!({})).await;
    assert_eq!(developer.delete(&path_of(&unused)).await.is(200)["warnings"], json!([]));
}

#[tokio::test]
async fn a_key_works_from_where_it_may() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let (key, with_it) = created(&developer, &json!({"ipAllowList": ["203.0.113.0/24"]})).await;
    with_it.get("/v1/keys").await.refused(401, "invalid_api_key");
    let version = developer.get(&path_of(&key)).await.is(200)["version"].as_u64().unwrap();
    let here = json!({"ipAllowList": ["127.0.0.0/8"]});
    let edited = developer.patch(&path_of(&key), version, &here).await.is(200);
    assert_eq!(edited["ipAllowList"], here["ipAllowList"]);
    with_it.get("/v1/keys").await.is(200);
    developer.patch(&path_of(&key), version, &here).await.refused(412, "precondition_failed");
}

#[tokio::test]
async fn a_key_creates_nothing_beyond_itself() {
    let api = Api::start().await;
    let (_, with_it) = created(&api.user("developer").await, &json!({})).await;
    let (child, with_child) = created(&with_it, &json!({"scopes": ["keys:read"]})).await;
    with_child.get("/v1/keys").await.is(200);
    with_child.post("/v1/keys", &new_key(&json!({}))).await.refused(403, "insufficient_scope");
    assert!(text(&child, "createdBy").starts_with("key_"));
}

/// T64: of ten thousand texts with the form of a key none opens anything, and all are refused alike, until there were so
/// many that no more are looked up from there, but for keys that were good before: who guesses shuts nobody out.
#[tokio::test]
async fn ten_thousand_random_keys_open_nothing() {
    let api = Api::start().await;
    let (_, in_use) = created(&api.user("developer").await, &json!({})).await;
    in_use.get("/v1/keys").await.is(200);
    let (_, unused) = created(&api.user("developer").await, &json!({})).await;
    for bad in ["srk_", "srk_live_x", "srk_sbx_ ", &format!("srk_live_{}", "0".repeat(49))] {
        let problem = api.bearer(bad).get("/v1/keys").await.refused(401, "invalid_api_key");
        assert_eq!(problem["detail"], "send a valid API key");
    }
    let tries = (0..20_u64).map(|task| {
        let (api, in_use) = (api.clone(), in_use.clone());
        tokio::spawn(async move {
            let mut looked_up = 0;
            for number in 0..500_u64 {
                let seed = (task * 500 + number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let mut random = [0; 32];
                for (place, part) in random.chunks_mut(8).enumerate() {
                    let part_seed = seed.rotate_left(u32::try_from(place).unwrap() * 13) ^ place as u64;
                    part.copy_from_slice(&part_seed.to_le_bytes());
                }
                let key = RawKey::from_random(Environment::Sandbox, &random);
                let answer = api.bearer(key.expose()).get("/v1/keys").await;
                if answer.status == 429 {
                    answer.refused(429, "rate_limited");
                    if number % 100 == 0 {
                        in_use.get("/v1/keys").await.is(200);
                    }
                    continue;
                }
                looked_up += 1;
                let problem = answer.refused(401, "invalid_api_key");
                assert_eq!(problem["detail"], "send a valid API key");
            }
            looked_up
        })
    });
    let mut looked_up = 0;
    for task in tries.collect::<Vec<_>>() {
        looked_up += task.await.unwrap();
    }
    assert!((200..10_000).contains(&looked_up), "{looked_up} were looked up");
    // A key that nobody came with before is good as soon as the address is.
    let mut good = unused.get("/v1/keys").await;
    for _ in 0..100 {
        if good.status == 200 {
            break;
        }
        good.refused(429, "rate_limited");
        tokio::time::sleep(Duration::from_millis(100)).await;
        good = unused.get("/v1/keys").await;
    }
    good.is(200);
}

/// K-INV-1: the secret is in one answer and nowhere else.
#[tokio::test]
async fn a_secret_is_in_no_file_and_no_event() {
    let folder = std::env::temp_dir().join(unique(&format!("sarai-canary-{}", std::process::id())));
    let config = Config { memory: false, data_dir: folder.clone(), ..generous() };
    let api = Api::start_with(config).await;
    let somebody = api.user("other").await;
    // What happens in the sandbox is in no feed of production.
    let (key, with_it) = created(&somebody, &json!({"environment": "PRODUCTION"})).await;
    with_it.get("/v1/keys").await.is(200);
    let rotated = somebody.post(&format!("{}/rotate", path_of(&key)), &json!({})).await.is(201);
    api.bearer(text(&rotated, "rawKey")).get("/v1/keys").await.is(200);
    somebody.delete(&path_of(&rotated)).await.is(200);
    let mut events = somebody.get("/v1/events?after=0").await;
    for _ in 0..100 {
        if events.text.contains("devportal.key.revoked.v1") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        events = somebody.get("/v1/events?after=0").await;
    }
    assert!(events.text.contains("devportal.key.created.v1"), "{}", events.text);
    assert!(events.text.contains("devportal.key.revoked.v1"), "{}", events.text);
    let mut kept: Vec<(String, Vec<u8>)> = vec![("events".to_owned(), events.text.into_bytes())];
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        kept.push((path.display().to_string(), fs::read(&path).unwrap_or_default()));
    }
    assert!(kept.iter().any(|(name, _)| name.contains("sarai.db")), "a store was looked through");
    for secret in [&key, &rotated] {
        let middle = &text(secret, "rawKey")[20..50];
        for (name, bytes) in &kept {
            let found = bytes.windows(middle.len()).any(|window| window == middle.as_bytes());
            assert!(!found, "the secret stands in {name}");
        }
    }
    api.stop();
    let _ = api.stopped().await;
    let _ = fs::remove_dir_all(folder);
}

#[tokio::test]
async fn an_account_comes_with_the_first_call_and_is_closed_with_its_keys() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let me = developer.get("/v1/me").await.is(200);
    let account = &me["account"];
    assert_eq!((&account["state"], &account["emailVerified"]), (&json!("ACTIVE"), &json!(true)));
    assert_eq!((&account["mfaEnrolled"], &account["termsVersion"]), (&json!(true), &account["currentTerms"]));
    assert_eq!(developer.get("/v1/me").await.is(200)["account"]["accountId"], account["accountId"]);
    assert_eq!(api.user("provider").await.get("/v1/me").await.is(200)["account"], Value::Null);

    let patch = json!({"displayName": "Amina", "companyName": "Kabul Labs", "locale": "ps", "timezone": "Asia/Kabul"});
    let edited = developer.ask(Method::PATCH, "/v1/me").json(&patch).send().await.is(200);
    for (member, value) in patch.as_object().unwrap() {
        assert_eq!(&edited[member], value);
    }
    let current = json!({"version": account["currentTerms"]});
    developer.post("/v1/me/terms", &current).await.is(204);

    let (_, with_it) = created(&developer, &json!({})).await;
    let refused = developer.delete("/v1/me").await.refused(409, "account.keys_active");
    assert_eq!(refused["activeKeys"], 1);
    let closed = developer.delete("/v1/me?revokeKeys=true").await.is(200);
    assert_eq!(closed["state"], "CLOSED");
    with_it.get("/v1/keys").await.refused(401, "invalid_api_key");
    developer.post("/v1/keys", &new_key(&json!({}))).await.refused(409, "account.closed");
}

#[tokio::test]
async fn a_suspended_account_reads_and_creates_nothing() {
    let api = Api::start().await;
    let (developer, admin) = (api.user("developer").await, api.user("admin").await);
    let (key, with_it) = created(&developer, &json!({})).await;
    let (_, verifier) = created(&developer, &json!({"scopes": ["verify:send", "verify:read"]})).await;
    let to = json!({"to": {"phone": "+12025550104"}});
    let begun = verifier.post("/v1/verifications", &to).await.is(201);
    let session = format!("/v1/verifications/{}", text(&begun, "verificationId"));
    let account = text(&developer.get("/v1/me").await.is(200)["account"], "accountId").to_owned();
    let decide = async |what: &str| {
        let path = format!("/v1/admin/accounts/{account}/{what}");
        admin.post(&path, &json!({"reason": "looked into"})).await.is(200)
    };
    assert_eq!(decide("suspend").await["state"], "SUSPENDED");
    developer.get(&path_of(&key)).await.is(200);
    developer.post("/v1/keys", &new_key(&json!({}))).await.refused(403, "account.suspended");
    with_it.post("/v1/keys", &new_key(&json!({}))).await.refused(403, "account.suspended");
    // What was begun is not sent again, and nothing else leaves or is made.
    let variants = json!([{"channel": "SMS", "locale": "en", "body": "Your {{brand}} code:\n{{code}}"}]);
    for (who, path, body) in [
        (&verifier, format!("{session}/resend"), json!({})),
        (&verifier, format!("{session}/next-channel"), json!({})),
        (&verifier, "/v1/verifications".to_owned(), json!({"to": {"phone": "+12025550100"}})),
        (
            &developer,
            "/v1/webhooks".to_owned(),
            json!({"url": "https://hooks.example/in", "events": ["*"], "environment": "SANDBOX"}),
        ),
        (
            &developer,
            "/v1/templates".to_owned(),
            json!({"name": "sign-in", "defaultLocale": "en", "variants": variants}),
        ),
        (&developer, "/v1/sandboxes".to_owned(), json!({})),
    ] {
        who.post(&path, &body).await.refused(403, "account.suspended");
    }
    verifier.get(&session).await.is(200);
    verifier.poke(&format!("{session}/cancel")).await.is(200);
    assert_eq!(decide("reinstate").await["state"], "ACTIVE");
    developer.post("/v1/keys", &new_key(&json!({}))).await.is(201);
}

/// Ruling R7: a key that is bound to a sandbox reaches what is bound to it, and no other key of its tenant.
#[tokio::test]
async fn a_key_that_is_bound_to_a_sandbox_reaches_no_other_key() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let sandbox = developer.post("/v1/sandboxes", &json!({})).await.is(201);
    let (unbound, _) = created(&developer, &json!({})).await;
    let (own, bound) = created(&developer, &json!({"sandboxId": sandbox["sandboxId"]})).await;
    let (other, mine) = (path_of(&unbound), path_of(&own));
    let rotation = json!({"overlapSeconds": 60});
    bound.get(&other).await.refused(404, "not_found");
    bound.patch(&other, 2, &json!({"label": "taken"})).await.refused(404, "not_found");
    bound.post(&format!("{other}/rotate"), &rotation).await.refused(404, "not_found");
    bound.delete(&other).await.refused(404, "not_found");
    let seen = bound.walk("/v1/keys", 10).await;
    assert_eq!(seen.iter().map(|key| &key["keyId"]).collect::<Vec<_>>(), [&own["keyId"]]);
    assert_eq!(developer.get(&other).await.is(200)["status"], "ACTIVE");
    bound.get(&mine).await.is(200);
    let successor = bound.post(&format!("{mine}/rotate"), &rotation).await.is(201);
    assert_eq!(developer.get(&path_of(&successor)).await.is(200)["sandboxId"], sandbox["sandboxId"]);
}
