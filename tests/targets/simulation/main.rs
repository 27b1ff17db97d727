//! The simulation over the memory store: T02 to T04, the smaller figures. The full ones: `sarai simulate`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod states;

use std::{fmt::Write as _, fs, path::Path, sync::Arc};

use sarai_memory::MemoryStore;
use sarai_testkit::{
    Harness, SuiteClock, SuitePorts,
    simulate::{Config, FAULTS, FaultMode, Report, replay, simulate},
};

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

/// Fails with everything needed to see it again.
fn assert_sound(report: &Report) {
    let mut text = String::new();
    for seed in report.failures() {
        let failure = seed.failure.as_ref().unwrap();
        let _ = writeln!(text, "SEED={} {:?} after {} turns", seed.seed, failure.breach, failure.turn);
        for line in failure.log.iter().rev().take(12).rev() {
            let _ = writeln!(text, "  {line}");
        }
    }
    assert!(text.is_empty(), "{text}");
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn t02_t03_a_market_in_bad_weather_breaks_no_rule_and_comes_to_rest() {
    let config = Config {
        first_seed: number("SARAI_SIM_FIRST", 1),
        seeds: number("SARAI_SIM_SEEDS", 12),
        purchases: number("SARAI_SIM_PURCHASES", 60),
        ..Config::default()
    };
    let report = simulate::<Memory>(&config, &|_| {});
    assert_sound(&report);
    let struck = report.faults();
    let idle: Vec<_> = struck.iter().filter(|(_, count)| *count == 0).collect();
    assert!(idle.is_empty(), "these faults never struck: {idle:?}");
    assert!(report.statuses()["fulfilled"] > 0 && report.statuses()["failed"] > 0);
}

#[test]
fn a_market_in_calm_weather_sells_everything() {
    let config = Config { first_seed: 900, seeds: 2, purchases: 60, faults: FaultMode::None, threads: None };
    let report = simulate::<Memory>(&config, &|_| {});
    assert_sound(&report);
    assert_eq!(report.total(|seed| seed.faults.iter().sum()), 0);
    assert!(report.statuses()["fulfilled"] >= 60, "{:?}", report.statuses());
}

#[test]
fn t04_a_seed_repeats_exactly() {
    let config = Config { purchases: 40, ..Config::default() };
    for seed in 1..=3 {
        let (first, second) = (replay::<Memory>(seed, &config), replay::<Memory>(seed, &config));
        assert_eq!(first.trace, second.trace, "SEED={seed}");
        assert_eq!((first.events, first.turns, first.faults), (second.events, second.turns, second.faults));
    }
    assert_ne!(replay::<Memory>(1, &config).trace, replay::<Memory>(2, &config).trace);
}

/// Seeds that once failed run first, for ever.
#[test]
fn seeds_that_once_failed_hold() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions/seeds.txt");
    for line in fs::read_to_string(path).unwrap().lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace().map(|word| word.parse().unwrap());
        let (first_seed, purchases) = (words.next().unwrap(), words.next().unwrap());
        let config = Config { first_seed, seeds: 1, purchases, ..Config::default() };
        assert_sound(&simulate::<Memory>(&config, &|_| {}));
    }
}

#[test]
fn every_fault_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<_> = FAULTS.iter().map(|(_, name, _)| name).collect();
    assert_eq!(names.len(), FAULTS.len());
}
