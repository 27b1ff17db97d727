//! (f) Memory under load, and four times more purchases than can be done; of a server that is alone in its process.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    Failure,
    bench::Bench,
    http::{Ask, Client},
    load::Load,
    machine,
    market::{Market, Spread, expected},
    report::{Goal, Sample},
};

/// Connections that overload has.
const CONNECTIONS: u64 = 2_000;
/// How much more is asked than can be done.
const TIMES: f64 = 4.0;
/// Between a round and the next.
const REST: Duration = Duration::from_secs(10);
/// Past the time in which an order can be paid.
const PAST: u64 = 2 * 60 * 60;
/// Orders that are under way.
const OPEN: &str = "select count(*) from orders where status not in ('fulfilled', 'failed', 'refunded')";

pub(crate) async fn run(bench: &mut Bench) -> Result<(), Failure> {
    let market = bench.deployed_market().await?;
    let pid = bench.market_server().ok_or("no server")?.pid()?;
    let spread = Spread { offers: market.offers.len(), coupons: None };
    let rounds = if bench.options.quick { 1 } else { 2 };
    let length = Duration::from_secs(if bench.options.quick { 5 } else { 30 });
    for round in 1..=rounds {
        // What the connections of the round before had is given back while nobody asks for anything.
        tokio::time::sleep(REST).await;
        machine::forget_peak(pid)?;
        let buyers = market.clone();
        let step = async move |client: &mut Client, _| buyers.buy(client, spread).await;
        let peak = bench.ours("peak goodput", round, &market, bench.closed(), step).await?.per_second();
        memory(bench, "memory under load", round, pid);
        let buyers = market.clone();
        let step = async move |client: &mut Client, _| buyers.buy(client, spread).await;
        let load = Load { clients: CONNECTIONS, length, rate: Some(peak * TIMES) };
        let mut outcome = bench.ours("overload", round, &market, load, step).await?;
        memory(bench, "memory under overload", round, pid);
        bench.report.sample(Sample {
            case: "goodput under overload".to_owned(),
            round,
            value: outcome.in_time as f64 / length.as_secs_f64(),
            unit: "/s",
            delays: Some((outcome.within(0.5), outcome.within(0.99))),
            failed: outcome.failed,
            others: 0.0,
            cpu: None,
        });
        let asked = peak * TIMES * length.as_secs_f64();
        bench.report.note(format!(
            "overload: of {asked:.0} arrivals {} were done in time, {} later, {} refused with 429 or 503, {} failed",
            outcome.in_time, outcome.done - outcome.in_time, outcome.shed, outcome.failed
        ));
    }
    let open = settle(bench, &market).await?;
    bench.report.sample(Sample {
        case: "orders neither fulfilled nor failed".to_owned(),
        round: 1,
        value: open,
        unit: "",
        delays: None,
        failed: 0,
        others: 0.0,
        cpu: None,
    });
    let what = "goodput under 4 times the sustainable rate / peak";
    bench.ratio("overload", what, "goodput under overload", "peak goodput", Goal::AtLeast(0.8));
    bench.figure("overload", "MB resident at most, 32 clients", "memory under load", Goal::AtMost(96.0));
    bench.figure("overload", "MB resident at most, overload", "memory under overload", Goal::AtMost(96.0));
    let what = "orders left neither fulfilled nor failed";
    bench.figure("overload", what, "orders neither fulfilled nor failed", Goal::AtMost(0.0));
    Ok(())
}

/// The most the server had resident since its peak was forgotten.
fn memory(bench: &mut Bench, case: &str, round: u32, pid: u32) {
    if let Some((peak, _)) = machine::resident(pid) {
        bench.report.sample(Sample {
            case: case.to_owned(),
            round,
            value: peak as f64 / 1024.0,
            unit: "MB",
            delays: None,
            failed: 0,
            others: 0.0,
            cpu: None,
        });
    }
}

/// Lets the time pass in which orders can be paid; gives how many are still under way.
async fn settle(bench: &Bench, market: &Market) -> Result<f64, Failure> {
    let Some(database) = bench.market_server().and_then(|server| server.database.clone()) else {
        return Ok(0.0);
    };
    let body = format!("{{\"advanceSeconds\":{PAST}}}");
    let ask = Ask {
        method: "POST",
        path: "/v1/test-clock",
        token: &market.admin,
        key: "bench-past-payment",
        body: &body,
    };
    let mut client = Client::new(market.address);
    expected(&client.send(ask).await?, 200)?;
    let from = Instant::now();
    loop {
        let open: f64 = bench.cluster.psql(&database, &[OPEN])?.parse()?;
        if open == 0.0 || from.elapsed() > Duration::from_mins(1) {
            return Ok(open);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
