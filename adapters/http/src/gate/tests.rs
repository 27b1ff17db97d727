//! The gate from outside: whole requests to routes that do what a test asks of them.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use poem::{Body, http::Method};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use sarai_application::AppError;
use sarai_domain::kernel::{Kind, id::kinds};
use sarai_ports::{StoreError, idempotency::Claim};
use serde_json::{Value, json};

use super::*;
use crate::{
    answers::Created,
    api::Api,
    caller::Caller,
    page::Limit,
    scalars::ApiId,
    secret::SecretKey,
    testing::{Keys, ManualClock, gate_parts, health, token},
};

const ORDER: &str = "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV";

/// Routes that do what they are told.
struct Stage {
    keys: Arc<Keys>,
    runs: Arc<AtomicUsize>,
}

#[derive(Object)]
struct Act {
    act: String,
}

#[derive(Object)]
struct Wait {
    position: Option<u32>,
}

#[derive(Object)]
struct Seen {
    id: String,
    run: usize,
}

#[allow(clippy::unused_async, reason = "the library wants every handler async")]
#[OpenApi(prefix_path = "/v1")]
impl Stage {
    /// Does what the body says.
    #[oai(path = "/orders", method = "post", operation_id = "orders.place")]
    async fn place(&self, caller: Caller, body: Json<Act>) -> Result<Created<Seen>, Problem> {
        let run = self.runs.fetch_add(1, Ordering::SeqCst);
        match body.act.as_str() {
            "refuse" => Err(AppError::new(Kind::Conflict, "coupon.exhausted", "all taken"))?,
            "retry" => Err(AppError::from(StoreError::Conflict { aggregate: "order" }))?,
            "down" => Err(AppError::from(StoreError::Unavailable("secret host".to_owned())))?,
            "panic" => panic!("secret"),
            "wait" => tokio::time::sleep(Duration::from_secs(17)).await,
            // Another process, which had begun before, did it meanwhile.
            "late" => {
                let claim = caller.0.claim.unwrap();
                let earlier = claim.lease_until.plus(time::Duration::seconds(-1));
                self.keys.write(&Claim { lease_until: earlier, ..claim }, Some(ORDER)).unwrap();
                Err(AppError::new(Kind::Conflict, "coupon.exhausted", "all taken"))?;
            }
            "crash" => {
                self.keys.write(&caller.0.claim.unwrap(), Some(ORDER)).unwrap();
                std::future::pending::<()>().await;
            }
            _ => {}
        }
        Ok(Created(Seen { id: ORDER.to_owned(), run }))
    }

    /// Reads.
    #[oai(path = "/orders/:id", method = "get", operation_id = "orders.get")]
    async fn read(&self, caller: Caller, id: Path<ApiId<kinds::Order>>) -> Json<Seen> {
        assert!(caller.0.claim.is_none());
        Json(Seen { id: id.0.0.to_string(), run: 0 })
    }

    /// Lists.
    #[oai(path = "/catalog", method = "get", operation_id = "catalog.list")]
    async fn list(&self, limit: Query<Limit>) -> Json<usize> {
        Json(limit.0.0)
    }

    /// Waits.
    #[oai(path = "/licenses/:id/waitlist", method = "post", operation_id = "waitlist.join")]
    async fn wait(&self, id: Path<String>, body: Json<Wait>) -> Json<String> {
        Json(format!("{} {:?}", id.0, body.position))
    }

    /// Takes a message.
    #[oai(path = "/integrations/:source/events", method = "post", operation_id = "integrations.receive")]
    async fn receive(&self, source: Path<String>, body: Json<Act>) -> Json<String> {
        Json(source.0 + &body.act)
    }

    /// Is not what the table says, and is never reached.
    #[oai(path = "/unheard/of", method = "get", operation_id = "unheard-of")]
    async fn unheard(&self) -> Json<bool> {
        Json(true)
    }
}

struct World {
    api: Api,
    keys: Arc<Keys>,
    clock: Arc<ManualClock>,
    runs: Arc<AtomicUsize>,
}

fn world(change: impl FnOnce(&mut GateParts)) -> World {
    let (keys, clock) = (Arc::<Keys>::default(), ManualClock::new());
    let runs = Arc::<AtomicUsize>::default();
    let mut parts = gate_parts(&clock, &keys);
    change(&mut parts);
    let stage = Stage { keys: keys.clone(), runs: runs.clone() };
    World { api: Api::assemble(stage, parts, health()), keys, clock, runs }
}

/// An answer, read.
struct Told {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Told {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

fn request(method: Method, path: &str) -> poem::RequestBuilder {
    Request::builder().method(method).uri(path.parse().unwrap())
}

fn place(key: &str, act: &str) -> Request {
    request(Method::POST, "/v1/orders")
        .header("authorization", format!("Bearer {}", token("usr_1", &["customer"])))
        .header("idempotency-key", key)
        .content_type("application/json")
        .body(json!({"act": act}).to_string())
}

fn get(path: &str, roles: &[&str]) -> Request {
    request(Method::GET, path).header("authorization", format!("Bearer {}", token("usr_1", roles))).finish()
}

impl World {
    async fn ask(&self, request: Request) -> Told {
        let response = self.api.call(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = body.into_string().await.unwrap();
        Told { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn an_admitted_request_reaches_its_handler_and_its_answer_is_safe() {
    let world = world(|_| {});
    let mut request = get(&format!("/v1/orders/{ORDER}"), &["customer"]);
    request.headers_mut().insert("x-request-id", HeaderValue::from_static("req-7"));
    let told = world.ask(request).await;
    assert_eq!((told.status, told.json()["id"].as_str()), (200, Some(ORDER)));
    assert_eq!(told.header("x-request-id"), "req-7");
    assert_eq!(told.header("cache-control"), "no-store");
    assert_eq!(told.header("x-content-type-options"), "nosniff");
    assert_eq!(told.header("content-type"), "application/json");
    assert!(told.header("ratelimit-policy").starts_with("\"standard\";q=200"));
}

#[tokio::test]
async fn a_post_without_a_body_is_one_without_members_where_it_must_have_none() {
    let world = world(|_| {});
    let wait = |body: &'static str| {
        request(Method::POST, "/v1/licenses/l/waitlist")
            .header("authorization", format!("Bearer {}", token("usr_1", &["customer"])))
            .body(body)
    };
    let told = world.ask(wait("")).await;
    assert_eq!((told.status, told.json()), (200, json!("l None")), "{}", told.text);
    let mut without = place("k", "x");
    without.set_body(Body::empty());
    let told = world.ask(without).await;
    assert_eq!((told.status, told.code()), (422, "validation_failed".to_owned()));
    assert_eq!(told.json()["errors"][0]["code"], "required");
    assert_eq!(world.runs(), 0);
}

#[tokio::test]
async fn whoever_may_not_is_told_so_before_anything_runs() {
    let world = world(|_| {});
    let path = format!("/v1/orders/{ORDER}");
    let told = world.ask(request(Method::GET, &path).finish()).await;
    assert_eq!((told.status, told.code()), (401, "invalid_token".to_owned()));
    assert!(told.header("www-authenticate").starts_with("Bearer"));
    assert_eq!(told.header("content-type"), "application/problem+json");
    assert_eq!(told.json()["instance"], json!(path));
    assert_eq!(told.json()["requestId"], json!(told.header("x-request-id")));
    let told = world.ask(get(&path, &["service"])).await;
    assert_eq!((told.status, told.code()), (403, "forbidden".to_owned()));
    for value in ["Basic YQ==", "Bearer", "Bearer  ", "Bearer a.b.c"] {
        let request = request(Method::GET, &path).header("authorization", value).finish();
        assert_eq!(world.ask(request).await.status, 401, "{value}");
    }
}

#[tokio::test]
async fn what_has_no_row_is_not_there() {
    let world = world(|_| {});
    for path in ["/v1", "/v1/nothing", "/v1/unheard/of", "/v1/orders/", "/v1//orders", "/nothing"] {
        let told = world.ask(get(path, &["platform-admin"])).await;
        assert_eq!((told.status, told.code()), (404, "not_found".to_owned()), "{path}");
    }
    let told = world.ask(get("/v1/licenses/x%2Fseats", &["customer"])).await;
    assert_eq!(told.status, 404, "no escape reaches the router");
    let told = world.ask(get("/v1/orders/ord_1", &["customer"])).await;
    assert_eq!((told.status, told.code()), (404, "not_found".to_owned()), "an id that is none");
    let told = world.ask(request(Method::PUT, "/v1/orders").finish()).await;
    assert_eq!((told.status, told.header("allow")), (405, "POST, GET"));
}

#[tokio::test]
async fn a_body_that_is_not_right_is_refused_in_detail() {
    let world = world(|_| {});
    let send = async |media: &str, body: &str| {
        let mut request = place("k", "x");
        request.headers_mut().insert("content-type", media.parse().unwrap());
        request.set_body(Body::from(body.to_owned()));
        world.ask(request).await
    };
    assert_eq!(send("application/json", "{").await.code(), "malformed_request");
    assert_eq!(send("text/plain", "{}").await.code(), "unsupported_media_type");
    assert_eq!(send("application/json", &" ".repeat(300_000)).await.code(), "payload_too_large");
    let told = send("application/json", "{\"act\":1,\"extra\":2}").await;
    assert_eq!((told.status, told.code()), (422, "validation_failed".to_owned()));
    let errors: Vec<_> = told.json()["errors"].as_array().unwrap().clone();
    assert_eq!(errors.len(), 2);
    assert!(errors.iter().any(|error| error["pointer"] == "/act" && error["code"] == "type"));
    assert_eq!(send("application/json", "").await.code(), "validation_failed");
    let told = world.ask(request(Method::GET, "/v1/catalog?limit=0").finish()).await;
    assert_eq!((told.status, told.json()["errors"][0]["pointer"].as_str()), (422, Some("limit")));
    assert_eq!(world.runs(), 0);
}

#[tokio::test]
async fn the_same_request_again_gets_the_same_bytes_and_has_no_second_effect() {
    let world = world(|_| {});
    let first = world.ask(place("key-1", "go")).await;
    let again = world.ask(place("key-1", "go")).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.text, again.text);
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    assert_eq!(world.runs(), 1);
    let other = world.ask(place("key-1", "other")).await;
    assert_eq!((other.status, other.code()), (422, "idempotency_key_reused".to_owned()));
    assert_eq!(world.ask(place("key-2", "go")).await.json()["run"], 1);
    let mut stranger = place("key-1", "go");
    let theirs = format!("Bearer {}", token("usr_2", &["customer"]));
    stranger.headers_mut().insert("authorization", theirs.parse().unwrap());
    assert_eq!(world.ask(stranger).await.json()["run"], 2, "another user's key is another key");
}

#[tokio::test]
async fn a_repeat_is_known_under_the_secret_before() {
    let before = world(|_| {});
    let first = before.ask(place("key-1", "go")).await;
    let key = |byte| SecretKey::new([byte; 32]);
    let since = |keys: KeyRing| {
        let store = before.keys.clone();
        world(move |parts| (parts.idempotency, parts.idempotency_key) = (store, keys))
    };
    let both = since(KeyRing::new(key(8), Some(key(9))));
    let again = both.ask(place("key-1", "go")).await;
    assert_eq!(
        (again.header("idempotent-replayed"), again.text == first.text, both.runs()),
        ("true", true, 0)
    );
    assert_eq!(both.ask(place("key-1", "other")).await.code(), "idempotency_key_reused");
    assert_eq!(both.ask(place("key-2", "go")).await.status, 201);
    // What was asked under the new one alone is known when the one before is gone.
    let one = since(key(8).into());
    assert_eq!(one.ask(place("key-2", "go")).await.header("idempotent-replayed"), "true");
}

#[tokio::test]
async fn a_key_is_demanded_and_must_be_one() {
    let world = world(|_| {});
    let mut request = place("x", "go");
    request.headers_mut().remove("idempotency-key");
    assert_eq!(world.ask(request).await.code(), "idempotency_key_required");
    for bad in ["", "a b", &"x".repeat(256)] {
        assert_eq!(world.ask(place(bad, "go")).await.code(), "idempotency_key_required", "{bad:?}");
    }
    assert_eq!(world.runs(), 0);
}

#[tokio::test]
async fn a_refusal_of_the_domain_is_kept_and_a_passing_trouble_is_not() {
    let world = world(|_| {});
    let first = world.ask(place("k1", "refuse")).await;
    let again = world.ask(place("k1", "refuse")).await;
    assert_eq!((first.status, first.code()), (409, "coupon.exhausted".to_owned()));
    assert_eq!((first.text, again.header("idempotent-replayed")), (again.text.clone(), "true"));
    assert_eq!(again.header("content-type"), "application/problem+json");
    for (key, act, status) in [("k2", "retry", 409), ("k3", "down", 503), ("k4", "panic", 503)] {
        let before = world.runs();
        for _ in 0..2 {
            let told = world.ask(place(key, act)).await;
            assert_eq!((told.status, told.header("idempotent-replayed")), (status, ""), "{act}");
            assert!(!told.text.contains("secret"), "{}", told.text);
        }
        assert_eq!(world.runs(), before + 2, "{act} is tried again");
    }
    let told = world.ask(place("k2", "retry")).await;
    assert_eq!((told.header("retry-after"), told.code()), ("1", "conflict.retry".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn one_request_at_a_time_works_under_a_key() {
    let world = world(|_| {});
    let (first, second, third) = tokio::join!(
        world.ask(place("k", "wait")),
        async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            world.ask(place("k", "wait")).await
        },
        async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            world.ask(place("k", "go")).await
        },
    );
    assert_eq!((first.status, first.code()), (503, "timeout".to_owned()), "17 seconds are too long");
    assert_eq!((second.status, second.code()), (409, "idempotency_in_progress".to_owned()));
    assert_eq!(second.header("retry-after"), "1");
    assert_eq!((third.status, third.code()), (422, "idempotency_key_reused".to_owned()));
    tokio::time::sleep(Duration::from_secs(5)).await;
    let later = world.ask(place("k", "wait")).await;
    assert_eq!((later.status, later.header("idempotent-replayed")), (201, "true"), "it ran to its end");
    assert_eq!(world.runs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_handler_runs_to_its_end_when_the_client_goes_away() {
    let world = world(|_| {});
    let gone = tokio::time::timeout(Duration::from_secs(1), world.ask(place("k", "wait"))).await;
    assert!(gone.is_err());
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(world.ask(place("k", "wait")).await.header("idempotent-replayed"), "true");
}

#[tokio::test(start_paused = true)]
async fn an_effect_whose_answer_was_lost_is_answered_from_what_it_wrote() {
    let world = world(|_| {});
    let lost = tokio::time::timeout(Duration::from_secs(1), world.ask(place("k", "crash"))).await;
    assert!(lost.is_err());
    let reborn = World {
        api: Api::assemble(
            Stage { keys: world.keys.clone(), runs: world.runs.clone() },
            gate_parts(&world.clock, &world.keys),
            health(),
        ),
        keys: world.keys.clone(),
        clock: world.clock.clone(),
        runs: world.runs.clone(),
    };
    assert_eq!(reborn.ask(place("k", "crash")).await.code(), "idempotency_in_progress", "its lease holds");
    reborn.clock.advance(21);
    let told = reborn.ask(place("k", "crash")).await;
    assert_eq!((told.status, told.header("idempotent-replayed")), (201, "rendered"));
    assert_eq!(told.json()["id"], ORDER);
    assert_eq!((reborn.runs(), reborn.keys.states().len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_to_do_again_what_another_process_did_meanwhile_is_no_answer() {
    let world = world(|_| {});
    let refused = world.ask(place("k", "late")).await;
    assert_eq!((refused.status, refused.code()), (409, "idempotency_in_progress".to_owned()));
    assert_eq!(refused.header("retry-after"), "1");
    world.clock.advance(21);
    let told = world.ask(place("k", "late")).await;
    assert_eq!((told.status, told.header("idempotent-replayed")), (201, "rendered"));
    assert_eq!((told.json()["id"].as_str(), world.runs()), (Some(ORDER), 1));
}

#[tokio::test(start_paused = true)]
async fn beyond_its_places_the_gate_lets_nobody_wait_long() {
    let world = world(|parts| parts.concurrency = 1);
    let (held, refused) = tokio::join!(world.ask(place("k1", "wait")), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        world.ask(place("k2", "go")).await
    });
    assert_eq!((refused.status, refused.code()), (503, "overload".to_owned()));
    assert_eq!((refused.header("retry-after"), held.status), ("1", 503));
}

#[tokio::test(start_paused = true)]
async fn what_begins_something_leaves_places_for_what_finishes_it() {
    let world = world(|parts| parts.concurrency = 3);
    let (_, (refused, admitted)) = tokio::join!(world.ask(place("k1", "wait")), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let refused = world.ask(place("k2", "go")).await;
        (refused, world.ask(get(&format!("/v1/orders/{ORDER}"), &["customer"])).await)
    });
    assert_eq!((refused.status, refused.code()), (503, "overload".to_owned()));
    assert_eq!(admitted.status, 200);
}

#[tokio::test]
async fn a_caller_beyond_its_rate_is_told_when_to_come_back() {
    let one = std::num::NonZeroU32::MIN;
    let world = world(|parts| parts.limits.standard = Quota::per_minute(one, one));
    let path = format!("/v1/orders/{ORDER}");
    assert_eq!(world.ask(get(&path, &["customer"])).await.status, 200);
    let told = world.ask(get(&path, &["customer"])).await;
    assert_eq!(
        (told.status, told.code(), told.header("retry-after")),
        (429, "rate_limited".to_owned(), "60")
    );
    assert_eq!(told.header("ratelimit"), "\"standard\";r=0;t=60");
    assert_eq!(world.ask(request(Method::GET, "/v1/catalog").finish()).await.status, 200);
}

#[tokio::test]
async fn a_message_without_a_good_signature_is_refused() {
    let world = world(|_| {});
    let request = request(Method::POST, "/v1/integrations/billing/events")
        .content_type("application/cloudevents+json")
        .header("webhook-id", "msg_1")
        .header("webhook-timestamp", ManualClock::START.to_string())
        .header("webhook-signature", "v1,AAAA")
        .body("{\"act\":\"x\"}");
    let told = world.ask(request).await;
    assert_eq!((told.status, told.code()), (401, "bad_signature".to_owned()));
}

#[tokio::test]
async fn the_pages_beside_the_api_are_served_by_get_only() {
    let world = world(|_| {});
    for path in ["/healthz", "/readyz", "/openapi.json", "/docs/api", "/problems/not_found"] {
        assert_eq!(world.ask(request(Method::GET, path).finish()).await.status, 200, "{path}");
        let told = world.ask(request(Method::POST, path).finish()).await;
        assert_eq!((told.status, told.header("allow")), (405, "GET"), "{path}");
    }
    let told = world.ask(request(Method::GET, "/docs/api").finish()).await;
    assert!(told.header("content-security-policy").starts_with("sandbox allow-scripts;"));
    let told = world.ask(request(Method::GET, "/problems/coupon.exhausted").finish()).await;
    assert_eq!(told.json()["status"], 409);
    assert_eq!(world.ask(request(Method::GET, "/problems/nonsense").finish()).await.code(), "not_found");
}
