//! Coupons: what they take off, to the cent, and how often.

use serde_json::{Value, json};

use crate::market::{MINUTE, Market, cart, cents, number, one_time, text, usd};

fn of_lines(order: &Value, name: &str) -> Vec<i64> {
    order["lines"].as_array().unwrap().iter().map(|line| cents(&line[name])).collect()
}

#[tokio::test]
async fn a_percentage_and_an_amount_are_spread_over_lines_that_do_not_divide() {
    let market = Market::open().await;
    let mut sold = Vec::new();
    for (course, price) in [(1, "33.33"), (2, "33.33"), (3, "0.10")] {
        sold.push(market.sell(course, &one_time(price)).await);
    }
    let lines: Vec<_> = sold.iter().map(|sold| (sold, 1)).collect();
    market.percent("TENTH", 10, None).await;
    let seven = json!({"code": "seven-off", "discount": {"kind": "fixed", "amount": usd("7.00")}});
    let seven = market.provider.post("/v1/coupons", &seven).await.is(201);
    assert_eq!((&seven["code"], &seven["providerScope"]), (&"SEVEN-OFF".into(), &"acc_demo_provider".into()));

    let order = market.order(&lines, &["seven-off", "tenth"]).await;
    // 10 % of 66.76 is 6.676, so 6.68. By weight 3333 : 3333 : 10 that is 333.50.. : 333.50.. : 1.0006 cents:
    // 333, 333, 1 and one left over, which goes to the first of the two largest remainders: 3.34, 3.33, 0.01.
    // 60.08 is left: 29.99, 30.00, 0.09. 7.00 by that weight is 349.417.. : 349.533.. : 1.0486.. cents:
    // 349, 349, 1 and one left over, for the second: 3.49, 3.50, 0.01. Together 6.83, 6.83, 0.02.
    assert_eq!((&order["subtotal"], &order["discountTotal"]), (&usd("66.76"), &usd("13.68")));
    assert_eq!(of_lines(&order, "discountTotal"), [683, 683, 2]);
    assert_eq!(of_lines(&order, "net"), [2_650, 2_650, 8]);
    // 8.25 % of each line by itself: 2.18625, 2.18625, 0.0066.
    assert_eq!(of_lines(&order, "taxTotal"), [219, 219, 1]);
    assert_eq!((&order["taxTotal"], &order["totals"]), (&usd("4.39"), &usd("57.47")));
    let amounts: Vec<_> =
        order["discounts"].as_array().unwrap().iter().map(|row| (&row["code"], &row["amount"])).collect();
    assert_eq!(amounts, [(&json!("TENTH"), &usd("6.68")), (&json!("SEVEN-OFF"), &usd("7.00"))]);
    assert_eq!(order["appliedCoupons"].as_array().unwrap().len(), 2);

    market.pay(&order, "tok_ok").await;
    let sales = market.provider.get("/v1/provider/sales").await.is(200);
    for line in sales["data"].as_array().unwrap() {
        assert_eq!(cents(&line["feeAmount"]) + cents(&line["providerAmount"]), cents(&line["net"]), "{line}");
    }
    // 15 % of 26.50 is 3.975, and the half cent goes to the provider: 3.97 twice; of 0.08 it is 1.2 cents: 0.01.
    assert_eq!(market.earnings().await[0]["platformFee"], usd("7.95"));
}

#[tokio::test]
async fn a_free_order_is_fulfilled_without_a_payment() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("19.99")).await;
    market.percent("FREE", 100, None).await;
    let order = market.buyer.post("/v1/orders", &cart(&[(&sold, 1)], &["FREE"])).await.is(201);
    assert_eq!((&order["status"], &order["totals"]), (&"fulfilled".into(), &usd("0.00")));
    assert_eq!((&order["paymentIntentId"], &order["paymentState"]), (&Value::Null, &"none".into()));
    assert_eq!(market.entitlement("acc_demo_buyer", 1).await, "entitled");
    let pay = format!("/v1/orders/{}/pay", text(&order, "id"));
    let body = json!({"paymentToken": "tok_ok"});
    market.buyer.post(&pay, &body).await.refused(409, "order.not_payable");
}

#[tokio::test]
async fn an_exhausted_coupon_stores_a_failed_order_and_says_which() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let coupon = market.percent("ONCE", 50, Some(1)).await;
    market.order(&[(&sold, 1)], &["ONCE"]).await;
    let customer = market.api.user("customer").await;
    let refused = customer.post("/v1/orders", &cart(&[(&sold, 1)], &["ONCE"])).await;
    let refused = refused.refused(409, "coupon.exhausted");
    let order = customer.get(&format!("/v1/orders/{}", text(&refused, "orderId"))).await.is(200);
    assert_eq!((&order["status"], &order["failureReason"]), (&"failed".into(), &"coupon_exhausted".into()));
    assert_eq!(market.uses(&coupon).await, 1);

    // The buyer who gives up gives the use back.
    let listed = market.buyer.get("/v1/orders?status=pending_payment").await.is(200);
    let path = format!("/v1/orders/{}/cancel", text(&listed["data"][0], "id"));
    market.buyer.poke(&path).await.is(202);
    assert_eq!(market.uses(&coupon).await, 0);
    let order = customer.post("/v1/orders", &cart(&[(&sold, 1)], &["ONCE"])).await.is(201);
    assert_eq!(order["discountTotal"], usd("5.00"));
}

#[tokio::test]
async fn a_user_has_no_more_uses_than_the_cap_per_user() {
    let market = Market::open().await;
    let first = market.sell(1, &one_time("10.00")).await;
    let second = market.sell(2, &one_time("10.00")).await;
    let discount = json!({"kind": "percent", "value": 10});
    market.coupon(json!({"code": "EACH", "discount": discount, "perUserCap": 1})).await;
    market.buy(&[(&first, 1)], &["EACH"]).await;
    let refused = market.buyer.post("/v1/orders", &cart(&[(&second, 1)], &["EACH"])).await;
    let refused = refused.refused(409, "coupon.user_cap_reached");
    assert!(refused["orderId"].is_string(), "{refused}");
    let customer = market.api.user("customer").await;
    customer.post("/v1/orders", &cart(&[(&second, 1)], &["EACH"])).await.is(201);
}

#[tokio::test]
async fn a_coupon_that_cannot_be_used_is_said_why_and_nothing_is_stored() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let percent = json!({"kind": "percent", "value": 10});
    let now = market.admin.get("/v1/test-clock").await.is(200);
    market.coupon(json!({"code": "EURO", "discount": {"kind": "fixed", "amount": {"amount": "1.00", "currency": "EUR"}}})).await;
    market.coupon(json!({"code": "SOON", "discount": percent, "validFrom": "2999-01-01T00:00:00Z"})).await;
    market.coupon(json!({"code": "OVER", "discount": percent, "validUntil": now["now"], "validFrom": "2020-01-01T00:00:00Z"})).await;
    market.coupon(json!({"code": "ELSEWHERE", "discount": percent, "providerScope": "acc_demo_other"})).await;
    market.coupon(json!({"code": "THEIRS", "discount": percent, "tenantScope": "acc_demo_other"})).await;
    let gone = market.coupon(json!({"code": "GONE", "discount": percent})).await;
    let off = market.admin.poke(&format!("/v1/coupons/{gone}/deactivate")).await.is(200);
    assert_eq!(off["active"], false);
    market.admin.poke(&format!("/v1/coupons/{gone}/deactivate")).await.is(200);
    market.percent("ONE", 10, None).await;
    market.percent("TWO", 10, None).await;
    market.api.advance(1).await;

    for (codes, code) in [
        (&["EURO"][..], "coupon.currency_mismatch"),
        (&["SOON"], "coupon.not_yet_valid"),
        (&["OVER"], "coupon.expired"),
        (&["ELSEWHERE"], "coupon.not_applicable"),
        (&["THEIRS"], "coupon.not_found"),
        (&["NOSUCH"], "coupon.not_found"),
        (&["GONE"], "coupon.inactive"),
        (&["ONE", "TWO"], "coupon.not_stackable"),
        (&["C-1", "C-2", "C-3", "C-4", "C-5", "C-6"], "coupon.too_many"),
        (&["no spaces"], "coupon.code_malformed"),
    ] {
        market.buyer.post("/v1/orders", &cart(&[(&sold, 1)], codes)).await.refused(422, code);
        market.buyer.post("/v1/quotes", &cart(&[(&sold, 1)], codes)).await.refused(422, code);
    }
    assert_eq!(market.buyer.get("/v1/orders").await.is(200)["data"], json!([]));
    let other = market.api.user("other").await;
    other.post("/v1/orders", &cart(&[(&sold, 1)], &["THEIRS"])).await.is(201);
}

#[tokio::test]
async fn a_coupon_is_edited_while_unused_and_its_cap_never_falls_below_its_uses() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let coupon = market.percent("EDIT", 10, Some(5)).await;
    let path = format!("/v1/coupons/{coupon}");
    let half = json!({"discount": {"kind": "percent", "value": 50}});
    let edited = market.admin.patch(&path, 1, &half).await.is(200);
    assert_eq!(edited["discount"], json!({"kind": "percent", "value": 50}));
    market.admin.patch(&path, 1, &half).await.refused(412, "precondition_failed");
    market.order(&[(&sold, 1)], &["edit"]).await;
    let version = async || number(&market.admin.get(&path).await.is(200), "version");
    let tenth = json!({"discount": {"kind": "percent", "value": 10}});
    market.admin.patch(&path, version().await, &tenth).await.refused(409, "coupon.frozen");
    let capped = market.admin.patch(&path, version().await, &json!({"usageCap": 1})).await.is(200);
    assert_eq!((&capped["usageCap"], &capped["usageCount"]), (&1.into(), &1.into()));
    market.admin.patch(&path, version().await, &json!({"usageCap": null})).await.is(200);
    let order = market.api.user("customer").await.post("/v1/orders", &cart(&[(&sold, 1)], &["EDIT"])).await;
    order.is(201);
    let refused = market.admin.patch(&path, version().await, &json!({"usageCap": 1})).await;
    refused.refused(409, "coupon.cap_below_usage");
}

#[tokio::test]
async fn a_code_is_taken_once_per_owner_and_coupons_are_their_owner_s() {
    let market = Market::open().await;
    let body = json!({"code": " same ", "discount": {"kind": "percent", "value": 10}});
    let own = market.provider.post("/v1/coupons", &body).await.is(201);
    assert_eq!(own["code"], "SAME");
    market.provider.post("/v1/coupons", &body).await.refused(409, "coupon.code_taken");
    let platform = market.admin.post("/v1/coupons", &body).await.is(201);
    assert_eq!(platform["ownerTenantId"], "platform");
    let other = market.api.user("other").await;
    other.post("/v1/coupons", &body).await.is(201);
    other.get(&format!("/v1/coupons/{}", text(&own, "id"))).await.refused(404, "not_found");
    other
        .patch(&format!("/v1/coupons/{}", text(&own, "id")), 1, &json!({"usageCap": 1}))
        .await
        .refused(404, "not_found");
    let listed = market.provider.walk("/v1/coupons", 1).await;
    assert_eq!(listed, [own]);
    let stolen = json!({"code": "STOLEN", "discount": {"kind": "percent", "value": 10}, "providerScope": "acc_demo_other"});
    market.provider.post("/v1/coupons", &stolen).await.refused(403, "coupon.foreign_provider_scope");
}

#[tokio::test]
async fn a_hold_of_an_unpaid_order_ends_with_the_order() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let coupon = market.percent("HELD", 10, Some(1)).await;
    let order = market.order(&[(&sold, 1)], &["HELD"]).await;
    market.api.advance(29 * MINUTE).await;
    assert_eq!(market.uses(&coupon).await, 1);
    market.api.advance(2 * MINUTE).await;
    let order = market.stored(&order).await;
    assert_eq!((&order["status"], &order["failureReason"]), (&"failed".into(), &"payment_timeout".into()));
    assert_eq!(market.uses(&coupon).await, 0);
    let order = market.buy(&[(&sold, 1)], &["HELD"]).await;
    market.refund(&order, &json!({"reason": "not for me"})).await.is(202);
    assert_eq!(market.uses(&coupon).await, 1, "a buyer's refund gives no use back");
}
