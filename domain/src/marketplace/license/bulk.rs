//! Many seats at once: each row has a result of its own, and all good rows are one change of the licence.

use crate::kernel::{Coded, Kind, Outcome, SeatId, Timestamp, UserId};

use super::{License, LicenseError, SeatAllocation};

/// A row of a bulk change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeatChange {
    /// Seats a user, on a seat with this id when the user has none yet.
    Assign {
        /// Who.
        user_id: UserId,
        /// The new seat.
        seat_id: SeatId,
    },
    /// Takes whoever sits there off this seat.
    ReleaseSeat(SeatId),
    /// Takes this user off the seat they have.
    ReleaseUser(UserId),
}

/// What a row did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatChanged {
    /// The seat, as it is after the row.
    pub seat: SeatAllocation,
    /// Whether the row changed anything.
    pub outcome: Outcome,
}

impl License {
    /// How many rows a bulk change has at most.
    pub const MAX_BULK_ROWS: usize = 1_000;

    /// Whether a bulk change may have so many rows.
    ///
    /// # Errors
    /// [`LicenseError::BulkEmpty`], [`LicenseError::BulkTooLarge`].
    pub fn check_bulk(rows: usize) -> Result<(), LicenseError> {
        match rows {
            0 => Err(LicenseError::BulkEmpty),
            1..=Self::MAX_BULK_ROWS => Ok(()),
            _ => Err(LicenseError::BulkTooLarge { max: Self::MAX_BULK_ROWS }),
        }
    }

    /// Runs every release and then every assignment, and answers each in the order of the rows. A row that
    /// is refused leaves the others alone; the same row twice does nothing the second time. A seat that is
    /// released while somebody waits is theirs, before any row's.
    ///
    /// # Errors
    /// What says that the rows needed were not loaded: then nothing of it may be saved.
    pub fn change_seats(
        &mut self,
        changes: &[SeatChange],
        now: Timestamp,
    ) -> Result<Vec<Result<SeatChanged, LicenseError>>, LicenseError> {
        let mut results = vec![Err(LicenseError::BulkEmpty); changes.len()];
        for releases in [true, false] {
            for (change, result) in changes.iter().zip(&mut results) {
                if releases != matches!(change, SeatChange::Assign { .. }) {
                    *result = self.change_seat(change, now);
                    if let Err(refusal) = result
                        && refusal.kind() == Kind::Unavailable
                    {
                        return Err(refusal.clone());
                    }
                }
            }
        }
        Ok(results)
    }

    fn change_seat(&mut self, change: &SeatChange, now: Timestamp) -> Result<SeatChanged, LicenseError> {
        let (seat, outcome) = match change {
            SeatChange::Assign { user_id, seat_id } => {
                let outcome = self.assign_seat(*seat_id, user_id.clone(), now)?;
                (self.seat_of(user_id), outcome)
            }
            SeatChange::ReleaseSeat(seat_id) => {
                let outcome = self.release_seat(*seat_id, now)?;
                (self.seat(*seat_id), outcome)
            }
            SeatChange::ReleaseUser(user_id) => {
                let last = || self.seats.all().filter(|seat| seat.user_id == *user_id).last();
                let seat_id = self.seat_of(user_id).or_else(last).ok_or(LicenseError::NoSeat)?.id;
                let outcome = self.release_seat(seat_id, now)?;
                (self.seat(seat_id), outcome)
            }
        };
        let seat = seat.ok_or(LicenseError::NoSeat)?.clone();
        Ok(SeatChanged { seat, outcome })
    }
}
