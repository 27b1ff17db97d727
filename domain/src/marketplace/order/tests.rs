//! What the order's tests build on, and its parts.

#![allow(clippy::needless_pass_by_value, reason = "a command's result is handed over where it is made")]

use ulid::Ulid;

use super::*;
use crate::{
    kernel::{Coded, Currency, Id, Invariant, Money, PaymentId, Timestamp},
    marketplace::{
        listing::Offer,
        services::{AppliedDiscount, PricedCart, PricedLine},
        values::{PlanKind, RefundPolicy, RevenueShare, SeatCount},
    },
};

mod closing;
mod paying;
mod placing;
mod refunding;
mod table;
mod walk;

const INTENT: &str = "pi_1";

fn usd(minor: i64) -> Money {
    Money::from_minor_units(minor, Currency::parse("USD").unwrap()).unwrap()
}

fn euro(minor: i64) -> Money {
    Money::from_minor_units(minor, Currency::parse("EUR").unwrap()).unwrap()
}

/// The `n`th id of a kind.
fn id<K>(n: u128) -> Id<K>
where
    K: crate::kernel::IdKind,
{
    Id::new(Ulid::from(n))
}

fn intent() -> PaymentIntentId {
    INTENT.parse().unwrap()
}

fn payment(text: &str) -> PaymentId {
    text.parse().unwrap()
}

/// This many days after noon of 20 April 2026.
fn day(days: u32) -> Timestamp {
    "2026-04-20T12:00:00Z".parse::<Timestamp>().unwrap().plus_days(days)
}

/// Line `n` with its price, discount (minor units) and refund days, shared 30 to 70.
fn line(n: u128, price: i64, discount: i64, days: u32) -> PricedLine {
    let net = usd(price - discount);
    let fee = net.basis_points(3_000).unwrap();
    PricedLine {
        id: id(n),
        offer: Offer {
            listing_id: id(n),
            provider_tenant_id: format!("provider-{n}").parse().unwrap(),
            pricing_plan_id: id(n),
            plan_kind: PlanKind::OneTime,
            price: usd(price),
            plan_seats: None,
            interval_months: None,
            perpetual_offline_access: true,
            refund_policy: RefundPolicy::try_new(days, None).unwrap(),
            revenue_share: RevenueShare::try_new(3_000, 7_000).unwrap(),
            course_id: format!("crs_{n}").parse().unwrap(),
            course_version_id: format!("cv_{n}").parse().unwrap(),
        },
        quantity: SeatCount::ONE,
        packs: 1,
        unit_price: usd(price),
        subtotal: usd(price),
        discount_total: usd(discount),
        net,
        fee_amount: fee,
        provider_amount: net.checked_sub(&fee).unwrap(),
    }
}

fn cart(lines: Vec<PricedLine>) -> PricedCart {
    let currency = Currency::parse("USD").unwrap();
    let per_line: Vec<Money> = lines.iter().map(|line| line.discount_total).collect();
    let discount_total = Money::sum(currency, &per_line).unwrap();
    let code = "SPRING".parse().unwrap();
    let coupon = AppliedDiscount {
        coupon_id: id(1),
        code,
        amount: discount_total,
        per_line,
        terms: None,
        owner: None,
    };
    PricedCart {
        currency,
        subtotal: Money::sum(currency, lines.iter().map(|line| &line.subtotal)).unwrap(),
        lines,
        discounts: if discount_total.is_zero() { vec![] } else { vec![coupon] },
        discount_total,
    }
}

/// 6.45, 19.99 and 10.00, of which 1.00 is taken off the last; the second can be returned for 7 days only.
fn three_lines() -> PricedCart {
    cart(vec![line(1, 645, 0, 14), line(2, 1_999, 0, 7), line(3, 1_000, 100, 30)])
}

/// One line that a coupon pays for.
fn free_cart() -> PricedCart {
    cart(vec![line(1, 500, 500, 14)])
}

fn new_order(cart: PricedCart) -> NewOrder {
    NewOrder {
        id: id(7),
        saga_id: id(8),
        buyer_tenant_id: "school".parse().unwrap(),
        buyer_user_id: "ana".parse().unwrap(),
        quote_id: None,
        cart,
    }
}

fn placed(cart: PricedCart) -> Order {
    Order::place(new_order(cart), day(0)).unwrap()
}

/// Tax of 1.01, 1.02, 1.03 … on the lines of an order that costs something.
fn taxes(order: &Order) -> Vec<(OrderLineId, Money)> {
    let free = order.is_free();
    let lines = order.data().lines.iter().enumerate();
    lines.map(|(at, line)| (line.id, usd(if free { 0 } else { 101 + i64::try_from(at).unwrap() }))).collect()
}

fn pending(cart: PricedCart) -> Order {
    let mut order = placed(cart);
    let taxes = taxes(&order);
    let due = !order.is_free();
    applied(order.request_payment(&taxes, due.then(intent), day(0)));
    order
}

fn paid(cart: PricedCart) -> Order {
    let mut order = pending(cart);
    let totals = order.data().totals.unwrap();
    applied(if totals.is_zero() {
        order.mark_paid_free(day(1))
    } else {
        order.record_payment(&intent(), payment("pay_1"), totals, day(1))
    });
    order
}

fn licenses(order: &Order) -> Vec<(OrderLineId, LicenseId)> {
    order.data().lines.iter().map(|line| (line.id, Id::new(line.id.ulid()))).collect()
}

fn fulfilled(cart: PricedCart) -> Order {
    let mut order = paid(cart);
    let licenses = licenses(&order);
    applied(order.fulfill(&licenses, day(2)));
    order
}

fn failed(cart: PricedCart) -> Order {
    let mut order = pending(cart);
    applied(order.fail(FailureReason::PaymentTimeout, day(1)));
    order
}

/// Refund `n` by the buyer of some lines, or of all that are left.
fn wish(n: u128, lines: Option<&[u128]>) -> RefundRequest {
    let lines = lines.map(|lines| lines.iter().map(|line| id(*line)).collect());
    RefundRequest { id: id(n), lines, source: RefundSource::Buyer, reason: "not for me".to_owned() }
}

fn compensation(n: u128) -> RefundRequest {
    RefundRequest { source: RefundSource::Compensation, ..wish(n, None) }
}

#[track_caller]
fn applied(result: Result<Outcome, OrderError>) {
    assert_eq!(result, Ok(Outcome::Applied));
}

#[track_caller]
fn unchanged(result: Result<Outcome, OrderError>) {
    assert_eq!(result, Ok(Outcome::AlreadyApplied));
}

#[track_caller]
fn violates(invariant: Invariant, result: Result<impl std::fmt::Debug, OrderError>) {
    assert_eq!(result.unwrap_err().invariant(), Some(invariant));
}

fn last(order: &Order) -> &OrderEvent {
    order.pending().last().unwrap()
}

/// The order as a store gives it back, after something was done to what is stored.
fn stored(order: &Order, change: impl FnOnce(&mut OrderData, &mut Vec<Refund>)) -> Result<Order, OrderError> {
    let (mut data, mut refunds) = (order.data().clone(), order.refunds().cloned().collect());
    change(&mut data, &mut refunds);
    Order::rehydrate(data, refunds, 3)
}
