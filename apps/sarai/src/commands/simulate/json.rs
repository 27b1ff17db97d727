//! A simulation as JSON: what was counted, seed by seed.

use sarai_testkit::simulate::SeedReport;
use serde_json::{Map, Value, json};

use super::{
    Outcome,
    numbers::{fault_mode, millis},
};

/// Everything counted.
pub(super) fn document(outcome: &Outcome) -> Value {
    let (config, report) = (&outcome.config, &outcome.report);
    let percentiles = outcome.percentiles().into_iter();
    json!({
        "parameters": {
            "seeds": config.seeds,
            "firstSeed": config.first_seed,
            "purchases": config.purchases,
            "faults": fault_mode(config.faults),
        },
        "sound": report.failures().next().is_none(),
        "interrupted": outcome.interrupted,
        "wallMs": millis(report.wall),
        "totals": {
            "seeds": report.seeds.len(),
            "purchases": report.total(|seed| seed.purchases),
            "orders": report.total(|seed| seed.orders),
            "events": report.total(|seed| seed.events),
            "commits": report.total(|seed| seed.commits),
            "turns": report.total(|seed| seed.turns),
            "virtualSeconds": report.seeds.iter().map(|seed| seed.virtual_seconds).sum::<i64>(),
        },
        "orders": object(report.statuses()),
        "faults": object(report.faults()),
        "rules": object(report.checked()),
        "latencyMs": percentiles.map(|(percent, value)| (format!("p{percent}"), value.into())).collect::<Map<_, _>>(),
        "seeds": report.seeds.iter().map(|seed| one(outcome, seed)).collect::<Vec<_>>(),
    })
}

fn object(rows: impl IntoIterator<Item = (&'static str, u64)>) -> Value {
    rows.into_iter().map(|(name, count)| (name.to_owned(), count.into())).collect::<Map<_, _>>().into()
}

fn one(outcome: &Outcome, seed: &SeedReport) -> Value {
    let log = outcome.logs.iter().find(|(of, _)| *of == seed.seed).map(|(_, path)| path);
    json!({
        "seed": seed.seed,
        "trace": seed.trace,
        "purchases": seed.purchases,
        "orders": seed.orders,
        "events": seed.events,
        "commits": seed.commits,
        "turns": seed.turns,
        "virtualSeconds": seed.virtual_seconds,
        "wallMs": millis(seed.wall),
        "failure": seed.failure.as_ref().map(|failure| json!({
            "rule": failure.breach.rule,
            "subject": failure.breach.subject,
            "detail": failure.breach.detail,
            "turn": failure.turn,
            "at": failure.at.to_string(),
            "prefix": failure.prefix,
            "again": outcome.command(seed),
            "events": log,
        })),
    })
}

#[cfg(test)]
mod tests {
    use super::{super::samples, *};

    #[test]
    fn a_failure_is_there_with_the_way_to_see_it_again() {
        let document = document(&samples::failing());
        assert_eq!(document["sound"], false);
        assert_eq!(document["seeds"][0]["failure"], Value::Null);
        let failure = &document["seeds"][1]["failure"];
        assert_eq!((&failure["rule"], &failure["prefix"]), (&json!("O-INV-3"), &json!(17)));
        assert_eq!(failure["events"], "out/simulation-seed-2.jsonl");
        assert_eq!(document["latencyMs"]["p50"], 1_500);
    }
}
