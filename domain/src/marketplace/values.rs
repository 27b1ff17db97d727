//! Values that several aggregates share, validated when made (seed 002, section 2).

use std::{fmt, num::NonZeroU32, str::FromStr};

use serde::{Deserialize, Serialize};

use super::invariants::{C_INV_3, L_INV_6};
use crate::kernel::{Coded, Invariant, Kind, Money, MoneyError, TenantId, Unreadable};

/// Why a value is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// L-INV-6.
    #[error("{platform} + {provider} basis points are not 10,000")]
    RevenueShare {
        /// The platform's.
        platform: u32,
        /// The provider's.
        provider: u32,
    },
    /// Refund days beyond 90.
    #[error("refundDays is 0 to 90, not {0}")]
    RefundDays(u32),
    /// C-INV-3.
    #[error("a percent discount is 1 to 100, not {0}")]
    Percent(u32),
    /// A fixed discount of nothing.
    #[error("a fixed discount is more than zero")]
    ZeroDiscount,
    /// Zero seats.
    #[error("a seat count is at least 1")]
    NoSeats,
    /// Not a coupon code.
    #[error("a coupon code is 3 to 32 of A-Z, 0-9, `_` and `-`")]
    CouponCode,
    /// An amount.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Coded for ValueError {
    fn code(&self) -> &'static str {
        match self {
            Self::RevenueShare { .. } => "listing.revenue_share_not_whole",
            Self::RefundDays(_) => "listing.refund_days_out_of_range",
            Self::Percent(_) => "coupon.percent_out_of_range",
            Self::ZeroDiscount => "coupon.zero_discount",
            Self::NoSeats => "license.no_seats",
            Self::CouponCode => "coupon.code_malformed",
            Self::Money(error) => error.code(),
        }
    }

    fn kind(&self) -> Kind {
        Kind::Invalid
    }

    fn invariant(&self) -> Option<Invariant> {
        match self {
            Self::RevenueShare { .. } => Some(L_INV_6),
            Self::Percent(_) => Some(C_INV_3),
            Self::RefundDays(_) | Self::ZeroDiscount | Self::NoSeats | Self::CouponCode | Self::Money(_) => {
                None
            }
        }
    }
}

/// How a plan sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanKind {
    /// Once, for one person, for ever.
    OneTime,
    /// For one person, for `intervalMonths` at a time.
    Subscription,
    /// A pack of `seats` for a tenant.
    SeatPack,
    /// For a whole tenant; unlimited unless `seats` is set.
    SiteLicense,
}

impl PlanKind {
    /// Whether it licenses one person, not the seats of a tenant.
    pub fn is_personal(self) -> bool {
        match self {
            Self::OneTime | Self::Subscription => true,
            Self::SeatPack | Self::SiteLicense => false,
        }
    }
}

/// How long and how often a sale can be returned by its buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "RefundPolicyFields")]
pub struct RefundPolicy {
    refund_days: u32,
    attempts_cap: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RefundPolicyFields {
    refund_days: u32,
    attempts_cap: Option<u32>,
}

impl TryFrom<RefundPolicyFields> for RefundPolicy {
    type Error = Unreadable<ValueError>;
    fn try_from(fields: RefundPolicyFields) -> Result<Self, Self::Error> {
        Self::try_new(fields.refund_days, fields.attempts_cap).map_err(Unreadable)
    }
}

impl RefundPolicy {
    /// `refund_days` of 0 means the buyer cannot refund; `attempts_cap` ends it once the learner has made
    /// more attempts.
    ///
    /// # Errors
    /// [`ValueError::RefundDays`] beyond 90 days.
    pub fn try_new(refund_days: u32, attempts_cap: Option<u32>) -> Result<Self, ValueError> {
        if refund_days > 90 {
            return Err(ValueError::RefundDays(refund_days));
        }
        Ok(Self { refund_days, attempts_cap })
    }

    /// Days after payment during which the buyer may refund.
    pub fn refund_days(&self) -> u32 {
        self.refund_days
    }

    /// The learner's attempts beyond which the buyer may not refund.
    pub fn attempts_cap(&self) -> Option<u32> {
        self.attempts_cap
    }
}

/// Who gets how much of a sale, in basis points that sum to 10,000 (L-INV-6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "RevenueShareFields")]
pub struct RevenueShare {
    platform_bps: u32,
    provider_bps: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RevenueShareFields {
    platform_bps: u32,
    provider_bps: u32,
}

impl TryFrom<RevenueShareFields> for RevenueShare {
    type Error = Unreadable<ValueError>;
    fn try_from(fields: RevenueShareFields) -> Result<Self, Self::Error> {
        Self::try_new(fields.platform_bps, fields.provider_bps).map_err(Unreadable)
    }
}

impl RevenueShare {
    /// The share of a listing whose provider negotiated none: 15 % to the platform.
    pub const DEFAULT: Self = Self { platform_bps: 1_500, provider_bps: 8_500 };

    /// Two shares that make a whole.
    ///
    /// # Errors
    /// [`ValueError::RevenueShare`] (L-INV-6) when they do not.
    pub fn try_new(platform_bps: u32, provider_bps: u32) -> Result<Self, ValueError> {
        if platform_bps.checked_add(provider_bps) == Some(10_000) {
            Ok(Self { platform_bps, provider_bps })
        } else {
            Err(ValueError::RevenueShare { platform: platform_bps, provider: provider_bps })
        }
    }

    /// The platform's share in basis points.
    pub fn platform_bps(&self) -> u32 {
        self.platform_bps
    }

    /// The provider's share in basis points.
    pub fn provider_bps(&self) -> u32 {
        self.provider_bps
    }
}

/// What a coupon takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "DiscountFields")]
pub enum Discount {
    /// This many percent, 1 to 100 (C-INV-3).
    Percent {
        /// The percentage.
        value: u32,
    },
    /// This amount, in its own currency (C-INV-4).
    Fixed {
        /// The amount, more than zero.
        amount: Money,
    },
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum DiscountFields {
    Percent { value: u32 },
    Fixed { amount: Money },
}

impl TryFrom<DiscountFields> for Discount {
    type Error = Unreadable<ValueError>;
    fn try_from(fields: DiscountFields) -> Result<Self, Self::Error> {
        let discount = match fields {
            DiscountFields::Percent { value } => Self::percent(value),
            DiscountFields::Fixed { amount } => Self::fixed(amount),
        };
        discount.map_err(Unreadable)
    }
}

impl Discount {
    /// A percentage.
    ///
    /// # Errors
    /// [`ValueError::Percent`] (C-INV-3) outside 1 to 100.
    pub fn percent(value: u32) -> Result<Self, ValueError> {
        if (1..=100).contains(&value) { Ok(Self::Percent { value }) } else { Err(ValueError::Percent(value)) }
    }

    /// A fixed amount.
    ///
    /// # Errors
    /// [`ValueError::ZeroDiscount`] for nothing.
    pub fn fixed(amount: Money) -> Result<Self, ValueError> {
        if amount.is_zero() { Err(ValueError::ZeroDiscount) } else { Ok(Self::Fixed { amount }) }
    }
}

/// A number of seats, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SeatCount(NonZeroU32);

impl SeatCount {
    /// One seat.
    pub const ONE: Self = Self(NonZeroU32::MIN);

    /// A count.
    ///
    /// # Errors
    /// [`ValueError::NoSeats`] for zero.
    pub fn try_new(count: u32) -> Result<Self, ValueError> {
        NonZeroU32::new(count).map(Self).ok_or(ValueError::NoSeats)
    }

    /// The count.
    pub fn get(&self) -> u32 {
        self.0.get()
    }
}

impl fmt::Display for SeatCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// How many may sit: a number, or everyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    /// This many.
    Limited(SeatCount),
    /// As many as come.
    Unlimited,
}

impl Capacity {
    /// The number of seats; none when unlimited.
    pub fn seats(&self) -> Option<u32> {
        match self {
            Self::Limited(seats) => Some(seats.get()),
            Self::Unlimited => None,
        }
    }
}

/// A coupon's code: trimmed, NFKC, uppercased, `[A-Z0-9_-]{3,32}` (C-INV-1).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CouponCode(String);

impl CouponCode {
    /// The normalised code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CouponCode {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        use unicode_normalization::UnicodeNormalization;
        // Longer input cannot become a code; do not normalise what an attacker made large.
        if text.len() > 512 {
            return Err(ValueError::CouponCode);
        }
        let code: String = text.trim().nfkc().collect::<String>().to_uppercase();
        let allowed = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if (3..=32).contains(&code.len()) && code.bytes().all(allowed) {
            Ok(Self(code))
        } else {
            Err(ValueError::CouponCode)
        }
    }
}

impl TryFrom<String> for CouponCode {
    type Error = ValueError;
    fn try_from(text: String) -> Result<Self, ValueError> {
        text.parse()
    }
}

impl From<CouponCode> for String {
    fn from(code: CouponCode) -> Self {
        code.0
    }
}

impl fmt::Display for CouponCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CouponCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who owns a coupon (ruling R55).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The platform itself.
    Platform,
    /// A provider.
    Provider(TenantId),
}

#[cfg(test)]
#[path = "values_tests.rs"]
mod tests;
