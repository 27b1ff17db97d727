//! Tests of the coupon's commands and guards; codes and tables have files of their own.

mod codes;
mod tables;

use ulid::Ulid;

use super::*;
use crate::{
    kernel::{Coded, Currency, DomainEvent, Edge, Id, IdKind, Invariant, Kind, Money, Row},
    marketplace::{
        invariants::{C_INV_1, C_INV_2, C_INV_4, C_INV_5},
        values::{CouponCode, Owner},
    },
};

fn id<K: IdKind>(number: u128) -> Id<K> {
    Id::new(Ulid::from(number))
}

fn tenant(name: &str) -> TenantId {
    TenantId::try_new(name).unwrap()
}

fn user(number: u128) -> UserId {
    UserId::try_new(format!("usr-{number}")).unwrap()
}

fn money(text: &str, currency: &str) -> Money {
    Money::parse(text, Currency::parse(currency).unwrap()).unwrap()
}

fn now() -> Timestamp {
    "2026-04-20T09:30:00Z".parse().unwrap()
}

fn micros_later(instant: Timestamp, micros: i64) -> Timestamp {
    Timestamp::from_unix_micros(instant.unix_micros() + micros)
}

fn new_coupon() -> NewCoupon {
    NewCoupon {
        id: id(1),
        owner: Owner::Platform,
        code: "SPRING".parse().unwrap(),
        discount: Discount::percent(10).unwrap(),
        usage_cap: None,
        per_user_cap: None,
        valid_from: None,
        valid_until: None,
        tenant_scope: None,
        provider_scope: None,
    }
}

fn created(new: NewCoupon) -> Coupon {
    Coupon::create(new, now()).unwrap()
}

fn capped(usage_cap: Option<u32>, per_user_cap: Option<u32>) -> Coupon {
    created(NewCoupon { usage_cap, per_user_cap, ..new_coupon() })
}

/// A use by order `order` of user `buyer`.
fn by(order: u128, buyer: u128) -> NewRedemption {
    NewRedemption {
        id: id(order),
        order_id: id(order),
        user_id: user(buyer),
        amount: money("1.99", "USD"),
        expires_at: now().plus_days(1),
    }
}

fn edited(coupon: &mut Coupon, change: impl FnOnce(&mut CouponEdit)) -> Result<Outcome, CouponError> {
    let mut edit = CouponEdit::from(coupon.data());
    change(&mut edit);
    coupon.edit(edit)
}

/// Runs a command that must fail, and proves that it left everything as it was.
fn refused(
    coupon: &mut Coupon,
    command: impl FnOnce(&mut Coupon) -> Result<Outcome, CouponError>,
) -> CouponError {
    let before = coupon.clone();
    let error = command(coupon).unwrap_err();
    assert_eq!(coupon.data(), before.data());
    assert_eq!(coupon.redemptions, before.redemptions);
    assert_eq!(coupon.root.pending(), before.root.pending());
    error
}

fn topics(coupon: &Coupon) -> Vec<&'static str> {
    coupon.root.pending().iter().map(DomainEvent::topic).collect()
}

#[test]
fn c_inv_2_rejects_a_use_beyond_the_cap() {
    let mut coupon = capped(Some(2), None);
    for order in [1, 2] {
        assert_eq!(coupon.reserve(by(order, order), now()), Ok(Outcome::Applied));
    }
    let error = refused(&mut coupon, |coupon| coupon.reserve(by(3, 3), now()));
    assert_eq!((error.code(), error.kind()), ("coupon.exhausted", Kind::Conflict));
    assert_eq!(error.invariant(), Some(C_INV_2));

    let lower = refused(&mut coupon, |coupon| edited(coupon, |edit| edit.usage_cap = Some(1)));
    assert_eq!(lower, CouponError::CapBelowUsage { cap: 1, used: 2 });
    assert_eq!(lower.invariant(), Some(C_INV_2));
    let stored = CouponData { usage_cap: Some(1), ..coupon.data().clone() };
    assert_eq!(Coupon::rehydrate(stored, Vec::new(), 1).unwrap_err().invariant(), Some(C_INV_2));
}

#[test]
fn c_inv_2_allows_uses_up_to_the_cap_and_counts_them_without_one() {
    let mut coupon = capped(Some(2), None);
    let mut uncapped = capped(None, None);
    for order in [1, 2] {
        assert_eq!(coupon.reserve(by(order, 1), now()), Ok(Outcome::Applied));
        assert_eq!(uncapped.reserve(by(order, 1), now()), Ok(Outcome::Applied));
    }
    assert_eq!((coupon.data().usage_count, uncapped.data().usage_count), (2, 2));
    assert_eq!(edited(&mut coupon, |edit| edit.usage_cap = Some(3)), Ok(Outcome::Applied));
    assert_eq!(coupon.reserve(by(3, 1), now()), Ok(Outcome::Applied));
    assert_eq!(edited(&mut uncapped, |edit| edit.usage_cap = Some(2)), Ok(Outcome::Applied));
    assert_eq!(uncapped.reserve(by(3, 1), now()), Err(CouponError::Exhausted));
}

#[test]
fn c_inv_4_rejects_an_amount_in_another_currency_than_a_fixed_discount() {
    let discount = Discount::fixed(money("5", "EUR")).unwrap();
    let mut coupon = created(NewCoupon { discount, ..new_coupon() });
    let error = refused(&mut coupon, |coupon| coupon.reserve(by(1, 1), now()));
    assert_eq!((error.code(), error.invariant()), ("coupon.currency_mismatch", Some(C_INV_4)));
}

#[test]
fn c_inv_4_allows_a_fixed_discount_in_its_currency_and_a_percentage_in_any() {
    let discount = Discount::fixed(money("5", "USD")).unwrap();
    let mut coupon = created(NewCoupon { discount, ..new_coupon() });
    assert_eq!(coupon.reserve(by(1, 1), now()), Ok(Outcome::Applied));
    for (order, currency) in (1..).zip(Currency::all()) {
        let new = NewRedemption { amount: money("1", currency.code()), ..by(order, 1) };
        assert_eq!(capped(None, None).reserve(new, now()), Ok(Outcome::Applied));
    }
}

#[test]
fn c_inv_5_rejects_a_use_while_inactive_or_outside_the_window() {
    let (opens, closes) = (now(), now().plus_days(1));
    let window = || created(NewCoupon { valid_from: Some(opens), valid_until: Some(closes), ..new_coupon() });
    let mut inactive = window();
    let _ = inactive.deactivate().unwrap();
    for (mut coupon, at, code) in [
        (window(), micros_later(opens, -1), "coupon.not_yet_valid"),
        (window(), micros_later(closes, 1), "coupon.expired"),
        (inactive, opens, "coupon.inactive"),
    ] {
        let at_check = coupon.check(&tenant("t1"), at).unwrap_err();
        let at_reserve = refused(&mut coupon, |coupon| coupon.reserve(by(1, 1), at));
        assert_eq!(at_check, at_reserve);
        assert_eq!((at_check.code(), at_check.kind()), (code, Kind::Invalid));
        assert_eq!(at_check.invariant(), Some(C_INV_5));
    }
}

#[test]
fn c_inv_5_allows_both_ends_of_the_window() {
    let closes = now().plus_days(1);
    let mut coupon = created(NewCoupon { valid_until: Some(closes), ..new_coupon() });
    for (order, at) in [(1, now()), (2, closes)] {
        assert_eq!(coupon.check(&tenant("t1"), at), Ok(()));
        assert_eq!(coupon.reserve(by(order, 1), at), Ok(Outcome::Applied));
    }
}

#[test]
fn a_coupon_of_another_tenant_does_not_exist() {
    let coupon = created(NewCoupon { tenant_scope: Some(tenant("t1")), ..new_coupon() });
    assert_eq!(coupon.check(&tenant("t1"), now()), Ok(()));
    let error = coupon.check(&tenant("t2"), now()).unwrap_err();
    assert_eq!((error.code(), error.kind()), ("coupon.not_found", Kind::Invalid));
}

#[test]
fn one_order_takes_one_use() {
    let mut coupon = capped(Some(1), Some(1));
    assert_eq!(coupon.reserve(by(1, 1), now()), Ok(Outcome::Applied));
    assert_eq!(coupon.reserve(by(1, 1), now()), Ok(Outcome::AlreadyApplied));
    assert_eq!(coupon.confirm(id(1), now()), Ok(Outcome::Applied));
    assert_eq!(coupon.reserve(by(1, 1), now()), Ok(Outcome::AlreadyApplied));
    assert_eq!(coupon.data().usage_count, 1);
    assert_eq!(
        topics(&coupon),
        [
            "marketplace.coupon.created.v1",
            "marketplace.coupon.reserved.v1",
            "marketplace.coupon.confirmed.v1"
        ]
    );
}

#[test]
fn a_user_takes_the_lowest_free_slot_up_to_the_cap() {
    let mut coupon = capped(None, Some(2));
    let slot = |coupon: &Coupon, order| coupon.redemption(id(order)).unwrap().slot;
    for order in [1, 2] {
        assert_eq!(coupon.reserve(by(order, 7), now()), Ok(Outcome::Applied));
    }
    assert_eq!((slot(&coupon, 1), slot(&coupon, 2)), (Some(1), Some(2)));
    let error = refused(&mut coupon, |coupon| coupon.reserve(by(3, 7), now()));
    assert_eq!((error.code(), error.kind()), ("coupon.user_cap_reached", Kind::Conflict));
    assert_eq!(coupon.reserve(by(4, 8), now()), Ok(Outcome::Applied), "another user");
    assert_eq!(coupon.release(id(1), now()), Ok(Outcome::Applied));
    assert_eq!(coupon.reserve(by(3, 7), now()), Ok(Outcome::Applied));
    assert_eq!(slot(&coupon, 3), Some(1));
}

#[test]
fn uses_from_before_a_cap_per_user_count_too() {
    let mut coupon = capped(None, None);
    for order in [1, 2] {
        let _ = coupon.reserve(by(order, 7), now()).unwrap();
    }
    assert_eq!(edited(&mut coupon, |edit| edit.per_user_cap = Some(2)), Ok(Outcome::Applied));
    assert_eq!(coupon.reserve(by(3, 7), now()), Err(CouponError::UserCapReached));
}

#[test]
fn a_release_gives_the_use_back_once() {
    let mut coupon = capped(Some(1), None);
    assert_eq!(coupon.release(id(1), now()), Ok(Outcome::AlreadyApplied), "there is none");
    let _ = coupon.reserve(by(1, 1), now()).unwrap();
    assert_eq!(coupon.release(id(1), now()), Ok(Outcome::Applied));
    assert_eq!(coupon.release(id(1), now()), Ok(Outcome::AlreadyApplied));
    assert_eq!(coupon.data().usage_count, 0);
    assert_eq!(coupon.reserve(by(2, 2), now()), Ok(Outcome::Applied));
}

#[test]
fn a_released_use_can_be_reserved_again_under_the_same_id() {
    let mut coupon = capped(Some(1), None);
    let _ = coupon.reserve(by(1, 1), now()).unwrap();
    let _ = coupon.release(id(1), now()).unwrap();
    let again = NewRedemption { id: id(99), ..by(1, 1) };
    assert_eq!(coupon.reserve(again, now()), Ok(Outcome::Applied));
    assert_eq!(coupon.redemption(id(1)).unwrap().id, id(1));
    assert_eq!(coupon.data().usage_count, 1);
}

#[test]
fn a_capture_after_the_release_takes_the_use_again_and_only_beyond_the_cap_is_flagged() {
    for (taken_meanwhile, over_cap) in [(false, false), (true, true)] {
        let mut coupon = capped(Some(1), Some(1));
        let _ = coupon.reserve(by(1, 1), now()).unwrap();
        let _ = coupon.release(id(1), now()).unwrap();
        if taken_meanwhile {
            let _ = coupon.reserve(by(2, 2), now()).unwrap();
        }
        let _ = coupon.deactivate().unwrap();
        assert_eq!(coupon.confirm(id(1), now()), Ok(Outcome::Applied), "the money is taken");
        let row = coupon.redemption(id(1)).unwrap();
        assert_eq!((row.status, row.over_cap), (RedemptionStatus::Confirmed, over_cap));
        assert_eq!(row.slot, (!over_cap).then_some(1));
        assert_eq!(coupon.data().usage_count, 1, "C-INV-2 holds");
        assert_eq!(coupon.check_invariants(), Ok(()));
        assert!(matches!(
            coupon.root.pending().last(),
            Some(CouponEvent::Confirmed(fact)) if fact.over_cap == over_cap
        ));
        assert_eq!(coupon.release(id(1), now()), Ok(Outcome::Applied));
        assert_eq!(
            coupon.data().usage_count,
            u32::from(taken_meanwhile),
            "what was not counted is not given back"
        );
    }
}

#[test]
fn an_order_without_a_use_confirms_nothing() {
    let error = refused(&mut capped(None, None), |coupon| coupon.confirm(id(1), now()));
    assert_eq!((error.code(), error.kind()), ("coupon.not_reserved", Kind::Conflict));
}

#[test]
fn a_hold_lapses_after_its_end_and_a_confirmed_use_never() {
    let mut coupon = capped(None, None);
    let hold = by(1, 1);
    let end = hold.expires_at;
    let _ = coupon.reserve(hold, now()).unwrap();
    assert!(!coupon.redemption(id(1)).unwrap().has_lapsed(end));
    assert!(coupon.redemption(id(1)).unwrap().has_lapsed(micros_later(end, 1)));
    let _ = coupon.confirm(id(1), now()).unwrap();
    assert!(!coupon.redemption(id(1)).unwrap().has_lapsed(micros_later(end, 1)));
}

#[test]
fn what_a_used_coupon_takes_off_is_frozen_and_its_caps_and_end_are_not() {
    type Change = fn(&mut CouponEdit);
    let frozen: [(&str, Change); 5] = [
        ("code", |edit| edit.code = "OTHER".parse().unwrap()),
        ("discount", |edit| edit.discount = Discount::percent(90).unwrap()),
        ("tenantScope", |edit| edit.tenant_scope = Some(tenant("t1"))),
        ("providerScope", |edit| edit.provider_scope = Some(tenant("p1"))),
        ("validFrom", |edit| edit.valid_from = now().plus_days(1)),
    ];
    let free: [Change; 3] = [
        |edit| edit.usage_cap = Some(9),
        |edit| edit.per_user_cap = Some(3),
        |edit| edit.valid_until = Some(now().plus_days(1)),
    ];
    for (field, change) in frozen {
        assert_eq!(edited(&mut capped(None, None), change), Ok(Outcome::Applied), "{field} while unused");

        let mut coupon = capped(None, None);
        let _ = coupon.reserve(by(1, 1), now()).unwrap();
        let error = refused(&mut coupon, |coupon| edited(coupon, change));
        assert_eq!(error, CouponError::Frozen { field });
        assert_eq!((error.code(), error.kind()), ("coupon.frozen", Kind::Conflict));

        let mut lapsed = coupon.clone();
        let _ = lapsed.release(id(1), now()).unwrap();
        assert_eq!(
            edited(&mut lapsed, change),
            Ok(Outcome::Applied),
            "{field} after a hold that came to nothing"
        );

        let _ = coupon.confirm(id(1), now()).unwrap();
        let _ = coupon.release(id(1), now()).unwrap();
        assert_eq!(edited(&mut coupon, change), Err(CouponError::Frozen { field }));
        for change in free {
            assert_eq!(edited(&mut coupon, change), Ok(Outcome::Applied));
        }
    }
}

#[test]
fn an_edit_that_changes_nothing_is_already_applied() {
    let mut coupon = capped(Some(3), None);
    assert_eq!(edited(&mut coupon, |_| ()), Ok(Outcome::AlreadyApplied));
    assert_eq!(topics(&coupon), ["marketplace.coupon.created.v1"]);
}

#[test]
fn fields_that_make_no_coupon_are_refused_at_creation_and_by_an_edit() {
    type Change = fn(&mut CouponEdit);
    let cases: [(Change, &str, Kind); 4] = [
        (|edit| edit.usage_cap = Some(0), "coupon.zero_cap", Kind::Invalid),
        (|edit| edit.per_user_cap = Some(0), "coupon.zero_cap", Kind::Invalid),
        (|edit| edit.valid_until = Some(micros_later(now(), -1)), "coupon.empty_window", Kind::Invalid),
        (
            |edit| edit.provider_scope = Some(tenant("rival")),
            "coupon.foreign_provider_scope",
            Kind::Forbidden,
        ),
    ];
    let base = || NewCoupon { owner: Owner::Provider(tenant("acme")), ..new_coupon() };
    for (change, code, kind) in cases {
        let mut coupon = created(base());
        let error = refused(&mut coupon, |coupon| edited(coupon, change));
        assert_eq!((error.code(), error.kind()), (code, kind));

        let mut fields = CouponEdit::from(coupon.data());
        change(&mut fields);
        let new = NewCoupon {
            usage_cap: fields.usage_cap,
            per_user_cap: fields.per_user_cap,
            valid_until: fields.valid_until,
            provider_scope: fields.provider_scope,
            ..base()
        };
        assert_eq!(Coupon::create(new, now()).unwrap_err(), error);
    }
}

#[test]
fn a_provider_s_coupon_is_for_its_own_listings() {
    let coupon = created(NewCoupon { owner: Owner::Provider(tenant("acme")), ..new_coupon() });
    assert_eq!(coupon.terms().provider_scope, Some(tenant("acme")));
    assert_eq!(capped(None, None).terms().provider_scope, None);
}

#[test]
fn stored_uses_must_agree_with_the_root() {
    let mut coupon = capped(None, Some(2));
    for order in [1, 2] {
        let _ = coupon.reserve(by(order, 7), now()).unwrap();
    }
    let (data, rows) = (coupon.data().clone(), coupon.redemptions.values().cloned().collect::<Vec<_>>());
    let load = |data: &CouponData, rows: &[CouponRedemption]| {
        Coupon::rehydrate(data.clone(), rows.to_vec(), 3).map_err(|error| error.code())
    };
    let loaded = load(&data, &rows[..1]).unwrap();
    assert_eq!((loaded.version(), loaded.data(), loaded.root.pending().len()), (3, &data, 0));

    let same_slot = CouponRedemption { slot: Some(1), ..rows[1].clone() };
    let foreign = CouponRedemption { coupon_id: id(9), ..rows[0].clone() };
    let uncounted = CouponData { usage_count: 1, ..data.clone() };
    for (data, rows) in [
        (&data, vec![rows[0].clone(), same_slot]),
        (&data, vec![rows[0].clone(), rows[0].clone()]),
        (&data, vec![foreign]),
        (&uncounted, rows.clone()),
    ] {
        assert_eq!(load(data, &rows).unwrap_err(), "coupon.inconsistent");
    }
    assert_eq!(CouponError::Inconsistent("").kind(), Kind::Unavailable);
}

#[test]
fn a_count_that_is_already_zero_is_not_decremented() {
    let mut coupon = capped(None, None);
    let _ = coupon.reserve(by(1, 1), now()).unwrap();
    coupon.root.data.usage_count = 0;
    let error = refused(&mut coupon, |coupon| coupon.release(id(1), now()));
    assert_eq!(error.code(), "coupon.inconsistent");
}

#[test]
fn a_save_writes_the_document_the_changed_rows_and_the_facts() {
    let mut coupon = capped(None, None);
    for order in [1, 2] {
        let _ = coupon.reserve(by(order, 7), now()).unwrap();
    }
    let rows = coupon.redemptions.values().cloned().collect();
    let mut coupon = Coupon::rehydrate(coupon.data().clone(), rows, 4).unwrap();
    let _ = coupon.confirm(id(2), now()).unwrap();
    let changes = coupon.into_changes();
    assert_eq!((changes.id, changes.expected_version), (id(1), 4));
    assert!(changes.data.ever_confirmed);
    let keys: Vec<_> = changes.rows.iter().map(Row::key).collect();
    assert_eq!(keys, [id::<crate::kernel::id::kinds::Order>(2).to_string()]);
    assert_eq!(changes.events.len(), 1);
}

#[test]
fn documents_rows_and_events_survive_their_json() {
    let mut coupon = created(NewCoupon { owner: Owner::Provider(tenant("acme")), ..new_coupon() });
    let _ = coupon.reserve(by(1, 1), now()).unwrap();
    let _ = edited(&mut coupon, |edit| edit.usage_cap = Some(3)).unwrap();
    let _ = coupon.release(id(1), now()).unwrap();
    let _ = coupon.deactivate().unwrap();
    let json = serde_json::to_string(coupon.data()).unwrap();
    assert_eq!(&serde_json::from_str::<CouponData>(&json).unwrap(), coupon.data());
    let row = serde_json::to_string(&coupon.redemptions[&id(1)]).unwrap();
    assert_eq!(serde_json::from_str::<CouponRedemption>(&row).unwrap(), coupon.redemptions[&id(1)]);
    for event in coupon.root.pending() {
        let json = serde_json::to_string(event).unwrap();
        assert_eq!(&serde_json::from_str::<CouponEvent>(&json).unwrap(), event);
    }
    assert_eq!(
        topics(&coupon),
        ["created", "reserved", "edited", "released", "deactivated"]
            .map(|fact| format!("marketplace.coupon.{fact}.v1"))
    );
}
