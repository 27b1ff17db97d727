//! Usage: what the log and the counters sum up to, in a window, of a tenant and of a key.

use serde_json::{Value, json};

use crate::{
    market::text,
    world::{Api, unique},
};

fn sum(series: &Value, metric: &str) -> u64 {
    let points = series["data"].as_array().unwrap().iter();
    points.filter(|point| point["metric"] == metric).map(|point| point["value"].as_u64().unwrap()).sum()
}

#[tokio::test]
async fn a_summary_and_its_days_agree_with_the_log() {
    let api = Api::start().await;
    let customer = api.user("customer").await;
    let summary = customer.get("/v1/usage/summary").await.is(200);
    let (from, to) = (text(&summary, "from"), text(&summary, "to"));
    assert_eq!((&summary["from"], &summary["to"]), (&summary["currentPeriodStart"], &summary["asOf"]));
    let series = customer.get(&format!("/v1/usage/timeseries?from={from}&to={to}")).await.is(200);
    let stats = customer.get(&format!("/v1/messages/stats?after={from}&before={to}")).await.is(200);
    assert_eq!(json!(sum(&series, "messages_delivered")), summary["messagesDelivered"]);
    assert_eq!(summary["messagesDelivered"], stats["delivered"]);
    assert_eq!(json!(sum(&series, "messages_sent")), summary["messagesSent"]);
    let (sent, delivered) =
        (summary["messagesSent"].as_u64().unwrap(), summary["messagesDelivered"].as_u64().unwrap());
    match summary["deliveryRate"].as_f64() {
        Some(rate) => assert!((0.0..=1.0).contains(&rate) && delivered <= sent, "{summary}"),
        None => assert_eq!(sent, 0, "{summary}"),
    }
    assert_eq!(summary["creditBalance"], customer.get("/v1/balance").await.is(200)["balance"]);
    let days = format!("/v1/usage/timeseries?metric=messages_failed&from=2026-01-01T00:00:00Z&to={to}");
    let days = customer.get(&days).await;
    assert!([200, 422].contains(&days.status), "whatever the day is");

    let other = api.user("other").await;
    let nothing = other.get("/v1/usage/summary?environment=SANDBOX").await.is(200);
    assert_eq!((&nothing["messagesSent"], &nothing["deliveryRate"]), (&json!(0), &Value::Null));
    for (query, code) in [
        ("from=2024-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", "usage.window_too_large"),
        ("from=2026-01-02T00:00:00Z&to=2026-01-02T00:00:00Z", "usage.window_empty"),
        ("from=soon", "validation_failed"),
    ] {
        customer.get(&format!("/v1/usage/summary?{query}")).await.refused(422, code);
    }
    for (query, code) in [
        ("metric=messages_sent&bucket=hour", "usage.not_split"),
        ("metric=messages_sent&groupBy=key", "usage.not_split"),
        ("metric=messages_sent&metric=codes_sent", "validation_failed"),
        ("groupBy=outcome&metric=spent", "validation_failed"),
        (
            "metric=codes_sent&bucket=hour&from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z",
            "usage.window_too_large",
        ),
    ] {
        customer.get(&format!("/v1/usage/timeseries?{query}")).await.refused(422, code);
    }
    for query in
        ["groupBy=outcome&bucket=hour", "groupBy=key", "groupBy=channel", "groupBy=country", "bucket=hour"]
    {
        let split = customer.get(&format!("/v1/usage/timeseries?{query}")).await.is(200);
        assert_eq!(split["data"], json!([]), "{query}: nothing was verified");
    }
}

#[tokio::test]
async fn the_traffic_of_a_key_is_its_own() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let new = |label: &str| json!({"label": unique(label), "environment": "SANDBOX", "scopes": ["sms:send", "usage:read"]});
    let busy = developer.post("/v1/keys", &new("busy")).await.is(201);
    let idle = developer.post("/v1/keys", &new("idle")).await.is(201);
    let key = api.bearer(text(&busy, "rawKey"));
    for _ in 0..3 {
        let message = json!({"to": "+93701231234", "from": "Sarai", "body": "Salam"});
        key.post("/v1/messages", &message).await.is(201);
    }
    api.advance(60).await;
    let traffic = async |key: &Value| {
        let path = format!("/v1/keys/{}/traffic?days=2", text(key, "keyId"));
        let answer = developer.get(&path).await.is(200);
        let days = answer["days"].as_array().unwrap().clone();
        assert_eq!(days.len(), 2, "also days of nothing: {answer}");
        days.iter().map(|day| day["messagesDelivered"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!((traffic(&busy).await, traffic(&idle).await), (3, 0));
    let summary = key.get("/v1/usage/summary").await.is(200);
    assert!(summary["messagesDelivered"].as_u64().unwrap() >= 3, "of its world: {summary}");
    key.get("/v1/usage/summary?environment=PRODUCTION").await.refused(403, "key.environment_mismatch");
    let path = format!("/v1/keys/{}/traffic", text(&busy, "keyId"));
    api.user("other").await.get(&path).await.refused(404, "not_found");
    for days in ["0", "91", "x"] {
        developer.get(&format!("{path}?days={days}")).await.refused(422, "validation_failed");
    }
}
