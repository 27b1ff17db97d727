//! May this user learn by this licence, now?

use serde::{Deserialize, Serialize};

use crate::kernel::{Timestamp, UserId};

use super::{License, LicenseScope, LicenseState, SeatStatus};

/// The answer and its reason, best first: the order of the variants is the order in which one licence's
/// answer beats another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entitlement {
    /// Yes.
    Entitled,
    /// The licence is good, and the user has no seat on it.
    NoSeat,
    /// The user has a seat, and the licence has not begun.
    NotStarted,
    /// The licence has ended.
    Expired,
    /// The licence was taken back.
    Revoked,
    /// There is no licence this user has to do with.
    NoLicence,
}

impl Entitlement {
    /// Every answer, best first.
    pub const ALL: &'static [Self] =
        &[Self::Entitled, Self::NoSeat, Self::NotStarted, Self::Expired, Self::Revoked, Self::NoLicence];
}

impl License {
    /// Whether the user may learn at this time, computed from the licence's window and the user's seat: a
    /// late scheduler never grants. The user's rows must be loaded. Someone else's individual licence, and
    /// a gift nobody claimed, are no licence.
    pub fn entitles(&self, user: &UserId, now: Timestamp) -> Entitlement {
        let data = &self.root.data;
        let seat = self.seats.of(user).map(|seat| seat.status);
        let keeps_access = data.grandfathered && seat == Some(SeatStatus::ConsumedOnRefund);
        if data.scope == LicenseScope::Individual && data.holder.as_ref() != Some(user) {
            Entitlement::NoLicence
        } else if data.state == LicenseState::Revoked && !keeps_access {
            Entitlement::Revoked
        } else if data.state == LicenseState::Expired || self.has_ended(now) {
            Entitlement::Expired
        } else if seat.is_none() {
            Entitlement::NoSeat
        } else if !data.validity.has_begun(now) {
            Entitlement::NotStarted
        } else {
            Entitlement::Entitled
        }
    }
}
