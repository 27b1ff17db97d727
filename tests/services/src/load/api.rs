//! A client that knows three kinds of answers: done, refused, unknown.

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::ANSWER;

/// A demo account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Account {
    /// Sells.
    Provider,
    /// Buys.
    Buyer,
    /// Reviews and audits.
    Admin,
}

impl Account {
    const fn email(self) -> &'static str {
        match self {
            Self::Provider => "provider@demo.test",
            Self::Buyer => "buyer@demo.test",
            Self::Admin => "admin@demo.test",
        }
    }
}

/// What a server said, as far as a client can know.
#[derive(Debug, Clone)]
pub enum Answer {
    /// It is done; the body.
    Done(Value),
    /// It is not done and never will be under this key.
    Refused(String),
    /// No answer, or one after which nobody can tell: it may be done.
    Unknown(String),
}

/// A client of some servers over one store, taken in turn.
#[derive(Debug, Clone)]
pub struct Api {
    http: Client,
    servers: Arc<RwLock<Vec<String>>>,
    turn: Arc<AtomicUsize>,
    tokens: Arc<Mutex<HashMap<(String, Account), String>>>,
    salt: String,
}

impl Api {
    /// Of servers by their URLs.
    ///
    /// # Errors
    /// There is no client to be had on this machine.
    #[allow(clippy::disallowed_methods, reason = "keys have to be new, and this is no code of the product")]
    pub fn new(servers: &[String]) -> io::Result<Self> {
        // A connection a request, so that one that ends is known to have ended under its request.
        let http = Client::builder().no_proxy().pool_max_idle_per_host(0).timeout(ANSWER);
        let http = http.build().map_err(io::Error::other)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
        let salt = format!("{:X}", now.as_millis());
        let servers = Arc::new(RwLock::new(servers.to_vec()));
        Ok(Self { http, servers, turn: Arc::default(), tokens: Arc::default(), salt })
    }

    /// A text no other client has.
    pub fn salt(&self) -> &str {
        &self.salt
    }

    /// Asks these servers from now on.
    pub fn redirect(&self, servers: &[String]) {
        *self.servers.write().unwrap_or_else(PoisonError::into_inner) = servers.to_vec();
    }

    /// Whom it asks.
    pub fn servers(&self) -> Vec<String> {
        self.servers.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads.
    pub async fn get(&self, account: Account, path: &str) -> Answer {
        self.ask(account, &|http, url| http.request(Method::GET, format!("{url}/v1/{path}"))).await
    }

    /// Does, under a key.
    pub async fn post(&self, account: Account, path: &str, key: &str, body: &Value) -> Answer {
        let request = |http: &Client, url: &str| {
            http.post(format!("{url}/v1/{path}")).header("idempotency-key", key).json(body)
        };
        self.ask(account, &request).await
    }

    async fn ask(
        &self,
        account: Account,
        request: &(dyn Fn(&Client, &str) -> RequestBuilder + Sync),
    ) -> Answer {
        let server = self.server();
        for last in [false, true] {
            let token = match self.token(&server, account).await {
                Ok(token) => token,
                Err(why) => return Answer::Unknown(why),
            };
            let (status, body) = match exchange(request(&self.http, &server).bearer_auth(&token)).await {
                Ok(answered) => answered,
                Err(why) => return Answer::Unknown(why),
            };
            let code = body["code"].as_str().unwrap_or_default().to_owned();
            match status {
                200..=299 => return Answer::Done(body),
                // A server may forget its keys when it restarts.
                401 if !last => {
                    self.tokens.lock().await.remove(&(server.clone(), account));
                }
                400..=499 if !RETRIED.contains(&code.as_str()) && status != 401 => {
                    return Answer::Refused(format!("{status} {code} {}", body["detail"]));
                }
                _ => return Answer::Unknown(format!("{status} {code}")),
            }
        }
        Answer::Unknown("401".to_owned())
    }

    fn server(&self) -> String {
        let servers = self.servers.read().unwrap_or_else(PoisonError::into_inner);
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        servers.get(turn % servers.len().max(1)).cloned().unwrap_or_default()
    }

    /// A token of a server; only one request at a time signs in.
    async fn token(&self, server: &str, account: Account) -> Result<String, String> {
        let mut tokens = self.tokens.lock().await;
        let owner = (server.to_owned(), account);
        if let Some(token) = tokens.get(&owner) {
            return Ok(token.clone());
        }
        let credentials = json!({"email": account.email(), "password": "sarai-demo"});
        let (status, session) =
            exchange(self.http.post(format!("{server}/v1/auth/sessions")).json(&credentials)).await?;
        let token = session["accessToken"].as_str().ok_or_else(|| format!("{status} signing in"))?;
        tokens.insert(owner, token.to_owned());
        Ok(token.to_owned())
    }
}

/// Refusals that say "ask again", not "no".
const RETRIED: &[&str] = &["conflict.retry", "idempotency_in_progress", "rate_limited", "request_timeout"];

/// What the reason begins with when an answer began and did not end.
pub const BROKEN_OFF: &str = "the answer broke off";

/// One exchange: the status and the body.
async fn exchange(request: RequestBuilder) -> Result<(u16, Value), String> {
    let answer = request.send().await.map_err(|error| innermost(&error))?;
    let status = answer.status().as_u16();
    if status == 503 && !answer.headers().contains_key("retry-after") {
        return Err("503 without Retry-After".to_owned());
    }
    // Whoever answers has taken the request: an answer that breaks off is another thing than none.
    let text = answer.text().await.map_err(|error| format!("{BROKEN_OFF}: {}", innermost(&error)))?;
    Ok((status, serde_json::from_str(&text).unwrap_or_default()))
}

/// The cause of causes, which says most.
fn innermost(error: &reqwest::Error) -> String {
    let mut error: &dyn std::error::Error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
