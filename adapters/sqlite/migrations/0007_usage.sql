-- Usage: a counter an hour (as its number since 1970), key, channel, country and metric; what is not known is ''.

create table usage_counters (
    tenant_id text not null, environment text not null, hour integer not null, key_id text not null,
    channel text not null, country text not null, metric text not null, amount integer not null,
    primary key (tenant_id, environment, hour, key_id, channel, country, metric)
) without rowid;
