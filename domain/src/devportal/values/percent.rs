//! A share of a hundred.

use serde::{Deserialize, Serialize};

use super::Malformed;

/// 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Percent(u8);

impl Percent {
    /// A percentage.
    ///
    /// # Errors
    /// [`Malformed::Percent`] beyond 100.
    pub const fn try_new(value: u8) -> Result<Self, Malformed> {
        if value <= 100 { Ok(Self(value)) } else { Err(Malformed::Percent) }
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Whether `part` of `whole` is at least this much; of nothing, everything is.
    pub fn is_reached(self, part: u64, whole: u64) -> bool {
        u128::from(part).saturating_mul(100) >= u128::from(whole).saturating_mul(u128::from(self.0))
    }
}

impl TryFrom<u8> for Percent {
    type Error = Malformed;

    fn try_from(value: u8) -> Result<Self, Malformed> {
        Self::try_new(value)
    }
}

impl From<Percent> for u8 {
    fn from(value: Percent) -> Self {
        value.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_ends_at_a_hundred_and_is_reached_exactly() {
        assert_eq!(Percent::try_new(101), Err(Malformed::Percent));
        let fifth = Percent::try_new(20).unwrap();
        assert!(fifth.is_reached(1, 5) && !fifth.is_reached(19, 100) && fifth.is_reached(0, 0));
        assert!(Percent::try_new(100).unwrap().is_reached(u64::MAX, u64::MAX));
        assert!(serde_json::from_str::<Percent>("101").is_err());
    }
}
