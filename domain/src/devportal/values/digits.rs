//! Digits as people type them, and the invisible marks that come with them.

/// The ASCII digit that a Persian (U+06F0..) or Arabic-Indic (U+0660..) digit means; any other character as it is.
pub(crate) fn ascii_digit(character: char) -> char {
    let value = match character {
        '\u{0660}'..='\u{0669}' => u32::from(character).saturating_sub(0x0660),
        '\u{06f0}'..='\u{06f9}' => u32::from(character).saturating_sub(0x06f0),
        _ => return character,
    };
    char::from_digit(value, 10).unwrap_or(character)
}

/// Marks that steer the direction of a text and are no part of a number.
pub(crate) const fn is_bidi_mark(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a text has four or more digits in a row, in any of the scripts we read.
pub(crate) fn has_long_digit_run(text: &str) -> bool {
    let mut run = 0_u8;
    text.chars().filter(|character| !is_bidi_mark(*character)).any(|character| {
        run = if ascii_digit(character).is_ascii_digit() { run.saturating_add(1) } else { 0 };
        run >= 4
    })
}
