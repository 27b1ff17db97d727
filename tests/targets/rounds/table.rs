//! The counts, rendered into `fixtures/golden/round_trips.md` and ARCHITECTURE.md.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use sarai_fixtures::golden::{self, Mode, check_file, with_section};

use crate::{
    counter::{Called, Cost},
    flow::{Step, steps},
};

const BEGIN: &str = "<!-- rounds:begin -->";
const END: &str = "<!-- rounds:end -->";

fn count(calls: &[Called], cost: Cost) -> usize {
    calls.iter().filter(|call| call.cost == cost).count()
}

/// One row a step.
fn rows(steps: &[Step]) -> String {
    let mut rows =
        "| what somebody does | reads | transactions | other writes | calls |\n|---|---|---|---|---|\n"
            .to_owned();
    for Step { name, calls } in steps {
        let [reads, transactions, writes] =
            [Cost::Read, Cost::Transaction, Cost::Write].map(|cost| count(calls, cost));
        writeln!(rows, "| {name} | {reads} | {transactions} | {writes} | {} |", calls.len()).unwrap();
    }
    rows
}

/// The calls of each step by name.
fn details(steps: &[Step]) -> String {
    let mut details = String::new();
    for Step { name, calls } in steps {
        let mut by_name: BTreeMap<(Cost, &str), usize> = BTreeMap::new();
        for call in calls {
            *by_name.entry((call.cost, &call.name)).or_default() += 1;
        }
        let listed: Vec<_> = by_name.iter().map(|((_, call), times)| format!("{times} {call}")).collect();
        writeln!(details, "- {name}: {}", listed.join(", ")).unwrap();
    }
    details
}

#[tokio::test]
async fn golden_round_trips_are_current_and_none_rose() {
    let steps = steps().await;
    let (rows, details) = (rows(&steps), details(&steps));
    let file = format!(
        "# Round trips\n\nCalls of the store a request leads to, with everything it sets off. Rendered by the test \
         target `rounds`: `cargo xtask golden` rewrites this file.\n\n{rows}\n## Calls\n\n{details}"
    );
    golden::check("round_trips.md", &file).expect("fixtures/golden/round_trips.md is current");

    let architecture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ARCHITECTURE.md");
    let document = fs::read_to_string(&architecture).expect("ARCHITECTURE.md is readable");
    let current = with_section(&document, BEGIN, END, &rows).expect("ARCHITECTURE.md has the markers");
    check_file(&architecture, &current, Mode::from_env()).expect("ARCHITECTURE.md is current");
}
