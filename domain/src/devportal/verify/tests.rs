//! Tests of the session's commands and guards; tables, sends, checks and stored documents have files of their own.

mod checks;
mod sending;
mod stored;
mod tables;
mod walk;

use ulid::Ulid;
use zeroize::Zeroizing;

use super::*;
use crate::{
    devportal::{
        invariants::*,
        policy::FailureEvidence,
        sandbox::SandboxCode,
        values::{
            Brand, ChannelOrder, CodeLength, CodeSeed, Destination, DestinationKey, E164Phone, EmailAddress,
            Environment, Locale, Purpose, SubmittedCode,
        },
    },
    kernel::{Coded, Currency, DomainEvent, Id, IdKind, Kind, Outcome, Price, TenantId},
};

fn id<K: IdKind>(number: u128) -> Id<K> {
    Id::new(Ulid::from(number))
}

fn now() -> Timestamp {
    "2026-04-20T09:30:00Z".parse().unwrap()
}

fn after(seconds: i64) -> Moment {
    Moment::new(now().plus(time::Duration::seconds(seconds)))
}

fn price(text: &str) -> Price {
    Price::parse(text, Currency::parse("USD").unwrap()).unwrap()
}

fn ring() -> PepperRing {
    let kid = || "k1".parse().unwrap();
    PepperRing::try_new(kid(), &[(kid(), Zeroizing::new(vec![7; 32]))], true).unwrap()
}

fn send(number: u128) -> NewSend {
    NewSend { id: id(number), quote: price("0.007900"), reserved: price("0.01") }
}

fn order(channels: &[Channel]) -> ChannelOrder {
    ChannelOrder::try_new(channels.iter().map(|one| ChannelStep::try_new(*one, None).unwrap()).collect())
        .unwrap()
}

fn destination() -> Destination {
    let phone = E164Phone::parse("+93701231234").unwrap();
    Destination::try_new(Some(phone), EmailAddress::parse("zar@example.com").ok()).unwrap()
}

fn new_session() -> NewSession {
    let key = DestinationKey::new([3; 32]);
    let tenant_id = TenantId::try_new("acme").unwrap();
    let sealed = destination().addresses().into_iter().map(|address| SealedAddress {
        kind: address.kind(),
        hash: key.hash(&tenant_id, &address),
        sealed: Sealed(vec![1, 2, 3]),
        scenario: None,
    });
    NewSession {
        id: id(1),
        account_id: id(2),
        key: KeyGrant { id: id(3), environment: Environment::Production },
        environment: Environment::Production,
        sandbox: None,
        purpose: Purpose::SignIn,
        destination: destination(),
        sealed: sealed.collect(),
        locale: Locale::Ps,
        locale_used: Locale::Ps,
        brand: Brand::parse("Sarai").unwrap(),
        template: TemplatePin { template_id: id(4), version_no: 2 },
        channel_order: Some(order(&[Channel::Sms, Channel::Voice, Channel::Email])),
        policy: PolicySnapshot { policy_version: 1, terms: Terms::default() },
        seed: CodeSeed::new([9; 16]),
        end_user_ip_hash: None,
        end_user_ref_hash: None,
        metadata: Metadata::default(),
        failures: FailureEvidence::default(),
        first: send(101),
        tenant_id,
    }
}

fn started(new: NewSession) -> VerifySession {
    VerifySession::start(new, &ring(), &after(0)).unwrap()
}

fn with_terms(change: impl FnOnce(&mut Terms)) -> VerifySession {
    let mut new = new_session();
    change(&mut new.policy.terms);
    started(new)
}

fn session() -> VerifySession {
    started(new_session())
}

fn report(
    session: &mut VerifySession,
    number: u128,
    report: SendReport,
    at: i64,
) -> Result<Outcome, VerifyError> {
    session.report(id(number), report, &after(at))
}

fn dispatched() -> SendReport {
    SendReport::Dispatched { provider: "smsc".into() }
}

fn accepted() -> SendReport {
    SendReport::Accepted { provider_message_id: Some("m-1".into()), segments: Some(1) }
}

fn delivered() -> SendReport {
    SendReport::Delivered { price: None }
}

fn undelivered() -> SendReport {
    SendReport::Undelivered { error_code: "dead".into(), price: None }
}

fn refused_send() -> SendReport {
    SendReport::Refused { error_code: "blocked".into() }
}

fn deferred() -> SendReport {
    SendReport::Deferred { error_code: "throttled".into() }
}

fn lost() -> SendReport {
    SendReport::Unknown { error_code: "timeout".into() }
}

/// A session whose first send was taken by its provider.
fn sent() -> VerifySession {
    let mut session = session();
    for step in [dispatched(), accepted()] {
        assert_eq!(report(&mut session, 101, step, 1), Ok(Outcome::Applied));
    }
    session
}

fn code(session: &VerifySession) -> String {
    session.code(&ring()).unwrap().expose().to_owned()
}

/// Checks a code with everything that belongs to it.
fn check(session: &mut VerifySession, text: &str, at: i64) -> Result<CheckOutcome, VerifyError> {
    let length = session.data().policy.terms.code_length;
    let guess = session.begin_check(&after(at))?;
    let verdict = guess.compare(&SubmittedCode::parse(text, length).unwrap(), &ring()).unwrap();
    session.conclude_check(verdict, &after(at))
}

fn wrong(session: &VerifySession) -> String {
    let right = code(session);
    if right == "000000" { "000001".to_owned() } else { "000000".to_owned() }
}

/// Runs a command that must fail, and proves that it left everything as it was.
fn refused<T: std::fmt::Debug>(
    session: &mut VerifySession,
    command: impl FnOnce(&mut VerifySession) -> Result<T, VerifyError>,
) -> VerifyError {
    let before = session.clone();
    let error = command(session).unwrap_err();
    assert_eq!(session.data(), before.data());
    assert_eq!(session.rows, before.rows);
    assert_eq!(session.root.pending(), before.root.pending());
    assert_eq!(session.moves, before.moves);
    error
}

fn topics(session: &VerifySession) -> Vec<&'static str> {
    let topic = |event: &VerifyEvent| event.topic().split('.').nth(2).unwrap();
    session.root.pending().iter().map(topic).collect()
}

fn approved() -> VerifySession {
    let mut session = sent();
    let code = code(&session);
    assert_eq!(check(&mut session, &code, 5), Ok(CheckOutcome::Approved { at: after(5).at }));
    session
}

fn cancelled() -> VerifySession {
    let mut session = sent();
    assert_eq!(session.cancel(&after(5)), Ok(Outcome::Applied));
    session
}

fn expired() -> VerifySession {
    let mut session = sent();
    assert_eq!(session.expire(&after(600)), Ok(Outcome::Applied));
    session
}

#[test]
fn a_start_queues_the_first_send_and_says_so() {
    let session = session();
    assert_eq!(topics(&session), ["requested"]);
    assert_eq!((session.attempts_remaining(), session.sends_remaining()), (5, 4));
    assert_eq!(session.data().expires_at, after(600).at);
    assert_eq!(session.resend_available_at(), Some(after(30).at));
    assert_eq!(session.moves(), [SpendMove::Reserve { attempt_id: id(101), amount: price("0.01") }]);
    assert_eq!(session.data().spend_reserved, price("0.01"));
    assert_eq!(session.data().country_code.unwrap().as_str(), "AF");
    let step = session.step().unwrap();
    assert_eq!(
        (step.channel(), session.destination().unwrap().masked.as_str()),
        (Channel::Sms, "+93•••••1234")
    );
    assert_eq!(session.allowed_actions(now()), ["check", "cancel"]);
    assert_eq!(session.allowed_actions(after(30).at), ["check", "resend", "next-channel", "cancel"]);
    let json = serde_json::to_string(&(session.data(), session.root.pending())).unwrap();
    assert!(!json.contains("+93701231234") && !json.contains("zar@") && !json.contains(&code(&session)));
}

#[test]
fn a_start_without_an_order_takes_sms_and_terms_have_bounds() {
    let session = started(NewSession { channel_order: None, ..new_session() });
    assert_eq!(session.data().channel_order, order(&[Channel::Sms]));
    let changes: [fn(&mut Terms); 4] = [
        |terms| terms.ttl_seconds = 601,
        |terms| terms.max_attempts = 11,
        |terms| terms.max_sends = 0,
        |terms| terms.resend_cooldown_seconds = 14,
    ];
    for change in changes {
        let mut new = new_session();
        change(&mut new.policy.terms);
        let error = VerifySession::start(new, &ring(), &after(0)).unwrap_err();
        assert_eq!((error.code(), error.kind()), ("verification.terms_out_of_bounds", Kind::Invalid));
    }
    let mut new = new_session();
    new.policy.terms.ttl_seconds = 120;
    let error = VerifySession::start(new, &ring(), &after(0)).unwrap_err();
    assert_eq!(error.code(), "verification.channel_order_too_long");
    let asked = TermsAsked {
        ttl_seconds: Some(300),
        code_length: CodeLength::try_new(8).ok(),
        ..TermsAsked::default()
    };
    assert_eq!(Terms::default().with(asked).unwrap().code_length.digits(), 8);
    assert!(Terms::default().with(TermsAsked { ttl_seconds: Some(1), ..TermsAsked::default() }).is_err());
}

#[test]
fn v_inv_3_rejects_every_command_of_a_session_that_is_over() {
    for (mut session, code) in [
        (approved(), "verification.already_approved"),
        (cancelled(), "verification.failed"),
        (expired(), "verification.expired"),
    ] {
        let errors = [
            refused(&mut session, |session| session.begin_check(&after(6))),
            refused(&mut session, |session| session.resend(send(200), &ring(), &after(60))),
            refused(&mut session, |session| session.advance(send(200), Trigger::Manual, &ring(), &after(60))),
            refused(&mut session, |session| session.supersede(&after(6))),
            refused(&mut session, |session| session.lose_key(&after(6))),
            refused(&mut session, |session| {
                session.refuse_send(FailureReason::SpendCap, "spend.cap_reached", &after(6))
            }),
            refused(&mut session, |session| session.code(&ring()).map(drop)),
        ];
        for error in errors {
            assert_eq!(error.code(), code);
            assert!(matches!(error.invariant(), Some(V_INV_3 | V_INV_7)), "{error}");
        }
        assert!(session.allowed_actions(now()).is_empty());
        assert!(session.live_slots().is_empty());
    }
}

#[test]
fn v_inv_3_allows_a_cancel_to_be_repeated_and_tells_why_else() {
    let mut session = cancelled();
    assert_eq!(session.cancel(&after(9)), Ok(Outcome::AlreadyApplied), "{V_INV_3}");
    assert_eq!(refused(&mut approved(), |session| session.cancel(&after(9))), VerifyError::AlreadyApproved);
    let error = refused(&mut expired(), |session| session.cancel(&after(700)));
    assert_eq!(error, VerifyError::Expired { at: after(600).at });
    assert_eq!(error.details().len(), 1);
}

#[test]
fn v_inv_6_rejects_a_later_end_by_any_command() {
    let mut session = sent();
    let end = session.data().expires_at;
    assert_eq!(session.resend(send(102), &ring(), &after(40)), Ok(Outcome::Applied));
    assert_eq!(session.advance(send(103), Trigger::Manual, &ring(), &after(80)), Ok(Outcome::Applied));
    assert_eq!(report(&mut session, 101, delivered(), 81), Ok(Outcome::Applied));
    assert_eq!(session.data().expires_at, end, "{V_INV_6}");
    assert_eq!(session.expire(&after(600)), Ok(Outcome::Applied));
    assert_eq!(session.data().expires_at, end);
}

#[test]
fn v_inv_6_allows_a_check_until_the_last_instant() {
    let mut session = sent();
    let code = code(&session);
    let error = refused(&mut session, |session| session.begin_check(&after(600)));
    assert_eq!(error.code(), "verification.expired", "{V_INV_6}");
    assert!(check(&mut session, &code, 599).is_ok());
    assert_eq!(session.expire(&after(601)), Ok(Outcome::AlreadyApplied));
    let mut early = sent();
    assert_eq!(early.expire(&after(599)), Ok(Outcome::AlreadyApplied));
}

#[test]
fn v_inv_10_rejects_going_on_with_another_order_or_locale() {
    let mut session = session();
    let other = order(&[Channel::Voice]);
    // The same e-mail, and another phone.
    let mut elsewhere = session.live_slots();
    elsewhere[0].hash = DestinationHash(crate::kernel::Hex([9; 32]));
    for error in [
        refused(&mut session, |one| one.give_way(OnExisting::Reuse, &[], Some(&other), None, &after(1))),
        refused(&mut session, |one| one.give_way(OnExisting::Reuse, &[], None, Some(Locale::En), &after(1))),
        refused(&mut session, |one| one.give_way(OnExisting::Reuse, &elsewhere, None, None, &after(1))),
    ] {
        assert_eq!(error.code(), "verification.in_progress", "{V_INV_10}");
    }
}

#[test]
fn v_inv_10_allows_going_on_with_the_same() {
    let mut session = session();
    let same = session.data().channel_order.clone();
    let before = session.data().clone();
    assert_eq!(
        session.give_way(OnExisting::Reuse, &[], Some(&same), Some(Locale::Ps), &after(1)),
        Ok(GiveWay::Reused { resend: false }),
        "{V_INV_10}"
    );
    assert_eq!(
        session.give_way(OnExisting::Reuse, &session.live_slots()[1..], None, None, &after(30)),
        Ok(GiveWay::Reused { resend: true })
    );
    assert!(matches!(session.root.pending().last(), Some(VerifyEvent::Requested { reused: true, .. })));
    let data = session.data();
    assert_eq!(
        (&data.policy, &data.template, data.locale),
        (&before.policy, &before.template, before.locale)
    );
    assert_eq!((&data.destinations, &data.channel_order), (&before.destinations, &before.channel_order));
}

#[test]
fn v_inv_11_rejects_a_second_live_session_of_a_destination() {
    let mut session = session();
    let error = refused(&mut session, |one| one.give_way(OnExisting::Reject, &[], None, None, &after(1)));
    assert_eq!(error, VerifyError::InProgress { id: id(1) });
    assert_eq!((error.invariant(), error.kind()), (Some(V_INV_11), Kind::Conflict));
    let other = started(NewSession { id: id(50), ..new_session() });
    assert_eq!(session.live_slots(), other.live_slots());
    assert_eq!(session.live_slots().len(), 2, "one for each kind of address");
}

#[test]
fn v_inv_11_allows_another_purpose_and_what_displaces() {
    let other = started(NewSession { id: id(50), purpose: Purpose::SignUp, ..new_session() });
    assert!(session().live_slots().iter().all(|slot| !other.live_slots().contains(slot)), "{V_INV_11}");
    let mut superseded = session();
    let way = superseded.give_way(OnExisting::Supersede, &[], None, None, &after(1));
    assert_eq!((way, superseded.live_slots().len()), (Ok(GiveWay::Displaced), 0));
    assert_eq!(superseded.data().failure_reason, Some(FailureReason::Superseded));
    let mut late = session();
    let way = late.give_way(OnExisting::Reject, &[], None, None, &after(600));
    assert_eq!((way, late.data().state), (Ok(GiveWay::Displaced), VerifyState::Expired));
    assert_eq!(cancelled().give_way(OnExisting::Reject, &[], None, None, &after(9)), Ok(GiveWay::Displaced));
}

#[test]
fn v_inv_12_rejects_a_key_of_the_other_environment() {
    let key = KeyGrant { id: id(3), environment: Environment::Sandbox };
    let error = VerifySession::start(NewSession { key, ..new_session() }, &ring(), &after(0)).unwrap_err();
    assert_eq!((error.invariant(), error.kind()), (Some(V_INV_12), Kind::Forbidden));
    let stored = VerifySessionData { key_environment: Environment::Sandbox, ..session().data().clone() };
    let error = VerifySession::rehydrate(stored, Vec::new(), 1).unwrap_err();
    assert_eq!(error.invariant(), Some(V_INV_12));
}

#[test]
fn v_inv_12_allows_both_environments_with_keys_of_their_own() {
    let code_1 = SandboxCode { seed: 1, ordinal: 1, fixed: true };
    let sandbox = SessionSandbox { id: id(7), code: code_1, ttl_seconds: Some(30) };
    let environment = Environment::Sandbox;
    let new = NewSession {
        key: KeyGrant { id: id(3), environment },
        environment,
        sandbox: Some(sandbox),
        ..new_session()
    };
    let session = started(new);
    assert_eq!(code(&session), "123456", "{V_INV_12}");
    assert_eq!((session.data().sandbox_id, session.data().expires_at), (Some(id(7)), after(30).at));
}

#[test]
fn v_inv_18_rejects_a_receipt_of_an_unknown_send() {
    let mut session = sent();
    let error = refused(&mut session, |session| report(session, 999, delivered(), 2));
    assert_eq!((error.invariant(), error.kind()), (Some(V_INV_18), Kind::NotFound));
}

#[test]
fn v_inv_18_allows_a_late_receipt_to_change_its_send_only() {
    for mut session in [approved(), cancelled(), expired()] {
        let before = session.data().clone();
        assert_eq!(report(&mut session, 101, delivered(), 700), Ok(Outcome::Applied));
        assert_eq!(session.send(id(101)).unwrap().status, SendStatus::Delivered);
        assert_eq!((session.data().state, session.data().delivered_at), (before.state, None), "{V_INV_18}");
        assert_eq!(session.check_invariants(), Ok(()));
    }
}

#[test]
fn v_inv_21_rejects_a_secret_in_a_session_that_is_over() {
    let live = sent();
    for over in [approved(), cancelled(), expired()] {
        assert!(over.data().secrets.is_none());
        assert!(over.data().destinations.iter().all(|one| one.sealed.is_none()));
        let rows = || over.rows.values().cloned().collect::<Vec<_>>();
        let seeded = VerifySessionData { secrets: live.data().secrets.clone(), ..over.data().clone() };
        let sealed =
            VerifySessionData { destinations: live.data().destinations.clone(), ..over.data().clone() };
        for stored in [seeded, sealed] {
            let error = VerifySession::rehydrate(stored, rows(), 1).unwrap_err();
            assert_eq!(error.invariant(), Some(V_INV_21));
        }
    }
}

#[test]
fn v_inv_21_allows_a_live_session_its_secrets() {
    assert!(session().data().secrets.is_some(), "{V_INV_21}");
    let stored = VerifySessionData { secrets: None, ..sent().data().clone() };
    assert!(VerifySession::rehydrate(stored, Vec::new(), 1).is_err());
}

#[test]
fn sb_inv_7_rejects_a_sandbox_destination_in_production() {
    for text in ["+12025550100", "+12025550199"] {
        let phone = E164Phone::parse(text).unwrap();
        let destination = Destination::try_new(Some(phone), None).unwrap();
        let channel_order = None;
        let new = NewSession { destination, channel_order, ..new_session() };
        let error = VerifySession::start(new, &ring(), &after(0)).unwrap_err();
        assert_eq!((error.invariant(), error.kind()), (Some(SB_INV_7), Kind::Invalid));
        assert_eq!(error.code(), "verification.test_destination_in_production");
    }
    let destination = Destination::try_new(None, EmailAddress::parse("03@sandbox.test").ok()).unwrap();
    let new = NewSession { destination, channel_order: None, ..new_session() };
    assert!(VerifySession::start(new, &ring(), &after(0)).is_err());
}

#[test]
fn sb_inv_7_allows_the_numbers_beside_them() {
    for text in ["+12025550200", "+12025540100", "+120255501001"] {
        let destination = Destination::try_new(E164Phone::parse(text).ok(), None).unwrap();
        let new = NewSession { destination, channel_order: None, ..new_session() };
        assert!(VerifySession::start(new, &ring(), &after(0)).is_ok(), "{text}, {SB_INV_7}");
    }
}
