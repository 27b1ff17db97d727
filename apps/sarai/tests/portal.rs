//! The customer portal's way to the API: one suite over both connectors (ruling R29), TLS, and the portal as a process of
//! its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::{
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use reqwest::{Client, Response, header};
use sarai::{
    config::{Config, Flags},
    process::Process,
};
use sarai_domain::kernel::Timestamp;
use sarai_gateways::{
    AuthClient,
    platform::{Connector, HttpConnector, PlatformClient},
};
use sarai_http::server::install_metrics;
use sarai_ports::customer_portal::{
    On, PlatformApi, PlatformError, SecretText,
    keys::NewKey,
    messages::{MessageQuery, MessageStats, NewMessage},
    session::SignIn,
    webhooks::{DeliveryQuery, NewWebhook, SeenRequest, WebhookAction},
};
use sarai_ports::{GatewayError, auth::AuthGateway as _};
use sarai_services::{Answer, Received, Receiver, SaraiProcess};
use tokio_util::sync::CancellationToken;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PRODUCTION: &str = "PRODUCTION";
/// Forty-three letters: 32 bytes.
const KEY_1: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
const KEY_2: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";

fn developer(password: &str) -> SignIn {
    let password = SecretText::new(password.to_owned());
    SignIn { email: "developer@demo.test".to_owned(), password, otp: None }
}

fn on(token: Option<&SecretText>) -> On<'_> {
    On { token, request_id: "req_suite", client: Some(HERE), environment: PRODUCTION }
}

/// The status and the code of a refusal.
fn refused<T: std::fmt::Debug>(answer: Result<T, PlatformError>) -> (u16, String) {
    match answer {
        Err(PlatformError::Refused(refusal)) => (refusal.status, refusal.code),
        other => panic!("not a refusal: {other:?}"),
    }
}

fn sum(stats: &MessageStats) -> u32 {
    stats.queued + stats.sent + stats.delivered + stats.failed
}

/// Everything the pages ask, over a connector.
async fn suite(name: &str, connector: Arc<dyn Connector>, receiver: &Receiver) {
    let api: &dyn PlatformApi = &PlatformClient::new(connector);
    assert_eq!(refused(api.keys(on(None), None).await).0, 401, "{name}");
    assert_eq!(refused(api.sign_in(on(None), &developer("wrong")).await).0, 401, "{name}");
    let tokens = api.sign_in(on(None), &developer("sarai-demo")).await.unwrap();
    let tokens = api.refresh(on(None), &tokens.refresh_token).await.unwrap();
    let (nobody, on) = (on(None), on(Some(&tokens.access_token)));
    assert!(api.me(on).await.unwrap().roles.contains(&"developer".to_owned()), "{name}");
    keys(name, api, on).await;
    messages(name, api, on).await;
    money(name, api, on).await;
    webhooks(name, api, on, receiver).await;
    api.sign_out(on).await.unwrap();
    assert_eq!(refused(api.refresh(nobody, &tokens.refresh_token).await).0, 401, "{name}: signed out");
}

async fn keys(name: &str, api: &dyn PlatformApi, on: On<'_>) {
    let scopes = vec!["sms:send".to_owned()];
    let wanted = NewKey { label: format!("Suite {name}"), environment: PRODUCTION.to_owned(), scopes };
    let once = format!("once-{name}");
    let made = api.create_key(on, &once, &wanted).await.unwrap();
    assert!(made.raw_key.is_some_and(|raw| raw.reveal().starts_with("srk_live_")), "{name}");
    let again = api.create_key(on, &once, &wanted).await.unwrap();
    assert!(again.raw_key.is_none() && again.key.key_id == made.key.key_id, "{name}: made once");
    assert_eq!(
        refused(api.create_key(on, &format!("other-{name}"), &wanted).await).0,
        409,
        "{name}: the name is taken"
    );
    let id = made.key.key_id.as_str();
    assert_eq!(api.key_traffic(on, id, 7).await.unwrap().days.len(), 7, "{name}");
    let rotated = api.rotate_key(on, &format!("rotate-{name}"), id, 3_600).await.unwrap();
    assert!(rotated.previous.key_id == id && rotated.previous.retire_at.is_some(), "{name}");
    api.revoke_key(on, id).await.unwrap();
    assert_eq!(api.key(on, id).await.unwrap().status, "REVOKED", "{name}");
    let listed = api.keys(on, None).await.unwrap();
    assert!(listed.data.iter().any(|key| key.key_id == id), "{name}");
    let (status, code) = refused(api.key(on, "key_01ARZ3NDEKTSV4RRFFQ69G5FAV").await);
    assert_eq!((status, code.as_str()), (404, "not_found"), "{name}");
}

async fn messages(name: &str, api: &dyn PlatformApi, on: On<'_>) {
    let all = MessageQuery::default();
    let page = api.messages(on, &all, 25, None).await.unwrap();
    let next = api.messages(on, &all, 25, page.next_cursor.as_deref()).await.unwrap();
    assert!(page.data.len() == 25 && page.data.first() != next.data.first(), "{name}");
    let few = MessageQuery { after: page.data.last().map(|last| last.submitted_at), ..all.clone() };
    let counted = sum(&api.message_stats(on, &few).await.unwrap());
    assert_eq!(
        api.export_messages(on, &few).await.unwrap().len(),
        usize::try_from(counted).unwrap(),
        "{name}"
    );
    let failed = MessageQuery { statuses: vec!["failed".to_owned()], ..all.clone() };
    let failed = api.messages(on, &failed, 25, None).await.unwrap().data.swap_remove(0);
    assert_eq!(api.message(on, &failed.message_id).await.unwrap(), failed, "{name}");
    let receipt = api.message_receipt(on, &failed.message_id).await.unwrap();
    assert_eq!((receipt.body_digest.len(), receipt.token.split('.').count()), (64, 3), "{name}");
    let codes = api.message_error_codes(on).await.unwrap();
    assert!(codes.iter().any(|code| Some(&code.code) == failed.error_code.as_ref()), "{name}");
    let operator = failed.operator_name.unwrap_or_default();
    assert_eq!(api.operator_health(on, &operator).await.unwrap().operator_name, operator, "{name}");
    let sender = api.sender_ids(on).await.unwrap().swap_remove(0).sender;
    let message = NewMessage {
        to: "+93701231000".to_owned(),
        from: sender,
        body: "سلام".to_owned(),
        environment: PRODUCTION.to_owned(),
    };
    assert_eq!(api.quote_message(on, &message).await.unwrap().encoding, "UCS2", "{name}");
    let once = format!("message-{name}");
    let sent = api.send_message(on, &once, &message).await.unwrap();
    let again = api.send_message(on, &once, &message).await.unwrap();
    assert_eq!(sent.message_id, again.message_id, "{name}: sent once");
    let wrong = NewMessage { to: "+1".to_owned(), ..message };
    assert_eq!(refused(api.quote_message(on, &wrong).await).0, 422, "{name}");
}

async fn money(name: &str, api: &dyn PlatformApi, on: On<'_>) {
    let balance = api.balance(on).await.unwrap();
    let overdue = api.invoices(on, Some("overdue"), None).await.unwrap().data;
    let invoice = api.invoice(on, &overdue.first().expect("an overdue invoice").invoice_id).await.unwrap();
    let billed = MessageQuery { invoice_id: Some(invoice.invoice_id.clone()), ..MessageQuery::default() };
    assert_eq!(sum(&api.message_stats(on, &billed).await.unwrap()), invoice.total_messages, "{name}");
    let pdf = api.invoice_pdf(on, &invoice.invoice_id).await.unwrap().url;
    assert!(pdf.is_some_and(|url| url.contains("/v1/invoice-pdfs/")), "{name}");
    let (from, to) = (invoice.period_start.to_string(), invoice.period_end.to_string());
    let totals = api.usage_summary(on, &from, &to).await.unwrap();
    assert!(totals.messages_sent > 0 && totals.as_of <= balance.as_of.plus_days(1), "{name}");
    assert!(!api.usage_series(on, &from, &to).await.unwrap().data.is_empty(), "{name}");
}

async fn webhooks(name: &str, api: &dyn PlatformApi, on: On<'_>, receiver: &Receiver) {
    let hook = |url: String| NewWebhook {
        url,
        events: vec!["messaging.message.sent.v1".to_owned()],
        environment: Some(PRODUCTION.to_owned()),
    };
    let inner = api.create_webhook(on, &format!("inner-{name}"), &hook("https://10.0.0.1/".to_owned())).await;
    assert_eq!(refused(inner).0, 422, "{name}: not into our network");
    let url = format!("https://{}/{}", receiver.address(), name.replace(' ', "-"));
    let made = api.create_webhook(on, &format!("hook-{name}"), &hook(url)).await.unwrap();
    assert!(made.signing_secret.is_some_and(|secret| secret.reveal().starts_with("whsec_")), "{name}");
    let id = made.webhook.webhook_id.as_str();
    let before = receiver.received().len();
    let tested = api.test_webhook(on, &format!("test-{name}"), id).await.unwrap();
    assert_eq!((tested.endpoint_id.as_str(), tested.last_code), (id, Some(204)), "{name}");
    let seen = receiver.wait_for(before + 1, Duration::from_secs(10)).pop().expect("the test arrives");
    let delivered = DeliveryQuery { outcome: Some("DELIVERED".to_owned()), ..DeliveryQuery::default() };
    let delivery = loop {
        let page = api.deliveries(on, id, &delivered, None).await.unwrap();
        match page.data.into_iter().next() {
            Some(delivery) => break delivery,
            None => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    assert_eq!(api.delivery_count(on, id, &delivered).await.unwrap().count, 1, "{name}");
    let later = DeliveryQuery { after: Some(delivery.created_at.plus_days(1)), ..delivered.clone() };
    assert_eq!(api.delivery_count(on, id, &later).await.unwrap().count, 0, "{name}: filtered by day");
    assert_eq!(api.delivery(on, &delivery.id).await.unwrap().payload, seen.body, "{name}");
    let request = SeenRequest {
        headers: seen.headers.into_iter().collect(),
        body: seen.body.clone(),
        received_at: None,
    };
    let good = api.diagnose_delivery(on, &delivery.id, &request).await.unwrap();
    assert!(good.valid && good.culprit.is_none() && good.curl.starts_with("curl "), "{name}: {good:?}");
    let other = SeenRequest { body: seen.body.replace(':', ": "), ..request };
    let bad = api.diagnose_delivery(on, &delivery.id, &other).await.unwrap();
    assert_eq!(bad.culprit.as_deref(), Some("BODY"), "{name}");
    let again = api.replay_delivery(on, &format!("replay-{name}"), id, &delivery.id).await.unwrap();
    assert_eq!(again.replay_of.as_deref(), Some(delivery.id.as_str()), "{name}");
    let since: Timestamp = delivery.created_at.plus(-time::Duration::days(1));
    let recovered = api.recover_webhook(on, &format!("recover-{name}"), id, since).await.unwrap();
    assert!(recovered.queued == 0 && !recovered.more, "{name}: nothing was lost");
    assert!(api.roll_webhook_secret(on, &format!("roll-{name}"), id).await.unwrap().signing_secret.is_some());
    api.act_on_webhook(on, &format!("off-{name}"), id, WebhookAction::Disable).await.unwrap();
    assert_eq!(api.webhook(on, id).await.unwrap().status, "DISABLED", "{name}");
    api.act_on_webhook(on, &format!("on-{name}"), id, WebhookAction::Enable).await.unwrap();
    assert!(api.webhooks(on, None).await.unwrap().data.iter().any(|hook| hook.webhook_id == id), "{name}");
    api.delete_webhook(on, id).await.unwrap();
    assert_eq!(refused(api.webhook(on, id).await).0, 404, "{name}");
}

fn authority_file(receiver: &Receiver, name: &str) -> PathBuf {
    let file =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("portal-{name}-{}.pem", std::process::id()));
    std::fs::write(&file, receiver.authority()).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_answers_the_same_over_both_connectors() {
    let receiver = Receiver::start(HERE, &["127.0.0.1", "localhost"], |_| Answer::Status(204)).unwrap();
    let config = Config {
        listen: (HERE, 0).into(),
        admin_listen: "off".to_owned(),
        memory: true,
        rate_per_second: 1_000_000,
        rate_burst: 1_000_000,
        webhook_allow: receiver.address().to_string(),
        webhook_ca: Some(authority_file(&receiver, "suite")),
        ..Config::default()
    };
    let process = Process::bind(&config, install_metrics().unwrap()).await.unwrap();
    let inside = process.connector();
    let outside = HttpConnector::new(&format!("http://{}", process.address().unwrap()), None).unwrap();
    let stop = CancellationToken::new();
    let served = tokio::spawn({
        let stop = stop.clone();
        async move { process.run(stop).await.map_err(|error| error.to_string()) }
    });
    // The demo's messages are written when it runs.
    let ready = PlatformClient::new(Arc::clone(&inside));
    let tokens = ready.sign_in(on(None), &developer("sarai-demo")).await.unwrap();
    let some = MessageQuery::default();
    while ready.messages(on(Some(&tokens.access_token)), &some, 25, None).await.unwrap().data.len() < 25 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    suite("in-memory", inside, &receiver).await;
    suite("over-a-socket", Arc::new(outside), &receiver).await;
    stop.cancel();
    served.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_only_a_server_with_a_good_certificate_is_asked() {
    let problem = r#"{"code":"not_found"}"#;
    let raw = format!(
        "HTTP/1.1 404 Not Found\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{problem}",
        problem.len()
    );
    let answer = move |_: &Received| Answer::Raw(raw.clone().into_bytes());
    let receiver = Receiver::start(HERE, &["localhost"], answer).unwrap();
    let address = format!("https://localhost:{}/base/", receiver.address().port());
    let ask = async |connector: HttpConnector| {
        PlatformClient::new(Arc::new(connector)).me(on(Some(&SecretText::new("token".to_owned())))).await
    };
    let file = authority_file(&receiver, "tls");
    let trusting = HttpConnector::new(&address, Some(&file)).unwrap();
    assert_eq!(refused(ask(trusting).await), (404, "not_found".to_owned()));
    let seen = receiver.received();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].line, "GET /base/v1/me HTTP/1.1");
    assert_eq!(
        (seen[0].header("authorization"), seen[0].header("x-forwarded-for")),
        ("Bearer token", "127.0.0.1")
    );
    assert_eq!(ask(HttpConnector::new(&address, None).unwrap()).await, Err(PlatformError::Unreachable));
    let other_name = format!("https://{}/", receiver.address());
    let other_name = HttpConnector::new(&other_name, Some(&file)).unwrap();
    assert_eq!(ask(other_name).await, Err(PlatformError::Unreachable), "the certificate is for another name");
    assert_eq!(receiver.received().len(), 1, "no token was told to a stranger");
    assert!(HttpConnector::new("ftp://there", None).is_err());
    assert!(HttpConnector::new(&address, Some(Path::new("no/such.pem"))).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_only_a_service_with_a_good_certificate_is_asked() {
    let problem = r#"{"code":"not_found"}"#;
    let raw = format!("HTTP/1.1 404 Not Found\r\ncontent-length: {}\r\n\r\n{problem}", problem.len());
    let answer = move |_: &Received| Answer::Raw(raw.clone().into_bytes());
    let receiver = Receiver::start(HERE, &["localhost"], answer).unwrap();
    let file = authority_file(&receiver, "service");
    let at = |host: &str| format!("https://{host}:{}/auth", receiver.address().port());
    let ask = async |address: &str, authorities| {
        AuthClient::new(address, authorities).unwrap().jwks().await.unwrap_err()
    };
    let refused = GatewayError::Refused { code: "not_found".to_owned() };
    assert_eq!(ask(&at("localhost"), Some(file.as_path())).await, refused);
    assert_eq!(receiver.received().len(), 1);
    for (host, authorities) in [("localhost", None), ("127.0.0.1", Some(file.as_path()))] {
        let stranger = ask(&at(host), authorities).await;
        assert!(matches!(stranger, GatewayError::Unavailable(_)), "{stranger:?}");
    }
    assert_eq!(receiver.received().len(), 1, "nothing was told to a stranger");
    assert!(AuthClient::new(&at("localhost"), Some(Path::new("no/such.pem"))).is_err());
}

/// A browser that keeps what it is given and goes nowhere by itself.
struct Browser {
    http: Client,
    base: String,
    cookies: std::collections::BTreeMap<String, String>,
}

impl Browser {
    fn at(base: &str) -> Self {
        let http = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, base: base.to_owned(), cookies: std::collections::BTreeMap::default() }
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Response {
        let kept: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = request.header(header::COOKIE, kept.join("; ")).send().await.unwrap();
        for set in answer.headers().get_all(header::SET_COOKIE) {
            let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    async fn get(&mut self, path: &str) -> Response {
        let request = self.http.get(format!("{}{path}", self.base));
        self.send(request).await
    }

    /// Signs in by the form of the page, from this origin.
    async fn sign_in(&mut self, origin: &str) -> Response {
        let page = self.get("/sign-in").await.text().await.unwrap();
        let token = page.split("name=\"_f\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let form = format!("_f={token}&email=developer%40demo.test&password=sarai-demo");
        let request = self.http.post(format!("{}/sign-in", self.base)).body(form);
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.header(header::ORIGIN, origin)).await
    }
}

fn portal(api: &SaraiProcess, keys: &str, arguments: &[&str]) -> SaraiProcess {
    let portal = SaraiProcess::new(env!("CARGO_BIN_EXE_sarai")).unwrap();
    let portal = portal.args(["--roles", "portal", "--api-url", &api.url()]);
    let portal = portal.args(arguments.iter().map(|argument| (*argument).to_owned()));
    if keys.is_empty() { portal } else { portal.env("PORTAL_KEYS", keys) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_of_its_own_keeps_nothing_and_shares_its_keys() {
    let mut api = SaraiProcess::new(env!("CARGO_BIN_EXE_sarai")).unwrap().args(["--memory"]);
    api.start().unwrap();
    let keys = format!("b2:{KEY_2},a1:{KEY_1}");
    let mut first = portal(&api, &keys, &[]);
    first.start().unwrap();
    let mut browser = Browser::at(&first.url());
    let elsewhere = browser.sign_in("https://evil.example").await;
    assert_eq!(elsewhere.status(), 403, "a form comes from our own pages");
    let signed_in = browser.sign_in(&first.url()).await;
    assert_eq!(signed_in.status(), 303, "{}", first.log());
    assert!(signed_in.headers().get(header::STRICT_TRANSPORT_SECURITY).is_none(), "not over clear text");
    assert!(browser.cookies["__Host-portal"].starts_with("v1.b2."), "the first key seals");
    let page = browser.get("/").await;
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("developer@demo.test"));
    // Another instance opens what the first sealed, though it seals with another key; who lacks the key does not.
    let mut second = portal(&api, &format!("a1:{KEY_1},b2:{KEY_2}"), &[]);
    second.start().unwrap();
    browser.base = second.url();
    assert_eq!(browser.get("/account").await.status(), 200, "any instance answers");
    let mut stranger = portal(&api, "", &[]);
    stranger.start().unwrap();
    assert!(stranger.log().contains("`portal_keys` is not set"), "it says that it made one");
    let mut lost = Browser { base: stranger.url(), cookies: browser.cookies.clone(), ..Browser::at("") };
    assert_eq!(lost.get("/account").await.headers()[header::LOCATION], "/sign-in?next=%2Faccount");
    assert_eq!(
        std::fs::read_dir(first.dir())
            .unwrap()
            .filter(|file| { file.as_ref().is_ok_and(|file| file.file_name() == "sarai-data") })
            .count(),
        0,
        "nothing is kept"
    );
    // Without the API there is a page that says so.
    api.kill9();
    let out = browser.get("/messages").await;
    assert_eq!(out.status(), 502);
    assert!(out.text().await.unwrap().contains("<code>"), "with the request's id");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_an_origin_of_https_forms_come_from_there_and_browsers_stay_with_it() {
    let mut api = SaraiProcess::new(env!("CARGO_BIN_EXE_sarai")).unwrap().args(["--memory"]);
    api.start().unwrap();
    let origin = "https://portal.example";
    let mut portal = portal(&api, &format!("a1:{KEY_1}"), &["--portal-public-origin", origin]);
    portal.start().unwrap();
    let mut browser = Browser::at(&portal.url());
    let signed_in = browser.sign_in(origin).await;
    assert_eq!(signed_in.status(), 303, "{}", portal.log());
    let told = signed_in.headers()[header::STRICT_TRANSPORT_SECURITY].to_str().unwrap();
    assert_eq!(told, "max-age=63072000; includeSubDomains");
}

#[test]
fn for_real_money_a_portal_does_not_start_without_its_keys() {
    let base = Flags {
        roles: Some(sarai::config::Roles::Portal),
        profile: Some(sarai::config::Profile::Production),
        demo: Some(false),
        api_url: Some("https://api.example".to_owned()),
        portal_public_origin: Some("https://portal.example".to_owned()),
        ..Flags::default()
    };
    assert!(Config::load(&base).unwrap_err().to_string().contains("portal_keys"));
}
