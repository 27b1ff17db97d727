//! A quote's states and what leads from one to another.

use serde::{Deserialize, Serialize};

use crate::kernel::Edge;

/// Where a quote stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuoteState {
    /// Its prices hold and its coupons are held.
    Open,
    /// Its order was placed.
    Used,
    /// Its time ran out.
    Expired,
}

/// What moves a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuoteAction {
    /// The buyer places its order.
    Use,
    /// Its time runs out.
    Expire,
    /// One of its coupons cannot be held.
    Abandon,
}

impl QuoteState {
    /// Every state.
    pub const ALL: &[Self] = &[Self::Open, Self::Used, Self::Expired];
    /// The states without a way out.
    pub const TERMINAL: &[Self] = &[Self::Used, Self::Expired];
}

impl QuoteAction {
    /// Every action.
    pub const ALL: &[Self] = &[Self::Use, Self::Expire, Self::Abandon];
}

/// The state table.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<QuoteState, QuoteAction>] = &[
    Edge::new(QuoteState::Open, QuoteAction::Use,     QuoteState::Used,    &[]), // before expiresAt
    Edge::new(QuoteState::Open, QuoteAction::Expire,  QuoteState::Expired, &[]), // from expiresAt on
    Edge::new(QuoteState::Open, QuoteAction::Abandon, QuoteState::Expired, &[]), // at once
];
