//! Seat rows: one an assignment. A row ends once and is never revived; who sits again gets a new row.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{Row, SeatId, Timestamp, UserId},
    marketplace::{invariants::LI_INV_1, values::Capacity},
};

use super::{LicenseError, LicenseState};

/// What became of an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatStatus {
    /// The user sits.
    Active,
    /// The user gave the seat back.
    Released,
    /// The user had begun to learn when the licence was taken back; the seat stays allocated (LI-INV-7).
    ConsumedOnRefund,
}

impl SeatStatus {
    /// Whether a row of this status takes one of the licence's seats (LI-INV-1).
    pub fn takes_a_seat(self) -> bool {
        match self {
            Self::Active | Self::ConsumedOnRefund => true,
            Self::Released => false,
        }
    }
}

/// One user's stay on one seat.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeatAllocation {
    /// The row.
    pub id: SeatId,
    /// Who sits.
    pub user_id: UserId,
    /// Since when.
    pub assigned_at: Timestamp,
    /// Until when, once released.
    pub released_at: Option<Timestamp>,
    /// What became of it.
    pub status: SeatStatus,
    /// What the assignment saw; none in rows that are older than this evidence.
    #[serde(default)]
    pub assigned_under: Option<AssignmentEvidence>,
}

/// How a licence stood the moment before a seat was assigned: LI-INV-2 and LI-INV-3 speak of that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssignmentEvidence {
    /// Its state at that time.
    pub state: LicenseState,
    /// Its seats.
    pub capacity: Capacity,
    /// How many of them were taken.
    pub taken: u32,
}

impl AssignmentEvidence {
    /// Whether a seat remained (LI-INV-2).
    pub fn had_a_seat(&self) -> bool {
        self.capacity.seats().is_none_or(|seats| self.taken < seats)
    }
}

impl Row for SeatAllocation {
    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl SeatAllocation {
    /// The row of a user who sits down.
    pub(super) fn assigned(id: SeatId, user_id: UserId, now: Timestamp, seen: AssignmentEvidence) -> Self {
        let status = SeatStatus::Active;
        Self { id, user_id, assigned_at: now, released_at: None, status, assigned_under: Some(seen) }
    }

    /// The row after its user gave the seat back.
    pub(super) fn released(&self, now: Timestamp) -> Self {
        Self { released_at: Some(now), status: SeatStatus::Released, ..self.clone() }
    }

    /// The row after its licence was taken back from a user who had begun.
    pub(super) fn consumed(&self) -> Self {
        Self { status: SeatStatus::ConsumedOnRefund, ..self.clone() }
    }
}

/// The rows at hand: all of a licence's, or those a command needs (R62). Found by id or by user in
/// O(log n).
#[derive(Debug, Clone, Default)]
pub(super) struct Seats {
    by_id: BTreeMap<SeatId, SeatAllocation>,
    seat_of: BTreeMap<UserId, SeatId>,
}

impl Seats {
    /// Takes the rows a store holds.
    ///
    /// # Errors
    /// [`LicenseError::Corrupt`] (LI-INV-1) when a row comes twice or a user takes two seats.
    pub(super) fn load(rows: Vec<SeatAllocation>) -> Result<Self, LicenseError> {
        let mut seats = Self::default();
        for row in rows {
            let second_seat = row.status.takes_a_seat() && seats.seat_of.contains_key(&row.user_id);
            if second_seat || seats.by_id.contains_key(&row.id) {
                return Err(LicenseError::Corrupt(LI_INV_1));
            }
            seats.put(row);
        }
        Ok(seats)
    }

    /// Adds a row, or replaces the one of the same id.
    pub(super) fn put(&mut self, row: SeatAllocation) {
        if row.status.takes_a_seat() {
            self.seat_of.insert(row.user_id.clone(), row.id);
        } else if self.seat_of.get(&row.user_id) == Some(&row.id) {
            self.seat_of.remove(&row.user_id);
        }
        self.by_id.insert(row.id, row);
    }

    /// The row of this id.
    pub(super) fn get(&self, id: SeatId) -> Option<&SeatAllocation> {
        self.by_id.get(&id)
    }

    /// The row by which this user takes a seat.
    pub(super) fn of(&self, user: &UserId) -> Option<&SeatAllocation> {
        self.seat_of.get(user).and_then(|id| self.by_id.get(id))
    }

    /// All rows at hand, oldest id first.
    pub(super) fn all(&self) -> impl Iterator<Item = &SeatAllocation> {
        self.by_id.values()
    }

    /// How many rows at hand have this status. Linear.
    pub(super) fn count(&self, status: SeatStatus) -> u32 {
        u32::try_from(self.all().filter(|seat| seat.status == status).count()).unwrap_or(u32::MAX)
    }
}
