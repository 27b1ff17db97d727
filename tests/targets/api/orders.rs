//! Placing, listing and cancelling orders.

use serde_json::{Value, json};

use crate::market::{Market, cart, draft, one_time, seat_pack, subscription, text, usd};

#[tokio::test]
async fn an_order_shows_everything_it_froze() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("100.00")).await;
    let placed = market.buyer.post("/v1/orders", &cart(&[(&sold, 1)], &[])).await;
    let location = placed.header("location").to_owned();
    let order = placed.is(201);
    assert_eq!(location, format!("/v1/orders/{}", text(&order, "id")));
    assert_eq!((&order["status"], &order["paymentState"]), (&"pending_payment".into(), &"pending".into()));
    assert_eq!((&order["taxTotal"], &order["totals"]), (&usd("8.25"), &usd("108.25")));
    let line = &order["lines"][0];
    assert_eq!(
        (&line["planKind"], &line["packs"], &line["quantity"]),
        (&"one_time".into(), &1.into(), &1.into())
    );
    assert_eq!((&line["refundDeadline"], &line["licenseId"]), (&Value::Null, &Value::Null));
    assert_eq!(line.get("feeAmount"), None, "the split is not the buyer's to see");
    assert_eq!((&order["refunds"], &order["strayCaptures"]), (&json!([]), &json!([])));

    let paid = market.pay(&order, "tok_ok").await;
    assert_eq!((&paid["status"], &paid["paymentState"]), (&"fulfilled".into(), &"captured".into()));
    assert!(paid["lines"][0]["licenseId"].is_string() && paid["refundDeadline"].is_string(), "{paid}");
    assert_eq!(market.stored(&order).await, paid);
    let seen = market.admin.get(&location).await.is(200);
    assert_eq!(
        (&seen["lines"][0]["feeAmount"], &seen["lines"][0]["providerAmount"]),
        (&usd("15.00"), &usd("85.00"))
    );
    assert_eq!(market.entitlement("acc_demo_buyer", 1).await, "entitled");
}

#[tokio::test]
async fn seats_are_sold_in_whole_packs_and_the_nearest_are_named() {
    let market = Market::open().await;
    let pack = market.sell(1, &seat_pack("50.00", 5)).await;
    for (quantity, nearest) in [(7, json!([5, 10])), (14, json!([10, 15]))] {
        let refused = market.buyer.post("/v1/orders", &cart(&[(&pack, quantity)], &[])).await;
        let refused = refused.refused(422, "order.quantity_not_multiple");
        assert_eq!(refused["nearest"], nearest);
    }
    let few = market.buyer.post("/v1/orders", &cart(&[(&pack, 3)], &[])).await;
    let few = few.refused(422, "order.quantity_not_multiple");
    assert!(few["nearest"].as_array().unwrap().contains(&5.into()), "{few}");
    let order = market.order(&[(&pack, 10)], &[]).await;
    assert_eq!((&order["lines"][0]["packs"], &order["subtotal"]), (&2.into(), &usd("100.00")));
    assert_eq!(order["lines"][0]["unitPrice"], usd("50.00"));

    for plan in
        [one_time("10.00"), subscription("10.00"), json!({"kind": "site_license", "price": usd("10.00")})]
    {
        let single = market.sell(2, &plan).await;
        let refused = market.buyer.post("/v1/orders", &cart(&[(&single, 2)], &[])).await;
        refused.refused(422, "order.quantity_must_be_one");
    }
}

#[tokio::test]
async fn a_cart_that_makes_no_sense_is_refused_and_stored_nowhere() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let other = market.sell(2, &one_time("10.00")).await;
    let euro = json!({"kind": "one_time", "price": {"amount": "10.00", "currency": "EUR"}});
    let euro = market.sell(3, &euro).await;
    let draft = market.draft_with(&draft(4), &one_time("10.00")).await;
    let mut swapped = sold.clone();
    swapped.plan.clone_from(&other.plan);
    let lines: Vec<_> = (0..51).map(|_| (&sold, 1)).collect();
    for (cart, status, code) in [
        (cart(&[], &[]), 422, "order.no_lines"),
        (cart(&lines, &[]), 422, "order.too_many_lines"),
        (cart(&[(&sold, 1), (&sold, 1)], &[]), 422, "order.duplicate_line"),
        (cart(&[(&sold, 1), (&euro, 1)], &[]), 422, "order.currency_mismatch"),
        (cart(&[(&draft, 1)], &[]), 404, "not_found"),
        (cart(&[(&swapped, 1)], &[]), 404, "listing.plan_not_found"),
        (cart(&[(&sold, 0)], &[]), 422, "validation_failed"),
    ] {
        for path in ["/v1/orders", "/v1/quotes"] {
            market.buyer.post(path, &cart).await.refused(status, code);
        }
    }
    assert_eq!(market.buyer.get("/v1/orders").await.is(200)["data"], json!([]));
}

#[tokio::test]
async fn a_course_that_is_held_is_not_sold_to_the_same_person_again() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    let again = market.buyer.post("/v1/orders", &cart(&[(&sold, 1)], &[])).await;
    again.refused(409, "order.already_licensed");
    market.refund(&order, &json!({"reason": "not for me"})).await.is(202);
    market.buy(&[(&sold, 1)], &[]).await;
}

#[tokio::test]
async fn orders_are_listed_by_status_forth_and_back_for_their_buyer_only() {
    let market = Market::open().await;
    let mut placed = Vec::new();
    for course in 1..=7 {
        let sold = market.sell(course, &one_time("10.00")).await;
        let order = market.order(&[(&sold, 1)], &[]).await;
        placed.push(if course % 2 == 0 { market.pay(&order, "tok_ok").await } else { order });
    }
    placed.reverse();
    for limit in [1, 2, 3, 7, 50] {
        assert_eq!(market.buyer.walk("/v1/orders", limit).await, placed, "newest first, by {limit}");
    }
    let fulfilled: Vec<_> = placed.iter().filter(|order| order["status"] == "fulfilled").cloned().collect();
    assert_eq!(market.buyer.walk("/v1/orders?status=fulfilled", 2).await, fulfilled);
    let customer = market.api.user("customer").await;
    assert_eq!(customer.walk("/v1/orders", 5).await, [] as [Value; 0]);
    let path = format!("/v1/orders/{}", text(&placed[0], "id"));
    customer.get(&path).await.refused(404, "not_found");
    customer.poke(&format!("{path}/cancel")).await.refused(404, "not_found");
    customer.post(&format!("{path}/pay"), &json!({"paymentToken": "tok_ok"})).await.refused(404, "not_found");
    market.provider.get(&path).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_unpaid_order_is_cancelled_once_and_a_paid_one_is_not() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.order(&[(&sold, 1)], &[]).await;
    let cancel = format!("/v1/orders/{}/cancel", text(&order, "id"));
    let cancelled = market.buyer.poke(&cancel).await.is(202);
    assert_eq!((&cancelled["status"], &cancelled["failureReason"]), (&"failed".into(), &"cancelled".into()));
    assert_eq!(market.buyer.poke(&cancel).await.is(202), cancelled);
    let pay = format!("/v1/orders/{}/pay", text(&order, "id"));
    let body = json!({"paymentToken": "tok_ok"});
    market.buyer.post(&pay, &body).await.refused(409, "order.not_payable");

    let order = market.buy(&[(&sold, 1)], &[]).await;
    let cancel = format!("/v1/orders/{}/cancel", text(&order, "id"));
    market.buyer.poke(&cancel).await.refused(409, "order.not_cancellable");
}
