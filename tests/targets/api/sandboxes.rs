//! Sandboxes: made, moved in time, read and begun anew; the fifteen scenarios to their ends; the same twice.

use std::collections::HashMap;

use reqwest::Method;
use sarai_application::{
    Call,
    devportal::verify::{Caller, StartRequest, Verify},
};
use sarai_domain::{
    devportal::{
        values::{Channel, ChannelOrder, ChannelStep, Destination, E164Phone, Purpose, RawKey},
        verify::{Metadata, OnExisting, SendStatus, TermsAsked, VerifyState},
    },
    kernel::{Aggregate as _, Timestamp, UserId, VerificationId},
};
use sarai_ports::{
    Scope,
    auth::{Principal, Via},
};
use serde_json::{Value, json};

use crate::{
    market::text,
    world::{Api, User, unique},
};

/// A sandbox with a key that is bound to it.
struct Sandbox {
    api: Api,
    developer: User,
    path: String,
    key: User,
    call: Call,
}

impl Sandbox {
    async fn new(api: &Api, body: &Value) -> Self {
        let developer = api.user("developer").await;
        let made = developer.post("/v1/sandboxes", body).await.is(201);
        let id = text(&made, "sandboxId").to_owned();
        let key = json!({
            "label": unique("sandbox"), "environment": "SANDBOX", "sandboxId": id,
            "scopes": ["verify:send", "verify:read"],
        });
        let key = developer.post("/v1/keys", &key).await.is(201);
        assert_eq!(key["sandboxId"], id.as_str());
        let call = asking(api, text(&key, "rawKey")).await;
        let key = api.bearer(text(&key, "rawKey"));
        Self { api: api.clone(), developer, path: format!("/v1/sandboxes/{id}"), key, call }
    }

    fn verify(&self) -> Verify {
        self.api.embedded().devportal.verify.clone()
    }

    async fn start(&self, phone: &str, channels: &[Channel]) -> Result<VerificationId, String> {
        let started = self.verify().start(&self.call, &caller(&self.call), &to(phone, channels)).await;
        started.map(|shown| shown.session.id()).map_err(|error| error.code.to_owned())
    }

    async fn pass(&self, seconds: u32) -> Value {
        let body = json!({"advanceSeconds": seconds});
        self.developer.post(&format!("{}/clock", self.path), &body).await.is(200)
    }

    async fn inbox(&self) -> Vec<Value> {
        self.key.walk(&format!("{}/inbox", self.path), 2).await
    }

    async fn stands(&self, id: VerificationId) -> (VerifyState, Vec<SendStatus>) {
        let scope = Scope::Within(self.call.principal.tenant_id.clone());
        let session = self.verify().find(&scope, id).await.unwrap();
        (session.data().state, session.sends().iter().map(|send| send.status).collect())
    }
}

/// Whoever comes with a key.
pub(crate) async fn asking(api: &Api, raw: &str) -> Call {
    let portal = &api.embedded().ports.devportal;
    let grant = portal.key_authenticator.verify(&RawKey::parse(raw).unwrap()).await.unwrap();
    let principal = Principal {
        user_id: UserId::try_new(grant.key_id.to_string()).unwrap(),
        tenant_id: grant.tenant_id.clone(),
        email: None,
        roles: Vec::new(),
        via: Via::Key(Box::new(grant)),
    };
    Call { principal, request_id: None, claim: None, reason: None }
}

pub(crate) fn caller(call: &Call) -> Caller {
    let grant = call.principal.key().unwrap();
    Caller {
        tenant_id: grant.tenant_id.clone(),
        account_id: grant.account_id,
        key_id: grant.key_id,
        environment: grant.environment,
        sandbox_id: grant.sandbox_id,
        brand: "Sarai".to_owned(),
    }
}

pub(crate) fn to(phone: &str, channels: &[Channel]) -> StartRequest {
    let steps = channels.iter().map(|one| ChannelStep::try_new(*one, None).unwrap()).collect();
    StartRequest {
        to: Destination::try_new(Some(E164Phone::parse(phone).unwrap()), None).unwrap(),
        channel_order: Some(ChannelOrder::try_new(steps).unwrap()),
        locale: None,
        brand: None,
        purpose: Purpose::SignIn,
        terms: TermsAsked::default(),
        on_existing: OnExisting::Reuse,
        ip: None,
        end_user_ref: None,
        risk_token: None,
        template_id: None,
        metadata: Metadata::default(),
    }
}

#[tokio::test]
async fn a_sandbox_is_made_moved_begun_anew_and_closed() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let body = json!({"seed": 7, "ttlSeconds": 7_200, "scenarioOverrides": {"+93701234567": "02"}});
    let made = developer.post("/v1/sandboxes", &body).await.is(201);
    assert_eq!(
        (&made["state"], &made["seed"], &made["isDefault"]),
        (&json!("ACTIVE"), &json!(7), &json!(false))
    );
    assert_eq!(made["virtualNow"], made["createdAt"], "its clock stands still");
    assert_eq!(made["scenarioOverrides"][0]["scenario"], "02");
    assert!(!made.to_string().contains("93701234567"), "a destination is known by its hash");
    let path = format!("/v1/sandboxes/{}", text(&made, "sandboxId"));
    let post = async |what: &str, body: Value| developer.post(&format!("{path}{what}"), &body).await;

    let moved = post("/clock", json!({"advanceSeconds": 90})).await.is(200);
    assert_eq!(moved["clockOffsetSeconds"], 90);
    assert_ne!(moved["virtualNow"], made["virtualNow"]);
    post("/clock", json!({"advanceSeconds": -1})).await.refused(422, "sandbox.clock_backwards");
    let longer = post("/extend", json!({"ttlSeconds": 604_800})).await.is(200);
    assert_ne!(longer["expiresAt"], made["expiresAt"]);
    post("/extend", json!({"ttlSeconds": 3_600})).await.refused(422, "sandbox.lifetime");
    let reset = developer.poke(&format!("{path}/reset")).await.is(200);
    assert_eq!(reset["clockOffsetSeconds"], 90, "a reset leaves the clock");
    let listed = developer.walk("/v1/sandboxes", 1).await;
    assert!(listed.iter().any(|one| one["sandboxId"] == made["sandboxId"]));

    api.user("other").await.get(&path).await.refused(404, "not_found");
    api.user("customer").await.get(&path).await.refused(403, "forbidden");
    assert_eq!(developer.delete(&path).await.status, 204);
    assert_eq!(developer.delete(&path).await.status, 204, "again is the same");
    assert_eq!(developer.get(&path).await.is(200)["state"], "CLOSED");
    post("/clock", json!({"advanceSeconds": 1})).await.refused(409, "sandbox.closed");
}

#[tokio::test]
async fn an_account_has_five_open_sandboxes() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let make = async || developer.post("/v1/sandboxes", &json!({})).await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(make().await.is(201));
    }
    make().await.refused(409, "sandbox.limit_reached");
    let closing = format!("/v1/sandboxes/{}", text(&made[0], "sandboxId"));
    assert_eq!(developer.delete(&closing).await.status, 204);
    make().await.is(201);
}

#[tokio::test]
async fn the_default_sandbox_is_made_on_first_use() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let key = json!({"label": unique("default"), "environment": "SANDBOX", "scopes": ["verify:send"]});
    let key = developer.post("/v1/keys", &key).await.is(201);
    let call = asking(&api, text(&key, "rawKey")).await;
    let verify = &api.embedded().devportal.verify;
    for _ in 0..2 {
        let start = to("+12025550100", &[Channel::Sms]);
        let started = verify.start(&call, &caller(&call), &start).await.unwrap();
        assert_eq!(started.sandbox_code.as_deref(), Some("123456"));
    }
    let sandboxes = developer.walk("/v1/sandboxes", 10).await;
    assert_eq!(sandboxes.iter().map(|one| &one["isDefault"]).collect::<Vec<_>>(), [&json!(true)]);
    let inbox = format!("/v1/sandboxes/{}/inbox", text(&sandboxes[0], "sandboxId"));
    let messages = developer.walk(&inbox, 10).await;
    assert_eq!(messages.len(), 1, "the live verification goes on");
    assert_eq!((&messages[0]["code"], &messages[0]["channel"]), (&json!("123456"), &json!("SMS")));
    assert!(text(&messages[0], "body").contains("123456"));
    // A key of another right, or of production, reads nothing there.
    api.bearer(text(&key, "rawKey")).get(&inbox).await.refused(403, "insufficient_scope");
}

#[tokio::test]
async fn every_scenario_ends_as_the_catalogue_says() {
    use SendStatus::{Delivered, Failed, Lost, Sent, Undelivered};
    let api = Api::start().await;
    let sandbox = Sandbox::new(&api, &json!({"seed": 1})).await;
    let catalogue = sandbox.developer.get("/v1/sandbox-scenarios").await.is(200);
    let rows = catalogue["data"].as_array().unwrap();
    assert_eq!(rows.len(), 15);
    let phone = |number: usize| text(&rows[number], "phone").to_owned();
    let order = [Channel::Sms, Channel::Voice];
    // Scenario, what passes in seconds, where the verification stands then, and its sends.
    let ends: [(usize, u32, VerifyState, &[SendStatus]); 10] = [
        (0, 2, VerifyState::Delivered, &[Delivered]),
        (1, 10, VerifyState::Delivered, &[Undelivered, Delivered]),
        (2, 20, VerifyState::Failed, &[Undelivered, Undelivered]),
        (3, 100, VerifyState::Delivered, &[Delivered, Sent]),
        (4, 100, VerifyState::Pending, &[Sent, Sent]),
        (5, 10, VerifyState::Delivered, &[Delivered]),
        (6, 70, VerifyState::Pending, &[Lost, Lost]),
        (11, 31, VerifyState::Expired, &[Delivered]),
        (13, 2, VerifyState::Delivered, &[Delivered]),
        (14, 5, VerifyState::Delivered, &[Failed, Delivered]),
    ];
    for (number, seconds, state, sends) in ends {
        let before = sandbox.inbox().await.len();
        let id = sandbox.start(&phone(number), &order).await.unwrap();
        sandbox.pass(seconds).await;
        assert_eq!(sandbox.stands(id).await, (state, sends.to_vec()), "scenario {number:02}");
        let inbox = sandbox.inbox().await;
        assert_eq!(inbox.len(), before + sends.len(), "scenario {number:02}: a message a send");
        assert_eq!(inbox[0]["verificationId"], id.to_string().as_str());
        if state == VerifyState::Delivered {
            let code = text(&inbox[0], "code");
            assert_eq!(code == "123456", number == 0);
            let checked = sandbox.verify().check(&sandbox.call, id, code).await.unwrap();
            assert_eq!(checked.session.data().state, VerifyState::Approved);
        }
    }
    let refusals = [
        (7, "verification.destination_blocked"),
        (8, "verification.country_not_allowed"),
        (9, "spend.cap_reached"),
        (10, "verification.destination_rate_limited"),
    ];
    for (number, code) in refusals {
        assert_eq!(sandbox.start(&phone(number), &order).await, Err(code.to_owned()), "scenario {number:02}");
    }
    let id = sandbox.start(&phone(12), &order).await.unwrap();
    sandbox.pass(5).await;
    assert_eq!(sandbox.stands(id).await, (VerifyState::Pending, vec![Sent]));
    let code = text(&sandbox.inbox().await[0], "code").to_owned();
    sandbox.verify().check(&sandbox.call, id, &code).await.unwrap();
    assert_eq!(sandbox.stands(id).await, (VerifyState::Approved, vec![Delivered]), "after the approval");
    // What was said of a verification that is over comes too.
    let late = sandbox.start(&phone(3), &[Channel::Sms]).await.unwrap();
    let code = text(&sandbox.inbox().await[0], "code").to_owned();
    sandbox.verify().check(&sandbox.call, late, &code).await.unwrap();
    sandbox.pass(91).await;
    assert_eq!(sandbox.stands(late).await, (VerifyState::Approved, vec![Delivered]));

    let used = sandbox.developer.get(&sandbox.path).await.is(200);
    assert!(used["used"]["verifications"].as_u64().unwrap() > 10);
    sandbox.developer.poke(&format!("{}/reset", sandbox.path)).await.is(200);
    assert!(sandbox.inbox().await.is_empty());
    let scope = Scope::Within(sandbox.call.principal.tenant_id.clone());
    assert_eq!(sandbox.verify().find(&scope, late).await.unwrap_err().code, "not_found");
}

/// Ids by their order of appearance, times by their distance from a beginning.
struct Renamed {
    begun: Timestamp,
    names: HashMap<String, String>,
}

impl Renamed {
    fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, member)| (name.clone(), self.value(member))).collect()
            }
            other => other.clone(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        if let Ok(at) = text.parse::<Timestamp>() {
            return format!("+{}s", at.since(self.begun).whole_seconds());
        }
        let id = text.split_once('_').is_some_and(|(prefix, rest)| prefix.len() == 3 && rest.len() == 26);
        if !id {
            return text.to_owned();
        }
        let next = format!("{}#{}", &text[..3], self.names.len());
        self.names.entry(text.to_owned()).or_insert(next).clone()
    }
}

/// The same calls, whatever the sandbox: everything that can be seen of them.
async fn story(api: &Api, seed: u64) -> Vec<Value> {
    let sandbox = Sandbox::new(api, &json!({"seed": seed})).await;
    let made = sandbox.developer.get(&sandbox.path).await.is(200);
    let mut renamed = Renamed { begun: text(&made, "createdAt").parse().unwrap(), names: HashMap::new() };
    let mut seen = Vec::new();
    let mut ids = Vec::new();
    for (phone, channels) in [
        ("+93701234567", &[Channel::Sms, Channel::Voice][..]),
        ("+12025550101", &[Channel::Sms, Channel::Whatsapp]),
        ("+12025550103", &[Channel::Sms, Channel::Voice]),
        ("+12025550105", &[Channel::Voice]),
    ] {
        ids.push(sandbox.start(phone, channels).await.unwrap());
        seen.push(renamed.value(&sandbox.pass(7).await["virtualNow"]));
    }
    let wrong = sandbox.verify().check(&sandbox.call, ids[0], "000000").await.unwrap();
    seen.push(json!(format!("{:?}", wrong.outcome)));
    sandbox.pass(90).await;
    let inbox = sandbox.inbox().await;
    let code = inbox.iter().find(|one| one["verificationId"] == ids[2].to_string().as_str()).unwrap();
    let right = sandbox.verify().check(&sandbox.call, ids[2], text(code, "code")).await.unwrap();
    seen.push(json!(right.session.data().state));
    sandbox.pass(600).await;
    seen.extend(inbox.iter().map(|message| renamed.value(message)));
    let scope = Scope::Within(sandbox.call.principal.tenant_id.clone());
    for id in ids {
        let session = sandbox.verify().find(&scope, id).await.unwrap();
        seen.push(json!(session.data().state));
        seen.push(renamed.value(&json!(session.data().timeline)));
        let events = &sandbox.api.embedded().ports.events;
        let events = events.by_correlation(&scope, &id.to_string(), 100).await.unwrap();
        seen.push(events.iter().map(|record| record.as_ref().unwrap().event.topic()).collect());
    }
    seen
}

#[tokio::test]
async fn the_same_seed_and_the_same_calls_give_the_same() {
    let api = Api::start().await;
    let one = Box::pin(story(&api, 42)).await;
    assert_eq!(one, Box::pin(story(&api, 42)).await);
    let codes = |story: &[Value]| story.iter().map(|one| one["code"].clone()).collect::<Vec<_>>();
    assert_ne!(codes(&one), codes(&Box::pin(story(&api, 43)).await), "another seed has other codes");
}

#[tokio::test]
async fn a_key_is_bound_to_an_open_sandbox_of_its_tenant() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let sandbox = developer.post("/v1/sandboxes", &json!({})).await.is(201);
    let id = text(&sandbox, "sandboxId");
    let bind = async |user: &User, environment: &str| {
        let body = json!({
            "label": unique("bound"), "environment": environment, "scopes": ["verify:read"], "sandboxId": id,
        });
        user.ask(Method::POST, "/v1/keys").header("idempotency-key", &unique("key")).json(&body).send().await
    };
    bind(&developer, "PRODUCTION").await.refused(422, "key.sandbox_misplaced");
    bind(&api.user("other").await, "SANDBOX").await.refused(404, "not_found");
    let key = bind(&developer, "SANDBOX").await.is(201);
    let other = developer.post("/v1/sandboxes", &json!({})).await.is(201);
    let bound = api.bearer(text(&key, "rawKey"));
    bound.get(&format!("/v1/sandboxes/{id}/inbox")).await.is(200);
    let others = format!("/v1/sandboxes/{}/inbox", text(&other, "sandboxId"));
    bound.get(&others).await.refused(404, "not_found");
    bound.get(&format!("/v1/sandboxes/{id}")).await.refused(401, "invalid_token");
    developer.delete(&format!("/v1/sandboxes/{id}")).await;
    bind(&developer, "SANDBOX").await.refused(409, "sandbox.closed");
}
