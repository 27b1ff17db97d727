//! HTTP itself: methods, media types, sizes, versions, cursors, limits, headers.

use reqwest::Method;
use sarai::config::Config;
use serde_json::{Value, json};

use crate::{
    market::{Market, cart, draft, one_time, text},
    world::{Api, generous},
};

#[tokio::test]
async fn an_edit_names_the_version_it_was_made_from() {
    let market = Market::open().await;
    let sold = market.draft_with(&draft(1), &one_time("10.00")).await;
    let path = format!("/v1/listings/{}", sold.listing);
    let patch = json!({"marketing": {"tagline": "Better"}});
    let ask = |tag: Option<&str>| {
        let ask = market.provider.ask(Method::PATCH, &path).json(&patch);
        match tag {
            Some(tag) => ask.header("if-match", tag),
            None => ask,
        }
    };
    let read = market.provider.get(&path).await;
    let tag = read.header("etag").to_owned();
    ask(None).send().await.refused(428, "precondition_required");
    for bad in ["\"v999\"", "*", "v1", "W/\"v1\"", "\"v1\", \"v2\"", "garbage", ""] {
        let answer = ask(Some(bad)).send().await;
        assert!([412, 428].contains(&answer.status), "{bad}: {}", answer.text);
    }
    let edited = ask(Some(&tag)).send().await;
    assert_ne!(edited.header("etag"), tag);
    edited.is(200);
    ask(Some(&tag)).send().await.refused(412, "precondition_failed");
    let merge = market.provider.ask(Method::PATCH, &path).header("if-match", &format!("\"v{}\"", 3));
    let merge = merge.raw("application/merge-patch+json", patch.to_string().into_bytes()).send().await;
    merge.is(200);
    for path in
        [format!("{path}/plans/{}", sold.plan), "/v1/coupons/cpn_01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned()]
    {
        let bare = market.provider.ask(Method::PATCH, &path).json(&json!({})).send().await;
        bare.refused(428, "precondition_required");
    }
}

#[tokio::test]
async fn a_refusal_is_told_in_the_language_asked_for() {
    let api = Api::start().await;
    let customer = api.user("customer").await;
    let ask = async |path: &str, languages: &str| {
        let asked = customer.ask(Method::GET, path).header("accept-language", languages);
        let answer = asked.send().await;
        assert_eq!(answer.header("vary"), "Accept-Language");
        (answer.header("content-language").to_owned(), answer.refused(404, "not_found"))
    };
    // Of a handler, of the gate, of no operation at all.
    for path in ["/v1/orders/ord_01ARZ3NDEKTSV4RRFFQ69G5FAV", "/v1/nothing", "/problems/no.such_code"] {
        let (language, english) = ask(path, "de").await;
        assert_eq!((language.as_str(), &english["title"]), ("en", &json!("Not found")));
        assert_eq!(english.get("detailEn"), None);
        for (tag, locale, title) in
            [("ps-AF, en;q=0.5", "ps", "ونه موندل شو"), ("de, prs;q=0.9", "fa", "یافت نشد")]
        {
            let (language, told) = ask(path, tag).await;
            assert_eq!((language.as_str(), text(&told, "title")), (locale, title));
            assert_eq!(told["detailEn"], english["detail"]);
            assert_ne!(told["detail"], english["detail"]);
            assert_eq!((&told["code"], &told["type"]), (&english["code"], &english["type"]));
        }
    }
    let page =
        api.nobody().ask(Method::GET, "/problems/not_found").header("accept-language", "fa").send().await;
    assert_eq!(page.header("content-language"), "fa");
    assert_eq!(page.is(200)["title"], "یافت نشد");
}

#[tokio::test]
async fn a_replayed_refusal_says_what_the_first_one_said() {
    let market = Market::open().await;
    let ask = async |language: &str| {
        let ask = market.buyer.ask(Method::POST, "/v1/orders").json(&json!({"currency": "USD", "lines": []}));
        ask.header("idempotency-key", "none").header("accept-language", language).send().await
    };
    let (first, again) = (ask("ps").await, ask("en").await);
    assert_eq!(again.text, first.text, "byte for byte, whatever is asked for now");
    assert_eq!((first.header("content-language"), again.header("content-language")), ("ps", "ps"));
    again.refused(422, "order.no_lines");
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let market = Market::open().await;
    for course in 1..=3 {
        market.sell(course, &one_time("10.00")).await;
    }
    let nobody = market.api.nobody();
    let page = nobody.get("/v1/catalog?limit=1").await.is(200);
    let cursor = text(&page, "nextCursor").to_owned();
    nobody.get(&format!("/v1/catalog?limit=2&cursor={cursor}")).await.is(200);
    let flipped =
        if cursor.starts_with('A') { cursor.replacen('A', "B", 1) } else { format!("A{}", &cursor[1..]) };
    let half = cursor.get(..cursor.len() / 2).unwrap();
    for bad in [flipped.as_str(), half, "", "AAAA", "not-a-cursor", "0"] {
        nobody.get(&format!("/v1/catalog?cursor={bad}")).await.refused(400, "invalid_cursor");
    }
    nobody.get(&format!("/v1/catalog?q=weld&cursor={cursor}")).await.refused(400, "invalid_cursor");
    market
        .provider
        .get(&format!("/v1/provider/listings?cursor={cursor}"))
        .await
        .refused(400, "invalid_cursor");
    market.buyer.get(&format!("/v1/orders?cursor={cursor}")).await.refused(400, "invalid_cursor");
}

#[tokio::test]
async fn every_list_takes_1_to_100_rows_at_once() {
    let market = Market::open().await;
    let lists = ["/v1/catalog", "/v1/orders", "/v1/licenses"];
    for path in lists {
        for limit in ["0", "101", "-1", "1.5", "many", "", "99999999999999999999"] {
            market.buyer.get(&format!("{path}?limit={limit}")).await.refused(422, "validation_failed");
        }
        for limit in [1, 100] {
            market.buyer.get(&format!("{path}?limit={limit}")).await.is(200);
        }
    }
}

#[tokio::test]
async fn every_wrong_member_is_named_at_once() {
    let market = Market::open().await;
    let body = json!({
        "courseId": "", "marketing": {"tagline": 7, "surprise": true}, "refundPolicy": {"refundDays": "14"},
        "state": "live",
    });
    let refused = market.provider.post("/v1/listings", &body).await.refused(422, "validation_failed");
    let pointers: Vec<_> =
        refused["errors"].as_array().unwrap().iter().map(|error| text(error, "pointer")).collect();
    for pointer in [
        "/courseId",
        "/courseVersionId",
        "/marketing/tagline",
        "/marketing/surprise",
        "/refundPolicy/refundDays",
        "/state",
    ] {
        assert!(pointers.contains(&pointer), "{pointer} in {pointers:?}");
    }
    for (amount, currency) in [
        (json!(10), "USD"),
        (json!("10.001"), "USD"),
        (json!("1e3"), "USD"),
        (json!("-1.00"), "USD"),
        (json!("+1.00"), "USD"),
        (json!(" 1.00"), "USD"),
        (json!(""), "USD"),
        (json!("1.00"), "XXX"),
        (json!("1.00"), "usd"),
    ] {
        let sold = json!({"kind": "one_time", "price": {"amount": amount, "currency": currency}});
        let listing = market.provider.post("/v1/listings", &draft(1)).await.is(201);
        let plans = format!("/v1/listings/{}/plans", text(&listing, "id"));
        let answer = market.provider.post(&plans, &sold).await;
        assert_eq!(answer.status, 422, "{amount} {currency}: {}", answer.text);
    }
    let long = "x".repeat(141);
    let mut wordy = draft(1);
    wordy["marketing"]["tagline"] = json!(long);
    market.provider.post("/v1/listings", &wordy).await.refused(422, "listing.tagline_malformed");
    let mut insecure = draft(1);
    insecure["marketing"]["hero"] = json!("http://cdn.test/h.png");
    market.provider.post("/v1/listings", &insecure).await.refused(422, "listing.url_malformed");
    let mut lenient = draft(1);
    lenient["refundPolicy"]["refundDays"] = json!(91);
    market.provider.post("/v1/listings", &lenient).await.refused(422, "listing.refund_days_out_of_range");
}

#[tokio::test]
async fn a_body_is_json_of_a_decent_size_and_depth() {
    let api = Api::start().await;
    let buyer = api.user("buyer").await;
    let ask = |media: &str, body: Vec<u8>| {
        buyer.ask(Method::POST, "/v1/orders").header("idempotency-key", "body").raw(media, body)
    };
    for bad in ["{", "{}{}", "[1,]", "{\"a\":1,\"a\":2}", "nul", "\u{feff}{}", "{\"currency\":\"\\u0000\"}"] {
        ask("application/json", bad.into()).send().await.refused(400, "malformed_request");
    }
    ask("application/json", b"{\"currency\":\"\xff\"}".to_vec())
        .send()
        .await
        .refused(400, "malformed_request");
    for depth in [65, 1_000, 100_000] {
        let bomb = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        ask("application/json", bomb.into()).send().await.refused(400, "malformed_request");
    }
    ask("application/json", format!("{}{}", "[".repeat(64), "]".repeat(64)).into())
        .send()
        .await
        .refused(422, "validation_failed");
    for media in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
    ] {
        ask(media, b"{}".to_vec()).send().await.refused(415, "unsupported_media_type");
    }
    ask("application/json; charset=utf-8", b"{}".to_vec()).send().await.refused(422, "validation_failed");
    let large = format!("{{\"quoteToken\":\"{}\"}}", "x".repeat(256 * 1024));
    ask("application/json", large.into()).send().await.refused(413, "payload_too_large");
}

#[tokio::test]
async fn a_path_that_is_not_there_is_404_and_a_method_that_is_not_is_405_with_what_is() {
    let api = Api::start().await;
    let buyer = api.user("buyer").await;
    for path in [
        "/v1",
        "/v1/nothing",
        "/v2/orders",
        "/v1/orders/",
        "/v1//orders",
        "/v1/orders/a/b/c",
        "/documents",
        "/v1/events/1",
    ] {
        buyer.get(path).await.refused(404, "not_found");
    }
    let mut paths: Vec<_> = api.document().operations().map(|operation| operation.path).collect();
    paths.dedup();
    for path in paths {
        let concrete = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
        let concrete = concrete.collect::<Vec<_>>().join("/");
        let here = || api.document().operations().filter(|operation| operation.path == path);
        let put = here().any(|operation| operation.method() == Method::PUT);
        let answer = buyer.ask(if put { Method::DELETE } else { Method::PUT }, &concrete).send().await;
        let mut allowed: Vec<_> = answer.header("allow").split(", ").map(str::to_ascii_lowercase).collect();
        allowed.sort();
        answer.refused(405, "method_not_allowed");
        for operation in here() {
            assert!(allowed.contains(&operation.method.to_owned()), "{path}: {allowed:?}");
        }
    }
    let page = buyer.ask(Method::POST, "/healthz").send().await;
    assert_eq!(page.header("allow"), "GET");
    page.refused(405, "method_not_allowed");
}

#[tokio::test]
async fn ids_are_read_as_they_are_written_and_nothing_else_is_an_id() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let lower = sold.listing.to_lowercase();
    let other_kind = sold.listing.replace("lst_", "ord_");
    for id in [
        "x",
        &lower,
        &other_kind,
        "lst_",
        "lst_01ARZ3NDEKTSV4RRFFQ69G5FA",
        "lst_81ARZ3NDEKTSV4RRFFQ69G5FAV",
        "%6cst_1",
        "lst_01ARZ3NDEKTSV4RRFFQ69G5FAV",
    ] {
        let path = format!("/v1/catalog/{id}");
        let answer = market.api.nobody().get(&path).await;
        assert_eq!(answer.status, 404, "{id}: {}", answer.text);
    }
}

#[tokio::test]
async fn every_answer_is_safe_to_keep_away_from_caches_and_says_how_much_is_left() {
    let market = Market::open().await;
    let order = market.order(&[(&market.sell(1, &one_time("10.00")).await, 1)], &[]).await;
    for answer in [
        market.buyer.get(&format!("/v1/orders/{}", text(&order, "id"))).await,
        market.buyer.get("/v1/nothing").await,
        market.buyer.post("/v1/orders", &cart(&[], &[])).await,
        market.api.nobody().get("/v1/orders").await,
    ] {
        assert_eq!(answer.header("cache-control"), "no-store", "{}", answer.asked);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
    }
    let answer = market.buyer.get("/v1/orders").await;
    assert!(answer.header("ratelimit").starts_with("\"standard\";r="), "{}", answer.header("ratelimit"));
    assert!(answer.header("ratelimit-policy").starts_with("\"standard\";q="));
    let given = market.buyer.ask(Method::GET, "/v1/orders").header("x-request-id", "second").send();
    let minted = reqwest::get(format!("{}/healthz", market.api.base())).await.unwrap();
    assert_eq!(minted.headers()["x-request-id"].len(), 26, "an id of ours when none is brought");
    drop(given);
}

#[tokio::test]
async fn who_asks_too_often_waits() {
    let config =
        Config { rate_per_second: 1, rate_burst: 5, sign_in_per_minute: 60, sign_in_burst: 3, ..generous() };
    let api = Api::start_with(config).await;
    let buyer = api.user("buyer").await;
    let customer = api.user("customer").await;
    let mut last = None;
    for _ in 0..8 {
        last = Some(buyer.get("/v1/me").await);
        if last.as_ref().is_some_and(|answer| answer.status == 429) {
            break;
        }
    }
    let last = last.unwrap();
    let wait: u64 = last.header("retry-after").parse().unwrap();
    assert!((1..=5).contains(&wait) && last.json["retryAfterSeconds"] == wait, "{}", last.text);
    assert!(last.header("ratelimit").contains("r=0"), "{}", last.header("ratelimit"));
    last.refused(429, "rate_limited");
    customer.get("/v1/me").await.is(200);

    let wrong = json!({"email": "buyer@demo.test", "password": "wrong"});
    let mut refused = 0;
    for _ in 0..6 {
        let answer = api.nobody().post("/v1/auth/sessions", &wrong).await;
        refused += u32::from(answer.status == 429);
    }
    assert!(refused >= 2, "guessing passwords is slow: {refused}");
    assert_eq!(reqwest::get(format!("{}/healthz", api.base())).await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_pages_beside_the_api_are_there() {
    let api = Api::start().await;
    let nobody = api.nobody();
    assert_eq!(nobody.get("/healthz").await.is(200), json!({"status": "ok"}));
    assert_eq!(nobody.get("/readyz").await.is(200)["status"], "ready");
    let document = nobody.get("/openapi.json").await.is(200);
    assert_eq!(document["openapi"], "3.1.0");
    let codes: Vec<&Value> = document["components"]["schemas"]["Problem"]["properties"]["code"]["examples"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    for code in codes {
        let meaning = nobody.get(&format!("/problems/{}", code.as_str().unwrap())).await.is(200);
        assert_eq!(&meaning["code"], code);
    }
    nobody.get("/problems/no.such.code").await.refused(404, "not_found");
    let page = nobody.get("/docs/api").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'sha256-"), "{policy}");
    assert!(
        page.text.contains("Sarai") && !page.text.contains("src=\"http"),
        "nothing is loaded from elsewhere"
    );
}

#[tokio::test]
async fn the_test_clock_moves_for_the_staff_of_a_demo_only() {
    let market = Market::open().await;
    let before = market.admin.get("/v1/test-clock").await.is(200);
    let after = market.api.advance(3_600).await;
    assert!(after["ran"].is_u64() && text(&after, "now") > text(&before, "now"), "{after}");
    let hour = json!({"advanceSeconds": 3_600});
    market.buyer.post("/v1/test-clock", &hour).await.refused(403, "forbidden");
    for bad in [
        json!({"advanceSeconds": -1}),
        json!({"advanceSeconds": "1"}),
        json!({}),
        json!({"advanceSeconds": 1.5}),
    ] {
        market.admin.post("/v1/test-clock", &bad).await.refused(422, "validation_failed");
    }
    let real = Api::start_with(Config { demo: false, ..generous() }).await;
    let admin = real.user("admin").await;
    admin.post("/v1/test-clock", &hour).await.refused(409, "clock.not_movable");
    admin.post("/v1/demo/enrollment", &json!({"outage": true})).await.refused(404, "not_found");
    assert_eq!(real.welcome(), "");
}
