//! A statement and its arguments; conditions are appended where they are asked for.

use sarai_domain::devportal::values::Environment;
use sarai_ports::{Cursor, Direction, Page, PageRequest, Scope};

use crate::{Dialect, Value};

/// The arguments of a statement, each turned into a value.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::Value::from($value)),*] };
}
pub(crate) use args;

/// One statement.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) text: String,
    pub(crate) args: Vec<Value>,
}

/// How a list is ordered: by a key, then by an id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct By {
    /// The key's expression.
    pub(crate) key: &'static str,
    /// The id's.
    pub(crate) id: &'static str,
    /// The greater first.
    pub(crate) descending: bool,
    /// What a cursor's key and id are here.
    pub(crate) at: fn(&Cursor) -> (Value, Value),
}

/// The latest first: how most lists are ordered.
pub(crate) const NEWEST: By = By { key: "r.created_at", id: "r.id", descending: true, at: instant_and_id };

/// A cursor at an instant.
pub(crate) fn instant_and_id(cursor: &Cursor) -> (Value, Value) {
    let at = sarai_domain::kernel::Timestamp::from_unix_micros(cursor.key);
    (Value::Time(at), Value::Text(cursor.id.clone()))
}

/// A cursor at a number.
pub(crate) fn number_and_id(cursor: &Cursor) -> (Value, Value) {
    (Value::Int(cursor.key), Value::Text(cursor.id.clone()))
}

impl Statement {
    /// A statement whose arguments stand as `$1`, `$2`, … in its text.
    pub(crate) fn new(text: impl Into<String>, args: Vec<Value>) -> Self {
        Self { text: text.into(), args }
    }

    /// That a text has another one in it, whose `%`, `_` and `\\` mean themselves: a condition that an index may serve.
    pub(crate) fn has(&mut self, text: &str, part: &str) -> String {
        let mut pattern = String::from("%");
        for c in part.chars() {
            if matches!(c, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        let place = self.arg(pattern + "%");
        format!("{text} like {place} escape '\\'")
    }

    /// Appends text.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push(' ');
        self.text.push_str(text);
        self
    }

    /// Takes an argument; gives how it stands in the text.
    pub(crate) fn arg(&mut self, value: impl Into<Value>) -> String {
        self.args.push(value.into());
        format!("${}", self.args.len())
    }

    /// Appends a condition that ends where its argument stands.
    pub(crate) fn and(&mut self, condition: &str, value: impl Into<Value>) -> &mut Self {
        let place = self.arg(value);
        self.push(&format!("and {condition} {place}"))
    }

    /// The same when there is a value.
    pub(crate) fn and_if(&mut self, condition: &str, value: Option<impl Into<Value>>) -> &mut Self {
        match value {
            Some(value) => self.and(condition, value),
            None => self,
        }
    }

    /// Appends that a row is the scope's tenant's; anybody's for the platform's own, nobody's for the public.
    pub(crate) fn within(&mut self, scope: &Scope, column: &str) -> &mut Self {
        match scope {
            Scope::Tenant(tenant) | Scope::World(tenant, _) | Scope::Within(tenant) => {
                self.and(&format!("{column} ="), tenant.as_str())
            }
            Scope::PlatformAdmin | Scope::System => self,
            Scope::Public => self.push("and false"),
        }
    }

    /// Appends that a row is of the scope's world, where it is confined to one.
    pub(crate) fn in_world(&mut self, scope: &Scope, column: &str) -> &mut Self {
        self.and_if(&format!("{column} ="), scope.world().map(Environment::as_str))
    }

    /// Appends a page's neighbourhood: from its cursor on, in its order, one row more than asked for.
    pub(crate) fn page(&mut self, by: By, request: &PageRequest) -> &mut Self {
        self.beyond(by, request);
        let limit = self.arg(request.limit.saturating_add(1));
        self.push(&format!("order by {} limit {limit}", by.order(request, by.key, by.id)))
    }

    /// Appends where a page begins.
    pub(crate) fn beyond(&mut self, by: By, request: &PageRequest) -> &mut Self {
        let Some(cursor) = &request.cursor else { return self };
        let (key, id) = (by.at)(cursor);
        let (key, id) = (self.arg(key), self.arg(id));
        let than = if by.is_down(request) { "<" } else { ">" };
        self.push(&format!("and ({}, {}) {than} ({key}, {id})", by.key, by.id))
    }
}

impl By {
    fn is_down(self, request: &PageRequest) -> bool {
        self.descending != is_backwards(request)
    }

    /// The order in which a page is read, of a key and an id by these names.
    pub(crate) fn order(self, request: &PageRequest, key: &str, id: &str) -> String {
        let way = if self.is_down(request) { "desc" } else { "asc" };
        format!("{key} {way}, {id} {way}")
    }
}

fn is_backwards(request: &PageRequest) -> bool {
    request.cursor.as_ref().is_some_and(|cursor| cursor.direction == Direction::Prev)
}

/// The page of the rows that [`Statement::page`] asked for.
pub(crate) fn page_of<T>(
    mut rows: Vec<T>,
    request: &PageRequest,
    place: impl Fn(&T) -> (i64, String),
) -> Page<T> {
    let more = rows.len() > request.limit;
    rows.truncate(request.limit);
    let backwards = is_backwards(request);
    if backwards {
        rows.reverse();
    }
    // A cursor names a row, which is on the other side of it.
    let (before, after) = if backwards { (more, true) } else { (request.cursor.is_some(), more) };
    let cursor = |row: Option<&T>, direction| {
        row.map(|row| {
            let (key, id) = place(row);
            Cursor { key, id, direction }
        })
    };
    let next = if after { cursor(rows.last(), Direction::Next) } else { None };
    let prev = if before { cursor(rows.first(), Direction::Prev) } else { None };
    Page { items: rows, next, prev }
}

impl Dialect {
    /// The database's clock, whose argument is [`Value::Now`].
    pub(crate) fn now(self, place: &str) -> String {
        match self {
            Self::Postgres => format!("coalesce({place}, statement_timestamp())"),
            Self::Sqlite => place.to_owned(),
        }
    }

    /// So many microseconds after its clock.
    pub(crate) fn later(self, now: &str, micros: &str) -> String {
        match self {
            Self::Postgres => format!("({} + {micros} * interval '1 microsecond')", self.now(now)),
            Self::Sqlite => format!("({now} + {micros})"),
        }
    }

    /// That a text is one of a list's.
    pub(crate) fn among(self, text: &str, list: &str) -> String {
        match self {
            Self::Postgres => format!("{text} = any({list})"),
            Self::Sqlite => format!("{text} in (select value from json_each({list}))"),
        }
    }

    /// The rows of a JSON array of objects, named `x`, with these columns of theirs: (name, type in Postgres).
    pub(crate) fn rows(self, list: &str, columns: &[(&str, &str)]) -> String {
        match self {
            Self::Postgres => {
                let columns: Vec<_> = columns.iter().map(|(name, of)| format!("{name} {of}")).collect();
                format!("json_to_recordset({list}) as x({})", columns.join(", "))
            }
            Self::Sqlite => {
                let columns: Vec<_> =
                    columns.iter().map(|(name, _)| format!("value ->> '{name}' as {name}")).collect();
                format!("(select {} from json_each({list})) as x", columns.join(", "))
            }
        }
    }
}
