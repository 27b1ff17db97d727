//! (e) Events: to `JetStream`, out of a backlog, and what sending them costs purchases; delays at half load.

use sarai_services::Nats;
use tokio::time::{Instant, sleep};

use std::time::Duration;

use crate::{
    Failure,
    bench::Bench,
    http::Client,
    load::Load,
    market::{Market, Spread},
    pgbench,
    report::{Goal, Sample},
    seed,
    server::Server,
};

/// The consumer that sends events to the broker.
const BROKER: &str = "broker";
/// Providers of the yardstick.
const PROVIDERS: &[(&str, u64)] = &[("providers", 1_000)];

pub(crate) async fn run(bench: &mut Bench) -> Result<(), Failure> {
    half_load(bench).await?;
    beside(bench).await?;
    backlog(bench).await
}

/// Delays when half of what can be done is asked for, ours and pgbench's.
async fn half_load(bench: &mut Bench) -> Result<(), Failure> {
    let market = bench.market().await?;
    let spread = Spread { offers: market.offers.len(), coupons: None };
    let buy = |market: &Market| {
        let buyers = market.clone();
        async move |client: &mut Client, _| buyers.buy(client, spread).await
    };
    let peak =
        bench.ours("purchase, closed loop", 1, &market, bench.closed(), buy(&market)).await?.per_second();
    pgbench::clean(&bench.cluster)?;
    let limit =
        bench.theirs("purchase6, closed loop", 1, bench.script("purchase6", PROVIDERS)).await?.per_second;
    for round in 1..=bench.options.rounds {
        let load = Load { rate: Some(peak / 2.0), ..bench.closed() };
        bench.ours("purchase at half load", round, &market, load, buy(&market)).await?;
        pgbench::clean(&bench.cluster)?;
        let script = bench.script("purchase6", PROVIDERS);
        let script = pgbench::Script { rate: Some(limit / 2.0), ..script };
        bench.theirs("purchase6 at half load", round, script).await?;
    }
    let what = "p99 of a purchase at half load / of pgbench's at half of its";
    bench.delays("relay", what, "purchase at half load", "purchase6 at half load", Goal::AtMost(5.0));
    Ok(())
}

/// Purchases of a server that sends its events to a broker, beside one that does not.
async fn beside(bench: &mut Bench) -> Result<(), Failure> {
    let nats = Nats::new()?;
    let server = bench.serve("market_with_broker", &[("SARAI_NATS_URL", &nats.url())])?;
    let (providers, coupons) = if bench.options.quick { (50, 0) } else { (1_000, 0) };
    let with = Market::open(&bench.cluster, &server, providers, coupons).await?;
    let without = bench.market().await?;
    for round in 1..=bench.options.rounds {
        for (case, market) in [("purchase, relay off", &without), ("purchase, relay on", &with)] {
            let (buyers, spread) = (market.clone(), Spread { offers: market.offers.len(), coupons: None });
            let step = async move |client: &mut Client, _| buyers.buy(client, spread).await;
            bench.ours(case, round, market, bench.closed(), step).await?;
        }
        let late = sent(bench, &server).await?;
        bench.report.note(format!("events were all sent {late:.2} s after the purchases of round {round}"));
    }
    let what = "purchases while events go to JetStream / without";
    bench.ratio("relay", what, "purchase, relay on", "purchase, relay off", Goal::AtLeast(0.9));
    server.stop()?;
    Ok(())
}

/// A server that finds a backlog, and sends it.
async fn backlog(bench: &mut Bench) -> Result<(), Failure> {
    let count: u64 = if bench.options.quick { 10_000 } else { 1_000_000 };
    let nats = Nats::new()?;
    let server = bench.serve("backlog", &[])?;
    let market = Market::open(&bench.cluster, &server, 1, 0).await?;
    let database = server.database.clone().ok_or("a backlog is made in Postgres only")?;
    let mut client = Client::new(market.address);
    market.buy(&mut client, Spread { offers: 1, coupons: None }).await?;
    server.stop()?;
    for round in 1..=bench.options.rounds.min(3) {
        seed::backlog(&bench.cluster, &database, BROKER, round, count)?;
        let from = Instant::now();
        let server = Server::start(
            &bench.cluster,
            bench.options.store,
            &database,
            &[("SARAI_NATS_URL", &nats.url())],
        )?;
        sent(bench, &server).await?;
        bench.report.sample(Sample {
            case: "events to JetStream".to_owned(),
            round,
            value: count as f64 / from.elapsed().as_secs_f64(),
            unit: "/s",
            delays: None,
            failed: 0,
            others: 0.0,
        });
        server.stop()?;
    }
    bench.figure(
        "relay",
        "events a second out of a backlog to JetStream",
        "events to JetStream",
        Goal::Shown,
    );
    Ok(())
}

/// Waits until every event is sent; gives the seconds it took.
async fn sent(bench: &Bench, server: &Server) -> Result<f64, Failure> {
    let from = Instant::now();
    let Some(database) = &server.database else { return Ok(0.0) };
    let left = format!("select exists (select from deliveries where consumer = '{BROKER}' and not dead)");
    while bench.cluster.psql(database, &[&left])? == "t" {
        if from.elapsed() > Duration::from_mins(10) {
            return Err("events are left unsent".into());
        }
        sleep(Duration::from_millis(100)).await;
    }
    Ok(from.elapsed().as_secs_f64())
}
