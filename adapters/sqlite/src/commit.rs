//! A unit in one transaction: inbox, claim, root, rows, projections, audit, events, deliveries, feeds.
//!
//! What a unit may write any number of goes in as one JSON array a table, so that a commit is a handful of
//! statements however much it writes.

use std::{collections::BTreeMap, time::Instant};

use sarai_domain::kernel::Timestamp;
use sarai_ports::{
    Commit, Saved, StoreError,
    events::{Delivery, partition_of},
};
use sarai_sql::{Children, Column, Dialect, FENCES, LEASE, Value, Write, taking};

use crate::{
    cells::as_json,
    session::{Done, Session},
};

/// Writes a unit, or says why not.
pub(crate) async fn write(
    session: &mut Session<'_>,
    mut write: Write,
    holder: &str,
) -> Result<Done<Saved>, StoreError> {
    if !consume(session, &write).await? {
        return Ok(Done::Nothing(Saved::AlreadyConsumed));
    }
    if let Some(claim) = &write.context.claim {
        let (sql, args) = taking(Dialect::Sqlite, claim, Some(&write.id));
        if session.run(&sql, args).await?.is_empty() {
            return Err(StoreError::ClaimHeld);
        }
    }
    let before = root(session, &mut write).await?;
    rows(session, &mut write).await?;
    if write.forgotten {
        let sql = "delete from idempotency_keys where tenant_id = $1 and resource_id = $2";
        session.run(sql, key(&write)).await?;
    }
    for children in std::mem::take(&mut write.children) {
        project(session, &write, children).await?;
    }
    audit(session, &write).await?;
    let deliveries = announce(session, &write, before, holder).await?;
    Ok(Done::Commit(Saved::Committed(Commit { version: write.expected_version + 1, deliveries })))
}

fn key(write: &Write) -> Vec<Value> {
    vec![write.tenant_id.as_str().into(), write.id.as_str().into()]
}

/// Whether the message has not had this effect before.
async fn consume(session: &mut Session<'_>, write: &Write) -> Result<bool, StoreError> {
    let Some(consumed) = &write.context.consumed else { return Ok(true) };
    let sql = "insert into inbox (tenant_id, target, consumer, event_id, at) values ($1, $2, $3, $4, $5) \
               on conflict do nothing returning 1";
    let mut args = key(write);
    args.extend([consumed.consumer.into(), consumed.event_id.as_str().into(), Value::Now]);
    Ok(!session.run(sql, args).await?.is_empty())
}

/// Names, places from a number on, and assignments of columns.
fn listed(columns: &[Column], each: impl Fn(usize, &str) -> String) -> String {
    columns.iter().enumerate().map(|(place, column)| each(place, column.name)).collect()
}

/// Writes the root where its version is the one loaded; gives how many events it had.
async fn root(session: &mut Session<'_>, write: &mut Write) -> Result<u64, StoreError> {
    let (table, columns) = (write.table.name, write.table.columns);
    let mut args = key(write);
    args.push(write.events.len().into());
    args.push(Value::Json(std::mem::take(&mut write.document)));
    let sql = if write.expected_version == 0 {
        args.push(write.created_at.into());
        format!(
            "insert into {table} (tenant_id, id, version, event_seq, doc, created_at{}) \
             values ($1, $2, 1, $3, $4, $5{}) on conflict (tenant_id, id) do nothing returning event_seq",
            listed(columns, |_, name| format!(", {name}")),
            listed(columns, |place, _| format!(", ${}", place + 6)),
        )
    } else {
        args.push(write.expected_version.into());
        format!(
            "update {table} set version = version + 1, event_seq = event_seq + $3, doc = $4{} \
             where tenant_id = $1 and id = $2 and version = $5 returning event_seq",
            listed(columns, |place, name| format!(", {name} = ${}", place + 6)),
        )
    };
    args.append(&mut write.columns);
    let written = session.run(&sql, args).await?;
    let Some(record) = written.first() else {
        return Err(StoreError::Conflict { aggregate: write.aggregate });
    };
    Ok(record.count(0)?.saturating_sub(write.events.len() as u64))
}

/// Rows as a JSON array of arrays.
fn array(rows: impl Iterator<Item = Vec<Value>>, now: Timestamp) -> Value {
    let rows = rows.map(|row| row.into_iter().map(|value| as_json(value, now)).collect());
    Value::Json(serde_json::Value::Array(rows.collect()).to_string())
}

/// Inserts the rows, or replaces those that are there.
async fn rows(session: &mut Session<'_>, write: &mut Write) -> Result<(), StoreError> {
    let Some((table, columns)) = write.table.rows.filter(|_| !write.rows.is_empty()) else { return Ok(()) };
    let sql = format!(
        "insert into {table} (tenant_id, parent_id, written_version, key, doc{}) \
         select $1, $2, $3, value ->> 0, value ->> 1{} from json_each($4) where true \
         on conflict (tenant_id, parent_id, key) do update set written_version = excluded.written_version, \
             doc = excluded.doc{}",
        listed(columns, |_, name| format!(", {name}")),
        listed(columns, |place, _| format!(", value ->> {}", place + 2)),
        listed(columns, |_, name| format!(", {name} = excluded.{name}")),
    );
    let rows = std::mem::take(&mut write.rows).into_iter().map(|row| {
        let cells = [Value::Text(row.key), Value::Json(row.document)];
        cells.into_iter().chain(row.columns).collect()
    });
    let rows = array(rows, session.now);
    let mut args = key(write);
    args.extend([(write.expected_version + 1).into(), rows]);
    session.run(&sql, args).await.map(drop)
}

/// Replaces a projection.
async fn project(session: &mut Session<'_>, write: &Write, children: Children) -> Result<(), StoreError> {
    let Some(table) = write.table.children.get(children.of) else { return Ok(()) };
    if write.expected_version > 0 {
        let sql = format!("delete from {} where tenant_id = $1 and parent_id = $2", table.name);
        session.run(&sql, key(write)).await?;
    }
    if children.rows.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "insert into {} (tenant_id, parent_id{}) select $1, $2{} from json_each($3)",
        table.name,
        listed(table.columns, |_, name| format!(", {name}")),
        listed(table.columns, |place, _| format!(", value ->> {place}")),
    );
    let mut args = key(write);
    args.push(array(children.rows.into_iter(), session.now));
    session.run(&sql, args).await.map(drop)
}

async fn audit(session: &mut Session<'_>, write: &Write) -> Result<(), StoreError> {
    let sql = "insert into audit_log (tenant_id, target, at, actor, action, version, reason, request_id) \
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let (context, cause) = (&write.context, &write.context.cause);
    let mut args = key(write);
    args.extend([
        context.now.into(),
        cause.actor.as_str().into(),
        cause.action.into(),
        (write.expected_version + 1).into(),
        cause.reason.as_deref().into(),
        cause.request_id.as_deref().into(),
    ]);
    session.run(sql, args).await.map(drop)
}

/// What stands in a queue before a new delivery.
struct Queue {
    /// The fence of the last.
    last: Option<u64>,
    /// Whether everything in it is under way in this process.
    ours: bool,
}

/// Appends the events, with a delivery for each consumer and a row for each audience; gives the deliveries that
/// are claimed for this process: those before which everything is under way here, so that two processes never run
/// two deliveries of one queue side by side (D-24).
async fn announce(
    session: &mut Session<'_>,
    write: &Write,
    before: u64,
    holder: &str,
) -> Result<Vec<Delivery>, StoreError> {
    if write.events.is_empty() {
        return Ok(Vec::new());
    }
    let now = session.now;
    let events = (before + 1..).zip(&write.events);
    record(
        session,
        write,
        array(
            events.clone().map(|(place, event)| {
                vec![
                    place.into(),
                    Value::text(&event.id),
                    event.topic.into(),
                    Value::Json(event.payload.clone()),
                ]
            }),
            now,
        ),
    )
    .await?;

    let until = Instant::now() + LEASE;
    let mut queues = queues(session, write, holder).await?;
    let (mut rows, mut claimed) = (Vec::new(), Vec::new());
    for (place, new) in events.clone() {
        let event = write.recorded(new, place, now);
        for consumer in &new.consumers {
            let queue = queues.entry((*consumer).to_owned()).or_insert(Queue { last: None, ours: true });
            let fence = place.saturating_mul(FENCES.unsigned_abs());
            let at = now.unix_micros();
            let (by, at) = if queue.ours {
                (Value::from(holder), at.saturating_add(i64::try_from(LEASE.as_micros()).unwrap_or(i64::MAX)))
            } else {
                (Value::Null, at)
            };
            rows.push(vec![(*consumer).into(), place.into(), fence.into(), by, Value::Int(at)]);
            if queue.ours {
                let event = event.clone();
                claimed.push(Delivery { event, consumer, attempts: 0, fence, after: queue.last, until });
            }
            queue.last = Some(fence);
        }
    }
    if !rows.is_empty() {
        let sql = "insert into deliveries (tenant_id, subject, consumer, aggregate_seq, partition, attempts, fence, \
                       holder, available_at, dead) \
                   select $1, $2, value ->> 0, value ->> 1, $4, 0, value ->> 2, value ->> 3, value ->> 4, 0 \
                   from json_each($3)";
        let mut args = key(write);
        args.push(array(rows.into_iter(), now));
        args.push(Value::Int(partition_of(&write.id).into()));
        session.run(sql, args).await?;
    }
    let audiences: Vec<_> = events
        .flat_map(|(place, event)| {
            event.audiences.iter().map(move |feed| vec![feed.as_str().into(), place.into()])
        })
        .collect();
    if !audiences.is_empty() {
        let sql = "insert into feed_rows (owner_tenant_id, subject, tenant_id, aggregate_seq) \
                   select $1, $2, value ->> 0, value ->> 1 from json_each($3) order by key";
        let mut args = key(write);
        args.push(array(audiences.into_iter(), now));
        session.run(sql, args).await?;
    }
    Ok(claimed)
}

async fn record(session: &mut Session<'_>, write: &Write, events: Value) -> Result<(), StoreError> {
    let sql = "insert into events (tenant_id, subject, aggregate, time, recorded_at, correlation_id, causation_id, \
                   aggregate_seq, id, topic, payload) \
               select $1, $2, $3, $4, $5, $6, $7, value ->> 0, value ->> 1, value ->> 2, value ->> 3 \
               from json_each($8) order by key";
    let cause = &write.context.cause;
    let mut args = key(write);
    args.extend([
        write.aggregate.into(),
        write.context.now.into(),
        Value::Now,
        cause.correlation_id.as_str().into(),
        cause.causation_id.as_deref().into(),
        events,
    ]);
    session.run(sql, args).await.map(drop)
}

/// The queues that the events' deliveries join, where anything is in them.
async fn queues(
    session: &mut Session<'_>,
    write: &Write,
    holder: &str,
) -> Result<BTreeMap<String, Queue>, StoreError> {
    let consumers: Vec<String> =
        write.events.iter().flat_map(|event| &event.consumers).map(|name| (*name).to_owned()).collect();
    if consumers.is_empty() {
        return Ok(BTreeMap::new());
    }
    // Later fences of a queue are greater ones, so the greatest is the last one's.
    let sql = "select consumer, max(fence), min(coalesce(holder = $3 and available_at > $4, 0)) from deliveries \
               where tenant_id = $1 and subject = $2 and consumer in (select value from json_each($5)) \
               group by consumer";
    let mut args = key(write);
    args.extend([holder.into(), Value::Now, Value::Texts(consumers)]);
    let found = session.run(sql, args).await?;
    let queues = found.iter().map(|record| {
        let queue = Queue { last: Some(record.count(1)?), ours: record.bool(2)? };
        Ok((record.text(0)?.to_owned(), queue))
    });
    queues.collect()
}
