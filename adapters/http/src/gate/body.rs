//! A request's body: how large, how long it may take, and whether it is JSON worth looking at.

use std::{collections::BTreeSet, fmt, time::Duration};

use poem::{
    Body, Request,
    error::ReadBodyError,
    http::{HeaderMap, HeaderValue, header},
};
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::problem::Problem;

/// A larger body is refused.
const MAX_LEN: usize = 256 * 1024;
/// Deeper JSON is refused.
const MAX_DEPTH: usize = 64;

/// Takes a request's body, whole.
pub(super) async fn read(request: &mut Request, deadline: Duration) -> Result<Vec<u8>, Problem> {
    let too_large = || Problem::new("payload_too_large", "a request body is at most 256 KiB");
    let announced = request.header("content-length").and_then(|text| text.parse::<u64>().ok());
    if announced.is_some_and(|len| len > MAX_LEN as u64) {
        return Err(too_large());
    }
    match tokio::time::timeout(deadline, request.take_body().into_bytes_limit(MAX_LEN)).await {
        Ok(Ok(bytes)) => Ok(bytes.to_vec()),
        Ok(Err(ReadBodyError::PayloadTooLarge)) => Err(too_large()),
        Ok(Err(_)) => Err(Problem::new("malformed_request", "the body broke off")),
        Err(_) => Err(Problem::new("request_timeout", "the body did not arrive in time")),
    }
}

/// Reads a body as JSON and puts it back; nothing is null, and to an operation that can do without a body no members.
pub(super) fn parse(request: &mut Request, body: &[u8]) -> Result<Value, Problem> {
    let json = if body.is_empty() {
        // Without a body no media type was wrong: what is missing, the operation's schema says.
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Value::Null
    } else {
        if !is_json(request.headers()) {
            return Err(Problem::new("unsupported_media_type", "a request body is application/json"));
        }
        let Strict(value) = serde_json::from_slice(body)
            .map_err(|error| Problem::new("malformed_request", format!("the body is not JSON: {error}")))?;
        value
    };
    request.set_body(if json.is_null() { Body::from("{}") } else { Body::from(body.to_vec()) });
    Ok(json)
}

/// `application/json`, or `application/…+json`.
fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence
        .strip_prefix("application/")
        .is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

/// JSON without a name given twice, a text with U+0000, or nesting beyond 64.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Nested { left: MAX_DEPTH }.deserialize(deserializer).map(Self)
    }
}

/// A value that may nest this much deeper.
#[derive(Clone, Copy)]
struct Nested {
    left: usize,
}

impl Nested {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        let left = self.left.checked_sub(1).ok_or_else(|| E::custom("nested deeper than 64"))?;
        Ok(Self { left })
    }
}

fn text<E: de::Error>(text: &str) -> Result<String, E> {
    if text.contains('\0') { Err(E::custom("a text holds U+0000")) } else { Ok(text.to_owned()) }
}

impl<'de> DeserializeSeed<'de> for Nested {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        text(value).map(Value::String)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        let mut names = BTreeSet::new();
        while let Some(name) = members.next_key::<String>()? {
            let name = text(&name)?;
            if !names.insert(name.clone()) {
                return Err(de::Error::custom("a name is given twice"));
            }
            object.insert(name, members.next_value_seed(inner)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(content_type: &str, body: &[u8]) -> Result<Value, &'static str> {
        let mut request = Request::builder().content_type(content_type).finish();
        parse(&mut request, body).map_err(|problem| problem.code())
    }

    #[test]
    fn json_is_read_once_and_strictly() {
        assert_eq!(
            outcome("application/json", b"{\"a\":[1,2.5,null]}"),
            Ok(serde_json::json!({"a": [1, 2.5, null]}))
        );
        assert!(outcome("application/merge-patch+json; charset=utf-8", b"{}").is_ok());
        assert_eq!(outcome("", b""), Ok(Value::Null));
        for bad in [
            "{\"a\":1,\"a\":2}",
            "{\"x\":{\"a\":1,\"\\u0061\":2}}",
            "{",
            "{}{}",
            "{'a':1}",
            "[1e400]",
            "[NaN]",
            "[\"\\u0000\"]",
            "[\"\\ud800\"]",
            "\u{feff}{}",
        ] {
            assert_eq!(outcome("application/json", bad.as_bytes()), Err("malformed_request"), "{bad}");
        }
        assert_eq!(outcome("application/json", b"[\"\xff\"]"), Err("malformed_request"));
        for media in ["", "text/plain", "application/jsonx", "multipart/form-data", "json"] {
            assert_eq!(outcome(media, b"{}"), Err("unsupported_media_type"), "{media}");
        }
    }

    #[test]
    fn json_nests_64_deep_and_no_deeper() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(outcome("application/json", nested(64).as_bytes()).is_ok());
        for depth in [65, 127, 128, 100_000] {
            let outcome = outcome("application/json", nested(depth).as_bytes());
            assert_eq!(outcome, Err("malformed_request"), "{depth}");
        }
    }

    #[tokio::test]
    async fn a_body_is_at_most_256_kib_whatever_its_length_header_says() {
        let read = async |bytes: Vec<u8>, announced: Option<&str>| {
            let mut builder = Request::builder();
            if let Some(announced) = announced {
                builder = builder.header("content-length", announced);
            }
            let mut request = builder.body(bytes);
            read(&mut request, Duration::from_secs(1)).await.map_err(|problem| problem.code())
        };
        assert_eq!(read(vec![b' '; MAX_LEN], None).await.map(|body| body.len()), Ok(MAX_LEN));
        assert_eq!(read(vec![b' '; MAX_LEN + 1], None).await, Err("payload_too_large"));
        assert_eq!(read(Vec::new(), Some("1073741824")).await, Err("payload_too_large"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_is_given_up() {
        let (mut sender, receiver) = tokio::io::duplex(64);
        let drip = tokio::spawn(async move {
            while tokio::io::AsyncWriteExt::write_all(&mut sender, b" ").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        let mut request = Request::builder().body(Body::from_async_read(receiver));
        let outcome = read(&mut request, Duration::from_secs(10)).await;
        assert_eq!(outcome.unwrap_err().code(), "request_timeout");
        drip.abort();
    }
}
