//! Price: a non-negative amount in millionths of a currency's unit, for things cheaper than a minor unit (ruling R22).
//!
//! ```
//! use sarai_domain::kernel::{Currency, MoneyError, Price};
//! let usd = Currency::parse("USD")?;
//! let sms = Price::parse("0.0079", usd)?;
//! assert_eq!((sms.micros(), sms.to_string()), (7_900, "0.007900".to_owned()));
//! assert_eq!(sms.checked_mul(1_000)?.to_money()?.to_string(), "7.90");
//! # Ok::<(), MoneyError>(())
//! ```

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Currency, Money, MoneyError};

/// How many fraction digits a price has, whatever its currency.
const DIGITS: u32 = 6;

/// A price, exact to the millionth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Price {
    micros: i64,
    currency: Currency,
}

impl Price {
    /// Nothing.
    pub const fn zero(currency: Currency) -> Self {
        Self { micros: 0, currency }
    }

    /// Takes whole millionths.
    ///
    /// # Errors
    /// [`MoneyError::Negative`] below zero.
    pub const fn from_micros(micros: i64, currency: Currency) -> Result<Self, MoneyError> {
        if micros < 0 { Err(MoneyError::Negative) } else { Ok(Self { micros, currency }) }
    }

    /// Takes an amount in text: digits, at most one point, at most six digits after it.
    ///
    /// # Errors
    /// [`MoneyError`] for any other text.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if text.starts_with('-') && digits(text.get(1..2).unwrap_or_default()) {
            return Err(MoneyError::Negative);
        }
        let padded = whole.len() > 1 && whole.starts_with('0');
        if !digits(whole) || !fraction.is_none_or(digits) || padded {
            return Err(MoneyError::NotANumber);
        }
        if fraction.is_some_and(|fraction| fraction.len() > DIGITS as usize) {
            return Err(MoneyError::TooManyDigits { currency, digits: DIGITS });
        }
        let mut amount = Decimal::from_str_exact(text).map_err(|_| MoneyError::Overflow)?;
        amount.rescale(DIGITS);
        if amount.scale() != DIGITS {
            return Err(MoneyError::Overflow);
        }
        let micros = i64::try_from(amount.mantissa()).map_err(|_| MoneyError::Overflow)?;
        Self::from_micros(micros, currency)
    }

    /// The amount in whole millionths.
    pub const fn micros(&self) -> i64 {
        self.micros
    }

    /// The currency.
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Whether there is nothing.
    pub const fn is_zero(&self) -> bool {
        self.micros == 0
    }

    /// Whether both are in one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] when they are not.
    pub fn same_currency(&self, other: &Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency })
        }
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError`] for two currencies or an overflow.
    pub fn checked_add(&self, other: &Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let micros = self.micros.checked_add(other.micros).ok_or(MoneyError::Overflow)?;
        Self::from_micros(micros, self.currency)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError`] for two currencies, or [`MoneyError::Negative`] when `other` is larger.
    pub fn checked_sub(&self, other: &Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let micros = self.micros.checked_sub(other.micros).ok_or(MoneyError::Overflow)?;
        Self::from_micros(micros, self.currency)
    }

    /// This price `count` times.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn checked_mul(&self, count: u32) -> Result<Self, MoneyError> {
        let micros = self.micros.checked_mul(i64::from(count)).ok_or(MoneyError::Overflow)?;
        Self::from_micros(micros, self.currency)
    }

    /// The smaller of two.
    ///
    /// # Errors
    /// [`MoneyError`] for two currencies.
    pub fn min(&self, other: &Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Ok(if other.micros < self.micros { *other } else { *self })
    }

    /// The sum of many, zero of none.
    ///
    /// # Errors
    /// [`MoneyError`] when one is of another currency, or on overflow.
    pub fn sum<'a>(
        currency: Currency,
        parts: impl IntoIterator<Item = &'a Self>,
    ) -> Result<Self, MoneyError> {
        parts.into_iter().try_fold(Self::zero(currency), |total, part| total.checked_add(part))
    }

    /// What an invoice says: rounded half away from zero to the minor unit.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn to_money(self) -> Result<Money, MoneyError> {
        let unit = 10_i128.checked_pow(DIGITS.saturating_sub(self.currency.digits())).unwrap_or(1);
        let half = unit.checked_div(2).unwrap_or_default();
        let minor = i128::from(self.micros).saturating_add(half).checked_div(unit).unwrap_or_default();
        let minor = i64::try_from(minor).map_err(|_| MoneyError::Overflow)?;
        Money::from_minor_units(minor, self.currency)
    }
}

/// The amount with six fraction digits, without the code.
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Decimal::new(self.micros, DIGITS), f)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceText {
    amount: String,
    currency: Currency,
}

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PriceText { amount: self.to_string(), currency: self.currency }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let PriceText { amount, currency } = PriceText::deserialize(deserializer)?;
        Self::parse(&amount, currency).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usd() -> Currency {
        Currency::parse("USD").unwrap()
    }

    fn price(text: &str) -> Price {
        Price::parse(text, usd()).unwrap()
    }

    #[test]
    fn json_has_six_digits_and_the_currency() {
        let json = r#"{"amount":"0.007900","currency":"USD"}"#;
        assert_eq!(serde_json::to_string(&price("0.0079")).unwrap(), json);
        assert_eq!(serde_json::from_str::<Price>(json).unwrap(), price("0.0079"));
        for bad in [r#"{"amount":0.1,"currency":"USD"}"#, r#"{"amount":"1e2","currency":"USD"}"#] {
            assert!(serde_json::from_str::<Price>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_plain_decimals_of_six_digits_are_prices() {
        for bad in ["", ".5", "1.", "01", "+1", "1e2", "٣"] {
            assert_eq!(Price::parse(bad, usd()), Err(MoneyError::NotANumber), "{bad}");
        }
        assert_eq!(Price::parse("-1", usd()), Err(MoneyError::Negative));
        assert_eq!(
            Price::parse("0.0000001", usd()),
            Err(MoneyError::TooManyDigits { currency: usd(), digits: 6 })
        );
        assert_eq!(Price::parse("9223372036855", usd()), Err(MoneyError::Overflow));
    }

    #[test]
    fn an_invoice_rounds_half_away_from_zero() {
        for (exact, rounded) in [("0.004999", "0.00"), ("0.005", "0.01"), ("1.994999", "1.99")] {
            assert_eq!(price(exact).to_money().unwrap().to_string(), rounded, "{exact}");
        }
    }

    #[test]
    fn arithmetic_is_checked() {
        let afn = Price::parse("1", Currency::parse("AFN").unwrap()).unwrap();
        assert!(matches!(price("1").checked_add(&afn), Err(MoneyError::CurrencyMismatch { .. })));
        assert_eq!(price("1").checked_sub(&price("2")), Err(MoneyError::Negative));
        let most = Price::from_micros(i64::MAX, usd()).unwrap();
        assert_eq!(most.checked_add(&price("1")), Err(MoneyError::Overflow));
        assert_eq!(most.checked_mul(2), Err(MoneyError::Overflow));
        assert_eq!(price("1").min(&price("2")), Ok(price("1")));
        assert_eq!(Price::sum(usd(), &[price("1"), price("0.5")]), Ok(price("1.5")));
    }

    proptest! {
        #[test]
        fn print_then_parse_is_identity(micros in 0_i64..=i64::MAX) {
            let price = Price::from_micros(micros, usd()).unwrap();
            prop_assert_eq!(Price::parse(&price.to_string(), usd()), Ok(price));
        }
    }
}
