-- Verify: sessions with their sends, what is counted beside them, money, policies, sandboxes.

create table verify_sessions (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null,
    environment text not null, sandbox_id text, state text not null, channel text, country text,
    attempts integer not null, concluded integer not null, due_at integer,
    primary key (tenant_id, id),
    constraint v_inv_4_attempts check (concluded <= attempts)
) without rowid;
create index verify_sessions_id on verify_sessions (id);
create index verify_sessions_by_tenant on verify_sessions (tenant_id, environment, created_at, id);
create index verify_sessions_due on verify_sessions (due_at, id) where due_at is not null;
create index verify_sessions_sandbox on verify_sessions (sandbox_id, created_at) where sandbox_id is not null;

create table verify_sends (
    tenant_id text not null, parent_id text not null, key text not null, written_version integer not null,
    status text not null, due_at integer, doc text not null,
    primary key (tenant_id, parent_id, key),
    foreign key (tenant_id, parent_id) references verify_sessions
) without rowid;
create index verify_sends_due on verify_sends (due_at, key) where due_at is not null;
create index verify_sends_sending on verify_sends (key) where status = 'SENDING';

-- What a live session holds: one row an address.
create table verify_live (
    tenant_id text not null, parent_id text not null, slot text not null,
    primary key (tenant_id, parent_id, slot),
    foreign key (tenant_id, parent_id) references verify_sessions
) without rowid;
-- A slot names its tenant: its hash is keyed by it.
create unique index v_inv_11_one_live_session on verify_live (slot);

-- A row an admitted send and what it counts for.
create table verify_limits (
    tenant_id text not null, environment text not null, key text not null, attempt_id text not null,
    verification_id text not null, at integer not null, approved integer not null,
    primary key (tenant_id, environment, key, attempt_id)
) without rowid;
create index verify_limits_newest on verify_limits (tenant_id, environment, key, at);
create index verify_limits_session on verify_limits (tenant_id, environment, verification_id);
create index verify_limits_age on verify_limits (at);

create table verify_platform_sends (
    subject text not null, attempt_id text not null, at integer not null,
    primary key (subject, attempt_id)
) without rowid;
create index verify_platform_sends_age on verify_platform_sends (at);

-- The failed checks of a destination, and those of a day that failed or are under way.
create table verify_failures (
    tenant_id text not null, environment text not null, destination text not null,
    consecutive integer not null, last_failure_at integer not null, end_user_ref text,
    primary key (tenant_id, environment, destination)
) without rowid;
create index verify_failures_person on verify_failures (tenant_id, environment, end_user_ref)
    where end_user_ref is not null;

create table verify_guesses (
    tenant_id text not null, environment text not null, destination text not null, verification_id text not null,
    attempt integer not null, at integer not null,
    primary key (tenant_id, environment, destination, verification_id, attempt)
) without rowid;
create index verify_guesses_age on verify_guesses (at);

create table spend_ledgers (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null, environment text not null,
    primary key (tenant_id, id)
) without rowid;
create index spend_ledgers_id on spend_ledgers (id);

create table spend_reservations (
    tenant_id text not null, parent_id text not null, key text not null, written_version integer not null,
    held_since integer, doc text not null,
    primary key (tenant_id, parent_id, key),
    foreign key (tenant_id, parent_id) references spend_ledgers
) without rowid;
create index spend_reservations_held on spend_reservations (held_since, key) where held_since is not null;

create table verify_policies (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null, environment text not null,
    primary key (tenant_id, id)
) without rowid;
create index verify_policies_id on verify_policies (id);

create table spend_policies (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null, environment text not null,
    primary key (tenant_id, id)
) without rowid;
create index spend_policies_id on spend_policies (id);

create table blocked_starts (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null, environment text not null,
    primary key (tenant_id, id)
) without rowid;
create index blocked_starts_id on blocked_starts (id);
create index blocked_starts_by_tenant on blocked_starts (tenant_id, environment, created_at, id);

create table sandboxes (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null,
    account_id text not null, state text not null, default_of text, expires_at integer,
    primary key (tenant_id, id)
) without rowid;
create unique index sandboxes_default on sandboxes (default_of) where default_of is not null;
create index sandboxes_id on sandboxes (id);
create index sandboxes_by_account on sandboxes (account_id, created_at, id);
create index sandboxes_expiry on sandboxes (expires_at, id) where expires_at is not null;

create table sandbox_messages (
    tenant_id text not null, parent_id text not null, key text not null, written_version integer not null,
    round integer not null, at integer not null, doc text not null,
    primary key (tenant_id, parent_id, key),
    foreign key (tenant_id, parent_id) references sandboxes
) without rowid;
create index sandbox_messages_newest on sandbox_messages (parent_id, round, at, key);
