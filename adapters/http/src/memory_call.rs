//! The API called from inside its own process: a request without a socket, through the same gate.

use std::net::IpAddr;

use poem::{
    Endpoint, Request,
    http::{Method, header},
};

use crate::api::Api;

/// For whom somebody in this process calls: no request from outside can carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OnBehalfOf(pub(crate) IpAddr);

/// What was answered.
pub struct Answered {
    /// The status.
    pub status: u16,
    /// `Retry-After`.
    pub retry_after: Option<u64>,
    /// `Location`.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Calls the API; nothing when there is no answer that can be read.
pub async fn call(
    api: &Api,
    method: &str,
    target: &str,
    headers: &[(&'static str, String)],
    body: Vec<u8>,
    client: Option<IpAddr>,
) -> Option<Answered> {
    let uri = target.parse().ok()?;
    let mut request = Request::builder().method(method.parse::<Method>().ok()?).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    if !body.is_empty() {
        request = request.header(header::CONTENT_LENGTH, body.len());
    }
    let mut request = request.body(body);
    if let Some(address) = client {
        request.extensions_mut().insert(OnBehalfOf(address));
    }
    let response = api.call(request).await.ok()?;
    let retry_after = response.header(header::RETRY_AFTER).and_then(|value| value.parse().ok());
    let location = response.header(header::LOCATION).map(str::to_owned);
    let status = response.status().as_u16();
    let body = response.into_body().into_bytes().await.ok()?.to_vec();
    Some(Answered { status, retry_after, location, body })
}
