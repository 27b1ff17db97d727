//! Why a cart cannot be priced.

use crate::{
    kernel::{Coded, Currency, Detail, Invariant, Kind, MoneyError, OrderLineId},
    marketplace::{
        invariants::{C_INV_4, O_INV_1, O_INV_5},
        values::CouponCode,
    },
};

/// Why lines are not a cart, or coupons do not fit it (marketplace.md 2, 4 and 12). Every one is the
/// buyer's to correct before anything is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// Nothing is bought.
    #[error("an order has at least one line")]
    NoLines,
    /// O-INV-5.
    #[error("an order has at most {max} lines, not {lines}")]
    TooManyLines {
        /// How many were asked for.
        lines: usize,
        /// How many are possible.
        max: usize,
    },
    /// O-INV-1.
    #[error("line {line} is sold in {offered}, the order is in {order}")]
    CurrencyMismatch {
        /// The line.
        line: OrderLineId,
        /// The plan's currency.
        offered: Currency,
        /// The order's currency.
        order: Currency,
    },
    /// A plan of a listing twice.
    #[error("line {line} repeats a plan of an earlier line")]
    DuplicateLine {
        /// The later line.
        line: OrderLineId,
    },
    /// A seat pack is sold in whole packs.
    #[error("line {line}: {quantity} seats are not whole packs of {pack}")]
    QuantityNotMultiple {
        /// The line.
        line: OrderLineId,
        /// The seats asked for.
        quantity: u32,
        /// The seats in a pack.
        pack: u32,
        /// The nearest possible quantities, below and above.
        nearest: [Option<u32>; 2],
    },
    /// Only seat packs are sold in numbers.
    #[error("line {line}: the quantity of this plan is 1, not {quantity}")]
    QuantityMustBeOne {
        /// The line.
        line: OrderLineId,
        /// The quantity asked for.
        quantity: u32,
    },
    /// More coupons than an order takes.
    #[error("an order takes at most {max} coupons, not {coupons}")]
    TooManyCoupons {
        /// How many were given.
        coupons: usize,
        /// How many are possible.
        max: usize,
    },
    /// A second unscoped coupon, or a second one of a provider.
    #[error("coupon {code} cannot be combined with the others")]
    CouponNotStackable {
        /// The later coupon, in the order of application.
        code: CouponCode,
    },
    /// No line is eligible, or there is nothing left that it could take off.
    #[error("coupon {code} takes nothing off this order")]
    CouponNotApplicable {
        /// The coupon.
        code: CouponCode,
    },
    /// C-INV-4.
    #[error("coupon {code} is worth {coupon}, the order is in {order}")]
    CouponCurrencyMismatch {
        /// The coupon.
        code: CouponCode,
        /// The coupon's currency.
        coupon: Currency,
        /// The order's currency.
        order: Currency,
    },
    /// An amount.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Coded for PricingError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoLines => "order.no_lines",
            Self::TooManyLines { .. } => "order.too_many_lines",
            Self::CurrencyMismatch { .. } => "order.currency_mismatch",
            Self::DuplicateLine { .. } => "order.duplicate_line",
            Self::QuantityNotMultiple { .. } => "order.quantity_not_multiple",
            Self::QuantityMustBeOne { .. } => "order.quantity_must_be_one",
            Self::TooManyCoupons { .. } => "coupon.too_many",
            Self::CouponNotStackable { .. } => "coupon.not_stackable",
            Self::CouponNotApplicable { .. } => "coupon.not_applicable",
            Self::CouponCurrencyMismatch { .. } => "coupon.currency_mismatch",
            Self::Money(error) => error.code(),
        }
    }

    fn kind(&self) -> Kind {
        Kind::Invalid
    }

    fn invariant(&self) -> Option<Invariant> {
        match self {
            Self::TooManyLines { .. } => Some(O_INV_5),
            Self::CurrencyMismatch { .. } => Some(O_INV_1),
            Self::CouponCurrencyMismatch { .. } => Some(C_INV_4),
            Self::NoLines
            | Self::DuplicateLine { .. }
            | Self::QuantityNotMultiple { .. }
            | Self::QuantityMustBeOne { .. }
            | Self::TooManyCoupons { .. }
            | Self::CouponNotStackable { .. }
            | Self::CouponNotApplicable { .. }
            | Self::Money(_) => None,
        }
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        match self {
            Self::QuantityNotMultiple { nearest, .. } => {
                let number =
                    |quantity: Option<u32>| quantity.map_or(Detail::Null, |n| Detail::Number(n.into()));
                vec![("nearest", Detail::List(nearest.iter().copied().map(number).collect()))]
            }
            Self::NoLines
            | Self::TooManyLines { .. }
            | Self::CurrencyMismatch { .. }
            | Self::DuplicateLine { .. }
            | Self::QuantityMustBeOne { .. }
            | Self::TooManyCoupons { .. }
            | Self::CouponNotStackable { .. }
            | Self::CouponNotApplicable { .. }
            | Self::CouponCurrencyMismatch { .. }
            | Self::Money(_) => Vec::new(),
        }
    }
}
