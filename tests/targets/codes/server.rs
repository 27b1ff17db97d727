//! A server over a wiring of the test's choice, users of every role, and requests that can be wrong in any part.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use metrics_exporter_prometheus::PrometheusHandle;
use reqwest::{Client, Method};
use sarai::{
    config::Config,
    embedded::Embedded,
    wire::{self, AUDIENCE, ISSUER},
};
use sarai_http::{
    gate::GateParts,
    server::{Server as HttpServer, ServerConfig},
    token::TokenVerifier,
};
use sarai_ports::system::Clock as _;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio_util::sync::CancellationToken;

/// One recorder per test binary.
static METRICS: LazyLock<PrometheusHandle> =
    LazyLock::new(|| sarai_http::server::install_metrics().expect("the only recorder"));
/// Signs what other services tell us.
const INBOUND_SECRET: &str = "whsec_c2FyYWktY29kZXMtdGVzdC1zZWNyZXQtMzItYnl0ZXM=";
/// Signs what a provider of messages calls back with.
pub(crate) const PROVIDER_SECRET: &str = "a secret of sixteen and more";

/// Signing takes its time without optimisation: once per user.
static TOKENS: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
static COUNTER: AtomicU64 = AtomicU64::new(1);

pub(crate) fn unique(prefix: &str) -> String {
    format!("{prefix}-{}", COUNTER.fetch_add(1, Ordering::Relaxed))
}

/// A server and a client of it.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    client: Client,
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    Nobody,
    User {
        user: String,
        tenant: String,
        roles: Vec<&'static str>,
    },
    /// Somebody whose token says more of the account, which is the tenant's.
    Member {
        tenant: String,
        roles: Vec<&'static str>,
        claims: Value,
    },
    /// An API key.
    Key(String),
    /// A service whose messages are signed.
    Signed,
    /// Somebody whose token is none.
    Forged,
    /// A provider of messages, whose callbacks are signed.
    Provider,
    /// Who finds keys in public, and signs what it found.
    Finder,
}

/// A request, of which a provocation can break any part.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) who: Who,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    pub(crate) key: Option<String>,
    pub(crate) if_match: Option<String>,
    /// The sandbox it names.
    pub(crate) sandbox: Option<String>,
    /// Sent in place of what the rest says.
    pub(crate) raw: Option<(String, Vec<u8>)>,
    pub(crate) signature: Option<String>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) json: Value,
}

impl Who {
    pub(crate) fn user(user: &str, tenant: &str, roles: &[&'static str]) -> Self {
        Self::User { user: user.to_owned(), tenant: tenant.to_owned(), roles: roles.to_vec() }
    }

    /// The tenant of somebody who has one.
    pub(crate) fn tenant(&self) -> &str {
        match self {
            Self::User { tenant, .. } | Self::Member { tenant, .. } => tenant,
            Self::Nobody | Self::Key(_) | Self::Signed | Self::Forged | Self::Provider | Self::Finder => "",
        }
    }

    pub(crate) fn id(&self) -> &str {
        match self {
            Self::User { user, .. } => user,
            Self::Nobody
            | Self::Member { .. }
            | Self::Key(_)
            | Self::Signed
            | Self::Forged
            | Self::Provider
            | Self::Finder => "",
        }
    }

    pub(crate) fn get(&self, path: impl Into<String>) -> Ask {
        Ask::new(self.clone(), Method::GET, path.into())
    }

    pub(crate) fn post(&self, path: impl Into<String>, body: Value) -> Ask {
        let ask = Ask::new(self.clone(), Method::POST, path.into());
        Ask { body: Some(body), key: Some(unique("key")), ..ask }
    }

    /// Posts nothing.
    pub(crate) fn poke(&self, path: impl Into<String>) -> Ask {
        Ask::new(self.clone(), Method::POST, path.into())
    }

    pub(crate) fn patch(&self, path: impl Into<String>, version: u64, body: Value) -> Ask {
        let ask = Ask::new(self.clone(), Method::PATCH, path.into());
        Ask { body: Some(body), if_match: Some(format!("\"v{version}\"")), ..ask }
    }

    /// A merge patch of what is not versioned.
    pub(crate) fn merge(&self, path: impl Into<String>, body: Value) -> Ask {
        Ask { body: Some(body), ..Ask::new(self.clone(), Method::PATCH, path.into()) }
    }

    /// Somebody whose token says this, too.
    pub(crate) fn member(tenant: &str, roles: &[&'static str], claims: Value) -> Self {
        Self::Member { tenant: tenant.to_owned(), roles: roles.to_vec(), claims }
    }

    pub(crate) fn delete(&self, path: impl Into<String>) -> Ask {
        Ask::new(self.clone(), Method::DELETE, path.into())
    }

    fn token(&self) -> Option<String> {
        let (user, tenant, roles, more) = match self {
            Self::Forged => return Some("nonsense".to_owned()),
            Self::Nobody | Self::Signed | Self::Provider | Self::Finder => return None,
            Self::Key(secret) => return Some(secret.clone()),
            Self::User { user, tenant, roles } => (user, tenant, roles, json!({})),
            Self::Member { tenant, roles, claims } => (tenant, tenant, roles, claims.clone()),
        };
        let whose = format!("{user} {tenant} {roles:?} {more}");
        let mut known = TOKENS.lock().expect("not poisoned");
        Some(known.entry(whose).or_insert_with(|| token(user, tenant, roles, &more)).clone())
    }
}

/// An access token, signed by the test itself.
fn token(user: &str, tenant: &str, roles: &[&str], more: &Value) -> String {
    let now = now();
    let mut claims = json!({
        "sub": user, "account_id": tenant, "tenant_id": tenant, "roles": roles,
        "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 3_600,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(json!({"alg": "EdDSA", "kid": "codes"})), part(claims));
    let signature = key().sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

fn now() -> i64 {
    sarai_system::SystemClock::new(false).real().unix_micros() / 1_000_000
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// The key set of auth's stand-in's place: every role's tokens are the test's own.
fn jwks() -> String {
    let x = URL_SAFE_NO_PAD.encode(key().verifying_key().to_bytes());
    json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "codes", "x": x}]}).to_string()
}

impl Ask {
    pub(crate) fn new(who: Who, method: Method, path: String) -> Self {
        Self {
            who,
            method,
            path,
            body: None,
            key: None,
            if_match: None,
            sandbox: None,
            raw: None,
            signature: None,
        }
    }

    pub(crate) fn raw(self, media: &str, body: &[u8]) -> Self {
        Self { raw: Some((media.to_owned(), body.to_vec())), ..self }
    }

    fn content(&self) -> Option<(String, Vec<u8>)> {
        let json = |body: &Value| ("application/json".to_owned(), body.to_string().into_bytes());
        self.raw.clone().or_else(|| self.body.as_ref().map(json))
    }

    fn headers(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        headers.extend(self.who.token().map(|token| ("authorization", format!("Bearer {token}"))));
        headers.extend(self.key.clone().map(|key| ("idempotency-key", key)));
        headers.extend(self.if_match.clone().map(|tag| ("if-match", tag)));
        headers.extend(self.sandbox.clone().map(|id| ("sarai-sandbox", id)));
        if let Who::Signed = self.who {
            let (id, at) = (unique("evt"), now().to_string());
            let key = STANDARD.decode(INBOUND_SECRET.trim_start_matches("whsec_")).expect("base64");
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
            mac.update(format!("{id}.{at}.").as_bytes());
            mac.update(body);
            let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
            headers.push(("webhook-signature", self.signature.clone().unwrap_or(signature)));
            headers.extend([("webhook-id", id), ("webhook-timestamp", at)]);
        }
        if let Who::Provider = self.who {
            let at = now().to_string();
            let secrets = sarai_senders::Secrets::new([PROVIDER_SECRET.to_owned()]);
            headers.push(("sarai-signature", sarai_senders::sign(&secrets, &at, body)));
            headers.push(("sarai-timestamp", at));
        }
        if let Who::Finder = self.who {
            headers.push(("github-public-key-identifier", crate::finder::KEY_ID.to_owned()));
            headers.push(("github-public-key-signature", crate::finder::signed(body)));
        }
        headers
    }
}

impl Server {
    /// Serves a wiring, behind a gate of which `tune` changes what it likes.
    pub(crate) async fn start(embedded: &Embedded, demo: bool, tune: impl FnOnce(&mut GateParts)) -> Self {
        let config = Config { demo, ..Config::default() };
        let mut parts = wire::gate_parts(embedded, &config, INBOUND_SECRET).await.expect("parts");
        let clock = Arc::clone(&embedded.ports.clock);
        parts.tokens = Arc::new(TokenVerifier::new(&jwks(), ISSUER, AUDIENCE, clock).expect("a key"));
        tune(&mut parts);
        let api = wire::assemble(embedded, &config, parts, Arc::new(sarai::stores::Always));
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let config = ServerConfig { listen, admin_listen: None, ..ServerConfig::default() };
        let server = HttpServer::bind(config, api, METRICS.clone()).await.expect("a port");
        let address = server.address().expect("bound");
        tokio::spawn(server.run(CancellationToken::new()));
        Self { address, client: Client::builder().no_proxy().build().expect("a client") }
    }

    pub(crate) async fn send(&self, ask: &Ask) -> Answer {
        let content = ask.content();
        let body = content.as_ref().map(|(_, body)| body.as_slice()).unwrap_or_default();
        let url = format!("http://{}{}", self.address, ask.path);
        let mut request = self.client.request(ask.method.clone(), url);
        for (name, value) in ask.headers(body) {
            request = request.header(name, value);
        }
        if let Some((media, body)) = content {
            request = request.header("content-type", media).body(body);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        let header = response.headers().get("content-type").and_then(|value| value.to_str().ok());
        let content_type = header.unwrap_or_default().to_owned();
        let text = response.text().await.expect("a body");
        Answer { status, content_type, json: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }

    /// Sends something that has to work.
    pub(crate) async fn ok(&self, ask: &Ask) -> Value {
        let answer = self.send(ask).await;
        assert!(answer.status < 300, "{} {} is {answer:?}", ask.method, ask.path);
        answer.json
    }

    /// Sends the head of a request that announces a body, the body's first bytes, and waits.
    pub(crate) async fn drip(&self, ask: &Ask, length: usize, start: &'static str) -> Answer {
        self.dripping(ask, "content-type: application/json", length, start).await
    }

    /// The same for bytes of somebody signed in, of which none come.
    pub(crate) async fn drip_bytes(&self, ask: &Ask, length: usize) -> Answer {
        let token = ask.who.token().unwrap_or_default();
        let headers = format!("authorization: Bearer {token}\r\ncontent-type: application/octet-stream");
        self.dripping(ask, &headers, length, "").await
    }

    async fn dripping(&self, ask: &Ask, headers: &str, length: usize, start: &'static str) -> Answer {
        let head = format!(
            "{} {} HTTP/1.1\r\nhost: sarai\r\n{headers}\r\ncontent-length: {length}\r\n\r\n{start}",
            ask.method, ask.path
        );
        let address = self.address;
        let exchange = move || {
            let mut stream = TcpStream::connect(address).expect("connected");
            stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
            stream.write_all(head.as_bytes()).expect("written");
            let (mut text, mut buffer) = (String::new(), [0; 4_096]);
            while !complete(&text) {
                let read = stream.read(&mut buffer).expect("an answer");
                assert_ne!(read, 0, "the server hung up: {text}");
                text.push_str(&String::from_utf8_lossy(&buffer[..read]));
            }
            text
        };
        let text = tokio::task::spawn_blocking(exchange).await.expect("no panic");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let json = serde_json::from_str(body).unwrap_or(Value::Null);
        Answer { status, content_type: header(head, "content-type").unwrap_or_default(), json }
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).next()
}

/// Whether an answer of a known length has arrived.
fn complete(text: &str) -> bool {
    text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
        header(head, "content-length").and_then(|length| length.parse().ok()) == Some(body.len())
    })
}
