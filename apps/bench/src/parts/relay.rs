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
    server::{Server, Services},
    sink, tokens,
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
    let rounds = bench.options.rounds.min(3);
    for round in 1..=rounds {
        seed::backlog(&bench.cluster, &database, sink::NAME, round, count)?;
        let seconds = sink::drain(&bench.cluster.url(&database), &tokens::password(), count)?;
        bench.report.sample(rate("events to a sink", round, count, seconds));
    }
    for round in 1..=rounds {
        seed::backlog(&bench.cluster, &database, BROKER, rounds + round, count)?;
        let from = Instant::now();
        let server = Server::start(
            &bench.cluster,
            bench.options.store,
            &database,
            &[("SARAI_NATS_URL", &nats.url())],
            Services::Inside,
        )?;
        sent(bench, &server).await?;
        bench.report.sample(rate("events to JetStream", round, count, from.elapsed().as_secs_f64()));
        server.stop()?;
    }
    let what = "events a second out of a backlog to a sink that does nothing";
    bench.figure("relay", what, "events to a sink", Goal::AtLeast(20_000.0));
    bench.figure(
        "relay",
        "events a second out of a backlog to JetStream",
        "events to JetStream",
        Goal::Shown,
    );
    Ok(())
}

fn rate(case: &str, round: u32, count: u64, seconds: f64) -> Sample {
    let (case, value) = (case.to_owned(), count as f64 / seconds);
    Sample { case, round, value, unit: "/s", delays: None, failed: 0, others: 0.0, cpu: None }
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
