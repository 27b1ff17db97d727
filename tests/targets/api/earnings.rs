//! What a provider earns: adds up by hand, closes with its month, is paid and carried over.

use serde_json::{Value, json};

use crate::market::{DAY, Market, cart, cents, one_time, seat_pack, subscription, text, usd};

fn month(period: &Value) -> &str {
    text(period, "periodMonth")
}

/// The sum of an amount over rows.
fn sum(rows: &[Value], name: &str) -> i64 {
    rows.iter().map(|row| cents(&row[name])).sum()
}

fn lines(period: &Value) -> &[Value] {
    period["lines"].as_array().unwrap()
}

#[tokio::test]
async fn sales_and_earnings_add_up_by_hand() {
    let market = Market::open().await;
    let welding = market.sell(1, &one_time("19.99")).await;
    let team = market.sell(2, &seat_pack("49.90", 2)).await;
    let cheap = market.sell(3, &one_time("0.03")).await;
    let order = market.buy(&[(&welding, 1), (&team, 6), (&cheap, 1)], &[]).await;
    // 19.99 + 3 * 49.90 + 0.03. Taxes: 1.649175, 12.35025, 0.002475.
    assert_eq!((&order["subtotal"], &order["taxTotal"]), (&usd("169.72"), &usd("14.00")));
    assert_eq!(order["totals"], usd("183.72"));

    let sales = market.provider.walk("/v1/provider/sales", 2).await;
    assert_eq!(sales.len(), 3);
    // 15 %: 2.9985 of 19.99, 22.455 of 149.70, 0.0045 of 0.03; half a cent goes to the provider.
    let split = |listing: &str| {
        let sale = sales.iter().find(|sale| text(sale, "listingId") == listing).unwrap();
        (text(&sale["feeAmount"], "amount"), text(&sale["providerAmount"], "amount"))
    };
    assert_eq!(split(&welding.listing), ("3.00", "16.99"));
    assert_eq!(split(&team.listing), ("22.45", "127.25"));
    assert_eq!(split(&cheap.listing), ("0.00", "0.03"));
    assert!(sales.iter().all(|sale| sale["orderId"] == order["id"] && sale["licenseId"].is_string()));

    let periods = market.earnings().await;
    let [period] = periods.as_slice() else { panic!("{periods:?}") };
    assert_eq!(
        (&period["state"], &period["currency"], &period["payoutId"]),
        (&"accruing".into(), &"USD".into(), &Value::Null)
    );
    assert_eq!((&period["grossRevenue"], &period["platformFee"]), (&usd("169.72"), &usd("25.45")));
    assert_eq!((&period["netPayable"], &period["taxesWithheld"]), (&usd("144.27"), &usd("0.00")));
    assert_eq!(
        (sum(lines(period), "gross"), sum(lines(period), "fee"), sum(lines(period), "net")),
        (16_972, 2_545, 14_427)
    );
    assert!(text(&order, "fulfilledAt").starts_with(month(period)));

    let part = json!({"lines": [order["lines"][1]["id"]], "reason": "too many seats"});
    let after = market.refund(&order, &part).await.is(202);
    assert_eq!(after["refundedTotal"], usd("162.05"), "149.70 and 12.35");
    let period = market.earnings().await.remove(0);
    assert_eq!((&period["refunds"], &period["feeReversed"]), (&usd("149.70"), &usd("22.45")));
    // 169.72 - 149.70 - (25.45 - 22.45).
    assert_eq!((&period["netPayable"], &period["closingDeficit"]), (&usd("17.02"), &usd("0.00")));
    assert_eq!(lines(&period).len(), 5, "lines are added, never changed");
}

#[tokio::test]
async fn a_month_closes_after_its_last_deadline_and_is_paid_out_once() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("100.00")).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    let fulfilled = text(&order, "fulfilledAt").get(..7).unwrap().to_owned();
    let other = market.api.user("other").await;
    assert_eq!(other.get("/v1/provider/earnings").await.is(200)["data"], json!([]));

    // Wherever in its month the test runs: a day before the deadline the period is open.
    market.api.advance(13 * DAY).await;
    assert_eq!(market.earnings().await[0]["state"], "accruing");
    market.api.advance(35 * DAY).await;
    let filtered = format!("/v1/provider/earnings?period={fulfilled}&currency=USD");
    let closed = market.provider.get(&filtered).await.is(200);
    let closed = &closed["data"][0];
    assert_eq!((month(closed), &closed["state"]), (fulfilled.as_str(), &"paid".into()));
    assert!(closed["payoutId"].is_string() && closed["netPayable"] == usd("85.00"), "{closed}");
    let nothing =
        market.provider.get(&format!("/v1/provider/earnings?period={fulfilled}&currency=EUR")).await;
    assert_eq!(nothing.is(200)["data"], json!([]));
    for bad in ["period=2026", "period=2026-13", "currency=ABC"] {
        market.provider.get(&format!("/v1/provider/earnings?{bad}")).await.refused(422, "validation_failed");
    }

    // The staff give the money back after the payout: the next months carry the debt.
    let goodwill = json!({"reason": "goodwill", "source": "admin"});
    market.refund_by_staff(&order, &goodwill).await.is(202);
    let periods = market.earnings().await;
    assert_eq!(
        periods.iter().find(|period| month(period) == fulfilled),
        Some(closed),
        "a closed month is final"
    );
    let debit = periods.iter().find(|period| cents(&period["refunds"]) > 0).unwrap();
    assert_eq!((&debit["refunds"], &debit["feeReversed"]), (&usd("100.00"), &usd("15.00")));
    assert_eq!((&debit["closingDeficit"], &debit["netPayable"]), (&usd("85.00"), &usd("0.00")));
    let debit_month = month(debit).to_owned();
    market.api.advance(62 * DAY).await;
    let periods = market.earnings().await;
    let debit = periods.iter().find(|period| month(period) == debit_month).unwrap();
    assert_eq!((&debit["state"], &debit["payoutId"]), (&"paid".into(), &Value::Null), "nothing is due");
    let carried = periods.iter().filter(|period| cents(&period["openingDeficit"]) == 8_500).count();
    assert!(carried >= 1, "{periods:?}");
}

#[tokio::test]
async fn a_renewal_extends_the_licence_and_earns_again() {
    let market = Market::open().await;
    let sold = market.sell(1, &subscription("12.00")).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    let id = Market::license_of(&order);
    let first = market.license(&id).await;
    let renewed = |period: u32| {
        json!({
            "orderLineId": order["lines"][0]["id"], "invoiceId": format!("inv_{period}"),
            "periodIndex": period, "amount": usd("12.00"), "tax": usd("0.99"),
        })
    };
    market.api.tell("billing", "billing.subscription.renewed.v1", renewed(1)).await.is(202);
    let second = market.license(&id).await;
    assert!(text(&second, "validUntil") > text(&first, "validUntil"), "{second}");
    assert_eq!(second["validFrom"], first["validFrom"]);
    let again = market.api.tell("billing", "subscription.renewed", renewed(1)).await;
    again.is(202);
    assert_eq!(market.license(&id).await["validUntil"], second["validUntil"]);
    market.api.advance(40 * DAY).await;
    assert_eq!(market.entitlement("acc_demo_buyer", 1).await, "entitled");
    market.api.advance(40 * DAY).await;
    assert_eq!(market.entitlement("acc_demo_buyer", 1).await, "expired");

    // After its end a renewal is a new licence, and its sale is earned in a month that is open.
    market.api.tell("billing", "subscription.renewed", renewed(2)).await.is(202);
    let licenses = market.buyer.get("/v1/licenses").await.is(200);
    let licenses = licenses["data"].as_array().unwrap();
    assert_eq!((licenses.len(), &licenses[0]["periodIndex"]), (2, &2.into()));
}

#[tokio::test]
async fn a_renewal_told_under_one_id_is_earned_once() {
    let market = Market::open().await;
    let sold = market.sell(1, &subscription("12.00")).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    let data = json!({
        "orderLineId": order["lines"][0]["id"], "invoiceId": "inv_1", "periodIndex": 1,
        "amount": usd("12.00"), "tax": usd("0.99"),
    });
    for _ in 0..3 {
        market.api.message("billing", "subscription.renewed", &data, "evt-once").send().await.is(202);
    }
    assert_eq!(market.earnings().await[0]["grossRevenue"], usd("24.00"));
    let sales = lines(&market.earnings().await[0]).len();
    assert_eq!(sales, 2);
}

#[tokio::test]
async fn a_dispute_holds_the_month_and_a_lost_one_takes_the_money() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    let dispute = json!({"orderId": order["id"], "disputeId": "dsp_1"});
    market.api.tell("billing", "billing.dispute.opened.v1", dispute.clone()).await.is(202);
    market.api.advance(60 * DAY).await;
    assert_eq!(market.earnings().await[0]["state"], "accruing", "a dispute holds the period");
    market.api.tell("billing", "billing.dispute.lost.v1", dispute).await.is(202);
    market.api.advance(DAY).await;
    let after = market.stored(&order).await;
    assert_eq!((&after["status"], &after["refunds"][0]["source"]), (&"refunded".into(), &"dispute".into()));
    assert_eq!(market.entitlement("acc_demo_buyer", 1).await, "revoked");
    let again = market.refund(&order, &json!({"reason": "me too"})).await;
    again.refused(409, "refund.already_refunded");
    let paid: Vec<_> =
        market.earnings().await.into_iter().filter(|period| cents(&period["refunds"]) > 0).collect();
    assert_eq!((paid.len(), &paid[0]["refunds"]), (1, &usd("10.00")));
}

#[tokio::test]
async fn a_won_dispute_releases_the_month() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    let dispute = json!({"orderId": order["id"], "disputeId": "dsp_1"});
    market.api.tell("billing", "dispute.opened", dispute.clone()).await.is(202);
    market.api.advance(60 * DAY).await;
    market.api.tell("billing", "dispute.won", dispute).await.is(202);
    market.api.advance(DAY).await;
    let periods = market.earnings().await;
    let period = periods.last().unwrap();
    assert_eq!((&period["state"], &period["netPayable"]), (&"paid".into(), &usd("8.50")));
    assert_eq!(market.entitlement("acc_demo_buyer", 1).await, "entitled");
}

#[tokio::test]
async fn a_provider_who_is_no_longer_verified_sells_nothing_and_what_was_sold_stays() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    market.buy(&[(&sold, 1)], &[]).await;
    let now = market.admin.get("/v1/test-clock").await.is(200);
    let revoked = json!({"tenantId": "acc_demo_provider", "at": now["now"]});
    market.api.tell("tenant", "tenant.kyc_revoked.v1", revoked).await.is(202);
    let path = format!("/v1/listings/{}", sold.listing);
    let listing = market.provider.get(&path).await.is(200);
    assert_eq!(
        (&listing["state"], &listing["suspensionReason"]),
        (&"suspended".into(), &"kyc_lapsed".into())
    );
    let customer = market.api.user("customer").await;
    customer.post("/v1/orders", &cart(&[(&sold, 1)], &[])).await.refused(409, "listing.not_live");
    let reinstate = format!("/v1/admin/listings/{}/reinstate", sold.listing);
    let refused = market.admin.post(&reinstate, &json!({"reason": "please"})).await;
    assert_eq!(refused.refused(409, "listing.kyc_required")["invariant"], "L-INV-3");
    assert_eq!(market.entitlement("acc_demo_buyer", 1).await, "entitled");
    market.api.advance(1).await;
    let now = market.admin.get("/v1/test-clock").await.is(200);
    let verified = json!({"tenantId": "acc_demo_provider", "at": now["now"]});
    market.api.tell("tenant", "tenant.kyc_verified.v1", verified).await.is(202);
    market.admin.post(&reinstate, &json!({"reason": "verified again"})).await.is(200);
}
