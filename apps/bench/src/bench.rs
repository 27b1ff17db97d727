//! One run: the cluster, the parts one after the other, the report.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use sarai_services::Cluster;
use tokio::time::{Instant, sleep};

use crate::{
    Failure,
    http::Client,
    load::{self, Load, Missed, Outcome},
    machine::{self, Moment},
    market::Market,
    options::{Options, PARTS, Store},
    parts,
    pgbench::{self, Figure, Script},
    report::{Goal, Line, Report, Sample},
    server::{Server, Services},
};

/// Sizes of Postgres; its durability is as it comes.
const SIZES: &[&str] = &[
    "shared_buffers=1GB",
    "max_wal_size=8GB",
    "checkpoint_timeout=15min",
    "shared_preload_libraries=pg_stat_statements",
];
/// How long what follows the last answer may take.
const DRAIN: Duration = Duration::from_mins(2);
/// Deliveries that are not done.
const UNDONE: &str = "select count(*) from deliveries where not dead";

/// A run.
pub(crate) struct Bench {
    /// What is asked for.
    pub(crate) options: Options,
    /// Postgres.
    pub(crate) cluster: Cluster,
    /// What was measured.
    pub(crate) report: Report,
    market: Option<(Server, Market)>,
}

/// Measures what is asked for and prints it; says whether every goal was reached.
pub(crate) async fn run(options: Options) -> Result<bool, Failure> {
    eprintln!("{}", machine_line());
    let cluster = Cluster::with(SIZES)?;
    pgbench::prepare(&cluster)?;
    let mut bench = Bench { options, cluster, report: Report::default(), market: None };
    let mut whole = true;
    for part in bench.options.parts.clone() {
        let name = PARTS.iter().find(|(_, known)| *known == part).map_or("", |(name, _)| name);
        eprintln!("\n{name}");
        if let Err(error) = parts::run(part, &mut bench).await {
            bench.report.note(format!("{name} was not measured to its end: {error}"));
            whole = false;
        }
    }
    if let Some((server, _)) = bench.market.take() {
        for line in server.complaints() {
            bench.report.note(format!("the server's log: {line}"));
        }
        server.stop()?;
    }
    bench.report.note(machine_line());
    println!("{}", bench.report.text());
    let folder = folder();
    bench.report.write(&folder)?;
    println!("Also in {} as market.json and market.csv.", folder.display());
    Ok(whole && bench.report.reached())
}

impl Bench {
    /// The market most parts buy in, opened when it is first wanted.
    pub(crate) async fn market(&mut self) -> Result<Market, Failure> {
        if let Some((_, market)) = &self.market {
            return Ok(market.clone());
        }
        let server = self.serve("market", &[])?;
        self.open(server).await
    }

    /// A new market instead, whose server is alone in its process: the services around it have one of their own.
    pub(crate) async fn deployed_market(&mut self) -> Result<Market, Failure> {
        if let Some((server, _)) = self.market.take() {
            server.stop()?;
        }
        let server = self.start("market_deployed", &[], Services::Outside)?;
        self.open(server).await
    }

    async fn open(&mut self, server: Server) -> Result<Market, Failure> {
        let (providers, coupons) = if self.options.quick { (50, 20) } else { (1_000, 1_000) };
        let market = Market::open(&self.cluster, &server, providers, coupons).await?;
        let (sellers, buyers) = (market.offers.len(), market.buyers.len());
        self.report.note(format!("{sellers} providers, {} coupons, {buyers} buyers", market.coupons.len()));
        self.market = Some((server, market.clone()));
        Ok(market)
    }

    /// The market's server.
    pub(crate) fn market_server(&self) -> Option<&Server> {
        self.market.as_ref().map(|(server, _)| server)
    }

    /// A server over a new database of this name.
    pub(crate) fn serve(&self, database: &str, settings: &[(&str, &str)]) -> Result<Server, Failure> {
        self.start(database, settings, Services::Inside)
    }

    fn start(
        &self,
        database: &str,
        settings: &[(&str, &str)],
        services: Services,
    ) -> Result<Server, Failure> {
        if self.options.store == Store::Postgres {
            self.cluster.create_database(database)?;
        }
        Ok(Server::start(&self.cluster, self.options.store, database, settings, services)?)
    }

    /// Clients in a closed loop, for the length of a measurement.
    pub(crate) fn closed(&self) -> Load {
        Load { clients: self.options.clients, length: self.options.length(), rate: None }
    }

    /// Measures the server: steps done a second, until what they set off is done as well.
    pub(crate) async fn ours<F>(
        &mut self,
        case: &str,
        round: u32,
        at: &Market,
        load: Load,
        step: F,
    ) -> Result<Outcome, Failure>
    where
        F: AsyncFn(&mut Client, u64) -> Result<(), Missed> + 'static,
    {
        machine::wait_quiet(self.options.patience).await;
        let (before, spent) = (Moment::now(), self.spent(at.pid));
        let mut outcome = load::run(at.address, load, step).await;
        outcome.seconds += self.drained().await?;
        let (others, _) = before.since();
        let cpu = Some(self.spent_since(at.pid, spent, outcome.done as f64));
        if let Some(why) = &outcome.first_failure {
            self.report.note(format!("{case}: {why}"));
        }
        self.report.sample(Sample {
            case: case.to_owned(),
            round,
            value: outcome.per_second(),
            unit: "/s",
            delays: Some((outcome.within(0.5), outcome.within(0.99))),
            failed: outcome.failed,
            others,
            cpu,
        });
        Ok(outcome)
    }

    /// Measures a yardstick.
    pub(crate) async fn theirs(
        &mut self,
        case: &str,
        round: u32,
        script: Script<'_>,
    ) -> Result<Figure, Failure> {
        machine::wait_quiet(self.options.patience).await;
        let beside = self.market_server().and_then(|server| server.pid().ok());
        let (before, spent) = (Moment::now(), self.spent(beside));
        let figure = script.run(&self.cluster)?;
        let (others, _) = before.since();
        let cpu = Some(self.spent_since(beside, spent, figure.per_second * script.seconds as f64));
        self.report.sample(Sample {
            case: case.to_owned(),
            round,
            value: figure.per_second,
            unit: "/s",
            delays: Some((figure.p50, figure.p99)),
            failed: 0,
            others,
            cpu,
        });
        Ok(figure)
    }

    /// Processor seconds so far of Postgres and of a server.
    fn spent(&self, server: Option<u32>) -> (f64, f64) {
        (machine::tree(self.cluster.pid()), server.map_or(0.0, machine::tree))
    }

    /// Milliseconds of each since, for each of so many steps.
    fn spent_since(&self, server: Option<u32>, before: (f64, f64), steps: f64) -> (f64, f64) {
        let (postgres, server) = self.spent(server);
        let each = |seconds: f64| seconds * 1e3 / steps.max(1.0);
        (each(postgres - before.0), each(server - before.1))
    }

    /// A script for this run's clients and seconds.
    pub(crate) fn script<'a>(&self, name: &'a str, set: &'a [(&'a str, u64)]) -> Script<'a> {
        Script { name, clients: self.options.pgbench_clients, seconds: self.options.seconds, rate: None, set }
    }

    /// Adds a ratio to judge.
    pub(crate) fn ratio(&mut self, part: &'static str, what: &str, over: &str, under: &str, goal: Goal) {
        self.report.line(Line {
            part,
            what: what.to_owned(),
            over: over.to_owned(),
            under: Some(under.to_owned()),
            goal,
            delays: false,
        });
    }

    /// Adds a ratio of delays to judge.
    pub(crate) fn delays(&mut self, part: &'static str, what: &str, over: &str, under: &str, goal: Goal) {
        let (what, over, under) = (what.to_owned(), over.to_owned(), Some(under.to_owned()));
        self.report.line(Line { part, what, over, under, goal, delays: true });
    }

    /// Adds a figure to judge.
    pub(crate) fn figure(&mut self, part: &'static str, what: &str, case: &str, goal: Goal) {
        let (what, over) = (what.to_owned(), case.to_owned());
        self.report.line(Line { part, what, over, under: None, goal, delays: false });
    }

    /// Waits until no delivery of the market is left; gives the seconds it took.
    pub(crate) async fn drained(&self) -> Result<f64, Failure> {
        let from = Instant::now();
        let Some(database) = self.market_server().and_then(|server| server.database.clone()) else {
            return Ok(0.0);
        };
        while self.cluster.psql(&database, &[UNDONE])? != "0" {
            if from.elapsed() > DRAIN {
                return Err("deliveries are left long after the last request".into());
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(from.elapsed().as_secs_f64())
    }
}

/// `target/bench`.
fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let own =
        || Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new(".")).join("target");
    target.unwrap_or_else(own).join("bench")
}

fn machine_line() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    let build =
        if cfg!(debug_assertions) { "a development build: figures mean nothing" } else { "a release build" };
    format!("{cores} cores, load {load}, {build}")
}
