//! The feeds: rows wait in the order of their commits, then have a number in their feed's, whose name is their `tenant_id`.

use std::time::Duration;

use async_trait::async_trait;
use sarai_domain::kernel::Timestamp;
use sarai_ports::{
    Scope, StoreError,
    feed::{Feed, FeedBacklog, FeedEvent, FeedFence, FeedHead, FeedId, FeedPage},
};

use crate::{
    Database, Dialect, Record, Store, Value,
    events::{EVENT, event},
    purge::Old,
    statement::{Statement, args},
};

/// The sequencer's lease. It sorts before every name that a process leases.
const LEASE: &str = "~feed";

/// Rows that were numbered long ago: each has a number.
const OLD: Old = Old { table: "feed_rows", key: "tenant_id, number", age: "numbered_at", than: "<" };

/// Rows that get a number now, while the fence is the lease's.
const WAITING: &str = "select f.tenant_id, f.position from feed_rows f where f.number is null and exists ( \
                       select 1 from leases where name = $1 and fence = $2) order by f.position limit $3";

/// What the heads become.
const HEADS: &str = "insert into feed_heads (tenant_id, last, moved) \
                     select w.tenant_id, count(*), (select coalesce(max(moved), 0) from feed_heads) \
                         + row_number() over (order by max(w.position)) \
                     from waiting w where true group by w.tenant_id \
                     on conflict (tenant_id) do update set last = feed_heads.last + excluded.last, \
                         moved = excluded.moved";

/// The numbers in `SQLite`, after the heads have moved: the last ones up to each head, at a time not before that of the
/// row before.
fn numbers(dialect: Dialect) -> String {
    let now = dialect.now("$4");
    format!(
        "update feed_rows set number = n.number, \
             numbered_at = case when n.since > {now} then n.since else {now} end \
         from (select c.tenant_id, c.position, h.last - c.many + c.place as number, ( \
                   select b.numbered_at from feed_rows b \
                   where b.tenant_id = c.tenant_id and b.number = h.last - c.many) as since \
               from (select w.tenant_id, w.position, count(*) over (partition by w.tenant_id) as many, \
                         row_number() over (partition by w.tenant_id order by w.position) as place \
                     from waiting w) c \
               join feed_heads h on h.tenant_id = c.tenant_id) n \
         where feed_rows.tenant_id = n.tenant_id and feed_rows.position = n.position returning 1"
    )
}

/// Heads and numbers in one statement of Postgres, whose parts all see the heads as they were: each row looks the old
/// head of its tenant up by key. Whoever lost the lease meanwhile holds nothing and numbers nothing.
fn at_once(dialect: Dialect) -> String {
    let now = dialect.now("$4");
    format!(
        "with held as materialized (select 1 from leases where name = $1 and fence = $2 for update), \
         waiting as materialized ( \
             select w.tenant_id, w.position, row_number() over (partition by w.tenant_id order by w.position) as place \
             from (select f.tenant_id, f.position from feed_rows f where f.number is null \
                   and exists (select 1 from held) order by f.position limit $3) w), \
         heads as ({HEADS} returning 1), \
         numbered as ( \
             update feed_rows set number = n.number, numbered_at = greatest(n.since, {now}) \
             from (select w.tenant_id, w.position, coalesce(h.last, 0) + w.place as number, ( \
                       select b.numbered_at from feed_rows b \
                       where b.tenant_id = w.tenant_id and b.number = h.last) as since \
                   from waiting w left join feed_heads h on h.tenant_id = w.tenant_id) n \
             where feed_rows.tenant_id = n.tenant_id and feed_rows.position = n.position \
                 and feed_rows.number is null returning 1) \
         select (select count(*) from held), (select count(*) from numbered)"
    )
}

impl<D: Database> Store<D> {
    /// Numbers rows in one step.
    async fn number(&self, fence: u64, limit: usize) -> Result<Option<usize>, StoreError> {
        let args = args![LEASE, fence, limit, Value::Now];
        let dialect = self.database.dialect();
        match dialect {
            Dialect::Postgres => {
                let text = at_once(dialect);
                let found = self.ask(&Scope::System, Statement::new(text, args)).await?;
                let Some(record) = found.first().filter(|record| record.int(0) == Ok(1)) else {
                    return Ok(None);
                };
                Ok(Some(usize::try_from(record.count(1)?).unwrap_or(usize::MAX)))
            }
            Dialect::Sqlite => {
                let held = "select 1 from leases where name = $1 and fence = $2".to_owned();
                let heads = format!("with waiting as ({WAITING}) {HEADS}");
                let numbers = format!("with waiting as ({WAITING}) {}", numbers(dialect));
                let statements =
                    vec![(held, args[..2].to_vec()), (heads, args[..3].to_vec()), (numbers, args)];
                let answers = self.database.run_all(&Scope::System, statements).await?;
                let held = answers.first().is_some_and(|held| !held.is_empty());
                Ok(answers.last().filter(|_| held).map(Vec::len))
            }
        }
    }
}

#[async_trait]
impl<D: Database> Feed for Store<D> {
    async fn lease(&self, lease: Duration) -> Result<Option<FeedFence>, StoreError> {
        Ok(self.take_lease(LEASE, lease, true).await?.map(FeedFence))
    }

    async fn release(&self, fence: FeedFence) -> Result<(), StoreError> {
        self.end_lease(LEASE, fence.0).await
    }

    async fn sequence(&self, fence: FeedFence, limit: usize) -> Result<Option<usize>, StoreError> {
        self.number(fence.0, limit).await
    }

    async fn read(&self, feed: &FeedId, after: u64, limit: usize) -> Result<FeedPage, StoreError> {
        let text = format!(
            "select h.last, (select min(k.number) from feed_rows k where k.tenant_id = h.tenant_id), f.number, {EVENT} \
             from feed_heads h \
             left join feed_rows f on f.tenant_id = h.tenant_id and f.number > $2 \
             left join events e on e.tenant_id = f.owner_tenant_id and e.subject = f.subject \
                 and e.aggregate_seq = f.aggregate_seq \
             where h.tenant_id = $1 order by f.number limit $3"
        );
        let args = args![feed.to_string(), after, limit.max(1)];
        let found = self.ask(&Scope::Within(feed.tenant_id.clone()), Statement::new(text, args)).await?;
        let Some(first) = found.first() else {
            return Ok(FeedPage { events: Vec::new(), last: 0, first_kept: 1 });
        };
        let last = first.count(0)?;
        let first_kept = match first.maybe_int(1)? {
            Some(_) => first.count(1)?,
            None => last.saturating_add(1),
        };
        // A row without its event was written by none of ours: it is nobody's, and hides nothing.
        let known = |record: &&Record| {
            !matches!(record.maybe_int(2), Ok(None)) && !matches!(record.maybe_text(3), Ok(None))
        };
        let numbered = found.iter().filter(known).take(limit);
        let mut events = Vec::new();
        for record in numbered {
            match event(record, 3)? {
                Ok(event) => events.push(FeedEvent { number: record.count(2)?, event }),
                // None is left out: a part ends before it, and the next one has to wait for who can read it.
                Err(unreadable) if events.is_empty() => return Err(unreadable.into()),
                Err(_) => break,
            }
        }
        Ok(FeedPage { events, last, first_kept })
    }

    async fn moved(&self, after: u64, limit: usize) -> Result<Vec<FeedHead>, StoreError> {
        let text = "select tenant_id, last, moved from feed_heads where moved > $1 order by moved limit $2";
        let found = self.ask(&Scope::System, Statement::new(text, args![after, limit])).await?;
        // What no feed is named was written by none of ours: nobody waits for it.
        let named = found.iter().filter_map(|record| Some((record, record.text(0).ok()?.parse().ok()?)));
        let heads = named
            .map(|(record, feed)| Ok(FeedHead { feed, last: record.count(1)?, moved: record.count(2)? }));
        heads.collect()
    }

    async fn unnumbered(&self) -> Result<FeedBacklog, StoreError> {
        let text = "select (select count(*) from feed_rows where number is null), ( \
                    select e.recorded_at from feed_rows f join events e on e.tenant_id = f.owner_tenant_id \
                    and e.subject = f.subject and e.aggregate_seq = f.aggregate_seq \
                    where f.number is null order by f.position limit 1)";
        let found = self.ask(&Scope::System, Statement::new(text, Vec::new())).await?;
        let Some(record) = found.first() else { return Ok(FeedBacklog::default()) };
        let unnumbered = usize::try_from(record.count(0)?).unwrap_or(usize::MAX);
        Ok(FeedBacklog { unnumbered, oldest: record.maybe_time(1)? })
    }

    async fn purge(&self, before: Timestamp) -> Result<usize, StoreError> {
        self.forget_old(&OLD, before).await
    }
}
