//! `SpendLedger`: what a tenant has spent and holds in a period; money is held before a send, so that no cap is ever
//! exceeded by one unit (M-INV-1).

mod check;
mod data;
mod period;

use std::collections::{BTreeMap, BTreeSet};

pub use data::{Reservation, SpendEvent, SpendLedgerData};
pub use period::{PeriodKind, SandboxRound, SpendKey, SpendKeyError, SpendPeriod};
use serde::{Deserialize, Serialize};

use super::SpendError;
use crate::{
    devportal::{invariants::M_INV_1, verify::Hold},
    kernel::{
        Aggregate, Changes, DeliveryAttemptId, Edge, Outcome, Price, Root, Timestamp, VerificationId,
        require, step,
    },
};

/// What becomes of held money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpendAction {
    /// It is spent.
    Settle,
    /// It is given back.
    Release,
}

/// The table of a reservation.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<Hold, SpendAction>] = &[
    //        from        action                to              guards
    Edge::new(Hold::Held, SpendAction::Settle,  Hold::Settled,  &[M_INV_1]),
    Edge::new(Hold::Held, SpendAction::Release, Hold::Released, &[M_INV_1]),
];

/// The states without an exit.
pub const TERMINAL: &[Hold] = &[Hold::Settled, Hold::Released];

impl Hold {
    /// Every state.
    pub const ALL: &[Self] = &[Self::Held, Self::Settled, Self::Released];
}

impl SpendAction {
    /// Both.
    pub const ALL: &[Self] = &[Self::Settle, Self::Release];
}

/// The parts of a cap, in percent, that are announced when they are reached.
const THRESHOLDS: &[u8] = &[50, 80, 100];

/// What a tenant has spent and holds in a period, with the reservations loaded.
#[derive(Debug, Clone)]
pub struct SpendLedger {
    root: Root<SpendLedgerData, SpendEvent, Reservation>,
    rows: BTreeMap<DeliveryAttemptId, Reservation>,
}

impl SpendLedger {
    /// An empty ledger under a cap; `zero` names the currency of one without.
    pub fn open(key: SpendKey, cap: Option<Price>, zero: Price) -> Self {
        let nothing = Price::zero(cap.map_or(zero.currency(), |cap| cap.currency()));
        let data = SpendLedgerData {
            key,
            cap,
            spent: nothing,
            reserved: nothing,
            lowered_at: None,
            caps_hit: BTreeSet::new(),
            thresholds: BTreeSet::new(),
        };
        Self { root: Root::new(data), rows: BTreeMap::new() }
    }

    /// Holds money for a send; for one that has some it is already applied.
    ///
    /// # Errors
    /// [`SpendError::CapReached`] (M-INV-1): then [`SpendLedger::note_refusal`]. [`SpendError::Money`] for another currency.
    pub fn reserve(
        &mut self,
        attempt_id: DeliveryAttemptId,
        amount: Price,
        quote: Price,
        now: Timestamp,
    ) -> Result<Outcome, SpendError> {
        if self.rows.contains_key(&attempt_id) {
            return Ok(Outcome::AlreadyApplied);
        }
        quote.same_currency(&amount)?;
        let data = &mut self.root.data;
        let total = data.spent.checked_add(&data.reserved)?.checked_add(&amount)?;
        if let Some(cap) = data.cap {
            cap.same_currency(&amount)?;
            if total.micros() > cap.micros() {
                return Err(SpendError::CapReached { cap, resets_at: data.key.period.ends_at() });
            }
        }
        data.reserved = data.reserved.checked_add(&amount)?;
        data.lowered_at = None;
        self.write(Reservation {
            attempt_id,
            amount,
            quote,
            hold: Hold::Held,
            price: None,
            reserved_at: now,
        });
        self.announce_thresholds(total);
        Ok(Outcome::Applied)
    }

    /// Spends what is held for a send: never more than that, whatever it cost.
    ///
    /// # Errors
    /// [`SpendError::NotReserved`]; [`SpendError::InvalidTransition`] when it was given back.
    pub fn settle(&mut self, attempt_id: DeliveryAttemptId, price: Price) -> Result<Outcome, SpendError> {
        let row = self.rows.get(&attempt_id).ok_or(SpendError::NotReserved)?;
        if row.hold == Hold::Settled {
            return Ok(Outcome::AlreadyApplied);
        }
        let _ = step(TRANSITIONS, row.hold, SpendAction::Settle, None, None)?;
        let price = price.min(&row.amount)?;
        let row = Reservation { hold: Hold::Settled, price: Some(price), ..row.clone() };
        let data = &mut self.root.data;
        data.reserved = data.reserved.checked_sub(&row.amount)?;
        data.spent = data.spent.checked_add(&price)?;
        self.write(row);
        Ok(Outcome::Applied)
    }

    /// Gives back what is held for a send.
    ///
    /// # Errors
    /// [`SpendError::NotReserved`]; [`SpendError::InvalidTransition`] when it was spent.
    pub fn release(&mut self, attempt_id: DeliveryAttemptId) -> Result<Outcome, SpendError> {
        let row = self.rows.get(&attempt_id).ok_or(SpendError::NotReserved)?;
        if row.hold == Hold::Released {
            return Ok(Outcome::AlreadyApplied);
        }
        let _ = step(TRANSITIONS, row.hold, SpendAction::Release, None, None)?;
        let row = Reservation { hold: Hold::Released, ..row.clone() };
        let data = &mut self.root.data;
        data.reserved = data.reserved.checked_sub(&row.amount)?;
        self.write(row);
        Ok(Outcome::Applied)
    }

    /// Settles at their quotes what nobody has spoken of for a day.
    ///
    /// # Errors
    /// None that its state allows.
    pub fn settle_stale(&mut self, now: Timestamp) -> Result<Outcome, SpendError> {
        let stale: Vec<_> = self.rows.values().filter(|row| row.is_stale(now)).cloned().collect();
        let mut outcome = Outcome::AlreadyApplied;
        for row in stale {
            outcome = self.settle(row.attempt_id, row.quote)?;
        }
        Ok(outcome)
    }

    /// Announces that the cap refused a send: once for a cap.
    pub fn note_refusal(&mut self, refused: Option<VerificationId>) -> Outcome {
        let data = &mut self.root.data;
        let Some(cap) = data.cap.filter(|cap| data.caps_hit.insert(cap.micros())) else {
            return Outcome::AlreadyApplied;
        };
        let event = SpendEvent::CapHit {
            environment: data.key.environment,
            period: data.key.period,
            cap,
            spent: data.spent,
            reserved: data.reserved,
            resets_at: data.key.period.ends_at(),
            refused_verification_id: refused,
        };
        self.root.record(event);
        Outcome::Applied
    }

    /// Sets the cap of the running period. A lower one takes nothing back; nothing more is held until there is room.
    ///
    /// # Errors
    /// [`SpendError::Currency`] for another currency than what was spent.
    pub fn set_cap(&mut self, cap: Option<Price>) -> Result<Outcome, SpendError> {
        let data = &mut self.root.data;
        if data.cap == cap {
            return Ok(Outcome::AlreadyApplied);
        }
        let total = data.spent.checked_add(&data.reserved)?;
        if let Some(cap) = cap {
            if cap.currency() != total.currency() && !total.is_zero() {
                return Err(SpendError::Currency);
            }
            data.lowered_at = (total.micros() > cap.micros()).then_some(total);
        } else {
            data.lowered_at = None;
        }
        if let Some(cap) = cap.filter(|cap| cap.currency() != total.currency()) {
            data.spent = Price::zero(cap.currency());
            data.reserved = Price::zero(cap.currency());
        }
        data.cap = cap;
        data.thresholds = BTreeSet::new();
        self.announce_thresholds(total);
        Ok(Outcome::Applied)
    }

    /// What is held for a send, if it is among the loaded ones.
    pub fn reservation(&self, attempt_id: DeliveryAttemptId) -> Option<&Reservation> {
        self.rows.get(&attempt_id)
    }

    /// What must hold of the ledger and the reservations loaded.
    ///
    /// # Errors
    /// The first [`SpendError`] found.
    pub fn check_invariants(&self) -> Result<(), SpendError> {
        let rows: Vec<Reservation> = self.rows.values().cloned().collect();
        require::<Self>(&self.root.data, &rows)
    }

    fn write(&mut self, row: Reservation) {
        self.root.write_row(row.clone());
        self.rows.insert(row.attempt_id, row);
    }

    fn announce_thresholds(&mut self, total: Price) {
        let data = &mut self.root.data;
        let Some(cap) = data.cap.filter(|cap| !cap.is_zero()) else { return };
        let reached = |percent: u8| {
            let part = i128::from(cap.micros()).saturating_mul(i128::from(percent));
            i128::from(total.micros()).saturating_mul(100) >= part
        };
        let (spent, reserved, key) = (data.spent, data.reserved, data.key.clone());
        let new: Vec<u8> = THRESHOLDS
            .iter()
            .copied()
            .filter(|percent| reached(*percent) && data.thresholds.insert(*percent))
            .collect();
        for percent in new {
            self.root.record(SpendEvent::Threshold {
                environment: key.environment,
                period: key.period,
                percent,
                cap,
                spent,
                reserved,
                resets_at: key.period.ends_at(),
            });
        }
    }
}

impl Aggregate for SpendLedger {
    type Id = SpendKey;
    type Data = SpendLedgerData;
    type Row = Reservation;
    type Event = SpendEvent;
    type Error = SpendError;

    const NAME: &'static str = "spend";

    fn rehydrate(data: SpendLedgerData, rows: Vec<Reservation>, version: u64) -> Result<Self, SpendError> {
        require::<Self>(&data, &rows)?;
        let rows = rows.into_iter().map(|row| (row.attempt_id, row)).collect();
        Ok(Self { root: Root::stored(data, version), rows })
    }

    fn id(&self) -> SpendKey {
        self.root.data.key.clone()
    }

    fn data(&self) -> &SpendLedgerData {
        &self.root.data
    }

    fn version(&self) -> u64 {
        self.root.version()
    }

    fn into_changes(self) -> Changes<Self> {
        let id = self.id();
        self.root.into_changes(id)
    }
}
