//! Codes: derived from a seed and a key outside the database, kept as a keyed hash, never in clear (V-INV-1, V-INV-2).
//!
//! Why no slow hash: a code is one of a million. Without the pepper no guess can be tried offline; with it a million are
//! affordable under any slow hash, which would only make every honest check slow. A code is dead after ten minutes.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::{Zeroize, Zeroizing};

use super::{
    digits::{ascii_digit, is_bidi_mark},
    environment::Environment,
    mac::KeyedHash,
    pepper::{Kid, PepperRing, UnknownKid},
};
use crate::kernel::{Coded, Hex, Kind, VerificationId};

/// How many digits a code has: 6 to 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct CodeLength(u8);

/// Why a code or its length is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Too short or too long a code is asked for.
    #[error("a code has 6 to 10 digits")]
    Length,
    /// What was typed is no code of this session. Not counted.
    #[error("the code is {expected} digits")]
    Malformed {
        /// How many digits it has.
        expected: u8,
    },
}

impl Coded for CodeError {
    fn code(&self) -> &'static str {
        match self {
            Self::Length => "verification.code_length",
            Self::Malformed { .. } => "verification.malformed_code",
        }
    }

    fn kind(&self) -> Kind {
        Kind::Invalid
    }
}

/// What a code is derived from: 16 random bytes that never leave the database.
#[derive(Clone)]
pub struct CodeSeed(Zeroizing<[u8; 16]>);

/// A code in clear, while it is being sent. It cannot be printed, copied or stored.
///
/// ```compile_fail
/// # use sarai_domain::devportal::values::PlainCode;
/// fn show(code: PlainCode) { println!("{code:?}"); }
/// ```
/// ```compile_fail
/// # use sarai_domain::devportal::values::PlainCode;
/// fn show(code: PlainCode) { println!("{code}"); }
/// ```
/// ```compile_fail
/// # use sarai_domain::devportal::values::PlainCode;
/// fn store(code: PlainCode) -> String { serde_json::to_string(&code).unwrap() }
/// ```
/// ```compile_fail
/// # use sarai_domain::devportal::values::PlainCode;
/// fn copy(code: PlainCode) -> (PlainCode, PlainCode) { (code.clone(), code) }
/// ```
pub struct PlainCode(Zeroizing<String>);

/// What somebody typed, in ASCII digits.
pub struct SubmittedCode(Zeroizing<String>);

/// The keyed hash of a code. There is no other way to compare it than [`CodeHash::verify`].
#[derive(Clone)]
pub struct CodeHash {
    hash: [u8; 32],
    kid: Kid,
}

/// What a code's hash is bound to, besides the pepper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeBinding {
    /// In which world.
    pub environment: Environment,
    /// Of which session.
    pub verification_id: VerificationId,
    /// Its how many-th code, from 1.
    pub generation: u32,
}

impl CodeLength {
    /// Takes 6 to 10.
    ///
    /// # Errors
    /// [`CodeError::Length`] for any other number.
    pub const fn try_new(digits: u8) -> Result<Self, CodeError> {
        if digits >= 6 && digits <= 10 { Ok(Self(digits)) } else { Err(CodeError::Length) }
    }

    /// How many digits.
    pub const fn digits(self) -> u8 {
        self.0
    }
}

impl Default for CodeLength {
    fn default() -> Self {
        Self(6)
    }
}

impl CodeSeed {
    /// Takes bytes of the operating system's random source.
    pub fn new(bytes: [u8; 16]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The code of a generation: `u64be(HMAC(K_derive, LP(label) ‖ seed ‖ u32be(generation))[0..8]) mod 10^n`.
    ///
    /// # Errors
    /// [`UnknownKid`] when the pepper is gone.
    pub fn code(
        &self,
        ring: &PepperRing,
        kid: &Kid,
        generation: u32,
        length: CodeLength,
    ) -> Result<PlainCode, UnknownKid> {
        let hash = KeyedHash::new(&ring.get(kid)?.derive, "devportal.verify.derive.v1")
            .fixed(&*self.0)
            .fixed(&generation.to_be_bytes())
            .finish();
        Ok(PlainCode::truncate(&hash, length))
    }
}

impl PlainCode {
    /// The first eight bytes as a number, modulo 10^n, with leading zeros.
    pub(crate) fn truncate(hash: &[u8; 32], length: CodeLength) -> Self {
        let number = hash.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        let modulus = 10_u64.checked_pow(u32::from(length.0)).unwrap_or(u64::MAX);
        let code = number.checked_rem(modulus).unwrap_or_default();
        Self(Zeroizing::new(format!("{code:0width$}", width = usize::from(length.0))))
    }

    /// The fixed code of a sandbox: `123456…`.
    pub(crate) fn counting(length: CodeLength) -> Self {
        Self(Zeroizing::new("1234567890".chars().take(usize::from(length.0)).collect()))
    }

    /// The digits, for the one message that carries them.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// How many digits.
    pub fn length(&self) -> usize {
        self.0.len()
    }
}

impl SubmittedCode {
    /// Takes what was typed: Persian and Arabic digits, spaces, hyphens and marks of direction are understood.
    ///
    /// # Errors
    /// [`CodeError::Malformed`] unless exactly the session's number of digits is left.
    pub fn parse(text: &str, length: CodeLength) -> Result<Self, CodeError> {
        let ignored = |c: &char| c.is_whitespace() || *c == '-' || is_bidi_mark(*c);
        let digits: Zeroizing<String> =
            Zeroizing::new(text.chars().filter(|c| !ignored(c)).map(ascii_digit).take(64).collect());
        let valid = digits.len() == usize::from(length.0) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if valid { Ok(Self(digits)) } else { Err(CodeError::Malformed { expected: length.0 }) }
    }
}

impl CodeHash {
    /// The hash of a code under a pepper.
    ///
    /// # Errors
    /// [`UnknownKid`] when the ring has no such pepper.
    pub fn of(
        code: &PlainCode,
        ring: &PepperRing,
        kid: &Kid,
        binding: &CodeBinding,
    ) -> Result<Self, UnknownKid> {
        let hash = mac(ring, kid, binding, code.expose())?.finish();
        Ok(Self { hash, kid: kid.clone() })
    }

    /// Whether this is the code, in the same time wherever they differ.
    ///
    /// # Errors
    /// [`UnknownKid`] when the pepper is gone.
    pub fn verify(
        &self,
        code: &SubmittedCode,
        ring: &PepperRing,
        binding: &CodeBinding,
    ) -> Result<bool, UnknownKid> {
        Ok(mac(ring, &self.kid, binding, &code.0)?.is(&self.hash))
    }

    /// Spends as much time as a comparison: for refusals that must not be told apart by it.
    pub fn compare_with_nothing(ring: &PepperRing) {
        let binding = CodeBinding {
            environment: Environment::Production,
            verification_id: VerificationId::new(crate::kernel::Ulid::from(0)),
            generation: 0,
        };
        if let Ok(mac) = mac(ring, ring.active(), &binding, "000000") {
            let _ = std::hint::black_box(mac.is(&[0; 32]));
        }
    }

    /// The pepper it was made with.
    pub fn kid(&self) -> &Kid {
        &self.kid
    }

    /// Whether two hashes are the same, in constant time.
    pub(crate) fn same(&self, other: &Self) -> bool {
        use subtle::ConstantTimeEq;
        bool::from(self.hash.ct_eq(&other.hash)) && self.kid == other.kid
    }

    /// Its bytes, for the test vectors.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> [u8; 32] {
        self.hash
    }
}

fn mac(ring: &PepperRing, kid: &Kid, binding: &CodeBinding, code: &str) -> Result<KeyedHash, UnknownKid> {
    let id = u128::from(binding.verification_id.ulid()).to_be_bytes();
    Ok(KeyedHash::new(&ring.get(kid)?.hash, "devportal.verify.code.v1")
        .part(binding.environment.as_str().as_bytes())
        .fixed(&id)
        .fixed(&binding.generation.to_be_bytes())
        .part(code.as_bytes()))
}

impl CodeSeed {
    /// Whether two seeds are the same, in constant time.
    pub(crate) fn same(&self, other: &Self) -> bool {
        use subtle::ConstantTimeEq;
        bool::from(self.0.as_slice().ct_eq(other.0.as_slice()))
    }
}

impl Drop for CodeHash {
    fn drop(&mut self) {
        self.hash.zeroize();
    }
}

impl fmt::Debug for CodeSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl fmt::Debug for CodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl fmt::Debug for SubmittedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[derive(Serialize, Deserialize)]
struct StoredHash {
    hash: Hex<32>,
    kid: Kid,
}

impl Serialize for CodeHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        StoredHash { hash: Hex(self.hash), kid: self.kid.clone() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CodeHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let StoredHash { hash, kid } = StoredHash::deserialize(deserializer)?;
        Ok(Self { hash: hash.0, kid })
    }
}

impl Serialize for CodeSeed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Hex(*self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CodeSeed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Hex::<16>::deserialize(deserializer).map(|bytes| Self::new(bytes.0))
    }
}

impl<'de> Deserialize<'de> for CodeLength {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_new(u8::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
#[path = "code_tests.rs"]
mod tests;
