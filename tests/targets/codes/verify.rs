//! What Verify is refused with. Production has a sender here that takes everything.

use std::sync::Arc;

use async_trait::async_trait;
use sarai_application::{
    Call,
    devportal::{DevportalPorts, verify::VerifyTools},
};
use sarai_domain::{
    devportal::{
        policy::FraudVerdict,
        sandbox::NetworkRoute,
        values::{Channel, CountryCode},
        verify::{Moment, VerifySession},
    },
    kernel::VerificationId,
};
use sarai_ports::{
    Repository, Scope, Unit,
    devportal::{
        Outgoing, Part, SendOutcome, Senders, VerifySender,
        policies::{Advice, FraudAdvisor, Suspect},
        verify::{Stamp, VerifySessionRepository},
    },
};
use serde_json::{Value, json};

use crate::{
    portal, sandboxes,
    server::{Answer, Ask, Who, unique},
    templates,
    world::{World, merged, text, usd},
};

/// Takes everything.
pub(crate) struct Taking;

#[async_trait]
impl VerifySender for Taking {
    fn name(&self) -> &'static str {
        "taking"
    }
    fn channels(&self) -> &[Channel] {
        Channel::ALL
    }
    fn countries(&self) -> &[CountryCode] {
        &[]
    }
    async fn send(&self, _permit: &NetworkRoute, message: &Outgoing) -> SendOutcome {
        let part = Part { no: 1, of: 1, provider_message_id: message.attempt_id.to_string() };
        SendOutcome::Sent { parts: vec![part], segments: Some(1) }
    }
}

impl Senders for Taking {
    fn pick(&self, _channel: Channel, _country: Option<CountryCode>) -> Option<Arc<dyn VerifySender>> {
        Some(Arc::new(Self))
    }
}

/// Takes nobody for a person.
pub(crate) struct Suspicious;

#[async_trait]
impl FraudAdvisor for Suspicious {
    async fn advise(&self, _suspect: Suspect<'_>) -> Option<Advice> {
        let verdict = FraudVerdict::Challenge { reason: "unusual".to_owned() };
        Some(Advice { verdict, token_is_good: false })
    }
}

/// The same ports with other tools.
pub(crate) fn with(portal: &DevportalPorts, tune: fn(&mut VerifyTools)) -> DevportalPorts {
    let mut tools = portal.verify.as_deref().expect("a process that verifies").clone();
    tune(&mut tools);
    DevportalPorts { verify: Some(Arc::new(tools)), ..portal.clone() }
}

/// Somebody's key that verifies.
pub(crate) async fn key(world: &World, who: &Who, environment: &str) -> Who {
    let scopes = json!({"environment": environment, "scopes": ["verify:send", "verify:read"]});
    portal::key(world, who, scopes).await.1
}

/// A number that nobody else asks for.
fn number() -> String {
    let place: u32 = unique("").trim_start_matches('-').parse().expect("a number");
    format!("+9370{:07}", place * 7_919 % 10_000_000)
}

pub(crate) fn to_number(over: Value) -> Value {
    merged(json!({"to": {"phone": number()}}), over)
}

/// A session of a sandbox whose last send is long ago, and the key that began it.
pub(crate) async fn cooled(world: &World, who: &Who) -> (Who, String) {
    let key = key(world, who, "SANDBOX").await;
    let order = json!({"channelOrder": [{"channel": "SMS"}, {"channel": "VOICE"}]});
    let started = world.ok(key.post("/v1/verifications", to_number(order))).await;
    let sandbox = text(&started["sandbox"], "sandboxId").parse().expect("an id");
    let id: VerificationId = text(&started, "verificationId").parse().expect("an id");
    let store = &world.sarai.ports.devportal.store;
    let sessions: &dyn VerifySessionRepository = &**store;
    let session = Repository::<VerifySession>::find(sessions, &Scope::System, &id).await;
    let tenant = session.expect("a store").expect("begun");
    let tenant = sarai_domain::kernel::Aggregate::data(&tenant).tenant_id.clone();
    let principal = sarai_ports::auth::Principal {
        user_id: "usr_clock".parse().expect("an id"),
        tenant_id: tenant,
        email: None,
        roles: vec![sarai_ports::auth::Role::Developer],
        via: sarai_ports::auth::Via::default(),
    };
    let call = Call { principal, request_id: None, claim: None, reason: None };
    world.sarai.devportal.verify.advance_clock(&call, sandbox, 31).await.expect("moved");
    (key, id.to_string())
}

/// Provokes a code of an operation of Verify.
pub(crate) async fn provoke(world: &World, operation: &str, code: &str) -> Option<Answer> {
    match operation {
        "verifications.start" => start(world, code).await,
        "verifications.list" | "verifications.get" => read(world, operation, code).await,
        "verifications.check" => check(world, code).await,
        "verifications.resend" => further(world, "resend", code).await,
        "verifications.next-channel" => further(world, "next-channel", code).await,
        "verifications.cancel" => cancel(world, code).await,
        "verifications.preview" => preview(world, code).await,
        "verify-policy.set" | "spend-policy.set" | "verify-policy.allow" | "verify-policy.unlock" => {
            policies(world, operation, code).await
        }
        _ => None,
    }
}

/// Somebody with a key of production, and what they set of their policies.
struct Live {
    who: Who,
    key: Who,
}

impl Live {
    async fn new(world: &World) -> Self {
        let who = portal::developer();
        Self { key: key(world, &who, "PRODUCTION").await, who }
    }

    async fn set(&self, world: &World, path: &str, over: Value) {
        let mut policy = world.ok(self.who.get(path)).await;
        let version = policy["version"].as_u64().expect("a version");
        for member in ["environment", "updatedAt", "version"] {
            policy.as_object_mut().expect("an object").remove(member);
        }
        world.ok(put(&self.who, path, version, merged(policy, over))).await;
    }

    async fn policy(&self, world: &World, over: Value) {
        self.set(world, "/v1/verify-policy", over).await;
    }

    async fn caps(&self, world: &World, over: Value) {
        self.set(world, "/v1/spend-policy", over).await;
    }

    async fn start(&self, world: &World, body: Value) -> String {
        text(&world.ok(self.key.post("/v1/verifications", body)).await, "verificationId")
    }

    /// Waits until a session's code has left: the clock that is moved here has no sender, and gives up for want of one.
    async fn sent(&self, world: &World, id: &str) {
        for _ in 0..1_000 {
            let found = world.ok(self.key.get(format!("/v1/verifications/{id}"))).await;
            if found["sends"][0]["status"] == "SENT" {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the code of {id} never left");
    }
}

fn put(who: &Who, path: &str, version: u64, body: Value) -> Ask {
    let ask = Ask::new(who.clone(), reqwest::Method::PUT, path.to_owned());
    Ask { body: Some(body), if_match: Some(format!("\"v{version}\"")), ..ask }
}

/// Posts nothing under a key of its own.
fn poke(who: &Who, path: String) -> Ask {
    Ask { key: Some(unique("key")), ..who.poke(path) }
}

/// A key of an account that has lost this since.
async fn lost(world: &World, says: Value) -> Who {
    let live = Live::new(world).await;
    world.ok(portal::later(&live.who, says).get("/v1/me")).await;
    live.key
}

pub(crate) async fn suspended(world: &World) -> Who {
    let who = portal::developer();
    let key = key(world, &who, "SANDBOX").await;
    portal::suspend(world, &portal::account(world, &who).await).await;
    key
}

async fn start(world: &World, code: &str) -> Option<Answer> {
    let live = Live::new(world).await;
    let step = |channel: &str| json!({"channel": channel});
    let usd_millionths = |amount: &str| usd(amount);
    let mut who = live.key.clone();
    let body = match code {
        "account.email_not_verified" => {
            who = lost(world, json!({"email_verified": false})).await;
            json!({})
        }
        "account.mfa_required" => {
            who = lost(world, json!({"mfa_enrolled": false})).await;
            json!({})
        }
        "account.suspended" => {
            who = suspended(world).await;
            json!({})
        }
        "channel_unavailable" => {
            let ask = live.key.post("/v1/verifications", to_number(json!({})));
            return Some(world.senderless.send(&ask).await);
        }
        "key.environment_mismatch" => {
            let ask = live.key.post("/v1/verifications", to_number(json!({})));
            return Some(world.send(Ask { sandbox: Some(crate::world::unknown("sbx")), ..ask }).await);
        }
        "not_found" => json!({"templateId": crate::world::unknown("vtp")}),
        "sandbox.closed" | "sandbox.quota_used" => {
            let id = sandboxes::made(world, &live.who).await;
            let change = if code == "sandbox.closed" { sandboxes::expire } else { sandboxes::exhaust };
            sandboxes::stored(world, &live.who, &id, change).await;
            let key = key(world, &live.who, "SANDBOX").await;
            let ask = key.post("/v1/verifications", to_number(json!({})));
            return Some(world.send(Ask { sandbox: Some(id), ..ask }).await);
        }
        "template.no_variant" => {
            let template = templates::approved(world, &live.who).await;
            json!({"templateId": template, "channelOrder": [step("VOICE")]})
        }
        "template.not_usable" => json!({"templateId": templates::made(world, &live.who).await}),
        "spend.cap_reached" => {
            live.caps(world, json!({"perDay": usd_millionths("0.0001")})).await;
            json!({})
        }
        "spend.price_above_maximum" => {
            live.caps(world, json!({"maxPricePerSend": usd_millionths("0.0001")})).await;
            json!({})
        }
        "verification.brand_character" => json!({"brand": "a\u{202e}b"}),
        "verification.brand_digits" => json!({"brand": "code 1234"}),
        "verification.brand_length" => json!({"brand": "x".repeat(33)}),
        "verification.challenge_required" => {
            let ask = live.key.post("/v1/verifications", to_number(json!({})));
            return Some(world.suspicious.send(&ask).await);
        }
        "verification.channel_destination_mismatch" => json!({"channelOrder": [step("EMAIL")]}),
        "verification.channel_not_allowed" => {
            live.policy(world, json!({"allowedChannels": ["EMAIL"]})).await;
            json!({})
        }
        "verification.channel_order_too_long" => {
            let step = json!({"channel": "SMS", "waitSeconds": 300});
            json!({"channelOrder": [step, step], "ttlSeconds": 120})
        }
        "verification.channel_repeated" => json!({"channelOrder": [step("SMS"), step("SMS"), step("SMS")]}),
        "verification.channel_steps" => json!({"channelOrder": []}),
        "verification.channel_wait" => json!({"channelOrder": [{"channel": "SMS", "waitSeconds": 1}]}),
        "verification.code_length" => json!({"codeLength": 5}),
        "verification.country_not_allowed" => json!({"to": {"phone": "+491701234567"}}),
        "verification.destination_blocked" => json!({"to": {"phone": "+88216012345"}}),
        "verification.destination_rate_limited" => {
            let again = to_number(json!({"onExisting": "SUPERSEDE"}));
            live.start(world, again.clone()).await;
            again
        }
        "verification.destination_required" => json!({"to": {"phone": null}}),
        "verification.in_progress" => {
            let again = to_number(json!({"onExisting": "REJECT"}));
            live.start(world, again.clone()).await;
            again
        }
        "verification.invalid_email" => json!({"to": {"email": "nobody"}}),
        "verification.invalid_metadata" => json!({"metadata": {"": "no name"}}),
        "verification.invalid_phone" => json!({"to": {"phone": "0701234567"}}),
        "verification.rate_limited" => {
            live.policy(world, json!({"tenantSendsPerHour": 1})).await;
            live.start(world, to_number(json!({}))).await;
            json!({})
        }
        "verification.terms_out_of_bounds" => json!({"ttlSeconds": 60}),
        "verification.test_destination_in_production" => json!({"to": {"phone": "+12025550100"}}),
        _ => return None,
    };
    Some(world.send(who.post("/v1/verifications", to_number(body))).await)
}

async fn read(world: &World, operation: &str, code: &str) -> Option<Answer> {
    let who = key(world, &portal::developer(), "SANDBOX").await;
    let ask = match (operation, code) {
        ("verifications.list", "verification.invalid_country") => who.get("/v1/verifications?country=Kabul"),
        ("verifications.list", "not_found") => {
            Ask { sandbox: Some(crate::world::unknown("sbx")), ..who.get("/v1/verifications") }
        }
        ("verifications.list", "key.environment_mismatch") => {
            who.get("/v1/verifications?environment=PRODUCTION")
        }
        (_, "key.environment_mismatch") => {
            let id = crate::world::unknown("ver");
            who.get(format!("/v1/verifications/{id}?environment=PRODUCTION"))
        }
        _ => return None,
    };
    Some(world.send(ask).await)
}

/// A sandbox's session that was approved, and the key that began it.
async fn approved(world: &World) -> (Who, String) {
    let who = key(world, &portal::developer(), "SANDBOX").await;
    let started = world.ok(who.post("/v1/verifications", json!({"to": {"phone": "+12025550100"}}))).await;
    let id = text(&started, "verificationId");
    world.ok(who.post(format!("/v1/verifications/{id}/check"), json!({"code": "123456"}))).await;
    (who, id)
}

/// One that failed for another reason than having been cancelled.
async fn failed(world: &World) -> (Who, String) {
    let who = key(world, &portal::developer(), "SANDBOX").await;
    let started = world.ok(who.post("/v1/verifications", json!({"to": {"phone": "+12025550100"}}))).await;
    let id = text(&started, "verificationId");
    for _ in 0..5 {
        world.ok(who.post(format!("/v1/verifications/{id}/check"), json!({"code": "000000"}))).await;
    }
    (who, id)
}

/// One whose time is over.
async fn expired(world: &World) -> (Who, String) {
    let live = Live::new(world).await;
    let order = json!({"channelOrder": [{"channel": "SMS"}, {"channel": "VOICE"}], "advanceOn": "MANUAL"});
    let id = live.start(world, to_number(order)).await;
    world.advance(601).await;
    (live.key, id)
}

/// One whose attempts are all counted, by processes that died before they decided.
async fn undecided(world: &World) -> (Who, String) {
    let who = key(world, &portal::developer(), "SANDBOX").await;
    let started = world.ok(who.post("/v1/verifications", json!({"to": {"phone": "+12025550100"}}))).await;
    let id = text(&started, "verificationId");
    let ports = &world.sarai.ports;
    let sessions: &dyn VerifySessionRepository = &*ports.devportal.store;
    for _ in 0..5 {
        let key: VerificationId = id.parse().expect("an id");
        let found = Repository::<VerifySession>::find(sessions, &Scope::System, &key).await;
        let mut session = found.expect("a store").expect("begun");
        let at = sarai_domain::kernel::Aggregate::data(&session).started_at;
        let _ = session.begin_check(&Moment::new(at)).expect("live");
        let context = ports.worker_context("verification.check", &key);
        let unit = Unit::new(session, context, &*ports.ids, ports.routes);
        let stamp = Stamp { ids: Arc::clone(&ports.ids), routes: ports.routes };
        let counted = sessions.begin_check(&Scope::System, unit, Vec::new(), stamp).await;
        let _ = counted.expect("counted");
    }
    (who, id)
}

/// One of a destination for which 25 wrong codes were typed today.
async fn wrong_all_day(world: &World) -> (Who, String) {
    let live = Live::new(world).await;
    live.policy(world, json!({"terms": {"maxAttempts": 10, "ttlSeconds": 600}})).await;
    let to = to_number(json!({"advanceOn": "MANUAL"}));
    let mut ids = Vec::new();
    for purpose in ["SIGN_UP", "SIGN_IN", "TRANSACTION"] {
        let id = live.start(world, merged(to.clone(), json!({"purpose": purpose}))).await;
        live.sent(world, &id).await;
        ids.push(id);
        world.advance(31).await;
    }
    for place in 0..25 {
        let path = format!("/v1/verifications/{}/check", ids[place / 10]);
        // Any six digits; should they be right once in a million, it fails here.
        let wrong = world.ok(live.key.post(path, json!({"code": format!("{place:06}")}))).await;
        assert_eq!(wrong["outcome"], "INCORRECT");
    }
    (live.key, ids[2].clone())
}

async fn check(world: &World, code: &str) -> Option<Answer> {
    let (who, id) = match code {
        "verification.already_approved" => approved(world).await,
        "verification.attempts_spent" => undecided(world).await,
        "verification.destination_check_limited" => wrong_all_day(world).await,
        "verification.expired" => expired(world).await,
        "verification.failed" | "verification.malformed_code" => failed_or_live(world, code).await,
        _ => return None,
    };
    let typed = if code == "verification.malformed_code" { "12" } else { "123456" };
    let ask = who.post(format!("/v1/verifications/{id}/check"), json!({"code": typed}));
    Some(world.send(ask).await)
}

async fn failed_or_live(world: &World, code: &str) -> (Who, String) {
    if code == "verification.failed" {
        return failed(world).await;
    }
    let live = Live::new(world).await;
    let id = live.start(world, to_number(json!({}))).await;
    (live.key, id)
}

async fn further(world: &World, what: &str, code: &str) -> Option<Answer> {
    let live = Live::new(world).await;
    let order = json!({"channelOrder": [{"channel": "SMS"}, {"channel": "VOICE"}], "advanceOn": "MANUAL"});
    let to = to_number(order);
    let begun = async || (live.key.clone(), live.start(world, to.clone()).await);
    let (who, id) = match code {
        "sandbox.closed" | "sandbox.quota_used" => {
            let (who, sandbox) = (portal::developer(), code == "sandbox.closed");
            let (key, id) = cooled(world, &who).await;
            let begun = world.ok(key.get(format!("/v1/verifications/{id}"))).await;
            let change = if sandbox { sandboxes::expire } else { sandboxes::fill };
            sandboxes::stored(world, &who, &text(&begun["sandbox"], "sandboxId"), change).await;
            (key, id)
        }
        "spend.cap_reached" => {
            let begun = begun().await;
            live.caps(world, json!({"perDay": usd("0.0079")})).await;
            world.advance(31).await;
            begun
        }
        "spend.price_above_maximum" => {
            let begun = begun().await;
            live.caps(world, json!({"maxPricePerSend": usd("0.0001")})).await;
            world.advance(31).await;
            begun
        }
        "verification.already_approved" => approved(world).await,
        "verification.failed" => failed(world).await,
        "verification.expired" => expired(world).await,
        "verification.destination_rate_limited" => {
            let begun = begun().await;
            world.advance(31).await;
            live.start(world, merged(to.clone(), json!({"purpose": "SIGN_UP"}))).await;
            begun
        }
        "verification.no_more_channels" => {
            let id = live.start(world, to_number(json!({"advanceOn": "MANUAL"}))).await;
            world.advance(31).await;
            (live.key.clone(), id)
        }
        "verification.rate_limited" => {
            live.policy(world, json!({"tenantSendsPerHour": 1})).await;
            let begun = begun().await;
            world.advance(31).await;
            begun
        }
        "verification.resend_too_soon" => begun().await,
        "verification.sends_exhausted" => {
            live.policy(world, json!({"terms": {"maxSends": 1}})).await;
            let begun = begun().await;
            world.advance(31).await;
            begun
        }
        _ => return None,
    };
    Some(world.send(poke(&who, format!("/v1/verifications/{id}/{what}"))).await)
}

async fn cancel(world: &World, code: &str) -> Option<Answer> {
    let (who, id) = match code {
        "verification.already_approved" => approved(world).await,
        "verification.expired" => expired(world).await,
        "verification.failed" => failed(world).await,
        _ => return None,
    };
    Some(world.send(who.poke(format!("/v1/verifications/{id}/cancel"))).await)
}

async fn preview(world: &World, code: &str) -> Option<Answer> {
    let step = |channel: &str| json!({"channel": channel});
    let developer = portal::developer();
    let mut who = key(world, &developer, "SANDBOX").await;
    let body = match code {
        "key.environment_mismatch" => json!({"environment": "PRODUCTION"}),
        "not_found" => json!({"templateId": crate::world::unknown("vtp")}),
        "template.no_variant" => {
            let template = templates::approved(world, &developer).await;
            json!({"templateId": template, "channelOrder": [step("VOICE")]})
        }
        "template.not_usable" => json!({"templateId": templates::made(world, &developer).await}),
        "account.email_not_verified" => {
            who = lost(world, json!({"email_verified": false})).await;
            json!({})
        }
        "account.mfa_required" => {
            who = lost(world, json!({"mfa_enrolled": false})).await;
            json!({})
        }
        "account.suspended" => {
            who = suspended(world).await;
            json!({})
        }
        "verification.channel_destination_mismatch" => json!({"channelOrder": [step("EMAIL")]}),
        "verification.channel_order_too_long" => {
            let step = |channel: &str| json!({"channel": channel, "waitSeconds": 300});
            json!({"channelOrder": [step("SMS"), step("SMS"), step("VOICE")]})
        }
        "verification.channel_repeated" => json!({"channelOrder": [step("SMS"), step("SMS"), step("SMS")]}),
        "verification.channel_steps" => json!({"channelOrder": []}),
        "verification.channel_wait" => json!({"channelOrder": [{"channel": "SMS", "waitSeconds": 1}]}),
        "verification.destination_required" => json!({"phone": null}),
        "verification.invalid_email" => json!({"email": "nobody"}),
        "verification.invalid_phone" => json!({"phone": "0701234567"}),
        _ => return None,
    };
    let body = merged(json!({"phone": "+93701234567"}), body);
    Some(world.send(who.post("/v1/verification-previews", body)).await)
}

/// A whole policy.
pub(crate) fn settings(over: Value) -> Value {
    let base = json!({
        "homeCountry": "AF", "allowedCountries": [], "blockedPrefixes": [], "allowedChannels": ["SMS"],
        "tenantSendsPerHour": null,
        "terms": {
            "ttlSeconds": 600, "codeLength": 6, "maxAttempts": 5, "maxSends": 5, "resendCooldownSeconds": 30,
            "advanceOn": "NOT_DELIVERED", "resendPolicy": "SAME_CODE",
        },
    });
    merged(base, over)
}

pub(crate) fn caps() -> Value {
    json!({"perDay": null, "perMonth": null, "maxPricePerSend": null})
}

async fn policies(world: &World, operation: &str, code: &str) -> Option<Answer> {
    let who = portal::developer();
    let unlock = |to: Value| {
        let body = json!({"tenantId": "acme", "to": to, "reason": "she called"});
        world.admin.post("/v1/verify-policy/unlock", body)
    };
    let set = |over: Value| put(&who, "/v1/verify-policy", 0, settings(over));
    let allow = |country: &str| who.post("/v1/verify-policy/allow", json!({"country": country}));
    let ask = match (operation, code) {
        ("verify-policy.set", "verification.code_length") => set(json!({"terms": {"codeLength": 5}})),
        ("verify-policy.set", "verification.invalid_country") => set(json!({"homeCountry": "Kabul"})),
        ("verify-policy.set", "verification.invalid_prefix") => set(json!({"blockedPrefixes": ["93"]})),
        ("verify-policy.set", "verification.policy_out_of_bounds") => set(json!({"allowedChannels": []})),
        ("verify-policy.set", "verification.terms_out_of_bounds") => {
            set(json!({"terms": {"maxAttempts": 11}}))
        }
        ("verify-policy.allow", "verification.invalid_country") => allow("Kabul"),
        ("verify-policy.allow", "verification.policy_out_of_bounds") => {
            let letters = || (b'A'..=b'Z').map(char::from);
            let all = letters().flat_map(|first| letters().map(move |second| format!("{first}{second}")));
            let all: Vec<String> = all.take(250).collect();
            world.ok(set(json!({"allowedCountries": all}))).await;
            allow("ZZ")
        }
        ("spend-policy.set", "spend.currency") => {
            let mixed = json!({"perDay": usd("1"), "perMonth": {"amount": "1", "currency": "EUR"}});
            put(&who, "/v1/spend-policy", 0, merged(caps(), mixed))
        }
        ("verify-policy.unlock", "verification.destination_required") => unlock(json!({})),
        ("verify-policy.unlock", "verification.invalid_email") => unlock(json!({"email": "nobody"})),
        ("verify-policy.unlock", "verification.invalid_phone") => unlock(json!({"phone": "0701234567"})),
        _ => return None,
    };
    Some(world.send(ask).await)
}
