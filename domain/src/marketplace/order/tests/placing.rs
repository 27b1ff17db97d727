//! Placing an order, its prices and its tax.

use std::collections::BTreeSet;

use super::*;
use crate::marketplace::invariants::{O_INV_1, O_INV_2, O_INV_5, O_INV_7};

fn place(cart: PricedCart) -> Result<Order, OrderError> {
    Order::place(new_order(cart), day(0))
}

fn many(count: u128) -> PricedCart {
    cart((1..=count).map(|n| line(n, 100, 0, 14)).collect())
}

#[test]
fn o_inv_1_rejects_any_amount_in_another_currency() {
    let changes: [fn(&mut PricedCart); 7] = [
        |cart| cart.lines[1].offer.price = euro(1_999),
        |cart| cart.lines[1].net = euro(1_999),
        |cart| cart.lines[1].fee_amount = euro(600),
        |cart| cart.subtotal = euro(3_644),
        |cart| cart.discount_total = euro(100),
        |cart| cart.discounts[0].amount = euro(100),
        |cart| cart.currency = Currency::parse("EUR").unwrap(),
    ];
    for change in changes {
        let mut cart = three_lines();
        change(&mut cart);
        violates(O_INV_1, place(cart));
    }
    let mut order = placed(three_lines());
    let mut taxes = taxes(&order);
    taxes[2].1 = euro(100);
    violates(O_INV_1, order.request_payment(&taxes, Some(intent()), day(0)));
}

#[test]
fn o_inv_1_allows_one_currency_throughout() {
    assert!(place(three_lines()).is_ok());
}

#[test]
fn o_inv_5_rejects_the_51st_line() {
    violates(O_INV_5, place(many(51)));
}

#[test]
fn o_inv_5_allows_fifty_lines() {
    assert_eq!(place(many(50)).unwrap().data().lines.len(), 50);
}

#[test]
fn an_order_has_a_line_and_no_plan_twice() {
    assert_eq!(place(cart(vec![])).unwrap_err().code(), "order.no_lines");
    let twin = PricedLine { id: id(2), ..line(1, 100, 0, 14) };
    assert_eq!(place(cart(vec![line(1, 100, 0, 14), twin])).unwrap_err().code(), "order.duplicate_line");
    let same_id = PricedLine { id: id(1), ..line(2, 100, 0, 14) };
    assert_eq!(place(cart(vec![line(1, 100, 0, 14), same_id])).unwrap_err().code(), "order.duplicate_line");
}

#[test]
fn o_inv_2_rejects_sums_that_are_not_the_sum_of_their_parts() {
    let changes: [fn(&mut PricedCart); 7] = [
        |cart| cart.subtotal = usd(3_645),
        |cart| cart.discount_total = usd(99),
        |cart| cart.lines[0].packs = 2,
        |cart| cart.lines[0].unit_price = usd(644),
        |cart| cart.lines[2].net = usd(1_000),
        |cart| cart.lines[2].fee_amount = usd(1),
        |cart| cart.discounts[0].per_line[2] = usd(99),
    ];
    for change in changes {
        let mut cart = three_lines();
        change(&mut cart);
        violates(O_INV_2, place(cart));
    }
    let order = pending(three_lines());
    violates(O_INV_2, stored(&order, |data, _| data.totals = Some(usd(1))));
    violates(O_INV_2, stored(&order, |data, _| data.totals = None));
    violates(O_INV_2, stored(&order, |data, _| data.lines[0].tax_total = Some(usd(0))));
    violates(O_INV_2, stored(&placed(three_lines()), |data, _| data.totals = Some(usd(3_544))));
}

#[test]
fn o_inv_2_rejects_taxes_that_do_not_name_every_line_once() {
    let mut order = placed(three_lines());
    let taxes = taxes(&order);
    let doubled = [taxes.clone(), vec![taxes[0]]].concat();
    let foreign = [taxes.clone(), vec![(id(77), usd(1))]].concat();
    for wrong in [&taxes[1..], &doubled, &foreign, &[]] {
        violates(O_INV_2, order.request_payment(wrong, Some(intent()), day(0)));
    }
    assert_eq!(order.data().totals, None);
}

#[test]
fn o_inv_2_allows_totals_only_with_the_tax() {
    assert_eq!((placed(three_lines()).data().totals, placed(three_lines()).data().tax_total), (None, None));
    let order = pending(three_lines());
    assert_eq!(order.data().subtotal, usd(3_644));
    assert_eq!(order.data().discount_total, usd(100));
    assert_eq!(order.data().tax_total, Some(usd(306)));
    assert_eq!(order.data().totals, Some(usd(3_644 - 100 + 306)));
}

#[test]
fn taxes_may_come_in_any_order() {
    let mut order = placed(three_lines());
    let mut taxes = taxes(&order);
    taxes.reverse();
    applied(order.request_payment(&taxes, Some(intent()), day(0)));
    assert_eq!(order.data().lines[0].tax_total, Some(usd(101)));
}

#[test]
fn an_intent_is_wanted_exactly_when_something_is_due() {
    let mut order = placed(three_lines());
    let taxes_due = taxes(&order);
    let error = order.request_payment(&taxes_due, None, day(0)).unwrap_err();
    assert_eq!(error.code(), "order.intent_mismatch");
    let mut free = placed(free_cart());
    let no_taxes = taxes(&free);
    assert_eq!(free.request_payment(&no_taxes, Some(intent()), day(0)), Err(OrderError::IntentMismatch));
    applied(free.request_payment(&no_taxes, None, day(0)));
}

#[test]
fn o_inv_7_rejects_another_saga() {
    let order = fulfilled(three_lines());
    violates(O_INV_7, order.ensure_saga(id(9)));
    assert_eq!(order.ensure_saga(id(9)).unwrap_err().code(), "order.foreign_saga");
}

#[test]
fn o_inv_7_allows_the_saga_named_when_the_order_was_placed() {
    assert_eq!(fulfilled(three_lines()).ensure_saga(id(8)), Ok(()));
}

#[test]
fn the_placed_event_starts_a_saga_without_a_look_at_the_order() {
    let order = placed(three_lines());
    let OrderEvent::Placed { order: whose, lines, coupons, free, .. } = last(&order) else { panic!() };
    assert_eq!((whose.order_id, whose.saga_id), (id(7), id(8)));
    assert_eq!(lines.len(), 3);
    assert_eq!(*coupons, [id(1)]);
    assert!(!free);
    assert!(matches!(last(&placed(free_cart())), OrderEvent::Placed { free: true, .. }));
}

#[test]
fn the_buyer_learns_with_a_personal_licence_and_nobody_yet_with_seats() {
    let mut cart = three_lines();
    cart.lines[1].offer.plan_kind = PlanKind::SeatPack;
    cart.lines[2].offer.plan_kind = PlanKind::Subscription;
    let order = placed(cart);
    let learners = [1, 2, 3, 9].map(|n| order.learner_of(id(n)).map(UserId::as_str));
    assert_eq!(learners, [Some("ana"), None, Some("ana"), None]);
}

#[test]
fn a_personal_licence_of_the_course_refuses_another_and_seats_do_not_matter() {
    let held = BTreeSet::from(["crs_2".parse().unwrap()]);
    let error = refuse_held(&three_lines(), &held).unwrap_err();
    assert_eq!(error.code(), "order.already_licensed");
    let mut seats = three_lines();
    seats.lines[1].offer.plan_kind = PlanKind::SeatPack;
    assert_eq!(refuse_held(&seats, &held), Ok(()));
    assert_eq!(refuse_held(&three_lines(), &BTreeSet::new()), Ok(()));
}

#[test]
fn who_is_nobody_that_learns_buys_seats_only() {
    let mut seats = three_lines();
    for line in &mut seats.lines {
        line.offer.plan_kind = PlanKind::SeatPack;
    }
    assert_eq!(refuse_personal(&seats), Ok(()));
    for personal in [PlanKind::OneTime, PlanKind::Subscription] {
        seats.lines[2].offer.plan_kind = personal;
        let error = refuse_personal(&seats).unwrap_err();
        assert_eq!((error.code(), error.kind()), ("order.learner_required", crate::kernel::Kind::Invalid));
    }
}
