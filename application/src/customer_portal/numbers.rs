//! Figures as they are read: their digits, groups, signs and shares. No floating point.

use std::borrow::Cow;

use sarai_domain::kernel::{Money, Price};

use super::preferences::{Digits, Reading};

/// Groups of thousands in native digits.
const GROUP: char = '\u{66c}';
/// The decimal sign among native digits.
const DECIMAL: char = '\u{66b}';
/// The percent sign after native digits.
const PERCENT: char = '\u{66a}';

/// Latin digits and signs as this reader's.
pub fn native(text: &str, reading: &Reading) -> String {
    if reading.digits == Digits::Latin {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len().saturating_mul(2));
    for character in text.chars() {
        match character {
            '0'..='9' => {
                let code = u32::from(character).saturating_sub(0x30).saturating_add(0x06f0);
                shown.push(char::from_u32(code).unwrap_or(character));
            }
            ',' => shown.push(GROUP),
            '.' => shown.push(DECIMAL),
            '%' => shown.push(PERCENT),
            '-' => shown.push_str("\u{200e}\u{2212}"),
            _ => shown.push(character),
        }
    }
    shown
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len().saturating_mul(2));
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digits.len().saturating_sub(place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count.
pub fn count(value: u64, reading: &Reading) -> String {
    native(&grouped(&value.to_string()), reading)
}

/// A difference, with its sign.
pub fn signed(value: i64, reading: &Reading) -> String {
    let sign = if value < 0 { "-" } else { "+" };
    native(&format!("{sign}{}", grouped(&value.unsigned_abs().to_string())), reading)
}

/// A share of a whole, in tenths of a percent and rounded down: what is not all never reads 100 %.
pub fn permille(part: u64, whole: u64) -> Option<u64> {
    part.saturating_mul(1000).checked_div(whole)
}

/// A share as a percentage with one decimal.
pub fn percent(permille: u64, reading: &Reading) -> String {
    let whole = permille.checked_div(10).unwrap_or_default();
    let tenth = permille.checked_rem(10).unwrap_or_default();
    let text = if reading.digits == Digits::Native {
        format!("{whole}.{tenth}%")
    } else {
        format!("{whole}.{tenth} %")
    };
    native(&text, reading)
}

/// An amount in its currency: the figure grouped, in Latin digits, the code behind it.
pub fn money(amount: &Money) -> String {
    amount_text(&amount.to_string(), amount.currency().code())
}

/// A price: as an amount of money where it is one, with all its digits where it is finer.
pub fn price(price: &Price) -> String {
    let text = price.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = usize::try_from(price.currency().digits()).unwrap_or(2);
    let mut fraction = fraction.trim_end_matches('0').to_owned();
    while fraction.len() < digits {
        fraction.push('0');
    }
    let text = if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") };
    amount_text(&text, price.currency().code())
}

fn amount_text(figure: &str, code: &str) -> String {
    let (whole, fraction) = figure.split_once('.').map_or((figure, None), |(a, b)| (a, Some(b)));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    let whole = grouped(whole);
    match fraction {
        Some(fraction) => format!("{sign}{whole}.{fraction} {code}"),
        None => format!("{sign}{whole} {code}"),
    }
}

/// A text with native digits and signs, as whoever reads Latin ones has it: [`native`] the other way round.
pub fn latin(text: &str) -> Cow<'_, str> {
    if !text.contains(|character| as_latin(character) != character) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(as_latin).collect())
}

fn as_latin(character: char) -> char {
    match character {
        GROUP => ',',
        DECIMAL => '.',
        PERCENT => '%',
        _ => latin_digit(character),
    }
}

fn latin_digit(character: char) -> char {
    let value = match character {
        '\u{0660}'..='\u{0669}' => u32::from(character).saturating_sub(0x0660),
        '\u{06f0}'..='\u{06f9}' => u32::from(character).saturating_sub(0x06f0),
        _ => return character,
    };
    char::from_digit(value, 10).unwrap_or(character)
}

/// What somebody typed as a number or a date: native digits become Latin, invisible marks go.
pub fn typed(text: &str) -> String {
    text.chars()
        .filter(|character| {
            !matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
                | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{61c}')
        })
        .map(latin_digit)
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use sarai_domain::{devportal::values::Locale, kernel::Currency};

    use super::*;
    use crate::customer_portal::preferences::Preferences;

    fn reading(locale: Locale) -> Reading {
        Preferences { locale: Some(locale), ..Preferences::default() }.reading("")
    }

    #[test]
    fn figures_are_grouped_and_native() {
        assert_eq!(count(1_234_567, &reading(Locale::En)), "1,234,567");
        assert_eq!(count(1_234_567, &reading(Locale::Fa)), "۱٬۲۳۴٬۵۶۷");
        assert_eq!(count(7, &reading(Locale::Ps)), "۷");
        assert_eq!(signed(-1_234, &reading(Locale::En)), "-1,234");
        assert_eq!(signed(-7, &reading(Locale::Fa)), "\u{200e}\u{2212}۷");
        assert_eq!(signed(7, &reading(Locale::En)), "+7");
    }

    #[test]
    fn a_text_is_read_in_latin_digits_with_their_signs() {
        assert_eq!(latin("تا ۱٬۵۳۰ یا ۶۷۰ حرف، ۹۷٫۳٪، ٤"), "تا 1,530 یا 670 حرف، 97.3%، 4");
        assert!(matches!(latin("سلام +93"), Cow::Borrowed(_)), "what has none is as it was");
    }

    #[test]
    fn a_share_is_rounded_down_and_of_nothing_is_nothing() {
        assert_eq!(permille(9_996, 10_000), Some(999));
        assert_eq!(percent(999, &reading(Locale::En)), "99.9 %");
        assert_eq!(percent(973, &reading(Locale::Fa)), "۹۷٫۳٪");
        assert_eq!(permille(0, 0), None);
    }

    #[test]
    fn money_has_the_digits_of_its_currency_and_a_price_those_it_needs() {
        let usd = Currency::parse("USD").unwrap();
        assert_eq!(money(&Money::parse("12345.60", usd).unwrap()), "12,345.60 USD");
        assert_eq!(price(&Price::parse("0.0079", usd).unwrap()), "0.0079 USD");
        assert_eq!(price(&Price::parse("1250", usd).unwrap()), "1,250.00 USD");
    }

    #[test]
    fn what_is_typed_loses_what_nobody_sees() {
        assert_eq!(typed("\u{202b}۱۴۰۵-۰۱-٢٩\u{200f} "), "1405-01-29");
    }
}
