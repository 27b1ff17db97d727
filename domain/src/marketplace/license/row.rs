//! What a licence keeps as rows: who sits, and who waits to.

use serde::{Deserialize, Serialize};

use crate::kernel::Row;

use super::{SeatAllocation, WaitlistEntry};

/// A row of a licence. A store may keep each kind in a table of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "snake_case")]
pub enum LicenseRow {
    /// Somebody's stay on a seat.
    Seat(SeatAllocation),
    /// Somebody's place in line.
    Waiting(WaitlistEntry),
}

impl Row for LicenseRow {
    /// A seat's is its id; a place in line's sorts as the line does.
    fn key(&self) -> String {
        match self {
            Self::Seat(seat) => seat.id.to_string(),
            Self::Waiting(entry) => format!("wle {:020}", entry.number),
        }
    }
}

impl From<SeatAllocation> for LicenseRow {
    fn from(seat: SeatAllocation) -> Self {
        Self::Seat(seat)
    }
}

impl From<WaitlistEntry> for LicenseRow {
    fn from(entry: WaitlistEntry) -> Self {
        Self::Waiting(entry)
    }
}

/// The rows by kind.
pub(super) fn parted(rows: Vec<LicenseRow>) -> (Vec<SeatAllocation>, Vec<WaitlistEntry>) {
    let (mut seats, mut waiting) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        match row {
            LicenseRow::Seat(seat) => seats.push(seat),
            LicenseRow::Waiting(entry) => waiting.push(entry),
        }
    }
    (seats, waiting)
}
