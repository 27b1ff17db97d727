//! One call over HTTP, and what its answer means: done, refused for good, or not known.

use std::{path::Path, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{
    Method, Request, StatusCode,
    body::Bytes,
    header::{CONTENT_TYPE, HOST},
};
use sarai_ports::GatewayError;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use url::{Position, Url};
use zeroize::Zeroizing;

use crate::connections::{Connections, Lost};

/// How long a call may take; less than a delivery is claimed for.
const CALL: Duration = Duration::from_secs(8);
/// The most bytes of an answer.
const MAX_ANSWER: usize = 1 << 20;
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
    connections: Arc<Connections>,
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
    pub(crate) fn new(address: &str, authorities: Option<&Path>) -> Result<Self, AddressError> {
        let wrong = |reason: String| AddressError { address: address.to_owned(), reason };
        let base: Url = address.parse().map_err(|error| wrong(format!("{error}")))?;
        Ok(Self { base, connections: Arc::new(Connections::to(address, authorities)?) })
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
        let unsent = |reason: String| Failure::Unavailable(format!("there is no such request: {reason}"));
        let mut request = Request::builder()
            .method(method)
            .uri(&url[Position::BeforePath..])
            .header(HOST, self.connections.authority.as_str());
        let mut bytes = Bytes::new();
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json");
            bytes = serde_json::to_vec(body).map_err(|error| unsent(error.to_string()))?.into();
        }
        let request = request.body(Full::new(bytes)).map_err(|error| unsent(error.to_string()))?;
        // Every call does the same when done twice: what changes something has its key.
        let exchange = self.connections.exchange(request, true, MAX_ANSWER);
        let late = Lost::Broken("no answer in time".to_owned());
        let answer = tokio::time::timeout(CALL, exchange).await.unwrap_or(Err(late));
        let (head, text) = answer.map_err(|lost| match lost {
            Lost::Late => Failure::Unavailable("no connection in time".to_owned()),
            Lost::Broken(reason) => Failure::Unavailable(reason),
        })?;
        let status = head.status;
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
