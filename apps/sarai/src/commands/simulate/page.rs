//! The page of `--report`: one file of HTML, charts in it, nothing fetched and no script.

use std::{collections::BTreeSet, fmt::Write as _, time::Duration};

use sarai_testkit::simulate::{Failure as Broken, SeedReport};

use super::{
    Failure, Outcome, charts,
    charts::{Axis, Ink},
    numbers::{count, grouped, millis, per_second, span},
    text::{last_lines, percentile},
};

/// The states of a saga, in the order in which a simulation counts them.
const STATES: [&str; 7] =
    ["started", "awaiting payment", "licensing", "enrolling", "fulfilled", "compensating", "failed"];
/// Points of a line, at most.
const POINTS: usize = 48;
/// Columns of the stacked areas, at most.
const COLUMNS: u64 = 320;
/// From one tick of virtual time to the next.
const TICK: usize = 10_000;
/// Virtual seconds with a word below them.
#[rustfmt::skip]
const TICKS: &[(u64, &str)] = &[
    (0, "0"), (60, "1 min"), (600, "10 min"), (3_600, "1 h"), (6 * 3_600, "6 h"), (86_400, "1 d"), (604_800, "7 d"),
    (30 * 86_400, "30 d"), (120 * 86_400, "120 d"), (480 * 86_400, "480 d"),
];

const STYLE: &str = include_str!("page.css");

/// The page.
pub(super) fn html(outcome: &Outcome) -> Result<String, Failure> {
    let report = &outcome.report;
    let sound = report.failures().next().is_none();
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Simulation: {verdict}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n\
         <p class=\"name\">Sarai simulation</p>\n<h1 class=\"{class}\">{verdict}</h1>\n<p class=\"lead\">{sentence}</p>\n\
         <dl class=\"parameters\">{parameters}</dl>\n<dl class=\"totals\">{totals}</dl>\n</header>\n<main>\n",
        verdict = outcome.verdict(),
        class = if sound { "sound" } else { "broken" },
        sentence = outcome.sentence(),
        parameters = pairs(&outcome.parameters()),
        totals = pairs(&outcome.totals()),
    );
    for seed in report.failures() {
        if let Some(failure) = &seed.failure {
            page.push_str(&failed(outcome, seed, failure));
        }
    }
    let sections = [throughput, outcomes, states, latency, faults, rules];
    for section in sections {
        page.push_str(&section(outcome)?);
    }
    page.push_str("</main>\n</body>\n</html>\n");
    Ok(page)
}

fn throughput(outcome: &Outcome) -> Result<String, Failure> {
    let slots = slots(&outcome.ended);
    let line = charts::line(
        "Purchases per second",
        "Purchases of the seeds that ended, per second of real time.",
        &slots,
        &real_time(slots.last().map_or(1, |(last, _)| *last)),
    )?;
    let rates = || slots.iter().map(|(_, rate)| *rate);
    let purchases = outcome.report.total(|seed| seed.purchases);
    let rows = [
        ["whole run".to_owned(), grouped(per_second(purchases, outcome.report.wall))],
        ["fastest slot".to_owned(), grouped(rates().max().unwrap_or_default())],
        ["slowest slot".to_owned(), grouped(rates().min().unwrap_or_default())],
    ];
    let about = "Real time, counted when a seed ends.";
    Ok(section("Throughput", about, &line, &table(&["", "purchases/s"], &rows)))
}

/// An axis of real milliseconds with a few round ticks.
fn real_time(last: u64) -> Axis {
    const STEPS: [u64; 16] = [
        100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000,
        1_200_000, 1_800_000, 3_600_000,
    ];
    let step = STEPS.into_iter().find(|step| last / step <= 6).unwrap_or(last / 6);
    let ticks = (0..=last / step).map(|place| (place * step, span(place * step))).collect();
    Axis { last, ticks }
}

/// The run in equal slots of time, each with the purchases per second of the seeds that ended in it.
fn slots(ended: &[(Duration, u64)]) -> Vec<(u64, u64)> {
    let last = ended.iter().map(|(at, _)| millis(*at)).max().unwrap_or_default().max(1);
    let many = (ended.len() / 4).clamp(1, POINTS) as u64;
    let purchases = |from: u64, to: u64| {
        let within = ended.iter().filter(|(at, _)| (from < millis(*at) || from == 0) && millis(*at) <= to);
        within.map(|(_, purchases)| *purchases).sum::<u64>()
    };
    let mut points = Vec::new();
    for slot in 0..many {
        let (from, to) = (last * slot / many, last * (slot + 1) / many);
        let rate = per_second(purchases(from, to), Duration::from_millis(to - from));
        if slot == 0 {
            points.push((0, rate));
        }
        points.push((to, rate));
    }
    points
}

fn outcomes(outcome: &Outcome) -> Result<String, Failure> {
    let statuses: Vec<_> = outcome.report.statuses().into_iter().collect();
    let bars = charts::bars("Orders by outcome", "Orders by their last status.", &statuses)?;
    let about = "Orders by their last status, once everything had come to rest.";
    Ok(section("Outcomes", about, &bars, &table(&["status", "orders", "share"], &shares(&statuses))))
}

fn states(outcome: &Outcome) -> Result<String, Failure> {
    let first = outcome.report.seeds.iter().find(|seed| !seed.states.is_empty());
    let states = first.map(|seed| seed.states.as_slice()).unwrap_or_default();
    let last = states.last().map_or(0, |(at, _)| place(*at));
    let mut samples: Vec<(u64, [u64; 7])> = Vec::new();
    for (at, counts) in states {
        let sample = (place(*at), counts.map(u64::from));
        if samples.last().is_none_or(|(before, _)| sample.0 >= before + last / COLUMNS || sample.0 == last) {
            samples.push(sample);
        }
    }
    let ticks = (0..).step_by(TICK).zip(TICKS).take_while(|(at, _)| *at <= last);
    let ticks = ticks.map(|(at, (_, name))| (at, (*name).to_owned())).collect();
    let bands = charts::bands(
        "Purchases by state",
        "Purchases in each state of their saga over virtual time, stacked.",
        &samples,
        &Axis { last, ticks },
    )?;
    let rows: Vec<[String; 3]> = (0..7_u8)
        .zip(STATES)
        .map(|(place, name)| {
            let counts = || states.iter().map(|(_, counts)| u64::from(counts[usize::from(place)]));
            let swatch = format!("<i style=\"background:{}\"></i>{name}", Ink::State(place).variable());
            [
                swatch,
                grouped(counts().max().unwrap_or_default()),
                grouped(counts().next_back().unwrap_or_default()),
            ]
        })
        .collect();
    let seed = first.map_or_else(|| "no seed".to_owned(), |seed| format!("seed {}", seed.seed));
    let about = format!(
        "Every purchase of {seed}, by the state of its saga, over virtual time. The axis is not linear."
    );
    Ok(section("Purchases under way", &about, &bands, &table(&["state", "at most", "at the end"], &rows)))
}

/// Where a virtual second stands on an axis on which all of [`TICKS`] are equally far apart.
fn place(second: i64) -> u64 {
    let second = u64::try_from(second).unwrap_or_default();
    let spans = TICKS.iter().zip(TICKS.iter().skip(1)).zip((0..).step_by(TICK));
    for (((from, _), (to, _)), at) in spans {
        if second < *to {
            return at + (second - from) * TICK as u64 / (to - from);
        }
    }
    (TICKS.len() - 1) as u64 * TICK as u64
}

fn latency(outcome: &Outcome) -> Result<String, Failure> {
    let about = "Orders by the virtual time from placed to fulfilled; a bin ends where its bound stands.";
    let bins = charts::bins("From placed to fulfilled", about, &outcome.latency_bins())?;
    let rows: Vec<[String; 2]> =
        outcome.percentiles().into_iter().map(|row| percentile(row).into()).collect();
    Ok(section("From placed to fulfilled", about, &bins, &table(&["of the orders", "within"], &rows)))
}

fn faults(outcome: &Outcome) -> Result<String, Failure> {
    let faults = outcome.report.faults();
    let bars = charts::bars("Faults by kind", "How often each kind of fault struck.", &faults)?;
    let about = "How often each kind struck. Every seed must come through all that its mix brings.";
    Ok(section("Faults", about, &bars, &table(&["fault", "struck", "share"], &shares(&faults))))
}

fn rules(outcome: &Outcome) -> Result<String, Failure> {
    let checked = outcome.report.checked();
    let bars = charts::bars("Rules checked", "How often each rule was checked.", &checked)?;
    let broken = |rule: &str| {
        let failures = outcome.report.failures().filter_map(|seed| seed.failure.as_ref());
        failures.filter(|failure| failure.breach.rule == rule).count() as u64
    };
    let row = |(rule, checks): &(&str, u64)| [escaped(rule), grouped(*checks), grouped(broken(rule))];
    let mut rows: Vec<[String; 3]> = checked.iter().map(row).collect();
    // What holds of a whole run is of no one commit.
    let failures = outcome.report.failures().filter_map(|seed| seed.failure.as_ref());
    let others: BTreeSet<&str> = failures.map(|failure| failure.breach.rule.as_str()).collect();
    let others = others.into_iter().filter(|rule| checked.iter().all(|(known, _)| known != rule));
    rows.extend(others.map(|rule| [escaped(rule), "-".to_owned(), grouped(broken(rule))]));
    let about = "Of what a commit has written, right after it, and against what was there before.";
    Ok(section("Rules", about, &bars, &table(&["rule", "checked", "broken"], &rows)))
}

fn failed(outcome: &Outcome, seed: &SeedReport, failure: &Broken) -> String {
    let (about, lines) = last_lines(failure);
    let prefix =
        failure.prefix.map_or_else(|| "not looked for".to_owned(), |prefix| count(prefix, "purchase"));
    let facts = [
        ("subject", failure.breach.subject.clone()),
        ("found", format!("after turn {}, at {} virtual time", grouped(failure.turn), failure.at)),
        ("shortest failing prefix", prefix),
    ];
    format!(
        "<section class=\"failure\">\n<h2>Seed {}: {}</h2>\n<p>{}</p>\n<dl>{}</dl>\n<p>See it again:</p>\n\
         <pre><code>{}</code></pre>\n<details open>\n<summary>The last commits {about}</summary>\n\
         <pre><code>{}</code></pre>\n</details>\n</section>\n",
        seed.seed,
        escaped(&failure.breach.rule),
        escaped(&failure.breach.detail),
        pairs(&facts),
        escaped(&outcome.command(seed)),
        escaped(&lines.join("\n")),
    )
}

fn section(title: &str, about: &str, chart: &str, table: &str) -> String {
    format!(
        "<section>\n<h2>{title}</h2>\n<p>{about}</p>\n<div class=\"pair\">\n\
         <div class=\"chart\" tabindex=\"0\">\n{chart}</div>\n{table}</div>\n</section>\n"
    )
}

/// Counts with their share of all.
fn shares(rows: &[(&str, u64)]) -> Vec<[String; 3]> {
    let all = rows.iter().map(|(_, count)| *count).sum::<u64>().max(1);
    let share = |count: u64| {
        let tenths = count.saturating_mul(1_000) / all;
        format!("{}.{} %", tenths / 10, tenths % 10)
    };
    rows.iter().map(|(name, count)| [escaped(name), grouped(*count), share(*count)]).collect()
}

fn pairs(rows: &[(&str, String)]) -> String {
    let pair = |(name, value): &(&str, String)| {
        format!("<div><dt>{}</dt><dd>{}</dd></div>", escaped(name), escaped(value))
    };
    rows.iter().map(pair).collect()
}

/// The first column names its row; cells are HTML.
fn table(heads: &[&str], rows: &[impl AsRef<[String]>]) -> String {
    let mut text = "<table>\n<thead><tr>".to_owned();
    for head in heads {
        let _ = write!(text, "<th scope=\"col\">{head}</th>");
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        text.push_str("<tr>");
        for (place, cell) in row.as_ref().iter().enumerate() {
            let _ = match place {
                0 => write!(text, "<th scope=\"row\">{cell}</th>"),
                _ => write!(text, "<td>{cell}</td>"),
            };
        }
        text.push_str("</tr>\n");
    }
    text.push_str("</tbody>\n</table>\n");
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{super::samples, *};

    #[test]
    fn the_page_shows_a_failure_without_letting_its_words_be_markup() {
        let page = html(&samples::failing()).unwrap();
        for part in [
            "<h1 class=\"broken\">FAILED</h1>",
            "<h2>Seed 2: O-INV-3</h2>\n<p>paid twice &lt;b&gt;</p>",
            "<dt>shortest failing prefix</dt><dd>17 purchases</dd>",
            "sarai simulate --seeds 1 --first-seed 2 --purchases 17 --faults swarm",
            "turn 3  order ord_7  version 1  placed",
            "<tr><th scope=\"row\">O-INV-3</th><td>5,000</td><td>1</td></tr>",
        ] {
            assert!(page.contains(part), "{part} is not in {page}");
        }
        let mut other = samples::failing();
        other.report.seeds[1].failure.as_mut().unwrap().breach.rule = "liveness".to_owned();
        assert!(html(&other).unwrap().contains("<th scope=\"row\">liveness</th><td>-</td><td>1</td>"));
        assert!(!html(&samples::sound()).unwrap().contains("class=\"failure\""));
    }

    #[test]
    fn every_seed_that_ended_is_in_one_slot() {
        let ended: Vec<_> = (1..=40).map(|seed| (Duration::from_millis(seed * 100), 10)).collect();
        let slots = slots(&ended);
        assert_eq!((slots.len(), slots[0].0, slots[10].0), (11, 0, 4_000));
        assert!(slots.iter().all(|(_, rate)| *rate == 100), "{slots:?}");
        assert_eq!(super::slots(&[]), [(0, 0), (1, 0)]);
    }

    #[test]
    fn time_goes_on_along_an_axis() {
        assert_eq!([0, 30, 60, 330, 3_600].map(place), [0, 5_000, 10_000, 15_000, 30_000]);
        assert_eq!(place(i64::MAX), 90_000);
        let axis = real_time(95_000);
        assert_eq!(axis.ticks.last(), Some(&(80_000, "1 min 20 s".to_owned())));
        assert!(axis.ticks.len() <= 7 && real_time(u64::MAX / 2).ticks.len() <= 8);
    }

    #[test]
    fn a_share_is_of_all() {
        let rows = shares(&[("a", 1), ("b", 2)]);
        assert_eq!((rows[0][2].as_str(), rows[1][2].as_str()), ("33.3 %", "66.6 %"));
        assert_eq!(shares(&[("a", 0)])[0][2], "0.0 %");
    }
}
