//! API keys: their lists, what is due of them, and their use.

use async_trait::async_trait;
use sarai_domain::{
    devportal::api_key::{ApiKey, EffectiveStatus, KeysInEffect},
    kernel::{ApiKeyId, DeveloperAccountId, TenantId, Timestamp},
};
use sarai_ports::{
    Page, PageRequest, Scope, StoreError,
    devportal::{KeyFilter, KeyRepository, KeyUse, LabelSlot},
};
use serde_json::{Value as Json, json};

use crate::{
    Database, Store, Value,
    aggregates::{api_key::Used, json as document},
    load::{Rows, parsed, select},
    statement::{NEWEST, Statement, args},
};

/// Keys that take a place of their account's: those to be issued, too.
const OPEN: &str = "r.state in ('REQUESTED', 'ACTIVE')";

fn keys(condition: &str, args: Vec<Value>) -> Statement {
    Statement::new(format!("{} where {condition}", select::<ApiKey>(&Rows::All)), args)
}

impl<D: Database> Store<D> {
    /// The first keys of a column that holds an instant for those that wait for something.
    async fn keys_until(
        &self,
        column: &str,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<ApiKeyId>, StoreError> {
        let text = format!("select id from api_keys where {column} <= $1 order by {column}, id limit $2");
        self.ids(&Scope::System, Statement::new(text, args![until, limit])).await
    }
}

#[async_trait]
impl<D: Database> KeyRepository for Store<D> {
    async fn find_by_tenant(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        filter: &KeyFilter,
        page: &PageRequest,
    ) -> Result<Page<ApiKey>, StoreError> {
        let args = args![tenant.as_str(), filter.environment.as_str()];
        let mut statement = keys("r.tenant_id = $1 and r.environment = $2", args);
        statement.within(scope, "r.tenant_id").in_world(scope, "r.environment");
        statement.and_if("r.sandbox_id =", filter.sandbox_id.map(|id| id.to_string()));
        match filter.status {
            None => statement.push("and r.state in ('ACTIVE', 'REVOKED')"),
            Some(EffectiveStatus::Active) => {
                let now = statement.arg(filter.now);
                statement
                    .push(&format!("and r.state = 'ACTIVE' and (r.ends_at is null or r.ends_at > {now})"))
            }
            Some(EffectiveStatus::Revoked) => {
                let now = statement.arg(filter.now);
                statement
                    .push(&format!("and (r.state = 'REVOKED' or r.state = 'ACTIVE' and r.ends_at <= {now})"))
            }
        };
        self.load_page(scope, statement, NEWEST, page).await
    }

    async fn in_effect(
        &self,
        scope: &Scope,
        slot: &LabelSlot,
        now: Timestamp,
    ) -> Result<KeysInEffect, StoreError> {
        let text = format!(
            "select r.id, r.label, r.sandbox_id from api_keys r where r.account_id = $1 and r.environment = $2 \
             and {OPEN} and (r.ends_at is null or r.ends_at > $3)"
        );
        let args = args![slot.account_id.to_string(), slot.environment.as_str(), now];
        let mut statement = Statement::new(text, args);
        statement.within(scope, "r.tenant_id").in_world(scope, "r.environment").push("order by r.id");
        let found = self.ask(scope, statement).await?;
        let (label, sandbox) = (slot.label.to_string(), slot.sandbox_id.map(|sandbox| sandbox.to_string()));
        let mut same_label = Vec::new();
        for record in &found {
            if record.text(1)? == label && record.maybe_text(2)? == sandbox.as_deref() {
                same_label.push(parsed(record.text(0)?)?);
            }
        }
        Ok(KeysInEffect {
            account_id: slot.account_id,
            environment: slot.environment,
            count: u32::try_from(found.len()).unwrap_or(u32::MAX),
            same_label,
        })
    }

    async fn find_open(
        &self,
        scope: &Scope,
        account: DeveloperAccountId,
        limit: usize,
    ) -> Result<Vec<ApiKeyId>, StoreError> {
        let text = format!("select r.id from api_keys r where r.account_id = $1 and {OPEN}");
        let mut statement = Statement::new(text, args![account.to_string()]);
        statement.within(scope, "r.tenant_id").in_world(scope, "r.environment");
        let limit = statement.arg(limit);
        statement.push(&format!("order by r.id limit {limit}"));
        self.ids(scope, statement).await
    }

    async fn find_successor(&self, scope: &Scope, of: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        let mut statement = keys("r.successor_of = $1", args![of.to_string()]);
        statement.within(scope, "r.tenant_id").in_world(scope, "r.environment");
        self.load_one(scope, statement).await
    }

    async fn find_ended(&self, now: Timestamp, limit: usize) -> Result<Vec<ApiKeyId>, StoreError> {
        self.keys_until("ends_at", now, limit).await
    }

    async fn find_noticeable(&self, now: Timestamp, limit: usize) -> Result<Vec<ApiKeyId>, StoreError> {
        self.keys_until("notice_at", now, limit).await
    }

    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let text = "select min(t.at) from ( \
                        select min(ends_at) as at from api_keys where ends_at > $1 \
                        union all select min(notice_at) from api_keys where notice_at > $1) t";
        self.instant(Statement::new(text, args![after])).await
    }

    async fn find_unissued(&self, before: Timestamp, limit: usize) -> Result<Vec<ApiKeyId>, StoreError> {
        self.keys_until("requested_at", before, limit).await
    }

    async fn find_unreplaced(&self, limit: usize) -> Result<Vec<ApiKeyId>, StoreError> {
        let text = "select r.id from api_keys r join api_keys p on p.tenant_id = r.tenant_id \
                    and p.id = r.successor_of where r.successor_of is not null and r.state = 'ACTIVE' \
                    and p.state = 'ACTIVE' and p.replaced_by is null order by r.id limit $1";
        self.ids(&Scope::System, Statement::new(text, args![limit])).await
    }

    async fn find_untold(&self, limit: usize) -> Result<Vec<ApiKeyId>, StoreError> {
        let text =
            "select id from api_keys where untold_since is not null order by untold_since, id limit $1";
        self.ids(&Scope::System, Statement::new(text, args![limit])).await
    }

    async fn touch(&self, uses: &[KeyUse]) -> Result<(), StoreError> {
        if uses.is_empty() {
            return Ok(());
        }
        let rows = uses.iter().map(|used| {
            let last = document("key", &Used { at: used.at, from: used.from })?;
            let minute = used.at.unix_micros().div_euclid(60_000_000);
            Ok(json!({ "tenant": used.tenant_id.as_str(), "key": used.key_id.to_string(), "minute": minute, "last": last }))
        });
        let rows = Json::from(rows.collect::<Result<Vec<_>, StoreError>>()?).to_string();
        let columns = [("tenant", "text"), ("key", "text"), ("minute", "bigint"), ("last", "text")];
        let text = format!(
            "update api_keys set last_used_minute = x.minute, last_use = x.last from {} \
             where api_keys.tenant_id = x.tenant and api_keys.id = x.key \
             and coalesce(api_keys.last_used_minute < x.minute, true) returning 1",
            self.database.dialect().rows("$1", &columns)
        );
        self.ask(&Scope::System, Statement::new(text, vec![Value::Json(rows)])).await.map(drop)
    }
}
