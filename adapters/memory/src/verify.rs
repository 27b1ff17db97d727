//! Verify's sessions, with the windows, failed checks and money that are written with them.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        policy::{
            ApprovalRate, BlockedStart, Bucket, BucketKey, FailureKey, FailureLedger, LOCKED_FROM,
            Reservation, SpendKey, SpendLedger, SpendLedgerData, SpendPolicy, VerifyPolicy, limits,
        },
        values::{DestinationHash, Environment},
        verify::{
            DeliveryAttempt, Hold, LiveSlot, SendStatus, VerifySession, VerifySessionData, VerifyState,
        },
    },
    kernel::{Aggregate, DeliveryAttemptId, SandboxId, Timestamp, VerificationId},
};
use sarai_ports::{
    Commit, Page, PageRequest, Saved, Scope, StoreError, Stored, UniqueKey,
    devportal::{
        policies::SpendLedgerRepository,
        verify::{
            Admission, ChangeError, DueSend, DueSession, FailureEffect, SessionChange, SessionFilter,
            VerifySessionRepository, World,
        },
    },
};

use crate::{
    MemoryStore,
    commit::Checked,
    state::State,
    table::{Indexed, Rows, at},
};

/// What is counted beside sessions.
#[derive(Default)]
pub(crate) struct Verify {
    /// Admitted sends.
    limits: BTreeMap<BucketKey, BTreeMap<(Timestamp, DeliveryAttemptId), VerificationId>>,
    /// Sessions that were approved.
    approved: BTreeSet<VerificationId>,
    failures: BTreeMap<FailureKey, Failures>,
}

/// The failed checks of a destination.
#[derive(Default)]
struct Failures {
    consecutive: u32,
    last_failure_at: Option<Timestamp>,
    end_user_ref: Option<DestinationHash>,
    /// Those of a day that failed or are under way.
    guesses: BTreeSet<(Timestamp, VerificationId, u32)>,
}

type Keys = Vec<(&'static str, String)>;

impl Indexed for VerifySession {
    fn index(data: &VerifySessionData) -> Keys {
        let sandbox = data.sandbox_id.map(|id| id.to_string()).unwrap_or_default();
        let environment = data.environment.as_str();
        let mut keys = vec![("world", format!("{} {environment} {sandbox}", data.tenant_id))];
        match data.environment {
            Environment::Production => keys.extend(data.due_at().map(|due| ("due", at(due)))),
            Environment::Sandbox => keys.push(("sandbox", sandbox)),
        }
        keys
    }

    fn row_index(row: &DeliveryAttempt) -> Keys {
        match row.status {
            SendStatus::Queued => vec![("queued", at(row.next_try_at.unwrap_or(row.queued_at)))],
            SendStatus::Sending => vec![("sending", String::new())],
            _ => Vec::new(),
        }
    }
}

impl Indexed for SpendLedger {
    fn index(_data: &SpendLedgerData) -> Keys {
        Vec::new()
    }

    fn row_index(row: &Reservation) -> Keys {
        let held = (row.hold == Hold::Held).then(|| ("held", at(row.reserved_at)));
        held.into_iter().collect()
    }
}

macro_rules! found_by_key {
    ($($aggregate:ty),*) => {$(
        impl Indexed for $aggregate {
            fn index(_data: &<Self as Aggregate>::Data) -> Keys {
                Vec::new()
            }
        }
    )*};
}

found_by_key!(VerifyPolicy, SpendPolicy, BlockedStart);

impl Failures {
    fn ledger(&self) -> FailureLedger {
        FailureLedger {
            consecutive: self.consecutive,
            last_failure_at: self.last_failure_at,
            recent: self.guesses.iter().map(|(at, _, _)| *at).collect(),
        }
    }
}

impl State {
    fn failures(&self, key: &FailureKey) -> FailureLedger {
        self.verify.failures.get(key).map(Failures::ledger).unwrap_or_default()
    }

    fn admit(&self, admission: &Admission) -> Result<(), ChangeError> {
        let since = admission.now.plus(-limits::LONGEST);
        let within = |key: &BucketKey| {
            let rows = self.verify.limits.get(key).into_iter().flatten();
            rows.filter(move |((at, _), _)| *at > since)
        };
        let keys = admission.subject.keys();
        let sends =
            keys.iter().map(|key| (key.clone(), within(key).map(|((at, _), _)| *at).collect())).collect();
        let mut prefix = ApprovalRate::default();
        for key in keys.iter().filter(|key| key.bucket == Bucket::Prefix4) {
            let sessions: Vec<_> = within(key).map(|(_, session)| *session).collect();
            prefix.sent = sessions.len() as u64;
            let approved: BTreeSet<_> =
                sessions.into_iter().filter(|session| self.verify.approved.contains(session)).collect();
            prefix.approved = approved.len() as u64;
        }
        let failures: Vec<_> = admission.failure_keys().iter().map(|key| self.failures(key)).collect();
        Ok(admission.decide(&sends, prefix, &failures)?)
    }

    fn change(
        &mut self,
        scope: &Scope,
        change: SessionChange,
        real: Timestamp,
        process: u64,
    ) -> Result<Saved, ChangeError> {
        let unit = &change.write.unit;
        let id = unit.changes.id;
        let now = unit.context.now;
        let displaced: Vec<_> = change.displaced.iter().map(|write| write.unit.changes.id).collect();
        for write in &change.displaced {
            let _ = self.check(scope, &write.unit, real, &[])?;
        }
        if matches!(self.check(scope, unit, real, &displaced)?, Checked::AlreadyConsumed) {
            return Ok(Saved::AlreadyConsumed);
        }
        if let Some(admission) = &change.admission {
            self.admit(admission)?;
        }
        for key in &change.guess {
            self.failures(key).admit_check(now)?;
        }
        let context = unit.context.clone();
        let mut ledgers = BTreeMap::new();
        for (key, sends) in change.ledgers() {
            let rows = Rows::Keys(sends.iter().map(ToString::to_string).collect());
            ledgers.extend(self.ledgers.load(&key, &rows)?.map(|ledger| (key, ledger)));
        }
        let posted = match change.books().post(&ledgers, id, now) {
            Ok(posted) => posted,
            Err(refusal) => {
                if let Some(note) = refusal.note {
                    // Its delivery is the relay's: nobody follows up on a refusal.
                    let _ = self.commit(scope, change.stamp.ledger(note, &context), real, process)?;
                }
                return Err(refusal.error.into());
            }
        };
        let ledgers: Vec<_> =
            posted.into_iter().map(|ledger| change.stamp.ledger(ledger, &context)).collect();
        for ledger in &ledgers {
            let _ = self.check(scope, ledger, real, &[])?;
        }
        // From here on nothing refuses.
        let mut deliveries = Vec::new();
        for write in change.displaced {
            deliveries.extend(self.write(write.unit, real, process).deliveries);
        }
        self.count(change.admission.as_ref(), id);
        self.guessed(&change.guess, &change.write.unit.changes.data, now);
        self.conclude(&change.effect, &change.write.unit.changes.data, now);
        if change.write.unit.changes.data.state == VerifyState::Approved {
            self.verify.approved.insert(id);
        }
        for ledger in ledgers {
            deliveries.extend(self.write(ledger, real, process).deliveries);
        }
        let written = self.write(change.write.unit, real, process);
        deliveries.extend(written.deliveries);
        Ok(Saved::Committed(Commit { version: written.version, deliveries }))
    }

    /// Counts an admitted send.
    fn count(&mut self, admission: Option<&Admission>, id: VerificationId) {
        let Some(admission) = admission else { return };
        let since = admission.now.plus(-limits::LONGEST);
        for key in admission.subject.keys().into_iter().filter(|key| key.bucket != Bucket::Proven) {
            let rows = self.verify.limits.entry(key).or_default();
            rows.retain(|(at, _), _| *at > since);
            rows.insert((admission.now, admission.attempt_id), id);
        }
    }

    /// Counts a check that is about to be compared.
    fn guessed(&mut self, keys: &[FailureKey], data: &VerifySessionData, now: Timestamp) {
        let since = now.plus(-limits::LONGEST);
        for key in keys {
            let failures = self.verify.failures.entry(key.clone()).or_default();
            failures.guesses.retain(|(at, _, _)| *at > since);
            failures.guesses.insert((now, data.id, data.attempts));
        }
    }

    fn conclude(&mut self, effect: &FailureEffect, data: &VerifySessionData, now: Timestamp) {
        match effect {
            FailureEffect::None => {}
            FailureEffect::Failed { keys, end_user_ref } => {
                for key in keys {
                    let failures = self.verify.failures.entry(key.clone()).or_default();
                    failures.consecutive = failures.consecutive.saturating_add(1);
                    failures.last_failure_at = failures.last_failure_at.max(Some(now));
                    failures.end_user_ref = *end_user_ref;
                }
            }
            FailureEffect::Cleared { keys, others, end_user_ref } => {
                for key in others {
                    if let Some(failures) = self.verify.failures.get_mut(key) {
                        let this = (data.id, data.attempts);
                        failures.guesses.retain(|(_, id, attempt)| (*id, *attempt) != this);
                    }
                }
                let Some(first) = keys.first() else { return };
                if let Some(end_user) = end_user_ref {
                    let noted = (limits::proven_at(now), DeliveryAttemptId::new(data.id.ulid()));
                    let rows = BTreeMap::from([(noted, data.id)]);
                    self.verify.limits.insert(BucketKey::proven(first, *end_user), rows);
                }
                self.verify.failures.retain(|key, failures| {
                    let same_person = end_user_ref.is_some()
                        && failures.end_user_ref == *end_user_ref
                        && failures.consecutive >= LOCKED_FROM
                        && (&key.tenant_id, key.environment) == (&first.tenant_id, first.environment);
                    !keys.contains(key) && !same_person
                });
            }
        }
    }
}

#[async_trait]
impl VerifySessionRepository for MemoryStore {
    async fn change(&self, scope: &Scope, change: SessionChange) -> Result<Saved, ChangeError> {
        let real = self.clock.real();
        self.state().change(scope, change, real, self.process)
    }

    async fn find_live(&self, scope: &Scope, slots: &[LiveSlot]) -> Result<Vec<VerifySession>, StoreError> {
        let state = self.state();
        let holder = |slot: &LiveSlot| {
            let key = format!("{}:{slot}", slot.tenant_id);
            state.sessions.by_unique(UniqueKey::LiveSlot, &key).copied()
        };
        let ids: BTreeSet<_> = slots.iter().filter_map(holder).collect();
        let readable = |id: &&VerificationId| {
            state.sessions.data(id).is_some_and(|data| VerifySession::readable(scope, data))
        };
        let load = |id: &VerificationId| state.sessions.load(id, &Rows::All).transpose();
        ids.iter().filter(readable).filter_map(load).collect()
    }

    async fn admit(&self, scope: &Scope, admission: &Admission) -> Result<(), ChangeError> {
        if scope.covers(&admission.subject.tenant_id) {
            self.state().admit(admission)
        } else {
            Err(StoreError::NotFound.into())
        }
    }

    async fn failures(&self, scope: &Scope, keys: &[FailureKey]) -> Result<Vec<FailureLedger>, StoreError> {
        let state = self.state();
        let own = |key: &FailureKey| {
            if scope.covers(&key.tenant_id) { state.failures(key) } else { FailureLedger::default() }
        };
        Ok(keys.iter().map(own).collect())
    }

    async fn unlock(&self, scope: &Scope, keys: &[FailureKey]) -> Result<(), StoreError> {
        let mut state = self.state();
        for key in keys.iter().filter(|key| scope.covers(&key.tenant_id)) {
            state.verify.failures.remove(key);
        }
        Ok(())
    }

    async fn list(
        &self,
        scope: &Scope,
        world: World<'_>,
        filter: SessionFilter,
        page: &PageRequest,
    ) -> Result<Page<VerifySession>, StoreError> {
        let state = self.state();
        let sandbox = world.sandbox_id.map(|id| id.to_string()).unwrap_or_default();
        let key = format!("{} {} {sandbox}", world.tenant, world.environment.as_str());
        state.sessions.page(state.sessions.by_index("world", &key), page, &Rows::All, |data| {
            let channel = data.channel_order.step(data.current_step).map(|step| step.channel());
            VerifySession::readable(scope, data)
                && filter.state.is_none_or(|wanted| data.state == wanted)
                && filter.channel.is_none_or(|wanted| channel == Some(wanted))
                && filter.country.is_none_or(|wanted| data.country_code == Some(wanted))
                && filter.from.is_none_or(|from| data.started_at >= from)
                && filter.to.is_none_or(|to| data.started_at < to)
        })
    }

    async fn find_queued(&self, now: Timestamp, limit: usize) -> Result<Vec<DueSend>, StoreError> {
        let state = self.state();
        let rows = state.sessions.indexed_rows("queued", "", &at(now));
        Ok(rows.filter_map(|(id, row)| state.due_send(*id, row)).take(limit).collect())
    }

    async fn find_sending(&self, limit: usize) -> Result<Vec<DueSend>, StoreError> {
        let state = self.state();
        let rows = state.sessions.indexed_rows("sending", "", "");
        Ok(rows.filter_map(|(id, row)| state.due_send(*id, row)).take(limit).collect())
    }

    async fn find_due_sessions(&self, now: Timestamp, limit: usize) -> Result<Vec<DueSession>, StoreError> {
        let state = self.state();
        let due = state.sessions.up_to("due", &at(now));
        Ok(due.filter_map(|(_, id)| state.due_session(*id)).take(limit).collect())
    }

    async fn next_session_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let state = self.state();
        Ok(state.sessions.least_after("due", &at(after)).and_then(crate::table::instant))
    }

    async fn forget(&self, before: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        for rows in state.verify.limits.values_mut() {
            rows.retain(|(at, _), _| *at > before);
        }
        for failures in state.verify.failures.values_mut() {
            failures.guesses.retain(|(at, _, _)| *at > before);
        }
        state.verify.limits.retain(|_, rows| !rows.is_empty());
        Ok(())
    }

    async fn find_in_sandbox(
        &self,
        scope: &Scope,
        sandbox: SandboxId,
    ) -> Result<Vec<VerifySession>, StoreError> {
        let state = self.state();
        let wanted = |id: &&VerificationId| {
            let data = state.sessions.data(id);
            let open = |data: &VerifySessionData| {
                !data.state.is_terminal() || state.sessions.rows(id).any(|row| row.status.in_flight())
            };
            data.is_some_and(|data| VerifySession::readable(scope, data) && open(data))
        };
        let ids = state.sessions.by_index("sandbox", &sandbox.to_string()).filter(wanted);
        ids.filter_map(|id| state.sessions.load(id, &Rows::All).transpose()).collect()
    }
}

impl State {
    fn due_session(&self, id: VerificationId) -> Option<DueSession> {
        Some(DueSession { tenant_id: self.sessions.data(&id)?.tenant_id.clone(), id })
    }

    fn due_send(&self, id: VerificationId, row: &DeliveryAttempt) -> Option<DueSend> {
        let data = self.sessions.data(&id)?;
        let session = DueSession { tenant_id: data.tenant_id.clone(), id };
        let production = data.environment == Environment::Production;
        production.then_some(DueSend { session, attempt_id: row.id })
    }
}

#[async_trait]
impl SpendLedgerRepository for MemoryStore {
    async fn find_stale(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<(SpendKey, DeliveryAttemptId)>, StoreError> {
        let state = self.state();
        let rows = state.ledgers.indexed_rows("held", "", &at(before));
        Ok(rows.map(|(key, row)| (key.clone(), row.attempt_id)).take(limit).collect())
    }

    async fn find_for_sends(
        &self,
        scope: &Scope,
        key: &SpendKey,
        sends: &[DeliveryAttemptId],
    ) -> Result<Option<SpendLedger>, StoreError> {
        let state = self.state();
        if !scope.covers(&key.tenant_id) {
            return Ok(None);
        }
        state.ledgers.load(key, &Rows::Keys(sends.iter().map(ToString::to_string).collect()))
    }
}
