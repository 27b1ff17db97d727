//! What a page answers with, and the headers that every answer has.

use maud::Markup;
use poem::{
    Response,
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use sarai_ports::customer_portal::PlatformError;

use crate::encoding::Encoding;

/// A page's answer.
pub(crate) enum Reply {
    /// A page.
    Page(StatusCode, Markup),
    /// A page that says to come back later, and after how many seconds where that is known.
    Later(Option<u64>, Markup),
    /// A page with a secret: it is not compressed, so that its length says nothing.
    Secret(Markup),
    /// Somewhere else.
    To(String),
    /// A file to keep.
    File {
        /// Its type.
        kind: &'static str,
        /// Its name.
        name: String,
        /// What it holds.
        body: Vec<u8>,
    },
    /// A word.
    Text(String),
    /// Nothing.
    Empty,
}

impl Reply {
    /// A page as it should be.
    pub(crate) fn ok(page: Markup) -> Self {
        Self::Page(StatusCode::OK, page)
    }

    /// A form with what is wrong in it.
    pub(crate) fn invalid(page: Markup) -> Self {
        Self::Page(StatusCode::UNPROCESSABLE_ENTITY, page)
    }
}

/// Why there is no page; each has an error page of its own.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// There is nothing here, or it is somebody else's, which reads the same.
    NotFound,
    /// They may not.
    Forbidden,
    /// The form did not come from our page, or lay open too long.
    Form,
    /// The form is larger than any of ours gets.
    TooLarge,
    /// The API did not do it.
    Api(PlatformError),
}

impl From<PlatformError> for Trouble {
    fn from(error: PlatformError) -> Self {
        match error.status() {
            Some(404 | 410) => Self::NotFound,
            _ => Self::Api(error),
        }
    }
}

/// What a page comes to.
pub(crate) type Outcome = Result<Reply, Trouble>;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'; report-to csp";

/// The headers of every page.
pub(crate) const HEADERS: [(&str, &str); 11] = [
    ("content-security-policy", POLICY),
    ("reporting-endpoints", "csp=\"/csp-report\""),
    ("cache-control", "no-store"),
    ("vary", "Cookie, Accept-Language, Accept-Encoding"),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)",
    ),
    ("x-robots-tag", "noindex"),
    ("x-frame-options", "DENY"),
];

/// How an answer is sent.
pub(crate) struct Sending<'a> {
    /// The cookies to keep.
    pub(crate) cookies: &'a [String],
    /// The request's id.
    pub(crate) request_id: &'a str,
    /// What the browser takes.
    pub(crate) encoding: Encoding,
    /// Whether the portal is reached over TLS.
    pub(crate) tls: bool,
}

impl Reply {
    /// As it is sent.
    pub(crate) fn send(self, sending: &Sending<'_>) -> Response {
        let html = "text/html; charset=utf-8";
        let (mut place, mut file, mut wait) = (None, None, None);
        let (status, kind, body, compress) = match self {
            Self::Page(status, page) => (status, html, page.into_string().into_bytes(), true),
            Self::Later(seconds, page) => {
                wait = seconds.map(|seconds| seconds.to_string());
                (StatusCode::TOO_MANY_REQUESTS, html, page.into_string().into_bytes(), true)
            }
            Self::Secret(page) => (StatusCode::OK, html, page.into_string().into_bytes(), false),
            Self::To(to) => {
                place = Some(to);
                (StatusCode::SEE_OTHER, "", Vec::new(), false)
            }
            Self::File { kind, name, body } => {
                file = Some(format!("attachment; filename=\"{name}\""));
                (StatusCode::OK, kind, body, false)
            }
            Self::Text(text) => (StatusCode::OK, "text/plain; charset=utf-8", text.into_bytes(), false),
            Self::Empty => (StatusCode::NO_CONTENT, "", Vec::new(), false),
        };
        let mut response = Response::builder().status(status).finish();
        let headers = response.headers_mut();
        for (name, value) in HEADERS {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.append(name, value);
            }
        };
        if sending.tls {
            set(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
        }
        set(HeaderName::from_static("x-request-id"), sending.request_id);
        for cookie in sending.cookies {
            set(header::SET_COOKIE, cookie);
        }
        if !kind.is_empty() {
            set(header::CONTENT_TYPE, kind);
        }
        let named =
            [(header::LOCATION, place), (header::CONTENT_DISPOSITION, file), (header::RETRY_AFTER, wait)];
        for (name, value) in named.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            set(name, &value);
        }
        let encoding = if compress { sending.encoding } else { Encoding::Plain };
        let small = encoding.page(&body);
        match encoding.name().filter(|_| !small.is_empty()) {
            Some(name) => {
                set(header::CONTENT_ENCODING, name);
                response.set_body(small);
            }
            None => response.set_body(body),
        }
        response
    }
}
