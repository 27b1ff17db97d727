-- What both transactions of a check write to: :n sessions with a document each, as a session's is.
drop table if exists lim.check_sessions, lim.check_guesses, lim.check_failures, lim.check_audit;
create table lim.check_sessions(
  tenant_id text not null, id text not null, version bigint not null, state text not null, attempts bigint not null,
  concluded bigint not null, expires_at timestamptz not null, doc json not null,
  primary key (tenant_id, id)) with (fillfactor = 70);
create table lim.check_guesses(
  tenant_id text not null, destination text not null, verification_id text not null, attempt bigint not null,
  at timestamptz not null, primary key (tenant_id, destination, verification_id, attempt));
create table lim.check_failures(
  tenant_id text not null, destination text not null, consecutive bigint not null, last_failure_at timestamptz not null,
  primary key (tenant_id, destination)) with (fillfactor = 70);
create table lim.check_audit(
  tenant_id text not null, position bigint generated always as identity, target text not null, action text not null,
  actor text not null, after text not null, at timestamptz not null, primary key (tenant_id, position));
insert into lim.check_sessions select 'tnt_1', 'ver_' || g, 1, 'PENDING', 0, 0, now() + interval '1 day',
  json_build_object('id', 'ver_' || g, 'filler', repeat(md5(g::text), 60)) from generate_series(1, :n) g;
vacuum analyze lim.check_sessions;
