//! Time: UTC, whole microseconds, RFC 3339 (platform.md 1). Nothing here reads a clock.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{Date, Duration, Month, OffsetDateTime, Time, UtcOffset, format_description::well_known::Rfc3339};

/// An instant in UTC, truncated to microseconds as every store keeps it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(OffsetDateTime);

/// A calendar month in UTC, such as `2026-04`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeriodMonth {
    year: i32,
    month: u8,
}

/// Why a text is not a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not an RFC 3339 instant.
    #[error("a time is RFC 3339, such as 2026-04-20T09:30:00Z")]
    Timestamp,
    /// Not a month.
    #[error("a period is a month, such as 2026-04")]
    Period,
}

impl Timestamp {
    /// The instant in UTC without what is finer than a microsecond.
    pub fn new(instant: OffsetDateTime) -> Self {
        let utc = instant.to_offset(UtcOffset::UTC);
        let micros = utc.microsecond();
        Self(utc.replace_microsecond(micros).unwrap_or(utc))
    }

    /// Whole microseconds since 1970-01-01T00:00:00Z; out-of-range values clamp to year 9999.
    pub fn from_unix_micros(micros: i64) -> Self {
        let instant = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros).saturating_mul(1_000));
        Self(instant.unwrap_or(OffsetDateTime::new_utc(Date::MAX, Time::MIDNIGHT)))
    }

    /// Whole microseconds since 1970-01-01T00:00:00Z.
    pub fn unix_micros(&self) -> i64 {
        let micros = self.0.unix_timestamp_nanos().checked_div(1_000).unwrap_or_default();
        i64::try_from(micros).unwrap_or(i64::MAX)
    }

    /// The same instant as the `time` crate's type.
    pub fn to_offset_date_time(self) -> OffsetDateTime {
        self.0
    }

    /// This much later, stopping at the end of year 9999.
    #[must_use]
    pub fn plus(&self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }

    /// This many days of 24 hours later.
    #[must_use]
    pub fn plus_days(&self, days: u32) -> Self {
        self.plus(Duration::days(i64::from(days)))
    }

    /// This many calendar months later at the same time of day, on the month's last day when it is shorter.
    ///
    /// Always from the original anchor: 31 January plus one is 28 February, plus two is 31 March.
    #[must_use]
    pub fn plus_months(&self, months: u32) -> Self {
        let period = PeriodMonth::of(*self).plus(months);
        let last_day = time::util::days_in_month(period.calendar_month(), period.year);
        let date = Date::from_calendar_date(period.year, period.calendar_month(), self.0.day().min(last_day));
        Self(self.0.replace_date(date.unwrap_or(Date::MAX)))
    }

    /// How long after `earlier` this is; negative when it is before.
    pub fn since(&self, earlier: Self) -> Duration {
        Duration::microseconds(self.unix_micros().saturating_sub(earlier.unix_micros()))
    }
}

impl PeriodMonth {
    /// The month an instant lies in.
    pub fn of(instant: Timestamp) -> Self {
        Self { year: instant.0.year(), month: u8::from(instant.0.month()) }
    }

    /// The month this many months later.
    #[must_use]
    pub fn plus(&self, months: u32) -> Self {
        let index = i64::from(self.year)
            .saturating_mul(12)
            .saturating_add(i64::from(self.month))
            .saturating_sub(1)
            .saturating_add(i64::from(months))
            .min(9_999 * 12 + 11);
        let year = i32::try_from(index.div_euclid(12)).unwrap_or(9_999);
        let month = u8::try_from(index.rem_euclid(12)).unwrap_or(11).saturating_add(1);
        Self { year, month }
    }

    /// The month after.
    #[must_use]
    pub fn next(&self) -> Self {
        self.plus(1)
    }

    /// Its first instant.
    pub fn start(&self) -> Timestamp {
        let date = Date::from_calendar_date(self.year, self.calendar_month(), 1).unwrap_or(Date::MAX);
        Timestamp(OffsetDateTime::new_utc(date, Time::MIDNIGHT))
    }

    /// The first instant after it.
    pub fn end(&self) -> Timestamp {
        self.next().start()
    }

    fn calendar_month(self) -> Month {
        Month::try_from(self.month).unwrap_or(Month::December)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let instant = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| TimeError::Timestamp)?;
        instant.checked_to_offset(UtcOffset::UTC).map(Self::new).ok_or(TimeError::Timestamp)
    }
}

impl fmt::Display for PeriodMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl fmt::Debug for PeriodMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PeriodMonth {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let digits = |part: &str, len: usize| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
        let (year, month) = text.split_once('-').ok_or(TimeError::Period)?;
        if !digits(year, 4) || !digits(month, 2) {
            return Err(TimeError::Period);
        }
        match (year.parse(), month.parse()) {
            (Ok(year), Ok(month @ 1..=12)) => Ok(Self { year, month }),
            _ => Err(TimeError::Period),
        }
    }
}

macro_rules! serde_as_text {
    ($($type:ty),*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

serde_as_text!(Timestamp, PeriodMonth);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn months_clamp_to_the_month_s_end_from_the_original_anchor() {
        let anchor = at("2026-01-31T10:00:00Z");
        let ends: Vec<_> = (1..=3).map(|months| anchor.plus_months(months).to_string()).collect();
        assert_eq!(ends, ["2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z", "2026-04-30T10:00:00Z"]);
        assert_eq!(at("2027-12-15T00:00:00Z").plus_months(2), at("2028-02-15T00:00:00Z"));
    }

    #[test]
    fn what_is_finer_than_a_microsecond_is_cut() {
        assert_eq!(at("2026-01-01T00:00:00.123456789Z"), at("2026-01-01T00:00:00.123456Z"));
        assert_eq!(at("2026-01-01T02:00:00+02:00").to_string(), "2026-01-01T00:00:00Z");
    }

    #[test]
    fn a_period_runs_from_its_first_instant_to_the_next_one_s() {
        let december: PeriodMonth = "2026-12".parse().unwrap();
        assert_eq!(december.start(), at("2026-12-01T00:00:00Z"));
        assert_eq!(december.end(), at("2027-01-01T00:00:00Z"));
        assert_eq!(PeriodMonth::of(at("2026-12-31T23:59:59.999999Z")), december);
        for bad in ["2026-13", "2026-00", "2026-1", "26-01", "2026", "2026-+1"] {
            assert!(bad.parse::<PeriodMonth>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_end_of_time_is_reached_not_crossed() {
        let end = at("9999-12-31T23:59:59Z");
        assert!(end.plus_days(10) >= end);
        assert!(end.plus_months(5) >= at("9999-12-01T00:00:00Z"));
        let _ = "9999-12-31T23:59:59-10:00".parse::<Timestamp>();
    }

    proptest! {
        #[test]
        fn print_then_parse_is_identity(micros in 0_i64..253_402_300_799_000_000) {
            let instant = Timestamp::from_unix_micros(micros);
            prop_assert_eq!(instant.unix_micros(), micros);
            prop_assert_eq!(instant.to_string().parse::<Timestamp>(), Ok(instant));
        }
    }
}
