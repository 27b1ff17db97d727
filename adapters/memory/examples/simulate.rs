//! The simulation over an adapter: what a harness has to give, and how a run is read.
//!
//! ```text
//! cargo run --release -p sarai-memory --example simulate -- FIRST_SEED SEEDS PURCHASES
//! ```
//!
//! Prints `SOUND`, or a line `BREACH seed rule subject detail` for each seed that failed.

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::{process::ExitCode, sync::Arc};

use sarai_memory::MemoryStore;
use sarai_testkit::{
    Harness, SuiteClock, SuitePorts,
    simulate::{Config, simulate},
};

/// An adapter's harness: fresh ports over an empty store, and how another process over it starts.
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

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map_while(|word| word.parse().ok());
    let mut next = |otherwise| numbers.next().unwrap_or(otherwise);
    let config = Config { first_seed: next(1), seeds: next(10), purchases: next(50), ..Config::default() };
    let report = simulate::<Memory>(&config, &|_| {});
    for seed in report.failures() {
        if let Some(failure) = &seed.failure {
            let breach = &failure.breach;
            println!("BREACH {} {} | {} | {}", seed.seed, breach.rule, breach.subject, breach.detail);
        }
    }
    if report.failures().next().is_some() {
        return ExitCode::FAILURE;
    }
    println!("SOUND {:?}", report.statuses());
    ExitCode::SUCCESS
}
