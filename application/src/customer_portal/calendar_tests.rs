//! Days against fixed cases and against themselves.

use icu_datetime::{DateTimeFormatter, fieldsets::YMD};
use icu_locale_core::locale;
use proptest::prelude::*;
use sarai_domain::{devportal::values::Locale, kernel::Timestamp};

use super::*;
use crate::customer_portal::preferences::Preferences;

fn reading(locale: Locale) -> Reading {
    Preferences { locale: Some(locale), ..Preferences::default() }.reading("")
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn the_turn_of_the_year_is_right_in_leap_years_too() {
    let cases = [("2025-03-20", (1403, 12, 30)), ("2025-03-21", (1404, 1, 1)), ("2026-03-21", (1405, 1, 1))];
    for (gregorian, (year, month, of_month)) in cases {
        let ymd = Ymd { year, month, day: of_month };
        assert_eq!(in_calendar(day(gregorian), Calendar::Persian), ymd);
        assert_eq!(from_persian(ymd), Some(day(gregorian)));
    }
    assert_eq!(from_persian(Ymd { year: 1404, month: 12, day: 30 }), None);
}

#[test]
fn a_day_is_written_in_each_language() {
    let april = at("2026-04-18T10:00:00Z");
    assert_eq!(show_time(april, &reading(Locale::En)), "18 Apr 2026, 14:30");
    assert_eq!(show_time(april, &reading(Locale::Fa)), "۲۹ حمل ۱۴۰۵، ۱۴:۳۰");
    assert_eq!(show_date(april, &reading(Locale::Ps)), "۲۹ وری ۱۴۰۵");
    let zone = "UTC";
    assert_eq!(show_time(april, &Reading { zone, ..reading(Locale::En) }), "18 Apr 2026, 10:00");
}

#[test]
fn every_day_of_sixty_years_is_written_as_icu_writes_it_for_afghanistan() {
    let oracle = DateTimeFormatter::try_new(locale!("fa-AF").into(), YMD::long()).unwrap();
    let first = |year| from_persian(Ymd { year, month: 1, day: 1 }).unwrap();
    let (reading, mut day, end, mut days) = (reading(Locale::Fa), first(1390), first(1451), 0);
    while day < end {
        let iso =
            AnyDate::try_new_iso(day.year().into(), day.month().unsigned_abs(), day.day().unsigned_abs());
        // ICU writes the sixth month as it is said before a year; people write it without the mark.
        let theirs = oracle.format(&iso.unwrap()).to_string().replace('\u{654}', "");
        assert_eq!(show_day(day, &reading), theirs, "{day}");
        (day, days) = (plus_days(day, 1), days + 1);
    }
    assert_eq!(days, 61 * 365 + 15, "fifteen of them are leap years");
}

#[test]
fn a_day_belongs_to_the_zone() {
    let late = at("2026-04-18T20:00:00Z");
    assert_eq!(day_of(late, "Asia/Kabul"), day("2026-04-19"));
    assert_eq!(start_of(day("2026-04-19"), "Asia/Kabul"), at("2026-04-18T19:30:00Z"));
    assert_eq!(show_offset("Asia/Kabul", late), "UTC+4:30");
    assert_eq!(show_offset("America/New_York", late), "UTC−4");
}

#[test]
fn a_day_is_typed_in_either_calendar_and_any_digits() {
    for text in ["2026-04-18", "1405-01-29", "۱۴۰۵-۰۱-۲۹", "\u{202a}1405/1/29\u{202c}", " 2026-4-18 "]
    {
        assert_eq!(parse_day(text), Some(day("2026-04-18")), "{text}");
    }
    for text in ["", "2026-02-30", "1404-12-30", "26-04-18", "2026-04", "2026-04-18-1", "today"] {
        assert_eq!(parse_day(text), None, "{text}");
    }
}

#[test]
fn months_begin_by_their_calendar() {
    assert_eq!(month_start(day("2026-04-25"), Calendar::Persian), day("2026-04-21"));
    assert_eq!(month_start(day("2026-04-25"), Calendar::Gregorian), day("2026-04-01"));
    assert_eq!(month_before(day("2026-04-21"), Calendar::Persian), day("2026-03-21"));
}

proptest! {
    #[test]
    fn every_day_comes_back(days in 0_i32..22_000) {
        let day = plus_days(day("2011-03-21"), days);
        let persian = in_calendar(day, Calendar::Persian);
        prop_assert_eq!(from_persian(persian), Some(day));
        prop_assert_eq!(parse_day(&format!("{}-{:02}-{:02}", persian.year, persian.month, persian.day)), Some(day));
    }
}

#[test]
fn a_day_is_typed_in_the_reader_s_calendar_and_read_again() {
    let day: Date = "2026-04-18".parse().unwrap();
    for (locale, typed) in
        [(Locale::Fa, "1405-01-29"), (Locale::Ps, "1405-01-29"), (Locale::En, "2026-04-18")]
    {
        let reading = Preferences { locale: Some(locale), ..Preferences::default() }.reading("");
        assert_eq!(type_day(day, &reading), typed);
        assert_eq!(parse_day(typed), Some(day));
    }
}
