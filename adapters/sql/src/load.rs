//! Aggregates out of rows: a root and its rows come in one statement.

use sarai_domain::kernel::Aggregate;
use sarai_ports::{Page, PageRequest, Scope, StoreError, inventory::Raw};

use crate::{
    Database, Mapped, Record, Store,
    statement::{By, Statement, page_of},
};

/// Which rows of an aggregate to load.
pub(crate) enum Rows<'a> {
    /// Every one.
    All,
    /// The root alone.
    None,
    /// Those of this condition on `x`, whose arguments are the statement's first.
    Where(&'a str),
    /// Those that this statement of theirs finds for `r`: it answers `doc`.
    Found(&'a str),
}

/// `select` of roots with their rows, as [`loaded`] and [`raw`] read them; the root is `r`.
pub(crate) fn select<A: Mapped>(rows: &Rows<'_>) -> String {
    let documents = match (A::TABLE.rows, rows) {
        (None, _) => match A::BESIDE {
            Some(column) => format!("coalesce(cast(r.{column} as text), '')"),
            None => "'[]'".to_owned(),
        },
        (_, Rows::None) => "'[]'".to_owned(),
        (Some((table, _)), wanted) => {
            let own = format!("{table} x where x.tenant_id = r.tenant_id and x.parent_id = r.id");
            let from = match wanted {
                Rows::Where(condition) => format!("{own} and ({condition})"),
                Rows::Found(found) => format!("({found}) x"),
                Rows::All | Rows::None => own,
            };
            format!("'[' || coalesce((select string_agg(cast(x.doc as text), ',') from {from}), '') || ']'")
        }
    };
    let table = A::TABLE.name;
    format!("select r.id, r.tenant_id, r.version, r.doc, {documents} from {table} r")
}

/// What cannot be read of an aggregate.
pub(crate) fn corrupt<A: Aggregate>(id: &str, reason: &impl ToString) -> StoreError {
    StoreError::Corrupt { aggregate: A::NAME, id: id.to_owned(), reason: reason.to_string() }
}

/// The key of a text.
pub(crate) fn key<A: Mapped>(text: &str) -> Result<A::Id, StoreError> {
    A::key(text).ok_or_else(|| corrupt::<A>(text, &"its key is no id"))
}

/// The aggregate of a document and its rows.
pub(crate) fn rebuilt<A: Mapped>(
    id: &str,
    version: u64,
    document: &str,
    rows: &str,
) -> Result<A, StoreError> {
    let content = A::content(document, rows).map_err(|reason| corrupt::<A>(id, &reason))?;
    let key = key::<A>(id)?;
    A::rehydrate(content.data, content.rows, version).map_err(|error| StoreError::corrupt::<A>(&key, &error))
}

/// The aggregate of a row of [`select`].
pub(crate) fn loaded<A: Mapped>(record: &Record) -> Result<A, StoreError> {
    rebuilt(record.text(0)?, record.count(2)?, record.text(3)?, record.text(4)?)
}

/// What is stored, of a row of [`select`].
pub(crate) fn raw<A: Mapped>(record: &Record) -> Result<Raw<A>, StoreError> {
    let id = record.text(0)?;
    let mut content = A::content(record.text(3)?, record.text(4)?);
    if let Ok(content) = &mut content {
        content.rows.sort_by_cached_key(sarai_domain::kernel::Row::key);
    }
    Ok(Raw { id: key::<A>(id)?, tenant_id: tenant(record, 1)?, version: record.count(2)?, content })
}

/// A tenant's id.
pub(crate) fn tenant(record: &Record, place: usize) -> Result<sarai_domain::kernel::TenantId, StoreError> {
    parsed(record.text(place)?)
}

/// An id.
pub(crate) fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Unavailable(format!("a stored id is none: {text}")))
}

impl<D: Database> Store<D> {
    /// Runs a statement.
    pub(crate) async fn ask(&self, scope: &Scope, statement: Statement) -> Result<Vec<Record>, StoreError> {
        self.database.run(scope, &statement.text, statement.args).await
    }

    /// The aggregates of a statement of [`select`].
    pub(crate) async fn load<A: Mapped>(
        &self,
        scope: &Scope,
        statement: Statement,
    ) -> Result<Vec<A>, StoreError> {
        self.ask(scope, statement).await?.iter().map(loaded).collect()
    }

    /// The first of them.
    pub(crate) async fn load_one<A: Mapped>(
        &self,
        scope: &Scope,
        statement: Statement,
    ) -> Result<Option<A>, StoreError> {
        self.ask(scope, statement).await?.first().map(loaded).transpose()
    }

    /// A page of them, newest first.
    pub(crate) async fn load_page<A: Mapped>(
        &self,
        scope: &Scope,
        mut statement: Statement,
        by: By,
        page: &PageRequest,
    ) -> Result<Page<A>, StoreError> {
        statement.page(by, page);
        let found = self.load::<A>(scope, statement).await?;
        Ok(page_of(found, page, |found| (A::created_at(found.data()).unix_micros(), found.id().to_string())))
    }

    /// The ids that a statement's first column names. A text that is no id is left out and complained of: what one row
    /// says holds up nobody else's.
    pub(crate) async fn ids<T: std::str::FromStr>(
        &self,
        scope: &Scope,
        statement: Statement,
    ) -> Result<Vec<T>, StoreError> {
        let ids = self.ask(scope, statement).await?;
        let ids = ids.iter().filter_map(|record| {
            let id = record.text(0).and_then(parsed);
            id.inspect_err(|error| tracing::error!(%error, "a row is left out, whose id is none")).ok()
        });
        Ok(ids.collect())
    }

    /// The instant that a statement's only cell names.
    pub(crate) async fn instant(
        &self,
        statement: Statement,
    ) -> Result<Option<sarai_domain::kernel::Timestamp>, StoreError> {
        let found = self.ask(&Scope::System, statement).await?;
        found.first().map_or(Ok(None), |record| record.maybe_time(0))
    }
}
