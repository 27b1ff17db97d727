-- Webhooks: endpoints, and deliveries to them. Secrets stand in documents, sealed by a key outside of the database.

create table webhooks (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null,
    environment text not null, sandbox_id text, status text not null,
    primary key (tenant_id, id)
);
create index webhooks_id on webhooks (id);
create index webhooks_of_tenant on webhooks (tenant_id, environment, created_at, id);
create index webhooks_listening on webhooks (environment, id) where status = 'ACTIVE';

create table webhook_deliveries (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null,
    environment text not null, endpoint_id text not null, webhook_id text not null, event_type text not null,
    status text not null, next_at integer, ended_at integer, last_code integer, failed integer not null,
    fan_out text,
    -- Until when a sender has taken it, which no save of the delivery writes.
    taken_until integer,
    primary key (tenant_id, id)
);
create unique index webhook_deliveries_fan_out on webhook_deliveries (fan_out) where fan_out is not null;
create index webhook_deliveries_id on webhook_deliveries (id);
create index webhook_deliveries_of on webhook_deliveries (endpoint_id, created_at, id);
create index webhook_deliveries_failed on webhook_deliveries (endpoint_id, created_at) where failed;
create index webhook_deliveries_same on webhook_deliveries (webhook_id);
create index webhook_deliveries_due on webhook_deliveries (next_at, id) where next_at is not null;
create index webhook_deliveries_ended on webhook_deliveries (ended_at) where ended_at is not null;
