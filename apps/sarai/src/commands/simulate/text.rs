//! What a simulation says at a terminal.

use std::{fmt::Write as _, path::Path};

use sarai_testkit::simulate::{Failure, SeedReport};
use serde_json::Value;

use super::{
    Outcome,
    numbers::{grouped, span},
};

/// How many of the last commits that concern a failure's subject are shown.
const SHOWN: usize = 12;
/// An id is at least this long: a prefix and 26 characters.
const ID: usize = 28;

/// Everything, failures last: they are what one looks for.
pub(super) fn summary(outcome: &Outcome, traces: bool) -> String {
    let report = &outcome.report;
    let mut out = String::new();
    if traces {
        for seed in &report.seeds {
            let _ = writeln!(out, "trace {} {}", seed.seed, seed.trace);
        }
        out.push('\n');
    }
    table(&mut out, "Simulated", &outcome.totals());
    table(&mut out, "Orders", &counts(report.statuses()));
    let latencies: Vec<_> = outcome.percentiles().into_iter().map(percentile).collect();
    table(&mut out, "From placed to fulfilled, virtual time", &latencies);
    table(&mut out, "Faults", &counts(report.faults()));
    table(&mut out, "Rules, and how often each was checked", &counts(report.checked()));
    let _ = writeln!(out, "{}: {}", outcome.verdict(), outcome.sentence());
    for seed in report.failures() {
        if let Some(failure) = &seed.failure {
            out.push_str(&failed(outcome, seed, failure));
        }
    }
    out
}

/// A percentile as a row.
pub(super) fn percentile((percent, millis): (u64, u64)) -> (String, String) {
    let name = if percent == 100 { "slowest".to_owned() } else { format!("{percent} %") };
    (name, span(millis))
}

fn counts(rows: impl IntoIterator<Item = (&'static str, u64)>) -> Vec<(&'static str, String)> {
    rows.into_iter().map(|(name, count)| (name, grouped(count))).collect()
}

fn table(out: &mut String, title: &str, rows: &[(impl AsRef<str>, String)]) {
    let names = rows.iter().map(|(name, _)| name.as_ref().chars().count()).max().unwrap_or_default();
    let values = rows.iter().map(|(_, value)| value.chars().count()).max().unwrap_or_default();
    let _ = writeln!(out, "{title}");
    for (name, value) in rows {
        let _ = writeln!(out, "  {:<names$}  {value:>values$}", name.as_ref());
    }
    if rows.is_empty() {
        out.push_str("  none\n");
    }
    out.push('\n');
}

fn failed(outcome: &Outcome, seed: &SeedReport, failure: &Failure) -> String {
    let breach = &failure.breach;
    let prefix = failure
        .prefix
        .map(|prefix| format!("{} of {} purchases", grouped(prefix), grouped(outcome.config.purchases)));
    let log = outcome.logs.iter().find(|(of, _)| *of == seed.seed);
    let log = log.map(|(_, path)| Path::display(path).to_string());
    let mut out = format!("\nSEED={}\n", seed.seed);
    for (name, value) in [
        ("rule", Some(breach.rule.clone())),
        ("subject", Some(breach.subject.clone())),
        ("wrong", Some(breach.detail.clone())),
        ("found", Some(format!("after turn {}, at {} virtual time", grouped(failure.turn), failure.at))),
        ("shortest", prefix),
        ("again", Some(outcome.command(seed))),
        ("events", log),
    ] {
        if let Some(value) = value {
            let _ = writeln!(out, "  {name:<9} {value}");
        }
    }
    let (about, lines) = last_lines(failure);
    let _ = writeln!(out, "  the last commits {about}:");
    for line in lines {
        let _ = writeln!(out, "    {line}");
    }
    out
}

/// The last commits that name the failure's subject, or else an id in what is wrong, or else the last of all.
pub(super) fn last_lines(failure: &Failure) -> (&'static str, Vec<String>) {
    let naming = |names: &[&str]| -> Vec<&String> {
        failure.log.iter().filter(|line| names.iter().any(|name| line.contains(name))).collect()
    };
    let words = failure.breach.detail.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let ids: Vec<&str> = words.filter(|word| word.len() >= ID && word.contains('_')).collect();
    let (mut named, mut about) = (naming(&[&failure.breach.subject]), "that name it");
    if named.is_empty() {
        (named, about) = (naming(&ids), "that name what is wrong");
    }
    if named.is_empty() {
        (named, about) = (failure.log.iter().collect(), "of all (none names it)");
    }
    let first = named.len().saturating_sub(SHOWN);
    (about, named.drain(first..).map(|line| commit(line)).collect())
}

/// A commit of the log in short: turn, aggregate, id, version, event types. A line of another form as it is.
fn commit(line: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(line) else { return line.to_owned() };
    let (head, events) = (&value[0], &value[1]);
    let (Some(turn), Some(aggregate), Some(id)) = (head[0].as_u64(), head[2].as_str(), head[3].as_str())
    else {
        return line.to_owned();
    };
    let types = events.as_array().into_iter().flatten().filter_map(|event| event["event"].as_str());
    let mut types = types.collect::<Vec<_>>().join(", ");
    if types.is_empty() {
        "no event".clone_into(&mut types);
    }
    let version = &head[4];
    format!("turn {turn}  {aggregate} {id}  version {version}  {types}")
}

#[cfg(test)]
mod tests {
    use super::{super::samples, *};

    #[test]
    fn a_sound_run_says_what_was_simulated() {
        let text = summary(&samples::sound(), true);
        assert!(text.starts_with("trace 1 0101\ntrace 2 0202\n\nSimulated\n"), "{text}");
        let said =
            "SOUND: Every rule held after every commit of 2 seeds, and every purchase came to an end.\n";
        assert!(text.ends_with(said), "{text}");
        let row = |name: &str| {
            let line = text.lines().find(|line| line.trim_start().starts_with(name));
            line.and_then(|line| line.split_whitespace().next_back()).unwrap_or("no such row").to_owned()
        };
        assert_eq!(row("purchases "), "2,000");
        assert_eq!(row("purchases/s"), "1,000");
        assert_eq!(row("fulfilled"), "1,400");
        assert_eq!(row("delivery duplicated"), "42");
        assert_eq!(row("O-INV-1"), "5,000");
        assert!(!summary(&samples::sound(), false).contains("trace"));
    }

    #[test]
    fn a_failing_seed_is_shown_with_everything_needed_to_see_it_again() {
        let text = summary(&samples::failing(), false);
        let (_, said) = text.split_once("FAILED: ").unwrap();
        let expected = "\
A rule did not hold in 1 of 2 seeds.

SEED=2
  rule      O-INV-3
  subject   ord_7
  wrong     paid twice <b>
  found     after turn 4,711, at 2026-04-20T09:30:00Z virtual time
  shortest  17 of 1,000 purchases
  again     sarai simulate --seeds 1 --first-seed 2 --purchases 17 --faults swarm
  events    out/simulation-seed-2.jsonl
  the last commits that name it:
    turn 3  order ord_7  version 1  placed
    turn 9  order ord_7  version 2  no event
";
        assert_eq!(said, expected);
    }

    #[test]
    fn the_last_commits_of_all_stand_in_when_none_names_the_subject() {
        let mut outcome = samples::failing();
        let failure = outcome.report.seeds[1].failure.as_mut().unwrap();
        failure.breach.subject = "ord_8".to_owned();
        failure.log.push("no JSON".to_owned());
        let (about, lines) = last_lines(failure);
        assert_eq!((about, lines.len()), ("of all (none names it)", 4));
        assert_eq!(lines[3], "no JSON");
        failure.breach.detail = "failing: (\"x\", \"ord_01JR00000000000000000000MA\")".to_owned();
        failure.log.push("of ord_01JR00000000000000000000MA".to_owned());
        assert_eq!(last_lines(failure).1, ["of ord_01JR00000000000000000000MA"]);
        failure.log = (0..40).map(|number| number.to_string()).collect();
        assert_eq!(last_lines(failure).1[0], "28");
    }
}
