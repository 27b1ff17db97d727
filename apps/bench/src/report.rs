//! What was measured, and what it says: ratios first, absolute figures second.

use std::{fmt::Write as _, fs, io, path::Path};

use serde_json::{Value, json};

/// One measurement of a case in a round.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// The case: `purchase`, `purchase6`.
    pub(crate) case: String,
    /// The round, from 1.
    pub(crate) round: u32,
    /// The figure.
    pub(crate) value: f64,
    /// Of what: `/s`, `ms`, `MB`.
    pub(crate) unit: &'static str,
    /// Milliseconds in the middle, and for all but one in a hundred.
    pub(crate) delays: Option<(f64, f64)>,
    /// Steps that failed.
    pub(crate) failed: u64,
    /// Cores that others used meanwhile.
    pub(crate) others: f64,
    /// Milliseconds of processor for each step: Postgres's and the server's.
    pub(crate) cpu: Option<(f64, f64)>,
}

/// What a ratio, or a figure, has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
    /// No goal: for the reader.
    Shown,
}

impl Goal {
    fn holds(self, value: f64) -> Option<bool> {
        match self {
            Self::AtLeast(bound) => Some(value >= bound),
            Self::AtMost(bound) => Some(value <= bound),
            Self::Shown => None,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtLeast(bound) => format!(">= {bound}"),
            Self::AtMost(bound) => format!("<= {bound}"),
            Self::Shown => String::new(),
        }
    }
}

/// A line of the first table.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// The part: `a`, `purchase`.
    pub(crate) part: &'static str,
    /// What it says.
    pub(crate) what: String,
    /// The cases: one over the other, round by round; or one figure.
    pub(crate) over: String,
    /// See [`Line::over`].
    pub(crate) under: Option<String>,
    /// What it has to be.
    pub(crate) goal: Goal,
    /// Whether the ratio is that of the delays (all but one in a hundred) and not of the figures.
    pub(crate) delays: bool,
}

/// Everything measured.
#[derive(Debug, Default)]
pub(crate) struct Report {
    samples: Vec<Sample>,
    lines: Vec<Line>,
    notes: Vec<String>,
}

impl Report {
    /// Adds a measurement and shows it.
    pub(crate) fn sample(&mut self, sample: Sample) {
        eprintln!("  {:>2}  {}", sample.round, described(&sample));
        self.samples.push(sample);
    }

    /// Adds a line to judge.
    pub(crate) fn line(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// Adds something the reader has to know.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        eprintln!("      {note}");
        self.notes.push(note);
    }

    /// Whether every goal is reached that was measured.
    pub(crate) fn reached(&self) -> bool {
        let judged = self.lines.iter().filter_map(|line| line.goal.holds(self.value(line)?.0));
        judged.min().unwrap_or(true)
    }

    fn of<'a>(&'a self, case: &'a str) -> impl Iterator<Item = &'a Sample> {
        self.samples.iter().filter(move |sample| sample.case == case)
    }

    /// The figures of a line: in the middle, least, most.
    fn value(&self, line: &Line) -> Option<(f64, f64, f64)> {
        let figure = |sample: &Sample| {
            if line.delays { sample.delays.map(|(_, p99)| p99) } else { Some(sample.value) }
        };
        let mut values: Vec<f64> = match &line.under {
            None => self.of(&line.over).filter_map(figure).collect(),
            Some(under) => self
                .of(&line.over)
                .filter_map(|over| {
                    let under = self.of(under).find(|under| under.round == over.round)?;
                    Some(figure(over)? / figure(under)?.max(1e-9))
                })
                .collect(),
        };
        values.sort_by(f64::total_cmp);
        Some((median(&values)?, *values.first()?, *values.last()?))
    }

    /// Both tables and the notes.
    pub(crate) fn text(&self) -> String {
        let mut text = format!(
            "\n{:<11} {:<62} {:>8}  {:<17} {:<9} verdict\n",
            "part", "ratio, or figure with a goal", "median", "[least..most]", "goal"
        );
        for line in &self.lines {
            let goal = line.goal.text();
            let _ = match self.value(line) {
                Some((middle, least, most)) => writeln!(
                    text,
                    "{:<11} {:<62} {middle:>8.3}  {:<17} {goal:<9} {}",
                    line.part,
                    line.what,
                    format!("[{least:.3}..{most:.3}]"),
                    verdict(line.goal, middle)
                ),
                None => writeln!(text, "{:<11} {:<62} {:>8}", line.part, line.what, "not measured"),
            };
        }
        let _ = writeln!(
            text,
            "\n{:<34} {:>3} {:>12} {:<5} {:>9} {:>9} {:>7} {:>7} {:>9} {:>9}",
            "case", "n", "median", "", "p50 ms", "p99 ms", "failed", "others", "pg cpu ms", "server"
        );
        for (case, of) in self.cases() {
            let values = |figure: &dyn Fn(&Sample) -> Option<f64>| {
                median(&of.iter().filter_map(|sample| figure(sample)).collect::<Vec<_>>())
            };
            let shown = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.2}"));
            let failed: u64 = of.iter().map(|sample| sample.failed).sum();
            let _ = writeln!(
                text,
                "{case:<34} {:>3} {:>12} {:<5} {:>9} {:>9} {failed:>7} {:>7} {:>9} {:>9}",
                of.len(),
                shown(values(&|sample| Some(sample.value))),
                of.first().map_or("", |sample| sample.unit),
                shown(values(&|sample| sample.delays.map(|(p50, _)| p50))),
                shown(values(&|sample| sample.delays.map(|(_, p99)| p99))),
                shown(values(&|sample| Some(sample.others))),
                shown(values(&|sample| sample.cpu.map(|(postgres, _)| postgres))),
                shown(values(&|sample| sample.cpu.map(|(_, server)| server)))
            );
        }
        for note in &self.notes {
            let _ = writeln!(text, "- {note}");
        }
        text
    }

    /// Writes `market.json` and `market.csv` into the folder.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let lines: Vec<Value> = self.lines.iter().map(|line| self.line_as_json(line)).collect();
        let samples: Vec<Value> = self.samples.iter().map(sample_as_json).collect();
        let whole = json!({ "ratios": lines, "samples": samples, "notes": self.notes });
        fs::write(folder.join("market.json"), format!("{whole:#}\n"))?;
        let mut csv =
            "case,round,value,unit,p50_ms,p99_ms,failed,others_cores,postgres_cpu_ms,server_cpu_ms\n"
                .to_owned();
        for Sample { case, round, value, unit, delays, failed, others, cpu } in &self.samples {
            let both = |pair: &Option<(f64, f64)>| {
                pair.map_or_else(|| ",".to_owned(), |(one, other)| format!("{one},{other}"))
            };
            let (delays, cpu) = (both(delays), both(cpu));
            let _ = writeln!(csv, "{case},{round},{value},{unit},{delays},{failed},{others:.3},{cpu}");
        }
        fs::write(folder.join("market.csv"), csv)
    }

    fn line_as_json(&self, line: &Line) -> Value {
        let value = self.value(line);
        json!({
            "part": line.part, "what": line.what, "over": line.over, "under": line.under, "goal": line.goal.text(),
            "median": value.map(|(middle, ..)| middle), "least": value.map(|(_, least, _)| least),
            "most": value.map(|(_, _, most)| most),
            "reached": value.and_then(|(middle, ..)| line.goal.holds(middle)),
        })
    }

    /// The cases in the order of their first measurement.
    fn cases(&self) -> Vec<(&str, Vec<&Sample>)> {
        let mut cases: Vec<(&str, Vec<&Sample>)> = Vec::new();
        for sample in &self.samples {
            match cases.iter_mut().find(|(case, _)| *case == sample.case) {
                Some((_, of)) => of.push(sample),
                None => cases.push((&sample.case, vec![sample])),
            }
        }
        cases
    }
}

fn verdict(goal: Goal, value: f64) -> &'static str {
    goal.holds(value).map_or("", |holds| if holds { "reached" } else { "MISSED" })
}

fn described(sample: &Sample) -> String {
    let Sample { case, value, unit, delays, failed, others, .. } = sample;
    let mut text = format!("{case:<34} {value:>10.1} {unit}");
    if let Some((p50, p99)) = delays {
        let _ = write!(text, "  p50 {p50:.2} ms, p99 {p99:.2} ms");
    }
    if let Some((postgres, server)) = sample.cpu {
        let _ = write!(text, "  cpu of Postgres {postgres:.2} ms, of the server {server:.2} ms");
    }
    if *failed > 0 {
        let _ = write!(text, "  FAILED {failed}");
    }
    if *others > crate::machine::QUIET {
        let _ = write!(text, "  (others used {others:.1} cores)");
    }
    text
}

fn sample_as_json(sample: &Sample) -> Value {
    json!({
        "case": sample.case, "round": sample.round, "value": sample.value, "unit": sample.unit,
        "p50_ms": sample.delays.map(|(p50, _)| p50), "p99_ms": sample.delays.map(|(_, p99)| p99),
        "failed": sample.failed, "others_cores": sample.others,
        "postgres_cpu_ms": sample.cpu.map(|(postgres, _)| postgres),
        "server_cpu_ms": sample.cpu.map(|(_, server)| server),
    })
}

/// The middle of these.
fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (sorted.len().checked_sub(1)? / 2, sorted.len() / 2);
    Some((sorted.get(low)? + sorted.get(high)?) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(case: &str, round: u32, value: f64) -> Sample {
        Sample {
            case: case.to_owned(),
            round,
            value,
            unit: "/s",
            delays: None,
            failed: 0,
            others: 0.0,
            cpu: None,
        }
    }

    #[test]
    fn a_ratio_is_taken_round_by_round() {
        let mut report = Report::default();
        for (round, (over, under)) in [(50.0, 100.0), (90.0, 100.0), (10.0, 40.0)].into_iter().enumerate() {
            let round = u32::try_from(round).unwrap();
            report.samples.push(sample("ours", round, over));
            report.samples.push(sample("limit", round, under));
        }
        let line = Line {
            part: "a",
            what: "ours over limit".to_owned(),
            over: "ours".to_owned(),
            under: Some("limit".to_owned()),
            goal: Goal::AtLeast(0.5),
            delays: false,
        };
        assert_eq!(report.value(&line), Some((0.5, 0.25, 0.9)));
        report.line(line.clone());
        assert!(report.reached());
        report.line(Line { goal: Goal::AtLeast(0.6), ..line });
        assert!(!report.reached());
        assert!(report.text().contains("MISSED"));
    }

    #[test]
    fn the_middle_of_an_even_count_is_between_two() {
        assert_eq!(
            (median(&[]), median(&[4.0, 1.0]), median(&[3.0, 1.0, 2.0])),
            (None, Some(2.5), Some(2.0))
        );
    }
}
