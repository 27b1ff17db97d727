//! A table of one aggregate: roots, rows, unique keys and ordered indexes.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    ops::Bound,
};

use sarai_domain::kernel::{Aggregate, Changes, Row, Timestamp};
use sarai_ports::{Page, PageRequest, StoreError, Stored, UniqueKey};

/// Which rows of an aggregate to load.
pub(crate) enum Rows {
    All,
    /// So many that were added last, of rows that are only ever added.
    Latest(usize),
    /// Those with these keys.
    Keys(Vec<String>),
    /// Those with these keys, and those under these keys of the row index.
    Indexed(Vec<String>, Vec<(&'static str, String)>),
}

impl Rows {
    /// The root alone.
    pub(crate) const NONE: Self = Self::Keys(Vec::new());

    /// Those under a key of the row index.
    pub(crate) fn of(index: &'static str, key: &impl ToString) -> Self {
        Self::Indexed(Vec::new(), vec![(index, key.to_string())])
    }

    /// And the one with this key.
    pub(crate) fn and(self, key: String) -> Self {
        match self {
            Self::All | Self::Latest(_) => Self::All,
            Self::Keys(mut keys) => {
                keys.push(key);
                Self::Keys(keys)
            }
            Self::Indexed(mut keys, indexed) => {
                keys.push(key);
                Self::Indexed(keys, indexed)
            }
        }
    }

    /// And those under a key of the row index.
    pub(crate) fn and_of(self, index: &'static str, key: &impl ToString) -> Self {
        let entry = (index, key.to_string());
        match self {
            Self::All | Self::Latest(_) => Self::All,
            Self::Keys(keys) => Self::Indexed(keys, vec![entry]),
            Self::Indexed(keys, mut indexed) => {
                indexed.push(entry);
                Self::Indexed(keys, indexed)
            }
        }
    }
}

/// What a table is searched by, beside its key: (index, key). Keys of times are fixed-width text.
pub(crate) trait Indexed: Stored {
    fn index(data: &Self::Data) -> Vec<(&'static str, String)>;
    /// The same for a row.
    fn row_index(_row: &Self::Row) -> Vec<(&'static str, String)> {
        Vec::new()
    }
    /// Keeps what a save leaves as it is.
    fn keep(_stored: &Self::Data, _saved: &mut Self::Data) {}
    /// For a row that is only ever added: its place among those added with it.
    fn appended(_row: &Self::Row) -> Option<String> {
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
    /// The keys of the rows that are only ever added, in the order in which they were committed.
    appended: BTreeMap<A::Id, Vec<String>>,
    /// Where such rows were added since [`Table::settle`].
    grown: BTreeSet<A::Id>,
}

impl<A: Aggregate> Default for Table<A> {
    fn default() -> Self {
        Self {
            roots: BTreeMap::new(),
            rows: BTreeMap::new(),
            unique: BTreeMap::new(),
            index: BTreeMap::new(),
            row_index: BTreeMap::new(),
            appended: BTreeMap::new(),
            grown: BTreeSet::new(),
        }
    }
}

impl<A: Indexed> Table<A> {
    /// Rebuilds an aggregate with some of its rows; takes time in proportion to the rows loaded.
    pub(crate) fn load(&self, id: &A::Id, rows: &Rows) -> Result<Option<A>, StoreError> {
        let Some(root) = self.roots.get(id) else { return Ok(None) };
        let rows = match rows {
            Rows::All => self.rows(id).cloned().collect(),
            Rows::Latest(count) => {
                let added = self.appended.get(id).map_or(0, Vec::len);
                self.appended(id, added.saturating_sub(*count)).cloned().collect()
            }
            Rows::Keys(keys) => self.rows_of(id, &keys.iter().cloned().collect()),
            Rows::Indexed(keys, indexed) => {
                let found = indexed.iter().filter_map(|entry| self.row_index.get(entry)).flat_map(|rows| {
                    rows.range((id.clone(), String::new())..).take_while(|(owner, _)| owner == id)
                });
                let found = found.map(|(_, key)| key).chain(keys).cloned();
                self.rows_of(id, &found.collect())
            }
        };
        A::rehydrate(root.data.clone(), rows, root.version)
            .map(Some)
            .map_err(|error| StoreError::corrupt::<A>(id, &error))
    }

    fn rows_of(&self, id: &A::Id, keys: &BTreeSet<String>) -> Vec<A::Row> {
        let rows = self.rows.get(id);
        keys.iter().filter_map(|key| rows?.get(key).cloned()).collect()
    }

    pub(crate) fn data(&self, id: &A::Id) -> Option<&A::Data> {
        self.roots.get(id).map(|root| &root.data)
    }

    /// Changes a document without saving it: nothing that it is searched by.
    pub(crate) fn note(&mut self, id: &A::Id, change: impl FnOnce(&mut A::Data)) {
        if let Some(root) = self.roots.get_mut(id) {
            change(&mut root.data);
        }
    }

    /// The ids after this one, in order.
    pub(crate) fn after(&self, id: Option<&A::Id>) -> impl Iterator<Item = &A::Id> {
        let from = id.map_or(Bound::Unbounded, |id| Bound::Excluded(id.clone()));
        self.roots.range((from, Bound::Unbounded)).map(|(id, _)| id)
    }

    /// A document and its version.
    pub(crate) fn root(&self, id: &A::Id) -> Option<(&A::Data, u64)> {
        self.roots.get(id).map(|root| (&root.data, root.version))
    }

    /// Every id.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &A::Id> {
        self.roots.keys()
    }

    pub(crate) fn rows(&self, id: &A::Id) -> impl Iterator<Item = &A::Row> {
        self.rows.get(id).into_iter().flat_map(BTreeMap::values)
    }

    /// The rows that are only ever added, in the order in which they were committed, without the first `skip`.
    pub(crate) fn appended(&self, id: &A::Id, skip: usize) -> impl Iterator<Item = &A::Row> {
        let keys = self.appended.get(id).and_then(|keys| keys.get(skip..)).unwrap_or_default();
        let rows = self.rows.get(id);
        keys.iter().filter_map(move |key| rows?.get(key))
    }

    /// Where such rows were added since [`Table::settle`].
    pub(crate) fn grown(&self) -> impl Iterator<Item = &A::Id> {
        self.grown.iter()
    }

    /// Forgets that rows were added.
    pub(crate) fn settle(&mut self, id: &A::Id) {
        self.grown.remove(id);
    }

    /// The keys of an aggregate's rows under exactly this key of the row index, in order.
    pub(crate) fn keys_under<'a>(
        &'a self,
        id: &A::Id,
        index: &'static str,
        key: &str,
    ) -> impl Iterator<Item = &'a String> + use<'a, A> {
        let id = id.clone();
        self.row_index
            .get(&(index, key.to_owned()))
            .into_iter()
            .flat_map({
                let id = id.clone();
                move |rows| rows.range((id.clone(), String::new())..)
            })
            .take_while(move |(owner, _)| *owner == id)
            .map(|(_, key)| key)
    }

    /// The row of this key.
    pub(crate) fn row(&self, id: &A::Id, key: &str) -> Option<&A::Row> {
        self.rows.get(id)?.get(key)
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

    /// A page of the aggregates of these ids, newest first.
    pub(crate) fn page<'a>(
        &self,
        ids: impl Iterator<Item = &'a A::Id>,
        page: &PageRequest,
        rows: &Rows,
        wanted: impl Fn(&A::Data) -> bool,
    ) -> Result<Page<A>, StoreError> {
        let places = ids
            .filter_map(|id| {
                let data = self.data(id).filter(|data| wanted(data))?;
                Some((A::created_at(data).unix_micros(), id.clone()))
            })
            .collect();
        let cut = Page::cut(places, page, true, |(created, id)| (*created, id.to_string()));
        self.load_page(cut.map(|(_, id)| id), rows)
    }

    /// The aggregates of a page of ids.
    pub(crate) fn load_page(&self, ids: Page<A::Id>, rows: &Rows) -> Result<Page<A>, StoreError> {
        let Page { items, next, prev } = ids;
        let loaded: Result<Vec<_>, _> = items.iter().map(|id| self.load(id, rows)).collect();
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

    /// Why these changes cannot be written, if they cannot; `giving_way` hold no unique key by then.
    pub(crate) fn check(&self, changes: &Changes<A>, giving_way: &[A::Id]) -> Result<(), StoreError> {
        let stored = self.roots.get(&changes.id).map_or(0, |root| root.version);
        if stored != changes.expected_version {
            return Err(StoreError::Conflict { aggregate: A::NAME });
        }
        for (key, value) in A::unique_keys(&changes.data) {
            let holder = self.unique.get(&(key, value));
            if holder.is_some_and(|holder| *holder != changes.id && !giving_way.contains(holder)) {
                return Err(StoreError::Taken(key));
            }
        }
        Ok(())
    }

    /// Deletes an aggregate with its rows.
    pub(crate) fn delete(&mut self, id: &A::Id) {
        let Some(root) = self.roots.remove(id) else { return };
        for (key, value) in A::unique_keys(&root.data) {
            if self.unique.get(&(key, value.clone())) == Some(id) {
                self.unique.remove(&(key, value));
            }
        }
        for entry in A::index(&root.data) {
            forget(&mut self.index, entry, id);
        }
        self.delete_rows(id);
    }

    /// Deletes an aggregate's rows.
    pub(crate) fn delete_rows(&mut self, id: &A::Id) {
        for (key, row) in self.rows.remove(id).unwrap_or_default() {
            for entry in A::row_index(&row) {
                forget(&mut self.row_index, entry, &(id.clone(), key.clone()));
            }
        }
        self.appended.remove(id);
        self.grown.remove(id);
    }

    /// Writes checked changes; gives the new version.
    pub(crate) fn write(&mut self, changes: Changes<A>) -> u64 {
        let Changes { id, expected_version, mut data, rows, events: _ } = changes;
        let version = expected_version + 1;
        if let Some(old) = self.roots.get(&id) {
            A::keep(&old.data, &mut data);
            for (key, value) in A::unique_keys(&old.data) {
                self.unique.remove(&(key, value));
            }
            for entry in A::index(&old.data) {
                forget(&mut self.index, entry, &id);
            }
        }
        for (key, value) in A::unique_keys(&data) {
            self.unique.insert((key, value), id.clone());
        }
        for key in A::index(&data) {
            self.index.entry(key).or_default().insert(id.clone());
        }
        let table = self.rows.entry(id.clone()).or_default();
        let mut added = BTreeSet::new();
        for row in rows {
            let key = row.key();
            if let Some(old) = table.get(&key) {
                for entry in A::row_index(old) {
                    forget(&mut self.row_index, entry, &(id.clone(), key.clone()));
                }
            } else {
                added.extend(A::appended(&row).map(|place| (place, key.clone())));
            }
            for entry in A::row_index(&row) {
                self.row_index.entry(entry).or_default().insert((id.clone(), key.clone()));
            }
            table.insert(key, row);
        }
        if !added.is_empty() {
            self.appended.entry(id.clone()).or_default().extend(added.into_iter().map(|(_, key)| key));
            self.grown.insert(id.clone());
        }
        self.roots.insert(id, Root { data, version });
        version
    }
}

/// Takes a value from under a key, and the key with its last value.
fn forget<T: Ord>(index: &mut Index<T>, entry: (&'static str, String), value: &T) {
    if let Entry::Occupied(mut values) = index.entry(entry) {
        values.get_mut().remove(value);
        if values.get().is_empty() {
            values.remove();
        }
    }
}
