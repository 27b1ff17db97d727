//! What takes too long for every change: the same tests with their long bounds, which `SARAI_SOAK` switches on.

use std::{io, process::ExitCode};

use crate::{cargo, exit};

/// A part: its name, what it shows, and the tests it runs in release.
struct Part {
    name: &'static str,
    shows: &'static str,
    package: &'static str,
    target: &'static str,
    filter: &'static str,
    /// What it says in the environment beside `SARAI_SOAK`.
    figures: &'static [(&'static str, &'static str)],
}

const PARTS: &[Part] = &[
    Part {
        name: "model",
        shows: "T06 whole, T07: 5 x 10^6 states of two purchases",
        package: "sarai-testkit",
        target: "model",
        filter: "",
        figures: &[],
    },
    Part {
        name: "schedules",
        shows: "T12: 10^5 schedules each of coupon and seat",
        package: "sarai-testkit",
        target: "memory",
        filter: "schedules::",
        figures: &[],
    },
    Part {
        name: "races",
        shows: "T20 to T30 over Postgres, fifty times as often; 300 connections cut",
        package: "sarai-postgres",
        target: "races",
        filter: "",
        figures: &[("SARAI_RUNS", "50"), ("SARAI_UPDATES", "200"), ("SARAI_CUTS", "300")],
    },
    Part {
        name: "plans",
        shows: "T39: the plan of every statement over 10^6 rows of each table",
        package: "sarai-postgres",
        target: "postgres",
        filter: "plans::",
        figures: &[("SARAI_PLAN_ROWS", "1000000")],
    },
    Part {
        name: "sqlite",
        shows: "T02 and T03 over SQLite files: 100 seeds of 60 purchases",
        package: "sarai-testkit",
        target: "sqlite",
        filter: "simulation::",
        figures: &[("SARAI_SIM_SQLITE_SEEDS", "100"), ("SARAI_SIM_PURCHASES", "60")],
    },
    Part {
        name: "messages",
        shows: "T46: 10^5 messages in and 10^5 out, twice, in disorder, refused in storms, their acknowledgements lost",
        package: "sarai-testkit",
        target: "broker",
        filter: "storm::",
        figures: &[("MESSAGES", "100000")],
    },
    Part {
        name: "proofs",
        shows: "T31: 10^6 comparisons of hashes",
        package: "sarai-testkit",
        target: "house",
        filter: "takes_the_same_time",
        figures: &[("SARAI_TIMING", "1000000")],
    },
    Part {
        name: "proofs",
        shows: "T64: 10^6 texts that are no keys",
        package: "sarai-standins",
        target: "contract",
        filter: "canary::",
        figures: &[("SARAI_KEYS", "250000")],
    },
    Part {
        name: "proofs",
        shows: "T72: 10^4 pairs of what is there and what is not",
        package: "sarai",
        target: "proofs",
        filter: "enumeration::",
        figures: &[("SARAI_PAIRS", "10000")],
    },
    Part {
        name: "crashes",
        shows: "T40, T47, T51, T54: kills at any time, stops, a full disk, migrators",
        package: "sarai",
        target: "crashes",
        filter: "",
        figures: &[],
    },
    Part {
        name: "crashes",
        shows: "T40 to T54: kills at named places, database, broker and log that fail, several servers",
        package: "sarai",
        target: "outages",
        filter: "",
        figures: &[],
    },
    Part {
        name: "endurance",
        shows: "T55: half an hour of purchases while database and broker fail now and then; hours by SARAI_MINUTES",
        package: "sarai",
        target: "outages",
        filter: "endurance::",
        figures: &[],
    },
];

/// Runs one part, or all, or says which there are.
pub(crate) fn run(wanted: &[String]) -> io::Result<ExitCode> {
    let chosen: Vec<&Part> =
        PARTS.iter().filter(|part| wanted.iter().any(|name| name == part.name || name == "all")).collect();
    if chosen.is_empty() {
        println!("Usage: cargo xtask soak all | <part>...\n\nParts:");
        for part in PARTS {
            println!("  {:<10} {}", part.name, part.shows);
        }
        return Ok(if wanted.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) });
    }
    for part in chosen {
        println!("soak {}: {}", part.name, part.shows);
        let test = ["test", "--release", "--locked", "--package", part.package, "--test", part.target];
        let mut command = cargo(&test);
        command
            .args([part.filter, "--", "--nocapture"])
            .env("SARAI_SOAK", "1")
            .envs(part.figures.iter().copied());
        let outcome = exit(&mut command)?;
        if outcome != ExitCode::SUCCESS {
            return Ok(outcome);
        }
    }
    Ok(ExitCode::SUCCESS)
}
