//! What an answer about an order shows at each point of its life.

use poem_openapi::types::ParseFromJSON;
use sarai_domain::{
    kernel::{Currency, Money},
    marketplace::{
        listing::Offer,
        order::{NewOrder, RefundRequest, RefundSource},
        services::{PricedCart, PricedLine},
        values::{PlanKind, RefundPolicy, RevenueShare, SeatCount},
    },
};
use sarai_ports::auth::{Principal, Role};
use serde_json::{Value, json};

use super::*;

const LINE: &str = "oln_01ARZ3NDEKTSV4RRFFQ69G5FAV";

fn usd(amount: &str) -> Money {
    Money::parse(amount, Currency::parse("USD").unwrap()).unwrap()
}

fn placed() -> Order {
    let (price, none) = (usd("6.45"), usd("0"));
    let offer = Offer {
        listing_id: "lst_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
        provider_tenant_id: "provider".parse().unwrap(),
        pricing_plan_id: "pln_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
        plan_kind: PlanKind::OneTime,
        price,
        plan_seats: None,
        interval_months: None,
        perpetual_offline_access: false,
        refund_policy: RefundPolicy::try_new(14, None).unwrap(),
        revenue_share: RevenueShare::try_new(3_000, 7_000).unwrap(),
        course_id: "crs_1".parse().unwrap(),
        course_version_id: "cv_1".parse().unwrap(),
    };
    let line = PricedLine {
        id: LINE.parse().unwrap(),
        offer,
        quantity: SeatCount::ONE,
        packs: 1,
        unit_price: price,
        subtotal: price,
        discount_total: none,
        net: price,
        fee_amount: usd("1.93"),
        provider_amount: usd("4.52"),
    };
    let new = NewOrder {
        id: "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
        saga_id: "sga_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
        buyer_tenant_id: "school".parse().unwrap(),
        buyer_user_id: "ana".parse().unwrap(),
        quote_id: None,
        cart: PricedCart {
            currency: Currency::parse("USD").unwrap(),
            lines: vec![line],
            discounts: vec![],
            subtotal: price,
            discount_total: none,
        },
    };
    Order::place(new, "2026-04-20T09:30:00Z".parse().unwrap()).unwrap()
}

fn refunded() -> Order {
    let now = "2026-04-20T09:30:00Z".parse().unwrap();
    let (mut order, line) = (placed(), LINE.parse().unwrap());
    let intent = "pi_1".parse().unwrap();
    let _ = order.request_payment(&[(line, usd("0.55"))], Some("pi_1".parse().unwrap()), now).unwrap();
    let _ = order.record_payment_failure(&intent, "card_declined".to_owned(), false, now).unwrap();
    let _ = order.record_payment(&intent, "pay_1".parse().unwrap(), usd("7.00"), now).unwrap();
    let _ = order.record_payment(&intent, "pay_2".parse().unwrap(), usd("7.00"), now).unwrap();
    let _ = order.fulfill(&[(line, "lic_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap())], now).unwrap();
    let id = "rfd_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
    let reason = "too hard".to_owned();
    let request = RefundRequest { id, lines: None, source: RefundSource::Buyer, reason };
    let _ = order.request_refund(request, now).unwrap();
    order
}

fn caller(role: Role) -> Caller {
    let principal = Principal {
        user_id: "ana".parse().unwrap(),
        tenant_id: "school".parse().unwrap(),
        email: None,
        roles: vec![role],
        via: sarai_ports::auth::Via::default(),
    };
    Caller(sarai_application::Call { principal, request_id: None, claim: None, reason: None })
}

fn shown(order: &Order) -> Value {
    OrderBody::from(order).to_json().unwrap()
}

#[test]
fn what_a_new_order_does_not_have_is_null_and_there() {
    let order = shown(&placed());
    for name in [
        "quoteId",
        "taxTotal",
        "totals",
        "paymentIntentId",
        "failureReason",
        "lastPaymentError",
        "paidAt",
        "fulfilledAt",
        "refundedAt",
        "cancelRequestedAt",
        "refundDeadline",
    ] {
        assert_eq!(order.get(name), Some(&Value::Null), "{name}");
    }
    for name in ["taxTotal", "refundDeadline", "licenseId"] {
        assert_eq!(order["lines"][0].get(name), Some(&Value::Null), "{name}");
    }
    for name in ["appliedCoupons", "discounts", "refunds", "strayCaptures"] {
        assert_eq!(order.get(name), Some(&json!([])), "{name}");
    }
    assert_eq!(order["status"], "created");
    assert_eq!((&order["paymentState"], &order["refundState"]), (&json!("none"), &json!("none")));
    assert_eq!(order["refundedTotal"], json!({"amount": "0.00", "currency": "USD"}));
}

#[test]
fn an_order_shows_its_money_and_what_came_of_it() {
    let order = shown(&refunded());
    assert_eq!(order["status"], "fulfilled");
    assert_eq!(order["totals"], json!({"amount": "7.00", "currency": "USD"}));
    assert_eq!(order["lastPaymentError"], json!({"code": "card_declined", "at": "2026-04-20T09:30:00Z"}));
    let refund = &order["refunds"][0];
    assert_eq!((&refund["state"], &refund["settledAt"]), (&json!("pending"), &Value::Null));
    assert_eq!((&refund["lines"], &refund["source"]), (&json!([LINE]), &json!("buyer")));
    let stray = &order["strayCaptures"][0];
    assert_eq!((&stray["kind"], &stray["refundedAt"]), (&json!("duplicate"), &Value::Null));
    assert_eq!(order["lines"][0]["refundDeadline"], "2026-05-04T09:30:00Z");
}

#[test]
fn only_the_platform_s_staff_see_the_shares_in_an_order() {
    let order = placed();
    let line = |role| OrderBody::shown_to(&caller(role), &order).to_json().unwrap()["lines"][0].clone();
    for role in [Role::Customer, Role::Provider, Role::TenantAdmin] {
        let line = line(role);
        assert!(line.get("feeAmount").is_none() && line.get("providerAmount").is_none(), "{role:?}");
    }
    let line = line(Role::PlatformAdmin);
    assert_eq!(line["feeAmount"]["amount"], "1.93");
    assert_eq!(line["providerAmount"]["amount"], "4.52");
}

fn wanted(body: Value) -> Result<Wanted, Problem> {
    OrderRequestBody::parse_from_json(Some(body)).unwrap().try_into()
}

#[test]
fn an_order_is_a_cart_or_a_quote_and_not_both() {
    assert!(matches!(wanted(json!({"quoteToken": "t"})), Ok(Wanted::Quote(token)) if token == "t"));
    assert!(matches!(wanted(json!({"currency": "USD", "lines": []})), Ok(Wanted::Cart(_))));
    for (body, pointers) in [
        (json!({}), vec!["/currency", "/lines"]),
        (json!({"couponCodes": ["ABC"]}), vec!["/currency", "/lines"]),
        (json!({"currency": "USD"}), vec!["/lines"]),
        (json!({"lines": []}), vec!["/currency"]),
        (json!({"quoteToken": "t", "currency": "USD", "lines": []}), vec!["/quoteToken"]),
        (json!({"quoteToken": "t", "couponCodes": []}), vec!["/quoteToken"]),
    ] {
        let document = wanted(body.clone()).unwrap_err().document("", "");
        assert_eq!((&document["status"], &document["code"]), (&json!(422), &json!("validation_failed")));
        let errors = document["errors"].as_array().unwrap();
        let named: Vec<_> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!(named, pointers, "{body}");
    }
}
