//! Arguments and cells: a time is integer microseconds, a truth value 0 or 1, a list a JSON array.

use sarai_domain::kernel::Timestamp;
use sarai_ports::StoreError;
use sarai_sql::{Record, Value};
use sqlx::{
    Row as _, TypeInfo as _, ValueRef as _,
    sqlite::{SqliteArguments, SqliteRow},
};

use crate::error::failure;

/// The arguments of a statement that is run now.
pub(crate) fn arguments(values: Vec<Value>, now: Timestamp) -> Result<SqliteArguments, StoreError> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        let added = match value {
            Value::Null => add(&mut arguments, None::<i64>),
            Value::Bool(bool) => add(&mut arguments, i64::from(bool)),
            Value::Int(int) => add(&mut arguments, int),
            Value::Text(text) | Value::Json(text) => add(&mut arguments, text),
            Value::Time(time) => add(&mut arguments, time.unix_micros()),
            Value::Bytes(bytes) => add(&mut arguments, bytes),
            Value::Texts(texts) => add(&mut arguments, serde_json::Value::from(texts).to_string()),
            Value::Now => add(&mut arguments, now.unix_micros()),
        };
        added.map_err(|_| StoreError::Unavailable("an argument cannot be written".to_owned()))?;
    }
    Ok(arguments)
}

fn add<'q, T>(arguments: &mut SqliteArguments, value: T) -> Result<(), sqlx::error::BoxDynError>
where
    T: sqlx::Encode<'q, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite> + 'q,
{
    sqlx::Arguments::add(arguments, value)
}

/// A cell of a JSON array of rows.
pub(crate) fn as_json(value: Value, now: Timestamp) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(bool) => i64::from(bool).into(),
        Value::Int(int) => int.into(),
        Value::Text(text) | Value::Json(text) => text.into(),
        Value::Time(time) => time.unix_micros().into(),
        Value::Now => now.unix_micros().into(),
        Value::Texts(texts) => serde_json::Value::from(texts).to_string().into(),
        // No table of an aggregate has bytes.
        Value::Bytes(_) => serde_json::Value::Null,
    }
}

/// A row of an answer.
pub(crate) fn record(row: &SqliteRow) -> Result<Record, StoreError> {
    let cell = |place: usize| -> Result<Value, sqlx::Error> {
        let cell = row.try_get_raw(place)?;
        if cell.is_null() {
            return Ok(Value::Null);
        }
        let kind = cell.type_info();
        match kind.name() {
            "INTEGER" | "BOOLEAN" => row.try_get_unchecked(place).map(Value::Int),
            "BLOB" => row.try_get_unchecked(place).map(Value::Bytes),
            _ => row.try_get_unchecked(place).map(Value::Text),
        }
    };
    let cells = (0..row.len()).map(cell).collect::<Result<_, _>>();
    cells.map(Record).map_err(|error| failure(&error, None))
}
