//! A provider's statement over HTTP: downloaded, checked with the published key, tampered with and caught.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method;
use sarai_domain::marketplace::earnings::statement::{StatementFile, verify};
use sarai_http::statement_csv;
use serde_json::{Value, json};

use crate::{
    market::{DAY, Market, cents, number, one_time, seat_pack, text, usd},
    world::User,
};

/// A closed month: three lines sold, one of them given back.
async fn closed_month() -> (Market, String) {
    let market = Market::open().await;
    let first = market.sell(1, &one_time("19.99")).await;
    let second = market.sell(2, &seat_pack("150.00", 5)).await;
    market.percent("TENTH", 10, None).await;
    let order = market.buy(&[(&first, 1), (&second, 5)], &["TENTH"]).await;
    let body = json!({"lines": [order["lines"][0]["id"]], "reason": "not for me"});
    market.refund(&order, &body).await.is(202);
    market.buy(&[(&first, 1)], &[]).await;
    let month = text(&order, "fulfilledAt").get(..7).unwrap().to_owned();
    (market, month)
}

fn path(month: &str) -> String {
    format!("/v1/provider/earnings/{month}/statement?currency=USD")
}

/// The published key that signed an anchor.
async fn key_of(market: &Market, anchor: &Value) -> [u8; 32] {
    let set = market.api.nobody().get("/v1/.well-known/jwks.json").await.is(200);
    let keys = set["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["kid"] == anchor["keyId"]).expect("the key is published");
    URL_SAFE_NO_PAD.decode(text(key, "x")).unwrap().try_into().unwrap()
}

/// Every part of a statement.
async fn parts(user: &User, month: &str, limit: usize) -> Vec<Value> {
    let mut parts = vec![user.get(&format!("{}&limit={limit}", path(month))).await.is(200)];
    while let Some(cursor) = parts[parts.len() - 1]["lines"]["nextCursor"].as_str().map(str::to_owned) {
        let next = format!("{}&limit={limit}&cursor={cursor}", path(month));
        parts.push(user.get(&next).await.is(200));
    }
    parts
}

async fn table(market: &Market, month: &str) -> String {
    let ask = market.provider.ask(Method::GET, &path(month)).header("accept", "text/csv");
    let answer = ask.send().await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv"));
    let name = format!("attachment; filename=\"statement-{month}-USD.csv\"");
    assert_eq!(answer.header("content-disposition"), name);
    answer.text
}

#[tokio::test]
async fn a_statement_adds_up_and_names_where_each_cent_comes_from() {
    let (market, month) = closed_month().await;
    market.api.advance(0).await;
    let open = market.provider.get(&path(&month)).await.is(200);
    assert_eq!((&open["state"], &open["unsealedLines"]), (&"accruing".into(), &json!(0)));
    let lines = open["lines"]["data"].as_array().unwrap().clone();
    let kinds: Vec<_> = lines.iter().map(|line| text(line, "kind")).collect();
    assert_eq!(kinds, ["sale", "sale", "refund", "fee_reversal", "sale"]);
    let mut balance = 0;
    for (place, line) in lines.iter().enumerate() {
        assert_eq!(number(line, "seq"), place as u64 + 1);
        let (gross, fee, net) = (cents(&line["gross"]), cents(&line["fee"]), cents(&line["net"]));
        let effect = match text(line, "kind") {
            "sale" => {
                assert_eq!(gross, fee + net);
                net
            }
            "fee_reversal" => fee,
            _ => -gross,
        };
        balance += effect;
        assert_eq!((cents(&line["effect"]), cents(&line["balance"])), (effect, balance));
        for name in ["orderId", "orderLineId", "listingId", "sourceEventId", "occurredAt", "prev", "hash"] {
            assert!(line[name].is_string(), "{name} of {line}");
        }
    }
    // 17.99 and 135.00 of the first order, 19.99 of the second; the first line came back.
    let total = |name: &str| cents(&open["totals"][name]);
    assert_eq!((total("grossRevenue"), total("platformFee")), (17_298, 270 + 2_025 + 300));
    assert_eq!((total("refunds"), total("feeReversed")), (1_799, 270));
    assert_eq!((total("netPayable"), balance), (13_174, 13_174));
    for check in open["checks"].as_array().unwrap() {
        assert_eq!((&check["left"], &check["holds"]), (&check["right"], &json!(true)), "{check}");
    }
    let held = open["held"].as_array().unwrap();
    let amounts: Vec<_> = held.iter().map(|held| cents(&held["amount"])).collect();
    assert_eq!((amounts, cents(&open["heldTotal"])), (vec![11_475, 1_699], 13_174));
    assert!(held.iter().all(|held| text(held, "releaseOn") > text(&lines[0], "occurredAt")));

    market.api.advance(60 * DAY).await;
    let paid = market.provider.get(&path(&month)).await.is(200);
    assert_eq!(
        (&paid["state"], &paid["held"], &paid["heldTotal"]),
        (&"paid".into(), &json!([]), &usd("0.00"))
    );
    assert!(paid["payoutId"].is_string());
    assert_eq!(&paid["lines"]["data"], open["lines"].get("data").unwrap(), "a line never changes");
    assert_eq!(paid["anchor"]["count"], 5, "a closed month is signed to its end");
}

#[tokio::test]
async fn a_download_verifies_with_the_published_key_and_tampering_is_named() {
    let (market, month) = closed_month().await;
    market.api.advance(60 * DAY).await;
    let whole = market.provider.get(&path(&month)).await.is(200);
    let key = key_of(&market, &whole["anchor"]).await;
    let fault = |change: &dyn Fn(&mut Value)| {
        let mut file = whole.clone();
        change(&mut file);
        let file: StatementFile = serde_json::from_value(file).expect("a statement");
        verify(&file, &key).map(|verified| verified.anchored).map_err(|fault| fault.to_string())
    };
    let lines = |file: &mut Value| file["lines"]["data"].as_array_mut().unwrap().clone();
    let put = |file: &mut Value, lines: Vec<Value>| file["lines"]["data"] = json!(lines);
    assert_eq!(fault(&|_| ()), Ok(Some(5)));
    let cent = |file: &mut Value| file["lines"]["data"][1]["net"]["amount"] = json!("114.76");
    assert_eq!(fault(&cent), Err("line 2 was changed".to_owned()));
    let deleted = |file: &mut Value| {
        let mut lines = lines(file);
        lines.remove(2);
        put(file, lines);
    };
    assert_eq!(fault(&deleted), Err("line 3 is missing: line 4 stands in its place".to_owned()));
    let swapped = |file: &mut Value| {
        let mut lines = lines(file);
        lines.swap(2, 3);
        put(file, lines);
    };
    assert_eq!(fault(&swapped), Err("line 3 is missing: line 4 stands in its place".to_owned()));
    let cut = |file: &mut Value| {
        let lines = lines(file);
        file["head"] = json!({"count": 3, "hash": lines[2]["hash"]});
        put(file, lines[..3].to_vec());
    };
    assert_eq!(fault(&cut), Err("lines 4 to 5 are missing: only 3 are there".to_owned()));
    let total = |file: &mut Value| file["totals"]["netPayable"]["amount"] = json!("131.75");
    assert_eq!(fault(&total), Err("netPayable is not the sum of the lines".to_owned()));

    let table = table(&market, &month).await;
    let read = |text: &str| verify(&statement_csv::read(text.as_bytes()).unwrap(), &key);
    assert_eq!(read(&table).unwrap().anchored, Some(5));
    let rows: Vec<_> = table.split("\r\n").collect();
    let without = |place: usize| {
        let kept = rows.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, row)| *row);
        kept.collect::<Vec<_>>().join("\r\n")
    };
    let named = |text: &str| read(text).unwrap_err().to_string();
    assert_eq!(named(&without(3)), "line 3 is missing: line 4 stands in its place");
    assert_eq!(named(&table.replacen("114.75", "114.76", 1)), "line 2 was changed");
    assert_eq!(named(&rows[..4].join("\r\n")), "the file has no head after line 3: the download broke off");
}

#[tokio::test]
async fn the_parts_of_a_statement_are_one_statement() {
    let (market, month) = closed_month().await;
    market.api.advance(60 * DAY).await;
    let pages = parts(&market.provider, &month, 2).await;
    assert_eq!(pages.len(), 3);
    let key = key_of(&market, &pages[0]["anchor"]).await;
    let pages: Vec<StatementFile> =
        pages.into_iter().map(|page| serde_json::from_value(page).unwrap()).collect();
    let joined = StatementFile::join(pages.clone()).unwrap();
    assert_eq!(verify(&joined, &key).unwrap().anchored, Some(5));
    assert_eq!(statement_csv::read(table(&market, &month).await.as_bytes()).unwrap(), joined);
    let asked = format!("{}&format=csv", path(&month));
    assert_eq!(market.provider.get(&asked).await.text, table(&market, &month).await);
    let json = format!("{}&format=json", path(&month));
    let ask = market.provider.ask(Method::GET, &json).header("accept", "text/csv").send().await;
    assert_eq!(ask.is(200)["head"]["count"], 5, "the query says it more clearly than the header");
    let part = StatementFile::join(pages[..2].to_vec()).unwrap();
    assert!(verify(&part, &key).is_err(), "a part is not the whole");
}

#[tokio::test]
async fn a_statement_is_its_provider_s_and_the_staff_s() {
    let (market, month) = closed_month().await;
    market.api.advance(0).await;
    let other = market.api.user("other").await;
    other.get(&path(&month)).await.refused(404, "not_found");
    let foreign = format!("{}&providerTenantId=acc_demo_provider", path(&month));
    other.get(&foreign).await.refused(404, "not_found");
    market.admin.get(&path(&month)).await.refused(404, "not_found");
    let seen = market.admin.get(&foreign).await.is(200);
    assert_eq!(seen["lines"], market.provider.get(&foreign).await.is(200)["lines"].clone(), "the same lines");
    let customer = market.api.user("customer").await;
    customer.get(&path(&month)).await.refused(403, "forbidden");
    for (bad, status, code) in [
        ("2026-13/statement?currency=USD", 404, "not_found"),
        ("2031-01/statement?currency=USD", 404, "not_found"),
        (&format!("{month}/statement?currency=EUR"), 404, "not_found"),
        (&format!("{month}/statement"), 422, "validation_failed"),
        (&format!("{month}/statement?currency=XXX"), 422, "validation_failed"),
        (&format!("{month}/statement?currency=USD&format=pdf"), 422, "validation_failed"),
        (&format!("{month}/statement?currency=USD&cursor=eA"), 400, "invalid_cursor"),
    ] {
        market.provider.get(&format!("/v1/provider/earnings/{bad}")).await.refused(status, code);
    }
}
