//! The portal as an endpoint, over an API that is out of reach: what holds whatever the API says.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use poem::{
    Endpoint as _, Request, Response,
    http::{Method, StatusCode, header},
};
use sarai_domain::kernel::Timestamp;
use sarai_gateways::platform::{Connector, ConnectorError, PlatformAnswer, PlatformClient, PlatformRequest};
use sarai_ports::{
    customer_portal::{SecretText, session::Tokens},
    system::Clock as _,
};
use sarai_system::{OsEntropy, SystemClock, UlidGenerator};
use time::Duration;

use super::*;
use crate::{
    cookies::Signed,
    reply::HEADERS,
    routes::{Needs, Page, ROUTES},
};

/// No API.
struct Nowhere;

#[async_trait]
impl Connector for Nowhere {
    async fn send(&self, _: PlatformRequest) -> Result<PlatformAnswer, ConnectorError> {
        Err(ConnectorError::Unreachable)
    }
}

pub(crate) fn portal() -> Portal {
    portal_over(Arc::new(PlatformClient::new(Arc::new(Nowhere))))
}

/// A portal over this API, which browsers reach where they reach the portal.
pub(crate) fn portal_over(platform: Arc<dyn PlatformApi>) -> Portal {
    portal_beside(platform, None)
}

/// A portal over this API, which browsers reach there.
pub(crate) fn portal_beside(platform: Arc<dyn PlatformApi>, api: Option<&str>) -> Portal {
    let portal = Portal::new(PortalParts {
        platform,
        clock: Arc::new(SystemClock::new(false)),
        ids: Arc::new(UlidGenerator::default()),
        entropy: Arc::new(OsEntropy),
        keys: vec![SealingKey { id: "k1".to_owned(), key: [1; 32] }],
        tls: false,
        api: api.map(str::to_owned),
        client: Box::new(|request| request.header("x-client")?.parse().ok()),
        demo: None,
    });
    portal.reached_at(vec!["http://127.0.0.1:8080".to_owned()]);
    portal
}

/// The session's cookie of somebody with these roles, who signed in so long ago.
pub(crate) fn cookie(portal: &Portal, roles: &[&str], ago: Duration) -> String {
    cookie_of(portal, "usr_1", roles, ago, Duration::HOUR)
}

/// The session's cookie of this user, who signed in so long ago, with a token that is good for so long.
pub(crate) fn cookie_of(
    portal: &Portal,
    user: &str,
    roles: &[&str],
    ago: Duration,
    good: Duration,
) -> String {
    let now = SystemClock::new(false).real();
    let began = now.plus(-ago);
    let claims = serde_json::json!({
        "sub": user, "account_id": "acc_1", "email": "a@example.com", "roles": roles,
        "exp": now.plus(good).unix_micros() / 1_000_000,
    });
    let token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let tokens = Tokens {
        access_token: SecretText::new(token),
        refresh_token: SecretText::new("refresh".to_owned()),
        expires_at: now,
    };
    let signed = Signed::new(tokens, None, &portal.inner.ring, began).unwrap();
    signed.cookie(&portal.inner.ring, began).unwrap().split(';').next().unwrap().to_owned()
}

pub(crate) async fn ask(
    portal: &Portal,
    method: &Method,
    path: &str,
    headers: &[(&'static str, &str)],
    body: &str,
) -> Response {
    let request = Request::builder().method(method.clone()).uri(path.parse().unwrap());
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    portal.call(request.body(body.to_owned())).await.unwrap()
}

pub(crate) fn place(response: &Response) -> &str {
    response.headers().get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
}

pub(crate) fn sample(path: &str) -> String {
    path.replace("{id}", "key_1").replace("{slug}", "errors")
}

pub(crate) const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
pub(crate) const US: (&str, &str) = ("sec-fetch-site", "same-origin");

#[tokio::test]
async fn nobody_sees_a_page_without_a_session() {
    let portal = portal();
    for route in ROUTES.iter().filter(|route| route.needs != Needs::Nothing) {
        let answer = ask(&portal, route.method, &sample(route.path), &[US, FORM], "").await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{} {}", route.method, route.path);
        assert!(place(&answer).starts_with("/sign-in"), "{}: {}", route.path, place(&answer));
    }
}

#[tokio::test]
async fn a_session_that_is_over_forged_or_of_another_role_shows_nothing() {
    let portal = portal();
    let old = cookie(&portal, &["customer"], Duration::minutes(31));
    let forged = cookie(&portal, &["customer"], Duration::ZERO).replace("v1.k1.", "v1.k1.A");
    for cookie in [old, forged] {
        let answer = ask(&portal, &Method::GET, "/account", &[("cookie", &cookie)], "").await;
        assert!(place(&answer).starts_with("/sign-in"), "{}", answer.status());
    }
    let provider = cookie(&portal, &["provider"], Duration::ZERO);
    let answer = ask(&portal, &Method::GET, "/account", &[("cookie", &provider)], "").await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let customer = cookie(&portal, &["customer"], Duration::ZERO);
    let answer = ask(&portal, &Method::GET, "/account", &[("cookie", &customer)], "").await;
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_page_is_seen_by_the_roles_it_is_for_and_the_navigation_tells_no_other() {
    let portal = portal();
    let rows = ROUTES.iter().filter(|route| route.needs != Needs::Nothing && *route.method == Method::GET);
    for route in rows {
        for (role, sees) in [
            ("developer", route.needs != Needs::Customer),
            ("customer", route.needs != Needs::Developer),
            ("provider", false),
            ("platform-admin", false),
        ] {
            let cookie = cookie(&portal, &[role], Duration::ZERO);
            let answer = ask(&portal, route.method, &sample(route.path), &[("cookie", &cookie)], "").await;
            let forbidden = answer.status() == StatusCode::FORBIDDEN;
            assert_eq!(!forbidden, sees, "{} for {role}", route.path);
            let text = answer.into_body().into_string().await.unwrap();
            let told = text.contains("nav-developers");
            assert_eq!(told, role == "developer" && !text.is_empty(), "{} for {role}", route.path);
            let told = text.contains(".svg#invoice\"");
            assert_eq!(told, role == "customer" && !text.is_empty(), "{} for {role}", route.path);
        }
    }
}

#[tokio::test]
async fn every_form_wants_its_own_token_and_our_own_page() {
    let portal = portal();
    let cookie = cookie(&portal, &["customer", "developer"], Duration::ZERO);
    for route in ROUTES.iter().filter(|route| *route.method == Method::POST) {
        for (site, body) in
            [("same-origin", ""), ("same-origin", "_f=v1.k1.AAAA"), ("cross-site", ""), ("", "")]
        {
            let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", site), FORM];
            let answer = ask(&portal, route.method, &sample(route.path), &headers, body).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{} {site} {body}", route.path);
        }
    }
}

#[tokio::test]
async fn an_api_out_of_reach_is_told_on_a_page_with_every_header() {
    let portal = portal();
    let cookie = cookie(&portal, &["customer", "developer"], Duration::ZERO);
    for route in ROUTES.iter().filter(|route| *route.method == Method::GET) {
        let answer = ask(&portal, route.method, &sample(route.path), &[("cookie", &cookie)], "").await;
        let local = matches!(
            route.page,
            Page::SignIn
                | Page::Overview
                | Page::NewKey
                | Page::NewWebhook
                | Page::Account
                | Page::SendTest
                | Page::SearchDocs
                | Page::NewSandbox
        );
        let expected: &[u16] = if local { &[200, 303] } else { &[502] };
        assert!(expected.contains(&answer.status().as_u16()), "{}: {}", route.path, answer.status());
        for (name, value) in HEADERS {
            assert_eq!(
                answer.headers().get(name).map(|known| known.to_str().unwrap()),
                Some(value),
                "{}",
                route.path
            );
        }
        let id = answer.headers().get("x-request-id").unwrap().to_str().unwrap().to_owned();
        let text = answer.into_body().into_string().await.unwrap();
        if !local {
            assert!(text.contains(&id) && text.contains("cannot be reached"), "{}", route.path);
        }
        lint(route.path, &text);
    }
}

/// What no page may have.
pub(crate) fn lint(path: &str, page: &str) {
    for wrong in [" style=", "javascript:", " onclick=", " onload=", "<script>"] {
        assert!(!page.contains(wrong), "{path}: {wrong}");
    }
    if page.is_empty() {
        return;
    }
    assert_eq!(page.matches("<h1").count(), 1, "{path}");
    let mut ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "{path}: an id is there twice");
    for mark in page.split(" href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ids.contains(&mark), "{path}: #{mark} leads nowhere");
    }
}

/// An API that keeps from where it is said to be called.
struct Caller(Arc<Mutex<Vec<Option<IpAddr>>>>);

#[async_trait]
impl Connector for Caller {
    async fn send(&self, request: PlatformRequest) -> Result<PlatformAnswer, ConnectorError> {
        self.0.lock().unwrap().push(request.client);
        Err(ConnectorError::Unreachable)
    }
}

#[tokio::test]
async fn the_api_is_told_where_the_browser_is_and_not_where_the_proxy_is() {
    let told = Arc::<Mutex<Vec<_>>>::default();
    let portal = portal_over(Arc::new(PlatformClient::new(Arc::new(Caller(Arc::clone(&told))))));
    let cookie = cookie(&portal, &["customer"], Duration::ZERO);
    let headers = [("cookie", cookie.as_str()), ("x-client", "198.51.100.7")];
    ask(&portal, &Method::GET, "/api-keys", &headers, "").await;
    assert_eq!(*told.lock().unwrap(), [Some("198.51.100.7".parse().unwrap())]);
}

#[tokio::test]
async fn after_signing_in_one_gets_to_pages_of_ours_only() {
    let portal = portal();
    let cookie = cookie(&portal, &["customer"], Duration::ZERO);
    for (next, expected) in [
        ("/api-keys", "/api-keys"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/%5Cevil.example", "/"),
        ("/sign-in", "/"),
        ("/nowhere", "/"),
    ] {
        let path = format!("/sign-in?next={}", next.replace('/', "%2F").replace(':', "%3A"));
        let answer = ask(&portal, &Method::GET, &path, &[("cookie", &cookie)], "").await;
        assert_eq!(place(&answer), expected, "{next}");
    }
}

#[test]
fn a_token_that_is_too_long_for_a_cookie_gives_none() {
    let portal = portal();
    let long = "r".repeat(300);
    let roles: Vec<&str> = std::iter::repeat_n(long.as_str(), 12).collect();
    let now: Timestamp = SystemClock::new(false).real();
    let claims = serde_json::json!({"sub": "u", "account_id": "a", "roles": roles, "exp": 4_000_000_000_i64});
    let token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let tokens = Tokens {
        access_token: SecretText::new(token),
        refresh_token: SecretText::new("refresh".to_owned()),
        expires_at: now,
    };
    let signed = Signed::new(tokens, None, &portal.inner.ring, now).unwrap();
    assert!(signed.cookie(&portal.inner.ring, now).is_none());
}
