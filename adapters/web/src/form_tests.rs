//! What becomes of a form: when its session is over, when no answer comes, when it is too large, when it is wrong.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use poem::{
    Request, Response,
    http::{Method, StatusCode, header},
};
use sarai_gateways::platform::{Connector, ConnectorError, PlatformAnswer, PlatformClient, PlatformRequest};
use sarai_ports::system::Clock as _;
use sarai_system::{SystemClock, UlidGenerator};
use serde_json::{Value, json};
use time::Duration;

use super::{
    Portal,
    cookies::{Signed, Visitor},
    form::{self, Made},
    routes::{self, Needs, ROUTES},
    tests::{FORM, US, ask, cookie, cookie_of, lint, place, portal, portal_over, sample},
};

const AT: &str = "2026-04-18T09:30:00Z";

/// What an API answers to a method and a path.
type Answered = fn(&str, &str) -> Result<(u16, Value), ConnectorError>;

/// An API that answers, and tells which keys of idempotency it was given.
struct Api(Answered, Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Connector for Api {
    async fn send(&self, request: PlatformRequest) -> Result<PlatformAnswer, ConnectorError> {
        let key = request.headers.iter().find(|(name, _)| *name == "idempotency-key");
        self.1.lock().unwrap().extend(key.map(|(_, key)| key.clone()));
        let path = request.target.trim_start_matches("/v1").split('?').next().unwrap_or_default();
        let (status, body) = (self.0)(request.method, path)?;
        let body = body.to_string().into_bytes();
        Ok(PlatformAnswer { status, retry_after: None, location: None, body })
    }
}

fn over(answer: Answered) -> (Portal, Arc<Mutex<Vec<String>>>) {
    let keys = Arc::default();
    let client = PlatformClient::new(Arc::new(Api(answer, Arc::clone(&keys))));
    (portal_over(Arc::new(client)), keys)
}

/// Never an answer in time.
fn late(_: &str, _: &str) -> Result<(u16, Value), ConnectorError> {
    Err(ConnectorError::Late)
}

/// A form's token as its page has it, for whoever has this cookie.
fn token(portal: &Portal, action: &str, cookie: &str) -> String {
    let request = Request::builder().header("cookie", cookie).finish();
    let signed = Signed::of(&request, &portal.inner.ring).unwrap();
    let made = Made { action, sid: &signed.sid, user: &signed.who.user_id };
    form::sealed(&portal.inner.ring, &UlidGenerator::default(), made, SystemClock::new(false).real())
}

/// A cookie that the answer sets.
fn set(answer: &Response, name: &str) -> Option<String> {
    let cookies = answer.headers().get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap());
    let last = cookies.rev().find(|cookie| cookie.starts_with(&format!("{name}=")))?;
    Some(last.split(';').next().unwrap().to_owned())
}

async fn text(answer: Response) -> String {
    answer.into_body().into_string().await.unwrap().replace(['\u{2068}', '\u{2069}'], "")
}

/// Where the links of a page's own part lead.
fn links(page: &str) -> Vec<String> {
    let main = page.split("<main").nth(1).unwrap_or_default().split("</main>").next().unwrap_or_default();
    let links = main.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links
        .filter(|link| link.starts_with('/') && !link.starts_with("/assets/"))
        .map(|link| link.replace("&amp;", "&"))
        .collect()
}

#[tokio::test]
async fn a_form_that_comes_too_late_is_kept_and_shown_again_to_whoever_typed_it() {
    let portal = portal();
    let at = |user: &str, ago| cookie_of(&portal, user, &["customer"], ago, Duration::HOUR);
    let old = at("usr_1", Duration::minutes(31));
    let token = token(&portal, "/api-keys", &old);
    let body = format!("_f={token}&name=Shop&scope=sms%3Asend&password=hidden&env=sandbox");
    let send = async || ask(&portal, &Method::POST, "/api-keys", &[("cookie", &old), US, FORM], &body).await;
    let late = send().await;
    assert_eq!(place(&late), "/sign-in?next=%2Fapi-keys%2Fnew%3Fenv%3Dsandbox&expired=1", "in its world");
    // A browser drops the cookie when the session is over.
    let without = ask(&portal, &Method::POST, "/api-keys", &[US, FORM], &body).await;
    assert_eq!(place(&without), place(&late));
    let all = late.headers().get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap());
    let kept = all.rev().find(|cookie| cookie.starts_with("__Host-pre=")).unwrap().to_owned();
    assert!(!kept.contains("Shop") && kept.contains("HttpOnly") && kept.contains("Secure"));
    let kept = set(&late, "__Host-pre").unwrap();
    let told = ask(&portal, &Method::GET, "/sign-in?expired=1", &[("cookie", &kept)], "").await;
    assert!(text(told).await.contains("What you typed is kept"));
    let show = async |user: &str| {
        let both = format!("{kept}; {}", at(user, Duration::ZERO));
        let page = ask(&portal, &Method::GET, "/api-keys/new?env=sandbox", &[("cookie", &both)], "").await;
        text(page).await
    };
    let again = show("usr_1").await;
    assert!(again.contains("value=\"Shop\"") && again.contains("value=\"sms:send\" checked"));
    assert!(!again.contains("value=\"hidden\""), "no password is kept");
    assert!(!show("usr_2").await.contains("Shop"), "another person sees nothing of it");
    let both = format!("{kept}; {}", at("usr_2", Duration::ZERO));
    let page = ask(&portal, &Method::GET, "/api-keys/new", &[("cookie", &both)], "").await;
    let dropped = format!("{}; {}", set(&page, "__Host-pre").unwrap(), at("usr_1", Duration::ZERO));
    let page = ask(&portal, &Method::GET, "/api-keys/new", &[("cookie", &dropped)], "").await;
    assert!(!text(page).await.contains("Shop"), "and it is gone with them");
}

#[tokio::test]
async fn a_language_chosen_on_an_answered_form_loses_nothing_that_was_typed() {
    let portal = portal();
    let signed = cookie(&portal, &["customer"], Duration::ZERO);
    let token = token(&portal, "/api-keys", &signed);
    let body = format!("_f={token}&name=Shop+%26+Co&password=hidden&env=sandbox");
    let wrong = ask(&portal, &Method::POST, "/api-keys", &[("cookie", &signed), US, FORM], &body).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(wrong).await;
    let languages = page.split("action=\"/locale\"").nth(1).unwrap();
    let value = |name: &str| {
        let field = languages.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        field.split('"').next().unwrap().replace("&amp;", "&")
    };
    let sent = ["_f", "back", "typed"].map(|name| (name, value(name)));
    assert!(!sent[2].1.contains("hidden"), "no password is kept");
    let sent =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(sent).append_pair("lang", "fa").finish();
    let chosen = ask(&portal, &Method::POST, "/locale", &[("cookie", &signed), US, FORM], &sent).await;
    assert_eq!(place(&chosen), "/api-keys/new?env=sandbox");
    let both = format!("{signed}; {}", set(&chosen, "__Host-pre").unwrap());
    let again = ask(&portal, &Method::GET, place(&chosen), &[("cookie", &both)], "").await;
    assert!(text(again).await.contains("value=\"Shop &amp; Co\""));
}

#[tokio::test]
async fn who_signed_in_in_another_tab_meanwhile_is_in_and_stays_who_they_are() {
    let portal = portal();
    let signed = cookie(&portal, &["customer"], Duration::ZERO);
    let made = Made { action: "/sign-in", sid: "another", user: "" };
    let now = SystemClock::new(false).real();
    let token = form::sealed(&portal.inner.ring, &UlidGenerator::default(), made, now);
    let body = format!("_f={token}&next=%2Finvoices&email=eve%40demo.test&password=x");
    let answer = ask(&portal, &Method::POST, "/sign-in", &[("cookie", &signed), US, FORM], &body).await;
    assert_eq!((answer.status(), place(&answer)), (StatusCode::SEE_OTHER, "/invoices"));
    assert!(set(&answer, "__Host-portal").is_none());
}

#[tokio::test]
async fn who_may_enter_no_page_may_sign_out() {
    let portal = portal();
    let provider = cookie(&portal, &["provider"], Duration::ZERO);
    let answer = ask(&portal, &Method::GET, "/", &[("cookie", &provider)], "").await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let page = text(answer).await;
    let main = page.split("<main").nth(1).unwrap();
    assert!(
        main.contains("action=\"/sign-out\"")
            && !main.split("</main>").next().unwrap().contains("href=\"/\"")
    );
}

#[tokio::test]
async fn what_no_page_would_show_again_is_not_said_to_be_kept() {
    let portal = portal();
    let old = cookie(&portal, &["customer"], Duration::minutes(31));
    let visitor = |answer: &Response| {
        let cookie = set(answer, "__Host-pre").unwrap_or_default();
        let request = Request::builder().header("cookie", cookie).finish();
        Visitor::of(&request, &portal.inner.ring, SystemClock::new(false).real())
    };
    for (path, body, kept) in [
        ("/webhooks/whe_1", "url=https%3A%2F%2Fa.example&event=x".to_owned(), true),
        ("/account", "lang=fa".to_owned(), true),
        ("/webhooks/whe_1/test", String::new(), false),
        ("/api-keys/key_1/rotate", "overlap=0".to_owned(), false),
        ("/api-keys", format!("name={}", "x".repeat(4_000)), false),
    ] {
        let token = token(&portal, path, &old);
        let body = format!("_f={token}&{body}");
        let answer = ask(&portal, &Method::POST, path, &[("cookie", &old), US, FORM], &body).await;
        let draft = visitor(&answer).and_then(|visitor| visitor.draft);
        assert_eq!(draft.is_some(), kept, "{path}");
    }
    // What was typed is in the form of the account again.
    let token = token(&portal, "/account", &old);
    let body = format!("_f={token}&lang=fa&theme=dark&tz=UTC");
    let answer = ask(&portal, &Method::POST, "/account", &[("cookie", &old), US, FORM], &body).await;
    let both = format!(
        "{}; {}",
        set(&answer, "__Host-pre").unwrap(),
        cookie(&portal, &["customer"], Duration::ZERO)
    );
    let page = text(ask(&portal, &Method::GET, "/account", &[("cookie", &both)], "").await).await;
    for chosen in ["value=\"fa\" checked", "value=\"dark\" checked", "value=\"UTC\" selected"] {
        assert!(page.contains(chosen), "{chosen}");
    }
}

#[tokio::test]
async fn from_the_page_of_a_form_that_failed_every_link_leads_somewhere() {
    let (portal, _) = over(late);
    let cookie = cookie(&portal, &["customer", "developer"], Duration::ZERO);
    for route in ROUTES.iter().filter(|route| *route.method == Method::POST && route.needs != Needs::Nothing)
    {
        let path = sample(route.path);
        let token = token(&portal, &path, &cookie);
        let body = format!(
            "_f={token}&to=%2B93701234567&from=Bank&body=Hi&name=Shop&scope=sms%3Asend&step=90&ttl=3600&life=3600&days=7&overlap=0&tz=UTC&url=https%3A%2F%2Fa.example&event=x&headers=webhook-id%3A1&seconds=5"
        );
        let headers = [("cookie", cookie.as_str()), US, FORM];
        let answer = ask(&portal, route.method, &path, &headers, &body).await;
        let status = answer.status();
        let page = text(answer).await;
        lint(route.path, &page);
        for link in links(&page) {
            let plain = link.split(['?', '#']).next().unwrap();
            let found = routes::find(&Method::GET, plain);
            assert!(
                found.is_some_and(|(_, [id, _])| !["share", "confirm"].contains(&id)),
                "{}: {link}",
                route.path
            );
        }
        let back =
            page.split("name=\"back\" value=\"").nth(1).map(|rest| rest.split(['"', '?']).next().unwrap());
        assert!(back.is_none_or(|back| routes::find(&Method::GET, back).is_some_and(|(_, [id, _])| id != "share")));
        if status == StatusCode::GATEWAY_TIMEOUT {
            let asks = matches!(route.path, "/send-test" | "/deliveries/{id}/doctor");
            assert_eq!(page.contains("It may have been done"), !asks, "{}", route.path);
            assert!(page.contains(&format!("value=\"{token}\"")), "{}: the same form", route.path);
        }
    }
}

#[tokio::test]
async fn a_message_that_is_sent_again_after_no_answer_has_the_same_key() {
    let (portal, keys) = over(late);
    let cookie = cookie(&portal, &["customer"], Duration::ZERO);
    let headers = [("cookie", cookie.as_str()), US, FORM];
    let token = token(&portal, "/send-test/confirm", &cookie);
    let body = format!("_f={token}&to=%2B93701234567&from=Bank&body=Hi");
    let first = ask(&portal, &Method::POST, "/send-test/confirm", &headers, &body).await;
    assert_eq!(first.status(), StatusCode::GATEWAY_TIMEOUT);
    let page = text(first).await;
    assert!(page.contains("href=\"/messages\""), "the log");
    // What the page would send.
    let form = page.split("action=\"/send-test/confirm\"").nth(1).unwrap().split("</form>").next().unwrap();
    let fields = form.split("name=\"").skip(1).map(|rest| {
        let (name, rest) = rest.split_once("\" value=\"").unwrap();
        format!("{name}={}", rest.split('"').next().unwrap().replace('+', "%2B"))
    });
    let again = fields.collect::<Vec<_>>().join("&");
    assert_eq!(again, body);
    ask(&portal, &Method::POST, "/send-test/confirm", &headers, &again).await;
    let keys = keys.lock().unwrap();
    assert!(keys.len() == 2 && keys[0] == keys[1], "{keys:?}");
}

#[tokio::test]
async fn signing_out_and_choosing_a_language_work_when_the_session_is_over() {
    let portal = portal();
    let old = cookie(&portal, &["customer"], Duration::minutes(31));
    for (path, body, to) in
        [("/sign-out", "", "/sign-in?out=1"), ("/locale", "&lang=fa&back=%2Faccount", "/account")]
    {
        let body = format!("_f={}{body}", token(&portal, path, &old));
        // The browser may have dropped the cookie meanwhile.
        for cookie in [old.as_str(), "a=b"] {
            let headers = [("cookie", cookie), US, FORM];
            let answer = ask(&portal, &Method::POST, path, &headers, &body).await;
            assert_eq!((answer.status(), place(&answer)), (StatusCode::SEE_OTHER, to), "{path}");
            let elsewhere = [("cookie", cookie), ("sec-fetch-site", "cross-site"), FORM];
            let answer = ask(&portal, &Method::POST, path, &elsewhere, &body).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}: from elsewhere");
        }
        // Of another session that goes on, it is none.
        let other = cookie(&portal, &["customer"], Duration::ZERO);
        let answer = ask(&portal, &Method::POST, path, &[("cookie", &other), US, FORM], &body).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}: of another session");
    }
}

#[tokio::test]
async fn nobody_is_signed_in_by_a_form_of_another_visit() {
    let portal = portal();
    let theirs = cookie(&portal, &["customer"], Duration::minutes(31));
    let body = format!("_f={}&email=a%40b.test&password=x", token(&portal, "/sign-in", &theirs));
    for cookie in [theirs.as_str(), "a=b"] {
        let answer = ask(&portal, &Method::POST, "/sign-in", &[("cookie", cookie), US, FORM], &body).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{cookie}");
    }
}

#[tokio::test]
async fn a_session_that_another_request_renewed_is_not_overwritten() {
    let refused: Answered = |_, _| Ok((401, json!({"code": "unauthorized"})));
    let (portal, _) = over(refused);
    for (good, status) in
        [(Duration::minutes(5), StatusCode::OK), (Duration::minutes(-1), StatusCode::SEE_OTHER)]
    {
        let cookie = cookie_of(&portal, "usr_1", &["customer"], Duration::minutes(20), good);
        let answer = ask(&portal, &Method::GET, "/account", &[("cookie", &cookie)], "").await;
        assert_eq!((answer.status(), set(&answer, "__Host-portal")), (status, None));
    }
    let over = cookie(&portal, &["customer"], Duration::minutes(31));
    let answer = ask(&portal, &Method::GET, "/account", &[("cookie", &over)], "").await;
    assert_eq!(set(&answer, "__Host-portal").as_deref(), Some("__Host-portal="), "one that is over is");
}

#[tokio::test]
async fn a_form_that_is_too_large_is_answered_with_a_page() {
    let (portal, _) = over(late);
    let cookie = cookie(&portal, &["customer"], Duration::ZERO);
    let headers = [("cookie", cookie.as_str()), US, FORM];
    let path = "/deliveries/wdl_1/doctor";
    for (bytes, status) in
        [(250_000, StatusCode::UNPROCESSABLE_ENTITY), (300_000, StatusCode::PAYLOAD_TOO_LARGE)]
    {
        let body = format!("_f={}&body={}", token(&portal, path, &cookie), "x".repeat(bytes));
        let answer = ask(&portal, &Method::POST, path, &headers, &body).await;
        assert_eq!(answer.status(), status, "{bytes}");
        assert!(text(answer).await.contains(&format!("href=\"{path}\"")) || bytes < 262_144);
    }
}

#[test]
fn a_visit_goes_on_while_it_is_used() {
    let portal = portal();
    let ring = &portal.inner.ring;
    let at = |minutes| sarai_domain::kernel::Timestamp::from_unix_micros(0).plus(Duration::minutes(minutes));
    let mut visitor = Visitor::new("sid".to_owned(), at(0));
    assert!(!visitor.renew(at(4)), "not at every request");
    assert!(visitor.renew(at(29)));
    let cookie = visitor.cookie(ring).unwrap();
    let request = Request::builder().header("cookie", cookie.split(';').next().unwrap()).finish();
    assert_eq!(Visitor::of(&request, ring, at(58)), Some(visitor));
    assert_eq!(Visitor::of(&request, ring, at(59)), None);
}

#[tokio::test]
async fn a_wrong_filter_leaves_the_others_as_they_were_and_a_file_of_it_is_none() {
    let portal = portal();
    let cookie = cookie(&portal, &["customer"], Duration::ZERO);
    let page = async |path: &str| {
        let answer = ask(&portal, &Method::GET, path, &[("cookie", &cookie)], "").await;
        (answer.status(), text(answer).await)
    };
    for path in ["/messages", "/messages.csv"] {
        let (status, wrong) = page(&format!("{path}?status=failed&after=x&limit=50")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        assert!(wrong.contains("value=\"failed\" checked") && wrong.contains("value=\"50\" selected"));
        assert!(wrong.contains("name=\"after\"") && wrong.contains("value=\"x\""), "what was typed stays");
    }
    let (status, both) = page("/messages?range=30d&after=2026-04-01").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(both.contains("not both"));
    assert_eq!(page("/messages?after=2020-01-01").await.0, StatusCode::BAD_REQUEST, "an open end");
    // The form says again what it does not ask.
    assert!(page("/messages?range=30d&to=x").await.1.contains("name=\"was\" value=\"30d\""));
    let (_, billed) = page("/messages?invoice=inv_1&to=x").await;
    assert!(billed.contains("name=\"invoice\" value=\"inv_1\"") && !billed.contains("name=\"after\""));
}

/// A message of many characters, and what a test of an endpoint came to.
#[allow(clippy::unnecessary_wraps, reason = "an answer as the portal's platform gives it")]
fn known(method: &str, path: &str) -> Result<(u16, Value), ConnectorError> {
    Ok(match (method, path) {
        ("GET", "/messages/msg_1") => (
            200,
            json!({
                "messageId": "msg_1", "environment": "PRODUCTION", "to": "+93701234567", "from": "Bank",
                "body": "س".repeat(600), "encoding": "UCS2", "segments": 9, "status": "failed",
                "submittedAt": AT, "price": {"amount": "0.100000", "currency": "USD"},
            }),
        ),
        ("GET", "/sender-ids") => (200, json!({"data": []})),
        ("POST", "/webhooks/whe_1/test") => (
            202,
            json!({
                "id": "wdl_1", "endpointId": "whe_1", "eventId": "evt_1", "eventType": "webhook.test",
                "outcome": "FAILED", "attempts": [], "payload": "{}", "createdAt": AT,
            }),
        ),
        _ => (404, json!({"code": "not_found"})),
    })
}

#[tokio::test]
async fn a_message_is_sent_again_from_the_log_whole_and_not_through_an_address() {
    let (portal, _) = over(known);
    let cookie = cookie(&portal, &["customer"], Duration::ZERO);
    let headers = [("cookie", cookie.as_str()), US, FORM];
    let shown = text(ask(&portal, &Method::GET, "/messages/msg_1", &headers, "").await).await;
    assert!(shown.contains("href=\"/send-test?again=msg_1\"") && !shown.contains("send-test?to="));
    let form = text(ask(&portal, &Method::GET, "/send-test?again=msg_1", &headers, "").await).await;
    assert!(form.contains(&"س".repeat(600)) && form.contains("value=\"+93701234567\""));
    // Changing it is a form too.
    let body =
        format!("_f={}&to=%2B93701234567&from=Bank&body=Hi&change=1", token(&portal, "/send-test", &cookie));
    let answer = ask(&portal, &Method::POST, "/send-test", &headers, &body).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(text(answer).await.contains("\nHi</textarea>"));
    // What is too long is counted.
    let long = format!(
        "_f={}&to=%2B93701234567&from=Bank&body={}",
        token(&portal, "/send-test", &cookie),
        "a".repeat(1_604)
    );
    let answer = text(ask(&portal, &Method::POST, "/send-test", &headers, &long).await).await;
    assert!(answer.contains("The message is 1,604 characters"));
}

#[tokio::test]
async fn a_test_of_an_endpoint_leads_to_what_became_of_it() {
    let (portal, keys) = over(known);
    let cookie = cookie(&portal, &["developer"], Duration::ZERO);
    let body = format!("_f={}", token(&portal, "/webhooks/whe_1/test", &cookie));
    let headers = [("cookie", cookie.as_str()), US, FORM];
    let answer = ask(&portal, &Method::POST, "/webhooks/whe_1/test", &headers, &body).await;
    assert_eq!((answer.status(), place(&answer)), (StatusCode::SEE_OTHER, "/deliveries/wdl_1"));
    assert_eq!(keys.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn each_panel_of_the_overview_says_when_it_could_not_be_loaded() {
    let portal = portal();
    let cookie = cookie(&portal, &["customer"], Duration::ZERO);
    let page = text(ask(&portal, &Method::GET, "/", &[("cookie", &cookie)], "").await).await;
    for panel in [
        "figures of this month",
        "chart",
        "last messages",
        "API keys",
        "webhooks",
        "Overdue invoices",
        "balance",
    ] {
        assert!(page.contains(&format!("{panel} could not be loaded")), "{panel}");
    }
}

/// Who refuses everything that is written, with this status and this code.
struct Refuses(u16, &'static str);

#[async_trait]
impl Connector for Refuses {
    async fn send(&self, request: PlatformRequest) -> Result<PlatformAnswer, ConnectorError> {
        let (status, code) = if request.method == "GET" { (503, "unavailable") } else { (self.0, self.1) };
        let body = json!({"code": code}).to_string().into_bytes();
        Ok(PlatformAnswer { status, retry_after: Some(7), location: None, body })
    }
}

/// What a portal answers to a form that its API refuses so.
async fn refused(path: &str, fields: &str, status: u16, code: &'static str) -> Response {
    let portal = portal_over(Arc::new(PlatformClient::new(Arc::new(Refuses(status, code)))));
    let cookie = cookie(&portal, &["customer", "developer"], Duration::ZERO);
    let body = format!("_f={}&{fields}", token(&portal, path, &cookie));
    ask(&portal, &Method::POST, path, &[("cookie", &cookie), US, FORM], &body).await
}

const MESSAGE: (&str, &str) = ("/send-test/confirm", "to=%2B93701234567&from=SARAI-OTP&body=Hi");
const KEY: (&str, &str) = ("/api-keys", "name=Shop&scope=sms%3Asend");
const WEBHOOK: (&str, &str) = ("/webhooks", "url=https%3A%2F%2Fa.example&event=messaging.message.failed.v1");

#[tokio::test]
async fn a_form_that_is_sent_again_while_the_first_is_under_way_keeps_its_key() {
    for (path, fields) in [MESSAGE, KEY, WEBHOOK] {
        let answer = refused(path, fields, 409, "idempotency_in_progress").await;
        assert_eq!(answer.status(), StatusCode::GATEWAY_TIMEOUT, "{path}");
        let page = text(answer).await;
        assert!(page.contains("It may have been done") && page.contains("name=\"_f\""), "{path}");
    }
}

#[tokio::test]
async fn a_refusal_is_about_the_form_when_its_code_is_and_about_nothing_else() {
    for ((path, fields), status, code, shown, sentence) in [
        (MESSAGE, 409, "message.insufficient_balance", 422, "not enough credit"),
        (MESSAGE, 422, "message.sender_not_allowed", 422, "not registered"),
        (MESSAGE, 422, "message.no_route", 422, "cannot be sent to this number"),
        (MESSAGE, 409, "conflict.retry", 409, "Something changed in between"),
        (KEY, 409, "key.label_taken", 422, "already have an active key"),
        (KEY, 422, "key.label_malformed", 422, "Choose another name"),
        (KEY, 409, "key.limit_reached", 422, "as many keys as"),
        (KEY, 429, "rate_limited", 429, "Too many requests"),
        (KEY, 409, "conflict.retry", 409, "Something changed in between"),
        (WEBHOOK, 409, "webhook.limit_reached", 422, "as many webhooks as"),
        (WEBHOOK, 422, "webhook.target_forbidden", 422, "Use a public host name"),
        (WEBHOOK, 409, "conflict.retry", 409, "Something changed in between"),
    ] {
        let answer = refused(path, fields, status, code).await;
        assert_eq!(answer.status().as_u16(), shown, "{path}: {code}");
        let page = text(answer).await;
        assert!(page.contains(sentence), "{path}: {code}");
        lint(path, &page);
    }
}

#[tokio::test]
async fn who_is_to_wait_is_told_how_long_by_a_header_too() {
    let answer = refused(KEY.0, KEY.1, 429, "rate_limited").await;
    assert_eq!(answer.header("retry-after"), Some("7"));
    assert!(text(answer).await.contains("Try again in 7 seconds"));
}

#[tokio::test]
async fn sender_ids_that_could_not_be_loaded_are_not_said_to_be_none() {
    let portal = portal();
    let cookie = cookie(&portal, &["customer"], Duration::ZERO);
    let page = text(ask(&portal, &Method::GET, "/send-test", &[("cookie", &cookie)], "").await).await;
    assert!(page.contains("Your sender ids could not be loaded") && !page.contains("no sender id yet"));
    let (portal, _) = over(known);
    let page = text(ask(&portal, &Method::GET, "/send-test", &[("cookie", &cookie)], "").await).await;
    assert!(page.contains("no sender id yet"));
}

/// A message that failed with an operator that is known, and no more.
#[allow(clippy::unnecessary_wraps, reason = "an answer as the portal's platform gives it")]
fn failed(method: &str, path: &str) -> Result<(u16, Value), ConnectorError> {
    let (_, mut message) = known("GET", "/messages/msg_1")?;
    message["operatorName"] = json!("AWCC");
    Ok(if (method, path) == ("GET", "/messages/msg_1") {
        (200, message)
    } else {
        (503, json!({"code": "unavailable"}))
    })
}

#[tokio::test]
async fn an_operator_s_figures_that_could_not_be_loaded_are_missed() {
    let (portal, _) = over(failed);
    let cookie = cookie(&portal, &["customer"], Duration::ZERO);
    let page = text(ask(&portal, &Method::GET, "/messages/msg_1", &[("cookie", &cookie)], "").await).await;
    assert!(page.contains("The operator's figures could not be loaded"));
}

#[tokio::test]
async fn what_was_typed_before_signing_in_anew_elsewhere_is_there_for_whoever_typed_it() {
    let portal = portal();
    let first = cookie_of(&portal, "usr_1", &["customer"], Duration::ZERO, Duration::HOUR);
    let body = format!("_f={}&name=Shop&scope=sms%3Asend", token(&portal, "/api-keys", &first));
    for (user, theirs) in [("usr_1", true), ("usr_2", false)] {
        let anew = cookie_of(&portal, user, &["customer"], Duration::ZERO, Duration::HOUR);
        let answer = ask(&portal, &Method::POST, "/api-keys", &[("cookie", &anew), US, FORM], &body).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        let both = format!("{anew}; {}", set(&answer, "__Host-pre").unwrap_or_default());
        assert!(text(answer).await.contains("href=\"/api-keys/new\""));
        let page = ask(&portal, &Method::GET, "/api-keys/new", &[("cookie", &both)], "").await;
        assert_eq!(text(page).await.contains("value=\"Shop\""), theirs, "{user}");
    }
}

/// One key.
#[allow(clippy::unnecessary_wraps, reason = "an answer as the portal's platform gives it")]
fn one_key(_: &str, _: &str) -> Result<(u16, Value), ConnectorError> {
    let scopes = ["sms:send"];
    Ok((
        200,
        json!({"keyId": "key_1", "label": "Shop", "scopes": scopes, "status": "ACTIVE", "createdAt": AT}),
    ))
}

#[tokio::test]
async fn a_key_is_not_rotated_without_a_choice_and_the_page_says_so() {
    let (portal, _) = over(one_key);
    let cookie = cookie(&portal, &["customer"], Duration::ZERO);
    let (path, headers) = ("/api-keys/key_1/rotate", [("cookie", cookie.as_str()), US, FORM]);
    let shown = text(ask(&portal, &Method::GET, path, &headers, "").await).await;
    assert!(shown.contains(" autofocus>Cancel") && !shown.contains("<title>Error:"));
    let body = format!("_f={}", token(&portal, path, &cookie));
    let answer = ask(&portal, &Method::POST, path, &headers, &body).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(answer).await;
    assert!(page.contains("<title>Error:") && page.contains("href=\"#f-overlap\""));
    assert_eq!(page.matches(" autofocus").count(), 1, "on what is wrong");
    lint(path, &page);
}

#[tokio::test]
async fn what_is_wrong_in_an_address_leads_to_where_it_is_mended() {
    let portal = portal();
    let cookie = cookie(&portal, &["customer", "developer"], Duration::ZERO);
    for (path, mark) in [
        ("/messages?range=year", "f-range"),
        ("/messages?invoice=inv_1&after=x", "f-after"),
        ("/messages?invoice=inv_1&range=year", "f-range"),
        ("/messages?status=lost&limit=1&to=x", "f-status"),
        ("/webhooks/whe_1/deliveries?outcome=x", "f-outcome"),
        ("/webhooks/whe_1/deliveries?code=1&event=A&after=x", "f-code"),
        ("/verifications?state=lost&channel=x", "f-state"),
    ] {
        let answer = ask(&portal, &Method::GET, path, &[("cookie", &cookie)], "").await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
        let page = text(answer).await;
        assert!(page.contains(&format!("href=\"#{mark}\"")), "{path}");
        lint(path, &page);
    }
}
