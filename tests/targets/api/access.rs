//! Who may call what: every operation of the document, by everybody.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::json;

use crate::{
    conform::Operation,
    market::{Market, one_time, seat_pack, text},
    world::{Answer, Api, User},
};

/// An id of the right kind that names nothing.
fn stranger(path: &str) -> String {
    let ulid = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let kind = ["orders", "licenses", "coupons"].into_iter().find(|kind| path.contains(kind));
    let prefix = match kind {
        Some("orders") => "ord",
        Some("licenses") => "lic",
        Some("coupons") => "cpn",
        _ => "lst",
    };
    path.replace("{id}", &format!("{prefix}_{ulid}"))
        .replace("{planId}", &format!("pln_{ulid}"))
        .replace("{seatId}", &format!("sal_{ulid}"))
        .replace("{waiter}", &format!("wle_{ulid}"))
        .replace("{apiVersion}", "v1")
        .replace("{slug}", "nobody-wrote-this")
        .replace("{lang}", "cobol")
        .replace("{deliveryId}", &format!("whd_{ulid}"))
        .replace("{source}", "billing")
        .replace("{provider}", "smsc")
        .replace("{name}", "Nobody")
        .replace("{link}", "bm9uc2Vuc2U")
        .replace("{period}", "2026-04")
}

async fn call(user: &User, operation: Operation<'_>, path: &str) -> Answer {
    let ask = user.ask(operation.method(), path).header("idempotency-key", &crate::world::unique("walk"));
    let ask = ask.header("if-match", "\"v1\"");
    if operation.method() == Method::GET { ask.send().await } else { ask.json(&json!({})).send().await }
}

#[tokio::test]
async fn every_operation_lets_in_whom_the_document_says_and_nobody_else() {
    let api = Api::start().await;
    let callers: BTreeMap<&str, (User, &[&str])> = BTreeMap::from([
        ("buyer", (api.user("buyer").await, ["customer", "tenant-admin"].as_slice())),
        ("provider", (api.user("provider").await, ["provider"].as_slice())),
        ("admin", (api.user("admin").await, ["platform-admin"].as_slice())),
        ("developer", (api.user("developer").await, ["developer", "customer"].as_slice())),
    ]);
    let (mut operations, mut admin_only) = (0, 0);
    for operation in api.document().operations() {
        operations += 1;
        let path = stranger(operation.path);
        let roles = operation.roles();
        let anonymous = call(&api.nobody(), operation, &path).await;
        if roles.is_empty() {
            assert_ne!(anonymous.status, 403, "{}", operation.id());
            continue;
        }
        assert!(anonymous.header("www-authenticate").starts_with("Bearer"), "{}", operation.id());
        anonymous.refused(401, "invalid_token");
        for (name, (user, held)) in &callers {
            let answer = call(user, operation, &path).await;
            if held.iter().any(|role| roles.contains(role)) {
                assert!(
                    ![401, 403].contains(&answer.status),
                    "{name} on {}: {}",
                    operation.id(),
                    answer.text
                );
            } else {
                answer.refused(403, "forbidden");
            }
        }
        if operation.path.starts_with("/v1/admin/") {
            admin_only += 1;
            assert_eq!(roles, ["platform-admin"], "{}", operation.id());
        }
    }
    assert!(operations >= 50 && admin_only >= 8, "{operations} operations, {admin_only} of the staff");
}

#[tokio::test]
async fn a_token_that_is_not_ours_opens_nothing() {
    let api = Api::start().await;
    let good = api.user("buyer").await.token().to_owned();
    let parts: Vec<&str> = good.split('.').collect();
    let [head, claims, signature] = parts.as_slice() else { panic!("{good}") };
    let unsigned = format!("eyJhbGciOiJub25lIn0.{claims}.");
    let elsewhere = Api::start().await.user("buyer").await.token().to_owned();
    let cut = &signature[..signature.len() - 2];
    for bad in [
        String::new(),
        "x".to_owned(),
        unsigned,
        elsewhere,
        format!("{head}.{claims}.{cut}"),
        format!("{head}.{claims}"),
        format!("{head}.{}.{signature}", claims.replacen('a', "b", 1)),
        format!("{good}.x"),
        "x".repeat(9_000),
    ] {
        api.bearer(&bad).get("/v1/me").await.refused(401, "invalid_token");
    }
    for scheme in ["Basic YTpi", "Bearer", "Token x", &good] {
        let ask = api.nobody().ask(Method::GET, "/v1/me").header("authorization", scheme);
        ask.send().await.refused(401, "invalid_token");
    }
    let twice =
        api.bearer(&good).ask(Method::GET, "/v1/me").header("authorization", &format!("Bearer {good}"));
    twice.send().await.refused(401, "invalid_token");
    let me = api.bearer(&good).get("/v1/me").await.is(200);
    assert_eq!(
        (&me["userId"], &me["roles"]),
        (&"acc_demo_buyer".into(), &json!(["customer", "tenant-admin"]))
    );
}

#[tokio::test]
async fn a_session_is_opened_with_the_right_password_only() {
    let api = Api::start().await;
    let sign_in = async |email: &str, password: &str| {
        api.nobody().post("/v1/auth/sessions", &json!({"email": email, "password": password})).await
    };
    let session = sign_in("BUYER@demo.test", "sarai-demo").await.is(201);
    assert_eq!(
        (&session["tenantId"], &session["roles"]),
        (&"acc_demo_buyer".into(), &json!(["customer", "tenant-admin"]))
    );
    assert!(session["refreshToken"].is_string() && session["expiresAt"].is_string(), "{session}");
    let unknown = sign_in("nobody@demo.test", "sarai-demo").await.refused(401, "invalid_credentials");
    let wrong = sign_in("buyer@demo.test", "Sarai-demo").await.refused(401, "invalid_credentials");
    assert_eq!(unknown["detail"], wrong["detail"], "who exists is not told");
    let keys = api.nobody().get("/v1/.well-known/jwks.json").await.is(200);
    assert_eq!(keys["keys"][0]["kty"], "OKP");
    assert_eq!(keys["keys"][0].get("d"), None, "the private half stays here");
}

#[tokio::test]
async fn what_belongs_to_another_tenant_is_not_there() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let pack = market.sell(2, &seat_pack("10.00", 2)).await;
    let order = market.buy(&[(&sold, 1), (&pack, 2)], &[]).await;
    let license = text(&order["lines"][1], "licenseId").to_owned();
    let seat =
        market.buyer.post(&format!("/v1/licenses/{license}/seats"), &json!({"userId": "ann"})).await.is(201);
    let own = json!({"code": "OWN", "discount": {"kind": "percent", "value": 5}});
    let coupon = market.provider.post("/v1/coupons", &own).await.is(201);
    let new = json!({"label": "CI", "environment": "SANDBOX", "scopes": ["keys:read"]});
    let key = market.buyer.post("/v1/keys", &new).await.is(201);
    let new = json!({"url": "https://hooks.example/in", "events": ["*"]});
    let hook = market.buyer.post("/v1/webhooks", &new).await.is(201);
    let other = market.api.user("other").await;
    let path = |path: &str| {
        let id = match path {
            path if path.contains("keys") => text(&key, "keyId"),
            path if path.contains("webhooks") => text(&hook, "id"),
            path if path.contains("/v1/deliveries/") => "whd_01ARZ3NDEKTSV4RRFFQ69G5FAV",
            path if path.contains("orders") => text(&order, "id"),
            path if path.contains("licenses") => &license,
            path if path.contains("coupons") => text(&coupon, "id"),
            _ => &sold.listing,
        };
        path.replace("{id}", id)
            .replace("{planId}", &sold.plan)
            .replace("{seatId}", text(&seat, "id"))
            .replace("{waiter}", "ann")
            .replace("{deliveryId}", "whd_01ARZ3NDEKTSV4RRFFQ69G5FAV")
    };
    let price = json!({"amount": "1.00", "currency": "USD"});
    let bodies: BTreeMap<&str, serde_json::Value> = BTreeMap::from([
        ("plans.create", json!({"kind": "one_time", "price": price})),
        ("plans.replace", json!({"kind": "one_time", "price": price})),
        ("listings.propose", json!({"category": "metal"})),
        ("listings.ship-version", json!({"courseVersionId": "cv_demo_2"})),
        ("orders.pay", json!({"paymentToken": "tok_ok"})),
        ("orders.refund", json!({"reason": "give it to me"})),
        ("seats.assign", json!({"userId": "mallory"})),
        ("seats.bulk", json!({"rows": [{"assign": "mallory"}]})),
        ("waitlist.join", json!({})),
        ("keys.rotate", json!({})),
        ("webhooks.rotate-secret", json!({})),
        ("webhooks.recover", json!({"since": "2026-01-01T00:00:00Z"})),
        ("deliveries.diagnose", json!({"headers": {}, "body": ""})),
        ("leases.issue", json!({})),
    ]);
    let mut tried = 0;
    for operation in market.api.document().operations() {
        let mine = ["provider", "customer"].iter().any(|role| operation.roles().contains(role));
        if !mine || !operation.path.contains("{id}") {
            continue;
        }
        let ask = other.ask(operation.method(), &path(operation.path)).header("if-match", "\"v1\"");
        let ask = ask.header("idempotency-key", &crate::world::unique("theft"));
        let answer = match bodies.get(operation.id()) {
            Some(body) => ask.json(body).send().await,
            None if operation.method() == Method::PATCH => ask.json(&json!({})).send().await,
            None => ask.send().await,
        };
        answer.refused(404, "not_found");
        tried += 1;
    }
    assert!(tried >= 18, "{tried}");
    assert_eq!(market.stored(&order).await, order);
    let listing = market.provider.get(&format!("/v1/listings/{}", sold.listing)).await.is(200);
    assert_eq!(listing["state"], "live");
    assert_eq!(other.walk("/v1/coupons", 10).await.len(), 0);
}
