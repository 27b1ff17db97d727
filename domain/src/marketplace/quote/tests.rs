//! Tests of the Quote: its promise, its two ends, its table.

use proptest::prelude::*;
use ulid::Ulid;

use super::*;
use crate::{
    kernel::{Coded, CouponId, Currency, DomainEvent, Kind, OrderLineId},
    marketplace::{
        listing::Offer,
        services::{AppliedDiscount, PricedLine},
        values::{PlanKind, RefundPolicy, RevenueShare, SeatCount},
    },
};

fn at(minute: i64) -> Timestamp {
    "2026-04-20T09:00:00Z".parse::<Timestamp>().unwrap().plus(Duration::minutes(minute))
}

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::parse("USD").unwrap()).unwrap()
}

fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

/// One line of 100.00 with 10.00 off.
fn line() -> PricedLine {
    PricedLine {
        id: OrderLineId::new(Ulid(1)),
        offer: Offer {
            listing_id: "lst_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
            provider_tenant_id: "acme".parse().unwrap(),
            pricing_plan_id: "pln_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
            plan_kind: PlanKind::OneTime,
            price: usd("100.00"),
            plan_seats: None,
            interval_months: None,
            perpetual_offline_access: false,
            refund_policy: RefundPolicy::try_new(30, None).unwrap(),
            revenue_share: RevenueShare::DEFAULT,
            course_id: "rust-101".parse().unwrap(),
            course_version_id: "v1".parse().unwrap(),
        },
        quantity: SeatCount::ONE,
        packs: 1,
        unit_price: usd("100.00"),
        subtotal: usd("100.00"),
        discount_total: usd("10.00"),
        net: usd("90.00"),
        fee_amount: usd("13.50"),
        provider_amount: usd("76.50"),
    }
}

fn new_quote(taxes: Vec<Money>) -> NewQuote {
    NewQuote {
        id: "quo_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
        order_id: "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
        buyer_tenant_id: "globex".parse().unwrap(),
        buyer_user_id: user("amina"),
        cart: PricedCart {
            currency: Currency::parse("USD").unwrap(),
            lines: vec![line()],
            discounts: vec![AppliedDiscount {
                coupon_id: CouponId::new(Ulid(2)),
                code: "SPRING".parse().unwrap(),
                amount: usd("10.00"),
                per_line: vec![usd("10.00")],
                terms: None,
                owner: None,
            }],
            subtotal: usd("100.00"),
            discount_total: usd("10.00"),
        },
        taxes,
    }
}

fn open() -> Quote {
    saved(Quote::open(new_quote(vec![usd("7.20")]), at(0)).unwrap())
}

/// As a store hands it back: without events, one version on.
fn saved(quote: Quote) -> Quote {
    let changes = quote.into_changes();
    Quote::rehydrate(changes.data, vec![], changes.expected_version + 1).unwrap()
}

fn quote_in(state: QuoteState) -> Quote {
    let mut quote = open();
    match state {
        QuoteState::Open => {}
        QuoteState::Used => assert_eq!(quote.use_by(&user("amina"), at(1)), Ok(Outcome::Applied)),
        QuoteState::Expired => assert_eq!(quote.expire(at(15)), Ok(Outcome::Applied)),
    }
    saved(quote)
}

fn drive(quote: &mut Quote, action: QuoteAction) -> Result<Outcome, QuoteError> {
    match action {
        QuoteAction::Use => quote.use_by(&user("amina"), at(2)),
        QuoteAction::Expire => quote.expire(at(16)),
        QuoteAction::Abandon => quote.abandon(at(2)),
    }
}

#[test]
fn the_table_has_one_row_a_pair_reaches_every_state_and_ends_in_the_terminal_ones() {
    for row in TRANSITIONS {
        let same = TRANSITIONS.iter().filter(|other| other.from == row.from && other.action == row.action);
        assert_eq!(same.count(), 1, "{row:?}");
    }
    for state in QuoteState::ALL {
        assert!(*state == QuoteState::Open || TRANSITIONS.iter().any(|row| row.to == *state), "{state:?}");
        let stuck = TRANSITIONS.iter().all(|row| row.from != *state);
        assert_eq!(stuck, QuoteState::TERMINAL.contains(state), "{state:?}");
    }
}

#[test]
fn every_pair_of_state_and_action_agrees_with_the_table() {
    for state in QuoteState::ALL {
        for action in QuoteAction::ALL {
            let stored = QuoteData { last_transition: None, ..quote_in(*state).data().clone() };
            let mut quote = Quote::rehydrate(stored.clone(), vec![], 7).unwrap();
            let result = drive(&mut quote, *action);
            let row = TRANSITIONS.iter().find(|row| row.from == *state && row.action == *action);
            if let Some(row) = row {
                assert_eq!(result, Ok(Outcome::Applied), "{state:?} {action:?}");
                assert_eq!(quote.data().state, row.to);
                assert_eq!(quote.root.pending().len(), 1);
            } else {
                assert_eq!(result.unwrap_err().kind(), Kind::Conflict, "{state:?} {action:?}");
                assert_eq!(*quote.data(), stored, "a refusal changes nothing");
                assert!(quote.root.pending().is_empty());
            }
        }
    }
}

#[test]
fn a_quote_promises_the_price_with_tax_for_fifteen_minutes() {
    let quote = Quote::open(new_quote(vec![usd("7.20")]), at(0)).unwrap();
    let data = quote.data();
    assert_eq!((data.tax_total, data.totals), (usd("7.20"), usd("97.20")));
    assert_eq!((data.state, data.expires_at), (QuoteState::Open, at(15)));
    assert_eq!(data.order_id.to_string(), "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV");
}

#[test]
fn there_is_one_tax_a_line_in_the_cart_s_currency() {
    let missing = Quote::open(new_quote(vec![]), at(0)).unwrap_err();
    assert_eq!((&missing, missing.kind()), (&QuoteError::TaxLines { lines: 1, taxes: 0 }, Kind::Invalid));
    let euro = Money::zero(Currency::parse("EUR").unwrap());
    assert_eq!(Quote::open(new_quote(vec![euro]), at(0)).unwrap_err().code(), "money.currency_mismatch");
    let huge = Money::from_minor_units(i64::MAX, Currency::parse("USD").unwrap()).unwrap();
    assert_eq!(Quote::open(new_quote(vec![huge]), at(0)).unwrap_err().code(), "money.overflow");
}

#[test]
fn the_same_buyer_placing_again_places_the_same_order_even_after_its_time() {
    let mut quote = quote_in(QuoteState::Used);
    for minute in [2, 15, 10_000] {
        assert_eq!(quote.use_by(&user("amina"), at(minute)), Ok(Outcome::AlreadyApplied));
    }
    assert!(quote.root.pending().is_empty());
    assert_eq!(quote.expire(at(16)), Err(QuoteError::Used), "a used quote does not run out");
}

#[test]
fn another_user_cannot_place_it_in_any_state() {
    for state in QuoteState::ALL {
        let error = quote_in(*state).use_by(&user("omar"), at(2)).unwrap_err();
        assert_eq!((error.code(), error.kind()), ("quote.used", Kind::Conflict), "{state:?}");
    }
}

#[test]
fn it_holds_until_the_last_moment_and_not_at_it() {
    let last = at(15).plus(-Duration::microseconds(1));
    assert_eq!(open().use_by(&user("amina"), last), Ok(Outcome::Applied));
    assert_eq!(open().expire(last), Err(QuoteError::NotDue(at(15))));

    let mut late = open();
    let error = late.use_by(&user("amina"), at(15)).unwrap_err();
    assert_eq!((error.code(), error.kind()), ("quote.expired", Kind::Conflict));
    assert_eq!(late.expire(at(15)), Ok(Outcome::Applied));
    assert_eq!(late.expire(at(16)), Ok(Outcome::AlreadyApplied));
    assert_eq!(late.use_by(&user("amina"), at(16)), Err(QuoteError::Expired(at(15))));
}

#[test]
fn stored_contradictions_are_refused() {
    let changes: &[fn(&mut QuoteData)] = &[
        |data| data.totals = usd("97.19"),
        |data| data.tax_total = usd("7.21"),
        |data| data.taxes.clear(),
        |data| data.cart.discount_total = usd("100.01"),
        |data| data.expires_at = at(16),
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut data = open().data().clone();
        change(&mut data);
        assert!(Quote::rehydrate(data, vec![], 1).is_err(), "row {index}");
    }
}

#[test]
fn the_events_name_the_coupons_held_and_read_back() {
    let mut used = open();
    let mut expired = open();
    assert_eq!(used.use_by(&user("amina"), at(1)), Ok(Outcome::Applied));
    assert_eq!(expired.expire(at(15)), Ok(Outcome::Applied));
    let opened = Quote::open(new_quote(vec![usd("0.00")]), at(0)).unwrap();
    for (quote, name) in [(opened, "opened"), (used, "used"), (expired, "expired")] {
        let changes = quote.into_changes();
        assert_eq!(changes.events.len(), 1);
        let event = &changes.events[0];
        let json = serde_json::to_value(event).unwrap();
        assert_eq!(json["couponIds"], serde_json::json!([CouponId::new(Ulid(2)).to_string()]));
        assert_eq!(
            (json["event"].as_str(), event.topic()),
            (Some(name), &*format!("marketplace.quote.{name}.v1"))
        );
        assert_eq!(serde_json::from_value::<QuoteEvent>(json).unwrap(), *event);
        let stored = serde_json::to_string(&changes.data).unwrap();
        assert_eq!(serde_json::from_str::<QuoteData>(&stored).unwrap(), changes.data);
    }
}

proptest! {
    #[test]
    fn a_quote_ends_once_and_keeps_its_promise(
        steps in prop::collection::vec((any::<bool>(), 0_i64..30), 1..20),
    ) {
        let mut quote = open();
        let mut ends = 0;
        for (uses, minute) in steps {
            let result = if uses { quote.use_by(&user("amina"), at(minute)) } else { quote.expire(at(minute)) };
            ends += u32::from(result == Ok(Outcome::Applied));
            prop_assert_eq!(quote.check_invariants(), Ok(()));
            prop_assert_eq!(quote.data().totals, usd("97.20"));
        }
        prop_assert!(ends <= 1);
        prop_assert_eq!(ends == 0, quote.data().state == QuoteState::Open);
    }
}
