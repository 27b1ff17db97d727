//! Tests of sandboxes, their scenarios and their ways.

use std::collections::BTreeSet;

use proptest::prelude::*;
use ulid::Ulid;

use super::*;
use crate::{
    devportal::{
        invariants::{SB_INV_1, SB_INV_2, SB_INV_3, SB_INV_4, SB_INV_5, SB_INV_6, SB_INV_8},
        values::{
            Brand, Channel, CodeLength, DestinationKey, DestinationKind, E164Phone, EmailAddress,
            Environment, Locale, Purpose,
        },
        verify::{LiveSlot, TemplatePin},
    },
    kernel::{Coded, Edge, Id, IdKind, Kind},
};

fn id<K: IdKind>(number: u128) -> Id<K> {
    Id::new(Ulid::from(number))
}

fn now() -> Timestamp {
    "2026-04-20T09:30:00Z".parse().unwrap()
}

fn later(seconds: u32) -> Timestamp {
    seconds_later(now(), seconds)
}

fn tenant() -> TenantId {
    TenantId::try_new("acme").unwrap()
}

fn new_sandbox() -> NewSandbox {
    NewSandbox {
        id: id(1),
        tenant_id: tenant(),
        account_id: id(2),
        is_default: false,
        seed: 42,
        ttl_seconds: None,
        taken: BTreeSet::new(),
    }
}

fn sandbox() -> SandboxSession {
    SandboxSession::create(new_sandbox(), now()).unwrap()
}

fn phone(text: &str) -> Address {
    Address::Phone(E164Phone::parse(text).unwrap())
}

fn hash(address: &Address) -> DestinationHash {
    DestinationKey::new([1; 32]).hash(&tenant(), address)
}

fn open(sandbox: &mut SandboxSession, text: &str) -> Result<SandboxCode, SandboxError> {
    let to = phone(text);
    sandbox.open_verification(&to, hash(&to), now())
}

fn message(code: SandboxCode) -> SandboxMessage {
    SandboxMessage {
        id: id(9),
        sandbox_id: id(77),
        round: 99,
        at: now(),
        channel: Channel::Sms,
        destination_masked: "+1••••••0100".into(),
        verification_id: id(3),
        attempt_id: id(4),
        template: TemplatePin { template_id: id(5), version_no: 1 },
        locale: Locale::Ps,
        brand: Brand::parse("Sarai").unwrap(),
        minutes: 10,
        code,
        generation: 1,
        code_length: CodeLength::default(),
    }
}

#[test]
fn sb_inv_1_rejects_one_slot_for_two_sandboxes() {
    let slot = |environment, sandbox_id| LiveSlot {
        tenant_id: tenant(),
        environment,
        sandbox_id,
        purpose: Purpose::SignIn,
        kind: DestinationKind::Phone,
        hash: hash(&phone("+12025550100")),
    };
    let slots = [
        slot(Environment::Production, None),
        slot(Environment::Sandbox, Some(id(1))),
        slot(Environment::Sandbox, Some(id(2))),
    ];
    assert_eq!(slots.iter().collect::<BTreeSet<_>>().len(), 3, "{SB_INV_1}");
}

#[test]
fn sb_inv_1_allows_a_message_in_its_own_sandbox_only() {
    let mut sandbox = sandbox();
    let code = open(&mut sandbox, "+12025550100").unwrap();
    assert_eq!(sandbox.receive(message(code), now()), Ok(Outcome::Applied));
    let data = sandbox.data().clone();
    let rows = sandbox.into_changes().rows;
    assert_eq!((rows[0].sandbox_id, rows[0].round), (id(1), 0), "{SB_INV_1}");
    assert_eq!(rows[0].code().expose(), "123456");
    assert!(!serde_json::to_string(&rows[0]).unwrap().contains("123456"), "the inbox keeps no code");
    assert!(
        SandboxSession::rehydrate(data, vec![SandboxMessage { sandbox_id: id(8), ..rows[0].clone() }], 1)
            .is_err()
    );
}

#[test]
fn sb_inv_2_rejects_a_way_to_the_network_from_a_sandbox() {
    let to = phone("+93701231234");
    for scenario in SCENARIOS {
        let scenario = Scenario::try_new(scenario.number).unwrap();
        let route = Route::of(Environment::Sandbox, Some(id(1)), &to, Some(scenario));
        assert!(matches!(route, Some(Route::Sandbox(_))), "{SB_INV_2}");
    }
    assert_eq!(Route::of(Environment::Sandbox, None, &to, None), None);
    assert_eq!(Route::of(Environment::Production, Some(id(1)), &to, None), None);
}

#[test]
fn sb_inv_2_allows_the_network_in_production() {
    let route = Route::of(Environment::Production, None, &phone("+93701231234"), None);
    assert!(matches!(route, Some(Route::Network(_))), "{SB_INV_2}");
}

#[test]
fn sb_inv_3_rejects_a_clock_that_goes_back_or_too_far() {
    let mut sandbox = sandbox();
    for (seconds, error) in [
        (0, SandboxError::ClockBackwards),
        (-1, SandboxError::ClockBackwards),
        (i64::MIN, SandboxError::ClockBackwards),
        (30 * 86_400 + 1, SandboxError::ClockTooFar),
        (i64::MAX, SandboxError::ClockTooFar),
    ] {
        let refused = sandbox.advance_clock(seconds, now()).unwrap_err();
        assert_eq!((refused, refused.invariant()), (error, Some(SB_INV_3)));
        assert_eq!(refused.kind(), Kind::Invalid);
    }
    let fresh = sandbox.data().clone();
    let stored = |change: fn(&mut SandboxData)| {
        let mut data = fresh.clone();
        change(&mut data);
        SandboxSession::rehydrate(data, Vec::new(), 1).unwrap_err().invariant()
    };
    assert_eq!(stored(|data| data.clock_offset = 30 * 86_400 + 1), Some(SB_INV_3));
    assert_eq!(stored(|data| data.expires_at = Timestamp::from_unix_micros(0)), Some(SB_INV_3));
}

#[test]
fn sb_inv_3_allows_a_frozen_clock_to_move_forward_while_real_time_ends_it() {
    let mut sandbox = sandbox();
    assert_eq!(sandbox.virtual_now(), now());
    assert_eq!(sandbox.advance_clock(90, later(100)), Ok(Outcome::Applied), "{SB_INV_3}");
    assert_eq!(sandbox.advance_clock(30 * 86_400 - 90, later(200)), Ok(Outcome::Applied));
    assert_eq!(sandbox.virtual_now(), now().plus_days(30));
    assert_eq!(sandbox.expire(later(86_399)), Ok(Outcome::AlreadyApplied));
    assert_eq!(sandbox.reset(later(300)), Ok(Outcome::Applied));
    assert_eq!(sandbox.virtual_now(), now().plus_days(30), "a reset leaves the clock");
    assert_eq!(sandbox.expire(later(86_400)), Ok(Outcome::Applied));
}

#[test]
fn sb_inv_4_rejects_asking_production_s_counters_in_a_sandbox() {
    assert!(!is_governed(Environment::Sandbox), "{SB_INV_4}");
}

#[test]
fn sb_inv_4_allows_production_its_counters() {
    assert!(is_governed(Environment::Production), "{SB_INV_4}");
}

#[test]
fn sb_inv_5_rejects_another_code_for_another_seed_ordinal_or_generation() {
    let code = SandboxCode { seed: 42, ordinal: 1, fixed: false };
    let text = |code: SandboxCode, generation| {
        code.derive(generation, CodeLength::try_new(10).unwrap()).expose().to_owned()
    };
    let codes = [
        text(code, 1),
        text(code, 2),
        text(SandboxCode { ordinal: 2, ..code }, 1),
        text(SandboxCode { seed: 43, ..code }, 1),
    ];
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 4, "{SB_INV_5}");
}

#[test]
fn a_code_that_everybody_knows_is_followed_by_another() {
    let code = SandboxCode { seed: 42, ordinal: 1, fixed: true };
    let six = CodeLength::try_new(6).unwrap();
    assert_eq!(code.derive(1, six).expose(), "123456");
    assert_ne!(code.derive(2, six).expose(), "123456");
    assert_ne!(code.derive(2, six).expose(), code.derive(3, six).expose());
}

#[test]
fn sb_inv_5_allows_the_same_calls_to_give_the_same() {
    let run = |sandbox: &mut SandboxSession| {
        let _ = sandbox.advance_clock(7, now()).unwrap();
        ["+12025550100", "+12025550103", "+93701231234"].map(|to| {
            let code = open(sandbox, to).unwrap();
            code.derive(1, CodeLength::default()).expose().to_owned()
        })
    };
    let (mut one, mut two) = (sandbox(), sandbox());
    let first = run(&mut one);
    assert_eq!((first.clone(), one.data()), (run(&mut two), two.data()), "{SB_INV_5}");
    assert_eq!((first[0].as_str(), first[2].as_str()), ("123456", "123456"));
    let _ = one.reset(now()).unwrap();
    assert_eq!(run(&mut one), first, "after a reset too");
}

#[test]
fn sb_inv_6_rejects_anything_in_a_sandbox_that_is_over() {
    let mut closed = sandbox();
    assert_eq!(closed.close(), Ok(Outcome::Applied));
    let mut expired = sandbox();
    assert_eq!(expired.expire(later(86_400)), Ok(Outcome::Applied));
    assert_eq!(expired.close().unwrap_err().invariant(), Some(SB_INV_6));
    let late = sandbox();
    for (mut sandbox, at) in [(closed, now()), (expired, now()), (late, later(86_400))] {
        let errors = [
            sandbox.extend(86_400, at).unwrap_err(),
            sandbox.advance_clock(1, at).unwrap_err(),
            sandbox.reset(at).unwrap_err(),
            sandbox.override_scenario(hash(&phone("+93701231234")), None, at).unwrap_err(),
            sandbox.set_webhooks(Vec::new(), at).unwrap_err(),
            sandbox.open_verification(&phone("+12025550100"), hash(&phone("+12025550100")), at).unwrap_err(),
        ];
        for error in errors {
            assert_eq!((error.invariant(), error.code()), (Some(SB_INV_6), "sandbox.closed"));
        }
    }
}

#[test]
fn sb_inv_6_allows_a_close_to_be_repeated() {
    let mut sandbox = sandbox();
    assert_eq!(
        (sandbox.close(), sandbox.close()),
        (Ok(Outcome::Applied), Ok(Outcome::AlreadyApplied)),
        "{SB_INV_6}"
    );
    assert_eq!(sandbox.root.pending().len(), 2);
}

#[test]
fn sb_inv_8_rejects_dialling_a_real_number_from_a_sandbox() {
    let real = phone("+93701231234");
    let route = Route::of(Environment::Sandbox, Some(id(1)), &real, None);
    assert!(!matches!(route, Some(Route::Network(_))), "{SB_INV_8}");
}

#[test]
fn sb_inv_8_allows_a_real_number_to_behave_as_scenario_00() {
    let real = phone("+93701231234");
    let Some(Route::Sandbox(route)) = Route::of(Environment::Sandbox, Some(id(1)), &real, None) else {
        panic!("a sandbox's way")
    };
    assert_eq!((route.scenario().number(), route.sandbox_id()), (0, id(1)), "{SB_INV_8}");
}

#[test]
fn the_catalogue_has_fifteen_scenarios_that_destinations_choose() {
    assert_eq!(SCENARIOS.iter().map(|row| row.number).collect::<Vec<_>>(), (0..15).collect::<Vec<_>>());
    for number in 0..15 {
        let scenario = Scenario::try_new(number).unwrap();
        assert_eq!(Scenario::of(&phone(&format!("+120255501{number:02}"))), scenario);
        let email = EmailAddress::parse(&format!("{number:02}@sandbox.test")).unwrap();
        assert_eq!(Scenario::of(&Address::Email(email)), scenario);
        assert_eq!((scenario.row().number, scenario.has_fixed_code()), (number, number == 0));
        let json = serde_json::to_string(&scenario).unwrap();
        assert_eq!(serde_json::from_str::<Scenario>(&json).unwrap(), scenario);
        let accepted = scenario.row().on_start == OnStart::Accept;
        assert_eq!(Channel::ALL.iter().all(|channel| !scenario.script(*channel).is_empty()), accepted);
    }
    assert_eq!(Scenario::of(&phone("+12025550115")).number(), 0);
    assert_eq!(Scenario::try_new(15), Err(SandboxError::UnknownScenario));
    assert!(
        serde_json::from_str::<Scenario>("\"15\"").is_err()
            && serde_json::from_str::<Scenario>("\"3\"").is_err()
    );
    let voice_only = Scenario::try_new(14).unwrap();
    assert_eq!(voice_only.script(Channel::Sms), [Line { when: When::After(0), says: Says::Refused }]);
    assert_eq!(voice_only.script(Channel::Voice).last().map(|line| line.says), Some(Says::Delivered));
    assert_eq!(Scenario::try_new(11).unwrap().row().ttl_seconds, Some(30));
    assert_eq!(Scenario::try_new(13).unwrap().row().webhook_failures, 2);
}

#[test]
fn an_override_decides_before_the_destination() {
    let mut sandbox = sandbox();
    let to = phone("+12025550103");
    let scenario = Scenario::try_new(7).ok();
    assert_eq!(sandbox.override_scenario(hash(&to), scenario, now()), Ok(Outcome::Applied));
    assert_eq!(sandbox.override_scenario(hash(&to), scenario, now()), Ok(Outcome::AlreadyApplied));
    assert_eq!(sandbox.scenario(&to, hash(&to)).number(), 7);
    for number in 0..49 {
        let other = phone(&format!("+937012312{number:02}"));
        assert_eq!(sandbox.override_scenario(hash(&other), scenario, now()), Ok(Outcome::Applied));
    }
    let more = phone("+93701239999");
    assert_eq!(sandbox.override_scenario(hash(&more), scenario, now()), Err(SandboxError::TooManyOverrides));
    assert_eq!(sandbox.override_scenario(hash(&to), None, now()), Ok(Outcome::Applied));
    let json = serde_json::to_string(sandbox.data()).unwrap();
    assert_eq!(&serde_json::from_str::<SandboxData>(&json).unwrap(), sandbox.data());
}

#[test]
fn a_sandbox_lives_between_an_hour_and_a_week_and_five_are_open() {
    for (ttl, taken, error) in [
        (Some(3_599), 0, SandboxError::Lifetime),
        (Some(604_801), 0, SandboxError::Lifetime),
        (None, 5, SandboxError::LimitReached),
    ] {
        let new = NewSandbox { ttl_seconds: ttl, taken: (1..=taken).collect(), ..new_sandbox() };
        assert_eq!(SandboxSession::create(new, now()).unwrap_err(), error);
    }
    let mut sandbox = sandbox();
    assert_eq!(sandbox.extend(604_800, now()), Ok(Outcome::Applied));
    assert_eq!(sandbox.extend(604_800, now()), Ok(Outcome::AlreadyApplied));
    assert_eq!(sandbox.extend(604_801, now()), Err(SandboxError::Lifetime));
    assert_eq!(sandbox.extend(86_400, now()), Err(SandboxError::Lifetime), "never shorter");
    let third = NewSandbox { taken: [1, 2, 4].into(), ..new_sandbox() };
    let third = SandboxSession::create(third, now()).unwrap();
    assert_eq!(third.data().holds(), Some(format!("{}:3", third.data().account_id)));
    let new = NewSandbox { is_default: true, taken: (1..=5).collect(), ..new_sandbox() };
    let mut default = SandboxSession::create(new, now()).unwrap();
    assert_eq!(default.data().holds(), Some(default.data().account_id.to_string()));
    let to = phone("+12025550100");
    let _ = default.open_verification(&to, hash(&to), later(80_000)).unwrap();
    assert_eq!(default.data().expires_at, later(80_000 + 86_400), "use keeps it alive");
}

#[test]
fn a_quota_that_is_used_up_waits_for_a_reset() {
    let mut sandbox = sandbox();
    let mut code = None;
    for _ in 0..500 {
        code = open(&mut sandbox, "+12025550103").ok();
    }
    assert_eq!(sandbox.data().state, SandboxState::Exhausted);
    assert_eq!(open(&mut sandbox, "+12025550103"), Err(SandboxError::QuotaUsed));
    assert_eq!(sandbox.receive(message(code.unwrap()), now()), Ok(Outcome::Applied));
    assert_eq!(sandbox.advance_clock(1, now()), Err(SandboxError::QuotaUsed));
    assert_eq!(sandbox.reset(now()), Ok(Outcome::Applied));
    assert_eq!((sandbox.data().state, sandbox.data().round), (SandboxState::Active, 1));
    for _ in 0..1_000 {
        let code = SandboxCode { seed: 1, ordinal: 1, fixed: false };
        assert_eq!(sandbox.receive(message(code), now()), Ok(Outcome::Applied));
    }
    assert_eq!(sandbox.data().state, SandboxState::Exhausted);
}

fn in_state(state: SandboxState) -> SandboxSession {
    let mut sandbox = sandbox();
    match state {
        SandboxState::Active => {}
        SandboxState::Exhausted => {
            sandbox.root.data.used.verifications = 500;
            sandbox.exhaust(now()).unwrap();
        }
        SandboxState::Closed => drop(sandbox.close().unwrap()),
        SandboxState::Expired => drop(sandbox.expire(later(86_400)).unwrap()),
    }
    sandbox
}

fn act(sandbox: &mut SandboxSession, action: SandboxAction) -> Result<Outcome, SandboxError> {
    match action {
        SandboxAction::Extend => sandbox.extend(90_000, now()),
        SandboxAction::AdvanceClock => sandbox.advance_clock(1, now()),
        SandboxAction::Reset => sandbox.reset(now()),
        SandboxAction::Exhaust => {
            sandbox.open(now())?;
            sandbox.root.data.used.messages = 1_000;
            if sandbox.data().state != SandboxState::Active {
                return Err(SandboxError::QuotaUsed);
            }
            sandbox.exhaust(now()).map(|()| Outcome::Applied)
        }
        SandboxAction::Close => sandbox.close(),
        SandboxAction::Expire => sandbox.end(SandboxAction::Expire),
    }
}

#[test]
fn every_pair_of_state_and_action_agrees_with_the_table() {
    for from in SandboxState::ALL {
        assert_eq!(from.is_terminal(), status::TERMINAL.contains(from));
        assert_eq!(from.is_terminal(), status::TRANSITIONS.iter().all(|edge| edge.from != *from));
        for action in SandboxAction::ALL {
            let mut sandbox = in_state(*from);
            let result = act(&mut sandbox, *action);
            let of = |edge: &&Edge<SandboxState, SandboxAction>| edge.from == *from && edge.action == *action;
            if let Some(edge) = status::TRANSITIONS.iter().find(of) {
                assert_eq!((result, sandbox.data().state), (Ok(Outcome::Applied), edge.to));
            } else {
                assert!(result != Ok(Outcome::Applied), "{from:?} {action:?}");
                assert_eq!(sandbox.data().state, *from, "{from:?} {action:?}");
            }
        }
    }
}

proptest! {
    #[test]
    fn every_walk_keeps_the_rules(walk in prop::collection::vec((0_u8..8, 0_u32..20_000), 1..40)) {
        let mut sandbox = sandbox();
        let mut at = 0;
        for (step, pause) in walk {
            at += pause;
            let before = sandbox.clone();
            let to = phone("+12025550101");
            let result = match step {
                0 => sandbox.extend(pause * 40, later(at)),
                1 | 2 => sandbox.advance_clock(i64::from(pause) * 50 - 10_000, later(at)),
                3 => sandbox.reset(later(at)),
                4 | 5 => sandbox.open_verification(&to, hash(&to), later(at)).map(|_| Outcome::Applied),
                6 => sandbox.expire(later(at)),
                _ => sandbox.override_scenario(hash(&to), Scenario::try_new(3).ok(), later(at)),
            };
            prop_assert!(sandbox.virtual_now() >= before.virtual_now());
            if result != Ok(Outcome::Applied) {
                prop_assert_eq!(sandbox.data(), before.data());
            }
            if before.data().state.is_terminal() {
                prop_assert_eq!(sandbox.data(), before.data());
            }
            prop_assert!(SandboxSession::rehydrate(sandbox.data().clone(), Vec::new(), 1).is_ok());
        }
    }
}
