//! The Rust client of Sarai.
//!
//! [`types`] and the methods of [`Client`] in [`operations`] are written from the document of the API by `sarai-sdkgen`;
//! this file is what they stand on.
//!
//! ```no_run
//! # async fn example() -> Result<(), sarai_sdk::Error> {
//! let client = sarai_sdk::Client::new("http://127.0.0.1:8080").with_token("srk_sbx_…");
//! println!("{}", client.me_get().await?.user_id);
//! # Ok(())
//! # }
//! ```

#[rustfmt::skip]
#[allow(clippy::too_many_arguments, clippy::doc_markdown, clippy::too_long_first_doc_paragraph, clippy::doc_lazy_continuation, reason = "generated")]
pub mod operations;
#[rustfmt::skip]
#[allow(clippy::struct_excessive_bools, clippy::doc_markdown, clippy::too_long_first_doc_paragraph, clippy::doc_lazy_continuation, clippy::enum_variant_names, reason = "generated")]
pub mod types;

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

pub use reqwest::Response;

/// Asks a server.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It was refused; the problem's `code` says why.
    #[error("{}: {}", .0.code, .0.detail)]
    Problem(Box<Refusal>),
    /// No answer came, or none that can be read.
    #[error(transparent)]
    Transport(#[from] reqwest::Error),
    /// The request cannot be written as JSON.
    #[error("the request cannot be written: {0}")]
    Request(#[from] serde_json::Error),
}

/// A refusal (RFC 9457).
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The code to decide by.
    pub code: String,
    /// A sentence for a person.
    #[serde(default)]
    pub detail: String,
    /// What to quote when asking for help.
    #[serde(default, rename = "requestId")]
    pub request_id: String,
    /// Whatever else the code brings.
    #[serde(flatten)]
    pub more: serde_json::Map<String, serde_json::Value>,
    /// How long to wait before asking again, when it says so.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

impl Error {
    /// The code of a refusal.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Problem(refusal) => Some(&refusal.code),
            Self::Transport(_) | Self::Request(_) => None,
        }
    }
}

/// A request on its way.
#[derive(Debug)]
pub struct Request {
    method: &'static str,
    path: String,
    query: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, String)>,
    body: Body,
}

#[derive(Debug)]
enum Body {
    None,
    Json(Result<Vec<u8>, serde_json::Error>),
    Bytes(Vec<u8>),
}

impl Request {
    fn new(method: &'static str, path: String) -> Self {
        Self { method, path, query: Vec::new(), headers: Vec::new(), body: Body::None }
    }

    fn query(mut self, pairs: Vec<(&'static str, String)>) -> Self {
        self.query.extend(pairs);
        self
    }

    fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn json(mut self, body: &impl Serialize) -> Self {
        self.body = Body::Json(serde_json::to_vec(body));
        self
    }

    fn bytes(mut self, body: Vec<u8>) -> Self {
        self.body = Body::Bytes(body);
        self
    }
}

/// A word of the document as it stands in a query.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// A part of a query or of a path, with everything escaped but letters, digits and `-._~`.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend(
                [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)])),
            );
        }
        out
    })
}

impl Client {
    /// Of the server at this address, such as `http://127.0.0.1:8080`.
    pub fn new(base: &str) -> Self {
        let base = base.trim_end_matches('/').to_owned();
        Self { http: reqwest::Client::new(), base, token: None }
    }

    /// The same on behalf of whoever has this access token or API key.
    #[must_use]
    pub fn with_token(self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self }
    }

    async fn call<T: DeserializeOwned>(&self, request: Request) -> Result<T, Error> {
        Ok(self.raw(request).await?.json().await?)
    }

    async fn raw(&self, request: Request) -> Result<Response, Error> {
        let Request { method, path, query, headers, body } = request;
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap_or(reqwest::Method::GET);
        let pairs: Vec<String> =
            query.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let mark = if pairs.is_empty() { "" } else { "?" };
        let url = format!("{}{path}{mark}{}", self.base, pairs.join("&"));
        let mut sent = self.http.request(method, url);
        if let Some(token) = &self.token {
            sent = sent.bearer_auth(token);
        }
        for (name, value) in headers {
            sent = sent.header(name, value);
        }
        sent = match body {
            Body::None => sent,
            Body::Json(json) => sent.header("content-type", "application/json").body(json?),
            Body::Bytes(bytes) => sent.header("content-type", "application/octet-stream").body(bytes),
        };
        let answer = sent.send().await?;
        if answer.status().is_success() || answer.status().is_redirection() {
            return Ok(answer);
        }
        let wait = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        let mut refusal: Refusal = answer.json().await?;
        refusal.retry_after = wait.map(Duration::from_secs);
        Err(Error::Problem(Box::new(refusal)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_escaped() {
        assert_eq!(escaped("a b&c=ک"), "a%20b%26c%3D%DA%A9");
        assert_eq!(escaped("2026-04-20T09:30:00.5Z~"), "2026-04-20T09%3A30%3A00.5Z~");
    }
}
