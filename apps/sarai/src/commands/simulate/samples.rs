//! Simulations that never ran, for the tests of what is said about one.

use std::{collections::BTreeMap, time::Duration};

use sarai_testkit::simulate::{Breach, Config, FAULTS, Failure, Report, SeedReport};

use super::Outcome;

fn seed(seed: u64) -> SeedReport {
    let mut faults = vec![0; FAULTS.len()];
    faults[0] = 21;
    SeedReport {
        seed,
        purchases: 1_000,
        orders: 900,
        statuses: BTreeMap::from([("failed", 200), ("fulfilled", 700)]),
        events: 9_000,
        commits: 5_000,
        checked: BTreeMap::from([("order", 2_500), ("saga", 2_500)]),
        turns: 40_000,
        virtual_seconds: 86_400,
        faults,
        trace: format!("{seed:02}").repeat(2),
        latencies_ms: vec![800, 1_500, 4_000_000],
        states: vec![(0, [4, 0, 0, 0, 0, 0, 0]), (60, [0, 3, 1, 0, 0, 0, 0]), (7_200, [0, 0, 0, 0, 3, 0, 1])],
        wall: Duration::from_secs(1),
        failure: None,
    }
}

/// Two seeds in which every rule held.
pub(super) fn sound() -> Outcome {
    Outcome {
        config: Config { seeds: 2, purchases: 1_000, ..Config::default() },
        report: Report { seeds: vec![seed(1), seed(2)], wall: Duration::from_secs(2) },
        ended: vec![(Duration::from_secs(1), 1_000), (Duration::from_secs(2), 1_000)],
        interrupted: false,
        logs: Vec::new(),
    }
}

/// Two seeds, the second of which paid an order twice.
pub(super) fn failing() -> Outcome {
    let mut outcome = sound();
    let detail = "paid twice <b>".to_owned();
    outcome.report.seeds[1].failure = Some(Failure {
        breach: Breach { rule: "O-INV-3".to_owned(), subject: "ord_7".to_owned(), detail },
        turn: 4_711,
        at: "2026-04-20T09:30:00Z".parse().unwrap(),
        log: vec![
            r#"[[3,5,"order","ord_7",1,null,null],[{"aggregate":"order","event":"placed"}]]"#.to_owned(),
            r#"[[4,6,"order","ord_9",1,null,null],[]]"#.to_owned(),
            r#"[[9,7,"order","ord_7",2,null,null],[]]"#.to_owned(),
        ],
        prefix: Some(17),
    });
    outcome.logs.push((2, "out/simulation-seed-2.jsonl".into()));
    outcome
}
