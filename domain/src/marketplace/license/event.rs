//! What a licence announces. Every event carries the licence's [`LicenseFacts`], so that a consumer needs
//! no look-up; a user's id is always in a field named `userId`, so that the provider's feed can drop it.
//!
//! A licence with 10^5 seats does not fit into an event: who consumes `Expired` or `Revoked` of an org
//! licence reads the seat rows, which say who had a seat.

use serde::{Deserialize, Serialize};

use crate::kernel::{
    CourseId, CourseVersionId, DeviceId, LeaseId, LicenseId, ListingId, OrderId, OrderLineId, SeatId,
    TenantId, Timestamp, UserId, WaitlistEntryId, topics,
};

use super::{Learner, LicenseData, LicenseScope, RevokeReason, Source};

/// What every event of a licence says about it, as it is after the event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LicenseFacts {
    /// The licence.
    pub license_id: LicenseId,
    /// Whose people learn.
    pub tenant_id: TenantId,
    /// Who sold it.
    pub provider_tenant_id: TenantId,
    /// The listing.
    pub listing_id: ListingId,
    /// The course.
    pub course_id: CourseId,
    /// The exact version.
    pub course_version_id: CourseVersionId,
    /// For one person or a tenant's people.
    pub scope: LicenseScope,
    /// Where it came from.
    pub source: Source,
    /// The order, of a purchase.
    pub order_id: Option<OrderId>,
    /// The order line, of a purchase.
    pub order_line_id: Option<OrderLineId>,
    /// The first instant it is valid.
    pub valid_from: Timestamp,
    /// The first instant it is not valid any more.
    pub valid_until: Option<Timestamp>,
}

impl From<&LicenseData> for LicenseFacts {
    fn from(data: &LicenseData) -> Self {
        Self {
            license_id: data.id,
            tenant_id: data.tenant_id.clone(),
            provider_tenant_id: data.provider_tenant_id.clone(),
            listing_id: data.listing_id,
            course_id: data.course_id.clone(),
            course_version_id: data.course_version_id.clone(),
            scope: data.scope,
            source: data.source,
            order_id: data.order_id,
            order_line_id: data.order_line_id,
            valid_from: data.validity.valid_from(),
            valid_until: data.validity.valid_until(),
        }
    }
}

/// A fact about a licence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum LicenseEvent {
    /// It exists. The purchase saga enrols the learner named here, when there is one.
    Granted {
        /// The licence.
        #[serde(flatten)]
        license: LicenseFacts,
        /// Its seats; none: no limit.
        seats: Option<u32>,
        /// Which period of the order line it covers first.
        period_index: u32,
        /// Who has the first seat.
        user_id: Option<UserId>,
        /// That seat.
        seat_id: Option<SeatId>,
        /// When.
        granted_at: Timestamp,
    },
    /// A user sits: enrol them (key `{seatId}:enrol`, R52). Not announced for the learner of a purchase's
    /// first period, whom the saga enrols.
    SeatAssigned {
        /// The licence.
        #[serde(flatten)]
        license: LicenseFacts,
        /// The seat.
        seat_id: SeatId,
        /// Who sits.
        user_id: UserId,
        /// When.
        assigned_at: Timestamp,
    },
    /// A user gave a seat back: cancel the enrollment unless another licence entitles them.
    SeatReleased {
        /// The licence.
        #[serde(flatten)]
        license: LicenseFacts,
        /// The seat.
        seat_id: SeatId,
        /// Who sat.
        user_id: UserId,
        /// When.
        released_at: Timestamp,
    },
    /// Somebody who waited has a seat now; the seat's own event is announced too.
    WaitlistFilled {
        /// The licence.
        #[serde(flatten)]
        license: LicenseFacts,
        /// The place in line.
        entry_id: WaitlistEntryId,
        /// The seat.
        seat_id: SeatId,
        /// Who sits.
        user_id: UserId,
        /// Since when they waited.
        waiting_since: Timestamp,
        /// When they sat down.
        filled_at: Timestamp,
    },
    /// A learner may go offline for a while. The token itself is in no event.
    LeaseIssued {
        /// The licence.
        #[serde(flatten)]
        license: LicenseFacts,
        /// The lease.
        lease_id: LeaseId,
        /// The seat it is for.
        seat_id: SeatId,
        /// Who may learn by it.
        user_id: UserId,
        /// On which device, when that was said.
        device_id: Option<DeviceId>,
        /// When.
        issued_at: Timestamp,
        /// From this instant on it is worth nothing.
        expires_at: Timestamp,
    },
    /// Its time is over.
    Expired {
        /// The licence.
        #[serde(flatten)]
        license: LicenseFacts,
        /// Who held it, if it was individual.
        user_id: Option<UserId>,
        /// Seats in use at the end; their rows are unchanged.
        active_seats: u32,
        /// When that was noted.
        expired_at: Timestamp,
    },
    /// It was taken back; no seat is active any more.
    Revoked {
        /// The licence.
        #[serde(flatten)]
        license: LicenseFacts,
        /// Who held it, if it was individual.
        user_id: Option<UserId>,
        /// Why.
        reason: RevokeReason,
        /// Seats released by this.
        released_seats: u32,
        /// Seats whose users had begun to learn.
        consumed_seats: u32,
        /// Whether those users keep their access.
        grandfathered: bool,
        /// When.
        revoked_at: Timestamp,
    },
    /// Another period was paid.
    Renewed {
        /// The licence, with its new end.
        #[serde(flatten)]
        license: LicenseFacts,
        /// Who holds it, if it is individual.
        user_id: Option<UserId>,
        /// The last period paid.
        period_index: u32,
        /// When.
        renewed_at: Timestamp,
    },
}

impl LicenseEvent {
    /// The first event of every licence.
    pub(super) fn granted(data: &LicenseData, learner: Option<&Learner>) -> Self {
        Self::Granted {
            license: data.into(),
            seats: data.capacity.seats(),
            period_index: data.period_index,
            user_id: learner.map(|learner| learner.user_id.clone()),
            seat_id: learner.map(|learner| learner.seat_id),
            granted_at: data.created_at,
        }
    }

    /// The licence it speaks of.
    pub fn license(&self) -> &LicenseFacts {
        match self {
            Self::Granted { license, .. }
            | Self::SeatAssigned { license, .. }
            | Self::SeatReleased { license, .. }
            | Self::WaitlistFilled { license, .. }
            | Self::LeaseIssued { license, .. }
            | Self::Expired { license, .. }
            | Self::Revoked { license, .. }
            | Self::Renewed { license, .. } => license,
        }
    }
}

topics!(LicenseEvent {
    Granted        => "marketplace.license.granted.v1",
    SeatAssigned   => "marketplace.license.seat_assigned.v1",
    SeatReleased   => "marketplace.license.seat_released.v1",
    WaitlistFilled => "marketplace.license.waitlist_filled.v1",
    LeaseIssued    => "marketplace.license.lease_issued.v1",
    Expired        => "marketplace.license.expired.v1",
    Revoked        => "marketplace.license.revoked.v1",
    Renewed        => "marketplace.license.renewed.v1",
});
