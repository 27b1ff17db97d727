//! A listing's life over HTTP: written, planned, reviewed, sold, suspended, retired.

use serde_json::{Value, json};

use crate::{
    market::{DAY, Market, cart, draft, number, one_time, seat_pack, subscription, text, usd},
    world::unique,
};

#[tokio::test]
async fn a_listing_goes_from_draft_to_live_and_every_answer_repeats_what_was_sent() {
    let market = Market::open().await;
    let body = json!({
        "courseId": "crs_demo_3", "courseVersionId": "cv_demo_3",
        "marketing": {
            "tagline": "Weld in a week", "description": "Mask, torch, patience.",
            "hero": "https://cdn.test/h.png", "screenshots": ["https://cdn.test/1.png"],
        },
        "refundPolicy": {"refundDays": 30, "attemptsCap": 3}, "category": "craft", "tags": ["metal", "heat"],
    });
    let created = market.provider.post("/v1/listings", &body).await;
    let tag = created.header("etag").to_owned();
    let location = created.header("location").to_owned();
    let listing = created.is(201);
    assert_eq!(location, format!("/v1/listings/{}", text(&listing, "id")));
    assert_eq!(tag, format!("\"v{}\"", number(&listing, "version")));
    assert_eq!((&listing["state"], &listing["visibility"]), (&"draft".into(), &"public".into()));
    assert_eq!(listing["pricingPlans"], json!([]));
    assert_eq!(listing["revenueShare"], json!({"platformBps": 1_500, "providerBps": 8_500}));
    assert_eq!(listing["marketing"]["trailerUrl"], Value::Null);
    assert_eq!((&listing["tags"], &listing["category"]), (&body["tags"], &"craft".into()));

    let patch = json!({"marketing": {"tagline": "Weld in two weeks", "hero": null}, "tags": null});
    let edited = market.provider.patch(&location, number(&listing, "version"), &patch).await.is(200);
    assert_eq!(edited["marketing"]["tagline"], "Weld in two weeks");
    assert_eq!(edited["marketing"]["description"], "Mask, torch, patience.", "a merge patch keeps the rest");
    assert_eq!((&edited["marketing"]["hero"], &edited["tags"]), (&Value::Null, &json!([])));

    let refused = market.provider.poke(&format!("{location}/submit")).await;
    assert_eq!(refused.refused(409, "listing.no_active_plan")["invariant"], "L-INV-1");
    let plan = market.provider.post(&format!("{location}/plans"), &subscription("12.00")).await;
    assert!(plan.header("location").starts_with(&format!("{location}/plans/pln_")));
    let plan = plan.is(201);
    assert_eq!((&plan["currency"], &plan["intervalMonths"]), (&"USD".into(), &1.into()));
    assert_eq!((&plan["active"], &plan["seats"]), (&true.into(), &Value::Null));
    market.put_live(text(&listing, "id")).await;
    let live = market.provider.get(&location).await.is(200);
    assert_eq!(live["pricingPlans"], json!([plan]));
    assert_eq!(market.admin.get(&location).await.is(200), live, "the staff see what the provider sees");
    market.buyer.get(&location).await.refused(403, "forbidden");
}

#[tokio::test]
async fn what_is_submitted_twice_is_submitted_once() {
    let market = Market::open().await;
    let sold = market.draft_with(&draft(1), &one_time("10.00")).await;
    let path = format!("/v1/listings/{}/submit", sold.listing);
    let first = market.provider.poke(&path).await.is(200);
    assert_eq!(first["state"], "submitted");
    assert_eq!(market.provider.poke(&path).await.is(200), first, "same version, same time");

    let approve = format!("/v1/admin/listings/{}/approve", sold.listing);
    let reviewed = json!({"reviewedVersion": number(&first, "version")});
    let approved = market.admin.post(&approve, &reviewed).await.is(200);
    assert_eq!(market.admin.post(&approve, &reviewed).await.is(200), approved);
    market.provider.poke(&path).await.refused(409, "listing.invalid_transition");
    let live = market.provider.poke(&format!("/v1/listings/{}/go-live", sold.listing)).await.is(200);
    let again = market.provider.poke(&format!("/v1/listings/{}/go-live", sold.listing)).await.is(200);
    assert_eq!(live, again);
}

#[tokio::test]
async fn an_approval_names_the_version_that_was_reviewed() {
    let market = Market::open().await;
    let sold = market.draft_with(&draft(1), &one_time("10.00")).await;
    let path = format!("/v1/listings/{}", sold.listing);
    let submitted = market.provider.poke(&format!("{path}/submit")).await.is(200);
    let reviewed = number(&submitted, "version");
    let queue = market.admin.get("/v1/admin/listings").await.is(200);
    assert_eq!(queue["data"], json!([submitted]), "the queue has whole listings");

    let patch = json!({"marketing": {"tagline": "Something else entirely"}});
    let edited = market.provider.patch(&path, reviewed, &patch).await.is(200);
    assert_eq!(edited["state"], "submitted", "an edited submission stays one");
    let approve = format!("/v1/admin{}/approve", path.strip_prefix("/v1").unwrap());
    let stale = market.admin.post(&approve, &json!({"reviewedVersion": reviewed})).await;
    stale.refused(412, "listing.stale_review");
    let stale = market.provider.patch(&path, reviewed, &patch).await;
    stale.refused(412, "precondition_failed");
    let fresh = json!({"reviewedVersion": number(&edited, "version"), "reason": "reads well"});
    let approved = market.admin.post(&approve, &fresh).await.is(200);
    assert_eq!(approved["state"], "approved");
    let other = json!({"reviewedVersion": reviewed});
    market.admin.post(&approve, &other).await.refused(412, "listing.stale_review");
    let frozen = market.provider.patch(&path, number(&approved, "version"), &patch).await;
    frozen.refused(409, "listing.invalid_transition");
}

#[tokio::test]
async fn a_rejected_or_withdrawn_listing_is_a_draft_again() {
    let market = Market::open().await;
    let sold = market.draft_with(&draft(1), &one_time("10.00")).await;
    let (path, admin) =
        (format!("/v1/listings/{}", sold.listing), format!("/v1/admin/listings/{}", sold.listing));
    market.provider.poke(&format!("{path}/submit")).await.is(200);
    let reject = format!("{admin}/reject");
    market.admin.post(&reject, &json!({"reason": ""})).await.refused(422, "listing.reason_malformed");
    let rejected = market.admin.post(&reject, &json!({"reason": "blurry pictures"})).await.is(200);
    assert_eq!(
        (&rejected["state"], &rejected["rejectionReason"]),
        (&"draft".into(), &"blurry pictures".into())
    );

    market.provider.poke(&format!("{path}/submit")).await.is(200);
    let withdrawn = market.provider.poke(&format!("{path}/withdraw")).await.is(200);
    assert_eq!((&withdrawn["state"], &withdrawn["rejectionReason"]), (&"draft".into(), &Value::Null));
    market.put_live(&sold.listing).await;
    let live = market.provider.poke(&format!("{path}/withdraw")).await;
    live.refused(409, "listing.invalid_transition");
}

#[tokio::test]
async fn what_cannot_be_shipped_or_may_not_be_sold_is_not_approved() {
    let market = Market::open().await;
    let mut unbuilt = draft(1);
    unbuilt["courseId"] = json!("crs_unbuilt_1");
    unbuilt["courseVersionId"] = json!("cv_unbuilt_1");
    let sold = market.draft_with(&unbuilt, &one_time("10.00")).await;
    let submitted = market.provider.poke(&format!("/v1/listings/{}/submit", sold.listing)).await.is(200);
    let body = json!({"reviewedVersion": number(&submitted, "version")});
    let approve = format!("/v1/admin/listings/{}/approve", sold.listing);
    let refused = market.admin.post(&approve, &body).await.refused(409, "listing.not_shippable");
    assert_eq!(refused["invariant"], "L-INV-2");
    assert!(text(&refused, "detail").contains("built"), "it says what is missing: {refused}");
    let built = json!({"courseVersionId": "cv_unbuilt_1"});
    market.api.tell("content", "content.play_package.built.v1", built).await.is(202);
    market.admin.post(&approve, &body).await.is(200);

    let other = market.api.user("other").await;
    let listing = other.post("/v1/listings", &draft(2)).await.is(201);
    let path = format!("/v1/listings/{}", text(&listing, "id"));
    other.post(&format!("{path}/plans"), &one_time("10.00")).await.is(201);
    let submitted = other.poke(&format!("{path}/submit")).await.is(200);
    let body = json!({"reviewedVersion": number(&submitted, "version")});
    let approve = format!("/v1/admin/listings/{}/approve", text(&listing, "id"));
    let refused = market.admin.post(&approve, &body).await.refused(409, "listing.kyc_required");
    assert_eq!(refused["invariant"], "L-INV-3");
}

#[tokio::test]
async fn plans_are_free_before_approval_and_frozen_after() {
    let market = Market::open().await;
    let sold = market.draft_with(&draft(1), &one_time("10.00")).await;
    let plan = format!("/v1/listings/{}/plans/{}", sold.listing, sold.plan);
    let listing = market.provider.get(&format!("/v1/listings/{}", sold.listing)).await.is(200);
    let priced = json!({"price": usd("12.50")});
    let edited = market.provider.patch(&plan, number(&listing, "version"), &priced).await;
    assert_eq!(edited.header("etag"), format!("\"v{}\"", number(&listing, "version") + 1));
    assert_eq!(edited.is(200)["price"], usd("12.50"));
    let mixed = json!({"kind": "one_time", "price": usd("1.00"), "currency": "EUR"});
    let plans = format!("/v1/listings/{}/plans", sold.listing);
    let mixed = market.provider.post(&plans, &mixed).await.refused(422, "listing.plan_currency_mismatch");
    assert_eq!(mixed["invariant"], "L-INV-10");
    let bare = json!({"kind": "seat_pack", "price": usd("1.00")});
    market.provider.post(&plans, &bare).await.refused(422, "listing.seats_missing");
    let bare = json!({"kind": "subscription", "price": usd("1.00")});
    market.provider.post(&plans, &bare).await.refused(422, "listing.interval_missing");

    market.put_live(&sold.listing).await;
    let version = async || {
        number(&market.provider.get(&format!("/v1/listings/{}", sold.listing)).await.is(200), "version")
    };
    market.provider.patch(&plan, version().await, &priced).await.refused(409, "listing.plan_frozen");
    let replaced = market.provider.post(&format!("{plan}/replace"), &one_time("15.00")).await.is(201);
    assert_ne!(replaced["id"], json!(sold.plan));
    let listing = market.provider.get(&format!("/v1/listings/{}", sold.listing)).await.is(200);
    let active: Vec<_> =
        listing["pricingPlans"].as_array().unwrap().iter().map(|plan| &plan["active"]).collect();
    assert_eq!(active, [&json!(false), &json!(true)]);
    let old = market.buyer.post("/v1/orders", &cart(&[(&sold, 1)], &[])).await;
    old.refused(409, "order.plan_inactive");
    let off = json!({"active": false});
    let new = format!("/v1/listings/{}/plans/{}", sold.listing, text(&replaced, "id"));
    market.provider.patch(&new, version().await, &off).await.is(200);
    let found = market.api.nobody().get("/v1/catalog").await.is(200);
    assert_eq!(found["data"], json!([]), "nothing to buy, nothing to find");
}

#[tokio::test]
async fn a_suspended_listing_is_off_sale_until_it_is_reinstated() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let pending = market.order(&[(&sold, 1)], &[]).await;
    let admin = format!("/v1/admin/listings/{}", sold.listing);
    let reason = json!({"reason": "a complaint"});
    let suspended = market.admin.post(&format!("{admin}/suspend"), &reason).await.is(200);
    assert_eq!(
        (&suspended["state"], &suspended["suspensionReason"]),
        (&"suspended".into(), &"a complaint".into())
    );
    market.admin.post(&format!("{admin}/suspend"), &reason).await.is(200);
    let other = json!({"reason": "another complaint"});
    market.admin.post(&format!("{admin}/suspend"), &other).await.refused(409, "listing.invalid_transition");

    let customer = market.api.user("customer").await;
    let refused = customer.post("/v1/orders", &cart(&[(&sold, 1)], &[])).await;
    assert_eq!(refused.refused(409, "listing.not_live")["invariant"], "L-INV-8");
    market.api.nobody().get(&format!("/v1/catalog/{}", sold.listing)).await.refused(404, "not_found");
    let paid = market.pay(&pending, "tok_ok").await;
    assert_eq!(paid["status"], "fulfilled", "what was ordered before goes on");

    let back = json!({"reason": "it was a mistake"});
    let live = market.admin.post(&format!("{admin}/reinstate"), &back).await.is(200);
    assert_eq!((&live["state"], &live["suspensionReason"]), (&"live".into(), &Value::Null));
    let order = customer.post("/v1/orders", &cart(&[(&sold, 1)], &[])).await.is(201);
    assert_eq!(order["status"], "pending_payment");
}

#[tokio::test]
async fn a_listing_is_not_retired_under_licences_that_last() {
    let market = Market::open().await;
    let perpetual = market.sell(1, &one_time("10.00")).await;
    let order = market.buy(&[(&perpetual, 1)], &[]).await;
    let retire = format!("/v1/listings/{}/retire", perpetual.listing);
    let refused = market.provider.poke(&retire).await.refused(409, "listing.in_use");
    assert_eq!(refused["invariant"], "L-INV-7");
    let blockers = &refused["blockers"];
    assert_eq!((&blockers["active"], &blockers["perpetual"]), (&1.into(), &1.into()), "{refused}");
    assert_eq!((&blockers["latestValidUntil"], &blockers["openOrders"]), (&Value::Null, &0.into()));
    market.refund(&order, &json!({"reason": "not for me"})).await.is(202);
    let retired = market.provider.poke(&retire).await.is(200);
    assert_eq!(retired["state"], "retired");
    assert_eq!(market.provider.poke(&retire).await.is(200), retired);

    let rented = market.sell(2, &subscription("10.00")).await;
    let open = market.order(&[(&rented, 1)], &[]).await;
    let retire = format!("/v1/listings/{}/retire", rented.listing);
    let refused = market.provider.poke(&retire).await.refused(409, "listing.in_use");
    assert_eq!(refused["blockers"]["openOrders"], 1, "{refused}");
    market.pay(&open, "tok_ok").await;
    let refused = market.provider.poke(&retire).await.refused(409, "listing.in_use");
    assert!(refused["blockers"]["latestValidUntil"].is_string(), "{refused}");
    market.api.advance(32 * DAY).await;
    assert_eq!(market.provider.poke(&retire).await.is(200)["state"], "retired");
}

#[tokio::test]
async fn only_the_staff_negotiate_a_revenue_share() {
    let market = Market::open().await;
    let mut greedy = draft(1);
    greedy["revenueShare"] = json!({"platformBps": 0, "providerBps": 10_000});
    let refused = market.provider.post("/v1/listings", &greedy).await;
    refused.refused(403, "listing.revenue_share_forbidden");
    let sold = market.draft_with(&draft(1), &one_time("6.45")).await;
    let path = format!("/v1/admin/listings/{}/revenue-share", sold.listing);
    let ask = market.admin.ask(reqwest::Method::PATCH, &path);
    let uneven = json!({"platformBps": 3_000, "providerBps": 6_999, "reason": "a deal"});
    ask.json(&uneven).send().await.refused(422, "listing.revenue_share_not_whole");
    let deal = json!({"platformBps": 3_000, "providerBps": 7_000, "reason": "a deal"});
    let shared = market.admin.ask(reqwest::Method::PATCH, &path).json(&deal).send().await.is(200);
    assert_eq!(shared["revenueShare"], json!({"platformBps": 3_000, "providerBps": 7_000}));
    market.put_live(&sold.listing).await;
    market.buy(&[(&sold, 1)], &[]).await;
    // 30 % of 6.45 is 1.935: both shares have half a cent over, and the provider gets it.
    let earned = &market.earnings().await[0];
    assert_eq!((&earned["platformFee"], &earned["netPayable"]), (&usd("1.93"), &usd("4.52")));
}

#[tokio::test]
async fn a_newer_version_is_shipped_to_new_buyers_only() {
    let market = Market::open().await;
    let sold = market.sell(1, &seat_pack("20.00", 2)).await;
    let before = market.buy(&[(&sold, 2)], &[]).await;
    let ship = format!("/v1/listings/{}/ship-version", sold.listing);
    let version = unique("cv_new");
    let body = json!({"courseVersionId": version});
    let refused = market.provider.post(&ship, &body).await.refused(409, "listing.not_shippable");
    assert_eq!(refused["invariant"], "L-INV-2");
    let published = json!({"courseId": "crs_demo_1", "courseVersionId": version});
    market.api.tell("catalog", "catalog.course_version.published.v1", published).await.is(202);
    market.provider.post(&ship, &body).await.refused(409, "listing.not_shippable");
    market.api.tell("content", "content.play_package.built.v1", body.clone()).await.is(202);
    let shipped = market.provider.post(&ship, &body).await.is(200);
    assert_eq!(shipped["courseVersionId"], json!(version));
    let after = market.buy(&[(&sold, 2)], &[]).await;
    assert_eq!(before["lines"][0]["courseVersionId"], "cv_demo_1");
    assert_eq!(after["lines"][0]["courseVersionId"], json!(version));
    let kept = market.license(&Market::license_of(&before)).await;
    assert_eq!(kept["courseVersionId"], "cv_demo_1");
}
