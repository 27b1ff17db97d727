//! Listings, and the public catalogue.

use async_trait::async_trait;
use sarai_domain::{
    kernel::{ListingId, TenantId, Timestamp},
    marketplace::listing::{Listing, ListingState, RetireEvidence},
};
use sarai_ports::{
    Page, PageRequest, Scope, StoreError,
    marketplace::{Catalog, CatalogFilter, CatalogSort, ListingRepository},
};

use crate::{
    Database, Dialect, Store,
    aggregates::{ANY, name},
    load::{Rows, loaded, select},
    statement::{By, NEWEST, Statement, args, instant_and_id, number_and_id, page_of},
};

fn listings(condition: &str, args: Vec<crate::Value>) -> Statement {
    Statement::new(format!("{} where {condition}", select::<Listing>(&Rows::All)), args)
}

#[async_trait]
impl<D: Database> ListingRepository for Store<D> {
    async fn find_by_provider(
        &self,
        scope: &Scope,
        provider: &TenantId,
        state: Option<ListingState>,
        page: &PageRequest,
    ) -> Result<Page<Listing>, StoreError> {
        let mut statement = listings("r.tenant_id = $1", args![provider.as_str()]);
        if !scope.covers(provider) {
            statement.push("and r.state = 'live'");
        }
        statement.and_if("r.state =", state.map(|state| name(&state)));
        self.load_page(scope, statement, NEWEST, page).await
    }

    async fn find_by_state(
        &self,
        scope: &Scope,
        state: ListingState,
        page: &PageRequest,
    ) -> Result<Page<Listing>, StoreError> {
        let mut statement = listings("r.state = $1", args![name(&state)]);
        statement.within(scope, "r.tenant_id");
        self.load_page(scope, statement, NEWEST, page).await
    }

    async fn find_pending_revisions(
        &self,
        scope: &Scope,
        state: Option<ListingState>,
        page: &PageRequest,
    ) -> Result<Page<Listing>, StoreError> {
        let mut statement = listings("r.pending_revision", Vec::new());
        statement.within(scope, "r.tenant_id").and_if("r.state =", state.map(|state| name(&state)));
        self.load_page(scope, statement, NEWEST, page).await
    }
}

const BY_AGE: By = By { key: "c.created_at", id: "c.parent_id", descending: true, at: instant_and_id };
const DEAREST: By = By { key: "c.price", id: "c.parent_id", descending: true, at: number_and_id };
const CHEAPEST: By = By { descending: false, ..DEAREST };

/// The rows of the catalogue that a filter wants: listing and price, in their order.
fn searched(dialect: Dialect, filter: &CatalogFilter, page: &PageRequest) -> Statement {
    let by = match filter.sort {
        CatalogSort::Newest => BY_AGE,
        CatalogSort::PriceAscending => CHEAPEST,
        CatalogSort::PriceDescending => DEAREST,
    };
    let currency = filter.currency.map_or(ANY, |currency| currency.code());
    let text = "select c.tenant_id, c.parent_id, c.price, c.created_at, c.kinds, c.words from catalog c";
    let mut statement = Statement::new(text, args![currency]);
    // A tag's rows have indexes of their own, by age and by price.
    let (by, [least, most]) = if let Some(tag) = &filter.tag {
        let tag = statement.arg(tag.as_str());
        statement.push(&format!(
            "join catalog_tags t on t.tenant_id = c.tenant_id and t.parent_id = c.parent_id \
             and t.currency = c.currency where c.currency = $1 and t.currency = $1 and t.tag = {tag}"
        ));
        let key = if filter.sort == CatalogSort::Newest { "t.created_at" } else { "t.price" };
        (By { key, id: "t.parent_id", ..by }, ["t.price >=", "t.price <="])
    } else {
        statement.push("where c.currency = $1");
        (by, ["c.price >=", "c.price <="])
    };
    statement
        .and_if("c.tenant_id =", filter.provider.as_ref().map(TenantId::as_str))
        .and_if("c.category =", filter.category.as_deref())
        .and_if(least, filter.min_price.map(|price| price.minor_units()))
        .and_if(most, filter.max_price.map(|price| price.minor_units()));
    let kind = filter.kind.map(|kind| ("c.kinds", format!("|{}|", name(&kind))));
    let words = filter.text.iter().flat_map(|text| text.split_whitespace());
    let parts: Vec<_> = kind.into_iter().chain(words.map(|word| ("c.words", word.to_lowercase()))).collect();
    if dialect == Dialect::Postgres && !parts.is_empty() {
        return looked_through(statement, &parts, by, page);
    }
    for (text, part) in parts {
        let has = statement.has(text, &part);
        statement.push("and").push(&has);
    }
    statement.page(by, page);
    statement
}

/// How many rows of the catalogue are looked through in its order.
const NEAR: usize = 5_000;

/// Those of a statement's rows that have all these parts in their texts. A common part is met soon in the catalogue's order;
/// where it is not, few rows have it, and they are found by the index of parts (`catalog_texts`). How common one is nobody
/// knows before: under row-level security Postgres plans `like` without statistics.
fn looked_through(mut rows: Statement, parts: &[(&str, String)], by: By, page: &PageRequest) -> Statement {
    rows.beyond(by, page);
    let all = rows.text.clone();
    let has: Vec<_> = parts.iter().map(|(text, part)| rows.has(text, part)).collect();
    let (has, limit) = (has.join(" and "), rows.arg(page.limit.saturating_add(1)));
    let near = format!("({all} order by {} limit {NEAR}) c", by.order(page, by.key, by.id));
    let key = if by.key.ends_with("price") { "price" } else { "created_at" };
    let order = by.order(page, key, "parent_id");
    let row = "tenant_id, parent_id, price, created_at";
    rows.text = format!(
        "with near as materialized (select {row} from {near} where {has} limit {limit}), \
         ended as materialized (select (select count(*) from near) = {limit} \
             or (select count(*) from {near}) < {NEAR} as so), \
         far as materialized (select {row} from ({all}) c where {has} and not (select so from ended)) \
         select {row} from near where (select so from ended) union all \
         (select {row} from far order by {order} limit {limit})"
    );
    rows
}

#[async_trait]
impl<D: Database> Catalog for Store<D> {
    async fn search(&self, filter: &CatalogFilter, page: &PageRequest) -> Result<Page<Listing>, StoreError> {
        let Statement { text, args } = searched(self.database.dialect(), filter, page);
        // The page's listings by their keys; a listing comes with the place it was found at.
        let text = format!(
            "select r.id, r.tenant_id, r.version, r.doc, '[]', p.price, p.created_at from ({text}) p \
             join listings r on r.tenant_id = p.tenant_id and r.id = p.parent_id"
        );
        let found = self.ask(&Scope::Public, Statement { text, args }).await?;
        let mut rows = Vec::with_capacity(found.len());
        for record in &found {
            let key = match filter.sort {
                CatalogSort::Newest => record.time(6)?.unix_micros(),
                CatalogSort::PriceAscending | CatalogSort::PriceDescending => record.int(5)?,
            };
            rows.push(((key, record.text(0)?.to_owned()), loaded::<Listing>(record)?));
        }
        // A join promises no order: the page's is restored, the way the page was read.
        rows.sort_by(|(one, _), (other, _)| one.cmp(other));
        let backwards =
            page.cursor.as_ref().is_some_and(|cursor| cursor.direction == sarai_ports::Direction::Prev);
        if (filter.sort != CatalogSort::PriceAscending) != backwards {
            rows.reverse();
        }
        Ok(page_of(rows, page, |(place, _)| place.clone()).map(|(_, listing)| listing))
    }

    async fn retire_evidence(
        &self,
        listing: ListingId,
        now: Timestamp,
    ) -> Result<RetireEvidence, StoreError> {
        // An open status is in no index, because every purchase would write it: open orders are found by their sagas that
        // are not over, and by having begun none. One of 10^6 that were sold is neither. The lines of each are looked through
        // for the listing, whose index (kept out by `|| ''`) has all that were sold.
        let text = "select count(*), count(*) filter (where l.valid_until is null), max(l.valid_until), ( \
                        select count(*) from (select 1 from ( \
                            select o.tenant_id, o.id from sagas s \
                            join orders o on o.tenant_id = s.tenant_id and o.id = s.order_id \
                            where s.next_attempt_at is not null \
                            and o.status in ('created', 'pending_payment', 'paid') \
                            union select o.tenant_id, o.id from orders o where o.unstarted) u \
                        where (select count(*) from order_lines n where n.tenant_id = u.tenant_id \
                            and n.parent_id = u.id and n.listing_id || '' = $1) > 0 limit $3) counted) \
                    from (select a.valid_until from licenses a where a.listing_id = $1 and a.state = 'active' \
                        and (a.valid_until is null or a.valid_until >= $2) limit $3) l";
        let args = args![listing.to_string(), now, RetireEvidence::COUNTED];
        let found = self.ask(&Scope::System, Statement::new(text, args)).await?;
        let count = |place| -> Result<u32, StoreError> {
            let number = found.first().map_or(Ok(0), |record| record.count(place))?;
            Ok(u32::try_from(number).unwrap_or(u32::MAX))
        };
        let latest_valid_until = found.first().map_or(Ok(None), |record| record.maybe_time(2))?;
        Ok(RetireEvidence {
            active: count(0)?,
            perpetual: count(1)?,
            latest_valid_until,
            open_orders: count(3)?,
        })
    }
}
