-- What providers took and say of it, and whether the data of a sandbox that is over is still there.

create table sent_parts (
    provider text not null, message_id text not null, attempt_id text not null,
    tenant_id text not null, verification_id text not null, recipient text not null,
    no integer not null, of_parts integer not null, status text not null, at integer not null,
    primary key (provider, message_id, attempt_id)
) without rowid;
create index sent_parts_send on sent_parts (attempt_id);
create index sent_parts_age on sent_parts (at);

create table parked_receipts (
    provider text not null, name text not null, key text not null, doc text not null, at integer not null,
    primary key (provider, name, key)
) without rowid;
create index parked_receipts_age on parked_receipts (at);

alter table sandboxes add column uncleared text;
create index sandboxes_uncleared on sandboxes (tenant_id, id) where uncleared is not null;
create index sandboxes_by_tenant on sandboxes (tenant_id, created_at, id);
