//! Every way a payment can go.

use serde_json::{Value, json};

use crate::market::{MINUTE, Market, one_time, text, usd};

#[tokio::test]
async fn a_final_decline_ends_the_order() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.order(&[(&sold, 1)], &[]).await;
    let declined = market.pay(&order, "tok_decline").await;
    assert_eq!(
        (&declined["status"], &declined["failureReason"]),
        (&"failed".into(), &"payment_declined".into())
    );
    assert_eq!(declined["lastPaymentError"]["code"], "card_declined");
    assert_eq!(market.entitlement("acc_demo_buyer", 1).await, "no_licence");
}

#[tokio::test]
async fn a_decline_is_tried_again_on_the_same_intent() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.order(&[(&sold, 1)], &[]).await;
    let declined = market.pay(&order, "tok_decline_once").await;
    assert_eq!(
        (&declined["status"], &declined["lastPaymentError"]["code"]),
        (&"pending_payment".into(), &"card_declined".into())
    );
    let paid = market.pay(&order, "tok_decline_once").await;
    assert_eq!((&paid["status"], &paid["paymentIntentId"]), (&"fulfilled".into(), &order["paymentIntentId"]));
}

#[tokio::test]
async fn an_unknown_token_is_refused_and_the_order_still_waits() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.order(&[(&sold, 1)], &[]).await;
    let pay = format!("/v1/orders/{}/pay", text(&order, "id"));
    for token in ["tok_unknown", "", "4111111111111111"] {
        let body = json!({"paymentToken": token});
        market.buyer.post(&pay, &body).await.refused(422, "payment.token_refused");
    }
    assert_eq!(market.pay(&order, "tok_ok").await["status"], "fulfilled");
}

#[tokio::test]
async fn a_payment_that_is_never_answered_ends_at_the_timeout() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.pay(&market.order(&[(&sold, 1)], &[]).await, "tok_timeout").await;
    assert_eq!(order["status"], "pending_payment");
    market.api.advance(31 * MINUTE).await;
    let order = market.stored(&order).await;
    assert_eq!((&order["status"], &order["failureReason"]), (&"failed".into(), &"payment_timeout".into()));
    assert_eq!((&order["paymentState"], &order["strayCaptures"]), (&"none".into(), &json!([])));
}

#[tokio::test]
async fn a_payment_after_the_timeout_goes_back_by_itself() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.pay(&market.order(&[(&sold, 1)], &[]).await, "tok_late").await;
    assert_eq!(order["status"], "pending_payment");
    market.api.advance(30 * MINUTE + 1).await;
    assert_eq!(market.stored(&order).await["status"], "failed");
    market.api.advance(2 * MINUTE).await;
    let order = market.stored(&order).await;
    assert_eq!((&order["status"], &order["paymentState"]), (&"failed".into(), &"refunded".into()));
    let strays = order["strayCaptures"].as_array().unwrap();
    assert_eq!(strays.len(), 1, "{order}");
    assert_eq!((&strays[0]["kind"], &strays[0]["amount"]), (&"after_close".into(), &usd("10.83")));
    assert!(strays[0]["refundedAt"].is_string(), "{order}");
    assert_eq!(market.earnings().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_payment_told_twice_is_one_payment() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.pay(&market.order(&[(&sold, 1)], &[]).await, "tok_double").await;
    market.api.advance(MINUTE).await;
    let order = market.stored(&order).await;
    assert_eq!((&order["status"], &order["strayCaptures"]), (&"fulfilled".into(), &json!([])));
    let licenses = market.buyer.get("/v1/licenses").await.is(200);
    assert_eq!(licenses["data"].as_array().unwrap().len(), 1);
    assert_eq!(market.earnings().await[0]["grossRevenue"], usd("10.00"));
}

#[tokio::test]
async fn another_amount_is_returned_and_the_order_fails() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.pay(&market.order(&[(&sold, 1)], &[]).await, "tok_mismatch").await;
    market.api.advance(MINUTE).await;
    let order = market.stored(&order).await;
    assert_eq!((&order["status"], &order["failureReason"]), (&"failed".into(), &"amount_mismatch".into()));
    let stray = &order["strayCaptures"][0];
    assert_eq!((&stray["kind"], &stray["amount"]), (&"mismatched".into(), &usd("11.83")));
    assert!(stray["refundedAt"].is_string(), "{order}");
    assert_eq!(order["paymentState"], "refunded");
}

#[tokio::test]
async fn an_outage_of_enrollment_delays_the_fulfilment_and_loses_nothing() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    market.enrollment(json!({"outage": true})).await;
    let order = market.pay(&market.order(&[(&sold, 1)], &[]).await, "tok_ok").await;
    assert_eq!((&order["status"], &order["paymentState"]), (&"paid".into(), &"captured".into()));
    market.api.advance(10 * MINUTE).await;
    assert_eq!(market.stored(&order).await["status"], "paid");
    market.enrollment(json!({"outage": false})).await;
    market.api.advance(10 * MINUTE).await;
    assert_eq!(market.stored(&order).await["status"], "fulfilled");
}

#[tokio::test]
async fn paying_twice_pays_once() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    let pay = format!("/v1/orders/{}/pay", text(&order, "id"));
    let body = json!({"paymentToken": "tok_ok"});
    market.buyer.post(&pay, &body).await.refused(409, "order.not_payable");
    assert_eq!(market.stored(&order).await, order);
}
