//! Countries, and which one a number's first digits belong to.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{calling_codes::CALLING_CODES, destination::DestinationError, phone::E164Phone};

/// A country of ISO 3166-1, two capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// Takes two capital letters.
    ///
    /// # Errors
    /// [`DestinationError::InvalidCountry`] for anything else.
    pub fn parse(text: &str) -> Result<Self, DestinationError> {
        match text.as_bytes() {
            [first, second] if first.is_ascii_uppercase() && second.is_ascii_uppercase() => {
                Ok(Self([*first, *second]))
            }
            _ => Err(DestinationError::InvalidCountry),
        }
    }

    /// The two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A calling code and the country that its numbers belong to.
pub(super) struct CallingCode {
    /// The digits after the `+` that stand for the country; `1` for all of North America.
    pub(super) calling_code: &'static str,
    /// Whose numbers these are; none for global services.
    pub(super) country: Option<CountryCode>,
}

/// The longest row of the table that a number begins with.
pub(super) fn calling_code_of(number: &str) -> Option<CallingCode> {
    let digits = number.strip_prefix('+')?;
    // No prefix in the table is longer than 5 digits.
    (1..=5).rev().filter_map(|length| digits.get(..length)).find_map(|prefix| {
        let row = CALLING_CODES.binary_search_by(|(known, _, _)| (*known).cmp(prefix)).ok()?;
        let (_, length, letters) = CALLING_CODES.get(row)?;
        let calling_code = CALLING_CODES.get(row)?.0.get(..usize::from(*length))?;
        Some(CallingCode { calling_code, country: CountryCode::parse(letters).ok() })
    })
}

/// The beginning of numbers that are not sent to: `+` and 1 to 15 digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DialPrefix(Box<str>);

/// Satellites and premium services: never sent to, whatever a policy says.
pub const ALWAYS_BLOCKED: &[&str] = &["+870", "+878", "+881", "+882", "+883", "+979"];

impl DialPrefix {
    /// Takes a beginning of numbers.
    ///
    /// # Errors
    /// [`DestinationError::InvalidPrefix`] for anything else.
    pub fn parse(text: &str) -> Result<Self, DestinationError> {
        let digits = text.strip_prefix('+').ok_or(DestinationError::InvalidPrefix)?;
        let valid = (1..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if valid { Ok(Self(text.into())) } else { Err(DestinationError::InvalidPrefix) }
    }

    /// Whether a number begins so.
    pub fn covers(&self, phone: &E164Phone) -> bool {
        phone.as_str().starts_with(&*self.0)
    }

    /// Whether no policy may send to this number.
    pub fn always_blocks(phone: &E164Phone) -> bool {
        ALWAYS_BLOCKED.iter().any(|prefix| phone.as_str().starts_with(prefix))
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for DialPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DialPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! text_form {
    ($($type:ty),*) => {$(
        impl FromStr for $type {
            type Err = DestinationError;

            fn from_str(text: &str) -> Result<Self, DestinationError> {
                Self::parse(text)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }
    )*};
}

text_form!(CountryCode, DialPrefix);

#[cfg(test)]
mod tests {
    use super::*;

    fn country(number: &str) -> Option<String> {
        E164Phone::parse(number).unwrap().country_code().map(|country| country.to_string())
    }

    #[test]
    fn the_longest_prefix_names_the_country() {
        for (number, expected) in [
            ("+93701231234", Some("AF")),
            ("+923001234567", Some("PK")),
            ("+989121234567", Some("IR")),
            ("+12025550100", Some("US")),
            ("+14165550100", Some("CA")),
            ("+18765550100", Some("JM")),
            ("+77011234567", Some("KZ")),
            ("+74951234567", Some("RU")),
            ("+447911123456", Some("GB")),
            ("+441534123456", Some("JE")),
            ("+390612345678", Some("IT")),
            ("+870773111632", None),
            ("+2101234567", None),
        ] {
            assert_eq!(country(number).as_deref(), expected, "{number}");
        }
    }

    #[test]
    fn the_table_is_sorted_and_names_countries() {
        assert!(CALLING_CODES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (prefix, length, letters) in CALLING_CODES {
            assert!(usize::from(*length) <= prefix.len() && (1..=5).contains(&prefix.len()), "{prefix}");
            assert!(letters.is_empty() || CountryCode::parse(letters).is_ok(), "{letters}");
        }
    }

    #[test]
    fn a_prefix_covers_the_numbers_that_begin_so() {
        let phone = E164Phone::parse("+93701231234").unwrap();
        assert!(DialPrefix::parse("+9370").unwrap().covers(&phone));
        assert!(!DialPrefix::parse("+9371").unwrap().covers(&phone));
        assert!(DialPrefix::always_blocks(&E164Phone::parse("+88112345678").unwrap()));
        assert!(!DialPrefix::always_blocks(&phone));
        for bad in ["", "93", "+", "+0", "+9a"] {
            assert_eq!(DialPrefix::parse(bad), Err(DestinationError::InvalidPrefix), "{bad}");
        }
        for bad in ["", "a", "af", "AFG", "A1"] {
            assert_eq!(CountryCode::parse(bad), Err(DestinationError::InvalidCountry), "{bad}");
        }
        for prefix in ALWAYS_BLOCKED {
            assert!(DialPrefix::parse(prefix).is_ok());
        }
    }
}
