//! One call over HTTP, and what its answer means: done, refused for good, or not known.

use std::time::Duration;

use reqwest::{Method, StatusCode, Url, redirect::Policy};
use sarai_ports::GatewayError;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(2);
/// How long a call may take; less than a delivery is claimed for.
const CALL: Duration = Duration::from_secs(8);
/// The most bytes of an answer.
const MAX_ANSWER: usize = 1 << 20;
/// More bytes than most answers have.
const USUAL_ANSWER: usize = 4 << 10;
/// Answers that may pass by themselves though they blame the caller.
const PASSING: [StatusCode; 3] =
    [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];

/// An address that is none of a service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{address}` is no address of a service: {reason}")]
pub struct AddressError {
    /// What was given.
    pub address: String,
    /// What is wrong.
    pub reason: String,
}

/// Calls one service.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    base: Url,
    http: reqwest::Client,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// There is nothing of this name.
    NotFound,
    /// The service's code.
    Refused(String),
    /// It may pass.
    Unavailable(String),
}

/// What a service says when it refuses.
#[derive(Debug, Serialize, Deserialize)]
struct Refusal {
    code: String,
}

impl From<Failure> for GatewayError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotFound => Self::Refused { code: "not_found".to_owned() },
            Failure::Refused(code) => Self::Refused { code },
            Failure::Unavailable(reason) => Self::Unavailable(reason),
        }
    }
}

impl Client {
    pub(crate) fn new(address: &str) -> Result<Self, AddressError> {
        let wrong = |reason: String| AddressError { address: address.to_owned(), reason };
        let base: Url = address.parse().map_err(|error| wrong(format!("{error}")))?;
        if base.scheme() != "http" {
            return Err(wrong("it begins with http://; TLS is ended beside this process".to_owned()));
        }
        let builder = reqwest::Client::builder().connect_timeout(CONNECT).timeout(CALL);
        let http = builder.redirect(Policy::none()).no_proxy().build();
        Ok(Self { base, http: http.map_err(|error| wrong(error.to_string()))? })
    }

    /// Asks for what is at a path.
    pub(crate) async fn get<A: DeserializeOwned>(&self, path: &[&str]) -> Result<A, Failure> {
        self.call(Method::GET, path, None::<&()>).await
    }

    /// Sends a body to a path.
    pub(crate) async fn send<A: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<A, Failure> {
        self.call(method, path, Some(body)).await
    }

    /// Asks for a document at a path.
    pub(crate) async fn get_bytes(&self, path: &[&str]) -> Result<Vec<u8>, Failure> {
        Ok(std::mem::take(&mut *self.answer(Method::GET, path, None::<&()>).await?))
    }

    async fn call<A: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&impl Serialize>,
    ) -> Result<A, Failure> {
        let unread = |error| Failure::Unavailable(format!("the answer is not understood: {error}"));
        serde_json::from_slice(&self.answer(method, path, body).await?).map_err(unread)
    }

    /// What a 2xx says.
    async fn answer(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&impl Serialize>,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        let mut request = self.http.request(method, url);
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut response = request.send().await.map_err(|error| unavailable(&error))?;
        let status = response.status();
        // It may hold a secret.
        let mut text = Zeroizing::new(Vec::with_capacity(USUAL_ANSWER));
        while let Some(chunk) = response.chunk().await.map_err(|error| unavailable(&error))? {
            text.extend_from_slice(&chunk);
            if text.len() > MAX_ANSWER {
                return Err(Failure::Unavailable("the answer is too long".to_owned()));
            }
        }
        if status.is_success() {
            return Ok(text);
        }
        let refusal: Option<Refusal> = serde_json::from_slice(&text).ok();
        match refusal {
            Some(Refusal { code }) if status.is_client_error() && !PASSING.contains(&status) => {
                let missing = status == StatusCode::NOT_FOUND && code == "not_found";
                Err(if missing { Failure::NotFound } else { Failure::Refused(code) })
            }
            _ => Err(Failure::Unavailable(format!("the service answered {status}"))),
        }
    }
}

/// What went wrong on the way, with its causes; the address stands in the configuration.
fn unavailable(error: &reqwest::Error) -> Failure {
    let mut text = String::new();
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&error.to_string());
        cause = error.source();
    }
    Failure::Unavailable(text)
}
