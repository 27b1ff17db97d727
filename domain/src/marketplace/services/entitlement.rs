//! May this user take this course, now? The OR over a tenant's licences, with the best reason.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{Aggregate as _, CourseId, LicenseId, Timestamp, UserId},
    marketplace::license::{Entitlement, License},
};

/// The answer to an entitlement check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntitlementAnswer {
    /// Yes or no.
    pub entitled: bool,
    /// Why: of all licences' answers the best.
    pub reason: Entitlement,
    /// The licence that gave it; of several the one that lasts longest.
    pub license_id: Option<LicenseId>,
    /// When that licence ends or ended.
    pub valid_until: Option<Timestamp>,
}

/// Computes entitlement at the moment it is asked for. Nothing is stored, so taking back one licence never
/// ends what another still gives.
#[derive(Debug, Clone, Copy)]
pub struct EntitlementPolicy;

impl EntitlementPolicy {
    /// Asks every licence of the course that is given: one tenant's, each with the rows of this user. The
    /// answer depends on the set of licences only, not on their order.
    pub fn check<'a>(
        licenses: impl IntoIterator<Item = &'a License>,
        course: &CourseId,
        user: &UserId,
        now: Timestamp,
    ) -> EntitlementAnswer {
        let best = licenses
            .into_iter()
            .filter(|license| license.data().course_id == *course)
            .map(|license| (license, license.entitles(user, now)))
            .filter(|(_, reason)| *reason != Entitlement::NoLicence)
            .min_by_key(|(license, reason)| {
                let until = license.data().validity.valid_until();
                (*reason, until.is_some(), Reverse(until), license.data().id)
            });
        EntitlementAnswer {
            entitled: best.is_some_and(|(_, reason)| reason == Entitlement::Entitled),
            reason: best.map_or(Entitlement::NoLicence, |(_, reason)| reason),
            license_id: best.map(|(license, _)| license.data().id),
            valid_until: best.and_then(|(license, _)| license.data().validity.valid_until()),
        }
    }
}
