//! The form of a key: `srk_(live|sbx)_`, 43 base62 characters of 256 random bits, 6 of a CRC32 (ruling R24).
//!
//! The form is checked without a look-up, and what may be kept of a key is its beginning and its end. The key itself
//! is [`RawKey`]: it is not printed, copied or stored.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Environment, Malformed};

/// What secret scanners look for.
pub const KEY_REGEX: &str = "srk_(live|sbx)_[0-9A-Za-z]{49}";

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM_LEN: usize = 43;
const CHECK_LEN: usize = 6;

/// `srk_live_` or `srk_sbx_`.
const fn lead(environment: Environment) -> &'static str {
    match environment {
        Environment::Production => "srk_live_",
        Environment::Sandbox => "srk_sbx_",
    }
}

fn split(text: &str) -> Option<(Environment, &str)> {
    Environment::ALL.iter().find_map(|one| text.strip_prefix(lead(*one)).map(|rest| (*one, rest)))
}

fn is_base62(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The beginning of a key: its environment and its first four random characters (K-INV-2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyPrefix {
    environment: Environment,
    first: String,
}

impl KeyPrefix {
    /// The environment it names.
    pub fn environment(&self) -> Environment {
        self.environment
    }
}

impl fmt::Display for KeyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", lead(self.environment), self.first)
    }
}

impl FromStr for KeyPrefix {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match split(text) {
            Some((environment, first)) if first.len() == 4 && is_base62(first) => {
                Ok(Self { environment, first: first.to_owned() })
            }
            _ => Err(Malformed::KeyPrefix),
        }
    }
}

impl TryFrom<String> for KeyPrefix {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<KeyPrefix> for String {
    fn from(prefix: KeyPrefix) -> Self {
        prefix.to_string()
    }
}

super::text::text_value! {
    /// The last four characters of a key, all of its checksum.
    KeyTail, Malformed::KeyTail, |text| (text.len() == 4 && is_base62(text)).then(|| text.to_owned())
}

/// What may be kept of a key, and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyTrace {
    /// Its beginning.
    pub prefix: KeyPrefix,
    /// Its end.
    pub last4: KeyTail,
}

impl KeyTrace {
    /// What may be kept of a text that has the form of a key. The text itself is not kept.
    ///
    /// ```
    /// # use sarai_domain::devportal::values::{Environment, KeyTrace, RawKey};
    /// let key = RawKey::from_random(Environment::Sandbox, &[7; 32]);
    /// let kept = KeyTrace::of(key.expose())?;
    /// assert!(key.expose().starts_with(&kept.prefix.to_string()));
    /// assert!(KeyTrace::of(&key.expose().replace("sbx", "live")).is_err(), "the checksum covers it");
    /// # Ok::<(), sarai_domain::devportal::values::Malformed>(())
    /// ```
    ///
    /// # Errors
    /// [`Malformed::RawKey`] when the form or the checksum is wrong.
    pub fn of(raw: &str) -> Result<Self, Malformed> {
        let (_, rest) = split(raw).ok_or(Malformed::RawKey)?;
        if rest.len() != RANDOM_LEN.saturating_add(CHECK_LEN) || !is_base62(rest) {
            return Err(Malformed::RawKey);
        }
        let at = raw.len().saturating_sub(CHECK_LEN);
        let (body, check) = raw.split_at_checked(at).ok_or(Malformed::RawKey)?;
        if check != checksum(body.as_bytes()) {
            return Err(Malformed::RawKey);
        }
        let end = raw.len().saturating_sub(rest.len()).saturating_add(4);
        let prefix = raw.get(..end).ok_or(Malformed::RawKey)?.parse().map_err(|_| Malformed::RawKey)?;
        let tail = raw.get(raw.len().saturating_sub(4)..).ok_or(Malformed::RawKey)?;
        Ok(Self { prefix, last4: tail.parse().map_err(|_| Malformed::RawKey)? })
    }
}

/// A whole key: shown once to its owner, checked by the auth-service, kept by nobody here (K-INV-1).
///
/// It is wiped when dropped. It has no `Clone`, `Display` or `Serialize`, and its `Debug` says nothing.
pub struct RawKey(Zeroizing<String>);

impl RawKey {
    /// The key of these random bytes.
    pub fn from_random(environment: Environment, random: &[u8; 32]) -> Self {
        let digits = base62(random);
        let mut text = Zeroizing::new(String::with_capacity(64));
        text.push_str(lead(environment));
        text.push_str(&digits);
        let check = checksum(text.as_bytes());
        text.push_str(&check);
        Self(text)
    }

    /// Takes a text that has the form of a key.
    ///
    /// # Errors
    /// [`Malformed::RawKey`] when the form or the checksum is wrong.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        KeyTrace::of(text).map(|_| Self(Zeroizing::new(text.to_owned())))
    }

    /// The text, for the one answer that shows it and for the one check of it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RawKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The number of these bytes, in 43 digits of base 62, the highest first.
fn base62(bytes: &[u8; 32]) -> Zeroizing<String> {
    let mut number = Zeroizing::new(*bytes);
    let mut digits = Zeroizing::new([b'0'; RANDOM_LEN]);
    for digit in digits.iter_mut().rev() {
        let mut rest = 0_u16;
        for byte in number.iter_mut() {
            let value = rest << 8 | u16::from(*byte);
            // The quotient fits: the rest was below 62.
            *byte = u8::try_from(value.div_euclid(62)).unwrap_or_default();
            rest = value.rem_euclid(62);
        }
        *digit = letter(u32::from(rest));
    }
    Zeroizing::new(digits.iter().map(|digit| char::from(*digit)).collect())
}

/// The CRC32 of everything before it, in 6 digits of base 62.
fn checksum(bytes: &[u8]) -> String {
    let mut number = crc32(bytes);
    let mut digits = [b'0'; CHECK_LEN];
    for digit in digits.iter_mut().rev() {
        *digit = letter(number.rem_euclid(62));
        number = number.div_euclid(62);
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

fn letter(digit: u32) -> u8 {
    usize::try_from(digit).ok().and_then(|digit| ALPHABET.get(digit)).copied().unwrap_or(b'0')
}

/// CRC-32 as IEEE 802.3 has it.
fn crc32(bytes: &[u8]) -> u32 {
    let crc = bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            let odd = crc & 1 == 1;
            if odd { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    });
    !crc
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::devportal::invariants::K_INV_1;

    #[test]
    fn the_checksum_is_the_crc_everybody_computes() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
        assert_eq!(checksum(b""), "000000");
        // 0xcbf43926 = 3421780262 in base 62, computed apart.
        assert_eq!(checksum(b"123456789"), "3jZRME");
    }

    #[test]
    fn the_lowest_and_the_highest_number_have_43_digits() {
        assert_eq!(base62(&[0; 32]).as_str(), "0".repeat(43));
        let one = {
            let mut bytes = [0; 32];
            bytes[31] = 61;
            bytes
        };
        assert_eq!(base62(&one).as_str(), format!("{}z", "0".repeat(42)));
        assert_eq!(base62(&[255; 32]).len(), 43);
        assert_ne!(base62(&[255; 32]).as_str(), base62(&[254; 32]).as_str());
    }

    #[test]
    fn k_inv_2_allows_the_prefix_of_each_environment() {
        for environment in Environment::ALL {
            let key = RawKey::from_random(*environment, &[9; 32]);
            let kept = KeyTrace::of(key.expose()).unwrap();
            assert_eq!(kept.prefix.environment(), *environment);
            assert_eq!(kept.prefix.to_string().parse(), Ok(kept.prefix.clone()));
            assert_eq!(key.expose().len(), lead(*environment).len() + 49);
        }
    }

    #[test]
    fn k_inv_1_allows_the_beginning_and_the_end_of_a_key() {
        let key = RawKey::from_random(Environment::Production, &[200; 32]);
        let kept = serde_json::to_string(&KeyTrace::of(key.expose()).unwrap()).unwrap();
        let raw = key.expose();
        assert!(kept.contains(&raw[..13]) && kept.contains(&raw[raw.len() - 4..]));
    }

    #[test]
    fn k_inv_1_rejects_what_lies_between() {
        assert_eq!(K_INV_1.id, "K-INV-1");
        let key = RawKey::from_random(Environment::Production, &[200; 32]);
        let trace = KeyTrace::of(key.expose()).unwrap();
        let printed = format!("{key:?} {trace:?} {}", serde_json::to_string(&trace).unwrap());
        for window in key.expose().as_bytes()[13..].windows(5) {
            assert!(!printed.contains(std::str::from_utf8(window).unwrap()));
        }
    }

    #[test]
    fn a_prefix_and_a_tail_are_exact() {
        for bad in ["", "srk_live_", "srk_live_abc", "srk_live_abcde", "srk_test_abcd", "srk_live_ab-d"] {
            assert_eq!(bad.parse::<KeyPrefix>(), Err(Malformed::KeyPrefix), "{bad}");
        }
        for bad in ["", "abc", "abcde", "ab d"] {
            assert_eq!(bad.parse::<KeyTail>(), Err(Malformed::KeyTail), "{bad}");
        }
        assert!(KEY_REGEX.ends_with(&format!("{{{}}}", RANDOM_LEN + CHECK_LEN)));
    }

    proptest! {
        #[test]
        fn a_key_has_its_form_and_one_changed_letter_is_noticed(
            random: [u8; 32], live: bool, place in 0_usize..57, letter in "[0-9A-Za-z]",
        ) {
            let environment = if live { Environment::Production } else { Environment::Sandbox };
            let key = RawKey::from_random(environment, &random);
            prop_assert!(RawKey::parse(key.expose()).is_ok());
            let mut changed = key.expose().to_owned();
            changed.replace_range(place..=place, &letter);
            prop_assert_eq!(KeyTrace::of(&changed).is_ok(), changed == key.expose());
        }

        #[test]
        fn any_text_is_looked_at_without_harm(text in ".{0,80}") {
            prop_assert!(KeyTrace::of(&text).is_err());
        }
    }
}
