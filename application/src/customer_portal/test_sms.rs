//! The form that sends a test message, and the counter beside it.

use sarai_domain::devportal::{
    template::{Encoding, measure},
    values::E164Phone,
};

use super::{keys::FieldError, numbers};

/// The most messages that a text may be sent as.
const SEGMENTS_MAX: u8 = 10;

/// What was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TestSmsForm {
    /// To whom.
    pub to: String,
    /// From which sender id.
    pub from: String,
    /// What it says.
    pub body: String,
}

/// What a text measures, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// How it is written.
    pub encoding: Encoding,
    /// How many characters count.
    pub units: usize,
    /// How many messages it is.
    pub segments: u8,
    /// The first character that the short alphabet lacks.
    pub forced_by: Option<char>,
}

/// Counts a text.
pub fn counted(body: &str) -> Counted {
    let measure = measure(body);
    let forced_by = match measure.encoding {
        Encoding::Gsm7 => None,
        Encoding::Ucs2 => body.chars().find(|character| alone(*character) == Encoding::Ucs2),
    };
    Counted { encoding: measure.encoding, units: measure.units, segments: measure.segments, forced_by }
}

fn alone(character: char) -> Encoding {
    measure(character.encode_utf8(&mut [0; 4])).encoding
}

impl TestSmsForm {
    /// What was typed, the number as people type numbers.
    pub fn of<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut form = Self::default();
        for (name, value) in fields {
            match name {
                "to" => value.trim().clone_into(&mut form.to),
                "from" => form.from = numbers::typed(value),
                "body" => form.body = value.replace("\r\n", "\n"),
                _ => {}
            }
        }
        form
    }

    /// The number, when it is one.
    pub fn number(&self) -> Option<E164Phone> {
        E164Phone::parse(&self.to).ok()
    }

    /// What is wrong with it.
    pub fn errors(&self) -> Vec<FieldError> {
        let error = |field, message| FieldError { field, message };
        let mut errors = Vec::new();
        if self.number().is_none() {
            errors.push(error("to", "error-sms-to"));
        }
        // The API takes whatever name the account owns; of what names are made of, `SARAI-OTP` has a hyphen.
        let named = (3..=11).contains(&self.from.len())
            && self.from.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && self.from.bytes().any(|byte| byte != b'-');
        let numbered = self.from.len() <= 16
            && self
                .from
                .strip_prefix('+')
                .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
        if !named && !numbered {
            errors.push(error("from", "error-sms-from"));
        }
        if self.body.trim().is_empty() {
            errors.push(error("body", "error-sms-body-empty"));
        } else if counted(&self.body).segments > SEGMENTS_MAX {
            errors.push(error("body", "error-sms-body-long"));
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_counted_and_the_character_that_makes_it_long_is_named() {
        let cases = [
            ("", 1, 0, None),
            ("Hello", 1, 5, None),
            ("Price: 5€", 1, 10, None),
            ("سلام", 1, 4, Some('س')),
            ("Hello — you", 1, 11, Some('—')),
            ("ok 👍", 1, 5, Some('👍')),
        ];
        for (text, segments, units, forced_by) in cases {
            let counted = counted(text);
            assert_eq!(
                (counted.segments, counted.units, counted.forced_by),
                (segments, units, forced_by),
                "{text}"
            );
        }
        for (text, segments) in [("a", 160), ("a", 161), ("س", 70), ("س", 71)]
            .map(|(c, n)| (c.repeat(n), 1 + u8::from(n % 10 == 1)))
        {
            assert_eq!(counted(&text).segments, segments);
        }
    }

    #[test]
    fn a_form_says_what_is_wrong_with_it() {
        let form =
            |to: &str, from: &str, body: &str| TestSmsForm::of([("to", to), ("from", from), ("body", body)]);
        let messages =
            |form: TestSmsForm| form.errors().iter().map(|error| error.message).collect::<Vec<_>>();
        for from in ["Bank", "SARAI-OTP", "+93701234567"] {
            assert!(messages(form("+93 70 123 4567", from, "hi")).is_empty(), "{from}");
        }
        for from in ["A_B", "Bank!", "---", "SARAI-OTP-2026"] {
            assert_eq!(messages(form("+93701234567", from, "hi")), ["error-sms-from"], "{from}");
        }
        assert!(messages(form("+۹۳۷۰۱۲۳۴۵۶۷", "+93701234567", "hi")).is_empty());
        assert_eq!(
            messages(form("123", "x", " ")),
            ["error-sms-to", "error-sms-from", "error-sms-body-empty"]
        );
        assert!(messages(form("+93701234567", "Bank", &"a".repeat(1530))).is_empty());
        assert_eq!(messages(form("+93701234567", "Bank", &"a".repeat(1531))), ["error-sms-body-long"]);
        assert_eq!(messages(form("+93701234567", "Bank", &"س".repeat(671))), ["error-sms-body-long"]);
    }
}
