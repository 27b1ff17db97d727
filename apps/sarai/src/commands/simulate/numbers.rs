//! What is counted over all seeds, and how numbers are written.

use std::{fmt::Write as _, time::Duration};

use sarai_testkit::simulate::{FaultMode, SeedReport};

use super::Outcome;

/// Shares of the orders that were fulfilled sooner, in percent.
const PERCENTILES: [u64; 5] = [50, 90, 95, 99, 100];

/// Upper bounds of the bins of latencies, virtual milliseconds: 1, 2, 5 and so on, then what people count in.
#[rustfmt::skip]
const BINS: &[(i64, &str)] = &[
    (100, "0.1 s"), (200, "0.2 s"), (500, "0.5 s"), (1_000, "1 s"), (2_000, "2 s"), (5_000, "5 s"),
    (10_000, "10 s"), (20_000, "20 s"), (60_000, "1 min"), (120_000, "2 min"), (300_000, "5 min"),
    (600_000, "10 min"), (1_800_000, "30 min"), (3_600_000, "1 h"), (10_800_000, "3 h"), (43_200_000, "12 h"),
    (86_400_000, "1 d"), (172_800_000, "2 d"), (i64::MAX, "more"),
];

impl Outcome {
    /// In one word.
    pub(super) fn verdict(&self) -> &'static str {
        match (self.report.failures().next(), self.interrupted) {
            (Some(_), _) => "FAILED",
            (None, true) => "INTERRUPTED, and sound so far",
            (None, false) => "SOUND",
        }
    }

    /// The verdict as a sentence.
    pub(super) fn sentence(&self) -> String {
        let run = count(self.report.seeds.len() as u64, "seed");
        match self.report.failures().count() as u64 {
            0 => format!("Every rule held after every commit of {run}, and every purchase came to an end."),
            failed => format!("A rule did not hold in {} of {run}.", grouped(failed)),
        }
    }

    /// What was asked for.
    pub(super) fn parameters(&self) -> Vec<(&'static str, String)> {
        let config = &self.config;
        let last = config.first_seed.saturating_add(config.seeds.saturating_sub(1));
        vec![
            ("seeds", format!("{} ({} to {last})", grouped(config.seeds), config.first_seed)),
            ("purchases a seed", grouped(config.purchases)),
            ("faults", fault_mode(config.faults).to_owned()),
            ("store", "memory".to_owned()),
        ]
    }

    /// What was done.
    pub(super) fn totals(&self) -> Vec<(&'static str, String)> {
        let report = &self.report;
        let (purchases, events) = (report.total(|seed| seed.purchases), report.total(|seed| seed.events));
        let seconds = report.total(|seed| u64::try_from(seed.virtual_seconds).unwrap_or_default());
        vec![
            ("seeds", grouped(report.seeds.len() as u64)),
            ("purchases", grouped(purchases)),
            ("orders", grouped(report.total(|seed| seed.orders))),
            ("events", grouped(events)),
            ("commits checked", grouped(report.total(|seed| seed.commits))),
            ("turns", grouped(report.total(|seed| seed.turns))),
            ("faults struck", grouped(report.total(|seed| seed.faults.iter().sum()))),
            ("virtual time", span(seconds.saturating_mul(1_000))),
            ("real time", span(millis(report.wall))),
            ("purchases/s", grouped(per_second(purchases, report.wall))),
            ("events/s", grouped(per_second(events, report.wall))),
        ]
    }

    /// How long orders took from placed to fulfilled, in virtual milliseconds, shortest first.
    fn latencies(&self) -> Vec<i64> {
        let mut all: Vec<i64> = self.report.seeds.iter().flat_map(|seed| seed.latencies_ms.clone()).collect();
        all.sort_unstable();
        all
    }

    /// Within how many virtual milliseconds so many percent of the orders were fulfilled.
    pub(super) fn percentiles(&self) -> Vec<(u64, u64)> {
        let all = self.latencies();
        let rank = |percent: u64| (all.len() as u64 * percent).div_ceil(100).max(1) - 1;
        let at = |percent| all.get(usize::try_from(rank(percent)).ok()?).copied();
        let known = |percent| Some((percent, u64::try_from(at(percent)?).unwrap_or_default()));
        PERCENTILES.into_iter().filter_map(known).collect()
    }

    /// How many orders were fulfilled within each bound but not the one before it; empty ends are cut off.
    pub(super) fn latency_bins(&self) -> Vec<(&'static str, u64)> {
        let all = self.latencies();
        let below = |bound: i64| all.partition_point(|latency| *latency < bound) as u64;
        let mut before = 0;
        let mut bins: Vec<_> = BINS
            .iter()
            .map(|(bound, name)| {
                let upto = if *bound == i64::MAX { all.len() as u64 } else { below(*bound) };
                (*name, upto - std::mem::replace(&mut before, upto))
            })
            .collect();
        let last = bins.iter().rposition(|(_, count)| *count > 0).map_or(0, |place| place + 1);
        bins.truncate(last);
        let first = bins.iter().position(|(_, count)| *count > 0).unwrap_or_default();
        bins.split_off(first)
    }

    /// What shows a failing seed again.
    pub(super) fn command(&self, seed: &SeedReport) -> String {
        let purchases = seed.failure.as_ref().and_then(|failure| failure.prefix).unwrap_or(seed.purchases);
        let faults = fault_mode(self.config.faults);
        format!(
            "sarai simulate --seeds 1 --first-seed {} --purchases {purchases} --faults {faults}",
            seed.seed
        )
    }
}

/// Its name on the command line.
pub(super) fn fault_mode(mode: FaultMode) -> &'static str {
    FaultMode::ALL.iter().find(|(known, _)| *known == mode).map_or("swarm", |(_, name)| name)
}

/// A duration in milliseconds.
pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// How many a second; of less than a millisecond as if it were one.
pub(super) fn per_second(count: u64, within: Duration) -> u64 {
    count.saturating_mul(1_000) / millis(within).max(1)
}

/// `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 seed`, `2 seeds`.
pub(super) fn count(number: u64, of: &str) -> String {
    format!("{} {of}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// Milliseconds in the two largest units that say something: `3 d 4 h`, `2 min 5 s`, `1.25 s`.
pub(super) fn span(millis: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let seconds = millis / 1_000;
    if seconds < 10 {
        let hundredths = format!("{seconds}.{:02}", millis % 1_000 / 10);
        return format!("{} s", hundredths.trim_end_matches('0').trim_end_matches('.'));
    }
    let mut text = String::new();
    let mut rest = seconds;
    let first = UNITS.iter().position(|(unit, _)| seconds >= *unit).unwrap_or(3);
    for (unit, name) in UNITS.iter().skip(first).take(2) {
        let many = rest / unit;
        rest %= unit;
        if many > 0 {
            let gap = if text.is_empty() { "" } else { " " };
            let _ = write!(text, "{gap}{} {name}", grouped(many));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{super::samples, *};

    #[test]
    fn numbers_are_written_for_people() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
        for (millis, text) in [
            (0, "0 s"),
            (500, "0.5 s"),
            (1_250, "1.25 s"),
            (59_999, "59 s"),
            (60_000, "1 min"),
            (3_661_000, "1 h 1 min"),
            (90_000_000, "1 d 1 h"),
            (172_800_000, "2 d"),
        ] {
            assert_eq!(span(millis), text);
        }
        assert_eq!((count(1, "seed"), count(2_000, "seed")), ("1 seed".to_owned(), "2,000 seeds".to_owned()));
        assert_eq!(per_second(500, Duration::from_millis(250)), 2_000);
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let mut outcome = samples::sound();
        outcome.report.seeds.truncate(1);
        outcome.report.seeds[0].latencies_ms = (1..=100).rev().collect();
        assert_eq!(outcome.percentiles(), [(50, 50), (90, 90), (95, 95), (99, 99), (100, 100)]);
        outcome.report.seeds[0].latencies_ms = vec![7];
        assert!(outcome.percentiles().iter().all(|(_, value)| *value == 7));
        outcome.report.seeds[0].latencies_ms = Vec::new();
        assert!(outcome.percentiles().is_empty() && outcome.latency_bins().is_empty());
    }

    #[test]
    fn every_latency_is_in_one_bin() {
        let mut outcome = samples::sound();
        outcome.report.seeds.truncate(1);
        outcome.report.seeds[0].latencies_ms = vec![1_000, 1_999, 2_000, 59_999, i64::MAX];
        let bins = outcome.latency_bins();
        assert_eq!((bins[0], bins[1]), (("2 s", 2), ("5 s", 1)));
        assert_eq!(bins.last(), Some(&("more", 1)));
        assert_eq!(bins.iter().map(|(_, count)| count).sum::<u64>(), 5);
    }
}
