//! Who gets how much of a sale (seed 002, section 6; marketplace.md 6).

use crate::{
    kernel::{Money, MoneyError},
    marketplace::values::RevenueShare,
};

/// A base in two parts that sum to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// The platform's.
    pub fee: Money,
    /// The provider's.
    pub provider: Money,
}

/// Splits one line's net amount between the platform and the provider.
///
/// ```
/// use sarai_domain::{
///     kernel::{Currency, Money},
///     marketplace::{services::revenue_share::RevenueShareCalculator, values::RevenueShare},
/// };
/// let net = Money::parse("6.45", Currency::parse("USD")?)?;
/// let split = RevenueShareCalculator::split(net, RevenueShare::try_new(3_000, 7_000)?)?;
/// assert_eq!((split.fee.to_string().as_str(), split.provider.to_string().as_str()), ("1.93", "4.52"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RevenueShareCalculator;

impl RevenueShareCalculator {
    /// Both shares floored, the odd minor unit to the larger fraction, a tie to the provider.
    ///
    /// `base` is net of discounts and before tax.
    ///
    /// # Errors
    /// None for a [`RevenueShare`] (L-INV-6: its shares are never both zero); the type is the allocation's.
    pub fn split(base: Money, share: RevenueShare) -> Result<Split, MoneyError> {
        // The provider comes first because a tie goes to the lower index.
        let weights = [share.provider_bps(), share.platform_bps()].map(u64::from);
        let provider = base.allocate(&weights)?.first().copied().unwrap_or(base);
        Ok(Split { fee: base.checked_sub(&provider)?, provider })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Currency;

    fn usd(minor: i64) -> Money {
        Money::from_minor_units(minor, Currency::parse("USD").unwrap()).unwrap()
    }

    fn split(minor: i64, platform_bps: u32) -> (i64, i64) {
        let share = RevenueShare::try_new(platform_bps, 10_000 - platform_bps).unwrap();
        let split = RevenueShareCalculator::split(usd(minor), share).unwrap();
        (split.fee.minor_units(), split.provider.minor_units())
    }

    #[test]
    fn the_odd_unit_goes_to_the_larger_fraction_and_a_tie_to_the_provider() {
        assert_eq!(split(645, 3_000), (193, 452), "a tie");
        assert_eq!(split(1, 5_001), (1, 0), "the platform's fraction is larger");
        assert_eq!(split(1, 4_999), (0, 1), "the provider's fraction is larger");
        assert_eq!(split(1_999, 1_500), (300, 1_699));
        assert_eq!(split(0, 1_500), (0, 0));
        assert_eq!(split(777, 0), (0, 777));
        assert_eq!(split(777, 10_000), (777, 0));
    }

    /// A million splits: every share in basis points over amounts of every magnitude.
    #[test]
    fn a_split_always_sums_to_its_base_and_is_at_most_one_unit_from_exact() {
        let magnitudes = (0..33).flat_map(|power| [(1_i64 << power) - 1, 1 << power, (1 << power) + 1]);
        for minor in magnitudes.chain([i64::MAX]) {
            let base = usd(minor);
            for platform_bps in 0..=10_000 {
                let share = RevenueShare::try_new(platform_bps, 10_000 - platform_bps).unwrap();
                let split = RevenueShareCalculator::split(base, share).unwrap();
                let (fee, provider) = (split.fee.minor_units(), split.provider.minor_units());
                assert_eq!(fee + provider, minor);
                let off = i128::from(fee) * 10_000 - i128::from(minor) * i128::from(platform_bps);
                assert!(off.abs() <= 5_000, "{minor} at {platform_bps}: fee {fee}");
            }
        }
    }
}
