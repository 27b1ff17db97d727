//! Verify over HTTP, in the sandbox: started, checked, sent again, given up, read, and who may do so.

use std::{collections::BTreeSet, fs};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use reqwest::Method;
use sarai::config::Config;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    market::text,
    world::{Answer, Api, User, generous, unique},
};

/// A number that behaves as scenario 00, with the code 123456.
const DELIVERED: &str = "+12025550100";

/// A key of somebody's that verifies.
async fn verifier(user: &User, over: &Value) -> User {
    let mut body = json!({
        "label": unique("verify"), "environment": "SANDBOX", "scopes": ["verify:send", "verify:read"],
    });
    body.as_object_mut().unwrap().extend(over.as_object().cloned().unwrap_or_default());
    user.api.bearer(text(&user.post("/v1/keys", &body).await.is(201), "rawKey"))
}

async fn sandboxed(api: &Api) -> User {
    verifier(&api.user("developer").await, &json!({})).await
}

fn to(phone: &str, over: Value) -> Value {
    let mut body = json!({"to": {"phone": phone}});
    if let Value::Object(over) = over {
        body.as_object_mut().unwrap().extend(over);
    }
    body
}

async fn start(key: &User, body: &Value) -> Value {
    key.post("/v1/verifications", body).await.is(201)
}

fn path(verification: &Value, rest: &str) -> String {
    format!("/v1/verifications/{}{rest}", text(verification, "verificationId"))
}

async fn check(key: &User, verification: &Value, code: &str) -> Answer {
    key.post(&path(verification, "/check"), &json!({"code": code})).await
}

/// A number that is no scenario's, another one each time.
fn number(place: usize) -> String {
    format!("+9370{:07}", 1_000_000 + place)
}

#[tokio::test]
async fn a_verification_in_pashto_is_approved_with_a_token_that_others_can_check() {
    let api = Api::start().await;
    let key = sandboxed(&api).await;
    let body = to(
        DELIVERED,
        json!({
            "locale": "ps-AF", "brand": "Acme", "purpose": "SIGN_IN", "metadata": {"order": "7"},
            "channelOrder": [{"channel": "SMS"}, {"channel": "VOICE", "waitSeconds": 30}],
            "endUser": {"ip": "203.0.113.7", "ref": "amina"},
        }),
    );
    let started = key.post("/v1/verifications", &body).await;
    assert_eq!(started.header("cache-control"), "no-store");
    let location = started.header("location").to_owned();
    let started = started.is(201);
    assert_eq!(location, path(&started, ""));
    for (member, value) in [
        ("state", json!("PENDING")),
        ("currentChannel", json!("SMS")),
        ("localeUsed", json!("ps")),
        ("attempts", json!(0)),
        ("attemptsRemaining", json!(5)),
        ("sendsRemaining", json!(4)),
        ("resendPolicy", json!("SAME_CODE")),
        ("brand", json!("Acme")),
        ("reused", json!(false)),
        ("metadata", json!({"order": "7"})),
    ] {
        assert_eq!(started[member], value, "{member}");
    }
    assert_eq!(started["sandbox"]["code"], "123456");
    assert!(!started.to_string().contains("2025550100"), "the number is masked");

    let wrong = check(&key, &started, "000000").await.is(200);
    assert_eq!((&wrong["outcome"], &wrong["attemptsRemaining"]), (&json!("INCORRECT"), &json!(4)));
    assert_eq!(wrong["verificationToken"], Value::Null);
    let short = check(&key, &started, "1234").await.refused(422, "verification.malformed_code");
    assert_eq!(short["status"], 422);
    let right = check(&key, &started, "۱۲۳-۴۵۶").await.is(200);
    assert_eq!((&right["outcome"], &right["state"]), (&json!("APPROVED"), &json!("APPROVED")));
    check(&key, &started, "123456").await.refused(409, "verification.already_approved");

    let token = text(&right, "verificationToken");
    let jwks = api.nobody().get("/v1/.well-known/verify-sandbox-jwks.json").await.is(200);
    let production = api.nobody().get("/v1/.well-known/verify-jwks.json").await.is(200);
    let kid = decode_header(token).unwrap().kid;
    assert_eq!(kid.as_deref(), jwks["keys"][0]["kid"].as_str());
    assert_ne!(jwks["keys"][0]["x"], production["keys"][0]["x"], "each world has its key");
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_audience(&["acc_demo_developer"]);
    let claims = |keys: &Value| {
        let key = DecodingKey::from_ed_components(text(&keys["keys"][0], "x")).unwrap();
        decode::<Value>(token, &key, &rules).map(|token| token.claims)
    };
    assert!(claims(&production).is_err(), "the other world's key checks nothing");
    let claims = claims(&jwks).unwrap();
    assert_eq!(claims["sub"], started["verificationId"]);
    assert_eq!((&claims["env"], &claims["purpose"]), (&json!("SANDBOX"), &json!("SIGN_IN")));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);
    let mut hash = Sha256::new();
    for part in ["verify.to.v1", text(&started, "verificationId"), DELIVERED] {
        hash.update(u16::try_from(part.len()).unwrap().to_be_bytes());
        hash.update(part);
    }
    let hash = sarai_domain::kernel::Hex::<32>(hash.finalize().into()).to_string();
    assert_eq!(claims["toHash"], json!(hash), "whoever knows the number can check the token");

    let shown = key.get(&path(&started, "")).await.is(200);
    assert_eq!((&shown["state"], &shown["attempts"]), (&json!("APPROVED"), &json!(2)));
    assert_eq!(shown["sandbox"]["code"], Value::Null);
    assert_eq!(shown["allowedActions"], json!([]));
    let sends = shown["sends"].as_array().unwrap();
    assert_eq!((sends.len(), &sends[0]["status"]), (1, &json!("SENT")));
    let kinds: Vec<&str> =
        shown["timeline"].as_array().unwrap().iter().filter_map(|entry| entry["kind"].as_str()).collect();
    for kind in ["started", "queued", "send", "checked", "incorrect", "approved"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let noted = shown["timeline"].as_array().unwrap().iter().filter(|entry| entry["kind"] == "checked");
    assert!(noted.clone().all(|entry| entry["requestId"].is_string()) && noted.count() == 2);
}

/// T27 over HTTP: of a thousand guesses at once five are compared, and the right one counts if it is among them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_thousand_guesses_at_once_five_are_compared() {
    let api = Api::start().await;
    let key = sandboxed(&api).await;
    for round in 0..3_usize {
        let started = start(&key, &to(&number(round), json!({}))).await;
        let code = text(&started["sandbox"], "code").to_owned();
        let guesses = (0..1_000).map(|place| {
            let (key, started) = (key.clone(), started.clone());
            let typed = if place == round * 400 { code.clone() } else { format!("{place:06}") };
            tokio::spawn(async move { check(&key, &started, &typed).await })
        });
        let (mut compared, mut approved, mut codes) = (0, 0, BTreeSet::new());
        for guess in guesses.collect::<Vec<_>>() {
            let answer = guess.await.unwrap();
            match answer.status {
                200 => {
                    compared += 1;
                    approved += usize::from(answer.json["outcome"] == "APPROVED");
                }
                503 => {}
                _ => {
                    codes.insert(text(&answer.json, "code").to_owned());
                }
            }
        }
        assert!((1..=5).contains(&compared), "{compared} were compared");
        assert!(approved <= 1, "{approved} were approved");
        let known = [
            "conflict.retry",
            "verification.already_approved",
            "verification.attempts_spent",
            "verification.failed",
        ];
        assert!(codes.iter().all(|code| known.contains(&code.as_str())), "{codes:?}");
        let shown = key.get(&path(&started, "")).await.is(200);
        assert!(shown["attempts"].as_u64().unwrap() <= 5, "{shown}");
        assert_eq!(shown["state"] == "APPROVED", approved == 1, "{shown}");
    }
}

#[tokio::test]
async fn five_wrong_codes_fail_it_and_the_right_one_comes_too_late() {
    let api = Api::start().await;
    let key = sandboxed(&api).await;
    let started = start(&key, &to(DELIVERED, json!({}))).await;
    for left in (0..5).rev() {
        let wrong = check(&key, &started, "000000").await.is(200);
        assert_eq!(wrong["attemptsRemaining"], left);
        assert_eq!(wrong["state"], if left == 0 { "FAILED" } else { "PENDING" });
    }
    let late = check(&key, &started, "123456").await.refused(409, "verification.failed");
    assert_eq!(late["reason"], "MAX_ATTEMPTS");
    let again = key.post("/v1/verifications", &to(DELIVERED, json!({}))).await.is(201);
    assert_ne!(again["verificationId"], started["verificationId"], "its place is free");
}

#[tokio::test]
async fn what_is_live_goes_on_gives_way_or_refuses() {
    let api = Api::start().await;
    let key = sandboxed(&api).await;
    let first = start(&key, &to(DELIVERED, json!({}))).await;
    let reused = key.post("/v1/verifications", &to(DELIVERED, json!({}))).await.is(200);
    assert_eq!((&reused["verificationId"], &reused["reused"]), (&first["verificationId"], &json!(true)));
    assert_eq!(reused["sandbox"]["code"], "123456");
    let reject = to(DELIVERED, json!({"onExisting": "REJECT"}));
    let refused = key.post("/v1/verifications", &reject).await.refused(409, "verification.in_progress");
    assert_eq!(refused["verificationId"], first["verificationId"]);
    let other = to(DELIVERED, json!({"locale": "fa"}));
    key.post("/v1/verifications", &other).await.refused(409, "verification.in_progress");
    let both =
        |phone: &str| json!({"to": {"phone": phone, "email": "ana@sandbox.test"}, "purpose": "TRANSACTION"});
    let one = start(&key, &both("+12025550100")).await;
    let refused = key.post("/v1/verifications", &both("+12025550101")).await;
    let refused = refused.refused(409, "verification.in_progress");
    assert_eq!(refused["verificationId"], one["verificationId"], "its code proves the other number");
    let second = start(&key, &to(DELIVERED, json!({"onExisting": "SUPERSEDE"}))).await;
    let over = key.get(&path(&first, "")).await.is(200);
    assert_eq!((&over["state"], &over["failureReason"]), (&json!("FAILED"), &json!("SUPERSEDED")));
    let elsewhere = start(&key, &to(DELIVERED, json!({"purpose": "SIGN_UP"}))).await;
    assert_ne!(elsewhere["verificationId"], second["verificationId"]);
    let cancelled = key.poke(&path(&second, "/cancel")).await.is(200);
    assert_eq!(cancelled["failureReason"], "CANCELLED");
    key.poke(&path(&second, "/cancel")).await.is(200);
    start(&key, &to(DELIVERED, json!({}))).await;
}

#[tokio::test]
async fn a_code_is_sent_again_and_on_the_next_channel_in_its_time() {
    let api = Api::start().await;
    let key = sandboxed(&api).await;
    let order = json!({"channelOrder": [{"channel": "SMS"}, {"channel": "VOICE"}]});
    let started = start(&key, &to(DELIVERED, order)).await;
    let resend =
        key.ask(Method::POST, &path(&started, "/resend")).header("idempotency-key", &unique("again"));
    let soon = resend.send().await.refused(429, "verification.resend_too_soon");
    assert_eq!(soon["resendAvailableAt"], started["resendAvailableAt"]);
    let next =
        key.ask(Method::POST, &path(&started, "/next-channel")).header("idempotency-key", &unique("next"));
    next.send().await.refused(429, "verification.resend_too_soon");
    key.ask(Method::POST, &path(&started, "/resend")).send().await.refused(400, "idempotency_key_required");
    assert_eq!(started["allowedActions"], json!(["check", "cancel"]));
}

/// Rulings R8 and R9: what policies would refuse is played by scenarios, and nothing else is refused in a sandbox.
#[tokio::test]
async fn scenarios_play_what_policies_refuse() {
    let api = Api::start().await;
    let key = sandboxed(&api).await;
    for (last, status, code) in [
        ("07", 403, "verification.destination_blocked"),
        ("08", 403, "verification.country_not_allowed"),
        ("09", 402, "spend.cap_reached"),
        ("10", 429, "verification.destination_rate_limited"),
    ] {
        key.post("/v1/verifications", &to(&format!("+120255501{last}"), json!({})))
            .await
            .refused(status, code);
    }
    let anywhere = start(&key, &to("+88216012345", json!({}))).await;
    assert_eq!(anywhere["sandbox"]["code"], "123456", "any other number is delivered to");
    let undelivered = start(&key, &to("+12025550101", json!({}))).await;
    let code = text(&undelivered["sandbox"], "code").to_owned();
    assert!(code != "123456" && code.len() == 6);
    assert_eq!(undelivered["state"], "PENDING");
    assert_eq!(check(&key, &undelivered, &code).await.is(200)["outcome"], "APPROVED");
    let mail = start(&key, &json!({"to": {"email": "delivered@sandbox.test"}})).await;
    assert_eq!((&mail["currentChannel"], &mail["assurance"]), (&json!("EMAIL"), &json!("contact_ownership")));
}

#[tokio::test]
async fn a_request_that_is_repeated_sends_once_and_shows_its_secrets_once() {
    let api = Api::start().await;
    let key = sandboxed(&api).await;
    let ask = || {
        key.ask(Method::POST, "/v1/verifications")
            .header("idempotency-key", "once")
            .json(&to(DELIVERED, json!({})))
    };
    let first = ask().send().await.is(201);
    let again = ask().send().await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    let again = again.is(201);
    assert_eq!(again["sandbox"]["code"], Value::Null);
    assert_eq!((&again["verificationId"], &again["sends"]), (&first["verificationId"], &first["sends"]));
    let typed = json!({"code": "123456"});
    let check =
        || key.ask(Method::POST, &path(&first, "/check")).header("idempotency-key", "check").json(&typed);
    let approved = check().send().await.is(200);
    assert!(approved["verificationToken"].is_string());
    let again = check().send().await.is(200);
    assert_eq!((&again["outcome"], &again["verificationToken"]), (&json!("APPROVED"), &Value::Null));
    let shown = key.get(&path(&first, "")).await.is(200);
    assert_eq!(shown["attempts"], 1);
    let other = json!({"code": "654321"});
    let reused =
        key.ask(Method::POST, &path(&first, "/check")).header("idempotency-key", "check").json(&other);
    reused.send().await.refused(422, "idempotency_key_reused");
}

#[tokio::test]
async fn only_keys_verify_and_nobody_sees_another_tenant_s() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let key = verifier(&developer, &json!({})).await;
    let started = start(&key, &to(DELIVERED, json!({}))).await;
    developer.post("/v1/verifications", &to(DELIVERED, json!({}))).await.refused(403, "forbidden");
    developer.post(&path(&started, "/check"), &json!({"code": "123456"})).await.refused(403, "forbidden");
    developer.get(&path(&started, "")).await.is(200);
    let reader = verifier(&developer, &json!({"scopes": ["verify:read"]})).await;
    reader.get(&path(&started, "")).await.is(200);
    reader.post("/v1/verifications", &to(DELIVERED, json!({}))).await.refused(403, "insufficient_scope");
    let live = verifier(&developer, &json!({"environment": "PRODUCTION"})).await;
    live.get(&path(&started, "")).await.refused(404, "not_found");
    let other = verifier(&api.user("other").await, &json!({})).await;
    let foreign = [
        other.get(&path(&started, "")).await,
        check(&other, &started, "123456").await,
        other.poke(&path(&started, "/cancel")).await,
    ];
    for answer in foreign {
        answer.refused(404, "not_found");
    }
    let unknown = "/v1/verifications/ver_01ARZ3NDEKTSV4RRFFQ69G5FAV/check";
    other.post(unknown, &json!({"code": "123456"})).await.refused(404, "not_found");
    let listed = other.get("/v1/verifications").await.is(200);
    assert_eq!(listed["data"], json!([]));
    assert_eq!(key.get(&path(&started, "")).await.is(200)["attempts"], 0, "nobody counted anything");
}

#[tokio::test]
async fn lists_show_one_world_by_state_channel_and_time() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let key = verifier(&developer, &json!({})).await;
    let mut begun = Vec::new();
    for place in 0..5 {
        begun.push(start(&key, &to(&number(place), json!({}))).await);
    }
    let mail = start(&key, &json!({"to": {"email": "delivered@sandbox.test"}})).await;
    key.poke(&path(&begun[0], "/cancel")).await.is(200);
    let ids =
        |list: &[Value]| list.iter().map(|one| text(one, "verificationId").to_owned()).collect::<Vec<_>>();
    let all = key.walk("/v1/verifications", 2).await;
    assert_eq!((all.len(), &ids(&all)[0]), (6, &text(&mail, "verificationId").to_owned()));
    assert_eq!(ids(&key.walk("/v1/verifications?state=FAILED", 2).await), ids(&begun[..1]));
    assert_eq!(ids(&key.walk("/v1/verifications?channel=EMAIL", 2).await), ids(&[mail]));
    assert_eq!(key.walk("/v1/verifications?country=AF", 2).await.len(), 5);
    assert_eq!(key.walk("/v1/verifications?from=2040-01-01T00:00:00Z", 2).await.len(), 0);
    assert_eq!(key.walk("/v1/verifications?to=2040-01-01T00:00:00Z", 3).await.len(), 6);
    assert_eq!(developer.get("/v1/verifications").await.is(200)["data"], json!([]), "production has none");
    let seen = developer.walk("/v1/verifications?environment=SANDBOX", 4).await;
    assert_eq!(seen.len(), 6, "the account's default sandbox");
    key.get("/v1/verifications?environment=PRODUCTION").await.refused(403, "key.environment_mismatch");
}

#[tokio::test]
async fn a_preview_says_what_a_start_would_meet_and_leaves_nothing() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let key = verifier(&developer, &json!({})).await;
    let asked = json!({"phone": "+93701234567", "channelOrder": [{"channel": "SMS"}, {"channel": "VOICE"}]});
    let seen = key.post("/v1/verification-previews", &asked).await.is(200);
    assert_eq!((&seen["allowed"], &seen["quote"]["amount"]), (&json!(true), &json!("0.000000")));
    assert_eq!(seen["routeByStep"].as_array().unwrap().len(), 2);
    assert_eq!(key.get("/v1/verifications").await.is(200)["data"], json!([]));

    let live = verifier(&developer, &json!({"environment": "PRODUCTION"})).await;
    let seen = live.post("/v1/verification-previews", &asked).await.is(200);
    assert_eq!((&seen["allowed"], &seen["quote"]["amount"]), (&json!(false), &json!("0.007900")));
    assert_eq!(seen["routeByStep"][0]["reasons"], json!(["channel_unavailable"]));
    let abroad = live.post("/v1/verification-previews", &json!({"phone": "+491701234567"})).await.is(200);
    assert_eq!(abroad["reasons"], json!(["verification.country_not_allowed"]));
    live.post("/v1/verifications", &to("+93701234567", json!({}))).await.refused(503, "channel_unavailable");
    let magic = live.post("/v1/verifications", &to(DELIVERED, json!({}))).await;
    magic.refused(422, "verification.test_destination_in_production");
}

#[tokio::test]
async fn policies_are_set_by_whoever_saw_them() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let put = async |user: &User, path: &str, tag: Option<&str>, body: &Value| {
        let ask = user.ask(Method::PUT, path).json(body);
        let ask = if let Some(tag) = tag { ask.header("if-match", tag) } else { ask };
        ask.send().await
    };
    let policy = developer.get("/v1/verify-policy").await;
    assert_eq!(policy.header("etag"), "\"v0\"");
    let policy = policy.is(200);
    assert_eq!((&policy["homeCountry"], &policy["terms"]["maxAttempts"]), (&json!("AF"), &json!(5)));
    let mut settings = policy.clone();
    for member in ["environment", "updatedAt", "version"] {
        settings.as_object_mut().unwrap().remove(member);
    }
    settings["allowedCountries"] = json!(["AF", "DE"]);
    settings["terms"]["maxAttempts"] = json!(3);
    put(&developer, "/v1/verify-policy", None, &settings).await.refused(428, "precondition_required");
    let set = put(&developer, "/v1/verify-policy", Some("\"v0\""), &settings).await;
    assert_eq!(set.header("etag"), "\"v1\"");
    assert_eq!(set.is(200)["allowedCountries"], json!(["AF", "DE"]));
    put(&developer, "/v1/verify-policy", Some("\"v0\""), &settings).await.refused(412, "precondition_failed");
    assert_eq!(developer.get("/v1/verify-policy?environment=SANDBOX").await.header("etag"), "\"v0\"");
    let other = api.user("other").await;
    assert_eq!(other.get("/v1/verify-policy").await.header("etag"), "\"v0\"");
    let allow = json!({"country": "DE"});
    for again in [&allow, &allow] {
        let allowed = other.post("/v1/verify-policy/allow", again).await;
        assert_eq!(allowed.header("etag"), "\"v1\"");
        assert_eq!(allowed.is(200)["allowedCountries"], json!(["AF", "DE"]), "home stays allowed");
    }
    settings["terms"]["maxAttempts"] = json!(11);
    put(&developer, "/v1/verify-policy", Some("\"v1\""), &settings)
        .await
        .refused(422, "verification.terms_out_of_bounds");

    let usd = |amount: &str| json!({"amount": amount, "currency": "USD"});
    let caps = json!({"perDay": usd("1.5"), "perMonth": usd("30"), "maxPricePerSend": null});
    let set = put(&developer, "/v1/spend-policy", Some("\"v0\""), &caps).await.is(200);
    assert_eq!((&set["perDay"], &set["version"]), (&usd("1.500000"), &json!(1)));
    let mixed =
        json!({"perDay": usd("1"), "perMonth": {"amount": "1", "currency": "EUR"}, "maxPricePerSend": null});
    put(&developer, "/v1/spend-policy", Some("\"v1\""), &mixed).await.refused(422, "spend.currency");
    api.user("buyer").await.get("/v1/spend-policy").await.refused(403, "forbidden");

    let unlock =
        json!({"tenantId": "acc_demo_developer", "to": {"phone": "+93701234567"}, "reason": "she called"});
    developer.post("/v1/verify-policy/unlock", &unlock).await.refused(403, "forbidden");
    api.user("admin").await.post("/v1/verify-policy/unlock", &unlock).await.is(204);
}

/// The token's own parts, without a library: it is what a JWT is.
#[tokio::test]
async fn a_token_is_a_plain_jwt() {
    let api = Api::start().await;
    let key = sandboxed(&api).await;
    let started = start(&key, &to(DELIVERED, json!({}))).await;
    let right = check(&key, &started, "123456").await.is(200);
    let token = text(&right, "verificationToken");
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3);
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    for claim in
        ["iss", "aud", "sub", "jti", "iat", "exp", "env", "purpose", "channel", "assurance", "toHash"]
    {
        assert!(!claims[claim].is_null(), "{claim}");
    }
}

/// T68: what a verification is told in confidence stands in no file and no event.
#[tokio::test]
async fn a_number_a_code_and_a_token_stand_in_no_file_and_no_event() {
    let folder = std::env::temp_dir().join(unique(&format!("sarai-verify-{}", std::process::id())));
    let config = Config { memory: false, data_dir: folder.clone(), ..generous() };
    let api = Api::start_with(config).await;
    let key = sandboxed(&api).await;
    // A scenario whose code is derived, and whose number stands in no article: 123456 stands in many places.
    let started =
        start(&key, &to("+12025550113", json!({"endUser": {"ip": "198.51.100.77", "ref": "amina-canary"}})))
            .await;
    let code = text(&started["sandbox"], "code").to_owned();
    let wrong = if code == "000000" { "111111" } else { "000000" };
    check(&key, &started, wrong).await.is(200);
    let typed = json!({"code": code});
    let ask = key.ask(Method::POST, &path(&started, "/check")).header("idempotency-key", "kept").json(&typed);
    let right = ask.send().await.is(200);
    let token = text(&right, "verificationToken").to_owned();
    let signature = token.rsplit('.').next().unwrap().to_owned();
    let events = api.user("developer").await.get("/v1/events?after=0").await.text;
    let mut kept: Vec<(String, Vec<u8>)> = vec![("events".to_owned(), events.into_bytes())];
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        kept.push((path.display().to_string(), fs::read(&path).unwrap_or_default()));
    }
    assert!(kept.iter().any(|(name, _)| name.contains("sarai.db")), "a store was looked through");
    for secret in ["12025550113", "198.51.100.77", "amina-canary", &signature, &format!("\"{code}\"")] {
        for (name, bytes) in &kept {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} stands in {name}");
        }
    }
    api.stop();
    let _ = api.stopped().await;
    let _ = fs::remove_dir_all(folder);
}
