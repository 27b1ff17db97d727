//! The seat desk over HTTP: many seats at once, the waitlist, and leases that are checked without us.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use reqwest::Method;
use sarai_domain::{
    kernel::Timestamp,
    marketplace::license::lease::{self, LeaseError},
};
use serde_json::{Value, json};

use crate::market::{Market, number, one_time, seat_pack, text};

const ISSUER: &str = "https://licenses.sarai.local";

/// A pack of so many seats, with offline access or without.
async fn pack(market: &Market, seats: u32, offline: bool) -> String {
    let mut plan = seat_pack("5.00", seats);
    plan["perpetualOfflineAccess"] = json!(offline);
    let sold = market.sell(1, &plan).await;
    Market::license_of(&market.buy(&[(&sold, seats)], &[]).await)
}

/// `status code` of every row.
fn seen(answer: &Value) -> Vec<String> {
    let results = answer["results"].as_array().expect("results");
    for (index, result) in results.iter().enumerate() {
        assert_eq!(number(result, "index"), index as u64, "in the order of the rows");
        assert_ne!(result["seat"].is_null(), result["error"].is_null(), "{result}");
    }
    let short = |row: &Value| format!("{} {}", row["status"], row["error"]["code"].as_str().unwrap_or("-"));
    results.iter().map(short).collect()
}

#[tokio::test]
async fn many_seats_change_at_once_with_a_result_per_row() {
    let market = Market::open().await;
    let license = pack(&market, 3, false).await;
    let (seats, bulk) =
        (format!("/v1/licenses/{license}/seats"), format!("/v1/licenses/{license}/seats/bulk"));
    let ann = market.buyer.post(&seats, &json!({"userId": "ann"})).await.is(201);
    let rows = json!({"rows": [
        {"assign": "bob"}, {"assign": "bob"}, {"assign": "cem"}, {"assign": "dan"}, {"assign": "eve"},
        {"release": ann["id"]}, {"release": "ann"}, {"release": "nobody"}, {"assign": "x", "release": "x"},
        {}, {"assign": "with space"}, {"release": "sal_01ARZ3NDEKTSV4RRFFQ69G5FAV"},
    ]});
    let ask =
        || market.buyer.ask(Method::POST, &bulk).header("idempotency-key", "bulk-once").json(&rows).send();
    let first = ask().await;
    let answer = first.clone().is(207);
    let expected = [
        "201 -",
        "200 -",
        "201 -",
        "201 -",
        "409 license.no_seats_remaining",
        "200 -",
        "200 -",
        "409 license.no_seat",
        "422 validation_failed",
        "422 validation_failed",
        "422 validation_failed",
        "404 license.seat_not_found",
    ];
    assert_eq!(seen(&answer), expected);
    let results = answer["results"].as_array().unwrap();
    assert_eq!(
        (&results[4]["userId"], &results[4]["error"]["invariant"]),
        (&"eve".into(), &"LI-INV-2".into())
    );
    assert_eq!((&results[5]["userId"], &results[5]["seat"]["status"]), (&"ann".into(), &"released".into()));
    assert_eq!(results[0]["seat"]["id"], results[1]["seat"]["id"], "one seat for one user");
    assert!(results.iter().filter_map(|row| row["seat"]["remainingSeats"].as_u64()).all(|left| left == 0));
    assert_eq!(market.entitlement("bob", 1).await, "entitled");
    assert_eq!(market.entitlement("ann", 1).await, "no_seat");
    let again = ask().await;
    assert_eq!((again.header("idempotent-replayed"), &again.text), ("true", &first.text));
    let anew =
        market.buyer.post(&bulk, &json!({"rows": [{"assign": "bob"}, {"release": "ann"}]})).await.is(207);
    assert_eq!(seen(&anew), ["200 -", "200 -"], "done already");

    let none = json!({"rows": []});
    market.buyer.post(&bulk, &none).await.refused(422, "license.bulk_empty");
    market.buyer.post(&bulk, &json!({"rows": [{"assign": 7}]})).await.refused(422, "validation_failed");
    market.provider.post(&bulk, &rows).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_thousand_seats_are_assigned_and_released_at_once() {
    let market = Market::open().await;
    let license = pack(&market, 1_000, false).await;
    let bulk = format!("/v1/licenses/{license}/seats/bulk");
    let rows =
        |action: &str| (0..1_000).map(|user| json!({action: format!("user-{user:03}")})).collect::<Vec<_>>();
    let answer = market.buyer.post(&bulk, &json!({"rows": rows("assign")})).await.is(207);
    assert!(seen(&answer).iter().all(|row| row == "201 -"));
    assert_eq!(market.license(&license).await["remainingSeats"], 0);
    let answer = market.buyer.post(&bulk, &json!({"rows": rows("release")})).await.is(207);
    assert!(seen(&answer).iter().all(|row| row == "200 -"));
    assert_eq!(market.license(&license).await["remainingSeats"], 1_000);
    let mut many = rows("assign");
    many.push(json!({"assign": "one-more"}));
    market.buyer.post(&bulk, &json!({"rows": many})).await.refused(422, "license.bulk_too_large");
    assert_eq!(market.license(&license).await["remainingSeats"], 1_000);
}

#[tokio::test]
async fn who_waits_gets_the_seat_that_becomes_free() {
    let market = Market::open().await;
    let license = pack(&market, 1, false).await;
    let seats = format!("/v1/licenses/{license}/seats");
    let line = format!("/v1/licenses/{license}/waitlist");
    let join = async |user: &str| market.buyer.post(&line, &json!({"userId": user})).await;
    join("bob").await.refused(409, "license.seats_available");
    let ann = market.buyer.post(&seats, &json!({"userId": "ann"})).await.is(201);
    let bob = join("bob").await.is(201);
    assert_eq!(
        (&bob["state"], &bob["position"], &bob["seatId"]),
        (&"waiting".into(), &1.into(), &Value::Null)
    );
    assert_eq!(join("bob").await.is(200), bob, "who waits keeps the place");
    for (position, user) in [(2, "cem"), (3, "dan"), (4, "eve")] {
        assert_eq!(join(user).await.is(201)["position"], position);
    }
    let left = market.buyer.delete(&format!("{line}/cem")).await.is(200);
    assert_eq!((&left["state"], &left["position"]), (&"left".into(), &Value::Null));
    assert_eq!(market.buyer.delete(&format!("{line}/{}", text(&left, "id"))).await.is(200), left);
    for limit in [1, 2, 50] {
        let rows = market.buyer.walk(&line, limit).await;
        let seen: Vec<_> = rows.iter().map(|row| (text(row, "userId"), number(row, "position"))).collect();
        assert_eq!(seen, [("bob", 1), ("dan", 2), ("eve", 3)], "by {limit}");
    }

    market.buyer.delete(&format!("{seats}/{}", text(&ann, "id"))).await.is(200);
    assert_eq!(market.license(&license).await["remainingSeats"], 0, "the seat has never been free");
    assert_eq!(market.entitlement("bob", 1).await, "entitled");
    join("bob").await.refused(409, "license.already_seated");
    market.buyer.delete(&format!("{line}/bob")).await.refused(409, "license.already_seated");
    let bulk = json!({"rows": [{"release": "bob"}, {"assign": "fay"}]});
    let answer = market.buyer.post(&format!("{seats}/bulk"), &bulk).await.is(207);
    assert_eq!(seen(&answer), ["200 -", "409 license.no_seats_remaining"], "Dan waited for it");
    assert_eq!(market.entitlement("dan", 1).await, "entitled");

    let revoke = format!("/v1/admin/licenses/{license}/revoke");
    market.admin.post(&revoke, &json!({"reason": "over"})).await.is(200);
    assert_eq!(market.buyer.walk(&line, 10).await, [] as [Value; 0], "nobody waits for what is over");
    assert_eq!(market.buyer.delete(&format!("{line}/eve")).await.is(200)["state"], "left");
    join("gus").await.refused(409, "license.not_active");
    market.provider.get(&line).await.refused(404, "not_found");
}

/// The published keys, (`kid`, public key), of the set a player fetched while it was online.
fn keys(set: &Value) -> Vec<(String, [u8; 32])> {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let key = |key: &Value| {
        let public = URL_SAFE_NO_PAD.decode(text(key, "x")).unwrap();
        (text(key, "kid").to_owned(), public.try_into().unwrap())
    };
    set["keys"].as_array().unwrap().iter().map(key).collect()
}

/// What a library that knows nothing of us says of a token.
fn independently(set: &Value, token: &str) -> Result<Value, jsonwebtoken::errors::Error> {
    let set: JwkSet = serde_json::from_value(set.clone()).unwrap();
    let header = jsonwebtoken::decode_header(token)?;
    let jwk = set.find(header.kid.as_deref().unwrap()).expect("the key is published");
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "nbf", "sub", "iss"]);
    (validation.leeway, validation.validate_nbf) = (0, true);
    let key = DecodingKey::from_jwk(jwk)?;
    jsonwebtoken::decode::<Value>(token, &key, &validation).map(|token| token.claims)
}

#[tokio::test]
async fn a_lease_is_checked_offline_until_it_ends() {
    let market = Market::open().await;
    let license = pack(&market, 2, true).await;
    let leases = format!("/v1/licenses/{license}/leases");
    let seat = market.buyer.post(&format!("/v1/licenses/{license}/seats"), &json!({"userId": "ann"})).await;
    let seat = seat.is(201);
    let body = json!({"userId": "ann", "hours": 10, "deviceId": "tablet-1"});
    let leased = market.buyer.post(&leases, &body).await.is(201);
    let set = market.api.nobody().get("/v1/.well-known/jwks.json").await.is(200);
    let known = keys(&set);
    assert!(known.iter().any(|(kid, _)| kid == text(&leased, "keyId")), "{set}");

    let token = text(&leased, "token");
    let now = async || -> Timestamp {
        text(&market.admin.get("/v1/test-clock").await.is(200), "now").parse().unwrap()
    };
    let lease = lease::verify(token, &known, ISSUER, now().await).unwrap();
    assert_eq!((lease.id.to_string(), lease.user_id.as_str()), (text(&leased, "leaseId").to_owned(), "ann"));
    assert_eq!(
        (lease.license_id.to_string(), lease.seat_id.to_string()),
        (license, text(&seat, "id").to_owned())
    );
    assert_eq!((lease.course_id.as_str(), lease.course_version_id.as_str()), ("crs_demo_1", "cv_demo_1"));
    assert_eq!(lease.device_id.as_ref().map(sarai_domain::kernel::ExternalId::as_str), Some("tablet-1"));
    assert_eq!(lease.expires_at, text(&leased, "expiresAt").parse().unwrap());
    assert_eq!(lease.expires_at.since(lease.issued_at).whole_hours(), 10);

    let claims = independently(&set, token).unwrap();
    assert_eq!((&claims["sub"], &claims["jti"]), (&"ann".into(), &leased["leaseId"]));
    assert_eq!((&claims["seatId"], &claims["tenantId"]), (&seat["id"], &"acc_demo_buyer".into()));
    let (head, signature) = token.rsplit_once('.').unwrap();
    let forged = format!("{}.{signature}", head.replacen('.', ".A", 1));
    assert!(lease::verify(&forged, &known, ISSUER, now().await).is_err());
    assert!(independently(&set, &forged).is_err());
    market.api.bearer(token).get("/v1/me").await.refused(401, "invalid_token");
    let session = market.buyer.token();
    assert_eq!(lease::verify(session, &known, ISSUER, now().await), Err(LeaseError::Header));

    // A released seat is not leased again; its lease runs out by itself.
    market.buyer.delete(&format!("/v1/licenses/{}/seats/{}", lease.license_id, lease.seat_id)).await.is(200);
    market.buyer.post(&leases, &body).await.refused(409, "license.no_seat");
    assert!(lease::verify(token, &known, ISSUER, now().await).is_ok());
    market.api.advance(10 * 60 * 60).await;
    assert_eq!(lease::verify(token, &known, ISSUER, now().await), Err(LeaseError::Expired));
}

#[tokio::test]
async fn a_buyer_leases_an_own_licence_with_nothing_said() {
    let market = Market::open().await;
    let mut plan = one_time("10.00");
    plan["perpetualOfflineAccess"] = json!(true);
    let sold = market.sell(1, &plan).await;
    let license = Market::license_of(&market.buy(&[(&sold, 1)], &[]).await);
    let leases = format!("/v1/licenses/{license}/leases");
    let ask = market.buyer.ask(Method::POST, &leases).header("idempotency-key", "lease").json(&json!({}));
    let leased = ask.send().await.is(201);
    let known = keys(&market.api.nobody().get("/v1/.well-known/jwks.json").await.is(200));
    let expires_at: Timestamp = text(&leased, "expiresAt").parse().unwrap();
    let begins = Timestamp::from_unix_micros(expires_at.unix_micros() - 72 * 3_600 * 1_000_000);
    let lease = lease::verify(text(&leased, "token"), &known, ISSUER, begins).unwrap();
    assert_eq!(
        (lease.user_id.as_str(), lease.expires_at.since(lease.issued_at).whole_hours()),
        ("acc_demo_buyer", 72)
    );
    let again = market.buyer.ask(Method::POST, &leases).header("idempotency-key", "lease").json(&json!({}));
    assert_eq!(again.send().await.is(201), leased, "a lost answer is given again");
    let both = json!({"seatId": lease.seat_id.to_string(), "userId": "acc_demo_buyer"});
    market.buyer.post(&leases, &both).await.refused(422, "validation_failed");
    let other = market.api.user("other").await;
    other.post(&leases, &json!({})).await.refused(404, "not_found");

    let plain = market.sell(2, &one_time("10.00")).await;
    let license = Market::license_of(&market.buy(&[(&plain, 1)], &[]).await);
    let refused = market.buyer.post(&format!("/v1/licenses/{license}/leases"), &json!({})).await;
    refused.refused(409, "license.offline_not_allowed");
}

#[tokio::test]
async fn a_gift_s_code_is_not_in_the_answer_that_is_given_again() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let gift = json!({
        "source": "gift", "tenantId": "acc_demo_buyer", "listingId": sold.listing,
        "pricingPlanId": sold.plan, "reason": "a birthday",
    });
    let give = || {
        let ask = market.admin.ask(Method::POST, "/v1/admin/licenses").header("idempotency-key", "gift");
        ask.json(&gift).send()
    };
    let first = give().await.is(201);
    assert!(text(&first, "claimCode").len() > 30);
    let again = give().await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    let mut expected = first.clone();
    expected["claimCode"] = Value::Null;
    assert_eq!(again.is(201), expected);
    let claim = json!({"code": first["claimCode"]});
    market.buyer.post("/v1/licenses/claim", &claim).await.is(200);
}
