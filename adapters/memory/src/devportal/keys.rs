//! API keys.

use async_trait::async_trait;
use sarai_domain::{
    devportal::api_key::{ApiKey, ApiKeyData, AuthRevocation, KeyState, KeysInEffect},
    kernel::{ApiKeyId, DeveloperAccountId, TenantId, Timestamp},
};
use sarai_ports::{
    Page, PageRequest, Scope, StoreError, Stored, UniqueKey,
    devportal::{KeyFilter, KeyRepository, KeyUse, LabelSlot},
};

use crate::{
    MemoryStore,
    state::State,
    table::{Indexed, Rows, at, instant},
};

impl Indexed for ApiKey {
    fn index(data: &ApiKeyData) -> Vec<(&'static str, String)> {
        let mut keys = vec![("tenant", data.tenant_id.to_string())];
        let of = |state| data.state == state;
        if of(KeyState::Requested) || of(KeyState::Active) {
            keys.push(("open", data.account_id.to_string()));
        }
        let due = [
            ("requested", of(KeyState::Requested).then_some(data.created_at)),
            ("ends", data.ends_at().filter(|_| of(KeyState::Active))),
            ("notice", data.next_notice_at()),
            ("untold", (data.auth_revocation == Some(AuthRevocation::Pending)).then_some(data.updated_at)),
        ];
        keys.extend(due.into_iter().filter_map(|(index, due)| Some((index, at(due?)))));
        if of(KeyState::Active) && data.rotation.is_some() {
            keys.push(("successor", String::new()));
        }
        keys
    }

    fn keep(stored: &ApiKeyData, saved: &mut ApiKeyData) {
        saved.last_used_at = stored.last_used_at;
        saved.last_used_from = stored.last_used_from;
    }
}

impl State {
    /// The open keys of an account that a scope sees.
    fn open_keys(&self, scope: &Scope, account: DeveloperAccountId) -> impl Iterator<Item = &ApiKeyData> {
        let ids = self.api_keys.by_index("open", &account.to_string());
        ids.filter_map(|id| self.api_keys.data(id)).filter(move |data| ApiKey::readable(scope, data))
    }

    fn keys_until(&self, index: &'static str, until: Timestamp, limit: usize) -> Vec<ApiKeyId> {
        self.api_keys.up_to(index, &at(until)).take(limit).map(|(_, id)| *id).collect()
    }
}

#[async_trait]
impl KeyRepository for MemoryStore {
    async fn find_by_tenant(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        filter: &KeyFilter,
        page: &PageRequest,
    ) -> Result<Page<ApiKey>, StoreError> {
        let state = self.state();
        let ids = state.api_keys.by_index("tenant", tenant.as_str());
        state.api_keys.page(ids, page, &Rows::All, |data| {
            ApiKey::readable(scope, data)
                && data.environment == filter.environment
                && data.is_visible()
                && filter.sandbox_id.is_none_or(|bound| data.sandbox_id == Some(bound))
                && filter.status.is_none_or(|status| data.effective_status(filter.now) == status)
        })
    }

    async fn in_effect(
        &self,
        scope: &Scope,
        slot: &LabelSlot,
        now: Timestamp,
    ) -> Result<KeysInEffect, StoreError> {
        let state = self.state();
        let of_world = |data: &&ApiKeyData| {
            data.environment == slot.environment && data.ends_at().is_none_or(|end| end > now)
        };
        let found: Vec<_> = state.open_keys(scope, slot.account_id).filter(of_world).collect();
        let same = |data: &&&ApiKeyData| data.label == slot.label && data.sandbox_id == slot.sandbox_id;
        Ok(KeysInEffect {
            account_id: slot.account_id,
            environment: slot.environment,
            count: u32::try_from(found.len()).unwrap_or(u32::MAX),
            same_label: found.iter().filter(same).map(|data| data.id).collect(),
        })
    }

    async fn find_open(
        &self,
        scope: &Scope,
        account: DeveloperAccountId,
        limit: usize,
    ) -> Result<Vec<ApiKeyId>, StoreError> {
        Ok(self.state().open_keys(scope, account).map(|data| data.id).take(limit).collect())
    }

    async fn find_successor(&self, scope: &Scope, of: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        let state = self.state();
        let Some(id) = state.api_keys.by_unique(UniqueKey::KeySuccessor, &of.to_string()) else {
            return Ok(None);
        };
        match state.api_keys.data(id) {
            Some(data) if ApiKey::readable(scope, data) => state.api_keys.load(id, &Rows::All),
            _ => Ok(None),
        }
    }

    async fn find_ended(&self, now: Timestamp, limit: usize) -> Result<Vec<ApiKeyId>, StoreError> {
        Ok(self.state().keys_until("ends", now, limit))
    }

    async fn find_noticeable(&self, now: Timestamp, limit: usize) -> Result<Vec<ApiKeyId>, StoreError> {
        Ok(self.state().keys_until("notice", now, limit))
    }

    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let state = self.state();
        let next = |index| state.api_keys.least_after(index, &at(after)).and_then(instant);
        Ok(["ends", "notice"].into_iter().filter_map(next).min())
    }

    async fn find_unissued(&self, before: Timestamp, limit: usize) -> Result<Vec<ApiKeyId>, StoreError> {
        Ok(self.state().keys_until("requested", before, limit))
    }

    async fn find_unreplaced(&self, limit: usize) -> Result<Vec<ApiKeyId>, StoreError> {
        let state = self.state();
        let waits = |id: &&ApiKeyId| {
            let successor = state.api_keys.data(id).and_then(ApiKeyData::rotated_from);
            let predecessor = successor.and_then(|id| state.api_keys.data(&id));
            predecessor.is_some_and(|data| data.state == KeyState::Active && data.replaced_by.is_none())
        };
        Ok(state.api_keys.by_index("successor", "").filter(waits).take(limit).copied().collect())
    }

    async fn find_untold(&self, limit: usize) -> Result<Vec<ApiKeyId>, StoreError> {
        Ok(self.state().keys_until("untold", Timestamp::from_unix_micros(i64::MAX), limit))
    }

    async fn touch(&self, uses: &[KeyUse]) -> Result<(), StoreError> {
        let mut state = self.state();
        for used in uses {
            state.api_keys.note(&used.key_id, |data| {
                if data.tenant_id == used.tenant_id && data.last_used_at.is_none_or(|last| last < used.at) {
                    data.last_used_at = Some(used.at);
                    data.last_used_from = used.from;
                }
            });
        }
        Ok(())
    }
}
