//! Sandboxes; they are loaded without their inbox.

use async_trait::async_trait;
use sarai_domain::{
    devportal::sandbox::{SandboxMessage, SandboxSession},
    kernel::{DeveloperAccountId, SandboxId, TenantId, Timestamp},
};
use sarai_ports::{Page, PageRequest, Scope, StoreError, devportal::sandboxes::SandboxRepository};

use super::Readable as _;
use crate::{
    Database, Store,
    load::{Rows, corrupt, parsed, select, tenant},
    statement::{By, Statement, args, instant_and_id, page_of},
};

const NEWEST: By = By { key: "x.at", id: "x.key", descending: true, at: instant_and_id };

impl<D: Database> Store<D> {
    async fn sandboxes(
        &self,
        scope: &Scope,
        condition: &str,
        account: DeveloperAccountId,
    ) -> Result<Vec<SandboxSession>, StoreError> {
        let text = format!("{} where {condition}", select::<SandboxSession>(&Rows::None));
        let mut statement = Statement::new(text, args![account.to_string()]);
        SandboxSession::visible(&mut statement, scope);
        statement.push("order by r.created_at desc, r.id desc");
        self.load(scope, statement).await
    }
}

#[async_trait]
impl<D: Database> SandboxRepository for Store<D> {
    async fn find_default_sandbox(
        &self,
        scope: &Scope,
        account: DeveloperAccountId,
    ) -> Result<Option<SandboxSession>, StoreError> {
        Ok(self.sandboxes(scope, "r.default_of = $1", account).await?.into_iter().next())
    }

    async fn find_open_sandboxes(
        &self,
        scope: &Scope,
        account: DeveloperAccountId,
    ) -> Result<Vec<SandboxSession>, StoreError> {
        self.sandboxes(scope, "r.account_id = $1 and r.expires_at is not null", account).await
    }

    async fn list_sandboxes(
        &self,
        scope: &Scope,
        owner: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<SandboxSession>, StoreError> {
        let text = format!("{} where r.tenant_id = $1", select::<SandboxSession>(&Rows::None));
        let mut statement = Statement::new(text, args![owner.as_str()]);
        SandboxSession::visible(&mut statement, scope);
        self.load_page(scope, statement, crate::statement::NEWEST, page).await
    }

    async fn inbox(
        &self,
        scope: &Scope,
        id: SandboxId,
        round: u32,
        page: &PageRequest,
    ) -> Result<Page<SandboxMessage>, StoreError> {
        let text = "select x.doc from sandbox_messages x where x.parent_id = $1 and x.round = $2";
        let mut statement = Statement::new(text, args![id.to_string(), round]);
        statement.within(scope, "x.tenant_id").page(NEWEST, page);
        let found = self.ask(scope, statement).await?;
        let message = |record: &crate::Record| {
            let text = record.text(0)?;
            serde_json::from_str(text).map_err(|error| corrupt::<SandboxSession>(&id.to_string(), &error))
        };
        let rows = found.iter().map(message).collect::<Result<Vec<SandboxMessage>, _>>()?;
        Ok(page_of(rows, page, |row| (row.at.unix_micros(), row.id.to_string())))
    }

    async fn find_expired_sandboxes(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, SandboxId)>, StoreError> {
        let text =
            "select tenant_id, id from sandboxes where expires_at <= $1 order by expires_at, id limit $2";
        let found = self.ask(&Scope::System, Statement::new(text, args![now, limit])).await?;
        found.iter().map(|record| Ok((tenant(record, 0)?, parsed(record.text(1)?)?))).collect()
    }

    async fn find_uncleared_sandboxes(&self, limit: usize) -> Result<Vec<(TenantId, SandboxId)>, StoreError> {
        let text =
            "select tenant_id, id from sandboxes where uncleared is not null order by tenant_id, id limit $1";
        let found = self.ask(&Scope::System, Statement::new(text, args![limit])).await?;
        found.iter().map(|record| Ok((tenant(record, 0)?, parsed(record.text(1)?)?))).collect()
    }

    async fn clear_sandbox(&self, owner: &TenantId, id: SandboxId) -> Result<(), StoreError> {
        const SESSIONS: &str =
            "select r.id from verify_sessions r where r.tenant_id = $1 and r.sandbox_id = $2";
        let of_sessions =
            |table| format!("delete from {table} where tenant_id = $1 and parent_id in ({SESSIONS})");
        let statements = [
            of_sessions("verify_live"),
            of_sessions("verify_sends"),
            "delete from verify_sessions where tenant_id = $1 and sandbox_id = $2".to_owned(),
            "delete from sandbox_messages where tenant_id = $1 and parent_id = $2".to_owned(),
        ];
        let of_sandbox = |text: String| (text, args![owner.as_str(), id.to_string()]);
        self.database.run_all(&Scope::System, statements.map(of_sandbox).to_vec()).await?;
        Ok(())
    }
}
