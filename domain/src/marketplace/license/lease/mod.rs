//! Offline leases: a learner's right to go on without a connection, for a while, as a token that anybody with
//! the published key can check (R60).
//!
//! A lease is a compact JWS (RFC 7515) signed with Ed25519. It is issued and then left alone: nothing of it is
//! kept but the event that says so, and nothing takes it back. Who is released from a seat, and whose licence
//! is revoked, keeps a lease until it runs out, after 72 hours at most and never past the licence's end.
//!
//! [`verify`](verify()) is the whole of what a player needs: no network, no store, no clock of its own.

mod token;
mod verify;

#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::kernel::{
    CourseId, CourseVersionId, DeviceId, LeaseId, LicenseId, SeatId, TenantId, Timestamp, UserId,
};

use super::{License, LicenseError, LicenseEvent, LicenseState, SeatAllocation, SeatStatus};

pub use self::{
    token::{LEASE_TYPE, token},
    verify::{LeaseError, MAX_TOKEN_LEN, verify},
};

/// The longest lease, in hours.
pub const MAX_HOURS: u32 = 72;

/// The longest lease, in seconds.
const MAX_SECONDS: i64 = 72 * 3_600;

const SECOND: i64 = 1_000_000;

/// What a lease says. Its times are whole seconds, as those of every token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The lease.
    pub id: LeaseId,
    /// Who may learn.
    pub user_id: UserId,
    /// By which licence.
    pub license_id: LicenseId,
    /// On which seat.
    pub seat_id: SeatId,
    /// Whose licence it is.
    pub tenant_id: TenantId,
    /// Which course.
    pub course_id: CourseId,
    /// In which version.
    pub course_version_id: CourseVersionId,
    /// On which device; none: on any.
    pub device_id: Option<DeviceId>,
    /// When it was issued, and from when on it is good.
    pub issued_at: Timestamp,
    /// The first instant at which it is not good any more.
    pub expires_at: Timestamp,
}

/// For whom a lease is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaseholder {
    /// Whoever sits there.
    Seat(SeatId),
    /// This user, on the seat they have.
    User(UserId),
}

impl License {
    /// Leases a seat for so many hours, or until the licence ends if that is earlier. Every call is a lease of
    /// its own.
    ///
    /// # Errors
    /// - [`LicenseError::LeaseHours`] outside 1 to [`MAX_HOURS`]
    /// - [`LicenseError::OfflineNotAllowed`] unless the plan sold it
    /// - [`LicenseError::NotActive`] (LI-INV-3), [`LicenseError::NotStarted`]
    /// - [`LicenseError::SeatNotFound`], also when the row was not loaded; [`LicenseError::NoSeat`] for who
    ///   does not sit, or not any more
    pub fn issue_lease(
        &mut self,
        id: LeaseId,
        holder: &Leaseholder,
        hours: u32,
        device_id: Option<DeviceId>,
        now: Timestamp,
    ) -> Result<Lease, LicenseError> {
        if !(1..=MAX_HOURS).contains(&hours) {
            return Err(LicenseError::LeaseHours { max: MAX_HOURS });
        }
        let data = &self.root.data;
        if !data.perpetual_offline_access {
            return Err(LicenseError::OfflineNotAllowed);
        }
        let state = self.state_at(now);
        if state != LicenseState::Active {
            return Err(LicenseError::NotActive { state });
        }
        if !data.validity.has_begun(now) {
            return Err(LicenseError::NotStarted { valid_from: data.validity.valid_from() });
        }
        let seat = self.leased(holder)?;
        let issued_at = whole_seconds(now);
        let wanted = issued_at.plus(Duration::from_hours(hours.into()).try_into().unwrap_or_default());
        let expires_at = data.validity.valid_until().map_or(wanted, |end| wanted.min(whole_seconds(end)));
        if expires_at <= issued_at {
            // Less than a second is left of it.
            return Err(LicenseError::NotActive { state: LicenseState::Expired });
        }
        let lease = Lease {
            id,
            user_id: seat.user_id.clone(),
            license_id: data.id,
            seat_id: seat.id,
            tenant_id: data.tenant_id.clone(),
            course_id: data.course_id.clone(),
            course_version_id: data.course_version_id.clone(),
            device_id,
            issued_at,
            expires_at,
        };
        self.root.data.updated_at = now;
        let event = LicenseEvent::LeaseIssued {
            license: self.facts(),
            lease_id: id,
            seat_id: lease.seat_id,
            user_id: lease.user_id.clone(),
            device_id: lease.device_id.clone(),
            issued_at,
            expires_at,
        };
        self.root.record(event);
        Ok(lease)
    }

    fn leased(&self, holder: &Leaseholder) -> Result<&SeatAllocation, LicenseError> {
        let seat = match holder {
            Leaseholder::Seat(id) => self.seat(*id).ok_or(LicenseError::SeatNotFound(*id))?,
            Leaseholder::User(user) => self.seat_of(user).ok_or(LicenseError::NoSeat)?,
        };
        if seat.status == SeatStatus::Active { Ok(seat) } else { Err(LicenseError::NoSeat) }
    }
}

/// The instant without its fraction of a second.
fn whole_seconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_unix_micros(instant.unix_micros().div_euclid(SECOND).saturating_mul(SECOND))
}
