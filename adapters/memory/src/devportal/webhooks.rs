//! Endpoints of webhooks, and deliveries to them.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        values::Environment,
        webhook::{
            DeliveryStatus, EndpointStatus, WebhookDelivery, WebhookDeliveryData, WebhookEndpoint,
            WebhookEndpointData,
        },
    },
    kernel::{SandboxId, TenantId, Timestamp, WebhookDeliveryId, WebhookEndpointId},
};
use sarai_ports::{
    Page, PageRequest, Scope, StoreError, Stored,
    devportal::{DeliveryFilter, DeliveryRepository, DueDeliveries, EndpointHealth, WebhookRepository},
};

use crate::{
    MemoryStore,
    outbox::lease,
    state::State,
    table::{Indexed, Rows, at},
};

impl Indexed for WebhookEndpoint {
    fn index(data: &WebhookEndpointData) -> Vec<(&'static str, String)> {
        vec![("tenant", data.tenant_id.to_string())]
    }
}

impl Indexed for WebhookDelivery {
    fn index(data: &WebhookDeliveryData) -> Vec<(&'static str, String)> {
        let due = data.next_at.map(|due| ("due", at(due)));
        let ended = data.ended_at.map(|ended| ("ended", at(ended)));
        let of = [("endpoint", data.endpoint_id.to_string()), ("webhook_id", data.webhook_id.to_string())];
        of.into_iter().chain(due).chain(ended).collect()
    }
}

impl State {
    /// An endpoint's deliveries that a scope sees.
    fn deliveries_to(
        &self,
        scope: &Scope,
        endpoint: WebhookEndpointId,
    ) -> impl Iterator<Item = &WebhookDeliveryData> {
        let ids = self.webhook_deliveries.by_index("endpoint", &endpoint.to_string());
        let found = ids.filter_map(|id| self.webhook_deliveries.data(id));
        found.filter(move |data| WebhookDelivery::readable(scope, data))
    }

    /// Whether no delivery of this `webhook-id` has come through, nor is on its way without having failed.
    fn is_lost(&self, webhook_id: WebhookDeliveryId) -> bool {
        let ids = self.webhook_deliveries.by_index("webhook_id", &webhook_id.to_string());
        let mut found = ids.filter_map(|id| self.webhook_deliveries.data(id));
        found.all(|data| data.status == DeliveryStatus::Failed || data.is_failing())
    }
}

fn is_wanted(filter: &DeliveryFilter, data: &WebhookDeliveryData) -> bool {
    let code = || data.attempts.last().and_then(|last| last.http_status);
    filter.outcome.is_none_or(|outcome| data.status == outcome)
        && filter.code.is_none_or(|wanted| code() == Some(wanted))
        && filter.event.as_ref().is_none_or(|event| data.event_type == *event)
        && filter.after.is_none_or(|after| data.created_at >= after)
        && filter.before.is_none_or(|before| data.created_at < before)
}

#[async_trait]
impl WebhookRepository for MemoryStore {
    async fn find_endpoints(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        environment: Environment,
        sandbox: Option<SandboxId>,
        page: &PageRequest,
    ) -> Result<Page<WebhookEndpoint>, StoreError> {
        let state = self.state();
        let ids = state.webhooks.by_index("tenant", tenant.as_str());
        state.webhooks.page(ids, page, &Rows::All, |data| {
            WebhookEndpoint::readable(scope, data)
                && data.environment == environment
                && sandbox.is_none_or(|sandbox| data.sandbox_id == Some(sandbox))
        })
    }

    async fn endpoints_in_use(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        environment: Environment,
    ) -> Result<u32, StoreError> {
        let state = self.state();
        let ids = state.webhooks.by_index("tenant", tenant.as_str());
        let found = ids.filter_map(|id| state.webhooks.data(id));
        let count = found
            .filter(|data| WebhookEndpoint::readable(scope, data) && data.environment == environment)
            .count();
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    async fn find_listening(
        &self,
        tenant: Option<&TenantId>,
        environment: Environment,
        after: Option<WebhookEndpointId>,
        limit: usize,
    ) -> Result<Vec<WebhookEndpoint>, StoreError> {
        let state = self.state();
        let wanted = |id: &&WebhookEndpointId| {
            state.webhooks.data(id).is_some_and(|data| {
                data.status != EndpointStatus::Deleted
                    && data.environment == environment
                    && tenant.is_none_or(|tenant| data.tenant_id == *tenant)
            })
        };
        let found = state.webhooks.after(after.as_ref()).filter(wanted).take(limit);
        found.filter_map(|id| state.webhooks.load(id, &Rows::All).transpose()).collect()
    }
}

#[async_trait]
impl DeliveryRepository for MemoryStore {
    async fn find_deliveries(
        &self,
        scope: &Scope,
        endpoint: WebhookEndpointId,
        filter: &DeliveryFilter,
        page: &PageRequest,
    ) -> Result<Page<WebhookDelivery>, StoreError> {
        let state = self.state();
        let ids = state.webhook_deliveries.by_index("endpoint", &endpoint.to_string());
        state.webhook_deliveries.page(ids, page, &Rows::All, |data| {
            WebhookDelivery::readable(scope, data) && is_wanted(filter, data)
        })
    }

    async fn count_deliveries(
        &self,
        scope: &Scope,
        endpoint: WebhookEndpointId,
        filter: &DeliveryFilter,
        cap: u64,
    ) -> Result<u64, StoreError> {
        let state = self.state();
        let count = state.deliveries_to(scope, endpoint).filter(|data| is_wanted(filter, data)).count();
        Ok(u64::try_from(count).unwrap_or(u64::MAX).min(cap))
    }

    async fn endpoint_health(
        &self,
        scope: &Scope,
        endpoints: &[WebhookEndpointId],
        since: Timestamp,
    ) -> Result<Vec<EndpointHealth>, StoreError> {
        let state = self.state();
        let of = |id: &WebhookEndpointId| {
            let last = state.deliveries_to(scope, *id).map(|data| data.created_at).max();
            let failed = |data: &&WebhookDeliveryData| data.created_at >= since && data.is_failing();
            let failures = state.deliveries_to(scope, *id).filter(failed).count();
            let failures = u64::try_from(failures).unwrap_or(u64::MAX);
            EndpointHealth { id: *id, last_delivery_at: last, failures }
        };
        let mine = |id: &&WebhookEndpointId| {
            state.webhooks.data(id).is_some_and(|data| WebhookEndpoint::readable(scope, data))
        };
        let distinct: BTreeSet<_> = endpoints.iter().filter(mine).collect();
        Ok(distinct.into_iter().map(of).collect())
    }

    async fn take_due_deliveries(
        &self,
        wanted: &DueDeliveries<'_>,
    ) -> Result<Vec<WebhookDelivery>, StoreError> {
        let real = self.clock.real();
        let mut state = self.state();
        let free = |id: &WebhookDeliveryId| {
            let busy =
                state.webhook_deliveries.data(id).is_none_or(|data| wanted.busy.contains(&data.endpoint_id));
            !busy && state.taken.get(id).is_none_or(|until| *until <= real)
        };
        let due = state.webhook_deliveries.up_to("due", &at(wanted.now)).map(|(_, id)| *id);
        let taken: Vec<_> = due.filter(free).take(wanted.limit).collect();
        state.taken.extend(taken.iter().map(|id| (*id, real.plus(lease(wanted.lease)))));
        taken.iter().filter_map(|id| state.webhook_deliveries.load(id, &Rows::All).transpose()).collect()
    }

    async fn give_deliveries_back(&self, deliveries: &[WebhookDeliveryId]) -> Result<(), StoreError> {
        let mut state = self.state();
        for id in deliveries {
            state.taken.remove(id);
        }
        Ok(())
    }

    async fn find_lost_deliveries(
        &self,
        scope: &Scope,
        endpoint: WebhookEndpointId,
        since: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<WebhookDelivery>, StoreError> {
        let state = self.state();
        let mut lost: Vec<_> = state
            .deliveries_to(scope, endpoint)
            .filter(|data| (since..until).contains(&data.created_at) && state.is_lost(data.webhook_id))
            .map(|data| (data.created_at, data.id))
            .collect();
        lost.sort_unstable();
        let first = lost.iter().take(limit);
        first.filter_map(|(_, id)| state.webhook_deliveries.load(id, &Rows::All).transpose()).collect()
    }

    async fn forget_deliveries(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut state = self.state();
        let gone: Vec<_> = state
            .webhook_deliveries
            .up_to("ended", &at(before.plus(-time::Duration::microseconds(1))))
            .map(|(_, id)| *id)
            .collect();
        for id in &gone {
            state.webhook_deliveries.delete(id);
            state.taken.remove(id);
        }
        Ok(u64::try_from(gone.len()).unwrap_or(u64::MAX))
    }
}
