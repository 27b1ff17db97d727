//! A delivery's states and what leads from one to another.

use serde::{Deserialize, Serialize};

use crate::{
    devportal::invariants::{W_INV_3, W_INV_6},
    kernel::Edge,
};

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeliveryStatus {
    /// It is to be tried, or tried again.
    Pending,
    /// It was taken.
    Delivered,
    /// It is not tried any more; it can be replayed.
    Failed,
}

/// What moves a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryAction {
    /// It was answered 2xx.
    Succeed,
    /// It failed, and another attempt is left.
    Retry,
    /// It failed, and none is left.
    Exhaust,
    /// It failed in a way that does not pass.
    Refuse,
    /// Its endpoint gets nothing any more.
    Abandon,
}

use DeliveryAction::{Abandon, Exhaust, Refuse, Retry, Succeed};
use DeliveryStatus::{Delivered, Failed, Pending};

impl DeliveryStatus {
    /// Every status.
    pub const ALL: &[Self] = &[Pending, Delivered, Failed];
    /// Those without a way out.
    pub const TERMINAL: &[Self] = &[Delivered, Failed];
}

impl DeliveryAction {
    /// Every action.
    pub const ALL: &[Self] = &[Succeed, Retry, Exhaust, Refuse, Abandon];
}

/// The state table.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<DeliveryStatus, DeliveryAction>] = &[
    Edge::new(Pending, Succeed, Delivered, &[W_INV_3]),
    Edge::new(Pending, Retry,   Pending,   &[W_INV_3]),
    Edge::new(Pending, Exhaust, Failed,    &[W_INV_3]),
    Edge::new(Pending, Refuse,  Failed,    &[W_INV_6]),
    Edge::new(Pending, Abandon, Failed,    &[]),
];
