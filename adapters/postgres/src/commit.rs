//! One function a kind of aggregate: it sets the tenant and writes a unit or nothing, in one round trip.
//!
//! The functions are made from the description of the tables. They run with the caller's rights, so that every
//! policy holds. A function's name carries a hash of its text: a process of another version keeps its own.

use std::fmt::Write as _;

use sarai_sql::{Column, FENCES, Table, Type};

use crate::error::{CLAIM_HELD, STALE};

/// A function and how it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: String,
    /// Creates or replaces it.
    pub(crate) definition: String,
    /// Calls it.
    pub(crate) call: String,
}

impl Function {
    /// A function of arguments `(name, type)`, whose name ends in a hash of its text.
    pub(crate) fn new(stem: &str, args: &[(String, &str)], returns: &str, body: &str) -> Self {
        let list: Vec<_> = args.iter().map(|(name, of)| format!("{name} {of}")).collect();
        let text =
            format!("({}) {returns} language plpgsql as $function$\n{body}$function$", list.join(", "));
        let name = format!("{stem}_{:08x}", hash(&text) as u32);
        let places: Vec<_> = (1..=args.len()).map(|place| format!("${place}")).collect();
        let call = format!("select * from {name}({})", places.join(", "));
        Self { definition: format!("create or replace function {name}{text}"), call, name }
    }
}

/// FNV-1a: the same in every version and on every machine.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The type of a column.
fn sql_type(of: Type) -> &'static str {
    match of {
        Type::Text => "text",
        Type::Int => "bigint",
        Type::Bool => "boolean",
        Type::Time => "timestamptz",
        Type::Json => "json",
    }
}

/// The type of an argument with a column's values for many rows; documents travel as texts.
fn array_type(of: Type) -> &'static str {
    match of {
        Type::Text | Type::Json => "text[]",
        Type::Int => "bigint[]",
        Type::Bool => "boolean[]",
        Type::Time => "timestamptz[]",
    }
}

fn names(columns: &[Column]) -> Vec<&'static str> {
    columns.iter().map(|column| column.name).collect()
}

/// Columns of a row source, with documents read.
fn picked(source: &str, columns: &[Column]) -> Vec<String> {
    let pick = |column: &Column| {
        let read = if column.of == Type::Json { "::json" } else { "" };
        format!("{source}.{}{read}", column.name)
    };
    columns.iter().map(pick).collect()
}

fn replaced(columns: &[&str]) -> String {
    columns.iter().map(|name| format!("{name} = excluded.{name}")).collect::<Vec<_>>().join(", ")
}

/// Text with a comma before each part.
fn more(parts: &[impl AsRef<str>]) -> String {
    parts.iter().map(|part| format!(", {}", part.as_ref())).collect()
}

/// The function that commits units of this table's aggregate.
pub(crate) fn function(table: &Table) -> Function {
    let mut args: Vec<(String, &str)> = Vec::new();
    let mut arg = |name: String, of| args.push((name, of));
    for (name, of) in FIRST {
        arg((*name).to_owned(), of);
    }
    for column in table.columns {
        arg(format!("c_{}", column.name), sql_type(column.of));
    }
    if let Some((_, columns)) = table.rows {
        arg("r_key".to_owned(), "text[]");
        arg("r_doc".to_owned(), "text[]");
        for column in columns {
            arg(format!("r_{}", column.name), array_type(column.of));
        }
    }
    for (place, child) in table.children.iter().enumerate() {
        arg(format!("k{place}"), "boolean");
        for column in child.columns {
            arg(format!("k{place}_{}", column.name), array_type(column.of));
        }
    }
    for (name, of) in LAST {
        arg((*name).to_owned(), of);
    }
    Function::new(&format!("commit_{}", table.name), &args, RETURNS, &body(table))
}

/// The arguments before a table's own.
const FIRST: &[(&str, &str)] = &[
    ("a_scope", "text"),
    ("a_tenant", "text"),
    ("a_id", "text"),
    ("a_expected", "bigint"),
    ("a_created", "timestamptz"),
    ("a_doc", "json"),
];

/// The arguments after them.
const LAST: &[(&str, &str)] = &[
    ("a_now", "timestamptz"),
    ("a_real", "timestamptz"),
    ("a_holder", "text"),
    ("a_aggregate", "text"),
    ("a_partition", "bigint"),
    // consumer, message
    ("a_consumed", "text[]"),
    // tenant, principal, operation, hash of the key, fingerprint
    ("a_claim", "text[]"),
    ("a_lease", "timestamptz"),
    // actor, action, reason, request, correlation, causation
    ("a_cause", "text[]"),
    ("e_id", "text[]"),
    ("e_topic", "text[]"),
    ("e_payload", "text[]"),
    // The event's place among them, from 1.
    ("d_event", "bigint[]"),
    ("d_consumer", "text[]"),
    ("f_event", "bigint[]"),
    ("f_tenant", "text[]"),
];

/// Version 0 says that the message was consumed before. A fence is null where the delivery is not claimed.
const RETURNS: &str = "returns table (version bigint, seq bigint, recorded timestamptz, fences bigint[], \
                       afters bigint[])";

fn body(table: &Table) -> String {
    let name = table.name;
    let (columns, own) = (names(table.columns), picked_args(table.columns));
    let assigned: String = table.columns.iter().map(|column| format!(", {0} = c_{0}", column.name)).collect();
    let mut text = format!(
        "#variable_conflict use_column
declare
    v_real timestamptz := coalesce(a_real, clock_timestamp());
    v_version bigint := a_expected + 1;
    v_count bigint := coalesce(cardinality(e_id), 0);
    v_seq bigint := 0;
    v_fences bigint[];
    v_afters bigint[];
begin
    perform set_config('app.tenant_id', a_scope, true);
    if a_consumed is not null then
        insert into inbox (tenant_id, consumer, event_id, target, at)
            values (a_tenant, a_consumed[1], a_consumed[2], a_id, v_real) on conflict do nothing;
        if not found then
            return query select 0::bigint, 0::bigint, v_real, v_fences, v_afters;
            return;
        end if;
    end if;
    if a_claim is not null then
        insert into idempotency_keys as held (tenant_id, principal, operation, key_hash, fingerprint, lease_until,
                resource_id, taken_at)
            values (a_claim[1], a_claim[2], a_claim[3], a_claim[4], a_claim[5], a_lease, a_id, v_real)
            on conflict (tenant_id, principal, operation, key_hash) do update
                set fingerprint = excluded.fingerprint, lease_until = excluded.lease_until,
                    resource_id = excluded.resource_id, taken_at = excluded.taken_at
                where held.status is null and held.resource_id is null and held.lease_until <= v_real;
        if not found then
            raise exception using errcode = '{CLAIM_HELD}', message = 'the key is in use';
        end if;
    end if;
    if a_expected = 0 then
        insert into {name} (tenant_id, id, version, event_seq, created_at, doc{columns})
            values (a_tenant, a_id, 1, v_count, a_created, a_doc{own});
    else
        update {name} as root
            set version = v_version, event_seq = root.event_seq + v_count, doc = a_doc{assigned}
            where root.tenant_id = a_tenant and root.id = a_id and root.version = a_expected
            returning root.event_seq - v_count into v_seq;
        if not found then
            raise exception using errcode = '{STALE}', message = 'the version is another';
        end if;
    end if;
",
        columns = more(&columns),
        own = more(&own),
    );
    if let Some((rows, columns)) = table.rows {
        let (own, values) = (names(columns), picked("new", columns));
        let arrays: String = own.iter().map(|name| format!(", r_{name}")).collect();
        let _ = write!(
            text,
            "    if cardinality(r_key) > 0 then
        insert into {rows} (tenant_id, parent_id, key, written_version, doc{own_list})
            select a_tenant, a_id, new.key, v_version, new.doc::json{values}
            from unnest(r_key, r_doc{arrays}) as new (key, doc{own_list})
            on conflict (tenant_id, parent_id, key) do update set doc = excluded.doc, {set};
    end if;
",
            own_list = more(&own),
            values = more(&values),
            set = replaced(&own),
        );
    }
    for place in 0..table.children.len() {
        text += &child(table, place);
    }
    text += &AFTER.replace("{FENCES}", &FENCES.to_string());
    text
}

fn picked_args(columns: &[Column]) -> Vec<String> {
    columns.iter().map(|column| format!("c_{}", column.name)).collect()
}

/// Brings a projection up to date.
fn child(table: &Table, place: usize) -> String {
    let child = &table.children[place];
    let (name, own) = (child.name, names(child.columns));
    let arrays: Vec<_> = own.iter().map(|name| format!("k{place}_{name}")).collect();
    let source = format!("unnest({}) as new ({})", arrays.join(", "), own.join(", "));
    let same: String = child.key.iter().map(|key| format!(" and new.{key} = old.{key}")).collect();
    let others: Vec<_> = own.iter().copied().filter(|name| !child.key.contains(name)).collect();
    let update =
        if others.is_empty() { "nothing".to_owned() } else { format!("update set {}", replaced(&others)) };
    format!(
        "    if k{place} then
        if a_expected > 0 then
            delete from {name} as old where old.tenant_id = a_tenant and old.parent_id = a_id
                and not exists (select from {source} where true{same});
        end if;
        insert into {name} (tenant_id, parent_id{own})
            select a_tenant, a_id{values} from {source}
            on conflict (tenant_id, parent_id{key}) do {update};
    end if;
",
        own = more(&own),
        values = more(&picked("new", child.columns)),
        key = more(child.key),
    )
}

/// Audit, events, deliveries and feeds. A delivery is claimed for the process that commits when everything before it in
/// its queue is under way there; its `after` is the fence of the one before it.
const AFTER: &str = "    insert into audit_log (tenant_id, at, actor, action, target, version, reason, request_id)
        values (a_tenant, a_now, a_cause[1], a_cause[2], a_id, v_version, a_cause[3], a_cause[4]);
    if v_count > 0 then
        insert into events (tenant_id, subject, aggregate_seq, id, aggregate, topic, \"time\", recorded_at,
                correlation_id, causation_id, payload)
            select a_tenant, a_id, v_seq + new.place, new.id, a_aggregate, new.topic, a_now, v_real, a_cause[5],
                a_cause[6], new.payload::json
            from unnest(e_id, e_topic, e_payload) with ordinality as new (id, topic, payload, place)
            order by new.place;
        if cardinality(d_event) > 0 then
            with new as (
                select d.consumer, v_seq + d.event as aggregate_seq, d.place, (v_seq + d.event) * {FENCES} as fence
                from unnest(d_event, d_consumer) with ordinality as d (event, consumer, place)
            ), before as (
                select old.consumer, (array_agg(old.fence order by old.aggregate_seq desc))[1] as fence,
                    bool_and(coalesce(old.holder = a_holder, false) and old.available_at > v_real) as ours
                from deliveries as old
                where a_expected > 0 and old.tenant_id = a_tenant and old.subject = a_id
                    and old.consumer = any (d_consumer)
                group by old.consumer
            ), placed as (
                select new.*, coalesce(before.ours, true) as ours,
                    coalesce(lag(new.fence) over (partition by new.consumer order by new.aggregate_seq),
                        before.fence) as after
                from new left join before on before.consumer = new.consumer
            ), put as (
                insert into deliveries (tenant_id, consumer, subject, aggregate_seq, partition, attempts, fence, holder,
                        available_at, dead)
                    select a_tenant, placed.consumer, a_id, placed.aggregate_seq, a_partition, 0, placed.fence,
                        case when placed.ours then a_holder end,
                        case when placed.ours then v_real + interval '15 seconds' else v_real end, false
                    from placed
            )
            select array_agg(case when placed.ours then placed.fence end order by placed.place),
                array_agg(placed.after order by placed.place)
                into v_fences, v_afters from placed;
        end if;
        if cardinality(f_event) > 0 then
            insert into feed_rows (tenant_id, owner_tenant_id, subject, aggregate_seq)
                select new.tenant, a_tenant, a_id, v_seq + new.event
                from unnest(f_event, f_tenant) with ordinality as new (event, tenant, place) order by new.place;
        end if;
    end if;
    return query select v_version, v_seq, v_real, v_fences, v_afters;
end;
";
