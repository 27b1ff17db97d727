//! Proposals for listings on sale, and what a moderator sees of them.

use serde_json::{Value, json};

use crate::market::{Market, Sold, cart, draft, number, one_time, text};

async fn version(market: &Market, sold: &Sold) -> u64 {
    number(&market.provider.get(&format!("/v1/listings/{}", sold.listing)).await.is(200), "version")
}

async fn propose(market: &Market, sold: &Sold, body: &Value) -> Value {
    market.provider.post(&format!("/v1/listings/{}/proposals", sold.listing), body).await.is(200)
}

async fn review(market: &Market, sold: &Sold) -> Value {
    market.admin.get(&format!("/v1/admin/listings/{}/review", sold.listing)).await.is(200)
}

async fn approve(market: &Market, sold: &Sold, version: u64) -> crate::world::Answer {
    let path = format!("/v1/admin/listings/{}/approve", sold.listing);
    market.admin.post(&path, &json!({"reviewedVersion": version})).await
}

#[tokio::test]
async fn a_proposal_is_sold_once_it_is_approved_and_not_before() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let proposal = json!({
        "marketing": {"tagline": "Welding well"}, "refundPolicy": {"refundDays": 3, "attemptsCap": 1},
    });
    let listing = propose(&market, &sold, &proposal).await;
    assert_eq!((&listing["state"], &listing["marketing"]["tagline"]), (&"live".into(), &"Welding 1".into()));
    let pending = &listing["pendingRevision"];
    assert_eq!(pending["marketing"]["tagline"], "Welding well");
    assert_eq!(pending["refundPolicy"], json!({"refundDays": 3, "attemptsCap": 1}));
    assert_eq!((&pending["category"], &pending["visibility"]), (&Value::Null, &"public".into()));
    let public = market.api.nobody().get(&format!("/v1/catalog/{}", sold.listing)).await.is(200);
    assert_eq!(public["marketing"]["tagline"], "Welding 1");
    assert_eq!(public.get("pendingRevision"), None, "buyers are not told");

    let before = market.buy(&[(&sold, 1)], &[]).await;
    let reviewed = version(&market, &sold).await;
    approve(&market, &sold, reviewed - 1).await.refused(412, "listing.stale_review");
    let listing = approve(&market, &sold, reviewed).await.is(200);
    assert_eq!(listing["marketing"]["tagline"], "Welding well");
    assert_eq!((&listing["pendingRevision"], &listing["state"]), (&Value::Null, &"live".into()));
    assert_eq!(approve(&market, &sold, reviewed).await.is(200), listing, "the same approval again");

    let other = market.api.user("other").await;
    let body = cart(&[(&sold, 1)], &[]);
    let order = other.post("/v1/orders", &body).await.is(201);
    let pay = format!("/v1/orders/{}/pay", text(&order, "id"));
    let after = other.post(&pay, &json!({"paymentToken": "tok_ok"})).await.is(202);
    let days = |order: &Value| {
        let deadline = text(order, "refundDeadline")[..10].to_owned();
        let paid = text(order, "paidAt")[..10].to_owned();
        (paid, deadline)
    };
    assert!(days(&after).1 < days(&before).1, "14 days before, 3 after: {before} {after}");
}

#[tokio::test]
async fn a_proposal_is_replaced_withdrawn_or_dropped() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let path = format!("/v1/listings/{}/proposals", sold.listing);
    let reject = format!("/v1/admin/listings/{}/reject", sold.listing);
    let no = json!({"reason": "it promises too much"});
    market.provider.delete(&path).await.refused(409, "listing.no_pending_revision");
    market.admin.post(&reject, &no).await.refused(409, "listing.invalid_transition");
    approve(&market, &sold, version(&market, &sold).await).await.refused(409, "listing.invalid_transition");
    let nothing = market.provider.post(&path, &json!({"marketing": {"tagline": "Welding 1"}})).await;
    nothing.refused(422, "listing.revision_empty");
    let unknown = market.provider.post(&path, &json!({"courseVersionId": "cv_demo_2"})).await;
    unknown.refused(422, "validation_failed");

    propose(&market, &sold, &json!({"category": "metal"})).await;
    let second = propose(&market, &sold, &json!({"tags": ["arc"]})).await;
    let pending = &second["pendingRevision"];
    assert_eq!((&pending["category"], &pending["tags"]), (&Value::Null, &json!(["arc"])));
    assert_eq!(propose(&market, &sold, &json!({"tags": ["arc"]})).await, second, "again is the same");
    let withdrawn = market.provider.delete(&path).await.is(200);
    assert_eq!(withdrawn["pendingRevision"], Value::Null);
    assert_eq!(market.provider.delete(&path).await.is(200), withdrawn);

    propose(&market, &sold, &json!({"category": "metal"})).await;
    let dropped = market.admin.post(&reject, &no).await.is(200);
    assert_eq!((&dropped["pendingRevision"], &dropped["category"]), (&Value::Null, &Value::Null));
    assert_eq!((&dropped["state"], &dropped["rejectionReason"]), (&"live".into(), &Value::Null));
    market.buyer.post(&path, &json!({"category": "metal"})).await.refused(403, "forbidden");
}

#[tokio::test]
async fn the_staff_find_what_waits_and_see_it_field_by_field() {
    let market = Market::open().await;
    let mut sold = Vec::new();
    for course in 1..=4 {
        sold.push(market.sell(course, &one_time("10.00")).await);
    }
    for course in [1, 2, 3] {
        propose(&market, &sold[course], &json!({"category": "metal"})).await;
    }
    let suspend = format!("/v1/admin/listings/{}/suspend", sold[2].listing);
    market.admin.post(&suspend, &json!({"reason": "looked into"})).await.is(200);
    let waiting = async |query: &str| -> Vec<String> {
        let rows = market.admin.walk(&format!("/v1/admin/listings?{query}"), 2).await;
        rows.iter().map(|row| text(row, "id").to_owned()).collect()
    };
    let id = |index: usize| sold[index].listing.clone();
    assert_eq!(waiting("pending=true").await, [id(3), id(2), id(1)]);
    assert_eq!(waiting("pending=true&state=live").await, [id(3), id(1)]);
    assert_eq!(waiting("pending=true&state=suspended").await, [id(2)]);
    assert_eq!(waiting("pending=true&state=submitted").await, [""; 0]);
    assert_eq!(waiting("state=live").await.len(), 3);
    assert_eq!(waiting("").await, [""; 0], "the submitted ones, as ever");

    let found = review(&market, &sold[1]).await;
    let current = version(&market, &sold[1]).await;
    assert_eq!((&found["listingId"], number(&found, "version")), (&sold[1].listing.clone().into(), current));
    assert_eq!(number(&found, "reviewedAgainst"), current, "held against what is on sale");
    assert_eq!(found["changes"], json!([{"field": "/category", "before": null, "after": "metal"}]));
    assert_eq!(review(&market, &sold[0]).await["changes"], json!([]), "nothing waits, nothing changed");
    market
        .provider
        .get(&format!("/v1/admin/listings/{}/review", sold[1].listing))
        .await
        .refused(403, "forbidden");
}

#[tokio::test]
async fn a_first_review_shows_everything_and_a_second_what_changed() {
    let market = Market::open().await;
    let sold = market.draft_with(&draft(1), &one_time("10.00")).await;
    let path = |step: &str| format!("/v1/listings/{}/{step}", sold.listing);
    market.provider.poke(&path("submit")).await.is(200);
    let first = review(&market, &sold).await;
    assert_eq!(first["reviewedAgainst"], Value::Null);
    let price = format!("/pricingPlans/{}/price", sold.plan);
    let changes = first["changes"].as_array().unwrap();
    let of = |field: &str| changes.iter().find(|change| change["field"] == field).cloned().unwrap();
    assert_eq!(of(&price)["after"], json!({"amount": "10.00", "currency": "USD"}));
    assert_eq!((&of("/tags")["before"], &of("/tags")["after"]), (&Value::Null, &json!([])));

    let reviewed = number(&first, "version");
    approve(&market, &sold, reviewed).await.is(200);
    assert_eq!(review(&market, &sold).await["changes"], json!([]));
    market.provider.poke(&path("withdraw")).await.is(200);
    let plan = format!("/v1/listings/{}/plans/{}", sold.listing, sold.plan);
    let body = json!({"price": {"amount": "12.00", "currency": "USD"}});
    market.provider.patch(&plan, version(&market, &sold).await, &body).await.is(200);
    market.provider.poke(&path("submit")).await.is(200);
    let second = review(&market, &sold).await;
    assert_eq!(number(&second, "reviewedAgainst"), reviewed);
    let usd = |amount: &str| json!({"amount": amount, "currency": "USD"});
    assert_eq!(second["changes"], json!([{"field": price, "before": usd("10.00"), "after": usd("12.00")}]));
}
