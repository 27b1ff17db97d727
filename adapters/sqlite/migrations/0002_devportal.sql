-- The developer portal's tables.

create table accounts (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null,
    auth_account_id text not null, state text not null,
    primary key (tenant_id, id)
);
create unique index a_inv_1_account_per_identity on accounts (auth_account_id);
create index accounts_id on accounts (id);

create table api_keys (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null,
    environment text not null, account_id text not null, sandbox_id text, state text not null, label text not null,
    label_slot text, successor_of text, replaced_by text, requested_at integer, ends_at integer, notice_at integer,
    untold_since integer,
    -- Their use, which no save of the key writes.
    last_used_minute integer, last_use text,
    primary key (tenant_id, id)
);
create unique index api_keys_label on api_keys (label_slot) where label_slot is not null;
create unique index k_inv_7_one_successor on api_keys (successor_of) where successor_of is not null;
create index api_keys_id on api_keys (id);
create index api_keys_of_tenant on api_keys (tenant_id, environment, created_at, id);
create index api_keys_open on api_keys (account_id, environment) where state in ('REQUESTED', 'ACTIVE');
create index api_keys_requested on api_keys (requested_at, id) where requested_at is not null;
create index api_keys_ends on api_keys (ends_at, id) where ends_at is not null;
create index api_keys_notice on api_keys (notice_at, id) where notice_at is not null;
create index api_keys_untold on api_keys (untold_since, id) where untold_since is not null;
create index api_keys_successors on api_keys (id) where successor_of is not null and state = 'ACTIVE';
create index idempotency_keys_of_keys on idempotency_keys (resource_id) where resource_id is not null;
