//! What every answer has: the request's id, safe headers, a line in the log, a count.

use std::sync::Arc;

use poem::{
    Request, Response,
    http::{HeaderName, HeaderValue, Method, header},
};
use sarai_domain::devportal::values::Locale;
use sarai_ports::system::IdGenerator;
use tokio::time::Instant;

use crate::{
    language::Preferred,
    operations::{OPERATIONS, Operation},
    problem::Problem,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Set on every answer that does not say otherwise.
const DEFAULTS: &[(HeaderName, &str)] = &[
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// A request as the log sees it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) request_id: String,
    pub(crate) operation: &'static str,
    method: Method,
    path: Arc<str>,
    /// In which language it is refused.
    locale: Locale,
    started: Instant,
}

impl Seen {
    /// Notes a request under the id it brought, when that is a decent one, or a new one.
    pub(crate) fn new(request: &Request, ids: &dyn IdGenerator) -> Self {
        let brought = request.header(REQUEST_ID).filter(|id| is_decent(id));
        Self {
            request_id: brought.map_or_else(|| ids.ulid().to_string(), str::to_owned),
            operation: "none",
            method: request.method().clone(),
            path: request.uri().path().into(),
            locale: Preferred::of_request(request).0.unwrap_or_default(),
            started: Instant::now(),
        }
    }

    /// The span everything about the request is logged in.
    pub(crate) fn span(&self) -> tracing::Span {
        tracing::info_span!("request", id = %self.request_id, method = %self.method, path = %logged(&self.path))
    }

    /// A refusal as the answer to this request.
    pub(crate) fn refuse(&self, problem: &Problem) -> Response {
        problem.clone().told_in(self.locale).to_response(&self.path, &self.request_id)
    }

    /// The answer as it leaves: headers, metrics, log.
    pub(crate) fn seal(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        if headers.get(header::CONTENT_TYPE).is_some_and(|media| media == "application/json; charset=utf-8") {
            // JSON has no charset (RFC 8259), and the document says none.
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Ok(id) = HeaderValue::from_str(&self.request_id) {
            headers.insert(REQUEST_ID, id);
        }
        for (name, value) in DEFAULTS {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        let (status, elapsed) = (response.status().as_u16(), self.started.elapsed());
        metrics::counter!("http_requests_total", "operation" => self.operation, "status" => status.to_string())
            .increment(1);
        metrics::histogram!("http_request_duration_seconds", "operation" => self.operation).record(elapsed);
        let code = response.data::<Problem>().map_or("", Problem::code);
        tracing::info!(operation = self.operation, status, code, micros = elapsed.as_micros(), "answered");
        response
    }
}

/// A path as it stands in the log: whoever reads there may not follow a link, so of one its template does.
fn logged(path: &str) -> &str {
    let link =
        |row: &&Operation| row.path.strip_suffix("{link}").is_some_and(|before| path.starts_with(before));
    OPERATIONS.iter().find(link).map_or(path, |row| row.path)
}

/// An id that can stand in a log line and a header.
fn is_decent(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-:".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::CountingIds;

    fn seen(id: &str) -> Seen {
        Seen::new(&Request::builder().header(REQUEST_ID, id).finish(), &CountingIds::default())
    }

    #[test]
    fn a_decent_request_id_is_kept_and_another_one_replaced() {
        assert_eq!(seen("req-1").request_id, "req-1");
        for bad in ["", "a b", "a\"b", "é", &"x".repeat(129)] {
            assert_ne!(seen(bad).request_id, bad);
        }
    }

    #[test]
    fn a_link_does_not_stand_in_the_log() {
        for path in ["/v1/invoice-pdfs/AQ-_9", "/v1/invoice-pdfs/AQ-_9/", "/v1/invoice-pdfs/AQ/_9"] {
            assert_eq!(logged(path), "/v1/invoice-pdfs/{link}");
        }
        assert_eq!(logged("/v1/invoices/inv_1"), "/v1/invoices/inv_1");
    }

    #[test]
    fn every_answer_is_safe_and_says_which_request_it_answers() {
        let response = seen("req-1").seal(Response::builder().header("cache-control", "public").finish());
        assert_eq!(response.header("x-request-id"), Some("req-1"));
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(response.header("cache-control"), Some("public"), "the handler knows better");
    }
}
