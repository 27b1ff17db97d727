//! The saga doctor over HTTP: lists, one saga, and what staff do.

use reqwest::Method;
use serde_json::{Value, json};

use crate::market::{Market, one_time, text};

const HOUR: u64 = 60 * 60;

async fn saga_of(market: &Market, order: &Value) -> String {
    let path = format!("/v1/admin/sagas?orderId={}", text(order, "id"));
    let list = market.admin.get(&path).await.is(200);
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1), "{list}");
    text(&list["data"][0], "id").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sagas_are_listed_newest_first_and_by_their_order() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let mut orders = Vec::new();
    for _ in 0..4 {
        orders.insert(0, market.order(&[(&sold, 1)], &[]).await["id"].clone());
        market.api.advance(1).await;
    }
    let rows = market.admin.walk("/v1/admin/sagas", 3).await;
    assert_eq!(rows.iter().map(|row| row["orderId"].clone()).collect::<Vec<_>>(), orders);
    assert!(rows.iter().all(|row| row["state"] == "awaiting_payment" && row["needsAttention"] == false));
    assert_eq!(rows[0]["waitsFor"]["code"], "buyer");
    // What was done and not told is done once more when it is due; the poll comes after it.
    assert_eq!(rows[0]["nextAction"]["code"], "mark_pending_payment");
    let stuck = market.admin.get("/v1/admin/sagas?stuck=true").await.is(200);
    assert_eq!(stuck["data"], json!([]));
    let nobody_s = market.admin.get("/v1/admin/sagas?orderId=ord_01ARZ3NDEKTSV4RRFFQ69G5FAV").await.is(200);
    assert_eq!(nobody_s["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stuck_purchase_says_why_and_is_resolved_with_evidence() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.order(&[(&sold, 1)], &[]).await;
    market.admin.post("/v1/demo/enrollment", &json!({"outage": true})).await.is(200);
    let pay = format!("/v1/orders/{}/pay", text(&order, "id"));
    market.buyer.post(&pay, &json!({"paymentToken": "tok_ok"})).await.is(202);
    market.api.advance(HOUR).await;

    let stuck = market.admin.get("/v1/admin/sagas?stuck=true").await.is(200);
    let saga = saga_of(&market, &order).await;
    assert_eq!(stuck["data"][0]["id"], saga.as_str());
    let line = &order["lines"][0]["id"];
    let path = format!("/v1/admin/sagas/{saga}");
    let shown = market.admin.get(&path).await.is(200);
    assert_eq!(shown["saga"]["waitsFor"]["code"], "back_off");
    assert_eq!(
        (&shown["saga"]["waitsFor"]["step"], &shown["saga"]["waitsFor"]["line"]),
        (&json!("enroll"), line)
    );
    assert_eq!(shown["saga"]["waitsFor"]["errorCode"], "unavailable");
    assert_eq!(shown["saga"]["allowedActions"], json!(["retry", "compensate", "resolve"]));
    let steps = shown["steps"].as_array().unwrap();
    let open: Vec<_> = steps.iter().filter(|step| step["resolvable"] == true).collect();
    assert_eq!((open.len(), &open[0]["step"]), (1, &json!("enroll")));

    let resolve = format!("{path}/resolve");
    let body = json!({"step": "enroll", "line": line, "evidence": "class list", "reason": "an outage"});
    for (over, pointer) in [(json!({"line": null}), "/line"), (json!({"step": "refund_payment"}), "/line")] {
        let mut wrong = body.clone();
        wrong.as_object_mut().unwrap().extend(over.as_object().unwrap().clone());
        let problem = market.admin.post(&resolve, &wrong).await.refused(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
    let resolved = market.admin.post(&resolve, &body).await.is(200);
    assert_eq!(
        (&resolved["saga"]["state"], &resolved["orderStatus"]),
        (&json!("fulfilled"), &json!("fulfilled"))
    );
    let enrolled =
        resolved["steps"].as_array().unwrap().iter().find(|step| step["step"] == "enroll").unwrap();
    assert_eq!(enrolled["byHand"]["evidence"], "class list");
    assert_eq!(enrolled["byHand"]["by"], market.admin.get("/v1/me").await.is(200)["userId"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_action_under_a_key_happens_once_and_needs_a_reason() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.order(&[(&sold, 1)], &[]).await;
    let saga = saga_of(&market, &order).await;
    let path = format!("/v1/admin/sagas/{saga}/retry");
    let retry = || {
        let ask = market.admin.ask(Method::POST, &path).header("idempotency-key", "once");
        ask.json(&json!({"reason": "the buyer called"})).send()
    };
    let first = retry().await.is(200);
    assert_eq!(retry().await.is(200), first, "the first answer again");
    let operators = first["timeline"].as_array().unwrap().iter().filter(|entry| entry["kind"] == "operator");
    assert_eq!(operators.count(), 1);
    market.admin.post(&path, &json!({})).await.refused(422, "validation_failed");
    market.admin.post(&path, &json!({"reason": " "})).await.refused(422, "validation_failed");
    market.buyer.post(&path, &json!({"reason": "mine"})).await.refused(403, "forbidden");
    let ended = format!("/v1/admin/sagas/{saga}/compensate");
    let ended = market.admin.post(&ended, &json!({"reason": "the buyer gave up"})).await.is(200);
    assert_eq!((&ended["saga"]["state"], &ended["orderStatus"]), (&json!("failed"), &json!("failed")));
    assert_eq!(
        (&ended["saga"]["compensationReason"], &ended["saga"]["nextAction"]),
        (&json!("operator"), &Value::Null)
    );
}
