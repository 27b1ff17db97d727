//! Sandboxes and their inboxes.

use async_trait::async_trait;
use sarai_domain::{
    devportal::sandbox::{SandboxData, SandboxMessage, SandboxSession},
    kernel::{Aggregate, DeveloperAccountId, SandboxId, TenantId, Timestamp},
};
use sarai_ports::{
    Page, PageRequest, Scope, StoreError, Stored, UniqueKey, devportal::sandboxes::SandboxRepository,
};

use crate::{
    MemoryStore,
    table::{Indexed, Rows, at},
};

impl Indexed for SandboxSession {
    fn index(data: &SandboxData) -> Vec<(&'static str, String)> {
        let mut keys = vec![("tenant", data.tenant_id.to_string())];
        match (data.state.is_terminal(), data.cleared) {
            (false, _) => {
                keys.extend([("open", data.account_id.to_string()), ("expiry", at(data.expires_at))]);
            }
            (true, false) => keys.push(("uncleared", String::new())),
            (true, true) => {}
        }
        keys
    }

    fn row_index(row: &SandboxMessage) -> Vec<(&'static str, String)> {
        vec![("round", row.round.to_string())]
    }
}

#[async_trait]
impl SandboxRepository for MemoryStore {
    async fn find_default_sandbox(
        &self,
        scope: &Scope,
        account: DeveloperAccountId,
    ) -> Result<Option<SandboxSession>, StoreError> {
        let state = self.state();
        let Some(id) = state.sandboxes.by_unique(UniqueKey::SandboxPlace, &account.to_string()) else {
            return Ok(None);
        };
        let readable = state.sandboxes.data(id).is_some_and(|data| SandboxSession::readable(scope, data));
        if readable { state.sandboxes.load(id, &Rows::NONE) } else { Ok(None) }
    }

    async fn find_open_sandboxes(
        &self,
        scope: &Scope,
        account: DeveloperAccountId,
    ) -> Result<Vec<SandboxSession>, StoreError> {
        let state = self.state();
        let ids = state.sandboxes.by_index("open", &account.to_string());
        let readable = |id: &&SandboxId| {
            state.sandboxes.data(id).is_some_and(|data| SandboxSession::readable(scope, data))
        };
        let load = |id: &SandboxId| state.sandboxes.load(id, &Rows::NONE).transpose();
        let mut open: Vec<_> = ids.filter(readable).filter_map(load).collect::<Result<_, _>>()?;
        open.sort_by_key(|one: &SandboxSession| std::cmp::Reverse((one.data().created_at, one.id())));
        Ok(open)
    }

    async fn list_sandboxes(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<SandboxSession>, StoreError> {
        let state = self.state();
        let ids = state.sandboxes.by_index("tenant", &tenant.to_string());
        state.sandboxes.page(ids, page, &Rows::NONE, |data| SandboxSession::readable(scope, data))
    }

    async fn inbox(
        &self,
        scope: &Scope,
        id: SandboxId,
        round: u32,
        page: &PageRequest,
    ) -> Result<Page<SandboxMessage>, StoreError> {
        let state = self.state();
        let readable = state.sandboxes.data(&id).is_some_and(|data| SandboxSession::readable(scope, data));
        let keys = state.sandboxes.keys_under(&id, "round", &round.to_string()).filter(|_| readable);
        let rows = keys.filter_map(|key| state.sandboxes.row(&id, key)).cloned().collect();
        Ok(Page::cut(rows, page, true, |row: &SandboxMessage| (row.at.unix_micros(), row.id.to_string())))
    }

    async fn find_expired_sandboxes(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, SandboxId)>, StoreError> {
        let state = self.state();
        let due = state.sandboxes.up_to("expiry", &at(now));
        let owned = due.filter_map(|(_, id)| Some((state.sandboxes.data(id)?.tenant_id.clone(), *id)));
        Ok(owned.take(limit).collect())
    }

    async fn find_uncleared_sandboxes(&self, limit: usize) -> Result<Vec<(TenantId, SandboxId)>, StoreError> {
        let state = self.state();
        let ids = state.sandboxes.by_index("uncleared", "");
        let owned = ids.filter_map(|id| Some((state.sandboxes.data(id)?.tenant_id.clone(), *id)));
        Ok(owned.take(limit).collect())
    }

    async fn clear_sandbox(&self, tenant: &TenantId, id: SandboxId) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.sandboxes.data(&id).is_none_or(|data| data.tenant_id != *tenant) {
            return Ok(());
        }
        let sessions: Vec<_> = state.sessions.by_index("sandbox", &id.to_string()).copied().collect();
        for session in sessions {
            state.sessions.delete(&session);
        }
        state.sandboxes.delete_rows(&id);
        Ok(())
    }
}
