//! The same key with the same request: one effect, one answer.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    market::{Market, cart, one_time, seat_pack, text},
    messages,
    world::Ask,
};

fn placing(market: &Market, key: &str, body: &Value) -> Ask {
    market.buyer.ask(Method::POST, "/v1/orders").header("idempotency-key", key).json(body)
}

#[tokio::test]
async fn a_repeated_request_is_answered_with_the_same_bytes() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let body = cart(&[(&sold, 1)], &[]);
    let first = placing(&market, "once", &body).send().await;
    assert_eq!(first.header("idempotent-replayed"), "");
    market.pay(&first.json, "tok_ok").await;
    let again = placing(&market, "once", &body).send().await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!((again.status, &again.text), (first.status, &first.text), "as it was, though it is paid now");
    for name in ["location", "etag", "content-type"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    assert_eq!(market.buyer.walk("/v1/orders", 10).await.len(), 1);

    let other = market.sell(2, &one_time("10.00")).await;
    placing(&market, "once", &cart(&[(&other, 1)], &[])).send().await.refused(422, "idempotency_key_reused");
    let quoted = market.buyer.ask(Method::POST, "/v1/quotes").header("idempotency-key", "once");
    quoted.json(&cart(&[(&other, 1)], &[])).send().await.is(201);
    let customer = market.api.user("customer").await;
    let theirs = customer.ask(Method::POST, "/v1/orders").header("idempotency-key", "once").json(&body);
    let theirs = theirs.send().await;
    assert_eq!(theirs.header("idempotent-replayed"), "", "another's key is another key");
    assert_ne!(theirs.is(201)["id"], first.json["id"]);
}

#[tokio::test]
async fn a_refusal_of_a_rule_is_repeated_and_a_malformed_request_is_not_kept() {
    let market = Market::open().await;
    let sold = market.sell(1, &seat_pack("10.00", 5)).await;
    let wrong = cart(&[(&sold, 3)], &[]);
    let first = placing(&market, "refused", &wrong).send().await;
    let again = placing(&market, "refused", &wrong).send().await;
    assert_eq!((again.header("idempotent-replayed"), &again.text), ("true", &first.text));
    first.refused(422, "order.quantity_not_multiple");

    let invalid = json!({"currency": "USD", "lines": 7});
    placing(&market, "invalid", &invalid).send().await.refused(422, "validation_failed");
    placing(&market, "invalid", &cart(&[(&sold, 5)], &[])).send().await.is(201);
}

#[tokio::test]
async fn what_creates_or_pays_demands_a_key_and_a_key_is_visible_ascii() {
    let market = Market::open().await;
    let developer = market.api.user("developer").await;
    let (_, verifier) = messages::key(&developer, "SANDBOX", &["verify:send"]).await;
    let mut demanding = 0;
    for operation in market.api.document().operations() {
        if operation.described["x-idempotency"] != "required" {
            continue;
        }
        demanding += 1;
        let path = operation.path.replace("{id}", "x").replace("{planId}", "x");
        let path = path.replace("{deliveryId}", "whd_01ARZ3NDEKTSV4RRFFQ69G5FAV");
        let user = match operation.roles().as_slice() {
            [] => &verifier,
            roles if roles.contains(&"customer") => &market.buyer,
            roles if roles.contains(&"provider") => &market.provider,
            roles if roles.contains(&"developer") => &developer,
            _ => &market.admin,
        };
        // The body is looked at before the key: send none that the shape refuses.
        let answer = user.ask(operation.method(), &path).send().await;
        assert!(matches!(answer.status, 400 | 422), "{}: {}", operation.id(), answer.text);
    }
    assert!(demanding >= 10, "{demanding}");
    let sold = market.sell(1, &one_time("10.00")).await;
    let body = cart(&[(&sold, 1)], &[]);
    let bare = market.buyer.ask(Method::POST, "/v1/orders").json(&body).send().await;
    bare.refused(400, "idempotency_key_required");
    for bad in ["", "two words", &"x".repeat(256)] {
        placing(&market, bad, &body).send().await.refused(400, "idempotency_key_required");
    }
    let twice = placing(&market, "one", &body).header("idempotency-key", "two").send().await;
    twice.refused(400, "idempotency_key_required");
    placing(&market, &"x".repeat(255), &body).send().await.is(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_at_once_under_one_key_place_one_order() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let coupon = market.percent("MANY", 10, None).await;
    let body = cart(&[(&sold, 1)], &["MANY"]);
    let asks: Vec<_> = (0..50).map(|_| tokio::spawn(placing(&market, "at-once", &body).send())).collect();
    let mut bodies = Vec::new();
    for ask in asks {
        let answer = ask.await.unwrap();
        match answer.status {
            201 => bodies.push(answer.text),
            409 => {
                assert_eq!(answer.header("retry-after"), "1");
                answer.refused(409, "idempotency_in_progress");
            }
            _ => panic!("{}", answer.text),
        }
    }
    assert!(!bodies.is_empty());
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "every answer is the same");
    assert_eq!(market.buyer.walk("/v1/orders", 100).await.len(), 1);
    assert_eq!(market.uses(&coupon).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_at_once_under_their_own_keys_never_overspend_a_coupon_or_a_licence() {
    let market = Market::open().await;
    let pack = market.sell(1, &seat_pack("10.00", 1)).await;
    let coupon = market.percent("FEW", 10, Some(7)).await;
    let body = cart(&[(&pack, 1)], &["FEW"]);
    let asks: Vec<_> =
        (0..50).map(|n| tokio::spawn(placing(&market, &format!("own-{n}"), &body).send())).collect();
    let mut placed = Vec::new();
    for ask in asks {
        let answer = ask.await.unwrap();
        match answer.status {
            201 => placed.push(answer.json),
            _ => assert!(answer.refused(409, "coupon.exhausted")["orderId"].is_string()),
        }
    }
    assert_eq!((placed.len(), market.uses(&coupon).await), (7, 7));
    let orders = market.buyer.walk("/v1/orders?status=failed", 100).await;
    assert_eq!(orders.len(), 43);

    let order = market.pay(&placed[0], "tok_ok").await;
    let seats = format!("/v1/licenses/{}/seats", Market::license_of(&order));
    let asks: Vec<_> = (0..20)
        .map(|n| {
            let (buyer, seats) = (market.buyer.clone(), seats.clone());
            tokio::spawn(async move { buyer.post(&seats, &json!({"userId": format!("user-{n}")})).await })
        })
        .collect();
    let mut seated = 0;
    for ask in asks {
        let answer = ask.await.unwrap();
        if answer.status == 201 {
            seated += 1;
        } else {
            answer.refused(409, "license.no_seats_remaining");
        }
    }
    assert_eq!(seated, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_quote_placed_by_many_at_once_is_one_order() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let quote = market.buyer.post("/v1/quotes", &cart(&[(&sold, 1)], &[])).await.is(201);
    let body = json!({"quoteToken": quote["quoteToken"]});
    let asks: Vec<_> =
        (0..20).map(|n| tokio::spawn(placing(&market, &format!("quoted-{n}"), &body).send())).collect();
    let mut created = 0;
    for ask in asks {
        let answer = ask.await.unwrap();
        assert!(matches!(answer.status, 200 | 201), "{}", answer.text);
        assert_eq!(answer.json["id"], quote["orderId"]);
        created += u32::from(answer.status == 201);
    }
    assert_eq!(created, 1);
    let orders = market.buyer.walk("/v1/orders", 100).await;
    assert_eq!((orders.len(), text(&orders[0], "status")), (1, "pending_payment"));
}
