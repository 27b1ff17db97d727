//! The filters of an endpoint's deliveries as the address says them: the same contract as the message log's
//! (customer-portal.md 4).

use jiff::civil::Date;
use sarai_ports::customer_portal::webhooks::DeliveryQuery;

use super::{
    calendar::{self, parse_day},
    keys::FieldError,
    numbers::typed,
};

/// Where a delivery may stand, in the order of a page.
pub const OUTCOMES: &[&str] = &["pending", "delivered", "failed"];
/// The most characters of an event's type.
const EVENT_MAX: usize = 80;
/// The longest range: nothing is kept longer.
const DAYS_MAX: i32 = 92;

/// The filters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilters {
    /// Where they stand.
    pub outcome: Option<&'static str>,
    /// What the endpoint answered last.
    pub code: Option<u16>,
    /// Of which kind.
    pub event: Option<String>,
    /// From this day.
    pub after: Option<Date>,
    /// To that day.
    pub before: Option<Date>,
    /// Where the part begins.
    pub cursor: Option<String>,
}

/// An HTTP code, in any digits.
fn code(text: &str) -> Option<u16> {
    typed(text).parse().ok().filter(|code| (100..=599).contains(code))
}

fn is_event(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._".contains(&byte);
    text.len() <= EVENT_MAX && text.bytes().all(known)
}

impl DeliveryFilters {
    /// Reads an address's pairs; what is unknown or empty is left out.
    ///
    /// # Errors
    /// What is wrong, a sentence a field.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Vec<FieldError>> {
        let (mut filters, mut errors) = (Self::default(), Vec::new());
        for (name, value) in pairs {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            let wrong = match name {
                "outcome" => {
                    filters.outcome = OUTCOMES.iter().copied().find(|known| *known == value);
                    filters.outcome.is_none().then_some(("outcome", "error-filter-outcome"))
                }
                "code" => {
                    filters.code = code(value);
                    filters.code.is_none().then_some(("code", "error-filter-code"))
                }
                "event" => {
                    filters.event = Some(value.to_owned());
                    (!is_event(value)).then_some(("event", "error-filter-event"))
                }
                "after" => {
                    filters.after = parse_day(value);
                    filters.after.is_none().then_some(("after", "error-filter-after"))
                }
                "before" => {
                    filters.before = parse_day(value);
                    filters.before.is_none().then_some(("before", "error-filter-before"))
                }
                "cursor" => {
                    filters.cursor = Some(value.to_owned());
                    None
                }
                _ => None,
            };
            errors.extend(wrong.map(|(field, message)| FieldError { field, message }));
        }
        if let (Some(after), Some(before)) = (filters.after, filters.before) {
            let error = |message| FieldError { field: "after", message };
            if after > before {
                errors.push(error("error-filter-order"));
            } else if calendar::plus_days(after, DAYS_MAX) <= before {
                errors.push(error("error-filter-days"));
            }
        }
        if errors.is_empty() { Ok(filters) } else { Err(errors) }
    }

    /// The one way they are written.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let of = [
            ("outcome", self.outcome.map(str::to_owned)),
            ("code", self.code.map(|code| code.to_string())),
            ("event", self.event.clone()),
            ("after", self.after.map(|day| day.to_string())),
            ("before", self.before.map(|day| day.to_string())),
            ("cursor", self.cursor.clone()),
        ];
        of.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Without a page's place, for when a filter changes.
    #[must_use]
    pub fn from_the_start(&self) -> Self {
        Self { cursor: None, ..self.clone() }
    }

    /// Whether anything was chosen.
    pub fn is_narrowed(&self) -> bool {
        self.from_the_start() != Self::default()
    }

    /// The same as the API asks it: days become instants of the reader's zone.
    pub fn query(&self, zone: &str) -> DeliveryQuery {
        DeliveryQuery {
            outcome: self.outcome.map(str::to_ascii_uppercase),
            code: self.code.map(|code| code.to_string()),
            event: self.event.clone(),
            after: self.after.map(|day| calendar::start_of(day, zone)),
            before: self.before.map(|day| calendar::start_of(calendar::plus_days(day, 1), zone)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &[(&'static str, &'static str)]) -> Result<DeliveryFilters, Vec<&'static str>> {
        DeliveryFilters::parse(query.iter().copied())
            .map_err(|errors| errors.iter().map(|error| error.message).collect())
    }

    #[test]
    fn an_address_is_read_in_any_digits_and_written_in_one_way() {
        let filters = parse(&[
            ("before", "۱۴۰۵-۰۱-۲۹"),
            ("unknown", "x"),
            ("code", "۵۰۳"),
            ("outcome", "failed"),
            ("event", " messaging.message.failed.v1 "),
            ("after", ""),
        ])
        .unwrap();
        let written: Vec<_> = filters.pairs();
        let pairs: Vec<_> = written.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(
            pairs,
            [
                ("outcome", "failed"),
                ("code", "503"),
                ("event", "messaging.message.failed.v1"),
                ("before", "2026-04-18"),
            ]
        );
        assert_eq!(DeliveryFilters::parse(pairs), Ok(filters.clone()), "what is written is read again");
        let query = filters.query("Asia/Kabul");
        assert_eq!(query.outcome.as_deref(), Some("FAILED"));
        assert_eq!(query.before.unwrap().to_string(), "2026-04-18T19:30:00Z", "the day is included");
        assert_eq!(query.after, None);
    }

    #[test]
    fn what_is_wrong_is_told_and_never_left_out() {
        for (name, value, sentence) in [
            ("outcome", "lost", "error-filter-outcome"),
            ("code", "99", "error-filter-code"),
            ("code", "abc", "error-filter-code"),
            ("event", "a b", "error-filter-event"),
            ("after", "2026-02-30", "error-filter-after"),
            ("before", "x", "error-filter-before"),
        ] {
            assert_eq!(parse(&[(name, value)]), Err(vec![sentence]), "{name}={value}");
        }
        let days = |after, before| parse(&[("after", after), ("before", before)]);
        assert_eq!(days("2026-04-02", "2026-04-01"), Err(vec!["error-filter-order"]));
        assert_eq!(days("2026-01-01", "2026-04-03"), Err(vec!["error-filter-days"]));
        assert!(days("2026-01-01", "2026-04-02").is_ok());
    }
}
