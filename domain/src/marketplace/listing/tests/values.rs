//! Tests of a listing's values: plan terms and marketing.

use super::super::*;
use crate::{
    kernel::{Coded, Currency, Kind, Money},
    marketplace::{
        invariants::{L_INV_4, L_INV_5, L_INV_10},
        values::PlanKind::{self, OneTime, SeatPack, SiteLicense, Subscription},
    },
};

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn terms(kind: PlanKind, seats: Option<u32>, months: Option<u32>) -> Result<PlanTerms, ListingError> {
    let price = Money::parse("10.00", currency("USD")).unwrap();
    PlanTerms::try_new(kind, price, None, seats, months, false, true)
}

#[test]
fn l_inv_4_rejects_a_subscription_without_an_interval() {
    for months in [None, Some(0)] {
        let error = terms(Subscription, None, months).unwrap_err();
        assert_eq!((error.invariant(), error.kind()), (Some(L_INV_4), Kind::Invalid));
    }
}

#[test]
fn l_inv_4_allows_a_subscription_with_an_interval() {
    for months in [1, 12, u32::MAX] {
        assert!(terms(Subscription, None, Some(months)).is_ok());
    }
}

#[test]
fn l_inv_5_rejects_a_seat_pack_without_seats() {
    for seats in [None, Some(0)] {
        let error = terms(SeatPack, seats, None).unwrap_err();
        assert_eq!((error.invariant(), error.kind()), (Some(L_INV_5), Kind::Invalid));
    }
}

#[test]
fn l_inv_5_allows_a_seat_pack_of_one_and_more() {
    for seats in [1, 2, u32::MAX] {
        assert!(terms(SeatPack, Some(seats), None).is_ok());
    }
}

#[test]
fn l_inv_10_rejects_a_currency_that_is_not_the_price_s() {
    let price = Money::parse("10.00", currency("USD")).unwrap();
    let error =
        PlanTerms::try_new(OneTime, price, Some(currency("EUR")), None, None, false, true).unwrap_err();
    assert_eq!((error.invariant(), error.kind()), (Some(L_INV_10), Kind::Invalid));
}

#[test]
fn l_inv_10_allows_the_price_s_currency_named_or_not() {
    for code in ["USD", "EUR", "INR"] {
        let price = Money::zero(currency(code));
        for named in [None, Some(currency(code))] {
            let terms = PlanTerms::try_new(OneTime, price, named, None, None, false, true).unwrap();
            let id = "pln_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
            assert_eq!(PricingPlan::new(id, terms).currency, currency(code));
        }
    }
}

#[test]
fn a_plan_has_no_seats_and_no_interval_that_its_kind_would_ignore() {
    #[rustfmt::skip]
    let refused = [
        (OneTime,      Some(2), None,     "listing.seats_not_allowed"),
        (OneTime,      Some(0), None,     "listing.seats_not_allowed"),
        (Subscription, Some(5), Some(1),  "listing.seats_not_allowed"),
        (SiteLicense,  Some(0), None,     "listing.seats_not_allowed"),
        (OneTime,      None,    Some(1),  "listing.interval_not_allowed"),
        (SeatPack,     Some(5), Some(12), "listing.interval_not_allowed"),
        (SiteLicense,  None,    Some(0),  "listing.interval_not_allowed"),
    ];
    for (kind, seats, months, code) in refused {
        assert_eq!(terms(kind, seats, months).unwrap_err().code(), code, "{kind:?} {seats:?} {months:?}");
    }
    for (kind, seats, months) in [
        (OneTime, None, None),
        (OneTime, Some(1), None),
        (Subscription, Some(1), Some(1)),
        (SiteLicense, None, None),
        (SiteLicense, Some(100), Some(12)),
    ] {
        assert!(terms(kind, seats, months).is_ok(), "{kind:?} {seats:?} {months:?}");
    }
}

#[test]
fn marketing_is_bounded_in_characters_not_bytes() {
    let with = |tagline: &str, description: String| {
        ListingMarketing::try_new(tagline, description, None, vec![], None)
    };
    assert_eq!(with("  Rust  ", String::new()).unwrap().tagline(), "Rust");
    assert!(with(&"é".repeat(140), "é\n".repeat(5_000)).is_ok());
    for bad in ["", "   ", "two\nlines", "nul\0", &"é".repeat(141)] {
        assert_eq!(with(bad, String::new()), Err(ListingError::Tagline), "{bad:?}");
    }
    for bad in ["é".repeat(10_001), "nul\0".to_owned()] {
        assert_eq!(with("Rust", bad), Err(ListingError::Description));
    }
}

#[test]
fn links_are_https_and_at_most_ten_are_screenshots() {
    let with =
        |url: &str| ListingMarketing::try_new("Rust", String::new(), Some(url.to_owned()), vec![], None);
    for good in ["https://cdn.example.com/a.png?w=1#x", "https://localhost", "https://127.0.0.1:8443/x"] {
        assert_eq!(with(good).unwrap().hero(), Some(good));
    }
    for bad in [
        "",
        "https://",
        "http://example.com",
        "HTTPS://example.com",
        "javascript:alert(1)",
        "https:///path",
        "https://exa mple.com",
        "https://example..com",
        "https://-example.com",
        "https://good.example@evil.example",
        "https://example.com:0",
        "https://example.com:+1",
        "https://example.com:99999",
        "https://example.com/\"onerror=",
        "https://exämple.com",
        &format!("https://example.com/{}", "x".repeat(2_048)),
    ] {
        assert_eq!(with(bad), Err(ListingError::Url("hero")), "{bad}");
    }
    let shots = |count| vec!["https://example.com/s.png".to_owned(); count];
    let many = |count, trailer: Option<&str>| {
        ListingMarketing::try_new("Rust", String::new(), None, shots(count), trailer.map(str::to_owned))
    };
    assert_eq!(many(10, Some("https://example.com/t")).unwrap().screenshots().len(), 10);
    assert_eq!(many(11, None), Err(ListingError::Screenshots(11)));
    assert_eq!(many(0, Some("ftp://example.com")), Err(ListingError::Url("trailerUrl")));
}

#[test]
fn stored_marketing_is_checked_like_any_other() {
    let good = ListingMarketing::try_new("Rust", "Why".to_owned(), None, vec![], None).unwrap();
    let json = serde_json::to_value(&good).unwrap();
    assert_eq!(json["trailerUrl"], serde_json::Value::Null, "an absent value is null, never missing");
    assert_eq!(serde_json::from_value::<ListingMarketing>(json).unwrap(), good);
    let bad = r#"{"tagline":"","description":"","hero":null,"screenshots":[],"trailerUrl":null}"#;
    assert!(serde_json::from_str::<ListingMarketing>(bad).is_err());
}

#[test]
fn tags_are_few_short_and_different() {
    let tags = |texts: &[&str]| marketing::tags(&texts.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(tags(&[" rust ", "async"]), Ok(vec!["rust".to_owned(), "async".to_owned()]));
    assert!(tags(&["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]).is_ok());
    for bad in [&["a", " a "][..], &[""], &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]] {
        assert_eq!(tags(bad), Err(ListingError::Tags), "{bad:?}");
    }
    assert_eq!(marketing::category(" Law "), Ok("Law".to_owned()));
    assert_eq!(marketing::category(""), Err(ListingError::Category));
}
