//! What the developer portal is measured with: keys, sessions that wait for their code, years of usage.

use sarai_services::Cluster;

use crate::{
    Failure,
    http::{Ask, Client, member},
    market::expected,
};

/// Usage of a month by channel.
pub(crate) const USAGE: &str = "/v1/usage/timeseries?from=2026-06-01T00:00:00Z&to=2026-07-01T00:00:00Z&groupBy=channel&bucket=day&metric=verifications_requested";
/// The hour at which that month begins, and its tenant.
const MONTH: u64 = 1_780_272_000 / 3_600;
const TENANT: &str = "acc_demo_developer";

/// The id of a copied session.
pub(crate) fn session(round: u32, number: u64) -> String {
    format!("ver_01B{round}{number:022}")
}

/// A production key's secret.
pub(crate) async fn key(client: &mut Client, developer: &str, number: usize) -> Result<String, Failure> {
    let again = format!("bench-key-{number}");
    let body = format!(
        "{{\"label\":\"bench {number}\",\"environment\":\"PRODUCTION\",\"scopes\":[\"verify:send\",\"verify:read\"]}}"
    );
    let ask = Ask { method: "POST", path: "/v1/keys", token: developer, key: &again, body: &body };
    let answer = client.send(ask).await?;
    expected(&answer, 201)?;
    Ok(member(answer.body, "rawKey").ok_or("a key has no secret")?.to_owned())
}

/// Copies a live session: ids and destinations are the copies' own.
pub(crate) fn sessions(
    cluster: &Cluster,
    database: &str,
    of: &str,
    round: u32,
    count: u64,
) -> Result<(), Failure> {
    let own = of.trim_start_matches("ver_");
    let ulid = format!("'01B{round}' || lpad(g::text, 22, '0')");
    // Nobody's destination is another's: each copy has a hash made of its number.
    let doc = format!(
        "regexp_replace(replace(t.doc::text, '{own}', {ulid}), '\"hash\": *\"[0-9a-f]{{64}}\"', \
         '\"hash\":\"' || md5('{round}' || g::text) || md5(g::text) || '\"', 'g')"
    );
    let copy = |table: &str, own: &str, of: &str| {
        format!(
            "insert into {table} select r.* from {table} t, generate_series(1, {count}) g, lateral \
             json_populate_record(null::{table}, (to_jsonb(t) || jsonb_build_object({own}, 'doc', ({doc})::json))::json) r \
             where {of}"
        )
    };
    let statements = [
        copy("verify_sessions", &format!("'id', 'ver_' || {ulid}"), &format!("t.id = '{of}'")),
        copy("verify_sends", &format!("'parent_id', 'ver_' || {ulid}"), &format!("t.parent_id = '{of}'")),
        "vacuum analyze verify_sessions".to_owned(),
        "vacuum analyze verify_sends".to_owned(),
    ];
    cluster.psql(database, &statements.iter().map(String::as_str).collect::<Vec<_>>())?;
    Ok(())
}

/// So many rows of usage: of a hundred tenants, an hour, four channels and ten keys each.
pub(crate) fn usage(cluster: &Cluster, database: &str, rows: u64) -> Result<(), Failure> {
    let insert = format!(
        "insert into usage_counters select case g % 100 when 0 then '{TENANT}' else 'acc_bench_' || g % 100 end, \
         'PRODUCTION', {MONTH} + g / 4000, 'key_01B' || lpad((g / 100 % 10)::text, 23, '0'), \
         (array['SMS', 'VOICE', 'WHATSAPP', 'EMAIL'])[1 + g / 1000 % 4], 'AF', 'REQUESTED', g % 7 + 1 \
         from generate_series(0, {rows} - 1) g"
    );
    cluster.psql(database, &[&insert, "vacuum analyze usage_counters"])?;
    Ok(())
}

/// How often the table of usage was read from end to end.
pub(crate) fn scans(cluster: &Cluster, database: &str) -> Result<String, Failure> {
    let scans = "select seq_scan from pg_stat_user_tables where relname = 'usage_counters'";
    Ok(cluster.psql(database, &[scans])?)
}

/// How Postgres answers such a question.
pub(crate) fn plan(cluster: &Cluster, database: &str) -> Result<Vec<String>, Failure> {
    let explain = format!(
        "explain (analyze, costs off, timing off) select hour / 24, channel, metric, cast(sum(amount) as bigint) \
         from usage_counters where tenant_id = '{TENANT}' and environment = 'PRODUCTION' and hour >= {MONTH} \
         and hour < {MONTH} + 720 and metric = any (array['REQUESTED']) group by 1, 2, 3"
    );
    Ok(cluster.psql(database, &[&explain])?.lines().map(str::to_owned).collect())
}
