//! What holds of every stored licence, one row a rule.
//!
//! LI-INV-4 holds by the type of [`super::ValidityWindow`]: a document that breaks it cannot be read.

use std::collections::BTreeSet;

use time::Duration;

use super::{
    AssignmentEvidence, License, LicenseData, LicenseError, LicenseRow, LicenseScope, LicenseState,
    SeatAllocation, SeatStatus, TRANSITIONS, WaitlistState,
};
use crate::{
    kernel::{Audited, Invariant, Rule, require},
    marketplace::{
        invariants::{LI_INV_1, LI_INV_2, LI_INV_3, LI_INV_5, LI_INV_6, LI_INV_7},
        values::{Capacity, SeatCount},
    },
};

/// How long a command may be under way: its time is taken before it waits for its turn.
const UNDER_WAY: Duration = Duration::minutes(1);

type Result = std::result::Result<(), LicenseError>;

impl Audited for License {
    #[rustfmt::skip]
    const RULES: &'static [Rule<Self>] = &[
        Rule::<Self>::of(LI_INV_1, |data, _| holds(LI_INV_1, data.capacity.seats().is_none_or(|seats| taken(data) <= u64::from(seats)))),
        Rule::<Self>::of(LI_INV_1, |data, rows| holds(LI_INV_1, count(rows, SeatStatus::Active) <= data.active_seats)),
        Rule::<Self>::of(LI_INV_1, |data, rows| holds(LI_INV_1, count(rows, SeatStatus::ConsumedOnRefund) <= data.consumed_seats)),
        Rule::<Self>::of(LI_INV_1, |data, rows| holds(LI_INV_1, waiting(rows) <= data.waitlist.waiting)),
        Rule::<Self>::of(LI_INV_5, |data, _| holds(LI_INV_5, is_reached(data))),
        Rule::<Self>::of(LI_INV_6, |data, _| holds(LI_INV_6, data.scope == LicenseScope::of(data.pricing_plan_kind))),
        Rule::<Self>::of(LI_INV_6, |data, _| holds(LI_INV_6, data.scope != LicenseScope::Individual || data.capacity == Capacity::Limited(SeatCount::ONE))),
        Rule::<Self>::of(LI_INV_7, |data, _| holds(LI_INV_7, is_settled(data))),
        Rule::<Self>::of(LI_INV_1, |data, rows| holds(LI_INV_1, is_counted(data, rows))).whole(),
        Rule::<Self>::of(LI_INV_2, |_, rows| holds(LI_INV_2, seats(rows).filter_map(|row| row.assigned_under.as_ref()).all(AssignmentEvidence::had_a_seat))).whole(),
        Rule::<Self>::of(LI_INV_3, |data, rows| holds(LI_INV_3, seats(rows).all(|row| was_active(data, row)))).whole(),
    ];
}

impl License {
    /// Checks the root, and the loaded rows against it (R81). Linear in the rows.
    ///
    /// # Errors
    /// [`LicenseError::Corrupt`] with the first invariant that does not hold. LI-INV-4 holds by the type of
    /// [`super::ValidityWindow`].
    pub fn check_invariants(&self) -> Result {
        let rows: Vec<LicenseRow> = self.rows().collect();
        require::<Self>(&self.root.data, &rows)
    }
}

fn holds(invariant: Invariant, holds: bool) -> Result {
    if holds { Ok(()) } else { Err(LicenseError::Corrupt(invariant)) }
}

fn taken(data: &LicenseData) -> u64 {
    u64::from(data.active_seats).saturating_add(u64::from(data.consumed_seats))
}

fn seats(rows: &[LicenseRow]) -> impl Iterator<Item = &SeatAllocation> {
    rows.iter().filter_map(|row| match row {
        LicenseRow::Seat(seat) => Some(seat),
        LicenseRow::Waiting(_) => None,
    })
}

fn waiting(rows: &[LicenseRow]) -> u32 {
    let waits = |row: &&LicenseRow| matches!(row, LicenseRow::Waiting(entry) if entry.state == WaitlistState::Waiting);
    u32::try_from(rows.iter().filter(waits).count()).unwrap_or(u32::MAX)
}

fn count(rows: &[LicenseRow], status: SeatStatus) -> u32 {
    u32::try_from(seats(rows).filter(|row| row.status == status).count()).unwrap_or(u32::MAX)
}

/// The last action leads here by the table.
fn is_reached(data: &LicenseData) -> bool {
    match &data.last_transition {
        None => data.state == LicenseState::Active,
        Some(last) => TRANSITIONS.iter().any(|edge| edge.action == last.action && edge.to == data.state),
    }
}

/// A revoked licence has no active seat left, and only a revoked one has consumed ones.
fn is_settled(data: &LicenseData) -> bool {
    match data.state {
        LicenseState::Revoked => data.active_seats == 0,
        LicenseState::Active | LicenseState::Expired => data.consumed_seats == 0,
    }
}

/// The root counts its rows, and nobody sits twice.
fn is_counted(data: &LicenseData, rows: &[LicenseRow]) -> bool {
    let mut users = BTreeSet::new();
    let once = seats(rows).filter(|row| row.status.takes_a_seat()).all(|row| users.insert(&row.user_id));
    once && count(rows, SeatStatus::Active) == data.active_seats
        && count(rows, SeatStatus::ConsumedOnRefund) == data.consumed_seats
        && waiting(rows) == data.waitlist.waiting
}

/// A seat was assigned while the licence was active, by what the command saw and by the dates: nothing is
/// assigned after a revocation, and by hand nothing after the end.
fn was_active(data: &LicenseData, row: &SeatAllocation) -> bool {
    let seen = row.assigned_under.as_ref().is_none_or(|seen| seen.state == LicenseState::Active);
    let after_the_end = data.scope == LicenseScope::Org
        && data.validity.valid_until().is_some_and(|end| row.assigned_at >= end);
    let after_revocation =
        data.state == LicenseState::Revoked && row.assigned_at > data.updated_at.plus(UNDER_WAY);
    seen && !after_the_end && !after_revocation
}
