//! What Verify refuses, to whom, and what it says and announces of it.

use sarai_application::{
    AppError, Call,
    devportal::verify::{PreviewRequest, StartRequest},
};
use sarai_domain::{
    devportal::{
        policy::FailureKey,
        values::{Channel, Destination, DestinationKey, E164Phone, EmailAddress, Environment, Purpose},
        verify::VerifyState,
    },
    kernel::{Aggregate, Detail, Kind, SandboxId, TenantId, Timestamp},
};
use sarai_ports::{
    Scope,
    auth::Via,
    devportal::verify::VerifySessionRepository,
    idempotency::{Claim, ClaimKey},
    system::Clock as _,
};
use serde_json::{Value, json};

use crate::{World, by, call_in, caller, to};

/// Whoever comes with a key that is bound to this sandbox.
fn bound_to(sandbox: SandboxId) -> Call {
    let mut call = call_in(Environment::Sandbox);
    if let Via::Key(grant) = &mut call.principal.via {
        grant.sandbox_id = Some(sandbox);
    }
    call
}

fn under(call: Call, key: &str, fingerprint: &str, lease_until: Timestamp) -> Call {
    let claim = Claim {
        key: ClaimKey {
            tenant_id: call.principal.tenant_id.clone(),
            principal: call.principal.user_id.to_string(),
            operation: "verifications.check",
            key_hash: key.to_owned(),
        },
        fingerprint: fingerprint.to_owned(),
        lease_until,
    };
    Call { claim: Some(claim), ..call }
}

/// Ruling R13, V-INV-4: what is compared again is the same request; another code under its key is no free guess.
#[tokio::test(flavor = "multi_thread")]
async fn another_code_under_a_key_that_was_counted_is_not_compared() {
    let world = World::new(4);
    let id = world.start(Environment::Sandbox, &to("+12025550100")).await.session.id();
    let asked = |code: &'static str| under(call_in(Environment::Sandbox), "one", code, world.clock.now());
    world.verify().check(&asked("000000"), id, "000000").await.unwrap();
    for (_, verify) in &world.processes {
        for code in ["000001", "123456"] {
            let refused = verify.check(&asked(code), id, code).await.unwrap_err();
            assert_eq!((refused.code, refused.kind), ("idempotency_key_reused", Kind::Invalid));
        }
        assert!(verify.check(&asked("000000"), id, "000000").await.is_ok(), "the same is the same");
    }
    let shown = world.verify().show(&Scope::System, id).await.unwrap().session;
    assert_eq!((shown.data().attempts, shown.data().state), (1, VerifyState::Pending));
}

/// Ruling R7: to a key that is bound to one sandbox there is no session of another.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_bound_to_a_sandbox_reaches_nothing_of_another_one() {
    let world = World::new(1);
    world.account().await;
    let session = world.start(Environment::Sandbox, &to("+12025550100")).await.session;
    let (id, own) = (session.id(), session.data().sandbox_id.unwrap());
    let verify = world.verify();
    let stranger = bound_to(SandboxId::new(77_u128.into()));
    let refused = [
        verify.get(&stranger, None, id).await.err(),
        verify.check(&stranger, id, "123456").await.err(),
        verify.resend(&stranger, id).await.err(),
        verify.next_channel(&stranger, id).await.err(),
        verify.cancel(&stranger, id).await.err(),
    ];
    for (place, error) in refused.into_iter().enumerate() {
        assert_eq!(error.map(|error| error.code), Some("not_found"), "{place}");
    }
    assert_eq!(verify.get(&bound_to(own), None, id).await.unwrap().session.data().attempts, 0);
    let too_soon = verify.resend(&bound_to(own), id).await.unwrap_err();
    assert_eq!(too_soon.code, "verification.resend_too_soon");
    assert!(verify.check(&bound_to(own), id, "123456").await.unwrap().token.is_some());
}

/// V-INV-16, ruling R14: a code that came by one's own mail forgets nothing of what was guessed at somebody's number.
#[tokio::test(flavor = "multi_thread")]
async fn an_approval_by_mail_leaves_the_failed_checks_of_the_number() {
    let world = World::new(1);
    let (verify, call) = (world.verify(), call_in(Environment::Production));
    let phone = "+93701234567";
    let id = world.start(Environment::Production, &to(phone)).await.session.id();
    assert_eq!(verify.run_due().await.unwrap(), 1);
    let code = world.sent_code();
    for n in 0..5 {
        let typed = format!("{:06}", (code.parse::<u32>().unwrap() + 1 + n) % 1_000_000);
        verify.check(&call, id, &typed).await.unwrap();
    }
    let number = E164Phone::parse(phone).unwrap();
    let both = Destination::try_new(Some(number), EmailAddress::parse("mine@example.com").ok()).unwrap();
    let request = StartRequest { to: both, channel_order: by(&[Channel::Email]), ..to(phone) };
    let id = world.start(Environment::Production, &request).await.session.id();
    assert_eq!(verify.run_due().await.unwrap(), 1);
    assert!(verify.check(&call, id, &world.sent_code()).await.unwrap().token.is_some());
    let addresses = request.to.addresses();
    let keys = addresses.iter().map(|address| FailureKey {
        tenant_id: TenantId::from_static("acme"),
        environment: Environment::Production,
        kind: address.kind(),
        hash: DestinationKey::new([3; 32]).hash(&TenantId::from_static("acme"), address),
    });
    let keys = keys.collect::<Vec<_>>();
    let sessions: &dyn VerifySessionRepository = &world.store;
    let ledgers = sessions.failures(&Scope::System, &keys).await.unwrap();
    let counted: Vec<_> = ledgers.iter().map(|one| (one.consecutive, one.recent.len())).collect();
    assert_eq!(counted, [(5, 5), (0, 0)]);
}

/// Ruling R8, 3.11: scenario 09 announces what a cap does, once in a day of the sandbox, and each refused start.
#[tokio::test(flavor = "multi_thread")]
async fn the_scenario_of_the_cap_announces_it_as_production_would() {
    let world = World::new(1);
    let (call, caller) = (call_in(Environment::Sandbox), caller(Environment::Sandbox));
    let start = async || world.verify().start(&call, &caller, &to("+12025550109")).await.unwrap_err();
    let first = start().await;
    assert_eq!(first.code, "spend.cap_reached");
    start().await;
    let hits = world.told("devportal.verify.spend_cap_hit.v1");
    assert_eq!(hits.len(), 1, "{hits:?}");
    assert_eq!(hits[0]["environment"], "SANDBOX");
    let blocked = world.told("devportal.verify.blocked.v1");
    assert_eq!(blocked.len(), 2, "{blocked:?}");
    assert_eq!(blocked[0]["reasons"], json!(["spend_cap"]));
    let member = |name: &str| first.details.iter().find(|(known, _)| *known == name).map(|(_, value)| value);
    // Which of two that began in one millisecond comes first is not said.
    assert!(
        blocked.iter().any(|one| member("verificationId") == Some(&Detail::Text(told_id(one)))),
        "{blocked:?}"
    );
    assert_eq!(member("until"), member("resetsAt"), "when it clears");
    let sandbox = world.start(Environment::Sandbox, &to("+12025550100")).await.session.data().sandbox_id;
    world.verify().advance_clock(&call, sandbox.unwrap(), 86_400).await.unwrap();
    start().await;
    assert_eq!(world.told("devportal.verify.spend_cap_hit.v1").len(), 2, "the next day is another window");
}

fn told_id(event: &Value) -> String {
    event["verificationId"].as_str().unwrap().to_owned()
}

/// devportal.md 5, item 2: the dry run allows nothing that a start is refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_preview_knows_what_is_left_of_the_cap_and_what_a_scenario_refuses() {
    let world = World::new(1);
    let preview = async |environment, phone: &str| {
        let request = PreviewRequest {
            to: to(phone).to,
            channel_order: None,
            locale: None,
            purpose: Purpose::SignIn,
            template_id: None,
        };
        world.verify().preview(&call_in(environment), &caller(environment), &request).await.unwrap()
    };
    for (phone, code) in [
        ("+12025550107", "verification.destination_blocked"),
        ("+12025550108", "verification.country_not_allowed"),
        ("+12025550109", "spend.cap_reached"),
        ("+12025550110", "verification.destination_rate_limited"),
    ] {
        let refused = preview(Environment::Sandbox, phone).await;
        assert_eq!((refused.allowed(), refused.reasons.as_slice()), (false, [code].as_slice()), "{phone}");
    }
    assert!(preview(Environment::Sandbox, "+12025550100").await.allowed());
    assert_eq!(world.store.recorded().len(), 0, "nothing is made for it");

    world.cap("0.01").await;
    assert!(preview(Environment::Production, "+93701234567").await.allowed());
    world.start(Environment::Production, &to("+93701114567")).await;
    let spent = preview(Environment::Production, "+93701234567").await;
    assert_eq!(spent.steps[0].reasons, ["spend.cap_reached"]);
    assert_eq!(spent.until.map(|at| at.to_string()).as_deref(), Some("2026-04-21T00:00:00Z"));
    let caller = caller(Environment::Production);
    let refused = world.verify().start(&call_in(Environment::Production), &caller, &to("+93701234567")).await;
    assert_eq!(refused.unwrap_err().code, "spend.cap_reached");
}

/// traps.md 14: a session that refuses says where it stands and what can be asked of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_a_session_says_its_state_and_what_it_allows() {
    let world = World::new(1);
    world.account().await;
    let (verify, call) = (world.verify(), call_in(Environment::Sandbox));
    let told = |error: AppError| {
        let member = |name: &str| {
            let found =
                error.details.iter().filter(|(known, _)| *known == name).map(|(_, value)| value.clone());
            found.collect::<Vec<_>>()
        };
        (error.code, member("state"), member("allowedActions"))
    };
    let list = |actions: &[&str]| {
        vec![Detail::List(actions.iter().map(|one| Detail::Text((*one).to_owned())).collect())]
    };
    let state = |text: &str| vec![Detail::Text(text.to_owned())];

    let session = world.start(Environment::Sandbox, &to("+12025550100")).await.session;
    let (id, sandbox) = (session.id(), session.data().sandbox_id.unwrap());
    verify.advance_clock(&call, sandbox, 31).await.unwrap();
    let none_left = verify.next_channel(&call, id).await.unwrap_err();
    let live = list(&["check", "resend", "cancel"]);
    assert_eq!(told(none_left), ("verification.no_more_channels", state("DELIVERED"), live));
    verify.check(&call, id, "123456").await.unwrap();
    let over = [
        verify.check(&call, id, "123456").await.err(),
        verify.resend(&call, id).await.err(),
        verify.next_channel(&call, id).await.err(),
        verify.cancel(&call, id).await.err(),
    ];
    for error in over {
        let expected = ("verification.already_approved", state("APPROVED"), list(&[]));
        assert_eq!(told(error.unwrap()), expected);
    }
}
