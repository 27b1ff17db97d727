-- A wrong code in two transactions, each with its rows: counted; then concluded, once what was typed has been compared.
\set g random(1, :sessions)
begin;
select doc, attempts from lim.check_sessions where tenant_id = 'tnt_1' and id = 'ver_' || :g;
select pg_advisory_xact_lock(:g);
update lim.check_sessions set attempts = attempts + 1, version = version + 1, doc = doc where tenant_id = 'tnt_1' and id = 'ver_' || :g and state = 'PENDING' and expires_at > now();
insert into lim.check_guesses select 'tnt_1', 'dst_' || :g, id, attempts, now() from lim.check_sessions where tenant_id = 'tnt_1' and id = 'ver_' || :g on conflict do nothing;
insert into lim.check_audit(tenant_id, target, action, actor, after, at) values ('tnt_1', 'ver_' || :g, 'begin', 'key_1', md5(:g::text), now());
commit;
begin;
select doc, concluded from lim.check_sessions where tenant_id = 'tnt_1' and id = 'ver_' || :g;
select pg_advisory_xact_lock(:g);
update lim.check_sessions set concluded = least(concluded + 1, attempts), version = version + 1, doc = doc where tenant_id = 'tnt_1' and id = 'ver_' || :g and state = 'PENDING';
insert into lim.check_failures as f values ('tnt_1', 'dst_' || :g, 1, now()) on conflict (tenant_id, destination) do update set consecutive = f.consecutive + 1, last_failure_at = now();
insert into lim.check_audit(tenant_id, target, action, actor, after, at) values ('tnt_1', 'ver_' || :g, 'conclude', 'key_1', md5(:g::text), now());
commit;
