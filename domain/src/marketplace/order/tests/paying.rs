//! Payments: on time, late, twice, of another amount, and declined.

use super::*;
use crate::marketplace::invariants::{AC_2, O_INV_3};

type Answer = Result<Outcome, OrderError>;

fn capture(order: &mut Order, id: &str, amount: Money) -> Result<Outcome, OrderError> {
    order.record_payment(&intent(), payment(id), amount, day(2))
}

fn strays(order: &Order) -> Vec<(&str, StrayKind, bool)> {
    let strays = order.data().stray_captures.iter();
    strays.map(|stray| (stray.payment_id.as_str(), stray.kind, stray.refunded_at.is_some())).collect()
}

#[test]
fn o_inv_3_allows_each_line_its_days_and_the_order_the_fewest() {
    let order = paid(three_lines());
    let deadlines: Vec<_> = order.data().lines.iter().map(|line| line.refund_deadline).collect();
    assert_eq!(deadlines, [Some(day(15)), Some(day(8)), Some(day(31))]);
    assert_eq!(order.data().refund_deadline, Some(day(8)));
    assert_eq!(pending(three_lines()).data().refund_deadline, None);
    assert!(matches!(last(&order), OrderEvent::Paid { refund_deadline, .. } if *refund_deadline == day(8)));
}

#[test]
fn o_inv_3_rejects_a_deadline_that_moved_or_came_early() {
    let order = paid(three_lines());
    violates(O_INV_3, stored(&order, |data, _| data.refund_deadline = Some(day(90))));
    violates(O_INV_3, stored(&order, |data, _| data.lines[1].refund_deadline = Some(day(9))));
    violates(O_INV_3, stored(&order, |data, _| data.refund_deadline = None));
    violates(O_INV_3, stored(&pending(three_lines()), |data, _| data.refund_deadline = Some(day(8))));
}

#[test]
fn no_later_report_sets_the_deadline_again() {
    let mut order = paid(three_lines());
    applied(capture(&mut order, "pay_2", usd(3_850)));
    unchanged(capture(&mut order, "pay_1", usd(3_850)));
    let licenses = licenses(&order);
    applied(order.fulfill(&licenses, day(20)));
    assert_eq!((order.data().paid_at, order.data().refund_deadline), (Some(day(1)), Some(day(8))));
}

#[test]
fn the_awaited_amount_by_the_awaited_intent_pays() {
    let mut order = pending(three_lines());
    assert_eq!(order.data().payment_state, PaymentState::Pending);
    applied(capture(&mut order, "pay_1", usd(3_850)));
    assert_eq!(order.data().status, OrderStatus::Paid);
    assert_eq!(order.data().payment_state, PaymentState::Captured);
    let OrderEvent::Paid { payment_id, lines, coupons, totals, cancel_requested, .. } = last(&order) else {
        panic!()
    };
    assert_eq!((payment_id.as_ref(), totals), (Some(&payment("pay_1")), &usd(3_850)));
    assert_eq!((lines.len(), coupons.len(), *cancel_requested), (3, 1, false));
}

#[test]
fn the_same_report_again_is_already_applied_whatever_happened_since() {
    let mut paid_order = paid(three_lines());
    unchanged(capture(&mut paid_order, "pay_1", usd(3_850)));
    let mut complete = fulfilled(three_lines());
    unchanged(capture(&mut complete, "pay_1", usd(3_850)));
    applied(complete.request_refund(wish(1, None), day(3)));
    applied(complete.settle_refund(id(1), true, day(3)));
    unchanged(capture(&mut complete, "pay_1", usd(3_850)));
    assert!(complete.data().stray_captures.is_empty());
}

#[test]
fn another_amount_currency_or_intent_is_a_mismatch_and_goes_back() {
    let other_intent = |order: &mut Order| {
        order.record_payment(&"pi_2".parse().unwrap(), payment("pay_x"), usd(3_850), day(2))
    };
    let reports: [fn(&mut Order) -> Answer; 4] = [
        |order| capture(order, "pay_x", usd(3_849)),
        |order| capture(order, "pay_x", usd(3_851)),
        |order| capture(order, "pay_x", euro(3_850)),
        other_intent,
    ];
    for report in reports {
        let mut order = pending(three_lines());
        applied(report(&mut order));
        assert_eq!(order.data().status, OrderStatus::PendingPayment);
        assert_eq!(order.data().payment_state, PaymentState::RefundPending);
        assert_eq!(strays(&order), [("pay_x", StrayKind::Mismatched, false)]);
        let OrderEvent::PaymentMismatched { expected, stray, .. } = last(&order) else { panic!() };
        assert_eq!((*expected, *stray), (Some(usd(3_850)), true));
        unchanged(report(&mut order));

        applied(order.fail(FailureReason::AmountMismatch, day(2)));
        assert_eq!(order.data().payment_state, PaymentState::RefundPending);
        applied(order.settle_stray(payment("pay_x"), day(3)));
        assert_eq!(order.data().payment_state, PaymentState::Refunded);
        assert_eq!((order.data().refunded_at, order.data().refunded_total), (None, usd(0)));
        order.check_invariants().unwrap();
    }
}

#[test]
fn a_payment_before_billing_answered_cannot_be_matched() {
    let mut order = placed(three_lines());
    applied(capture(&mut order, "pay_1", usd(3_850)));
    assert!(matches!(last(&order), OrderEvent::PaymentMismatched { expected: None, stray: true, .. }));
    assert_eq!(order.data().status, OrderStatus::Created);
}

#[test]
fn a_payment_after_the_order_failed_goes_back_and_leaves_it_failed() {
    let mut order = failed(three_lines());
    applied(capture(&mut order, "pay_1", usd(3_850)));
    assert!(matches!(last(&order), OrderEvent::PaymentAfterClose { status: OrderStatus::Failed, .. }));
    assert_eq!((order.data().status, order.data().paid_at), (OrderStatus::Failed, None));
    assert_eq!(order.data().payment_state, PaymentState::RefundPending);
    unchanged(capture(&mut order, "pay_1", usd(3_850)));
    applied(order.settle_stray(payment("pay_1"), day(3)));
    unchanged(order.settle_stray(payment("pay_1"), day(4)));
    assert_eq!(order.data().payment_state, PaymentState::Refunded);
    assert_eq!(strays(&order), [("pay_1", StrayKind::AfterClose, true)]);
    unchanged(capture(&mut order, "pay_1", usd(3_850)));
}

#[test]
fn a_second_payment_goes_back_and_the_first_stays() {
    for mut order in [paid(three_lines()), fulfilled(three_lines())] {
        let status = order.data().status;
        applied(capture(&mut order, "pay_2", usd(3_850)));
        applied(capture(&mut order, "pay_3", usd(1)));
        assert!(matches!(last(&order), OrderEvent::PaymentDuplicate { .. }));
        assert_eq!(order.data().payment_id, Some(payment("pay_1")));
        applied(order.settle_stray(payment("pay_2"), day(3)));
        assert_eq!(order.data().payment_state, PaymentState::RefundPending);
        applied(order.settle_stray(payment("pay_3"), day(3)));
        assert_eq!((order.data().status, order.data().payment_state), (status, PaymentState::Captured));
        // Its own payment is no stray, so it cannot be returned by that way.
        let error = order.settle_stray(payment("pay_1"), day(3)).unwrap_err();
        assert_eq!(error.code(), "order.stray_not_found");
    }
}

#[test]
fn another_amount_for_a_known_payment_is_announced_and_returns_nothing() {
    let mut order = paid(three_lines());
    applied(capture(&mut order, "pay_1", usd(1)));
    assert!(matches!(last(&order), OrderEvent::PaymentMismatched { stray: false, .. }));
    assert!(order.data().stray_captures.is_empty());
    assert_eq!(order.data().payment_state, PaymentState::Captured);
    // Nor does a stray capture become the payment because its amount is told again, right this time.
    let mut other = pending(three_lines());
    applied(capture(&mut other, "pay_x", usd(1)));
    applied(capture(&mut other, "pay_x", usd(3_850)));
    assert_eq!(other.data().status, OrderStatus::PendingPayment);
    assert_eq!(strays(&other).len(), 1);
}

#[test]
fn an_order_can_still_be_paid_after_a_mismatch() {
    let mut order = pending(three_lines());
    applied(capture(&mut order, "pay_x", usd(1)));
    applied(capture(&mut order, "pay_1", usd(3_850)));
    assert_eq!(
        (order.data().status, order.data().payment_state),
        (OrderStatus::Paid, PaymentState::RefundPending)
    );
    applied(order.settle_stray(payment("pay_x"), day(3)));
    assert_eq!(order.data().payment_state, PaymentState::Captured);
}

#[test]
fn a_free_order_is_paid_without_billing_and_only_a_free_one() {
    let mut order = pending(free_cart());
    assert_eq!(order.data().payment_state, PaymentState::None);
    applied(order.mark_paid_free(day(1)));
    unchanged(order.mark_paid_free(day(2)));
    assert!(matches!(last(&order), OrderEvent::Paid { payment_id: None, payment_intent_id: None, .. }));
    assert_eq!(
        (order.data().payment_state, order.data().refund_deadline),
        (PaymentState::None, Some(day(15)))
    );
    applied(capture(&mut order, "pay_1", usd(5)));
    assert_eq!(strays(&order), [("pay_1", StrayKind::Duplicate, false)]);
    assert_eq!(pending(three_lines()).mark_paid_free(day(1)).unwrap_err().code(), "order.not_free");
}

#[test]
fn a_decline_is_shown_and_a_late_or_foreign_one_changes_nothing() {
    let mut order = pending(three_lines());
    let declined = |order: &mut Order, intent: &str| {
        order.record_payment_failure(&intent.parse().unwrap(), "card_declined".to_owned(), false, day(2))
    };
    applied(declined(&mut order, INTENT));
    let error = order.data().last_payment_error.as_ref().unwrap();
    assert_eq!((error.code.as_str(), error.at), ("card_declined", day(2)));
    assert!(matches!(last(&order), OrderEvent::PaymentFailed { is_final: false, .. }));
    assert_eq!(order.data().status, OrderStatus::PendingPayment);
    let before = order.data().clone();
    unchanged(declined(&mut order, "pi_2"));
    assert_eq!(*order.data(), before);
    for mut over in [placed(three_lines()), paid(three_lines()), failed(three_lines())] {
        let (before, events) = (over.data().clone(), over.pending().len());
        unchanged(declined(&mut over, INTENT));
        assert_eq!((over.data(), over.pending().len()), (&before, events));
    }
}

#[test]
fn a_final_decline_is_told_once_whoever_tells_it() {
    let mut order = pending(three_lines());
    let mut declined =
        |is_final| order.record_payment_failure(&intent(), "card_declined".to_owned(), is_final, day(2));
    applied(declined(false));
    applied(declined(false));
    applied(declined(true));
    unchanged(declined(true));
    unchanged(declined(false));
    let told = order.pending().iter().filter(|event| matches!(event, OrderEvent::PaymentFailed { .. }));
    assert_eq!(told.count(), 3);
}

#[test]
fn only_an_awaited_payment_that_nobody_cancelled_is_payable() {
    let mut order = pending(three_lines());
    assert_eq!(order.payable_intent(), Ok(&intent()));
    applied(order.request_cancel(day(1)));
    assert_eq!(order.payable_intent().unwrap_err().code(), "order.not_payable");
    for over in [placed(three_lines()), paid(three_lines()), pending(free_cart()), failed(three_lines())] {
        assert_eq!(over.payable_intent(), Err(OrderError::NotPayable));
    }
}

#[test]
fn ac_2_rejects_stored_words_about_a_payment_method() {
    let order = pending(three_lines());
    for code in ["4242 4242 4242 4242", "tok_visa", "Visa", "", &"x".repeat(65)] {
        let error = PaymentError { code: code.to_owned(), at: day(1), is_final: false };
        violates(AC_2, stored(&order, |data, _| data.last_payment_error = Some(error)));
    }
}

/// Every key and every text in a document.
fn words(json: &serde_json::Value, keys: &mut Vec<String>, texts: &mut Vec<String>) {
    match json {
        serde_json::Value::Object(members) => members.iter().for_each(|(key, value)| {
            keys.push(key.to_lowercase());
            words(value, keys, texts);
        }),
        serde_json::Value::Array(items) => items.iter().for_each(|item| words(item, keys, texts)),
        serde_json::Value::String(text) => texts.push(text.clone()),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
    }
}

#[test]
fn ac_2_allows_the_intent_and_payment_ids_and_nothing_else_about_a_payment() {
    let mut order = pending(three_lines());
    for code in ["declined: card 4242424242424242", "tok_decline"] {
        applied(order.record_payment_failure(&intent(), code.to_owned(), false, day(1)));
        assert_eq!(order.data().last_payment_error.as_ref().unwrap().code, "other");
    }
    applied(capture(&mut order, "pay_x", usd(1)));
    applied(capture(&mut order, "pay_1", usd(3_850)));
    applied(capture(&mut order, "pay_2", usd(3_850)));
    let licenses = licenses(&order);
    applied(order.fulfill(&licenses, day(3)));
    applied(order.request_refund(wish(1, None), day(3)));
    applied(order.settle_refund(id(1), true, day(3)));
    applied(capture(&mut order, "pay_3", usd(1)));

    let (mut keys, mut texts) = (vec![], vec![]);
    words(&serde_json::to_value(order.data()).unwrap(), &mut keys, &mut texts);
    for event in order.pending() {
        words(&serde_json::to_value(event).unwrap(), &mut keys, &mut texts);
    }
    keys.sort();
    keys.dedup();
    let of_payment: Vec<_> = keys.iter().filter(|key| key.contains("pay")).collect();
    assert_eq!(of_payment, ["lastpaymenterror", "paymentid", "paymentintentid", "paymentstate"]);
    for forbidden in ["token", "method", "card", "iban", "secret"] {
        assert!(!keys.iter().any(|key| key.contains(forbidden)), "{forbidden}");
    }
    assert!(!texts.iter().any(|text| text.contains("4242") || text.contains("tok_")));
}
