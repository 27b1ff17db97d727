//! `sarai simulate`: a whole marketplace in bad weather, seed by seed, and whether every rule held.
//!
//! - here: the flags, the run, the files written
//! - `numbers` (what is counted over all seeds), `text` (what a terminal shows), `json`
//! - `page` and `charts`: the page of `--report`; `progress`: the bar

mod charts;
mod json;
mod numbers;
mod page;
mod progress;
#[cfg(test)]
mod samples;
mod text;

use std::{
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser as _},
    value_parser,
};
use sarai_memory::MemoryStore;
use sarai_testkit::{
    Harness, SuiteClock, SuitePorts,
    simulate::{Config, FaultMode, Report, SeedReport, simulate},
};

use super::{Failure, say};
use progress::Progress;

/// A rule did not hold.
const BROKEN: u8 = 1;
/// Stopped by Ctrl-C, as shells count it.
const INTERRUPTED: u8 = 130;

/// What a user reads after the options.
const EXAMPLES: &str = "\
Needs no server and no configuration. Meant for a release build, which is many times as fast:
  cargo run --release -- simulate

Examples:
  sarai simulate                                  100 seeds of 100 purchases
  sarai simulate --seeds 1000 --purchases 1000    a million purchases
  sarai simulate --report report.html             with a page of charts
  sarai simulate --first-seed 7 --seeds 1         seed 7 again, exactly as it was
  sarai simulate --traces | grep ^trace           what each seed did, as a hash: equal on every machine

Exit codes: 0 every rule held, 1 one did not, 2 wrong usage, 130 stopped by Ctrl-C (what had ended by then is
summed up). Of a failing seed the shortest failing prefix is looked for, and its events go to
DIR/simulation-seed-N.jsonl.";

/// What to simulate, and what to write.
#[derive(Debug, Args)]
#[command(next_help_heading = "Simulation", after_help = EXAMPLES)]
pub(crate) struct Simulate {
    /// Seeds to run; a seed decides everything that happens in its run
    #[arg(long, default_value_t = 100, value_parser = value_parser!(u64).range(1..))]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 1)]
    first_seed: u64,
    /// Purchases a seed
    #[arg(long, default_value_t = 100, value_parser = value_parser!(u64).range(1..))]
    purchases: u64,
    /// What goes wrong: a mix drawn by each seed, everything as often as possible, or nothing
    #[arg(long, default_value = "swarm", value_parser = fault_modes())]
    faults: FaultMode,
    /// Seeds run side by side [default: one a core]
    #[arg(long)]
    threads: Option<NonZeroUsize>,
    /// Write a page of charts: one file, nothing else needed to read it
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// Write everything counted, seed by seed
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Where the events of failing seeds go
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Print the hash of what each seed did
    #[arg(long)]
    traces: bool,
    /// No progress bar
    #[arg(long, short)]
    quiet: bool,
}

fn fault_modes() -> impl clap::builder::TypedValueParser<Value = FaultMode> {
    PossibleValuesParser::new(["swarm", "all", "none"])
        .map(|name| FaultMode::parse(&name).unwrap_or_default())
}

/// The memory store, as the conformance suite starts it.
struct Memory;

impl Harness for Memory {
    async fn fresh() -> SuitePorts {
        let clock = Arc::new(SuiteClock::default());
        let store = MemoryStore::new(clock.clone());
        let (shared, time) = (store.clone(), clock.clone());
        let start = move || SuitePorts::of(Arc::new(shared.another_process()), time.clone());
        SuitePorts::of(Arc::new(store), clock).beside(start)
    }
}

/// A simulation that is over, and what it was asked for.
#[derive(Debug)]
struct Outcome {
    config: Config,
    report: Report,
    /// When each seed ended, and how many purchases it had.
    ended: Vec<(Duration, u64)>,
    interrupted: bool,
    /// Where the events of failing seeds are.
    logs: Vec<(u64, PathBuf)>,
}

/// Simulates, and says what came of it.
pub(crate) fn run(flags: &Simulate) -> Result<ExitCode, Failure> {
    let Simulate { seeds, first_seed, purchases, faults, threads, .. } = *flags;
    let config = Config { first_seed, seeds, purchases, faults, threads };
    first_seed.checked_add(seeds).ok_or("there are not that many seeds after --first-seed")?;
    let mut outcome = weather(config, flags.quiet)?;
    let failing: Vec<SeedReport> = outcome.report.failures().cloned().collect();
    for seed in &failing {
        let path = log(seed, &flags.out)?;
        outcome.logs.extend(path.map(|path| (seed.seed, path)));
    }
    say(&text::summary(&outcome, flags.traces))?;
    if let Some(path) = &flags.report {
        write(path, &page::html(&outcome)?)?;
        say(&format!("\nThe page is {}\n", path.display()))?;
    }
    if let Some(path) = &flags.json {
        write(path, &format!("{:#}\n", json::document(&outcome)))?;
    }
    Ok(match (failing.is_empty(), outcome.interrupted) {
        (false, _) => ExitCode::from(BROKEN),
        (true, true) => ExitCode::from(INTERRUPTED),
        (true, false) => ExitCode::SUCCESS,
    })
}

/// Runs the seeds until they have ended or Ctrl-C is pressed.
fn weather(config: Config, quiet: bool) -> Result<Outcome, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (started, progress) = (Instant::now(), Progress::start(&config, quiet));
    let ended: Arc<Mutex<Vec<(Duration, SeedReport)>>> = Arc::default();
    let (over, is_over) = tokio::sync::oneshot::channel();
    let (seen, bar) = (Arc::clone(&ended), progress.clone());
    thread::spawn(move || {
        let hear = |seed: &SeedReport| {
            bar.ended(seed);
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.push((started.elapsed(), without_states(seed, config.first_seed)));
        };
        let report = simulate::<Memory>(&config, &hear);
        // Nobody listens after Ctrl-C.
        let _ = over.send(report.wall);
    });
    let wall = runtime.block_on(async {
        tokio::select! {
            wall = is_over => wall.map(Some).map_err(|_| "the simulation itself panicked: see above"),
            _ = tokio::signal::ctrl_c() => Ok(None),
        }
    });
    progress.end();
    let (wall, interrupted) = wall?.map_or((started.elapsed(), true), |wall| (wall, false));
    let seeds = std::mem::take(&mut *ended.lock().unwrap_or_else(PoisonError::into_inner));
    let ended = seeds.iter().map(|(after, seed)| (*after, seed.purchases)).collect();
    let mut seeds: Vec<SeedReport> = seeds.into_iter().map(|(_, seed)| seed).collect();
    seeds.sort_by_key(|seed| seed.seed);
    let logs = Vec::new();
    Ok(Outcome { config, report: Report { seeds, wall }, ended, interrupted, logs })
}

/// Only one seed's states are drawn; those of a thousand would fill the memory.
fn without_states(seed: &SeedReport, drawn: u64) -> SeedReport {
    let states = if seed.seed == drawn { seed.states.clone() } else { Vec::new() };
    SeedReport { states, ..seed.clone() }
}

/// Writes the events of a failing seed, a line of JSON each.
fn log(seed: &SeedReport, folder: &Path) -> Result<Option<PathBuf>, Failure> {
    let Some(failure) = seed.failure.as_ref().filter(|failure| !failure.log.is_empty()) else {
        return Ok(None);
    };
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let path = folder.join(format!("simulation-seed-{}.jsonl", seed.seed));
    write(&path, &(failure.log.join("\n") + "\n"))?;
    Ok(Some(path))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()).into())
}
