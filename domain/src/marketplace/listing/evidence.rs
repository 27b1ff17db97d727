//! Facts that others own and a listing's command decides on. They are true at a moment, so the listing
//! keeps what it saw.

use serde::{Deserialize, Serialize};

use super::error::ListingError;
use crate::kernel::{CourseVersionId, TenantId, Timestamp};

/// What the catalogue and the content service said of a course version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShippingEvidence {
    /// The version spoken of.
    pub course_version_id: CourseVersionId,
    /// `catalog.course_version.published.v1` was received.
    pub published: bool,
    /// `content.play_package.built.v1` was received.
    pub built: bool,
}

/// What the tenant service said of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KycEvidence {
    /// The provider spoken of.
    pub provider_tenant_id: TenantId,
    /// Whether it is verified.
    pub verified: bool,
}

/// What still depends on a listing, counted no further than [`RetireEvidence::COUNTED`]: one is enough to refuse, and a
/// popular listing has 10^6.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RetireEvidence {
    /// Its licences in state active.
    pub active: u32,
    /// Those of them without an end.
    pub perpetual: u32,
    /// The latest end of the others.
    pub latest_valid_until: Option<Timestamp>,
    /// Its orders whose saga is not over.
    pub open_orders: u32,
}

impl ShippingEvidence {
    /// Whether this very version can be shipped (L-INV-2). Evidence of another version proves nothing.
    ///
    /// # Errors
    /// [`ListingError::NotShippable`], which names what is missing.
    pub fn require(&self, version: &CourseVersionId) -> Result<(), ListingError> {
        let about_it = self.course_version_id == *version;
        let (published, built) = (about_it && self.published, about_it && self.built);
        if published && built {
            Ok(())
        } else {
            Err(ListingError::NotShippable { course_version_id: version.clone(), published, built })
        }
    }
}

impl KycEvidence {
    /// Whether this very provider is verified (L-INV-3).
    ///
    /// # Errors
    /// [`ListingError::KycMissing`].
    pub fn require(&self, provider: &TenantId) -> Result<(), ListingError> {
        if self.verified && self.provider_tenant_id == *provider {
            Ok(())
        } else {
            Err(ListingError::KycMissing(provider.clone()))
        }
    }
}

impl RetireEvidence {
    /// How far licences and orders are counted; beyond it the latest end is that of those that were.
    pub const COUNTED: u32 = 1_000;

    /// Whether nothing depends on the listing any more (L-INV-7): every licence ended before `now`, even if
    /// its state does not say so yet, and no saga is open.
    ///
    /// # Errors
    /// [`ListingError::InUse`] with what still does.
    pub fn require(&self, now: Timestamp) -> Result<(), ListingError> {
        let ended = self.active == 0 || self.latest_valid_until.is_some_and(|latest| latest < now);
        if ended && self.perpetual == 0 && self.open_orders == 0 {
            Ok(())
        } else {
            Err(ListingError::InUse(self.clone()))
        }
    }
}
