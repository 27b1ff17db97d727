-- Templates of messages that carry a code, and their versions.

create table templates (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null, name id not null,
    primary key (tenant_id, id)
) with (fillfactor = 70);
create index templates_id on templates (id);
create index templates_by_tenant on templates (tenant_id, created_at, id);

create table template_versions (
    tenant_id id not null, parent_id id not null, key id not null, written_version bigint not null,
    state id not null, doc json not null,
    primary key (tenant_id, parent_id, key),
    constraint template_versions_templates foreign key (tenant_id, parent_id) references templates
) with (fillfactor = 70);

alter table templates enable row level security;
alter table templates force row level security;
alter table template_versions enable row level security;
alter table template_versions force row level security;
