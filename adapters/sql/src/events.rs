//! The outbox and the event log.
//!
//! A delivery is done when its row is gone. `available_at` is when it may be claimed: the end of the claim while
//! somebody has it, the next try after a failure. The one of the least place is the head of its queue (consumer,
//! aggregate), and no other can be claimed.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use sarai_ports::{
    Scope, StoreError,
    events::{Backlog, Delivery, EventLog, EventRecord, Outbox, Retry, WaitingDelivery},
    inventory::DeadLetter,
};

use crate::{
    Database, Dialect, Record, Store, Value,
    load::{parsed, tenant},
    names::interned,
    statement::{Statement, args},
};

/// Failures after which a delivery waits for a redrive.
const DEAD_AFTER: i64 = 20;

/// Deliveries that one statement settles at most.
const SETTLED_AT_ONCE: usize = 200;

/// An event's columns, as [`event`] reads them.
pub(crate) const EVENT: &str = "e.id, e.tenant_id, e.aggregate, e.subject, e.aggregate_seq, e.time, e.recorded_at, \
                                e.correlation_id, e.causation_id, e.payload";

/// A delivery's columns and its event, as [`waiting`] reads them.
const WAITING: &str = "d.consumer, d.attempts, d.dead, d.last_error";

/// A delivery joined to its event.
const JOINED: &str = "from deliveries d join events e on e.tenant_id = d.tenant_id and e.subject = d.subject \
                      and e.aggregate_seq = d.aggregate_seq";

/// So many microseconds.
pub(crate) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// The event whose columns begin at this place.
pub(crate) fn event(record: &Record, from: usize) -> Result<Arc<EventRecord>, StoreError> {
    let event = serde_json::from_str(record.text(from + 9)?).map_err(|error| StoreError::Corrupt {
        aggregate: interned(record.text(from + 2).unwrap_or_default()),
        id: record.text(from + 3).unwrap_or_default().to_owned(),
        reason: format!("an event: {error}"),
    })?;
    Ok(Arc::new(EventRecord {
        id: parsed(record.text(from)?)?,
        tenant_id: tenant(record, from + 1)?,
        aggregate: interned(record.text(from + 2)?),
        subject: record.text(from + 3)?.to_owned(),
        aggregate_seq: record.count(from + 4)?,
        time: record.time(from + 5)?,
        recorded_at: record.time(from + 6)?,
        correlation_id: record.text(from + 7)?.to_owned(),
        causation_id: record.maybe_text(from + 8)?.map(str::to_owned),
        event,
    }))
}

fn attempts(record: &Record, place: usize) -> Result<u32, StoreError> {
    Ok(u32::try_from(record.count(place)?).unwrap_or(u32::MAX))
}

fn waiting(record: &Record) -> Result<WaitingDelivery, StoreError> {
    Ok(WaitingDelivery {
        event: event(record, 4)?,
        consumer: interned(record.text(0)?),
        attempts: attempts(record, 1)?,
        dead: record.bool(2)?,
        last_error: record.maybe_text(3)?.map(str::to_owned),
    })
}

/// Appends that a row is one of these deliveries, under the claim that is named.
fn and_held(statement: &mut Statement, deliveries: &[Delivery]) {
    let held: Vec<String> = deliveries
        .iter()
        .map(|delivery| {
            let event = &delivery.event;
            let tenant = statement.arg(event.tenant_id.as_str());
            let (consumer, subject) =
                (statement.arg(delivery.consumer), statement.arg(event.subject.as_str()));
            let (place, fence) = (statement.arg(event.aggregate_seq), statement.arg(delivery.fence));
            format!(
                "(tenant_id = {tenant} and consumer = {consumer} and subject = {subject} \
                 and aggregate_seq = {place} and fence = {fence})"
            )
        })
        .collect();
    statement.push(&format!("where ({})", held.join(" or ")));
}

impl<D: Database> Store<D> {
    /// The scope of a worker on behalf of the tenant of some deliveries, when they have one.
    fn scope_of(deliveries: &[Delivery]) -> Scope {
        let mut tenants = deliveries.iter().map(|delivery| &delivery.event.tenant_id);
        match tenants.next() {
            Some(first) if tenants.all(|other| other == first) => Scope::Within(first.clone()),
            _ => Scope::System,
        }
    }

    /// The dead letters, first claimed first.
    pub(crate) async fn dead(&self, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        let text = format!(
            "select {WAITING}, {EVENT} {JOINED} where d.dead \
             order by d.tenant_id, d.consumer, d.subject, d.aggregate_seq limit $1"
        );
        let found = self.ask(&Scope::System, Statement::new(text, args![limit])).await?;
        let letters = found.iter().map(|record| {
            let WaitingDelivery { event, consumer, attempts, .. } = waiting(record)?;
            Ok(DeadLetter { event, consumer, attempts })
        });
        letters.collect()
    }

    /// The events of claimed deliveries.
    async fn claimed(&self, claimed: &[Record]) -> Result<Vec<Delivery>, StoreError> {
        let mut statement = Statement::new(format!("select {EVENT} from events e where false"), Vec::new());
        for record in claimed {
            let tenant = statement.arg(record.text(0)?);
            let (subject, place) = (statement.arg(record.text(2)?), statement.arg(record.int(3)?));
            statement.push(&format!(
                "or (e.tenant_id = {tenant} and e.subject = {subject} and e.aggregate_seq = {place})"
            ));
        }
        let events = self.ask(&Scope::System, statement).await?;
        let events = events.iter().map(|record| event(record, 0)).collect::<Result<Vec<_>, _>>()?;
        let mut deliveries = Vec::with_capacity(claimed.len());
        for record in claimed {
            let place = (record.text(0)?, record.text(2)?, record.count(3)?);
            let event = events.iter().find(|event| {
                (event.tenant_id.as_str(), event.subject.as_str(), event.aggregate_seq) == place
            });
            deliveries.extend(
                event
                    .map(|event| -> Result<_, StoreError> {
                        Ok(Delivery {
                            event: Arc::clone(event),
                            consumer: interned(record.text(1)?),
                            attempts: attempts(record, 4)?,
                            fence: record.count(5)?,
                            after: None,
                        })
                    })
                    .transpose()?,
            );
        }
        Ok(deliveries)
    }
}

#[async_trait]
impl<D: Database> Outbox for Store<D> {
    async fn claim_due(&self, limit: usize, lease: Duration) -> Result<Vec<Delivery>, StoreError> {
        let dialect = self.database.dialect();
        let (now, until) = (dialect.now("$2"), dialect.later("$2", "$3"));
        let lock = match dialect {
            Dialect::Postgres => "for update of d skip locked",
            Dialect::Sqlite => "",
        };
        let text = format!(
            "update deliveries set holder = $1, fence = fence + 1, available_at = {until} \
             where (tenant_id, consumer, subject, aggregate_seq) in ( \
                 select d.tenant_id, d.consumer, d.subject, d.aggregate_seq from deliveries d \
                 where not d.dead and d.available_at <= {now} and not exists ( \
                     select 1 from deliveries b where b.tenant_id = d.tenant_id and b.consumer = d.consumer \
                     and b.subject = d.subject and b.aggregate_seq < d.aggregate_seq) \
                 order by d.available_at limit $4 {lock}) \
             returning tenant_id, consumer, subject, aggregate_seq, attempts, fence"
        );
        let args = args![self.database.holder(), Value::Now, micros(lease), limit.min(SETTLED_AT_ONCE)];
        let claimed = self.ask(&Scope::System, Statement::new(text, args)).await?;
        if claimed.is_empty() {
            return Ok(Vec::new());
        }
        self.claimed(&claimed).await
    }

    async fn done(&self, deliveries: &[Delivery]) -> Result<(), StoreError> {
        for deliveries in deliveries.chunks(SETTLED_AT_ONCE) {
            let mut statement = Statement::new("delete from deliveries", Vec::new());
            and_held(&mut statement, deliveries);
            self.ask(&Self::scope_of(deliveries), statement).await?;
        }
        Ok(())
    }

    async fn failed(&self, delivery: &Delivery, reason: &str) -> Result<Retry, StoreError> {
        // 200 ms, doubled with each failure, twelve times.
        let pause = "(200000 << cast(case when attempts < 12 then attempts + 1 else 12 end as integer))";
        let until = self.database.dialect().later("$1", pause);
        let text = format!(
            "update deliveries set attempts = attempts + 1, holder = null, last_error = $2, \
             dead = (attempts + 1 >= $3), available_at = {until}"
        );
        let mut statement = Statement::new(text, args![Value::Now, reason, DEAD_AFTER]);
        and_held(&mut statement, std::slice::from_ref(delivery));
        statement.push("returning dead");
        let scope = Scope::Within(delivery.event.tenant_id.clone());
        match self.ask(&scope, statement).await?.first() {
            Some(record) if record.bool(0)? => Ok(Retry::DeadLetter),
            _ => Ok(Retry::Later),
        }
    }

    async fn release(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let now = self.database.dialect().now("$1");
        let text = format!("update deliveries set holder = null, available_at = {now}");
        let mut statement = Statement::new(text, args![Value::Now]);
        and_held(&mut statement, std::slice::from_ref(delivery));
        statement.push("and holder is not null");
        self.ask(&Scope::Within(delivery.event.tenant_id.clone()), statement).await?;
        Ok(())
    }

    async fn waiting(&self, subject: &str, limit: usize) -> Result<Vec<WaitingDelivery>, StoreError> {
        let text = format!(
            "select {WAITING}, {EVENT} {JOINED} where d.subject = $1 order by d.consumer, d.aggregate_seq limit $2"
        );
        let found = self.ask(&Scope::System, Statement::new(text, args![subject, limit])).await?;
        found.iter().map(waiting).collect()
    }

    async fn redrive(&self, subject: &str) -> Result<usize, StoreError> {
        let now = self.database.dialect().now("$2");
        let text = format!(
            "update deliveries set dead = false, attempts = 0, available_at = {now} where subject = $1 and dead \
             returning 1"
        );
        Ok(self.ask(&Scope::System, Statement::new(text, args![subject, Value::Now])).await?.len())
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        let text = "select count(*), count(*) filter (where dead) from deliveries";
        let found = self.ask(&Scope::System, Statement::new(text, Vec::new())).await?;
        let count = |place| found.first().map_or(Ok(0), |record| record.count(place));
        let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        Ok(Backlog { open: size(count(0)?), dead_letters: size(count(1)?) })
    }
}

#[async_trait]
impl<D: Database> EventLog for Store<D> {
    async fn by_correlation(
        &self,
        scope: &Scope,
        correlation_id: &str,
        limit: usize,
    ) -> Result<Vec<Arc<EventRecord>>, StoreError> {
        let text = format!("select {EVENT} from events e where e.correlation_id = $1");
        let mut statement = Statement::new(text, args![correlation_id]);
        statement.within(scope, "e.tenant_id");
        let limit = statement.arg(limit);
        statement.push(&format!("order by e.position limit {limit}"));
        self.ask(scope, statement).await?.iter().map(|record| event(record, 0)).collect()
    }
}
