//! Values on their way to Postgres and back.

use sarai_domain::kernel::Timestamp;
use sarai_ports::StoreError;
use sarai_sql::{Record, Value};
use sqlx::{
    Arguments, Decode, Encode, Postgres, Row, Type, TypeInfo, ValueRef,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgArguments, PgRow, PgTypeInfo, PgValueRef, types::Oid},
    types::time::OffsetDateTime,
};

use crate::error;

/// A document, as its text.
struct Document(String);

impl Type<Postgres> for Document {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(114))
    }
}

impl Encode<'_, Postgres> for Document {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }
}

/// An instant as Postgres keeps it. It has more of them than a timestamp: `infinity` in a row of one tenant is the end of
/// time to a worker who reads it among those of all, and no panic.
struct Instant(Timestamp);

/// Microseconds from 1970 to 2000, where Postgres begins to count.
const SINCE_1970: i64 = 946_684_800_000_000;

impl<'r> Decode<'r, Postgres> for Instant {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let micros = i64::from_be_bytes(value.as_bytes()?.try_into()?);
        Ok(Self(Timestamp::from_unix_micros(micros.saturating_add(SINCE_1970))))
    }
}

/// Nothing, of the type that the statement wants.
struct Nothing;

impl Type<Postgres> for Nothing {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl Encode<'_, Postgres> for Nothing {
    fn encode_by_ref(&self, _buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Ok(IsNull::Yes)
    }
}

/// Arguments in their order.
#[derive(Default)]
pub(crate) struct Args(PgArguments);

impl Args {
    /// Adds whatever Postgres knows how to read.
    pub(crate) fn push<'t, T>(&mut self, value: T) -> Result<(), StoreError>
    where
        T: Encode<'t, Postgres> + Type<Postgres>,
    {
        self.0.add(value).map_err(|_| error::unusable("an argument"))
    }

    /// Adds a value.
    pub(crate) fn value(&mut self, value: Value) -> Result<(), StoreError> {
        match value {
            Value::Null => self.push(Nothing),
            Value::Bool(value) => self.push(value),
            Value::Int(value) => self.push(value),
            Value::Text(value) => self.push(value),
            Value::Time(value) => self.push(value.to_offset_date_time()),
            Value::Json(value) => self.push(Document(value)),
            Value::Bytes(value) => self.push(value),
            Value::Texts(value) => self.push(value),
            Value::Now => self.push(None::<OffsetDateTime>),
        }
    }

    /// Adds a document.
    pub(crate) fn document(&mut self, text: String) -> Result<(), StoreError> {
        self.push(Document(text))
    }

    /// All of them.
    pub(crate) fn done(self) -> PgArguments {
        self.0
    }
}

/// A row of an answer.
pub(crate) fn record(row: &PgRow) -> Result<Record, StoreError> {
    first(row, row.len())
}

/// The first cells of a row.
pub(crate) fn first(row: &PgRow, cells: usize) -> Result<Record, StoreError> {
    (0..cells).map(|place| cell(row, place)).collect::<Result<_, _>>().map(Record)
}

fn cell(row: &PgRow, place: usize) -> Result<Value, StoreError> {
    let raw = row.try_get_raw(place).map_err(|error| error::of(&error, ""))?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info().into_owned();
    let value = match kind.name() {
        "TEXT" | "VARCHAR" | "NAME" => read(raw).map(Value::Text),
        "INT8" => read(raw).map(Value::Int),
        "INT4" => read::<i32>(raw).map(|value| Value::Int(value.into())),
        "INT2" => read::<i16>(raw).map(|value| Value::Int(value.into())),
        "BOOL" => read(raw).map(Value::Bool),
        "TIMESTAMPTZ" => read(raw).map(|Instant(instant)| Value::Time(instant)),
        "JSON" => raw.as_str().ok().map(|text| Value::Json(text.to_owned())),
        "BYTEA" => read(raw).map(Value::Bytes),
        "TEXT[]" => read(raw).map(Value::Texts),
        "VOID" => Some(Value::Null),
        _ => None,
    };
    value.ok_or_else(|| error::unusable(&format!("a column of type {}", kind.name())))
}

fn read<'r, T: Decode<'r, Postgres>>(raw: PgValueRef<'r>) -> Option<T> {
    T::decode(raw).ok()
}
