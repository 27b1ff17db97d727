//! How many text messages a text is: 160 or 153 septets of GSM-7, 70 or 67 units of UCS-2.

use serde::{Deserialize, Serialize};

/// How a text message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Encoding {
    /// The 7-bit alphabet of GSM 03.38.
    Gsm7,
    /// UTF-16.
    Ucs2,
}

/// What a text measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// How it is written.
    pub encoding: Encoding,
    /// How many septets or units it has.
    pub units: usize,
    /// How many messages it is.
    pub segments: u8,
}

/// The basic alphabet.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Characters that take an escape and a septet.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// How many septets a character takes; none outside the alphabet.
pub(super) fn septets(character: char) -> Option<usize> {
    if BASIC.contains(character) {
        Some(1)
    } else if EXTENDED.contains(character) {
        Some(2)
    } else {
        None
    }
}

/// Measures a text in the alphabet it fits.
///
/// ```
/// # use sarai_domain::devportal::template::{Encoding, measure};
/// assert_eq!(measure(&"a".repeat(161)).segments, 2);
/// let pashto = measure("ستاسو کوډ");
/// assert_eq!((pashto.encoding, pashto.units, pashto.segments), (Encoding::Ucs2, 9, 1));
/// ```
pub fn measure(text: &str) -> Measure {
    let gsm = text.chars().map(septets).try_fold(0_usize, |sum, septets| Some(sum.saturating_add(septets?)));
    match gsm {
        Some(units) => of(Encoding::Gsm7, units),
        None => of(Encoding::Ucs2, text.encode_utf16().count()),
    }
}

/// How many messages so many units are.
pub(super) fn of(encoding: Encoding, units: usize) -> Measure {
    let (single, joined) = match encoding {
        Encoding::Gsm7 => (160, 153),
        Encoding::Ucs2 => (70, 67),
    };
    let segments = if units <= single { 1 } else { units.div_ceil(joined) };
    Measure { encoding, units, segments: u8::try_from(segments).unwrap_or(u8::MAX) }
}
