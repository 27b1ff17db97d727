//! Refunds: races, parts, the remainder, failures.

use super::*;
use crate::marketplace::invariants::O_INV_8;

#[test]
fn o_inv_8_rejects_the_loser_of_two_refunds() {
    let mut order = fulfilled(three_lines());
    applied(order.request_refund(wish(1, None), day(3)));
    let racing = order.request_refund(wish(2, None), day(3));
    assert_eq!(racing.as_ref().unwrap_err().code(), "refund.in_progress");
    violates(O_INV_8, racing);
    // Even for lines that the pending one leaves alone.
    applied(order.settle_refund(id(1), true, day(4)));
    let late = order.request_refund(wish(2, None), day(4));
    assert_eq!(late.as_ref().unwrap_err().code(), "refund.already_refunded");
    violates(O_INV_8, late);
    assert_eq!((order.refunds().count(), order.data().refunded_total), (1, usd(3_850)));
}

#[test]
fn o_inv_8_rejects_a_line_that_went_back_before() {
    let mut order = fulfilled(three_lines());
    applied(order.request_refund(wish(1, Some(&[2])), day(3)));
    violates(O_INV_8, order.request_refund(wish(2, Some(&[1])), day(3)));
    applied(order.settle_refund(id(1), true, day(3)));
    violates(O_INV_8, order.request_refund(wish(2, Some(&[2])), day(4)));
    violates(O_INV_8, order.request_refund(wish(2, Some(&[1, 2])), day(4)));
}

#[test]
fn o_inv_8_rejects_stored_refunds_beyond_what_was_paid() {
    let mut order = fulfilled(three_lines());
    applied(order.request_refund(wish(1, Some(&[2])), day(3)));
    applied(order.settle_refund(id(1), true, day(3)));
    violates(O_INV_8, stored(&order, |_, refunds| refunds.push(Refund { id: id(5), ..refunds[0].clone() })));
    violates(O_INV_8, stored(&order, |_, refunds| refunds[0].amount = usd(3_851)));
    violates(O_INV_8, stored(&order, |_, refunds| refunds.clear()));
    violates(O_INV_8, stored(&order, |data, _| data.lines[0].refunded = true));
    violates(O_INV_8, stored(&order, |_, refunds| refunds[0].settled_at = None));
    let pending = |refund: &Refund| Refund {
        id: id(5),
        lines: vec![id(1)],
        amount: usd(746),
        state: RefundState::Pending,
        settled_at: None,
        ..refund.clone()
    };
    violates(
        O_INV_8,
        stored(&order, |_, refunds| refunds.push(Refund { amount: usd(747), ..pending(&refunds[0]) })),
    );
    violates(
        O_INV_8,
        stored(&order, |_, refunds| refunds.push(Refund { lines: vec![id(9)], ..pending(&refunds[0]) })),
    );
    let two = |refunds: &mut Vec<Refund>| {
        let first = pending(&refunds[0]);
        let second = Refund { id: id(6), lines: vec![id(3)], amount: usd(1_003), ..first.clone() };
        refunds.extend([first, second]);
    };
    violates(O_INV_8, stored(&order, |_, refunds| two(refunds)));
    // Nothing was paid, so nothing can go back.
    let refund = pending(order.refunds().next().unwrap());
    violates(O_INV_8, stored(&super::pending(three_lines()), |_, refunds| refunds.push(refund)));
    assert!(stored(&order, |_, _| {}).is_ok());
}

#[test]
fn o_inv_8_allows_parts_that_sum_to_what_was_paid_and_the_last_is_the_remainder() {
    let mut order = fulfilled(three_lines());
    let mut amounts = vec![];
    for (n, lines) in [(1, Some(&[2][..])), (2, Some(&[1][..])), (3, None)] {
        applied(order.request_refund(wish(n, lines), day(3)));
        applied(order.settle_refund(id(n), true, day(4)));
        amounts.push(order.refunds().last().unwrap().amount);
        let state = if n < 3 { RefundProgress::Partial } else { RefundProgress::Full };
        assert_eq!(order.data().refund_state, state);
    }
    assert_eq!(amounts, [usd(1_999 + 102), usd(645 + 101), usd(900 + 103)]);
    assert_eq!(Some(order.data().refunded_total), order.data().totals);
    assert_eq!((order.data().status, order.data().refunded_at), (OrderStatus::Refunded, Some(day(4))));
    assert_eq!(order.data().payment_state, PaymentState::Refunded);
}

#[test]
fn a_part_returned_leaves_the_order_fulfilled_and_the_rest_captured() {
    let mut order = fulfilled(three_lines());
    applied(order.request_refund(wish(1, Some(&[1])), day(3)));
    assert_eq!(order.data().payment_state, PaymentState::RefundPending);
    applied(order.settle_refund(id(1), true, day(3)));
    assert_eq!(
        (order.data().status, order.data().payment_state),
        (OrderStatus::Fulfilled, PaymentState::Captured)
    );
}

#[test]
fn before_fulfilment_all_lines_go_back_or_none() {
    let mut order = paid(three_lines());
    let error = order.request_refund(wish(1, Some(&[1])), day(3)).unwrap_err();
    assert_eq!(error.code(), "refund.partial_before_fulfilment");
    applied(order.request_refund(wish(1, Some(&[3, 1, 2])), day(3)));
    assert!(matches!(last(&order), OrderEvent::RefundRequested { fulfilled: false, full: true, .. }));
}

#[test]
fn the_status_of_a_paid_order_waits_for_its_saga() {
    let mut order = paid(three_lines());
    applied(order.request_refund(wish(1, None), day(3)));
    assert_eq!(order.mark_refunded(day(3)), Err(OrderError::MoneyNotReturned));
    applied(order.settle_refund(id(1), true, day(3)));
    assert_eq!(
        (order.data().status, order.data().payment_state),
        (OrderStatus::Paid, PaymentState::Refunded)
    );
    assert!(matches!(last(&order), OrderEvent::Refunded { full: true, fulfilled_at: None, .. }));
    assert_eq!(order.request_refund(wish(2, None), day(4)), Err(OrderError::AlreadyRefunded));
    applied(order.mark_refunded(day(4)));
    unchanged(order.mark_refunded(day(5)));
    assert!(matches!(last(&order), OrderEvent::Returned { .. }));
    assert_eq!(order.data().refunded_at, Some(day(4)));
}

#[test]
fn a_refund_that_fails_reverts_itself_only_and_can_be_tried_again() {
    for mut order in [paid(three_lines()), fulfilled(three_lines())] {
        let before = order.data().clone();
        applied(order.request_refund(wish(1, None), day(3)));
        applied(order.settle_refund(id(1), false, day(3)));
        assert_eq!(*order.data(), before);
        assert!(matches!(last(&order), OrderEvent::RefundFailed { .. }));
        unchanged(order.settle_refund(id(1), false, day(3)));
        applied(order.request_refund(wish(2, None), day(4)));
        applied(order.settle_refund(id(2), true, day(4)));
        assert_eq!(order.data().refunded_total, usd(3_850));
    }
}

#[test]
fn billing_cannot_take_its_answer_back() {
    let mut order = fulfilled(three_lines());
    applied(order.request_refund(wish(1, Some(&[1])), day(3)));
    applied(order.settle_refund(id(1), true, day(3)));
    unchanged(order.settle_refund(id(1), true, day(4)));
    assert_eq!(order.settle_refund(id(1), false, day(4)).unwrap_err().code(), "refund.settled_otherwise");
    assert_eq!(order.settle_refund(id(9), true, day(4)).unwrap_err().code(), "refund.not_found");
}

#[test]
fn the_same_request_again_is_already_applied_and_its_id_names_nothing_else() {
    let mut order = fulfilled(three_lines());
    applied(order.request_refund(wish(1, Some(&[1, 2])), day(3)));
    unchanged(order.request_refund(wish(1, Some(&[2, 1])), day(4)));
    let other = order.request_refund(wish(1, Some(&[3])), day(4));
    assert_eq!(other.unwrap_err().code(), "refund.id_reused");
    applied(order.settle_refund(id(1), true, day(4)));
    unchanged(order.request_refund(wish(1, Some(&[1, 2])), day(5)));
}

#[test]
fn the_saga_joins_a_refund_under_way_instead_of_racing_it() {
    let mut order = paid(three_lines());
    applied(order.request_refund(wish(1, None), day(2)));
    unchanged(order.request_refund(compensation(2), day(2)));
    applied(order.settle_refund(id(1), false, day(2)));
    applied(order.request_refund(compensation(2), day(2)));
    assert_eq!(order.request_refund(wish(3, None), day(2)), Err(OrderError::RefundInProgress(id(2))));
    applied(order.settle_refund(id(2), true, day(2)));
    unchanged(order.request_refund(compensation(4), day(2)));
    applied(order.fail(FailureReason::FulfilmentFailed, day(2)));
    assert_eq!(order.data().refunded_total, usd(3_850));
}

fn by_hand() -> ByHand {
    ByHand { by: "staff".parse().unwrap(), evidence: "transfer 17 of 20 April".to_owned() }
}

#[test]
fn money_returned_by_hand_settles_the_pending_refund_with_its_proof() {
    let mut order = paid(three_lines());
    applied(order.request_refund(wish(1, None), day(2)));
    applied(order.return_by_hand(id(2), by_hand(), day(3)));
    let refunds: Vec<_> = order.refunds().cloned().collect();
    assert_eq!((refunds.len(), refunds[0].id, refunds[0].state), (1, id(1), RefundState::Succeeded));
    assert_eq!((refunds[0].by_hand.clone(), refunds[0].settled_at), (Some(by_hand()), Some(day(3))));
    assert!(matches!(last(&order), OrderEvent::Refunded { full: true, .. }));
    unchanged(order.return_by_hand(id(4), by_hand(), day(4)));
    unchanged(order.settle_refund(id(1), false, day(4)));
    applied(order.mark_refunded(day(4)));
}

#[test]
fn money_returned_by_hand_after_billing_refused_is_a_refund_of_its_own() {
    let mut order = paid(three_lines());
    applied(order.request_refund(compensation(1), day(2)));
    applied(order.settle_refund(id(1), false, day(2)));
    applied(order.return_by_hand(id(2), by_hand(), day(3)));
    let refunds: Vec<_> = order.refunds().map(|refund| (refund.state, refund.by_hand.is_some())).collect();
    assert_eq!(refunds, [(RefundState::Failed, false), (RefundState::Succeeded, true)]);
    applied(order.fail(FailureReason::Cancelled, day(3)));
    assert_eq!(Some(order.data().refunded_total), order.data().totals);
    assert!(stored(&order, |_, _| {}).is_ok());
}

#[test]
fn nothing_is_returned_by_hand_of_what_was_not_paid() {
    unchanged(pending(three_lines()).return_by_hand(id(1), by_hand(), day(2)));
    unchanged(paid(free_cart()).return_by_hand(id(1), by_hand(), day(2)));
}

#[test]
fn what_was_not_paid_or_has_failed_is_not_refundable() {
    for mut order in [placed(three_lines()), pending(three_lines()), failed(three_lines())] {
        let error = order.request_refund(wish(1, None), day(3)).unwrap_err();
        assert_eq!(error.code(), "refund.not_refundable");
    }
}

#[test]
fn a_refund_names_lines_the_order_has() {
    let mut order = fulfilled(three_lines());
    let refused = |result: Result<Outcome, OrderError>| result.unwrap_err().code();
    assert_eq!(refused(order.request_refund(wish(1, Some(&[])), day(3))), "refund.no_lines");
    assert_eq!(refused(order.request_refund(wish(1, Some(&[1, 9])), day(3))), "refund.unknown_line");
    applied(order.request_refund(wish(1, Some(&[1, 1])), day(3)));
    assert_eq!(order.pending_refund().unwrap().amount, usd(746));
}

#[test]
fn the_refunded_event_reverses_the_frozen_amounts_of_each_line() {
    let mut order = fulfilled(three_lines());
    applied(order.request_refund(wish(1, Some(&[1, 3])), day(3)));
    applied(order.settle_refund(id(1), true, day(4)));
    let OrderEvent::Refunded { refund_id, source, amount, lines, full, fulfilled_at, .. } = last(&order)
    else {
        panic!()
    };
    assert_eq!((*refund_id, *source, *full), (id(1), RefundSource::Buyer, false));
    assert_eq!((*amount, *fulfilled_at), (usd(746 + 1_003), Some(day(2))));
    let amounts: Vec<_> =
        lines.iter().map(|line| (line.amount, line.net, line.fee_amount, line.provider_amount)).collect();
    assert_eq!(
        amounts,
        [(usd(746), usd(645), usd(194), usd(451)), (usd(1_003), usd(900), usd(270), usd(630))]
    );
    assert_eq!((lines[0].license_id, lines[0].platform_bps), (Some(id(1)), 3_000));
}

#[test]
fn the_preview_is_what_the_refund_then_does() {
    let mut order = fulfilled(three_lines());
    let plan = order.plan_refund(Some(&[id(2)])).unwrap();
    applied(order.request_refund(wish(1, Some(&[2])), day(3)));
    applied(order.settle_refund(id(1), true, day(3)));
    let OrderEvent::Refunded { amount, lines, full, .. } = last(&order) else { panic!() };
    assert_eq!((plan.amount, &plan.lines, plan.full), (*amount, lines, *full));
}

#[test]
fn a_line_that_cost_nothing_goes_back_for_nothing() {
    let mut order = placed(cart(vec![line(1, 500, 500, 14), line(2, 1_000, 0, 14)]));
    let taxes = [(id(1), usd(0)), (id(2), usd(190))];
    applied(order.request_payment(&taxes, Some(intent()), day(0)));
    applied(order.record_payment(&intent(), payment("pay_1"), usd(1_190), day(1)));
    let licenses = licenses(&order);
    applied(order.fulfill(&licenses, day(2)));
    applied(order.request_refund(wish(1, Some(&[1])), day(3)));
    assert_eq!(order.pending_refund().unwrap().amount, usd(0));
    assert_eq!(order.data().payment_state, PaymentState::Captured);
    applied(order.settle_refund(id(1), true, day(3)));
    applied(order.request_refund(wish(2, None), day(3)));
    applied(order.settle_refund(id(2), true, day(3)));
    assert_eq!((order.data().status, order.data().refunded_total), (OrderStatus::Refunded, usd(1_190)));
}

#[test]
fn a_save_writes_the_refunds_that_changed_and_no_others() {
    let mut order = fulfilled(three_lines());
    applied(order.request_refund(wish(1, Some(&[1])), day(3)));
    applied(order.settle_refund(id(1), true, day(3)));
    let mut order = stored(&order, |_, _| {}).unwrap();
    applied(order.request_refund(wish(2, Some(&[2])), day(3)));
    applied(order.settle_refund(id(2), true, day(3)));
    let changes = order.into_changes();
    assert_eq!(changes.expected_version, 3);
    let rows: Vec<_> = changes.rows.iter().map(|refund| (refund.id, refund.state)).collect();
    assert_eq!(rows, [(id(2), RefundState::Succeeded)]);
    assert_eq!(changes.events.len(), 2);
}
