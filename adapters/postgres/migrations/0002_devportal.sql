-- The developer portal's tables, as in 0001: an aggregate is one row, its document and the columns that SQL searches
-- or guards. Of rows that exist in two worlds, policies show those of the transaction's world, when it has one.

-- What the portal knows of identities of the auth-service.

create table accounts (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null,
    auth_account_id id not null, state id not null,
    primary key (tenant_id, id)
) with (fillfactor = 80);
-- An identity has one account, whatever tenant its token names.
create unique index a_inv_1_account_per_identity on accounts (auth_account_id);
create index accounts_id on accounts (id);

-- Keys: everything but their secrets.

create table api_keys (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null,
    environment id not null, account_id id not null, sandbox_id id, state id not null, label id not null,
    label_slot id, successor_of id, replaced_by id, requested_at timestamptz, ends_at timestamptz,
    notice_at timestamptz, untold_since timestamptz,
    -- Their use, which no save of the key writes.
    last_used_minute bigint, last_use id,
    primary key (tenant_id, id)
) with (fillfactor = 70);
create unique index api_keys_label on api_keys (tenant_id, label_slot) where label_slot is not null;
create unique index k_inv_7_one_successor on api_keys (tenant_id, successor_of) where successor_of is not null;
create index api_keys_id on api_keys (id);
create index api_keys_by_tenant on api_keys (tenant_id, environment, created_at, id);
create index api_keys_open on api_keys (account_id, environment) where state in ('REQUESTED', 'ACTIVE');
create index api_keys_requested on api_keys (requested_at, id) where requested_at is not null;
create index api_keys_ends on api_keys (ends_at, id) where ends_at is not null;
create index api_keys_notice on api_keys (notice_at, id) where notice_at is not null;
create index api_keys_untold on api_keys (untold_since, id) where untold_since is not null;
create index api_keys_successor on api_keys (successor_of) where successor_of is not null;
create index api_keys_successors on api_keys (id) where successor_of is not null and state = 'ACTIVE';
-- What a key that was never issued gives back.
create index idempotency_keys_of_keys on idempotency_keys (tenant_id, resource_id) where resource_id like 'key\_%';

do $$
declare name text;
begin
    for name in select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
        and c.relname not in ('_sqlx_migrations') and not c.relforcerowsecurity loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
    end loop;
end $$;
