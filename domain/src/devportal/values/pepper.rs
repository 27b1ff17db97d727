//! The keys outside the database that codes are derived and hashed with (devportal.md 3.5, ruling R20).

use std::{collections::BTreeMap, fmt, str::FromStr};

use hkdf::Hkdf;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The pepper of the published test vectors: refused in production.
pub const DOCUMENTED_PEPPER: [u8; 32] = {
    let mut bytes = [0; 32];
    let mut rest: &mut [u8] = &mut bytes;
    let mut value = 0_u8;
    while let Some((first, tail)) = rest.split_first_mut() {
        *first = value;
        value = value.saturating_add(1);
        rest = tail;
    }
    bytes
};

/// Names a pepper: 1 to 32 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kid(Box<str>);

/// Why a ring is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PepperError {
    /// Not a name.
    #[error("a key id is 1 to 32 visible ASCII characters")]
    Kid,
    /// Too little of it.
    #[error("pepper {0} has fewer than 32 bytes")]
    TooShort(Kid),
    /// No secret at all.
    #[error("pepper {0} is all zeros")]
    AllZero(Kid),
    /// The one in the documentation.
    #[error("pepper {0} is the published one")]
    Documented(Kid),
    /// One secret or one name twice.
    #[error("pepper {0} is there twice")]
    Duplicate(Kid),
    /// The ring has no such key.
    #[error("the active pepper {0} is not in the ring")]
    NoActive(Kid),
}

/// The pepper that a code was made with is gone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the pepper {0} is not in the ring")]
pub struct UnknownKid(pub Kid);

/// The two keys of a pepper.
pub(crate) struct PepperKeys {
    /// `K_hash`.
    pub(crate) hash: Zeroizing<[u8; 32]>,
    /// `K_derive`.
    pub(crate) derive: Zeroizing<[u8; 32]>,
}

/// The peppers in use: new codes take the active one, older ones stay until the last code made with them is dead.
pub struct PepperRing {
    active: Kid,
    keys: BTreeMap<Kid, PepperKeys>,
}

impl Kid {
    /// Takes a name.
    ///
    /// # Errors
    /// [`PepperError::Kid`] for an empty or long one, or other characters.
    pub fn parse(text: &str) -> Result<Self, PepperError> {
        let valid = (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if valid { Ok(Self(text.into())) } else { Err(PepperError::Kid) }
    }
}

impl PepperRing {
    /// Takes peppers by their names. `production` refuses the published one.
    ///
    /// # Errors
    /// [`PepperError`] for a pepper of fewer than 32 bytes, of zeros, twice there, or published, and for an active
    /// name without a pepper.
    pub fn try_new(
        active: Kid,
        peppers: &[(Kid, Zeroizing<Vec<u8>>)],
        production: bool,
    ) -> Result<Self, PepperError> {
        let mut keys = BTreeMap::new();
        let mut seen: Vec<&[u8]> = Vec::new();
        for (kid, pepper) in peppers {
            if pepper.len() < 32 {
                return Err(PepperError::TooShort(kid.clone()));
            }
            if pepper.iter().all(|byte| *byte == 0) {
                return Err(PepperError::AllZero(kid.clone()));
            }
            if production && pepper.as_slice() == DOCUMENTED_PEPPER {
                return Err(PepperError::Documented(kid.clone()));
            }
            if seen.contains(&pepper.as_slice()) || keys.contains_key(kid) {
                return Err(PepperError::Duplicate(kid.clone()));
            }
            seen.push(pepper);
            let derived = PepperKeys {
                hash: derive(pepper, "devportal/code-hash/v1"),
                derive: derive(pepper, "devportal/code-derive/v1"),
            };
            keys.insert(kid.clone(), derived);
        }
        if keys.contains_key(&active) {
            Ok(Self { active, keys })
        } else {
            Err(PepperError::NoActive(active))
        }
    }

    /// The name of the pepper that new codes take.
    pub fn active(&self) -> &Kid {
        &self.active
    }

    /// The keys of a pepper.
    pub(crate) fn get(&self, kid: &Kid) -> Result<&PepperKeys, UnknownKid> {
        self.keys.get(kid).ok_or_else(|| UnknownKid(kid.clone()))
    }
}

/// HKDF-SHA-256 with an empty salt, 32 bytes: how one root key becomes a key for one purpose.
pub fn derive(root: &[u8], info: &str) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    // Only more than 255 blocks of output are refused.
    let _ = Hkdf::<Sha256>::new(None, root).expand(info.as_bytes(), key.as_mut_slice());
    key
}

impl fmt::Debug for PepperRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PepperRing").field("active", &self.active).finish_non_exhaustive()
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Kid {
    type Err = PepperError;

    fn from_str(text: &str) -> Result<Self, PepperError> {
        Self::parse(text)
    }
}

impl Serialize for Kid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Kid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kid(name: &str) -> Kid {
        name.parse().unwrap()
    }

    fn ring(peppers: &[(&str, Vec<u8>)], production: bool) -> Result<PepperRing, PepperError> {
        let peppers: Vec<_> =
            peppers.iter().map(|(name, bytes)| (kid(name), Zeroizing::new(bytes.clone()))).collect();
        PepperRing::try_new(kid("a"), &peppers, production)
    }

    #[test]
    fn a_weak_or_repeated_pepper_is_refused() {
        assert_eq!(ring(&[("a", vec![1; 31])], false).unwrap_err(), PepperError::TooShort(kid("a")));
        assert_eq!(ring(&[("a", vec![0; 32])], false).unwrap_err(), PepperError::AllZero(kid("a")));
        assert_eq!(
            ring(&[("a", vec![1; 32]), ("b", vec![1; 32])], false).unwrap_err(),
            PepperError::Duplicate(kid("b"))
        );
        assert_eq!(
            ring(&[("a", vec![1; 32]), ("a", vec![2; 32])], false).unwrap_err(),
            PepperError::Duplicate(kid("a"))
        );
        assert_eq!(ring(&[("b", vec![1; 32])], false).unwrap_err(), PepperError::NoActive(kid("a")));
        let published = [("a", DOCUMENTED_PEPPER.to_vec())];
        assert_eq!(ring(&published, true).unwrap_err(), PepperError::Documented(kid("a")));
        assert!(ring(&published, false).is_ok());
    }

    #[test]
    fn a_ring_shows_its_names_and_no_key() {
        let ring = ring(&[("a", vec![0xab; 32]), ("b", vec![2; 40])], true).unwrap();
        assert_eq!(format!("{ring:?}"), "PepperRing { active: a, .. }");
        assert!(ring.get(&kid("b")).is_ok());
        assert_eq!(ring.get(&kid("c")).err(), Some(UnknownKid(kid("c"))));
        for bad in ["", "a b", "ü", &"x".repeat(33)] {
            assert_eq!(Kid::parse(bad), Err(PepperError::Kid), "{bad}");
        }
    }
}
