//! A server over a store, its buyers at work, and chance.

use std::{collections::BTreeSet, env, future::Future, net::SocketAddr, path::Path, time::Duration};

use sarai_services::{
    Cluster, SaraiProcess,
    load::{Load, Report},
};
use tokio::{
    sync::{Mutex, MutexGuard, oneshot},
    task::JoinHandle,
};

/// How long everything may take to come to rest once nothing fails any more. It is to take a minute at most; a machine
/// that is busy with other tests gets ten.
pub(crate) fn rest() -> Duration {
    Duration::from_mins(figure(10, 1).into())
}

/// How long the first answer may take once the database is back: five seconds, and on a busy machine three minutes.
pub(crate) fn first_answer() -> Duration {
    Duration::from_secs(figure(180, 5).into())
}

/// Within this a process that is asked to has ended: half a minute, and on a busy machine two.
pub(crate) fn end() -> Duration {
    Duration::from_secs(figure(120, 30).into())
}

/// Waits until the server says that it lives, whatever else is broken.
pub(crate) async fn lives(server: &SaraiProcess) {
    let limit = Duration::from_secs(figure(60, 2).into());
    until(limit, "saying that it lives", || async {
        server.probe("/healthz").is_ok_and(|status| status == 200)
    })
    .await;
}

/// Whether the full figures are wanted.
pub(crate) fn figure(small: u32, full: u32) -> u32 {
    if env::var_os("SARAI_SOAK").is_some() { full } else { small }
}

/// Numbers by chance, the same for the same seed.
pub(crate) struct Dice(u64);

impl Dice {
    /// Of the environment's `SEED`, else of a fixed one; it is printed.
    pub(crate) fn new() -> Self {
        let seed = env::var("SEED").map_or(7, |seed| seed.parse().expect("SEED is a number"));
        println!("SEED={seed}");
        Self(seed)
    }

    /// A number from one to below another.
    pub(crate) fn between(&mut self, from: u64, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        from + (self.0 >> 33) % (below - from)
    }

    /// A pause by chance, in milliseconds.
    pub(crate) fn pause(&mut self, from: u64, below: u64) -> Duration {
        Duration::from_millis(self.between(from, below))
    }
}

/// The binary.
pub(crate) const SARAI: &str = env!("CARGO_BIN_EXE_sarai");

/// A server that is not started, which no load is too much for.
pub(crate) fn server() -> SaraiProcess {
    server_from(SARAI.as_ref())
}

fn server_from(binary: &Path) -> SaraiProcess {
    SaraiProcess::new(binary).unwrap().unlimited().env("SARAI_LOG", "warn")
}

/// A server of this binary over a database.
pub(crate) fn server_of(binary: &Path, cluster: &Cluster) -> SaraiProcess {
    server_from(binary).args(["--database-url", &cluster.url("postgres")])
}

/// The same over a database.
pub(crate) fn server_over(cluster: &Cluster) -> SaraiProcess {
    server_at(cluster.address())
}

/// The same over a database behind an address.
pub(crate) fn server_at(database: SocketAddr) -> SaraiProcess {
    server().args(["--database-url", &format!("postgres://postgres@{database}/postgres")])
}

/// One of these tests at a time: each wants the whole machine.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Buyers at a server.
pub(crate) struct Shop {
    _alone: MutexGuard<'static, ()>,
    pub(crate) server: SaraiProcess,
    /// More servers over the same store, and what is around all of them.
    pub(crate) others: Vec<SaraiProcess>,
    _around: Option<SaraiProcess>,
    pub(crate) load: Load,
}

/// Buyers at work.
pub(crate) struct Busy {
    stop: oneshot::Sender<()>,
    running: JoinHandle<u64>,
}

impl Shop {
    /// Starts the server and opens a shop.
    pub(crate) async fn open(server: SaraiProcess) -> Self {
        Self::begin(server, Vec::new(), None).await
    }

    /// The same with so many servers over one database. What is around them is a process of its own.
    pub(crate) async fn open_several(count: usize, make: impl Fn() -> SaraiProcess) -> Self {
        let mut server = make();
        let mut around = SaraiProcess::standins(SARAI, &server.url()).unwrap();
        let keys = around.dir().display().to_string();
        around = around.args(["--data-dir", &keys]);
        let services = ["billing", "enrollment", "auth", "messaging"]
            .map(|service| [format!("--{service}-url"), format!("{}/{service}", around.url())]);
        let joined = |server: SaraiProcess| {
            server.args(["--data-dir", &keys]).args(services.iter().flatten().cloned())
        };
        server = joined(server);
        around.start().unwrap();
        Self::begin(server, (1..count).map(|_| joined(make())).collect(), Some(around)).await
    }

    async fn begin(
        mut server: SaraiProcess,
        mut others: Vec<SaraiProcess>,
        around: Option<SaraiProcess>,
    ) -> Self {
        let alone = ALONE.lock().await;
        server.start().unwrap();
        for other in &mut others {
            other.start().unwrap();
        }
        let log = server.dir().join("history.jsonl");
        let urls: Vec<String> = std::iter::once(&server).chain(&others).map(SaraiProcess::url).collect();
        let load = Load::open(&urls, &log).await.unwrap();
        Self { _alone: alone, server, others, _around: around, load }
    }

    /// Buyers go to work: so many a second with the full figures, else what a slow machine can do.
    pub(crate) fn busy(&self, full: u32) -> Busy {
        let per_second = figure(3, full);
        let (stop, stopped) = oneshot::channel();
        let load = self.load.clone().at_most(figure(6, 100_000) as usize);
        let until = async move { drop(stopped.await) };
        let running = tokio::spawn(async move { load.run_until(per_second, until).await });
        Busy { stop, running }
    }

    /// The buyers finish what they began, everything comes to rest, and all of it is right.
    pub(crate) async fn at_rest(&self, busy: Busy) -> Report {
        busy.stop.send(()).unwrap();
        let count = busy.running.await.unwrap();
        let report = match self.load.check(rest()).await {
            Ok(report) => report,
            Err(wrong) => panic!("{wrong}\nthe server's log ends:\n{}", self.end_of_log()),
        };
        println!("{count} purchases: {report}");
        assert!(count > 0 && report.refused == 0, "{report}");
        report
    }

    fn end_of_log(&self) -> String {
        let log = self.server.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

/// Kills at any time, while it starts too.
pub(crate) async fn killed_at_any_time(server: SaraiProcess) {
    let mut dice = Dice::new();
    let mut shop = Shop::open(server).await;
    let busy = shop.busy(20);
    for _ in 0..figure(5, 500) {
        tokio::time::sleep(dice.pause(50, 2_000)).await;
        shop.server.kill9();
        shop.server.spawn().unwrap();
    }
    shop.server.wait_ready(rest()).unwrap();
    shop.at_rest(busy).await;
}

/// The server stays up: its buyers hear that it cannot serve now, and when to ask again.
pub(crate) fn only_refers_to_later(doubts: &BTreeSet<String>) {
    let later = |doubt: &String| {
        (doubt.starts_with("503 ") && !doubt.contains("without")) || doubt.starts_with("409 ")
    };
    let other: Vec<&String> = doubts.iter().filter(|doubt| !later(doubt)).collect();
    assert!(other.is_empty(), "{other:?}");
}

/// Waits until something is so.
pub(crate) async fn until<F: Future<Output = bool>>(
    limit: Duration,
    what: &str,
    so: impl Fn() -> F,
) -> Duration {
    let start = std::time::Instant::now();
    while !so().await {
        assert!(start.elapsed() < limit, "{what} takes more than {limit:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    start.elapsed()
}
