//! How long the largest order takes to price: 50 lines of four providers with 5 coupons.

use std::error::Error;

use divan::Bencher;
use sarai_domain::{
    kernel::{CourseId, CourseVersionId, Currency, Id, Money, TenantId},
    marketplace::{
        coupon::CouponTerms,
        listing::Offer,
        services::pricing::{Cart, CartLine, MAX_LINES, PricingCalculator},
        values::{Discount, Owner, PlanKind, RefundPolicy, RevenueShare, SeatCount},
    },
};
use ulid::Ulid;

fn main() {
    divan::main();
}

fn provider(number: u128) -> Result<TenantId, Box<dyn Error>> {
    Ok(TenantId::try_new(format!("provider-{}", number % 4))?)
}

fn line(number: u128, currency: Currency) -> Result<CartLine, Box<dyn Error>> {
    Ok(CartLine {
        id: Id::new(Ulid::from(number)),
        offer: Offer {
            listing_id: Id::new(Ulid::from(number)),
            provider_tenant_id: provider(number)?,
            pricing_plan_id: Id::new(Ulid::from(number)),
            plan_kind: PlanKind::SeatPack,
            price: Money::from_minor_units(1_999 + i64::try_from(number)?, currency)?,
            plan_seats: Some(SeatCount::try_new(5)?),
            interval_months: None,
            perpetual_offline_access: false,
            refund_policy: RefundPolicy::try_new(14, None)?,
            revenue_share: RevenueShare::DEFAULT,
            course_id: CourseId::try_new("crs_1")?,
            course_version_id: CourseVersionId::try_new("cv_1")?,
        },
        quantity: SeatCount::try_new(15)?,
    })
}

fn largest_order() -> Result<(Cart, Vec<CouponTerms>), Box<dyn Error>> {
    let currency = Currency::parse("USD")?;
    let lines = (0..MAX_LINES as u128).map(|number| line(number, currency)).collect::<Result<_, _>>()?;
    let fixed = Discount::fixed(Money::parse("25.01", currency)?)?;
    let coupons = (0..5)
        .map(|number| {
            Ok(CouponTerms {
                coupon_id: Id::new(Ulid::from(number)),
                code: format!("CODE-{number}").parse()?,
                discount: if number % 2 == 0 { Discount::percent(7)? } else { fixed },
                provider_scope: if number == 4 { None } else { Some(provider(number)?) },
                owner: Owner::Platform,
            })
        })
        .collect::<Result<_, Box<dyn Error>>>()?;
    Ok((Cart::try_new(currency, lines)?, coupons))
}

#[divan::bench]
fn fifty_lines_five_coupons(bencher: Bencher<'_, '_>) {
    let (cart, coupons) = match largest_order() {
        Ok(order) => order,
        Err(error) => unreachable!("the order is valid: {error}"),
    };
    // Measure the work, not the refusal of a coupon.
    assert!(PricingCalculator::price(cart.clone(), &coupons).is_ok());
    bencher
        .with_inputs(|| cart.clone())
        .bench_values(|cart| PricingCalculator::price(cart, divan::black_box(&coupons)));
}

/// An amount over as many lines as an order may have: O(n log n) in the lines.
#[divan::bench(args = [5, 50, 500])]
fn allocation(bencher: Bencher<'_, '_>, lines: u64) {
    let weights: Vec<u64> = (1..=lines).map(|line| line * 37 % 101 + 1).collect();
    let total = match Currency::parse("USD").and_then(|currency| Money::from_minor_units(1_000_003, currency))
    {
        Ok(total) => total,
        Err(error) => unreachable!("the amount is valid: {error}"),
    };
    bencher.bench(|| total.allocate(divan::black_box(&weights)));
}
