//! The outbox and the event log.
//!
//! A delivery is done when its row is gone. `available_at` is when it may be claimed: the end of the claim while
//! somebody has it, the next try after a failure. The one of the least place is the head of its queue (consumer,
//! aggregate), and no other can be claimed.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sarai_domain::kernel::{EventId, Timestamp};
use sarai_ports::{
    Event, Scope, StoreError,
    events::{
        Backlog, ConsumerBacklog, Delivery, EventLog, EventRecord, Logged, Outbox, Republished, Retry,
        UnreadableEvent, WaitingDelivery, Wanted, partition_of,
    },
    inventory::DeadLetter,
};
use serde_json::{Value as Json, json};

use crate::{
    Database, Dialect, FENCES, Record, Store, Value,
    load::{parsed, tenant},
    names::interned,
    statement::{Statement, args},
};

/// Failures after which a delivery waits for a redrive.
const DEAD_AFTER: i64 = 20;

/// An event's columns, as [`event`] reads them.
pub(crate) const EVENT: &str = "e.id, e.tenant_id, e.aggregate, e.subject, e.aggregate_seq, e.time, e.recorded_at, \
                                e.correlation_id, e.causation_id, e.topic, e.payload";

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
pub(crate) fn event(record: &Record, from: usize) -> Result<Logged, StoreError> {
    let payload = record.text(from + 10)?;
    let read = if Event::is_devportal(record.text(from + 9)?) {
        serde_json::from_str(payload).map(Event::Devportal)
    } else {
        serde_json::from_str(payload).map(Event::Marketplace)
    };
    let (id, aggregate) = (parsed(record.text(from)?)?, interned(record.text(from + 2)?));
    let (subject, time) = (record.text(from + 3)?.to_owned(), record.time(from + 5)?);
    let event = match read {
        Ok(event) => event,
        Err(error) => {
            let (topic, reason) = (record.text(from + 9)?.to_owned(), error.to_string());
            return Ok(Err(UnreadableEvent { id, aggregate, subject, topic, time, reason }));
        }
    };
    Ok(Ok(Arc::new(EventRecord {
        id,
        tenant_id: tenant(record, from + 1)?,
        aggregate,
        subject,
        aggregate_seq: record.count(from + 4)?,
        time,
        recorded_at: record.time(from + 6)?,
        correlation_id: record.text(from + 7)?.to_owned(),
        causation_id: record.maybe_text(from + 8)?.map(str::to_owned),
        event,
    })))
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

/// A claim on a delivery: its row and the fence that proves the claim.
struct Held<'a> {
    tenant: &'a str,
    consumer: &'a str,
    subject: &'a str,
    place: u64,
    fence: u64,
}

impl<'a> From<&'a Delivery> for Held<'a> {
    fn from(delivery: &'a Delivery) -> Self {
        let event = &delivery.event;
        let (tenant, subject) = (event.tenant_id.as_str(), event.subject.as_str());
        Self {
            tenant,
            consumer: delivery.consumer,
            subject,
            place: event.aggregate_seq,
            fence: delivery.fence,
        }
    }
}

/// Appends that a row is one of these deliveries, under the claim that is named.
fn and_held<'a>(statement: &mut Statement, held: impl IntoIterator<Item = Held<'a>>) {
    let held: Vec<String> = held
        .into_iter()
        .map(|held| {
            let tenant = statement.arg(held.tenant);
            let (consumer, subject) = (statement.arg(held.consumer), statement.arg(held.subject));
            let (place, fence) = (statement.arg(held.place), statement.arg(held.fence));
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

    /// The dead letters, also of events that this program cannot read.
    pub(crate) async fn dead(&self, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        let text = format!(
            "select e.id, e.tenant_id, e.aggregate, e.subject, e.topic, d.consumer, d.attempts {JOINED} \
             where d.dead order by d.tenant_id, d.consumer, d.subject, d.aggregate_seq limit $1"
        );
        let found = self.ask(&Scope::PlatformAdmin, Statement::new(text, args![limit])).await?;
        let letters = found.iter().map(|record| {
            Ok(DeadLetter {
                event_id: parsed(record.text(0)?)?,
                tenant_id: tenant(record, 1)?,
                aggregate: record.text(2)?.to_owned(),
                subject: record.text(3)?.to_owned(),
                topic: record.text(4)?.to_owned(),
                consumer: record.text(5)?.to_owned(),
                attempts: attempts(record, 6)?,
            })
        });
        letters.collect()
    }

    /// Counts a failure of a delivery that we hold, and gives the claim back.
    async fn count_failure(&self, scope: &Scope, held: Held<'_>, reason: &str) -> Result<Retry, StoreError> {
        // 200 ms, doubled with each failure, twelve times.
        let pause = "(200000 << cast(case when attempts < 12 then attempts + 1 else 12 end as integer))";
        let until = self.database.dialect().later("$1", pause);
        let text = format!(
            "update deliveries set attempts = attempts + 1, holder = null, last_error = $2, \
             dead = (attempts + 1 >= $3), available_at = {until}"
        );
        let mut statement = Statement::new(text, args![Value::Now, reason, DEAD_AFTER]);
        and_held(&mut statement, [held]);
        statement.push("returning dead");
        match self.ask(scope, statement).await?.first() {
            Some(record) if record.bool(0)? => Ok(Retry::DeadLetter),
            _ => Ok(Retry::Later),
        }
    }

    /// The events of claimed deliveries.
    async fn claimed(&self, claimed: &[Record], until: Instant) -> Result<Vec<Delivery>, StoreError> {
        let places = claimed.iter().map(|record| {
            Ok(json!({ "tenant": record.text(0)?, "subject": record.text(2)?, "place": record.int(3)? }))
        });
        let places = places.collect::<Result<Vec<_>, StoreError>>()?;
        let rows = self.database.dialect().rows("$1", &PLACE);
        let text = format!(
            "select {EVENT} from {rows} join events e on e.tenant_id = x.tenant and e.subject = x.subject \
             and e.aggregate_seq = x.place"
        );
        let places = Value::Json(Json::from(places).to_string());
        let found = self.ask(&Scope::System, Statement::new(text, vec![places])).await?;
        let mut events = HashMap::with_capacity(found.len());
        for record in &found {
            let place = (record.text(3)?, record.count(4)?, record.text(1)?);
            let read = event(record, 0).map_err(|error| error.to_string());
            events.insert(place, read.and_then(|logged| logged.map_err(|event| event.to_string())));
        }
        let mut deliveries = Vec::with_capacity(claimed.len());
        let mut before = None;
        for record in claimed {
            let (tenant, consumer, subject) = (record.text(0)?, record.text(1)?, record.text(2)?);
            let (place, fence) = (record.count(3)?, record.count(5)?);
            let queue = (tenant, consumer, subject);
            let after = before.filter(|(of, _)| *of == queue).map(|(_, fence)| fence);
            before = Some((queue, fence));
            let event = match events.get(&(subject, place, tenant)) {
                Some(Ok(event)) => event,
                // Of a newer program: it waits for one, and what is about other aggregates goes on.
                Some(Err(reason)) => {
                    let held = Held { tenant, consumer, subject, place, fence };
                    let retry = self.count_failure(&Scope::System, held, reason).await?;
                    let dead = retry == Retry::DeadLetter;
                    tracing::error!(consumer, subject, place, reason, dead, "an event cannot be read");
                    continue;
                }
                None => continue,
            };
            deliveries.push(Delivery {
                event: Arc::clone(event),
                consumer: interned(consumer),
                attempts: attempts(record, 4)?,
                fence,
                after,
                until,
            });
        }
        Ok(deliveries)
    }

    /// Gives dead letters all their tries again, at once.
    async fn revived(&self, subject: Option<&str>) -> Result<usize, StoreError> {
        let now = self.database.dialect().now("$1");
        let text =
            format!("update deliveries set dead = false, attempts = 0, available_at = {now} where dead");
        let mut statement = Statement::new(text, args![Value::Now]);
        statement.and_if("subject =", subject).push("returning 1");
        Ok(self.ask(&Scope::System, statement).await?.len())
    }
}

/// Deletes deliveries by one statement whose text does not depend on their number. Nobody waits for the disk: what a crash
/// brings back is delivered again, and changes nothing.
fn settled(deliveries: &[Delivery]) -> Statement {
    let column = |of: fn(&Delivery) -> String| Value::Texts(deliveries.iter().map(of).collect());
    let held = vec![
        column(|delivery| delivery.event.tenant_id.to_string()),
        column(|delivery| delivery.consumer.to_owned()),
        column(|delivery| delivery.event.subject.clone()),
        column(|delivery| delivery.event.aggregate_seq.to_string()),
        column(|delivery| delivery.fence.to_string()),
    ];
    let text = "with soon as materialized (select set_config('synchronous_commit', 'off', true)) \
                delete from deliveries d using soon, unnest(cast($1 as text[]), cast($2 as text[]), cast($3 as text[]), \
                cast($4 as bigint[]), cast($5 as bigint[])) as x (tenant, consumer, subject, place, fence) \
                where d.tenant_id = x.tenant and d.consumer = x.consumer and d.subject = x.subject \
                and d.aggregate_seq = x.place and d.fence = x.fence";
    Statement::new(text, held)
}

/// The columns of a place in the outbox.
const PLACE: [(&str, &str); 3] = [("tenant", "text"), ("subject", "text"), ("place", "bigint")];

#[async_trait]
impl<D: Database> Outbox for Store<D> {
    async fn claim_due(&self, wanted: &Wanted<'_>) -> Result<Vec<Delivery>, StoreError> {
        let dialect = self.database.dialect();
        let (now, until) = (dialect.now("$2"), dialect.later("$2", "$3"));
        let partitions = dialect.among("cast(d.partition as text)", "$6");
        // The oldest of each consumer: by the index that a backlog of another one does not lengthen.
        let (of, named, lock) = match dialect {
            Dialect::Postgres => (
                "select d.* from unnest(cast($5 as text[])) as c (consumer) cross join lateral ",
                "d.consumer = c.consumer".to_owned(),
                "for update of d skip locked",
            ),
            Dialect::Sqlite => ("select * from ", dialect.among("d.consumer", "$5"), ""),
        };
        let text = format!(
            "with heads as materialized ({of} ( \
                 select d.tenant_id, d.consumer, d.subject, d.aggregate_seq, d.available_at from deliveries d \
                 where {named} and not d.dead and d.available_at <= {now} and {partitions} and not exists ( \
                     select 1 from deliveries b where b.tenant_id = d.tenant_id and b.consumer = d.consumer \
                     and b.subject = d.subject and b.aggregate_seq < d.aggregate_seq) \
                 order by d.available_at limit $4 {lock}) d), \
             shares as (select case when count(*) * $7 <= $4 then $7 else ($4 + count(*) - 1) / count(*) end as run \
                 from heads) \
             update deliveries set holder = $1, fence = fence + 1, available_at = {until} \
             where (tenant_id, consumer, subject, aggregate_seq) in ( \
                 select r.tenant_id, r.consumer, r.subject, r.aggregate_seq from ( \
                     select r.*, h.available_at as since, row_number() over queue as place, \
                         sum(case when r.dead or r.available_at > {now} then 1 else 0 end) over queue as stops \
                     from heads h cross join shares s join deliveries r on r.tenant_id = h.tenant_id and r.consumer = h.consumer \
                         and r.subject = h.subject and r.aggregate_seq >= h.aggregate_seq \
                         and r.aggregate_seq < h.aggregate_seq + s.run \
                     window queue as (partition by r.tenant_id, r.consumer, r.subject order by r.aggregate_seq)) r \
                 where r.stops = 0 order by r.place, r.since limit $4) \
             returning tenant_id, consumer, subject, aggregate_seq, attempts, fence"
        );
        let consumers: Vec<_> = wanted.consumers.iter().map(ToString::to_string).collect();
        let partitions: Vec<_> = wanted.partitions.iter().map(|partition| partition.to_string()).collect();
        let holder = self.database.holder();
        let lease = micros(wanted.lease);
        let args = args![holder, Value::Now, lease, wanted.limit, consumers, partitions, wanted.run];
        let until = Instant::now() + wanted.lease;
        let mut claimed = self.ask(&Scope::System, Statement::new(text, args)).await?;
        if claimed.is_empty() {
            return Ok(Vec::new());
        }
        // Each queue in its order.
        let text = |record: &Record, place| record.text(place).unwrap_or_default().to_owned();
        claimed.sort_by_cached_key(|record| {
            (text(record, 0), text(record, 1), text(record, 2), record.int(3).unwrap_or_default())
        });
        self.claimed(&claimed, until).await
    }

    async fn done(&self, deliveries: &[Delivery]) -> Result<(), StoreError> {
        let deleting = |deliveries: &[Delivery]| {
            let mut statement = Statement::new("delete from deliveries", Vec::new());
            and_held(&mut statement, deliveries.iter().map(Held::from));
            statement
        };
        let scope = Self::scope_of(deliveries);
        match (self.database.dialect(), deliveries) {
            (_, []) => {}
            (Dialect::Postgres, _) => {
                self.ask(&scope, settled(deliveries)).await?;
            }
            (Dialect::Sqlite, [_]) => {
                self.ask(&scope, deleting(deliveries)).await?;
            }
            // It would look through the queues for several keys at once.
            (Dialect::Sqlite, _) => {
                let each = deliveries.iter().map(|delivery| deleting(std::slice::from_ref(delivery)));
                let each = each.map(|statement| (statement.text, statement.args)).collect();
                self.database.run_all(&scope, each).await?;
            }
        }
        Ok(())
    }

    async fn failed(&self, delivery: &Delivery, reason: &str) -> Result<Retry, StoreError> {
        let scope = Scope::Within(delivery.event.tenant_id.clone());
        self.count_failure(&scope, delivery.into(), reason).await
    }

    async fn release(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let now = self.database.dialect().now("$1");
        let text = format!("update deliveries set holder = null, available_at = {now}");
        let mut statement = Statement::new(text, args![Value::Now]);
        and_held(&mut statement, [delivery.into()]);
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
        self.revived(Some(subject)).await
    }

    async fn redrive_all(&self) -> Result<usize, StoreError> {
        self.revived(None).await
    }

    async fn republish(
        &self,
        consumer: &'static str,
        from: Timestamp,
        to: Timestamp,
        after: Option<(Timestamp, EventId)>,
        limit: usize,
    ) -> Result<Republished, StoreError> {
        let text = "select e.tenant_id, e.subject, e.aggregate_seq, e.recorded_at, e.id from events e \
                    where e.recorded_at >= $1 and e.recorded_at < $2";
        let mut statement = Statement::new(text, args![from, to]);
        if let Some((at, id)) = after {
            let (at, id) = (statement.arg(at), statement.arg(id.to_string()));
            statement.push(&format!("and (e.recorded_at, e.id) > ({at}, {id})"));
        }
        let more = statement.arg(limit.saturating_add(1));
        statement.push(&format!("order by e.recorded_at, e.id limit {more}"));
        let mut found = self.ask(&Scope::System, statement).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = match found.last().filter(|_| more) {
            Some(last) => Some((last.time(3)?, parsed(last.text(4)?)?)),
            None => None,
        };
        let rows = found.iter().map(|record| {
            let (subject, place) = (record.text(1)?, record.int(2)?);
            Ok(json!({
                "tenant": record.text(0)?, "subject": subject, "place": place,
                "part": partition_of(subject), "fence": place.saturating_mul(FENCES),
            }))
        });
        let rows = Value::Json(Json::from(rows.collect::<Result<Vec<_>, StoreError>>()?).to_string());
        let dialect = self.database.dialect();
        let [tenant, subject, place] = PLACE;
        let columns = [tenant, subject, place, ("part", "bigint"), ("fence", "bigint")];
        let (source, now) = (dialect.rows("$1", &columns), dialect.now("$3"));
        let text = format!(
            "insert into deliveries (tenant_id, consumer, subject, aggregate_seq, partition, attempts, fence, \
             available_at, dead) select x.tenant, $2, x.subject, x.place, x.part, 0, x.fence, {now}, false \
             from {source} where true on conflict do nothing returning 1"
        );
        let opened =
            self.ask(&Scope::System, Statement::new(text, args![rows, consumer, Value::Now])).await?;
        Ok(Republished { events: found.len(), deliveries: opened.len(), next })
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        let text = "select count(*), count(*) filter (where dead) from deliveries";
        let found = self.ask(&Scope::PlatformAdmin, Statement::new(text, Vec::new())).await?;
        let count = |place| found.first().map_or(Ok(0), |record| record.count(place));
        let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        Ok(Backlog { open: size(count(0)?), dead_letters: size(count(1)?) })
    }

    async fn backlogs(&self) -> Result<Vec<ConsumerBacklog>, StoreError> {
        // Of what waits in turn the oldest is among the first; dead letters are few.
        let text = "with known as (select d.consumer, count(*) as open, count(*) filter (where d.dead) as dead \
                        from deliveries d group by d.consumer), \
                    old as (select k.consumer, (select e.recorded_at from ( \
                        select * from deliveries d where d.consumer = k.consumer and not d.dead \
                            order by d.available_at limit 1) d join events e \
                            on e.tenant_id = d.tenant_id and e.subject = d.subject and e.aggregate_seq = d.aggregate_seq) \
                        as first, (select min(e.recorded_at) from deliveries d join events e \
                            on e.tenant_id = d.tenant_id and e.subject = d.subject and e.aggregate_seq = d.aggregate_seq \
                            where d.dead and d.consumer = k.consumer) as dead from known k) \
                    select k.consumer, k.open, k.dead, case when o.dead < o.first or o.first is null then o.dead \
                        else o.first end from known k join old o on o.consumer = k.consumer order by k.consumer"
            .to_owned();
        let found = self.ask(&Scope::PlatformAdmin, Statement::new(text, Vec::new())).await?;
        let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        // What speaks of no event that is there is nobody's to deliver: it has no age, and nothing to tell.
        let aged = found.iter().filter(|record| !matches!(record.maybe_time(3), Ok(None)));
        let backlogs = aged.map(|record| {
            let backlog = Backlog { open: size(record.count(1)?), dead_letters: size(record.count(2)?) };
            Ok(ConsumerBacklog { consumer: record.text(0)?.to_owned(), backlog, oldest: record.time(3)? })
        });
        backlogs.collect()
    }
}

#[async_trait]
impl<D: Database> EventLog for Store<D> {
    async fn by_correlation(
        &self,
        scope: &Scope,
        correlation_id: &str,
        limit: usize,
    ) -> Result<Vec<Logged>, StoreError> {
        let text = format!("select {EVENT} from events e where e.correlation_id = $1");
        let mut statement = Statement::new(text, args![correlation_id]);
        statement.within(scope, "e.tenant_id");
        let limit = statement.arg(limit);
        statement.push(&format!("order by e.position limit {limit}"));
        self.ask(scope, statement).await?.iter().map(|record| event(record, 0)).collect()
    }
}
