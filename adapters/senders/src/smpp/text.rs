//! A text as the octets of short messages: the GSM alphabet, an octet a septet, or UCS-2; in parts where it is long.

use sarai_domain::devportal::template::{Encoding, measure};
use zeroize::Zeroizing;

/// The alphabet of GSM 03.38 in its order; the 28th place is the escape's.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// What stands behind an escape.
#[rustfmt::skip]
const EXTENDED: &[(char, u8)] = &[
    ('\u{c}', 0x0a), ('^', 0x14), ('{', 0x28), ('}', 0x29), ('\\', 0x2f), ('[', 0x3c), ('~', 0x3d), (']', 0x3e),
    ('|', 0x40), ('€', 0x65),
];
const ESCAPE: u8 = 0x1b;

/// The `data_coding` of a text.
pub(super) const fn data_coding(encoding: Encoding) -> u8 {
    match encoding {
        Encoding::Gsm7 => 0,
        Encoding::Ucs2 => 8,
    }
}

/// The octets of a whole message, and of a part of several, in this alphabet.
const fn room(encoding: Encoding) -> (usize, usize) {
    match encoding {
        Encoding::Gsm7 => (160, 153),
        Encoding::Ucs2 => (140, 134),
    }
}

/// A text, cut where it has to be, never within a character.
pub(super) struct Parts {
    pub(super) encoding: Encoding,
    pub(super) parts: Vec<Zeroizing<Vec<u8>>>,
}

/// Writes a text.
pub(super) fn parts(text: &str) -> Parts {
    let encoding = measure(text).encoding;
    let octets = |character| match encoding {
        Encoding::Gsm7 => gsm(character),
        Encoding::Ucs2 => ucs2(character),
    };
    let (whole, joined) = room(encoding);
    let length: usize = text.chars().map(|character| octets(character).len()).sum();
    let room = if length <= whole { whole } else { joined };
    let mut parts = vec![Zeroizing::new(Vec::with_capacity(room))];
    for character in text.chars() {
        let octets = octets(character);
        if parts.last().is_none_or(|part| part.len().saturating_add(octets.len()) > room) {
            parts.push(Zeroizing::new(Vec::with_capacity(room)));
        }
        if let Some(part) = parts.last_mut() {
            part.extend_from_slice(&octets);
        }
    }
    Parts { encoding, parts }
}

fn gsm(character: char) -> Vec<u8> {
    let basic = BASIC.chars().position(|known| known == character && known != '\u{1b}');
    let extended = || EXTENDED.iter().find(|(known, _)| *known == character).map(|(_, octet)| *octet);
    match basic.and_then(|at| u8::try_from(at).ok()) {
        Some(octet) => vec![octet],
        None => extended().map_or_else(Vec::new, |octet| vec![ESCAPE, octet]),
    }
}

fn ucs2(character: char) -> Vec<u8> {
    let mut units = [0; 2];
    character.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()).collect()
}

/// The header that says which part of which message this is (3GPP TS 23.040, 9.2.3.24.1).
pub(super) const fn header(reference: u8, of: u8, no: u8) -> [u8; 6] {
    [5, 0, 3, reference, of, no]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gsm_alphabet_is_written_as_the_standard_numbers_it() {
        let written = parts("@ Az\n€[]Ü~à").parts.remove(0);
        assert_eq!(
            written.as_slice(),
            [0x00, 0x20, 0x41, 0x7a, 0x0a, 0x1b, 0x65, 0x1b, 0x3c, 0x1b, 0x3e, 0x5e, 0x1b, 0x3d, 0x7f]
        );
        assert_eq!(BASIC.chars().count(), 128);
    }

    #[test]
    fn what_is_measured_as_gsm_has_octets_for_every_character() {
        for character in (0..=0xffff).filter_map(char::from_u32) {
            let gsm7 = measure(&character.to_string()).encoding == Encoding::Gsm7;
            assert_eq!(!gsm(character).is_empty(), gsm7, "{character:?}");
        }
    }

    #[test]
    fn no_part_ends_within_a_character() {
        // The escape of the last character would be the 153rd octet of the first part.
        let text = format!("{}€{}", "a".repeat(152), "b".repeat(20));
        let cut = parts(&text).parts;
        assert_eq!((cut.len(), cut[0].len(), cut[1][0]), (2, 152, ESCAPE));
        let text = format!("{}😀{}", "ک".repeat(66), "ک".repeat(10));
        let cut = parts(&text).parts;
        assert_eq!((cut.len(), cut[0].len(), cut[1].len()), (2, 132, 24));
    }

    #[test]
    fn a_text_that_fits_is_one_part() {
        for (text, octets) in [("a".repeat(160), 160), ("ډ".repeat(70), 140), ("€".repeat(80), 160)] {
            assert_eq!(parts(&text).parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [octets]);
        }
        for text in ["a".repeat(161), "ډ".repeat(71), "€".repeat(81)] {
            assert_eq!(parts(&text).parts.len(), 2);
        }
    }
}
