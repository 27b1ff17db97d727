//! What is stored of a ledger and its reservations, and what it announces.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use time::Duration;

use super::{SpendKey, SpendPeriod};
use crate::{
    devportal::{values::Environment, verify::Hold},
    kernel::{DeliveryAttemptId, Price, Row, Timestamp, VerificationId, topics},
};

/// Money held for a send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reservation {
    /// For which send; the row's key within the ledger.
    pub attempt_id: DeliveryAttemptId,
    /// How much.
    pub amount: Price,
    /// What it was quoted at: what a stale one is settled at.
    pub quote: Price,
    /// What became of it.
    pub hold: Hold,
    /// What was spent of it.
    pub price: Option<Price>,
    /// When it was taken.
    pub reserved_at: Timestamp,
}

impl Row for Reservation {
    fn key(&self) -> String {
        self.attempt_id.to_string()
    }
}

impl Reservation {
    /// Whether nobody will say any more what it cost: it is settled at its quote.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.hold == Hold::Held && now > self.reserved_at.plus(Duration::DAY)
    }
}

/// A ledger's document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SpendLedgerData {
    /// Whose, for which period.
    pub key: SpendKey,
    /// What may be spent; as much as wanted where nothing is said.
    pub cap: Option<Price>,
    /// What was spent.
    pub spent: Price,
    /// What is held.
    pub reserved: Price,
    /// What was spent and held when the cap was last lowered beneath it: nothing is added until it is below the cap.
    pub lowered_at: Option<Price>,
    /// The caps whose being reached was announced: once each (in millionths).
    pub caps_hit: BTreeSet<i64>,
    /// The thresholds of the present cap that were announced.
    pub thresholds: BTreeSet<u8>,
}

/// A fact about a ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum SpendEvent {
    /// A send was refused because of the cap: announced once for a period and a cap.
    CapHit {
        /// In which world.
        environment: Environment,
        /// For which period.
        period: SpendPeriod,
        /// The cap.
        cap: Price,
        /// What was spent.
        spent: Price,
        /// What is held.
        reserved: Price,
        /// When the next period begins.
        resets_at: Timestamp,
        /// Which session was refused a send; none for a start.
        refused_verification_id: Option<VerificationId>,
    },
    /// A part of the cap is spent or held.
    Threshold {
        /// In which world.
        environment: Environment,
        /// For which period.
        period: SpendPeriod,
        /// Which part.
        percent: u8,
        /// The cap.
        cap: Price,
        /// What was spent.
        spent: Price,
        /// What is held.
        reserved: Price,
        /// When the next period begins.
        resets_at: Timestamp,
    },
}

topics!(SpendEvent {
    CapHit    => "devportal.verify.spend_cap_hit.v1",
    Threshold => "devportal.verify.spend_threshold.v1",
});
