-- Webhooks: endpoints, and deliveries to them. Secrets stand in documents, sealed by a key outside of the database.

create table webhooks (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null,
    environment id not null, sandbox_id id, status id not null,
    primary key (tenant_id, id)
) with (fillfactor = 80);
create index webhooks_id on webhooks (id);
create index webhooks_by_tenant on webhooks (tenant_id, environment, created_at, id);
create index webhooks_listening on webhooks (environment, id) where status = 'ACTIVE';

create table webhook_deliveries (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null,
    environment id not null, endpoint_id id not null, webhook_id id not null, event_type id not null,
    status id not null, next_at timestamptz, ended_at timestamptz, last_code bigint, failed boolean not null,
    fan_out id,
    -- Until when a sender has taken it, which no save of the delivery writes.
    taken_until timestamptz,
    primary key (tenant_id, id)
) with (fillfactor = 70);
create unique index webhook_deliveries_fan_out on webhook_deliveries (tenant_id, fan_out) where fan_out is not null;
create index webhook_deliveries_id on webhook_deliveries (id);
create index webhook_deliveries_of on webhook_deliveries (tenant_id, endpoint_id, created_at, id);
create index webhook_deliveries_failed on webhook_deliveries (tenant_id, endpoint_id, created_at) where failed;
create index webhook_deliveries_same on webhook_deliveries (tenant_id, webhook_id);
create index webhook_deliveries_due on webhook_deliveries (next_at, id) where next_at is not null;
create index webhook_deliveries_ended on webhook_deliveries (ended_at) where ended_at is not null;

do $$
declare name text;
begin
    for name in select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
        and c.relname not in ('_sqlx_migrations') and not c.relforcerowsecurity loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
    end loop;
end $$;
