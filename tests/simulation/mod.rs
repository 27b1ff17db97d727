//! The simulation: a whole marketplace in one thread, in bad weather, repeated exactly by its seed.
//!
//! The real use cases, consumers and scheduler run in two processes over an adapter's store. Around them play
//! buyers, billing and enrollment. One seed decides everything: who acts next, what is delivered twice, lost
//! or late, when a process dies, what billing answers. After every commit the rules are checked (`checks`),
//! and once the faults are over everything must come to rest (liveness).
//!
//! Whoever writes an adapter and has a [`Harness`] for the conformance suite can run it:
//!
//! ```
//! use std::sync::Arc;
//! use sarai_memory::MemoryStore;
//! use sarai_testkit::{Harness, SuiteClock, SuitePorts, simulate::{Config, simulate}};
//!
//! struct MyAdapter;
//!
//! impl Harness for MyAdapter {
//!     async fn fresh() -> SuitePorts {
//!         let clock = Arc::new(SuiteClock::default());
//!         let store = MemoryStore::new(clock.clone());
//!         let (shared, time) = (store.clone(), clock.clone());
//!         let process = move || SuitePorts::of(Arc::new(shared.another_process()), time.clone());
//!         SuitePorts::of(Arc::new(store), clock).beside(process)
//!     }
//! }
//!
//! let config = Config { seeds: 2, purchases: 10, ..Config::default() };
//! let report = simulate::<MyAdapter>(&config, &|_| {});
//! assert_eq!(report.failures().count(), 0);
//! ```
//!
//! - [`Config`], [`simulate`], [`replay`]; [`Report`], [`SeedReport`], [`Failure`]
//! - [`FAULTS`]: what goes wrong; [`RULES`]: what is checked
//! - inside: `executor` (turns), `store` (the adapter in bad weather), `billing` and `enrollment`, `buyers` and
//!   `mischief` (what people do, and what they may not), `process`, `run` (one seed), `trace`

mod billing;
mod buyers;
mod checks;
mod enrollment;
mod executor;
mod faults;
mod mischief;
mod process;
mod report;
mod run;
mod shop;
mod store;
mod trace;

use std::{
    num::NonZeroUsize,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

pub use checks::{Breach, RULES};
pub use faults::{FAULTS, Fault, FaultMode};
pub use report::{Failure, Report, SeedReport};
pub use store::{Asked, Watch, Watched, Written};

use crate::Harness;

/// What to simulate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// The first seed.
    pub first_seed: u64,
    /// How many seeds.
    pub seeds: u64,
    /// Purchases a seed.
    pub purchases: u64,
    /// Which faults.
    pub faults: FaultMode,
    /// Seeds run side by side; none: as many as the machine has cores.
    pub threads: Option<NonZeroUsize>,
}

impl Default for Config {
    fn default() -> Self {
        Self { first_seed: 1, seeds: 10, purchases: 100, faults: FaultMode::Swarm, threads: None }
    }
}

/// Runs every seed, and each failing one again for its shortest prefix and its log. `ended` hears of each seed
/// as it ends.
pub fn simulate<H: Harness>(config: &Config, ended: &(dyn Fn(&SeedReport) + Sync)) -> Report {
    let started = Instant::now();
    let next = AtomicU64::new(0);
    let reports = Mutex::new(Vec::new());
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    std::thread::scope(|scope| {
        for _ in 0..config.threads.unwrap_or(cores).get() {
            scope.spawn(|| {
                loop {
                    let offset = next.fetch_add(1, Ordering::Relaxed);
                    if offset >= config.seeds {
                        return;
                    }
                    let seed = config.first_seed + offset;
                    let mut report = one::<H>(seed, config, false);
                    if report.failure.is_some() {
                        report = explained::<H>(report, config);
                    }
                    if offset > 0 {
                        // A picture shows the first seed's.
                        report.states = Vec::new();
                    }
                    ended(&report);
                    reports.lock().unwrap_or_else(PoisonError::into_inner).push(report);
                }
            });
        }
    });
    let mut seeds = reports.into_inner().unwrap_or_else(PoisonError::into_inner);
    seeds.sort_by_key(|report| report.seed);
    Report { seeds, wall: started.elapsed() }
}

/// Runs one seed with its whole log.
pub fn replay<H: Harness>(seed: u64, config: &Config) -> SeedReport {
    one::<H>(seed, config, true)
}

fn one<H: Harness>(seed: u64, config: &Config, logged: bool) -> SeedReport {
    let ports = executor::finish(H::fresh(), &executor::Turns::default());
    let began = ports.now();
    // A seed that panics names itself, and the others go on.
    let run = std::panic::AssertUnwindSafe(|| run::run(ports, seed, config, logged));
    std::panic::catch_unwind(run).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let (rule, subject) = ("panic".to_owned(), "run".to_owned());
        let breach = Breach { rule, subject, detail: text.unwrap_or_default() };
        SeedReport::stillborn(seed, config.purchases, began, breach)
    })
}

/// How long a shorter prefix is looked for.
const SEARCH: Duration = Duration::from_secs(20);

/// Looks for fewer purchases that fail by the same rule, and runs the fewest with a log.
fn explained<H: Harness>(report: SeedReport, config: &Config) -> SeedReport {
    let Some(failure) = &report.failure else { return report };
    let rule = failure.breach.rule.clone();
    let fails = |purchases: u64| {
        let shorter = one::<H>(report.seed, &Config { purchases, ..*config }, false);
        shorter.failure.is_some_and(|failure| failure.breach.rule == rule)
    };
    let started = Instant::now();
    let patient = || started.elapsed() < SEARCH;
    let mut shortest = config.purchases;
    for purchases in (0..).map(|power| 1_u64 << power).take_while(|purchases| *purchases < config.purchases) {
        if patient() && fails(purchases) {
            shortest = purchases;
            break;
        }
    }
    let mut least = shortest / 2 + 1;
    while least < shortest && patient() {
        let middle = least.midpoint(shortest);
        if fails(middle) { shortest = middle } else { least = middle + 1 }
    }
    let mut explained = one::<H>(report.seed, &Config { purchases: shortest, ..*config }, true);
    // The counts and the trace stay those of the run asked for.
    let mut report = report;
    if let Some(shorter) = explained.failure.take() {
        report.failure = Some(Failure { prefix: Some(shortest), ..shorter });
    }
    report
}
