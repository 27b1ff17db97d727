//! Money: a non-negative amount in one currency, exact to the minor unit (platform.md 1).
//!
//! ```
//! use sarai_domain::kernel::{Currency, Money, MoneyError};
//! let usd = Currency::parse("USD")?;
//! let price = Money::parse("6.45", usd)?;
//! assert_eq!(price.minor_units(), 645);
//! assert_eq!(price.allocate(&[1, 1, 1])?.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2.15", "2.15", "2.15"]);
//! assert!(Money::parse("6.455", usd).is_err());
//! # Ok::<(), MoneyError>(())
//! ```

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Coded, Kind};

/// The currencies this product trades in: data, extended by a line.
const ALLOWED: &[iso_currency::Currency] = {
    use iso_currency::Currency::{AED, AFN, EUR, GBP, INR, KES, NGN, USD};
    &[USD, EUR, GBP, INR, AED, KES, NGN, AFN]
};

/// A currency of the allow-list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(iso_currency::Currency);

/// An amount of money, never negative, with exactly the currency's minor digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    amount: Decimal,
    currency: Currency,
}

/// Why an amount or an operation on amounts is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The code is not on the allow-list.
    #[error("`{0}` is not a currency that is traded here")]
    CurrencyNotAllowed(String),
    /// The text is not a plain decimal number.
    #[error("an amount is digits with an optional fraction, such as \"19.99\"")]
    NotANumber,
    /// More fraction digits than the currency has.
    #[error("{currency} has at most {digits} fraction digits")]
    TooManyDigits {
        /// The currency.
        currency: Currency,
        /// How many it has.
        digits: u32,
    },
    /// Below zero.
    #[error("an amount of money cannot be negative")]
    Negative,
    /// Beyond 64-bit minor units.
    #[error("the amount is too large")]
    Overflow,
    /// Two currencies in one operation.
    #[error("{left} and {right} cannot be combined")]
    CurrencyMismatch {
        /// One.
        left: Currency,
        /// The other.
        right: Currency,
    },
}

impl Coded for MoneyError {
    fn code(&self) -> &'static str {
        match self {
            Self::CurrencyNotAllowed(_) => "money.currency_not_allowed",
            Self::NotANumber => "money.not_a_number",
            Self::TooManyDigits { .. } => "money.too_many_digits",
            Self::Negative => "money.negative",
            Self::Overflow => "money.overflow",
            Self::CurrencyMismatch { .. } => "money.currency_mismatch",
        }
    }

    fn kind(&self) -> Kind {
        Kind::Invalid
    }
}

impl Currency {
    /// Takes a three-letter code of the allow-list.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyNotAllowed`] for any other text.
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        ALLOWED
            .iter()
            .find(|allowed| allowed.code() == code)
            .map(|allowed| Self(*allowed))
            .ok_or_else(|| MoneyError::CurrencyNotAllowed(code.to_owned()))
    }

    /// Every currency of the allow-list.
    pub fn all() -> impl Iterator<Item = Self> {
        ALLOWED.iter().map(|allowed| Self(*allowed))
    }

    /// The ISO 4217 code.
    pub fn code(&self) -> &'static str {
        self.0.code()
    }

    /// How many fraction digits an amount has.
    pub fn digits(&self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}

impl Money {
    /// Nothing.
    pub fn zero(currency: Currency) -> Self {
        Self { amount: Decimal::new(0, currency.digits()), currency }
    }

    /// Takes an amount.
    ///
    /// # Errors
    /// [`MoneyError`] when it is negative, too precise or beyond 64-bit minor units.
    pub fn try_new(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let digits = currency.digits();
        if amount.is_sign_negative() && !amount.is_zero() {
            return Err(MoneyError::Negative);
        }
        if amount.scale() > digits {
            return Err(MoneyError::TooManyDigits { currency, digits });
        }
        let mut scaled = amount.abs();
        scaled.rescale(digits);
        if scaled.scale() != digits || i64::try_from(scaled.mantissa()).is_err() {
            return Err(MoneyError::Overflow);
        }
        Ok(Self { amount: scaled, currency })
    }

    /// Takes an amount in text: digits, at most one point, nothing else.
    ///
    /// # Errors
    /// [`MoneyError`] as [`Money::try_new`], or when the text is not such a number.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if text.starts_with('-') && digits(text.get(1..2).unwrap_or_default()) {
            return Err(MoneyError::Negative);
        }
        if !digits(whole) || !fraction.is_none_or(digits) {
            return Err(MoneyError::NotANumber);
        }
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(MoneyError::NotANumber);
        }
        if fraction.is_some_and(|fraction| fraction.len() > currency.digits() as usize) {
            return Err(MoneyError::TooManyDigits { currency, digits: currency.digits() });
        }
        Decimal::from_str_exact(text)
            .map_err(|_| MoneyError::Overflow)
            .and_then(|amount| Self::try_new(amount, currency))
    }

    /// Takes whole minor units, such as cents.
    ///
    /// # Errors
    /// [`MoneyError::Negative`] below zero.
    pub fn from_minor_units(minor_units: i64, currency: Currency) -> Result<Self, MoneyError> {
        if minor_units < 0 {
            return Err(MoneyError::Negative);
        }
        Ok(Self { amount: Decimal::new(minor_units, currency.digits()), currency })
    }

    /// The amount, with the currency's fraction digits.
    pub fn amount(&self) -> Decimal {
        self.amount
    }

    /// The currency.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The amount in whole minor units.
    pub fn minor_units(&self) -> i64 {
        // The constructors admit 64-bit mantissas only.
        i64::try_from(self.amount.mantissa()).unwrap_or(i64::MAX)
    }

    /// Whether there is nothing.
    pub fn is_zero(&self) -> bool {
        self.amount.is_zero()
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
        let sum = self.minor_units().checked_add(other.minor_units()).ok_or(MoneyError::Overflow)?;
        Self::from_minor_units(sum, self.currency)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError`] for two currencies, or [`MoneyError::Negative`] when `other` is larger.
    pub fn checked_sub(&self, other: &Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let difference = self.minor_units().checked_sub(other.minor_units()).ok_or(MoneyError::Overflow)?;
        Self::from_minor_units(difference, self.currency)
    }

    /// The difference, or nothing when `other` is larger.
    ///
    /// # Errors
    /// [`MoneyError`] for two currencies.
    pub fn saturating_sub(&self, other: &Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Self::from_minor_units(self.minor_units().saturating_sub(other.minor_units()).max(0), self.currency)
    }

    /// This amount `count` times.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn checked_mul(&self, count: u32) -> Result<Self, MoneyError> {
        let product = self.minor_units().checked_mul(i64::from(count)).ok_or(MoneyError::Overflow)?;
        Self::from_minor_units(product, self.currency)
    }

    /// The smaller of two.
    ///
    /// # Errors
    /// [`MoneyError`] for two currencies.
    pub fn min(&self, other: &Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Ok(if other.amount < self.amount { *other } else { *self })
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

    /// `basis_points` / 10,000 of this, rounded half away from zero to the minor unit.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn basis_points(&self, basis_points: u32) -> Result<Self, MoneyError> {
        let exact = i128::from(self.minor_units()).saturating_mul(i128::from(basis_points));
        let rounded = exact.saturating_add(5_000).checked_div(10_000).unwrap_or_default();
        let minor = i64::try_from(rounded).map_err(|_| MoneyError::Overflow)?;
        Self::from_minor_units(minor, self.currency)
    }

    /// Splits this by weights: each part floored, the units left over to the largest remainders, ties to the
    /// lower index. Parts of weight zero get nothing; the parts always sum to the whole. O(n log n).
    ///
    /// # Errors
    /// [`MoneyError::NotANumber`] when there is something to split and no weight is above zero.
    pub fn allocate(&self, weights: &[u64]) -> Result<Vec<Self>, MoneyError> {
        let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
        let total = u128::from(self.minor_units().unsigned_abs());
        if sum == 0 {
            return if self.is_zero() { Ok(vec![*self; weights.len()]) } else { Err(MoneyError::NotANumber) };
        }
        let mut parts: Vec<(u128, u128)> = weights
            .iter()
            .map(|weight| {
                let exact = total.saturating_mul(u128::from(*weight));
                (exact.checked_div(sum).unwrap_or_default(), exact.checked_rem(sum).unwrap_or_default())
            })
            .collect();
        let given: u128 = parts.iter().map(|(floor, _)| floor).sum();
        let left = usize::try_from(total.saturating_sub(given)).unwrap_or(usize::MAX);
        let mut order: Vec<usize> = (0..parts.len()).collect();
        // A stable sort keeps the lower index first among equal remainders.
        order.sort_by_key(|index| std::cmp::Reverse(parts.get(*index).map(|(_, remainder)| *remainder)));
        for index in order.into_iter().take(left) {
            if let Some((floor, _)) = parts.get_mut(index) {
                *floor = floor.saturating_add(1);
            }
        }
        parts
            .into_iter()
            .map(|(units, _)| {
                let minor = i64::try_from(units).map_err(|_| MoneyError::Overflow)?;
                Self::from_minor_units(minor, self.currency)
            })
            .collect()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The amount with the currency's digits, without the code.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.amount, f)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MoneyText {
    amount: String,
    currency: Currency,
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        MoneyText { amount: self.to_string(), currency: self.currency }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let MoneyText { amount, currency } = MoneyText::deserialize(deserializer)?;
        Self::parse(&amount, currency).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usd(text: &str) -> Money {
        Money::parse(text, Currency::parse("USD").unwrap()).unwrap()
    }

    #[test]
    fn only_plain_decimals_within_the_currency_s_digits_are_amounts() {
        let usd = Currency::parse("USD").unwrap();
        for good in ["0", "0.5", "19.99", "92233720368547758.07"] {
            assert!(Money::parse(good, usd).is_ok(), "{good}");
        }
        for bad in ["", ".5", "1.", "1e2", "+1", "1_000", "01", "٣", "1.2.3", " 1", "-", "--1"] {
            assert_eq!(Money::parse(bad, usd), Err(MoneyError::NotANumber), "{bad}");
        }
        assert_eq!(Money::parse("-1", usd), Err(MoneyError::Negative));
        assert_eq!(Money::parse("92233720368547758.08", usd), Err(MoneyError::Overflow));
        assert_eq!(Money::parse("1.000", usd), Err(MoneyError::TooManyDigits { currency: usd, digits: 2 }));
    }

    #[test]
    fn digits_come_from_the_table_for_every_kind_of_currency() {
        let yen = Currency(iso_currency::Currency::JPY);
        let dinar = Currency(iso_currency::Currency::KWD);
        assert_eq!(Money::parse("1200", yen).unwrap().minor_units(), 1200);
        assert!(Money::parse("1200.5", yen).is_err());
        assert_eq!(Money::parse("1.5", dinar).unwrap().to_string(), "1.500");
        assert_eq!(Money::parse("1.5", dinar).unwrap().minor_units(), 1500);
    }

    #[test]
    fn json_prints_the_currency_s_digits_and_refuses_numbers_and_unknown_fields() {
        assert_eq!(serde_json::to_string(&usd("12.5")).unwrap(), r#"{"amount":"12.50","currency":"USD"}"#);
        for bad in [
            r#"{"amount":12.5,"currency":"USD"}"#,
            r#"{"amount":"1e2","currency":"USD"}"#,
            r#"{"amount":"1","currency":"XXX"}"#,
            r#"{"amount":"1","currency":"USD","x":1}"#,
        ] {
            assert!(serde_json::from_str::<Money>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn currencies_never_mix() {
        let euro = Money::zero(Currency::parse("EUR").unwrap());
        assert!(matches!(usd("1").checked_add(&euro), Err(MoneyError::CurrencyMismatch { .. })));
        assert!(matches!(usd("1").checked_sub(&euro), Err(MoneyError::CurrencyMismatch { .. })));
        assert_eq!(usd("1").checked_sub(&usd("2")), Err(MoneyError::Negative));
    }

    #[test]
    fn leftover_units_go_to_the_largest_remainders_and_ties_to_the_lower_index() {
        let parts = |total: &str, weights: &[u64]| {
            usd(total).allocate(weights).unwrap().iter().map(Money::minor_units).collect::<Vec<_>>()
        };
        assert_eq!(parts("1.00", &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(parts("0.02", &[1, 1, 1]), [1, 1, 0]);
        assert_eq!(parts("1.00", &[1, 0, 2]), [33, 0, 67]);
        assert_eq!(parts("0.00", &[0, 0]), [0, 0]);
        assert!(usd("1").allocate(&[0, 0]).is_err());
    }

    #[test]
    fn a_half_rounds_away_from_zero() {
        assert_eq!(usd("0.05").basis_points(1_000), Ok(usd("0.01")));
        assert_eq!(usd("0.04").basis_points(1_000), Ok(usd("0.00")));
    }

    proptest! {
        #[test]
        fn the_parts_always_sum_to_the_whole(
            total in 0_i64..=i64::MAX,
            weights in prop::collection::vec(0_u64..=u64::MAX, 1..60),
        ) {
            let whole = Money::from_minor_units(total, Currency::parse("USD").unwrap()).unwrap();
            if weights.iter().any(|weight| *weight > 0) {
                let parts = whole.allocate(&weights).unwrap();
                let sum: i128 = parts.iter().map(|part| i128::from(part.minor_units())).sum();
                prop_assert_eq!(sum, i128::from(total));
                for (part, weight) in parts.iter().zip(&weights) {
                    prop_assert!(*weight > 0 || part.is_zero());
                }
            }
        }

        #[test]
        fn print_then_parse_is_identity(minor in 0_i64..=i64::MAX) {
            for currency in Currency::all() {
                let money = Money::from_minor_units(minor, currency).unwrap();
                prop_assert_eq!(Money::parse(&money.to_string(), currency), Ok(money));
            }
        }
    }
}
