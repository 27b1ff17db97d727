//! `SpendPolicy`: how much a tenant spends at most.

use serde::{Deserialize, Serialize};

use super::{PeriodKind, PolicyKey, SpendError, SpendPolicyKey};
use crate::{
    devportal::values::Environment,
    kernel::{Aggregate, Audited, Changes, NoRow, Outcome, Price, Root, Rule, Timestamp, require, topics},
};

/// What a tenant spends at most; no bound where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SpendCaps {
    /// In a UTC day.
    pub per_day: Option<Price>,
    /// In a UTC month.
    pub per_month: Option<Price>,
    /// For a send.
    pub max_price_per_send: Option<Price>,
}

/// A policy's document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SpendPolicyData {
    /// Whose.
    pub key: PolicyKey,
    /// What holds.
    pub caps: SpendCaps,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A fact about a spend policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum SpendPolicyEvent {
    /// Its tenant changed it.
    Changed {
        /// In which world.
        environment: Environment,
        /// What holds now.
        caps: SpendCaps,
    },
}

topics!(SpendPolicyEvent { Changed => "devportal.verify.spend_policy_changed.v1", });

/// How much a tenant spends at most.
#[derive(Debug, Clone)]
pub struct SpendPolicy {
    root: Root<SpendPolicyData, SpendPolicyEvent>,
}

impl SpendPolicy {
    /// The policy of a tenant that set none: nothing is stored yet.
    pub fn default_for(key: PolicyKey, now: Timestamp) -> Self {
        Self { root: Root::new(SpendPolicyData { key, caps: SpendCaps::default(), updated_at: now }) }
    }

    /// Sets everything. The ledgers of running periods follow by [`SpendLedger::set_cap`](super::SpendLedger::set_cap).
    ///
    /// # Errors
    /// [`SpendError::Currency`] for two currencies.
    pub fn set(&mut self, caps: SpendCaps, now: Timestamp) -> Result<Outcome, SpendError> {
        caps.check()?;
        if caps == self.root.data.caps && self.root.version() > 0 {
            return Ok(Outcome::AlreadyApplied);
        }
        let environment = self.root.data.key.environment;
        self.root.record(SpendPolicyEvent::Changed { environment, caps });
        self.root.data.caps = caps;
        self.root.data.updated_at = now;
        Ok(Outcome::Applied)
    }

    /// Whether a send may cost this much.
    ///
    /// # Errors
    /// [`SpendError::PriceAboveMaximum`], or [`SpendError::Money`] for another currency.
    pub fn admit(&self, price: Price) -> Result<(), SpendError> {
        let Some(most) = self.root.data.caps.max_price_per_send else { return Ok(()) };
        price.same_currency(&most)?;
        if price.micros() > most.micros() {
            Err(SpendError::PriceAboveMaximum { price, most })
        } else {
            Ok(())
        }
    }
}

impl SpendCaps {
    /// What may be spent in a period of this length.
    pub const fn of(&self, kind: PeriodKind) -> Option<Price> {
        match kind {
            PeriodKind::Day => self.per_day,
            PeriodKind::Month => self.per_month,
        }
    }

    fn check(&self) -> Result<(), SpendError> {
        let mut given = [self.per_day, self.per_month, self.max_price_per_send].into_iter().flatten();
        let Some(first) = given.next() else { return Ok(()) };
        if given.all(|cap| cap.currency() == first.currency()) { Ok(()) } else { Err(SpendError::Currency) }
    }
}

/// What holds of every stored policy.
impl Audited for SpendPolicy {
    const RULES: &'static [Rule<Self>] = &[Rule::<Self>::ours(|data, _| data.caps.check())];
}

impl Aggregate for SpendPolicy {
    type Id = SpendPolicyKey;
    type Data = SpendPolicyData;
    type Row = NoRow;
    type Event = SpendPolicyEvent;
    type Error = SpendError;

    const NAME: &'static str = "spend_policy";

    fn rehydrate(data: SpendPolicyData, rows: Vec<NoRow>, version: u64) -> Result<Self, SpendError> {
        require::<Self>(&data, &rows)?;
        Ok(Self { root: Root::stored(data, version) })
    }

    fn id(&self) -> SpendPolicyKey {
        SpendPolicyKey(self.root.data.key.clone())
    }

    fn data(&self) -> &SpendPolicyData {
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
