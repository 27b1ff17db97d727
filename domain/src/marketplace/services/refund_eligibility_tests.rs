//! When a buyer may return lines. The order is built through its own commands.

use ulid::Ulid;

use super::*;
use crate::{
    kernel::{Aggregate, Currency, Id, Money},
    marketplace::{
        listing::Offer,
        order::{NewOrder, Order, RefundRequest, RefundSource},
        services::{PricedCart, PricedLine},
        values::{PlanKind, RefundPolicy, RevenueShare, SeatCount},
    },
};

fn paid_at() -> Timestamp {
    "2026-04-20T12:00:00Z".parse().unwrap()
}

fn line(n: u128) -> OrderLineId {
    Id::new(Ulid::from(n))
}

/// A fulfilled order with one line for each policy (refund days, attempts cap).
fn order(policies: &[(u32, Option<u32>)]) -> Order {
    let currency = Currency::parse("USD").unwrap();
    let (price, none) = (Money::from_minor_units(1_000, currency).unwrap(), Money::zero(currency));
    let priced = |(n, (days, cap)): (u128, &(u32, Option<u32>))| PricedLine {
        id: line(n),
        offer: Offer {
            listing_id: Id::new(Ulid::from(n)),
            provider_tenant_id: "provider".parse().unwrap(),
            pricing_plan_id: Id::new(Ulid::from(n)),
            plan_kind: PlanKind::OneTime,
            price,
            plan_seats: None,
            interval_months: None,
            perpetual_offline_access: false,
            refund_policy: RefundPolicy::try_new(*days, *cap).unwrap(),
            revenue_share: RevenueShare::DEFAULT,
            course_id: "crs_1".parse().unwrap(),
            course_version_id: "cv_1".parse().unwrap(),
        },
        quantity: SeatCount::ONE,
        packs: 1,
        unit_price: price,
        subtotal: price,
        discount_total: none,
        net: price,
        fee_amount: none,
        provider_amount: price,
    };
    let lines: Vec<_> = (1_u128..).zip(policies).map(priced).collect();
    let subtotal = Money::sum(currency, lines.iter().map(|line| &line.subtotal)).unwrap();
    let new = NewOrder {
        id: Id::new(Ulid::from(1_u128)),
        saga_id: Id::new(Ulid::from(1_u128)),
        buyer_tenant_id: "school".parse().unwrap(),
        buyer_user_id: "ana".parse().unwrap(),
        quote_id: None,
        cart: PricedCart { currency, lines, discounts: vec![], subtotal, discount_total: none },
    };
    let mut order = Order::place(new, paid_at()).unwrap();
    let taxes: Vec<_> = order.data().lines.iter().map(|line| (line.id, none)).collect();
    let _ = order.request_payment(&taxes, Some("pi_1".parse().unwrap()), paid_at()).unwrap();
    let _ = order
        .record_payment(&"pi_1".parse().unwrap(), "pay_1".parse().unwrap(), subtotal, paid_at())
        .unwrap();
    let licenses: Vec<_> =
        (1_u128..).zip(&order.data().lines).map(|(n, line)| (line.id, Id::new(Ulid::from(n)))).collect();
    let _ = order.fulfill(&licenses, paid_at()).unwrap();
    order
}

fn codes(order: &Order, lines: &[u128], attempts: &[(u128, u32)], now: Timestamp) -> Vec<&'static str> {
    let lines: Vec<_> = lines.iter().map(|n| line(*n)).collect();
    let attempts = attempts.iter().map(|(n, count)| (line(*n), *count)).collect();
    let refusals = RefundEligibilityPolicy::refusals(order, Some(&lines), &attempts, now);
    let first = RefundEligibilityPolicy::check(order, Some(&lines), &attempts, now).err();
    assert_eq!(first.as_ref(), refusals.first());
    refusals.iter().map(Coded::code).collect()
}

#[test]
fn the_deadline_itself_is_in_time_and_a_microsecond_later_is_not() {
    let order = order(&[(7, None)]);
    let deadline = paid_at().plus_days(7);
    let later = Timestamp::from_unix_micros(deadline.unix_micros() + 1);
    assert_eq!(codes(&order, &[1], &[], deadline), [""; 0]);
    assert_eq!(codes(&order, &[1], &[], later), ["refund.deadline_passed"]);
}

#[test]
fn each_line_has_its_own_deadline_and_lines_not_asked_for_do_not_matter() {
    let order = order(&[(7, None), (30, None)]);
    let now = paid_at().plus_days(8);
    assert_eq!(codes(&order, &[2], &[], now), [""; 0]);
    assert_eq!(codes(&order, &[1, 2], &[], now), ["refund.deadline_passed"]);
}

#[test]
fn no_days_means_that_the_buyer_cannot_return_it_at_all() {
    let order = order(&[(0, None)]);
    assert_eq!(codes(&order, &[1], &[], paid_at()), ["refund.not_self_refundable"]);
}

#[test]
fn attempts_up_to_the_cap_are_fine_and_an_unknown_count_is_not() {
    let order = order(&[(7, Some(3))]);
    assert_eq!(codes(&order, &[1], &[(1, 3)], paid_at()), [""; 0]);
    assert_eq!(codes(&order, &[1], &[(1, 4)], paid_at()), ["refund.attempts_exceeded"]);
    assert_eq!(codes(&order, &[1], &[], paid_at()), ["refund.indeterminate"]);
    let refusal = RefundEligibilityPolicy::check(&order, Some(&[line(1)]), &BTreeMap::new(), paid_at());
    assert_eq!(refusal.unwrap_err().kind(), Kind::Unavailable);
}

#[test]
fn every_broken_rule_is_told() {
    let order = order(&[(7, Some(0)), (0, None), (90, None)]);
    let now = paid_at().plus_days(8);
    assert_eq!(
        codes(&order, &[1, 2, 3], &[(1, 1)], now),
        ["refund.deadline_passed", "refund.attempts_exceeded", "refund.not_self_refundable"]
    );
}

#[test]
fn what_the_order_forbids_comes_first_and_hides_nothing() {
    let mut order = order(&[(7, Some(0)), (7, None), (7, None)]);
    let request = |n, lines: &[u128]| RefundRequest {
        id: Id::new(Ulid::from(n)),
        lines: Some(lines.iter().map(|n| line(*n)).collect()),
        source: RefundSource::Buyer,
        reason: "not for me".to_owned(),
    };
    let _ = order.request_refund(request(1, &[2]), paid_at()).unwrap();
    let _ = order.settle_refund(Id::new(Ulid::from(1)), true, paid_at()).unwrap();
    let _ = order.request_refund(request(2, &[3]), paid_at()).unwrap();
    let now = paid_at().plus_days(8);
    assert_eq!(
        codes(&order, &[9, 2, 1], &[(1, 1)], now),
        [
            "refund.in_progress",
            "refund.unknown_line",
            "refund.already_refunded",
            "refund.deadline_passed",
            "refund.attempts_exceeded"
        ]
    );
    let lines = [line(9), line(2), line(1)];
    let refusals = RefundEligibilityPolicy::refusals(&order, Some(&lines), &BTreeMap::new(), now);
    let about: Vec<_> = refusals.iter().map(RefundRefusal::line).collect();
    assert_eq!(about, [None, Some(line(9)), Some(line(2)), Some(line(1)), Some(line(1))]);
    assert_eq!(codes(&order, &[], &[], now), ["refund.in_progress", "refund.no_lines"]);
}
