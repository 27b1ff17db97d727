//! Verify's sessions and spend ledgers.

mod change;
mod counts;

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        policy::{FailureKey, FailureLedger, SpendKey, SpendLedger},
        verify::{LiveSlot, VerifySession},
    },
    kernel::{DeliveryAttemptId, SandboxId, Timestamp},
};
use sarai_ports::{
    Page, PageRequest, Saved, Scope, StoreError,
    devportal::{
        policies::SpendLedgerRepository,
        verify::{
            Admission, ChangeError, DueSend, DueSession, SessionChange, SessionFilter,
            VerifySessionRepository, World,
        },
    },
};

use self::change::{Admitting, Changing, Turn};
use super::{Readable as _, by_id};
use crate::{
    Database, Dialect, Store, Value,
    aggregates::name,
    load::{Rows, parsed, select, tenant},
    statement::{NEWEST, Statement, args},
};

/// Sends that wait, in production.
const QUEUED: &str = "select x.tenant_id, x.parent_id, x.key from verify_sends x \
     join verify_sessions r on r.tenant_id = x.tenant_id and r.id = x.parent_id \
     where x.due_at <= $1 and r.environment = 'PRODUCTION' order by x.due_at, x.key limit $2";
/// Sends that a sender has, in production.
const SENDING: &str = "select x.tenant_id, x.parent_id, x.key from verify_sends x \
     join verify_sessions r on r.tenant_id = x.tenant_id and r.id = x.parent_id \
     where x.status = 'SENDING' and r.environment = 'PRODUCTION' order by x.key limit $1";

#[async_trait]
impl<D: Database> VerifySessionRepository for Store<D> {
    async fn change(&self, scope: &Scope, change: SessionChange) -> Result<Saved, ChangeError> {
        let changing = Changing::new(scope, change)?;
        if changing.is_a_unit() {
            return Ok(self.database.commit(scope, changing.unit().clone()).await?);
        }
        if let Some(checked) = changing.checked()
            && let Some(saved) = self.database.check(scope, changing.unit(), &checked).await?
        {
            return Ok(saved);
        }
        // Those of this process wait here and hold no connection.
        let turns: Vec<_> = changing.turns();
        let _turn = match turns.first() {
            Some(Turn(key)) => self.lanes.enter(key).await,
            None => None,
        };
        self.database.transact(scope, changing).await?
    }

    async fn find_live(&self, scope: &Scope, slots: &[LiveSlot]) -> Result<Vec<VerifySession>, StoreError> {
        let keys = slots.iter().map(ToString::to_string).collect();
        let among = self.database.dialect().among("live.slot", "$1");
        let text = format!(
            "{} where exists (select 1 from verify_live live where live.tenant_id = r.tenant_id \
                 and live.parent_id = r.id and {among})",
            select::<VerifySession>(&Rows::All)
        );
        let mut statement = Statement::new(text, vec![Value::Texts(keys)]);
        VerifySession::visible(&mut statement, scope);
        if let Some(slot) = slots.first() {
            statement.and("r.tenant_id =", slot.tenant_id.as_str());
        }
        self.load(scope, statement).await
    }

    async fn admit(&self, scope: &Scope, admission: &Admission) -> Result<(), ChangeError> {
        if scope.covers(&admission.subject.tenant_id) {
            self.database.transact(scope, Admitting(admission.clone())).await?
        } else {
            Err(StoreError::NotFound.into())
        }
    }

    async fn failures(&self, scope: &Scope, keys: &[FailureKey]) -> Result<Vec<FailureLedger>, StoreError> {
        let mut ledgers = Vec::with_capacity(keys.len());
        for key in keys {
            if !scope.covers(&key.tenant_id) {
                ledgers.push(FailureLedger::default());
                continue;
            }
            let [(ledger, ledger_args), (guesses, guesses_args)] = counts::failures_of(key, None);
            let ledger = self.database.run(scope, &ledger, ledger_args).await?;
            let guesses = self.database.run(scope, &guesses, guesses_args).await?;
            ledgers.push(counts::ledger(&ledger, &guesses)?);
        }
        Ok(ledgers)
    }

    async fn unlock(&self, scope: &Scope, keys: &[FailureKey]) -> Result<(), StoreError> {
        for key in keys.iter().filter(|key| scope.covers(&key.tenant_id)) {
            let within = Scope::Within(key.tenant_id.clone());
            self.database.run_all(&within, counts::clear(key).to_vec()).await?;
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
        let text =
            format!("{} where r.tenant_id = $1 and r.environment = $2", select::<VerifySession>(&Rows::All));
        let args = args![world.tenant.as_str(), world.environment.as_str()];
        let mut statement = Statement::new(text, args);
        VerifySession::visible(&mut statement, scope);
        match world.sandbox_id {
            Some(id) => statement.and("r.sandbox_id =", id.to_string()),
            None => statement.push("and r.sandbox_id is null"),
        };
        statement
            .and_if("r.state =", filter.state.map(|state| name(&state)))
            .and_if("r.channel =", filter.channel.map(sarai_domain::devportal::values::Channel::as_str))
            .and_if("r.country =", filter.country.map(|country| country.to_string()))
            .and_if("r.created_at >=", filter.from)
            .and_if("r.created_at <", filter.to);
        self.load_page(scope, statement, NEWEST, page).await
    }

    async fn find_queued(&self, now: Timestamp, limit: usize) -> Result<Vec<DueSend>, StoreError> {
        due_sends(&self.ask(&Scope::System, Statement::new(QUEUED, args![now, limit])).await?)
    }

    async fn find_sending(&self, limit: usize) -> Result<Vec<DueSend>, StoreError> {
        due_sends(&self.ask(&Scope::System, Statement::new(SENDING, args![limit])).await?)
    }

    async fn find_due_sessions(&self, now: Timestamp, limit: usize) -> Result<Vec<DueSession>, StoreError> {
        let text =
            "select tenant_id, id from verify_sessions where due_at <= $1 order by due_at, id limit $2";
        let found = self.ask(&Scope::System, Statement::new(text, args![now, limit])).await?;
        found.iter().map(due_session).collect()
    }

    async fn next_session_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let text = "select min(due_at) from verify_sessions where due_at > $1";
        self.instant(Statement::new(text, args![after])).await
    }

    async fn forget(&self, before: Timestamp) -> Result<(), StoreError> {
        for old in &counts::OLD {
            self.forget_old(old, before).await?;
        }
        match self.database.dialect() {
            Dialect::Sqlite => self.forget_old(&counts::OLD_SENDS, before).await.map(drop),
            Dialect::Postgres => {
                while !self.ask(&Scope::System, counts::forget_platform(before)).await?.is_empty() {}
                Ok(())
            }
        }
    }

    async fn find_in_sandbox(
        &self,
        scope: &Scope,
        sandbox: SandboxId,
    ) -> Result<Vec<VerifySession>, StoreError> {
        let text = format!(
            "{} where r.sandbox_id = $1 and (r.state in ('PENDING', 'DELIVERED') or exists (select 1 \
             from verify_sends s where s.tenant_id = r.tenant_id and s.parent_id = r.id \
             and s.status in ('QUEUED', 'SENDING', 'SENT')))",
            select::<VerifySession>(&Rows::All)
        );
        let mut statement = Statement::new(text, args![sandbox.to_string()]);
        VerifySession::visible(&mut statement, scope);
        statement.push("order by r.created_at, r.id");
        self.load(scope, statement).await
    }
}

fn due_session(record: &crate::Record) -> Result<DueSession, StoreError> {
    Ok(DueSession { tenant_id: tenant(record, 0)?, id: parsed(record.text(1)?)? })
}

fn due_sends(records: &[crate::Record]) -> Result<Vec<DueSend>, StoreError> {
    let one = |record| Ok(DueSend { session: due_session(record)?, attempt_id: parsed(record.text(2)?)? });
    records.iter().map(one).collect()
}

/// The statement that loads a ledger with what it holds for some sends.
fn ledger_of(dialect: Dialect, scope: &Scope, key: &SpendKey, sends: &[DeliveryAttemptId]) -> Statement {
    let rows = dialect.among("x.key", "$1");
    let sends = sends.iter().map(ToString::to_string).collect();
    by_id::<SpendLedger>(scope, key, &Rows::Where(&rows), vec![Value::Texts(sends)])
}

#[async_trait]
impl<D: Database> SpendLedgerRepository for Store<D> {
    async fn find_stale(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<(SpendKey, DeliveryAttemptId)>, StoreError> {
        let text = "select parent_id, key from spend_reservations where held_since <= $1 \
                    order by held_since, key limit $2";
        let found = self.ask(&Scope::System, Statement::new(text, args![before, limit])).await?;
        found.iter().map(|record| Ok((parsed(record.text(0)?)?, parsed(record.text(1)?)?))).collect()
    }

    async fn find_for_sends(
        &self,
        scope: &Scope,
        key: &SpendKey,
        sends: &[DeliveryAttemptId],
    ) -> Result<Option<SpendLedger>, StoreError> {
        let statement = ledger_of(self.database.dialect(), scope, key, sends);
        self.load_one(scope, statement).await
    }
}
