//! The auditor over HTTP and from the command line's client: the last report, an audit now, and who may ask.

use serde_json::{Value, json};

use crate::market::{Market, one_time, text, usd};

fn row<'a>(report: &'a Value, id: &str) -> &'a Value {
    let rows = report["invariants"].as_array().unwrap();
    rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no row {id}"))
}

#[tokio::test]
async fn a_market_that_sold_and_took_back_is_audited_without_a_breach() {
    let market = Market::open().await;
    let before = market.admin.get("/v1/admin/invariants").await.is(200);
    assert_eq!((&before["startedAt"], &before["violations"]), (&Value::Null, &Value::Null));
    assert_eq!(row(&before, "LI-INV-1")["checked"], Value::Null);

    let (kept, gone) = (market.sell(1, &one_time("10.00")).await, market.sell(2, &one_time("20.00")).await);
    market.buy(&[(&kept, 1)], &[]).await;
    let order = market.buy(&[(&gone, 1)], &[]).await;
    market.refund(&order, &json!({"reason": "changed my mind"})).await.is(202);
    let now = market.admin.post("/v1/admin/invariants/run", &json!({"reason": "to see"})).await.is(200);
    assert_eq!(now["violations"], 0, "{now}");
    let counted = |id: &str| row(&now, id)["checked"].clone();
    assert_eq!((counted("L-INV-1"), counted("O-INV-2"), counted("LI-INV-1")), (json!(2), json!(2), json!(2)));
    let by_code = row(&now, "AC-3");
    assert_eq!((&by_code["kind"], &by_code["checked"]), (&json!("code"), &Value::Null));
    assert_eq!(by_code["provedBy"][1], "ac_3_allows_exactly_these_fields");
    let money = &now["money"][0];
    assert_eq!(
        (&money["sold"], &money["gross"], &money["refunds"]),
        (&usd("30.00"), &usd("30.00"), &usd("20.00"))
    );
    assert_eq!((text(money, "currency"), &money["balances"]), ("USD", &json!(true)));

    let last = market.admin.get("/v1/admin/invariants").await.is(200);
    assert_eq!(last, now);
}

#[tokio::test]
async fn only_the_staff_audit_and_only_for_a_reason() {
    let market = Market::open().await;
    market.buyer.get("/v1/admin/invariants").await.refused(403, "forbidden");
    let reason = json!({"reason": "curious"});
    market.provider.post("/v1/admin/invariants/run", &reason).await.refused(403, "forbidden");
    let silent = json!({"reason": " "});
    market.admin.post("/v1/admin/invariants/run", &silent).await.refused(422, "validation_failed");
}
