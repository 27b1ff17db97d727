//! Refusals on the wire: RFC 9457 problem documents (platform.md 6).
//!
//! A route returns `Result<_, Problem>`; `?` turns any [`AppError`] into one. The gate adds the request's id
//! and path, and the language it asks for. Text of a 5xx never leaves the process: it is logged, the document says what the
//! code means. Sentences of the code are English: in another language the document says what the code means, and the
//! sentence stands beside it.

use poem::{
    Response,
    error::ResponseError,
    http::{HeaderValue, StatusCode, header},
};
use poem_openapi::{
    ApiResponse,
    registry::{MetaResponses, Registry},
};
use sarai_application::AppError;
use sarai_domain::{
    devportal::values::Locale,
    kernel::{Detail, Invariant, Kind},
};
use serde_json::{Map, Value, json};

use crate::codes;

/// The media type of every refusal.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// One member of the request that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// A JSON pointer into the body, or the name of a parameter or header.
    pub pointer: String,
    /// What is wrong, for a program.
    pub code: &'static str,
    /// What is wrong, for a person.
    pub detail: String,
}

impl FieldError {
    /// Says what is wrong with a member.
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}: {}", .0.code, .0.detail)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone, PartialEq)]
struct Parts {
    code: &'static str,
    status: StatusCode,
    detail: String,
    invariant: Option<Invariant>,
    errors: Vec<FieldError>,
    retry_after: Option<u64>,
    members: Vec<(&'static str, Detail)>,
    locale: Locale,
}

impl Problem {
    /// A refusal by a code of the table, with the table's status.
    ///
    /// The sentence is for a person and is not sent with a 5xx.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        let known = codes::find(code);
        Self::with_status(code, known.map_or(StatusCode::CONFLICT, codes::Code::status), detail.into())
    }

    fn with_status(code: &'static str, status: StatusCode, detail: String) -> Self {
        let waits = status == StatusCode::SERVICE_UNAVAILABLE || codes::RETRY_SOON.contains(&code);
        Self(Box::new(Parts {
            code,
            status,
            detail,
            invariant: None,
            errors: Vec::new(),
            retry_after: waits.then_some(1),
            members: Vec::new(),
            locale: Locale::En,
        }))
    }

    /// `validation_failed`: what is wrong with which members.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.first() {
            Some(first) if errors.len() == 1 => format!("{}: {}", first.pointer, first.detail),
            _ => format!("{} members of the request are not acceptable", errors.len()),
        };
        let mut problem = Self::new("validation_failed", detail);
        problem.0.errors = errors;
        problem
    }

    /// `validation_failed` for one member.
    pub fn field(pointer: &str, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(pointer, "invalid", detail)])
    }

    /// `not_found`.
    pub fn not_found(what: &str) -> Self {
        Self::new("not_found", format!("there is no such {what}"))
    }

    /// The same refusal, saying which member of the request it is about.
    #[must_use]
    pub fn at(mut self, pointer: &str) -> Self {
        let error = FieldError::new(pointer, self.0.code, self.0.detail.clone());
        self.0.errors.push(error);
        self
    }

    /// The same refusal with one more member.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Detail) -> Self {
        self.0.members.push((name, value));
        self
    }

    /// The same refusal, saying after how many seconds to ask again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// The same refusal, told in this language.
    #[must_use]
    pub fn told_in(mut self, locale: Locale) -> Self {
        self.0.locale = locale;
        self
    }

    /// Its code.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// Its HTTP status.
    pub fn status_code(&self) -> StatusCode {
        self.0.status
    }

    /// The document, as the answer to a request for this path under this id.
    pub fn document(&self, instance: &str, request_id: &str) -> Value {
        let words = codes::find(self.0.code).map(|code| code.words(self.0.locale));
        let title = words.map_or(self.0.code, |words| words.title);
        let own = (!self.0.status.is_server_error()).then_some(&*self.0.detail);
        let english = self.0.locale == Locale::En;
        let mut document = Map::new();
        let detail: &str = match (words, own) {
            (None, _) => &self.0.detail,
            (Some(_), Some(own)) if english => own,
            (Some(words), own) => {
                if let Some(own) = own {
                    document.insert("detailEn".to_owned(), json!(own));
                }
                words.explanation
            }
        };
        for (name, value) in &self.0.members {
            document.insert((*name).to_owned(), json_of(value));
        }
        if let Some(invariant) = self.0.invariant {
            document.insert("invariant".to_owned(), json!(invariant.id));
        }
        if !self.0.errors.is_empty() {
            let errors: Vec<_> = self
                .0
                .errors
                .iter()
                .map(|error| json!({"pointer": error.pointer, "code": error.code, "detail": error.detail}))
                .collect();
            document.insert("errors".to_owned(), Value::Array(errors));
        }
        if let Some(seconds) = self.0.retry_after {
            document.insert("retryAfterSeconds".to_owned(), json!(seconds));
        }
        document.insert("type".to_owned(), json!(format!("/problems/{}", self.0.code)));
        document.insert("title".to_owned(), json!(title));
        document.insert("status".to_owned(), json!(self.0.status.as_u16()));
        document.insert("detail".to_owned(), json!(detail));
        document.insert("instance".to_owned(), json!(instance));
        document.insert("code".to_owned(), json!(self.0.code));
        document.insert("requestId".to_owned(), json!(request_id));
        Value::Object(document)
    }

    /// The answer. The refusal itself travels along, so that whoever knows the request can write it again.
    pub fn to_response(&self, instance: &str, request_id: &str) -> Response {
        let mut response = Response::builder()
            .status(self.0.status)
            .content_type(MEDIA_TYPE)
            .header(header::CONTENT_LANGUAGE, self.0.locale.as_str())
            .header(header::VARY, "Accept-Language")
            .extension(self.clone())
            .body(self.document(instance, request_id).to_string());
        if let Some(seconds) = self.0.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.0.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

/// The HTTP status of a refusal's class: the only place that knows.
fn status_of(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Precondition => StatusCode::PRECONDITION_FAILED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::Gone => StatusCode::GONE,
        Kind::Limited => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unaffordable => StatusCode::PAYMENT_REQUIRED,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn json_of(detail: &Detail) -> Value {
    match detail {
        Detail::Number(number) => json!(number),
        Detail::Text(text) => json!(text),
        Detail::Null => Value::Null,
        Detail::List(items) => Value::Array(items.iter().map(json_of).collect()),
        Detail::Object(members) => {
            members.iter().map(|(name, value)| ((*name).to_owned(), json_of(value))).collect()
        }
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        if error.kind == Kind::Unavailable {
            tracing::warn!(code = error.code, reason = %error.message, "out of reach");
        }
        let mut problem = Self::with_status(error.code, status_of(error.kind), error.message);
        problem.0.invariant = error.invariant;
        problem.0.members = error.details;
        problem
    }
}

impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        self.0.status
    }

    fn as_response(&self) -> Response {
        self.to_response("", "")
    }
}

/// The document of the API gets its refusals from the table of operations, not from the routes.
impl ApiResponse for Problem {
    fn meta() -> MetaResponses {
        MetaResponses { responses: Vec::new() }
    }

    fn register(_registry: &mut Registry) {}
}

#[cfg(test)]
mod tests {
    use sarai_domain::marketplace::invariants::S_INV_1;

    use super::*;

    fn refused(kind: Kind) -> AppError {
        AppError::new(kind, "order.not_payable", "secret text").with("state", Detail::Text("paid".to_owned()))
    }

    #[test]
    fn every_kind_has_its_status() {
        let statuses = [
            (Kind::Invalid, 422),
            (Kind::NotFound, 404),
            (Kind::Conflict, 409),
            (Kind::Precondition, 412),
            (Kind::Forbidden, 403),
            (Kind::Gone, 410),
            (Kind::Limited, 429),
            (Kind::Unaffordable, 402),
            (Kind::Unavailable, 503),
        ];
        for (kind, status) in statuses {
            assert_eq!(Problem::from(refused(kind)).status_code().as_u16(), status);
        }
    }

    #[test]
    fn a_document_has_the_members_of_the_standard_and_of_the_refusal() {
        let mut error = refused(Kind::Conflict);
        error.invariant = Some(S_INV_1);
        let document = Problem::from(error).document("/v1/orders/1", "req-1");
        assert_eq!(document["type"], "/problems/order.not_payable");
        assert_eq!(document["status"], 409);
        assert_eq!(document["detail"], "secret text");
        assert_eq!(document["state"], "paid");
        assert_eq!(document["invariant"], S_INV_1.id);
        assert_eq!(document["requestId"], "req-1");
        assert_eq!(document["instance"], "/v1/orders/1");
        assert!(document.get("retryAfterSeconds").is_none());
    }

    #[test]
    fn a_server_error_keeps_its_text_to_itself_and_says_when_to_ask_again() {
        let problem = Problem::from(AppError::new(Kind::Unavailable, "unavailable", "secret text"));
        let response = problem.to_response("/v1", "req-1");
        assert_eq!(response.header("retry-after"), Some("1"));
        assert!(!problem.document("/v1", "req-1").to_string().contains("secret text"));
    }

    #[test]
    fn title_and_detail_are_in_the_language_asked_for_and_the_code_never() {
        let english = Problem::not_found("order");
        for (locale, title) in [(Locale::Fa, "یافت نشد"), (Locale::Ps, "ونه موندل شو")] {
            let problem = english.clone().told_in(locale);
            let document = problem.document("/v1/orders/1", "req-1");
            assert_eq!(document["title"], title);
            assert_eq!(document["detail"], codes::find("not_found").unwrap().words(locale).explanation);
            assert_eq!(document["detailEn"], "there is no such order", "it names what is not there");
            assert_eq!(
                (&document["code"], &document["type"]),
                (&json!("not_found"), &json!("/problems/not_found"))
            );
            let response = problem.to_response("", "");
            assert_eq!(response.header("content-language"), Some(locale.as_str()));
            assert_eq!(response.header("vary"), Some("Accept-Language"));
        }
        let document = english.document("", "");
        assert_eq!(
            (&document["title"], &document["detail"]),
            (&json!("Not found"), &json!("there is no such order"))
        );
        assert!(document.get("detailEn").is_none());
        let secret = AppError::new(Kind::Unavailable, "unavailable", "secret text");
        let document = Problem::from(secret).told_in(Locale::Ps).document("", "");
        assert!(document.get("detailEn").is_none(), "{document}");
        assert!(!document.to_string().contains("secret text"));
    }

    #[test]
    fn a_member_cannot_replace_one_of_the_standard() {
        let problem = Problem::not_found("order").with("status", Detail::Number(200));
        assert_eq!(problem.document("", "")["status"], 404);
    }
}
