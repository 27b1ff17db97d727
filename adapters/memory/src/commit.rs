//! One atomic commit: everything is checked before anything is written.

use std::sync::Arc;

use async_trait::async_trait;
use sarai_domain::kernel::TenantId;
use sarai_ports::{
    Commit, Saved, Scope, StoreError, Unit, audit::AuditRow, events::EventRecord, idempotency::ClaimState,
    marketplace::Repository,
};

use crate::{
    MemoryStore,
    state::{State, Tables},
    table::{Indexed, Rows},
};

#[async_trait]
impl<A> Repository<A> for MemoryStore
where
    A: Indexed,
    State: Tables<A>,
{
    async fn find(&self, scope: &Scope, id: &A::Id) -> Result<Option<A>, StoreError> {
        let state = self.state();
        let table = Tables::<A>::table(&*state);
        match table.data(id) {
            Some(data) if A::readable(scope, data) => table.load(id, &Rows::All),
            _ => Ok(None),
        }
    }

    async fn save(&self, scope: &Scope, unit: Unit<A>) -> Result<Saved, StoreError> {
        let mut state = self.state();
        state.commit(scope, unit, self.clock.real(), self.process)
    }
}

/// What stands in the way of a unit.
pub(crate) enum Checked {
    /// Nothing.
    Writable,
    /// Its message had this effect before.
    AlreadyConsumed,
}

impl State {
    /// Whether a unit can be written; `giving_way` are those whose unique keys are free by then.
    pub(crate) fn check<A>(
        &self,
        scope: &Scope,
        unit: &Unit<A>,
        real: sarai_domain::kernel::Timestamp,
        giving_way: &[A::Id],
    ) -> Result<Checked, StoreError>
    where
        A: Indexed,
        State: Tables<A>,
    {
        let Unit { changes, context, .. } = unit;
        if !A::writable(scope, &changes.data) {
            return Err(StoreError::NotFound);
        }
        if inbox_row(unit).is_some_and(|row| self.inbox.contains(&row)) {
            return Ok(Checked::AlreadyConsumed);
        }
        if let Some(claim) = &context.claim {
            self.check_claim(claim, real)?;
        }
        Tables::<A>::table(self).check(changes, giving_way)?;
        Ok(Checked::Writable)
    }

    /// Writes a unit or nothing.
    pub(crate) fn commit<A>(
        &mut self,
        scope: &Scope,
        unit: Unit<A>,
        real: sarai_domain::kernel::Timestamp,
        process: u64,
    ) -> Result<Saved, StoreError>
    where
        A: Indexed,
        State: Tables<A>,
    {
        match self.check(scope, &unit, real, &[])? {
            Checked::AlreadyConsumed => Ok(Saved::AlreadyConsumed),
            Checked::Writable => Ok(Saved::Committed(self.write(unit, real, process))),
        }
    }

    /// Writes a unit that nothing stands in the way of.
    pub(crate) fn write<A>(
        &mut self,
        unit: Unit<A>,
        real: sarai_domain::kernel::Timestamp,
        process: u64,
    ) -> Commit
    where
        A: Indexed,
        State: Tables<A>,
    {
        let inbox = inbox_row(&unit);
        let Unit { changes, events, context } = unit;
        let owner = A::owner(&changes.data);
        let target = changes.id.to_string();
        if A::forgotten(&changes.data) {
            self.claims.retain(|_, (held, _)| held.resource_id.as_ref() != Some(&target));
        }
        let version = Tables::<A>::table_mut(self).write(changes);
        self.inbox.extend(inbox);
        if let Some(claim) = context.claim {
            let state = ClaimState {
                fingerprint: claim.fingerprint,
                lease_until: claim.lease_until,
                resource_id: Some(target.clone()),
                response: None,
            };
            self.claims.insert(claim.key, (state, real));
        }
        self.audit.push(AuditRow {
            seq: self.audit.len() as u64 + 1,
            at: context.now,
            tenant_id: owner.clone(),
            actor: context.cause.actor,
            action: context.cause.action,
            target: target.clone(),
            version,
            reason: context.cause.reason,
            request_id: context.cause.request_id,
        });
        let sequence = self.sequences.entry(target.clone()).or_default();
        let mut deliveries = Vec::new();
        for new in events {
            *sequence += 1;
            let record = Arc::new(EventRecord {
                id: new.id,
                tenant_id: owner.clone(),
                aggregate: A::NAME,
                subject: target.clone(),
                aggregate_seq: *sequence,
                time: context.now,
                recorded_at: real,
                correlation_id: context.cause.correlation_id.clone(),
                causation_id: context.cause.causation_id.clone(),
                event: new.event,
            });
            self.events.entry(record.correlation_id.clone()).or_default().push(Arc::clone(&record));
            for feed in new.audiences {
                self.feeds.insert(feed, Arc::clone(&record));
            }
            for consumer in new.consumers {
                deliveries.extend(self.outbox.insert(Arc::clone(&record), consumer, real, process));
            }
        }
        Commit { version, deliveries }
    }
}

/// (tenant, consumer, event, target) of the message that a unit is the effect of.
fn inbox_row<A: Indexed>(unit: &Unit<A>) -> Option<(TenantId, &'static str, String, String)> {
    let Unit { changes, context, .. } = unit;
    let consumed = context.consumed.as_ref()?;
    Some((A::owner(&changes.data), consumed.consumer, consumed.event_id.clone(), changes.id.to_string()))
}
