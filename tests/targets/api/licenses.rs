//! Licences: seats, gifts, grants, entitlement, and what a provider may know.

use serde_json::{Value, json};

use crate::market::{DAY, Market, number, one_time, seat_pack, subscription, text, usd};

#[tokio::test]
async fn seats_are_assigned_released_and_assigned_anew() {
    let market = Market::open().await;
    let pack = market.sell(1, &seat_pack("50.00", 2)).await;
    let order = market.buy(&[(&pack, 2)], &[]).await;
    let license = Market::license_of(&order);
    let seats = format!("/v1/licenses/{license}/seats");
    let assign = async |user: &str| market.buyer.post(&seats, &json!({"userId": user})).await;
    assert_eq!(market.entitlement("ann", 1).await, "no_seat");
    let answer = assign("ann").await;
    let location = answer.header("location").to_owned();
    let ann = answer.is(201);
    assert_eq!(location, format!("{seats}/{}", text(&ann, "id")));
    assert_eq!(
        (&ann["status"], &ann["remainingSeats"], &ann["releasedAt"]),
        (&"active".into(), &1.into(), &Value::Null)
    );
    assert_eq!(assign("ann").await.is(200), ann, "who sits keeps the seat");
    assign("bob").await.is(201);
    let refused = assign("eve").await.refused(409, "license.no_seats_remaining");
    assert_eq!(refused["invariant"], "LI-INV-2");
    assert_eq!(
        (market.entitlement("ann", 1).await, market.entitlement("eve", 1).await),
        ("entitled".into(), "no_seat".into())
    );

    let path = format!("{seats}/{}", text(&ann, "id"));
    let released = market.buyer.delete(&path).await.is(200);
    assert_eq!((&released["status"], &released["remainingSeats"]), (&"released".into(), &1.into()));
    assert_eq!(market.buyer.delete(&path).await.is(200), released, "releasing twice is releasing once");
    assert_eq!(market.entitlement("ann", 1).await, "no_seat");
    assign("eve").await.is(201);
    let back = market.buyer.delete(&format!("{seats}/{}", text(&assign("bob").await.is(200), "id"))).await;
    back.is(200);
    let anew = assign("ann").await.is(201);
    assert_ne!(anew["id"], ann["id"], "nothing is revived");
    market
        .buyer
        .delete(&format!("{seats}/sal_01ARZ3NDEKTSV4RRFFQ69G5FAV"))
        .await
        .refused(404, "license.seat_not_found");

    let customer = market.api.user("customer").await;
    customer.post(&seats, &json!({"userId": "ann"})).await.refused(404, "not_found");
    customer.get(&seats).await.refused(404, "not_found");
    market.provider.get(&seats).await.refused(404, "not_found");
}

#[tokio::test]
async fn the_seats_of_a_licence_are_paged_newest_first() {
    let market = Market::open().await;
    let pack = market.sell(1, &seat_pack("1.00", 5)).await;
    let order = market.buy(&[(&pack, 25)], &[]).await;
    let seats = format!("/v1/licenses/{}/seats", Market::license_of(&order));
    for user in 0..23 {
        market.buyer.post(&seats, &json!({"userId": format!("user-{user:02}")})).await.is(201);
    }
    let expected: Vec<String> = (0..23).rev().map(|user| format!("user-{user:02}")).collect();
    for limit in [1, 4, 23, 100] {
        let rows = market.buyer.walk(&seats, limit).await;
        assert_eq!(rows.iter().map(|row| text(row, "userId")).collect::<Vec<_>>(), expected, "by {limit}");
        assert!(rows.iter().all(|row| row["remainingSeats"] == 2));
    }
    let page = market.buyer.get(&seats).await.is(200);
    assert_eq!(
        (page["data"].as_array().unwrap().len(), &page["hasMore"]),
        (20, &true.into()),
        "20 when not said"
    );
}

#[tokio::test]
async fn an_individual_licence_seats_its_buyer_and_nobody_else() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    let id = Market::license_of(&order);
    let license = market.license(&id).await;
    assert_eq!(
        (&license["scope"], &license["seats"], &license["remainingSeats"]),
        (&"individual".into(), &1.into(), &0.into())
    );
    assert_eq!((&license["validUntil"], &license["unlimited"]), (&Value::Null, &false.into()));
    assert_eq!((&license["orderId"], &license["orderLineId"]), (&order["id"], &order["lines"][0]["id"]));
    assert_eq!(
        (&license["source"], &license["refundDeadline"]),
        (&"purchase".into(), &order["refundDeadline"])
    );
    assert_eq!(license.get("seatAllocations"), None);
    let seats = format!("/v1/licenses/{id}/seats");
    market.buyer.post(&seats, &json!({"userId": "ann"})).await.refused(409, "license.no_seats_remaining");
    let rows = market.buyer.walk(&seats, 5).await;
    assert_eq!((rows.len(), &rows[0]["userId"]), (1, &"acc_demo_buyer".into()));
    market.buyer.delete(&format!("{seats}/{}", text(&rows[0], "id"))).await.refused(409, "license.not_org");
    assert_eq!(market.entitlement("ann", 1).await, "no_licence");
    assert_eq!(market.entitlement("acc_demo_buyer", 2).await, "no_licence");
}

#[tokio::test]
async fn a_site_licence_without_a_limit_has_no_number_of_seats() {
    let market = Market::open().await;
    let site = json!({"kind": "site_license", "price": usd("900.00"), "perpetualOfflineAccess": true});
    let sold = market.sell(1, &site).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    let id = Market::license_of(&order);
    let license = market.license(&id).await;
    assert_eq!(
        (&license["seats"], &license["remainingSeats"], &license["unlimited"]),
        (&Value::Null, &Value::Null, &true.into())
    );
    assert_eq!((&license["perpetualOfflineAccess"], &license["scope"]), (&true.into(), &"org".into()));
    let seat =
        market.buyer.post(&format!("/v1/licenses/{id}/seats"), &json!({"userId": "ann"})).await.is(201);
    assert_eq!(seat["remainingSeats"], Value::Null);
}

#[tokio::test]
async fn a_gift_is_claimed_once_by_the_tenant_it_is_for() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let gift = json!({
        "source": "gift", "tenantId": "acc_demo_buyer", "listingId": sold.listing,
        "pricingPlanId": sold.plan, "reason": "a birthday",
    });
    let granted = market.admin.post("/v1/admin/licenses", &gift).await.is(201);
    let claim = json!({"code": text(&granted, "claimCode")});
    assert_eq!((&granted["source"], &granted["orderId"]), (&"gift".into(), &Value::Null));
    assert_eq!((&granted["refundDeadline"], &granted["remainingSeats"]), (&Value::Null, &1.into()));
    assert_eq!(market.entitlement("acc_demo_buyer", 1).await, "no_licence", "it is nobody's yet");
    let customer = market.api.user("customer").await;
    customer.post("/v1/licenses/claim", &claim).await.refused(404, "license.claim_unknown");
    let nothing = json!({"code": "0000-NOT-A-CODE"});
    market.buyer.post("/v1/licenses/claim", &nothing).await.refused(404, "license.claim_unknown");

    let license = market.buyer.post("/v1/licenses/claim", &claim).await.is(200);
    assert_eq!((&license["id"], &license["remainingSeats"]), (&granted["id"], &0.into()));
    assert_eq!(license.get("claimCode"), None, "the code is shown once");
    assert_eq!(market.entitlement("acc_demo_buyer", 1).await, "entitled");
    let other = market.api.user("other").await;
    other.post("/v1/licenses/claim", &claim).await.refused(404, "license.claim_unknown");
    assert_eq!(market.earnings().await, [] as [Value; 0], "a gift earns nothing");

    let late = market
        .admin
        .post(
            "/v1/admin/licenses",
            &json!({
                "source": "gift", "tenantId": "acc_demo_customer", "listingId": sold.listing,
                "pricingPlanId": sold.plan, "reason": "a birthday",
            }),
        )
        .await
        .is(201);
    market.api.advance(91 * DAY).await;
    let claim = json!({"code": text(&late, "claimCode")});
    customer.post("/v1/licenses/claim", &claim).await.refused(409, "license.claim_expired");
}

#[tokio::test]
async fn a_gift_claimed_again_by_its_owner_changes_nothing() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let gift = json!({
        "source": "gift", "tenantId": "acc_demo_buyer", "listingId": sold.listing,
        "pricingPlanId": sold.plan, "reason": "a birthday",
    });
    let granted = market.admin.post("/v1/admin/licenses", &gift).await.is(201);
    let claim = json!({"code": text(&granted, "claimCode")});
    let license = market.buyer.post("/v1/licenses/claim", &claim).await.is(200);
    let again = market.buyer.post("/v1/licenses/claim", &claim).await;
    assert_eq!(again.is(200), license, "who holds it already is told so");
    let seats = market.buyer.walk(&format!("/v1/licenses/{}/seats", text(&license, "id")), 5).await;
    assert_eq!(seats.len(), 1);
}

#[tokio::test]
async fn a_manual_grant_seats_its_learner_and_is_taken_back_with_a_reason() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let pack = market.sell(2, &seat_pack("50.00", 4)).await;
    let mut grant = json!({
        "source": "manual", "tenantId": "acc_demo_buyer", "listingId": sold.listing,
        "pricingPlanId": sold.plan, "reason": "goodwill",
    });
    market.admin.post("/v1/admin/licenses", &grant).await.refused(422, "license.learner_required");
    grant["userId"] = json!("ann");
    grant["reason"] = json!("");
    market.admin.post("/v1/admin/licenses", &grant).await.refused(422, "license.reason_required");
    grant["reason"] = json!("goodwill");
    let granted = market.admin.post("/v1/admin/licenses", &grant).await.is(201);
    assert_eq!((&granted["source"], &granted["claimCode"]), (&"manual".into(), &Value::Null));
    assert_eq!(market.license(text(&granted, "id")).await["version"], granted["version"]);
    assert_eq!(market.entitlement("ann", 1).await, "entitled");

    grant["pricingPlanId"] = json!(pack.plan);
    market.admin.post("/v1/admin/licenses", &grant).await.refused(404, "listing.plan_not_found");
    grant["listingId"] = json!(pack.listing);
    let team = market.admin.post("/v1/admin/licenses", &grant).await.is(201);
    assert_eq!((&team["scope"], &team["seats"]), (&"org".into(), &4.into()));
    grant["source"] = json!("gift");
    market.admin.post("/v1/admin/licenses", &grant).await.refused(422, "license.gift_not_individual");

    let revoke = format!("/v1/admin/licenses/{}/revoke", text(&granted, "id"));
    market.admin.post(&revoke, &json!({"reason": ""})).await.refused(422, "validation_failed");
    let revoked = market.admin.post(&revoke, &json!({"reason": "shared with the world"})).await.is(200);
    assert_eq!(revoked["state"], "revoked");
    assert_eq!(market.entitlement("ann", 1).await, "revoked");
    let again = market.admin.post(&revoke, &json!({"reason": "shared with the world"})).await.is(200);
    assert_eq!(again, revoked);
    let seats = format!("/v1/licenses/{}/seats", text(&team, "id"));
    market.buyer.post(&seats, &json!({"userId": "cy"})).await.is(201);
    let revoke = format!("/v1/admin/licenses/{}/revoke", text(&team, "id"));
    market.admin.post(&revoke, &json!({"reason": "over"})).await.is(200);
    market.buyer.post(&seats, &json!({"userId": "dan"})).await.refused(409, "license.not_active");
    let states = market.buyer.walk("/v1/licenses?state=revoked", 1).await;
    assert_eq!(states.len(), 2);
    assert_eq!(market.buyer.walk("/v1/licenses?state=active", 1).await, [] as [Value; 0]);
}

#[tokio::test]
async fn an_entitlement_is_answered_with_each_of_its_six_reasons() {
    let market = Market::open().await;
    let sold = market.sell(1, &subscription("12.00")).await;
    let buyer = "acc_demo_buyer";
    assert_eq!(market.entitlement(buyer, 1).await, "no_licence");
    let order = market.buy(&[(&sold, 1)], &[]).await;
    assert_eq!(market.entitlement(buyer, 1).await, "entitled");
    assert_eq!(market.entitlement("somebody-else", 1).await, "no_licence", "another's licence is none");
    let pack = market.sell(2, &seat_pack("10.00", 1)).await;
    let team = market.buy(&[(&pack, 1)], &[]).await;
    assert_eq!(market.entitlement("somebody-else", 2).await, "no_seat");
    market.api.advance(32 * DAY).await;
    assert_eq!(market.entitlement(buyer, 1).await, "expired");
    assert_eq!(market.license(&Market::license_of(&order)).await["state"], "expired");

    // The period after the next is paid for first: it begins a month from now.
    let renewed = json!({
        "orderLineId": order["lines"][0]["id"], "invoiceId": "inv_3", "periodIndex": 3,
        "amount": usd("12.00"), "tax": usd("0.99"),
    });
    market.api.tell("billing", "billing.subscription.renewed.v1", renewed).await.is(202);
    assert_eq!(market.entitlement(buyer, 1).await, "not_started");
    market.api.advance(62 * DAY).await;
    assert_eq!(market.entitlement(buyer, 1).await, "entitled");

    let body = json!({"userId": buyer, "courseId": "crs_demo_1"});
    let answer = market.buyer.post("/v1/entitlements/check", &body).await.is(200);
    let revoke = format!("/v1/admin/licenses/{}/revoke", text(&answer, "licenseId"));
    market.admin.post(&revoke, &json!({"reason": "shared"})).await.is(200);
    assert_eq!(market.entitlement(buyer, 1).await, "expired", "of two licences the better reason");
    let revoke = format!("/v1/admin/licenses/{}/revoke", Market::license_of(&team));
    market.admin.post(&revoke, &json!({"reason": "shared"})).await.is(200);
    assert_eq!(market.entitlement("somebody-else", 2).await, "revoked");
}

#[tokio::test]
async fn a_provider_sees_what_it_sold_and_no_user_of_a_buyer() {
    let market = Market::open().await;
    let mut sold = Vec::new();
    for course in 1..=3 {
        sold.push(market.sell(course, &seat_pack("50.00", 2)).await);
    }
    for pack in &sold {
        let order = market.buy(&[(pack, 2)], &[]).await;
        let seats = format!("/v1/licenses/{}/seats", Market::license_of(&order));
        market.buyer.post(&seats, &json!({"userId": "ann-the-learner"})).await.is(201);
    }
    let licenses = market.provider.walk("/v1/provider/licenses", 2).await;
    let sales = market.provider.walk("/v1/provider/sales", 2).await;
    assert_eq!((licenses.len(), sales.len()), (3, 3));
    assert!(licenses.iter().all(|license| number(license, "remainingSeats") == 1));
    for path in ["/v1/provider/licenses", "/v1/provider/sales", "/v1/provider/earnings"] {
        let seen = market.provider.get(path).await;
        assert!(!seen.text.contains("ann-the-learner") && !seen.text.contains("serId"), "{}", seen.text);
    }
    let other = market.api.user("other").await;
    assert_eq!(other.walk("/v1/provider/licenses", 5).await, [] as [Value; 0]);
    let id = text(&licenses[0], "id").to_owned();
    other.get(&format!("/v1/licenses/{id}")).await.refused(404, "not_found");
}
