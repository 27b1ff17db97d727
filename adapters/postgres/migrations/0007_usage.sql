-- Usage: a counter an hour (as its number since 1970), key, channel, country and metric; what is not known is ''.

create table usage_counters (
    tenant_id id not null, environment id not null, hour bigint not null, key_id id not null,
    channel id not null, country id not null, metric id not null, amount bigint not null,
    primary key (tenant_id, environment, hour, key_id, channel, country, metric)
) with (fillfactor = 70);

alter table usage_counters enable row level security;
alter table usage_counters force row level security;
