//! A whole store as lines of text, and back into an empty one of either dialect.
//!
//! The first line says what it is; then a line a row, table by table, in the order of their keys; the last line
//! counts the rows of each, so that a part of a file is not taken for the whole. Places that a store gives itself (of
//! an audit row, an event, a feed's row) are not carried over: their order is. Leases are not either, and claims of
//! deliveries end. The store must not be written meanwhile.

use std::collections::BTreeMap;

use sarai_domain::kernel::Timestamp;
use sarai_ports::{Scope, StoreError};
use serde_json::{Value as Json, json};

use crate::{
    Column, Database, Dialect, Record, Store, TABLES, Type, Value,
    statement::{Statement, args},
};

/// The format's version.
const VERSION: u64 = 1;
/// Rows that are read at a time.
const READ: usize = 500;
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

/// A table as it is moved.
struct Moved {
    name: String,
    columns: Vec<Column>,
    /// What its rows are read by: columns of it, or a place of the store's own.
    key: Vec<Column>,
}

const fn column(name: &'static str, of: Type) -> Column {
    Column { name, of }
}

/// Columns out of a list such as `tenant_id at:time version:int`.
fn columns(list: &'static str) -> Vec<Column> {
    let parsed = list.split_whitespace().map(|word| match word.split_once(':') {
        Some((name, "int")) => column(name, Type::Int),
        Some((name, "time")) => column(name, Type::Time),
        Some((name, "bool")) => column(name, Type::Bool),
        Some((name, "json")) => column(name, Type::Json),
        Some((name, "bytes")) => column(name, Type::Bytes),
        _ => column(word, Type::Text),
    });
    parsed.collect()
}

/// The tables that are no aggregate's: name, columns, and what they are read by.
const OTHERS: &[(&str, &str, &str)] = &[
    ("statement_heads", "tenant_id earnings_id head:json", "tenant_id earnings_id"),
    (
        "verify_limits",
        "tenant_id environment key attempt_id verification_id at:time approved:bool",
        "tenant_id environment key attempt_id",
    ),
    (
        "verify_failures",
        "tenant_id environment destination consecutive:int last_failure_at:time end_user_ref",
        "tenant_id environment destination",
    ),
    (
        "verify_guesses",
        "tenant_id environment destination verification_id attempt:int at:time",
        "tenant_id environment destination verification_id attempt:int",
    ),
    (
        "usage_counters",
        "tenant_id environment hour:int key_id channel country metric amount:int",
        "tenant_id environment hour:int key_id channel country metric",
    ),
    (
        "sent_parts",
        "tenant_id provider message_id attempt_id verification_id recipient no:int of_parts:int status at:time",
        "provider message_id attempt_id",
    ),
    ("inbox", "tenant_id consumer event_id target at:time", "tenant_id consumer event_id target"),
    (
        "idempotency_keys",
        "tenant_id principal operation key_hash fingerprint lease_until:time resource_id status:int headers:json \
         body:bytes taken_at:time",
        "tenant_id principal operation key_hash",
    ),
    ("audit_log", "tenant_id at:time actor action target version:int reason request_id", "at:time seq:int"),
    (
        "events",
        "tenant_id subject aggregate_seq:int id aggregate topic time:time recorded_at:time correlation_id causation_id \
         payload:json",
        "position:int",
    ),
    (
        "deliveries",
        "tenant_id consumer subject aggregate_seq:int partition:int attempts:int fence:int available_at:time dead:bool \
         last_error",
        "tenant_id consumer subject aggregate_seq:int",
    ),
    (
        "feed_rows",
        "tenant_id number:int numbered_at:time owner_tenant_id subject aggregate_seq:int",
        "position:int",
    ),
    ("feed_heads", "tenant_id last:int moved:int", "tenant_id"),
    ("course_versions", "course_version_id course_id built:bool", "course_version_id"),
    ("providers", "tenant_id verified:bool at:time", "tenant_id"),
    ("disputes", "tenant_id order_id dispute open:bool", "tenant_id order_id dispute"),
    ("release_log", "tenant_id seq:int event_id doc:json link:json", "tenant_id seq:int"),
    (
        "sdk_downloads",
        "tenant_id hour:time release_id artifact_id client",
        "tenant_id hour:time release_id artifact_id client",
    ),
];

/// Every table, in the order in which they are moved.
fn tables() -> Vec<Moved> {
    let mut tables = Vec::new();
    for table in TABLES {
        let mut root = columns("tenant_id id version:int event_seq:int created_at:time doc:json");
        root.extend_from_slice(table.columns);
        if table.name == "earnings" {
            root.push(column("sealed", Type::Int));
        }
        if table.name == "api_keys" {
            root.extend(columns("last_used_minute:int last_use"));
        }
        if table.name == "webhook_deliveries" {
            root.extend(columns("taken_until:time"));
        }
        tables.push(Moved { name: table.name.to_owned(), columns: root, key: columns("tenant_id id") });
        if let Some((name, own)) = table.rows {
            let mut rows = columns("tenant_id parent_id key written_version:int doc:json");
            rows.extend_from_slice(own);
            if name == "earnings_lines" {
                rows.extend(columns("seal_seq:int balance:json link:json"));
            }
            tables.push(Moved {
                name: name.to_owned(),
                columns: rows,
                key: columns("tenant_id parent_id key"),
            });
        }
        for child in table.children {
            let mut own = columns("tenant_id parent_id");
            own.extend_from_slice(child.columns);
            let keyed = |column: &&Column| child.key.contains(&column.name);
            let more: Vec<Column> = child.columns.iter().filter(keyed).copied().collect();
            let key = columns("tenant_id parent_id").into_iter().chain(more).collect();
            tables.push(Moved { name: child.name.to_owned(), columns: own, key });
        }
    }
    let others = OTHERS.iter().map(|(name, all, key)| Moved {
        name: (*name).to_owned(),
        columns: columns(all),
        key: columns(key),
    });
    tables.extend(others);
    tables
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

impl Moved {
    /// The rows after a key, with the key before them.
    fn reading(&self, after: Option<Vec<Value>>) -> Statement {
        let key = names(&self.key);
        let text = format!("select {key}, {} from {} where true", names(&self.columns), self.name);
        let mut statement = Statement::new(text, Vec::new());
        if let Some(after) = after {
            let places: Vec<String> = after.into_iter().map(|value| statement.arg(value)).collect();
            statement.push(&format!("and ({key}) > ({})", places.join(", ")));
        }
        let limit = statement.arg(READ);
        statement.push(&format!("order by {key} limit {limit}"));
        statement
    }

    fn key_of(&self, record: &Record) -> Result<Vec<Value>, StoreError> {
        self.key.iter().enumerate().map(|(place, column)| typed(record, place, column.of)).collect()
    }

    /// Whose a row is, where the table has tenants.
    fn tenant_of<'a>(&self, row: &'a [Value]) -> Option<&'a Value> {
        let place = self.columns.iter().position(|column| column.name == "tenant_id")?;
        row.get(place)
    }

    /// Rows as one statement; what has no value is written as such, because an argument would need a type.
    fn writing(&self, rows: Vec<Vec<Value>>) -> Statement {
        let text = format!("insert into {} ({}) values", self.name, names(&self.columns));
        let mut statement = Statement::new(text, Vec::new());
        let rows: Vec<String> = rows
            .into_iter()
            .map(|row| {
                let cells = row.into_iter().map(|cell| match cell {
                    Value::Null => "null".to_owned(),
                    cell => statement.arg(cell),
                });
                format!("({})", cells.collect::<Vec<_>>().join(", "))
            })
            .collect();
        statement.push(&rows.join(", "));
        statement
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

/// Gives every line of a store to whoever writes them down.
///
/// # Errors
/// When the store fails, or whoever writes them down.
pub async fn export<D: Database>(
    store: &Store<D>,
    line: &mut (dyn FnMut(String) -> Result<(), TransferError> + Send),
) -> Result<Counts, TransferError> {
    line(json!({ "sarai": "export", "version": VERSION }).to_string())?;
    let mut counts = Counts::new();
    for table in tables() {
        let mut after = None;
        let mut count = 0_u64;
        loop {
            let found = store.ask(&Scope::System, table.reading(after.take())).await?;
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
        counts.insert(table.name, count);
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
    for table in &tables {
        let text = format!("select 1 from {} limit $1", table.name);
        if !store.ask(&Scope::System, Statement::new(text, args![1_i64])).await?.is_empty() {
            return Err(TransferError::NotEmpty(table.name.clone()));
        }
    }
    let first = lines.next().ok_or(TransferError::Incomplete)??;
    if json_of(&first)? != json!({ "sarai": "export", "version": VERSION }) {
        return Err(TransferError::Unreadable("its first line names another format or version".to_owned()));
    }
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
        // What is written is written as the tenant whose row it is.
        let another =
            batch.1.last().is_some_and(|last: &Vec<Value>| table.tenant_of(last) != table.tenant_of(&row));
        if another && batch.0.is_some_and(|last| last.name == table.name) {
            write(store, batch.0, std::mem::take(&mut batch.1), wrote).await?;
        }
        batch.0 = Some(table);
        batch.1.push(row);
        *counts.entry(table.name.clone()).or_default() += 1;
    }
    write(store, batch.0, batch.1, wrote).await?;
    if said == serde_json::to_value(&counts).ok() { Ok(counts) } else { Err(TransferError::Incomplete) }
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
    let tenant = rows.first().and_then(|row| table.tenant_of(row)).cloned();
    let Statement { text, args } = table.writing(rows);
    let mut statements = vec![(text, args)];
    if let (Dialect::Postgres, Some(tenant)) = (store.database.dialect(), tenant) {
        statements.insert(0, ("select set_config('app.tenant_id', $1, true)".to_owned(), vec![tenant]));
    }
    store.database.run_all(&Scope::System, statements).await?;
    wrote(count);
    Ok(())
}
