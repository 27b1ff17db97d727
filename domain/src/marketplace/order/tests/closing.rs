//! Cancelling, failing, fulfilling.

use super::*;

#[test]
fn a_cancel_is_asked_once_and_leaves_the_decision_to_the_saga() {
    for mut order in [placed(three_lines()), pending(three_lines())] {
        let status = order.data().status;
        applied(order.request_cancel(day(1)));
        assert!(matches!(last(&order), OrderEvent::CancelRequested { .. }));
        unchanged(order.request_cancel(day(2)));
        assert_eq!((order.data().status, order.data().cancel_requested_at), (status, Some(day(1))));
        applied(order.fail(FailureReason::Cancelled, day(2)));
        unchanged(order.request_cancel(day(3)));
    }
}

#[test]
fn what_is_paid_or_over_cannot_be_cancelled() {
    for mut order in [paid(three_lines()), fulfilled(three_lines()), failed(three_lines())] {
        assert_eq!(order.request_cancel(day(3)).unwrap_err().code(), "order.not_cancellable");
    }
}

#[test]
fn a_cancel_that_loses_to_the_payment_shows_in_the_paid_event_and_ends_in_a_full_refund() {
    let mut order = pending(three_lines());
    applied(order.request_cancel(day(1)));
    applied(order.record_payment(&intent(), payment("pay_1"), usd(3_850), day(1)));
    assert!(matches!(last(&order), OrderEvent::Paid { cancel_requested: true, .. }));
    assert_eq!(order.request_cancel(day(1)), Err(OrderError::NotCancellable));
    applied(order.request_refund(wish(1, None), day(1)));
    applied(order.settle_refund(id(1), true, day(2)));
    applied(order.mark_refunded(day(2)));
    assert_eq!((order.data().status, order.data().refunded_total), (OrderStatus::Refunded, usd(3_850)));
}

#[test]
fn a_paid_order_fails_only_after_its_money_went_back() {
    let mut order = paid(three_lines());
    let fail = |order: &mut Order| order.fail(FailureReason::FulfilmentFailed, day(3));
    assert_eq!(fail(&mut order), Err(OrderError::MoneyNotReturned));
    applied(order.request_refund(compensation(1), day(2)));
    assert_eq!(fail(&mut order).unwrap_err().code(), "order.money_not_returned");
    applied(order.settle_refund(id(1), true, day(2)));
    applied(fail(&mut order));
    assert_eq!(order.data().refunded_at, Some(day(3)));
    assert_eq!(order.data().failure_reason, Some(FailureReason::FulfilmentFailed));
    assert_eq!(order.data().payment_state, PaymentState::Refunded);
    assert!(
        matches!(last(&order), OrderEvent::Failed { refunded_total, .. } if *refunded_total == usd(3_850))
    );
}

#[test]
fn an_order_that_was_never_paid_fails_without_a_refund() {
    for mut order in [placed(three_lines()), pending(three_lines())] {
        applied(order.fail(FailureReason::PaymentTimeout, day(1)));
        assert_eq!((order.data().refunded_at, order.data().payment_state), (None, PaymentState::None));
        order.check_invariants().unwrap();
    }
}

#[test]
fn a_free_order_fails_after_payment_without_asking_billing() {
    let mut order = paid(free_cart());
    applied(order.fail(FailureReason::FulfilmentFailed, day(2)));
    order.check_invariants().unwrap();
    // Also when its buyer had asked for it.
    let mut asked = paid(free_cart());
    applied(asked.request_refund(wish(1, None), day(2)));
    applied(asked.fail(FailureReason::FulfilmentFailed, day(2)));
    assert_eq!(asked.pending_refund(), None);
    asked.check_invariants().unwrap();
}

#[test]
fn a_free_order_is_returned_without_asking_billing() {
    let mut order = paid(free_cart());
    assert_eq!(order.mark_refunded(day(2)), Err(OrderError::MoneyNotReturned));
    applied(order.request_refund(wish(1, None), day(2)));
    assert_eq!(order.data().payment_state, PaymentState::None);
    applied(order.mark_refunded(day(2)));
    unchanged(order.mark_refunded(day(3)));
    assert_eq!(
        (order.data().status, order.data().refund_state),
        (OrderStatus::Refunded, RefundProgress::Full)
    );
    let topics: Vec<_> = order.pending().iter().rev().take(3).collect();
    assert!(matches!(
        topics[..],
        [
            OrderEvent::Returned { .. },
            OrderEvent::Refunded { full: true, .. },
            OrderEvent::RefundRequested { fulfilled: false, .. }
        ]
    ));
    order.check_invariants().unwrap();
}

#[test]
fn every_line_needs_its_own_licence() {
    let mut order = paid(three_lines());
    let licenses = licenses(&order);
    let doubled = [licenses.clone(), vec![licenses[0]]].concat();
    let foreign = [licenses.clone(), vec![(id(77), id(77))]].concat();
    for wrong in [&licenses[1..], &doubled, &foreign, &[]] {
        assert_eq!(order.fulfill(wrong, day(2)).unwrap_err().code(), "order.license_incomplete");
    }
    assert_eq!(order.data().status, OrderStatus::Paid);
}

#[test]
fn the_fulfilled_event_carries_what_providers_earn() {
    let order = fulfilled(three_lines());
    let OrderEvent::Fulfilled { lines, pending_refund, fulfilled_at, .. } = last(&order) else { panic!() };
    assert_eq!((*pending_refund, *fulfilled_at), (None, day(2)));
    let first = &lines[0];
    assert_eq!((first.net, first.fee_amount, first.provider_amount), (usd(645), usd(194), usd(451)));
    assert_eq!((first.provider_tenant_id.as_str(), first.platform_bps), ("provider-1", 3_000));
    assert_eq!((first.license_id, first.refund_deadline), (id(1), day(15)));
}
