//! A table of one aggregate: roots, rows, unique keys and ordered indexes.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use sarai_domain::kernel::{Aggregate, Changes, Row, Timestamp};
use sarai_ports::{Page, PageRequest, StoreError, Stored, UniqueKey};

/// Which rows of an aggregate to load.
pub(crate) enum Rows<'a, R> {
    All,
    Only(&'a dyn Fn(&R) -> bool),
}

/// What a table is searched by, beside its key: (index, key). Keys of times are fixed-width text.
pub(crate) trait Indexed: Stored {
    fn index(data: &Self::Data) -> Vec<(&'static str, String)>;
    /// The same for a row.
    fn row_index(_row: &Self::Row) -> Option<(&'static str, String)> {
        None
    }
}

/// An instant as text that sorts like it.
pub(crate) fn at(instant: Timestamp) -> String {
    format!("{:020}", instant.unix_micros())
}

/// The instant of such a text.
pub(crate) fn instant(key: &str) -> Option<Timestamp> {
    key.parse().ok().map(Timestamp::from_unix_micros)
}

/// What stands under each key of each index.
type Index<T> = BTreeMap<(&'static str, String), BTreeSet<T>>;

struct Root<D> {
    data: D,
    version: u64,
}

pub(crate) struct Table<A: Aggregate> {
    roots: BTreeMap<A::Id, Root<A::Data>>,
    rows: BTreeMap<A::Id, BTreeMap<String, A::Row>>,
    unique: BTreeMap<(UniqueKey, String), A::Id>,
    index: Index<A::Id>,
    row_index: Index<(A::Id, String)>,
}

impl<A: Aggregate> Default for Table<A> {
    fn default() -> Self {
        Self {
            roots: BTreeMap::new(),
            rows: BTreeMap::new(),
            unique: BTreeMap::new(),
            index: BTreeMap::new(),
            row_index: BTreeMap::new(),
        }
    }
}

impl<A: Indexed> Table<A> {
    /// Rebuilds an aggregate with some of its rows.
    pub(crate) fn load(&self, id: &A::Id, rows: &Rows<'_, A::Row>) -> Result<Option<A>, StoreError> {
        let Some(root) = self.roots.get(id) else { return Ok(None) };
        let rows = self
            .rows(id)
            .filter(|row| match rows {
                Rows::All => true,
                Rows::Only(wanted) => wanted(row),
            })
            .cloned()
            .collect();
        A::rehydrate(root.data.clone(), rows, root.version).map(Some).map_err(|error| StoreError::Corrupt {
            aggregate: A::NAME,
            id: id.to_string(),
            reason: error.to_string(),
        })
    }

    pub(crate) fn data(&self, id: &A::Id) -> Option<&A::Data> {
        self.roots.get(id).map(|root| &root.data)
    }

    pub(crate) fn rows(&self, id: &A::Id) -> impl Iterator<Item = &A::Row> {
        self.rows.get(id).into_iter().flat_map(BTreeMap::values)
    }

    /// The rows of an index between two keys, in order, each with its aggregate's id.
    pub(crate) fn indexed_rows<'a>(
        &'a self,
        index: &'static str,
        from: &str,
        to: &str,
    ) -> impl Iterator<Item = (&'a A::Id, &'a A::Row)> + use<'a, A> {
        self.row_index
            .range((index, from.to_owned())..=(index, to.to_owned()))
            .flat_map(|(_, keys)| keys)
            .filter_map(|(id, key)| Some((id, self.rows.get(id)?.get(key)?)))
    }

    /// A page of the aggregates of these ids, newest first, all rows loaded.
    pub(crate) fn page<'a>(
        &self,
        ids: impl Iterator<Item = &'a A::Id>,
        page: &PageRequest,
        wanted: impl Fn(&A::Data) -> bool,
    ) -> Result<Page<A>, StoreError> {
        let places = ids
            .filter_map(|id| {
                let data = self.data(id).filter(|data| wanted(data))?;
                Some((A::created_at(data).unix_micros(), id.clone()))
            })
            .collect();
        let cut = Page::cut(places, page, true, |(created, id)| (*created, id.to_string()));
        self.load_page(cut.map(|(_, id)| id))
    }

    /// The aggregates of a page of ids.
    pub(crate) fn load_page(&self, ids: Page<A::Id>) -> Result<Page<A>, StoreError> {
        let Page { items, next, prev } = ids;
        let loaded: Result<Vec<_>, _> = items.iter().map(|id| self.load(id, &Rows::All)).collect();
        Ok(Page { items: loaded?.into_iter().flatten().collect(), next, prev })
    }

    pub(crate) fn by_unique(&self, key: UniqueKey, value: &str) -> Option<&A::Id> {
        self.unique.get(&(key, value.to_owned()))
    }

    /// The ids under exactly this key of an index.
    pub(crate) fn by_index<'a>(
        &'a self,
        index: &'static str,
        key: &str,
    ) -> impl Iterator<Item = &'a A::Id> + use<'a, A> {
        self.index.get(&(index, key.to_owned())).into_iter().flatten()
    }

    /// The keys and ids of an index up to a key, in order.
    pub(crate) fn up_to<'a>(
        &'a self,
        index: &'static str,
        key: &str,
    ) -> impl Iterator<Item = (&'a str, &'a A::Id)> + use<'a, A> {
        self.index
            .range((index, String::new())..=(index, key.to_owned()))
            .flat_map(|((_, key), ids)| ids.iter().map(move |id| (key.as_str(), id)))
    }

    /// The least key of an index after this one.
    pub(crate) fn least_after(&self, index: &'static str, key: &str) -> Option<&str> {
        let after = (Bound::Excluded((index, key.to_owned())), Bound::Unbounded);
        self.index
            .range(after)
            .next()
            .filter(|((name, _), _)| *name == index)
            .map(|((_, key), _)| key.as_str())
    }

    /// Why these changes cannot be written, if they cannot.
    pub(crate) fn check(&self, changes: &Changes<A>) -> Result<(), StoreError> {
        let stored = self.roots.get(&changes.id).map_or(0, |root| root.version);
        if stored != changes.expected_version {
            return Err(StoreError::Conflict { aggregate: A::NAME });
        }
        for (key, value) in A::unique_keys(&changes.data) {
            if self.unique.get(&(key, value)).is_some_and(|holder| *holder != changes.id) {
                return Err(StoreError::Taken(key));
            }
        }
        Ok(())
    }

    /// Writes checked changes; gives the new version.
    pub(crate) fn write(&mut self, changes: Changes<A>) -> u64 {
        let Changes { id, expected_version, data, rows, events: _ } = changes;
        let version = expected_version + 1;
        if let Some(old) = self.roots.get(&id) {
            for (key, value) in A::unique_keys(&old.data) {
                self.unique.remove(&(key, value));
            }
            for key in A::index(&old.data) {
                if let Some(ids) = self.index.get_mut(&key) {
                    ids.remove(&id);
                    if ids.is_empty() {
                        self.index.remove(&key);
                    }
                }
            }
        }
        for (key, value) in A::unique_keys(&data) {
            self.unique.insert((key, value), id.clone());
        }
        for key in A::index(&data) {
            self.index.entry(key).or_default().insert(id.clone());
        }
        let table = self.rows.entry(id.clone()).or_default();
        for row in rows {
            let key = row.key();
            if let Some(new) = A::row_index(&row) {
                self.row_index.entry(new).or_default().insert((id.clone(), key.clone()));
            }
            let new = A::row_index(&row);
            let old = table.insert(key.clone(), row).as_ref().and_then(A::row_index);
            if let Some(old) = old.filter(|old| new.as_ref() != Some(old))
                && let Some(keys) = self.row_index.get_mut(&old)
            {
                keys.remove(&(id.clone(), key));
            }
        }
        self.roots.insert(id, Root { data, version });
        version
    }
}
