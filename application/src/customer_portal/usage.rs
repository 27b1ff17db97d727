//! Usage: totals of a period, and a chart of days.

use jiff::civil::Date;
use sarai_domain::kernel::{Price, Timestamp};
use sarai_ports::customer_portal::billing::{UsagePoint, UsageTotals};

use super::{calendar, numbers, preferences::Reading};

/// The most bars of a chart.
pub const BARS_MAX: usize = 31;
/// How high a chart is, in its own units.
pub const CHART_HEIGHT: u64 = 120;

/// What was sent in a period, and what is left to spend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSummary {
    /// The first instant of the period.
    pub current_period_start: Timestamp,
    /// Messages accepted.
    pub messages_sent: u64,
    /// Of these, received.
    pub messages_delivered: u64,
    /// Their share in tenths of a percent, rounded down; none when nothing was sent.
    pub delivery_permille: Option<u64>,
    /// What is left, as it is printed.
    pub credit_balance: Option<String>,
    /// At which instant.
    pub as_of: Timestamp,
}

impl UsageSummary {
    /// A period's totals, with the balance where it is known.
    pub fn of(start: Timestamp, totals: &UsageTotals, balance: Option<&Price>) -> Self {
        Self {
            current_period_start: start,
            messages_sent: totals.messages_sent,
            messages_delivered: totals.messages_delivered,
            delivery_permille: numbers::permille(totals.messages_delivered, totals.messages_sent),
            credit_balance: balance.map(numbers::price),
            as_of: totals.as_of,
        }
    }
}

/// A day of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayOfUse {
    /// The day.
    pub day: Date,
    /// Messages accepted.
    pub sent: u64,
    /// Of these, received.
    pub delivered: u64,
}

/// Days of UTC one after the other, the ones without a count too; what is outside is left out.
pub fn days(from: Date, to: Date, points: &[UsagePoint]) -> Vec<DayOfUse> {
    let on = |metric: &str, day: Date| {
        let points = points.iter().filter(|point| point.metric == metric);
        let points = points.filter(|point| calendar::day_of(point.at, "UTC") == day);
        points.map(|point| point.value).fold(0, u64::saturating_add)
    };
    let mut days = Vec::new();
    let mut day = from;
    while day <= to && days.len() < 400 {
        days.push(DayOfUse { day, sent: on("messages_sent", day), delivered: on("messages_delivered", day) });
        day = calendar::plus_days(day, 1);
    }
    days
}

/// A bar of a chart: how high what was sent is, and how much of that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// The day in words.
    pub label: String,
    /// Messages accepted.
    pub sent: u64,
    /// Of these, received.
    pub delivered: u64,
    /// The height of what was sent, of [`CHART_HEIGHT`].
    pub sent_height: u64,
    /// That of what was received.
    pub delivered_height: u64,
}

/// A chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// Its bars, oldest first.
    pub bars: Vec<Bar>,
    /// What its whole height is: a round figure no bar exceeds.
    pub top: u64,
}

/// A round figure that is at least this: 1, 2 or 5 times a power of ten, and even.
fn round_up(value: u64) -> u64 {
    let mut unit: u64 = 1;
    loop {
        for step in [2, 4, 10] {
            let top = unit.saturating_mul(step);
            if top >= value {
                return top;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

impl Chart {
    /// The last days of these, at most [`BARS_MAX`].
    pub fn of(days: &[DayOfUse], reading: &Reading) -> Self {
        let days = days.get(days.len().saturating_sub(BARS_MAX)..).unwrap_or_default();
        let most = days.iter().map(|day| day.sent).max().unwrap_or_default();
        let top = round_up(most.max(1));
        let height = |value: u64| {
            let height = value.saturating_mul(CHART_HEIGHT).checked_div(top).unwrap_or_default();
            if value > 0 { height.max(1) } else { 0 }
        };
        let bar = |day: &DayOfUse| Bar {
            label: calendar::show_day_short(day.day, reading),
            sent: day.sent,
            delivered: day.delivered,
            sent_height: height(day.sent),
            delivered_height: height(day.delivered),
        };
        Self { bars: days.iter().map(bar).collect(), top }
    }

    /// Whether nothing was sent.
    pub fn is_empty(&self) -> bool {
        self.bars.iter().all(|bar| bar.sent == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_portal::preferences::Preferences;

    fn point(at: &str, metric: &str, value: u64) -> UsagePoint {
        UsagePoint { at: at.parse().unwrap(), metric: metric.to_owned(), value }
    }

    #[test]
    fn days_without_a_count_are_there() {
        let points = [
            point("2026-04-18T00:00:00Z", "messages_sent", 10),
            point("2026-04-18T00:00:00Z", "messages_delivered", 5),
            point("2026-04-20T00:00:00Z", "messages_sent", 7),
        ];
        let (from, to) = ("2026-04-17".parse().unwrap(), "2026-04-19".parse().unwrap());
        let days = days(from, to, &points);
        let counts: Vec<(u64, u64)> = days.iter().map(|day| (day.sent, day.delivered)).collect();
        assert_eq!(counts, [(0, 0), (10, 5), (0, 0)]);
    }

    #[test]
    fn no_bar_is_higher_than_its_chart_and_none_vanishes() {
        let day = |sent, delivered| DayOfUse { day: "2026-04-18".parse().unwrap(), sent, delivered };
        let reading = Preferences::default().reading("");
        let chart = Chart::of(&[day(950, 900), day(1, 0), day(0, 0)], &reading);
        assert_eq!(chart.top, 1000);
        let heights: Vec<u64> = chart.bars.iter().map(|bar| bar.sent_height).collect();
        assert_eq!(heights, [114, 1, 0]);
        assert!(!chart.is_empty() && Chart::of(&[day(0, 0)], &reading).is_empty());
        assert_eq!(Chart::of(&vec![day(1, 1); 50], &reading).bars.len(), BARS_MAX);
    }

    #[test]
    fn a_summary_of_nothing_has_no_share() {
        let at: Timestamp = "2026-04-18T10:00:00Z".parse().unwrap();
        let totals =
            |sent, delivered| UsageTotals { messages_sent: sent, messages_delivered: delivered, as_of: at };
        assert_eq!(UsageSummary::of(at, &totals(0, 0), None).delivery_permille, None);
        assert_eq!(UsageSummary::of(at, &totals(1000, 973), None).delivery_permille, Some(973));
    }
}
