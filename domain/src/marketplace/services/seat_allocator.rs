//! Who may take a seat: the one rule behind every assignment (LI-INV-1, LI-INV-2, LI-INV-3).

use crate::marketplace::{
    license::{LicenseError, LicenseState},
    values::Capacity,
};

/// The seats of a licence and how many are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatAllocator {
    /// How many there are.
    pub capacity: Capacity,
    /// Seats somebody sits on.
    pub active: u32,
    /// Seats that stayed allocated after a refund (LI-INV-7).
    pub consumed: u32,
}

impl SeatAllocator {
    /// LI-INV-1: `seats - (active + consumed)`; none when there is no limit.
    pub fn remaining(&self) -> Option<u32> {
        self.capacity.seats().map(|seats| seats.saturating_sub(self.active.saturating_add(self.consumed)))
    }

    /// Takes one seat and answers how many are active then.
    ///
    /// # Errors
    /// - [`LicenseError::NotActive`] (LI-INV-3) unless the licence is active
    /// - [`LicenseError::NoSeatsRemaining`] (LI-INV-2) when all seats are taken
    pub fn allocate(&self, state: LicenseState) -> Result<u32, LicenseError> {
        if state != LicenseState::Active {
            return Err(LicenseError::NotActive { state });
        }
        let seats = self.capacity.seats().unwrap_or(u32::MAX);
        match self.remaining() {
            Some(0) => Err(LicenseError::NoSeatsRemaining { seats }),
            Some(_) | None => self.active.checked_add(1).ok_or(LicenseError::NoSeatsRemaining { seats }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::marketplace::values::SeatCount;

    fn limited(seats: u32) -> Capacity {
        Capacity::Limited(SeatCount::try_new(seats).unwrap())
    }

    #[test]
    fn without_a_limit_there_is_always_a_seat() {
        let site = SeatAllocator { capacity: Capacity::Unlimited, active: 1_000_000, consumed: 0 };
        assert_eq!(site.remaining(), None);
        assert_eq!(site.allocate(LicenseState::Active), Ok(1_000_001));
        let full = SeatAllocator { active: u32::MAX, ..site };
        assert!(full.allocate(LicenseState::Active).is_err(), "counts do not wrap");
    }

    proptest! {
        #[test]
        fn a_seat_is_given_exactly_while_one_remains(seats in 1_u32.., active: u32, consumed: u32) {
            let allocator = SeatAllocator { capacity: limited(seats), active, consumed };
            let free = u64::from(active) + u64::from(consumed) < u64::from(seats);
            prop_assert_eq!(allocator.allocate(LicenseState::Active).is_ok(), free);
            prop_assert_eq!(allocator.remaining() != Some(0), free);
            for state in [LicenseState::Expired, LicenseState::Revoked] {
                prop_assert_eq!(allocator.allocate(state), Err(LicenseError::NotActive { state }));
            }
        }
    }
}
