//! The state table, by itself and against the real aggregate.

use std::collections::BTreeSet;

use super::*;
use crate::marketplace::invariants::{O_INV_4, O_INV_6};

#[test]
fn no_two_rows_lead_from_one_status_by_one_action() {
    let rows: BTreeSet<_> = TRANSITIONS.iter().map(|edge| (edge.from, edge.action)).collect();
    assert_eq!(rows.len(), TRANSITIONS.len());
}

#[test]
fn every_status_can_be_reached_and_the_terminal_ones_have_no_way_out() {
    for status in OrderStatus::ALL {
        let reached = TRANSITIONS.iter().any(|edge| edge.to == *status);
        assert!(reached || *status == OrderStatus::Created, "{status:?}");
        let ends = !TRANSITIONS.iter().any(|edge| edge.from == *status);
        assert_eq!(ends, TERMINAL.contains(status), "{status:?}");
    }
}

#[test]
fn o_inv_4_allows_only_rows_that_lead_forward() {
    for edge in TRANSITIONS {
        assert!(edge.from < edge.to, "{edge:?}");
        assert!(edge.guards.contains(&O_INV_4), "{edge:?}");
    }
}

/// An order of each status, paid for or free, together with the action that led there.
fn examples(cart: fn() -> PricedCart) -> Vec<Order> {
    let mut refunded = fulfilled(cart());
    applied(refunded.request_refund(wish(1, None), day(3)));
    applied(refunded.settle_refund(id(1), true, day(3)));
    let mut given_up = placed(cart());
    applied(given_up.fail(FailureReason::BillingRefused, day(0)));
    let mut undone = paid(cart());
    applied(undone.request_refund(wish(1, None), day(3)));
    if !undone.data().totals.unwrap().is_zero() {
        applied(undone.settle_refund(id(1), true, day(3)));
    }
    let mut compensated = undone.clone();
    applied(undone.mark_refunded(day(3)));
    applied(compensated.fail(FailureReason::FulfilmentFailed, day(3)));
    let stages = vec![placed(cart()), pending(cart()), paid(cart()), fulfilled(cart())];
    [stages, vec![refunded, failed(cart()), given_up, undone, compensated]].concat()
}

/// Does the action, with whatever the status demands for it.
fn act(order: &mut Order, action: OrderAction) -> Result<Outcome, OrderError> {
    let (taxes, licenses) = (taxes(order), licenses(order));
    let due = !order.is_free();
    match action {
        OrderAction::RequestPayment => order.request_payment(&taxes, due.then(intent), day(4)),
        OrderAction::Pay if due && order.data().status == OrderStatus::PendingPayment => {
            let totals = order.data().totals.unwrap();
            order.record_payment(&intent(), payment("pay_9"), totals, day(4))
        }
        OrderAction::Pay => order.mark_paid_free(day(4)),
        OrderAction::Fulfill => order.fulfill(&licenses, day(4)),
        OrderAction::Refund => {
            if order.request_refund(wish(9, None), day(4)).is_err() {
                return order.mark_refunded(day(4));
            }
            if due || order.data().status == OrderStatus::Fulfilled {
                applied(order.settle_refund(id(9), true, day(4)));
            }
            if order.data().status == OrderStatus::Paid {
                return order.mark_refunded(day(4));
            }
            Ok(Outcome::Applied)
        }
        OrderAction::Fail => {
            if due && order.data().status == OrderStatus::Paid {
                applied(order.request_refund(compensation(9), day(4)));
                applied(order.settle_refund(id(9), true, day(4)));
            }
            order.fail(order.data().failure_reason.unwrap_or(FailureReason::Cancelled), day(4))
        }
    }
}

#[test]
fn every_status_and_action_behave_as_the_table_says() {
    let mut seen = BTreeSet::new();
    for example in [three_lines as fn() -> PricedCart, free_cart].into_iter().flat_map(examples) {
        for action in OrderAction::ALL {
            let (mut order, from) = (example.clone(), example.data().status);
            seen.insert((from, *action));
            let edge = TRANSITIONS.iter().find(|edge| edge.from == from && edge.action == *action);
            let repeats = from != OrderStatus::Created
                && example.data().last_transition.as_ref().is_some_and(|last| last.action == *action);
            let free = example.is_free();
            match (act(&mut order, *action), edge) {
                (Ok(Outcome::Applied), Some(edge)) => {
                    assert_eq!(order.data().status, edge.to);
                    order.check_invariants().unwrap();
                }
                (Ok(Outcome::AlreadyApplied), None) => {
                    assert!(repeats, "{from:?} {action:?}");
                    assert_eq!(order.data(), example.data());
                }
                (Err(OrderError::InvalidTransition(refused)), None) => {
                    assert_eq!((refused.from, refused.action), (from, *action));
                    assert!(!repeats, "{from:?} {action:?}");
                }
                // The only way to pay an order that costs something is a payment, which is never refused.
                (Err(OrderError::NotFree), None) => assert!(!free && *action == OrderAction::Pay && repeats),
                (other, edge) => panic!("{from:?} {action:?}: {other:?}, table {edge:?}"),
            }
        }
    }
    assert_eq!(seen.len(), OrderStatus::ALL.len() * OrderAction::ALL.len());
}

#[test]
fn o_inv_4_rejects_a_step_back() {
    let mut order = paid(three_lines());
    let taxes = taxes(&order);
    violates(O_INV_4, order.request_payment(&taxes, Some(intent()), day(2)));
    violates(O_INV_4, failed(three_lines()).fulfill(&[], day(2)));
    violates(O_INV_4, stored(&order, |data, _| data.status = OrderStatus::PendingPayment));
}

#[test]
fn o_inv_4_allows_the_same_value_again_without_an_event() {
    let mut order = pending(three_lines());
    let (taxes, events) = (taxes(&order), order.pending().len());
    unchanged(order.request_payment(&taxes, Some(intent()), day(3)));
    let mut complete = fulfilled(three_lines());
    let licenses = licenses(&complete);
    unchanged(complete.fulfill(&licenses, day(9)));
    unchanged(failed(three_lines()).fail(FailureReason::PaymentTimeout, day(9)));
    assert_eq!(order.pending().len(), events);
    assert_eq!(complete.data().fulfilled_at, Some(day(2)));
}

#[test]
fn the_same_action_with_other_arguments_is_no_repetition() {
    let mut order = pending(three_lines());
    let mut taxes = taxes(&order);
    violates(O_INV_4, order.request_payment(&taxes, Some("pi_2".parse().unwrap()), day(3)));
    taxes[0].1 = usd(1);
    violates(O_INV_4, order.request_payment(&taxes, Some(intent()), day(3)));
    let mut complete = fulfilled(three_lines());
    let mut licenses = licenses(&complete);
    licenses[0].1 = id(99);
    violates(O_INV_4, complete.fulfill(&licenses, day(9)));
    violates(O_INV_4, failed(three_lines()).fail(FailureReason::Cancelled, day(9)));
}

#[test]
fn o_inv_6_rejects_fulfilling_a_refunded_order() {
    let mut order = paid(three_lines());
    let licenses = licenses(&order);
    applied(order.request_refund(wish(1, None), day(2)));
    applied(order.settle_refund(id(1), true, day(2)));
    // The money is back, the status still waits for the saga.
    assert_eq!(order.data().status, OrderStatus::Paid);
    violates(O_INV_6, order.fulfill(&licenses, day(2)));
    applied(order.mark_refunded(day(2)));
    violates(O_INV_6, order.fulfill(&licenses, day(2)));
}

#[test]
fn o_inv_6_allows_fulfilling_while_a_refund_is_pending_or_has_failed() {
    let mut order = paid(three_lines());
    let licenses = licenses(&order);
    applied(order.request_refund(wish(1, None), day(2)));
    let mut failed_refund = order.clone();
    applied(failed_refund.settle_refund(id(1), false, day(2)));
    applied(failed_refund.fulfill(&licenses, day(2)));
    applied(order.fulfill(&licenses, day(2)));
    assert!(
        matches!(last(&order), OrderEvent::Fulfilled { pending_refund: Some(refund), .. } if *refund == id(1))
    );
    applied(order.settle_refund(id(1), true, day(3)));
    assert_eq!(order.data().status, OrderStatus::Refunded);
}
