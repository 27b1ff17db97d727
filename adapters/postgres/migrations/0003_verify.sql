-- Verify: sessions with their sends, what is counted beside them, money, policies, sandboxes.

create table verify_sessions (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null,
    environment id not null, sandbox_id id, state id not null, channel id, country id,
    attempts bigint not null, concluded bigint not null, due_at timestamptz,
    primary key (tenant_id, id),
    constraint v_inv_4_attempts check (concluded <= attempts)
) with (fillfactor = 70);
create index verify_sessions_id on verify_sessions (id);
create index verify_sessions_by_tenant on verify_sessions (tenant_id, environment, created_at, id);
create index verify_sessions_due on verify_sessions (due_at, id) where due_at is not null;
create index verify_sessions_sandbox on verify_sessions (sandbox_id, created_at) where sandbox_id is not null;

create table verify_sends (
    tenant_id id not null, parent_id id not null, key id not null, written_version bigint not null,
    status id not null, due_at timestamptz, doc json not null,
    primary key (tenant_id, parent_id, key),
    constraint verify_sends_verify_sessions foreign key (tenant_id, parent_id) references verify_sessions
) with (fillfactor = 70);
create index verify_sends_due on verify_sends (due_at, key) where due_at is not null;
create index verify_sends_sending on verify_sends (key) where status = 'SENDING';

-- What a live session holds: one row an address.
create table verify_live (
    tenant_id id not null, parent_id id not null, slot id not null,
    primary key (tenant_id, parent_id, slot),
    constraint verify_live_verify_sessions foreign key (tenant_id, parent_id) references verify_sessions
);
create unique index v_inv_11_one_live_session on verify_live (tenant_id, slot);

-- A row an admitted send and what it counts for.
create table verify_limits (
    tenant_id id not null, environment id not null, key id not null, attempt_id id not null,
    verification_id id not null, at timestamptz not null, approved boolean not null,
    primary key (tenant_id, environment, key, attempt_id)
) with (fillfactor = 70);
create index verify_limits_newest on verify_limits (tenant_id, environment, key, at);
create index verify_limits_session on verify_limits (tenant_id, environment, verification_id);
create index verify_limits_age on verify_limits (at);

create table verify_platform_sends (
    subject id not null, attempt_id id not null, at timestamptz not null,
    primary key (subject, attempt_id)
);
create index verify_platform_sends_age on verify_platform_sends (at);

-- The failed checks of a destination, and those of a day that failed or are under way.
create table verify_failures (
    tenant_id id not null, environment id not null, destination id not null,
    consecutive bigint not null, last_failure_at timestamptz not null, end_user_ref id,
    primary key (tenant_id, environment, destination)
) with (fillfactor = 70);
create index verify_failures_person on verify_failures (tenant_id, environment, end_user_ref)
    where end_user_ref is not null;

create table verify_guesses (
    tenant_id id not null, environment id not null, destination id not null, verification_id id not null,
    attempt bigint not null, at timestamptz not null,
    primary key (tenant_id, environment, destination, verification_id, attempt)
);
create index verify_guesses_age on verify_guesses (at);

create table spend_ledgers (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null, environment id not null,
    primary key (tenant_id, id)
) with (fillfactor = 70);
create index spend_ledgers_id on spend_ledgers (id);

create table spend_reservations (
    tenant_id id not null, parent_id id not null, key id not null, written_version bigint not null,
    held_since timestamptz, doc json not null,
    primary key (tenant_id, parent_id, key),
    constraint spend_reservations_spend_ledgers foreign key (tenant_id, parent_id) references spend_ledgers
) with (fillfactor = 70);
create index spend_reservations_held on spend_reservations (held_since, key) where held_since is not null;

create table verify_policies (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null, environment id not null,
    primary key (tenant_id, id)
);
create index verify_policies_id on verify_policies (id);

create table spend_policies (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null, environment id not null,
    primary key (tenant_id, id)
);
create index spend_policies_id on spend_policies (id);

create table blocked_starts (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null, environment id not null,
    primary key (tenant_id, id)
);
create index blocked_starts_id on blocked_starts (id);
create index blocked_starts_by_tenant on blocked_starts (tenant_id, environment, created_at, id);

create table sandboxes (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null,
    account_id id not null, state id not null, default_of id, expires_at timestamptz,
    primary key (tenant_id, id)
) with (fillfactor = 70);
create unique index sandboxes_default on sandboxes (tenant_id, default_of) where default_of is not null;
create index sandboxes_id on sandboxes (id);
create index sandboxes_by_account on sandboxes (account_id, created_at, id);
create index sandboxes_expiry on sandboxes (expires_at, id) where expires_at is not null;

create table sandbox_messages (
    tenant_id id not null, parent_id id not null, key id not null, written_version bigint not null,
    round bigint not null, at timestamptz not null, doc json not null,
    primary key (tenant_id, parent_id, key),
    constraint sandbox_messages_sandboxes foreign key (tenant_id, parent_id) references sandboxes
);
create index sandbox_messages_newest on sandbox_messages (parent_id, round, at, key);

do $$
declare name text;
begin
    for name in select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
        and c.relname not in ('_sqlx_migrations') and not c.relforcerowsecurity loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
    end loop;
end $$;
