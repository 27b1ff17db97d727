//! What operators may do to a saga, what it leaves, and what they are refused with.

use super::{
    world::{Path, World},
    *,
};

const REFUND: SagaStep = SagaStep::RefundPayment;

/// A paid purchase whose refund billing does not answer for.
fn refunding() -> PurchaseSaga {
    let refund = [
        SagaEvent::RefundRequested { refund_id: id(3) },
        undone(SagaStep::CancelEnrollment { line: line(0) }),
        undone(SagaStep::RevokeLicense { line: line(0) }),
        undone(SagaStep::RevokeLicense { line: line(1) }),
    ];
    after_events(false, &[to_enrolling().as_slice(), &refund].concat(), start_time())
}

fn last(saga: &PurchaseSaga) -> SagaCommand {
    commands(saga).pop().unwrap().1
}

fn settle() -> SagaCommand {
    let by_hand = ByHand { by: text("staff"), evidence: "transfer 17 of 20 April".to_owned() };
    SagaCommand::SettleRefund { by_hand }
}

#[test]
fn a_retry_gives_a_step_its_whole_budget_again() {
    let grant = SagaStep::GrantLicense { line: line(0) };
    let mut saga = stuck(after_events(false, &to_enrolling()[..4], start_time()));
    let attempts = saga.data().record(grant).unwrap().attempts;
    assert!(attempts > ATTENTION_AFTER);
    let nearly_spent = after(RETRY_BUDGET - Duration::SECOND);
    assert_eq!(saga.retry(operator(), nearly_spent), Ok(Outcome::Applied));
    let record = saga.data().record(grant).unwrap().clone();
    assert_eq!((record.attempts, record.all_attempts()), (1, attempts + 1));
    assert!(!saga.data().needs_attention);
    let next = saga.data().next_attempt_at.unwrap();
    assert!(next.since(nearly_spent) <= Duration::seconds(10), "the first pause again");
    assert_eq!(saga.handle(&SagaEvent::RetryDue, None, next), Ok(Outcome::Applied));
    assert_eq!(saga.data().state, SagaState::Licensing, "a day after its begin it is still tried");
    let spent = nearly_spent.plus(RETRY_BUDGET);
    assert_eq!(saga.handle(&SagaEvent::RetryDue, None, spent), Ok(Outcome::Applied));
    assert_eq!(saga.data().state, SagaState::Compensating, "until the new budget is spent too");
}

#[test]
fn a_retry_that_is_unanswered_is_not_repeated_and_an_answered_one_is() {
    let mut saga = awaiting();
    assert_eq!(saga.retry(operator(), start_time()), Ok(Outcome::Applied));
    assert_eq!(last(&saga), SagaCommand::PollPayment);
    assert_eq!(saga.retry(operator(), start_time()), Ok(Outcome::AlreadyApplied));
    assert_eq!(saga.handle(&SagaEvent::PollAnswered, None, start_time()), Ok(Outcome::Applied));
    assert_eq!(saga.retry(operator(), start_time()), Ok(Outcome::Applied));
}

#[test]
fn what_was_tried_before_a_retry_may_have_worked_and_is_undone() {
    let grant = SagaStep::GrantLicense { line: line(0) };
    let mut saga = after_events(false, &to_enrolling()[..4], start_time());
    assert_eq!(saga.retry(operator(), start_time()), Ok(Outcome::Applied));
    assert_eq!(saga.handle(&failed(grant, false), None, start_time()), Ok(Outcome::Applied));
    let revoked = commands(&saga).into_iter().any(|(_, c)| c == SagaCommand::RevokeLicense { line: line(0) });
    assert!(revoked, "its first attempt had no answer");
}

#[test]
fn a_forced_end_voids_the_intent_first_and_what_is_captured_meanwhile_goes_back() {
    let mut saga = awaiting();
    assert_eq!(saga.force_compensation(operator(), start_time()), Ok(Outcome::Applied));
    assert_eq!((saga.data().state, last(&saga)), (SagaState::AwaitingPayment, SagaCommand::VoidIntent));
    assert_eq!(saga.force_compensation(operator(), start_time()), Ok(Outcome::AlreadyApplied));
    for event in [SagaEvent::VoidRefused, SagaEvent::OrderPaid] {
        assert_eq!(saga.handle(&event, None, start_time()), Ok(Outcome::Applied));
    }
    let reason = CompensationReason::Operator;
    assert_eq!(last(&saga), SagaCommand::RefundPayment { refund_id: None, reason });
    assert_eq!(reason.failure(), Some(crate::marketplace::order::FailureReason::Cancelled));
}

#[test]
fn a_forced_end_of_a_timed_out_purchase_returns_what_is_captured_meanwhile() {
    let mut saga = awaiting();
    let due = after(PAYMENT_WINDOW);
    assert_eq!(saga.handle(&SagaEvent::TimeoutFired, None, due), Ok(Outcome::Applied));
    assert_eq!(saga.force_compensation(operator(), due), Ok(Outcome::Applied));
    assert_eq!(saga.handle(&SagaEvent::OrderPaid, None, due), Ok(Outcome::Applied));
    assert_eq!(saga.data().state, SagaState::Compensating, "without the operator it would go on");
}

#[test]
fn only_a_purchase_that_can_turn_back_is_ended() {
    let told = [to_enrolling(), vec![SagaEvent::EnrollmentCompleted { line: line(0) }]].concat();
    let mut saga = after_events(false, &told, start_time());
    let refused = saga.force_compensation(operator(), start_time());
    assert_eq!(refused, Err(SagaError::NotCompensatable { state: SagaState::Fulfilled }));
    let error = saga.force_compensation(operator(), start_time()).unwrap_err();
    assert_eq!((error.code(), error.kind()), ("saga.not_compensatable", crate::kernel::Kind::Conflict));
    assert_eq!(saga.retry(operator(), start_time()).unwrap_err().code(), "saga.over");
    assert_eq!(refunding().force_compensation(operator(), start_time()), Ok(Outcome::AlreadyApplied));
}

#[test]
fn money_returned_by_hand_is_settled_on_the_order_before_the_saga_goes_on() {
    let mut saga = stuck(refunding());
    let now = saga.data().updated_at;
    let evidence = "transfer 17 of 20 April".to_owned();
    assert_eq!(saga.data().resolvable(), [REFUND]);
    assert_eq!(saga.resolve(REFUND, operator(), evidence.clone(), now), Ok(Outcome::Applied));
    assert_eq!(last(&saga), settle());
    assert_eq!(saga.resolve(REFUND, operator(), evidence, now), Ok(Outcome::AlreadyApplied));
    assert!(saga.data().waits_for(REFUND), "the order has not said yet that the money is back");
    let due = saga.data().next_attempt_at.unwrap();
    assert_eq!(saga.handle(&SagaEvent::RetryDue, None, due), Ok(Outcome::Applied));
    assert_eq!(last(&saga), settle(), "billing is never asked again");
    assert_eq!(saga.handle(&undone(REFUND), None, due), Ok(Outcome::Applied));
    assert_eq!(last(&saga), SagaCommand::MarkOrderRefunded);
}

#[test]
fn what_was_done_by_hand_is_recorded_with_its_proof_and_who_says_so() {
    let mut saga = stuck(after_events(false, &to_enrolling(), start_time()));
    let enroll = SagaStep::Enroll { line: line(0) };
    let now = saga.data().updated_at;
    assert_eq!(
        saga.resolve(enroll, operator(), "enrolled at the desk".to_owned(), now),
        Ok(Outcome::Applied)
    );
    let record = saga.data().record(enroll).unwrap();
    assert_eq!((record.outcome, record.exited_at), (Some(StepOutcome::Advanced), Some(now)));
    let proof = ByHand { by: text("staff"), evidence: "enrolled at the desk".to_owned() };
    assert_eq!(record.by_hand.as_ref(), Some(&proof));
    let done =
        Intervention { at: now, action: OperatorAction::Resolve, steps: vec![enroll], operator: operator() };
    assert_eq!(saga.data().interventions, [done]);
}

#[test]
fn a_purchase_that_is_stuck_for_ever_ends_once_the_work_is_done_by_hand() {
    let mut resolved = BTreeSet::new();
    for path in Path::ALL {
        let names: BTreeSet<&str> = world::run(*path, None).log.iter().map(world::name).collect();
        for at in ["enroll", "cancel_enrollment", "refund_payment", "void_intent"] {
            if names.contains(at) && !(*path == Path::EnrollmentFails && at == "enroll") {
                let world = world::run(*path, Some((at, world::Fault::ByHand)));
                world.check_end();
                let by_hand = |record: &&StepRecord| record.by_hand.is_some();
                let steps = world.saga.data().step_history.iter().filter(by_hand);
                resolved.extend(steps.map(|record| record.step.name()));
            }
        }
    }
    let all = ["cancel_enrollment", "enroll", "refund_payment", "void_intent"];
    assert_eq!(resolved.into_iter().collect::<Vec<_>>(), all);
}

#[test]
fn a_resolution_is_refused_unless_the_step_keeps_failing_and_can_be_done_by_hand() {
    let proof = || "transfer 17".to_owned();
    let refused = |saga: &PurchaseSaga, step, evidence: String| {
        saga.clone().resolve(step, operator(), evidence, start_time()).unwrap_err().code()
    };
    let (calm, failing) = (refunding(), stuck(refunding()));
    assert_eq!(refused(&calm, REFUND, proof()), "saga.needs_no_attention");
    assert_eq!(refused(&failing, REFUND, " \n".to_owned()), "saga.evidence_malformed");
    assert_eq!(refused(&failing, REFUND, "x".repeat(MAX_EVIDENCE + 1)), "saga.evidence_malformed");
    assert_eq!(refused(&failing, SagaStep::VoidIntent, proof()), "saga.step_not_failing");
    let cancelled = SagaStep::CancelEnrollment { line: line(0) };
    assert_eq!(refused(&failing, cancelled, proof()), "saga.step_not_failing", "it is done");
    for ours in [SagaStep::CloseOrder, SagaStep::RevokeLicense { line: line(0) }, SagaStep::ReleaseCoupons] {
        assert_eq!(refused(&failing, ours, proof()), "saga.step_not_resolvable");
    }
    let over = world::run(Path::Cancels, None).saga;
    assert_eq!(refused(&over, REFUND, proof()), "saga.over");
}

#[test]
fn what_is_allowed_is_what_is_not_refused() {
    use OperatorAction::{Compensate, Resolve, Retry};
    let fulfilled = world::run(Path::Pays, None).saga;
    for (saga, allowed) in [
        (awaiting(), vec![Retry, Compensate]),
        (refunding(), vec![Retry]),
        (stuck(refunding()), vec![Retry, Resolve]),
        (stuck(after_events(false, &to_enrolling(), start_time())), vec![Retry, Compensate, Resolve]),
        (fulfilled, vec![]),
    ] {
        assert_eq!(saga.data().allowed_actions(), allowed, "{:?}", saga.data().state);
    }
}

#[test]
fn a_purchase_ended_by_force_leaves_nothing_behind() {
    for free in [false, true] {
        for steps in 0..40 {
            let mut world = World::new(free);
            for _ in 0..steps {
                if world.order == world::OrderIs::Pending {
                    world.pay();
                }
                match (world.queue.pop_front(), world.inbox.pop_front()) {
                    (Some(command), told) => {
                        let result = world.execute(&command);
                        world.inbox.extend(told.into_iter().chain(result));
                    }
                    (None, Some(told)) => world.tell(&told),
                    (None, None) => break,
                }
            }
            world.force();
            for _ in 0..200 {
                if let Some(command) = world.queue.pop_front() {
                    let result = world.execute(&command);
                    world.inbox.extend(result);
                } else if let Some(told) = world.inbox.pop_front() {
                    world.tell(&told);
                } else if world.saga.data().state.is_terminal() {
                    break;
                } else {
                    world.wake();
                }
            }
            world.check_end();
        }
    }
}
