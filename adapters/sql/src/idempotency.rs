//! Idempotency keys and the audit log.

use async_trait::async_trait;
use sarai_domain::kernel::Timestamp;
use sarai_ports::{
    Cursor, Page, PageRequest, Scope, StoreError,
    audit::{AuditLog, AuditRow, Deed},
    idempotency::{Claim, ClaimKey, ClaimState, IdempotencyStore, StoredResponse},
};

use crate::{
    Database, Record, Store, Value,
    aggregates::json,
    load::tenant,
    names::interned,
    purge::Old,
    statement::{By, Statement, args, page_of},
};

const KEY: &str = "tenant_id = $1 and principal = $2 and operation = $3 and key_hash = $4";

const OLD: Old = Old {
    table: "idempotency_keys",
    key: "tenant_id, principal, operation, key_hash",
    age: "taken_at",
    than: "<",
};

/// Inserts a claim, or takes over one that has lapsed without an effect; no row comes back when somebody has it.
/// With the id of what the effect writes when it is written together with it.
pub fn taking(dialect: crate::Dialect, claim: &Claim, resource_id: Option<&str>) -> (String, Vec<Value>) {
    let now = dialect.now("$7");
    let mut args = key_of(&claim.key);
    args.extend(args![claim.fingerprint.as_str(), claim.lease_until, Value::Now]);
    let (column, value, set) = match resource_id {
        Some(id) => {
            args.push(id.into());
            (", resource_id", ", $8", ", resource_id = excluded.resource_id")
        }
        None => ("", "", ""),
    };
    let text = format!(
        "insert into idempotency_keys (tenant_id, principal, operation, key_hash, fingerprint, lease_until, \
             taken_at{column}) \
         values ($1, $2, $3, $4, $5, $6, {now}{value}) \
         on conflict (tenant_id, principal, operation, key_hash) do update set fingerprint = excluded.fingerprint, \
             lease_until = excluded.lease_until, taken_at = excluded.taken_at{set} \
         where idempotency_keys.status is null and idempotency_keys.resource_id is null \
             and idempotency_keys.lease_until <= {now} \
         returning 1"
    );
    (text, args)
}

fn key_of(key: &ClaimKey) -> Vec<Value> {
    args![key.tenant_id.as_str(), key.principal.as_str(), key.operation, key.key_hash.as_str()]
}

fn within(key: &ClaimKey) -> Scope {
    Scope::Within(key.tenant_id.clone())
}

fn unreadable(reason: &impl ToString) -> StoreError {
    StoreError::Corrupt { aggregate: "idempotency_key", id: String::new(), reason: reason.to_string() }
}

fn response(record: &Record) -> Result<Option<StoredResponse>, StoreError> {
    let Some(status) = record.maybe_int(3)? else { return Ok(None) };
    Ok(Some(StoredResponse {
        status: u16::try_from(status).map_err(|error| unreadable(&error))?,
        headers: serde_json::from_str(record.text(4)?).map_err(|error| unreadable(&error))?,
        body: record.bytes(5)?.to_vec(),
    }))
}

#[async_trait]
impl<D: Database> IdempotencyStore for Store<D> {
    async fn find(&self, key: &ClaimKey) -> Result<Option<ClaimState>, StoreError> {
        let text = format!(
            "select fingerprint, lease_until, resource_id, status, headers, body from idempotency_keys where {KEY}"
        );
        let found = self.ask(&within(key), Statement::new(text, key_of(key))).await?;
        let state = found.first().map(|record| {
            Ok(ClaimState {
                fingerprint: record.text(0)?.to_owned(),
                lease_until: record.time(1)?,
                resource_id: record.maybe_text(2)?.map(str::to_owned),
                response: response(record)?,
            })
        });
        state.transpose()
    }

    async fn claim(&self, claim: &Claim) -> Result<(), StoreError> {
        let (text, args) = taking(self.database.dialect(), claim, None);
        let taken = self.ask(&within(&claim.key), Statement::new(text, args)).await?;
        if taken.is_empty() { Err(StoreError::ClaimHeld) } else { Ok(()) }
    }

    async fn complete(&self, claim: &Claim, response: &StoredResponse) -> Result<bool, StoreError> {
        let now = self.database.dialect().now("$7");
        let text = format!(
            "insert into idempotency_keys (tenant_id, principal, operation, key_hash, fingerprint, lease_until, \
                 taken_at, status, headers, body) values ($1, $2, $3, $4, $5, $6, {now}, $8, $9, $10) \
             on conflict (tenant_id, principal, operation, key_hash) do update set status = excluded.status, \
                 headers = excluded.headers, body = excluded.body \
             where idempotency_keys.fingerprint = excluded.fingerprint and idempotency_keys.status is null \
                 and (idempotency_keys.resource_id is null or idempotency_keys.lease_until = excluded.lease_until) \
             returning 1"
        );
        let mut args = key_of(&claim.key);
        args.extend(args![claim.fingerprint.as_str(), claim.lease_until, Value::Now]);
        args.push(Value::Int(response.status.into()));
        args.push(Value::Json(json("idempotency_key", &response.headers)?));
        args.push(Value::Bytes(response.body.clone()));
        Ok(!self.ask(&within(&claim.key), Statement::new(text, args)).await?.is_empty())
    }

    async fn abandon(&self, key: &ClaimKey) -> Result<(), StoreError> {
        let text =
            format!("delete from idempotency_keys where {KEY} and resource_id is null and status is null");
        self.ask(&within(key), Statement::new(text, key_of(key))).await?;
        Ok(())
    }

    async fn purge(&self, before: Timestamp) -> Result<usize, StoreError> {
        self.forget_old(&OLD, before).await
    }
}

/// Rows of one time by their place in the log.
const LATEST: By = By { key: "r.at", id: "r.seq", descending: true, at: place };

fn place(cursor: &Cursor) -> (Value, Value) {
    let seq = cursor.id.parse().unwrap_or(0);
    (Value::Time(Timestamp::from_unix_micros(cursor.key)), Value::Int(seq))
}

#[async_trait]
impl<D: Database> AuditLog for Store<D> {
    async fn note(&self, deed: &Deed) -> Result<(), StoreError> {
        let text = "insert into audit_log (tenant_id, at, actor, action, target, version, reason, request_id) \
                    values ($1, $2, $3, $4, $5, 0, $6, $7)";
        let args = args![
            deed.tenant_id.as_str(),
            deed.at,
            deed.actor.as_str(),
            deed.action,
            deed.target.as_str(),
            deed.reason.as_deref(),
            deed.request_id.as_deref(),
        ];
        // A row is written as the tenant whose row it is.
        let scope = Scope::Within(deed.tenant_id.clone());
        self.database.run_all(&scope, vec![(text.to_owned(), args)]).await.map(drop)
    }

    async fn list(&self, scope: &Scope, page: &PageRequest) -> Result<Page<AuditRow>, StoreError> {
        let text = "select r.seq, r.at, r.tenant_id, r.actor, r.action, r.target, r.version, r.reason, r.request_id \
                    from audit_log r where true";
        let mut statement = Statement::new(text, Vec::new());
        statement.within(scope, "r.tenant_id").page(LATEST, page);
        let found = self.ask(scope, statement).await?;
        let rows = found.iter().map(|record| {
            Ok(AuditRow {
                seq: record.count(0)?,
                at: record.time(1)?,
                tenant_id: tenant(record, 2)?,
                actor: record.text(3)?.to_owned(),
                action: interned(record.text(4)?),
                target: record.text(5)?.to_owned(),
                version: record.count(6)?,
                reason: record.maybe_text(7)?.map(str::to_owned),
                request_id: record.maybe_text(8)?.map(str::to_owned),
            })
        });
        let rows: Vec<AuditRow> = rows.collect::<Result<_, StoreError>>()?;
        Ok(page_of(rows, page, |row| (row.at.unix_micros(), format!("{:020}", row.seq))))
    }
}
