//! What a developer does with the portal, end to end; every secret that is seen on the way is noted.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    places::{Canary, Place},
    world::{PASSWORD, Peers, Person, code_in, text, unique, wait_for, words},
};

/// How many digits the codes have: ten are found nowhere by chance.
const DIGITS: usize = 10;

/// The senders' passwords: of the SMS centre, of the mail server, of the provider.
pub(crate) const SENDERS: [&str; 3] = ["Zq7xSmp8", "mail-Password-4711-zq", "provider-Secret-0815-zq"];

/// Secrets that were seen.
#[derive(Default)]
pub(crate) struct Seen(pub(crate) Vec<Canary>);

impl Seen {
    pub(crate) fn note(&mut self, name: &str, value: &str) {
        self.note_but(&[], name, value);
    }

    /// One that stands in these places by rule.
    fn note_but(&mut self, allowed: &'static [Place], name: &str, value: &str) {
        self.0.push(Canary { name: name.to_owned(), value: value.to_owned(), allowed });
    }

    /// A key's secret: all of it, and what is random in it but for the characters that are shown.
    fn note_key(&mut self, name: &str, key: &Value) -> String {
        let raw = text(key, "rawKey").to_owned();
        self.note(name, &raw);
        self.note(&format!("{name}, within"), &raw[13..52]);
        raw
    }

    fn note_session(&mut self, session: &Value) {
        for member in ["accessToken", "refreshToken"] {
            self.note(member, text(session, member));
        }
    }

    fn note_hook(&mut self, name: &str, hook: &Value) {
        self.note(name, text(hook, "signingSecret").trim_start_matches("whsec_"));
    }
}

/// A number nobody else has, and what of it identifies a person.
fn phone(seen: &mut Seen, last: &str) -> String {
    let number = format!("+93709{last}");
    seen.note(&format!("the number {number}"), &number[1..]);
    seen.note(&format!("the number {number} at home"), &number[3..]);
    number
}

/// The whole of it. The staff's token moves the clock.
pub(crate) async fn run(nobody: &Person, peers: &Peers) -> Seen {
    let mut seen = Seen::default();
    for (name, secret) in ["SMPP", "SMTP", "HTTP"].into_iter().zip(SENDERS) {
        seen.note(&format!("the password of {name}"), secret);
    }
    seen.note("a right password", PASSWORD);
    let (session, developer) = nobody.session("other").await;
    seen.note_session(&session);
    let refreshed = json!({"refreshToken": text(&session, "refreshToken")});
    let refreshed = nobody.post("/v1/auth/sessions/refresh", &refreshed).await;
    seen.note_session(&refreshed.json);
    let developer = developer.with(text(&refreshed.json, "accessToken"));
    let wrong = "Wr0ng-Pa55word-canary";
    seen.note("a wrong password", wrong);
    let body = json!({"email": "other@demo.test", "password": wrong});
    nobody.post("/v1/auth/sessions", &body).await.refused(401, "invalid_credentials");

    hooks(&mut seen, &developer, peers).await;
    let (live, sandbox) = keys(&mut seen, &developer).await;
    by_text(&mut seen, &live, nobody, peers).await;
    by_mail_and_chat(&mut seen, &live, peers).await;
    in_the_sandbox(&mut seen, &sandbox, &developer).await;
    refused(&mut seen, &live).await;
    messages(&mut seen, nobody).await;
    for path in [
        "/v1/events",
        "/v1/keys",
        "/v1/keys?environment=SANDBOX",
        "/v1/webhooks",
        "/v1/verifications",
        "/v1/verifications?environment=SANDBOX",
        "/v1/me",
        "/v1/verify-policy",
        "/v1/spend-policy",
    ] {
        developer.get(path).await.is(200);
    }
    seen
}

async fn hooks(seen: &mut Seen, developer: &Person, peers: &Peers) {
    let all = json!({"url": peers.hook(), "events": ["*"], "environment": "PRODUCTION"});
    let hook = developer.post("/v1/webhooks", &all).await.is(201);
    seen.note_hook("a signing secret", &hook);
    let path = format!("/v1/webhooks/{}", text(&hook, "id"));
    let rotated =
        developer.post(&format!("{path}/rotate-secret"), &json!({"overlapSeconds": 60})).await.is(200);
    seen.note_hook("the next signing secret", &rotated);
    developer.post(&format!("{path}/test"), &Value::Null).await;
    developer.get(&path).await.is(200);
    let sandbox = json!({"url": peers.hook(), "events": ["*"], "environment": "SANDBOX"});
    seen.note_hook("a sandbox's signing secret", &developer.post("/v1/webhooks", &sandbox).await.is(201));
}

async fn keys(seen: &mut Seen, developer: &Person) -> (Person, Person) {
    const SCOPES: &[&str] = &["verify:send", "verify:read", "keys:read", "keys:write"];
    let (old, _) = developer.key("PRODUCTION", SCOPES).await;
    seen.note_key("a key", &old);
    let path = format!("/v1/keys/{}", text(&old, "keyId"));
    let next = developer.post(&format!("{path}/rotate"), &json!({"overlapSeconds": 600})).await.is(201);
    let live = developer.with(&seen.note_key("the next key", &next));
    let (gone, with_it) = developer.key("SANDBOX", SCOPES).await;
    seen.note_key("a revoked key", &gone);
    developer.ask(Method::DELETE, &format!("/v1/keys/{}", text(&gone, "keyId")), &[], None).await.is(200);
    with_it.get("/v1/keys").await.refused(401, "invalid_api_key");
    let mistyped = text(&old, "rawKey").replace("srk_live_", "srk_live_Q");
    seen.note("a mistyped key", &mistyped);
    developer.with(&mistyped).get("/v1/keys").await.refused(401, "invalid_api_key");
    developer.get(&path).await.is(200);
    let (sandbox, with_sandbox) = developer.key("SANDBOX", SCOPES).await;
    seen.note_key("a sandbox's key", &sandbox);
    (live, with_sandbox)
}

fn start(to: &Value, channel: &str) -> Value {
    json!({
        "to": to, "channelOrder": [{"channel": channel}], "codeLength": DIGITS, "purpose": "SIGN_IN",
        "endUser": {"ip": "203.0.113.177", "ref": "canary-of-an-end-user"},
    })
}

async fn check(key: &Person, verification: &Value, code: &str) -> Value {
    let path = format!("/v1/verifications/{}/check", text(verification, "verificationId"));
    key.post(&path, &json!({"code": code})).await.is(200)
}

/// A text message, a wrong guess, another send under another code, the right one.
async fn by_text(seen: &mut Seen, key: &Person, nobody: &Person, peers: &Peers) {
    seen.note("an end user's address", "203.0.113.177");
    seen.note("an end user", "canary-of-an-end-user");
    let number = phone(seen, "1827361");
    let mut body = start(&json!({"phone": number}), "SMS");
    body["resendPolicy"] = json!("NEW_CODE");
    let started = key.post("/v1/verifications", &body).await.is(201);
    let submitted = |count: usize| peers.centre.submitted().into_iter().nth(count).map(|part| words(&part));
    let first = code_in(&wait_for("a text", || submitted(0)).await, DIGITS);
    seen.note("a code", &first);
    let guess = "9182736450";
    seen.note("a wrong guess", guess);
    assert_eq!(check(key, &started, guess).await["outcome"], "INCORRECT");
    let staff = nobody.signed_in("admin").await;
    staff.post("/v1/test-clock", &json!({"advanceSeconds": 31})).await.is(200);
    let path = format!("/v1/verifications/{}", text(&started, "verificationId"));
    key.post(&format!("{path}/resend"), &json!({})).await.is(202);
    let second = code_in(&wait_for("a second text", || submitted(1)).await, DIGITS);
    seen.note("the next code", &second);
    let right = check(key, &started, &second).await;
    assert_eq!(right["outcome"], "APPROVED");
    seen.note("an approval", text(&right, "verificationToken"));
    key.get(&path).await.is(200);
    // One that stays alive, so that what is stored of a live one is seen, too.
    let number = phone(seen, "1827362");
    key.post("/v1/verifications", &start(&json!({"phone": number}), "SMS")).await.is(201);
    let live = wait_for("a third text", || submitted(2)).await;
    seen.note("a live code", &code_in(&live, DIGITS));
}

async fn by_mail_and_chat(seen: &mut Seen, key: &Person, peers: &Peers) {
    let email = "canary.of.a.person@example.org";
    seen.note("an address", email);
    seen.note("who is at an address", "canary.of.a.person");
    let started = key.post("/v1/verifications", &start(&json!({"email": email}), "EMAIL")).await.is(201);
    let letter = wait_for("a letter", || peers.mail.letters().into_iter().next()).await;
    let code = code_in(&letter.raw.replace("=\r\n", ""), DIGITS);
    seen.note("a code in a letter", &code);
    let right = check(key, &started, &code).await;
    assert_eq!(right["outcome"], "APPROVED");
    seen.note("an approval of an address", text(&right, "verificationToken"));

    let number = phone(seen, "2827363");
    let started = key.post("/v1/verifications", &start(&json!({"phone": number}), "WHATSAPP")).await.is(201);
    let told = wait_for("a chat", || peers.provider.heard().into_iter().next()).await;
    let code = code_in(&told.body, DIGITS);
    seen.note("a code in a chat", &code);
    let path = format!("/v1/verifications/{}/cancel", text(&started, "verificationId"));
    key.post(&path, &json!({})).await.is(200);
}

async fn in_the_sandbox(seen: &mut Seen, key: &Person, developer: &Person) {
    let overridden = phone(seen, "6827367");
    let made =
        developer.post("/v1/sandboxes", &json!({"scenarioOverrides": {overridden: "01"}})).await.is(201);
    developer.get(&format!("/v1/sandboxes/{}", text(&made, "sandboxId"))).await.is(200);
    let number = phone(seen, "3827364");
    let started = key.post("/v1/verifications", &start(&json!({"phone": number}), "SMS")).await.is(201);
    let code = text(&started["sandbox"], "code");
    // The inbox is where it can be read.
    seen.note_but(&[Place::Read], "a sandbox's code", code);
    let id = text(&started["sandbox"], "sandboxId");
    let inbox = developer.get(&format!("/v1/sandboxes/{id}/inbox")).await.is(200);
    assert!(inbox.to_string().contains(code), "{inbox}");
    let right = check(key, &started, code).await;
    seen.note("an approval in a sandbox", text(&right, "verificationToken"));
}

/// What is refused is not repeated in the refusal.
async fn refused(seen: &mut Seen, key: &Person) {
    let number = phone(seen, "482736");
    key.post("/v1/verifications", &start(&json!({"phone": format!("{number}123456789")}), "SMS"))
        .await
        .is(422);
    let started =
        key.post("/v1/verifications", &start(&json!({"phone": phone(seen, "5827365")}), "SMS")).await;
    let path = format!("/v1/verifications/{}/check", text(&started.is(201), "verificationId"));
    seen.note("a code of another type", "7162534980");
    key.post(&path, &json!({"code": 7_162_534_980_u64})).await.is(422);
    seen.note("a code too long", "71625349817162534981");
    key.post(&path, &json!({"code": "71625349817162534981"})).await.is(422);
    seen.note("a code in no JSON", "6152433425");
    key.ask(Method::POST, &path, &[], Some("{\"code\": \"6152433425\"".to_owned())).await.is(400);
    seen.note("a code in an address", "6152433426");
    key.get("/v1/verifications?code=6152433426&phone=6152433426").await;
    seen.note("a token of no form", "eyJhbGciOiJub25lIn0.canary-of-a-token");
    key.with("eyJhbGciOiJub25lIn0.canary-of-a-token").get("/v1/me").await.is(401);
}

/// Messages are shown to whom they belong to, kept by messaging, and stand nowhere else.
async fn messages(seen: &mut Seen, nobody: &Person) {
    const THEIRS: &[Place] = &[Place::Read, Place::Around];
    let customer = nobody.signed_in("customer").await;
    let (number, body) = ("+93706827366", "Salam, a canary of a message's body");
    seen.note_but(THEIRS, "a message's number", &number[1..]);
    seen.note_but(THEIRS, "a message's body", body);
    let message = json!({"to": number, "from": "Sarai", "body": body});
    let sent = customer.post("/v1/messages", &message).await.is(201);
    let path = format!("/v1/messages/{}", text(&sent, "messageId"));
    nobody.signed_in("admin").await.post("/v1/test-clock", &json!({"advanceSeconds": 60})).await.is(200);
    customer.get(&path).await.is(200);
    let receipt = customer.get(&format!("{path}/receipt")).await.is(200);
    seen.note_but(&[Place::Read], "a receipt", text(&receipt, "token"));
    customer.get(&format!("/v1/messages?to={}", unique("nobody"))).await;
}
