//! A price that is promised, and what placing it does.

use serde_json::json;

use crate::market::{MINUTE, Market, cart, number, one_time, text, usd};

#[tokio::test]
async fn a_quote_is_placed_once_whoever_asks_how_often() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("80.00")).await;
    let coupon = market.percent("QUARTER", 25, Some(1)).await;
    let quote = market.buyer.post("/v1/quotes", &cart(&[(&sold, 1)], &["quarter"])).await.is(201);
    // 80.00 - 20.00 = 60.00; 8.25 % of it is 4.95.
    assert_eq!((&quote["subtotal"], &quote["discountTotal"]), (&usd("80.00"), &usd("20.00")));
    assert_eq!((&quote["taxTotal"], &quote["totals"]), (&usd("4.95"), &usd("64.95")));
    assert_eq!(quote["discounts"], json!([{"couponId": coupon, "code": "QUARTER", "amount": usd("20.00")}]));
    assert_eq!(quote["state"], "open");
    assert_eq!(market.uses(&coupon).await, 1, "the quote holds the coupon's only use");
    let customer = market.api.user("customer").await;
    let exhausted = customer.post("/v1/quotes", &cart(&[(&sold, 1)], &["QUARTER"])).await;
    exhausted.refused(409, "coupon.exhausted");

    let token = json!({"quoteToken": quote["quoteToken"]});
    let order = market.buyer.post("/v1/orders", &token).await.is(201);
    assert_eq!((&order["id"], &order["quoteId"]), (&quote["orderId"], &quote["id"]));
    assert_eq!((&order["totals"], &order["status"]), (&quote["totals"], &"pending_payment".into()));
    let again = market.buyer.post("/v1/orders", &token).await.is(200);
    assert_eq!(again, order, "the same order, not a second one");
    market.pay(&order, "tok_ok").await;
    let later = market.buyer.post("/v1/orders", &token).await.is(200);
    assert_eq!(later["status"], "fulfilled", "whatever became of it");
    assert_eq!(market.uses(&coupon).await, 1);

    let both = json!({"quoteToken": quote["quoteToken"], "currency": "USD", "lines": []});
    market.buyer.post("/v1/orders", &both).await.refused(422, "validation_failed");
    market.buyer.post("/v1/orders", &json!({})).await.refused(422, "validation_failed");
}

#[tokio::test]
async fn a_quote_is_good_for_its_buyer_and_as_it_was_signed() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("80.00")).await;
    let quote = market.buyer.post("/v1/quotes", &cart(&[(&sold, 1)], &[])).await.is(201);
    let token = text(&quote, "quoteToken");
    let other = market.api.user("other").await;
    other.post("/v1/orders", &json!({"quoteToken": token})).await.refused(404, "not_found");
    for bad in ["", "quo_1", &token[..token.len() - 1], &format!("{token}x"), &token.to_lowercase()] {
        let answer = market.buyer.post("/v1/orders", &json!({"quoteToken": bad})).await;
        answer.refused(422, "quote.token_invalid");
    }
}

#[tokio::test]
async fn a_quote_ends_after_fifteen_minutes_and_gives_its_coupon_back() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("80.00")).await;
    let coupon = market.percent("ONCE", 25, Some(1)).await;
    let quote = market.buyer.post("/v1/quotes", &cart(&[(&sold, 1)], &["ONCE"])).await.is(201);
    market.api.advance(15 * MINUTE + 1).await;
    let late = market.buyer.post("/v1/orders", &json!({"quoteToken": quote["quoteToken"]})).await;
    late.refused(409, "quote.expired");
    assert_eq!(market.uses(&coupon).await, 0);
    let order = market.order(&[(&sold, 1)], &["ONCE"]).await;
    assert_eq!(order["discountTotal"], usd("20.00"));
}

#[tokio::test]
async fn a_quoted_price_outlives_its_plan_and_not_its_listing() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("80.00")).await;
    let quote = async || market.buyer.post("/v1/quotes", &cart(&[(&sold, 1)], &[])).await.is(201);
    let (first, second) = (quote().await, quote().await);
    let listing = market.provider.get(&format!("/v1/listings/{}", sold.listing)).await.is(200);
    let plan = format!("/v1/listings/{}/plans/{}", sold.listing, sold.plan);
    let off = json!({"active": false});
    market.provider.patch(&plan, number(&listing, "version"), &off).await.is(200);
    let fresh = market.buyer.post("/v1/orders", &cart(&[(&sold, 1)], &[])).await;
    fresh.refused(409, "order.plan_inactive");
    let order = market.buyer.post("/v1/orders", &json!({"quoteToken": first["quoteToken"]})).await.is(201);
    assert_eq!(order["totals"], first["totals"]);

    let suspend = format!("/v1/admin/listings/{}/suspend", sold.listing);
    market.admin.post(&suspend, &json!({"reason": "a complaint"})).await.is(200);
    let refused = market.buyer.post("/v1/orders", &json!({"quoteToken": second["quoteToken"]})).await;
    refused.refused(409, "listing.not_live");
}
