//! Licences: only the rows that are asked for.

use async_trait::async_trait;
use sarai_domain::{
    kernel::{CourseId, LicenseId, OrderId, OrderLineId, TenantId, Timestamp, UserId},
    marketplace::license::{License, LicenseRow, LicenseState, SeatAllocation},
};
use sarai_ports::{
    Page, PageRequest, Scope, StoreError,
    marketplace::{LicenseRepository, LicenseRows, Waiting},
};

use super::by_id;
use crate::{
    Database, Record, Store, Value,
    aggregates::name,
    load::{Rows, corrupt, select},
    statement::{By, NEWEST, Statement, args, instant_and_id, number_and_id, page_of},
};

/// The rows of the user who is the first argument.
const OF_USER: Rows<'static> = Rows::Where("x.user_id = $1");

fn licenses(rows: &Rows<'_>, condition: &str, args: Vec<Value>) -> Statement {
    Statement::new(format!("{} where {condition}", select::<License>(rows)), args)
}

fn texts(ids: &[impl ToString]) -> Value {
    Value::Texts(ids.iter().map(ToString::to_string).collect())
}

fn row(record: &Record, place: usize) -> Result<LicenseRow, StoreError> {
    serde_json::from_str(record.text(place)?).map_err(|error| corrupt::<License>("", &error))
}

/// Seats by when they were assigned.
const SEATS: By = By { key: "x.assigned_at", id: "x.key", descending: true, at: instant_and_id };

/// Who waits, by their number.
const LINE: By = By { key: "p.number", id: "p.entry_id", descending: false, at: number_and_id };

#[async_trait]
impl<D: Database> LicenseRepository for Store<D> {
    async fn find_for_user(
        &self,
        scope: &Scope,
        id: LicenseId,
        user: &UserId,
    ) -> Result<Option<License>, StoreError> {
        self.load_one(scope, by_id::<License>(scope, &id, &OF_USER, args![user.as_str()])).await
    }

    async fn find_rows(
        &self,
        scope: &Scope,
        id: LicenseId,
        rows: &LicenseRows,
    ) -> Result<Option<License>, StoreError> {
        let mut args = Vec::new();
        let mut wanted = Vec::new();
        let mut add = |value: Value, condition: &dyn Fn(&str) -> String| {
            args.push(value);
            wanted.push(condition(&format!("${}", args.len())));
        };
        let dialect = self.database.dialect();
        if !rows.seats.is_empty() {
            add(texts(&rows.seats), &|list| dialect.among("x.key", list));
        }
        if !rows.users.is_empty() {
            add(texts(&rows.users), &|list| dialect.among("x.user_id", list));
        }
        if !rows.entries.is_empty() {
            add(texts(&rows.entries), &|list| {
                let (entry, same) = (dialect.among("x.entry_id", list), dialect.among("y.entry_id", list));
                format!(
                    "{entry} or x.key in (select y.seat_id from license_rows y \
                     where y.tenant_id = r.tenant_id and y.parent_id = r.id and {same})"
                )
            });
        }
        if rows.waiting > 0 {
            add(rows.waiting.into(), &|limit| {
                format!(
                    "x.key in (select y.key from license_rows y where y.tenant_id = r.tenant_id \
                     and y.parent_id = r.id and y.waiting order by y.number limit {limit})"
                )
            });
        }
        let condition = wanted.join(" or ");
        let wanted = if wanted.is_empty() { Rows::None } else { Rows::Where(&condition) };
        self.load_one(scope, by_id::<License>(scope, &id, &wanted, args)).await
    }

    async fn find_by_tenant(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        user: Option<&UserId>,
        state: Option<LicenseState>,
        page: &PageRequest,
    ) -> Result<Page<License>, StoreError> {
        let mut statement = licenses(&Rows::None, "r.tenant_id = $1", args![tenant.as_str()]);
        statement
            .within(scope, "r.tenant_id")
            .and_if("r.holder =", user.map(UserId::as_str))
            .and_if("r.state =", state.map(|state| name(&state)));
        self.load_page(scope, statement, NEWEST, page).await
    }

    async fn find_by_provider(
        &self,
        scope: &Scope,
        provider: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<License>, StoreError> {
        let text = "select r.parent_id, r.tenant_id, r.version, r.doc, '[]' from provider_licenses r \
                    where r.provider_tenant_id = $1";
        let mut statement = Statement::new(text, args![provider.as_str()]);
        statement.within(scope, "r.provider_tenant_id");
        self.load_page(scope, statement, By { id: "r.parent_id", ..NEWEST }, page).await
    }

    async fn find_by_order(&self, scope: &Scope, order: OrderId) -> Result<Vec<License>, StoreError> {
        let mut statement = licenses(&Rows::None, "r.order_id = $1", args![order.to_string()]);
        statement.within(scope, "r.tenant_id").push("order by r.created_at desc, r.id desc");
        self.load(scope, statement).await
    }

    async fn find_by_order_line(
        &self,
        scope: &Scope,
        line: OrderLineId,
        period_index: u32,
    ) -> Result<Option<License>, StoreError> {
        let args = args![line.to_string(), period_index];
        let mut statement = licenses(&Rows::All, "r.order_line_id = $1 and r.period_index = $2", args);
        statement.within(scope, "r.tenant_id");
        self.load_one(scope, statement).await
    }

    async fn find_for_entitlement(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        course: &CourseId,
        user: &UserId,
    ) -> Result<Vec<License>, StoreError> {
        let args = args![user.as_str(), tenant.as_str(), course.as_str()];
        let mut statement = licenses(&OF_USER, "r.tenant_id = $2 and r.course_id = $3", args);
        statement.within(scope, "r.tenant_id").push("and (r.holder = $1 or r.holder is null) order by r.id");
        self.load(scope, statement).await
    }

    async fn find_by_claim(&self, code_hash: &str) -> Result<Option<License>, StoreError> {
        let statement = licenses(&Rows::All, "r.claim_hash = $1", args![code_hash]);
        self.load_one(&Scope::System, statement).await
    }

    async fn find_expiring(&self, now: Timestamp, limit: usize) -> Result<Vec<LicenseId>, StoreError> {
        let text = "select id from licenses where ends_at <= $1 order by ends_at, id limit $2";
        self.ids(&Scope::System, Statement::new(text, args![now, limit])).await
    }

    async fn next_expiry(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.instant(Statement::new("select min(ends_at) from licenses where ends_at > $1", args![after]))
            .await
    }

    async fn waitlist(
        &self,
        scope: &Scope,
        id: LicenseId,
        user: Option<&UserId>,
        page: &PageRequest,
    ) -> Result<Page<Waiting>, StoreError> {
        let mut line = Statement::new(
            "select p.doc, p.place from (select x.doc, x.user_id, x.number, x.entry_id, \
             row_number() over (order by x.number) as place from license_rows x \
             where x.parent_id = $1 and x.waiting",
            args![id.to_string()],
        );
        line.within(scope, "x.tenant_id").push(") p where true");
        line.and_if("p.user_id =", user.map(UserId::as_str)).page(LINE, page);
        let found = self.ask(scope, line).await?;
        let waiting = found.iter().filter_map(|record| match row(record, 0) {
            Ok(LicenseRow::Waiting(entry)) => {
                Some(record.count(1).map(|position| Waiting { entry, position }))
            }
            Ok(LicenseRow::Seat(_)) => None,
            Err(error) => Some(Err(error)),
        });
        let waiting = waiting.collect::<Result<Vec<_>, _>>()?;
        Ok(page_of(waiting, page, |waiting| {
            (i64::try_from(waiting.entry.number).unwrap_or(i64::MAX), waiting.entry.id.to_string())
        }))
    }

    async fn seats(
        &self,
        scope: &Scope,
        id: LicenseId,
        page: &PageRequest,
    ) -> Result<Page<SeatAllocation>, StoreError> {
        let text = "select x.doc from license_rows x where x.parent_id = $1 and x.assigned_at is not null";
        let mut seats = Statement::new(text, args![id.to_string()]);
        seats.within(scope, "x.tenant_id").page(SEATS, page);
        let found = self.ask(scope, seats).await?;
        let seats = found.iter().filter_map(|record| match row(record, 0) {
            Ok(LicenseRow::Seat(seat)) => Some(Ok(seat)),
            Ok(LicenseRow::Waiting(_)) => None,
            Err(error) => Some(Err(error)),
        });
        let seats = seats.collect::<Result<Vec<_>, _>>()?;
        Ok(page_of(seats, page, |seat| (seat.assigned_at.unix_micros(), seat.id.to_string())))
    }
}
