//! Developers' pages over answers of the API, as they are read: what is flagged, what is marked, what is never shown.

use std::sync::Arc;

use async_trait::async_trait;
use poem::http::{Method, StatusCode};
use sarai_gateways::platform::{Connector, ConnectorError, PlatformAnswer, PlatformClient, PlatformRequest};
use serde_json::{Value, json};
use time::Duration;

use super::tests::{FORM, US, ask, cookie, lint, place, portal_beside, portal_over};

const AT: &str = "2026-04-18T09:30:00Z";
const LATER: &str = "2099-01-01T00:00:00Z";

/// The API, as far as these pages ask it: what a path begins with, and what is answered.
struct Canned;

fn verification(environment: &str) -> Value {
    let price = json!({"amount": "0.007900", "currency": "USD"});
    json!({
        "verificationId": "ver_1", "environment": environment, "state": "FAILED", "purpose": "SIGN_IN",
        "failureReason": "MAX_ATTEMPTS", "currentChannel": "SMS", "attempts": 5, "attemptsRemaining": 0,
        "channelOrder": [{"channel": "SMS", "waitSeconds": 60}], "sendsRemaining": 4, "expiresAt": AT,
        "localeUsed": "ps", "destinationMasked": "+93•••••4567", "countryCode": "AF", "apiKeyId": "key_1",
        "startedAt": AT, "cost": price, "reserved": price, "brand": "<b>Shop</b>", "codeLength": 6,
        "advanceOn": "NOT_DELIVERED", "resendPolicy": "SAME_CODE", "metadata": {}, "allowedActions": ["cancel"],
        "sandbox": {"sandboxId": "sbx_1", "code": "424242"},
        "sends": [{"attemptId": "dat_1", "channel": "SMS", "generation": 1, "provider": "acme",
            "status": "UNDELIVERED", "errorCode": "absent_subscriber", "quote": price, "queuedAt": AT}],
        "timeline": [{"at": AT, "kind": "send", "attemptId": "dat_1", "status": "UNDELIVERED", "requestId": "r1"}],
    })
}

fn sandbox() -> Value {
    json!({
        "sandboxId": "sbx_1", "isDefault": true, "state": "ACTIVE", "seed": 42, "virtualNow": AT,
        "clockOffsetSeconds": 0, "quota": {"verifications": 500, "messages": 1000},
        "used": {"verifications": 3, "messages": 5}, "scenarioOverrides": [], "createdAt": AT, "expiresAt": LATER,
    })
}

fn answer(request: &PlatformRequest) -> Option<(u16, Value)> {
    let list = |row: Value| (200, json!({"data": [row], "nextCursor": "c2", "hasMore": true}));
    if request.target.contains("cursor=old") {
        return Some((400, json!({"code": "cursor.invalid"})));
    }
    let path = request.target.strip_prefix("/v1")?.split('?').next()?;
    Some(match (request.method, path) {
        ("GET", "/verifications") => list(verification("PRODUCTION")),
        ("GET", "/verifications/ver_1") => (200, verification("PRODUCTION")),
        ("GET", "/verifications/ver_2") => (200, verification("SANDBOX")),
        ("GET", "/sandboxes") => list(sandbox()),
        ("GET" | "POST", "/sandboxes/sbx_1" | "/sandboxes/sbx_1/clock") => (200, sandbox()),
        ("GET", "/sandboxes/sbx_1/inbox") => list(json!({
            "messageId": "sbm_1", "at": AT, "channel": "SMS", "destinationMasked": "+93•••••4567",
            "verificationId": "ver_2", "locale": "ps", "body": "کوډ <i>424242</i>", "code": "424242",
        })),
        ("GET", "/sandbox-scenarios") => (
            200,
            json!({"data": [
                {"scenario": "03", "summary": "late", "phone": "+12025550103", "email": "03@sandbox.test"},
                {"scenario": "99", "summary": "a newer one", "phone": "+12025550199", "email": "99@sandbox.test"},
            ]}),
        ),
        ("GET", "/docs/tree") => (
            200,
            json!({"apiVersion": "v1", "sections": [{"section": "guides", "articles": [
                {"slug": "errors", "locale": "en", "fallback": true, "title": "Errors", "summary": "Each."},
            ]}]}),
        ),
        ("GET", "/docs/search") => (200, json!({"data": []})),
        ("GET", "/docs/v1/errors") => (
            200,
            json!({
                "apiVersion": "v1", "slug": "errors", "locale": "fa", "fallback": true, "stale": true, "title": "خطاها",
                "summary": "همه", "html": "<h1 id=\"main\">الف</h1><table><tr><td>۱</td></tr></table><pre dir=\"ltr\">x</pre><a href=\"/docs/events\">e</a>",
                "headings": [], "writtenAt": AT,
            }),
        ),
        ("GET", "/docs/v1/gone") => (410, json!({"code": "docs.gone"})),
        ("GET", "/sdks/languages") => (200, json!({"data": [{"language": "RUST"}, {"language": "CSHARP"}]})),
        ("GET", "/sdks/languages/RUST/releases") => list(json!({
            "id": "sdk_1", "language": "RUST", "packageName": "sarai", "purl": "pkg:cargo/sarai@1.0.0",
            "version": "1.0.0", "channel": "STABLE", "state": "YANKED", "minApiVersion": "v1",
            "changelog": {"en": "First"}, "releaseKeyId": "k1", "yankReason": "It leaks", "publishedAt": AT,
            "artifacts": [{"id": "art_1", "filename": "sarai.crate", "sizeBytes": 1, "sha256": "ab", "signature": "cd"}],
        })),
        ("GET", "/sdks/signing-keys") => (200, json!({"data": [{"keyId": "k1", "publicKey": "ef"}]})),
        ("GET", "/sdks/artifacts/art_1/download") => (302, Value::Null),
        ("GET", "/sdks/artifacts/art_2/download") => (302, Value::Bool(true)),
        _ => return None,
    })
}

#[async_trait]
impl Connector for Canned {
    async fn send(&self, request: PlatformRequest) -> Result<PlatformAnswer, ConnectorError> {
        let (status, body) = answer(&request).unwrap_or((404, json!({"code": "not_found"})));
        let location = match body {
            Value::Null => Some("/v1/sdks/content/art_1?signature=x".to_owned()),
            Value::Bool(_) => Some("javascript:alert(1)".to_owned()),
            _ => None,
        };
        Ok(PlatformAnswer { status, retry_after: None, location, body: body.to_string().into_bytes() })
    }
}

async fn page(path: &str) -> (StatusCode, String) {
    page_beside(path, None).await
}

/// A page of a portal whose API browsers reach there.
async fn page_beside(path: &str, api: Option<&str>) -> (StatusCode, String) {
    let portal = portal_beside(Arc::new(PlatformClient::new(Arc::new(Canned))), api);
    let cookie = cookie(&portal, &["developer"], Duration::ZERO);
    let answer = ask(&portal, &Method::GET, path, &[("cookie", &cookie)], "").await;
    let status = answer.status();
    let to = place(&answer).to_owned();
    let text = answer.into_body().into_string().await.unwrap();
    lint(path, &text);
    // Without the marks that keep a value's direction.
    let text = text.replace(['\u{2068}', '\u{2069}'], "");
    (status, if text.is_empty() { to } else { text })
}

#[tokio::test]
async fn a_code_is_on_pages_of_sandboxes_and_on_no_other() {
    for (path, shows) in [
        ("/verifications", false),
        ("/verifications/ver_1", false),
        ("/verifications/ver_2?env=sandbox", true),
        ("/sandbox/sbx_1", true),
    ] {
        let (status, text) = page(path).await;
        assert_eq!((status, text.contains("424242")), (StatusCode::OK, shows), "{path}");
    }
}

#[tokio::test]
async fn a_verification_is_shown_in_its_own_world() {
    let to = |path: &str| (StatusCode::SEE_OTHER, path.to_owned());
    assert_eq!(page("/verifications/ver_2").await, to("/verifications/ver_2?env=sandbox"));
    assert_eq!(page("/verifications/ver_1?env=sandbox").await, to("/verifications/ver_1"));
}

#[tokio::test]
async fn what_others_wrote_is_text_on_the_page() {
    let (_, text) = page("/verifications/ver_1").await;
    assert!(
        text.contains("&lt;b&gt;Shop") && text.contains("absent_subscriber") && text.contains("0.0079 USD")
    );
    let (_, text) = page("/sandbox/sbx_1").await;
    assert!(text.contains("&lt;i&gt;424242"));
    assert!(text.contains("after 90 seconds") && text.contains("a newer one") && text.contains("3 of 500"));
    assert!(text.contains("/sandbox/sbx_1?cursor=c2&amp;env=sandbox#inbox"));
}

#[tokio::test]
async fn a_list_goes_on_with_its_filters_and_a_wrong_one_shows_nothing() {
    let (_, text) = page("/verifications?state=failed&channel=sms").await;
    assert!(text.contains("/verifications?state=failed&amp;channel=sms&amp;cursor=c2"));
    let (status, text) = page("/verifications?state=lost").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(!text.contains("ver_1") && text.contains("href=\"#f-state\""));
}

/// A link that was kept from before the key of cursors was changed.
#[tokio::test]
async fn a_list_whose_place_is_not_known_any_more_begins_anew_with_its_filters() {
    for (path, from_the_start) in [
        ("/verifications?state=failed&cursor=old&channel=sms", "/verifications?state=failed&channel=sms"),
        ("/sandbox?cursor=old", "/sandbox?env=sandbox"),
        ("/sandbox/sbx_1?cursor=old&env=sandbox", "/sandbox/sbx_1?env=sandbox"),
        ("/sdks?language=RUST&cursor=old", "/sdks?language=RUST"),
        ("/messages?status=failed&cursor=old", "/messages?status=failed"),
        ("/invoices?status=overdue&cursor=old", "/invoices?status=overdue"),
        ("/webhooks/whe_1/deliveries?cursor=old", "/webhooks/whe_1/deliveries"),
    ] {
        let portal = portal_over(Arc::new(PlatformClient::new(Arc::new(Canned))));
        let cookie = cookie(&portal, &["developer", "customer"], Duration::ZERO);
        let answer = ask(&portal, &Method::GET, path, &[("cookie", &cookie)], "").await;
        assert_eq!((answer.status(), place(&answer)), (StatusCode::SEE_OTHER, from_the_start), "{path}");
    }
}

#[tokio::test]
async fn an_article_is_flagged_when_it_is_in_another_language_or_old() {
    let (_, text) = page("/docs/v1/errors?locale=ps").await;
    assert!(
        text.contains("not there in the language asked for") && text.contains("newer than this translation")
    );
    assert!(text.contains("<article class=\"prose\" lang=\"fa-AF\" dir=\"rtl\">"));
    assert!(text.contains("<h2 id=\"a-main\">") && text.contains("aria-label=\"Table 1\""));
    assert!(text.contains("href=\"/docs/v1/errors?locale=fa\""));
    assert_eq!(page("/docs/v1/gone").await.0, StatusCode::NOT_FOUND);
    assert_eq!(page("/docs/search?q=%3Cb%3E").await.1.matches("&lt;b&gt;").count(), 2);
    let long = format!("/docs/search?q={}", "a".repeat(201));
    assert_eq!(page(&long).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_release_that_was_withdrawn_says_so_and_its_file_is_got_through_the_api() {
    let (_, text) = page("/sdks").await;
    assert!(
        text.contains("Withdrawn") && text.contains("It leaks") && text.contains("Download all the same")
    );
    assert!(
        text.contains("sha256sum -c") && text.contains("302a300506032b6570032100ef") && text.contains("C#")
    );
    let to = page("/sdks/artifacts/art_1/download").await;
    assert_eq!(to, (StatusCode::SEE_OTHER, "/v1/sdks/content/art_1?signature=x".to_owned()));
    assert_eq!(page("/sdks/artifacts/art_2/download").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_the_api_s_is_there_where_the_api_is() {
    let api = Some("https://api.example/");
    let to = page_beside("/sdks/artifacts/art_1/download", api).await.1;
    assert_eq!(to, "https://api.example/v1/sdks/content/art_1?signature=x");
    let (_, sandbox) = page_beside("/sandbox/sbx_1", api).await;
    assert!(sandbox.contains("curl -s https://api.example/v1/verifications"));
    assert!(page("/sandbox/sbx_1").await.1.contains("curl -s http://127.0.0.1:8080/v1/verifications"));
    let (_, article) = page_beside("/docs/v1/errors", api).await;
    assert!(article.contains("href=\"https://api.example/docs/events\""));
    assert!(page("/docs/v1/errors").await.1.contains("href=\"/docs/events\""));
}

#[tokio::test]
async fn a_verification_s_language_is_told_by_its_name() {
    let (_, text) = page("/verifications/ver_1").await;
    assert!(text.contains("<dd><span lang=\"ps\" dir=\"rtl\">پښتو</span></dd>"));
}

#[tokio::test]
async fn a_clock_is_moved_by_a_number_and_by_nothing_else() {
    let portal = portal_over(Arc::new(PlatformClient::new(Arc::new(Canned))));
    let cookie = cookie(&portal, &["developer"], Duration::ZERO);
    let headers = [("cookie", cookie.as_str()), US, FORM];
    let shown = ask(&portal, &Method::GET, "/sandbox/sbx_1", &headers, "").await;
    let shown = shown.into_body().into_string().await.unwrap();
    let form = shown.split("action=\"/sandbox/sbx_1/clock\"").nth(1).unwrap();
    let token = form.split("name=\"_f\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    for (field, status) in [
        ("step=90", StatusCode::SEE_OTHER),
        ("seconds=%DB%B9%DB%B0", StatusCode::SEE_OTHER),
        ("seconds=soon", StatusCode::UNPROCESSABLE_ENTITY),
        ("", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let body = format!("_f={token}&{field}");
        let answer = ask(&portal, &Method::POST, "/sandbox/sbx_1/clock", &headers, &body).await;
        assert_eq!(answer.status(), status, "{field}");
        if status == StatusCode::SEE_OTHER {
            assert_eq!(place(&answer), "/sandbox/sbx_1?env=sandbox");
        }
    }
}

#[tokio::test]
async fn a_form_that_comes_too_late_leads_back_to_where_it_stood() {
    let portal = portal_over(Arc::new(PlatformClient::new(Arc::new(Canned))));
    let old = cookie(&portal, &["developer"], Duration::minutes(31));
    for (path, page) in [("/sandbox/sbx_1/clock", "%2Fsandbox%2Fsbx_1"), ("/sandbox", "%2Fsandbox%2Fnew")] {
        let answer = ask(&portal, &Method::POST, path, &[("cookie", &old), US, FORM], "step=90").await;
        assert_eq!(place(&answer), format!("/sign-in?next={page}%3Fenv%3Dsandbox&expired=1"));
    }
}
