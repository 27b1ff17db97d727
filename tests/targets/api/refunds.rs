//! Money back: whole and in lines, by the buyer, the staff and the bank, and never twice.

use serde_json::json;

use crate::market::{DAY, MINUTE, Market, cents, one_time, seat_pack, text, usd};

const WHY: &str = "changed my mind";

#[tokio::test]
async fn a_refund_takes_it_all_back_to_the_cent() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("6.45")).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    // 8.25 % of 6.45 is 0.532125; 15 % of it is 0.9675: 0.97 and 5.48.
    assert_eq!(order["totals"], usd("6.98"));
    let refunded = market.refund(&order, &json!({"reason": WHY})).await.is(202);
    assert_eq!((&refunded["status"], &refunded["refundState"]), (&"refunded".into(), &"full".into()));
    assert_eq!((&refunded["refundedTotal"], &refunded["paymentState"]), (&usd("6.98"), &"refunded".into()));
    let refund = &refunded["refunds"][0];
    assert_eq!(
        (&refund["state"], &refund["source"], &refund["reason"]),
        (&"succeeded".into(), &"buyer".into(), &WHY.into())
    );
    assert!(refund["settledAt"].is_string() && text(refund, "id").starts_with("rfd_"), "{refund}");
    assert_eq!(market.license(&Market::license_of(&order)).await["state"], "revoked");
    assert_eq!(market.entitlement("acc_demo_buyer", 1).await, "revoked");
    let earned = &market.earnings().await[0];
    assert_eq!((&earned["grossRevenue"], &earned["refunds"]), (&usd("6.45"), &usd("6.45")));
    assert_eq!((&earned["platformFee"], &earned["feeReversed"]), (&usd("0.97"), &usd("0.97")));
    assert_eq!((&earned["netPayable"], &earned["closingDeficit"]), (&usd("0.00"), &usd("0.00")));
    let again = market.refund(&order, &json!({"reason": WHY})).await;
    again.refused(409, "refund.already_refunded");
}

#[tokio::test]
async fn lines_go_back_one_by_one_and_the_last_takes_the_rest() {
    let market = Market::open().await;
    let mut sold = Vec::new();
    for (course, price) in [(1, "9.99"), (2, "0.07"), (3, "33.33")] {
        sold.push(market.sell(course, &one_time(price)).await);
    }
    market.percent("THIRD", 33, None).await;
    let lines: Vec<_> = sold.iter().map(|sold| (sold, 1)).collect();
    let order = market.buy(&lines, &["THIRD"]).await;
    let mut returned = 0;
    for (index, line) in order["lines"].as_array().unwrap().iter().enumerate() {
        let body = json!({"lines": [line["id"]], "reason": WHY});
        let after = market.refund(&order, &body).await.is(202);
        let due = cents(&line["net"]) + cents(&line["taxTotal"]);
        assert_eq!(cents(&after["refunds"][index]["amount"]), due, "{after}");
        returned += due;
        assert_eq!(cents(&after["refundedTotal"]), returned);
        let (status, progress) = if index == 2 { ("refunded", "full") } else { ("fulfilled", "partial") };
        assert_eq!((&after["status"], &after["refundState"]), (&status.into(), &progress.into()));
        if index < 2 {
            market.refund(&order, &body).await.refused(409, "refund.already_refunded");
        }
    }
    assert_eq!(returned, cents(&order["totals"]));
    let earned = &market.earnings().await[0];
    assert_eq!((&earned["netPayable"], &earned["closingDeficit"]), (&usd("0.00"), &usd("0.00")));
    for course in 1..=3 {
        assert_eq!(market.entitlement("acc_demo_buyer", course).await, "revoked");
    }
}

#[tokio::test]
async fn a_refund_names_lines_of_the_order_and_a_reason() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let unpaid = market.order(&[(&sold, 1)], &[]).await;
    market.refund(&unpaid, &json!({"reason": WHY})).await.refused(409, "refund.not_refundable");
    let order = market.pay(&unpaid, "tok_ok").await;
    let foreign = json!({"lines": ["oln_01ARZ3NDEKTSV4RRFFQ69G5FAV"], "reason": WHY});
    market.refund(&order, &foreign).await.refused(422, "refund.unknown_line");
    market.refund(&order, &json!({"lines": [], "reason": WHY})).await.refused(422, "refund.no_lines");
    market.refund(&order, &json!({"reason": "  "})).await.refused(422, "validation_failed");
    market.refund(&order, &json!({})).await.refused(422, "validation_failed");
    let customer = market.api.user("customer").await;
    let path = format!("/v1/orders/{}/refunds", text(&order, "id"));
    customer.post(&path, &json!({"reason": WHY})).await.refused(404, "not_found");
    assert_eq!(market.stored(&order).await, order, "nothing of that left a trace");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_refunds_at_once_are_one() {
    let market = Market::open().await;
    for course in 1..=5 {
        let sold = market.sell(course, &one_time("10.00")).await;
        let order = market.buy(&[(&sold, 1)], &[]).await;
        let path = format!("/v1/orders/{}/refunds", text(&order, "id"));
        let asks: Vec<_> = (0..6)
            .map(|_| {
                let (buyer, path) = (market.buyer.clone(), path.clone());
                tokio::spawn(async move { buyer.post(&path, &json!({"reason": WHY})).await })
            })
            .collect();
        let mut taken = 0;
        for ask in asks {
            let answer = ask.await.unwrap();
            match answer.status {
                202 => taken += 1,
                409 => {
                    let code = answer.json["code"].as_str().unwrap();
                    assert!(["refund.in_progress", "refund.already_refunded"].contains(&code), "{code}");
                }
                _ => panic!("{}", answer.text),
            }
        }
        assert_eq!(taken, 1);
        let order = market.stored(&order).await;
        assert_eq!(
            (order["refunds"].as_array().unwrap().len(), &order["refundedTotal"]),
            (1, &order["totals"])
        );
    }
}

#[tokio::test]
async fn the_deadline_counts_from_the_payment_and_the_staff_may_pass_it() {
    let market = Market::open().await;
    let policy = json!({"refundDays": 2});
    let sold = market.sell_returnable(1, &one_time("10.00"), policy).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    let late = market.api.advance(2 * DAY + 1).await;
    assert!(text(&late, "now") > text(&order, "refundDeadline"), "{late}");
    let refused = market.refund(&order, &json!({"reason": WHY})).await;
    refused.refused(409, "refund.deadline_passed");
    let unsourced = market.refund_by_staff(&order, &json!({"reason": "goodwill"})).await;
    unsourced.refused(422, "validation_failed");
    let goodwill = json!({"reason": "goodwill", "source": "admin"});
    let refunded = market.refund_by_staff(&order, &goodwill).await.is(202);
    assert_eq!(
        (&refunded["status"], &refunded["refunds"][0]["source"]),
        (&"refunded".into(), &"admin".into())
    );
    assert_eq!(refunded["refunds"][0]["reason"], "goodwill");
}

#[tokio::test]
async fn within_the_deadline_a_refund_is_the_buyers_right() {
    let market = Market::open().await;
    let sold = market.sell_returnable(1, &one_time("10.00"), json!({"refundDays": 2})).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    market.api.advance(2 * DAY - MINUTE).await;
    market.refund(&order, &json!({"reason": WHY})).await.is(202);
}

#[tokio::test]
async fn a_policy_of_zero_days_leaves_it_to_the_staff() {
    let market = Market::open().await;
    let sold = market.sell_returnable(1, &one_time("10.00"), json!({"refundDays": 0})).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    market.refund(&order, &json!({"reason": WHY})).await.refused(409, "refund.not_self_refundable");
    let body = json!({"reason": "goodwill", "source": "dispute"});
    let refunded = market.refund_by_staff(&order, &body).await.is(202);
    assert_eq!(refunded["refunds"][0]["source"], "dispute");
}

#[tokio::test]
async fn too_many_attempts_end_the_right_to_return_and_silence_grants_nothing() {
    let market = Market::open().await;
    let policy = json!({"refundDays": 30, "attemptsCap": 2});
    let sold = market.sell_returnable(1, &one_time("10.00"), policy).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    let learned = |attempts| json!({"consumed": [{"userId": "acc_demo_buyer", "courseId": "crs_demo_1", "attempts": attempts}]});
    market.enrollment(json!({"outage": true})).await;
    let silent = market.refund(&order, &json!({"reason": WHY})).await;
    assert_eq!(silent.header("retry-after"), "1");
    silent.refused(503, "refund.indeterminate");
    market.enrollment(json!({"outage": false})).await;
    market.enrollment(learned(3)).await;
    market.refund(&order, &json!({"reason": WHY})).await.refused(409, "refund.attempts_exceeded");
    assert_eq!(market.stored(&order).await["refunds"], json!([]));
    market.enrollment(learned(2)).await;
    market.refund(&order, &json!({"reason": WHY})).await.is(202);
}

#[tokio::test]
async fn a_refund_billing_refuses_leaves_the_order_as_it_was_and_can_be_asked_for_again() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.pay(&market.order(&[(&sold, 1)], &[]).await, "tok_refund_fails").await;
    let failed = market.refund(&order, &json!({"reason": WHY})).await.is(202);
    assert_eq!((&failed["status"], &failed["refunds"][0]["state"]), (&"fulfilled".into(), &"failed".into()));
    assert_eq!((&failed["refundedTotal"], &failed["refundState"]), (&usd("0.00"), &"none".into()));
    assert_eq!(market.entitlement("acc_demo_buyer", 1).await, "entitled");
    let again = market.refund(&order, &json!({"reason": WHY})).await.is(202);
    assert_eq!((&again["status"], &again["refunds"][1]["state"]), (&"refunded".into(), &"succeeded".into()));
}

#[tokio::test]
async fn before_fulfilment_an_order_goes_back_as_a_whole() {
    let market = Market::open().await;
    let sold = [market.sell(1, &one_time("10.00")).await, market.sell(2, &one_time("10.00")).await];
    market.enrollment(json!({"outage": true})).await;
    let order = market.order(&[(&sold[0], 1), (&sold[1], 1)], &[]).await;
    let order = market.pay(&order, "tok_ok").await;
    assert_eq!(order["status"], "paid");
    let part = json!({"lines": [order["lines"][0]["id"]], "reason": WHY});
    market.refund(&order, &part).await.refused(409, "refund.partial_before_fulfilment");
    market.refund(&order, &json!({"reason": WHY})).await.is(202);
    market.enrollment(json!({"outage": false})).await;
    market.api.advance(20 * MINUTE).await;
    let order = market.stored(&order).await;
    assert_eq!((&order["status"], &order["refundedTotal"]), (&"refunded".into(), &order["totals"]));
    assert_eq!(market.entitlement("acc_demo_buyer", 1).await, "revoked");
}

#[tokio::test]
async fn consumed_seats_stay_marked_and_access_ends_for_all() {
    let market = Market::open().await;
    let sold = market.sell(1, &seat_pack("50.00", 3)).await;
    let order = market.buy(&[(&sold, 3)], &[]).await;
    let license = Market::license_of(&order);
    for user in ["ann", "bob"] {
        market.buyer.post(&format!("/v1/licenses/{license}/seats"), &json!({"userId": user})).await.is(201);
    }
    market
        .enrollment(json!({"consumed": [{"userId": "ann", "courseId": "crs_demo_1", "attempts": 1}]}))
        .await;
    market.refund(&order, &json!({"reason": WHY})).await.is(202);
    let after = market.license(&license).await;
    assert_eq!((&after["state"], &after["consumedSeats"]), (&"revoked".into(), &1.into()));
    assert_eq!(after["remainingSeats"], 2, "LI-INV-1: a consumed seat stays allocated");
    let seats = market.buyer.walk(&format!("/v1/licenses/{license}/seats"), 10).await;
    let of = |user: &str| seats.iter().find(|seat| seat["userId"] == user).unwrap()["status"].clone();
    assert_eq!((of("ann"), of("bob")), (json!("consumed_on_refund"), json!("released")));
    for user in ["ann", "bob"] {
        assert_eq!(market.entitlement(user, 1).await, "revoked");
    }
}
