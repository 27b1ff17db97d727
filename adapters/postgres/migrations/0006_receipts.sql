-- What providers took and say of it, and whether the data of a sandbox that is over is still there.

create table sent_parts (
    provider id not null, message_id id not null, attempt_id id not null,
    tenant_id id not null, verification_id id not null, recipient id not null,
    no bigint not null, of_parts bigint not null, status id not null, at timestamptz not null,
    primary key (provider, message_id, attempt_id)
) with (fillfactor = 70);
create index sent_parts_send on sent_parts (attempt_id);
create index sent_parts_age on sent_parts (at);

create table parked_receipts (
    provider id not null, name id not null, key id not null, doc json not null, at timestamptz not null,
    primary key (provider, name, key)
);
create index parked_receipts_age on parked_receipts (at);

alter table sandboxes add column uncleared id;
create index sandboxes_uncleared on sandboxes (tenant_id, id) where uncleared is not null;
create index sandboxes_by_tenant on sandboxes (tenant_id, created_at, id);

do $$
declare name text;
begin
    for name in select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
        and c.relname not in ('_sqlx_migrations') and not c.relforcerowsecurity loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
    end loop;
end $$;
