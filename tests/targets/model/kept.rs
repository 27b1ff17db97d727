//! An aggregate as its store holds it: document and rows, shared between states, hashed once a save.

use std::{
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use sarai_domain::kernel::{Aggregate, Row};

/// A stored aggregate. Its hash covers everything a store would keep; the version is left out, because a
/// step loads and saves at once (what a version check makes of a save).
pub(crate) struct Kept<A: Aggregate> {
    hash: u64,
    stored: Arc<(A::Data, Vec<A::Row>)>,
}

impl<A: Aggregate<Data: Hash, Row: Hash>> Kept<A> {
    /// What a first save leaves, and the events it announces.
    pub(crate) fn new(aggregate: A) -> (Self, Vec<A::Event>) {
        let changes = aggregate.into_changes();
        (Self::of(changes.data, changes.rows), changes.events)
    }

    /// The aggregate, rebuilt as every load rebuilds it: its invariants are checked.
    pub(crate) fn load(&self) -> Result<A, A::Error> {
        A::rehydrate(self.stored.0.clone(), self.stored.1.clone(), 1)
    }

    /// Replaces document and changed rows; gives the events.
    pub(crate) fn save(&mut self, aggregate: A) -> Vec<A::Event> {
        let changes = aggregate.into_changes();
        let mut rows = self.stored.1.clone();
        for row in changes.rows {
            match rows.iter_mut().find(|known| known.key() == row.key()) {
                Some(known) => *known = row,
                None => rows.push(row),
            }
        }
        *self = Self::of(changes.data, rows);
        changes.events
    }

    /// The same with another document, decided by nobody: only for what is broken on purpose.
    pub(crate) fn altered(&self, alter: impl FnOnce(&mut A::Data)) -> Self {
        let (mut data, rows) = (*self.stored).clone();
        alter(&mut data);
        Self::of(data, rows)
    }

    /// The document of another save, its rows beside ours: an update lost, for what is broken on purpose.
    pub(crate) fn overwrite(&mut self, stale: &Self) {
        let (data, mut rows) = (*stale.stored).clone();
        let ours = self.rows().iter().filter(|row| rows.iter().all(|known| known.key() != row.key()));
        let ours: Vec<_> = ours.cloned().collect();
        rows.extend(ours);
        *self = Self::of(data, rows);
    }

    /// The document.
    pub(crate) fn data(&self) -> &A::Data {
        &self.stored.0
    }

    /// The rows, in the order of their keys.
    pub(crate) fn rows(&self) -> &[A::Row] {
        &self.stored.1
    }

    fn of(data: A::Data, mut rows: Vec<A::Row>) -> Self {
        rows.sort_by_key(Row::key);
        let mut hasher = DefaultHasher::new();
        (&data, &rows).hash(&mut hasher);
        Self { hash: hasher.finish(), stored: Arc::new((data, rows)) }
    }
}

impl<A: Aggregate> Clone for Kept<A> {
    fn clone(&self) -> Self {
        Self { hash: self.hash, stored: Arc::clone(&self.stored) }
    }
}

impl<A: Aggregate> PartialEq for Kept<A> {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.stored == other.stored
    }
}

impl<A: Aggregate> Hash for Kept<A> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl<A: Aggregate> fmt::Debug for Kept<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stored.fmt(f)
    }
}
