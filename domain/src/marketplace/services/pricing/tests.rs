//! Tests of the cart and its pricing.

use proptest::prelude::*;
use ulid::Ulid;

use super::*;
use crate::{
    kernel::{Coded, CourseId, CourseVersionId, Id, IdKind, Kind, TenantId},
    marketplace::{
        invariants::{C_INV_4, O_INV_1, O_INV_5},
        listing::Offer,
        values::{Owner, PlanKind, RefundPolicy, RevenueShare, SeatCount},
    },
};

pub(in crate::marketplace::services) fn id<K: IdKind>(number: u128) -> Id<K> {
    Id::new(Ulid::from(number))
}

fn provider(number: u8) -> TenantId {
    TenantId::try_new(format!("provider-{number}")).unwrap()
}

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn usd(minor: i64) -> Money {
    Money::from_minor_units(minor, currency("USD")).unwrap()
}

/// A one-time line of provider 1, its own listing and plan.
pub(in crate::marketplace::services) fn line(number: u128, price: Money) -> CartLine {
    CartLine {
        id: id(number),
        offer: Offer {
            listing_id: id(number),
            provider_tenant_id: provider(1),
            pricing_plan_id: id(number),
            plan_kind: PlanKind::OneTime,
            price,
            plan_seats: None,
            interval_months: None,
            perpetual_offline_access: false,
            refund_policy: RefundPolicy::try_new(14, None).unwrap(),
            revenue_share: RevenueShare::DEFAULT,
            course_id: CourseId::try_new("crs_1").unwrap(),
            course_version_id: CourseVersionId::try_new("cv_1").unwrap(),
        },
        quantity: SeatCount::ONE,
    }
}

fn of_provider(number: u8, line: CartLine) -> CartLine {
    CartLine { offer: Offer { provider_tenant_id: provider(number), ..line.offer }, ..line }
}

fn seats(line: CartLine, pack: u32, quantity: u32) -> CartLine {
    let plan_seats = Some(SeatCount::try_new(pack).unwrap());
    CartLine {
        offer: Offer { plan_kind: PlanKind::SeatPack, plan_seats, ..line.offer },
        quantity: SeatCount::try_new(quantity).unwrap(),
        ..line
    }
}

pub(in crate::marketplace::services) fn cart(lines: Vec<CartLine>) -> Cart {
    Cart::try_new(currency("USD"), lines).unwrap()
}

fn refused(lines: Vec<CartLine>) -> PricingError {
    Cart::try_new(currency("USD"), lines).unwrap_err()
}

fn coupon(number: u128, discount: Discount, scope: Option<u8>) -> CouponTerms {
    CouponTerms {
        coupon_id: id(number),
        code: format!("CODE-{number}").parse().unwrap(),
        discount,
        provider_scope: scope.map(provider),
        owner: Owner::Platform,
    }
}

fn percent(value: u32) -> Discount {
    Discount::percent(value).unwrap()
}

fn fixed(minor: i64) -> Discount {
    Discount::fixed(usd(minor)).unwrap()
}

fn minor(amounts: &[Money]) -> Vec<i64> {
    amounts.iter().map(Money::minor_units).collect()
}

fn price_error(lines: Vec<CartLine>, coupons: &[CouponTerms]) -> PricingError {
    PricingCalculator::price(cart(lines), coupons).unwrap_err()
}

#[test]
fn o_inv_1_rejects_a_line_in_another_currency() {
    let euro = Money::zero(currency("EUR"));
    let error = refused(vec![line(1, usd(100)), line(2, euro)]);
    assert_eq!((error.code(), error.invariant()), ("order.currency_mismatch", Some(O_INV_1)));
    let error = Cart::try_new(currency("EUR"), vec![line(1, usd(100))]).unwrap_err();
    assert_eq!(error.invariant(), Some(O_INV_1));
}

#[test]
fn o_inv_1_allows_lines_in_the_order_s_currency() {
    for currency in Currency::all() {
        let price = Money::from_minor_units(500, currency).unwrap();
        let cart = Cart::try_new(currency, vec![line(1, price), line(2, price)]).unwrap();
        let priced = PricingCalculator::price(cart, &[]).unwrap();
        assert_eq!((priced.currency, priced.subtotal.currency()), (currency, currency));
    }
}

#[test]
fn o_inv_5_rejects_fifty_one_lines() {
    let error = refused((0..51).map(|number| line(number, usd(1))).collect());
    assert_eq!((error.code(), error.invariant()), ("order.too_many_lines", Some(O_INV_5)));
}

#[test]
fn o_inv_5_allows_one_to_fifty_lines() {
    for count in [1, 50] {
        let lines = (0..count).map(|number| line(number, usd(1))).collect();
        assert!(Cart::try_new(currency("USD"), lines).is_ok());
    }
    assert_eq!(refused(Vec::new()), PricingError::NoLines);
}

#[test]
fn a_plan_of_a_listing_is_bought_once_and_two_plans_of_it_twice() {
    let again = CartLine { id: id(2), ..line(1, usd(100)) };
    assert_eq!(refused(vec![line(1, usd(100)), again.clone()]), PricingError::DuplicateLine { line: id(2) });
    let other_plan = CartLine { offer: Offer { pricing_plan_id: id(7), ..again.offer }, ..again };
    assert_eq!(cart(vec![line(1, usd(100)), other_plan]).lines().len(), 2);
}

#[test]
fn a_seat_pack_is_sold_in_whole_packs_and_a_refusal_names_the_nearest() {
    for (pack, quantity, nearest) in [
        (5, 3, [None, Some(5)]),
        (5, 12, [Some(10), Some(15)]),
        (2, u32::MAX, [Some(u32::MAX - 1), None]),
        (u32::MAX, 1, [None, Some(u32::MAX)]),
    ] {
        let error = refused(vec![seats(line(1, usd(1)), pack, quantity)]);
        assert_eq!(error, PricingError::QuantityNotMultiple { line: id(1), quantity, pack, nearest });
    }
    let priced = PricingCalculator::price(cart(vec![seats(line(1, usd(999)), 5, 15)]), &[]).unwrap();
    assert_eq!((priced.lines[0].packs, priced.lines[0].quantity.get()), (3, 15));
    assert_eq!(priced.subtotal, usd(2_997));
}

#[test]
fn everything_but_a_seat_pack_is_bought_once() {
    for plan_kind in [PlanKind::OneTime, PlanKind::Subscription, PlanKind::SiteLicense] {
        let plain = line(1, usd(100));
        let two = CartLine {
            offer: Offer { plan_kind, plan_seats: SeatCount::try_new(2).ok(), ..plain.offer },
            quantity: SeatCount::try_new(2).unwrap(),
            ..plain
        };
        assert_eq!(refused(vec![two.clone()]), PricingError::QuantityMustBeOne { line: id(1), quantity: 2 });
        let priced = PricingCalculator::price(cart(vec![CartLine { quantity: SeatCount::ONE, ..two }]), &[]);
        assert_eq!(priced.unwrap().lines[0].packs, 1);
    }
}

#[test]
fn an_amount_beyond_64_bits_is_refused_not_wrapped() {
    let overflow = PricingError::Money(MoneyError::Overflow);
    assert_eq!(price_error(vec![seats(line(1, usd(i64::MAX)), 1, 2)], &[]), overflow);
    assert_eq!(price_error(vec![line(1, usd(i64::MAX)), line(2, usd(1))], &[]), overflow);
    let all = PricingCalculator::price(cart(vec![line(1, usd(i64::MAX))]), &[coupon(1, percent(100), None)]);
    assert_eq!(all.unwrap().discount_total, usd(i64::MAX));
}

#[test]
fn c_inv_4_rejects_a_fixed_coupon_in_another_currency() {
    let euro = Discount::fixed(Money::parse("5", currency("EUR")).unwrap()).unwrap();
    let error = price_error(vec![line(1, usd(1_000))], &[coupon(1, euro, None)]);
    assert_eq!((error.code(), error.invariant()), ("coupon.currency_mismatch", Some(C_INV_4)));
}

#[test]
fn c_inv_4_allows_a_fixed_coupon_in_the_order_s_currency() {
    let priced =
        PricingCalculator::price(cart(vec![line(1, usd(1_000))]), &[coupon(1, fixed(500), None)]).unwrap();
    assert_eq!((priced.discount_total, priced.lines[0].net), (usd(500), usd(500)));
}

#[test]
fn coupons_apply_percent_first_then_fixed_and_each_sees_what_is_left() {
    let lines = vec![
        line(1, usd(1_000)),
        of_provider(2, line(2, usd(333))),
        of_provider(2, seats(line(3, usd(250)), 5, 10)),
    ];
    // Given backwards: fixed ones first, the higher id before the lower.
    let coupons =
        [coupon(4, fixed(200), Some(1)), coupon(2, fixed(100), None), coupon(3, percent(15), Some(2))];
    let priced = PricingCalculator::price(cart(lines), &coupons).unwrap();

    let applied: Vec<_> = priced
        .discounts
        .iter()
        .map(|d| (d.code.to_string(), d.amount.minor_units(), minor(&d.per_line)))
        .collect();
    // 15 % of 833 is 124.95; it leaves 283 and 425. 100 over 1000, 283, 425: 58.55, 16.57, 24.88.
    // 200 of what is then left of provider 1's only line.
    let expected = [
        ("CODE-3", 125, vec![0, 50, 75]),
        ("CODE-2", 100, vec![58, 17, 25]),
        ("CODE-4", 200, vec![200, 0, 0]),
    ];
    assert_eq!(applied, expected.map(|(code, amount, parts)| (code.to_owned(), amount, parts)));

    let nets: Vec<_> = priced.lines.iter().map(|line| line.net).collect();
    assert_eq!(minor(&nets), [742, 266, 400]);
    assert_eq!((priced.subtotal, priced.discount_total), (usd(1_833), usd(425)));
    let fees: Vec<_> = priced.lines.iter().map(|line| line.fee_amount).collect();
    assert_eq!(minor(&fees), [111, 40, 60]);
}

#[test]
fn a_fixed_coupon_worth_more_than_the_order_makes_it_free_and_no_line_negative() {
    let lines = vec![line(1, usd(1)), line(2, usd(0)), line(3, usd(98))];
    let priced = PricingCalculator::price(cart(lines), &[coupon(1, fixed(10_000), None)]).unwrap();
    assert_eq!(priced.discount_total, usd(99));
    assert!(priced.lines.iter().all(|line| line.net.is_zero() && line.provider_amount.is_zero()));
}

#[test]
fn a_coupon_that_takes_nothing_off_is_refused() {
    let no_line_of_the_provider = [coupon(1, percent(50), Some(2))];
    let nothing_left = [coupon(1, percent(100), None), coupon(2, fixed(1), Some(1))];
    for coupons in [&no_line_of_the_provider[..], &nothing_left[..]] {
        let error = price_error(vec![line(1, usd(100))], coupons);
        assert_eq!(error.code(), "coupon.not_applicable");
    }
    let rounds_to_nothing = price_error(vec![line(1, usd(4))], &[coupon(1, percent(10), None)]);
    assert_eq!(rounds_to_nothing.code(), "coupon.not_applicable");
}

#[test]
fn one_unscoped_coupon_and_one_per_provider_stack_and_no_more() {
    let lines = || vec![line(1, usd(1_000)), of_provider(2, line(2, usd(1_000)))];
    let stack =
        [coupon(1, percent(10), None), coupon(2, percent(10), Some(1)), coupon(3, fixed(10), Some(2))];
    assert_eq!(PricingCalculator::price(cart(lines()), &stack).unwrap().discounts.len(), 3);
    for scope in [None, Some(1)] {
        let mut more = stack.to_vec();
        more.push(coupon(4, fixed(10), scope));
        assert_eq!(price_error(lines(), &more).code(), "coupon.not_stackable");
    }
}

#[test]
fn at_most_five_coupons_apply() {
    let lines = || (1..=6).map(|n| of_provider(n, line(u128::from(n), usd(1_000)))).collect::<Vec<_>>();
    let coupons: Vec<_> = (1..=6).map(|n| coupon(u128::from(n), percent(10), Some(n))).collect();
    assert!(PricingCalculator::price(cart(lines()), &coupons[..5]).is_ok());
    assert_eq!(price_error(lines(), &coupons), PricingError::TooManyCoupons { coupons: 6, max: 5 });
}

#[test]
fn a_coupon_given_twice_applies_once() {
    let once = coupon(1, percent(10), None);
    let priced =
        |coupons: &[CouponTerms]| PricingCalculator::price(cart(vec![line(1, usd(1_000))]), coupons).unwrap();
    assert_eq!(priced(&[once.clone(), once.clone()]), priced(std::slice::from_ref(&once)));
    let contradiction = [once.clone(), CouponTerms { provider_scope: Some(provider(1)), ..once }];
    let error = price_error(vec![line(1, usd(1_000))], &contradiction);
    assert_eq!(error.code(), "coupon.not_stackable");
}

#[test]
fn every_refusal_is_input_to_correct() {
    assert_eq!(PricingError::NoLines.kind(), Kind::Invalid);
    assert_eq!(PricingError::NoLines.code(), "order.no_lines");
    assert_eq!(PricingError::DuplicateLine { line: id(1) }.code(), "order.duplicate_line");
    assert_eq!(refused(vec![seats(line(1, usd(1)), 5, 3)]).code(), "order.quantity_not_multiple");
    let quantity = PricingError::QuantityMustBeOne { line: id(1), quantity: 2 };
    assert_eq!(quantity.code(), "order.quantity_must_be_one");
    assert_eq!(PricingError::TooManyCoupons { coupons: 6, max: 5 }.code(), "coupon.too_many");
    assert_eq!(PricingError::from(MoneyError::Overflow).code(), "money.overflow");
}

#[test]
fn a_tax_total_is_spread_over_the_net_amounts() {
    let taxes = PricingCalculator::allocate_tax(usd(100), &[usd(1), usd(0), usd(2)]).unwrap();
    assert_eq!(minor(&taxes), [33, 0, 67]);
    assert_eq!(minor(&PricingCalculator::allocate_tax(usd(0), &[usd(0)]).unwrap()), [0]);
    assert!(PricingCalculator::allocate_tax(usd(1), &[usd(0)]).is_err());
    let euro = Money::zero(currency("EUR"));
    assert!(PricingCalculator::allocate_tax(usd(1), &[usd(1), euro]).is_err());
}

#[test]
fn a_priced_cart_survives_its_json() {
    let priced =
        PricingCalculator::price(cart(vec![line(1, usd(1_000))]), &[coupon(1, percent(10), None)]).unwrap();
    let json = serde_json::to_string(&priced).unwrap();
    assert_eq!(serde_json::from_str::<PricedCart>(&json).unwrap(), priced);
}

pub(in crate::marketplace::services) fn any_cart() -> impl Strategy<Value = Vec<CartLine>> {
    let any_line = (0_i64..=20_000, 1_u8..=3, 1_u32..=4, 1_u32..=3, 0_u32..=10_000);
    prop::collection::vec(any_line, 1..=6).prop_map(|lines| {
        (1_u128..)
            .zip(lines)
            .map(|(number, (price, seller, pack, packs, bps))| {
                let mut line = of_provider(seller, seats(line(number, usd(price)), pack, pack * packs));
                line.offer.revenue_share = RevenueShare::try_new(bps, 10_000 - bps).unwrap();
                line
            })
            .collect()
    })
}

/// Coupons that stack, in any order: at most one a scope, ids unrelated to scopes.
pub(in crate::marketplace::services) fn any_coupons() -> impl Strategy<Value = Vec<CouponTerms>> {
    let discount = prop_oneof![(1_u32..=100).prop_map(percent), (1_i64..=30_000).prop_map(fixed)];
    let scopes = prop::sample::subsequence(vec![None, Some(1), Some(2), Some(3)], 0..=4).prop_shuffle();
    (scopes, prop::collection::vec(discount, 4)).prop_map(|(scopes, discounts)| {
        let numbered = (1_u128..).zip(scopes.into_iter().zip(discounts));
        numbered.map(|(number, (scope, discount))| coupon(number, discount, scope)).collect()
    })
}

fn total(amounts: impl IntoIterator<Item = Money>) -> i64 {
    amounts.into_iter().map(|amount| amount.minor_units()).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn every_sum_is_exact_and_no_line_goes_below_zero(lines in any_cart(), coupons in any_coupons()) {
        let Ok(priced) = PricingCalculator::price(cart(lines), &coupons) else { return Ok(()) };

        prop_assert_eq!(priced.subtotal.minor_units(), total(priced.lines.iter().map(|line| line.subtotal)));
        prop_assert_eq!(
            priced.discount_total.minor_units(),
            total(priced.discounts.iter().map(|discount| discount.amount))
        );
        for discount in &priced.discounts {
            prop_assert_eq!(discount.amount.minor_units(), total(discount.per_line.iter().copied()));
            prop_assert_eq!(discount.per_line.len(), priced.lines.len());
        }
        for (index, line) in priced.lines.iter().enumerate() {
            let off = total(priced.discounts.iter().map(|discount| discount.per_line[index]));
            prop_assert_eq!(line.discount_total.minor_units(), off);
            prop_assert!(off <= line.subtotal.minor_units());
            prop_assert_eq!(line.net.minor_units(), line.subtotal.minor_units() - off);
            prop_assert_eq!(total([line.fee_amount, line.provider_amount]), line.net.minor_units());
        }
    }

    #[test]
    fn the_order_in_which_coupons_are_given_changes_nothing(
        lines in any_cart(),
        (coupons, shuffled) in any_coupons().prop_flat_map(|c| (Just(c.clone()), Just(c).prop_shuffle())),
    ) {
        prop_assert_eq!(
            PricingCalculator::price(cart(lines.clone()), &coupons),
            PricingCalculator::price(cart(lines), &shuffled)
        );
    }

    #[test]
    fn a_scoped_coupon_touches_only_its_provider_s_lines(lines in any_cart(), coupons in any_coupons()) {
        let Ok(priced) = PricingCalculator::price(cart(lines), &coupons) else { return Ok(()) };
        for discount in &priced.discounts {
            let terms = coupons.iter().find(|terms| terms.coupon_id == discount.coupon_id).unwrap();
            for (line, part) in priced.lines.iter().zip(&discount.per_line) {
                let eligible = terms.provider_scope.as_ref().is_none_or(|p| *p == line.offer.provider_tenant_id);
                prop_assert!(eligible || part.is_zero());
            }
        }
    }

    #[test]
    fn a_percentage_is_taken_once_of_the_whole_and_rounded_once(lines in any_cart(), value in 1_u32..=100) {
        let subtotal = total(lines.iter().map(|line| line.offer.price.checked_mul(line.packs().unwrap()).unwrap()));
        // Half away from zero, in whole minor units.
        let expected = (subtotal * i64::from(value) * 2 + 100) / 200;
        match PricingCalculator::price(cart(lines), &[coupon(1, percent(value), None)]) {
            Ok(priced) => prop_assert_eq!(priced.discount_total.minor_units(), expected),
            Err(error) => {
                prop_assert_eq!(error.code(), "coupon.not_applicable");
                prop_assert_eq!(expected, 0);
            }
        }
    }

    #[test]
    fn a_spread_tax_sums_to_its_total(tax in 0_i64..=i64::MAX, nets in prop::collection::vec(1_i64..=i64::MAX, 1..50)) {
        let nets: Vec<_> = nets.into_iter().map(usd).collect();
        let parts = PricingCalculator::allocate_tax(usd(tax), &nets).unwrap();
        prop_assert_eq!(total(parts), tax);
    }
}
