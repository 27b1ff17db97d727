//! Coupons, and what a provider earns.

use ed25519_dalek::{Signer as _, SigningKey};
use sarai_domain::{
    kernel::{ChainHead, Hex},
    marketplace::{
        coupon::{CouponEdit, CouponEvent, CouponUse},
        earnings::{EarningsEvent, EarningsKey, EarningsLine, EarningsTotals, LineKind, StatementAnchor},
        values::{Discount, Owner},
    },
};

use super::{Example, also, at, buyer, id, learner, provider, usd, usual};

pub(super) fn coupons() -> Vec<Example> {
    let platform = CouponEdit {
        code: "TENTH".parse().unwrap(),
        discount: Discount::percent(10).unwrap(),
        tenant_scope: None,
        provider_scope: None,
        valid_from: at("2026-04-01T00:00:00Z"),
        valid_until: None,
        usage_cap: None,
        per_user_cap: None,
    };
    let scoped = CouponEdit {
        discount: Discount::fixed(usd("30.00")).unwrap(),
        tenant_scope: Some(buyer()),
        provider_scope: Some(provider()),
        valid_until: Some(at("2026-06-30T23:59:59.999999Z")),
        usage_cap: Some(500),
        per_user_cap: Some(1),
        ..platform.clone()
    };
    let owner = || Owner::Provider(provider());
    let used = |over_cap, usage_count| CouponUse {
        coupon_id: id(30),
        owner: owner(),
        code: "TENTH".parse().unwrap(),
        redemption_id: id(32),
        order_id: id(10),
        user_id: learner(),
        amount: usd("30.00"),
        over_cap,
        usage_count,
    };
    let coupon_id = id(30);
    vec![
        usual(CouponEvent::Created { coupon_id, owner: owner(), fields: scoped.clone() }),
        also(
            "platform",
            CouponEvent::Created { coupon_id, owner: Owner::Platform, fields: platform.clone() },
        ),
        usual(CouponEvent::Edited { coupon_id, owner: owner(), fields: scoped }),
        also("platform", CouponEvent::Edited { coupon_id, owner: Owner::Platform, fields: platform }),
        usual(CouponEvent::Deactivated { coupon_id, owner: owner() }),
        usual(CouponEvent::Reserved(used(false, 41))),
        usual(CouponEvent::Confirmed(used(true, 500))),
        usual(CouponEvent::Released(used(false, 40))),
    ]
}

pub(super) fn earnings() -> Vec<Example> {
    let key: EarningsKey = "org_welders:USD:2026-04".parse().unwrap();
    let sale = EarningsLine {
        id: id(50),
        kind: LineKind::Sale,
        order_id: Some(id(10)),
        order_line_id: Some(id(12)),
        listing_id: Some(id(1)),
        source_event_id: "evt_01JS9714G0000000000000001R".to_owned(),
        gross: usd("90.00"),
        fee: usd("13.50"),
        net: usd("76.50"),
        bps: 1_500,
        occurred_at: at("2026-04-20T09:32:01Z"),
        hold_until: Some(at("2026-05-04T09:32:00Z")),
    };
    let carry = EarningsLine {
        id: id(51),
        kind: LineKind::Carry,
        order_id: None,
        order_line_id: None,
        listing_id: None,
        source_event_id: "carry:2026-03".to_owned(),
        gross: usd("12.00"),
        fee: usd("0"),
        net: usd("12.00"),
        bps: 0,
        occurred_at: at("2026-04-16T00:00:00Z"),
        hold_until: None,
    };
    let zero = EarningsTotals::zero(key.currency);
    let totals = zero.with(&sale).and_then(|totals| totals.with(&carry)).unwrap();
    let paid = |net_payable: &str, payout: Option<&str>| EarningsEvent::Paid {
        key: "org_welders:USD:2026-04".parse().unwrap(),
        net_payable: usd(net_payable),
        payout_id: payout.map(|payout| payout.parse().unwrap()),
        paid_at: at("2026-05-18T06:00:00Z"),
    };
    vec![
        usual(EarningsEvent::Accrued { key: key.clone(), line: sale }),
        also("carry", EarningsEvent::Accrued { key: key.clone(), line: carry }),
        usual(EarningsEvent::Anchored { anchor: anchor(&key), key: key.clone() }),
        usual(EarningsEvent::Ready { key, totals, ready_at: at("2026-05-15T00:00:00Z") }),
        usual(paid("64.50", Some("po_01"))),
        also("nothing_due", paid("0", None)),
    ]
}

/// The signed head of two lines.
fn anchor(key: &EarningsKey) -> StatementAnchor {
    let (head, at) = (ChainHead { count: 2, hash: Hex([0x5a; 32]) }, at("2026-05-01T00:00:00Z"));
    let signer = SigningKey::from_bytes(&[7; 32]);
    let signature = Hex(signer.sign(&StatementAnchor::signed_bytes(key, &head, at)).to_bytes());
    let anchor =
        StatementAnchor { count: head.count, hash: head.hash, at, key_id: "sarai_1".to_owned(), signature };
    assert!(anchor.is_signed_by(key, &signer.verifying_key().to_bytes()));
    anchor
}
