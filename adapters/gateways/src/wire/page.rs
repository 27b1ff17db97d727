//! Parts of lists.

use sarai_ports::{Cursor, Direction, Page, PageRequest};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeStruct as _};

use super::{Wire, Wired, define};

#[derive(Serialize, Deserialize)]
#[serde(remote = "Direction", rename_all = "snake_case")]
enum DirectionDef {
    Next,
    Prev,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Cursor")]
struct CursorDef {
    key: i64,
    id: String,
    #[serde(with = "DirectionDef")]
    direction: Direction,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PageRequest")]
struct PageRequestDef {
    limit: usize,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "super::maybe")]
    cursor: Option<Cursor>,
}

define! {
    Cursor = CursorDef,
    PageRequest = PageRequestDef,
}

impl<T: Wired> Wired for Page<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut page = serializer.serialize_struct("Page", 3)?;
        page.serialize_field("items", &self.items.iter().map(Wire).collect::<Vec<_>>())?;
        for (name, cursor) in [("next", &self.next), ("prev", &self.prev)] {
            match cursor {
                Some(cursor) => page.serialize_field(name, &Wire(cursor))?,
                None => page.skip_field(name)?,
            }
        }
        page.end()
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(bound = "T: Wired")]
        struct Body<T> {
            items: Vec<Wire<T>>,
            next: Option<Wire<Cursor>>,
            prev: Option<Wire<Cursor>>,
        }
        let Body { items, next, prev } = Body::<T>::deserialize(deserializer)?;
        let items = items.into_iter().map(|Wire(item)| item).collect();
        let page = Self { items, next: next.map(|Wire(next)| next), prev: prev.map(|Wire(prev)| prev) };
        let forward = page.next.as_ref().is_none_or(|cursor| cursor.direction == Direction::Next);
        let backward = page.prev.as_ref().is_none_or(|cursor| cursor.direction == Direction::Prev);
        if forward && backward { Ok(page) } else { Err(de::Error::custom("a cursor leads the other way")) }
    }
}
