//! Receipts of random carts prove themselves, and a receipt of wrong numbers does not.

use proptest::prelude::*;

use super::*;
use crate::{
    kernel::{Aggregate, Timestamp},
    marketplace::{
        order::{NewOrder, Order, RefundRequest},
        services::{
            AppliedTerms, PricedCart,
            pricing::{
                CartLine, PricingCalculator,
                tests::{any_cart, any_coupons, cart, id},
            },
        },
    },
};

fn usd(minor: i64) -> Money {
    Money::from_minor_units(minor, Currency::parse("USD").unwrap()).unwrap()
}

fn now() -> Timestamp {
    "2026-04-20T12:00:00Z".parse().unwrap()
}

fn placed(cart: PricedCart) -> Order {
    let new = NewOrder {
        id: id(7),
        saga_id: id(8),
        buyer_tenant_id: "school".parse().unwrap(),
        buyer_user_id: "ana".parse().unwrap(),
        quote_id: None,
        cart,
    };
    Order::place(new, now()).unwrap()
}

/// Asks for the payment with these taxes, pays and fulfils.
fn fulfilled(mut order: Order, taxes: &[Money]) -> Order {
    let ids: Vec<OrderLineId> = order.data().lines.iter().map(|line| line.id).collect();
    let taxes: Vec<_> = ids.iter().copied().zip(taxes.iter().copied()).collect();
    let intent = "pi_1".parse().unwrap();
    let _ = order.request_payment(&taxes, Some("pi_1".parse().unwrap()), now()).unwrap();
    let due = order.data().totals.unwrap();
    let _ = order.record_payment(&intent, "pay_1".parse().unwrap(), due, now()).unwrap();
    let licenses: Vec<_> = (1..).zip(&ids).map(|(n, line)| (*line, id(n))).collect();
    let _ = order.fulfill(&licenses, now()).unwrap();
    order
}

fn receipt(order: &Order) -> Receipt {
    Receipt::of(order.data(), order.refunds())
}

fn broken(receipt: &Receipt) -> Vec<&'static str> {
    receipt.checks.iter().filter(|check| !check.holds()).map(|check| check.name).collect()
}

/// 9.99, 0.07 and 33.33, of which a third less a bit is taken off.
fn priced() -> PricedCart {
    let coupons = [crate::marketplace::coupon::CouponTerms {
        coupon_id: id(1),
        code: "THIRD".parse().unwrap(),
        discount: Discount::percent(33).unwrap(),
        provider_scope: None,
        owner: crate::marketplace::values::Owner::Platform,
    }];
    let lines = [999, 7, 3_333].into_iter().zip(1..).map(|(price, n)| line(n, price)).collect();
    PricingCalculator::price(cart(lines), &coupons).unwrap()
}

fn line(n: u128, price: i64) -> CartLine {
    crate::marketplace::services::pricing::tests::line(n, usd(price))
}

#[test]
fn a_coupon_is_shown_with_its_base_its_fractions_and_where_the_units_left_over_went() {
    let receipt = receipt(&placed(priced()));
    assert_eq!(broken(&receipt), [""; 0]);
    let coupon = &receipt.coupons[0];
    // 33 % of 43.39 is 14.3187: 14.32, which leaves 29.07.
    assert_eq!(coupon.base, Some(usd(4_339)));
    assert_eq!(coupon.exact, Some(Ratio { numerator: 143_187, denominator: 100 }));
    assert_eq!((coupon.amount, coupon.remaining), (usd(1_432), Some(usd(2_907))));
    let shares: Vec<_> = coupon.lines.iter().map(|line| line.share.unwrap()).collect();
    // 1432 * 999 / 4339 = 329.7, 1432 * 7 / 4339 = 2.3, 1432 * 3333 / 4339 = 1099.99.
    assert_eq!(shares[0].exact, Ratio { numerator: 1_432 * 999, denominator: 4_339 });
    let floors: Vec<_> = shares.iter().map(|share| (share.floor, share.remainder_unit)).collect();
    assert_eq!(floors, [(usd(329), true), (usd(2), false), (usd(1_099), true)]);
    let after: Vec<_> = coupon.lines.iter().map(|line| line.after).collect();
    assert_eq!(after, [usd(669), usd(5), usd(2_233)]);
}

#[test]
fn the_odd_unit_of_a_split_is_where_its_share_says() {
    let receipt = receipt(&placed(PricingCalculator::price(cart(vec![line(1, 645)]), &[]).unwrap()));
    let split = &receipt.lines[0].split;
    // 15 % of 6.45 is 0.9675, 85 % is 5.4825: the platform's fraction is the larger.
    assert_eq!(split.fee.exact, Ratio { numerator: 645 * 1_500, denominator: 10_000 });
    assert_eq!((split.fee.floor, split.fee.remainder_unit, split.fee.amount), (usd(96), true, usd(97)));
    assert_eq!((split.provider.remainder_unit, split.provider.amount), (false, usd(548)));
}

#[test]
fn taxes_say_whether_they_are_a_total_that_was_spread() {
    let nets: Vec<Money> = priced().lines.iter().map(|line| line.net).collect();
    let spread = PricingCalculator::allocate_tax(usd(240), &nets).unwrap();
    let allocated = receipt(&fulfilled(placed(priced()), &spread));
    assert_eq!(allocated.tax_basis, Some(TaxBasis::Allocated));
    assert_eq!(broken(&allocated), [""; 0]);
    let named = receipt(&fulfilled(placed(priced()), &[usd(0), usd(240), usd(0)]));
    assert_eq!((named.tax_basis, named.lines[0].tax_share), (Some(TaxBasis::PerLine), None));
    assert_eq!(broken(&named), [""; 0]);
    let unanswered = receipt(&placed(priced()));
    assert_eq!((unanswered.tax_basis, unanswered.totals), (None, None));
}

#[test]
fn a_discount_stored_without_its_terms_is_shown_without_its_derivation() {
    let mut cart = priced();
    let json = serde_json::to_value(&cart.discounts[0]).unwrap();
    let mut old = json.clone();
    old.as_object_mut().unwrap().remove("terms");
    cart.discounts = vec![serde_json::from_value(old).unwrap()];
    let receipt = receipt(&placed(cart));
    assert_eq!(broken(&receipt), [""; 0]);
    let coupon = &receipt.coupons[0];
    assert_eq!((coupon.discount, coupon.base, coupon.lines[0].share), (None, None, None));
    assert_eq!((coupon.lines[0].before, coupon.lines[0].after), (usd(999), usd(669)));
    assert!(json["terms"]["discount"]["value"] == 33);
}

#[test]
fn a_number_that_was_tampered_with_breaks_a_check() {
    type Tamper = fn(&mut OrderData);
    let order = fulfilled(placed(priced()), &[usd(10), usd(1), usd(20)]);
    let cases: [(Tamper, &str); 10] = [
        (|data| data.lines[0].unit_price = usd(998), "unitPrice * packs = subtotal"),
        (|data| data.lines[0].net = usd(670), "subtotal - discountTotal = net"),
        (|data| data.lines[0].fee_amount = usd(99), "derived fee = fee"),
        (|data| data.discounts[0].per_line.swap(0, 2), "derived share = share"),
        (|data| data.discounts[0].amount = usd(1_433), "rounded amount = amount"),
        (|data| data.discounts[0].per_line[2] = usd(9_999), "before - share = after"),
        (
            |data| {
                let terms = AppliedTerms {
                    discount: Discount::percent(34).unwrap(),
                    provider_scope: Some("somebody".parse().unwrap()),
                };
                data.discounts[0].terms = Some(terms);
            },
            "0 = share of a line that is not eligible",
        ),
        (|data| data.lines[1].tax_total = Some(usd(2)), "taxes of the lines = taxTotal"),
        (|data| data.totals = Some(usd(1)), "subtotal - discountTotal + taxTotal = totals"),
        (|data| data.refunded_total = usd(1), "refunds that succeeded = refundedTotal"),
    ];
    for (tamper, name) in cases {
        let mut data = order.data().clone();
        tamper(&mut data);
        let receipt = Receipt::of(&data, []);
        assert!(broken(&receipt).contains(&name), "{name}: {:?}", broken(&receipt));
        assert!(!receipt.holds());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_check_of_every_receipt_holds(
        lines in any_cart(),
        coupons in any_coupons(),
        taxes in prop::collection::vec(0_i64..5_000, 6),
        spread in any::<bool>(),
        refunded in 0_usize..6,
    ) {
        let Ok(priced) = PricingCalculator::price(cart(lines), &coupons) else { return Ok(()) };
        let nets: Vec<Money> = priced.lines.iter().map(|line| line.net).collect();
        let due = nets.iter().any(|net| !net.is_zero());
        let order = placed(priced);
        prop_assert!(receipt(&order).holds(), "{:?}", broken(&receipt(&order)));
        if !due {
            return Ok(());
        }
        let named: Vec<Money> = taxes.iter().take(nets.len()).map(|tax| usd(*tax)).collect();
        let taxes = if spread { PricingCalculator::allocate_tax(named[0], &nets).unwrap() } else { named };
        let mut order = fulfilled(order, &taxes);
        let line = order.data().lines[refunded % nets.len()].id;
        let source = RefundSource::Admin;
        for (n, lines) in [(1, Some(vec![line])), (2, None)] {
            let request = RefundRequest { id: id(n), lines, source, reason: "goodwill".to_owned() };
            if order.request_refund(request, now()).is_ok() {
                prop_assert!(receipt(&order).holds(), "{:?}", broken(&receipt(&order)));
                let _ = order.settle_refund(id(n), true, now()).unwrap();
            }
            prop_assert!(receipt(&order).holds(), "{:?}", broken(&receipt(&order)));
        }
        let shown = receipt(&order);
        let whole: i64 = shown.lines.iter().map(|line| line.total.unwrap().minor_units()).sum();
        prop_assert_eq!(whole, shown.totals.unwrap().minor_units());
        prop_assert_eq!(shown.refunded_total, shown.totals.unwrap());
        prop_assert!(!spread || shown.tax_basis == Some(TaxBasis::Allocated));
    }
}
