//! The saga's invariants, schedule and messages, one rule each; the table, the faults and the walks beside.

mod faults;
mod operators;
mod table;
mod walk;
mod world;

use std::{collections::BTreeSet, str::FromStr};

use time::Duration;
use ulid::Ulid;

use super::*;
use crate::{
    kernel::{
        Coded, Edge, Id, IdKind, LicenseId, OrderLineId,
        transition::{Step, step},
    },
    marketplace::{
        invariants::{S_INV_1, S_INV_2, S_INV_3, S_INV_4},
        order::ByHand,
    },
};

/// Parses, or says what does not.
fn text<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn id<K: IdKind>(number: u128) -> Id<K> {
    Id::new(Ulid(number))
}

fn start_time() -> Timestamp {
    text("2026-04-20T09:30:00Z")
}

fn after(duration: Duration) -> Timestamp {
    start_time().plus(duration)
}

/// The first line has a learner, the second is a seat pack.
const LINES: [u128; 2] = [1, 2];

fn line(index: usize) -> OrderLineId {
    id(LINES[index])
}

fn license(index: usize) -> LicenseId {
    id(LINES[index] + 100)
}

fn purchase(free: bool) -> NewSaga {
    NewSaga {
        id: id(7),
        order_id: id(8),
        buyer_tenant_id: text("acme"),
        buyer_user_id: text("ada"),
        lines: vec![
            SagaLine { order_line_id: line(0), learner: Some(text("ada")) },
            SagaLine { order_line_id: line(1), learner: None },
        ],
        coupons: vec![id(9)],
        free,
        placed_at: start_time(),
    }
}

/// A saga that waits for its coupons.
fn started(free: bool) -> PurchaseSaga {
    PurchaseSaga::start(purchase(free), start_time()).unwrap()
}

fn requested() -> SagaEvent {
    SagaEvent::PaymentRequested { intent: text("pi_1"), taxes: Vec::new() }
}

fn failed(step: SagaStep, retryable: bool) -> SagaEvent {
    SagaEvent::StepFailed { step, retryable, code: "gateway.down".to_owned() }
}

fn undone(step: SagaStep) -> SagaEvent {
    SagaEvent::UndoAcknowledged { step }
}

fn operator() -> Operator {
    Operator { id: text("staff"), reason: "the buyer called".to_owned() }
}

fn by_hand(step: SagaStep) -> SagaEvent {
    SagaEvent::DoneByHand { step, operator: operator(), evidence: "transfer 17 of 20 April".to_owned() }
}

/// The same saga after so many attempts without an answer that a human is called.
fn stuck(mut saga: PurchaseSaga) -> PurchaseSaga {
    while !saga.data().needs_attention {
        let due = saga.data().next_attempt_at.unwrap();
        assert_eq!(saga.handle(&SagaEvent::RetryDue, None, due), Ok(Outcome::Applied));
    }
    saga
}

/// The events that take a purchase to its enrollment.
fn to_enrolling() -> Vec<SagaEvent> {
    vec![
        SagaEvent::CouponsReserved,
        requested(),
        SagaEvent::PaymentPending,
        SagaEvent::OrderPaid,
        SagaEvent::LicenseGranted { line: line(0), license_id: license(0) },
        SagaEvent::LicenseGranted { line: line(1), license_id: license(1) },
    ]
}

/// A saga after some events, each of which must do something.
fn after_events(free: bool, events: &[SagaEvent], now: Timestamp) -> PurchaseSaga {
    let mut saga = started(free);
    for event in events {
        assert_eq!(saga.handle(event, None, now), Ok(Outcome::Applied), "{event:?}");
        saga.check_invariants().unwrap();
    }
    saga
}

fn awaiting() -> PurchaseSaga {
    after_events(false, &to_enrolling()[..3], start_time())
}

fn commands(saga: &PurchaseSaga) -> Vec<(String, SagaCommand)> {
    let issued = |message: &SagaMessage| match message {
        SagaMessage::CommandIssued { key, command, .. } => Some((key.clone(), command.clone())),
        SagaMessage::CompensationStarted { .. }
        | SagaMessage::NeedsAttention { .. }
        | SagaMessage::Finished { .. } => None,
    };
    saga.root.pending().iter().filter_map(issued).collect()
}

fn violation(saga: &PurchaseSaga, change: impl FnOnce(&mut SagaData)) -> Option<crate::kernel::Invariant> {
    let mut data = saga.data().clone();
    change(&mut data);
    PurchaseSaga::rehydrate(data, Vec::new(), 1).err()?.invariant()
}

#[test]
fn s_inv_1_rejects_a_saga_of_another_order_than_it_traces() {
    assert_eq!(violation(&awaiting(), |data| data.order_id = id(99)), Some(S_INV_1));
}

#[test]
fn s_inv_1_allows_one_key_per_order() {
    assert_eq!(started(false).unique_key(), purchase(false).order_id);
    assert_eq!(violation(&awaiting(), |_| ()), None);
}

#[test]
fn s_inv_2_rejects_a_transition_and_a_document_off_the_table() {
    let mut saga = awaiting();
    let before = saga.data().clone();
    let next = SagaData { state: SagaState::Fulfilled, ..before.clone() };
    let error = saga.advance(next, None).unwrap_err();
    assert_eq!(error.invariant(), Some(S_INV_2));
    assert_eq!(error.code(), "saga.invalid_transition");
    assert_eq!(saga.data(), &before);
    for change in [
        |data: &mut SagaData| {
            data.state = SagaState::Licensing;
            data.awaiting_payment_timeout_at = None;
        },
        |data: &mut SagaData| data.next_attempt_at = None,
        |data: &mut SagaData| data.step_history[0].exited_at = None,
        |data: &mut SagaData| {
            data.state = SagaState::Compensating;
            data.awaiting_payment_timeout_at = None;
        },
    ] {
        assert_eq!(violation(&awaiting(), change), Some(S_INV_2));
    }
}

#[test]
fn s_inv_2_allows_every_edge_of_the_table() {
    let mut reached = BTreeSet::from([SagaState::Started]);
    for Edge { from, action, to, .. } in TRANSITIONS {
        assert_eq!(step(TRANSITIONS, *from, *action, None, None), Ok(Step::To(*to)));
        reached.insert(*to);
    }
    assert_eq!(reached.into_iter().collect::<Vec<_>>(), SagaState::ALL, "every state is reachable");
    let pairs: BTreeSet<String> =
        TRANSITIONS.iter().map(|edge| format!("{:?} {:?}", edge.from, edge.action)).collect();
    assert_eq!(pairs.len(), TRANSITIONS.len(), "an action leads to one state");
    for state in SagaState::ALL {
        assert_eq!(TRANSITIONS.iter().all(|edge| edge.from != *state), state.is_terminal(), "{state:?}");
    }
    assert!(SagaAction::ALL.iter().all(|action| TRANSITIONS.iter().any(|edge| edge.action == *action)));
}

#[test]
fn s_inv_3_rejects_a_timeout_outside_awaiting_payment() {
    let late = after(PAYMENT_WINDOW);
    let mut saga = after_events(false, &to_enrolling()[..4], start_time());
    assert_eq!(saga.handle(&SagaEvent::TimeoutFired, None, late), Ok(Outcome::AlreadyApplied));
    assert_eq!(violation(&saga, |data| data.awaiting_payment_timeout_at = Some(late)), Some(S_INV_3));
}

#[test]
fn s_inv_3_allows_a_due_timeout_in_awaiting_payment_once() {
    let mut saga = awaiting();
    let due = after(PAYMENT_WINDOW);
    assert_eq!(saga.data().awaiting_payment_timeout_at, Some(due));
    let early = due.plus(Duration::microseconds(-1));
    assert_eq!(saga.handle(&SagaEvent::TimeoutFired, None, early), Ok(Outcome::AlreadyApplied));
    assert_eq!(saga.handle(&SagaEvent::TimeoutFired, None, due), Ok(Outcome::Applied));
    assert_eq!(saga.data().current_step(), Some(SagaStep::VoidIntent));
    assert_eq!(saga.data().awaiting_payment_timeout_at, None);
    assert_eq!(saga.handle(&SagaEvent::TimeoutFired, None, due), Ok(Outcome::AlreadyApplied));
}

#[test]
fn s_inv_4_rejects_a_second_record_of_a_step_and_ignores_a_second_undo() {
    let mut saga = awaiting();
    assert_eq!(violation(&saga, |data| data.step_history.push(data.step_history[0].clone())), Some(S_INV_4));
    let now = start_time();
    for event in [SagaEvent::PaymentFailed { intent: text("pi_1") }, SagaEvent::IntentVoided] {
        assert_eq!(saga.handle(&event, None, now), Ok(Outcome::Applied));
    }
    let before = commands(&saga).len();
    assert_eq!(saga.handle(&SagaEvent::IntentVoided, None, now), Ok(Outcome::AlreadyApplied));
    assert_eq!(commands(&saga).len(), before, "nothing is undone twice");
}

#[test]
fn s_inv_4_allows_a_lost_undo_to_be_asked_for_again_under_the_same_key() {
    let mut saga = awaiting();
    let refused = SagaEvent::PaymentFailed { intent: text("pi_1") };
    assert_eq!(saga.handle(&refused, None, start_time()), Ok(Outcome::Applied));
    let due = saga.data().next_attempt_at.unwrap();
    assert_eq!(saga.handle(&SagaEvent::RetryDue, None, due), Ok(Outcome::Applied));
    let issued = commands(&saga);
    assert_eq!(issued[issued.len() - 1], issued[issued.len() - 2]);
    assert_eq!(issued[issued.len() - 1].1, SagaCommand::VoidIntent);
}

#[test]
fn ac_4_rejects_every_command_that_names_a_payment_provider() {
    let mut all = Vec::new();
    for path in world::Path::ALL {
        all.extend(world::run(*path, None).log);
    }
    let by_hand = ByHand { by: text("staff"), evidence: "transfer 17".to_owned() };
    all.push(SagaCommand::SettleRefund { by_hand });
    let names: BTreeSet<&str> = all.iter().map(|command| world::name(command)).collect();
    assert_eq!(names.len(), 17, "every command occurs: {names:?}");
    for command in all {
        let json = serde_json::to_string(&command).unwrap().to_lowercase();
        for word in ["stripe", "provider", "method", "token", "card", "psp"] {
            assert!(!json.contains(word), "{json}");
        }
    }
    let charge = r#"{"command":"charge_card","token":"tok_1"}"#;
    assert!(serde_json::from_str::<SagaCommand>(charge).is_err());
}

#[test]
fn ac_4_allows_an_intent_of_billing_s_and_nothing_else_of_a_payment() {
    let pending = world::run(world::Path::Pays, None)
        .log
        .into_iter()
        .find(|command| matches!(command, SagaCommand::MarkPendingPayment { .. }));
    let json = serde_json::to_value(pending.unwrap()).unwrap();
    assert_eq!(json, serde_json::json!({"command": "mark_pending_payment", "intent": "pi_1", "taxes": []}));
}

#[test]
fn a_purchase_without_lines_is_refused() {
    let error = PurchaseSaga::start(NewSaga { lines: vec![], ..purchase(false) }, start_time()).unwrap_err();
    assert_eq!((error.code(), error.invariant()), ("saga.no_lines", None));
}

#[test]
fn the_first_command_depends_on_coupons_and_price() {
    let plain = |free| {
        let saga = PurchaseSaga::start(NewSaga { coupons: vec![], ..purchase(free) }, start_time()).unwrap();
        (saga.data().state, commands(&saga).remove(0).1)
    };
    assert_eq!(commands(&started(false))[0].1, SagaCommand::ReserveCoupons { coupons: vec![id(9)] });
    assert_eq!(plain(false), (SagaState::Started, SagaCommand::RequestPayment));
    assert_eq!(plain(true), (SagaState::AwaitingPayment, SagaCommand::RecordFree));
}

#[test]
fn keys_are_stable_and_a_void_is_addressed_by_the_payment_s() {
    let saga = world::run(world::Path::RefundsWhileEnrolling, None);
    let keys: Vec<_> = saga.keys.iter().map(String::as_str).collect();
    let id = purchase(false).id;
    for key in ["pay", &format!("grant_license:{}", line(0)), &format!("revoke_license:{}", line(1))] {
        assert!(keys.contains(&format!("{id}:{key}").as_str()), "{key} of {keys:?}");
    }
    let voided = world::run(world::Path::NeverPays, None);
    let at = voided.log.iter().position(|command| *command == SagaCommand::VoidIntent).unwrap();
    assert_eq!(voided.keys[at], format!("{id}:pay"));
}

#[test]
fn billing_is_asked_after_five_minutes_and_then_at_least_every_five() {
    let mut saga = awaiting();
    assert_eq!(saga.data().next_attempt_at, Some(after(POLL_AFTER)));
    let early = after(POLL_AFTER - Duration::SECOND);
    assert_eq!(saga.handle(&SagaEvent::RetryDue, None, early), Ok(Outcome::AlreadyApplied));
    assert_eq!(saga.handle(&SagaEvent::RetryDue, None, after(POLL_AFTER)), Ok(Outcome::Applied));
    assert_eq!(commands(&saga).last().unwrap().1, SagaCommand::PollPayment);
    assert!(saga.data().next_attempt_at.unwrap() <= after(Duration::minutes(6)), "a lost poll is repeated");
    assert_eq!(saga.handle(&SagaEvent::PollAnswered, None, after(POLL_AFTER)), Ok(Outcome::Applied));
    assert_eq!(saga.data().next_attempt_at, Some(after(POLL_AFTER * 2)));
}

#[test]
fn delays_double_up_to_their_cap_and_differ_between_sagas() {
    let grant = SagaStep::GrantLicense { line: line(0) };
    let minutes = Duration::minutes;
    for attempt in 1..40 {
        let long = delay(id(7), grant, attempt);
        assert!(long <= minutes(5) && long > Duration::seconds(7), "{attempt}: {long}");
        assert!(delay(id(7), SagaStep::VoidIntent, attempt) <= minutes(1));
        assert_eq!(long, delay(id(7), grant, attempt), "replays agree");
    }
    assert!(delay(id(7), grant, 30) > minutes(3));
    let spread: BTreeSet<Duration> = (0..50).map(|saga| delay(id(saga), grant, 30)).collect();
    assert!(spread.len() > 25, "{}", spread.len());
    assert!(delay(id(7), grant, u32::MAX) <= minutes(5));
}

#[test]
fn a_started_saga_asks_again_until_its_deadline_and_then_stops_what_may_be_under_way() {
    let mut saga = after_events(false, &to_enrolling()[..1], start_time());
    let deadline = saga.data().start_deadline_at();
    let mut now = start_time();
    while now < deadline {
        assert_eq!(saga.data().state, SagaState::Started);
        assert_eq!(commands(&saga).last().unwrap().1, SagaCommand::RequestPayment);
        now = saga.data().next_attempt_at.unwrap();
        assert_eq!(saga.handle(&SagaEvent::RetryDue, None, now), Ok(Outcome::Applied));
    }
    assert_eq!(now, deadline);
    assert_eq!(saga.data().compensation_reason, Some(CompensationReason::PaymentTimeout));
    assert_eq!(commands(&saga).last().unwrap().1, SagaCommand::VoidIntent);
}

#[test]
fn retries_of_a_licence_end_after_a_day_and_the_purchase_is_undone() {
    let mut saga = after_events(false, &to_enrolling()[..4], start_time());
    let mut now = start_time();
    let mut tries = 0;
    while saga.data().state == SagaState::Licensing {
        let next = saga.data().next_attempt_at.unwrap();
        assert!(next.since(now) <= Duration::minutes(5));
        now = next;
        assert_eq!(saga.handle(&SagaEvent::RetryDue, None, now), Ok(Outcome::Applied));
        tries += 1;
        assert!(tries < 500);
    }
    assert_eq!(saga.data().state, SagaState::Compensating);
    assert_eq!(saga.data().compensation_reason, Some(CompensationReason::FulfilmentFailed));
    let spent = now.since(start_time());
    assert!(spent >= RETRY_BUDGET && spent <= RETRY_BUDGET + Duration::minutes(5), "{spent}");
}

#[test]
fn a_step_without_an_answer_calls_a_human_once_and_goes_on() {
    let mut saga = after_events(false, &to_enrolling()[..4], start_time());
    for _ in 0..ATTENTION_AFTER + 3 {
        let now = saga.data().next_attempt_at.unwrap();
        assert_eq!(saga.handle(&SagaEvent::RetryDue, None, now), Ok(Outcome::Applied));
    }
    assert!(saga.data().needs_attention);
    let calls =
        saga.root.pending().iter().filter(|m| matches!(m, SagaMessage::NeedsAttention { .. })).count();
    assert_eq!(calls, 1);
    let now = saga.data().next_attempt_at.unwrap();
    let granted = SagaEvent::LicenseGranted { line: line(0), license_id: license(0) };
    assert_eq!(saga.handle(&granted, None, now), Ok(Outcome::Applied));
    assert!(!saga.data().needs_attention, "an answer ends it");
}

#[test]
fn what_failed_at_its_first_attempt_is_not_undone_and_what_may_have_worked_is() {
    let grant = SagaStep::GrantLicense { line: line(0) };
    let revokes = |saga: &PurchaseSaga| {
        let issued = commands(saga);
        (0..2)
            .map(|at| issued.iter().any(|(_, c)| *c == SagaCommand::RevokeLicense { line: line(at) }))
            .collect::<Vec<_>>()
    };
    let mut once = after_events(false, &to_enrolling()[..4], start_time());
    assert_eq!(once.handle(&failed(grant, false), None, start_time()), Ok(Outcome::Applied));
    assert_eq!(revokes(&once), vec![false, true]);

    let mut twice = after_events(false, &to_enrolling()[..4], start_time());
    let due = twice.data().next_attempt_at.unwrap();
    for event in [SagaEvent::RetryDue, failed(grant, false)] {
        assert_eq!(twice.handle(&event, None, due), Ok(Outcome::Applied));
    }
    assert_eq!(revokes(&twice), vec![true, true]);
}

#[test]
fn a_failed_attempt_of_another_intent_changes_nothing() {
    let mut saga = awaiting();
    for event in [
        SagaEvent::PaymentFailed { intent: text("pi_0") },
        SagaEvent::PaymentDeclined { intent: text("pi_1") },
    ] {
        assert_eq!(saga.handle(&event, None, start_time()), Ok(Outcome::AlreadyApplied));
    }
}

#[test]
fn a_refund_after_the_order_was_told_is_left_to_the_path_after_fulfilment() {
    let mut events = to_enrolling();
    events.push(SagaEvent::EnrollmentCompleted { line: line(0) });
    let mut saga = after_events(false, &events, start_time());
    assert_eq!(saga.data().state, SagaState::Fulfilled);
    let refund = SagaEvent::RefundRequested { refund_id: id(3) };
    assert_eq!(saga.handle(&refund, None, start_time()), Ok(Outcome::AlreadyApplied));
}

/// A purchase of two lines without coupons, its payment awaited.
fn plain() -> PurchaseSaga {
    let mut saga = PurchaseSaga::start(NewSaga { coupons: vec![], ..purchase(false) }, start_time()).unwrap();
    assert_eq!(saga.handle(&requested(), None, start_time()), Ok(Outcome::Applied));
    saga
}

fn paid_and_licensed() -> Vec<SagaEvent> {
    let granted = |at| SagaEvent::LicenseGranted { line: line(at), license_id: license(at) };
    vec![SagaEvent::OrderPaid, granted(0), granted(1)]
}

#[test]
fn what_is_told_together_leads_where_it_leads_one_after_the_other_and_no_granted_licence_is_asked_for() {
    let (mut together, mut apart) = (plain(), plain());
    assert!(together.data().licenses_with_payment());
    assert_eq!(together.handle_all(&paid_and_licensed(), Some(id(7)), start_time()), Ok(Outcome::Applied));
    for event in paid_and_licensed() {
        assert_eq!(apart.handle(&event, Some(id(7)), start_time()), Ok(Outcome::Applied));
    }
    assert_eq!(together.data(), apart.data());
    let asked = |saga: &PurchaseSaga| -> Vec<_> { commands(saga).iter().map(|(_, c)| c.name()).collect() };
    assert_eq!(asked(&together), ["request_payment", "mark_pending_payment", "enroll"]);
    let each = ["request_payment", "mark_pending_payment", "grant_license", "grant_license", "enroll"];
    assert_eq!(asked(&apart), each);
    let again = together.handle_all(&paid_and_licensed(), None, start_time());
    assert_eq!(again, Ok(Outcome::AlreadyApplied));
}

#[test]
fn a_licence_that_was_granted_with_the_payment_of_a_purchase_that_ends_is_revoked_whether_it_is_told_or_not()
{
    let forced = SagaEvent::CompensationForced { operator: operator() };
    for ends in [vec![SagaEvent::CancelRequested], vec![forced], vec![SagaEvent::IntentVoided]] {
        for told in [paid_and_licensed(), vec![SagaEvent::OrderPaid]] {
            let mut saga = plain();
            for event in &ends {
                assert_eq!(saga.handle(event, None, start_time()), Ok(Outcome::Applied));
            }
            assert!(!saga.data().licenses_with_payment(), "nothing is granted early any more");
            assert_eq!(saga.handle_all(&told, None, start_time()), Ok(Outcome::Applied));
            assert_eq!(saga.data().state, SagaState::Compensating);
            let owed = [0, 1].map(|at| SagaStep::RevokeLicense { line: line(at) });
            assert_eq!(saga.data().outstanding(), owed, "{ends:?}");
        }
    }
}

#[test]
fn an_order_that_cannot_take_its_taxes_is_given_up_while_its_payment_is_awaited() {
    let mut saga = after_events(false, &to_enrolling()[..2], start_time());
    assert_eq!(saga.data().current_step(), Some(SagaStep::ReceivePayment));
    let step = SagaStep::MarkPendingPayment;
    let refused = SagaEvent::StepFailed { step, retryable: false, code: "order.overflow".to_owned() };
    assert_eq!(saga.handle(&refused, None, start_time()), Ok(Outcome::Applied));
    assert_eq!(saga.data().compensation_reason, Some(CompensationReason::BillingRefused));
    assert_eq!(saga.data().outstanding(), [SagaStep::VoidIntent]);
}

#[test]
fn records_name_the_event_that_changed_them_and_events_their_topics() {
    let mut saga = started(false);
    assert_eq!(saga.handle(&SagaEvent::CouponsReserved, Some(id(5)), start_time()), Ok(Outcome::Applied));
    assert_eq!(saga.handle(&requested(), Some(id(6)), start_time()), Ok(Outcome::Applied));
    let causes: Vec<_> = saga.data().step_history.iter().map(|record| record.causation_event_id).collect();
    assert_eq!(causes, [Some(id(5)), Some(id(6)), Some(id(6)), Some(id(6))]);
    let topic = |message: &SagaMessage| crate::kernel::DomainEvent::topic(message);
    assert!(saga.root.pending().iter().all(|m| topic(m) == "marketplace.saga.command_issued.v1"));
}

#[test]
fn the_document_survives_its_json() {
    for path in world::Path::ALL {
        let saga = world::run(*path, None).saga;
        let json = serde_json::to_string(saga.data()).unwrap();
        assert_eq!(&serde_json::from_str::<SagaData>(&json).unwrap(), saga.data(), "{json}");
        for record in &saga.data().step_history {
            assert_eq!(serde_json::to_value(record).unwrap()["step"], record.step.name());
        }
    }
}
