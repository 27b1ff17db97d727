//! (g) Verification checks over HTTP beside both transactions by hand; keys; from a start to its code; usage over many rows.

use std::{cell::Cell, rc::Rc};

use crate::{
    Failure,
    bench::Bench,
    http::{Ask, Client, id, member},
    load::{Load, Missed},
    market::{Market, expected, pick, sign_in},
    pgbench, portal,
    provider::Provider,
    report::Goal,
};

/// Starts a second while their delay is measured.
const STARTS: f64 = 20.0;
/// Keys in use: with those of the demo fewer than an account may have.
const KEYS: usize = 10;

/// What a check writes.
pub(super) async fn cost(bench: &mut Bench) -> Result<(), Failure> {
    let sessions = if bench.options.quick { 2_000 } else { 30_000 };
    let provider = Provider::start().await?;
    let server = bench.serve("checks", &[("SARAI_CONFIG", &provider.config.display().to_string())])?;
    let database = server.database.clone().ok_or("what a check costs is counted in Postgres")?;
    let mut client = Client::new(server.address());
    let developer = sign_in(&mut client, "developer").await?;
    let key = portal::key(&mut client, &developer, 0).await?;
    let first = start(&mut client, &key, 0).await?.0;
    portal::sessions(&bench.cluster, &database, &first, 1, sessions)?;
    let step = async move |client: &mut Client, number: u64| check(client, &key, 1, number, sessions).await;
    super::cost::count(bench, &Market::empty(&server), &database, "check", step).await?;
    server.stop()?;
    Ok(())
}

pub(super) async fn run(bench: &mut Bench) -> Result<(), Failure> {
    let quick = bench.options.quick;
    let (sessions, rows) = if quick { (2_000, 100_000) } else { (30_000, 10_000_000) };
    let provider = Provider::start().await?;
    let server = bench.serve("portal", &[("SARAI_CONFIG", &provider.config.display().to_string())])?;
    let database = server.database.clone().ok_or("checks are measured over Postgres only")?;
    let mut client = Client::new(server.address());
    let developer = sign_in(&mut client, "developer").await?;
    let mut keys = Vec::new();
    for number in 0..KEYS {
        keys.push(portal::key(&mut client, &developer, number).await?);
    }
    let keys = Rc::new(keys);
    let market = Market::empty(&server);
    eprintln!("      filling {rows} rows of usage");
    portal::usage(&bench.cluster, &database, rows)?;
    pgbench::file(&bench.cluster, "checks", &[("n", sessions)])?;
    let set = [("sessions", sessions)];
    let starts = Rc::new(Cell::new(0_u64));
    for round in 1..=bench.options.rounds {
        bench.theirs("by hand, one statement", round, bench.script("verify", &[])).await?;
        bench.theirs("by hand, both transactions", round, bench.script("check2", &set)).await?;
        let key = keys.first().cloned().unwrap_or_default();
        // The server gave up the last connection while others were measured.
        let mut client = Client::new(server.address());
        let first = start(&mut client, &key, starts.replace(starts.get() + 1)).await?.0;
        portal::sessions(&bench.cluster, &database, &first, round, sessions)?;
        let step =
            async move |client: &mut Client, number| check(client, &key, round, number, sessions).await;
        bench.ours("check", round, &market, bench.closed(), step).await?;
        let used = Rc::clone(&keys);
        let step = async move |client: &mut Client, number| {
            let token = used.get(pick(number, used.len())).map_or("", String::as_str);
            let ask = Ask { method: "GET", path: "/v1/sandbox-scenarios", token, ..Ask::default() };
            expected(&client.send(ask).await?, 200)
        };
        bench.ours("key", round, &market, bench.closed(), step).await?;
        let (key, told, next) =
            (keys.get(1).cloned().unwrap_or_default(), provider.clone(), Rc::clone(&starts));
        let step = async move |client: &mut Client, _| {
            let (_, phone) = start(client, &key, next.replace(next.get() + 1)).await?;
            told.told(&phone).await;
            Ok(())
        };
        bench
            .ours("start to code", round, &market, Load { rate: Some(STARTS), ..bench.closed() }, step)
            .await?;
        let scans = portal::scans(&bench.cluster, &database)?;
        let token = developer.clone();
        let step = async move |client: &mut Client, _| {
            let path = portal::USAGE;
            expected(&client.send(Ask { method: "GET", path, token: &token, ..Ask::default() }).await?, 200)
        };
        bench.ours("usage", round, &market, Load { clients: 4, ..bench.closed() }, step).await?;
        if portal::scans(&bench.cluster, &database)? != scans {
            bench.report.note("a usage query read the whole table");
        }
    }
    let what = "checks over HTTP / both transactions by hand";
    bench.ratio("verify", what, "check", "by hand, both transactions", Goal::AtLeast(0.6));
    bench.ratio("verify", "checks over HTTP / one statement", "check", "by hand, one statement", Goal::Shown);
    bench.figure("verify", &format!("requests with a key, of {KEYS}"), "key", Goal::Shown);
    bench.figure("verify", &format!("usage of 30 days by channel, of {rows} rows"), "usage", Goal::Shown);
    for line in portal::plan(&bench.cluster, &database)? {
        bench.report.note(format!("usage: {line}"));
    }
    for line in server.complaints() {
        bench.report.note(format!("the server's log: {line}"));
    }
    server.stop()?;
    Ok(())
}

/// Starts a verification of a number nobody had before; gives its id and the number.
async fn start(client: &mut Client, key: &str, place: u64) -> Result<(String, String), Missed> {
    // A block of numbers may have twenty an hour.
    let phone = format!("+937{:04}{:04}", place % 10_000, place / 10_000);
    let body = format!("{{\"to\":{{\"phone\":\"{phone}\"}},\"channelOrder\":[{{\"channel\":\"SMS\"}}]}}");
    let again = format!("bench-start-{place}");
    let ask = Ask { method: "POST", path: "/v1/verifications", token: key, key: &again, body: &body };
    let answer = client.send(ask).await?;
    expected(&answer, 201)?;
    let nothing = || Missed::Failed("a verification has no id".to_owned());
    Ok((id(answer.body, "ver_").ok_or_else(nothing)?.to_owned(), phone))
}

/// A wrong code, at another session each time.
async fn check(client: &mut Client, key: &str, round: u32, number: u64, sessions: u64) -> Result<(), Missed> {
    let path = format!("/v1/verifications/{}/check", portal::session(round, number % sessions + 1));
    let ask = Ask { method: "POST", path: &path, token: key, key: "", body: "{\"code\":\"000000\"}" };
    let answer = client.send(ask).await?;
    expected(&answer, 200)?;
    match member(answer.body, "outcome") {
        Some("INCORRECT" | "APPROVED") => Ok(()),
        _ => Err(Missed::Failed(answer.body.to_owned())),
    }
}
