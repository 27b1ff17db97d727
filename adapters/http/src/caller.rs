//! What a handler is told about its request.

use std::{net::IpAddr, sync::Arc};

use poem::{FromRequest, Request, RequestBody, Result};
use sarai_application::Call;
use serde_json::Value;

use crate::problem::Problem;

/// The signed-in caller of an operation: an extractor of handlers.
///
/// The gate puts the call into the request for every operation that wants somebody signed in; a public or
/// signed operation has none.
#[derive(Debug, Clone)]
pub struct Caller(pub Call);

impl Caller {
    /// The call, with the reason the operation demands.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Call {
        self.0.reason = Some(reason.into());
        self.0
    }

    /// The tenant the caller acts for, as lists are bound to it.
    pub fn tenant(&self) -> &str {
        self.0.principal.tenant_id.as_str()
    }
}

impl<'a> FromRequest<'a> for Caller {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        match request.extensions().get::<Call>() {
            Some(call) => Ok(Self(call.clone())),
            None => Err(Problem::new("invalid_token", "nobody is signed in").into()),
        }
    }
}

/// Where a request comes from, as far as our own proxies say: put into it by the gate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CameFrom(pub(crate) Option<IpAddr>);

/// The body of a request, byte for byte: an extractor of handlers that check a signature themselves.
#[derive(Debug, Clone)]
pub struct AsSent(pub Arc<[u8]>);

impl<'a> FromRequest<'a> for AsSent {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        let sent = request.extensions().get::<Self>().cloned();
        sent.ok_or_else(|| Problem::new("unavailable", "no gate").into())
    }
}

/// The keys that verify access tokens: an extractor of handlers behind the gate.
#[derive(Debug, Clone)]
pub struct PublishedKeys(pub Arc<Value>);

impl<'a> FromRequest<'a> for PublishedKeys {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        let keys = request.extensions().get::<Self>().cloned();
        keys.ok_or_else(|| Problem::new("unavailable", "no gate").into())
    }
}

/// The version named by an `If-Match: "v<n>"` header (marketplace.md 12).
///
/// # Errors
/// `precondition_required` without the header; `precondition_failed` when it names no version of ours.
pub fn if_match(header: Option<&str>) -> Result<u64, Problem> {
    let tag = header.ok_or_else(|| Problem::new("precondition_required", "send If-Match: \"v<n>\""))?;
    tag.strip_prefix("\"v")
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| Problem::new("precondition_failed", "If-Match is one entity tag: \"v<n>\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_names_one_version() {
        assert_eq!(if_match(Some("\"v7\"")), Ok(7));
        assert_eq!(if_match(None).unwrap_err().code(), "precondition_required");
        for other in ["*", "W/\"v7\"", "v7", "\"7\"", "\"v7\", \"v8\"", "\"v\"", "\"v+7\"", ""] {
            assert_eq!(if_match(Some(other)).unwrap_err().code(), "precondition_failed", "{other}");
        }
    }
}
