//! T08: every command of every path fails, is lost, is repeated; every undo fails and then works.

use super::{
    world::{Fault, Path, name, run, step_of},
    *,
};

#[test]
fn every_path_ends_as_it_should() {
    use CompensationReason as C;
    for (path, reason) in [
        (Path::Pays, None),
        (Path::Free, None),
        (Path::NeverPays, Some(C::PaymentTimeout)),
        (Path::PaysAtTheTimeout, None),
        (Path::Cancels, Some(C::Cancelled)),
        (Path::CancelsAtOnce, Some(C::Cancelled)),
        (Path::CancelsAndPays, Some(C::BuyerRefund)),
        (Path::CancelsFree, Some(C::Cancelled)),
        (Path::IsDeclined, Some(C::PaymentDeclined)),
        (Path::PaysWrong, Some(C::AmountMismatch)),
        (Path::IsRefused, Some(C::BillingRefused)),
        (Path::CouponGone, Some(C::CouponExhausted)),
        (Path::RefundsWhileLicensing, Some(C::BuyerRefund)),
        (Path::RefundsWhileEnrolling, Some(C::BuyerRefund)),
        (Path::EnrollmentFails, Some(C::FulfilmentFailed)),
    ] {
        let world = run(path, None);
        world.check_end();
        assert_eq!(world.saga.data().compensation_reason, reason, "{path:?}");
        assert!(world.log.len() <= 32, "{path:?} takes {} commands", world.log.len());
    }
}

#[test]
fn undo_runs_in_order() {
    let world = run(Path::RefundsWhileEnrolling, None);
    let undo: Vec<_> = world
        .log
        .iter()
        .filter(|command| step_of(command).direction() == Direction::Undo)
        .map(name)
        .collect();
    let order =
        ["cancel_enrollment", "revoke_license", "revoke_license", "refund_payment", "mark_order_refunded"];
    assert_eq!(undo, order, "a buyer's refund keeps the confirmed coupon");
    let failed = run(Path::EnrollmentFails, None);
    assert!(failed.log.iter().any(|command| name(command) == "release_coupons"));
    assert!(!failed.log.iter().any(|command| name(command) == "cancel_enrollment"), "it never began");
    let mismatch = run(Path::PaysWrong, None);
    assert!(!mismatch.log.iter().any(|c| ["refund_payment", "void_intent"].contains(&name(c))), "R76");
}

#[test]
fn every_fault_at_every_command_ends_fulfilled_or_fully_undone() {
    let (mut cases, mut called_for) = (0, BTreeSet::new());
    for path in Path::ALL {
        let names: BTreeSet<&str> = run(*path, None).log.iter().map(name).collect();
        for at in names {
            for fault in [
                Fault::Final,
                Fault::Before(1),
                Fault::Before(ATTENTION_AFTER + 2),
                Fault::After,
                Fault::Lost,
                Fault::Twice,
                Fault::ToldTwice,
            ] {
                let world = run(*path, Some((at, fault)));
                world.check_end();
                cases += 1;
                let unanswered = |record: &StepRecord| record.attempts > ATTENTION_AFTER;
                let calls = |message: &SagaMessage| matches!(message, SagaMessage::NeedsAttention { .. });
                let called = world.saga.root.pending().iter().any(calls);
                assert!(called || !world.saga.data().step_history.iter().any(unanswered), "{path:?} {at}");
                called_for.extend(called.then_some(at));
            }
        }
    }
    assert!(cases >= 150, "{cases} cases");
    let undo =
        ["cancel_enrollment", "revoke_license", "refund_payment", "release_coupons", "mark_order_failed"];
    assert!(undo.iter().all(|at| called_for.contains(at)), "{called_for:?}");
}

#[test]
fn a_final_failure_before_the_order_is_told_ends_the_purchase() {
    for (at, reason) in [
        ("reserve_coupons", CompensationReason::CouponExhausted),
        ("pay", CompensationReason::BillingRefused),
        ("mark_pending_payment", CompensationReason::BillingRefused),
        ("grant_license", CompensationReason::FulfilmentFailed),
        ("enroll", CompensationReason::FulfilmentFailed),
    ] {
        let world = run(Path::Pays, Some((at, Fault::Final)));
        assert_eq!(world.saga.data().state, SagaState::Failed, "{at}");
        assert_eq!(world.saga.data().compensation_reason, Some(reason), "{at}");
    }
    for at in ["confirm_coupons", "mark_fulfilled"] {
        let world = run(Path::Pays, Some((at, Fault::Final)));
        assert_eq!(world.saga.data().state, SagaState::Fulfilled, "{at} is tried again");
    }
}
