//! The saga doctor: what is stuck, why, and what an operator does about it.

use sarai_application::marketplace::doctor::{Diagnosis, EntryKind, Wait};
use sarai_domain::{
    kernel::{Aggregate, OrderId, SagaId},
    marketplace::{
        license::LicenseState,
        order::{ByHand, FailureReason, Order, OrderStatus, PaymentState, RefundState},
        saga::{
            CompensationReason, OperatorAction, PAYMENT_WINDOW, SagaCommand, SagaEvent, SagaState, SagaStep,
            StepOutcome,
        },
    },
};
use sarai_ports::{
    Saved, Scope, Unit,
    audit::{AuditLog as _, AuditRow},
};

use crate::world::{Sold, World, first_page, one_time, usd};

const HOUR: u32 = 60 * 60;
const TRANSFER: &str = "bank transfer 17 of 20 April";

fn staff() -> sarai_application::Call {
    World::call("admin")
}

async fn saga_of(world: &World, order: OrderId) -> SagaId {
    let found = world.sarai.ports.sagas.find_by_order(&Scope::System, order).await.unwrap();
    found.unwrap().id()
}

async fn show(world: &World, order: OrderId) -> Diagnosis {
    let saga = saga_of(world, order).await;
    world.sarai.marketplace.doctor.show(&staff(), saga).await.unwrap()
}

/// What is listed as stuck, with why it waits.
async fn stuck(world: &World) -> Vec<(OrderId, Wait, Option<SagaStep>, Option<String>)> {
    let page = world.sarai.marketplace.doctor.list(&staff(), true, &first_page()).await.unwrap();
    let row = |one: sarai_application::marketplace::doctor::Examined| {
        (one.order.id(), one.waits_for.code, one.waits_for.step, one.waits_for.error_code)
    };
    page.items.into_iter().map(row).collect()
}

/// What operators did, as the audit log has it.
async fn audited(world: &World) -> Vec<AuditRow> {
    let page = sarai_ports::PageRequest::first(10_000);
    let rows = world.store.list(&Scope::PlatformAdmin, &page).await.unwrap().items;
    let by_staff = rows.into_iter().filter(|row| row.action.starts_with("saga.") && row.actor != "worker");
    by_staff.collect()
}

/// A paid order whose learner enrollment does not take.
async fn enrolling(world: &World) -> (Order, Sold) {
    let course = world.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    world.sarai.enrollment.set_outage(true);
    let order = world.pay(&buyer, order.id(), "tok_ok").await;
    assert_eq!(order.data().status, OrderStatus::Paid);
    assert_eq!(world.saga(order.id()).await, SagaState::Enrolling);
    (order, course)
}

/// The same, ended by force while billing is out of reach, until a human is called.
async fn refund_stuck(world: &World) -> Order {
    let (order, _) = enrolling(world).await;
    world.sarai.enrollment.set_outage(false);
    world.sarai.billing.set_outage(true);
    let saga = saga_of(world, order.id()).await;
    let diagnosis = world.sarai.marketplace.doctor.compensate(&staff(), saga).await.unwrap();
    assert_eq!(diagnosis.examined.saga.data().state, SagaState::Compensating);
    world.advance(HOUR).await;
    order
}

#[tokio::test]
async fn a_forced_end_of_a_paid_purchase_returns_the_money_and_revokes_the_licence() {
    let world = World::new().await;
    let (order, _) = enrolling(&world).await;
    world.sarai.enrollment.set_outage(false);
    let saga = saga_of(&world, order.id()).await;
    let diagnosis = world.sarai.marketplace.doctor.compensate(&staff(), saga).await.unwrap();
    assert_eq!(diagnosis.examined.saga.data().state, SagaState::Failed);
    assert_eq!(diagnosis.examined.saga.data().compensation_reason, Some(CompensationReason::Operator));
    assert_eq!(diagnosis.examined.waits_for.code, Wait::Nothing);
    assert_eq!((diagnosis.examined.next, diagnosis.examined.allowed), (None, vec![]));
    let order = world.stored(order.id()).await;
    assert_eq!(order.data().status, OrderStatus::Failed);
    assert_eq!(order.data().failure_reason, Some(FailureReason::Cancelled));
    assert_eq!(
        (order.data().payment_state, Some(order.data().refunded_total)),
        (PaymentState::Refunded, order.data().totals)
    );
    assert_eq!(world.licenses(order.id()).await[0].data().state, LicenseState::Revoked);
    let again = world.sarai.marketplace.doctor.compensate(&staff(), saga).await.unwrap_err();
    assert_eq!(again.code, "saga.not_compensatable");
    world.assert_quiet().await;
}

#[tokio::test]
async fn a_forced_end_of_an_unpaid_purchase_voids_the_intent() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    let before = show(&world, order.id()).await;
    assert_eq!(before.examined.waits_for.code, Wait::Buyer);
    assert_eq!(before.examined.waits_for.until, Some(order.data().placed_at.plus(PAYMENT_WINDOW)));
    assert_eq!(before.examined.allowed, [OperatorAction::Retry, OperatorAction::Compensate]);
    let saga = saga_of(&world, order.id()).await;
    world.sarai.marketplace.doctor.compensate(&staff(), saga).await.unwrap();
    assert_eq!(world.stored(order.id()).await.data().status, OrderStatus::Failed);
    let paid = world.sarai.marketplace.orders.pay(&buyer, order.id(), "tok_ok").await;
    assert_eq!(paid.unwrap_err().code, "order.not_payable");
    assert_eq!(world.sarai.billing.payments_of(order.id()).len(), 0);
}

#[tokio::test]
async fn a_forced_end_of_a_purchase_captured_unknown_to_us_returns_the_money() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    world.sarai.billing.lose_answers(1);
    let _lost = world.sarai.marketplace.orders.pay(&buyer, order.id(), "tok_ok").await;
    assert_eq!(world.sarai.billing.payments_of(order.id()).len(), 1, "it is captured");
    let saga = saga_of(&world, order.id()).await;
    world.sarai.marketplace.doctor.compensate(&staff(), saga).await.unwrap();
    world.advance(HOUR).await;
    let order = world.stored(order.id()).await;
    assert_eq!(
        (order.data().status, order.data().payment_state),
        (OrderStatus::Failed, PaymentState::Refunded)
    );
    assert_eq!(Some(order.data().refunded_total), order.data().totals);
    world.assert_quiet().await;
}

#[tokio::test]
async fn a_billing_outage_during_undo_is_listed_with_its_reason_and_a_retry_after_it_heals() {
    let world = World::new().await;
    let order = refund_stuck(&world).await;
    let why = (order.id(), Wait::BackOff, Some(SagaStep::RefundPayment), Some("unavailable".to_owned()));
    assert_eq!(stuck(&world).await, [why]);
    let before = show(&world, order.id()).await;
    assert!(before.examined.saga.data().needs_attention);
    assert_eq!(before.examined.allowed, [OperatorAction::Retry, OperatorAction::Resolve]);
    let next = before.examined.next.clone().unwrap();
    assert_eq!(next.commands.iter().map(SagaCommand::name).collect::<Vec<_>>(), ["refund_payment"]);
    assert_eq!(Some(next.at), before.examined.saga.data().next_attempt_at);

    let saga = saga_of(&world, order.id()).await;
    let doctor = &world.sarai.marketplace.doctor;
    let in_vain = doctor.retry(&staff(), saga).await.unwrap();
    assert_eq!(in_vain.examined.saga.data().state, SagaState::Compensating);
    assert_eq!(in_vain.examined.waits_for.attempts, 1, "its budget is whole again");
    world.sarai.billing.set_outage(false);
    let healed = doctor.retry(&staff(), saga).await.unwrap();
    assert_eq!(healed.examined.saga.data().state, SagaState::Failed);
    assert_eq!(world.stored(order.id()).await.data().payment_state, PaymentState::Refunded);
    assert!(stuck(&world).await.is_empty());
    assert_eq!(doctor.retry(&staff(), saga).await.unwrap_err().code, "saga.over");
    world.assert_quiet().await;
}

#[tokio::test]
async fn what_was_returned_by_hand_settles_the_refund_and_ends_the_purchase() {
    let world = World::new().await;
    let order = refund_stuck(&world).await;
    let saga = saga_of(&world, order.id()).await;
    let doctor = &world.sarai.marketplace.doctor;
    let ended = doctor.resolve(&staff(), saga, SagaStep::RefundPayment, TRANSFER).await.unwrap();
    let data = ended.examined.saga.data();
    assert_eq!(data.state, SagaState::Failed);
    let proof = ByHand { by: staff().principal.user_id, evidence: TRANSFER.to_owned() };
    let record = data.record(SagaStep::RefundPayment).unwrap();
    assert_eq!((record.outcome, record.by_hand.as_ref()), (Some(StepOutcome::Compensated), Some(&proof)));
    let order = world.stored(order.id()).await;
    assert_eq!(
        (order.data().status, order.data().payment_state),
        (OrderStatus::Failed, PaymentState::Refunded)
    );
    let refunds: Vec<_> = order.refunds().map(|refund| (refund.state, refund.by_hand.clone())).collect();
    assert_eq!(refunds, [(RefundState::Succeeded, Some(proof))]);

    world.sarai.billing.set_outage(false);
    world.advance(24 * HOUR).await;
    let kept = world.sarai.billing.payments_of(order.id());
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].refunded, usd("0.00"), "billing returned nothing: it was returned by hand, once");
    let words: Vec<String> = ended.timeline.iter().map(|entry| entry.words.clone()).collect();
    assert!(words.iter().any(|words| words.contains("settle the refund that was made by hand")), "{words:?}");
    world.assert_quiet().await;
}

#[tokio::test]
async fn money_that_billing_returned_unheard_is_not_returned_by_hand_too() {
    let world = World::new().await;
    let order = world.stored(refund_stuck(&world).await.id()).await;
    world.sarai.billing.set_outage(false);
    // Billing returns the money, and its word has not arrived yet.
    let (refund, payment) = (order.pending_refund().unwrap(), order.data().payment_id.clone().unwrap());
    let key = format!("rf:{}", refund.id);
    world.sarai.ports.billing.refund(&key, &order.id(), &payment, refund.amount).await.unwrap();
    let saga = saga_of(&world, order.id()).await;
    let doctor = &world.sarai.marketplace.doctor;
    let late = doctor.resolve(&staff(), saga, SagaStep::RefundPayment, TRANSFER).await;
    assert_eq!(late.unwrap_err().code, "saga.over", "billing had returned it");
    let order = world.stored(order.id()).await;
    assert_eq!(order.data().payment_state, PaymentState::Refunded);
    let refunds: Vec<_> = order.refunds().map(|refund| (refund.state, refund.by_hand.clone())).collect();
    assert_eq!(refunds, [(RefundState::Succeeded, None)]);
    assert_eq!(Some(world.sarai.billing.payments_of(order.id())[0].refunded), order.data().totals);
}

#[tokio::test]
async fn an_enrollment_that_never_works_is_undone_and_its_undo_can_be_done_by_hand() {
    let world = World::new().await;
    let (order, _) = enrolling(&world).await;
    world.advance(HOUR).await;
    let enroll = SagaStep::Enroll { line: order.data().lines[0].id };
    let waits = (order.id(), Wait::BackOff, Some(enroll), Some("unavailable".to_owned()));
    assert_eq!(stuck(&world).await, [waits]);
    world.advance(25 * HOUR).await;
    let diagnosis = show(&world, order.id()).await;
    let data = diagnosis.examined.saga.data();
    assert_eq!(data.state, SagaState::Compensating);
    assert_eq!(data.compensation_reason, Some(CompensationReason::FulfilmentFailed));
    let cancel = SagaStep::CancelEnrollment { line: order.data().lines[0].id };
    assert_eq!(data.resolvable(), [cancel]);
    let saga = saga_of(&world, order.id()).await;
    let doctor = &world.sarai.marketplace.doctor;
    let early = doctor.resolve(&staff(), saga, SagaStep::RefundPayment, TRANSFER).await;
    assert_eq!(early.unwrap_err().code, "saga.step_not_failing");
    doctor.resolve(&staff(), saga, cancel, "removed from the class list").await.unwrap();
    world.sarai.enrollment.set_outage(false);
    world.advance(HOUR).await;
    let order = world.stored(order.id()).await;
    assert_eq!(
        (order.data().status, order.data().payment_state),
        (OrderStatus::Failed, PaymentState::Refunded)
    );
    assert_eq!(world.licenses(order.id()).await[0].data().state, LicenseState::Revoked);
}

#[tokio::test]
async fn an_enrollment_done_by_hand_fulfils_the_purchase() {
    let world = World::new().await;
    let (order, _) = enrolling(&world).await;
    world.advance(HOUR).await;
    let saga = saga_of(&world, order.id()).await;
    let enroll = SagaStep::Enroll { line: order.data().lines[0].id };
    let doctor = &world.sarai.marketplace.doctor;
    let done = doctor.resolve(&staff(), saga, enroll, "enrolled at the desk").await.unwrap();
    assert_eq!(done.examined.saga.data().state, SagaState::Fulfilled);
    assert_eq!(world.stored(order.id()).await.data().status, OrderStatus::Fulfilled);
}

#[tokio::test]
async fn every_action_is_in_the_audit_log_and_in_the_timeline_with_who_and_why() {
    let world = World::new().await;
    let order = refund_stuck(&world).await;
    let saga = saga_of(&world, order.id()).await;
    let doctor = &world.sarai.marketplace.doctor;
    doctor.resolve(&staff(), saga, SagaStep::RefundPayment, TRANSFER).await.unwrap();
    let rows = audited(&world).await;
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (row.action, row.actor.clone(), row.target.clone(), row.reason.clone().unwrap_or_default())
        })
        .collect();
    let (actor, why) = (staff().principal.user_id.to_string(), "because the test says so".to_owned());
    let row = |action| (action, actor.clone(), saga.to_string(), why.clone());
    assert_eq!(told, [row("saga.resolve"), row("saga.compensate")], "newest first");

    let timeline = show(&world, order.id()).await.timeline;
    let by_staff: Vec<_> = timeline
        .iter()
        .filter(|entry| entry.kind == EntryKind::Operator)
        .map(|entry| (entry.code.as_str(), entry.actor.clone(), entry.words.contains(&why)))
        .collect();
    let who = Some(staff().principal.user_id);
    assert_eq!(by_staff, [("compensate", who.clone(), true), ("resolve", who, true)]);
    assert!(timeline.windows(2).all(|pair| pair[0].at <= pair[1].at));
    for code in
        ["marketplace.order.placed.v1", "request_payment", "revoke_license", "marketplace.order.failed.v1"]
    {
        assert!(timeline.iter().any(|entry| entry.code == code), "no {code}");
    }
}

#[tokio::test]
async fn only_the_platform_s_staff_see_and_touch_sagas() {
    let world = World::new().await;
    let (order, _) = enrolling(&world).await;
    let saga = saga_of(&world, order.id()).await;
    let doctor = &world.sarai.marketplace.doctor;
    let before = world.sarai.ports.sagas.find(&Scope::System, &saga).await.unwrap().unwrap();
    for who in ["buyer", "provider", "other"] {
        let call = World::call(who);
        assert_eq!(doctor.list(&call, true, &first_page()).await.unwrap_err().code, "forbidden");
        assert_eq!(doctor.show(&call, saga).await.unwrap_err().code, "forbidden");
        assert_eq!(doctor.retry(&call, saga).await.unwrap_err().code, "forbidden");
        assert_eq!(doctor.compensate(&call, saga).await.unwrap_err().code, "forbidden");
        let step = SagaStep::RefundPayment;
        assert_eq!(doctor.resolve(&call, saga, step, TRANSFER).await.unwrap_err().code, "forbidden");
    }
    let after = world.sarai.ports.sagas.find(&Scope::System, &saga).await.unwrap().unwrap();
    assert_eq!(after.data(), before.data());
}

#[tokio::test]
async fn a_dead_letter_is_named_as_what_is_waited_for_and_a_retry_redrives_it() {
    let world = World::new().await;
    let (order, _) = enrolling(&world).await;
    let (ports, id) = (&world.sarai.ports, saga_of(&world, order.id()).await);
    // A commit whose delivery nobody carries out.
    let mut saga = ports.sagas.find(&Scope::System, &id).await.unwrap().unwrap();
    let due = saga.data().next_attempt_at.unwrap();
    let _ = saga.handle(&SagaEvent::RetryDue, None, due).unwrap();
    let context = ports.worker_context("test", &order.id());
    let unit = Unit::new(saga, context, &*ports.ids, sarai_application::marketplace::routes::consumers_of);
    let Saved::Committed(commit) = ports.sagas.save(&Scope::System, unit).await.unwrap() else { panic!() };
    for _ in 0..20 {
        ports.outbox.failed(&commit.deliveries[0], "unavailable: the disk is full").await.unwrap();
    }
    let before = show(&world, order.id()).await.examined.waits_for;
    assert_eq!((before.code, before.attempts), (Wait::DeadLetter, 20));
    assert!(before.words.contains("the disk is full"), "{}", before.words);
    let after = world.sarai.marketplace.doctor.retry(&staff(), id).await.unwrap();
    assert_ne!(after.examined.waits_for.code, Wait::DeadLetter);
    assert!(after.examined.deliveries.iter().all(|delivery| !delivery.dead));
}
