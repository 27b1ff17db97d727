//! A key with a scope of the marketplace buys and reads for its tenant (ruling R64): in production, and as a buyer only.

use serde_json::{Value, json};

use crate::{
    market::{Market, cart, one_time, seat_pack, text},
    world::{User, unique},
};

fn wanted(environment: &str, scopes: &Value) -> Value {
    json!({"label": unique("market"), "environment": environment, "scopes": scopes})
}

async fn key(user: &User, environment: &str, scopes: &Value) -> User {
    let made = user.post("/v1/keys", &wanted(environment, scopes)).await.is(201);
    user.api.bearer(text(&made, "rawKey"))
}

#[tokio::test]
async fn a_key_buys_seats_for_its_tenant_and_reads_what_that_has() {
    let market = Market::open().await;
    let (personal, pack) =
        (market.sell(1, &one_time("10.00")).await, market.sell(2, &seat_pack("10.00", 2)).await);
    let own = market.buy(&[(&personal, 1)], &[]).await;
    let reads = key(&market.buyer, "PRODUCTION", &json!(["marketplace:read"])).await;
    let writes = key(&market.buyer, "PRODUCTION", &json!(["marketplace:write"])).await;

    let seats = cart(&[(&pack, 2)], &[]);
    reads.post("/v1/orders", &seats).await.refused(403, "insufficient_scope");
    writes.get("/v1/orders").await.refused(403, "insufficient_scope");
    for path in ["/v1/orders", "/v1/quotes"] {
        let answer = writes.post(path, &cart(&[(&pack, 2), (&personal, 1)], &[])).await;
        answer.refused(422, "order.learner_required");
    }
    let quoted = writes.post("/v1/quotes", &seats).await.is(201);
    let placed = writes.post("/v1/orders", &json!({"quoteToken": quoted["quoteToken"]})).await.is(201);
    let path = format!("/v1/orders/{}", text(&placed, "id"));
    let paid = writes.post(&format!("{path}/pay"), &json!({"paymentToken": "tok_ok"})).await.is(202);
    let license = format!("/v1/licenses/{}", text(&paid["lines"][0], "licenseId"));
    let seat = writes.post(&format!("{license}/seats"), &json!({"userId": "ann"})).await.is(201);
    let check = json!({"userId": "ann", "courseId": "crs_demo_2"});
    assert_eq!(reads.post("/v1/entitlements/check", &check).await.is(200)["entitled"], true);

    let listed = reads.walk("/v1/orders", 10).await;
    let listed: Vec<&Value> = listed.iter().map(|order| &order["id"]).collect();
    assert_eq!(listed, [&placed["id"], &own["id"]], "a person's order is the tenant's too");
    assert_eq!(reads.walk(&format!("{license}/seats"), 10).await.len(), 1);
    assert_eq!(reads.walk("/v1/licenses", 10).await.len(), 2);
    for part in ["", "/explain", "/timeline", "/refund-preview"] {
        reads.get(&format!("{path}{part}")).await.is(200);
    }
    writes.delete(&format!("{license}/seats/{}", text(&seat, "id"))).await.is(200);
    assert_eq!(market.buyer.get(&path).await.is(200)["status"], "fulfilled", "its people see it");
}

#[tokio::test]
async fn a_key_is_no_provider_no_member_of_the_staff_and_nobody_in_the_sandbox() {
    let market = Market::open().await;
    let sold = market.sell(1, &seat_pack("10.00", 1)).await;
    let order = market.buy(&[(&sold, 1)], &[]).await;
    let scopes = json!(["marketplace:read", "marketplace:write"]);
    let both = key(&market.buyer, "PRODUCTION", &scopes).await;
    let path = format!("/v1/orders/{}", text(&order, "id"));
    for closed in ["/v1/provider/sales", "/v1/coupons", "/v1/admin/sagas", "/v1/me"] {
        both.get(closed).await.refused(401, "invalid_token");
    }
    let refund = json!({"reason": "give it back", "source": "admin"});
    both.post(&format!("/v1/admin{}/refunds", &path[3..]), &refund).await.refused(401, "invalid_token");
    let sandbox = key(&market.buyer, "SANDBOX", &scopes).await;
    sandbox.get("/v1/orders").await.refused(403, "key.environment_mismatch");
    sandbox.post("/v1/orders", &cart(&[(&sold, 1)], &[])).await.refused(403, "key.environment_mismatch");
    let other = market.api.user("other").await;
    let theirs = key(&other, "PRODUCTION", &scopes).await;
    theirs.get(&path).await.refused(404, "not_found");
    assert_eq!(theirs.walk("/v1/orders", 10).await.len(), 0);
}

#[tokio::test]
async fn only_who_acts_for_the_tenant_gives_the_scope_to_buy_for_it() {
    let market = Market::open().await;
    let buys = json!(["marketplace:write", "keys:write"]);
    let developer = market.api.user("developer").await;
    let refused = developer.post("/v1/keys", &wanted("PRODUCTION", &buys)).await;
    assert_eq!(refused.refused(422, "key.scope_not_grantable")["scope"], "marketplace:write");
    let given = key(&market.buyer, "PRODUCTION", &buys).await;
    key(&given, "PRODUCTION", &json!(["marketplace:write"])).await;
}
