//! A unit as the arguments of its function, and the function's answer as a commit.

use sarai_domain::{devportal::values::Environment, kernel::Timestamp};
use sarai_ports::{Commit, Saved, Scope, StoreError, events::Delivery};
use sarai_sql::{Column, Record, Type, Value, Write};

use crate::{error::unusable, value::Args};

/// The tenant whose policies a unit is written under: the scope's, or the row's where the scope is wider.
fn tenant<'a>(scope: &'a Scope, write: &'a Write) -> &'a str {
    match scope {
        Scope::Tenant(tenant) | Scope::World(tenant, _) | Scope::Within(tenant) => tenant.as_str(),
        Scope::PlatformAdmin | Scope::System | Scope::Public => write.tenant_id.as_str(),
    }
}

/// A list, or nothing instead of an empty one: that is what Postgres unpacks fastest.
fn list<T>(items: impl Iterator<Item = T>) -> Option<Vec<T>> {
    let items: Vec<_> = items.collect();
    (!items.is_empty()).then_some(items)
}

/// A column's values of many rows; nothing when there are no rows to speak of.
fn column<'a>(
    args: &mut Args,
    of: Type,
    cells: Option<impl Iterator<Item = &'a Value>>,
) -> Result<(), StoreError> {
    macro_rules! array {
        ($($pattern:pat => $value:expr),*) => {{
            let cell = |cell: &'a Value| match cell {
                Value::Null => Ok(None),
                $($pattern => Ok(Some($value)),)*
                _ => Err(unusable("a cell of another type")),
            };
            args.push(cells.map(|cells| cells.map(cell).collect::<Result<Vec<_>, _>>()).transpose()?)
        }};
    }
    match of {
        Type::Text | Type::Json => array!(Value::Text(text) | Value::Json(text) => text.clone()),
        Type::Int => array!(Value::Int(int) => *int),
        Type::Bool => array!(Value::Bool(bool) => *bool),
        Type::Time => array!(Value::Time(time) => time.to_offset_date_time()),
        Type::Bytes => array!(Value::Bytes(bytes) => bytes.clone()),
    }
}

/// The columns of many rows.
fn columns(args: &mut Args, of: &[Column], rows: Option<&[impl AsRef<[Value]>]>) -> Result<(), StoreError> {
    for (place, of) in of.iter().enumerate() {
        let cells = rows.map(|rows| rows.iter().map(|row| row.as_ref().get(place).unwrap_or(&Value::Null)));
        column(args, of.of, cells)?;
    }
    Ok(())
}

/// The arguments, in the order of the function's.
pub(crate) fn arguments(
    scope: &Scope,
    write: &Write,
    process: &str,
    real: Option<Timestamp>,
) -> Result<Args, StoreError> {
    let mut args = Args::default();
    args.push(tenant(scope, write))?;
    args.push(write.tenant_id.as_str())?;
    args.push(write.id.as_str())?;
    args.value(write.expected_version.into())?;
    args.value(write.created_at.into())?;
    args.document(write.document.clone())?;
    if write.table.has_worlds() {
        args.push(scope.world().map_or("", Environment::as_str))?;
        args.push(write.forgotten)?;
    }
    for value in &write.columns {
        args.value(value.clone())?;
    }
    if let Some((_, of)) = write.table.rows {
        let rows = || write.rows.iter();
        args.push(list(rows().map(|row| row.key.as_str())))?;
        args.push(list(rows().map(|row| row.document.as_str())))?;
        columns(&mut args, of, list(rows().map(|row| &row.columns)).as_deref())?;
    }
    for (place, child) in write.table.children.iter().enumerate() {
        let found = write.children.iter().find(|children| children.of == place);
        columns(&mut args, child.columns, found.map(|children| children.rows.as_slice()))?;
    }
    context(&mut args, write, process, real)?;
    Ok(args)
}

fn context(args: &mut Args, write: &Write, process: &str, real: Option<Timestamp>) -> Result<(), StoreError> {
    let sarai_ports::Context { now, cause, consumed, claim } = &write.context;
    args.value((*now).into())?;
    args.push(real.map(Timestamp::to_offset_date_time))?;
    args.push(process)?;
    args.push(write.aggregate)?;
    args.push(i64::from(sarai_ports::events::partition_of(&write.id)))?;
    args.push(consumed.as_ref().map(|consumed| consumed.consumer))?;
    args.push(consumed.as_ref().map(|consumed| consumed.event_id.as_str()))?;
    let key = claim.as_ref().map(|claim| &claim.key);
    args.push(key.map(|key| key.tenant_id.as_str()))?;
    args.push(key.map(|key| key.principal.as_str()))?;
    args.push(key.map(|key| key.operation))?;
    args.push(key.map(|key| key.key_hash.as_str()))?;
    args.push(claim.as_ref().map(|claim| claim.fingerprint.as_str()))?;
    args.push(claim.as_ref().map(|claim| claim.lease_until.to_offset_date_time()))?;
    args.push(cause.actor.as_str())?;
    args.push(cause.action)?;
    args.push(cause.reason.as_deref())?;
    args.push(cause.request_id.as_deref())?;
    args.push(cause.correlation_id.as_str())?;
    args.push(cause.causation_id.as_deref())?;
    events(args, write)
}

fn events(args: &mut Args, write: &Write) -> Result<(), StoreError> {
    let events = || write.events.iter();
    let places = || (1_i64..).zip(events());
    args.push(list(events().map(|event| event.id.to_string())))?;
    args.push(list(events().map(|event| event.topic)))?;
    args.push(list(events().map(|event| event.payload.as_str())))?;
    args.push(list(places().flat_map(|(place, event)| event.consumers.iter().map(move |_| place))))?;
    args.push(list(events().flat_map(|event| event.consumers.iter().copied())))?;
    args.push(list(places().flat_map(|(place, event)| event.audiences.iter().map(move |_| place))))?;
    args.push(list(events().flat_map(|event| event.audiences.iter().map(String::as_str))))
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
