//! The function of a check of a code: the session's unit with what the check counts for, in one round trip. It leaves
//! the decision to whoever calls it as soon as there is one to take.

use sarai_ports::StoreError;
use sarai_sql::{Checked, Counted, SESSIONS};

use crate::{
    commit::{self, Beside, Function},
    error::UNCLEAR,
    value::Args,
};

/// The arguments after the unit's.
const ARGS: &[(&str, &str)] = &[
    ("g_locks", "text[]"),
    ("g_environment", "text"),
    ("g_destinations", "text[]"),
    // A check that is counted: which, and that so many since a time are too many. Nothing for one that failed.
    ("g_attempt", "bigint"),
    ("g_since", "timestamptz"),
    ("g_most", "bigint"),
    ("g_end_user", "text"),
];

/// As whoever counts for these destinations does: all locks at once, in the order of their hashes.
fn before() -> String {
    format!(
        "    if cardinality(g_locks) = 1 then
        -- An assignment is evaluated without starting a statement.
        v_lock := pg_advisory_xact_lock(hashtextextended(g_locks[1], 0))::text;
    else
        perform pg_advisory_xact_lock(hash) from (select distinct hashtextextended(key, 0) as hash
            from unnest(g_locks) as key order by hash) as sorted;
    end if;
    if g_attempt is not null then
        for i in 1..cardinality(g_destinations) loop
            if (select count(*) from verify_guesses as old where old.tenant_id = a_tenant
                    and old.environment = g_environment and old.destination = g_destinations[i]
                    and old.at > g_since) >= g_most then
                raise exception using errcode = '{UNCLEAR}', message = 'there were many checks';
            end if;
        end loop;
    end if;
"
    )
}

const AFTER: &str = "    for i in 1..cardinality(g_destinations) loop
        if g_attempt is not null then
            insert into verify_guesses (tenant_id, environment, destination, verification_id, attempt, at)
                values (a_tenant, g_environment, g_destinations[i], a_id, g_attempt, a_now);
        else
            insert into verify_failures as old (tenant_id, environment, destination, consecutive, last_failure_at,
                    end_user_ref)
                values (a_tenant, g_environment, g_destinations[i], 1, a_now, g_end_user)
                on conflict (tenant_id, environment, destination) do update
                    set consecutive = old.consecutive + 1, last_failure_at = excluded.last_failure_at,
                        end_user_ref = excluded.end_user_ref;
        end if;
    end loop;
";

/// The function.
pub(crate) fn function() -> Function {
    let before = before();
    commit::with(&SESSIONS, "check", &Beside { args: ARGS, declare: DECLARE, before: &before, after: AFTER })
}

/// What it needs.
const DECLARE: &str = "
    v_lock text;";

/// The arguments, after the unit's.
pub(crate) fn arguments(args: &mut Args, checked: &Checked) -> Result<(), StoreError> {
    args.push(checked.locks.as_slice())?;
    args.push(checked.environment)?;
    args.push(checked.destinations.as_slice())?;
    let (attempt, since, most, end_user) = match &checked.counted {
        Counted::Begun { attempt, since, most } => (Some(*attempt), Some(*since), Some(*most), None),
        Counted::Failed { end_user_ref } => (None, None, None, end_user_ref.as_deref()),
    };
    args.push(attempt.map(i64::from))?;
    args.push(since.map(sarai_domain::kernel::Timestamp::to_offset_date_time))?;
    args.push(most.map(i64::from))?;
    args.push(end_user)
}
