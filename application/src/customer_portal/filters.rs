//! `messageFilters`: the filters of the message log as its address says them (customer-portal.md 4).
//!
//! An address is read, then written again in one way; what is valid but written otherwise is redirected there, and what
//! is not valid is an error: a wrong filter never looks like an answer.

use jiff::civil::Date;
use sarai_ports::customer_portal::messages::MessageQuery;

use super::{
    calendar::{self, parse_day},
    keys::FieldError,
    numbers::typed,
    preferences::Calendar,
};

/// The statuses, in the order of an address.
pub const STATUSES: &[&str] = &["queued", "sent", "delivered", "failed"];
/// How many rows a page may have.
pub const LIMITS: &[u8] = &[25, 50, 100];
/// The longest range.
const DAYS_MAX: i32 = 92;
/// The most characters of a sender id.
const FROM_MAX: usize = 15;
/// The fewest digits of the start of a number.
const PREFIX_MIN: usize = 4;

/// Days by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// Since midnight.
    Today,
    /// The last seven.
    Week,
    /// The last thirty.
    Days30,
    /// Since the month began, by the reader's calendar.
    Month,
}

impl Range {
    /// Every range with its name in addresses.
    pub const ALL: &[(Self, &str)] =
        &[(Self::Today, "today"), (Self::Week, "7d"), (Self::Days30, "30d"), (Self::Month, "month")];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(range, _)| *range == self).map_or("", |(_, name)| name)
    }
}

/// Which days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// By name.
    Named(Range),
    /// From this day, to that day, both included.
    Between(Option<Date>, Option<Date>),
}

/// The filters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageFilters {
    /// In any of these; none: in any.
    pub statuses: Vec<&'static str>,
    /// A number, or the start of one with `*`.
    pub to: Option<String>,
    /// A sender id.
    pub from: Option<String>,
    /// Which days.
    pub days: Days,
    /// Those that an invoice bills; days do not count then.
    pub invoice: Option<String>,
    /// How many rows.
    pub limit: u8,
    /// Where the part begins.
    pub cursor: Option<String>,
}

impl Default for MessageFilters {
    fn default() -> Self {
        Self {
            statuses: Vec::new(),
            to: None,
            from: None,
            days: Days::Named(Range::Week),
            invoice: None,
            limit: 25,
            cursor: None,
        }
    }
}

/// A number or the start of one, as it stands in an address.
fn recipient(text: &str) -> Option<String> {
    let text: String =
        typed(text).chars().filter(|character| !matches!(character, ' ' | '(' | ')' | '-' | '.')).collect();
    let text = text.strip_prefix("00").map_or(text.clone(), |rest| format!("+{rest}"));
    let (digits, open) = text.strip_suffix('*').map_or((text.as_str(), false), |digits| (digits, true));
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    let known = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    // A number has seven digits at least; what is shorter is the start of one.
    let open = open || digits.len() < 7;
    (known && (PREFIX_MIN..=15).contains(&digits.len()))
        .then(|| format!("+{digits}{}", if open { "*" } else { "" }))
}

impl MessageFilters {
    /// Reads an address's pairs; what is unknown or empty is left out.
    ///
    /// # Errors
    /// What is wrong, a sentence a field.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Vec<FieldError>> {
        let (filters, errors) = Self::read(pairs);
        if errors.is_empty() { Ok(filters) } else { Err(errors) }
    }

    /// The same, with what is right beside what is wrong: a form shows both.
    pub fn read<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Self, Vec<FieldError>) {
        let mut filters = Self::default();
        let mut errors = Vec::new();
        let (mut after, mut before, mut range, mut was) = (None, None, None, None);
        let mut dated = false;
        for (name, value) in pairs {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            let mut wrong = |field, message| errors.push(FieldError { field, message });
            dated |= matches!(name, "after" | "before");
            match name {
                "status" => match STATUSES.iter().find(|known| **known == value) {
                    Some(status) => filters.statuses.push(status),
                    None => wrong("status", "error-filter-status"),
                },
                "to" => match recipient(value) {
                    Some(to) => filters.to = Some(to),
                    None => wrong("to", "error-filter-to"),
                },
                "from" if value.chars().count() <= FROM_MAX && !value.contains(char::is_control) => {
                    filters.from = Some(value.to_owned());
                }
                "from" => wrong("from", "error-filter-from"),
                "after" => match parse_day(value) {
                    Some(day) => after = Some(day),
                    None => wrong("after", "error-filter-after"),
                },
                "before" => match parse_day(value) {
                    Some(day) => before = Some(day),
                    None => wrong("before", "error-filter-before"),
                },
                "range" => match Range::ALL.iter().find(|(_, known)| *known == value) {
                    Some((known, _)) => range = Some(*known),
                    None => wrong("range", "error-filter-range"),
                },
                // What the form showed before: it holds when nothing else about days was said.
                "was" => was = Range::ALL.iter().find(|(_, known)| *known == value).map(|(known, _)| *known),
                "limit" => match LIMITS.iter().find(|known| typed(value) == known.to_string()) {
                    Some(limit) => filters.limit = *limit,
                    None => wrong("limit", "error-filter-limit"),
                },
                "invoice" => filters.invoice = Some(value.to_owned()),
                "cursor" => filters.cursor = Some(value.to_owned()),
                _ => {}
            }
        }
        filters.statuses.sort_by_key(|status| STATUSES.iter().position(|known| known == status));
        filters.statuses.dedup();
        if dated && range.is_some() {
            errors.push(FieldError { field: "after", message: "error-filter-both" });
        }
        filters.days = match (after, before) {
            (None, None) => Days::Named(range.or(was).unwrap_or(Range::Week)),
            (after, before) => Days::Between(after, before),
        };
        if let Days::Between(Some(after), Some(before)) = filters.days {
            if after > before {
                errors.push(FieldError { field: "after", message: "error-filter-order" });
            } else if calendar::plus_days(after, DAYS_MAX) <= before {
                errors.push(FieldError { field: "after", message: "error-filter-days" });
            }
        }
        if filters.invoice.is_some() {
            filters.days = Days::Named(Range::Week);
        }
        (filters, errors)
    }

    /// What is wrong with a range that nobody ended, now that the day is known.
    pub fn too_long(&self, today: Date) -> Option<FieldError> {
        let Days::Between(Some(after), None) = self.days else { return None };
        (calendar::plus_days(after, DAYS_MAX) <= today)
            .then_some(FieldError { field: "after", message: "error-filter-days" })
    }

    /// The one way they are written; what nobody chose is left out.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs: Vec<(&'static str, String)> =
            self.statuses.iter().map(|status| ("status", (*status).to_owned())).collect();
        let mut add = |name, value: Option<String>| pairs.extend(value.map(|value| (name, value)));
        add("to", self.to.clone());
        add("from", self.from.clone());
        match self.days {
            Days::Named(range) => {
                add("range", Some(range.name().to_owned()).filter(|_| range != Range::Week));
            }
            Days::Between(after, before) => {
                add("after", after.map(|day| day.to_string()));
                add("before", before.map(|day| day.to_string()));
            }
        }
        add("invoice", self.invoice.clone());
        add("limit", Some(self.limit.to_string()).filter(|_| self.limit != 25));
        add("cursor", self.cursor.clone());
        pairs
    }

    /// Without a page's place, for when a filter changes.
    #[must_use]
    pub fn from_the_start(&self) -> Self {
        Self { cursor: None, ..self.clone() }
    }

    /// Whether anything but days was chosen.
    pub fn is_narrowed(&self) -> bool {
        !self.statuses.is_empty() || self.to.is_some() || self.from.is_some() || self.invoice.is_some()
    }

    /// The first and the last day, by the reader's zone and calendar. What nobody began goes back as far as a range may.
    pub fn bounds(&self, today: Date, reader: Calendar) -> (Option<Date>, Option<Date>) {
        match self.days {
            Days::Between(None, Some(before)) => {
                (Some(calendar::plus_days(before, 1 - DAYS_MAX)), Some(before))
            }
            Days::Between(after, before) => (after, before),
            Days::Named(Range::Today) => (Some(today), Some(today)),
            Days::Named(Range::Week) => (Some(calendar::plus_days(today, -6)), Some(today)),
            Days::Named(Range::Days30) => (Some(calendar::plus_days(today, -29)), Some(today)),
            Days::Named(Range::Month) => (Some(calendar::month_start(today, reader)), Some(today)),
        }
    }

    /// The same as the API asks it: days become instants of the reader's zone.
    pub fn query(&self, today: Date, reader: Calendar, zone: &str) -> MessageQuery {
        let (after, before) = self.bounds(today, reader);
        let timed = self.invoice.is_none();
        let next = |day| calendar::start_of(calendar::plus_days(day, 1), zone);
        MessageQuery {
            statuses: self.statuses.iter().map(|status| (*status).to_owned()).collect(),
            to: self.to.clone(),
            from: self.from.clone(),
            after: after.filter(|_| timed).map(|day| calendar::start_of(day, zone)),
            before: before.filter(|_| timed).map(next),
            key_id: None,
            invoice_id: self.invoice.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::subsequence};

    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<MessageFilters, Vec<FieldError>> {
        MessageFilters::parse(pairs.iter().copied())
    }

    fn messages(pairs: &[(&str, &str)]) -> Vec<&'static str> {
        parse(pairs).unwrap_err().iter().map(|error| error.message).collect()
    }

    #[test]
    fn what_is_written_otherwise_is_written_in_one_way() {
        let filters = parse(&[
            ("before", "۱۴۰۵/۰۱/۲۹"),
            ("status", "failed"),
            ("to", "0093 (70) 123-45*"),
            ("status", "queued"),
            ("status", "failed"),
            ("from", " Bank "),
            ("after", "2026-4-1"),
            ("limit", "۵۰"),
            ("nonsense", "1"),
            ("cursor", ""),
        ]);
        let pairs = filters.unwrap().pairs();
        let text: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            text.join("&"),
            "status=queued&status=failed&to=+937012345*&from=Bank&after=2026-04-01&before=2026-04-18&limit=50"
        );
    }

    #[test]
    fn nothing_chosen_is_the_last_week_and_says_nothing() {
        let filters = parse(&[("range", "7d"), ("limit", "25")]).unwrap();
        assert_eq!(filters, MessageFilters::default());
        assert!(filters.pairs().is_empty());
        let today: Date = "2026-04-25".parse().unwrap();
        let query = filters.query(today, Calendar::Gregorian, "Asia/Kabul");
        assert_eq!(query.after.unwrap().to_string(), "2026-04-18T19:30:00Z");
        assert_eq!(query.before.unwrap().to_string(), "2026-04-25T19:30:00Z");
    }

    #[test]
    fn a_month_is_the_reader_s() {
        let month = parse(&[("range", "month")]).unwrap();
        let today: Date = "2026-04-25".parse().unwrap();
        let first = |calendar| month.bounds(today, calendar).0.unwrap().to_string();
        assert_eq!(
            (first(Calendar::Persian), first(Calendar::Gregorian)),
            ("2026-04-21".into(), "2026-04-01".into())
        );
    }

    #[test]
    fn what_is_wrong_is_said_and_is_no_answer() {
        assert_eq!(messages(&[("status", "lost")]), ["error-filter-status"]);
        assert_eq!(messages(&[("to", "+93")]), ["error-filter-to"]);
        assert_eq!(messages(&[("to", "someone")]), ["error-filter-to"]);
        assert_eq!(
            messages(&[("after", "2026-02-30"), ("before", "x")]),
            ["error-filter-after", "error-filter-before"]
        );
        assert_eq!(messages(&[("after", "2026-04-02"), ("before", "2026-04-01")]), ["error-filter-order"]);
        assert_eq!(messages(&[("after", "2026-01-01"), ("before", "2026-04-03")]), ["error-filter-days"]);
        assert!(parse(&[("after", "2026-01-01"), ("before", "2026-04-02")]).is_ok(), "92 days");
        assert_eq!(messages(&[("limit", "1000")]), ["error-filter-limit"]);
        assert_eq!(messages(&[("range", "year")]), ["error-filter-range"]);
        assert_eq!(messages(&[("from", "a-name-that-is-long")]), ["error-filter-from"]);
        assert_eq!(messages(&[("from", "\0")]), ["error-filter-from"]);
    }

    #[test]
    fn days_by_name_and_by_date_exclude_each_other_and_the_form_s_last_name_is_kept() {
        assert_eq!(messages(&[("range", "30d"), ("after", "2026-04-01")]), ["error-filter-both"]);
        assert_eq!(messages(&[("before", "2026-04-01"), ("range", "today")]), ["error-filter-both"]);
        assert!(parse(&[("range", "30d"), ("after", "")]).is_ok(), "an empty field says nothing");
        let days = |pairs: &[(&str, &str)]| parse(pairs).unwrap().days;
        assert_eq!(days(&[("was", "30d"), ("from", "Bank")]), Days::Named(Range::Days30));
        assert_eq!(days(&[("was", "30d"), ("range", "today")]), Days::Named(Range::Today));
        let after = "2026-04-01".parse().ok();
        assert_eq!(days(&[("was", "30d"), ("after", "2026-04-01")]), Days::Between(after, None));
    }

    #[test]
    fn no_range_is_longer_than_92_days_also_when_an_end_is_open() {
        let today: Date = "2026-04-25".parse().unwrap();
        let since = |day| parse(&[("after", day)]).unwrap().too_long(today).map(|error| error.message);
        assert_eq!(since("2026-01-24"), None, "92 days with today");
        assert_eq!(since("2026-01-23"), Some("error-filter-days"));
        let until = parse(&[("before", "2026-04-02")]).unwrap();
        let (first, last) = until.bounds(today, Calendar::Gregorian);
        assert_eq!((first, last), ("2026-01-01".parse().ok(), "2026-04-02".parse().ok()), "92 days");
    }

    #[test]
    fn what_is_right_stays_beside_what_is_wrong() {
        let (filters, errors) = MessageFilters::read([("status", "failed"), ("after", "x"), ("limit", "50")]);
        assert_eq!((filters.statuses, filters.limit, errors.len()), (vec!["failed"], 50, 1));
    }

    #[test]
    fn an_invoice_needs_no_days() {
        let filters = parse(&[("invoice", "inv_1"), ("after", "2026-04-01")]).unwrap();
        let query = filters.query("2026-04-25".parse().unwrap(), Calendar::Gregorian, "UTC");
        assert_eq!((query.after, query.before, query.invoice_id.as_deref()), (None, None, Some("inv_1")));
    }

    fn any_days() -> impl Strategy<Value = Days> {
        let day = (0_i32..9_000).prop_map(|days| calendar::plus_days("2010-01-01".parse().unwrap(), days));
        prop_oneof![
            proptest::sample::select(Range::ALL.to_vec()).prop_map(|(range, _)| Days::Named(range)),
            (day, 0_i32..DAYS_MAX, any::<[bool; 2]>()).prop_filter_map(
                "one is there",
                |(day, more, [a, b])| {
                    let last = calendar::plus_days(day, more);
                    (a || b).then_some(Days::Between(a.then_some(day), b.then_some(last)))
                }
            ),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn filters_come_back_from_their_address(
            statuses in subsequence(STATUSES.to_vec(), 0..=4),
            to in proptest::option::of("\\+[1-9][0-9]{6,14}\\*?|\\+[1-9][0-9]{3,5}\\*"),
            from in proptest::option::of("[A-Za-z0-9]{1,15}"),
            days in any_days(),
            limit in proptest::sample::select(LIMITS.to_vec()),
            cursor in proptest::option::of("[A-Za-z0-9_-]{1,40}"),
        ) {
            let filters = MessageFilters { statuses, to, from, days, invoice: None, limit, cursor };
            let pairs = filters.pairs();
            let again = MessageFilters::parse(pairs.iter().map(|(name, value)| (*name, value.as_str())));
            prop_assert_eq!(again.as_ref(), Ok(&filters));
            prop_assert_eq!(again.unwrap().pairs(), pairs);
        }
    }
}
