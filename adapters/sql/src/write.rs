//! A unit as a database writes it.

use std::sync::Arc;

use sarai_domain::{
    devportal::values::Environment,
    kernel::{EventId, Row, TenantId, Timestamp},
};
use sarai_ports::{Context, Event, StoreError, Stored, Unit, events::EventRecord, inventory::Content};

use crate::{Table, Value, aggregates::json};

/// How an aggregate becomes columns: one function each, from its data alone.
pub trait Mapped: Stored {
    /// Its tables.
    const TABLE: &'static Table;
    /// A column of the root's that is read with the document and that no save writes; only where there are no rows, in
    /// whose place it is given to [`Mapped::content`], as text, empty where it holds nothing.
    const BESIDE: Option<&'static str> = None;

    /// The root's document.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    fn document(data: &Self::Data) -> Result<String, StoreError>;
    /// The root's own columns, in the order of the table's.
    fn columns(data: &Self::Data) -> Vec<Value>;
    /// A row's document and own columns.
    ///
    /// # Errors
    /// As [`Mapped::document`].
    fn row(row: &Self::Row) -> Result<(String, Vec<Value>), StoreError>;
    /// The projections that this save must bring up to date; those that cannot have changed are left out.
    ///
    /// # Errors
    /// As [`Mapped::document`].
    fn children(_data: &Self::Data, _expected_version: u64) -> Result<Vec<Children>, StoreError> {
        Ok(Vec::new())
    }
    /// The key of this text.
    fn key(text: &str) -> Option<Self::Id>;
    /// Reads a document and an array of rows' documents, without judging them.
    ///
    /// # Errors
    /// The reader's message.
    fn content(document: &str, rows: &str) -> Result<Content<Self>, String>;
}

/// A row to insert or replace.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRow {
    /// Its key within the aggregate.
    pub key: String,
    /// Its own columns.
    pub columns: Vec<Value>,
    /// Its document.
    pub document: String,
}

/// All rows of one projection of the aggregate: what is not among them is deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct Children {
    /// The projection's place among the table's.
    pub of: usize,
    /// Its rows.
    pub rows: Vec<Child>,
}

/// A row of a projection: its own columns.
pub type Child = Vec<Value>;

/// An event to append.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRecord {
    /// Its id.
    pub id: EventId,
    /// What happened, as JSON.
    pub payload: String,
    /// Its topic.
    pub topic: &'static str,
    /// Who gets a delivery each.
    pub consumers: Vec<&'static str>,
    /// In whose feeds it appears.
    pub audiences: Vec<String>,
    /// The event itself, for the deliveries of the commit.
    pub event: Event,
}

/// One transaction.
#[derive(Debug, Clone)]
pub struct Write {
    /// The tables.
    pub table: &'static Table,
    /// The world it is in, where there are two of its kind.
    pub world: Option<Environment>,
    /// Whether the idempotency keys that led to it are given back.
    pub forgotten: bool,
    /// The aggregate's name.
    pub aggregate: &'static str,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Its key.
    pub id: String,
    /// The version loaded; 0 inserts.
    pub expected_version: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// Its document.
    pub document: String,
    /// Its own columns.
    pub columns: Vec<Value>,
    /// Rows to insert or replace.
    pub rows: Vec<NewRow>,
    /// Projections to bring up to date.
    pub children: Vec<Children>,
    /// Its events.
    pub events: Vec<NewRecord>,
    /// Time, cause, message consumed, key claimed.
    pub context: Context,
}

/// Fences of one delivery: its first is its event's place times this, and every claim takes the next. So a later
/// fence of a queue is a greater one.
pub const FENCES: i64 = 1 << 20;

/// How long the committing process may take before another takes a delivery up (ruling R41).
pub const LEASE: std::time::Duration = std::time::Duration::from_secs(15);

impl Write {
    /// The rows of a unit.
    ///
    /// # Errors
    /// When something in it cannot be written as JSON.
    pub fn of<A: Mapped>(unit: Unit<A>) -> Result<Self, StoreError> {
        let Unit { changes, events, context } = unit;
        let data = &changes.data;
        let row = |row: &A::Row| {
            let (document, columns) = A::row(row)?;
            Ok(NewRow { key: row.key(), columns, document })
        };
        let record = |new: sarai_ports::unit::NewEvent| {
            Ok(NewRecord {
                id: new.id,
                payload: json(A::NAME, &new.event)?,
                topic: new.event.topic(),
                consumers: new.consumers,
                audiences: new.audiences.iter().map(ToString::to_string).collect(),
                event: new.event,
            })
        };
        Ok(Self {
            table: A::TABLE,
            world: A::world(data),
            forgotten: A::forgotten(data),
            aggregate: A::NAME,
            tenant_id: A::owner(data),
            id: changes.id.to_string(),
            expected_version: changes.expected_version,
            created_at: A::created_at(data),
            document: A::document(data)?,
            columns: A::columns(data),
            rows: changes.rows.iter().map(row).collect::<Result<_, StoreError>>()?,
            children: A::children(data, changes.expected_version)?,
            events: events.into_iter().map(record).collect::<Result<_, StoreError>>()?,
            context,
        })
    }

    /// Its event of this place as the log keeps it.
    pub fn recorded(
        &self,
        event: &NewRecord,
        aggregate_seq: u64,
        recorded_at: Timestamp,
    ) -> Arc<EventRecord> {
        let cause = &self.context.cause;
        Arc::new(EventRecord {
            id: event.id,
            tenant_id: self.tenant_id.clone(),
            aggregate: self.aggregate,
            subject: self.id.clone(),
            aggregate_seq,
            time: self.context.now,
            recorded_at,
            correlation_id: cause.correlation_id.clone(),
            causation_id: cause.causation_id.clone(),
            event: event.event.clone(),
        })
    }
}
