//! One function a kind of aggregate: it sets the tenant and writes a unit or nothing, in one round trip.
//!
//! The functions are made from the description of the tables. They run with the caller's rights, so that every
//! policy holds. A function's name carries a hash of its text: a process of another version keeps its own.

use std::fmt::Write as _;

use sarai_sql::{BATCH, Column, FENCES, Table, Type};

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
    /// A function of arguments `(name, type)`, whose name ends in a hash of its text; `returns` follows them.
    pub(crate) fn new(stem: &str, args: &[(String, &str)], answer: &str, returns: &str, body: &str) -> Self {
        let mut list: Vec<_> = args.iter().map(|(name, of)| format!("{name} {of}")).collect();
        list.push(answer.to_owned());
        let text =
            format!("({}) {returns} language plpgsql as $function$\n{body}$function$", list.join(", "));
        let name = format!("{stem}_{:08x}", hash(&text) >> 32);
        let places: Vec<_> = (1..=args.len()).map(|place| format!("${place}")).collect();
        let call = format!("select * from {name}({})", places.join(", "));
        Self { definition: format!("create or replace function {name}{text}"), call, name }
    }
}

/// Counts a send to an address over all tenants when it is given one, tells those since a time, and forgets those of the
/// day before, a batch at a time with a row as long as there may be more. With its owner's rights: so no tenant learns of another's but through the windows (ruling R16).
pub(crate) fn platform_limit() -> Function {
    let name = "verify_platform_limit".to_owned();
    let definition = format!(
        "create or replace function {name}(a_subject text, a_since timestamptz, a_attempt text, a_at timestamptz)
            returns table (at timestamptz) language plpgsql security definer set search_path = public, pg_temp
        as $function$
declare
    v_gone bigint;
begin
    if a_subject = '' then
        delete from verify_platform_sends as old where (old.subject, old.attempt_id) in (
            select due.subject, due.attempt_id from verify_platform_sends as due
                where due.at <= least(a_since, statement_timestamp() - interval '1 day')
                order by due.at limit {BATCH});
        get diagnostics v_gone = row_count;
        return query select a_since where v_gone = {BATCH};
    elsif a_attempt is not null then
        insert into verify_platform_sends (subject, attempt_id, at) values (a_subject, a_attempt, a_at);
    else
        return query select old.at from verify_platform_sends as old
            where old.subject = a_subject and old.at > a_since;
    end if;
end;
$function$"
    );
    Function { call: format!("select at from {name}($1, $2, $3, $4)"), definition, name }
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
        Type::Bytes => "bytea",
    }
}

/// The type of an argument with a column's values for many rows; documents travel as texts.
fn array_type(of: Type) -> &'static str {
    match of {
        Type::Text | Type::Json => "text[]",
        Type::Int => "bigint[]",
        Type::Bool => "boolean[]",
        Type::Time => "timestamptz[]",
        Type::Bytes => "bytea[]",
    }
}

fn names(columns: &[Column]) -> Vec<&'static str> {
    columns.iter().map(|column| column.name).collect()
}

/// The columns of row `i` of arguments that begin so, with documents read.
fn cells(prefix: &str, columns: &[Column]) -> Vec<String> {
    let cell = |column: &Column| {
        let read = if column.of == Type::Json { "::json" } else { "" };
        format!("{prefix}_{}[i]{read}", column.name)
    };
    columns.iter().map(cell).collect()
}

fn replaced(columns: &[&str]) -> String {
    columns.iter().map(|name| format!("{name} = excluded.{name}")).collect::<Vec<_>>().join(", ")
}

/// Text with a comma before each part.
fn more(parts: &[impl AsRef<str>]) -> String {
    parts.iter().flat_map(|part| [", ", part.as_ref()]).collect()
}

/// The function that commits units of this table's aggregate.
pub(crate) fn function(table: &Table) -> Function {
    with(table, "commit", &Beside::default())
}

/// What a function does beside committing a unit.
#[derive(Default)]
pub(crate) struct Beside<'a> {
    /// With these arguments, which are the last.
    pub(crate) args: &'a [(&'static str, &'static str)],
    /// With these variables.
    pub(crate) declare: &'a str,
    /// Before anything is written.
    pub(crate) before: &'a str,
    /// After the unit.
    pub(crate) after: &'a str,
}

/// The function that commits units of this table's aggregate and does something beside.
pub(crate) fn with(table: &Table, stem: &str, beside: &Beside<'_>) -> Function {
    let mut args: Vec<(String, &str)> = Vec::new();
    let mut arg = |name: String, of| args.push((name, of));
    for (name, of) in FIRST {
        arg((*name).to_owned(), of);
    }
    if table.has_worlds() {
        for (name, of) in WORLDLY {
            arg((*name).to_owned(), of);
        }
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
        for column in child.columns {
            arg(format!("k{place}_{}", column.name), array_type(column.of));
        }
    }
    for (name, of) in LAST.iter().chain(beside.args) {
        arg((*name).to_owned(), of);
    }
    Function::new(&format!("{stem}_{}", table.name), &args, ANSWER, "", &body(table, beside))
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

/// Those that follow where rows are of a world: the scope's, and whether what led to the row is given back.
const WORLDLY: &[(&str, &str)] = &[("a_world", "text"), ("a_forgotten", "boolean")];

/// The arguments after them.
const LAST: &[(&str, &str)] = &[
    ("a_now", "timestamptz"),
    ("a_real", "timestamptz"),
    ("a_holder", "text"),
    ("a_aggregate", "text"),
    ("a_partition", "bigint"),
    // The message consumed, or nothing.
    ("m_consumer", "text"),
    ("m_id", "text"),
    // The idempotency key claimed, or nothing.
    ("h_tenant", "text"),
    ("h_principal", "text"),
    ("h_operation", "text"),
    ("h_hash", "text"),
    ("h_fingerprint", "text"),
    ("h_lease", "timestamptz"),
    ("a_actor", "text"),
    ("a_action", "text"),
    ("a_reason", "text"),
    ("a_request", "text"),
    ("a_correlation", "text"),
    ("a_causation", "text"),
    ("e_id", "text[]"),
    ("e_topic", "text[]"),
    ("e_payload", "text[]"),
    // The event's place among them, from 1.
    ("d_event", "bigint[]"),
    ("d_consumer", "text[]"),
    ("f_event", "bigint[]"),
    ("f_tenant", "text[]"),
];

/// A message that was consumed before is a duplicate of its inbox's key: the call fails. A fence is null where the
/// delivery is not claimed.
const ANSWER: &str = "out v_version bigint, out v_seq bigint, out v_real timestamptz, out v_fences bigint[], \
                      out v_afters bigint[]";

fn body(table: &Table, beside: &Beside<'_>) -> String {
    let name = table.name;
    let (columns, own) = (names(table.columns), picked_args(table.columns));
    let assigned: Vec<_> = table.columns.iter().map(|column| format!("{0} = c_{0}", column.name)).collect();
    let mut text = format!(
        "#variable_conflict use_column
declare
    v_count bigint := coalesce(cardinality(e_id), 0);
    v_ours boolean;
    v_after bigint;
    v_fence bigint;
    -- An assignment is evaluated without starting a statement.
    v_tenant text := set_config('app.tenant_id', a_scope, true);{worlds}{declare}
begin
{before}    v_seq := 0;
    v_real := coalesce(a_real, clock_timestamp());
    if m_id is not null then
        insert into inbox (tenant_id, consumer, event_id, target, at)
            values (a_tenant, m_consumer, m_id, a_id, v_real);
    end if;
    v_version := a_expected + 1;
    if h_hash is not null then
        insert into idempotency_keys as held (tenant_id, principal, operation, key_hash, fingerprint, lease_until,
                resource_id, taken_at)
            values (h_tenant, h_principal, h_operation, h_hash, h_fingerprint, h_lease, a_id, v_real)
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
        declare = beside.declare,
        before = beside.before,
        worlds = if table.has_worlds() { SET_WORLD } else { "" },
        columns = more(&columns),
        own = more(&own),
        assigned = more(&assigned),
    );
    if let Some((rows, columns)) = table.rows {
        let own = names(columns);
        let insert = format!(
            "insert into {rows} (tenant_id, parent_id, key, written_version, doc{list})
                values (a_tenant, a_id, r_key[i], v_version, r_doc[i]::json{cells})",
            list = more(&own),
            cells = more(&cells("r", columns)),
        );
        let conflict = format!(
            "on conflict (tenant_id, parent_id, key) do update set doc = excluded.doc, {}",
            replaced(&own)
        );
        text += &each("coalesce(cardinality(r_key), 0)", &insert, &conflict);
    }
    for place in 0..table.children.len() {
        text += &child(table, place);
    }
    if table.has_worlds() {
        text += GIVEN_BACK;
    }
    text += &AFTER.replace("{FENCES}", &FENCES.to_string());
    text += beside.after;
    text += "end;\n";
    text
}

fn picked_args(columns: &[Column]) -> Vec<String> {
    columns.iter().map(|column| format!("c_{}", column.name)).collect()
}

/// Writes each row. A new aggregate has none, and to insert without asking costs half.
fn each(count: &str, insert: &str, conflict: &str) -> String {
    format!(
        "    for i in 1..{count} loop
        if a_expected = 0 then
            {insert};
        else
            {insert}
                {conflict};
        end if;
    end loop;
"
    )
}

/// Brings a projection up to date.
fn child(table: &Table, place: usize) -> String {
    let child = &table.children[place];
    let (name, own) = (child.name, names(child.columns));
    let first = own.first().copied().unwrap_or_default();
    let mut text = format!("    if k{place}_{first} is not null then\n");
    if child.shrinks {
        let arrays: Vec<_> = child.key.iter().map(|name| format!("k{place}_{name}")).collect();
        let _ = write!(
            text,
            "        delete from {name} as old where a_expected > 0 and old.tenant_id = a_tenant and old.parent_id = a_id
            and not exists (select from unnest({arrays}) as new ({key}) where ({new}) = ({old}));
",
            arrays = arrays.join(", "),
            key = child.key.join(", "),
            new = child.key.iter().map(|name| format!("new.{name}")).collect::<Vec<_>>().join(", "),
            old = child.key.iter().map(|name| format!("old.{name}")).collect::<Vec<_>>().join(", "),
        );
    }
    let others: Vec<_> = own.iter().copied().filter(|name| !child.key.contains(name)).collect();
    let update =
        if others.is_empty() { "nothing".to_owned() } else { format!("update set {}", replaced(&others)) };
    let insert = format!(
        "insert into {name} (tenant_id, parent_id{list}) values (a_tenant, a_id{cells})",
        list = more(&own),
        cells = more(&cells(&format!("k{place}"), child.columns)),
    );
    let conflict = format!("on conflict (tenant_id, parent_id{}) do {update}", more(child.key));
    text += &each(&format!("cardinality(k{place}_{first})"), &insert, &conflict);
    text += "    end if;\n";
    text
}

/// Sets the scope's world, nothing where it has none.
pub(crate) const SET_WORLD: &str = "
    v_world text := set_config('app.environment', a_world, true);";

/// Gives the idempotency keys back that led to what is as if it had never been. No tenant's other keys name a key.
const GIVEN_BACK: &str = "    if a_forgotten then
        delete from idempotency_keys where tenant_id = a_tenant and resource_id = a_id
            and resource_id like 'key\\_%';
    end if;
";

/// Audit, events, deliveries and feeds. A delivery is claimed for the process that commits when everything before it in
/// its queue is under way there; its `after` is the fence of the one before it. Both are found without reading what waits
/// there: a queue that stands still does not slow what goes in.
const AFTER: &str = "    insert into audit_log (tenant_id, at, actor, action, target, version, reason, request_id)
        values (a_tenant, a_now, a_actor, a_action, a_id, v_version, a_reason, a_request);
    for i in 1..v_count loop
        insert into events (tenant_id, subject, aggregate_seq, id, aggregate, topic, \"time\", recorded_at,
                correlation_id, causation_id, payload)
            values (a_tenant, a_id, v_seq + i, e_id[i], a_aggregate, e_topic[i], a_now, v_real, a_correlation,
                a_causation, e_payload[i]::json);
    end loop;
    for i in 1..coalesce(cardinality(d_event), 0) loop
        v_fence := (v_seq + d_event[i]) * {FENCES};
        v_after := null;
        v_ours := true;
        if a_expected > 0 or i > 1 then
            select old.fence into v_after from deliveries as old
                where old.tenant_id = a_tenant and old.consumer = d_consumer[i] and old.subject = a_id
                order by old.aggregate_seq desc limit 1;
            v_ours := v_after is null or not exists (select from deliveries as old
                where old.tenant_id = a_tenant and old.consumer = d_consumer[i] and old.subject = a_id
                and (old.holder is distinct from a_holder or old.available_at <= v_real));
        end if;
        insert into deliveries (tenant_id, consumer, subject, aggregate_seq, partition, attempts, fence, holder,
                available_at, dead)
            values (a_tenant, d_consumer[i], a_id, v_seq + d_event[i], a_partition, 0, v_fence,
                case when v_ours then a_holder end,
                case when v_ours then v_real + interval '15 seconds' else v_real end, false);
        v_fences[i] := case when v_ours then v_fence end;
        v_afters[i] := v_after;
    end loop;
    if f_event is not null then
        insert into feed_rows (tenant_id, owner_tenant_id, subject, aggregate_seq)
            select told.tenant, a_tenant, a_id, v_seq + told.place from unnest(f_event, f_tenant) as told (place, tenant);
    end if;
";
