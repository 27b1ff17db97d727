-- Templates of messages that carry a code, and their versions.

create table templates (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null, name text not null,
    primary key (tenant_id, id)
) without rowid;
create index templates_id on templates (id);
create index templates_by_tenant on templates (tenant_id, created_at, id);

create table template_versions (
    tenant_id text not null, parent_id text not null, key text not null, written_version integer not null,
    state text not null, doc text not null,
    primary key (tenant_id, parent_id, key),
    foreign key (tenant_id, parent_id) references templates
) without rowid;
