//! A client of a running server: what the subcommands that look into one ask with.
//!
//! It speaks plain HTTP: to a server behind TLS it goes through whatever ends the TLS on this machine.

use std::{fmt, time::Duration};

use reqwest::{Method, RequestBuilder, Url};
use sarai_ports::system::IdGenerator as _;
use sarai_system::UlidGenerator;
use serde_json::{Value, json};

/// How long an answer may take; an audit of everything stored takes its time.
const PATIENCE: Duration = Duration::from_mins(10);

/// Somebody signed in at a server.
#[derive(Clone)]
pub struct Client {
    base: Url,
    token: String,
    http: reqwest::Client,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The server refused.
    #[error("{0}")]
    Refused(Refusal),
    /// There is no server of ours at this address, or it did not answer.
    #[error("no answer from {url}: {reason}")]
    Unreachable {
        /// Where.
        url: String,
        /// Why.
        reason: String,
    },
}

/// A problem the server answered (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// A few words.
    pub title: String,
    /// A sentence.
    pub detail: String,
    /// The stable code.
    pub code: String,
    /// Which members of the request are wrong, and how.
    pub errors: Vec<(String, String)>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.title, self.detail, self.code)?;
        self.errors.iter().try_for_each(|(pointer, detail)| write!(f, "\n  {pointer}: {detail}"))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

impl Client {
    /// Signs in with an account.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn sign_in(url: &str, email: &str, password: &str) -> Result<Self, ClientError> {
        let nobody = Self::with_token(url, "")?;
        let session =
            nobody.post("/v1/auth/sessions", &json!({"email": email, "password": password})).await?;
        match session.get("accessToken").and_then(Value::as_str) {
            Some(token) => Ok(Self { token: token.to_owned(), ..nobody }),
            None => Err(nobody.unreachable("it is not a Sarai server")),
        }
    }

    /// Asks with an access token.
    ///
    /// # Errors
    /// [`ClientError::Unreachable`] when the address is none.
    pub fn with_token(url: &str, token: &str) -> Result<Self, ClientError> {
        let wrong = |reason: String| ClientError::Unreachable { url: url.to_owned(), reason };
        let base: Url = url.parse().map_err(|error| wrong(format!("{error}")))?;
        if base.scheme() != "http" {
            return Err(wrong("the address begins with http://".to_owned()));
        }
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build();
        Ok(Self { base, token: token.to_owned(), http: http.map_err(|error| wrong(error.to_string()))? })
    }

    /// Reads.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.send(self.request(Method::GET, path)?).await
    }

    /// Does, under an idempotency key of its own.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        let key = UlidGenerator::default().ulid().to_string();
        self.send(self.request(Method::POST, path)?.header("idempotency-key", key).json(body)).await
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, ClientError> {
        let url = self.base.join(path).map_err(|error| self.unreachable(&error.to_string()))?;
        let request = self.http.request(method, url);
        Ok(if self.token.is_empty() { request } else { request.bearer_auth(&self.token) })
    }

    async fn send(&self, request: RequestBuilder) -> Result<Value, ClientError> {
        let answer = request.send().await.map_err(|error| self.unreachable(&innermost(&error)))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| self.unreachable(&innermost(&error)))?;
        let json: Option<Value> = serde_json::from_str(&text).ok();
        match json {
            Some(json) if status.is_success() => Ok(json),
            Some(json) if json.get("code").is_some() => Err(ClientError::Refused(refusal(&json))),
            _ => Err(self.unreachable(&format!("it is not a Sarai server: it answers {status}"))),
        }
    }

    fn unreachable(&self, reason: &str) -> ClientError {
        ClientError::Unreachable { url: self.base.to_string(), reason: reason.to_owned() }
    }
}

/// The cause of causes, which says most.
fn innermost(error: &reqwest::Error) -> String {
    let mut error: &dyn std::error::Error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

fn refusal(problem: &Value) -> Refusal {
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let errors = problem["errors"].as_array().into_iter().flatten();
    Refusal {
        status: problem["status"].as_u64().and_then(|status| status.try_into().ok()).unwrap_or_default(),
        title: text(problem, "title"),
        detail: text(problem, "detail"),
        code: text(problem, "code"),
        errors: errors.map(|error| (text(error, "pointer"), text(error, "detail"))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_why_and_which_code() {
        let problem = json!({
            "title": "Validation failed", "detail": "/reason: is missing", "code": "validation_failed",
            "status": 422, "errors": [{"pointer": "/reason", "code": "required", "detail": "is missing"}],
        });
        let told = refusal(&problem);
        assert_eq!(told.status, 422);
        let wanted = "Validation failed: /reason: is missing (validation_failed)\n  /reason: is missing";
        assert_eq!(told.to_string(), wanted);
    }

    #[test]
    fn an_address_is_one_of_plain_http() {
        for wrong in ["", "127.0.0.1:8080", "https://sarai.example", "ftp://sarai.example"] {
            let error = Client::with_token(wrong, "t").map(drop);
            assert!(matches!(error, Err(ClientError::Unreachable { .. })), "{wrong}");
        }
        let client = Client::with_token("http://127.0.0.1:8080", "secret").unwrap();
        assert!(!format!("{client:?}").contains("secret"));
    }

    #[tokio::test]
    async fn a_closed_port_is_unreachable() {
        let client = Client::with_token("http://127.0.0.1:1", "t").unwrap();
        let error = client.get("/v1/me").await.unwrap_err();
        assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
    }
}
