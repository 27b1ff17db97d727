//! Parts of lists on the wire: `?limit=&cursor=`, `{data, nextCursor, prevCursor, hasMore}`, opaque cursors.
//!
//! A cursor is signed over the list, whose it is and its filters: it works for that caller and that question
//! only, and nobody can make one.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use poem_openapi::{
    Object,
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type},
};
use sarai_ports::{Cursor, Direction, Page, PageRequest};
use serde_json::Value;
use sha2::Sha256;

use crate::{
    problem::Problem,
    secret::{KeyRing, SecretKey},
};

/// The first byte of a cursor: what follows can change with it.
const VERSION: u8 = 1;
/// Bytes of the MAC kept.
const MAC_LEN: usize = 16;
/// Version, direction and key.
const HEAD_LEN: usize = 10;

/// How many rows a part has when the request does not say.
const DEFAULT_LIMIT: usize = 20;
/// How many rows a part has at most.
const MAX_LIMIT: usize = 100;

/// `?limit=`: 1 to 100, 20 when absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(pub usize);

impl Default for Limit {
    fn default() -> Self {
        Self(DEFAULT_LIMIT)
    }
}

impl Type for Limit {
    const IS_REQUIRED: bool = false;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "limit".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            minimum: Some(1.0),
            maximum: Some(100.0),
            default: Some(Value::from(DEFAULT_LIMIT)),
            ..MetaSchema::new("integer")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromParameter for Limit {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        match text.parse() {
            Ok(limit @ 1..=MAX_LIMIT) if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Self(limit)),
            _ => Err(ParseError::custom("a whole number from 1 to 100")),
        }
    }

    fn parse_from_parameters<I: IntoIterator<Item = A>, A: AsRef<str>>(texts: I) -> ParseResult<Self> {
        texts.into_iter().next().map_or(Ok(Self::default()), |text| Self::parse_from_parameter(text.as_ref()))
    }
}

/// A part of a list.
#[derive(Debug, Clone, Object)]
#[oai(rename = "PageOf", rename_all = "camelCase")]
pub struct ApiPage<T: ParseFromJSON + ToJSON> {
    /// The rows, in the list's order.
    pub data: Vec<T>,
    /// Gets the next part; null on the last.
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    pub prev_cursor: Option<String>,
    /// Whether there is a next part.
    pub has_more: bool,
}

/// Signs the cursors of this process.
#[derive(Debug, Clone)]
pub struct Cursors {
    keys: KeyRing,
}

/// One question to one list: what its cursors are bound to.
#[derive(Debug, Clone)]
pub struct List<'a> {
    cursors: &'a Cursors,
    bound_to: Vec<u8>,
}

impl Cursors {
    /// Signs with this key, and opens what the one before signed.
    pub fn new(keys: impl Into<KeyRing>) -> Self {
        Self { keys: keys.into() }
    }

    /// A question to the list `name`, asked by `owner` (the tenant; `public` for everybody).
    pub fn list(&self, name: &str, owner: &str) -> List<'_> {
        List { cursors: self, bound_to: Vec::new() }.filter(name, Some(owner))
    }
}

impl List<'_> {
    /// The same question with one more filter.
    #[must_use]
    pub fn filter(mut self, name: &str, value: Option<impl ToString>) -> Self {
        let value = value.map(|value| value.to_string());
        for part in [Some(name), value.as_deref()] {
            // A length before each part: no two questions are the same bytes.
            let len = part.map_or(u64::MAX, |part| part.len() as u64);
            self.bound_to.extend_from_slice(&len.to_be_bytes());
            self.bound_to.extend_from_slice(part.unwrap_or_default().as_bytes());
        }
        self
    }

    /// Which part is asked for.
    ///
    /// # Errors
    /// `invalid_cursor` when the cursor is not one of this question's.
    pub fn request(&self, limit: Limit, cursor: Option<&str>) -> Result<PageRequest, Problem> {
        let cursor = cursor
            .map(|text| {
                self.open(text).ok_or_else(|| Problem::new("invalid_cursor", "not a cursor of this list"))
            })
            .transpose()?;
        Ok(PageRequest { limit: limit.0, cursor })
    }

    /// The part as it is answered.
    pub fn answer<R, T: ParseFromJSON + ToJSON>(
        &self,
        page: Page<R>,
        turn: impl FnMut(R) -> T,
    ) -> ApiPage<T> {
        let seal = |cursor: Option<Cursor>| cursor.map(|cursor| self.seal(&cursor));
        let (next_cursor, prev_cursor) = (seal(page.next), seal(page.prev));
        let has_more = next_cursor.is_some();
        ApiPage { data: page.items.into_iter().map(turn).collect(), next_cursor, prev_cursor, has_more }
    }

    fn seal(&self, cursor: &Cursor) -> String {
        let mut bytes = vec![VERSION, u8::from(cursor.direction == Direction::Prev)];
        bytes.extend_from_slice(&cursor.key.to_be_bytes());
        bytes.extend_from_slice(cursor.id.as_bytes());
        let mac = self.mac(&self.cursors.keys.current, &bytes).finalize().into_bytes();
        bytes.extend_from_slice(mac.get(..MAC_LEN).unwrap_or_default());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn open(&self, text: &str) -> Option<Cursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC_LEN)?)?;
        let signed = |key| self.mac(key, body).verify_truncated_left(mac).is_ok();
        self.cursors.keys.known().any(signed).then_some(())?;
        let (head, id) = body.split_at_checked(HEAD_LEN)?;
        let [VERSION, direction @ (0 | 1), key @ ..] = head else { return None };
        Some(Cursor {
            key: i64::from_be_bytes(key.try_into().ok()?),
            id: String::from_utf8(id.to_vec()).ok()?,
            direction: if *direction == 1 { Direction::Prev } else { Direction::Next },
        })
    }

    fn mac(&self, key: &SecretKey, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256>>::new(&key.block().into());
        mac.update(&(self.bound_to.len() as u64).to_be_bytes());
        mac.update(&self.bound_to);
        mac.update(body);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursors() -> Cursors {
        Cursors::new(SecretKey::new([7; 32]))
    }

    fn page() -> Page<u8> {
        let cursor = |direction| Cursor { key: -5, id: "ord_1".to_owned(), direction };
        Page { items: vec![1, 2], next: Some(cursor(Direction::Next)), prev: Some(cursor(Direction::Prev)) }
    }

    fn next_of(list: &List<'_>) -> String {
        list.answer(page(), u32::from).next_cursor.unwrap()
    }

    #[test]
    fn a_cursor_comes_back_as_it_was_given() {
        let cursors = cursors();
        let list = cursors.list("orders.list", "tenant-1").filter("status", Some("paid"));
        let answer = list.answer(page(), u32::from);
        assert!(answer.has_more);
        let request = list.request(Limit::default(), answer.next_cursor.as_deref()).unwrap();
        assert_eq!((request.limit, request.cursor), (20, page().next));
        let request = list.request(Limit(5), answer.prev_cursor.as_deref()).unwrap();
        assert_eq!((request.limit, request.cursor), (5, page().prev));
    }

    #[test]
    fn a_cursor_of_the_key_before_is_opened_and_none_of_another() {
        let key = |byte| SecretKey::new([byte; 32]);
        let text = next_of(&cursors().list("orders.list", "tenant-1"));
        let opened = |keys: KeyRing| {
            let cursors = Cursors::new(keys);
            cursors.list("orders.list", "tenant-1").request(Limit(1), Some(&text)).is_ok()
        };
        assert!(opened(KeyRing::new(key(8), Some(key(7)))));
        assert!(!opened(KeyRing::new(key(8), Some(key(9)))));
        assert!(!opened(key(8).into()));
    }

    #[test]
    fn a_cursor_is_good_for_its_own_question_only() {
        let cursors = cursors();
        let text = next_of(&cursors.list("orders.list", "tenant-1").filter("status", Some("paid")));
        let others = [
            cursors.list("orders.list", "tenant-2").filter("status", Some("paid")),
            cursors.list("orders.list", "tenant-1").filter("status", Some("failed")),
            cursors.list("orders.list", "tenant-1").filter("status", None::<&str>),
            cursors.list("orders.list", "tenant-1"),
            cursors.list("licenses.list", "tenant-1").filter("status", Some("paid")),
        ];
        for list in others {
            assert_eq!(list.request(Limit(1), Some(&text)).unwrap_err().code(), "invalid_cursor");
        }
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let cursors = cursors();
        let list = cursors.list("orders.list", "tenant-1");
        let sealed = URL_SAFE_NO_PAD.decode(next_of(&list)).unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(list.request(Limit(1), Some(&URL_SAFE_NO_PAD.encode(changed))).is_err(), "bit {bit}");
        }
        for short in 0..sealed.len() {
            assert!(list.request(Limit(1), Some(&URL_SAFE_NO_PAD.encode(&sealed[..short]))).is_err());
        }
        assert!(list.request(Limit(1), Some("not base64!")).is_err());
    }

    #[test]
    fn a_limit_is_1_to_100() {
        assert_eq!(Limit::parse_from_parameters(Vec::<String>::new()).unwrap(), Limit(20));
        assert_eq!(Limit::parse_from_parameter("100").unwrap(), Limit(100));
        for bad in ["0", "101", "-1", "+1", "1.0", "", "a"] {
            assert!(Limit::parse_from_parameter(bad).is_err(), "{bad}");
        }
    }
}
