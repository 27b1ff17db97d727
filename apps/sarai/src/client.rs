//! A client of a running server, for the commands that ask one.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// How long an answer may take; an audit of everything stored takes its time.
const PATIENCE: Duration = Duration::from_mins(10);

/// Somebody signed in at a server.
#[derive(Clone)]
pub struct Client {
    base: String,
    token: String,
    http: reqwest::Client,
}

/// Why a server did not answer as asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// It cannot be reached, or breaks off.
    #[error("{0} cannot be asked: {1}")]
    Unreachable(String, #[source] reqwest::Error),
    /// It refuses.
    #[error("{title} ({code}, {status}){}", detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default())]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The problem's stable code.
        code: String,
        /// The problem's title.
        title: String,
        /// What it says of this request.
        detail: Option<String>,
    },
    /// It answers something that is not Sarai's.
    #[error("{0} does not answer like a Sarai server")]
    Foreign(String),
}

impl Client {
    /// Signs in.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn sign_in(url: &str, email: &str, password: &str) -> Result<Self, ClientError> {
        let nobody = Self::with_token(url, "");
        let body = json!({ "email": email, "password": password });
        let session = nobody.post("/v1/auth/sessions", &body).await?;
        let token = session["accessToken"].as_str().ok_or_else(|| ClientError::Foreign(url.to_owned()))?;
        Ok(Self { token: token.to_owned(), ..nobody })
    }

    /// Somebody who has a token.
    pub fn with_token(url: &str, token: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap_or_default();
        Self { base: url.trim_end_matches('/').to_owned(), token: token.to_owned(), http }
    }

    /// Reads; the path begins with `/v1`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.send(Method::GET, path, None).await
    }

    /// Asks for a change.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        self.send(Method::POST, path, Some(body)).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, ClientError> {
        let unreachable =
            |error: reqwest::Error| ClientError::Unreachable(self.base.clone(), error.without_url());
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(unreachable)?;
        let status = answer.status();
        let text = answer.text().await.map_err(unreachable)?;
        let foreign = || ClientError::Foreign(self.base.clone());
        let json: Value = match text.as_str() {
            "" if status == StatusCode::NO_CONTENT => Value::Null,
            text => serde_json::from_str(text).map_err(|_| foreign())?,
        };
        if status.is_success() {
            return Ok(json);
        }
        let word = |name: &str| json[name].as_str().map(str::to_owned);
        let code = word("code").ok_or_else(foreign)?;
        let title = word("title").unwrap_or_else(|| code.clone());
        Err(ClientError::Refused { status: status.as_u16(), code, title, detail: word("detail") })
    }
}
