//! `sarai export` and `sarai import`: a whole store as lines, and back into an empty one of either kind.

use std::{
    fmt::Write as _,
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader, BufWriter, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use sarai::{
    around::Around,
    config::{Config, Flags},
    embedded::{Clocks, Embedded},
    process::keys_of,
    stores::{self, Place},
};
use sarai_ports::{Store, system::Clock};
use sarai_postgres::DatabaseClock;
use sarai_sql::transfer::{self, Counts, TransferError};
use sarai_sqlite::FileClock;
use sarai_system::SystemClock;

use super::{Failure, say};

/// Which file.
#[derive(Debug, Args)]
pub(crate) struct Transfer {
    /// The file: one JSON document a line
    file: PathBuf,
}

fn progress(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(what);
    bar.set_style(
        ProgressStyle::with_template("{spinner} {msg} {human_pos} rows")
            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn told(what: &str, counts: &Counts) -> Result<(), Failure> {
    let rows: u64 = counts.values().sum();
    let mut table = String::new();
    for (name, count) in counts {
        writeln!(table, "  {name:<24} {count:>12}")?;
    }
    say(&format!("{table}{what}: {rows} rows\n"))
}

fn io(error: &std::io::Error) -> TransferError {
    TransferError::Unreadable(error.to_string())
}

/// Writes the configured store to a file.
pub(crate) fn export(flags: &Flags, to: &Transfer) -> Result<(), Failure> {
    let config = Config::load(flags)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut file = BufWriter::new(
        // It says everything of everybody.
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&to.file)
            .map_err(|error| format!("{}: {error}", to.file.display()))?,
    );
    let bar = progress("exported");
    let mut line = |line: String| {
        bar.inc(1);
        writeln!(file, "{line}").map_err(|error| io(&error))
    };
    let counts = runtime.block_on(async {
        Ok::<_, Failure>(match config.place() {
            Place::Memory => return Err("there is nothing to export: the store is in memory".into()),
            Place::Sqlite(path) => {
                let clock: Arc<dyn Clock> = Arc::new(SystemClock::new(false));
                transfer::export(&stores::sqlite(&path, &clock).await?, &mut line).await?
            }
            Place::Postgres(_) | Place::Roles => {
                let (store, _) = stores::postgres(&config, &keys_of(&config)?).await?;
                transfer::export(&store, &mut line).await?
            }
        })
    })?;
    file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    bar.finish_and_clear();
    told("exported", &counts)
}

/// Fills the configured store, which must be empty, from a file; then checks every invariant over it.
pub(crate) fn import(flags: &Flags, from: &Transfer) -> Result<(), Failure> {
    let config = Config::load(flags)?;
    let keys = keys_of(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let file = File::open(&from.file).map_err(|error| format!("{}: {error}", from.file.display()))?;
    let mut lines = BufReader::new(file).lines().map(|line| line.map_err(|error| io(&error)));
    let bar = progress("imported");
    let mut wrote = |rows| bar.set_position(rows);
    runtime.block_on(async {
        let (counts, store, clocks): (Counts, Arc<dyn Store>, Clocks) = match config.place() {
            Place::Memory => return Err("the store is in memory: nothing imported would stay".into()),
            // Clocks are looked at when theirs were imported.
            Place::Sqlite(path) => {
                let (store, _) = stores::sqlite_with_clocks(&path, config.demo).await?;
                let counts = transfer::import(&store, &mut lines, &mut wrote).await?;
                let clock = FileClock::start(Arc::clone(store.database()), config.demo).await?;
                let movable = Arc::clone(&clock) as _;
                (counts, Arc::new(store), Clocks { clock: clock as _, movable })
            }
            Place::Postgres(_) | Place::Roles => {
                let (store, _) = stores::postgres(&config, &keys).await?;
                let counts = transfer::import(&store, &mut lines, &mut wrote).await?;
                let clock = DatabaseClock::start(Arc::clone(store.database()), config.demo).await?;
                let movable = Arc::clone(&clock) as _;
                (counts, Arc::new(store), Clocks { clock: clock as _, movable })
            }
        };
        bar.finish_and_clear();
        told("imported", &counts)?;
        let around = Around::of(&Config { memory: true, ..config.clone() }, &clocks, &keys).await?;
        let report = Embedded::over(store, &clocks, keys, around, None).auditor.run(&|_| {}).await;
        let report = report.map_err(|error| format!("the audit did not run: {}", error.message))?;
        let broken = report.violations();
        if broken > 0 {
            return Err(format!("the audit found {broken} violations: see `sarai audit --run`").into());
        }
        say("audited: every invariant holds\n")
    })
}
