//! A map that knows what changed in it, so that the changes can be written.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
};

use sarai_ports::GatewayError;
use serde::{Serialize, de::DeserializeOwned};

use crate::documents::{Changes, Documents, DocumentsError};

/// Rows of one kind by their keys. Reading is a map's.
#[derive(Debug)]
pub(crate) struct Table<K, V> {
    kind: &'static str,
    rows: BTreeMap<K, V>,
    changed: BTreeSet<K>,
}

impl<K, V> Deref for Table<K, V> {
    type Target = BTreeMap<K, V>;

    fn deref(&self) -> &Self::Target {
        &self.rows
    }
}

impl<K: Ord + Clone, V> Table<K, V> {
    /// Without rows; the documents of its rows will be of this kind.
    pub(crate) const fn new(kind: &'static str) -> Self {
        Self { kind, rows: BTreeMap::new(), changed: BTreeSet::new() }
    }

    pub(crate) fn insert(&mut self, key: K, row: V) {
        self.changed.insert(key.clone());
        self.rows.insert(key, row);
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let row = self.rows.get_mut(key)?;
        self.changed.insert(key.clone());
        Some(row)
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let row = self.rows.remove(key)?;
        self.changed.insert(key.clone());
        Some(row)
    }
}

impl<K: Ord + Clone + Serialize + DeserializeOwned, V: Serialize + DeserializeOwned> Table<K, V> {
    /// Takes the rows that the documents held when they were opened.
    pub(crate) fn fill(&mut self, documents: &Documents) -> Result<(), DocumentsError> {
        self.rows.extend(documents.take(self.kind)?);
        Ok(())
    }

    /// Notes what changed since the last time.
    pub(crate) fn note(&mut self, changes: &mut Changes) -> Result<(), GatewayError> {
        while let Some(key) = self.changed.pop_first() {
            changes.note(self.kind, &key, self.rows.get(&key))?;
        }
        Ok(())
    }
}
