//! A server of its own for a test, and a client that checks every answer it gets.

use std::{
    collections::HashMap,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use metrics_exporter_prometheus::PrometheusHandle;
use reqwest::{Client, Method, header::HeaderMap};
use sarai::{config::Config, embedded::Embedded, process::Process};
use sarai_ports::system::Clock as _;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::{sync::Mutex, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::conform::Document;

/// One recorder per test binary: a process has one.
static METRICS: LazyLock<PrometheusHandle> =
    LazyLock::new(|| sarai_http::server::install_metrics().expect("the only recorder"));

/// Numbers requests, keys and messages apart.
static COUNTER: AtomicU64 = AtomicU64::new(1);

pub(crate) fn unique(prefix: &str) -> String {
    format!("{prefix}-{}", COUNTER.fetch_add(1, Ordering::Relaxed))
}

/// A running server.
#[derive(Clone)]
pub(crate) struct Api {
    inner: Arc<Inner>,
}

struct Inner {
    base: String,
    welcome: String,
    client: Client,
    document: Document,
    secret: String,
    stop: CancellationToken,
    embedded: Embedded,
    served: Mutex<Option<JoinHandle<Result<(), String>>>>,
    tokens: Mutex<HashMap<&'static str, String>>,
}

/// Somebody signed in, or nobody.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) api: Api,
    token: Option<String>,
}

/// A request under construction.
pub(crate) struct Ask {
    api: Api,
    pub(crate) method: Method,
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What came back, already checked against the document.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) asked: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

/// A configuration no test runs into the limits of.
pub(crate) fn generous() -> Config {
    Config {
        listen: ([127, 0, 0, 1], 0).into(),
        admin_listen: "off".to_owned(),
        rate_per_second: 1_000_000,
        rate_burst: 1_000_000,
        sign_in_per_minute: 1_000_000,
        sign_in_burst: 1_000_000,
        memory: true,
        ..Config::default()
    }
}

impl Api {
    /// A server with generous limits.
    pub(crate) async fn start() -> Self {
        Self::start_with(generous()).await
    }

    pub(crate) async fn start_with(config: Config) -> Self {
        let process = Box::pin(Process::bind(&config, METRICS.clone())).await.expect("a server");
        let base = format!("http://{}", process.address().expect("an address"));
        let welcome = process.welcome().await.expect("a welcome").unwrap_or_default();
        let secret = process.inbound_secret.clone();
        let stop = CancellationToken::new();
        let embedded = process.embedded.clone();
        let served = tokio::spawn({
            let stop = stop.clone();
            async move { process.run(stop).await.map_err(|error| error.to_string()) }
        });
        let client = Client::builder().no_proxy().build().expect("a client");
        let document = client.get(format!("{base}/openapi.json")).send().await.expect("the document");
        let document = Document::new(document.json().await.expect("JSON"));
        let (served, tokens) = (Mutex::new(Some(served)), Mutex::default());
        let inner = Inner { base, welcome, client, document, secret, stop, embedded, served, tokens };
        Self { inner: Arc::new(inner) }
    }

    pub(crate) fn base(&self) -> &str {
        &self.inner.base
    }

    /// The process behind it.
    pub(crate) fn embedded(&self) -> &Embedded {
        &self.inner.embedded
    }

    /// What the demo prints.
    pub(crate) fn welcome(&self) -> &str {
        &self.inner.welcome
    }

    pub(crate) fn document(&self) -> &Document {
        &self.inner.document
    }

    /// Somebody without a token.
    pub(crate) fn nobody(&self) -> User {
        User { api: self.clone(), token: None }
    }

    /// Somebody with this token.
    pub(crate) fn bearer(&self, token: &str) -> User {
        User { api: self.clone(), token: Some(token.to_owned()) }
    }

    /// A demo account, signed in.
    pub(crate) async fn user(&self, account: &'static str) -> User {
        let mut tokens = self.inner.tokens.lock().await;
        if let Some(token) = tokens.get(account) {
            return self.bearer(token);
        }
        let body = json!({"email": format!("{account}@demo.test"), "password": "sarai-demo"});
        let session = self.nobody().post("/v1/auth/sessions", &body).await.is(201);
        let token = session["accessToken"].as_str().expect("a token").to_owned();
        tokens.insert(account, token.clone());
        self.bearer(&token)
    }

    /// Moves business time; everything due has run when it answers.
    pub(crate) async fn advance(&self, seconds: u64) -> Value {
        let body = json!({"advanceSeconds": seconds});
        self.user("admin").await.post("/v1/test-clock", &body).await.is(200)
    }

    /// A message of another service, signed.
    pub(crate) async fn tell(&self, source: &str, kind: &str, data: Value) -> Answer {
        self.message(source, kind, &data, &unique("evt")).send().await
    }

    /// The same, under an id.
    pub(crate) fn message(&self, source: &str, kind: &str, data: &Value, id: &str) -> Ask {
        let event = json!({
            "specversion": "1.0", "id": id, "source": format!("/{source}"), "type": kind,
            "datacontenttype": "application/json", "data": data,
        });
        let body = event.to_string();
        let at = sarai_system::SystemClock::new(false).real().unix_micros() / 1_000_000;
        let ask = self.nobody().ask(Method::POST, &format!("/v1/integrations/{source}/events"));
        let signature = self.sign(id, &at.to_string(), &body);
        ask.header("webhook-id", id)
            .header("webhook-timestamp", &at.to_string())
            .header("webhook-signature", &signature)
            .raw("application/json", body.into_bytes())
    }

    /// The Standard Webhooks signature of a message.
    pub(crate) fn sign(&self, id: &str, at: &str, body: &str) -> String {
        let secret = self.inner.secret.strip_prefix("whsec_").expect("a secret");
        let key = STANDARD.decode(secret).expect("base64");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
        mac.update(format!("{id}.{at}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }

    /// Asks the server to stop.
    pub(crate) fn stop(&self) {
        self.inner.stop.cancel();
    }

    /// What serving ended with.
    pub(crate) async fn stopped(&self) -> Result<(), String> {
        let served = self.inner.served.lock().await.take().expect("stopped once");
        served.await.expect("no panic")
    }
}

impl User {
    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask {
        let token = self.token.iter().map(|token| ("authorization".to_owned(), format!("Bearer {token}")));
        Ask {
            api: self.api.clone(),
            method,
            path: path.to_owned(),
            headers: token.collect(),
            body: Vec::new(),
        }
    }

    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path).send().await
    }

    /// Posts under a key of its own.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path).header("idempotency-key", &unique("key")).json(body).send().await
    }

    /// Posts nothing.
    pub(crate) async fn poke(&self, path: &str) -> Answer {
        self.ask(Method::POST, path).send().await
    }

    pub(crate) async fn patch(&self, path: &str, version: u64, body: &Value) -> Answer {
        let ask = self.ask(Method::PATCH, path).header("if-match", &format!("\"v{version}\""));
        ask.json(body).send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path).send().await
    }

    /// Every row of a list, and the parts it came in, forth; then the same rows back.
    pub(crate) async fn walk(&self, path: &str, limit: usize) -> Vec<Value> {
        let glue = if path.contains('?') { '&' } else { '?' };
        let url = |cursor: &str| format!("{path}{glue}limit={limit}{cursor}");
        let mut parts = vec![self.get(&url("")).await.is(200)];
        while let Some(next) = parts[parts.len() - 1]["nextCursor"].as_str().map(str::to_owned) {
            assert_eq!(parts[parts.len() - 1]["hasMore"], true);
            parts.push(self.get(&url(&format!("&cursor={next}"))).await.is(200));
            assert!(parts.len() < 100, "{path} goes round in circles");
        }
        assert_eq!(parts[0]["prevCursor"], Value::Null, "{path} begins with its first part");
        for index in (1..parts.len()).rev() {
            let cursor = parts[index]["prevCursor"].as_str().expect("a way back");
            let back = self.get(&url(&format!("&cursor={cursor}"))).await.is(200);
            assert_eq!(back["data"], parts[index - 1]["data"], "{path}: the way back from part {index}");
        }
        parts.iter().flat_map(|part| part["data"].as_array().cloned().unwrap_or_default()).collect()
    }
}

impl Ask {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string().into_bytes())
    }

    pub(crate) fn raw(self, media: &str, body: Vec<u8>) -> Self {
        Self { body, ..self.header("content-type", media) }
    }

    /// Sends it, and holds the answer against the document.
    pub(crate) async fn send(self) -> Answer {
        let Self { api, method, path, headers, body } = self;
        let id = unique("req");
        let url = format!("{}{path}", api.inner.base);
        let mut request = api.inner.client.request(method.clone(), url).header("x-request-id", &id);
        for (name, value) in &headers {
            request = request.header(name, value);
        }
        let response =
            request.body(body).send().await.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a body");
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        let answer = Answer { asked: format!("{method} {path}"), status, headers, text, json };
        assert_eq!(answer.header("x-request-id"), id, "{}", answer.asked);
        api.inner.document.check(&method, &path, &answer);
        answer
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body, when this is the status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        self.json
    }

    /// The problem, when it is this one.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!(
            (self.status, self.json["code"].as_str()),
            (status, Some(code)),
            "{}: {}",
            self.asked,
            self.text
        );
        self.json
    }
}
