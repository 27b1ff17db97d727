//! Days: as they are read, and as they are typed. Two calendars, one zone, no clock.

use icu_calendar::{Date as AnyDate, Iso, cal::Persian};
use jiff::{Span, ToSpan as _, civil::Date, tz::TimeZone};
use sarai_domain::{devportal::values::Locale, kernel::Timestamp};

use super::{
    numbers::{native, typed},
    preferences::{Calendar, Reading},
};

/// The first year that is no Solar Hijri one.
const FIRST_GREGORIAN: i16 = 1700;

/// Names of the months of a calendar, January or Hamal first.
const MONTHS: &[(Locale, Calendar, [&str; 12])] = &[
    (
        Locale::En,
        Calendar::Gregorian,
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    ),
    (
        Locale::En,
        Calendar::Persian,
        [
            "Hamal", "Sawr", "Jawza", "Saratan", "Asad", "Sunbula", "Mizan", "Aqrab", "Qaws", "Jadi", "Dalw",
            "Hut",
        ],
    ),
    (
        Locale::Fa,
        Calendar::Persian,
        ["حمل", "ثور", "جوزا", "سرطان", "اسد", "سنبله", "میزان", "عقرب", "قوس", "جدی", "دلو", "حوت"],
    ),
    (
        Locale::Ps,
        Calendar::Persian,
        ["وری", "غویی", "غبرګولی", "چنګاښ", "زمری", "وږی", "تله", "لړم", "لیندۍ", "مرغومی", "سلواغه", "کب"],
    ),
    (
        Locale::Fa,
        Calendar::Gregorian,
        [
            "جنوری",
            "فبروری",
            "مارچ",
            "اپریل",
            "می",
            "جون",
            "جولای",
            "اگست",
            "سپتمبر",
            "اکتوبر",
            "نومبر",
            "دسمبر",
        ],
    ),
    (
        Locale::Ps,
        Calendar::Gregorian,
        [
            "جنوري",
            "فبروري",
            "مارچ",
            "اپریل",
            "مۍ",
            "جون",
            "جولای",
            "اګست",
            "سپتمبر",
            "اکتوبر",
            "نومبر",
            "دسمبر",
        ],
    ),
];

/// A Gregorian day.
pub type Day = Date;

/// Year, month and day in a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ymd {
    /// The year.
    pub year: i32,
    /// The month, from 1.
    pub month: u8,
    /// The day, from 1.
    pub day: u8,
}

/// A Gregorian day in a calendar.
pub fn in_calendar(day: Date, calendar: Calendar) -> Ymd {
    let gregorian =
        Ymd { year: day.year().into(), month: day.month().unsigned_abs(), day: day.day().unsigned_abs() };
    match calendar {
        Calendar::Gregorian => gregorian,
        Calendar::Persian => {
            let Ok(iso) = AnyDate::try_new_iso(gregorian.year, gregorian.month, gregorian.day) else {
                return gregorian;
            };
            let persian = iso.to_calendar(Persian);
            Ymd {
                year: persian.year().extended_year(),
                month: persian.month().ordinal,
                day: persian.day_of_month().0,
            }
        }
    }
}

/// The Gregorian day of a Solar Hijri one.
pub fn from_persian(day: Ymd) -> Option<Date> {
    let iso = AnyDate::try_new_persian(day.year, day.month, day.day).ok()?.to_calendar(Iso);
    let year = i16::try_from(iso.year().extended_year()).ok()?;
    let month = i8::try_from(iso.month().ordinal).ok()?;
    Date::new(year, month, i8::try_from(iso.day_of_month().0).ok()?).ok()
}

/// A day as somebody types it: Gregorian, or Solar Hijri when the year is before 1700; any digits.
pub fn parse_day(text: &str) -> Option<Date> {
    let text = typed(text).replace(['/', '.', '\u{66b}'], "-");
    let mut parts = text.split('-').map(str::trim);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let (year, month, day): (i16, u8, u8) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    if year < FIRST_GREGORIAN {
        from_persian(Ymd { year: year.into(), month, day })
    } else {
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    }
}

/// A day as [`parse_day`] reads it, in the reader's calendar: `1405-01-29`.
pub fn type_day(day: Date, reading: &Reading) -> String {
    let Ymd { year, month, day } = in_calendar(day, reading.calendar);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The zone of this name; UTC for one that is unknown.
fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

fn instant(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(at.unix_micros()).unwrap_or_default()
}

/// The day an instant is in.
pub fn day_of(at: Timestamp, zone_name: &str) -> Date {
    instant(at).to_zoned(zone(zone_name)).date()
}

/// The first instant of a day.
pub fn start_of(day: Date, zone_name: &str) -> Timestamp {
    let start = day.to_zoned(zone(zone_name)).map(|zoned| zoned.timestamp().as_microsecond());
    Timestamp::from_unix_micros(start.unwrap_or_default())
}

/// So many days later, or earlier.
pub fn plus_days(day: Date, days: i32) -> Date {
    let span = Span::new().try_days(days).unwrap_or_default();
    day.checked_add(span).unwrap_or(day)
}

/// The first day of the month that a day is in, by a calendar.
pub fn month_start(day: Date, calendar: Calendar) -> Date {
    let ymd = in_calendar(day, calendar);
    plus_days(day, 1_i32.saturating_sub(ymd.day.into()))
}

/// The first day of the month before.
pub fn month_before(first: Date, calendar: Calendar) -> Date {
    month_start(first.checked_sub(1.day()).unwrap_or(first), calendar)
}

fn month_name(month: u8, reading: &Reading) -> &'static str {
    let names = MONTHS
        .iter()
        .find(|(locale, calendar, _)| *locale == reading.locale && *calendar == reading.calendar);
    names.and_then(|(_, _, names)| names.get(usize::from(month.saturating_sub(1)))).copied().unwrap_or("?")
}

/// A day in words: `18 Apr 2026`.
pub fn show_day(day: Date, reading: &Reading) -> String {
    let Ymd { year, month, day } = in_calendar(day, reading.calendar);
    native(&format!("{day} {} {year}", month_name(month, reading)), reading)
}

/// A day in words without its year.
pub fn show_day_short(day: Date, reading: &Reading) -> String {
    let Ymd { month, day, .. } = in_calendar(day, reading.calendar);
    native(&format!("{day} {}", month_name(month, reading)), reading)
}

/// A month in words: `Apr 2026`.
pub fn show_month(day: Date, reading: &Reading) -> String {
    let Ymd { year, month, .. } = in_calendar(day, reading.calendar);
    native(&format!("{} {year}", month_name(month, reading)), reading)
}

/// An instant's day in words.
pub fn show_date(at: Timestamp, reading: &Reading) -> String {
    show_day(day_of(at, reading.zone), reading)
}

/// An instant's day and minute.
pub fn show_time(at: Timestamp, reading: &Reading) -> String {
    let time = instant(at).to_zoned(zone(reading.zone)).time();
    let clock = native(&format!("{:02}:{:02}", time.hour(), time.minute()), reading);
    let comma = if reading.locale == Locale::En { ", " } else { "، " };
    format!("{}{comma}{clock}", show_date(at, reading))
}

/// An instant in UTC, Gregorian, to the second.
pub fn show_utc(at: Timestamp) -> String {
    let zoned = instant(at).to_zoned(TimeZone::UTC);
    zoned.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// How far a zone is from UTC at an instant: `UTC+4:30`.
pub fn show_offset(zone_name: &str, at: Timestamp) -> String {
    let seconds = zone(zone_name).to_offset(instant(at)).seconds();
    let minutes = seconds.unsigned_abs() / 60;
    let sign = if seconds < 0 { '−' } else { '+' };
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

#[cfg(test)]
#[path = "calendar_tests.rs"]
mod tests;
