//! An amount with a sign: money is never negative, a balance may be.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::LineKind;
use crate::kernel::{Currency, Money, MoneyError};

/// What is owed to a provider; below zero, what the provider owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Balance {
    currency: Currency,
    minor_units: i64,
}

/// As it is written: `{"amount":"-4.52","currency":"USD"}`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    amount: String,
    currency: Currency,
}

impl Balance {
    /// Nothing.
    pub fn zero(currency: Currency) -> Self {
        Self { currency, minor_units: 0 }
    }

    /// What a line of this kind does to the balance.
    pub fn of(kind: LineKind, net: &Money) -> Self {
        let minor_units = match kind {
            LineKind::Sale | LineKind::FeeReversal => net.minor_units(),
            // Money is never negative, so its opposite exists.
            LineKind::Refund | LineKind::Tax | LineKind::Carry => net.minor_units().saturating_neg(),
        };
        Self { currency: net.currency(), minor_units }
    }

    /// What one amount is beyond another.
    ///
    /// # Errors
    /// [`MoneyError`] for two currencies.
    pub fn between(more: &Money, less: &Money) -> Result<Self, MoneyError> {
        more.same_currency(less)?;
        let minor_units = more.minor_units().saturating_sub(less.minor_units());
        Ok(Self { currency: more.currency(), minor_units })
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError`] for two currencies or an overflow.
    pub fn plus(&self, other: &Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency });
        }
        let minor_units = self.minor_units.checked_add(other.minor_units).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor_units, ..*self })
    }

    /// The amount in whole minor units.
    pub fn minor_units(&self) -> i64 {
        self.minor_units
    }

    /// The currency.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Takes an amount in text, with a `-` before it when it is below zero.
    ///
    /// # Errors
    /// [`MoneyError`] for what is no amount, and for a nothing below zero.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (negative, amount) = text.strip_prefix('-').map_or((false, text), |amount| (true, amount));
        let amount = Money::parse(amount, currency)?.minor_units();
        match (negative, amount) {
            (true, 0) => Err(MoneyError::NotANumber),
            (true, amount) => Ok(Self { currency, minor_units: amount.saturating_neg() }),
            (false, minor_units) => Ok(Self { currency, minor_units }),
        }
    }
}

impl From<Money> for Balance {
    fn from(money: Money) -> Self {
        Self { currency: money.currency(), minor_units: money.minor_units() }
    }
}

/// The amount with the currency's digits, without the code.
impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = i64::try_from(self.minor_units.unsigned_abs()).unwrap_or(i64::MAX);
        let amount = Money::from_minor_units(units, self.currency).map_err(|_| fmt::Error)?;
        let sign = if self.minor_units < 0 { "-" } else { "" };
        write!(f, "{sign}{amount}")
    }
}

impl Serialize for Balance {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written { amount: self.to_string(), currency: self.currency }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Balance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written { amount, currency } = Written::deserialize(deserializer)?;
        Self::parse(&amount, currency).map_err(de::Error::custom)
    }
}
