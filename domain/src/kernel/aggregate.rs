//! The shape every aggregate has: data, a version, and what its commands left to be saved.

use std::{collections::BTreeMap, fmt};

use super::{error::Coded, event::DomainEvent};

/// What a command did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "an outcome says whether there is something to save"]
pub enum Outcome {
    /// The aggregate changed: save it.
    Applied,
    /// The same command had been applied before: nothing to save.
    AlreadyApplied,
}

/// A nested entity stored as a row of its own, so that a save writes only the rows that changed (R62).
pub trait Row: Clone + PartialEq + fmt::Debug + Send + Sync + 'static {
    /// The row's key within its aggregate.
    fn key(&self) -> String;
}

/// For aggregates that keep everything in their document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum NoRow {}

impl Row for NoRow {
    fn key(&self) -> String {
        match *self {}
    }
}

/// A consistency boundary: loaded whole (root and the rows a command needs), changed by its commands only,
/// saved once.
///
/// Nothing but a save drains the events: it takes the aggregate by value ([`Aggregate::into_changes`]), so
/// a failed save drops it and a retry must load again.
pub trait Aggregate: Sized + Clone + Send + Sync + 'static {
    /// Its key.
    type Id: Clone + Ord + fmt::Display + fmt::Debug + Send + Sync + 'static;
    /// The root's stored document.
    type Data: Clone + PartialEq + fmt::Debug + Send + Sync + 'static;
    /// Nested entities with rows of their own.
    type Row: Row;
    /// What it announces.
    type Event: DomainEvent + Clone + fmt::Debug + Send + Sync + 'static;
    /// Why stored data is not a valid aggregate.
    type Error: Coded + Send + Sync + 'static;

    /// The aggregate's name in messages, audit rows and topics.
    const NAME: &'static str;

    /// Rebuilds the aggregate from what a store holds.
    ///
    /// # Errors
    /// When the root or the rows given break an invariant (ruling R81).
    fn rehydrate(data: Self::Data, rows: Vec<Self::Row>, version: u64) -> Result<Self, Self::Error>;
    /// Its key.
    fn id(&self) -> Self::Id;
    /// The root's document: read freely, change through commands.
    fn data(&self) -> &Self::Data;
    /// How often it has been saved; 0 before the first save.
    fn version(&self) -> u64;
    /// What a save must write.
    fn into_changes(self) -> Changes<Self>;
}

/// What a save writes, as one atomic whole.
#[derive(Debug, Clone)]
pub struct Changes<A: Aggregate> {
    /// The key.
    pub id: A::Id,
    /// The version the aggregate was loaded with; 0 inserts.
    pub expected_version: u64,
    /// The root's new document.
    pub data: A::Data,
    /// Rows to insert or replace by [`Row::key`].
    pub rows: Vec<A::Row>,
    /// Events in the order they happened.
    pub events: Vec<A::Event>,
}

/// The part all aggregates are built around.
#[derive(Debug, Clone)]
pub struct Root<D, E, R = NoRow> {
    /// The document.
    pub(crate) data: D,
    version: u64,
    pending: Vec<E>,
    changed: BTreeMap<String, R>,
}

impl<D, E, R: Row> Root<D, E, R> {
    /// An aggregate that no store knows yet.
    pub(crate) fn new(data: D) -> Self {
        Self::stored(data, 0)
    }

    /// An aggregate as a store holds it.
    pub(crate) fn stored(data: D, version: u64) -> Self {
        Self { data, version, pending: Vec::new(), changed: BTreeMap::new() }
    }

    /// The version it was loaded with.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// Notes a fact.
    pub(crate) fn record(&mut self, event: E) {
        self.pending.push(event);
    }

    /// The facts noted since it was loaded.
    pub(crate) fn pending(&self) -> &[E] {
        &self.pending
    }

    /// Notes a row to write; a later note of the same key replaces it.
    pub(crate) fn write_row(&mut self, row: R) {
        self.changed.insert(row.key(), row);
    }

    /// What a save must write.
    pub(crate) fn into_changes<A>(self, id: A::Id) -> Changes<A>
    where
        A: Aggregate<Data = D, Event = E, Row = R>,
    {
        Changes {
            id,
            expected_version: self.version,
            data: self.data,
            rows: self.changed.into_values().collect(),
            events: self.pending,
        }
    }
}
