//! What other services tell us: only signed, and each thing once.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    market::{Market, one_time, text, usd},
    world::unique,
};

fn published() -> Value {
    json!({"courseId": "crs_new", "courseVersionId": "cv_new"})
}

#[tokio::test]
async fn a_message_that_is_not_signed_by_whom_we_trust_is_refused() {
    let market = Market::open().await;
    let path = "/v1/integrations/catalog/events";
    let event = json!({
        "specversion": "1.0", "id": "evt-1", "source": "/catalog", "type": "course_version.published",
        "data": published(),
    });
    let body = event.to_string();
    let now = sarai_now();
    let good = market.api.sign("evt-1", &now.to_string(), &body);
    let send = async |id: &str, at: i64, signature: &str, body: &str| {
        let ask = market.api.nobody().ask(Method::POST, path).header("webhook-id", id);
        let ask = ask.header("webhook-timestamp", &at.to_string()).header("webhook-signature", signature);
        ask.raw("application/json", body.as_bytes().to_vec()).send().await
    };
    send("evt-1", now, &good, &format!("{body} ")).await.refused(401, "bad_signature");
    send("evt-2", now, &good, &body).await.refused(401, "bad_signature");
    send("evt-1", now + 1, &good, &body).await.refused(401, "bad_signature");
    send("evt-1", now, "v1,AAAA", &body).await.refused(401, "bad_signature");
    let old = market.api.sign("evt-1", &(now - 400).to_string(), &body);
    send("evt-1", now - 400, &old, &body).await.refused(401, "bad_signature");
    market.admin.post(path, &event).await.refused(401, "bad_signature");
    let taken = send("evt-1", now, &format!("v1,AAAA {good}"), &body).await.is(202);
    assert_eq!(taken, json!({"id": "evt-1"}));
}

fn sarai_now() -> i64 {
    use sarai_ports::system::Clock as _;
    sarai_system::SystemClock::new(false).real().unix_micros() / 1_000_000
}

#[tokio::test]
async fn a_message_says_what_it_is() {
    let market = Market::open().await;
    let tell = async |source: &str, kind: &str, data: Value| market.api.tell(source, kind, data).await;
    let refused =
        tell("catalog", "catalog.course.renamed.v1", published()).await.refused(422, "validation_failed");
    assert_eq!(
        (&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]),
        (&"/type".into(), &"unknown_type".into())
    );
    let foreign = tell("content", "course_version.published", published()).await;
    foreign.refused(422, "validation_failed");
    let refused = tell("catalog", "course_version.published", json!({"courseId": "crs_new"})).await;
    let refused = refused.refused(422, "validation_failed");
    assert_eq!(refused["errors"][0]["pointer"], "/data/courseVersionId");
    for kind in [
        "course_version.published",
        "catalog.course_version.published",
        "catalog.course_version.published.v1",
    ] {
        tell("catalog", kind, published()).await.is(202);
    }
    let nobody = json!({"orderId": "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV", "disputeId": "dsp_1"});
    tell("billing", "dispute.opened", nobody).await.is(202);
    let elsewhere = market.api.message("weather", "rain.fell", &json!({}), &unique("evt")).send().await;
    assert!([404, 422].contains(&elsewhere.status), "{}", elsewhere.text);
}

#[tokio::test]
async fn a_payment_told_by_hand_counts_once_and_a_second_one_goes_back() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let order = market.order(&[(&sold, 1)], &[]).await;
    let paid = |payment: &str, amount: &str| {
        json!({
            "orderId": order["id"], "paymentIntentId": order["paymentIntentId"],
            "paymentId": payment, "amount": usd(amount),
        })
    };
    for id in ["evt-a", "evt-a", "evt-b"] {
        let told = market.api.message("billing", "payment.succeeded", &paid("pay_1", "10.83"), id);
        told.send().await.is(202);
    }
    market.api.advance(1).await;
    let stored = market.stored(&order).await;
    assert_eq!((&stored["status"], &stored["strayCaptures"]), (&"fulfilled".into(), &json!([])));
    market.api.tell("billing", "payment.succeeded", paid("pay_2", "10.83")).await.is(202);
    market.api.advance(1).await;
    let stored = market.stored(&order).await;
    assert_eq!(
        (&stored["status"], &stored["strayCaptures"][0]["kind"]),
        (&"fulfilled".into(), &"duplicate".into())
    );
    let late =
        json!({"orderId": order["id"], "paymentIntentId": order["paymentIntentId"], "code": "card_declined"});
    market.api.tell("billing", "payment.failed", late).await.is(202);
    market.api.advance(1).await;
    assert_eq!(market.stored(&order).await["status"], "fulfilled", "a late failure flips nothing");
    assert_eq!(text(&market.license(&Market::license_of(&stored)).await, "state"), "active");
}
