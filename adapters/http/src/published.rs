//! `/asyncapi.json` and `/schemas/{type}.json`: what events say, for everybody and for caches.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use poem::{
    Request, Response,
    http::{StatusCode, header},
};
use sarai_application::published::{asyncapi, schema};
use sha2::{Digest, Sha256};

/// An hour: documents change with the program.
const CACHED: &str = "public, max-age=3600";

/// Rendered once.
static DOCUMENT: LazyLock<String> = LazyLock::new(asyncapi::document);

/// The document at the path of a request, when there is one.
pub(crate) fn answer(request: &Request) -> Option<Response> {
    let path = request.uri().path();
    if path == "/asyncapi.json" {
        return Some(cached(request, "application/json", DOCUMENT.clone()));
    }
    let topic = path.strip_prefix("/schemas/")?.strip_suffix(".json")?;
    Some(cached(request, "application/schema+json", schema::find(topic)?))
}

/// Whether an event of this type has a schema.
pub(crate) fn has(topic: &str) -> bool {
    schema::find(topic).is_some()
}

/// A document, or that the reader's copy is current.
fn cached(request: &Request, media: &str, body: String) -> Response {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(body.as_bytes())[..12]));
    let answer = Response::builder().header(header::ETAG, &tag).header(header::CACHE_CONTROL, CACHED);
    if request.header(header::IF_NONE_MATCH).is_some_and(|known| knows(known, &tag)) {
        return answer.status(StatusCode::NOT_MODIFIED).finish();
    }
    answer.content_type(media).body(body)
}

/// Whether one of the listed tags is this one; weak ones count (RFC 9110, 13.1.2).
fn knows(listed: &str, tag: &str) -> bool {
    listed.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_tag_is_known_in_any_form() {
        for known in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "\"b\",W/\"a\"", "*"] {
            assert!(knows(known, "\"a\""), "{known}");
        }
        for unknown in ["", "a", "\"b\"", "\"a", "W/\"b\""] {
            assert!(!knows(unknown, "\"a\""), "{unknown}");
        }
    }

    #[test]
    fn only_a_type_and_json_lead_to_a_schema() {
        let at = |path: &str| answer(&Request::builder().uri_str(path).finish()).is_some();
        assert!(at("/schemas/marketplace.order.paid.v1.json"));
        for path in ["/schemas/marketplace.order.paid.v1", "/schemas/.json", "/schemas/x.json", "/asyncapi"] {
            assert!(!at(path), "{path}");
        }
    }
}
