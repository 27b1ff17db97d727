//! The yardsticks: pgbench with the scripts of `sql/`.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
};

use sarai_services::Cluster;

/// The yardsticks' database.
pub(crate) const DATABASE: &str = "yardstick";

/// What pgbench measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figure {
    /// Transactions, which are whole scripts, a second.
    pub(crate) per_second: f64,
    /// Milliseconds, in the middle.
    pub(crate) p50: f64,
    /// Milliseconds for all but one in a hundred.
    pub(crate) p99: f64,
}

/// A run of a script.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Script<'a> {
    /// Its file, without `.sql`.
    pub(crate) name: &'a str,
    /// Clients.
    pub(crate) clients: u64,
    /// Seconds.
    pub(crate) seconds: u64,
    /// Starts a second, when it is paced.
    pub(crate) rate: Option<f64>,
    /// Variables.
    pub(crate) set: &'a [(&'a str, u64)],
}

/// The folder of the scripts.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sql")
}

/// Creates the yardsticks' database with its tables.
pub(crate) fn prepare(cluster: &Cluster) -> io::Result<()> {
    cluster.create_database(DATABASE)?;
    file(cluster, "schema", &[])
}

/// Runs a file by psql.
pub(crate) fn file(cluster: &Cluster, name: &str, set: &[(&str, u64)]) -> io::Result<()> {
    let mut psql = Command::new(cluster.programs().join("psql"));
    psql.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1"]);
    for (name, value) in set {
        psql.args(["--set", &format!("{name}={value}")]);
    }
    psql.arg("--file").arg(folder().join(format!("{name}.sql"))).arg(cluster.url(DATABASE));
    text(&mut psql).map(drop)
}

/// Empties what purchases write, as before every run of one.
pub(crate) fn clean(cluster: &Cluster) -> io::Result<()> {
    let tables = "lim.orders, lim.sagas, lim.licenses, lim.outbox, lim.inbox, lim.earnings, lim.earnings_lines, \
                  lim.commit_probe, lim.coupon_redemptions";
    cluster.psql(DATABASE, &[&format!("truncate {tables}"), "checkpoint"]).map(drop)
}

impl Script<'_> {
    /// Runs it and reads the answer and the log of delays. Blocks.
    pub(crate) fn run(&self, cluster: &Cluster) -> io::Result<Figure> {
        // No two runs may make the same keys.
        static EPOCH: AtomicU64 = AtomicU64::new(1);
        let epoch = EPOCH.fetch_add(1, Ordering::Relaxed) * 100;
        let logs = std::env::temp_dir().join(format!("sarai-bench-{}-{epoch}", std::process::id()));
        fs::create_dir_all(&logs)?;
        let mut pgbench = Command::new(cluster.programs().join("pgbench"));
        pgbench.args(["-n", "-M", "prepared", "-l", "--sampling-rate", "0.5"]);
        pgbench.arg("--log-prefix").arg(logs.join("log"));
        pgbench.args(["-c", &self.clients.to_string(), "-j", &self.clients.min(2).to_string()]);
        pgbench.args(["-T", &self.seconds.to_string(), "-D", "n=0", "-D", &format!("epoch={epoch}")]);
        for (name, value) in self.set {
            pgbench.args(["-D", &format!("{name}={value}")]);
        }
        if let Some(rate) = self.rate {
            pgbench.args(["--rate", &rate.to_string()]);
        }
        pgbench.arg("-f").arg(folder().join(format!("{}.sql", self.name))).arg(cluster.url(DATABASE));
        let said = text(&mut pgbench);
        let delays = delays(&logs);
        fs::remove_dir_all(&logs)?;
        let (said, delays) = (said?, delays?);
        let tps = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        let per_second = tps.ok_or_else(|| io::Error::other(format!("pgbench did not say tps: {said}")))?;
        let at = |share: f64| {
            let place = (delays.len() as f64 * share) as usize;
            delays.get(place.min(delays.len().saturating_sub(1))).map_or(0.0, |micros| *micros as f64 / 1e3)
        };
        Ok(Figure { per_second, p50: at(0.5), p99: at(0.99) })
    }
}

/// The delays of the log, sorted: the third column, in microseconds.
fn delays(folder: &Path) -> io::Result<Vec<u64>> {
    let mut delays = Vec::new();
    for entry in fs::read_dir(folder)? {
        let log = fs::read_to_string(entry?.path())?;
        delays.extend(log.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<u64>().ok()));
    }
    delays.sort_unstable();
    Ok(delays)
}

/// Runs to the end; a failure says what was written.
fn text(command: &mut Command) -> io::Result<String> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("{}: {said}", command.get_program().display())))
}
