//! A server as a process with the peers that its senders talk to, and people who ask it over HTTP.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use reqwest::{Client, Method, header::HeaderMap};
use sarai_services::{Answer as Reply, Receiver, SaraiProcess};
use serde_json::{Value, json};

use crate::{
    mail_server::{MailServer, Manner},
    provider::{Provider, Reply as Provided},
    smsc::{Conduct, Smsc, Submitted},
};

/// The binary.
pub(crate) const SARAI: &str = env!("CARGO_BIN_EXE_sarai");

/// What every demo account signs in with.
pub(crate) const PASSWORD: &str = "sarai-demo";

/// Numbers keys, labels and people apart.
static COUNTER: AtomicU64 = AtomicU64::new(1);

pub(crate) fn unique(prefix: &str) -> String {
    format!("{prefix}-{}", COUNTER.fetch_add(1, Ordering::Relaxed))
}

#[track_caller]
pub(crate) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_else(|| panic!("{member} of {value}"))
}

/// A server that is not started, which nobody is too much for.
pub(crate) fn server() -> SaraiProcess {
    SaraiProcess::new(SARAI).unwrap().unlimited()
}

/// What a server was asked and answered, by everybody.
#[derive(Debug, Default, Clone)]
pub(crate) struct Said(Arc<Mutex<Vec<(Method, u16, String)>>>);

impl Said {
    /// The bodies of answers that are so.
    pub(crate) fn bodies(&self, so: impl Fn(&Method, u16) -> bool) -> Vec<String> {
        let said = self.0.lock().unwrap();
        said.iter().filter(|(method, status, _)| so(method, *status)).map(|(.., body)| body.clone()).collect()
    }
}

/// Somebody who asks a server from an address, signed in or not.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    base: String,
    client: Client,
    token: Option<String>,
    said: Said,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) asked: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Person {
    /// Nobody, from an address of the loopback.
    pub(crate) fn from(address: Ipv4Addr, base: &str) -> Self {
        let client = Client::builder().no_proxy().local_address(IpAddr::V4(address)).build().unwrap();
        Self { base: base.to_owned(), client, token: None, said: Said::default() }
    }

    pub(crate) fn nobody(base: &str) -> Self {
        Self::from(Ipv4Addr::LOCALHOST, base)
    }

    /// The same with a token or a key.
    pub(crate) fn with(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same at another server.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// What it signs in with.
    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    pub(crate) fn said(&self) -> &Said {
        &self.said
    }

    /// A demo account, signed in: the session, and who has it.
    pub(crate) async fn session(&self, account: &str) -> (Value, Self) {
        let body = json!({"email": format!("{account}@demo.test"), "password": PASSWORD});
        let session = self.post("/v1/auth/sessions", &body).await.is(201);
        let person = self.with(text(&session, "accessToken"));
        (session, person)
    }

    pub(crate) async fn signed_in(&self, account: &str) -> Self {
        self.session(account).await.1
    }

    /// A key of one's own, and who has it.
    pub(crate) async fn key(&self, environment: &str, scopes: &[&str]) -> (Value, Self) {
        let body = json!({"label": unique("key"), "environment": environment, "scopes": scopes});
        let key = self.post("/v1/keys", &body).await.is(201);
        let person = self.with(text(&key, "rawKey"));
        (key, person)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path, &[], Some(body.to_string())).await
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.base));
        if method == Method::POST {
            request = request.header("idempotency-key", unique("proof"));
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        self.said.0.lock().unwrap().push((method.clone(), status, text.clone()));
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { asked: format!("{method} {path}"), status, headers, text, json }
    }
}

impl Answer {
    /// The body, when this is the status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        self.json
    }

    /// The problem, when it is this one.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Value {
        let found = (self.status, self.json["code"].as_str());
        assert_eq!(found, (status, Some(code)), "{}: {}", self.asked, self.text);
        self.json
    }
}

/// A mail server, an SMS centre, a provider over HTTP and a receiver of webhooks.
pub(crate) struct Peers {
    pub(crate) mail: MailServer,
    pub(crate) centre: Smsc,
    pub(crate) provider: Provider,
    pub(crate) receiver: Receiver,
}

impl Peers {
    pub(crate) async fn start() -> Self {
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Self {
            mail: MailServer::start(Manner { auth: true, ..Manner::default() }).await,
            centre: Smsc::start(Conduct::default()).await,
            provider: Provider::start(Provided::taken("w-1")).await,
            receiver: Receiver::start(here, &["127.0.0.1"], |_| Reply::Status(204)).unwrap(),
        }
    }

    /// A server that has them, its senders' secrets in files of its directory.
    pub(crate) fn known_to(&self, server: SaraiProcess, secrets: [&str; 3]) -> SaraiProcess {
        let file = |name: &str, content: &str| {
            let path = server.dir().join(name);
            fs::write(&path, content).unwrap();
            path
        };
        let [smpp, mail, http] =
            secrets.map(|secret| format!("\"{}\"", file(&unique("secret"), secret).display()));
        let authority = file("authority.pem", self.receiver.authority());
        let table = format!(
            "[senders.centre]\nkind = \"smpp\"\nurl = \"smpp://127.0.0.1:{}\"\nuser = \"sarai\"\n\
             password_file = {smpp}\nchannels = [\"SMS\"]\nfrom = \"SARAI\"\n\
             [senders.mail]\nkind = \"smtp\"\nurl = \"smtp://127.0.0.1:{}\"\nuser = \"sarai\"\n\
             password_file = {mail}\nchannels = [\"EMAIL\"]\nfrom = \"Sarai <codes@example.net>\"\n\
             [senders.chat]\nkind = \"http\"\nurl = \"http://127.0.0.1:{}/v1/\"\nuser = \"acc-1\"\n\
             password_file = {http}\nchannels = [\"WHATSAPP\", \"VOICE\"]\nfrom = \"SARAI\"\n",
            self.centre.port, self.mail.port, self.provider.port,
        );
        file("sarai.toml", &table);
        let receiver = self.receiver.address().to_string();
        server.env("SARAI_WEBHOOK_ALLOW", &receiver).env("SARAI_WEBHOOK_CA", authority.to_str().unwrap())
    }

    /// Where webhooks go.
    pub(crate) fn hook(&self) -> String {
        format!("https://{}/in", self.receiver.address())
    }
}

/// What a person reads of one message of the SMS centre.
pub(crate) fn words(part: &Submitted) -> String {
    part.octets.iter().map(|octet| char::from(*octet)).collect()
}

/// The code of so many digits in a message.
pub(crate) fn code_in(message: &str, digits: usize) -> String {
    let so = |run: &&str| run.len() == digits;
    let found = message.split(|one: char| !one.is_ascii_digit()).find(so);
    found.unwrap_or_else(|| panic!("no code in {message}")).to_owned()
}

/// Waits until something is there.
pub(crate) async fn wait_for<T>(what: &str, there: impl Fn() -> Option<T>) -> T {
    for _ in 0..1_200 {
        if let Some(found) = there() {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{what} never came")
}
