//! What values that are texts have in common: one macro for their traits, one rule for lines that people read.

use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

/// A type over a text that `$normal` brought into its one form. Read and written as that text.
macro_rules! text_value {
    ($(#[$doc:meta])* $name:ident, $error:expr, $normal:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::devportal::values::Malformed;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let normal: fn(&str) -> Option<String> = $normal;
                normal(text).map(Self).ok_or($error)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::devportal::values::Malformed;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}
pub(crate) use text_value;

/// How many bytes a character that people see may have on the average; more is an attack on whoever draws it.
const BYTES_A_GRAPHEME: usize = 16;

/// A line that people read: trimmed, NFC, 1 to `max` graphemes, without control characters and without those that
/// turn the direction of what stands around it. ZWNJ stays: Persian and Pashto words need it.
pub(crate) fn line(text: &str, max: usize) -> Option<String> {
    let limit = max.saturating_mul(BYTES_A_GRAPHEME);
    // NFC makes no text longer than threefold: do not normalise what an attacker made large.
    if text.len() > limit || text.chars().any(|one| one.is_control() || turns_direction(one)) {
        return None;
    }
    let line: String = text.trim().nfc().collect();
    let visible = line.chars().any(|one| !is_invisible(one));
    (visible && line.len() <= limit && line.graphemes(true).count() <= max).then_some(line)
}

/// Embeddings, overrides and isolates, and the separators that are no control characters.
pub(crate) const fn turns_direction(one: char) -> bool {
    matches!(one, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// Whether nothing is seen of it where it stands alone.
fn is_invisible(one: char) -> bool {
    one.is_whitespace()
        || matches!(one, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{00ad}')
}
