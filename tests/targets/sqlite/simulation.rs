//! The simulation over files: the seeds of the memory store's, fewer of them. `cargo xtask soak sqlite` runs more.
//!
//! The executor waits wherever the database does, so that at most one statement is under way and a seed decides here
//! as much as it does over memory.

use std::sync::Arc;

use sarai_testkit::{
    Harness, SuiteClock, SuitePorts,
    seed::setting,
    simulate::{Config, SeedReport, replay},
};
use tokio::runtime::{Builder, Runtime};

use crate::harness::{Folder, ports_in};

/// Files that no power cut has to leave whole.
struct Quick;

impl Harness for Quick {
    async fn fresh() -> SuitePorts {
        ports_in(Folder::quick(), Arc::<SuiteClock>::default()).await
    }
}

/// What waits for files and pauses.
fn outside() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn run(seed: u64, config: &Config) -> SeedReport {
    let report = replay::<Quick>(seed, config);
    if let Some(failure) = &report.failure {
        panic!("SEED={seed} {:?} after {} turns:\n{}", failure.breach, failure.turn, failure.log.join("\n"));
    }
    report
}

#[test]
fn t02_t03_over_files_a_market_in_bad_weather_breaks_no_rule_and_comes_to_rest() {
    let outside = outside();
    let _entered = outside.enter();
    let config = Config { purchases: setting("SARAI_SIM_PURCHASES", 20).into(), ..Config::default() };
    let mut fulfilled = 0;
    for seed in 1..=setting("SARAI_SIM_SQLITE_SEEDS", 3) {
        fulfilled += run(seed.into(), &config).statuses["fulfilled"];
    }
    assert!(fulfilled > 0);
}

#[test]
fn t04_over_files_a_seed_repeats_exactly() {
    let outside = outside();
    let _entered = outside.enter();
    let config = Config { purchases: 8, ..Config::default() };
    let (first, second) = (run(1, &config), run(1, &config));
    assert_eq!(first.trace, second.trace);
    assert_eq!((first.events, first.turns, first.faults), (second.events, second.turns, second.faults));
}
