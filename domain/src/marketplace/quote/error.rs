//! Why a quote refuses.

use crate::kernel::{Coded, Kind, MoneyError, Timestamp};

/// Why a quote is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuoteError {
    /// Billing answered for another number of lines.
    #[error("the cart has {lines} lines, but there is tax for {taxes}")]
    TaxLines {
        /// Lines of the cart.
        lines: usize,
        /// Amounts of tax.
        taxes: usize,
    },
    /// An amount of another currency, or too large.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// Its order was placed.
    #[error("the quote has been used")]
    Used,
    /// Someone else asked for it.
    #[error("the quote was given to another user")]
    OtherUser,
    /// Its time ran out.
    #[error("the quote expired at {0}")]
    Expired(Timestamp),
    /// Its time has not run out.
    #[error("the quote holds until {0}")]
    NotDue(Timestamp),
    /// Stored data that no command can have written.
    #[error("the stored quote is inconsistent: {0}")]
    Inconsistent(&'static str),
}

impl Coded for QuoteError {
    fn code(&self) -> &'static str {
        match self {
            Self::TaxLines { .. } => "quote.tax_lines_mismatch",
            Self::Money(error) => error.code(),
            Self::Used | Self::OtherUser => "quote.used",
            Self::Expired(_) => "quote.expired",
            Self::NotDue(_) => "quote.not_due",
            Self::Inconsistent(_) => "quote.inconsistent",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::TaxLines { .. } => Kind::Invalid,
            Self::Money(error) => error.kind(),
            Self::Used | Self::OtherUser | Self::Expired(_) | Self::NotDue(_) => Kind::Conflict,
            Self::Inconsistent(_) => Kind::Unavailable,
        }
    }
}
