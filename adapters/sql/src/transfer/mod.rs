//! A whole store as lines of text, and back into an empty one of either dialect.
//!
//! The first line says what it is; then a line a row, table by table, in the order of their keys; the last line
//! counts the rows of each, so that a part of a file is not taken for the whole. Places that a store gives itself (of
//! an audit row, an event, a feed's row) are not carried over: their order is, of events within a correlation. Leases
//! are not either, nor what the platform sent in the last day to anybody, and claims of deliveries end. The offset of a
//! test clock is. An export is of one moment, whoever writes meanwhile.
//!
//! - `moved`: the tables

mod moved;

use std::{collections::BTreeMap, time::Duration};

use sarai_domain::kernel::Timestamp;
use sarai_ports::{Scope, StoreError, leases::Leases};
use serde_json::{Value as Json, json};

use self::moved::{Moved, tables};
use crate::{
    Database, Dialect, Record, Store, Type, Value,
    statement::{Statement, args},
};

/// The format's version.
const VERSION: u64 = 3;
/// Rows that are read at a time.
const READ: usize = 500;
/// The lease of a store that is being filled.
const IMPORT: &str = "import";
/// Longer than anybody waits: a hundred years.
const FOREVER: Duration = Duration::from_hours(100 * 365 * 24);
/// Arguments of one statement that writes.
const ARGUMENTS: usize = 2_000;

/// How many rows of each table.
pub type Counts = BTreeMap<String, u64>;

/// Why a store was not moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferError {
    /// The target has rows of this table already.
    NotEmpty(String),
    /// A line is not what this version writes.
    Unreadable(String),
    /// The end is missing, or counts other rows than there are.
    Incomplete,
    /// Somebody began to import and did not come to the end, or has not yet.
    Unfinished,
    /// A store failed.
    Store(StoreError),
}

impl std::fmt::Display for TransferError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotEmpty(table) => write!(f, "the target is not empty: it has rows of {table}"),
            Self::Unreadable(reason) => write!(f, "this is no export that this version reads: {reason}"),
            Self::Incomplete => {
                f.write_str("the export is incomplete: its end is missing or counts other rows")
            }
            Self::Unfinished => f.write_str(
                "an import into this store has not come to its end: if it does not run any more, throw the store away \
                 and import into an empty one",
            ),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for TransferError {}

impl From<StoreError> for TransferError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A cell of a column.
fn typed(record: &Record, place: usize, of: Type) -> Result<Value, StoreError> {
    if matches!(record.0.get(place), Some(Value::Null)) {
        return Ok(Value::Null);
    }
    Ok(match of {
        Type::Text => Value::Text(record.text(place)?.to_owned()),
        Type::Json => Value::Json(record.text(place)?.to_owned()),
        Type::Int => Value::Int(record.int(place)?),
        Type::Bool => Value::Bool(record.bool(place)?),
        Type::Time => Value::Time(record.time(place)?),
        Type::Bytes => Value::Bytes(record.bytes(place)?.to_vec()),
    })
}

/// A cell as it stands in a line; bytes as numbers.
fn written(value: &Value) -> Json {
    match value {
        Value::Null | Value::Now | Value::Texts(_) => Json::Null,
        Value::Bool(bool) => json!(bool),
        Value::Int(int) => json!(int),
        Value::Text(text) | Value::Json(text) => json!(text),
        Value::Time(time) => json!(time.unix_micros()),
        Value::Bytes(bytes) => json!(bytes),
    }
}

/// The cell of a line.
fn read(cell: &Json, of: Type) -> Option<Value> {
    if cell.is_null() {
        return Some(Value::Null);
    }
    Some(match of {
        Type::Text => Value::Text(cell.as_str()?.to_owned()),
        Type::Json => Value::Json(cell.as_str()?.to_owned()),
        Type::Int => Value::Int(cell.as_i64()?),
        Type::Bool => Value::Bool(cell.as_bool()?),
        Type::Time => Value::Time(Timestamp::from_unix_micros(cell.as_i64()?)),
        Type::Bytes => {
            let bytes = cell.as_array()?.iter().map(|byte| u8::try_from(byte.as_u64()?).ok());
            Value::Bytes(bytes.collect::<Option<_>>()?)
        }
    })
}

/// What an export asks: the first rows of each table, and those after some row. For whoever looks at their plans.
pub fn questions() -> Vec<(String, Vec<Value>)> {
    let tables = tables();
    let asked =
        tables.iter().flat_map(|table| [None, Some(table.some_key())].map(|after| table.reading(after)));
    asked.map(|Statement { text, args }| (text, args)).collect()
}

/// Gives every line of a store to whoever writes them down.
///
/// # Errors
/// When the store fails, or whoever writes them down.
pub async fn export<D: Database>(
    store: &Store<D>,
    line: &mut (dyn FnMut(String) -> Result<(), TransferError> + Send),
) -> Result<Counts, TransferError> {
    line(json!({ "sarai": "export", "version": VERSION }).to_string())?;
    let mut moment = store.database.snapshot().await?;
    let mut counts = Counts::new();
    for table in tables() {
        let mut after = None;
        let mut count = 0_u64;
        loop {
            let Statement { text, args } = table.reading(after.take());
            let found = moment.run(&text, args).await?;
            for record in &found {
                let from = table.key.len();
                let cells = table.columns.iter().enumerate().map(|(place, column)| {
                    typed(record, from + place, column.of).map(|value| written(&value))
                });
                let cells: Vec<Json> = cells.collect::<Result<_, _>>()?;
                line(json!([table.name, cells]).to_string())?;
            }
            count += found.len() as u64;
            match found.last().filter(|_| found.len() == READ) {
                Some(last) => after = Some(table.key_of(last)?),
                None => break,
            }
        }
        *counts.entry(table.name).or_default() += count;
    }
    line(json!({ "rows": counts }).to_string())?;
    Ok(counts)
}

/// Writes the lines of an export into an empty store; what was written before a failure stays, and has to be
/// thrown away with the store.
///
/// # Errors
/// When the target is not empty, a line is not what [`export`] writes, the end is missing, or the store fails.
pub async fn import<D: Database>(
    store: &Store<D>,
    lines: &mut (dyn Iterator<Item = Result<String, TransferError>> + Send),
    wrote: &mut (dyn FnMut(u64) + Send),
) -> Result<Counts, TransferError> {
    let tables = tables();
    for table in tables.iter().filter(|table| table.begins_empty()) {
        let text = format!("select 1 from {} limit $1", table.name);
        if !store.ask(&Scope::System, Statement::new(text, args![1_i64])).await?.is_empty() {
            return Err(TransferError::NotEmpty(table.name.clone()));
        }
    }
    let first = lines.next().ok_or(TransferError::Incomplete)??;
    if json_of(&first)? != json!({ "sarai": "export", "version": VERSION }) {
        return Err(TransferError::Unreadable("its first line names another format or version".to_owned()));
    }
    // Until its end the store is nobody's to serve from, whatever ends this process.
    let begun = store.take(IMPORT, FOREVER).await?.ok_or(TransferError::Unfinished)?;
    let mut counts: Counts = tables.iter().map(|table| (table.name.clone(), 0)).collect();
    let mut batch: (Option<&Moved>, Vec<Vec<Value>>) = (None, Vec::new());
    let mut said = None;
    for line in lines {
        let line = json_of(&line?)?;
        if let Some(rows) = line.get("rows") {
            said = Some(rows.clone());
            break;
        }
        let name = line.get(0).and_then(Json::as_str).unwrap_or_default();
        let unknown = || TransferError::Unreadable(format!("a line of an unknown table: {name}"));
        let table = tables.iter().find(|table| table.name == name).ok_or_else(unknown)?;
        let full = (batch.1.len() + 1) * table.columns.len() > ARGUMENTS;
        if full || batch.0.is_some_and(|last| last.name != table.name) {
            write(store, batch.0, std::mem::take(&mut batch.1), wrote).await?;
        }
        let cells = line.get(1).and_then(Json::as_array).filter(|cells| cells.len() == table.columns.len());
        let row = cells.and_then(|cells| {
            cells.iter().zip(&table.columns).map(|(cell, column)| read(cell, column.of)).collect()
        });
        let unreadable = || TransferError::Unreadable(format!("a row of {name} has other columns"));
        let row: Vec<Value> = row.ok_or_else(unreadable)?;
        batch.0 = Some(table);
        batch.1.push(row);
        *counts.entry(table.name.clone()).or_default() += 1;
    }
    write(store, batch.0, batch.1, wrote).await?;
    if said != serde_json::to_value(&counts).ok() {
        return Err(TransferError::Incomplete);
    }
    store.give_back(IMPORT, begun).await?;
    Ok(counts)
}

/// That nobody began to import into a store and did not come to the end.
///
/// # Errors
/// [`TransferError::Unfinished`], and the store's.
pub async fn require_whole(store: &dyn Leases) -> Result<(), TransferError> {
    if store.held(IMPORT).await?.is_empty() { Ok(()) } else { Err(TransferError::Unfinished) }
}

fn json_of(line: &str) -> Result<Json, TransferError> {
    serde_json::from_str(line).map_err(|error| TransferError::Unreadable(error.to_string()))
}

async fn write<D: Database>(
    store: &Store<D>,
    table: Option<&Moved>,
    rows: Vec<Vec<Value>>,
    wrote: &mut (dyn FnMut(u64) + Send),
) -> Result<(), TransferError> {
    let Some(table) = table.filter(|_| !rows.is_empty()) else { return Ok(()) };
    let count = rows.len() as u64;
    let mut statements = Vec::new();
    // What is written is written as the tenant whose row it is.
    for rows in rows.chunk_by(|one, next| table.tenant_of(one) == table.tenant_of(next)) {
        let tenant = rows.first().and_then(|row| table.tenant_of(row)).cloned();
        if let (Dialect::Postgres, Some(tenant)) = (store.database.dialect(), tenant) {
            statements.push(("select set_config('app.tenant_id', $1, true)".to_owned(), vec![tenant]));
        }
        let Statement { text, args } = table.writing(rows.to_vec());
        statements.push((text, args));
    }
    store.database.run_all(&Scope::System, statements).await?;
    wrote(count);
    Ok(())
}
