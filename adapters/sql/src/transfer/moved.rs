//! Which tables are moved, and the statements that read and write them.
//!
//! Every key is one that an index has, so that a page costs what its rows cost: an event is read by its correlation,
//! a feed's row by its number once it has one.

use super::{READ, typed};
use crate::{Column, Record, TABLES, Type, Value, statement::Statement};
use sarai_domain::kernel::Timestamp;
use sarai_ports::StoreError;

/// A table as it is moved, or a part of one.
pub(super) struct Moved {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// What its rows are read by: columns of it, or a place of the store's own.
    pub(super) key: Vec<Column>,
    /// Which of its rows.
    only: &'static str,
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

/// Every row.
const ALL: &str = "true";

/// A table that a new store has rows of, and what becomes of them.
const OVERWRITTEN: (&str, &str) =
    ("clock_groups", "on conflict (name) do update set offset_micros = excluded.offset_micros");

/// Rows of a feed, in the order of their numbers, and then those that wait for one.
const FEED: &str = "tenant_id number:int numbered_at:time owner_tenant_id subject aggregate_seq:int";

/// The tables that are no aggregate's: name, columns, what they are read by, and which rows.
const OTHERS: &[(&str, &str, &str, &str)] = &[
    ("statement_heads", "tenant_id earnings_id head:json", "tenant_id earnings_id", ALL),
    (
        "verify_limits",
        "tenant_id environment key attempt_id verification_id at:time approved:bool",
        "tenant_id environment key attempt_id",
        ALL,
    ),
    (
        "verify_failures",
        "tenant_id environment destination consecutive:int last_failure_at:time end_user_ref",
        "tenant_id environment destination",
        ALL,
    ),
    (
        "verify_guesses",
        "tenant_id environment destination verification_id attempt:int at:time",
        "tenant_id environment destination verification_id attempt:int",
        ALL,
    ),
    (
        "usage_counters",
        "tenant_id environment hour:int key_id channel country metric amount:int",
        "tenant_id environment hour:int key_id channel country metric",
        ALL,
    ),
    (
        "sent_parts",
        "tenant_id provider message_id attempt_id verification_id recipient no:int of_parts:int status at:time",
        "provider message_id attempt_id",
        ALL,
    ),
    ("inbox", "tenant_id consumer event_id target at:time", "tenant_id consumer event_id target", ALL),
    (
        "idempotency_keys",
        "tenant_id principal operation key_hash fingerprint lease_until:time resource_id status:int headers:json \
         body:bytes taken_at:time",
        "tenant_id principal operation key_hash",
        ALL,
    ),
    (
        "audit_log",
        "tenant_id at:time actor action target version:int reason request_id",
        "at:time seq:int",
        ALL,
    ),
    (
        "events",
        "tenant_id subject aggregate_seq:int id aggregate topic time:time recorded_at:time correlation_id causation_id \
         payload:json",
        "correlation_id position:int",
        ALL,
    ),
    (
        "deliveries",
        "tenant_id consumer subject aggregate_seq:int partition:int attempts:int fence:int available_at:time dead:bool \
         last_error",
        "tenant_id consumer subject aggregate_seq:int",
        ALL,
    ),
    ("feed_rows", FEED, "tenant_id number:int", "number is not null"),
    ("feed_rows", FEED, "position:int", "number is null"),
    ("feed_heads", "tenant_id last:int moved:int", "tenant_id", ALL),
    ("course_versions", "course_version_id course_id built:bool", "course_version_id", ALL),
    ("providers", "tenant_id verified:bool at:time", "tenant_id", ALL),
    ("disputes", "tenant_id order_id dispute open:bool", "tenant_id order_id dispute", ALL),
    ("release_log", "tenant_id seq:int event_id doc:json link:json", "tenant_id seq:int", ALL),
    (
        "sdk_downloads",
        "tenant_id hour:time release_id artifact_id client",
        "tenant_id hour:time release_id artifact_id client",
        ALL,
    ),
    ("parked_receipts", "provider name key doc:json at:time", "provider name key", ALL),
    ("clock_groups", "name offset_micros:int", "name", ALL),
];

/// Every table, in the order in which they are moved.
pub(super) fn tables() -> Vec<Moved> {
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
        tables.push(Moved::all(table.name, root, columns("tenant_id id")));
        if let Some((name, own)) = table.rows {
            let mut rows = columns("tenant_id parent_id key written_version:int doc:json");
            rows.extend_from_slice(own);
            if name == "earnings_lines" {
                rows.extend(columns("seal_seq:int balance:json link:json"));
            }
            tables.push(Moved::all(name, rows, columns("tenant_id parent_id key")));
        }
        for child in table.children {
            let mut own = columns("tenant_id parent_id");
            own.extend_from_slice(child.columns);
            let keyed = |column: &&Column| child.key.contains(&column.name);
            let more: Vec<Column> = child.columns.iter().filter(keyed).copied().collect();
            let key = columns("tenant_id parent_id").into_iter().chain(more).collect();
            tables.push(Moved::all(child.name, own, key));
        }
    }
    let others = OTHERS
        .iter()
        .map(|(name, all, key, only)| Moved { only, ..Moved::all(name, columns(all), columns(key)) });
    tables.extend(others);
    tables
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

impl Moved {
    fn all(name: &str, columns: Vec<Column>, key: Vec<Column>) -> Self {
        Self { name: name.to_owned(), columns, key, only: ALL }
    }

    /// Whether a new store has none of it.
    pub(super) fn begins_empty(&self) -> bool {
        self.name != OVERWRITTEN.0
    }

    /// A key that a row could have.
    pub(super) fn some_key(&self) -> Vec<Value> {
        let some = |column: &Column| match column.of {
            Type::Text | Type::Json => Value::Text("a".to_owned()),
            Type::Int => Value::Int(1),
            Type::Bool => Value::Bool(true),
            Type::Time => Value::Time(Timestamp::from_unix_micros(1)),
            Type::Bytes => Value::Bytes(Vec::new()),
        };
        self.key.iter().map(some).collect()
    }

    /// The rows after a key, with the key before them.
    pub(super) fn reading(&self, after: Option<Vec<Value>>) -> Statement {
        let key = names(&self.key);
        let text = format!("select {key}, {} from {} where {}", names(&self.columns), self.name, self.only);
        let mut statement = Statement::new(text, Vec::new());
        if let Some(after) = after {
            let places: Vec<String> = after.into_iter().map(|value| statement.arg(value)).collect();
            statement.push(&format!("and ({key}) > ({})", places.join(", ")));
        }
        let limit = statement.arg(READ);
        statement.push(&format!("order by {key} limit {limit}"));
        statement
    }

    pub(super) fn key_of(&self, record: &Record) -> Result<Vec<Value>, StoreError> {
        self.key.iter().enumerate().map(|(place, column)| typed(record, place, column.of)).collect()
    }

    /// Whose a row is, where the table has tenants.
    pub(super) fn tenant_of<'a>(&self, row: &'a [Value]) -> Option<&'a Value> {
        let place = self.columns.iter().position(|column| column.name == "tenant_id")?;
        row.get(place)
    }

    /// Rows as one statement; what has no value is written as such, because an argument would need a type.
    pub(super) fn writing(&self, rows: Vec<Vec<Value>>) -> Statement {
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
        if !self.begins_empty() {
            statement.push(OVERWRITTEN.1);
        }
        statement
    }
}
