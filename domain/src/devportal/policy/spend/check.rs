//! What holds of every stored ledger, one row a rule. No amount is negative by its type.

use super::{Reservation, SpendLedger, SpendLedgerData};
use crate::{
    devportal::{invariants::M_INV_1, policy::SpendError, verify::Hold},
    kernel::{Audited, Rule},
};

fn holds(holds: bool, what: &'static str) -> Result<(), SpendError> {
    if holds { Ok(()) } else { Err(SpendError::Inconsistent(what)) }
}

impl Audited for SpendLedger {
    #[rustfmt::skip]
    const RULES: &'static [Rule<Self>] = &[
        Rule::<Self>::of(M_INV_1, |data, _| under_the_cap(data)),
        Rule::<Self>::of(M_INV_1, |data, rows| holds(held(rows)? <= data.reserved.micros(), "more is held than its sum says")),
        Rule::<Self>::of(M_INV_1, |data, rows| holds(held(rows)? == data.reserved.micros(), "what is held is not its sum")).whole(),
        Rule::<Self>::of(M_INV_1, |data, rows| holds(spent(rows)? == data.spent.micros(), "what was spent is not its sum")).whole(),
    ];
}

fn under_the_cap(data: &SpendLedgerData) -> Result<(), SpendError> {
    let total = data.spent.checked_add(&data.reserved)?.micros();
    let most = data.cap.map(|cap| cap.micros().max(data.lowered_at.map_or(0, |lowered| lowered.micros())));
    holds(most.is_none_or(|most| total <= most), "more is spent and held than the cap")
}

fn held(rows: &[Reservation]) -> Result<i64, SpendError> {
    let mut held = rows.iter().filter(|row| row.hold == Hold::Held).map(|row| row.amount.micros());
    held.try_fold(0_i64, i64::checked_add).ok_or(SpendError::Inconsistent("too large a sum"))
}

fn spent(rows: &[Reservation]) -> Result<i64, SpendError> {
    let mut spent =
        rows.iter().filter(|row| row.hold == Hold::Settled).filter_map(|row| row.price).map(|p| p.micros());
    spent.try_fold(0_i64, i64::checked_add).ok_or(SpendError::Inconsistent("too large a sum"))
}
