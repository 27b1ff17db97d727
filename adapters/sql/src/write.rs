//! A unit as a database writes it.

use sarai_domain::kernel::EventId;
use sarai_ports::{Context, StoreError, Stored};

use crate::{Table, Value};

/// How an aggregate becomes columns: one function each, from its data alone.
pub trait Mapped: Stored {
    /// Its tables.
    const TABLE: &'static Table;

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
    /// Reads both back, and rebuilds the aggregate: [`StoreError::Corrupt`] when that cannot be.
    ///
    /// # Errors
    /// See above.
    fn read(id: &str, version: u64, document: &str, rows: &str) -> Result<Self, StoreError>;
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
    pub event: sarai_domain::marketplace::event::MarketplaceEvent,
}

/// One transaction.
#[derive(Debug, Clone)]
pub struct Write {
    /// The tables.
    pub table: &'static Table,
    /// The aggregate's name.
    pub aggregate: &'static str,
    /// Whose it is.
    pub tenant_id: String,
    /// Its key.
    pub id: String,
    /// The version loaded; 0 inserts.
    pub expected_version: u64,
    /// When it was created.
    pub created_at: sarai_domain::kernel::Timestamp,
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
