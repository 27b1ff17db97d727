//! A phone number in E.164, however its digits are typed.

use std::fmt;

use super::{
    country::{CountryCode, calling_code_of},
    destination::DestinationError,
    digits::{ascii_digit, is_bidi_mark},
};

/// A phone number: `+`, then 7 to 15 digits. Its `Debug` is masked, and it has no other text form but
/// [`E164Phone::as_str`]: what is shown, logged or announced is the mask.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct E164Phone(Box<str>);

impl E164Phone {
    /// Takes a number as people type it: Persian and Arabic digits, spaces, hyphens, points, brackets and marks of
    /// direction are understood, `00` means `+`.
    ///
    /// ```
    /// # use sarai_domain::devportal::values::{DestinationError, E164Phone};
    /// let phone = E164Phone::parse("۰۰۹۳ (۷۰) ۱۲۳-۱۲۳۴")?;
    /// assert_eq!((phone.as_str(), phone.masked().as_str()), ("+93701231234", "+93•••••1234"));
    /// # Ok::<(), DestinationError>(())
    /// ```
    ///
    /// # Errors
    /// [`DestinationError::InvalidPhone`] for anything else.
    pub fn parse(text: &str) -> Result<Self, DestinationError> {
        let separates = |c: &char| matches!(c, ' ' | '\u{a0}' | '-' | '.' | '(' | ')') || is_bidi_mark(*c);
        let typed: String = text.trim().chars().filter(|c| !separates(c)).map(ascii_digit).collect();
        let number = match typed.strip_prefix("00") {
            Some(rest) => format!("+{rest}"),
            None => typed,
        };
        let digits = number.strip_prefix('+').unwrap_or_default();
        let valid = (7..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if valid { Ok(Self(number.into())) } else { Err(DestinationError::InvalidPhone) }
    }

    /// The number: `+` and digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The country that numbers of this prefix belong to; none for satellites and other global services.
    pub fn country_code(&self) -> Option<CountryCode> {
        calling_code_of(&self.0).and_then(|known| known.country)
    }

    /// What may be shown: the calling code, a dot for each digit between, the last four digits.
    pub fn masked(&self) -> String {
        let code = calling_code_of(&self.0).map_or("", |known| known.calling_code);
        let shown = code.len().saturating_add(1);
        let last = self.0.len().saturating_sub(4).max(shown);
        let hidden = "•".repeat(last.saturating_sub(shown));
        format!("+{code}{hidden}{}", self.0.get(last..).unwrap_or_default())
    }

    /// All but the last four digits: the block of numbers that pumping attacks walk through.
    pub fn prefix4(&self) -> &str {
        self.0.get(..self.0.len().saturating_sub(4)).unwrap_or(&self.0)
    }
}

impl fmt::Debug for E164Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_type_is_one_number() {
        for text in [
            "+93701231234",
            " 0093 70 123 1234 ",
            "+93-70.123(1234)",
            "\u{202a}+93 701231234\u{202c}",
            "+٩٣٧٠١٢٣١٢٣٤",
            "۰۰۹۳۷۰۱۲۳۱۲۳۴",
            "+93\u{a0}70\u{a0}1231234",
        ] {
            assert_eq!(E164Phone::parse(text).unwrap().as_str(), "+93701231234", "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_number() {
        for text in [
            "",
            "+",
            "0701231234",
            "+0701231234",
            "+93",
            "+123456",
            "+1234567890123456",
            "+93x701231",
            "++9370123",
            "+93/701231",
        ] {
            assert_eq!(E164Phone::parse(text), Err(DestinationError::InvalidPhone), "{text}");
        }
    }

    #[test]
    fn only_the_mask_is_printed() {
        let phone = E164Phone::parse("+12025550100").unwrap();
        assert_eq!(format!("{phone:?}"), "+1••••••0100");
        assert_eq!(phone.prefix4(), "+1202555");
        assert_eq!(phone.country_code().unwrap().as_str(), "US");
        assert_eq!(E164Phone::parse("+8811234567").unwrap().country_code(), None);
    }

    proptest! {
        #[test]
        fn parsing_is_idempotent_and_a_mask_hides(digits in "[1-9][0-9]{6,14}") {
            let phone = E164Phone::parse(&format!("+{digits}")).unwrap();
            prop_assert_eq!(&E164Phone::parse(phone.as_str()).unwrap(), &phone);
            prop_assert_eq!(phone.masked().chars().count(), phone.as_str().len());
        }
    }
}
