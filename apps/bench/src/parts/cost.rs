//! What a purchase, or a check of a code, costs the database: rows by table, log written, calls and time by statement.

use crate::{
    Failure,
    bench::Bench,
    http::Client,
    load::Missed,
    market::{Market, Spread},
};

/// Rows written so far, by table: inserted, updated, of these without touching an index, deleted.
const ROWS: &str = "select relname, n_tup_ins, n_tup_upd, n_tup_hot_upd, n_tup_del from pg_stat_user_tables \
                    order by relname";
/// Bytes of log so far.
const LOG: &str = "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint";
/// Statements: calls and milliseconds for each of so many steps, and how they begin.
const STATEMENTS: &str = "select round(calls / {}::numeric, 2), round((total_exec_time / {})::numeric, 3), \
                          left(regexp_replace(query, '\\s+', ' ', 'g'), 100) from pg_stat_statements \
                          where calls > {} / 20.0 or total_exec_time > {} / 50.0 order by total_exec_time desc limit 40";

pub(super) async fn run(bench: &mut Bench) -> Result<(), Failure> {
    let market = bench.market().await?;
    let Some(database) = bench.market_server().and_then(|server| server.database.clone()) else {
        return Err("what a purchase costs is counted in Postgres".into());
    };
    let spread = Spread { offers: market.offers.len(), coupons: None };
    let buyers = market.clone();
    let step = async move |client: &mut Client, _| buyers.buy(client, spread).await;
    count(bench, &market, &database, "purchase", step).await
}

/// Counts what a step costs, which a market does over and over.
pub(super) async fn count<F>(
    bench: &mut Bench,
    market: &Market,
    database: &str,
    what: &str,
    step: F,
) -> Result<(), Failure>
where
    F: AsyncFn(&mut Client, u64) -> Result<(), Missed> + Clone + 'static,
{
    bench.cluster.psql(database, &["create extension if not exists pg_stat_statements"])?;
    // Plans are made and pages are warm before anything is counted.
    bench.ours(&format!("{what}, warm"), 1, market, bench.closed(), step.clone()).await?;
    bench.cluster.psql(database, &["select pg_stat_statements_reset()", "checkpoint"])?;
    let before = (rows(bench, database)?, log(bench, database)?);
    let done = bench.ours(&format!("{what}, counted"), 1, market, bench.closed(), step).await?.done as f64;
    // Backends report what they counted at most a second later.
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let after = (rows(bench, database)?, log(bench, database)?);
    let each = |count: i64| count as f64 / done.max(1.0);
    bench.report.note(format!("bytes of log a {what}: {:.0}", each(after.1 - before.1)));
    let mut sum = [0.0; 4];
    for (table, now) in after.0 {
        let then = before.0.iter().find(|(known, _)| *known == table).map_or([0; 4], |(_, then)| *then);
        let cells: Vec<f64> = now.iter().zip(then).map(|(now, then)| each(now - then)).collect();
        for (sum, cell) in sum.iter_mut().zip(&cells) {
            *sum += cell;
        }
        if cells.iter().any(|cell| *cell >= 0.01) {
            bench.report.note(line(&table, &cells));
        }
    }
    bench.report.note(line(&format!("rows a {what}"), &sum));
    let statements = bench.cluster.psql(database, &[&STATEMENTS.replace("{}", &format!("{done}"))])?;
    bench.report.note(format!("calls and milliseconds a {what}, by statement"));
    for statement in statements.lines() {
        bench.report.note(statement.to_owned());
    }
    Ok(())
}

fn line(what: &str, cells: &[f64]) -> String {
    let [inserted, updated, hot, deleted] =
        [0, 1, 2, 3].map(|place| cells.get(place).copied().unwrap_or_default());
    format!(
        "{what:<20} inserted {inserted:>6.2}, updated {updated:>6.2} (hot {hot:>6.2}), deleted {deleted:>6.2}"
    )
}

/// Figures of each table.
type Rows = Vec<(String, [i64; 4])>;

fn rows(bench: &Bench, database: &str) -> Result<Rows, Failure> {
    let found = bench.cluster.psql(database, &[ROWS])?;
    let read = |line: &str| {
        let mut cells = line.split('|');
        let table = cells.next()?.to_owned();
        let mut figures = [0; 4];
        for figure in &mut figures {
            *figure = cells.next()?.parse().ok()?;
        }
        Some((table, figures))
    };
    Ok(found.lines().filter_map(read).collect())
}

fn log(bench: &Bench, database: &str) -> Result<i64, Failure> {
    Ok(bench.cluster.psql(database, &[LOG])?.trim().parse()?)
}
