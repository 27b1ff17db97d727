//! A unit as the arguments of its function, and the function's answer as a commit.

use sarai_domain::kernel::Timestamp;
use sarai_ports::{Commit, Saved, Scope, StoreError, events::Delivery};
use sarai_sql::{Column, Record, Type, Value, Write};
use sqlx::postgres::PgArguments;

use crate::{error::unusable, value::Args};

/// The tenant whose policies a unit is written under: the scope's, or the row's where the scope is wider.
fn tenant<'a>(scope: &'a Scope, write: &'a Write) -> &'a str {
    match scope {
        Scope::Tenant(tenant) | Scope::Within(tenant) => tenant.as_str(),
        Scope::PlatformAdmin | Scope::System | Scope::Public => write.tenant_id.as_str(),
    }
}

/// A column's values of many rows.
fn column<'a>(args: &mut Args, of: Type, cells: impl Iterator<Item = &'a Value>) -> Result<(), StoreError> {
    macro_rules! array {
        ($($pattern:pat => $value:expr),*) => {{
            let cells = cells.map(|cell| match cell {
                Value::Null => Ok(None),
                $($pattern => Ok(Some($value)),)*
                _ => Err(unusable("a cell of another type")),
            });
            args.push(cells.collect::<Result<Vec<_>, _>>()?)
        }};
    }
    match of {
        Type::Text | Type::Json => array!(Value::Text(text) | Value::Json(text) => text.clone()),
        Type::Int => array!(Value::Int(int) => *int),
        Type::Bool => array!(Value::Bool(bool) => *bool),
        Type::Time => array!(Value::Time(time) => time.to_offset_date_time()),
    }
}

/// The columns of many rows.
fn columns<'a, I>(args: &mut Args, of: &[Column], rows: impl Fn() -> I) -> Result<(), StoreError>
where
    I: Iterator<Item = &'a Vec<Value>>,
{
    for (place, of) in of.iter().enumerate() {
        column(args, of.of, rows().map(|cells| cells.get(place).unwrap_or(&Value::Null)))?;
    }
    Ok(())
}

/// The arguments, in the order of the function's.
pub(crate) fn arguments(
    scope: &Scope,
    write: &Write,
    process: &str,
    real: Option<Timestamp>,
) -> Result<PgArguments, StoreError> {
    let mut args = Args::default();
    args.push(tenant(scope, write))?;
    args.push(write.tenant_id.as_str())?;
    args.push(write.id.as_str())?;
    args.value(write.expected_version.into())?;
    args.value(write.created_at.into())?;
    args.document(write.document.clone())?;
    for value in &write.columns {
        args.value(value.clone())?;
    }
    if let Some((_, of)) = write.table.rows {
        args.push(write.rows.iter().map(|row| row.key.clone()).collect::<Vec<_>>())?;
        args.push(write.rows.iter().map(|row| row.document.clone()).collect::<Vec<_>>())?;
        columns(&mut args, of, || write.rows.iter().map(|row| &row.columns))?;
    }
    for (place, child) in write.table.children.iter().enumerate() {
        let found = write.children.iter().find(|children| children.of == place);
        args.push(found.is_some())?;
        columns(&mut args, child.columns, || found.into_iter().flat_map(|children| &children.rows))?;
    }
    context(&mut args, write, process, real)?;
    Ok(args.done())
}

fn context(args: &mut Args, write: &Write, process: &str, real: Option<Timestamp>) -> Result<(), StoreError> {
    let sarai_ports::Context { now, cause, consumed, claim } = &write.context;
    args.value((*now).into())?;
    args.push(real.map(Timestamp::to_offset_date_time))?;
    args.push(process)?;
    args.push(write.aggregate)?;
    args.push(i64::from(sarai_ports::events::partition_of(&write.id)))?;
    args.push(
        consumed.as_ref().map(|consumed| vec![consumed.consumer.to_owned(), consumed.event_id.clone()]),
    )?;
    args.push(claim.as_ref().map(|claim| {
        let key = &claim.key;
        vec![
            key.tenant_id.to_string(),
            key.principal.clone(),
            key.operation.to_owned(),
            key.key_hash.clone(),
            claim.fingerprint.clone(),
        ]
    }))?;
    args.push(claim.as_ref().map(|claim| claim.lease_until.to_offset_date_time()))?;
    args.push(vec![
        Some(cause.actor.clone()),
        Some(cause.action.to_owned()),
        cause.reason.clone(),
        cause.request_id.clone(),
        Some(cause.correlation_id.clone()),
        cause.causation_id.clone(),
    ])?;
    events(args, write)
}

fn events(args: &mut Args, write: &Write) -> Result<(), StoreError> {
    let events = &write.events;
    args.push(events.iter().map(|event| event.id.to_string()).collect::<Vec<_>>())?;
    args.push(events.iter().map(|event| event.topic.to_owned()).collect::<Vec<_>>())?;
    args.push(events.iter().map(|event| event.payload.clone()).collect::<Vec<_>>())?;
    let places = || (1_i64..).zip(events);
    let (at, to): (Vec<i64>, Vec<String>) = places()
        .flat_map(|(place, event)| {
            event.consumers.iter().map(move |consumer| (place, (*consumer).to_owned()))
        })
        .unzip();
    args.push(at)?;
    args.push(to)?;
    let (at, to): (Vec<i64>, Vec<String>) = places()
        .flat_map(|(place, event)| event.audiences.iter().map(move |tenant| (place, tenant.clone())))
        .unzip();
    args.push(at)?;
    args.push(to)
}

/// The function's answer: version, events before, time, and each delivery's fence and its predecessor's.
pub(crate) fn saved(
    write: &Write,
    answer: &Record,
    fences: &[Option<i64>],
    afters: &[Option<i64>],
    until: std::time::Instant,
) -> Result<Saved, StoreError> {
    let version = answer.count(0)?;
    if version == 0 {
        return Ok(Saved::AlreadyConsumed);
    }
    let (before, recorded) = (answer.count(1)?, answer.time(2)?);
    let mut deliveries = Vec::new();
    let mut places = fences.iter().zip(afters);
    let fence = |fence: i64| u64::try_from(fence).unwrap_or_default();
    for (seq, event) in (before + 1..).zip(&write.events) {
        let record = write.recorded(event, seq, recorded);
        for (consumer, (claimed, after)) in event.consumers.iter().zip(&mut places) {
            deliveries.extend(claimed.map(|claimed| Delivery {
                event: std::sync::Arc::clone(&record),
                consumer,
                attempts: 0,
                fence: fence(claimed),
                after: after.map(fence),
                until,
            }));
        }
    }
    Ok(Saved::Committed(Commit { version, deliveries }))
}
