//! Tests of the shared values: what each constructor accepts and refuses.

use proptest::prelude::*;

use super::*;
use crate::kernel::Currency;

#[test]
fn l_inv_6_rejects_shares_that_are_not_a_whole() {
    for (platform, provider) in [(1_500, 8_499), (0, 0), (10_000, 1), (u32::MAX, 1)] {
        let error = RevenueShare::try_new(platform, provider).unwrap_err();
        assert_eq!(error.invariant(), Some(L_INV_6));
    }
    assert!(serde_json::from_str::<RevenueShare>(r#"{"platformBps":1,"providerBps":1}"#).is_err());
}

#[test]
fn l_inv_6_allows_every_split_of_ten_thousand() {
    for platform in [0, 1, 1_500, 10_000] {
        assert!(RevenueShare::try_new(platform, 10_000 - platform).is_ok());
    }
    assert_eq!(RevenueShare::try_new(1_500, 8_500), Ok(RevenueShare::DEFAULT));
}

#[test]
fn c_inv_3_rejects_a_percentage_outside_one_to_a_hundred() {
    for value in [0, 101, u32::MAX] {
        assert_eq!(Discount::percent(value).unwrap_err().invariant(), Some(C_INV_3));
    }
    assert!(serde_json::from_str::<Discount>(r#"{"kind":"percent","value":101}"#).is_err());
}

#[test]
fn c_inv_3_allows_one_to_a_hundred_percent() {
    for value in 1..=100 {
        assert_eq!(Discount::percent(value), Ok(Discount::Percent { value }));
    }
}

#[test]
fn a_fixed_discount_takes_something_off() {
    let usd = Currency::parse("USD").unwrap();
    assert_eq!(Discount::fixed(Money::zero(usd)), Err(ValueError::ZeroDiscount));
    let discount = Discount::fixed(Money::parse("5.00", usd).unwrap()).unwrap();
    let json = serde_json::to_string(&discount).unwrap();
    assert_eq!(json, r#"{"kind":"fixed","amount":{"amount":"5.00","currency":"USD"}}"#);
    assert_eq!(serde_json::from_str::<Discount>(&json).unwrap(), discount);
}

#[test]
fn refund_days_run_from_zero_to_ninety() {
    assert!(RefundPolicy::try_new(0, None).is_ok());
    assert!(RefundPolicy::try_new(90, Some(3)).is_ok());
    assert_eq!(RefundPolicy::try_new(91, None), Err(ValueError::RefundDays(91)));
}

#[test]
fn a_code_has_one_spelling() {
    for text in ["summer-26", " SUMMER-26 ", "ｓｕｍｍｅｒ－２６"] {
        assert_eq!(text.parse::<CouponCode>().unwrap().as_str(), "SUMMER-26");
    }
    for bad in ["", "AB", "HAS SPACE", "ÄÖÜ", &"A".repeat(33), &"x".repeat(10_000)] {
        assert_eq!(bad.parse::<CouponCode>(), Err(ValueError::CouponCode), "{bad}");
    }
}

#[test]
fn a_seat_count_is_at_least_one() {
    assert_eq!(SeatCount::try_new(0), Err(ValueError::NoSeats));
    assert_eq!(SeatCount::try_new(7).unwrap().get(), 7);
    assert!(serde_json::from_str::<SeatCount>("0").is_err());
}

proptest! {
    #[test]
    fn a_code_that_parses_stays_itself(text in ".{0,40}") {
        if let Ok(code) = text.parse::<CouponCode>() {
            prop_assert_eq!(code.as_str().parse::<CouponCode>(), Ok(code.clone()));
        }
    }
}
