//! What is told about an order: the refund's preview, the receipt, the timeline.

use serde_json::{Value, json};

use crate::market::{Market, cents, one_time, seat_pack, subscription, text, usd};

fn order_path(order: &Value, view: &str) -> String {
    format!("/v1/orders/{}/{view}", text(order, "id"))
}

#[tokio::test]
async fn a_preview_tells_what_the_refund_then_does() {
    let market = Market::open().await;
    let sold = [
        market.sell(1, &one_time("9.99")).await,
        market.sell(2, &seat_pack("33.33", 2)).await,
        market.sell(3, &subscription("0.07")).await,
    ];
    market.percent("THIRD", 33, None).await;
    let order = market.buy(&[(&sold[0], 1), (&sold[1], 4), (&sold[2], 1)], &["THIRD"]).await;
    let [one, two] = [0, 1].map(|index| text(&order["lines"][index], "id").to_owned());
    let preview = format!("{}?lines={one},{two}", order_path(&order, "refund-preview"));
    let told = market.buyer.get(&preview).await.is(200);
    assert_eq!(
        (&told["eligible"], &told["full"], &told["failedRules"]),
        (&true.into(), &false.into(), &json!([]))
    );
    assert_eq!(told["lines"][0]["refundDeadline"], order["lines"][0]["refundDeadline"]);
    assert_eq!(told["lines"][0]["seatsTouched"], json!({"active": 1, "released": 1, "consumed": 0}));
    let debits = told["providerDebits"].as_array().unwrap();
    let lost: i64 = debits.iter().map(|debit| cents(&debit["net"])).sum();
    let owed = cents(&market.earnings().await[0]["netPayable"]);

    let body = json!({"lines": [one, two], "reason": "not for us"});
    let refunded = market.refund(&order, &body).await.is(202);
    assert_eq!(refunded["refunds"][0]["amount"], told["amount"]);
    let earned = &market.earnings().await[0];
    assert_eq!(cents(&earned["netPayable"]), owed - lost);
    assert_eq!(earned["periodMonth"], debits[0]["periodMonth"]);
    let rest = market.buyer.get(&order_path(&order, "refund-preview")).await.is(200);
    assert_eq!((&rest["full"], rest["lines"].as_array().unwrap().len()), (&true.into(), 1));
    let both = format!("{}?lines={one}", order_path(&order, "refund-preview"));
    let again = market.buyer.get(&both).await.is(200);
    assert_eq!(again["eligible"], false);
    assert_eq!(
        (&again["failedRules"][0]["code"], &again["failedRules"][0]["orderLineId"]),
        (&"refund.already_refunded".into(), &one.as_str().into())
    );
}

#[tokio::test]
async fn a_preview_answers_whatever_fails_and_only_who_may_see_the_order() {
    let market = Market::open().await;
    let policy = json!({"refundDays": 30, "attemptsCap": 2});
    let sold = market.sell_returnable(1, &one_time("10.00"), policy).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    let path = order_path(&order, "refund-preview");
    market.enrollment(json!({"outage": true})).await;
    let silent = market.buyer.get(&path).await.is(200);
    assert_eq!(
        (&silent["eligible"], &silent["failedRules"][0]["code"]),
        (&false.into(), &"refund.indeterminate".into())
    );
    assert_eq!(silent["lines"][0]["seatsTouched"], json!({"active": 1, "released": null, "consumed": null}));
    market.enrollment(json!({"outage": false})).await;
    assert_eq!(market.admin.get(&path).await.is(200)["eligible"], true);
    let unknown = market.buyer.get(&format!("{path}?lines=oln_01ARZ3NDEKTSV4RRFFQ69G5FAV")).await.is(200);
    assert_eq!(unknown["failedRules"][0]["code"], "refund.unknown_line");
    for malformed in ["lines=", "lines=oln_1", "line=oln_01ARZ3NDEKTSV4RRFFQ69G5FAV"] {
        market.buyer.get(&format!("{path}?{malformed}")).await.refused(422, "validation_failed");
    }
    for view in ["refund-preview", "explain", "timeline"] {
        let path = order_path(&order, view);
        market.api.user("customer").await.get(&path).await.refused(404, "not_found");
        market.provider.get(&path).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_receipt_proves_itself() {
    let market = Market::open().await;
    let sold = [market.sell(1, &one_time("9.99")).await, market.sell(2, &one_time("6.45")).await];
    market.percent("THIRD", 33, None).await;
    let order = market.buy(&[(&sold[0], 1), (&sold[1], 1)], &["THIRD"]).await;
    let receipt = market.buyer.get(&order_path(&order, "explain")).await.is(200);
    let checks = receipt["checks"].as_array().unwrap();
    assert!(checks.len() > 20 && checks.iter().all(|check| check["holds"] == true), "{receipt}");
    let coupon = &receipt["coupons"][0];
    // 33 % of 16.44 is 5.4252: 5.43.
    assert_eq!(coupon["discount"], json!({"kind": "percent", "value": 33}));
    assert_eq!((&coupon["base"], &coupon["amount"]), (&usd("16.44"), &usd("5.43")));
    assert_eq!(coupon["exact"], json!({"numerator": "54252", "denominator": "100"}));
    for (shown, line) in receipt["lines"].as_array().unwrap().iter().zip(order["lines"].as_array().unwrap()) {
        assert_eq!((&shown["net"], &shown["tax"]), (&line["net"], &line["taxTotal"]));
        let split = &shown["split"];
        let parts = cents(&split["fee"]["amount"]) + cents(&split["provider"]["amount"]);
        assert_eq!(parts, cents(&shown["net"]));
        assert_eq!((&split["platformBps"], &split["providerBps"]), (&1_500.into(), &8_500.into()));
    }
    assert_eq!(receipt["totals"], order["totals"]);
}

#[tokio::test]
async fn a_timeline_is_one_answer_oldest_first() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    let told = market.buyer.get(&order_path(&order, "timeline")).await.is(200);
    assert_eq!((&told["orderId"], &told["truncated"]), (&order["id"], &false.into()));
    let entries = told["entries"].as_array().unwrap();
    let times: Vec<&str> = entries.iter().map(|entry| text(entry, "at")).collect();
    assert!(times.is_sorted());
    assert_eq!(entries[0]["type"], "marketplace.order.placed.v1");
    assert_eq!(entries[0]["summary"], "The order of 1 line was placed");
    assert_eq!(entries[0]["details"][0], json!({"name": "currency", "value": "USD"}));
    assert!(entries.iter().any(|entry| entry["subject"] == order["lines"][0]["licenseId"]));
    assert!(entries.iter().all(|entry| !text(entry, "type").contains("earnings")));
}
