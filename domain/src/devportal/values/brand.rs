//! The name a code is sent under.

use serde::{Deserialize, Deserializer, Serialize, de};
use unicode_normalization::UnicodeNormalization;

use super::digits::{has_long_digit_run, is_bidi_mark};
use crate::{
    devportal::invariants::V_INV_20,
    kernel::{Coded, Invariant, Kind},
};

/// The most characters a brand has: what a template's longest render reckons with.
pub const BRAND_MAX: usize = 32;

/// Who sends, in 1 to 32 characters without a number that could be taken for a code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Brand(Box<str>);

/// Why a text is no brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrandError {
    /// Empty or too long.
    #[error("a brand has 1 to 32 characters")]
    Length,
    /// It breaks the line or steers the text.
    #[error("a brand has no control characters, no marks of direction and no link")]
    Character,
    /// V-INV-20.
    #[error("a brand has no four digits in a row")]
    DigitRun,
}

impl Coded for BrandError {
    fn code(&self) -> &'static str {
        match self {
            Self::Length => "verification.brand_length",
            Self::Character => "verification.brand_character",
            Self::DigitRun => "verification.brand_digits",
        }
    }

    fn kind(&self) -> Kind {
        Kind::Invalid
    }

    fn invariant(&self) -> Option<Invariant> {
        match self {
            Self::DigitRun => Some(V_INV_20),
            Self::Length | Self::Character => None,
        }
    }
}

impl Brand {
    /// Takes a name, trimmed and in NFC.
    ///
    /// # Errors
    /// [`BrandError`] for one that is empty, too long, steers the text, links somewhere, or looks like a code (V-INV-20).
    pub fn parse(text: &str) -> Result<Self, BrandError> {
        let name: String = text.trim().nfc().collect();
        // UTF-16 units, because that is what a message counts in.
        if name.is_empty() || name.encode_utf16().count() > BRAND_MAX {
            return Err(BrandError::Length);
        }
        if name.chars().any(|c| c.is_control() || is_bidi_mark(c)) || name.contains("://") {
            return Err(BrandError::Character);
        }
        if has_long_digit_run(&name) { Err(BrandError::DigitRun) } else { Ok(Self(name.into())) }
    }

    /// The longest beginning of a name that is a brand: what a start takes that names none (ruling R21).
    pub fn from_name(name: &str) -> Option<Self> {
        let kept: String = name.chars().filter(|c| !c.is_control() && !is_bidi_mark(*c)).collect();
        let ends = kept.char_indices().map(|(at, c)| at.saturating_add(c.len_utf8()));
        ends.filter_map(|end| kept.get(..end)).rev().find_map(|text| Self::parse(text).ok())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Brand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?)
            .map_err(|error| de::Error::custom(crate::kernel::Unreadable(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_inv_20_rejects_a_brand_with_four_digits_in_a_row() {
        for text in ["1234", "Shop 12345", "شماره ۱۲۳۴", "٠٠٠٠ بانک", "a1\u{feff}234567"] {
            let error = Brand::parse(text).unwrap_err();
            assert_eq!(error.invariant(), Some(V_INV_20), "{text}");
            assert_eq!((error.code(), error.kind()), ("verification.brand_digits", Kind::Invalid));
        }
    }

    #[test]
    fn v_inv_20_allows_shorter_numbers() {
        for text in ["Bank 365", "24/7 Shop", "بانک ۳۶۵", "12 345 6"] {
            assert!(Brand::parse(text).is_ok(), "{text} ({V_INV_20})");
        }
    }

    #[test]
    fn a_brand_is_one_short_line() {
        for (text, error) in [
            ("", BrandError::Length),
            ("  ", BrandError::Length),
            (&"x".repeat(33), BrandError::Length),
            (&"😀".repeat(17), BrandError::Length),
            ("a\nb", BrandError::Character),
            ("a\u{202e}b", BrandError::Character),
            ("https://x.test", BrandError::Character),
        ] {
            assert_eq!(Brand::parse(text), Err(error), "{text:?}");
        }
        assert_eq!(Brand::parse(" Sarai ").unwrap().as_str(), "Sarai");
    }

    #[test]
    fn a_long_name_is_cut_to_a_brand() {
        assert_eq!(Brand::from_name(&"x".repeat(80)).unwrap().as_str().len(), 32);
        assert_eq!(Brand::from_name("Shop 12345").unwrap().as_str(), "Shop 123");
        assert_eq!(Brand::from_name(" \n"), None);
    }
}
