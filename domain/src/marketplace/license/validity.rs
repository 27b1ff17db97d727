//! From when until when a licence is valid (LI-INV-4), period by period from its original anchor.

use serde::{Deserialize, Serialize};

use crate::kernel::{Timestamp, Unreadable};

use super::LicenseError;

/// A span of time, its first instant included and its end not; without an end it lasts for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Bounds")]
pub struct ValidityWindow {
    valid_from: Timestamp,
    valid_until: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounds {
    valid_from: Timestamp,
    valid_until: Option<Timestamp>,
}

impl TryFrom<Bounds> for ValidityWindow {
    type Error = Unreadable<LicenseError>;
    fn try_from(bounds: Bounds) -> Result<Self, Self::Error> {
        Self::try_new(bounds.valid_from, bounds.valid_until).map_err(Unreadable)
    }
}

impl ValidityWindow {
    /// A window that is not empty.
    ///
    /// # Errors
    /// [`LicenseError::EmptyWindow`] (LI-INV-4) when it ends no later than it begins.
    pub fn try_new(valid_from: Timestamp, valid_until: Option<Timestamp>) -> Result<Self, LicenseError> {
        match valid_until.filter(|end| *end <= valid_from) {
            Some(valid_until) => Err(LicenseError::EmptyWindow { valid_from, valid_until }),
            None => Ok(Self { valid_from, valid_until }),
        }
    }

    /// Period number `index` (0 is the first) of a licence anchored at `anchor`: every bound is counted
    /// from the anchor, so 31 January is followed by 28 February and then by 31 March again. Without
    /// `interval_months` the one period never ends.
    ///
    /// # Errors
    /// [`LicenseError::EmptyWindow`] (LI-INV-4) for an interval of 0 months or beyond the year 9999.
    pub fn period(anchor: Timestamp, interval_months: Option<u32>, index: u32) -> Result<Self, LicenseError> {
        let Some(months) = interval_months else { return Self::try_new(anchor, None) };
        let bound = |number: u32| anchor.plus_months(months.saturating_mul(number));
        Self::try_new(bound(index), Some(bound(index.saturating_add(1))))
    }

    /// The first instant.
    pub fn valid_from(&self) -> Timestamp {
        self.valid_from
    }

    /// The first instant after it; none for ever.
    pub fn valid_until(&self) -> Option<Timestamp> {
        self.valid_until
    }

    /// Whether it has begun.
    pub fn has_begun(&self, now: Timestamp) -> bool {
        self.valid_from <= now
    }

    /// Whether it is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.valid_until.is_some_and(|end| end <= now)
    }
}
