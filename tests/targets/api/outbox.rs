//! What is left undone, over HTTP: for the platform's staff.

use serde_json::json;

use crate::market::{Market, one_time};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_see_what_is_left_undone_and_nobody_else() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    market.order(&[(&sold, 1)], &[]).await;
    let told = market.admin.get("/v1/admin/outbox").await.is(200);
    assert_eq!(told["broker"], false);
    assert!(told["consumers"].is_array(), "{told}");
    market.buyer.get("/v1/admin/outbox").await.refused(403, "forbidden");
    let reason = json!({"reason": "r"});
    market.provider.post("/v1/admin/outbox/redrive", &reason).await.refused(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_letters_are_redriven_for_a_reason() {
    let market = Market::open().await;
    let path = "/v1/admin/outbox/redrive";
    let redriven = market.admin.post(path, &json!({"reason": "billing is back"})).await.is(200);
    assert_eq!(redriven, json!({"deliveries": 0}));
    let one = json!({"subject": "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV", "reason": "billing is back"});
    assert_eq!(market.admin.post(path, &one).await.is(200)["deliveries"], 0);
    for (wrong, pointer) in [
        (json!({"reason": " "}), "/reason"),
        (json!({"subject": "", "reason": "r"}), "/subject"),
        (json!({"subject": "a b", "reason": "r"}), "/subject"),
    ] {
        let problem = market.admin.post(path, &wrong).await.refused(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_broker_nothing_is_published_again() {
    let market = Market::open().await;
    let body = json!({"from": "2026-01-01T00:00:00Z", "reason": "the stream was lost"});
    market.admin.post("/v1/admin/outbox/republish", &body).await.refused(409, "outbox.no_broker");
}
